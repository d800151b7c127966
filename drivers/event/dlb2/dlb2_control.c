/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The control operations of a primary process, as the library calls them: each keeps telemetry off
 * the records and the hardware objects while it changes them, and leaves a trace. What it does is
 * in the file named after it.
 *
 * The one thing to know: the lock is in shared memory, so that the telemetry of secondary processes
 * waits as well. It is held by nothing on the data path.
 */
#include <errno.h>

#include "dlb2_compat.h"
#include "dlb2_priv.h"
#include "dlb2_trace.h"

int
dlb2_control_lock_init(struct dlb2_eventdev *evdev)
{
	pthread_mutexattr_t attr;
	int ret = pthread_mutexattr_init(&attr);

	if (ret != 0)
		return -ret;
	/* A stop-flush callback may call back; a secondary process may die while it looks. */
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	ret = pthread_mutex_init(&evdev->control_lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return -ret;
}

static void
lock(struct dlb2_eventdev *evdev)
{
	/* Its last owner only read. */
	if (pthread_mutex_lock(&evdev->control_lock) == EOWNERDEAD)
		pthread_mutex_consistent(&evdev->control_lock);
}

static struct dlb2_eventdev *
enter(const struct rte_eventdev *dev)
{
	lock(dlb2_evdev(dev));
	return dlb2_evdev(dev);
}

static void
leave(struct dlb2_eventdev *evdev)
{
	pthread_mutex_unlock(&evdev->control_lock);
}

static int
configure(const struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int ret = dlb2_configure(dev);

	dlb2_trace_configure(evdev->dev_id, dev->data->dev_conf.nb_event_queues,
			     dev->data->dev_conf.nb_event_ports,
			     dev->data->dev_conf.nb_single_link_event_port_queues,
			     dev->data->dev_conf.nb_events_limit, ret);
	leave(evdev);
	return ret;
}

static int
start(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int ret = dlb2_start(dev);

	dlb2_trace_start(evdev->dev_id, ret);
	leave(evdev);
	return ret;
}

static void
stop(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = enter(dev);

	dlb2_stop(dev);
	dlb2_trace_stop(evdev->dev_id);
	leave(evdev);
}

static int
close_device(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int ret = dlb2_close(dev);

	dlb2_trace_close(evdev->dev_id, ret);
	leave(evdev);
	return ret;
}

static int
queue_setup(struct rte_eventdev *dev, uint8_t queue_id, const struct rte_event_queue_conf *conf)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int ret = dlb2_queue_setup(dev, queue_id, conf);

	dlb2_trace_queue_setup(evdev->dev_id, queue_id, conf->event_queue_cfg, ret);
	leave(evdev);
	return ret;
}

static void
queue_release(struct rte_eventdev *dev, uint8_t queue_id)
{
	struct dlb2_eventdev *evdev = enter(dev);

	dlb2_queue_release(dev, queue_id);
	leave(evdev);
}

static int
queue_attr_set(struct rte_eventdev *dev, uint8_t queue_id, uint32_t attr_id, uint64_t value)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int ret = dlb2_queue_attr_set(dev, queue_id, attr_id, value);

	leave(evdev);
	return ret;
}

static int
port_setup(struct rte_eventdev *dev, uint8_t port_id, const struct rte_event_port_conf *conf)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int ret = dlb2_port_setup(dev, port_id, conf);

	dlb2_trace_port_setup(evdev->dev_id, port_id, conf->event_port_cfg, conf->dequeue_depth,
			      conf->new_event_threshold, ret);
	leave(evdev);
	return ret;
}

/* The library passes NULL for a port that was never set up. */
static void
port_release(void *dp_port)
{
	struct dlb2_eventdev *evdev;

	if (dp_port == NULL)
		return;
	evdev = container_of(dp_port, struct dlb2_port_block, dp)->evdev;
	lock(evdev);
	dlb2_port_release(dp_port);
	leave(evdev);
}

static unsigned int
traced_port_id(void *dp_port)
{
	return container_of(dp_port, struct dlb2_port_block, dp)->port_id;
}

/* Traced up to the first that was refused. */
static int
port_link_profile(struct rte_eventdev *dev, void *dp_port, const uint8_t queues[],
		  const uint8_t priorities[], uint16_t num, uint8_t profile)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int done = dlb2_port_link(dev, dp_port, queues, priorities, num, profile), i;

	for (i = 0; dp_port != NULL && i < RTE_MIN(done + 1, (int)num); i++)
		dlb2_trace_link(evdev->dev_id, traced_port_id(dp_port), queues[i], priorities[i],
				profile, i < done);
	leave(evdev);
	return done;
}

static int
port_link(struct rte_eventdev *dev, void *dp_port, const uint8_t queues[],
	  const uint8_t priorities[], uint16_t num)
{
	return port_link_profile(dev, dp_port, queues, priorities, num, 0);
}

static int
port_unlink_profile(struct rte_eventdev *dev, void *dp_port, uint8_t queues[], uint16_t num,
		    uint8_t profile)
{
	struct dlb2_eventdev *evdev = enter(dev);
	int done = dlb2_port_unlink(dev, dp_port, queues, num, profile), i;

	for (i = 0; dp_port != NULL && i < RTE_MIN(done + 1, (int)num); i++)
		dlb2_trace_unlink(evdev->dev_id, traced_port_id(dp_port), queues[i], profile,
				  i < done);
	leave(evdev);
	return done;
}

static int
port_unlink(struct rte_eventdev *dev, void *dp_port, uint8_t queues[], uint16_t num)
{
	return port_unlink_profile(dev, dp_port, queues, num, 0);
}

const struct eventdev_ops dlb2_control_ops = {
	.dev_infos_get = dlb2_info_get,
	.dev_configure = configure,
	.dev_start = start,
	.dev_stop = stop,
	.dev_close = close_device,
	.queue_def_conf = dlb2_queue_def_conf,
	.queue_setup = queue_setup,
	.queue_release = queue_release,
	.queue_attr_set = queue_attr_set,
	.port_def_conf = dlb2_port_def_conf,
	.port_setup = port_setup,
	.port_release = port_release,
	.port_link = port_link,
	.port_unlink = port_unlink,
	DLB2_COMPAT_PROFILE_OPS(port_link_profile, port_unlink_profile)
	.port_quiesce = dlb2_quiesce,
	.port_unlinks_in_progress = dlb2_port_unlinks_in_progress,
	.timeout_ticks = dlb2_timeout_ticks,
	.dump = dlb2_dump,
	.xstats_get = dlb2_xstats_get,
	.xstats_get_names = dlb2_xstats_get_names,
	.xstats_get_by_name = dlb2_xstats_get_by_name,
	.xstats_reset = dlb2_xstats_reset,
};
