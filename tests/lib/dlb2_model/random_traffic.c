/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The reference keeps order by numbers: each event gets the next number of its queue when it
 * enters it. Since sequence numbers are given out in that order too (ordered events of a queue
 * have one priority here), it knows when the reorder buffer must let go of what.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_rig.h"
#include "random_traffic.h"

#define MAX_EVENTS 8192
#define QUEUES 8
#define PORTS 6
#define LOCKS 12
#define BINS 8
#define MAX_PIECES 16
#define MAX_BURST 24
#define CHECK_EVERY 16

enum event_state { EVENT_UNUSED, EVENT_BUFFERED, EVENT_QUEUED, EVENT_OPEN, EVENT_DONE };

struct event {
	uint8_t state;
	uint8_t type;
	uint8_t queue;
	uint8_t priority;
	uint16_t lock_id;
	uint16_t sender;
	uint32_t number;
	bool complete;             /* of an ordered event: nothing more will be sent under it */
	unsigned int num_pieces;
	uint32_t pieces[MAX_PIECES];
};

struct flow {
	unsigned int open;
	unsigned int port;
	uint32_t last[BINS];
};

/* Order within a queue. Numbers start at 1, so that 0 is before all. */
struct queue {
	bool ordered, atomic;
	unsigned int order_priority;
	uint32_t next_number;
	struct flow flows[LOCKS];
	uint32_t waiting[MAX_EVENTS]; /* ordered events not yet let go of, oldest first */
	unsigned int head, tail;
};

struct port {
	uint32_t open[2048];       /* events to be completed, oldest first */
	unsigned int head, tail;
	unsigned int tokens;       /* of entries consumed */
	uint32_t last[QUEUES][BINS];
	bool linked[QUEUES];
};

struct traffic {
	struct rig *rig;
	struct random_traffic_stats *stats;
	uint64_t seed, random;
	bool may_fragment, eight_bins, line_swaps;
	unsigned int queues, dir_queues, ports;
	unsigned int credits[2];   /* granted, by pool */
	unsigned int stored[2];    /* accepted and not delivered, by pool */
	uint32_t num_events;
	struct event events[MAX_EVENTS];
	struct queue queue[QUEUES];
	struct queue dir_queue[QUEUES];
	struct port port[DLB2_NUM_PORT_KINDS][PORTS];
};

static void
expect(const struct traffic *t, bool holds, const char *what, unsigned int n)
{
	if (holds)
		return;
	fprintf(stderr, "DLB 2.%u seed %llu: %s (%u); last report: %s\n",
		t->rig->options.version == DLB2_HW_2_0 ? 0 : 5, (unsigned long long)t->seed, what,
		n, t->rig->report);
	abort();
}

static unsigned int
draw(struct traffic *t, unsigned int n)
{
	t->random = t->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(t->random >> 33) % n;
}

static unsigned int
pool_of(const struct traffic *t, unsigned int type)
{
	return type == DLB2_SCHED_DIRECTED && !t->rig->limits->combined_credits;
}

static unsigned int
bin_of(const struct traffic *t, unsigned int priority)
{
	return t->eight_bins ? priority : priority / 2;
}

static struct queue *
queue_of(struct traffic *t, const struct event *event)
{
	return event->type == DLB2_SCHED_DIRECTED ? &t->dir_queue[event->queue] :
		&t->queue[event->queue];
}

/* Configuration. */

static void
make_queue(struct traffic *t, unsigned int q)
{
	struct queue *queue = &t->queue[q];
	struct rig_queue config = { 0 };

	queue->ordered = draw(t, 3) == 0;
	queue->atomic = draw(t, 4) != 0;
	queue->order_priority = draw(t, 8);
	config.sns = queue->ordered ? 64 : 0;
	config.open_limit = queue->ordered || draw(t, 3) ? 0 : 1 + draw(t, 20);
	config.aqed_limit = draw(t, 2) ? 64 : 1 + draw(t, 6);
	config.no_atomic = !queue->atomic;
	config.hid_levels = draw(t, 2) ? 0 : 64 << draw(t, 7);
	rig_ldb_queue(t->rig, 0, q, config);
	if (draw(t, 4) == 0)
		rig_write(t->rig, DLB2_AQED_QID_FID_LIM, q, 1 + draw(t, 4));
}

static void
make_port(struct traffic *t, unsigned int p)
{
	unsigned int q, links = 0;

	rig_ldb_port(t->rig, 0, p, 1u << draw(t, 7), 1 + draw(t, 70));
	for (q = 0; q < t->queues; q++) {
		/* Port 0 serves all queues, so that none is without a port. */
		if (p != 0 && draw(t, 2))
			continue;
		rig_link(t->rig, p, q, draw(t, 3) ? 0 : draw(t, 8));
		t->port[DLB2_LDB][p].linked[q] = true;
		links++;
	}
	if (t->rig->options.version == DLB2_HW_2_5 && draw(t, 4) == 0)
		rig_write(t->rig, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, p,
			DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V | (1 + draw(t, 20)));
}

static void
set_switches(struct traffic *t)
{
	static const enum dlb2_model_switch free_ones[] = { DLB2_SWITCH_PRIORITY_BINS,
		DLB2_SWITCH_AQED_ENTRY, DLB2_SWITCH_LINK_MAPS, DLB2_SWITCH_DEPTH_CODE,
		DLB2_SWITCH_SPARSE_REST, DLB2_SWITCH_SPARSE_ORDER, DLB2_SWITCH_CREDIT_RETURN,
		DLB2_SWITCH_FRAGMENTS_2_0, DLB2_SWITCH_STATUS_BITS };
	unsigned int n;

	for (n = 0; n < sizeof(free_ones) / sizeof(free_ones[0]); n++)
		dlb2_model_set_switch(t->rig->model, free_ones[n], draw(t, 3) == 0);
	dlb2_model_set_switch(t->rig->model, DLB2_SWITCH_DENSE_LINES, draw(t, 3));
	t->eight_bins = dlb2_model_get_switch(t->rig->model, DLB2_SWITCH_PRIORITY_BINS) != 0;
	t->may_fragment = t->rig->options.version == DLB2_HW_2_5 ||
		dlb2_model_get_switch(t->rig->model, DLB2_SWITCH_FRAGMENTS_2_0) != 0;
}

static void
set_weights(struct traffic *t)
{
	static const enum dlb2_reg regs[] = {
		DLB2_ATM_CFG_ARB_WEIGHTS_RDY_BIN, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0,
		DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0,
		DLB2_ATM_CFG_ARB_WEIGHTS_SCHED_BIN };
	unsigned int n;

	for (n = 0; n < sizeof(regs) / sizeof(regs[0]); n++)
		rig_write(t->rig, regs[n], 0, draw(t, 2) ? UINT32_MAX : 0xfffdfbf9 ^ draw(t, 256));
}

static void
configure(struct traffic *t)
{
	unsigned int n;

	set_switches(t);
	set_weights(t);
	t->queues = 1 + draw(t, QUEUES);
	t->dir_queues = 1 + draw(t, QUEUES < PORTS ? QUEUES : PORTS);
	t->ports = 1 + draw(t, PORTS);
	t->credits[0] = 1 + draw(t, draw(t, 4) ? 600 : 20);
	t->credits[1] = 1 + draw(t, 100);
	rig_domain(t->rig, 0, t->credits[0], t->credits[1]);
	if (t->rig->limits->combined_credits) {
		t->credits[0] += t->credits[1];
		t->credits[1] = 0;
	}
	for (n = 0; n < t->queues; n++)
		make_queue(t, n);
	for (n = 0; n < t->dir_queues; n++) {
		rig_dir_queue(t->rig, 0, n);
		rig_dir_port(t->rig, 0, n, 1u << draw(t, 6));
	}
	for (n = 0; n < t->ports; n++)
		make_port(t, n);
}

/* The reference: entering queues and the reorder buffer. */

static void
enter_queue(struct traffic *t, uint32_t id)
{
	struct event *event = &t->events[id];
	struct queue *queue = queue_of(t, event);

	event->state = EVENT_QUEUED;
	event->number = ++queue->next_number;
	if (event->type == DLB2_SCHED_ORDERED)
		queue->waiting[queue->tail++ % MAX_EVENTS] = id;
}

static void
let_go(struct traffic *t, struct queue *queue)
{
	unsigned int n;

	while (queue->head != queue->tail) {
		struct event *event = &t->events[queue->waiting[queue->head % MAX_EVENTS]];

		if (!event->complete)
			return;
		for (n = 0; n < event->num_pieces; n++)
			enter_queue(t, event->pieces[n]);
		t->stats->replayed += event->num_pieces;
		t->stats->holes += event->num_pieces == 0;
		queue->head++;
	}
}

/* The oldest open event of a port is completed, with event `sent` (0: without). */
static void
complete(struct traffic *t, struct port *port, uint32_t sent)
{
	struct event *event = &t->events[port->open[port->head++ % 2048]];

	event->state = EVENT_DONE;
	if (event->type == DLB2_SCHED_ATOMIC)
		t->queue[event->queue].flows[event->lock_id].open--;
	if (event->type != DLB2_SCHED_ORDERED) {
		if (sent != 0)
			enter_queue(t, sent);
		return;
	}
	if (sent != 0)
		event->pieces[event->num_pieces++] = sent;
	event->complete = true;
	let_go(t, &t->queue[event->queue]);
}

static struct event *
oldest_open(struct traffic *t, struct port *port)
{
	return port->head == port->tail ? NULL : &t->events[port->open[port->head % 2048]];
}

/* Deliveries. */

static void
check_ldb_entry(struct traffic *t, unsigned int p, const struct event *event,
	const struct dlb2_cq_entry *entry)
{
	expect(t, t->port[DLB2_LDB][p].linked[event->queue], "delivered to a CQ without link", p);
	expect(t, entry->qid == event->queue, "queue of an entry", entry->qid);
	expect(t, entry->sched == (event->type | event->priority << 2), "type and priority",
		entry->sched);
	expect(t, entry->flow_id == event->lock_id, "lock ID", entry->flow_id);
}

static void
check_dir_entry(struct traffic *t, unsigned int p, const struct event *event,
	const struct dlb2_cq_entry *entry)
{
	uint16_t word;

	memcpy(&word, &entry->qid, sizeof(word));
	expect(t, event->queue == p, "delivered to another directed CQ", p);
	expect(t, word == event->lock_id, "bytes 10 and 11 of a directed entry", word);
	expect(t, entry->flow_id == event->sender, "sender of a directed entry", entry->flow_id);
	t->stats->directed++;
}

static void
check_flow(struct traffic *t, unsigned int p, const struct event *event)
{
	struct flow *flow = &t->queue[event->queue].flows[event->lock_id];
	uint32_t *last = &flow->last[bin_of(t, event->priority)];

	expect(t, flow->open == 0 || flow->port == p, "flow at two CQs", event->lock_id);
	expect(t, event->number > *last, "order within a flow", event->number);
	*last = event->number;
	flow->open++;
	flow->port = p;
}

/* Events of one kind, queue and bin come to a CQ in the order in which they entered the queue. */
static void
check_order(struct traffic *t, struct port *port, const struct event *event)
{
	uint32_t *last = &port->last[event->queue][bin_of(t, event->priority)];

	expect(t, event->number > *last, "order within a queue", event->number);
	*last = event->number;
}

static void
deliver(struct traffic *t, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_cq_entry *entry)
{
	struct port *port = &t->port[kind][p];
	struct event *event = &t->events[entry->data % MAX_EVENTS];

	expect(t, entry->data < MAX_EVENTS && event->state == EVENT_QUEUED,
		"lost, doubled or early event", entry->data);
	expect(t, entry->opaque == (entry->data & 0xffff), "opaque", entry->opaque);
	expect(t, (event->type == DLB2_SCHED_DIRECTED) == (kind == DLB2_DIR), "kind of CQ", kind);
	if (kind == DLB2_LDB)
		check_ldb_entry(t, p, event, entry);
	else
		check_dir_entry(t, p, event, entry);
	if (event->type == DLB2_SCHED_ATOMIC)
		check_flow(t, p, event);
	else
		check_order(t, port, event);
	port->tokens++;
	t->stored[pool_of(t, event->type)]--;
	t->stats->delivered++;
	event->state = kind == DLB2_LDB ? EVENT_OPEN : EVENT_DONE;
	if (kind == DLB2_LDB)
		port->open[port->tail++ % 2048] = entry->data;
}

static unsigned int
poll_port(struct traffic *t, enum dlb2_port_kind kind, unsigned int p, unsigned int max)
{
	struct dlb2_cq_entry entry;
	unsigned int n;

	for (n = 0; n < max && rig_poll(t->rig, kind, p, &entry); n++)
		deliver(t, kind, p, &entry);
	return n;
}

/* Sends one HCW; it must be refused, or accepted, as said. */
static void
send(struct traffic *t, enum dlb2_port_kind kind, unsigned int p, struct dlb2_hcw hcw,
	bool accepted)
{
	uint64_t dropped = rig_counters(t->rig).dropped;

	rig_send(t->rig, kind, p, hcw);
	expect(t, (rig_counters(t->rig).dropped == dropped) == accepted,
		accepted ? "refused" : "not refused", hcw.cmd);
	t->stats->commands[hcw.cmd & 0xf]++;
	t->stats->refused += !accepted;
}

/* Legal traffic. */

static bool
has_credit(struct traffic *t, unsigned int type)
{
	return rig_credits(t->rig, 0, pool_of(t, type)) > 0;
}

/* A new event to somewhere; 0 if there are no more numbers. */
static uint32_t
new_event(struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	uint32_t id = t->num_events;
	struct event *event = &t->events[id];
	struct queue *queue;

	if (id == MAX_EVENTS)
		return 0;
	event->sender = p;
	event->priority = draw(t, 3) ? 0 : draw(t, 8);
	event->lock_id = draw(t, LOCKS);
	if (draw(t, 5) == 0) {
		event->type = DLB2_SCHED_DIRECTED;
		event->queue = draw(t, t->dir_queues);
		return id;
	}
	event->queue = draw(t, t->queues);
	queue = &t->queue[event->queue];
	event->type = DLB2_SCHED_UNORDERED;
	if (queue->atomic && draw(t, 2))
		event->type = DLB2_SCHED_ATOMIC;
	else if (queue->ordered)
		event->type = DLB2_SCHED_ORDERED;
	if (event->type == DLB2_SCHED_ORDERED)
		event->priority = queue->order_priority;
	return id;
}

static struct dlb2_hcw
hcw_of(const struct traffic *t, uint32_t id, enum dlb2_hcw_cmd cmd)
{
	const struct event *event = &t->events[id];
	struct dlb2_hcw hcw = rig_event(cmd, event->type, event->queue, event->priority,
		event->lock_id, id);

	hcw.flags = id % 4 << 1;
	return hcw;
}

static void
accept_event(struct traffic *t, uint32_t id)
{
	t->num_events = id + 1;
	t->stored[pool_of(t, t->events[id].type)]++;
}

/* One token may ride on any command, if there is one. */
static unsigned int
take_token(struct traffic *t, struct port *port)
{
	if (port->tokens == 0 || draw(t, 2))
		return 0;
	port->tokens--;
	return DLB2_CMD_TOKEN;
}

static void
do_new(struct traffic *t)
{
	enum dlb2_port_kind kind = draw(t, 4) == 0 ? DLB2_DIR : DLB2_LDB;
	unsigned int p = draw(t, kind == DLB2_DIR ? t->dir_queues : t->ports);
	uint32_t id = new_event(t, kind, p);

	if (id == 0)
		return;
	if (!has_credit(t, t->events[id].type)) {
		send(t, kind, p, hcw_of(t, id, DLB2_CMD_NEW), false);
		return;
	}
	accept_event(t, id);
	enter_queue(t, id);
	send(t, kind, p, hcw_of(t, id, DLB2_CMD_NEW | take_token(t, &t->port[kind][p])), true);
}

static void
do_forward(struct traffic *t)
{
	unsigned int p = draw(t, t->ports);
	struct port *port = &t->port[DLB2_LDB][p];
	struct event *oldest = oldest_open(t, port);
	uint32_t id = new_event(t, DLB2_LDB, p);
	bool accepted;

	if (oldest == NULL || id == 0)
		return;
	accepted = has_credit(t, t->events[id].type) && oldest->num_pieces < MAX_PIECES;
	if (!accepted) {
		send(t, DLB2_LDB, p, hcw_of(t, id, DLB2_CMD_FWD), false);
		return;
	}
	accept_event(t, id);
	t->events[id].state = EVENT_BUFFERED;
	complete(t, port, id);
	send(t, DLB2_LDB, p, hcw_of(t, id, DLB2_CMD_FWD | take_token(t, port)), true);
}

/* Several at once, as drivers send them. */
static void
do_burst(struct traffic *t)
{
	unsigned int p = draw(t, t->ports), n = 1 + draw(t, MAX_BURST), k;
	struct port *port = &t->port[DLB2_LDB][p];
	uint64_t dropped = rig_counters(t->rig).dropped;
	struct dlb2_hcw hcws[MAX_BURST];

	if (rig_credits(t->rig, 0, false) < n || rig_credits(t->rig, 0, true) < n)
		return;
	for (k = 0; k < n; k++) {
		struct event *oldest = oldest_open(t, port);
		uint32_t id = new_event(t, DLB2_LDB, p);
		bool forward = oldest != NULL && oldest->num_pieces == 0;

		if (id == 0)
			break;
		accept_event(t, id);
		t->events[id].state = EVENT_BUFFERED;
		if (forward)
			complete(t, port, id);
		else
			enter_queue(t, id);
		hcws[k] = hcw_of(t, id, (forward ? DLB2_CMD_FWD : DLB2_CMD_NEW) |
			take_token(t, port));
		t->stats->commands[hcws[k].cmd]++;
	}
	rig_post(t->rig, DLB2_LDB, p, hcws, k);
	expect(t, rig_counters(t->rig).dropped == dropped, "burst refused", k);
}

/*
 * More tokens than are outstanding, on commands that follow each other, or as a batch behind them:
 * each command with too many is an alarm, and what is too many changes nothing.
 */
static void
do_excess_tokens(struct traffic *t)
{
	unsigned int p = draw(t, t->ports), most = draw(t, MAX_BURST), n, excess;
	struct port *port = &t->port[DLB2_LDB][p];
	uint64_t alarms = rig_counters(t->rig).alarms;
	struct dlb2_hcw hcws[MAX_BURST];

	if (rig_tokens(t->rig, DLB2_LDB, p) != port->tokens ||
			rig_credits(t->rig, 0, false) < most || rig_credits(t->rig, 0, true) < most)
		return;
	for (n = 0; n < most; n++) {
		uint32_t id = new_event(t, DLB2_LDB, p);

		if (id == 0)
			break;
		accept_event(t, id);
		enter_queue(t, id);
		hcws[n] = hcw_of(t, id, DLB2_CMD_NEW_T);
	}
	excess = n > port->tokens ? n - port->tokens : 0;
	port->tokens -= n - excess;
	hcws[n++] = rig_tokens_hcw(DLB2_CMD_BAT_T, port->tokens + 1 + draw(t, 4));
	port->tokens = 0;
	rig_post(t->rig, DLB2_LDB, p, hcws, n);
	t->stats->excess_tokens++;
	expect(t, rig_counters(t->rig).alarms == alarms + excess + 1, "alarms of excess tokens", n);
	expect(t, rig_tokens(t->rig, DLB2_LDB, p) == 0, "tokens left", p);
}

static void
do_fragment(struct traffic *t)
{
	unsigned int p = draw(t, t->ports);
	struct port *port = &t->port[DLB2_LDB][p];
	struct event *oldest = oldest_open(t, port);
	uint32_t id = new_event(t, DLB2_LDB, p);
	bool accepted;

	if (oldest == NULL || id == 0)
		return;
	accepted = t->may_fragment && oldest->type == DLB2_SCHED_ORDERED &&
		oldest->num_pieces < MAX_PIECES && has_credit(t, t->events[id].type);
	if (accepted) {
		accept_event(t, id);
		t->events[id].state = EVENT_BUFFERED;
		oldest->pieces[oldest->num_pieces++] = id;
		t->stats->fragments++;
	}
	send(t, DLB2_LDB, p, hcw_of(t, id, DLB2_CMD_FRAG |
		(accepted ? take_token(t, port) : 0)), accepted);
}

static void
do_release(struct traffic *t)
{
	unsigned int p = draw(t, t->ports);
	struct port *port = &t->port[DLB2_LDB][p];
	struct dlb2_hcw hcw = { .lock_id = 0xffff };

	if (oldest_open(t, port) == NULL)
		return;
	complete(t, port, 0);
	hcw.cmd = DLB2_CMD_COMP | take_token(t, port);
	if (hcw.cmd & DLB2_CMD_TOKEN)
		hcw.lock_id = 0;
	send(t, DLB2_LDB, p, hcw, true);
}

static void
do_tokens(struct traffic *t)
{
	enum dlb2_port_kind kind = draw(t, 3) == 0 ? DLB2_DIR : DLB2_LDB;
	unsigned int p = draw(t, kind == DLB2_DIR ? t->dir_queues : t->ports);
	struct port *port = &t->port[kind][p];
	unsigned int n;

	if (port->tokens == 0)
		return;
	n = 1 + draw(t, port->tokens);
	port->tokens -= n;
	send(t, kind, p, rig_tokens_hcw(DLB2_CMD_BAT_T, n), true);
}

/* Illegal traffic, of which each must be refused without effect. */

static void
do_illegal(struct traffic *t)
{
	static const uint8_t undefined[] = { 0x4, 0x6, 0x7, 0xe, 0xf };
	unsigned int p = draw(t, t->ports);
	struct dlb2_hcw hcw = rig_event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, 0, 0, 0, 1);

	switch (draw(t, 7)) {
	case 0: /* a closed port */
		send(t, DLB2_LDB, PORTS + draw(t, 20), hcw, false);
		break;
	case 1:
		hcw.cmd = undefined[draw(t, sizeof(undefined))];
		send(t, draw(t, 2) ? DLB2_LDB : DLB2_DIR, 0, hcw, false);
		break;
	case 2: /* completions from a directed port */
		hcw.cmd = (draw(t, 2) ? DLB2_CMD_FWD : DLB2_CMD_COMP) + draw(t, 2);
		send(t, DLB2_DIR, draw(t, t->dir_queues), hcw, false);
		break;
	case 3: /* no such queue */
		hcw.qid = QUEUES + draw(t, 256 - QUEUES);
		hcw.sched = draw(t, 4);
		send(t, DLB2_LDB, p, hcw, false);
		break;
	case 4: /* a type that the queue does not take */
		hcw.qid = draw(t, t->queues);
		hcw.sched = draw(t, 2) ? DLB2_SCHED_ORDERED : DLB2_SCHED_ATOMIC;
		if (!(hcw.sched == DLB2_SCHED_ORDERED ? t->queue[hcw.qid].ordered :
				t->queue[hcw.qid].atomic))
			send(t, DLB2_LDB, p, hcw, false);
		break;
	case 5: /* nothing open */
		hcw.cmd = (draw(t, 2) ? DLB2_CMD_FWD : DLB2_CMD_COMP) + draw(t, 2);
		if (rig_read(t->rig, DLB2_LSP_CQ_LDB_INFL_CNT, p) == 0)
			send(t, DLB2_LDB, p, hcw, false);
		break;
	default: /* more tokens than there are: saturates, and only the excess is wrong */
		if (rig_tokens(t->rig, DLB2_LDB, p) == 0)
			send(t, DLB2_LDB, p, rig_tokens_hcw(DLB2_CMD_BAT_T, 1 + draw(t, 1024)),
				true);
		break;
	}
}

static void
step(struct traffic *t)
{
	enum dlb2_port_kind kind = draw(t, 3) == 0 ? DLB2_DIR : DLB2_LDB;
	unsigned int p = draw(t, kind == DLB2_DIR ? t->dir_queues : t->ports);

	switch (draw(t, 16)) {
	case 0 ... 4:
		do_new(t);
		break;
	case 5 ... 6:
		do_forward(t);
		break;
	case 7:
		if (draw(t, 3) != 0)
			do_burst(t);
		else
			do_excess_tokens(t);
		break;
	case 8:
		do_release(t);
		break;
	case 9:
		do_fragment(t);
		break;
	case 10:
		do_tokens(t);
		break;
	case 11:
		do_illegal(t);
		break;
	case 12 ... 13:
		dlb2_model_run(t->rig->model, 1 + draw(t, 40));
		break;
	default:
		poll_port(t, kind, p, 1 + draw(t, 40));
		break;
	}
}

/* The end: everything is delivered, completed and given back, and all counts are as at first. */

static unsigned int
drain_port(struct traffic *t, enum dlb2_port_kind kind, unsigned int p)
{
	struct port *port = &t->port[kind][p];
	unsigned int n = poll_port(t, kind, p, UINT32_MAX);

	for (; port->head != port->tail; n++) {
		complete(t, port, 0);
		rig_complete(t->rig, p, 1);
	}
	n += port->tokens;
	rig_return_tokens(t->rig, kind, p, port->tokens);
	port->tokens = 0;
	return n;
}

static void
drain(struct traffic *t)
{
	unsigned int p, n;

	do {
		n = rig_run(t->rig);
		for (p = 0; p < t->ports; p++)
			n += drain_port(t, DLB2_LDB, p);
		for (p = 0; p < t->dir_queues; p++)
			n += drain_port(t, DLB2_DIR, p);
	} while (n > 0);
}

static void
check_end(struct traffic *t)
{
	unsigned int n;
	uint32_t id;

	for (id = 1; id < t->num_events; id++)
		expect(t, t->events[id].state == EVENT_DONE, "event not delivered", id);
	for (n = 0; n < t->queues; n++) {
		expect(t, rig_depth(t->rig, n) == 0, "depth of an empty queue", n);
		expect(t, rig_read(t->rig, DLB2_LSP_QID_LDB_INFL_CNT, n) == 0, "queue in flight",
			n);
	}
	for (n = 0; n < t->ports; n++) {
		expect(t, rig_read(t->rig, DLB2_LSP_CQ_LDB_INFL_CNT, n) == 0, "CQ in flight", n);
		expect(t, rig_tokens(t->rig, DLB2_LDB, n) <=
			t->rig->ports[DLB2_LDB][n].initial_tokens, "tokens of an empty CQ", n);
	}
	expect(t, rig_credits(t->rig, 0, false) == t->credits[0], "credits at the end", 0);
	if (!t->rig->limits->combined_credits)
		expect(t, rig_credits(t->rig, 0, true) == t->credits[1], "credits at the end", 1);
}

void
random_traffic_run(enum dlb2_version version, uint64_t seed, unsigned int steps,
	struct random_traffic_stats *stats)
{
	struct traffic *t = calloc(1, sizeof(*t));
	struct rig_options options = { .version = version };
	unsigned int n;

	if (t == NULL)
		abort();
	t->seed = seed;
	t->random = seed * 2 + 1;
	t->stats = stats;
	t->num_events = 1;
	for (n = 0; n < 8; n++)
		draw(t, 2);
	options.seed = draw(t, 2) ? 0 : seed;
	options.dense = draw(t, 3) == 0;
	options.unmapped = draw(t, 4) == 0;
	t->rig = rig_new(&options);
	configure(t);
	for (n = 0; n < steps; n++) {
		step(t);
		if (n % CHECK_EVERY == 0)
			expect(t, dlb2_model_check(t->rig->model) == 0, "invariant", n);
	}
	drain(t);
	check_end(t);
	expect(t, dlb2_model_check(t->rig->model) == 0, "invariant at the end", n);
	rig_free(t->rig);
	free(t);
}
