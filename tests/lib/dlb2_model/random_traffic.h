/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Random configurations and random traffic, legal and illegal, with a reference that knows of each
 * event where it may be: nothing lost or doubled, flows at one CQ at a time, orders kept, credits
 * and tokens conserved. One run per seed.
 */
#ifndef RANDOM_TRAFFIC_H
#define RANDOM_TRAFFIC_H

#include <stdint.h>

#include <dlb2_limits.h>

/* What a run met, to tell whether the runs together met everything. */
struct random_traffic_stats {
	uint64_t delivered, refused, fragments, holes, replayed, directed, excess_tokens;
	uint64_t commands[16];
};

/* Aborts with a message that names the seed if the model errs. */
void random_traffic_run(enum dlb2_version version, uint64_t seed, unsigned int steps,
	struct random_traffic_stats *stats);

#endif
