/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Dequeue, the fast way: entries of the consumer queue (CQ) that are there and good become events.
 * All else is dlb2_dequeue.c's.
 *
 * Included by each variant of the data path, with dlb2_quad.h in front.
 */
#ifndef DLB2_FAST_DEQUEUE_H
#define DLB2_FAST_DEQUEUE_H

#include "dlb2_fast.h"
#include "dlb2_quad.h"
#include "dlb2_reading.h"

/* Events of a burst that were delivered, and what the others are not like the first of them. */
struct delivery {
	struct dlb2_cursor cursor;
	unsigned int num;
	uint64_t first, differ;
};

/*
 * Delivers good entries one by one, until there are `n` events, up to the first unusual entry or
 * the end of the ring.
 */
static __rte_always_inline void
read_span(const struct dlb2_dp_port *port, struct delivery *d, struct rte_event ev[],
	  unsigned int n)
{
	struct dlb2_words *next = d->cursor.next;
	uint64_t meta;

	for (; d->num < n && next != port->ring_end; next += DLB2_CQ_STEP) {
		meta = dlb2_entry_meta(next);
		if (dlb2_entry_is_unusual(meta, d->cursor.gen))
			break;
		d->differ |= dlb2_entry_to_event(port, DLB2_LDB, next, meta, &ev[d->num++]) ^
			d->first;
	}
	d->cursor.next = next;
}

/* Goes on with a burst whose first `num` events were delivered, and are alike. */
static __rte_noinline unsigned int
read_rest(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int num, unsigned int n)
{
	struct delivery d = {
		.cursor = {.next = port->next + num * DLB2_CQ_STEP, .gen = port->gen},
		.num = num,
	};

	if (num == 0)
		dlb2_entry_to_event(port, DLB2_LDB, port->next, dlb2_entry_meta(port->next), ev);
	d.first = ev[0].event;
	read_span(port, &d, ev, n);
	if (d.cursor.next == port->ring_end) {
		d.cursor.next = port->ring;
		d.cursor.gen ^= DLB2_WORD_GEN;
		read_span(port, &d, ev, n);
	}
	dlb2_delivered(port, &d.cursor, ev, d.num, d.first, d.differ);
	return d.num;
}

/* dlb2_cursor_done() for `n` events, all before the end of the ring. */
static __rte_always_inline void
step_over(struct dlb2_dp_port *port, struct dlb2_words *next, unsigned int n)
{
	port->open_owed += n * DLB2_OPEN_AND_OWED;
	if (unlikely(next == port->ring_end)) {
		next = port->ring;
		__atomic_store_n(&port->gen, port->gen ^ DLB2_WORD_GEN, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&port->next, next, __ATOMIC_RELEASE);
}

/* Delivers the next entry of a load-balanced CQ, which is good, `meta` is its second word. */
static __rte_always_inline void
read_one(struct dlb2_dp_port *port, struct rte_event *ev, uint64_t meta)
{
	struct dlb2_words *next = port->next;
	const uint64_t base = dlb2_base_of_event(port, meta);

	dlb2_one_read(ev, next, base);
	step_over(port, next + DLB2_CQ_STEP, 1);
	dlb2_count_received(port, base, 1);
}

/* Whether the port has nothing to do when its CQ is empty. */
static __rte_always_inline bool
is_idle(const struct dlb2_dp_port *port)
{
	return ((port->open_owed & port->before_dequeue) | port->idle |
		(port->owed & port->ride_mask) | port->cached[DLB2_POOL_EVENTS]) == 0;
}

static __rte_always_inline uint16_t
end_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int got)
{
	port->counters[DLB2_PORT_TOTAL_POLLS]++;
	return unlikely(port->owed > port->settle_above) ? dlb2_settle_dequeue(port, ev, got) : got;
}

/* Goes on with a dequeue whose first `num` events were delivered, and are alike. */
static __rte_noinline uint16_t
dequeue_rest(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int num, unsigned int n)
{
	return end_dequeue(port, ev, read_rest(port, ev, num, n));
}

/*
 * Delivers good entries of a load-balanced CQ, at most `n`, up to the first unusual one. The first
 * is known to be good, `meta` is its second word.
 *
 * Entries that are alike are taken four at a time. What is left then is dequeue_rest()'s, whose
 * call comes last: so that nothing has to be saved for it.
 */
static __rte_noinline uint16_t
dequeue_many(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	struct dlb2_words *next = port->next;
	const unsigned int before_end = (port->ring_end - next) / DLB2_CQ_STEP;
	const uint64_t base = dlb2_base_of_event(port, meta);
	const struct dlb2_alike_entries alike = dlb2_alike_entries(next, base);
	unsigned int i = 0, end;

	n = RTE_MIN(n, (unsigned int)port->dequeue_depth);
	end = RTE_MIN(n, before_end);
	while (i + DLB2_QUAD <= end && dlb2_quad_read(&ev[i], next, alike)) {
		i += DLB2_QUAD;
		next += DLB2_QUAD * DLB2_CQ_STEP;
	}
	if (unlikely(i < n))
		return dequeue_rest(port, ev, i, n);
	step_over(port, next, i);
	dlb2_count_received(port, base, i);
	return end_dequeue(port, ev, i);
}

/* The same for bursts that are too small for it. */
static __rte_noinline uint16_t
dequeue_few(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	n = RTE_MIN(n, port->dequeue_depth);
	return end_dequeue(port, ev, dlb2_read_entries(port, DLB2_LDB, ev, n, meta));
}

static __rte_noinline uint16_t
dequeue_directed(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	n = RTE_MIN(n, port->dequeue_depth);
	return end_dequeue(port, ev, dlb2_read_entries(port, DLB2_DIR, ev, n, meta));
}

/* The next entry is there and good, and there is nothing to do before it. At least one event. */
static __rte_always_inline uint16_t
dequeue_good(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	if (unlikely(port->kind != DLB2_LDB))
		return dequeue_directed(port, ev, n, meta);
	if (n >= DLB2_QUAD)
		return dequeue_many(port, ev, n, meta);
	if (n > 1)
		return dequeue_few(port, ev, n, meta);
	read_one(port, ev, meta);
	return end_dequeue(port, ev, 1);
}

/* Something may have to be done before the next entry, which may be bad or not there. */
static __rte_noinline uint16_t
release_and_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		    uint64_t timeout_ticks)
{
	uint64_t meta;

	if (n == 0)
		return 0;
	if ((port->open & port->implicit_mask) != 0)
		dlb2_release_open(port);
	if ((port->owed & port->deferred_mask) != 0)
		dlb2_return_tokens(port);
	meta = dlb2_entry_meta(port->next);
	if (dlb2_entry_is_unusual(meta, port->gen))
		return dlb2_dequeue_unusual(port, ev, n, timeout_ticks);
	return dequeue_good(port, ev, n, meta);
}

/* An empty poll is what happens most often, and over before a register has to be saved. */
static __rte_always_inline uint16_t
dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t timeout_ticks)
{
	const uint64_t meta = dlb2_entry_meta(port->next);

	if (!dlb2_entry_is_new(meta, port->gen)) {
		if (unlikely(!is_idle(port)))
			return release_and_dequeue(port, ev, n, timeout_ticks);
		port->counters[DLB2_PORT_ZERO_POLLS]++;
		return 0;
	}
	if (unlikely((port->open_owed & port->before_dequeue) != 0 ||
		     (meta & DLB2_WORD_ERROR) != 0 || n == 0))
		return release_and_dequeue(port, ev, n, timeout_ticks);
	return dequeue_good(port, ev, n, meta);
}

static uint16_t
fast_dequeue(void *event_port, struct rte_event *ev, uint64_t timeout_ticks)
{
	return dequeue(event_port, ev, 1, timeout_ticks);
}

static uint16_t
fast_dequeue_burst(void *event_port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	return dequeue(event_port, ev, n, timeout_ticks);
}

#endif
