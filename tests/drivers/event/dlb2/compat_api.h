/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * As much of DPDK's API as dlb2_compat.h uses, in the shape that it has in release
 * RELEASE_YEAR.RELEASE_MONTH (pmd-interface 22), for test_compat.py. Written down by hand: what an
 * SDK of that release really has is only seen when one is given (DLB2_DPDK).
 */
#ifndef COMPAT_API_H
#define COMPAT_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* This header has been read, as far as dlb2_compat.h can see. */
#define DLB2_DATAPATH_H

#define RTE_VERSION_NUM(a, b, c, d) ((a) << 24 | (b) << 16 | (c) << 8 | (d))
#define RTE_VERSION RTE_VERSION_NUM(RELEASE_YEAR, RELEASE_MONTH, 0, 99)
#define SINCE(year, month) (RELEASE_YEAR * 100 + RELEASE_MONTH >= (year) * 100 + (month))
#define RTE_SET_USED(x) (void)(x)

struct rte_device;
struct rte_tel_data;
struct rte_event {
	uint64_t event;
	uint64_t u64;
};

typedef uint16_t (*event_enqueue_burst_t)(void *port, const struct rte_event ev[], uint16_t n);
typedef uint16_t (*event_dequeue_burst_t)(void *port, struct rte_event ev[], uint16_t n,
					  uint64_t timeout_ticks);
#if SINCE(24, 11)
enum rte_event_dev_preschedule_type {
	RTE_EVENT_PRESCHEDULE_NONE,
	RTE_EVENT_PRESCHEDULE,
	RTE_EVENT_PRESCHEDULE_ADAPTIVE,
};
typedef int (*event_preschedule_modify_t)(void *port, enum rte_event_dev_preschedule_type type);
typedef void (*event_preschedule_t)(void *port, enum rte_event_dev_preschedule_type type);
#endif

struct rte_eventdev {
#if SINCE(26, 7)
	struct rte_device *device;
#else
	struct rte_device *dev;
#endif
#if !SINCE(24, 11)
	uint16_t (*enqueue)(void *port, const struct rte_event *ev);
	uint16_t (*dequeue)(void *port, struct rte_event *ev, uint64_t timeout_ticks);
#endif
	event_enqueue_burst_t enqueue_burst;
	event_enqueue_burst_t enqueue_new_burst;
	event_enqueue_burst_t enqueue_forward_burst;
	event_dequeue_burst_t dequeue_burst;
#if SINCE(24, 11)
	event_preschedule_modify_t preschedule_modify;
	event_preschedule_t preschedule;
#endif
#if SINCE(23, 11)
	int (*profile_switch)(void *port, uint8_t profile);
#endif
};

enum dlb2_preschedule {
	DLB2_PRESCHEDULE_NONE,
	DLB2_PRESCHEDULE,
	DLB2_PRESCHEDULE_ADAPTIVE,
};

struct dlb2_dp_ops {
	uint16_t (*enqueue)(void *port, const struct rte_event *ev);
	uint16_t (*dequeue)(void *port, struct rte_event *ev, uint64_t timeout_ticks);
	event_enqueue_burst_t enqueue_burst;
	event_enqueue_burst_t enqueue_new_burst;
	event_enqueue_burst_t enqueue_forward_burst;
	event_dequeue_burst_t dequeue_burst;
	int (*preschedule_modify)(void *port, unsigned int type);
	void (*preschedule)(void *port, unsigned int type);
	int (*profile_switch)(void *port, uint8_t profile);
};

struct rte_event_dev_config {
	uint32_t event_dev_cfg;
#if SINCE(24, 11)
	enum rte_event_dev_preschedule_type preschedule_type;
#endif
};

struct rte_event_dev_info {
	uint32_t event_dev_cap;
#if SINCE(23, 11)
	uint8_t max_profiles_per_port;
#endif
};

#if SINCE(23, 11)
#define RTE_EVENT_MAX_PROFILES_PER_PORT 8
#define RTE_EVENT_DEV_CAP_PROFILE_LINK (1U << 12)
int rte_event_port_profile_unlink(uint8_t dev_id, uint8_t port_id, uint8_t queues[],
				  uint16_t nb_unlinks, uint8_t profile_id);
#endif

#if SINCE(23, 3)
int rte_tel_data_add_dict_uint(struct rte_tel_data *d, const char *name, uint64_t val);
#else
int rte_tel_data_add_dict_u64(struct rte_tel_data *d, const char *name, uint64_t val);
#endif

#define RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ (1U << 5)
#if SINCE(24, 3)
#define RTE_EVENT_DEV_CAP_ORDERED (1U << 14)
#define RTE_EVENT_DEV_CAP_ATOMIC (1U << 13)
#define RTE_EVENT_DEV_CAP_PARALLEL (1U << 15)
#endif
#if SINCE(24, 11)
#define RTE_EVENT_DEV_CAP_INDEPENDENT_ENQ (1U << 16)
#define RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE (1U << 17)
#define RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE_ADAPTIVE (1U << 18)
#define RTE_EVENT_DEV_CAP_PER_PORT_PRESCHEDULE (1U << 19)
#define RTE_EVENT_DEV_CAP_PRESCHEDULE_EXPLICIT (1U << 20)
#define RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ (1U << 5)
#endif

#endif
