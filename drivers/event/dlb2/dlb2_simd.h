/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Variants of the data path by the vectors that they use. All give the same events, words and
 * counters; they differ in how many events they move at once.
 */
#ifndef DLB2_SIMD_H
#define DLB2_SIMD_H

#include <stdbool.h>

enum dlb2_simd {
	DLB2_SIMD_SCALAR,
	DLB2_SIMD_SSE,    /**< SSE4.2: one event at a time */
	DLB2_SIMD_AVX2,   /**< two */
	DLB2_SIMD_AVX512, /**< four: a line */
	DLB2_NUM_SIMD
};

/** As users write them: "scalar", "sse", "avx2", "avx512". */
extern const char *const dlb2_simd_names[DLB2_NUM_SIMD];

/** Whether a variant was built and this CPU can run it. */
bool
dlb2_simd_possible(enum dlb2_simd simd);

/** The widest that is possible within EAL's --force-max-simd-bitwidth. */
enum dlb2_simd
dlb2_simd_best(void);

#endif
