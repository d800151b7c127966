/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Counters of time and of the scheduler's time (control-path 11.3); only 2.0 is known to have them.
 */

#include "world.h"
#include "model_priv.h"

#define ENAB DLB2_LSP_LDB_SCHED_PERF_CTRL__ENAB
#define CLR DLB2_LSP_LDB_SCHED_PERF_CTRL__CLR

static uint64_t
count(struct world *world, enum dlb2_reg low, enum dlb2_reg high)
{
	return (uint64_t)reg_read(world, high, 0, 0) << 32 | reg_read(world, low, 0, 0);
}

static uint64_t
idle(struct world *world)
{
	return count(world, DLB2_LSP_LDB_SCHED_PERF_0_L, DLB2_LSP_LDB_SCHED_PERF_0_H);
}

static uint64_t
scheduled(struct world *world)
{
	return count(world, DLB2_LSP_LDB_SCHED_PERF_2_L, DLB2_LSP_LDB_SCHED_PERF_2_H);
}

static void
test_on_time(void **state)
{
	struct world *world = *state;

	config_write(world, 4, 2, 2);
	dlb2_model_tick(world->model, 105);
	reg_write(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0, 0);
	dlb2_model_tick(world->model, 105);
	assert_int_equal(count(world, DLB2_CM_CLK_ON_CNT_L, DLB2_CM_CLK_ON_CNT_H), 21);
	assert_int_equal(count(world, DLB2_CM_PROC_ON_CNT_L, DLB2_CM_PROC_ON_CNT_H), 11);
	dlb2_model_tick(world->model, UINT64_C(100000000000));
	assert_int_equal(count(world, DLB2_CM_CLK_ON_CNT_L, DLB2_CM_CLK_ON_CNT_H),
		UINT64_C(10000000021));
}

static void
test_scheduler_counters(void **state)
{
	struct world *world = *state;

	world->model->sched.ldb_scheduled = 7;
	dlb2_model_tick(world->model, 1000);
	assert_int_equal(idle(world), 0);
	reg_write(world, DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0, ENAB);
	world->model->sched.ldb_scheduled = 27;
	/* To look changes nothing, nor what counts as idle later. */
	assert_int_equal(scheduled(world), 20);
	assert_int_equal(scheduled(world), 20);
	dlb2_model_tick(world->model, 1000);
	assert_int_equal(scheduled(world), 20);
	assert_int_equal(idle(world), 80);
	world->model->sched.ldb_scheduled = 57;
	dlb2_model_tick(world->model, 1000);
	assert_int_equal(scheduled(world), 50);
	assert_int_equal(idle(world), 150);
	reg_write(world, DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0, 0);
	world->model->sched.ldb_scheduled = 99;
	dlb2_model_tick(world->model, 1000);
	assert_int_equal(scheduled(world), 50);
	assert_int_equal(idle(world), 150);
}

/* CLR clears once and does not stay, or stopping by read-modify-write would clear the result. */
static void
test_clear(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0, ENAB);
	dlb2_model_tick(world->model, 1000);
	reg_write(world, DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0, ENAB | CLR);
	assert_int_equal(idle(world), 0);
	dlb2_model_tick(world->model, 500);
	reg_write(world, DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0,
		reg_read(world, DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0) & ~ENAB);
	assert_int_equal(idle(world), 50);
}

/* 2.5 has the time, but no known place to show it. */
static void
test_ticks_without_counters(void **state)
{
	struct world *world = *state;

	dlb2_model_tick(world->model, 1000);
	assert_int_equal(world->reports, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_on_time, world_setup_2_0, world_teardown),
		cmocka_unit_test_setup_teardown(test_scheduler_counters, world_setup_ready_2_0,
			world_teardown),
		cmocka_unit_test_setup_teardown(test_clear, world_setup_ready_2_0, world_teardown),
		cmocka_unit_test_setup_teardown(test_ticks_without_counters, world_setup_ready_2_5,
			world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
