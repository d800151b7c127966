/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Who gets what next: CQs, slots, kinds, priorities, classes of service (data-path 5.6, 5.7), and
 * the freedom that a seed uses.
 */

#include "rig_test.h"

static void
enqueue(struct rig *rig, unsigned int q, unsigned int n)
{
	unsigned int k;

	for (k = 0; k < n; k++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, q, 0, k);
}

static unsigned int
occupancy(struct rig *rig, unsigned int p)
{
	return rig_read(rig, DLB2_CHP_LDB_CQ_DEPTH, p);
}

/* Few events are spread over all CQs that may take them. */
static void
test_cqs_take_turns(void **state)
{
	struct rig *rig = *state;
	unsigned int p;

	/* Two of each class of service. */
	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	for (p = 0; p < 64; p += 8) {
		rig_ldb_port(rig, 0, p, 8, 8);
		rig_link(rig, p, 0, 0);
	}
	enqueue(rig, 0, 16);
	assert_int_equal(rig_run(rig), 16);
	for (p = 0; p < 64; p += 8)
		assert_int_equal(occupancy(rig, p), 2);
}

/* Many events fill every CQ, none is passed over. */
static void
test_all_cqs_fill(void **state)
{
	struct rig *rig = *state;
	unsigned int p;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	for (p = 0; p < 64; p++) {
		rig_ldb_port(rig, 0, p, 8, 32);
		rig_link(rig, p, 0, 0);
	}
	enqueue(rig, 0, 600);
	dlb2_model_run(rig->model, 256);
	for (p = 0; p < 64; p++)
		assert_in_range(occupancy(rig, p), 3, 5);
	rig_run(rig);
	for (p = 0; p < 64; p++)
		assert_int_equal(occupancy(rig, p), 8);
}

/* The slot of the best priority first, in turn among equals. */
static void
test_link_priority(void **state)
{
	struct rig *rig = *state;
	struct dlb2_cq_entry entry;
	unsigned int q, n;

	rig_ldb_port(rig, 0, 0, 64, 64);
	for (q = 0; q < 4; q++) {
		rig_ldb_queue(rig, 0, q, (struct rig_queue){ 0 });
		rig_link(rig, 0, q, q == 3 ? 0 : 5);
		enqueue(rig, q, 3);
	}
	assert_int_equal(rig_run(rig), 12);
	for (n = 0; n < 12; n++) {
		assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
		assert_int_equal(entry.qid, n < 3 ? 3 : n % 3);
	}
}

/* LDB_WRR_COUNT_BASE = v: v + 1 events in a row from one slot (data-path 5.7). */
static void
test_run_length(void **state)
{
	struct rig *rig = *state;
	struct dlb2_cq_entry entry;
	unsigned int q, n;

	rig_write(rig, DLB2_LSP_CFG_LSP_CSR_CONTROL, 0,
		dlb2_put(DLB2_LSP_CFG_LSP_CSR_CONTROL__LDB_WRR_COUNT_BASE, 2));
	rig_ldb_port(rig, 0, 0, 64, 64);
	for (q = 0; q < 2; q++) {
		rig_ldb_queue(rig, 0, q, (struct rig_queue){ 0 });
		rig_link(rig, 0, q, 0);
		enqueue(rig, q, 6);
	}
	rig_run(rig);
	for (n = 0; n < 12; n++) {
		assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
		assert_int_equal(entry.qid, n / 3 % 2);
	}
}

/* Events in a row that a queue has begun with are not cut short by a change of the register. */
static void
test_run_length_changed(void **state)
{
	struct rig *rig = *state;
	struct dlb2_cq_entry entry;
	unsigned int q, n;

	rig_write(rig, DLB2_LSP_CFG_LSP_CSR_CONTROL, 0,
		dlb2_put(DLB2_LSP_CFG_LSP_CSR_CONTROL__LDB_WRR_COUNT_BASE, 7));
	rig_ldb_port(rig, 0, 0, 64, 64);
	for (q = 0; q < 2; q++) {
		rig_ldb_queue(rig, 0, q, (struct rig_queue){ 0 });
		rig_link(rig, 0, q, 0);
		enqueue(rig, q, 12);
	}
	assert_int_equal(dlb2_model_run(rig->model, 3), 3);
	rig_write(rig, DLB2_LSP_CFG_LSP_CSR_CONTROL, 0, 0);
	rig_run(rig);
	for (n = 0; n < 16; n++) {
		assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
		assert_int_equal(entry.qid, n < 8 ? 0 : (n + 1) % 2);
	}
}

/* Atomic and unordered events of one queue take turns (data-path 5.6). */
static void
test_kinds_take_turns(void **state)
{
	struct rig *rig = *state;
	struct dlb2_cq_entry entry;
	unsigned int n, type, last = DLB2_SCHED_ORDERED;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	rig_ldb_port(rig, 0, 0, 64, 64);
	rig_link(rig, 0, 0, 0);
	for (n = 0; n < 10; n++)
		rig_enqueue(rig, DLB2_LDB, 0, n < 5 ? DLB2_SCHED_ATOMIC : DLB2_SCHED_UNORDERED, 0,
			n, n);
	assert_int_equal(rig_run(rig), 10);
	for (n = 0; n < 10; n++) {
		assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
		type = entry.sched & DLB2_HCW_SCHED_TYPE;
		assert_int_not_equal(type, last);
		last = type;
	}
}

/* Priority bins: pairs of codes share one of four, unless the switch says eight. */
static void
expect_bins(struct rig *rig, const uint64_t *expected)
{
	unsigned int n;
	uint64_t data[8];

	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 16);
	for (n = 0; n < 8; n++)
		rig_send(rig, DLB2_DIR, 0, rig_event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, 0, 7 - n, 0,
			n));
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, data, 8), 8);
	for (n = 0; n < 8; n++)
		assert_int_equal(data[n], expected[n]);
}

static void
test_four_bins(void **state)
{
	static const uint64_t order[] = { 6, 7, 4, 5, 2, 3, 0, 1 };

	expect_bins(*state, order);
}

static void
test_eight_bins(void **state)
{
	static const uint64_t order[] = { 7, 6, 5, 4, 3, 2, 1, 0 };
	struct rig *rig = *state;

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_PRIORITY_BINS, 1);
	expect_bins(rig, order);
}

/*
 * With weight w a bin gives way to the next in (255 - w) of 256 choices (data-path 5.6); exactly
 * so with seed 0, whose draws count through all values.
 */
static void
test_boost(void **state)
{
	struct rig *rig = *state;
	struct dlb2_cq_entry entry;
	unsigned int n, low = 0;

	rig_write(rig, DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0, 0, 0xfffffff5);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 1024);
	for (n = 0; n < 512; n++)
		rig_send(rig, DLB2_DIR, 0, rig_event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, 0,
			n % 2 ? 0 : 2, 0, n));
	dlb2_model_run(rig->model, 256);
	for (n = 0; n < 256; n++) {
		assert_true(rig_poll(rig, DLB2_DIR, 0, &entry));
		low += entry.data % 2 == 0;
	}
	assert_int_equal(low, 255 - 0xf5);
}

static void
share(struct rig *rig, unsigned int cos, unsigned int range)
{
	rig_write(rig, DLB2_LSP_CFG_SHDW_RANGE_COS, cos, range);
}

/* Serves one CQ of each class until `n` events went; counts them by class. */
static void
serve_classes(struct rig *rig, unsigned int n, unsigned int *count)
{
	unsigned int cos, done;

	memset(count, 0, DLB2_MAX_COS * sizeof(*count));
	while (n > 0) {
		enqueue(rig, 0, 8);
		done = dlb2_model_run(rig->model, 1);
		n -= done;
		for (cos = 0; cos < DLB2_MAX_COS; cos++) {
			done = rig_drain(rig, DLB2_LDB, cos * 16, NULL, 0);
			count[cos] += done;
			rig_complete(rig, cos * 16, done);
			rig_return_tokens(rig, DLB2_LDB, cos * 16, done);
		}
	}
}

/* Class of service (data-path 5.7): shares in 256ths, in force after a transfer only. */
static void
test_classes_of_service(void **state)
{
	struct rig *rig = *state;
	unsigned int cos, count[DLB2_MAX_COS];

	rig_domain(rig, 0, 8000, 0);
	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	for (cos = 0; cos < DLB2_MAX_COS; cos++) {
		rig_ldb_port(rig, 0, cos * 16, 8, 8);
		rig_link(rig, cos * 16, 0, 0);
	}
	share(rig, 0, 128);
	share(rig, 1, 64);
	share(rig, 2, 32);
	share(rig, 3, 32);
	serve_classes(rig, 256, count);
	assert_int_equal(count[0], 64);
	assert_int_equal(count[3], 64);
	rig_write(rig, DLB2_LSP_CFG_SHDW_CTRL, 0, DLB2_LSP_CFG_SHDW_CTRL__TRANSFER);
	serve_classes(rig, 256, count);
	assert_int_equal(count[0], 128);
	assert_int_equal(count[1], 64);
	assert_int_equal(count[2], 32);
	/* What nobody reserved goes round, but not to a class without extra credit. */
	share(rig, 0, 16);
	share(rig, 1, 16);
	share(rig, 2, 16 | DLB2_LSP_CFG_SHDW_RANGE_COS__NO_EXTRA_CREDIT);
	share(rig, 3, 16);
	rig_write(rig, DLB2_LSP_CFG_SHDW_CTRL, 0, DLB2_LSP_CFG_SHDW_CTRL__TRANSFER);
	serve_classes(rig, 256, count);
	assert_int_equal(count[0], 16 + 64);
	assert_int_equal(count[1], 16 + 64);
	assert_int_equal(count[2], 16);
}

/* A class alone gets everything. */
static void
test_class_without_share(void **state)
{
	struct rig *rig = *state;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	rig_ldb_port(rig, 0, 63, 64, 64);
	rig_link(rig, 63, 0, 0);
	rig_ldb_port(rig, 0, 0, 8, 8);
	share(rig, 3, DLB2_LSP_CFG_SHDW_RANGE_COS__NO_EXTRA_CREDIT);
	rig_write(rig, DLB2_LSP_CFG_SHDW_CTRL, 0, DLB2_LSP_CFG_SHDW_CTRL__TRANSFER);
	enqueue(rig, 0, 50);
	assert_int_equal(rig_run(rig), 50);
}

/* Both pipelines work side by side. */
static void
test_pipelines_take_turns(void **state)
{
	struct rig *rig = *state;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	rig_ldb_port(rig, 0, 0, 64, 64);
	rig_link(rig, 0, 0, 0);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 64);
	enqueue(rig, 0, 40);
	for (unsigned int n = 0; n < 40; n++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_DIRECTED, 0, 0, n);
	assert_int_equal(dlb2_model_run(rig->model, 40), 40);
	assert_in_range(occupancy(rig, 0), 16, 24);
	assert_int_equal(rig_read(rig, DLB2_LSP_LDB_SCH_CNT_L, 0) +
		rig_read(rig, DLB2_LSP_DIR_SCH_CNT_L, 0), 40);
}

static void
test_directed_cqs_take_turns(void **state)
{
	struct rig *rig = *state;
	unsigned int last = rig->limits->num_dir_ports - 1;
	unsigned int n;

	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 64);
	rig_dir_queue(rig, 0, last);
	rig_dir_port(rig, 0, last, 64);
	for (n = 0; n < 40; n++) {
		rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, n);
		rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, last, 0, n);
	}
	dlb2_model_run(rig->model, 40);
	assert_int_equal(rig_tokens(rig, DLB2_DIR, 0), 20);
	assert_int_equal(rig_tokens(rig, DLB2_DIR, last), 20);
	rig_run(rig);
	assert_int_equal(rig_tokens(rig, DLB2_DIR, last), 40);
}

/* What 40 events do that two CQs compete for, with a seed. */
static void
run_seed(enum dlb2_version version, uint64_t seed, uint64_t *order)
{
	struct rig *rig = rig_new(&(struct rig_options){ .version = version, .seed = seed });
	unsigned int n;

	rig_domain(rig, 0, 100, 0);
	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	for (n = 0; n < 2; n++) {
		rig_ldb_port(rig, 0, n, 64, 64);
		rig_link(rig, n, 0, 0);
	}
	enqueue(rig, 0, 40);
	assert_int_equal(rig_run(rig), 40);
	*order = 0;
	for (n = 0; n < 40; n++) {
		struct dlb2_cq_entry entry;
		unsigned int p = rig->ports[DLB2_LDB][0].read + rig->ports[DLB2_LDB][1].read;

		if (rig_poll(rig, DLB2_LDB, 0, &entry))
			*order |= UINT64_C(1) << entry.data;
		else
			assert_true(rig_poll(rig, DLB2_LDB, 1, &entry));
		assert_int_equal(p, n);
	}
	assert_int_equal(dlb2_model_check(rig->model), 0);
	rig_free(rig);
}

/* The same seed does the same, another seed something else. */
static void
test_seeds(void **state)
{
	enum dlb2_version version = ((struct rig *)*state)->options.version;
	uint64_t a, b, c, plain;

	run_seed(version, 1, &a);
	run_seed(version, 1, &b);
	run_seed(version, 2, &c);
	run_seed(version, 0, &plain);
	assert_true(a == b);
	assert_true(a != c);
	assert_true(a != plain);
}

/* A run never does more than its budget, and says 0 when nothing is left. */
static void
test_budget(void **state)
{
	struct rig *rig = *state;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ 0 });
	rig_ldb_port(rig, 0, 0, 64, 64);
	rig_link(rig, 0, 0, 0);
	enqueue(rig, 0, 10);
	assert_int_equal(dlb2_model_run(rig->model, 0), 0);
	assert_int_equal(dlb2_model_run(rig->model, 3), 3);
	assert_int_equal(dlb2_model_run(rig->model, 100), 7);
	assert_int_equal(dlb2_model_run(rig->model, 100), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_cqs_take_turns),
		ON_BOTH(test_all_cqs_fill),
		ON_BOTH(test_link_priority),
		ON_2_5(test_run_length),
		ON_2_5(test_run_length_changed),
		ON_BOTH(test_kinds_take_turns),
		ON_BOTH(test_four_bins),
		ON_BOTH(test_eight_bins),
		ON_BOTH(test_boost),
		ON_BOTH(test_classes_of_service),
		ON_BOTH(test_class_without_share),
		ON_BOTH(test_pipelines_take_turns),
		ON_BOTH(test_directed_cqs_take_turns),
		ON_BOTH(test_seeds),
		ON_BOTH(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
