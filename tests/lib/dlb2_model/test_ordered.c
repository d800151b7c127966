/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Ordered queues (data-path 5.4): sequence numbers, reorder buffer, replay, fragments.
 */

#include "rig_test.h"

#define OUT 1 /* unordered queue that results go to, served by port 3 */

/* Ordered queue 0 with ports 0 to 2 of depth 8 * 2, and the queue for results. */
static struct rig *
prepare(void **state, unsigned int sns)
{
	struct rig *rig = *state;
	unsigned int p;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ .sns = sns });
	rig_ldb_queue(rig, 0, OUT, (struct rig_queue){ 0 });
	for (p = 0; p < 4; p++) {
		rig_ldb_port(rig, 0, p, 128, 256);
		rig_link(rig, p, p < 3 ? 0 : OUT, 0);
	}
	return rig;
}

static void
enqueue(struct rig *rig, unsigned int n)
{
	unsigned int k;

	for (k = 0; k < n; k++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, 0, 0, k);
	rig_run(rig);
}

static void
forward(struct rig *rig, unsigned int p, uint64_t data)
{
	rig_send(rig, DLB2_LDB, p, rig_event(DLB2_CMD_FWD, DLB2_SCHED_UNORDERED, OUT, 0, 0, data));
}

static void
fragment(struct rig *rig, unsigned int p, uint64_t data)
{
	rig_send(rig, DLB2_LDB, p, rig_event(DLB2_CMD_FRAG, DLB2_SCHED_UNORDERED, OUT, 0, 0,
		data));
}

/* What has come out of the reorder buffer, in this order. */
static void
expect_out(struct rig *rig, const uint64_t *data, unsigned int n)
{
	uint64_t got[64];
	unsigned int k;

	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 3, got, 64), n);
	for (k = 0; k < n; k++)
		assert_int_equal(got[k], data[k]);
}

#define EXPECT_OUT(rig, ...) \
	do { \
		const uint64_t data_[] = { __VA_ARGS__ }; \
		expect_out(rig, data_, sizeof(data_) / sizeof(data_[0])); \
	} while (0)

static void
test_order_is_restored(void **state)
{
	struct rig *rig = prepare(state, 64);

	enqueue(rig, 3);
	forward(rig, 2, 12);
	forward(rig, 1, 11);
	expect_out(rig, NULL, 0);
	forward(rig, 0, 10);
	EXPECT_OUT(rig, 10, 11, 12);
}

static void
test_a_hole_does_not_block(void **state)
{
	struct rig *rig = prepare(state, 64);

	enqueue(rig, 3);
	forward(rig, 2, 12);
	rig_complete(rig, 0, 1);
	expect_out(rig, NULL, 0);
	rig_complete(rig, 1, 1);
	EXPECT_OUT(rig, 12);
}

/* NEW while an ordered event is open is not ordered. */
static void
test_new_passes(void **state)
{
	struct rig *rig = prepare(state, 64);

	enqueue(rig, 2);
	forward(rig, 1, 11);
	rig_enqueue(rig, DLB2_LDB, 1, DLB2_SCHED_UNORDERED, OUT, 0, 99);
	EXPECT_OUT(rig, 99);
	rig_complete(rig, 0, 1);
	EXPECT_OUT(rig, 11);
}

/* Replay to any destination: atomic, ordered, directed (data-path 5.4). */
static void
test_any_destination(void **state)
{
	struct rig *rig = prepare(state, 64);
	uint64_t data;

	rig_dir_queue(rig, 0, 2);
	rig_dir_port(rig, 0, 2, 8);
	enqueue(rig, 3);
	rig_send(rig, DLB2_LDB, 1, rig_event(DLB2_CMD_FWD, DLB2_SCHED_DIRECTED, 2, 0, 0, 21));
	rig_send(rig, DLB2_LDB, 2, rig_event(DLB2_CMD_FWD, DLB2_SCHED_ATOMIC, OUT, 0, 5, 22));
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 2, NULL, 0), 0);
	rig_send(rig, DLB2_LDB, 0, rig_event(DLB2_CMD_FWD, DLB2_SCHED_ORDERED, 0, 0, 0, 23));
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 2, &data, 1), 1);
	assert_int_equal(data, 21);
	EXPECT_OUT(rig, 22);
	assert_int_equal(rig_read(rig, DLB2_CHP_ORD_QID_SN, 0), 4);
}

/* The window stops the queue; registers show where it stands (control-path 11.2). */
static void
test_window(void **state)
{
	struct rig *rig = *state;
	unsigned int n, p;

	/* Numbers in group 0 and in group 1, and queues that would have more open. */
	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ .sns = 64, .open_limit = 2048 });
	rig_ldb_queue(rig, 0, 1, (struct rig_queue){ .sns = 512, .open_limit = 2048 });
	for (p = 0; p < 4; p++) {
		rig_ldb_port(rig, 0, p, 1024, 300);
		rig_link(rig, p, p < 2 ? 0 : 1, 0);
	}
	for (n = 0; n < 80; n++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, 0, 0, n);
	for (n = 0; n < 600; n++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, 1, 0, n);
	assert_int_equal(rig_run(rig), 64 + 512);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 0), 16);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 1), 88);
	/* CQ 0 has number 0: completions of the other CQ free none. */
	rig_complete(rig, 1, 1);
	assert_int_equal(rig_run(rig), 0);
	rig_complete(rig, 0, 1);
	n = rig_run(rig);
	assert_in_range(n, 1, 2);
	assert_int_equal(rig_read(rig, DLB2_RO_GRP_0_SLT_SHFT, 0), n);
}

/* Each window has the size of its mode. */
/* No number is left, though more events may be open: those forwarded in order give theirs back. */
static void
test_window_below_open_limit(void **state)
{
	struct rig *rig = prepare(state, 64);
	struct dlb2_hcw hcws[8];
	unsigned int k;

	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, rig->limits->max_qid_inflights);
	rig_enable(rig, DLB2_LDB, 1, false);
	rig_enable(rig, DLB2_LDB, 2, false);
	enqueue(rig, 80);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), 64);
	for (k = 0; k < 8; k++)
		hcws[k] = rig_event(DLB2_CMD_FWD, DLB2_SCHED_UNORDERED, OUT, 0, 0, k);
	rig_post(rig, DLB2_LDB, 0, hcws, 8);
	EXPECT_OUT(rig, 0, 1, 2, 3, 4, 5, 6, 7);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), 8);
}

static void
test_window_sizes(void **state)
{
	enum dlb2_version version = ((struct rig *)*state)->options.version;
	struct rig *rig;
	unsigned int sns, n;

	for (sns = 64; sns <= 1024; sns *= 2) {
		rig = rig_new(&(struct rig_options){ .version = version });
		rig_domain(rig, 0, 1100, 0);
		rig_ldb_queue(rig, 0, 0, (struct rig_queue){ .sns = sns, .open_limit = 2048 });
		for (n = 0; n < 2; n++) {
			rig_ldb_port(rig, 0, n, 1024, 1024);
			rig_link(rig, n, 0, 0);
		}
		for (n = 0; n < sns + 20; n++)
			rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, 0, 0, n);
		assert_int_equal(rig_run(rig), sns);
		assert_int_equal(dlb2_model_check(rig->model), 0);
		rig_free(rig);
	}
}

static void
test_slots_and_groups(void **state)
{
	struct rig *rig = *state;
	unsigned int q;

	/* 16 queues of 64 fill group 0, the next goes to group 1. */
	for (q = 0; q < 17; q++)
		rig_ldb_queue(rig, 0, q, (struct rig_queue){ .sns = 64 });
	rig_ldb_port(rig, 0, 0, 64, 64);
	for (q = 0; q < 8; q++)
		rig_link(rig, 0, 9 + q, 0);
	for (q = 9; q < 17; q++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ORDERED, q, 0, q);
	assert_int_equal(rig_run(rig), 8);
	if (rig->options.version == DLB2_HW_2_0) {
		assert_int_equal(rig_read(rig, DLB2_RO_HEALTH_SEQNUM_STATE_GRP0, 15 * 2), 1);
		assert_int_equal(rig_read(rig, DLB2_RO_HEALTH_SEQNUM_STATE_GRP0, 8 * 2), 0);
		assert_int_equal(rig_read(rig, DLB2_RO_HEALTH_SEQNUM_STATE_GRP1, 0), 1);
		assert_int_equal(dlb2_get(DLB2_RO_REORDER_STATE_QID_QIDIX_CQ__QID,
			rig_read(rig, DLB2_RO_REORDER_STATE_QID_QIDIX_CQ, 1024)), 16);
	}
	rig_complete(rig, 0, 8);
	for (q = 9; q < 16; q++)
		assert_int_equal(rig_read(rig, DLB2_RO_GRP_0_SLT_SHFT, q), 1);
	assert_int_equal(rig_read(rig, DLB2_RO_GRP_1_SLT_SHFT, 0), 1);
}

static void
test_the_window_wraps(void **state)
{
	struct rig *rig = prepare(state, 64);
	unsigned int n;

	for (n = 0; n < 200; n++) {
		enqueue(rig, 2);
		assert_int_equal(rig_read(rig, DLB2_CHP_ORD_QID_SN, 0), 2 * (n + 1) % 64);
		for (unsigned int p = 0; p < 3; p++)
			while (rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, p) > 0) {
				rig_complete(rig, p, 1);
				rig_drain(rig, DLB2_LDB, p, NULL, 0);
				rig_return_tokens(rig, DLB2_LDB, p, 1);
			}
		assert_int_equal(rig_read(rig, DLB2_RO_GRP_0_SLT_SHFT, 0), 2 * (n + 1) % 64);
	}
}

static void
test_fragments(void **state)
{
	struct rig *rig = prepare(state, 64);

	enqueue(rig, 2);
	fragment(rig, 1, 20);
	fragment(rig, 1, 21);
	forward(rig, 1, 22);
	fragment(rig, 0, 10);
	expect_out(rig, NULL, 0);
	fragment(rig, 0, 11);
	rig_complete(rig, 0, 1);
	EXPECT_OUT(rig, 10, 11, 20, 21, 22);
}

static void
test_sixteen_pieces(void **state)
{
	struct rig *rig = prepare(state, 64);
	unsigned int n;

	enqueue(rig, 1);
	for (n = 0; n < 16; n++)
		fragment(rig, 0, n);
	assert_int_equal(rig_counters(rig).dropped, 0);
	fragment(rig, 0, 16);
	forward(rig, 0, 17);
	assert_int_equal(rig_counters(rig).dropped, 2);
	rig_complete(rig, 0, 1);
	EXPECT_OUT(rig, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static void
test_fragments_on_2_0(void **state)
{
	struct rig *rig = prepare(state, 64);

	enqueue(rig, 1);
	fragment(rig, 0, 1);
	assert_int_equal(rig_counters(rig).dropped, 1);
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_FRAGMENTS_2_0, 1);
	fragment(rig, 0, 2);
	forward(rig, 0, 3);
	EXPECT_OUT(rig, 2, 3);
}

/* While no domain may send to a queue, its settings need not agree with those of the group. */
static void
test_misuse_is_told_in_use(void **state)
{
	struct rig *rig = prepare(state, 64);
	uint32_t map = dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__MODE, 1);

	rig_write(rig, DLB2_SYS_LDB_VASQID_V, 0, 0);
	rig_write(rig, DLB2_CHP_ORD_QID_SN_MAP, 0, map);
	assert_int_equal(rig->reports, 0);
	rig_write(rig, DLB2_SYS_LDB_VASQID_V, 0, 1);
	assert_non_null(strstr(rig->report, "in mode 1, its group is in mode 0"));
}

/* Settings that cannot work are reported; with numbers open they cannot be changed. */
static void
test_misuse(void **state)
{
	struct rig *rig = prepare(state, 64);

	rig_write(rig, DLB2_CHP_ORD_QID_SN_MAP, 0, dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__MODE, 4) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__SLOT, 1));
	assert_non_null(strstr(rig->report, "has no slot 1 in mode 4"));
	enqueue(rig, 1);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 0), 1);
	rig_write(rig, DLB2_CHP_ORD_QID_SN_MAP, 0, 0);
	assert_int_equal(rig_run(rig), 1);
	rig_write(rig, DLB2_CHP_ORD_QID_SN_MAP, 0, 1 << 3);
	assert_non_null(strstr(rig->report, "CHP_ORD_QID_SN_MAP"));
	assert_int_equal(rig_read(rig, DLB2_CHP_ORD_QID_SN_MAP, 0), 0);
	rig_write(rig, DLB2_CHP_ORD_QID_SN, 0, 5);
	assert_non_null(strstr(rig->report, "CHP_ORD_QID_SN"));
	assert_int_equal(rig_read(rig, DLB2_CHP_ORD_QID_SN, 0), 1);
	rig_write(rig, DLB2_RO_GRP_0_SLT_SHFT, 0, 5);
	assert_int_equal(rig_read(rig, DLB2_RO_GRP_0_SLT_SHFT, 0), 0);
}

/* After a drain, software presets both ends to 0 (control-path 10.6). */
static void
test_reset_by_registers(void **state)
{
	struct rig *rig = prepare(state, 64);

	enqueue(rig, 2);
	forward(rig, 0, 10);
	forward(rig, 1, 11);
	EXPECT_OUT(rig, 10, 11);
	rig_write(rig, DLB2_CHP_ORD_QID_SN, 0, 0);
	rig_write(rig, DLB2_RO_GRP_0_SLT_SHFT, 0, 0);
	assert_int_equal(rig_read(rig, DLB2_RO_GRP_0_SLT_SHFT, 0), 0);
	enqueue(rig, 1);
	forward(rig, 2, 12);
	EXPECT_OUT(rig, 12);
	assert_int_equal(rig->reports, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_order_is_restored),
		ON_BOTH(test_a_hole_does_not_block),
		ON_BOTH(test_new_passes),
		ON_BOTH(test_any_destination),
		ON_BOTH(test_window),
		ON_BOTH(test_window_below_open_limit),
		ON_BOTH(test_window_sizes),
		ON_BOTH(test_slots_and_groups),
		ON_BOTH(test_the_window_wraps),
		ON_2_5(test_fragments),
		ON_2_5(test_sixteen_pieces),
		ON_2_0(test_fragments_on_2_0),
		ON_BOTH(test_misuse_is_told_in_use),
		ON_BOTH(test_misuse),
		ON_BOTH(test_reset_by_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
