/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The one translation between struct rte_event and what crosses the device (data-path 9). Not here:
 * which queue or command is right; the caller looks those up. Everything is done on whole 64-bit
 * words, so that there is nothing to branch on.
 *
 * The opaque half-word of the device carries bits 31:16 of the event word unchanged (event type,
 * sub event type, the upper four flow bits), lock_id carries bits 15:0, of the flow as well.
 *
 * To a directed CQ the device carries opaque and lock_id only, the latter into bytes 10-11
 * (data-path 2.4): 32 bits for the 35 of types, flow and priority. Since the API promises the
 * priority, too, such events lose the upper four flow bits, which no flow within
 * max_event_queue_flows has. The priority takes its place of bytes 10-11, and the three flow bits
 * that were there move into the opaque half-word.
 */
#ifndef DLB2_TRANSLATE_H
#define DLB2_TRANSLATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_eventdev.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>

/* Bit positions in the first word of struct rte_event (data-path 9.1). */
#define DLB2_EV_OPAQUE_SHIFT 16
#define DLB2_EV_TYPE_SHIFT 28
#define DLB2_EV_OP_SHIFT 32
#define DLB2_EV_OP_MASK (UINT64_C(3) << DLB2_EV_OP_SHIFT)
#define DLB2_EV_DEPTH_SHIFT 34
#define DLB2_EV_DEPTH_MASK (UINT64_C(3) << DLB2_EV_DEPTH_SHIFT)
#define DLB2_EV_WEIGHT_SHIFT 36
#define DLB2_EV_SCHED_SHIFT 38
#define DLB2_EV_QUEUE_SHIFT 40
#define DLB2_EV_PRIORITY_SHIFT 48
#define DLB2_EV_PRIORITY_BITS 8
#define DLB2_EV_OPAQUE_BYTE_SHIFT 56

/* Queue and scheduling type together: the index into the table of destinations. */
#define DLB2_EV_KEY_BITS 10
#define DLB2_EV_KEY_MASK (((UINT64_C(1) << DLB2_EV_KEY_BITS) - 1) << DLB2_EV_SCHED_SHIFT)
#define DLB2_NUM_EV_KEYS (1u << DLB2_EV_KEY_BITS)

#define DLB2_WORD_PRIORITY ((uint64_t)DLB2_HCW_PRIORITY << DLB2_HCW_SHIFT(sched))
#define DLB2_WORD_GEN ((uint64_t)DLB2_CQ_GEN << DLB2_CQ_SHIFT(status))
#define DLB2_WORD_ERROR ((uint64_t)DLB2_CQ_ERROR << DLB2_CQ_SHIFT(status))
/* A command, in the upper half of the second word of an HCW. */
#define DLB2_HALF_CMD(code) ((uint32_t)(code) << (DLB2_HCW_SHIFT(cmd) - 32))
/* The same in the whole word. */
#define DLB2_WORD_CMD(code) ((uint64_t)(code) << DLB2_HCW_SHIFT(cmd))
#define DLB2_HALF_WEIGHT_SHIFT (DLB2_HCW_SHIFT(flags) - 32 + 1)
/*
 * Queue, type and priority of a CQ entry: the index into the table of sources. Load-balanced queues
 * leave most queue numbers to the directed CQs, whose entries only tell the priority.
 */
#define DLB2_SOURCE_SHIFT DLB2_CQ_SHIFT(qid)
#define DLB2_SOURCE(qid, type, priority) ((qid) | (type) << 8 | (priority) << 10)
#define DLB2_NUM_SOURCES DLB2_SOURCE(0u, 0u, 8u)
#define DLB2_SOURCE_MASK_LDB (DLB2_NUM_SOURCES - 1)
#define DLB2_SOURCE_MASK_DIR DLB2_SOURCE(0u, 0u, 7u)
#define DLB2_SOURCE_DIR(port) (DLB2_MAX_LDB_QUEUES + (port))

/* Flow bits whose place in the lock_id the priority takes on the way to a directed CQ. */
#define DLB2_DIR_MOVED ((uint32_t)(DLB2_WORD_PRIORITY >> DLB2_HCW_SHIFT(qid)))
#define DLB2_DIR_MOVED_SHIFT 10
#define DLB2_DIR_OPAQUE_FLOW 0xfu /* flow bits in the opaque half-word */

/* From the priority of the event, its upper three bits, to that of the HCW. */
#define DLB2_PRIORITY_SHIFT \
	(DLB2_EV_PRIORITY_SHIFT + DLB2_EV_PRIORITY_BITS - 3 - (DLB2_HCW_SHIFT(sched) + 2))
/* The same within the byte of each: the event's upper three bits, and those of DLB2_HCW_PRIORITY. */
#define DLB2_PRIORITY_IN_BYTE (DLB2_EV_PRIORITY_BITS - 3 - 2)
/* The depth class of the CQ entry, and from there to that of the event. */
#define DLB2_WORD_DEPTH_SHIFT (DLB2_CQ_SHIFT(status) + 1)
#define DLB2_DEPTH_SHIFT (DLB2_WORD_DEPTH_SHIFT - DLB2_EV_DEPTH_SHIFT)

/**
 * Where events of one (queue, scheduling type) go. The lower half is what goes into bytes 8-11 of
 * the HCW. The event queue is in bits 40 to 47, nothing is above. Between them are marks for the
 * enqueue code, chosen so that two of them can be tested together with the op of the event.
 */
#define DLB2_DEST_REFUSED \
	(UINT64_C(1) << DLB2_EV_OP_SHIFT) /* no such queue, or it cannot take the type */
#define DLB2_DEST_METERED \
	(UINT64_C(1) << (DLB2_EV_OP_SHIFT + 1)) /* device credits have to be counted */
#define DLB2_DEST_MARKS (DLB2_DEST_REFUSED | DLB2_DEST_METERED)
#define DLB2_DEST_DIRECTED (UINT64_C(1) << (DLB2_EV_OP_SHIFT + 2))

/** The two words of an HCW or a CQ entry, which elsewhere are structs of narrow members. */
struct dlb2_words {
	uint64_t data;
	uint64_t meta;
} __rte_may_alias;

_Static_assert(sizeof(struct dlb2_words) == sizeof(struct dlb2_hcw), "two words make an HCW");
_Static_assert(sizeof(struct dlb2_words) == sizeof(struct dlb2_cq_entry),
	       "two words make a CQ entry");
_Static_assert(sizeof(struct rte_event) == 16 && offsetof(struct rte_event, u64) == 8,
	       "two words make an event");
_Static_assert(DLB2_EV_SCHED_SHIFT + 2 == DLB2_EV_QUEUE_SHIFT, "queue and type are neighbours");
_Static_assert(0xe0 >> DLB2_PRIORITY_IN_BYTE == DLB2_HCW_PRIORITY,
	       "the priority moves within its byte");
_Static_assert(DLB2_DIR_MOVED == 7u << DLB2_DIR_MOVED_SHIFT, "the three bits of the priority");
_Static_assert(DLB2_CQ_SHIFT(flow_id) + DLB2_EV_OPAQUE_SHIFT == 48, "16 bits are above it");
_Static_assert(DLB2_SOURCE_DIR(DLB2_MAX_DIR_PORTS) <= 256, "a source for every directed CQ");
_Static_assert(DLB2_DEST_MARKS == DLB2_EV_OP_MASK, "one test finds a mark and a change of op");

static __rte_always_inline unsigned int
dlb2_event_op(uint64_t event)
{
	return (event >> DLB2_EV_OP_SHIFT) & 3;
}

static __rte_always_inline unsigned int
dlb2_event_type(uint64_t event)
{
	return (event >> DLB2_EV_TYPE_SHIFT) & 0xf;
}

static __rte_always_inline unsigned int
dlb2_event_sched(uint64_t event)
{
	return (event >> DLB2_EV_SCHED_SHIFT) & 3;
}

static __rte_always_inline unsigned int
dlb2_event_queue(uint64_t event)
{
	return (uint8_t)(event >> DLB2_EV_QUEUE_SHIFT);
}

/** impl_opaque: on ports with independent enqueue, the position of the event (dlb2_reorder.c). */
static __rte_always_inline uint8_t
dlb2_event_opaque(uint64_t event)
{
	return event >> DLB2_EV_OPAQUE_BYTE_SHIFT;
}

static __rte_always_inline unsigned int
dlb2_event_depth(uint64_t event)
{
	return (event >> DLB2_EV_DEPTH_SHIFT) & 3;
}

/**
 * What received events are counted by: their scheduling type, and below that their queue and depth
 * class.
 */
#define DLB2_COUNT_SCHED_SHIFT 16
#define DLB2_COUNT(queue, sched, depth) \
	((sched) << DLB2_COUNT_SCHED_SHIFT | (queue) << 2 | (depth))

static __rte_always_inline uint32_t
dlb2_event_count(uint64_t event)
{
	return DLB2_COUNT(dlb2_event_queue(event), dlb2_event_sched(event), dlb2_event_depth(event));
}

static __rte_always_inline unsigned int
dlb2_event_key(uint64_t event)
{
	return (event >> DLB2_EV_SCHED_SHIFT) & (DLB2_NUM_EV_KEYS - 1);
}

/** Bits 32 to 47 of the first word, with op and key, for who needs nothing else of it. */
static __rte_always_inline uint64_t
dlb2_event_middle(const struct rte_event *ev)
{
	uint16_t middle;

	memcpy(&middle, (const char *)&ev->event + DLB2_EV_OP_SHIFT / 8, sizeof(middle));
	return (uint64_t)middle << DLB2_EV_OP_SHIFT;
}

/** Event queue of a destination. */
static __rte_always_inline unsigned int
dlb2_dest_queue(uint64_t dest)
{
	return dest >> DLB2_EV_QUEUE_SHIFT;
}

/** enum dlb2_sched_type of a destination. */
static __rte_always_inline unsigned int
dlb2_dest_sched(uint64_t dest)
{
	return (uint32_t)dest >> DLB2_HCW_SHIFT(sched);
}

/* As below, of a directed destination; `low` is the lower half as for a load-balanced one. */
static inline uint64_t
dlb2_event_to_directed_meta(uint64_t event, uint32_t low, uint32_t half)
{
	uint32_t moved = (uint32_t)event & DLB2_DIR_MOVED;
	uint32_t lock_id = ((uint16_t)event ^ moved) | (low >> DLB2_HCW_SHIFT(qid) & DLB2_DIR_MOVED);

	low = (low & ~DLB2_DIR_OPAQUE_FLOW) | moved >> DLB2_DIR_MOVED_SHIFT;
	return (uint64_t)(half | lock_id) << 32 | low;
}

/**
 * Second word of the HCW for an event.
 *
 * @param event  first word of the event
 * @param dest   destination, from the table of the device
 * @param half   DLB2_HALF_CMD(), and the weight if the device takes one
 */
static __rte_always_inline uint64_t
dlb2_event_to_meta(uint64_t event, uint64_t dest, uint32_t half)
{
	uint32_t low = (uint32_t)dest | (uint32_t)event >> DLB2_EV_OPAQUE_SHIFT |
		((uint32_t)(event >> DLB2_PRIORITY_SHIFT) & (uint32_t)DLB2_WORD_PRIORITY);

	if (unlikely(dest & DLB2_DEST_DIRECTED))
		return dlb2_event_to_directed_meta(event, low, half);
	return (uint64_t)(half | (uint16_t)event) << 32 | low;
}

/**
 * First word of the event for an entry of a load-balanced CQ; op is NEW, impl_opaque 0.
 *
 * @param meta    second word of the entry
 * @param source  queue, scheduling type and priority, in place, from the table of the device; the
 *   lower half is not looked at
 */
static __rte_always_inline uint64_t
dlb2_meta_to_event(uint64_t meta, uint64_t source)
{
	/* The flow comes to the upper end, from where it needs no mask. */
	uint64_t opaque_and_flow = meta << DLB2_EV_OPAQUE_SHIFT;
	uint32_t low = opaque_and_flow | opaque_and_flow >> 48;

	return (source & ~(uint64_t)UINT32_MAX) | low |
		((meta >> DLB2_DEPTH_SHIFT) & DLB2_EV_DEPTH_MASK);
}

/** The same for an entry of a directed CQ. */
static __rte_always_inline uint64_t
dlb2_directed_meta_to_event(uint64_t meta, uint64_t source)
{
	uint32_t moved = (uint32_t)meta << DLB2_DIR_MOVED_SHIFT & DLB2_DIR_MOVED;
	uint32_t flow = (uint16_t)(meta >> DLB2_CQ_SHIFT(qid)) & ~DLB2_DIR_MOVED;
	uint32_t types = ((uint32_t)meta & ~DLB2_DIR_OPAQUE_FLOW) << DLB2_EV_OPAQUE_SHIFT;

	return (source & ~(uint64_t)UINT32_MAX) | types | flow | moved |
		((meta >> DLB2_DEPTH_SHIFT) & DLB2_EV_DEPTH_MASK);
}

/** Second word of a token return. `tokens` is 1..1024: zero cannot be expressed (data-path 3.3). */
static __rte_always_inline uint64_t
dlb2_token_batch(uint32_t tokens)
{
	return (uint64_t)DLB2_CMD_BAT_T << DLB2_HCW_SHIFT(cmd) |
		(uint64_t)(tokens - 1) << DLB2_HCW_SHIFT(lock_id);
}

#endif
