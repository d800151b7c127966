/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Interrupt message store (control-path 12.9): the table of 2.5 and the pairs of 2.0.
 */

#include "world.h"
#include "model_priv.h"

#define ROUTE_IMS 3

static void
fire(struct world *world, enum dlb2_port_kind kind, unsigned int port, unsigned int entry)
{
	bool ldb = kind == DLB2_LDB;

	reg_write(world, ldb ? DLB2_CHP_LDB_CQ_INT_ENB : DLB2_CHP_DIR_CQ_INT_ENB, port, 0,
		DLB2_CHP_LDB_CQ_INT_ENB__EN_DEPTH);
	reg_write(world, ldb ? DLB2_SYS_LDB_CQ_ISR : DLB2_SYS_DIR_CQ_ISR, port, 0,
		dlb2_put(DLB2_SYS_LDB_CQ_ISR__EN_CODE, ROUTE_IMS) | entry);
	model_cq_arm(world->model, kind, port);
	model_cq_occupancy(world->model, kind, port, 0);
	model_cq_occupancy(world->model, kind, port, 1);
}

static void
test_table_entry(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_SYS_AI_ADDR_L, 159, 0, 0xfee01004);
	reg_write(world, DLB2_SYS_AI_ADDR_U, 159, 0, 0x5);
	reg_write(world, DLB2_SYS_AI_DATA, 159, 0, 0x42);
	fire(world, DLB2_DIR, 95, 159);
	assert_int_equal(world->messages, 1);
	assert_int_equal(world->message_address, UINT64_C(0x5fee01004));
	assert_int_equal(world->message_data, 0x42);
}

static void
test_masked_entry_waits(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_SYS_AI_CTRL, 3, 0, DLB2_SYS_AI_CTRL__IMS_MASK);
	fire(world, DLB2_LDB, 3, 3);
	assert_int_equal(world->messages, 0);
	assert_int_equal(reg_read(world, DLB2_SYS_AI_CTRL, 3, 0),
		DLB2_SYS_AI_CTRL__IMS_MASK | DLB2_SYS_AI_CTRL__IMS_PEND);
	reg_write(world, DLB2_SYS_AI_CTRL, 3, 0, 0);
	assert_int_equal(world->messages, 1);
	assert_int_equal(reg_read(world, DLB2_SYS_AI_CTRL, 3, 0), 0);
	reg_write(world, DLB2_SYS_AI_CTRL, 3, 0, 0);
	assert_int_equal(world->messages, 1);
}

static void
test_entry_out_of_range(void **state)
{
	struct world *world = *state;

	fire(world, DLB2_LDB, 3, 160);
	assert_int_equal(world->messages, 0);
	assert_int_equal(world->reports, 1);
}

static void
test_pair_of_2_0(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_SYS_DIR_CQ_AI_ADDR, 9, 0, 0x1004);
	reg_write(world, DLB2_SYS_DIR_CQ_AI_DATA, 9, 0, 0x43);
	fire(world, DLB2_DIR, 9, 0);
	assert_int_equal(world->messages, 1);
	assert_int_equal(world->message_address, 0xfee01004);
	assert_int_equal(world->message_data, 0x43);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table_entry, world_setup_ready_2_5,
			world_teardown),
		cmocka_unit_test_setup_teardown(test_masked_entry_waits, world_setup_ready_2_5,
			world_teardown),
		cmocka_unit_test_setup_teardown(test_entry_out_of_range, world_setup_ready_2_5,
			world_teardown),
		cmocka_unit_test_setup_teardown(test_pair_of_2_0, world_setup_ready_2_0,
			world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
