/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Tokens and completions: the exact HCWs that a port sends for entries of its consumer queue (CQ),
 * in each token mode, with and without implicit release, and when entries carry the error bit.
 */
#include <string.h>

#include "one_port.h"

static void
test_auto_tokens_ride(void **state)
{
	struct fake_port *port = start_depth(64);
	struct rte_event ev[64];

	/* one each, if there are as many HCWs as tokens */
	deliver(port, 1);
	assert_int_equal(dequeue(port, ev, 8), 1);
	FORWARD(port, 1);
	assert_string_equal(fake_sent(port), "f...");
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 8), 8);
	FORWARD(port, 8);
	assert_string_equal(fake_sent(port), "ffff ffff");
	/* a batch where there is room for one */
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 8), 8);
	FORWARD(port, 3);
	assert_string_equal(fake_sent(port), "FFF[8]");
	FORWARD(port, 5);
	assert_string_equal(fake_sent(port), "FFFF F...");
	deliver(port, 6);
	assert_int_equal(dequeue(port, ev, 8), 6);
	FORWARD(port, 1);
	assert_string_equal(fake_sent(port), "F[6]..");
	RELEASE(port, 5);
	assert_string_equal(fake_sent(port), "CCCC C...");
	deliver(port, 6);
	assert_int_equal(dequeue(port, ev, 8), 6);
	RELEASE(port, 6);
	assert_string_equal(fake_sent(port), "cccc cc..");
	/* events that are made carry tokens as well */
	deliver(port, 4);
	assert_int_equal(dequeue(port, ev, 8), 4);
	assert_int_equal(enqueue_op(port, RTE_EVENT_OP_NEW, 5), 5);
	assert_string_equal(fake_sent(port), "nnnn N...");
	RELEASE(port, 4);
	assert_string_equal(fake_sent(port), "CCCC");
}

static void
test_auto_returns_half_the_depth(void **state)
{
	struct rte_event ev[64];
	unsigned int depth, i;

	for (depth = 1; depth <= 64; depth *= 2) {
		struct fake_port *port = start_depth(depth);
		char batch[32];

		snprintf(batch, sizeof(batch), "[%u]...", depth / 2 + 1);
		for (i = 0; i < depth / 2; i++) {
			deliver(port, 1);
			assert_int_equal(dequeue(port, ev, 64), 1);
			assert_string_equal(fake_sent(port), "");
		}
		deliver(port, 1);
		assert_int_equal(dequeue(port, ev, 64), 1);
		assert_string_equal(fake_sent(port), batch);
		if (depth < 64)
			fake_device_destroy(dev);
	}
}

static void
test_auto_returns_all_when_idle(void **state)
{
	struct fake_port *port = start_depth(64);
	struct rte_event ev[64];

	deliver(port, 5);
	assert_int_equal(dequeue(port, ev, 64), 5);
	assert_int_equal(dequeue(port, ev, 64), 0);
	assert_string_equal(fake_sent(port), "[5]...");
	assert_int_equal(dequeue(port, ev, 64), 0);
	assert_string_equal(fake_sent(port), "");
	RELEASE(port, 5);
	assert_string_equal(fake_sent(port), "CCCC C...");
}

static void
test_deferred(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.token_pop_mode = RTE_PMD_DLB2_DEFERRED_POP;
	port = start(&conf);
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 8), 8);
	FORWARD(port, 2);
	RELEASE(port, 6);
	assert_string_equal(fake_sent(port), "FF.. CCCC CC..");
	deliver(port, 1);
	assert_int_equal(dequeue(port, ev, 8), 1);
	assert_string_equal(fake_sent(port), "[8]...");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "[1]...");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "");
}

/* T8 of pmd-interface 17: the tokens of a batch go back just before its last release. */
static void
test_delayed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.token_pop_mode = RTE_PMD_DLB2_DELAYED_POP;
	port = start(&conf);
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 8), 8);
	RELEASE(port, 3);
	FORWARD(port, 4);
	assert_string_equal(fake_sent(port), "CCC. FFFF");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "");
	RELEASE(port, 1);
	assert_string_equal(fake_sent(port), "[8]C..");
	/* not to be confused by events that are dequeued in portions */
	deliver(port, 5);
	assert_int_equal(dequeue(port, ev, 8), 5);
	FORWARD(port, 5);
	assert_string_equal(fake_sent(port), "FFFF F...");
	deliver(port, 3);
	assert_int_equal(dequeue(port, ev, 8), 3);
	FORWARD(port, 3);
	assert_string_equal(fake_sent(port), "FF[8]F");
	/*
	 * NEW has nothing to do with it; the events above came from nowhere, so the credits are set
	 * right first
	 */
	fake_device_start(dev);
	assert_int_equal(enqueue_op(port, RTE_EVENT_OP_NEW, 9), 9);
	assert_string_equal(fake_sent(port), "NNNN NNNN N...");
}

static void
test_delayed_depth_of_one(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(1);
	struct rte_event ev;
	struct fake_port *port;
	unsigned int i;

	conf.token_pop_mode = RTE_PMD_DLB2_DELAYED_POP;
	port = start(&conf);
	for (i = 0; i < 20; i++) {
		deliver(port, 1);
		assert_int_equal(dequeue(port, &ev, 1), 1);
		FORWARD(port, 1);
		assert_string_equal(fake_sent(port), "[1]F..");
	}
}

static void
test_implicit_release_auto(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct rte_event ev[64];
	struct fake_port *port;

	conf.implicit_release = true;
	port = start(&conf);
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 8), 8);
	deliver(port, 6);
	assert_int_equal(dequeue(port, ev, 8), 6);
	assert_string_equal(fake_sent(port), "cccc cccc");
	FORWARD(port, 4);
	assert_string_equal(fake_sent(port), "ffff");
	deliver(port, 3);
	assert_int_equal(dequeue(port, ev, 8), 3);
	assert_string_equal(fake_sent(port), "cc..");
	assert_int_equal(enqueue_op(port, RTE_EVENT_OP_NEW, 4), 4);
	assert_string_equal(fake_sent(port), "NNNN");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "ccc.");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_IMPLICIT_REL), 13);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_REL), 0);
}

static void
test_implicit_release_with_tokens_left_over(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct rte_event ev[64];
	struct fake_port *port;

	conf.implicit_release = true;
	port = start(&conf);
	deliver(port, 7);
	assert_int_equal(dequeue(port, ev, 7), 7);
	FORWARD(port, 4);
	assert_string_equal(fake_sent(port), "ffff");
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 1), 1);
	assert_string_equal(fake_sent(port), "ccc.");
	assert_int_equal(dequeue(port, ev, 7), 7);
	assert_string_equal(fake_sent(port), "c...");
	assert_int_equal(dequeue(port, ev, 7), 0);
	assert_string_equal(fake_sent(port), "cccc ccc.");
}

static void
test_implicit_release_deferred(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.token_pop_mode = RTE_PMD_DLB2_DEFERRED_POP;
	conf.implicit_release = true;
	port = start(&conf);
	deliver(port, 6);
	assert_int_equal(dequeue(port, ev, 8), 6);
	FORWARD(port, 3);
	assert_string_equal(fake_sent(port), "FFF.");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "CCC[6]");
	deliver(port, 7);
	assert_int_equal(dequeue(port, ev, 8), 7);
	FORWARD(port, 3);
	assert_string_equal(fake_sent(port), "FFF.");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "cccc [3]...");
}

static void
test_implicit_release_delayed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.token_pop_mode = RTE_PMD_DLB2_DELAYED_POP;
	conf.implicit_release = true;
	port = start(&conf);
	deliver(port, 5);
	assert_int_equal(dequeue(port, ev, 8), 5);
	deliver(port, 3);
	assert_int_equal(dequeue(port, ev, 8), 3);
	assert_string_equal(fake_sent(port), "CCCC C...");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "CC[8]C");
}

static void
test_directed_port(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.kind = DLB2_DIR;
	conf.implicit_release = true;
	conf.token_pop_mode =
		RTE_PMD_DLB2_DELAYED_POP; /* there is no such thing on a directed port: AUTO */
	port = start(&conf);
	deliver(port, 4);
	assert_int_equal(dequeue(port, ev, 8), 4);
	FORWARD(port, 1);
	assert_string_equal(fake_sent(port), "N[4]..");
	deliver(port, 2);
	assert_int_equal(dequeue(port, ev, 8), 2);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_IMPLICIT_REL), 3);
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "[2]...");
	assert_int_equal(dlb2_dp_port_open_events(port->dp), 0);
}

static void
deliver_bad(struct fake_port *port)
{
	struct dlb2_cq_entry entry = fake_entry(0xbad);

	entry.status = DLB2_CQ_ERROR;
	fake_deliver(port, entry);
}

/* Pattern of entries: g good, b bad. */
static void
deliver_pattern(struct fake_port *port, const char *pattern)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == 'b')
			deliver_bad(port);
		else
			deliver(port, 1);
	}
}

static void
test_error_bit_nothing_open(void **state)
{
	struct fake_port *port = start_depth(64);
	struct rte_event ev[64];

	deliver_pattern(port, "bg");
	assert_int_equal(dequeue(port, ev, 8), 1);
	assert_int_equal(ev[0].u64, 1);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_DROP), 1);
	assert_string_equal(fake_sent(port), "c...");
	FORWARD(port, 1);
	assert_string_equal(fake_sent(port), "f...");
	deliver_pattern(port, "bb");
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "c... c...");
}

/* The completion of a bad entry goes out between those of its neighbours. */
static void
test_error_bit_in_turn(void **state)
{
	struct fake_port *port = start_depth(64);
	struct rte_event ev[64];

	deliver_pattern(port, "gbgbbg");
	assert_int_equal(dequeue(port, ev, 8), 1); /* a bad entry ends a burst */
	assert_int_equal(dequeue(port, ev, 8), 2);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(dlb2_dp_port_open_events(port->dp), 3);
	RELEASE(port, 1);
	assert_string_equal(fake_sent(port), "cc[4].");
	FORWARD(port, 2);
	assert_string_equal(fake_sent(port), "FCCF");
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_DROP), 3);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_REL), 1);
	/* and then all is as before */
	deliver_pattern(port, "gg");
	assert_int_equal(dequeue(port, ev, 8), 2);
	FORWARD(port, 2);
	assert_string_equal(fake_sent(port), "ff..");
}

static void
test_error_bit_implicit_release(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct rte_event ev[64];
	struct fake_port *port;
	unsigned int i;

	conf.implicit_release = true;
	port = start(&conf);
	for (i = 0; i < 3; i++) {
		deliver_pattern(port, "ggb");
		assert_int_equal(dequeue(port, ev, 8), 2);
		/*
		 * the bad entry is seen by this dequeue: the two events before it are released
		 * first
		 */
		assert_int_equal(dequeue(port, ev, 8), 0);
		assert_string_equal(fake_sent(port), "cc.. c...");
	}
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_IMPLICIT_REL), 6);
}

static void
test_error_bit_delayed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(4);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.token_pop_mode = RTE_PMD_DLB2_DELAYED_POP;
	port = start(&conf);
	deliver_pattern(port, "gggb");
	assert_int_equal(dequeue(port, ev, 8), 3);
	assert_int_equal(dequeue(port, ev, 8), 0);
	RELEASE(port, 2);
	assert_string_equal(fake_sent(port), "CC..");
	RELEASE(port, 1);
	assert_string_equal(fake_sent(port), "C[4]C.");
}

static void
test_error_bit_directed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.kind = DLB2_DIR;
	port = start(&conf);
	deliver_pattern(port, "gbg");
	assert_int_equal(dequeue(port, ev, 8), 1);
	assert_int_equal(dequeue(port, ev, 8), 1);
	assert_int_equal(dequeue(port, ev, 8), 0);
	assert_string_equal(fake_sent(port), "[3]...");
}

/* Bad entries anywhere, ops of any kind: the completions come in the order of the entries. */
static void
test_error_bits_at_random(void **state)
{
	struct fake_port *port = start_depth(1024);
	struct rte_event ev[64];
	bool bad[1 << 16];
	unsigned int round, i, n, got, open = 0, bads = 0, completed = 0, forwarded = 0,
				       expect_forward = 0;

	for (round = 0; round < 2000; round++) {
		for (n = random32() % 8; n > 0; n--) {
			bad[port->written] = random32() % 4 == 0;
			bads += bad[port->written];
			if (bad[port->written])
				deliver_bad(port);
			else
				deliver(port, 1);
		}
		got = dequeue(port, ev, 1 + random32() % 64);
		open += got;
		n = random32() % 16;
		n = RTE_MIN(n, open);
		for (i = 0; i < n; i++)
			ev[i] = (struct rte_event){.op = 1 + random32() % 2,
						   .queue_id = FAKE_ATOMIC_QUEUE,
						   .sched_type = RTE_SCHED_TYPE_ATOMIC,
						   .u64 = forwarded++};
		assert_int_equal(ops->enqueue_burst(port->dp, ev, n), n);
		open -= n;
		fake_collect(port);
		for (i = 0; i < port->num_hcws; i++) {
			const struct dlb2_hcw *hcw = &port->hcws[i];

			if (hcw->cmd & DLB2_CMD_VALID) {
				assert_false(bad[completed]);
				assert_true(hcw->data >= expect_forward);
				expect_forward = hcw->data + 1;
			}
			completed += (hcw->cmd & DLB2_CMD_COMP_BIT) != 0;
		}
		fake_discard(port);
	}
	while ((got = dequeue(port, ev, 64)) > 0)
		open += got;
	while (open > 0) {
		RELEASE(port, 1);
		open--;
	}
	fake_collect(port);
	for (i = 0; i < port->num_hcws; i++)
		completed += (port->hcws[i].cmd & DLB2_CMD_COMP_BIT) != 0;
	assert_int_equal(completed, port->written);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_DROP), bads);
}

/* After a flush a port in DELAYED mode counts its releases anew. */
static void
test_flush_delayed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	struct rte_event ev[8];
	struct fake_port *port;

	conf.token_pop_mode = RTE_PMD_DLB2_DELAYED_POP;
	port = start(&conf);
	deliver(port, 3);
	assert_int_equal(dequeue(port, ev, 8), 3);
	assert_int_equal(dlb2_dp_port_flush(port->dp, 0, NULL, NULL), 0);
	assert_string_equal(fake_sent(port), "CCC. [3]...");
	deliver(port, 8);
	assert_int_equal(dequeue(port, ev, 8), 8);
	RELEASE(port, 8);
	assert_string_equal(fake_sent(port), "CCCC CCC[8] C...");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_auto_tokens_ride, setup, teardown),
		cmocka_unit_test_setup_teardown(test_auto_returns_half_the_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_auto_returns_all_when_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deferred, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delayed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delayed_depth_of_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_implicit_release_auto, setup, teardown),
		cmocka_unit_test_setup_teardown(test_implicit_release_with_tokens_left_over, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_implicit_release_deferred, setup, teardown),
		cmocka_unit_test_setup_teardown(test_implicit_release_delayed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directed_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_bit_nothing_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_bit_in_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_bit_implicit_release, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_bit_delayed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_bit_directed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_bits_at_random, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush_delayed, setup, teardown),
	};

	return cmocka_run_group_tests_name("datapath_tokens", tests, NULL, NULL);
}
