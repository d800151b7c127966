/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Host command words: each check of data-path 11 with its alarm, and what each command does.
 */

#include "rig_test.h"

#define LDB_QUEUE 3
#define ORDERED_QUEUE 4
#define LDB_PORT 5
#define DIR_PORT 6
#define CLOSED_PORT 7

/* One atomic, unordered queue, one ordered queue, one port of each kind. Alarms are on. */
static struct rig *
prepare(void **state)
{
	struct rig *rig = *state;

	rig_ldb_queue(rig, 0, LDB_QUEUE, (struct rig_queue){ 0 });
	rig_ldb_queue(rig, 0, ORDERED_QUEUE, (struct rig_queue){ .sns = 64, .no_atomic = true });
	rig_ldb_port(rig, 0, LDB_PORT, 16, 16);
	rig_link(rig, LDB_PORT, LDB_QUEUE, 0);
	rig_link(rig, LDB_PORT, ORDERED_QUEUE, 0);
	rig_dir_queue(rig, 0, DIR_PORT);
	rig_dir_port(rig, 0, DIR_PORT, 16);
	rig_write(rig, DLB2_SYS_INGRESS_ALARM_ENBL, 0, UINT32_MAX);
	return rig;
}

static struct dlb2_hcw
event(enum dlb2_hcw_cmd cmd, enum dlb2_sched_type type, unsigned int q)
{
	return rig_event(cmd, type, q, 0, 0x1234, 0xabcdef);
}

/* The HCW was dropped, and this alarm about it stands in SYND0. */
static void
expect_refused(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, struct dlb2_hcw hcw,
	unsigned int source, unsigned int aid)
{
	struct dlb2_model_counters before = rig_counters(rig), after;
	uint32_t synd0;

	rig_write(rig, DLB2_SYS_ALARM_PF_SYND0, 0, UINT32_MAX);
	rig_send(rig, kind, p, hcw);
	after = rig_counters(rig);
	assert_int_equal(after.dropped, before.dropped + 1);
	assert_int_equal(after.enqueued, before.enqueued);
	assert_int_equal(after.completed, before.completed);
	assert_int_equal(after.tokens_returned, before.tokens_returned);
	synd0 = rig_read(rig, DLB2_SYS_ALARM_PF_SYND0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__VALID, synd0), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SOURCE, synd0), source);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, synd0), aid);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, synd0) & 0x7f, p);
}

#define SYS 0
#define CHP 1
#define AID_SYS_ILLEGAL_PP 1
#define AID_SYS_ILLEGAL_QID 3
#define AID_SYS_DISABLED_QID 4
#define AID_SYS_ILLEGAL_HCW 5
#define AID_SYS_ILLEGAL_CFG 6
#define AID_CHP_ILLEGAL_ENQUEUE 1
#define AID_CHP_EXCESS_TOKENS 2

static void
expect_accepted(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, struct dlb2_hcw hcw)
{
	struct dlb2_model_counters before = rig_counters(rig);

	rig_send(rig, kind, p, hcw);
	assert_int_equal(rig_counters(rig).dropped, before.dropped);
	assert_int_equal(rig_counters(rig).alarms, before.alarms);
}

/* Makes `n` unordered events open at LDB_PORT, tokens not yet returned. */
static void
open_events(struct rig *rig, unsigned int n)
{
	unsigned int k;

	for (k = 0; k < n; k++)
		rig_enqueue(rig, DLB2_LDB, LDB_PORT, DLB2_SCHED_UNORDERED, LDB_QUEUE, 0, k);
	assert_int_equal(rig_run(rig), n);
	assert_int_equal(rig_drain(rig, DLB2_LDB, LDB_PORT, NULL, 0), n);
}

static void
test_closed_port_drops_all(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int cmd;

	for (cmd = 1; cmd < 16; cmd++)
		expect_refused(rig, DLB2_LDB, CLOSED_PORT,
			event(cmd, DLB2_SCHED_UNORDERED, LDB_QUEUE), SYS, AID_SYS_ILLEGAL_PP);
	expect_refused(rig, DLB2_DIR, CLOSED_PORT,
		event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, DIR_PORT), SYS, AID_SYS_ILLEGAL_PP);
}

/* The probe of the reference driver (data-path 11): nothing happens, alarms are masked. */
static void
test_probe_flood(void **state)
{
	struct rig *rig = *state;
	struct dlb2_hcw hcw = { .lock_id = 1, .cmd = DLB2_CMD_COMP_T };
	unsigned int kind, p, n;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (p = 0; p < (kind == DLB2_LDB ? rig->limits->num_ldb_ports :
				rig->limits->num_dir_ports); p++)
			for (n = 0; n < 10; n++)
				rig_send(rig, kind, p, hcw);
	assert_int_equal(rig_counters(rig).completed, 0);
	assert_int_equal(rig_counters(rig).tokens_returned, 0);
	assert_int_equal(rig_read(rig, DLB2_SYS_ALARM_PF_SYND0, 0), 0);
}

static void
test_undefined_commands(void **state)
{
	static const unsigned int undefined[] = { 0x4, 0x6, 0x7, 0xe, 0xf };
	struct rig *rig = prepare(state);
	unsigned int n;

	open_events(rig, 1);
	for (n = 0; n < sizeof(undefined) / sizeof(undefined[0]); n++) {
		struct dlb2_hcw hcw = event(undefined[n], DLB2_SCHED_UNORDERED, LDB_QUEUE);

		expect_refused(rig, DLB2_LDB, LDB_PORT, hcw, SYS, AID_SYS_ILLEGAL_HCW);
		expect_refused(rig, DLB2_DIR, DIR_PORT, hcw, SYS, AID_SYS_ILLEGAL_HCW);
	}
}

static void
test_commands_of_directed_ports(void **state)
{
	static const unsigned int illegal[] = { DLB2_CMD_COMP, DLB2_CMD_COMP_T, DLB2_CMD_FWD,
		DLB2_CMD_FWD_T, DLB2_CMD_FRAG, DLB2_CMD_FRAG_T };
	struct rig *rig = prepare(state);
	unsigned int n;

	for (n = 0; n < sizeof(illegal) / sizeof(illegal[0]); n++)
		expect_refused(rig, DLB2_DIR, DIR_PORT,
			event(illegal[n], DLB2_SCHED_UNORDERED, LDB_QUEUE), SYS,
			AID_SYS_ILLEGAL_HCW);
	expect_accepted(rig, DLB2_DIR, DIR_PORT, event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED,
		LDB_QUEUE));
	expect_accepted(rig, DLB2_DIR, DIR_PORT, event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED,
		DIR_PORT));
	expect_accepted(rig, DLB2_DIR, DIR_PORT, event(DLB2_CMD_NOOP, 0, 0));
}

static void
test_illegal_queue(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int q;

	for (q = 0; q < 256; q++) {
		if (q != LDB_QUEUE && q != ORDERED_QUEUE)
			expect_refused(rig, DLB2_LDB, LDB_PORT,
				event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, q), SYS,
				AID_SYS_ILLEGAL_QID);
		if (q != DIR_PORT)
			expect_refused(rig, DLB2_LDB, LDB_PORT,
				event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, q), SYS,
				AID_SYS_ILLEGAL_QID);
	}
}

static void
test_queue_of_another_domain(void **state)
{
	struct rig *rig = prepare(state);

	rig_domain(rig, 1, 10, 10);
	rig_ldb_queue(rig, 1, 9, (struct rig_queue){ 0 });
	rig_dir_queue(rig, 1, 9);
	expect_refused(rig, DLB2_LDB, LDB_PORT, event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, 9), SYS,
		AID_SYS_DISABLED_QID);
	expect_refused(rig, DLB2_DIR, DIR_PORT, event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, 9), SYS,
		AID_SYS_DISABLED_QID);
	/* Completions and tokens of the same port still work (control-path 15.2). */
	open_events(rig, 1);
	rig_write(rig, DLB2_SYS_LDB_VASQID_V, LDB_QUEUE, 0);
	expect_refused(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_FWD, DLB2_SCHED_UNORDERED, LDB_QUEUE), SYS, AID_SYS_DISABLED_QID);
	rig_send(rig, DLB2_LDB, LDB_PORT, rig_tokens_hcw(DLB2_CMD_COMP_T, 1));
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, LDB_PORT), 0);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 0);
}

static void
test_type_that_the_queue_lacks(void **state)
{
	struct rig *rig = prepare(state);

	expect_refused(rig, DLB2_LDB, LDB_PORT, event(DLB2_CMD_NEW, DLB2_SCHED_ORDERED, LDB_QUEUE),
		SYS, AID_SYS_ILLEGAL_CFG);
	expect_refused(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_NEW, DLB2_SCHED_ATOMIC, ORDERED_QUEUE), SYS, AID_SYS_ILLEGAL_CFG);
	expect_accepted(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_NEW, DLB2_SCHED_ATOMIC, LDB_QUEUE));
	expect_accepted(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_NEW, DLB2_SCHED_ORDERED, ORDERED_QUEUE));
}

/* Check 3 comes before 4, and that before 5, and all before the history list. */
static void
test_order_of_checks(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_hcw hcw = event(DLB2_CMD_FWD, DLB2_SCHED_ORDERED, LDB_QUEUE);

	expect_refused(rig, DLB2_LDB, LDB_PORT, hcw, SYS, AID_SYS_ILLEGAL_CFG);
	rig_write(rig, DLB2_SYS_LDB_VASQID_V, LDB_QUEUE, 0);
	expect_refused(rig, DLB2_LDB, LDB_PORT, hcw, SYS, AID_SYS_DISABLED_QID);
	rig_write(rig, DLB2_SYS_LDB_QID_V, LDB_QUEUE, 0);
	expect_refused(rig, DLB2_LDB, LDB_PORT, hcw, SYS, AID_SYS_ILLEGAL_QID);
	expect_refused(rig, DLB2_DIR, DIR_PORT, hcw, SYS, AID_SYS_ILLEGAL_HCW);
	rig_write(rig, DLB2_SYS_DIR_PP_V, DIR_PORT, 0);
	expect_refused(rig, DLB2_DIR, DIR_PORT, hcw, SYS, AID_SYS_ILLEGAL_PP);
}

static void
test_nothing_open(void **state)
{
	static const unsigned int commands[] = { DLB2_CMD_COMP, DLB2_CMD_COMP_T, DLB2_CMD_FWD,
		DLB2_CMD_FWD_T, DLB2_CMD_FRAG, DLB2_CMD_FRAG_T };
	struct rig *rig = prepare(state);
	unsigned int n;

	for (n = 0; n < sizeof(commands) / sizeof(commands[0]); n++)
		expect_refused(rig, DLB2_LDB, LDB_PORT,
			event(commands[n], DLB2_SCHED_UNORDERED, LDB_QUEUE), CHP,
			AID_CHP_ILLEGAL_ENQUEUE);
	assert_int_equal(rig_depth(rig, LDB_QUEUE), 0);
}

static void
test_fragment_of_an_unordered_event(void **state)
{
	struct rig *rig = prepare(state);

	open_events(rig, 1);
	expect_refused(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_FRAG, DLB2_SCHED_UNORDERED, LDB_QUEUE), CHP,
		AID_CHP_ILLEGAL_ENQUEUE);
}

static void
test_no_credit(void **state)
{
	struct rig *rig = prepare(state);

	rig_domain(rig, 0, 0, 0);
	expect_refused(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, LDB_QUEUE), CHP,
		AID_CHP_ILLEGAL_ENQUEUE);
	expect_refused(rig, DLB2_DIR, DIR_PORT,
		event(DLB2_CMD_NEW_T, DLB2_SCHED_DIRECTED, DIR_PORT), CHP,
		AID_CHP_ILLEGAL_ENQUEUE);
}

/* A FWD needs a credit before its own event is completed, and then nothing of it acts. */
static void
test_forward_without_credit(void **state)
{
	struct rig *rig = prepare(state);

	open_events(rig, 1);
	rig_domain(rig, 0, 0, 0);
	expect_refused(rig, DLB2_LDB, LDB_PORT,
		event(DLB2_CMD_FWD_T, DLB2_SCHED_UNORDERED, LDB_QUEUE), CHP,
		AID_CHP_ILLEGAL_ENQUEUE);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, LDB_PORT), 1);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 1);
}

static void
test_excess_tokens(void **state)
{
	struct rig *rig = prepare(state);
	uint32_t synd0;

	open_events(rig, 3);
	rig_return_tokens(rig, DLB2_LDB, LDB_PORT, 5);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 0);
	synd0 = rig_read(rig, DLB2_SYS_ALARM_PF_SYND0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, synd0), AID_CHP_EXCESS_TOKENS);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SOURCE, synd0), CHP);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, synd0), LDB_PORT | 0x80);
}

/* Tokens by form of the command (data-path 3.3). */
static void
test_token_counts(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_hcw hcw = event(DLB2_CMD_NEW_T, DLB2_SCHED_UNORDERED, LDB_QUEUE);

	open_events(rig, 12);
	rig_send(rig, DLB2_LDB, LDB_PORT, rig_tokens_hcw(DLB2_CMD_BAT_T, 3));
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 9);
	rig_send(rig, DLB2_LDB, LDB_PORT, rig_tokens_hcw(DLB2_CMD_COMP_T, 4));
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 5);
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 4);
	hcw.cmd = DLB2_CMD_FWD_T;
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 3);
	/* Without cq_token the count is not looked at (data-path 3.3). */
	rig_send(rig, DLB2_LDB, LDB_PORT,
		(struct dlb2_hcw){ .cmd = DLB2_CMD_COMP, .lock_id = 0xffff });
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 3);
}

/* Only bits 9:0 of the lock ID count, and the rest of byte 15 is not part of the command. */
static void
test_bits_that_do_not_matter(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_hcw hcw = { .lock_id = 0xfc00, .cmd = DLB2_CMD_BAT_T | DLB2_HCW_ERROR };

	open_events(rig, 2);
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 1);
}

static void
test_comp_t_count_switch(void **state)
{
	struct rig *rig = prepare(state);

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_COMP_T_COUNT, 1);
	open_events(rig, 4);
	rig_send(rig, DLB2_LDB, LDB_PORT, rig_tokens_hcw(DLB2_CMD_COMP_T, 4));
	assert_int_equal(rig_tokens(rig, DLB2_LDB, LDB_PORT), 3);
}

static void
test_refused_forward_switch(void **state)
{
	struct rig *rig = prepare(state);

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_REFUSED_FWD, 1);
	open_events(rig, 1);
	rig_send(rig, DLB2_LDB, LDB_PORT, event(DLB2_CMD_FWD, DLB2_SCHED_UNORDERED, 31));
	assert_int_equal(rig_counters(rig).dropped, 1);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, LDB_PORT), 0);
}

static void
test_excess_forward_switch(void **state)
{
	struct rig *rig = prepare(state);

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_EXCESS_FWD, 1);
	rig_send(rig, DLB2_LDB, LDB_PORT, event(DLB2_CMD_FWD, DLB2_SCHED_UNORDERED, LDB_QUEUE));
	assert_int_equal(rig_depth(rig, LDB_QUEUE), 1);
	assert_int_equal(rig_counters(rig).alarms, 1);
}

/* Slots of a line act in order: tokens, then a completion, then a new event (data-path 1.5). */
static void
test_slots_in_order(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_hcw hcws[4] = { event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, LDB_QUEUE),
		event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, LDB_QUEUE), { 0 },
		event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, LDB_QUEUE) };
	uint64_t data[4];
	unsigned int n;

	for (n = 0; n < 4; n++)
		hcws[n].data = n;
	rig_post(rig, DLB2_LDB, LDB_PORT, hcws, 4);
	assert_int_equal(rig_run(rig), 3);
	assert_int_equal(rig_drain(rig, DLB2_LDB, LDB_PORT, data, 4), 3);
	assert_int_equal(data[0], 0);
	assert_int_equal(data[1], 1);
	assert_int_equal(data[2], 3);
}

/* A store of 16 bytes to the page is one HCW, one of 64 is four (data-path 1.5). */
static void
test_stores_to_the_page(void **state)
{
	struct rig *rig = prepare(state);
	uint64_t page = DLB2_PP_LDB_BASE + LDB_PORT * DLB2_PP_STRIDE;
	struct dlb2_line line = { .hcw = {
		event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, LDB_QUEUE),
		event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, LDB_QUEUE) } };

	assert_int_equal(dlb2_model_write(rig->model, DLB2_SPACE_FUNC, page, &line, 16), 0);
	assert_int_equal(rig_depth(rig, LDB_QUEUE), 1);
	assert_int_equal(dlb2_model_write(rig->model, DLB2_SPACE_FUNC, page, &line, 64), 0);
	assert_int_equal(rig_depth(rig, LDB_QUEUE), 3);
}

static void
test_post_to_no_port(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_line line = { 0 };

	dlb2_model_post(rig->model, DLB2_LDB, rig->limits->num_ldb_ports, &line, 1);
	dlb2_model_post(rig->model, DLB2_DIR, rig->limits->num_dir_ports, &line, 1);
	assert_int_equal(rig_counters(rig).bad_accesses, 2);
}

/* Commands are counted by code, legal or not. */
static void
test_command_counters(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_model_counters counters;
	unsigned int cmd;

	for (cmd = 0; cmd < 16; cmd++)
		rig_send(rig, DLB2_LDB, LDB_PORT, event(cmd, DLB2_SCHED_UNORDERED, LDB_QUEUE));
	counters = rig_counters(rig);
	assert_int_equal(counters.hcws[0], 1 + 16 * 3);
	for (cmd = 1; cmd < 16; cmd++)
		assert_int_equal(counters.hcws[cmd], 1);
	assert_int_equal(counters.lines, 16);
}

/* What the HCW carries arrives in the entry (data-path 2.1). */
static void
test_fields_of_an_entry(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_hcw hcw = { .data = UINT64_C(0x1122334455667788), .opaque = 0x99aa,
		.qid = LDB_QUEUE, .sched = DLB2_SCHED_UNORDERED | 5 << 2 | 6 << 5,
		.lock_id = 0xbbcc, .flags = 0xff, .cmd = DLB2_CMD_NEW };
	struct dlb2_cq_entry entry;

	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_LDB, LDB_PORT, &entry));
	assert_memory_equal(&entry, &hcw, offsetof(struct dlb2_hcw, flags));
	assert_int_equal(entry.debug, 0);
	assert_int_equal(entry.status, DLB2_CQ_GEN);
}

/* A directed entry: bytes 10-11 from bytes 12-13, then the sender's number (data-path 2.4). */
static void
test_fields_of_a_directed_entry(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_hcw hcw = event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, DIR_PORT);
	struct dlb2_cq_entry entry;

	hcw.lock_id = 0x1f06;
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_DIR, DIR_PORT, &entry));
	assert_int_equal(entry.data, hcw.data);
	assert_int_equal(entry.opaque, hcw.opaque);
	assert_int_equal(entry.qid, 0x06);
	assert_int_equal(entry.sched, 0x1f);
	assert_int_equal(entry.flow_id, LDB_PORT);
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_DIR_ENTRY, 1);
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_DIR, DIR_PORT, &entry));
	assert_int_equal(entry.flow_id, 0xdead);
	assert_int_equal(entry.sched, 0x1f);
}

/* A port of a VF: its queue numbers are translated in and out (control-path 13.4). */
static void
test_virtual_queues(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int vf = 2, vq = 1, vp = 3;
	uint64_t page = DLB2_PP_LDB_BASE + vp * DLB2_PP_STRIDE;
	struct dlb2_hcw hcw = event(DLB2_CMD_NEW, DLB2_SCHED_UNORDERED, vq);
	struct dlb2_cq_entry entry;

	rig_write(rig, DLB2_SYS_VF_LDB_VQID_V, vf * rig->limits->num_ldb_queues + vq, 1);
	rig_write(rig, DLB2_SYS_VF_LDB_VQID2QID, vf * rig->limits->num_ldb_queues + vq, LDB_QUEUE);
	rig_write(rig, DLB2_SYS_LDB_QID2VQID, LDB_QUEUE, vq);
	rig_write(rig, DLB2_SYS_VF_LDB_VPP2PP, vf * rig->limits->num_ldb_ports + vp, LDB_PORT);
	rig_write(rig, DLB2_SYS_LDB_PP2VDEV, LDB_PORT, vf);
	rig_write(rig, DLB2_SYS_VF_LDB_VPP_V, vf * rig->limits->num_ldb_ports + vp, 1);
	rig_write(rig, DLB2_SYS_LDB_CQ2VF_PF_RO, LDB_PORT, vf);
	rig_write(rig, DLB2_IOSF_FUNC_VF_BAR_DSBL, vf, 0);
	assert_int_equal(dlb2_model_vf_write(rig->model, vf, page, &hcw, sizeof(hcw)), 0);
	assert_int_equal(rig_depth(rig, LDB_QUEUE), 1);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_LDB, LDB_PORT, &entry));
	assert_int_equal(entry.qid, vq);
	/* A number that the VF does not have. */
	hcw.qid = vq + 1;
	assert_int_equal(dlb2_model_vf_write(rig->model, vf, page, &hcw, sizeof(hcw)), 0);
	assert_int_equal(rig_counters(rig).dropped, 1);
}

/* The sender's number in a directed entry is the VF's own, unless KEEP_PF_PPID (control-path 8). */
static void
test_virtual_sender(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int vf = 1, vp = 9;
	struct dlb2_hcw hcw = event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, DIR_PORT);
	struct dlb2_cq_entry entry;

	rig_write(rig, DLB2_SYS_VF_LDB_VPP2PP, vf * rig->limits->num_ldb_ports + vp, LDB_PORT);
	rig_write(rig, DLB2_SYS_VF_LDB_VPP_V, vf * rig->limits->num_ldb_ports + vp, 1);
	rig_write(rig, DLB2_SYS_DIR_CQ2VF_PF_RO, DIR_PORT, vf);
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_DIR, DIR_PORT, &entry));
	assert_int_equal(entry.flow_id, vp);
	rig_write(rig, DLB2_SYS_DIR_CQ_FMT, DIR_PORT, 1);
	rig_send(rig, DLB2_LDB, LDB_PORT, hcw);
	rig_run(rig);
	assert_true(rig_poll(rig, DLB2_DIR, DIR_PORT, &entry));
	assert_int_equal(entry.flow_id, LDB_PORT);
}

/* With the switch and a seed neighbouring lines may change places, but none is lost. */
static void
test_line_order_switch(void **state)
{
	struct rig *rig = rig_new(&(struct rig_options){
		.version = ((struct rig *)*state)->options.version, .seed = 5 });
	struct dlb2_line lines[40];
	uint64_t data[40], sum = 0;
	unsigned int n, swapped = 0;

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_LINE_ORDER, 1);
	rig_domain(rig, 0, 100, 100);
	rig_dir_queue(rig, 0, 0);
	rig_dir_port(rig, 0, 0, 64);
	memset(lines, 0, sizeof(lines));
	for (n = 0; n < 40; n++)
		lines[n].hcw[0] = rig_event(DLB2_CMD_NEW, DLB2_SCHED_DIRECTED, 0, 0, 0, n);
	dlb2_model_post(rig->model, DLB2_DIR, 0, lines, 40);
	rig_run(rig);
	assert_int_equal(rig_drain(rig, DLB2_DIR, 0, data, 40), 40);
	for (n = 0; n < 40; n++) {
		assert_in_range(data[n] + 1, n, n + 2);
		swapped += data[n] != n;
		sum += data[n];
	}
	assert_int_equal(sum, 39 * 40 / 2);
	assert_in_range(swapped, 4, 36);
	rig_free(rig);
}

static void
test_gone_device_takes_nothing(void **state)
{
	struct rig *rig = prepare(state);

	open_events(rig, 1);
	dlb2_model_set_fault(rig->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 1);
	rig_complete(rig, LDB_PORT, 1);
	assert_int_equal(dlb2_model_run(rig->model, 10), 0);
	dlb2_model_set_fault(rig->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 0);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ_LDB_INFL_CNT, LDB_PORT), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_closed_port_drops_all),
		ON_BOTH(test_probe_flood),
		ON_BOTH(test_undefined_commands),
		ON_BOTH(test_commands_of_directed_ports),
		ON_BOTH(test_illegal_queue),
		ON_BOTH(test_queue_of_another_domain),
		ON_BOTH(test_type_that_the_queue_lacks),
		ON_BOTH(test_order_of_checks),
		ON_BOTH(test_nothing_open),
		ON_BOTH(test_fragment_of_an_unordered_event),
		ON_BOTH(test_no_credit),
		ON_BOTH(test_forward_without_credit),
		ON_BOTH(test_excess_tokens),
		ON_BOTH(test_token_counts),
		ON_BOTH(test_bits_that_do_not_matter),
		ON_BOTH(test_comp_t_count_switch),
		ON_BOTH(test_refused_forward_switch),
		ON_BOTH(test_excess_forward_switch),
		ON_BOTH(test_slots_in_order),
		ON_BOTH(test_stores_to_the_page),
		ON_BOTH(test_post_to_no_port),
		ON_BOTH(test_command_counters),
		ON_BOTH(test_fields_of_an_entry),
		ON_BOTH(test_fields_of_a_directed_entry),
		ON_BOTH(test_virtual_queues),
		ON_BOTH(test_virtual_sender),
		ON_BOTH(test_line_order_switch),
		ON_BOTH(test_gone_device_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
