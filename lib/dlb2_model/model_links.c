/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Links between queues and CQs (control-path 9.1) and the status bits of slots (15.5). From the
 * slot registers follow model_port.linked, by queue, and its mirror image model_ldb_queue.cqs.
 *
 * Status bits: INFLIGHT_OK does what it says. Has-work bits follow the queue by themselves; under
 * DLB2_SWITCH_STATUS_BITS a slot that is linked to a queue with work does not know of it before a
 * command says so or the queue gets work after having been empty. AQED_NFULL is not modelled apart
 * from the AQED limit itself.
 */

#include "model_history.h"
#include "model_links.h"
#include "model_queue.h"

#define HAS_WORK (DLB2_LSP_LDB_SCHED_CTRL__NALB_HASWORK_V | \
	DLB2_LSP_LDB_SCHED_CTRL__RLIST_HASWORK_V | DLB2_LSP_LDB_SCHED_CTRL__SLIST_HASWORK_V)

static unsigned int
slot_queue(struct dlb2_model *m, unsigned int p, unsigned int slot)
{
	enum dlb2_reg reg = slot < 4 ? DLB2_LSP_CQ2QID0 : DLB2_LSP_CQ2QID1;

	return *model_reg(m, reg, p, 0) >> 8 * (slot % 4) & DLB2_LSP_CQ2QID0__QID_P0;
}

_Static_assert(DLB2_LSP_CQ2QID0__QID_P1 == DLB2_LSP_CQ2QID0__QID_P0 << 8 &&
	DLB2_LSP_CQ2QID1__QID_P4 == DLB2_LSP_CQ2QID0__QID_P0, "a byte per slot");

static unsigned int
slot_priority(struct dlb2_model *m, unsigned int p, unsigned int slot)
{
	return model_field(m, DLB2_LSP_CQ2PRIOV, p, DLB2_LSP_CQ2PRIOV__PRIO) >> 3 * slot & 7;
}

/* The inverse maps must agree only under a switch (control-path 15.4). */
static bool
inverse_maps_agree(struct dlb2_model *m, unsigned int p, unsigned int slot, unsigned int q)
{
	unsigned int shift = 8 * (p % 4) + slot;

	if (m->switches[DLB2_SWITCH_LINK_MAPS] == 0)
		return true;
	return *model_reg(m, DLB2_ATM_QID2CQIDIX, q, p / 4) >> shift & 1 &
		*model_reg(m, DLB2_LSP_QID2CQIDIX, q, p / 4) >> shift &
		*model_reg(m, DLB2_LSP_QID2CQIDIX2, q, p / 4) >> shift;
}

static bool
has_work(const struct model_sched *s, unsigned int p, unsigned int q)
{
	return ((s->nalb_work | s->ready_work | s->ports[DLB2_LDB][p].own) >> q & 1) != 0;
}

/* Takes over one slot, with what becomes of its status bits when another queue comes into it. */
static void
decode_slot(struct dlb2_model *m, unsigned int p, unsigned int slot, bool valid)
{
	struct model_links *links = &m->sched.links[p];
	bool was_valid = (links->valid >> slot & 1) != 0;
	unsigned int q = slot_queue(m, p, slot);
	uint8_t bit = 1u << slot;

	if (valid && q >= m->limits->num_ldb_queues) {
		model_report(m, "slot %u of CQ %u names queue %u, of %u", slot, p, q,
			m->limits->num_ldb_queues);
		valid = false;
	}
	valid = valid && inverse_maps_agree(m, p, slot, q);
	if (valid && (!was_valid || links->queue[slot] != q)) {
		links->asleep &= ~bit;
		if (m->switches[DLB2_SWITCH_STATUS_BITS] != 0 && has_work(&m->sched, p, q))
			links->asleep |= bit;
	}
	links->valid = valid ? links->valid | bit : links->valid & ~bit;
	links->queue[slot] = q;
	links->priority[slot] = slot_priority(m, p, slot);
}

/* Adds the queue of a slot that may be scheduled from; the best of several slots counts. */
static void
link_slot(struct model_links *links, struct model_port *port, unsigned int slot)
{
	unsigned int q = links->queue[slot];
	unsigned int priority = links->priority[slot];

	if (port->linked >> q & 1) {
		if (links->priority[links->slot_of[q]] <= priority)
			return;
		links->by_priority[links->priority[links->slot_of[q]]] &= ~(1u << q);
	}
	port->linked |= 1u << q;
	links->by_priority[priority] |= 1u << q;
	links->slot_of[q] = slot;
}

static uint8_t
levels_with_queues(const struct model_links *links)
{
	uint8_t levels = 0;
	unsigned int priority;

	for (priority = 0; priority < DLB2_MAX_PRIORITIES; priority++)
		if (links->by_priority[priority] != 0)
			levels |= 1u << priority;
	return levels;
}

/* The sets of queues that say where held and sleeping slots are. */
static void
note_blocked_slots(struct model_sched *s, unsigned int p)
{
	const struct model_links *links = &s->links[p];
	uint64_t bit = UINT64_C(1) << p;
	unsigned int q, slot;

	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		s->queues[q].held &= ~bit;
		s->queues[q].asleep &= ~bit;
	}
	for (slot = 0; slot < DLB2_MAX_SLOTS_PER_CQ; slot++) {
		if ((links->valid & links->held) >> slot & 1)
			s->queues[links->queue[slot]].held |= bit;
		if ((links->valid & links->asleep) >> slot & 1)
			s->queues[links->queue[slot]].asleep |= bit;
	}
}

/* Makes the sets by CQ and by queue agree with `links`. */
static void
relink(struct dlb2_model *m, unsigned int p)
{
	struct model_sched *s = &m->sched;
	struct model_links *links = &s->links[p];
	struct model_port *port = &s->ports[DLB2_LDB][p];
	uint64_t bit = UINT64_C(1) << p;
	unsigned int slot, q;

	port->linked = 0;
	for (q = 0; q < DLB2_MAX_PRIORITIES; q++)
		links->by_priority[q] = 0;
	for (slot = 0; slot < DLB2_MAX_SLOTS_PER_CQ; slot++)
		if ((links->valid & ~links->held & ~links->asleep) >> slot & 1)
			link_slot(links, port, slot);
	links->levels = levels_with_queues(links);
	note_blocked_slots(s, p);
	for (q = 0; q < DLB2_MAX_LDB_QUEUES; q++) {
		if (port->linked >> q & 1)
			s->queues[q].cqs |= bit;
		else
			s->queues[q].cqs &= ~bit;
		s->queues[q].num_cqs = __builtin_popcountll(s->queues[q].cqs);
		s->queues[q].deep = MODEL_GRANT * s->queues[q].num_cqs;
	}
	s->shared_cqs = port->linked & s->shared ? s->shared_cqs | bit : s->shared_cqs & ~bit;
	model_own_update(s, p);
}

void
model_links_decode(struct dlb2_model *m, unsigned int p)
{
	uint32_t valid = model_field(m, DLB2_LSP_CQ2PRIOV, p, DLB2_LSP_CQ2PRIOV__V);
	unsigned int slot;

	for (slot = 0; slot < DLB2_MAX_SLOTS_PER_CQ; slot++)
		decode_slot(m, p, slot, valid >> slot & 1);
	relink(m, p);
}

/* The valid slots of a CQ that have this queue. */
static uint8_t
slots_of(const struct model_links *links, unsigned int q)
{
	uint8_t slots = 0;
	unsigned int slot;

	for (slot = 0; slot < DLB2_MAX_SLOTS_PER_CQ; slot++)
		if (links->queue[slot] == q)
			slots |= 1u << slot;
	return slots & links->valid;
}

void
model_links_release(struct dlb2_model *m, unsigned int q)
{
	uint64_t set = m->sched.queues[q].held;

	for (; set != 0; set &= set - 1) {
		unsigned int p = __builtin_ctzll(set);

		m->sched.links[p].held &= ~slots_of(&m->sched.links[p], q);
		relink(m, p);
	}
}

void
model_links_wake(struct dlb2_model *m, unsigned int q)
{
	uint64_t set = m->sched.queues[q].asleep;

	for (; set != 0; set &= set - 1) {
		unsigned int p = __builtin_ctzll(set);

		m->sched.links[p].asleep &= ~slots_of(&m->sched.links[p], q);
		relink(m, p);
	}
}

static void
write_slots(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	model_links_decode(m, i);
}

/* The slots of a CQ that open events were scheduled from. */
static uint8_t
slots_in_flight(const struct dlb2_model *m, unsigned int p)
{
	struct model_port port = m->sched.ports[DLB2_LDB][p]; /* a copy: to run through its list */
	uint8_t slots = 0;
	uint32_t left;

	for (left = port.written - port.completed; left > 0; left--) {
		slots |= 1u << model_history_oldest(&m->sched, &port).slot;
		model_history_drop(&port);
	}
	return slots;
}

/* Under a switch what events are in flight of stays valid (control-path 9.6). */
static void
write_valid(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	uint32_t kept = m->sched.links[i].valid & ~dlb2_get(DLB2_LSP_CQ2PRIOV__V, value);

	if (m->switches[DLB2_SWITCH_SLOT_IN_FLIGHT] != 0)
		kept &= slots_in_flight(m, i);
	else
		kept = 0;
	if (kept != 0) {
		model_report(m, "slots 0x%x of CQ %u stay valid: events of them are in flight",
			kept, i);
		*model_reg(m, reg, i, 0) |= dlb2_put(DLB2_LSP_CQ2PRIOV__V, kept);
	}
	model_links_decode(m, i);
}

static void
write_inverse_map(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int k;

	if (m->switches[DLB2_SWITCH_LINK_MAPS] == 0)
		return;
	for (k = 0; k < 4; k++)
		model_links_decode(m, 4 * j + k);
}

/* LSP_LDB_SCHED_CTRL: forces status bits of one slot; only those that are selected. */
static void
write_command(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int p = dlb2_get(DLB2_LSP_LDB_SCHED_CTRL__CQ, value);
	uint8_t slot = 1u << dlb2_get(DLB2_LSP_LDB_SCHED_CTRL__QIDIX, value);
	bool set = (value & DLB2_LSP_LDB_SCHED_CTRL__VALUE) != 0;
	struct model_links *links;

	if (p >= m->limits->num_ldb_ports) {
		model_report(m, "LSP_LDB_SCHED_CTRL names CQ %u, of %u", p,
			m->limits->num_ldb_ports);
		return;
	}
	links = &m->sched.links[p];
	if (value & DLB2_LSP_LDB_SCHED_CTRL__INFLIGHT_OK_V)
		links->held = set ? links->held & ~slot : links->held | slot;
	if ((value & HAS_WORK) != 0 && m->switches[DLB2_SWITCH_STATUS_BITS] != 0)
		links->asleep = set ? links->asleep & ~slot : links->asleep | slot;
	relink(m, p);
}

void
model_links_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_LSP_CQ2PRIOV, NULL, write_valid);
	model_hook(m, DLB2_LSP_CQ2QID0, NULL, write_slots);
	model_hook(m, DLB2_LSP_CQ2QID1, NULL, write_slots);
	model_hook(m, DLB2_ATM_QID2CQIDIX, NULL, write_inverse_map);
	model_hook(m, DLB2_LSP_QID2CQIDIX, NULL, write_inverse_map);
	model_hook(m, DLB2_LSP_QID2CQIDIX2, NULL, write_inverse_map);
	model_hook(m, DLB2_LSP_LDB_SCHED_CTRL, NULL, write_command);
}
