/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Configuration space: identity, BAR sizing, write masks, capabilities, reset, D3hot, and what the
 * control bits do to the rest of the device.
 */

#include <errno.h>

#include <linux/pci_regs.h>

#include "world.h"
#include "model_priv.h"

static unsigned int
capability(struct world *world, unsigned int id)
{
	unsigned int at = config_read(world, PCI_CAPABILITY_LIST, 1), steps;

	for (steps = 0; at != 0 && steps < 48; steps++) {
		if (config_read(world, at, 1) == id)
			return at;
		at = config_read(world, at + PCI_CAP_LIST_NEXT, 1);
	}
	return 0;
}

static unsigned int
extended_capability(struct world *world, unsigned int id)
{
	unsigned int at = PCI_CFG_SPACE_SIZE, steps;

	for (steps = 0; at != 0 && steps < 960; steps++) {
		uint32_t header = config_read(world, at, 4);

		if (PCI_EXT_CAP_ID(header) == id)
			return at;
		at = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

static void
test_identity(void **state)
{
	struct world *world = *state;

	assert_int_equal(config_read(world, PCI_VENDOR_ID, 2), 0x8086);
	assert_int_equal(config_read(world, PCI_DEVICE_ID, 2), world->limits->pf_device_id);
	assert_int_equal(config_read(world, PCI_CLASS_REVISION, 4), 0x0b400000);
	assert_int_equal(config_read(world, PCI_HEADER_TYPE, 1), PCI_HEADER_TYPE_NORMAL);
	assert_int_equal(config_read(world, PCI_COMMAND, 2), 0);
	assert_int_equal(config_read(world, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	config_write(world, PCI_VENDOR_ID, 4, 0);
	config_write(world, PCI_CLASS_REVISION, 4, 0);
	assert_int_equal(config_read(world, PCI_VENDOR_ID, 2), 0x8086);
	assert_int_equal(config_read(world, PCI_CLASS_REVISION, 4), 0x0b400000);
}

/* Writes ones, reads the size back, as an operating system does. */
static uint64_t
bar_size(struct world *world, unsigned int offset)
{
	uint64_t bits;

	config_write(world, offset, 4, 0xffffffff);
	config_write(world, offset + 4, 4, 0xffffffff);
	bits = (uint64_t)config_read(world, offset + 4, 4) << 32 | config_read(world, offset, 4);
	return ~(bits & ~(uint64_t)0xf) + 1;
}

static void
test_bar_sizing(void **state)
{
	struct world *world = *state;
	uint32_t flags = PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH;

	assert_int_equal(bar_size(world, PCI_BASE_ADDRESS_0), UINT64_C(64) << 20);
	assert_int_equal(bar_size(world, PCI_BASE_ADDRESS_2), UINT64_C(4) << 30);
	config_write(world, PCI_BASE_ADDRESS_0, 4, 0xfc123456);
	assert_int_equal(config_read(world, PCI_BASE_ADDRESS_0, 4), 0xfc000000 | flags);
	config_write(world, PCI_BASE_ADDRESS_2 + 4, 4, 0x00000038);
	config_write(world, PCI_BASE_ADDRESS_2, 4, 0x80000000);
	assert_int_equal(config_read(world, PCI_BASE_ADDRESS_2, 4), flags);
	assert_int_equal(config_read(world, PCI_BASE_ADDRESS_2 + 4, 4), 0x00000038);
	config_write(world, PCI_BASE_ADDRESS_4, 4, 0xffffffff);
	assert_int_equal(config_read(world, PCI_BASE_ADDRESS_4, 4), 0);
}

static void
test_command_and_status(void **state)
{
	struct world *world = *state;
	struct model_pci *pci = &world->model->pci;

	config_write(world, PCI_COMMAND, 2, 0xffff);
	assert_int_equal(config_read(world, PCI_COMMAND, 2), PCI_COMMAND_MEMORY |
		PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
		PCI_COMMAND_INTX_DISABLE);
	pci->config[PCI_STATUS + 1] |= (PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_PARITY) >> 8;
	config_write(world, PCI_STATUS, 2, PCI_STATUS_PARITY);
	assert_int_equal(config_read(world, PCI_STATUS, 2),
		PCI_STATUS_CAP_LIST | PCI_STATUS_REC_MASTER_ABORT);
	config_write(world, PCI_COMMAND, 4, 0xffff0000);
	assert_int_equal(config_read(world, PCI_COMMAND, 4), PCI_STATUS_CAP_LIST << 16);
}

static void
test_capability_lists(void **state)
{
	struct world *world = *state;

	assert_int_not_equal(capability(world, PCI_CAP_ID_MSIX), 0);
	assert_int_not_equal(capability(world, PCI_CAP_ID_EXP), 0);
	assert_int_not_equal(capability(world, PCI_CAP_ID_PM), 0);
	assert_int_equal(capability(world, 0x7e), 0);
	assert_int_not_equal(extended_capability(world, PCI_EXT_CAP_ID_ERR), 0);
	assert_int_not_equal(extended_capability(world, PCI_EXT_CAP_ID_ACS), 0);
	assert_int_not_equal(extended_capability(world, PCI_EXT_CAP_ID_PRI), 0);
	assert_int_equal(extended_capability(world, PCI_EXT_CAP_ID_PASID), 0x148);
	assert_int_equal(extended_capability(world, 0x7ffe), 0);
}

static void
test_msix_capability(void **state)
{
	struct world *world = *state;
	unsigned int at = capability(world, PCI_CAP_ID_MSIX);

	assert_int_equal(config_read(world, at + PCI_MSIX_FLAGS, 2), 64);
	assert_int_equal(config_read(world, at + PCI_MSIX_TABLE, 4), 0x1000000);
	assert_int_equal(config_read(world, at + PCI_MSIX_PBA, 4), 0x1001000);
	config_write(world, at + PCI_MSIX_FLAGS, 2, 0xffff);
	assert_int_equal(config_read(world, at + PCI_MSIX_FLAGS, 2),
		64 | PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
}

/* Restores that the reset procedure of control-path 1.6 writes must be taken, its steps 9 to 16. */
static void
test_fields_of_the_reset_procedure(void **state)
{
	struct world *world = *state;
	unsigned int exp = capability(world, PCI_CAP_ID_EXP);
	unsigned int pri = extended_capability(world, PCI_EXT_CAP_ID_PRI);
	unsigned int acs = extended_capability(world, PCI_EXT_CAP_ID_ACS);

	assert_true(config_read(world, exp + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR);
	config_write(world, exp + PCI_EXP_DEVCTL, 2, 0x5936);
	assert_int_equal(config_read(world, exp + PCI_EXP_DEVCTL, 2), 0x5936);
	config_write(world, exp + PCI_EXP_SLTCTL, 2, 0xffff);
	assert_int_equal(config_read(world, exp + PCI_EXP_SLTCTL, 2), 0);
	config_write(world, pri + PCI_PRI_ALLOC_REQ, 4, 0x123);
	assert_int_equal(config_read(world, pri + PCI_PRI_ALLOC_REQ, 4), 0x123);
	config_write(world, pri + PCI_PRI_CTRL, 2, PCI_PRI_CTRL_ENABLE);
	assert_int_equal(config_read(world, pri + PCI_PRI_CTRL, 2), PCI_PRI_CTRL_ENABLE);
	assert_int_equal(config_read(world, acs + PCI_ACS_CAP, 2),
		PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF);
	config_write(world, acs + PCI_ACS_CTRL, 2, 0xffff);
	assert_int_equal(config_read(world, acs + PCI_ACS_CTRL, 2),
		config_read(world, acs + PCI_ACS_CAP, 2));
}

static void
test_aer_status_clears(void **state)
{
	struct world *world = *state;
	unsigned int aer = extended_capability(world, PCI_EXT_CAP_ID_ERR);
	uint8_t *status = &world->model->pci.config[aer + PCI_ERR_UNCOR_STATUS];

	status[2] = (PCI_ERR_UNC_UNSUP | PCI_ERR_UNC_MALF_TLP) >> 16;
	config_write(world, aer + PCI_ERR_UNCOR_STATUS, 4, PCI_ERR_UNC_UNSUP);
	assert_int_equal(config_read(world, aer + PCI_ERR_UNCOR_STATUS, 4), PCI_ERR_UNC_MALF_TLP);
	config_write(world, aer + PCI_ERR_UNCOR_MASK, 4, PCI_ERR_UNC_UNSUP);
	assert_int_equal(config_read(world, aer + PCI_ERR_UNCOR_MASK, 4), PCI_ERR_UNC_UNSUP);
}

static void
test_pasid_control(void **state)
{
	struct world *world = *state;

	assert_int_equal(config_read(world, DLB2_CFG_PASID_CTRL, 2), 0);
	assert_true(world->model->pci.dma_allowed);
	config_write(world, DLB2_CFG_PASID_CTRL, 2, PCI_PASID_CTRL_ENABLE);
	assert_int_equal(config_read(world, DLB2_CFG_PASID_CTRL, 2), PCI_PASID_CTRL_ENABLE);
	assert_false(world->model->pci.dma_allowed);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_PASID_ENABLED, 1);
	assert_true(world->model->pci.dma_allowed);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_PASID_ENABLED, 0);
	config_write(world, DLB2_CFG_PASID_CTRL, 2, 0);
	assert_true(world->model->pci.dma_allowed);
}

static void
test_pasid_after_reset(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_PASID_AFTER_RESET, 1);
	dlb2_model_flr(world->model);
	assert_int_equal(config_read(world, DLB2_CFG_PASID_CTRL, 2), PCI_PASID_CTRL_ENABLE);
}

static void
test_illegal_accesses(void **state)
{
	struct world *world = *state;
	uint32_t value = 0;

	assert_int_equal(dlb2_model_config_read(world->model, 0, &value, 3), -EINVAL);
	assert_int_equal(dlb2_model_config_read(world->model, 0, &value, 8), -EINVAL);
	assert_int_equal(dlb2_model_config_read(world->model, 2, &value, 4), -EINVAL);
	assert_int_equal(dlb2_model_config_read(world->model, 4096, &value, 4), -EINVAL);
	assert_int_equal(dlb2_model_config_write(world->model, 1, &value, 2), -EINVAL);
	assert_int_equal(dlb2_model_config_read(world->model, 4092, &value, 4), 0);
}

static void
test_byte_access(void **state)
{
	struct world *world = *state;

	config_write(world, PCI_COMMAND + 1, 1, PCI_COMMAND_INTX_DISABLE >> 8);
	assert_int_equal(config_read(world, PCI_COMMAND, 2), PCI_COMMAND_INTX_DISABLE |
		PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	assert_int_equal(config_read(world, PCI_COMMAND + 1, 1), PCI_COMMAND_INTX_DISABLE >> 8);
}

static void
closed(struct world *world)
{
	uint32_t offset = dlb2_reg_offset(dlb2_model_version(world->model), DLB2_SYS_TOTAL_VAS, 0,
		0), value = 0;

	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_CSR, offset, &value, 4), -ENXIO);
	assert_int_equal(value, 0xffffffff);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_CSR, offset, &value, 4),
		-ENXIO);
}

static void
test_memory_decoding(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_SYS_MSIX_MODE, 0, 0, 1);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	closed(world);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_MEMORY_DECODING, 1);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_MODE, 0, 0), 1);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_MEMORY_DECODING, 0);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_MODE, 0, 0), 1);
	assert_false(world->model->pci.dma_allowed);
}

static void
test_d3hot_keeps_state(void **state)
{
	struct world *world = *state;
	unsigned int pm = capability(world, PCI_CAP_ID_PM) + PCI_PM_CTRL;

	reg_write(world, DLB2_SYS_MSIX_MODE, 0, 0, 1);
	assert_int_equal(config_read(world, pm, 2), PCI_PM_CTRL_NO_SOFT_RESET);
	config_write(world, pm, 2, 3);
	closed(world);
	assert_false(world->model->pci.dma_allowed);
	assert_int_equal(config_read(world, PCI_VENDOR_ID, 2), 0x8086);
	config_write(world, pm, 2, 0);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_MODE, 0, 0), 1);
}

static void
test_d3hot_may_reset(void **state)
{
	struct world *world = *state;
	unsigned int pm = capability(world, PCI_CAP_ID_PM) + PCI_PM_CTRL;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_LEAVE_D3HOT, 1);
	assert_int_equal(config_read(world, pm, 2), 0);
	reg_write(world, DLB2_SYS_MSIX_MODE, 0, 0, 1);
	config_write(world, pm, 2, 3);
	config_write(world, pm, 2, 0);
	assert_int_equal(config_read(world, PCI_COMMAND, 2), 0);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_MODE, 0, 0), 0);
}

static void
test_d1_and_d2_are_not_there(void **state)
{
	struct world *world = *state;
	unsigned int pm = capability(world, PCI_CAP_ID_PM) + PCI_PM_CTRL;

	config_write(world, pm, 2, 1);
	assert_int_equal(config_read(world, pm, 2) & PCI_PM_CTRL_STATE_MASK, 0);
	config_write(world, pm, 2, 3);
	config_write(world, pm, 2, 2);
	assert_int_equal(config_read(world, pm, 2) & PCI_PM_CTRL_STATE_MASK, 3);
}

/* Writes something to a register of each unit, resets, and finds reset values again. */
static void
test_flr_by_device_control(void **state)
{
	struct world *world = *state;
	unsigned int devctl = capability(world, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL;
	uint16_t before = config_read(world, devctl, 2);
	struct dlb2_model_counters counters;

	config_write(world, PCI_BASE_ADDRESS_0, 4, 0xfc000000);
	reg_write(world, DLB2_LSP_CQ_LDB_DSBL, 5, 0, 0);
	reg_write(world, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0, 0);
	reg_write(world, DLB2_PF_VF2PF_MAILBOX, 2, 3, 77);
	reg_write(world, DLB2_PF_VF_RESET_IN_PROGRESS, 0, 0, 0xffff);
	config_write(world, devctl, 2, before | PCI_EXP_DEVCTL_BCR_FLR);

	assert_int_equal(config_read(world, devctl, 2), before);
	assert_int_equal(config_read(world, PCI_COMMAND, 2), 0);
	assert_int_equal(config_read(world, PCI_BASE_ADDRESS_0, 4) & PCI_BASE_ADDRESS_MEM_MASK, 0);
	closed(world);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(reg_read(world, DLB2_LSP_CQ_LDB_DSBL, 5, 0), 1);
	assert_int_equal(reg_read(world, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0), 0x00180002);
	assert_int_equal(reg_read(world, DLB2_PF_VF2PF_MAILBOX, 2, 3), 0);
	assert_int_equal(reg_read(world, DLB2_PF_VF_RESET_IN_PROGRESS, 0, 0), 0xffff);
	assert_int_equal(reg_read(world, DLB2_MSIX_VECTOR_CTRL, 0, 0), 1);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0), 0);
	dlb2_model_get_counters(world->model, &counters);
	assert_int_equal(counters.flrs, 1);
}

/* A device that was not powered up is not powered up by a reset. */
static void
test_flr_keeps_power_state(void **state)
{
	struct world *world = *state;

	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	dlb2_model_flr(world->model);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0), 1);
}

/* The bit alone, in its own byte, is enough; other bits of the byte do not reset. */
static void
test_flr_by_byte(void **state)
{
	struct world *world = *state;
	unsigned int devctl = capability(world, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL;
	struct dlb2_model_counters counters;

	config_write(world, devctl + 1, 1, 0x7f);
	config_write(world, devctl, 1, 0xff);
	dlb2_model_get_counters(world->model, &counters);
	assert_int_equal(counters.flrs, 0);
	config_write(world, devctl + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8);
	dlb2_model_get_counters(world->model, &counters);
	assert_int_equal(counters.flrs, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS_COLD(test_identity),
		BOTH_VERSIONS(test_bar_sizing),
		BOTH_VERSIONS_COLD(test_command_and_status),
		BOTH_VERSIONS(test_capability_lists),
		BOTH_VERSIONS_COLD(test_msix_capability),
		BOTH_VERSIONS(test_fields_of_the_reset_procedure),
		BOTH_VERSIONS(test_aer_status_clears),
		BOTH_VERSIONS(test_pasid_control),
		BOTH_VERSIONS(test_pasid_after_reset),
		BOTH_VERSIONS(test_illegal_accesses),
		BOTH_VERSIONS(test_byte_access),
		BOTH_VERSIONS(test_memory_decoding),
		BOTH_VERSIONS(test_d3hot_keeps_state),
		BOTH_VERSIONS(test_d3hot_may_reset),
		BOTH_VERSIONS(test_d1_and_d2_are_not_there),
		BOTH_VERSIONS(test_flr_by_device_control),
		BOTH_VERSIONS_COLD(test_flr_keeps_power_state),
		BOTH_VERSIONS(test_flr_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
