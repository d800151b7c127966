/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * All of one variant of the data path, for the file that compiles it: that says first which vectors
 * dlb2_quad.h is to use. The build compiles each of these files twice, for dense rings with
 * DLB2_DENSE: so how far entries are apart is a constant in every function, and nothing has to be
 * asked for it.
 */
#ifndef DLB2_FAST_OPS_H
#define DLB2_FAST_OPS_H

#ifdef DLB2_DENSE
#define DLB2_CQ_STRIDE DLB2_CQ_STRIDE_DENSE
#define DLB2_FAST_TABLE(variant) dlb2_fast_dense_##variant
#else
#define DLB2_CQ_STRIDE DLB2_CQ_STRIDE_SPARSE
#define DLB2_FAST_TABLE(variant) dlb2_fast_sparse_##variant
#endif
/** From an entry to the next one. */
#define DLB2_CQ_STEP (DLB2_CQ_STRIDE / sizeof(struct dlb2_words))

#include "dlb2_fast_dequeue.h"
#include "dlb2_fast_enqueue.h"

/** The variant's struct dlb2_dp_ops. */
#define DLB2_FAST_OPS { \
	.enqueue = fast_enqueue, \
	.enqueue_burst = fast_enqueue_burst, \
	.enqueue_new_burst = fast_enqueue_new_burst, \
	.enqueue_forward_burst = fast_enqueue_forward_burst, \
	.dequeue = fast_dequeue, \
	.dequeue_burst = fast_dequeue_burst, \
	.preschedule_modify = dlb2_preschedule_modify, \
	.preschedule = dlb2_preschedule, \
	.profile_switch = dlb2_profile_switch, \
}

#endif
