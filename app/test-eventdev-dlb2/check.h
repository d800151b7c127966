/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The invariants that every event is checked against. Knows events, streams and ports; knows
 * neither the device nor how traffic is made, so that a unit test can feed it wrong sequences.
 *
 * A stream is a sequence of events that one port injects and that all take the same path: the
 * same queues, flows, schedule types and priorities, hop by hop. Order is promised, and checked,
 * within a stream only.
 *
 * The life of an event: check_new, then for each hop check_hand_over before the enqueue (or
 * check_take_back if the device refuses it) and check_dequeue after the dequeue; then check_forward
 * and the next hop, or check_finish. Whoever holds an event calls; calls for different events
 * may come from different threads.
 */

#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_eventdev.h>

#define CHECK_MAX_HOPS 8
#define CHECK_MAX_EVENTS (1u << 24) /* the record's index is the low 24 bits of rte_event.u64 */
#define CHECK_NO_LOCK UINT32_MAX

enum check_rule {
	CHECK_LOST,
	CHECK_DOUBLED,
	CHECK_ALTERED,
	CHECK_MISROUTED, /* delivered to a port that is not linked to the queue */
	CHECK_ATOMIC, /* an atomic flow at two ports at once */
	CHECK_ORDER, /* a stream out of order after atomic or ordered stages */
	CHECK_DIRECTED_ORDER, /* a stream out of order out of a single-link queue */
	CHECK_CREDITS, /* events accepted beyond the limit, or capacity lost after a drain */
	CHECK_REFUSED, /* a legal call refused */
	CHECK_HUNG,
	CHECK_NUM_RULES
};

/* What is known of the order of a stream's events when they are dequeued at a hop. */
enum check_order {
	CHECK_ORDER_UNKNOWN, /* the API promises nothing here */
	CHECK_ORDER_KEPT, /* must be the order of the last place where it was fixed */
	CHECK_ORDER_FIXED, /* not known before, but fixed from here on: events are renumbered */
};

struct check_hop {
	uint64_t word; /* word 0 of the event as enqueued: flow, types, queue, priority; op 0 */
	uint64_t mask; /* the bits of word 0 that the device must deliver as they were sent */
	uint32_t lock; /* the atomic flow, numbered over all queues; CHECK_NO_LOCK if not atomic */
	enum check_order order;
	uint8_t queue;
	bool directed; /* the queue is single-link */
};

struct check_stream {
	struct check_hop hop[CHECK_MAX_HOPS];
	uint8_t nb_hops;
	uint8_t port; /* that injects it */
};

/* An event's record. Belongs to the port that holds the event, or to the device's keeping. */
struct check_record {
	uint64_t payload; /* what u64 must be at the next dequeue */
	uint64_t previous; /* what it was before that: seen again, the event was delivered twice */
	uint32_t number; /* of the event in its stream, from 1 */
	uint32_t order; /* the number by which order is checked */
	uint32_t lock; /* the atomic flow that is held because of this event */
	uint16_t stream;
	uint8_t state; /* enum check_state */
	uint8_t hop : 4;
	uint8_t port : 4; /* that has it, or had it last */
};

enum check_state { CHECK_FREE, CHECK_QUEUED, CHECK_HELD };

struct check {
	const struct check_stream *streams;
	struct check_record *records;
	uint32_t *locks; /* one per atomic flow: open events << 8 | port */
	uint32_t *last; /* by stream and hop: the order number dequeued last */
	uint32_t nb_records;
	uint32_t nb_streams;
	uint32_t nb_locks;
	/* The first violation; later ones are most likely its consequences. */
	bool failed;
	enum check_rule rule;
	char text[600];
};

/**
 * Prepares a checker with all records free.
 *
 * @param streams   owned by the caller, must outlive the checker; at most 65535
 * @param nb_records  most events that are alive at once, at most CHECK_MAX_EVENTS
 * @param nb_locks  atomic flows; every check_hop.lock is below it or CHECK_NO_LOCK
 * @return 0, or -ENOMEM
 */
int check_init(struct check *c, const struct check_stream *streams, uint32_t nb_streams,
	uint32_t nb_records, uint32_t nb_locks);

void check_fini(struct check *c);

/** The name of a rule as it is printed, e.g. "atomic flow in two places". */
const char *check_rule_name(enum check_rule rule);

/** Records a violation; only the first one counts. Any thread may call. */
void check_violate(struct check *c, enum check_rule rule, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inline bool
check_failed(const struct check *c)
{
	return __atomic_load_n(&c->failed, __ATOMIC_RELAXED);
}

static inline uint32_t
check_index(const struct rte_event *ev)
{
	return ev->u64 & (CHECK_MAX_EVENTS - 1);
}

static inline bool
check_is_free(const struct check *c, uint32_t index)
{
	return __atomic_load_n(&c->records[index].state, __ATOMIC_ACQUIRE) == CHECK_FREE;
}

/** The event was dequeued at the last hop of its path. The caller must hold it. */
static inline bool
check_at_end(const struct check *c, const struct rte_event *ev)
{
	const struct check_record *rec = &c->records[check_index(ev)];

	return rec->hop + 1 == c->streams[rec->stream].nb_hops;
}

/**
 * Begins the life of an event.
 *
 * @param port    the port that will inject it and owns the record from now on
 * @param index   a free record
 * @param number  of the event in its stream; must grow by every call for the stream, from 1
 * @param ev      filled in, ready to be enqueued as NEW
 */
void check_new(struct check *c, unsigned int port, uint32_t index, uint16_t stream,
	uint32_t number, struct rte_event *ev);

/**
 * To be called before an enqueue: from now on any port may receive the event, or, when it is a
 * RELEASE, another event of its atomic flow.
 *
 * @return the atomic flow that was given up, for check_take_back
 */
uint32_t check_hand_over(struct check *c, unsigned int port, const struct rte_event *ev);

/** The device refused the event: it is the port's again, and so is the flow @a lock. */
void check_take_back(struct check *c, unsigned int port, const struct rte_event *ev,
	uint32_t lock);

/** Checks an event that was just dequeued by @a port. False: violated, see c->text. */
bool check_dequeue(struct check *c, unsigned int port, const struct rte_event *ev);

/** Turns a held event into the FORWARD to its next hop. Not to be called at the last one. */
void check_forward(struct check *c, unsigned int port, struct rte_event *ev);

/** Ends the life of an event whose RELEASE was accepted, or that was never injected. */
void check_finish(struct check *c, const struct rte_event *ev);

/** Ends the life of an event that the port drops by the implicit release of its next dequeue. */
void check_abandon(struct check *c, unsigned int port, const struct rte_event *ev);

/** Checks an event that rte_event_dev_stop() handed to the flush callback and ends its life. */
bool check_flushed(struct check *c, const struct rte_event *ev);

/** All events in the device's keeping are gone, e.g. after a stop: any left there was lost. */
bool check_device_empty(struct check *c, const char *when);

/** Writes where the event is known to be, for a report. */
void check_describe(const struct check *c, uint32_t index, char *text, size_t size);

/** The bits of word 0 that hold flow_id, sub_event_type, event_type, sched_type and queue_id. */
uint64_t check_word_mask(bool flow_id, bool sched_type);

#endif /* CHECK_H */
