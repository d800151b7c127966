/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Ordered events (data-path 5.4): a sequence number is given out at scheduling; what is sent on
 * under it waits in the reorder buffer until all older numbers of the queue are complete.
 */
#ifndef MODEL_ORDER_H
#define MODEL_ORDER_H

#include "model_atomic.h"
#include "model_queue.h"

void model_order_init(struct dlb2_model *m);
/* Takes over where queue `q` has its sequence numbers. */
void model_order_decode(struct dlb2_model *m, unsigned int q);
/*
 * Reports an ordered queue whose group has no such slot, or is in another mode (control-path 5.2).
 * Asked while a domain may send to the queue: when it is set up or torn down its registers need not
 * agree.
 */
void model_order_check(struct dlb2_model *m, unsigned int q);
/* Brings sn_ok up to date for queue `q`. */
void model_sn_update(struct model_sched *s, unsigned int q);

/* Puts an event behind what waits under a sequence number already. */
void model_sn_append(struct model_sched *s, uint16_t sn, uint16_t event);
/* The sequence number is complete: replays what this sets free. */
void model_sn_complete(struct dlb2_model *m, uint16_t sn);

/* Gives out the next number of queue `q`, which has one, for an event to CQ `p`. */
model_inline uint16_t
model_sn_give(struct model_sched *s, unsigned int q, unsigned int p, unsigned int slot)
{
	struct model_order *order = &s->queues[q].order;
	uint16_t id = model_sn_take(s, order, q, p, slot);

	if (s->sns[order->base + order->next].state != MODEL_SN_FREE)
		model_sn_update(s, q);
	return id;
}

/* A stored event enters the queue that its HCW names. */
model_inline void
model_event_route(struct dlb2_model *m, uint16_t event, uint64_t word)
{
	switch (model_word_type(word)) {
	case DLB2_SCHED_ATOMIC:
		model_atomic_enqueue(m, event, word);
		break;
	case DLB2_SCHED_DIRECTED:
		model_dir_push(&m->sched, event, word);
		break;
	default:
		model_nalb_enqueue(m, event, word);
		break;
	}
}

#endif
