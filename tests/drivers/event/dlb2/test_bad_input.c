/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Wrong use of the API: each gets the error that the API documents and a message with the value,
 * the limit and the way out, nothing else happens, and the device works afterwards.
 */
#include <errno.h>

#include "evdev_test.h"

#include <rte_common.h>

#include "rte_pmd_dlb2.h"

#define SINGLE_LINK_QUEUE RTE_EVENT_QUEUE_CFG_SINGLE_LINK
#define SINGLE_LINK_PORT RTE_EVENT_PORT_CFG_SINGLE_LINK

/* Two load-balanced queues and ports and one pair, number 2, all linked, not started. */
static void
set_up(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 2 ? SINGLE_LINK_QUEUE : 0,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 2 ? SINGLE_LINK_PORT : 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
}

static void
check_usable(uint8_t dev)
{
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 1, 2, 2);
	rte_event_dev_stop(dev);
}

static void
configure_too_much(uint8_t dev)
{
	struct rte_event_dev_info info;
	struct rte_event_dev_config conf;

	rte_event_dev_info_get(dev, &info);
	conf = evdev_conf(dev, info.max_event_ports + 1, 1, 0);
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	conf = evdev_conf(dev, 1, info.max_event_queues + 1, 0);
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	conf = evdev_conf(dev, 1, 1, 0);
	conf.nb_events_limit = info.max_num_events + 1;
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	conf = evdev_conf(dev, 1, 1, 0);
	conf.nb_event_port_dequeue_depth = info.max_event_port_dequeue_depth + 1;
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	conf = evdev_conf(dev, 1, 1, 0);
	conf.nb_event_port_enqueue_depth = info.max_event_port_enqueue_depth + 1;
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	conf = evdev_conf(dev, info.max_single_link_event_port_queue_pairs + 1,
			  info.max_single_link_event_port_queue_pairs + 1,
			  info.max_single_link_event_port_queue_pairs + 1);
	log_capture();
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	log_expect(info.max_single_link_event_port_queue_pairs == 64 ? "65 single-link" :
								       "97 single-link",
		   info.max_single_link_event_port_queue_pairs == 64 ? "64 pairs" : "96 pairs",
		   "nb_single_link_event_port_queues", NULL);
}

/* The library lets these through. */
static void
configure_nonsense(uint8_t dev)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 1, 1, 0);

	conf.nb_events_limit = 0;
	log_capture();
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	log_expect("nb_events_limit 0", "1 to", NULL);
	conf.nb_events_limit = -1;
	log_capture();
	assert_int_equal(rte_event_dev_configure(dev, &conf), -EINVAL);
	log_expect("nb_events_limit -1", "1 to", NULL);
	log_capture();
	assert_int_equal(evdev_configure(dev, 1, 2, 1), -EINVAL);
	log_expect("1 load-balanced queues", "nb_event_ports", NULL);
}

static void
bad_configurations(uint8_t dev)
{
	configure_too_much(dev);
	configure_nonsense(dev);
	set_up(dev);
	check_usable(dev);
	/* also after it has been in use */
	configure_too_much(dev);
	configure_nonsense(dev);
	set_up(dev);
	check_usable(dev);
}

static void
test_configure(void **state)
{
	evdev_for_both(bad_configurations);
}

static void
refuse_queue(uint8_t dev, const struct rte_event_queue_conf *conf, const char *value,
	     const char *limit)
{
	log_capture();
	assert_int_equal(rte_event_queue_setup(dev, 0, conf), -EINVAL);
	log_expect("queue 0", value, limit, NULL);
}

static void
bad_queues(uint8_t dev)
{
	struct rte_event_queue_conf conf;

	set_up(dev);
	assert_int_equal(rte_event_queue_setup(dev, 3, NULL), -EINVAL);
	rte_event_queue_default_conf_get(dev, 0, &conf);
	conf.schedule_type = RTE_SCHED_TYPE_ORDERED;
	conf.nb_atomic_order_sequences = 32;
	refuse_queue(dev, &conf, "nb_atomic_order_sequences 32", "64, 128, 256, 512 or 1024");
	conf.nb_atomic_order_sequences = 2048;
	refuse_queue(dev, &conf, "nb_atomic_order_sequences 2048", "64, 128, 256, 512 or 1024");
	conf.nb_atomic_order_sequences = 64;
	conf.schedule_type = 3;
	refuse_queue(dev, &conf, "schedule_type 3", "ordered, atomic or parallel");
	conf.event_queue_cfg = SINGLE_LINK_QUEUE;
	refuse_queue(dev, &conf, "number 2, 1 are configured", "nb_single_link_event_port_queues");
	check_usable(dev);
}

static void
test_queue_setup(void **state)
{
	evdev_for_both(bad_queues);
}

/* Two groups of 1024 sequence numbers: a third window of another size has none left. */
static void
too_many_windows(uint8_t dev)
{
	static const unsigned int windows[] = { 1024, 512, 512 };
	struct rte_event_queue_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 4, 4, 0), 0);
	for (i = 0; i < RTE_DIM(windows); i++) {
		rte_event_queue_default_conf_get(dev, i, &conf);
		conf.schedule_type = RTE_SCHED_TYPE_ORDERED;
		conf.nb_atomic_order_sequences = windows[i];
		assert_int_equal(rte_event_queue_setup(dev, i, &conf), 0);
	}
	conf.nb_atomic_order_sequences = 64;
	log_capture();
	assert_int_equal(rte_event_queue_setup(dev, 3, &conf), -EINVAL);
	log_expect("queue 3", "window of 64", "2 groups of 1024", "lower nb_atomic_order_sequences",
		   NULL);
	assert_int_equal(evdev_setup_queue(dev, 3, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 3, 3);
	evdev_check_traffic(dev, 0, 2, 2);
}

static void
test_windows(void **state)
{
	evdev_for_both(too_many_windows);
}

static void
bad_ports(uint8_t dev)
{
	struct rte_event_port_conf conf, good;

	set_up(dev);
	assert_int_equal(rte_event_port_setup(dev, 3, NULL), -EINVAL);
	rte_event_port_default_conf_get(dev, 0, &good);
	conf = good;
	conf.dequeue_depth = 129;
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), -EINVAL);
	conf = good;
	conf.dequeue_depth = 0;
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), -EINVAL);
	conf = good;
	conf.enqueue_depth = 129;
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), -EINVAL);
	conf = good;
	conf.new_event_threshold = -1;
	log_capture();
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), -EINVAL);
	log_expect("port 0", "new_event_threshold -1", "nb_events_limit", NULL);
	log_capture();
	assert_int_equal(evdev_setup_port(dev, 0, SINGLE_LINK_PORT), -EINVAL);
	log_expect("port 0", "number 2, 1 are configured", "nb_single_link_event_port_queues",
		   NULL);
	check_usable(dev);
}

static void
test_port_setup(void **state)
{
	evdev_for_both(bad_ports);
}

static void
refuse_link(uint8_t dev, uint8_t port, uint8_t queue, int error, const char *value,
	    const char *remedy)
{
	rte_errno = 0;
	log_capture();
	assert_int_equal(evdev_link(dev, port, queue), 0);
	assert_int_equal(rte_errno, error);
	log_expect(value, remedy, NULL);
}

static void
bad_links(uint8_t dev)
{
	set_up(dev);
	refuse_link(dev, 2, 0, EINVAL, "port 2: queue 0", "SINGLE_LINK");
	refuse_link(dev, 0, 2, EDQUOT, "port 0: single-link queue 2", "unlink that first");
	rte_errno = 0;
	assert_int_equal(evdev_link(dev, 0, 3), 0);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(evdev_link(dev, 3, 0), 0);
	check_usable(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	refuse_link(dev, 0, 2, EDQUOT, "port 0: single-link queue 2", "unlink that first");
	assert_int_equal(evdev_link(dev, 2, 2), 1);
	log_capture();
	rte_errno = 0;
	assert_int_equal(evdev_unlink(dev, 2, 2), 0);
	assert_int_equal(rte_errno, EINVAL);
	log_expect("queue 2", "while the device runs", "stop it first", NULL);
	rte_event_dev_stop(dev);
	check_usable(dev);
}

static void
test_links(void **state)
{
	evdev_for_both(bad_links);
}

static void
links_before_setup(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	refuse_link(dev, 0, 0, EINVAL, "before its set-up", "port");
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	refuse_link(dev, 0, 0, EINVAL, "queue 0", "before its set-up");
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
	set_up(dev);
	check_usable(dev);
}

static void
test_links_before_setup(void **state)
{
	evdev_for_both(links_before_setup);
}

/* The ninth queue of a port, asked for alone and among others. */
static void
too_many_links(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 10, 0), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	log_capture();
	rte_errno = 0;
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), 8);
	assert_int_equal(rte_errno, ENOSPC);
	log_expect("port 0: queue 8", "number 9", "8 is the limit", "unlink", NULL);
	refuse_link(dev, 0, 9, ENOSPC, "number 9, 8 is the limit", "more ports");
	assert_int_equal(evdev_link(dev, 1, 8), 1);
	assert_int_equal(evdev_link(dev, 1, 9), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	refuse_link(dev, 0, 9, ENOSPC, "number 9, 8 is the limit", "more ports");
	evdev_check_traffic(dev, 0, 9, 1);
	evdev_check_traffic(dev, 0, 7, 0);
	/* after an unlink there is room */
	assert_int_equal(evdev_unlink(dev, 0, 7), 1);
	evdev_receive(dev, 0);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 9), 1);
	assert_int_equal(evdev_unlink(dev, 1, 9), 1);
	evdev_check_traffic(dev, 1, 9, 0);
}

static void
test_too_many_links(void **state)
{
	evdev_for_both(too_many_links);
}

/*
 * A single-link queue has one link, whether it is a directed one or, without configured pairs, a
 * regular one.
 */
static void
second_single_link(uint8_t dev)
{
	unsigned int pairs, i;

	for (pairs = 0; pairs <= 2; pairs += 2) {
		assert_int_equal(evdev_configure(dev, 2, 2, pairs), 0);
		for (i = 0; i < 2; i++) {
			assert_int_equal(evdev_setup_queue(dev, i, SINGLE_LINK_QUEUE, 0), 0);
			assert_int_equal(evdev_setup_port(dev, i, SINGLE_LINK_PORT), 0);
		}
		assert_int_equal(evdev_link(dev, 0, 0), 1);
		refuse_link(dev, 1, 0, EDQUOT, "single-link queue 0", "unlink that first");
		refuse_link(dev, 0, 1, ENOSPC, "number 2, 1 is the limit", "unlink");
		assert_int_equal(evdev_link(dev, 1, 1), 1);
		assert_int_equal(rte_event_dev_start(dev), 0);
		evdev_check_traffic(dev, 0, 1, 1);
		rte_event_dev_stop(dev);
	}
}

static void
test_second_single_link(void **state)
{
	evdev_for_both(second_single_link);
}

static void
bad_starts(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -ESTALE);
	log_expect("port 1 of 2", "rte_event_port_setup", NULL);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
	log_expect("queue 1 of 2", "link it", NULL);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_start(void **state)
{
	evdev_for_both(bad_starts);
}

static void
start_unconfigured(uint8_t dev)
{
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -EINVAL);
	log_expect("configured", NULL);
	assert_int_equal(rte_event_dev_close(dev), 0);
}

static void
test_start_unconfigured(void **state)
{
	evdev_for_both(start_unconfigured);
}

static void
setup_while_running(uint8_t dev)
{
	set_up(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(rte_event_queue_setup(dev, 0, NULL), -EBUSY);
	assert_int_equal(rte_event_port_setup(dev, 0, NULL), -EBUSY);
	assert_int_equal(evdev_configure(dev, 1, 1, 0), -EBUSY);
	assert_int_equal(rte_event_dev_close(dev), -EBUSY);
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 0, 2, 2);
}

static void
test_setup_while_running(void **state)
{
	evdev_for_both(setup_while_running);
}

static void
refuse_event(uint8_t dev, struct rte_event event, int error)
{
	rte_errno = 0;
	assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 0);
	assert_int_equal(rte_errno, error);
}

/* Queues that do not exist, and a type that the queue does not take. */
static void
bad_events(uint8_t dev)
{
	struct rte_event event = { .op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_ATOMIC };

	set_up(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	event.queue_id = 3;
	refuse_event(dev, event, EINVAL);
	event.queue_id = 255;
	refuse_event(dev, event, EINVAL);
	event.queue_id = 1;
	event.sched_type = RTE_SCHED_TYPE_ORDERED;
	refuse_event(dev, event, EINVAL);
	event.sched_type = RTE_SCHED_TYPE_ATOMIC;
	event.op = RTE_EVENT_OP_FORWARD;
	refuse_event(dev, event, EINVAL);
	event.op = RTE_EVENT_OP_RELEASE;
	refuse_event(dev, event, EINVAL);
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 0, 2, 2);
	rte_event_dev_stop(dev);
	check_usable(dev);
}

/* DPDK's crypto adapter forwards what it has not received: that is new, and costs as much. */
static void
forward_of_crypto_adapter(uint8_t dev)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_FORWARD,
		.event_type = RTE_EVENT_TYPE_CRYPTODEV,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
		.queue_id = 1,
	};

	set_up(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 1);
	assert_int_equal(rte_event_enqueue_forward_burst(dev, 0, &event, 1), 1);
	assert_int_equal(evdev_receive(dev, 1), 2);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_new"), 2);
	event.event_type = RTE_EVENT_TYPE_CPU;
	refuse_event(dev, event, EINVAL);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_forward_of_crypto_adapter(void **state)
{
	evdev_for_both(forward_of_crypto_adapter);
}

static void
test_events(void **state)
{
	evdev_for_both(bad_events);
}

static unsigned int flushed;

static void
count_flushed(uint8_t dev, struct rte_event event, void *arg)
{
	flushed++;
}

/*
 * A queue that lost its last link is a place to wait: its events come with the next link, or with
 * the stop.
 */
static void
unlinked_queue(uint8_t dev)
{
	set_up(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	evdev_send(dev, 0, 1, 50);
	assert_int_equal(evdev_receive(dev, 1), 0);
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	assert_int_equal(evdev_receive(dev, 1), 50);
	assert_int_equal(evdev_unlink(dev, 1, 1), 1);
	evdev_receive(dev, 1);
	evdev_send(dev, 0, 1, 50);
	flushed = 0;
	rte_event_dev_stop_flush_callback_register(dev, count_flushed, NULL);
	rte_event_dev_stop(dev);
	rte_event_dev_stop_flush_callback_register(dev, NULL, NULL);
	assert_int_equal(flushed, 50);
	assert_int_equal(rte_event_dev_start(dev), -ENOLINK);
	assert_int_equal(evdev_link(dev, 1, 1), 1);
	check_usable(dev);
}

static void
test_unlinked_queue(void **state)
{
	evdev_for_both(unlinked_queue);
}

/* More events than may be in the system. */
static void
too_many_events(uint8_t dev)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW,
				  .sched_type = RTE_SCHED_TYPE_ATOMIC,
				  .queue_id = 1};
	struct rte_event_dev_config conf = evdev_conf(dev, 2, 2, 0);
	unsigned int i, sent;

	conf.nb_events_limit = 100;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	rte_errno = 0;
	for (sent = 0; rte_event_enqueue_burst(dev, 0, &event, 1) == 1; sent++)
		assert_true(sent < 100);
	assert_int_equal(rte_errno, ENOSPC);
	assert_int_equal(evdev_receive(dev, 1), sent);
	/* idle ports may keep credits for themselves, but not most of them */
	assert_true(sent > 50);
	evdev_send(dev, 0, 1, 50);
	assert_int_equal(evdev_receive(dev, 1), 50);
}

static void
test_too_many_events(void **state)
{
	evdev_for_both(too_many_events);
}

static void
bad_driver_calls(uint8_t dev)
{
	struct rte_pmd_dlb2_port_param param = { .inflight_threshold = 5, .port_hl = 64 };

	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_DEFERRED_POP),
			 -EINVAL);
	set_up(dev);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_DEFERRED_POP),
			 -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 3, RTE_PMD_DLB2_DEFERRED_POP),
			 -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(255, 0, RTE_PMD_DLB2_DEFERRED_POP),
			 -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, NULL), -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, 4, &param), -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_port_param(255, 0, DLB2_SET_PORT_HL, &param), -EINVAL);
	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_NUM_TOKEN_POP_MODES),
			 -EINVAL);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_DEFERRED_POP), 0);
	param.port_hl = 2049;
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), -EINVAL);
	param.port_hl = 0;
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), -EINVAL);
	param.port_hl = 8;
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), 0);
	set_up(dev);
	check_usable(dev);
	assert_int_equal(evdev_xstat(dev, "port_0_max_outstanding_releases"), 8);
}

static void
test_driver_api(void **state)
{
	evdev_for_both(bad_driver_calls);
}

/* The threshold of flow migration exists on 2.5, for load-balanced ports, at any time. */
static void
test_flow_migration_threshold(void **state)
{
	struct rte_pmd_dlb2_port_param param = { .inflight_threshold = 5 };
	const uint64_t flag = DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD;

	set_up(evdev_add("event_dlb2_model0", "hw=2.0"));
	log_capture();
	assert_int_equal(rte_pmd_dlb2_set_port_param(0, 0, flag, &param), -EINVAL);
	log_expect("2.0", "2.5", NULL);
	evdev_remove("event_dlb2_model0");
	set_up(evdev_add("event_dlb2_model0", "hw=2.5"));
	assert_int_equal(rte_pmd_dlb2_set_port_param(0, 0, flag, &param), 0);
	assert_int_equal(rte_pmd_dlb2_set_port_param(0, 2, flag, &param), -EINVAL);
	assert_int_equal(rte_event_dev_start(0), 0);
	param.inflight_threshold = 7;
	assert_int_equal(rte_pmd_dlb2_set_port_param(0, 1, flag, &param), 0);
	param.inflight_threshold = 0;
	assert_int_equal(rte_pmd_dlb2_set_port_param(0, 1, flag, &param), -EINVAL);
	evdev_check_traffic(0, 0, 1, 1);
	evdev_remove("event_dlb2_model0");
}

/* port_cos is written for one configuration. */
static void
test_port_cos(void **state)
{
	uint8_t dev = evdev_add("event_dlb2_model0", "hw=2.5,port_cos=0-3:1");

	log_capture();
	assert_int_equal(evdev_configure(dev, 3, 1, 0), -EINVAL);
	log_expect("port 3", "3 ports", NULL);
	log_capture();
	assert_int_equal(evdev_configure(dev, 5, 3, 2), -EINVAL);
	log_expect("4 ports", "3 load-balanced", NULL);
	evdev_start_simple(dev, 5);
	assert_in_range(evdev_xstat(dev, "port_0_hw_id"), 16, 31);
	assert_in_range(evdev_xstat(dev, "port_3_hw_id"), 16, 31);
	evdev_check_traffic(dev, 4, 3, 3);
	evdev_remove("event_dlb2_model0");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configure),
		cmocka_unit_test(test_queue_setup),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_port_setup),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_links_before_setup),
		cmocka_unit_test(test_too_many_links),
		cmocka_unit_test(test_second_single_link),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_start_unconfigured),
		cmocka_unit_test(test_setup_while_running),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_forward_of_crypto_adapter),
		cmocka_unit_test(test_unlinked_queue),
		cmocka_unit_test(test_too_many_events),
		cmocka_unit_test(test_driver_api),
		cmocka_unit_test(test_flow_migration_threshold),
		cmocka_unit_test(test_port_cos),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("bad input", tests, NULL, NULL);
}
