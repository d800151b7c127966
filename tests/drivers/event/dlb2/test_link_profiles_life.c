/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Link profiles over the life of a device (pmd-interface N5, C14): start, stop, reconfiguration,
 * directed ports, quiescence, two threads, what is refused, and everything at random.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "link_profiles_test.h"

static void
count_event(uint8_t dev, struct rte_event event, void *arg)
{
	unsigned int *counts = arg;

	RTE_SET_USED(dev);
	counts[event.queue_id]++;
}

static void
start_and_stop(uint8_t dev)
{
	unsigned int counts[NUM_QUEUES] = {0}, num;

	start(dev);
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev, count_event, counts), 0);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	send_flow(dev, 2, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x4);
	assert_int_equal(profile_switch(dev, 0, 7), 0); /* waits, and ever will */
	send_flow(dev, 0, 1, 20);
	send_flow(dev, 1, 1, 20);
	rte_event_dev_stop(dev);
	assert_int_equal(counts[0], 20);
	assert_int_equal(counts[1], 20);
	assert_int_equal(rte_event_dev_start(dev), 0); /* nothing is set up anew */
	assert_int_equal(scheduled(dev, 0), 0x5);
	send_flow(dev, 0, 1, 1);
	send_flow(dev, 1, 1, 1);
	assert_int_equal(receive(dev, 0), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(receive(dev, 0), 0x2);
	rte_event_dev_stop(dev);
	/* A link more, so that all is built again. */
	assert_int_equal(profile_link(dev, 0, 4, NORMAL, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(scheduled(dev, 0), 0x16);
}

/* Stop drains queues of all profiles, and each start begins with profile 0. */
static void
test_start_and_stop(void **state)
{
	run(start_and_stop);
}

static void
reconfigured(uint8_t dev)
{
	start(dev);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, NUM_PORTS, NUM_QUEUES, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(scheduled(dev, 0), 0x6);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, NUM_PORTS, NUM_QUEUES, 0), 0);
	assert_int_equal(evdev_setup_port(dev, 0, HOLD), 0);
	assert_int_equal(evdev_link(dev, 2, 1), 1);
	assert_int_equal(evdev_link(dev, 2, 0), 1);
	assert_int_equal(profile_link(dev, 0, 2, NORMAL, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(scheduled(dev, 0), 0);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(scheduled(dev, 0), 0x4);
}

/* Links of all profiles stay over a reconfiguration, until the port is set up again. */
static void
test_reconfigured(void **state)
{
	run(reconfigured);
}

static void
directed(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 1), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 0 ? SINGLE_LINK_QUEUE : 0,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 0 ? SINGLE_LINK_PORT : 0), 0);
		assert_int_equal(profile_link(dev, i, i, NORMAL, 1 - i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, SENDER, 0, 5);
	assert_int_equal(evdev_receive(dev, 0), 0);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(evdev_receive(dev, 0), 5);
	assert_int_equal(profile_link(dev, 0, 0, NORMAL, 2), 0);
	assert_int_equal(rte_errno, EINVAL);
	rte_event_port_quiesce(dev, 0, NULL, NULL);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_DIR_DSBL, port_xstat(dev, 0, "hw_id")), 1);
	evdev_send(dev, SENDER, 0, 5);
	assert_int_equal(evdev_receive(dev, 0), 5);
	rte_event_port_quiesce(dev, 0, NULL, NULL);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	evdev_send(dev, SENDER, 0, 5);
	assert_int_equal(evdev_receive(dev, 0), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_receive(dev, 0), 0); /* stop drained it */
}

/* A directed port gets nothing while a profile is active that lacks its queue. */
static void
test_directed(void **state)
{
	run(directed);
}

static void
quiesced(uint8_t dev)
{
	unsigned int num;

	start(dev);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	rte_event_port_quiesce(dev, 0, NULL, NULL);
	send_flow(dev, 0, 1, 1);
	send_flow(dev, 1, 1, 1);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_LDB_INFL_CNT, port_xstat(dev, 0, "hw_id")), 0);
	assert_int_equal(receive(dev, 0), 0x2);
	rte_event_port_quiesce(dev, 0, NULL, NULL);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_LDB_DSBL, port_xstat(dev, 0, "hw_id")), 1);
	assert_int_equal(receive(dev, 0), 0x1);
}

/* Quiescing ends the wait of a switch, and a switch does not end quiescence. */
static void
test_quiesced(void **state)
{
	run(quiesced);
}

/* What a port is linked to, as far as the test knows. */
struct oracle {
	uint64_t seed;
	bool linked[NUM_PORTS][8][NUM_QUEUES];
	unsigned int active[NUM_PORTS], open[NUM_PORTS], sent, taken;
};

static unsigned int
draw(struct oracle *o, unsigned int below)
{
	o->seed = o->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (o->seed >> 33) % below;
}

static void
take_randomly(uint8_t dev, struct oracle *o, unsigned int port)
{
	struct rte_event events[DEPTH];
	unsigned int got = rte_event_dequeue_burst(dev, port, events, 1 + draw(o, DEPTH), 0);

	o->taken += got;
	o->open[port] += got;
}

static void
release_randomly(uint8_t dev, struct oracle *o, unsigned int port)
{
	unsigned int num = draw(o, o->open[port] + 1);

	release(dev, port, num);
	o->open[port] -= num;
}

static void
change_randomly(uint8_t dev, struct oracle *o)
{
	unsigned int port = draw(o, NUM_PORTS), queue = draw(o, NUM_QUEUES), profile = draw(o, 4);

	switch (draw(o, 8)) {
	case 0:
		if (profile_link(dev, port, queue, draw(o, 2) ? NORMAL : 32 * draw(o, 8),
				 profile) == 1)
			o->linked[port][profile][queue] = true;
		break;
	case 1:
		if (o->linked[port][profile][queue])
			assert_int_equal(profile_unlink(dev, port, queue, profile), 1);
		o->linked[port][profile][queue] = false;
		break;
	case 2:
		assert_int_equal(profile_switch(dev, port, profile), 0);
		o->active[port] = profile;
		break;
	case 3:
	case 4:
		if (o->sent - o->taken < 500) {
			send_flow(dev, queue, draw(o, 20), 1);
			o->sent++;
		}
		break;
	case 5:
	case 6:
		take_randomly(dev, o, port);
		break;
	default:
		release_randomly(dev, o, port);
	}
}

/* With nothing open and no wait the device schedules what it should, and all of it. */
static void
check_settled(uint8_t dev, struct oracle *o)
{
	unsigned int port, queue, got, quiet = 0;

	while (quiet < 10) {
		for (got = 0, port = 0; port < NUM_PORTS; port++) {
			release(dev, port, o->open[port]);
			o->open[port] = 0;
			take_randomly(dev, o, port);
			got += o->open[port];
		}
		quiet = got == 0 ? quiet + 1 : 0;
	}
	for (port = 0; port < NUM_PORTS; port++) {
		unsigned int expected = 0;

		for (queue = 0; queue < NUM_QUEUES; queue++)
			expected |= (unsigned int)o->linked[port][o->active[port]][queue] << queue;
		assert_int_equal(scheduled(dev, port), expected);
		assert_int_equal(rte_event_port_unlinks_in_progress(dev, port), 0);
		for (queue = 0; queue < NUM_QUEUES; queue++)
			if ((expected >> queue & 1) != 0)
				assert_int_equal(queue_xstat(dev, queue, "current_depth"), 0);
	}
}

static void
at_random(uint8_t dev)
{
	struct oracle o = {.seed = slot_in_flight + 2 * status_bits + 4 * is_2_0(dev)};
	unsigned int flushed[NUM_QUEUES] = {0}, i, step;

	set_up(dev, HOLD);
	for (i = 0; i < 3; i++)
		assert_int_equal(evdev_link(dev, i, i), 1);
	for (i = 0; i < NUM_QUEUES; i++)
		o.linked[i < 3 ? i : SENDER][0][i] = true;
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev, count_event, flushed), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 20; i++) {
		for (step = 0; step < 200; step++)
			change_randomly(dev, &o);
		check_settled(dev, &o);
	}
	for (step = 0; step < 100; step++)
		change_randomly(dev, &o);
	rte_event_dev_stop(dev);
	for (i = 0; i < NUM_QUEUES; i++)
		o.taken += flushed[i];
	assert_int_equal(o.taken, o.sent);
}

static void
test_at_random(void **state)
{
	run(at_random);
}

#define NUM_TURNS 500

/* Switches between two profiles that differ in a queue, and completes what comes, until told. */
static void *
work(void *arg)
{
	unsigned int *received = arg, profile = 0;
	struct rte_event events[DEPTH];

	while (__atomic_load_n(received, __ATOMIC_RELAXED) < NUM_TURNS) {
		*received += rte_event_dequeue_burst(0, 0, events, DEPTH, 0);
		profile = 1 - profile;
		if (profile_switch(0, 0, profile) != 0)
			return arg;
	}
	return NULL;
}

/* One thread uses the port while another links and unlinks what the profiles have. */
static void
test_two_threads(void **state)
{
	uint8_t dev = evdev_add(MODEL, "run=thread");
	unsigned int received = 0, i, sent = 0;
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_ATOMIC};
	void *complaint;
	pthread_t thread;

	set_up(dev, 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(profile_link(dev, 0, 0, NORMAL, 0), 1);
	assert_int_equal(profile_link(dev, 0, 1, NORMAL, 1), 1);
	assert_int_equal(profile_link(dev, 0, 2, NORMAL, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(pthread_create(&thread, NULL, work, &received), 0);
	for (i = 0; sent < NUM_TURNS; i++) {
		event.queue_id = i % 3;
		event.flow_id = i;
		sent += rte_event_enqueue_burst(dev, SENDER, &event, 1);
		if (i % 16 == 0)
			assert_int_equal(profile_unlink(dev, 0, 2, 1), 1);
		if (i % 16 == 8)
			assert_int_equal(profile_link(dev, 0, 2, NORMAL, 1), 1);
	}
	if (i % 16 > 0 && i % 16 <= 8)
		assert_int_equal(profile_link(dev, 0, 2, NORMAL, 1), 1);
	assert_int_equal(pthread_join(thread, &complaint), 0);
	assert_null(complaint);
	assert_int_equal(received, sent);
	evdev_remove(MODEL);
}

static void
refused(uint8_t dev)
{
	struct dlb2_process *process = process_of(dev);
	struct dlb2_domain *domain;
	void *port;

	start(dev);
	port = rte_eventdevs[dev].data->ports[0];
	assert_int_equal(profile_switch(dev, 0, 8), -EINVAL);
	/* As in a secondary process, which has no domain. */
	domain = process->domain;
	process->domain = NULL;
	assert_int_equal(profile_switch(dev, 0, 1), -ENOTSUP);
	process->domain = domain;
	assert_int_equal(scheduled(dev, 0), 0x5);
	rte_event_dev_stop(dev);
	assert_int_equal(dlb2_profile_switch(port, 1), -EINVAL);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
}

static void
test_refused(void **state)
{
	log_capture();
	refused(evdev_add(MODEL, ""));
	log_expect("port 0: there is no link profile 8: say 0 to 7",
		   "port 0: switching to link profile 1 is not possible in a secondary process",
		   "port 0: link profile 1 can be made active while the device runs only", NULL);
	evdev_remove(MODEL);
}

/* What a dump says among other things. */
static void
expect_dump(uint8_t dev, const char *text)
{
	char *dump = NULL;
	size_t size;
	FILE *f = open_memstream(&dump, &size);

	assert_non_null(f);
	assert_int_equal(rte_event_dev_dump(dev, f), 0);
	fclose(f);
	if (strstr(dump, text) == NULL)
		fail_msg("no \"%s\" in:\n%s", text, dump);
	free(dump);
}

static void
dumped(uint8_t dev)
{
	set_up(dev, 0);
	assert_int_equal(profile_link(dev, 0, 0, 32, 0), 1);
	assert_int_equal(profile_link(dev, 2, 2, NORMAL, 0), 1);
	expect_dump(dev, "\tqueue 0 at priority 1\n\tport_0");
	assert_int_equal(profile_link(dev, 0, 1, 64, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	expect_dump(dev, "\tqueue 1 at priority 2\n"
			 "\tof link profile 1, which is active; the others:\n"
			 "\tlink profile 0: queue 0 at priority 1\n");
}

static void
test_dumped(void **state)
{
	run(dumped);
}

/* What the library answers. */
static void
answers(uint8_t dev)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	uint8_t queues[RTE_EVENT_MAX_QUEUES_PER_DEV], priorities[RTE_EVENT_MAX_QUEUES_PER_DEV];
	struct rte_event_dev_info info = info_of(dev);
	uint8_t all[] = {3, 4, 5};

	assert_int_equal(info.max_profiles_per_port, 8);
	assert_int_not_equal(info.event_dev_cap & RTE_EVENT_DEV_CAP_PROFILE_LINK, 0);
	start(dev);
	assert_int_equal(rte_event_port_profile_links_set(dev, 0, all, NULL, 3, 2), 3);
	assert_int_equal(rte_event_port_profile_links_get(dev, 0, queues, priorities, 2), 3);
	assert_int_equal(queues[2], 5);
	assert_int_equal(rte_event_port_links_get(dev, 0, queues, priorities), 2);
	assert_int_equal(rte_event_port_profile_links_set(dev, 0, all, NULL, 3, 8), -EINVAL);
	assert_int_equal(rte_event_port_profile_unlink(dev, 0, NULL, 0, 2), 3);
	assert_int_equal(rte_event_port_profile_links_get(dev, 0, queues, priorities, 2), 0);
	rte_event_dev_stop(dev);
	/* Set-up takes the links of all profiles, and the library knows. */
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(rte_event_port_profile_links_get(dev, 0, queues, priorities, 0), 0);
	assert_int_equal(rte_event_port_profile_links_get(dev, 0, queues, priorities, 1), 0);
#else
	RTE_SET_USED(dev);
#endif
}

static void
test_answers(void **state)
{
	if (!HAS_PROFILE_API)
		skip();
	run(answers);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_and_stop),
		cmocka_unit_test(test_reconfigured),
		cmocka_unit_test(test_directed),
		cmocka_unit_test(test_quiesced),
		cmocka_unit_test(test_at_random),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_dumped),
		cmocka_unit_test(test_answers),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("link_profiles_life", tests, NULL, NULL);
}
