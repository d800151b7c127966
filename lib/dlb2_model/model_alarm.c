/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Alarms: what enables them, the syndrome that the first one latches (control-path 12.6, 12.7),
 * and the service interrupt. Later alarms set MORE until software clears VALID; each asks for the
 * interrupt all the same. Whether an HCW deserves an alarm is decided in model_hcw.c.
 */

#include <string.h>

#include "model_priv.h"

/* SOURCE and UNIT codes of a syndrome. */
#define SOURCE_SYS 0
#define SOURCE_CORE 1
#define UNIT_CHP 4

/* The three words of a syndrome and which element of them, PF or VF. */
struct syndrome {
	enum dlb2_reg words[3];
	unsigned int index;
};

static struct syndrome
syndrome_of(int vdev)
{
	static const struct syndrome pf = {
		{ DLB2_SYS_ALARM_PF_SYND0, DLB2_SYS_ALARM_PF_SYND1, DLB2_SYS_ALARM_PF_SYND2 }, 0
	};
	struct syndrome vf = {
		{ DLB2_SYS_ALARM_VF_SYND0, DLB2_SYS_ALARM_VF_SYND1, DLB2_SYS_ALARM_VF_SYND2 }, vdev
	};

	return vdev < 0 ? pf : vf;
}

static void
set_word(struct dlb2_model *m, const struct syndrome *syndrome, unsigned int n, uint32_t value)
{
	enum dlb2_reg reg = syndrome->words[n];

	*model_reg(m, reg, syndrome->index, 0) = value & dlb2_reg_info[reg].v[m->version].mask;
}

/* Words 1 and 2 have the layout of the HCW's last two. */
static void
latch(struct dlb2_model *m, const struct syndrome *syndrome, uint32_t cause,
	const struct dlb2_hcw *hcw)
{
	uint32_t *word = model_reg(m, syndrome->words[0], syndrome->index, 0);
	uint32_t half[2];

	if (*word & DLB2_SYS_ALARM_PF_SYND0__VALID) {
		*word |= DLB2_SYS_ALARM_PF_SYND0__MORE;
		return;
	}
	memcpy(half, (const char *)hcw + offsetof(struct dlb2_hcw, opaque), sizeof(half));
	set_word(m, syndrome, 0, cause | DLB2_SYS_ALARM_PF_SYND0__VALID);
	set_word(m, syndrome, 1, half[0]);
	set_word(m, syndrome, 2, half[1]);
}

static uint32_t
sys_cause(unsigned int aid, enum dlb2_port_kind kind, unsigned int port)
{
	return dlb2_put(DLB2_SYS_ALARM_PF_SYND0__SOURCE, SOURCE_SYS) |
		dlb2_put(DLB2_SYS_ALARM_PF_SYND0__AID, aid) |
		dlb2_put(DLB2_SYS_ALARM_PF_SYND0__IS_LDB, kind == DLB2_LDB) |
		dlb2_put(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, port);
}

/* Bit 7 of SYNDROME tells an LDB port of the core's alarms. */
static uint32_t
chp_cause(unsigned int aid, enum dlb2_port_kind kind, unsigned int port)
{
	return dlb2_put(DLB2_SYS_ALARM_PF_SYND0__SOURCE, SOURCE_CORE) |
		dlb2_put(DLB2_SYS_ALARM_PF_SYND0__UNIT, UNIT_CHP) |
		dlb2_put(DLB2_SYS_ALARM_PF_SYND0__AID, aid) |
		dlb2_put(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, port | (kind == DLB2_LDB) << 7);
}

/* CHP alarm n is its informational alarm n; the syndrome can be turned off on its own. */
static void
chp_masks(struct dlb2_model *m, unsigned int aid, bool *alarm, bool *record)
{
	static const uint32_t alarm_dis[] = {
		[MODEL_AID_CHP_ILLEGAL_ENQUEUE] = DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF1_ALARM_DIS,
		[MODEL_AID_CHP_EXCESS_TOKENS] = DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF2_ALARM_DIS,
	};
	static const uint32_t synd_dis[] = {
		[MODEL_AID_CHP_ILLEGAL_ENQUEUE] = DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF1_SYND_DIS,
		[MODEL_AID_CHP_EXCESS_TOKENS] = DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF2_SYND_DIS,
	};
	uint32_t control = *model_reg(m, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0);

	if (m->switches[DLB2_SWITCH_CHP_ALARM_MASK] != 0)
		return;
	*alarm = (control & alarm_dis[aid]) == 0;
	*record = (control & synd_dis[aid]) == 0;
}

/* What the owner of the port calls it: a VF by virtual number, a SIOV vdev by the physical one. */
static unsigned int
port_name(const struct dlb2_model *m, unsigned int port)
{
	return m->source.vf >= 0 ? m->source.vport : port;
}

void
model_alarm(struct dlb2_model *m, enum model_alarm_source source, unsigned int aid,
	uint32_t enable_bit, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_hcw *hcw)
{
	struct syndrome syndrome = syndrome_of(model_port_vdev(m, kind, port));
	bool alarm = true, record = true;
	uint32_t cause;

	port = port_name(m, port);
	if (source == MODEL_ALARM_SYS) {
		alarm = (*model_reg(m, DLB2_SYS_INGRESS_ALARM_ENBL, 0, 0) & enable_bit) != 0;
		cause = sys_cause(aid, kind, port);
	} else {
		chp_masks(m, aid, &alarm, &record);
		cause = chp_cause(aid, kind, port);
	}
	if (!alarm)
		return;
	m->counters.alarms++;
	if (record)
		latch(m, &syndrome, cause, hcw);
	model_msix_request(m, MODEL_VECTOR_SERVICE);
}

/* Of any number at once one is latched, and two requests do what many do. */
void
model_hw_alarm(struct dlb2_model *m, unsigned int count)
{
	uint32_t *word = model_reg(m, DLB2_SYS_ALARM_HW_SYND, 0, 0);
	bool more = count > 1 || (*word & DLB2_SYS_ALARM_HW_SYND__VALID) != 0;

	if (count == 0)
		return;
	if ((*word & DLB2_SYS_ALARM_HW_SYND__VALID) == 0)
		*word = DLB2_SYS_ALARM_HW_SYND__VALID | DLB2_SYS_ALARM_HW_SYND__ALARM |
			dlb2_put(DLB2_SYS_ALARM_HW_SYND__SOURCE, SOURCE_CORE) |
			dlb2_put(DLB2_SYS_ALARM_HW_SYND__UNIT, UNIT_CHP);
	if (more)
		*word |= DLB2_SYS_ALARM_HW_SYND__MORE;
	m->counters.alarms += count;
	model_msix_request(m, MODEL_VECTOR_SERVICE);
	if (count > 1)
		model_msix_request(m, MODEL_VECTOR_SERVICE);
}

/* CWD and VF_PF_MB follow their causes, and VALID goes with them (control-path 15.6). */
static uint32_t
read_hw_syndrome(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	if ((stored & DLB2_SYS_ALARM_HW_SYND__VALID) == 0)
		stored = 0;
	if (model_watchdog_pending(m))
		stored |= DLB2_SYS_ALARM_HW_SYND__VALID | DLB2_SYS_ALARM_HW_SYND__CWD;
	if (model_vf_waiting(m))
		stored |= DLB2_SYS_ALARM_HW_SYND__VALID | DLB2_SYS_ALARM_HW_SYND__VF_PF_MB;
	return stored;
}

void
model_alarm_init(struct dlb2_model *m)
{
	m->reg_writable[DLB2_SYS_ALARM_PF_SYND0] =
		DLB2_SYS_ALARM_PF_SYND0__VALID | DLB2_SYS_ALARM_PF_SYND0__MORE;
	m->reg_writable[DLB2_SYS_ALARM_VF_SYND0] =
		DLB2_SYS_ALARM_VF_SYND0__VALID | DLB2_SYS_ALARM_VF_SYND0__MORE;
	m->reg_writable[DLB2_SYS_ALARM_HW_SYND] =
		DLB2_SYS_ALARM_HW_SYND__VALID | DLB2_SYS_ALARM_HW_SYND__MORE;
	model_hook(m, DLB2_SYS_ALARM_HW_SYND, read_hw_syndrome, NULL);
}
