/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * How a device is divided between its event devices (devargs domains and domain_shares). What one
 * of them may have at most is fixed when the device is probed, so that each can always be
 * configured to what it announces, whatever the others do.
 */
#ifndef DLB2_SHARE_H
#define DLB2_SHARE_H

#include "dlb2_devargs.h"

/**
 * History-list entries that every load-balanced port gets at least: events that it may hold open
 * (pmd-interface CF6).
 */
#define DLB2_DEFAULT_HIST_LIST 32
/** Atomic storage per load-balanced queue (control-path 5.6). */
#define DLB2_ATOMIC_INFLIGHTS_PER_QUEUE 64
/** Window of an ordered queue by default: the smallest, so that all 32 queues can be ordered. */
#define DLB2_DEFAULT_WINDOW 64

/** What one event device may have at most. */
struct dlb2_share {
	unsigned int ldb_queues;
	unsigned int ldb_ports;
	unsigned int dir_pairs;
	unsigned int ldb_credits; /**< 2.5: of the combined pool */
	unsigned int dir_credits; /**< 2.5: 0 */
	unsigned int hist_list_entries; /**< DLB2_DEFAULT_HIST_LIST for each port */
	unsigned int hist_list_from;    /**< the first of them: they are a run of their own */
	unsigned int atomic_inflights;  /**< DLB2_ATOMIC_INFLIGHTS_PER_QUEUE for each queue */
	/**
	 * Ordered queues with the default window, by sequence-number group; as many as queues
	 * together. With all 16 of a group come larger windows (control-path 2.5).
	 */
	unsigned int sn_slots[DLB2_MAX_SN_GROUPS];
};

/** Divides a device by its weights. `shares` has room for options->domains. */
void
dlb2_share_out(const struct dlb2_options *options, struct dlb2_share shares[]);

/**
 * Whether every event device gets something of all that it needs, and what other devargs promise
 * it. 0, or -EINVAL after a message.
 */
int
dlb2_shares_check(const char *device, const struct dlb2_options *options);

#endif
