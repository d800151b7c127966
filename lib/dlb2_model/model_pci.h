/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Configuration space of the PF (control-path 1.3), and what its control bits mean for the rest of
 * the model.
 */
#ifndef DLB2_MODEL_PCI_H
#define DLB2_MODEL_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_CONFIG_SIZE 4096

/** Configuration space and its decoded control bits. The masks are constant after creation. */
struct model_pci {
	uint8_t config[MODEL_CONFIG_SIZE];
	uint8_t reset[MODEL_CONFIG_SIZE];    /* what a function-level reset restores */
	uint8_t writable[MODEL_CONFIG_SIZE]; /* bits that take the value written */
	uint8_t clearable[MODEL_CONFIG_SIZE]; /* bits that writing 1 clears */

	/* Decoded after every configuration write and reset. */
	bool memory_decoding; /* COMMAND.memory */
	bool bus_master;      /* COMMAND.bus_master, and not in D3hot */
	bool dma_allowed;     /* CQ writes may leave: bus_master, and PASID is not in the way */
	bool msix_open;       /* MSI-X enabled, function not masked, bus_master */
	bool in_d3hot;
};

#endif
