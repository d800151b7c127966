/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * CQ interrupts (control-path 12.2 to 12.4, data-path 7.4): arming, the two conditions, and the
 * route of the message. One-shot: an armed CQ fires once and is then disarmed.
 */

#include "model_priv.h"

#define CQS_PER_WORD 32
#define WORDS 3

/* EN_CODE of SYS_*_CQ_ISR. */
enum { ROUTE_NONE, ROUTE_VF_MSI, ROUTE_MSIX, ROUTE_IMS };

#define VECTOR_COMPRESSED 1

/* The same registers for either kind of CQ; their fields have the same places. */
static const struct cq_regs {
	enum dlb2_reg isr;
	enum dlb2_reg int_enb;
	enum dlb2_reg depth_thrsh;
	enum dlb2_reg tmr_thrsh;
	enum dlb2_reg timer_ctl;
	enum dlb2_reg armed[WORDS];
	enum dlb2_reg occ_sts[WORDS];
} cq_regs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = {
		.isr = DLB2_SYS_LDB_CQ_ISR,
		.int_enb = DLB2_CHP_LDB_CQ_INT_ENB,
		.depth_thrsh = DLB2_CHP_LDB_CQ_INT_DEPTH_THRSH,
		.tmr_thrsh = DLB2_CHP_LDB_CQ_TMR_THRSH,
		.timer_ctl = DLB2_CHP_CFG_LDB_CQ_TIMER_CTL,
		.armed = { DLB2_CHP_LDB_CQ_INTR_ARMED0, DLB2_CHP_LDB_CQ_INTR_ARMED1 },
		.occ_sts = { DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, DLB2_SYS_LDB_CQ_63_32_OCC_INT_STS },
	},
	[DLB2_DIR] = {
		.isr = DLB2_SYS_DIR_CQ_ISR,
		.int_enb = DLB2_CHP_DIR_CQ_INT_ENB,
		.depth_thrsh = DLB2_CHP_DIR_CQ_INT_DEPTH_THRSH,
		.tmr_thrsh = DLB2_CHP_DIR_CQ_TMR_THRSH,
		.timer_ctl = DLB2_CHP_CFG_DIR_CQ_TIMER_CTL,
		.armed = { DLB2_CHP_DIR_CQ_INTR_ARMED0, DLB2_CHP_DIR_CQ_INTR_ARMED1,
			DLB2_CHP_DIR_CQ_INTR_ARMED2 },
		.occ_sts = { DLB2_SYS_DIR_CQ_31_0_OCC_INT_STS, DLB2_SYS_DIR_CQ_63_32_OCC_INT_STS,
			DLB2_SYS_DIR_CQ_95_64_OCC_INT_STS },
	},
};

static uint32_t
bit_of(unsigned int port)
{
	return 1u << port % CQS_PER_WORD;
}

static bool
is_compressed(struct dlb2_model *m)
{
	return model_field(m, DLB2_SYS_MSIX_MODE, 0, DLB2_SYS_MSIX_MODE__MODE) != 0;
}

static unsigned int
msix_vector(struct dlb2_model *m, uint32_t isr)
{
	if (is_compressed(m))
		return VECTOR_COMPRESSED;
	return dlb2_get(DLB2_SYS_LDB_CQ_ISR__VECTOR, isr) + 1;
}

/* Sends the message of a CQ along its route. */
static void
send(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	uint32_t isr = *model_reg(m, cq_regs[kind].isr, port, 0);

	switch (dlb2_get(DLB2_SYS_LDB_CQ_ISR__EN_CODE, isr)) {
	case ROUTE_VF_MSI:
		model_vf_interrupt(m, dlb2_get(DLB2_SYS_LDB_CQ_ISR__VF, isr),
			dlb2_get(DLB2_SYS_LDB_CQ_ISR__VECTOR, isr) % 32);
		break;
	case ROUTE_MSIX:
		model_msix_request(m, msix_vector(m, isr));
		break;
	case ROUTE_IMS:
		/* Bits 7:0: VECTOR and the low part of VF (control-path 12.2). */
		model_ims_request(m, kind, port, isr & 0xff);
		break;
	default:
		break;
	}
}

static void
fire(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	const struct cq_regs *regs = &cq_regs[kind];
	unsigned int word = port / CQS_PER_WORD;
	unsigned int route = model_field(m, regs->isr, port, DLB2_SYS_LDB_CQ_ISR__EN_CODE);

	if (route == ROUTE_NONE && m->switches[DLB2_SWITCH_CQ_INT_UNROUTED] == 0)
		return;
	m->irq.cq[kind][port].armed = false;
	*model_reg(m, regs->armed[word], 0, 0) &= ~bit_of(port);
	if (route == ROUTE_MSIX &&
			(is_compressed(m) || m->switches[DLB2_SWITCH_OCC_INT_STS] == 0))
		*model_reg(m, regs->occ_sts[word], 0, 0) |= bit_of(port);
	send(m, kind, port);
}

/* The threshold register holds one less than the number of events to wait for. */
static bool
depth_reached(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	return m->irq.cq[kind][port].occupancy > *model_reg(m, cq_regs[kind].depth_thrsh, port, 0);
}

static bool
timer_runs(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	const struct model_cq_irq *cq = &m->irq.cq[kind][port];

	return cq->armed && cq->occupancy > 0 && model_field(m, cq_regs[kind].int_enb, port,
		DLB2_CHP_LDB_CQ_INT_ENB__EN_TIM) != 0;
}

void
model_cq_evaluate(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	uint32_t enable = *model_reg(m, cq_regs[kind].int_enb, port, 0);

	if (!m->irq.cq[kind][port].armed)
		return;
	if ((enable & DLB2_CHP_LDB_CQ_INT_ENB__EN_DEPTH) != 0 && depth_reached(m, kind, port))
		fire(m, kind, port);
}

void
model_cq_arm(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	m->irq.cq[kind][port].armed = true;
	m->irq.cq[kind][port].timer_passes = 0;
	*model_reg(m, cq_regs[kind].armed[port / CQS_PER_WORD], 0, 0) |= bit_of(port);
	if (m->switches[DLB2_SWITCH_ARM_WHEN_TRUE] == 0)
		model_cq_evaluate(m, kind, port);
}

void
model_cq_spurious(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int count)
{
	uint32_t isr = *model_reg(m, cq_regs[kind].isr, port, 0);

	for (; count > 0; count--) {
		if (dlb2_get(DLB2_SYS_LDB_CQ_ISR__EN_CODE, isr) == ROUTE_MSIX)
			model_msix_spurious(m, msix_vector(m, isr));
		else
			send(m, kind, port);
	}
}

/* Arms the CQs of the bits written; bits that are 0 change nothing (control-path 12.3). */
static void
arm_word(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int word, uint32_t bits)
{
	for (; bits != 0; bits &= bits - 1)
		model_cq_arm(m, kind, word * CQS_PER_WORD + __builtin_ctz(bits));
}

static void
write_armed(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	unsigned int kind, word;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (word = 0; word < model_ports(m, kind) / CQS_PER_WORD; word++)
			if (cq_regs[kind].armed[word] == reg)
				arm_word(m, kind, word, value);
}

/* A condition or a route was set up while the CQ is armed. */
static void
write_ldb_setup(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	model_cq_evaluate(m, DLB2_LDB, i);
}

static void
write_dir_setup(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	model_cq_evaluate(m, DLB2_DIR, i);
}

void
model_cq_irq_init(struct dlb2_model *m)
{
	unsigned int kind, word;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		const struct cq_regs *regs = &cq_regs[kind];
		model_reg_write_hook *setup = kind == DLB2_LDB ? write_ldb_setup : write_dir_setup;

		model_hook(m, regs->isr, NULL, setup);
		model_hook(m, regs->int_enb, NULL, setup);
		model_hook(m, regs->depth_thrsh, NULL, setup);
		for (word = 0; word < model_ports(m, kind) / CQS_PER_WORD; word++)
			model_hook(m, regs->armed[word], NULL, write_armed);
	}
}

static void
tick_cq(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, uint64_t passes)
{
	struct model_cq_irq *cq = &m->irq.cq[kind][port];

	if (!timer_runs(m, kind, port)) {
		cq->timer_passes = 0;
		return;
	}
	cq->timer_passes += passes;
	if (cq->timer_passes >= *model_reg(m, cq_regs[kind].tmr_thrsh, port, 0))
		fire(m, kind, port);
}

static void
tick_kind(struct dlb2_model *m, enum dlb2_port_kind kind, uint64_t ns)
{
	uint32_t control = *model_reg(m, cq_regs[kind].timer_ctl, 0, 0);
	uint64_t passes;
	unsigned int port;

	if ((control & DLB2_CHP_CFG_LDB_CQ_TIMER_CTL__ENB) == 0)
		return;
	passes = model_passes(&m->irq.timer_ns[kind], model_pass_ns(
		dlb2_get(DLB2_CHP_CFG_LDB_CQ_TIMER_CTL__SAMPLE_INTERVAL, control)), ns);
	if (passes == 0)
		return;
	for (port = 0; port < model_ports(m, kind); port++)
		tick_cq(m, kind, port, passes);
}

void
model_cq_irq_tick(struct dlb2_model *m, uint64_t ns)
{
	tick_kind(m, DLB2_LDB, ns);
	tick_kind(m, DLB2_DIR, ns);
}

bool
model_cq_timer_runs(struct dlb2_model *m)
{
	unsigned int kind, port;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		if ((*model_reg(m, cq_regs[kind].timer_ctl, 0, 0) &
				DLB2_CHP_CFG_LDB_CQ_TIMER_CTL__ENB) == 0)
			continue;
		for (port = 0; port < model_ports(m, kind); port++)
			if (timer_runs(m, kind, port))
				return true;
	}
	return false;
}
