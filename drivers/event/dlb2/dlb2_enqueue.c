/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Enqueue: NEW, FORWARD and RELEASE become lines of HCWs. Not here: completions that the driver sends by itself
 * (dlb2_completions.c).
 *
 * There are two ways through. The fast one takes events of one op, four to a line, and stops before the first line that has
 * anything unusual in it. Whatever it leaves is taken event by event, and only there events are refused: so the rules are
 * written once, and the fast way only has to know when it may be taken.
 */
#include <errno.h>

#include <rte_errno.h>

#include "dlb2_lines.h"

/* Op of the events of enqueue_each() when each event says it itself. */
#define OP_OF_EVENT UINT_MAX

/* Whether there is a device credit for one event more, where they are counted. */
static bool
reserve_device_credit(struct dlb2_dp_port *port, uint64_t dest)
{
	enum dlb2_port_kind kind = dest & DLB2_DEST_DIRECTED ? DLB2_DIR : DLB2_LDB;
	enum dlb2_port_counter counter;

	if (likely(!(dest & DLB2_DEST_METERED)))
		return true;
	if (dlb2_credits_reserve(port, port->dp->pool_of_kind[kind], 1) > 0)
		return true;
	if (dlb2_limits(port->dp->conf.version)->combined_credits)
		counter = DLB2_PORT_TX_NOSPC_HW_CREDITS;
	else if (kind == DLB2_DIR)
		counter = DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS;
	else
		counter = DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS;
	port->counters[counter]++;
	return false;
}

static bool
reserve_event_credit(struct dlb2_dp_port *port)
{
	const struct dlb2_credit_pool *pool = &port->dp->pools[DLB2_POOL_EVENTS];

	if (dlb2_credits_reserve(port, DLB2_POOL_EVENTS, 1) > 0)
		return true;
	port->counters[dlb2_pool_taken(pool) < pool->size ? DLB2_PORT_TX_NOSPC_INFLIGHT_MAX :
		       DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT]++;
	return false;
}

/* Whether the port may send this event now: 0, EINVAL or ENOSPC. Credits are reserved, but nothing is used up yet. */
static int
admit(struct dlb2_dp_port *port, uint64_t event, unsigned int op)
{
	uint64_t dest = port->dp->dests[dlb2_event_key(event)];

	if (op > RTE_EVENT_OP_RELEASE)
		return EINVAL;
	if (op != RTE_EVENT_OP_NEW && port->open == 0)
		return EINVAL;
	if (op == RTE_EVENT_OP_RELEASE)
		return 0;
	if (dest & DLB2_DEST_REFUSED) {
		port->counters[DLB2_PORT_TX_INVALID] += dlb2_event_sched(event) == DLB2_DP_NO_SCHED;
		return EINVAL;
	}
	if (op == RTE_EVENT_OP_NEW && !reserve_event_credit(port))
		return ENOSPC;
	return reserve_device_credit(port, dest) ? 0 : ENOSPC;
}

static uint64_t
event_meta(const struct dlb2_dp_port *port, uint64_t event, uint64_t dest, uint8_t cmd)
{
	uint32_t half = DLB2_HALF_CMD(cmd);

	if (port->careful & DLB2_CAREFUL_WEIGHT)
		half |= ((event >> DLB2_EV_WEIGHT_SHIFT) & 3) << DLB2_HALF_WEIGHT_SHIFT;
	return dlb2_event_to_meta(event, dest, half);
}

/* Takes what an event costs and counts it. Returns its destination. */
static uint64_t
charge(struct dlb2_dp_port *port, uint64_t event)
{
	uint64_t dest = port->dp->dests[dlb2_event_key(event)];

	if (dest & DLB2_DEST_METERED)
		port->cached[port->dp->pool_of_kind[dest & DLB2_DEST_DIRECTED ? DLB2_DIR : DLB2_LDB]]--;
	port->counters[dlb2_tx_sched_counter(dlb2_dest_sched(dest))]++;
	port->enqueued[dlb2_event_queue(event)]++;
	return dest;
}

static void
send_new(struct dlb2_writer *w, const struct rte_event *ev)
{
	struct dlb2_dp_port *port = w->port;
	uint64_t dest = charge(port, ev->event);

	port->cached[DLB2_POOL_EVENTS]--;
	port->counters[DLB2_PORT_TX_NEW]++;
	dlb2_writer_put_cmd(w, ev->u64, event_meta(port, ev->event, dest, DLB2_CMD_NEW));
}

static void
send_forward(struct dlb2_writer *w, const struct rte_event *ev)
{
	struct dlb2_dp_port *port = w->port;
	uint64_t dest = charge(port, ev->event);
	uint64_t meta = event_meta(port, ev->event, dest, port->forward_cmd);

	port->open--;
	if (port->kind == DLB2_DIR) {
		dlb2_writer_put_cmd(w, ev->u64, meta);
		return;
	}
	dlb2_writer_put_completion(w, ev->u64, meta);
	dlb2_writer_complete_drops(w);
}

/* A directed port has nothing to tell the device. */
static void
send_release(struct dlb2_writer *w)
{
	struct dlb2_dp_port *port = w->port;

	port->open--;
	port->counters[DLB2_PORT_TX_REL]++;
	dlb2_credits_add(port, DLB2_POOL_EVENTS, 1);
	if (port->kind == DLB2_DIR)
		return;
	dlb2_writer_put_completion(w, 0, (uint64_t)DLB2_CMD_COMP << DLB2_HCW_SHIFT(cmd));
	dlb2_writer_complete_drops(w);
}

/* Sends events until one is refused; `op` is that of all of them, or OP_OF_EVENT. */
static __rte_noinline uint16_t
enqueue_each(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n, unsigned int op)
{
	struct dlb2_writer w = {.port = port, .ride = port->ride_mask};
	int err = 0;
	uint16_t i;

	for (i = 0; i < n; i++) {
		unsigned int event_op = op == OP_OF_EVENT ? dlb2_event_op(ev[i].event) : op;

		err = admit(port, ev[i].event, event_op);
		if (err != 0)
			break;
		if (event_op == RTE_EVENT_OP_NEW)
			send_new(&w, &ev[i]);
		else if (event_op == RTE_EVENT_OP_FORWARD)
			send_forward(&w, &ev[i]);
		else
			send_release(&w);
	}
	dlb2_writer_close(&w);
	if (err != 0) {
		rte_errno = err;
		/* What this port cannot use may be what another one needs to make room (data-path 6.4). */
		dlb2_return_credits(port);
	}
	dlb2_credits_trim(port, DLB2_POOL_EVENTS);
	return i;
}

/* How a run of events of one op differs from a single key: bits set in `differ` under DLB2_EV_KEY_MASK. */
static __rte_always_inline void
count_run(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n, uint64_t differ)
{
	uint16_t i, same = likely((differ & DLB2_EV_KEY_MASK) == 0) ? n : 1;

	for (i = 0; i < n; i += same) {
		uint64_t dest = port->dp->dests[dlb2_event_key(ev[i].event)];

		port->counters[dlb2_tx_sched_counter(dlb2_dest_sched(dest))] += same;
		port->enqueued[dlb2_event_queue(ev[i].event)] += same;
	}
}

/* Fills one HCW. Returns what is unusual: op or key other than those of `first`, marks of the destination. */
static __rte_always_inline uint64_t
fill(struct dlb2_hcw *hcw, const struct rte_event *ev, const uint64_t *dests, uint64_t first, uint32_t half)
{
	uint64_t event = ev->event;
	uint64_t dest = dests[dlb2_event_key(event)];

	dlb2_set_hcw(hcw, ev->u64, dlb2_event_to_meta(event, dest, half));
	return (event ^ first) | dest;
}

/*
 * Sends one line of `used` events, unless it has something unusual in it. Returns fill() of all of them.
 */
static __rte_always_inline uint64_t
send_line(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int used, uint64_t first, uint8_t cmd)
{
	const uint64_t *dests = port->dp->dests;
	const uint32_t ride = port->ride_mask;
	const uint32_t token = dlb2_ride(port, ride, used);
	const uint32_t half = DLB2_HALF_CMD(cmd | token);
	struct dlb2_line *line = dlb2_pp_line(&port->pp);
	uint64_t differ = 0;
	unsigned int i;

	for (i = 0; i < used; i++)
		differ |= fill(&line->hcw[i], &ev[i], dests, first, half);
	if (likely(!(differ & DLB2_DEST_MARKS))) {
		port->owed -= token ? used : 0;
		dlb2_finish_line(port, line, used, ride);
	}
	return differ;
}

/*
 * Sends events of the op of ev[0] with command `cmd`, as many as come before a line with an event of another op or with a
 * destination that is refused or metered. The caller has made sure of everything else. Returns how many.
 */
static __rte_always_inline uint16_t
send_run(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n, uint8_t cmd)
{
	const uint64_t first = ev[0].event;
	uint64_t differ = 0;
	uint16_t i;

	dlb2_pp_fence(&port->pp);
	for (i = 0; i + DLB2_HCWS_PER_LINE <= n; i += DLB2_HCWS_PER_LINE) {
		differ |= send_line(port, &ev[i], DLB2_HCWS_PER_LINE, first, cmd);
		if (unlikely(differ & DLB2_DEST_MARKS))
			break;
	}
	if (i < n && likely(!(differ & DLB2_DEST_MARKS))) {
		differ |= send_line(port, &ev[i], n - i, first, cmd);
		if (likely(!(differ & DLB2_DEST_MARKS)))
			i = n;
	}
	count_run(port, ev, i, differ);
	return i;
}

/* The fast ways: each returns how many of `n` events it sent; none of the others has been looked at or refused. */

static __rte_always_inline uint16_t
send_news(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent;

	if (unlikely(port->careful & DLB2_CAREFUL_WEIGHT))
		return 0;
	n = dlb2_credits_reserve(port, DLB2_POOL_EVENTS, n);
	if (unlikely(n == 0))
		return 0;
	sent = send_run(port, ev, n, DLB2_CMD_NEW);
	port->cached[DLB2_POOL_EVENTS] -= sent;
	port->counters[DLB2_PORT_TX_NEW] += sent;
	return sent;
}

static __rte_always_inline uint16_t
send_forwards(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent;

	n = RTE_MIN(n, port->open);
	if (unlikely(port->careful != 0 || n == 0))
		return 0;
	sent = send_run(port, ev, n, port->forward_cmd);
	port->open -= sent;
	return sent;
}

static __rte_always_inline uint16_t
send_releases(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t i;

	n = RTE_MIN(n, port->open);
	if (unlikely(port->careful != 0))
		return 0;
	for (i = 0; i < n && dlb2_event_op(ev[i].event) == RTE_EVENT_OP_RELEASE; i++)
		;
	dlb2_release(port, i);
	port->counters[DLB2_PORT_TX_REL] += i;
	return i;
}

static __rte_always_inline uint16_t
enqueue_any(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent = 0;

	switch (dlb2_event_op(ev[0].event)) {
	case RTE_EVENT_OP_FORWARD:
		sent = send_forwards(port, ev, n);
		break;
	case RTE_EVENT_OP_NEW:
		sent = send_news(port, ev, n);
		break;
	case RTE_EVENT_OP_RELEASE:
		sent = send_releases(port, ev, n);
		break;
	}
	if (unlikely(sent < n))
		sent += enqueue_each(port, &ev[sent], n - sent, OP_OF_EVENT);
	return sent;
}

/* A burst is limited to the depth the port was set up with; what is above that has to be tried again. */
static __rte_always_inline uint16_t
limit_burst(const struct dlb2_dp_port *port, uint16_t n)
{
	if (likely(n <= port->enqueue_depth))
		return n;
	rte_errno = ENOSPC;
	return port->enqueue_depth;
}

uint16_t
dlb2_enqueue(void *event_port, const struct rte_event *ev)
{
	return enqueue_any(event_port, ev, 1);
}

uint16_t
dlb2_enqueue_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	n = limit_burst(event_port, n);
	return likely(n > 0) ? enqueue_any(event_port, ev, n) : 0;
}

uint16_t
dlb2_enqueue_new_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	struct dlb2_dp_port *port = event_port;
	uint16_t sent;

	n = limit_burst(port, n);
	sent = send_news(port, ev, n);
	if (unlikely(sent < n))
		sent += enqueue_each(port, &ev[sent], n - sent, RTE_EVENT_OP_NEW);
	return sent;
}

uint16_t
dlb2_enqueue_forward_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	struct dlb2_dp_port *port = event_port;
	uint16_t sent;

	n = limit_burst(port, n);
	sent = send_forwards(port, ev, n);
	if (unlikely(sent < n))
		sent += enqueue_each(port, &ev[sent], n - sent, RTE_EVENT_OP_FORWARD);
	return sent;
}
