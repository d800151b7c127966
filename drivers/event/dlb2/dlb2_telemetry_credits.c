/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * /eventdev_dlb2/credits: where every credit of every pool is, so that an enqueue that is refused
 * for want of credits can be explained.
 *
 * The one thing to know: the places of a pool always add up to its size, because what is found at
 * none of them is told too, as elsewhere_credits. While events move that number is noise, above or
 * below 0, for the places are read one after the other; steady tells whether they moved. At rest it
 * is 0 in the primary process; a secondary one cannot ask the device, whose part then is elsewhere.
 */
#include <string.h>

#include "dlb2_telemetry.h"

/* Everything that holds credits, read once. */
struct places {
	struct dlb2_dp_pool_state pools[DLB2_NUM_POOLS];
	struct dlb2_dp_port_state ports[DLB2_MAX_PORTS];
	int queued[DLB2_MAX_QUEUES];   /* events; below 0: not known */
	int delivered[DLB2_MAX_PORTS]; /* events in the CQ that nobody has read; likewise */
};

static void
read_port(const struct dlb2_question *question, unsigned int id, struct places *out)
{
	const struct dlb2_port *port = &question->evdev->ports[id];
	int tokens = dlb2_tel_port_tokens(question, id);

	memset(&out->ports[id], 0, sizeof(out->ports[id]));
	if (port->dp != NULL)
		dlb2_dp_port_state(port->dp, &out->ports[id]);
	out->delivered[id] = tokens < 0 ? -1 : RTE_MAX(tokens - (int)out->ports[id].owed, 0);
}

static void
read_places(const struct dlb2_question *question, struct places *out)
{
	const struct dlb2_eventdev *evdev = question->evdev;
	unsigned int i;

	for (i = 0; i < DLB2_NUM_POOLS; i++)
		dlb2_dp_pool_state(evdev->dp, i, &out->pools[i]);
	for (i = 0; i < evdev->conf.nb_event_ports; i++)
		read_port(question, i, out);
	for (i = 0; i < evdev->conf.nb_event_queues; i++)
		out->queued[i] = dlb2_tel_queue_depth(question, i);
}

/* Device credits are of one kind of queue where there are two pools of them. */
static bool
pays(const struct dlb2_question *question, enum dlb2_pool pool, enum dlb2_port_kind kind)
{
	return pool == DLB2_POOL_EVENTS || dlb2_evdev_limits(question->evdev)->combined_credits ||
		(pool == DLB2_POOL_DIR) == (kind == DLB2_DIR);
}

/* What one kind of place holds: the sum, and in `dict` each that is not 0. Below 0: not known. */
static int64_t
add_place(struct rte_tel_data *dict, unsigned int object, int credits, int64_t sum)
{
	if (credits < 0 || sum < 0)
		return -1;
	if (credits > 0 && dict != NULL)
		dlb2_tel_object(dict, object, credits);
	return sum + credits;
}

static int64_t
tell_cached(const struct dlb2_question *question, const struct places *places,
	    enum dlb2_pool pool, struct rte_tel_data *out)
{
	struct rte_tel_data *dict = dlb2_tel_dict(out, "cached_credits_by_port");
	int64_t sum = 0;
	unsigned int i;

	for (i = 0; i < question->evdev->conf.nb_event_ports; i++)
		sum = add_place(dict, i, places->ports[i].cached[pool], sum);
	dlb2_tel_number(out, "cached_credits", sum);
	return sum;
}

static int64_t
tell_queued(const struct dlb2_question *question, const struct places *places,
	    enum dlb2_pool pool, struct rte_tel_data *out)
{
	struct rte_tel_data *dict = dlb2_tel_dict(out, "queued_credits_by_queue");
	int64_t sum = 0;
	unsigned int i;

	for (i = 0; i < question->evdev->conf.nb_event_queues; i++) {
		if (pays(question, pool, question->evdev->queues[i].kind))
			sum = add_place(dict, i, places->queued[i], sum);
	}
	dlb2_tel_number(out, "queued_credits", sum);
	return RTE_MAX(sum, 0);
}

static int64_t
tell_delivered(const struct dlb2_question *question, const struct places *places,
	       enum dlb2_pool pool, struct rte_tel_data *out)
{
	struct rte_tel_data *dict = dlb2_tel_dict(out, "delivered_credits_by_port");
	int64_t sum = 0;
	unsigned int i;

	for (i = 0; i < question->evdev->conf.nb_event_ports; i++) {
		if (pays(question, pool, question->evdev->ports[i].kind))
			sum = add_place(dict, i, places->delivered[i], sum);
	}
	dlb2_tel_number(out, "delivered_credits", sum);
	return RTE_MAX(sum, 0);
}

/* An event that a port has dequeued holds the credit of the event, none of the device. */
static int64_t
tell_open(const struct dlb2_question *question, const struct places *places, enum dlb2_pool pool,
	  struct rte_tel_data *out)
{
	struct rte_tel_data *open, *early;
	int64_t sum_open = 0, sum_early = 0;
	unsigned int i;

	if (pool != DLB2_POOL_EVENTS)
		return 0;
	open = dlb2_tel_dict(out, "open_credits_by_port");
	early = dlb2_tel_dict(out, "released_early_credits_by_port");
	for (i = 0; i < question->evdev->conf.nb_event_ports; i++) {
		sum_open = add_place(open, i, places->ports[i].open, sum_open);
		sum_early = add_place(early, i, places->ports[i].early, sum_early);
	}
	dlb2_tel_number(out, "open_credits", sum_open);
	dlb2_tel_number(out, "released_early_credits", sum_early);
	return sum_open + sum_early;
}

static void
tell_pool(const struct dlb2_question *question, const struct places *places, bool steady,
	  enum dlb2_pool pool, struct rte_tel_data *out)
{
	const struct dlb2_dp_pool_state *state = &places->pools[pool];
	int64_t found;

	dlb2_tel_number(out, "size_credits", state->size);
	dlb2_tel_number(out, "counted", state->counted);
	if (!state->counted)
		return;
	dlb2_tel_number(out, "steady", steady);
	dlb2_tel_number(out, "free_credits", state->size - state->taken);
	found = tell_cached(question, places, pool, out);
	found += tell_queued(question, places, pool, out);
	found += tell_delivered(question, places, pool, out);
	found += tell_open(question, places, pool, out);
	rte_tel_data_add_dict_int(out, "elsewhere_credits", (int)(state->taken - found));
}

static const char *
pool_name(const struct dlb2_question *question, enum dlb2_pool pool)
{
	if (pool == DLB2_POOL_EVENTS)
		return "events";
	if (dlb2_evdev_limits(question->evdev)->combined_credits)
		return "combined";
	return pool == DLB2_POOL_LDB ? "load_balanced" : "directed";
}

static bool
has_pool(const struct dlb2_question *question, enum dlb2_pool pool)
{
	return pool != DLB2_POOL_DIR || !dlb2_evdev_limits(question->evdev)->combined_credits;
}

/* Moved pools are the sign of moving events: each event takes a credit or gives it back. */
static bool
is_steady(const struct dlb2_question *question, const struct places *places)
{
	struct places again;
	unsigned int i;
	bool same = true;

	read_places(question, &again);
	for (i = 0; i < DLB2_NUM_POOLS; i++)
		same &= again.pools[i].taken == places->pools[i].taken;
	for (i = 0; i < question->evdev->conf.nb_event_ports; i++)
		same &= memcmp(&again.ports[i], &places->ports[i], sizeof(again.ports[i])) == 0 &&
			again.delivered[i] == places->delivered[i];
	for (i = 0; i < question->evdev->conf.nb_event_queues; i++)
		same &= again.queued[i] == places->queued[i];
	return same;
}

static void
tell_all(const struct dlb2_question *question, struct rte_tel_data *out)
{
	struct rte_tel_data *dict;
	struct places places;
	unsigned int pool;
	bool steady;

	read_places(question, &places);
	steady = is_steady(question, &places);
	for (pool = 0; pool < DLB2_NUM_POOLS; pool++) {
		if (!has_pool(question, pool))
			continue;
		dict = dlb2_tel_dict(out, pool_name(question, pool));
		if (dict != NULL)
			tell_pool(question, &places, steady, pool, dict);
	}
}

/* Why enqueues were refused, since the counters were last reset. */
static void
tell_refusals(const struct dlb2_question *question, struct rte_tel_data *out)
{
	static const char *const reasons[] = {
		"tx_nospc_ldb_hw_credits", "tx_nospc_dir_hw_credits", "tx_nospc_hw_credits",
		"tx_nospc_inflight_max", "tx_nospc_new_event_limit", "tx_nospc_inflight_credits",
	};
	struct rte_tel_data *dict = dlb2_tel_dict(out, "refused_enqueues");
	char xstat[RTE_EVENT_DEV_XSTATS_NAME_SIZE];
	unsigned int i;

	for (i = 0; dict != NULL && i < RTE_DIM(reasons); i++) {
		snprintf(xstat, sizeof(xstat), "port_%d_%s", question->object, reasons[i]);
		dlb2_tel_xstat(question, dict, reasons[i], xstat);
	}
}

static void
tell_port_pool(const struct dlb2_question *question, const struct dlb2_dp_port_state *state,
	       enum dlb2_pool pool, struct rte_tel_data *out)
{
	const struct dlb2_port *port = &question->evdev->ports[question->object];
	struct dlb2_dp_pool_state of_pool;
	uint32_t limit;

	dlb2_dp_pool_state(question->evdev->dp, pool, &of_pool);
	limit = of_pool.size;
	if (pool == DLB2_POOL_EVENTS)
		limit = RTE_MIN(limit, (uint32_t)port->conf.new_event_threshold);
	dlb2_tel_number(out, "cached_credits", state->cached[pool]);
	dlb2_tel_number(out, "quantum_credits", state->quanta[pool]);
	dlb2_tel_number(out, "may_take_credits",
			limit > of_pool.taken ? limit - of_pool.taken : 0);
}

static void
tell_port(const struct dlb2_question *question, struct rte_tel_data *out)
{
	const struct dlb2_port *port = &question->evdev->ports[question->object];
	struct dlb2_dp_port_state state;
	struct rte_tel_data *dict;
	unsigned int pool;

	dlb2_tel_number(out, "port", question->object);
	if (port->dp == NULL)
		return;
	dlb2_dp_port_state(port->dp, &state);
	dlb2_tel_number(out, "new_event_threshold_events", port->conf.new_event_threshold);
	dlb2_tel_number(out, "open_events", state.open);
	dlb2_tel_number(out, "released_early_events", state.early);
	for (pool = 0; pool < DLB2_NUM_POOLS; pool++) {
		if (!has_pool(question, pool))
			continue;
		dict = dlb2_tel_dict(out, pool_name(question, pool));
		if (dict != NULL)
			tell_port_pool(question, &state, pool, dict);
	}
	tell_refusals(question, out);
}

void
dlb2_answer_credits(const struct dlb2_question *question, struct rte_tel_data *out)
{
	if (!question->evdev->configured)
		return;
	if (question->object >= 0)
		tell_port(question, out);
	else
		tell_all(question, out);
}
