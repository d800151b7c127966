/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Fragments of ordered events (data-path 5.4): several events leave in the place of one. Not here:
 * which devices and ports can do it (rte_pmd_dlb2_events.c).
 *
 * The device keeps all pieces under the sequence number of the port's oldest open event, and takes
 * that number from nothing but the event being the oldest. So it has to be an ordered one, or the
 * pieces are lost.
 */
#include <errno.h>

#include "dlb2_entries.h"
#include "dlb2_send.h"

/*
 * Whether all pieces may be sent; then their credits are reserved. The event itself has one
 * already, for the last piece.
 */
static int
admit(struct dlb2_dp_port *port, const struct rte_event *event, const struct rte_event pieces[],
      unsigned int n)
{
	uint32_t want[DLB2_NUM_POOLS] = {[DLB2_POOL_EVENTS] = n - 1};
	unsigned int i;

	if (port->open == 0)
		return -ENOENT;
	if (event->sched_type != RTE_SCHED_TYPE_ORDERED ||
	    !dlb2_entry_may_be(port, 0, event, DLB2_SCHED_ORDERED))
		return -ESTALE;
	for (i = 0; i < n; i++) {
		uint64_t dest = port->dp->dests[dlb2_event_key(pieces[i].event)];

		if (dest & DLB2_DEST_REFUSED)
			return -EINVAL;
		if (dest & DLB2_DEST_METERED)
			want[dlb2_dest_pool(port, dest)]++;
	}
	return dlb2_reserve_all(port, want) ? 0 : -ENOSPC;
}

static void
send_piece(struct dlb2_writer *w, const struct rte_event *piece, uint8_t cmd)
{
	uint64_t dest = dlb2_charge(w->port, piece->event);
	uint64_t meta = dlb2_event_meta(w->port, piece->event, dest, cmd);

	if (cmd == DLB2_CMD_FRAG)
		dlb2_writer_put_cmd(w, piece->u64, meta);
	else
		dlb2_send_completion(w, piece->event, piece->u64, meta);
}

int
dlb2_dp_enqueue_fragments(struct dlb2_dp_port *port, const struct rte_event *event,
			  const struct rte_event pieces[], unsigned int n)
{
	struct dlb2_writer w = {.port = port, .ride = port->ride_mask};
	int ret = admit(port, event, pieces, n);
	unsigned int i;

	if (ret != 0)
		return ret;
	dlb2_pay(port, n - 1);
	for (i = 0; i < n - 1; i++)
		send_piece(&w, &pieces[i], DLB2_CMD_FRAG);
	port->open--;
	send_piece(&w, &pieces[i], DLB2_CMD_FWD);
	dlb2_writer_close(&w);
	return 0;
}
