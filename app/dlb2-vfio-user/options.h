/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Command line of dlb2-vfio-user.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "device.h"

#define OPTIONS_MAX_DEVICES 16

struct options {
	struct {
		const char *path; /**< of the socket */
		struct device_config config;
	} devices[OPTIONS_MAX_DEVICES];
	unsigned int num_devices;
	const char *trace;   /**< NULL: none */
	const char *control; /**< NULL: none */
	bool once;           /**< end when all clients have gone */
};

/**
 * Parses the command line; strings point into argv. Says on standard error what is wrong.
 * Returns 0, 1 if help was asked for and printed, or -EINVAL.
 */
int options_parse(struct options *options, int argc, char *argv[]);

#endif
