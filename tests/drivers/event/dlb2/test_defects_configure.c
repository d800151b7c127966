/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in devargs, configure and start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "defects.h"

#include <rte_common.h>
#include <stdlib.h>

#include <rte_lcore.h>

/* A list of devargs that cannot be: no device comes of it, nor a half of one. */
static void
check_refused(const char *devargs)
{
	uint8_t dev;
	int ret;

	log_capture();
	ret = defect_probe(devargs, &dev);
	free(log_take());
	if (ret >= 0)
		fail_msg("'%s' is taken", devargs);
	assert_int_equal(rte_event_dev_count(), 0);
}

static void
check_works(uint8_t dev, unsigned int ports)
{
	evdev_start_simple(dev, ports);
	defect_check_traffic(dev, 0, ports - 1, ports - 1, 50);
	rte_event_dev_stop(dev);
}

/* Four ports are named for a class of service, three are configured, or three are load-balanced. */
static void
test_b2_more_named_ports_than_there_are(void **state)
{
	uint8_t dev = defect_device("port_cos=0-3:1");

	assert_in_range(-evdev_configure(dev, 3, 3, 0), 1, 4095);
	assert_in_range(-evdev_configure(dev, 5, 5, 2), 1, 4095);
	check_works(dev, 5);
}

static void
test_b2_named_port_beyond_the_last(void **state)
{
	uint8_t dev = defect_device("port_cos=6:1");

	assert_in_range(-evdev_configure(dev, 6, 6, 0), 1, 4095);
	check_works(dev, 7);
}

/* Whatever start misses, it can be added and start called again. */
static void
test_b11_start_after_failed_start(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	defect_check_traffic(dev, 0, 1, 1, 50);
}

static void
test_b14_bandwidth_that_cannot_be(void **state)
{
	check_refused("cos_bw=60:60:0:0");
	check_refused("cos_bw=101:0:0:0");
	check_refused("cos_bw=-10:50:30:30");
	check_refused("cos_bw=-60:20:20:20");
	check_works(defect_device("cos_bw=10:20:30:40"), 2);
}

/* All directed pairs are taken, and may be taken again. */
static void
test_b22_directed_pairs_are_still_attainable(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int pairs = defect_dir_pairs(), round;
	struct rte_event_dev_info info;

	for (round = 0; round < 3; round++) {
		assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
		assert_int_equal(info.max_single_link_event_port_queue_pairs, pairs);
		assert_int_equal(evdev_configure(dev, pairs, pairs, pairs), 0);
	}
}

static void
test_b25_values_out_of_range(void **state)
{
	static const char *const lists[] = {
		"hw_credit_quanta=0", "hw_credit_quanta=-1", "sw_credit_quanta=65537",
		"poll_interval=-1", "poll_interval=0", "default_depth_thresh=8192",
		"default_depth_thresh=-1", "qid_depth_thresh=0:8192", "numa_node=-5",
		"numa_node=32", "dev_id=-1", "max_num_events=0", "max_cq_depth=32x",
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(lists); i++)
		check_refused(lists[i]);
}

/* A list with a name that nobody knows is not taken for an empty one. */
static void
test_b25_unknown_name(void **state)
{
	struct rte_event_dev_info info;

	check_refused("max_num_events=100,unheard_of=1");
	check_refused("vector_opts_enabled=y");
	assert_int_equal(rte_event_dev_info_get(defect_device("max_num_events=100"), &info), 0);
	assert_int_equal(info.max_num_events, 100);
}

/* As documented: 0 stands for a number that the driver chooses. */
static void
test_b25_zero_history_entries(void **state)
{
	check_works(defect_device("use_default_hl=n,alloc_hl_entries=0"), 2);
}

/* All queues, each set up twice: the first set-ups cost nothing. */
static void
test_b28_queue_set_up_twice(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 4, 32, 0), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(evdev_setup_queue(dev, i % 32, 0, RTE_SCHED_TYPE_ORDERED), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
	for (i = 0; i < 32; i++)
		assert_int_equal(evdev_link(dev, i / 8, i), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 32; i++)
		defect_check_traffic(dev, 0, i, i / 8, 10);
}

/* A queue that could not be a directed one may still become load-balanced. */
static void
test_b28_refused_directed_queue(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 1), 0);
	assert_int_equal(
		evdev_setup_queue(dev, 0, RTE_EVENT_QUEUE_CFG_SINGLE_LINK, RTE_SCHED_TYPE_ATOMIC),
		0);
	assert_int_equal(
		evdev_setup_queue(dev, 1, RTE_EVENT_QUEUE_CFG_SINGLE_LINK, RTE_SCHED_TYPE_ATOMIC),
		-EINVAL);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, RTE_EVENT_PORT_CFG_SINGLE_LINK), 0);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(evdev_link(dev, i, i), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	defect_check_traffic(dev, 0, 1, 1, 50);
	defect_check_traffic(dev, 1, 0, 0, 50);
}

static int
setup_window(uint8_t dev, uint8_t queue, uint8_t sched_type, unsigned int window)
{
	struct rte_event_queue_conf conf;

	assert_int_equal(rte_event_queue_default_conf_get(dev, queue, &conf), 0);
	conf.schedule_type = sched_type;
	conf.nb_atomic_order_sequences = window;
	return rte_event_queue_setup(dev, queue, &conf);
}

/* Queues that are not ordered need no sequence numbers, whatever their configuration says. */
static void
test_b28_sequence_numbers_of_other_types(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 1, 6, 0), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(setup_window(dev, i, i & 1 ? RTE_SCHED_TYPE_ATOMIC :
							      RTE_SCHED_TYPE_PARALLEL,
					      64),
				 0);
	assert_int_equal(setup_window(dev, 4, RTE_SCHED_TYPE_ORDERED, 1024), 0);
	assert_int_equal(setup_window(dev, 5, RTE_SCHED_TYPE_ORDERED, 512), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), 6);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 6; i++)
		defect_check_traffic(dev, 0, i, 0, 20);
}

#define NUM_PAIRS 3

/* The device's numbers of directed ports: the first has no hint, the others produce. */
static void
allocate_pairs(const char *devargs, uint64_t hw_ids[NUM_PAIRS])
{
	uint8_t dev = defect_device(devargs);
	char name[32];
	unsigned int i;

	assert_int_equal(evdev_configure(dev, NUM_PAIRS, NUM_PAIRS, NUM_PAIRS), 0);
	for (i = 0; i < NUM_PAIRS; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, RTE_EVENT_QUEUE_CFG_SINGLE_LINK,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(
			evdev_setup_port(dev, i,
					 RTE_EVENT_PORT_CFG_SINGLE_LINK |
						 (i > 0 ? RTE_EVENT_PORT_CFG_HINT_PRODUCER : 0)),
			0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < NUM_PAIRS; i++) {
		snprintf(name, sizeof(name), "port_%u_hw_id", i);
		hw_ids[i] = evdev_xstat(dev, name);
	}
	rte_event_dev_stop(dev);
	assert_int_equal(defect_remove(dev), 0);
}

/* Two cores are two cores: the lowest of EAL's workers or the highest. */
static void
test_b39_producers_on_high_cores(void **state)
{
	uint64_t none[NUM_PAIRS], low[NUM_PAIRS], high[NUM_PAIRS];
	unsigned int lcores = rte_lcore_count();
	char devargs[64];

	if (lcores < 4 || !rte_lcore_is_enabled(lcores - 1)) /* 0 to lcores - 1 */
		skip();
	allocate_pairs("", none);
	allocate_pairs("producer_coremask=0x6", low);
	snprintf(devargs, sizeof(devargs), "producer_coremask=%#x", 3 << (lcores - 2));
	allocate_pairs(devargs, high);
	assert_memory_not_equal(none, low, sizeof(none));
	assert_memory_equal(low, high, sizeof(low));
}

static const struct defect_test tests[] = {
	DEFECT(test_b2_more_named_ports_than_there_are),
	DEFECT(test_b2_named_port_beyond_the_last),
	DEFECT(test_b11_start_after_failed_start),
	DEFECT(test_b14_bandwidth_that_cannot_be),
	DEFECT(test_b22_directed_pairs_are_still_attainable),
	DEFECT(test_b25_values_out_of_range),
	DEFECT(test_b25_unknown_name),
	DEFECT(test_b25_zero_history_entries),
	DEFECT(test_b28_queue_set_up_twice),
	DEFECT(test_b28_refused_directed_queue),
	DEFECT(test_b28_sequence_numbers_of_other_types),
	DEFECT(test_b39_producers_on_high_cores),
};

const struct defect_group defects_configure = {"configure", tests, RTE_DIM(tests)};
