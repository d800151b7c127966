/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The register file and the way of an access from a BAR to what answers it. What a register does
 * beyond its access kind is a hook, installed by the file that the register belongs to.
 * An access that nothing answers is refused, counted and reported; it never changes anything.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model_priv.h"

/* One register each that appears at an address per VF (control-path 1.2). */
static bool
is_one_at_many_addresses(enum dlb2_reg reg)
{
	return reg == DLB2_PF_VF2PF_MAILBOX_ISR || reg == DLB2_PF_VF2PF_FLR_ISR ||
		reg == DLB2_PF_PF2VF_MAILBOX_ISR || reg == DLB2_PF_VF_RESET_IN_PROGRESS;
}

/* Words that a register needs in the file. VF registers are views of PF ones, or in model_vf.c. */
static size_t
words_of(enum dlb2_version version, enum dlb2_reg reg)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

	if (!info->v[version].present || info->space == DLB2_SPACE_VF)
		return 0;
	if (is_one_at_many_addresses(reg))
		return 1;
	return (size_t)info->v[version].count1 * info->v[version].count2;
}

size_t
model_regs_words(enum dlb2_version version)
{
	size_t words = 0;
	unsigned int reg;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++)
		words += words_of(version, reg);
	return words;
}

static uint32_t
writable_bits(enum dlb2_version version, enum dlb2_reg reg)
{
	enum dlb2_reg_access access = dlb2_reg_info[reg].access;

	if (access == DLB2_ACCESS_RO || access == DLB2_ACCESS_WO)
		return 0;
	return dlb2_reg_info[reg].v[version].mask;
}

void
model_regs_init(struct dlb2_model *m)
{
	uint32_t base = 0;
	unsigned int reg;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		m->reg_base[reg] = base;
		m->reg_row[reg] = is_one_at_many_addresses(reg) ? 0 :
			dlb2_reg_info[reg].v[m->version].count2;
		m->reg_writable[reg] = writable_bits(m->version, reg);
		base += words_of(m->version, reg);
	}
}

void
model_regs_reset(struct dlb2_model *m)
{
	unsigned int reg;
	size_t n;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		uint32_t *word = &m->regs[m->reg_base[reg]];

		for (n = words_of(m->version, reg); n > 0; n--)
			*word++ = dlb2_reg_info[reg].reset;
	}
}

void
model_hook(struct dlb2_model *m, enum dlb2_reg reg, model_reg_read_hook *read,
	model_reg_write_hook *write)
{
	m->hooks[reg].read = read;
	m->hooks[reg].write = write;
}

uint32_t
model_reg_read(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint32_t stored = *model_reg(m, reg, i, j);

	if (m->hooks[reg].read != NULL)
		return m->hooks[reg].read(m, reg, i, j, stored);
	return stored;
}

void
model_reg_write(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	uint32_t *word = model_reg(m, reg, i, j);
	uint32_t bits = m->reg_writable[reg];

	switch (dlb2_reg_info[reg].access) {
	case DLB2_ACCESS_W1C:
		*word &= ~(value & bits);
		break;
	case DLB2_ACCESS_W1S:
		*word |= value & bits;
		break;
	default:
		*word = (*word & ~bits) | (value & bits);
		break;
	}
	if (m->hooks[reg].write != NULL)
		m->hooks[reg].write(m, reg, i, j, value);
}

static const char *
space_name(enum dlb2_reg_space space)
{
	static const char *const names[] = {
		[DLB2_SPACE_CSR] = "CSR", [DLB2_SPACE_FUNC] = "FUNC", [DLB2_SPACE_VF] = "VF",
	};

	return names[space];
}

int
model_refuse(struct dlb2_model *m, const struct model_access *access, int error, uint8_t fill,
	const char *why)
{
	const char *verb = access->dst != NULL ? "read" : "write";
	char place[64];

	m->counters.bad_accesses++;
	if (access->dst != NULL)
		memset(access->dst, fill, access->len);
	if (access->offset <= UINT32_MAX)
		dlb2_reg_format(m->version, access->space, access->offset, place, sizeof(place));
	else
		snprintf(place, sizeof(place), "0x%" PRIx64, access->offset);
	model_report(m, "%s of %u bytes at %s %s: %s", verb, access->len,
		space_name(access->space), place, why);
	return error;
}

static int
register_access(struct dlb2_model *m, const struct model_access *access)
{
	unsigned int i, j;
	enum dlb2_reg reg;
	uint32_t value;

	if (access->len != sizeof(value) || access->offset % sizeof(value) != 0)
		return model_refuse(m, access, -EINVAL, 0, "registers take 4 aligned bytes");
	if (access->offset > UINT32_MAX ||
			!dlb2_reg_find(m->version, access->space, access->offset, &reg, &i, &j))
		return model_refuse(m, access, -ENXIO, model_unknown_fill(m), "nothing is there");
	if (!model_power_reaches(m, reg))
		return model_refuse(m, access, -ENXIO, 0xff,
			"powered down, CM_CFG_PM_PMCSR_DISABLE is 1");
	if (access->dst != NULL) {
		value = access->space == DLB2_SPACE_VF ?
			model_vf_reg_read(m, access->vf, reg, i) : model_reg_read(m, reg, i, j);
		memcpy(access->dst, &value, sizeof(value));
		return 0;
	}
	memcpy(&value, access->src, sizeof(value));
	if (access->space == DLB2_SPACE_VF)
		model_vf_reg_write(m, access->vf, reg, i, value);
	else
		model_reg_write(m, reg, i, j, value);
	return 0;
}

/* Whether a register of the PF has the element. */
static bool
has_element(const struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	const struct dlb2_reg_info *info;

	if ((unsigned int)reg >= DLB2_NUM_REGS)
		return false;
	info = &dlb2_reg_info[reg];
	return info->space != DLB2_SPACE_VF && info->v[m->version].present &&
		i < info->v[m->version].count1 && j < info->v[m->version].count2;
}

int
dlb2_model_peek(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t *value)
{
	uint32_t armed = m->faults_armed;

	if (!has_element(m, reg, i, j))
		return -EINVAL;
	/* Reads use up faults (model_fault_take()); this one must not. */
	m->faults_armed = 0;
	*value = model_reg_read(m, reg, i, j);
	m->faults_armed = armed;
	return 0;
}

/* An access that the device cannot or may not see: nothing happens, reads give ones. */
static int
ignore(const struct model_access *access)
{
	if (access->dst != NULL)
		memset(access->dst, 0xff, access->len);
	return 0;
}

static int
bar_access(struct dlb2_model *m, const struct model_access *access)
{
	if (model_is_gone(m))
		return ignore(access);
	if (!model_memory_open(m))
		return model_refuse(m, access, -ENXIO, 0xff,
			"memory decoding is off, or the function is in D3hot");
	if (access->space == DLB2_SPACE_VF && model_vf_bar_disabled(m, access->vf))
		return ignore(access);
	if (access->space == DLB2_SPACE_FUNC && model_msix_owns(access->offset))
		return model_msix_access(m, access);
	if (access->space != DLB2_SPACE_CSR && model_page_owns(access->offset))
		return model_page_access(m, access);
	return register_access(m, access);
}

/* Counts an access of the owner's by BAR and direction. */
static void
count(struct dlb2_model *m, const struct model_access *access)
{
	bool csr = access->space == DLB2_SPACE_CSR;

	if (access->dst != NULL)
		*(csr ? &m->counters.csr_reads : &m->counters.func_reads) += 1;
	else
		*(csr ? &m->counters.csr_writes : &m->counters.func_writes) += 1;
}

static int
pf_access(struct dlb2_model *m, const struct model_access *access)
{
	if (access->space != DLB2_SPACE_CSR && access->space != DLB2_SPACE_FUNC)
		return -EINVAL;
	count(m, access);
	return bar_access(m, access);
}

int
dlb2_model_read(struct dlb2_model *m, enum dlb2_reg_space space, uint64_t offset, void *buf,
	unsigned int len)
{
	return pf_access(m, &(struct model_access){
		.space = space, .offset = offset, .len = len, .dst = buf });
}

int
dlb2_model_write(struct dlb2_model *m, enum dlb2_reg_space space, uint64_t offset,
	const void *buf, unsigned int len)
{
	return pf_access(m, &(struct model_access){
		.space = space, .offset = offset, .len = len, .src = buf });
}

static int
vf_access(struct dlb2_model *m, const struct model_access *access)
{
	if (access->vf >= m->limits->num_vdevs)
		return -EINVAL;
	count(m, access);
	return bar_access(m, access);
}

int
dlb2_model_vf_read(struct dlb2_model *m, unsigned int vf, uint64_t offset, void *buf,
	unsigned int len)
{
	return vf_access(m, &(struct model_access){
		.space = DLB2_SPACE_VF, .vf = vf, .offset = offset, .len = len, .dst = buf });
}

int
dlb2_model_vf_write(struct dlb2_model *m, unsigned int vf, uint64_t offset, const void *buf,
	unsigned int len)
{
	return vf_access(m, &(struct model_access){
		.space = DLB2_SPACE_VF, .vf = vf, .offset = offset, .len = len, .src = buf });
}
