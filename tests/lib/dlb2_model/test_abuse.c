/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Software that does anything at all: random values to random registers, configuration space,
 * producer ports and VFs, in between events, time and faults. Nothing may crash, run for ever or
 * survive a reset. Best run with sanitizers.
 */

#include <linux/pci_regs.h>

#include "world.h"
#include "model_priv.h"

#define ROUNDS 30
#define STEPS 3000

/* A small generator of the test's own, so that every run is the same (xorshift64). */
static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Mostly few bits or all of them: those reach more than evenly random words do. */
static uint32_t
any_value(uint64_t *random)
{
	uint64_t r = next(random);

	switch (r >> 60) {
	case 0: return 0xffffffff;
	case 1: return 0;
	case 2: case 3: case 4: return 1u << (r & 31);
	case 5: case 6: case 7: case 8: return r & 0xff;
	case 9: case 10: return 1;
	default: return (uint32_t)r;
	}
}

static void
write_any_register(struct world *world, uint64_t *random)
{
	enum dlb2_version version = dlb2_model_version(world->model);
	enum dlb2_reg reg = next(random) % DLB2_NUM_REGS;
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	uint32_t value = any_value(random), offset;

	if (!info->v[version].present || reg == DLB2_CM_CFG_PM_PMCSR_DISABLE)
		return;
	offset = dlb2_reg_offset(version, reg, next(random) % info->v[version].count1,
		next(random) % info->v[version].count2);
	if (info->space == DLB2_SPACE_VF)
		dlb2_model_vf_write(world->model, next(random) % 16, offset, &value, 4);
	else
		dlb2_model_write(world->model, info->space, offset, &value, 4);
	if (info->space != DLB2_SPACE_VF)
		dlb2_model_read(world->model, info->space, offset, &value, 4);
}

static void
open_ldb_port(struct world *world, unsigned int p)
{
	unsigned int slot, q;

	reg_write(world, DLB2_SYS_LDB_PP_V, p, 0, 1);
	reg_write(world, DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, p, 0, 3);
	reg_write(world, DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, p, 0, 3);
	reg_write(world, DLB2_CHP_HIST_LIST_LIM, p, 0, p * 32 + 31);
	reg_write(world, DLB2_CHP_HIST_LIST_BASE, p, 0, p * 32);
	reg_write(world, DLB2_CHP_HIST_LIST_PUSH_PTR, p, 0, p * 32);
	reg_write(world, DLB2_CHP_HIST_LIST_POP_PTR, p, 0, p * 32);
	reg_write(world, DLB2_LSP_CQ_LDB_INFL_LIM, p, 0, 32);
	reg_write(world, DLB2_LSP_CQ2PRIOV, p, 0, 0xff000000);
	reg_write(world, DLB2_LSP_CQ2QID0, p, 0, 0x03020100);
	reg_write(world, DLB2_LSP_CQ2QID1, p, 0, 0x07060504);
	for (slot = 0, q = 0; slot < 8; slot++, q++) {
		uint32_t bit = 1u << (p % 4 * 8 + slot);

		reg_write(world, DLB2_LSP_QID2CQIDIX, q, p / 4,
			reg_read(world, DLB2_LSP_QID2CQIDIX, q, p / 4) | bit);
		reg_write(world, DLB2_LSP_QID2CQIDIX2, q, p / 4,
			reg_read(world, DLB2_LSP_QID2CQIDIX2, q, p / 4) | bit);
		reg_write(world, DLB2_ATM_QID2CQIDIX, q, p / 4,
			reg_read(world, DLB2_ATM_QID2CQIDIX, q, p / 4) | bit);
	}
	reg_write(world, DLB2_LSP_CQ_LDB_DSBL, p, 0, 0);
}

static void
open_dir_pair(struct world *world, unsigned int p)
{
	reg_write(world, DLB2_SYS_DIR_PP_V, p, 0, 1);
	reg_write(world, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, p, 0, 2);
	reg_write(world, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, p, 0, 2);
	reg_write(world, DLB2_SYS_DIR_QID_V, p, 0, 1);
	reg_write(world, DLB2_SYS_DIR_VASQID_V, p, 0, 1);
	reg_write(world, DLB2_LSP_CQ_DIR_DSBL, p, 0, 0);
}

static void
open_ldb_queue(struct world *world, unsigned int q)
{
	reg_write(world, DLB2_LSP_QID_LDB_INFL_LIM, q, 0, 2048);
	reg_write(world, DLB2_LSP_QID_AQED_ACTIVE_LIM, q, 0, 64);
	reg_write(world, DLB2_CHP_ORD_QID_SN_MAP, q, 0, dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__SLOT, q) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__GRP, q & 1));
	reg_write(world, DLB2_SYS_LDB_QID_CFG_V, q, 0, 3);
	reg_write(world, DLB2_SYS_LDB_QID_V, q, 0, 1);
	reg_write(world, DLB2_SYS_LDB_VASQID_V, q, 0, 1);
}

/* Every port and 8 queues of each kind in domain 0, so that HCWs get beyond the first check. */
static void
open_all(struct world *world)
{
	unsigned int n;

	if (world->limits->combined_credits) {
		reg_write(world, DLB2_CHP_CFG_VAS_CRD, 0, 0, 16384);
	} else {
		reg_write(world, DLB2_CHP_CFG_LDB_VAS_CRD, 0, 0, 8192);
		reg_write(world, DLB2_CHP_CFG_DIR_VAS_CRD, 0, 0, 4096);
	}
	for (n = 0; n < 8; n++)
		open_ldb_queue(world, n);
	for (n = 0; n < world->limits->num_ldb_ports; n++)
		open_ldb_port(world, n);
	for (n = 0; n < world->limits->num_dir_ports; n++)
		open_dir_pair(world, n);
}

/* Half of the HCWs are plausible: a legal command, a queue that there is, few tokens. */
static struct dlb2_hcw
any_hcw(uint64_t *random)
{
	uint64_t words[2] = { next(random), next(random) };
	struct dlb2_hcw hcw;

	memcpy(&hcw, words, sizeof(hcw));
	if (words[0] & 1) {
		hcw.qid &= 7;
		hcw.lock_id &= 3;
		hcw.cmd &= DLB2_HCW_CMD;
	}
	return hcw;
}

static void
store_anything(struct world *world, uint64_t *random)
{
	static const uint64_t windows[] = { DLB2_PP_DIR_BASE, DLB2_PP_LDB_BASE, DLB2_PP_LDB_BASE,
		DLB2_PP_LDB_ALIAS_BASE };
	uint64_t page = windows[next(random) % 4] + next(random) % 100 * DLB2_PP_STRIDE;
	struct dlb2_line line;
	unsigned int n;

	for (n = 0; n < DLB2_HCWS_PER_LINE; n++)
		line.hcw[n] = any_hcw(random);
	if (next(random) % 8 == 0)
		dlb2_model_vf_write(world->model, next(random) % 16, page, &line, sizeof(line));
	else
		dlb2_model_write(world->model, DLB2_SPACE_FUNC, page, &line, sizeof(line));
}

/* Whatever it did, the function is made ready again, or the round would be over. */
static void
write_any_config(struct world *world, uint64_t *random)
{
	unsigned int len = 1u << next(random) % 3;
	unsigned int offset = next(random) % 0x200 / len * len;

	config_write(world, offset, len, any_value(random));
	world_make_ready(world);
}

static void
step(struct world *world, uint64_t *random)
{
	uint64_t r = next(random) % 1000;

	if (r < 70)
		write_any_register(world, random);
	else if (r < 750)
		store_anything(world, random);
	else if (r < 950)
		dlb2_model_run(world->model, 64);
	else if (r < 970)
		dlb2_model_tick(world->model, next(random) % 10000000);
	else if (r < 990)
		dlb2_model_set_fault(world->model, next(random) % DLB2_NUM_FAULTS,
			next(random) % 2, next(random) % 64, next(random) % 3);
	else if (r < 998)
		dlb2_model_vf_flr(world->model, next(random) % 16);
	else
		write_any_config(world, random);
	dlb2_model_set_fault(world->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 0);
}

static void
expect_reset(struct world *world)
{
	enum dlb2_version version = dlb2_model_version(world->model);
	unsigned int reg, i, j;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

		if (!info->v[version].present || info->space == DLB2_SPACE_VF ||
				reg == DLB2_CM_CFG_PM_PMCSR_DISABLE ||
				reg == DLB2_MSIX_VECTOR_CTRL)
			continue;
		for (i = 0; i < info->v[version].count1; i++)
			for (j = 0; j < info->v[version].count2; j++)
				if (reg_read(world, reg, i, j) != info->reset)
					fail_msg("%s[%u][%u] survived", info->name, i, j);
	}
}

static void
clear_faults(struct world *world)
{
	unsigned int fault, port;

	for (fault = 0; fault < DLB2_NUM_FAULTS; fault++)
		for (port = 0; port < 64; port++) {
			dlb2_model_set_fault(world->model, fault, DLB2_LDB, port, 0);
			dlb2_model_set_fault(world->model, fault, DLB2_DIR, port, 0);
		}
}

static void
test_anything(void **state)
{
	struct world *world = *state;
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int round, n;

	for (round = 0; round < ROUNDS; round++) {
		dlb2_model_set_switch(world->model, next(&random) % DLB2_NUM_MODEL_SWITCHES, 1);
		open_all(world);
		for (n = 0; n < STEPS; n++)
			step(world, &random);
		clear_faults(world);
		dlb2_model_flr(world->model);
		world_make_ready(world);
		expect_reset(world);
		assert_int_equal(dlb2_model_run(world->model, 1000), 0);
		assert_int_equal(dlb2_model_check(world->model), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
