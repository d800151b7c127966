/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A variant of the data path against the oracle (datapath_oracle.h): random set-ups and calls, and
 * bursts of every size at every place of every ring. test_datapath_variants.c compares the variants
 * with each other; only this can see a fault that all of them have.
 *
 * A second port makes the events that the device then delivers, so that credits add up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "datapath_oracle.h"
#include "datapath_random.h"

#define MAX_BURST 128
#define MAX_DEPTH 1024
#define LIMIT 4096
#define ROUNDS 500
#define STEPS 200

struct bench {
	const struct dlb2_dp_ops *ops;
	struct fake_device *dev;
	struct fake_port *port, *producer;
	struct oracle oracle;
	bool has_hole;
	struct dlb2_cq_entry missing, behind; /* with a hole */
};

/* What a port set-up may have, besides its depth. */
struct choice {
	enum dlb2_version version;
	enum dlb2_port_kind kind;
	enum rte_pmd_dlb2_token_pop_mode mode;
	bool implicit_release, weight;
	unsigned int enqueue_depth;
};

static struct bench
make_bench(unsigned int depth, const struct choice *choice)
{
	struct dlb2_dp_conf conf = fake_device_conf(choice->version);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(depth);
	struct bench b = {.ops = fake_ops()};

	conf.num_events_limit = LIMIT;
	conf.qe_weight = choice->weight;
	b.dev = fake_device_create(&conf);
	b.producer = fake_port_add(b.dev, &port_conf);
	port_conf.kind = choice->kind;
	port_conf.token_pop_mode = choice->mode;
	port_conf.implicit_release = choice->implicit_release;
	port_conf.enqueue_depth = choice->enqueue_depth;
	b.port = fake_port_add(b.dev, &port_conf);
	fake_device_start(b.dev);
	oracle_init(&b.oracle, b.port, choice->weight, LIMIT);
	return b;
}

/* Takes an event out of the device's queues, which is made if there is none. */
static bool
take_queued(struct bench *b)
{
	const struct rte_event ev = {.op = RTE_EVENT_OP_NEW,
				     .sched_type = RTE_SCHED_TYPE_ATOMIC,
				     .queue_id = FAKE_ATOMIC_QUEUE};

	if (b->oracle.queued > 0) {
		b->oracle.queued--;
		return true;
	}
	if (b->ops->enqueue(b->producer->dp, &ev) == 0)
		return false;
	fake_discard(b->producer);
	b->oracle.alive++;
	return true;
}

static void
write_entry(struct bench *b, struct dlb2_cq_entry entry)
{
	fake_deliver(b->port, entry);
	oracle_delivered(&b->oracle, entry);
}

/* Returns whether there was something to deliver. */
static bool
deliver(struct bench *b, struct dlb2_cq_entry entry)
{
	if (!take_queued(b))
		return false;
	write_entry(b, entry);
	return true;
}

/* Events that are in the system are those whose credits are. */
static void
check_credits(const struct bench *b)
{
	struct dlb2_dp_port_state mine, other;

	dlb2_dp_port_state(b->port->dp, &mine);
	dlb2_dp_port_state(b->producer->dp, &other);
	assert_int_equal(dlb2_dp_inflights(b->dev->dp) - mine.cached[DLB2_POOL_EVENTS] -
				 other.cached[DLB2_POOL_EVENTS],
			 b->oracle.alive);
}

/* After each call. */
static void
forget_sent(struct bench *b)
{
	oracle_compare(&b->oracle);
	check_credits(b);
	fake_discard(b->port);
}

static unsigned int
dequeue(struct bench *b, struct rte_event ev[MAX_BURST], unsigned int n)
{
	struct rte_event untouched;
	unsigned int i, got;

	memset(&untouched, 0xa5, sizeof(untouched));
	memset(ev, 0xa5, MAX_BURST * sizeof(ev[0]));
	got = n == 1 && random32() % 2 ? b->ops->dequeue(b->port->dp, ev, 0)
				       : b->ops->dequeue_burst(b->port->dp, ev, n, 0);
	for (i = got; i < MAX_BURST; i++)
		assert_memory_equal(&ev[i], &untouched, sizeof(untouched));
	fake_collect(b->port);
	oracle_dequeued(&b->oracle, n, ev, got);
	forget_sent(b);
	return got;
}

enum call { ENQUEUE, ENQUEUE_NEW, ENQUEUE_FORWARD, ENQUEUE_ONE, NUM_CALLS };

static unsigned int
enqueue(struct bench *b, const struct rte_event ev[], unsigned int n, enum call call)
{
	void *port = b->port->dp;
	unsigned int sent;
	int op = -1;

	rte_errno = 0;
	if (call == ENQUEUE_NEW) {
		op = RTE_EVENT_OP_NEW;
		sent = b->ops->enqueue_new_burst(port, ev, n);
	} else if (call == ENQUEUE_FORWARD) {
		op = RTE_EVENT_OP_FORWARD;
		sent = b->ops->enqueue_forward_burst(port, ev, n);
	} else if (call == ENQUEUE_ONE) {
		n = 1;
		sent = b->ops->enqueue(port, ev);
	} else {
		sent = b->ops->enqueue_burst(port, ev, n);
	}
	fake_collect(b->port);
	oracle_enqueued(&b->oracle, ev, n, op, sent, rte_errno);
	forget_sent(b);
	return sent;
}

/* One burst at the present place of the ring. */
static void
go_round(struct bench *b, unsigned int n, uint8_t op)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < n; i++)
		assert_true(deliver(b, fake_entry(b->port->written)));
	assert_int_equal(dequeue(b, ev, n), n);
	for (i = 0; i < n; i++) {
		ev[i].op = op;
		ev[i].priority = b->port->written;
	}
	assert_int_equal(enqueue(b, ev, n, ENQUEUE), n);
}

/* By odd strides every place of a ring, which has a power of two, is reached. */
static void
try_depth(unsigned int depth)
{
	const struct choice choice = {.version = DLB2_HW_2_5,
				      .mode = RTE_PMD_DLB2_AUTO_POP,
				      .enqueue_depth = MAX_DEPTH};
	static const unsigned int bursts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 31, 32, 33, 63, 128};
	struct bench b = make_bench(depth, &choice);
	unsigned int i, place, ring = b.port->conf.cq_ring_entries;

	for (i = 0; i < RTE_DIM(bursts) && bursts[i] <= depth; i++) {
		for (place = 0; place < ring; place++) {
			go_round(&b, bursts[i],
				 place % 5 == 4 ? RTE_EVENT_OP_RELEASE : RTE_EVENT_OP_FORWARD);
			if (bursts[i] % 2 == 0)
				go_round(&b, 1, RTE_EVENT_OP_FORWARD);
		}
	}
	fake_device_destroy(b.dev);
}

static void
test_places(void **state)
{
	unsigned int depth;

	for (depth = 1; depth <= MAX_DEPTH; depth *= 2)
		try_depth(depth);
}

static uint8_t
any_sched(void)
{
	return random32();
}

/* The entries of a hole and behind it are visible in the end. */
static void
fill_hole(struct bench *b)
{
	if (!b->has_hole)
		return;
	b->has_hole = false;
	write_entry(b, b->missing);
	write_entry(b, b->behind);
}

/* An entry becomes visible before the one that comes first, so that nobody may see it yet. */
static void
make_hole(struct bench *b, struct dlb2_cq_entry entry)
{
	if (!take_queued(b))
		return;
	if (!take_queued(b)) {
		b->oracle.queued++;
		return;
	}
	b->has_hole = true;
	b->missing = random_entry(entry, any_sched);
	b->behind = random_entry(b->missing, any_sched);
	fake_deliver_ahead(b->port, b->behind, 1);
}

/*
 * Writes some of what the ring has room for: entries whose tokens were not returned keep their
 * places.
 */
static void
deliver_some(struct bench *b, struct dlb2_cq_entry *entry)
{
	unsigned int n, room;

	fill_hole(b);
	room = b->port->conf.cq_depth - b->oracle.unread - b->oracle.owed;
	for (n = random32() % (RTE_MIN(room, 40u) + 1); n > 0; n--, room--) {
		*entry = random_entry(*entry, any_sched);
		if (!deliver(b, *entry))
			return;
	}
	if (room >= 2 && random32() % 8 == 0)
		make_hole(b, *entry);
}

static void
enqueue_some(struct bench *b, struct rte_event *like)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i, n = 1 + random32() % (random32() % 4 ? 6 : MAX_BURST);
	enum call call = random32() % NUM_CALLS;

	if (random32() % 4 == 0)
		like->op = random32() % 3;
	for (i = 0; i < n; i++)
		ev[i] = *like = random_event(*like);
	enqueue(b, ev, n, call);
}

/* As an application does that forwards all that it got, to one queue or to several. */
static void
forward_some(struct bench *b)
{
	struct rte_event ev[MAX_BURST];
	const bool to_one = random32() % 4 != 0;
	unsigned int i, n = 1 + random32() % (random32() % 4 ? 6 : MAX_BURST);

	n = dequeue(b, ev, n);
	for (i = 0; i < n; i++) {
		ev[i].op = RTE_EVENT_OP_FORWARD;
		ev[i].queue_id = to_one ? FAKE_ATOMIC_QUEUE : random32() % FAKE_NUM_QUEUES;
		ev[i].sched_type = RTE_SCHED_TYPE_ATOMIC;
	}
	if (n > 0)
		enqueue(b, ev, n, random32() % 2 ? ENQUEUE : ENQUEUE_FORWARD);
}

static void
take_steps(struct bench *b)
{
	struct dlb2_cq_entry entry = fake_entry(0);
	struct rte_event ev[MAX_BURST], like = {.queue_id = FAKE_ATOMIC_QUEUE};
	unsigned int step;

	like.sched_type = RTE_SCHED_TYPE_ATOMIC;
	for (step = 0; step < STEPS; step++) {
		switch (random32() % 6) {
		case 0:
		case 1:
			deliver_some(b, &entry);
			break;
		case 2:
			dequeue(b, ev, 1 + random32() % MAX_BURST);
			break;
		case 3:
			dequeue(b, ev, 1 + random32() % 5);
			break;
		case 4:
			forward_some(b);
			break;
		default:
			enqueue_some(b, &like);
		}
	}
}

static void
test_random_calls(void **state)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		const struct choice choice = {
			.version = random32() % 2 ? DLB2_HW_2_0 : DLB2_HW_2_5,
			.kind = random32() % 4 ? DLB2_LDB : DLB2_DIR,
			.mode = random32() % RTE_PMD_DLB2_NUM_TOKEN_POP_MODES,
			.implicit_release = random32() % 2,
			.weight = random32() % 4 == 0,
			.enqueue_depth = random32() % 4 ? MAX_DEPTH : 1 + random32() % 16,
		};
		struct bench b = make_bench(1u << random32() % 11, &choice);

		take_steps(&b);
		fake_device_destroy(b.dev);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_random_calls),
	};

	return cmocka_run_group_tests_name("datapath_oracle", tests, NULL, NULL);
}
