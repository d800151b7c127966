/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Start and stop (pmd-interface 11). Start builds the hardware from the records, unless it is as
 * they say already. Stop drains by receiving every event there is; the domain stays enabled, for
 * the device has no way to stop one, so a restart has nothing to do.
 */
#include <errno.h>
#include <string.h>

#include <rte_cycles.h>

#include "dlb2_priv.h"

/*
 * Draining gives up after so long without an event, though the device is not empty: the scheduler
 * moves one in microseconds.
 */
#define DRAIN_IDLE_MS 1000

static unsigned int
count_dir_queues(const struct dlb2_eventdev *evdev)
{
	unsigned int i, count = 0;

	for (i = 0; i < evdev->conf.nb_event_queues; i++)
		count += evdev->queues[i].kind == DLB2_DIR;
	return count;
}

static unsigned int
count_dir_ports(const struct dlb2_eventdev *evdev)
{
	unsigned int i, count = 0;

	for (i = 0; i < evdev->conf.nb_event_ports; i++)
		count += evdev->ports[i].kind == DLB2_DIR;
	return count;
}

/* Set-up has refused what is too much, but not of queues and ports of the former configuration. */
static int
check_counts(const struct dlb2_eventdev *evdev)
{
	unsigned int dir_queues = count_dir_queues(evdev), dir_ports = count_dir_ports(evdev);
	unsigned int pairs = evdev->conf.nb_single_link_event_port_queues;
	unsigned int queues = evdev->conf.nb_event_queues - dir_queues;
	unsigned int ports = evdev->conf.nb_event_ports - dir_ports;

	if (dir_queues > pairs || dir_ports > pairs) {
		DLB2_ERR(evdev->name,
			 "%u single-link queues and %u single-link ports are set up, %u pairs are "
			 "configured: set up again those of the former configuration that have to "
			 "change",
			 dir_queues, dir_ports, pairs);
		return -EINVAL;
	}
	if (queues > evdev->share.ldb_queues || ports > evdev->share.ldb_ports) {
		DLB2_ERR(evdev->name,
			 "%u load-balanced queues and %u load-balanced ports are set up, %u and %u "
			 "are what there are: set up again, with the SINGLE_LINK flag, those of the "
			 "former configuration that have to change",
			 queues, ports, evdev->share.ldb_queues, evdev->share.ldb_ports);
		return -EINVAL;
	}
	return 0;
}

/* Everything is set up, now or before the last configure, and fits together. */
static int
check_complete(const struct dlb2_eventdev *evdev)
{
	unsigned int i;

	if (!evdev->configured || evdev->started) {
		DLB2_ERR(evdev->name, "only a configured device that is stopped can be started");
		return -EINVAL;
	}
	for (i = 0; i < evdev->conf.nb_event_ports; i++) {
		if (evdev->ports[i].setup == DLB2_NOT_SET_UP) {
			DLB2_ERR(evdev->name,
				 "port %u of %u is not set up: call rte_event_port_setup() for it",
				 i, evdev->conf.nb_event_ports);
			return -ESTALE;
		}
	}
	for (i = 0; i < evdev->conf.nb_event_queues; i++) {
		if (evdev->queues[i].num_links == 0) {
			DLB2_ERR(evdev->name,
				 "queue %u of %u has no link, so its events would stay: link it to "
				 "a port",
				 i, evdev->conf.nb_event_queues);
			return -ENOLINK;
		}
	}
	return check_counts(evdev);
}

static int
build_queues(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	struct dlb2_queue *queue, *end = evdev->queues + evdev->conf.nb_event_queues;
	int ret = 0;

	for (queue = evdev->queues; ret == 0 && queue < end; queue++) {
		if (queue->kind == DLB2_LDB)
			ret = dlb2_queue_build(evdev, process, queue);
	}
	return ret;
}

static int
build_ports(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;
	int ret = dlb2_ports_share_hist_list(evdev);

	for (port = evdev->ports; ret == 0 && port < end; port++) {
		ret = dlb2_port_build(evdev, process, port);
		if (ret == 0)
			ret = dlb2_port_build_links(evdev, process, port);
	}
	return ret;
}

static void
introduce_queue(struct dlb2_eventdev *evdev, const struct dlb2_queue *queue)
{
	uint32_t flags = queue->conf.event_queue_cfg;
	struct dlb2_dp_queue_conf conf = {
		.kind = queue->kind,
		.hw_id = queue->hw_id,
		.ordered = dlb2_queue_window(queue) > 0,
		.atomic = queue->kind == DLB2_LDB,
		.single_link = (flags & RTE_EVENT_QUEUE_CFG_SINGLE_LINK) != 0,
	};

	dlb2_dp_queue_init(evdev->dp, dlb2_queue_id(evdev, queue), &conf);
}

/*
 * What the domain must have, now that the kind of every queue and port is known: fewer of them may
 * be single-link than the configuration said. True if it was claimed for something else.
 */
static bool
size_as_set_up(struct dlb2_eventdev *evdev)
{
	unsigned int queues = evdev->conf.nb_event_queues - count_dir_queues(evdev);
	unsigned int pairs = count_dir_ports(evdev);

	if (queues == evdev->num_ldb_queues && pairs == evdev->num_dir_pairs)
		return false;
	DLB2_NOTICE(evdev->name,
		    "%u single-link ports and %u single-link queues are set up, %u are configured: "
		    "load-balanced ones serve as the rest",
		    pairs, count_dir_queues(evdev), evdev->conf.nb_single_link_event_port_queues);
	evdev->num_ldb_queues = queues;
	evdev->num_dir_pairs = pairs;
	evdev->num_ldb_ports = evdev->conf.nb_event_ports - pairs;
	return true;
}

/*
 * Makes the hardware what the records say. A step that fails leaves the domain as it is at that
 * point, marked outdated: the next start resets it and begins again.
 */
static int
build(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	unsigned int i;
	int ret = 0;

	if (size_as_set_up(evdev) || evdev->build == DLB2_OUTDATED)
		dlb2_return_domain(evdev, process);
	if (evdev->build == DLB2_NO_DOMAIN)
		ret = dlb2_claim_domain(evdev, process);
	if (ret != 0)
		return ret;
	evdev->build = DLB2_OUTDATED;
	dlb2_xstats_hardware_restarts(evdev);
	ret = build_queues(evdev, process);
	if (ret == 0)
		ret = build_ports(evdev, process);
	for (i = 0; ret == 0 && i < evdev->conf.nb_event_queues; i++)
		introduce_queue(evdev, &evdev->queues[i]);
	if (ret == 0)
		ret = dlb2_domain_start(process->domain);
	if (ret == 0)
		evdev->build = DLB2_BUILT;
	return ret;
}

/* Returns how many there are. */
static unsigned int
list_ports(const struct dlb2_eventdev *evdev, struct dlb2_dp_port *ports[DLB2_MAX_PORTS])
{
	unsigned int i;

	for (i = 0; i < evdev->conf.nb_event_ports; i++)
		ports[i] = evdev->ports[i].dp;
	return i;
}

static void
start_datapath(struct dlb2_eventdev *evdev)
{
	struct dlb2_dp_port *ports[DLB2_MAX_PORTS];
	unsigned int num_ports = list_ports(evdev, ports);

	dlb2_dp_start(evdev->dp, ports, num_ports);
}

void
dlb2_stop_datapath(struct dlb2_eventdev *evdev)
{
	struct dlb2_dp_port *ports[DLB2_MAX_PORTS];
	unsigned int num_ports = list_ports(evdev, ports);

	dlb2_dp_stop(ports, num_ports);
}

int
dlb2_start(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	int ret = check_complete(evdev);

	if (ret == 0)
		ret = dlb2_profiles_begin(evdev, dlb2_process(dev));
	if (ret == 0 && evdev->build == DLB2_BUILT)
		ret = dlb2_device_check(dlb2_process(dev)->function->device);
	else if (ret == 0)
		ret = build(evdev, dlb2_process(dev));
	if (ret != 0)
		return dlb2_report_gone(evdev, ret);
	dlb2_alarms_resume(dlb2_process(dev)->function);
	start_datapath(evdev);
	evdev->started = true;
	return 0;
}

/* Receives what every port has to offer. Returns the number of events. */
static unsigned int
flush_ports(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int i, flushed = 0;

	for (i = 0; i < evdev->conf.nb_event_ports; i++)
		flushed += dlb2_dp_port_flush(evdev->ports[i].dp, evdev->dev_id,
					      dev->dev_ops->dev_stop_flush,
					      dev->data->dev_stop_flush_arg);
	return flushed;
}

/*
 * What is on its way to a port, in queues with a link and in `unlinked` (which may be NULL), or was
 * delivered and is not completed. Looks no further than the first thing it finds: 0 is nothing,
 * a negative errno a device that does not answer.
 */
static int
count_left(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
	   const struct dlb2_queue *unlinked)
{
	const struct dlb2_queue *queue;
	const struct dlb2_port *port;
	int left = dlb2_device_progress(process->function->device);

	for (queue = evdev->queues;
	     left == 0 && queue < evdev->queues + evdev->conf.nb_event_queues; queue++) {
		if (queue->num_links > 0 || queue == unlinked)
			left = dlb2_queue_depth(process->domain, queue->kind, queue->hw_id);
	}
	for (port = evdev->ports; left == 0 && port < evdev->ports + evdev->conf.nb_event_ports;
	     port++) {
		left = dlb2_port_tokens(process->domain, port->kind, port->hw_id);
		if (left == 0 && port->kind == DLB2_LDB)
			left = dlb2_port_inflights(process->domain, port->hw_id);
	}
	return left;
}

static int
drain(struct rte_eventdev *dev, const struct dlb2_queue *unlinked)
{
	struct dlb2_process *process = dlb2_process(dev);
	struct dlb2_bus *bus = process->function->attachment.bus;
	uint64_t patience = rte_get_timer_hz() / MS_PER_S * DRAIN_IDLE_MS;
	uint64_t last_event = rte_get_timer_cycles();
	int left;

	while (rte_get_timer_cycles() - last_event < patience) {
		if (flush_ports(dev) > 0) {
			last_event = rte_get_timer_cycles();
			continue;
		}
		left = count_left(dlb2_evdev(dev), process, unlinked);
		if (left <= 0)
			return left;
		bus->ops->sleep_us(bus, 1);
	}
	return -ETIMEDOUT;
}

static struct dlb2_port *
first_ldb_port(struct dlb2_eventdev *evdev)
{
	struct dlb2_port *port = evdev->ports;

	while (port->kind != DLB2_LDB)
		port++;
	return port;
}

/*
 * A queue that lost its last link may hold events. It is linked for the time of draining to the
 * first port that can, which may cost that port a link: then the records are right and the hardware
 * is not.
 */
static int
drain_unlinked(struct rte_eventdev *dev, const struct dlb2_queue *queue)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_domain *domain = dlb2_process(dev)->domain;
	struct dlb2_port *port = first_ldb_port(evdev);
	int ret = 0;

	if (port->num_links == DLB2_MAX_SLOTS_PER_CQ) {
		ret = dlb2_unlink(domain, port->hw_id,
				  evdev->queues[port->links[0].queue_id].hw_id);
		evdev->build = DLB2_OUTDATED;
	}
	if (ret == 0)
		ret = dlb2_link(domain, port->hw_id, queue->hw_id, 0);
	if (ret == 0)
		ret = drain(dev, queue);
	if (ret == 0)
		ret = dlb2_unlink(domain, port->hw_id, queue->hw_id);
	return ret;
}

static int
drain_all(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_domain *domain = dlb2_process(dev)->domain;
	const struct dlb2_queue *queue, *end = evdev->queues + evdev->conf.nb_event_queues;
	int ret = drain(dev, NULL);

	for (queue = evdev->queues; ret == 0 && queue < end; queue++) {
		if (queue->kind != DLB2_LDB || queue->num_links > 0)
			continue;
		ret = dlb2_queue_depth(domain, DLB2_LDB, queue->hw_id);
		if (ret > 0)
			ret = drain_unlinked(dev, queue);
	}
	return ret;
}

void
dlb2_stop(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	int ret;

	dlb2_stop_datapath(evdev);
	ret = dlb2_settle_interrupted(evdev, dlb2_process(dev));
	dlb2_resume_ports(evdev, dlb2_process(dev));
	dlb2_profiles_end(evdev, dlb2_process(dev));
	if (ret == 0)
		ret = drain_all(dev);
	dlb2_report_alarms(dlb2_process(dev)->function);
	if (ret != 0 && dlb2_report_gone(evdev, ret) != -ENODEV)
		DLB2_ERR(evdev->name,
			 "not all events could be drained: %s; the next start resets the domain, "
			 "and with it what is left",
			 strerror(-ret));
	if (ret != 0)
		evdev->build = DLB2_OUTDATED;
	evdev->started = false;
}
