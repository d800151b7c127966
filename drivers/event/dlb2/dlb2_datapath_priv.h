/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * State of the data path, shared by its own files only: enqueue, dequeue, completions, set-up.
 *
 * A port belongs to one thread at a time, so nothing in it is atomic. Its first cache line is what
 * sending events that were dequeued takes, its second what a dequeue needs, counters are apart, and
 * what is needed once in a while comes last.
 */
#ifndef DLB2_DATAPATH_PRIV_H
#define DLB2_DATAPATH_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "dlb2_credits.h"
#include "dlb2_datapath.h"
#include "dlb2_pp.h"
#include "dlb2_trace_fp.h"
#include "dlb2_translate.h"

/** Event queues that a device can have, each backed by a queue of its own. */
#define DLB2_DP_MAX_QUEUES (DLB2_MAX_LDB_QUEUES + DLB2_MAX_DIR_PORTS)
/** Queue number of an event whose source is not known; that can only be a fault of the device. */
#define DLB2_DP_NO_QUEUE DLB2_DP_MAX_QUEUES
#define DLB2_DP_NO_SCHED 3
/** Scheduling types of the device, and of events with DLB2_DP_NO_SCHED among them. */
#define DLB2_NUM_SCHED 4
/** Depth classes of a CQ entry (data-path 2.1). */
#define DLB2_NUM_DEPTHS 4

/**
 * As many events can be open on one port: it cannot have more of the history list than there is.
 */
#define DLB2_DP_MAX_OPEN DLB2_MAX_HIST_LIST_ENTRIES

/** What an event device has once. */
struct dlb2_dp {
	struct dlb2_credit_pool pools[DLB2_NUM_POOLS];
	struct dlb2_dp_conf conf;
	/** Pool that pays for events to and from queues of a kind. */
	uint8_t pool_of_kind[DLB2_NUM_PORT_KINDS];
	/** Whether that pool has to be counted at all; see dlb2_dp_init(). */
	bool metered[DLB2_NUM_PORT_KINDS];
	/** Destinations by dlb2_event_key(). */
	uint64_t dests[DLB2_NUM_EV_KEYS] __rte_cache_aligned;
	/**
	 * Sources: what queue, scheduling type and priority of a CQ entry become in the event, and
	 * below that what such events are counted by (DLB2_COUNT()). Indexed by the same
	 * three; the priorities of a directed CQ have the place of queue DLB2_SOURCE_DIR(port).
	 */
	uint64_t sources[DLB2_NUM_SOURCES];
	/** What the depth class of a CQ entry adds to its source. */
	uint64_t depths[DLB2_NUM_DEPTHS];
};

/** Why a port has to take its enqueues event by event. */
#define DLB2_CAREFUL_DELAYED 0x1 /* tokens go back between completions */
#define DLB2_CAREFUL_DROPS 0x2   /* completions of dropped entries come in between */
#define DLB2_CAREFUL_WEIGHT 0x4  /* events carry a weight */
#define DLB2_CAREFUL_REORDER 0x8 /* events are completed in another order than dequeued */

/** What an empty poll may have to do, besides what `owed` calls for. */
#define DLB2_IDLE_MODEL 0x1   /* run the model */
#define DLB2_IDLE_TIMEOUT 0x2 /* wait */
#define DLB2_IDLE_CREDITS 0x4 /* give credits back */
#define DLB2_IDLE_QUIESCED 0x8 /* have the device schedule to the port again */
#define DLB2_IDLE_SWITCHING 0x10 /* make the switch of link profiles that waits */
/** Those for which the device has to be told something before anything can come. */
#define DLB2_IDLE_TELLS (DLB2_IDLE_QUIESCED | DLB2_IDLE_SWITCHING)

/** One event that was read, in dlb2_dp_port.state. */
#define DLB2_STATE_READ (DLB2_STATE_OPEN | 1)
/** One event that is not open any more. */
#define DLB2_STATE_OPEN (UINT64_C(1) << 16)

/** A dequeue, as a burst that is under way; 0 is none. */
#define DLB2_BURST_DEQUEUE UINT16_MAX

struct dlb2_dp_port {
	/* Enqueue. */
	struct dlb2_dp *dp;
	struct dlb2_pp pp;
	union {
		struct {
			uint16_t owed; /* tokens of entries that were read */
			uint16_t open; /* delivered, neither forwarded nor released: not above
					* num_events_limit, which is below 2^15 */
			uint8_t idle;  /* DLB2_IDLE_ */
			uint8_t kind;  /* enum dlb2_port_kind */
			uint8_t careful; /* DLB2_CAREFUL_ */
		};
		uint64_t state; /* all, for one look at them, and for adding DLB2_STATE_ */
	};
	union {
		struct {
			/* all ones if tokens may go with the HCWs of an enqueue (AUTO) */
			uint16_t ride_mask;
			uint16_t open_mask;   /* 0 */
			uint8_t not_these[2]; /* 0 */
			uint8_t careful_mask; /* all ones */
		};
		uint64_t before_forward; /* what of `state` sending one event has to look at */
	};
	/*
	 * Its command in place, without and with a token: FWD, or NEW of a directed port, which has
	 * nothing to complete.
	 */
	uint64_t forward[2];

	/* Dequeue. */
	struct dlb2_words *next __rte_cache_aligned; /* entry to be read next */
	uint64_t gen; /* DLB2_WORD_GEN if its generation bit is set when it is new, else 0 */
	struct dlb2_words *ring_end;
	union {
		struct {
			/* all ones if tokens go back at the next dequeue (DEFERRED) */
			uint16_t deferred_mask;
			/* all ones if open events are released at the next dequeue */
			uint16_t implicit_mask;
			uint8_t idle_mask; /* 0: entries that are there come first */
			uint8_t kind_mask; /* all ones: directed ports go another way */
		};
		uint64_t before_dequeue; /* what of `state` a dequeue has to look at first */
	};
	uint64_t when_empty;    /* what of it a dequeue from an empty CQ has to look at */
	uint16_t settle_above;  /* owed tokens that a dequeue leaves alone */
	uint16_t dequeue_depth, enqueue_depth;
	uint16_t burst; /* that a secondary process is in: events to enqueue, or as said above */
	bool running;   /* secondary processes may begin one: between start and stop */
	uint8_t step;   /* of the ring; see dlb2_cq_step() */
	uint8_t line_depth; /* as many events may be enqueued in one line */
	uint32_t cached[DLB2_NUM_POOLS]; /* credits */

	/* Those that do not follow from the other ones: see dlb2_dp_port_counter(). */
	uint64_t counters[DLB2_PORT_NUM_COUNTERS] __rte_cache_aligned;
	/* By enum dlb2_sched_type of the device. */
	uint64_t sent_by_type[DLB2_NUM_SCHED];
	/* By scheduling type of the event, of load-balanced queues. */
	uint64_t received_by_type[DLB2_NUM_SCHED];
	uint64_t enqueued[DLB2_DP_MAX_QUEUES];
	/* By queue and depth class, as in DLB2_COUNT(); the last of them are DLB2_DP_NO_QUEUE's. */
	uint64_t received[(DLB2_DP_MAX_QUEUES + 1) * DLB2_NUM_DEPTHS];

	struct dlb2_line scratch[DLB2_PP_SCRATCH_LINES];
	struct dlb2_line single; /* the same for one event: all behind it stays NOOPs */
	struct dlb2_words *ring;
	uint32_t quanta[DLB2_NUM_POOLS];
	uint32_t owed_limit; /* more tokens than that are never held back */
	uint32_t delay;      /* DELAYED: T of data-path 3.4 */
	uint32_t issued;     /* completions since the tokens went back */
	uint32_t early;      /* events released early that the application still has */
	uint32_t drops;      /* entries with the error bit that wait to be completed in turn */
	uint32_t oldest;     /* position in dropped[] of the oldest open event, while drops > 0 */
	bool asleep;         /* a thread of the primary process waits for the CQ's interrupt */
	uint64_t dropped[DLB2_DP_MAX_OPEN / 64];
	struct dlb2_dp_port_conf conf;
} __rte_cache_aligned;

_Static_assert(offsetof(struct dlb2_dp_port, next) == 64,
	       "a forward touches one line of the port");
_Static_assert(offsetof(struct dlb2_dp_port, counters) == 128,
	       "a dequeue touches one line of its own");
_Static_assert(offsetof(struct dlb2_dp_port, open) - offsetof(struct dlb2_dp_port, state) == 2,
	       "DLB2_STATE_OPEN");
_Static_assert(offsetof(struct dlb2_dp_port, careful_mask) -
			       offsetof(struct dlb2_dp_port, before_forward) ==
		       offsetof(struct dlb2_dp_port, careful) - offsetof(struct dlb2_dp_port, state),
	       "the mask is where it is needed");
_Static_assert(DLB2_DP_MAX_QUEUES < UINT8_MAX, "DLB2_DP_NO_QUEUE fits the event");
_Static_assert(DLB2_CQ_STRIDE_DENSE == sizeof(struct dlb2_words) &&
		       DLB2_CQ_STRIDE_SPARSE % sizeof(struct dlb2_words) == 0,
	       "entries are whole words apart");

/**
 * From an entry of the CQ to the next one, in struct dlb2_words. The fast way is compiled for one
 * layout of rings, with DLB2_CQ_STEP (dlb2_fast_ops.h); all other code asks the port.
 */
static __rte_always_inline unsigned int
dlb2_cq_step(const struct dlb2_dp_port *port)
{
#ifdef DLB2_CQ_STEP
	RTE_SET_USED(port);
	return DLB2_CQ_STEP;
#else
	return port->step;
#endif
}

/** The command that forwards an event. */
static __rte_always_inline uint8_t
dlb2_forward_cmd(const struct dlb2_dp_port *port)
{
	return port->forward[0] >> DLB2_HCW_SHIFT(cmd);
}

/** dlb2_completions.c: the lines that complete events and return tokens. */

/** Releases the `count` oldest open events of a port that is not careful (port->careful). */
void dlb2_release(struct dlb2_dp_port *port, uint32_t count);
/**
 * Releases all open events of the port: completes them and gives their credits back; on a directed
 * port the device is not told.
 */
void dlb2_release_open(struct dlb2_dp_port *port);
/** Returns all owed tokens, if any, in a line of their own. */
void dlb2_return_tokens(struct dlb2_dp_port *port);
/** Gives back all credits that the port has cached. */
void dlb2_return_credits(struct dlb2_dp_port *port);
/** Forgets the dropped entries that wait to be completed. */
void dlb2_clear_drops(struct dlb2_dp_port *port);
/**
 * Takes note of an entry of a load-balanced CQ that is not delivered: completes it as soon as all
 * before it are.
 */
void dlb2_complete_dropped(struct dlb2_dp_port *port);

/** dlb2_preschedule.c: token pop modes, and members of dlb2_dp_ops(). */
void dlb2_set_token_mode(struct dlb2_dp_port *port, enum rte_pmd_dlb2_token_pop_mode mode);
int dlb2_preschedule_modify(void *port, unsigned int type);
void dlb2_preschedule(void *port, unsigned int type);

/** dlb2_early_release.c: gives back the credits of events that were released early. */
void dlb2_forget_early(struct dlb2_dp_port *port);

/** The variant of the data path, without trace points, or NULL if it was not built. */
const struct dlb2_dp_ops *dlb2_dp_plain_ops(enum dlb2_simd simd, enum dlb2_cq_layout layout);

/** The variant for those who ask each time: secondary processes, and builds with trace points. */
static inline const struct dlb2_dp_ops *
dlb2_port_ops(const struct dlb2_dp_port *port)
{
	return dlb2_dp_plain_ops(port->dp->conf.simd, port->dp->conf.cq_layout);
}

/** dlb2_trace_fp.c: the same with trace points, in builds that have them. */
const struct dlb2_dp_ops *dlb2_dp_traced_ops(void);

/**
 * Reads at most `n` entries that are in the CQ, after the model had its turn if there is none.
 * Neither waits nor releases.
 */
uint16_t dlb2_dequeue_ready(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n);

/**
 * dlb2_wait.c: waits until there are entries, which it reads, for at most `timeout` ticks of the
 * time stamp counter, or until the port stops. Returns how many, at most `n`.
 */
uint16_t dlb2_wait_for_entries(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n,
			       uint64_t timeout);

/** Whether the device runs; another thread may be about to stop it. */
static inline bool
dlb2_port_runs(const struct dlb2_dp_port *port)
{
	return __atomic_load_n(&port->running, __ATOMIC_SEQ_CST);
}

/**
 * Makes sure that the port has credits of `pool` cached: `want` if the pool still has as many,
 * fewer if not. On top of that the port takes its quantum, for the calls that follow.
 *
 * @return how many of `want` there are
 */
static __rte_always_inline uint32_t
dlb2_credits_reserve(struct dlb2_dp_port *port, enum dlb2_pool pool, uint32_t want)
{
	uint32_t cached = port->cached[pool];

	if (unlikely(cached < want)) {
		struct dlb2_credit_pool *shared = &port->dp->pools[pool];
		uint32_t limit = shared->size;

		if (pool == DLB2_POOL_EVENTS)
			limit = RTE_MIN(limit, port->conf.new_event_threshold);
		port->idle |= DLB2_IDLE_CREDITS;
		cached += dlb2_pool_take(shared, limit, want - cached + port->quanta[pool]);
		port->cached[pool] = cached;
		dlb2_trace_credits_take(port->kind, port->conf.hw_id, pool, want, cached);
	}
	return RTE_MIN(cached, want);
}

/** Gives what is above two quanta back to the pool, down to one. */
static __rte_always_inline void
dlb2_credits_trim(struct dlb2_dp_port *port, enum dlb2_pool pool)
{
	uint32_t cached = port->cached[pool];
	uint32_t quanta = port->quanta[pool];

	if (unlikely(cached > 2 * quanta)) {
		port->cached[pool] = quanta;
		dlb2_pool_give(&port->dp->pools[pool], cached - quanta);
	}
}

static __rte_always_inline void
dlb2_credits_add(struct dlb2_dp_port *port, enum dlb2_pool pool, uint32_t credits)
{
	port->cached[pool] += credits;
	port->idle |= DLB2_IDLE_CREDITS;
	dlb2_credits_trim(port, pool);
}

#endif
