/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Consumer queues: generation, depth, tokens, formats of the ring, history list, limits, and the
 * registers that show them (data-path 2 to 4, control-path 15.3, 15.4).
 */

#include "rig_test.h"

static struct rig *
prepare(void **state, unsigned int depth, unsigned int hist_size)
{
	struct rig *rig = *state;

	rig_ldb_queue(rig, 0, 0, (struct rig_queue){ .depth_threshold = 8 });
	rig_ldb_port(rig, 0, 0, depth, hist_size);
	rig_link(rig, 0, 0, 0);
	return rig;
}

static void
enqueue(struct rig *rig, unsigned int n)
{
	unsigned int k;

	for (k = 0; k < n; k++)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, 0, 0, k);
}

/* A ring of any depth takes that many entries, and the generation alternates (data-path 2.2). */
static void
test_depths(void **state)
{
	struct rig *rig = *state;
	unsigned int depth, p = 0, n, round;

	for (depth = 1; depth <= DLB2_MAX_CQ_DEPTH; depth *= 2, p++) {
		rig_dir_queue(rig, 0, p);
		rig_dir_port(rig, 0, p, depth);
		for (round = 0; round < 5; round++) {
			for (n = 0; n < depth + 3 && n < 900; n++)
				rig_enqueue(rig, DLB2_DIR, p, DLB2_SCHED_DIRECTED, p, 0, n);
			n = rig_run(rig);
			assert_int_equal(n, depth < 900 ? depth : 900);
			assert_int_equal(rig_tokens(rig, DLB2_DIR, p),
				n + dlb2_cq_initial_tokens(depth));
			assert_int_equal(rig_read(rig, DLB2_CHP_DIR_CQ_DEPTH, p), n);
			assert_int_equal(rig_drain(rig, DLB2_DIR, p, NULL, 0), n);
			rig_return_tokens(rig, DLB2_DIR, p, n);
			while ((n = rig_run(rig)) > 0) {
				rig_drain(rig, DLB2_DIR, p, NULL, 0);
				rig_return_tokens(rig, DLB2_DIR, p, n);
			}
		}
		assert_int_equal(rig_read(rig, DLB2_CHP_DIR_CQ_DEPTH, p), 0);
	}
}

static void
test_write_pointer(void **state)
{
	struct rig *rig = prepare(state, 8, 64);
	unsigned int n;

	for (n = 1; n <= 20; n++) {
		enqueue(rig, 1);
		rig_run(rig);
		rig_return_tokens(rig, DLB2_LDB, 0, 1);
		assert_int_equal(rig_read(rig, DLB2_CHP_LDB_CQ_WPTR, 0),
			n % 8 | (n / 8 % 2 ? 0x800 : 0));
	}
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), 4);
	/* Preset to the second pass: the next entry has generation 0. */
	rig_write(rig, DLB2_CHP_LDB_CQ_WPTR, 0, 0x803);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, 0), 20);
	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(rig->ports[DLB2_LDB][0].ring[3 * 64 + 15] & DLB2_CQ_GEN, 0);
	assert_int_equal(rig_read(rig, DLB2_CHP_LDB_CQ_WPTR, 0), 0x804);
}

static void
test_totals(void **state)
{
	struct rig *rig = prepare(state, 16, 64);

	enqueue(rig, 10);
	rig_run(rig);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, 0), 10);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_TOT_SCH_CNTH, 0), 0);
	assert_int_equal(rig_read(rig, DLB2_LSP_LDB_SCH_CNT_L, 0), 10);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL, 0), 10);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_NALDB_MAX_DEPTH, 0), 10);
	rig_write(rig, DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, 0, 0);
	rig_write(rig, DLB2_LSP_CQ_LDB_TOT_SCH_CNTH, 0, 0);
	rig_write(rig, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL, 0, 0);
	rig_write(rig, DLB2_LSP_QID_NALDB_MAX_DEPTH, 0, 0);
	enqueue(rig, 2);
	rig_run(rig);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, 0), 2);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL, 0), 2);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_NALDB_MAX_DEPTH, 0), 2);
}

/* The history list is the in-flight limit, whatever the depth (data-path 4.2). */
static void
test_history_limits(void **state)
{
	struct rig *rig = prepare(state, 64, 5);
	unsigned int base = rig->ports[DLB2_LDB][0].hist_base;

	enqueue(rig, 20);
	assert_int_equal(rig_run(rig), 5);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, 0), 5);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_LDB_INFL_CNT, 0), 5);
	/* Full: equal pointers, different generations. */
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_PUSH_PTR, 0), base |
		DLB2_CHP_HIST_LIST_PUSH_PTR__GENERATION);
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0), base);
	rig_complete(rig, 0, 3);
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0), base + 3);
	assert_int_equal(rig_run(rig), 3);
	rig_complete(rig, 0, 5);
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0), (base + 3) |
		DLB2_CHP_HIST_LIST_POP_PTR__GENERATION);
}

/* Entries are kept where software put the list, and can be seen there (control-path 11.5). */
static void
test_history_entries(void **state)
{
	struct rig *rig = prepare(state, 16, 4);
	uint32_t word;

	rig_enable(rig, DLB2_LDB, 0, false);
	rig_write(rig, DLB2_CHP_HIST_LIST_LIM, 0, 2047);
	rig_write(rig, DLB2_CHP_HIST_LIST_BASE, 0, 2044);
	rig_write(rig, DLB2_CHP_HIST_LIST_PUSH_PTR, 0, 2045);
	rig_write(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0, 2045);
	rig_enable(rig, DLB2_LDB, 0, true);
	rig_send(rig, DLB2_LDB, 0, rig_event(DLB2_CMD_NEW, DLB2_SCHED_ATOMIC, 0, 6, 0xbeef, 1));
	rig_run(rig);
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_PUSH_PTR, 0), 2046);
	if (rig->options.version != DLB2_HW_2_0)
		return;
	word = rig_read(rig, DLB2_CHP_HIST_LIST_0, 2045);
	assert_int_equal(dlb2_get(DLB2_CHP_HIST_LIST_0__QID, word), 0);
	assert_int_equal(dlb2_get(DLB2_CHP_HIST_LIST_0__QPRIO, word), 6 & 3);
	word = rig_read(rig, DLB2_CHP_HIST_LIST_1, 2045);
	assert_int_equal(dlb2_get(DLB2_CHP_HIST_LIST_1__QPRIO_2, word), 6 >> 2);
	assert_int_equal(dlb2_get(DLB2_CHP_HIST_LIST_1__QTYPE, word), DLB2_SCHED_ATOMIC);
	assert_int_equal(dlb2_get(DLB2_CHP_HIST_LIST_1__HID, word), 0xbeef);
}

/* Ranges that cannot work are reported, and nothing is scheduled. */
static void
test_history_misuse(void **state)
{
	struct rig *rig = prepare(state, 16, 8);

	rig_ldb_port(rig, 0, 1, 16, 8);
	rig_link(rig, 1, 0, 0);
	/* Port 1 on port 0's range. */
	rig_enable(rig, DLB2_LDB, 1, false);
	rig_write(rig, DLB2_CHP_HIST_LIST_BASE, 1, 4);
	rig_write(rig, DLB2_CHP_HIST_LIST_PUSH_PTR, 1, 4);
	rig_write(rig, DLB2_CHP_HIST_LIST_POP_PTR, 1, 4);
	rig_enable(rig, DLB2_LDB, 1, true);
	assert_non_null(strstr(rig->report, "overlaps"));
	enqueue(rig, 20);
	assert_int_equal(rig_run(rig), 8);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, 1), 0);
	rig_write(rig, DLB2_LSP_CQ_LDB_INFL_LIM, 0, 9);
	assert_non_null(strstr(rig->report, "in-flight limit 9 of CQ 0"));
	/* Moving a list with open events is refused and reported. */
	rig_write(rig, DLB2_CHP_HIST_LIST_BASE, 0, 100);
	assert_non_null(strstr(rig->report, "CHP_HIST_LIST_BASE"));
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_BASE, 0), 0);
	rig_write(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0, 3);
	assert_int_equal(rig_read(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0), 0);
}

static void
test_disabled_cq(void **state)
{
	struct rig *rig = prepare(state, 16, 16);

	enqueue(rig, 4);
	rig_run(rig);
	rig_enable(rig, DLB2_LDB, 0, false);
	enqueue(rig, 4);
	assert_int_equal(rig_run(rig), 0);
	/* Completions and tokens still work (control-path 15.2). */
	rig_complete(rig, 0, 4);
	rig_return_tokens(rig, DLB2_LDB, 0, 4);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, 0), 0);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 0);
	rig_enable(rig, DLB2_LDB, 0, true);
	assert_int_equal(rig_run(rig), 4);
}

static void
test_disabled_directed_cq(void **state)
{
	struct rig *rig = *state;

	rig_dir_queue(rig, 0, 1);
	rig_dir_port(rig, 0, 1, 8);
	rig_enable(rig, DLB2_DIR, 1, false);
	rig_enqueue(rig, DLB2_DIR, 1, DLB2_SCHED_DIRECTED, 1, 0, 1);
	assert_int_equal(rig_run(rig), 0);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_DIR_ENQUEUE_CNT, 1), 1);
	rig_enable(rig, DLB2_DIR, 1, true);
	assert_int_equal(rig_run(rig), 1);
}

static void
test_queue_limit(void **state)
{
	struct rig *rig = prepare(state, 64, 64);

	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 3);
	enqueue(rig, 10);
	assert_int_equal(rig_run(rig), 3);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_run(rig), 1);
	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 0);
	rig_complete(rig, 0, 3);
	assert_int_equal(rig_run(rig), 0);
	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 2048);
	assert_int_equal(rig_run(rig), 6);
}

/* An initial count may be returned too: the device cannot tell (control-path 15.2). */
static void
test_initial_tokens_can_be_returned(void **state)
{
	struct rig *rig = prepare(state, 2, 64);

	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 6);
	enqueue(rig, 8);
	assert_int_equal(rig_run(rig), 2);
	rig_return_tokens(rig, DLB2_LDB, 0, 5);
	assert_int_equal(rig_counters(rig).alarms, 0);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 3);
	assert_int_equal(rig_read(rig, DLB2_CHP_LDB_CQ_DEPTH, 0), 0);
	assert_int_equal(rig_run(rig), 5);
}

static void
test_ignore_depth(void **state)
{
	struct rig *rig = prepare(state, 8, 64);

	rig_write(rig, DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, 0,
		1 | DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL__IGNORE_DEPTH);
	enqueue(rig, 12);
	assert_int_equal(rig_run(rig), 12);
}

/* qid_depth: 0 to half, 1 to three quarters, 2 to all of the threshold, 3 above (data-path 2.1). */
static void
test_depth_codes(void **state)
{
	static const unsigned int codes[] = { 3, 3, 2, 2, 1, 1, 0, 0, 0, 0 };
	struct rig *rig = prepare(state, 16, 64);
	struct dlb2_cq_entry entry;
	unsigned int n;

	enqueue(rig, 10);
	rig_run(rig);
	for (n = 0; n < 10; n++) {
		assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
		assert_int_equal(dlb2_get(DLB2_CQ_QID_DEPTH, entry.status), codes[n]);
	}
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_DEPTH_CODE, 1);
	enqueue(rig, 5);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(dlb2_get(DLB2_CQ_QID_DEPTH, entry.status), 0);
}

/* Dense lines: pads carry the generation of the pass before; unread entries are left alone. */
static void
test_padding(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .dense = true });
	const uint8_t *ring;
	unsigned int n;
	uint64_t data;

	rig_domain(rig, 0, 100, 100);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 8);
	ring = rig->ports[DLB2_DIR][0].ring;
	memset(rig->ports[DLB2_DIR][0].ring, 0xff, 8 * 16);
	rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, 1);
	rig_run(rig);
	for (n = 1; n < 4; n++)
		assert_int_equal(ring[n * 16 + 15] & DLB2_CQ_GEN, 0);
	assert_int_equal(ring[4 * 16 + 15], 0xff);
	for (n = 1; n < 8; n++)
		rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, n + 1);
	rig_run(rig);
	/* Entry 0 of the second pass must not spoil entries 1 to 7 of the first. */
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, &data, 1), 8);
	rig_return_tokens(rig, DLB2_DIR, 0, 1);
	rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, 9);
	rig_run(rig);
	for (n = 1; n < 8; n++)
		assert_int_equal(ring[n * 16], n + 1);
	rig_free(rig);
}

#define UNTOUCHED 0xfe /* of the pass before */

/* A dense directed CQ of 8 entries; returns its ring. */
static const uint8_t *
prepare_dense(struct rig *rig, unsigned int lines_switch)
{
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_DENSE_LINES, lines_switch);
	rig_domain(rig, 0, 100, 100);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 8);
	return memset(rig->ports[DLB2_DIR][0].ring, UNTOUCHED, 8 * 16);
}

static void
send_dense(struct rig *rig, unsigned int num)
{
	unsigned int n;

	for (n = 0; n < num; n++)
		rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, n);
}

/* The first switch: whatever the pad bits say, nothing is written but entries. */
static void
test_dense_entries_alone(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .dense = true });
	const uint8_t *ring = prepare_dense(rig, 1);
	unsigned int n;

	send_dense(rig, 5);
	rig_run(rig);
	for (n = 0; n < 8; n++)
		assert_int_equal(ring[n * 16 + 15], n < 5 ? DLB2_CQ_GEN : UNTOUCHED);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, NULL, 0), 5);
	rig_free(rig);
}

/* The second: a line's entries come when it is full, or when there are no more. */
static void
test_dense_lines_gathered(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .dense = true });
	const uint8_t *ring = prepare_dense(rig, 2);
	unsigned int n, k, visible;

	send_dense(rig, 7);
	for (n = 1; n <= 7; n++) {
		assert_int_equal(dlb2_model_run(rig->model, 1), 1);
		for (visible = 0, k = 0; k < 8; k++)
			visible += ring[k * 16 + 15] != UNTOUCHED;
		assert_int_equal(visible, n < 4 ? 0 : 4);
	}
	assert_int_equal(dlb2_model_run(rig->model, 1), 0);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, NULL, 0), 7);
	rig_free(rig);
}

/* Without a translation each entry is a DMA write; what the owner refuses is counted as lost. */
static void
test_dma_writes(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .unmapped = true });

	rig_domain(rig, 0, 100, 100);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 8);
	rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, 1);
	rig_run(rig);
	assert_int_equal(rig->dma_writes, 1);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, NULL, 0), 1);
	rig_write(rig, DLB2_SYS_DIR_CQ_ADDR_L, 0, 0);
	rig_write(rig, DLB2_SYS_DIR_CQ_ADDR_U, 0, 0);
	rig_write(rig, DLB2_CHP_DIR_CQ_WPTR, 0, 0);
	rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, 1);
	assert_int_equal(rig_run(rig), 1);
	assert_int_equal(rig_counters(rig).dma_errors, 1);
	rig_free(rig);
}

/* A translation is forgotten when its range goes, and asked for again. */
static void
test_unmapped_ring(void **state)
{
	struct rig *rig = prepare(state, 16, 16);
	uint64_t iova = (uintptr_t)rig->ports[DLB2_LDB][0].ring;

	enqueue(rig, 1);
	rig_run(rig);
	rig->options.unmapped = true;
	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(rig->dma_writes, 0);
	dlb2_model_dma_unmapped(rig->model, iova - 100, 100);
	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(rig->dma_writes, 0);
	dlb2_model_dma_unmapped(rig->model, iova + 100, 1);
	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(rig->dma_writes, 1);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), 4);
}

/* The end of such a range is no address. */
static void
test_unmapped_to_the_end(void **state)
{
	struct rig *rig = prepare(state, 16, 16);
	uint64_t iova = (uintptr_t)rig->ports[DLB2_LDB][0].ring;

	enqueue(rig, 1);
	rig_run(rig);
	rig->options.unmapped = true;
	dlb2_model_dma_unmapped(rig->model, iova, 0 - iova);
	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(rig->dma_writes, 1);
}

static void
test_entry_faults(void **state)
{
	struct rig *rig = prepare(state, 16, 16);
	struct dlb2_cq_entry entry;

	dlb2_model_set_fault(rig->model, DLB2_FAULT_CQ_ERROR_BIT, DLB2_LDB, 0, 1);
	enqueue(rig, 2);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(entry.status & DLB2_CQ_ERROR, DLB2_CQ_ERROR);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(entry.status & DLB2_CQ_ERROR, 0);
	dlb2_model_set_fault(rig->model, DLB2_FAULT_CQ_WRONG_GEN, DLB2_LDB, 0, 1);
	enqueue(rig, 1);
	assert_int_equal(rig_run(rig), 1);
	assert_false(rig_poll(rig, DLB2_LDB, 0, &entry));
	rig->ports[DLB2_LDB][0].read++;
	dlb2_model_set_fault(rig->model, DLB2_FAULT_CQ_DROP_WRITE, DLB2_LDB, 0, 1);
	enqueue(rig, 1);
	assert_int_equal(rig_run(rig), 1);
	assert_false(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 4);
}

static void
test_late_token_fault(void **state)
{
	struct rig *rig = prepare(state, 16, 16);

	enqueue(rig, 4);
	rig_run(rig);
	dlb2_model_set_fault(rig->model, DLB2_FAULT_TOKEN_DELAY, DLB2_LDB, 0, 1);
	rig_return_tokens(rig, DLB2_LDB, 0, 4);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 4);
	rig_send(rig, DLB2_LDB, 0, (struct dlb2_hcw){ 0 });
	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 4);
	rig_send(rig, DLB2_LDB, 0, (struct dlb2_hcw){ 0 });
	assert_int_equal(rig_tokens(rig, DLB2_LDB, 0), 0);
}

static void
test_stuck_inflight_fault(void **state)
{
	struct rig *rig = prepare(state, 16, 16);

	enqueue(rig, 3);
	rig_run(rig);
	dlb2_model_set_fault(rig->model, DLB2_FAULT_STUCK_INFLIGHT, DLB2_LDB, 0, 2);
	rig_complete(rig, 0, 3);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, 0), 2);
}

/* CQ weight (data-path 5.8): codes 0..3 are loads of 1, 2, 4, 8. */
static void
test_weight(void **state)
{
	struct rig *rig = prepare(state, 16, 64);
	struct dlb2_hcw hcw = rig_event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, 0, 0, 0, 1);
	unsigned int n;

	rig_write(rig, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, 0, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V | 7);
	for (n = 0; n < 12; n++) {
		hcw.flags = (n % 4) << 1;
		rig_send(rig, DLB2_LDB, 0, hcw);
	}
	/* 1 + 2 + 4 meet the limit of 7. */
	assert_int_equal(rig_run(rig), 3);
	rig_complete(rig, 0, 1);
	/* 6, and one of 8 makes it 14; completing 2 and 4 leaves 8. */
	assert_int_equal(rig_run(rig), 1);
	rig_complete(rig, 0, 2);
	assert_int_equal(rig_run(rig), 0);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_run(rig), 3);
	/* Without the valid bit weights do not count. */
	rig_write(rig, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, 0, 7);
	assert_int_equal(rig_run(rig), 5);
}

static void
test_weight_zero_switch(void **state)
{
	struct rig *rig = prepare(state, 16, 64);

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_WEIGHT_ZERO, 1);
	rig_write(rig, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, 0, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V | 1);
	enqueue(rig, 5);
	assert_int_equal(rig_run(rig), 5);
}

/* In-flight threshold (data-path 5.9): full once, it waits until below. */
static void
test_inflight_threshold(void **state)
{
	struct rig *rig = prepare(state, 64, 8);

	rig_write(rig, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH);
	rig_write(rig, DLB2_LSP_CQ_LDB_INFL_THRESH, 0, 4);
	enqueue(rig, 30);
	assert_int_equal(rig_run(rig), 8);
	rig_complete(rig, 0, 4);
	assert_int_equal(rig_run(rig), 0);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_run(rig), 5);
	rig_write(rig, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_run(rig), 1);
}

/* With a seed entries may come late, but in order and all of them (data-path 11, timing). */
static void
test_late_entries(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .seed = 77 });
	struct dlb2_cq_entry entry;
	unsigned int n, seen = 0, late = 0;

	rig_domain(rig, 0, 1000, 1000);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 1024);
	for (n = 0; n < 500; n++) {
		rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, n);
		dlb2_model_run(rig->model, 1);
		for (; rig_poll(rig, DLB2_DIR, 0, &entry); seen++)
			assert_int_equal(entry.data, seen);
		late += seen <= n;
	}
	assert_in_range(late, 50, 450);
	rig_run(rig);
	for (; rig_poll(rig, DLB2_DIR, 0, &entry); seen++)
		assert_int_equal(entry.data, seen);
	assert_int_equal(seen, 500);
	rig_free(rig);
}

/* The switch for lines that overtake: then some entry is visible before an older one. */
static void
test_sparse_holes(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .seed = 77 });
	unsigned int n, k, holes = 0;

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_SPARSE_ORDER, 1);
	rig_domain(rig, 0, 1000, 1000);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 1024);
	for (n = 0; n < 200; n++) {
		rig_enqueue(rig, DLB2_DIR, 0, DLB2_SCHED_DIRECTED, 0, 0, n);
		dlb2_model_run(rig->model, 1);
		for (k = 0; k < n; k++)
			holes += !(rig->ports[DLB2_DIR][0].ring[k * 64 + 15] & 1) &&
				(rig->ports[DLB2_DIR][0].ring[k * 64 + 79] & 1);
	}
	assert_true(holes > 0);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, NULL, 0), 200);
	rig_free(rig);
}

/* Sparse: the switch spoils what is behind the entry in its line. */
static void
test_rest_of_a_sparse_line(void **state)
{
	struct rig *rig = prepare(state, 16, 16);
	const uint8_t *ring = rig->ports[DLB2_LDB][0].ring;

	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(ring[16], 0);
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_SPARSE_REST, 1);
	enqueue(rig, 1);
	rig_run(rig);
	assert_int_equal(ring[16], 0);
	assert_int_not_equal(ring[64 + 16], 0);
	assert_int_not_equal(ring[64 + 63], 0);
	assert_int_equal(ring[64 + 64], 0);
}

/* Domain reset as drivers do it (control-path 10.6): the port starts again from generation 1. */
static void
test_reset_by_registers(void **state)
{
	struct rig *rig = prepare(state, 8, 8);
	unsigned int round;

	for (round = 0; round < 3; round++) {
		enqueue(rig, 5);
		rig_run(rig);
		assert_int_equal(rig_drain(rig, DLB2_LDB, 0, NULL, 0), 5);
		rig_complete(rig, 0, 5);
		rig_return_tokens(rig, DLB2_LDB, 0, 5);
		rig_enable(rig, DLB2_LDB, 0, false);
		rig_write(rig, DLB2_SYS_LDB_PP_V, 0, 0);
		rig_write(rig, DLB2_CHP_LDB_CQ_DEPTH, 0, 0);
		rig_write(rig, DLB2_LSP_CQ_LDB_INFL_LIM, 0, 0);
		rig_write(rig, DLB2_CHP_HIST_LIST_LIM, 0, 0);
		rig_write(rig, DLB2_CHP_HIST_LIST_BASE, 0, 0);
		rig_write(rig, DLB2_CHP_HIST_LIST_POP_PTR, 0, 0);
		rig_write(rig, DLB2_CHP_HIST_LIST_PUSH_PTR, 0, 0);
		rig_write(rig, DLB2_CHP_LDB_CQ_WPTR, 0, 0);
		rig_write(rig, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 0);
		rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, 0);
		rig->slots_used[0] = 0;
		rig_ldb_port(rig, 0, 0, 8, 8);
		rig_link(rig, 0, 0, 0);
	}
	assert_int_equal(rig->reports, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_depths),
		ON_BOTH(test_write_pointer),
		ON_BOTH(test_totals),
		ON_BOTH(test_history_limits),
		ON_BOTH(test_history_entries),
		ON_BOTH(test_history_misuse),
		ON_BOTH(test_disabled_cq),
		ON_BOTH(test_disabled_directed_cq),
		ON_BOTH(test_queue_limit),
		ON_BOTH(test_initial_tokens_can_be_returned),
		ON_2_0(test_ignore_depth),
		ON_BOTH(test_depth_codes),
		ON_BOTH(test_padding),
		ON_BOTH(test_dense_entries_alone),
		ON_BOTH(test_dense_lines_gathered),
		ON_BOTH(test_dma_writes),
		ON_BOTH(test_unmapped_ring),
		ON_BOTH(test_unmapped_to_the_end),
		ON_BOTH(test_entry_faults),
		ON_BOTH(test_late_token_fault),
		ON_BOTH(test_stuck_inflight_fault),
		ON_2_5(test_weight),
		ON_2_5(test_weight_zero_switch),
		ON_2_5(test_inflight_threshold),
		ON_BOTH(test_late_entries),
		ON_BOTH(test_sparse_holes),
		ON_BOTH(test_rest_of_a_sparse_line),
		ON_BOTH(test_reset_by_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
