/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Short ways for runs of the commonest scheduling: events of one kind and priority from one queue
 * to one CQ with room, or of such queues in turn. As in model_fast_take.c, everything here is also
 * in the general way (model_arbiter.c), which takes over at the first event that is not common, and
 * the loops call nothing that is not inline, but where a queue runs empty or meets a limit. What
 * ends a run from one queue, such as a limit of queue or CQ, the end of the ring or another depth
 * code, is found before its loop begins.
 */

#include "model_atomic.h"
#include "model_cq.h"
#include "model_credits.h"
#include "model_fast.h"
#include "model_history.h"
#include "model_order.h"

/* A run of events from one queue to one CQ. */
struct schedule_run {
	struct model_sched *s;
	unsigned int p;
	unsigned int q;
	unsigned int most;   /* events until some limit */
	uint8_t *dst;        /* of the next entry */
	unsigned int stride;
	uint64_t status;     /* byte 15 of the entries, in its place */
	uint64_t slot;       /* of the queue, in its place in a history entry */
	struct model_history *history; /* next entry */
};

model_inline unsigned int
min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Writes the entry of an event; `word` is bytes 8 to 15 but for status. */
model_inline void
deliver(struct schedule_run *run, const struct model_event *event, uint64_t word)
{
	model_entry_store(run->dst, event->data, word | run->status);
	run->dst += run->stride;
}

model_inline void
deliver_ldb(struct schedule_run *run, const struct model_event *event, uint16_t id)
{
	uint64_t word = event->word;

	model_history_store(run->history++, word, run->slot, id);
	deliver(run, event, word & MODEL_WORD_CQ_PART);
}

/* Ready flows whose only event goes now. */
model_inline unsigned int
schedule_ready(struct schedule_run *run, struct model_ldb_queue *queue)
{
	struct model_sched *s = run->s;
	unsigned int bin = __builtin_ctz(queue->ready.bins);
	uint16_t tail = queue->ready.tail[bin];
	uint16_t at = queue->ready.head[bin];
	uint16_t free = s->free_head[0];
	unsigned int done = 0;
	bool last = false;

	while (done < run->most && !last) {
		const struct model_lane *lane = &s->lanes[at];
		struct model_flow *flow = &s->flows[at / MODEL_BINS];
		uint16_t event = lane->head;

		if (model_unlikely(event != lane->tail || flow->bins != 1u << bin))
			break;
		model_flow_pin_single(flow, run->p);
		deliver_ldb(run, &s->events[event], at / MODEL_BINS);
		s->next[event] = free;
		free = event;
		done++;
		last = at == tail;
		at = lane->next;
	}
	s->free_head[0] = free;
	queue->ready.head[bin] = at;
	if (last)
		queue->ready.bins = 0;
	return done;
}

/* Takes the first `done` events of a list, up to `last`, out of it, and frees them. */
model_inline void
remove_first(struct model_sched *s, struct model_fifo *fifo, unsigned int bin, uint16_t last,
	unsigned int done, unsigned int pool)
{
	uint16_t first = fifo->head[bin];

	if (done == 0)
		return;
	fifo->head[bin] = s->next[last];
	s->next[last] = s->free_head[pool];
	s->free_head[pool] = first;
	fifo->count -= done;
	if (fifo->count == 0)
		fifo->bins = 0;
}

/*
 * Events that could enter the AQED one after the other and be scheduled at once, each as the only
 * one of its flow, so that they need not be there.
 */
model_inline unsigned int
schedule_waiting(struct schedule_run *run, struct model_ldb_queue *queue, unsigned int most)
{
	struct model_sched *s = run->s;
	unsigned int bin = __builtin_ctz(queue->atq.bins);
	size_t next = queue->atq.head[bin], last = next;
	size_t f = s->unused_flow;
	uint32_t folded = model_flow_folded(queue);
	unsigned int done;

	if (queue->flows >= queue->flow_limit)
		return 0;
	most = min_of(most, queue->flow_limit - queue->flows);
	/* Flows are created like by model_flow_create(), but counted together. */
	for (done = 0; done < most && f != MODEL_NO_FLOW; done++) {
		const struct model_event *event = &s->events[next];
		struct model_flow *flow = &s->flows[f];
		uint32_t key = model_flow_key_of_many(queue, run->q, folded,
			model_word_lock(event->word));

		if (s->flow_of[key] != MODEL_NO_FLOW)
			break;
		s->flow_of[key] = f;
		deliver_ldb(run, event, f);
		f = flow->key;
		flow->key = key;
		model_flow_pin_single(flow, run->p);
		last = next;
		next = s->next[last];
	}
	s->unused_flow = f;
	queue->flows += done;
	remove_first(s, &queue->atq, bin, last, done, 0);
	return done;
}

model_inline unsigned int
schedule_atomic(struct schedule_run *run, struct model_ldb_queue *queue)
{
	struct model_sched *s = run->s;
	unsigned int done = schedule_ready(run, queue);

	queue->atomic -= done;
	if (queue->ready.bins != 0)
		return done;
	if (done < run->most && queue->atq.count > 0 && !s->aqed_contended &&
			model_aqed_held(queue) < queue->aqed_limit) {
		unsigned int more = schedule_waiting(run, queue,
			min_of(run->most - done, queue->atq.count));

		queue->atomic -= more;
		done += more;
	}
	model_ready_clear(s, run->q);
	return done;
}

/* Unordered events of a queue that has no sequence numbers. Returns the last one. */
model_inline uint16_t
schedule_unordered(struct schedule_run *run, uint16_t event)
{
	struct model_sched *s = run->s;
	uint16_t last, next = event;
	unsigned int left = run->most;

	do {
		last = next;
		deliver_ldb(run, &s->events[last], MODEL_NONE);
		next = s->next[last];
	} while (--left > 0);
	return last;
}

/* Events of a queue that has sequence numbers, while they are free. Returns the last one. */
model_inline uint16_t
schedule_ordered(struct schedule_run *run, struct model_order *order, uint16_t event,
	unsigned int *done)
{
	struct model_sched *s = run->s;
	uint16_t last = event, next = event;

	for (*done = 0; *done < run->most; ++*done) {
		uint16_t sn = MODEL_NONE;

		if (s->sns[order->base + order->next].state != MODEL_SN_FREE)
			break;
		last = next;
		if (model_word_type(s->events[last].word) == DLB2_SCHED_ORDERED)
			sn = model_sn_take(s, order, run->q, run->p,
				run->slot >> MODEL_HISTORY_SLOT_SHIFT);
		deliver_ldb(run, &s->events[last], sn);
		next = s->next[last];
	}
	return last;
}

model_inline unsigned int
schedule_nalb(struct schedule_run *run, struct model_ldb_queue *queue)
{
	struct model_sched *s = run->s;
	unsigned int bin = __builtin_ctz(queue->nalb.bins);
	uint16_t first = queue->nalb.head[bin], last;
	unsigned int done = run->most;

	if (queue->order.enabled)
		last = schedule_ordered(run, &queue->order, first, &done);
	else
		last = schedule_unordered(run, first);
	remove_first(s, &queue->nalb, bin, last, done, 0);
	if (queue->nalb.bins == 0) {
		s->nalb_work &= ~(1u << run->q);
		model_shared_update(s, run->q);
	}
	if (queue->order.enabled)
		model_sn_update(s, run->q);
	return done;
}

/*
 * The depth code of the entries to come, and in `n` at most how many of them have it: as many as
 * there are events above the level that the code begins at.
 */
static unsigned int
steady_code(const uint16_t above[3], unsigned int depth, unsigned int *n)
{
	unsigned int code = model_depth_code(above, depth);

	if (code != DLB2_QID_DEPTH_LE50)
		*n = min_of(*n, depth - above[code - 1]);
	return code;
}

/* A run of up to `n` events, or until the CQ has no room or its ring ends. */
static struct schedule_run
begin_run(struct dlb2_model *m, const struct model_port *port, unsigned int n,
	unsigned int depth, const uint16_t *above)
{
	int64_t room = port->stop - port->written;
	unsigned int code;

	n = room < n ? (unsigned int)room : n;
	n = min_of(n, port->ring_entries - model_cq_index(port));
	code = steady_code(above, depth - m->switches[DLB2_SWITCH_DEPTH_CODE], &n);
	return (struct schedule_run){ .s = &m->sched, .most = n,
		.dst = port->ring + ((size_t)model_cq_index(port) << port->entry_shift),
		.stride = 1u << port->entry_shift, .status = model_entry_status(port, code) };
}

/*
 * Whether a queue has events of one kind only, of one priority, to be taken without more ado. What
 * is in the ATQ may then as well enter the AQED when the run is over.
 */
model_inline bool
is_common_queue(const struct model_sched *s, const struct model_ldb_queue *queue)
{
	if (queue->nalb.bins != 0)
		return queue->ready.bins == 0 && model_is_single(queue->nalb.bins);
	return model_is_single(queue->ready.bins) && s->atq_device == 0 && !s->hold_aqed &&
		(queue->atq.bins == 0 ||
			(queue->atq.bins == queue->ready.bins && !s->pinned_first));
}

/* Counts the events of a run for the CQ, which may now be full. */
static void
finish_cq(struct dlb2_model *m, struct model_port *port, unsigned int p, unsigned int done)
{
	unsigned int push = port->hist_push + done;

	if (push > port->hist_limit) {
		push = port->hist_base;
		port->hist_push_gen = !port->hist_push_gen;
	}
	port->hist_push = push;
	port->written += done;
	if (port->written >= port->stop)
		model_room_update(m, DLB2_LDB, p);
	m->sched.domains[port->cq_domain].credits[0] += done;
}

/* The same for their queue. If they were atomic, others may enter the AQED. */
static void
finish_queue(struct dlb2_model *m, struct model_ldb_queue *queue, unsigned int q,
	unsigned int done, bool nalb)
{
	queue->open += done;
	if (queue->open >= queue->open_limit)
		model_queue_limit_update(m, q);
	if (!nalb && (m->sched.atq_work >> q & 1))
		model_aqed_admit(m, q);
}

unsigned int
model_fast_schedule(struct dlb2_model *m, unsigned int p, unsigned int q, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_LDB][p];
	struct model_ldb_queue *queue = &s->queues[q];
	bool nalb = queue->nalb.bins != 0;
	unsigned int depth = nalb ? queue->nalb.count : queue->atomic;
	struct schedule_run run;
	unsigned int done;

	if (!port->plain || !s->may_write_plain || port->watched || (port->own >> q & 1) ||
			!is_common_queue(s, queue))
		return 0;
	n = min_of(n, port->hist_limit + 1u - port->hist_push);
	n = min_of(n, queue->open_limit - queue->open);
	n = min_of(n, depth);
	run = begin_run(m, port, n, depth, queue->depth_above[nalb ? MODEL_NALB : MODEL_ATOMIC]);
	run.p = p;
	run.q = q;
	run.slot = (uint64_t)s->links[p].slot_of[q] << MODEL_HISTORY_SLOT_SHIFT;
	run.history = &s->history[port->hist_push];
	done = nalb ? schedule_nalb(&run, queue) : schedule_atomic(&run, queue);
	if (done > 0) {
		finish_cq(m, port, p, done);
		finish_queue(m, queue, q, done, nalb);
	}
	return done;
}

/* What queues give to a CQ in turn, one event each time. */
struct turns {
	struct model_sched *s;
	struct model_port *port;
	struct model_links *links;
	size_t p;
	uint8_t *dst;                  /* of the next entry */
	size_t stride;
	struct model_history *history; /* next entry */
	uint64_t status;               /* byte 15 of the entries but for depth, in its place */
	unsigned int depth_less;
};

/* An event was taken out of queue `q`, whose depth was `depth`. */
model_inline void
give(struct turns *turns, const struct model_ldb_queue *queue, size_t q, size_t n,
	enum model_ldb_kind kind, unsigned int depth, uint64_t id)
{
	struct model_sched *s = turns->s;
	struct model_event *event = &s->events[n];
	uint64_t slot = turns->links->slot_of[q];
	uint64_t code = model_depth_code(queue->depth_above[kind], depth - turns->depth_less);
	uint64_t word;

	model_keep(event);
	word = event->word;
	model_history_store(turns->history++, word, slot << MODEL_HISTORY_SLOT_SHIFT, id);
	model_entry_store(turns->dst, event->data, (word & MODEL_WORD_CQ_PART) | turns->status |
		code << (MODEL_WORD_STATUS_SHIFT + 1));
	turns->dst += turns->stride;
	s->next[n] = s->free_head[0];
	s->free_head[0] = n;
}

/* The next event of a queue that has but ready flows of one event, of one priority. */
model_inline bool
give_ready(struct turns *turns, struct model_ldb_queue *queue, size_t q)
{
	struct model_sched *s = turns->s;
	struct model_flow_list *ready = &queue->ready;
	unsigned int bins = ready->bins;
	size_t bin = __builtin_ctz(bins), n = ready->head[bin];
	struct model_lane *lane = &s->lanes[n];
	struct model_flow *flow = &s->flows[n / MODEL_BINS];
	size_t event;

	model_keep(lane);
	event = lane->head;
	if (model_unlikely(!model_is_single(bins) || event != lane->tail || flow->bins != bins ||
			(s->atq_work >> q & 1)))
		return false;
	model_flow_pin_single(flow, turns->p);
	if (n != ready->tail[bin]) {
		ready->head[bin] = lane->next;
	} else {
		ready->bins = 0;
		model_ready_clear(s, q);
	}
	give(turns, queue, q, event, MODEL_ATOMIC, queue->atomic--, n / MODEL_BINS);
	return true;
}

/* The next event of a queue that has but unordered or ordered ones of one priority. */
model_inline bool
give_nalb(struct turns *turns, struct model_ldb_queue *queue, size_t q)
{
	struct model_sched *s = turns->s;
	unsigned int bins = queue->nalb.bins, depth = queue->nalb.count;
	uint64_t id = MODEL_NONE;
	size_t event;

	if (model_unlikely(!model_is_single(bins) || queue->ready.bins != 0))
		return false;
	event = model_fifo_pop(s, &queue->nalb, __builtin_ctz(bins));
	if (model_unlikely(queue->nalb.bins == 0)) {
		s->nalb_work &= ~(1u << q);
		model_shared_update(s, q);
	}
	if (queue->order.enabled && model_word_type(s->events[event].word) == DLB2_SCHED_ORDERED)
		id = model_sn_give(s, q, turns->p, turns->links->slot_of[q]);
	give(turns, queue, q, event, MODEL_NALB, depth, id);
	return true;
}

/* What giving a CQ an event of a queue in turn leads to. */
enum gift { GIVEN, GIVEN_LAST, NOT_GIVEN };

/* One event of queue `q`; the last one that it may give now, or none if that is not common. */
model_inline enum gift
give_one(struct dlb2_model *m, struct turns *turns, size_t q)
{
	struct model_ldb_queue *queue = &turns->s->queues[q];

	model_keep(queue);
	if (queue->nalb.bins == 0 ? !give_ready(turns, queue, q) : !give_nalb(turns, queue, q))
		return NOT_GIVEN;
	queue->open++;
	if (model_unlikely(queue->open >= queue->open_limit))
		model_queue_limit_update(m, q);
	return model_likely(turns->s->shared >> q & 1) ? GIVEN : GIVEN_LAST;
}

/*
 * One event of each of these queues, of which there are several, in turn, at most `n`. Giving one
 * changes nothing for the other queues, so that none of them is looked up again before the round is
 * over; it is over early if a queue has no more to give. Adds to *done. False: the next event is not
 * common.
 */
model_inline bool
give_round(struct dlb2_model *m, struct turns *turns, uint32_t queues, unsigned int n,
	unsigned int *done)
{
	unsigned int last = turns->links->last_queue;
	uint32_t round = queues & (~UINT64_C(1) << last);
	unsigned int left = n;
	enum gift gift = GIVEN;

	for (round = round != 0 ? round : queues; round != 0 && left > 0; round &= round - 1) {
		size_t q = __builtin_ctz(round);

		gift = give_one(m, turns, q);
		if (model_unlikely(gift == NOT_GIVEN))
			break;
		last = q;
		left--;
		if (model_unlikely(gift == GIVEN_LAST))
			break;
	}
	turns->links->last_queue = last;
	*done += n - left;
	return gift != NOT_GIVEN;
}

/*
 * Events of all queues that the CQ may take some from, until there are `n` or the next is not
 * common.
 */
model_inline unsigned int
give_in_turn(struct dlb2_model *m, struct turns *turns, unsigned int n)
{
	unsigned int done = 0;

	while (done < n) {
		uint32_t queues = turns->port->linked & turns->s->shared;

		if (model_unlikely(model_is_single(queues))) {
			/* One alone takes no turn. */
			if (queues == 0 || give_one(m, turns, __builtin_ctz(queues)) == NOT_GIVEN)
				break;
			done++;
		} else if (!give_round(m, turns, model_best_queues(turns->links, queues), n - done,
				&done)) {
			break;
		}
	}
	return done;
}

unsigned int
model_fast_take_turns(struct dlb2_model *m, unsigned int p, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_LDB][p];
	struct turns turns = { .s = s, .port = port, .links = &s->links[p], .p = p,
		.stride = (size_t)1 << port->entry_shift,
		.history = &s->history[port->hist_push], .status = model_entry_status(port, 0),
		.depth_less = m->switches[DLB2_SWITCH_DEPTH_CODE] };

	if (!port->plain || !s->may_write_plain || port->watched || port->own != 0 ||
			s->atq_device != 0 || s->hold_aqed || s->run_length != 1 ||
			turns.links->run_left != 0)
		return 0;
	turns.dst = port->ring + ((size_t)model_cq_index(port) << port->entry_shift);
	n = min_of(n, port->hist_limit + 1u - port->hist_push);
	n = min_of(n, port->ring_entries - model_cq_index(port));
	n = min_of(n, port->stop - port->written);
	model_keep(turns.s);
	model_keep(turns.port);
	model_keep(turns.links);
	n = give_in_turn(m, &turns, n);
	if (n > 0)
		finish_cq(m, port, p, n);
	return n;
}

unsigned int
model_fast_schedule_dir(struct dlb2_model *m, unsigned int p, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_DIR][p];
	struct model_dir_queue *queue = &s->dir_queues[p];
	unsigned int bin = __builtin_ctz(queue->fifo.bins);
	uint16_t last, next = queue->fifo.head[bin];
	struct schedule_run run;
	unsigned int left;

	if (!port->plain || !s->may_write_plain || !model_is_single(queue->fifo.bins) ||
			m->switches[DLB2_SWITCH_DIR_ENTRY] != 0)
		return 0;
	run = begin_run(m, port, min_of(n, queue->fifo.count), queue->fifo.count,
		queue->depth_above);
	left = run.most;
	do {
		last = next;
		deliver(&run, &s->events[last], model_directed_word(s->events[last].word));
		next = s->next[last];
	} while (--left > 0);
	remove_first(s, &queue->fifo, bin, last, run.most, s->dir_pool);
	port->written += run.most;
	s->domains[port->cq_domain].credits[s->dir_pool] += run.most;
	return run.most;
}
