/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * History lists as registers: ranges, pointers, and the entries as the diagnostic registers show
 * them (control-path 7.5, 11.5). A range cannot be moved while events are open in it: that write is
 * reported and has no effect, where the device would complete the wrong events.
 */

#include "model_cq.h"
#include "model_history.h"

static bool
is_open(const struct dlb2_model *m, unsigned int p)
{
	return !model_history_is_empty(&m->sched.ports[DLB2_LDB][p]);
}

/* A range that is used: of a CQ that may be scheduled to, or that has open events. */
static bool
is_used(struct dlb2_model *m, unsigned int p)
{
	return model_field(m, DLB2_LSP_CQ_LDB_DSBL, p, DLB2_LSP_CQ_LDB_DSBL__DISABLED) == 0 ||
		is_open(m, p);
}

static bool
overlaps_another(struct dlb2_model *m, unsigned int p, unsigned int base, unsigned int limit)
{
	unsigned int other;

	for (other = 0; other < m->limits->num_ldb_ports; other++) {
		const struct model_port *port = &m->sched.ports[DLB2_LDB][other];

		if (other != p && port->hist_usable && is_used(m, other) &&
				base <= port->hist_limit && port->hist_base <= limit)
			return true;
	}
	return false;
}

/* Whether a pointer register names an entry of the range. */
static bool
is_inside(const struct model_port *port, unsigned int pointer)
{
	return pointer >= port->hist_base && pointer <= port->hist_limit;
}

/* Why events cannot be kept in the range of a CQ, or NULL. */
static const char *
range_error(struct dlb2_model *m, unsigned int p)
{
	const struct model_port *port = &m->sched.ports[DLB2_LDB][p];

	if (port->hist_limit < port->hist_base ||
			port->hist_limit >= m->limits->num_hist_list_entries)
		return "is not within the list";
	if (!is_inside(port, port->hist_push) || !is_inside(port, port->hist_pop) ||
			port->hist_push != port->hist_pop ||
			port->hist_push_gen != port->hist_pop_gen)
		return "has pointers that do not say it is empty";
	if (overlaps_another(m, p, port->hist_base, port->hist_limit))
		return "overlaps that of another CQ";
	return NULL;
}

void
model_history_decode(struct dlb2_model *m, unsigned int p)
{
	struct model_port *port = &m->sched.ports[DLB2_LDB][p];
	unsigned int limit = model_field(m, DLB2_LSP_CQ_LDB_INFL_LIM, p,
		DLB2_LSP_CQ_LDB_INFL_LIM__LIMIT);
	const char *error = NULL;
	unsigned int size;

	if (!is_open(m, p)) {
		port->hist_base = model_field(m, DLB2_CHP_HIST_LIST_BASE, p,
			DLB2_CHP_HIST_LIST_BASE__BASE);
		port->hist_limit = model_field(m, DLB2_CHP_HIST_LIST_LIM, p,
			DLB2_CHP_HIST_LIST_LIM__LIMIT);
		error = range_error(m, p);
		port->hist_usable = error == NULL;
	}
	/* Only a CQ that is enabled with room for events is meant to be used (control-path 7.7). */
	if (error != NULL && !port->disabled && limit > 0)
		model_report(m, "history list %u..%u of CQ %u %s: nothing is scheduled to it",
			port->hist_base, port->hist_limit, p, error);
	size = port->hist_usable ? port->hist_limit - port->hist_base + 1u : 0;
	if (!port->disabled && size > 0 && limit > size)
		model_report(m, "in-flight limit %u of CQ %u is above its history list's size %u",
			limit, p, size);
	port->open_limit = limit < size ? limit : size;
}

static void
update(struct dlb2_model *m, unsigned int p)
{
	model_history_decode(m, p);
	model_room_update(m, DLB2_LDB, p);
}

static bool
refuse_while_open(struct dlb2_model *m, enum dlb2_reg reg, unsigned int p, uint32_t value)
{
	const struct model_port *port = &m->sched.ports[DLB2_LDB][p];

	if (!is_open(m, p))
		return false;
	model_report(m, "write of 0x%x to %s[%u] ignored: %d events are open", value,
		dlb2_reg_info[reg].name, p, (int)(port->written - port->completed));
	return true;
}

static void
write_range(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	const struct model_port *port = &m->sched.ports[DLB2_LDB][i];

	if (refuse_while_open(m, reg, i, value))
		*model_reg(m, reg, i, 0) = reg == DLB2_CHP_HIST_LIST_BASE ?
			port->hist_base : port->hist_limit;
	else
		update(m, i);
}

static uint32_t
read_push(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t stored)
{
	const struct model_port *port = &m->sched.ports[DLB2_LDB][i];

	return dlb2_put(DLB2_CHP_HIST_LIST_PUSH_PTR__PUSH_PTR, port->hist_push) |
		dlb2_put(DLB2_CHP_HIST_LIST_PUSH_PTR__GENERATION, port->hist_push_gen);
}

static void
write_push(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	struct model_port *port = &m->sched.ports[DLB2_LDB][i];

	if (refuse_while_open(m, reg, i, value))
		return;
	port->hist_push = dlb2_get(DLB2_CHP_HIST_LIST_PUSH_PTR__PUSH_PTR, value);
	port->hist_push_gen = dlb2_get(DLB2_CHP_HIST_LIST_PUSH_PTR__GENERATION, value);
	update(m, i);
}

static uint32_t
read_pop(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t stored)
{
	const struct model_port *port = &m->sched.ports[DLB2_LDB][i];

	return dlb2_put(DLB2_CHP_HIST_LIST_POP_PTR__POP_PTR, port->hist_pop) |
		dlb2_put(DLB2_CHP_HIST_LIST_POP_PTR__GENERATION, port->hist_pop_gen);
}

static void
write_pop(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	struct model_port *port = &m->sched.ports[DLB2_LDB][i];

	if (refuse_while_open(m, reg, i, value))
		return;
	port->hist_pop = dlb2_get(DLB2_CHP_HIST_LIST_POP_PTR__POP_PTR, value);
	port->hist_pop_gen = dlb2_get(DLB2_CHP_HIST_LIST_POP_PTR__GENERATION, value);
	update(m, i);
}

/* First diagnostic word of an entry: where the event came from and what it holds. */
static uint32_t
read_entry_0(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_history *h = &m->sched.history[i];
	const struct model_order *order = &m->sched.queues[h->qid].order;
	bool ordered = (h->sched & DLB2_HCW_SCHED_TYPE) == DLB2_SCHED_ORDERED;

	return dlb2_put(DLB2_CHP_HIST_LIST_0__SN_FID, h->id & 0xfff) |
		dlb2_put(DLB2_CHP_HIST_LIST_0__SLOT, ordered ? order->slot : 0) |
		dlb2_put(DLB2_CHP_HIST_LIST_0__MODE,
			ordered ? (unsigned int)__builtin_popcount(order->mask >> 6) : 0) |
		dlb2_put(DLB2_CHP_HIST_LIST_0__QIDIX, h->slot) |
		dlb2_put(DLB2_CHP_HIST_LIST_0__QID, h->qid) |
		dlb2_put(DLB2_CHP_HIST_LIST_0__QPRIO, h->sched >> 2 & 3);
}

/* A flow without open events has no lock ID: the entry was completed, or never used. */
static unsigned int
hid_of(const struct model_flow *flow)
{
	return flow->open != 0 ? flow->key & 0xffff : 0;
}

/* Second word: priority's high bit, type, and what the HCW asked for. ECC is not modelled. */
static uint32_t
read_entry_1(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_history *h = &m->sched.history[i];
	unsigned int type = h->sched & DLB2_HCW_SCHED_TYPE;
	unsigned int hid = type == DLB2_SCHED_ATOMIC ? hid_of(&m->sched.flows[h->id]) : 0;

	return (stored & DLB2_CHP_HIST_LIST_1__ECC) |
		dlb2_put(DLB2_CHP_HIST_LIST_1__QPRIO_2, h->sched >> 4 & 1) |
		dlb2_put(DLB2_CHP_HIST_LIST_1__QTYPE, type) |
		dlb2_put(DLB2_CHP_HIST_LIST_1__MEAS, dlb2_get(DLB2_HCW_MEAS_LAT, h->flags)) |
		dlb2_put(DLB2_CHP_HIST_LIST_1__CMP_ID, dlb2_get(DLB2_HCW_CMP_ID, h->flags)) |
		dlb2_put(DLB2_CHP_HIST_LIST_1__HID, hid);
}

void
model_history_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_CHP_HIST_LIST_BASE, NULL, write_range);
	model_hook(m, DLB2_CHP_HIST_LIST_LIM, NULL, write_range);
	model_hook(m, DLB2_CHP_HIST_LIST_PUSH_PTR, read_push, write_push);
	model_hook(m, DLB2_CHP_HIST_LIST_POP_PTR, read_pop, write_pop);
	model_hook(m, DLB2_CHP_HIST_LIST_0, read_entry_0, NULL);
	model_hook(m, DLB2_CHP_HIST_LIST_1, read_entry_1, NULL);
}
