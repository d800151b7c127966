/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Enqueue, the fast way: NEW, FORWARD and RELEASE become lines of HCWs. It takes events of one op,
 * four to a line, and stops before the first line that has anything unusual in it. Whatever it
 * leaves is taken event by event (dlb2_enqueue.c), and only there events are refused: so the rules
 * are written once, and the fast way only has to know when it may be taken.
 *
 * Included by each variant of the data path, with dlb2_quad.h in front.
 */
#ifndef DLB2_FAST_ENQUEUE_H
#define DLB2_FAST_ENQUEUE_H

#include <errno.h>

#include <rte_errno.h>

#include "dlb2_fast.h"
#include "dlb2_quad.h"
#include "dlb2_send.h"

/* Destinations whose lines are not filled by dlb2_quad_fill(). */
#define DLB2_DEST_SPECIAL (DLB2_DEST_MARKS | DLB2_DEST_DIRECTED)

static __rte_noinline void
count_mixed(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		dlb2_count_sent(port, port->dp->dests[dlb2_event_key(ev[i].event)], 1);
}

/*
 * Fills one HCW. Returns what is unusual: op and key where they are not those of `first`, marks of
 * the destination.
 */
static __rte_always_inline uint64_t
fill(struct dlb2_hcw *hcw, const struct rte_event *ev, const uint64_t *dests, uint64_t first,
     uint32_t half)
{
	uint64_t event = ev->event;
	uint64_t dest = dests[dlb2_event_key(event)];

	dlb2_set_hcw(hcw, ev->u64, dlb2_event_to_meta(event, dest, half));
	return (event ^ first) | dest;
}

/*
 * Fills lines from `from` on, up to the first whose events are not all like ev[0], and before `to`.
 * Returns which that is.
 */
static __rte_always_inline unsigned int
fill_alike(struct dlb2_line *lines, const struct rte_event ev[], unsigned int from,
	   unsigned int to, uint64_t base)
{
	const dlb2_quad_base spread = dlb2_quad_base_of(base);
	const dlb2_alike_events first = dlb2_alike_events_of(ev);

	while (from < to &&
	       likely(dlb2_quad_fill(&lines[from], &ev[from * DLB2_QUAD], first, spread)))
		from++;
	return from;
}

/*
 * Fills lines with events of the op of ev[0], up to the first line that has something unusual in
 * it, and at most `lines`. The first `riding` lines carry tokens. Adds fill() of all events that
 * are not like the first to *differ. Returns how many lines are good.
 */
static __rte_always_inline unsigned int
fill_lines(struct dlb2_dp_port *port, const struct rte_event *ev, unsigned int lines,
	   unsigned int riding, uint8_t cmd, uint64_t *differ)
{
	const uint64_t *dests = port->dp->dests;
	const uint64_t first = ev->event, dest = dests[dlb2_event_key(first)];
	const uint32_t plain = DLB2_HALF_CMD(cmd), token = DLB2_HALF_CMD(cmd | DLB2_CMD_TOKEN);
	const unsigned int with_tokens = RTE_MIN(lines, riding);
	struct dlb2_line *line = port->pp.next;
	unsigned int i = 0, k;

	if (likely((dest & DLB2_DEST_SPECIAL) == 0)) {
		i = fill_alike(line, ev, 0, with_tokens,
			       dest | DLB2_WORD_CMD(cmd | DLB2_CMD_TOKEN));
		if (i == with_tokens)
			i = fill_alike(line, ev, i, lines, dest | DLB2_WORD_CMD(cmd));
	}
	for (; i < lines; i++) {
		uint32_t half = i < riding ? token : plain;

#pragma GCC unroll 4
		for (k = 0; k < DLB2_HCWS_PER_LINE; k++)
			*differ |= fill(&line[i].hcw[k], &ev[i * DLB2_HCWS_PER_LINE + k], dests,
					first, half);
		if (unlikely(*differ & DLB2_DEST_MARKS))
			break;
	}
	return i;
}

/*
 * Fills a line with one to four events, and the tokens that may go with them. Adds fill() of all to
 * *differ; if that is unusual nothing else was done. Returns whether the line is good.
 */
static __rte_always_inline bool
fill_line(struct dlb2_dp_port *port, struct dlb2_line *line, const struct rte_event *ev,
	  unsigned int n, uint8_t cmd, uint64_t first, uint64_t *differ)
{
	const uint64_t *dests = port->dp->dests;
	const uint32_t owed = port->owed & port->ride_mask;
	const bool token = n < DLB2_HCWS_PER_LINE ? owed == n : owed >= n;
	const uint32_t half = DLB2_HALF_CMD(cmd | token);
	const uint32_t batch = token || n == DLB2_HCWS_PER_LINE ? 0 : owed;
	unsigned int i = 0;

	if (n == DLB2_HCWS_PER_LINE) {
		const uint64_t dest = dests[dlb2_event_key(first)];

		if (likely((dest & DLB2_DEST_SPECIAL) == 0))
			i = fill_alike(line, ev, 0, 1, dest | DLB2_WORD_CMD(cmd | token)) *
				DLB2_HCWS_PER_LINE;
	}
	for (; i < n; i++)
		*differ |= fill(&line->hcw[i], &ev[i], dests, first, half);
	if (unlikely(*differ & DLB2_DEST_MARKS))
		return false;
	dlb2_pad_line(line, n, batch);
	port->owed -= token ? n : batch;
	return true;
}

/* Counts `n` events that were sent; `differ` tells whether their keys do. */
static __rte_always_inline void
count_all(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n, uint64_t differ)
{
	const uint64_t first = ev[0].event;

	if (unlikely(differ & DLB2_EV_KEY_MASK))
		count_mixed(port, ev, n);
	else
		dlb2_count_sent(port, port->dp->dests[dlb2_event_key(first)], n);
}

static __rte_always_inline void
push_and_count(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int sent,
	       unsigned int lines, uint64_t differ)
{
	dlb2_pp_fence(&port->pp);
	dlb2_pp_push(&port->pp, lines);
	count_all(port, ev, sent, differ);
}

/* send_run() for more than one line. */
static __rte_noinline unsigned int
send_lines(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n, uint8_t cmd)
{
	const unsigned int lines = n / DLB2_HCWS_PER_LINE, rest = n % DLB2_HCWS_PER_LINE;
	const unsigned int riding = (port->owed & port->ride_mask) / DLB2_HCWS_PER_LINE;
	uint64_t differ = 0;
	unsigned int good = fill_lines(port, ev, lines, riding, cmd, &differ);
	unsigned int sent = good * DLB2_HCWS_PER_LINE;

	port->owed -= RTE_MIN(good, riding) * DLB2_HCWS_PER_LINE;
	if (rest > 0 && likely(good == lines) &&
	    fill_line(port, port->pp.next + good, &ev[sent], rest, cmd, ev[0].event, &differ)) {
		good++;
		sent = n;
	}
	if (likely(good > 0))
		push_and_count(port, ev, sent, good, differ);
	return sent;
}

/*
 * Sends events of the op of ev[0] with command `cmd`, as many as come before a line with an event
 * of another op or with a destination that is refused or metered. The caller has made sure of
 * everything else: there is at least one event and room for all. Returns how many.
 */
static __rte_always_inline unsigned int
send_run(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n, uint8_t cmd)
{
	uint64_t differ = 0;

	if (n > DLB2_HCWS_PER_LINE)
		return send_lines(port, ev, n, cmd);
	if (unlikely(!fill_line(port, port->pp.next, ev, n, cmd, ev[0].event, &differ)))
		return 0;
	push_and_count(port, ev, n, 1, differ);
	return n;
}

/*
 * How many of `n` events the fast way may take when `ready` of them at most can be sent: all of
 * them, or full lines. A line that is not full is left to dlb2_enqueue_each(), which goes on filling
 * it.
 */
static __rte_always_inline unsigned int
whole_lines(unsigned int n, unsigned int ready)
{
	return likely(ready >= n) ? n : RTE_ALIGN_FLOOR(ready, DLB2_HCWS_PER_LINE);
}

/*
 * The fast ways: each sends as many of `n` events as it can, and leaves the others to
 * dlb2_enqueue_each(); `op` is for that. There is at least one event and room for all.
 */

static __rte_noinline uint16_t
enqueue_some_news(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		  unsigned int op)
{
	unsigned int ready = 0, sent = 0;

	if (likely(!(port->careful & DLB2_CAREFUL_WEIGHT)))
		ready = whole_lines(n, dlb2_credits_reserve(port, DLB2_POOL_EVENTS, n));
	if (likely(ready > 0)) {
		dlb2_pay(port, ready);
		sent = send_run(port, ev, ready, DLB2_CMD_NEW);
	}
	port->counters[DLB2_PORT_TX_NEW] += sent;
	if (likely(sent == n))
		return n;
	port->cached[DLB2_POOL_EVENTS] += ready - sent;
	return dlb2_enqueue_each(port, ev, sent, n, op);
}

static __rte_noinline uint16_t
enqueue_some_forwards(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		      unsigned int op)
{
	unsigned int ready = whole_lines(n, port->open), sent = 0;

	if (likely(port->careful == 0 && ready > 0))
		sent = send_run(port, ev, ready, dlb2_forward_cmd(port));
	port->open -= sent;
	return likely(sent == n) ? n : dlb2_enqueue_each(port, ev, sent, n, op);
}

/*
 * Whether tokens that are owed, if any, ride on all of `n` events: not on some lines only, nor in a
 * batch behind those of a line that is not full.
 */
static __rte_always_inline bool
ride_on_all(uint64_t owed, unsigned int n)
{
	return likely(owed == n) || (owed > n && owed <= UINT16_MAX && n % DLB2_QUAD == 0);
}

/*
 * Sends more than a line of events, if all are alike, to a usual destination, and if a token rides
 * on each or none is owed. There is room. False, and nothing was done, if it is not so, or if lines
 * leave by MOVNTDQ, which is slow anyway.
 *
 * @param cmds  the command in place, without and with a token
 * @param owed  tokens that may ride; more than there can be if the port is careful
 */
static __rte_always_inline bool
send_alike(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
	   const uint64_t cmds[2], uint64_t owed)
{
	const uint64_t dest = port->dp->dests[dlb2_event_key(dlb2_event_middle(ev))];
	const unsigned int lines = n / DLB2_QUAD, rest = n % DLB2_QUAD;
	const bool token = owed != 0;
	const uint64_t base = dest | cmds[token];
	struct dlb2_line *line = port->pp.next;

	if (unlikely((dest & DLB2_DEST_SPECIAL) != 0) ||
	    (token && unlikely(!ride_on_all(owed, n))) ||
	    unlikely(port->pp.store == DLB2_PP_MOVNTDQ))
		return false;
	if (unlikely(fill_alike(line, ev, 0, lines, base) != lines) ||
	    (rest > 0 &&
	     unlikely(!dlb2_fill_some(line + lines, &ev[n - rest], rest, ev->event, base))))
		return false;
	port->owed -= token ? n : 0;
	dlb2_pp_fence(&port->pp);
	dlb2_pp_push_directly(&port->pp, lines + (rest > 0));
	dlb2_count_sent(port, dest, n);
	return true;
}

/* The same for a line of one to four. `done` is what each takes off the port's state. */
static __rte_always_inline bool
send_line(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
	  const uint64_t cmds[2], uint64_t owed, uint32_t done)
{
	const uint64_t dest = port->dp->dests[dlb2_event_key(dlb2_event_middle(ev))];
	const bool token = likely(ride_on_all(owed, n));
	const uint64_t base = dest | cmds[token];
	struct dlb2_line *line = port->pp.next;

	if (unlikely((dest & DLB2_DEST_SPECIAL) != 0) || (!token && owed != 0))
		return false;
	if (unlikely(n == DLB2_QUAD ? !dlb2_quad_fill(line, ev, dlb2_alike_events_of(ev),
						      dlb2_quad_base_of(base))
				    : !dlb2_fill_some(line, ev, n, ev->event, base)) ||
	    unlikely(!dlb2_pp_send_directly(&port->pp)))
		return false;
	dlb2_count_sent(port, dest, n);
	port->state -= n * (done + token);
	return true;
}

/* As dlb2_dp_port.forward. */
static const uint64_t new_cmds[2] = {DLB2_WORD_CMD(DLB2_CMD_NEW), DLB2_WORD_CMD(DLB2_CMD_NEW_T)};

static __rte_noinline uint16_t
enqueue_many_news(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		  unsigned int op)
{
	if (unlikely((port->careful & DLB2_CAREFUL_WEIGHT) != 0 ||
		     port->cached[DLB2_POOL_EVENTS] < n))
		return enqueue_some_news(port, ev, n, op);
	dlb2_pay(port, n);
	if (unlikely(!send_alike(port, ev, n, new_cmds, port->owed & port->ride_mask))) {
		port->cached[DLB2_POOL_EVENTS] += n;
		return enqueue_some_news(port, ev, n, op);
	}
	port->counters[DLB2_PORT_TX_NEW] += n;
	return n;
}

static __rte_always_inline uint16_t
enqueue_news(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
	     unsigned int op)
{
	if (n > DLB2_QUAD)
		return enqueue_many_news(port, ev, n, op);
	if (unlikely((port->careful & DLB2_CAREFUL_WEIGHT) != 0 ||
		     port->cached[DLB2_POOL_EVENTS] < n))
		return enqueue_some_news(port, ev, n, op);
	dlb2_pay(port, n);
	if (unlikely(!send_line(port, ev, n, new_cmds, port->owed & port->ride_mask, 0))) {
		port->cached[DLB2_POOL_EVENTS] += n;
		return enqueue_some_news(port, ev, n, op);
	}
	port->counters[DLB2_PORT_TX_NEW] += n;
	return n;
}

static __rte_noinline uint16_t
enqueue_many_forwards(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		      unsigned int op)
{
	if (unlikely(port->open < n) ||
	    unlikely(!send_alike(port, ev, n, port->forward, port->state & port->before_forward)))
		return enqueue_some_forwards(port, ev, n, op);
	port->open -= n;
	return n;
}

/* Sends one to four events, as send_line(). */
static __rte_always_inline bool
forward_line(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	return likely(port->open >= n) && likely(port->pp.room > 0) &&
		likely(send_line(port, ev, n, port->forward, port->state & port->before_forward,
				 DLB2_STATE_OPEN));
}

static __rte_always_inline uint16_t
enqueue_forwards(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		 unsigned int op)
{
	return n > DLB2_QUAD ? enqueue_many_forwards(port, ev, n, op)
			     : enqueue_some_forwards(port, ev, n, op);
}

static __rte_noinline uint16_t
enqueue_releases(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n)
{
	unsigned int sent = 0;

	if (likely(port->careful == 0)) {
		unsigned int ready = RTE_MIN(n, port->open);

		while (sent < ready && dlb2_event_op(ev[sent].event) == RTE_EVENT_OP_RELEASE)
			sent++;
		sent = whole_lines(n, sent);
		dlb2_release(port, sent);
		port->counters[DLB2_PORT_TX_REL] += sent;
	}
	return likely(sent == n) ? n : dlb2_enqueue_each(port, ev, sent, n, DLB2_OP_OF_EVENT);
}

/*
 * Whether the lines of `n` events have to be got first, or the burst is larger than the port was
 * set up for.
 */
static __rte_always_inline bool
too_large(const struct dlb2_dp_port *port, unsigned int n)
{
	return n > port->pp.room || n > port->enqueue_depth;
}

static uint16_t
enqueue_any(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
	    unsigned int op);

/*
 * A burst is limited to the depth the port was set up with; what is above that has to be tried
 * again. Below that it goes in as many pieces as there are rooms for their lines.
 */
static __rte_noinline uint16_t
enqueue_in_pieces(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
		  unsigned int op)
{
	unsigned int limit = RTE_MIN(n, port->enqueue_depth), sent = 0, piece, accepted;

	do {
		if (port->pp.room == 0)
			dlb2_pp_make_room(&port->pp);
		piece = RTE_MIN(limit - sent, port->pp.room);
		accepted = enqueue_any(port, &ev[sent], piece, op);
		sent += accepted;
	} while (accepted == piece && sent < limit);
	if (sent == limit && limit < n)
		rte_errno = ENOSPC;
	return sent;
}

/* Any burst. `op` is that of all its events, or DLB2_OP_OF_EVENT. */
static __rte_noinline uint16_t
enqueue_any(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n, unsigned int op)
{
	unsigned int first_op;

	if (unlikely(n == 0))
		return 0;
	if (unlikely(too_large(port, n)))
		return enqueue_in_pieces(port, ev, n, op);
	first_op = op == DLB2_OP_OF_EVENT ? dlb2_event_op(ev[0].event) : op;
	if (likely(first_op == RTE_EVENT_OP_FORWARD))
		return enqueue_forwards(port, ev, n, op);
	if (first_op == RTE_EVENT_OP_NEW)
		return enqueue_news(port, ev, n, op);
	return enqueue_releases(port, ev, n);
}

/*
 * Small bursts of FORWARD, in which nothing is a loop. Functions of their own, so that none has to
 * save registers for another.
 */
#define FORWARD_SMALL(name, n) \
	static __rte_noinline uint16_t name(struct dlb2_dp_port *port, const struct rte_event ev[], \
					    unsigned int op) \
	{ \
		return forward_line(port, ev, n) ? (n) : enqueue_any(port, ev, n, op); \
	}

FORWARD_SMALL(forward_one, 1)
FORWARD_SMALL(forward_two, 2)
FORWARD_SMALL(forward_three, 3)
FORWARD_SMALL(forward_four, 4)
#undef FORWARD_SMALL

/* Whether `n` is one at least, and what a line and the port's depth have room for. */
static __rte_always_inline bool
fits_a_line(const struct dlb2_dp_port *port, unsigned int n)
{
	return n - 1 < port->line_depth;
}

static __rte_always_inline uint16_t
forward_small(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n,
	      unsigned int op)
{
	if (n == 4)
		return forward_four(port, ev, op);
	if (n == 2)
		return forward_two(port, ev, op);
	return n == 3 ? forward_three(port, ev, op) : forward_one(port, ev, op);
}

static uint16_t
fast_enqueue_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	if (likely(fits_a_line(event_port, n)) &&
	    likely(dlb2_event_op(dlb2_event_middle(ev)) == RTE_EVENT_OP_FORWARD))
		return forward_small(event_port, ev, n, DLB2_OP_OF_EVENT);
	return enqueue_any(event_port, ev, n, DLB2_OP_OF_EVENT);
}

static uint16_t
fast_enqueue_new_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	if (unlikely(n == 0))
		return 0;
	if (unlikely(too_large(event_port, n)))
		return enqueue_in_pieces(event_port, ev, n, RTE_EVENT_OP_NEW);
	return enqueue_news(event_port, ev, n, RTE_EVENT_OP_NEW);
}

static uint16_t
fast_enqueue_forward_burst(void *event_port, const struct rte_event ev[], uint16_t n)
{
	if (likely(fits_a_line(event_port, n)))
		return forward_small(event_port, ev, n, RTE_EVENT_OP_FORWARD);
	return enqueue_any(event_port, ev, n, RTE_EVENT_OP_FORWARD);
}

/*
 * Sends a line of one event to a usual destination with the command that is in place in `cmd`.
 * False, and nothing was done, if the line would have to be waited for, or leaves by MOVNTDQ.
 */
static __rte_always_inline bool
send_single(struct dlb2_dp_port *port, const struct rte_event *ev, uint64_t dest, uint64_t cmd)
{
	const dlb2_one hcw = dlb2_one_hcw(ev, dest | cmd);

	if (likely(port->pp.store == DLB2_PP_MOVDIR64B)) {
		dlb2_put_one(&port->single.hcw[0], hcw);
		dlb2_pp_store(&port->pp, &port->single);
	} else if (likely(port->pp.store == DLB2_PP_CHANNEL) && likely(port->pp.room > 0)) {
		dlb2_put_one(&port->pp.next->hcw[0], hcw);
		dlb2_pad_line(port->pp.next, 1, 0);
		dlb2_pp_publish(&port->pp, 1);
	} else {
		return false;
	}
	dlb2_count_sent(port, dest, 1);
	return true;
}

static __rte_noinline uint16_t
enqueue_new(struct dlb2_dp_port *port, const struct rte_event *ev)
{
	const uint64_t dest = port->dp->dests[dlb2_event_key(ev->event)];
	const uint32_t owed = port->owed & port->ride_mask;

	if (unlikely(port->cached[DLB2_POOL_EVENTS] == 0) ||
	    unlikely((port->careful & DLB2_CAREFUL_WEIGHT) != 0) ||
	    unlikely((dest & DLB2_DEST_SPECIAL) != 0) || unlikely(owed > DLB2_CMD_TOKEN))
		return enqueue_any(port, ev, 1, DLB2_OP_OF_EVENT);
	dlb2_pay(port, 1);
	if (unlikely(!send_single(port, ev, dest, DLB2_WORD_CMD(DLB2_CMD_NEW | owed)))) {
		port->cached[DLB2_POOL_EVENTS]++;
		return enqueue_any(port, ev, 1, DLB2_OP_OF_EVENT);
	}
	port->owed -= owed;
	port->counters[DLB2_PORT_TX_NEW]++;
	return 1;
}

/* An event that is no FORWARD, or there is something unusual. */
static __rte_noinline uint16_t
enqueue_other(struct dlb2_dp_port *port, const struct rte_event *ev)
{
	const unsigned int op = dlb2_event_op(ev->event);

	if (op == RTE_EVENT_OP_NEW)
		return enqueue_new(port, ev);
	if (op == RTE_EVENT_OP_FORWARD && likely(port->pp.room > 0))
		return enqueue_some_forwards(port, ev, 1, DLB2_OP_OF_EVENT);
	return enqueue_any(port, ev, 1, DLB2_OP_OF_EVENT);
}

static uint16_t
fast_enqueue(void *event_port, const struct rte_event *ev)
{
	struct dlb2_dp_port *port = event_port;
	const uint64_t event = dlb2_event_middle(ev);
	const uint64_t dest = port->dp->dests[dlb2_event_key(event)];
	/* The tokens that are owed; more than any if the port is careful. */
	const uint64_t owed = port->state & port->before_forward;

	if (unlikely(dlb2_event_op(event) != RTE_EVENT_OP_FORWARD) || unlikely(port->open == 0) ||
	    unlikely(owed > DLB2_CMD_TOKEN) || unlikely((dest & DLB2_DEST_SPECIAL) != 0) ||
	    unlikely(!send_single(port, ev, dest, port->forward[owed])))
		return enqueue_other(port, ev);
	port->state -= (uint32_t)(DLB2_STATE_OPEN + owed);
	return 1;
}

#endif
