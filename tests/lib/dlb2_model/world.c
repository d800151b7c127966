/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The world around a model under test. It never refuses anything.
 */

#include <stdio.h>

#include <linux/pci_regs.h>

#include "world.h"

static int
on_dma_write(void *ctx, uint64_t iova, const void *src, size_t len)
{
	struct world *world = ctx;

	assert_in_range(len, sizeof(world->written), sizeof(struct dlb2_line));
	memcpy(&world->written, src, sizeof(world->written));
	world->written_iova = iova;
	world->writes++;
	return 0;
}

static void
on_interrupt(void *ctx, unsigned int vector)
{
	struct world *world = ctx;

	assert_in_range(vector, 0, DLB2_MAX_MSIX_VECTORS - 1);
	world->sent[vector]++;
}

static void
on_vf_interrupt(void *ctx, unsigned int vf, unsigned int vector)
{
	struct world *world = ctx;

	assert_in_range(vf, 0, DLB2_MAX_VDEVS - 1);
	assert_in_range(vector, 0, 31);
	world->vf_sent[vf][vector]++;
}

static void
on_message(void *ctx, uint64_t address, uint32_t data)
{
	struct world *world = ctx;

	world->messages++;
	world->message_address = address;
	world->message_data = data;
}

static void
on_report(void *ctx, const char *text)
{
	struct world *world = ctx;

	world->reports++;
	snprintf(world->report, sizeof(world->report), "%s", text);
}

static const struct dlb2_model_ops ops = {
	.dma_write = on_dma_write,
	.interrupt = on_interrupt,
	.vf_interrupt = on_vf_interrupt,
	.message = on_message,
	.report = on_report,
};

static int
setup(void **state, enum dlb2_version version)
{
	struct world *world = calloc(1, sizeof(*world));
	struct dlb2_model_config config = { .version = version, .ops = &ops, .ctx = world };

	if (world == NULL || dlb2_model_create(&config, &world->model) != 0) {
		free(world);
		return -1;
	}
	world->limits = dlb2_limits(version);
	*state = world;
	return 0;
}

int
world_setup_2_0(void **state)
{
	return setup(state, DLB2_HW_2_0);
}

int
world_setup_2_5(void **state)
{
	return setup(state, DLB2_HW_2_5);
}

static int
make_ready(int created, void **state)
{
	if (created == 0)
		world_make_ready(*state);
	return created;
}

int
world_setup_ready_2_0(void **state)
{
	return make_ready(world_setup_2_0(state), state);
}

int
world_setup_ready_2_5(void **state)
{
	return make_ready(world_setup_2_5(state), state);
}

int
world_teardown(void **state)
{
	struct world *world = *state;

	dlb2_model_destroy(world->model);
	free(world);
	return 0;
}

static unsigned int
find_capability(struct world *world, unsigned int id)
{
	unsigned int at = config_read(world, PCI_CAPABILITY_LIST, 1);

	while (at != 0 && config_read(world, at, 1) != id)
		at = config_read(world, at + PCI_CAP_LIST_NEXT, 1);
	assert_int_not_equal(at, 0);
	return at;
}

void
world_make_ready(struct world *world)
{
	unsigned int msix = find_capability(world, PCI_CAP_ID_MSIX), vector;

	config_write(world, find_capability(world, PCI_CAP_ID_PM) + PCI_PM_CTRL, 2, 0);
	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	reg_write(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0, 0);
	for (vector = 0; vector < world->limits->num_msix_vectors; vector++)
		reg_write(world, DLB2_MSIX_VECTOR_CTRL, vector, 0, 0);
	config_write(world, msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
}

uint32_t
reg_read(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	enum dlb2_version version = dlb2_model_version(world->model);
	uint32_t value;

	assert_true(dlb2_reg_present(version, reg));
	assert_int_equal(dlb2_model_read(world->model, dlb2_reg_info[reg].space,
		dlb2_reg_offset(version, reg, i, j), &value, sizeof(value)), 0);
	return value;
}

void
reg_write(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	enum dlb2_version version = dlb2_model_version(world->model);

	assert_true(dlb2_reg_present(version, reg));
	assert_int_equal(dlb2_model_write(world->model, dlb2_reg_info[reg].space,
		dlb2_reg_offset(version, reg, i, j), &value, sizeof(value)), 0);
}

uint32_t
vf_reg_read(struct world *world, unsigned int vf, enum dlb2_reg reg, unsigned int i)
{
	uint32_t value;

	assert_int_equal(dlb2_model_vf_read(world->model, vf,
		dlb2_reg_offset(dlb2_model_version(world->model), reg, i, 0),
		&value, sizeof(value)), 0);
	return value;
}

void
vf_reg_write(struct world *world, unsigned int vf, enum dlb2_reg reg, unsigned int i,
	uint32_t value)
{
	assert_int_equal(dlb2_model_vf_write(world->model, vf,
		dlb2_reg_offset(dlb2_model_version(world->model), reg, i, 0),
		&value, sizeof(value)), 0);
}

uint32_t
config_read(struct world *world, unsigned int offset, unsigned int len)
{
	uint32_t value = 0;

	assert_int_equal(dlb2_model_config_read(world->model, offset, &value, len), 0);
	return value;
}

void
config_write(struct world *world, unsigned int offset, unsigned int len, uint32_t value)
{
	assert_int_equal(dlb2_model_config_write(world->model, offset, &value, len), 0);
}

uint64_t
world_bad_accesses(struct world *world)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(world->model, &counters);
	return counters.bad_accesses;
}
