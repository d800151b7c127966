/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Short ways for runs of the commonest HCWs: NEW and FWD to queues that have room, from events
 * without surprises. Not here: the scheduling of what they bring (model_fast_schedule.c).
 *
 * Everything here is also in the general way (model_hcw.c), which takes over at the first HCW that
 * is not common, so a condition too many only costs time and a condition too few is a bug. Tests
 * run the same traffic both ways and compare.
 *
 * Why it is fast: each kind of HCW has a loop of its own, in which nothing is called that is not
 * inline, so that the compiler keeps all of it in registers. What is decided once, and not again
 * for each HCW, can only become more true during a run: what is open or limited only falls. Sums
 * are added up when the run is over. Keep it so.
 */

#include "model_atomic.h"
#include "model_cq.h"
#include "model_credits.h"
#include "model_fast.h"
#include "model_history.h"
#include "model_pp.h"

/* What HCWs of a run have in common: command and scheduling type. */
#define KIND_MASK (MODEL_WORD(cmd) | MODEL_WORD_TYPE)

/* Of a history entry: the queue and the type of the event. Those of no entry: */
#define NO_SOURCE UINT64_MAX

/* A run of HCWs of one port, all of one kind. */
struct take_run {
	struct model_sched *s;
	const struct model_domain *domain;
	struct model_history *oldest; /* open event of the port */
	unsigned int left;            /* HCWs that the port may still send */
	unsigned int pool;
	uint16_t free;                /* first of the pool's free events */
	uint64_t stamp;               /* what makes the command of the HCWs the number of the port */

	/* The queue of the last HCW, most likely that of the next. */
	uint64_t route;
	unsigned int q;
	struct model_ldb_queue *queue; /* unless directed */
	bool waits;                    /* its atomic events have to wait for the AQED */

	/* The queue of the event that was completed last. */
	uint64_t source;
	struct model_ldb_queue *from;
};

/* What the completion part of a FWD acts on. */
struct completion {
	uint16_t flow;        /* MODEL_NO_FLOW: not atomic */
	struct model_sn *sn;  /* NULL: not ordered */
	bool early; /* older sequence numbers are open, so that the new event must wait */
};

model_inline unsigned int
min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Makes the queue of a history entry that of the completions to come. False if they would be more
 * than counts: the queue is at its limit of open events, or of flows, so that one less may let an
 * event of the ATQ go forward; or it waits for a sequence number.
 */
model_inline bool
change_source(struct take_run *run, uint64_t entry)
{
	unsigned int q = model_word_qid(entry);
	const struct model_ldb_queue *queue = &run->s->queues[q];
	unsigned int type = model_word_type(entry);

	if (queue->open >= queue->open_limit ||
			(type == DLB2_SCHED_ATOMIC && queue->flows >= queue->flow_limit) ||
			(type == DLB2_SCHED_ORDERED && !(run->s->sn_ok >> q & 1)))
		return false;
	run->source = entry & MODEL_WORD_ROUTE;
	run->from = &run->s->queues[q];
	return true;
}

/* Of an ordered event: nothing was sent under it, and nothing waits for it alone. */
model_inline bool
is_common_sn(const struct take_run *run, struct completion *c, uint16_t id)
{
	struct model_sched *s = run->s;
	const struct model_order *order = &run->from->order;
	unsigned int start = s->sn_start[order->group][order->slot] & order->mask;
	unsigned int next = (start + 1) & order->mask;

	if (id == MODEL_NONE)
		return false;
	c->sn = &s->sns[id];
	c->early = id != order->base + start;
	return c->sn->pieces == 0 &&
		(c->early || s->sns[order->base + next].state != MODEL_SN_COMPLETE);
}

/* The oldest open event can be completed without anything but counts changing. */
model_inline bool
is_common_completion(struct take_run *run, struct completion *c)
{
	const struct model_flow *flow;
	uint64_t entry;

	memcpy(&entry, run->oldest, sizeof(entry));
	if (model_unlikely((entry & MODEL_WORD_ROUTE) != run->source) &&
			!change_source(run, entry))
		return false;
	switch (model_word_type(entry)) {
	case DLB2_SCHED_ATOMIC:
		c->flow = (uint16_t)entry;
		flow = &run->s->flows[c->flow];
		return flow->open == 1 && flow->bins == 0;
	case DLB2_SCHED_ORDERED:
		return is_common_sn(run, c, (uint16_t)entry);
	default:
		return true;
	}
}

/* The oldest sequence number is free again. */
model_inline void
do_sn_in_order(const struct take_run *run, const struct completion *c)
{
	struct model_order *order = &run->from->order;
	uint16_t *start = &run->s->sn_start[order->group][order->slot];

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

/* The completion part, but for a flow that goes on. */
model_inline void
do_completion(struct take_run *run, const struct completion *c)
{
	run->oldest++;
	run->from->open--;
	if (c->flow != MODEL_NO_FLOW) {
		model_flow_delete(run->s, run->from, c->flow);
	} else if (c->sn != NULL && !c->early) {
		do_sn_in_order(run, c);
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

/* The event of an HCW, stored; it is paid for when the run is over. */
model_inline uint16_t
store_event(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word)
{
	uint16_t event = run->free;
	struct model_event *stored = &run->s->events[event];

	run->free = run->s->next[event];
	model_keep(stored);
	stored->data = hcw->data;
	stored->word = word ^ run->stamp;
	return event;
}

/*
 * The flow of the event that is completed becomes that of the new one, which often is the same. If
 * it isn't, it must be one that is not in use, and that the queue may have.
 */
model_inline bool
reuse_flow(struct take_run *run, uint16_t f, uint32_t key)
{
	struct model_sched *s = run->s;
	struct model_flow *flow = &s->flows[f];

	if (model_likely(s->flow_of[key] == f))
		return true;
	if (s->flow_of[key] != MODEL_NO_FLOW || run->queue->flows >= run->queue->flow_limit)
		return false;
	s->flow_of[flow->key] = MODEL_NO_FLOW;
	s->flow_of[key] = f;
	flow->key = key;
	run->from->flows--;
	run->queue->flows++;
	return true;
}

/* A flow that is not in use becomes that of the new event, if the queue may have one more. */
model_inline bool
new_flow(struct take_run *run, uint16_t *f, uint32_t key)
{
	struct model_sched *s = run->s;

	if (s->flow_of[key] != MODEL_NO_FLOW || run->queue->flows >= run->queue->flow_limit ||
			s->unused_flow == MODEL_NO_FLOW)
		return false;
	*f = model_flow_create(s, run->queue, key);
	return true;
}

/* The parts of a NEW or FWD, of which the completion is common. False: the event is not. */
model_inline bool
take_atomic(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	const struct completion *c)
{
	struct model_sched *s = run->s;
	struct model_ldb_queue *queue = run->queue;
	uint32_t key = model_flow_key(queue, run->q, model_word_lock(word));
	bool wake = queue->ready.bins == 0;
	uint16_t f = c->flow;

	if (run->waits) {
		/* Of another priority, it might not be the last to enter the AQED. */
		if (model_unlikely(queue->atq.bins != 1u << model_bin_of(s, word)))
			return false;
		if (forward)
			do_completion(run, c);
		model_atq_push(s, queue, store_event(run, hcw, word), word);
		return true;
	}
	if (queue->atomic >= queue->aqed_limit ||
			(model_unlikely(wake) && !is_common_wake(s, queue, run->q)))
		return false;
	if (forward && f != MODEL_NO_FLOW) {
		if (!reuse_flow(run, f, key))
			return false;
		run->oldest++;
		run->from->open--;
	} else {
		if (!new_flow(run, &f, key))
			return false;
		if (forward)
			do_completion(run, c);
	}
	if (model_unlikely(wake)) {
		s->ready_work |= 1u << run->q;
		do_wake(s, queue, run->q);
	}
	queue->atm_enqueued++;
	model_flow_begin(s, queue, f, model_bin_of(s, word), store_event(run, hcw, word));
	return true;
}

model_inline bool
take_nalb(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	const struct completion *c)
{
	struct model_sched *s = run->s;
	struct model_ldb_queue *queue = run->queue;

	if (model_unlikely(queue->nalb.bins == 0)) {
		if (!is_common_wake(s, queue, run->q))
			return false;
		s->nalb_work |= 1u << run->q;
		do_wake(s, queue, run->q);
	}
	if (forward)
		do_completion(run, c);
	model_nalb_push(s, queue, store_event(run, hcw, word), word);
	return true;
}

model_inline bool
take_dir(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	const struct completion *c)
{
	if (forward)
		do_completion(run, c);
	model_dir_push(run->s, store_event(run, hcw, word), word);
	return true;
}

/* Makes the queue of an HCW that of the run; false: the port may not send to it. */
model_inline bool
change_route(struct take_run *run, uint64_t word)
{
	if (!model_is_allowed(run->domain, word))
		return false;
	run->route = word & MODEL_WORD_ROUTE;
	run->q = model_word_qid(word);
	run->queue = &run->s->queues[run->q % DLB2_MAX_LDB_QUEUES];
	run->waits = run->s->atq_work >> run->q % DLB2_MAX_LDB_QUEUES & 1;
	model_keep(run->queue);
	return true;
}

/* One HCW of a kind known when this is compiled. */
model_inline bool
take_hcw(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	enum dlb2_sched_type type)
{
	struct completion c = { .flow = MODEL_NO_FLOW };

	if (forward && !is_common_completion(run, &c))
		return false;
	if (forward && c.early) {
		do_completion(run, &c);
		do_sn_early(&c, store_event(run, hcw, word));
		return true;
	}
	switch (type) {
	case DLB2_SCHED_ATOMIC:
		return take_atomic(run, hcw, word, forward, &c);
	case DLB2_SCHED_DIRECTED:
		return take_dir(run, hcw, word, forward, &c);
	default:
		return take_nalb(run, hcw, word, forward, &c);
	}
}

model_inline const struct dlb2_hcw *
skip_noops(const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	while (hcw != end && (hcw->cmd & DLB2_HCW_CMD) == DLB2_CMD_NOOP)
		hcw++;
	return hcw;
}

/*
 * Takes HCWs as long as they are of the first one's kind, and common, and passes over NOOPs.
 * Returns where it stopped.
 */
model_inline const struct dlb2_hcw *
take_kind(struct take_run *caller, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end,
	bool forward, enum dlb2_sched_type type)
{
	struct take_run run = *caller;
	uint64_t word = model_word_of(hcw);
	const uint64_t kind = word & (KIND_MASK | MODEL_WORD_ROUTE);

	if (!change_route(&run, word))
		return hcw;
	run.source = NO_SOURCE;
	while (take_hcw(&run, hcw, word, forward, type)) {
		hcw++;
		run.left--;
		if (hcw == end)
			break;
		if (model_unlikely(hcw->cmd == DLB2_CMD_NOOP)) {
			hcw = skip_noops(hcw, end);
			if (hcw == end)
				break;
		}
		word = model_word_of(hcw);
		if (run.left == 0 || ((word ^ kind) & KIND_MASK) != 0 ||
				((word & MODEL_WORD_ROUTE) != run.route &&
				!change_route(&run, word)))
			break;
	}
	caller->s->free_head[run.pool] = run.free;
	caller->oldest = run.oldest;
	caller->left = run.left;
	return hcw;
}

#define TAKE_KIND(name, forward, type) \
	static __attribute__((noinline)) const struct dlb2_hcw * \
	name(struct take_run *run, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end) \
	{ \
		return take_kind(run, hcw, end, forward, type); \
	}

TAKE_KIND(new_atomic, false, DLB2_SCHED_ATOMIC)
TAKE_KIND(new_nalb, false, DLB2_SCHED_UNORDERED)
TAKE_KIND(new_dir, false, DLB2_SCHED_DIRECTED)
TAKE_KIND(forward_atomic, true, DLB2_SCHED_ATOMIC)
TAKE_KIND(forward_nalb, true, DLB2_SCHED_UNORDERED)
TAKE_KIND(forward_dir, true, DLB2_SCHED_DIRECTED)

/* What a port sends in one go, of whatever kind. */
struct burst {
	struct dlb2_model *m;
	enum dlb2_port_kind kind;
	struct model_port *port;
	struct model_domain *domain;
	struct model_history *oldest; /* open event of the port */
	unsigned int events;
	unsigned int noops;
	unsigned int tokens;
	unsigned int sender; /* byte 15 of its events */
};

/* Tokens that are outstanding, less those that the burst returns. */
static unsigned int
tokens_left(const struct burst *burst)
{
	return burst->port->written - burst->port->returned - burst->tokens;
}

/*
 * How many HCWs like this one a port may send before it lacks a credit, a token, an open event or,
 * before the end of their range, a history entry.
 */
static unsigned int
most_hcws(const struct burst *burst, unsigned int pool, unsigned int cmd)
{
	const struct model_port *port = burst->port;
	unsigned int at = burst->oldest - burst->m->sched.history;
	unsigned int n = burst->domain->credits[pool];

	if (cmd & DLB2_CMD_TOKEN)
		n = min_of(n, tokens_left(burst));
	if (cmd & DLB2_CMD_COMP_BIT) {
		n = min_of(n, port->written - port->completed - (at - port->hist_pop));
		n = min_of(n, port->hist_limit - at);
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

/* Takes HCWs of the first one's kind. Returns where it stopped. */
static const struct dlb2_hcw *
take_events(struct burst *burst, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	static const struct dlb2_hcw *(*const take[2][4])(struct take_run *,
			const struct dlb2_hcw *, const struct dlb2_hcw *) = {
		{ new_atomic, new_nalb, new_nalb, new_dir },
		{ forward_atomic, forward_nalb, forward_nalb, forward_dir },
	};
	struct dlb2_model *m = burst->m;
	struct model_sched *s = &m->sched;
	unsigned int type = hcw->sched & DLB2_HCW_SCHED_TYPE;
	unsigned int cmd = hcw->cmd, n;
	unsigned int pool = type == DLB2_SCHED_DIRECTED ? s->dir_pool : 0;
	unsigned int most = most_hcws(burst, pool, cmd);
	struct take_run run = { .s = s, .domain = burst->domain, .oldest = burst->oldest,
		.left = most, .pool = pool, .free = s->free_head[pool],
		.stamp = (uint64_t)(cmd ^ burst->sender) << MODEL_WORD_STATUS_SHIFT };
	const struct dlb2_hcw *stop;

	if (most == 0)
		return hcw;
	stop = take[(cmd & DLB2_CMD_COMP_BIT) != 0][type](&run, hcw, end);
	n = most - run.left;
	burst->domain->credits[pool] -= n;
	burst->oldest = run.oldest;
	burst->events += n;
	burst->noops += stop - hcw - n;
	burst->tokens += cmd & DLB2_CMD_TOKEN ? n : 0;
	m->counters.hcws[cmd] += n;
	return stop;
}

/* A batch of tokens which are all outstanding. */
static bool
take_tokens(struct burst *burst, const struct dlb2_hcw *hcw)
{
	unsigned int count = (hcw->lock_id & DLB2_HCW_TOKENS) + 1;

	if (count > tokens_left(burst))
		return false;
	burst->tokens += count;
	burst->m->counters.hcws[DLB2_CMD_BAT_T]++;
	return true;
}

/* Takes HCWs of one command. Returns where it stopped. */
static const struct dlb2_hcw *
take_some(struct burst *burst, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	const struct dlb2_hcw *stop;

	if (is_common_command(burst->port, hcw->cmd))
		return take_events(burst, hcw, end);
	if (hcw->cmd == DLB2_CMD_BAT_T)
		return hcw + take_tokens(burst, hcw);
	stop = skip_noops(hcw, end);
	burst->noops += stop - hcw;
	return stop;
}

/* Whether a burst of this port has any prospect. */
model_inline bool
is_common_port(const struct model_sched *s, const struct model_port *port)
{
	return port->legal != 0 && !port->watched && s->atq_device == 0 && !s->hold_aqed &&
		!s->aqed_contended && !s->storage_contended;
}

/* Books what all the HCWs together did. */
static void
finish_burst(const struct burst *burst, unsigned int p)
{
	struct dlb2_model *m = burst->m;
	struct model_port *port = burst->port;
	unsigned int completed = burst->oldest - &m->sched.history[port->hist_pop];

	port->hist_pop += completed;
	port->completed += completed;
	m->counters.enqueued += burst->events;
	m->counters.hcws[DLB2_CMD_NOOP] += burst->noops;
	if (burst->tokens > 0)
		model_tokens_return(m, burst->kind, p, burst->tokens, NULL);
}

unsigned int
model_fast_take(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	struct model_port *port = &m->sched.ports[kind][p];
	struct burst burst = { .m = m, .kind = kind, .port = port,
		.domain = &m->sched.domains[port->pp_domain],
		.oldest = &m->sched.history[port->hist_pop],
		.sender = p | (kind == DLB2_LDB ? MODEL_SENDER_LDB : 0) };
	const struct dlb2_hcw *hcw = hcws, *end = hcws + n, *stop;

	if (!is_common_port(&m->sched, port))
		return 0;
	while (hcw != end) {
		stop = take_some(&burst, hcw, end);
		if (stop == hcw)
			break;
		hcw = stop;
	}
	finish_burst(&burst, p);
	return hcw - hcws;
}
