/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Consumer queues: whether one has room, token returns, and how an entry reaches memory.
 */
#ifndef MODEL_CQ_H
#define MODEL_CQ_H

#include "model_priv.h"
#include "model_queue.h"

void model_cq_init(struct dlb2_model *m);
/* Takes over the registers of a CQ that only software writes, and brings its room up to date. */
void model_cq_decode(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p);
/* Makes `stop` exact and the CQ a member of the ready set, or not. */
void model_room_update(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p);
/* Tells the interrupt logic the occupancy of every CQ that entries were written to. */
void model_cq_tell_occupancy(struct dlb2_model *m);

/* Units of load of an event by its byte 14 (data-path 5.8). */
unsigned int model_weight(const struct dlb2_model *m, uint8_t flags);

/* An entry that is more than a plain store: not mapped, padded, delayed, faulty, of a vdev. */
void model_entry_write_specially(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	uint64_t data, uint64_t word);
unsigned int model_sender_shown(struct dlb2_model *m, unsigned int p, unsigned int sender);
/* Makes late entries visible: some by chance, or all of them. */
void model_late_advance(struct dlb2_model *m);
void model_late_finish(struct dlb2_model *m);

model_inline bool
model_cq_is_ready(const struct model_sched *s, enum dlb2_port_kind kind, unsigned int p)
{
	return (kind == DLB2_LDB ? s->ready : s->dir_ready[p / 64]) >> p % 64 & 1;
}

model_inline bool
model_cq_is_sparse(const struct model_port *port)
{
	return 1u << port->entry_shift == DLB2_CQ_STRIDE_SPARSE;
}

/* 1 on the first pass through the ring, then alternating (data-path 2.2). */
model_inline unsigned int
model_cq_gen(const struct model_port *port)
{
	return (port->written & port->ring_entries) == 0;
}

model_inline unsigned int
model_cq_index(const struct model_port *port)
{
	return port->written & (port->ring_entries - 1u);
}

/*
 * Bytes 8 to 15 of an entry of a directed CQ, but for status: the lock ID moves to bytes 10 and 11,
 * in bytes 12 and 13 is the number of the sender (data-path 2.4).
 */
model_inline uint64_t
model_directed_word(uint64_t word)
{
	uint64_t sender = model_word_status(word) & ~MODEL_SENDER_LDB;

	return (word & MODEL_WORD(opaque)) |
		(uint64_t)model_word_lock(word) << DLB2_HCW_SHIFT(qid) |
		sender << DLB2_HCW_SHIFT(lock_id);
}

/* Byte 15 of the next entry, in its place. */
model_inline uint64_t
model_entry_status(const struct model_port *port, unsigned int depth_code)
{
	return (uint64_t)(model_cq_gen(port) | depth_code << 1) << MODEL_WORD_STATUS_SHIFT;
}

model_inline void
model_entry_store(uint8_t *dst, uint64_t data, uint64_t word)
{
	uint64_t *entry = (uint64_t *)(void *)dst;

	/* Bytes 0 to 14 are visible no later than byte 15 (data-path 11). */
	__atomic_store_n(&entry[0], data, __ATOMIC_RELAXED);
	__atomic_store_n(&entry[1], word, __ATOMIC_RELEASE);
}

/*
 * Writes the next entry of a CQ. `word` is bytes 8 to 15 complete with status; byte 14 is zero.
 * The caller then advances `written`.
 */
model_inline void
model_entry_write(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	struct model_port *port, uint64_t data, uint64_t word)
{
	if (model_likely(port->plain && m->sched.may_write_plain))
		model_entry_store(port->ring + (model_cq_index(port) << port->entry_shift),
			data, word);
	else
		model_entry_write_specially(m, kind, p, data, word);
}

/*
 * Takes back `count` tokens, at most what is outstanding (data-path 3.2, check 9 of 11). The caller
 * then brings the CQ's room up to date.
 */
model_inline void
model_tokens_return(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	unsigned int count, const struct dlb2_hcw *hcw)
{
	struct model_port *port = &m->sched.ports[kind][p];
	int64_t outstanding = port->written - port->returned;

	if (model_unlikely(count > outstanding)) {
		model_alarm(m, MODEL_ALARM_CHP, MODEL_AID_CHP_EXCESS_TOKENS, 0, kind, p, hcw);
		count = outstanding;
	}
	port->returned += count;
	port->taken += count;
	if (port->taken > port->written)
		port->taken = port->written;
	m->counters.tokens_returned += count;
	model_cq_occupancy(m, kind, p, port->written - port->taken);
}

#endif
