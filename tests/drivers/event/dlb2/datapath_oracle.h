/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What a port of the data path has to do, written down once more, from the hardware reference
 * (data-path.md) and the eventdev API: plainly, event by event, and slow. It is told what the
 * application and the device did and looks at what the port made of it: events, HCWs and their
 * order, tokens, credits, statistics. It has the layouts of lib/dlb2_spec in common with the driver,
 * and nothing else. Not here: ports with independent enqueue, fragments, counted device credits.
 *
 * Where the port may choose it asks for less: tokens may go back in many ways, but never more than
 * are owed, and what is still owed after a call is limited (data-path 3).
 */
#ifndef DATAPATH_ORACLE_H
#define DATAPATH_ORACLE_H

#include "fake_device.h"

#define ORACLE_MAX_HELD 8192

struct oracle {
	const struct fake_port *port;
	bool weight;
	unsigned int limit; /* events that may be in the system */

	/* Entries that are in the CQ and were not read, from `first` on. */
	struct dlb2_cq_entry cq[1024];
	unsigned int first, unread;

	/* What is scheduled to the port and not completed, oldest first; true: the application has it. */
	bool held[ORACLE_MAX_HELD];
	unsigned int oldest, num_held, open;

	unsigned int owed;   /* tokens of entries that were read */
	unsigned int issued; /* DELAYED: completions since the tokens went back */
	unsigned int alive;  /* events in the system */
	unsigned int queued; /* of them in the device's queues */

	/* HCWs that have to come, but for their tokens. */
	struct dlb2_hcw expected[1024];
	unsigned int num_expected;

	uint64_t counters[DLB2_PORT_NUM_COUNTERS];
	struct dlb2_port_queue_counters queues[FAKE_NUM_QUEUES];
};

/** @param weight  events say their weight */
void
oracle_init(struct oracle *o, const struct fake_port *port, bool weight, unsigned int limit);

/** The device has written an entry. */
void
oracle_delivered(struct oracle *o, struct dlb2_cq_entry entry);

/** The application has asked for `n` events and got these. */
void
oracle_dequeued(struct oracle *o, unsigned int n, const struct rte_event ev[], unsigned int got);

/**
 * The application has enqueued `n` events, of which `sent` were accepted; `err` is rte_errno.
 *
 * @param op  that the call gives to all of them, or -1: each has its own
 */
void
oracle_enqueued(struct oracle *o, const struct rte_event ev[], unsigned int n, int op,
		unsigned int sent, int err);

/** The port's counters, and what it holds, are what they should be. */
void
oracle_compare(const struct oracle *o);

#endif
