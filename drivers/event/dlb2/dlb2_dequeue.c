/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Dequeue, all that is not the fast way (dlb2_fast_dequeue.h): bad entries, an empty consumer queue
 * (CQ), what has to be given back. Not here: how completions and token returns are sent
 * (dlb2_completions.c), and waiting (dlb2_wait.c).
 */
#include <errno.h>

#include <rte_errno.h>

#include "dlb2_fast.h"
#include "dlb2_lines.h"
#include "dlb2_reading.h"

void
dlb2_count_mixed(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		dlb2_count_received(port, port->kind, dlb2_event_count(ev[i].event), 1);
}

/*
 * Steps over an entry with the error bit: nothing of it can be trusted but that it was scheduled
 * (data-path 2.1).
 */
static void
drop_entry(struct dlb2_dp_port *port)
{
	struct dlb2_cursor c = {.next = port->next, .gen = port->gen};

	dlb2_cursor_advance(port, &c);
	port->owed++;
	dlb2_cursor_done(port, &c);
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

		if (dlb2_entry_is_new(meta, port->gen) && !dlb2_entry_is_unusual(meta, port->gen))
			got += port->kind == DLB2_LDB
				? dlb2_read_entries(port, DLB2_LDB, &ev[got], n - got, meta)
				: dlb2_read_entries(port, DLB2_DIR, &ev[got], n - got, meta);
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
 * The CQ is empty: gives back what others may be waiting for; only then does the port wait. With all
 * tokens owed (DELAYED) nothing can arrive, and waiting is of no use (data-path 3.4).
 */
static uint16_t
give_back_and_wait(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		   uint64_t timeout_ticks)
{
	const struct dlb2_dp_conf *conf = &port->dp->conf;
	uint64_t timeout = conf->per_dequeue_timeout ? timeout_ticks : conf->dequeue_timeout_ticks;

	if (port->ride_mask != 0)
		dlb2_return_tokens(port);
	dlb2_return_credits(port);
	if (timeout == 0 || port->owed >= port->conf.cq_depth)
		return 0;
	return dlb2_wait_for_entries(port, ev, n, timeout);
}

/* The CQ is empty. Lets the model run if it needs to be, before the port waits. */
static uint16_t
dequeue_idle(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
	     uint64_t timeout_ticks)
{
	uint16_t got;

	if (unlikely(port->idle & DLB2_IDLE_TELLS) &&
	    !dlb2_port_resume(port)) {
		rte_errno = ESHUTDOWN;
		return 0;
	}
	got = dlb2_dequeue_ready(port, ev, n);
	return got > 0 ? got : give_back_and_wait(port, ev, n, timeout_ticks);
}

uint16_t
dlb2_settle_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t got)
{
	dlb2_regain_credits(port, got);
	if (port->careful & DLB2_CAREFUL_REORDER)
		dlb2_reorder_stamp(port, ev, got);
	if (port->owed > port->owed_limit)
		dlb2_return_tokens(port);
	return got;
}

/* Counts a dequeue that was not the fast way's, and does what is due after it. */
static uint16_t
end_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t got)
{
	port->counters[got > 0 ? DLB2_PORT_TOTAL_POLLS : DLB2_PORT_ZERO_POLLS]++;
	return got > 0 ? dlb2_settle_dequeue(port, ev, got) : 0;
}

uint16_t
dlb2_dequeue_unusual(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		     uint64_t timeout_ticks)
{
	uint16_t got;

	if (n == 0)
		return 0;
	n = RTE_MIN(n, port->dequeue_depth);
	got = poll_cq(port, ev, n);
	if (got == 0)
		got = dequeue_idle(port, ev, n, timeout_ticks);
	return end_dequeue(port, ev, got);
}

uint16_t
dlb2_dequeue_empty(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		   uint64_t timeout_ticks)
{
	n = RTE_MIN(n, port->dequeue_depth);
	return end_dequeue(port, ev, give_back_and_wait(port, ev, n, timeout_ticks));
}
