/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Set-up, reset and time of everything that can interrupt; see model_irq.h for the parts.
 */

#include <string.h>

#include "model_priv.h"

void
model_irq_init(struct dlb2_model *m)
{
	model_alarm_init(m);
	model_msix_init(m);
	model_ims_init(m);
	model_cq_irq_init(m);
	model_vf_init(m);
}

void
model_irq_reset(struct dlb2_model *m)
{
	memset(&m->irq, 0, sizeof(m->irq));
}

void
model_irq_tick(struct dlb2_model *m, uint64_t ns)
{
	model_cq_irq_tick(m, ns);
	model_watchdog_tick(m, ns);
}

bool
dlb2_model_needs_time(struct dlb2_model *m)
{
	return model_cq_timer_runs(m) || model_watchdog_runs(m);
}
