/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Completions and token returns that no event carries. Not here: completions by FORWARD and RELEASE
 * (dlb2_enqueue.c).
 *
 * A completion has no identity: the k-th one that a port sends belongs to the k-th event that was
 * scheduled to it (data-path 4.2). So an entry that was dropped for its error bit has to be
 * completed too, in its turn: after all events that came before it and before any that came after.
 */
#include <string.h>

#include <rte_atomic.h>

#include "dlb2_lines.h"

static const uint64_t completion = (uint64_t)DLB2_CMD_COMP << DLB2_HCW_SHIFT(cmd);

/* DELAYED (data-path 3.4): the tokens go back just before the T-th completion. */
static void
put_delayed_tokens(struct dlb2_writer *w)
{
	struct dlb2_dp_port *port = w->port;

	if (++port->issued < port->delay)
		return;
	port->issued = 0;
	if (port->owed > 0)
		dlb2_writer_put(w, 0, dlb2_token_batch(port->owed));
	port->owed = 0;
}

void
dlb2_writer_put_completion(struct dlb2_writer *w, uint64_t data, uint64_t meta)
{
	if (w->port->careful & DLB2_CAREFUL_DELAYED)
		put_delayed_tokens(w);
	dlb2_writer_put_cmd(w, data, meta);
}

static uint64_t *
dropped_word(struct dlb2_dp_port *port, uint32_t position, uint64_t *bit)
{
	position %= DLB2_DP_MAX_OPEN;
	*bit = UINT64_C(1) << (position % 64);
	return &port->dropped[position / 64];
}

void
dlb2_clear_drops(struct dlb2_dp_port *port)
{
	memset(port->dropped, 0, sizeof(port->dropped));
	port->drops = 0;
	port->careful &= ~DLB2_CAREFUL_DROPS;
}

static void
remember_drop(struct dlb2_dp_port *port)
{
	uint64_t bit, *word;

	if (port->drops == 0)
		port->oldest = 0;
	word = dropped_word(port, port->oldest + port->open + port->drops, &bit);
	*word |= bit;
	port->drops++;
	port->careful |= DLB2_CAREFUL_DROPS;
}

void
dlb2_writer_complete_drops(struct dlb2_writer *w)
{
	struct dlb2_dp_port *port = w->port;
	uint64_t bit, *word;

	while (port->drops > 0) {
		word = dropped_word(port, ++port->oldest, &bit);
		if ((*word & bit) == 0)
			return;
		*word &= ~bit;
		port->drops--;
		dlb2_writer_put_completion(w, 0, completion);
	}
	port->careful &= ~DLB2_CAREFUL_DROPS;
}

void
dlb2_complete_dropped(struct dlb2_dp_port *port)
{
	struct dlb2_writer w = {.port = port, .ride = port->ride_mask};

	if (port->careful & DLB2_CAREFUL_REORDER) {
		dlb2_reorder_complete_dropped(&w);
	} else if (port->open > 0) {
		remember_drop(port);
		return;
	} else {
		dlb2_writer_put_completion(&w, 0, completion);
	}
	dlb2_writer_close(&w);
}

static void
complete_delayed(struct dlb2_dp_port *port, uint32_t count)
{
	struct dlb2_writer w = {.port = port, .fenced = true};

	while (count-- > 0)
		dlb2_writer_put_completion(&w, 0, completion);
	dlb2_writer_close(&w);
}

static void
complete_lines(struct dlb2_dp_port *port, uint32_t count, uint32_t ride)
{
	while (count > 0) {
		unsigned int i, used = RTE_MIN(count, (uint32_t)DLB2_HCWS_PER_LINE);
		uint64_t token = dlb2_ride(port, ride, used);
		struct dlb2_line *line = dlb2_pp_line(&port->pp);

		for (i = 0; i < used; i++)
			dlb2_set_hcw(&line->hcw[i], 0, completion | token << DLB2_HCW_SHIFT(cmd));
		port->owed -= token ? used : 0;
		dlb2_finish_line(port, line, used, ride);
		count -= used;
	}
}

static void
complete(struct dlb2_dp_port *port, uint32_t count, uint32_t ride)
{
	if (port->kind == DLB2_DIR)
		return;
	/* The next owner of an atomic flow has to see what was stored under it (data-path 1.7). */
	dlb2_pp_fence(&port->pp);
	if (port->careful & DLB2_CAREFUL_DELAYED)
		complete_delayed(port, count);
	else
		complete_lines(port, count, ride);
}

void
dlb2_release(struct dlb2_dp_port *port, uint32_t count)
{
	if (count == 0)
		return;
	complete(port, count, port->ride_mask);
	port->open -= count;
	rte_compiler_barrier(); /* see dlb2_pool_give() */
	dlb2_credits_add(port, DLB2_POOL_EVENTS, count);
}

static void
complete_open(struct dlb2_dp_port *port)
{
	const uint32_t ride = port->ride_mask | port->deferred_mask;
	struct dlb2_writer w = {.port = port, .ride = ride};

	if (port->careful & DLB2_CAREFUL_REORDER) {
		dlb2_reorder_release_open(&w);
		dlb2_writer_close(&w);
		return;
	}
	complete(port, port->open + port->drops, ride);
	if (unlikely(port->drops > 0))
		dlb2_clear_drops(port);
}

void
dlb2_release_open(struct dlb2_dp_port *port)
{
	const uint32_t open = port->open;

	if (open == 0)
		return;
	complete_open(port);
	port->open = 0;
	rte_compiler_barrier(); /* see dlb2_pool_give() */
	port->counters[DLB2_PORT_TX_IMPLICIT_REL] += open;
	dlb2_credits_add(port, DLB2_POOL_EVENTS, open);
}

void
dlb2_return_tokens(struct dlb2_dp_port *port)
{
	struct dlb2_line *line;

	if (port->owed == 0)
		return;
	dlb2_trace_tokens_return(port->kind, port->conf.hw_id, port->owed);
	line = dlb2_pp_line(&port->pp);
	dlb2_set_hcw(&line->hcw[0], 0, dlb2_token_batch(port->owed));
	port->owed = 0;
	dlb2_finish_line(port, line, 1, 0);
}

void
dlb2_return_credits(struct dlb2_dp_port *port)
{
	unsigned int pool;

	for (pool = 0; pool < DLB2_NUM_POOLS; pool++) {
		uint32_t cached = port->cached[pool];

		port->cached[pool] = 0;
		if (cached > 0)
			dlb2_pool_give(&port->dp->pools[pool], cached);
	}
	port->idle &= ~DLB2_IDLE_CREDITS;
}
