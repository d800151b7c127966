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

/* The next member of a set after `last`, which wraps. */
model_inline unsigned int
model_next_in_turn(uint64_t set, unsigned int last)
{
	uint64_t above = set & (~UINT64_C(1) << last);

	return __builtin_ctzll(above != 0 ? above : set);
}

/* Whether a set has one member, or none. */
model_inline bool
model_is_single(uint64_t set)
{
	return (set & (set - 1)) == 0;
}

/* Queues that a CQ may take an event from now, if it has room. */
model_inline uint32_t
model_queues_for(const struct model_sched *s, const struct model_port *port)
{
	return port->linked & (s->shared | (port->own & s->queue_ok));
}

/* Of several queues of a CQ those of the best priority. */
model_inline uint32_t
model_best_queues(const struct model_links *links, uint32_t queues)
{
	unsigned int levels = links->levels;
	uint32_t best = queues;

	if (model_unlikely(!model_is_single(levels)))
		while ((best = queues & links->by_priority[__builtin_ctz(levels)]) == 0)
			levels &= levels - 1;
	return best;
}

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
