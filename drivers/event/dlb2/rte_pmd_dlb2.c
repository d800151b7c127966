/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The driver-specific API (pmd-interface 15). Nothing is believed of the caller: not even that the
 * device is a DLB.
 */
#include <errno.h>

#include <rte_eal.h>

#include "dlb2_priv.h"

/* The device, if it is one of this driver's in this process; else NULL, after a message. */
static struct rte_eventdev *
find_device(uint8_t dev_id)
{
	struct rte_eventdev *dev = &rte_eventdevs[RTE_MIN(dev_id, RTE_EVENT_MAX_DEVS - 1)];

	if (!rte_event_pmd_is_valid_dev(dev_id) ||
	    dev->dev_ops->dev_configure != dlb2_control_ops.dev_configure) {
		DLB2_ERR("API", "event device %u is not a DLB of this process", dev_id);
		return NULL;
	}
	return dev;
}

/* The same if it has this port. */
static struct rte_eventdev *
find(uint8_t dev_id, uint8_t port_id)
{
	struct rte_eventdev *dev = find_device(dev_id);
	const struct dlb2_eventdev *evdev;

	if (dev == NULL)
		return NULL;
	evdev = dlb2_evdev(dev);
	if (!evdev->configured || port_id >= evdev->conf.nb_event_ports) {
		DLB2_ERR(evdev->name,
			 "port %u does not exist, %u are configured: call "
			 "rte_event_dev_configure() first",
			 port_id, evdev->configured ? evdev->conf.nb_event_ports : 0);
		return NULL;
	}
	return dev;
}

int
rte_pmd_dlb2_set_token_pop_mode(uint8_t dev_id, uint8_t port_id,
				enum rte_pmd_dlb2_token_pop_mode mode)
{
	struct rte_eventdev *dev = find(dev_id, port_id);
	struct dlb2_eventdev *evdev;

	if (dev == NULL)
		return -EINVAL;
	evdev = dlb2_evdev(dev);
	if ((unsigned int)mode >= RTE_PMD_DLB2_NUM_TOKEN_POP_MODES) {
		DLB2_ERR(evdev->name, "token pop mode %u is unknown: say 0 to %u", mode,
			 RTE_PMD_DLB2_NUM_TOKEN_POP_MODES - 1);
		return -EINVAL;
	}
	if (evdev->started || evdev->ports[port_id].setup == DLB2_SET_UP) {
		DLB2_ERR(evdev->name,
			 "port %u: the token pop mode is chosen between rte_event_dev_configure() "
			 "and the set-up of the port",
			 port_id);
		return -EINVAL;
	}
	evdev->ports[port_id].token_pop_mode = mode;
	return 0;
}

static int
check_threshold(const struct dlb2_eventdev *evdev, unsigned int port_id, unsigned int threshold)
{
	const struct dlb2_port *port = &evdev->ports[port_id];

	if (evdev->options.version == DLB2_HW_2_0) {
		DLB2_ERR(evdev->name, "port %u: DLB 2.0 has no flow migration threshold, 2.5 has",
			 port_id);
		return -EINVAL;
	}
	if (threshold < 1 || (port->setup != DLB2_NOT_SET_UP && port->kind == DLB2_DIR)) {
		DLB2_ERR(evdev->name,
			 "port %u: flow migration threshold %u is not possible: say 1 to 4095, of "
			 "a load-balanced port",
			 port_id, threshold);
		return -EINVAL;
	}
	return 0;
}

static int
check_port_hl(const struct dlb2_eventdev *evdev, unsigned int port_id, unsigned int port_hl)
{
	unsigned int most = evdev->owned.hist_list_entries;

	if (port_hl < 1 || port_hl > most) {
		DLB2_ERR(evdev->name,
			 "port %u: %u history-list entries are not possible: say 1 to the %u of "
			 "all ports together",
			 port_id, port_hl, most);
		return -EINVAL;
	}
	if (evdev->ports[port_id].setup == DLB2_SET_UP) {
		DLB2_ERR(evdev->name,
			 "port %u: history-list entries are chosen before the set-up of the port",
			 port_id);
		return -EINVAL;
	}
	return 0;
}

static int
check_param(const struct dlb2_eventdev *evdev, uint8_t port_id, uint64_t flags,
	    const struct rte_pmd_dlb2_port_param *val)
{
	const uint64_t known = DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD | DLB2_SET_PORT_HL;
	int ret = 0;

	if (val == NULL) {
		DLB2_ERR(evdev->name, "port %u: no values are given: pass a struct with them",
			 port_id);
		return -EINVAL;
	}
	if ((flags & ~known) != 0) {
		DLB2_ERR(evdev->name, "port %u: flags %#" PRIx64 " are not all known: say %#" PRIx64
			 " or less",
			 port_id, flags, known);
		return -EINVAL;
	}
	if (flags & DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD)
		ret = check_threshold(evdev, port_id, val->inflight_threshold);
	if (ret == 0 && (flags & DLB2_SET_PORT_HL))
		ret = check_port_hl(evdev, port_id, val->port_hl);
	return ret;
}

int
rte_pmd_dlb2_set_port_param(uint8_t dev_id, uint8_t port_id, uint64_t flags,
			    struct rte_pmd_dlb2_port_param *val)
{
	struct rte_eventdev *dev = find(dev_id, port_id);
	struct dlb2_eventdev *evdev;
	struct dlb2_port *port;
	int ret;

	if (dev == NULL)
		return -EINVAL;
	evdev = dlb2_evdev(dev);
	port = &evdev->ports[port_id];
	ret = check_param(evdev, port_id, flags, val);
	if (ret == 0 && (flags & DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD) &&
	    evdev->build == DLB2_BUILT)
		ret = dlb2_ldb_port_set_inflight_threshold(dlb2_process(dev)->domain, port->hw_id,
							   val->inflight_threshold);
	if (ret != 0)
		return ret;
	if (flags & DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD)
		port->inflight_threshold = val->inflight_threshold;
	if (flags & DLB2_SET_PORT_HL)
		port->port_hl = val->port_hl;
	return 0;
}

/* File descriptors and the device's registers are the primary's. */
static int
check_primary(const char *what)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return 0;
	DLB2_ERR("API", "only the primary process can %s", what);
	return -ENOTSUP;
}

int
rte_pmd_dlb2_port_event_fd(uint8_t dev_id, uint8_t port_id)
{
	int ret = check_primary("wait for events by a file descriptor");
	struct rte_eventdev *dev;
	struct dlb2_eventdev *evdev;

	if (ret != 0)
		return ret;
	dev = find(dev_id, port_id);
	if (dev == NULL)
		return -EINVAL;
	evdev = dlb2_evdev(dev);
	if (evdev->ports[port_id].setup == DLB2_NOT_SET_UP) {
		DLB2_ERR(evdev->name,
			 "port %u is not set up: call rte_event_port_setup() before a file "
			 "descriptor is asked for",
			 port_id);
		return -EINVAL;
	}
	return dlb2_cq_irq_open(evdev, dlb2_process(dev), &evdev->ports[port_id]);
}

int
rte_pmd_dlb2_port_event_arm(uint8_t dev_id, uint8_t port_id)
{
	int ret = check_primary("wait for events by a file descriptor");
	const struct dlb2_eventdev *evdev;
	struct rte_eventdev *dev;

	if (ret != 0)
		return ret;
	dev = find(dev_id, port_id);
	if (dev == NULL)
		return -EINVAL;
	evdev = dlb2_evdev(dev);
	if (!evdev->ports[port_id].irq.open) {
		DLB2_ERR(evdev->name,
			 "port %u has no file descriptor: call rte_pmd_dlb2_port_event_fd() first",
			 port_id);
		return -ENOENT;
	}
	return evdev->started ? dlb2_dp_port_arm(evdev->ports[port_id].dp) : -ESHUTDOWN;
}

int
rte_pmd_dlb2_port_reclaim(uint8_t dev_id, uint8_t port_id, rte_pmd_dlb2_reclaim_t callback,
			  void *arg, struct rte_pmd_dlb2_reclaim_count *count)
{
	struct dlb2_reclaim reclaim = {
		.dev_id = dev_id, .port_id = port_id, .callback = callback, .arg = arg,
	};
	struct rte_eventdev *dev;
	int ret;

	ret = check_primary("reclaim a port");
	if (ret != 0)
		return ret;
	dev = find(dev_id, port_id);
	if (dev == NULL)
		return -EINVAL;
	ret = dlb2_reclaim_port(dev, &reclaim);
	if (count != NULL)
		*count = reclaim.count;
	return ret;
}

/* The device, as far as alarms go; 0 or a negative errno, after a message. */
static int
find_for_alarms(uint8_t dev_id, struct rte_eventdev **dev)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		DLB2_ERR("API", "alarms are told to the primary process only");
		return -ENOTSUP;
	}
	*dev = find_device(dev_id);
	return *dev != NULL ? 0 : -EINVAL;
}

int
rte_pmd_dlb2_alarm_callback_register(uint8_t dev_id, rte_pmd_dlb2_alarm_callback_t callback,
				     void *arg)
{
	struct rte_eventdev *dev;
	int ret = find_for_alarms(dev_id, &dev);

	if (ret != 0)
		return ret;
	if (callback == NULL) {
		DLB2_ERR(dlb2_evdev(dev)->name, "no alarm callback is given: pass a function");
		return -EINVAL;
	}
	return dlb2_alarm_callback_set(dlb2_process(dev), callback, arg);
}

int
rte_pmd_dlb2_alarm_callback_unregister(uint8_t dev_id, rte_pmd_dlb2_alarm_callback_t callback,
				       void *arg)
{
	struct rte_eventdev *dev;
	int ret = find_for_alarms(dev_id, &dev);

	return ret == 0 ? dlb2_alarm_callback_remove(dlb2_process(dev), callback, arg) : ret;
}
