/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * CQ interrupts: arming before and after the condition, depth, timer, modes and routes
 * (control-path 12.2 to 12.4). The CQ's occupancy is told as the data path tells it.
 */

#include <errno.h>

#include "world.h"
#include "model_priv.h"

enum { OFF, VF_MSI, MSIX, IMS };

/* Registers of one kind of CQ. */
static const struct cq {
	enum dlb2_reg isr, enb, depth, tmr, timer_ctl, armed[3], occ[3];
} cqs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = { DLB2_SYS_LDB_CQ_ISR, DLB2_CHP_LDB_CQ_INT_ENB,
		DLB2_CHP_LDB_CQ_INT_DEPTH_THRSH, DLB2_CHP_LDB_CQ_TMR_THRSH,
		DLB2_CHP_CFG_LDB_CQ_TIMER_CTL,
		{ DLB2_CHP_LDB_CQ_INTR_ARMED0, DLB2_CHP_LDB_CQ_INTR_ARMED1 },
		{ DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, DLB2_SYS_LDB_CQ_63_32_OCC_INT_STS } },
	[DLB2_DIR] = { DLB2_SYS_DIR_CQ_ISR, DLB2_CHP_DIR_CQ_INT_ENB,
		DLB2_CHP_DIR_CQ_INT_DEPTH_THRSH, DLB2_CHP_DIR_CQ_TMR_THRSH,
		DLB2_CHP_CFG_DIR_CQ_TIMER_CTL,
		{ DLB2_CHP_DIR_CQ_INTR_ARMED0, DLB2_CHP_DIR_CQ_INTR_ARMED1,
			DLB2_CHP_DIR_CQ_INTR_ARMED2 },
		{ DLB2_SYS_DIR_CQ_31_0_OCC_INT_STS, DLB2_SYS_DIR_CQ_63_32_OCC_INT_STS,
			DLB2_SYS_DIR_CQ_95_64_OCC_INT_STS } },
};

#define TIMER 1u
#define DEPTH 2u

static void
configure(struct world *world, enum dlb2_port_kind kind, unsigned int port, uint32_t enable,
	unsigned int threshold, unsigned int code, unsigned int vector)
{
	reg_write(world, cqs[kind].depth, port, 0, threshold - 1);
	reg_write(world, cqs[kind].enb, port, 0, enable);
	reg_write(world, cqs[kind].isr, port, 0, dlb2_put(DLB2_SYS_LDB_CQ_ISR__EN_CODE, code) |
		dlb2_put(DLB2_SYS_LDB_CQ_ISR__VECTOR, vector));
}

static void
arm(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	reg_write(world, cqs[kind].armed[port / 32], 0, 0, 1u << port % 32);
}

static bool
is_armed(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	return reg_read(world, cqs[kind].armed[port / 32], 0, 0) >> port % 32 & 1;
}

static void
set_mode(struct world *world, bool compressed)
{
	reg_write(world, DLB2_SYS_MSIX_MODE, 0, 0, compressed);
}

/* Every CQ of both kinds: armed first, fires once when its first event comes. */
static void
test_every_cq_packed(void **state)
{
	struct world *world = *state;
	unsigned int kind, port;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (port = 0; port < model_ports(world->model, kind); port++) {
			unsigned int vector = port % 64 + 1, before = world->sent[vector];
			enum dlb2_reg occ = cqs[kind].occ[port / 32];

			configure(world, kind, port, DEPTH, 1, MSIX, port % 64);
			arm(world, kind, port);
			assert_true(is_armed(world, kind, port));
			assert_int_equal(world->sent[vector], before);
			model_cq_occupancy(world->model, kind, port, 1);
			assert_int_equal(world->sent[vector], before + 1);
			assert_false(is_armed(world, kind, port));
			assert_int_equal(reg_read(world, occ, 0, 0), 1u << port % 32);
			reg_write(world, occ, 0, 0, 1u << port % 32);
			assert_int_equal(reg_read(world, occ, 0, 0), 0);
			reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 2);
		}
}

static void
test_compressed_mode(void **state)
{
	struct world *world = *state;

	set_mode(world, true);
	configure(world, DLB2_LDB, 40, DEPTH, 1, MSIX, 0);
	configure(world, DLB2_DIR, 3, DEPTH, 1, MSIX, 0);
	arm(world, DLB2_LDB, 40);
	arm(world, DLB2_DIR, 3);
	model_cq_occupancy(world->model, DLB2_LDB, 40, 1);
	model_cq_occupancy(world->model, DLB2_DIR, 3, 1);
	assert_int_equal(world->sent[1], 1);
	assert_int_equal(reg_read(world, DLB2_SYS_LDB_CQ_63_32_OCC_INT_STS, 0, 0), 1u << 8);
	assert_int_equal(reg_read(world, DLB2_SYS_DIR_CQ_31_0_OCC_INT_STS, 0, 0), 1u << 3);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 2);
	assert_int_equal(world->sent[1], 2);
}

static void
test_occupancy_status_in_packed_mode(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_OCC_INT_STS, 1);
	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	arm(world, DLB2_LDB, 4);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_int_equal(world->sent[10], 1);
	assert_int_equal(reg_read(world, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 0), 0);
}

static void
test_one_shot(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	arm(world, DLB2_LDB, 4);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 2);
	assert_int_equal(world->sent[10], 1);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 0);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_int_equal(world->sent[10], 1);
}

static void
test_depth_threshold(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_DIR, 5, DEPTH, 4, MSIX, 9);
	arm(world, DLB2_DIR, 5);
	model_cq_occupancy(world->model, DLB2_DIR, 5, 3);
	assert_int_equal(world->sent[10], 0);
	model_cq_occupancy(world->model, DLB2_DIR, 5, 4);
	assert_int_equal(world->sent[10], 1);
}

static void
test_arming_when_true_fires_at_once(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 4, DEPTH, 2, MSIX, 9);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 2);
	assert_int_equal(world->sent[10], 0);
	arm(world, DLB2_LDB, 4);
	assert_int_equal(world->sent[10], 1);
	assert_false(is_armed(world, DLB2_LDB, 4));
}

static void
test_arming_when_true_may_wait(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_ARM_WHEN_TRUE, 1);
	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	arm(world, DLB2_LDB, 4);
	assert_int_equal(world->sent[10], 0);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 2);
	assert_int_equal(world->sent[10], 1);
}

/* The ARM command does what the register does. */
static void
test_arm_command(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 33, DEPTH, 1, MSIX, 9);
	model_cq_arm(world->model, DLB2_LDB, 33);
	assert_true(is_armed(world, DLB2_LDB, 33));
	model_cq_occupancy(world->model, DLB2_LDB, 33, 1);
	assert_int_equal(world->sent[10], 1);
	assert_false(is_armed(world, DLB2_LDB, 33));
}

/* Zeros in the word do not disarm the others. */
static void
test_arming_leaves_others(void **state)
{
	struct world *world = *state;

	arm(world, DLB2_LDB, 1);
	arm(world, DLB2_LDB, 2);
	assert_int_equal(reg_read(world, DLB2_CHP_LDB_CQ_INTR_ARMED0, 0, 0), 6);
}

static void
test_enables(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 4, 0, 1, MSIX, 9);
	arm(world, DLB2_LDB, 4);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_int_equal(world->sent[10], 0);
	reg_write(world, DLB2_CHP_LDB_CQ_INT_ENB, 4, 0, DEPTH);
	assert_int_equal(world->sent[10], 1);
}

static void
test_unrouted_stays_armed(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 4, DEPTH, 1, OFF, 9);
	arm(world, DLB2_LDB, 4);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_true(is_armed(world, DLB2_LDB, 4));
	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	assert_int_equal(world->sent[10], 1);
}

static void
test_unrouted_may_be_lost(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_CQ_INT_UNROUTED, 1);
	configure(world, DLB2_LDB, 4, DEPTH, 1, OFF, 9);
	arm(world, DLB2_LDB, 4);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_false(is_armed(world, DLB2_LDB, 4));
	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	assert_int_equal(world->sent[10], 0);
}

static void
test_route_to_vf(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 4, DEPTH, 1, OFF, 0);
	reg_write(world, DLB2_SYS_LDB_CQ_ISR, 4, 0,
		dlb2_put(DLB2_SYS_LDB_CQ_ISR__EN_CODE, VF_MSI) |
		dlb2_put(DLB2_SYS_LDB_CQ_ISR__VF, 11) | dlb2_put(DLB2_SYS_LDB_CQ_ISR__VECTOR, 30));
	arm(world, DLB2_LDB, 4);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_int_equal(world->vf_sent[11][30], 1);
	assert_int_equal(reg_read(world, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 0), 0);
}

/* 10 samples of (99 + 1) cycles for each of 64 CQs: 640 us at 100 MHz. */
static void
test_timer(void **state)
{
	struct world *world = *state;
	unsigned int kind;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		configure(world, kind, 6, TIMER, 1000, MSIX, 20 + kind);
		reg_write(world, cqs[kind].tmr, 6, 0, 10);
		reg_write(world, cqs[kind].timer_ctl, 0, 0,
			DLB2_CHP_CFG_LDB_CQ_TIMER_CTL__ENB | 99);
		arm(world, kind, 6);
		dlb2_model_tick(world->model, 64000 * 30);
		assert_int_equal(world->sent[21 + kind], 0);
		assert_false(dlb2_model_needs_time(world->model));
		model_cq_occupancy(world->model, kind, 6, 1);
		assert_true(dlb2_model_needs_time(world->model));
		dlb2_model_tick(world->model, 639999);
		assert_int_equal(world->sent[21 + kind], 0);
		dlb2_model_tick(world->model, 1);
		assert_int_equal(world->sent[21 + kind], 1);
		assert_false(is_armed(world, kind, 6));
		assert_false(dlb2_model_needs_time(world->model));
	}
}

static void
test_timer_needs_its_enables(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 6, DEPTH, 1000, MSIX, 20);
	model_cq_occupancy(world->model, DLB2_LDB, 6, 1);
	arm(world, DLB2_LDB, 6);
	reg_write(world, DLB2_CHP_CFG_LDB_CQ_TIMER_CTL, 0, 0, DLB2_CHP_CFG_LDB_CQ_TIMER_CTL__ENB);
	dlb2_model_tick(world->model, 1000000000);
	reg_write(world, DLB2_CHP_CFG_LDB_CQ_TIMER_CTL, 0, 0, 0);
	reg_write(world, DLB2_CHP_LDB_CQ_INT_ENB, 6, 0, TIMER);
	dlb2_model_tick(world->model, 1000000000);
	assert_int_equal(world->sent[21], 0);
	reg_write(world, DLB2_CHP_CFG_LDB_CQ_TIMER_CTL, 0, 0, DLB2_CHP_CFG_LDB_CQ_TIMER_CTL__ENB);
	dlb2_model_tick(world->model, 1000000000);
	assert_int_equal(world->sent[21], 1);
}

/* The vector comes, nothing else says that anything happened. */
static void
test_spurious_fault(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 6, DEPTH, 1, MSIX, 0);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_SPURIOUS_IRQ, DLB2_LDB, 6,
		3), 0);
	assert_int_equal(world->sent[1], 3);
	assert_int_equal(reg_read(world, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 0), 0);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 0);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_SPURIOUS_IRQ, DLB2_LDB, 6,
		DLB2_FAULT_MAX_SPURIOUS + 1), -ERANGE);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_SPURIOUS_IRQ, DLB2_LDB, 6,
		UINT32_MAX), -ERANGE);
	assert_int_equal(world->sent[1], 3);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_SPURIOUS_IRQ, DLB2_LDB, 6,
		DLB2_FAULT_MAX_SPURIOUS), 0);
	assert_int_equal(world->sent[1], 3 + DLB2_FAULT_MAX_SPURIOUS);
}

static void
test_reset_disarms(void **state)
{
	struct world *world = *state;

	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	arm(world, DLB2_LDB, 4);
	dlb2_model_flr(world->model);
	world_make_ready(world);
	assert_false(is_armed(world, DLB2_LDB, 4));
	configure(world, DLB2_LDB, 4, DEPTH, 1, MSIX, 9);
	model_cq_occupancy(world->model, DLB2_LDB, 4, 1);
	assert_int_equal(world->sent[10], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_every_cq_packed),
		BOTH_VERSIONS(test_compressed_mode),
		BOTH_VERSIONS(test_occupancy_status_in_packed_mode),
		BOTH_VERSIONS(test_one_shot),
		BOTH_VERSIONS(test_depth_threshold),
		BOTH_VERSIONS(test_arming_when_true_fires_at_once),
		BOTH_VERSIONS(test_arming_when_true_may_wait),
		BOTH_VERSIONS(test_arm_command),
		BOTH_VERSIONS(test_arming_leaves_others),
		BOTH_VERSIONS(test_enables),
		BOTH_VERSIONS(test_unrouted_stays_armed),
		BOTH_VERSIONS(test_unrouted_may_be_lost),
		BOTH_VERSIONS(test_route_to_vf),
		BOTH_VERSIONS(test_timer),
		BOTH_VERSIONS(test_timer_needs_its_enables),
		BOTH_VERSIONS(test_spurious_fault),
		BOTH_VERSIONS(test_reset_disarms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
