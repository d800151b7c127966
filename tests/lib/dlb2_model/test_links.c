/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Links and the status bits of slots (control-path 9, 15.4, 15.5).
 */

#include "rig_test.h"

#define INFLIGHT_OK DLB2_LSP_LDB_SCHED_CTRL__INFLIGHT_OK_V
#define NALB DLB2_LSP_LDB_SCHED_CTRL__NALB_HASWORK_V
#define RLIST DLB2_LSP_LDB_SCHED_CTRL__RLIST_HASWORK_V

static void
command(struct rig *rig, unsigned int p, unsigned int slot, unsigned int value, uint32_t bits)
{
	rig_write(rig, DLB2_LSP_LDB_SCHED_CTRL, 0, dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__CQ, p) |
		dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__QIDIX, slot) |
		dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__VALUE, value) | bits);
}

static void
enqueue(struct rig *rig, unsigned int q, unsigned int n)
{
	for (; n > 0; n--)
		rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_UNORDERED, q, 0, n);
}

/* Eight queues and two ports, not linked. */
static struct rig *
prepare(void **state)
{
	struct rig *rig = *state;
	unsigned int n;

	for (n = 0; n < 8; n++)
		rig_ldb_queue(rig, 0, n, (struct rig_queue){ 0 });
	rig_ldb_port(rig, 0, 0, 64, 64);
	rig_ldb_port(rig, 0, 1, 64, 64);
	return rig;
}

static void
test_eight_slots(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_cq_entry entry;
	unsigned int q;

	for (q = 0; q < 8; q++)
		assert_int_equal(rig_link(rig, 0, 7 - q, 0), q);
	for (q = 0; q < 8; q++) {
		enqueue(rig, q, 1);
		assert_int_equal(rig_run(rig), 1);
		assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
		assert_int_equal(entry.qid, q);
	}
}

static void
test_no_link_no_event(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int slot;

	enqueue(rig, 3, 2);
	assert_int_equal(rig_run(rig), 0);
	/* Work that is there already is seen by a new link. */
	slot = rig_link(rig, 1, 3, 0);
	assert_int_equal(rig_run(rig), 2);
	rig_complete(rig, 1, 2);
	rig_unlink(rig, 1, slot);
	enqueue(rig, 3, 1);
	assert_int_equal(rig_run(rig), 0);
}

/* A slot's queue can be replaced, and its priority changed, by plain writes. */
static void
test_slot_registers(void **state)
{
	struct rig *rig = prepare(state);
	struct dlb2_cq_entry entry;

	rig_link(rig, 0, 1, 3);
	rig_link(rig, 0, 2, 3);
	rig_write(rig, DLB2_LSP_CQ2QID0, 0, 2 << 8 | 5);
	enqueue(rig, 1, 1);
	assert_int_equal(rig_run(rig), 0);
	enqueue(rig, 5, 2);
	enqueue(rig, 2, 2);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, 3 << 24 | 2 << 3 | 3);
	assert_int_equal(rig_run(rig), 4);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(entry.qid, 2);
	assert_true(rig_poll(rig, DLB2_LDB, 0, &entry));
	assert_int_equal(entry.qid, 2);
}

static void
test_queue_that_does_not_exist(void **state)
{
	struct rig *rig = prepare(state);

	rig_write(rig, DLB2_LSP_CQ2QID0, 0, 0x7f);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, 1 << 24);
	assert_non_null(strstr(rig->report, "names queue 127"));
	assert_int_equal(rig_run(rig), 0);
}

static void
test_inflight_ok(void **state)
{
	struct rig *rig = prepare(state);

	rig_link(rig, 0, 0, 0);
	command(rig, 0, 0, 0, INFLIGHT_OK);
	enqueue(rig, 0, 3);
	assert_int_equal(rig_run(rig), 0);
	/* A write without a flag does nothing. */
	command(rig, 0, 0, 1, 0);
	assert_int_equal(rig_run(rig), 0);
	command(rig, 0, 0, 1, NALB | RLIST);
	assert_int_equal(rig_run(rig), 0);
	command(rig, 0, 0, 1, INFLIGHT_OK);
	assert_int_equal(rig_run(rig), 3);
	/* Still subject to the count. */
	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 3);
	enqueue(rig, 0, 1);
	command(rig, 0, 0, 1, INFLIGHT_OK);
	assert_int_equal(rig_run(rig), 0);
	assert_int_equal(rig_read(rig, DLB2_LSP_LDB_SCHED_CTRL, 0), 0);
}

/* The device itself sets the bit when the queue comes below its limit. */
static void
test_inflight_ok_by_itself(void **state)
{
	struct rig *rig = prepare(state);

	rig_link(rig, 0, 0, 0);
	enqueue(rig, 0, 4);
	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 2);
	assert_int_equal(rig_run(rig), 2);
	command(rig, 0, 0, 0, INFLIGHT_OK);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_run(rig), 1);
}

static void
test_command_for_no_cq(void **state)
{
	struct rig *rig = prepare(state);

	command(rig, 200, 0, 1, INFLIGHT_OK);
	assert_non_null(strstr(rig->report, "names CQ 200"));
}

/* A dynamic link as drivers do it (control-path 9.4), with events in flight elsewhere. */
static void
test_dynamic_link(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int slot;

	rig_link(rig, 0, 0, 0);
	enqueue(rig, 0, 70);
	assert_int_equal(rig_run(rig), 64);
	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 0);
	rig_return_tokens(rig, DLB2_LDB, 0, 64);
	rig_complete(rig, 0, 63);
	assert_int_equal(rig_run(rig), 0);
	assert_int_equal(rig_read(rig, DLB2_LSP_QID_LDB_INFL_CNT, 0), 1);
	rig_complete(rig, 0, 1);
	rig_enable(rig, DLB2_LDB, 0, false);
	slot = rig_link(rig, 1, 0, 0);
	command(rig, 1, slot, 1, NALB);
	command(rig, 1, slot, 0, INFLIGHT_OK);
	command(rig, 0, 0, 1, INFLIGHT_OK);
	command(rig, 1, slot, 1, INFLIGHT_OK);
	assert_int_equal(rig_run(rig), 0);
	rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, 0, 2048);
	rig_enable(rig, DLB2_LDB, 0, true);
	assert_int_equal(rig_run(rig), 6);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 1, NULL, 0), 3);
}

/* The strict reading: a slot linked to a queue with work needs a command, or new work. */
static void
test_status_bits_switch(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int slot;

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_STATUS_BITS, 1);
	enqueue(rig, 0, 2);
	slot = rig_link(rig, 0, 0, 0);
	assert_int_equal(rig_run(rig), 0);
	enqueue(rig, 0, 1);
	assert_int_equal(rig_run(rig), 0);
	command(rig, 0, slot, 1, NALB);
	assert_int_equal(rig_run(rig), 3);
	/* Linked while empty: an enqueue is seen without any command. */
	rig_link(rig, 1, 1, 0);
	enqueue(rig, 1, 1);
	assert_int_equal(rig_run(rig), 1);
	/* Asleep, until the queue was empty and gets work. */
	enqueue(rig, 2, 1);
	rig_link(rig, 0, 2, 0);
	assert_int_equal(rig_run(rig), 0);
	rig_link(rig, 1, 2, 0);
	command(rig, 1, 1, 1, NALB);
	assert_int_equal(rig_run(rig), 1);
	rig_enable(rig, DLB2_LDB, 1, false);
	enqueue(rig, 2, 1);
	assert_int_equal(rig_run(rig), 1);
}

static void
test_link_maps_switch(void **state)
{
	struct rig *rig = prepare(state);

	dlb2_model_set_switch(rig->model, DLB2_SWITCH_LINK_MAPS, 1);
	rig_link(rig, 1, 0, 0);
	enqueue(rig, 0, 1);
	assert_int_equal(rig_run(rig), 1);
	rig_write2(rig, DLB2_ATM_QID2CQIDIX, 0, 0, 0);
	enqueue(rig, 0, 1);
	assert_int_equal(rig_run(rig), 0);
	rig_write2(rig, DLB2_ATM_QID2CQIDIX, 0, 0, 1 << 8);
	assert_int_equal(rig_run(rig), 1);
}

/* A CQ that loses its link keeps what is in flight, and the flow is freed when that completes. */
static void
test_unlink_with_open_flow(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int slot = rig_link(rig, 0, 0, 0);

	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ATOMIC, 0, 9, 1);
	rig_run(rig);
	rig_enqueue(rig, DLB2_LDB, 0, DLB2_SCHED_ATOMIC, 0, 9, 2);
	rig_unlink(rig, 0, slot);
	rig_link(rig, 1, 0, 0);
	assert_int_equal(rig_run(rig), 0);
	rig_complete(rig, 0, 1);
	assert_int_equal(rig_run(rig), 1);
	assert_int_equal(rig_drain(rig, DLB2_LDB, 1, NULL, 0), 1);
}

/* The bits that go stay while events of them are in flight, and are reported; others go. */
static void
test_slot_in_flight_switch(void **state)
{
	struct rig *rig = prepare(state);
	unsigned int n;

	for (n = 0; n < 3; n++)
		assert_int_equal(rig_link(rig, 0, n, 0), n);
	enqueue(rig, 1, 1);
	assert_int_equal(rig_run(rig), 1);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, dlb2_put(DLB2_LSP_CQ2PRIOV__V, 1));
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ2PRIOV, 0), 0x1000000);
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_SLOT_IN_FLIGHT, 1);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, dlb2_put(DLB2_LSP_CQ2PRIOV__V, 7));
	assert_int_equal(rig->reports, 0);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, dlb2_put(DLB2_LSP_CQ2PRIOV__V, 1));
	assert_int_equal(rig->reports, 1);
	assert_int_equal(rig_read(rig, DLB2_LSP_CQ2PRIOV, 0), 0x3000000);
	enqueue(rig, 1, 1);
	enqueue(rig, 2, 1);
	assert_int_equal(rig_run(rig), 1);
	rig_complete(rig, 0, 2);
	rig_write(rig, DLB2_LSP_CQ2PRIOV, 0, dlb2_put(DLB2_LSP_CQ2PRIOV__V, 1));
	assert_int_equal(rig->reports, 1);
	enqueue(rig, 1, 1);
	assert_int_equal(rig_run(rig), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_eight_slots),
		ON_BOTH(test_no_link_no_event),
		ON_BOTH(test_slot_registers),
		ON_BOTH(test_queue_that_does_not_exist),
		ON_BOTH(test_inflight_ok),
		ON_BOTH(test_inflight_ok_by_itself),
		ON_BOTH(test_command_for_no_cq),
		ON_BOTH(test_dynamic_link),
		ON_BOTH(test_status_bits_switch),
		ON_BOTH(test_link_maps_switch),
		ON_BOTH(test_unlink_with_open_flow),
		ON_BOTH(test_slot_in_flight_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
