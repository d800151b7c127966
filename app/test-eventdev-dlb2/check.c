/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The checker: a few loads, compares and stores per event and hop, no allocation after check_init,
 * no lock. What makes that safe with several threads: a record belongs to whoever holds its event,
 * and the device itself orders hand-over and dequeue. A device that breaks this is what is looked
 * for; the record's state is exchanged atomically so that a doubled event cannot slip through.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "prng.h"

#define INDEX_MASK ((uint64_t)CHECK_MAX_EVENTS - 1)
#define LOCK_ONE 0x100u /* one open event in a lock word; the low byte is the port */
#define LOCK_PORT 0xffu

/* Fields of word 0 that check_forward() leaves as the device delivered them. */
static const struct rte_event reserved_fields = { .rsvd = 0xf, .impl_opaque = 0xff };
static const struct rte_event forward_op = { .op = RTE_EVENT_OP_FORWARD };

static const char *const rule_names[CHECK_NUM_RULES] = {
	[CHECK_LOST] = "event lost",
	[CHECK_DOUBLED] = "event doubled",
	[CHECK_ALTERED] = "event altered",
	[CHECK_MISROUTED] = "event at a port not linked to its queue",
	[CHECK_ATOMIC] = "atomic flow in two places",
	[CHECK_ORDER] = "order of a stream broken",
	[CHECK_DIRECTED_ORDER] = "order of a directed stream broken",
	[CHECK_CREDITS] = "credits",
	[CHECK_REFUSED] = "legal call refused",
	[CHECK_HUNG] = "no progress",
};

_Static_assert(sizeof(struct check_record) == 32, "two records per cache line");

const char *
check_rule_name(enum check_rule rule)
{
	return rule_names[rule];
}

int
check_init(struct check *c, const struct check_stream *streams, uint32_t nb_streams,
	uint32_t nb_records, uint32_t nb_locks)
{
	*c = (struct check){
		.streams = streams,
		.nb_streams = nb_streams,
		.nb_records = nb_records,
		.nb_locks = nb_locks,
		.records = calloc(nb_records, sizeof(*c->records)),
		.locks = calloc(nb_locks + 1, sizeof(*c->locks)),
		.last = calloc((size_t)nb_streams * CHECK_MAX_HOPS, sizeof(*c->last)),
	};
	if (c->records != NULL && c->locks != NULL && c->last != NULL)
		return 0;
	check_fini(c);
	return -ENOMEM;
}

void
check_fini(struct check *c)
{
	free(c->records);
	free(c->locks);
	free(c->last);
	*c = (struct check){ 0 };
}

void
check_violate(struct check *c, enum check_rule rule, const char *format, ...)
{
	va_list args;

	if (__atomic_exchange_n(&c->failed, true, __ATOMIC_ACQ_REL))
		return;
	c->rule = rule;
	va_start(args, format);
	vsnprintf(c->text, sizeof(c->text), format, args);
	va_end(args);
}

uint64_t
check_word_mask(bool flow_id, bool sched_type)
{
	struct rte_event ev = { .sub_event_type = 0xff, .event_type = 0xf, .queue_id = 0xff };

	if (flow_id)
		ev.flow_id = 0xfffff;
	if (sched_type)
		ev.sched_type = 3;
	return ev.event;
}

static const struct check_hop *
hop_of(const struct check *c, const struct check_record *rec)
{
	return &c->streams[rec->stream].hop[rec->hop];
}

static uint32_t *
last_of(const struct check *c, const struct check_record *rec)
{
	return &c->last[(uint32_t)rec->stream * CHECK_MAX_HOPS + rec->hop];
}

/* Different for every event and hop, with the record's index in its low bits. */
static uint64_t
payload_of(const struct check_record *rec, uint32_t index)
{
	uint64_t key = (uint64_t)rec->stream << 48 | (uint64_t)rec->hop << 40 | rec->number;

	return (prng_mix(key + 1) & ~INDEX_MASK) | index;
}

/* The sub-type varies from event to event, to show if fields of neighbours are mixed up. */
static uint64_t
word_of(const struct check_record *rec, const struct check_hop *hop)
{
	const struct rte_event vary = { .sub_event_type = rec->number & 0xff };

	return hop->word ^ vary.event;
}

void
check_describe(const struct check *c, uint32_t index, char *text, size_t size)
{
	static const char *const states[] = {
		[CHECK_FREE] = "finished", [CHECK_QUEUED] = "enqueued to",
		[CHECK_HELD] = "held, from",
	};
	const struct check_record *rec = &c->records[index];
	const struct check_hop *hop = hop_of(c, rec);
	const struct rte_event ev = { .event = hop->word };

	snprintf(text, size,
		"event %u of stream %u (record %u): %s queue %u, hop %u of %u, flow %u, type %u, "
		"port %u",
		rec->number, rec->stream, index, states[rec->state], hop->queue, rec->hop + 1u,
		c->streams[rec->stream].nb_hops, ev.flow_id, ev.sched_type, rec->port);
}

static bool
violate_event(struct check *c, enum check_rule rule, uint32_t index, unsigned int port,
	const char *what)
{
	char where[256];

	check_describe(c, index, where, sizeof(where));
	check_violate(c, rule, "port %u: %s; %s", port, what, where);
	return false;
}

void
check_new(struct check *c, unsigned int port, uint32_t index, uint16_t stream, uint32_t number,
	struct rte_event *ev)
{
	struct check_record *rec = &c->records[index];

	rec->previous = rec->payload;
	rec->stream = stream;
	rec->number = number;
	rec->order = number;
	rec->lock = CHECK_NO_LOCK;
	rec->hop = 0;
	rec->port = port;
	rec->payload = payload_of(rec, index);
	__atomic_store_n(&rec->state, CHECK_HELD, __ATOMIC_RELAXED);
	ev->event = word_of(rec, &c->streams[stream].hop[0]);
	ev->u64 = rec->payload;
}

static void
lock_give(struct check *c, unsigned int port, uint32_t lock, uint32_t index)
{
	uint32_t word = __atomic_load_n(&c->locks[lock], __ATOMIC_RELAXED);

	if ((word & LOCK_PORT) != port || word < LOCK_ONE) {
		violate_event(c, CHECK_ATOMIC, index, port,
			"another port got an event of the flow while this one held it");
		return;
	}
	__atomic_store_n(&c->locks[lock], word - LOCK_ONE, __ATOMIC_RELEASE);
}

static bool
lock_take(struct check *c, unsigned int port, uint32_t lock, uint32_t index)
{
	uint32_t word = __atomic_load_n(&c->locks[lock], __ATOMIC_ACQUIRE);
	char what[64];

	if (word >= LOCK_ONE && (word & LOCK_PORT) != port) {
		snprintf(what, sizeof(what), "port %u still holds %u event(s) of the same flow",
			word & LOCK_PORT, word / LOCK_ONE);
		return violate_event(c, CHECK_ATOMIC, index, port, what);
	}
	word = (word & ~LOCK_PORT) | port;
	__atomic_store_n(&c->locks[lock], word + LOCK_ONE, __ATOMIC_RELAXED);
	return true;
}

uint32_t
check_hand_over(struct check *c, unsigned int port, const struct rte_event *ev)
{
	uint32_t index = check_index(ev);
	struct check_record *rec = &c->records[index];
	uint32_t lock = rec->lock;

	if (lock != CHECK_NO_LOCK) {
		rec->lock = CHECK_NO_LOCK;
		lock_give(c, port, lock, index);
	}
	if (ev->op != RTE_EVENT_OP_RELEASE)
		__atomic_store_n(&rec->state, CHECK_QUEUED, __ATOMIC_RELEASE);
	return lock;
}

void
check_take_back(struct check *c, unsigned int port, const struct rte_event *ev, uint32_t lock)
{
	uint32_t index = check_index(ev);
	struct check_record *rec = &c->records[index];
	uint8_t state = ev->op == RTE_EVENT_OP_RELEASE ? CHECK_HELD : CHECK_QUEUED;

	if (__atomic_exchange_n(&rec->state, CHECK_HELD, __ATOMIC_ACQ_REL) != state) {
		violate_event(c, CHECK_DOUBLED, index, port, "refused, but delivered all the same");
		return;
	}
	if (lock != CHECK_NO_LOCK && lock_take(c, port, lock, index))
		rec->lock = lock;
}

/* u64 is not that of an event in the device's keeping: finds out whose it is. */
static bool
wrong_payload(struct check *c, unsigned int port, const struct rte_event *ev)
{
	uint32_t index = check_index(ev);
	char what[160];

	if (index < c->nb_records && ev->u64 == c->records[index].previous)
		return violate_event(c, CHECK_DOUBLED, index, port,
			"delivered again after it was forwarded or finished; its record holds now");
	snprintf(what, sizeof(what), "u64 %#" PRIx64 " is that of no event%s", ev->u64,
		index < c->nb_records ? "; nearest" : "");
	if (index < c->nb_records)
		return violate_event(c, CHECK_ALTERED, index, port, what);
	check_violate(c, CHECK_ALTERED, "port %u: %s", port, what);
	return false;
}

/*
 * A field differs. One difference is allowed: a device may treat a parallel event more strictly
 * than asked, as ordered.
 */
static bool
wrong_word(struct check *c, unsigned int port, const struct rte_event *ev, uint64_t expected,
	uint64_t mask)
{
	struct rte_event want = { .event = expected };
	char what[200];

	if (want.sched_type == RTE_SCHED_TYPE_PARALLEL &&
			ev->sched_type == RTE_SCHED_TYPE_ORDERED) {
		want.sched_type = RTE_SCHED_TYPE_ORDERED;
		if (((ev->event ^ want.event) & mask) == 0)
			return true;
		want.event = expected;
	}
	snprintf(what, sizeof(what),
		"flow/sub-type/type/sched-type/queue are %u/%u/%u/%u/%u, expected %u/%u/%u/%u/%u",
		ev->flow_id, ev->sub_event_type, ev->event_type, ev->sched_type, ev->queue_id,
		want.flow_id, want.sub_event_type, want.event_type, want.sched_type, want.queue_id);
	return violate_event(c, CHECK_ALTERED, check_index(ev), port, what);
}

/* The device delivers an event: it must be one that it has, and unaltered. */
static bool
check_arrival(struct check *c, unsigned int port, const struct rte_event *ev, uint8_t next)
{
	uint32_t index = check_index(ev);
	const struct check_hop *hop;
	struct check_record *rec;
	uint64_t word;

	if (index >= c->nb_records || c->records[index].payload != ev->u64)
		return wrong_payload(c, port, ev);
	rec = &c->records[index];
	if (__atomic_exchange_n(&rec->state, next, __ATOMIC_ACQ_REL) != CHECK_QUEUED)
		return violate_event(c, CHECK_DOUBLED, index, port, "delivered a second time");
	hop = hop_of(c, rec);
	word = word_of(rec, hop);
	if (((ev->event ^ word) & hop->mask) != 0 && !wrong_word(c, port, ev, word, hop->mask))
		return false;
	return true;
}

static bool
check_in_order(struct check *c, unsigned int port, struct check_record *rec, uint32_t index)
{
	const struct check_hop *hop = hop_of(c, rec);
	uint32_t *last = last_of(c, rec);
	char what[64];

	if (hop->order == CHECK_ORDER_FIXED) {
		rec->order = ++*last;
		return true;
	}
	if (rec->order <= *last) {
		snprintf(what, sizeof(what), "order number %u after %u", rec->order, *last);
		return violate_event(c, hop->directed ? CHECK_DIRECTED_ORDER : CHECK_ORDER, index,
			port, what);
	}
	*last = rec->order;
	return true;
}

bool
check_dequeue(struct check *c, unsigned int port, const struct rte_event *ev)
{
	uint32_t index = check_index(ev);
	const struct check_hop *hop;
	struct check_record *rec;

	if (!check_arrival(c, port, ev, CHECK_HELD))
		return false;
	rec = &c->records[index];
	hop = hop_of(c, rec);
	rec->port = port;
	if (hop->lock != CHECK_NO_LOCK) {
		if (!lock_take(c, port, hop->lock, index))
			return false;
		rec->lock = hop->lock;
	}
	return hop->order == CHECK_ORDER_UNKNOWN || check_in_order(c, port, rec, index);
}

void
check_forward(struct check *c, unsigned int port, struct rte_event *ev)
{
	uint32_t index = check_index(ev);
	struct check_record *rec = &c->records[index];

	rec->hop++;
	rec->port = port;
	rec->previous = rec->payload;
	rec->payload = payload_of(rec, index);
	ev->event = (ev->event & reserved_fields.event) | word_of(rec, hop_of(c, rec)) |
		forward_op.event;
	ev->u64 = rec->payload;
}

void
check_finish(struct check *c, const struct rte_event *ev)
{
	__atomic_store_n(&c->records[check_index(ev)].state, CHECK_FREE, __ATOMIC_RELEASE);
}

void
check_abandon(struct check *c, unsigned int port, const struct rte_event *ev)
{
	const struct rte_event release = { .op = RTE_EVENT_OP_RELEASE, .u64 = ev->u64 };

	check_hand_over(c, port, &release);
	check_finish(c, &release);
}

bool
check_flushed(struct check *c, const struct rte_event *ev)
{
	return check_arrival(c, c->records[check_index(ev) % c->nb_records].port, ev, CHECK_FREE);
}

bool
check_device_empty(struct check *c, const char *when)
{
	uint32_t first = 0;
	uint32_t lost = 0;
	char where[256];
	uint32_t i;

	for (i = 0; i < c->nb_records; i++) {
		if (c->records[i].state != CHECK_QUEUED)
			continue;
		if (lost++ == 0)
			first = i;
	}
	if (lost == 0)
		return true;
	check_describe(c, first, where, sizeof(where));
	check_violate(c, CHECK_LOST, "%u event(s) lost %s; the first: %s", lost, when, where);
	return false;
}
