/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Ports whose process is gone (pmd-interface 18), as seen by the primary: the device is made to
 * leave such a port alone while its account is settled. Not here: what is settled, and how events
 * are handed over (dlb2_settle.c).
 *
 * Delivery to the port stops for that time, and its account is read when all that the dead process
 * stored has arrived, so that nothing is counted twice. All other ports go on.
 */
#include <errno.h>

#include "dlb2_priv.h"

/* Returns the number of entries in the CQ. Delivery is stopped until resume(). */
static int
settle(struct dlb2_process *process, const struct dlb2_port *port)
{
	struct dlb2_port_account account;
	int ret = dlb2_port_quiesce(process->domain, port->kind, port->hw_id, &account);

	return ret != 0 ? ret : (int)dlb2_dp_port_settle(port->dp, account.inflights,
							 account.tokens);
}

static int
resume(struct dlb2_process *process, const struct dlb2_port *port)
{
	return dlb2_port_set_enabled(process->domain, port->kind, port->hw_id,
				     dlb2_profile_is_served(port));
}

int
dlb2_settle_interrupted(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	const struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;
	int ret = 0;

	for (port = evdev->ports; ret >= 0 && port < end; port++) {
		if (!dlb2_dp_port_interrupted(port->dp))
			continue;
		DLB2_NOTICE(evdev->name, "port %u: a process died in the middle of a burst",
			    dlb2_port_id(evdev, port));
		ret = settle(process, port);
		if (ret >= 0)
			ret = resume(process, port);
	}
	return RTE_MIN(ret, 0);
}

static void
report(const struct dlb2_eventdev *evdev, const struct dlb2_reclaim *reclaim, int ret)
{
	const struct rte_pmd_dlb2_reclaim_count *count = &reclaim->count;

	DLB2_INFO(evdev->name, "port %u: reclaimed, with %u events waiting, %u open",
		  reclaim->port_id, count->waiting, count->open);
	if (count->overwritten > 0)
		DLB2_WARN(evdev->name,
			  "port %u: %u open events are lost with their process: more events were "
			  "open and waiting than the CQ has entries; a larger dequeue_depth helps",
			  reclaim->port_id, count->overwritten);
	if (ret == -ENOSPC)
		DLB2_ERR(evdev->name,
			 "port %u: no credits to forward an event: let other ports dequeue and "
			 "reclaim the port again",
			 reclaim->port_id);
	else if (ret != 0)
		DLB2_ERR(evdev->name,
			 "port %u: an event is forwarded to a queue that does not take it: set "
			 "queue_id and sched_type to one that does, and reclaim the port again",
			 reclaim->port_id);
}

int
dlb2_reclaim_port(struct rte_eventdev *dev, struct dlb2_reclaim *reclaim)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_process *process = dlb2_process(dev);
	const struct dlb2_port *port = &evdev->ports[reclaim->port_id];
	int ret, unread;

	if (!evdev->started)
		return 0;
	unread = settle(process, port);
	if (unread < 0)
		return unread;
	ret = dlb2_dp_port_reclaim(port->dp, unread, reclaim);
	report(evdev, reclaim, ret);
	if (resume(process, port) != 0)
		return -ENODEV;
	dlb2_background_start(process->function);
	return ret;
}
