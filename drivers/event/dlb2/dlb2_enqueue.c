/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Enqueue, event by event: the way of all that dlb2_fast_enqueue.h leaves, and the only one where
 * events are refused. Not here: completions that the driver sends by itself (dlb2_completions.c).
 */
#include <errno.h>

#include <rte_atomic.h>
#include <rte_errno.h>

#include "dlb2_fast.h"
#include "dlb2_send.h"

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
	uint64_t meta = dlb2_event_meta(port, ev->event, dest, dlb2_forward_cmd(port));

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
uint16_t
dlb2_enqueue_each(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int i,
		  unsigned int n, unsigned int op)
{
	/*
	 * The fast way fences what it sends; a directed port may have released events without
	 * sending anything.
	 */
	struct dlb2_writer w = {
		.port = port, .ride = port->ride_mask, .fenced = i > 0 && port->kind == DLB2_LDB};
	int err = 0;

	for (; i < n; i++) {
		unsigned int event_op = op == DLB2_OP_OF_EVENT ? dlb2_event_op(ev[i].event) : op;

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
