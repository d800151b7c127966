/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Faults of the whole device, and the bookkeeping of those of ports. What a fault does to traffic
 * is tested with the data path.
 */

#include <errno.h>

#include <linux/pci_regs.h>

#include "world.h"
#include "model_priv.h"

#define DEVSTA (0x6c + PCI_EXP_DEVSTA)

static void
test_refuses(void **state)
{
	struct world *world = *state;
	unsigned int dirs = world->limits->num_dir_ports;

	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_NUM_FAULTS, DLB2_LDB, 0, 1),
		-EINVAL);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_CQ_ERROR_BIT, DLB2_LDB, 64,
		1), -EINVAL);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_CQ_ERROR_BIT, DLB2_DIR,
		dirs, 1), -EINVAL);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_CQ_ERROR_BIT,
		DLB2_NUM_PORT_KINDS, 0, 1), -EINVAL);
	assert_int_equal(dlb2_model_set_fault(world->model, DLB2_FAULT_CQ_ERROR_BIT, DLB2_DIR,
		dirs - 1, 1), 0);
}

static void
test_counts_down(void **state)
{
	struct world *world = *state;
	struct dlb2_model *m = world->model;

	dlb2_model_set_fault(m, DLB2_FAULT_CQ_ERROR_BIT, DLB2_DIR, 5, 2);
	dlb2_model_set_fault(m, DLB2_FAULT_CQ_DROP_WRITE, DLB2_LDB, 5, 1);
	assert_false(model_fault_take(m, DLB2_FAULT_CQ_ERROR_BIT, DLB2_LDB, 5));
	assert_true(model_fault_take(m, DLB2_FAULT_CQ_ERROR_BIT, DLB2_DIR, 5));
	assert_true(model_fault_take(m, DLB2_FAULT_CQ_ERROR_BIT, DLB2_DIR, 5));
	assert_false(model_fault_take(m, DLB2_FAULT_CQ_ERROR_BIT, DLB2_DIR, 5));
	assert_int_equal(m->faults_armed, 1);
	dlb2_model_set_fault(m, DLB2_FAULT_CQ_DROP_WRITE, DLB2_LDB, 5, 0);
	assert_int_equal(m->faults_armed, 0);
	assert_false(model_fault_take(m, DLB2_FAULT_CQ_DROP_WRITE, DLB2_LDB, 5));
}

static void
test_transactions_pending(void **state)
{
	struct world *world = *state;

	assert_int_equal(config_read(world, DEVSTA, 2), 0);
	dlb2_model_set_fault(world->model, DLB2_FAULT_TRANSACTIONS_PENDING, DLB2_LDB, 0, 2);
	assert_int_equal(config_read(world, DEVSTA - 2, 2) & PCI_EXP_DEVCTL_BCR_FLR, 0);
	assert_int_equal(config_read(world, DEVSTA, 2), PCI_EXP_DEVSTA_TRPND);
	assert_int_equal(config_read(world, DEVSTA - 2, 4) >> 16, PCI_EXP_DEVSTA_TRPND);
	assert_int_equal(config_read(world, DEVSTA, 2), 0);
}

static void
test_gone(void **state)
{
	struct world *world = *state;

	dlb2_model_set_fault(world->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 1);
	assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_VAS, 0, 0), 0xffffffff);
	assert_int_equal(vf_reg_read(world, 0, DLB2_VF_VF_MSI_ISR, 0), 0xffffffff);
	assert_int_equal(config_read(world, PCI_VENDOR_ID, 4), 0xffffffff);
	reg_write(world, DLB2_SYS_MSIX_MODE, 0, 0, 1);
	config_write(world, PCI_COMMAND, 2, 0);
	dlb2_model_set_fault(world->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 0);
	assert_int_equal(config_read(world, PCI_VENDOR_ID, 2), 0x8086);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_MODE, 0, 0), 0);
	assert_int_equal(world_bad_accesses(world), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_refuses),
		BOTH_VERSIONS(test_counts_down),
		BOTH_VERSIONS(test_transactions_pending),
		BOTH_VERSIONS(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
