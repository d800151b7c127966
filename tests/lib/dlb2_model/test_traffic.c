/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Registers and interrupts meet the data path: events through a directed port make its CQ
 * interrupt, its watchdog expire and its alarms go off, and a VF reaches its queue by its own
 * numbers. Scheduling itself has its own tests.
 */

#include <linux/pci_regs.h>

#include "world.h"

#define PORT 5
#define DOMAIN 3
#define RING UINT64_C(0x123456000)
#define ROUTE_MSIX 2

/* Directed queue and port PORT in DOMAIN, in the order of control-path 4, 6 and 8. */
static void
configure(struct world *world)
{
	unsigned int queue = DOMAIN * world->limits->num_dir_ports + PORT;

	reg_write(world, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0,
		DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_DIR_CQ_MODE);
	reg_write(world, world->limits->combined_credits ? DLB2_CHP_CFG_VAS_CRD :
		DLB2_CHP_CFG_DIR_VAS_CRD, DOMAIN, 0, 100);
	reg_write(world, DLB2_SYS_DIR_QID_V, PORT, 0, 1);
	reg_write(world, DLB2_SYS_DIR_CQ_ADDR_L, PORT, 0, (uint32_t)RING);
	reg_write(world, DLB2_SYS_DIR_CQ_ADDR_U, PORT, 0, RING >> 32);
	reg_write(world, DLB2_SYS_DIR_CQ2VF_PF_RO, PORT, 0, DLB2_SYS_DIR_CQ2VF_PF_RO__IS_PF);
	reg_write(world, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, PORT, 0, 1);
	reg_write(world, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, PORT, 0, 1);
	reg_write(world, DLB2_CHP_DIR_CQ2VAS, PORT, 0, DOMAIN);
	reg_write(world, DLB2_SYS_DIR_PP2VAS, PORT, 0, DOMAIN);
	reg_write(world, DLB2_SYS_DIR_PP_V, PORT, 0, 1);
	reg_write(world, DLB2_LSP_CQ_DIR_DSBL, PORT, 0, 0);
	reg_write(world, DLB2_SYS_DIR_VASQID_V, queue, 0, 1);
}

static void
send(struct world *world, struct dlb2_hcw hcw)
{
	struct dlb2_line line = { .hcw = { hcw } };

	dlb2_model_post(world->model, DLB2_DIR, PORT, &line, 1);
	dlb2_model_run(world->model, 100);
}

static void
send_event(struct world *world, uint64_t data)
{
	send(world, (struct dlb2_hcw){ .data = data, .qid = PORT, .sched = DLB2_SCHED_DIRECTED,
		.cmd = DLB2_CMD_NEW });
}

static void
return_tokens(struct world *world, unsigned int count)
{
	send(world, (struct dlb2_hcw){ .lock_id = count - 1, .cmd = DLB2_CMD_BAT_T });
}

static void
enable_interrupt(struct world *world, unsigned int threshold)
{
	reg_write(world, DLB2_CHP_DIR_CQ_INT_DEPTH_THRSH, PORT, 0, threshold - 1);
	reg_write(world, DLB2_CHP_DIR_CQ_INT_ENB, PORT, 0, DLB2_CHP_DIR_CQ_INT_ENB__EN_DEPTH);
	reg_write(world, DLB2_SYS_DIR_CQ_ISR, PORT, 0,
		dlb2_put(DLB2_SYS_DIR_CQ_ISR__EN_CODE, ROUTE_MSIX) |
		dlb2_put(DLB2_SYS_DIR_CQ_ISR__VECTOR, 7));
}

static void
test_event_arrives(void **state)
{
	struct world *world = *state;

	configure(world);
	send_event(world, 42);
	assert_int_equal(world->writes, 1);
	assert_int_equal(world->written_iova, RING);
	assert_int_equal(world->written.data, 42);
	assert_int_equal(reg_read(world, DLB2_CHP_DIR_CQ_DEPTH, PORT, 0), 1);
	assert_int_equal(world_bad_accesses(world), 0);
}

static void
test_arm_then_event(void **state)
{
	struct world *world = *state;

	configure(world);
	enable_interrupt(world, 2);
	send(world, (struct dlb2_hcw){ .cmd = DLB2_CMD_ARM });
	assert_int_equal(reg_read(world, DLB2_CHP_DIR_CQ_INTR_ARMED0, 0, 0), 1u << PORT);
	send_event(world, 1);
	assert_int_equal(world->sent[8], 0);
	send_event(world, 2);
	assert_int_equal(world->sent[8], 1);
	assert_int_equal(reg_read(world, DLB2_CHP_DIR_CQ_INTR_ARMED0, 0, 0), 0);
	assert_int_equal(reg_read(world, DLB2_SYS_DIR_CQ_31_0_OCC_INT_STS, 0, 0), 1u << PORT);
}

static void
test_event_then_arm(void **state)
{
	struct world *world = *state;

	configure(world);
	enable_interrupt(world, 1);
	send_event(world, 1);
	send(world, (struct dlb2_hcw){ .cmd = DLB2_CMD_ARM });
	assert_int_equal(world->sent[8], 1);
	return_tokens(world, 1);
	send(world, (struct dlb2_hcw){ .cmd = DLB2_CMD_ARM });
	assert_int_equal(world->sent[8], 1);
}

/* The entry is in memory before the interrupt says so. */
static void
test_entry_before_interrupt(void **state)
{
	struct world *world = *state;

	configure(world);
	enable_interrupt(world, 3);
	send(world, (struct dlb2_hcw){ .cmd = DLB2_CMD_ARM });
	send_event(world, 1);
	send_event(world, 2);
	assert_int_equal(world->writes, 2);
	assert_int_equal(world->sent[8], 0);
	send_event(world, 3);
	assert_int_equal(world->writes, 3);
	assert_int_equal(world->sent[8], 1);
}

static void
test_watchdog_sees_tokens(void **state)
{
	struct world *world = *state;
	uint64_t half_ns = UINT64_C(64) * 10 * 1000 * 10 / 2; /* of 10 passes of 1000 cycles */

	configure(world);
	reg_write(world, DLB2_CHP_CFG_DIR_WD_THRESHOLD, 0, 0, 10);
	reg_write(world, DLB2_CHP_CFG_DIR_WD_ENB_INTERVAL, 0, 0,
		DLB2_CHP_CFG_DIR_WD_ENB_INTERVAL__ENB | 999);
	reg_write(world, DLB2_CHP_DIR_CQ_WD_ENB, PORT, 0, 1);
	reg_write(world, DLB2_CHP_CFG_DIR_WD_DISABLE0, 0, 0, 1u << PORT);
	send_event(world, 1);
	send_event(world, 2);
	dlb2_model_tick(world->model, half_ns);
	return_tokens(world, 1);
	dlb2_model_tick(world->model, half_ns);
	assert_int_equal(reg_read(world, DLB2_CHP_CFG_DIR_WDTO_0, 0, 0), 0);
	dlb2_model_tick(world->model, half_ns);
	assert_int_equal(reg_read(world, DLB2_CHP_CFG_DIR_WDTO_0, 0, 0), 1u << PORT);
	assert_int_equal(world->sent[0], 1);
}

static void
test_excess_tokens_alarm(void **state)
{
	struct world *world = *state;
	uint32_t word;

	configure(world);
	send_event(world, 1);
	return_tokens(world, 2);
	word = reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__VALID, word), 1);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__UNIT, word), 4);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, word), 2);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, word), PORT);
	assert_int_equal(world->sent[0], 1);
}

/* Without bus mastering nothing leaves the device. */
static void
test_bus_master(void **state)
{
	struct world *world = *state;

	configure(world);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	send_event(world, 1);
	assert_int_equal(world->writes, 0);
}

static void
test_gone_takes_nothing(void **state)
{
	struct world *world = *state;

	configure(world);
	dlb2_model_set_fault(world->model, DLB2_FAULT_GONE, DLB2_DIR, 0, 1);
	send_event(world, 1);
	dlb2_model_set_fault(world->model, DLB2_FAULT_GONE, DLB2_DIR, 0, 0);
	send_event(world, 2);
	assert_int_equal(world->writes, 1);
	assert_int_equal(world->written.data, 2);
}

/* VF 6 knows the port and the queue as number 1 (control-path 13.4). */
static void
test_vf_by_virtual_numbers(void **state)
{
	struct world *world = *state;
	unsigned int index = 6 * world->limits->num_dir_ports + 1;
	struct dlb2_line line = { .hcw = { { .data = 77, .qid = 1, .sched = DLB2_SCHED_DIRECTED,
		.cmd = DLB2_CMD_NEW } } };
	uint64_t page = DLB2_PP_DIR_BASE + DLB2_PP_STRIDE;

	configure(world);
	reg_write(world, DLB2_SYS_INGRESS_ALARM_ENBL, 0, 0, 0x3f);
	reg_write(world, DLB2_SYS_DIR_CQ2VF_PF_RO, PORT, 0, 6);
	reg_write(world, DLB2_SYS_DIR_PP2VDEV, PORT, 0, 6);
	reg_write(world, DLB2_SYS_VF_DIR_VPP2PP, index, 0, PORT);
	reg_write(world, DLB2_SYS_VF_DIR_VPP_V, index, 0, 1);
	assert_int_equal(dlb2_model_vf_write(world->model, 6, page, &line, 64), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__AID,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 6, 0)), 3);
	reg_write(world, DLB2_SYS_VF_DIR_VQID2QID, index, 0, PORT);
	reg_write(world, DLB2_SYS_VF_DIR_VQID_V, index, 0, 1);
	assert_int_equal(dlb2_model_vf_write(world->model, 6, page, &line, 64), 0);
	dlb2_model_run(world->model, 100);
	assert_int_equal(world->writes, 1);
	assert_int_equal(world->written.data, 77);
}

/* After a reset nothing is left of the port, its events or its interrupts. */
static void
test_reset(void **state)
{
	struct world *world = *state;

	configure(world);
	reg_write(world, DLB2_LSP_CQ_DIR_DSBL, PORT, 0, 1);
	send_event(world, 1);
	assert_int_equal(reg_read(world, DLB2_LSP_QID_DIR_ENQUEUE_CNT, PORT, 0), 1);
	dlb2_model_flr(world->model);
	world_make_ready(world);
	assert_int_equal(reg_read(world, DLB2_LSP_QID_DIR_ENQUEUE_CNT, PORT, 0), 0);
	configure(world);
	assert_int_equal(dlb2_model_run(world->model, 100), 0);
	assert_int_equal(dlb2_model_check(world->model), 0);
	send_event(world, 2);
	assert_int_equal(world->written.data, 2);
	assert_int_equal(world->written.status & DLB2_CQ_GEN, DLB2_CQ_GEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_event_arrives),
		BOTH_VERSIONS(test_arm_then_event),
		BOTH_VERSIONS(test_event_then_arm),
		BOTH_VERSIONS(test_entry_before_interrupt),
		BOTH_VERSIONS(test_watchdog_sees_tokens),
		BOTH_VERSIONS(test_excess_tokens_alarm),
		BOTH_VERSIONS(test_bus_master),
		BOTH_VERSIONS(test_gone_takes_nothing),
		BOTH_VERSIONS(test_vf_by_virtual_numbers),
		BOTH_VERSIONS(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
