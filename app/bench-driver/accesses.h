/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Counts the accesses of a program to memory: while it counts, the memory is out of reach, and each
 * access faults, is let through by itself, and counted. One thread; not together with stepper.h.
 */
#ifndef ACCESSES_H
#define ACCESSES_H

#include <stddef.h>

struct accesses {
	unsigned long reads, writes;
};

/** Watches `len` bytes from `base`, both whole pages. Up to two such areas. */
void
accesses_watch(void *base, size_t len);

/** Begins to count, from 0. */
void
accesses_start(void);

/** Ends it. */
struct accesses
accesses_stop(void);

#endif
