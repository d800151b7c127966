/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * MSI-X vectors of the PCI function as eventfds: 0 for service, 1 to 64 for CQs (control-path
 * 12.1). Not here: what the device does with them (hw/interrupts.c), and who waits.
 *
 * The kernel sets up all vectors in one go and cannot add any later (before 6.5), so there are two
 * steps only: vector 0, and with the first CQ vector that is asked for all of them. Each takes an
 * interrupt vector of the machine, so a device without CQ interrupts takes one and not 65.
 *
 * The kernel keeps MSI-X as it is over the function-level reset that hw/flr.c asks for.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>
#include <rte_interrupts.h>

#include "dlb2_pci_bus.h"

#define CQ_VECTORS (DLB2_MAX_MSIX_VECTORS - 1)

static struct rte_intr_handle *
handle_of(const struct dlb2_pci_bus *bus)
{
	return bus->pci->intr_handle;
}

static int
enable_service_vector(struct dlb2_pci_bus *bus)
{
	if (rte_intr_enable(handle_of(bus)) != 0) {
		DLB2_ERR(bus->base.name,
			 "MSI-X cannot be enabled, EAL says why: /proc/interrupts shows whether "
			 "vectors are short");
		return -EIO;
	}
	bus->vectors = DLB2_PCI_SERVICE_VECTOR;
	return 0;
}

/* Vector 0 is off meanwhile: what it may have had to say is looked for again. */
static int
enable_all_vectors(struct dlb2_pci_bus *bus)
{
	struct rte_intr_handle *handle = handle_of(bus);
	int ret;

	rte_intr_disable(handle);
	bus->vectors = DLB2_PCI_NO_VECTORS;
	ret = rte_intr_efd_enable(handle, CQ_VECTORS);
	if (ret == 0 && rte_intr_enable(handle) == 0) {
		bus->vectors = DLB2_PCI_ALL_VECTORS;
	} else {
		DLB2_ERR(bus->base.name,
			 "%u MSI-X vectors cannot be enabled, EAL says why: see ulimit -n for file "
			 "descriptors and /proc/interrupts for vectors",
			 1 + CQ_VECTORS);
		rte_intr_efd_disable(handle);
		enable_service_vector(bus);
		ret = -ENOSPC;
	}
	eventfd_write(rte_intr_fd_get(handle), 1);
	return ret;
}

int
dlb2_pci_irq_fd(struct dlb2_bus *base, unsigned int vector)
{
	struct dlb2_pci_bus *bus = container_of(base, struct dlb2_pci_bus, base);
	struct rte_intr_handle *handle = handle_of(bus);
	int ret = 0;

	if (handle == NULL || rte_intr_type_get(handle) != RTE_INTR_HANDLE_VFIO_MSIX)
		return -ENOTSUP;
	if (vector > CQ_VECTORS)
		return -EINVAL;
	if (bus->vectors == DLB2_PCI_NO_VECTORS)
		ret = enable_service_vector(bus);
	if (ret == 0 && vector > 0 && bus->vectors != DLB2_PCI_ALL_VECTORS)
		ret = enable_all_vectors(bus);
	if (ret != 0)
		return ret;
	return vector == 0 ? rte_intr_fd_get(handle) :
			     rte_intr_efds_index_get(handle, vector - 1);
}

void
dlb2_pci_irq_close(struct dlb2_pci_bus *bus)
{
	if (bus->vectors == DLB2_PCI_NO_VECTORS)
		return;
	rte_intr_disable(handle_of(bus));
	rte_intr_efd_disable(handle_of(bus));
	bus->vectors = DLB2_PCI_NO_VECTORS;
}

/* Looks for a capability in the chain that the kernel appended to the information. */
static bool
has_capability(const struct vfio_region_info *info, uint16_t id)
{
	const struct vfio_info_cap_header *cap;
	uint32_t offset;

	if ((info->flags & VFIO_REGION_INFO_FLAG_CAPS) == 0)
		return false;
	for (offset = info->cap_offset; offset != 0; offset = cap->next) {
		cap = RTE_PTR_ADD(info, offset);
		if (cap->id == id)
			return true;
	}
	return false;
}

bool
dlb2_pci_msix_table_mapped(const struct rte_pci_device *pci)
{
	union {
		struct vfio_region_info info;
		uint8_t space[1024]; /* for its few capabilities */
	} region = { .info = { .argsz = sizeof(region), .index = DLB2_PCI_FUNC_BAR } };

	if (pci->kdrv != RTE_PCI_KDRV_VFIO)
		return true;
	if (ioctl(rte_intr_dev_fd_get(pci->intr_handle), VFIO_DEVICE_GET_REGION_INFO, &region) != 0)
		return false;
	return has_capability(&region.info, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE);
}
