/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What is conserved: every stored event is in one list and holds one credit; every open event is
 * in one history list and counted by CQ, queue, flow and sequence number. Recomputed from the
 * lists themselves, with nothing taken from the counts that are being checked.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model_check.h"
#include "model_cq.h"
#include "model_history.h"

#define TEXT_LEN 160

void
model_expect(struct model_check *c, bool holds, const char *format, ...)
{
	char text[TEXT_LEN];
	va_list args;

	if (holds)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	c->violations++;
	model_report(c->m, "invariant violated: %s", text);
}

static unsigned int
pool_of_event(const struct dlb2_model *m, uint16_t event)
{
	return event >= m->limits->num_ldb_credits;
}

/* Marks an event; false if it is none, or was met before. */
static bool
meet(struct model_check *c, uint16_t event, const char *what, unsigned int n)
{
	uint64_t bit = UINT64_C(1) << event % 64;

	if (event >= MODEL_EVENTS || (c->seen[event / 64] & bit) != 0) {
		model_expect(c, false, "%s %u has event %u, which is elsewhere or nowhere", what, n,
			event);
		return false;
	}
	c->seen[event / 64] |= bit;
	return true;
}

unsigned int
model_check_events(struct model_check *c, uint16_t head, uint16_t tail, const char *what,
	unsigned int n)
{
	uint16_t event = head;
	unsigned int count = 0;

	while (meet(c, event, what, n)) {
		c->stored[pool_of_event(c->m, event)]++;
		count++;
		if (event == tail)
			break;
		event = c->m->sched.next[event];
	}
	return count;
}

static void
check_fifo(struct model_check *c, const struct model_fifo *fifo, const char *what,
	unsigned int n)
{
	unsigned int bin, count = 0;

	for (bin = 0; bin < MODEL_BINS; bin++)
		if (fifo->bins >> bin & 1)
			count += model_check_events(c, fifo->head[bin], fifo->tail[bin], what, n);
	model_expect(c, count == fifo->count, "%s %u counts %u events and has %u", what, n,
		fifo->count, count);
}

static void
check_fifos(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int q;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		check_fifo(c, &s->queues[q].nalb, "unordered or ordered FIFO of queue", q);
		check_fifo(c, &s->queues[q].atq, "atomic FIFO of queue", q);
	}
	for (q = 0; q < DLB2_MAX_DIR_PORTS; q++)
		check_fifo(c, &s->dir_queues[q].fifo, "FIFO of directed queue", q);
}

/* Events under sequence numbers, and what a free number must not have. */
static void
check_reorder_buffer(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int n, count;

	for (n = 0; n < MODEL_SNS; n++) {
		const struct model_sn *sn = &s->sns[n];

		model_expect(c, sn->state != MODEL_SN_FREE || sn->pieces == 0,
			"free sequence number %u has %u events", n, sn->pieces);
		model_expect(c, c->sn_open[n] == (sn->state == MODEL_SN_OPEN),
			"sequence number %u in state %u is in %u history entries", n, sn->state,
			c->sn_open[n]);
		if (sn->pieces == 0)
			continue;
		count = model_check_events(c, sn->head, sn->tail, "sequence number", n);
		model_expect(c, count == sn->pieces, "sequence number %u counts %u events, has %u",
			n, sn->pieces, count);
	}
}

static void
check_orders(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int open[DLB2_MAX_LDB_QUEUES] = { 0 };
	unsigned int n, q;

	for (n = 0; n < MODEL_SNS; n++)
		if (s->sns[n].state != MODEL_SN_FREE)
			open[s->sns[n].qid]++;
	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		const struct model_order *order = &s->queues[q].order;
		unsigned int start = s->sn_start[order->group][order->slot] & order->mask;

		model_expect(c, order->open == open[q],
			"queue %u counts %u sequence numbers in use, has %u", q, order->open,
			open[q]);
		model_expect(c, s->sns[order->base + start].state != MODEL_SN_COMPLETE,
			"queue %u did not replay its oldest sequence number", q);
	}
}

static void
check_free_lists(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int pool, total[MODEL_POOLS], free;
	uint16_t event;

	total[0] = c->m->limits->num_ldb_credits;
	total[1] = c->m->limits->num_dir_credits;
	for (pool = 0; pool < MODEL_POOLS; pool++) {
		free = 0;
		for (event = s->free_head[pool]; event != MODEL_NONE; event = s->next[event]) {
			if (!meet(c, event, "free list", pool))
				break;
			free++;
		}
		model_expect(c, free + c->stored[pool] == total[pool],
			"pool %u of %u events has %u free and %u stored", pool, total[pool], free,
			c->stored[pool]);
	}
}

/* Credits: what software gave is with the domains, withheld by a fault, or paid for events. */
static void
check_credits(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int pool, n;

	for (pool = 0; pool < MODEL_POOLS; pool++) {
		int64_t sum = c->stored[pool];

		for (n = 0; n < DLB2_MAX_DOMAINS; n++)
			sum += (int64_t)s->domains[n].credits[pool] + s->domains[n].withheld[pool];
		for (n = 0; n < s->num_late; n++)
			sum += s->late[n].owes_credit && s->late[n].pool == pool;
		model_expect(c, sum == s->granted[pool], "pool %u has %lld credits of %lld", pool,
			(long long)sum, (long long)s->granted[pool]);
	}
}

/* An entry must name something that is open at this CQ. */
static void
count_entry(struct model_check *c, unsigned int p, const struct model_history *entry)
{
	struct model_sched *s = &c->m->sched;
	unsigned int type = entry->sched & DLB2_HCW_SCHED_TYPE;

	c->queue_open[entry->qid % DLB2_MAX_LDB_QUEUES]++;
	if (type == DLB2_SCHED_ATOMIC && entry->id < MODEL_FLOWS) {
		c->flow_open[entry->id]++;
		model_expect(c, s->flows[entry->id].pinned == p + 1,
			"flow %u is open at CQ %u, pinned to %d", entry->id, p,
			s->flows[entry->id].pinned - 1);
	} else if (type == DLB2_SCHED_ORDERED && entry->id < MODEL_SNS) {
		c->sn_open[entry->id]++;
	} else {
		model_expect(c, type == DLB2_SCHED_UNORDERED || entry->id == MODEL_NONE,
			"history of CQ %u has an entry of type %u for %u", p, type, entry->id);
	}
}

static void
check_history(struct model_check *c, unsigned int p)
{
	struct model_sched *s = &c->m->sched;
	const struct model_port *port = &s->ports[DLB2_LDB][p];
	int64_t left, open = port->written - port->completed;
	unsigned int n = port->hist_pop;
	bool gen = port->hist_pop_gen;
	uint32_t load = 0;

	model_expect(c, open >= 0 && open <= DLB2_MAX_HIST_LIST_ENTRIES, "CQ %u has %lld open", p,
		(long long)open);
	if (open < 0 || open > DLB2_MAX_HIST_LIST_ENTRIES)
		return;
	for (left = open; left > 0; left--) {
		count_entry(c, p, &s->history[n]);
		load += model_weight(c->m, s->history[n].flags);
		gen ^= n == port->hist_limit;
		n = n == port->hist_limit ? port->hist_base : n + 1u;
	}
	model_expect(c, n == port->hist_push && gen == port->hist_push_gen,
		"history of CQ %u ends at %u.%u, push pointer is %u.%u", p, n, gen, port->hist_push,
		port->hist_push_gen);
	model_expect(c, !port->weighed || port->load == load, "CQ %u has load %u, counts %u", p,
		load, port->load);
}

static void
check_ports(struct model_check *c)
{
	unsigned int kind, p;

	for (p = 0; p < c->m->limits->num_ldb_ports; p++)
		check_history(c, p);
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		for (p = 0; p < model_ports(c->m, kind); p++) {
			const struct model_port *port = &c->m->sched.ports[kind][p];

			model_expect(c, port->returned <= port->written &&
				port->taken <= port->written,
				"CQ %u of kind %u got back more tokens than it gave", p, kind);
		}
	}
}

static void
check_open_counts(struct model_check *c)
{
	struct model_sched *s = &c->m->sched;
	unsigned int n;

	for (n = 0; n < DLB2_MAX_LDB_QUEUES; n++)
		model_expect(c, s->queues[n].open == c->queue_open[n],
			"queue %u counts %u in flight, history has %u", n, s->queues[n].open,
			c->queue_open[n]);
	for (n = 0; n < MODEL_FLOWS; n++)
		model_expect(c, s->flows[n].open == c->flow_open[n],
			"flow %u counts %u open, history has %u", n, s->flows[n].open,
			c->flow_open[n]);
}

unsigned int
dlb2_model_check(struct dlb2_model *m)
{
	struct model_check c = { .m = m };

	check_ports(&c);
	check_open_counts(&c);
	check_fifos(&c);
	model_check_flows(&c);
	check_reorder_buffer(&c);
	check_orders(&c);
	check_free_lists(&c);
	check_credits(&c);
	model_check_sets(&c);
	return c.violations;
}
