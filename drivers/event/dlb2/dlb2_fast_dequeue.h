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

/* Goes on with a burst whose first `num` events, one at least, were delivered, and are alike. */
static __rte_noinline unsigned int
read_rest(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int num, unsigned int n)
{
	struct delivery d = {
		.cursor = {.next = port->next + num * DLB2_CQ_STEP, .gen = port->gen},
		.num = num,
		.first = ev[0].event,
	};

	read_span(port, &d, ev, n);
	if (d.cursor.next == port->ring_end) {
		d.cursor.next = port->ring;
		d.cursor.gen ^= DLB2_WORD_GEN;
		read_span(port, &d, ev, n);
	}
	dlb2_delivered(port, DLB2_LDB, &d.cursor, ev, d.num, d.first, d.differ);
	return d.num;
}

/* dlb2_cursor_done() for `n` events, all before the end of the ring. */
static __rte_always_inline void
step_over(struct dlb2_dp_port *port, struct dlb2_words *next, unsigned int n)
{
	port->state += n * DLB2_STATE_READ;
	if (unlikely(next == port->ring_end)) {
		next = port->ring;
		__atomic_store_n(&port->gen, port->gen ^ DLB2_WORD_GEN, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&port->next, next, __ATOMIC_RELEASE);
}

static __rte_always_inline uint16_t
end_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int got)
{
	port->counters[DLB2_PORT_TOTAL_POLLS]++;
	return unlikely(port->owed > port->settle_above) ? dlb2_settle_dequeue(port, ev, got) : got;
}

/* Ends a dequeue of `n` events that are alike, of the entries before `next`. */
static __rte_always_inline uint16_t
dequeue_done(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
	     struct dlb2_words *next, uint64_t base)
{
	step_over(port, next, n);
	dlb2_count_received(port, DLB2_LDB, base, n);
	return end_dequeue(port, ev, n);
}

/*
 * Delivers the next entry of a load-balanced CQ, which is good. `meta` is its second word, but for
 * the generation, here and below.
 */
static __rte_always_inline uint16_t
dequeue_one(struct dlb2_dp_port *port, struct rte_event *ev, struct dlb2_words *next, uint64_t meta)
{
	const uint64_t base = dlb2_base_of_event(port, meta);

	dlb2_one_read(ev, next, base);
	return dequeue_done(port, ev, 1, next + DLB2_CQ_STEP, base);
}

/* Goes on with a dequeue whose first `num` events were delivered, and are alike. */
static __rte_noinline uint16_t
dequeue_rest(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int num, unsigned int n)
{
	return end_dequeue(port, ev, read_rest(port, ev, num, n));
}

static __rte_always_inline unsigned int
entries_between(const struct dlb2_words *from, const struct dlb2_words *to)
{
	return ((uintptr_t)to - (uintptr_t)from) / DLB2_CQ_STRIDE;
}

/* Whether there may be more behind the events of a burst that end before `next`. */
static __rte_always_inline bool
goes_on(const struct dlb2_dp_port *port, const struct dlb2_words *next)
{
	return next == port->ring_end || !dlb2_entry_is_unusual(dlb2_entry_meta(next), port->gen);
}

/*
 * Delivers good entries of a load-balanced CQ, at most `n`, up to the first unusual one. The first
 * is known to be good.
 *
 * Entries that are alike are taken four at a time, then up to four. What is left then is
 * dequeue_rest()'s, whose call comes last: so that nothing has to be saved for it.
 */
static __rte_noinline uint16_t
dequeue_many(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	struct dlb2_words *next = port->next;
	const unsigned int before_end = entries_between(next, port->ring_end);
	const uint64_t base = dlb2_base_of_event(port, meta);
	const struct dlb2_alike_entries alike = dlb2_alike_entries(next, base);
	unsigned int i = 0, end, some;

	n = RTE_MIN(n, (unsigned int)port->dequeue_depth);
	end = RTE_MIN(n, before_end);
	while (i + DLB2_QUAD <= end && dlb2_quad_read(&ev[i], next, alike)) {
		i += DLB2_QUAD;
		next += DLB2_QUAD * DLB2_CQ_STEP;
	}
	if (i < end) {
		some = dlb2_read_some(&ev[i], next, RTE_MIN(end - i, DLB2_QUAD), meta ^ port->gen,
				      base);
		i += some;
		next += some * DLB2_CQ_STEP;
	}
	if (unlikely(i < n) && goes_on(port, next))
		return dequeue_rest(port, ev, i, n);
	return dequeue_done(port, ev, i, next, base);
}

/* The same for two to four. */
static __rte_noinline uint16_t
dequeue_few(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	struct dlb2_words *next = port->next;
	const unsigned int before_end = entries_between(next, port->ring_end);
	const uint64_t base = dlb2_base_of_event(port, meta);
	unsigned int i;

	n = RTE_MIN(n, (unsigned int)port->dequeue_depth);
	i = dlb2_read_some(ev, next, RTE_MIN(n, before_end), meta ^ port->gen, base);
	next += i * DLB2_CQ_STEP;
	if (unlikely(i < n) && goes_on(port, next))
		return dequeue_rest(port, ev, i, n);
	return dequeue_done(port, ev, i, next, base);
}

/* The same for `n`, a constant in each call. There most often are as many. */
static __rte_always_inline uint16_t
dequeue_all(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	struct dlb2_words *next = port->next, *behind = next + n * DLB2_CQ_STEP;
	const uint64_t base = dlb2_base_of_event(port, meta);

	if (unlikely(behind > port->ring_end) || unlikely(port->dequeue_depth < n) ||
	    !dlb2_read_all(ev, next, n, base))
		return dequeue_few(port, ev, n, meta);
	return dequeue_done(port, ev, n, behind, base);
}

/* Functions of their own, so that none has to save registers for another. */

static __rte_noinline uint16_t
dequeue_two(struct dlb2_dp_port *port, struct rte_event ev[], uint64_t meta)
{
	return dequeue_all(port, ev, 2, meta);
}

static __rte_noinline uint16_t
dequeue_three(struct dlb2_dp_port *port, struct rte_event ev[], uint64_t meta)
{
	return dequeue_all(port, ev, 3, meta);
}

/* Delivers `n` entries at most, or up to the first unusual one. The first is good. */
static __rte_noinline uint16_t
dequeue_good(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	if (n == 4)
		return dequeue_all(port, ev, 4, meta);
	if (n > DLB2_QUAD)
		return dequeue_many(port, ev, n, meta);
	if (n == 2)
		return dequeue_two(port, ev, meta);
	if (n == 3)
		return dequeue_three(port, ev, meta);
	return likely(n == 1) ? dequeue_one(port, ev, port->next, meta) : 0;
}

static uint16_t
dequeue_directed(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	n = RTE_MIN(n, port->dequeue_depth);
	return end_dequeue(port, ev, dlb2_read_entries(port, DLB2_DIR, ev, n, meta));
}

/*
 * Second word of the entry that is to be read next, with a generation bit that is 0 if the entry is
 * there, whatever pass of the ring it is.
 */
static __rte_always_inline uint64_t
look_at(const struct dlb2_dp_port *port, const struct dlb2_words *next)
{
	return dlb2_entry_meta(next) ^ port->gen;
}

/* A directed port; or something may have to be done before the next entry; or it may be bad. */
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
	meta = look_at(port, port->next);
	if ((meta & DLB2_WORD_GEN) != 0 &&
	    (port->idle & (DLB2_IDLE_MODEL | DLB2_IDLE_TELLS)) == DLB2_IDLE_MODEL) {
		/* What the model has for the port is most often for the fast way, too. */
		dlb2_model_bus_run(port->pp.channel);
		meta = look_at(port, port->next);
		if ((meta & DLB2_WORD_GEN) != 0)
			return dlb2_dequeue_empty(port, ev, n, timeout_ticks);
	}
	if ((meta & (DLB2_WORD_GEN | DLB2_WORD_ERROR)) != 0)
		return dlb2_dequeue_unusual(port, ev, n, timeout_ticks);
	if (port->kind != DLB2_LDB)
		return dequeue_directed(port, ev, n, meta);
	return dequeue_good(port, ev, n, meta);
}

/*
 * An empty poll is what happens most often, and over before a register has to be saved. `single`
 * says that `n` is 1.
 */
static __rte_always_inline uint16_t
dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t timeout_ticks,
	bool single)
{
	struct dlb2_words *next = port->next;
	const uint64_t meta = look_at(port, next);

	if ((meta & DLB2_WORD_GEN) != 0) {
		if (unlikely((port->state & port->when_empty) != 0))
			return release_and_dequeue(port, ev, n, timeout_ticks);
		port->counters[DLB2_PORT_ZERO_POLLS]++;
		return 0;
	}
	if (unlikely((port->state & port->before_dequeue) != 0))
		return release_and_dequeue(port, ev, n, timeout_ticks);
	if (unlikely((meta & DLB2_WORD_ERROR) != 0))
		return dlb2_dequeue_unusual(port, ev, n, timeout_ticks);
	return single ? dequeue_one(port, ev, next, meta) : dequeue_good(port, ev, n, meta);
}

static uint16_t
fast_dequeue(void *event_port, struct rte_event *ev, uint64_t timeout_ticks)
{
	return dequeue(event_port, ev, 1, timeout_ticks, true);
}

static uint16_t
fast_dequeue_burst(void *event_port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	return dequeue(event_port, ev, n, timeout_ticks, false);
}

#endif
