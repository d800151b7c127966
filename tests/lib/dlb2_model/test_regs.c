/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Every register of either version at every index: reset value, access kind, reserved bits. The
 * specification's table drives it; registers that do more than their kind says are listed below
 * with the reason, and have their own tests.
 */

#include <errno.h>

#include "world.h"
#include "model_priv.h"

static const uint32_t patterns[] = { 0xffffffff, 0x55555555, 0xaaaaaaaa, 0 };
#define NUM_PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

/* Bits of a register that do not follow its access kind, and why. */
static const struct exception {
	enum dlb2_reg reg;
	uint32_t bits;
	const char *why;
} exceptions[] = {
	{ DLB2_CM_CFG_PM_PMCSR_DISABLE, ~0u, "1 powers the device down" },
	{ DLB2_SYS_ALARM_PF_SYND0, ~DLB2_SYS_ALARM_PF_SYND0__VALID & ~DLB2_SYS_ALARM_PF_SYND0__MORE,
		"only VALID and MORE can be cleared" },
	{ DLB2_SYS_ALARM_VF_SYND0, ~DLB2_SYS_ALARM_VF_SYND0__VALID & ~DLB2_SYS_ALARM_VF_SYND0__MORE,
		"only VALID and MORE can be cleared" },
	{ DLB2_SYS_ALARM_HW_SYND, ~0u, "composed of its causes" },
	{ DLB2_SYS_AI_CTRL, DLB2_SYS_AI_CTRL__IMS_PEND, "the device's own" },
	{ DLB2_LSP_LDB_SCHED_PERF_CTRL, DLB2_LSP_LDB_SCHED_PERF_CTRL__CLR, "a command" },
	{ DLB2_CHP_LDB_CQ_WPTR, 0x7f8, "the index wraps at the ring of 8 that reset leaves" },
	{ DLB2_CHP_DIR_CQ_WPTR, 0x1ff8, "the index wraps at the ring of 8 that reset leaves" },
	{ DLB2_CHP_ORD_QID_SN, 0x3c0, "the number wraps at the 64 of mode 0" },
	{ DLB2_CHP_HIST_LIST_0, ~0u, "shows what is open" },
	{ DLB2_CHP_HIST_LIST_1, ~0u, "shows what is open" },
	{ DLB2_RO_HEALTH_SEQNUM_STATE_GRP0, ~0u, "shows what is open" },
	{ DLB2_RO_HEALTH_SEQNUM_STATE_GRP1, ~0u, "shows what is open" },
	{ DLB2_RO_REORDER_STATE_QID_QIDIX_CQ, ~0u, "shows what is open" },
};

static uint32_t
excepted_bits(enum dlb2_reg reg)
{
	unsigned int n;

	for (n = 0; n < sizeof(exceptions) / sizeof(exceptions[0]); n++)
		if (exceptions[n].reg == reg)
			return exceptions[n].bits;
	return 0;
}

/* Calls `check` for each element of each register that the PF's BARs show. */
static void
for_each_register(struct world *world,
	void (*check)(struct world *, enum dlb2_reg, unsigned int, unsigned int))
{
	enum dlb2_version version = dlb2_model_version(world->model);
	unsigned int reg, i, j;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

		if (!info->v[version].present || info->space == DLB2_SPACE_VF)
			continue;
		for (i = 0; i < info->v[version].count1; i++)
			for (j = 0; j < info->v[version].count2; j++)
				check(world, reg, i, j);
	}
}

static void
expect(enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t got, uint32_t wanted)
{
	if (got != wanted)
		fail_msg("%s[%u][%u] is 0x%08x, wanted 0x%08x", dlb2_reg_info[reg].name, i, j, got,
			wanted);
}

static void
check_reset(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint32_t wanted = dlb2_reg_info[reg].reset;

	if (reg == DLB2_CM_CFG_PM_PMCSR_DISABLE)
		wanted = 0; /* powered up */
	if (reg == DLB2_MSIX_VECTOR_CTRL)
		wanted = 0; /* unmasked by the set-up */
	expect(reg, i, j, reg_read(world, reg, i, j), wanted);
}

static void
test_reset_values(void **state)
{
	for_each_register(*state, check_reset);
}

static uint32_t
by_access_kind(const struct dlb2_reg_info *info, uint32_t mask, uint32_t before, uint32_t written)
{
	switch (info->access) {
	case DLB2_ACCESS_RO:
		return before;
	case DLB2_ACCESS_WO:
		return info->reset;
	case DLB2_ACCESS_W1C:
		return before & ~written;
	case DLB2_ACCESS_W1S:
		return before | (written & mask);
	default:
		return written & mask;
	}
}

/* The device sets the bits of w1c registers, so the test does it in the register file. */
static uint32_t
value_before(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint32_t mask = dlb2_reg_info[reg].v[dlb2_model_version(world->model)].mask;

	if (dlb2_reg_info[reg].access == DLB2_ACCESS_W1C)
		*model_reg(world->model, reg, i, j) = mask;
	return reg_read(world, reg, i, j);
}

/* Software cannot undo what it did to w1c and w1s registers. */
static void
restore(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

	if (info->access == DLB2_ACCESS_W1C || info->access == DLB2_ACCESS_W1S)
		*model_reg(world->model, reg, i, j) = info->reset;
	else
		reg_write(world, reg, i, j, info->reset);
}

static void
check_access_kind(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	uint32_t mask = info->v[dlb2_model_version(world->model)].mask;
	uint32_t free_bits = ~excepted_bits(reg);
	unsigned int n;

	if (free_bits == 0)
		return;
	for (n = 0; n < NUM_PATTERNS; n++) {
		uint32_t before = value_before(world, reg, i, j);

		reg_write(world, reg, i, j, patterns[n]);
		expect(reg, i, j, reg_read(world, reg, i, j) & free_bits,
			by_access_kind(info, mask, before, patterns[n]) & free_bits);
	}
	restore(world, reg, i, j);
}

static void
test_access_kinds(void **state)
{
	for_each_register(*state, check_access_kind);
}

/* Two elements of an array are two registers, but for those that are one at many addresses. */
static void
test_elements_are_separate(void **state)
{
	struct world *world = *state;

	reg_write(world, DLB2_LSP_QID2CQIDIX, 3, 5, 0x12345678);
	assert_int_equal(reg_read(world, DLB2_LSP_QID2CQIDIX, 3, 4), 0);
	assert_int_equal(reg_read(world, DLB2_LSP_QID2CQIDIX, 2, 5), 0);
	assert_int_equal(reg_read(world, DLB2_LSP_QID2CQIDIX, 3, 5), 0x12345678);
	reg_write(world, DLB2_PF_PF2VF_MAILBOX_ISR, 0, 0, 1u << 9);
	assert_int_equal(reg_read(world, DLB2_PF_PF2VF_MAILBOX_ISR, 15, 0), 1u << 9);
}

static void
test_constants(void **state)
{
	struct world *world = *state;

	assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_VAS, 0, 0), world->limits->num_domains);
	if (world->limits->combined_credits) {
		assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_CREDITS, 0, 0),
			world->limits->num_ldb_credits);
		return;
	}
	assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_LDB_CRDS, 0, 0),
		world->limits->num_ldb_credits);
	assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_DIR_CRDS, 0, 0),
		world->limits->num_dir_credits);
}

static void
refused_read(struct world *world, enum dlb2_reg_space space, uint64_t offset, unsigned int len,
	int error, uint64_t wanted)
{
	uint64_t bad = world_bad_accesses(world);
	unsigned int reports = world->reports;
	uint64_t value = 0x5a5a5a5a5a5a5a5a, got = 0;

	assert_int_equal(dlb2_model_read(world->model, space, offset, &value, len), error);
	memcpy(&got, &value, len);
	assert_int_equal(got, wanted);
	assert_int_equal(world_bad_accesses(world), bad + 1);
	assert_int_equal(world->reports, reports + 1);
}

static void
refused_write(struct world *world, enum dlb2_reg_space space, uint64_t offset, unsigned int len,
	int error)
{
	uint64_t bad = world_bad_accesses(world), value = 0;

	assert_int_equal(dlb2_model_write(world->model, space, offset, &value, len), error);
	assert_int_equal(world_bad_accesses(world), bad + 1);
}

static void
test_unknown_addresses(void **state)
{
	struct world *world = *state;
	uint32_t past = dlb2_reg_offset(dlb2_model_version(world->model), DLB2_CM_CFG_PM_STATUS, 0,
		0) + 0x1000;

	refused_read(world, DLB2_SPACE_CSR, past, 4, -ENXIO, 0);
	refused_write(world, DLB2_SPACE_CSR, past, 4, -ENXIO);
	refused_read(world, DLB2_SPACE_CSR, UINT64_C(1) << 32, 4, -ENXIO, 0);
	refused_read(world, DLB2_SPACE_FUNC, 0, 4, -ENXIO, 0);
	refused_read(world, DLB2_SPACE_FUNC, world->limits->func_bar_size, 4, -ENXIO, 0);
	assert_int_equal(dlb2_model_set_switch(world->model, DLB2_SWITCH_UNKNOWN_ADDRESS, 1), 0);
	refused_read(world, DLB2_SPACE_CSR, past, 4, -ENXIO, 0xffffffff);
}

/* The line of text tells who did what where. */
static void
test_report_names_the_place(void **state)
{
	struct world *world = *state;
	enum dlb2_version version = dlb2_model_version(world->model);

	refused_read(world, DLB2_SPACE_CSR, dlb2_reg_offset(version, DLB2_LSP_CQ2PRIOV, 3, 0), 8,
		-EINVAL, 0);
	assert_non_null(strstr(world->report, "read of 8 bytes at CSR LSP_CQ2PRIOV[3]"));
	refused_write(world, DLB2_SPACE_FUNC, 0x4, 4, -ENXIO);
	assert_non_null(strstr(world->report, "write of 4 bytes at FUNC 0x4"));
}

static void
test_widths(void **state)
{
	struct world *world = *state;
	uint32_t total = dlb2_reg_offset(dlb2_model_version(world->model), DLB2_SYS_TOTAL_VAS, 0,
		0);

	refused_read(world, DLB2_SPACE_CSR, total, 1, -EINVAL, 0);
	refused_read(world, DLB2_SPACE_CSR, total, 2, -EINVAL, 0);
	refused_read(world, DLB2_SPACE_CSR, total + 2, 4, -EINVAL, 0);
	refused_write(world, DLB2_SPACE_CSR, total, 8, -EINVAL);
	refused_write(world, DLB2_SPACE_CSR, total + 1, 1, -EINVAL);
}

/* VF registers have no place in the PF's BARs, and this space is no BAR of the PF. */
static void
test_vf_space_is_not_the_pf(void **state)
{
	struct world *world = *state;
	uint32_t value;

	assert_int_equal(dlb2_model_read(world->model, DLB2_SPACE_VF, 0x1000, &value, 4), -EINVAL);
	assert_int_equal(dlb2_model_vf_read(world->model, 16, 0x1000, &value, 4), -EINVAL);
}

static uint32_t
peek(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint32_t value;

	assert_int_equal(dlb2_model_peek(world->model, reg, i, j, &value), 0);
	return value;
}

/* Works without power, counts nothing, and is what a read gives. */
static void
test_peek(void **state)
{
	struct dlb2_model_counters before, after;
	struct world *world = *state;

	assert_int_equal(peek(world, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0), 1);
	assert_int_equal(peek(world, DLB2_SYS_TOTAL_VAS, 0, 0), 0x20);
	world_make_ready(world);
	reg_write(world, DLB2_LSP_CQ2PRIOV, 3, 0, 0x123);
	reg_write(world, DLB2_LSP_QID2CQIDIX, 5, 2, 0x77);
	reg_write(world, DLB2_PF_PF2VF_MAILBOX, 1, 2, 0xabc);
	dlb2_model_get_counters(world->model, &before);
	assert_int_equal(peek(world, DLB2_LSP_CQ2PRIOV, 3, 0), 0x123);
	assert_int_equal(peek(world, DLB2_LSP_QID2CQIDIX, 5, 2), 0x77);
	assert_int_equal(peek(world, DLB2_PF_PF2VF_MAILBOX, 1, 2), 0xabc);
	dlb2_model_get_counters(world->model, &after);
	assert_memory_equal(&before, &after, sizeof(before));
}

/* Faults that reads use up, and the one that no read gets past. */
static void
test_peek_and_faults(void **state)
{
	struct world *world = *state;

	dlb2_model_set_fault(world->model, DLB2_FAULT_NOT_READY, 0, 0, 1);
	assert_int_not_equal(peek(world, DLB2_CM_CFG_PM_STATUS, 0, 0) >> 24, 0);
	assert_int_equal(reg_read(world, DLB2_CM_CFG_PM_STATUS, 0, 0) >> 24, 0);
	assert_int_not_equal(reg_read(world, DLB2_CM_CFG_PM_STATUS, 0, 0) >> 24, 0);
	dlb2_model_set_fault(world->model, DLB2_FAULT_GONE, 0, 0, 1);
	assert_int_equal(peek(world, DLB2_SYS_TOTAL_VAS, 0, 0), 0x20);
	assert_int_equal(reg_read(world, DLB2_SYS_TOTAL_VAS, 0, 0), UINT32_MAX);
}

static void
test_peek_refuses(void **state)
{
	struct world *world = *state;
	enum dlb2_version version = dlb2_model_version(world->model);
	uint32_t value;

	assert_int_equal(dlb2_model_peek(world->model, DLB2_NUM_REGS, 0, 0, &value), -EINVAL);
	assert_int_equal(dlb2_model_peek(world->model, DLB2_VF_VF2PF_MAILBOX, 0, 0, &value),
		-EINVAL);
	assert_int_equal(dlb2_model_peek(world->model, DLB2_LSP_CQ2PRIOV, 64, 0, &value), -EINVAL);
	assert_int_equal(dlb2_model_peek(world->model, DLB2_LSP_CQ2PRIOV, 0, 1, &value), -EINVAL);
	assert_int_equal(dlb2_model_peek(world->model, DLB2_SYS_AI_DATA, 0, 0, &value),
		version == DLB2_HW_2_5 ? 0 : -EINVAL);
}

static void
test_counts_accesses(void **state)
{
	struct world *world = *state;
	struct dlb2_model_counters before, after;

	dlb2_model_get_counters(world->model, &before);
	reg_read(world, DLB2_SYS_TOTAL_VAS, 0, 0);
	reg_write(world, DLB2_SYS_MSIX_MODE, 0, 0, 1);
	reg_read(world, DLB2_PF_VF2PF_MAILBOX, 0, 0);
	reg_write(world, DLB2_PF_VF2PF_MAILBOX, 0, 0, 1);
	dlb2_model_get_counters(world->model, &after);
	assert_int_equal(after.csr_reads, before.csr_reads + 1);
	assert_int_equal(after.csr_writes, before.csr_writes + 1);
	assert_int_equal(after.func_reads, before.func_reads + 1);
	assert_int_equal(after.func_writes, before.func_writes + 1);
	assert_int_equal(after.bad_accesses, before.bad_accesses);
}

static void
test_memory(void **state)
{
	struct world *world = *state;

	assert_true(dlb2_model_memory(world->model) > 0);
	assert_true(dlb2_model_memory(world->model) < 8 << 20);
}

static void
test_create_refuses(void **state)
{
	static const struct dlb2_model_ops no_ops;
	struct dlb2_model_config config = { .version = DLB2_NUM_VERSIONS, .ops = &no_ops };
	struct dlb2_model *m;

	assert_int_equal(dlb2_model_create(&config, &m), -EINVAL);
	config.version = DLB2_HW_2_5;
	config.ops = NULL;
	assert_int_equal(dlb2_model_create(&config, &m), -EINVAL);
	assert_int_equal(dlb2_model_create(NULL, &m), -EINVAL);
	dlb2_model_destroy(NULL);
}

/* Callbacks are optional, all of them. */
static void
test_world_without_callbacks(void **state)
{
	static const struct dlb2_model_ops no_ops;
	struct dlb2_model_config config = { .version = DLB2_HW_2_5, .ops = &no_ops };
	struct dlb2_model *m;
	uint32_t value;

	assert_int_equal(dlb2_model_create(&config, &m), 0);
	assert_int_equal(dlb2_model_read(m, DLB2_SPACE_CSR, 4, &value, 4), -ENXIO);
	assert_int_equal(dlb2_model_set_fault(m, DLB2_FAULT_HW_ALARM, DLB2_LDB, 0, 1), 0);
	dlb2_model_destroy(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_reset_values),
		BOTH_VERSIONS(test_access_kinds),
		BOTH_VERSIONS(test_elements_are_separate),
		BOTH_VERSIONS(test_constants),
		BOTH_VERSIONS(test_unknown_addresses),
		BOTH_VERSIONS(test_report_names_the_place),
		BOTH_VERSIONS(test_widths),
		BOTH_VERSIONS(test_vf_space_is_not_the_pf),
		BOTH_VERSIONS_COLD(test_peek),
		BOTH_VERSIONS(test_peek_and_faults),
		BOTH_VERSIONS(test_peek_refuses),
		BOTH_VERSIONS(test_counts_accesses),
		BOTH_VERSIONS(test_memory),
		cmocka_unit_test(test_create_refuses),
		cmocka_unit_test(test_world_without_callbacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
