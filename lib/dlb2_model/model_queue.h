/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * FIFOs of events and the sets that say which queue has work for which CQ. What happens per event
 * is inline; what happens when a set changes is in model_queue.c.
 */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include "model_links.h"
#include "model_priv.h"
#include "model_word.h"

#define model_likely(x) __builtin_expect(!!(x), 1)
#define model_unlikely(x) __builtin_expect(!!(x), 0)

/*
 * Events that a CQ may get in a row while others wait for their turn. More would save more work per
 * event; but a queue must be this much deeper than it has CQs before it makes a difference to the
 * others, so that few events are still spread over all.
 */
#define MODEL_GRANT 4

/* Keeps an address in a register, where the compiler would compute it anew for each use. */
#define model_keep(pointer) __asm__("" : "+r"(pointer))

/* Row of model_ldb_queue.depth_above. */
enum model_ldb_kind { MODEL_NALB, MODEL_ATOMIC };

void model_queue_init(struct dlb2_model *m);
/* Takes over the registers of a queue that only software writes. */
void model_queue_decode(struct dlb2_model *m, unsigned int q);
void model_dir_queue_decode(struct dlb2_model *m, unsigned int q);
/* What a register of limited width shows of a count: at most all ones (control-path A.2). */
uint32_t model_saturate(const struct dlb2_model *m, enum dlb2_reg reg, int64_t value);

/* Brings queue_ok up to date after the in-flight count or limit of queue `q` changed. */
void model_queue_limit_update(struct dlb2_model *m, unsigned int q);
/* Removes queue `q` from `shared`. */
void model_shared_withdraw(struct model_sched *s, unsigned int q);
/* Brings own_cqs up to date for CQ `p` after `own`, `linked` or `queue_ok` changed. */
void model_own_update(struct model_sched *s, unsigned int p);

model_inline void
model_fifo_push(struct model_sched *s, struct model_fifo *fifo, unsigned int bin, uint16_t event)
{
	uint16_t last = fifo->tail[bin];

	fifo->tail[bin] = event;
	fifo->count++;
	if (model_likely(fifo->bins & 1u << bin)) {
		s->next[last] = event;
	} else {
		fifo->head[bin] = event;
		fifo->bins |= 1u << bin;
	}
}

model_inline uint16_t
model_fifo_pop(struct model_sched *s, struct model_fifo *fifo, unsigned int bin)
{
	uint16_t event = fifo->head[bin];

	if (event == fifo->tail[bin])
		fifo->bins &= ~(1u << bin);
	else
		fifo->head[bin] = s->next[event];
	fifo->count--;
	return event;
}

/* The bin of an event by its priority: pairs of codes share one, unless all eight are apart. */
model_inline unsigned int
model_bin_of(const struct model_sched *s, uint64_t word)
{
	return model_word_priority(word) >> s->bin_shift;
}

/* qid_depth code of an entry from a queue with `depth` events (data-path 2.1). */
model_inline unsigned int
model_depth_code(const uint16_t above[3], unsigned int depth)
{
	if (model_likely(depth <= above[0]))
		return DLB2_QID_DEPTH_LE50;
	return 1 + (depth > above[1]) + (depth > above[2]);
}

/* A choice among `n`; only for a seed that is not 0 (xorshift64*). */
model_inline unsigned int
model_random(struct model_sched *s, unsigned int n)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (unsigned int)((s->random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

/* Brings `shared` up to date after nalb_work, ready_work, queue_ok or sn_ok changed for `q`. */
model_inline void
model_shared_update(struct model_sched *s, unsigned int q)
{
	uint32_t work = s->queue_ok & ((s->nalb_work & s->sn_ok) | s->ready_work);
	uint32_t bit = 1u << q;

	if (((work ^ s->shared) & bit) == 0)
		return;
	if ((work & bit) == 0) {
		model_shared_withdraw(s, q);
	} else {
		s->shared |= bit;
		s->shared_cqs |= s->queues[q].cqs;
	}
}

/* The queue has `n` more unordered or ordered events. */
model_inline void
model_nalb_count(struct model_ldb_queue *queue, unsigned int n)
{
	queue->nalb_enqueued += n;
	if (model_unlikely(queue->nalb.count > queue->nalb_max_depth))
		queue->nalb_max_depth = queue->nalb.count;
}

/* An unordered or ordered event enters its queue. */
model_inline void
model_nalb_enqueue(struct dlb2_model *m, uint16_t event, uint64_t word)
{
	struct model_sched *s = &m->sched;
	unsigned int q = model_word_qid(word);
	struct model_ldb_queue *queue = &s->queues[q];
	bool was_empty = queue->nalb.bins == 0;

	model_fifo_push(s, &queue->nalb, model_bin_of(s, word), event);
	model_nalb_count(queue, 1);
	if (was_empty) {
		s->nalb_work |= 1u << q;
		model_shared_update(s, q);
		if (model_unlikely(queue->asleep != 0))
			model_links_wake(m, q);
	}
}

/* The next sequence number of queue `q`, which has one; the caller sees to it that sn_ok agrees. */
model_inline uint16_t
model_sn_take(struct model_sched *s, struct model_order *order, unsigned int q, unsigned int p,
	unsigned int slot)
{
	uint16_t id = order->base + order->next;

	s->sns[id] = (struct model_sn){ .state = MODEL_SN_OPEN, .qid = q, .cq = p, .slot = slot };
	order->open++;
	order->next = (order->next + 1) & order->mask;
	return id;
}

/* Directed queue `q` has `n` more events. */
model_inline void
model_dir_count(struct model_sched *s, unsigned int q, unsigned int n)
{
	struct model_dir_queue *queue = &s->dir_queues[q];

	queue->enqueued += n;
	if (model_unlikely(queue->fifo.count > queue->max_depth))
		queue->max_depth = queue->fifo.count;
	s->dir_work[q / 64] |= UINT64_C(1) << q % 64;
}

/* A directed event enters its queue. */
model_inline void
model_dir_push(struct model_sched *s, uint16_t event, uint64_t word)
{
	unsigned int q = model_word_qid(word);

	model_fifo_push(s, &s->dir_queues[q].fifo, model_bin_of(s, word), event);
	model_dir_count(s, q, 1);
}

#endif
