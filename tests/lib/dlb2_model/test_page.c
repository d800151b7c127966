/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Producer-port pages: decoding of all four windows and of VFs' pages, widths, reads. An HCW with
 * a reserved command tells where it arrived: the alarm's syndrome has the port.
 */

#include <errno.h>

#include <linux/pci_regs.h>

#include "world.h"
#include "model_priv.h"

#define CMD_RESERVED 0x4

static const struct dlb2_line line = { .hcw = { { .cmd = CMD_RESERVED } } };

static void
open_port(struct world *world, enum dlb2_port_kind kind, unsigned int port)
{
	reg_write(world, kind == DLB2_LDB ? DLB2_SYS_LDB_PP_V : DLB2_SYS_DIR_PP_V, port, 0, 1);
}

static void
enable_alarms(struct world *world)
{
	reg_write(world, DLB2_SYS_INGRESS_ALARM_ENBL, 0, 0, 0x3f);
}

/* Takes the PF syndrome: AID of the alarm, or 0 for none; where it came from. */
static unsigned int
take_alarm(struct world *world, enum dlb2_port_kind *kind, unsigned int *port)
{
	uint32_t word = reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0);

	reg_write(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0, 0xc0000000);
	*kind = dlb2_get(DLB2_SYS_ALARM_PF_SYND0__IS_LDB, word) ? DLB2_LDB : DLB2_DIR;
	*port = dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, word);
	return dlb2_get(DLB2_SYS_ALARM_PF_SYND0__VALID, word) ?
		dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, word) : 0;
}

static void
check_window(struct world *world, enum dlb2_port_kind kind, uint64_t base)
{
	enum dlb2_port_kind got_kind;
	unsigned int port, got_port;

	for (port = 0; port < model_ports(world->model, kind); port++) {
		open_port(world, kind, port);
		assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC,
			base + port * DLB2_PP_STRIDE, &line, sizeof(line)), 0);
		assert_int_equal(take_alarm(world, &got_kind, &got_port),
			MODEL_AID_SYS_ILLEGAL_HCW);
		assert_int_equal(got_kind, kind);
		assert_int_equal(got_port, port);
	}
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC,
		base + port * DLB2_PP_STRIDE, &line, sizeof(line)), -ENXIO);
}

static void
test_windows(void **state)
{
	struct world *world = *state;

	enable_alarms(world);
	check_window(world, DLB2_DIR, DLB2_PP_DIR_BASE);
	check_window(world, DLB2_LDB, DLB2_PP_LDB_BASE);
	check_window(world, DLB2_DIR, DLB2_PP_DIR_ALIAS_BASE);
	check_window(world, DLB2_LDB, DLB2_PP_LDB_ALIAS_BASE);
}

static uint64_t
hcws(struct world *world, unsigned int cmd)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(world->model, &counters);
	return counters.hcws[cmd];
}

static uint64_t
lines(struct world *world)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(world->model, &counters);
	return counters.lines;
}

/* The length of the store, not its place in the line, says how many HCWs it has (data-path 1.5). */
static void
test_lengths(void **state)
{
	struct world *world = *state;
	static const struct dlb2_line four = { .hcw = { { .cmd = 4 }, { .cmd = 4 }, { .cmd = 4 },
		{ .cmd = 4 } } };
	uint64_t page = DLB2_PP_LDB_BASE + 7 * DLB2_PP_STRIDE;

	open_port(world, DLB2_LDB, 7);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page, &four, 64), 0);
	assert_int_equal(hcws(world, 4), 4);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page, &four, 16), 0);
	assert_int_equal(hcws(world, 4), 5);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page + 48, &four, 16), 0);
	assert_int_equal(hcws(world, 4), 6);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page + 0xfc0, &four, 64),
		0);
	assert_int_equal(hcws(world, 4), 10);
	assert_int_equal(lines(world), 4);
}

static void
test_illegal_stores(void **state)
{
	struct world *world = *state;
	static const unsigned int lengths[] = { 1, 2, 4, 8, 32 };
	uint64_t page = DLB2_PP_LDB_BASE;
	unsigned int n;

	open_port(world, DLB2_LDB, 0);
	for (n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++)
		assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page, &line,
			lengths[n]), -EINVAL);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page + 16, &line, 64),
		-EINVAL);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, page + 8, &line, 16),
		-EINVAL);
	assert_int_equal(hcws(world, CMD_RESERVED), 0);
	assert_int_equal(world_bad_accesses(world), n + 2);
}

static void
test_stores_at_the_base_only(void **state)
{
	struct world *world = *state;

	open_port(world, DLB2_LDB, 0);
	dlb2_model_set_switch(world->model, DLB2_SWITCH_PP_PAGE_OFFSET, 1);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, DLB2_PP_LDB_BASE + 64,
		&line, 64), -EINVAL);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, DLB2_PP_LDB_BASE, &line,
		64), 0);
	assert_int_equal(hcws(world, CMD_RESERVED), 1);
}

static void
test_reads(void **state)
{
	struct world *world = *state;
	uint64_t value[2] = { 5, 5 };

	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_PP_DIR_BASE, value,
		8), 0);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_PP_DIR_BASE + 4,
		value, 4), 0);
	assert_int_equal(world_bad_accesses(world), 0);
	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_FUNC, DLB2_PP_DIR_BASE, value,
		16), -EINVAL);
}

/* What the in-tree driver's probe does before any set-up (data-path 11): nothing may remain. */
static void
test_closed_ports_drop(void **state)
{
	struct world *world = *state;
	struct dlb2_line probe = { .hcw = { { .cmd = DLB2_CMD_COMP_T, .lock_id = 1 } } };
	unsigned int n;

	for (n = 0; n < 1000; n++)
		assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, DLB2_PP_LDB_BASE,
			&probe, 64), 0);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0), 0);
	assert_int_equal(reg_read(world, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 0), 0);
	assert_int_equal(world->sent[0], 0);
	assert_int_equal(world_bad_accesses(world), 0);
}

static void
test_closed_port_alarm(void **state)
{
	struct world *world = *state;
	enum dlb2_port_kind kind;
	unsigned int port;

	enable_alarms(world);
	dlb2_model_write(world->model, DLB2_SPACE_FUNC, DLB2_PP_LDB_BASE + 9 * DLB2_PP_STRIDE,
		&line, 64);
	assert_int_equal(take_alarm(world, &kind, &port), MODEL_AID_SYS_ILLEGAL_PP);
	assert_int_equal(kind, DLB2_LDB);
	assert_int_equal(port, 9);
}

static void
map_virtual_port(struct world *world, unsigned int vf, unsigned int vport, unsigned int port)
{
	unsigned int index = vf * world->limits->num_dir_ports + vport;

	reg_write(world, DLB2_SYS_VF_DIR_VPP2PP, index, 0, port);
	reg_write(world, DLB2_SYS_VF_DIR_VPP_V, index, 0, 1);
}

/* The highest directed port needs 7 bits in 2.5 (control-path 13.4). */
static void
test_vf_page(void **state)
{
	struct world *world = *state;
	unsigned int port = world->limits->num_dir_ports - 1;
	uint32_t word;

	enable_alarms(world);
	open_port(world, DLB2_DIR, port);
	map_virtual_port(world, 15, 2, port);
	assert_int_equal(dlb2_model_vf_write(world->model, 15, DLB2_PP_DIR_BASE +
		2 * DLB2_PP_STRIDE, &line, 64), 0);
	word = reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 15, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__AID, word), MODEL_AID_SYS_ILLEGAL_HCW);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__SYNDROME, word), 2);
	assert_int_equal(reg_read(world, DLB2_SYS_ALARM_PF_SYND0, 0, 0), 0);
	assert_int_equal(world->model->source.vf, -1);
}

static void
test_vf_page_without_port(void **state)
{
	struct world *world = *state;
	uint32_t word;

	enable_alarms(world);
	open_port(world, DLB2_DIR, 2);
	assert_int_equal(dlb2_model_vf_write(world->model, 4, DLB2_PP_DIR_BASE +
		2 * DLB2_PP_STRIDE, &line, 64), 0);
	word = reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 4, 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__AID, word), MODEL_AID_SYS_ILLEGAL_PP);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__SYNDROME, word), 2);
}

/* The field can name directed ports that 2.5 does not have. */
static void
test_vf_page_to_nowhere(void **state)
{
	struct world *world = *state;

	enable_alarms(world);
	map_virtual_port(world, 4, 2, 127);
	assert_int_equal(dlb2_model_vf_write(world->model, 4, DLB2_PP_DIR_BASE +
		2 * DLB2_PP_STRIDE, &line, 64), 0);
	assert_int_equal(dlb2_get(DLB2_SYS_ALARM_VF_SYND0__AID,
		reg_read(world, DLB2_SYS_ALARM_VF_SYND0, 4, 0)), MODEL_AID_SYS_ILLEGAL_PP);
}

static void
test_vf_has_no_private_window(void **state)
{
	struct world *world = *state;

	assert_int_equal(dlb2_model_vf_write(world->model, 4, DLB2_PP_DIR_ALIAS_BASE, &line, 64),
		-ENXIO);
}

static void
test_powered_down(void **state)
{
	struct world *world = *state;

	config_write(world, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert_int_equal(dlb2_model_write(world->model, DLB2_SPACE_FUNC, DLB2_PP_LDB_BASE, &line,
		64), -ENXIO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_windows),
		BOTH_VERSIONS(test_lengths),
		BOTH_VERSIONS(test_illegal_stores),
		BOTH_VERSIONS(test_stores_at_the_base_only),
		BOTH_VERSIONS(test_reads),
		BOTH_VERSIONS(test_closed_ports_drop),
		BOTH_VERSIONS(test_closed_port_alarm),
		BOTH_VERSIONS(test_vf_page),
		BOTH_VERSIONS(test_vf_page_without_port),
		cmocka_unit_test_setup_teardown(test_vf_page_to_nowhere, world_setup_ready_2_5,
			world_teardown),
		BOTH_VERSIONS(test_vf_has_no_private_window),
		BOTH_VERSIONS_COLD(test_powered_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
