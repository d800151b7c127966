/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The register map as data: what is known of each register, where its elements lie, and how
 * fields are taken out of and put into a 32-bit word. It performs no access to any device.
 * Include <dlb2_regs.h>, which is generated from the CSV files and includes this file.
 */

#ifndef DLB2_REG_ACCESS_H
#define DLB2_REG_ACCESS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dlb2_limits.h>
#include <dlb2_regs.h>

/** Address space that the offset of a register counts in (control-path 1.2). */
enum dlb2_reg_space {
	DLB2_SPACE_CSR,  /**< BAR 2 of the PF */
	DLB2_SPACE_FUNC, /**< BAR 0 of the PF */
	DLB2_SPACE_VF,   /**< BAR 0 of a VF */
};

/** What a 32-bit write does; README.md has the exact rules. Reserved bits read 0 in every kind. */
enum dlb2_reg_access {
	DLB2_ACCESS_RW,      /**< the write replaces the value */
	DLB2_ACCESS_RO,      /**< writes are ignored */
	DLB2_ACCESS_W1C,     /**< a 1 clears its bit, a 0 leaves it */
	DLB2_ACCESS_W1S,     /**< a 1 sets its bit, a 0 leaves it; the device clears it */
	DLB2_ACCESS_WO,      /**< a command: the write acts, nothing written is stored */
	DLB2_ACCESS_COUNTER, /**< counted by the device; the write replaces the value (0 clears) */
	DLB2_ACCESS_UNKNOWN, /**< no evidence; treat as RW */
};

/** A register, or an array of registers with one or two indices. */
struct dlb2_reg_info {
	const char *name; /**< as in registers.csv, without DLB2_ */
	enum dlb2_reg_space space;
	enum dlb2_reg_access access;
	uint32_t reset; /**< value after reset, in both versions */
	struct {
		bool present;    /**< false: the version lacks it, offset and mask are 0 */
		uint32_t offset; /**< of element 0, in bytes */
		uint32_t count1; /**< number of elements per index; 1 when not indexed */
		uint32_t count2;
		uint32_t mask;   /**< all implemented bits */
	} v[DLB2_NUM_VERSIONS];
	uint32_t stride1; /**< bytes from one element to the next; 0 when not indexed */
	uint32_t stride2;
	uint16_t first_field; /**< its fields in dlb2_field_info[] */
	uint16_t num_fields;
};

/** A field of a register. One that differs between the versions has an entry for each. */
struct dlb2_field_info {
	const char *name;
	enum dlb2_reg reg;
	uint8_t lsb;
	uint8_t width;
	uint8_t versions; /**< bit (1 << enum dlb2_version) set where the entry holds */
};

extern const struct dlb2_reg_info dlb2_reg_info[DLB2_NUM_REGS];
extern const struct dlb2_field_info dlb2_field_info[DLB2_NUM_FIELDS];

/** Whether a version of the device has a register (or its place there is known). */
static inline bool
dlb2_reg_present(enum dlb2_version ver, enum dlb2_reg reg)
{
	return dlb2_reg_info[reg].v[ver].present;
}

/**
 * Byte offset of a register element in the BAR of its space.
 *
 * @param ver  version of the device; it must have the register
 * @param reg  register
 * @param i    first index, 0 when not indexed; merged indices are owner * per-owner count + member
 * @param j    second index, 0 when there is none
 */
static inline uint32_t
dlb2_reg_offset(enum dlb2_version ver, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

	assert(info->v[ver].present);
	assert(i < info->v[ver].count1 && j < info->v[ver].count2);
	return info->v[ver].offset + i * info->stride1 + j * info->stride2;
}

/**
 * The inverse of dlb2_reg_offset(): which register element lies at an offset. Constant time.
 *
 * @param[out] reg   register
 * @param[out] i, j  its indices, 0 where it has none
 * @return false, with nothing written, if no known register starts at exactly this offset
 */
bool
dlb2_reg_find(enum dlb2_version ver, enum dlb2_reg_space space, uint32_t offset,
	enum dlb2_reg *reg, unsigned int *i, unsigned int *j);

/**
 * Writes the name of the register element at an offset for a reader, such as "LSP_CQ2PRIOV[3]",
 * or "0xa0000004 (no register)".
 *
 * @param buf  may be NULL if len is 0
 * @return the length the whole text has, as snprintf() does: truncated if it is >= len
 */
int
dlb2_reg_format(enum dlb2_version ver, enum dlb2_reg_space space, uint32_t offset,
	char *buf, size_t len);

/** The value of the field that mask (a DLB2_<REG>__<FIELD>) covers. */
static inline uint32_t
dlb2_get(uint32_t mask, uint32_t word)
{
	return (word & mask) >> __builtin_ctz(mask);
}

/** A field value moved to its place; it must fit into the field. */
static inline uint32_t
dlb2_put(uint32_t mask, uint32_t value)
{
	assert(value <= mask >> __builtin_ctz(mask));
	return (value << __builtin_ctz(mask)) & mask;
}

/** The word with one field replaced and all other bits kept. */
static inline uint32_t
dlb2_set(uint32_t word, uint32_t mask, uint32_t value)
{
	return (word & ~mask) | dlb2_put(mask, value);
}

#endif
