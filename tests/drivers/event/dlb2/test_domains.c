/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Several event devices on one device (pmd-interface N17): their names, what each may have, and
 * that none of them notices what the others do.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evdev_test.h"

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_cycles.h>

#include <dlb2_regs.h>

#include "dlb2_priv.h"

#define NAME "event_dlb2_model0"
#define WINDOW_MS 20
#define ROUNDS 20

static const char *const versions[] = { "2.0", "2.5" };

static struct dlb2_eventdev *
evdev_of(uint8_t dev)
{
	return dlb2_evdev(&rte_eventdevs[dev]);
}

static struct dlb2_process *
process_of(uint8_t dev)
{
	return dlb2_process(&rte_eventdevs[dev]);
}

/* Runs a test on a device of both versions that is removed afterwards. */
static void
with_devargs(const char *args, void (*test)(void))
{
	char all[128];
	unsigned int i;

	for (i = 0; i < RTE_DIM(versions); i++) {
		snprintf(all, sizeof(all), "hw=%s,%s", versions[i], args);
		assert_int_equal(rte_vdev_init(NAME, all), 0);
		test();
		assert_int_equal(rte_vdev_uninit(NAME), 0);
		assert_int_equal(rte_event_dev_count(), 0);
	}
}

static void
names(void)
{
	assert_int_equal(rte_event_dev_count(), 3);
	assert_int_equal(rte_event_dev_get_dev_id(NAME), 0);
	assert_int_equal(rte_event_dev_get_dev_id(NAME ".1"), 1);
	assert_int_equal(rte_event_dev_get_dev_id(NAME ".2"), 2);
	assert_int_equal(rte_event_dev_get_dev_id(NAME ".3"), -ENODEV);
	evdev_add("event_dlb2_model1", "domains=2");
	assert_int_equal(rte_event_dev_get_dev_id("event_dlb2_model1.1"), 4);
	evdev_remove("event_dlb2_model1");
	assert_int_equal(rte_event_dev_get_dev_id("event_dlb2_model1.1"), -ENODEV);
}

static void
test_names(void **state)
{
	with_devargs("domains=3", names);
}

static void
expect_refused(const char *name, const char *args, const char *word)
{
	int before = rte_event_dev_count();

	log_capture();
	assert_true(rte_vdev_init(name, args) < 0);
	log_expect(word, NULL);
	assert_int_equal(rte_event_dev_count(), before);
}

/* 61 characters: with .1 there are 63, with .10 one too many. */
#define LONG_NAME "event_dlb2_model_0123456789012345678901234567890123456789_abc"

static void
test_refused_names(void **state)
{
	_Static_assert(sizeof(LONG_NAME) - 1 == 61, "as said");
	expect_refused(NAME ".1", "", "choose another");
	expect_refused(LONG_NAME, "domains=11", "too long");
	evdev_add(LONG_NAME, "domains=2");
	assert_int_equal(rte_event_dev_get_dev_id(LONG_NAME ".1"), 1);
	expect_refused(NAME, "domains=15", "RTE_EVENT_MAX_DEVS");
	evdev_add(NAME, "domains=14");
	assert_int_equal(rte_event_dev_count(), RTE_EVENT_MAX_DEVS);
	expect_refused("event_dlb2_model1", "", "all 16 are in use");
	assert_int_equal(rte_vdev_uninit(NAME), 0);
	assert_int_equal(rte_vdev_uninit(LONG_NAME), 0);
	evdev_add("event_dlb2_model.x1", "");
	evdev_remove("event_dlb2_model.x1");
}

/* The third one's name is taken: the two before go again. */
static void
test_all_or_none(void **state)
{
	struct rte_eventdev *other = rte_event_pmd_allocate(NAME ".2", 0);

	assert_non_null(other);
	expect_refused(NAME, "domains=3", NAME ".2: no event device of this name");
	assert_int_equal(rte_event_pmd_release(other), 0);
	with_devargs("domains=3", names);
}

/* All that a device announces: its queues are ordered, but for the first, if it has several. */
static void
configure_all(uint8_t dev)
{
	struct rte_event_dev_config conf;
	struct rte_event_dev_info info;
	unsigned int i, pairs;

	assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
	pairs = info.max_single_link_event_port_queue_pairs;
	conf = evdev_conf(dev, info.max_event_ports + pairs, info.max_event_queues + pairs, pairs);
	conf.nb_events_limit = info.max_num_events;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	for (i = 0; i < conf.nb_event_queues; i++)
		assert_int_equal(evdev_setup_queue(dev, i,
						   i < info.max_event_queues ?
							   0 :
							   RTE_EVENT_QUEUE_CFG_SINGLE_LINK,
						   RTE_SCHED_TYPE_ORDERED),
				 0);
	for (i = 0; i < conf.nb_event_ports; i++)
		assert_int_equal(evdev_setup_port(dev, i,
						  i < info.max_event_ports ?
							  0 :
							  RTE_EVENT_PORT_CFG_SINGLE_LINK),
				 0);
	for (i = 0; i < info.max_event_queues; i++)
		assert_int_equal(evdev_link(dev, i % info.max_event_ports, i), 1);
	for (i = 0; i < pairs; i++)
		assert_int_equal(evdev_link(dev, info.max_event_ports + i,
					    info.max_event_queues + i), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
send_ordered(uint8_t dev)
{
	struct rte_event event = { .op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_ORDERED };
	unsigned int i;

	for (i = 0; i < 50; i++)
		assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 1);
	assert_int_equal(evdev_receive(dev, 0), 50);
}

/* In whatever order they come, and when some have less for a while. */
static void
each_gets_what_it_announces(void)
{
	unsigned int n = rte_event_dev_count(), i, round, dev;

	for (i = 0; i < n; i++)
		configure_all(n - 1 - i);
	for (round = 0; round < 3 * n; round++) {
		dev = random() % n;
		rte_event_dev_stop(dev);
		if (random() % 2)
			assert_int_equal(rte_event_dev_close(dev), 0);
		evdev_start_simple(dev, 1);
		evdev_check_traffic(dev, 0, 0, 0);
		rte_event_dev_stop(dev);
		dev = random() % n;
		rte_event_dev_stop(dev);
		configure_all(dev);
		send_ordered(dev);
	}
	for (i = 0; i < n; i++) {
		if (!evdev_of(i)->started)
			configure_all(i);
		send_ordered(i);
	}
}

static void
test_each_gets_what_it_announces(void **state)
{
	with_devargs("domains=1", each_gets_what_it_announces);
	with_devargs("domains=2", each_gets_what_it_announces);
	with_devargs("domains=3,domain_shares=1:7:3", each_gets_what_it_announces);
	with_devargs("domains=16", each_gets_what_it_announces);
}

/* Not at the others' expense, though they do not need it. */
static void
no_more_than_the_share(void)
{
	struct rte_event_dev_info info;

	assert_int_equal(rte_event_dev_info_get(1, &info), 0);
	assert_int_equal(info.max_event_queues, 16);
	assert_int_equal(info.max_event_ports, 32);
	log_capture();
	assert_int_equal(evdev_configure(1, 33, 16, 0), -EINVAL);
	assert_int_equal(evdev_configure(1, 32, 17, 0), -EINVAL);
	assert_int_equal(evdev_configure(1, 60, 60, info.max_single_link_event_port_queue_pairs + 1),
			 -EINVAL);
	log_expect("", NULL);
	evdev_start_simple(0, 2);
	evdev_check_traffic(0, 0, 1, 1);
}

static void
test_no_more_than_the_share(void **state)
{
	with_devargs("domains=2", no_more_than_the_share);
}

static int
setup_window(uint8_t dev, uint8_t queue, unsigned int window)
{
	struct rte_event_queue_conf conf;

	assert_int_equal(rte_event_queue_default_conf_get(dev, queue, &conf), 0);
	conf.schedule_type = RTE_SCHED_TYPE_ORDERED;
	conf.nb_atomic_order_sequences = window;
	return rte_event_queue_setup(dev, queue, &conf);
}

/* The first has 24 of 32 slots: one group and half of the other. */
static void
windows(void)
{
	unsigned int i;

	assert_int_equal(evdev_configure(0, 10, 10, 0), 0);
	assert_int_equal(setup_window(0, 0, 1024), 0);
	log_capture();
	assert_int_equal(setup_window(0, 1, 512), -EINVAL);
	log_expect("queue 1", "1 groups of 1024", "8 windows of 64", "domain_shares", NULL);
	for (i = 1; i <= 8; i++)
		assert_int_equal(setup_window(0, i, 64), 0);
	log_capture();
	assert_int_equal(setup_window(0, 9, 64), -EINVAL);
	log_expect("queue 9", NULL);
	assert_int_equal(evdev_configure(1, 8, 8, 0), 0);
	log_capture();
	assert_int_equal(setup_window(1, 0, 128), -EINVAL);
	log_expect("0 groups of 1024", NULL);
	for (i = 0; i < 8; i++)
		assert_int_equal(setup_window(1, i, 64), 0);
	assert_int_equal(evdev_setup_queue(0, 9, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(evdev_setup_port(0, i, 0), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(evdev_link(0, i, i), 1);
	for (i = 0; i < 8; i++)
		assert_int_equal(evdev_setup_port(1, i, 0), 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(evdev_link(1, i, i), 1);
	assert_int_equal(rte_event_dev_start(0), 0);
	assert_int_equal(rte_event_dev_start(1), 0);
	send_ordered(0);
	send_ordered(1);
}

static void
test_windows(void **state)
{
	with_devargs("domains=2,domain_shares=3:1", windows);
}

/* Ports of classes that port_cos names are there for whoever comes last. */
static void
classes(void)
{
	unsigned int dev, port;
	char xstat[32];

	evdev_start_simple(0, 16);
	evdev_start_simple(1, 16);
	for (dev = 0; dev < 2; dev++) {
		for (port = 0; port < 8; port++) {
			snprintf(xstat, sizeof(xstat), "port_%u_hw_id", port);
			assert_in_range(evdev_xstat(dev, xstat), 0, 15);
		}
	}
}

static void
test_classes(void **state)
{
	with_devargs("domains=2,port_cos=0-7:0", classes);
}

/* A thread that sends events round and round on one event device. */
struct loop {
	pthread_t thread;
	uint8_t dev;
	bool stop;
	uint64_t sent, received;
};

static void *
run_loop(void *arg)
{
	struct loop *loop = arg;
	struct rte_event events[32];
	uint16_t num, done;

	while (!__atomic_load_n(&loop->stop, __ATOMIC_RELAXED) || loop->received < loop->sent) {
		memset(events, 0, sizeof(events));
		for (num = 0; num < RTE_DIM(events); num++) {
			events[num].op = RTE_EVENT_OP_NEW;
			events[num].flow_id = num;
			events[num].queue_id = num % 2;
			events[num].sched_type = RTE_SCHED_TYPE_ATOMIC;
		}
		if (!__atomic_load_n(&loop->stop, __ATOMIC_RELAXED) &&
		    loop->sent - loop->received < 512) {
			done = rte_event_enqueue_burst(loop->dev, 0, events, RTE_DIM(events));
			__atomic_fetch_add(&loop->sent, done, __ATOMIC_RELAXED);
		}
		for (num = 0; num < 2; num++)
			loop->received += rte_event_dequeue_burst(loop->dev, num, events,
								  RTE_DIM(events), 0);
	}
	return NULL;
}

static void
start_loop(struct loop *loop, uint8_t dev)
{
	*loop = (struct loop){ .dev = dev };
	evdev_start_simple(dev, 2);
	assert_int_equal(pthread_create(&loop->thread, NULL, run_loop, loop), 0);
}

/* Every event came back, and so did every credit. */
static void
end_loop(struct loop *loop)
{
	__atomic_store_n(&loop->stop, true, __ATOMIC_RELAXED);
	pthread_join(loop->thread, NULL);
	assert_true(loop->sent > 0);
	assert_int_equal(loop->received, loop->sent);
	assert_int_equal(evdev_xstat(loop->dev, "port_0_tx_ok"), loop->sent);
	assert_int_equal(evdev_xstat(loop->dev, "port_0_rx_ok") +
			 evdev_xstat(loop->dev, "port_1_rx_ok"), loop->received);
	assert_int_equal(evdev_receive(loop->dev, 0), 0); /* completes what was dequeued last */
	assert_int_equal(evdev_receive(loop->dev, 1), 0);
	log_capture();
	rte_event_dev_stop(loop->dev);
	log_expect_nothing();
}

static void
wait_for_progress(struct loop *loop)
{
	uint64_t sent = __atomic_load_n(&loop->sent, __ATOMIC_RELAXED);
	unsigned int i;

	for (i = 0; __atomic_load_n(&loop->sent, __ATOMIC_RELAXED) == sent; i++) {
		assert_true(i < 10000);
		rte_delay_us_sleep(1000);
	}
}

static void
two_threads(void)
{
	struct loop loops[2];

	start_loop(&loops[0], 0);
	start_loop(&loops[1], 1);
	rte_delay_us_sleep(WINDOW_MS * 1000);
	wait_for_progress(&loops[0]);
	wait_for_progress(&loops[1]);
	end_loop(&loops[0]);
	wait_for_progress(&loops[1]);
	end_loop(&loops[1]);
}

static void
test_two_threads(void **state)
{
	with_devargs("domains=2", two_threads);
	with_devargs("domains=2,run=thread", two_threads);
}

/* All that can be done to another event device while this one works. */
static void
others_come_and_go(void)
{
	struct loop loop;
	unsigned int i;

	start_loop(&loop, 1);
	for (i = 0; i < ROUNDS; i++) {
		evdev_start_simple(0, 1 + i % 8);
		evdev_send(0, 0, 0, 10);
		if (i % 2 == 0)
			assert_int_equal(evdev_receive_all(0, 0, 10), 10);
		evdev_start_simple(2, 2);
		assert_int_equal(evdev_unlink(2, 0, 0), 1);
		assert_int_equal(evdev_link(2, 1, 0), 1);
		rte_event_dev_stop(2);
		rte_event_dev_stop(0);
		if (i % 3 == 0)
			assert_int_equal(rte_event_dev_close(0), 0);
		assert_int_equal(rte_event_dev_close(2), 0);
		wait_for_progress(&loop);
	}
	assert_int_equal(rte_event_dev_selftest(2), 0);
	end_loop(&loop);
}

static void
test_others_come_and_go(void **state)
{
	with_devargs("domains=3", others_come_and_go);
}

static void *
reconfigure(void *arg)
{
	uint8_t dev = *(uint8_t *)arg;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		evdev_start_simple(dev, 1 + i % 4);
		evdev_check_traffic(dev, 0, 0, 0);
		rte_event_dev_stop(dev);
		if (i % 2)
			rte_event_dev_close(dev);
	}
	return NULL;
}

/* Control operations of both at a time. */
static void
two_control_threads(void)
{
	uint8_t devs[] = { 0, 1 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, reconfigure, &devs[1]), 0);
	reconfigure(&devs[0]);
	pthread_join(thread, NULL);
}

static void
test_two_control_threads(void **state)
{
	with_devargs("domains=2", two_control_threads);
}

/* A device whose completions at one CQ never arrive: that register reads as 1. */
static struct {
	const struct dlb2_bus_ops *real;
	struct dlb2_bus_ops ops;
	uint32_t offset;
} stuck;

static uint32_t
read_stuck(struct dlb2_bus *bus, uint32_t offset)
{
	return offset == stuck.offset ? 1 : stuck.real->csr_read(bus, offset);
}

static void
make_stuck(uint8_t dev)
{
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;

	stuck.real = bus->ops;
	stuck.ops = *bus->ops;
	stuck.ops.csr_read = read_stuck;
	stuck.offset = dlb2_reg_offset(bus->version, DLB2_LSP_CQ_LDB_INFL_CNT,
				       evdev_xstat(dev, "port_0_hw_id"), 0);
	bus->ops = &stuck.ops;
}

static void
make_well(uint8_t dev)
{
	process_of(dev)->function->attachment.bus->ops = stuck.real;
}

/* It is lost, the other two go on; when the last has closed, all is as before. */
static void
lost(void)
{
	struct dlb2_device *device = process_of(0)->function->device;
	struct loop loop;

	start_loop(&loop, 1);
	evdev_start_simple(0, 2);
	evdev_start_simple(2, 2);
	rte_event_dev_stop(2);
	make_stuck(0);
	log_capture();
	rte_event_dev_stop(0);
	log_expect("not all events could be drained", NULL);
	log_capture();
	assert_int_equal(rte_event_dev_close(0), 0);
	log_expect(NAME ": the domain did not drain",
		   "when " NAME ".1, " NAME ".2 are closed", NULL);
	make_well(0);
	assert_ptr_equal(process_of(1)->function->device, device);
	assert_true(evdev_of(0)->lost);
	wait_for_progress(&loop);
	log_capture();
	assert_int_equal(evdev_configure(0, 1, 1, 0), -ENODEV);
	log_expect(NAME, "is lost", "close " NAME ".1, " NAME ".2", NULL);
	configure_all(2);
	rte_event_dev_stop(2);
	assert_int_equal(rte_event_dev_close(2), 0);
	assert_true(evdev_of(0)->lost);
	wait_for_progress(&loop);
	end_loop(&loop);
	assert_int_equal(rte_event_dev_close(1), 0);
	assert_false(evdev_of(0)->lost);
	assert_null(process_of(0)->function->device);
	configure_all(0);
	send_ordered(0);
	configure_all(1);
	send_ordered(1);
}

static void
test_lost(void **state)
{
	with_devargs("domains=3", lost);
}

/* Nobody else has a domain: as with one event device. */
static void
reset_at_once(void)
{
	evdev_start_simple(0, 2);
	make_stuck(0);
	log_capture();
	rte_event_dev_stop(0);
	rte_event_dev_close(0);
	log_expect("the device did not drain and is reset", NULL);
	make_well(0);
	assert_false(evdev_of(0)->lost);
	evdev_start_simple(0, 2);
	evdev_check_traffic(0, 0, 1, 1);
}

static void
test_reset_at_once(void **state)
{
	with_devargs("domains=1", reset_at_once);
	with_devargs("domains=2", reset_at_once);
}

/* A completion of an event that the port does not have. */
static void
misuse(uint8_t dev)
{
	struct dlb2_line line = { .hcw[0] = { .cmd = DLB2_CMD_COMP } };
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;

	bus->ops->pp_post(bus, DLB2_LDB, evdev_xstat(dev, "port_1_hw_id"), &line);
}

static uint64_t
alarms_of(uint8_t dev)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < DLB2_NUM_ALARM_CAUSES; i++)
		sum += __atomic_load_n(&evdev_of(dev)->alarms.all[i], __ATOMIC_RELAXED);
	return sum;
}

static void
alarms(void)
{
	unsigned int i;

	evdev_start_simple(0, 2);
	evdev_start_simple(1, 2);
	evdev_start_simple(2, 2);
	for (i = 1; i <= 3; i++) {
		log_capture();
		misuse(1);
		log_wait("syndrome");
		log_expect(NAME ".1: ", "event port 1", NULL);
		assert_int_equal(alarms_of(1), i);
	}
	assert_int_equal(alarms_of(0), 0);
	assert_int_equal(alarms_of(2), 0);
}

static void
test_alarms(void **state)
{
	with_devargs("domains=3", alarms);
}

/* They may run, and one of them be lost. */
static void
remove_running(void)
{
	struct rte_event event;

	evdev_start_simple(0, 2);
	evdev_start_simple(1, 2);
	evdev_send(1, 0, 1, 50);
	assert_int_equal(rte_vdev_uninit(NAME), 0);
	assert_int_equal(rte_event_dev_count(), 0);
	assert_int_equal(rte_event_dequeue_burst(1, 0, &event, 1, 0), 0);
	assert_int_equal(rte_vdev_init(NAME, "domains=2"), 0);
	evdev_start_simple(1, 2);
	evdev_check_traffic(1, 0, 1, 1);
}

static void
test_remove_running(void **state)
{
	with_devargs("domains=3", remove_running);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused_names),
		cmocka_unit_test(test_all_or_none),
		cmocka_unit_test(test_each_gets_what_it_announces),
		cmocka_unit_test(test_no_more_than_the_share),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_others_come_and_go),
		cmocka_unit_test(test_two_control_threads),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_reset_at_once),
		cmocka_unit_test(test_alarms),
		cmocka_unit_test(test_remove_running),
	};

	evdev_test_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
