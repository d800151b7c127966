/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The variants of the data path do the same, over sparse and over dense consumer queues (CQs). Ports
 * that are set up alike, one for each variant and layout, get the same entries and the same calls:
 * what they return, the words they send, in how many lines, their counters, credits and tokens are
 * compared after each step with those of the first, which is scalar and sparse. What is right is the
 * business of the other tests, which run with each variant, first of all test_datapath_oracle.c: a
 * fault that all variants have is not seen here.
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

/* A port, and the data path that drives it. */
struct side {
	enum dlb2_simd simd;
	enum dlb2_cq_layout layout;
	const struct dlb2_dp_ops *ops;
	struct fake_device *dev;
	struct fake_port *port;
};

struct sides {
	unsigned int num;
	struct side side[DLB2_NUM_SIMD * DLB2_NUM_CQ_LAYOUTS]; /* the first is what others are like */
};

/* What a port set-up may have, besides its depth. */
struct choice {
	enum dlb2_version version;
	enum dlb2_port_kind kind;
	enum rte_pmd_dlb2_token_pop_mode mode;
	bool implicit_release, weight, metered;
	bool padded; /* free places of dense lines are written along */
};

static struct side
make_side(enum dlb2_simd simd, enum dlb2_cq_layout layout, unsigned int depth,
	  const struct choice *choice)
{
	struct dlb2_dp_conf conf = fake_device_conf(choice->version);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(depth);
	struct side side = {.simd = simd, .layout = layout, .ops = dlb2_dp_ops(simd, layout)};

	conf.simd = simd;
	conf.cq_layout = layout;
	conf.qe_weight = choice->weight;
	if (choice->metered)
		conf.ldb_credits = conf.num_events_limit / 2;
	port_conf.kind = choice->kind;
	port_conf.token_pop_mode = choice->mode;
	port_conf.implicit_release = choice->implicit_release;
	side.dev = fake_device_create(&conf);
	side.port = fake_port_add(side.dev, &port_conf);
	side.port->padded &= choice->padded;
	fake_device_start(side.dev);
	return side;
}

static struct sides
make_sides(unsigned int depth, const struct choice *choice)
{
	struct sides sides = {.num = 0};
	enum dlb2_cq_layout layout;
	enum dlb2_simd simd;

	for (simd = 0; simd < DLB2_NUM_SIMD; simd++)
		for (layout = 0; layout < DLB2_NUM_CQ_LAYOUTS; layout++)
			if (dlb2_simd_possible(simd))
				sides.side[sides.num++] = make_side(simd, layout, depth, choice);
	return sides;
}

static void
destroy_sides(struct sides *sides)
{
	unsigned int i;

	for (i = 0; i < sides->num; i++)
		fake_device_destroy(sides->side[i].dev);
}

static void
expect_alike(const struct side *side, bool alike, const char *what)
{
	if (!alike)
		fail_msg("%s, %s: %s not as with scalar, sparse", dlb2_simd_names[side->simd],
			 side->layout == DLB2_CQ_DENSE ? "dense" : "sparse", what);
}

static void
deliver_to_all(struct sides *sides, struct dlb2_cq_entry entry, unsigned int ahead)
{
	unsigned int i;

	for (i = 0; i < sides->num; i++) {
		if (ahead > 0)
			fake_deliver_ahead(sides->side[i].port, entry, ahead);
		else
			fake_deliver(sides->side[i].port, entry);
	}
}

/* The words that were sent, and in how many lines. */
static void
compare_sent(struct sides *sides)
{
	struct fake_port *first = sides->side[0].port;
	const unsigned int words = fake_collect(first);
	unsigned int i;

	for (i = 1; i < sides->num; i++) {
		struct fake_port *port = sides->side[i].port;

		expect_alike(&sides->side[i],
			     fake_collect(port) == words && port->lines == first->lines &&
				     (words == 0 || memcmp(port->hcws, first->hcws,
							   words * sizeof(first->hcws[0])) == 0),
			     "what was sent is");
		fake_discard(port);
	}
	fake_discard(first);
}

static void
compare_counters(const struct sides *sides, const struct side *side)
{
	const struct dlb2_dp_port *a = sides->side[0].port->dp, *b = side->port->dp;
	struct dlb2_port_queue_counters of_a, of_b;
	unsigned int i;

	for (i = 0; i < DLB2_PORT_NUM_COUNTERS; i++)
		expect_alike(side, dlb2_dp_port_counter(a, i) == dlb2_dp_port_counter(b, i),
			     "counters are");
	for (i = 0; i < FAKE_NUM_QUEUES; i++) {
		dlb2_dp_port_queue_counters(a, i, &of_a);
		dlb2_dp_port_queue_counters(b, i, &of_b);
		expect_alike(side, memcmp(&of_a, &of_b, sizeof(of_a)) == 0,
			     "counters of a queue are");
	}
}

static void
compare(struct sides *sides)
{
	struct dlb2_dp_port_state a, b;
	unsigned int i;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	dlb2_dp_port_state(sides->side[0].port->dp, &a);
	compare_sent(sides);
	for (i = 1; i < sides->num; i++) {
		dlb2_dp_port_state(sides->side[i].port->dp, &b);
		expect_alike(&sides->side[i], memcmp(&a, &b, sizeof(a)) == 0,
			     "events, tokens and credits are");
		compare_counters(sides, &sides->side[i]);
	}
}

static unsigned int
dequeue_by(const struct side *side, struct rte_event ev[MAX_BURST], unsigned int n, bool single)
{
	memset(ev, 0xa5, MAX_BURST * sizeof(ev[0]));
	return single ? side->ops->dequeue(side->port->dp, ev, 0)
		      : side->ops->dequeue_burst(side->port->dp, ev, n, 0);
}

/* Returns how many events came, which are in ev then. */
static unsigned int
dequeue_all(struct sides *sides, struct rte_event ev[MAX_BURST], unsigned int n)
{
	const bool single = n == 1 && random32() % 2;
	struct rte_event other[MAX_BURST];
	unsigned int i, got = dequeue_by(&sides->side[0], ev, n, single);

	for (i = 1; i < sides->num; i++) {
		const struct side *side = &sides->side[i];

		expect_alike(side, dequeue_by(side, other, n, single) == got,
			     "the number of events is");
		/* nor was anything written behind them */
		expect_alike(side, memcmp(ev, other, sizeof(other)) == 0, "events are");
	}
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
enqueue_all(struct sides *sides, const struct rte_event ev[], unsigned int n, enum call call)
{
	unsigned int i, sent = enqueue_by(&sides->side[0], ev, n, call);
	int err = rte_errno;

	for (i = 1; i < sides->num; i++) {
		expect_alike(&sides->side[i],
			     enqueue_by(&sides->side[i], ev, n, call) == sent && rte_errno == err,
			     "what enqueue returns is");
	}
	return sent;
}

/* One burst at the present place of the ring. */
static void
go_round(struct sides *sides, unsigned int n)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < n; i++)
		deliver_to_all(sides, fake_entry(sides->side[0].port->written), 0);
	assert_int_equal(dequeue_all(sides, ev, n), n);
	for (i = 0; i < n; i++)
		ev[i].op = RTE_EVENT_OP_FORWARD;
	assert_int_equal(enqueue_all(sides, ev, n, ENQUEUE), n);
	compare_sent(sides);
}

/*
 * The ring of a CQ has a power of two of entries: by odd strides every place is reached, in as many
 * rounds as there are places.
 */
static void
try_depth(unsigned int depth)
{
	const struct choice choice = {
		.version = DLB2_HW_2_5, .mode = RTE_PMD_DLB2_AUTO_POP, .padded = true};
	struct sides sides = make_sides(depth, &choice);
	unsigned int burst, place, ring = sides.side[0].port->conf.cq_ring_entries;

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
test_all_places(void **state)
{
	unsigned int depth;

	for (depth = 1; depth <= MAX_DEPTH; depth *= 2)
		try_depth(depth);
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
	const unsigned int depth = sides->side[0].port->conf.cq_depth;
	unsigned int n = random32() % (RTE_MIN(depth - *unread, 40u) + 1);
	bool hole = n > 2 && random32() % 8 == 0;

	if (hole)
		deliver_to_all(sides, *entry, 1);
	*unread += n;
	for (; n > 0; n--) {
		*entry = random_entry(*entry, some_sched);
		deliver_to_all(sides, *entry, 0);
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
	enqueue_all(sides, ev, n, call);
}

/* Entries that were read or dropped. */
static unsigned int
consumed(const struct sides *sides)
{
	return dlb2_dp_port_counter(sides->side[0].port->dp, DLB2_PORT_RX_OK) +
		dlb2_dp_port_counter(sides->side[0].port->dp, DLB2_PORT_RX_DROP);
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
			dequeue_all(sides, ev, 1 + random32() % MAX_BURST);
			unread -= consumed(sides) - before;
		} else {
			enqueue_some(sides, &like);
		}
		compare(sides);
	}
}

static void
test_all_random_calls(void **state)
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
			.padded = random32() % 2,
		};
		struct sides sides = make_sides(1u << random32() % 11, &choice);

		take_steps(&sides);
		destroy_sides(&sides);
	}
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
