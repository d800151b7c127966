/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of the PCI side share: dlb2_pci.c finds the device and lets it go, dlb2_pci_bus.c
 * is the bus to it, dlb2_pci_irq.c its MSI-X vectors.
 */
#ifndef DLB2_PCI_BUS_H
#define DLB2_PCI_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include <bus_pci_driver.h>

#include "dlb2_pp.h"
#include "dlb2_priv.h"

#define DLB2_PCI_FUNC_BAR 0
#define DLB2_PCI_CSR_BAR 2

/** Which MSI-X vectors the kernel has been asked for. */
enum dlb2_pci_vectors {
	DLB2_PCI_NO_VECTORS,
	DLB2_PCI_SERVICE_VECTOR, /**< vector 0 */
	DLB2_PCI_ALL_VECTORS,    /**< those of CQs as well */
};

struct dlb2_pci_bus {
	struct dlb2_bus base;
	struct rte_pci_device *pci;
	uint8_t *func, *csr;
	enum dlb2_pp_store store;
	enum dlb2_pci_vectors vectors;
	bool msix_table_mapped;
	unsigned int num_zones; /**< ever reserved: makes names of memzones unique */
};

/**
 * Makes the bus to a device whose BARs are mapped.
 *
 * @return 0; -EINVAL (a BAR is missing or too small), -ENOMEM
 */
int
dlb2_pci_bus_create(struct rte_pci_device *pci, enum dlb2_version version,
		    struct dlb2_attachment *out);

/** The bus operation irq_fd. */
int
dlb2_pci_irq_fd(struct dlb2_bus *bus, unsigned int vector);
/** Gives all vectors back. */
void
dlb2_pci_irq_close(struct dlb2_pci_bus *bus);
/**
 * Whether the page of the MSI-X table can be reached in the mapping of the function BAR: kernels
 * before 4.16 keep it to themselves, and touching it would be a fault.
 */
bool
dlb2_pci_msix_table_mapped(const struct rte_pci_device *pci);

#endif
