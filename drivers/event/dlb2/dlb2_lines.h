/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Filling lines with HCWs, and tokens with what room there is. Not here: which events and
 * completions are sent.
 *
 * Tokens cost nothing when they ride: one on each HCW of a line, or as a batch in a slot that would
 * stay empty. Modes differ in when they may: `ride` is a mask for the owed count, all ones or 0.
 */
#ifndef DLB2_LINES_H
#define DLB2_LINES_H

#include "dlb2_datapath_priv.h"

static __rte_always_inline void
dlb2_set_hcw(struct dlb2_hcw *hcw, uint64_t data, uint64_t meta)
{
	struct dlb2_words *words = (struct dlb2_words *)hcw;

	words->data = data;
	words->meta = meta;
}

static __rte_always_inline void
dlb2_set_noop(struct dlb2_hcw *hcw)
{
	_mm_store_si128((__m128i *)hcw, _mm_setzero_si128());
}

/**
 * DLB2_CMD_TOKEN if each of the `count` HCWs of a line shall carry one token, else 0. A full line
 * needs four of them owed; a shorter one exactly `count`, because any other number goes better as a
 * batch behind it.
 */
static __rte_always_inline uint32_t
dlb2_ride(const struct dlb2_dp_port *port, uint32_t ride, unsigned int count)
{
	uint32_t owed = port->owed & ride;

	return (count == DLB2_HCWS_PER_LINE ? owed >= count : owed == count) ? DLB2_CMD_TOKEN : 0;
}

/**
 * Fills a line up behind its first `used` HCWs (1..4): a batch of `tokens`, unless that is 0, then
 * NOOPs.
 */
static __rte_always_inline void
dlb2_pad_line(struct dlb2_line *line, unsigned int used, uint32_t tokens)
{
	if (tokens > 0)
		dlb2_set_hcw(&line->hcw[used++], 0, dlb2_token_batch(tokens));
	switch (used) {
	case 1:
		dlb2_set_noop(&line->hcw[1]);
		/* fallthrough */
	case 2:
		dlb2_set_noop(&line->hcw[2]);
		/* fallthrough */
	case 3:
		dlb2_set_noop(&line->hcw[3]);
	}
}

/** Sends a line of `used` HCWs, with the tokens that may ride behind them. */
static inline void
dlb2_finish_line(struct dlb2_dp_port *port, struct dlb2_line *line, unsigned int used,
		 uint32_t ride)
{
	uint32_t owed = used < DLB2_HCWS_PER_LINE ? port->owed & ride : 0;

	port->owed -= owed;
	dlb2_pad_line(line, used, owed);
	dlb2_pp_push(&port->pp, 1);
}

/** Sends HCWs one by one, for bursts whose lines are not all alike. */
struct dlb2_writer {
	struct dlb2_dp_port *port;
	struct dlb2_line *line; /* being filled, or NULL */
	unsigned int used;
	uint32_t ride;
	bool fenced;
};

static inline struct dlb2_hcw *
dlb2_writer_slot(struct dlb2_writer *w)
{
	if (!w->fenced) {
		dlb2_pp_fence(&w->port->pp);
		w->fenced = true;
	}
	if (w->line == NULL) {
		w->line = dlb2_pp_line(&w->port->pp);
		w->used = 0;
	}
	return &w->line->hcw[w->used++];
}

static inline void
dlb2_writer_put(struct dlb2_writer *w, uint64_t data, uint64_t meta)
{
	dlb2_set_hcw(dlb2_writer_slot(w), data, meta);
	if (w->used == DLB2_HCWS_PER_LINE) {
		dlb2_pp_push(&w->port->pp, 1);
		w->line = NULL;
	}
}

/** Puts an HCW that has a command; a token rides on it if one may. */
static inline void
dlb2_writer_put_cmd(struct dlb2_writer *w, uint64_t data, uint64_t meta)
{
	if ((w->port->owed & w->ride) != 0) {
		w->port->owed--;
		meta |= (uint64_t)DLB2_CMD_TOKEN << DLB2_HCW_SHIFT(cmd);
	}
	dlb2_writer_put(w, data, meta);
}

static inline void
dlb2_writer_close(struct dlb2_writer *w)
{
	if (w->line != NULL)
		dlb2_finish_line(w->port, w->line, w->used, w->ride);
	w->line = NULL;
}

/** Puts an HCW that completes an event of a load-balanced port. */
void dlb2_writer_put_completion(struct dlb2_writer *w, uint64_t data, uint64_t meta);
/**
 * An event of the application was completed: completes the dropped entries that came right after
 * it.
 */
void dlb2_writer_complete_drops(struct dlb2_writer *w);

/** dlb2_reorder.c: ports with independent enqueue, those with DLB2_CAREFUL_REORDER. */

void dlb2_reorder_init(struct dlb2_reorder *reorder);
/** Whether the event, by its impl_opaque, was dequeued and is neither forwarded nor released. */
bool dlb2_reorder_is_open(const struct dlb2_dp_port *port, uint64_t event);
/**
 * Completes an open event by an HCW, which goes out when all before it are complete. The caller
 * counts it off port->open before.
 */
void dlb2_reorder_complete(struct dlb2_writer *w, uint64_t event, uint64_t data, uint64_t meta);
/** Takes note of an entry that is not delivered. */
void dlb2_reorder_complete_dropped(struct dlb2_writer *w);
/** Releases what the application holds, and so sends all that waits. The caller clears `open`. */
void dlb2_reorder_release_open(struct dlb2_writer *w);
/** Writes their positions into the `n` events that were read last. */
void dlb2_reorder_stamp(const struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n);
/** Position of the oldest event that is not complete. */
uint8_t dlb2_reorder_oldest(const struct dlb2_dp_port *port);
/**
 * Forgets the completions that wait for others, and all positions: what the device has not been
 * told has not happened. Device credits that were paid for events among them are given back.
 * @return how many were releases
 */
unsigned int dlb2_reorder_forget(struct dlb2_dp_port *port);
/** Completions that wait for others. */
unsigned int dlb2_reorder_held(const struct dlb2_dp_port *port);

#endif
