/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What model_fast_take.c, which alone includes this, does with a run of HCWs: the completion of
 * events, the lists that new ones are appended to. Which HCWs make a run is decided there.
 */
#ifndef MODEL_FAST_RUN_H
#define MODEL_FAST_RUN_H

#include "model_atomic.h"
#include "model_credits.h"
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
	uint64_t stamp;               /* makes the command of the HCWs the number of the port */
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

/* The same when it is one event. */
model_inline void
finish_single(struct take_run *run)
{
	run->from->open--;
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
	size_t f, uint32_t key)
{
	if (s->flow_of[key] != MODEL_NO_FLOW || to->flows >= to->flow_limit)
		return false;
	s->flow_of[s->flows[f].key] = MODEL_NO_FLOW;
	s->flow_of[key] = f;
	s->flows[f].key = key;
	from->flows--;
	to->flows++;
	return true;
}

static __attribute__((noinline)) bool
change_key_apart(struct model_sched *s, struct model_ldb_queue *from, struct model_ldb_queue *to,
	size_t f, uint32_t key)
{
	return change_key(s, from, to, f, key);
}

/* The flow of the event that is completed becomes that of the new one. False: it cannot. */
model_inline bool
reuse_flow(struct take_run *run, size_t f, uint32_t key, bool alone)
{
	uint64_t word = flow_word(&run->s->flows[f]);

	if (!alone && word == (run->single | key))
		return true;
	if ((word ^ run->single) >> 32 != 0)
		return false;
	if (!alone)
		return change_key_apart(run->s, run->from, run->target.queue, f, key);
	return (uint32_t)word == key ||
		change_key(run->s, run->from, run->target.queue, f, key);
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

#endif
