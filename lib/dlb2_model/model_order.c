/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Sequence numbers and reorder buffer. Where a queue's numbers are cannot be changed while some are
 * given out: such a write is reported and has no effect, where the device would hang the queue.
 */

#include "model_atomic.h"
#include "model_order.h"

/* The queue may be scheduled from: unless it is ordered and the next number is not free. */
void
model_sn_update(struct model_sched *s, unsigned int q)
{
	const struct model_order *order = &s->queues[q].order;
	bool ok = !order->enabled || (order->valid &&
		s->sns[order->base + order->next].state == MODEL_SN_FREE);

	s->sn_ok = ok ? s->sn_ok | 1u << q : s->sn_ok & ~(1u << q);
	model_shared_update(s, q);
}

void
model_sn_append(struct model_sched *s, uint16_t id, uint16_t event)
{
	struct model_sn *sn = &s->sns[id];

	if (sn->pieces == 0)
		sn->head = event;
	else
		s->next[sn->tail] = event;
	sn->tail = event;
	sn->pieces++;
}

/* All pieces enter their queues, in the order they were sent. They hold their credits already. */
static void
replay(struct dlb2_model *m, struct model_sn *sn)
{
	uint16_t event = sn->head;

	for (; sn->pieces > 0; sn->pieces--) {
		uint16_t next = m->sched.next[event];

		model_event_route(m, event, m->sched.events[event].word);
		event = next;
	}
	sn->state = MODEL_SN_FREE;
}

void
model_sn_complete(struct dlb2_model *m, uint16_t id)
{
	struct model_sched *s = &m->sched;
	unsigned int q = s->sns[id].qid;
	struct model_order *order = &s->queues[q].order;
	uint16_t *start = &s->sn_start[order->group][order->slot];

	s->sns[id].state = MODEL_SN_COMPLETE;
	*start &= order->mask;
	while (s->sns[order->base + *start].state == MODEL_SN_COMPLETE) {
		replay(m, &s->sns[order->base + *start]);
		*start = (*start + 1) & order->mask;
		order->open--;
	}
	if ((s->sn_ok >> q & 1) == 0)
		model_sn_update(s, q);
}

/* The mode of a group, as RO_GRP_SN_MODE has it. */
static unsigned int
group_mode(struct dlb2_model *m, unsigned int group)
{
	return model_field(m, DLB2_RO_GRP_SN_MODE, 0, group == 0 ?
		DLB2_RO_GRP_SN_MODE__SN_MODE_0 : DLB2_RO_GRP_SN_MODE__SN_MODE_1);
}

void
model_order_check(struct dlb2_model *m, unsigned int q)
{
	const struct model_order *order = &m->sched.queues[q].order;
	unsigned int mode = model_field(m, DLB2_CHP_ORD_QID_SN_MAP, q,
		DLB2_CHP_ORD_QID_SN_MAP__MODE);

	if (!order->enabled)
		return;
	if (!order->valid)
		model_report(m, "queue %u is ordered, but group %u has no slot %u in mode %u", q,
			order->group, order->slot, mode);
	else if (group_mode(m, order->group) != mode)
		model_report(m, "queue %u has sequence numbers in mode %u, its group is in mode %u",
			q, mode, group_mode(m, order->group));
}

void
model_order_decode(struct dlb2_model *m, unsigned int q)
{
	struct model_order *order = &m->sched.queues[q].order;
	uint32_t map = *model_reg(m, DLB2_CHP_ORD_QID_SN_MAP, q, 0);
	unsigned int mode = dlb2_get(DLB2_CHP_ORD_QID_SN_MAP__MODE, map);
	unsigned int window;

	order->enabled = (*model_reg(m, DLB2_SYS_LDB_QID_CFG_V, q, 0) &
		DLB2_SYS_LDB_QID_CFG_V__SN_CFG_V) != 0;
	order->group = dlb2_get(DLB2_CHP_ORD_QID_SN_MAP__GRP, map);
	order->slot = dlb2_get(DLB2_CHP_ORD_QID_SN_MAP__SLOT, map);
	order->valid = mode < DLB2_NUM_SN_MODES && order->slot < dlb2_sn_mode_slots(mode);
	window = order->valid ? dlb2_sn_mode_size(mode) : 1;
	order->mask = window - 1;
	order->base = order->group * DLB2_MAX_SNS_PER_GROUP +
		(order->valid ? order->slot * window : 0);
	order->next &= order->mask;
	model_sn_update(&m->sched, q);
}

static bool
refuse_while_open(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int open,
	uint32_t value)
{
	if (open > 0)
		model_report(m, "write of 0x%x to %s[%u] ignored: %u sequence numbers are open",
			value, dlb2_reg_info[reg].name, i, open);
	return open > 0;
}

static uint32_t
map_of(const struct model_order *order)
{
	return dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__MODE,
			__builtin_popcount(order->mask) - __builtin_popcount(64 - 1)) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__SLOT, order->slot) |
		dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__GRP, order->group);
}

static bool
is_in_use(struct dlb2_model *m, unsigned int q)
{
	unsigned int d;

	for (d = 0; d < m->limits->num_domains; d++)
		if (*model_reg(m, DLB2_SYS_LDB_VASQID_V, d * m->limits->num_ldb_queues + q, 0) != 0)
			return true;
	return false;
}

static void
write_map(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	const struct model_order *order = &m->sched.queues[i].order;

	if (refuse_while_open(m, reg, i, order->open, value)) {
		*model_reg(m, reg, i, 0) = map_of(order);
		return;
	}
	model_order_decode(m, i);
	if (is_in_use(m, i))
		model_order_check(m, i);
}

static uint32_t
read_next(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t stored)
{
	return m->sched.queues[i].order.next;
}

static void
write_next(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_order *order = &m->sched.queues[i].order;

	if (refuse_while_open(m, reg, i, order->open, value))
		return;
	order->next = value & order->mask;
	model_sn_update(&m->sched, i);
}

static unsigned int
group_of(enum dlb2_reg reg)
{
	return reg == DLB2_RO_GRP_1_SLT_SHFT;
}

static uint32_t
read_start(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	return m->sched.sn_start[group_of(reg)][i];
}

/* Numbers given out from a slot, by whichever queues have it. */
static unsigned int
open_in_slot(struct dlb2_model *m, unsigned int group, unsigned int slot)
{
	unsigned int q, open = 0;

	for (q = 0; q < m->limits->num_ldb_queues; q++) {
		const struct model_order *order = &m->sched.queues[q].order;

		if (order->group == group && order->slot == slot)
			open += order->open;
	}
	return open;
}

static void
write_start(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int group = group_of(reg);

	if (!refuse_while_open(m, reg, i, open_in_slot(m, group, i), value))
		m->sched.sn_start[group][i] = value & (DLB2_MAX_SNS_PER_GROUP - 1);
}

/* Which numbers are in use, 32 to a word (control-path 11.5). */
static uint32_t
read_active(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	unsigned int first = (reg == DLB2_RO_HEALTH_SEQNUM_STATE_GRP1) * DLB2_MAX_SNS_PER_GROUP +
		i * 32;
	uint32_t active = 0;
	unsigned int n;

	for (n = 0; n < 32; n++)
		if (m->sched.sns[first + n].state != MODEL_SN_FREE)
			active |= 1u << n;
	return active;
}

/* Who has a number (control-path 11.5). */
static uint32_t
read_owner(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_sn *sn = &m->sched.sns[i];

	if (sn->state == MODEL_SN_FREE)
		return 0;
	return dlb2_put(DLB2_RO_REORDER_STATE_QID_QIDIX_CQ__CQ, sn->cq) |
		dlb2_put(DLB2_RO_REORDER_STATE_QID_QIDIX_CQ__QIDIX, sn->slot) |
		dlb2_put(DLB2_RO_REORDER_STATE_QID_QIDIX_CQ__QID, sn->qid) |
		DLB2_RO_REORDER_STATE_QID_QIDIX_CQ__VLD;
}

void
model_order_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_CHP_ORD_QID_SN_MAP, NULL, write_map);
	model_hook(m, DLB2_CHP_ORD_QID_SN, read_next, write_next);
	model_hook(m, DLB2_RO_GRP_0_SLT_SHFT, read_start, write_start);
	model_hook(m, DLB2_RO_GRP_1_SLT_SHFT, read_start, write_start);
	model_hook(m, DLB2_RO_HEALTH_SEQNUM_STATE_GRP0, read_active, NULL);
	model_hook(m, DLB2_RO_HEALTH_SEQNUM_STATE_GRP1, read_active, NULL);
	model_hook(m, DLB2_RO_REORDER_STATE_QID_QIDIX_CQ, read_owner, NULL);
}
