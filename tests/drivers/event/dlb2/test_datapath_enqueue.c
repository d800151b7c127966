/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Enqueue: each HCW that events become, lines and bursts, every refusal. The expected HCW is built
 * here member by member from the tables of the hardware reference (data-path 1.1, 2.4, 9.1, 9.2),
 * without any code of the driver.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "fake_device.h"

#define MAX_BURST 64

static struct fake_device *dev;
static struct fake_port *ldb, *dir;
static const struct dlb2_dp_ops *ops;
static unsigned int seed = 1;

static uint32_t
random32(void)
{
	return (uint32_t)rand_r(&seed) << 16 ^ (uint32_t)rand_r(&seed);
}

static int
setup(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(1024);

	ops = fake_ops();
	dev = fake_device_create(&conf);
	ldb = fake_port_add(dev, &port_conf);
	port_conf.kind = DLB2_DIR;
	dir = fake_port_add(dev, &port_conf);
	fake_device_start(dev);
	return 0;
}

static int
teardown(void **state)
{
	fake_device_destroy(dev);
	return 0;
}

/*
 * Lets the port dequeue `n` events; their tokens go back at once, so that they are not in the way
 * of a test of HCWs.
 */
static void
open_events(struct fake_port *port, unsigned int n)
{
	struct rte_event ev[32];
	unsigned int i;

	for (i = 0; i < n; i++) {
		fake_deliver(port, fake_entry(i));
		assert_int_equal(ops->dequeue(port->dp, ev, 0), 1);
	}
	assert_int_equal(ops->dequeue(port->dp, ev, 0), 0);
	fake_discard(port);
}

static struct rte_event
random_event(uint8_t op)
{
	static const uint8_t queues[] = {FAKE_ORDERED_QUEUE, FAKE_ATOMIC_QUEUE, FAKE_ATOMIC_QUEUE,
					 FAKE_DIRECTED_QUEUE};
	struct rte_event ev = {.event = (uint64_t)random32() << 32 | random32(),
			       .u64 = (uint64_t)random32() << 32 | random32()};

	ev.op = op;
	ev.queue_id = queues[random32() % RTE_DIM(queues)];
	ev.sched_type = ev.queue_id == FAKE_ATOMIC_QUEUE ? 1 + random32() % 2 : random32() % 3;
	return ev;
}

/*
 * What an event has to become, without tokens (data-path 9.2). A directed queue takes 16 bits of
 * the flow: the priority is where flow bits 12:10 would be, and these are where 19:16 would be.
 */
static struct dlb2_hcw
expected_hcw(const struct rte_event *ev, uint8_t cmd)
{
	struct dlb2_hcw hcw = {
		.data = ev->u64,
		.opaque = ev->event_type << 12 | ev->sub_event_type << 4 | ev->flow_id >> 16,
		.qid = fake_queue_hw_id[ev->queue_id],
		.lock_id = ev->flow_id & 0xffff,
		.cmd = cmd,
	};
	uint8_t sched;

	if (ev->queue_id == FAKE_DIRECTED_QUEUE)
		sched = 3;
	else if (ev->sched_type == RTE_SCHED_TYPE_ATOMIC)
		sched = 0;
	else
		sched = ev->queue_id == FAKE_ORDERED_QUEUE ? 2 : 1;
	hcw.sched = ev->priority >> 5 << 2 | sched;
	if (ev->queue_id == FAKE_DIRECTED_QUEUE) {
		hcw.lock_id = (ev->flow_id & 0xe3ff) | (ev->priority >> 5) << 10;
		hcw.opaque = ev->event_type << 12 | ev->sub_event_type << 4 |
			(ev->flow_id >> 10 & 7);
	}
	return hcw;
}

static void
assert_hcw(const struct fake_port *port, unsigned int index, struct dlb2_hcw expected)
{
	assert_true(index < port->num_hcws);
	assert_memory_equal(&port->hcws[index], &expected, sizeof(expected));
}

/* What the port sent is these HCWs and then NOOPs up to the end of the line. */
static void
assert_sent(struct fake_port *port, const struct dlb2_hcw *hcws, unsigned int n)
{
	unsigned int i, lines = (n + 3) / 4;

	assert_int_equal(fake_collect(port), lines * 4);
	for (i = 0; i < lines * 4; i++)
		assert_hcw(port, i, i < n ? hcws[i] : (struct dlb2_hcw){});
	fake_discard(port);
}

/* The same without regard to which lines they are in. */
static void
assert_sent_in_order(struct fake_port *port, const struct dlb2_hcw *hcws, unsigned int n)
{
	static const struct dlb2_hcw noop;
	unsigned int i, sent = 0;

	fake_collect(port);
	for (i = 0; i < port->num_hcws; i++) {
		if (memcmp(&port->hcws[i], &noop, sizeof(noop)) == 0)
			continue;
		assert_true(sent < n);
		assert_hcw(port, i, hcws[sent++]);
	}
	assert_int_equal(sent, n);
	fake_discard(port);
}

static void
test_event_word(void **state)
{
	/* The bit positions that the driver relies on are those of the API's bit-fields. */
	struct rte_event ev = {};

	ev.flow_id = 0xfffff;
	assert_int_equal(ev.event, 0xfffff);
	ev.sub_event_type = 0xff;
	assert_int_equal(ev.event, 0xfffffff);
	ev.event_type = 0xf;
	assert_int_equal(ev.event, 0xffffffff);
	ev.event = 0;
	ev.op = 3;
	assert_int_equal(ev.event >> 32, 0x3);
	ev.rsvd = 0xf;
	assert_int_equal(ev.event >> 32, 0x3f);
	ev.sched_type = 3;
	assert_int_equal(ev.event >> 32, 0xff);
	ev.queue_id = 0xff;
	assert_int_equal(ev.event >> 32, 0xffff);
	ev.priority = 0xff;
	assert_int_equal(ev.event >> 32, 0xffffff);
}

static void
test_every_field(void **state)
{
	static const uint8_t ldb_cmds[] = {0x8, 0xa}, dir_cmds[] = {0x8, 0x8};
	unsigned int i, op;

	for (i = 0; i < 4000; i++) {
		for (op = RTE_EVENT_OP_NEW; op <= RTE_EVENT_OP_FORWARD; op++) {
			struct fake_port *port = i % 2 == 0 ? ldb : dir;
			struct rte_event ev = random_event(op);
			struct dlb2_hcw hcw = expected_hcw(
				&ev, port == ldb ? ldb_cmds[op] : dir_cmds[op]);

			if (op == RTE_EVENT_OP_FORWARD)
				open_events(port, 1);
			assert_int_equal(ops->enqueue(port->dp, &ev), 1);
			assert_sent(port, &hcw, 1);
		}
		/*
		 * Events that were made have to go somewhere: at most nb_events_limit of them can
		 * be in the system.
		 */
		open_events(ldb, 1);
		assert_int_equal(
			ops->enqueue(ldb->dp, &(struct rte_event){.op = RTE_EVENT_OP_RELEASE}), 1);
		fake_discard(ldb);
	}
}

static void
test_single_bits(void **state)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		struct rte_event ev = {.event = UINT64_C(1) << bit,
				       .u64 = UINT64_C(1) << (2 * bit)};
		struct dlb2_hcw hcw;

		ev.queue_id = FAKE_ATOMIC_QUEUE;
		ev.sched_type = RTE_SCHED_TYPE_ATOMIC;
		ev.priority = bit << 3;
		hcw = expected_hcw(&ev, 0x8);
		assert_int_equal(ops->enqueue_new_burst(ldb->dp, &ev, 1), 1);
		assert_sent(ldb, &hcw, 1);
	}
}

static void
test_op_mixes(void **state)
{
	struct dlb2_hcw hcws[MAX_BURST];
	struct rte_event ev[MAX_BURST];
	unsigned int round, i, n, completions;

	for (round = 0; round < 3000; round++) {
		n = 1 + round % MAX_BURST;
		for (i = 0, completions = 0; i < n; i++) {
			uint8_t op = random32() % (round % 3 + 1);

			ev[i] = random_event(op);
			hcws[i] = op == RTE_EVENT_OP_RELEASE
				? (struct dlb2_hcw){.cmd = 0x2}
				: expected_hcw(&ev[i], op == RTE_EVENT_OP_NEW ? 0x8 : 0xa);
			completions += op != RTE_EVENT_OP_NEW;
		}
		open_events(ldb, completions);
		assert_int_equal(ops->enqueue_burst(ldb->dp, ev, n), n);
		assert_sent(ldb, hcws, n);
		assert_int_equal(dlb2_dp_port_open_events(ldb->dp), 0);
		dlb2_dp_start(dev->dp, (struct dlb2_dp_port *[]){ldb->dp, dir->dp}, 2);
	}
}

static void
test_directed_port_mixes(void **state)
{
	struct dlb2_hcw hcws[MAX_BURST];
	struct rte_event ev[MAX_BURST];
	unsigned int round, i, n, sent, open;

	for (round = 0; round < 1000; round++) {
		n = 1 + round % MAX_BURST;
		for (i = 0, sent = 0, open = 0; i < n; i++) {
			uint8_t op = random32() % 3;

			ev[i] = random_event(op);
			open += op != RTE_EVENT_OP_NEW;
			if (op != RTE_EVENT_OP_RELEASE)
				hcws[sent++] = expected_hcw(&ev[i], 0x8);
		}
		open_events(dir, open);
		assert_int_equal(ops->enqueue_burst(dir->dp, ev, n), n);
		assert_sent_in_order(dir, hcws, sent);
		dlb2_dp_start(dev->dp, (struct dlb2_dp_port *[]){ldb->dp, dir->dp}, 2);
	}
}

static void
test_release_on_directed_port_sends_nothing(void **state)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < MAX_BURST; i++)
		ev[i] = (struct rte_event){.op = RTE_EVENT_OP_RELEASE};
	open_events(dir, MAX_BURST);
	assert_int_equal(ops->enqueue_burst(dir->dp, ev, MAX_BURST), MAX_BURST);
	assert_int_equal(fake_collect(dir), 0);
	assert_int_equal(dlb2_dp_port_counter(dir->dp, DLB2_PORT_TX_REL), MAX_BURST);
}

static void
test_forward_and_new_bursts_ignore_op(void **state)
{
	struct dlb2_hcw hcws[MAX_BURST];
	struct rte_event ev[MAX_BURST];
	unsigned int i, n;

	for (n = 1; n <= MAX_BURST; n++) {
		for (i = 0; i < n; i++) {
			ev[i] = random_event(random32() % 4);
			hcws[i] = expected_hcw(&ev[i], 0xa);
		}
		open_events(ldb, n);
		assert_int_equal(ops->enqueue_forward_burst(ldb->dp, ev, n), n);
		assert_sent(ldb, hcws, n);
		for (i = 0; i < n; i++)
			hcws[i] = expected_hcw(&ev[i], 0x8);
		assert_int_equal(ops->enqueue_new_burst(ldb->dp, ev, n), n);
		assert_sent(ldb, hcws, n);
	}
}

static void
test_burst_is_limited_to_enqueue_depth(void **state)
{
	struct rte_event ev[1025];
	unsigned int i;

	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = random_event(RTE_EVENT_OP_NEW);
	assert_int_equal(ops->enqueue_burst(ldb->dp, ev, 0), 0);
	assert_int_equal(ops->enqueue_new_burst(ldb->dp, ev, 0), 0);
	assert_int_equal(ops->enqueue_forward_burst(ldb->dp, ev, 0), 0);
	rte_errno = 0;
	assert_int_equal(ops->enqueue_burst(ldb->dp, ev, 1024), 1024);
	assert_int_equal(rte_errno, 0);
	assert_int_equal(ops->enqueue_new_burst(ldb->dp, ev, 1025), 1024);
	assert_int_equal(rte_errno, ENOSPC);
	assert_int_equal(fake_collect(ldb), 2048);
	for (i = 0; i < 2048; i++)
		assert_hcw(ldb, i, expected_hcw(&ev[i % 1024], 0x8));
}

/*
 * Lines that the model has not taken yet are not written over, wherever in the ring a burst begins.
 */
static void
test_ring_is_not_overrun(void **state)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i, k, n, made = 0, seen = 0;

	for (i = 0; i < 1000 && made < 4096 - MAX_BURST; i++) {
		n = 1 + random32() % (i % 2 == 0 ? 4 : MAX_BURST);
		for (k = 0; k < n; k++) {
			ev[k] = random_event(RTE_EVENT_OP_NEW);
			ev[k].u64 = made++;
		}
		assert_int_equal(
			n == 1 ? ops->enqueue(ldb->dp, ev) : ops->enqueue_burst(ldb->dp, ev, n), n);
	}
	assert_true(ldb->lines > DLB2_PP_RING_LINES);
	fake_collect(ldb);
	for (i = 0; i < ldb->num_hcws; i++) {
		if (ldb->hcws[i].cmd == DLB2_CMD_NOOP)
			continue;
		assert_int_equal(ldb->hcws[i].data, seen++);
	}
	assert_int_equal(seen, made);
}

/* All that a refused event must leave as it was. */
struct snapshot {
	uint64_t counters[DLB2_PORT_NUM_COUNTERS];
	unsigned int inflights, open;
};

static struct snapshot
take_snapshot(struct fake_port *port)
{
	struct snapshot s = {.inflights = dlb2_dp_inflights(dev->dp),
			     .open = dlb2_dp_port_open_events(port->dp)};
	unsigned int i;

	for (i = 0; i < DLB2_PORT_NUM_COUNTERS; i++)
		s.counters[i] = dlb2_dp_port_counter(port->dp, i);
	return s;
}

/*
 * The event is refused with `err` by each function that could take it, and nothing else happens but
 * that `counter` counts it.
 */
static void
assert_refused(struct fake_port *port, struct rte_event ev, int err, unsigned int counter)
{
	struct snapshot before, after;
	unsigned int way;

	for (way = 0; way < 4; way++) {
		if ((way == 2 && ev.op != RTE_EVENT_OP_NEW) ||
		    (way == 3 && ev.op != RTE_EVENT_OP_FORWARD))
			continue;
		before = take_snapshot(port);
		rte_errno = 0;
		assert_int_equal(way == 0           ? ops->enqueue(port->dp, &ev)
					 : way == 1 ? ops->enqueue_burst(port->dp, &ev, 1)
					 : way == 2 ? ops->enqueue_new_burst(port->dp, &ev, 1)
						    : ops->enqueue_forward_burst(port->dp, &ev, 1),
				 0);
		assert_int_equal(rte_errno, err);
		assert_int_equal(fake_collect(port), 0);
		after = take_snapshot(port);
		if (counter < DLB2_PORT_NUM_COUNTERS)
			before.counters[counter]++;
		assert_memory_equal(&before, &after, sizeof(before));
	}
}

static void
test_refusals(void **state)
{
	const unsigned int none = DLB2_PORT_NUM_COUNTERS;
	struct rte_event ev = {.queue_id = FAKE_ATOMIC_QUEUE, .sched_type = RTE_SCHED_TYPE_ATOMIC};
	struct fake_port *ports[] = {ldb, dir};
	unsigned int i, queue;

	for (i = 0; i < RTE_DIM(ports); i++) {
		ev.op = RTE_EVENT_OP_FORWARD;
		assert_refused(ports[i], ev, EINVAL, none);
		ev.op = RTE_EVENT_OP_RELEASE;
		assert_refused(ports[i], ev, EINVAL, none);
		ev.op = 3;
		assert_refused(ports[i], ev, EINVAL, none);
		open_events(ports[i], 1);
		assert_refused(ports[i], ev, EINVAL, none);
		for (ev.op = RTE_EVENT_OP_NEW; ev.op <= RTE_EVENT_OP_FORWARD; ev.op++) {
			for (queue = FAKE_NUM_QUEUES; queue < 256; queue++) {
				ev.queue_id = queue;
				assert_refused(ports[i], ev, EINVAL, none);
			}
			ev.queue_id = FAKE_ATOMIC_QUEUE;
			ev.sched_type = RTE_SCHED_TYPE_ORDERED;
			assert_refused(ports[i], ev, EINVAL, none);
			ev.sched_type = 3;
			assert_refused(ports[i], ev, EINVAL, DLB2_PORT_TX_INVALID);
			ev.queue_id = FAKE_DIRECTED_QUEUE;
			assert_refused(ports[i], ev, EINVAL, DLB2_PORT_TX_INVALID);
			ev.sched_type = RTE_SCHED_TYPE_ATOMIC;
		}
	}
}

static void
test_queue_without_atomic_storage(void **state)
{
	struct dlb2_dp_queue_conf conf = {.kind = DLB2_LDB, .hw_id = 9};
	struct rte_event ev = {.queue_id = 3, .sched_type = RTE_SCHED_TYPE_ATOMIC};

	dlb2_dp_queue_init(dev->dp, 3, &conf);
	assert_refused(ldb, ev, EINVAL, DLB2_PORT_NUM_COUNTERS);
	ev.sched_type = RTE_SCHED_TYPE_PARALLEL;
	assert_int_equal(ops->enqueue(ldb->dp, &ev), 1);
}

/* A burst stops at the first event that is refused; what is before it is sent. */
static void
test_burst_stops_at_refused_event(void **state)
{
	struct dlb2_hcw hcws[MAX_BURST];
	struct rte_event ev[MAX_BURST];
	unsigned int bad, i;

	for (bad = 0; bad < MAX_BURST; bad++) {
		for (i = 0; i < MAX_BURST; i++) {
			ev[i] = random_event(RTE_EVENT_OP_FORWARD);
			hcws[i] = expected_hcw(&ev[i], 0xa);
		}
		ev[bad].queue_id = 200;
		open_events(ldb, MAX_BURST);
		rte_errno = 0;
		assert_int_equal(ops->enqueue_forward_burst(ldb->dp, ev, MAX_BURST), bad);
		assert_int_equal(rte_errno, EINVAL);
		assert_sent(ldb, hcws, bad);
		assert_int_equal(dlb2_dp_port_open_events(ldb->dp), MAX_BURST - bad);
		for (i = bad; i < MAX_BURST; i++)
			assert_int_equal(
				ops->enqueue(ldb->dp,
					     &(struct rte_event){.op = RTE_EVENT_OP_RELEASE}),
				1);
		fake_discard(ldb);
	}
}

static void
test_no_more_forwards_than_open_events(void **state)
{
	struct dlb2_hcw hcws[MAX_BURST];
	struct rte_event ev[MAX_BURST];
	unsigned int i, open, n;

	for (open = 0; open < MAX_BURST; open++) {
		n = MAX_BURST;
		for (i = 0; i < n; i++) {
			ev[i] = random_event(RTE_EVENT_OP_FORWARD);
			ev[i].event_type = RTE_EVENT_TYPE_CPU; /* not the crypto adapter's */
			hcws[i] = expected_hcw(&ev[i], 0xa);
		}
		open_events(ldb, open);
		rte_errno = 0;
		assert_int_equal(ops->enqueue_burst(ldb->dp, ev, n), open);
		assert_int_equal(rte_errno, EINVAL);
		assert_sent(ldb, hcws, open);
		assert_int_equal(dlb2_dp_port_open_events(ldb->dp), 0);
	}
}

static void
test_counters(void **state)
{
	struct dlb2_port_queue_counters queue;
	struct rte_event ev[MAX_BURST];
	uint64_t by_op[3] = {}, by_queue[FAKE_NUM_QUEUES] = {}, by_sched[4] = {};
	unsigned int round, i, n;

	for (round = 0; round < 500; round++) {
		n = 1 + random32() % MAX_BURST;
		for (i = 0; i < n; i++) {
			/* runs of one op, mixes, and one queue in all of a burst */
			ev[i] = random_event(round % 2 == 0 ? random32() % 3 : round % 3);
			if (round % 5 == 0)
				ev[i].event = ev[0].event;
			by_op[ev[i].op]++;
			if (ev[i].op != RTE_EVENT_OP_RELEASE) {
				by_queue[ev[i].queue_id]++;
				by_sched[expected_hcw(&ev[i], 0).sched & 3]++;
			}
		}
		open_events(ldb, n);
		assert_int_equal(ops->enqueue_burst(ldb->dp, ev, n), n);
		while (dlb2_dp_port_open_events(ldb->dp) > 0) {
			assert_int_equal(
				ops->enqueue(ldb->dp,
					     &(struct rte_event){.op = RTE_EVENT_OP_RELEASE}),
				1);
			by_op[RTE_EVENT_OP_RELEASE]++;
		}
		fake_discard(ldb);
		dlb2_dp_start(dev->dp, (struct dlb2_dp_port *[]){ldb->dp, dir->dp}, 2);
	}
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_NEW), by_op[0]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_FWD), by_op[1]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_REL), by_op[2]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_OK),
			 by_op[0] + by_op[1] + by_op[2]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_IMPLICIT_REL), 0);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_SCHED_ATOMIC), by_sched[0]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_SCHED_UNORDERED), by_sched[1]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_SCHED_ORDERED), by_sched[2]);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_SCHED_DIRECTED), by_sched[3]);
	for (i = 0; i < FAKE_NUM_QUEUES; i++) {
		dlb2_dp_port_queue_counters(ldb->dp, i, &queue);
		assert_int_equal(queue.enqueued, by_queue[i]);
	}
	dlb2_dp_port_queue_counters(ldb->dp, 255, &queue);
	assert_int_equal(queue.enqueued, 0);
}

static void
test_counters_survive_set_up_if_asked(void **state)
{
	struct dlb2_port_queue_counters queue;
	struct rte_event ev = {.queue_id = FAKE_ATOMIC_QUEUE, .sched_type = RTE_SCHED_TYPE_ATOMIC};

	assert_int_equal(ops->enqueue(ldb->dp, &ev), 1);
	dlb2_dp_port_init(dev->dp, ldb->dp, &ldb->conf, true);
	dlb2_dp_port_queue_counters(ldb->dp, FAKE_ATOMIC_QUEUE, &queue);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_OK), 1);
	assert_int_equal(queue.enqueued, 1);
	dlb2_dp_port_init(dev->dp, ldb->dp, &ldb->conf, false);
	dlb2_dp_port_queue_counters(ldb->dp, FAKE_ATOMIC_QUEUE, &queue);
	assert_int_equal(dlb2_dp_port_counter(ldb->dp, DLB2_PORT_TX_OK), 0);
	assert_int_equal(queue.enqueued, 0);
}

static void
test_weight(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(64);
	struct dlb2_hcw hcws[MAX_BURST];
	struct rte_event ev[MAX_BURST];
	struct fake_device *weighted;
	struct fake_port *port;
	unsigned int i;

	conf.qe_weight = true;
	weighted = fake_device_create(&conf);
	port = fake_port_add(weighted, &port_conf);
	fake_device_start(weighted);
	for (i = 0; i < MAX_BURST; i++) {
		ev[i] = random_event(i % 2);
		hcws[i] = expected_hcw(&ev[i], i % 2 == 0 ? 0x8 : 0xa);
		hcws[i].flags = (ev[i].rsvd >> 2) << 1;
	}
	open_events(port, MAX_BURST);
	assert_int_equal(ops->enqueue_burst(port->dp, ev, MAX_BURST), MAX_BURST);
	assert_sent(port, hcws, MAX_BURST);
	fake_device_destroy(weighted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event_word),
		cmocka_unit_test_setup_teardown(test_every_field, setup, teardown),
		cmocka_unit_test_setup_teardown(test_single_bits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_op_mixes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directed_port_mixes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_release_on_directed_port_sends_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_forward_and_new_bursts_ignore_op, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_burst_is_limited_to_enqueue_depth, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_ring_is_not_overrun, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_without_atomic_storage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_burst_stops_at_refused_event, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_more_forwards_than_open_events, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters_survive_set_up_if_asked, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_weight, setup, teardown),
	};

	return cmocka_run_group_tests_name("datapath_enqueue", tests, NULL, NULL);
}
