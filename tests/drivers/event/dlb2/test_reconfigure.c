/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Configuring again, in the orders that an application may choose: what is not set up again is as
 * it was, links included (pmd-interface 11), and a step that is refused or fails leaves nothing
 * that hurts the next one.
 */
#include <errno.h>

#include "evdev_test.h"

#include <rte_common.h>

#define SINGLE_LINK_QUEUE RTE_EVENT_QUEUE_CFG_SINGLE_LINK
#define SINGLE_LINK_PORT RTE_EVENT_PORT_CFG_SINGLE_LINK

static void
restart_with(uint8_t dev, unsigned int ports, unsigned int queues, unsigned int pairs)
{
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, ports, queues, pairs), 0);
}

static void
nothing_again(uint8_t dev)
{
	unsigned int i;

	evdev_start_simple(dev, 4);
	for (i = 0; i < 3; i++) {
		restart_with(dev, 4, 4, 0);
		assert_int_equal(rte_event_dev_start(dev), 0);
		evdev_check_traffic(dev, 0, 3, 3);
	}
}

static void
test_nothing_again(void **state)
{
	evdev_for_both(nothing_again);
}

/* The old link of what is set up again is gone. */
static void
port_again(uint8_t dev)
{
	evdev_start_simple(dev, 3);
	restart_with(dev, 3, 3, 0);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	assert_int_equal(evdev_link(dev, 1, 2), 1);
	assert_int_equal(evdev_unlink(dev, 2, 2), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 2, 1);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_port_again(void **state)
{
	evdev_for_both(port_again);
}

static void
queue_again(uint8_t dev)
{
	evdev_start_simple(dev, 3);
	restart_with(dev, 3, 3, 0);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, RTE_SCHED_TYPE_ORDERED), 0);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
	assert_int_equal(evdev_link(dev, 2, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 1, 2);
	evdev_check_traffic(dev, 0, 2, 2);
}

static void
test_queue_again(void **state)
{
	evdev_for_both(queue_again);
}

static void
grow_and_shrink(uint8_t dev)
{
	unsigned int i;

	evdev_start_simple(dev, 2);
	restart_with(dev, 8, 6, 0);
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
	for (i = 2; i < 8; i++)
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
	for (i = 2; i < 6; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 7, 5, 5);
	evdev_check_traffic(dev, 7, 1, 1);
	restart_with(dev, 1, 1, 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 0, 0);
	/* what went away does not come back by itself */
	restart_with(dev, 2, 1, 0);
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 1, 0, 0);
}

static void
test_grow_and_shrink(void **state)
{
	evdev_for_both(grow_and_shrink);
}

/* Queues go, ports that were linked to them stay. */
static void
fewer_queues(uint8_t dev)
{
	unsigned int i;

	evdev_start_simple(dev, 4);
	restart_with(dev, 4, 2, 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 2; i++)
		evdev_check_traffic(dev, 3, i, i);
	assert_int_equal(evdev_xstat(dev, "qid_3_is_configured"), 0);
	assert_int_equal(evdev_xstat(dev, "qid_3_num_links"), 0);
}

static void
test_fewer_queues(void **state)
{
	evdev_for_both(fewer_queues);
}

static void
set_up_pairs(uint8_t dev, unsigned int first, unsigned int end)
{
	for (; first < end; first++) {
		assert_int_equal(evdev_setup_queue(dev, first, SINGLE_LINK_QUEUE, 0), 0);
		assert_int_equal(evdev_setup_port(dev, first, SINGLE_LINK_PORT), 0);
		assert_int_equal(evdev_link(dev, first, first), 1);
	}
}

static void
kinds_change(uint8_t dev)
{
	evdev_start_simple(dev, 3);
	/* the old kinds are used again, though none of them is single-link */
	restart_with(dev, 3, 3, 3);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 2, 0, 0);
	restart_with(dev, 3, 3, 3);
	set_up_pairs(dev, 0, 3);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 2, 2);
	/* links change places */
	restart_with(dev, 3, 3, 3);
	assert_int_equal(evdev_unlink(dev, 0, 0), 1);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	assert_int_equal(evdev_link(dev, 1, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 2, 0, 1);
	evdev_check_traffic(dev, 2, 1, 0);
	/* and one of them becomes load-balanced */
	restart_with(dev, 3, 3, 2);
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -EINVAL);
	log_expect("3 single-link queues", "2 pairs", "set up again", NULL);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 2, 1, 0);
	evdev_check_traffic(dev, 0, 0, 1);
}

static void
test_kinds_change(void **state)
{
	evdev_for_both(kinds_change);
}

/* The one port of a single-link queue gets events of every type, each type in the order of sending. */
static void
check_single_link(uint8_t dev, uint8_t queue, uint8_t port)
{
	struct rte_event events[30] = {0};
	unsigned int i, received = 0, next[] = { 0, 1, 2 };

	for (i = 0; i < RTE_DIM(events); i++) {
		events[i].op = RTE_EVENT_OP_NEW;
		events[i].queue_id = queue;
		events[i].sched_type = i % 3;
		events[i].flow_id = i;
		events[i].u64 = i;
	}
	assert_int_equal(rte_event_enqueue_burst(dev, 0, events, RTE_DIM(events)),
			 RTE_DIM(events));
	memset(events, 0xff, sizeof(events));
	for (i = 0; i < 1000 && received < RTE_DIM(events); i++)
		received += rte_event_dequeue_burst(dev, port, &events[received],
						    RTE_DIM(events) - received, 0);
	assert_int_equal(received, RTE_DIM(events));
	for (i = 0; i < received; i++) {
		assert_int_equal(events[i].u64, next[events[i].u64 % 3]);
		next[events[i].u64 % 3] += 3;
	}
}

/*
 * As eventdev_pipeline of DPDK's examples has it: one of the ports is configured as a single-link
 * one, none is set up as such, and one of the others has the single-link queue.
 */
static void
fewer_single_links(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 2 ? SINGLE_LINK_QUEUE : 0,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), 0);
	log_expect("0 single-link ports and 0 single-link queues", "1 are configured", NULL);
	check_single_link(dev, 2, 2);
	evdev_check_traffic(dev, 2, 1, 1);
	/* then it gets a port of its own kind, and takes part in a restart as any other */
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_setup_port(dev, 2, SINGLE_LINK_PORT), 0);
	assert_int_equal(evdev_link(dev, 2, 2), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	check_single_link(dev, 2, 2);
	assert_int_equal(evdev_xstat(dev, "port_2_is_load_balanced"), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_unlink(dev, 2, 2), 1);
	assert_int_equal(evdev_link(dev, 0, 2), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	check_single_link(dev, 2, 0);
	evdev_check_traffic(dev, 2, 1, 1);
}

static void
test_fewer_single_links(void **state)
{
	evdev_for_both(fewer_single_links);
}

/* The last queue and port would be one too many as what they are, which only start can see. */
static void
more_than_there_are(uint8_t dev)
{
	evdev_start_simple(dev, 32);
	restart_with(dev, 33, 33, 1);
	assert_int_equal(evdev_setup_queue(dev, 32, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 32, 0), 0);
	assert_int_equal(evdev_link(dev, 32, 32), 1);
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -EINVAL);
	log_expect("33 load-balanced queues and 33 load-balanced ports", "32 and 64",
		   "SINGLE_LINK", NULL);
	set_up_pairs(dev, 32, 33);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 32, 32);
}

static void
test_more_than_there_are(void **state)
{
	evdev_for_both(more_than_there_are);
}

static void
setup_twice(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 64, 32, 0), 0);
	for (i = 0; i < 200; i++)
		assert_int_equal(evdev_setup_queue(dev, i % 32, 0, i % 3), 0);
	for (i = 0; i < 400; i++)
		assert_int_equal(evdev_setup_port(dev, i % 64, 0), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(evdev_link(dev, i, i % 32), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_xstat(dev, "port_63_is_configured"), 1);
	evdev_send(dev, 0, 31, 100);
	assert_int_equal(evdev_receive(dev, 31) + evdev_receive(dev, 63), 100);
}

static void
test_setup_twice(void **state)
{
	evdev_for_both(setup_twice);
}

/* Without another configure: what changed while the device was stopped is built anew. */
static void
change_while_stopped(uint8_t dev)
{
	evdev_start_simple(dev, 3);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_link(dev, 0, 2), 1);
	assert_int_equal(evdev_unlink(dev, 2, 2), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 1, 2, 0);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_setup_queue(dev, 2, 0, RTE_SCHED_TYPE_ORDERED), 0);
	assert_int_equal(evdev_setup_port(dev, 2, 0), 0);
	assert_int_equal(evdev_link(dev, 2, 2), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 1, 2, 2);
}

static void
test_change_while_stopped(void **state)
{
	evdev_for_both(change_while_stopped);
}

static void
close_and_configure(uint8_t dev)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		evdev_start_simple(dev, 4);
		evdev_check_traffic(dev, 0, 3, 3);
		rte_event_dev_stop(dev);
		assert_int_equal(rte_event_dev_close(dev), 0);
		assert_int_equal(evdev_link(dev, 0, 0), 0);
		assert_int_equal(rte_event_dev_close(dev), 0);
	}
	assert_int_equal(evdev_configure(dev, 4, 4, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
}

static void
test_close_and_configure(void **state)
{
	evdev_for_both(close_and_configure);
}

/*
 * A configure that is refused takes the old configuration with it, as the library does, and nothing
 * more.
 */
static void
refused_between(uint8_t dev)
{
	struct rte_event_dev_config conf;

	evdev_start_simple(dev, 2);
	rte_event_dev_stop(dev);
	conf = evdev_conf(dev, 2, 2, 0);
	conf.nb_events_limit = 0;
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	assert_int_not_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_refused_between(void **state)
{
	evdev_for_both(refused_between);
}

/*
 * CQ memory cannot be had at start: nothing is half built, and the next start, with memory,
 * succeeds.
 */
static void
no_memory_at_start(uint8_t dev)
{
	evdev_start_simple(dev, 4);
	restart_with(dev, 4, 4, 0);
	memory_exhaust();
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -ENOMEM);
	log_expect("are not free", "raise -m", NULL);
	memory_restore();
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 3, 3);
}

static void
test_no_memory_at_start(void **state)
{
	evdev_for_both(no_memory_at_start);
}

static void
no_memory_at_setup(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	memory_exhaust();
	log_capture();
	assert_int_equal(evdev_setup_port(dev, 0, 0), -ENOMEM);
	log_expect("port 0", "raise -m", NULL);
	memory_restore();
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 0, 0);
}

static void
test_no_memory_at_setup(void **state)
{
	evdev_for_both(no_memory_at_setup);
}

/* A history list that the domain does not have is refused at start, before anything is built. */
static void
test_hist_list(void **state)
{
	uint8_t dev = evdev_add("event_dlb2_model0", "use_default_hl=n,alloc_hl_entries=100");
	struct rte_event_port_conf conf;
	unsigned int i, received = 0;

	assert_int_equal(evdev_configure(dev, 4, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 4; i++) {
		rte_event_port_default_conf_get(dev, i, &conf);
		conf.dequeue_depth = 16;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
		assert_int_equal(evdev_link(dev, i, 0), 1);
	}
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -ENOSPC);
	log_expect("need 128", "100 are reserved", "alloc_hl_entries", NULL);
	conf.dequeue_depth = 2;
	assert_int_equal(rte_event_port_setup(dev, 3, &conf), 0);
	assert_int_equal(evdev_link(dev, 3, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 3, 0, 100);
	for (i = 0; i < 4; i++)
		received += evdev_receive(dev, i);
	assert_int_equal(received, 100);
	evdev_remove("event_dlb2_model0");
}

/* Lists of twice the depth: 64 ports can be configured, and started if they are shallow enough. */
static void
test_long_hist_lists(void **state)
{
	uint8_t dev = evdev_add("event_dlb2_model0", "use_default_hl=n");
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 64, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	rte_event_port_default_conf_get(dev, 0, &conf);
	for (i = 0; i < 64; i++) {
		conf.dequeue_depth = i == 0 ? 32 : 16;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
		assert_int_equal(evdev_link(dev, i, 0), 1);
	}
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -ENOSPC);
	log_expect("need 2080", "2048 are reserved", "dequeue_depth", NULL);
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_remove("event_dlb2_model0");
}

/*
 * Deep ports may hold as many events as their CQ, as far as the device's list goes; every port gets
 * the documented 32.
 */
static void
test_hist_list_shares(void **state)
{
	uint8_t dev = evdev_add("event_dlb2_model0", "max_cq_depth=1024");
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 64, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 64; i++) {
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
		assert_int_equal(evdev_link(dev, i, 0), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_xstat(dev, "port_0_max_outstanding_releases"), 32);
	assert_int_equal(evdev_xstat(dev, "port_63_max_outstanding_releases"), 32);
	restart_with(dev, 2, 1, 0);
	rte_event_port_default_conf_get(dev, 0, &conf);
	conf.dequeue_depth = 255;
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_xstat(dev, "port_0_max_outstanding_releases"), 256);
	assert_int_equal(evdev_xstat(dev, "port_1_max_outstanding_releases"), 32);
	evdev_remove("event_dlb2_model0");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_again),
		cmocka_unit_test(test_port_again),
		cmocka_unit_test(test_queue_again),
		cmocka_unit_test(test_grow_and_shrink),
		cmocka_unit_test(test_fewer_queues),
		cmocka_unit_test(test_kinds_change),
		cmocka_unit_test(test_fewer_single_links),
		cmocka_unit_test(test_more_than_there_are),
		cmocka_unit_test(test_setup_twice),
		cmocka_unit_test(test_change_while_stopped),
		cmocka_unit_test(test_close_and_configure),
		cmocka_unit_test(test_refused_between),
		cmocka_unit_test(test_no_memory_at_start),
		cmocka_unit_test(test_no_memory_at_setup),
		cmocka_unit_test(test_hist_list),
		cmocka_unit_test(test_long_hist_lists),
		cmocka_unit_test(test_hist_list_shares),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("reconfigure", tests, NULL, NULL);
}
