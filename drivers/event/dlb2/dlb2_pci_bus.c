/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The device on the PCI bus, as a bus of the hardware layer (dlb2_bus.h): BAR 0 has the producer
 * ports, BAR 2 the registers (control-path 1.2). Not here: interrupts (dlb2_pci_irq.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_io.h>
#include <rte_memzone.h>

#include <dlb2_regs.h>

#include "dlb2_pci_bus.h"

static struct dlb2_pci_bus *
pci_bus(struct dlb2_bus *bus)
{
	return container_of(bus, struct dlb2_pci_bus, base);
}

static uint32_t
csr_read(struct dlb2_bus *bus, uint32_t offset)
{
	return rte_read32(pci_bus(bus)->csr + offset);
}

static void
csr_write(struct dlb2_bus *bus, uint32_t offset, uint32_t value)
{
	rte_write32(value, pci_bus(bus)->csr + offset);
}

/*
 * The hardware layer masks a vector while it works round the erratum of vector 1, and has to do
 * without where the table is out of reach (control-path 12.5).
 */
static bool
within_reach(const struct dlb2_pci_bus *bus, uint32_t offset)
{
	const uint32_t table = dlb2_reg_offset(bus->base.version, DLB2_MSIX_VECTOR_CTRL, 0, 0);

	return bus->msix_table_mapped ||
		RTE_ALIGN_FLOOR(offset, DLB2_PP_STRIDE) != RTE_ALIGN_FLOOR(table, DLB2_PP_STRIDE);
}

static uint32_t
func_read(struct dlb2_bus *base, uint32_t offset)
{
	const struct dlb2_pci_bus *bus = pci_bus(base);

	return within_reach(bus, offset) ? rte_read32(bus->func + offset) : 0;
}

static void
func_write(struct dlb2_bus *base, uint32_t offset, uint32_t value)
{
	const struct dlb2_pci_bus *bus = pci_bus(base);

	if (within_reach(bus, offset))
		rte_write32(value, bus->func + offset);
}

/* EAL answers with a byte count, or -1 of whatever reason. */
static int
config_read(struct dlb2_bus *bus, unsigned int offset, void *buf, unsigned int len)
{
	return rte_pci_read_config(pci_bus(bus)->pci, buf, len, offset) == (int)len ? 0 : -EIO;
}

static int
config_write(struct dlb2_bus *bus, unsigned int offset, const void *buf, unsigned int len)
{
	return rte_pci_write_config(pci_bus(bus)->pci, buf, len, offset) == (int)len ? 0 : -EIO;
}

static volatile void *
pp_page(const struct dlb2_pci_bus *bus, enum dlb2_port_kind kind, unsigned int port)
{
	return bus->func + (kind == DLB2_DIR ? DLB2_PP_DIR_BASE : DLB2_PP_LDB_BASE) +
		(size_t)port * DLB2_PP_STRIDE;
}

static void
pp_post(struct dlb2_bus *base, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_line *line)
{
	const struct dlb2_pci_bus *bus = pci_bus(base);

	if (bus->store == DLB2_PP_MOVDIR64B)
		dlb2_pp_movdir64b(pp_page(bus, kind, port), line);
	else
		dlb2_pp_movntdq(pp_page(bus, kind, port), line);
}

static void
pp_fence(struct dlb2_bus *base, enum dlb2_port_kind kind, unsigned int port)
{
	rte_mb();
	rte_read64(pp_page(pci_bus(base), kind, port));
}

static const struct rte_memzone *
reserve(struct dlb2_pci_bus *bus, size_t len, size_t align, int socket)
{
	char name[RTE_MEMZONE_NAMESIZE];

	snprintf(name, sizeof(name), "dlb2 %s %u", bus->pci->name, bus->num_zones++);
	return rte_memzone_reserve_aligned(name, len,
					   socket >= 0 ? socket : bus->pci->device.numa_node,
					   RTE_MEMZONE_IOVA_CONTIG, align);
}

static int
dma_alloc(struct dlb2_bus *base, const char *name, size_t len, size_t align, int socket,
	  struct dlb2_dma *dma)
{
	const struct rte_memzone *zone = reserve(pci_bus(base), len, align, socket);

	if (zone == NULL) {
		DLB2_ERR(base->name,
			 "%zu contiguous bytes for %s cannot be had: %s; reserve more hugepages on "
			 "the device's socket",
			 len, name, rte_strerror(rte_errno));
		return -ENOMEM;
	}
	memset(zone->addr, 0, zone->len);
	*dma = (struct dlb2_dma){
		.va = zone->addr, .iova = zone->iova, .len = len, .handle = (void *)(uintptr_t)zone,
	};
	return 0;
}

static void
dma_free(struct dlb2_bus *bus, struct dlb2_dma *dma)
{
	RTE_SET_USED(bus);
	rte_memzone_free(dma->handle);
}

static void
sleep_us(struct dlb2_bus *bus, unsigned int us)
{
	RTE_SET_USED(bus);
	rte_delay_us_sleep(us);
}

static const struct dlb2_bus_ops bus_ops = {
	.csr_read = csr_read,
	.csr_write = csr_write,
	.func_read = func_read,
	.func_write = func_write,
	.config_read = config_read,
	.config_write = config_write,
	.pp_post = pp_post,
	.pp_fence = pp_fence,
	.dma_alloc = dma_alloc,
	.dma_free = dma_free,
	.sleep_us = sleep_us,
	.irq_fd = dlb2_pci_irq_fd,
	.log = dlb2_bus_log,
};

static int
pp_open(struct dlb2_bus *bus, uint8_t dev_id, enum dlb2_port_kind kind, unsigned int port,
	volatile void **pp, struct dlb2_pp_channel **channel)
{
	RTE_SET_USED(dev_id);
	*pp = pp_page(pci_bus(bus), kind, port);
	*channel = NULL;
	return 0;
}

static size_t
bus_memory(struct dlb2_bus *bus)
{
	return sizeof(*pci_bus(bus));
}

static void
detach(struct dlb2_bus *bus)
{
	dlb2_pci_irq_close(pci_bus(bus));
	free(pci_bus(bus));
}

static const struct dlb2_attachment_ops attachment_ops = {
	.pp_open = pp_open,
	.bus_memory = bus_memory,
	.detach = detach,
};

static int
check_bars(const struct rte_pci_device *pci, enum dlb2_version version)
{
	const struct dlb2_limits *limits = dlb2_limits(version);
	const struct rte_mem_resource *func = &pci->mem_resource[DLB2_PCI_FUNC_BAR],
				      *csr = &pci->mem_resource[DLB2_PCI_CSR_BAR];

	if (func->addr != NULL && csr->addr != NULL && func->len >= limits->func_bar_size &&
	    csr->len >= limits->csr_bar_size)
		return 0;
	DLB2_ERR(pci->name,
		 "BAR 0 (%" PRIu64 " bytes, %" PRIu64 " needed) or BAR 2 (%" PRIu64 ", %" PRIu64
		 ") is missing or not mapped: see in dmesg whether the kernel found room for them; "
		 "the BIOS may have to allow decoding above 4 GiB",
		 func->len, limits->func_bar_size, csr->len, limits->csr_bar_size);
	return -EINVAL;
}

int
dlb2_pci_bus_create(struct rte_pci_device *pci, enum dlb2_version version,
		    struct dlb2_attachment *out)
{
	struct dlb2_pci_bus *bus;
	int ret = check_bars(pci, version);

	if (ret != 0)
		return ret;
	bus = calloc(1, sizeof(*bus));
	if (bus == NULL)
		return -ENOMEM;
	bus->base = (struct dlb2_bus){ .ops = &bus_ops, .version = version, .name = pci->name };
	bus->pci = pci;
	bus->func = pci->mem_resource[DLB2_PCI_FUNC_BAR].addr;
	bus->csr = pci->mem_resource[DLB2_PCI_CSR_BAR].addr;
	bus->msix_table_mapped = dlb2_pci_msix_table_mapped(pci);
	bus->store = dlb2_pp_page_store();
	DLB2_INFO(pci->name, "lines leave by %s; IOVA mode %s",
		  bus->store == DLB2_PP_MOVDIR64B ? "MOVDIR64B"
						  : "MOVNTDQ, for this CPU has no MOVDIR64B",
		  rte_eal_iova_mode() == RTE_IOVA_PA ? "PA" : "VA");
	*out = (struct dlb2_attachment){
		.bus = &bus->base, .ops = &attachment_ops, .window = bus->func, .open = true,
	};
	return 0;
}
