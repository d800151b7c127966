/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Event queues (pmd-interface 7). A single-link queue with a single-link port is a directed one,
 * any other is load-balanced. The number of single-link ones in the device's configuration is a
 * hint, says the API: where an application gives none, or links a single-link queue to a port that
 * is not one, a load-balanced queue serves that takes one link and, like a directed one, every type
 * of event; it needs no sequence numbers, because its one port takes events of a type in the order
 * in which they came.
 *
 * The priority of a queue is that of its links (dlb2_link.c). Weights and affinities the device
 * hasn't got.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_bitops.h>

#include "dlb2_priv.h"

/* Hash sizes of lock IDs that the device has (control-path 5.4). */
#define LEAST_LOCK_ID_LEVELS 64
#define MOST_LOCK_ID_LEVELS 4096

/* Only then does schedule_type mean anything. */
static bool
has_one_type(const struct rte_event_queue_conf *conf)
{
	return (conf->event_queue_cfg &
		(RTE_EVENT_QUEUE_CFG_ALL_TYPES | RTE_EVENT_QUEUE_CFG_SINGLE_LINK)) == 0;
}

unsigned int
dlb2_queue_window(const struct dlb2_queue *queue)
{
	const struct rte_event_queue_conf *conf = &queue->conf;

	if (conf->event_queue_cfg & RTE_EVENT_QUEUE_CFG_SINGLE_LINK)
		return 0;
	if (has_one_type(conf) && conf->schedule_type != RTE_SCHED_TYPE_ORDERED)
		return 0;
	return conf->nb_atomic_order_sequences;
}

unsigned int
dlb2_queue_depth_threshold(const struct dlb2_eventdev *evdev, const struct dlb2_queue *queue)
{
	unsigned int own = evdev->options.qid_depth_thresh[dlb2_queue_id(evdev, queue)];

	return own > 0 ? own : evdev->options.default_depth_thresh;
}

unsigned int
dlb2_queue_inflight_limit(const struct dlb2_eventdev *evdev, const struct dlb2_queue *queue)
{
	unsigned int window = dlb2_queue_window(queue);

	return window > 0 ? window : dlb2_evdev_limits(evdev)->max_qid_inflights;
}

static bool
is_other(const struct dlb2_eventdev *evdev, unsigned int other_id, unsigned int queue_id)
{
	return other_id != queue_id && evdev->queues[other_id].setup == DLB2_SET_UP;
}

static int
check_count(const struct dlb2_eventdev *evdev, unsigned int queue_id, enum dlb2_port_kind kind)
{
	unsigned int pairs = evdev->conf.nb_single_link_event_port_queues;
	unsigned int most = kind == DLB2_DIR ? pairs : evdev->share.ldb_queues;
	unsigned int other, count = 1;

	for (other = 0; other < evdev->conf.nb_event_queues; other++)
		count += is_other(evdev, other, queue_id) && evdev->queues[other].kind == kind;
	if (count <= most)
		return 0;
	if (kind == DLB2_DIR)
		DLB2_ERR(evdev->name,
			 "queue %u: would be single-link queue number %u, %u are configured: raise "
			 "nb_single_link_event_port_queues",
			 queue_id, count, most);
	else
		DLB2_ERR(evdev->name,
			 "queue %u: would be load-balanced queue number %u, %u is what there are: "
			 "set up more queues, and their ports, with the SINGLE_LINK flag",
			 queue_id, count, most);
	return -EINVAL;
}

/* How many groups of which it has all, and slots of 64 in groups that it shares with others. */
static unsigned int
sn_groups_had(const struct dlb2_eventdev *evdev, unsigned int *shared_slots)
{
	const unsigned int *slots = evdev->share.sn_slots;
	unsigned int i, groups = 0;

	*shared_slots = 0;
	for (i = 0; i < dlb2_evdev_limits(evdev)->num_sn_groups; i++) {
		if (slots[i] == dlb2_sn_mode_slots(0))
			groups++;
		else
			*shared_slots += slots[i];
	}
	return groups;
}

/*
 * How many whole sequence-number groups the ordered queues would need with this one among them
 * (control-path 2.5). Slots in groups that are shared have the default size.
 */
static unsigned int
sn_groups_needed(const struct dlb2_eventdev *evdev, unsigned int queue_id,
		 const struct dlb2_queue *queue, unsigned int shared_slots)
{
	unsigned int queues[DLB2_NUM_SN_MODES] = {0}, other, mode, window, groups = 0;

	queues[dlb2_sn_mode(dlb2_queue_window(queue))]++;
	for (other = 0; other < evdev->conf.nb_event_queues; other++) {
		window = is_other(evdev, other, queue_id) ?
			dlb2_queue_window(&evdev->queues[other]) :
			0;
		if (window > 0)
			queues[dlb2_sn_mode(window)]++;
	}
	queues[0] -= RTE_MIN(queues[0], shared_slots);
	for (mode = 0; mode < DLB2_NUM_SN_MODES; mode++)
		groups += (queues[mode] + dlb2_sn_mode_slots(mode) - 1) / dlb2_sn_mode_slots(mode);
	return groups;
}

static int
check_window(const struct dlb2_eventdev *evdev, unsigned int queue_id,
	     const struct dlb2_queue *queue)
{
	unsigned int window = dlb2_queue_window(queue);
	unsigned int shared_slots, groups = sn_groups_had(evdev, &shared_slots);

	if (dlb2_sn_mode(window) < 0) {
		DLB2_ERR(evdev->name,
			 "queue %u: nb_atomic_order_sequences %u is not possible: say 64, 128, "
			 "256, 512 or 1024",
			 queue_id, window);
		return -EINVAL;
	}
	if (sn_groups_needed(evdev, queue_id, queue, shared_slots) <= groups)
		return 0;
	if (shared_slots == 0)
		DLB2_ERR(evdev->name,
			 "queue %u: no sequence numbers are left for a window of %u: all ordered "
			 "queues together have %u groups of %u, of one window size each; lower "
			 "nb_atomic_order_sequences",
			 queue_id, window, groups, dlb2_evdev_limits(evdev)->num_sns_per_group);
	else
		DLB2_ERR(evdev->name,
			 "queue %u: no sequence numbers are left for a window of %u: all ordered "
			 "queues of this event device together have %u groups of %u, of one window "
			 "size each, and %u windows of %u in groups that it shares; lower "
			 "nb_atomic_order_sequences, or change the devarg domain_shares",
			 queue_id, window, groups, dlb2_evdev_limits(evdev)->num_sns_per_group,
			 shared_slots, DLB2_DEFAULT_WINDOW);
	return -EINVAL;
}

static int
check_queue(const struct dlb2_eventdev *evdev, unsigned int queue_id,
	    const struct dlb2_queue *queue)
{
	int ret = check_count(evdev, queue_id, queue->kind);

	if (ret != 0 || queue->kind == DLB2_DIR)
		return ret;
	if (has_one_type(&queue->conf) && queue->conf.schedule_type > RTE_SCHED_TYPE_PARALLEL) {
		DLB2_ERR(evdev->name,
			 "queue %u: schedule_type %u is unknown: say ordered, atomic or parallel",
			 queue_id, queue->conf.schedule_type);
		return -EINVAL;
	}
	if (dlb2_queue_window(queue) == 0 &&
	    (!has_one_type(&queue->conf) || queue->conf.schedule_type != RTE_SCHED_TYPE_ORDERED))
		return 0;
	return check_window(evdev, queue_id, queue);
}

/* They are wishes: an application that has them gets along without. */
static void
notice_ignored(const struct dlb2_eventdev *evdev, unsigned int queue_id,
	       const struct rte_event_queue_conf *conf)
{
	if (conf->weight != RTE_EVENT_QUEUE_WEIGHT_LOWEST ||
	    conf->affinity != RTE_EVENT_QUEUE_AFFINITY_LOWEST)
		DLB2_NOTICE(evdev->name,
			    "queue %u: weight %u and affinity %u have no effect: the device knows "
			    "only the priority of a queue",
			    queue_id, conf->weight, conf->affinity);
}

int
dlb2_queue_setup(struct rte_eventdev *dev, uint8_t queue_id,
		 const struct rte_event_queue_conf *conf)
{
	bool single_link = (conf->event_queue_cfg & RTE_EVENT_QUEUE_CFG_SINGLE_LINK) != 0;
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int pairs = evdev->conf.nb_single_link_event_port_queues;
	struct dlb2_queue queue = {
		.setup = DLB2_SET_UP,
		.kind = single_link && pairs > 0 ? DLB2_DIR : DLB2_LDB,
		.conf = *conf,
	};
	int ret = check_queue(evdev, queue_id, &queue);

	if (ret != 0)
		return ret;
	notice_ignored(evdev, queue_id, conf);
	dlb2_queue_drop_links(evdev, queue_id);
	evdev->queues[queue_id] = queue;
	dlb2_record_changed(evdev);
	return 0;
}

int
dlb2_queue_suit(struct dlb2_eventdev *evdev, struct dlb2_queue *queue, enum dlb2_port_kind kind)
{
	int ret = queue->kind == kind ? 0 : check_count(evdev, dlb2_queue_id(evdev, queue), kind);

	if (ret == 0)
		queue->kind = kind;
	return ret;
}

/*
 * The number of queues shrinks. The hardware keeps the queue until the domain is reset, which
 * configure does next.
 */
void
dlb2_queue_release(struct rte_eventdev *dev, uint8_t queue_id)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);

	dlb2_queue_drop_links(evdev, queue_id);
	memset(&evdev->queues[queue_id], 0, sizeof(evdev->queues[queue_id]));
	memset(evdev->queue_offsets[queue_id], 0, sizeof(evdev->queue_offsets[queue_id]));
	dlb2_record_changed(evdev);
}

static int
refuse_attr(const struct dlb2_eventdev *evdev, unsigned int queue_id, uint32_t attr_id)
{
	switch (attr_id) {
	case RTE_EVENT_QUEUE_ATTR_WEIGHT:
	case RTE_EVENT_QUEUE_ATTR_AFFINITY:
		DLB2_ERR(evdev->name,
			 "queue %u: the device has neither weight nor affinity of a queue, only "
			 "its priority can be set",
			 queue_id);
		return -ENOTSUP;
	case RTE_EVENT_QUEUE_ATTR_NB_ATOMIC_FLOWS:
	case RTE_EVENT_QUEUE_ATTR_NB_ATOMIC_ORDER_SEQUENCES:
	case RTE_EVENT_QUEUE_ATTR_EVENT_QUEUE_CFG:
	case RTE_EVENT_QUEUE_ATTR_SCHEDULE_TYPE:
		DLB2_ERR(evdev->name,
			 "queue %u: attribute %u changes by rte_event_queue_setup() only: stop the "
			 "device first",
			 queue_id, attr_id);
		return -ENOTSUP;
	default:
		DLB2_ERR(evdev->name,
			 "queue %u: attribute %u is unknown: say RTE_EVENT_QUEUE_ATTR_PRIORITY",
			 queue_id, attr_id);
		return -EINVAL;
	}
}

static int
check_priority(const struct dlb2_eventdev *evdev, unsigned int queue_id, uint64_t priority)
{
	if (evdev->queues[queue_id].setup == DLB2_NOT_SET_UP) {
		DLB2_ERR(evdev->name, "queue %u: its attributes can be set after its set-up",
			 queue_id);
		return -EINVAL;
	}
	if (priority > RTE_EVENT_DEV_PRIORITY_LOWEST) {
		DLB2_ERR(evdev->name,
			 "queue %u: priority %" PRIu64 " is not possible: say 0 (highest) to %u",
			 queue_id, priority, RTE_EVENT_DEV_PRIORITY_LOWEST);
		return -EINVAL;
	}
	return 0;
}

static int
set_priority(struct dlb2_eventdev *evdev, struct dlb2_process *process, unsigned int queue_id,
	     uint8_t priority)
{
	int ret = 0;

	pthread_mutex_lock(&process->link_lock);
	evdev->queues[queue_id].conf.priority = priority;
	if (evdev->started)
		ret = dlb2_queue_program_links(evdev, process, queue_id);
	else
		dlb2_record_changed(evdev);
	pthread_mutex_unlock(&process->link_lock);
	return dlb2_report_gone(evdev, ret);
}

/* The library keeps a copy of the configuration, from which it answers, and leaves it to us. */
int
dlb2_queue_attr_set(struct rte_eventdev *dev, uint8_t queue_id, uint32_t attr_id, uint64_t value)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	int ret;

	if (attr_id != RTE_EVENT_QUEUE_ATTR_PRIORITY)
		return refuse_attr(evdev, queue_id, attr_id);
	ret = check_priority(evdev, queue_id, value);
	if (ret == 0)
		ret = set_priority(evdev, dlb2_process(dev), queue_id, value);
	if (ret == 0)
		dev->data->queues_cfg[queue_id].priority = value;
	return ret;
}

/*
 * Only the exact sizes of the hash select it; any other number of flows gets the whole lock ID
 * (pmd-interface Q4).
 */
static unsigned int
lock_id_levels(const struct rte_event_queue_conf *conf)
{
	unsigned int flows = conf->nb_atomic_flows;

	return rte_is_power_of_2(flows) && flows >= LEAST_LOCK_ID_LEVELS &&
			flows <= MOST_LOCK_ID_LEVELS ?
		flows :
		0;
}

int
dlb2_queue_build(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		 struct dlb2_queue *queue)
{
	struct dlb2_ldb_queue_request request = {
		.num_sequence_numbers = dlb2_queue_window(queue),
		.num_inflights = dlb2_queue_inflight_limit(evdev, queue),
		.num_atomic_inflights = DLB2_ATOMIC_INFLIGHTS_PER_QUEUE,
		.lock_id_levels = lock_id_levels(&queue->conf),
		.depth_threshold = dlb2_queue_depth_threshold(evdev, queue),
	};
	int id = dlb2_ldb_queue_create(process->domain, &request);

	if (id < 0)
		return id;
	queue->hw_id = id;
	return 0;
}
