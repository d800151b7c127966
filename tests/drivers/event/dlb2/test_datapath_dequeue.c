/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Dequeue: entries of the consumer queue (CQ) that the test writes, and the events that they
 * become. These are built member by member from data-path 2.1 and 9.3, without any code of the
 * driver. Not here: tokens and completions (test_datapath_tokens.c).
 */
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "one_port.h"

static void
test_every_field_load_balanced(void **state)
{
	static const uint8_t hw_sched[] = {[RTE_SCHED_TYPE_ORDERED] = 2,
					   [RTE_SCHED_TYPE_ATOMIC] = 0,
					   [RTE_SCHED_TYPE_PARALLEL] = 1};
	struct fake_port *port = start_depth(64);
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct rte_event ev,
			expected = {
				.flow_id = random32(),
				.sub_event_type = random32(),
				.event_type = random32(),
				.sched_type = random32() % 3,
				.queue_id = random32() % 2,
				.priority = random32() & 0xe0,
				.rsvd = random32() & 3,
				.u64 = (uint64_t)random32() << 32 | random32(),
			};
		struct dlb2_cq_entry entry = {
			.data = expected.u64,
			.qid = fake_queue_hw_id[expected.queue_id],
			.opaque = expected.event_type << 12 | expected.sub_event_type << 4 |
				expected.flow_id >> 16,
			.flow_id = expected.flow_id,
			.debug = random32(),
			.status = (random32() & 0xd8) | expected.rsvd << 1,
		};

		if (expected.sched_type == RTE_SCHED_TYPE_ORDERED)
			expected.queue_id = FAKE_ORDERED_QUEUE;
		if (expected.sched_type == RTE_SCHED_TYPE_PARALLEL)
			expected.queue_id = FAKE_ATOMIC_QUEUE;
		entry.qid = fake_queue_hw_id[expected.queue_id];
		entry.sched = expected.priority >> 5 << 2 | hw_sched[expected.sched_type] |
			(random32() & 0xe0);
		fake_deliver(port, entry);
		memset(&ev, 0xff, sizeof(ev));
		assert_int_equal(dequeue(port, &ev, i % 2 == 0 ? 1 : 4), 1);
		assert_memory_equal(&ev, &expected, sizeof(ev));
		RELEASE(port, 1);
		fake_discard(port);
	}
}

/*
 * Queue from the link, type atomic, priority from byte 11, 16 bits of the flow around it and in the
 * opaque half-word; bytes 12-13 are not to be believed (data-path 2.4).
 */
static void
test_every_field_directed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct fake_port *port;
	unsigned int i;

	conf.kind = DLB2_DIR;
	port = start(&conf);
	for (i = 0; i < 20000; i++) {
		struct rte_event ev,
			expected = {
				.flow_id = random32() & 0xffff,
				.sub_event_type = random32(),
				.event_type = random32(),
				.sched_type = RTE_SCHED_TYPE_ATOMIC,
				.queue_id = FAKE_DIRECTED_QUEUE,
				.priority = random32() & 0xe0,
				.rsvd = random32() & 3,
				.u64 = (uint64_t)random32() << 32 | random32(),
			};
		struct dlb2_cq_entry entry = {
			.data = expected.u64,
			.qid = expected.flow_id,
			.sched = (expected.flow_id >> 8 & 0xe3) | expected.priority >> 5 << 2,
			.opaque = expected.event_type << 12 | expected.sub_event_type << 4 |
				(expected.flow_id >> 10 & 7) | (random32() & 8),
			.flow_id = random32(),
			.debug = random32(),
			.status = (random32() & 0xd8) | expected.rsvd << 1,
		};

		fake_deliver(port, entry);
		memset(&ev, 0xff, sizeof(ev));
		assert_int_equal(dequeue(port, &ev, i % 2 == 0 ? 1 : 4), 1);
		assert_memory_equal(&ev, &expected, sizeof(ev));
		RELEASE(port, 1);
		fake_discard(port);
	}
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_SCHED_DIRECTED), 20000);
}

/* A queue that the device does not have must not lead anywhere in memory. */
static void
test_unknown_source(void **state)
{
	struct fake_port *port = start_depth(8);
	struct rte_event ev;
	unsigned int qid, type;

	for (qid = 0; qid < 256; qid++) {
		for (type = 0; type < 4; type++) {
			if (qid == fake_queue_hw_id[FAKE_ORDERED_QUEUE] ||
			    qid == fake_queue_hw_id[FAKE_ATOMIC_QUEUE])
				continue;
			fake_deliver(port, (struct dlb2_cq_entry){.qid = qid, .sched = type});
			assert_int_equal(dequeue(port, &ev, 1), 1);
			assert_true(ev.queue_id >= FAKE_NUM_QUEUES);
			RELEASE(port, 1);
		}
	}
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_SCHED_INVALID), 254 * 4);
}

/*
 * Each depth, bursts of all sizes, several times around the ring; entries arrive in any portions.
 */
static void
test_depths_and_wraps(void **state)
{
	struct rte_event ev[1024];
	unsigned int depth, burst, i, got, read, fill, limit;

	for (depth = 1; depth <= 1024; depth *= 2) {
		struct fake_port *port = start_depth(depth);

		for (read = 0, burst = 1; read < 6 * RTE_MAX(depth, 8u) || burst < 64; burst++) {
			fill = RTE_MIN(1 + random32() % depth, depth - (port->written - read));
			deliver(port, fill);
			limit = port->written - read;
			got = dequeue(port, ev, burst);
			assert_int_equal(got, RTE_MIN(RTE_MIN(burst, depth), limit));
			for (i = 0; i < got; i++)
				assert_int_equal(ev[i].u64, read + i);
			read += got;
			FORWARD(port, RTE_MIN(got, (unsigned int)MAX_BURST));
			while (dlb2_dp_port_open_events(port->dp) > 0)
				RELEASE(port, 1);
			fake_discard(port);
		}
		if (depth < 1024)
			fake_device_destroy(dev);
	}
}

static void
test_burst_is_limited_to_dequeue_depth(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct rte_event ev[64];
	struct fake_port *port;

	conf.dequeue_depth = 5;
	port = start(&conf);
	deliver(port, 12);
	assert_int_equal(dequeue(port, ev, 64), 5);
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 0, 0), 0);
	assert_int_equal(dequeue(port, ev, 64), 5);
	assert_int_equal(dequeue(port, ev, 64), 2);
	assert_int_equal(dequeue(port, ev, 64), 0);
}

/* An entry that is visible before the one in front of it is not taken until that one is there. */
static void
test_hole(void **state)
{
	struct fake_port *port = start_depth(16);
	struct rte_event ev[16];
	unsigned int round, before, ahead, got;

	for (round = 0; round < 200; round++) {
		before = random32() % 4;
		ahead = 1 + random32() % 3;
		deliver(port, before);
		fake_deliver_ahead(port, fake_entry(port->written + ahead), ahead);
		got = dequeue(port, ev, 1 + random32() % 16);
		got += dequeue(port, &ev[got], 16);
		assert_int_equal(got, before);
		deliver(port, ahead + 1);
		assert_int_equal(dequeue(port, ev, 16), ahead + 1);
		assert_int_equal(ev[ahead].u64, port->written - 1);
		RELEASE(port, before + ahead + 1);
		fake_discard(port);
	}
}

static void
test_counters(void **state)
{
	struct fake_port *port = start_depth(128);
	struct dlb2_port_queue_counters queue;
	uint64_t depth_class[2][4] = {}, by_sched[3] = {}, polls = 0, zero = 0, events = 0;
	struct rte_event ev[MAX_BURST];
	unsigned int round, i, n, got;

	for (round = 0; round < 2000; round++) {
		n = random32() % MAX_BURST;
		for (i = 0; i < n; i++) {
			struct dlb2_cq_entry entry = fake_entry(i);
			unsigned int which = round % 2 == 0
				? i
				: round; /* alike in every other round */

			entry.qid = fake_queue_hw_id[which / 2 % 2];
			entry.sched = which / 2 % 2 == FAKE_ORDERED_QUEUE ? which % 2 * 2
									  : which % 2;
			entry.status = which % 4 << 1;
			depth_class[which / 2 % 2][which % 4]++;
			by_sched[entry.sched]++;
			fake_deliver(port, entry);
		}
		got = dequeue(port, ev, MAX_BURST);
		assert_int_equal(got, n);
		polls++;
		zero += n == 0;
		events += n;
		if (n > 0)
			FORWARD(port, n);
		fake_discard(port);
	}
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_OK), events);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TOTAL_POLLS), polls);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_ZERO_POLLS), zero);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_SCHED_ATOMIC), by_sched[0]);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_SCHED_UNORDERED), by_sched[1]);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_SCHED_ORDERED), by_sched[2]);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_SCHED_DIRECTED), 0);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_DROP), 0);
	for (i = 0; i < 2; i++) {
		dlb2_dp_port_queue_counters(port->dp, i, &queue);
		assert_memory_equal(queue.received_by_depth, depth_class[i],
				    sizeof(depth_class[i]));
	}
}

static void
deliver_when_run(struct fake_device *d)
{
	if (d->runs % 3 == 0)
		deliver(&d->ports[0], 2);
}

static void
test_inline_model_runs_when_empty(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	dev = fake_device_create(&conf);
	dev->run = deliver_when_run;
	port = fake_port_add(dev, &port_conf);
	fake_device_start(dev);
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_int_equal(dequeue(port, ev, 1), 1);
	assert_int_equal(dequeue(port, ev, 1), 1);
	assert_int_equal(dev->runs, 3);
}

static void
test_timeout(void **state)
{
	const uint64_t timeout = 50000000; /* tens of milliseconds */
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;
	uint64_t start_time;
	unsigned int per_call;

	for (per_call = 0; per_call < 2; per_call++) {
		conf.per_dequeue_timeout = per_call;
		conf.dequeue_timeout_ticks = per_call ? 0 : timeout;
		port = start_with(&conf, &port_conf);
		start_time = rte_rdtsc();
		assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, per_call ? timeout : 0), 0);
		assert_true(rte_rdtsc() - start_time >= timeout);
		start_time = rte_rdtsc();
		deliver(port, 1);
		assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, per_call ? UINT64_MAX : 0), 1);
		assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 0), 0);
		if (per_call)
			assert_true(rte_rdtsc() - start_time < timeout);
		assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_ZERO_POLLS), 2);
		assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TOTAL_POLLS), 3);
		if (!per_call)
			fake_device_destroy(dev);
	}
}

/*
 * With all tokens owed nothing can arrive: a port in DELAYED mode does not wait for it
 * (data-path 3.4).
 */
static void
test_no_waiting_without_tokens(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(4);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.dequeue_timeout_ticks = UINT64_MAX;
	port_conf.token_pop_mode = RTE_PMD_DLB2_DELAYED_POP;
	port = start_with(&conf, &port_conf);
	deliver(port, 4);
	assert_int_equal(dequeue(port, ev, 8), 4);
	assert_int_equal(dequeue(port, ev, 8), 0);
}

static void
count_flushed(uint8_t dev_id, struct rte_event ev, void *arg)
{
	unsigned int *next = arg;

	assert_int_equal(dev_id, 7);
	assert_int_equal(ev.u64, *next);
	++*next;
}

static void
test_flush(void **state)
{
	static const enum rte_pmd_dlb2_token_pop_mode modes[] = {
		RTE_PMD_DLB2_AUTO_POP,
		RTE_PMD_DLB2_DEFERRED_POP,
		RTE_PMD_DLB2_DELAYED_POP,
	};
	struct rte_event ev[8];
	unsigned int i, next;

	for (i = 0; i < RTE_DIM(modes); i++) {
		struct dlb2_dp_port_conf conf = fake_port_conf(64);
		struct fake_port *port;

		conf.token_pop_mode = modes[i];
		port = start(&conf);
		deliver(port, 64);
		assert_int_equal(dequeue(port, ev, 3), 3);
		next = 3;
		assert_int_equal(dlb2_dp_port_flush(port->dp, 7, count_flushed, &next), 61);
		assert_int_equal(next, 64);
		assert_int_equal(dlb2_dp_port_flush(port->dp, 7, NULL, NULL), 0);
		assert_int_equal(dlb2_dp_port_open_events(port->dp), 0);
		/*
		 * as many completions and tokens as there were entries, and the port works on as
		 * before
		 */
		unsigned int hcw, completions = 0, tokens = 0;

		fake_collect(port);
		for (hcw = 0; hcw < port->num_hcws; hcw++) {
			completions += (port->hcws[hcw].cmd & DLB2_CMD_COMP_BIT) != 0;
			if (port->hcws[hcw].cmd & DLB2_CMD_TOKEN)
				tokens += port->hcws[hcw].lock_id + 1;
		}
		assert_int_equal(completions, 64);
		assert_int_equal(tokens, 64);
		deliver(port, 4);
		assert_int_equal(dequeue(port, ev, 8), 4);
		assert_int_equal(ev[3].u64, 67);
		if (i < RTE_DIM(modes) - 1)
			fake_device_destroy(dev);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_field_load_balanced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_field_directed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_source, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depths_and_wraps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_burst_is_limited_to_dequeue_depth, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_hole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inline_model_runs_when_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_waiting_without_tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush, setup, teardown),
	};

	return cmocka_run_group_tests_name("datapath_dequeue", tests, NULL, NULL);
}
