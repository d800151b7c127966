/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in counting credits: who has them, who gets them back, and when a
 * port is told that there are none.
 */
#include <errno.h>
#include <pthread.h>

#include "defects.h"

#include <rte_common.h>

/* Credits left in the device's pools, caches of idle ports being empty. */
static uint64_t
directed_pool(uint8_t dev)
{
	return evdev_xstat(dev, defect_bus.version == DEFECT_ON_2_0 ? "dev_dir_pool_size" :
								      "dev_pool_size");
}

static uint64_t
load_balanced_pool(uint8_t dev)
{
	return evdev_xstat(dev, defect_bus.version == DEFECT_ON_2_0 ? "dev_ldb_pool_size" :
								      "dev_pool_size");
}

/* An empty poll gives back what a port has cached. */
static void
empty_caches(uint8_t dev)
{
	unsigned int port;

	for (port = 0; port < 3; port++)
		assert_int_equal(defect_sink(dev, port, 0), 0);
}

/* Ten times as many events as the pool has credits; it is as full then as it was at first. */
static void
test_b1_directed_credits_come_back(void **state)
{
	uint8_t dev = defect_device("");
	uint64_t directed, load_balanced;
	unsigned int round;

	defect_start(dev, 0, 0);
	empty_caches(dev);
	directed = directed_pool(dev);
	load_balanced = load_balanced_pool(dev);
	for (round = 0; round < (defect_bus.patient ? 20 : 80); round++)
		defect_check_traffic(dev, 0, 2, 2, 500);
	assert_int_equal(evdev_xstat(dev, "dev_tx_nospc_dir_hw_credits"), 0);
	empty_caches(dev);
	assert_int_equal(directed_pool(dev), directed);
	assert_int_equal(load_balanced_pool(dev), load_balanced);
}

/* Sends until the port is told that there is no space. */
static unsigned int
fill(uint8_t dev, uint8_t port, uint8_t queue, unsigned int most)
{
	struct rte_event event = defect_event(queue, 0);
	unsigned int sent = 0;

	rte_errno = 0;
	while (sent <= most && rte_event_enqueue_burst(dev, port, &event, 1) == 1)
		sent++;
	return sent;
}

static void
start_with_limit(uint8_t dev, unsigned int limit, uint32_t port_flags)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 2, 2, 0);
	unsigned int i;

	conf.nb_events_limit = limit;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(defect_setup_port(dev, i, port_flags, 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
check_limits(uint32_t port_flags)
{
	static const unsigned int limits[] = {1, 2, 8, 31, 32, 33, 100, 255, 256, 257, 600};
	uint8_t dev = defect_device("");
	unsigned int i, round;

	for (i = 0; i < RTE_DIM(limits); i++) {
		start_with_limit(dev, limits[i], port_flags);
		for (round = 0; round < 3; round++) {
			assert_int_equal(fill(dev, 0, 1, limits[i]), limits[i]);
			assert_int_equal(defect_sink(dev, 1, limits[i]), limits[i]);
		}
		rte_event_dev_stop(dev);
	}
}

/* All of nb_events_limit is there for one port that is alone with it. */
static void
test_b15_small_limits(void **state)
{
	check_limits(0);
}

static void
test_b15_small_limits_with_hint(void **state)
{
	check_limits(RTE_EVENT_PORT_CFG_HINT_PRODUCER);
}

/* Two credits are left for a burst of eight: two events go. */
static void
test_b15_part_of_a_burst(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[8];
	unsigned int i;

	start_with_limit(dev, 10, 0);
	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = defect_event(1, i);
	assert_int_equal(rte_event_enqueue_burst(dev, 0, ev, 8), 8);
	rte_errno = 0;
	assert_int_equal(rte_event_enqueue_burst(dev, 0, ev, 8), 2);
	assert_int_equal(rte_errno, ENOSPC);
	assert_int_equal(defect_sink(dev, 1, 10), 10);
}

/* Events at a time: as many as the credits that a port gets at a time. */
#define LOOP_BURST 4

/* One port with its own queue, used by one thread. */
struct loop {
	uint8_t dev, port;
	unsigned int rounds;
	unsigned int refused, lost;
};

/* Few events at a time: credits are never short, however the threads meet at the pool. */
static void *
run_loop(void *arg)
{
	struct loop *loop = arg;
	struct rte_event ev[LOOP_BURST];
	unsigned int round, i, got, polls;

	evdev_run_anywhere();
	for (round = 0; round < loop->rounds; round++) {
		for (i = 0; i < RTE_DIM(ev); i++)
			ev[i] = defect_event(loop->port, i);
		loop->refused += RTE_DIM(ev) -
			rte_event_enqueue_burst(loop->dev, loop->port, ev, RTE_DIM(ev));
		for (got = 0, polls = 0; got < RTE_DIM(ev) && polls < 10000000; polls++)
			got += rte_event_dequeue_burst(loop->dev, loop->port, ev,
						       RTE_DIM(ev) - got, 0);
		loop->lost += RTE_DIM(ev) - got;
	}
	return NULL;
}

static void
start_loops(uint8_t dev)
{
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(rte_event_port_default_conf_get(dev, i, &conf), 0);
		conf.enqueue_depth = LOOP_BURST;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
test_b16_contention_is_not_shortage(void **state)
{
	uint8_t dev = defect_device("sw_credit_quanta=4,hw_credit_quanta=4");
	struct loop loops[2] = {
		{.dev = dev, .port = 0, .rounds = defect_bus.patient ? 2000 : 20000},
		{.dev = dev, .port = 1, .rounds = defect_bus.patient ? 2000 : 20000},
	};
	pthread_t threads[2];
	unsigned int i;

	start_loops(dev);
	for (i = 0; i < RTE_DIM(loops); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_loop, &loops[i]), 0);
	for (i = 0; i < RTE_DIM(loops); i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < RTE_DIM(loops); i++) {
		assert_int_equal(loops[i].refused, 0);
		assert_int_equal(loops[i].lost, 0);
	}
	assert_int_equal(evdev_xstat(dev, "dev_tx_nospc_inflight_max"), 0);
	assert_int_equal(evdev_xstat(dev, "dev_tx_nospc_new_event_limit"), 0);
}

/* Who is refused can see in a counter why. */
static void
test_b16_shortage_is_counted(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event event = defect_event(1, 0);
	uint64_t before, after;

	start_with_limit(dev, 50, 0);
	assert_int_equal(fill(dev, 0, 1, 50), 50);
	before = evdev_xstat(dev, "port_0_tx_nospc_new_event_limit") +
		evdev_xstat(dev, "port_0_tx_nospc_inflight_max");
	assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 0);
	after = evdev_xstat(dev, "port_0_tx_nospc_new_event_limit") +
		evdev_xstat(dev, "port_0_tx_nospc_inflight_max");
	assert_int_equal(after, before + 1);
	assert_int_equal(defect_sink(dev, 1, 50), 50);
}

static const struct defect_test tests[] = {
	DEFECT(test_b1_directed_credits_come_back),
	DEFECT(test_b15_small_limits),
	DEFECT(test_b15_small_limits_with_hint),
	DEFECT(test_b15_part_of_a_burst),
	DEFECT(test_b16_contention_is_not_shortage),
	DEFECT(test_b16_shortage_is_counted),
};

const struct defect_group defects_credits = {"credits", tests, RTE_DIM(tests)};
