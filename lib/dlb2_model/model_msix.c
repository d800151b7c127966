/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * MSI-X of the PF (control-path 12.1, 12.5): table, pending-bit array, and the device's own gate in
 * front of vectors 0 and 1, which SYS_MSIX_ACK opens.
 *
 * A request is either sent, or waits in the pending-bit array for a mask to go, or is held for the
 * acknowledge of the message before. Requests that wait for the same thing become one message.
 */

#include <errno.h>
#include <string.h>

#include "model_priv.h"

#define TABLE_ENTRY 16
#define TABLE_SIZE (DLB2_MAX_MSIX_VECTORS * TABLE_ENTRY)
#define PBA_SIZE sizeof(((struct model_irq *)0)->msix_pending)

static uint64_t *
pending_word(struct dlb2_model *m, unsigned int vector)
{
	return &m->irq.msix_pending[vector / 64];
}

static void
send(struct dlb2_model *m, unsigned int vector)
{
	*pending_word(m, vector) &= ~(UINT64_C(1) << vector % 64);
	m->counters.interrupts++;
	if (m->ops->interrupt != NULL)
		m->ops->interrupt(m->ctx, vector);
}

static bool
is_masked(struct dlb2_model *m, unsigned int vector)
{
	return !m->pci.msix_open || model_field(m, DLB2_MSIX_VECTOR_CTRL, vector,
		DLB2_MSIX_VECTOR_CTRL__VEC_MASK) != 0;
}

static void
send_or_pend(struct dlb2_model *m, unsigned int vector)
{
	if (is_masked(m, vector)) {
		*pending_word(m, vector) |= UINT64_C(1) << vector % 64;
		return;
	}
	if (vector < MODEL_ACKED_VECTORS)
		*model_reg(m, DLB2_SYS_MSIX_ACK, 0, 0) |= 1u << vector;
	send(m, vector);
}

void
model_msix_request(struct dlb2_model *m, unsigned int vector)
{
	if (vector < MODEL_ACKED_VECTORS && *model_reg(m, DLB2_SYS_MSIX_ACK, 0, 0) & 1u << vector)
		m->irq.held[vector] = true;
	else
		send_or_pend(m, vector);
}

void
model_msix_spurious(struct dlb2_model *m, unsigned int vector)
{
	if (!is_masked(m, vector))
		send(m, vector);
}

void
model_msix_release(struct dlb2_model *m)
{
	unsigned int word;

	for (word = 0; word < 2; word++) {
		uint64_t waiting = m->irq.msix_pending[word];

		for (; waiting != 0; waiting &= waiting - 1)
			send_or_pend(m, word * 64 + __builtin_ctzll(waiting));
	}
}

void
dlb2_model_mask_vector(struct dlb2_model *m, unsigned int vector, bool masked)
{
	uint32_t *control;

	if (vector >= m->limits->num_msix_vectors)
		return;
	control = model_reg(m, DLB2_MSIX_VECTOR_CTRL, vector, 0);
	*control = dlb2_set(*control, DLB2_MSIX_VECTOR_CTRL__VEC_MASK, masked);
	model_msix_release(m);
}

static void
write_vector_control(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	model_msix_release(m);
}

/* The acknowledge itself is the register's access kind. */
static void
write_ack(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	unsigned int vector;

	for (vector = 0; vector < MODEL_ACKED_VECTORS; vector++) {
		if (!m->irq.held[vector] || (value & 1u << vector) == 0)
			continue;
		m->irq.held[vector] = false;
		model_msix_request(m, vector);
	}
}

void
model_msix_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_MSIX_VECTOR_CTRL, NULL, write_vector_control);
	model_hook(m, DLB2_SYS_MSIX_ACK, NULL, write_ack);
}

static bool
in_table(uint64_t offset)
{
	return offset >= DLB2_MSIX_TABLE_BASE && offset - DLB2_MSIX_TABLE_BASE < TABLE_SIZE;
}

static bool
in_pba(uint64_t offset)
{
	return offset >= DLB2_MSIX_PBA_BASE && offset - DLB2_MSIX_PBA_BASE < PBA_SIZE;
}

bool
model_msix_owns(uint64_t offset)
{
	return in_table(offset) || in_pba(offset);
}

static uint32_t
read_table(struct dlb2_model *m, unsigned int vector, unsigned int word)
{
	if (word == TABLE_ENTRY / 4 - 1)
		return model_reg_read(m, DLB2_MSIX_VECTOR_CTRL, vector, 0);
	return m->irq.msix[vector].words[word];
}

static void
write_table(struct dlb2_model *m, unsigned int vector, unsigned int word, uint32_t value)
{
	if (word == TABLE_ENTRY / 4 - 1)
		model_reg_write(m, DLB2_MSIX_VECTOR_CTRL, vector, 0, value);
	else
		m->irq.msix[vector].words[word] = value;
}

static void
table_access(struct dlb2_model *m, const struct model_access *access)
{
	unsigned int at = access->offset - DLB2_MSIX_TABLE_BASE, done;
	uint32_t value;

	for (done = 0; done < access->len; done += sizeof(value), at += sizeof(value)) {
		unsigned int vector = at / TABLE_ENTRY, word = at % TABLE_ENTRY / sizeof(value);

		if (access->dst != NULL) {
			value = read_table(m, vector, word);
			memcpy((char *)access->dst + done, &value, sizeof(value));
		} else {
			memcpy(&value, (const char *)access->src + done, sizeof(value));
			write_table(m, vector, word, value);
		}
	}
}

int
model_msix_access(struct dlb2_model *m, const struct model_access *access)
{
	if ((access->len != 4 && access->len != 8) || access->offset % access->len != 0)
		return model_refuse(m, access, -EINVAL, 0,
			"the MSI-X table and pending bits take 4 or 8 aligned bytes");
	if (in_table(access->offset))
		table_access(m, access);
	else if (access->dst != NULL)
		memcpy(access->dst, (const char *)m->irq.msix_pending +
			(access->offset - DLB2_MSIX_PBA_BASE), access->len);
	return 0;
}
