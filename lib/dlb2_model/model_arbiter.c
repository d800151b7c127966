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
#include "model_fast.h"
#include "model_history.h"
#include "model_order.h"

/* With a seed, the chance that a run ends before its budget: 1 in this many grants. */
#define EARLY_END_CHANCE 32

static unsigned int
draw_member(struct model_sched *s, uint64_t set)
{
	unsigned int n = model_random(s, __builtin_popcountll(set));

	while (n-- > 0)
		set &= set - 1;
	return __builtin_ctzll(set);
}

model_inline unsigned int
choose(struct model_sched *s, uint64_t set, unsigned int last)
{
	if (model_unlikely(s->random != 0))
		return draw_member(s, set);
	return model_next_in_turn(set, last);
}

#define CQS_PER_COS (DLB2_MAX_LDB_PORTS / DLB2_MAX_COS)
#define COS_MASK ((UINT64_C(1) << CQS_PER_COS) - 1)

model_inline uint64_t
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
	/* Time is not modelled, so that a slot which nobody may use is skipped at once. */
	return extra != 0 ? extra : all;
}

/*
 * Class of service (data-path 5.7): time is 256 slots, of which each class has its share; slots
 * that nobody reserved or whose class has no work go round.
 */
static unsigned int
choose_cos(struct model_sched *s, uint64_t cqs)
{
	unsigned int cos;

	if (model_unlikely(s->random != 0))
		s->cos_cursor = model_random(s, MODEL_COS_SLOTS);
	cos = s->cos_slots[s->cos_cursor++];
	if (model_likely(cos < DLB2_MAX_COS && cqs_of_cos(cqs, cos) != 0))
		return cos;
	cos = model_next_in_turn(classes_for_extra(s, cqs), s->last_extra_cos);
	s->last_extra_cos = cos;
	return cos;
}

static unsigned int
choose_cq(struct model_sched *s, uint64_t cqs)
{
	unsigned int cos = choose_cos(s, cqs);
	unsigned int n = choose(s, cqs_of_cos(cqs, cos), s->last_cq[cos]);

	s->last_cq[cos] = n;
	return cos * CQS_PER_COS + n;
}

/* Of several queues one of the best priority, in turn; LDB_WRR_COUNT_BASE may let it go on. */
model_inline unsigned int
choose_queue(struct model_sched *s, struct model_links *links, uint32_t queues)
{
	uint32_t best = model_best_queues(links, queues);

	if (model_unlikely(links->run_left > 0) && (best >> links->last_queue & 1)) {
		links->run_left--;
		return links->last_queue;
	}
	links->last_queue = choose(s, best, links->last_queue);
	links->run_left = s->run_length - 1;
	return links->last_queue;
}

/* Atomic or not: in turn where queue `q` has both for the CQ (data-path 5.6). */
static bool
choose_kind(struct model_sched *s, unsigned int q)
{
	bool atomic = !s->queues[q].atomic_last;

	if (model_unlikely(s->random != 0))
		atomic = model_random(s, 2);
	s->queues[q].atomic_last = atomic;
	return atomic;
}

/* The next unordered or ordered event of queue `q`, and its sequence number. */
model_inline uint16_t
take_nalb(struct dlb2_model *m, unsigned int q, unsigned int p, unsigned int slot, uint16_t *sn)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	unsigned int bin = model_arbiter_bin(m, MODEL_ARB_NALB, queue->nalb.bins);
	uint16_t event = model_fifo_pop(s, &queue->nalb, bin);

	if (model_unlikely(queue->nalb.bins == 0)) {
		s->nalb_work &= ~(1u << q);
		model_shared_update(s, q);
	}
	*sn = MODEL_NONE;
	if (queue->order.enabled &&
			model_word_type(s->events[event].word) == DLB2_SCHED_ORDERED)
		*sn = model_sn_give(s, q, p, slot);
	return event;
}

/* The code for a queue's depth, with or without this event (data-path 11). */
model_inline unsigned int
depth_code(const struct dlb2_model *m, const uint16_t above[3], unsigned int depth)
{
	return model_depth_code(above, depth - m->switches[DLB2_SWITCH_DEPTH_CODE]);
}

/* Counts an open event for queue and CQ, which may now have met a limit. */
model_inline void
note_open(struct dlb2_model *m, struct model_port *port, unsigned int p,
	struct model_ldb_queue *queue, unsigned int q, uint64_t word)
{
	queue->open++;
	if (model_unlikely(queue->open >= queue->open_limit))
		model_queue_limit_update(m, q);
	port->written++;
	if (model_unlikely(port->weighed))
		port->load += model_weight(m, model_word_flags(word));
	if (model_unlikely(port->written >= port->stop || port->watched))
		model_room_update(m, DLB2_LDB, p);
}

/* Schedules one event of queue `q` to CQ `p`, both of which permit it. */
model_inline void
schedule_event(struct dlb2_model *m, struct model_port *port, const struct model_links *links,
	unsigned int p, unsigned int q)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	bool nalb = (s->nalb_work & s->sn_ok) >> q & 1;
	bool atomic = (s->ready_work | port->own) >> q & 1;
	unsigned int slot = links->slot_of[q];
	unsigned int code;
	uint16_t event, id;
	uint64_t word;

	model_keep(queue);
	if (model_unlikely(nalb && atomic))
		atomic = choose_kind(s, q);
	if (atomic) {
		code = depth_code(m, queue->depth_above[MODEL_ATOMIC], queue->atomic);
		event = model_atomic_take(m, q, p, &id);
	} else {
		code = depth_code(m, queue->depth_above[MODEL_NALB], queue->nalb.count);
		event = take_nalb(m, q, p, slot, &id);
	}
	word = s->events[event].word;
	model_history_push(s, port, word, slot, id);
	s->domains[port->cq_domain].credits[0]++;
	model_event_free(s, event, 0);
	model_entry_write(m, DLB2_LDB, p, port, s->events[event].data,
		(word & MODEL_WORD_CQ_PART) | model_entry_status(port, code));
	note_open(m, port, p, queue, q, word);
}

/* Whether so many events can come from one queue in a row that a run is worth its preparation. */
model_inline bool
is_worth_a_run(const struct model_sched *s, unsigned int q, unsigned int budget)
{
	const struct model_ldb_queue *queue = &s->queues[q];

	return budget >= MODEL_FAST_MIN &&
		(unsigned int)queue->atomic + queue->nalb.count >= MODEL_FAST_MIN;
}

/* How many events a CQ that may take some from these queues gets before the next one's turn. */
model_inline unsigned int
size_of_grant(struct model_sched *s, const struct model_links *links, uint32_t queues,
	unsigned int budget)
{
	unsigned int q = model_next_in_turn(queues, links->last_queue);
	const struct model_ldb_queue *queue = &s->queues[q];
	unsigned int grant = 1;

	if (model_unlikely(s->random != 0))
		grant = 1 + model_random(s, MODEL_GRANT);
	else if ((unsigned int)queue->atomic + queue->nalb.count >= queue->deep)
		grant = MODEL_GRANT;
	return grant < budget ? grant : budget;
}

/* Schedules to CQ `p`, which has room, one event of these queues. */
model_inline void
schedule_one(struct dlb2_model *m, struct model_port *port, struct model_links *links,
	unsigned int p, uint32_t queues)
{
	unsigned int q = model_is_single(queues) ? (unsigned int)__builtin_ctz(queues) :
		choose_queue(&m->sched, links, queues);

	schedule_event(m, port, links, p, q);
}

/*
 * Schedules to CQ `p`, which has room, the next event of the queues that it may take one from; more
 * if that is a short way, but at most `most`. Returns how many.
 */
model_inline unsigned int
schedule_some(struct dlb2_model *m, struct model_port *port, struct model_links *links,
	unsigned int p, uint32_t queues, unsigned int most)
{
	bool one = model_is_single(queues);
	unsigned int q = __builtin_ctz(queues), n = 0;

	if (!one && most >= MODEL_FAST_MIN)
		n = model_fast_take_turns(m, p, most);
	else if (one && is_worth_a_run(&m->sched, q, most))
		n = model_fast_schedule(m, p, q, most);
	if (n > 0)
		return n;
	schedule_one(m, port, links, p, queues);
	return 1;
}

/* Schedules to one of the CQs, which have work and room, at most `budget` events. */
static unsigned int
schedule_ldb(struct dlb2_model *m, uint64_t cqs, unsigned int budget)
{
	struct model_sched *s = &m->sched;
	bool alone = model_is_single(cqs);
	unsigned int p = alone ? (unsigned int)__builtin_ctzll(cqs) : choose_cq(s, cqs);
	struct model_port *port = &s->ports[DLB2_LDB][p];
	struct model_links *links = &s->links[p];
	uint32_t queues = model_queues_for(s, port);
	unsigned int done = 0;

	model_keep(port);
	model_keep(links);
	if (!alone)
		budget = size_of_grant(s, links, queues, budget);
	if (budget == 1) {
		schedule_one(m, port, links, p, queues);
		done = 1;
	}
	while (done < budget && queues != 0 && (s->ready >> p & 1)) {
		done += schedule_some(m, port, links, p, queues, budget - done);
		queues = model_queues_for(s, port);
	}
	s->touched |= UINT64_C(1) << p;
	s->ldb_scheduled += done;
	return done;
}

/* Bytes 8 to 15 of an entry of directed CQ `p`, but for status. */
static uint64_t
directed_word(struct dlb2_model *m, unsigned int p, uint64_t word)
{
	uint64_t sender;

	if (model_likely(m->sched.ports[DLB2_DIR][p].is_pf &&
			m->switches[DLB2_SWITCH_DIR_ENTRY] == 0))
		return model_directed_word(word);
	sender = m->switches[DLB2_SWITCH_DIR_ENTRY] != 0 ? 0xdead :
		model_sender_shown(m, p, model_word_status(word));
	return (model_directed_word(word) & ~MODEL_WORD(lock_id)) |
		sender << DLB2_HCW_SHIFT(lock_id);
}

static void
schedule_dir_event(struct dlb2_model *m, struct model_port *port, unsigned int p)
{
	struct model_sched *s = &m->sched;
	struct model_dir_queue *queue = &s->dir_queues[p];
	unsigned int code = depth_code(m, queue->depth_above, queue->fifo.count);
	unsigned int bin = model_arbiter_bin(m, MODEL_ARB_DIR, queue->fifo.bins);
	uint16_t event = model_fifo_pop(s, &queue->fifo, bin);

	s->domains[port->cq_domain].credits[s->dir_pool]++;
	model_event_free(s, event, s->dir_pool);
	model_entry_write(m, DLB2_DIR, p, port, s->events[event].data,
		directed_word(m, p, s->events[event].word) | model_entry_status(port, code));
	port->written++;
}

/* Schedules at most `budget` events to a directed CQ, which has work and room. */
static unsigned int
schedule_dir(struct dlb2_model *m, unsigned int p, unsigned int budget)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[DLB2_DIR][p];
	unsigned int done = 0, n;

	do {
		n = 0;
		if (budget - done >= MODEL_FAST_MIN &&
				s->dir_queues[p].fifo.count >= MODEL_FAST_MIN)
			n = model_fast_schedule_dir(m, p, budget - done);
		if (n == 0) {
			schedule_dir_event(m, port, p);
			n = 1;
		}
		done += n;
		if (port->written >= port->stop)
			model_room_update(m, DLB2_DIR, p);
	} while (done < budget && s->dir_queues[p].fifo.bins != 0 &&
		model_cq_is_ready(s, DLB2_DIR, p));
	if (s->dir_queues[p].fifo.bins == 0)
		s->dir_work[p / 64] &= ~(UINT64_C(1) << p % 64);
	s->dir_touched[p / 64] |= UINT64_C(1) << p % 64;
	s->dir_scheduled += done;
	return done;
}

/* Directed CQs take turns over both words of their set. */
static unsigned int
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

/* Whether nobody but one directed CQ has something to do. */
static bool
dir_is_alone(uint64_t cqs, const uint64_t dirs[MODEL_DIR_WORDS])
{
	return cqs == 0 && model_is_single(dirs[0]) && model_is_single(dirs[1]) &&
		(dirs[0] == 0 || dirs[1] == 0);
}

/*
 * A grant to one CQ of either pipeline; where both have work, they take turns. Returns how many
 * events it was, 0 if there is nothing to do.
 */
model_inline unsigned int
grant(struct dlb2_model *m, unsigned int budget)
{
	struct model_sched *s = &m->sched;
	uint64_t cqs = s->ready & (s->shared_cqs | s->own_cqs);
	uint64_t dirs[MODEL_DIR_WORDS] = {
		s->dir_ready[0] & s->dir_work[0], s->dir_ready[1] & s->dir_work[1] };
	bool dir = (dirs[0] | dirs[1]) != 0;

	if (cqs != 0 && !(dir && s->dir_turn)) {
		s->dir_turn = true;
		return schedule_ldb(m, cqs, dir && budget > MODEL_GRANT ? MODEL_GRANT : budget);
	}
	if (!dir)
		return 0;
	s->dir_turn = s->random != 0 && model_random(s, 2);
	return schedule_dir(m, choose_dir(s, dirs), dir_is_alone(cqs, dirs) ||
		budget < MODEL_GRANT ? budget : MODEL_GRANT);
}

/* Every search in turn starts at number 0. */
void
model_arbiter_reset(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;
	unsigned int n;

	for (n = 0; n < DLB2_MAX_COS; n++)
		s->last_cq[n] = CQS_PER_COS - 1;
	for (n = 0; n < DLB2_MAX_LDB_PORTS; n++)
		s->links[n].last_queue = DLB2_MAX_LDB_QUEUES - 1;
	s->last_extra_cos = DLB2_MAX_COS - 1;
	s->last_dir = MODEL_DIR_WORDS * 64 - 1;
}

/* What a seed adds between grants: late entries become visible, a run ends early. */
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
	unsigned int n, done = 0;
	bool idle = false;

	if (model_is_gone(m))
		return 0;
	s->may_write_plain = m->faults_armed == 0 && m->pci.dma_allowed;
	while (done < budget) {
		n = grant(m, budget - done);
		done += n;
		idle = n == 0;
		if (idle || (model_unlikely(s->random != 0) && interfere(m)))
			break;
	}
	if (idle && s->num_late > 0)
		model_late_finish(m);
	m->counters.scheduled += done;
	model_cq_tell_occupancy(m);
	return done;
}
