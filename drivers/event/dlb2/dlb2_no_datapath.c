/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path of an event device that moves no events: its functions say why and do nothing.
 */
#include <errno.h>

#include <rte_errno.h>

#include "dlb2_datapath.h"
#include "dlb2_priv.h"

/* The library passes nothing but the port, so each reason has functions of its own. */
#define NO_DATAPATH(reason) \
	static uint16_t \
	enqueue_burst_##reason(void *port, const struct rte_event events[], uint16_t num) \
	{ \
		RTE_SET_USED(port); \
		RTE_SET_USED(events); \
		RTE_SET_USED(num); \
		rte_errno = reason; \
		return 0; \
	} \
	static uint16_t \
	enqueue_##reason(void *port, const struct rte_event *event) \
	{ \
		return enqueue_burst_##reason(port, event, 1); \
	} \
	static uint16_t \
	dequeue_burst_##reason(void *port, struct rte_event events[], uint16_t num, \
			       uint64_t ticks) \
	{ \
		RTE_SET_USED(ticks); \
		return enqueue_burst_##reason(port, events, num); \
	} \
	static uint16_t \
	dequeue_##reason(void *port, struct rte_event *event, uint64_t ticks) \
	{ \
		return dequeue_burst_##reason(port, event, 1, ticks); \
	} \
	static int \
	profile_switch_##reason(void *port, uint8_t profile) \
	{ \
		RTE_SET_USED(port); \
		RTE_SET_USED(profile); \
		return -reason; \
	} \
	static const struct dlb2_dp_ops no_datapath_##reason = { \
		.enqueue = enqueue_##reason, \
		.enqueue_burst = enqueue_burst_##reason, \
		.enqueue_new_burst = enqueue_burst_##reason, \
		.enqueue_forward_burst = enqueue_burst_##reason, \
		.dequeue = dequeue_##reason, \
		.dequeue_burst = dequeue_burst_##reason, \
		.profile_switch = profile_switch_##reason, \
	}

NO_DATAPATH(ENODEV);
NO_DATAPATH(ENOTSUP);

const struct dlb2_dp_ops *
dlb2_no_datapath(int reason)
{
	return reason == ENODEV ? &no_datapath_ENODEV : &no_datapath_ENOTSUP;
}
