/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Flows and atomic storage: what happens when a flow changes hands or has more than one event, and
 * when events that waited for the AQED may enter it.
 */

#include "model_atomic.h"

unsigned int
model_aqed_sum(const struct model_sched *s)
{
	unsigned int q, sum = 0;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++)
		sum += model_aqed_held(&s->queues[q]);
	return sum;
}

static unsigned int
queue_of(const struct model_flow *flow)
{
	return flow->key >> 16;
}

/* The list that a flow's lanes with events are on. */
static struct model_flow_list *
list_of(struct model_sched *s, const struct model_flow *flow)
{
	unsigned int q = queue_of(flow);

	return flow->pinned == 0 ? &s->queues[q].ready : &s->pinned[flow->pinned - 1][q];
}

/* Brings ready_work, or `own` of the CQ and `owners` of the queue, up to date with a flow list. */
static void
update_work(struct dlb2_model *m, unsigned int q, unsigned int pinned)
{
	struct model_sched *s = &m->sched;
	unsigned int p = pinned - 1;

	if (pinned == 0) {
		if (s->queues[q].ready.bins != 0)
			model_ready_set(m, q);
		else
			model_ready_clear(s, q);
		return;
	}
	if (s->pinned[p][q].bins != 0) {
		s->ports[DLB2_LDB][p].own |= 1u << q;
		s->queues[q].owners |= UINT64_C(1) << p;
	} else {
		s->ports[DLB2_LDB][p].own &= ~(1u << q);
		s->queues[q].owners &= ~(UINT64_C(1) << p);
	}
	model_own_update(s, p);
}

void
model_aqed_insert(struct dlb2_model *m, unsigned int q, uint16_t f, unsigned int bin,
	uint16_t event)
{
	struct model_sched *s = &m->sched;
	struct model_flow *flow = &s->flows[f];
	struct model_lane *lane = &s->lanes[model_lane_number(f, bin)];

	s->queues[q].atomic++;
	if (flow->bins & 1u << bin) {
		s->next[lane->tail] = event;
		lane->tail = event;
		return;
	}
	lane->head = event;
	lane->tail = event;
	flow->bins |= 1u << bin;
	model_lane_append(s, list_of(s, flow), bin, model_lane_number(f, bin));
	update_work(m, q, flow->pinned);
}

static void
remove_lane(struct model_sched *s, struct model_flow_list *list, unsigned int bin, uint16_t n)
{
	const struct model_lane *lane = &s->lanes[n];

	if (n == list->head[bin]) {
		model_lane_remove_head(s, list, bin);
		return;
	}
	s->lanes[lane->prev].next = lane->next;
	if (n == list->tail[bin])
		list->tail[bin] = lane->prev;
	else
		s->lanes[lane->next].prev = lane->prev;
}

/* Pins a flow to a CQ (as 1 + its number), or to none: its lanes change lists. */
static void
pin(struct dlb2_model *m, uint16_t f, unsigned int pinned)
{
	struct model_sched *s = &m->sched;
	struct model_flow *flow = &s->flows[f];
	struct model_flow_list *from = list_of(s, flow);
	unsigned int before = flow->pinned;
	unsigned int bins = flow->bins;
	struct model_flow_list *to;

	flow->pinned = pinned;
	to = list_of(s, flow);
	for (; bins != 0; bins &= bins - 1) {
		unsigned int bin = __builtin_ctz(bins);

		remove_lane(s, from, bin, model_lane_number(f, bin));
		model_lane_append(s, to, bin, model_lane_number(f, bin));
	}
	update_work(m, queue_of(flow), before);
	update_work(m, queue_of(flow), pinned);
}

void
model_flow_unpin(struct dlb2_model *m, uint16_t f)
{
	pin(m, f, 0);
}

/* Chooses between flows that are ready and flows pinned here, and the bin in the list chosen. */
static struct model_flow_list *
choose_list(struct dlb2_model *m, struct model_flow_list *ready, struct model_flow_list *pinned,
	unsigned int *bin)
{
	unsigned int ready_bin, pinned_bin;

	if (pinned->bins == 0) {
		*bin = model_arbiter_bin(m, MODEL_ARB_READY, ready->bins);
		return ready;
	}
	pinned_bin = model_arbiter_bin(m, MODEL_ARB_SCHED, pinned->bins);
	*bin = pinned_bin;
	if (ready->bins == 0)
		return pinned;
	ready_bin = model_arbiter_bin(m, MODEL_ARB_READY, ready->bins);
	if (pinned_bin < ready_bin || (pinned_bin == ready_bin && m->sched.pinned_first))
		return pinned;
	*bin = ready_bin;
	return ready;
}

/* The head lane of a list gives up its first event. */
static uint16_t
take_from_lane(struct model_sched *s, struct model_flow_list *list, unsigned int bin)
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
	/* Flows take turns. */
	if (n != list->tail[bin]) {
		model_lane_remove_head(s, list, bin);
		model_lane_append(s, list, bin, n);
	}
	return event;
}

uint16_t
model_atomic_take_any(struct dlb2_model *m, unsigned int q, unsigned int p, uint16_t *flow_out)
{
	struct model_sched *s = &m->sched;
	unsigned int bin;
	struct model_flow_list *list = choose_list(m, &s->queues[q].ready, &s->pinned[p][q], &bin);
	uint16_t f = list->head[bin] / MODEL_BINS;
	struct model_flow *flow = &s->flows[f];
	uint16_t event = take_from_lane(s, list, bin);

	flow->open++;
	if (flow->pinned == 0)
		pin(m, f, p + 1);
	else if (list->bins == 0)
		update_work(m, q, p + 1);
	model_aqed_release(m, q);
	*flow_out = f;
	return event;
}

static bool
device_has_room(const struct model_sched *s)
{
	return s->unused_flow != MODEL_NO_FLOW && !model_aqed_is_full(s);
}

/* Notes whether it is the device that has no more, so that others' returns let queue `q` go on. */
static void
note_wait(struct model_sched *s, unsigned int q)
{
	s->atq_work |= 1u << q;
	if (device_has_room(s))
		s->atq_device &= ~(1u << q);
	else
		s->atq_device |= 1u << q;
}

void
model_atq_enqueue(struct dlb2_model *m, unsigned int q, unsigned int bin, uint16_t event)
{
	struct model_sched *s = &m->sched;

	model_fifo_push(s, &s->queues[q].atq, bin, event);
	s->queues[q].atomic++;
	note_wait(s, q);
}

/* The head of an ATQ bin enters the AQED, under its flow or a new one; false: there is none. */
model_inline bool
admit_head(struct dlb2_model *m, struct model_ldb_queue *queue, unsigned int q, unsigned int bin)
{
	struct model_sched *s = &m->sched;
	uint64_t word = s->events[queue->atq.head[bin]].word;
	uint32_t key = model_flow_key(queue, q, model_word_lock(word));
	uint16_t f = s->flow_of[key];

	if (model_unlikely(f != MODEL_NO_FLOW)) {
		queue->atomic--;
		model_aqed_insert(m, q, f, bin, model_fifo_pop(s, &queue->atq, bin));
		return true;
	}
	if (queue->flows >= queue->flow_limit || s->unused_flow == MODEL_NO_FLOW)
		return false;
	queue->atomic--;
	f = model_flow_create(s, queue, key);
	model_flow_begin(s, queue, f, bin, model_fifo_pop(s, &queue->atq, bin));
	if (model_unlikely((s->ready_work >> q & 1) == 0))
		model_ready_set(m, q);
	return true;
}

/*
 * Events of queue `q` enter the AQED: all that may, or only until some can be scheduled. The first
 * event of the bin chosen may block those behind it, as in any FIFO.
 */
static void
admit(struct dlb2_model *m, unsigned int q, bool all)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];

	while (queue->atq.bins != 0 && (all || !model_atq_may_wait(s, queue)) &&
			model_aqed_held(queue) < queue->aqed_limit && !model_aqed_is_full(s))
		if (!admit_head(m, queue, q, model_arbiter_bin(m, MODEL_ARB_ATQ,
				queue->atq.bins)))
			break;
	if (queue->atq.bins != 0) {
		note_wait(s, q);
		return;
	}
	s->atq_work &= ~(1u << q);
	s->atq_device &= ~(1u << q);
}

void
model_aqed_settle(struct dlb2_model *m, unsigned int q)
{
	if (m->sched.atq_work >> q & 1)
		admit(m, q, true);
}

/* Queue `q` first; if that leaves something of the device, those behind it that wait for that. */
void
model_aqed_admit(struct dlb2_model *m, unsigned int q)
{
	struct model_sched *s = &m->sched;
	uint32_t others = s->atq_device & ~(1u << q);

	if (s->atq_work >> q & 1)
		admit(m, q, false);
	while (others != 0 && device_has_room(s)) {
		uint32_t above = others & (~1u << q);

		q = __builtin_ctz(above != 0 ? above : others);
		others &= ~(1u << q);
		admit(m, q, false);
	}
}

/* A limit may be lowered below what a queue has, so that counts both. */
static bool
is_contended(const struct model_sched *s)
{
	unsigned int q, sum = 0;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		unsigned int held = model_aqed_held(&s->queues[q]);

		sum += held > s->queues[q].aqed_limit ? held : s->queues[q].aqed_limit;
	}
	return sum > DLB2_MAX_AQED_ENTRIES;
}

void
model_atomic_decode(struct dlb2_model *m, unsigned int q)
{
	struct model_ldb_queue *queue = &m->sched.queues[q];
	uint32_t code = *model_reg(m, DLB2_AQED_QID_HID_WIDTH, q, 0);

	queue->hid_bits = code == 0 ? 16 : 5 + code;
	queue->hid_mask = (1u << queue->hid_bits) - 1;
	queue->aqed_limit = *model_reg(m, DLB2_LSP_QID_AQED_ACTIVE_LIM, q, 0);
	queue->flow_limit = *model_reg(m, DLB2_AQED_QID_FID_LIM, q, 0);
	if (!m->sched.hold_aqed)
		queue->aqed_open = 0;
	m->sched.aqed_contended = is_contended(&m->sched);
	admit(m, q, false);
}

void
model_atomic_reset(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;
	unsigned int f;

	s->unused_flow = 1;
	for (f = 1; f < MODEL_FLOWS; f++)
		s->flows[f].key = f + 1 < MODEL_FLOWS ? f + 1 : MODEL_NO_FLOW;
}
