/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The event device in a secondary process: information, statistics and dump are read from shared
 * memory. Whatever changes the device or moves events belongs to the primary and is refused here.
 */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "dlb2_compat.h"
#include "dlb2_eventdev.h"

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
refuse_port_setup(struct rte_eventdev *dev, uint8_t port_id, const struct rte_event_port_conf *conf)
{
	RTE_SET_USED(port_id);
	RTE_SET_USED(conf);
	return refuse(dev, "setting up a port");
}

/* The library counts links: none was made, and rte_errno says why. */
static int
refuse_link(struct rte_eventdev *dev, void *port, const uint8_t queues[],
	    const uint8_t priorities[], uint16_t num)
{
	RTE_SET_USED(port);
	RTE_SET_USED(queues);
	RTE_SET_USED(priorities);
	RTE_SET_USED(num);
	refuse(dev, "linking");
	return 0;
}

static int
refuse_unlink(struct rte_eventdev *dev, void *port, uint8_t queues[], uint16_t num)
{
	RTE_SET_USED(port);
	RTE_SET_USED(queues);
	RTE_SET_USED(num);
	refuse(dev, "unlinking");
	return 0;
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
	.port_def_conf = dlb2_port_def_conf,
	.port_setup = refuse_port_setup,
	.port_link = refuse_link,
	.port_unlink = refuse_unlink,
	.timeout_ticks = dlb2_timeout_ticks,
	.dump = dlb2_dump,
	.xstats_get = dlb2_xstats_get,
	.xstats_get_names = dlb2_xstats_get_names,
	.xstats_get_by_name = dlb2_xstats_get_by_name,
	.xstats_reset = refuse_reset,
};

static uint16_t
refuse_enqueue(void *port, const struct rte_event events[], uint16_t num)
{
	RTE_SET_USED(port);
	RTE_SET_USED(events);
	RTE_SET_USED(num);
	rte_errno = ENOTSUP;
	return 0;
}

static uint16_t
refuse_enqueue_one(void *port, const struct rte_event *event)
{
	return refuse_enqueue(port, event, 1);
}

static uint16_t
refuse_dequeue(void *port, struct rte_event events[], uint16_t num, uint64_t ticks)
{
	RTE_SET_USED(port);
	RTE_SET_USED(events);
	RTE_SET_USED(num);
	RTE_SET_USED(ticks);
	rte_errno = ENOTSUP;
	return 0;
}

static uint16_t
refuse_dequeue_one(void *port, struct rte_event *event, uint64_t ticks)
{
	return refuse_dequeue(port, event, 1, ticks);
}

static const struct dlb2_dp_ops secondary_datapath = {
	.enqueue = refuse_enqueue_one,
	.enqueue_burst = refuse_enqueue,
	.enqueue_new_burst = refuse_enqueue,
	.enqueue_forward_burst = refuse_enqueue,
	.dequeue = refuse_dequeue_one,
	.dequeue_burst = refuse_dequeue,
};

int
dlb2_eventdev_attach_secondary(const char *name, struct rte_device *device)
{
	struct dlb2_process *process = dlb2_process_create(&secondary_ops);
	struct rte_eventdev *dev;

	if (process == NULL)
		return -ENOMEM;
	dev = rte_event_pmd_allocate(name, device->numa_node);
	if (dev == NULL || strcmp(dev->data->name, name) != 0) {
		DLB2_ERR(name,
			 "the primary has no event device of this name in this place: probe the "
			 "same devices in the same order");
		rte_event_pmd_release(dev);
		dlb2_process_free(process);
		return -ENODEV;
	}
	dlb2_compat_set_device(dev, device);
	dev->dev_ops = &process->ops;
	dlb2_compat_set_datapath(dev, &secondary_datapath);
	event_dev_probing_finish(dev);
	return 0;
}
