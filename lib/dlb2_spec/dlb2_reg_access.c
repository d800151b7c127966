/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * From an offset back to the register: look-up and formatting.
 */

#include <inttypes.h>
#include <stdio.h>

#include <dlb2_regs.h>

#include "dlb2_reg_buckets.h"

/* Takes the part of *distance that whole strides make up; strides are 0 when not indexed. */
static unsigned int
take_index(uint32_t *distance, uint32_t stride)
{
	unsigned int index;

	if (stride == 0)
		return 0;
	index = *distance / stride;
	*distance %= stride;
	return index;
}

/* Whether offset is an element of reg, and which. The larger stride holds the whole other
 * dimension (generate.py checks it), so it goes first.
 */
static bool
match(enum dlb2_version ver, enum dlb2_reg reg, uint32_t offset, unsigned int *i, unsigned int *j)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	uint32_t distance = offset - info->v[ver].offset;

	if (info->stride1 >= info->stride2) {
		*i = take_index(&distance, info->stride1);
		*j = take_index(&distance, info->stride2);
	} else {
		*j = take_index(&distance, info->stride2);
		*i = take_index(&distance, info->stride1);
	}
	return distance == 0 && *i < info->v[ver].count1 && *j < info->v[ver].count2;
}

bool
dlb2_reg_find(enum dlb2_version ver, enum dlb2_reg_space space, uint32_t offset,
	enum dlb2_reg *reg, unsigned int *i, unsigned int *j)
{
	const struct dlb2_reg_buckets *table = &dlb2_reg_buckets[ver];
	uint32_t bucket = dlb2_reg_bucket(space, offset, table->bits);
	unsigned int n, first, second;

	for (n = table->start[bucket]; n < table->start[bucket + 1]; n++) {
		enum dlb2_reg candidate = table->regs[n];

		if (dlb2_reg_info[candidate].space != space ||
				!match(ver, candidate, offset, &first, &second))
			continue;
		*reg = candidate;
		*i = first;
		*j = second;
		return true;
	}
	return false;
}

int
dlb2_reg_format(enum dlb2_version ver, enum dlb2_reg_space space, uint32_t offset,
	char *buf, size_t len)
{
	const struct dlb2_reg_info *info;
	unsigned int i, j;
	enum dlb2_reg reg;

	if (!dlb2_reg_find(ver, space, offset, &reg, &i, &j))
		return snprintf(buf, len, "0x%" PRIx32 " (no register)", offset);
	info = &dlb2_reg_info[reg];
	if (info->stride2 != 0)
		return snprintf(buf, len, "%s[%u][%u]", info->name, i, j);
	if (info->stride1 != 0)
		return snprintf(buf, len, "%s[%u]", info->name, i);
	return snprintf(buf, len, "%s", info->name);
}
