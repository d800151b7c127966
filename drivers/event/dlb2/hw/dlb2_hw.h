/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Programming the device, in its own words: device, domain, queue, port, link, sequence numbers, drain. Each function is
 * one procedure of control-path.md sections 1 to 11 and undoes itself in reverse order when a step fails.
 *
 * Every function takes the device's one lock itself; callers hold none. Every wait is bounded (control-path 10.8).
 * Errors are negative errno values, and each refusal logs what was asked, what the limit is and the way out.
 * IDs are physical. Memory of all structs belongs to the device object.
 */
#ifndef DLB2_HW_H
#define DLB2_HW_H

#include <stdbool.h>
#include <stdint.h>

#include "dlb2_bus.h"

struct dlb2_device;
struct dlb2_domain;

/** What the user may choose when the device is brought up. dlb2_device_options_default() fills it. */
struct dlb2_device_options {
	uint8_t cos_percent[4];        /**< guaranteed bandwidth per class of service, sum at most 100; default 25 each */
	bool wait_after_flr;           /**< false only where the bus completes an FLR at once (model, tests) */
	unsigned int reserved_dir_ports; /**< best directed ports kept for producers in each new domain (control-path 2.3) */
};
void dlb2_device_options_default(struct dlb2_device_options *options);

/**
 * Brings the device up: power-up, readiness, FLR with saved and restored configuration space, PASID off, one-time initialisation
 * (control-path 1.4-1.6, 2, 3). `bus` stays the caller's and must outlive the device.
 * 0; -EINVAL (options), -ENODEV (reads all ones or missing PCIe capability), -ETIMEDOUT (not ready), -EBUSY (pending transactions), -ENOMEM, or the bus's
 * error.
 */
int dlb2_device_create(struct dlb2_bus *bus, const struct dlb2_device_options *options, struct dlb2_device **out);
/** Resets every domain that is left, then frees the object. The device stays powered. */
void dlb2_device_destroy(struct dlb2_device *dev);
/** Bytes held by this object. */
size_t dlb2_device_memory(const struct dlb2_device *dev);

/** What is free (or, for a domain, what it was given and has not used). */
struct dlb2_resources {
	unsigned int domains, ldb_queues, ldb_ports, ldb_ports_per_cos[4], dir_ports;
	unsigned int ldb_credits;      /**< 2.5: the combined pool */
	unsigned int dir_credits;      /**< 2.5: 0 */
	unsigned int hist_list_entries, hist_list_longest_run, atomic_inflights;
	unsigned int sn_per_slot[2], sn_free_slots[2]; /**< the two sequence-number groups */
};
void dlb2_device_available(struct dlb2_device *dev, struct dlb2_resources *out);

struct dlb2_domain_request {
	unsigned int ldb_queues, ldb_ports /* any class */, ldb_ports_per_cos[4], dir_ports;
	bool strict_cos;
	unsigned int ldb_credits, dir_credits; /**< 2.5: ldb_credits is the combined number, dir_credits must be 0 */
	unsigned int hist_list_entries, atomic_inflights;
};
/** control-path 4.1. 0; -EINVAL, -ENOSPC (a resource is short: which, wanted, free), -EIO after an earlier failed reset. */
int dlb2_domain_create(struct dlb2_device *dev, const struct dlb2_domain_request *request, struct dlb2_domain **out);
unsigned int dlb2_domain_id(const struct dlb2_domain *domain);
/** control-path 4.3. 0, -EBUSY when already started. */
int dlb2_domain_start(struct dlb2_domain *domain);
bool dlb2_domain_started(const struct dlb2_domain *domain);
/**
 * Drains and resets the domain and returns all it owns (control-path 10). No thread may write to its producer ports.
 * The domain pointer is invalid afterwards. -EIO/-ETIMEDOUT when the device does not drain; the domain is then lost until the device is reset.
 */
int dlb2_domain_reset(struct dlb2_domain *domain);

struct dlb2_ldb_queue_request {
	unsigned int num_sequence_numbers; /**< 0, 64, 128, 256, 512, 1024; a group is switched to that size when one is unused (2.5) */
	unsigned int num_inflights;        /**< 1..2048, at most num_sequence_numbers when that is not 0 */
	unsigned int num_atomic_inflights; /**< 0: the queue takes no atomic events */
	unsigned int lock_id_levels;       /**< 0 or 65536: no compression; 64..4096 */
	unsigned int depth_threshold;      /**< 0..8191 */
};
/** control-path 5. Returns the queue id (>= 0), -EINVAL, -ENOSPC, -EBUSY (domain started). */
int dlb2_ldb_queue_create(struct dlb2_domain *domain, const struct dlb2_ldb_queue_request *request);
/** control-path 6. `port` is the paired directed port's id or -1. Returns the queue id or a negative errno. */
int dlb2_dir_queue_create(struct dlb2_domain *domain, int port, unsigned int depth_threshold);

struct dlb2_port_request {
	unsigned int cq_depth;       /**< power of two, 1..1024 */
	unsigned int hist_list_entries; /**< LDB only, >= 1 */
	int cos;                     /**< LDB only: class 0..3 or -1 any */
	bool strict_cos;
	bool producer;               /**< DIR only: prefer the reserved ports */
	int queue;                   /**< DIR only: pair with this directed queue, or -1 */
	unsigned int cq_weight_limit; /**< 2.5 LDB: 0 off, else 1..cq_depth */
	unsigned int inflight_threshold; /**< 2.5 LDB: 0 off, else 1..4095 (control-path 7.8) */
	int socket;                  /**< for CQ memory; -1: the device's */
};
/** What the data path needs to know of a created port. */
struct dlb2_port_info {
	unsigned int id;             /**< physical port (and CQ) number */
	void *cq;                    /**< ring base; 64 bytes per entry (sparse); owned by the device until domain reset */
	uint64_t cq_iova;
	unsigned int cq_ring_entries; /**< max(8, depth) */
	unsigned int cq_depth;
};
/** control-path 7 and 8. Allocates the zeroed CQ through the bus. 0, -EINVAL, -ENOSPC, -ENOMEM, -EBUSY (domain started), -ENOTSUP (2.5 feature on 2.0). */
int dlb2_ldb_port_create(struct dlb2_domain *domain, const struct dlb2_port_request *request, struct dlb2_port_info *info);
int dlb2_dir_port_create(struct dlb2_domain *domain, const struct dlb2_port_request *request, struct dlb2_port_info *info);
/** Enables or disables delivery to a CQ (LSP_CQ_*_DSBL, control-path 7.7). */
int dlb2_port_set_enabled(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port, bool enabled);
/** control-path 7.8, any time after creation. */
int dlb2_ldb_port_set_inflight_threshold(struct dlb2_domain *domain, unsigned int port, unsigned int threshold);

/**
 * control-path 9.3-9.5: links or re-prioritises (0..7). Static before start; dynamic after, when it may stay pending until
 * dlb2_device_progress() finishes it. 0 (done or pending), -EINVAL, -ENOSPC (no slot: names the eight queues), -EBUSY.
 */
int dlb2_link(struct dlb2_domain *domain, unsigned int ldb_port, unsigned int ldb_queue, unsigned int priority);
/** control-path 9.6. 0 (done or pending), -EINVAL, -ENOENT (not linked). Never sleeps longer than one short try. */
int dlb2_unlink(struct dlb2_domain *domain, unsigned int ldb_port, unsigned int ldb_queue);
/** control-path 9.8: number of removals of the port still pending. */
int dlb2_unlinks_in_progress(struct dlb2_domain *domain, unsigned int ldb_port);
/** One round of the background worker (control-path 9.7) over all domains. Returns how many additions and removals are still pending. */
unsigned int dlb2_device_progress(struct dlb2_device *dev);

/** control-path 11.1. Depth, or negative errno. */
int dlb2_queue_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue);
/** Events scheduled to a port and not completed (LDB only), and entries whose tokens are owed. */
int dlb2_port_inflights(struct dlb2_domain *domain, unsigned int ldb_port);
int dlb2_port_tokens(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port);
/** 64-bit hardware totals (control-path 11.2). */
struct dlb2_queue_totals { uint64_t enqueued_atomic, enqueued_other; unsigned int max_depth; };
int dlb2_queue_totals(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue, struct dlb2_queue_totals *out);
int dlb2_port_scheduled(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port, uint64_t *out);

#endif
