/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Enqueue: NEW, FORWARD and RELEASE become lines of HCWs. Not here: completions that the driver
 * sends by itself (dlb2_completions.c).
 *
 * There are two ways through. The fast one takes events of one op, four to a line, and stops before
 * the first line that has anything unusual in it. Whatever it leaves is taken event by event, and
 * only there events are refused: so the rules are written once, and the fast way only has to know
 * when it may be taken.
 */
#include <errno.h>

#include <rte_atomic.h>
#include <rte_errno.h>

#include "dlb2_send.h"

/* Op of the events of enqueue_each() when each event says it itself. */
#define OP_OF_EVENT UINT_MAX

static enum dlb2_port_counter
shortage_of(const struct dlb2_dp *dp, enum dlb2_pool pool)
{
	const struct dlb2_credit_pool *events = &dp->pools[DLB2_POOL_EVENTS];

	if (pool == DLB2_POOL_EVENTS)
		return dlb2_pool_taken(events) < events->size ? DLB2_PORT_TX_NOSPC_INFLIGHT_MAX
							      : DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT;
	if (dlb2_limits(dp->conf.version)->combined_credits)
		return DLB2_PORT_TX_NOSPC_HW_CREDITS;
	return pool == DLB2_POOL_DIR ? DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS
				     : DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS;
}

bool
dlb2_reserve(struct dlb2_dp_port *port, enum dlb2_pool pool, uint32_t n)
{
	if (dlb2_credits_reserve(port, pool, n) >= n)
		return true;
	port->counters[shortage_of(port->dp, pool)]++;
	return false;
}

bool
dlb2_reserve_all(struct dlb2_dp_port *port, const uint32_t want[DLB2_NUM_POOLS])
{
	unsigned int pool;

	for (pool = 0; pool < DLB2_NUM_POOLS; pool++) {
		if (want[pool] > 0 && !dlb2_reserve(port, pool, want[pool])) {
			dlb2_return_credits(port);
			return false;
		}
	}
	return true;
}

/* Whether the port has this event, to forward or to release it. */
static bool
is_open(const struct dlb2_dp_port *port, uint64_t event)
{
	if (port->careful & DLB2_CAREFUL_REORDER)
		return dlb2_reorder_is_open(port, event);
	return port->open > 0;
}

/*
 * Whether the port may send this event now: 0, EINVAL or ENOSPC. Credits are reserved, but nothing
 * is used up yet.
 */
static int
admit(struct dlb2_dp_port *port, uint64_t event, unsigned int op)
{
	uint64_t dest = port->dp->dests[dlb2_event_key(event)];

	if (op > RTE_EVENT_OP_RELEASE)
		return EINVAL;
	if (op != RTE_EVENT_OP_NEW && !is_open(port, event))
		return EINVAL;
	if (op == RTE_EVENT_OP_RELEASE)
		return 0;
	if (dest & DLB2_DEST_REFUSED) {
		port->counters[DLB2_PORT_TX_INVALID] += dlb2_event_sched(event) == DLB2_DP_NO_SCHED;
		return EINVAL;
	}
	if (op == RTE_EVENT_OP_NEW && !dlb2_reserve(port, DLB2_POOL_EVENTS, 1))
		return ENOSPC;
	if ((dest & DLB2_DEST_METERED) && !dlb2_reserve(port, dlb2_dest_pool(port, dest), 1))
		return ENOSPC;
	return 0;
}

static void
send_new(struct dlb2_writer *w, const struct rte_event *ev)
{
	struct dlb2_dp_port *port = w->port;
	uint64_t dest = dlb2_charge(port, ev->event);

	dlb2_pay(port, 1);
	port->counters[DLB2_PORT_TX_NEW]++;
	dlb2_writer_put_cmd(w, ev->u64, dlb2_event_meta(port, ev->event, dest, DLB2_CMD_NEW));
}

static void
send_forward(struct dlb2_writer *w, const struct rte_event *ev)
{
	struct dlb2_dp_port *port = w->port;
	uint64_t dest = dlb2_charge(port, ev->event);
	uint64_t meta = dlb2_event_meta(port, ev->event, dest, port->forward_cmd);

	port->open--;
	if (port->kind == DLB2_DIR)
		dlb2_writer_put_cmd(w, ev->u64, meta);
	else
		dlb2_send_completion(w, ev->event, ev->u64, meta);
}

/* A directed port has nothing to tell the device. */
static void
send_release(struct dlb2_writer *w, uint64_t event)
{
	struct dlb2_dp_port *port = w->port;

	port->open--;
	port->counters[DLB2_PORT_TX_REL]++;
	rte_compiler_barrier(); /* see dlb2_pool_give() */
	dlb2_credits_add(port, DLB2_POOL_EVENTS, 1);
	if (port->kind == DLB2_LDB)
		dlb2_send_completion(w, event, 0, (uint64_t)DLB2_CMD_COMP << DLB2_HCW_SHIFT(cmd));
}

/*
 * What is to be done with an event that says `op`. With nothing open there is nothing to forward.
 * But DPDK's crypto adapter does so, with events that it never received (OP_NEW mode) or that an
 * implicit release completed while the crypto device had them: they are new.
 */
static unsigned int
meant_op(const struct dlb2_dp_port *port, uint64_t event, unsigned int op)
{
	if (op == RTE_EVENT_OP_FORWARD && port->open == 0 &&
	    dlb2_event_type(event) == RTE_EVENT_TYPE_CRYPTODEV)
		return RTE_EVENT_OP_NEW;
	return op;
}

/*
 * Sends events from number `i` until one is refused; `op` is that of all of them, or OP_OF_EVENT.
 * Returns the number of the one that comes next.
 */
static __rte_noinline uint16_t
enqueue_each(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int i, unsigned int n,
	     unsigned int op)
{
	/*
	 * The fast way fences what it sends; a directed port may have released events without
	 * sending anything.
	 */
	struct dlb2_writer w = {
		.port = port, .ride = port->ride_mask, .fenced = i > 0 && port->kind == DLB2_LDB};
	int err = 0;

	for (; i < n; i++) {
		unsigned int event_op = op == OP_OF_EVENT ? dlb2_event_op(ev[i].event) : op;

		event_op = meant_op(port, ev[i].event, event_op);
		err = admit(port, ev[i].event, event_op);
		if (err != 0)
			break;
		if (event_op == RTE_EVENT_OP_NEW)
			send_new(&w, &ev[i]);
		else if (event_op == RTE_EVENT_OP_FORWARD)
			send_forward(&w, &ev[i]);
		else
			send_release(&w, ev[i].event);
	}
	dlb2_writer_close(&w);
	if (err != 0) {
		rte_errno = err;
		/*
		 * What this port cannot use may be what another one needs to make room
		 * (data-path 6.4).
		 */
		dlb2_return_credits(port);
	}
	dlb2_credits_trim(port, DLB2_POOL_EVENTS);
	return i;
}

static __rte_noinline void
count_mixed(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		dlb2_count_sent(port, ev[i].event, port->dp->dests[dlb2_event_key(ev[i].event)], 1);
}

/*
 * Fills one HCW. Returns what is unusual: op and key where they are not those of `first`, marks of
 * the destination.
 */
static __rte_always_inline uint64_t
fill(struct dlb2_hcw *hcw, const struct rte_event *ev, const uint64_t *dests, uint64_t first,
     uint32_t half)
{
	uint64_t event = ev->event;
	uint64_t dest = dests[dlb2_event_key(event)];

	dlb2_set_hcw(hcw, ev->u64, dlb2_event_to_meta(event, dest, half));
	return (event ^ first) | dest;
}

/*
 * Fills lines with events of the op of ev[0], up to the first line that has something unusual in
 * it, and at most `lines`. The first `riding` lines carry tokens. Adds fill() of all events to
 * *differ. Returns how many lines are good.
 */
static __rte_always_inline unsigned int
fill_lines(struct dlb2_dp_port *port, const struct rte_event *ev, unsigned int lines,
	   unsigned int riding, uint8_t cmd, uint64_t *differ)
{
	const uint64_t *dests = port->dp->dests;
	const uint64_t first = ev->event;
	const uint32_t plain = DLB2_HALF_CMD(cmd), token = DLB2_HALF_CMD(cmd | DLB2_CMD_TOKEN);
	struct dlb2_line *line = port->pp.next;
	unsigned int i, k;

	for (i = 0; i < lines; i++, line++, ev += DLB2_HCWS_PER_LINE) {
		uint32_t half = i < riding ? token : plain;

#pragma GCC unroll 4
		for (k = 0; k < DLB2_HCWS_PER_LINE; k++)
			*differ |= fill(&line->hcw[k], &ev[k], dests, first, half);
		if (unlikely(*differ & DLB2_DEST_MARKS))
			break;
	}
	return i;
}

/*
 * Fills a line with one to four events, and the tokens that may go with them. Adds fill() of all to
 * *differ; if that is unusual nothing else was done. Returns whether the line is good.
 */
static __rte_always_inline bool
fill_line(struct dlb2_dp_port *port, struct dlb2_line *line, const struct rte_event *ev,
	  unsigned int n, uint8_t cmd, uint64_t first, uint64_t *differ)
{
	const uint64_t *dests = port->dp->dests;
	const uint32_t owed = port->owed & port->ride_mask;
	const bool token = n < DLB2_HCWS_PER_LINE ? owed == n : owed >= n;
	const uint32_t half = DLB2_HALF_CMD(cmd | token);
	const uint32_t batch = token || n == DLB2_HCWS_PER_LINE ? 0 : owed;
	unsigned int i;

	for (i = 0; i < n; i++)
		*differ |= fill(&line->hcw[i], &ev[i], dests, first, half);
	if (unlikely(*differ & DLB2_DEST_MARKS))
		return false;
	dlb2_pad_line(line, n, batch);
	port->owed -= token ? n : batch;
	return true;
}

static __rte_always_inline void
push_and_count(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int sent,
	       unsigned int lines, uint64_t differ)
{
	const uint64_t first = ev[0].event;

	dlb2_pp_fence(&port->pp);
	dlb2_pp_push(&port->pp, lines);
	if (unlikely(differ & DLB2_EV_KEY_MASK))
		count_mixed(port, ev, sent);
	else
		dlb2_count_sent(port, first, port->dp->dests[dlb2_event_key(first)], sent);
}

/* send_run() for more than one line. */
static __rte_noinline unsigned int
send_lines(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n, uint8_t cmd)
{
	const unsigned int lines = n / DLB2_HCWS_PER_LINE, rest = n % DLB2_HCWS_PER_LINE;
	const unsigned int riding = (port->owed & port->ride_mask) / DLB2_HCWS_PER_LINE;
	uint64_t differ = 0;
	unsigned int good = fill_lines(port, ev, lines, riding, cmd, &differ);
	unsigned int sent = good * DLB2_HCWS_PER_LINE;

	port->owed -= RTE_MIN(good, riding) * DLB2_HCWS_PER_LINE;
	if (rest > 0 && likely(good == lines) &&
	    fill_line(port, port->pp.next + good, &ev[sent], rest, cmd, ev[0].event, &differ)) {
		good++;
		sent = n;
	}
	if (likely(good > 0))
		push_and_count(port, ev, sent, good, differ);
	return sent;
}

/*
 * Sends events of the op of ev[0] with command `cmd`, as many as come before a line with an event
 * of another op or with a destination that is refused or metered. The caller has made sure of
 * everything else: there is at least one event and room for all. Returns how many.
 */
static __rte_always_inline unsigned int
send_run(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n, uint8_t cmd)
{
	uint64_t differ = 0;

	if (n > DLB2_HCWS_PER_LINE)
		return send_lines(port, ev, n, cmd);
	if (unlikely(!fill_line(port, port->pp.next, ev, n, cmd, ev[0].event, &differ)))
		return 0;
	push_and_count(port, ev, n, 1, differ);
	return n;
}

/*
 * How many of `n` events the fast way may take when `ready` of them at most can be sent: all of
 * them, or full lines. A line that is not full is left to enqueue_each(), which goes on filling it.
 */
static __rte_always_inline unsigned int
whole_lines(unsigned int n, unsigned int ready)
{
	return likely(ready >= n) ? n : RTE_ALIGN_FLOOR(ready, DLB2_HCWS_PER_LINE);
}

/*
 * The fast ways: each sends as many of `n` events as it can, and leaves the others to
 * enqueue_each(); `op` is for that. There is at least one event and room for all.
 */

static __rte_noinline uint16_t
enqueue_news(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
	     unsigned int op)
{
	unsigned int ready = 0, sent = 0;

	if (likely(!(port->careful & DLB2_CAREFUL_WEIGHT)))
		ready = whole_lines(n, dlb2_credits_reserve(port, DLB2_POOL_EVENTS, n));
	if (likely(ready > 0)) {
		dlb2_pay(port, ready);
		sent = send_run(port, ev, ready, DLB2_CMD_NEW);
	}
	port->counters[DLB2_PORT_TX_NEW] += sent;
	if (likely(sent == n))
		return n;
	port->cached[DLB2_POOL_EVENTS] += ready - sent;
	return enqueue_each(port, ev, sent, n, op);
}

static __rte_noinline uint16_t
enqueue_forwards(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		 unsigned int op)
{
	unsigned int ready = whole_lines(n, port->open), sent = 0;

	if (likely(port->careful == 0 && ready > 0))
		sent = send_run(port, ev, ready, port->forward_cmd);
	port->open -= sent;
	return likely(sent == n) ? n : enqueue_each(port, ev, sent, n, op);
}

static __rte_noinline uint16_t
enqueue_releases(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	unsigned int sent = 0;

	if (likely(port->careful == 0)) {
		unsigned int ready = RTE_MIN(n, port->open);

		while (sent < ready && dlb2_event_op(ev[sent].event) == RTE_EVENT_OP_RELEASE)
			sent++;
		sent = whole_lines(n, sent);
		dlb2_release(port, sent);
		port->counters[DLB2_PORT_TX_REL] += sent;
	}
	return likely(sent == n) ? n : enqueue_each(port, ev, sent, n, OP_OF_EVENT);
}

/*
 * Whether the lines of `n` events have to be got first, or the burst is larger than the port was
 * set up for.
 */
static __rte_always_inline bool
too_large(const struct dlb2_dp_port *port, unsigned int n)
{
	return n > port->pp.room || n > port->enqueue_depth;
}

/*
 * A burst is limited to the depth the port was set up with; what is above that has to be tried
 * again. Below that it goes in as many pieces as there are rooms for their lines.
 */
static __rte_noinline uint16_t
enqueue_in_pieces(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		  uint16_t (*enqueue)(void *port, const struct rte_event ev[], uint16_t n))
{
	unsigned int limit = RTE_MIN(n, port->enqueue_depth), sent = 0, piece, accepted;

	do {
		if (port->pp.room == 0)
			dlb2_pp_make_room(&port->pp);
		piece = RTE_MIN(limit - sent, port->pp.room);
		accepted = enqueue(port, &ev[sent], piece);
		sent += accepted;
	} while (accepted == piece && sent < limit);
	if (sent == limit && limit < n)
		rte_errno = ENOSPC;
	return sent;
}

uint16_t
dlb2_enqueue_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	unsigned int op;

	if (unlikely(n == 0))
		return 0;
	if (unlikely(too_large(event_port, n)))
		return enqueue_in_pieces(event_port, ev, n, dlb2_enqueue_burst);
	op = dlb2_event_op(ev[0].event);
	if (likely(op == RTE_EVENT_OP_FORWARD))
		return enqueue_forwards(event_port, ev, n, OP_OF_EVENT);
	if (op == RTE_EVENT_OP_NEW)
		return enqueue_news(event_port, ev, n, OP_OF_EVENT);
	return enqueue_releases(event_port, ev, n);
}

uint16_t
dlb2_enqueue_new_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	if (unlikely(n == 0))
		return 0;
	if (unlikely(too_large(event_port, n)))
		return enqueue_in_pieces(event_port, ev, n, dlb2_enqueue_new_burst);
	return enqueue_news(event_port, ev, n, RTE_EVENT_OP_NEW);
}

uint16_t
dlb2_enqueue_forward_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	if (unlikely(n == 0))
		return 0;
	if (unlikely(too_large(event_port, n)))
		return enqueue_in_pieces(event_port, ev, n, dlb2_enqueue_forward_burst);
	return enqueue_forwards(event_port, ev, n, RTE_EVENT_OP_FORWARD);
}

/*
 * Sends a line of one event with command `cmd`, if its destination is a usual one and there is
 * room.
 */
static __rte_always_inline bool
send_single(struct dlb2_dp_port *port, const struct rte_event *ev, uint64_t event, uint8_t cmd)
{
	uint64_t dest = port->dp->dests[dlb2_event_key(event)];
	uint32_t owed = port->owed & port->ride_mask;
	struct dlb2_line *line = port->pp.next;

	if (unlikely((dest & DLB2_DEST_MARKS) != 0 || port->pp.room == 0))
		return false;
	dlb2_set_hcw(&line->hcw[0], ev->u64,
		     dlb2_event_to_meta(event, dest, DLB2_HALF_CMD(cmd | (owed == 1))));
	dlb2_pad_line(line, 1, owed == 1 ? 0 : owed);
	port->owed -= owed;
	dlb2_pp_fence(&port->pp);
	dlb2_pp_push(&port->pp, 1);
	dlb2_count_sent(port, event, dest, 1);
	return true;
}

static __rte_noinline uint16_t
enqueue_new(struct dlb2_dp_port *port, const struct rte_event *ev)
{
	if (unlikely(port->cached[DLB2_POOL_EVENTS] == 0 ||
		     (port->careful & DLB2_CAREFUL_WEIGHT) != 0))
		return dlb2_enqueue_burst(port, ev, 1);
	dlb2_pay(port, 1);
	if (unlikely(!send_single(port, ev, ev->event, DLB2_CMD_NEW))) {
		port->cached[DLB2_POOL_EVENTS]++;
		return dlb2_enqueue_burst(port, ev, 1);
	}
	port->counters[DLB2_PORT_TX_NEW]++;
	return 1;
}

uint16_t
dlb2_enqueue(void *event_port, const struct rte_event *ev)
{
	struct dlb2_dp_port *port = event_port;
	const uint64_t event = ev->event;
	const unsigned int op = dlb2_event_op(event);

	if (unlikely(op == RTE_EVENT_OP_NEW))
		return enqueue_new(port, ev);
	if (unlikely(op != RTE_EVENT_OP_FORWARD || port->open == 0 || port->careful != 0 ||
		     !send_single(port, ev, event, port->forward_cmd)))
		return dlb2_enqueue_burst(port, ev, 1);
	port->open--;
	return 1;
}
