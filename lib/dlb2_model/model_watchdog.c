/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * CQ watchdog (control-path 12.8): a CQ that holds events and gets no token back for `threshold`
 * sampling passes expires. Expiry disables the CQ's watchdog until software enables it again.
 */

#include "model_priv.h"

#define CQS_PER_WORD 32
#define WORDS 3

/* The same registers for either kind of CQ; their fields have the same places. */
static const struct watchdog_regs {
	enum dlb2_reg enb_interval;
	enum dlb2_reg threshold;
	enum dlb2_reg wd_enb;
	enum dlb2_reg disable[WORDS];
	enum dlb2_reg timeout[WORDS];
} watchdog_regs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = {
		.enb_interval = DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL,
		.threshold = DLB2_CHP_CFG_LDB_WD_THRESHOLD,
		.wd_enb = DLB2_CHP_LDB_CQ_WD_ENB,
		.disable = { DLB2_CHP_CFG_LDB_WD_DISABLE0, DLB2_CHP_CFG_LDB_WD_DISABLE1 },
		.timeout = { DLB2_CHP_CFG_LDB_WDTO_0, DLB2_CHP_CFG_LDB_WDTO_1 },
	},
	[DLB2_DIR] = {
		.enb_interval = DLB2_CHP_CFG_DIR_WD_ENB_INTERVAL,
		.threshold = DLB2_CHP_CFG_DIR_WD_THRESHOLD,
		.wd_enb = DLB2_CHP_DIR_CQ_WD_ENB,
		.disable = { DLB2_CHP_CFG_DIR_WD_DISABLE0, DLB2_CHP_CFG_DIR_WD_DISABLE1,
			DLB2_CHP_CFG_DIR_WD_DISABLE2 },
		.timeout = { DLB2_CHP_CFG_DIR_WDTO_0, DLB2_CHP_CFG_DIR_WDTO_1,
			DLB2_CHP_CFG_DIR_WDTO_2 },
	},
};

static bool
is_watched(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	const struct watchdog_regs *regs = &watchdog_regs[kind];
	uint32_t disabled = *model_reg(m, regs->disable[port / CQS_PER_WORD], 0, 0);

	return m->irq.cq[kind][port].occupancy > 0 &&
		*model_reg(m, regs->wd_enb, port, 0) != 0 &&
		(disabled & 1u << port % CQS_PER_WORD) == 0;
}

static void
expire(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port)
{
	const struct watchdog_regs *regs = &watchdog_regs[kind];
	unsigned int word = port / CQS_PER_WORD;

	m->irq.cq[kind][port].watchdog_passes = 0;
	*model_reg(m, regs->timeout[word], 0, 0) |= 1u << port % CQS_PER_WORD;
	*model_reg(m, regs->disable[word], 0, 0) |= 1u << port % CQS_PER_WORD;
	model_msix_request(m, MODEL_VECTOR_SERVICE);
}

static void
tick_cq(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, uint64_t passes)
{
	struct model_cq_irq *cq = &m->irq.cq[kind][port];

	if (!is_watched(m, kind, port)) {
		cq->watchdog_passes = 0;
		return;
	}
	cq->watchdog_passes += passes;
	if (cq->watchdog_passes >= *model_reg(m, watchdog_regs[kind].threshold, 0, 0))
		expire(m, kind, port);
}

static void
tick_kind(struct dlb2_model *m, enum dlb2_port_kind kind, uint64_t ns)
{
	uint32_t control = *model_reg(m, watchdog_regs[kind].enb_interval, 0, 0);
	uint64_t passes;
	unsigned int port;

	if ((control & DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL__ENB) == 0)
		return;
	passes = model_passes(&m->irq.watchdog_ns[kind], model_pass_ns(
		dlb2_get(DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL__SAMPLE_INTERVAL, control)), ns);
	if (passes == 0)
		return;
	for (port = 0; port < model_ports(m, kind); port++)
		tick_cq(m, kind, port, passes);
}

void
model_watchdog_tick(struct dlb2_model *m, uint64_t ns)
{
	tick_kind(m, DLB2_LDB, ns);
	tick_kind(m, DLB2_DIR, ns);
}

bool
model_watchdog_runs(struct dlb2_model *m)
{
	unsigned int kind, port;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		if ((*model_reg(m, watchdog_regs[kind].enb_interval, 0, 0) &
				DLB2_CHP_CFG_LDB_WD_ENB_INTERVAL__ENB) == 0)
			continue;
		for (port = 0; port < model_ports(m, kind); port++)
			if (is_watched(m, kind, port))
				return true;
	}
	return false;
}

bool
model_watchdog_pending(struct dlb2_model *m)
{
	unsigned int kind, word;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (word = 0; word < model_ports(m, kind) / CQS_PER_WORD; word++)
			if (*model_reg(m, watchdog_regs[kind].timeout[word], 0, 0) != 0)
				return true;
	return false;
}
