/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Atomic events (data-path 5.2). An event waits in its queue's ATQ until the AQED has room for it
 * and a flow number is free. In the AQED it is in a lane of its flow. A flow with events is either
 * on its queue's list of ready flows, or, while it is pinned, on the list of its CQ and queue.
 *
 * As long as the queue has ready flows of the only priority that waits, events may wait longer than
 * they must: it makes no difference to what is scheduled next, and most then never enter the AQED
 * at all, because they are scheduled from the ATQ (model_fast_schedule.c). The registers that count
 * both show them where they belong: model_aqed_settle().
 */
#ifndef MODEL_ATOMIC_H
#define MODEL_ATOMIC_H

#include "model_arbiter.h"
#include "model_queue.h"

/* Where a member begins in the upper half of a flow, and in a lane, in bits. */
#define MODEL_FLOW_SHIFT(member) \
	(8 * (offsetof(struct model_flow, member) - offsetof(struct model_flow, open)))
#define MODEL_LANE_SHIFT(member) (8 * offsetof(struct model_lane, member))

_Static_assert(sizeof(struct model_flow) == 8 && offsetof(struct model_flow, key) == 0 &&
	offsetof(struct model_flow, open) == 4,
	"a flow is compared as one word, and what it has beside its key is stored at once");
_Static_assert(sizeof(struct model_lane) == 8, "a lane is stored at once");

void model_atomic_reset(struct dlb2_model *m);
/* Takes over the limits of a queue; more of its events may enter the AQED then. */
void model_atomic_decode(struct dlb2_model *m, unsigned int q);

/* Puts an event into the AQED under a flow; both may be taken. */
void model_aqed_insert(struct dlb2_model *m, unsigned int q, uint16_t flow, unsigned int bin,
	uint16_t event);
/* The first event that must wait for room in the AQED or for a flow. */
void model_atq_enqueue(struct dlb2_model *m, unsigned int q, unsigned int bin, uint16_t event);
/* Something became free for queue `q`, and for the device: events that wait enter the AQED. */
void model_aqed_admit(struct dlb2_model *m, unsigned int q);
/* All events of queue `q` that may enter the AQED do so. */
void model_aqed_settle(struct dlb2_model *m, unsigned int q);
/* Takes the next event for CQ `p`, where flows with events are pinned to it, or one has several. */
uint16_t model_atomic_take_any(struct dlb2_model *m, unsigned int q, unsigned int p,
	uint16_t *flow);
/* The last open event of a flow with events was completed. */
void model_flow_unpin(struct dlb2_model *m, uint16_t flow);

model_inline uint16_t
model_lane_number(uint16_t flow, unsigned int bin)
{
	return flow * MODEL_BINS + bin;
}

/* All of a flow but its key. */
model_inline uint32_t
model_flow_state(unsigned int open, unsigned int pinned, unsigned int bins)
{
	return open | pinned << MODEL_FLOW_SHIFT(pinned) | bins << MODEL_FLOW_SHIFT(bins);
}

model_inline void
model_flow_store_state(struct model_flow *flow, uint32_t state)
{
	memcpy(&flow->open, &state, sizeof(state));
}

/* A lane with one event, last on its list behind `prev`, in one store. */
model_inline void
model_lane_set(struct model_lane *lane, uint16_t event, uint16_t prev)
{
	const uint64_t both = UINT64_C(1) << MODEL_LANE_SHIFT(head) |
		UINT64_C(1) << MODEL_LANE_SHIFT(tail);
	uint64_t value = both * event | (uint64_t)prev << MODEL_LANE_SHIFT(prev);

	memcpy(lane, &value, sizeof(value));
}

/* Lock IDs are folded by XOR into the bits that the queue has; most have no more bits than that. */
model_inline uint32_t
model_flow_key(const struct model_ldb_queue *queue, unsigned int q, uint32_t lock_id)
{
	unsigned int bits = queue->hid_bits;

	if (model_unlikely((lock_id & ~queue->hid_mask) != 0))
		lock_id = (lock_id ^ lock_id >> bits ^ lock_id >> 2 * bits) & queue->hid_mask;
	return q << 16 | lock_id;
}

/* The same for many, with the bits of a lock ID at hand that make that it is folded. */
model_inline uint32_t
model_flow_key_of_many(const struct model_ldb_queue *queue, unsigned int q, uint32_t folded,
	uint32_t lock_id)
{
	if (model_unlikely((lock_id & folded) != 0))
		return model_flow_key(queue, q, lock_id);
	return q << 16 | lock_id;
}

model_inline uint32_t
model_flow_folded(const struct model_ldb_queue *queue)
{
	return ~(uint32_t)queue->hid_mask;
}

/* Takes an unused flow, of which there is one, for a queue. It has neither events nor a CQ. */
model_inline uint16_t
model_flow_create(struct model_sched *s, struct model_ldb_queue *queue, uint32_t key)
{
	uint16_t f = s->unused_flow;

	s->unused_flow = s->flows[f].key;
	s->flows[f].key = key;
	s->flow_of[key] = f;
	queue->flows++;
	return f;
}

/* Gives back a flow without events. */
model_inline void
model_flow_delete(struct model_sched *s, struct model_ldb_queue *queue, uint16_t f)
{
	struct model_flow *flow = &s->flows[f];

	s->flow_of[flow->key] = MODEL_NO_FLOW;
	*flow = (struct model_flow){ .key = s->unused_flow };
	s->unused_flow = f;
	queue->flows--;
}

model_inline void
model_lane_append(struct model_sched *s, struct model_flow_list *list, unsigned int bin,
	uint16_t lane)
{
	if (list->bins & 1u << bin) {
		s->lanes[list->tail[bin]].next = lane;
		s->lanes[lane].prev = list->tail[bin];
	} else {
		list->head[bin] = lane;
		list->bins |= 1u << bin;
	}
	list->tail[bin] = lane;
}

model_inline void
model_lane_remove_head(struct model_sched *s, struct model_flow_list *list, unsigned int bin)
{
	uint16_t lane = list->head[bin];

	if (lane == list->tail[bin])
		list->bins &= ~(1u << bin);
	else
		list->head[bin] = s->lanes[lane].next;
}

/* Queue `q` got flows that any CQ may take. */
model_inline void
model_ready_set(struct dlb2_model *m, unsigned int q)
{
	m->sched.ready_work |= 1u << q;
	model_shared_update(&m->sched, q);
	if (model_unlikely(m->sched.queues[q].asleep != 0))
		model_links_wake(m, q);
}

model_inline void
model_ready_clear(struct model_sched *s, unsigned int q)
{
	s->ready_work &= ~(1u << q);
	model_shared_update(s, q);
}

/* Events of queue `q` that hold an AQED entry. */
model_inline unsigned int
model_aqed_held(const struct model_ldb_queue *queue)
{
	return queue->atomic - queue->atq.count + queue->aqed_open;
}

/* A flow without events, new or just completed, gets one, and is ready. */
model_inline void
model_flow_begin(struct model_sched *s, struct model_ldb_queue *queue, uint16_t f,
	unsigned int bin, uint16_t event)
{
	struct model_flow_list *ready = &queue->ready;
	uint16_t n = model_lane_number(f, bin);
	uint16_t last = ready->tail[bin];

	queue->atomic++;
	model_flow_store_state(&s->flows[f], model_flow_state(0, 0, 1u << bin));
	model_lane_set(&s->lanes[n], event, last);
	ready->tail[bin] = n;
	if (model_likely(ready->bins & 1u << bin)) {
		s->lanes[last].next = n;
	} else {
		ready->head[bin] = n;
		ready->bins |= 1u << bin;
	}
}

/* Whether what waits for the AQED may wait although there is room. */
model_inline bool
model_atq_may_wait(const struct model_sched *s, const struct model_ldb_queue *queue)
{
	unsigned int bins = queue->atq.bins;

	return bins == queue->ready.bins && (bins & (bins - 1)) == 0 && !s->pinned_first;
}

/* An event goes behind those that wait for the AQED already. */
model_inline void
model_atq_push(struct model_sched *s, struct model_ldb_queue *queue, uint16_t event, uint64_t word)
{
	model_fifo_push(s, &queue->atq, model_bin_of(s, word), event);
	queue->atomic++;
	queue->atm_enqueued++;
}

/* Entries of the AQED in use by all queues. Nobody counts them as long as nobody has to. */
unsigned int model_aqed_sum(const struct model_sched *s);

model_inline bool
model_aqed_is_full(const struct model_sched *s)
{
	return model_unlikely(s->aqed_contended) && model_aqed_sum(s) >= DLB2_MAX_AQED_ENTRIES;
}

/* An atomic event enters its queue, and if nothing is in its way, the AQED. */
model_inline void
model_atomic_enqueue(struct dlb2_model *m, uint16_t event, uint64_t word)
{
	struct model_sched *s = &m->sched;
	unsigned int q = model_word_qid(word);
	struct model_ldb_queue *queue = &s->queues[q];
	unsigned int bin = model_bin_of(s, word);
	uint32_t key = model_flow_key(queue, q, model_word_lock(word));
	uint16_t f;

	if (s->atq_work >> q & 1) {
		model_atq_push(s, queue, event, word);
		if (model_unlikely(!model_atq_may_wait(s, queue)))
			model_aqed_admit(m, q);
		return;
	}
	queue->atm_enqueued++;
	if (model_unlikely(queue->atomic + queue->aqed_open >= queue->aqed_limit ||
			model_aqed_is_full(s))) {
		model_atq_enqueue(m, q, bin, event);
		return;
	}
	f = s->flow_of[key];
	if (f != MODEL_NO_FLOW) {
		model_aqed_insert(m, q, f, bin, event);
		return;
	}
	if (model_unlikely(queue->flows >= queue->flow_limit ||
			s->unused_flow == MODEL_NO_FLOW)) {
		model_atq_enqueue(m, q, bin, event);
		return;
	}
	model_flow_begin(s, queue, model_flow_create(s, queue, key), bin, event);
	if (model_unlikely((s->ready_work >> q & 1) == 0))
		model_ready_set(m, q);
}

/* The event was scheduled: its AQED entry is free, or held until completion (a switch). */
model_inline void
model_aqed_release(struct dlb2_model *m, unsigned int q)
{
	struct model_sched *s = &m->sched;

	s->queues[q].atomic--;
	if (model_unlikely(s->hold_aqed))
		s->queues[q].aqed_open++;
	if (model_unlikely(s->atq_work != 0))
		model_aqed_admit(m, q);
}

/* The only event of a flow went to CQ `p`. */
model_inline void
model_flow_pin_single(struct model_flow *flow, unsigned int p)
{
	model_flow_store_state(flow, model_flow_state(1, p + 1, 0));
}

/* Takes the atomic event of queue `q` that CQ `p` gets next; there is one. Pins its flow. */
model_inline uint16_t
model_atomic_take(struct dlb2_model *m, unsigned int q, unsigned int p, uint16_t *flow)
{
	struct model_sched *s = &m->sched;
	struct model_flow_list *ready = &s->queues[q].ready;
	const struct model_lane *lane;
	uint16_t n, event;
	unsigned int bin;

	if (model_unlikely(s->ports[DLB2_LDB][p].own >> q & 1))
		return model_atomic_take_any(m, q, p, flow);
	bin = model_arbiter_bin(m, MODEL_ARB_READY, ready->bins);
	n = ready->head[bin];
	lane = &s->lanes[n];
	event = lane->head;
	*flow = n / MODEL_BINS;
	if (model_unlikely(event != lane->tail || s->flows[*flow].bins != 1u << bin))
		return model_atomic_take_any(m, q, p, flow);
	/* The flow's only event: the flow leaves the list, and is pinned with nothing to come. */
	model_flow_pin_single(&s->flows[*flow], p);
	model_lane_remove_head(s, ready, bin);
	if (model_unlikely(ready->bins == 0))
		model_ready_clear(s, q);
	model_aqed_release(m, q);
	return event;
}

/* An event of a flow was completed. After the last one the flow is free of its CQ. */
model_inline void
model_flow_complete(struct dlb2_model *m, uint16_t f, unsigned int q)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	struct model_flow *flow = &s->flows[f];

	if (model_unlikely(queue->aqed_open != 0))
		queue->aqed_open--;
	flow->open--;
	if (flow->open == 0) {
		if (model_unlikely(flow->bins != 0)) {
			model_flow_unpin(m, f);
		} else {
			model_flow_delete(s, queue, f);
		}
	}
	if (model_unlikely(s->atq_work != 0))
		model_aqed_admit(m, q);
}

#endif
