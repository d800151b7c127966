/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A producer port of the model in this process: a ring of 64-byte lines between the thread that owns
 * the port and whoever runs the model. Here is what both sides know of it; how the runner looks into
 * all of them is in dlb2_channels.c.
 */
#ifndef DLB2_PP_CHANNEL_H
#define DLB2_PP_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include <dlb2_hcw.h>

/** Lines that fit between the owner of a port and the model. Power of two. */
#define DLB2_PP_RING_LINES 256

/**
 * One producer port: single producer (the thread that uses the event port), single consumer (who
 * holds the run lock). The first cache line is the producer's, the second the consumer's. In memory
 * shared by the processes.
 */
struct dlb2_pp_channel {
	uint32_t tail;            /* lines written; published with release */
	uint16_t port;
	uint8_t kind;             /* enum dlb2_port_kind */
	uint8_t dev_id;           /* of the event device: leads to the bus, in the primary process */
	bool run_inline;          /* the port makes the model progress itself */
	bool asleep;              /* the runner does not look here until the port says so */
	uint32_t head __rte_cache_aligned; /* lines taken; published with release */
	uint32_t idle;            /* looks in a row that found nothing */
	uint64_t *bell;           /* how the port says so: in this word */
	uint8_t bell_bit;         /* it sets this bit */
	struct dlb2_line lines[DLB2_PP_RING_LINES] __rte_cache_aligned;
};

/**
 * Makes the runner look into the ring again. Rare, but no function of its own: a call would make
 * every enqueue save what it needs afterwards.
 */
static __rte_always_inline void
dlb2_pp_channel_wake(struct dlb2_pp_channel *channel)
{
	__atomic_store_n(&channel->asleep, false, __ATOMIC_RELAXED);
	__atomic_fetch_or(channel->bell, UINT64_C(1) << channel->bell_bit, __ATOMIC_RELEASE);
}

/** Hands over `count` lines, which the producer has written behind those before. */
static __rte_always_inline void
dlb2_pp_channel_publish(struct dlb2_pp_channel *channel, unsigned int count)
{
	__atomic_store_n(&channel->tail, channel->tail + count, __ATOMIC_RELEASE);
	/* No fence in between: dlb2_channels.c says what may happen then. */
	if (unlikely(__atomic_load_n(&channel->asleep, __ATOMIC_RELAXED)))
		dlb2_pp_channel_wake(channel);
}

#endif
