/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Shared by dlb2_reg_access.c and the generated dlb2_regs.c only: the hash table that finds the
 * register at an offset. generate.py fills it with the same hash function.
 */

#ifndef DLB2_REG_BUCKETS_H
#define DLB2_REG_BUCKETS_H

#include <stdint.h>

#include <dlb2_regs.h>

/** Bucket b holds the candidates regs[start[b]] up to but not including regs[start[b + 1]]. */
struct dlb2_reg_buckets {
	unsigned int bits; /**< log2 of the number of buckets */
	const uint16_t *start;
	const uint16_t *regs; /**< enum dlb2_reg */
};

extern const struct dlb2_reg_buckets dlb2_reg_buckets[DLB2_NUM_VERSIONS];

/**
 * The bucket of an offset. Arrays have a stride of 0x1000 in windows of 0x80000 bytes, so the
 * window number with the place in a 4 KiB page names a register almost always uniquely, whatever
 * the index.
 */
static inline uint32_t
dlb2_reg_bucket(enum dlb2_reg_space space, uint32_t offset, unsigned int bits)
{
	uint32_t key = (uint32_t)space << 23 | offset >> 19 << 10 | (offset >> 2 & 0x3ff);

	return key * 2654435761u >> (32 - bits);
}

#endif
