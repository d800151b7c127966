/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the device can do: capabilities, limits, default configurations (pmd-interface 3 to 5), and
 * the unit of timeouts.
 */
#include <rte_cycles.h>

#include "dlb2_compat.h"
#include "dlb2_priv.h"

/* Up to this many flows are told apart: the lock ID of the device. */
#define MAX_QUEUE_FLOWS 65536
#define PRIORITY_LEVELS 8
/* Not neutral: flows of a queue are hashed to so many values (pmd-interface Q4). */
#define DEFAULT_ATOMIC_FLOWS 1024

/* The largest value a field of the API can say, when the device has more. */
#define FIELD_MAX(field) (UINT64_MAX >> (64 - 8 * sizeof(field)))

static uint32_t
capabilities(const struct dlb2_eventdev *evdev)
{
	uint32_t caps = RTE_EVENT_DEV_CAP_QUEUE_QOS | RTE_EVENT_DEV_CAP_EVENT_QOS |
		RTE_EVENT_DEV_CAP_NONSEQ_MODE | RTE_EVENT_DEV_CAP_RUNTIME_QUEUE_ATTR |
		RTE_EVENT_DEV_CAP_QUEUE_ALL_TYPES | RTE_EVENT_DEV_CAP_BURST_MODE |
		RTE_EVENT_DEV_CAP_IMPLICIT_RELEASE_DISABLE | RTE_EVENT_DEV_CAP_RUNTIME_PORT_LINK |
		RTE_EVENT_DEV_CAP_MULTIPLE_QUEUE_PORT | RTE_EVENT_DEV_CAP_CARRY_FLOW_ID |
		RTE_EVENT_DEV_CAP_MAINTENANCE_FREE |
		DLB2_COMPAT_SCHED_TYPE_CAPS | DLB2_COMPAT_INDEPENDENT_ENQ_CAP |
		DLB2_COMPAT_PRESCHEDULE_CAPS | DLB2_COMPAT_PROFILE_CAPS;

	return evdev->central_sched ? caps : caps | RTE_EVENT_DEV_CAP_DISTRIBUTED_SCHED;
}

void
dlb2_info_get(struct rte_eventdev *dev, struct rte_event_dev_info *info)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	const struct dlb2_options *options = &evdev->options;
	const struct dlb2_share *share = &evdev->share;

	info->min_dequeue_timeout_ns = 1;
	info->max_dequeue_timeout_ns = UINT32_MAX - 1;
	info->max_event_queues = RTE_MIN(share->ldb_queues, options->max_event_queues);
	info->max_event_queue_flows = MAX_QUEUE_FLOWS;
	info->max_event_queue_priority_levels = PRIORITY_LEVELS;
	info->max_event_priority_levels = PRIORITY_LEVELS;
	info->max_event_ports = share->ldb_ports;
	info->max_event_port_dequeue_depth =
		RTE_MIN(options->max_cq_depth, FIELD_MAX(info->max_event_port_dequeue_depth));
	info->max_event_port_enqueue_depth = options->max_enqueue_depth;
	info->max_event_port_links = dlb2_evdev_limits(evdev)->num_slots_per_cq;
	info->max_num_events = share->ldb_credits;
	if (options->max_num_events > 0)
		info->max_num_events = RTE_MIN(share->ldb_credits, options->max_num_events);
	info->max_single_link_event_port_queue_pairs = share->dir_pairs;
	info->event_dev_cap = capabilities(evdev);
	dlb2_compat_info(info, DLB2_MAX_PROFILES);
}

/*
 * The library does not always clear what is filled in here. The default queue is atomic, as those
 * of other drivers are: the timer adapter compares the type of its events with it. Its priority is
 * the usual one, so that there are higher ones.
 */
void
dlb2_queue_def_conf(struct rte_eventdev *dev, uint8_t queue_id, struct rte_event_queue_conf *conf)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(queue_id);
	*conf = (struct rte_event_queue_conf){
		.nb_atomic_flows = DEFAULT_ATOMIC_FLOWS,
		.nb_atomic_order_sequences = DLB2_DEFAULT_WINDOW,
		.schedule_type = RTE_SCHED_TYPE_ATOMIC,
		.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
	};
}

void
dlb2_port_def_conf(struct rte_eventdev *dev, uint8_t port_id, struct rte_event_port_conf *conf)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);

	RTE_SET_USED(port_id);
	*conf = (struct rte_event_port_conf){
		.new_event_threshold = evdev->conf.nb_events_limit,
		.dequeue_depth = (evdev->options.use_default_hl ? DLB2_DEFAULT_HIST_LIST :
								  DLB2_LONG_HIST_LIST) /
			2,
		.enqueue_depth = evdev->options.max_enqueue_depth,
	};
	if (evdev->configured) {
		conf->dequeue_depth =
			RTE_MIN(conf->dequeue_depth, evdev->conf.nb_event_port_dequeue_depth);
		conf->enqueue_depth =
			RTE_MIN(conf->enqueue_depth, evdev->conf.nb_event_port_enqueue_depth);
	}
}

uint64_t
dlb2_ns_to_ticks(uint64_t ns)
{
	__extension__ unsigned __int128 ticks = (unsigned __int128)ns * rte_get_tsc_hz();

	return (ticks + NS_PER_S - 1) / NS_PER_S;
}

int
dlb2_timeout_ticks(struct rte_eventdev *dev, uint64_t ns, uint64_t *ticks)
{
	RTE_SET_USED(dev);
	*ticks = dlb2_ns_to_ticks(ns);
	return 0;
}
