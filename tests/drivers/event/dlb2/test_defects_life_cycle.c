/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in the life of devices: several of them, removal, what is left
 * behind, stop.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "defects.h"

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_malloc.h>

/* A removed device is gone, and can come back. */
static void
test_b3_removal(void **state)
{
	unsigned int i;
	uint8_t dev;

	for (i = 0; i < 3; i++) {
		dev = defect_device("");
		if (i > 0)
			evdev_start_simple(dev, 2);
		if (i > 1)
			rte_event_dev_stop(dev);
		assert_int_equal(defect_remove(dev), 0);
		assert_int_equal(rte_event_dev_count(), 0);
	}
	dev = defect_device("");
	evdev_start_simple(dev, 2);
	defect_check_traffic(dev, 0, 1, 1, 50);
}

/* Two devices that were told different things each keep to theirs. */
static void
test_b4_two_devices(void **state)
{
	struct rte_event_dev_info info[2], again;
	uint8_t dev[2];
	unsigned int i;

	dev[0] = defect_device("max_num_events=1000,max_enqueue_depth=32");
	dev[1] = defect_second_device("max_num_events=2000,max_enqueue_depth=64");
	for (i = 0; i < 2; i++)
		assert_int_equal(rte_event_dev_info_get(dev[i], &info[i]), 0);
	assert_int_equal(info[0].max_num_events, 1000);
	assert_int_equal(info[1].max_num_events, 2000);
	assert_int_equal(info[0].max_event_port_enqueue_depth, 32);
	assert_int_equal(info[1].max_event_port_enqueue_depth, 64);
	for (i = 0; i < 2; i++)
		evdev_start_simple(dev[i], 2 + i);
	assert_int_equal(rte_event_dev_info_get(dev[0], &again), 0);
	assert_int_equal(again.max_num_events, 1000);
	for (i = 0; i < 2; i++) {
		defect_check_traffic(dev[i], 0, 1, 1, 30 + i);
		assert_int_equal(evdev_xstat(dev[i], "port_1_rx_ok"), 30 + i);
	}
	assert_int_equal(evdev_xstat(dev[0], "port_2_is_configured"), 0);
	assert_int_equal(evdev_xstat(dev[1], "port_2_is_configured"), 1);
}

/* What a process holds: EAL's memory, the C library's, open files. */
struct holdings {
	size_t eal_bytes, eal_blocks, libc_bytes, files;
};

/* EAL's interrupt thread makes its epoll file anew, some time after each change of interrupts. */
#define SETTLE_US 100000

static struct holdings
take_stock(void)
{
	struct rte_malloc_socket_stats stats = {0};
	struct holdings now = {0};
	DIR *dir;

	rte_delay_us_sleep(SETTLE_US);
	dir = opendir("/proc/self/fd");
	now.libc_bytes = mallinfo2().uordblks;
	while (dir != NULL && readdir(dir) != NULL)
		now.files++;
	closedir(dir);
	rte_malloc_get_socket_stats(0, &stats);
	now.eal_bytes = stats.heap_allocsz_bytes;
	now.eal_blocks = stats.alloc_count;
	return now;
}

static void
live_once(void)
{
	uint8_t dev = defect_device("");

	evdev_start_simple(dev, 4);
	defect_check_traffic(dev, 0, 3, 3, 50);
	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_dev_close(dev), 0);
	evdev_start_simple(dev, 2);
	rte_event_dev_stop(dev);
	assert_int_equal(defect_remove(dev), 0);
}

/*
 * What EAL and the C library take once and keep is no leak, whenever they do. A driver that leaves
 * something behind does so in every round.
 */
static void
test_b24_nothing_is_left_behind(void **state)
{
	struct holdings before, after = {0};
	unsigned int round, i;

	live_once();
	for (round = 0; round < 5; round++) {
		before = take_stock();
		for (i = 0; i < 5; i++)
			live_once();
		after = take_stock();
		if (memcmp(&after, &before, sizeof(after)) == 0)
			return;
	}
	assert_int_equal(after.eal_bytes, before.eal_bytes);
	assert_int_equal(after.eal_blocks, before.eal_blocks);
	assert_int_equal(after.files, before.files);
	assert_int_equal(after.libc_bytes, before.libc_bytes);
}

/* Close forgets links, and is nothing to complain of when there was nothing. */
static void
test_b24_links_end_with_close(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	evdev_start_simple(dev, 2);
	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_dev_close(dev), 0);
	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
	}
	assert_int_equal(evdev_xstat(dev, "qid_0_num_links"), 0);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
}

static void
test_b24_close_of_unconfigured(void **state)
{
	uint8_t dev = defect_device("");

	log_capture();
	assert_int_equal(rte_event_dev_close(dev), 0);
	log_expect_nothing();
	evdev_start_simple(dev, 2);
	defect_check_traffic(dev, 0, 1, 1, 10);
}

#define FLUSHED 40

struct flush {
	unsigned int events, wrong_ops, of_other_device;
	unsigned int by_second; /* callback */
	uint64_t seen;
	uint8_t dev;
};

static void
on_flush(uint8_t dev, struct rte_event event, void *arg)
{
	struct flush *flush = arg;

	flush->events++;
	flush->wrong_ops += event.op != RTE_EVENT_OP_NEW;
	flush->of_other_device += dev != flush->dev;
	flush->seen |= UINT64_C(1) << event.u64;
}

static void
on_flush_of_second(uint8_t dev, struct rte_event event, void *arg)
{
	struct flush *flush = arg;

	flush->by_second++;
	on_flush(dev, event, arg);
}

static void
send_and_stop(uint8_t dev, rte_eventdev_stop_flush_t callback, struct flush *flush)
{
	struct rte_event event;
	unsigned int i;

	flush->dev = dev;
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev, callback, flush), 0);
	for (i = 0; i < FLUSHED; i++) {
		event = defect_event(1, i);
		defect_send(dev, 0, &event, 1);
	}
	rte_event_dev_stop(dev);
}

/* Each event once, as it would have been dequeued: its op does not depend on the stack. */
static void
test_b35_flushed_events(void **state)
{
	uint8_t dev = defect_device("");
	struct flush flush = {0};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		flush = (struct flush){0};
		evdev_start_simple(dev, 2);
		send_and_stop(dev, on_flush, &flush);
		assert_int_equal(flush.events, FLUSHED);
		assert_int_equal(flush.seen, (UINT64_C(1) << FLUSHED) - 1);
		assert_int_equal(flush.wrong_ops, 0);
	}
}

static void
test_b47_flush_callback_of_each_device(void **state)
{
	struct flush flush[2] = {{0}, {0}};
	uint8_t dev[2];
	unsigned int i;

	dev[0] = defect_device("");
	dev[1] = defect_second_device("");
	for (i = 0; i < 2; i++)
		evdev_start_simple(dev[i], 2);
	/* the second one is registered before the first is stopped */
	assert_int_equal(
		rte_event_dev_stop_flush_callback_register(dev[0], on_flush, &flush[0]), 0);
	send_and_stop(dev[1], on_flush_of_second, &flush[1]);
	send_and_stop(dev[0], on_flush, &flush[0]);
	for (i = 0; i < 2; i++) {
		assert_int_equal(flush[i].events, FLUSHED);
		assert_int_equal(flush[i].of_other_device, 0);
		assert_int_equal(flush[i].by_second, i == 0 ? 0 : FLUSHED);
	}
	/* and a device without one calls nobody */
	for (i = 0; i < 2; i++)
		evdev_start_simple(dev[i], 2);
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev[1], on_flush, &flush[1]),
			 0);
	send_and_stop(dev[0], NULL, &flush[0]);
	assert_int_equal(flush[0].events, FLUSHED);
	assert_int_equal(flush[1].events, FLUSHED);
}

/* The device that was asked for is tested, and the other one is not disturbed. */
static void
test_b49_selftest_of_second_device(void **state)
{
	uint8_t dev[2];

	dev[0] = defect_device("");
	dev[1] = defect_second_device("");
	evdev_start_simple(dev[0], 2);
	assert_int_equal(rte_event_dev_selftest(dev[1]), 0);
	assert_true(evdev_xstat(dev[1], "dev_nb_events_limit") > 0);
	defect_check_traffic(dev[0], 0, 1, 1, 50);
	assert_int_equal(evdev_xstat(dev[0], "port_1_rx_ok"), 50);
}

static const struct defect_test tests[] = {
	DEFECT(test_b3_removal),
	DEFECT(test_b4_two_devices),
	DEFECT(test_b24_nothing_is_left_behind),
	DEFECT(test_b24_links_end_with_close),
	DEFECT(test_b24_close_of_unconfigured),
	DEFECT(test_b35_flushed_events),
	DEFECT(test_b47_flush_callback_of_each_device),
	DEFECT(test_b49_selftest_of_second_device),
};

const struct defect_group defects_life_cycle = {"life_cycle", tests, RTE_DIM(tests)};
