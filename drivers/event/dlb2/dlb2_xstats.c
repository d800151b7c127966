/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The operations of extended statistics (pmd-interface 14.4): names, IDs, values, reset.
 *
 * An ID is a position. First come the statistics that the in-tree driver has, with its IDs: those
 * of the device, then so many for every port that the hardware has, then for every queue,
 * configured or not. After all these come the others, in the same manner. Nothing is allocated.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dlb2_xstats.h"

/** The library's word for "all ports" or "all queues" in a reset. */
#define ALL_OBJECTS (-1)
/** Value of a statistic that does not exist. */
#define NO_VALUE UINT64_MAX

/* What an ID stands for. */
struct place {
	unsigned int mode, object, index;
};

static unsigned int
num_objects(const struct dlb2_eventdev *evdev, unsigned int mode)
{
	const struct dlb2_limits *limits = dlb2_evdev_limits(evdev);

	if (mode == RTE_EVENT_DEV_XSTATS_DEVICE)
		return 1;
	return mode == RTE_EVENT_DEV_XSTATS_PORT ?
		limits->num_ldb_ports + limits->num_dir_ports :
		limits->num_ldb_queues + limits->num_dir_ports;
}

/* A run of statistics with consecutive IDs that each object of a mode has. */
struct run {
	unsigned int mode;
	unsigned int index; /* of the first */
	unsigned int length;
	uint64_t first_id;  /* of object 0 */
};

/* Runs 0 to 2 are the in-tree driver's. */
#define NUM_RUNS (2 * DLB2_NUM_XSTAT_TABLES)

static void
find_runs(const struct dlb2_eventdev *evdev, struct run runs[NUM_RUNS])
{
	const struct dlb2_xstat_table *table;
	unsigned int i, mode;
	uint64_t id = 0;

	for (i = 0; i < NUM_RUNS; i++) {
		mode = i % DLB2_NUM_XSTAT_TABLES;
		table = &dlb2_xstat_tables[mode];
		runs[i].mode = mode;
		runs[i].index = i == mode ? 0 : table->num_in_tree;
		runs[i].length = i == mode ? table->num_in_tree :
					     table->num_stats - table->num_in_tree;
		runs[i].first_id = id;
		id += num_objects(evdev, mode) * runs[i].length;
	}
}

static uint64_t
id_of(const struct dlb2_eventdev *evdev, const struct place *place)
{
	bool in_tree = place->index < dlb2_xstat_tables[place->mode].num_in_tree;
	struct run runs[NUM_RUNS];
	const struct run *run = &runs[place->mode + (in_tree ? 0 : DLB2_NUM_XSTAT_TABLES)];

	find_runs(evdev, runs);
	return run->first_id + place->object * run->length + place->index - run->index;
}

static int
find_id(const struct dlb2_eventdev *evdev, uint64_t id, struct place *place)
{
	struct run runs[NUM_RUNS], *run;
	uint64_t offset;

	find_runs(evdev, runs);
	for (run = runs; run < runs + NUM_RUNS; run++) {
		offset = id - run->first_id;
		if (id < run->first_id || offset >= num_objects(evdev, run->mode) * run->length)
			continue;
		place->mode = run->mode;
		place->object = offset / run->length;
		place->index = run->index + offset % run->length;
		return 0;
	}
	return -EINVAL;
}

/* The library passes any object number for the device. */
static unsigned int
object_of(enum rte_event_dev_xstats_mode mode, unsigned int object)
{
	return mode == RTE_EVENT_DEV_XSTATS_DEVICE ? 0 : object;
}

static const struct dlb2_xstat *
stat_of(const struct place *place)
{
	return &dlb2_xstat_tables[place->mode].stats[place->index];
}

/* Statistics of the device are not resettable. */
static uint64_t *
offset_of(struct dlb2_eventdev *evdev, const struct place *place)
{
	return place->mode == RTE_EVENT_DEV_XSTATS_PORT ?
		&evdev->port_offsets[place->object][place->index] :
		&evdev->queue_offsets[place->object][place->index];
}

/* Ports that went away took their counts of a queue with them, hence the comparison. */
static uint64_t
value_of(const struct rte_eventdev *dev, const struct place *place)
{
	const struct dlb2_xstat *stat = stat_of(place);
	uint64_t value = stat->read(dev, place->object, stat);
	uint64_t offset = stat->resettable ? *offset_of(dlb2_evdev(dev), place) : 0;

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

/* Sets *place if the ID is of this mode, and of this object unless that is ALL_OBJECTS. */
static int
check_id(const struct dlb2_eventdev *evdev, uint64_t id, unsigned int mode, int object,
	 struct place *place)
{
	if (find_id(evdev, id, place) == 0 && place->mode == mode &&
	    (object == ALL_OBJECTS || place->object == (unsigned int)object))
		return 0;
	DLB2_ERR(evdev->name,
		 "xstat id %" PRIu64 " is not one of %s %d: ask rte_event_dev_xstats_names_get()",
		 id, dlb2_xstat_tables[mode].prefix, object);
	return -EINVAL;
}

int
dlb2_xstats_get(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, uint8_t object,
		const uint64_t ids[], uint64_t values[], unsigned int num)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int wanted = object_of(mode, object), i;
	struct place place;

	if ((unsigned int)mode >= DLB2_NUM_XSTAT_TABLES || wanted >= num_objects(evdev, mode))
		return refuse_object(evdev, mode, object);
	for (i = 0; i < num; i++) {
		if (check_id(evdev, ids[i], mode, wanted, &place) != 0)
			return -EINVAL;
		values[i] = value_of(dev, &place);
	}
	return num;
}

static void
format_name(const struct place *place, struct rte_event_dev_xstats_name *out)
{
	const char *prefix = dlb2_xstat_tables[place->mode].prefix;

	if (place->mode == RTE_EVENT_DEV_XSTATS_DEVICE)
		snprintf(out->name, sizeof(out->name), "%s_%s", prefix, stat_of(place)->name);
	else
		snprintf(out->name, sizeof(out->name), "%s_%u_%s", prefix, place->object,
			 stat_of(place)->name);
}

int
dlb2_xstats_get_names(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode,
		      uint8_t object, struct rte_event_dev_xstats_name *names, uint64_t *ids,
		      unsigned int size)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct place place = { .mode = mode, .object = object_of(mode, object) };
	unsigned int num;

	if (place.mode >= DLB2_NUM_XSTAT_TABLES)
		return -EINVAL;
	if (place.object >= num_objects(evdev, mode))
		return 0;
	num = dlb2_xstat_tables[mode].num_stats;
	for (; names != NULL && size >= num && place.index < num; place.index++) {
		format_name(&place, &names[place.index]);
		if (ids != NULL)
			ids[place.index] = id_of(evdev, &place);
	}
	return num;
}

/*
 * Splits "port_3_rx_ok" into the object number and "rx_ok". NULL if the name is not of this mode.
 */
static const char *
match_prefix(const struct dlb2_eventdev *evdev, const char *name, struct place *place)
{
	const char *prefix = dlb2_xstat_tables[place->mode].prefix;
	size_t len = strlen(prefix);
	char *end;

	place->object = 0;
	if (strncmp(name, prefix, len) != 0 || name[len] != '_')
		return NULL;
	if (place->mode == RTE_EVENT_DEV_XSTATS_DEVICE)
		return name + len + 1;
	place->object = strtoul(name + len + 1, &end, 10);
	return end != name + len + 1 && *end == '_' &&
			place->object < num_objects(evdev, place->mode) ? end + 1 : NULL;
}

static int
find_name(const struct dlb2_eventdev *evdev, const char *name, struct place *place)
{
	const char *rest;

	for (place->mode = 0; place->mode < DLB2_NUM_XSTAT_TABLES; place->mode++) {
		rest = match_prefix(evdev, name, place);
		if (rest == NULL)
			continue;
		for (place->index = 0; place->index < dlb2_xstat_tables[place->mode].num_stats;
		     place->index++) {
			if (strcmp(rest, stat_of(place)->name) == 0)
				return 0;
		}
	}
	return -EINVAL;
}

uint64_t
dlb2_xstats_get_by_name(const struct rte_eventdev *dev, const char *name, uint64_t *id)
{
	struct place place;

	if (find_name(dlb2_evdev(dev), name, &place) != 0) {
		*id = UINT32_MAX;
		return NO_VALUE;
	}
	*id = id_of(dlb2_evdev(dev), &place);
	return value_of(dev, &place);
}

static void
reset_one(struct rte_eventdev *dev, const struct place *place)
{
	const struct dlb2_xstat *stat = stat_of(place);

	if (stat->clear != NULL)
		stat->clear(dev, place->object);
	else if (stat->resettable)
		*offset_of(dlb2_evdev(dev), place) = stat->read(dev, place->object, stat);
}

static void
reset_objects(struct rte_eventdev *dev, unsigned int mode, int object)
{
	unsigned int num = num_objects(dlb2_evdev(dev), mode);
	unsigned int num_stats = dlb2_xstat_tables[mode].num_stats;
	struct place place = { .mode = mode, .object = object == ALL_OBJECTS ? 0 : object };
	unsigned int end = object == ALL_OBJECTS ? num : RTE_MIN(place.object + 1, num);

	for (; place.object < end; place.object++) {
		for (place.index = 0; place.index < num_stats; place.index++)
			reset_one(dev, &place);
	}
}

int
dlb2_xstats_reset(struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, int16_t object,
		  const uint64_t ids[], uint32_t num)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	int wanted = mode == RTE_EVENT_DEV_XSTATS_DEVICE ? 0 : object;
	struct place place;
	uint32_t i;

	if ((unsigned int)mode >= DLB2_NUM_XSTAT_TABLES || wanted < ALL_OBJECTS)
		return refuse_object(evdev, mode, object);
	if (ids == NULL) {
		reset_objects(dev, mode, wanted);
		return 0;
	}
	for (i = 0; i < num; i++) {
		if (check_id(evdev, ids[i], mode, wanted, &place) != 0)
			return -EINVAL;
	}
	for (i = 0; i < num; i++) {
		find_id(evdev, ids[i], &place);
		reset_one(dev, &place);
	}
	return 0;
}

void
dlb2_xstats_hardware_restarts(struct dlb2_eventdev *evdev)
{
	const struct dlb2_xstat_table *table;
	struct place place;

	for (place.mode = RTE_EVENT_DEV_XSTATS_PORT; place.mode < DLB2_NUM_XSTAT_TABLES;
	     place.mode++) {
		table = &dlb2_xstat_tables[place.mode];
		for (place.index = 0; place.index < table->num_stats; place.index++) {
			if (!table->stats[place.index].of_hardware)
				continue;
			for (place.object = 0; place.object < num_objects(evdev, place.mode);
			     place.object++)
				*offset_of(evdev, &place) = 0;
		}
	}
}
