/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The commands of the control socket: a line of text in, a line of JSON out. No socket here.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "options.h"
#include "session.h"

/** What commands can look at and change. */
struct commands {
	struct trace *trace;
	unsigned int num_devices;
	struct commands_device {
		struct device *device;
		const struct session_counters *counters;
	} devices[OPTIONS_MAX_DEVICES];
	bool quit; /**< set by the command of this name */
};

/** Runs one command, without its end of line, and writes its answer to `out`, with one. */
void commands_run(struct commands *commands, const char *line, FILE *out);

#endif
