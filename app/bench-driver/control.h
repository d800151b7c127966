/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What it costs to set the whole device up, and to stop it.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>

#include <dlb2_limits.h>

/**
 * Sets event device 0 up over the plain device, with everything it has: all queues, all ports fully
 * linked, all directed pairs; starts and stops it. Prints a line of JSON per step: its time, or with
 * `count` the accesses to the BARs, which takes a thousand times as long. False after a message on
 * stderr.
 */
bool
control_measure(enum dlb2_version version, bool count);

#endif
