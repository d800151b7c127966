/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Draws random pipelines. The one thing to know: what order the API promises is decided here, in
 * draw_hops(), once per stream and hop; the checker only compares.
 */

#include <string.h>

#include <rte_common.h>

#include "pipeline.h"
#include "prng.h"

const char *const pipeline_without_names[NUM_WITHOUT] = {
	[WITHOUT_LINK_CHANGES] = "link-changes",
	[WITHOUT_ORDERED_UNLINK] = "ordered-unlink",
	[WITHOUT_LATE_UNLINK] = "late-unlink",
	[WITHOUT_STOPS] = "stops",
	[WITHOUT_STOP_HOLDING] = "stop-holding",
	[WITHOUT_RESTART] = "restart",
	[WITHOUT_DIRECT_RECONFIGURE] = "direct-reconfigure",
	[WITHOUT_IMPLICIT_RELEASE] = "implicit-release",
	[WITHOUT_FAN_OUT] = "fan-out",
	[WITHOUT_FLOW_ID] = "flow-id",
	[WITHOUT_THRESHOLDS] = "thresholds",
};

static const char *const kind_names[NUM_QUEUE_KINDS] = {
	[QUEUE_ATOMIC] = "atomic", [QUEUE_ORDERED] = "ordered", [QUEUE_PARALLEL] = "parallel",
	[QUEUE_ALL_TYPES] = "all types", [QUEUE_DIRECTED] = "directed",
};

/* Event types without a meaning to any device, and CPU: a device may look into the others. */
static const uint8_t event_types[] = { RTE_EVENT_TYPE_CPU, 5, 6, 7, 10, 13, 14, 15 };

/* All ordered queues together ask for no more than this. */
#define SEQUENCE_BUDGET 1024

struct draw {
	struct pipeline *pl;
	const struct rte_event_dev_info *info;
	struct prng rng;
	uint32_t types;
	uint32_t without;
};

static bool
has_cap(const struct draw *d, uint32_t cap)
{
	return (d->info->event_dev_cap & cap) != 0;
}

/* Single-link queues and ports come out of the normal ones where there is no pool for them. */
static bool
has_single_link_pool(const struct draw *d)
{
	return d->info->max_single_link_event_port_queue_pairs != 0;
}

static uint32_t
max_links(const struct draw *d)
{
	if (!has_cap(d, RTE_EVENT_DEV_CAP_MULTIPLE_QUEUE_PORT))
		return 1;
	/* 0: not told; the in-tree software device leaves it so. */
	if (d->info->max_event_port_links == 0)
		return PIPELINE_MAX_QUEUES;
	return RTE_MIN(d->info->max_event_port_links, PIPELINE_MAX_QUEUES);
}

static uint32_t
max_plain_ports(const struct draw *d)
{
	uint32_t ports = RTE_MIN(d->info->max_event_ports, PIPELINE_MAX_PORTS);

	if (!has_single_link_pool(d))
		ports -= RTE_MIN(ports, d->pl->nb_single_links);
	return RTE_MIN(ports, (uint32_t)PIPELINE_MAX_PORTS - d->pl->nb_single_links);
}

static bool
kind_possible(const struct draw *d, enum queue_kind kind, uint32_t nb_plain)
{
	uint32_t used = has_single_link_pool(d) ? nb_plain : d->pl->nb_queues;
	bool room = used < d->info->max_event_queues;
	/* Plain queues must fit the links of the ports that the directed ones leave. */
	uint32_t reach = max_links(d) * RTE_MAX(max_plain_ports(d), 1u);

	switch (kind) {
	case QUEUE_ATOMIC:
		return room && nb_plain < reach && (d->types & (1u << RTE_SCHED_TYPE_ATOMIC));
	case QUEUE_ORDERED:
		return room && nb_plain < reach && (d->types & (1u << RTE_SCHED_TYPE_ORDERED));
	case QUEUE_PARALLEL:
		return room && nb_plain < reach && (d->types & (1u << RTE_SCHED_TYPE_PARALLEL));
	case QUEUE_ALL_TYPES:
		return room && nb_plain < reach && has_cap(d, RTE_EVENT_DEV_CAP_QUEUE_ALL_TYPES);
	default:
		break;
	}
	if (!(d->types & (1u << RTE_SCHED_TYPE_ATOMIC)))
		return false;
	if (has_single_link_pool(d))
		return d->pl->nb_single_links < d->info->max_single_link_event_port_queue_pairs;
	/* One port must be left for the plain queues. */
	return room && d->pl->nb_single_links + 2u < d->info->max_event_ports;
}

static enum queue_kind
draw_kind(struct draw *d, uint32_t nb_plain)
{
	static const uint8_t weights[NUM_QUEUE_KINDS] = {
		[QUEUE_ATOMIC] = 4, [QUEUE_ORDERED] = 4, [QUEUE_PARALLEL] = 2,
		[QUEUE_ALL_TYPES] = 3, [QUEUE_DIRECTED] = 2,
	};
	uint32_t total = 0;
	uint32_t pick;
	int kind;

	for (kind = 0; kind < NUM_QUEUE_KINDS; kind++)
		total += kind_possible(d, kind, nb_plain) ? weights[kind] : 0;
	if (total == 0)
		return NUM_QUEUE_KINDS;
	pick = prng_below(&d->rng, total);
	for (kind = 0; kind < NUM_QUEUE_KINDS; kind++) {
		uint32_t weight = kind_possible(d, kind, nb_plain) ? weights[kind] : 0;

		if (pick < weight)
			break;
		pick -= weight;
	}
	return kind;
}

/* Distinct flow ids over the whole range, so that no bit of the field goes untested. */
static void
draw_flows(struct draw *d, struct pipeline_queue *q)
{
	uint32_t i, j;

	q->nb_flows = prng_log(&d->rng, 1,
		RTE_MIN(q->nb_atomic_flows, (uint32_t)PIPELINE_MAX_STREAMS));
	for (i = 0; i < q->nb_flows; i++) {
		do {
			q->flow_ids[i] = prng_below(&d->rng, d->pl->nb_event_queue_flows);
			for (j = 0; j < i && q->flow_ids[j] != q->flow_ids[i]; j++)
				;
		} while (j < i);
	}
	q->first_lock = d->pl->nb_locks;
	d->pl->nb_locks += q->nb_flows;
}

static void
draw_queues(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t wanted = prng_range(&d->rng, 1, PIPELINE_MAX_QUEUES - 2);
	uint32_t nb_ordered = 0, nb_plain = 0;
	uint32_t sequences, flows;
	uint32_t i;

	pl->nb_event_queue_flows = RTE_MIN(d->info->max_event_queue_flows, 1u << 20);
	while (pl->nb_queues < wanted) {
		struct pipeline_queue *q = &pl->queues[pl->nb_queues];

		q->kind = draw_kind(d, nb_plain);
		if (q->kind == NUM_QUEUE_KINDS)
			break;
		pl->nb_queues++;
		nb_plain += q->kind != QUEUE_DIRECTED;
		nb_ordered += q->kind == QUEUE_ORDERED || q->kind == QUEUE_ALL_TYPES;
		pl->nb_single_links += q->kind == QUEUE_DIRECTED;
	}
	sequences = SEQUENCE_BUDGET >> prng_below(&d->rng, 5);
	while (sequences > 64 && sequences * nb_ordered > SEQUENCE_BUDGET)
		sequences /= 2;
	for (i = 0; i < pl->nb_queues; i++) {
		struct pipeline_queue *q = &pl->queues[i];

		q->priority = prng_below(&d->rng, 256);
		q->nb_sequences = RTE_MIN(sequences, pl->nb_event_queue_flows);
		flows = prng_chance(&d->rng, 300) ? pl->nb_event_queue_flows :
			64u << prng_below(&d->rng, 7);
		q->nb_atomic_flows = RTE_MIN(flows, pl->nb_event_queue_flows);
		draw_flows(d, q);
	}
}

static uint16_t
draw_depth(struct draw *d, uint32_t least, uint32_t most)
{
	most = RTE_MIN(most, (uint32_t)PIPELINE_MAX_BURST);
	if (!has_cap(d, RTE_EVENT_DEV_CAP_BURST_MODE))
		return 1;
	least = RTE_MIN(least, most);
	return prng_chance(&d->rng, 200) ? most : prng_log(&d->rng, least, most);
}

static void
draw_habits(struct draw *d, struct pipeline_port *port)
{
	static const uint16_t drops[] = { 0, 0, 5, 50, 300 };
	static const uint16_t holds[] = { 0, 0, 50, 300 };

	port->drop = drops[prng_below(&d->rng, RTE_DIM(drops))];
	port->hold = holds[prng_below(&d->rng, RTE_DIM(holds))];
	port->longest_hold = prng_log(&d->rng, 1, 200);
	if (port->implicit_release && !(d->without & WITHOUT(WITHOUT_IMPLICIT_RELEASE)))
		port->abandon = prng_chance(&d->rng, 300) ? prng_range(&d->rng, 1, 200) : 0;
	if (d->pl->link_changes && !port->single_link)
		port->relink = prng_chance(&d->rng, 500) ? prng_log(&d->rng, 1, 30) : 0;
}

static void
draw_port(struct draw *d, struct pipeline_port *port)
{
	const struct rte_event_dev_info *info = d->info;

	port->implicit_release = true;
	if (has_cap(d, RTE_EVENT_DEV_CAP_IMPLICIT_RELEASE_DISABLE))
		port->implicit_release = prng_chance(&d->rng, 500);
	port->dequeue_depth = draw_depth(d, 1, info->max_event_port_dequeue_depth);
	/* Some devices write directed events by whole lines of four. */
	port->enqueue_depth = draw_depth(d, port->single_link ? 4 : 1,
		info->max_event_port_enqueue_depth);
	port->dequeue_burst = prng_log(&d->rng, 1, port->dequeue_depth);
	/* Up to twice the depth: the device then takes a part. */
	port->enqueue_burst = prng_log(&d->rng, 1,
		RTE_MIN(port->enqueue_depth * 2, PIPELINE_MAX_BURST));
	if (!has_cap(d, RTE_EVENT_DEV_CAP_BURST_MODE))
		port->dequeue_burst = port->enqueue_burst = 1;
	draw_habits(d, port);
}

static void
draw_hint(struct draw *d, struct pipeline_port *port)
{
	if (prng_chance(&d->rng, 600))
		return;
	if (port->links == 0)
		port->hint = RTE_EVENT_PORT_CFG_HINT_PRODUCER;
	else if (port->single_link && port->share == 0)
		port->hint = RTE_EVENT_PORT_CFG_HINT_CONSUMER;
	else
		port->hint = RTE_EVENT_PORT_CFG_HINT_WORKER;
}

static uint32_t
plain_queues(const struct pipeline *pl)
{
	uint32_t queues = 0;
	uint32_t i;

	for (i = 0; i < pl->nb_queues; i++)
		if (pl->queues[i].kind != QUEUE_DIRECTED)
			queues |= 1u << i;
	return queues;
}

/* Every plain queue gets one port at least, then each pair is linked or not. */
static void
draw_links(struct draw *d, struct pipeline_port *workers[], uint32_t nb_workers)
{
	uint32_t queues = plain_queues(d->pl);
	uint32_t density = prng_range(&d->rng, 100, 1000);
	uint32_t most = max_links(d);
	uint32_t next = 0;
	uint32_t w, q;

	if (nb_workers == 0)
		return;
	for (q = 0; q < d->pl->nb_queues; q++)
		if (queues & (1u << q))
			workers[next++ % nb_workers]->links |= 1u << q;
	for (w = 0; w < nb_workers; w++) {
		for (q = 0; q < d->pl->nb_queues; q++) {
			if ((queues & (1u << q)) == 0 || !prng_chance(&d->rng, density))
				continue;
			if ((uint32_t)__builtin_popcount(workers[w]->links) < most)
				workers[w]->links |= 1u << q;
		}
	}
}

static void
draw_worker_ports(struct draw *d)
{
	struct pipeline_port *workers[PIPELINE_MAX_PORTS];
	struct pipeline *pl = d->pl;
	uint32_t nb_plain = __builtin_popcount(plain_queues(pl));
	uint32_t least = (nb_plain + max_links(d) - 1) / max_links(d);
	uint32_t most = max_plain_ports(d);
	uint32_t nb_workers, i;

	if (nb_plain == 0)
		return;
	/* Leave room for a producer, if that is possible. */
	most = RTE_MAX(least, RTE_MIN(most > 1 ? most - 1 : 1, 8u));
	nb_workers = prng_range(&d->rng, least, most);
	for (i = 0; i < nb_workers; i++)
		workers[i] = &pl->ports[pl->nb_ports++];
	draw_links(d, workers, nb_workers);
}

static void
draw_directed_ports(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t q;

	for (q = 0; q < pl->nb_queues; q++) {
		if (pl->queues[q].kind != QUEUE_DIRECTED)
			continue;
		pl->ports[pl->nb_ports].single_link = true;
		pl->ports[pl->nb_ports++].links = 1u << q;
	}
}

/* Who injects: producers without links, and a random part of the others. */
static void
draw_injectors(struct draw *d)
{
	struct pipeline *pl = d->pl;
	bool fan_out = (d->without & WITHOUT(WITHOUT_FAN_OUT)) == 0;
	uint32_t nb_plain_ports = pl->nb_ports - pl->nb_single_links;
	uint32_t room = max_plain_ports(d) - RTE_MIN(max_plain_ports(d), nb_plain_ports);
	uint32_t producers = RTE_MIN(prng_below(&d->rng, 4), room);
	uint32_t injectors = 0;
	uint32_t i;

	if (!fan_out)
		producers = RTE_MAX(producers, RTE_MIN(room, 1u));
	for (i = 0; i < pl->nb_ports && fan_out; i++)
		if (prng_chance(&d->rng, 250)) {
			pl->ports[i].share = prng_range(&d->rng, 1, 4);
			pl->ports[i].inject = prng_log(&d->rng, 10, 500);
			injectors++;
		}
	for (i = 0; i < producers; i++) {
		pl->ports[pl->nb_ports].share = prng_range(&d->rng, 1, 8);
		pl->ports[pl->nb_ports++].inject = prng_log(&d->rng, 50, 1000);
		injectors++;
	}
	if (injectors == 0) {
		pl->ports[0].share = 1;
		pl->ports[0].inject = 500;
	}
}

/* The port's number says nothing about its kind. */
static void
shuffle_ports(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t i;

	for (i = pl->nb_ports - 1; i > 0; i--) {
		uint32_t j = prng_below(&d->rng, i + 1);
		struct pipeline_port port = pl->ports[i];

		pl->ports[i] = pl->ports[j];
		pl->ports[j] = port;
	}
}

static void
draw_ports(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t i, q;

	draw_directed_ports(d);
	draw_worker_ports(d);
	draw_injectors(d);
	shuffle_ports(d);
	for (i = 0; i < pl->nb_ports; i++) {
		draw_port(d, &pl->ports[i]);
		draw_hint(d, &pl->ports[i]);
		for (q = 0; q < pl->nb_queues; q++)
			pl->ports[i].link_priority[q] = prng_below(&d->rng, 256);
	}
}

static void
draw_limit(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t least = 0;
	uint32_t i;

	for (i = 0; i < pl->nb_ports; i++)
		least += pl->ports[i].hint ? PIPELINE_CREDIT_CACHE_HINTED : PIPELINE_CREDIT_CACHE;
	if (d->info->max_num_events <= 0) {
		pl->nb_events_limit = -1;
		pl->max_records = 4096 + PIPELINE_MAX_BURST * pl->nb_ports;
	} else {
		uint32_t most = RTE_MIN((uint32_t)d->info->max_num_events, 1u << 15);

		least = RTE_MIN(least + 64, most);
		pl->nb_events_limit = prng_chance(&d->rng, 100) ? most :
			prng_log(&d->rng, least, most);
		pl->max_records = pl->nb_events_limit + PIPELINE_MAX_BURST * pl->nb_ports;
	}
	for (i = 0; i < pl->nb_ports; i++) {
		bool low = pl->nb_events_limit > (int32_t)least && prng_chance(&d->rng, 100) &&
			(d->without & WITHOUT(WITHOUT_THRESHOLDS)) == 0;

		pl->ports[i].new_event_threshold = pl->nb_events_limit;
		if (low)
			pl->ports[i].new_event_threshold =
				prng_range(&d->rng, least, pl->nb_events_limit);
	}
}

/* The queues that a stream visits. One stream visits all, so that every queue is used. */
static void
draw_path(struct draw *d, struct check_stream *stream, bool all)
{
	const struct pipeline *pl = d->pl;
	bool any_order = has_cap(d, RTE_EVENT_DEV_CAP_NONSEQ_MODE);
	uint32_t i;

	stream->nb_hops = pl->nb_queues;
	if (any_order && !all)
		stream->nb_hops = prng_range(&d->rng, 1, CHECK_MAX_HOPS - 2);
	for (i = 0; i < stream->nb_hops; i++)
		stream->hop[i].queue = any_order && !all ? prng_below(&d->rng, pl->nb_queues) : i;
}

static uint8_t
draw_sched_type(struct draw *d, enum queue_kind kind)
{
	static const uint8_t types[] = {
		[QUEUE_ATOMIC] = RTE_SCHED_TYPE_ATOMIC,
		[QUEUE_ORDERED] = RTE_SCHED_TYPE_ORDERED,
		[QUEUE_PARALLEL] = RTE_SCHED_TYPE_PARALLEL,
		[QUEUE_DIRECTED] = RTE_SCHED_TYPE_ATOMIC,
	};
	uint8_t type;

	if (kind != QUEUE_ALL_TYPES)
		return types[kind];
	do
		type = prng_below(&d->rng, 3);
	while ((d->types & (1u << type)) == 0);
	return type;
}

static void
draw_hop(struct draw *d, struct check_hop *hop)
{
	const struct pipeline_queue *q = &d->pl->queues[hop->queue];
	uint32_t flow = prng_below(&d->rng, q->nb_flows);
	struct rte_event ev = {
		.flow_id = q->flow_ids[flow],
		.sub_event_type = prng_below(&d->rng, 256),
		.event_type = event_types[prng_below(&d->rng, RTE_DIM(event_types))],
		.sched_type = draw_sched_type(d, q->kind),
		.queue_id = hop->queue,
		.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
	};

	if (has_cap(d, RTE_EVENT_DEV_CAP_EVENT_QOS))
		ev.priority = prng_below(&d->rng, 256);
	hop->directed = q->kind == QUEUE_DIRECTED;
	hop->lock = CHECK_NO_LOCK;
	if (!hop->directed && ev.sched_type == RTE_SCHED_TYPE_ATOMIC)
		hop->lock = q->first_lock + flow;
	hop->word = ev.event;
	/* The type has no meaning in a single-link queue, so it need not come back. */
	hop->mask = check_word_mask(has_cap(d, RTE_EVENT_DEV_CAP_CARRY_FLOW_ID) &&
		(d->without & WITHOUT(WITHOUT_FLOW_ID)) == 0, !hop->directed);
}

/*
 * What the API promises about order, within a stream, whose events have the same flow and the same
 * priority wherever they meet:
 * - the port that injects the stream enqueues its events in order to the first queue;
 * - an atomic flow is at one port at a time, so its events are dequeued in the order in which they
 *   were enqueued, and forwarded in that order ("atomic flows also help to maintain event
 *   ordering"). The same holds for the only port of a single-link queue;
 * - "events from the source queue appear in their original order when dequeued from a destination
 *   queue": what was forwarded out of an ordered queue is in the next queue in the order in which
 *   it was enqueued to the ordered one. When an ordered event is dequeued is not promised, as
 *   several ports take them at once: no check at that hop;
 * - behind a parallel queue nothing is known until an atomic flow or a single link fixes an
 *   order again.
 */
static void
draw_hops(struct draw *d, struct check_stream *stream, bool known)
{
	uint32_t i;

	for (i = 0; i < stream->nb_hops; i++) {
		struct check_hop *hop = &stream->hop[i];
		const struct rte_event *ev;

		draw_hop(d, hop);
		ev = (const struct rte_event *)&hop->word;
		hop->order = CHECK_ORDER_UNKNOWN;
		if (hop->directed || ev->sched_type == RTE_SCHED_TYPE_ATOMIC) {
			hop->order = known ? CHECK_ORDER_KEPT : CHECK_ORDER_FIXED;
			known = true;
		} else if (ev->sched_type == RTE_SCHED_TYPE_PARALLEL) {
			known = false;
		}
	}
}

static void
draw_streams(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t nb = prng_log(&d->rng, 1, PIPELINE_MAX_STREAMS - PIPELINE_MAX_PORTS);
	struct check_stream *probe;
	uint32_t injectors[PIPELINE_MAX_PORTS];
	uint32_t nb_injectors = 0;
	uint32_t i;

	for (i = 0; i < pl->nb_ports; i++)
		if (pl->ports[i].share != 0)
			injectors[nb_injectors++] = i;
	pl->nb_streams = RTE_MAX(nb, nb_injectors);
	for (i = 0; i < pl->nb_streams; i++) {
		struct check_stream *stream = &pl->streams[i];
		uint32_t port = injectors[i < nb_injectors ? i : prng_below(&d->rng, nb_injectors)];

		stream->port = port;
		draw_path(d, stream, i == 0);
		draw_hops(d, stream, true);
		pl->port_streams[port][pl->ports[port].nb_streams++] = i;
	}
	probe = &pl->streams[pl->nb_streams++];
	probe->nb_hops = 1;
	probe->hop[0].queue = pl->probe_queue;
	draw_hops(d, probe, false);
	/* All ports inject it: the events have no order. */
	probe->hop[0].order = CHECK_ORDER_UNKNOWN;
}

static void
draw_life(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t i;

	pl->shrink_first = prng_chance(&d->rng, 200) ||
		(d->without & WITHOUT(WITHOUT_DIRECT_RECONFIGURE));
	if ((d->without & WITHOUT(WITHOUT_STOPS)) == 0 && prng_chance(&d->rng, 400))
		pl->nb_stops = prng_range(&d->rng, 1, PIPELINE_MAX_STOPS);
	for (i = 0; i < pl->nb_stops; i++) {
		pl->stops[i].reconfigure = prng_chance(&d->rng, 500) ||
			(d->without & WITHOUT(WITHOUT_RESTART));
		pl->stops[i].holding = prng_chance(&d->rng, 500) &&
			(d->without & WITHOUT(WITHOUT_STOP_HOLDING)) == 0;
	}
	pl->link_changes = has_cap(d, RTE_EVENT_DEV_CAP_RUNTIME_PORT_LINK) &&
		(d->without & WITHOUT(WITHOUT_LINK_CHANGES)) == 0 && prng_chance(&d->rng, 500);
}

static void
draw_fixed_links(struct draw *d)
{
	struct pipeline *pl = d->pl;
	uint32_t i;

	for (i = 0; i < pl->nb_queues; i++) {
		enum queue_kind kind = pl->queues[i].kind;

		if (kind == QUEUE_DIRECTED || ((d->without & WITHOUT(WITHOUT_ORDERED_UNLINK)) &&
				(kind == QUEUE_ORDERED || kind == QUEUE_ALL_TYPES)))
			pl->fixed_links |= 1u << i;
	}
}

void
pipeline_draw(struct pipeline *pl, const struct rte_event_dev_info *info, uint32_t types,
	uint32_t without, uint64_t seed, uint32_t number)
{
	struct draw d = {
		.pl = pl, .info = info, .types = types, .without = without,
		.rng = prng_derive(seed, number),
	};
	uint32_t plain;

	memset(pl, 0, sizeof(*pl));
	pl->seed = seed;
	pl->number = number;
	pl->max_links = max_links(&d);
	draw_life(&d);
	draw_queues(&d);
	draw_ports(&d);
	draw_limit(&d);
	draw_fixed_links(&d);
	plain = plain_queues(pl);
	pl->probe_queue = plain == 0 || !(info->event_dev_cap & RTE_EVENT_DEV_CAP_NONSEQ_MODE) ? 0 :
		__builtin_ctz(plain);
	draw_streams(&d);
}

void
pipeline_hasten(struct pipeline *pl, const struct rte_event_dev_info *info)
{
	uint32_t i;

	for (i = 0; i < pl->nb_ports; i++) {
		struct pipeline_port *port = &pl->ports[i];

		port->longest_hold = RTE_MIN(port->longest_hold, 8);
		if (port->share != 0)
			port->inject = RTE_MAX(port->inject, 500);
		if ((info->event_dev_cap & RTE_EVENT_DEV_CAP_BURST_MODE) == 0)
			continue;
		port->dequeue_depth = RTE_MAX(port->dequeue_depth,
			RTE_MIN(info->max_event_port_dequeue_depth, 32));
		port->enqueue_depth = RTE_MAX(port->enqueue_depth,
			RTE_MIN(info->max_event_port_enqueue_depth, 32u));
		port->dequeue_burst = RTE_MAX(port->dequeue_burst,
			RTE_MIN(port->dequeue_depth, 32));
		port->enqueue_burst = RTE_MAX(port->enqueue_burst,
			RTE_MIN(port->enqueue_depth, 32));
	}
}

static void
print_port(const struct pipeline_port *port, uint32_t number, FILE *f)
{
	uint32_t q;

	fprintf(f, "  port %u: depth %u/%u, burst up to %u/%u, %s release%s%s, threshold %d, links",
		number, port->dequeue_depth, port->enqueue_depth, port->dequeue_burst,
		port->enqueue_burst, port->implicit_release ? "implicit" : "explicit",
		port->single_link ? ", single link" : "", port->hint ? ", hint" : "",
		port->new_event_threshold);
	for (q = 0; q < PIPELINE_MAX_QUEUES; q++)
		if (port->links & (1u << q))
			fprintf(f, " %u", q);
	fprintf(f, "; %u streams, drop %u, hold %u, abandon %u, relink %u\n", port->nb_streams,
		port->drop, port->hold, port->abandon, port->relink);
}

static void
print_stream(const struct pipeline *pl, uint32_t number, FILE *f)
{
	static const char types[] = { 'o', 'a', 'p', '?' };
	const struct check_stream *stream = &pl->streams[number];
	uint32_t i;

	fprintf(f, "  stream %u from port %u:", number, stream->port);
	for (i = 0; i < stream->nb_hops; i++) {
		const struct check_hop *hop = &stream->hop[i];
		const struct rte_event ev = { .event = hop->word };

		fprintf(f, " %u%c/%u%s", hop->queue, hop->directed ? 'd' : types[ev.sched_type],
			ev.flow_id, hop->order == CHECK_ORDER_KEPT ? "*" : "");
	}
	fputc('\n', f);
}

void
pipeline_print(const struct pipeline *pl, FILE *f)
{
	uint32_t i;

	fprintf(f, "pipeline %u of seed %" PRIu64 ": limit %d, %u queues, %u ports, %u stop(s)%s\n",
		pl->number, pl->seed, pl->nb_events_limit, pl->nb_queues, pl->nb_ports,
		pl->nb_stops, pl->link_changes ? ", links change" : "");
	for (i = 0; i < pl->nb_queues; i++) {
		const struct pipeline_queue *q = &pl->queues[i];

		fprintf(f,
			"  queue %u: %s, priority %u, %u flows in use, %u atomic, %u sequences\n",
			i, kind_names[q->kind], q->priority, q->nb_flows, q->nb_atomic_flows,
			q->nb_sequences);
	}
	for (i = 0; i < pl->nb_ports; i++)
		print_port(&pl->ports[i], i, f);
	for (i = 0; i < pl->nb_streams; i++)
		print_stream(pl, i, f);
}
