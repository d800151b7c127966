/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Bytes 8 to 15 of an HCW, of a stored event, of a history entry and of a CQ entry, each as one
 * word: the layouts have most members in the same place, so that they are made of each other by
 * masks.
 */
#ifndef MODEL_WORD_H
#define MODEL_WORD_H

#include <stdint.h>
#include <string.h>

#include <dlb2_hcw.h>

/* For what is done per event, whatever the compiler thinks of its size. */
#define model_inline static inline __attribute__((always_inline))

/* The bits of a member, in its place, and as a number. */
#define MODEL_WORD(member) (MODEL_WORD_MAX(member) << DLB2_HCW_SHIFT(member))
#define MODEL_WORD_MAX(member) (UINT64_MAX >> (64 - 8 * sizeof(((struct dlb2_hcw *)0)->member)))

/* Scheduling type, and what together tells which queue an HCW is for: its route. */
#define MODEL_WORD_TYPE ((uint64_t)DLB2_HCW_SCHED_TYPE << DLB2_HCW_SHIFT(sched))
#define MODEL_WORD_ROUTE (MODEL_WORD(qid) | MODEL_WORD_TYPE)

/* What HCW and CQ entry have in common. */
#define MODEL_WORD_CQ_PART \
	(MODEL_WORD(opaque) | MODEL_WORD(qid) | MODEL_WORD(sched) | MODEL_WORD(lock_id))

/* Byte 15: command of an HCW, sender of a stored event, status of a CQ entry. */
#define MODEL_WORD_STATUS_SHIFT DLB2_HCW_SHIFT(cmd)

model_inline uint64_t
model_word_of(const struct dlb2_hcw *hcw)
{
	uint64_t word;

	memcpy(&word, &hcw->opaque, sizeof(word));
	return word;
}

model_inline unsigned int
model_word_qid(uint64_t word)
{
	return (uint32_t)word >> DLB2_HCW_SHIFT(qid) & MODEL_WORD_MAX(qid);
}

model_inline unsigned int
model_word_type(uint64_t word)
{
	return (uint32_t)word >> DLB2_HCW_SHIFT(sched) & DLB2_HCW_SCHED_TYPE;
}

/* Route as an index. */
model_inline unsigned int
model_word_route(uint64_t word)
{
	return (uint32_t)(word & MODEL_WORD_ROUTE) >> DLB2_HCW_SHIFT(qid);
}

model_inline unsigned int
model_word_priority(uint64_t word)
{
	return (uint32_t)(word & (uint64_t)DLB2_HCW_PRIORITY << DLB2_HCW_SHIFT(sched)) >>
		(DLB2_HCW_SHIFT(sched) + __builtin_ctz(DLB2_HCW_PRIORITY));
}

model_inline unsigned int
model_word_lock(uint64_t word)
{
	return word >> DLB2_HCW_SHIFT(lock_id) & MODEL_WORD_MAX(lock_id);
}

model_inline uint8_t
model_word_flags(uint64_t word)
{
	return word >> DLB2_HCW_SHIFT(flags);
}

/* Byte 15. */
model_inline unsigned int
model_word_status(uint64_t word)
{
	return word >> MODEL_WORD_STATUS_SHIFT;
}

model_inline unsigned int
model_word_command(uint64_t word)
{
	return model_word_status(word) & DLB2_HCW_CMD;
}

/* The word with another byte 15. */
model_inline uint64_t
model_word_with_status(uint64_t word, uint64_t status)
{
	return (word & ~MODEL_WORD(cmd)) | status << MODEL_WORD_STATUS_SHIFT;
}

model_inline uint64_t
model_word_with_qid(uint64_t word, uint64_t qid)
{
	return (word & ~MODEL_WORD(qid)) | qid << DLB2_HCW_SHIFT(qid);
}

#endif
