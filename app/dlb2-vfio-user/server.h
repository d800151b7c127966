/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The server: all devices with their sockets, and the one loop that everything runs in.
 */
#ifndef SERVER_H
#define SERVER_H

#include "options.h"

/**
 * Serves what the options say until SIGINT, SIGTERM, the command quit, or, with --once, until all
 * clients have gone. Says on standard error what went wrong.
 * Returns 0, or a negative errno if it could not start.
 */
int server_run(const struct options *options);

#endif
