/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path with vectors of two events. The same code as every other variant, with this choice.
 */
#define DLB2_QUAD_AVX2
#include "dlb2_fast_ops.h"

const struct dlb2_dp_ops DLB2_FAST_TABLE(avx2) = DLB2_FAST_OPS;
