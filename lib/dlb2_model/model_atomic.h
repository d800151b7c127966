/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Atomic events (data-path 5.2). An event waits in its queue's ATQ until the AQED has room for it
 * and a flow number is free. In the AQED it is in a lane of its flow. A flow with events is either
 * on its queue's list of ready flows, or, while it is pinned, on the list of its CQ and queue.
 */
#ifndef MODEL_ATOMIC_H
#define MODEL_ATOMIC_H

#include "model_arbiter.h"
#include "model_queue.h"

void model_atomic_reset(struct dlb2_model *m);
/* Takes over the limits of a queue; more of its events may enter the AQED then. */
void model_atomic_decode(struct dlb2_model *m, unsigned int q);

/* A flow for a key that has none; its number is below MODEL_FLOWS. */
uint16_t model_flow_create(struct model_sched *s, uint32_t key);
/* Moves the lanes of a flow from its queue's ready list to the list of the CQ it is pinned to. */
void model_flow_lanes_pin(struct dlb2_model *m, uint16_t flow);
/* The same, back. */
void model_flow_lanes_unpin(struct dlb2_model *m, uint16_t flow, unsigned int p);
/* Lets events of queue `q`, or of all queues that wait for the device, enter the AQED. */
void model_aqed_admit(struct dlb2_model *m, unsigned int q);
void model_aqed_admit_blocked(struct dlb2_model *m);

static inline bool
model_flow_is_idle(const struct model_flow *flow)
{
	return (flow->open | flow->bins) == 0;
}

/* Lock IDs are folded by XOR into the bits that the queue has; 16 bits stay what they are. */
static inline uint32_t
model_flow_key(const struct model_ldb_queue *queue, unsigned int q, uint64_t lock_id)
{
	unsigned int bits = queue->hid_bits;
	uint32_t mask = (1u << bits) - 1;

	return q << 16 | ((uint32_t)(lock_id ^ lock_id >> bits ^ lock_id >> 2 * bits) & mask);
}

static inline unsigned int
model_flow_bucket(uint32_t key)
{
	return key * 0x9e3779b1u >> (32 - MODEL_FLOW_BUCKET_BITS);
}

static inline uint16_t
model_flow_find(struct model_sched *s, uint32_t key)
{
	uint16_t flow = s->flow_buckets[model_flow_bucket(key)];

	while (flow != MODEL_NONE && s->flows[flow].key != key)
		flow = s->flows[flow].hash_next;
	return flow != MODEL_NONE ? flow : model_flow_create(s, key);
}

static inline void
model_lane_append(struct model_sched *s, struct model_flow_list *list, unsigned int bin,
	uint16_t lane)
{
	if (list->bins & 1u << bin) {
		s->lanes[list->tail[bin]].next = lane;
		s->lanes[lane].prev = list->tail[bin];
	} else {
		list->head[bin] = lane;
		s->lanes[lane].prev = MODEL_NONE;
		list->bins |= 1u << bin;
	}
	s->lanes[lane].next = MODEL_NONE;
	list->tail[bin] = lane;
}

static inline void
model_lane_remove_head(struct model_sched *s, struct model_flow_list *list, unsigned int bin)
{
	uint16_t next = s->lanes[list->head[bin]].next;

	if (next == MODEL_NONE) {
		list->bins &= ~(1u << bin);
	} else {
		list->head[bin] = next;
		s->lanes[next].prev = MODEL_NONE;
	}
}

/* Queue `q` has, or has no more, work of flows pinned to CQ `p`. */
static inline void
model_own_set(struct model_sched *s, unsigned int p, unsigned int q)
{
	s->ports[DLB2_LDB][p].own |= 1u << q;
	s->queues[q].owners |= UINT64_C(1) << p;
	model_own_update(s, p);
}

static inline void
model_own_clear(struct model_sched *s, unsigned int p, unsigned int q)
{
	s->ports[DLB2_LDB][p].own &= ~(1u << q);
	s->queues[q].owners &= ~(UINT64_C(1) << p);
	model_own_update(s, p);
}

/* Queue `q` got flows that any CQ may take. */
static inline void
model_ready_set(struct dlb2_model *m, unsigned int q)
{
	m->sched.ready_work |= 1u << q;
	model_shared_update(&m->sched, q);
	if (model_unlikely(m->sched.queues[q].asleep != 0))
		model_links_wake(m, q);
}

static inline void
model_ready_clear(struct model_sched *s, unsigned int q)
{
	s->ready_work &= ~(1u << q);
	model_shared_update(s, q);
}

static inline bool
model_aqed_has_room(const struct model_sched *s, const struct model_ldb_queue *queue)
{
	return queue->aqed_count + queue->aqed_open < queue->aqed_limit &&
		s->aqed_used < DLB2_MAX_AQED_ENTRIES;
}

/* Whether a flow is in use, or may come into use (AQED_QID_FID_LIM). */
static inline bool
model_flow_may_be_used(const struct model_sched *s, const struct model_ldb_queue *queue,
	const struct model_flow *flow)
{
	return !model_flow_is_idle(flow) ||
		(queue->flows < queue->flow_limit && s->flows_used < DLB2_MAX_AQED_ENTRIES);
}

/* Puts an event into the AQED, which has room, under a flow that may be used. */
static inline void
model_aqed_insert(struct dlb2_model *m, unsigned int q, uint16_t f, unsigned int bin,
	uint16_t event)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	struct model_flow *flow = &s->flows[f];
	uint16_t n = f * MODEL_BINS + bin;
	struct model_lane *lane = &s->lanes[n];

	queue->aqed_count++;
	s->aqed_used++;
	if (model_flow_is_idle(flow)) {
		queue->flows++;
		s->flows_used++;
	}
	if (flow->bins & 1u << bin) {
		s->next[lane->tail] = event;
		lane->tail = event;
		return;
	}
	lane->head = event;
	lane->tail = event;
	flow->bins |= 1u << bin;
	if (flow->cq == MODEL_UNPINNED) {
		bool first = queue->ready.bins == 0;

		model_lane_append(s, &queue->ready, bin, n);
		if (first)
			model_ready_set(m, q);
	} else {
		struct model_flow_list *list = &s->pinned[flow->cq][q];
		bool first = list->bins == 0;

		model_lane_append(s, list, bin, n);
		if (first)
			model_own_set(s, flow->cq, q);
	}
}

/* An atomic event enters its queue, and if nothing is in its way, the AQED. */
static inline void
model_atomic_enqueue(struct dlb2_model *m, uint16_t event, uint64_t word)
{
	struct model_sched *s = &m->sched;
	unsigned int q = model_word_qid(word);
	struct model_ldb_queue *queue = &s->queues[q];
	unsigned int bin = model_bin_of(m, word);
	uint16_t flow;

	queue->atm_enqueued++;
	if (model_likely(queue->atq.bins == 0 && model_aqed_has_room(s, queue))) {
		flow = model_flow_find(s, model_flow_key(queue, q, model_word_lock(word)));
		if (model_likely(model_flow_may_be_used(s, queue, &s->flows[flow]))) {
			model_aqed_insert(m, q, flow, bin, event);
			return;
		}
	}
	model_fifo_push(s, &queue->atq, bin, event);
	model_aqed_admit(m, q);
}

/* Chooses between flows that are ready and flows pinned here, and the bin in the list chosen. */
static inline struct model_flow_list *
model_flow_list_choose(struct dlb2_model *m, struct model_flow_list *ready,
	struct model_flow_list *pinned, unsigned int *bin)
{
	unsigned int pinned_bin;

	if (pinned->bins == 0) {
		*bin = model_arbiter_bin(m, MODEL_ARB_READY, ready->bins);
		return ready;
	}
	pinned_bin = model_arbiter_bin(m, MODEL_ARB_SCHED, pinned->bins);
	*bin = pinned_bin;
	if (ready->bins == 0)
		return pinned;
	*bin = model_arbiter_bin(m, MODEL_ARB_READY, ready->bins);
	if (*bin < pinned_bin || (*bin == pinned_bin && !m->sched.pinned_first))
		return ready;
	*bin = pinned_bin;
	return pinned;
}

/* The head lane of a list gives up its first event. If `turns`, it then goes behind the others. */
static inline uint16_t
model_lane_take(struct model_sched *s, struct model_flow_list *list, unsigned int bin, bool turns)
{
	uint16_t n = list->head[bin];
	struct model_lane *lane = &s->lanes[n];
	uint16_t event = lane->head;

	if (event == lane->tail) {
		model_lane_remove_head(s, list, bin);
		s->flows[n / MODEL_BINS].bins &= ~(1u << bin);
		return event;
	}
	lane->head = s->next[event];
	if (turns && lane->next != MODEL_NONE) {
		model_lane_remove_head(s, list, bin);
		model_lane_append(s, list, bin, n);
	}
	return event;
}

/* The AQED entry of a scheduled event is free, or held until completion (a switch). */
static inline void
model_aqed_release(struct dlb2_model *m, unsigned int q)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];

	queue->aqed_count--;
	if (model_unlikely(m->switches[DLB2_SWITCH_AQED_ENTRY] != 0)) {
		queue->aqed_open++;
		return;
	}
	s->aqed_used--;
	if (queue->atq.bins != 0)
		model_aqed_admit(m, q);
	if (model_unlikely(s->atq_blocked != 0))
		model_aqed_admit_blocked(m);
}

/* Takes the atomic event of queue `q` that CQ `p` gets next; there is one. Pins its flow. */
static inline uint16_t
model_atomic_take(struct dlb2_model *m, unsigned int q, unsigned int p, uint16_t *flow_out)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	struct model_flow_list *pinned = &s->pinned[p][q];
	struct model_flow *flow;
	unsigned int bin;
	struct model_flow_list *list = model_flow_list_choose(m, &queue->ready, pinned, &bin);
	uint16_t f = list->head[bin] / MODEL_BINS;
	uint16_t event = model_lane_take(s, list, bin, list == pinned);

	flow = &s->flows[f];
	flow->open++;
	if (list == pinned) {
		if (list->bins == 0)
			model_own_clear(s, p, q);
	} else {
		flow->cq = p;
		if (flow->bins != 0)
			model_flow_lanes_pin(m, f);
		if (list->bins == 0)
			model_ready_clear(s, q);
	}
	model_aqed_release(m, q);
	*flow_out = f;
	return event;
}

/* An event of a flow was completed at CQ `p`. After the last one the flow is free of the CQ. */
static inline void
model_flow_complete(struct dlb2_model *m, uint16_t f, unsigned int q, unsigned int p)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	struct model_flow *flow = &s->flows[f];

	if (model_unlikely(queue->aqed_open != 0)) {
		queue->aqed_open--;
		s->aqed_used--;
	}
	flow->open--;
	if (flow->open == 0) {
		flow->cq = MODEL_UNPINNED;
		if (flow->bins != 0) {
			model_flow_lanes_unpin(m, f, p);
		} else {
			queue->flows--;
			s->flows_used--;
		}
	}
	if (queue->atq.bins != 0)
		model_aqed_admit(m, q);
	if (model_unlikely(s->atq_blocked != 0))
		model_aqed_admit_blocked(m);
}

#endif
