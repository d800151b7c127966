/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * MSI-X: table and pending bits through the BAR, the three kinds of masks, and the acknowledge that
 * vectors 0 and 1 wait for (control-path 12.5).
 */

#include <errno.h>

#include <linux/pci_regs.h>

#include "world.h"
#include "model_priv.h"

static uint64_t
pending(struct world *world)
{
	uint64_t bits;

	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_MSIX_PBA_BASE, &bits,
		8), 0);
	return bits;
}

static void
set_control(struct world *world, uint16_t bits)
{
	config_write(world, 0x60 + PCI_MSIX_FLAGS, 2, bits);
}

static void
test_table(void **state)
{
	struct world *world = *state;
	uint64_t entry = DLB2_MSIX_TABLE_BASE + 64 * 16, pair = UINT64_C(0x0000000112345678);
	uint32_t word = 0xfee00000;

	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, entry, &word, 4), 0);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, entry + 8, &pair, 8), 0);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, entry, &word, 4), 0);
	assert_int_equal(word, 0xfee00000);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, entry + 8, &pair, 8), 0);
	assert_int_equal(pair, UINT64_C(0x0000000112345678));
	assert_int_equal(reg_read(world, DLB2_MSIX_VECTOR_CTRL, 64, 0), 1);
	assert_int_equal(world_bad_accesses(world), 0);
}

static void
test_table_bounds(void **state)
{
	struct world *world = *state;
	uint32_t end = DLB2_MSIX_TABLE_BASE + 65 * 16;
	uint64_t value;

	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, end, &value, 4), -ENXIO);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_MSIX_TABLE_BASE,
		&value, 2), -EINVAL);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_MSIX_TABLE_BASE + 4,
		&value, 8), -EINVAL);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_MSIX_PBA_BASE + 16,
		&value, 4), -ENXIO);
}

/* The table belongs to the PCI side: a kernel may write it before a driver powers the device up. */
static void
test_table_before_power_up(void **state)
{
	struct world *world = *state;
	uint32_t word = 0;

	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC,
		DLB2_MSIX_TABLE_BASE + 12, &word, 4), 0);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC,
		DLB2_MSIX_TABLE_BASE + 12, &word, 4), 0);
	assert_int_equal(word, 0);
}

static void
test_vector_mask(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_MSIX_VECTOR_CTRL, 64, 0, 1);
	model_msix_request(world->model, 64);
	model_msix_request(world->model, 63);
	assert_int_equal(world->sent[64], 0);
	assert_int_equal(world->sent[63], 1);
	assert_int_equal(world->model->irq.msix_pending[1], 1);
	assert_int_equal(pending(world), 0);
	reg_write(world, DLB2_MSIX_VECTOR_CTRL, 64, 0, 0);
	assert_int_equal(world->sent[64], 1);
	assert_int_equal(world->model->irq.msix_pending[1], 0);
}

static void
test_pending_requests_merge(void **state)
{
	struct world *world = *state;

	set_control(world, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	model_msix_request(world->model, 5);
	model_msix_request(world->model, 5);
	model_msix_request(world->model, 6);
	assert_int_equal(pending(world), 0x60);
	set_control(world, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(world->sent[5], 1);
	assert_int_equal(world->sent[6], 1);
	assert_int_equal(pending(world), 0);
}

static void
test_pending_bits_are_read_only(void **state)
{
	struct world *world = *state;
	uint64_t ones = UINT64_MAX;

	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, DLB2_MSIX_PBA_BASE, &ones,
		8), 0);
	assert_int_equal(pending(world), 0);
}

/* A message is a memory write: it waits for MSI-X to be enabled and for bus mastering. */
static void
test_waits_for_enable_and_bus_master(void **state)
{
	struct world *world = *state;

	set_control(world, 0);
	model_msix_request(world->model, 5);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	set_control(world, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(world->sent[5], 0);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	assert_int_equal(world->sent[5], 1);
}

static void
test_acknowledge(void **state)
{
	struct world *world = *state;
	unsigned int vector;

	for (vector = 0; vector < 2; vector++) {
		model_msix_request(world->model, vector);
		assert_int_equal(world->sent[vector], 1);
		assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 1u << vector);
		model_msix_request(world->model, vector);
		model_msix_request(world->model, vector);
		assert_int_equal(world->sent[vector], 1);
		reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1u << vector);
		assert_int_equal(world->sent[vector], 2);
		assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 1u << vector);
		reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1u << vector);
		assert_int_equal(world->sent[vector], 2);
		assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 0);
	}
}

static void
test_other_vectors_need_no_acknowledge(void **state)
{
	struct world *world = *state;

	model_msix_request(world->model, 2);
	model_msix_request(world->model, 2);
	assert_int_equal(world->sent[2], 2);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 0);
}

/* Acknowledging one vector does not acknowledge the other. */
static void
test_acknowledges_are_separate(void **state)
{
	struct world *world = *state;

	model_msix_request(world->model, 0);
	model_msix_request(world->model, 1);
	model_msix_request(world->model, 1);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 1);
	assert_int_equal(world->sent[1], 1);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 2);
}

/* The work-around of control-path 12.5 for vector 1 loses nothing. */
static void
test_work_around_for_vector_1(void **state)
{
	struct world *world = *state;

	model_msix_request(world->model, 1);
	model_msix_request(world->model, 1);
	reg_write(world, DLB2_MSIX_VECTOR_CTRL, 1, 0, 1);
	reg_write(world, DLB2_SYS_MSIX_PASSTHRU, 0, 0, 2);
	reg_write(world, DLB2_SYS_MSIX_ACK, 0, 0, 2);
	reg_write(world, DLB2_SYS_MSIX_PASSTHRU, 0, 0, 0);
	assert_int_equal(pending(world), 2);
	assert_int_equal(world->sent[1], 1);
	reg_write(world, DLB2_MSIX_VECTOR_CTRL, 1, 0, 0);
	assert_int_equal(world->sent[1], 2);
	assert_int_equal(reg_read(world, DLB2_SYS_MSIX_ACK, 0, 0), 2);
}

/* An owner's mask bit is the table's, and no access. */
static void
test_mask_by_the_owner(void **state)
{
	struct world *world = *state;
	struct dlb2_model_counters before, after;

	dlb2_model_get_counters(world->model, &before);
	dlb2_model_mask_vector(world->model, 7, true);
	model_msix_request(world->model, 7);
	assert_int_equal(world->sent[7], 0);
	dlb2_model_mask_vector(world->model, 6, false);
	assert_int_equal(world->sent[7], 0);
	dlb2_model_mask_vector(world->model, 7, false);
	assert_int_equal(world->sent[7], 1);
	dlb2_model_mask_vector(world->model, 65, true);
	dlb2_model_get_counters(world->model, &after);
	assert_int_equal(after.func_writes, before.func_writes);
	dlb2_model_mask_vector(world->model, 64, true);
	assert_int_equal(reg_read(world, DLB2_MSIX_VECTOR_CTRL, 64, 0), 1);
	dlb2_model_mask_vector(world->model, 64, false);
	assert_int_equal(reg_read(world, DLB2_MSIX_VECTOR_CTRL, 64, 0), 0);
}

/* It does not get past what else holds messages back. */
static void
test_mask_by_the_owner_before_enable(void **state)
{
	struct world *world = *state;

	set_control(world, 0);
	dlb2_model_mask_vector(world->model, 7, false);
	model_msix_request(world->model, 7);
	assert_int_equal(world->sent[7], 0);
	set_control(world, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(world->sent[7], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_table),
		BOTH_VERSIONS(test_table_bounds),
		BOTH_VERSIONS_COLD(test_table_before_power_up),
		BOTH_VERSIONS(test_vector_mask),
		BOTH_VERSIONS(test_pending_requests_merge),
		BOTH_VERSIONS(test_pending_bits_are_read_only),
		BOTH_VERSIONS(test_waits_for_enable_and_bus_master),
		BOTH_VERSIONS(test_acknowledge),
		BOTH_VERSIONS(test_other_vectors_need_no_acknowledge),
		BOTH_VERSIONS(test_acknowledges_are_separate),
		BOTH_VERSIONS(test_work_around_for_vector_1),
		BOTH_VERSIONS(test_mask_by_the_owner),
		BOTH_VERSIONS(test_mask_by_the_owner_before_enable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
