/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A device that is set up legally, with a shape that a fuzzer chooses, and then any stream of HCWs:
 * legal, illegal, too many tokens, completions of nothing. Whatever is sent:
 *   - dlb2_model_check() finds no violation, at any time, with any faults and switches;
 *   - every entry of a consumer queue is an event that was sent and accepted, unchanged, of a queue
 *     that the port may get events of, and no event comes twice;
 *   - when all that is open was completed, the queues are empty and all credits are back, and no
 *     event is missing.
 * The last two are asked where they can be: faults lose entries, and where entries become visible
 * late, tokens that are returned before the event was seen let the device overwrite it. Order is
 * not asked: random_traffic.c has the reference for that.
 */

#include <string.h>

#include "fuzz_input.h"
#include "model_rig.h"

#define MAX_EVENTS 4096
#define QUEUES 8
#define PORTS 6
#define MAX_BURST 24
#define MAX_CHECKS 8 /* one costs as much as hundreds of HCWs */

enum event_state { EVENT_SENT, EVENT_DELIVERED };

struct event {
	struct dlb2_hcw hcw;
	uint8_t state;
	uint8_t sender;
};

struct traffic {
	struct fuzz_input in;
	struct rig *rig;
	bool may_fault;    /* entries may be lost or spoilt */
	bool knows_tokens; /* tokens are returned of entries that were seen only */
	bool is_exact;     /* every event is followed */
	unsigned int queues, dir_queues, ports;
	unsigned int credits[2];
	uint8_t slot_of[PORTS][QUEUES]; /* 1 + the slot, 0: not linked */
	unsigned int seen[DLB2_NUM_PORT_KINDS][PORTS]; /* entries whose tokens were not returned */
	unsigned int checks;
	uint32_t num_events, delivered;
	struct event events[MAX_EVENTS];
};

static void
expect(struct traffic *t, bool holds, const char *what)
{
	if (!holds)
		fprintf(stderr, "last report: %s\n", t->rig->report);
	fuzz_expect(holds, what);
}

/* Configuration. */

static void
set_switches(struct traffic *t)
{
	static const enum dlb2_model_switch switches[] = {
		DLB2_SWITCH_REFUSED_FWD, DLB2_SWITCH_EXCESS_FWD, DLB2_SWITCH_FRAGMENTS_2_0,
		DLB2_SWITCH_COMP_T_COUNT, DLB2_SWITCH_LINE_ORDER, DLB2_SWITCH_PRIORITY_BINS,
		DLB2_SWITCH_AQED_ENTRY, DLB2_SWITCH_STATUS_BITS, DLB2_SWITCH_LINK_MAPS,
		DLB2_SWITCH_DEPTH_CODE, DLB2_SWITCH_SPARSE_REST, DLB2_SWITCH_SPARSE_ORDER,
		DLB2_SWITCH_CREDIT_RETURN, DLB2_SWITCH_ARM_WHEN_TRUE, DLB2_SWITCH_WEIGHT_ZERO,
		DLB2_SWITCH_CQ_INT_UNROUTED };
	uint16_t chosen = fuzz_u16(&t->in);
	unsigned int n;

	for (n = 0; n < sizeof(switches) / sizeof(switches[0]); n++)
		dlb2_model_set_switch(t->rig->model, switches[n], chosen >> n & 1);
}

static void
make_queue(struct traffic *t, unsigned int q)
{
	uint8_t kind = fuzz_u8(&t->in), limits = fuzz_u8(&t->in);
	struct rig_queue config = { 0 };

	/* Two sizes of windows: one for each group of sequence numbers. */
	if (kind & 1)
		config.sns = kind & 2 ? 64 : 128;
	config.no_atomic = (kind & 12) == 12;
	config.hid_levels = kind & 16 ? 64 << (kind >> 5) % 7 : 0;
	config.open_limit = (kind & 1) || (limits & 1) ? 0 : 1 + limits / 16;
	config.aqed_limit = limits & 2 ? 1 + limits / 32 : 0;
	config.depth_threshold = limits & 4 ? 1 + limits / 16 : 0;
	rig_ldb_queue(t->rig, 0, q, config);
	if (limits & 8)
		rig_write(t->rig, DLB2_AQED_QID_FID_LIM, q, 1 + limits / 64);
}

static void
link(struct traffic *t, unsigned int p, unsigned int q, unsigned int priority)
{
	if (t->slot_of[p][q] == 0)
		t->slot_of[p][q] = 1 + rig_link(t->rig, p, q, priority);
}

/* Port 0 serves all queues and always will, so that none is without a port. */
static void
make_port(struct traffic *t, unsigned int p)
{
	uint8_t depth = fuzz_u8(&t->in), links = fuzz_u8(&t->in), weight = fuzz_u8(&t->in);
	unsigned int q;

	rig_ldb_port(t->rig, 0, p, 1u << depth % 8, 1 + fuzz_u8(&t->in));
	for (q = 0; q < t->queues; q++)
		if (p == 0 || (links >> q & 1))
			link(t, p, q, (depth >> 3) * (q + 1) % 8);
	if (t->rig->options.version == DLB2_HW_2_5 && (weight & 1))
		rig_write(t->rig, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, p,
			DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V | (1 + weight / 8));
}

static void
set_credits(struct traffic *t)
{
	t->credits[0] = 1 + fuzz_u16(&t->in) % 2048;
	t->credits[1] = 1 + fuzz_u8(&t->in);
	rig_domain(t->rig, 0, t->credits[0], t->credits[1]);
	if (t->rig->limits->combined_credits) {
		t->credits[0] += t->credits[1];
		t->credits[1] = 0;
	}
}

static void
set_weights(struct traffic *t)
{
	static const enum dlb2_reg regs[] = {
		DLB2_ATM_CFG_ARB_WEIGHTS_RDY_BIN, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0,
		DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0,
		DLB2_ATM_CFG_ARB_WEIGHTS_SCHED_BIN };
	uint8_t chosen = fuzz_u8(&t->in);
	unsigned int n;

	for (n = 0; n < sizeof(regs) / sizeof(regs[0]); n++)
		if (chosen >> n & 1)
			rig_write(t->rig, regs[n], 0, 0xfffdfbf9 ^ chosen);
}

static void
configure(struct traffic *t)
{
	uint8_t counts = fuzz_u8(&t->in);
	unsigned int n;

	set_switches(t);
	set_weights(t);
	set_credits(t);
	t->queues = 1 + counts % QUEUES;
	t->ports = 1 + (counts >> 3) % PORTS;
	t->dir_queues = 1 + (counts >> 5) % PORTS;
	for (n = 0; n < t->queues; n++)
		make_queue(t, n);
	for (n = 0; n < t->dir_queues; n++) {
		rig_dir_queue(t->rig, 0, n);
		rig_dir_port(t->rig, 0, n, 1u << fuzz_u8(&t->in) % 8);
	}
	for (n = 0; n < t->ports; n++)
		make_port(t, n);
}

/* Deliveries. */

/* An entry that became visible late may be of a link that is no more. */
static bool
is_linked(const struct traffic *t, unsigned int p, unsigned int q)
{
	return q < t->queues && (t->slot_of[p][q] != 0 || t->rig->options.seed != 0);
}

/* What an entry shows is what the HCW had, but for what a directed queue puts in place of it. */
static void
check_entry(struct traffic *t, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_cq_entry *entry)
{
	struct event *event = &t->events[entry->data % MAX_EVENTS];

	expect(t, entry->data < t->num_events, "an entry that is no event");
	expect(t, event->state == EVENT_SENT, "an event delivered twice");
	expect(t, entry->opaque == event->hcw.opaque, "opaque");
	expect(t, (entry->status & DLB2_CQ_ERROR) == 0, "error bit");
	if (kind == DLB2_LDB) {
		expect(t, entry->qid == event->hcw.qid && is_linked(t, p, entry->qid),
			"queue of an entry");
		expect(t, entry->sched == event->hcw.sched, "type and priority of an entry");
		expect(t, entry->flow_id == event->hcw.lock_id, "lock ID of an entry");
	} else {
		expect(t, event->hcw.qid == p, "queue of a directed entry");
		expect(t, (entry->flow_id & 0x7f) == event->sender, "sender of a directed entry");
	}
	event->state = EVENT_DELIVERED;
	t->delivered++;
}

static void
poll(struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	struct dlb2_cq_entry entry;

	while (rig_poll(t->rig, kind, p, &entry)) {
		t->seen[kind][p]++;
		if (t->is_exact)
			check_entry(t, kind, p, &entry);
	}
}

static void
poll_all(struct traffic *t)
{
	unsigned int p;

	if (t->may_fault)
		return;
	for (p = 0; p < t->ports; p++)
		poll(t, DLB2_LDB, p);
	for (p = 0; p < t->dir_queues; p++)
		poll(t, DLB2_DIR, p);
}

/* Traffic. */

static bool
is_open_port(const struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	return p < (kind == DLB2_LDB ? t->ports : t->dir_queues);
}

/* Mostly a port that there is. */
static unsigned int
any_port(struct traffic *t, enum dlb2_port_kind *kind)
{
	uint8_t choice = fuzz_u8(&t->in);

	*kind = (choice & 3) == 3 ? DLB2_DIR : DLB2_LDB;
	if (choice >= 248)
		return choice % PORTS + PORTS;
	return (choice >> 2) % (*kind == DLB2_LDB ? t->ports : t->dir_queues);
}

/* No more than were seen, where that is what keeps entries from being overwritten. */
static unsigned int
limit_tokens(struct traffic *t, enum dlb2_port_kind kind, unsigned int p, unsigned int tokens)
{
	if (!t->knows_tokens || !is_open_port(t, kind, p))
		return tokens;
	if (tokens > t->seen[kind][p])
		tokens = t->seen[kind][p];
	t->seen[kind][p] -= tokens;
	return tokens;
}

static unsigned int
tokens_of(const struct traffic *t, const struct dlb2_hcw *hcw)
{
	bool is_batch = hcw->cmd == DLB2_CMD_BAT_T || hcw->cmd == DLB2_CMD_COMP_T;

	if ((hcw->cmd & DLB2_CMD_TOKEN) == 0 || hcw->cmd == DLB2_CMD_ARM)
		return 0;
	return is_batch ? (hcw->lock_id & DLB2_HCW_TOKENS) + 1u : 1;
}

/* Whether an HCW may be sent where tokens are counted; takes its tokens. */
static bool
pay_tokens(struct traffic *t, enum dlb2_port_kind kind, unsigned int p, struct dlb2_hcw *hcw)
{
	unsigned int tokens = tokens_of(t, hcw), allowed;

	if (tokens == 0)
		return true;
	allowed = limit_tokens(t, kind, p, tokens);
	if (allowed > 0 && allowed < tokens)
		hcw->lock_id = allowed - 1;
	if (allowed == 0)
		hcw->cmd &= ~DLB2_CMD_TOKEN;
	return hcw->cmd != DLB2_CMD_NOOP;
}

/* Any HCW: one byte of plausible choices, or seven of any. Events get a number as their data. */
static struct dlb2_hcw
any_hcw(struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	uint8_t what = fuzz_u8(&t->in), where = fuzz_u8(&t->in);
	struct dlb2_hcw hcw = { .cmd = what & DLB2_HCW_CMD };

	hcw.qid = where & 7;
	hcw.sched = where >> 3;
	hcw.lock_id = what >> 5;
	if ((what & 16) != 0) {
		hcw.qid = fuzz_u8(&t->in);
		hcw.sched = where;
		hcw.lock_id = fuzz_u16(&t->in);
		hcw.flags = fuzz_u8(&t->in);
		hcw.opaque = fuzz_u8(&t->in);
	}
	if (t->knows_tokens && !pay_tokens(t, kind, p, &hcw))
		return (struct dlb2_hcw){ 0 };
	if ((hcw.cmd & DLB2_CMD_VALID) && t->num_events < MAX_EVENTS) {
		hcw.data = t->num_events;
		t->events[t->num_events++] = (struct event){ .hcw = hcw, .sender = p };
	} else {
		hcw.cmd &= ~DLB2_CMD_VALID;
	}
	return hcw;
}

/* A burst of one kind goes a short way through the model: it gets an operation of its own. */
static void
post_alike(struct traffic *t)
{
	struct dlb2_hcw hcws[MAX_BURST];
	enum dlb2_port_kind kind;
	unsigned int p = any_port(t, &kind), n = 1 + fuzz_below(&t->in, MAX_BURST), k;

	hcws[0] = any_hcw(t, kind, p);
	for (k = 1; k < n; k++) {
		hcws[k] = hcws[0];
		if ((hcws[k].cmd & DLB2_CMD_VALID) == 0 || t->num_events == MAX_EVENTS)
			break;
		if (t->knows_tokens)
			hcws[k].cmd &= ~DLB2_CMD_TOKEN;
		hcws[k].data = t->num_events;
		hcws[k].lock_id += k % 4;
		t->events[t->num_events++] = (struct event){ .hcw = hcws[k], .sender = p };
	}
	rig_post(t->rig, kind, p, hcws, k);
}

static void
post(struct traffic *t)
{
	struct dlb2_hcw hcws[MAX_BURST];
	enum dlb2_port_kind kind;
	unsigned int p = any_port(t, &kind), n = 1 + fuzz_below(&t->in, MAX_BURST), k;

	for (k = 0; k < n; k++)
		hcws[k] = any_hcw(t, kind, p);
	rig_post(t->rig, kind, p, hcws, n);
}

static void
run(struct traffic *t)
{
	unsigned int budget = fuzz_u8(&t->in);

	expect(t, dlb2_model_run(t->rig->model, budget) <= budget, "run keeps to its budget");
	poll_all(t);
}

/* Tokens outstanding, without those that a small ring begins with. */
static unsigned int
tokens_out(struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	unsigned int tokens = rig_tokens(t->rig, kind, p);
	unsigned int initial = t->rig->ports[kind][p].initial_tokens;

	return tokens > initial ? tokens - initial : 0;
}

/* What a thread that works on a port does. Returns how much there was to do. */
static unsigned int
settle(struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	unsigned int tokens = tokens_out(t, kind, p);
	unsigned int open = kind == DLB2_LDB ?
		rig_read(t->rig, DLB2_LSP_CQ_LDB_INFL_CNT, p) : 0;

	rig_return_tokens(t->rig, kind, p, tokens);
	rig_complete(t->rig, p, open);
	t->seen[kind][p] = 0;
	return tokens + open;
}

static void
settle_some(struct traffic *t)
{
	enum dlb2_port_kind kind;
	unsigned int p = any_port(t, &kind);

	if (is_open_port(t, kind, p) && (!t->is_exact || t->rig->options.seed == 0))
		settle(t, kind, p);
}

/* Links change as control-path 9.6 has it: while nothing is open at the CQ. */
static void
change_link(struct traffic *t)
{
	uint8_t choice = fuzz_u8(&t->in);
	unsigned int p = choice % t->ports, q = (choice >> 3) % t->queues;

	if (p == 0 || rig_read(t->rig, DLB2_LSP_CQ_LDB_INFL_CNT, p) != 0)
		return;
	poll_all(t);
	if (t->slot_of[p][q] == 0) {
		link(t, p, q, choice >> 5);
	} else {
		rig_unlink(t->rig, p, t->slot_of[p][q] - 1u);
		t->slot_of[p][q] = 0;
	}
}

static void
enable(struct traffic *t)
{
	uint8_t choice = fuzz_u8(&t->in);

	rig_enable(t->rig, DLB2_LDB, (choice >> 1) % t->ports, choice & 1);
}

/* The owner takes a ring's mapping back, and gives it again when it is asked. */
static void
unmap(struct traffic *t)
{
	enum dlb2_port_kind kind;
	unsigned int p = any_port(t, &kind);
	const struct rig_port *port = &t->rig->ports[kind][p];

	if (is_open_port(t, kind, p))
		dlb2_model_dma_unmapped(t->rig->model, (uintptr_t)port->ring, port->entries);
}

/* Tells a slot that there is work and room, as is done after each change of links (15.5). */
static void
wake_slot(struct traffic *t)
{
	uint8_t choice = fuzz_u8(&t->in);

	rig_write(t->rig, DLB2_LSP_LDB_SCHED_CTRL, 0,
		dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__CQ, (choice >> 3) % t->ports) |
		dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__QIDIX, choice & 7) |
		DLB2_LSP_LDB_SCHED_CTRL__VALUE | DLB2_LSP_LDB_SCHED_CTRL__INFLIGHT_OK_V |
		DLB2_LSP_LDB_SCHED_CTRL__NALB_HASWORK_V | DLB2_LSP_LDB_SCHED_CTRL__RLIST_HASWORK_V);
}

/* Reading changes nothing, in any register. */
static void
read_register(struct traffic *t)
{
	enum dlb2_reg reg = fuzz_below(&t->in, DLB2_NUM_REGS);
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	enum dlb2_version version = t->rig->options.version;

	if (dlb2_reg_present(version, reg) && info->space == DLB2_SPACE_CSR)
		rig_read2(t->rig, reg, fuzz_below(&t->in, info->v[version].count1),
			fuzz_below(&t->in, info->v[version].count2));
}

static void
set_fault(struct traffic *t)
{
	uint8_t fault = fuzz_u8(&t->in) % DLB2_NUM_FAULTS, count = fuzz_u8(&t->in);
	enum dlb2_port_kind kind;
	unsigned int p = any_port(t, &kind);

	if (t->may_fault && fault != DLB2_FAULT_GONE)
		dlb2_model_set_fault(t->rig->model, fault, kind, p, count);
}

static void
step(struct traffic *t)
{
	switch (fuzz_u8(&t->in) % 18) {
	case 0 ... 3:
		post(t);
		break;
	case 4 ... 5:
		post_alike(t);
		break;
	case 6 ... 8:
		run(t);
		break;
	case 9:
		settle_some(t);
		break;
	case 10:
		change_link(t);
		break;
	case 11:
		enable(t);
		break;
	case 12:
		read_register(t);
		break;
	case 13:
		set_fault(t);
		break;
	case 14:
		dlb2_model_tick(t->rig->model, UINT64_C(1) << fuzz_u8(&t->in) % 40);
		break;
	case 15:
		unmap(t);
		break;
	case 16:
		wake_slot(t);
		break;
	default:
		if (t->checks++ < MAX_CHECKS)
			expect(t, dlb2_model_check(t->rig->model) == 0, "invariants");
		break;
	}
}

/* The end: everything is delivered, completed and given back. */

static void
drain(struct traffic *t)
{
	unsigned int p, done;

	for (p = 0; p < t->ports; p++)
		rig_enable(t->rig, DLB2_LDB, p, true);
	do {
		done = rig_run(t->rig);
		poll_all(t);
		for (p = 0; p < t->ports; p++)
			done += settle(t, DLB2_LDB, p);
		for (p = 0; p < t->dir_queues; p++)
			done += settle(t, DLB2_DIR, p);
	} while (done > 0);
}

static void
check_end(struct traffic *t)
{
	struct dlb2_model_counters counters = rig_counters(t->rig);
	unsigned int n;

	expect(t, counters.scheduled == counters.enqueued, "events left in the device");
	for (n = 0; n < t->queues; n++)
		expect(t, rig_depth(t->rig, n) == 0 &&
			rig_read(t->rig, DLB2_LSP_QID_LDB_INFL_CNT, n) == 0, "counts of a queue");
	expect(t, rig_credits(t->rig, 0, false) == t->credits[0], "credits at the end");
	if (!t->rig->limits->combined_credits)
		expect(t, rig_credits(t->rig, 0, true) == t->credits[1], "credits at the end");
	if (t->is_exact)
		expect(t, t->delivered == counters.enqueued, "events lost");
}

static void
create(struct traffic *t)
{
	uint8_t how = fuzz_u8(&t->in);
	struct rig_options options = {
		.version = how & 1 ? DLB2_HW_2_5 : DLB2_HW_2_0,
		.seed = how & 2 ? 1 + fuzz_u8(&t->in) : 0,
		.dense = how & 4,
		.unmapped = how & 8,
	};

	t->may_fault = (how & 0x30) == 0x30;
	t->knows_tokens = how & 0x40;
	t->is_exact = !t->may_fault && (options.seed == 0 || t->knows_tokens);
	t->rig = rig_new(&options);
	configure(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct traffic traffic;
	struct traffic *t = &traffic;

	memset(t, 0, sizeof(*t));
	t->in = (struct fuzz_input){ data, size };
	create(t);
	while (!fuzz_is_used_up(&t->in))
		step(t);
	expect(t, dlb2_model_check(t->rig->model) == 0, "invariants");
	if (!t->may_fault) {
		drain(t);
		check_end(t);
		expect(t, dlb2_model_check(t->rig->model) == 0, "invariants at the end");
	}
	rig_free(t->rig);
	return 0;
}
