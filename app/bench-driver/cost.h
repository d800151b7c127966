/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The measurement of dlb2-bench-driver.
 */
#ifndef COST_H
#define COST_H

#include <stdbool.h>

#include <dlb2_limits.h>

#define COST_MAX_BURST 32
#define COST_MAX_BURSTS 16
/** Most events of a timed round, which begins with a consumer queue that was just filled. */
#define COST_EVENTS_PER_ROUND COST_MAX_BURST

struct cost_options {
	unsigned int bursts[COST_MAX_BURSTS];
	unsigned int num_bursts;
	unsigned int rounds;
};

/**
 * Sets event device 0 up over the plain device, measures, prints. False after a message on stderr:
 * the device could not be set up, or sent something wrong.
 */
bool
cost_measure(enum dlb2_version version, const struct cost_options *options);

#endif
