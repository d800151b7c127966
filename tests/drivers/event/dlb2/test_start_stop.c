/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Start, stop and start again; what stop does with the events that are left; links that change
 * under traffic; the self-test op.
 */
#include <errno.h>

#include "evdev_test.h"

#include <rte_common.h>
#include <rte_cycles.h>

#include "dlb2_priv.h"

#define SINGLE_LINK_QUEUE RTE_EVENT_QUEUE_CFG_SINGLE_LINK
#define SINGLE_LINK_PORT RTE_EVENT_PORT_CFG_SINGLE_LINK

struct flushed {
	unsigned int num;
	uint64_t sum;
	uint8_t dev;
};

static void
on_flush(uint8_t dev, struct rte_event event, void *arg)
{
	struct flushed *flushed = arg;

	flushed->num++;
	flushed->sum += event.u64;
	flushed->dev = dev;
}

static struct flushed
stop_and_count(uint8_t dev)
{
	struct flushed flushed = { 0 };

	rte_event_dev_stop_flush_callback_register(dev, on_flush, &flushed);
	rte_event_dev_stop(dev);
	rte_event_dev_stop_flush_callback_register(dev, NULL, NULL);
	return flushed;
}

/* A restart leaves the hardware alone: it has the same ports and goes on. */
static void
restart(uint8_t dev)
{
	uint64_t hw_id;
	unsigned int i;

	evdev_start_simple(dev, 3);
	hw_id = evdev_xstat(dev, "port_2_hw_id");
	for (i = 0; i < 5; i++) {
		evdev_check_traffic(dev, 0, 2, 2);
		rte_event_dev_stop(dev);
		assert_int_equal(rte_event_dev_start(dev), 0);
		assert_int_equal(evdev_xstat(dev, "port_2_hw_id"), hw_id);
	}
	evdev_check_traffic(dev, 0, 2, 2);
}

static void
test_restart(void **state)
{
	evdev_for_both(restart);
}

/* Events that wait in queues and CQs are flushed; those that the application holds are its own. */
static void
stop_with_events(uint8_t dev)
{
	struct rte_event events[8];
	struct flushed flushed;
	uint64_t held = 0;
	unsigned int i, got = 0;

	evdev_start_simple(dev, 3);
	evdev_send(dev, 0, 1, 500);
	evdev_send(dev, 0, 2, 500);
	while (got < RTE_DIM(events))
		got += rte_event_dequeue_burst(dev, 1, events + got, RTE_DIM(events) - got, 0);
	for (i = 0; i < got; i++)
		held += events[i].u64;
	flushed = stop_and_count(dev);
	assert_int_equal(flushed.num, 1000 - got);
	assert_int_equal(flushed.sum, 2 * (499 * 500 / 2) - held);
	assert_int_equal(flushed.dev, dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_receive(dev, 1) + evdev_receive(dev, 2), 0);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(stop_and_count(dev).num, 0);
}

static void
test_stop_with_events(void **state)
{
	evdev_for_both(stop_with_events);
}

static void
stop_directed(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 2), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, SINGLE_LINK_QUEUE, 0), 0);
		assert_int_equal(evdev_setup_port(dev, i, SINGLE_LINK_PORT), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 1, 300);
	assert_int_equal(stop_and_count(dev).num, 300);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 1, 0, 0);
}

static void
test_stop_directed(void **state)
{
	evdev_for_both(stop_directed);
}

/* The port that drains a queue without links has all its slots in use. */
static void
stop_unlinked_queue(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 9, 0), 0);
	for (i = 0; i < 9; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	for (i = 0; i < 9; i++)
		assert_int_equal(evdev_link(dev, i / 8, i), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_unlink(dev, 1, 8), 1);
	for (i = 0; i < 9; i++)
		evdev_send(dev, 1, i, 100);
	assert_int_equal(stop_and_count(dev).num, 900);
	assert_int_equal(evdev_link(dev, 1, 8), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 9; i++)
		evdev_check_traffic(dev, 1, i, i / 8);
}

static void
test_stop_unlinked_queue(void **state)
{
	evdev_for_both(stop_unlinked_queue);
}

/*
 * An unlink waits for the events that the port holds; nothing else comes from the queue meanwhile
 * or later.
 */
static void
unlink_with_open_events(uint8_t dev)
{
	struct rte_event event;
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	for (i = 0; i < 2; i++) {
		rte_event_port_default_conf_get(dev, i, &conf);
		conf.event_port_cfg = RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL;
		conf.dequeue_depth = 1;
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 1, 1);
	while (rte_event_dequeue_burst(dev, 1, &event, 1, 0) == 0)
		;
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 1), 1);
	assert_int_equal(rte_event_dequeue_burst(dev, 1, &event, 1, 0), 0);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 1), 1);
	event.op = RTE_EVENT_OP_RELEASE;
	assert_int_equal(rte_event_enqueue_burst(dev, 1, &event, 1), 1);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 1), 0);
	evdev_send(dev, 0, 1, 1);
	assert_int_equal(evdev_receive(dev, 1), 0);
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	assert_int_equal(evdev_receive(dev, 0), 1);
}

static void
test_unlink_with_open_events(void **state)
{
	evdev_for_both(unlink_with_open_events);
}

/*
 * Nobody asks: dequeueing alone must be enough for a pending unlink, and a pending link, to
 * complete.
 */
static void
background(uint8_t dev)
{
	evdev_start_simple(dev, 3);
	evdev_send(dev, 0, 1, 10);
	while (evdev_xstat(dev, "port_1_rx_ok") < 10)
		evdev_receive(dev, 1);
	evdev_send(dev, 0, 1, 10);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	assert_int_equal(evdev_link(dev, 2, 1), 1);
	assert_int_equal(evdev_receive(dev, 1) + evdev_receive(dev, 2), 10);
	evdev_check_traffic(dev, 0, 1, 2);
}

static void
test_background(void **state)
{
	evdev_for_both(background);
}

/* Priority of a link: asking again with another one changes it, and takes no further slot. */
static void
link_again(uint8_t dev)
{
	uint8_t queue = 1, low = RTE_EVENT_DEV_PRIORITY_LOWEST,
		high = RTE_EVENT_DEV_PRIORITY_HIGHEST;
	unsigned int i;

	evdev_start_simple(dev, 2);
	for (i = 0; i < 20; i++) {
		assert_int_equal(rte_event_port_link(dev, 1, &queue, i & 1 ? &low : &high, 1), 1);
		evdev_check_traffic(dev, 0, 1, 1);
	}
	assert_int_equal(evdev_xstat(dev, "qid_1_num_links"), 1);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	assert_int_equal(evdev_xstat(dev, "qid_1_num_links"), 0);
}

static void
test_link_again(void **state)
{
	evdev_for_both(link_again);
}

/* Never shorter than asked for, and exact to a tick. */
static void
timeouts(uint8_t dev)
{
	uint64_t ticks;

	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, 0, &ticks), 0);
	assert_int_equal(ticks, 0);
	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, 1, &ticks), 0);
	assert_true(ticks >= 1);
	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, 1000000000, &ticks), 0);
	assert_int_equal(ticks, rte_get_timer_hz());
	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, 3000000000000, &ticks), 0);
	assert_int_equal(ticks, 3000 * rte_get_timer_hz());
	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, 1001, &ticks), 0);
	assert_in_range(ticks * 1000000000 / rte_get_timer_hz(), 1001, 1002);
}

static void
test_timeouts(void **state)
{
	evdev_for_both(timeouts);
}

static void
selftest(uint8_t dev)
{
	assert_int_equal(rte_event_dev_selftest(dev), 0);
	evdev_start_simple(dev, 2);
	log_capture();
	assert_int_not_equal(rte_event_dev_selftest(dev), 0);
	log_expect("stop it first", NULL);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_selftest(void **state)
{
	evdev_for_both(selftest);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_stop_with_events),
		cmocka_unit_test(test_stop_directed),
		cmocka_unit_test(test_stop_unlinked_queue),
		cmocka_unit_test(test_unlink_with_open_events),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_link_again),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_selftest),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("start and stop", tests, NULL, NULL);
}
