/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Linking load-balanced queues to ports: requests, the state of each slot, and finishing later what
 * cannot be finished at once (control-path 9.2, 9.3, 9.6 to 9.8). Registers are written by map.c.
 *
 * Nothing here waits. What must wait for completions stays in its slot's state until
 * dlb2_device_progress() comes by again.
 */

#include <stdio.h>

#include "dlb2_hw_priv.h"

static bool
is_removal(enum dlb2_slot_state state)
{
	return state == DLB2_SLOT_UNMAP_IN_PROG || state == DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP;
}

/* Adds `sign` for everything that a slot in its present state counts for. */
static void
count_slot(struct dlb2_device *dev, unsigned int port_id, unsigned int slot_id, int sign)
{
	struct dlb2_ldb_port *port = &dev->ldb_ports[port_id];
	const struct dlb2_slot *slot = &port->slots[slot_id];
	struct dlb2_ldb_queue *queue = &dev->ldb_queues[slot->queue];

	if (slot->state == DLB2_SLOT_MAPPED || is_removal(slot->state)) {
		port->num_mappings += sign;
		queue->num_mappings += sign;
	}
	if (slot->state == DLB2_SLOT_MAP_IN_PROG) {
		queue->num_additions += sign;
		port->cq.domain->num_additions += sign;
	}
	if (is_removal(slot->state)) {
		port->num_removals += sign;
		port->cq.domain->num_removals += sign;
	}
}

void
dlb2_slot_move(struct dlb2_device *dev, unsigned int port, unsigned int slot,
	       enum dlb2_slot_state state)
{
	count_slot(dev, port, slot, -1);
	dev->ldb_ports[port].slots[slot].state = state;
	count_slot(dev, port, slot, 1);
}

int
dlb2_slot_find(const struct dlb2_device *dev, unsigned int port, enum dlb2_slot_state state,
	       int queue)
{
	const struct dlb2_slot *slots = dev->ldb_ports[port].slots;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		if (slots[i].state == state && (queue < 0 || slots[i].queue == queue))
			return i;
	return -1;
}

/* The slot whose unmapping this queue waits for, or -1. */
static int
find_pending(const struct dlb2_device *dev, unsigned int port, unsigned int queue)
{
	const struct dlb2_slot *slots = dev->ldb_ports[port].slots;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		if (slots[i].state == DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP &&
		    slots[i].pending_queue == queue)
			return i;
	return -1;
}

/* Whether a CQ is stopped for a change of its slots that cannot be made now. */
static bool
has_to_wait(struct dlb2_device *dev, unsigned int port)
{
	if (dev->ldb_ports[port].num_removals == 0 && dlb2_select_num_leaving(dev, port) == 0)
		return false;
	return dlb2_cq_inflights(dev, port) != 0 || dev->gone;
}

/* control-path 9.6, "finishing". */
void
dlb2_link_finish(struct dlb2_device *dev, unsigned int port)
{
	struct dlb2_slot *slots = dev->ldb_ports[port].slots;
	unsigned int unmapped = 0;
	unsigned int pending = 0;
	unsigned int woken;

	if ((dev->ldb_ports[port].num_removals == 0 && !dev->ldb_ports[port].selecting) ||
	    has_to_wait(dev, port))
		return;
	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++) {
		if (slots[i].state == DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP)
			pending |= 1u << i;
		if (is_removal(slots[i].state))
			unmapped |= 1u << i;
	}
	woken = dlb2_select_apply(dev, port);
	dlb2_unmap_now(dev, port, unmapped);
	dlb2_map_wake(dev, port, woken);
	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		if ((pending >> i & 1) != 0)
			dlb2_map_begin(dev, port, i, slots[i].pending_queue,
				       slots[i].pending_priority);
	dlb2_cq_resume(dev, DLB2_LDB, port);
	reg_flush(dev);
}

static void
finish_maps(struct dlb2_device *dev, unsigned int port)
{
	const struct dlb2_slot *slots = dev->ldb_ports[port].slots;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		if (slots[i].state == DLB2_SLOT_MAP_IN_PROG)
			dlb2_map_finish(dev, port, i);
}

/* control-path 9.7, one round for one domain. */
unsigned int
dlb2_domain_progress(struct dlb2_domain *domain)
{
	unsigned int port;

	if (domain->num_removals + domain->num_selections > 0)
		DLB2_FOREACH_LDB_PORT(port, domain)
			dlb2_link_finish(domain->dev, port);
	if (domain->num_additions > 0)
		DLB2_FOREACH_LDB_PORT(port, domain)
			finish_maps(domain->dev, port);
	return domain->num_removals + domain->num_selections + domain->num_additions;
}

unsigned int
dlb2_device_progress(struct dlb2_device *dev)
{
	unsigned int left = 0;

	if (dlb2_enter(dev) == 0)
		for (unsigned int i = 0; i < dev->limits->num_domains; i++)
			if (dev->domains[i].state == DLB2_DOMAIN_STARTED)
				left += dlb2_domain_progress(&dev->domains[i]);
	return dlb2_leave(dev, 0) == 0 ? left : 0;
}

/* control-path 9.5: nothing may be scheduled while slots change. */
static void
change_priority(struct dlb2_device *dev, unsigned int port, unsigned int slot,
		unsigned int priority)
{
	if (dev->ldb_ports[port].slots[slot].priority == priority)
		return;
	dev->ldb_ports[port].slots[slot].priority = priority;
	if (dev->ldb_ports[port].cq.domain->state != DLB2_DOMAIN_STARTED)
		return;
	dlb2_cq_stop(dev, DLB2_LDB, port);
	reg_flush(dev);
	dlb2_map_priorities(dev, port);
	dlb2_cq_resume(dev, DLB2_LDB, port);
	reg_flush(dev);
}

/* control-path 9.3 step 5: the queue is wanted again before it was gone. */
static void
cancel_removal(struct dlb2_device *dev, unsigned int port, unsigned int slot,
	       unsigned int priority)
{
	change_priority(dev, port, slot, priority);
	dlb2_slot_move(dev, port, slot, DLB2_SLOT_MAPPED);
	dlb2_select_settle(dev, port);
	dlb2_cq_resume(dev, DLB2_LDB, port);
	reg_flush(dev);
}

static int
no_slot(struct dlb2_device *dev, unsigned int port, unsigned int queue)
{
	const struct dlb2_slot *slots = dev->ldb_ports[port].slots;
	char list[DLB2_MAX_SLOTS_PER_CQ * 4 + 1];
	size_t len = 0;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		len += snprintf(list + len, sizeof(list) - len, " %u",
				slots[i].state == DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP ?
				slots[i].pending_queue : slots[i].queue);
	dlb2_err(dev, "load-balanced port %u is linked to %u queues already (%s), queue %u is one "
		 "too many: unlink one first", port, dev->limits->num_slots_per_cq, list + 1,
		 queue);
	return -ENOSPC;
}

/* control-path 9.3 steps 2, 7 and 8, for a queue that is in no slot of the port. */
static int
add_link(struct dlb2_device *dev, unsigned int port, unsigned int queue, unsigned int priority)
{
	struct dlb2_slot *slots = dev->ldb_ports[port].slots;
	int slot = dlb2_slot_find(dev, port, DLB2_SLOT_UNMAPPED, -1);

	if (slot < 0) {
		slot = dlb2_slot_find(dev, port, DLB2_SLOT_UNMAP_IN_PROG, -1);
		if (slot < 0)
			return no_slot(dev, port, queue);
		slots[slot].pending_queue = queue;
		slots[slot].pending_priority = priority;
		dlb2_slot_move(dev, port, slot, DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP);
	} else if (dev->ldb_ports[port].cq.domain->state == DLB2_DOMAIN_STARTED) {
		dlb2_map_begin(dev, port, slot, queue, priority);
	} else {
		slots[slot].queue = queue;
		slots[slot].priority = priority;
		slots[slot].off = dlb2_select_is_off(&dev->ldb_ports[port], queue);
		dlb2_slot_move(dev, port, slot, DLB2_SLOT_MAPPED);
	}
	return 0;
}

/*
 * control-path 9.3, its step 5 after step 6: a removal is taken back only if no other slot of the
 * port has or awaits the queue, which would otherwise have two.
 */
static int
do_link(struct dlb2_domain *domain, unsigned int port, unsigned int queue, unsigned int priority)
{
	struct dlb2_device *dev = domain->dev;
	int slot;

	if (dlb2_find_ldb_port(domain, port) == NULL || !dlb2_has_ldb_queue(domain, queue))
		return -EINVAL;
	if (priority >= dev->limits->num_priorities) {
		dlb2_err(dev, "priority %u of a link: 0 (most urgent) to %u", priority,
			 dev->limits->num_priorities - 1);
		return -EINVAL;
	}
	dlb2_link_finish(dev, port);
	slot = dlb2_slot_find(dev, port, DLB2_SLOT_MAPPED, queue);
	if (slot >= 0) {
		change_priority(dev, port, slot, priority);
		return 0;
	}
	slot = dlb2_slot_find(dev, port, DLB2_SLOT_MAP_IN_PROG, queue);
	if (slot >= 0) {
		dev->ldb_ports[port].slots[slot].priority = priority;
		return 0;
	}
	slot = find_pending(dev, port, queue);
	if (slot >= 0) {
		dev->ldb_ports[port].slots[slot].pending_priority = priority;
		return 0;
	}
	slot = dlb2_slot_find(dev, port, DLB2_SLOT_UNMAP_IN_PROG, queue);
	if (slot >= 0) {
		cancel_removal(dev, port, slot, priority);
		return 0;
	}
	return add_link(dev, port, queue, priority);
}

int
dlb2_link(struct dlb2_domain *domain, unsigned int ldb_port, unsigned int ldb_queue,
	  unsigned int priority)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = do_link(domain, ldb_port, ldb_queue, priority);
	return dlb2_leave(domain->dev, ret);
}

/* control-path 9.6 step 3. Before start no register has been written. */
static void
remove_link(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	if (dev->ldb_ports[port].cq.domain->state != DLB2_DOMAIN_STARTED) {
		dlb2_slot_move(dev, port, slot, DLB2_SLOT_UNMAPPED);
		return;
	}
	dlb2_cq_stop(dev, DLB2_LDB, port);
	reg_flush(dev);
	dlb2_slot_move(dev, port, slot, DLB2_SLOT_UNMAP_IN_PROG);
	dlb2_link_finish(dev, port);
}

/* control-path 9.6. */
static int
do_unlink(struct dlb2_domain *domain, unsigned int port, unsigned int queue)
{
	struct dlb2_device *dev = domain->dev;
	int slot;

	if (dlb2_find_ldb_port(domain, port) == NULL || !dlb2_has_ldb_queue(domain, queue))
		return -EINVAL;
	slot = dlb2_slot_find(dev, port, DLB2_SLOT_MAP_IN_PROG, queue);
	if (slot >= 0) {
		dlb2_map_cancel(dev, port, slot);
		return 0;
	}
	slot = find_pending(dev, port, queue);
	if (slot >= 0) {
		dlb2_slot_move(dev, port, slot, DLB2_SLOT_UNMAP_IN_PROG);
		return 0;
	}
	slot = dlb2_slot_find(dev, port, DLB2_SLOT_MAPPED, queue);
	if (slot >= 0) {
		remove_link(dev, port, slot);
		return 0;
	}
	dlb2_err(dev, "load-balanced port %u is not linked to queue %u", port, queue);
	return -ENOENT;
}

int
dlb2_unlink(struct dlb2_domain *domain, unsigned int ldb_port, unsigned int ldb_queue)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = do_unlink(domain, ldb_port, ldb_queue);
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_unlinks_in_progress(struct dlb2_domain *domain, unsigned int ldb_port)
{
	const struct dlb2_ldb_port *port;
	int ret = dlb2_enter(domain->dev);

	if (ret == 0) {
		port = dlb2_find_ldb_port(domain, ldb_port);
		ret = port == NULL ? -EINVAL :
			(int)(port->num_removals +
			      dlb2_select_num_leaving(domain->dev, ldb_port));
	}
	return dlb2_leave(domain->dev, ret);
}
