/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Selecting, of the queues that a load-balanced port is linked to, those that are scheduled to it:
 * what link profiles are made of (pmd-interface N5). All keep their slots and their place in the
 * inverse maps; a slot whose queue is left out has its valid bit in LSP_CQ2PRIOV cleared.
 *
 * The one thing to know: may the valid bit of a slot go while events of its queue are in flight at
 * the CQ? The history list names the slot of each. The reference clears the bit only of CQs that
 * owe no completion (control-path 9.6), and leaves the question open (N5: INFERRED). So does this
 * driver: dlb2_link_finish() decides for both, and is the one place to change if a device is known
 * to take it. The model's switch "slot-in-flight" has both answers.
 *
 * The other way, a bit that is set again without its queue being stopped as for a new link
 * (control-path 9.4), is inferred, too: the maps that the scheduler notes changes by have been right
 * all the time, and what it may have missed it is told (dlb2_map_wake()). Clearing INFLIGHT_OK
 * instead would need no idle CQ, but the device sets it by itself (15.5).
 */

#include "dlb2_hw_priv.h"

bool
dlb2_select_is_off(const struct dlb2_ldb_port *port, unsigned int queue)
{
	return (port->off_queues >> queue & 1) != 0;
}

_Static_assert(DLB2_MAX_LDB_QUEUES <= 32, "a set of queues is a word");

/* A slot that goes away, or is not there yet, is none that has to change. */
static bool
has_to_change(const struct dlb2_ldb_port *port, const struct dlb2_slot *slot)
{
	return slot->state == DLB2_SLOT_MAPPED &&
		slot->off != dlb2_select_is_off(port, slot->queue);
}

unsigned int
dlb2_select_num_leaving(const struct dlb2_device *dev, unsigned int port_id)
{
	const struct dlb2_ldb_port *port = &dev->ldb_ports[port_id];
	unsigned int leaving = 0;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		leaving += has_to_change(port, &port->slots[i]) && !port->slots[i].off;
	return leaving;
}

static void
set_selecting(struct dlb2_ldb_port *port, bool selecting)
{
	port->cq.domain->num_selections += selecting - port->selecting;
	port->selecting = selecting;
}

/* Notes whether slots have to change. */
static bool
note_changes(struct dlb2_device *dev, unsigned int port_id)
{
	struct dlb2_ldb_port *port = &dev->ldb_ports[port_id];
	bool changes = false;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		changes |= has_to_change(port, &port->slots[i]);
	set_selecting(port, changes);
	return changes;
}

unsigned int
dlb2_select_apply(struct dlb2_device *dev, unsigned int port_id)
{
	struct dlb2_ldb_port *port = &dev->ldb_ports[port_id];
	unsigned int woken = 0;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++) {
		if (!has_to_change(port, &port->slots[i]))
			continue;
		port->slots[i].off = !port->slots[i].off;
		if (!port->slots[i].off)
			woken |= 1u << i;
	}
	set_selecting(port, false);
	return woken;
}

/* Nothing may be scheduled while slots change (control-path 9.3 step 3). */
bool
dlb2_select_settle(struct dlb2_device *dev, unsigned int port)
{
	if (!note_changes(dev, port))
		return false;
	dlb2_cq_stop(dev, DLB2_LDB, port);
	reg_flush(dev);
	dlb2_link_finish(dev, port);
	return true;
}

/* Returns whether links that the scheduler sees have another priority now. */
static bool
set_priorities(struct dlb2_device *dev, unsigned int port_id, const uint8_t *priorities)
{
	struct dlb2_ldb_port *port = &dev->ldb_ports[port_id];
	bool changed = false;

	for (unsigned int i = 0; priorities != NULL && i < dev->limits->num_slots_per_cq; i++) {
		struct dlb2_slot *slot = &port->slots[i];

		if (slot->state == DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP)
			slot->pending_priority = priorities[slot->pending_queue];
		if ((slot->state != DLB2_SLOT_MAPPED && slot->state != DLB2_SLOT_MAP_IN_PROG) ||
		    dlb2_select_is_off(port, slot->queue) ||
		    slot->priority == priorities[slot->queue])
			continue;
		slot->priority = priorities[slot->queue];
		changed |= slot->state == DLB2_SLOT_MAPPED && !slot->off;
	}
	return changed;
}

/* control-path 9.5, for all slots of a port at once. */
static void
write_priorities(struct dlb2_device *dev, unsigned int port)
{
	dlb2_cq_stop(dev, DLB2_LDB, port);
	reg_flush(dev);
	dlb2_map_priorities(dev, port);
	dlb2_cq_resume(dev, DLB2_LDB, port);
	reg_flush(dev);
}

static bool
are_priorities(const struct dlb2_device *dev, uint32_t off, const uint8_t *priorities)
{
	for (unsigned int i = 0; priorities != NULL && i < dev->limits->num_ldb_queues; i++)
		if ((off >> i & 1) == 0 && priorities[i] >= dev->limits->num_priorities)
			return false;
	return true;
}

static int
do_select(struct dlb2_domain *domain, unsigned int port_id, uint32_t off, const uint8_t *priorities)
{
	struct dlb2_ldb_port *port = dlb2_find_ldb_port(domain, port_id);
	struct dlb2_device *dev = domain->dev;
	bool rewrite;

	if (port == NULL || !are_priorities(dev, off, priorities))
		return -EINVAL;
	port->off_queues = off;
	rewrite = set_priorities(dev, port_id, priorities);
	rewrite |= port->selecting; /* and may be no more: the CQ is stopped */
	if (domain->state != DLB2_DOMAIN_STARTED) {
		dlb2_select_apply(dev, port_id);
		return 0;
	}
	if (!dlb2_select_settle(dev, port_id) && rewrite)
		write_priorities(dev, port_id);
	return port->selecting;
}

int
dlb2_port_select(struct dlb2_domain *domain, unsigned int ldb_port, uint32_t off,
		 const uint8_t priorities[DLB2_MAX_LDB_QUEUES])
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = do_select(domain, ldb_port, off, priorities);
	return dlb2_leave(domain->dev, ret);
}

void
dlb2_select_everything(struct dlb2_domain *domain)
{
	unsigned int port;

	DLB2_FOREACH_LDB_PORT(port, domain) {
		domain->dev->ldb_ports[port].off_queues = 0;
		note_changes(domain->dev, port);
	}
}
