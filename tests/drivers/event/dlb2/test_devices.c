/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Several devices in one process, each with all its state to itself, and the three ways to run a
 * model.
 */
#include <errno.h>
#include <stdio.h>

#include "evdev_test.h"

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_service.h>

#include "rte_pmd_dlb2.h"

static const char *const names[] = {"event_dlb2_model0", "event_dlb2_model1", "event_dlb2_model2",
				    "event_dlb2_model3"};

static void
test_side_by_side(void **state)
{
	unsigned int i, round;

	for (i = 0; i < RTE_DIM(names); i++)
		assert_int_equal(evdev_add(names[i],
					   i & 1 ? "hw=2.0" : "hw=2.5,max_num_events=1000"),
				 i);
	for (i = 0; i < RTE_DIM(names); i++)
		evdev_start_simple(i, 2 + i);
	for (i = 0; i < RTE_DIM(names); i++)
		evdev_send(i, 0, 1, 10 * (i + 1));
	for (i = 0; i < RTE_DIM(names); i++)
		assert_int_equal(evdev_receive_all(i, 1, 10 * (i + 1)), 10 * (i + 1));
	for (i = 0; i < RTE_DIM(names); i++) {
		assert_int_equal(evdev_xstat(i, "port_1_rx_ok"), 10 * (i + 1));
		assert_int_equal(evdev_xstat(i, "dev_nb_events_limit"), i & 1 ? 8192 : 1000);
	}
	/*
	 * The last one goes, the others stay, it comes back as the other version. DPDK 22.11 itself
	 * cannot look up devices while there is a gap in their numbers.
	 */
	for (round = 0; round < 3; round++) {
		evdev_remove(names[3]);
		evdev_check_traffic(1, 0, 2, 2);
		evdev_check_traffic(2, 0, 3, 3);
		assert_int_equal(evdev_add(names[3], round & 1 ? "hw=2.0" : "hw=2.5"), 3);
		evdev_start_simple(3, 3);
		evdev_check_traffic(3, 0, 2, 2);
	}
	for (i = RTE_DIM(names); i > 0; i--)
		evdev_remove(names[i - 1]);
}

static unsigned int flushed[2];

static void
flush_first(uint8_t dev, struct rte_event event, void *arg)
{
	flushed[0]++;
}

static void
flush_second(uint8_t dev, struct rte_event event, void *arg)
{
	flushed[1]++;
}

/* The library keeps the callback in the driver's table of operations. */
static void
test_flush_callbacks(void **state)
{
	evdev_start_simple(evdev_add(names[0], ""), 2);
	evdev_start_simple(evdev_add(names[1], ""), 2);
	rte_event_dev_stop_flush_callback_register(0, flush_first, NULL);
	rte_event_dev_stop_flush_callback_register(1, flush_second, NULL);
	evdev_send(0, 0, 1, 5);
	evdev_send(1, 0, 1, 7);
	rte_event_dev_stop(0);
	rte_event_dev_stop(1);
	assert_int_equal(flushed[0], 5);
	assert_int_equal(flushed[1], 7);
	evdev_remove(names[1]);
	evdev_remove(names[0]);
}

/* The self-test runs on the device that was asked for, while another one works. */
static void
test_selftest_of_second(void **state)
{
	evdev_start_simple(evdev_add(names[0], "hw=2.5"), 2);
	evdev_add(names[1], "hw=2.0");
	assert_int_equal(rte_event_dev_selftest(1), 0);
	evdev_check_traffic(0, 0, 1, 1);
	assert_int_equal(evdev_xstat(0, "port_1_rx_ok"), 100);
	evdev_remove(names[1]);
	evdev_remove(names[0]);
}

static void
test_remove_while_running(void **state)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		evdev_start_simple(evdev_add(names[0], ""), 2);
		evdev_send(0, 0, 1, 50);
		assert_int_equal(rte_vdev_uninit(names[0]), 0);
		assert_int_equal(rte_event_dev_count(), 0);
	}
}

static void
test_same_name(void **state)
{
	evdev_add(names[0], "");
	assert_int_not_equal(rte_vdev_init(names[0], ""), 0);
	assert_int_equal(rte_event_dev_count(), 1);
	evdev_remove(names[0]);
}

/* Neither the model nor the device object can be had. */
static void
test_no_memory(void **state)
{
	memory_exhaust();
	log_capture();
	assert_int_not_equal(rte_vdev_init(names[0], ""), 0);
	log_expect(names[0], NULL);
	memory_restore();
	assert_int_equal(rte_event_dev_count(), 0);
	evdev_start_simple(evdev_add(names[0], ""), 2);
	evdev_check_traffic(0, 0, 1, 1);
	evdev_remove(names[0]);
}

static bool
has_distributed_sched(uint8_t dev)
{
	struct rte_event_dev_info info;

	rte_event_dev_info_get(dev, &info);
	return (info.event_dev_cap & RTE_EVENT_DEV_CAP_DISTRIBUTED_SCHED) != 0;
}

/* The scheduler is a service then, and applications see it by a capability that is missing. */
static void
test_run_service(void **state)
{
	uint8_t dev = evdev_add(names[0], "run=service");
	struct rte_event events[32];
	unsigned int received = 0;
	uint32_t service;

	assert_false(has_distributed_sched(dev));
	assert_int_equal(rte_event_dev_service_id_get(dev, &service), 0);
	assert_int_equal(rte_service_runstate_set(service, 1), 0);
	evdev_start_simple(dev, 2);
	evdev_send(dev, 0, 1, 100);
	assert_int_equal(evdev_receive(dev, 1), 0);
	while (received < 100) {
		assert_int_equal(rte_service_run_iter_on_app_lcore(service, 1), 0);
		received += rte_event_dequeue_burst(dev, 1, events, RTE_DIM(events), 0);
	}
	/* a stop needs nobody's help */
	evdev_send(dev, 0, 1, 100);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 200);
	assert_int_equal(rte_event_dev_close(dev), 0);
	assert_int_equal(rte_event_dev_selftest(dev), 0);
	evdev_remove(names[0]);
}

/* Without a service core nothing empties a producer's ring: it must not wait for ever. */
static void
test_ring_full_without_service(void **state)
{
	uint8_t dev = evdev_add(names[0], "run=service");

	evdev_start_simple(dev, 2);
	evdev_send(dev, 0, 1, 2000);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_xstat(dev, "port_1_rx_ok"), 2000);
	evdev_remove(names[0]);
}

static void
test_run_thread(void **state)
{
	uint8_t dev = evdev_add(names[0], "run=thread,lcore=0");
	struct rte_event event;
	uint32_t service;
	unsigned int i;

	assert_true(has_distributed_sched(dev));
	assert_int_equal(rte_event_dev_service_id_get(dev, &service), -ESRCH);
	evdev_start_simple(dev, 2);
	for (i = 0; i < 1000; i++) {
		evdev_send(dev, 0, 1, 1);
		while (rte_event_dequeue_burst(dev, 1, &event, 1, 0) == 0)
			;
	}
	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_dev_close(dev), 0);
	assert_int_equal(rte_event_dev_selftest(dev), 0);
	evdev_remove(names[0]);
}

/* Every legal order is one that the self-test accepts. */
static void
test_seeds(void **state)
{
	char args[64];
	unsigned int seed;

	for (seed = 1; seed <= 20; seed++) {
		snprintf(args, sizeof(args), "hw=%s,seed=%u", seed & 1 ? "2.0" : "2.5", seed);
		assert_int_equal(rte_event_dev_selftest(evdev_add(names[0], args)), 0);
		evdev_remove(names[0]);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_flush_callbacks),
		cmocka_unit_test(test_selftest_of_second),
		cmocka_unit_test(test_remove_while_running),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_run_service),
		cmocka_unit_test(test_ring_full_without_service),
		cmocka_unit_test(test_run_thread),
		cmocka_unit_test(test_seeds),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
