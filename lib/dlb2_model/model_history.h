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

/* Fields of an HCW that a history entry has in the same place; the others are its own. */
#define MODEL_HISTORY_WORD (MODEL_WORD(qid) | MODEL_WORD(sched) | MODEL_WORD(flags))
#define MODEL_HISTORY_SLOT_SHIFT (8 * offsetof(struct model_history, slot))

_Static_assert(sizeof(struct model_history) == sizeof(uint64_t) &&
	offsetof(struct model_history, id) == 0 &&
	8 * offsetof(struct model_history, qid) == DLB2_HCW_SHIFT(qid) &&
	8 * offsetof(struct model_history, sched) == DLB2_HCW_SHIFT(sched) &&
	8 * offsetof(struct model_history, flags) == DLB2_HCW_SHIFT(flags),
	"a history entry is laid out like the word of an HCW");

/* The entry for an event with bytes 8 to 15 `word`; `slot` is in its place already. */
model_inline void
model_history_store(struct model_history *entry, uint64_t word, uint64_t slot, uint16_t id)
{
	uint64_t value = (word & MODEL_HISTORY_WORD) | slot | id;

	memcpy(entry, &value, sizeof(value));
}

model_inline void
model_history_push(struct model_sched *s, struct model_port *port, uint64_t word,
	unsigned int slot, uint16_t id)
{
	model_history_store(&s->history[port->hist_push], word,
		(uint64_t)slot << MODEL_HISTORY_SLOT_SHIFT, id);
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
