/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Puts a pipeline onto a device and takes it off again. What a pipeline asks for is within the
 * announced limits, but a device may still refuse some values, such as a reorder window that it
 * does not have: then the device's own default is asked for, and only a refusal of that counts.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "run.h"

static bool
refused(struct run *run, const char *what, unsigned int number, int ret)
{
	check_violate(&run->check, CHECK_REFUSED, "%s(%u, %u) returned %d, rte_errno %d (%s)", what,
		run->dev->id, number, ret, rte_errno, strerror(ret < 0 ? -ret : rte_errno));
	return false;
}

static bool
configure_device(struct run *run)
{
	const struct rte_event_dev_info *info = &run->dev->info;
	const struct rte_event_dev_config config = {
		.nb_events_limit = run->pl.nb_events_limit,
		.nb_event_queues = run->pl.nb_queues,
		.nb_event_ports = run->pl.nb_ports,
		.nb_single_link_event_port_queues = run->pl.nb_single_links,
		.nb_event_queue_flows = run->pl.nb_event_queue_flows,
		.nb_event_port_dequeue_depth = info->max_event_port_dequeue_depth,
		.nb_event_port_enqueue_depth = info->max_event_port_enqueue_depth,
	};
	int ret = rte_event_dev_configure(run->dev->id, &config);

	return ret == 0 || refused(run, "rte_event_dev_configure", 0, ret);
}

static bool
setup_queue(struct run *run, uint8_t id)
{
	static const uint8_t types[NUM_QUEUE_KINDS] = {
		[QUEUE_ATOMIC] = RTE_SCHED_TYPE_ATOMIC,
		[QUEUE_ORDERED] = RTE_SCHED_TYPE_ORDERED,
		[QUEUE_PARALLEL] = RTE_SCHED_TYPE_PARALLEL,
		[QUEUE_DIRECTED] = RTE_SCHED_TYPE_ATOMIC,
	};
	const struct pipeline_queue *q = &run->pl.queues[id];
	struct rte_event_queue_conf fallback;
	struct rte_event_queue_conf conf = {
		.schedule_type = types[q->kind],
		.priority = q->priority,
		.nb_atomic_flows = q->nb_atomic_flows,
		.nb_atomic_order_sequences = q->nb_sequences,
	};
	int ret;

	if (q->kind == QUEUE_ALL_TYPES)
		conf.event_queue_cfg = RTE_EVENT_QUEUE_CFG_ALL_TYPES;
	if (q->kind == QUEUE_DIRECTED)
		conf.event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
	if (rte_event_queue_setup(run->dev->id, id, &conf) == 0)
		return true;
	run->count[COUNT_DEFAULTED]++;
	ret = rte_event_queue_default_conf_get(run->dev->id, id, &fallback);
	if (ret == 0) {
		conf.nb_atomic_flows = fallback.nb_atomic_flows;
		conf.nb_atomic_order_sequences = fallback.nb_atomic_order_sequences;
		conf.priority = fallback.priority;
		ret = rte_event_queue_setup(run->dev->id, id, &conf);
	}
	return ret == 0 || refused(run, "rte_event_queue_setup", id, ret);
}

static bool
setup_port(struct run *run, uint8_t id)
{
	const struct pipeline_port *spec = &run->pl.ports[id];
	struct rte_event_port_conf fallback;
	struct rte_event_port_conf conf = {
		.new_event_threshold = spec->new_event_threshold,
		.dequeue_depth = spec->dequeue_depth,
		.enqueue_depth = spec->enqueue_depth,
		.event_port_cfg = spec->hint,
	};
	int ret;

	if (spec->single_link)
		conf.event_port_cfg |= RTE_EVENT_PORT_CFG_SINGLE_LINK;
	if (!spec->implicit_release)
		conf.event_port_cfg |= RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL;
	if (rte_event_port_setup(run->dev->id, id, &conf) == 0)
		return true;
	run->count[COUNT_DEFAULTED]++;
	ret = rte_event_port_default_conf_get(run->dev->id, id, &fallback);
	if (ret == 0) {
		conf.dequeue_depth = fallback.dequeue_depth;
		conf.enqueue_depth = fallback.enqueue_depth;
		ret = rte_event_port_setup(run->dev->id, id, &conf);
	}
	return ret == 0 || refused(run, "rte_event_port_setup", id, ret);
}

static bool
link_port(struct run *run, uint8_t id)
{
	const struct pipeline_port *spec = &run->pl.ports[id];
	uint8_t priorities[PIPELINE_MAX_QUEUES];
	uint8_t queues[PIPELINE_MAX_QUEUES];
	uint16_t nb = 0;
	uint8_t q;
	int ret;

	for (q = 0; q < PIPELINE_MAX_QUEUES; q++) {
		if ((spec->links & (1u << q)) == 0)
			continue;
		priorities[nb] = spec->link_priority[q];
		queues[nb++] = q;
		run->nb_links[q]++;
	}
	run->ports[id].linked = spec->links;
	run->ports[id].unlinking = 0;
	run->ports[id].settling = 0;
	run->ports[id].was_linked = spec->links != 0;
	if (nb == 0)
		return true;
	ret = rte_event_port_link(run->dev->id, id, queues, priorities, nb);
	return ret == nb || refused(run, "rte_event_port_link", id, ret);
}

/* One call per device event that is still in there when it is stopped. */
static void
flushed(uint8_t dev_id, struct rte_event ev, void *arg)
{
	struct run *run = arg;

	if (dev_id != run->dev->id)
		check_violate(&run->check, CHECK_MISROUTED,
			"flush callback of device %u called for device %u", run->dev->id, dev_id);
	if (check_flushed(&run->check, &ev))
		run->finished++;
	run->count[COUNT_FLUSHED]++;
	run_hash(run, ev.u64);
}

static bool
configure_all(struct run *run, bool shrink_first)
{
	uint8_t i;
	int ret;

	if (shrink_first) {
		ret = device_shrink(run->dev);
		if (ret != 0)
			return refused(run, "minimal configuration", 0, ret);
	}
	if (!configure_device(run))
		return false;
	for (i = 0; i < run->pl.nb_queues; i++)
		if (!setup_queue(run, i))
			return false;
	for (i = 0; i < run->pl.nb_ports; i++)
		if (!setup_port(run, i))
			return false;
	memset(run->nb_links, 0, sizeof(run->nb_links));
	for (i = 0; i < run->pl.nb_ports; i++)
		if (!link_port(run, i))
			return false;
	ret = rte_event_dev_stop_flush_callback_register(run->dev->id, flushed, run);
	return ret == 0 || refused(run, "rte_event_dev_stop_flush_callback_register", 0, ret);
}

bool
setup_configure(struct run *run, bool shrink_first)
{
	bool done;

	device_memory_begin(run->dev);
	done = configure_all(run, shrink_first);
	device_memory_end(run->dev);
	return done;
}

bool
setup_start(struct run *run)
{
	int ret;

	device_memory_begin(run->dev);
	ret = rte_event_dev_start(run->dev->id);
	device_memory_end(run->dev);
	return ret == 0 || refused(run, "rte_event_dev_start", 0, ret);
}

bool
setup_stop(struct run *run)
{
	device_memory_begin(run->dev);
	rte_event_dev_stop(run->dev->id);
	device_memory_end(run->dev);
	return !check_failed(&run->check) &&
		check_device_empty(&run->check, "by the stop of the device");
}

bool
setup_trim_links(struct run *run)
{
	uint8_t i, q;

	for (i = 0; i < run->pl.nb_ports; i++) {
		struct port *port = &run->ports[i];
		uint32_t extra = port->linked & ~port->spec->links;

		for (q = 0; q < run->pl.nb_queues; q++) {
			int ret;

			if ((extra & (1u << q)) == 0)
				continue;
			ret = rte_event_port_unlink(run->dev->id, i, &q, 1);
			if (ret != 1)
				return refused(run, "rte_event_port_unlink", i, ret);
			port->linked &= ~(1u << q);
			port->unlinking |= 1u << q;
			run->nb_links[q]--;
		}
	}
	return true;
}
