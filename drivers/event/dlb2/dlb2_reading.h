/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What all that read entries of a consumer queue (CQ) share: how they are gone through, counted and
 * stepped over.
 *
 * Entries are read one after the other and the first that is not new ends the burst, so that a
 * hole, which relaxed ordering of the device's writes permits, is never stepped over
 * (data-path 2.3). The generation of an entry is read before the rest of it, or with it.
 *
 * So it makes no difference how the device writes dense lines, which is not known for certain:
 * entry by entry, several at once, or again and again with free places behind, as long as these
 * have the generation of the pass before. Of a line that is partly there that part is taken. No
 * line is demoted (CLDEMOTE): what is behind the entries that were read is the next to be read.
 */
#ifndef DLB2_READING_H
#define DLB2_READING_H

#include "dlb2_entries.h"

/* Whether the entry is not there yet, or is not to be delivered. */
static __rte_always_inline bool
dlb2_entry_is_unusual(uint64_t meta, uint64_t gen)
{
	return ((meta ^ gen) & (DLB2_WORD_GEN | DLB2_WORD_ERROR)) != 0;
}

/* Where reading goes on, and the generation that a new entry has there. */
struct dlb2_cursor {
	struct dlb2_words *next;
	uint64_t gen;
};

static __rte_always_inline void
dlb2_cursor_advance(const struct dlb2_dp_port *port, struct dlb2_cursor *c)
{
	c->next += dlb2_cq_step(port);
	if (unlikely(c->next == port->ring_end)) {
		c->next = port->ring;
		c->gen ^= DLB2_WORD_GEN;
	}
}

/*
 * Everything before the cursor has been read. Entries are counted, all at once, before they are
 * stepped over: if a process dies in here, it can be told how far it came (dlb2_settle.c). The
 * stores are ordinary ones; only the compiler has to keep their order.
 */
static __rte_always_inline void
dlb2_cursor_done(struct dlb2_dp_port *port, const struct dlb2_cursor *c)
{
	__atomic_store_n(&port->gen, c->gen, __ATOMIC_RELEASE);
	__atomic_store_n(&port->next, c->next, __ATOMIC_RELEASE);
}

/* Counts `n` delivered events of the same queue, type and depth class: `count` is DLB2_COUNT(). */
static __rte_always_inline void
dlb2_count_received(struct dlb2_dp_port *port, enum dlb2_port_kind kind, uint32_t count,
		    unsigned int n)
{
	if (kind == DLB2_DIR)
		port->counters[DLB2_PORT_RX_SCHED_DIRECTED] += n;
	else
		port->received_by_type[count >> DLB2_COUNT_SCHED_SHIFT] += n;
	port->received[(uint16_t)count] += n;
}

/** Counts `n` delivered events that may be of different queues, types and depth classes. */
void dlb2_count_mixed(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n);

/*
 * Takes `n` events that were delivered in front of the cursor into account. `first` is the first
 * word of the first, `differ` has the bits in which others are not like it.
 */
static __rte_always_inline void
dlb2_delivered(struct dlb2_dp_port *port, enum dlb2_port_kind kind, const struct dlb2_cursor *c,
	       const struct rte_event ev[], unsigned int n, uint64_t first, uint64_t differ)
{
	port->state += n * DLB2_STATE_READ;
	dlb2_cursor_done(port, c);
	if (unlikely(differ & (DLB2_EV_KEY_MASK | DLB2_EV_DEPTH_MASK)))
		dlb2_count_mixed(port, ev, n);
	else
		dlb2_count_received(port, kind, dlb2_event_count(first), n);
}

/*
 * Delivers good entries, at most `n`, up to the first unusual one. The first is known to be good,
 * `meta` is its second word. Returns how many (1 or more).
 */
static __rte_always_inline unsigned int
dlb2_read_entries(struct dlb2_dp_port *port, enum dlb2_port_kind kind, struct rte_event *ev,
		  unsigned int n, uint64_t meta)
{
	struct dlb2_cursor c = {.next = port->next, .gen = port->gen};
	const struct rte_event *end = ev + n, *start = ev;
	const uint64_t first = dlb2_entry_to_event(port, kind, c.next, meta, ev);
	uint64_t differ = 0;

	for (;;) {
		dlb2_cursor_advance(port, &c);
		if (++ev == end)
			break;
		meta = dlb2_entry_meta(c.next);
		if (dlb2_entry_is_unusual(meta, c.gen))
			break;
		differ |= dlb2_entry_to_event(port, kind, c.next, meta, ev) ^ first;
	}
	n = ev - start;
	dlb2_delivered(port, kind, &c, start, n, first, differ);
	return n;
}

#endif
