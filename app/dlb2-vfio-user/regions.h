/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Regions of a device: what of them device.c needs.
 */
#ifndef REGIONS_H
#define REGIONS_H

/** lines_store: a store to a producer-port page; `ctx` is the device. */
void regions_store(void *ctx, unsigned int page, unsigned int offset, const void *bytes,
	unsigned int len);

#endif
