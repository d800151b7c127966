/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Virtual functions: both mailboxes end to end as drivers use them, VF interrupts, VF reset, the
 * closed BAR (control-path 13.5, 13.6).
 */

#include <errno.h>

#include <linux/pci_regs.h>

#include "world.h"
#include "model_priv.h"

static uint32_t
syndrome(struct world *world)
{
	return reg_read(world, DLB2_SYS_ALARM_HW_SYND, 0, 0);
}

/* VF 5 asks, the PF answers; the steps of 13.5. */
static void
test_vf_request(void **state)
{
	struct world *world = *state;
	unsigned int word;

	for (word = 1; word < 60; word++)
		vf_reg_write(world, 5, DLB2_VF_VF2PF_MAILBOX, word, 1000 + word);
	vf_reg_write(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0, 1);
	assert_int_equal(world->sent[0], 1);

	assert_int_equal(syndrome(world),
		DLB2_SYS_ALARM_HW_SYND__VALID | DLB2_SYS_ALARM_HW_SYND__VF_PF_MB);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	assert_int_equal(reg_read(world, DLB2_PF_VF2PF_MAILBOX_ISR, 11, 0), 1u << 5);
	assert_int_equal(reg_read(world, DLB2_PF_VF2PF_MAILBOX, 5, 59), 1059);
	assert_int_equal(reg_read(world, DLB2_PF_VF2PF_MAILBOX, 4, 59), 0);
	reg_write(world, DLB2_PF_PF2VF_MAILBOX, 5, 0, 77);
	assert_int_equal(vf_reg_read(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0), 1);
	reg_write(world, DLB2_PF_VF2PF_MAILBOX_ISR, 0, 0, 1u << 5);
	assert_int_equal(vf_reg_read(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0), 0);
	assert_int_equal(vf_reg_read(world, 5, DLB2_VF_PF2VF_MAILBOX, 0), 77);
	reg_write(world, DLB2_PF_VF2PF_ISR_PEND, 5, 0, 1);
	assert_int_equal(syndrome(world), 0);
	assert_int_equal(world->sent[0], 1);
}

/* The same by the door bell of a SIOV vdev. */
static void
test_siov_door_bell(void **state)
{
	struct world *world = *state;

	vf_reg_write(world, 15, DLB2_VF_SIOV_MBOX_ISR_TRIGGER, 0, 1);
	assert_int_equal(world->sent[0], 1);
	assert_int_equal(vf_reg_read(world, 15, DLB2_VF_VF2PF_MAILBOX_ISR, 0), 1);
	assert_int_equal(vf_reg_read(world, 15, DLB2_VF_SIOV_MBOX_ISR_TRIGGER, 0), 0);
}

/* A message that comes while the PF is at the last one interrupts when it says that it is done. */
static void
test_second_message_waits_for_isr_pend(void **state)
{
	struct world *world = *state;

	vf_reg_write(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0, 1);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	reg_write(world, DLB2_PF_VF2PF_MAILBOX_ISR, 0, 0, 1u << 5);
	vf_reg_write(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0, 1);
	assert_int_equal(world->sent[0], 1);
	assert_int_equal(reg_read(world, DLB2_PF_VF2PF_ISR_PEND, 5, 0), 1);
	reg_write(world, DLB2_PF_VF2PF_ISR_PEND, 5, 0, 1);
	assert_int_equal(world->sent[0], 2);
	vf_reg_write(world, 6, DLB2_VF_VF2PF_MAILBOX_ISR, 0, 1);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	assert_int_equal(world->sent[0], 3);
}

static void
test_isr_pend_may_not_matter(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_VF_ISR_PEND, 1);
	vf_reg_write(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0, 1);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	vf_reg_write(world, 5, DLB2_VF_VF2PF_MAILBOX_ISR, 0, 1);
	assert_int_equal(world->sent[0], 2);
}

static void
test_pf_request(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_PF_PF2VF_MAILBOX, 3, 12, 99);
	reg_write(world, DLB2_PF_PF2VF_MAILBOX_ISR, 0, 0, 1u << 3);
	assert_int_equal(world->vf_sent[3][31], 1);
	assert_int_equal(world->vf_sent[2][31], 0);
	assert_int_equal(reg_read(world, DLB2_PF_PF2VF_MAILBOX_ISR, 3, 0), 1u << 3);

	assert_int_equal(vf_reg_read(world, 3, DLB2_VF_VF_MSI_ISR, 0), 1u << 31);
	vf_reg_write(world, 3, DLB2_VF_VF_MSI_ISR, 0, 1u << 31);
	assert_int_equal(vf_reg_read(world, 3, DLB2_VF_PF2VF_MAILBOX, 12), 99);
	assert_int_equal(vf_reg_read(world, 3, DLB2_VF_PF2VF_MAILBOX_ISR, 0), 1);
	vf_reg_write(world, 3, DLB2_VF_PF2VF_MAILBOX_ISR, 0, 1);
	assert_int_equal(reg_read(world, DLB2_PF_PF2VF_MAILBOX_ISR, 3, 0), 0);
	assert_int_equal(vf_reg_read(world, 3, DLB2_VF_VF_MSI_ISR_PEND, 0), 1u << 31);
	vf_reg_write(world, 3, DLB2_VF_VF_MSI_ISR_PEND, 0, 1u << 31);
	assert_int_equal(vf_reg_read(world, 3, DLB2_VF_VF_MSI_ISR_PEND, 0), 0);
	assert_int_equal(world->vf_sent[3][31], 1);
}

/* A vector is not sent again before it was serviced, and then once for all that came. */
static void
test_vf_interrupt_pend(void **state)
{
	struct world *world = *state;

	model_vf_interrupt(world->model, 7, 2);
	model_vf_interrupt(world->model, 7, 2);
	model_vf_interrupt(world->model, 7, 3);
	assert_int_equal(world->vf_sent[7][2], 1);
	assert_int_equal(world->vf_sent[7][3], 1);
	vf_reg_write(world, 7, DLB2_VF_VF_MSI_ISR, 0, 1u << 2);
	model_vf_interrupt(world->model, 7, 2);
	vf_reg_write(world, 7, DLB2_VF_VF_MSI_ISR_PEND, 0, 1u << 2);
	assert_int_equal(world->vf_sent[7][2], 2);
	vf_reg_write(world, 7, DLB2_VF_VF_MSI_ISR, 0, 1u << 2);
	vf_reg_write(world, 7, DLB2_VF_VF_MSI_ISR_PEND, 0, 1u << 2);
	assert_int_equal(world->vf_sent[7][2], 2);
	assert_int_equal(vf_reg_read(world, 7, DLB2_VF_VF_MSI_ISR, 0), 1u << 3);
}

/* The steps of 13.6, VF 2. */
static void
test_vf_reset(void **state)
{
	struct world *world = *state;

	model_vf_interrupt(world->model, 2, 4);
	reg_write(world, DLB2_PF_VF_RESET_IN_PROGRESS, 0, 0, 0xffff);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_RESET_IN_PROGRESS, 0), 0);
	dlb2_model_vf_flr(world->model, 2);
	assert_int_equal(world->sent[0], 1);
	assert_true(syndrome(world) & DLB2_SYS_ALARM_HW_SYND__VF_PF_MB);
	assert_int_equal(reg_read(world, DLB2_PF_VF2PF_FLR_ISR, 0, 0), 1u << 2);
	assert_int_equal(reg_read(world, DLB2_PF_VF_RESET_IN_PROGRESS, 0, 0), 1u << 2);
	assert_int_equal(reg_read(world, DLB2_IOSF_FUNC_VF_BAR_DSBL, 2, 0), 1);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_RESET_IN_PROGRESS, 0), 0xffffffff);
	vf_reg_write(world, 2, DLB2_VF_VF2PF_MAILBOX, 1, 5);

	reg_write(world, DLB2_IOSF_FUNC_VF_BAR_DSBL, 2, 0, 0);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_RESET_IN_PROGRESS, 0), 1);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF2PF_MAILBOX, 1), 0);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_MSI_ISR, 0), 0);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_MSI_ISR_PEND, 0), 0);
	reg_write(world, DLB2_PF_VF_RESET_IN_PROGRESS, 0, 0, 1u << 2);
	reg_write(world, DLB2_PF_VF2PF_FLR_ISR, 0, 0, 1u << 2);
	reg_write(world, DLB2_PF_VF2PF_ISR_PEND, 2, 0, 1);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_RESET_IN_PROGRESS, 0), 0);
	assert_int_equal(syndrome(world), 0);
	assert_int_equal(world_bad_accesses(world), 0);
}

static void
test_vf_reset_may_leave_the_bar(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_VF_FLR_BAR, 1);
	dlb2_model_vf_flr(world->model, 2);
	assert_int_equal(vf_reg_read(world, 2, DLB2_VF_VF_RESET_IN_PROGRESS, 0), 1);
}

static void
test_vf_number_out_of_range(void **state)
{
	struct world *world = *state;

	dlb2_model_vf_flr(world->model, 16);
	assert_int_equal(world->sent[0], 0);
}

/* Control-path 13.1: a VF's BAR works only while the PF's memory decoding is on. */
static void
test_needs_the_pf(void **state)
{
	struct world *world = *state;
	uint32_t value = 0;

	config_write(world, PCI_COMMAND, 2, 0);
	assert_int_equal(dlb2_model_vf_read(world->model, 0, 0x3000, &value, 4), -ENXIO);
	assert_int_equal(value, 0xffffffff);
}

static void
test_vf_bar_has_vf_registers_only(void **state)
{
	struct world *world = *state;
	uint64_t value = 0;

	assert_int_equal(dlb2_model_vf_read(world->model, 0, 0x1f04, &value, 4), -ENXIO);
	assert_int_equal(dlb2_model_vf_read(world->model, 0, DLB2_MSIX_TABLE_BASE, &value, 4),
		-ENXIO);
	assert_int_equal(dlb2_model_vf_read(world->model, 0, 0x1000, &value, 8), -EINVAL);
}

/* RESET_IN_PROGRESS is read-only for the VF, and resets to 1. */
static void
test_reset_values(void **state)
{
	struct world *world = *state;
	unsigned int vf;

	for (vf = 0; vf < world->limits->num_vdevs; vf++) {
		vf_reg_write(world, vf, DLB2_VF_VF_RESET_IN_PROGRESS, 0, 0);
		assert_int_equal(vf_reg_read(world, vf, DLB2_VF_VF_RESET_IN_PROGRESS, 0), 1);
		assert_int_equal(vf_reg_read(world, vf, DLB2_VF_VF_MSI_ISR, 0), 0);
		assert_int_equal(vf_reg_read(world, vf, DLB2_VF_VF2PF_MAILBOX_ISR, 0), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_vf_request),
		BOTH_VERSIONS(test_siov_door_bell),
		BOTH_VERSIONS(test_second_message_waits_for_isr_pend),
		BOTH_VERSIONS(test_isr_pend_may_not_matter),
		BOTH_VERSIONS(test_pf_request),
		BOTH_VERSIONS(test_vf_interrupt_pend),
		BOTH_VERSIONS(test_vf_reset),
		BOTH_VERSIONS(test_vf_reset_may_leave_the_bar),
		BOTH_VERSIONS(test_vf_number_out_of_range),
		BOTH_VERSIONS(test_needs_the_pf),
		BOTH_VERSIONS(test_vf_bar_has_vf_registers_only),
		BOTH_VERSIONS(test_reset_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
