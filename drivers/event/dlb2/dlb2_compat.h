/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Differences between DPDK releases 22.11 to 26.07 (pmd-interface 22). No other file of the driver
 * asks for the release.
 */
#ifndef DLB2_COMPAT_H
#define DLB2_COMPAT_H

#include <eventdev_pmd.h>
#include <rte_telemetry.h>
#include <rte_version.h>

#include "dlb2_datapath.h"

/*
 * The bits that name the scheduling types exist since 24.03; before, QUEUE_ALL_TYPES alone says it.
 */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
#define DLB2_COMPAT_SCHED_TYPE_CAPS \
	(RTE_EVENT_DEV_CAP_ATOMIC | RTE_EVENT_DEV_CAP_ORDERED | RTE_EVENT_DEV_CAP_PARALLEL)
#else
#define DLB2_COMPAT_SCHED_TYPE_CAPS 0
#endif

/* Enqueueing in another order than dequeued is a flag of ports since 24.11. */
#ifdef RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ
#define DLB2_COMPAT_INDEPENDENT_ENQ_CAP RTE_EVENT_DEV_CAP_INDEPENDENT_ENQ
_Static_assert(RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ == RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ,
	       "the flag is the API's");
#else
#define DLB2_COMPAT_INDEPENDENT_ENQ_CAP 0
#endif

/* Pre-scheduling exists since 24.11. */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
#define DLB2_COMPAT_PRESCHEDULE_CAPS \
	(RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE | RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE_ADAPTIVE | \
	 RTE_EVENT_DEV_CAP_PER_PORT_PRESCHEDULE | RTE_EVENT_DEV_CAP_PRESCHEDULE_EXPLICIT)
_Static_assert((int)DLB2_PRESCHEDULE_NONE == (int)RTE_EVENT_PRESCHEDULE_NONE &&
		       (int)DLB2_PRESCHEDULE == (int)RTE_EVENT_PRESCHEDULE &&
		       (int)DLB2_PRESCHEDULE_ADAPTIVE == (int)RTE_EVENT_PRESCHEDULE_ADAPTIVE,
	       "the types are the API's");
#else
#define DLB2_COMPAT_PRESCHEDULE_CAPS 0
#endif

/* Link profiles exist since 23.11. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define DLB2_COMPAT_PROFILE_CAPS RTE_EVENT_DEV_CAP_PROFILE_LINK
#define DLB2_COMPAT_PROFILE_OPS(link, unlink) \
	.port_link_profile = (link), .port_unlink_profile = (unlink),
#else
#define DLB2_COMPAT_PROFILE_CAPS 0
#define DLB2_COMPAT_PROFILE_OPS(link, unlink)
#endif

/* What the configuration asks for: enum dlb2_preschedule, or any other value. */
static inline unsigned int
dlb2_compat_preschedule(const struct rte_event_dev_config *conf)
{
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
	return conf->preschedule_type;
#else
	RTE_SET_USED(conf);
	return DLB2_PRESCHEDULE_NONE;
#endif
}

/* Fields of the info that not all releases have. */
static inline void
dlb2_compat_info(struct rte_event_dev_info *info, unsigned int max_profiles)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	info->max_profiles_per_port = max_profiles < RTE_EVENT_MAX_PROFILES_PER_PORT ?
		max_profiles : RTE_EVENT_MAX_PROFILES_PER_PORT;
#else
	RTE_SET_USED(info);
	RTE_SET_USED(max_profiles);
#endif
}

/*
 * After set-up a port has no links. The library unlinks those of profile 0 itself then, and keeps
 * the others in what it answers.
 */
static inline void
dlb2_compat_unlink_profiles(uint8_t dev_id, uint8_t port_id)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	unsigned int i;

	for (i = 1; i < RTE_EVENT_MAX_PROFILES_PER_PORT; i++)
		rte_event_port_profile_unlink(dev_id, port_id, NULL, 0, i);
#else
	RTE_SET_USED(dev_id);
	RTE_SET_USED(port_id);
#endif
}

/* Numbers of 64 bits got another name in 23.03. */
static inline void
dlb2_compat_tel_add(struct rte_tel_data *dict, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	rte_tel_data_add_dict_uint(dict, name, value);
#else
	rte_tel_data_add_dict_u64(dict, name, value);
#endif
}

/* The bus's device behind an event device. */
static inline void
dlb2_compat_set_device(struct rte_eventdev *dev, struct rte_device *device)
{
#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)
	dev->device = device;
#else
	dev->dev = device;
#endif
}

static inline struct rte_device *
dlb2_compat_device(const struct rte_eventdev *dev)
{
#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)
	return dev->device;
#else
	return dev->dev;
#endif
}

/* Up to 24.07 single events have functions of their own. */
static inline void
dlb2_compat_set_datapath(struct rte_eventdev *dev, const struct dlb2_dp_ops *ops)
{
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
	dev->enqueue = ops->enqueue;
	dev->dequeue = ops->dequeue;
#endif
	dev->enqueue_burst = ops->enqueue_burst;
	dev->enqueue_new_burst = ops->enqueue_new_burst;
	dev->enqueue_forward_burst = ops->enqueue_forward_burst;
	dev->dequeue_burst = ops->dequeue_burst;
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
	dev->preschedule_modify = ops->preschedule_modify;
	dev->preschedule = ops->preschedule;
#endif
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	dev->profile_switch = ops->profile_switch;
#endif
}

#endif
