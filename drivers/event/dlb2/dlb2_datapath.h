/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path: enqueue, dequeue, credits, tokens, completions. What the control operations may
 * set up and ask of it is declared here; nothing else of it is visible to them. Everything below
 * lives in memory shared with secondary processes: no pointers to code, and only such addresses as
 * every process maps at the same place.
 *
 * Layout: one cache line of hot state per direction of a port, constants per queue, counters apart.
 * What can be decided when a port or a queue is set up is decided there and never again per event.
 */
#ifndef DLB2_DATAPATH_H
#define DLB2_DATAPATH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_eventdev.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>

#include "dlb2_credits.h"
#include "dlb2_simd.h"
#include "rte_pmd_dlb2.h"

struct dlb2_pp_channel; /* a producer port of the model in this process; dlb2_model_bus.h */
struct dlb2_reorder;    /* one per port with independent enqueue, shared memory; dlb2_reorder.c */

/**
 * As many events may be open on a port with independent enqueue: impl_opaque tells no more apart.
 */
#define DLB2_REORDER_DEPTH 256

/**
 * Per-port counters, in the order of pmd-interface 14.2; xstats, dump and reset read this one
 * array.
 */
enum dlb2_port_counter {
	DLB2_PORT_RX_OK,
	DLB2_PORT_RX_DROP,
	DLB2_PORT_RX_INTERRUPT_WAIT,
	DLB2_PORT_RX_UMONITOR_UMWAIT,
	DLB2_PORT_TX_OK,
	DLB2_PORT_TOTAL_POLLS,
	DLB2_PORT_ZERO_POLLS,
	DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS,
	DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS,
	DLB2_PORT_TX_NOSPC_HW_CREDITS,
	DLB2_PORT_TX_NOSPC_INFLIGHT_MAX,
	DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT,
	DLB2_PORT_TX_NOSPC_INFLIGHT_CREDITS,
	DLB2_PORT_TX_NEW,
	DLB2_PORT_TX_FWD,
	DLB2_PORT_TX_REL,
	DLB2_PORT_TX_IMPLICIT_REL,
	DLB2_PORT_TX_SCHED_ORDERED,
	DLB2_PORT_TX_SCHED_UNORDERED,
	DLB2_PORT_TX_SCHED_ATOMIC,
	DLB2_PORT_TX_SCHED_DIRECTED,
	DLB2_PORT_TX_INVALID,
	DLB2_PORT_RX_SCHED_ORDERED,
	DLB2_PORT_RX_SCHED_UNORDERED,
	DLB2_PORT_RX_SCHED_ATOMIC,
	DLB2_PORT_RX_SCHED_DIRECTED,
	DLB2_PORT_RX_SCHED_INVALID,
	DLB2_PORT_NUM_COUNTERS
};

/** Per event queue and port: accepted events, and received ones by depth class (data-path 2.1). */
struct dlb2_port_queue_counters {
	uint64_t enqueued;
	uint64_t received_by_depth[4];
};

/** How events leave and enter one event queue. */
struct dlb2_dp_queue_conf {
	enum dlb2_port_kind kind; /**< DLB2_DIR for single-link queues */
	unsigned int hw_id;
	bool ordered; /**< has sequence numbers: ordered accepted, parallel becomes ordered */
	bool atomic;  /**< has atomic storage */
	/** Without sequence numbers: ordered accepted as parallel, one port keeps them in order. */
	bool single_link;
};

/**
 * File descriptors of the primary process that tell of entries in a port's CQ; dlb2_cq_irq.c owns
 * them.
 */
struct dlb2_dp_irq {
	bool connected; /**< the CQ has an interrupt; else all others mean nothing */
	bool has_timer; /**< the model runs inline */
	int fd;         /**< readable when one of the others is: what a thread waits on */
	int event;      /**< eventfd that the interrupt signals */
	int timer;      /**< timerfd: time to run the model */
};

struct dlb2_dp_conf {
	enum dlb2_version version;
	unsigned int num_events_limit; /**< rte_event_dev_config.nb_events_limit */
	unsigned int ldb_credits;      /**< device credits of the domain; 2.5: the one pool */
	unsigned int dir_credits;      /**< 2.5: 0 */
	unsigned int sw_credit_quanta, hw_credit_quanta; /**< devargs; of ports without a hint */
	bool use_umwait;
	unsigned int poll_interval; /**< timer ticks between polls when waiting without UMWAIT */
	bool sleep_when_idle;       /**< a dequeue that waits sleeps, where the port has an interrupt */
	uint64_t spin_ticks;        /**< before it does */
	/** Timeouts are in cycles of the time stamp counter (rte_get_tsc_hz()). */
	bool per_dequeue_timeout;
	uint64_t dequeue_timeout_ticks; /**< used unless per_dequeue_timeout */
	enum dlb2_simd simd; /**< what secondary processes use; possible on this CPU */
	enum dlb2_cq_layout cq_layout; /**< of all rings */
	bool qe_weight; /**< 2.5 with enable_cq_weight: rsvd[3:2] goes out as weight */
};

struct dlb2_dp_port_conf {
	enum dlb2_port_kind kind;
	unsigned int hw_id;
	void *cq; /**< ring base, aligned to a cache line */
	unsigned int cq_ring_entries, cq_depth;
	volatile void *pp;               /**< producer-port page, or NULL with a channel */
	struct dlb2_pp_channel *channel; /**< the model's producer port in this process, or NULL */
	unsigned int dequeue_depth, enqueue_depth;
	bool implicit_release;
	bool producer_hint, consumer_hint;
	enum rte_pmd_dlb2_token_pop_mode token_pop_mode;
	unsigned int new_event_threshold;
	/**
	 * Load-balanced ports with independent enqueue, which have DLB2_REORDER_DEPTH events open
	 * at most; else NULL.
	 */
	struct dlb2_reorder *reorder;
	struct dlb2_dp_irq irq;
};

/** enum rte_event_dev_preschedule_type of the releases that have it. */
enum dlb2_preschedule {
	DLB2_PRESCHEDULE_NONE,
	DLB2_PRESCHEDULE,
	DLB2_PRESCHEDULE_ADAPTIVE,
};
/** The token pop mode that does what a type says. */
enum rte_pmd_dlb2_token_pop_mode dlb2_dp_preschedule_mode(enum dlb2_preschedule type);

struct dlb2_dp;      /* one per event device, shared memory: credit pools, queue constants */
struct dlb2_dp_port; /* one per event port, shared memory; what dev->data->ports[] points to */

/** Sizes, so that the control side allocates (rte_zmalloc_socket, cache-line aligned). */
size_t dlb2_dp_size(void);
size_t dlb2_dp_port_size(void);
size_t dlb2_dp_reorder_size(void);

/**
 * (Re)initialises the device part; all queues unknown, pools full, nothing in flight. Device
 * stopped.
 */
void dlb2_dp_init(struct dlb2_dp *dp, const struct dlb2_dp_conf *conf);
/** Makes event queue `ev_qid` known; until then enqueues to it are refused with EINVAL. */
void dlb2_dp_queue_init(struct dlb2_dp *dp, uint8_t ev_qid, const struct dlb2_dp_queue_conf *conf);
/** Tells a directed port which event queue its events come from. */
void dlb2_dp_dir_port_link(struct dlb2_dp *dp, struct dlb2_dp_port *port, uint8_t ev_qid);
/**
 * Sets up a port: all hot state, specialised for kind, version, token mode. Counters keep their
 * values if `keep_counters`.
 */
void dlb2_dp_port_init(struct dlb2_dp *dp, struct dlb2_dp_port *port,
		       const struct dlb2_dp_port_conf *conf, bool keep_counters);
/**
 * Called at every start, with all ports known: computes credit quanta such that caches of idle
 * ports can never starve a producer (sum of caches below the smallest new_event_threshold and below
 * num_events_limit), refills pools. Device stopped, nothing in flight.
 */
void dlb2_dp_start(struct dlb2_dp *dp, struct dlb2_dp_port **ports, unsigned int num_ports);

/**
 * Drains one port at stop (data-path 8.1): dequeues all that is in its CQ in bursts, gives each
 * event to `flush` (may be NULL), completes it, returns tokens, completes also what the application
 * still held. Returns the number of events flushed.
 */
unsigned int dlb2_dp_port_flush(struct dlb2_dp_port *port, uint8_t dev_id,
				rte_eventdev_stop_flush_t flush, void *arg);
/**
 * Notes that the device schedules nothing to the port. The next dequeue that finds nothing calls
 * dlb2_port_resume(). Only for the thread that uses the port, or while nobody does.
 */
void dlb2_dp_port_set_quiesced(struct dlb2_dp_port *port, bool quiesced);
bool dlb2_dp_port_is_quiesced(const struct dlb2_dp_port *port);
/**
 * Notes that a switch of link profiles waits until the port has completed what it has. The next
 * dequeue that finds nothing calls dlb2_port_resume(). Only for the thread that uses the port, or
 * while nobody does.
 */
void dlb2_dp_port_set_switching(struct dlb2_dp_port *port, bool switching);
bool dlb2_dp_port_is_switching(const struct dlb2_dp_port *port);
/**
 * Has the device schedule to a quiesced port again, and tries to make the switch that waits. Not a
 * part of the data path: dlb2_quiesce.c.
 * @return false in a secondary process if the port is quiesced: it cannot change that
 */
bool dlb2_port_resume(void *port);
/** Waits until the device has taken what was stored to the port. For the thread that uses it. */
void dlb2_dp_port_flush_stores(struct dlb2_dp_port *port);
/**
 * Gives the port's cached software and device credits back to the pools. Only for the thread that
 * uses the port, or while nobody does. Not needed for progress: what ports cache is bounded by
 * dlb2_dp_start(), and an empty dequeue gives everything back.
 */
void dlb2_dp_port_return_credits(struct dlb2_dp_port *port);

/**
 * Arms the interrupt of the port's CQ, which has one (dlb2_dp_irq): its file descriptor becomes
 * readable when an entry comes. Also does what an empty dequeue does: releases what is open
 * (implicit release), returns tokens, of any mode, and credits. Only for the thread that uses the
 * port, in the primary process.
 *
 * @return 0; 1 if entries are there already, so that waiting is wrong; -ESHUTDOWN if the device is
 *   stopped
 */
int dlb2_dp_port_arm(struct dlb2_dp_port *port);
/** Gives a port its interrupt after it was set up. No thread uses the port meanwhile. */
void dlb2_dp_port_set_irq(struct dlb2_dp_port *port, const struct dlb2_dp_irq *irq);
/** Makes its file descriptor readable, if it has one. */
void dlb2_dp_port_wake(const struct dlb2_dp_port *port);

/**
 * Ends the use of ports by secondary processes: bursts that begin from now on are refused, and
 * those under way are waited for. Whose burst has not ended after a second died in it. Threads that
 * sleep on a port are woken, and have left it when this returns.
 */
void dlb2_dp_stop(struct dlb2_dp_port **ports, unsigned int num_ports);
/** Whether a secondary process died in the middle of a burst, or is in one. */
bool dlb2_dp_port_interrupted(const struct dlb2_dp_port *port);
/**
 * Makes the state of a port right, whatever a process that died has left of it. Nobody uses the
 * port. Afterwards it can be used, flushed and reclaimed as if the process had stopped in time.
 *
 * @param inflights  events that the device has scheduled to the port and that are not completed
 * @param tokens     CQ entries whose tokens are owed; both do not change meanwhile
 * @return entries in the CQ that wait to be read
 */
unsigned int dlb2_dp_port_settle(struct dlb2_dp_port *port, unsigned int inflights,
				 unsigned int tokens);

/**
 * Marks a burst of `n` events as under way, in any process, for what is not called through
 * dlb2_dp_guarded_ops().
 * @return false, and nothing is marked, while the device is stopped
 */
bool dlb2_dp_port_enter(struct dlb2_dp_port *port, uint16_t n);
void dlb2_dp_port_leave(struct dlb2_dp_port *port);

/**
 * rte_pmd_dlb2_enqueue_fragments(), on load-balanced ports without independent enqueue of a device
 * that has fragments. All or nothing.
 *
 * @param n  1 to dlb2_limits.max_frag_pieces
 * @return 0; -ENOENT: no event is open; -ESTALE: this is not the oldest, or not ordered;
 *   -EINVAL: a queue takes no such piece; -ENOSPC
 */
int dlb2_dp_enqueue_fragments(struct dlb2_dp_port *port, const struct rte_event *event,
			      const struct rte_event pieces[], unsigned int n);
/**
 * rte_pmd_dlb2_release_atomic(), on load-balanced ports without independent enqueue. All or
 * nothing.
 * @return 0; -ENOENT: fewer events are open; -ESTALE: these are not the oldest, or not atomic
 */
int dlb2_dp_release_atomic(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int n);
/**
 * rte_pmd_dlb2_enqueue_released(), likewise.
 * @return 0; -ENOENT: fewer events were released early; -EINVAL: an op, or a queue that takes no
 *   such event; -ENOSPC
 */
int dlb2_dp_enqueue_released(struct dlb2_dp_port *port, const struct rte_event ev[],
			     unsigned int n);

/** Who takes the events of a port that is reclaimed; the members are those of rte_pmd_dlb2.h. */
struct dlb2_reclaim {
	uint8_t dev_id, port_id;
	rte_pmd_dlb2_reclaim_t callback;
	void *arg;
	struct rte_pmd_dlb2_reclaim_count count;
};

/**
 * Hands over and completes, or forwards, all that a port has; gives its tokens and credits back.
 * Comes right after dlb2_dp_port_settle(), whose result is `unread`.
 *
 * @return 0; -EINVAL or -ENOSPC when an event could not be forwarded: it and the rest stay open
 */
int dlb2_dp_port_reclaim(struct dlb2_dp_port *port, unsigned int unread, struct dlb2_reclaim *to);

uint64_t dlb2_dp_port_counter(const struct dlb2_dp_port *port, enum dlb2_port_counter counter);
void dlb2_dp_port_queue_counters(const struct dlb2_dp_port *port, uint8_t ev_qid,
				 struct dlb2_port_queue_counters *out);
/** Events dequeued, neither forwarded nor released. */
unsigned int dlb2_dp_port_open_events(const struct dlb2_dp_port *port);
/** Events in the system, and credits that ports have cached for more of them. */
unsigned int dlb2_dp_inflights(const struct dlb2_dp *dp);
/**
 * Credits left in the pool of `kind` (2.5: the one pool for both). Full at any time where they need
 * not be counted because the limit of events implies them.
 */
unsigned int dlb2_dp_credit_pool(const struct dlb2_dp *dp, enum dlb2_port_kind kind);
/** A pool, and whether it is counted: not where the limit of events implies it. */
struct dlb2_dp_pool_state {
	uint32_t size, taken;
	bool counted;
};
void dlb2_dp_pool_state(const struct dlb2_dp *dp, enum dlb2_pool pool,
			struct dlb2_dp_pool_state *out);

/** What a port holds at a moment; another thread may be using it. */
struct dlb2_dp_port_state {
	uint32_t cached[DLB2_NUM_POOLS], quanta[DLB2_NUM_POOLS]; /**< credits */
	uint32_t open; /**< events dequeued, neither forwarded nor released */
	uint32_t early; /**< events released early that the application still has */
	uint32_t owed; /**< tokens of entries that were read */
};
void dlb2_dp_port_state(const struct dlb2_dp_port *port, struct dlb2_dp_port_state *out);
/** For dump: one line each on ring position, owed tokens, caches. */
void dlb2_dp_port_dump(const struct dlb2_dp_port *port, FILE *f);

/** The eventdev fast path, installed by the control side; chosen once per device. */
struct dlb2_dp_ops {
	uint16_t (*enqueue)(void *port, const struct rte_event *ev);
	uint16_t (*enqueue_burst)(void *port, const struct rte_event ev[], uint16_t n);
	uint16_t (*enqueue_new_burst)(void *port, const struct rte_event ev[], uint16_t n);
	uint16_t (*enqueue_forward_burst)(void *port, const struct rte_event ev[], uint16_t n);
	uint16_t (*dequeue)(void *port, struct rte_event *ev, uint64_t timeout_ticks);
	uint16_t (*dequeue_burst)(void *port, struct rte_event ev[], uint16_t n,
				  uint64_t timeout_ticks);
	/** `type`: enum dlb2_preschedule. 0 or -EINVAL. */
	int (*preschedule_modify)(void *port, unsigned int type);
	void (*preschedule)(void *port, unsigned int type);
	int (*profile_switch)(void *port, uint8_t profile);
};

/**
 * Makes another link profile of a port active. Not a part of the data path: dlb2_profiles.c.
 * @return 0, also if it waits; -EINVAL; -ENOTSUP in a secondary process; -ENODEV
 */
int dlb2_profile_switch(void *port, uint8_t profile);

const struct dlb2_dp_ops *dlb2_dp_ops(enum dlb2_simd simd, enum dlb2_cq_layout layout);
/** The same for a secondary process, which may be killed at any moment; dlb2_guard.c says how. */
const struct dlb2_dp_ops *dlb2_dp_guarded_ops(void);
/** Prepares a process for using them. 0, or the negative errno of a kernel that cannot. */
int dlb2_dp_guard(void);

#endif
