/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What one port does in one step, by the rules of the API: FORWARD and RELEASE in the order of
 * dequeue and only to the port that dequeued, nothing dequeued on an implicit-release port before
 * the last batch is dealt with, what an enqueue did not take is sent again. The one thing to know:
 * the checker is told of a hand-over before the enqueue, because another lcore may have the event
 * before the enqueue returns.
 */

#include <errno.h>
#include <sched.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "run.h"

/*
 * A forward that is refused again and again is given up and its event dropped, as the API expects
 * of workers on a closed system: they might hold what others wait for. In steps when one lcore
 * drives everything, so that a seed repeats; in time otherwise, and long enough for a preempted
 * lcore to come back.
 */
#define GIVE_UP_REFUSALS (1u << 14)
#define GIVE_UP_MS 200

/* Records tried before injection waits for events to finish. */
#define RECORD_TRIES 16

const char *const run_count_names[NUM_COUNTS] = {
	[COUNT_INJECTED] = "injected",
	[COUNT_DEQUEUED] = "dequeued",
	[COUNT_FORWARDED] = "forwarded",
	[COUNT_CONSUMED] = "consumed",
	[COUNT_DROPPED] = "dropped",
	[COUNT_ABANDONED] = "released implicitly",
	[COUNT_FAN_OUT] = "injected by workers",
	[COUNT_SHORT] = "short enqueues",
	[COUNT_FULL] = "refused enqueues",
	[COUNT_GIVEN_UP] = "forwards given up",
	[COUNT_LINKED] = "links",
	[COUNT_UNLINKED] = "unlinks",
	[COUNT_REPRIORITISED] = "link priorities changed",
	[COUNT_LINK_REFUSED] = "links refused",
	[COUNT_LATE] = "late after unlink",
	[COUNT_FLUSHED] = "flushed by stop",
	[COUNT_STOPPED] = "stops under traffic",
	[COUNT_RECONFIGURED] = "reconfigurations",
	[COUNT_DEFAULTED] = "set-ups by default values",
	[COUNT_PROBED] = "credit probes",
};

void
port_init(struct port *port, struct run *run, uint8_t id)
{
	*port = (struct port){
		.run = run,
		.spec = &run->pl.ports[id],
		.rng = prng_derive(run->pl.seed ^ prng_mix(run->dev->id + 1),
			(uint64_t)(run->pl.number + 1) << 8 | id),
		.id = id,
	};
}

/* Main reads counters and quotas while the port's lcore writes them. */
static inline void
count(struct port *port, enum run_count what, uint64_t n)
{
	__atomic_store_n(&port->count[what], port->count[what] + n, __ATOMIC_RELEASE);
}

static inline void
finish(struct port *port)
{
	__atomic_store_n(&port->finished, port->finished + 1, __ATOMIC_RELEASE);
}

static inline void
hash_event(struct port *port, const struct rte_event *ev)
{
	if (!port->run->concurrent)
		run_hash(port->run, ev->u64 + port->id + ((uint64_t)ev->queue_id << 8));
}

static uint16_t
enqueue(const struct port *port, const struct rte_event *ev, uint16_t n, bool all_new,
	bool all_forward)
{
	uint8_t dev = port->run->dev->id;

	if (all_new)
		return rte_event_enqueue_new_burst(dev, port->id, ev, n);
	if (all_forward)
		return rte_event_enqueue_forward_burst(dev, port->id, ev, n);
	return rte_event_enqueue_burst(dev, port->id, ev, n);
}

/* A burst out of completions and new events, each in their order, mixed at random. */
static uint32_t
compose(struct port *port, struct rte_event *ev, uint32_t n)
{
	uint32_t nb_out = fifo_count(&port->out);
	uint32_t nb_fresh = fifo_count(&port->fresh);
	uint32_t out = 0, fresh = 0;
	uint64_t coins = prng_next(&port->rng);

	if (port->only_completions && nb_out != 0)
		nb_fresh = 0;
	n = RTE_MIN(n, nb_out + nb_fresh);
	while (out + fresh < n) {
		bool take_out = out < nb_out && (fresh == nb_fresh || (coins & 1));
		uint32_t position = out + fresh;

		coins = coins >> 1 | coins << 63;
		ev[position] = take_out ? *fifo_at(&port->out, out) : *fifo_at(&port->fresh, fresh);
		out += take_out;
		fresh += !take_out;
	}
	return n;
}

/* Books the events that the device took. */
static void
book_sent(struct port *port, const struct rte_event *ev, uint32_t n)
{
	uint32_t nb_new = 0, nb_forward = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		hash_event(port, &ev[i]);
		nb_new += ev[i].op == RTE_EVENT_OP_NEW;
		nb_forward += ev[i].op == RTE_EVENT_OP_FORWARD;
		if (ev[i].op == RTE_EVENT_OP_RELEASE) {
			check_finish(&port->run->check, &ev[i]);
			finish(port);
		}
	}
	count(port, COUNT_FORWARDED, nb_forward);
	count(port, COUNT_INJECTED, nb_new);
	if (port->spec->links != 0)
		count(port, COUNT_FAN_OUT, nb_new);
	fifo_drop(&port->fresh, nb_new);
	fifo_drop(&port->out, n - nb_new);
}

static void
give_up_forwards(struct port *port)
{
	uint32_t i;

	for (i = 0; i < fifo_count(&port->out); i++) {
		struct rte_event *ev = fifo_at(&port->out, i);

		if (ev->op == RTE_EVENT_OP_FORWARD) {
			ev->op = RTE_EVENT_OP_RELEASE;
			count(port, COUNT_GIVEN_UP, 1);
		}
	}
}

static void
book_refusal(struct port *port, uint32_t n, uint32_t taken, bool any_new)
{
	bool long_enough;

	count(port, taken == 0 ? COUNT_FULL : COUNT_SHORT, 1);
	if (taken > n || rte_errno < 0 || rte_errno == EINVAL)
		check_violate(&port->run->check, CHECK_REFUSED,
			"port %u: enqueue of %u legal events returned %u with rte_errno %d; only "
			"ENOSPC is a reason", port->id, n, taken, rte_errno);
	port->only_completions = any_new;
	if (taken != 0) {
		port->refusals = 0;
		return;
	}
	if (port->run->concurrent) {
		sched_yield();
		if (port->refusals == 0)
			port->refused_since = rte_rdtsc();
		long_enough = rte_rdtsc() - port->refused_since >
			rte_get_tsc_hz() / 1000 * GIVE_UP_MS;
	} else {
		long_enough = port->refusals >= GIVE_UP_REFUSALS;
	}
	port->refusals++;
	if (long_enough)
		give_up_forwards(port);
}

/* Enqueues a burst of at most so many events. Returns how many the device took. */
static uint32_t
send_burst(struct port *port, uint32_t most)
{
	struct rte_event ev[PIPELINE_MAX_BURST];
	uint32_t locks[PIPELINE_MAX_BURST];
	bool any_new = false, any_old = false, any_release = false;
	uint32_t n = compose(port, ev, most);
	uint32_t taken, i;

	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		any_new |= ev[i].op == RTE_EVENT_OP_NEW;
		any_old |= ev[i].op != RTE_EVENT_OP_NEW;
		any_release |= ev[i].op == RTE_EVENT_OP_RELEASE;
		locks[i] = check_hand_over(&port->run->check, port->id, &ev[i]);
	}
	rte_errno = 0;
	taken = enqueue(port, ev, n, !any_old, !any_new && !any_release);
	for (i = n; i > taken; i--)
		check_take_back(&port->run->check, port->id, &ev[i - 1], locks[i - 1]);
	if (taken != n) {
		book_refusal(port, n, taken, any_new);
	} else {
		port->refusals = 0;
		port->only_completions = false;
	}
	book_sent(port, ev, RTE_MIN(taken, n));
	return taken;
}

bool
port_send(struct port *port)
{
	return send_burst(port, prng_range(&port->rng, 1, port->spec->enqueue_burst)) != 0;
}

/* The port's own records only: no other port touches a free one of them. */
static bool
take_record(struct port *port, uint32_t *index)
{
	uint32_t tries;

	for (tries = 0; tries < RECORD_TRIES; tries++) {
		*index = port->first_record + port->cursor;
		port->cursor = port->cursor + 1 == port->nb_records ? 0 : port->cursor + 1;
		if (check_is_free(&port->run->check, *index))
			return true;
	}
	return false;
}

static void
inject(struct port *port)
{
	const uint8_t *streams = port->run->pl.port_streams[port->id];
	uint32_t n = prng_range(&port->rng, 1, port->spec->enqueue_burst);
	uint32_t index;

	n = RTE_MIN(n, port->quota);
	while (n-- > 0 && fifo_count(&port->fresh) < PIPELINE_MAX_BURST &&
			take_record(port, &index)) {
		uint8_t stream = streams[prng_below(&port->rng, port->spec->nb_streams)];

		check_new(&port->run->check, port->id, index, stream,
			++port->run->next_number[stream], fifo_push(&port->fresh));
		__atomic_store_n(&port->quota, port->quota - 1, __ATOMIC_RELEASE);
	}
}

/* Only while all ports are driven by one lcore and no event is in hand. */
uint32_t
port_probe(struct port *port)
{
	struct run *run = port->run;
	uint16_t stream = pipeline_probe_stream(&run->pl);
	uint32_t n = port->spec->enqueue_burst;
	uint32_t taken;

	while (fifo_count(&port->fresh) < n) {
		while (!check_is_free(&run->check, run->probe_cursor))
			run->probe_cursor = (run->probe_cursor + 1) % run->check.nb_records;
		check_new(&run->check, port->id, run->probe_cursor, stream,
			++run->next_number[stream], fifo_push(&port->fresh));
	}
	taken = send_burst(port, n);
	/* A device may refuse a burst as a whole where it takes a single event. */
	if (taken == 0)
		taken = send_burst(port, 1);
	count(port, COUNT_PROBED, taken);
	return taken;
}

/* Decides what becomes of an event that was dequeued. */
static void
decide(struct port *port, struct rte_event *ev)
{
	struct check *check = &port->run->check;

	if (check_at_end(check, ev)) {
		ev->op = RTE_EVENT_OP_RELEASE;
		count(port, COUNT_CONSUMED, 1);
	} else if (prng_chance(&port->rng, port->spec->drop)) {
		ev->op = RTE_EVENT_OP_RELEASE;
		count(port, COUNT_DROPPED, 1);
	} else {
		check_forward(check, port->id, ev);
	}
}

static void
process(struct port *port)
{
	uint32_t n = fifo_count(&port->held);
	uint32_t i;

	if (n == 0 || port->abandoning)
		return;
	if (port->hold > 0) {
		port->hold--;
		return;
	}
	if (prng_chance(&port->rng, port->spec->abandon)) {
		n = prng_below(&port->rng, n);
		port->abandoning = true;
	} else if (prng_chance(&port->rng, 300)) {
		n = prng_range(&port->rng, 1, n);
	}
	n = RTE_MIN(n, fifo_room(&port->out));
	for (i = 0; i < n; i++) {
		struct rte_event *ev = fifo_push(&port->out);

		*ev = *fifo_at(&port->held, i);
		decide(port, ev);
	}
	fifo_drop(&port->held, n);
}

/* The dequeue that follows releases what is still held. */
static void
abandon(struct port *port)
{
	uint32_t n = fifo_count(&port->held);
	uint32_t i;

	for (i = 0; i < n; i++) {
		check_abandon(&port->run->check, port->id, fifo_at(&port->held, i));
		finish(port);
	}
	count(port, COUNT_ABANDONED, n);
	fifo_drop(&port->held, n);
	port->abandoning = false;
}

/* After its unlink is complete and the port found empty, a queue's events must not come. */
static void
check_linked(struct port *port, const struct rte_event *ev)
{
	uint32_t may_come = port->linked | port->unlinking | port->settling;

	if (may_come & (1u << (ev->queue_id % 32)))
		return;
	count(port, COUNT_LATE, 1);
	if ((port->run->opt->without & WITHOUT(WITHOUT_LATE_UNLINK)) == 0)
		check_violate(&port->run->check, CHECK_MISROUTED,
			"port %u: got event %#" PRIx64 " of queue %u, whose unlink was complete "
			"and after which the port had been empty; linked are %#x", port->id,
			ev->u64, ev->queue_id, port->linked);
}

static bool
may_dequeue(struct port *port)
{
	/* A port without links is polled as well: events that come late are to be seen. */
	if (!port->was_linked)
		return false;
	if (!port->spec->implicit_release)
		return fifo_room(&port->held) >= PIPELINE_MAX_BURST;
	if (fifo_count(&port->out) != 0)
		return false;
	if (port->abandoning)
		abandon(port);
	return fifo_count(&port->held) == 0;
}

static bool
dequeue(struct port *port)
{
	struct rte_event ev[PIPELINE_MAX_BURST];
	uint32_t n = prng_range(&port->rng, 1, port->spec->dequeue_burst);
	uint32_t got, i;

	if (!may_dequeue(port))
		return false;
	got = rte_event_dequeue_burst(port->run->dev->id, port->id, ev, n, 0);
	if (got > n) {
		check_violate(&port->run->check, CHECK_DOUBLED,
			"port %u: a dequeue of at most %u events returned %u", port->id, n, got);
		return false;
	}
	for (i = 0; i < got; i++) {
		if (!check_dequeue(&port->run->check, port->id, &ev[i]))
			return false;
		check_linked(port, &ev[i]);
		hash_event(port, &ev[i]);
		*fifo_push(&port->held) = ev[i];
	}
	if (got == 0) {
		if (fifo_count(&port->held) == 0 && fifo_count(&port->out) == 0)
			port->settling = 0;
		return false;
	}
	count(port, COUNT_DEQUEUED, got);
	if (prng_chance(&port->rng, port->spec->hold))
		port->hold = prng_range(&port->rng, 1, port->spec->longest_hold);
	return true;
}

static void
link_queue(struct port *port, uint8_t queue)
{
	struct run *run = port->run;
	uint8_t priority = prng_below(&port->rng, 256);
	bool again = (port->linked & (1u << queue)) != 0;

	rte_spinlock_lock(&run->link_lock);
	if (rte_event_port_link(run->dev->id, port->id, &queue, &priority, 1) == 1) {
		count(port, again ? COUNT_REPRIORITISED : COUNT_LINKED, 1);
		port->was_linked = true;
		run->nb_links[queue] += !again;
		__atomic_store_n(&port->linked, port->linked | 1u << queue, __ATOMIC_RELEASE);
	} else {
		count(port, COUNT_LINK_REFUSED, 1);
	}
	rte_spinlock_unlock(&run->link_lock);
}

/* Now and then a queue is left without any port for a while; its events have to wait. */
static void
unlink_queue(struct port *port, uint8_t queue)
{
	struct run *run = port->run;
	int ret = 1;

	rte_spinlock_lock(&run->link_lock);
	if (run->nb_links[queue] > 1 || prng_chance(&port->rng, 100)) {
		port->unlinking |= 1u << queue;
		__atomic_store_n(&port->linked, port->linked & ~(1u << queue), __ATOMIC_RELEASE);
		run->nb_links[queue]--;
		ret = rte_event_port_unlink(run->dev->id, port->id, &queue, 1);
		count(port, COUNT_UNLINKED, 1);
	}
	rte_spinlock_unlock(&run->link_lock);
	if (ret != 1)
		check_violate(&run->check, CHECK_REFUSED,
			"port %u: rte_event_port_unlink of queue %u, which is linked, returned %d, "
			"rte_errno %d", port->id, queue, ret, rte_errno);
}

static void
poll_unlinking(struct port *port)
{
	int left = rte_event_port_unlinks_in_progress(port->run->dev->id, port->id);

	if (left < 0)
		check_violate(&port->run->check, CHECK_REFUSED,
			"port %u: rte_event_port_unlinks_in_progress returned %d", port->id, left);
	if (left != 0)
		return;
	port->settling |= port->unlinking;
	__atomic_store_n(&port->unlinking, 0, __ATOMIC_RELEASE);
}

static void
change_links(struct port *port)
{
	const struct pipeline *pl = &port->run->pl;
	uint32_t missing = port->spec->links & ~port->linked;
	uint8_t queue;

	if (port->unlinking != 0) {
		poll_unlinking(port);
		return;
	}
	if (__atomic_load_n(&port->run->settling, __ATOMIC_ACQUIRE)) {
		if (missing != 0 && __builtin_popcount(port->linked) < pl->max_links)
			link_queue(port, __builtin_ctz(missing));
		else if (missing != 0)
			unlink_queue(port, __builtin_ctz(port->linked & ~port->spec->links));
		return;
	}
	if (!prng_chance(&port->rng, port->spec->relink))
		return;
	queue = prng_below(&port->rng, pl->nb_queues);
	if (pl->fixed_links & (1u << queue))
		return;
	if ((port->linked & (1u << queue)) == 0) {
		if (__builtin_popcount(port->linked) < pl->max_links)
			link_queue(port, queue);
	} else if (prng_chance(&port->rng, 700)) {
		unlink_queue(port, queue);
	} else {
		link_queue(port, queue);
	}
}

bool
port_step(struct port *port)
{
	uint32_t caps = port->run->dev->info.event_dev_cap;
	uint32_t dice = prng_below(&port->rng, 256);
	bool moved = false;

	if (port->quota != 0 && prng_chance(&port->rng, port->spec->inject))
		inject(port);
	if (dice & 3)
		process(port);
	if (dice & 12)
		moved = port_send(port);
	if ((dice & 48) && !check_failed(&port->run->check))
		moved |= dequeue(port);
	if (port->spec->relink != 0)
		change_links(port);
	if (!moved && (caps & RTE_EVENT_DEV_CAP_MAINTENANCE_FREE) == 0)
		rte_event_maintain(port->run->dev->id, port->id, 0);
	return moved;
}

static void
forget_fresh(struct port *port)
{
	uint32_t i;

	for (i = 0; i < fifo_count(&port->fresh); i++)
		check_finish(&port->run->check, fifo_at(&port->fresh, i));
	fifo_drop(&port->fresh, fifo_count(&port->fresh));
	port->only_completions = false;
}

void
port_let_go(struct port *port)
{
	uint32_t n = RTE_MIN(fifo_count(&port->held), fifo_room(&port->out));
	uint32_t i;

	forget_fresh(port);
	port->abandoning = false;
	port->hold = 0;
	for (i = 0; i < fifo_count(&port->out); i++)
		fifo_at(&port->out, i)->op = RTE_EVENT_OP_RELEASE;
	for (i = 0; i < n; i++) {
		struct rte_event *ev = fifo_push(&port->out);

		*ev = *fifo_at(&port->held, i);
		ev->op = RTE_EVENT_OP_RELEASE;
		count(port, COUNT_DROPPED, 1);
	}
	fifo_drop(&port->held, n);
}

static void
forget(struct port *port, struct event_fifo *fifo)
{
	uint32_t i;

	for (i = 0; i < fifo_count(fifo); i++) {
		check_abandon(&port->run->check, port->id, fifo_at(fifo, i));
		finish(port);
		count(port, COUNT_DROPPED, 1);
	}
	fifo_drop(fifo, fifo_count(fifo));
}

void
port_forget(struct port *port)
{
	forget_fresh(port);
	forget(port, &port->out);
	forget(port, &port->held);
	port->abandoning = false;
	port->hold = 0;
	port->refusals = 0;
}
