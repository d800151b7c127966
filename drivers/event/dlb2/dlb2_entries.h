/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Reading entries of the consumer queue (CQ). Not here: which of them, and what reading them
 * changes (dlb2_reading.h, dlb2_settle.c).
 */
#ifndef DLB2_ENTRIES_H
#define DLB2_ENTRIES_H

#include "dlb2_datapath_priv.h"

/** Second word of an entry; the rest may be read after it. */
static __rte_always_inline uint64_t
dlb2_entry_meta(const struct dlb2_words *entry)
{
	return __atomic_load_n(&entry->meta, __ATOMIC_ACQUIRE);
}

static __rte_always_inline bool
dlb2_entry_is_new(uint64_t meta, uint64_t gen)
{
	return ((meta ^ gen) & DLB2_WORD_GEN) == 0;
}

/** Queue, type and priority of the event of a load-balanced entry, by its second word. */
static __rte_always_inline uint64_t
dlb2_entry_source(const struct dlb2_dp_port *port, uint64_t meta)
{
	return port->dp->sources[(uint32_t)meta >> DLB2_SOURCE_SHIFT & DLB2_SOURCE_MASK_LDB];
}

/**
 * Makes an event of the entry whose second word is `meta`. Returns the event's first word.
 *
 * @param kind  the port's; a constant where it matters, so that nothing is asked per event
 */
static __rte_always_inline uint64_t
dlb2_entry_to_event(const struct dlb2_dp_port *port, enum dlb2_port_kind kind,
		    const struct dlb2_words *entry, uint64_t meta, struct rte_event *ev)
{
	if (kind == DLB2_DIR) {
		/* A directed CQ has one queue, whatever its entries say. */
		uint32_t source = DLB2_SOURCE_DIR(port->conf.hw_id) +
			((uint32_t)meta >> DLB2_SOURCE_SHIFT & DLB2_SOURCE_MASK_DIR);

		ev->event = dlb2_directed_meta_to_event(meta, port->dp->sources[source]);
	} else {
		ev->event = dlb2_meta_to_event(meta, dlb2_entry_source(port, meta));
	}
	ev->u64 = entry->data;
	return ev->event;
}

/**
 * Whether an entry is as the device wrote it in the pass whose new entries have generation `gen`,
 * though its token was returned. In a dense line free places are written along with those before
 * them, and what was in them is gone (data-path 2.3): so it depends on the line's first entry, too.
 * A sparse line has no other. The first alone would not do: it may be two passes ahead.
 */
static inline bool
dlb2_entry_is_intact(const struct dlb2_words *entry, uint64_t gen)
{
	const struct dlb2_words *first = RTE_PTR_ALIGN_FLOOR(entry, sizeof(struct dlb2_line));

	return dlb2_entry_is_new(dlb2_entry_meta(first), gen) &&
		dlb2_entry_is_new(dlb2_entry_meta(entry), gen);
}

/**
 * Whether this is the open event that `after` others were dequeued before, and was scheduled as
 * `type`. When its entry is gone, as it may be once the token is back, only the application can
 * say, and is believed. `after` is below port->open.
 */
static inline bool
dlb2_entry_may_be(const struct dlb2_dp_port *port, uint32_t after, const struct rte_event *event,
		  enum dlb2_sched_type type)
{
	const uint32_t ring = port->conf.cq_ring_entries, step = dlb2_cq_step(port);
	const uint32_t at = (port->next - port->ring) / step;
	const uint32_t back = port->open + port->drops - after;
	const bool this_pass = back <= at; /* so the place is used again in the next one */
	const struct dlb2_words *entry = port->ring + (at + ring - back) % ring * step;
	uint64_t data, meta;

	/* Which of the others were dropped is not worth finding out. */
	if (back > ring || (after > 0 && port->drops > 0))
		return true;
	/* First what is in it: it was there if it still is afterwards. */
	data = __atomic_load_n(&entry->data, __ATOMIC_ACQUIRE);
	meta = dlb2_entry_meta(entry);
	if (!dlb2_entry_is_intact(entry, this_pass ? port->gen : port->gen ^ DLB2_WORD_GEN))
		return true;
	return data == event->u64 &&
		(meta >> DLB2_CQ_SHIFT(sched) & DLB2_HCW_SCHED_TYPE) == type;
}

/** The device has given the credits of `n` entries back. */
static inline void
dlb2_regain_credits(struct dlb2_dp_port *port, unsigned int n)
{
	if (!port->dp->metered[port->kind])
		return;
	dlb2_credits_add(port, port->dp->pool_of_kind[port->kind], n);
}

#endif
