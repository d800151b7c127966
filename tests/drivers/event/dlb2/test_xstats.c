/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Extended statistics: the complete list of names in its order (pmd-interface 14), IDs, values
 * against traffic, reset, what the device itself counts, and the rules of the API for what does not
 * exist. Alarms: test_alarms.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evdev_test.h"

#include <rte_common.h>

#include "dlb2_priv.h"

#define SINGLE_LINK_QUEUE RTE_EVENT_QUEUE_CFG_SINGLE_LINK
#define SINGLE_LINK_PORT RTE_EVENT_PORT_CFG_SINGLE_LINK

/*
 * Written down once more, from the reference, not taken from the driver. So many of each are the
 * in-tree driver's.
 */
#define DEVICE_IN_TREE 18
#define PORT_IN_TREE 32
#define QUEUE_IN_TREE 12
static const char *const device_names[] = {
	"rx_ok",
	"rx_drop",
	"rx_interrupt_wait",
	"rx_umonitor_umwait",
	"tx_ok",
	"total_polls",
	"zero_polls",
	"tx_nospc_ldb_hw_credits",
	"tx_nospc_dir_hw_credits",
	"tx_nospc_hw_credits",
	"tx_nospc_inflight_max",
	"tx_nospc_new_event_limit",
	"tx_nospc_inflight_credits",
	"nb_events_limit",
	"inflight_events",
	"ldb_pool_size",
	"dir_pool_size",
	"pool_size",
	"driver_memory_bytes",
	"cq_memory_bytes",
	"model_memory_bytes",
	"alarm_no_open_event",
	"alarm_no_credit",
	"alarm_illegal_enqueue",
	"alarm_excess_tokens",
	"alarm_illegal_command",
	"alarm_illegal_queue",
	"alarm_disabled_queue",
	"alarm_other",
	"alarm_hardware",
	"alarm_unrecorded",
	"hw_ldb_scheduled",
	"hw_dir_scheduled",
};

static const char *const port_names[] = {
	"is_configured",
	"is_load_balanced",
	"hw_id",
	"rx_ok",
	"rx_drop",
	"rx_interrupt_wait",
	"rx_umonitor_umwait",
	"tx_ok",
	"total_polls",
	"zero_polls",
	"tx_nospc_ldb_hw_credits",
	"tx_nospc_dir_hw_credits",
	"tx_nospc_hw_credits",
	"tx_nospc_inflight_max",
	"tx_nospc_new_event_limit",
	"tx_nospc_inflight_credits",
	"tx_new",
	"tx_fwd",
	"tx_rel",
	"tx_implicit_rel",
	"tx_sched_ordered",
	"tx_sched_unordered",
	"tx_sched_atomic",
	"tx_sched_directed",
	"tx_invalid",
	"outstanding_releases",
	"max_outstanding_releases",
	"rx_sched_ordered",
	"rx_sched_unordered",
	"rx_sched_atomic",
	"rx_sched_directed",
	"rx_sched_invalid",
	"alarm_no_open_event",
	"alarm_no_credit",
	"alarm_illegal_enqueue",
	"alarm_excess_tokens",
	"alarm_illegal_command",
	"alarm_illegal_queue",
	"alarm_disabled_queue",
	"alarm_other",
	"hw_scheduled",
	"hw_inflight_events",
	"hw_owed_tokens",
};

static const char *const queue_names[] = {
	"is_configured",
	"is_load_balanced",
	"hw_id",
	"num_links",
	"sched_type",
	"enq_ok",
	"current_depth",
	"depth_threshold",
	"depth_le50_threshold",
	"depth_gt50_le75_threshold",
	"depth_gt75_le100_threshold",
	"depth_gt100_threshold",
	"alarm_no_credit",
	"alarm_illegal_enqueue",
	"alarm_excess_tokens",
	"alarm_illegal_command",
	"alarm_disabled_queue",
	"alarm_other",
	"hw_enqueued",
	"hw_max_depth",
	"hw_inflight_events",
};

/* The IDs of one object: first those in the in-tree driver's place, then the others. */
struct expected_ids {
	unsigned int in_tree;
	uint64_t first, first_other;
};

static void
check_names(uint8_t dev, enum rte_event_dev_xstats_mode mode, uint8_t object, const char *prefix,
	    const char *const names[], unsigned int num, const struct expected_ids *expected)
{
	struct rte_event_dev_xstats_name got[64];
	uint64_t ids[64], id;
	char name[128];
	unsigned int i;

	assert_int_equal(rte_event_dev_xstats_names_get(dev, mode, object, NULL, NULL, 0), num);
	assert_int_equal(rte_event_dev_xstats_names_get(dev, mode, object, got, ids, num - 1), num);
	assert_int_equal(rte_event_dev_xstats_names_get(dev, mode, object, got, ids, RTE_DIM(ids)),
			 num);
	for (i = 0; i < num; i++) {
		snprintf(name, sizeof(name), "%s_%s", prefix, names[i]);
		assert_string_equal(got[i].name, name);
		assert_int_equal(ids[i], i < expected->in_tree ?
				 expected->first + i : expected->first_other + i -
				 expected->in_tree);
		rte_event_dev_xstats_by_name_get(dev, name, &id);
		assert_int_equal(id, ids[i]);
	}
}

/* All objects of a mode. `ids` is moved on to what follows. */
static void
check_mode(uint8_t dev, enum rte_event_dev_xstats_mode mode, const char *kind, unsigned int objects,
	   const char *const names[], unsigned int num, struct expected_ids *ids)
{
	char prefix[32];
	unsigned int i;

	for (i = 0; i < objects; i++) {
		snprintf(prefix, sizeof(prefix), "%s_%u", kind, i);
		check_names(dev, mode, i, prefix, names, num, ids);
		ids->first += ids->in_tree;
		ids->first_other += num - ids->in_tree;
	}
	assert_int_equal(rte_event_dev_xstats_names_get(dev, mode, objects, NULL, NULL, 0), 0);
}

static void
all_names(uint8_t dev)
{
	struct rte_event_dev_info info;
	struct expected_ids ids;
	unsigned int ports, queues;

	rte_event_dev_info_get(dev, &info);
	ports = info.max_event_ports + info.max_single_link_event_port_queue_pairs;
	queues = info.max_event_queues + info.max_single_link_event_port_queue_pairs;
	assert_true((ports == 128 && queues == 96) || (ports == 160 && queues == 128));
	ids.in_tree = DEVICE_IN_TREE;
	ids.first = 0;
	ids.first_other = DEVICE_IN_TREE + ports * PORT_IN_TREE + queues * QUEUE_IN_TREE;
	check_names(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0, "dev", device_names, RTE_DIM(device_names),
		    &ids);
	ids.first += ids.in_tree;
	ids.first_other += RTE_DIM(device_names) - ids.in_tree;
	ids.in_tree = PORT_IN_TREE;
	check_mode(dev, RTE_EVENT_DEV_XSTATS_PORT, "port", ports, port_names, RTE_DIM(port_names),
		   &ids);
	ids.in_tree = QUEUE_IN_TREE;
	check_mode(dev, RTE_EVENT_DEV_XSTATS_QUEUE, "qid", queues, queue_names,
		   RTE_DIM(queue_names), &ids);
	assert_int_equal(rte_event_dev_xstats_names_get(dev, 3, 0, NULL, NULL, 0), -EINVAL);
}

static void
test_names(void **state)
{
	evdev_for_both(all_names);
}

static void
unknown_names(uint8_t dev)
{
	static const char *const names[] = {
		"",
		"dev",
		"dev_",
		"dev_rx",
		"dev_rx_ok_",
		"port_0",
		"port_0_",
		"port_x_rx_ok",
		"port__rx_ok",
		"port_200_rx_ok",
		"port_0_enq_ok",
		"qid_128_enq_ok",
		"qid_0_rx_ok",
		"queue_0_enq_ok",
	};
	unsigned int i;
	uint64_t id;

	for (i = 0; i < RTE_DIM(names); i++) {
		id = 0;
		assert_true(rte_event_dev_xstats_by_name_get(dev, names[i], &id) == UINT64_MAX);
		assert_true(id == UINT32_MAX);
	}
}

static void
test_unknown_names(void **state)
{
	evdev_for_both(unknown_names);
}

/*
 * Values come in the order of the IDs that were asked for; an ID of something else is an error, not
 * a gap.
 */
static void
foreign_ids(uint8_t dev)
{
	uint64_t ids[3], values[3];

	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
	rte_event_dev_xstats_by_name_get(dev, "port_1_rx_sched_atomic", &ids[0]);
	rte_event_dev_xstats_by_name_get(dev, "port_1_is_configured", &ids[1]);
	rte_event_dev_xstats_by_name_get(dev, "port_1_rx_ok", &ids[2]);
	assert_int_equal(rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, ids, values,
						  3),
			 3);
	assert_int_equal(values[0], 100);
	assert_int_equal(values[1], 1);
	assert_int_equal(values[2], 100);
	assert_int_equal(rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_PORT, 0, ids, values,
						  3),
			 -EINVAL);
	assert_int_equal(rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 1, ids, values,
						  3),
			 -EINVAL);
	assert_int_equal(rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_PORT, 160, ids, values,
						  3),
			 -EINVAL);
	assert_int_equal(rte_event_dev_xstats_get(dev, 3, 1, ids, values, 3), -EINVAL);
	ids[1] = UINT64_MAX;
	assert_int_equal(rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, ids, values,
						  3),
			 -EINVAL);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, ids, 3),
			 -EINVAL);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 100);
}

static void
test_foreign_ids(void **state)
{
	evdev_for_both(foreign_ids);
}

/* Three objects of each fact: a load-balanced pair, an ordered queue and a directed pair. */
static void
facts(uint8_t dev)
{
	struct rte_event_dev_info info;
	unsigned int i;

	rte_event_dev_info_get(dev, &info);
	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 2 ? SINGLE_LINK_QUEUE : 0,
						   i == 1 ? RTE_SCHED_TYPE_ORDERED :
							    RTE_SCHED_TYPE_PARALLEL),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 2 ? SINGLE_LINK_PORT : 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_xstat(dev, "port_0_is_load_balanced"), 1);
	assert_int_equal(evdev_xstat(dev, "port_2_is_load_balanced"), 0);
	assert_int_equal(evdev_xstat(dev, "port_3_is_configured"), 0);
	assert_int_equal(evdev_xstat(dev, "qid_0_sched_type"), RTE_SCHED_TYPE_PARALLEL);
	assert_int_equal(evdev_xstat(dev, "qid_1_sched_type"), RTE_SCHED_TYPE_ORDERED);
	assert_int_equal(evdev_xstat(dev, "qid_2_is_load_balanced"), 0);
	assert_int_equal(evdev_xstat(dev, "qid_1_num_links"), 2);
	assert_int_equal(evdev_xstat(dev, "qid_1_depth_threshold"), 256);
	assert_int_equal(evdev_xstat(dev, "qid_3_depth_threshold"), 0);
	assert_int_equal(evdev_xstat(dev, "dev_nb_events_limit"), info.max_num_events);
	assert_int_equal(evdev_xstat(dev, "qid_2_hw_id"), evdev_xstat(dev, "port_2_hw_id"));
}

static void
test_facts(void **state)
{
	evdev_for_both(facts);
}

/* Two pools on 2.0, one on 2.5; what the other version has is 0. */
static void
test_pools(void **state)
{
	uint8_t dev = evdev_add("event_dlb2_model0", "hw=2.0");

	assert_int_equal(evdev_configure(dev, 2, 2, 1), 0);
	assert_int_equal(evdev_xstat(dev, "dev_ldb_pool_size"), 8192);
	assert_int_equal(evdev_xstat(dev, "dev_dir_pool_size"), 4096);
	assert_int_equal(evdev_xstat(dev, "dev_pool_size"), 0);
	evdev_remove("event_dlb2_model0");
	dev = evdev_add("event_dlb2_model0", "hw=2.5");
	assert_int_equal(evdev_configure(dev, 2, 2, 1), 0);
	assert_int_equal(evdev_xstat(dev, "dev_ldb_pool_size"), 0);
	assert_int_equal(evdev_xstat(dev, "dev_dir_pool_size"), 0);
	assert_int_equal(evdev_xstat(dev, "dev_pool_size"), 16384);
	evdev_remove("event_dlb2_model0");
}

static void
depth(uint8_t dev)
{
	assert_int_equal(evdev_xstat(dev, "qid_1_current_depth"), 0);
	evdev_start_simple(dev, 2);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	evdev_send(dev, 0, 1, 200);
	assert_int_equal(evdev_xstat(dev, "qid_1_current_depth"), 200);
	assert_int_equal(evdev_xstat(dev, "qid_0_current_depth"), 0);
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	assert_int_equal(evdev_receive(dev, 1), 200);
	assert_int_equal(evdev_xstat(dev, "qid_1_current_depth"), 0);
	/* each event is in one depth class: threshold 256, depth 200 and falling */
	assert_int_equal(evdev_xstat(dev, "qid_1_depth_le50_threshold") +
				 evdev_xstat(dev, "qid_1_depth_gt50_le75_threshold") +
				 evdev_xstat(dev, "qid_1_depth_gt75_le100_threshold") +
				 evdev_xstat(dev, "qid_1_depth_gt100_threshold"),
			 200);
	assert_true(evdev_xstat(dev, "qid_1_depth_gt75_le100_threshold") > 0);
	assert_true(evdev_xstat(dev, "qid_1_depth_le50_threshold") > 0);
}

static void
test_depth(void **state)
{
	evdev_for_both(depth);
}

static void
counters(uint8_t dev)
{
	uint64_t polls;

	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_ok"), 100);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_new"), 100);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_sched_atomic"), 100);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 100);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_sched_atomic"), 100);
	assert_int_equal(evdev_xstat(dev, "port_1_tx_implicit_rel"), 100);
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), 0);
	assert_int_equal(evdev_xstat(dev, "qid_1_enq_ok"), 100);
	assert_int_equal(evdev_xstat(dev, "dev_rx_ok"), 100);
	assert_int_equal(evdev_xstat(dev, "dev_tx_ok"), 100);
	polls = evdev_xstat(dev, "port_1_total_polls");
	assert_true(polls > evdev_xstat(dev, "port_1_zero_polls"));
	assert_int_equal(evdev_xstat(dev, "dev_total_polls"), polls);
	/* they survive a reconfiguration that keeps the port */
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_true(evdev_xstat(dev, "port_0_tx_ok") >= 100);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 200);
}

static void
test_counters(void **state)
{
	evdev_for_both(counters);
}

static void
reset(uint8_t dev)
{
	uint64_t id;

	evdev_start_simple(dev, 3);
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 0, 2, 2);
	/* one statistic */
	rte_event_dev_xstats_by_name_get(dev, "port_1_rx_ok", &id);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, &id, 1), 0);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 0);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_sched_atomic"), 100);
	assert_int_equal(evdev_xstat(dev, "dev_rx_ok"), 200);
	/* one object */
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, NULL, 0), 0);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_sched_atomic"), 0);
	assert_int_equal(evdev_xstat(dev, "port_1_is_configured"), 1);
	assert_int_equal(evdev_xstat(dev, "port_2_rx_ok"), 100);
	/* all objects */
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_QUEUE, -1, NULL, 0),
			 0);
	assert_int_equal(evdev_xstat(dev, "qid_1_enq_ok"), 0);
	assert_int_equal(evdev_xstat(dev, "qid_2_enq_ok"), 0);
	assert_int_equal(evdev_xstat(dev, "qid_2_num_links"), 1);
	/* no object */
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_PORT, 200, NULL, 0),
			 0);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0, NULL, 0),
			 0);
	assert_int_equal(rte_event_dev_xstats_reset(dev, 3, 0, NULL, 0), -EINVAL);
	assert_int_equal(evdev_xstat(dev, "port_2_rx_ok"), 100);
	/* and on from there */
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 100);
	assert_int_equal(evdev_xstat(dev, "qid_1_enq_ok"), 100);
}

static void
test_reset(void **state)
{
	evdev_for_both(reset);
}

static uint64_t
hw_queue_stat(uint8_t dev, unsigned int queue, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "qid_%u_hw_%s", queue, name);
	return evdev_xstat(dev, text);
}

static uint64_t
hw_port_stat(uint8_t dev, unsigned int port, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "port_%u_hw_%s", port, name);
	return evdev_xstat(dev, text);
}

/* Three queues and ports of which the third is a pair. The second queue is parallel. */
static void
start_three(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 2 ? SINGLE_LINK_QUEUE : 0,
						   i == 1 ? RTE_SCHED_TYPE_PARALLEL :
							    RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 2 ? SINGLE_LINK_PORT : 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

/* What the device counts, against traffic: atomic, parallel and directed. */
static void
hardware(uint8_t dev)
{
	struct rte_event event = { .queue_id = 1, .sched_type = RTE_SCHED_TYPE_PARALLEL };
	unsigned int i;

	assert_int_equal(evdev_xstat(dev, "dev_hw_ldb_scheduled"), 0);
	assert_int_equal(hw_queue_stat(dev, 1, "enqueued"), 0);
	start_three(dev);
	evdev_check_traffic(dev, 0, 0, 0);
	for (i = 0; i < 200; i++)
		assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 1);
	/* those that port 1 has no room for wait; a poll of another port makes the model go on */
	assert_int_equal(evdev_receive(dev, 0), 0);
	assert_in_range(hw_queue_stat(dev, 1, "max_depth"), 100, 200);
	assert_int_equal(hw_queue_stat(dev, 1, "inflight_events") +
			 evdev_xstat(dev, "qid_1_current_depth"), 200);
	assert_int_equal(hw_port_stat(dev, 1, "inflight_events"),
			 hw_queue_stat(dev, 1, "inflight_events"));
	assert_int_equal(hw_port_stat(dev, 1, "owed_tokens"),
			 hw_queue_stat(dev, 1, "inflight_events"));
	assert_true(hw_port_stat(dev, 1, "owed_tokens") > 0);
	assert_int_equal(evdev_receive(dev, 1), 200);
	evdev_check_traffic(dev, 0, 2, 2);
	assert_int_equal(hw_queue_stat(dev, 0, "enqueued"), 100);
	assert_int_equal(hw_queue_stat(dev, 1, "enqueued"), 200);
	assert_int_equal(hw_queue_stat(dev, 2, "enqueued"), 100);
	assert_int_equal(hw_port_stat(dev, 0, "scheduled"), 100);
	assert_int_equal(hw_port_stat(dev, 1, "scheduled"), 200);
	assert_int_equal(hw_port_stat(dev, 2, "scheduled"), 100);
	assert_int_equal(evdev_xstat(dev, "dev_hw_ldb_scheduled"), 300);
	assert_int_equal(evdev_xstat(dev, "dev_hw_dir_scheduled"), 100);
	assert_int_equal(hw_queue_stat(dev, 1, "inflight_events"), 0);
	assert_int_equal(hw_port_stat(dev, 2, "inflight_events"), 0);
	assert_int_equal(hw_port_stat(dev, 3, "scheduled"), 0);
	assert_int_equal(hw_queue_stat(dev, 3, "enqueued"), 0);
}

static void
test_hardware(void **state)
{
	evdev_for_both(hardware);
}

/* Totals are told without what was there at the reset, marks are cleared; gauges stay. */
static void
hardware_reset(uint8_t dev)
{
	unsigned int i;

	start_three(dev);
	for (i = 0; i < 3; i++)
		evdev_check_traffic(dev, 0, i, i);
	assert_true(hw_queue_stat(dev, 2, "max_depth") > 0);
	evdev_send(dev, 0, 2, 5);
	assert_int_equal(evdev_receive(dev, 0), 0);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_PORT, -1, NULL, 0), 0);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 2, NULL, 0), 0);
	assert_int_equal(hw_port_stat(dev, 0, "scheduled"), 0);
	assert_int_equal(hw_port_stat(dev, 2, "scheduled"), 0);
	assert_int_equal(hw_port_stat(dev, 2, "owed_tokens"), 5);
	assert_int_equal(hw_queue_stat(dev, 2, "enqueued"), 0);
	assert_int_equal(hw_queue_stat(dev, 2, "max_depth"), 0);
	assert_int_equal(hw_queue_stat(dev, 0, "enqueued"), 100);
	assert_int_equal(evdev_xstat(dev, "dev_hw_dir_scheduled"), 105);
	assert_int_equal(evdev_receive(dev, 2), 5);
	evdev_check_traffic(dev, 0, 2, 2);
	assert_int_equal(hw_port_stat(dev, 2, "scheduled"), 100);
	assert_int_equal(hw_queue_stat(dev, 2, "enqueued"), 100);
	assert_true(hw_queue_stat(dev, 2, "max_depth") > 0);
}

static void
test_hardware_reset(void **state)
{
	evdev_for_both(hardware_reset);
}

/*
 * A restart keeps what the device counts. A new configuration has the domain reset and built anew:
 * all begins at 0, also for what had an offset.
 */
static void
hardware_rebuilt(uint8_t dev)
{
	start_three(dev);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 1, NULL, 0), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(hw_port_stat(dev, 1, "scheduled"), 100);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(hw_port_stat(dev, 1, "scheduled"), 200);
	assert_int_equal(hw_queue_stat(dev, 1, "enqueued"), 100);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	assert_int_equal(hw_port_stat(dev, 1, "scheduled"), 0);
	assert_int_equal(hw_queue_stat(dev, 1, "enqueued"), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(hw_port_stat(dev, 1, "scheduled"), 100);
	assert_int_equal(hw_queue_stat(dev, 1, "enqueued"), 100);
}

static void
test_hardware_rebuilt(void **state)
{
	evdev_for_both(hardware_rebuilt);
}

static unsigned int register_reads;
static uint32_t (*read_register)(struct dlb2_bus *bus, uint32_t offset);

static uint32_t
count_read(struct dlb2_bus *bus, uint32_t offset)
{
	register_reads++;
	return read_register(bus, offset);
}

static unsigned int
reads_of(uint8_t dev, const char *name)
{
	register_reads = 0;
	evdev_xstat(dev, name);
	return register_reads;
}

/* A read of a register takes about a microsecond on hardware: only what is asked for is read. */
static void
costs(uint8_t dev)
{
	struct dlb2_bus *bus = dlb2_process(&rte_eventdevs[dev])->function->attachment.bus;
	const struct dlb2_bus_ops *usual = bus->ops;
	struct dlb2_bus_ops counting = *usual;
	unsigned int i;

	start_three(dev);
	read_register = usual->csr_read;
	counting.csr_read = count_read;
	bus->ops = &counting;
	register_reads = 0;
	for (i = 0; i < 3; i++)
		evdev_check_traffic(dev, 0, i, i);
	assert_int_equal(register_reads, 0);
	assert_int_equal(reads_of(dev, "port_0_rx_ok"), 0);
	assert_int_equal(reads_of(dev, "port_0_alarm_no_credit"), 0);
	assert_int_equal(reads_of(dev, "qid_0_current_depth"), 3);
	assert_int_equal(reads_of(dev, "qid_0_hw_enqueued"), 6);
	assert_int_equal(reads_of(dev, "qid_0_hw_max_depth"), 1);
	assert_int_equal(reads_of(dev, "qid_0_hw_inflight_events"), 1);
	assert_int_equal(reads_of(dev, "qid_2_current_depth"), 1);
	assert_int_equal(reads_of(dev, "qid_2_hw_enqueued"), 3);
	assert_int_equal(reads_of(dev, "qid_2_hw_inflight_events"), 0);
	assert_int_equal(reads_of(dev, "port_0_hw_scheduled"), 3);
	assert_int_equal(reads_of(dev, "port_0_hw_inflight_events"), 1);
	assert_int_equal(reads_of(dev, "port_0_hw_owed_tokens"), 1);
	assert_int_equal(reads_of(dev, "dev_hw_ldb_scheduled"), 3);
	assert_int_equal(reads_of(dev, "dev_hw_dir_scheduled"), 3);
	bus->ops = usual;
}

static void
test_costs(void **state)
{
	evdev_for_both(costs);
}

/* The biggest configuration there is. */
static void
memory(uint8_t dev)
{
	struct rte_event_dev_info info;
	unsigned int i, pairs, ports, queues;

	rte_event_dev_info_get(dev, &info);
	pairs = info.max_single_link_event_port_queue_pairs;
	ports = info.max_event_ports + pairs;
	queues = info.max_event_queues + pairs;
	assert_int_equal(evdev_configure(dev, ports, queues, pairs), 0);
	for (i = 0; i < queues; i++)
		assert_int_equal(evdev_setup_queue(dev, i, i < pairs ? SINGLE_LINK_QUEUE : 0,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
	for (i = 0; i < ports; i++) {
		assert_int_equal(evdev_setup_port(dev, i, i < pairs ? SINGLE_LINK_PORT : 0), 0);
		assert_int_equal(evdev_link(dev, i, i < queues ? i : pairs), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, ports - 1, 0, 0);
	assert_in_range(evdev_xstat(dev, "dev_model_memory_bytes"), 1, (8 << 20) - 1);
	assert_in_range(evdev_xstat(dev, "dev_driver_memory_bytes"), 1, (4 << 20) - 1);
	assert_int_equal(evdev_xstat(dev, "dev_cq_memory_bytes"), ports * 16 * 64);
}

static void
test_memory(void **state)
{
	evdev_for_both(memory);
}

static void
dump(uint8_t dev)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(rte_event_dev_dump(dev, f), 0);
	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(rte_event_dev_dump(dev, f), 0);
	fclose(f);
	assert_non_null(strstr(text, "not configured"));
	assert_non_null(strstr(text, "started"));
	assert_non_null(strstr(text, "port 1: set up, load-balanced"));
	assert_non_null(strstr(text, "port_1_rx_ok 100"));
	assert_non_null(strstr(text, "queue 1: set up, load-balanced, 1 links"));
	free(text);
}

static void
test_dump(void **state)
{
	evdev_for_both(dump);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_foreign_ids),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_hardware),
		cmocka_unit_test(test_hardware_reset),
		cmocka_unit_test(test_hardware_rebuilt),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_dump),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("xstats", tests, NULL, NULL);
}
