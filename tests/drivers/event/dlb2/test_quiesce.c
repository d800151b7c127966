/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Quiescing a port (pmd-interface N4): every event reaches somebody, once; other ports go on, with
 * the flows that the port had; the port can be used again.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "parity_test.h"

#define MANY 200
#define HOLD RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL

/* What callbacks were given. */
struct taken {
	unsigned int num;
	uint64_t last;
};

static void
take(uint8_t dev, struct rte_event event, void *arg)
{
	struct taken *taken = arg;

	RTE_SET_USED(dev);
	taken->num++;
	taken->last = event.u64;
}

static unsigned int
quiesce(uint8_t dev, uint8_t port)
{
	struct taken taken = {0};

	rte_event_port_quiesce(dev, port, take, &taken);
	return taken.num;
}

/* One queue for two ports. */
static void
start(uint8_t dev, uint8_t type, uint32_t port_flags)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, type), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_port(dev, i, port_flags), 0);
		assert_int_equal(evdev_link(dev, i, 0), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
send(uint8_t dev, uint8_t type, uint32_t flow, uint64_t number)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .sched_type = type, .flow_id = flow, .u64 = number,
	};

	assert_int_equal(rte_event_enqueue_burst(dev, 1, &event, 1), 1);
}

static void
send_many(uint8_t dev, uint8_t type)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		send(dev, type, i, i);
}

static void
finish(uint8_t dev, uint8_t port, struct rte_event *event, uint8_t op)
{
	event->op = op;
	assert_int_equal(rte_event_enqueue_burst(dev, port, event, 1), 1);
}

static unsigned int
inflights(uint8_t dev, unsigned int port)
{
	return reg_of(dev, DLB2_LSP_CQ_LDB_INFL_CNT, port_xstat(dev, port, "hw_id"));
}

static unsigned int
tokens(uint8_t dev, unsigned int port)
{
	const struct dlb2_port *record = &dlb2_evdev(&rte_eventdevs[dev])->ports[port];

	return dlb2_port_tokens(process_of(dev)->domain, record->kind, record->hw_id);
}

static void
each_event_once(uint8_t dev)
{
	unsigned int taken, received;
	struct rte_event event;

	start(dev, RTE_SCHED_TYPE_PARALLEL, 0);
	send_many(dev, RTE_SCHED_TYPE_PARALLEL);
	dequeue_some(dev, 0, &event, 1); /* the application's own: no callback */
	assert_true(inflights(dev, 0) > 1);
	taken = quiesce(dev, 0);
	assert_true(taken > 0);
	assert_int_equal(inflights(dev, 0), 0);
	assert_int_equal(tokens(dev, 0), 0);
	received = evdev_receive(dev, 1);
	assert_int_equal(1 + taken + received, MANY);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 0);
}

/* Those in its CQ go to the callback, the rest to the other port; all credits are back. */
static void
test_each_event_once(void **state)
{
	evdev_for_both(each_event_once);
}

static void
stays_off_until_used(uint8_t dev)
{
	unsigned int i, received = 0;
	struct rte_event event;

	start(dev, RTE_SCHED_TYPE_PARALLEL, HOLD);
	assert_int_equal(quiesce(dev, 0), 0);
	for (i = 0; i < 3; i++) {
		evdev_send(dev, 0, 0, 20); /* a port may send without receiving */
		dequeue_some(dev, 1, &event, 1);
		finish(dev, 1, &event, RTE_EVENT_OP_RELEASE);
		assert_int_equal(inflights(dev, 0), 0);
	}
	assert_int_equal(quiesce(dev, 0), 0); /* again */
	while (rte_event_dequeue_burst(dev, 0, &event, 1, 0) == 1) {
		finish(dev, 0, &event, RTE_EVENT_OP_RELEASE);
		received++;
	}
	assert_true(received > 0);
}

/* The device must not fill the CQ of a thread that has left. */
static void
test_stays_off_until_used(void **state)
{
	evdev_for_both(stays_off_until_used);
}

/* One flow, all of it scheduled to port 0, of which one event is open. */
static void
atomic_flow(uint8_t dev)
{
	struct taken taken = {0};
	struct rte_event event;
	unsigned int i;

	start(dev, RTE_SCHED_TYPE_ATOMIC, HOLD);
	send(dev, RTE_SCHED_TYPE_ATOMIC, 7, 0);
	while (rte_event_dequeue_burst(dev, 0, &event, 1, 0) == 0) {
		if (rte_event_dequeue_burst(dev, 1, &event, 1, 0) == 0)
			continue;
		finish(dev, 1, &event, RTE_EVENT_OP_RELEASE);
		send(dev, RTE_SCHED_TYPE_ATOMIC, 7, 0);
	}
	for (i = 1; i < MANY; i++)
		send(dev, RTE_SCHED_TYPE_ATOMIC, 7, i);
	assert_int_equal(evdev_receive(dev, 1), 0);
	rte_event_port_quiesce(dev, 0, take, &taken);
	assert_true(taken.num > 0);
	assert_int_equal(taken.last, taken.num);
	for (i = taken.last + 1; i < MANY; i++) {
		dequeue_some(dev, 1, &event, 1);
		assert_int_equal(event.u64, i);
		finish(dev, 1, &event, RTE_EVENT_OP_RELEASE);
	}
}

/* It goes on at the other port, in its order. */
static void
test_atomic_flow(void **state)
{
	evdev_for_both(atomic_flow);
}

/* Port 0 holds the first of an ordered queue; port 1 forwards what comes after it. */
static void
ordered_queue(uint8_t dev)
{
	struct rte_event first, event;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 2, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ORDERED), 0);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_port(dev, i, HOLD), 0);
		assert_int_equal(evdev_link(dev, i, i / 2), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 20; i++)
		send(dev, RTE_SCHED_TYPE_ORDERED, 1, i);
	dequeue_some(dev, 0, &first, 1);
	while (rte_event_dequeue_burst(dev, 1, &event, 1, 0) == 1) {
		event.queue_id = 1;
		event.sched_type = RTE_SCHED_TYPE_ATOMIC;
		finish(dev, 1, &event, RTE_EVENT_OP_FORWARD);
	}
	i = 1 + quiesce(dev, 0);
	while (i < 20) {
		dequeue_some(dev, 2, &event, 1);
		finish(dev, 2, &event, RTE_EVENT_OP_RELEASE);
		i++;
	}
	assert_int_equal(evdev_receive(dev, 2), 0);
}

/* What waits behind the places of its events goes on. */
static void
test_ordered_queue(void **state)
{
	evdev_for_both(ordered_queue);
}

static void
directed_port(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 1, 1, 1), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, SINGLE_LINK_QUEUE, 0), 0);
	assert_int_equal(evdev_setup_port(dev, 0, SINGLE_LINK_PORT), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 0, MANY);
	assert_int_equal(evdev_receive(dev, 0), MANY);
	evdev_send(dev, 0, 0, MANY);
	assert_int_equal(evdev_receive(dev, 0) + quiesce(dev, 0), MANY);
	assert_int_equal(tokens(dev, 0), 0);
	evdev_check_traffic(dev, 0, 0, 0);
}

static void
test_directed_port(void **state)
{
	evdev_for_both(directed_port);
}

/* Workers that leave one after the other, then stop. */
static void
stop_with_all_quiesced(uint8_t dev)
{
	struct taken left = {0};
	unsigned int taken;

	start(dev, RTE_SCHED_TYPE_PARALLEL, 0);
	send_many(dev, RTE_SCHED_TYPE_PARALLEL);
	taken = quiesce(dev, 0);
	taken += quiesce(dev, 1);
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev, take, &left), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(taken + left.num, MANY);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 0, MANY);
	assert_int_equal(evdev_receive(dev, 0) + evdev_receive(dev, 1) + evdev_receive(dev, 0),
			 MANY);
}

static void
test_stop_with_all_quiesced(void **state)
{
	evdev_for_both(stop_with_all_quiesced);
}

/* Nothing to do: before set-up, with a word; after stop, and without a callback. */
static void
test_nothing_to_do(void **state)
{
	uint8_t dev = evdev_add(MODEL, "");

	assert_int_equal(evdev_configure(dev, 2, 1, 0), 0);
	log_capture();
	assert_int_equal(quiesce(dev, 0), 0);
	log_expect("quiesced", "set-up", NULL);
	start(dev, RTE_SCHED_TYPE_PARALLEL, 0);
	send_many(dev, RTE_SCHED_TYPE_PARALLEL);
	rte_event_port_quiesce(dev, 0, NULL, NULL);
	rte_event_dev_stop(dev);
	assert_int_equal(quiesce(dev, 0), 0);
	evdev_remove(MODEL);
}

/* A thread that forwards what it gets, round and round. */
struct worker {
	uint8_t dev, port;
	bool stop;
	unsigned int forwarded;
};

static void
forward(struct worker *worker)
{
	struct rte_event event;

	if (rte_event_dequeue_burst(worker->dev, worker->port, &event, 1, 0) == 0) {
		sched_yield();
		return;
	}
	event.op = RTE_EVENT_OP_FORWARD;
	while (rte_event_enqueue_burst(worker->dev, worker->port, &event, 1) == 0)
		sched_yield();
	worker->forwarded++;
}

static void *
work(void *arg)
{
	struct worker *worker = arg;

	while (!__atomic_load_n(&worker->stop, __ATOMIC_ACQUIRE))
		forward(worker);
	return NULL;
}

/* 100 events of which some are atomic; the callback's are put back, so the number must not change. */
static void
test_beside_traffic(void **state)
{
	uint8_t dev = evdev_add(MODEL, "run=thread");
	struct worker worker = {.dev = dev, .port = 1}, own = {.dev = dev, .port = 0};
	struct taken left = {0};
	unsigned int i, n, before;
	pthread_t thread;

	start(dev, RTE_SCHED_TYPE_PARALLEL, HOLD);
	for (i = 0; i < 100; i++)
		send(dev, i % 2 == 0 ? RTE_SCHED_TYPE_PARALLEL : RTE_SCHED_TYPE_ATOMIC, i % 5, i);
	assert_int_equal(pthread_create(&thread, NULL, work, &worker), 0);
	for (i = 0; i < 10; i++) {
		for (n = 0; n < 30; n++)
			forward(&own);
		evdev_send(dev, 0, 0, quiesce(dev, 0));
		before = __atomic_load_n(&worker.forwarded, __ATOMIC_RELAXED);
		while (__atomic_load_n(&worker.forwarded, __ATOMIC_RELAXED) < before + 30)
			sched_yield();
	}
	__atomic_store_n(&worker.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_true(own.forwarded > 0);
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev, take, &left), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(left.num, 100);
	evdev_remove(MODEL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_event_once),
		cmocka_unit_test(test_stays_off_until_used),
		cmocka_unit_test(test_atomic_flow),
		cmocka_unit_test(test_ordered_queue),
		cmocka_unit_test(test_directed_port),
		cmocka_unit_test(test_stop_with_all_quiesced),
		cmocka_unit_test(test_nothing_to_do),
		cmocka_unit_test(test_beside_traffic),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("quiescing a port", tests, NULL, NULL);
}
