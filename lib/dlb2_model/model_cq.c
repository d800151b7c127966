/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Consumer queues: their registers and their room. The writing of entries that are more than a
 * plain store is in model_entry.c.
 */

#include "model_cq.h"
#include "model_history.h"

static const struct {
	enum dlb2_reg dsbl, addr_l, addr_u, owner, ring_select, token_select, domain;
} cq_regs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = { DLB2_LSP_CQ_LDB_DSBL, DLB2_SYS_LDB_CQ_ADDR_L, DLB2_SYS_LDB_CQ_ADDR_U,
		DLB2_SYS_LDB_CQ2VF_PF_RO, DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL,
		DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, DLB2_CHP_LDB_CQ2VAS },
	[DLB2_DIR] = { DLB2_LSP_CQ_DIR_DSBL, DLB2_SYS_DIR_CQ_ADDR_L, DLB2_SYS_DIR_CQ_ADDR_U,
		DLB2_SYS_DIR_CQ2VF_PF_RO, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL,
		DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, DLB2_CHP_DIR_CQ2VAS },
};

/* Entries for a TOKEN_DEPTH_SELECT code (control-path 7.4). Codes that mean nothing act as 1. */
static unsigned int
entries_of_select(struct dlb2_model *m, unsigned int select)
{
	unsigned int entries = 4u << select;

	if (select == 0 || entries > DLB2_MAX_CQ_DEPTH)
		return m->limits->min_cq_ring;
	return entries;
}

/* IGNORE_DEPTH, which 2.0 alone has. */
static bool
ignores_depth(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	uint32_t mask = kind == DLB2_LDB ? DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL__IGNORE_DEPTH :
		DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI__IGNORE_DEPTH;

	return m->version == DLB2_HW_2_0 &&
		(*model_reg(m, cq_regs[kind].token_select, p, 0) & mask) != 0;
}

static void
decode_entry_format(struct dlb2_model *m, enum dlb2_port_kind kind, struct model_port *port)
{
	uint32_t ctrl = *model_reg(m, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0);
	uint32_t sparse = kind == DLB2_LDB ?
		DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_LDB_CQ_MODE :
		DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_DIR_CQ_MODE;
	uint32_t pad = kind == DLB2_LDB ? DLB2_CHP_CFG_CHP_CSR_CTRL__PAD_WRITE_LDB :
		DLB2_CHP_CFG_CHP_CSR_CTRL__PAD_WRITE_DIR;

	port->entry_shift = __builtin_ctz(ctrl & sparse ? DLB2_CQ_STRIDE_SPARSE :
		DLB2_CQ_STRIDE_DENSE);
	port->padded = (ctrl & (pad | sparse)) == pad &&
		m->switches[DLB2_SWITCH_DENSE_LINES] == 0;
}

/* The ring: what changes here makes the owner be asked for its address again. */
static void
decode_ring(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	struct model_port *port = &m->sched.ports[kind][p];
	uint64_t iova = (uint64_t)*model_reg(m, cq_regs[kind].addr_u, p, 0) << 32 |
		*model_reg(m, cq_regs[kind].addr_l, p, 0);

	port->ring_iova = iova;
	port->ring_entries = entries_of_select(m,
		*model_reg(m, cq_regs[kind].ring_select, p, 0) & 0xf);
	decode_entry_format(m, kind, port);
	port->ring = NULL;
	port->map_asked = false;
	port->plain = false;
	port->is_pf = (*model_reg(m, cq_regs[kind].owner, p, 0) &
		DLB2_SYS_LDB_CQ2VF_PF_RO__IS_PF) != 0;
}

_Static_assert(DLB2_SYS_LDB_CQ2VF_PF_RO__IS_PF == DLB2_SYS_DIR_CQ2VF_PF_RO__IS_PF,
	"one mask serves both kinds");

/* Load of the events that are open in a CQ (data-path 5.8). */
static uint32_t
open_load(struct dlb2_model *m, const struct model_port *port)
{
	unsigned int entry = port->hist_pop;
	uint32_t load = 0;
	int64_t open;

	for (open = port->written - port->completed; open > 0; open--) {
		load += model_weight(m, m->sched.history[entry].flags);
		entry = entry == port->hist_limit ? port->hist_base : entry + 1u;
	}
	return load;
}

/* What 2.5 alone has: load by weight, in-flight threshold. */
static void
decode_watch(struct dlb2_model *m, unsigned int p)
{
	struct model_port *port = &m->sched.ports[DLB2_LDB][p];
	uint32_t limit;

	if (!dlb2_reg_present(m->version, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT))
		return;
	limit = *model_reg(m, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, p, 0);
	port->weighed = (limit & DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V) != 0;
	port->load_limit = dlb2_get(DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__LIMIT, limit);
	port->load = port->weighed ? open_load(m, port) : 0;
	/* A threshold of 0 could never be undercut: it means that the CQ has none. */
	port->threshold = m->sched.thresholds ? model_field(m, DLB2_LSP_CQ_LDB_INFL_THRESH, p,
		DLB2_LSP_CQ_LDB_INFL_THRESH__THRESH) : 0;
	if (port->threshold == 0)
		port->stalled = false;
	port->watched = port->weighed || port->threshold > 0;
}

void
model_cq_decode(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	struct model_port *port = &m->sched.ports[kind][p];

	port->disabled = *model_reg(m, cq_regs[kind].dsbl, p, 0) != 0;
	port->cq_domain = *model_reg(m, cq_regs[kind].domain, p, 0) & (DLB2_MAX_DOMAINS - 1);
	port->token_depth = entries_of_select(m,
		*model_reg(m, cq_regs[kind].token_select, p, 0) & 0xf);
	port->ignore_depth = ignores_depth(m, kind, p);
	decode_ring(m, kind, p);
	if (kind == DLB2_LDB) {
		model_history_decode(m, p);
		decode_watch(m, p);
	}
	model_room_update(m, kind, p);
}

unsigned int
model_weight(const struct dlb2_model *m, uint8_t flags)
{
	unsigned int code = dlb2_get(DLB2_HCW_WEIGHT, flags);

	if (code == 0)
		return m->switches[DLB2_SWITCH_WEIGHT_ZERO] == 0;
	return 1u << code;
}

/* In-flight threshold (data-path 5.9): a CQ that was full stays out until it is well below. */
static void
update_stalled(struct dlb2_model *m, struct model_port *port)
{
	int64_t open = port->written - port->completed;
	unsigned int trigger = m->switches[DLB2_SWITCH_INFLIGHT_THRESHOLD] == 0 ?
		port->open_limit : port->threshold;

	if (port->threshold == 0 || open < port->threshold)
		port->stalled = false;
	else if (open >= trigger)
		port->stalled = true;
}

static void
set_ready(struct model_sched *s, enum dlb2_port_kind kind, unsigned int p, bool ready)
{
	uint64_t *word = kind == DLB2_LDB ? &s->ready : &s->dir_ready[p / 64];
	uint64_t bit = UINT64_C(1) << p % 64;

	*word = ready ? *word | bit : *word & ~bit;
}

/* Conditions for delivery that are the CQ's own (control-path 15.4). */
void
model_room_update(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	struct model_port *port = &m->sched.ports[kind][p];
	bool ready;

	port->stop = port->ignore_depth ? INT64_MAX : port->returned + port->token_depth;
	if (kind == DLB2_LDB && port->completed + port->open_limit < port->stop)
		port->stop = port->completed + port->open_limit;
	ready = !port->disabled && port->written < port->stop;
	if (port->watched) {
		update_stalled(m, port);
		ready = ready && !port->stalled &&
			(!port->weighed || port->load < port->load_limit);
	}
	set_ready(&m->sched, kind, p, ready);
}

static void
tell(struct dlb2_model *m, enum dlb2_port_kind kind, uint64_t set, unsigned int first)
{
	for (; set != 0; set &= set - 1) {
		unsigned int p = first + __builtin_ctzll(set);
		const struct model_port *port = &m->sched.ports[kind][p];

		model_cq_occupancy(m, kind, p, port->written - port->taken);
	}
}

void
model_cq_tell_occupancy(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;
	unsigned int word;

	tell(m, DLB2_LDB, s->touched, 0);
	s->touched = 0;
	for (word = 0; word < MODEL_DIR_WORDS; word++) {
		tell(m, DLB2_DIR, s->dir_touched[word], word * 64);
		s->dir_touched[word] = 0;
	}
}

static enum dlb2_port_kind
kind_of(enum dlb2_reg reg)
{
	switch (reg) {
	case DLB2_LSP_CQ_DIR_DSBL:
	case DLB2_SYS_DIR_CQ_ADDR_L:
	case DLB2_SYS_DIR_CQ_ADDR_U:
	case DLB2_SYS_DIR_CQ2VF_PF_RO:
	case DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL:
	case DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI:
	case DLB2_CHP_DIR_CQ2VAS:
	case DLB2_LSP_CQ_DIR_TKN_CNT:
	case DLB2_CHP_DIR_CQ_DEPTH:
	case DLB2_CHP_DIR_CQ_WPTR:
	case DLB2_LSP_CQ_DIR_TOT_SCH_CNTL:
	case DLB2_LSP_CQ_DIR_TOT_SCH_CNTH:
		return DLB2_DIR;
	default:
		return DLB2_LDB;
	}
}

static void
write_config(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	/* Entries on their way are visible before a later read of the register (data-path 8.4). */
	model_late_finish(m);
	model_cq_decode(m, kind_of(reg), i);
}

/* A change of entry format or of a device-wide switch concerns every CQ. */
static void
write_format(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int kind, p;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (p = 0; p < model_ports(m, kind); p++)
			model_cq_decode(m, kind, p);
}

static struct model_port *
port_of(struct dlb2_model *m, enum dlb2_reg reg, unsigned int p)
{
	return &m->sched.ports[kind_of(reg)][p];
}

static uint32_t
read_tokens(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_port *port = port_of(m, reg, i);

	return model_saturate(m, reg, port->written - port->returned);
}

static void
write_tokens(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_port *port = port_of(m, reg, i);

	port->returned = port->written - (value & dlb2_reg_info[reg].v[m->version].mask);
	model_room_update(m, kind_of(reg), i);
}

static uint32_t
read_occupancy(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_port *port = port_of(m, reg, i);

	return model_saturate(m, reg, port->written - port->taken);
}

static void
write_occupancy(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_port *port = port_of(m, reg, i);
	uint32_t now = value & dlb2_reg_info[reg].v[m->version].mask;

	port->taken = port->written - now;
	model_cq_occupancy(m, kind_of(reg), i, now);
}

static uint32_t
read_open(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t stored)
{
	const struct model_port *port = port_of(m, reg, i);

	return model_saturate(m, reg, port->written - port->completed);
}

/* The pass is in bit 11, as migration code has it for load-balanced CQs (control-path 11.2). */
#define WPTR_INDEX 0x7ffu
#define WPTR_PASS 0x800u

static uint32_t
read_write_pointer(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_port *port = port_of(m, reg, i);

	return (model_cq_index(port) | (model_cq_gen(port) ? 0 : WPTR_PASS)) &
		dlb2_reg_info[reg].v[m->version].mask;
}

/* Moves the count of entries, and with it all that is counted from there. */
static void
write_write_pointer(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_port *port = port_of(m, reg, i);
	uint32_t now = value & dlb2_reg_info[reg].v[m->version].mask;
	unsigned int place = (now & WPTR_INDEX & (port->ring_entries - 1u)) |
		(now & WPTR_PASS ? port->ring_entries : 0);
	int64_t moved = place - port->written;

	model_late_finish(m);
	port->written += moved;
	port->returned += moved;
	port->completed += moved;
	port->taken += moved;
	port->scheduled_base += moved;
	model_room_update(m, kind_of(reg), i);
}

/* LSP_CQ_*_TOT_SCH_CNT: software may set it to anything, so that it wraps like any 64-bit count. */
static uint64_t
scheduled(const struct model_port *port)
{
	return (uint64_t)port->written - (uint64_t)port->scheduled_base;
}

static void
set_scheduled(struct model_port *port, uint64_t total)
{
	port->scheduled_base = (uint64_t)port->written - total;
}

static uint32_t
read_scheduled_low(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	return (uint32_t)scheduled(port_of(m, reg, i));
}

static uint32_t
read_scheduled_high(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	return scheduled(port_of(m, reg, i)) >> 32;
}

static void
write_scheduled_low(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_port *port = port_of(m, reg, i);

	set_scheduled(port, (scheduled(port) & ~(uint64_t)UINT32_MAX) | value);
}

static void
write_scheduled_high(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_port *port = port_of(m, reg, i);

	set_scheduled(port, (scheduled(port) & UINT32_MAX) | (uint64_t)value << 32);
}

static void
install_state_hooks(struct dlb2_model *m)
{
	model_hook(m, DLB2_LSP_CQ_LDB_TKN_CNT, read_tokens, write_tokens);
	model_hook(m, DLB2_LSP_CQ_DIR_TKN_CNT, read_tokens, write_tokens);
	model_hook(m, DLB2_CHP_LDB_CQ_DEPTH, read_occupancy, write_occupancy);
	model_hook(m, DLB2_CHP_DIR_CQ_DEPTH, read_occupancy, write_occupancy);
	model_hook(m, DLB2_LSP_CQ_LDB_INFL_CNT, read_open, NULL);
	model_hook(m, DLB2_CHP_LDB_CQ_WPTR, read_write_pointer, write_write_pointer);
	model_hook(m, DLB2_CHP_DIR_CQ_WPTR, read_write_pointer, write_write_pointer);
	model_hook(m, DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, read_scheduled_low, write_scheduled_low);
	model_hook(m, DLB2_LSP_CQ_LDB_TOT_SCH_CNTH, read_scheduled_high, write_scheduled_high);
	model_hook(m, DLB2_LSP_CQ_DIR_TOT_SCH_CNTL, read_scheduled_low, write_scheduled_low);
	model_hook(m, DLB2_LSP_CQ_DIR_TOT_SCH_CNTH, read_scheduled_high, write_scheduled_high);
}

void
model_cq_init(struct dlb2_model *m)
{
	static const enum dlb2_reg configs[] = {
		DLB2_LSP_CQ_LDB_DSBL, DLB2_LSP_CQ_DIR_DSBL,
		DLB2_SYS_LDB_CQ_ADDR_L, DLB2_SYS_LDB_CQ_ADDR_U,
		DLB2_SYS_DIR_CQ_ADDR_L, DLB2_SYS_DIR_CQ_ADDR_U,
		DLB2_SYS_LDB_CQ2VF_PF_RO, DLB2_SYS_DIR_CQ2VF_PF_RO,
		DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL,
		DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI,
		DLB2_CHP_LDB_CQ2VAS, DLB2_CHP_DIR_CQ2VAS,
		DLB2_LSP_CQ_LDB_INFL_LIM, DLB2_LSP_CQ_LDB_INFL_THRESH,
		DLB2_LSP_CFG_CQ_LDB_WU_LIMIT,
	};
	unsigned int n;

	for (n = 0; n < sizeof(configs) / sizeof(configs[0]); n++)
		model_hook(m, configs[n], NULL, write_config);
	model_hook(m, DLB2_CHP_CFG_CHP_CSR_CTRL, NULL, write_format);
	install_state_hooks(m);
}
