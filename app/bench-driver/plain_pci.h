/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A PCI function whose BARs are plain memory, which any driver of the device can be probed over: it
 * accepts every write, answers every read with what was written, and does nothing. So all that is
 * measured over it is the driver.
 */
#ifndef PLAIN_PCI_H
#define PLAIN_PCI_H

#include <stdint.h>

#include <dlb2_limits.h>

/** Address of the function. */
#define PLAIN_PCI_NAME "0000:01:00.0"

/** BARs of the function, once a driver has mapped them. */
struct plain_pci {
	uint8_t *func, *csr;
};

/**
 * Makes EAL find the function: a sysfs tree in a temporary folder, removed at exit. Before
 * rte_eal_init(). 0 or a negative errno.
 */
int
plain_pci_plug(enum dlb2_version version);

/** The function's BARs; NULL pointers before a driver has mapped them. */
const struct plain_pci *
plain_pci_bars(void);

#endif
