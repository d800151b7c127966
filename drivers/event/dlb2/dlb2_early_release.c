/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Early release of atomic flows (data-path 5.2): an event is completed while the application goes
 * on with it. Not here: which ports can do it (rte_pmd_dlb2_events.c).
 *
 * To the device the event is over, and what the application sends on is a new one. To the limits of
 * events it is the same all the time: port->early counts the credits that such events have.
 */
#include <errno.h>

#include <rte_atomic.h>

#include "dlb2_entries.h"
#include "dlb2_send.h"

static const uint64_t completion = (uint64_t)DLB2_CMD_COMP << DLB2_HCW_SHIFT(cmd);

/* A process that dies in here loses the events' credits until the next start, but makes none. */
int
dlb2_dp_release_atomic(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	struct dlb2_writer w = {.port = port, .ride = port->ride_mask};
	unsigned int i;

	if (n > port->open)
		return -ENOENT;
	for (i = 0; i < n; i++)
		if (ev[i].sched_type != RTE_SCHED_TYPE_ATOMIC ||
		    !dlb2_entry_may_be(port, i, &ev[i], DLB2_SCHED_ATOMIC))
			return -ESTALE;
	for (i = 0; i < n; i++) {
		port->open--;
		dlb2_send_completion(&w, ev[i].event, 0, completion);
	}
	dlb2_writer_close(&w);
	rte_compiler_barrier();
	port->early += n;
	return 0;
}

static int
admit(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	uint32_t want[DLB2_NUM_POOLS] = {};
	unsigned int i;

	if (n > port->early)
		return -ENOENT;
	for (i = 0; i < n; i++) {
		uint64_t dest = port->dp->dests[dlb2_event_key(ev[i].event)];

		if (ev[i].op == RTE_EVENT_OP_RELEASE)
			continue;
		if (ev[i].op != RTE_EVENT_OP_FORWARD || (dest & DLB2_DEST_REFUSED))
			return -EINVAL;
		if (dest & DLB2_DEST_METERED)
			want[dlb2_dest_pool(port, dest)]++;
	}
	return dlb2_reserve_all(port, want) ? 0 : -ENOSPC;
}

/* Apart, so that tests can follow the writer through memory (test_stores.py). */
static __rte_noinline void
send_on(struct dlb2_writer *w, const struct rte_event *ev)
{
	uint64_t dest = dlb2_charge(w->port, ev->event);

	dlb2_writer_put_cmd(w, ev->u64, dlb2_event_meta(w->port, ev->event, dest, DLB2_CMD_NEW));
}

int
dlb2_dp_enqueue_released(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	struct dlb2_writer w = {.port = port, .ride = port->ride_mask};
	unsigned int i, ended = 0;
	int ret = admit(port, ev, n);

	if (ret != 0)
		return ret;
	port->early -= n;
	rte_compiler_barrier();
	for (i = 0; i < n; i++) {
		if (ev[i].op == RTE_EVENT_OP_FORWARD)
			send_on(&w, &ev[i]);
		else
			ended++;
	}
	dlb2_writer_close(&w);
	port->counters[DLB2_PORT_TX_REL] += ended;
	dlb2_credits_add(port, DLB2_POOL_EVENTS, ended);
	return 0;
}

void
dlb2_forget_early(struct dlb2_dp_port *port)
{
	const uint32_t early = port->early;

	port->early = 0;
	rte_compiler_barrier(); /* see dlb2_pool_give() */
	dlb2_credits_add(port, DLB2_POOL_EVENTS, early);
}
