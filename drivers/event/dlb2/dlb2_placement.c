/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Which ports are near: a thread on the producers' core times stores to all of them, and the device
 * gives them out by that (devarg producer_coremask). What is stored, and how times are compared, is
 * the hardware layer's (profile.c).
 *
 * The one thing to know: there are distances only between a core and a device on the bus. The model
 * in this process has none, and is not timed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_lcore.h>

#include "dlb2_function.h"
#include "dlb2_log.h"

struct timing {
	struct dlb2_device *device;
	struct dlb2_port_times *times;
	int ret;
};

static uint64_t
now(void)
{
	return rte_rdtsc_precise();
}

static void *
time_ports(void *arg)
{
	struct timing *timing = arg;

	timing->ret = dlb2_device_time_ports(timing->device, now, timing->times);
	return NULL;
}

/* Runs time_ports() on a core. 0, or why there is no thread for it. */
static int
run_on(unsigned int core, struct timing *timing)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(core);
	pthread_attr_t attr;
	pthread_t thread;
	int ret;

	pthread_attr_init(&attr);
	ret = -pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (ret == 0)
		ret = -pthread_create(&thread, &attr, time_ports, timing);
	pthread_attr_destroy(&attr);
	if (ret == 0)
		pthread_join(thread, NULL);
	return ret;
}

static void
report_times(const struct dlb2_function *function, enum dlb2_port_kind kind, const char *what)
{
	const struct dlb2_limits *limits = dlb2_limits(function->attachment.bus->version);
	const uint64_t *cycles = function->port_times->cycles[kind];
	unsigned int count = kind == DLB2_LDB ? limits->num_ldb_ports : limits->num_dir_ports;
	unsigned int port, quickest = 0, slowest = 0;

	for (port = 1; port < count; port++) {
		quickest = cycles[port] < cycles[quickest] ? port : quickest;
		slowest = cycles[port] > cycles[slowest] ? port : slowest;
	}
	DLB2_INFO(function->attachment.bus->name,
		  "stores from core %u to %s ports: %.0f ns to port %u, the nearest, %.0f ns to "
		  "port %u, the farthest", function->producer_core, what,
		  (double)cycles[quickest] / DLB2_TIMED_STORES * NS_PER_S / rte_get_tsc_hz(),
		  quickest,
		  (double)cycles[slowest] / DLB2_TIMED_STORES * NS_PER_S / rte_get_tsc_hz(),
		  slowest);
}

/* Once: what is near stays near. Without a thread or memory for it ports stay as they are. */
static int
measure(struct dlb2_function *function)
{
	struct timing timing = {
		.device = function->device,
		.times = calloc(1, sizeof(*timing.times)),
	};
	int ret = timing.times == NULL ? -ENOMEM : run_on(function->producer_core, &timing);

	if (ret != 0)
		DLB2_WARN(function->attachment.bus->name,
			  "ports are not placed: no thread on core %u to time them: %s",
			  function->producer_core, strerror(-ret));
	if (ret != 0 || timing.ret != 0) {
		free(timing.times);
		return timing.ret;
	}
	function->port_times = timing.times;
	report_times(function, DLB2_LDB, "load-balanced");
	report_times(function, DLB2_DIR, "directed");
	return 0;
}

int
dlb2_place_ports(struct dlb2_function *function)
{
	int ret = 0;

	if (!function->place_ports || function->attachment.window == NULL)
		return 0;
	if (function->port_times == NULL)
		ret = measure(function);
	if (ret == 0 && function->port_times != NULL)
		ret = dlb2_device_order_ports(function->device, function->port_times);
	return ret;
}
