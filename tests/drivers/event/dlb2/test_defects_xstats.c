/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in statistics.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "defects.h"

#include <rte_common.h>
#include <rte_cycles.h>

#define MAX_XSTATS 64

static unsigned int
names_of(uint8_t dev, enum rte_event_dev_xstats_mode mode, uint8_t object,
	 struct rte_event_dev_xstats_name *names, uint64_t *ids)
{
	int num = rte_event_dev_xstats_names_get(dev, mode, object, names, ids, MAX_XSTATS);

	assert_in_range(num, 1, MAX_XSTATS);
	return num;
}

/* Every ID gives the value of its name; the one behind the last is no statistic. */
static void
check_ids(uint8_t dev, enum rte_event_dev_xstats_mode mode, uint8_t object)
{
	struct rte_event_dev_xstats_name names[MAX_XSTATS];
	uint64_t ids[MAX_XSTATS], values[MAX_XSTATS];
	unsigned int num = names_of(dev, mode, object, names, ids), i;

	assert_int_equal(rte_event_dev_xstats_get(dev, mode, object, ids, values, num), num);
	for (i = 0; i < num; i++)
		assert_int_equal(values[i], evdev_xstat(dev, names[i].name));
}

static uint64_t
last_id(uint8_t dev)
{
	struct rte_event_dev_xstats_name names[MAX_XSTATS];
	uint64_t ids[MAX_XSTATS];
	unsigned int num = names_of(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 31 + defect_dir_pairs(),
				    names, ids);

	return ids[num - 1];
}

static void
test_b23_ids(void **state)
{
	uint8_t dev = defect_device("");
	uint64_t beyond, value = 0;

	defect_start(dev, 0, 0);
	defect_check_traffic(dev, 0, 1, 1, 100);
	check_ids(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0);
	check_ids(dev, RTE_EVENT_DEV_XSTATS_PORT, 1);
	check_ids(dev, RTE_EVENT_DEV_XSTATS_PORT, 63 + defect_dir_pairs());
	check_ids(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 1);
	check_ids(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 31 + defect_dir_pairs());
	beyond = last_id(dev) + 1;
	assert_true(rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_QUEUE,
					     31 + defect_dir_pairs(), &beyond, &value, 1) < 1);
}

/* IDs that are not of the object do not make the values of others take their places. */
static void
test_b23_foreign_ids(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event_dev_xstats_name names[MAX_XSTATS];
	uint64_t port0[MAX_XSTATS], port1[MAX_XSTATS], ids[3], values[3] = {7, 7, 7};
	unsigned int i;
	int ret;

	defect_start(dev, 0, 0);
	names_of(dev, RTE_EVENT_DEV_XSTATS_PORT, 0, names, port0);
	names_of(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, names, port1);
	for (i = 0; strcmp(names[i].name, "port_1_is_configured") != 0; i++)
		;
	ids[0] = port1[i];
	ids[1] = port0[i + 1];
	for (i = 0; strcmp(names[i].name, "port_1_rx_drop") != 0; i++)
		;
	ids[2] = port1[i];
	ret = rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, ids, values, 3);
	if (ret >= 0) {
		assert_int_equal(values[0], 1);
		assert_int_equal(values[2], 0);
	}
}

/* The pools of the other version are not shown with numbers of this one's. */
static void
test_b23_pools_of_other_version(void **state)
{
	uint8_t dev = defect_device("");

	defect_start(dev, 0, 0);
	if (defect_bus.version == DEFECT_ON_2_0) {
		assert_int_equal(evdev_xstat(dev, "dev_pool_size"), 0);
		assert_int_equal(evdev_xstat(dev, "dev_ldb_pool_size"), 8192);
		assert_int_equal(evdev_xstat(dev, "dev_dir_pool_size"), 4096);
	} else {
		assert_int_equal(evdev_xstat(dev, "dev_pool_size"), 16384);
		assert_int_equal(evdev_xstat(dev, "dev_ldb_pool_size"), 0);
		assert_int_equal(evdev_xstat(dev, "dev_dir_pool_size"), 0);
	}
}

/* No depth is ever a negative error taken for a number. */
static void
test_b19_depth_is_no_error_code(void **state)
{
	uint8_t dev = defect_device("");
	char name[64];
	unsigned int queue;

	defect_start(dev, 0, 0);
	for (queue = 0; queue < 32 + defect_dir_pairs(); queue++) {
		snprintf(name, sizeof(name), "qid_%u_current_depth", queue);
		assert_in_range(evdev_xstat(dev, name), 0, 16384);
	}
}

/* Stop ends, also with a queue that nobody is linked to any more. */
static void
test_b19_stop_ends(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event event = defect_event(1, 0);
	uint64_t start;

	defect_start(dev, 0, 0);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	defect_send(dev, 0, &event, 1);
	start = rte_get_timer_cycles();
	rte_event_dev_stop(dev);
	assert_true(rte_get_timer_cycles() - start < 10 * rte_get_timer_hz());
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	defect_check_traffic(dev, 0, 1, 1, 50);
}

/* Events wait in queue 0 and were seen in queue 0: no other one shows that, nor logs anything. */
static void
test_b42_unconfigured_queues(void **state)
{
	static const char *const stats[] = {"current_depth", "depth_le50_threshold", "num_links",
					    "is_configured", "enq_ok", "hw_id"};
	uint8_t dev = defect_device("");
	struct rte_event ev[100];
	unsigned int i, queue;
	char name[64];

	defect_start(dev, RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL, 8);
	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = defect_event(0, i);
	defect_send(dev, 0, ev, RTE_DIM(ev));
	assert_int_equal(defect_receive(dev, 0, ev, 8, 8), 8);
	assert_true(evdev_xstat(dev, "qid_0_current_depth") > 0);
	assert_true(evdev_xstat(dev, "qid_0_depth_le50_threshold") > 0);
	log_capture();
	for (queue = 3; queue < 32 + defect_dir_pairs(); queue++)
		for (i = 0; i < RTE_DIM(stats); i++) {
			snprintf(name, sizeof(name), "qid_%u_%s", queue, stats[i]);
			assert_int_equal(evdev_xstat(dev, name), 0);
		}
	log_expect_nothing();
}

static const struct defect_test tests[] = {
	DEFECT(test_b19_depth_is_no_error_code),
	DEFECT(test_b19_stop_ends),
	DEFECT(test_b23_ids),
	DEFECT(test_b23_foreign_ids),
	DEFECT(test_b23_pools_of_other_version),
	DEFECT(test_b42_unconfigured_queues),
};

const struct defect_group defects_xstats = {"xstats", tests, RTE_DIM(tests)};
