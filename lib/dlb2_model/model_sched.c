/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path as a whole: hooks at creation, state after reset. The register file has its reset
 * values by then, so that reset is: everything zero, then decoded like after any write.
 */

#include <string.h>

#include "model_arbiter.h"
#include "model_atomic.h"
#include "model_cq.h"
#include "model_credits.h"
#include "model_history.h"
#include "model_order.h"
#include "model_pp.h"

_Static_assert(sizeof(struct model_sched) < 6 << 20, "the data path needs less than 6 MiB");
_Static_assert(MODEL_FLOWS * MODEL_BINS <= MODEL_NONE, "lane numbers fit into 16 bits");

void
model_sched_init(struct dlb2_model *m)
{
	model_credits_init(m);
	model_pp_init(m);
	model_queue_init(m);
	model_order_init(m);
	model_cq_init(m);
	model_history_init(m);
	model_links_init(m);
	model_arbiter_init(m);
}

static void
decode_ports(struct dlb2_model *m)
{
	unsigned int kind, p;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		for (p = 0; p < model_ports(m, kind); p++) {
			model_pp_decode(m, kind, p);
			model_cq_decode(m, kind, p);
		}
	}
	for (p = 0; p < m->limits->num_ldb_ports; p++)
		model_links_decode(m, p);
}

static void
decode_queues(struct dlb2_model *m)
{
	unsigned int q;

	for (q = 0; q < m->limits->num_ldb_queues; q++) {
		model_queue_decode(m, q);
		model_order_decode(m, q);
	}
	for (q = 0; q < m->limits->num_dir_ports; q++)
		model_dir_queue_decode(m, q);
}

static void
decode_switches(struct dlb2_model *m)
{
	m->sched.bin_shift = m->switches[DLB2_SWITCH_PRIORITY_BINS] == 0;
	m->sched.hold_aqed = m->switches[DLB2_SWITCH_AQED_ENTRY] != 0;
}

/* What registers mean may depend on it: they are decoded as if they were written again. */
void
model_sched_switch(struct dlb2_model *m)
{
	decode_switches(m);
	decode_queues(m);
	decode_ports(m);
}

void
model_sched_reset(struct dlb2_model *m)
{
	memset(&m->sched, 0, sizeof(m->sched));
	m->sched.random = m->seed;
	decode_switches(m);
	model_credits_reset(m);
	model_atomic_reset(m);
	model_arbiter_reset(m);
	model_arbiter_decode(m);
	model_cos_transfer(m);
	decode_queues(m);
	decode_ports(m);
}
