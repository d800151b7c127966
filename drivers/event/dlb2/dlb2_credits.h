/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Credits: pools shared by all ports of a device, and what a port keeps of them. Not here: when an
 * event needs one (dlb2_enqueue.c) or gives one back (dlb2_dequeue.c).
 *
 * A pool counts what has been taken from it, caches of ports included. It is touched once per
 * refill, never per event: an enqueue looks at the cache first. A lost race is tried again, and a
 * grant may be smaller than what was asked for, so that a port is refused only when nothing at all
 * is left.
 */
#ifndef DLB2_CREDITS_H
#define DLB2_CREDITS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

/** The pools of a device (data-path 6). */
enum dlb2_pool {
	DLB2_POOL_EVENTS, /**< events in the system: nb_events_limit, new_event_threshold */
	DLB2_POOL_LDB,    /**< device credits; 2.5: of both kinds */
	DLB2_POOL_DIR,    /**< 2.0: device credits of directed queues */
	DLB2_NUM_POOLS
};

/** On a cache line of its own: the only data path state that ports of different threads write. */
struct dlb2_credit_pool {
	uint32_t taken;
	uint32_t size;
} __rte_cache_aligned;

/**
 * Takes up to `want` credits as long as no more than `limit` are taken altogether.
 * Credits publish no data, so that relaxed order is enough.
 *
 * @return credits granted, 0 if none are left
 */
static inline uint32_t
dlb2_pool_take(struct dlb2_credit_pool *pool, uint32_t limit, uint32_t want)
{
	uint32_t taken = __atomic_load_n(&pool->taken, __ATOMIC_RELAXED);
	uint32_t grant;

	do {
		if (taken >= limit)
			return 0;
		grant = RTE_MIN(want, limit - taken);
	} while (!__atomic_compare_exchange_n(&pool->taken, &taken, taken + grant, true,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return grant;
}

/**
 * Gives credits back, after they have been taken out of a cache: a process that dies in between
 * loses them until the next start, but never gives them twice.
 */
static inline void
dlb2_pool_give(struct dlb2_credit_pool *pool, uint32_t credits)
{
	__atomic_fetch_sub(&pool->taken, credits, __ATOMIC_RELEASE);
}

static inline uint32_t
dlb2_pool_taken(const struct dlb2_credit_pool *pool)
{
	return __atomic_load_n(&pool->taken, __ATOMIC_RELAXED);
}

#endif
