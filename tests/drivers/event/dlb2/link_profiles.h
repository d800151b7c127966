/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Link profiles by the API of DPDK, which has them since 23.11. With earlier releases the tests ask
 * the driver itself, so that what it does is tested with every release; the library's part is not.
 */
#ifndef LINK_PROFILES_H
#define LINK_PROFILES_H

#include <rte_eventdev.h>
#include <rte_version.h>

#include "dlb2_priv.h"

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define HAS_PROFILE_API true
#else
#define HAS_PROFILE_API false
#endif

/** Links one queue. 1, or 0 with rte_errno. */
static inline int
profile_link(uint8_t dev, uint8_t port, uint8_t queue, uint8_t priority, uint8_t profile)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	return rte_event_port_profile_links_set(dev, port, &queue, &priority, 1, profile);
#else
	struct rte_eventdev *device = &rte_eventdevs[dev];

	return dlb2_port_link(device, device->data->ports[port], &queue, &priority, 1, profile);
#endif
}

static inline int
profile_unlink(uint8_t dev, uint8_t port, uint8_t queue, uint8_t profile)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	return rte_event_port_profile_unlink(dev, port, &queue, 1, profile);
#else
	struct rte_eventdev *device = &rte_eventdevs[dev];

	return dlb2_port_unlink(device, device->data->ports[port], &queue, 1, profile);
#endif
}

/** 0 or a negative errno, of which the library leaves 8 bits. */
static inline int
profile_switch(uint8_t dev, uint8_t port, uint8_t profile)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	return (int8_t)rte_event_port_profile_switch(dev, port, profile);
#else
	return dlb2_profile_switch(rte_eventdevs[dev].data->ports[port], profile);
#endif
}

#endif
