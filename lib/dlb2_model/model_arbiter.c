/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The scheduler: chooses class, CQ, queue, kind and priority of the next event, and delivers it.
 * At seed 0 every free choice is the next in turn; with another seed it is drawn. Nothing here
 * grows with the number of queues, ports or domains.
 */

#include "model_atomic.h"
#include "model_cq.h"
#include "model_credits.h"
#include "model_history.h"
#include "model_order.h"

/* With a seed, the chance that a run ends before its budget: 1 in this many events. */
#define EARLY_END_CHANCE 32

/* The next member of a set after `last`, which wraps. */
static inline unsigned int
next_in_turn(uint64_t set, unsigned int last)
{
	uint64_t above = set & (~UINT64_C(1) << last);

	return __builtin_ctzll(above != 0 ? above : set);
}

static unsigned int
draw_member(struct model_sched *s, uint64_t set)
{
	unsigned int n = model_random(s, __builtin_popcountll(set));

	while (n-- > 0)
		set &= set - 1;
	return __builtin_ctzll(set);
}

static inline unsigned int
choose(struct model_sched *s, uint64_t set, unsigned int last)
{
	if (model_unlikely(s->random != 0))
		return draw_member(s, set);
	return next_in_turn(set, last);
}

#define CQS_PER_COS (DLB2_MAX_LDB_PORTS / DLB2_MAX_COS)
#define COS_MASK ((UINT64_C(1) << CQS_PER_COS) - 1)

static inline uint64_t
cqs_of_cos(uint64_t cqs, unsigned int cos)
{
	return cqs >> cos * CQS_PER_COS & COS_MASK;
}

/* Classes that have one of these CQs, and may use bandwidth that nobody reserved. */
static unsigned int
classes_for_extra(const struct model_sched *s, uint64_t cqs)
{
	unsigned int all = 0, extra = 0;
	unsigned int cos;

	for (cos = 0; cos < DLB2_MAX_COS; cos++) {
		if (cqs_of_cos(cqs, cos) == 0)
			continue;
		all |= 1u << cos;
		if (!s->cos_no_extra[cos])
			extra |= 1u << cos;
	}
	/* With time not modelled, a slot that only others could use would be a slot later anyway. */
	return extra != 0 ? extra : all;
}

/*
 * Class of service (data-path 5.7): time is 256 slots, of which each class has its share; slots
 * that nobody reserved or whose class has no work go round.
 */
static inline unsigned int
choose_cos(struct model_sched *s, uint64_t cqs)
{
	unsigned int cos = s->cos_slots[s->cos_cursor++];

	if (model_likely(cos < DLB2_MAX_COS && cqs_of_cos(cqs, cos) != 0))
		return cos;
	cos = next_in_turn(classes_for_extra(s, cqs), s->last_extra_cos);
	s->last_extra_cos = cos;
	return cos;
}

static inline unsigned int
choose_cq(struct model_sched *s, uint64_t cqs)
{
	unsigned int cos, n;

	if (model_unlikely(s->random != 0))
		s->cos_cursor = model_random(s, MODEL_COS_SLOTS);
	cos = choose_cos(s, cqs);
	n = choose(s, cqs_of_cos(cqs, cos), s->last_cq[cos]);
	s->last_cq[cos] = n;
	return cos * CQS_PER_COS + n;
}

/* Among queues of equal priority, one that may have several in a row (data-path 5.7) goes on. */
static inline unsigned int
choose_queue(struct model_sched *s, unsigned int p, uint32_t queues)
{
	struct model_links *links = &s->links[p];
	unsigned int levels = links->levels;
	uint32_t best;

	for (;; levels &= levels - 1) {
		best = queues & links->by_priority[__builtin_ctz(levels)];
		if (model_likely(best != 0))
			break;
	}
	if (links->run_left > 0 && (best >> links->last_queue & 1)) {
		links->run_left--;
		return links->last_queue;
	}
	links->last_queue = choose(s, best, links->last_queue);
	links->run_left = s->run_length - 1;
	return links->last_queue;
}

/* Atomic or not, where queue `q` has both for the CQ: in turn (data-path 5.6). */
static inline bool
choose_atomic(struct model_sched *s, unsigned int p, unsigned int q)
{
	bool nalb = (s->nalb_work & s->sn_ok) >> q & 1;
	bool atomic = (s->ready_work | s->ports[DLB2_LDB][p].own) >> q & 1;

	if (!(nalb && atomic))
		return atomic;
	if (model_unlikely(s->random != 0))
		return model_random(s, 2);
	return !s->queues[q].atomic_last;
}

/* The next unordered or ordered event of queue `q`. Fills in type and sequence number. */
static inline uint16_t
take_nalb(struct dlb2_model *m, unsigned int q, unsigned int p, struct model_history *entry)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	unsigned int bin = model_arbiter_bin(m, MODEL_ARB_NALB, queue->nalb.bins);
	uint16_t event = model_fifo_pop(s, &queue->nalb, bin);

	if (queue->nalb.bins == 0) {
		s->nalb_work &= ~(1u << q);
		model_shared_update(s, q);
	}
	entry->id = MODEL_NONE;
	if (model_word_type(s->events[event].word) == DLB2_SCHED_ORDERED && queue->order.enabled)
		entry->id = model_sn_give(s, q, p, entry->slot);
	return event;
}

/* The queue depth that the entry's code tells: before or after this event (data-path 11). */
static inline unsigned int
depth_told(const struct dlb2_model *m, unsigned int depth)
{
	return depth - (m->switches[DLB2_SWITCH_DEPTH_CODE] != 0);
}

/* Takes the next event of queue `q` for CQ `p`; tells its depth code. */
static inline uint16_t
take_event(struct dlb2_model *m, unsigned int p, unsigned int q, struct model_history *entry,
	unsigned int *depth_code)
{
	struct model_ldb_queue *queue = &m->sched.queues[q];
	bool atomic = choose_atomic(&m->sched, p, q);
	unsigned int depth;

	queue->atomic_last = atomic;
	if (atomic) {
		depth = depth_told(m, queue->aqed_count + queue->atq.count);
		*depth_code = model_depth_code(queue->depth_above[MODEL_ATOMIC], depth);
		return model_atomic_take(m, q, p, &entry->id);
	}
	depth = depth_told(m, queue->nalb.count);
	*depth_code = model_depth_code(queue->depth_above[MODEL_NALB], depth);
	return take_nalb(m, q, p, entry);
}

/* Counts an open event for queue and CQ, which may now have met a limit. */
static inline void
note_open(struct dlb2_model *m, unsigned int p, unsigned int q, struct model_port *port,
	uint8_t flags)
{
	struct model_ldb_queue *queue = &m->sched.queues[q];

	port->written++;
	queue->open++;
	if (model_unlikely(queue->open >= queue->open_limit))
		model_queue_limit_update(m, q);
	if (model_unlikely(port->weighed))
		port->load += model_weight(m, flags);
	if (model_unlikely(port->written >= port->stop || port->watched))
		model_room_update(m, DLB2_LDB, p);
}

static inline void
schedule_ldb(struct dlb2_model *m, uint64_t cqs)
{
	struct model_sched *s = &m->sched;
	unsigned int p = choose_cq(s, cqs);
	struct model_port *port = &s->ports[DLB2_LDB][p];
	unsigned int q = choose_queue(s, p,
		port->linked & (s->shared | (port->own & s->queue_ok)));
	struct model_history entry = { .qid = q, .slot = s->links[p].slot_of[q] };
	unsigned int depth_code;
	uint16_t event = take_event(m, p, q, &entry, &depth_code);
	uint64_t word = s->events[event].word;
	uint64_t status = model_cq_gen(port) | depth_code << 1;

	entry.sched = (uint32_t)word >> 24;
	entry.flags = word >> 48 & 0xff;
	model_history_push(s, port, entry);
	s->domains[port->cq_domain].credits[0]++;
	model_event_free(s, event, 0);
	model_entry_write(m, DLB2_LDB, p, port, s->events[event].data,
		(word & MODEL_WORD_CQ_PART) | status << MODEL_WORD_STATUS_SHIFT);
	s->touched |= UINT64_C(1) << p;
	note_open(m, p, q, port, entry.flags);
}

/* Bytes 8 to 15 of an entry of a directed CQ, whose bytes 10 to 13 are others (data-path 2.4). */
static inline uint64_t
directed_word(struct dlb2_model *m, unsigned int p, uint64_t word)
{
	uint64_t sender = word >> 56;

	if (model_likely(m->sched.ports[DLB2_DIR][p].is_pf))
		sender &= ~(uint64_t)MODEL_SENDER_LDB;
	else
		sender = model_sender_shown(m, p, sender);
	if (m->switches[DLB2_SWITCH_DIR_ENTRY] != 0)
		sender = 0xdead;
	return (word & 0xffff) | (word >> 16 & 0xffff0000) | sender << 32;
}

static inline void
schedule_dir(struct dlb2_model *m, unsigned int p)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_DIR][p];
	struct model_dir_queue *queue = &s->dir_queues[p];
	unsigned int depth = depth_told(m, queue->fifo.count);
	unsigned int bin = model_arbiter_bin(m, MODEL_ARB_DIR, queue->fifo.bins);
	uint16_t event = model_fifo_pop(s, &queue->fifo, bin);
	uint64_t status = model_cq_gen(port) | model_depth_code(queue->depth_above, depth) << 1;

	if (queue->fifo.bins == 0)
		s->dir_work[p / 64] &= ~(UINT64_C(1) << p % 64);
	s->domains[port->cq_domain].credits[s->dir_pool]++;
	model_event_free(s, event, s->dir_pool);
	model_entry_write(m, DLB2_DIR, p, port, s->events[event].data,
		directed_word(m, p, s->events[event].word) | status << MODEL_WORD_STATUS_SHIFT);
	s->dir_touched[p / 64] |= UINT64_C(1) << p % 64;
	port->written++;
	if (port->written >= port->stop)
		model_room_update(m, DLB2_DIR, p);
}

/* Directed CQs take turns over both words of their set. */
static inline unsigned int
choose_dir(struct model_sched *s, const uint64_t cqs[MODEL_DIR_WORDS])
{
	unsigned int word = s->last_dir / 64;
	uint64_t above = cqs[word] & (~UINT64_C(1) << s->last_dir % 64);

	if (model_unlikely(s->random != 0)) {
		word = cqs[0] == 0 || (cqs[1] != 0 && model_random(s, 2));
		above = UINT64_C(1) << draw_member(s, cqs[word]);
	} else if (above == 0) {
		word = cqs[!word] != 0 ? !word : word;
		above = cqs[word];
	}
	s->last_dir = word * 64 + __builtin_ctzll(above);
	return s->last_dir;
}

/* One event of either pipeline; where both have work, they take turns. False: there is none. */
static inline bool
schedule_one(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;
	uint64_t cqs = s->ready & (s->shared_cqs | s->own_cqs);
	uint64_t dirs[MODEL_DIR_WORDS] = {
		s->dir_ready[0] & s->dir_work[0], s->dir_ready[1] & s->dir_work[1] };
	bool dir = (dirs[0] | dirs[1]) != 0;

	if (cqs != 0 && !(dir && s->dir_turn)) {
		s->dir_turn = true;
		s->ldb_scheduled++;
		schedule_ldb(m, cqs);
		return true;
	}
	if (!dir)
		return false;
	s->dir_turn = s->random != 0 && model_random(s, 2);
	s->dir_scheduled++;
	schedule_dir(m, choose_dir(s, dirs));
	return true;
}

/* What a seed adds between events: late entries become visible, a run ends early. */
static bool
interfere(struct dlb2_model *m)
{
	model_late_advance(m);
	return model_random(&m->sched, EARLY_END_CHANCE) == 0;
}

unsigned int
dlb2_model_run(struct dlb2_model *m, unsigned int budget)
{
	struct model_sched *s = &m->sched;
	unsigned int done = 0;
	bool idle = false;

	if (model_is_gone(m))
		return 0;
	s->may_write_plain = m->faults_armed == 0 && m->pci.dma_allowed;
	while (done < budget) {
		idle = !schedule_one(m);
		if (idle)
			break;
		done++;
		if (model_unlikely(s->random != 0) && interfere(m))
			break;
	}
	if (idle && s->num_late > 0)
		model_late_finish(m);
	m->counters.scheduled += done;
	model_cq_tell_occupancy(m);
	return done;
}
