/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Independent enqueue (data-path 10): a port that may forward and release its events in any order.
 * Not here: which events may be sent, and what they cost (dlb2_enqueue.c).
 *
 * The device wants completions in the order of delivery, for it knows them by nothing else
 * (data-path 4.2). So each event gets its position in that order, modulo 256, in impl_opaque, and
 * what is enqueued waits at its position until all before it are there. NEW events complete
 * nothing and never wait. Entries that were dropped for their error bit have a position, too, and
 * are complete from the start.
 *
 * Positions from `head` on are those of events that the application holds, port->open of them, and
 * of completions that wait, `held` of them: what comes after both is not delivered yet.
 */
#include <string.h>

#include <rte_atomic.h>

#include "dlb2_lines.h"

#define WORD_BITS 64

struct dlb2_reorder {
	uint32_t head; /* oldest position that is not complete */
	uint32_t held;
	uint64_t full[DLB2_REORDER_DEPTH / WORD_BITS]; /* which slots have something */
	struct dlb2_words slots[DLB2_REORDER_DEPTH];
};

static const uint64_t completion = (uint64_t)DLB2_CMD_COMP << DLB2_HCW_SHIFT(cmd);

size_t
dlb2_dp_reorder_size(void)
{
	return sizeof(struct dlb2_reorder);
}

void
dlb2_reorder_init(struct dlb2_reorder *reorder)
{
	memset(reorder, 0, sizeof(*reorder));
}

static bool
is_full(const struct dlb2_reorder *r, uint32_t position)
{
	position %= DLB2_REORDER_DEPTH;
	return (r->full[position / WORD_BITS] >> position % WORD_BITS & 1) != 0;
}

static void
flip(struct dlb2_reorder *r, uint32_t position)
{
	position %= DLB2_REORDER_DEPTH;
	r->full[position / WORD_BITS] ^= UINT64_C(1) << position % WORD_BITS;
}

static void
put(struct dlb2_reorder *r, uint32_t position, uint64_t data, uint64_t meta)
{
	r->slots[position % DLB2_REORDER_DEPTH] = (struct dlb2_words){.data = data, .meta = meta};
	flip(r, position);
	r->held++;
}

/* Position after that of the last entry that was read. */
static uint32_t
end_of(const struct dlb2_dp_port *port)
{
	const struct dlb2_reorder *r = port->conf.reorder;

	return r->head + r->held + port->open;
}

static uint32_t
position_of(const struct dlb2_reorder *r, uint64_t event)
{
	return r->head + (uint8_t)(dlb2_event_opaque(event) - r->head);
}

bool
dlb2_reorder_is_open(const struct dlb2_dp_port *port, uint64_t event)
{
	const struct dlb2_reorder *r = port->conf.reorder;
	uint32_t position = position_of(r, event);

	return position - r->head < end_of(port) - r->head && !is_full(r, position);
}

/*
 * Sends what is complete up to the first event that the application still holds. A slot is emptied
 * last: if the process dies, no release that was not sent is overlooked.
 */
static void
send_ready(struct dlb2_writer *w)
{
	struct dlb2_reorder *r = w->port->conf.reorder;

	for (; r->held > 0 && is_full(r, r->head); r->head++) {
		const struct dlb2_words *slot = &r->slots[r->head % DLB2_REORDER_DEPTH];

		dlb2_writer_put_completion(w, slot->data, slot->meta);
		r->held--;
		rte_compiler_barrier();
		flip(r, r->head);
	}
}

void
dlb2_reorder_complete(struct dlb2_writer *w, uint64_t event, uint64_t data, uint64_t meta)
{
	struct dlb2_reorder *r = w->port->conf.reorder;

	put(r, position_of(r, event), data, meta);
	send_ready(w);
}

void
dlb2_reorder_complete_dropped(struct dlb2_writer *w)
{
	struct dlb2_reorder *r = w->port->conf.reorder;

	put(r, end_of(w->port), 0, completion);
	send_ready(w);
}

void
dlb2_reorder_release_open(struct dlb2_writer *w)
{
	struct dlb2_reorder *r = w->port->conf.reorder;
	const uint32_t end = end_of(w->port);
	uint32_t position;

	for (position = r->head; position != end; position++)
		if (!is_full(r, position))
			put(r, position, 0, completion);
	send_ready(w);
}

/* From the last one back, because dropped entries among them have positions as well. */
void
dlb2_reorder_stamp(const struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n)
{
	const struct dlb2_reorder *r = port->conf.reorder;
	uint32_t position = end_of(port);

	while (n > 0)
		if (!is_full(r, --position))
			ev[--n].impl_opaque = position;
}

unsigned int
dlb2_reorder_held(const struct dlb2_dp_port *port)
{
	return port->conf.reorder->held;
}

uint8_t
dlb2_reorder_oldest(const struct dlb2_dp_port *port)
{
	return port->conf.reorder->head;
}

/* An event that was to be enqueued again; its type tells the kind of its queue. */
static void
refund(struct dlb2_dp_port *port, uint64_t meta)
{
	unsigned int type = meta >> DLB2_HCW_SHIFT(sched) & DLB2_HCW_SCHED_TYPE;
	enum dlb2_port_kind kind = type == DLB2_SCHED_DIRECTED ? DLB2_DIR : DLB2_LDB;

	if (port->dp->metered[kind])
		dlb2_credits_add(port, port->dp->pool_of_kind[kind], 1);
}

/*
 * The slot of the oldest event is full only while it is being sent (send_ready()): it may have gone
 * out, so that its device credit is not given back.
 */
unsigned int
dlb2_reorder_forget(struct dlb2_dp_port *port)
{
	struct dlb2_reorder *r = port->conf.reorder;
	unsigned int position, releases = 0;

	for (position = 0; position < DLB2_REORDER_DEPTH; position++) {
		uint64_t meta = r->slots[position].meta;

		if (!is_full(r, position))
			continue;
		if (meta == completion)
			releases++;
		else if (position != r->head % DLB2_REORDER_DEPTH)
			refund(port, meta);
	}
	dlb2_reorder_init(r);
	return releases;
}
