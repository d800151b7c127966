/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Power-up and readiness (control-path 1.4), and the faults that delay them.
 */

#include <errno.h>

#include <linux/pci_regs.h>

#include "world.h"

static bool
is_ready(struct world *world)
{
	uint32_t status = reg_read(world, DLB2_CM_CFG_PM_STATUS, 0, 0);
	uint32_t idle = reg_read(world, DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS, 0, 0);

	return dlb2_get(DLB2_CM_CFG_PM_STATUS__PMSM, status) != 0 &&
		dlb2_get(DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS__DLB_FUNC_IDLE, idle) != 0;
}

static void
test_power_up(void **state)
{
	struct world *world = *state;

	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0), 1);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_PM_STATUS, 0, 0) &
		DLB2_CM_CFG_PM_STATUS__PMSM, 0);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS, 0, 0) &
		DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS__DLB_FUNC_IDLE, 0);
	assert_int_equal(reg_read(world, DLB2_CM_DIAG_RESET_STS, 0, 0), 0x80000bff);
	reg_write(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0, 0);
	assert_true(is_ready(world));
	assert_int_equal(reg_read(world, DLB2_CM_CFG_PM_STATUS, 0, 0), 0x0100403e);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS, 0, 0), 0x9d0fffff);
	assert_int_equal(world_bad_accesses(world), 0);
}

/* Other units and the mailboxes do not answer before power-up, and whoever asks has a bug. */
static void
test_only_cm_answers_before(void **state)
{
	struct world *world = *state;
	enum dlb2_version version = dlb2_model_version(world->model);
	uint32_t offset = dlb2_reg_offset(version, DLB2_SYS_MSIX_MODE, 0, 0), value = 1;

	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_CSR, offset, &value, 4),
		-ENXIO);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_CSR, offset, &value, 4), -ENXIO);
	assert_int_equal(value, 0xffffffff);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, 0x1000, &value, 4),
		-ENXIO);
	assert_int_equal(world_bad_accesses(world), 3);
	reg_write(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0, 0);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_MODE, 0, 0), 0);
}

static void
test_switch_answers_before(void **state)
{
	struct world *world = *state;

	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_POWERED_DOWN, 1);
	assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_VAS, 0, 0), 32);
	assert_false(is_ready(world));
}

static void
test_not_ready_fault(void **state)
{
	struct world *world = *state;

	dlb2_model_set_fault(world->model, DLB2_FAULT_NOT_READY, DLB2_LDB, 0, 2);
	assert_false(is_ready(world));
	assert_false(is_ready(world));
	assert_true(is_ready(world));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS_COLD(test_power_up),
		BOTH_VERSIONS_COLD(test_only_cm_answers_before),
		BOTH_VERSIONS_COLD(test_switch_answers_before),
		BOTH_VERSIONS(test_not_ready_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
