/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Dequeue: entries of the consumer queue (CQ) become events. Not here: how completions and token returns are sent
 * (dlb2_completions.c).
 *
 * Entries are read one after the other and the first that is not new ends the burst, so that a hole, which relaxed ordering of
 * the device's writes permits, is never stepped over (data-path 2.3). The generation of an entry is read before the rest of it.
 */
#include <rte_cycles.h>
#include <rte_pause.h>

#include "dlb2_lines.h"

/* UMWAIT state: C0.1 wakes faster than C0.2, and these waits are meant to be short. */
#define UMWAIT_C01 1

static __rte_always_inline uint64_t
entry_meta(const struct dlb2_words *entry)
{
	return __atomic_load_n(&entry->meta, __ATOMIC_ACQUIRE);
}

/* Whether the entry is not there yet, or is not to be delivered. */
static __rte_always_inline bool
unusual(uint64_t meta, uint64_t gen)
{
	return ((meta ^ gen) & (DLB2_WORD_GEN | DLB2_WORD_ERROR)) != 0;
}

/* Where reading goes on, and the generation that a new entry has there. */
struct cursor {
	struct dlb2_words *next;
	uint64_t gen;
};

static __rte_always_inline void
advance(const struct dlb2_dp_port *port, struct cursor *c)
{
	c->next += DLB2_CQ_STEP;
	if (unlikely(c->next == port->ring_end)) {
		c->next = port->ring;
		c->gen ^= DLB2_WORD_GEN;
	}
}

/* Offset of the port counter for the scheduling type that an event shows. */
static __rte_always_inline unsigned int
rx_sched_counter(const struct dlb2_dp_port *port, unsigned int sched)
{
	static const uint8_t counter[] = {
		[RTE_SCHED_TYPE_ORDERED] = DLB2_PORT_RX_SCHED_ORDERED,
		[RTE_SCHED_TYPE_ATOMIC] = DLB2_PORT_RX_SCHED_ATOMIC,
		[RTE_SCHED_TYPE_PARALLEL] = DLB2_PORT_RX_SCHED_UNORDERED,
		[DLB2_DP_NO_SCHED] = DLB2_PORT_RX_SCHED_INVALID,
	};

	return port->kind == DLB2_DIR ? DLB2_PORT_RX_SCHED_DIRECTED : counter[sched];
}

/* Counts delivered events; `differ` has the bits of their first words in which they are not all alike. */
static __rte_always_inline void
count_events(struct dlb2_dp_port *port, const struct rte_event ev[], uint16_t n, uint64_t differ)
{
	uint16_t i, same = likely((differ & (DLB2_EV_KEY_MASK | DLB2_EV_DEPTH_MASK)) == 0) ? n : 1;

	for (i = 0; i < n; i += same) {
		uint64_t event = ev[i].event;

		port->counters[rx_sched_counter(port, dlb2_event_sched(event))] += same;
		port->received[dlb2_event_queue(event)][dlb2_event_depth(event)] += same;
	}
}

/* Books `n` entries that were read: their tokens are owed, and the device has given their credits back. */
static __rte_always_inline void
book_entries(struct dlb2_dp_port *port, uint16_t n)
{
	port->owed += n;
	if (unlikely(port->dp->metered[port->kind]))
		dlb2_credits_add(port, port->dp->pool_of_kind[port->kind], n);
}

/* Reads good entries, at most `n` (1 or more), up to the first unusual one. */
static __rte_always_inline uint16_t
read_entries(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n)
{
	struct cursor c = {.next = port->next, .gen = port->gen};
	const uint64_t *sources = port->sources;
	const uint32_t source_mask = port->source_mask;
	const uint64_t flow_mask = port->flow_mask;
	uint64_t meta = entry_meta(c.next), event, first = 0, differ = 0;
	uint16_t got = 0;

	while (!unusual(meta, c.gen)) {
		event = dlb2_meta_to_event(meta, sources[(uint32_t)meta >> DLB2_SOURCE_SHIFT & source_mask], flow_mask);
		if (got == 0)
			first = event;
		differ |= event ^ first;
		ev[got].event = event;
		ev[got].u64 = c.next->data;
		advance(port, &c);
		if (++got == n)
			break;
		meta = entry_meta(c.next);
	}
	if (got == 0)
		return 0;
	port->next = c.next;
	port->gen = c.gen;
	port->open += got;
	book_entries(port, got);
	count_events(port, ev, got, differ);
	return got;
}

/* Steps over an entry with the error bit: nothing of it can be trusted but that it was scheduled (data-path 2.1). */
static void
drop_entry(struct dlb2_dp_port *port)
{
	struct cursor c = {.next = port->next, .gen = port->gen};

	advance(port, &c);
	port->next = c.next;
	port->gen = c.gen;
	port->counters[DLB2_PORT_RX_DROP]++;
	book_entries(port, 1);
	if (port->kind == DLB2_LDB)
		dlb2_complete_dropped(port);
	dlb2_credits_add(port, DLB2_POOL_EVENTS, 1);
}

static __rte_always_inline bool
bad_entry_next(const struct dlb2_dp_port *port)
{
	return ((entry_meta(port->next) ^ port->gen ^ DLB2_WORD_ERROR) & (DLB2_WORD_GEN | DLB2_WORD_ERROR)) == 0;
}

static __rte_noinline uint16_t
read_past_bad_entries(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n)
{
	uint16_t got = 0;

	while (got < n && bad_entry_next(port)) {
		drop_entry(port);
		got += read_entries(port, &ev[got], n - got);
	}
	return got;
}

/* What is in the CQ now, at most `n` (1 or more). */
static __rte_always_inline uint16_t
poll_cq(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n)
{
	uint16_t got = read_entries(port, ev, n);

	if (unlikely(got < n && bad_entry_next(port)))
		got += read_past_bad_entries(port, &ev[got], n - got);
	return got;
}

uint16_t
dlb2_dequeue_ready(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n)
{
	uint16_t got = poll_cq(port, ev, n);

	if (got == 0 && (port->idle & DLB2_IDLE_MODEL)) {
		dlb2_model_bus_run(port->pp.channel->bus);
		got = poll_cq(port, ev, n);
	}
	return got;
}

/* Sleeps until the next entry is written or the time stamp counter reaches `deadline` (data-path 7.2). */
static void
sleep_until_entry(struct dlb2_dp_port *port, uint64_t deadline)
{
	const struct dlb2_words *entry = port->next;

	__asm__ volatile("umonitor %%rax" : : "a"(&entry->meta) : "memory");
	/* What was written before the monitor was armed does not wake it. */
	if (((entry_meta(entry) ^ port->gen) & DLB2_WORD_GEN) == 0)
		return;
	port->counters[DLB2_PORT_RX_UMONITOR_UMWAIT]++;
	__asm__ volatile("umwait %%ecx" : : "c"(UMWAIT_C01), "a"((uint32_t)deadline), "d"((uint32_t)(deadline >> 32))
			 : "cc", "memory");
}

static void
spin(uint64_t start, uint64_t ticks)
{
	while (rte_rdtsc() - start < ticks)
		rte_pause();
}

static uint16_t
wait_for_entries(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n, uint64_t timeout)
{
	const struct dlb2_dp_conf *conf = &port->dp->conf;
	const uint64_t start = rte_rdtsc();
	uint64_t now = start;
	uint16_t got;

	do {
		uint64_t left = timeout - (now - start);

		if (conf->use_umwait)
			sleep_until_entry(port, left < UINT64_MAX - now ? now + left : UINT64_MAX);
		else
			spin(now, RTE_MIN(left, (uint64_t)conf->poll_interval));
		got = dlb2_dequeue_ready(port, ev, n);
		now = rte_rdtsc();
	} while (got == 0 && now - start < timeout);
	return got;
}

/*
 * The CQ is empty. Lets the model run if it needs to be, and if there is still nothing gives back what others may be waiting for;
 * only then does the port wait. With all tokens owed (DELAYED) nothing can arrive, and waiting is of no use (data-path 3.4).
 */
static __rte_noinline uint16_t
dequeue_idle(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	const struct dlb2_dp_conf *conf = &port->dp->conf;
	uint64_t timeout = conf->per_dequeue_timeout ? timeout_ticks : conf->dequeue_timeout_ticks;
	uint16_t got = 0;

	if (port->idle & DLB2_IDLE_MODEL)
		got = dlb2_dequeue_ready(port, ev, n);
	if (got > 0)
		return got;
	if (port->ride_mask != 0)
		dlb2_return_tokens(port);
	dlb2_return_credits(port);
	if (timeout == 0 || port->owed >= port->conf.cq_depth)
		return 0;
	return wait_for_entries(port, ev, n, timeout);
}

/* Whether the port has anything to do when its CQ is empty. */
static __rte_always_inline bool
has_idle_work(const struct dlb2_dp_port *port)
{
	return (port->idle | (port->owed & port->ride_mask) | port->cached[DLB2_POOL_EVENTS] |
		port->cached[DLB2_POOL_LDB] | port->cached[DLB2_POOL_DIR]) != 0;
}

static __rte_always_inline uint16_t
dequeue(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	uint16_t got;

	if (port->implicit_release && port->open > 0)
		dlb2_release_open(port);
	if (unlikely(port->deferred))
		dlb2_return_tokens(port);
	got = poll_cq(port, ev, n);
	if (got == 0 && has_idle_work(port))
		got = dequeue_idle(port, ev, n, timeout_ticks);
	if (got == 0) {
		port->counters[DLB2_PORT_ZERO_POLLS]++;
		return 0;
	}
	port->counters[DLB2_PORT_TOTAL_POLLS]++;
	if (unlikely(port->owed > port->owed_limit))
		dlb2_return_tokens(port);
	return got;
}

uint16_t
dlb2_dequeue(void *event_port, struct rte_event *ev, uint64_t timeout_ticks)
{
	return dequeue(event_port, ev, 1, timeout_ticks);
}

uint16_t
dlb2_dequeue_burst(void *event_port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	struct dlb2_dp_port *port = event_port;

	n = RTE_MIN(n, port->dequeue_depth);
	return likely(n > 0) ? dequeue(port, ev, n, timeout_ticks) : 0;
}
