/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The part of the driver-specific API that moves events: checks, and messages for what is refused.
 * Not here: how it is done (dlb2_fragments.c, dlb2_early_release.c).
 *
 * Unlike the rest of that API it is there for the threads that use ports, in every process. So it
 * marks what it does as the data path of secondary processes does (dlb2_guard.c).
 */
#include <errno.h>

#include <rte_eal.h>

#include "dlb2_priv.h"

/* A call that is being checked. */
struct call {
	const char *what; /* for messages */
	struct rte_eventdev *dev;
	const struct dlb2_port *port;
	const void *events;
	unsigned int port_id, n;
};

static const char *
name_of(const struct call *call)
{
	return call->dev->data->name;
}

static int
find_port(struct call *call, uint8_t dev_id)
{
	struct rte_eventdev *dev = &rte_eventdevs[RTE_MIN(dev_id, RTE_EVENT_MAX_DEVS - 1)];
	struct dlb2_eventdev *evdev;

	if (!rte_event_pmd_is_valid_dev(dev_id) || dev->dev_ops->dev_infos_get != dlb2_info_get) {
		DLB2_ERR("API", "event device %u is not a DLB of this process", dev_id);
		return -EINVAL;
	}
	evdev = dlb2_evdev(dev);
	call->dev = dev;
	if (!evdev->configured || call->port_id >= evdev->conf.nb_event_ports) {
		DLB2_ERR(evdev->name,
			 "port %u does not exist, %u are configured: call "
			 "rte_event_dev_configure() first",
			 call->port_id, evdev->configured ? evdev->conf.nb_event_ports : 0);
		return -EINVAL;
	}
	call->port = &evdev->ports[call->port_id];
	return 0;
}

/* A secondary process has the data path only if the primary lets it. */
static int
check_process(const struct call *call)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY ||
	    call->dev->enqueue_burst == dlb2_dp_guarded_ops()->enqueue_burst)
		return 0;
	DLB2_ERR(name_of(call), "port %u: %s are not possible in this process, which cannot move "
		 "events: say run=thread or run=service to the primary process",
		 call->port_id, call->what);
	return -ENOTSUP;
}

static int
check_port(const struct call *call)
{
	if (call->port->kind == DLB2_DIR) {
		DLB2_ERR(name_of(call),
			 "port %u: %s are not possible on a single-link port: use a load-balanced "
			 "one",
			 call->port_id, call->what);
		return -ENOTSUP;
	}
	if (call->port->conf.event_port_cfg & RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ) {
		DLB2_ERR(name_of(call),
			 "port %u: %s are not possible with independent enqueue: leave the flag "
			 "out at the port's set-up",
			 call->port_id, call->what);
		return -ENOTSUP;
	}
	return 0;
}

static int
check_events(const struct call *call, unsigned int most)
{
	if (call->n < 1 || call->n > most) {
		DLB2_ERR(name_of(call), "port %u: %u %s are not possible: say 1 to %u",
			 call->port_id, call->n, call->what, most);
		return -EINVAL;
	}
	if (call->events == NULL) {
		DLB2_ERR(name_of(call), "port %u: no events are given: pass %u of them",
			 call->port_id, call->n);
		return -EINVAL;
	}
	return 0;
}

static int
check(struct call *call, uint8_t dev_id, unsigned int most)
{
	int ret = find_port(call, dev_id);

	if (ret == 0)
		ret = check_process(call);
	if (ret == 0)
		ret = check_port(call);
	return ret != 0 ? ret : check_events(call, most);
}

/* The port may be used from then on, until dlb2_dp_port_leave(). */
static int
begin(const struct call *call)
{
	if (call->port->dp == NULL || !dlb2_dp_port_enter(call->port->dp, call->n)) {
		DLB2_ERR(name_of(call),
			 "port %u: the device is not started: call rte_event_dev_start() first",
			 call->port_id);
		return -EINVAL;
	}
	return 0;
}

/* Says why the data path refused, and returns what the caller is told. */
static int
explain(const struct call *call, int ret, const char *missing, const char *type)
{
	switch (ret) {
	case -ENOENT:
		DLB2_ERR(name_of(call), "port %u: %u %s are not possible, fewer events are %s",
			 call->port_id, call->n, call->what, missing);
		return -EINVAL;
	case -ESTALE:
		DLB2_ERR(name_of(call),
			 "port %u: %s of an event that is not %s, or not the oldest open one: "
			 "pass events as they were dequeued, the oldest first",
			 call->port_id, call->what, type);
		return -EINVAL;
	case -EINVAL:
		DLB2_ERR(name_of(call),
			 "port %u: %s with an op, queue_id or sched_type that is not possible: say "
			 "RTE_EVENT_OP_FORWARD, and a queue that takes such events",
			 call->port_id, call->what);
		return -EINVAL;
	default:
		return ret;
	}
}

int
rte_pmd_dlb2_enqueue_fragments(uint8_t dev_id, uint8_t port_id, const struct rte_event *event,
			       const struct rte_event pieces[], uint16_t n)
{
	struct call call = {
		.what = "fragments",
		.port_id = port_id,
		.events = event != NULL ? pieces : NULL,
		.n = n,
	};
	int ret = check(&call, dev_id, dlb2_limits(DLB2_HW_2_5)->max_frag_pieces);

	if (ret == 0 && dlb2_evdev(call.dev)->options.version == DLB2_HW_2_0) {
		DLB2_ERR(name_of(&call), "port %u: DLB 2.0 has no fragments, 2.5 has", port_id);
		ret = -ENOTSUP;
	}
	if (ret == 0)
		ret = begin(&call);
	if (ret != 0)
		return ret;
	ret = dlb2_dp_enqueue_fragments(call.port->dp, event, pieces, n);
	dlb2_dp_port_leave(call.port->dp);
	return explain(&call, ret, "open: dequeue them first", "ordered");
}

int
rte_pmd_dlb2_release_atomic(uint8_t dev_id, uint8_t port_id, const struct rte_event ev[],
			    uint16_t n)
{
	struct call call = {.what = "early releases", .port_id = port_id, .events = ev, .n = n};
	int ret = check(&call, dev_id, UINT16_MAX);

	if (ret == 0)
		ret = begin(&call);
	if (ret != 0)
		return ret;
	ret = dlb2_dp_release_atomic(call.port->dp, ev, n);
	dlb2_dp_port_leave(call.port->dp);
	return explain(&call, ret, "open: dequeue them first", "atomic");
}

int
rte_pmd_dlb2_enqueue_released(uint8_t dev_id, uint8_t port_id, const struct rte_event ev[],
			      uint16_t n)
{
	struct call call = {
		.what = "events released early",
		.port_id = port_id,
		.events = ev,
		.n = n,
	};
	int ret = check(&call, dev_id, UINT16_MAX);

	if (ret == 0)
		ret = begin(&call);
	if (ret != 0)
		return ret;
	ret = dlb2_dp_enqueue_released(call.port->dp, ev, n);
	dlb2_dp_port_leave(call.port->dp);
	return explain(&call, ret, "out: rte_pmd_dlb2_release_atomic() first", "atomic");
}
