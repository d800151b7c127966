/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Short ways for runs of the commonest work: NEW and FWD to queues that have room, from events
 * without surprises; scheduling from the middle of a list to a CQ with room. Everything here is
 * also in the general way (model_hcw.c, model_arbiter.c), which takes over at the first event that
 * is not common, so a condition too many only costs time and a condition too few is a bug. Tests
 * run the same traffic both ways and compare.
 *
 * Why it is fast: each kind of HCW and of event has a loop of its own, in which nothing is called
 * that is not inline, so that the compiler keeps all of it in registers; sums are added up once per
 * run. Keep it so.
 */

#include <string.h>

#include "model_atomic.h"
#include "model_cq.h"
#include "model_credits.h"
#include "model_fast.h"
#include "model_history.h"
#include "model_pp.h"

/* A run of HCWs of one port, all of one command and scheduling type. */
struct take_run {
	struct model_sched *s;
	struct model_domain *domain;
	uint64_t sender;              /* byte 15 of the events, in its place */
	struct model_history *oldest; /* open event of the port */
	unsigned int tokens;          /* that rode on the HCWs */
	unsigned int pool;

	/* The queue of the last HCW, most likely that of the next. */
	uint64_t route;
	unsigned int q;
	struct model_ldb_queue *queue; /* unless directed */
};

/* What the completion part of a FWD acts on. */
struct completion {
	struct model_ldb_queue *queue; /* NULL: there is none */
	uint16_t flow;                 /* MODEL_NO_FLOW: not atomic */
	struct model_sn *sn;           /* NULL: not ordered */
	bool early; /* older sequence numbers are open, so that the new event must wait */
};

model_inline unsigned int
min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

model_inline bool
is_single_bin(unsigned int bins)
{
	return (bins & (bins - 1)) == 0;
}

/* Of an ordered event: nothing was sent under it, and nothing waits for it alone. */
model_inline bool
is_common_sn(struct model_sched *s, struct completion *c, unsigned int q, uint16_t id)
{
	const struct model_order *order = &c->queue->order;
	unsigned int start = s->sn_start[order->group][order->slot] & order->mask;
	unsigned int next = (start + 1) & order->mask;

	if (id == MODEL_NONE)
		return false;
	c->sn = &s->sns[id];
	c->early = id != order->base + start;
	return c->sn->pieces == 0 && (s->sn_ok >> q & 1) &&
		(c->early || s->sns[order->base + next].state != MODEL_SN_COMPLETE);
}

/* The oldest open event can be completed without anything but counts changing. */
model_inline bool
is_common_completion(const struct take_run *run, struct completion *c)
{
	const struct model_flow *flow;
	uint64_t entry;

	memcpy(&entry, run->oldest, sizeof(entry));
	c->queue = &run->s->queues[model_word_qid(entry)];
	model_keep(c->queue);
	if (c->queue->open >= c->queue->open_limit)
		return false;
	switch (model_word_type(entry)) {
	case DLB2_SCHED_ATOMIC:
		/* Below the limit of flows, none more can bring an event of the ATQ forward. */
		c->flow = (uint16_t)entry;
		flow = &run->s->flows[c->flow];
		return flow->open == 1 && flow->bins == 0 &&
			c->queue->flows < c->queue->flow_limit;
	case DLB2_SCHED_ORDERED:
		return is_common_sn(run->s, c, model_word_qid(entry), (uint16_t)entry);
	default:
		return true;
	}
}

/* The oldest sequence number is free again. */
model_inline void
do_sn_in_order(struct model_sched *s, const struct completion *c)
{
	struct model_order *order = &c->queue->order;
	uint16_t *start = &s->sn_start[order->group][order->slot];

	c->sn->state = MODEL_SN_FREE;
	*start = (*start + 1) & order->mask;
	order->open--;
}

/* A later sequence number is complete with its event, which waits. */
model_inline void
do_sn_early(const struct completion *c, uint16_t event)
{
	c->sn->state = MODEL_SN_COMPLETE;
	c->sn->pieces = 1;
	c->sn->head = event;
	c->sn->tail = event;
}

model_inline void
do_completion(struct take_run *run, const struct completion *c)
{
	if (c->queue == NULL)
		return;
	run->oldest++;
	c->queue->open--;
	if (c->flow != MODEL_NO_FLOW) {
		model_flow_delete(run->s, c->flow);
		c->queue->flows--;
	} else if (c->sn != NULL && !c->early) {
		do_sn_in_order(run->s, c);
	}
}

/* Whether queue `q`, having no work of a kind, can be told of some by setting bits. */
model_inline bool
is_common_wake(const struct model_sched *s, const struct model_ldb_queue *queue, unsigned int q)
{
	return ((s->queue_ok & s->sn_ok) >> q & 1) && queue->asleep == 0;
}

model_inline void
do_wake(struct model_sched *s, const struct model_ldb_queue *queue, unsigned int q)
{
	s->shared |= 1u << q;
	s->shared_cqs |= queue->cqs;
}

/* An atomic event of a flow that has no other, but for the one that is completed with it. */
model_inline bool
is_common_atomic(const struct model_sched *s, const struct model_ldb_queue *queue,
	unsigned int q, uint32_t key, uint16_t completed)
{
	uint16_t f = s->flow_of[key];

	return (f == MODEL_NO_FLOW || f == completed) && queue->flows < queue->flow_limit &&
		(completed != MODEL_NO_FLOW || s->unused_flow != MODEL_NO_FLOW) &&
		queue->atomic < queue->aqed_limit &&
		(queue->ready.bins != 0 || is_common_wake(s, queue, q));
}

/* The flow of the event that is completed becomes that of the new one. */
model_inline uint16_t
reuse_flow(struct model_sched *s, const struct completion *c, uint32_t key)
{
	struct model_flow *flow = &s->flows[c->flow];

	s->flow_of[flow->key] = MODEL_NO_FLOW;
	*flow = (struct model_flow){ .key = key };
	s->flow_of[key] = c->flow;
	c->queue->flows--;
	return c->flow;
}

/* The event of an HCW, stored; it is paid for when the run is over. */
model_inline uint16_t
store_event(const struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word)
{
	uint16_t event = model_event_take(run->s, run->pool);
	struct model_event *stored = &run->s->events[event];

	model_keep(stored);
	stored->data = hcw->data;
	stored->word = (word & (UINT64_MAX >> 8)) | run->sender;
	return event;
}

/* The parts of a NEW or FWD, of which the completion is common. False: the event is not. */
model_inline bool
take_atomic(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word,
	const struct completion *c)
{
	struct model_sched *s = run->s;
	struct model_ldb_queue *queue = run->queue;
	uint32_t key = model_flow_key(queue, run->q, model_word_lock(word));
	uint16_t f;

	if (s->atq_work >> run->q & 1) {
		do_completion(run, c);
		model_atq_push(s, queue, store_event(run, hcw, word), word);
		return true;
	}
	if (!is_common_atomic(s, queue, run->q, key, c->flow))
		return false;
	if (queue->ready.bins == 0) {
		s->ready_work |= 1u << run->q;
		do_wake(s, queue, run->q);
	}
	if (c->flow != MODEL_NO_FLOW) {
		run->oldest++;
		c->queue->open--;
		f = reuse_flow(s, c, key);
	} else {
		do_completion(run, c);
		f = model_flow_create(s, key);
	}
	queue->atm_enqueued++;
	model_flow_begin(s, queue, f, model_bin_of(s, word), store_event(run, hcw, word));
	return true;
}

model_inline bool
take_nalb(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word,
	const struct completion *c)
{
	struct model_sched *s = run->s;
	struct model_ldb_queue *queue = run->queue;

	if (queue->nalb.bins == 0) {
		if (!is_common_wake(s, queue, run->q))
			return false;
		s->nalb_work |= 1u << run->q;
		do_wake(s, queue, run->q);
	}
	do_completion(run, c);
	model_nalb_push(s, queue, store_event(run, hcw, word), word);
	return true;
}

model_inline bool
take_dir(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word,
	const struct completion *c)
{
	do_completion(run, c);
	model_dir_push(run->s, store_event(run, hcw, word), word);
	return true;
}

/* Bytes 10 and 11 of an HCW, without priority: scheduling type and queue. */
model_inline uint64_t
route_of(uint64_t word)
{
	return word & UINT64_C(0x03ff0000);
}

/* Makes the queue of an HCW that of the run. */
model_inline bool
change_route(struct take_run *run, uint64_t word)
{
	run->route = route_of(word);
	if (!model_is_allowed(run->domain, word))
		return false;
	run->q = model_word_qid(word);
	run->queue = &run->s->queues[run->q % DLB2_MAX_LDB_QUEUES];
	model_keep(run->queue);
	return true;
}

/* One HCW of a kind known when this is compiled. */
model_inline bool
take_hcw(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	enum dlb2_sched_type type)
{
	struct completion c = { .queue = NULL, .flow = MODEL_NO_FLOW };

	if (route_of(word) != run->route && !change_route(run, word))
		return false;
	if (forward && !is_common_completion(run, &c))
		return false;
	if (forward && c.early) {
		do_completion(run, &c);
		do_sn_early(&c, store_event(run, hcw, word));
		return true;
	}
	switch (type) {
	case DLB2_SCHED_ATOMIC:
		return take_atomic(run, hcw, word, &c);
	case DLB2_SCHED_DIRECTED:
		return take_dir(run, hcw, word, &c);
	default:
		return take_nalb(run, hcw, word, &c);
	}
}

/* What tells HCWs of one kind from others: command and scheduling type. */
#define KIND_MASK (UINT64_C(0xff) << MODEL_WORD_STATUS_SHIFT | UINT64_C(3) << 24)

model_inline uint64_t
kind_of(const struct dlb2_hcw *hcw, uint64_t *word)
{
	memcpy(word, &hcw->opaque, sizeof(*word));
	return *word & KIND_MASK;
}

/* Takes HCWs as long as they are of the first one's kind, and common. Returns how many. */
model_inline unsigned int
take_kind(struct take_run *caller, const struct dlb2_hcw *hcws, unsigned int n, bool forward,
	enum dlb2_sched_type type)
{
	const struct dlb2_hcw *hcw = hcws, *end = hcws + n;
	struct take_run run = *caller;
	uint64_t word, kind;

	kind = kind_of(hcw, &word);
	if (!change_route(&run, word))
		return 0;
	do {
		if (!take_hcw(&run, hcw, word, forward, type))
			break;
		hcw++;
	} while (hcw != end && kind_of(hcw, &word) == kind);
	caller->oldest = run.oldest;
	return hcw - hcws;
}

#define TAKE_KIND(name, forward, type) \
	static __attribute__((noinline)) unsigned int \
	name(struct take_run *run, const struct dlb2_hcw *hcws, unsigned int n) \
	{ \
		return take_kind(run, hcws, n, forward, type); \
	}

TAKE_KIND(new_atomic, false, DLB2_SCHED_ATOMIC)
TAKE_KIND(new_nalb, false, DLB2_SCHED_UNORDERED)
TAKE_KIND(new_dir, false, DLB2_SCHED_DIRECTED)
TAKE_KIND(forward_atomic, true, DLB2_SCHED_ATOMIC)
TAKE_KIND(forward_nalb, true, DLB2_SCHED_UNORDERED)
TAKE_KIND(forward_dir, true, DLB2_SCHED_DIRECTED)

/*
 * How many HCWs like this one a port may send before it lacks a credit, a token, an open event or,
 * before the end of their range, a history entry.
 */
static unsigned int
most_hcws(const struct take_run *run, const struct model_port *port, unsigned int cmd,
	unsigned int n)
{
	const struct model_history *first = run->s->history;
	unsigned int completed = run->oldest - &first[port->hist_pop];

	n = min_of(n, run->domain->credits[run->pool]);
	if (cmd & DLB2_CMD_TOKEN)
		n = min_of(n, port->written - port->returned - run->tokens);
	if (cmd & DLB2_CMD_COMP_BIT) {
		n = min_of(n, port->written - port->completed - completed);
		n = min_of(n, port->hist_limit - (run->oldest - first));
	}
	return n;
}

/* NEW or FWD, with or without a token, which the port may send. */
model_inline bool
is_common_command(const struct model_port *port, unsigned int cmd)
{
	unsigned int event = cmd & ~(unsigned int)DLB2_CMD_TOKEN;

	return (event == DLB2_CMD_NEW || event == DLB2_CMD_FWD) && (port->legal >> cmd & 1);
}

/* Takes HCWs of the first one's kind. */
static unsigned int
take_some(struct dlb2_model *m, struct take_run *run, const struct model_port *port,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	static unsigned int (*const take[2][4])(struct take_run *, const struct dlb2_hcw *,
			unsigned int) = {
		{ new_atomic, new_nalb, new_nalb, new_dir },
		{ forward_atomic, forward_nalb, forward_nalb, forward_dir },
	};
	unsigned int type = hcws->sched & DLB2_HCW_SCHED_TYPE;
	unsigned int cmd = hcws->cmd;

	if (!is_common_command(port, cmd))
		return 0;
	run->pool = type == DLB2_SCHED_DIRECTED ? run->s->dir_pool : 0;
	n = most_hcws(run, port, cmd, n);
	if (n == 0)
		return 0;
	n = take[(cmd & DLB2_CMD_COMP_BIT) != 0][type](run, hcws, n);
	run->domain->credits[run->pool] -= n;
	run->tokens += cmd & DLB2_CMD_TOKEN ? n : 0;
	m->counters.hcws[cmd] += n;
	return n;
}

/* Whether a run of this port has any prospect. */
model_inline bool
is_common_port(const struct model_sched *s, const struct model_port *port)
{
	return port->legal != 0 && !port->watched && s->atq_device == 0 && !s->hold_aqed &&
		!s->aqed_contended && !s->storage_contended;
}

/* Books what a run did: `done` HCWs, of which some completed an event or returned a token. */
static void
finish_take(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct take_run *run, unsigned int done)
{
	struct model_port *port = &m->sched.ports[kind][p];
	unsigned int completed = run->oldest - &m->sched.history[port->hist_pop];

	port->hist_pop += completed;
	port->completed += completed;
	m->counters.enqueued += done;
	if (run->tokens > 0)
		model_tokens_return(m, kind, p, run->tokens, NULL);
}

unsigned int
model_fast_take(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[kind][p];
	unsigned int sender = p | (kind == DLB2_LDB ? MODEL_SENDER_LDB : 0);
	struct take_run run = { .s = s, .domain = &s->domains[port->pp_domain],
		.sender = (uint64_t)sender << MODEL_WORD_STATUS_SHIFT,
		.oldest = &s->history[port->hist_pop] };
	unsigned int done = 0, some;

	if (!is_common_port(s, port))
		return 0;
	while (done < n) {
		some = take_some(m, &run, port, &hcws[done], n - done);
		if (some == 0)
			break;
		done += some;
	}
	finish_take(m, kind, p, &run, done);
	return done;
}

/* A run of events from one queue to one CQ. */
struct schedule_run {
	struct model_sched *s;
	unsigned int pool;
	uint8_t *dst;        /* of the next entry */
	unsigned int stride;
	unsigned int gen;
	unsigned int depth;  /* of the queue, at the next event */
	unsigned int less;   /* what the depth code does not count */
	const uint16_t *above;
	unsigned int slot;
	struct model_history *history; /* next entry */
};

/* Writes the entry of an event and gives up its storage; `word` is bytes 8 to 15 but for status. */
model_inline void
deliver(struct schedule_run *run, uint16_t event, uint64_t word)
{
	unsigned int code = model_depth_code(run->above, run->depth - run->less);
	uint64_t status = run->gen | code << 1;

	model_entry_store(run->dst, run->s->events[event].data,
		word | status << MODEL_WORD_STATUS_SHIFT);
	model_event_free(run->s, event, run->pool);
	run->dst += run->stride;
	run->depth--;
}

model_inline void
deliver_ldb(struct schedule_run *run, uint16_t event, uint16_t id)
{
	uint64_t word = run->s->events[event].word;

	model_history_store(run->history++, word, run->slot, id);
	deliver(run, event, word & MODEL_WORD_CQ_PART);
}

/* Flows whose only event goes now, up to the last one of the list. */
model_inline unsigned int
schedule_atomic(struct schedule_run *run, struct model_ldb_queue *queue, unsigned int p,
	unsigned int n)
{
	struct model_sched *s = run->s;
	unsigned int bin = __builtin_ctz(queue->ready.bins);
	uint16_t tail = queue->ready.tail[bin];
	uint16_t at = queue->ready.head[bin];
	unsigned int done;

	for (done = 0; done < n && at != tail; done++) {
		const struct model_lane *lane = &s->lanes[at];
		uint16_t f = at / MODEL_BINS;

		if (lane->head != lane->tail || s->flows[f].bins != 1u << bin)
			break;
		model_flow_pin_single(&s->flows[f], p);
		deliver_ldb(run, lane->head, f);
		at = lane->next;
	}
	queue->ready.head[bin] = at;
	queue->atomic -= done;
	return done;
}

/* Unordered events, and ordered ones while there are sequence numbers, up to the last but one. */
model_inline unsigned int
schedule_nalb(struct schedule_run *run, struct model_ldb_queue *queue, unsigned int q,
	unsigned int p, unsigned int n)
{
	struct model_sched *s = run->s;
	const struct model_order *order = &queue->order;
	unsigned int bin = __builtin_ctz(queue->nalb.bins);
	uint16_t tail = queue->nalb.tail[bin];
	uint16_t event = queue->nalb.head[bin];
	unsigned int done;

	for (done = 0; done < n && event != tail; done++) {
		uint16_t next = s->next[event];
		uint16_t sn = MODEL_NONE;

		if (order->enabled) {
			if (s->sns[order->base + ((order->next + 1) & order->mask)].state !=
					MODEL_SN_FREE)
				break;
			if (model_word_type(s->events[event].word) == DLB2_SCHED_ORDERED)
				sn = model_sn_take(s, q, p, run->slot);
		}
		deliver_ldb(run, event, sn);
		event = next;
	}
	queue->nalb.head[bin] = event;
	queue->nalb.count -= done;
	return done;
}

/* Events until some limit, or the end of the ring or of the history list's range, comes near. */
static unsigned int
most_events(const struct model_port *port, const struct model_ldb_queue *queue, unsigned int n)
{
	n = min_of(n, port->stop - port->written - 1);
	n = min_of(n, port->ring_entries - model_cq_index(port));
	n = min_of(n, port->hist_limit - port->hist_push);
	return min_of(n, queue->open_limit - queue->open - 1);
}

model_inline struct schedule_run
begin_run(struct dlb2_model *m, const struct model_port *port, unsigned int depth,
	const uint16_t *above)
{
	return (struct schedule_run){ .s = &m->sched,
		.dst = port->ring + ((size_t)model_cq_index(port) << port->entry_shift),
		.stride = 1u << port->entry_shift, .gen = model_cq_gen(port),
		.depth = depth, .less = m->switches[DLB2_SWITCH_DEPTH_CODE], .above = above };
}

/*
 * Whether a queue has events of one kind only, of one priority, to be taken without more ado. What
 * is in the ATQ may then as well enter the AQED when the run is over.
 */
model_inline bool
is_common_queue(const struct model_sched *s, const struct model_ldb_queue *queue)
{
	if (queue->nalb.bins != 0)
		return queue->ready.bins == 0 && is_single_bin(queue->nalb.bins);
	return is_single_bin(queue->ready.bins) && s->atq_device == 0 && !s->hold_aqed &&
		(queue->atq.bins == 0 ||
			(queue->atq.bins == queue->ready.bins && !s->pinned_first));
}

unsigned int
model_fast_schedule(struct dlb2_model *m, unsigned int p, unsigned int q, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_LDB][p];
	struct model_ldb_queue *queue = &s->queues[q];
	bool nalb = queue->nalb.bins != 0;
	struct schedule_run run;
	unsigned int done;

	if (!port->plain || !s->may_write_plain || port->watched || (port->own >> q & 1) ||
			!is_common_queue(s, queue))
		return 0;
	n = most_events(port, queue, n);
	run = begin_run(m, port, nalb ? queue->nalb.count : queue->atomic,
		queue->depth_above[nalb ? MODEL_NALB : MODEL_ATOMIC]);
	run.slot = s->links[p].slot_of[q];
	run.history = &s->history[port->hist_push];
	if (nalb)
		done = schedule_nalb(&run, queue, q, p, n);
	else
		done = schedule_atomic(&run, queue, p, n);
	port->written += done;
	port->hist_push += done;
	queue->open += done;
	s->domains[port->cq_domain].credits[0] += done;
	if (done > 0 && (s->atq_work >> q & 1))
		model_aqed_admit(m, q);
	return done;
}

unsigned int
model_fast_schedule_dir(struct dlb2_model *m, unsigned int p, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_DIR][p];
	struct model_dir_queue *queue = &s->dir_queues[p];
	unsigned int bin = __builtin_ctz(queue->fifo.bins);
	uint16_t event = queue->fifo.head[bin];
	struct schedule_run run;
	unsigned int done;

	if (!port->plain || !s->may_write_plain || !is_single_bin(queue->fifo.bins) ||
			m->switches[DLB2_SWITCH_DIR_ENTRY] != 0)
		return 0;
	run = begin_run(m, port, queue->fifo.count, queue->depth_above);
	run.pool = s->dir_pool;
	n = min_of(n, port->stop - port->written - 1);
	n = min_of(n, port->ring_entries - model_cq_index(port));
	for (done = 0; done < n && event != queue->fifo.tail[bin]; done++) {
		uint16_t next = s->next[event];

		deliver(&run, event, model_directed_word(s->events[event].word));
		event = next;
	}
	queue->fifo.head[bin] = event;
	queue->fifo.count -= done;
	port->written += done;
	s->domains[port->cq_domain].credits[s->dir_pool] += done;
	return done;
}
