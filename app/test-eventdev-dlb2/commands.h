/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The sub-commands. Each returns the program's exit status.
 */

#ifndef COMMANDS_H
#define COMMANDS_H

#include "device.h"
#include "options.h"

/**
 * Runs random pipelines over the devices and checks every event.
 *
 * @param command_line  the program and its EAL options up to "--", quoted for a shell: the
 *   beginning of the command that is printed to replay a pipeline
 */
int conform(struct device *devs, const struct options *opt, const char *command_line);

/** Measures a closed loop on each device and prints the rates side by side. */
int perf(struct device *devs, const struct options *opt);

#endif /* COMMANDS_H */
