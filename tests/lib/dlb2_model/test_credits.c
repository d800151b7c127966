/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Credits (data-path 6.1): taken by the pool of the destination, given back at scheduling to the
 * domain of the CQ. And the storage behind them.
 */

#include "rig_test.h"

static struct rig *
prepare(void **state)
{
	struct rig *rig = *state;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ .sns = 64 });
	rig_ldb_port(rig, 0, 0, 8, 64);
	rig_link(rig, 0, 0, 0);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 8);
	return rig;
}

static unsigned int
all_ldb(const struct rig *rig)
{
	return rig->limits->combined_credits ? 2 * RIG_CREDITS : RIG_CREDITS;
}

static void
test_pool_of_the_destination(void **state)
{
	struct rig *rig = prepare(state);
	bool combined = rig->limits->combined_credits;

	rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_UNORDERED, 0, 0, 1);
	rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_ATOMIC, 0, 0, 2);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_DIRECTED, 0, 0, 3);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - (combined ? 3 : 2));
	if (!combined)
		assert_int_equal(rig_credits(rig, 0, true), RIG_CREDITS - 1);
}

static void
test_given_back_at_scheduling(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int n;

	for (n = 0; n < 12; n++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, n);
	assert_int_equal(rig_run(rig), 8);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 4);
	/* Neither a completion nor a token gives one back, nor costs one. */
	rig_complete(rig, 0, 3);
	rig_send(rig, DLB2_LDB, 0, (struct dlb2_hcw){ .cmd = DLB2_CMD_ARM });
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 4);
	rig_return_tokens(rig, DLB2_LDB, 0, 3);
	assert_int_equal(rig_run(rig), 3);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 1);
}

static void
test_the_last_credit(void **state)
{
	struct rig *rig = prepare(state);

	rig_domain(rig, 0, 2, 0);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, 1);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, 2);
	assert_int_equal(rig_counters(rig).dropped, 0);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, 3);
	assert_int_equal(rig_counters(rig).dropped, 1);
	assert_int_equal(rig_credits(rig, 0, false), 0);
}

static void
test_domain_of_the_cq_gets_it(void **state)
{
	struct rig *rig = prepare(state);

	rig_domain(rig, 1, 0, 0);
	rig_write(rig, DLB2_CHP_LDB_CQ2VAS, 0, 1);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, 1);
	rig_run(rig);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 1);
	assert_int_equal(rig_credits(rig, 1, false), 1);
}

/* An event in the reorder buffer keeps its credit, and replay takes no second one. */
static void
test_held_in_the_reorder_buffer(void **state)
{
	struct rig *rig = prepare(state);

	rig_ldb_port(rig, 0, 1, 8, 64);
	rig_link(rig, 1, 0, 0);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, 0, 0, 1);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, 0, 0, 2);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), 1);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 1, NULL, 0), 1);
	rig_send(rig, DLB2_LDB, 1, rig_event(DLB2_CMD_FWD, DLB2_SCHED_UNORDERED, 0, 0, 0, 3));
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 1);
	assert_int_equal(rig_depth(rig, 0), 0);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 1);
	assert_int_equal(rig_depth(rig, 0), 1);
}

/* More credits than the device has storage: events are lost like those without a credit. */
static void
test_more_credits_than_storage(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int n, storage = rig->limits->num_ldb_credits;

	rig_domain(rig, 0, storage + 100, 0);
	for (n = 0; n < storage + 100; n++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, n);
	assert_int_equal(rig_counters(rig).enqueued, storage);
	assert_int_equal(rig_counters(rig).dropped, 100);
}

static void
test_shortage_fault(void **state)
{
	struct rig *rig = prepare(state);

	assert_int_equal(dlb2_model_set_fault(rig->model, DLB2_FAULT_CREDIT_SHORTAGE, DLB2_LDB, 0,
		100), 0);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig) - 100);
	assert_int_equal(dlb2_model_set_fault(rig->model, DLB2_FAULT_CREDIT_SHORTAGE, DLB2_LDB, 0,
		60000), 0);
	assert_int_equal(rig_credits(rig, 0, false), 0);
	assert_int_equal(dlb2_model_set_fault(rig->model, DLB2_FAULT_CREDIT_SHORTAGE, DLB2_LDB, 0,
		0), 0);
	assert_int_equal(rig_credits(rig, 0, false), all_ldb(rig));
}

static void
test_flr_clears_credits(void **state)
{
	struct rig *rig = prepare(state);

	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, 1);
	dlb2_model_flr(rig->model);
	assert_int_equal(dlb2_model_check(rig->model), 0);
	assert_int_equal(dlb2_model_run(rig->model, 10), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_pool_of_the_destination),
		ON_BOTH(test_given_back_at_scheduling),
		ON_BOTH(test_the_last_credit),
		ON_BOTH(test_domain_of_the_cq_gets_it),
		ON_BOTH(test_held_in_the_reorder_buffer),
		ON_BOTH(test_more_credits_than_storage),
		ON_BOTH(test_shortage_fault),
		ON_BOTH(test_flr_clears_credits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
