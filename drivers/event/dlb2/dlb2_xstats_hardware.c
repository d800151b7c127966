/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Statistics that the device keeps, read from its registers (control-path 11.1, 11.2) whenever they
 * are asked for. Which registers: hw/monitor.c.
 */
#include "dlb2_xstats.h"

/* The domain, while the hardware is as configured. */
static struct dlb2_domain *
built_domain(const struct rte_eventdev *dev)
{
	return dlb2_evdev(dev)->build == DLB2_BUILT ? dlb2_process(dev)->domain : NULL;
}

uint64_t
dlb2_read_device_scheduled(const struct rte_eventdev *dev, unsigned int object,
			   const struct dlb2_xstat *stat)
{
	uint64_t count = 0;

	RTE_SET_USED(object);
	if (built_domain(dev) != NULL)
		dlb2_device_scheduled(dlb2_process(dev)->function->device, stat->which, &count);
	return count;
}

uint64_t
dlb2_read_port_monitor(const struct rte_eventdev *dev, unsigned int object,
		       const struct dlb2_xstat *stat)
{
	const struct dlb2_port *port = &dlb2_evdev(dev)->ports[object];
	struct dlb2_domain *domain = built_domain(dev);
	uint64_t count = 0;

	if (domain == NULL || port->setup == DLB2_NOT_SET_UP)
		return 0;
	switch ((enum dlb2_port_monitor)stat->which) {
	case DLB2_PORT_HW_SCHEDULED:
		dlb2_port_scheduled(domain, port->kind, port->hw_id, &count);
		return count;
	case DLB2_PORT_HW_INFLIGHTS:
		return port->kind == DLB2_DIR ? 0 :
			RTE_MAX(dlb2_port_inflights(domain, port->hw_id), 0);
	case DLB2_PORT_HW_TOKENS:
		return RTE_MAX(dlb2_port_tokens(domain, port->kind, port->hw_id), 0);
	}
	return 0;
}

uint64_t
dlb2_read_queue_monitor(const struct rte_eventdev *dev, unsigned int object,
			const struct dlb2_xstat *stat)
{
	const struct dlb2_queue *queue = &dlb2_evdev(dev)->queues[object];
	struct dlb2_domain *domain = built_domain(dev);
	uint64_t count = 0;

	if (domain == NULL || queue->setup == DLB2_NOT_SET_UP)
		return 0;
	switch ((enum dlb2_queue_monitor)stat->which) {
	case DLB2_QUEUE_HW_DEPTH:
		return RTE_MAX(dlb2_queue_depth(domain, queue->kind, queue->hw_id), 0);
	case DLB2_QUEUE_HW_ENQUEUED:
		dlb2_queue_enqueued(domain, queue->kind, queue->hw_id, &count);
		return count;
	case DLB2_QUEUE_HW_MAX_DEPTH:
		return RTE_MAX(dlb2_queue_max_depth(domain, queue->kind, queue->hw_id), 0);
	case DLB2_QUEUE_HW_INFLIGHTS:
		return queue->kind == DLB2_DIR ? 0 :
			RTE_MAX(dlb2_queue_inflights(domain, queue->hw_id), 0);
	}
	return 0;
}

void
dlb2_clear_queue_max_depth(const struct rte_eventdev *dev, unsigned int object)
{
	const struct dlb2_queue *queue = &dlb2_evdev(dev)->queues[object];
	struct dlb2_domain *domain = built_domain(dev);

	if (domain != NULL && queue->setup != DLB2_NOT_SET_UP)
		dlb2_queue_clear_max_depth(domain, queue->kind, queue->hw_id);
}
