/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Parity with the in-tree driver, pmd-interface sections 9 and 12 to 15, by traffic through the
 * model: priorities, fill levels, weights, bandwidth, credits, independent enqueue, and what the
 * counters say of it.
 */
#include "parity_test.h"

#include <errno.h>
#include <stdlib.h>

#define HOLD RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL
#define WORKER RTE_EVENT_PORT_CFG_HINT_WORKER
#define PRODUCER RTE_EVENT_PORT_CFG_HINT_PRODUCER
#define CONSUMER RTE_EVENT_PORT_CFG_HINT_CONSUMER
#define ANY_ORDER RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ

/*
 * Queue 0 of `type` for port 1 alone, set up with `flags` and `depth`; port 0 sends. The queue has
 * no link yet, so that events wait in it until link_queue().
 */
static void
start_unlinked(uint8_t dev, uint8_t type, uint32_t flags, unsigned int depth)
{
	struct rte_event_port_conf conf;

	assert_int_equal(evdev_configure(dev, 2, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, type), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	conf = port_conf(dev);
	conf.event_port_cfg = flags;
	conf.dequeue_depth = depth;
	assert_int_equal(rte_event_port_setup(dev, 1, &conf), 0);
	assert_int_equal(evdev_link(dev, 1, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(evdev_unlink(dev, 1, 0), 1);
	evdev_receive(dev, 1);
	assert_int_equal(rte_event_port_unlinks_in_progress(dev, 1), 0);
}

static void
link_queue(uint8_t dev)
{
	assert_int_equal(evdev_link(dev, 1, 0), 1);
}

static void
send_event(uint8_t dev, uint8_t port, struct rte_event event)
{
	assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 1);
}

/* Takes what comes and keeps it open; returns how many came. */
static unsigned int
receive_and_hold(uint8_t dev, uint8_t port, struct rte_event *events, unsigned int num)
{
	unsigned int silent = 0, got = 0, n;

	for (; silent < 100 && got < num; silent++) {
		n = rte_event_dequeue_burst(dev, port, events + got, num - got, 0);
		silent = n > 0 ? 0 : silent;
		got += n;
	}
	return got;
}

/* Two priorities of eight share each of four levels; in a level the order is that of arrival. */
static void
event_priorities(uint8_t dev)
{
	static const uint8_t sent[] = {255, 192, 128, 100, 64, 32, 0, 31, 33};
	static const uint8_t codes[] = {1, 0, 0, 1, 3, 2, 4, 7, 6};
	struct rte_event events[RTE_DIM(sent)];
	unsigned int i;

	start_unlinked(dev, RTE_SCHED_TYPE_PARALLEL, HOLD, 16);
	for (i = 0; i < RTE_DIM(sent); i++)
		send_event(dev, 0, (struct rte_event){.op = RTE_EVENT_OP_NEW,
						      .sched_type = RTE_SCHED_TYPE_PARALLEL,
						      .priority = sent[i]});
	link_queue(dev);
	assert_int_equal(receive_and_hold(dev, 1, events, RTE_DIM(events)), RTE_DIM(events));
	for (i = 0; i < RTE_DIM(events); i++)
		assert_int_equal(events[i].priority >> 5, codes[i]);
}

static void
test_event_priorities(void **state)
{
	evdev_for_both(event_priorities);
}

/* The fields that cross the device, of event number `n`: single bits first, then a mixture. */
static struct rte_event
carried_event(unsigned int n)
{
	uint64_t bits = n < 32 ? UINT64_C(1) << n : n * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	return (struct rte_event){.event = bits, .u64 = ~(uint64_t)n};
}

static void
expect_carried(const struct rte_event *event, unsigned int n, uint32_t flow_mask)
{
	const struct rte_event sent = carried_event(n);

	assert_true(event->u64 == sent.u64);
	assert_int_equal(event->flow_id, sent.flow_id & flow_mask);
	assert_int_equal(event->event_type, sent.event_type);
	assert_int_equal(event->sub_event_type, sent.sub_event_type);
	assert_int_equal(event->priority, n << 5 & 0xe0);
}

/* Through a queue of each type and back by the next, last through the directed one. */
static void
carried_fields(uint8_t dev)
{
	static const uint8_t types[] = {RTE_SCHED_TYPE_ATOMIC, RTE_SCHED_TYPE_PARALLEL,
					RTE_SCHED_TYPE_ORDERED, RTE_SCHED_TYPE_ATOMIC};
	struct rte_event event;
	unsigned int n, i;

	assert_int_equal(evdev_configure(dev, 4, 4, 1), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 3 ? SINGLE_LINK_QUEUE : 0, types[i]),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 3 ? SINGLE_LINK_PORT : HOLD), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (n = 0; n < 2000; n++) {
		event = carried_event(n);
		event.op = RTE_EVENT_OP_NEW;
		event.priority = n << 5;
		for (i = 0; i < 4; i++) {
			event.queue_id = i;
			event.sched_type = types[i];
			send_event(dev, i == 0 ? 3 : i - 1, event);
			assert_int_equal(dequeue_some(dev, i, &event, 1), 1);
			expect_carried(&event, n, i == 3 ? 0xffff : 0xfffff);
			assert_int_equal(event.queue_id, i);
			event.op = RTE_EVENT_OP_FORWARD;
		}
	}
}

static void
test_carried_fields(void **state)
{
	evdev_for_both(carried_fields);
}

/*
 * The device compares 16 bits of the flow: what differs above them is one flow, and comes to one
 * port only; what differs in them does not.
 */
static void
flows_compared(uint8_t dev)
{
	static const uint32_t flows[] = {0x00001, 0xf0001, 0x08001, 0x70001};
	unsigned int i, at_first, at_second;
	struct rte_event events[8];

	assert_int_equal(evdev_configure(dev, 2, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_port(dev, i, HOLD), 0);
		assert_int_equal(evdev_link(dev, i, 0), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < RTE_DIM(flows); i++)
		send_event(dev, 0, (struct rte_event){.op = RTE_EVENT_OP_NEW,
						      .sched_type = RTE_SCHED_TYPE_ATOMIC,
						      .flow_id = flows[i]});
	at_first = receive_and_hold(dev, 0, events, RTE_DIM(events));
	at_second = receive_and_hold(dev, 1, events, RTE_DIM(events));
	assert_int_equal(RTE_MAX(at_first, at_second), 3);
	assert_int_equal(RTE_MIN(at_first, at_second), 1);
}

static void
test_flows_compared(void **state)
{
	evdev_for_both(flows_compared);
}

/* The fill level falls while the queue empties; a threshold of 16 makes 40 events show them all. */
static void
fill_levels(uint8_t dev)
{
	static const char *const names[] = {"depth_le50_threshold", "depth_gt50_le75_threshold",
					    "depth_gt75_le100_threshold", "depth_gt100_threshold"};
	unsigned int i, level, last = 3, count[4] = {0};
	struct rte_event events[40];

	start_unlinked(dev, RTE_SCHED_TYPE_PARALLEL, HOLD, 64);
	for (i = 0; i < RTE_DIM(events); i++)
		send_event(dev, 0, (struct rte_event){.op = RTE_EVENT_OP_NEW,
						      .sched_type = RTE_SCHED_TYPE_PARALLEL});
	link_queue(dev);
	assert_int_equal(receive_and_hold(dev, 1, events, RTE_DIM(events)), RTE_DIM(events));
	for (i = 0; i < RTE_DIM(events); i++) {
		level = RTE_PMD_DLB2_GET_QID_DEPTH(&events[i]);
		assert_true(level <= last);
		last = level;
		count[level]++;
	}
	assert_int_equal(last, 0);
	assert_in_range(count[3], 22, 25);
	for (i = 0; i < 4; i++) {
		assert_true(count[i] > 0);
		assert_int_equal(queue_xstat(dev, 0, names[i]), count[i]);
	}
}

static void
test_fill_levels(void **state)
{
	with_devargs("hw=2.0,default_depth_thresh=16", fill_levels);
	with_devargs("hw=2.5,qid_depth_thresh=0:16", fill_levels);
}

static unsigned int
received_with_weight(uint8_t dev, unsigned int weight)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_PARALLEL};
	struct rte_event events[32];
	unsigned int i, got;

	RTE_PMD_DLB2_SET_QE_WEIGHT(&event, weight);
	start_unlinked(dev, RTE_SCHED_TYPE_PARALLEL, HOLD, 16);
	for (i = 0; i < RTE_DIM(events); i++)
		send_event(dev, 0, event);
	link_queue(dev);
	got = receive_and_hold(dev, 1, events, RTE_DIM(events));
	rte_event_dev_stop(dev);
	return got;
}

/* A port of depth 16 takes 16 units of load: 1, 2, 4 or 8 for each event. */
static void
weights(uint8_t dev)
{
	assert_int_equal(received_with_weight(dev, 0), 16);
	assert_int_equal(received_with_weight(dev, 1), 8);
	assert_int_equal(received_with_weight(dev, 2), 4);
	assert_int_equal(received_with_weight(dev, 3), 2);
}

/* Without the devarg, and on 2.0, nobody looks at the weight. */
static void
no_weights(uint8_t dev)
{
	assert_int_equal(received_with_weight(dev, 3), 32);
}

static void
test_weights(void **state)
{
	with_devargs("hw=2.5,enable_cq_weight=y", weights);
	with_devargs("hw=2.5", no_weights);
	with_devargs("hw=2.0", no_weights);
}

/* Ports 0 and 1, of classes with three quarters and one, share a queue. */
static void
bandwidth(uint8_t dev)
{
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_PARALLEL), 0);
	for (i = 0; i < 3; i++) {
		conf = port_conf(dev);
		conf.dequeue_depth = 128;
		conf.event_port_cfg = HOLD;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
		if (i < 2)
			assert_int_equal(evdev_link(dev, i, 0), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 100; i++)
		send_event(dev, 2, (struct rte_event){.op = RTE_EVENT_OP_NEW,
						      .sched_type = RTE_SCHED_TYPE_PARALLEL});
	assert_in_range(evdev_receive(dev, 0), 70, 80);
	assert_in_range(evdev_receive(dev, 1), 20, 30);
}

static void
test_bandwidth(void **state)
{
	with_devargs("hw=2.0,cos_bw=75:0:25:0,port_cos=0:0,port_cos=1:2", bandwidth);
	with_devargs("hw=2.5,cos_bw=75:0:25:0,port_cos=0:0,port_cos=1:2", bandwidth);
}

/* Ports 0 to 3 have hints, port 4 is the one that does not. */
static void
start_hinted(uint8_t dev)
{
	static const uint32_t flags[] = {0, WORKER, PRODUCER, CONSUMER};
	unsigned int i;

	assert_int_equal(evdev_configure(dev, RTE_DIM(flags) + 1, 2, 1), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_queue(dev, 1, SINGLE_LINK_QUEUE, 0), 0);
	for (i = 0; i < RTE_DIM(flags); i++)
		assert_int_equal(evdev_setup_port(dev, i, flags[i]), 0);
	assert_int_equal(evdev_setup_port(dev, i, SINGLE_LINK_PORT), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(evdev_link(dev, i, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

/* What `port` takes from the pools for one event to a queue, that event apart. */
static void
check_quanta(uint8_t dev, uint8_t port, uint8_t queue, unsigned int events, unsigned int credits)
{
	const char *pool = is_2_0(dev) ? "dev_dir_pool_size" : "dev_pool_size";
	uint64_t inflights, left;

	evdev_receive(dev, 0);
	evdev_receive(dev, 4);
	inflights = evdev_xstat(dev, "dev_inflight_events");
	left = evdev_xstat(dev, pool);
	evdev_send(dev, port, queue, 1);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events") - inflights, 1 + events);
	if (queue == 1 && is_2_0(dev))
		assert_int_equal(left - evdev_xstat(dev, pool), 1 + credits);
}

static void
default_quanta(uint8_t dev)
{
	start_hinted(dev);
	check_quanta(dev, 0, 1, 32, 32);
	check_quanta(dev, 1, 1, 32, 32);
	check_quanta(dev, 2, 1, 256, 256);
	check_quanta(dev, 3, 1, 256, 256);
	check_quanta(dev, 4, 0, 32, 0);
}

/* Hints are stronger than the devargs. */
static void
quanta_by_devarg(uint8_t dev)
{
	start_hinted(dev);
	check_quanta(dev, 0, 1, 8, 5);
	check_quanta(dev, 2, 1, 256, 256);
}

static void
test_quanta(void **state)
{
	evdev_for_both(default_quanta);
	with_devargs("hw=2.0,sw_credit_quanta=8,hw_credit_quanta=5", quanta_by_devarg);
	with_devargs("hw=2.5,sw_credit_quanta=8,hw_credit_quanta=5", quanta_by_devarg);
}

static unsigned int
send_until_refused(uint8_t dev, uint8_t port, uint8_t queue)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW,
				  .queue_id = queue,
				  .sched_type = RTE_SCHED_TYPE_ATOMIC};
	unsigned int sent = 0;

	rte_errno = 0;
	while (rte_event_enqueue_burst(dev, port, &event, 1) == 1)
		sent++;
	assert_int_equal(rte_errno, ENOSPC);
	return sent;
}

/* Why an event was refused: the port's own threshold, or the limit of the device. */
static void
limits(uint8_t dev)
{
	struct rte_event_dev_config config = evdev_conf(dev, 2, 1, 0);
	struct rte_event_port_conf conf;
	unsigned int i, sent;

	config.nb_events_limit = 1000;
	assert_int_equal(rte_event_dev_configure(dev, &config), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 2; i++) {
		conf = port_conf(dev);
		conf.new_event_threshold = i == 0 ? 300 : 1000;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
	}
	assert_int_equal(evdev_link(dev, 1, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	sent = send_until_refused(dev, 0, 0);
	assert_int_equal(sent, 300);
	assert_int_equal(port_xstat(dev, 0, "tx_nospc_inflight_max"), 1);
	assert_int_equal(port_xstat(dev, 0, "tx_nospc_new_event_limit"), 0);
	sent += send_until_refused(dev, 1, 0);
	assert_int_equal(sent, 1000);
	assert_int_equal(port_xstat(dev, 1, "tx_nospc_inflight_max"), 0);
	assert_int_equal(port_xstat(dev, 1, "tx_nospc_new_event_limit"), 1);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 1000);
	assert_int_equal(evdev_xstat(dev, "dev_tx_nospc_inflight_max"), 1);
	assert_int_equal(evdev_xstat(dev, "dev_tx_nospc_new_event_limit"), 1);
	assert_int_equal(port_xstat(dev, 0, "tx_nospc_inflight_credits"), 0);
	assert_int_equal(evdev_receive(dev, 1), 1000);
}

static void
test_limits(void **state)
{
	evdev_for_both(limits);
}

/* num_dir_credits=8: so many events at a time are on their way to directed ports. */
static void
directed_credits(uint8_t dev)
{
	start_hinted(dev);
	assert_int_equal(send_until_refused(dev, 0, 1), 8);
	assert_int_equal(port_xstat(dev, 0, "tx_nospc_dir_hw_credits"), 1);
	assert_int_equal(port_xstat(dev, 0, "tx_nospc_ldb_hw_credits"), 0);
	assert_int_equal(port_xstat(dev, 0, "tx_nospc_hw_credits"), 0);
	assert_int_equal(evdev_xstat(dev, "dev_tx_nospc_dir_hw_credits"), 1);
	assert_int_equal(evdev_receive(dev, 4), 8);
	assert_int_equal(evdev_xstat(dev, "dev_dir_pool_size"), 8);
	evdev_check_traffic(dev, 0, 0, 0);
	assert_int_equal(send_until_refused(dev, 0, 1), 8);
}

static void
test_directed_credits(void **state)
{
	with_devargs("hw=2.0,num_dir_credits=8", directed_credits);
}

/* Queues 0 ordered, 1 parallel, 2 directed, each to the port of its number; all hold events. */
static void
start_three_kinds(uint8_t dev)
{
	static const uint8_t types[] = {RTE_SCHED_TYPE_ORDERED, RTE_SCHED_TYPE_PARALLEL, 0};
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 2 ? SINGLE_LINK_QUEUE : 0,
						   types[i]),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 2 ? SINGLE_LINK_PORT | HOLD : HOLD),
				 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
check_values(uint8_t dev, unsigned int port, const char *const names[], const uint64_t values[])
{
	unsigned int i;

	for (i = 0; names[i] != NULL; i++)
		if (port_xstat(dev, port, names[i]) != values[i])
			fail_msg("port_%u_%s is not %" PRIu64, port, names[i], values[i]);
}

/* Each event by what was done with it and how it was scheduled. */
static void
port_counters(uint8_t dev)
{
	static const char *const names[] = {
		"tx_ok", "tx_new", "tx_fwd", "tx_rel", "tx_implicit_rel", "tx_sched_ordered",
		"tx_sched_unordered", "tx_sched_atomic", "tx_sched_directed", "tx_invalid", "rx_ok",
		"rx_drop", "rx_sched_ordered", "rx_sched_unordered", "rx_sched_atomic",
		"rx_sched_directed", "rx_sched_invalid", "outstanding_releases", NULL};
	struct rte_event event = {.op = RTE_EVENT_OP_NEW}, events[8];
	unsigned int i;

	start_three_kinds(dev);
	for (i = 0; i < 5; i++) {
		event.queue_id = i % 2; /* ordered: 3, then parallel: 2 */
		event.sched_type = i % 2 ? RTE_SCHED_TYPE_PARALLEL : RTE_SCHED_TYPE_ORDERED;
		send_event(dev, 0, event);
	}
	event.queue_id = 1;
	event.sched_type = RTE_SCHED_TYPE_ATOMIC;
	send_event(dev, 0, event);
	event.sched_type = 3; /* there is no such type */
	assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 0);
	assert_int_equal(receive_and_hold(dev, 0, events, 3), 3);
	events[0].op = RTE_EVENT_OP_FORWARD;
	events[0].queue_id = 2;
	send_event(dev, 0, events[0]);
	events[1].op = RTE_EVENT_OP_RELEASE;
	send_event(dev, 0, events[1]);
	check_values(dev, 0, names,
		     (const uint64_t[]){8, 6, 1, 1, 0, 3, 2, 1, 1, 1, 3, 0, 3, 0, 0, 0, 0, 1});
	assert_int_equal(receive_and_hold(dev, 1, events, 3), 3);
	check_values(dev, 1, names,
		     (const uint64_t[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 2, 1, 0, 0, 3});
	assert_int_equal(receive_and_hold(dev, 2, events, 1), 1);
	check_values(dev, 2, names,
		     (const uint64_t[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1});
	assert_int_equal(queue_xstat(dev, 0, "enq_ok"), 3);
	assert_int_equal(queue_xstat(dev, 1, "enq_ok"), 3);
	assert_int_equal(queue_xstat(dev, 2, "enq_ok"), 1);
	assert_int_equal(queue_xstat(dev, 2, "sched_type"), 3);
	assert_int_equal(evdev_xstat(dev, "dev_rx_ok"), 7);
	assert_int_equal(evdev_xstat(dev, "dev_tx_ok"), 8);
	assert_int_equal(port_xstat(dev, 0, "rx_interrupt_wait"), 0);
	assert_int_equal(port_xstat(dev, 0, "max_outstanding_releases"), 32);
	assert_int_equal(port_xstat(dev, 2, "max_outstanding_releases"), 0);
}

static void
test_port_counters(void **state)
{
	evdev_for_both(port_counters);
}

/* Polls are calls; those that found nothing are counted apart. */
static void
polls(uint8_t dev)
{
	struct rte_event event;
	unsigned int i;

	evdev_start_simple(dev, 2);
	for (i = 0; i < 7; i++)
		assert_int_equal(rte_event_dequeue_burst(dev, 1, &event, 1, 0), 0);
	evdev_send(dev, 0, 1, 1);
	assert_int_equal(dequeue_some(dev, 1, &event, 1), 1);
	assert_int_equal(port_xstat(dev, 1, "total_polls") - port_xstat(dev, 1, "zero_polls"), 1);
	assert_true(port_xstat(dev, 1, "zero_polls") >= 7);
	assert_int_equal(evdev_xstat(dev, "dev_total_polls"), port_xstat(dev, 1, "total_polls"));
	assert_int_equal(evdev_xstat(dev, "dev_zero_polls"), port_xstat(dev, 1, "zero_polls"));
	assert_int_equal(evdev_xstat(dev, "dev_rx_umonitor_umwait"), 0);
}

static void
test_polls(void **state)
{
	evdev_for_both(polls);
}

/* With a list of 10 a port has 10 events open, and no more comes before it completes some. */
static void
open_events(uint8_t dev)
{
	struct rte_pmd_dlb2_port_param param = {.port_hl = 10};
	struct rte_event events[40];
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_PARALLEL), 0);
	assert_int_equal(evdev_setup_port(dev, 0, HOLD), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 0, 40);
	assert_int_equal(receive_and_hold(dev, 0, events, 40), 10);
	for (i = 0; i < 3; i++) {
		events[i].op = RTE_EVENT_OP_RELEASE;
		send_event(dev, 0, events[i]);
	}
	assert_int_equal(receive_and_hold(dev, 0, events, 40), 3);
	assert_int_equal(port_xstat(dev, 0, "outstanding_releases"), 10);
}

static void
test_open_events(void **state)
{
	evdev_for_both(open_events);
}

/*
 * Port 1 works on events of an ordered queue in any order it likes, in both ways to drop them; they
 * still come out in the order in which they went in.
 */
static void
start_any_order(uint8_t dev, uint32_t flags)
{
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 2, 1), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ORDERED), 0);
	assert_int_equal(evdev_setup_queue(dev, 1, SINGLE_LINK_QUEUE, 0), 0);
	for (i = 0; i < 3; i++) {
		conf = port_conf(dev);
		conf.event_port_cfg = i == 0 ? 0 : i == 1 ? flags : SINGLE_LINK_PORT;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
	}
	assert_int_equal(evdev_link(dev, 1, 0), 1);
	assert_int_equal(evdev_link(dev, 2, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
shuffle(struct rte_event *events, unsigned int num, unsigned int *seed)
{
	unsigned int i, other;

	for (i = num; i > 1; i--) {
		other = rand_r(seed) % i;
		RTE_SWAP(events[i - 1], events[other]);
	}
}

/* Forwards two of three events; the rest is released if the port has to do it, or else dropped. */
static void
forward_shuffled(uint8_t dev, struct rte_event *events, unsigned int num, bool release,
		 unsigned int *seed)
{
	unsigned int i;

	shuffle(events, num, seed);
	for (i = 0; i < num; i++) {
		events[i].op = RTE_EVENT_OP_FORWARD;
		events[i].queue_id = 1;
		if (events[i].u64 % 3 == 0) {
			if (!release)
				continue;
			events[i].op = RTE_EVENT_OP_RELEASE;
		}
		send_event(dev, 1, events[i]);
	}
}

static void
any_order(uint8_t dev, uint32_t flags)
{
	struct rte_event events[32];
	unsigned int seed = 1, round, i, got, silent = 0;
	uint64_t sent = 0, expected = 1;

	start_any_order(dev, flags);
	for (round = 0; silent < 100; round++) {
		for (i = 0; i < 20 && sent < 2000; i++)
			send_event(dev, 0, (struct rte_event){.op = RTE_EVENT_OP_NEW,
							      .u64 = sent++});
		got = rte_event_dequeue_burst(dev, 1, events, RTE_DIM(events), 0);
		silent = got > 0 ? 0 : silent + 1;
		forward_shuffled(dev, events, got, flags & HOLD, &seed);
		got = rte_event_dequeue_burst(dev, 2, events, RTE_DIM(events), 0);
		for (i = 0; i < got; i++, expected += expected % 3 == 1 ? 1 : 2)
			assert_int_equal(events[i].u64, expected);
	}
	assert_int_equal(expected, 2000);
	assert_int_equal(port_xstat(dev, 1, "outstanding_releases"), 0);
	rte_event_dev_stop(dev);
}

static void
any_order_both_ways(uint8_t dev)
{
	any_order(dev, ANY_ORDER);
	any_order(dev, ANY_ORDER | HOLD);
}

static void
test_any_order(void **state)
{
	evdev_for_both(any_order_both_ways);
	with_devargs("hw=2.5,seed=5", any_order_both_ways);
}

static void
bad_any_order(uint8_t dev)
{
	struct rte_pmd_dlb2_port_param param = {.port_hl = 257};
	struct rte_event_port_conf conf;

	assert_int_equal(evdev_configure(dev, 2, 1, 0), 0);
	conf = port_conf(dev);
	conf.event_port_cfg = ANY_ORDER;
	conf.dequeue_depth = 129;
	log_capture();
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), -EINVAL);
	log_expect("dequeue_depth 129", "1 to 128", NULL);
	conf.dequeue_depth = 16;
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), 0);
	log_capture();
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), -EINVAL);
	log_expect("257 history-list entries", "1 to 256", NULL);
	any_order(dev, ANY_ORDER);
}

static void
test_bad_any_order(void **state)
{
	with_devargs("hw=2.0,max_cq_depth=256", bad_any_order);
	with_devargs("hw=2.5,max_cq_depth=256", bad_any_order);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event_priorities),
		cmocka_unit_test(test_carried_fields),
		cmocka_unit_test(test_flows_compared),
		cmocka_unit_test(test_fill_levels),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_bandwidth),
		cmocka_unit_test(test_quanta),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_directed_credits),
		cmocka_unit_test(test_port_counters),
		cmocka_unit_test(test_polls),
		cmocka_unit_test(test_open_events),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_bad_any_order),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("parity: traffic", tests, NULL, NULL);
}
