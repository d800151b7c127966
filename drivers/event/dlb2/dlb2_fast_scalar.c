/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path without vectors. The same code as every other variant, with this choice.
 */
#include "dlb2_fast_ops.h"

const struct dlb2_dp_ops DLB2_FAST_TABLE(scalar) = DLB2_FAST_OPS;
