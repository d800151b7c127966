/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Arbitration among bins of priority (data-path 5.6), which several files need.
 */
#ifndef MODEL_ARBITER_H
#define MODEL_ARBITER_H

#include "model_queue.h"

void model_arbiter_init(struct dlb2_model *m);
void model_arbiter_reset(struct dlb2_model *m);
/* Takes over weights, classes of service and the device-wide controls of the scheduler. */
void model_arbiter_decode(struct dlb2_model *m);
void model_cos_transfer(struct dlb2_model *m);

/* The choice when more than one bin has something. */
unsigned int model_arbiter_bin_of_many(struct dlb2_model *m, enum model_arbiter arbiter,
	unsigned int bins);

/* Chooses one of `bins`, a set that is not empty. */
model_inline unsigned int
model_arbiter_bin(struct dlb2_model *m, enum model_arbiter arbiter, unsigned int bins)
{
	if (model_likely((bins & (bins - 1)) == 0))
		return __builtin_ctz(bins);
	return model_arbiter_bin_of_many(m, arbiter, bins);
}

#endif
