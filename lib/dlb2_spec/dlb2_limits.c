/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The limits of both versions, and the size encodings that need a search.
 */

#include <dlb2_limits.h>

#define MIN_CQ_RING 8

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* What both versions have. BAR sizes are inferred (control-path 1.2). */
#define COMMON_LIMITS \
	.num_domains = 32, \
	.num_ldb_queues = 32, \
	.num_ldb_ports = 64, \
	.num_hist_list_entries = 2048, \
	.num_aqed_entries = 2048, \
	.num_sn_groups = 2, \
	.num_sns_per_group = 1024, \
	.num_slots_per_cq = 8, \
	.num_priorities = 8, \
	.num_cos = 4, \
	.num_ldb_ports_per_cos = 16, \
	.min_cq_ring = MIN_CQ_RING, \
	.max_cq_depth = DLB2_MAX_CQ_DEPTH, \
	.max_qid_inflights = 2048, \
	.max_depth_threshold = 8191, \
	.max_frag_pieces = 16, \
	.num_vdevs = 16, \
	.num_msix_vectors = 65, \
	.func_bar_size = 64 * MIB, \
	.csr_bar_size = 4 * GIB

const struct dlb2_limits dlb2_limits_table[DLB2_NUM_VERSIONS] = {
	[DLB2_HW_2_0] = {
		COMMON_LIMITS,
		.pf_device_id = 0x2710,
		.vf_device_id = 0x2711,
		.num_dir_ports = 64,
		.num_ldb_credits = 8192,
		.num_dir_credits = 4096,
		.combined_credits = false,
		.num_ims_entries = 0,
	},
	[DLB2_HW_2_5] = {
		COMMON_LIMITS,
		.pf_device_id = 0x2714,
		.vf_device_id = 0x2715,
		.num_dir_ports = 96,
		.num_ldb_credits = 16384,
		.num_dir_credits = 0,
		.combined_credits = true,
		.num_ims_entries = 160,
	},
};

_Static_assert(DLB2_MAX_LDB_PORTS * DLB2_PP_STRIDE <= DLB2_PP_DIR_ALIAS_BASE - DLB2_PP_LDB_BASE,
	"load-balanced producer ports must fit into their window");
_Static_assert(DLB2_MAX_DIR_PORTS * DLB2_PP_STRIDE <= DLB2_PP_LDB_BASE - DLB2_PP_DIR_BASE,
	"directed producer ports must fit into their window");
_Static_assert(DLB2_MAX_MSIX_VECTORS * 16 <= DLB2_MSIX_PBA_BASE - DLB2_MSIX_TABLE_BASE,
	"the MSI-X table must end before the pending-bit array");

int
dlb2_sn_mode(unsigned int size)
{
	unsigned int mode;

	for (mode = 0; mode < DLB2_NUM_SN_MODES; mode++)
		if (dlb2_sn_mode_size(mode) == size)
			return mode;
	return -EINVAL;
}

unsigned int
dlb2_cq_ring_entries(unsigned int depth)
{
	return depth < MIN_CQ_RING ? MIN_CQ_RING : depth;
}

unsigned int
dlb2_cq_initial_tokens(unsigned int depth)
{
	return dlb2_cq_ring_entries(depth) - depth;
}

int
dlb2_cq_depth_select(unsigned int depth)
{
	if (depth == 0 || depth > DLB2_MAX_CQ_DEPTH || (depth & (depth - 1)) != 0)
		return -EINVAL;
	/* 8 entries are code 1, every doubling one more. */
	return __builtin_ctz(dlb2_cq_ring_entries(depth) / MIN_CQ_RING) + 1;
}

int
dlb2_hid_compress_code(unsigned int level)
{
	if (level == 0 || level == 65536)
		return 0;
	if (level < 64 || level > 4096 || (level & (level - 1)) != 0)
		return -EINVAL;
	return __builtin_ctz(level / 64) + 1;
}
