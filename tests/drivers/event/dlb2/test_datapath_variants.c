/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The variants of the data path do the same. Two ports that are set up alike get the same entries
 * and the same calls, one by the scalar variant, the other by another one: what they return, the
 * words they send, in how many lines, their counters, credits and tokens are compared after each
 * step. What is right is the business of the other tests, which run with each variant, first of all
 * test_datapath_oracle.c: a fault that all variants have is not seen here.
 *
 * Depths, places in the ring and burst sizes are gone through one and all, with events that are
 * alike; the rest is random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "datapath_random.h"
#include "fake_device.h"

#define MAX_BURST 128
#define MAX_DEPTH 1024
#define ROUNDS 400
#define STEPS 150

/* A port, and the variant that drives it. */
struct side {
	struct fake_device *dev;
	struct fake_port *port;
	const struct dlb2_dp_ops *ops;
};

struct sides {
	struct side one, other;
};

/* What a port set-up may have, besides its depth. */
struct choice {
	enum dlb2_version version;
	enum dlb2_port_kind kind;
	enum rte_pmd_dlb2_token_pop_mode mode;
	bool implicit_release, weight, metered;
};

static struct side
make_side(enum dlb2_simd simd, unsigned int depth, const struct choice *choice)
{
	struct dlb2_dp_conf conf = fake_device_conf(choice->version);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(depth);
	struct side side = {.ops = dlb2_dp_ops(simd, DLB2_CQ_SPARSE)};

	conf.simd = simd;
	conf.qe_weight = choice->weight;
	if (choice->metered)
		conf.ldb_credits = conf.num_events_limit / 2;
	port_conf.kind = choice->kind;
	port_conf.token_pop_mode = choice->mode;
	port_conf.implicit_release = choice->implicit_release;
	side.dev = fake_device_create(&conf);
	side.port = fake_port_add(side.dev, &port_conf);
	fake_device_start(side.dev);
	return side;
}

static struct sides
make_sides(enum dlb2_simd simd, unsigned int depth, const struct choice *choice)
{
	return (struct sides){
		.one = make_side(DLB2_SIMD_SCALAR, depth, choice),
		.other = make_side(simd, depth, choice),
	};
}

static void
destroy_sides(struct sides *sides)
{
	fake_device_destroy(sides->one.dev);
	fake_device_destroy(sides->other.dev);
}

static void
deliver_to_both(struct sides *sides, struct dlb2_cq_entry entry, unsigned int ahead)
{
	fake_deliver_ahead(sides->one.port, entry, ahead);
	fake_deliver_ahead(sides->other.port, entry, ahead);
	if (ahead > 0)
		return;
	sides->one.port->written++;
	sides->other.port->written++;
}

/* The words that were sent, and in how many lines. */
static void
compare_sent(struct sides *sides)
{
	struct fake_port *a = sides->one.port, *b = sides->other.port;
	unsigned int words = fake_collect(a);

	assert_int_equal(fake_collect(b), words);
	assert_int_equal(a->lines, b->lines);
	if (words > 0)
		assert_memory_equal(a->hcws, b->hcws, words * sizeof(a->hcws[0]));
	fake_discard(a);
	fake_discard(b);
}

static void
compare_counters(const struct sides *sides)
{
	struct dlb2_port_queue_counters a, b;
	unsigned int i;

	for (i = 0; i < DLB2_PORT_NUM_COUNTERS; i++)
		assert_int_equal(dlb2_dp_port_counter(sides->one.port->dp, i),
				 dlb2_dp_port_counter(sides->other.port->dp, i));
	for (i = 0; i < FAKE_NUM_QUEUES; i++) {
		dlb2_dp_port_queue_counters(sides->one.port->dp, i, &a);
		dlb2_dp_port_queue_counters(sides->other.port->dp, i, &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void
compare(struct sides *sides)
{
	struct dlb2_dp_port_state a, b;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	dlb2_dp_port_state(sides->one.port->dp, &a);
	dlb2_dp_port_state(sides->other.port->dp, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	compare_sent(sides);
	compare_counters(sides);
}

static unsigned int
dequeue_by(const struct side *side, struct rte_event ev[MAX_BURST], unsigned int n)
{
	memset(ev, 0xa5, MAX_BURST * sizeof(ev[0]));
	return n == 1 && random32() % 2 ? side->ops->dequeue(side->port->dp, ev, 0)
					: side->ops->dequeue_burst(side->port->dp, ev, n, 0);
}

/* Returns how many events came, which are in ev then. */
static unsigned int
dequeue_both(struct sides *sides, struct rte_event ev[MAX_BURST], unsigned int n)
{
	struct rte_event other[MAX_BURST];
	const unsigned int before = random_seed;
	unsigned int got = dequeue_by(&sides->one, ev, n);

	random_seed = before; /* the same call */
	assert_int_equal(dequeue_by(&sides->other, other, n), got);
	assert_memory_equal(ev, other, sizeof(other)); /* nor was anything written behind them */
	return got;
}

enum call { ENQUEUE, ENQUEUE_NEW, ENQUEUE_FORWARD, ENQUEUE_ONE, NUM_CALLS };

static unsigned int
enqueue_by(const struct side *side, const struct rte_event ev[], unsigned int n, enum call call)
{
	void *port = side->port->dp;

	rte_errno = 0;
	switch (call) {
	case ENQUEUE_NEW:
		return side->ops->enqueue_new_burst(port, ev, n);
	case ENQUEUE_FORWARD:
		return side->ops->enqueue_forward_burst(port, ev, n);
	case ENQUEUE_ONE:
		return side->ops->enqueue(port, ev);
	default:
		return side->ops->enqueue_burst(port, ev, n);
	}
}

static unsigned int
enqueue_both(struct sides *sides, const struct rte_event ev[], unsigned int n, enum call call)
{
	unsigned int sent = enqueue_by(&sides->one, ev, n, call);
	int err = rte_errno;

	assert_int_equal(enqueue_by(&sides->other, ev, n, call), sent);
	assert_int_equal(rte_errno, err);
	return sent;
}

/* One burst at the present place of the ring. */
static void
go_round(struct sides *sides, unsigned int n)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < n; i++)
		deliver_to_both(sides, fake_entry(sides->one.port->written), 0);
	assert_int_equal(dequeue_both(sides, ev, n), n);
	for (i = 0; i < n; i++)
		ev[i].op = RTE_EVENT_OP_FORWARD;
	assert_int_equal(enqueue_both(sides, ev, n, ENQUEUE), n);
	compare_sent(sides);
}

/*
 * The ring of a CQ has a power of two of entries: by odd strides every place is reached, in as many
 * rounds as there are places.
 */
static void
try_depth(enum dlb2_simd simd, unsigned int depth)
{
	const struct choice choice = {.version = DLB2_HW_2_5, .mode = RTE_PMD_DLB2_AUTO_POP};
	struct sides sides = make_sides(simd, depth, &choice);
	unsigned int burst, place, ring = sides.one.port->conf.cq_ring_entries;

	for (burst = 1; burst <= RTE_MIN(depth, (unsigned int)MAX_BURST); burst++) {
		for (place = 0; place < ring; place++) {
			go_round(&sides, burst);
			if (burst % 2 == 0)
				go_round(&sides, 1);
		}
		compare(&sides);
	}
	destroy_sides(&sides);
}

static void
test_places(enum dlb2_simd simd)
{
	unsigned int depth;

	for (depth = 1; depth <= MAX_DEPTH; depth *= 2)
		try_depth(simd, depth);
}

/* Any type that a load-balanced queue has, and whatever else is in the byte. */
static uint8_t
some_sched(void)
{
	static const uint8_t types[] = {DLB2_SCHED_ATOMIC, DLB2_SCHED_UNORDERED, DLB2_SCHED_ORDERED};

	return types[random32() % RTE_DIM(types)] | (random32() & 0xfc);
}

/* Writes some of what the ring has room for, now and then with a hole. */
static void
deliver_some(struct sides *sides, struct dlb2_cq_entry *entry, unsigned int *unread)
{
	const unsigned int depth = sides->one.port->conf.cq_depth;
	unsigned int n = random32() % (RTE_MIN(depth - *unread, 40u) + 1);
	bool hole = n > 2 && random32() % 8 == 0;

	if (hole)
		deliver_to_both(sides, *entry, 1);
	*unread += n;
	for (; n > 0; n--) {
		*entry = random_entry(*entry, some_sched);
		deliver_to_both(sides, *entry, 0);
	}
}

static void
enqueue_some(struct sides *sides, struct rte_event *like)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i, n = 1 + random32() % (random32() % 4 ? 12 : MAX_BURST);
	enum call call = random32() % NUM_CALLS;

	if (random32() % 4 == 0)
		like->op = random32() % 3;
	for (i = 0; i < n; i++)
		ev[i] = *like = random_event(*like);
	enqueue_both(sides, ev, n, call);
}

/* Entries that were read or dropped. */
static unsigned int
consumed(const struct sides *sides)
{
	return dlb2_dp_port_counter(sides->one.port->dp, DLB2_PORT_RX_OK) +
		dlb2_dp_port_counter(sides->one.port->dp, DLB2_PORT_RX_DROP);
}

static void
take_steps(struct sides *sides)
{
	struct dlb2_cq_entry entry = fake_entry(0);
	struct rte_event ev[MAX_BURST], like = {.queue_id = FAKE_ATOMIC_QUEUE};
	unsigned int step, unread = 0, before;

	like.sched_type = RTE_SCHED_TYPE_ATOMIC;
	for (step = 0; step < STEPS; step++) {
		if (random32() % 3 == 0)
			deliver_some(sides, &entry, &unread);
		if (random32() % 2 == 0) {
			before = consumed(sides);
			dequeue_both(sides, ev, 1 + random32() % MAX_BURST);
			unread -= consumed(sides) - before;
		} else {
			enqueue_some(sides, &like);
		}
		compare(sides);
	}
}

static void
test_random_calls(enum dlb2_simd simd)
{
	unsigned int round;

	random_seed = 1;
	for (round = 0; round < ROUNDS; round++) {
		const struct choice choice = {
			.version = random32() % 2 ? DLB2_HW_2_0 : DLB2_HW_2_5,
			.kind = random32() % 4 ? DLB2_LDB : DLB2_DIR,
			.mode = random32() % RTE_PMD_DLB2_NUM_TOKEN_POP_MODES,
			.implicit_release = random32() % 2,
			.weight = random32() % 4 == 0,
			.metered = random32() % 4 == 0,
		};
		struct sides sides = make_sides(simd, 1u << random32() % 11, &choice);

		take_steps(&sides);
		destroy_sides(&sides);
	}
}

static void
with_each(void (*test)(enum dlb2_simd simd))
{
	enum dlb2_simd simd;

	for (simd = DLB2_SIMD_SSE; simd < DLB2_NUM_SIMD; simd++) {
		if (dlb2_simd_possible(simd))
			test(simd);
		else
			print_message("not here: %s\n", dlb2_simd_names[simd]);
	}
}

static void
test_all_places(void **state)
{
	with_each(test_places);
}

static void
test_all_random_calls(void **state)
{
	with_each(test_random_calls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_places),
		cmocka_unit_test(test_all_random_calls),
	};

	return cmocka_run_group_tests_name("datapath_variants", tests, NULL, NULL);
}
