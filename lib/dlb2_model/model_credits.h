/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Stored events and the credits that pay for them (data-path 6.1). A stored event is in exactly one
 * list (a FIFO, a lane of a flow or the reorder buffer) and holds one credit.
 */
#ifndef MODEL_CREDITS_H
#define MODEL_CREDITS_H

#include "model_queue.h"

void model_credits_init(struct dlb2_model *m);
void model_credits_reset(struct dlb2_model *m);

/* Takes an entry of the pool, which must have one. */
model_inline uint16_t
model_event_take(struct model_sched *s, unsigned int pool)
{
	uint16_t event = s->free_head[pool];

	s->free_head[pool] = s->next[event];
	return event;
}

model_inline void
model_event_free(struct model_sched *s, uint16_t event, unsigned int pool)
{
	s->next[event] = s->free_head[pool];
	s->free_head[pool] = event;
}

#endif
