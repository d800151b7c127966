/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * An event device as this program sees it: what it announces, its service if it has one, the
 * memory it uses. Knows no particular driver.
 */

#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <rte_eventdev.h>
#include <rte_service.h>

struct device {
	uint8_t id;
	char name[64];
	struct rte_event_dev_info info;
	uint32_t types; /* bitmap of RTE_SCHED_TYPE_* that a queue can be set up with */
	bool has_service; /* the scheduler runs only when service_id is run */
	uint32_t service_id;
	/* Bytes of DPDK's heaps that the device's set-up holds: now, and at most so far. */
	ssize_t heap_now;
	ssize_t heap_most;
	size_t heap_before;
};

/**
 * Takes up a device: asks for its limits, finds out which schedule types it supports, and makes
 * its service, if any, ready to be run by this program's own threads.
 *
 * @return 0, or a negative errno after printing what is wrong
 */
int device_open(struct device *dev, uint8_t id);

/**
 * Configures one queue and one port, the smallest there is. Whatever an earlier configuration
 * left in other queues and ports is gone then.
 *
 * @return 0, or the negative errno of the refused call
 */
int device_shrink(struct device *dev);

/** Lets the device's scheduler work once, if it needs a thread to do that. Any thread may call. */
static inline void
device_run_service(const struct device *dev)
{
	if (dev->has_service)
		rte_service_run_iter_on_app_lcore(dev->service_id, 1);
}

/** Put around the calls that configure, set up, start or stop: what they allocate is counted. */
void device_memory_begin(struct device *dev);
void device_memory_end(struct device *dev);

/** Prints one line about what the device announces. */
void device_print(const struct device *dev, FILE *f);

/** Prints heap use, and every device statistic whose name ends in _memory_bytes. */
void device_print_memory(const struct device *dev, FILE *f);

/** Reads a device statistic by name. False if there is none of that name. */
bool device_xstat(const struct device *dev, const char *name, uint64_t *value);

#endif /* DEVICE_H */
