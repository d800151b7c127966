/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Power-up (control-path 1.4): while CM_CFG_PM_PMCSR_DISABLE is 1 only the CM unit answers, and it
 * says that the device is not ready. Power states of PCI are model_pci.c's.
 */

#include "model_priv.h"

bool
model_is_powered(struct dlb2_model *m)
{
	return model_field(m, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0,
		DLB2_CM_CFG_PM_PMCSR_DISABLE__DISABLE) == 0;
}

static bool
is_of_cm_unit(enum dlb2_reg reg)
{
	switch (reg) {
	case DLB2_CM_CFG_PM_PMCSR_DISABLE:
	case DLB2_CM_CFG_PM_STATUS:
	case DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS:
	case DLB2_CM_DIAG_RESET_STS:
	case DLB2_CM_CLK_ON_CNT_L:
	case DLB2_CM_CLK_ON_CNT_H:
	case DLB2_CM_PROC_ON_CNT_L:
	case DLB2_CM_PROC_ON_CNT_H:
		return true;
	default:
		return false;
	}
}

bool
model_power_reaches(struct dlb2_model *m, enum dlb2_reg reg)
{
	return model_is_powered(m) || is_of_cm_unit(reg) ||
		m->switches[DLB2_SWITCH_POWERED_DOWN] != 0;
}

static uint32_t
read_pm_status(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	if (!model_is_powered(m) || model_fault_take(m, DLB2_FAULT_NOT_READY, 0, 0))
		return stored & ~DLB2_CM_CFG_PM_STATUS__PMSM;
	return stored;
}

static uint32_t
read_idle_status(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	if (!model_is_powered(m))
		return stored & ~DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS__DLB_FUNC_IDLE;
	return stored;
}

void
model_power_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_CM_CFG_PM_STATUS, read_pm_status, NULL);
	model_hook(m, DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS, read_idle_status, NULL);
}
