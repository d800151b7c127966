/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Statistics that the driver keeps itself: what ports count, what was configured, and what the
 * device complained of. All of it is in memory that secondary processes share, but for the memory
 * of the device.
 */
#include "dlb2_xstats.h"

/** sched_type of a directed queue: the API has no name for it. */
#define SCHED_TYPE_DIRECTED 3

static uint64_t
port_counter(const struct dlb2_eventdev *evdev, unsigned int port_id,
	     enum dlb2_port_counter counter)
{
	const struct dlb2_port *port = &evdev->ports[port_id];

	return port->dp == NULL ? 0 : dlb2_dp_port_counter(port->dp, counter);
}

uint64_t
dlb2_read_port_counter(const struct rte_eventdev *dev, unsigned int object,
		       const struct dlb2_xstat *stat)
{
	return port_counter(dlb2_evdev(dev), object, stat->which);
}

uint64_t
dlb2_read_port_sum(const struct rte_eventdev *dev, unsigned int object,
		   const struct dlb2_xstat *stat)
{
	uint64_t sum = 0;
	unsigned int i;

	RTE_SET_USED(object);
	for (i = 0; i < DLB2_MAX_PORTS; i++)
		sum += port_counter(dlb2_evdev(dev), i, stat->which);
	return sum;
}

/* A secondary process holds none of the device. */
static uint64_t
driver_memory(const struct rte_eventdev *dev)
{
	struct dlb2_function *function = dlb2_process(dev)->function;

	return dlb2_evdev(dev)->memory + (function != NULL ? dlb2_function_memory(function) : 0);
}

static uint64_t
model_memory(const struct rte_eventdev *dev)
{
	const struct dlb2_function *function = dlb2_process(dev)->function;

	return function != NULL ? dlb2_function_model_memory(function) : 0;
}

uint64_t
dlb2_read_device_fact(const struct rte_eventdev *dev, unsigned int object,
		      const struct dlb2_xstat *stat)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	bool combined = dlb2_evdev_limits(evdev)->combined_credits;

	RTE_SET_USED(object);
	switch ((enum dlb2_device_fact)stat->which) {
	case DLB2_EVENTS_LIMIT:
		return evdev->conf.nb_events_limit;
	case DLB2_INFLIGHT_EVENTS:
		return dlb2_dp_inflights(evdev->dp);
	case DLB2_LDB_POOL_SIZE:
		return combined ? 0 : dlb2_dp_credit_pool(evdev->dp, DLB2_LDB);
	case DLB2_DIR_POOL_SIZE:
		return combined ? 0 : dlb2_dp_credit_pool(evdev->dp, DLB2_DIR);
	case DLB2_POOL_SIZE:
		return combined ? dlb2_dp_credit_pool(evdev->dp, DLB2_LDB) : 0;
	case DLB2_DRIVER_MEMORY:
		return driver_memory(dev);
	case DLB2_CQ_MEMORY:
		return evdev->cq_memory;
	case DLB2_MODEL_MEMORY:
		return model_memory(dev);
	}
	return 0;
}

uint64_t
dlb2_read_port_fact(const struct rte_eventdev *dev, unsigned int object,
		    const struct dlb2_xstat *stat)
{
	const struct dlb2_port *port = &dlb2_evdev(dev)->ports[object];

	if (port->setup == DLB2_NOT_SET_UP)
		return 0;
	switch ((enum dlb2_port_fact)stat->which) {
	case DLB2_PORT_IS_CONFIGURED:
		return 1;
	case DLB2_PORT_IS_LOAD_BALANCED:
		return port->kind == DLB2_LDB;
	case DLB2_PORT_HW_ID:
		return port->hw_id;
	case DLB2_PORT_OPEN_EVENTS:
		return dlb2_dp_port_open_events(port->dp);
	case DLB2_PORT_HIST_LIST:
		return port->hist_list_entries;
	}
	return 0;
}

static uint64_t
queue_sched_type(const struct dlb2_queue *queue)
{
	if (queue->kind == DLB2_DIR)
		return SCHED_TYPE_DIRECTED;
	if ((queue->conf.event_queue_cfg & RTE_EVENT_QUEUE_CFG_ALL_TYPES) == 0)
		return queue->conf.schedule_type;
	return dlb2_queue_window(queue) > 0 ? RTE_SCHED_TYPE_ORDERED : RTE_SCHED_TYPE_PARALLEL;
}

uint64_t
dlb2_read_queue_fact(const struct rte_eventdev *dev, unsigned int object,
		     const struct dlb2_xstat *stat)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	const struct dlb2_queue *queue = &evdev->queues[object];

	if (queue->setup == DLB2_NOT_SET_UP)
		return 0;
	switch ((enum dlb2_queue_fact)stat->which) {
	case DLB2_QUEUE_IS_CONFIGURED:
		return 1;
	case DLB2_QUEUE_IS_LOAD_BALANCED:
		return queue->kind == DLB2_LDB;
	case DLB2_QUEUE_HW_ID:
		return queue->hw_id;
	case DLB2_QUEUE_NUM_LINKS:
		return queue->num_links;
	case DLB2_QUEUE_SCHED_TYPE:
		return queue_sched_type(queue);
	case DLB2_QUEUE_DEPTH_THRESHOLD:
		return dlb2_queue_depth_threshold(evdev, queue);
	}
	return 0;
}

uint64_t
dlb2_read_queue_counter(const struct rte_eventdev *dev, unsigned int object,
			const struct dlb2_xstat *stat)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_port_queue_counters counters;
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < DLB2_MAX_PORTS; i++) {
		if (evdev->ports[i].dp == NULL)
			continue;
		dlb2_dp_port_queue_counters(evdev->ports[i].dp, object, &counters);
		sum += stat->which == DLB2_QUEUE_ENQUEUED ? counters.enqueued :
			counters.received_by_depth[stat->which - DLB2_QUEUE_RECEIVED];
	}
	return sum;
}

static uint64_t
load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

uint64_t
dlb2_read_device_alarms(const struct rte_eventdev *dev, unsigned int object,
			const struct dlb2_xstat *stat)
{
	const struct dlb2_alarm_counts *alarms = &dlb2_evdev(dev)->alarms;

	RTE_SET_USED(object);
	return stat->which == DLB2_ALARM_UNRECORDED ? load(&alarms->unrecorded) :
						      load(&alarms->all[stat->which]);
}

uint64_t
dlb2_read_port_alarms(const struct rte_eventdev *dev, unsigned int object,
		      const struct dlb2_xstat *stat)
{
	return load(&dlb2_evdev(dev)->alarms.ports[object][stat->which]);
}

uint64_t
dlb2_read_queue_alarms(const struct rte_eventdev *dev, unsigned int object,
		       const struct dlb2_xstat *stat)
{
	return load(&dlb2_evdev(dev)->alarms.queues[object][stat->which]);
}
