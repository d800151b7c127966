/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Flows and atomic storage: what happens when a flow is created, changes hands, or when events that
 * waited for the AQED may enter it. Idle flows stay in the hash table until their place is needed.
 */

#include "model_atomic.h"

#define NO_KEY UINT32_MAX

static void
remove_from_bucket(struct model_sched *s, uint16_t f)
{
	uint16_t *link = &s->flow_buckets[model_flow_bucket(s->flows[f].key)];

	while (*link != f)
		link = &s->flows[*link].hash_next;
	*link = s->flows[f].hash_next;
}

uint16_t
model_flow_create(struct model_sched *s, uint32_t key)
{
	unsigned int bucket = model_flow_bucket(key);
	struct model_flow *flow;
	uint16_t f;

	/* At most half of all flows are in use, so the search is short. */
	do {
		f = s->flow_hand;
		s->flow_hand = (f + 1) % MODEL_FLOWS;
		flow = &s->flows[f];
	} while (!model_flow_is_idle(flow));
	if (flow->key != NO_KEY)
		remove_from_bucket(s, f);
	flow->key = key;
	flow->hash_next = s->flow_buckets[bucket];
	s->flow_buckets[bucket] = f;
	return f;
}

static void
remove_lane(struct model_sched *s, struct model_flow_list *list, unsigned int bin, uint16_t n)
{
	const struct model_lane *lane = &s->lanes[n];

	if (lane->prev == MODEL_NONE) {
		model_lane_remove_head(s, list, bin);
		return;
	}
	s->lanes[lane->prev].next = lane->next;
	if (lane->next == MODEL_NONE)
		list->tail[bin] = lane->prev;
	else
		s->lanes[lane->next].prev = lane->prev;
}

static void
move_lanes(struct model_sched *s, uint16_t f, struct model_flow_list *from,
	struct model_flow_list *to)
{
	unsigned int bins = s->flows[f].bins;

	for (; bins != 0; bins &= bins - 1) {
		unsigned int bin = __builtin_ctz(bins);

		remove_lane(s, from, bin, f * MODEL_BINS + bin);
		model_lane_append(s, to, bin, f * MODEL_BINS + bin);
	}
}

/* The caller sees to it that the ready set knows if the ready list is empty now. */
void
model_flow_lanes_pin(struct dlb2_model *m, uint16_t f)
{
	struct model_sched *s = &m->sched;
	unsigned int q = s->flows[f].key >> 16;
	unsigned int p = s->flows[f].cq;

	move_lanes(s, f, &s->queues[q].ready, &s->pinned[p][q]);
	model_own_set(s, p, q);
}

void
model_flow_lanes_unpin(struct dlb2_model *m, uint16_t f, unsigned int p)
{
	struct model_sched *s = &m->sched;
	unsigned int q = s->flows[f].key >> 16;

	move_lanes(s, f, &s->pinned[p][q], &s->queues[q].ready);
	if (s->pinned[p][q].bins == 0)
		model_own_clear(s, p, q);
	model_ready_set(m, q);
}

/* What a queue whose next event cannot enter the AQED waits for: a limit of the device or its own. */
static void
note_blocked(struct model_sched *s, unsigned int q)
{
	if (s->aqed_used == DLB2_MAX_AQED_ENTRIES || s->flows_used == DLB2_MAX_AQED_ENTRIES)
		s->atq_blocked |= 1u << q;
}

/* The first event of the bin chosen may block those behind it, as in any FIFO. */
void
model_aqed_admit(struct dlb2_model *m, unsigned int q)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	unsigned int bin, lock;
	uint16_t f;

	while (queue->atq.bins != 0) {
		if (!model_aqed_has_room(s, queue))
			break;
		bin = model_arbiter_bin(m, MODEL_ARB_ATQ, queue->atq.bins);
		lock = model_word_lock(s->events[queue->atq.head[bin]].word);
		f = model_flow_find(s, model_flow_key(queue, q, lock));
		if (!model_flow_may_be_used(s, queue, &s->flows[f]))
			break;
		model_aqed_insert(m, q, f, bin, model_fifo_pop(s, &queue->atq, bin));
	}
	if (queue->atq.bins != 0)
		note_blocked(s, q);
}

void
model_aqed_admit_blocked(struct dlb2_model *m)
{
	uint32_t queues = m->sched.atq_blocked;

	m->sched.atq_blocked = 0;
	for (; queues != 0; queues &= queues - 1)
		model_aqed_admit(m, __builtin_ctz(queues));
}

void
model_atomic_decode(struct dlb2_model *m, unsigned int q)
{
	struct model_ldb_queue *queue = &m->sched.queues[q];
	uint32_t code = *model_reg(m, DLB2_AQED_QID_HID_WIDTH, q, 0);

	queue->hid_bits = code == 0 ? 16 : 5 + code;
	queue->aqed_limit = *model_reg(m, DLB2_LSP_QID_AQED_ACTIVE_LIM, q, 0);
	queue->flow_limit = *model_reg(m, DLB2_AQED_QID_FID_LIM, q, 0);
	model_aqed_admit(m, q);
}

void
model_atomic_reset(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;
	unsigned int n;

	for (n = 0; n < MODEL_FLOW_BUCKETS; n++)
		s->flow_buckets[n] = MODEL_NONE;
	for (n = 0; n < MODEL_FLOWS; n++) {
		s->flows[n].key = NO_KEY;
		s->flows[n].cq = MODEL_UNPINNED;
	}
}
