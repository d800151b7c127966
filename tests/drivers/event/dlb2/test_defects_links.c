/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in links: priorities, their accounting, links that cannot change.
 */
#include <errno.h>

#include "defects.h"

#include <rte_common.h>

/* Priorities of links by the device's code, of which pairs are one level. */
#define PRIORITY(code) ((code) << 5)

static int
link_at(uint8_t dev, uint8_t port, uint8_t queue, uint8_t priority)
{
	return rte_event_port_link(dev, port, &queue, &priority, 1);
}

/* One port without implicit release and a short CQ, two queues. */
static void
set_up_two_queues(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 1, 2, 0), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_PARALLEL), 0);
	assert_int_equal(defect_setup_port(dev, 0, RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL, 2), 0);
}

/*
 * Fills the CQ from queue 1, then both queues, and looks from which one the rest is served first.
 */
static unsigned int
first_served(uint8_t dev)
{
	struct rte_event ev[64];
	unsigned int i, first = 0;

	for (i = 0; i < RTE_DIM(ev); i++) {
		ev[i] = defect_event(i < 32, i);
		ev[i].sched_type = RTE_SCHED_TYPE_PARALLEL;
	}
	for (i = RTE_DIM(ev); i-- > 0;)
		defect_send(dev, 0, &ev[i], 1);
	for (i = 0; i < RTE_DIM(ev); i++) {
		assert_int_equal(defect_receive(dev, 0, &ev[i], 1, 1), 1);
		first += i < RTE_DIM(ev) / 2 && ev[i].queue_id == 0;
		ev[i].op = RTE_EVENT_OP_RELEASE;
		defect_send(dev, 0, &ev[i], 1);
	}
	return first > RTE_DIM(ev) / 4 ? 0 : 1;
}

/* From level 2 to level 0, past queue 1 on level 1: the bits of both together would be level 2. */
static void
test_b12_new_priority_takes_effect(void **state)
{
	uint8_t dev = defect_device("");

	set_up_two_queues(dev);
	assert_int_equal(link_at(dev, 0, 0, PRIORITY(4)), 1);
	assert_int_equal(link_at(dev, 0, 1, PRIORITY(3)), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(first_served(dev), 1);
	assert_int_equal(link_at(dev, 0, 0, PRIORITY(1)), 1);
	assert_int_equal(first_served(dev), 0);
	assert_int_equal(link_at(dev, 0, 0, PRIORITY(6)), 1);
	assert_int_equal(first_served(dev), 1);
}

/* However often its priority changes it is one link, and one unlink ends it. */
static void
test_b12_link_is_counted_once(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	set_up_two_queues(dev);
	for (i = 0; i < 8; i++) {
		assert_int_equal(link_at(dev, 0, 0, PRIORITY(i)), 1);
		assert_int_equal(link_at(dev, 0, 1, PRIORITY(7 - i)), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(link_at(dev, 0, 0, PRIORITY(i % 8)), 1);
	assert_int_equal(evdev_xstat(dev, "qid_0_num_links"), 1);
	assert_int_equal(evdev_unlink(dev, 0, 0), 1);
	defect_sink(dev, 0, 0);
	assert_int_equal(evdev_xstat(dev, "qid_0_num_links"), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
}

/* A change of priority needs no room in a port that has all its eight links. */
static void
test_b12_priority_of_full_port(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 1, 8, 0), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), 8);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(link_at(dev, 0, i, PRIORITY(i)), 1);
	for (i = 0; i < 8; i++)
		defect_check_traffic(dev, 0, i, 0, 20);
}

/* What the library says of the link is what the device does. */
static void
test_b29_unlink_of_directed_port(void **state)
{
	uint8_t dev = defect_device("");
	uint8_t queues[RTE_EVENT_MAX_QUEUES_PER_DEV], priorities[RTE_EVENT_MAX_QUEUES_PER_DEV];
	struct rte_event event = defect_event(2, 0);
	int unlinked, links;

	defect_start(dev, 0, 0);
	rte_errno = 0;
	unlinked = evdev_unlink(dev, 2, 2);
	if (unlinked == 0)
		assert_int_equal(rte_errno, EINVAL);
	links = rte_event_port_links_get(dev, 2, queues, priorities);
	assert_int_equal(links, 1 - unlinked);
	defect_send(dev, 0, &event, 1);
	assert_int_equal(defect_sink(dev, 2, links), links);
}

/* The first number behind the last queue, of which there may be as many as the library allows. */
static void
test_b31_queue_behind_the_last(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i, port;

	defect_start(dev, 0, 0);
	rte_event_dev_stop(dev);
	for (port = 0; port < 3; port++) {
		rte_errno = 0;
		assert_int_equal(evdev_link(dev, port, 3), 0);
		assert_int_equal(rte_errno, EINVAL);
	}
	/* queue 3 was there once */
	assert_int_equal(evdev_configure(dev, 4, 4, 0), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, 3, 3, 0), 0);
	for (port = 0; port < 3; port++) {
		assert_int_equal(evdev_setup_queue(dev, port, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, port, 0), 0);
		rte_errno = 0;
		assert_int_equal(evdev_link(dev, port, 3), 0);
		assert_int_equal(rte_errno, EINVAL);
		assert_int_equal(evdev_link(dev, port, port), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	defect_check_traffic(dev, 0, 2, 2, 50);
}

/* As many releases as events are open, and not one more. */
static void
test_b31_one_release_too_many(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[8];
	unsigned int i, num;

	defect_start(dev, RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL, 0);
	for (num = 0; num < RTE_DIM(ev); num++) {
		for (i = 0; i < num; i++)
			ev[i] = defect_event(1, i);
		defect_send(dev, 0, ev, num);
		assert_int_equal(defect_receive(dev, 1, ev, num, 8), num);
		for (i = 0; i <= num; i++)
			ev[i].op = RTE_EVENT_OP_RELEASE;
		assert_int_equal(rte_event_enqueue_burst(dev, 1, ev, num + 1), num);
		assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), 0);
	}
}

static const struct defect_test tests[] = {
	DEFECT(test_b12_new_priority_takes_effect),
	DEFECT(test_b12_link_is_counted_once),
	DEFECT(test_b12_priority_of_full_port),
	DEFECT(test_b29_unlink_of_directed_port),
	DEFECT(test_b31_queue_behind_the_last),
	DEFECT(test_b31_one_release_too_many),
};

const struct defect_group defects_links = {"links", tests, RTE_DIM(tests)};
