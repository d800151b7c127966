/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of extended statistics share. dlb2_xstats.c has the operations of the API,
 * dlb2_xstats_tables.c names and order, and two files the values: dlb2_xstats_software.c what the
 * driver counts and knows, dlb2_xstats_hardware.c what the device counts.
 *
 * The one thing to know: a statistic is read when it is asked for, and costs nothing before.
 */
#ifndef DLB2_XSTATS_H
#define DLB2_XSTATS_H

#include "dlb2_priv.h"

struct dlb2_xstat;

/** Reads a statistic of a device (object 0), port or queue. */
typedef uint64_t (*dlb2_xstat_read)(const struct rte_eventdev *dev, unsigned int object,
				    const struct dlb2_xstat *stat);

struct dlb2_xstat {
	const char *name;
	dlb2_xstat_read read;
	unsigned int which; /**< what `read` makes of it */
	/** Reset stores what was read, and later values are told without it. */
	bool resettable;
	/** Reset makes the device forget it instead. */
	void (*clear)(const struct rte_eventdev *dev, unsigned int object);
	bool of_hardware; /**< the device begins anew when it is built anew */
};

/** The statistics of one mode. */
struct dlb2_xstat_table {
	const char *prefix; /**< of names; all but the device's have a number behind it */
	const struct dlb2_xstat *stats;
	unsigned int num_stats;
	/** So many are the in-tree driver's, and have its IDs (pmd-interface 14). */
	unsigned int num_in_tree;
};

/** By enum rte_event_dev_xstats_mode. */
#define DLB2_NUM_XSTAT_TABLES 3
extern const struct dlb2_xstat_table dlb2_xstat_tables[DLB2_NUM_XSTAT_TABLES];

/* dlb2_xstats_software.c */

enum dlb2_device_fact {
	DLB2_EVENTS_LIMIT,
	DLB2_INFLIGHT_EVENTS,
	DLB2_LDB_POOL_SIZE,
	DLB2_DIR_POOL_SIZE,
	DLB2_POOL_SIZE,
	DLB2_DRIVER_MEMORY,
	DLB2_CQ_MEMORY,
	DLB2_MODEL_MEMORY,
};

enum dlb2_port_fact {
	DLB2_PORT_IS_CONFIGURED,
	DLB2_PORT_IS_LOAD_BALANCED,
	DLB2_PORT_HW_ID,
	DLB2_PORT_OPEN_EVENTS,
	DLB2_PORT_HIST_LIST,
};

enum dlb2_queue_fact {
	DLB2_QUEUE_IS_CONFIGURED,
	DLB2_QUEUE_IS_LOAD_BALANCED,
	DLB2_QUEUE_HW_ID,
	DLB2_QUEUE_NUM_LINKS,
	DLB2_QUEUE_SCHED_TYPE,
	DLB2_QUEUE_DEPTH_THRESHOLD,
};

/** Counters that ports keep of a queue. */
enum dlb2_queue_counter {
	DLB2_QUEUE_ENQUEUED,
	DLB2_QUEUE_RECEIVED, /**< and the next three: by depth class */
	DLB2_QUEUE_NUM_COUNTERS = DLB2_QUEUE_RECEIVED + 4
};

/** `which` of alarms beside their causes: times that the device had more than it told. */
#define DLB2_ALARM_UNRECORDED DLB2_NUM_ALARM_CAUSES

uint64_t dlb2_read_device_fact(const struct rte_eventdev *dev, unsigned int object,
			       const struct dlb2_xstat *stat);
/** The sum of a port counter. It is not resettable, so it does not know of resets of ports. */
uint64_t dlb2_read_port_sum(const struct rte_eventdev *dev, unsigned int object,
			    const struct dlb2_xstat *stat);
uint64_t dlb2_read_port_fact(const struct rte_eventdev *dev, unsigned int object,
			     const struct dlb2_xstat *stat);
uint64_t dlb2_read_port_counter(const struct rte_eventdev *dev, unsigned int object,
				const struct dlb2_xstat *stat);
uint64_t dlb2_read_queue_fact(const struct rte_eventdev *dev, unsigned int object,
			      const struct dlb2_xstat *stat);
uint64_t dlb2_read_queue_counter(const struct rte_eventdev *dev, unsigned int object,
				 const struct dlb2_xstat *stat);
/** What the device complained of, by cause. */
uint64_t dlb2_read_device_alarms(const struct rte_eventdev *dev, unsigned int object,
				 const struct dlb2_xstat *stat);
uint64_t dlb2_read_port_alarms(const struct rte_eventdev *dev, unsigned int object,
			       const struct dlb2_xstat *stat);
uint64_t dlb2_read_queue_alarms(const struct rte_eventdev *dev, unsigned int object,
				const struct dlb2_xstat *stat);

/*
 * dlb2_xstats_hardware.c. All of these read registers. They are 0 while the hardware is not as
 * configured, for an object that is not set up, and in a secondary process.
 */

enum dlb2_port_monitor {
	DLB2_PORT_HW_SCHEDULED,
	DLB2_PORT_HW_INFLIGHTS,
	DLB2_PORT_HW_TOKENS,
};

enum dlb2_queue_monitor {
	DLB2_QUEUE_HW_DEPTH,
	DLB2_QUEUE_HW_ENQUEUED,
	DLB2_QUEUE_HW_MAX_DEPTH,
	DLB2_QUEUE_HW_INFLIGHTS,
};

/** Events scheduled by the whole device; `which` is the kind of port. */
uint64_t dlb2_read_device_scheduled(const struct rte_eventdev *dev, unsigned int object,
				    const struct dlb2_xstat *stat);
uint64_t dlb2_read_port_monitor(const struct rte_eventdev *dev, unsigned int object,
				const struct dlb2_xstat *stat);
uint64_t dlb2_read_queue_monitor(const struct rte_eventdev *dev, unsigned int object,
				 const struct dlb2_xstat *stat);
void dlb2_clear_queue_max_depth(const struct rte_eventdev *dev, unsigned int object);

#endif
