/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Credits: whatever ports do at random, limits are kept, nobody is starved and nothing gets lost. A
 * toy device stands behind the ports: a FIFO for each kind of queue, which keeps the books that the
 * real one keeps (credits, tokens, history) and fails the test as soon as a port does what the real
 * one would answer with an alarm.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "dlb2_credits.h"
#include "fake_device.h"

#define MAX_EVENTS 8192
#define HISTORY 64
#define NUM_THREADS 4

struct fifo {
	struct dlb2_hcw hcws[MAX_EVENTS];
	unsigned int head, tail;
};

static struct fake_device *dev;
static struct fifo fifos[DLB2_NUM_PORT_KINDS];
static unsigned int device_credits[DLB2_NUM_PORT_KINDS], pool_size[DLB2_NUM_PORT_KINDS];
static unsigned int outstanding[FAKE_MAX_PORTS], history[FAKE_MAX_PORTS];
static unsigned int in_system;
static bool combined;
static const struct dlb2_dp_ops *ops;
static unsigned int seed = 1;

static uint32_t
random32(void)
{
	return (uint32_t)rand_r(&seed) << 16 ^ (uint32_t)rand_r(&seed);
}

static enum dlb2_port_kind
pool_of(enum dlb2_port_kind kind)
{
	return combined ? DLB2_LDB : kind;
}

static void
take_hcw(unsigned int p, const struct dlb2_hcw *hcw)
{
	enum dlb2_port_kind kind = (hcw->sched & 3) == DLB2_SCHED_DIRECTED ? DLB2_DIR : DLB2_LDB;
	unsigned int tokens = 0;

	if (hcw->cmd & DLB2_CMD_COMP_BIT) {
		assert_int_equal(dev->ports[p].conf.kind, DLB2_LDB);
		assert_true(history[p] > 0);
		history[p]--;
	}
	if (hcw->cmd & DLB2_CMD_TOKEN)
		tokens = hcw->cmd & DLB2_CMD_VALID ? 1 : hcw->lock_id + 1;
	assert_true(tokens <= outstanding[p]);
	outstanding[p] -= tokens;
	if (hcw->cmd & DLB2_CMD_VALID) {
		assert_true(device_credits[pool_of(kind)] > 0);
		device_credits[pool_of(kind)]--;
		fifos[kind].hcws[fifos[kind].tail++ % MAX_EVENTS] = *hcw;
	}
}

static bool
schedule_one(enum dlb2_port_kind kind)
{
	unsigned int p = random32() % dev->num_ports, i;

	for (i = 0; i < dev->num_ports; i++, p = (p + 1) % dev->num_ports) {
		struct fake_port *port = &dev->ports[p];
		struct dlb2_hcw *hcw = &fifos[kind].hcws[fifos[kind].head % MAX_EVENTS];

		if (port->conf.kind != kind || outstanding[p] == port->conf.cq_depth ||
		    (kind == DLB2_LDB && history[p] == HISTORY))
			continue;
		fake_deliver(
			port,
			(struct dlb2_cq_entry){.data = hcw->data,
					       .opaque = hcw->opaque,
					       .qid = hcw->qid,
					       .sched = hcw->sched,
					       .flow_id = hcw->lock_id,
					       .status = random32() % 64 == 0 ? DLB2_CQ_ERROR : 0});
		outstanding[p]++;
		history[p] += kind == DLB2_LDB;
		device_credits[pool_of(kind)]++;
		fifos[kind].head++;
		return true;
	}
	return false;
}

static void
run_device(struct fake_device *d)
{
	unsigned int p, i, kind, budget;

	for (p = 0; p < d->num_ports; p++) {
		fake_collect(&d->ports[p]);
		for (i = 0; i < d->ports[p].num_hcws; i++)
			take_hcw(p, &d->ports[p].hcws[i]);
		d->ports[p].num_hcws = 0;
	}
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (budget = random32() % 64; budget > 0 && fifos[kind].head != fifos[kind].tail;
		     budget--)
			if (!schedule_one(kind))
				break;
}

static void
reset_toy(const struct dlb2_dp_conf *conf)
{
	memset(fifos, 0, sizeof(fifos));
	memset(outstanding, 0, sizeof(outstanding));
	memset(history, 0, sizeof(history));
	in_system = 0;
	combined = conf->version == DLB2_HW_2_5;
	pool_size[DLB2_LDB] = device_credits[DLB2_LDB] = conf->ldb_credits;
	pool_size[DLB2_DIR] = device_credits[DLB2_DIR] = conf->dir_credits;
}

static void
start(const struct dlb2_dp_conf *conf, unsigned int ldb_ports, unsigned int threshold, bool hints)
{
	unsigned int i;

	ops = fake_ops();
	reset_toy(conf);
	dev = fake_device_create(conf);
	dev->run = run_device;
	for (i = 0; i < ldb_ports + 1; i++) {
		struct dlb2_dp_port_conf port_conf = fake_port_conf(1 << random32() % 7);

		port_conf.kind = i < ldb_ports ? DLB2_LDB : DLB2_DIR;
		port_conf.implicit_release = random32() % 2;
		port_conf.token_pop_mode = random32() % RTE_PMD_DLB2_NUM_TOKEN_POP_MODES;
		port_conf.new_event_threshold = i % 2 == 0 ? threshold : conf->num_events_limit;
		port_conf.producer_hint = hints && i % 3 == 0;
		port_conf.consumer_hint = hints && i % 3 == 1;
		fake_port_add(dev, &port_conf);
	}
	fake_device_start(dev);
}

/*
 * Events that a port releases without being told to leave the system, too; so do those with the
 * error bit.
 */
static uint64_t
gone(struct fake_port *port)
{
	return dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_IMPLICIT_REL) +
		dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_REL) +
		dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_DROP);
}

static void
enqueue_at_random(struct fake_port *port)
{
	struct rte_event ev[64];
	unsigned int i, n = 1 + random32() % 64, kind = random32() % 4, sent, news = 0;
	uint64_t new_before = dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_NEW), made;
	uint64_t gone_before = gone(port);

	for (i = 0; i < n; i++) {
		ev[i] = (struct rte_event){.op = kind < 3 ? kind : random32() % 3,
					   .u64 = random32()};
		ev[i].queue_id = random32() % 50 == 0 ? 99
			: random32() % 4 == 0         ? FAKE_DIRECTED_QUEUE
						      : FAKE_ATOMIC_QUEUE;
		ev[i].sched_type = RTE_SCHED_TYPE_PARALLEL;
	}
	sent = n == 1       ? ops->enqueue(port->dp, ev)
		: kind == 0 ? ops->enqueue_new_burst(port->dp, ev, n)
		: kind == 1 ? ops->enqueue_forward_burst(port->dp, ev, n)
			    : ops->enqueue_burst(port->dp, ev, n);
	for (i = 0; i < sent; i++)
		news += ev[i].op == RTE_EVENT_OP_NEW;
	/* What is forwarded after its implicit release is new, too. */
	made = dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_NEW) - new_before;
	assert_in_range(made, news, sent);
	in_system += made;
	in_system -= gone(port) - gone_before;
}

static void
dequeue_at_random(struct fake_port *port)
{
	struct rte_event ev[64];
	uint64_t before = gone(port);

	if (random32() % 2)
		ops->dequeue_burst(port->dp, ev, random32() % 65, 0);
	else
		ops->dequeue(port->dp, ev, 0);
	in_system -= gone(port) - before;
}

static void
assert_limits(const struct dlb2_dp_conf *conf)
{
	unsigned int kind;

	assert_true(in_system <= conf->num_events_limit);
	assert_true(in_system <= dlb2_dp_inflights(dev->dp));
	assert_true(dlb2_dp_inflights(dev->dp) <= conf->num_events_limit);
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		assert_true(dlb2_dp_credit_pool(dev->dp, kind) <= pool_size[pool_of(kind)]);
}

static void
release_all(struct fake_port *port)
{
	struct rte_event release = {.op = RTE_EVENT_OP_RELEASE};
	uint64_t before = gone(port);

	while (dlb2_dp_port_open_events(port->dp) > 0)
		assert_int_equal(ops->enqueue(port->dp, &release), 1);
	in_system -= gone(port) - before;
}

/* Until nothing is left anywhere; then each port looks once more into its empty CQ. */
static void
drain(void)
{
	unsigned int i, rounds;

	for (rounds = 0; in_system > 0; rounds++) {
		assert_true(rounds < 100000);
		for (i = 0; i < dev->num_ports; i++) {
			dequeue_at_random(&dev->ports[i]);
			release_all(&dev->ports[i]);
		}
	}
	for (i = 0; i < dev->num_ports; i++)
		assert_int_equal(ops->dequeue(dev->ports[i].dp, &(struct rte_event){}, 0), 0);
}

static void
assert_all_back(void)
{
	unsigned int kind, i;

	run_device(dev);
	assert_int_equal(dlb2_dp_inflights(dev->dp), 0);
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		assert_int_equal(dlb2_dp_credit_pool(dev->dp, kind), pool_size[pool_of(kind)]);
		assert_int_equal(device_credits[kind], pool_size[kind]);
	}
	for (i = 0; i < dev->num_ports; i++)
		assert_int_equal(history[i], 0);
}

static void
play(const struct dlb2_dp_conf *conf, unsigned int rounds)
{
	while (rounds-- > 0) {
		struct fake_port *port = &dev->ports[random32() % dev->num_ports];

		if (random32() % 2)
			enqueue_at_random(port);
		else
			dequeue_at_random(port);
		assert_limits(conf);
		if (random32() % 8 == 0)
			run_device(dev);
	}
}

static void
test_random_traffic(void **state)
{
	static const unsigned int limits[] = {1, 2, 3, 5, 16, 31, 64, 200, 1000, 4096};
	unsigned int i, round;

	for (i = 0; i < 6 * RTE_DIM(limits); i++) {
		unsigned int limit = limits[i % RTE_DIM(limits)];
		struct dlb2_dp_conf conf = fake_device_conf(i % 2 == 0 ? DLB2_HW_2_0 : DLB2_HW_2_5);

		conf.num_events_limit = limit;
		/* as many device credits as events, or fewer, so that they have to be counted */
		conf.ldb_credits = i % 3 == 0 ? limit : 1 + random32() % limit;
		if (conf.version == DLB2_HW_2_0)
			conf.dir_credits = i % 3 == 1 ? limit : 1 + random32() % limit;
		start(&conf, 1 + random32() % 12, 1 + random32() % limit, i % 4 == 0);
		for (round = 0; round < 4; round++) {
			play(&conf, 1500);
			drain();
			assert_all_back();
		}
		fake_device_destroy(dev);
	}
}

/*
 * What idle ports have cached never keeps another one from sending, however small the limits are
 * (B15).
 */
static void
test_idle_ports_starve_nobody(void **state)
{
	struct rte_event ev[64] = {};
	unsigned int limit, i, k, hints;

	for (limit = 1; limit <= 64; limit++) {
		for (hints = 0; hints < 2; hints++) {
			struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);

			conf.num_events_limit = conf.ldb_credits = limit;
			start(&conf, 8, 1 + random32() % limit, hints);
			for (k = 0; k < RTE_DIM(ev); k++)
				ev[k] = (struct rte_event){.queue_id = FAKE_ATOMIC_QUEUE,
							   .sched_type = RTE_SCHED_TYPE_PARALLEL};
			for (i = 0; i < 100; i++) {
				struct fake_port *port = &dev->ports[random32() % 8];

				/*
				 * nothing is in the system, and nobody else gets a chance to give
				 * anything back
				 */
				in_system = ops->enqueue_burst(port->dp, ev, 1 + random32() % 64);
				assert_true(in_system >= 1);
				while (in_system > 0) {
					port = &dev->ports[random32() % dev->num_ports];
					dequeue_at_random(port);
					release_all(port);
				}
			}
			fake_device_destroy(dev);
		}
	}
}

/* A port may use the limit up, not only as much of it as is a multiple of something. */
static void
test_whole_limit_can_be_used(void **state)
{
	struct rte_event ev[64] = {};
	unsigned int limit, i, n;

	for (limit = 1; limit <= 300; limit++) {
		struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
		struct dlb2_dp_port_conf port_conf = fake_port_conf(64);

		conf.num_events_limit = limit;
		port_conf.new_event_threshold = (limit + 1) / 2;
		reset_toy(&conf);
		dev = fake_device_create(&conf);
		fake_port_add(dev, &port_conf);
		port_conf.new_event_threshold = limit;
		fake_port_add(dev, &port_conf);
		fake_device_start(dev);
		for (i = 0; i < RTE_DIM(ev); i++)
			ev[i] = (struct rte_event){.queue_id = FAKE_ATOMIC_QUEUE,
						   .sched_type = RTE_SCHED_TYPE_PARALLEL};
		for (n = 0, i = 64; i == 64; n += i)
			i = ops->enqueue_burst(dev->ports[0].dp, ev, 64);
		assert_int_equal(n, (limit + 1) / 2);
		assert_int_equal(rte_errno, ENOSPC);
		for (i = 64; i == 64; n += i)
			i = ops->enqueue_new_burst(dev->ports[1].dp, ev, 64);
		assert_int_equal(n, limit);
		assert_int_equal(rte_errno, ENOSPC);
		assert_int_equal(ops->enqueue(dev->ports[1].dp, ev), 0);
		assert_int_equal(
			dlb2_dp_port_counter(dev->ports[0].dp, DLB2_PORT_TX_NOSPC_INFLIGHT_MAX),
			limit > 1);
		assert_int_equal(
			dlb2_dp_port_counter(dev->ports[0].dp, DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT),
			limit <= 1);
		assert_int_equal(
			dlb2_dp_port_counter(dev->ports[1].dp, DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT),
			2);
		assert_int_equal(
			dlb2_dp_port_counter(dev->ports[1].dp, DLB2_PORT_TX_NOSPC_INFLIGHT_MAX), 0);
		fake_device_destroy(dev);
	}
}

/*
 * 2.0: the two kinds have pools of their own, and each gets back what it gave (B1). 2.5: one pool.
 */
static void
test_device_credits_by_kind(void **state)
{
	struct rte_event ev[2] = {
		{.queue_id = FAKE_ATOMIC_QUEUE, .sched_type = RTE_SCHED_TYPE_PARALLEL},
		{.queue_id = FAKE_DIRECTED_QUEUE, .sched_type = RTE_SCHED_TYPE_PARALLEL},
	};
	unsigned int version, i, round;

	for (version = 0; version < DLB2_NUM_VERSIONS; version++) {
		static const enum dlb2_port_counter counters[DLB2_NUM_VERSIONS][2] = {
			{DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS, DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS},
			{DLB2_PORT_TX_NOSPC_HW_CREDITS, DLB2_PORT_TX_NOSPC_HW_CREDITS},
		};
		struct dlb2_dp_conf conf = fake_device_conf(version);
		struct fake_port *port;

		conf.ldb_credits = 8;
		conf.dir_credits = version == DLB2_HW_2_0 ? 5 : 0;
		start(&conf, 1, 4096, false);
		port = &dev->ports[0];
		for (round = 0; round < 20; round++) {
			const unsigned int accepted[DLB2_NUM_VERSIONS][2] = {{8, 5}, {8, 0}};
			unsigned int n[2] = {};

			for (i = 0; i < 2; i++) {
				while (ops->enqueue(port->dp, &ev[i]) == 1)
					n[i]++;
				in_system += n[i];
				assert_int_equal(rte_errno, ENOSPC);
				assert_int_equal(n[i], accepted[version][i]);
			}
			assert_int_equal(dlb2_dp_port_counter(port->dp, counters[version][0]),
					 version == 0 ? round + 1 : 2 * round + 2);
			assert_int_equal(dlb2_dp_port_counter(port->dp, counters[version][1]),
					 version == 0 ? round + 1 : 2 * round + 2);
			drain();
			assert_all_back();
		}
		fake_device_destroy(dev);
	}
}

/* Nothing is taken from the pool for a burst of which nothing is accepted. */
static void
test_refused_events_cost_nothing(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct rte_event ev[32] = {};
	unsigned int i;

	start(&conf, 2, 4096, false);
	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i].queue_id = 99;
	assert_int_equal(ops->enqueue_new_burst(dev->ports[0].dp, ev, RTE_DIM(ev)), 0);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(dlb2_dp_inflights(dev->dp), 0);
	ev[0].queue_id = FAKE_ATOMIC_QUEUE;
	ev[0].sched_type = RTE_SCHED_TYPE_PARALLEL;
	assert_int_equal(ops->enqueue_new_burst(dev->ports[0].dp, ev, RTE_DIM(ev)), 1);
	assert_int_equal(dlb2_dp_inflights(dev->dp), 1);
	fake_device_destroy(dev);
}

/* Device credits go back at an empty poll even if the port has nothing else to give back. */
static void
test_idle_port_keeps_no_device_credits(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_0);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(64);
	struct rte_event ev[2];
	struct fake_port *port;

	conf.ldb_credits = 64;
	port_conf.token_pop_mode = RTE_PMD_DLB2_DEFERRED_POP;
	reset_toy(&conf);
	dev = fake_device_create(&conf);
	port = fake_port_add(dev, &port_conf);
	fake_device_start(dev);
	ev[0] = (struct rte_event){.queue_id = FAKE_ATOMIC_QUEUE,
				   .sched_type = RTE_SCHED_TYPE_PARALLEL};
	assert_int_equal(ops->enqueue(port->dp, ev), 1);
	assert_true(dlb2_dp_credit_pool(dev->dp, DLB2_LDB) < 63);
	assert_int_equal(ops->dequeue(port->dp, ev, 0), 0);
	assert_int_equal(dlb2_dp_credit_pool(dev->dp, DLB2_LDB), 63);
	fake_deliver(port, fake_entry(0));
	assert_int_equal(ops->dequeue(port->dp, ev, 0), 1);
	assert_int_equal(dlb2_dp_credit_pool(dev->dp, DLB2_LDB), 63);
	assert_int_equal(ops->dequeue(port->dp, &ev[1], 0), 0);
	assert_int_equal(dlb2_dp_credit_pool(dev->dp, DLB2_LDB), 64);
	ev[0].op = RTE_EVENT_OP_FORWARD;
	assert_int_equal(ops->enqueue(port->dp, ev), 1);
	assert_true(dlb2_dp_credit_pool(dev->dp, DLB2_LDB) < 63);
	assert_int_equal(ops->dequeue(port->dp, &ev[1], 0), 0);
	assert_int_equal(dlb2_dp_credit_pool(dev->dp, DLB2_LDB), 63);
	fake_device_destroy(dev);
}

/* Credits reserved for a burst of which only one event is NEW do not stay with the port. */
static void
test_mixed_burst_keeps_no_more_than_its_share(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(64);
	struct rte_event ev[32];
	unsigned int i;

	conf.num_events_limit = 64;
	reset_toy(&conf);
	dev = fake_device_create(&conf);
	fake_port_add(dev, &port_conf);
	fake_device_start(dev);
	for (i = 0; i < RTE_DIM(ev); i++)
		fake_deliver(&dev->ports[0], fake_entry(i));
	assert_int_equal(ops->dequeue_burst(dev->ports[0].dp, ev, 32, 0), 32);
	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i].op = i == 0 ? RTE_EVENT_OP_NEW : RTE_EVENT_OP_FORWARD;
	assert_int_equal(ops->enqueue_burst(dev->ports[0].dp, ev, 32), 32);
	assert_true(dlb2_dp_inflights(dev->dp) <= 1 + 64 / 2);
	fake_device_destroy(dev);
}

static void
test_return_credits(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct rte_event ev = {.queue_id = FAKE_ATOMIC_QUEUE,
			       .sched_type = RTE_SCHED_TYPE_PARALLEL};

	start(&conf, 2, 4096, false);
	assert_int_equal(ops->enqueue(dev->ports[0].dp, &ev), 1);
	assert_true(dlb2_dp_inflights(dev->dp) > 1);
	dlb2_dp_port_return_credits(dev->ports[0].dp);
	assert_int_equal(dlb2_dp_inflights(dev->dp), 1);
	fake_device_destroy(dev);
}

static struct dlb2_credit_pool shared_pool = {.size = 100};
static unsigned int held_by_all;

static void *
take_and_give(void *arg)
{
	unsigned int mine = (uintptr_t)arg, held = 0, i, got;

	for (i = 0; i < 200000; i++) {
		got = dlb2_pool_take(&shared_pool, shared_pool.size, 1 + rand_r(&mine) % 60);
		held += got;
		if (__atomic_add_fetch(&held_by_all, got, __ATOMIC_SEQ_CST) > shared_pool.size)
			return &held_by_all; /* more than there are */
		got = held > 0 ? rand_r(&mine) % (held + 1) : 0;
		__atomic_sub_fetch(&held_by_all, got, __ATOMIC_SEQ_CST);
		dlb2_pool_give(&shared_pool, got);
		held -= got;
	}
	__atomic_sub_fetch(&held_by_all, held, __ATOMIC_SEQ_CST);
	dlb2_pool_give(&shared_pool, held);
	return NULL;
}

static void
test_pool_between_threads(void **state)
{
	pthread_t threads[NUM_THREADS];
	void *complaint;
	uintptr_t i;

	for (i = 0; i < NUM_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, (void *)(i + 1)),
				 0);
	for (i = 0; i < NUM_THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &complaint), 0);
		assert_null(complaint);
	}
	assert_int_equal(dlb2_pool_taken(&shared_pool), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_traffic),
		cmocka_unit_test(test_idle_ports_starve_nobody),
		cmocka_unit_test(test_whole_limit_can_be_used),
		cmocka_unit_test(test_device_credits_by_kind),
		cmocka_unit_test(test_refused_events_cost_nothing),
		cmocka_unit_test(test_idle_port_keeps_no_device_credits),
		cmocka_unit_test(test_mixed_burst_keeps_no_more_than_its_share),
		cmocka_unit_test(test_return_credits),
		cmocka_unit_test(test_pool_between_threads),
	};

	return cmocka_run_group_tests_name("datapath_credits", tests, NULL, NULL);
}
