/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A port whose process died, possibly in the middle of a burst: making its state right again, and
 * handing over the events it had. Not here: who decides that, and what the device has to do for it
 * (dlb2_reclaim.c).
 *
 * The one thing to know: the device's counters are believed, the port's are not. How many events
 * are not completed and how many tokens are owed is the device's; where it writes next shows in the
 * generation bits of the ring; and of the port only its reading position is needed, which is one
 * store (dlb2_reading.h, dlb2_cursor_done()). Credits are the exception, for the device counts none of a
 * port's: the data path changes them in such an order that a death between two stores loses some
 * until the next start. The few places where it could make some are withheld here.
 */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "dlb2_entries.h"
#include "dlb2_lines.h"

/*
 * How long a forwarded event may have to wait for device credits: others have to dequeue before
 * there are any.
 */
#define PATIENCE_US 100000
#define RETRY_US 10

static const struct dlb2_words *
entry_at(const struct dlb2_dp_port *port, unsigned int index)
{
	return port->ring + index % port->conf.cq_ring_entries * port->step;
}

static uint64_t
generation_at(const struct dlb2_dp_port *port, unsigned int index)
{
	return dlb2_entry_meta(entry_at(port, index)) & DLB2_WORD_GEN;
}

static unsigned int
reading_index(const struct dlb2_dp_port *port)
{
	return (port->next - port->ring) / port->step;
}

/* Entries before it are a pass of the device's ahead of those from it on. */
static unsigned int
writing_index(const struct dlb2_dp_port *port)
{
	const uint64_t first = generation_at(port, 0);
	unsigned int index = 1;

	while (index < port->conf.cq_ring_entries && generation_at(port, index) == first)
		index++;
	return index % port->conf.cq_ring_entries;
}

/*
 * With both positions the same and all tokens owed: whether nothing has been read, or everything.
 * The generation that the port waits for tells, unless a dequeue that reads past the end of the
 * ring died in move_to(), which changes that first. Such a dequeue has counted what it read as
 * owed, where one that gives tokens back owes none then, or lacks those of one line of completions.
 */
static bool
is_full(const struct dlb2_dp_port *port)
{
	const unsigned int line = port->kind == DLB2_LDB ? DLB2_HCWS_PER_LINE : 0;

	if (generation_at(port, reading_index(port)) == port->gen)
		return true;
	return port->burst == DLB2_BURST_DEQUEUE && port->owed > 0 &&
		port->owed < port->conf.cq_ring_entries - line;
}

/* A ring is full or empty when both positions are the same; full only if it is all owed. */
static unsigned int
count_unread(const struct dlb2_dp_port *port, unsigned int tokens)
{
	const unsigned int ring = port->conf.cq_ring_entries, at = reading_index(port);
	unsigned int unread = (writing_index(port) + ring - at) % ring;

	if (unread == 0 && tokens == ring && is_full(port))
		unread = ring;
	return RTE_MIN(unread, tokens);
}

/* Event credits of the port that may not be its own. */
static void
withhold(struct dlb2_dp_port *port, uint32_t credits)
{
	uint32_t own = RTE_MIN(credits, port->cached[DLB2_POOL_EVENTS]);

	port->cached[DLB2_POOL_EVENTS] -= own;
	__atomic_fetch_add(&port->dp->pools[DLB2_POOL_EVENTS].taken, credits - own,
			   __ATOMIC_RELAXED);
}

/*
 * In an enqueue. If `lost` completions have arrived that are not counted, they were a run of
 * FORWARD, which costs nothing, or of RELEASE, whose credits are not given back yet. If instead
 * some are counted that have not arrived, they may be releases whose credits have been given back.
 * A directed port sends a run of FORWARD before it counts it, and the device keeps no count.
 */
static void
settle_enqueue(struct dlb2_dp_port *port, int lost)
{
	if (port->kind == DLB2_DIR)
		withhold(port, RTE_MIN(port->burst, port->open));
	else if (lost < 0)
		withhold(port, -lost);
}

/* In a dequeue: the implicit release is sent before it is counted. */
static void
settle_dequeue(struct dlb2_dp_port *port, int lost)
{
	if (lost > 0 && !(port->careful & DLB2_CAREFUL_REORDER))
		dlb2_credits_add(port, DLB2_POOL_EVENTS, lost);
}

/* Events that the application has, as the port thinks. */
static unsigned int
believed_open(const struct dlb2_dp_port *port)
{
	unsigned int reordered =
		port->careful & DLB2_CAREFUL_REORDER ? dlb2_reorder_held(port) : 0;

	return port->open + reordered;
}

/*
 * Entries that a dequeue counted as open, and did not step over: they still wait. A dropped one was
 * only counted as owed.
 */
static unsigned int
counted_too_early(const struct dlb2_dp_port *port, unsigned int unread, unsigned int tokens)
{
	const bool dropped =
		(dlb2_entry_meta(entry_at(port, reading_index(port))) & DLB2_WORD_ERROR) != 0;
	const unsigned int counted = port->owed + unread;

	return port->burst == DLB2_BURST_DEQUEUE && counted > tokens && !dropped ? counted - tokens
										 : 0;
}

/* Returns how many events are open, dropped entries included. */
static unsigned int
settle_burst(struct dlb2_dp_port *port, unsigned int unread, unsigned int inflights,
	     unsigned int tokens)
{
	unsigned int believed = believed_open(port) - counted_too_early(port, unread, tokens);
	unsigned int open = port->kind == DLB2_LDB ? inflights - RTE_MIN(unread, inflights)
						   : believed;

	if (port->burst == DLB2_BURST_DEQUEUE)
		settle_dequeue(port, (int)(believed - open));
	else if (port->burst != 0)
		settle_enqueue(port, (int)(believed + port->drops - open));
	return open;
}

unsigned int
dlb2_dp_port_settle(struct dlb2_dp_port *port, unsigned int inflights, unsigned int tokens)
{
	const unsigned int unread = count_unread(port, tokens);
	const unsigned int open = settle_burst(port, unread, inflights, tokens);
	const uint64_t here = generation_at(port, reading_index(port));

	if (port->careful & DLB2_CAREFUL_REORDER)
		withhold(port, dlb2_reorder_forget(port));
	dlb2_clear_drops(port);
	port->open = open;
	port->owed = tokens - unread;
	port->gen = unread > 0 ? here : here ^ DLB2_WORD_GEN;
	port->issued = 0;
	port->burst = 0;
	dlb2_pp_forget_lines(&port->pp);
	return unread;
}

/* Completes or forwards the oldest open event, as it says. */
static int
finish(struct dlb2_dp_port *port, struct rte_event *ev)
{
	unsigned int waited = 0;

	if (port->careful & DLB2_CAREFUL_REORDER)
		ev->impl_opaque = dlb2_reorder_oldest(port);
	while (dlb2_port_ops(port)->enqueue_burst(port, ev, 1) == 0) {
		if (rte_errno != ENOSPC || waited >= PATIENCE_US)
			return -rte_errno;
		rte_delay_us_block(RETRY_US);
		waited += RETRY_US;
	}
	return 0;
}

static int
release(struct dlb2_dp_port *port)
{
	struct rte_event ev = {.op = RTE_EVENT_OP_RELEASE};

	return finish(port, &ev);
}

static int
hand_over(struct dlb2_dp_port *port, struct rte_event *ev, enum rte_pmd_dlb2_reclaim_state state,
	  struct dlb2_reclaim *to)
{
	ev->op = RTE_EVENT_OP_RELEASE;
	if (to->callback != NULL)
		to->callback(to->dev_id, to->port_id, ev, state, to->arg);
	if (ev->op != RTE_EVENT_OP_FORWARD)
		ev->op = RTE_EVENT_OP_RELEASE;
	return finish(port, ev);
}

/*
 * The oldest open event has this entry. A dropped one (data-path 2.1) only has to be completed; its
 * credit was given back when it was dropped.
 */
static int
reclaim_entry(struct dlb2_dp_port *port, const struct dlb2_words *entry, struct dlb2_reclaim *to)
{
	const uint64_t meta = dlb2_entry_meta(entry);
	struct rte_event ev;
	int ret;

	if (meta & DLB2_WORD_ERROR) {
		if (!(port->careful & DLB2_CAREFUL_REORDER))
			withhold(port, 1);
		return release(port);
	}
	dlb2_entry_to_event(port, port->kind, entry, meta, &ev);
	ret = hand_over(port, &ev, RTE_PMD_DLB2_RECLAIM_OPEN, to);
	to->count.open += ret == 0;
	return ret;
}

/*
 * How many of the last entries before the position are as they were: all whose tokens are owed, for
 * their places are not free, and those in lines that the device has not come to again.
 */
static unsigned int
count_intact(const struct dlb2_dp_port *port, unsigned int unread)
{
	const unsigned int ring = port->conf.cq_ring_entries, at = reading_index(port);
	const unsigned int per_line = DLB2_CQ_STRIDE_SPARSE / sizeof(*port->ring) / port->step;
	const unsigned int in_line = (at + unread) % per_line;
	const unsigned int begun = in_line == 0 ? 0 : per_line - in_line;

	return unread + begun >= ring ? port->owed : RTE_MAX(ring - unread - begun, port->owed);
}

/* Open events are those of the last entries before the position. */
static int
reclaim_open(struct dlb2_dp_port *port, unsigned int unread, struct dlb2_reclaim *to)
{
	const unsigned int ring = port->conf.cq_ring_entries, intact = count_intact(port, unread);
	const unsigned int at = reading_index(port) + ring;
	int ret = 0;

	while (ret == 0 && port->open > intact) {
		ret = release(port);
		to->count.overwritten++;
	}
	while (ret == 0 && port->open > 0)
		ret = reclaim_entry(port, entry_at(port, at - port->open), to);
	return ret;
}

static int
reclaim_waiting(struct dlb2_dp_port *port, struct dlb2_reclaim *to)
{
	struct rte_event ev;
	int ret = 0;

	while (ret == 0 && dlb2_dequeue_ready(port, &ev, 1) > 0) {
		dlb2_regain_credits(port, 1);
		ret = hand_over(port, &ev, RTE_PMD_DLB2_RECLAIM_WAITING, to);
		to->count.waiting += ret == 0;
	}
	return ret;
}

int
dlb2_dp_port_reclaim(struct dlb2_dp_port *port, unsigned int unread, struct dlb2_reclaim *to)
{
	int ret = reclaim_open(port, unread, to);

	if (ret == 0)
		ret = reclaim_waiting(port, to);
	dlb2_forget_early(port);
	dlb2_return_tokens(port);
	dlb2_return_credits(port);
	port->issued = 0;
	return ret;
}
