/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Short ways for runs of the commonest work; see model_fast_take.c and model_fast_schedule.c.
 */
#ifndef MODEL_FAST_H
#define MODEL_FAST_H

#include "model_priv.h"

/* Fewer HCWs or events than this are not worth the preparation. */
#define MODEL_FAST_MIN 3

/*
 * Takes HCWs of a port from the first on, as long as each is a common case. Returns how many; the
 * next one, if any, is for the general way.
 */
unsigned int model_fast_take(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n);

/*
 * Schedules up to `n` events (1 or more) of queue `q` to CQ `p`, which both permit it, as long as
 * each is a common case. Returns how many. The same for a directed CQ.
 */
unsigned int model_fast_schedule(struct dlb2_model *m, unsigned int p, unsigned int q,
	unsigned int n);
unsigned int model_fast_schedule_dir(struct dlb2_model *m, unsigned int p, unsigned int n);
/* The same of the queues that CQ `p` may take events from, in turn. */
unsigned int model_fast_take_turns(struct dlb2_model *m, unsigned int p, unsigned int n);

#endif
