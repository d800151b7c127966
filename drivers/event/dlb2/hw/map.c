/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The registers behind a link: the slots of a CQ, the inverse maps of a queue and the scheduler's
 * status bits (control-path 9.1, 9.3 to 9.6). Which slot is to hold what is decided in link.c.
 *
 * The words written here follow from the states of the slots, so that nothing has to be read back.
 * Writes are ordered among themselves, so a flush stands only where the next step relies on a write
 * having taken effect, and at the end of what the data path may build on.
 */

#include "dlb2_hw_priv.h"

#define BITS_PER_PRIORITY 3 /* in LSP_CQ2PRIOV.PRIO */
#define SLOTS_PER_CQ2QID 4
#define BITS_PER_CQ2QID 8   /* distance of QID_P0, QID_P1, ... */
#define BITS_PER_CQ 8       /* distance of CQ_P0, CQ_P1, ... in an inverse map */

/* Whether a slot has its queue as far as the device's maps go. It may be off. */
static bool
is_valid(const struct dlb2_slot *slot)
{
	return slot->state != DLB2_SLOT_UNMAPPED && slot->state != DLB2_SLOT_MAP_IN_PROG;
}

static uint32_t
cq2priov(const struct dlb2_device *dev, unsigned int port)
{
	uint32_t valid = 0, priorities = 0;

	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++) {
		const struct dlb2_slot *slot = &dev->ldb_ports[port].slots[i];

		if (!is_valid(slot) || slot->off)
			continue;
		valid |= 1u << i;
		priorities |= (uint32_t)slot->priority << (BITS_PER_PRIORITY * i);
	}
	return dlb2_put(DLB2_LSP_CQ2PRIOV__V, valid) |
	       dlb2_put(DLB2_LSP_CQ2PRIOV__PRIO, priorities);
}

/* LSP_CQ2QID0 (first = 0) or LSP_CQ2QID1 (first = 4). */
static uint32_t
cq2qid(const struct dlb2_device *dev, unsigned int port, unsigned int first)
{
	uint32_t word = 0;

	for (unsigned int i = 0; i < SLOTS_PER_CQ2QID; i++)
		word |= (uint32_t)dev->ldb_ports[port].slots[first + i].queue <<
			(BITS_PER_CQ2QID * i);
	return word;
}

uint32_t
dlb2_map_inverse(const struct dlb2_device *dev, unsigned int queue, unsigned int quad)
{
	uint32_t word = 0;

	for (unsigned int i = 0; i < DLB2_CQS_PER_INVERSE; i++) {
		const struct dlb2_slot *slots =
			dev->ldb_ports[quad * DLB2_CQS_PER_INVERSE + i].slots;

		for (unsigned int j = 0; j < dev->limits->num_slots_per_cq; j++)
			if (is_valid(&slots[j]) && slots[j].queue == queue)
				word |= 1u << (BITS_PER_CQ * i + j);
	}
	return word;
}

void
dlb2_map_write_inverse(struct dlb2_device *dev, unsigned int queue, unsigned int quad,
		       uint32_t word)
{
	reg_write2(dev, DLB2_ATM_QID2CQIDIX, queue, quad, word);
	reg_write2(dev, DLB2_LSP_QID2CQIDIX, queue, quad, word);
	reg_write2(dev, DLB2_LSP_QID2CQIDIX2, queue, quad, word);
}

void
dlb2_map_priorities(struct dlb2_device *dev, unsigned int port)
{
	reg_write(dev, DLB2_LSP_CQ2PRIOV, port, cq2priov(dev, port));
}

static void
write_static_port(struct dlb2_device *dev, unsigned int port)
{
	reg_init(dev, DLB2_LSP_CQ2PRIOV, port, cq2priov(dev, port));
	reg_init(dev, DLB2_LSP_CQ2QID0, port, cq2qid(dev, port, 0));
	reg_init(dev, DLB2_LSP_CQ2QID1, port, cq2qid(dev, port, SLOTS_PER_CQ2QID));
}

static void
write_static_queue(struct dlb2_device *dev, unsigned int queue)
{
	if (dev->ldb_queues[queue].num_mappings == 0)
		return;
	for (unsigned int i = 0; i < dev->limits->num_ldb_ports / DLB2_CQS_PER_INVERSE; i++) {
		uint32_t word = dlb2_map_inverse(dev, queue, i);

		if (word != 0)
			dlb2_map_write_inverse(dev, queue, i, word);
	}
}

/* All registers still have their reset values, and all CQs are stopped. */
void
dlb2_map_static(struct dlb2_domain *domain)
{
	unsigned int id;

	DLB2_FOREACH_LDB_PORT(id, domain)
		write_static_port(domain->dev, id);
	DLB2_FOREACH_ID(id, &domain->used_ldb_queues)
		write_static_queue(domain->dev, id);
}

/* One slot, in the order of control-path 9.3 "static mapping". */
static void
write_slot(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	unsigned int queue = dev->ldb_ports[port].slots[slot].queue;
	unsigned int quad = port / DLB2_CQS_PER_INVERSE;

	dlb2_map_priorities(dev, port);
	if (slot < SLOTS_PER_CQ2QID)
		reg_write(dev, DLB2_LSP_CQ2QID0, port, cq2qid(dev, port, 0));
	else
		reg_write(dev, DLB2_LSP_CQ2QID1, port, cq2qid(dev, port, SLOTS_PER_CQ2QID));
	dlb2_map_write_inverse(dev, queue, quad, dlb2_map_inverse(dev, queue, quad));
}

/* control-path 9.1 LSP_LDB_SCHED_CTRL: gives the status bits in `select` of one slot a value. */
static void
write_status(struct dlb2_device *dev, unsigned int port, unsigned int slot, bool value,
	     uint32_t select)
{
	if (select == 0)
		return;
	reg_write(dev, DLB2_LSP_LDB_SCHED_CTRL, 0,
		  dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__CQ, port) |
		  dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__QIDIX, slot) |
		  dlb2_put(DLB2_LSP_LDB_SCHED_CTRL__VALUE, value) | select);
}

/* control-path 9.4 step 6.3: the has-work bits that say what a queue holds already. */
static uint32_t
has_work_bits(struct dlb2_device *dev, unsigned int queue)
{
	uint32_t atomic = reg_read(dev, DLB2_LSP_QID_AQED_ACTIVE_CNT, queue);
	uint32_t other = reg_read(dev, DLB2_LSP_QID_LDB_ENQUEUE_CNT, queue);
	uint32_t select = 0;

	if ((atomic & DLB2_LSP_QID_AQED_ACTIVE_CNT__COUNT) != 0)
		select |= DLB2_LSP_LDB_SCHED_CTRL__RLIST_HASWORK_V;
	if ((other & DLB2_LSP_QID_LDB_ENQUEUE_CNT__COUNT) != 0)
		select |= DLB2_LSP_LDB_SCHED_CTRL__NALB_HASWORK_V;
	return select;
}

/* The slot is not valid yet, its CQ is stopped, and the queue has nothing in flight. */
static void
map_slot(struct dlb2_device *dev, unsigned int port, unsigned int slot_id)
{
	struct dlb2_slot *slot = &dev->ldb_ports[port].slots[slot_id];

	slot->off = dlb2_select_is_off(&dev->ldb_ports[port], slot->queue);
	dlb2_slot_move(dev, port, slot_id, DLB2_SLOT_MAPPED);
	write_slot(dev, port, slot_id);
	write_status(dev, port, slot_id, true, has_work_bits(dev, slot->queue));
}

static void
write_inflight_limit(struct dlb2_device *dev, unsigned int queue, unsigned int limit)
{
	reg_write(dev, DLB2_LSP_QID_LDB_INFL_LIM, queue,
		  dlb2_put(DLB2_LSP_QID_LDB_INFL_LIM__LIMIT, limit));
}

/*
 * Calls `act` for every slot in which the scheduler sees a queue. One that is being removed counts:
 * it may be taken back, and must then have seen all that the others have.
 */
static void
for_each_mapping(struct dlb2_device *dev, unsigned int queue,
		 void (*act)(struct dlb2_device *dev, unsigned int port, unsigned int slot))
{
	unsigned int port;

	if (dev->ldb_queues[queue].num_mappings == 0)
		return;
	DLB2_FOREACH_LDB_PORT(port, dev->ldb_queues[queue].domain) {
		const struct dlb2_slot *slots = dev->ldb_ports[port].slots;

		for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
			if (is_valid(&slots[i]) && slots[i].queue == queue)
				act(dev, port, i);
	}
}

static void
stop_port(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	dlb2_cq_stop(dev, DLB2_LDB, port);
}

static void
resume_port(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	dlb2_cq_resume(dev, DLB2_LDB, port);
}

static void
allow_slot(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	write_status(dev, port, slot, true, DLB2_LSP_LDB_SCHED_CTRL__INFLIGHT_OK_V);
}

/*
 * Lets a queue be scheduled again, unless further additions need it stopped (control-path 9.4 steps
 * 6.5, 6.6 and 6.8). The reference restores the limit even then and takes it back at once; in
 * between events could go out that the next addition would have to wait for.
 */
static void
release_queue(struct dlb2_device *dev, unsigned int queue)
{
	if (dev->ldb_queues[queue].num_additions != 0)
		return;
	for_each_mapping(dev, queue, allow_slot);
	write_inflight_limit(dev, queue, dev->ldb_queues[queue].num_inflights);
}

static bool
has_inflights(struct dlb2_device *dev, unsigned int queue)
{
	uint32_t count = reg_read(dev, DLB2_LSP_QID_LDB_INFL_CNT, queue);

	return (count & DLB2_LSP_QID_LDB_INFL_CNT__COUNT) != 0;
}

/*
 * control-path 9.4 from step 3 on. The second look, with all CQs of the queue stopped, catches an
 * event that was on its way out at the first.
 */
void
dlb2_map_finish(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	unsigned int queue = dev->ldb_ports[port].slots[slot].queue;

	if (has_inflights(dev, queue))
		return;
	dlb2_cq_stop(dev, DLB2_LDB, port);
	for_each_mapping(dev, queue, stop_port);
	reg_flush(dev);
	if (!has_inflights(dev, queue)) {
		map_slot(dev, port, slot);
		write_status(dev, port, slot, false, DLB2_LSP_LDB_SCHED_CTRL__INFLIGHT_OK_V);
		release_queue(dev, queue);
	}
	dlb2_cq_resume(dev, DLB2_LDB, port);
	for_each_mapping(dev, queue, resume_port);
	reg_flush(dev);
}

void
dlb2_map_begin(struct dlb2_device *dev, unsigned int port, unsigned int slot, unsigned int queue,
	       unsigned int priority)
{
	if (dev->ldb_queues[queue].num_additions == 0)
		write_inflight_limit(dev, queue, 0);
	dev->ldb_ports[port].slots[slot].queue = queue;
	dev->ldb_ports[port].slots[slot].priority = priority;
	dlb2_slot_move(dev, port, slot, DLB2_SLOT_MAP_IN_PROG);
	dlb2_map_finish(dev, port, slot);
}

void
dlb2_map_cancel(struct dlb2_device *dev, unsigned int port, unsigned int slot)
{
	dlb2_slot_move(dev, port, slot, DLB2_SLOT_UNMAPPED);
	release_queue(dev, dev->ldb_ports[port].slots[slot].queue);
	reg_flush(dev);
}

void
dlb2_map_now(struct dlb2_device *dev, unsigned int port, unsigned int slot, unsigned int queue)
{
	dev->ldb_ports[port].slots[slot].queue = queue;
	dev->ldb_ports[port].slots[slot].priority = 0;
	map_slot(dev, port, slot);
	allow_slot(dev, port, slot);
}

/*
 * A slot that was off may have missed what the scheduler notes when it happens (control-path 9.1).
 * Other CQs take from the queues meanwhile, so that a slot may be told of work that is gone; so it
 * is for any slot whose queue another CQ has just emptied.
 */
void
dlb2_map_wake(struct dlb2_device *dev, unsigned int port, unsigned int slots)
{
	for (unsigned int i = 0; i < dev->limits->num_slots_per_cq; i++)
		if ((slots >> i & 1) != 0)
			write_status(dev, port, i, true,
				     DLB2_LSP_LDB_SCHED_CTRL__INFLIGHT_OK_V |
				     has_work_bits(dev, dev->ldb_ports[port].slots[i].queue));
}

void
dlb2_unmap_now(struct dlb2_device *dev, unsigned int port, unsigned int slots)
{
	unsigned int quad = port / DLB2_CQS_PER_INVERSE;
	unsigned int num_slots = dev->limits->num_slots_per_cq;

	for (unsigned int i = 0; i < num_slots; i++)
		if ((slots >> i & 1) != 0)
			dlb2_slot_move(dev, port, i, DLB2_SLOT_UNMAPPED);
	dlb2_map_priorities(dev, port);
	for (unsigned int i = 0; i < num_slots; i++) {
		unsigned int queue = dev->ldb_ports[port].slots[i].queue;

		if ((slots >> i & 1) == 0)
			continue;
		dlb2_map_write_inverse(dev, queue, quad, dlb2_map_inverse(dev, queue, quad));
		write_status(dev, port, i, false, DLB2_LSP_LDB_SCHED_CTRL__RLIST_HASWORK_V |
			     DLB2_LSP_LDB_SCHED_CTRL__NALB_HASWORK_V);
		allow_slot(dev, port, i);
	}
}
