/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Alarms: enables, syndromes of PF and VFs, clearing, the service interrupt. The alarms are raised
 * as the data path does it; which HCW deserves one is tested with the commands.
 */

#include "world.h"
#include "model_priv.h"

static const struct dlb2_hcw hcw = {
	.opaque = 0xbeef,
	.qid = 0x1f,
	.sched = 0x96, /* type 2, priority 5, message type 4 */
	.lock_id = 0x1234,
	.flags = 0xa3,
	.cmd = 0x3a,
};

static void
raise_sys(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	model_alarm(world->model, MODEL_ALARM_SYS, MODEL_AID_SYS_ILLEGAL_QID,
		DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_QID, kind, port, &hcw);
}

static void
raise_chp(struct world *world, enum model_alarm_id aid, enum dlb2_port_kind kind,
	unsigned int port)
{
	model_alarm(world->model, MODEL_ALARM_CHP, aid, 0, kind, port, &hcw);
}

static void
enable(struct world *world)
{
	reg_write(world, DLB2_SYS_INGRESS_ALARM_ENBL, 0, 0,
		DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_QID);
}

static uint64_t
alarms(struct world *world)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(world->model, &counters);
	return counters.alarms;
}

static void
test_masked_by_default(void **state)
{
	struct world *world = *state;

	raise_sys(world, DLB2_LDB, 3);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0), 0);
	assert_int_equal(world->sent[0], 0);
	assert_int_equal(alarms(world), 0);
}

static void
test_another_enable_does_not_count(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_SYS_INGRESS_ALARM_ENBL, 0, 0,
		~DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_QID);
	raise_sys(world, DLB2_LDB, 3);
	assert_int_equal(alarms(world), 0);
}

static void
test_sys_syndrome(void **state)
{
	struct world *world = *state;
	uint32_t word;

	enable(world);
	raise_sys(world, DLB2_LDB, 63);
	word = reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__VALID, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__MORE, word), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SOURCE, word), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, word), 3);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__IS_LDB, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, word), 63);
	assert_int_equal(world->sent[0], 1);
	assert_int_equal(alarms(world), 1);
}

/* Words 1 and 2 are fields of the HCW (control-path 12.7). */
static void
test_syndrome_shows_the_hcw(void **state)
{
	struct world *world = *state;
	uint32_t word;

	enable(world);
	raise_sys(world, DLB2_DIR, 7);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__IS_LDB,
		reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0)), 0);
	word = reg_read(world, DLB2_SYS_ALARM_PF_SYND1, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND1__DSI, word), 0xbeef);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND1__QID, word), 0x1f);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND1__QTYPE, word), 2);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND1__QPRI, word), 5);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND1__MSG_TYPE, word), 4);
	word = reg_read(world, DLB2_SYS_ALARM_PF_SYND2, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__LOCK_ID, word), 0x1234);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__MEAS, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__CQ_POP, word), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__QE_UHL, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__QE_ORSP, word), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__QE_VALID, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__CQ_INT_REARM, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND2__DSI_ERROR, word), 1);
}

static void
test_chp_syndrome(void **state)
{
	struct world *world = *state;
	uint32_t word;

	raise_chp(world, MODEL_AID_CHP_EXCESS_TOKENS, DLB2_LDB, 12);
	word = reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__UNIT, word), 4);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, word), 2);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SOURCE, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, word), 0x80 | 12);
	reg_write(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0, 0xc0000000);
	raise_chp(world, MODEL_AID_CHP_ILLEGAL_ENQUEUE, DLB2_DIR, 12);
	word = reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, word), 12);
}

static void
test_chp_masks(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0,
		DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF1_ALARM_DIS);
	raise_chp(world, MODEL_AID_CHP_ILLEGAL_ENQUEUE, DLB2_LDB, 1);
	assert_int_equal(alarms(world), 0);
	raise_chp(world, MODEL_AID_CHP_EXCESS_TOKENS, DLB2_LDB, 1);
	assert_int_equal(alarms(world), 1);
	reg_write(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0, 0xc0000000);
	reg_write(world, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0,
		DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF2_SYND_DIS);
	raise_chp(world, MODEL_AID_CHP_EXCESS_TOKENS, DLB2_LDB, 1);
	assert_int_equal(alarms(world), 2);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__VALID,
		reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0)), 0);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_CHP_ALARM_MASK, 1);
	reg_write(world, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0, 0xffff);
	raise_chp(world, MODEL_AID_CHP_EXCESS_TOKENS, DLB2_LDB, 1);
	assert_int_equal(alarms(world), 3);
}

/* The first is kept; later ones only say that there were more, until VALID is cleared. */
static void
test_first_alarm_latches(void **state)
{
	struct world *world = *state;
	uint32_t first;

	enable(world);
	raise_sys(world, DLB2_LDB, 1);
	first = reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0);
	raise_sys(world, DLB2_LDB, 2);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0),
		first | DLB2_SYS_ALARM_PF_SYND0__MORE);
	reg_write(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0, 0xc0000000);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0) &
		(DLB2_SYS_ALARM_PF_SYND0__VALID | DLB2_SYS_ALARM_PF_SYND0__MORE), 0);
	raise_sys(world, DLB2_LDB, 2);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME,
		reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0)), 2);
}

static void
test_vf_syndrome_names_the_virtual_port(void **state)
{
	struct world *world = *state;

	enable(world);
	world->model->source = (struct model_source){ .vf = 9, .vport = 4 };
	raise_sys(world, DLB2_LDB, 40);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__SYNDROME,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 9, 0)), 4);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND1__DSI,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND1, 9, 0)), 0xbeef);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND2__LOCK_ID,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND2, 9, 0)), 0x1234);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 8, 0), 0);
	assert_int_equal(world->sent[0], 1);
	reg_write(world, DLB2_SYS_ALARM_VF_SYND0, 9, 0, 0xc0000000);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__VALID,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 9, 0)), 0);
}

/* A SIOV vdev uses the PF's page of its physical port, and is told that number. */
static void
test_siov_syndrome_names_the_physical_port(void **state)
{
	struct world *world = *state;
	unsigned int vdev = 2, port = 40;
	unsigned int index = vdev * world->limits->num_ldb_ports + port;

	enable(world);
	reg_write(world, DLB2_SYS_LDB_PP2VDEV, port, 0, vdev);
	reg_write(world, DLB2_SYS_VF_LDB_VPP2PP, index, 0, port);
	reg_write(world, DLB2_SYS_VF_LDB_VPP_V, index, 0, 1);
	raise_sys(world, DLB2_LDB, port);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__SYNDROME,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND0, vdev, 0)), port);
	raise_sys(world, DLB2_LDB, port + 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME,
		reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0)), port + 1);
}

static void
test_hardware_alarm(void **state)
{
	struct world *world = *state;
	uint32_t word;

	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_HW_ALARM, DLB2_LDB, 0, 2),
		0);
	word = reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_HW_SYND__VALID, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_HW_SYND__ALARM, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_HW_SYND__MORE, word), 1);
	assert_int_equal(world->sent[0], 1);
	reg_write(world, DLB2_SYS_ALARM_HW_SYND, 0, 0, 0xc0000000);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0), 0);
}

/* Any number is one latched alarm, and as many interrupts as two: it takes no time. */
static void
test_many_hardware_alarms(void **state)
{
	struct world *world = *state;
	uint64_t before = alarms(world);
	struct dlb2_model *m = world->model;

	assert_int_equal(dlb2_model_set_fault(m, DLB2_FAULT_HW_ALARM, DLB2_LDB, 0, 0), 0);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0), 0);
	assert_int_equal(dlb2_model_set_fault(m, DLB2_FAULT_HW_ALARM, DLB2_LDB, 0, 1), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_HW_SYND__MORE,
		reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0)), 0);
	assert_int_equal(dlb2_model_set_fault(m, DLB2_FAULT_HW_ALARM, DLB2_LDB, 0, UINT32_MAX), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_HW_SYND__MORE,
		reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0)), 1);
	assert_int_equal(alarms(world), before + 1 + UINT32_MAX);
	assert_int_equal(world->sent[0], 1);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	assert_int_equal(world->sent[0], 2);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	assert_int_equal(world->sent[0], 2);
}

static void
test_reset_forgets(void **state)
{
	struct world *world = *state;

	enable(world);
	raise_sys(world, DLB2_LDB, 1);
	dlb2_model_flr(world->model);
	world_make_ready(world);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0), 0);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 0);
	raise_sys(world, DLB2_LDB, 1);
	assert_int_equal(alarms(world), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_masked_by_default),
		BOTH_VERSIONS(test_another_enable_does_not_count),
		BOTH_VERSIONS(test_sys_syndrome),
		BOTH_VERSIONS(test_syndrome_shows_the_hcw),
		BOTH_VERSIONS(test_chp_syndrome),
		BOTH_VERSIONS(test_chp_masks),
		BOTH_VERSIONS(test_first_alarm_latches),
		BOTH_VERSIONS(test_vf_syndrome_names_the_virtual_port),
		BOTH_VERSIONS(test_siov_syndrome_names_the_physical_port),
		BOTH_VERSIONS(test_hardware_alarm),
		BOTH_VERSIONS(test_many_hardware_alarms),
		BOTH_VERSIONS(test_reset_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
