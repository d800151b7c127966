/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See control.h. A driver may program the device when it is configured, when its parts are set up
 * or when it is started: only the sum of these steps says something when drivers are compared.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eventdev.h>

#include "accesses.h"
#include "control.h"
#include "plain_pci.h"

#define DEVICE 0
#define DEPTH 32

/* What of the device is set up: all of it. */
struct whole {
	struct rte_event_dev_info info;
	uint8_t ldb_queues, ldb_ports, pairs;
};

static int
configure(const struct whole *whole)
{
	const struct rte_event_dev_config config = {
		.nb_events_limit = whole->info.max_num_events,
		.nb_event_queues = whole->ldb_queues + whole->pairs,
		.nb_event_ports = whole->ldb_ports + whole->pairs,
		.nb_single_link_event_port_queues = whole->pairs,
		.nb_event_queue_flows = 64,
		.nb_event_port_dequeue_depth = DEPTH,
		.nb_event_port_enqueue_depth = DEPTH,
	};

	return rte_event_dev_configure(DEVICE, &config);
}

static int
set_up_queues(const struct whole *whole)
{
	struct rte_event_queue_conf conf = {
		.schedule_type = RTE_SCHED_TYPE_ATOMIC,
		.nb_atomic_flows = 64,
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; ret == 0 && i < whole->ldb_queues + whole->pairs; i++) {
		if (i == whole->ldb_queues)
			conf.event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
		ret = rte_event_queue_setup(DEVICE, i, &conf);
	}
	return ret;
}

static int
set_up_ports(const struct whole *whole)
{
	struct rte_event_port_conf conf = {
		.new_event_threshold = whole->info.max_num_events,
		.dequeue_depth = DEPTH,
		.enqueue_depth = DEPTH,
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; ret == 0 && i < whole->ldb_ports + whole->pairs; i++) {
		if (i == whole->ldb_ports)
			conf.event_port_cfg = RTE_EVENT_PORT_CFG_SINGLE_LINK;
		ret = rte_event_port_setup(DEVICE, i, &conf);
	}
	return ret;
}

/* Each load-balanced port takes as many queues as it can, so that all have equally many ports. */
static int
link_all(const struct whole *whole)
{
	uint8_t queues[DLB2_MAX_SLOTS_PER_CQ];
	unsigned int i, k;

	for (i = 0; i < whole->ldb_ports; i++) {
		for (k = 0; k < RTE_DIM(queues); k++)
			queues[k] = (i * RTE_DIM(queues) + k) % whole->ldb_queues;
		if (rte_event_port_link(DEVICE, i, queues, NULL, k) != (int)k)
			return -1;
	}
	for (k = whole->ldb_queues; k < (unsigned int)whole->ldb_queues + whole->pairs; k++, i++) {
		queues[0] = k;
		if (rte_event_port_link(DEVICE, i, queues, NULL, 1) != 1)
			return -1;
	}
	return 0;
}

static int
start(const struct whole *whole)
{
	(void)whole;
	return rte_event_dev_start(DEVICE);
}

static int
stop(const struct whole *whole)
{
	(void)whole;
	rte_event_dev_stop(DEVICE);
	return 0;
}

static const struct {
	const char *name;
	int (*work)(const struct whole *whole);
} steps[] = {
	{"configure", configure}, {"queues", set_up_queues}, {"ports", set_up_ports},
	{"links", link_all}, {"start", start}, {"stop", stop},
};

/* What one step took. */
struct cost {
	struct accesses accesses;
	double us;
};

static int
measure_step(unsigned int step, const struct whole *whole, bool count, struct cost *cost)
{
	uint64_t begin;
	int ret;

	if (count)
		accesses_start();
	begin = rte_rdtsc_precise();
	ret = steps[step].work(whole);
	cost->us = (double)(rte_rdtsc_precise() - begin) * US_PER_S / rte_get_tsc_hz();
	if (count)
		cost->accesses = accesses_stop();
	if (ret != 0)
		fprintf(stderr, "%s: refused, the driver says why\n", steps[step].name);
	return ret;
}

bool
control_measure(enum dlb2_version version, bool count)
{
	const struct dlb2_limits *limits = dlb2_limits(version);
	struct whole whole;
	struct cost cost;
	unsigned int i;

	if (rte_event_dev_info_get(DEVICE, &whole.info) != 0)
		return false;
	whole.ldb_queues = whole.info.max_event_queues;
	whole.ldb_ports = whole.info.max_event_ports;
	whole.pairs = whole.info.max_single_link_event_port_queue_pairs;
	accesses_watch(plain_pci_bars()->func, limits->func_bar_size);
	accesses_watch(plain_pci_bars()->csr, limits->csr_bar_size);
	for (i = 0; i < RTE_DIM(steps); i++) {
		if (measure_step(i, &whole, count, &cost) != 0)
			return false;
		if (count)
			printf("{\"step\": \"%s\", \"reads\": %lu, \"writes\": %lu}\n",
			       steps[i].name, cost.accesses.reads, cost.accesses.writes);
		else
			printf("{\"step\": \"%s\", \"us\": %.1f}\n", steps[i].name, cost.us);
	}
	return true;
}
