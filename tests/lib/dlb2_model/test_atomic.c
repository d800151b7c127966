/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Atomic queues (data-path 5.2): pinning, order within a flow, hashing, atomic storage.
 */

#include "rig_test.h"

/* Queue 0 with two ports of depth 16. */
static struct rig *
prepare(void **state, struct rig_queue queue)
{
	struct rig *rig = *state;
	unsigned int p;

	rig_ldb_queue(rig, 0, 0, queue);
	for (p = 0; p < 2; p++) {
		rig_ldb_port(rig, 0, p, 16, 32);
		rig_link(rig, p, 0, 0);
	}
	return rig;
}

static void
enqueue(struct rig *rig, uint16_t lock_id, uint64_t data)
{
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ATOMIC, 0, lock_id, data);
}

/* Entries waiting at each port. */
static void
expect_delivered(struct rig *rig, unsigned int at_0, unsigned int at_1)
{
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), at_0);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 1, NULL, 0), at_1);
}

static void
test_a_flow_stays_at_its_cq(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	unsigned int n;

	for (n = 0; n < 10; n++)
		enqueue(rig, 7, n);
	expect_delivered(rig, 10, 0);
	/* Still pinned while one is open. */
	rig_complete(rig, 0, 9);
	enqueue(rig, 7, 10);
	expect_delivered(rig, 1, 0);
	/* Free after the last completion: the next CQ in turn takes it. */
	rig_complete(rig, 0, 2);
	enqueue(rig, 7, 11);
	expect_delivered(rig, 0, 1);
}

static void
test_flows_spread_over_cqs(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	unsigned int n;

	for (n = 0; n < 6; n++)
		enqueue(rig, n, n);
	expect_delivered(rig, 3, 3);
}

static void
test_same_lock_in_two_queues(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });

	rig_ldb_queue(rig, 0, 1, (struct rig_queue){ 0 });
	rig_link(rig, 1, 1, 0);
	enqueue(rig, 7, 1);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ATOMIC, 1, 7, 2);
	expect_delivered(rig, 1, 1);
}

/* A flow whose CQ is full waits, while others go elsewhere; with room it goes on there. */
static void
test_pinned_to_a_full_cq(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	unsigned int n;

	for (n = 0; n < 20; n++)
		enqueue(rig, 7, n);
	expect_delivered(rig, 16, 0);
	enqueue(rig, 8, 100);
	expect_delivered(rig, 0, 1);
	assert_int_equal(rig_depth(rig, 0), 4);
	rig_return_tokens(rig, DLB2_LDB, 0, 16);
	expect_delivered(rig, 4, 0);
	/* Completing all of it sets the flow free, with nothing left. */
	rig_complete(rig, 0, 20);
	enqueue(rig, 7, 21);
	rig_enable(rig, DLB2_LDB, 0, false);
	expect_delivered(rig, 0, 1);
}

/* All completed while more wait: another CQ may take them. */
static void
test_migration(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	unsigned int n;
	uint64_t data;

	for (n = 0; n < 20; n++)
		enqueue(rig, 7, n);
	expect_delivered(rig, 16, 0);
	rig_complete(rig, 0, 16);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 1, &data, 1), 4);
	assert_int_equal(data, 16);
}

/* A FWD to its own flow: the flow is free for a moment, and the new event is behind the others. */
static void
test_forward_to_own_flow(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });

	enqueue(rig, 7, 1);
	expect_delivered(rig, 1, 0);
	enqueue(rig, 7, 2);
	rig_send(rig, DLB2_LDB, 0, rig_event(DLB2_CMD_FWD, DLB2_SCHED_ATOMIC, 0, 0, 7, 3));
	expect_delivered(rig, 0, 2);
}

/* Order within a flow and priority is that of enqueueing; higher priority overtakes. */
static void
test_priority_within_a_flow(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	uint64_t data[6];
	unsigned int n;

	for (n = 0; n < 6; n++)
		rig_send(rig, DLB2_LDB, 0, rig_event(DLB2_CMD_NEW, DLB2_SCHED_ATOMIC, 0,
			n % 2 == 0 ? 7 : 0, 7, n));
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, data, 6), 6);
	for (n = 0; n < 6; n++)
		assert_int_equal(data[n], n < 3 ? 2 * n + 1 : 2 * (n - 3));
}

/* Lock IDs are folded by XOR: with 64 values, 1 and 1 << 6 and 1 << 12 are the same flow. */
static void
test_hashing(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ .hid_levels = 64 });
	struct dlb2_cq_entry entry;

	enqueue(rig, 1, 1);
	enqueue(rig, 1 << 6, 2);
	enqueue(rig, 1 << 12, 3);
	enqueue(rig, 2, 4);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(entry.flow_id, 1 << 6);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_false(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_true(rig_poll(rig, DLB2_LDB, 1, &entry));
}

/* The depth of a queue is split in three, and the sum is right (control-path 11.1). */
static void
test_depth_split(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ .aqed_limit = 4 });
	unsigned int n;

	rig_enable(rig, DLB2_LDB, 0, false);
	rig_enable(rig, DLB2_LDB, 1, false);
	for (n = 0; n < 10; n++)
		enqueue(rig, n, n);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, 10);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, 0), 4);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_ATM_ACTIVE, 0), 6);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 0), 1);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_ATM_TOT_ENQ_CNTL, 0), 10);
	/* A higher limit lets more in at once. */
	rig_write(rig, DLB2_LSP_QID_AQED_ACTIVE_LIM, 0, 7);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, 0), 7);
	rig_enable(rig, DLB2_LDB, 0, true);
	assert_int_equal(rig_run(rig), 11);
	assert_int_equal(rig_depth(rig, 0), 0);
}

/* The share of the AQED full of events of a pinned flow: other flows wait (data-path 5.2). */
static void
test_head_of_line_blocking(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ .aqed_limit = 4 });
	unsigned int n;

	rig_enable(rig, DLB2_LDB, 1, false);
	for (n = 0; n < 20; n++)
		enqueue(rig, 7, n);
	expect_delivered(rig, 16, 0);
	rig_enable(rig, DLB2_LDB, 1, true);
	enqueue(rig, 8, 100);
	expect_delivered(rig, 0, 0);
	rig_return_tokens(rig, DLB2_LDB, 0, 1);
	expect_delivered(rig, 1, 1);
}

/* No more flows than AQED_QID_FID_LIM at a time. */
static void
test_flow_limit(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	unsigned int n;

	rig_write(rig, DLB2_AQED_QID_FID_LIM, 0, 2);
	for (n = 0; n < 5; n++)
		enqueue(rig, n, n);
	expect_delivered(rig, 1, 1);
	/* Flows 0 and 1 are open; the next needs one of them to end. */
	rig_complete(rig, 0, 1);
	expect_delivered(rig, 1, 0);
	rig_write(rig, DLB2_AQED_QID_FID_LIM, 0, 512);
	rig_run(rig);
	assert_int_equal(rig_depth(rig, 0), 0);
}

/* The AQED has 2048 entries for all queues, whatever their limits add up to. */
static void
test_device_limit(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ .aqed_limit = 2048 });
	unsigned int n;

	rig_write(rig, DLB2_AQED_QID_FID_LIM, 0, 2048);
	rig_ldb_queue(rig, 0, 1, (struct rig_queue){ .aqed_limit = 2048 });
	rig_link(rig, 0, 1, 0);
	rig_domain(rig, 0, 4000, 0);
	rig_enable(rig, DLB2_LDB, 0, false);
	rig_enable(rig, DLB2_LDB, 1, false);
	for (n = 0; n < 2100; n++)
		enqueue(rig, n, n);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ATOMIC, 1, 0, 1);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, 0), 2048);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, 1), 0);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_ATM_ACTIVE, 1), 1);
	/* Flow numbers are used up too, so completions must come before the rest can. */
	rig_enable(rig, DLB2_LDB, 0, true);
	while ((n = rig_run(rig)) > 0) {
		rig_drain(rig, DLB2_LDB, 0, NULL, 0);
		rig_return_tokens(rig, DLB2_LDB, 0, n);
		rig_complete(rig, 0, n);
	}
	assert_int_equal(rig_depth(rig, 0), 0);
	assert_int_equal(rig_depth(rig, 1), 0);
}

/* The switch: an AQED entry is held until completion. */
static void
test_entry_until_completion_switch(void **state)
{
	struct rig *rig = *state;
	unsigned int n;

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_AQED_ENTRY, 1);
	prepare(state, (struct rig_queue){ .aqed_limit = 4 });
	for (n = 0; n < 7; n++)
		enqueue(rig, n, n);
	expect_delivered(rig, 2, 2);
	/* What drivers add up for the depth must not count open events (data-path 11). */
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, 0), 0);
	assert_int_equal(rig_depth(rig, 0), 3);
	rig_complete(rig, 0, 2);
	rig_run(rig);
	assert_int_equal(rig_depth(rig, 0), 1);
}

/* Switched off under way, no open event holds an entry any more. */
static void
test_entry_until_completion_ends(void **state)
{
	struct rig *rig = *state;
	unsigned int n;

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_AQED_ENTRY, 1);
	prepare(state, (struct rig_queue){ .aqed_limit = 4 });
	for (n = 0; n < 5; n++)
		enqueue(rig, n, n);
	expect_delivered(rig, 2, 2);
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_AQED_ENTRY, 0);
	expect_delivered(rig, 1, 0);
	rig_complete(rig, 0, 3);
	for (n = 0; n < 5; n++)
		enqueue(rig, 5 + n, n);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_AQED_ACTIVE_CNT, 0), 4);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_ATM_ACTIVE, 0), 1);
}

/* Ready flows come before pinned ones, unless LSP_CFG_CTRL_GENERAL_0.DISAB_RLIST_PRI. */
static void
test_ready_or_pinned_first(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	uint64_t data[3];

	rig_enable(rig, DLB2_LDB, 1, false);
	enqueue(rig, 7, 1);
	expect_delivered(rig, 1, 0);
	enqueue(rig, 7, 2);
	enqueue(rig, 8, 3);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, data, 3), 2);
	assert_int_equal(data[0], 3);
	rig_write(rig, DLB2_LSP_CFG_CTRL_GENERAL_0, 0,
		DLB2_LSP_CFG_CTRL_GENERAL_0__DISAB_RLIST_PRI);
	enqueue(rig, 9, 4);
	enqueue(rig, 7, 5);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, data, 3), 2);
	assert_int_equal(data[0], 5);
}

/* Pinned flows take turns. */
static void
test_pinned_flows_take_turns(void **state)
{
	struct rig *rig = prepare(state, (struct rig_queue){ 0 });
	uint64_t data[8];
	unsigned int n;

	rig_enable(rig, DLB2_LDB, 1, false);
	enqueue(rig, 0, 100);
	enqueue(rig, 1, 101);
	expect_delivered(rig, 2, 0);
	for (n = 0; n < 8; n++)
		enqueue(rig, n / 4, n);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, data, 8), 8);
	for (n = 0; n < 8; n++)
		assert_int_equal(data[n], n / 2 + 4 * (n % 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_a_flow_stays_at_its_cq),
		ON_BOTH(test_flows_spread_over_cqs),
		ON_BOTH(test_same_lock_in_two_queues),
		ON_BOTH(test_pinned_to_a_full_cq),
		ON_BOTH(test_migration),
		ON_BOTH(test_forward_to_own_flow),
		ON_BOTH(test_priority_within_a_flow),
		ON_BOTH(test_hashing),
		ON_BOTH(test_depth_split),
		ON_BOTH(test_head_of_line_blocking),
		ON_BOTH(test_flow_limit),
		ON_BOTH(test_device_limit),
		ON_BOTH(test_entry_until_completion_switch),
		ON_BOTH(test_entry_until_completion_ends),
		ON_BOTH(test_ready_or_pinned_first),
		ON_BOTH(test_pinned_flows_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
