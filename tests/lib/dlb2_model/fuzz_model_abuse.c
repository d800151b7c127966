/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Software that does anything at all, chosen by a fuzzer: accesses of any width to any place of any
 * BAR and of configuration space, lines of any HCWs, time, faults, switches, resets, DMA that is
 * refused, unmapped or moved. What must hold whatever was done:
 *   - no crash, no access outside the model's memory, the buffers and the mappings it was given,
 *     nor to a mapping that was taken back;
 *   - an access returns what dlb2_model.h says; a refused one is counted, and a refused read gives
 *     all zeros or all ones; a look at a register says what a read gives;
 *   - what the model asks of the world is in range, and time alone sends an interrupt only where
 *     dlb2_model_needs_time() said so;
 *   - dlb2_model_run() does no more than its budget, and no more in all than events were accepted;
 *   - a reset puts every register back, and the invariants hold again.
 * Not here: that the invariants hold before the reset, which registers can break;
 * fuzz_model_traffic.c is for a device that was set up legally.
 */

#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include <dlb2_model.h>

#include "fuzz_input.h"

#define MAX_MAPPINGS 512
#define MAX_LINES 16
#define MAX_ACCESS_LEN 80

/* Ranges are mapped from this I/O virtual address on, below it nothing is. */
#define FIRST_MAPPED 0x10000u
/* In an address: the range can be written, but not be mapped; neither. */
#define NOT_MAPPABLE (UINT64_C(1) << 30)
#define NOT_WRITABLE (UINT64_C(1) << 31)

/* A range that the model may store to. Each is an allocation of its own, for AddressSanitizer. */
struct mapping {
	uint64_t iova;
	size_t len;
	void *memory;
};

struct abuse {
	struct fuzz_input in;
	struct dlb2_model *model;
	const struct dlb2_limits *limits;
	enum dlb2_version version;
	struct mapping mappings[MAX_MAPPINGS];
	unsigned int num_mappings;
	bool refuse_mapping;
	bool is_faulty;
	bool has_fault[DLB2_NUM_FAULTS][DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
};

static void *
on_dma_map(void *ctx, uint64_t iova, size_t len)
{
	struct abuse *a = ctx;
	void *memory;

	fuzz_expect(len >= DLB2_CQ_STRIDE_DENSE && len <= DLB2_MAX_CQ_DEPTH * DLB2_CQ_STRIDE_SPARSE,
		"size of a consumer queue");
	if (a->refuse_mapping || iova < FIRST_MAPPED || iova + len < iova ||
			(iova & (NOT_MAPPABLE | NOT_WRITABLE)) != 0 ||
			a->num_mappings == MAX_MAPPINGS)
		return NULL;
	memory = aligned_alloc(64, (len + 63) / 64 * 64);
	fuzz_expect(memory != NULL, "out of memory");
	memset(memory, 0, len);
	a->mappings[a->num_mappings++] = (struct mapping){ iova, len, memory };
	return memory;
}

static int
on_dma_write(void *ctx, uint64_t iova, const void *src, size_t len)
{
	struct dlb2_line line;

	fuzz_expect(len == sizeof(struct dlb2_cq_entry) || len == sizeof(line), "size of a write");
	memcpy(&line, src, len);
	return iova < FIRST_MAPPED || (iova & NOT_WRITABLE) != 0 ? -EFAULT : 0;
}

static void
on_interrupt(void *ctx, unsigned int vector)
{
	const struct abuse *a = ctx;

	fuzz_expect(vector < a->limits->num_msix_vectors, "MSI-X vector");
}

static void
on_vf_interrupt(void *ctx, unsigned int vf, unsigned int vector)
{
	const struct abuse *a = ctx;

	fuzz_expect(vf < a->limits->num_vdevs && vector < 32, "vector of a VF");
}

static void
on_message(void *ctx, uint64_t address, uint32_t data)
{
	fuzz_expect(address % sizeof(data) == 0, "address of a message");
}

static void
on_report(void *ctx, const char *text)
{
	size_t len = strlen(text);

	fuzz_expect(len > 0 && len < 1000, "length of a report");
}

static const struct dlb2_model_ops ops = {
	.dma_map = on_dma_map,
	.dma_write = on_dma_write,
	.interrupt = on_interrupt,
	.vf_interrupt = on_vf_interrupt,
	.message = on_message,
	.report = on_report,
};

/* Mostly few bits or all of them: those reach more than evenly random words do. */
static uint32_t
any_value(struct fuzz_input *in)
{
	uint8_t kind = fuzz_u8(in);

	if (kind < 64)
		return kind;
	if (kind < 96)
		return 1u << (kind - 64);
	if (kind < 128)
		return (1u << (kind - 96)) - 1;
	if (kind < 192)
		return fuzz_u16(in);
	return kind == 255 ? UINT32_MAX : fuzz_u32(in);
}

static struct dlb2_model_counters
counters_of(struct abuse *a)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(a->model, &counters);
	return counters;
}

/* Accesses to BARs. `vf` of -1 is the PF. */

static int
do_access(struct abuse *a, int vf, enum dlb2_reg_space space, uint64_t offset, void *buf,
	unsigned int len, bool write)
{
	if (vf >= 0 && write)
		return dlb2_model_vf_write(a->model, vf, offset, buf, len);
	if (vf >= 0)
		return dlb2_model_vf_read(a->model, vf, offset, buf, len);
	if (write)
		return dlb2_model_write(a->model, space, offset, buf, len);
	return dlb2_model_read(a->model, space, offset, buf, len);
}

static void
expect_uniform(const uint8_t *bytes, unsigned int len)
{
	unsigned int n;

	for (n = 0; n < len; n++)
		fuzz_expect(bytes[n] == bytes[0] && (bytes[n] == 0 || bytes[n] == 0xff),
			"what a refused read gives");
}

static void
access_bar(struct abuse *a, int vf, enum dlb2_reg_space space, uint64_t offset, const void *value,
	unsigned int len, bool write)
{
	bool is_there = vf >= 0 ? (unsigned int)vf < a->limits->num_vdevs :
		space == DLB2_SPACE_CSR || space == DLB2_SPACE_FUNC;
	uint64_t bad = counters_of(a).bad_accesses;
	uint8_t *buf = malloc(len);
	int err;

	fuzz_expect(buf != NULL, "out of memory");
	memcpy(buf, value, len);
	err = do_access(a, vf, space, offset, buf, len, write);
	fuzz_expect(err == 0 || err == -EINVAL || err == -ENXIO, "error of an access");
	if (is_there)
		fuzz_expect((err != 0) == (counters_of(a).bad_accesses > bad),
			"a refused access is counted");
	else
		fuzz_expect(err == -EINVAL, "there is no such BAR");
	if (err != 0 && !write && is_there)
		expect_uniform(buf, len);
	free(buf);
}

static int
any_vf(struct fuzz_input *in)
{
	uint8_t choice = fuzz_u8(in);

	return choice < 192 ? -1 : choice % (DLB2_MAX_VDEVS + 2);
}

/* What a look at a register says is what a read gives, and the look is none. */
static void
peek_and_read(struct abuse *a, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	struct dlb2_model_counters before = counters_of(a), after;
	uint32_t offset = dlb2_reg_offset(a->version, reg, i, j), peeked, value;

	fuzz_expect(dlb2_model_peek(a->model, reg, i, j, &peeked) == 0, "no look at a register");
	after = counters_of(a);
	fuzz_expect(memcmp(&before, &after, sizeof(before)) == 0, "a look is counted");
	if (dlb2_model_read(a->model, dlb2_reg_info[reg].space, offset, &value, sizeof(value)) == 0 &&
			!a->is_faulty)
		fuzz_expect(value == peeked, dlb2_reg_info[reg].name);
}

/* An element of a register that the version has. */
static void
access_register(struct abuse *a)
{
	enum dlb2_reg reg = fuzz_below(&a->in, DLB2_NUM_REGS);
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	uint8_t how = fuzz_u8(&a->in);
	uint32_t offset, value, i, j;
	int vf = -1;

	if (!info->v[a->version].present)
		return;
	i = fuzz_below(&a->in, info->v[a->version].count1);
	j = fuzz_below(&a->in, info->v[a->version].count2);
	offset = dlb2_reg_offset(a->version, reg, i, j);
	value = how & 1 ? any_value(&a->in) : 0;
	if (info->space == DLB2_SPACE_VF)
		vf = how >> 1 & (DLB2_MAX_VDEVS - 1);
	else
		peek_and_read(a, reg, i, j);
	access_bar(a, vf, vf < 0 ? info->space : DLB2_SPACE_FUNC, offset, &value, sizeof(value),
		how & 1);
}

static void
access_anywhere(struct abuse *a)
{
	static const uint64_t bases[] = { 0, DLB2_MSIX_TABLE_BASE, DLB2_MSIX_PBA_BASE,
		DLB2_PP_DIR_BASE, DLB2_PP_LDB_BASE, DLB2_PP_DIR_ALIAS_BASE,
		DLB2_PP_LDB_ALIAS_BASE, DLB2_PP_LDB_ALIAS_BASE + 0x100000, UINT32_MAX };
	static const uint8_t lens[] = { 4, 4, 8, 1, 2, 16, 64, 3 };
	uint8_t how = fuzz_u8(&a->in), value[MAX_ACCESS_LEN];
	unsigned int n, len = lens[how >> 1 & 7];
	uint64_t base = bases[fuzz_below(&a->in, sizeof(bases) / sizeof(bases[0]))];
	uint64_t offset = base + (how & 16 ? fuzz_u32(&a->in) : fuzz_u16(&a->in) * UINT64_C(4));
	enum dlb2_reg_space space = how >> 5 & 3;

	if (how & 128) {
		len = fuzz_below(&a->in, MAX_ACCESS_LEN);
		offset = fuzz_u64(&a->in);
	}
	for (n = 0; n < len; n++)
		value[n] = fuzz_u8(&a->in);
	access_bar(a, any_vf(&a->in), space, offset, value, len, how & 1);
}

static void
access_config(struct abuse *a)
{
	uint8_t how = fuzz_u8(&a->in);
	unsigned int len = how & 8 ? how >> 4 : 1u << (how >> 1) % 3;
	unsigned int offset = fuzz_u16(&a->in) % 4200;
	bool is_legal = (len == 1 || len == 2 || len == 4) && offset % len == 0 && offset < 4096;
	uint32_t value = any_value(&a->in);
	uint8_t *buf = malloc(16);
	int err;

	fuzz_expect(buf != NULL, "out of memory");
	memset(buf, 0, 16);
	memcpy(buf, &value, sizeof(value));
	err = how & 1 ? dlb2_model_config_write(a->model, offset, buf, len) :
		dlb2_model_config_read(a->model, offset, buf, len);
	fuzz_expect(err == (is_legal ? 0 : -EINVAL), "error of a configuration access");
	free(buf);
}

/* Stores to producer ports. */

/* Half of the HCWs are plausible: a legal command, a queue that there is, few tokens. */
static struct dlb2_hcw
any_hcw(struct fuzz_input *in)
{
	uint8_t what = fuzz_u8(in), where = fuzz_u8(in);
	struct dlb2_hcw hcw = { .data = what, .cmd = what & DLB2_HCW_CMD };

	if (what & 16) {
		hcw.qid = where & 7;
		hcw.sched = where >> 3 & 31;
		hcw.lock_id = what >> 5;
		return hcw;
	}
	hcw.qid = where;
	hcw.sched = fuzz_u8(in);
	hcw.lock_id = fuzz_u16(in);
	hcw.flags = fuzz_u8(in);
	hcw.cmd = fuzz_u8(in);
	return hcw;
}

static void
fill_lines(struct fuzz_input *in, struct dlb2_line *lines, unsigned int n)
{
	unsigned int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < DLB2_HCWS_PER_LINE; k++)
			lines[i].hcw[k] = any_hcw(in);
}

static void
post(struct abuse *a)
{
	uint8_t where = fuzz_u8(&a->in);
	unsigned int kind = where & 1, port = where >> 1;
	unsigned int n = 1 + fuzz_below(&a->in, MAX_LINES);
	struct dlb2_line *lines = aligned_alloc(64, n * sizeof(*lines));

	fuzz_expect(lines != NULL, "out of memory");
	fill_lines(&a->in, lines, n);
	dlb2_model_post(a->model, kind, port, lines, n);
	free(lines);
}

static void
store_to_page(struct abuse *a)
{
	static const uint64_t windows[] = { DLB2_PP_DIR_BASE, DLB2_PP_LDB_BASE,
		DLB2_PP_DIR_ALIAS_BASE, DLB2_PP_LDB_ALIAS_BASE };
	uint8_t where = fuzz_u8(&a->in), port = fuzz_u8(&a->in) & 127;
	unsigned int len = where & 4 ? sizeof(struct dlb2_hcw) : sizeof(struct dlb2_line);
	uint64_t offset = windows[where & 3] + port * DLB2_PP_STRIDE;
	struct dlb2_line line;

	if (where & 8)
		offset += fuzz_u16(&a->in) % DLB2_PP_STRIDE;
	fill_lines(&a->in, &line, 1);
	access_bar(a, any_vf(&a->in), DLB2_SPACE_FUNC, offset, &line, len, true);
}

/* Setting up, or nearly nothing would be reached. */

static uint32_t
reg_read(struct abuse *a, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint32_t value = 0;

	dlb2_model_read(a->model, dlb2_reg_info[reg].space,
		dlb2_reg_offset(a->version, reg, i, j), &value, sizeof(value));
	return value;
}

static void
reg_write(struct abuse *a, enum dlb2_reg reg, unsigned int i, uint32_t value)
{
	dlb2_model_write(a->model, dlb2_reg_info[reg].space, dlb2_reg_offset(a->version, reg, i, 0),
		&value, sizeof(value));
}

static unsigned int
find_capability(struct abuse *a, unsigned int id)
{
	uint8_t at = 0, found;
	unsigned int steps;

	dlb2_model_config_read(a->model, PCI_CAPABILITY_LIST, &at, sizeof(at));
	for (steps = 0; at != 0 && steps < 48; steps++) {
		dlb2_model_config_read(a->model, at, &found, sizeof(found));
		if (found == id)
			return at;
		dlb2_model_config_read(a->model, at + PCI_CAP_LIST_NEXT, &at, sizeof(at));
	}
	fuzz_expect(false, "a capability is not in the list");
	return 0;
}

static void
make_ready(struct abuse *a)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, msix = PCI_MSIX_FLAGS_ENABLE;
	uint16_t power = 0;
	unsigned int vector;

	dlb2_model_set_fault(a->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 0);
	dlb2_model_config_write(a->model, find_capability(a, PCI_CAP_ID_PM) + PCI_PM_CTRL, &power,
		sizeof(power));
	dlb2_model_config_write(a->model, PCI_COMMAND, &command, sizeof(command));
	reg_write(a, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0);
	for (vector = 0; vector < a->limits->num_msix_vectors; vector++)
		reg_write(a, DLB2_MSIX_VECTOR_CTRL, vector, 0);
	dlb2_model_config_write(a->model, find_capability(a, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS,
		&msix, sizeof(msix));
}

static void
open_ldb_port(struct abuse *a, unsigned int p, uint8_t how)
{
	unsigned int entries = 1 + how % 32;

	reg_write(a, DLB2_SYS_LDB_CQ_ADDR_L, p, FIRST_MAPPED + p * 0x10000);
	reg_write(a, DLB2_SYS_LDB_CQ2VF_PF_RO, p, DLB2_SYS_LDB_CQ2VF_PF_RO__IS_PF);
	reg_write(a, DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, p, 1 + how / 32);
	reg_write(a, DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, p, 1 + how / 32);
	reg_write(a, DLB2_CHP_HIST_LIST_LIM, p, p * 32 + entries - 1);
	reg_write(a, DLB2_CHP_HIST_LIST_BASE, p, p * 32);
	reg_write(a, DLB2_CHP_HIST_LIST_PUSH_PTR, p, p * 32);
	reg_write(a, DLB2_CHP_HIST_LIST_POP_PTR, p, p * 32);
	reg_write(a, DLB2_LSP_CQ_LDB_INFL_LIM, p, entries);
	reg_write(a, DLB2_LSP_CQ2PRIOV, p, 0xff000000);
	reg_write(a, DLB2_LSP_CQ2QID0, p, 0x03020100);
	reg_write(a, DLB2_LSP_CQ2QID1, p, 0x07060504);
	reg_write(a, DLB2_SYS_LDB_PP_V, p, 1);
	reg_write(a, DLB2_LSP_CQ_LDB_DSBL, p, 0);
}

static void
open_dir_port(struct abuse *a, unsigned int p, uint8_t how)
{
	reg_write(a, DLB2_SYS_DIR_CQ_ADDR_L, p, FIRST_MAPPED + (64 + p) * 0x10000);
	reg_write(a, DLB2_SYS_DIR_CQ2VF_PF_RO, p, DLB2_SYS_DIR_CQ2VF_PF_RO__IS_PF);
	reg_write(a, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, p, 1 + how / 32);
	reg_write(a, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, p, 1 + how / 32);
	reg_write(a, DLB2_SYS_DIR_QID_V, p, 1);
	reg_write(a, DLB2_SYS_DIR_VASQID_V, p, 1);
	reg_write(a, DLB2_SYS_DIR_PP_V, p, 1);
	reg_write(a, DLB2_LSP_CQ_DIR_DSBL, p, 0);
}

static void
open_ldb_queue(struct abuse *a, unsigned int q, uint8_t how)
{
	reg_write(a, DLB2_LSP_QID_LDB_INFL_LIM, q, how == 255 ? 2048 : how);
	reg_write(a, DLB2_LSP_QID_AQED_ACTIVE_LIM, q, 1 + how % 64);
	reg_write(a, DLB2_CHP_ORD_QID_SN_MAP, q, dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__SLOT, q % 16) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__GRP, q / 16));
	reg_write(a, DLB2_SYS_LDB_QID_CFG_V, q, 3);
	reg_write(a, DLB2_SYS_LDB_QID_V, q, 1);
	reg_write(a, DLB2_SYS_LDB_VASQID_V, q, 1);
}

/* A queue, a pair of ports and credits in domain 0. */
static void
open_some(struct abuse *a, uint8_t n, uint8_t how)
{
	if (a->limits->combined_credits) {
		reg_write(a, DLB2_CHP_CFG_VAS_CRD, 0, 64 * how);
	} else {
		reg_write(a, DLB2_CHP_CFG_LDB_VAS_CRD, 0, 32 * how);
		reg_write(a, DLB2_CHP_CFG_DIR_VAS_CRD, 0, 16 * how);
	}
	open_ldb_queue(a, n & 7, how);
	open_ldb_port(a, n % a->limits->num_ldb_ports, how);
	open_dir_port(a, n % a->limits->num_dir_ports, how);
}

/* What a DMA owner, a bus and a test may do. */

static void
unmap(struct abuse *a)
{
	uint64_t iova = FIRST_MAPPED + fuzz_u16(&a->in) * UINT64_C(0x400);
	uint64_t len = 1 + fuzz_u16(&a->in) * UINT64_C(0x400);
	unsigned int n = 0;

	dlb2_model_dma_unmapped(a->model, iova, len);
	while (n < a->num_mappings) {
		struct mapping *mapping = &a->mappings[n];

		if (iova < mapping->iova + mapping->len && mapping->iova < iova + len) {
			free(mapping->memory);
			*mapping = a->mappings[--a->num_mappings];
		} else {
			n++;
		}
	}
}

static void
run(struct abuse *a)
{
	unsigned int budget = fuzz_u8(&a->in);

	fuzz_expect(dlb2_model_run(a->model, budget) <= budget, "run keeps to its budget");
}

static void
tick(struct abuse *a)
{
	bool may_send = dlb2_model_needs_time(a->model);
	uint64_t sent = counters_of(a).interrupts;
	uint8_t scale = fuzz_u8(&a->in);

	dlb2_model_tick(a->model, scale == 255 ? fuzz_u64(&a->in) :
		(uint64_t)fuzz_u8(&a->in) << scale % 48);
	fuzz_expect(may_send || counters_of(a).interrupts == sent, "time sent an interrupt");
}

static void
set_fault(struct abuse *a)
{
	uint8_t fault = fuzz_u8(&a->in) % (DLB2_NUM_FAULTS + 1), where = fuzz_u8(&a->in);
	uint8_t count = fuzz_u8(&a->in);
	int err = dlb2_model_set_fault(a->model, fault, where & 1, where >> 1, count);

	fuzz_expect(err == 0 || err == -EINVAL, "error of a fault");
	a->is_faulty = true;
	if (err == 0)
		a->has_fault[fault][where & 1][(where >> 1) % DLB2_MAX_DIR_PORTS] = true;
}

static void
set_switch(struct abuse *a)
{
	uint8_t sw = fuzz_u8(&a->in) % (DLB2_NUM_MODEL_SWITCHES + 1), value = fuzz_u8(&a->in);
	int err = dlb2_model_set_switch(a->model, sw, value % (DLB2_SWITCH_MAX_VALUES + 1));

	fuzz_expect(err == 0 || err == -EINVAL, "error of a switch");
}

static void
mask_vector(struct abuse *a)
{
	uint8_t what = fuzz_u8(&a->in);

	dlb2_model_mask_vector(a->model, what >> 1, what & 1);
}

static void
reset(struct abuse *a)
{
	uint8_t vf = fuzz_u8(&a->in);

	if (vf == 0)
		dlb2_model_flr(a->model);
	else
		dlb2_model_vf_flr(a->model, vf - 1u);
}

/* Interrupts of the CQs of both kinds with number `p`, by any route, and what paces them. */
static void
open_interrupts(struct abuse *a, unsigned int p, uint8_t how)
{
	uint32_t isr = dlb2_put(DLB2_SYS_LDB_CQ_ISR__EN_CODE, how & 3) |
		dlb2_put(DLB2_SYS_LDB_CQ_ISR__VECTOR, p % 8) |
		dlb2_put(DLB2_SYS_LDB_CQ_ISR__VF, how >> 4);

	reg_write(a, DLB2_SYS_LDB_CQ_ISR, p, isr);
	reg_write(a, DLB2_SYS_DIR_CQ_ISR, p, isr);
	reg_write(a, DLB2_SYS_MSIX_MODE, 0, how >> 2 & 1);
	reg_write(a, DLB2_CHP_LDB_CQ_INT_ENB, p, 3);
	reg_write(a, DLB2_CHP_DIR_CQ_INT_ENB, p, 3);
	reg_write(a, DLB2_CHP_CFG_LDB_CQ_TIMER_CTL, 0, 1 | how << 1);
	reg_write(a, DLB2_CHP_CFG_DIR_CQ_TIMER_CTL, 0, 1 | how << 1);
	reg_write(a, DLB2_CHP_LDB_CQ_WD_ENB, p, 1);
	reg_write(a, DLB2_CHP_DIR_CQ_WD_ENB, p, 1);
	reg_write(a, DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL, 0, UINT32_MAX);
	reg_write(a, DLB2_CHP_CFG_DIR_WD_ENB_INTERVAL, 0, UINT32_MAX);
	reg_write(a, DLB2_CHP_LDB_CQ_INTR_ARMED0, 0, UINT32_MAX);
	reg_write(a, DLB2_CHP_DIR_CQ_INTR_ARMED0, 0, UINT32_MAX);
}

/* Virtual port `n` of a VF is the physical one, and so is queue `n`. */
static void
open_vf(struct abuse *a, unsigned int vf, unsigned int n)
{
	unsigned int ldb = vf * a->limits->num_ldb_ports + n;
	unsigned int dir = vf * a->limits->num_dir_ports + n;
	unsigned int queue = vf * a->limits->num_ldb_queues + n;

	reg_write(a, DLB2_SYS_VF_LDB_VPP_V, ldb, 1);
	reg_write(a, DLB2_SYS_VF_LDB_VPP2PP, ldb, n);
	reg_write(a, DLB2_SYS_VF_DIR_VPP_V, dir, 1);
	reg_write(a, DLB2_SYS_VF_DIR_VPP2PP, dir, n);
	reg_write(a, DLB2_SYS_VF_LDB_VQID_V, queue, 1);
	reg_write(a, DLB2_SYS_VF_LDB_VQID2QID, queue, n);
	reg_write(a, DLB2_SYS_VF_DIR_VQID_V, dir, 1);
	reg_write(a, DLB2_SYS_VF_DIR_VQID2QID, dir, n);
	reg_write(a, DLB2_SYS_LDB_CQ2VF_PF_RO, n, dlb2_put(DLB2_SYS_LDB_CQ2VF_PF_RO__VF, vf));
	reg_write(a, DLB2_SYS_DIR_CQ2VF_PF_RO, n, dlb2_put(DLB2_SYS_DIR_CQ2VF_PF_RO__VF, vf));
}

static void
open_more(struct abuse *a)
{
	uint8_t what = fuzz_u8(&a->in), n = fuzz_u8(&a->in), how = fuzz_u8(&a->in);

	if (what & 1)
		open_interrupts(a, n % 32, how);
	else if (what & 2)
		open_vf(a, how % a->limits->num_vdevs, n % 8);
	else
		open_some(a, n, how);
}

static void
step(struct abuse *a)
{
	switch (fuzz_u8(&a->in) % 25) {
	case 0 ... 4:
		access_register(a);
		break;
	case 5:
		access_anywhere(a);
		break;
	case 6:
		access_config(a);
		break;
	case 7 ... 11:
		post(a);
		break;
	case 12:
		store_to_page(a);
		break;
	case 13 ... 15:
		run(a);
		break;
	case 16:
		tick(a);
		break;
	case 17:
		set_fault(a);
		break;
	case 18:
		set_switch(a);
		break;
	case 19:
		reset(a);
		break;
	case 20:
		unmap(a);
		break;
	case 21:
		open_more(a);
		break;
	case 22:
		a->refuse_mapping = !a->refuse_mapping;
		dlb2_model_check(a->model);
		break;
	case 23:
		mask_vector(a);
		break;
	default:
		make_ready(a);
		break;
	}
}

/* Every event that was accepted is scheduled at most once. */
static void
run_to_end(struct abuse *a)
{
	struct dlb2_model_counters counters = counters_of(a);
	uint64_t left = counters.enqueued - counters.scheduled;
	unsigned int done;

	fuzz_expect(counters.scheduled <= counters.enqueued, "scheduled more than was accepted");
	while ((done = dlb2_model_run(a->model, 64)) > 0) {
		fuzz_expect(done <= left, "an event was scheduled twice");
		left -= done;
	}
}

static void
clear_faults(struct abuse *a)
{
	unsigned int fault, kind, port;

	for (fault = 0; fault < DLB2_NUM_FAULTS; fault++)
		for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
			for (port = 0; port < DLB2_MAX_DIR_PORTS; port++)
				if (a->has_fault[fault][kind][port])
					dlb2_model_set_fault(a->model, fault, kind, port, 0);
}

static void
expect_reset_registers(struct abuse *a)
{
	unsigned int reg, i, j;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

		/* Those of VFs have no BAR of their own here; the other two make the device ready. */
		if (!info->v[a->version].present || info->space == DLB2_SPACE_VF ||
				reg == DLB2_CM_CFG_PM_PMCSR_DISABLE || reg == DLB2_MSIX_VECTOR_CTRL)
			continue;
		for (i = 0; i < info->v[a->version].count1; i++)
			for (j = 0; j < info->v[a->version].count2; j++)
				fuzz_expect(reg_read(a, reg, i, j) == info->reset, info->name);
	}
}

static void
expect_clean_after_reset(struct abuse *a, bool look_at_registers)
{
	clear_faults(a);
	dlb2_model_flr(a->model);
	make_ready(a);
	if (look_at_registers)
		expect_reset_registers(a);
	fuzz_expect(dlb2_model_run(a->model, 1000) == 0, "nothing to schedule after a reset");
	fuzz_expect(dlb2_model_check(a->model) == 0, "invariants after a reset");
}

/* As after power-on, powered up, or with queues and ports, which most of the code waits for. */
static void
create(struct abuse *a, uint8_t how)
{
	struct dlb2_model_config config = { .ops = &ops, .ctx = a };
	unsigned int n;

	a->version = config.version = how & 1 ? DLB2_HW_2_5 : DLB2_HW_2_0;
	config.seed = how & 2 ? 1 + fuzz_u8(&a->in) : 0;
	fuzz_expect(dlb2_model_create(&config, &a->model) == 0, "no model");
	a->limits = dlb2_limits(a->version);
	if (how & 4)
		return;
	make_ready(a);
	for (n = 0; n < 8 && (how & 8) == 0; n++)
		open_some(a, n, 255 - 28 * (how >> 5));
}

static void
destroy(struct abuse *a)
{
	unsigned int n;

	dlb2_model_destroy(a->model);
	for (n = 0; n < a->num_mappings; n++)
		free(a->mappings[n].memory);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abuse a = { .in = { data, size } };
	uint8_t how = fuzz_u8(&a.in);

	create(&a, how);
	while (!fuzz_is_used_up(&a.in))
		step(&a);
	run_to_end(&a);
	/* Looking at all registers costs as much as everything else: for some inputs only. */
	expect_clean_after_reset(&a, how & 16);
	destroy(&a);
	return 0;
}
