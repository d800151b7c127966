/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What it takes to send one event, for all that send events one by one: dlb2_enqueue.c, and what
 * the driver has beyond the eventdev API (dlb2_fragments.c, dlb2_early_release.c). Not here:
 * whether an event may be sent.
 */
#ifndef DLB2_SEND_H
#define DLB2_SEND_H

#include <rte_atomic.h>

#include "dlb2_lines.h"

/** dlb2_enqueue.c: whether there are `n` credits for the port. Counts what was short if not. */
bool dlb2_reserve(struct dlb2_dp_port *port, enum dlb2_pool pool, uint32_t n);

/** The same for so many of each pool. If some are short all that the port has cached go back. */
bool dlb2_reserve_all(struct dlb2_dp_port *port, const uint32_t want[DLB2_NUM_POOLS]);

/** The pool that a destination's device credits come from. */
static inline enum dlb2_pool
dlb2_dest_pool(const struct dlb2_dp_port *port, uint64_t dest)
{
	return port->dp->pool_of_kind[dest & DLB2_DEST_DIRECTED ? DLB2_DIR : DLB2_LDB];
}

/**
 * Pays for events that come into being, before they are sent: a process that dies in between must
 * not owe them.
 */
static __rte_always_inline void
dlb2_pay(struct dlb2_dp_port *port, uint32_t events)
{
	port->cached[DLB2_POOL_EVENTS] -= events;
	rte_compiler_barrier();
}

/** Second word of the HCW that sends an event with command `cmd`. */
static inline uint64_t
dlb2_event_meta(const struct dlb2_dp_port *port, uint64_t event, uint64_t dest, uint8_t cmd)
{
	uint32_t half = DLB2_HALF_CMD(cmd);

	if (port->careful & DLB2_CAREFUL_WEIGHT)
		half |= ((event >> DLB2_EV_WEIGHT_SHIFT) & 3) << DLB2_HALF_WEIGHT_SHIFT;
	return dlb2_event_to_meta(event, dest, half);
}

static __rte_always_inline void
dlb2_count_sent(struct dlb2_dp_port *port, uint64_t dest, unsigned int n)
{
	port->sent_by_type[dlb2_dest_sched(dest)] += n;
	port->enqueued[dlb2_dest_queue(dest)] += n;
}

/** Takes what an event costs and counts it. Returns its destination. */
static inline uint64_t
dlb2_charge(struct dlb2_dp_port *port, uint64_t event)
{
	uint64_t dest = port->dp->dests[dlb2_event_key(event)];

	if (dest & DLB2_DEST_METERED)
		port->cached[dlb2_dest_pool(port, dest)]--;
	dlb2_count_sent(port, dest, 1);
	return dest;
}

/** Completes an open event of a load-balanced port, by an HCW that may enqueue it again. */
static inline void
dlb2_send_completion(struct dlb2_writer *w, uint64_t event, uint64_t data, uint64_t meta)
{
	if (w->port->careful & DLB2_CAREFUL_REORDER) {
		dlb2_reorder_complete(w, event, data, meta);
		return;
	}
	dlb2_writer_put_completion(w, data, meta);
	dlb2_writer_complete_drops(w);
}

#endif
