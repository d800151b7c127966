/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Extended statistics (pmd-interface 14). An ID is a position: those of the device first, then so
 * many for every port the hardware has, then for every queue, configured or not. The tables below
 * are the only place that knows names and order; nothing is allocated. Reset is a saved offset.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dlb2_priv.h"

/** The library's word for "all ports" or "all queues" in a reset. */
#define ALL_OBJECTS (-1)
/** sched_type of a directed queue: the API has no name for it. */
#define SCHED_TYPE_DIRECTED 3
/** Value of a statistic that does not exist. */
#define NO_VALUE UINT64_MAX

struct xstat;
typedef uint64_t (*xstat_read)(const struct rte_eventdev *dev, unsigned int object,
			       const struct xstat *stat);

struct xstat {
	const char *name;
	xstat_read read;
	unsigned int which;  /* what `read` makes of it */
	bool resettable;
};

static uint64_t
port_counter(const struct dlb2_eventdev *evdev, unsigned int port_id,
	     enum dlb2_port_counter counter)
{
	const struct dlb2_port *port = &evdev->ports[port_id];

	return port->dp == NULL ? 0 : dlb2_dp_port_counter(port->dp, counter);
}

static uint64_t
read_port_counter(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	return port_counter(dlb2_evdev(dev), object, stat->which);
}

/* The sum of a port counter. It is not resettable, so it does not know of resets of ports. */
static uint64_t
read_port_sum(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	uint64_t sum = 0;
	unsigned int i;

	RTE_SET_USED(object);
	for (i = 0; i < DLB2_MAX_PORTS; i++)
		sum += port_counter(dlb2_evdev(dev), i, stat->which);
	return sum;
}

enum device_fact {
	EVENTS_LIMIT,
	INFLIGHT_EVENTS,
	LDB_POOL_SIZE,
	DIR_POOL_SIZE,
	POOL_SIZE,
	DRIVER_MEMORY,
	CQ_MEMORY,
	MODEL_MEMORY,
};

/* A secondary process holds none of the device. */
static uint64_t
driver_memory(const struct rte_eventdev *dev)
{
	struct dlb2_function *function = dlb2_process(dev)->function;

	return dlb2_evdev(dev)->memory + (function != NULL ? dlb2_function_memory(function) : 0);
}

static uint64_t
model_memory(const struct rte_eventdev *dev)
{
	const struct dlb2_function *function = dlb2_process(dev)->function;

	return function != NULL ? dlb2_function_model_memory(function) : 0;
}

static uint64_t
read_device_fact(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	bool combined = dlb2_evdev_limits(evdev)->combined_credits;

	RTE_SET_USED(object);
	switch ((enum device_fact)stat->which) {
	case EVENTS_LIMIT:
		return evdev->conf.nb_events_limit;
	case INFLIGHT_EVENTS:
		return dlb2_dp_inflights(evdev->dp);
	case LDB_POOL_SIZE:
		return combined ? 0 : dlb2_dp_credit_pool(evdev->dp, DLB2_LDB);
	case DIR_POOL_SIZE:
		return combined ? 0 : dlb2_dp_credit_pool(evdev->dp, DLB2_DIR);
	case POOL_SIZE:
		return combined ? dlb2_dp_credit_pool(evdev->dp, DLB2_LDB) : 0;
	case DRIVER_MEMORY:
		return driver_memory(dev);
	case CQ_MEMORY:
		return evdev->cq_memory;
	case MODEL_MEMORY:
		return model_memory(dev);
	}
	return 0;
}

enum port_fact {
	PORT_IS_CONFIGURED,
	PORT_IS_LOAD_BALANCED,
	PORT_HW_ID,
	PORT_OPEN_EVENTS,
	PORT_HIST_LIST,
};

static uint64_t
read_port_fact(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	const struct dlb2_port *port = &dlb2_evdev(dev)->ports[object];

	if (port->setup == DLB2_NOT_SET_UP)
		return 0;
	switch ((enum port_fact)stat->which) {
	case PORT_IS_CONFIGURED:
		return 1;
	case PORT_IS_LOAD_BALANCED:
		return port->kind == DLB2_LDB;
	case PORT_HW_ID:
		return port->hw_id;
	case PORT_OPEN_EVENTS:
		return dlb2_dp_port_open_events(port->dp);
	case PORT_HIST_LIST:
		return port->hist_list_entries;
	}
	return 0;
}

enum queue_fact {
	QUEUE_IS_CONFIGURED,
	QUEUE_IS_LOAD_BALANCED,
	QUEUE_HW_ID,
	QUEUE_NUM_LINKS,
	QUEUE_SCHED_TYPE,
	QUEUE_CURRENT_DEPTH,
	QUEUE_DEPTH_THRESHOLD,
};

static uint64_t
queue_sched_type(const struct dlb2_queue *queue)
{
	if (queue->kind == DLB2_DIR)
		return SCHED_TYPE_DIRECTED;
	if ((queue->conf.event_queue_cfg & RTE_EVENT_QUEUE_CFG_ALL_TYPES) == 0)
		return queue->conf.schedule_type;
	return dlb2_queue_window(queue) > 0 ? RTE_SCHED_TYPE_ORDERED : RTE_SCHED_TYPE_PARALLEL;
}

/* Known to the device only, and to nobody before the start. */
static uint64_t
queue_depth(const struct rte_eventdev *dev, const struct dlb2_queue *queue)
{
	struct dlb2_domain *domain = dlb2_process(dev)->domain;
	int depth;

	if (domain == NULL || dlb2_evdev(dev)->build != DLB2_BUILT)
		return 0;
	depth = dlb2_queue_depth(domain, queue->kind, queue->hw_id);
	return RTE_MAX(depth, 0);
}

static uint64_t
read_queue_fact(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	const struct dlb2_queue *queue = &evdev->queues[object];

	if (queue->setup == DLB2_NOT_SET_UP)
		return 0;
	switch ((enum queue_fact)stat->which) {
	case QUEUE_IS_CONFIGURED:
		return 1;
	case QUEUE_IS_LOAD_BALANCED:
		return queue->kind == DLB2_LDB;
	case QUEUE_HW_ID:
		return queue->hw_id;
	case QUEUE_NUM_LINKS:
		return queue->num_links;
	case QUEUE_SCHED_TYPE:
		return queue_sched_type(queue);
	case QUEUE_CURRENT_DEPTH:
		return queue_depth(dev, queue);
	case QUEUE_DEPTH_THRESHOLD:
		return dlb2_queue_depth_threshold(evdev, queue);
	}
	return 0;
}

/* Counter 0 is enqueued events, 1 to 4 are received ones by depth class. Ports count them. */
static uint64_t
read_queue_counter(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_port_queue_counters counters;
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < DLB2_MAX_PORTS; i++) {
		if (evdev->ports[i].dp == NULL)
			continue;
		dlb2_dp_port_queue_counters(evdev->ports[i].dp, object, &counters);
		sum += stat->which == 0 ? counters.enqueued :
					  counters.received_by_depth[stat->which - 1];
	}
	return sum;
}

#define XSTAT(name_, read_, which_, resettable_) \
	{ .name = name_, .read = read_, .which = which_, .resettable = resettable_ }
#define PORT_SUM(name, counter) XSTAT(name, read_port_sum, counter, false)
#define DEVICE_FACT(name, fact) XSTAT(name, read_device_fact, fact, false)
#define PORT_COUNTER(name, counter) XSTAT(name, read_port_counter, counter, true)
#define PORT_FACT(name, fact) XSTAT(name, read_port_fact, fact, false)
#define QUEUE_COUNTER(name, index) XSTAT(name, read_queue_counter, index, true)
#define QUEUE_FACT(name, fact) XSTAT(name, read_queue_fact, fact, false)

static const struct xstat device_xstats[] = {
	PORT_SUM("rx_ok", DLB2_PORT_RX_OK),
	PORT_SUM("rx_drop", DLB2_PORT_RX_DROP),
	PORT_SUM("rx_interrupt_wait", DLB2_PORT_RX_INTERRUPT_WAIT),
	PORT_SUM("rx_umonitor_umwait", DLB2_PORT_RX_UMONITOR_UMWAIT),
	PORT_SUM("tx_ok", DLB2_PORT_TX_OK),
	PORT_SUM("total_polls", DLB2_PORT_TOTAL_POLLS),
	PORT_SUM("zero_polls", DLB2_PORT_ZERO_POLLS),
	PORT_SUM("tx_nospc_ldb_hw_credits", DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS),
	PORT_SUM("tx_nospc_dir_hw_credits", DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS),
	PORT_SUM("tx_nospc_hw_credits", DLB2_PORT_TX_NOSPC_HW_CREDITS),
	PORT_SUM("tx_nospc_inflight_max", DLB2_PORT_TX_NOSPC_INFLIGHT_MAX),
	PORT_SUM("tx_nospc_new_event_limit", DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT),
	PORT_SUM("tx_nospc_inflight_credits", DLB2_PORT_TX_NOSPC_INFLIGHT_CREDITS),
	DEVICE_FACT("nb_events_limit", EVENTS_LIMIT),
	DEVICE_FACT("inflight_events", INFLIGHT_EVENTS),
	DEVICE_FACT("ldb_pool_size", LDB_POOL_SIZE),
	DEVICE_FACT("dir_pool_size", DIR_POOL_SIZE),
	DEVICE_FACT("pool_size", POOL_SIZE),
	/* not of the in-tree driver */
	DEVICE_FACT("driver_memory_bytes", DRIVER_MEMORY),
	DEVICE_FACT("cq_memory_bytes", CQ_MEMORY),
	DEVICE_FACT("model_memory_bytes", MODEL_MEMORY),
};

static const struct xstat port_xstats[] = {
	PORT_FACT("is_configured", PORT_IS_CONFIGURED),
	PORT_FACT("is_load_balanced", PORT_IS_LOAD_BALANCED),
	PORT_FACT("hw_id", PORT_HW_ID),
	PORT_COUNTER("rx_ok", DLB2_PORT_RX_OK),
	PORT_COUNTER("rx_drop", DLB2_PORT_RX_DROP),
	PORT_COUNTER("rx_interrupt_wait", DLB2_PORT_RX_INTERRUPT_WAIT),
	PORT_COUNTER("rx_umonitor_umwait", DLB2_PORT_RX_UMONITOR_UMWAIT),
	PORT_COUNTER("tx_ok", DLB2_PORT_TX_OK),
	PORT_COUNTER("total_polls", DLB2_PORT_TOTAL_POLLS),
	PORT_COUNTER("zero_polls", DLB2_PORT_ZERO_POLLS),
	PORT_COUNTER("tx_nospc_ldb_hw_credits", DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS),
	PORT_COUNTER("tx_nospc_dir_hw_credits", DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS),
	PORT_COUNTER("tx_nospc_hw_credits", DLB2_PORT_TX_NOSPC_HW_CREDITS),
	PORT_COUNTER("tx_nospc_inflight_max", DLB2_PORT_TX_NOSPC_INFLIGHT_MAX),
	PORT_COUNTER("tx_nospc_new_event_limit", DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT),
	PORT_COUNTER("tx_nospc_inflight_credits", DLB2_PORT_TX_NOSPC_INFLIGHT_CREDITS),
	PORT_COUNTER("tx_new", DLB2_PORT_TX_NEW),
	PORT_COUNTER("tx_fwd", DLB2_PORT_TX_FWD),
	PORT_COUNTER("tx_rel", DLB2_PORT_TX_REL),
	PORT_COUNTER("tx_implicit_rel", DLB2_PORT_TX_IMPLICIT_REL),
	PORT_COUNTER("tx_sched_ordered", DLB2_PORT_TX_SCHED_ORDERED),
	PORT_COUNTER("tx_sched_unordered", DLB2_PORT_TX_SCHED_UNORDERED),
	PORT_COUNTER("tx_sched_atomic", DLB2_PORT_TX_SCHED_ATOMIC),
	PORT_COUNTER("tx_sched_directed", DLB2_PORT_TX_SCHED_DIRECTED),
	PORT_COUNTER("tx_invalid", DLB2_PORT_TX_INVALID),
	PORT_FACT("outstanding_releases", PORT_OPEN_EVENTS),
	PORT_FACT("max_outstanding_releases", PORT_HIST_LIST),
	PORT_COUNTER("rx_sched_ordered", DLB2_PORT_RX_SCHED_ORDERED),
	PORT_COUNTER("rx_sched_unordered", DLB2_PORT_RX_SCHED_UNORDERED),
	PORT_COUNTER("rx_sched_atomic", DLB2_PORT_RX_SCHED_ATOMIC),
	PORT_COUNTER("rx_sched_directed", DLB2_PORT_RX_SCHED_DIRECTED),
	PORT_COUNTER("rx_sched_invalid", DLB2_PORT_RX_SCHED_INVALID),
};

static const struct xstat queue_xstats[] = {
	QUEUE_FACT("is_configured", QUEUE_IS_CONFIGURED),
	QUEUE_FACT("is_load_balanced", QUEUE_IS_LOAD_BALANCED),
	QUEUE_FACT("hw_id", QUEUE_HW_ID),
	QUEUE_FACT("num_links", QUEUE_NUM_LINKS),
	QUEUE_FACT("sched_type", QUEUE_SCHED_TYPE),
	QUEUE_COUNTER("enq_ok", 0),
	QUEUE_FACT("current_depth", QUEUE_CURRENT_DEPTH),
	QUEUE_FACT("depth_threshold", QUEUE_DEPTH_THRESHOLD),
	QUEUE_COUNTER("depth_le50_threshold", 1),
	QUEUE_COUNTER("depth_gt50_le75_threshold", 2),
	QUEUE_COUNTER("depth_gt75_le100_threshold", 3),
	QUEUE_COUNTER("depth_gt100_threshold", 4),
};

/* What there is of each mode: its table, and how many objects have it. */
struct group {
	const char *prefix; /* printf format of the object number, or text */
	const struct xstat *stats;
	unsigned int num_stats, num_objects;
	unsigned int first_id;
};

static int
find_group(const struct dlb2_eventdev *evdev, enum rte_event_dev_xstats_mode mode,
	   struct group *group)
{
	const struct dlb2_limits *limits = dlb2_evdev_limits(evdev);
	unsigned int num_ports = limits->num_ldb_ports + limits->num_dir_ports;
	unsigned int num_queues = limits->num_ldb_queues + limits->num_dir_ports;

	switch (mode) {
	case RTE_EVENT_DEV_XSTATS_DEVICE:
		*group = (struct group){ "dev", device_xstats, RTE_DIM(device_xstats), 1, 0 };
		return 0;
	case RTE_EVENT_DEV_XSTATS_PORT:
		*group = (struct group){"port", port_xstats, RTE_DIM(port_xstats), num_ports,
					RTE_DIM(device_xstats)};
		return 0;
	case RTE_EVENT_DEV_XSTATS_QUEUE:
		*group = (struct group){"qid", queue_xstats, RTE_DIM(queue_xstats), num_queues,
					RTE_DIM(device_xstats) + num_ports * RTE_DIM(port_xstats)};
		return 0;
	}
	return -EINVAL;
}

/* The mode, object and statistic of an ID. */
static int
find_id(const struct dlb2_eventdev *evdev, uint64_t id, struct group *group, unsigned int *object,
	unsigned int *index)
{
	static const enum rte_event_dev_xstats_mode modes[] = {
		RTE_EVENT_DEV_XSTATS_DEVICE, RTE_EVENT_DEV_XSTATS_PORT, RTE_EVENT_DEV_XSTATS_QUEUE,
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(modes); i++) {
		if (find_group(evdev, modes[i], group) != 0)
			continue;
		if (id >= group->first_id &&
		    id - group->first_id < group->num_objects * group->num_stats) {
			*object = (id - group->first_id) / group->num_stats;
			*index = (id - group->first_id) % group->num_stats;
			return 0;
		}
	}
	return -EINVAL;
}

/* The library passes any object number for the device. */
static unsigned int
object_of(enum rte_event_dev_xstats_mode mode, unsigned int object)
{
	return mode == RTE_EVENT_DEV_XSTATS_DEVICE ? 0 : object;
}

static uint64_t *
offset_of(struct dlb2_eventdev *evdev, unsigned int object, const struct xstat *stat)
{
	return stat->read == read_port_counter ? &evdev->port_offsets[object][stat->which] :
						 &evdev->queue_offsets[object][stat->which];
}

/* Ports that went away took their counts of a queue with them, hence the comparison. */
static uint64_t
value_of(const struct rte_eventdev *dev, unsigned int object, const struct xstat *stat)
{
	uint64_t value = stat->read(dev, object, stat);
	uint64_t offset = stat->resettable ? *offset_of(dlb2_evdev(dev), object, stat) : 0;

	return value > offset ? value - offset : 0;
}

static int
refuse_object(const struct dlb2_eventdev *evdev, enum rte_event_dev_xstats_mode mode, int object)
{
	DLB2_ERR(evdev->name,
		 "there are no statistics of mode %d, object %d: ask "
		 "rte_event_dev_xstats_names_get()",
		 mode, object);
	return -EINVAL;
}

int
dlb2_xstats_get(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, uint8_t object,
		const uint64_t ids[], uint64_t values[], unsigned int num)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int wanted = object_of(mode, object), found, index, i;
	struct group group, group_of_id;

	if (find_group(evdev, mode, &group) != 0 || wanted >= group.num_objects)
		return refuse_object(evdev, mode, object);
	for (i = 0; i < num; i++) {
		if (find_id(evdev, ids[i], &group_of_id, &found, &index) != 0 ||
		    group_of_id.stats != group.stats || found != wanted) {
			DLB2_ERR(evdev->name,
				 "xstat id %" PRIu64 " is not one of %s %u: ask "
						     "rte_event_dev_xstats_names_get()",
				 ids[i], group.prefix, wanted);
			return -EINVAL;
		}
		values[i] = value_of(dev, wanted, &group.stats[index]);
	}
	return num;
}

static void
format_name(const struct group *group, unsigned int object, unsigned int index,
	    struct rte_event_dev_xstats_name *out)
{
	if (group->stats == device_xstats)
		snprintf(out->name, sizeof(out->name), "%s_%s", group->prefix,
			 group->stats[index].name);
	else
		snprintf(out->name, sizeof(out->name), "%s_%u_%s", group->prefix, object,
			 group->stats[index].name);
}

int
dlb2_xstats_get_names(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode,
		      uint8_t object, struct rte_event_dev_xstats_name *names, uint64_t *ids,
		      unsigned int size)
{
	unsigned int wanted = object_of(mode, object), i;
	struct group group;

	if (find_group(dlb2_evdev(dev), mode, &group) != 0)
		return -EINVAL;
	if (wanted >= group.num_objects)
		return 0;
	for (i = 0; names != NULL && size >= group.num_stats && i < group.num_stats; i++) {
		format_name(&group, wanted, i, &names[i]);
		if (ids != NULL)
			ids[i] = group.first_id + wanted * group.num_stats + i;
	}
	return group.num_stats;
}

/*
 * Splits "port_3_rx_ok" into the object number and "rx_ok". NULL if the name is not of this group.
 */
static const char *
match_prefix(const struct group *group, const char *name, unsigned int *object)
{
	size_t len = strlen(group->prefix);
	char *end;

	*object = 0;
	if (strncmp(name, group->prefix, len) != 0 || name[len] != '_')
		return NULL;
	if (group->stats == device_xstats)
		return name + len + 1;
	*object = strtoul(name + len + 1, &end, 10);
	return end != name + len + 1 && *end == '_' && *object < group->num_objects ? end + 1 :
										      NULL;
}

static int
find_name(const struct dlb2_eventdev *evdev, const char *name, struct group *group,
	  unsigned int *object, unsigned int *index)
{
	static const enum rte_event_dev_xstats_mode modes[] = {
		RTE_EVENT_DEV_XSTATS_DEVICE, RTE_EVENT_DEV_XSTATS_PORT, RTE_EVENT_DEV_XSTATS_QUEUE,
	};
	const char *rest;
	unsigned int i;

	for (i = 0; i < RTE_DIM(modes); i++) {
		if (find_group(evdev, modes[i], group) != 0)
			continue;
		rest = match_prefix(group, name, object);
		for (*index = 0; rest != NULL && *index < group->num_stats; (*index)++) {
			if (strcmp(rest, group->stats[*index].name) == 0)
				return 0;
		}
	}
	return -EINVAL;
}

uint64_t
dlb2_xstats_get_by_name(const struct rte_eventdev *dev, const char *name, uint64_t *id)
{
	unsigned int object = 0, index = 0;
	struct group group;

	if (find_name(dlb2_evdev(dev), name, &group, &object, &index) != 0) {
		*id = UINT32_MAX;
		return NO_VALUE;
	}
	*id = group.first_id + object * group.num_stats + index;
	return value_of(dev, object, &group.stats[index]);
}

static void
reset_one(struct rte_eventdev *dev, const struct group *group, unsigned int object,
	  unsigned int index)
{
	const struct xstat *stat = &group->stats[index];

	if (stat->resettable)
		*offset_of(dlb2_evdev(dev), object, stat) = stat->read(dev, object, stat);
}

/* Are all these IDs of this mode, and of this object unless that is ALL_OBJECTS? */
static bool
are_of(const struct dlb2_eventdev *evdev, const struct group *group, int object,
       const uint64_t ids[], uint32_t num)
{
	unsigned int found, index;
	struct group group_of_id;
	uint32_t i;

	for (i = 0; i < num; i++) {
		if (find_id(evdev, ids[i], &group_of_id, &found, &index) != 0 ||
		    group_of_id.stats != group->stats ||
		    (object != ALL_OBJECTS && found != (unsigned int)object)) {
			DLB2_ERR(evdev->name,
				 "xstat id %" PRIu64 " is not one of %s %d: ask "
						     "rte_event_dev_xstats_names_get()",
				 ids[i], group->prefix, object);
			return false;
		}
	}
	return true;
}

static void
reset_objects(struct rte_eventdev *dev, const struct group *group, int object)
{
	unsigned int first = object == ALL_OBJECTS ? 0 : object;
	unsigned int end =
		object == ALL_OBJECTS ? group->num_objects : RTE_MIN(first + 1, group->num_objects);
	unsigned int index;

	for (; first < end; first++) {
		for (index = 0; index < group->num_stats; index++)
			reset_one(dev, group, first, index);
	}
}

int
dlb2_xstats_reset(struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, int16_t object,
		  const uint64_t ids[], uint32_t num)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	int wanted = mode == RTE_EVENT_DEV_XSTATS_DEVICE ? 0 : object;
	unsigned int found = 0, index = 0;
	struct group group;
	uint32_t i;

	if (find_group(evdev, mode, &group) != 0 || wanted < ALL_OBJECTS)
		return refuse_object(evdev, mode, object);
	if (ids == NULL) {
		reset_objects(dev, &group, wanted);
		return 0;
	}
	if (!are_of(evdev, &group, wanted, ids, num))
		return -EINVAL;
	for (i = 0; i < num; i++) {
		find_id(evdev, ids[i], &group, &found, &index);
		reset_one(dev, &group, found, index);
	}
	return 0;
}
