/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the arbiters are told by registers: weights of priorities, bandwidth of classes of service,
 * controls of the scheduler as a whole. Of the rest that data-path 5.6 and 5.7 name, the weights of
 * replay have nothing to choose here, since what is replayed enters its queue at once, and those of
 * links (LSP_CFG_ARB_WEIGHT_*) are taken for strict, as all drivers program them.
 */

#include "model_arbiter.h"
#include "model_atomic.h"
#include "model_cq.h"

/* Of an arbiter. */
#define NUM_WEIGHTS 4

static const enum dlb2_reg weight_regs[MODEL_NUM_ARBITERS] = {
	[MODEL_ARB_ATQ] = DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0,
	[MODEL_ARB_READY] = DLB2_ATM_CFG_ARB_WEIGHTS_RDY_BIN,
	[MODEL_ARB_SCHED] = DLB2_ATM_CFG_ARB_WEIGHTS_SCHED_BIN,
	[MODEL_ARB_NALB] = DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0,
	[MODEL_ARB_DIR] = DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0,
};

static void
decode_weights(struct dlb2_model *m)
{
	unsigned int arbiter, bin;

	for (arbiter = 0; arbiter < MODEL_NUM_ARBITERS; arbiter++) {
		uint32_t word = *model_reg(m, weight_regs[arbiter], 0, 0);

		for (bin = 0; bin < NUM_WEIGHTS; bin++)
			m->sched.weights[arbiter][bin] = word >> 8 * bin & 0xff;
	}
}

/*
 * A number from 0 to 255 for a comparison with a weight (data-path 5.6): at seed 0 from a counter
 * that meets each once in 256 steps, far apart.
 */
static uint8_t
draw(struct model_sched *s)
{
	if (s->random != 0)
		return model_random(s, 256);
	s->draws += 157;
	return s->draws;
}

/*
 * The next lower bin gets a chance of (255 - weight) / 256, and so on from there. Where there are four
 * bins, events of before the switch was set may still be in others.
 */
unsigned int
model_arbiter_bin_of_many(struct dlb2_model *m, enum model_arbiter arbiter, unsigned int bins)
{
	unsigned int eight = m->switches[DLB2_SWITCH_PRIORITY_BINS] != 0;
	const uint8_t *weights = m->sched.weights[arbiter];

	while ((bins & (bins - 1)) != 0) {
		unsigned int bin = __builtin_ctz(bins);
		/* With eight FIFOs two share a weight, and between them the order is strict. */
		unsigned int below = bins & ~(eight ? 3u << (bin & ~1u) : 1u << bin);

		if (below == 0 || draw(&m->sched) <= weights[(bin >> eight) % NUM_WEIGHTS])
			return bin;
		bins = below;
	}
	return __builtin_ctz(bins);
}

/* Gives class `cos` its share of the slots that are left, spread evenly. */
static void
spread_slots(uint8_t *slots, unsigned int cos, unsigned int share)
{
	unsigned int n, place, left = 0;

	for (n = 0; n < MODEL_COS_SLOTS; n++)
		left += slots[n] == DLB2_MAX_COS;
	if (share > left)
		share = left;
	for (n = 0; n < share; n++) {
		place = (n * MODEL_COS_SLOTS / share + cos) % MODEL_COS_SLOTS;
		while (slots[place] != DLB2_MAX_COS)
			place = (place + 1) % MODEL_COS_SLOTS;
		slots[place] = cos;
	}
}

/* LSP_CFG_SHDW_CTRL.TRANSFER: the shadow ranges come into force (data-path 5.7). */
void
model_cos_transfer(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;
	unsigned int n, cos;

	for (n = 0; n < MODEL_COS_SLOTS; n++)
		s->cos_slots[n] = DLB2_MAX_COS;
	for (cos = 0; cos < DLB2_MAX_COS; cos++) {
		uint32_t range = *model_reg(m, DLB2_LSP_CFG_SHDW_RANGE_COS, cos, 0);

		spread_slots(s->cos_slots, cos,
			dlb2_get(DLB2_LSP_CFG_SHDW_RANGE_COS__BW_RANGE, range));
		s->cos_no_extra[cos] =
			(range & DLB2_LSP_CFG_SHDW_RANGE_COS__NO_EXTRA_CREDIT) != 0;
	}
}

/* Of LDB_WRR_COUNT_BASE and ENAB_IF_THRESH 2.0 has reserved bits only, which read 0. */
static void
decode_controls(struct dlb2_model *m)
{
	uint32_t general = *model_reg(m, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0);
	uint32_t control = *model_reg(m, DLB2_LSP_CFG_LSP_CSR_CONTROL, 0, 0);

	m->sched.pinned_first = (general & DLB2_LSP_CFG_CTRL_GENERAL_0__DISAB_RLIST_PRI) != 0;
	m->sched.thresholds = (general & DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH) != 0;
	m->sched.run_length = 1 +
		dlb2_get(DLB2_LSP_CFG_LSP_CSR_CONTROL__LDB_WRR_COUNT_BASE, control);
}

void
model_arbiter_decode(struct dlb2_model *m)
{
	decode_weights(m);
	decode_controls(m);
}

static void
write_weights(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	decode_weights(m);
}

static void
write_controls(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int p, q;

	decode_controls(m);
	/* What could wait for the AQED as long as ready flows went first. */
	for (q = 0; q < m->limits->num_ldb_queues; q++)
		model_aqed_admit(m, q);
	for (p = 0; p < m->limits->num_ldb_ports; p++)
		model_cq_decode(m, DLB2_LDB, p);
}

static void
write_transfer(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	if (value & DLB2_LSP_CFG_SHDW_CTRL__TRANSFER)
		model_cos_transfer(m);
}

void
model_arbiter_init(struct dlb2_model *m)
{
	unsigned int arbiter;

	for (arbiter = 0; arbiter < MODEL_NUM_ARBITERS; arbiter++)
		model_hook(m, weight_regs[arbiter], NULL, write_weights);
	model_hook(m, DLB2_LSP_CFG_CTRL_GENERAL_0, NULL, write_controls);
	model_hook(m, DLB2_LSP_CFG_LSP_CSR_CONTROL, NULL, write_controls);
	model_hook(m, DLB2_LSP_CFG_SHDW_CTRL, NULL, write_transfer);
}
