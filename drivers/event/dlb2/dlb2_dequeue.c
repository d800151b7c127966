/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Dequeue: entries of the consumer queue (CQ) become events. Not here: how completions and token
 * returns are sent (dlb2_completions.c), and waiting (dlb2_wait.c).
 *
 * Entries are read one after the other and the first that is not new ends the burst, so that a
 * hole, which relaxed ordering of the device's writes permits, is never stepped over
 * (data-path 2.3). The generation of an entry is read before the rest of it.
 */
#include <errno.h>

#include <rte_errno.h>

#include "dlb2_entries.h"
#include "dlb2_lines.h"

/* Whether the entry is not there yet, or is not to be delivered. */
static __rte_always_inline bool
unusual(uint64_t meta, uint64_t gen)
{
	return ((meta ^ gen) & (DLB2_WORD_GEN | DLB2_WORD_ERROR)) != 0;
}

/* Where reading goes on, and the generation that a new entry has there. */
struct cursor {
	struct dlb2_words *next;
	uint64_t gen;
};

static __rte_always_inline void
advance(const struct dlb2_dp_port *port, struct cursor *c)
{
	c->next += DLB2_CQ_STEP;
	if (unlikely(c->next == port->ring_end)) {
		c->next = port->ring;
		c->gen ^= DLB2_WORD_GEN;
	}
}

/*
 * Everything before the cursor has been read. Entries are counted, all at once, before they are
 * stepped over: if a process dies in here, it can be told how far it came (dlb2_settle.c). The
 * stores are ordinary ones; only the compiler has to keep their order.
 */
static __rte_always_inline void
move_to(struct dlb2_dp_port *port, const struct cursor *c)
{
	__atomic_store_n(&port->gen, c->gen, __ATOMIC_RELEASE);
	__atomic_store_n(&port->next, c->next, __ATOMIC_RELEASE);
}

/* Counts `n` delivered events of the same queue, type and depth class. */
static __rte_always_inline void
count_received(struct dlb2_dp_port *port, uint64_t event, unsigned int n)
{
	port->counters[port->rx_counter[dlb2_event_sched(event)]] += n;
	port->received[dlb2_event_queue(event)][dlb2_event_depth(event)] += n;
}

static __rte_noinline void
count_mixed(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		count_received(port, ev[i].event, 1);
}

/*
 * Delivers good entries, at most `n`, up to the first unusual one. The first is known to be good,
 * `meta` is its second word. Returns how many (1 or more).
 */
static __rte_always_inline unsigned int
read_entries(struct dlb2_dp_port *port, enum dlb2_port_kind kind, struct rte_event *ev,
	     unsigned int n, uint64_t meta)
{
	struct cursor c = {.next = port->next, .gen = port->gen};
	const struct rte_event *end = ev + n, *start = ev;
	const uint64_t first = dlb2_entry_to_event(port, kind, c.next, meta, ev);
	uint64_t differ = 0;

	for (;;) {
		advance(port, &c);
		if (++ev == end)
			break;
		meta = dlb2_entry_meta(c.next);
		if (unusual(meta, c.gen))
			break;
		differ |= dlb2_entry_to_event(port, kind, c.next, meta, ev) ^ first;
	}
	n = ev - start;
	port->open_owed += n * DLB2_OPEN_AND_OWED;
	move_to(port, &c);
	if (unlikely(differ & (DLB2_EV_KEY_MASK | DLB2_EV_DEPTH_MASK)))
		count_mixed(port, start, n);
	else
		count_received(port, first, n);
	return n;
}

/*
 * Steps over an entry with the error bit: nothing of it can be trusted but that it was scheduled
 * (data-path 2.1).
 */
static void
drop_entry(struct dlb2_dp_port *port)
{
	struct cursor c = {.next = port->next, .gen = port->gen};

	advance(port, &c);
	port->owed++;
	move_to(port, &c);
	port->counters[DLB2_PORT_RX_DROP]++;
	if (port->kind == DLB2_LDB)
		dlb2_complete_dropped(port);
	dlb2_regain_credits(port, 1);
	dlb2_credits_add(port, DLB2_POOL_EVENTS, 1);
}

/* What is in the CQ now, at most `n` (1 or more), stepping over bad entries. */
static uint16_t
poll_cq(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n)
{
	unsigned int got = 0;

	while (got < n) {
		uint64_t meta = dlb2_entry_meta(port->next);

		if (dlb2_entry_is_new(meta, port->gen) && !unusual(meta, port->gen))
			got += port->kind == DLB2_LDB
				? read_entries(port, DLB2_LDB, &ev[got], n - got, meta)
				: read_entries(port, DLB2_DIR, &ev[got], n - got, meta);
		else if (dlb2_entry_is_new(meta, port->gen))
			drop_entry(port);
		else
			break;
	}
	return got;
}

uint16_t
dlb2_dequeue_ready(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n)
{
	uint16_t got = poll_cq(port, ev, n);

	if (got == 0 && (port->idle & DLB2_IDLE_MODEL)) {
		dlb2_model_bus_run(port->pp.channel);
		got = poll_cq(port, ev, n);
	}
	return got;
}

/*
 * The CQ is empty. Lets the model run if it needs to be, and if there is still nothing gives back
 * what others may be waiting for; only then does the port wait. With all tokens owed (DELAYED)
 * nothing can arrive, and waiting is of no use (data-path 3.4).
 */
static uint16_t
dequeue_idle(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
	     uint64_t timeout_ticks)
{
	const struct dlb2_dp_conf *conf = &port->dp->conf;
	uint64_t timeout = conf->per_dequeue_timeout ? timeout_ticks : conf->dequeue_timeout_ticks;
	uint16_t got;

	if (unlikely(port->idle & DLB2_IDLE_QUIESCED) && !dlb2_port_resume(port)) {
		rte_errno = ESHUTDOWN;
		return 0;
	}
	got = dlb2_dequeue_ready(port, ev, n);
	if (got > 0)
		return got;
	if (port->ride_mask != 0)
		dlb2_return_tokens(port);
	dlb2_return_credits(port);
	if (timeout == 0 || port->owed >= port->conf.cq_depth)
		return 0;
	return dlb2_wait_for_entries(port, ev, n, timeout);
}

/* What a dequeue has to do for the `got` events it read, beyond reading them. Returns `got`. */
static __rte_noinline uint16_t
settle(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t got)
{
	dlb2_regain_credits(port, got);
	if (port->careful & DLB2_CAREFUL_REORDER)
		dlb2_reorder_stamp(port, ev, got);
	if (port->owed > port->owed_limit)
		dlb2_return_tokens(port);
	return got;
}

/* The first entry is unusual. */
static __rte_noinline uint16_t
dequeue_unusual(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		uint64_t timeout_ticks)
{
	uint16_t got;

	n = RTE_MIN(n, port->dequeue_depth);
	got = poll_cq(port, ev, n);
	if (got == 0)
		got = dequeue_idle(port, ev, n, timeout_ticks);
	port->counters[got > 0 ? DLB2_PORT_TOTAL_POLLS : DLB2_PORT_ZERO_POLLS]++;
	return got > 0 ? settle(port, ev, got) : 0;
}

/* Whether the port has nothing to do but to see that its CQ is empty. */
static __rte_always_inline bool
idle_at(const struct dlb2_dp_port *port, uint64_t meta)
{
	return !dlb2_entry_is_new(meta, port->gen) &&
		(port->idle | (port->owed & port->ride_mask) | port->cached[DLB2_POOL_EVENTS]) == 0;
}

static __rte_always_inline uint16_t
dequeue_some(struct dlb2_dp_port *port, enum dlb2_port_kind kind, struct rte_event ev[],
	     unsigned int n, uint64_t meta)
{
	unsigned int got = read_entries(port, kind, ev, n, meta);

	port->counters[DLB2_PORT_TOTAL_POLLS]++;
	return unlikely(port->owed > port->settle_above) ? settle(port, ev, got) : got;
}

/* Apart from its caller, for which an empty poll is over before it has to save a register. */
static __rte_noinline uint16_t
dequeue_many(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	return dequeue_some(port, DLB2_LDB, ev, RTE_MIN(n, port->dequeue_depth), meta);
}

static __rte_noinline uint16_t
dequeue_directed(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t meta)
{
	return dequeue_some(port, DLB2_DIR, ev, RTE_MIN(n, port->dequeue_depth), meta);
}

static __rte_always_inline uint16_t
dequeue_released(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		 uint64_t timeout_ticks)
{
	uint64_t meta = dlb2_entry_meta(port->next);

	if (likely(!unusual(meta, port->gen))) {
		if (unlikely(port->kind != DLB2_LDB))
			return dequeue_directed(port, ev, n, meta);
		return n == 1 ? dequeue_some(port, DLB2_LDB, ev, 1, meta)
			      : dequeue_many(port, ev, n, meta);
	}
	if (unlikely(!idle_at(port, meta)))
		return dequeue_unusual(port, ev, n, timeout_ticks);
	port->counters[DLB2_PORT_ZERO_POLLS]++;
	return 0;
}

static __rte_noinline uint16_t
release_and_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		    uint64_t timeout_ticks)
{
	if (port->implicit_mask != 0)
		dlb2_release_open(port);
	if (port->deferred_mask != 0)
		dlb2_return_tokens(port);
	return dequeue_released(port, ev, n, timeout_ticks);
}

static __rte_always_inline uint16_t
dequeue(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n, uint64_t timeout_ticks)
{
	if (port->open_owed & port->before_dequeue)
		return release_and_dequeue(port, ev, n, timeout_ticks);
	return dequeue_released(port, ev, n, timeout_ticks);
}

uint16_t
dlb2_dequeue(void *event_port, struct rte_event *ev, uint64_t timeout_ticks)
{
	return dequeue(event_port, ev, 1, timeout_ticks);
}

uint16_t
dlb2_dequeue_burst(void *event_port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	return likely(n > 0) ? dequeue(event_port, ev, n, timeout_ticks) : 0;
}
