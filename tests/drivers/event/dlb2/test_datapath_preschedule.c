/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Pre-scheduling as the data path sees it, with any release of DPDK: which tokens go back when,
 * while the type is changed at any moment, and what the explicit hint returns. Not here: what the
 * API makes of it (test_preschedule.c).
 */
#include <errno.h>

#include "one_port.h"

#include "dlb2_datapath_priv.h"

#define DEPTH 8

static void
modify(struct fake_port *port, enum dlb2_preschedule type)
{
	assert_int_equal(ops->preschedule_modify(port->dp, type), 0);
}

/* Each type does what its token pop mode does (test_datapath_tokens.c). */
static void
test_types(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH];

	modify(port, DLB2_PRESCHEDULE_NONE);
	deliver(port, 4);
	assert_int_equal(dequeue(port, ev, 4), 4);
	FORWARD(port, 4);
	assert_string_equal(fake_sent(port), "FFFF");
	assert_int_equal(dequeue(port, ev, 4), 0);
	assert_string_equal(fake_sent(port), "[4]...");

	modify(port, DLB2_PRESCHEDULE);
	deliver(port, 4);
	assert_int_equal(dequeue(port, ev, 4), 4);
	FORWARD(port, 4);
	assert_string_equal(fake_sent(port), "ffff");

	modify(port, DLB2_PRESCHEDULE_ADAPTIVE);
	deliver(port, DEPTH);
	assert_int_equal(dequeue(port, ev, DEPTH), DEPTH);
	FORWARD(port, 7);
	assert_string_equal(fake_sent(port), "FFFF FFF.");
	FORWARD(port, 1);
	assert_string_equal(fake_sent(port), "[8]F..");
}

static void
test_what_is_sent_at_a_change(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH];

	modify(port, DLB2_PRESCHEDULE); /* as it is already */
	deliver(port, 3);
	assert_int_equal(dequeue(port, ev, 3), 3);
	modify(port, DLB2_PRESCHEDULE);
	assert_string_equal(fake_sent(port), "");
	modify(port, DLB2_PRESCHEDULE_ADAPTIVE);
	assert_string_equal(fake_sent(port), "[3]...");
	assert_int_equal(ops->preschedule_modify(port->dp, 3), -EINVAL);
	assert_int_equal(port->dp->conf.token_pop_mode, RTE_PMD_DLB2_DELAYED_POP);
}

/*
 * A device that fills the CQ whenever it may, and a port whose type is changed at random: it never
 * stops getting events, and no token is returned twice.
 */
static void
test_changes_at_random(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	unsigned int i, k, n, round, got = 0, returned = 0;
	struct rte_event ev[DEPTH];

	for (round = 0; round < 5000; round++) {
		if (random32() % 4 == 0)
			modify(port, random32() % 3);
		if (random32() % 8 == 0)
			ops->preschedule(port->dp, random32() % 3);
		n = dequeue(port, ev, 1 + random32() % DEPTH);
		got += n;
		for (i = random32() % (port->dp->open + 1); i > 0; i--)
			RELEASE(port, 1);
		n = fake_collect(port);
		for (k = 0; k < n; k++)
			if (port->hcws[k].cmd & DLB2_CMD_TOKEN)
				returned += port->hcws[k].cmd == DLB2_CMD_BAT_T
					? port->hcws[k].lock_id + 1
					: 1;
		fake_discard(port);
		assert_true(returned <= got);
		while (port->written - returned < DEPTH && port->dp->open < 64)
			deliver(port, 1);
	}
	assert_true(got > 1000);
}

/* The hint gives back what a mode holds: always, or only if no event is open. */
static void
test_hint(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH];

	deliver(port, 3);
	assert_int_equal(dequeue(port, ev, 3), 3);
	ops->preschedule(port->dp, DLB2_PRESCHEDULE);
	assert_string_equal(fake_sent(port), ""); /* it is on already */
	modify(port, DLB2_PRESCHEDULE_NONE);
	assert_string_equal(fake_sent(port), "[3]...");
	deliver(port, 2);
	assert_int_equal(dequeue(port, ev, 3), 2);
	ops->preschedule(port->dp, DLB2_PRESCHEDULE_NONE);
	ops->preschedule(port->dp, DLB2_PRESCHEDULE_ADAPTIVE);
	assert_string_equal(fake_sent(port), "");
	ops->preschedule(port->dp, DLB2_PRESCHEDULE);
	assert_string_equal(fake_sent(port), "[2]...");
	ops->preschedule(port->dp, DLB2_PRESCHEDULE);
	assert_string_equal(fake_sent(port), "");
	deliver(port, 1);
	assert_int_equal(dequeue(port, ev, 3), 1);
	RELEASE(port, 6);
	fake_discard(port);
	ops->preschedule(port->dp, DLB2_PRESCHEDULE_ADAPTIVE);
	assert_string_equal(fake_sent(port), "[1]...");
}

/* A directed port has nobody to leave events to. */
static void
test_directed(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(DEPTH);
	struct fake_port *port;
	struct rte_event ev;

	conf.kind = DLB2_DIR;
	port = start(&conf);
	modify(port, DLB2_PRESCHEDULE_NONE);
	modify(port, DLB2_PRESCHEDULE_ADAPTIVE);
	deliver(port, 1);
	assert_int_equal(dequeue(port, &ev, 1), 1);
	assert_int_equal(dequeue(port, &ev, 1), 0);
	assert_string_equal(fake_sent(port), "[1]...");
}

/* Secondary processes may change it while the device runs. */
static void
test_guarded(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	const struct dlb2_dp_ops *guarded = dlb2_dp_guarded_ops();

	assert_int_equal(guarded->preschedule_modify(port->dp, DLB2_PRESCHEDULE_NONE), 0);
	assert_int_equal(port->dp->conf.token_pop_mode, RTE_PMD_DLB2_DEFERRED_POP);
	guarded->preschedule(port->dp, DLB2_PRESCHEDULE);
	assert_false(dlb2_dp_port_interrupted(port->dp));
	dlb2_dp_stop(&port->dp, 1);
	assert_int_equal(guarded->preschedule_modify(port->dp, DLB2_PRESCHEDULE), -ESHUTDOWN);
	assert_int_equal(port->dp->conf.token_pop_mode, RTE_PMD_DLB2_DEFERRED_POP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_sent_at_a_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes_at_random, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hint, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_guarded, setup, teardown),
	};

	return cmocka_run_group_tests_name("datapath_preschedule", tests, NULL, NULL);
}
