/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * CQ watchdogs (control-path 12.8): time-out, what keeps one quiet, expiry and re-arming.
 */

#include "world.h"
#include "model_priv.h"

#define MS UINT64_C(1000000)

/* The 1-second setting of the kernel driver: 64 ports * 24 * 0x10000 cycles of 10 ns. */
#define THRESHOLD 24
#define INTERVAL 0xffff
#define TIMEOUT_NS (UINT64_C(64) * THRESHOLD * (INTERVAL + 1) * 10)

static const struct watchdog {
	enum dlb2_reg threshold, interval, enb, disable[3], timeout[3];
} watchdogs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = { DLB2_CHP_CFG_LDB_WD_THRESHOLD, DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL,
		DLB2_CHP_LDB_CQ_WD_ENB,
		{ DLB2_CHP_CFG_LDB_WD_DISABLE0, DLB2_CHP_CFG_LDB_WD_DISABLE1 },
		{ DLB2_CHP_CFG_LDB_WDTO_0, DLB2_CHP_CFG_LDB_WDTO_1 } },
	[DLB2_DIR] = { DLB2_CHP_CFG_DIR_WD_THRESHOLD, DLB2_CHP_CFG_DIR_WD_ENB_INTERVAL,
		DLB2_CHP_DIR_CQ_WD_ENB,
		{ DLB2_CHP_CFG_DIR_WD_DISABLE0, DLB2_CHP_CFG_DIR_WD_DISABLE1,
			DLB2_CHP_CFG_DIR_WD_DISABLE2 },
		{ DLB2_CHP_CFG_DIR_WDTO_0, DLB2_CHP_CFG_DIR_WDTO_1, DLB2_CHP_CFG_DIR_WDTO_2 } },
};

static void
start(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	const struct watchdog *wd = &watchdogs[kind];

	reg_write(world, wd->threshold, 0, 0, THRESHOLD);
	reg_write(world, wd->interval, 0, 0, DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL__ENB | INTERVAL);
	reg_write(world, wd->enb, port, 0, 1);
	reg_write(world, wd->disable[port / 32], 0, 0, 1u << port % 32);
}

static uint32_t
expired(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	return reg_read(world, watchdogs[kind].timeout[port / 32], 0, 0) >> port % 32 & 1;
}

static void
check_expiry(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	const struct watchdog *wd = &watchdogs[kind];
	uint32_t bit = 1u << port % 32;
	unsigned int sent = world->sent[0];

	start(world, kind, port);
	assert_int_equal(reg_read(world, wd->disable[port / 32], 0, 0) & bit, 0);
	assert_false(dlb2_model_needs_time(world->model));
	model_cq_occupancy(world->model, kind, port, 1);
	assert_true(dlb2_model_needs_time(world->model));
	dlb2_model_tick(world->model, TIMEOUT_NS - MS);
	assert_int_equal(expired(world, kind, port), 0);
	dlb2_model_tick(world->model, MS);
	assert_int_equal(expired(world, kind, port), 1);
	assert_int_equal(reg_read(world, wd->disable[port / 32], 0, 0) & bit, bit);
	assert_int_equal(world->sent[0], sent + 1);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0),
		DLB2_SYS_ALARM_HW_SYND__VALID | DLB2_SYS_ALARM_HW_SYND__CWD);
}

/* Section 12.8's handler: acknowledge, clear, enable again; and the CQ is emptied. */
static void
handle(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	const struct watchdog *wd = &watchdogs[kind];
	uint32_t bit = 1u << port % 32;

	model_cq_occupancy(world->model, kind, port, 0);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	reg_write(world, wd->timeout[port / 32], 0, 0, bit);
	reg_write(world, wd->disable[port / 32], 0, 0, bit);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0), 0);
}

static void
test_expiry(void **state)
{
	struct world *world = *state;
	unsigned int last_dir = world->limits->num_dir_ports - 1;

	check_expiry(world, DLB2_LDB, 0);
	handle(world, DLB2_LDB, 0);
	check_expiry(world, DLB2_DIR, last_dir);
	handle(world, DLB2_DIR, last_dir);
	check_expiry(world, DLB2_LDB, 0);
}

/* An expired watchdog is silent until software enables it again. */
static void
test_expires_once(void **state)
{
	struct world *world = *state;

	check_expiry(world, DLB2_LDB, 40);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	reg_write(world, DLB2_CHP_CFG_LDB_WDTO_1, 0, 0, 1u << 8);
	dlb2_model_tick(world->model, 4 * TIMEOUT_NS);
	assert_int_equal(expired(world, DLB2_LDB, 40), 0);
	assert_int_equal(world->sent[0], 1);
}

static void
test_token_return_is_service(void **state)
{
	struct world *world = *state;

	start(world, DLB2_LDB, 3);
	model_cq_occupancy(world->model, DLB2_LDB, 3, 5);
	dlb2_model_tick(world->model, TIMEOUT_NS * 3 / 4);
	model_cq_occupancy(world->model, DLB2_LDB, 3, 4);
	dlb2_model_tick(world->model, TIMEOUT_NS * 3 / 4);
	assert_int_equal(expired(world, DLB2_LDB, 3), 0);
	model_cq_occupancy(world->model, DLB2_LDB, 3, 6);
	dlb2_model_tick(world->model, TIMEOUT_NS / 2);
	assert_int_equal(expired(world, DLB2_LDB, 3), 1);
}

static void
test_quiet_cqs(void **state)
{
	struct world *world = *state;

	/* 1: empty. 2: enabled, but in WD_DISABLE. 3: not enabled. */
	start(world, DLB2_LDB, 1);
	reg_write(world, DLB2_CHP_LDB_CQ_WD_ENB, 2, 0, 1);
	start(world, DLB2_LDB, 3);
	reg_write(world, DLB2_CHP_LDB_CQ_WD_ENB, 3, 0, 0);
	model_cq_occupancy(world->model, DLB2_LDB, 2, 1);
	model_cq_occupancy(world->model, DLB2_LDB, 3, 1);
	dlb2_model_tick(world->model, 4 * TIMEOUT_NS);
	assert_int_equal(reg_read(world, DLB2_CHP_CFG_LDB_WDTO_0, 0, 0), 0);
	/* 4: all set up, sampling off. */
	start(world, DLB2_LDB, 4);
	reg_write(world, DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL, 0, 0, INTERVAL);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	dlb2_model_tick(world->model, 4 * TIMEOUT_NS);
	assert_int_equal(reg_read(world, DLB2_CHP_CFG_LDB_WDTO_0, 0, 0), 0);
	assert_int_equal(world->sent[0], 0);
}

/* Many small ticks are as good as a large one. */
static void
test_small_ticks(void **state)
{
	struct world *world = *state;
	uint64_t step = TIMEOUT_NS / 1000, n;

	start(world, DLB2_DIR, 0);
	model_cq_occupancy(world->model, DLB2_DIR, 0, 1);
	for (n = 0; n < 999; n++)
		dlb2_model_tick(world->model, step);
	assert_int_equal(expired(world, DLB2_DIR, 0), 0);
	dlb2_model_tick(world->model, step + 1000);
	assert_int_equal(expired(world, DLB2_DIR, 0), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_expiry),
		BOTH_VERSIONS(test_expires_once),
		BOTH_VERSIONS(test_token_return_is_service),
		BOTH_VERSIONS(test_quiet_cqs),
		BOTH_VERSIONS(test_small_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
