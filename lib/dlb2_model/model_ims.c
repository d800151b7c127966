/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Interrupt message store (control-path 12.9): messages that a CQ sends by address and data of its
 * own. 2.5 has a table with mask and pending bits; 2.0 has an address and data pair per CQ.
 */

#include "model_priv.h"

/* 2.0 registers hold address bits 19:2; the rest is that of all x86 interrupt messages. */
#define FIXED_ADDRESS 0xfee00000u

static void
message(struct dlb2_model *m, uint64_t address, uint32_t data)
{
	m->counters.interrupts++;
	if (m->ops->message != NULL)
		m->ops->message(m->ctx, address, data);
}

static void
send_entry(struct dlb2_model *m, unsigned int entry)
{
	uint64_t address = (uint64_t)*model_reg(m, DLB2_SYS_AI_ADDR_U, entry, 0) << 32 |
		*model_reg(m, DLB2_SYS_AI_ADDR_L, entry, 0);

	message(m, address, *model_reg(m, DLB2_SYS_AI_DATA, entry, 0));
}

/* An entry that is masked keeps the message until it is unmasked. */
static void
request_entry(struct dlb2_model *m, unsigned int entry)
{
	uint32_t *control = model_reg(m, DLB2_SYS_AI_CTRL, entry, 0);

	if (*control & DLB2_SYS_AI_CTRL__IMS_MASK)
		*control |= DLB2_SYS_AI_CTRL__IMS_PEND;
	else
		send_entry(m, entry);
}

static void
write_control(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	uint32_t *control = model_reg(m, reg, i, j);

	if (*control != DLB2_SYS_AI_CTRL__IMS_PEND)
		return;
	*control = 0;
	send_entry(m, i);
}

static void
request_pair(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	bool ldb = kind == DLB2_LDB;
	enum dlb2_reg address = ldb ? DLB2_SYS_LDB_CQ_AI_ADDR : DLB2_SYS_DIR_CQ_AI_ADDR;
	enum dlb2_reg data = ldb ? DLB2_SYS_LDB_CQ_AI_DATA : DLB2_SYS_DIR_CQ_AI_DATA;

	message(m, FIXED_ADDRESS | *model_reg(m, address, port, 0), *model_reg(m, data, port, 0));
}

void
model_ims_request(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int entry)
{
	if (m->limits->num_ims_entries == 0)
		request_pair(m, kind, port);
	else if (entry < m->limits->num_ims_entries)
		request_entry(m, entry);
	else
		model_report(m, "CQ %u: no interrupt message store entry %u", port, entry);
}

void
model_ims_init(struct dlb2_model *m)
{
	/* The device owns the pending bit: software that unmasks must not lose it. */
	m->reg_writable[DLB2_SYS_AI_CTRL] &= ~DLB2_SYS_AI_CTRL__IMS_PEND;
	model_hook(m, DLB2_SYS_AI_CTRL, NULL, write_control);
}
