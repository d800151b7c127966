/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path with vectors of one event. The same code as every other variant, with this choice.
 */
#define DLB2_QUAD_SSE
#include "dlb2_fast_enqueue.h"
#include "dlb2_fast_dequeue.h"

const struct dlb2_dp_ops dlb2_fast_sse = {
	.enqueue = fast_enqueue,
	.enqueue_burst = fast_enqueue_burst,
	.enqueue_new_burst = fast_enqueue_new_burst,
	.enqueue_forward_burst = fast_enqueue_forward_burst,
	.dequeue = fast_dequeue,
	.dequeue_burst = fast_dequeue_burst,
	.preschedule_modify = dlb2_preschedule_modify,
	.preschedule = dlb2_preschedule,
};
