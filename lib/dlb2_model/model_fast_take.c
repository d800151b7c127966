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

/* What HCWs to one list of a queue have in common: command, scheduling type, queue, priority. */
#define COMMAND_MASK (MODEL_WORD(cmd) | MODEL_WORD_TYPE)
#define TARGET_MASK \
	(COMMAND_MASK | MODEL_WORD_ROUTE | (uint64_t)DLB2_HCW_PRIORITY << DLB2_HCW_SHIFT(sched))

/* Of a history entry: the queue and the type of the event. Those of no entry: */
#define NO_SOURCE UINT64_MAX

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
	uint64_t single;     /* a flow with one open event of the port, but for its key */
};

/*
 * Where the events of some HCWs go: to the end of a FIFO or of a queue's list of ready flows. What
 * the list and its queue must know of them is booked when they are over.
 */
struct target {
	uint64_t kind;                 /* what TARGET_MASK selects of the HCWs */
	unsigned int q;
	unsigned int bin;
	struct model_ldb_queue *queue; /* unless directed */
	struct model_fifo *fifo;       /* unless a list of flows */
	unsigned int left;             /* of the run when this target began, */
	unsigned int stop;             /* and where the list is full */
	unsigned int early;            /* events that wait for their order instead */
	size_t last;                   /* event or lane in the list, */
	uint16_t *link;                /* and where the number of the one behind it belongs */
	uint32_t ready;                /* state of a flow with one event to schedule */
	uint32_t folded;               /* bits of a lock ID that make that it is folded */
};

/* A run of HCWs of one port, all of one command and type. */
struct take_run {
	struct model_sched *s;
	const struct model_domain *domain;
	struct model_history *oldest; /* open event of the port */
	unsigned int left;            /* HCWs that the port may still send */
	unsigned int pool;
	size_t free;                  /* first of the pool's free events */
	uint64_t stamp;               /* what makes the command of the HCWs the number of the port */
	uint64_t single;              /* a flow with one open event of the port, but for its key */
	struct target target;

	/* The queue of the events that were completed last, and the first of them. */
	uint64_t source;
	struct model_ldb_queue *from;
	struct model_history *first;
};

/* What the completion part of a FWD acts on. */
struct completion {
	bool atomic;
	size_t flow;          /* of an atomic event */
	struct model_sn *sn;  /* NULL: not ordered */
	bool early; /* older sequence numbers are open, so that the new event must wait */
};

model_inline unsigned int
min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Counts the completed events of a queue for it. */
model_inline void
finish_source(struct take_run *run)
{
	if (run->source == NO_SOURCE)
		return;
	run->from->open -= run->oldest - run->first;
	run->source = NO_SOURCE;
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
	struct model_ldb_queue *queue = &run->s->queues[q];
	unsigned int type = model_word_type(entry);

	model_keep(queue);
	finish_source(run);
	if (queue->open >= queue->open_limit ||
			(type == DLB2_SCHED_ATOMIC && queue->flows >= queue->flow_limit) ||
			(type == DLB2_SCHED_ORDERED && !(run->s->sn_ok >> q & 1)))
		return false;
	run->source = entry & MODEL_WORD_ROUTE;
	run->from = queue;
	run->first = run->oldest;
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

/* A flow as one word, the key below. */
model_inline uint64_t
flow_word(const struct model_flow *flow)
{
	uint64_t word;

	memcpy(&word, flow, sizeof(word));
	return word;
}

/* Whether a flow's only event is open at the port. */
model_inline bool
is_single_flow(const struct take_run *run, size_t f)
{
	return (flow_word(&run->s->flows[f]) ^ run->single) >> 32 == 0;
}

/*
 * What completing the oldest open event means; false: more than that counts change. Of an atomic
 * event it is not known yet whether it is the only one of its flow.
 */
model_inline bool
find_completion(struct take_run *run, struct completion *c)
{
	uint64_t entry;

	memcpy(&entry, run->oldest, sizeof(entry));
	if (model_unlikely((entry & MODEL_WORD_ROUTE) != run->source) &&
			!change_source(run, entry))
		return false;
	switch (model_word_type(run->source)) {
	case DLB2_SCHED_ATOMIC:
		c->atomic = true;
		c->flow = (uint16_t)entry;
		return true;
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

/* The completion part, but for a flow that goes on, and for an event that waits for its order. */
model_inline void
do_completion(struct take_run *run, const struct completion *c)
{
	run->oldest++;
	if (c->atomic)
		model_flow_delete(run->s, run->from, c->flow);
	else if (c->sn != NULL)
		do_sn_in_order(run, c);
}

/* The event of an HCW, stored; it is paid for when the run is over. */
model_inline size_t
store_event(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word)
{
	size_t event = run->free;
	struct model_event *stored = &run->s->events[event];

	run->free = run->s->next[event];
	model_keep(stored);
	stored->data = hcw->data;
	stored->word = word ^ run->stamp;
	return event;
}

/* The event is complete, but an older one of its queue is not: the new one waits. */
model_inline void
take_early(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word,
	const struct completion *c)
{
	run->oldest++;
	run->target.early++;
	do_sn_early(c, store_event(run, hcw, word));
}

/* Finds the end of the list, for the first event to be appended. */
model_inline void
open_fifo(struct take_run *run, uint64_t word)
{
	struct target *target = &run->target;
	struct model_fifo *fifo = target->fifo;

	target->bin = model_bin_of(run->s, word);
	target->link = model_likely(fifo->bins >> target->bin & 1) ?
		&run->s->next[fifo->tail[target->bin]] : &fifo->head[target->bin];
}

model_inline void
open_flows(struct take_run *run, uint64_t word)
{
	struct target *target = &run->target;
	struct model_flow_list *ready = &target->queue->ready;

	target->bin = model_bin_of(run->s, word);
	target->last = ready->tail[target->bin];
	target->link = model_likely(ready->bins >> target->bin & 1) ?
		&run->s->lanes[target->last].next : &ready->head[target->bin];
	target->ready = model_flow_state(0, 0, 1u << target->bin);
	target->folded = model_flow_folded(target->queue);
}

/* The event of an HCW goes to the end of the FIFO. */
model_inline void
append_event(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word)
{
	struct target *target = &run->target;

	target->last = store_event(run, hcw, word);
	*target->link = target->last;
	target->link = &run->s->next[target->last];
}

/* The event of an HCW becomes the only one of a flow, which goes to the end of the list. */
model_inline void
append_flow(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, size_t f)
{
	struct target *target = &run->target;
	size_t n = f * MODEL_BINS + target->bin;
	struct model_lane *lane = &run->s->lanes[n];

	model_flow_store_state(&run->s->flows[f], target->ready);
	model_lane_set(lane, store_event(run, hcw, word), target->last);
	target->last = n;
	*target->link = n;
	target->link = &lane->next;
}

/*
 * A flow whose only event is completed gets another key, if no flow has it and the queue may have
 * one more. Apart, because most flows keep their key.
 */
model_inline bool
change_key(struct model_sched *s, struct model_ldb_queue *from, struct model_ldb_queue *to,
	struct model_flow *flow, uint32_t key)
{
	if (s->flow_of[key] != MODEL_NO_FLOW || to->flows >= to->flow_limit)
		return false;
	s->flow_of[flow->key] = MODEL_NO_FLOW;
	s->flow_of[key] = flow - s->flows;
	flow->key = key;
	from->flows--;
	to->flows++;
	return true;
}

static __attribute__((noinline)) bool
change_key_apart(struct model_sched *s, struct model_ldb_queue *from, struct model_ldb_queue *to,
	struct model_flow *flow, uint32_t key)
{
	return change_key(s, from, to, flow, key);
}

/* The flow of the event that is completed becomes that of the new one. False: it cannot. */
model_inline bool
reuse_flow(struct take_run *run, size_t f, uint32_t key, bool alone)
{
	struct model_flow *flow = &run->s->flows[f];
	uint64_t word = flow_word(flow);

	if (word == (run->single | key))
		return true;
	if ((word ^ run->single) >> 32 != 0)
		return false;
	return alone ? change_key(run->s, run->from, run->target.queue, flow, key) :
		change_key_apart(run->s, run->from, run->target.queue, flow, key);
}

/* A flow that is not in use becomes that of the new event; 0 if the queue may not have another. */
model_inline size_t
new_flow(struct take_run *run, uint32_t key)
{
	struct model_ldb_queue *queue = run->target.queue;
	struct model_sched *s = run->s;

	if (s->flow_of[key] != MODEL_NO_FLOW || queue->flows >= queue->flow_limit ||
			s->unused_flow == MODEL_NO_FLOW)
		return MODEL_NO_FLOW;
	return model_flow_create(s, queue, key);
}

/* A NEW or FWD to a FIFO, to be opened if it is alone. False: it is not common. */
model_inline bool
take_into_fifo(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	bool alone)
{
	struct completion c = { .sn = NULL };

	if (forward && (!find_completion(run, &c) || (c.atomic && !is_single_flow(run, c.flow))))
		return false;
	if (forward && c.early) {
		take_early(run, hcw, word, &c);
		return true;
	}
	if (forward)
		do_completion(run, &c);
	if (alone)
		open_fifo(run, word);
	append_event(run, hcw, word);
	return true;
}

/* The key of the flow that an HCW names. */
model_inline uint32_t
key_of(const struct target *target, uint64_t word, bool alone)
{
	unsigned int lock_id = model_word_lock(word);

	return alone ? model_flow_key(target->queue, target->q, lock_id) :
		model_flow_key_of_many(target->queue, target->q, target->folded, lock_id);
}

/*
 * A NEW or FWD of an atomic event that nothing keeps from being ready; the list is to be opened if
 * it is alone. False: it is not common.
 */
model_inline bool
take_into_flows(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	bool alone)
{
	uint32_t key = key_of(&run->target, word, alone);
	struct completion c = { .sn = NULL };

	if (forward && !find_completion(run, &c))
		return false;
	if (c.early) {
		take_early(run, hcw, word, &c);
		return true;
	}
	if (c.atomic) {
		if (!reuse_flow(run, c.flow, key, alone))
			return false;
		run->oldest++;
	} else {
		c.flow = new_flow(run, key);
		if (c.flow == MODEL_NO_FLOW)
			return false;
		if (forward)
			do_completion(run, &c);
	}
	if (alone)
		open_flows(run, word);
	append_flow(run, hcw, word, c.flow);
	return true;
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

/* Whether a queue's list of ready flows can be appended to; how much is the target's to know. */
model_inline bool
check_flows(struct take_run *run)
{
	struct target *target = &run->target;
	const struct model_ldb_queue *queue = target->queue;
	unsigned int room = queue->aqed_limit - queue->atomic;

	if (queue->atomic >= queue->aqed_limit ||
			(model_unlikely(queue->ready.bins == 0) &&
			!is_common_wake(run->s, queue, target->q)))
		return false;
	if (run->left > room)
		target->stop = run->left - room;
	return true;
}

model_inline void
finish_flows(struct take_run *run, unsigned int n)
{
	struct target *target = &run->target;
	struct model_ldb_queue *queue = target->queue;
	struct model_flow_list *ready = &queue->ready;

	if (ready->bins == 0) {
		run->s->ready_work |= 1u << target->q;
		do_wake(run->s, queue, target->q);
	}
	ready->bins |= 1u << target->bin;
	ready->tail[target->bin] = target->last;
	queue->atomic += n;
	queue->atm_enqueued += n;
}

model_inline void
finish_fifo(struct take_run *run, unsigned int n)
{
	struct model_fifo *fifo = run->target.fifo;

	fifo->bins |= 1u << run->target.bin;
	fifo->tail[run->target.bin] = run->target.last;
	fifo->count += n;
}

/* Atomic events that have to wait for the AQED go to the ATQ. */
model_inline bool
check_atomic(struct take_run *run, uint64_t word)
{
	struct target *target = &run->target;

	target->fifo = NULL;
	if (model_likely(!(run->s->atq_work >> target->q & 1)))
		return check_flows(run);
	target->fifo = &target->queue->atq;
	/* Of another priority, they might not be the last to enter the AQED. */
	return target->fifo->bins == 1u << model_bin_of(run->s, word);
}

model_inline void
finish_atomic(struct take_run *run, unsigned int n)
{
	if (run->target.fifo == NULL) {
		finish_flows(run, n);
		return;
	}
	finish_fifo(run, n);
	run->target.queue->atomic += n;
	run->target.queue->atm_enqueued += n;
}

model_inline bool
check_nalb(struct take_run *run)
{
	struct target *target = &run->target;

	target->fifo = &target->queue->nalb;
	return model_likely(target->fifo->bins != 0) ||
		is_common_wake(run->s, target->queue, target->q);
}

model_inline void
finish_nalb(struct take_run *run, unsigned int n)
{
	struct model_ldb_queue *queue = run->target.queue;

	if (queue->nalb.bins == 0) {
		run->s->nalb_work |= 1u << run->target.q;
		do_wake(run->s, queue, run->target.q);
	}
	finish_fifo(run, n);
	model_nalb_count(queue, n);
}

model_inline void
finish_dir(struct take_run *run, unsigned int n)
{
	finish_fifo(run, n);
	model_dir_count(run->s, run->target.q, n);
}

/* Makes the list that an HCW's event goes to that of the run. False: that is not common. */
model_inline bool
begin_target(struct take_run *run, uint64_t word, enum dlb2_sched_type type)
{
	struct target *target = &run->target;

	if (!model_is_allowed(run->domain, word))
		return false;
	target->kind = word & TARGET_MASK;
	target->q = model_word_qid(word);
	target->left = run->left;
	target->stop = 0;
	target->early = 0;
	if (type == DLB2_SCHED_DIRECTED) {
		target->fifo = &run->s->dir_queues[target->q].fifo;
		return true;
	}
	target->queue = &run->s->queues[target->q];
	model_keep(target->queue);
	return type == DLB2_SCHED_ATOMIC ? check_atomic(run, word) : check_nalb(run);
}

/* Tells the list and its queue of what was appended. */
model_inline void
finish_target(struct take_run *run, enum dlb2_sched_type type)
{
	unsigned int n = run->target.left - run->left - run->target.early;

	if (n == 0)
		return;
	if (type == DLB2_SCHED_ATOMIC)
		finish_atomic(run, n);
	else if (type == DLB2_SCHED_DIRECTED)
		finish_dir(run, n);
	else
		finish_nalb(run, n);
}

model_inline struct take_run
begin_run(const struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw,
	enum dlb2_sched_type type)
{
	struct model_sched *s = &burst->m->sched;
	struct take_run run;

	model_keep(s);
	run.s = s;
	run.domain = burst->domain;
	run.oldest = burst->oldest;
	run.left = most;
	run.pool = type == DLB2_SCHED_DIRECTED ? s->dir_pool : 0;
	run.free = s->free_head[run.pool];
	run.stamp = (uint64_t)(hcw->cmd ^ burst->sender) << MODEL_WORD_STATUS_SHIFT;
	run.single = burst->single;
	run.source = NO_SOURCE;
	return run;
}

/* Books `n` events in a row of `hcws` HCWs. */
model_inline void
finish_run(struct take_run *run, struct burst *burst, unsigned int n, unsigned int hcws)
{
	finish_source(run);
	run->s->free_head[run->pool] = run->free;
	burst->domain->credits[run->pool] -= n;
	burst->oldest = run->oldest;
	burst->events += n;
	burst->noops += hcws - n;
}

/* NOOPs behind an event sent alone fill its line. */
#define REST_OF_LINE (DLB2_HCWS_PER_LINE - 1)

model_inline const struct dlb2_hcw *
skip_noops(const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	if (end - hcw >= REST_OF_LINE &&
			((hcw[0].cmd | hcw[1].cmd | hcw[2].cmd) & DLB2_HCW_CMD) == DLB2_CMD_NOOP)
		hcw += REST_OF_LINE;
	while (hcw != end && (hcw->cmd & DLB2_HCW_CMD) == DLB2_CMD_NOOP)
		hcw++;
	return hcw;
}

/* The HCW behind this one, but for NOOPs; `word` is its word, unless that is the end. */
model_inline const struct dlb2_hcw *
next_hcw(const struct dlb2_hcw *hcw, const struct dlb2_hcw *end, uint64_t *word)
{
	hcw++;
	if (hcw != end && model_unlikely((hcw->cmd & DLB2_HCW_CMD) == DLB2_CMD_NOOP))
		hcw = skip_noops(hcw, end);
	if (hcw != end)
		*word = model_word_of(hcw);
	return hcw;
}

model_inline bool
is_same_target(const struct take_run *run, uint64_t word)
{
	return ((word ^ run->target.kind) & TARGET_MASK) == 0;
}

/* Takes HCWs that go to the list of the first one, as long as they are common. */
model_inline const struct dlb2_hcw *
take_target(struct take_run *run, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end,
	bool forward, bool flows)
{
	uint64_t word = model_word_of(hcw);

	if (flows)
		open_flows(run, word);
	else
		open_fifo(run, word);
	while (flows ? take_into_flows(run, hcw, word, forward, false) :
			take_into_fifo(run, hcw, word, forward, false)) {
		run->left--;
		if (++hcw == end)
			break;
		word = model_word_of(hcw);
		if (model_unlikely(!is_same_target(run, word))) {
			if (model_word_command(word) != DLB2_CMD_NOOP)
				break;
			hcw = skip_noops(hcw, end);
			if (hcw == end)
				break;
			word = model_word_of(hcw);
			if (!is_same_target(run, word))
				break;
		}
		if (run->left == run->target.stop)
			break;
	}
	return hcw;
}

/* A run to one list. Returns where it stopped. */
model_inline const struct dlb2_hcw *
take_same(struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw,
	const struct dlb2_hcw *end, bool forward, enum dlb2_sched_type type)
{
	struct take_run run = begin_run(burst, most, hcw, type);
	const struct dlb2_hcw *first = hcw;

	if (!begin_target(&run, model_word_of(hcw), type))
		return hcw;
	if (type == DLB2_SCHED_ATOMIC && run.target.fifo == NULL)
		hcw = take_target(&run, hcw, end, forward, true);
	else
		hcw = take_target(&run, hcw, end, forward, false);
	finish_target(&run, type);
	finish_run(&run, burst, most - run.left, hcw - first);
	return hcw;
}

/*
 * A run of one command and type to lists that change all the time: the same, with a target for each
 * HCW, of which the compiler leaves little. Returns where it stopped.
 */
model_inline const struct dlb2_hcw *
take_mixed(struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw,
	const struct dlb2_hcw *end, bool forward, enum dlb2_sched_type type)
{
	struct take_run run = begin_run(burst, most, hcw, type);
	const struct dlb2_hcw *first = hcw;
	uint64_t word = model_word_of(hcw);
	const uint64_t command = word & COMMAND_MASK;
	bool common;

	do {
		if (!begin_target(&run, word, type))
			break;
		common = type == DLB2_SCHED_ATOMIC && run.target.fifo == NULL ?
			take_into_flows(&run, hcw, word, forward, true) :
			take_into_fifo(&run, hcw, word, forward, true);
		if (!common)
			break;
		run.left--;
		finish_target(&run, type);
		if (forward)
			finish_source(&run);
		hcw = next_hcw(hcw, end, &word);
	} while (hcw != end && run.left != 0 && ((word ^ command) & COMMAND_MASK) == 0);
	finish_run(&run, burst, most - run.left, hcw - first);
	return hcw;
}

typedef const struct dlb2_hcw *take_function(struct burst *burst, unsigned int most,
	const struct dlb2_hcw *hcw, const struct dlb2_hcw *end);

#define TAKE(name, take, forward, type) \
	static __attribute__((noinline)) const struct dlb2_hcw * \
	name(struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw, \
		const struct dlb2_hcw *end) \
	{ \
		return take(burst, most, hcw, end, forward, type); \
	}
#define TAKE_KIND(name, forward, type) \
	TAKE(name, take_same, forward, type) \
	TAKE(name##_mixed, take_mixed, forward, type)

TAKE_KIND(new_atomic, false, DLB2_SCHED_ATOMIC)
TAKE_KIND(new_nalb, false, DLB2_SCHED_UNORDERED)
TAKE_KIND(new_dir, false, DLB2_SCHED_DIRECTED)
TAKE_KIND(forward_atomic, true, DLB2_SCHED_ATOMIC)
TAKE_KIND(forward_nalb, true, DLB2_SCHED_UNORDERED)
TAKE_KIND(forward_dir, true, DLB2_SCHED_DIRECTED)

/* By whether targets change, whether events are completed, and type. */
static take_function *const take_functions[2][2][4] = {
	{ { new_atomic, new_nalb, new_nalb, new_dir },
		{ forward_atomic, forward_nalb, forward_nalb, forward_dir } },
	{ { new_atomic_mixed, new_nalb_mixed, new_nalb_mixed, new_dir_mixed },
		{ forward_atomic_mixed, forward_nalb_mixed, forward_nalb_mixed,
			forward_dir_mixed } },
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

/* Whether the HCW `n` behind this one, of `left`, is an event for another list. */
model_inline bool
differs(const struct dlb2_hcw *hcw, ptrdiff_t left, unsigned int n)
{
	uint64_t word;

	if (n >= left)
		return false;
	word = model_word_of(hcw + n);
	return ((word ^ model_word_of(hcw)) & TARGET_MASK) != 0 &&
		(model_word_command(word) & DLB2_CMD_VALID) != 0;
}

/*
 * Whether an HCW is not the first of a run to one list, as far as three of those behind it tell. To
 * find the end of the run would cost what it is to save.
 */
model_inline bool
is_mixed(const struct dlb2_hcw *hcw, ptrdiff_t left)
{
	return left == 1 || differs(hcw, left, 1) || differs(hcw, left, 2) ||
		differs(hcw, left, DLB2_HCWS_PER_LINE);
}

/* Takes HCWs of the first one's command and type. Returns where it stopped. */
static const struct dlb2_hcw *
take_events(struct burst *burst, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	struct model_sched *s = &burst->m->sched;
	unsigned int type = hcw->sched & DLB2_HCW_SCHED_TYPE;
	unsigned int cmd = hcw->cmd, before = burst->events;
	unsigned int most = most_hcws(burst, type == DLB2_SCHED_DIRECTED ? s->dir_pool : 0, cmd);

	if (most == 0)
		return hcw;
	hcw = take_functions[is_mixed(hcw, end - hcw)][(cmd & DLB2_CMD_COMP_BIT) != 0][type](burst, most,
		hcw, end);
	if (cmd & DLB2_CMD_TOKEN)
		burst->tokens += burst->events - before;
	burst->m->counters.hcws[cmd] += burst->events - before;
	return hcw;
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
		.sender = p | (kind == DLB2_LDB ? MODEL_SENDER_LDB : 0),
		.single = (uint64_t)model_flow_state(1, p + 1, 0) << 32 };
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
