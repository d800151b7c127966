/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Prints the whole generated register interface as text for test_registers.py, which compares it
 * with its own reading of the CSV files. Judges nothing itself. Input, on stdin: one look-up
 * "version space offset" per line. fields.inc and names.inc are written by the test.
 */

#include <inttypes.h>
#include <stdio.h>

#include <dlb2_regs.h>

static const char *const spaces[] = {
	[DLB2_SPACE_CSR] = "csr",
	[DLB2_SPACE_FUNC] = "func",
	[DLB2_SPACE_VF] = "vf",
};

static const char *const accesses[] = {
	[DLB2_ACCESS_RW] = "rw",
	[DLB2_ACCESS_RO] = "ro",
	[DLB2_ACCESS_W1C] = "w1c",
	[DLB2_ACCESS_W1S] = "w1s",
	[DLB2_ACCESS_WO] = "wo",
	[DLB2_ACCESS_COUNTER] = "counter",
	[DLB2_ACCESS_UNKNOWN] = "unknown",
};

static void
print_register(enum dlb2_version ver, enum dlb2_reg reg)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

	if (!dlb2_reg_present(ver, reg))
		return;
	printf("register %u %s %s %s %" PRIx32 " %" PRIx32 " %" PRIu32 " %" PRIu32 "\n", ver,
		info->name, spaces[info->space], accesses[info->access], info->reset,
		info->v[ver].mask, info->v[ver].count1, info->v[ver].count2);
}

static void
print_offsets(enum dlb2_version ver, enum dlb2_reg reg)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	uint32_t i, j;

	if (!dlb2_reg_present(ver, reg))
		return;
	for (i = 0; i < info->v[ver].count1; i++)
		for (j = 0; j < info->v[ver].count2; j++)
			printf("offset %u %s %" PRIu32 " %" PRIu32 " %" PRIx32 "\n", ver,
				info->name, i, j, dlb2_reg_offset(ver, reg, i, j));
}

/* The table of fields as seen through the registers. */
static void
print_fields(enum dlb2_reg reg)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	unsigned int n;

	for (n = info->first_field; n < info->first_field + (unsigned int)info->num_fields; n++) {
		const struct dlb2_field_info *field = &dlb2_field_info[n];

		printf("field %s %s %u %u %u\n", dlb2_reg_info[field->reg].name, field->name,
			field->lsb, field->width, field->versions);
	}
}

#define MACRO(ver, name, value) \
	printf("macro %u %s %" PRIx32 "\n", ver, name, (uint32_t)(value));
#define NAME(upper) printf("name %s %s\n", #upper, dlb2_reg_info[DLB2_##upper].name);

static void
print_macros(void)
{
#include "fields.inc"
}

static void
print_names(void)
{
#include "names.inc"
}

static void
look_up(void)
{
	unsigned int ver, space, i, j;
	enum dlb2_reg reg;
	uint32_t offset;

	while (scanf("%u %u %" SCNx32, &ver, &space, &offset) == 3)
		if (dlb2_reg_find(ver, space, offset, &reg, &i, &j))
			printf("found %s %u %u\n", dlb2_reg_info[reg].name, i, j);
		else
			printf("found nothing\n");
}

int
main(void)
{
	unsigned int ver, reg;

	printf("total %u %u\n", DLB2_NUM_REGS, DLB2_NUM_FIELDS);
	for (ver = 0; ver < DLB2_NUM_VERSIONS; ver++) {
		for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
			print_register(ver, reg);
			print_offsets(ver, reg);
		}
	}
	for (reg = 0; reg < DLB2_NUM_REGS; reg++)
		print_fields(reg);
	print_names();
	print_macros();
	look_up();
	return 0;
}
