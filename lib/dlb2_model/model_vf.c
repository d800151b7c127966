/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Virtual functions: mailboxes in both directions, VF interrupts, VF reset and who owns a port
 * (control-path 13.4 to 13.6, 15.6). The VF's registers are views of the PF's; only its two MSI
 * registers are its own. The meaning of messages is no business of the device.
 */

#include <errno.h>

#include "model_priv.h"

#define VF_VECTOR_MAILBOX 31

static uint32_t
vf_bit(struct dlb2_model *m, enum dlb2_reg reg, unsigned int vf)
{
	return *model_reg(m, reg, 0, 0) >> vf & 1;
}

bool
model_vf_waiting(struct dlb2_model *m)
{
	return *model_reg(m, DLB2_PF_VF2PF_MAILBOX_ISR, 0, 0) != 0 ||
		*model_reg(m, DLB2_PF_VF2PF_FLR_ISR, 0, 0) != 0;
}

bool
model_vf_bar_disabled(struct dlb2_model *m, unsigned int vf)
{
	return *model_reg(m, DLB2_IOSF_FUNC_VF_BAR_DSBL, vf, 0) != 0;
}

/* A message or reset of this VF waits: interrupts the PF, unless it is still at the last one. */
static void
notify_pf(struct dlb2_model *m, unsigned int vf)
{
	uint32_t *pend = model_reg(m, DLB2_PF_VF2PF_ISR_PEND, vf, 0);

	if (*pend != 0 && m->switches[DLB2_SWITCH_VF_ISR_PEND] == 0)
		return;
	*pend = DLB2_PF_VF2PF_ISR_PEND__ISR_PEND;
	model_msix_request(m, MODEL_VECTOR_SERVICE);
}

static void
write_isr_pend(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	if (*model_reg(m, reg, i, j) == 0 && (vf_bit(m, DLB2_PF_VF2PF_MAILBOX_ISR, i) != 0 ||
			vf_bit(m, DLB2_PF_VF2PF_FLR_ISR, i) != 0))
		notify_pf(m, i);
}

static void
write_pf2vf_isr(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	uint32_t bits = value & dlb2_reg_info[reg].v[m->version].mask;

	for (; bits != 0; bits &= bits - 1)
		model_vf_interrupt(m, __builtin_ctz(bits), VF_VECTOR_MAILBOX);
}

void
model_vf_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_PF_VF2PF_ISR_PEND, NULL, write_isr_pend);
	model_hook(m, DLB2_PF_PF2VF_MAILBOX_ISR, NULL, write_pf2vf_isr);
}

static void
send(struct dlb2_model *m, unsigned int vf, unsigned int vector)
{
	m->irq.vf[vf].pend |= 1u << vector;
	m->counters.interrupts++;
	if (m->ops->vf_interrupt != NULL)
		m->ops->vf_interrupt(m->ctx, vf, vector);
}

void
model_vf_interrupt(struct dlb2_model *m, unsigned int vf, unsigned int vector)
{
	m->irq.vf[vf].isr |= 1u << vector;
	if ((m->irq.vf[vf].pend & 1u << vector) == 0)
		send(m, vf, vector);
}

/* Servicing of these vectors is over: what came meanwhile is sent now. */
static void
finish_vectors(struct dlb2_model *m, unsigned int vf, uint32_t bits)
{
	uint32_t again = bits & m->irq.vf[vf].pend & m->irq.vf[vf].isr;

	m->irq.vf[vf].pend &= ~bits;
	for (; again != 0; again &= again - 1)
		send(m, vf, __builtin_ctz(again));
}

static void
ring_pf(struct dlb2_model *m, unsigned int vf)
{
	*model_reg(m, DLB2_PF_VF2PF_MAILBOX_ISR, 0, 0) |= 1u << vf;
	notify_pf(m, vf);
}

uint32_t
model_vf_reg_read(struct dlb2_model *m, unsigned int vf, enum dlb2_reg reg, unsigned int word)
{
	switch (reg) {
	case DLB2_VF_VF2PF_MAILBOX:
		return *model_reg(m, DLB2_PF_VF2PF_MAILBOX, vf, word);
	case DLB2_VF_PF2VF_MAILBOX:
		return *model_reg(m, DLB2_PF_PF2VF_MAILBOX, vf, word);
	case DLB2_VF_VF2PF_MAILBOX_ISR:
		return vf_bit(m, DLB2_PF_VF2PF_MAILBOX_ISR, vf);
	case DLB2_VF_PF2VF_MAILBOX_ISR:
		return vf_bit(m, DLB2_PF_PF2VF_MAILBOX_ISR, vf);
	case DLB2_VF_VF_RESET_IN_PROGRESS:
		return vf_bit(m, DLB2_PF_VF_RESET_IN_PROGRESS, vf);
	case DLB2_VF_VF_MSI_ISR:
		return m->irq.vf[vf].isr;
	case DLB2_VF_VF_MSI_ISR_PEND:
		return m->irq.vf[vf].pend;
	default:
		return 0;
	}
}

void
model_vf_reg_write(struct dlb2_model *m, unsigned int vf, enum dlb2_reg reg, unsigned int word,
	uint32_t value)
{
	switch (reg) {
	case DLB2_VF_VF2PF_MAILBOX:
		*model_reg(m, DLB2_PF_VF2PF_MAILBOX, vf, word) = value;
		break;
	case DLB2_VF_PF2VF_MAILBOX:
		*model_reg(m, DLB2_PF_PF2VF_MAILBOX, vf, word) = value;
		break;
	case DLB2_VF_VF2PF_MAILBOX_ISR:
	case DLB2_VF_SIOV_MBOX_ISR_TRIGGER:
		if (value & 1)
			ring_pf(m, vf);
		break;
	case DLB2_VF_PF2VF_MAILBOX_ISR:
		*model_reg(m, DLB2_PF_PF2VF_MAILBOX_ISR, 0, 0) &= ~((value & 1) << vf);
		break;
	case DLB2_VF_VF_MSI_ISR:
		m->irq.vf[vf].isr &= ~value;
		break;
	case DLB2_VF_VF_MSI_ISR_PEND:
		finish_vectors(m, vf, value);
		break;
	default:
		break;
	}
}

void
dlb2_model_vf_flr(struct dlb2_model *m, unsigned int vf)
{
	if (vf >= m->limits->num_vdevs)
		return;
	m->irq.vf[vf] = (struct model_vf_irq){ 0 };
	*model_reg(m, DLB2_PF_VF_RESET_IN_PROGRESS, 0, 0) |= 1u << vf;
	if (m->switches[DLB2_SWITCH_VF_FLR_BAR] == 0)
		*model_reg(m, DLB2_IOSF_FUNC_VF_BAR_DSBL, vf, 0) = 1;
	*model_reg(m, DLB2_PF_VF2PF_FLR_ISR, 0, 0) |= 1u << vf;
	notify_pf(m, vf);
}

/* A SIOV vdev's tables are indexed by physical port and map it to itself (control-path 13.4). */
static bool
is_siov_port(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int vdev, unsigned int port)
{
	bool ldb = kind == DLB2_LDB;
	unsigned int index = vdev * model_ports(m, kind) + port;

	return *model_reg(m, ldb ? DLB2_SYS_VF_LDB_VPP_V : DLB2_SYS_VF_DIR_VPP_V, index, 0) != 0 &&
		*model_reg(m, ldb ? DLB2_SYS_VF_LDB_VPP2PP : DLB2_SYS_VF_DIR_VPP2PP, index, 0) ==
			port;
}

int
model_port_vdev(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	unsigned int vdev;

	if (m->source.vf >= 0)
		return m->source.vf;
	if (m->source.private_window || port >= model_ports(m, kind))
		return -1;
	vdev = *model_reg(m, kind == DLB2_LDB ? DLB2_SYS_LDB_PP2VDEV : DLB2_SYS_DIR_PP2VDEV, port,
		0);
	return is_siov_port(m, kind, vdev, port) ? (int)vdev : -1;
}
