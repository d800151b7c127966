/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Random pipelines must be legal on every device whose limits they were drawn from: large and
 * small ones, with and without each capability.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "pipeline.h"

#define NB_DRAWS 3000
#define ALL_SCHED_TYPES 7u

static const uint32_t full_caps = RTE_EVENT_DEV_CAP_QUEUE_QOS | RTE_EVENT_DEV_CAP_EVENT_QOS |
	RTE_EVENT_DEV_CAP_QUEUE_ALL_TYPES | RTE_EVENT_DEV_CAP_BURST_MODE |
	RTE_EVENT_DEV_CAP_IMPLICIT_RELEASE_DISABLE | RTE_EVENT_DEV_CAP_NONSEQ_MODE |
	RTE_EVENT_DEV_CAP_RUNTIME_PORT_LINK | RTE_EVENT_DEV_CAP_MULTIPLE_QUEUE_PORT |
	RTE_EVENT_DEV_CAP_CARRY_FLOW_ID;

static const struct rte_event_dev_info large = {
	.max_event_queues = 32, .max_event_queue_flows = 65536, .max_event_ports = 64,
	.max_event_port_dequeue_depth = 128, .max_event_port_enqueue_depth = 128,
	.max_event_port_links = 8, .max_num_events = 16384,
	.max_single_link_event_port_queue_pairs = 96, .event_dev_cap = full_caps,
};

/* Single links come out of the plain ports here. */
static const struct rte_event_dev_info without_pool = {
	.max_event_queues = 3, .max_event_queue_flows = 16, .max_event_ports = 4,
	.max_event_port_dequeue_depth = 2, .max_event_port_enqueue_depth = 3,
	.max_event_port_links = 2, .max_num_events = 100, .event_dev_cap = full_caps,
};

static const struct rte_event_dev_info plain = {
	.max_event_queues = 2, .max_event_queue_flows = 1, .max_event_ports = 2,
	.max_event_port_dequeue_depth = 1, .max_event_port_enqueue_depth = 1,
	.max_event_port_links = 1, .max_num_events = -1, .event_dev_cap = 0,
};

static bool
has_cap(const struct rte_event_dev_info *info, uint32_t cap)
{
	return (info->event_dev_cap & cap) != 0;
}

static void
assert_counts_legal(const struct pipeline *pl, const struct rte_event_dev_info *info)
{
	uint32_t pool = info->max_single_link_event_port_queue_pairs;
	uint32_t singles = pl->nb_single_links;

	assert_in_range(pl->nb_queues, 1, PIPELINE_MAX_QUEUES);
	assert_in_range(pl->nb_ports, 1, PIPELINE_MAX_PORTS);
	if (pool != 0) {
		assert_in_range(singles, 0, pool);
		singles = pl->nb_single_links;
		assert_true(pl->nb_queues - singles <= info->max_event_queues);
		assert_true(pl->nb_ports - singles <= info->max_event_ports);
	} else {
		assert_true(pl->nb_queues <= info->max_event_queues);
		assert_true(pl->nb_ports <= info->max_event_ports);
	}
	assert_true(pl->nb_event_queue_flows >= 1);
	assert_true(pl->nb_event_queue_flows <= info->max_event_queue_flows);
	assert_true(pl->nb_events_limit <= info->max_num_events);
	assert_true(pl->max_records <= CHECK_MAX_EVENTS);
}

static void
assert_port_legal(const struct pipeline *pl, const struct pipeline_port *port,
	const struct rte_event_dev_info *info)
{
	assert_in_range(port->dequeue_depth, 1, info->max_event_port_dequeue_depth);
	assert_in_range(port->enqueue_depth, 1, info->max_event_port_enqueue_depth);
	assert_in_range(port->dequeue_burst, 1, PIPELINE_MAX_BURST);
	assert_in_range(port->enqueue_burst, 1, PIPELINE_MAX_BURST);
	assert_true(port->new_event_threshold <= pl->nb_events_limit);
	assert_true(port->new_event_threshold != 0);
	if (!has_cap(info, RTE_EVENT_DEV_CAP_IMPLICIT_RELEASE_DISABLE))
		assert_true(port->implicit_release);
	if (!port->implicit_release)
		assert_int_equal(port->abandon, 0);
	if (!has_cap(info, RTE_EVENT_DEV_CAP_RUNTIME_PORT_LINK) || port->single_link)
		assert_int_equal(port->relink, 0);
	assert_true((uint32_t)__builtin_popcount(port->links) <= pl->max_links);
	assert_true(pl->max_links <= RTE_MAX(info->max_event_port_links, 1));
}

/* Single-link queues and ports belong together one to one; every queue has a port. */
static void
assert_links_legal(const struct pipeline *pl)
{
	uint32_t q, p;

	for (q = 0; q < pl->nb_queues; q++) {
		uint32_t linked = 0;

		for (p = 0; p < pl->nb_ports; p++) {
			if ((pl->ports[p].links & (1u << q)) == 0)
				continue;
			linked++;
			assert_int_equal(pl->ports[p].single_link,
				pl->queues[q].kind == QUEUE_DIRECTED);
		}
		assert_true(linked >= 1);
		if (pl->queues[q].kind == QUEUE_DIRECTED)
			assert_int_equal(linked, 1);
	}
	for (p = 0; p < pl->nb_ports; p++)
		if (pl->ports[p].single_link)
			assert_int_equal(__builtin_popcount(pl->ports[p].links), 1);
}

static void
assert_hop_legal(const struct pipeline *pl, const struct check_hop *hop)
{
	const struct rte_event ev = { .event = hop->word };
	const struct pipeline_queue *q = &pl->queues[hop->queue];

	assert_true(hop->queue < pl->nb_queues);
	assert_int_equal(ev.queue_id, hop->queue);
	assert_int_equal(ev.op, 0);
	assert_true(ev.flow_id < pl->nb_event_queue_flows);
	assert_int_equal(hop->directed, q->kind == QUEUE_DIRECTED);
	if (q->kind == QUEUE_ATOMIC)
		assert_int_equal(ev.sched_type, RTE_SCHED_TYPE_ATOMIC);
	if (q->kind == QUEUE_ORDERED)
		assert_int_equal(ev.sched_type, RTE_SCHED_TYPE_ORDERED);
	if (q->kind == QUEUE_PARALLEL)
		assert_int_equal(ev.sched_type, RTE_SCHED_TYPE_PARALLEL);
	if (hop->lock != CHECK_NO_LOCK) {
		assert_true(hop->lock < pl->nb_locks);
		assert_int_equal(ev.flow_id, q->flow_ids[hop->lock - q->first_lock]);
	}
	if (!hop->directed && ev.sched_type == RTE_SCHED_TYPE_ATOMIC)
		assert_int_not_equal(hop->lock, CHECK_NO_LOCK);
	/* Nothing is promised about when ordered and parallel events are dequeued. */
	if (!hop->directed && ev.sched_type != RTE_SCHED_TYPE_ATOMIC)
		assert_int_equal(hop->order, CHECK_ORDER_UNKNOWN);
}

static void
assert_streams_legal(const struct pipeline *pl, const struct rte_event_dev_info *info)
{
	uint32_t used = 0;
	uint32_t s, h;

	assert_true(pl->nb_streams >= 2);
	for (s = 0; s < pl->nb_streams; s++) {
		const struct check_stream *stream = &pl->streams[s];

		assert_in_range(stream->nb_hops, 1, CHECK_MAX_HOPS);
		for (h = 0; h < stream->nb_hops; h++) {
			assert_hop_legal(pl, &stream->hop[h]);
			used |= 1u << stream->hop[h].queue;
			if (!has_cap(info, RTE_EVENT_DEV_CAP_NONSEQ_MODE))
				assert_int_equal(stream->hop[h].queue, h);
		}
		if (s != pipeline_probe_stream(pl))
			assert_true(pl->ports[stream->port].share > 0);
	}
	assert_int_equal(used, (1u << pl->nb_queues) - 1);
}

static void
assert_queues_legal(const struct pipeline *pl, const struct rte_event_dev_info *info,
	uint32_t types)
{
	static const uint32_t needs[] = {
		[QUEUE_ATOMIC] = 1u << RTE_SCHED_TYPE_ATOMIC,
		[QUEUE_ORDERED] = 1u << RTE_SCHED_TYPE_ORDERED,
		[QUEUE_PARALLEL] = 1u << RTE_SCHED_TYPE_PARALLEL,
		[QUEUE_DIRECTED] = 1u << RTE_SCHED_TYPE_ATOMIC,
	};
	uint32_t sequences = 0;
	uint32_t i;

	for (i = 0; i < pl->nb_queues; i++) {
		const struct pipeline_queue *q = &pl->queues[i];

		if (q->kind == QUEUE_ALL_TYPES)
			assert_true(has_cap(info, RTE_EVENT_DEV_CAP_QUEUE_ALL_TYPES));
		else
			assert_true((types & needs[q->kind]) != 0);
		assert_in_range(q->nb_flows, 1, q->nb_atomic_flows);
		assert_in_range(q->nb_atomic_flows, 1, pl->nb_event_queue_flows);
		assert_in_range(q->nb_sequences, 1, pl->nb_event_queue_flows);
		if (q->kind == QUEUE_ORDERED || q->kind == QUEUE_ALL_TYPES)
			sequences += q->nb_sequences;
	}
	assert_true(sequences <= 1024);
}

static void
draw_many(const struct rte_event_dev_info *info, uint32_t types, uint32_t without)
{
	struct pipeline *pl = test_calloc(1, sizeof(*pl));
	uint32_t number, p;

	for (number = 0; number < NB_DRAWS; number++) {
		pipeline_draw(pl, info, types, without, 42, number);
		assert_counts_legal(pl, info);
		assert_queues_legal(pl, info, types);
		for (p = 0; p < pl->nb_ports; p++)
			assert_port_legal(pl, &pl->ports[p], info);
		assert_links_legal(pl);
		assert_streams_legal(pl, info);
	}
	test_free(pl);
}

static void
legal_on_a_large_device(void **state)
{
	draw_many(&large, ALL_SCHED_TYPES, 0);
}

static void
legal_without_single_link_pool(void **state)
{
	draw_many(&without_pool, ALL_SCHED_TYPES, 0);
}

static void
legal_on_a_plain_device(void **state)
{
	draw_many(&plain, 1u << RTE_SCHED_TYPE_ATOMIC, 0);
}

static void
legal_where_only_one_type_is_supported(void **state)
{
	struct rte_event_dev_info info = large;
	uint32_t type;

	info.event_dev_cap &= ~(uint32_t)RTE_EVENT_DEV_CAP_QUEUE_ALL_TYPES;
	for (type = 0; type < 3; type++)
		draw_many(&info, 1u << type, 0);
}

static void
legal_without_any_behaviour(void **state)
{
	draw_many(&large, ALL_SCHED_TYPES, WITHOUT(NUM_WITHOUT) - 1);
}

static void
same_seed_draws_the_same(void **state)
{
	struct pipeline *pl = test_calloc(3, sizeof(*pl));

	pipeline_draw(&pl[0], &large, ALL_SCHED_TYPES, 0, 1, 5);
	pipeline_draw(&pl[1], &large, ALL_SCHED_TYPES, 0, 1, 5);
	pipeline_draw(&pl[2], &large, ALL_SCHED_TYPES, 0, 2, 5);
	assert_memory_equal(&pl[0], &pl[1], sizeof(*pl));
	assert_memory_not_equal(&pl[0], &pl[2], sizeof(*pl));
	test_free(pl);
}

/* The order that is promised, hop by hop, as the API states it. */
static void
order_is_known_up_to_a_parallel_stage(void **state)
{
	struct pipeline *pl = test_calloc(1, sizeof(*pl));
	uint32_t number, s, h;

	for (number = 0; number < NB_DRAWS; number++) {
		pipeline_draw(pl, &large, ALL_SCHED_TYPES, 0, 7, number);
		for (s = 0; s + 1 < pl->nb_streams; s++) {
			bool known = true;

			for (h = 0; h < pl->streams[s].nb_hops; h++) {
				const struct check_hop *hop = &pl->streams[s].hop[h];
				const struct rte_event ev = { .event = hop->word };

				if (!hop->directed && ev.sched_type == RTE_SCHED_TYPE_PARALLEL)
					known = false;
				if (!hop->directed && ev.sched_type != RTE_SCHED_TYPE_ATOMIC)
					continue;
				assert_int_equal(hop->order,
					known ? CHECK_ORDER_KEPT : CHECK_ORDER_FIXED);
				known = true;
			}
		}
	}
	test_free(pl);
}

/* What is meant to be tested does occur. */
static void
all_kinds_and_habits_occur(void **state)
{
	struct pipeline *pl = test_calloc(1, sizeof(*pl));
	bool stops = false, holding = false, relinks = false, abandons = false, low = false;
	uint32_t kinds = 0;
	uint32_t number, i;

	for (number = 0; number < 200; number++) {
		pipeline_draw(pl, &large, ALL_SCHED_TYPES, 0, 3, number);
		for (i = 0; i < pl->nb_queues; i++)
			kinds |= 1u << pl->queues[i].kind;
		for (i = 0; i < pl->nb_stops; i++)
			holding |= pl->stops[i].holding;
		stops |= pl->nb_stops != 0;
		for (i = 0; i < pl->nb_ports; i++) {
			relinks |= pl->ports[i].relink != 0;
			abandons |= pl->ports[i].abandon != 0;
			low |= pl->ports[i].new_event_threshold < pl->nb_events_limit;
		}
	}
	assert_int_equal(kinds, (1u << NUM_QUEUE_KINDS) - 1);
	assert_true(stops && holding && relinks && abandons && low);
	test_free(pl);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legal_on_a_large_device),
		cmocka_unit_test(legal_without_single_link_pool),
		cmocka_unit_test(legal_on_a_plain_device),
		cmocka_unit_test(legal_where_only_one_type_is_supported),
		cmocka_unit_test(legal_without_any_behaviour),
		cmocka_unit_test(same_seed_draws_the_same),
		cmocka_unit_test(order_is_known_up_to_a_parallel_stage),
		cmocka_unit_test(all_kinds_and_habits_occur),
	};

	return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
