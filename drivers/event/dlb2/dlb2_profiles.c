/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Link profiles (pmd-interface N5): sets of links of a port, of which one is active. The hardware
 * port is linked to the queues of all profiles, eight at most, and the device schedules from those
 * of the active one. Not here: the records of links (dlb2_link.c), and how links are left out
 * (hw/select.c).
 *
 * The one thing to know: a queue goes out of what is scheduled like one that is unlinked, when the
 * port has completed what it has. Meanwhile its CQ gets nothing. The thread that uses the port then
 * makes the switch when it finds its CQ empty, or the background does.
 *
 * Which profile is active belongs to the thread that uses the port; locks are held for microseconds
 * and only because others may link at the same time.
 */
#include <errno.h>

#include "dlb2_priv.h"
#include "dlb2_trace.h"

bool
dlb2_profile_has_others(const struct dlb2_port *port)
{
	const struct dlb2_event_link *link;

	for (link = port->links; link < port->links + port->num_links; link++) {
		if ((link->profiles & ~(1u << port->profile)) != 0)
			return true;
	}
	return false;
}

bool
dlb2_profile_is_served(const struct dlb2_port *port)
{
	return port->kind == DLB2_LDB || port->num_links == 0 ||
		dlb2_link_is_in(&port->links[0], port->profile);
}

/* The one link is there, or the CQ is off: of a quiesced port it stays off until it is used. */
static int
program_dir(struct dlb2_process *process, const struct dlb2_port *port)
{
	return dlb2_port_set_enabled(process->domain, DLB2_DIR, port->hw_id,
				     dlb2_profile_is_served(port) &&
					     !dlb2_dp_port_is_quiesced(port->dp));
}

int
dlb2_profile_program(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
		     const struct dlb2_port *port)
{
	uint8_t priorities[DLB2_MAX_LDB_QUEUES] = {0};
	const struct dlb2_event_link *link;
	unsigned int hw_queue;
	uint32_t off = 0;

	if (port->kind == DLB2_DIR)
		return program_dir(process, port);
	for (link = port->links; link < port->links + port->num_links; link++) {
		hw_queue = evdev->queues[link->queue_id].hw_id;
		if (dlb2_link_is_in(link, port->profile))
			priorities[hw_queue] = dlb2_link_priority(evdev, port, link, port->profile);
		else
			off |= UINT32_C(1) << hw_queue;
	}
	return dlb2_port_select(process->domain, port->hw_id, off, priorities);
}

static int
check_switch(const struct dlb2_eventdev *evdev, const struct dlb2_process *process,
	     unsigned int port_id, unsigned int profile)
{
	if (profile >= DLB2_MAX_PROFILES) {
		DLB2_ERR(evdev->name, "port %u: there is no link profile %u: say 0 to %u", port_id,
			 profile, DLB2_MAX_PROFILES - 1);
		return -EINVAL;
	}
	if (!evdev->started) {
		DLB2_ERR(evdev->name,
			 "port %u: link profile %u can be made active while the device runs only",
			 port_id, profile);
		return -EINVAL;
	}
	if (process->domain == NULL) {
		DLB2_ERR(evdev->name,
			 "port %u: switching to link profile %u is not possible in a secondary "
			 "process, which has no registers: do it in the primary",
			 port_id, profile);
		return -ENOTSUP;
	}
	return 0;
}

static int
switch_profile(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
	       struct dlb2_port *port, uint8_t profile)
{
	int ret;

	pthread_mutex_lock(&process->link_lock);
	port->profile = profile;
	ret = dlb2_profile_program(evdev, process, port);
	pthread_mutex_unlock(&process->link_lock);
	dlb2_dp_port_set_switching(port->dp, ret > 0);
	if (ret > 0)
		dlb2_background_start(process->function);
	return dlb2_report_gone(evdev, RTE_MIN(ret, 0));
}

int
dlb2_profile_switch(void *dp_port, uint8_t profile)
{
	const struct dlb2_port_block *block = container_of(dp_port, struct dlb2_port_block, dp);
	const struct dlb2_eventdev *evdev = block->evdev;
	struct dlb2_process *process = dlb2_process(&rte_eventdevs[evdev->dev_id]);
	int ret = check_switch(evdev, process, block->port_id, profile);

	if (ret == 0) {
		dlb2_dp_port_flush_stores(dp_port); /* completions among them */
		ret = switch_profile(evdev, process, dlb2_port(dp_port), profile);
	}
	dlb2_trace_profile_switch(evdev->dev_id, block->port_id, profile, ret);
	return ret;
}

void
dlb2_profile_resume(struct dlb2_process *process, const struct dlb2_port *port)
{
	int ret;

	pthread_mutex_lock(&process->link_lock);
	ret = dlb2_profile_program(process->evdev, process, port);
	pthread_mutex_unlock(&process->link_lock);
	dlb2_dp_port_set_switching(port->dp, ret > 0);
}

int
dlb2_profiles_begin(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;
	int ret = 0;

	for (port = evdev->ports; ret >= 0 && port < end; port++) {
		port->profile = 0;
		if (evdev->build == DLB2_BUILT)
			ret = dlb2_profile_program(evdev, process, port);
	}
	return RTE_MIN(ret, 0);
}

void
dlb2_profiles_end(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	const struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;

	for (port = evdev->ports; port < end; port++) {
		dlb2_dp_port_set_switching(port->dp, false);
		if (port->kind == DLB2_LDB)
			dlb2_port_select(process->domain, port->hw_id, 0, NULL);
		else
			dlb2_port_set_enabled(process->domain, DLB2_DIR, port->hw_id, true);
	}
}
