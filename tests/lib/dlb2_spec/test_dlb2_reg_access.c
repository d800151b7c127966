/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Field helpers, look-up and formatting, and offsets that the text of control-path quotes: these
 * would notice a wrong number in the CSV files, which test_registers.py cannot.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlb2_regs.h>

static void
get_put_set(void **state)
{
	static const uint32_t masks[] = {
		0x1u, 0x80000000u, 0xffffffffu, 0xff000000u, 0x7f00u, 0x3ffc0u, 0x00f0u,
	};
	unsigned int n;

	for (n = 0; n < sizeof(masks) / sizeof(masks[0]); n++) {
		uint32_t mask = masks[n];
		uint32_t most = mask / (mask & -mask);

		assert_int_equal(dlb2_get(mask, 0xffffffffu), most);
		assert_int_equal(dlb2_get(mask, ~mask), 0);
		assert_int_equal(dlb2_put(mask, most), mask);
		assert_int_equal(dlb2_put(mask, 1), mask & -mask);
		assert_int_equal(dlb2_set(0xffffffffu, mask, 0), ~mask);
		assert_int_equal(dlb2_set(0, mask, most), mask);
		assert_int_equal(dlb2_get(mask, dlb2_set(0x5a5a5a5au, mask, most / 2)), most / 2);
		assert_int_equal(dlb2_set(0x5a5a5a5au, mask, most / 2) & ~mask,
			0x5a5a5a5au & ~mask);
	}
}

static void
field_masks(void **state)
{
	assert_int_equal(DLB2_LSP_CQ2PRIOV__V, 0xff000000u);
	assert_int_equal(DLB2_LSP_CQ2PRIOV__PRIO, 0x00ffffffu);
	assert_int_equal(DLB2_SYS_VF_DIR_VPP2PP__PP(DLB2_HW_2_0), 0x3f);
	assert_int_equal(DLB2_SYS_VF_DIR_VPP2PP__PP(DLB2_HW_2_5), 0x7f);
	assert_int_equal(DLB2_LSP_QID_ATM_ACTIVE__COUNT(DLB2_HW_2_0), 0x3fff);
	assert_int_equal(DLB2_LSP_QID_ATM_ACTIVE__COUNT(DLB2_HW_2_5), 0x7fff);
	assert_int_equal(DLB2_LSP_CQ_DIR_TKN_CNT__COUNT(DLB2_HW_2_0), 0x1fff);
	assert_int_equal(DLB2_LSP_CQ_DIR_TKN_CNT__COUNT(DLB2_HW_2_5), 0x7ff);
	assert_int_equal(DLB2_LSP_CFG_LSP_CSR_CONTROL__LDB_WRR_COUNT_BASE, 0x70000000u);
}

/* Offsets as control-path writes them, in sections 1.2, 11 to 14 and appendix A. */
static void
quoted_offsets(void **state)
{
	static const struct {
		enum dlb2_reg reg;
		uint32_t i, j;
		uint32_t v20, v25; /* 0: not there */
	} rows[] = {
		{ DLB2_PF_VF2PF_MAILBOX, 3, 2, 0x31008, 0x31008 },
		{ DLB2_MSIX_VECTOR_CTRL, 64, 0, 0x100040c, 0x100040c },
		{ DLB2_VF_SIOV_MBOX_ISR_TRIGGER, 0, 0, 0x8000, 0x8000 },
		{ DLB2_SYS_TOTAL_VAS, 0, 0, 0x1000011c, 0x10000114 },
		{ DLB2_SYS_TOTAL_CREDITS, 0, 0, 0, 0x10000100 },
		{ DLB2_SYS_ALARM_VF_SYND1, 15, 0, 0x1000ff44, 0x1000ff44 },
		{ DLB2_SYS_DIR_CQ_95_64_OCC_INT_STS, 0, 0, 0, 0x10000448 },
		{ DLB2_SYS_LDB_CQ_PASID, 2, 0, 0x10002fa0, 0x10002f9c },
		{ DLB2_SYS_WRITE_BUFFER_CTL, 0, 0, 0x18001040, 0x18001040 },
		{ DLB2_SYS_AI_CTRL, 159, 0, 0, 0x11e009fc },
		{ DLB2_SYS_DLB_SYS_CNT_5, 0, 0, 0x10001014, 0 },
		{ DLB2_CHP_CFG_LDB_VAS_CRD, 1, 0, 0x40081000, 0 },
		{ DLB2_CHP_ORD_QID_SN, 1, 0, 0x40101000, 0x40081000 },
		{ DLB2_CHP_LDB_CQ_WPTR, 0, 0, 0x40c80000, 0x40e00000 },
		{ DLB2_CHP_CFG_CNTR_CHP_ERR_DROP_H, 0, 0, 0x44000010, 0 },
		{ DLB2_CHP_DIR_CQ_INTR_ARMED2, 0, 0, 0, 0x44000054 },
		{ DLB2_CHP_CFG_DIR_WDTO_2, 0, 0, 0, 0x44000094 },
		{ DLB2_CHP_CFG_DIR_WD_DISABLE2, 0, 0, 0, 0x440000ac },
		{ DLB2_CHP_HIST_LIST_1, 2047, 0, 0x4e021ffc, 0 },
		{ DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_REPLAY_0, 0, 0, 0x84000010, 0x74000010 },
		{ DLB2_RO_GRP_SN_MODE, 0, 0, 0x94000000, 0x84000000 },
		{ DLB2_RO_HEALTH_SEQNUM_STATE_GRP1, 31, 0, 0x9e01007c, 0 },
		{ DLB2_RO_REORDER_STATE_QID_QIDIX_CQ, 1, 0, 0x9e030004, 0 },
		{ DLB2_LSP_CQ2PRIOV, 63, 0, 0xa003f000, 0x9003f000 },
		{ DLB2_LSP_CFG_LSP_CSR_CONTROL, 0, 0, 0xa4000030, 0x94000030 },
		{ DLB2_LSP_CFG_SHDW_RANGE_COS, 3, 0, 0xa4000080, 0x94000080 },
		{ DLB2_LSP_LDB_SCHED_PERF_6_H, 0, 0, 0xa4000140, 0 },
		{ DLB2_LSP_LDB_SCHED_PERF_CTRL, 0, 0, 0xa4000144, 0 },
		{ DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0, 0xac000000, 0x9c000000 },
		{ DLB2_CM_PROC_ON_CNT_H, 0, 0, 0xb4000028, 0 },
	};
	unsigned int n;

	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		assert_int_equal(dlb2_reg_present(DLB2_HW_2_0, rows[n].reg), rows[n].v20 != 0);
		assert_int_equal(dlb2_reg_present(DLB2_HW_2_5, rows[n].reg), rows[n].v25 != 0);
		if (rows[n].v20 != 0)
			assert_int_equal(dlb2_reg_offset(DLB2_HW_2_0, rows[n].reg, rows[n].i,
				rows[n].j), rows[n].v20);
		if (rows[n].v25 != 0)
			assert_int_equal(dlb2_reg_offset(DLB2_HW_2_5, rows[n].reg, rows[n].i,
				rows[n].j), rows[n].v25);
	}
}

/* Control-path 15.6. */
static void
access_kinds(void **state)
{
	assert_int_equal(dlb2_reg_info[DLB2_CHP_LDB_CQ_INTR_ARMED1].access, DLB2_ACCESS_W1S);
	assert_int_equal(dlb2_reg_info[DLB2_CHP_DIR_CQ_INTR_ARMED2].access, DLB2_ACCESS_W1S);
	assert_int_equal(dlb2_reg_info[DLB2_PF_PF2VF_MAILBOX_ISR].access, DLB2_ACCESS_W1S);
	assert_int_equal(dlb2_reg_info[DLB2_PF_VF_RESET_IN_PROGRESS].access, DLB2_ACCESS_W1C);
	assert_int_equal(dlb2_reg_info[DLB2_PF_VF2PF_ISR_PEND].access, DLB2_ACCESS_W1C);
	assert_int_equal(dlb2_reg_info[DLB2_CHP_CFG_DIR_WD_DISABLE0].access, DLB2_ACCESS_W1C);
	assert_int_equal(dlb2_reg_info[DLB2_SYS_MSIX_ACK].access, DLB2_ACCESS_W1C);
	assert_int_equal(dlb2_reg_info[DLB2_LSP_CFG_SHDW_CTRL].access, DLB2_ACCESS_WO);
	assert_int_equal(dlb2_reg_info[DLB2_LSP_LDB_SCHED_CTRL].access, DLB2_ACCESS_WO);
	assert_int_equal(dlb2_reg_info[DLB2_SYS_WB_DIR_CQ_STATE].access, DLB2_ACCESS_WO);
	assert_int_equal(dlb2_reg_info[DLB2_LSP_QID_DIR_MAX_DEPTH].access, DLB2_ACCESS_COUNTER);
	assert_int_equal(dlb2_reg_info[DLB2_SYS_TOTAL_VAS].access, DLB2_ACCESS_RO);
}

static void
find_two_indices(void **state)
{
	enum dlb2_reg reg;
	unsigned int i, j;
	uint32_t offset;

	offset = dlb2_reg_offset(DLB2_HW_2_5, DLB2_LSP_QID2CQIDIX2, 31, 15);
	assert_true(dlb2_reg_find(DLB2_HW_2_5, DLB2_SPACE_CSR, offset, &reg, &i, &j));
	assert_int_equal(reg, DLB2_LSP_QID2CQIDIX2);
	assert_int_equal(i, 31);
	assert_int_equal(j, 15);
	offset = dlb2_reg_offset(DLB2_HW_2_0, DLB2_PF_PF2VF_MAILBOX, 15, 9);
	assert_true(dlb2_reg_find(DLB2_HW_2_0, DLB2_SPACE_FUNC, offset, &reg, &i, &j));
	assert_int_equal(reg, DLB2_PF_PF2VF_MAILBOX);
	assert_int_equal(i, 15);
	assert_int_equal(j, 9);
}

static void
find_nothing_leaves_outputs(void **state)
{
	enum dlb2_reg reg = DLB2_SYS_MSIX_ACK;
	unsigned int i = 7, j = 9;

	assert_false(dlb2_reg_find(DLB2_HW_2_0, DLB2_SPACE_CSR, 0xa0000004, &reg, &i, &j));
	assert_int_equal(reg, DLB2_SYS_MSIX_ACK);
	assert_int_equal(i, 7);
	assert_int_equal(j, 9);
}

/* One offset, three registers: the version and the space decide. */
static void
find_depends_on_version_and_space(void **state)
{
	char text[64];

	dlb2_reg_format(DLB2_HW_2_0, DLB2_SPACE_CSR, 0x40080000, text, sizeof(text));
	assert_string_equal(text, "CHP_CFG_LDB_VAS_CRD[0]");
	dlb2_reg_format(DLB2_HW_2_5, DLB2_SPACE_CSR, 0x40080000, text, sizeof(text));
	assert_string_equal(text, "CHP_ORD_QID_SN[0]");
	dlb2_reg_format(DLB2_HW_2_5, DLB2_SPACE_FUNC, 0x1004, text, sizeof(text));
	assert_string_equal(text, "PF_VF2PF_MAILBOX[0][1]");
	dlb2_reg_format(DLB2_HW_2_5, DLB2_SPACE_VF, 0x1004, text, sizeof(text));
	assert_string_equal(text, "VF_VF2PF_MAILBOX[1]");
	dlb2_reg_format(DLB2_HW_2_5, DLB2_SPACE_CSR, 0x1004, text, sizeof(text));
	assert_string_equal(text, "0x1004 (no register)");
}

static void
format_follows_snprintf(void **state)
{
	char text[8] = "unset";

	assert_int_equal(dlb2_reg_format(DLB2_HW_2_0, DLB2_SPACE_CSR, 0xa0003000, NULL, 0), 15);
	assert_int_equal(dlb2_reg_format(DLB2_HW_2_0, DLB2_SPACE_CSR, 0xa0003000, text,
		sizeof(text)), 15);
	assert_string_equal(text, "LSP_CQ2");
	assert_int_equal(dlb2_reg_format(DLB2_HW_2_0, DLB2_SPACE_CSR, 0x10000400, NULL, 0),
		sizeof("SYS_MSIX_ACK") - 1);
	assert_int_equal(dlb2_reg_format(DLB2_HW_2_0, DLB2_SPACE_CSR, 0xa0000004, NULL, 0),
		sizeof("0xa0000004 (no register)") - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(get_put_set),
		cmocka_unit_test(field_masks),
		cmocka_unit_test(quoted_offsets),
		cmocka_unit_test(access_kinds),
		cmocka_unit_test(find_two_indices),
		cmocka_unit_test(find_nothing_leaves_outputs),
		cmocka_unit_test(find_depends_on_version_and_space),
		cmocka_unit_test(format_follows_snprintf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
