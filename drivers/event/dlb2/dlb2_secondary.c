/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The event device in a secondary process (pmd-interface 18): how it finds the primary's device,
 * and what it may do there. Events move on every port that the primary has set up, information,
 * statistics and dump are read from shared memory; whatever changes the device belongs to the
 * primary and is refused here.
 *
 * The one thing to know: devices meet by the name of the bus's device. Each has a memory zone that
 * says under which number the primary knows it, for the order of probing and the names of event
 * devices may differ between processes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cpuflags.h>
#include <rte_errno.h>
#include <rte_memzone.h>
#include <rte_string_fns.h>

#include "dlb2_compat.h"
#include "dlb2_eventdev.h"

/** In the memory zone dlb2_meet_<number of the event device>. */
struct meeting_point {
	char device[RTE_DEV_NAME_MAX_LEN]; /* the bus's */
	char name[RTE_EVENTDEV_NAME_MAX_LEN];
	size_t layout;      /* of the structures that both processes use */
	const void *window; /* where the primary has the producer ports; NULL: in shared memory */
	bool open;          /* other processes may use producer ports */
	bool movdir64b, waitpkg; /* the primary chose instructions by these */
};

static void
zone_name(uint8_t dev_id, char *name, size_t size)
{
	snprintf(name, size, "dlb2_meet_%u", dev_id);
}

/* Builds of the driver that differ in it cannot work together. */
static size_t
layout(void)
{
	return sizeof(struct dlb2_eventdev) << 40 ^ dlb2_dp_size() << 20 ^ dlb2_dp_port_size();
}

void
dlb2_meet_announce(const struct rte_eventdev *dev, const struct dlb2_attachment *attachment)
{
	const struct rte_memzone *zone;
	struct meeting_point *point;
	char name[RTE_MEMZONE_NAMESIZE];

	zone_name(dev->data->dev_id, name, sizeof(name));
	zone = rte_memzone_reserve(name, sizeof(*point), dev->data->socket_id, 0);
	if (zone == NULL) {
		DLB2_WARN(dev->data->name, "secondary processes cannot use this device: %s",
			  rte_strerror(rte_errno));
		return;
	}
	point = zone->addr;
	memset(point, 0, sizeof(*point));
	strlcpy(point->device, dlb2_compat_device(dev)->name, sizeof(point->device));
	strlcpy(point->name, dev->data->name, sizeof(point->name));
	point->layout = layout();
	point->window = attachment->window;
	point->open = attachment->open;
	point->movdir64b = rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0;
	point->waitpkg = rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) > 0;
}

void
dlb2_meet_withdraw(uint8_t dev_id)
{
	char name[RTE_MEMZONE_NAMESIZE];

	zone_name(dev_id, name, sizeof(name));
	rte_memzone_free(rte_memzone_lookup(name));
}

/* The meeting point of event device `id` if it is one of the device, or NULL. */
static const struct meeting_point *
meeting_point(const char *device, unsigned int id)
{
	const struct rte_memzone *zone;
	char name[RTE_MEMZONE_NAMESIZE];
	const struct meeting_point *point;

	zone_name(id, name, sizeof(name));
	zone = rte_memzone_lookup(name);
	if (zone == NULL)
		return NULL;
	point = zone->addr;
	return strcmp(point->device, device) == 0 ? point : NULL;
}

static int
check_meeting_point(const char *device, const struct meeting_point *point, const void *window)
{
	if (point->layout != layout()) {
		DLB2_ERR(device, "the primary process runs another build of this driver: give "
				 "both the same with -d");
		return -EINVAL;
	}
	if (point->window != window) {
		DLB2_ERR(device,
			 "BAR 0 is mapped at %p here and at %p in the primary process: the "
			 "addresses must be the same; say --base-virtaddr to the primary, of a "
			 "range that is free in both",
			 window, point->window);
		return -EADDRINUSE;
	}
	if ((point->movdir64b && rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) <= 0) ||
	    (point->waitpkg && rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) <= 0)) {
		DLB2_ERR(device, "the primary process uses instructions (MOVDIR64B or UMWAIT) "
				 "that this process does not have: run both on the same CPU "
				 "features");
		return -ENOTSUP;
	}
	return 0;
}

static int
refuse(const struct rte_eventdev *dev, const char *what)
{
	DLB2_ERR(dev->data->name, "%s is not possible in a secondary process: do it in the primary",
		 what);
	rte_errno = ENOTSUP;
	return -ENOTSUP;
}

static int
refuse_configure(const struct rte_eventdev *dev)
{
	return refuse(dev, "configuring");
}

static int
refuse_start(struct rte_eventdev *dev)
{
	return refuse(dev, "starting");
}

static void
refuse_stop(struct rte_eventdev *dev)
{
	refuse(dev, "stopping");
}

static int
refuse_close(struct rte_eventdev *dev)
{
	return refuse(dev, "closing");
}

static int
refuse_queue_setup(struct rte_eventdev *dev, uint8_t queue_id,
		   const struct rte_event_queue_conf *conf)
{
	RTE_SET_USED(queue_id);
	RTE_SET_USED(conf);
	return refuse(dev, "setting up a queue");
}

static int
refuse_queue_attr(struct rte_eventdev *dev, uint8_t queue_id, uint32_t attr_id, uint64_t value)
{
	RTE_SET_USED(queue_id);
	RTE_SET_USED(attr_id);
	RTE_SET_USED(value);
	return refuse(dev, "changing a queue");
}

static int
refuse_port_setup(struct rte_eventdev *dev, uint8_t port_id, const struct rte_event_port_conf *conf)
{
	RTE_SET_USED(port_id);
	RTE_SET_USED(conf);
	return refuse(dev, "setting up a port");
}

/* The library counts links: none was made, and rte_errno says why. */
static int
refuse_link_profile(struct rte_eventdev *dev, void *port, const uint8_t queues[],
		    const uint8_t priorities[], uint16_t num, uint8_t profile)
{
	RTE_SET_USED(port);
	RTE_SET_USED(queues);
	RTE_SET_USED(priorities);
	RTE_SET_USED(num);
	RTE_SET_USED(profile);
	refuse(dev, "linking");
	return 0;
}

static int
refuse_link(struct rte_eventdev *dev, void *port, const uint8_t queues[],
	    const uint8_t priorities[], uint16_t num)
{
	return refuse_link_profile(dev, port, queues, priorities, num, 0);
}

static int
refuse_unlink_profile(struct rte_eventdev *dev, void *port, uint8_t queues[], uint16_t num,
		      uint8_t profile)
{
	RTE_SET_USED(port);
	RTE_SET_USED(queues);
	RTE_SET_USED(num);
	RTE_SET_USED(profile);
	refuse(dev, "unlinking");
	return 0;
}

static int
refuse_unlink(struct rte_eventdev *dev, void *port, uint8_t queues[], uint16_t num)
{
	return refuse_unlink_profile(dev, port, queues, num, 0);
}

static void
refuse_quiesce(struct rte_eventdev *dev, void *port, rte_eventdev_port_flush_t flush, void *arg)
{
	RTE_SET_USED(port);
	RTE_SET_USED(flush);
	RTE_SET_USED(arg);
	refuse(dev, "quiescing a port");
}

static int
refuse_reset(struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, int16_t object,
	     const uint64_t ids[], uint32_t num)
{
	RTE_SET_USED(mode);
	RTE_SET_USED(object);
	RTE_SET_USED(ids);
	RTE_SET_USED(num);
	return refuse(dev, "resetting statistics");
}

static const struct eventdev_ops secondary_ops = {
	.dev_infos_get = dlb2_info_get,
	.dev_configure = refuse_configure,
	.dev_start = refuse_start,
	.dev_stop = refuse_stop,
	.dev_close = refuse_close,
	.queue_def_conf = dlb2_queue_def_conf,
	.queue_setup = refuse_queue_setup,
	.queue_attr_set = refuse_queue_attr,
	.port_def_conf = dlb2_port_def_conf,
	.port_setup = refuse_port_setup,
	.port_link = refuse_link,
	.port_unlink = refuse_unlink,
	DLB2_COMPAT_PROFILE_OPS(refuse_link_profile, refuse_unlink_profile)
	.port_quiesce = refuse_quiesce,
	.timeout_ticks = dlb2_timeout_ticks,
	.dump = dlb2_dump,
	.xstats_get = dlb2_xstats_get,
	.xstats_get_names = dlb2_xstats_get_names,
	.xstats_get_by_name = dlb2_xstats_get_by_name,
	.xstats_reset = refuse_reset,
};

/* Why events do not move in this process, or NULL. */
static const char *
why_no_datapath(const struct meeting_point *point)
{
	if (!point->open)
		return "the primary process runs the model inline, on its own threads only: say "
		       "run=thread or run=service there";
	if (dlb2_dp_guard() != 0)
		return "the kernel has no membarrier(), which Linux 4.16 brought";
	return NULL;
}

static const struct dlb2_dp_ops *
choose_datapath(const char *name, const struct meeting_point *point)
{
	const char *reason = why_no_datapath(point);

	if (reason == NULL)
		return dlb2_dp_guarded_ops();
	DLB2_WARN(name, "this process can see statistics, but not move events: %s", reason);
	return dlb2_no_datapath(ENOTSUP);
}

/*
 * The library gives out the first free number: those before `dev_id` are taken while it is asked.
 */
static struct rte_eventdev *
allocate_number(uint8_t dev_id, const char *name, int socket)
{
	struct rte_eventdev_data *placeholder = calloc(1, sizeof(*placeholder));
	struct rte_eventdev *dev = NULL;
	unsigned int i;

	for (i = 0; placeholder != NULL && i < dev_id; i++) {
		if (rte_eventdevs[i].attached == RTE_EVENTDEV_DETACHED) {
			rte_eventdevs[i].data = placeholder;
			rte_eventdevs[i].attached = RTE_EVENTDEV_ATTACHED;
		}
	}
	if (placeholder != NULL && rte_eventdevs[dev_id].attached == RTE_EVENTDEV_DETACHED)
		dev = rte_event_pmd_allocate(name, socket);
	for (i = 0; i < dev_id; i++) {
		if (placeholder != NULL && rte_eventdevs[i].data == placeholder) {
			rte_eventdevs[i].data = NULL;
			rte_eventdevs[i].attached = RTE_EVENTDEV_DETACHED;
		}
	}
	free(placeholder);
	return dev;
}

static int
attach(uint8_t dev_id, const struct meeting_point *point, struct rte_device *device)
{
	struct dlb2_process *process = dlb2_process_create(&secondary_ops, NULL);
	struct rte_eventdev *dev;

	if (process == NULL)
		return -ENOMEM;
	dev = allocate_number(dev_id, point->name, device->numa_node);
	if (dev == NULL) {
		DLB2_ERR(device->name,
			 "this process cannot have event device %u, as the primary does: it is "
			 "another device here, or memory is short",
			 dev_id);
		dlb2_process_free(process);
		return -ENODEV;
	}
	dlb2_compat_set_device(dev, device);
	process->evdev = dlb2_evdev(dev);
	dev->dev_ops = &process->ops;
	dlb2_compat_set_datapath(dev, choose_datapath(device->name, point));
	event_dev_probing_finish(dev);
	return 0;
}

/* Returns how many there are, or a negative errno. */
static int
attach_all(struct rte_device *device, const void *window)
{
	const struct meeting_point *point;
	unsigned int id;
	int ret = 0, num = 0;

	for (id = 0; ret == 0 && id < RTE_EVENT_MAX_DEVS; id++) {
		point = meeting_point(device->name, id);
		if (point == NULL)
			continue;
		ret = check_meeting_point(device->name, point, window);
		if (ret == 0)
			ret = attach(id, point, device);
		num++;
	}
	return ret < 0 ? ret : num;
}

int
dlb2_eventdev_attach_secondary(struct rte_device *device, const void *window)
{
	int ret;

	dlb2_telemetry_pause();
	ret = attach_all(device, window);
	dlb2_telemetry_resume();
	if (ret > 0)
		return 0;
	if (ret < 0) {
		dlb2_eventdev_destroy(device);
		return ret;
	}
	DLB2_ERR(device->name, "the primary process has no such DLB: give it the device, too; a "
			       "device that comes later is plugged in there");
	return -ENODEV;
}
