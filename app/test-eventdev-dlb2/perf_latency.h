/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Distribution of the time between enqueue and dequeue: a histogram with a resolution of 3 %.
 */

#ifndef PERF_LATENCY_H
#define PERF_LATENCY_H

#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>

/* Each power of two is divided into this many buckets. */
#define PERF_LATENCY_PARTS_LOG2 5
#define PERF_LATENCY_PARTS (1u << PERF_LATENCY_PARTS_LOG2)
#define PERF_LATENCY_BUCKETS (64 * PERF_LATENCY_PARTS)

struct perf_latency {
	uint64_t events;
	uint64_t buckets[PERF_LATENCY_BUCKETS];
};

/** The bucket of a time in TSC cycles. */
static inline uint32_t
perf_latency_bucket(uint64_t cycles)
{
	uint32_t power;

	if (cycles < PERF_LATENCY_PARTS)
		return cycles;
	power = 63 - __builtin_clzll(cycles) - PERF_LATENCY_PARTS_LOG2;
	return (power + 1) * PERF_LATENCY_PARTS + (cycles >> power) - PERF_LATENCY_PARTS;
}

static inline void
perf_latency_add(struct perf_latency *latency, uint64_t cycles)
{
	latency->buckets[perf_latency_bucket(cycles)]++;
	latency->events++;
}

/** The shortest time of a bucket, in TSC cycles. */
uint64_t perf_latency_cycles(uint32_t bucket);

/** The time in TSC cycles that `share` (0 to 1) of the events didn't exceed, within 3 %. */
uint64_t perf_latency_share(const struct perf_latency *latency, double share);

/** Writes percentiles and the buckets that aren't empty as a JSON object, in nanoseconds. */
void perf_latency_write(const struct perf_latency *latency, FILE *f);

#endif /* PERF_LATENCY_H */
