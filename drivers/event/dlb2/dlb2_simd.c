/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See dlb2_simd.h.
 */
#include <rte_common.h>
#include <rte_cpuflags.h>
#include <rte_vect.h>

#include "dlb2_simd.h"

#define MAX_FLAGS 4

const char *const dlb2_simd_names[DLB2_NUM_SIMD] = {"scalar", "sse", "avx2", "avx512"};

/*
 * What each needs. An entry of a consumer queue is read by one 16-byte load, which is one access
 * only on CPUs that have AVX, whatever instruction does it.
 */
static const struct {
	unsigned int bits;
	unsigned int num_flags;
	enum rte_cpu_flag_t flags[MAX_FLAGS];
} needs[DLB2_NUM_SIMD] = {
	[DLB2_SIMD_SCALAR] = {0},
	[DLB2_SIMD_SSE] = {128, 2, {RTE_CPUFLAG_SSE4_2, RTE_CPUFLAG_AVX}},
	[DLB2_SIMD_AVX2] = {256, 1, {RTE_CPUFLAG_AVX2}},
#ifdef DLB2_WITH_AVX512
	[DLB2_SIMD_AVX512] = {512, 3, {RTE_CPUFLAG_AVX512F, RTE_CPUFLAG_AVX512BW,
				       RTE_CPUFLAG_AVX512VL}},
#endif
};

bool
dlb2_simd_possible(enum dlb2_simd simd)
{
	unsigned int i;

	for (i = 0; i < needs[simd].num_flags; i++) {
		if (rte_cpu_get_flag_enabled(needs[simd].flags[i]) <= 0)
			return false;
	}
	return simd == DLB2_SIMD_SCALAR || needs[simd].num_flags > 0;
}

enum dlb2_simd
dlb2_simd_best(void)
{
	enum dlb2_simd simd = DLB2_NUM_SIMD - 1;

	while (!dlb2_simd_possible(simd) || needs[simd].bits > rte_vect_get_max_simd_bitwidth())
		simd--;
	return simd;
}
