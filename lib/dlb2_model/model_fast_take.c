/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Short ways for runs of the commonest HCWs: NEW and FWD to queues that have room, from events
 * without surprises. Not here: the scheduling of what they bring (model_fast_schedule.c).
 *
 * Everything here is also in the general way (model_hcw.c), which takes over at the first HCW that
 * is not common, so a condition too many only costs time and a condition too few is a bug. Tests
 * run the same traffic both ways and compare.
 *
 * Why it is fast: each kind of HCW has a loop of its own, in which nothing common is called that is
 * not inline, so that the compiler keeps all of it in registers. What is decided once, and not again
 * for each HCW, can only become more true during a run: what is open or limited only falls. Sums
 * are added up when the run is over. Keep it so. HCWs for one list after the other (struct target)
 * have another loop than those whose list changes each time, for which to put sums off costs more
 * than it saves.
 */

#include "model_cq.h"
#include "model_fast.h"
#include "model_fast_run.h"

/* A NEW or FWD to a FIFO, to be opened if it is alone. False: it is not common. */
model_inline bool
take_into_fifo(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	bool alone)
{
	struct completion c = { .sn = NULL };

	if (forward && (!find_completion(run, &c) || (c.atomic && !is_single_flow(run, c.flow))))
		return false;
	if (forward && c.early) {
		take_early(run, hcw, word, &c);
		return true;
	}
	if (forward)
		do_completion(run, &c);
	if (alone)
		open_fifo(run, word);
	append_event(run, hcw, word);
	return true;
}

/* The key of the flow that an HCW names. */
model_inline uint32_t
key_of(const struct target *target, uint64_t word, bool alone)
{
	unsigned int lock_id = model_word_lock(word);

	return alone ? model_flow_key(target->queue, target->q, lock_id) :
		model_flow_key_of_many(target->queue, target->q, target->folded, lock_id);
}

/*
 * A NEW or FWD of an atomic event that nothing keeps from being ready; the list is to be opened if
 * it is alone. False: it is not common.
 */
model_inline bool
take_into_flows(struct take_run *run, const struct dlb2_hcw *hcw, uint64_t word, bool forward,
	bool alone)
{
	uint32_t key = key_of(&run->target, word, alone);
	struct completion c = { .sn = NULL };

	if (forward && !find_completion(run, &c))
		return false;
	if (c.early) {
		take_early(run, hcw, word, &c);
		return true;
	}
	if (c.atomic) {
		if (!reuse_flow(run, c.flow, key, alone))
			return false;
		run->oldest++;
	} else {
		c.flow = new_flow(run, key);
		if (c.flow == MODEL_NO_FLOW)
			return false;
		if (forward)
			do_completion(run, &c);
	}
	if (alone)
		open_flows(run, word);
	append_flow(run, hcw, word, c.flow);
	return true;
}

model_inline struct take_run
begin_run(const struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw,
	enum dlb2_sched_type type)
{
	struct model_sched *s = &burst->m->sched;
	struct take_run run;

	model_keep(s);
	run.s = s;
	run.domain = burst->domain;
	run.oldest = burst->oldest;
	run.left = most;
	run.pool = type == DLB2_SCHED_DIRECTED ? s->dir_pool : 0;
	run.free = s->free_head[run.pool];
	run.stamp = (uint64_t)(hcw->cmd ^ burst->sender) << MODEL_WORD_STATUS_SHIFT;
	run.single = burst->single;
	run.source = NO_SOURCE;
	return run;
}

/* Books `n` events in a row of `hcws` HCWs. */
model_inline void
finish_run(struct take_run *run, struct burst *burst, unsigned int n, unsigned int hcws)
{
	finish_source(run);
	run->s->free_head[run->pool] = run->free;
	burst->domain->credits[run->pool] -= n;
	burst->oldest = run->oldest;
	burst->events += n;
	burst->noops += hcws - n;
}

/* NOOPs behind an event sent alone fill its line. */
#define REST_OF_LINE (DLB2_HCWS_PER_LINE - 1)

model_inline const struct dlb2_hcw *
skip_noops(const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	if (end - hcw >= REST_OF_LINE &&
			((hcw[0].cmd | hcw[1].cmd | hcw[2].cmd) & DLB2_HCW_CMD) == DLB2_CMD_NOOP)
		hcw += REST_OF_LINE;
	while (hcw != end && (hcw->cmd & DLB2_HCW_CMD) == DLB2_CMD_NOOP)
		hcw++;
	return hcw;
}

/*
 * Goes on to the next HCW whose `word` has the bits of `mask` like `kind`, over NOOPs. False: there
 * is none, and *hcw is the next one of whatever kind, or the end.
 */
model_inline bool
next_alike(const struct dlb2_hcw **hcw, const struct dlb2_hcw *end, uint64_t *word, uint64_t kind,
	uint64_t mask)
{
	if (++*hcw == end)
		return false;
	*word = model_word_of(*hcw);
	if (model_likely(((*word ^ kind) & mask) == 0))
		return true;
	if (model_word_command(*word) != DLB2_CMD_NOOP)
		return false;
	*hcw = skip_noops(*hcw, end);
	if (*hcw == end)
		return false;
	*word = model_word_of(*hcw);
	return ((*word ^ kind) & mask) == 0;
}

/* Takes HCWs that go to the list of the first one, as long as they are common. */
model_inline const struct dlb2_hcw *
take_target(struct take_run *run, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end,
	bool forward, bool flows)
{
	uint64_t word = model_word_of(hcw);

	if (flows)
		open_flows(run, word);
	else
		open_fifo(run, word);
	while (flows ? take_into_flows(run, hcw, word, forward, false) :
			take_into_fifo(run, hcw, word, forward, false)) {
		run->left--;
		if (!next_alike(&hcw, end, &word, run->target.kind, TARGET_MASK) ||
				run->left == run->target.stop)
			break;
	}
	return hcw;
}

/* A run to one list. Returns where it stopped. */
model_inline const struct dlb2_hcw *
take_same(struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw,
	const struct dlb2_hcw *end, bool forward, enum dlb2_sched_type type)
{
	struct take_run run = begin_run(burst, most, hcw, type);
	const struct dlb2_hcw *first = hcw;

	if (!begin_target(&run, model_word_of(hcw), type))
		return hcw;
	if (type == DLB2_SCHED_ATOMIC && run.target.fifo == NULL)
		hcw = take_target(&run, hcw, end, forward, true);
	else
		hcw = take_target(&run, hcw, end, forward, false);
	finish_target(&run, type);
	finish_run(&run, burst, most - run.left, hcw - first);
	return hcw;
}

/*
 * A run of one command and type to lists that change all the time: the same, with a target for each
 * HCW, of which the compiler leaves little. Returns where it stopped.
 */
model_inline const struct dlb2_hcw *
take_mixed(struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw,
	const struct dlb2_hcw *end, bool forward, enum dlb2_sched_type type)
{
	struct take_run run = begin_run(burst, most, hcw, type);
	const struct dlb2_hcw *first = hcw;
	uint64_t word = model_word_of(hcw);
	const uint64_t command = word & COMMAND_MASK;
	bool common;

	do {
		if (!begin_target(&run, word, type))
			break;
		common = type == DLB2_SCHED_ATOMIC && run.target.fifo == NULL ?
			take_into_flows(&run, hcw, word, forward, true) :
			take_into_fifo(&run, hcw, word, forward, true);
		if (!common)
			break;
		run.left--;
		finish_target(&run, type);
		if (forward)
			finish_single(&run);
	} while (next_alike(&hcw, end, &word, command, COMMAND_MASK) && run.left != 0);
	finish_run(&run, burst, most - run.left, hcw - first);
	return hcw;
}

typedef const struct dlb2_hcw *take_function(struct burst *burst, unsigned int most,
	const struct dlb2_hcw *hcw, const struct dlb2_hcw *end);

#define TAKE(name, take, forward, type) \
	static __attribute__((noinline)) const struct dlb2_hcw * \
	name(struct burst *burst, unsigned int most, const struct dlb2_hcw *hcw, \
		const struct dlb2_hcw *end) \
	{ \
		return take(burst, most, hcw, end, forward, type); \
	}
#define TAKE_KIND(name, forward, type) \
	TAKE(name, take_same, forward, type) \
	TAKE(name##_mixed, take_mixed, forward, type)

TAKE_KIND(new_atomic, false, DLB2_SCHED_ATOMIC)
TAKE_KIND(new_nalb, false, DLB2_SCHED_UNORDERED)
TAKE_KIND(new_dir, false, DLB2_SCHED_DIRECTED)
TAKE_KIND(forward_atomic, true, DLB2_SCHED_ATOMIC)
TAKE_KIND(forward_nalb, true, DLB2_SCHED_UNORDERED)
TAKE_KIND(forward_dir, true, DLB2_SCHED_DIRECTED)

/* By whether targets change, whether events are completed, and type. */
static take_function *const take_functions[2][2][4] = {
	{ { new_atomic, new_nalb, new_nalb, new_dir },
		{ forward_atomic, forward_nalb, forward_nalb, forward_dir } },
	{ { new_atomic_mixed, new_nalb_mixed, new_nalb_mixed, new_dir_mixed },
		{ forward_atomic_mixed, forward_nalb_mixed, forward_nalb_mixed,
			forward_dir_mixed } },
};

/* Tokens that are outstanding, less those that the burst returns. */
static unsigned int
tokens_left(const struct burst *burst)
{
	return burst->port->written - burst->port->returned - burst->tokens;
}

/*
 * How many HCWs like this one a port may send before it lacks a credit, a token, an open event or,
 * before the end of their range, a history entry.
 */
static unsigned int
most_hcws(const struct burst *burst, unsigned int pool, unsigned int cmd)
{
	const struct model_port *port = burst->port;
	unsigned int at = burst->oldest - burst->m->sched.history;
	unsigned int n = burst->domain->credits[pool];

	if (cmd & DLB2_CMD_TOKEN)
		n = min_of(n, tokens_left(burst));
	if (cmd & DLB2_CMD_COMP_BIT) {
		n = min_of(n, port->written - port->completed - (at - port->hist_pop));
		n = min_of(n, port->hist_limit - at);
	}
	return n;
}

/* NEW or FWD, with or without a token, which the port may send. */
model_inline bool
is_common_command(const struct model_port *port, unsigned int cmd)
{
	unsigned int event = cmd & ~(unsigned int)DLB2_CMD_TOKEN;

	return (event == DLB2_CMD_NEW || event == DLB2_CMD_FWD) && (port->legal >> cmd & 1);
}

/* Whether the HCW `n` behind this one, of `left`, is an event for another list. */
model_inline bool
differs(const struct dlb2_hcw *hcw, ptrdiff_t left, unsigned int n)
{
	uint64_t word;

	if (n >= left)
		return false;
	word = model_word_of(hcw + n);
	return ((word ^ model_word_of(hcw)) & TARGET_MASK) != 0 &&
		(model_word_command(word) & DLB2_CMD_VALID) != 0;
}

/*
 * Whether an HCW is not the first of a run to one list, as far as three of those behind it tell. To
 * find the end of the run would cost what it is to save.
 */
model_inline bool
is_mixed(const struct dlb2_hcw *hcw, ptrdiff_t left)
{
	return left == 1 || differs(hcw, left, 1) || differs(hcw, left, 2) ||
		differs(hcw, left, DLB2_HCWS_PER_LINE);
}

/* Takes HCWs of the first one's command and type. Returns where it stopped. */
static const struct dlb2_hcw *
take_events(struct burst *burst, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	struct model_sched *s = &burst->m->sched;
	unsigned int type = hcw->sched & DLB2_HCW_SCHED_TYPE;
	unsigned int cmd = hcw->cmd, before = burst->events;
	unsigned int most = most_hcws(burst, type == DLB2_SCHED_DIRECTED ? s->dir_pool : 0, cmd);
	take_function *take;

	if (most == 0)
		return hcw;
	take = take_functions[is_mixed(hcw, end - hcw)][(cmd & DLB2_CMD_COMP_BIT) != 0][type];
	hcw = take(burst, most, hcw, end);
	if (cmd & DLB2_CMD_TOKEN)
		burst->tokens += burst->events - before;
	burst->m->counters.hcws[cmd] += burst->events - before;
	return hcw;
}

/* A batch of tokens which are all outstanding. */
static bool
take_tokens(struct burst *burst, const struct dlb2_hcw *hcw)
{
	unsigned int count = (hcw->lock_id & DLB2_HCW_TOKENS) + 1;

	if (count > tokens_left(burst))
		return false;
	burst->tokens += count;
	burst->m->counters.hcws[DLB2_CMD_BAT_T]++;
	return true;
}

/* Takes HCWs of one command. Returns where it stopped. */
static const struct dlb2_hcw *
take_some(struct burst *burst, const struct dlb2_hcw *hcw, const struct dlb2_hcw *end)
{
	const struct dlb2_hcw *stop;

	if (is_common_command(burst->port, hcw->cmd))
		return take_events(burst, hcw, end);
	if (hcw->cmd == DLB2_CMD_BAT_T)
		return hcw + take_tokens(burst, hcw);
	stop = skip_noops(hcw, end);
	burst->noops += stop - hcw;
	return stop;
}

/* Whether a burst of this port has any prospect. */
model_inline bool
is_common_port(const struct model_sched *s, const struct model_port *port)
{
	return port->legal != 0 && !port->watched && s->atq_device == 0 && !s->hold_aqed &&
		!s->aqed_contended && !s->storage_contended;
}

/* Books what all the HCWs together did. */
static void
finish_burst(const struct burst *burst, unsigned int p)
{
	struct dlb2_model *m = burst->m;
	struct model_port *port = burst->port;
	unsigned int completed = burst->oldest - &m->sched.history[port->hist_pop];

	port->hist_pop += completed;
	port->completed += completed;
	m->counters.enqueued += burst->events;
	m->counters.hcws[DLB2_CMD_NOOP] += burst->noops;
	if (burst->tokens > 0)
		model_tokens_return(m, burst->kind, p, burst->tokens, NULL);
}

unsigned int
model_fast_take(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	struct model_port *port = &m->sched.ports[kind][p];
	struct burst burst = { .m = m, .kind = kind, .port = port,
		.domain = &m->sched.domains[port->pp_domain],
		.oldest = &m->sched.history[port->hist_pop],
		.sender = p | (kind == DLB2_LDB ? MODEL_SENDER_LDB : 0),
		.single = (uint64_t)model_flow_state(1, p + 1, 0) << 32 };
	const struct dlb2_hcw *hcw = hcws, *end = hcws + n, *stop;

	if (!is_common_port(&m->sched, port))
		return 0;
	while (hcw != end) {
		stop = take_some(&burst, hcw, end);
		if (stop == hcw)
			break;
		hcw = stop;
	}
	finish_burst(&burst, p);
	return hcw - hcws;
}
