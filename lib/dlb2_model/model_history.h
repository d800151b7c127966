/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * History lists (data-path 4.1): a FIFO per load-balanced CQ in the range of the shared array that
 * software gave it. A CQ has room in it by model_port.open_limit, so push never checks.
 */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "model_queue.h"

void model_history_init(struct dlb2_model *m);
/* Takes over the range of a CQ; afterwards its room must be updated. */
void model_history_decode(struct dlb2_model *m, unsigned int p);

model_inline bool
model_history_is_empty(const struct model_port *port)
{
	return port->written == port->completed;
}

model_inline void
model_history_push(struct model_sched *s, struct model_port *port, struct model_history entry)
{
	s->history[port->hist_push] = entry;
	if (model_unlikely(port->hist_push == port->hist_limit)) {
		port->hist_push = port->hist_base;
		port->hist_push_gen = !port->hist_push_gen;
	} else {
		port->hist_push++;
	}
}

model_inline struct model_history
model_history_oldest(const struct model_sched *s, const struct model_port *port)
{
	return s->history[port->hist_pop];
}

/* Removes the oldest entry. */
model_inline void
model_history_drop(struct model_port *port)
{
	if (model_unlikely(port->hist_pop == port->hist_limit)) {
		port->hist_pop = port->hist_base;
		port->hist_pop_gen = !port->hist_pop_gen;
	} else {
		port->hist_pop++;
	}
}

#endif
