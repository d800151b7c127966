/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The physical function, bound to vfio-pci: BAR 0 has the producer ports, BAR 2 the registers
 * (control-path 1.2). Loaded with -d this driver registers before the distribution's, and so gets
 * the device.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_devargs.h>
#include <rte_eal.h>
#include <rte_io.h>
#include <rte_memzone.h>

#include "dlb2_eventdev.h"
#include "dlb2_pp.h"

/* Other event drivers' tests and scripts look the first device up by this name. */
#define FIRST_NAME "dlb2_event"
#define FUNC_BAR 0
#define CSR_BAR 2

struct pci_bus {
	struct dlb2_bus base;
	struct rte_pci_device *pci;
	uint8_t *func, *csr;
	bool movdir64b;
	unsigned int num_zones; /* ever reserved: makes names of memzones unique */
};

static struct pci_bus *
pci_bus(struct dlb2_bus *bus)
{
	return container_of(bus, struct pci_bus, base);
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

static uint32_t
func_read(struct dlb2_bus *bus, uint32_t offset)
{
	return rte_read32(pci_bus(bus)->func + offset);
}

static void
func_write(struct dlb2_bus *bus, uint32_t offset, uint32_t value)
{
	rte_write32(value, pci_bus(bus)->func + offset);
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
pp_page(const struct pci_bus *bus, enum dlb2_port_kind kind, unsigned int port)
{
	return bus->func + (kind == DLB2_DIR ? DLB2_PP_DIR_BASE : DLB2_PP_LDB_BASE) +
		(size_t)port * DLB2_PP_STRIDE;
}

static void
pp_post(struct dlb2_bus *base, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_line *line)
{
	const struct pci_bus *bus = pci_bus(base);

	if (bus->movdir64b)
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

static int
dma_alloc(struct dlb2_bus *base, const char *name, size_t len, size_t align, int socket,
	  struct dlb2_dma *dma)
{
	struct pci_bus *bus = pci_bus(base);
	const struct rte_memzone *zone;
	char zone_name[RTE_MEMZONE_NAMESIZE];

	snprintf(zone_name, sizeof(zone_name), "dlb2 %s %u", bus->pci->name, bus->num_zones++);
	zone = rte_memzone_reserve_aligned(zone_name, len,
					   socket >= 0 ? socket : bus->pci->device.numa_node,
					   RTE_MEMZONE_IOVA_CONTIG, align);
	if (zone == NULL) {
		DLB2_ERR(base->name,
			 "%zu contiguous bytes for %s are not free: reserve more hugepages on the "
			 "device's socket",
			 len, name);
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

static int
irq_fd(struct dlb2_bus *bus, unsigned int vector)
{
	RTE_SET_USED(bus);
	RTE_SET_USED(vector);
	return -ENOTSUP;
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
	.irq_fd = irq_fd,
	.log = dlb2_bus_log,
};

static int
pp_open(struct dlb2_bus *bus, enum dlb2_port_kind kind, unsigned int port, volatile void **pp,
	struct dlb2_pp_channel **channel)
{
	*pp = pp_page(pci_bus(bus), kind, port);
	*channel = NULL;
	return 0;
}

static void
pp_close_all(struct dlb2_bus *bus)
{
	RTE_SET_USED(bus);
}

static bool
run_background(struct dlb2_bus *bus, bool (*work)(void *arg), void *arg)
{
	RTE_SET_USED(bus);
	RTE_SET_USED(work);
	RTE_SET_USED(arg);
	return false;
}

static size_t
model_memory(struct dlb2_bus *bus)
{
	RTE_SET_USED(bus);
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
	free(pci_bus(bus));
}

static const struct dlb2_attachment_ops attachment_ops = {
	.pp_open = pp_open,
	.pp_close_all = pp_close_all,
	.run_background = run_background,
	.model_memory = model_memory,
	.bus_memory = bus_memory,
	.detach = detach,
};

static enum dlb2_version
version_of(const struct rte_pci_device *pci)
{
	return pci->id.device_id == dlb2_limits(DLB2_HW_2_0)->pf_device_id ? DLB2_HW_2_0 :
									     DLB2_HW_2_5;
}

static int
check_bars(const struct rte_pci_device *pci, enum dlb2_version version)
{
	const struct dlb2_limits *limits = dlb2_limits(version);
	const struct rte_mem_resource *func = &pci->mem_resource[FUNC_BAR],
				      *csr = &pci->mem_resource[CSR_BAR];

	if (func->addr != NULL && csr->addr != NULL && func->len >= limits->func_bar_size &&
	    csr->len >= limits->csr_bar_size)
		return 0;
	DLB2_ERR(pci->name,
		 "BAR 0 (%" PRIu64 " bytes, %" PRIu64 " needed) or BAR 2 (%" PRIu64 ", %" PRIu64
		 ") is missing or not mapped: bind the device to vfio-pci",
		 func->len, limits->func_bar_size, csr->len, limits->csr_bar_size);
	return -EINVAL;
}

static int
create_bus(struct rte_pci_device *pci, enum dlb2_version version, struct dlb2_attachment *out)
{
	struct pci_bus *bus;
	int ret = check_bars(pci, version);

	if (ret != 0)
		return ret;
	bus = calloc(1, sizeof(*bus));
	if (bus == NULL)
		return -ENOMEM;
	bus->base = (struct dlb2_bus){ .ops = &bus_ops, .version = version, .name = pci->name };
	bus->pci = pci;
	bus->func = pci->mem_resource[FUNC_BAR].addr;
	bus->csr = pci->mem_resource[CSR_BAR].addr;
	bus->movdir64b = rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0;
	*out = (struct dlb2_attachment){ .bus = &bus->base, .ops = &attachment_ops };
	return 0;
}

/*
 * The first device has the name that tools know, a further one that of its address, unless the user
 * numbers them.
 */
static void
choose_name(const struct rte_pci_device *pci, unsigned int dev_id, char *name, size_t size)
{
	if (dev_id > 0)
		snprintf(name, size, FIRST_NAME "%u", dev_id);
	else if (rte_event_pmd_get_named_dev(FIRST_NAME) == NULL)
		snprintf(name, size, FIRST_NAME);
	else
		snprintf(name, size, FIRST_NAME "_%s", pci->name);
}

static int
probe_primary(struct rte_pci_device *pci)
{
	const char *args = pci->device.devargs != NULL ? pci->device.devargs->args : NULL;
	enum dlb2_version version = version_of(pci);
	char name[RTE_EVENTDEV_NAME_MAX_LEN];
	struct dlb2_attachment attachment;
	struct dlb2_options options;
	int ret;

	ret = dlb2_devargs_parse(pci->name, args, &version, &options);
	if (ret == 0)
		ret = create_bus(pci, version, &attachment);
	if (ret != 0)
		return ret;
	choose_name(pci, options.dev_id, name, sizeof(name));
	ret = dlb2_eventdev_create(name, &pci->device, &options, &attachment, true);
	if (ret != 0)
		attachment.ops->detach(attachment.bus);
	return ret;
}

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	char name[RTE_EVENTDEV_NAME_MAX_LEN];

	RTE_SET_USED(driver);
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return probe_primary(pci);
	choose_name(pci, 0, name, sizeof(name));
	return dlb2_eventdev_attach_secondary(name, &pci->device);
}

static int
remove_device(struct rte_pci_device *pci)
{
	return dlb2_eventdev_destroy(&pci->device);
}

#define PF_DEVICE_ID_2_0 0x2710
#define PF_DEVICE_ID_2_5 0x2714

static const struct rte_pci_id ids_2_0[] = {
	{ RTE_PCI_DEVICE(DLB2_PCI_VENDOR_ID, PF_DEVICE_ID_2_0) },
	{ .vendor_id = 0 },
};

static const struct rte_pci_id ids_2_5[] = {
	{ RTE_PCI_DEVICE(DLB2_PCI_VENDOR_ID, PF_DEVICE_ID_2_5) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver event_dlb2_pf = {
	.id_table = ids_2_0,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = probe,
	.remove = remove_device,
};

static struct rte_pci_driver event_dlb2_5_pf = {
	.id_table = ids_2_5,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = probe,
	.remove = remove_device,
};

RTE_PMD_REGISTER_PCI(event_dlb2_pf, event_dlb2_pf);
RTE_PMD_REGISTER_PCI_TABLE(event_dlb2_pf, ids_2_0);
RTE_PMD_REGISTER_KMOD_DEP(event_dlb2_pf, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(event_dlb2_pf, DLB2_PCI_DEVARG_HELP);

RTE_PMD_REGISTER_PCI(event_dlb2_5_pf, event_dlb2_5_pf);
RTE_PMD_REGISTER_PCI_TABLE(event_dlb2_5_pf, ids_2_5);
RTE_PMD_REGISTER_KMOD_DEP(event_dlb2_5_pf, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(event_dlb2_5_pf, DLB2_PCI_DEVARG_HELP);
