/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What secondary.c, the primary process, and secondary_roles.c, its workers, share: queues, ports,
 * the numbers of events, and how a failure ends either.
 *
 *   queue 0 (atomic) and 1 (ordered) to ports 1 and 2, where workers forward to queue 2
 *   queue 2 (atomic, one flow, so that order is kept) to port 0, where the primary takes them
 *   port 3 has no queue: a worker produces there
 *   queue 3 (single link) to port 4, where a worker consumes
 */
#ifndef SECONDARY_H
#define SECONDARY_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_eventdev.h>

#include "rte_pmd_dlb2.h"

#define ATOMIC 0
#define ORDERED 1
#define COLLECTOR 2
#define DIRECTED 3
#define NUM_QUEUES 4

#define PRIMARY_PORT 0
#define FIRST_FORWARDER 1
#define NUM_FORWARDERS 2
#define PRODUCER 3
#define CONSUMER 4
#define NUM_PORTS 5

#define LIMIT 2048        /* events in the system */
#define BURST 16

/* Events of a producing worker: number within its life, and the life. */
#define WORKERS_EVENT (UINT64_C(1) << 63)
#define LIFE_SHIFT 32

static inline void __rte_noreturn __rte_format_printf(1, 2)
fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static inline void
check(bool condition, const char *what)
{
	if (!condition)
		fail("%s (rte_errno %d)", what, rte_errno);
}

static inline const char *
device_name(uint8_t dev)
{
	struct rte_event_dev_info info;

	return rte_event_dev_info_get(dev, &info) == 0 ? rte_dev_name(info.dev) : "";
}

/** Plays the role of a secondary process until SIGTERM: ROLE DEVICE PORT LIFE in argv[1] to [4]. */
void
play_role(char **argv);

#endif
