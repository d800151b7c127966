/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Limits of both versions against control-path 1.1, 1.2 and 2.1, and the size encodings over
 * their whole range.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlb2_limits.h>
#include <dlb2_regs.h>

static void
limits_of_2_0(void **state)
{
	const struct dlb2_limits *limits = dlb2_limits(DLB2_HW_2_0);

	assert_int_equal(limits->pf_device_id, 0x2710);
	assert_int_equal(limits->vf_device_id, 0x2711);
	assert_int_equal(limits->num_dir_ports, 64);
	assert_int_equal(limits->num_ldb_credits, 8192);
	assert_int_equal(limits->num_dir_credits, 4096);
	assert_false(limits->combined_credits);
	assert_int_equal(limits->num_ims_entries, 0);
}

static void
limits_of_2_5(void **state)
{
	const struct dlb2_limits *limits = dlb2_limits(DLB2_HW_2_5);

	assert_int_equal(limits->pf_device_id, 0x2714);
	assert_int_equal(limits->vf_device_id, 0x2715);
	assert_int_equal(limits->num_dir_ports, 96);
	assert_int_equal(limits->num_ldb_credits, 16384);
	assert_int_equal(limits->num_dir_credits, 0);
	assert_true(limits->combined_credits);
	assert_int_equal(limits->num_ims_entries, 160);
}

static void
common_resources(const struct dlb2_limits *limits)
{
	assert_int_equal(limits->num_domains, 32);
	assert_int_equal(limits->num_ldb_queues, 32);
	assert_int_equal(limits->num_ldb_ports, 64);
	assert_int_equal(limits->num_hist_list_entries, 2048);
	assert_int_equal(limits->num_aqed_entries, 2048);
	assert_int_equal(limits->num_sn_groups, 2);
	assert_int_equal(limits->num_sns_per_group, 1024);
	assert_int_equal(limits->num_vdevs, 16);
	assert_int_equal(limits->num_msix_vectors, 65);
	assert_int_equal(limits->func_bar_size, 64u << 20);
	assert_true(limits->csr_bar_size == UINT64_C(1) << 32);
}

static void
common_scheduling(const struct dlb2_limits *limits)
{
	assert_int_equal(limits->num_slots_per_cq, 8);
	assert_int_equal(limits->num_priorities, 8);
	assert_int_equal(limits->num_cos, 4);
	assert_int_equal(limits->num_cos * limits->num_ldb_ports_per_cos, limits->num_ldb_ports);
	assert_int_equal(limits->min_cq_ring, 8);
	assert_int_equal(limits->max_cq_depth, 1024);
	assert_int_equal(limits->max_qid_inflights, 2048);
	assert_int_equal(limits->max_depth_threshold, 8191);
	assert_int_equal(limits->max_frag_pieces, 16);
}

static void
limits_of_both(void **state)
{
	common_resources(dlb2_limits(DLB2_HW_2_0));
	common_resources(dlb2_limits(DLB2_HW_2_5));
	common_scheduling(dlb2_limits(DLB2_HW_2_0));
	common_scheduling(dlb2_limits(DLB2_HW_2_5));
}

static unsigned int
max_of(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

/* The array sizes are exactly the larger of the two versions. */
static void
maxima_cover_both_versions(void **state)
{
	const struct dlb2_limits *a = dlb2_limits(DLB2_HW_2_0);
	const struct dlb2_limits *b = dlb2_limits(DLB2_HW_2_5);

#define CHECK(maximum, member) assert_int_equal(maximum, max_of(a->member, b->member))
	CHECK(DLB2_MAX_DOMAINS, num_domains);
	CHECK(DLB2_MAX_LDB_QUEUES, num_ldb_queues);
	CHECK(DLB2_MAX_LDB_PORTS, num_ldb_ports);
	CHECK(DLB2_MAX_DIR_PORTS, num_dir_ports);
	CHECK(DLB2_MAX_LDB_CREDITS, num_ldb_credits);
	CHECK(DLB2_MAX_DIR_CREDITS, num_dir_credits);
	CHECK(DLB2_MAX_HIST_LIST_ENTRIES, num_hist_list_entries);
	CHECK(DLB2_MAX_AQED_ENTRIES, num_aqed_entries);
	CHECK(DLB2_MAX_SN_GROUPS, num_sn_groups);
	CHECK(DLB2_MAX_SNS_PER_GROUP, num_sns_per_group);
	CHECK(DLB2_MAX_SLOTS_PER_CQ, num_slots_per_cq);
	CHECK(DLB2_MAX_PRIORITIES, num_priorities);
	CHECK(DLB2_MAX_COS, num_cos);
	CHECK(DLB2_MAX_CQ_DEPTH, max_cq_depth);
	CHECK(DLB2_MAX_VDEVS, num_vdevs);
	CHECK(DLB2_MAX_MSIX_VECTORS, num_msix_vectors);
	CHECK(DLB2_MAX_IMS_ENTRIES, num_ims_entries);
#undef CHECK
}

/* The device reports its own capacity in registers whose values are constant. */
static void
limits_agree_with_capacity_registers(void **state)
{
	const struct dlb2_limits *v20 = dlb2_limits(DLB2_HW_2_0);
	const struct dlb2_limits *v25 = dlb2_limits(DLB2_HW_2_5);

	assert_int_equal(v20->num_domains, dlb2_reg_info[DLB2_SYS_TOTAL_VAS].reset);
	assert_int_equal(v20->num_ldb_credits, dlb2_reg_info[DLB2_SYS_TOTAL_LDB_CRDS].reset);
	assert_int_equal(v20->num_dir_credits, dlb2_reg_info[DLB2_SYS_TOTAL_DIR_CRDS].reset);
	assert_int_equal(v25->num_ldb_credits, dlb2_reg_info[DLB2_SYS_TOTAL_CREDITS].reset);
}

/* Arrays of registers have an element per resource. */
static void
limits_agree_with_register_counts(void **state)
{
	unsigned int ver;

	for (ver = 0; ver < DLB2_NUM_VERSIONS; ver++) {
		const struct dlb2_limits *limits = dlb2_limits(ver);

#define COUNT(reg) dlb2_reg_info[reg].v[ver].count1
		assert_int_equal(COUNT(DLB2_CHP_LDB_CQ_WPTR), limits->num_ldb_ports);
		assert_int_equal(COUNT(DLB2_CHP_DIR_CQ_WPTR), limits->num_dir_ports);
		assert_int_equal(COUNT(DLB2_SYS_LDB_QID_V), limits->num_ldb_queues);
		assert_int_equal(COUNT(DLB2_SYS_DIR_QID_V), limits->num_dir_ports);
		assert_int_equal(COUNT(DLB2_SYS_DIR_VASQID_V),
			limits->num_domains * limits->num_dir_ports);
		assert_int_equal(COUNT(DLB2_SYS_VF_DIR_VPP_V),
			limits->num_vdevs * limits->num_dir_ports);
		assert_int_equal(COUNT(DLB2_MSIX_VECTOR_CTRL), limits->num_msix_vectors);
		assert_int_equal(COUNT(DLB2_LSP_CFG_SHDW_RANGE_COS), limits->num_cos);
#undef COUNT
	}
	assert_int_equal(dlb2_reg_info[DLB2_CHP_HIST_LIST_0].v[DLB2_HW_2_0].count1,
		dlb2_limits(DLB2_HW_2_0)->num_hist_list_entries);
	assert_int_equal(dlb2_reg_info[DLB2_SYS_AI_DATA].v[DLB2_HW_2_5].count1,
		dlb2_limits(DLB2_HW_2_5)->num_ims_entries);
}

/* Control-path 2.5. */
static void
sn_modes(void **state)
{
	static const unsigned int sizes[] = { 64, 128, 256, 512, 1024 };
	static const unsigned int slots[] = { 16, 8, 4, 2, 1 };
	unsigned int mode;

	for (mode = 0; mode < DLB2_NUM_SN_MODES; mode++) {
		assert_int_equal(dlb2_sn_mode_size(mode), sizes[mode]);
		assert_int_equal(dlb2_sn_mode_slots(mode), slots[mode]);
		assert_int_equal(dlb2_sn_mode(sizes[mode]), mode);
	}
	assert_int_equal(dlb2_sn_mode_slots(0), DLB2_MAX_SN_SLOTS);
}

static void
sn_sizes_without_a_mode(void **state)
{
	static const unsigned int sizes[] = { 0, 1, 32, 63, 65, 100, 1023, 1025, 2048, ~0u };
	unsigned int n;

	for (n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++)
		assert_int_equal(dlb2_sn_mode(sizes[n]), -EINVAL);
}

/* Control-path 7.4. */
static void
cq_depths(void **state)
{
	static const struct {
		unsigned int depth, select, tokens, entries;
	} rows[] = {
		{ 1, 1, 7, 8 }, { 2, 1, 6, 8 }, { 4, 1, 4, 8 }, { 8, 1, 0, 8 }, { 16, 2, 0, 16 },
		{ 32, 3, 0, 32 }, { 64, 4, 0, 64 }, { 128, 5, 0, 128 }, { 256, 6, 0, 256 },
		{ 512, 7, 0, 512 }, { 1024, 8, 0, 1024 },
	};
	unsigned int n;

	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		assert_int_equal(dlb2_cq_depth_select(rows[n].depth), rows[n].select);
		assert_int_equal(dlb2_cq_initial_tokens(rows[n].depth), rows[n].tokens);
		assert_int_equal(dlb2_cq_ring_entries(rows[n].depth), rows[n].entries);
	}
}

static void
invalid_cq_depths(void **state)
{
	unsigned int depth, valid = 0;

	for (depth = 0; depth <= 5000; depth++)
		valid += dlb2_cq_depth_select(depth) != -EINVAL;
	assert_int_equal(valid, 11);
	assert_int_equal(dlb2_cq_depth_select(0), -EINVAL);
	assert_int_equal(dlb2_cq_depth_select(2048), -EINVAL);
	assert_int_equal(dlb2_cq_depth_select(1u << 31), -EINVAL);
}

/* Control-path 5.4. */
static void
hid_compress_codes(void **state)
{
	unsigned int level, valid = 0;
	int code;

	for (code = 1; code <= 7; code++)
		assert_int_equal(dlb2_hid_compress_code(32u << code), code);
	assert_int_equal(dlb2_hid_compress_code(0), 0);
	assert_int_equal(dlb2_hid_compress_code(65536), 0);
	for (level = 0; level <= 70000; level++)
		valid += dlb2_hid_compress_code(level) != -EINVAL;
	assert_int_equal(valid, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_2_0),
		cmocka_unit_test(limits_of_2_5),
		cmocka_unit_test(limits_of_both),
		cmocka_unit_test(maxima_cover_both_versions),
		cmocka_unit_test(limits_agree_with_capacity_registers),
		cmocka_unit_test(limits_agree_with_register_counts),
		cmocka_unit_test(sn_modes),
		cmocka_unit_test(sn_sizes_without_a_mode),
		cmocka_unit_test(cq_depths),
		cmocka_unit_test(invalid_cq_depths),
		cmocka_unit_test(hid_compress_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
