/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The command line behind "--".
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_MAX_DEVS 8
#define OPTIONS_MAX_BURSTS 8

enum command { COMMAND_CONFORM, COMMAND_PERF };

struct options {
	enum command command;
	uint8_t devs[OPTIONS_MAX_DEVS];
	uint32_t nb_devs; /* 0: not given */
	/* conform */
	uint32_t pipelines;
	uint32_t seeds;
	uint64_t seed;
	bool seed_given;
	bool one_pipeline;
	uint32_t pipeline; /* the only one to run, if one_pipeline */
	uint64_t events; /* conform: per pipeline; perf: per run */
	bool soak;
	bool all_lcores;
	bool verbose;
	uint32_t watchdog; /* seconds */
	uint32_t without; /* bitmap of enum pipeline_without */
	uint32_t credit_slack;
	/* perf */
	char types[5]; /* letters out of "apod" */
	uint32_t bursts[OPTIONS_MAX_BURSTS];
	uint32_t nb_bursts;
	uint32_t in_flight;
	uint32_t repeats;
	uint32_t dequeue_depth; /* 0: the most that the device has, up to 128 */
	uint32_t sequences; /* reorder window of an ordered queue */
	uint32_t queues, ports; /* configured; all but the first without traffic */
	uint32_t work; /* TSC cycles for each event */
	bool latency;
	const char *json;
};

/**
 * Reads the options behind the EAL's. argv[0] is the program's name, argv[1] the sub-command.
 *
 * @return 0; 1 if help was asked for and printed; -EINVAL after printing what is wrong, the
 *   range and the remedy
 */
int options_parse(struct options *opt, int argc, char *argv[]);

void options_usage(const char *program);

#endif /* OPTIONS_H */
