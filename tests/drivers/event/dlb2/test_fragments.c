/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What becomes of fragments of ordered events and of events that are released early, through the
 * model: several ports work on one queue in any order, and what comes out is looked at. Not here:
 * the HCWs (test_datapath_fragments.c), calls that are refused (bad_calls.c).
 */
#include "parity_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define HOLD RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL
#define ORDERED_QUEUE 0
#define SINK_QUEUE 1
#define PRODUCER 0
#define FIRST_WORKER 1
#define NUM_WORKERS 3
#define SINK 4
#define MAX_PIECES 16
#define NUM_EVENTS 400
#define BURST 5

/* Workers take ordered events, the sink what they make of them. */
static void
set_up(uint8_t dev, unsigned int limit, uint32_t worker_flags)
{
	struct rte_event_dev_config conf = evdev_conf(dev, SINK + 1, 2, 0);
	unsigned int i;

	conf.nb_events_limit = limit;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	assert_int_equal(evdev_setup_queue(dev, ORDERED_QUEUE, 0, RTE_SCHED_TYPE_ORDERED), 0);
	assert_int_equal(evdev_setup_queue(dev, SINK_QUEUE, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i <= SINK; i++)
		assert_int_equal(evdev_setup_port(dev, i, i == SINK ? 0 : worker_flags), 0);
	for (i = FIRST_WORKER; i < FIRST_WORKER + NUM_WORKERS; i++)
		assert_int_equal(evdev_link(dev, i, ORDERED_QUEUE), 1);
	assert_int_equal(evdev_link(dev, SINK, SINK_QUEUE), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

struct worker {
	struct rte_event held[BURST];
	unsigned int num, next;
};

struct pipeline {
	uint8_t dev;
	unsigned int seed, made, event, piece; /* the last two: what the sink has to see next */
	unsigned int refused;
	uint8_t pieces[NUM_EVENTS]; /* 0: the event is released and leaves a hole */
	struct worker workers[NUM_WORKERS];
};

static unsigned int
random_of(struct pipeline *p, unsigned int n)
{
	return (unsigned int)rand_r(&p->seed) / 7 % n;
}

static void
produce(struct pipeline *p)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW,
				  .queue_id = ORDERED_QUEUE,
				  .sched_type = RTE_SCHED_TYPE_ORDERED,
				  .u64 = p->made};

	if (p->made < NUM_EVENTS)
		p->made += rte_event_enqueue_burst(p->dev, PRODUCER, &event, 1);
}

static void
release(uint8_t dev, uint8_t port)
{
	struct rte_event event = {.op = RTE_EVENT_OP_RELEASE};

	assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 1);
}

/*
 * The worker's oldest event goes on in pieces. If there are no credits for so many it does as one:
 * others may wait for this event, with all the credits that there are.
 */
static void
work(struct pipeline *p, struct worker *w, uint8_t port)
{
	const struct rte_event *event = &w->held[w->next];
	unsigned int i, n = p->pieces[event->u64];
	struct rte_event pieces[MAX_PIECES];
	int ret;

	for (i = 0; i < n; i++)
		pieces[i] = (struct rte_event){.queue_id = SINK_QUEUE,
					       .sched_type = RTE_SCHED_TYPE_ATOMIC,
					       .u64 = event->u64 * MAX_PIECES + i};
	if (n == 0) {
		release(p->dev, port);
		w->next++;
		return;
	}
	ret = rte_pmd_dlb2_enqueue_fragments(p->dev, port, event, pieces, n);
	assert_true(ret == 0 || ret == -ENOSPC);
	if (ret != 0) {
		p->refused++;
		p->pieces[event->u64] = 1;
	} else {
		w->next++;
	}
}

static void
step_worker(struct pipeline *p, unsigned int number)
{
	struct worker *w = &p->workers[number];
	uint8_t port = FIRST_WORKER + number;

	if (w->next < w->num) {
		work(p, w, port);
		return;
	}
	w->next = 0;
	w->num = rte_event_dequeue_burst(p->dev, port, w->held, 1 + random_of(p, BURST), 0);
}

static void
sink(struct pipeline *p)
{
	struct rte_event events[BURST];
	unsigned int i, n = rte_event_dequeue_burst(p->dev, SINK, events, BURST, 0);

	for (i = 0; i < n; i++) {
		while (p->piece == p->pieces[p->event]) {
			p->event++;
			p->piece = 0;
		}
		assert_true(events[i].u64 == p->event * MAX_PIECES + p->piece);
		p->piece++;
	}
}

/* The last event is no hole. */
static bool
is_done(const struct pipeline *p)
{
	return p->event == NUM_EVENTS - 1 && p->piece > 0;
}

/* All ports give back what they have cached when they find nothing. */
static void
expect_nothing_in_flight(uint8_t dev)
{
	unsigned int i;

	for (i = 0; i <= SINK; i++)
		assert_int_equal(evdev_receive(dev, i), 0);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 0);
	for (i = 0; i <= SINK; i++)
		assert_int_equal(port_xstat(dev, i, "outstanding_releases"), 0);
}

/* Everybody works at random: events are taken and finished in another order than they were made. */
static void
run_pipeline(uint64_t seed, unsigned int limit)
{
	struct pipeline p = {.seed = seed + 1};
	unsigned int steps, who, i;
	char args[64];

	snprintf(args, sizeof(args), "hw=2.5,seed=%u", (unsigned int)seed);
	p.dev = evdev_add(MODEL, args);
	set_up(p.dev, limit, HOLD);
	for (i = 0; i < NUM_EVENTS; i++)
		p.pieces[i] = i < NUM_EVENTS - 1 ? random_of(&p, MAX_PIECES + 1) : 1;
	for (steps = 0; steps < 1000000 && !is_done(&p); steps++) {
		who = random_of(&p, NUM_WORKERS + 3);
		if (who < NUM_WORKERS)
			step_worker(&p, who);
		else if (who == NUM_WORKERS)
			produce(&p);
		else
			sink(&p);
	}
	assert_true(is_done(&p));
	expect_nothing_in_flight(p.dev);
	assert_int_equal(p.refused > 0, limit < 1000);
	evdev_remove(MODEL);
}

static void
test_pieces_in_order(void **state)
{
	unsigned int seed;

	for (seed = 0; seed < 4; seed++)
		run_pipeline(seed, 4096);
}

/* Few credits: calls are refused now and then, and nothing of them is sent. */
static void
test_pieces_in_order_with_few_credits(void **state)
{
	unsigned int seed;

	for (seed = 0; seed < 4; seed++)
		run_pipeline(seed, 64);
}

static struct rte_event
new_event(uint8_t queue, uint8_t type, uint64_t number)
{
	return (struct rte_event){
		.op = RTE_EVENT_OP_NEW, .queue_id = queue, .sched_type = type, .u64 = number};
}

static void
send_new(uint8_t dev, uint8_t queue, uint8_t type, unsigned int num)
{
	struct rte_event event;
	unsigned int i;

	for (i = 0; i < num; i++) {
		event = new_event(queue, type, i);
		assert_int_equal(rte_event_enqueue_burst(dev, PRODUCER, &event, 1), 1);
	}
}

#define FIRST_PIECE 1000

static unsigned int pieces_flushed;

static void
count_pieces(uint8_t dev, struct rte_event event, void *arg)
{
	pieces_flushed += event.u64 >= FIRST_PIECE;
}

/* A worker that has not got event 0 and so has to wait for it; `event` is what it has got. */
static uint8_t
find_waiting_worker(uint8_t dev, struct rte_event *event)
{
	uint8_t port, found = 0;
	struct rte_event got;

	for (port = FIRST_WORKER; port < FIRST_WORKER + NUM_WORKERS; port++) {
		dequeue_some(dev, port, &got, 1);
		if (got.u64 != 0) {
			*event = got;
			found = port;
		}
	}
	return found;
}

/*
 * Stop while the pieces of an event wait for the first one, which is open: nothing is left behind,
 * and the device goes on afterwards.
 */
static void
test_stop_between_pieces(void **state)
{
	uint8_t dev = evdev_add(MODEL, "hw=2.5"), port;
	struct rte_event event, pieces[MAX_PIECES];
	unsigned int i, round;

	set_up(dev, 100, HOLD);
	for (i = 0; i < MAX_PIECES; i++)
		pieces[i] = new_event(SINK_QUEUE, RTE_SCHED_TYPE_ATOMIC, FIRST_PIECE + i);
	assert_int_equal(rte_event_dev_stop_flush_callback_register(dev, count_pieces, NULL), 0);
	for (round = 0; round < 3; round++) {
		send_new(dev, ORDERED_QUEUE, RTE_SCHED_TYPE_ORDERED, 9);
		port = find_waiting_worker(dev, &event);
		assert_int_equal(rte_pmd_dlb2_enqueue_fragments(dev, port, &event, pieces, 16), 0);
		assert_int_equal(evdev_receive(dev, SINK), 0);
		pieces_flushed = 0;
		rte_event_dev_stop(dev);
		assert_int_equal(pieces_flushed, 16);
		assert_int_equal(rte_event_dev_start(dev), 0);
		expect_nothing_in_flight(dev);
		evdev_check_traffic(dev, PRODUCER, SINK_QUEUE, SINK);
	}
	evdev_remove(MODEL);
}

/*
 * Queue 0 is atomic and for both workers. One of them has the first event of a flow of two, and
 * with it all that its CQ can hold: the other event is in the queue.
 */
static void
open_first_of_flow(uint8_t dev, struct rte_event *event, uint8_t *has, uint8_t *has_not)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 2, 0), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 3; i++) {
		struct rte_event_port_conf conf = port_conf(dev);

		conf.event_port_cfg = HOLD;
		conf.dequeue_depth = 1;
		assert_int_equal(
			rte_pmd_dlb2_set_token_pop_mode(dev, i, RTE_PMD_DLB2_DEFERRED_POP), 0);
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
	}
	assert_int_equal(evdev_link(dev, 1, 0), 1);
	assert_int_equal(evdev_link(dev, 2, 0), 1);
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	send_new(dev, 0, RTE_SCHED_TYPE_ATOMIC, 2);
	for (*has = 1; rte_event_dequeue_burst(dev, *has, event, 1, 0) == 0; *has = 3 - *has)
		;
	*has_not = 3 - *has;
	assert_int_equal(event->u64, 0);
}

/*
 * Another port gets the next event of the flow before the first one goes on; without the early
 * release it does not. Both come out, and at the end no credit is missing.
 */
static void
early_release(uint8_t dev)
{
	struct rte_event first, second, got;
	uint8_t has, has_not;

	open_first_of_flow(dev, &first, &has, &has_not);
	assert_int_equal(rte_event_dequeue_burst(dev, has_not, &second, 1, 0), 0);
	assert_int_equal(rte_event_dequeue_burst(dev, has_not, &second, 1, 0), 0);
	assert_int_equal(rte_pmd_dlb2_release_atomic(dev, has, &first, 1), 0);
	assert_int_equal(port_xstat(dev, has, "outstanding_releases"), 0);
	dequeue_some(dev, has_not, &second, 1);
	assert_int_equal(second.u64, 1);
	second.op = first.op = RTE_EVENT_OP_FORWARD;
	second.queue_id = first.queue_id = 1;
	assert_int_equal(rte_event_enqueue_burst(dev, has_not, &second, 1), 1);
	dequeue_some(dev, 0, &got, 1);
	assert_int_equal(got.u64, 1);
	release(dev, 0);
	assert_int_equal(rte_pmd_dlb2_enqueue_released(dev, has, &first, 1), 0);
	dequeue_some(dev, 0, &got, 1);
	assert_int_equal(got.u64, 0);
	release(dev, 0);
	evdev_receive(dev, 0);
	evdev_receive(dev, 1);
	evdev_receive(dev, 2);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 0);
}

static void
test_early_release(void **state)
{
	char args[32];
	unsigned int seed;

	evdev_for_both(early_release);
	for (seed = 1; seed < 4; seed++) {
		snprintf(args, sizeof(args), "hw=2.5,seed=%u", seed);
		with_devargs(args, early_release);
	}
}

/* With as many events as there may be: no new one is accepted, but the event that is out goes on. */
static void
early_release_without_credits(uint8_t dev)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 2, 2, 0);
	struct rte_event first, event = new_event(0, RTE_SCHED_TYPE_ATOMIC, 7);
	unsigned int i, num = 0;

	conf.nb_events_limit = 8;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, i, HOLD), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	while (rte_event_enqueue_burst(dev, 0, &event, 1) == 1)
		num++;
	assert_int_equal(num, 8);
	dequeue_some(dev, 0, &first, 1);
	assert_int_equal(rte_pmd_dlb2_release_atomic(dev, 0, &first, 1), 0);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 8);
	assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 0);
	first.op = RTE_EVENT_OP_FORWARD;
	first.queue_id = 1;
	assert_int_equal(rte_pmd_dlb2_enqueue_released(dev, 0, &first, 1), 0);
	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 8);
	dequeue_some(dev, 1, &event, 1);
	assert_int_equal(event.u64, 7);
}

static void
test_early_release_without_credits(void **state)
{
	evdev_for_both(early_release_without_credits);
}

/* What depends on the version, on the port or on what is open; nothing is sent. */
static void
test_refused(void **state)
{
	struct rte_event event = {.sched_type = RTE_SCHED_TYPE_ORDERED}, pieces[2];
	uint8_t dev = evdev_add(MODEL, "hw=2.0");

	pieces[0] = pieces[1] = new_event(SINK_QUEUE, RTE_SCHED_TYPE_ATOMIC, 0);
	set_up(dev, 100, HOLD);
	log_capture();
	assert_int_equal(rte_pmd_dlb2_enqueue_fragments(dev, 1, &event, pieces, 2), -ENOTSUP);
	log_expect("DLB 2.0 has no fragments", NULL);
	evdev_remove(MODEL);

	dev = evdev_add(MODEL, "hw=2.5");
	set_up(dev, 100, HOLD);
	log_capture();
	assert_int_equal(rte_pmd_dlb2_enqueue_fragments(dev, 1, &event, pieces, 2), -EINVAL);
	log_expect("fewer events are open", NULL);
	send_new(dev, SINK_QUEUE, RTE_SCHED_TYPE_ATOMIC, 1);
	dequeue_some(dev, SINK, &event, 1);
	log_capture();
	assert_int_equal(rte_pmd_dlb2_enqueue_fragments(dev, SINK, &event, pieces, 2), -EINVAL);
	log_expect("not ordered", NULL);
	release(dev, SINK);
	expect_nothing_in_flight(dev);
	evdev_remove(MODEL);
}

static void
test_refused_with_independent_enqueue(void **state)
{
	uint8_t dev = evdev_add(MODEL, "hw=2.5");
	struct rte_event event;

	set_up(dev, 100, HOLD | RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ);
	send_new(dev, ORDERED_QUEUE, RTE_SCHED_TYPE_ORDERED, 3);
	dequeue_some(dev, FIRST_WORKER, &event, 1);
	log_capture();
	assert_int_equal(rte_pmd_dlb2_enqueue_fragments(dev, FIRST_WORKER, &event, &event, 1),
			 -ENOTSUP);
	assert_int_equal(rte_pmd_dlb2_release_atomic(dev, FIRST_WORKER, &event, 1), -ENOTSUP);
	log_expect("independent enqueue", NULL);
	evdev_remove(MODEL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_in_order),
		cmocka_unit_test(test_pieces_in_order_with_few_credits),
		cmocka_unit_test(test_stop_between_pieces),
		cmocka_unit_test(test_early_release),
		cmocka_unit_test(test_early_release_without_credits),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_with_independent_enqueue),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("fragments", tests, NULL, NULL);
}
