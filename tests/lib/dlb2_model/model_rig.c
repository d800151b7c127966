/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The rig: a driver reduced to what a test of the data path needs. I/O virtual addresses are
 * process addresses.
 */

#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_rig.h"

/* Aborts, whatever the build type. */
static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "rig: %s\n", what);
	abort();
}

static void *
on_dma_map(void *ctx, uint64_t iova, size_t len)
{
	const struct rig *rig = ctx;

	return rig->options.unmapped ? NULL : (void *)(uintptr_t)iova;
}

static int
on_dma_write(void *ctx, uint64_t iova, const void *src, size_t len)
{
	struct rig *rig = ctx;

	rig->dma_writes++;
	if (iova == 0)
		return -EFAULT;
	memcpy((void *)(uintptr_t)iova, src, len);
	return 0;
}

static void
on_report(void *ctx, const char *text)
{
	struct rig *rig = ctx;

	rig->reports++;
	snprintf(rig->report, sizeof(rig->report), "%s", text);
	if (rig->print_reports)
		fprintf(stderr, "%s\n", text);
}

static const struct dlb2_model_ops ops = {
	.dma_map = on_dma_map,
	.dma_write = on_dma_write,
	.report = on_report,
};

uint32_t
rig_read2(struct rig *rig, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint64_t offset = dlb2_reg_offset(rig->options.version, reg, i, j);
	uint32_t value;

	must(dlb2_model_read(rig->model, DLB2_SPACE_CSR, offset, &value, sizeof(value)) == 0,
		dlb2_reg_info[reg].name);
	return value;
}

void
rig_write2(struct rig *rig, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	uint64_t offset = dlb2_reg_offset(rig->options.version, reg, i, j);

	must(dlb2_model_write(rig->model, DLB2_SPACE_CSR, offset, &value, sizeof(value)) == 0,
		dlb2_reg_info[reg].name);
}

uint32_t
rig_read(struct rig *rig, enum dlb2_reg reg, unsigned int i)
{
	return rig_read2(rig, reg, i, 0);
}

void
rig_write(struct rig *rig, enum dlb2_reg reg, unsigned int i, uint32_t value)
{
	rig_write2(rig, reg, i, 0, value);
}

static void
power_up(struct rig *rig)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	must(dlb2_model_config_write(rig->model, PCI_COMMAND, &command, sizeof(command)) == 0,
		"COMMAND");
	rig_write(rig, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0);
}

/* Control-path 3, as drivers do it. */
static void
initialise(struct rig *rig)
{
	static const enum dlb2_reg weights[] = {
		DLB2_ATM_CFG_ARB_WEIGHTS_RDY_BIN, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0,
		DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0,
		DLB2_ATM_CFG_ARB_WEIGHTS_SCHED_BIN };
	uint32_t control = rig_read(rig, DLB2_CHP_CFG_CHP_CSR_CTRL, 0);
	unsigned int n;

	if (!rig->options.dense)
		rig_write(rig, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, control |
			DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_LDB_CQ_MODE |
			DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_DIR_CQ_MODE);
	/* Strict, so that tests can tell what comes next. */
	for (n = 0; n < sizeof(weights) / sizeof(weights[0]); n++)
		rig_write(rig, weights[n], 0, UINT32_MAX);
}

struct rig *
rig_new(const struct rig_options *options)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct dlb2_model_config config = {
		.version = options->version, .seed = options->seed, .ops = &ops, .ctx = rig };

	must(rig != NULL, "out of memory");
	must(dlb2_model_create(&config, &rig->model) == 0, "no model");
	rig->options = *options;
	rig->limits = dlb2_limits(options->version);
	power_up(rig);
	initialise(rig);
	return rig;
}

void
rig_free(struct rig *rig)
{
	unsigned int kind, p;

	dlb2_model_destroy(rig->model);
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (p = 0; p < DLB2_MAX_DIR_PORTS; p++)
			free(rig->ports[kind][p].ring);
	free(rig);
}

void
rig_domain(struct rig *rig, unsigned int d, unsigned int ldb, unsigned int dir)
{
	if (rig->limits->combined_credits) {
		rig_write(rig, DLB2_CHP_CFG_VAS_CRD, d, ldb + dir);
		return;
	}
	rig_write(rig, DLB2_CHP_CFG_LDB_VAS_CRD, d, ldb);
	rig_write(rig, DLB2_CHP_CFG_DIR_VAS_CRD, d, dir);
}

unsigned int
rig_credits(struct rig *rig, unsigned int d, bool dir)
{
	if (rig->limits->combined_credits)
		return rig_read(rig, DLB2_CHP_CFG_VAS_CRD, d);
	return rig_read(rig, dir ? DLB2_CHP_CFG_DIR_VAS_CRD : DLB2_CHP_CFG_LDB_VAS_CRD, d);
}

/* A slot for `sns` sequence numbers, in the first group that has this mode or is unused. */
static uint32_t
allocate_sn_slot(struct rig *rig, unsigned int sns)
{
	uint32_t modes = rig_read(rig, DLB2_RO_GRP_SN_MODE, 0);
	unsigned int group, mode = dlb2_sn_mode(sns);

	for (group = 0; group < DLB2_MAX_SN_GROUPS; group++) {
		uint32_t field = group == 0 ? DLB2_RO_GRP_SN_MODE__SN_MODE_0 :
			DLB2_RO_GRP_SN_MODE__SN_MODE_1;

		if (rig->sn_slots_used[group] == 0)
			modes = dlb2_set(modes, field, mode);
		if (dlb2_get(field, modes) == mode &&
				rig->sn_slots_used[group] < dlb2_sn_mode_slots(mode))
			break;
	}
	must(group < DLB2_MAX_SN_GROUPS, "no sequence numbers left");
	rig_write(rig, DLB2_RO_GRP_SN_MODE, 0, modes);
	return dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__MODE, mode) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__SLOT, rig->sn_slots_used[group]++) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__GRP, group);
}

static unsigned int
or_default(unsigned int value, unsigned int by_default)
{
	return value != 0 ? value : by_default;
}

/* Control-path 5.3, and 4.3 for this queue. */
void
rig_ldb_queue(struct rig *rig, unsigned int d, unsigned int q, struct rig_queue queue)
{
	unsigned int open_limit = or_default(queue.sns, rig->limits->max_qid_inflights);
	unsigned int threshold = or_default(queue.depth_threshold, 256);
	uint32_t config = queue.no_atomic ? 0 : DLB2_SYS_LDB_QID_CFG_V__FID_CFG_V;

	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, q, or_default(queue.open_limit, open_limit));
	rig_write(rig, DLB2_LSP_QID_AQED_ACTIVE_LIM, q, or_default(queue.aqed_limit, 64));
	rig_write(rig, DLB2_AQED_QID_HID_WIDTH, q, dlb2_hid_compress_code(queue.hid_levels));
	rig_write(rig, DLB2_LSP_QID_ATM_DEPTH_THRSH, q, threshold);
	rig_write(rig, DLB2_LSP_QID_NALDB_DEPTH_THRSH, q, threshold);
	rig_write(rig, DLB2_AQED_QID_FID_LIM, q, 512);
	if (queue.sns != 0) {
		rig_write(rig, DLB2_CHP_ORD_QID_SN_MAP, q, allocate_sn_slot(rig, queue.sns));
		config |= DLB2_SYS_LDB_QID_CFG_V__SN_CFG_V;
	}
	rig_write(rig, DLB2_SYS_LDB_QID_CFG_V, q, config);
	rig_write(rig, DLB2_SYS_LDB_QID_V, q, 1);
	rig_write(rig, DLB2_SYS_LDB_VASQID_V, d * rig->limits->num_ldb_queues + q, 1);
}

/* Control-path 6. */
void
rig_dir_queue(struct rig *rig, unsigned int d, unsigned int q)
{
	rig_write(rig, DLB2_LSP_QID_DIR_DEPTH_THRSH, q, 256);
	rig_write(rig, DLB2_SYS_DIR_QID_V, q, 1);
	rig_write(rig, DLB2_SYS_DIR_VASQID_V, d * rig->limits->num_dir_ports + q, 1);
}

static void
allocate_ring(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, unsigned int depth)
{
	struct rig_port *port = &rig->ports[kind][p];
	size_t size;

	port->entries = dlb2_cq_ring_entries(depth);
	port->initial_tokens = dlb2_cq_initial_tokens(depth);
	port->read = 0;
	size = (size_t)port->entries *
		(rig->options.dense ? DLB2_CQ_STRIDE_DENSE : DLB2_CQ_STRIDE_SPARSE);
	free(port->ring);
	port->ring = aligned_alloc(64, size);
	must(port->ring != NULL, "out of memory");
	memset(port->ring, 0, size);
}

/* Control-path 7.5 and 7.6. */
void
rig_ldb_port(struct rig *rig, unsigned int d, unsigned int p, unsigned int depth,
	unsigned int hist_size)
{
	struct rig_port *port = &rig->ports[DLB2_LDB][p];
	uint64_t iova;

	allocate_ring(rig, DLB2_LDB, p, depth);
	port->hist_base = rig->hist_used;
	port->hist_size = hist_size;
	rig->hist_used += hist_size;
	must(rig->hist_used <= rig->limits->num_hist_list_entries, "history list used up");
	iova = (uintptr_t)port->ring;
	rig_write(rig, DLB2_SYS_LDB_CQ_ADDR_L, p, (uint32_t)iova);
	rig_write(rig, DLB2_SYS_LDB_CQ_ADDR_U, p, iova >> 32);
	rig_write(rig, DLB2_SYS_LDB_CQ2VF_PF_RO, p,
		DLB2_SYS_LDB_CQ2VF_PF_RO__IS_PF | DLB2_SYS_LDB_CQ2VF_PF_RO__RO);
	rig_write(rig, DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, p, dlb2_cq_depth_select(depth));
	rig_write(rig, DLB2_LSP_CQ_LDB_TKN_CNT, p, port->initial_tokens);
	rig_write(rig, DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, p, dlb2_cq_depth_select(depth));
	rig_write(rig, DLB2_CHP_LDB_CQ_WPTR, p, 0);
	rig_write(rig, DLB2_CHP_HIST_LIST_LIM, p, port->hist_base + hist_size - 1);
	rig_write(rig, DLB2_CHP_HIST_LIST_BASE, p, port->hist_base);
	rig_write(rig, DLB2_LSP_CQ_LDB_INFL_LIM, p, hist_size);
	rig_write(rig, DLB2_CHP_HIST_LIST_PUSH_PTR, p, port->hist_base);
	rig_write(rig, DLB2_CHP_HIST_LIST_POP_PTR, p, port->hist_base);
	rig_write(rig, DLB2_CHP_LDB_CQ2VAS, p, d);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, p, 0);
	rig_write(rig, DLB2_SYS_LDB_PP2VAS, p, d);
	rig_write(rig, DLB2_SYS_LDB_PP_V, p, 1);
	rig_enable(rig, DLB2_LDB, p, true);
}

/* Control-path 8. */
void
rig_dir_port(struct rig *rig, unsigned int d, unsigned int p, unsigned int depth)
{
	struct rig_port *port = &rig->ports[DLB2_DIR][p];
	uint64_t iova;

	allocate_ring(rig, DLB2_DIR, p, depth);
	iova = (uintptr_t)port->ring;
	rig_write(rig, DLB2_SYS_DIR_CQ_ADDR_L, p, (uint32_t)iova);
	rig_write(rig, DLB2_SYS_DIR_CQ_ADDR_U, p, iova >> 32);
	rig_write(rig, DLB2_SYS_DIR_CQ2VF_PF_RO, p,
		DLB2_SYS_DIR_CQ2VF_PF_RO__IS_PF | DLB2_SYS_DIR_CQ2VF_PF_RO__RO);
	rig_write(rig, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, p, dlb2_cq_depth_select(depth));
	rig_write(rig, DLB2_LSP_CQ_DIR_TKN_CNT, p, port->initial_tokens);
	rig_write(rig, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, p, dlb2_cq_depth_select(depth));
	rig_write(rig, DLB2_CHP_DIR_CQ_WPTR, p, 0);
	rig_write(rig, DLB2_CHP_DIR_CQ2VAS, p, d);
	rig_write(rig, DLB2_SYS_DIR_PP2VAS, p, d);
	rig_write(rig, DLB2_SYS_DIR_PP_V, p, 1);
	rig_enable(rig, DLB2_DIR, p, true);
}

void
rig_enable(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, bool enable)
{
	rig_write(rig, kind == DLB2_LDB ? DLB2_LSP_CQ_LDB_DSBL : DLB2_LSP_CQ_DIR_DSBL, p, !enable);
	rig_read(rig, DLB2_SYS_TOTAL_VAS, 0);
}

static void
set_inverse_maps(struct rig *rig, unsigned int p, unsigned int slot, unsigned int q, bool set)
{
	static const enum dlb2_reg maps[] = {
		DLB2_ATM_QID2CQIDIX, DLB2_LSP_QID2CQIDIX, DLB2_LSP_QID2CQIDIX2 };
	uint32_t bit = 1u << (8 * (p % 4) + slot);
	unsigned int n;

	for (n = 0; n < sizeof(maps) / sizeof(maps[0]); n++) {
		uint32_t word = rig_read2(rig, maps[n], q, p / 4);

		rig_write2(rig, maps[n], q, p / 4, set ? word | bit : word & ~bit);
	}
}

/* Control-path 9.3, static mapping. */
unsigned int
rig_link(struct rig *rig, unsigned int p, unsigned int q, unsigned int priority)
{
	unsigned int slot = __builtin_ctz(~rig->slots_used[p]);
	enum dlb2_reg reg = slot < 4 ? DLB2_LSP_CQ2QID0 : DLB2_LSP_CQ2QID1;
	unsigned int shift = 8 * (slot % 4);
	uint32_t word;

	must(slot < rig->limits->num_slots_per_cq, "no slot left");
	rig->slots_used[p] |= 1u << slot;
	rig_enable(rig, DLB2_LDB, p, false);
	word = rig_read(rig, DLB2_LSP_CQ2PRIOV, p) & ~(7u << 3 * slot);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, p, word | 1u << (24 + slot) | priority << 3 * slot);
	word = rig_read(rig, reg, p) & ~(0x7fu << shift);
	rig_write(rig, reg, p, word | q << shift);
	set_inverse_maps(rig, p, slot, q, true);
	rig_enable(rig, DLB2_LDB, p, true);
	return slot;
}

/* Control-path 9.6, once nothing is in flight. */
void
rig_unlink(struct rig *rig, unsigned int p, unsigned int slot)
{
	enum dlb2_reg reg = slot < 4 ? DLB2_LSP_CQ2QID0 : DLB2_LSP_CQ2QID1;
	unsigned int q = rig_read(rig, reg, p) >> 8 * (slot % 4) & 0x7f;

	rig->slots_used[p] &= ~(1u << slot);
	rig_enable(rig, DLB2_LDB, p, false);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, p,
		rig_read(rig, DLB2_LSP_CQ2PRIOV, p) & ~(1u << (24 + slot)));
	set_inverse_maps(rig, p, slot, q, false);
	rig_enable(rig, DLB2_LDB, p, true);
}

struct dlb2_hcw
rig_event(enum dlb2_hcw_cmd cmd, enum dlb2_sched_type type, unsigned int q, unsigned int priority,
	uint16_t lock_id, uint64_t data)
{
	return (struct dlb2_hcw){ .data = data, .opaque = data & 0xffff, .qid = q,
		.sched = type | priority << 2, .lock_id = lock_id, .cmd = cmd };
}

struct dlb2_hcw
rig_tokens_hcw(enum dlb2_hcw_cmd cmd, unsigned int count)
{
	return (struct dlb2_hcw){ .lock_id = count - 1, .cmd = cmd };
}

void
rig_post(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, const struct dlb2_hcw *hcws,
	unsigned int n)
{
	struct dlb2_line lines[RIG_MAX_POST / DLB2_HCWS_PER_LINE];

	must(n <= RIG_MAX_POST, "too many HCWs at once");
	memset(lines, 0, sizeof(lines));
	memcpy(lines, hcws, n * sizeof(*hcws));
	dlb2_model_post(rig->model, kind, p, lines,
		(n + DLB2_HCWS_PER_LINE - 1) / DLB2_HCWS_PER_LINE);
}

void
rig_send(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, struct dlb2_hcw hcw)
{
	rig_post(rig, kind, p, &hcw, 1);
}

void
rig_enqueue(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, enum dlb2_sched_type type,
	unsigned int q, uint16_t lock_id, uint64_t data)
{
	rig_send(rig, kind, p, rig_event(DLB2_CMD_NEW, type, q, 0, lock_id, data));
}

void
rig_complete(struct rig *rig, unsigned int p, unsigned int n)
{
	for (; n > 0; n--)
		rig_send(rig, DLB2_LDB, p, (struct dlb2_hcw){ .cmd = DLB2_CMD_COMP });
}

void
rig_return_tokens(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, unsigned int n)
{
	if (n > 0)
		rig_send(rig, kind, p, rig_tokens_hcw(DLB2_CMD_BAT_T, n));
}

unsigned int
rig_run(struct rig *rig)
{
	unsigned int done, total = 0;

	while ((done = dlb2_model_run(rig->model, 64)) > 0)
		total += done;
	return total;
}

bool
rig_poll(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, struct dlb2_cq_entry *entry)
{
	struct rig_port *port = &rig->ports[kind][p];
	size_t stride = rig->options.dense ? DLB2_CQ_STRIDE_DENSE : DLB2_CQ_STRIDE_SPARSE;
	unsigned int gen = (port->read & port->entries) == 0;

	memcpy(entry, port->ring + (port->read & (port->entries - 1)) * stride, sizeof(*entry));
	if ((entry->status & DLB2_CQ_GEN) != gen)
		return false;
	port->read++;
	return true;
}

unsigned int
rig_drain(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, uint64_t *data,
	unsigned int max)
{
	struct dlb2_cq_entry entry;
	unsigned int n = 0;

	for (; rig_poll(rig, kind, p, &entry); n++)
		if (n < max)
			data[n] = entry.data;
	return n;
}

unsigned int
rig_tokens(struct rig *rig, enum dlb2_port_kind kind, unsigned int p)
{
	return rig_read(rig, kind == DLB2_LDB ? DLB2_LSP_CQ_LDB_TKN_CNT : DLB2_LSP_CQ_DIR_TKN_CNT,
		p);
}

unsigned int
rig_depth(struct rig *rig, unsigned int q)
{
	return rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, q) +
		rig_read(rig, DLB2_LSP_QID_LDB_ENQUEUE_CNT, q) +
		rig_read(rig, DLB2_LSP_QID_ATM_ACTIVE, q);
}

struct dlb2_model_counters
rig_counters(struct rig *rig)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(rig->model, &counters);
	return counters;
}
