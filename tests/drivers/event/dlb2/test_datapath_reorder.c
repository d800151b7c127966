/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Independent enqueue (data-path 10): events of a port may be forwarded and released in any order,
 * the device sees their completions in the order of delivery.
 */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "one_port.h"

static struct dlb2_reorder *reorder;

static struct fake_port *
start_reorder(unsigned int depth, enum rte_pmd_dlb2_token_pop_mode mode, bool implicit_release)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(depth);

	conf.token_pop_mode = mode;
	conf.implicit_release = implicit_release;
	conf.reorder = reorder;
	return start(&conf);
}

static struct fake_port *
start_plain(void)
{
	return start_reorder(256, RTE_PMD_DLB2_DEFERRED_POP, false);
}

static int
setup_reorder(void **state)
{
	reorder = malloc(dlb2_dp_reorder_size());
	assert_non_null(reorder);
	memset(reorder, 0xa5, dlb2_dp_reorder_size());
	return setup(state);
}

static int
teardown_reorder(void **state)
{
	free(reorder);
	return teardown(state);
}

static void
deliver_bad(struct fake_port *port)
{
	struct dlb2_cq_entry entry = fake_entry(port->written);

	entry.status = DLB2_CQ_ERROR;
	fake_deliver(port, entry);
}

/* Delivers `n` events and dequeues them; forgets the tokens that were sent with it. */
static void
receive(struct fake_port *port, struct rte_event *ev, unsigned int n)
{
	deliver(port, n);
	assert_int_equal(dequeue(port, ev, n), n);
	fake_discard(port);
}

static unsigned int
send(struct fake_port *port, struct rte_event ev, uint8_t op)
{
	ev.op = op;
	rte_errno = 0;
	return ops->enqueue(port->dp, &ev);
}

#define FORWARD_ONE(port, ev) assert_int_equal(send(port, ev, RTE_EVENT_OP_FORWARD), 1)
#define RELEASE_ONE(port, ev) assert_int_equal(send(port, ev, RTE_EVENT_OP_RELEASE), 1)

static void
refuse(struct fake_port *port, struct rte_event ev, uint8_t op)
{
	assert_int_equal(send(port, ev, op), 0);
	assert_int_equal(rte_errno, EINVAL);
	assert_string_equal(fake_sent(port), "");
}

static void
test_later_event_waits(void **state)
{
	struct fake_port *port = start_plain();
	struct rte_event ev[5];

	receive(port, ev, 5);
	FORWARD_ONE(port, ev[2]);
	RELEASE_ONE(port, ev[1]);
	assert_string_equal(fake_sent(port), "");
	FORWARD_ONE(port, ev[0]);
	fake_collect(port);
	assert_int_equal(port->hcws[0].data, 0);
	assert_int_equal(port->hcws[2].data, 2);
	assert_string_equal(fake_sent(port), "FCF.");
	FORWARD_ONE(port, ev[4]);
	assert_string_equal(fake_sent(port), "");
	RELEASE_ONE(port, ev[3]);
	assert_string_equal(fake_sent(port), "CF..");
	assert_int_equal(dlb2_dp_port_open_events(port->dp), 0);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_FWD), 3);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_REL), 2);
}

/* A burst in any order goes out at once if nothing is missing, and NEW events wait for nobody. */
static void
test_bursts(void **state)
{
	static const unsigned int order[] = {3, 0, 2, 1};
	struct fake_port *port = start_plain();
	struct rte_event ev[4], burst[4];
	unsigned int i;

	receive(port, ev, 4);
	for (i = 0; i < 4; i++) {
		burst[i] = ev[order[i]];
		burst[i].op = RTE_EVENT_OP_FORWARD;
	}
	assert_int_equal(ops->enqueue_forward_burst(port->dp, burst, 4), 4);
	fake_collect(port);
	for (i = 0; i < 4; i++)
		assert_int_equal(port->hcws[i].data, i);
	assert_string_equal(fake_sent(port), "FFFF");
	receive(port, ev, 2);
	FORWARD_ONE(port, ev[1]);
	assert_int_equal(enqueue_op(port, RTE_EVENT_OP_NEW, 2), 2);
	assert_string_equal(fake_sent(port), "NN..");
	RELEASE_ONE(port, ev[0]);
	assert_string_equal(fake_sent(port), "CF..");
}

/* Twice the same event, or one that was never dequeued, is refused and harms nothing. */
static void
test_not_open(void **state)
{
	struct fake_port *port = start_plain();
	struct rte_event ev[3];

	receive(port, ev, 3);
	FORWARD_ONE(port, ev[1]);
	refuse(port, ev[1], RTE_EVENT_OP_FORWARD);
	refuse(port, ev[1], RTE_EVENT_OP_RELEASE);
	ev[1].impl_opaque = 3;
	refuse(port, ev[1], RTE_EVENT_OP_FORWARD);
	ev[1].impl_opaque = 255;
	refuse(port, ev[1], RTE_EVENT_OP_RELEASE);
	assert_int_equal(dlb2_dp_port_open_events(port->dp), 2);
	RELEASE_ONE(port, ev[0]);
	RELEASE_ONE(port, ev[2]);
	assert_string_equal(fake_sent(port), "CF.. C...");
	refuse(port, ev[0], RTE_EVENT_OP_RELEASE);
}

/* As many open events as there are positions, again and again. */
static void
test_all_positions(void **state)
{
	struct fake_port *port = start_plain();
	struct rte_event ev[DLB2_REORDER_DEPTH];
	unsigned int round, i;

	for (round = 0; round < 3; round++) {
		receive(port, ev, round + 1);
		for (i = 0; i <= round; i++)
			RELEASE_ONE(port, ev[i]);
		receive(port, ev, DLB2_REORDER_DEPTH);
		for (i = DLB2_REORDER_DEPTH - 1; i > 0; i--)
			FORWARD_ONE(port, ev[i]);
		assert_string_equal(fake_sent(port), "");
		FORWARD_ONE(port, ev[0]);
		assert_int_equal(fake_collect(port), DLB2_REORDER_DEPTH);
		for (i = 0; i < DLB2_REORDER_DEPTH; i++)
			assert_int_equal(port->hcws[i].data, ev[i].u64);
		fake_discard(port);
	}
}

/* What the application dropped is released by the next dequeue, in its place. */
static void
test_implicit_release(void **state)
{
	struct fake_port *port = start_reorder(64, RTE_PMD_DLB2_DEFERRED_POP, true);
	struct rte_event ev[6];

	receive(port, ev, 6);
	FORWARD_ONE(port, ev[1]);
	FORWARD_ONE(port, ev[4]);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(dequeue(port, ev, 6), 0);
	assert_string_equal(fake_sent(port), "cfcc fc..");
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_IMPLICIT_REL), 4);
	assert_int_equal(dlb2_dp_port_open_events(port->dp), 0);
}

/* Entries with the error bit have a position of their own, which is complete from the start. */
static void
test_error_bit(void **state)
{
	struct fake_port *port = start_plain();
	struct rte_event ev[8];

	deliver_bad(port);
	deliver(port, 2);
	deliver_bad(port);
	deliver(port, 2);
	assert_int_equal(dequeue(port, ev, 8), 4);
	assert_string_equal(fake_sent(port), "C...");
	FORWARD_ONE(port, ev[3]);
	RELEASE_ONE(port, ev[2]);
	RELEASE_ONE(port, ev[0]);
	assert_string_equal(fake_sent(port), "C...");
	FORWARD_ONE(port, ev[1]);
	assert_string_equal(fake_sent(port), "FCCF");
}

static void
test_delayed_tokens(void **state)
{
	struct fake_port *port = start_reorder(4, RTE_PMD_DLB2_DELAYED_POP, false);
	struct rte_event ev[4];

	receive(port, ev, 4);
	RELEASE_ONE(port, ev[3]);
	RELEASE_ONE(port, ev[2]);
	RELEASE_ONE(port, ev[1]);
	assert_string_equal(fake_sent(port), "");
	RELEASE_ONE(port, ev[0]);
	assert_string_equal(fake_sent(port), "CCC[4] C...");
}

/* A stop sends what waits and releases the rest; afterwards the port is as new. */
static void
test_flush(void **state)
{
	struct fake_port *port = start_plain();
	struct rte_event ev[3];

	receive(port, ev, 3);
	FORWARD_ONE(port, ev[2]);
	assert_int_equal(dlb2_dp_port_flush(port->dp, 0, NULL, NULL), 0);
	assert_string_equal(fake_sent(port), "ccf.");
	receive(port, ev, 1);
	FORWARD_ONE(port, ev[0]);
	assert_string_equal(fake_sent(port), "F...");
}

/* A directed port completes nothing, so nothing has to wait. */
static void
test_directed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(16);
	struct rte_event ev[2];
	struct fake_port *port;

	conf.kind = DLB2_DIR;
	port = start(&conf);
	receive(port, ev, 2);
	ev[1].queue_id = FAKE_ATOMIC_QUEUE;
	ev[1].sched_type = RTE_SCHED_TYPE_ATOMIC;
	FORWARD_ONE(port, ev[1]);
	assert_string_equal(fake_sent(port), "N[2]..");
}

/* What the test knows of the events it delivered. */
static struct {
	bool bad, forwarded;
} fate[1 << 16];

/* Checks what was sent since the last time; returns how many completions came so far. */
static unsigned int
check_completions(struct fake_port *port, unsigned int completed)
{
	unsigned int i;

	fake_collect(port);
	for (i = 0; i < port->num_hcws; i++) {
		const struct dlb2_hcw *hcw = &port->hcws[i];

		if ((hcw->cmd & DLB2_CMD_COMP_BIT) == 0)
			continue;
		assert_int_equal((hcw->cmd & DLB2_CMD_VALID) != 0, fate[completed].forwarded);
		if (fate[completed].forwarded)
			assert_int_equal(hcw->data, completed);
		completed++;
	}
	fake_discard(port);
	return completed;
}

static void
at_random(enum rte_pmd_dlb2_token_pop_mode mode)
{
	struct fake_port *port = start_reorder(128, mode, false);
	struct rte_event held[DLB2_REORDER_DEPTH];
	unsigned int round, n, pick, completed = 0, open = 0;

	memset(fate, 0, sizeof(fate));
	for (round = 0; round < 3000; round++) {
		n = RTE_MIN(random32() % 16, 128 + completed - port->written);
		for (; n > 0; n--) {
			fate[port->written].bad = random32() % 8 == 0;
			if (fate[port->written].bad)
				deliver_bad(port);
			else
				deliver(port, 1);
		}
		open += dequeue(port, &held[open], 1 + random32() % 32);
		for (n = random32() % 16; n > 0 && open > 0; n--) {
			pick = random32() % open;
			fate[held[pick].u64].forwarded = random32() % 2;
			assert_int_equal(send(port, held[pick],
					      fate[held[pick].u64].forwarded ?
						      RTE_EVENT_OP_FORWARD :
						      RTE_EVENT_OP_RELEASE),
					 1);
			held[pick] = held[--open];
		}
		completed = check_completions(port, completed);
	}
	while ((n = dequeue(port, &held[open], 32)) > 0)
		open += n;
	while (open > 0)
		RELEASE_ONE(port, held[--open]);
	assert_int_equal(check_completions(port, completed), port->written);
	fake_device_destroy(dev);
}

static void
test_at_random(void **state)
{
	at_random(RTE_PMD_DLB2_AUTO_POP);
	at_random(RTE_PMD_DLB2_DEFERRED_POP);
	at_random(RTE_PMD_DLB2_DELAYED_POP);
	start_depth(8); /* for teardown */
}

#define REORDER_TEST(test) \
	cmocka_unit_test_setup_teardown(test, setup_reorder, teardown_reorder)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		REORDER_TEST(test_later_event_waits),
		REORDER_TEST(test_bursts),
		REORDER_TEST(test_not_open),
		REORDER_TEST(test_all_positions),
		REORDER_TEST(test_implicit_release),
		REORDER_TEST(test_error_bit),
		REORDER_TEST(test_delayed_tokens),
		REORDER_TEST(test_flush),
		REORDER_TEST(test_directed),
		REORDER_TEST(test_at_random),
	};

	return cmocka_run_group_tests_name("independent enqueue", tests, NULL, NULL);
}
