/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * HCW and CQ-entry layouts as bytes in memory, against data-path 1.1, 1.2 and 2.1. Sizes and
 * offsets are static assertions of the header itself.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dlb2_hcw.h>
#include <dlb2_regs.h>

static void
hcw_bytes(void **state)
{
	static const uint8_t expected[16] = {
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0xbb, 0xaa, 0x5c, 0xb6,
		0xdd, 0xcc, 0x94, 0x0d,
	};
	struct dlb2_hcw hcw = {
		.data = UINT64_C(0x0102030405060708),
		.opaque = 0xaabb,
		.qid = 0x5c,
		.sched = dlb2_put(DLB2_HCW_SCHED_TYPE, DLB2_SCHED_ORDERED) |
			dlb2_put(DLB2_HCW_PRIORITY, 5) | dlb2_put(DLB2_HCW_MSG_TYPE, 5),
		.lock_id = 0xccdd,
		.flags = dlb2_put(DLB2_HCW_WEIGHT, 2) | dlb2_put(DLB2_HCW_CMP_ID, 9),
		.cmd = DLB2_CMD_FRAG_T,
	};

	assert_memory_equal(&hcw, expected, sizeof(expected));
}

static void
cq_entry_bytes(void **state)
{
	static const uint8_t bytes[16] = {
		1, 2, 3, 4, 5, 6, 7, 8, 0x34, 0x12, 31, 0x1d, 0x78, 0x56, 0xff, 0x25,
	};
	struct dlb2_cq_entry entry;

	memcpy(&entry, bytes, sizeof(entry));
	assert_true(entry.data == UINT64_C(0x0807060504030201));
	assert_int_equal(entry.opaque, 0x1234);
	assert_int_equal(entry.qid, 31);
	assert_int_equal(dlb2_get(DLB2_HCW_SCHED_TYPE, entry.sched), DLB2_SCHED_UNORDERED);
	assert_int_equal(dlb2_get(DLB2_HCW_PRIORITY, entry.sched), 7);
	assert_int_equal(dlb2_get(DLB2_HCW_MSG_TYPE, entry.sched), 0);
	assert_int_equal(entry.flow_id, 0x5678);
	assert_int_equal(dlb2_get(DLB2_CQ_GEN, entry.status), 1);
	assert_int_equal(dlb2_get(DLB2_CQ_QID_DEPTH, entry.status), DLB2_QID_DEPTH_LE100);
	assert_int_equal(dlb2_get(DLB2_CQ_ERROR, entry.status), 1);
}

static void
line_is_four_hcws(void **state)
{
	struct dlb2_line lines[2];
	const uint8_t *base = (const uint8_t *)&lines[0];
	unsigned int n;

	assert_int_equal((uintptr_t)base % 64, 0);
	for (n = 0; n < DLB2_HCWS_PER_LINE; n++)
		assert_ptr_equal(&lines[0].hcw[n], base + 16 * n);
	assert_ptr_equal(&lines[1], base + 64);
}

/* A command is the sum of its bits, except ARM, which is a code of its own. */
static void
commands_are_bits(void **state)
{
	static const struct {
		enum dlb2_hcw_cmd cmd;
		unsigned int code;
		unsigned int bits;
	} rows[] = {
		{ DLB2_CMD_NOOP, 0x0, 0 },
		{ DLB2_CMD_BAT_T, 0x1, DLB2_CMD_TOKEN },
		{ DLB2_CMD_COMP, 0x2, DLB2_CMD_COMP_BIT },
		{ DLB2_CMD_COMP_T, 0x3, DLB2_CMD_COMP_BIT | DLB2_CMD_TOKEN },
		{ DLB2_CMD_ARM, 0x5, DLB2_CMD_FRAG_BIT | DLB2_CMD_TOKEN },
		{ DLB2_CMD_NEW, 0x8, DLB2_CMD_VALID },
		{ DLB2_CMD_NEW_T, 0x9, DLB2_CMD_VALID | DLB2_CMD_TOKEN },
		{ DLB2_CMD_FWD, 0xa, DLB2_CMD_VALID | DLB2_CMD_COMP_BIT },
		{ DLB2_CMD_FWD_T, 0xb, DLB2_CMD_VALID | DLB2_CMD_COMP_BIT | DLB2_CMD_TOKEN },
		{ DLB2_CMD_FRAG, 0xc, DLB2_CMD_VALID | DLB2_CMD_FRAG_BIT },
		{ DLB2_CMD_FRAG_T, 0xd, DLB2_CMD_VALID | DLB2_CMD_FRAG_BIT | DLB2_CMD_TOKEN },
	};
	unsigned int n;

	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		assert_int_equal(rows[n].cmd, rows[n].code);
		assert_int_equal(rows[n].cmd, rows[n].bits);
		assert_int_equal(rows[n].cmd & ~DLB2_HCW_CMD, 0);
	}
}

/* The masks of each byte are disjoint, and miss just the reserved bits. */
static void
masks_divide_their_bytes(void **state)
{
	assert_int_equal(DLB2_HCW_SCHED_TYPE + DLB2_HCW_PRIORITY + DLB2_HCW_MSG_TYPE, 0xff);
	assert_int_equal(DLB2_HCW_MEAS_LAT + DLB2_HCW_WEIGHT + DLB2_HCW_NO_DEC + DLB2_HCW_CMP_ID,
		0xff);
	assert_int_equal(DLB2_HCW_CMD + DLB2_HCW_INT_ARM + DLB2_HCW_ERROR, 0x3f);
	assert_int_equal(DLB2_CQ_GEN + DLB2_CQ_QID_DEPTH + DLB2_CQ_ERROR, 0x27);
	assert_int_equal(dlb2_put(DLB2_HCW_TOKENS, 1023), 0x3ff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hcw_bytes),
		cmocka_unit_test(cq_entry_bytes),
		cmocka_unit_test(line_is_four_hcws),
		cmocka_unit_test(commands_are_bits),
		cmocka_unit_test(masks_divide_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
