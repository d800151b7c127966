/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Link profiles (pmd-interface N5): which queues a port gets events of, before, while and after its
 * profile is switched, with events in flight and links that come and go.
 */
#include <errno.h>

#include "link_profiles_test.h"

static void
only_the_active_one(uint8_t dev)
{
	start(dev);
	assert_int_equal(scheduled(dev, 0), 0x5);
	send_flow(dev, 0, 1, 3);
	send_flow(dev, 1, 1, 3);
	send_flow(dev, 2, 1, 3);
	assert_int_equal(receive(dev, 0), 0x5);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(scheduled(dev, 0), 0x6);
	send_flow(dev, 0, 2, 3);
	send_flow(dev, 2, 2, 3);
	assert_int_equal(receive(dev, 0), 0x6);
	assert_int_equal(profile_switch(dev, 0, 1), 0); /* again */
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(receive(dev, 0), 0x1);
	assert_int_equal(profile_switch(dev, 0, 7), 0); /* without a link */
	assert_int_equal(scheduled(dev, 0), 0);
	send_flow(dev, 0, 3, 3);
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(receive(dev, 0), 0x1);
}

static void
test_only_the_active_one(void **state)
{
	run(only_the_active_one);
}

/* A queue goes when what the port has is completed; what is in its CQ comes as usual. */
static void
waits_for_completions(uint8_t dev)
{
	unsigned int num, more;

	start(dev);
	send_flow(dev, 0, 1, DEPTH / 2);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(num, DEPTH / 2);
	send_flow(dev, 0, 2, 1);
	assert_int_equal(take(dev, 0, &more), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 1);
	send_flow(dev, 0, 3, 1);
	send_flow(dev, 1, 1, 1);
	send_flow(dev, 2, 1, 1);
	assert_int_equal(receive(dev, 0), 0);
	release(dev, 0, num);
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
	assert_true(dlb2_dp_port_is_switching(rte_eventdevs[dev].data->ports[0]));
	release(dev, 0, more);
	assert_int_equal(receive(dev, 0), 0x6);
	assert_false(dlb2_dp_port_is_switching(rte_eventdevs[dev].data->ports[0]));
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
	assert_int_equal(scheduled(dev, 0), 0x6);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(receive(dev, 0), 0x1);
}

static void
test_waits_for_completions(void **state)
{
	run(waits_for_completions);
}

/* A thread that doesn't look for events does not delay the switch: the background makes it. */
static void
in_the_background(uint8_t dev)
{
	unsigned int num, none, tries;

	start(dev);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(take(dev, 2, &none), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
	release(dev, 0, num);
	for (tries = 0; tries < 100 && scheduled(dev, 0) != 0x6; tries++)
		take(dev, 2, &none);
	assert_int_equal(scheduled(dev, 0), 0x6);
}

static void
test_in_the_background(void **state)
{
	run(in_the_background);
}

static void
events_in_the_cq(uint8_t dev)
{
	struct rte_event event;
	unsigned int num, left;

	start(dev);
	send_flow(dev, 0, 1, 2 * DEPTH);
	assert_int_equal(rte_event_dequeue_burst(dev, 0, &event, 1, 0), 1);
	assert_true(reg_of(dev, DLB2_LSP_CQ_LDB_INFL_CNT, port_xstat(dev, 0, "hw_id")) > 1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	send_flow(dev, 1, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_true(num > 0 && num + 1 < 2 * DEPTH);
	release(dev, 0, num + 1);
	assert_int_equal(take(dev, 0, &left), 0x2);
	assert_int_equal(left, 1);
	release(dev, 0, left);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(take(dev, 0, &left), 0x1);
	assert_int_equal(num + 1 + left, 2 * DEPTH);
}

/* They come as usual, the rest stays in its queue. */
static void
test_events_in_the_cq(void **state)
{
	run(events_in_the_cq);
}

/* A flow that the port holds is nobody else's until it is released, whatever profile is active. */
static void
pinned_flow(uint8_t dev)
{
	unsigned int num;

	set_up_profiles(dev);
	assert_int_equal(profile_link(dev, 2, 0, NORMAL, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(profile_switch(dev, 2, 1), 0);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(profile_switch(dev, 2, 0), 0);
	send_flow(dev, 0, 1, 3);
	send_flow(dev, 0, 2, 1);
	assert_int_equal(take(dev, 2, &num), 0x1);
	assert_int_equal(num, 1);
	release(dev, 2, num);
	release(dev, 0, 1);
	assert_int_equal(take(dev, 0, &num), 0);
	assert_int_equal(take(dev, 2, &num), 0x1);
	assert_int_equal(num, 3);
}

static void
test_pinned_flow(void **state)
{
	run(pinned_flow);
}

/* Ordered events come out in order although the port that has the oldest is switched meanwhile. */
static void
ordered(uint8_t dev)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_ORDERED};
	struct rte_event events[4];
	unsigned int i;

	set_up_profiles(dev);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ORDERED), 0);
	assert_int_equal(profile_link(dev, 0, 0, NORMAL, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 4; i++) {
		event.u64 = i;
		assert_int_equal(rte_event_enqueue_burst(dev, SENDER, &event, 1), 1);
	}
	assert_int_equal(dequeue_some(dev, 0, events, 4), 4);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	for (i = 0; i < 4; i++) {
		events[i].op = RTE_EVENT_OP_FORWARD;
		events[i].queue_id = 3;
		events[i].sched_type = RTE_SCHED_TYPE_ATOMIC;
		events[i].flow_id = 0;
		assert_int_equal(rte_event_enqueue_burst(dev, 0, &events[i], 1), 1);
	}
	send_flow(dev, 1, 1, 1);
	assert_int_equal(receive(dev, 0), 0x2);
	for (i = 0; i < 4; i++) {
		dequeue_some(dev, SENDER, &event, 1);
		assert_int_equal(event.u64, i);
	}
}

static void
test_ordered(void **state)
{
	run(ordered);
}

static uint32_t
cq2priov(uint8_t dev, unsigned int port)
{
	return reg_of(dev, DLB2_LSP_CQ2PRIOV, port_xstat(dev, port, "hw_id"));
}

static void
priorities(uint8_t dev)
{
	set_up(dev, 0);
	assert_int_equal(profile_link(dev, 0, 0, 255, 0), 1); /* slot 0 */
	assert_int_equal(profile_link(dev, 0, 1, 0, 0), 1);
	assert_int_equal(profile_link(dev, 0, 1, 96, 1), 1);
	assert_int_equal(profile_link(dev, 0, 2, NORMAL, 1), 1);
	assert_int_equal(profile_link(dev, 0, 2, NORMAL, 2), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(cq2priov(dev, 0), 0x3000000 | 7);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(cq2priov(dev, 0), 0x6000000 | 3 << 3 | 4 << 6);
	/* All of profile 2 have the usual one: their queues' count. */
	assert_int_equal(profile_switch(dev, 0, 2), 0);
	assert_int_equal(rte_event_queue_attr_set(dev, 2, RTE_EVENT_QUEUE_ATTR_PRIORITY, 64), 0);
	assert_int_equal(cq2priov(dev, 0), 0x4000000 | 2 << 6);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(cq2priov(dev, 0), 0x6000000 | 3 << 3 | 4 << 6);
	/* Of a profile that is not active it waits. */
	assert_int_equal(profile_link(dev, 0, 0, 32, 0), 1);
	assert_int_equal(cq2priov(dev, 0), 0x6000000 | 3 << 3 | 4 << 6);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(cq2priov(dev, 0), 0x3000000 | 1);
}

static void
test_priorities(void **state)
{
	run(priorities);
}

/* Profiles share the eight slots of the CQ. */
static void
eight_queues(uint8_t dev)
{
	unsigned int i;

	set_up_profiles(dev);
	for (i = 3; i < 8; i++)
		assert_int_equal(profile_link(dev, 0, i, NORMAL, i), 1);
	assert_int_equal(profile_link(dev, 0, 8, NORMAL, 5), 0);
	assert_int_equal(rte_errno, ENOSPC);
	assert_int_equal(profile_link(dev, 0, 3, NORMAL, 5), 1); /* it has a slot */
	assert_int_equal(profile_unlink(dev, 0, 3, 3), 1);
	assert_int_equal(profile_link(dev, 0, 8, NORMAL, 5), 0);
	assert_int_equal(profile_unlink(dev, 0, 3, 5), 1);
	assert_int_equal(profile_link(dev, 0, 8, NORMAL, 5), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(profile_switch(dev, 0, 5), 0);
	assert_int_equal(scheduled(dev, 0), 1 << 5 | 1 << 8);
}

static void
test_eight_queues(void **state)
{
	run(eight_queues);
}

static void
unlinks(uint8_t dev)
{
	unsigned int num;

	start(dev);
	send_flow(dev, 2, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x4);
	/* Profile 1 still has the queue: the port is not unlinked, and waits as if it were. */
	assert_int_equal(profile_unlink(dev, 0, 2, 0), 1);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 1);
	send_flow(dev, 2, 2, 1);
	assert_int_equal(receive(dev, 0), 0);
	release(dev, 0, num);
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
	assert_int_equal(scheduled(dev, 0), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(receive(dev, 0), 0x4);
	/* One that is not active. */
	assert_int_equal(profile_unlink(dev, 0, 0, 0), 1);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(scheduled(dev, 0), 0);
	assert_int_equal(profile_link(dev, 0, 0, NORMAL, 0), 1);
	assert_int_equal(receive(dev, 0), 0x1);
}

static void
test_unlinks(void **state)
{
	run(unlinks);
}

/* Of both it is the last that counts, whichever was begun first. */
static void
unlink_and_switch(uint8_t dev)
{
	unsigned int num;

	start(dev);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(profile_unlink(dev, 0, 0, 0), 1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 1);
	send_flow(dev, 1, 1, 1);
	assert_int_equal(receive(dev, 0), 0);
	release(dev, 0, num);
	assert_int_equal(take(dev, 0, &num), 0x2);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);

	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(profile_unlink(dev, 0, 1, 1), 1);
	assert_int_equal(profile_link(dev, 0, 1, NORMAL, 1), 1); /* taken back */
	send_flow(dev, 1, 2, 1);
	send_flow(dev, 2, 2, 1);
	release(dev, 0, num);
	assert_int_equal(receive(dev, 0), 0x4);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(receive(dev, 0), 0x2);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
}

static void
test_unlink_and_switch(void **state)
{
	run(unlink_and_switch);
}

static void
switch_back(uint8_t dev)
{
	unsigned int num;

	start(dev);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	send_flow(dev, 0, 2, 1);
	send_flow(dev, 1, 2, 1);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
	assert_int_equal(take(dev, 0, &num), 0x1);
	release(dev, 0, 2);
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
}

/* Before it was made a switch can be taken back, with events open. */
static void
test_switch_back(void **state)
{
	run(switch_back);
}

/* Nothing goes out by it, so nothing has to be waited for. */
static void
larger_profile(uint8_t dev)
{
	unsigned int num;

	set_up_profiles(dev);
	assert_int_equal(profile_link(dev, 0, 0, NORMAL, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	send_flow(dev, 0, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x1);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(scheduled(dev, 0), 0x7);
	send_flow(dev, 1, 1, 1);
	assert_int_equal(take(dev, 0, &num), 0x2);
}

static void
test_larger_profile(void **state)
{
	run(larger_profile);
}

static void
links_while_running(uint8_t dev)
{
	unsigned int num;

	start(dev);
	send_flow(dev, 3, 1, 4);
	assert_int_equal(profile_link(dev, 0, 3, NORMAL, 1), 1);
	assert_int_equal(profile_unlink(dev, SENDER, 3, 0), 1);
	assert_int_equal(receive(dev, 0), 0);
	assert_int_equal(scheduled(dev, 0), 0x5);
	assert_int_equal(profile_switch(dev, 0, 1), 0);
	assert_int_equal(take(dev, 0, &num), 0x8);
	/* The queue is busy at this port, and another is linked to it, in a profile that waits. */
	assert_int_equal(profile_link(dev, 2, 3, NORMAL, 1), 1);
	assert_int_equal(profile_switch(dev, 2, 1), 0);
	send_flow(dev, 3, 2, 1);
	release(dev, 0, num);
	assert_int_equal(profile_switch(dev, 0, 0), 0);
	assert_int_equal(receive(dev, 0) | receive(dev, 2), 0x8);
	assert_int_equal(scheduled(dev, 0), 0x5);
	assert_int_equal(scheduled(dev, 2), 0x8);
}

static void
test_links_while_running(void **state)
{
	run(links_while_running);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_active_one),
		cmocka_unit_test(test_waits_for_completions),
		cmocka_unit_test(test_in_the_background),
		cmocka_unit_test(test_events_in_the_cq),
		cmocka_unit_test(test_pinned_flow),
		cmocka_unit_test(test_ordered),
		cmocka_unit_test(test_priorities),
		cmocka_unit_test(test_eight_queues),
		cmocka_unit_test(test_unlinks),
		cmocka_unit_test(test_unlink_and_switch),
		cmocka_unit_test(test_switch_back),
		cmocka_unit_test(test_larger_profile),
		cmocka_unit_test(test_links_while_running),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("link_profiles", tests, NULL, NULL);
}
