/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Links between ports and queues (pmd-interface 10). While the device is stopped a link is a
 * record; while it runs, links of load-balanced ports are programmed at once and may complete in
 * the background (control-path 9.4, 9.6). Directed links are fixed once the device runs: it has no
 * register for them. Credits that a port caches are not taken from it here: they belong to the
 * thread that uses the port, and the data path keeps them too few to starve anyone.
 *
 * The device has priorities of links and none of queues. A port whose links all have the usual
 * priority leaves it to its queues; as soon as one of them has another, all count as they are. So
 * an application gets what it sets, be it one or the other, and a link of usual priority means the
 * same next to links of other priorities whether queues have some or not.
 *
 * A record is one of a port and a queue, whatever profiles link them: it is what takes a slot of
 * the CQ. Which of them are scheduled is the business of dlb2_profiles.c.
 */
#include <errno.h>

#include <rte_errno.h>

#include "dlb2_priv.h"

/* The device has 8 priorities, the API 256. */
#define PRIORITY_SHIFT 5

static struct dlb2_event_link *
find_link(struct dlb2_port *port, unsigned int queue_id)
{
	unsigned int i;

	for (i = 0; i < port->num_links; i++) {
		if (port->links[i].queue_id == queue_id)
			return &port->links[i];
	}
	return NULL;
}

static bool
has_own_priorities(const struct dlb2_port *port, unsigned int profile)
{
	const struct dlb2_event_link *link;

	for (link = port->links; link < port->links + port->num_links; link++) {
		if (dlb2_link_is_in(link, profile) &&
		    link->priorities[profile] != RTE_EVENT_DEV_PRIORITY_NORMAL)
			return true;
	}
	return false;
}

unsigned int
dlb2_link_priority(const struct dlb2_eventdev *evdev, const struct dlb2_port *port,
		   const struct dlb2_event_link *link, unsigned int profile)
{
	const struct dlb2_queue *queue = &evdev->queues[link->queue_id];
	const bool own = has_own_priorities(port, profile);

	return (own ? link->priorities[profile] : queue->conf.priority) >> PRIORITY_SHIFT;
}

static struct dlb2_event_link *
add_link(struct dlb2_eventdev *evdev, struct dlb2_port *port, unsigned int queue_id)
{
	struct dlb2_event_link *link = &port->links[port->num_links++];

	*link = (struct dlb2_event_link){.queue_id = queue_id};
	evdev->queues[queue_id].num_links++;
	return link;
}

static void
remove_link(struct dlb2_eventdev *evdev, struct dlb2_port *port, struct dlb2_event_link *link)
{
	evdev->queues[link->queue_id].num_links--;
	*link = port->links[--port->num_links];
}

void
dlb2_port_drop_links(struct dlb2_eventdev *evdev, struct dlb2_port *port)
{
	while (port->num_links > 0)
		remove_link(evdev, port, &port->links[0]);
}

void
dlb2_queue_drop_links(struct dlb2_eventdev *evdev, unsigned int queue_id)
{
	struct dlb2_event_link *link;
	struct dlb2_port *port;

	for (port = evdev->ports; port < evdev->ports + RTE_DIM(evdev->ports); port++) {
		link = find_link(port, queue_id);
		if (link != NULL)
			remove_link(evdev, port, link);
	}
}

static bool
is_single_link(const struct dlb2_queue *queue)
{
	return (queue->conf.event_queue_cfg & RTE_EVENT_QUEUE_CFG_SINGLE_LINK) != 0;
}

/* A port or queue may be single-link without being directed: dlb2_queue.c says when. */
static unsigned int
max_port_links(const struct dlb2_eventdev *evdev, const struct dlb2_port *port)
{
	bool single = (port->conf.event_port_cfg & RTE_EVENT_PORT_CFG_SINGLE_LINK) != 0;

	return single ? 1 : dlb2_evdev_limits(evdev)->num_slots_per_cq;
}

/* A queue that the port is linked to already, in any profile, needs no room. */
static int
check_room(struct dlb2_eventdev *evdev, struct dlb2_port *port, unsigned int queue_id,
	   unsigned int profile)
{
	const struct dlb2_queue *queue = &evdev->queues[queue_id];
	unsigned int port_id = dlb2_port_id(evdev, port), most = max_port_links(evdev, port);

	if (port->num_links >= most) {
		DLB2_ERR(evdev->name,
			 "port %u: queue %u, of profile %u, would be link number %u, %u is the "
			 "limit over all profiles: unlink another queue first, or use more ports",
			 port_id, queue_id, profile, port->num_links + 1, most);
		return -ENOSPC;
	}
	if (is_single_link(queue) && queue->num_links > 0) {
		DLB2_ERR(evdev->name,
			 "port %u: single-link queue %u has its one link already: unlink that "
			 "first",
			 port_id, queue_id);
		return -EDQUOT;
	}
	return 0;
}

static bool
is_linked(struct dlb2_port *port, unsigned int queue_id, unsigned int profile)
{
	const struct dlb2_event_link *link = find_link(port, queue_id);

	return link != NULL && dlb2_link_is_in(link, profile);
}

static int
check_link(struct dlb2_eventdev *evdev, struct dlb2_port *port, unsigned int queue_id,
	   unsigned int profile)
{
	const struct dlb2_queue *queue = &evdev->queues[queue_id];
	unsigned int port_id = dlb2_port_id(evdev, port);

	if (queue->setup == DLB2_NOT_SET_UP) {
		DLB2_ERR(evdev->name, "port %u: queue %u cannot be linked before its set-up",
			 port_id, queue_id);
		return -EINVAL;
	}
	if (port->kind == DLB2_DIR && !is_single_link(queue)) {
		DLB2_ERR(evdev->name,
			 "port %u: queue %u cannot be linked: the port is single-link, the queue is "
			 "not; set up both with the SINGLE_LINK flag, or neither",
			 port_id, queue_id);
		return -EINVAL;
	}
	if (find_link(port, queue_id) == NULL) {
		int ret = check_room(evdev, port, queue_id, profile);

		if (ret != 0)
			return ret;
	}
	if (port->kind == DLB2_DIR && evdev->started && !is_linked(port, queue_id, profile)) {
		DLB2_ERR(evdev->name,
			 "port %u: single-link queue %u cannot be linked while the device runs: "
			 "stop it first",
			 port_id, queue_id);
		return -EINVAL;
	}
	return 0;
}

/* A link that the device knows already, at the same priority, costs nothing. */
static int
make_link(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
	  const struct dlb2_port *port, const struct dlb2_event_link *link, unsigned int profile)
{
	return dlb2_link(process->domain, port->hw_id, evdev->queues[link->queue_id].hw_id,
			 dlb2_link_priority(evdev, port, link, profile));
}

/* Selected first: a link that the active profile has not is never scheduled from. */
static int
program_link(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
	     const struct dlb2_port *port, const struct dlb2_event_link *link, unsigned int profile,
	     bool is_new)
{
	int ret = dlb2_profile_program(evdev, process, port);

	return ret >= 0 && is_new ? make_link(evdev, process, port, link, profile) :
				    RTE_MIN(ret, 0);
}

static int
link_queue(struct dlb2_eventdev *evdev, struct dlb2_process *process, struct dlb2_port *port,
	   unsigned int queue_id, uint8_t priority, unsigned int profile)
{
	struct dlb2_event_link *link = find_link(port, queue_id);
	const bool is_new = link == NULL;
	struct dlb2_event_link before;
	int ret = check_link(evdev, port, queue_id, profile);

	if (ret != 0 ||
	    (is_linked(port, queue_id, profile) &&
	     (link->priorities[profile] == priority || port->kind == DLB2_DIR)))
		return ret;
	if (is_new) {
		ret = dlb2_queue_suit(evdev, &evdev->queues[queue_id], port->kind);
		if (ret != 0)
			return ret;
		link = add_link(evdev, port, queue_id);
	}
	before = *link;
	link->profiles |= 1u << profile;
	link->priorities[profile] = priority;
	if (evdev->started)
		ret = program_link(evdev, process, port, link, profile, is_new);
	else
		dlb2_record_changed(evdev);
	if (ret != 0 && is_new)
		remove_link(evdev, port, link);
	else if (ret != 0)
		*link = before;
	return ret;
}

/* The last profile that linked them lets go of the queue. */
static int
end_link(struct dlb2_eventdev *evdev, struct dlb2_process *process, struct dlb2_port *port,
	 struct dlb2_event_link *link)
{
	unsigned int hw_queue = evdev->queues[link->queue_id].hw_id;
	int ret = evdev->started ? dlb2_unlink(process->domain, port->hw_id, hw_queue) : 0;

	if (ret != 0 && ret != -ENOENT)
		return ret;
	remove_link(evdev, port, link);
	return 0;
}

/* What is not linked counts as unlinked. */
static int
unlink_queue(struct dlb2_eventdev *evdev, struct dlb2_process *process, struct dlb2_port *port,
	     unsigned int queue_id, unsigned int profile)
{
	struct dlb2_event_link *link = find_link(port, queue_id);
	int ret = 0;

	if (!is_linked(port, queue_id, profile))
		return 0;
	if (!evdev->started) {
		dlb2_record_changed(evdev);
	} else if (port->kind == DLB2_DIR) {
		DLB2_ERR(evdev->name,
			 "port %u: single-link queue %u cannot be unlinked while the device runs: "
			 "stop it first",
			 dlb2_port_id(evdev, port), queue_id);
		return -EINVAL;
	}
	if (link->profiles == 1u << profile)
		ret = end_link(evdev, process, port, link);
	else
		link->profiles &= ~(1u << profile);
	if (ret == 0 && evdev->started)
		ret = dlb2_profile_program(evdev, process, port);
	return RTE_MIN(ret, 0);
}

static int
refuse_port(const struct rte_eventdev *dev)
{
	DLB2_ERR(dev->data->name, "a port has no links before its set-up");
	rte_errno = EINVAL;
	return 0;
}

int
dlb2_port_link(struct rte_eventdev *dev, void *dp_port, const uint8_t queues[],
	       const uint8_t priorities[], uint16_t num, uint8_t profile)
{
	struct dlb2_process *process = dlb2_process(dev);
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	uint16_t done;
	int ret = 0;

	if (dp_port == NULL)
		return refuse_port(dev);
	pthread_mutex_lock(&process->link_lock);
	for (done = 0; done < num; done++) {
		ret = link_queue(evdev, process, dlb2_port(dp_port), queues[done],
				 priorities[done], profile);
		if (ret != 0)
			break;
	}
	pthread_mutex_unlock(&process->link_lock);
	if (ret != 0)
		rte_errno = -dlb2_report_gone(evdev, ret);
	if (evdev->started)
		dlb2_background_start(process->function);
	return done;
}

int
dlb2_port_unlink(struct rte_eventdev *dev, void *dp_port, uint8_t queues[], uint16_t num,
		 uint8_t profile)
{
	struct dlb2_process *process = dlb2_process(dev);
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	uint16_t done;
	int ret = 0;

	if (dp_port == NULL)
		return refuse_port(dev);
	pthread_mutex_lock(&process->link_lock);
	for (done = 0; done < num; done++) {
		ret = unlink_queue(evdev, process, dlb2_port(dp_port), queues[done], profile);
		if (ret != 0)
			break;
	}
	pthread_mutex_unlock(&process->link_lock);
	if (ret != 0)
		rte_errno = -dlb2_report_gone(evdev, ret);
	if (evdev->started)
		dlb2_background_start(process->function);
	return done;
}

int
dlb2_port_unlinks_in_progress(struct rte_eventdev *dev, void *dp_port)
{
	struct dlb2_process *process = dlb2_process(dev);
	const struct dlb2_port *port;

	if (dp_port == NULL) {
		refuse_port(dev);
		return -EINVAL;
	}
	port = dlb2_port(dp_port);
	if (port->kind == DLB2_DIR || !dlb2_evdev(dev)->started)
		return 0;
	dlb2_device_progress(process->function->device);
	return dlb2_unlinks_in_progress(process->domain, port->hw_id);
}

/* The queue of a directed port comes into being with its link. */
static int
build_dir_link(struct dlb2_eventdev *evdev, struct dlb2_process *process, struct dlb2_port *port)
{
	struct dlb2_queue *queue = &evdev->queues[port->links[0].queue_id];
	int id = dlb2_dir_queue_create(process->domain, port->hw_id,
				       dlb2_queue_depth_threshold(evdev, queue));

	if (id < 0)
		return id;
	queue->hw_id = id;
	dlb2_dp_dir_port_link(evdev->dp, port->dp, port->links[0].queue_id);
	return 0;
}

static int
build_ldb_links(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
		const struct dlb2_port *port)
{
	const struct dlb2_event_link *link;
	int ret = 0;

	for (link = port->links; ret == 0 && link < port->links + port->num_links; link++)
		ret = make_link(evdev, process, port, link, port->profile);
	return ret;
}

int
dlb2_port_build_links(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		      struct dlb2_port *port)
{
	int ret = 0;

	if (port->kind == DLB2_LDB)
		ret = build_ldb_links(evdev, process, port);
	else if (port->num_links > 0)
		ret = build_dir_link(evdev, process, port);
	if (ret == 0)
		ret = dlb2_profile_program(evdev, process, port);
	return RTE_MIN(ret, 0);
}

int
dlb2_queue_program_links(struct dlb2_eventdev *evdev, struct dlb2_process *process,
			 unsigned int queue_id)
{
	struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;
	int ret = 0;

	for (port = evdev->ports; ret >= 0 && port < end; port++) {
		if (port->kind == DLB2_LDB && find_link(port, queue_id) != NULL)
			ret = dlb2_profile_program(evdev, process, port);
	}
	return RTE_MIN(ret, 0);
}
