/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Quiescing a port while the device runs (data-path 8.4): what was scheduled to it goes to the
 * application's callback and is completed, tokens and credits go back, and from then on the device
 * schedules to other ports what it would have scheduled to this one.
 *
 * The one thing to know: the device has no demand to wait for, it fills a CQ whenever there is
 * room. So the port stays off until a thread dequeues from it again, or arms its interrupt. Were it
 * on at once, events would collect behind the back of a thread that has left, and with them their
 * atomic flows.
 *
 * No lock of the control operations is held: the callback is the application's, and so are other
 * threads that quiesce ports of theirs.
 */
#include <errno.h>
#include <string.h>

#include "dlb2_function.h"
#include "dlb2_priv.h"

/* Until the device has taken what was returned to it; that takes microseconds. */
#define RETURN_LIMIT_US 10000

/* Every event that the device counts is in the ring when delivery has stopped. */
static int
wait_until_nothing_is_owed(struct dlb2_process *process, const struct dlb2_port *port)
{
	struct dlb2_bus *bus = process->function->attachment.bus;
	struct dlb2_port_account account;
	unsigned int waited;
	int ret;

	for (waited = 0; waited < RETURN_LIMIT_US; waited++) {
		ret = dlb2_port_quiesce(process->domain, port->kind, port->hw_id, &account);
		if (ret != 0 || (account.inflights == 0 && account.tokens == 0))
			return ret;
		bus->ops->sleep_us(bus, 1);
	}
	return -ETIMEDOUT;
}

static int
quiesce(struct dlb2_process *process, const struct dlb2_port *port, rte_eventdev_port_flush_t flush,
	void *arg)
{
	struct dlb2_port_account account;
	int ret = dlb2_port_quiesce(process->domain, port->kind, port->hw_id, &account);

	if (ret != 0)
		return ret;
	dlb2_dp_port_flush(port->dp, process->evdev->dev_id, flush, arg);
	dlb2_dp_port_set_quiesced(port->dp, true);
	return wait_until_nothing_is_owed(process, port);
}

void
dlb2_quiesce(struct rte_eventdev *dev, void *dp_port, rte_eventdev_port_flush_t flush, void *arg)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	const struct dlb2_port *port;
	int ret;

	if (dp_port == NULL) {
		DLB2_ERR(evdev->name, "a port can be quiesced after its set-up");
		return;
	}
	if (!evdev->started) /* stop has left nothing */
		return;
	port = dlb2_port(dp_port);
	ret = quiesce(dlb2_process(dev), port, flush, arg);
	if (ret != 0 && dlb2_report_gone(evdev, ret) != -ENODEV)
		DLB2_ERR(evdev->name,
			 "port %u: the device has not taken all that it was given back: %s; stop "
			 "and start it",
			 dlb2_port_id(evdev, port), strerror(-ret));
}

/* A device that is gone shows at the next control operation. */
static void
resume(struct dlb2_process *process, const struct dlb2_port *port)
{
	dlb2_dp_port_set_quiesced(port->dp, false);
	dlb2_port_set_enabled(process->domain, port->kind, port->hw_id,
			      dlb2_profile_is_served(port));
}

bool
dlb2_port_resume(void *dp_port)
{
	const struct dlb2_port_block *block = container_of(dp_port, struct dlb2_port_block, dp);
	struct dlb2_process *process = dlb2_process(&rte_eventdevs[block->evdev->dev_id]);

	const bool quiesced = dlb2_dp_port_is_quiesced(dp_port);

	if (process->domain == NULL) /* a secondary process has no registers */
		return !quiesced;
	if (quiesced)
		resume(process, dlb2_port(dp_port));
	if (dlb2_dp_port_is_switching(dp_port))
		dlb2_profile_resume(process, dlb2_port(dp_port));
	return true;
}

void
dlb2_resume_ports(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	const struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;

	for (port = evdev->ports; port < end; port++) {
		if (dlb2_dp_port_is_quiesced(port->dp))
			resume(process, port);
	}
}
