/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What is derived: flow lists and the sets that the scheduler decides from, each compared with what
 * follows from the definitions in model_sched.h.
 */

#include <inttypes.h>

#include "model_atomic.h"
#include "model_check.h"
#include "model_cq.h"

/* A flow list: chained both ways, of lanes with events that belong there. Returns how many. */
static unsigned int
check_flow_list(struct model_check *c, const struct model_flow_list *list, unsigned int q,
	unsigned int pinned)
{
	struct model_sched *s = &c->m->sched;
	unsigned int bin, lanes = 0;
	uint16_t n, prev;

	for (bin = 0; bin < MODEL_BINS; bin++) {
		if (!(list->bins >> bin & 1))
			continue;
		prev = MODEL_NONE;
		for (n = list->head[bin]; prev != list->tail[bin]; n = s->lanes[n].next) {
			const struct model_flow *flow = &s->flows[n / MODEL_BINS];

			model_expect(c, n % MODEL_BINS == bin && (flow->bins >> bin & 1) &&
				flow->key >> 16 == q && flow->pinned == pinned &&
				(prev == MODEL_NONE || s->lanes[n].prev == prev),
				"lane %u is on the list of queue %u and CQ %d", n, q,
				(int)pinned - 1);
			prev = n;
			if (++lanes > MODEL_FLOWS * MODEL_BINS)
				return lanes;
		}
	}
	return lanes;
}

static unsigned int
check_flow_lists(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int p, q, lanes = 0;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		lanes += check_flow_list(c, &s->queues[q].ready, q, 0);
		for (p = 0; p < DLB2_MAX_LDB_PORTS; p++)
			lanes += check_flow_list(c, &s->pinned[p][q], q, p + 1);
	}
	return lanes;
}

/* Events in the lanes of a flow. */
static unsigned int
check_lanes(struct model_check *c, uint16_t f)
{
	struct model_sched *s = &c->m->sched;
	unsigned int bins = s->flows[f].bins;
	unsigned int count = 0;

	for (; bins != 0; bins &= bins - 1) {
		const struct model_lane *lane = &s->lanes[f * MODEL_BINS + __builtin_ctz(bins)];

		count += model_check_events(c, lane->head, lane->tail, "flow", f);
	}
	return count;
}

/* Whether events of a queue wait that nothing holds back, with none ready that would go first. */
static bool
is_forgotten(const struct model_sched *s, const struct model_ldb_queue *queue)
{
	return queue->atq.bins != 0 && !model_atq_may_wait(s, queue) &&
		model_aqed_held(queue) < queue->aqed_limit && queue->flows < queue->flow_limit &&
		s->unused_flow != MODEL_NO_FLOW && model_aqed_sum(s) < DLB2_MAX_AQED_ENTRIES;
}

static void
check_aqed(struct model_check *c, const unsigned int *events, const unsigned int *flows)
{
	struct model_sched *s = &c->m->sched;
	unsigned int q, used = 0, in_use = 0, unused = 0;
	uint16_t f;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		const struct model_ldb_queue *queue = &s->queues[q];

		model_expect(c, queue->atomic == events[q] + queue->atq.count,
			"queue %u counts %u atomic events, has %u and %u", q, queue->atomic,
			events[q], queue->atq.count);
		model_expect(c, queue->flows == flows[q], "queue %u counts %u flows, has %u", q,
			queue->flows, flows[q]);
		model_expect(c, !is_forgotten(s, queue), "queue %u has room in the AQED for what waits",
			q);
		used += events[q] + queue->aqed_open;
		in_use += queue->flows;
	}
	model_expect(c, used <= DLB2_MAX_AQED_ENTRIES, "the AQED has %u entries in use", used);
	for (f = s->unused_flow; f != MODEL_NO_FLOW && unused < MODEL_FLOWS; f = s->flows[f].key)
		unused++;
	model_expect(c, in_use + unused == MODEL_FLOWS - 1, "%u flows are in use, %u are not",
		in_use, unused);
}

void
model_check_flows(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int events[DLB2_MAX_LDB_QUEUES] = { 0 };
	unsigned int flows[DLB2_MAX_LDB_QUEUES] = { 0 };
	unsigned int f, lanes = 0;

	for (f = 0; f < MODEL_FLOWS; f++) {
		const struct model_flow *flow = &s->flows[f];

		if ((flow->open | flow->bins) == 0)
			continue;
		model_expect(c, (flow->open == 0) == (flow->pinned == 0),
			"flow %u with %u open is pinned to %d", f, flow->open, flow->pinned - 1);
		model_expect(c, s->flow_of[flow->key] == f, "flow %u cannot be found", f);
		flows[flow->key >> 16]++;
		events[flow->key >> 16] += check_lanes(c, f);
		lanes += __builtin_popcount(flow->bins);
	}
	model_expect(c, lanes == check_flow_lists(c), "%u lanes have events, not all are on lists",
		lanes);
	check_aqed(c, events, flows);
}

static void
expect_set(struct model_check *c, const char *name, uint64_t is, uint64_t should)
{
	model_expect(c, is == should, "%s is 0x%" PRIx64 ", should be 0x%" PRIx64, name, is,
		should);
}

/* Whether the next event of an ordered queue has a sequence number. */
static bool
has_number(const struct model_sched *s, const struct model_order *order)
{
	return !order->enabled || (order->valid &&
		s->sns[order->base + order->next].state == MODEL_SN_FREE);
}

static void
check_queue_sets(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	uint32_t nalb = 0, ready = 0, ok = 0, sn = 0, atq = 0;
	unsigned int q;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		const struct model_ldb_queue *queue = &s->queues[q];

		nalb |= (uint32_t)(queue->nalb.bins != 0) << q;
		atq |= (uint32_t)(queue->atq.bins != 0) << q;
		ready |= (uint32_t)(queue->ready.bins != 0) << q;
		ok |= (uint32_t)(queue->open < queue->open_limit) << q;
		sn |= (uint32_t)has_number(s, &queue->order) << q;
	}
	expect_set(c, "nalb_work", s->nalb_work, nalb);
	expect_set(c, "ready_work", s->ready_work, ready);
	expect_set(c, "atq_work", s->atq_work, atq);
	expect_set(c, "queue_ok", s->queue_ok, ok);
	expect_set(c, "sn_ok", s->sn_ok, sn);
	expect_set(c, "shared", s->shared, ok & ((nalb & sn) | ready));
}

/* Links as the slots say. */
static uint32_t
linked_by_slots(const struct model_links *links)
{
	unsigned int slots = links->valid & ~links->held & ~links->asleep;
	uint32_t linked = 0;

	for (; slots != 0; slots &= slots - 1)
		linked |= 1u << links->queue[__builtin_ctz(slots)];
	return linked;
}

static void
check_port_sets(struct model_check *c, unsigned int p, uint32_t own)
{
	struct model_sched *s = &c->m->sched;
	const struct model_links *links = &s->links[p];
	const struct model_port *port = &s->ports[DLB2_LDB][p];
	uint32_t by_priority = 0;
	unsigned int n;

	for (n = 0; n < DLB2_MAX_PRIORITIES; n++) {
		model_expect(c, (by_priority & links->by_priority[n]) == 0 &&
			(links->levels >> n & 1) == (links->by_priority[n] != 0),
			"priority %u of CQ %u has queues 0x%x", n, p, links->by_priority[n]);
		by_priority |= links->by_priority[n];
	}
	expect_set(c, "linked", port->linked, linked_by_slots(links));
	expect_set(c, "by_priority", by_priority, port->linked);
	expect_set(c, "own", port->own, own);
}

static void
check_cq_sets(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	uint64_t shared_cqs = 0, own_cqs = 0;
	unsigned int p, q;

	for (p = 0; p < DLB2_MAX_LDB_PORTS; p++) {
		const struct model_port *port = &s->ports[DLB2_LDB][p];
		uint64_t bit = UINT64_C(1) << p;
		uint32_t own = 0;

		for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
			own |= (uint32_t)(s->pinned[p][q].bins != 0) << q;
			model_expect(c, ((s->queues[q].cqs & bit) != 0) ==
				(port->linked >> q & 1) &&
				((s->queues[q].owners & bit) != 0) == (port->own >> q & 1),
				"queue %u and CQ %u do not agree", q, p);
		}
		check_port_sets(c, p, own);
		shared_cqs |= port->linked & s->shared ? bit : 0;
		own_cqs |= own & port->linked & s->queue_ok ? bit : 0;
	}
	expect_set(c, "shared_cqs", s->shared_cqs, shared_cqs);
	expect_set(c, "own_cqs", s->own_cqs, own_cqs);
}

/* Room follows from counts alone, but for a CQ that waits until below its threshold. */
static bool
has_room(const struct model_port *port, enum dlb2_port_kind kind)
{
	bool tokens = port->ignore_depth || port->written - port->returned < port->token_depth;
	bool open = kind == DLB2_DIR || port->written - port->completed < port->open_limit;
	bool load = !port->weighed || port->load < port->load_limit;

	return !port->disabled && tokens && open && load && !port->stalled;
}

static void
check_room(struct model_check *c)
{
	unsigned int kind, p;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (p = 0; p < model_ports(c->m, kind); p++)
			model_expect(c, model_cq_is_ready(&c->m->sched, kind, p) ==
				has_room(&c->m->sched.ports[kind][p], kind),
				"CQ %u of kind %u: is ready and has room differ", p, kind);
}

static void
check_dir_sets(struct model_check *c)
{
	uint64_t work[MODEL_DIR_WORDS] = { 0 };
	unsigned int q;

	for (q = 0; q < DLB2_MAX_DIR_PORTS; q++)
		work[q / 64] |= (uint64_t)(c->m->sched.dir_queues[q].fifo.bins != 0) << q % 64;
	for (q = 0; q < MODEL_DIR_WORDS; q++)
		expect_set(c, "dir_work", c->m->sched.dir_work[q], work[q]);
}

void
model_check_sets(struct model_check *c)
{
	check_queue_sets(c);
	check_cq_sets(c);
	check_room(c);
	check_dir_sets(c);
}
