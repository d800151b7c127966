/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Programming the device, in its own words: device, domain, queue, port, link, sequence numbers,
 * drain, interrupts. Each function is one procedure of control-path.md and undoes itself in reverse
 * order when a step fails.
 *
 * Every function takes the device's one lock itself; callers hold none. Every wait is bounded
 * (control-path 10.8). Errors are negative errno values, and each refusal logs what was asked, what
 * the limit is and the way out. Any function that talks to the device gives -ENODEV once a register
 * has read as all ones: the device has left the bus, and only dlb2_device_destroy() makes sense.
 * IDs are physical. Memory of all structs belongs to the device object.
 */

#ifndef DLB2_HW_H
#define DLB2_HW_H

#include <stdbool.h>
#include <stdint.h>

#include "dlb2_bus.h"

struct dlb2_device;
struct dlb2_domain;

/** What the user may choose when the device is brought up. */
struct dlb2_device_options {
	/** Guaranteed bandwidth per class of service, sum at most 100; default 25 each. */
	uint8_t cos_percent[DLB2_MAX_COS];
	/** False only where the bus completes an FLR at once (model, tests); default true. */
	bool wait_after_flr;
	/** Directed ports kept for producers in each new domain (control-path 2.3); default 0. */
	unsigned int reserved_dir_ports;
	/** Of all CQs (data-path 2.3); default sparse, as every known driver has it. */
	enum dlb2_cq_layout cq_layout;
};

void dlb2_device_options_default(struct dlb2_device_options *options);

/**
 * Brings the device up: power-up, readiness, FLR with saved and restored configuration space, PASID
 * off, one-time initialisation (control-path 1.4 to 1.7, 3). May sleep for up to about 3 s.
 *
 * @param bus      stays the caller's and must outlive the device
 * @param options  copied; NULL for the defaults
 * @param[out] out the device, unless it fails
 * @return 0; -EINVAL (options), -ENODEV (all ones, another device ID, or no PCIe capability),
 *   -ETIMEDOUT (not ready), -EBUSY (transactions stay pending), -ENOMEM, or the bus's error
 */
int dlb2_device_create(struct dlb2_bus *bus, const struct dlb2_device_options *options,
		       struct dlb2_device **out);

/** Resets every domain that is left, then frees the object. The device stays powered. */
void dlb2_device_destroy(struct dlb2_device *dev);

/** One register read: 0 if the device answers, else -ENODEV. */
int dlb2_device_check(struct dlb2_device *dev);

/** Bytes held by this object, CQ memory excluded. */
size_t dlb2_device_memory(const struct dlb2_device *dev);

/** Stores of one line to each producer port that are timed (control-path 2.3). */
#define DLB2_TIMED_STORES 1000

/** How long they took, in cycles of the clock given. */
struct dlb2_port_times {
	uint64_t cycles[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
};

/**
 * Times stores to every producer port from the CPU that this runs on (control-path 2.3). It leaves
 * nothing behind in the device. Alarms are off, as they are until dlb2_device_set_alarms().
 *
 * @param now  a clock
 * @return 0; -EBUSY when there is a domain
 */
int dlb2_device_time_ports(struct dlb2_device *dev, uint64_t (*now)(void),
			   struct dlb2_port_times *times);
/**
 * From now on ports are given out by these times, quickest first: directed ones; load-balanced ones
 * within a class; and the classes, for ports of any class. Without this, in the order that spreads
 * neighbours.
 *
 * @return 0; -EBUSY when there is a domain
 */
int dlb2_device_order_ports(struct dlb2_device *dev, const struct dlb2_port_times *times);

/** What is free (or, for a domain, what it was given and has not used). */
struct dlb2_resources {
	unsigned int domains; /**< a domain has none */
	unsigned int ldb_queues;
	unsigned int ldb_ports;
	unsigned int ldb_ports_per_cos[DLB2_MAX_COS];
	unsigned int dir_ports;   /**< reserved ones included */
	unsigned int ldb_credits; /**< 2.5: the combined pool */
	unsigned int dir_credits; /**< 2.5: 0 */
	unsigned int hist_list_entries;
	unsigned int hist_list_longest_run; /**< the most that one domain can get */
	unsigned int atomic_inflights;
	unsigned int sn_per_slot[DLB2_MAX_SN_GROUPS];   /**< of each sequence-number group */
	unsigned int sn_free_slots[DLB2_MAX_SN_GROUPS];
};

void dlb2_device_available(struct dlb2_device *dev, struct dlb2_resources *out);
/** Credits are those given: the pool itself is in use from the start. */
void dlb2_domain_available(struct dlb2_domain *domain, struct dlb2_resources *out);

struct dlb2_domain_request {
	unsigned int ldb_queues;
	unsigned int ldb_ports; /**< of any class, besides those below */
	unsigned int ldb_ports_per_cos[DLB2_MAX_COS];
	unsigned int dir_ports;
	bool strict_cos; /**< false: a class that runs short is filled up from the next ones */
	unsigned int ldb_credits; /**< 2.5: the combined number */
	unsigned int dir_credits; /**< 2.5: must be 0 */
	unsigned int hist_list_entries;
	unsigned int atomic_inflights;

	/*
	 * What other domains have been promised, on a device that several share: counts alone do
	 * not keep them from each other's way. All 0 for a device that is one user's.
	 */
	/** Its history-list entries are taken from this one up. */
	unsigned int hist_list_from;
	/** To be left in each class, as far as others have ports for `ldb_ports`. */
	unsigned int keep_ldb_ports_per_cos[DLB2_MAX_COS];
	/**
	 * Slots of 64 sequence numbers that it may use of each group. Only who has all of a group
	 * may switch it to another size.
	 */
	unsigned int sn_slots[DLB2_MAX_SN_GROUPS];
};

/**
 * Takes resources for a domain (control-path 4.1).
 * @return 0; -EINVAL, -ENOSPC (a resource is short)
 */
int dlb2_domain_create(struct dlb2_device *dev, const struct dlb2_domain_request *request,
		       struct dlb2_domain **out);
unsigned int dlb2_domain_id(const struct dlb2_domain *domain);

/**
 * Writes the links made so far, enables the CQs and opens the queues (control-path 4.3, 7.7, 9.3).
 * A queue that no port of the domain could ever drain stays closed, with a warning.
 * @return 0; -EBUSY when already started
 */
int dlb2_domain_start(struct dlb2_domain *domain);
bool dlb2_domain_started(const struct dlb2_domain *domain);

/**
 * Drains and resets the domain and returns all it owns (control-path 10). No thread may write to
 * its producer ports. The domain pointer is invalid afterwards, whatever the result.
 *
 * When it fails, the domain is lost with all it owns until the device is created anew; others go
 * on. Its CQ memory, to which the device might still write, then stays allocated until
 * dlb2_device_destroy().
 *
 * @return 0; -EIO or -ETIMEDOUT when the device does not drain, -ENODEV when it has left the bus,
 *   -EINVAL when the domain was reset before
 */
int dlb2_domain_reset(struct dlb2_domain *domain);

struct dlb2_ldb_queue_request {
	/**
	 * Sequence numbers: 0 (not ordered), 64, 128, 256, 512 or 1024. A group is switched to
	 * that size when it is unused (control-path 2.5).
	 */
	unsigned int num_sequence_numbers;
	/** 1..2048, at most num_sequence_numbers where that is not 0. */
	unsigned int num_inflights;
	/** 0: the queue takes no atomic events. */
	unsigned int num_atomic_inflights;
	/** 64..4096 (powers of two), or 0 or 65536: no compression. */
	unsigned int lock_id_levels;
	/** 0..8191. */
	unsigned int depth_threshold;
};

/** control-path 5. Returns the queue id (>= 0), -EINVAL, -ENOSPC, -EBUSY (domain started). */
int dlb2_ldb_queue_create(struct dlb2_domain *domain, const struct dlb2_ldb_queue_request *request);

/**
 * control-path 6. `port` is the paired directed port's id, or -1 for a new pair.
 * @return the queue id (>= 0); -EINVAL, -ENOSPC, -EEXIST (the pair has a queue), -EBUSY (started)
 */
int dlb2_dir_queue_create(struct dlb2_domain *domain, int port, unsigned int depth_threshold);

struct dlb2_port_request {
	unsigned int cq_depth;          /**< power of two, 1..1024 */
	unsigned int hist_list_entries; /**< LDB only, >= 1 */
	int cos;                        /**< LDB only: class 0..3 or -1 any */
	bool strict_cos;                /**< LDB only: that class or none */
	bool producer;                  /**< DIR only: prefer the reserved ports */
	int queue;                      /**< DIR only: pair with this directed queue, or -1 */
	unsigned int cq_weight_limit;   /**< 2.5 LDB: 0 off, else 1..cq_depth */
	unsigned int inflight_threshold; /**< 2.5 LDB: 0 off, else 1..4095 (control-path 7.8) */
	int socket;                     /**< for CQ memory; -1: the device's */
};

/** What the data path needs to know of a created port. */
struct dlb2_port_info {
	unsigned int id; /**< physical port (and CQ) number */
	void *cq;        /**< ring, 64 bytes per entry (sparse); the device's until domain reset */
	uint64_t cq_iova;
	unsigned int cq_ring_entries; /**< max(8, depth) */
	unsigned int cq_depth;
};

/**
 * control-path 7 and 8. Allocates the zeroed CQ through the bus.
 * @return 0; -EINVAL, -ENOSPC, -ENOMEM, -EBUSY (domain started), -EEXIST (the pair has a port),
 *   -ENOTSUP (2.5 feature on 2.0)
 */
int dlb2_ldb_port_create(struct dlb2_domain *domain, const struct dlb2_port_request *request,
			 struct dlb2_port_info *info);
int dlb2_dir_port_create(struct dlb2_domain *domain, const struct dlb2_port_request *request,
			 struct dlb2_port_info *info);

/**
 * Enables or disables delivery to a CQ (control-path 7.7); a new port is enabled. Takes effect when
 * the domain starts, or at once if it has, or when the port's pending removals are done.
 */
int dlb2_port_set_enabled(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
			  bool enabled);

/** What the device keeps account of for a port. */
struct dlb2_port_account {
	unsigned int inflights; /**< events scheduled to it and not completed; 0 of a directed port */
	unsigned int tokens;    /**< CQ entries whose tokens are owed */
};

/**
 * Disables delivery to a CQ and reads what is owed, after everything that was stored to the
 * producer port before (data-path 8.4). Until dlb2_port_set_enabled() the account changes by such
 * stores only, and all entries it speaks of are in the ring.
 * @return 0, -EINVAL
 */
int dlb2_port_quiesce(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
		      struct dlb2_port_account *out);

/** control-path 7.8, any time after creation; 0 turns it off. -ENOTSUP on 2.0, -EINVAL. */
int dlb2_ldb_port_set_inflight_threshold(struct dlb2_domain *domain, unsigned int port,
					 unsigned int threshold);

/**
 * Links, or changes the priority of a link (control-path 9.3 to 9.5).
 *
 * Before start the link is noted, and dlb2_domain_start() writes it. After start it may stay
 * pending until dlb2_device_progress() finishes it: until then the queue is not scheduled at all.
 *
 * @param priority  0 (most urgent) to 7
 * @return 0 (done or pending); -EINVAL, -ENOSPC (no slot: names the eight queues)
 */
int dlb2_link(struct dlb2_domain *domain, unsigned int ldb_port, unsigned int ldb_queue,
	      unsigned int priority);

/**
 * control-path 9.6. Tries once and never sleeps: while the port owes completions the removal stays
 * pending, its CQ receives nothing, and dlb2_device_progress() finishes it.
 * @return 0 (done or pending); -EINVAL, -ENOENT (not linked)
 */
int dlb2_unlink(struct dlb2_domain *domain, unsigned int ldb_port, unsigned int ldb_queue);

/**
 * Of the queues that a port is linked to, now or later, leaves some out: they stay linked, but are
 * not scheduled to it. Until the next call; a new port leaves none out.
 *
 * A link that is scheduled from goes out as an unlink does (control-path 9.6): while the port owes
 * completions the change stays pending, its CQ receives nothing, and a further call, or
 * dlb2_device_progress(), makes it. Completions that were posted before count when the device has
 * taken them.
 *
 * @param off         bit n: load-balanced queue n is left out
 * @param priorities  by queue, of links that are not left out: 0 (most urgent) to 7; NULL: as they
 *   are
 * @return 0; 1: pending; -EINVAL
 */
int dlb2_port_select(struct dlb2_domain *domain, unsigned int ldb_port, uint32_t off,
		     const uint8_t priorities[DLB2_MAX_LDB_QUEUES]);

/** control-path 9.8: links of the port that are to go, or to be left out, and are not yet. */
int dlb2_unlinks_in_progress(struct dlb2_domain *domain, unsigned int ldb_port);

/**
 * One round of the background worker (control-path 9.7) over all domains; never sleeps.
 * Returns how many additions, removals and selections are still pending (0 too when the device is gone).
 */
unsigned int dlb2_device_progress(struct dlb2_device *dev);

/** control-path 11.1: events waiting in a queue. Exact only while nothing moves. */
int dlb2_queue_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue);

/** Events scheduled to a load-balanced port and not completed. */
int dlb2_port_inflights(struct dlb2_domain *domain, unsigned int ldb_port);
/** CQ entries whose tokens are owed. */
int dlb2_port_tokens(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port);

/**
 * Totals of the hardware (control-path 11.2), which counts from the start of the domain to its
 * reset. Each takes three register reads, or four when the lower half overflows meanwhile.
 */

/** Events ever enqueued to a queue; twice the reads for a load-balanced one. */
int dlb2_queue_enqueued(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue,
			uint64_t *out);
/** Events ever scheduled to a port. */
int dlb2_port_scheduled(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
			uint64_t *out);
/** Events that the device ever scheduled to ports of a kind, for all domains. */
int dlb2_device_scheduled(struct dlb2_device *dev, enum dlb2_port_kind kind, uint64_t *out);

/**
 * The most events that ever waited in a queue since the domain's start or the mark was cleared.
 * That of a load-balanced queue does not count atomic events: there is no register of theirs.
 */
int dlb2_queue_max_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue);
/** The mark begins anew from 0, and rises with the next event that is enqueued. */
int dlb2_queue_clear_max_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind,
			       unsigned int queue);
/** Events of a load-balanced queue that were scheduled to any port and are not completed. */
int dlb2_queue_inflights(struct dlb2_domain *domain, unsigned int ldb_queue);

/** How CQs share the MSI-X vectors 1..64 (control-path 12.1). */
enum dlb2_msix_mode {
	/**
	 * Each CQ has a vector for itself, out of 2 to 64: so many can have an interrupt. Nothing
	 * has to be acknowledged. The state after reset.
	 */
	DLB2_MSIX_PACKED,
	DLB2_MSIX_COMPRESSED, /**< all use vector 1; dlb2_cq_interrupts_take() tells which */
};

/** Before any CQ interrupt is set up, else -EBUSY. */
int dlb2_device_set_msix_mode(struct dlb2_device *dev, enum dlb2_msix_mode mode);

/**
 * Turns the six ingress alarms (control-path 12.6), and those of credits, tokens and history, on or
 * off. After creation the latter are on. What the device then does not interrupt for it may still
 * record. A caller that sees more than about 1000 alarms in a second should turn them off.
 */
int dlb2_device_set_alarms(struct dlb2_device *dev, bool enabled);

/**
 * Sets up the interrupt of a CQ (control-path 12.2): it fires, once armed, when the CQ holds at
 * least `threshold` entries (1..cq_depth); 0 turns it off, as the domain's reset does. A CQ that
 * was armed then stays armed: whoever sets it up next may get one interrupt without arming it.
 * @return 0; -EINVAL; -ENOSPC when all vectors are taken
 */
int dlb2_cq_interrupt_setup(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
			    unsigned int threshold);
/** The MSI-X vector of a CQ's interrupt (1..64), the same until it is turned off, or -ENOENT. */
int dlb2_cq_interrupt_vector(struct dlb2_domain *domain, enum dlb2_port_kind kind,
			     unsigned int port);
/**
 * Arms a CQ's interrupt for one shot (control-path 12.3). Check the ring between arming and
 * sleeping, and sleep with a time limit. -ENOENT when the interrupt is not set up.
 */
int dlb2_cq_interrupt_arm(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port);

/** Which CQs fired: bit n of ldb[n / 32] or dir[n / 32]. */
struct dlb2_cq_set {
	uint32_t ldb[DLB2_MAX_LDB_PORTS / 32];
	uint32_t dir[DLB2_MAX_DIR_PORTS / 32];
};

/**
 * Takes the set of CQs that fired, in either mode, and acknowledges vector 1 (control-path 12.4,
 * 12.5). Call it after each interrupt in compressed mode: the device sends none before.
 */
int dlb2_cq_interrupts_take(struct dlb2_device *dev, struct dlb2_cq_set *fired);

/** What went wrong, as control-path 12.7 decodes it. Applications see the numbers. */
enum dlb2_alarm_cause {
	/** A forward without an open event or credit, or a fragment that is not allowed. */
	DLB2_ALARM_ILLEGAL_ENQUEUE,
	DLB2_ALARM_EXCESS_TOKENS,
	DLB2_ALARM_ILLEGAL_HCW,     /**< bad command, or a load-balanced one on a directed port */
	DLB2_ALARM_ILLEGAL_QUEUE,
	DLB2_ALARM_DISABLED_QUEUE,
	DLB2_ALARM_OTHER,           /**< of a port; see the syndrome */
	DLB2_ALARM_NO_OPEN_EVENT,   /**< a release without an open event */
	DLB2_ALARM_NO_CREDIT,       /**< a new event without a credit */
	DLB2_ALARM_HARDWARE,        /**< of the device itself; see the syndrome */
	DLB2_NUM_ALARM_CAUSES
};

struct dlb2_alarm {
	enum dlb2_alarm_cause cause;
	bool has_port;             /**< false: the rest concerns no port */
	enum dlb2_port_kind kind;
	unsigned int port;
	const struct dlb2_domain *domain; /**< the port's owner at that moment; NULL without one */
	bool has_queue;            /**< the offending HCW held an event */
	enum dlb2_port_kind queue_kind;
	unsigned int queue;        /**< where to; not necessarily one that exists */
	bool more;                 /**< others came since and were not recorded */
	uint32_t syndrome[3];      /**< as read */
};

/**
 * Handles the service interrupt, vector 0 (control-path 12.6, without watchdog and VFs):
 * acknowledges it, reads and clears the hardware alarm and the PF's ingress error.
 *
 * @param[out] alarms  what was found
 * @return how many of them were filled in: 0, 1 or 2; or -ENODEV
 */
int dlb2_service_interrupt(struct dlb2_device *dev, struct dlb2_alarm alarms[2]);

#endif
