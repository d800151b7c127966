/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Queues as registers, and the sets that change when a queue becomes empty, full or stopped.
 */

#include "model_atomic.h"
#include "model_queue.h"

/* Up to so many CQs are looked at one by one; more would cost more than a look at some queues. */
#define FEW_CQS 4

uint32_t
model_saturate(const struct dlb2_model *m, enum dlb2_reg reg, int64_t value)
{
	uint32_t mask = dlb2_reg_info[reg].v[m->version].mask;

	return value > mask ? mask : (uint32_t)value;
}

/*
 * CQs that have no other queue with work leave shared_cqs. They are found by queue, which ends as
 * soon as none is left; where links are many that is at once. Where they are few it is found by CQ.
 */
void
model_shared_withdraw(struct model_sched *s, unsigned int q)
{
	uint64_t cqs = s->queues[q].cqs;
	uint32_t queues;

	s->shared &= ~(1u << q);
	if (s->queues[q].num_cqs <= FEW_CQS) {
		for (; cqs != 0; cqs &= cqs - 1)
			if ((s->ports[DLB2_LDB][__builtin_ctzll(cqs)].linked & s->shared) == 0)
				s->shared_cqs &= ~(cqs & -cqs);
		return;
	}
	for (queues = s->shared; queues != 0 && cqs != 0; queues &= queues - 1)
		cqs &= ~s->queues[__builtin_ctz(queues)].cqs;
	s->shared_cqs &= ~cqs;
}

void
model_own_update(struct model_sched *s, unsigned int p)
{
	const struct model_port *port = &s->ports[DLB2_LDB][p];
	uint64_t bit = UINT64_C(1) << p;

	if (port->own & port->linked & s->queue_ok)
		s->own_cqs |= bit;
	else
		s->own_cqs &= ~bit;
}

/* At the limit the device clears INFLIGHT_OK of all slots, below it sets them (15.5). */
void
model_queue_limit_update(struct dlb2_model *m, unsigned int q)
{
	struct model_sched *s = &m->sched;
	struct model_ldb_queue *queue = &s->queues[q];
	bool ok = queue->open < queue->open_limit;
	uint64_t set;

	if (ok == (s->queue_ok >> q & 1))
		return;
	s->queue_ok ^= 1u << q;
	if (ok && queue->held != 0)
		model_links_release(m, q);
	model_shared_update(s, q);
	for (set = queue->owners; set != 0; set &= set - 1)
		model_own_update(s, __builtin_ctzll(set));
}

/* Fill levels above which the depth code is 1, 2 and 3 (control-path 5.5). */
static void
decode_levels(uint16_t above[3], uint32_t threshold)
{
	above[0] = threshold / 2;
	above[1] = threshold * 3 / 4;
	above[2] = threshold;
}

void
model_queue_decode(struct dlb2_model *m, unsigned int q)
{
	struct model_ldb_queue *queue = &m->sched.queues[q];

	queue->open_limit = *model_reg(m, DLB2_LSP_QID_LDB_INFL_LIM, q, 0);
	decode_levels(queue->depth_above[MODEL_NALB],
		*model_reg(m, DLB2_LSP_QID_NALDB_DEPTH_THRSH, q, 0));
	decode_levels(queue->depth_above[MODEL_ATOMIC],
		*model_reg(m, DLB2_LSP_QID_ATM_DEPTH_THRSH, q, 0));
	model_queue_limit_update(m, q);
	model_atomic_decode(m, q);
}

void
model_dir_queue_decode(struct dlb2_model *m, unsigned int q)
{
	decode_levels(m->sched.dir_queues[q].depth_above,
		*model_reg(m, DLB2_LSP_QID_DIR_DEPTH_THRSH, q, 0));
}

static void
write_config(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	model_queue_decode(m, i);
}

static void
write_dir_config(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	model_dir_queue_decode(m, i);
}

/* Counts that the device keeps. Where data-path 11 and control-path 11.1 differ, the latter. */
static uint32_t
read_count(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	const struct model_sched *s = &m->sched;

	switch (reg) {
	case DLB2_LSP_QID_LDB_ENQUEUE_CNT:
		return model_saturate(m, reg, s->queues[i].nalb.count);
	case DLB2_LSP_QID_ATM_ACTIVE:
		model_aqed_settle(m, i);
		return model_saturate(m, reg, s->queues[i].atq.count);
	case DLB2_LSP_QID_AQED_ACTIVE_CNT:
		model_aqed_settle(m, i);
		return model_saturate(m, reg, s->queues[i].atomic - s->queues[i].atq.count);
	case DLB2_LSP_QID_LDB_INFL_CNT:
		return model_saturate(m, reg, s->queues[i].open);
	case DLB2_LSP_QID_DIR_ENQUEUE_CNT:
		return model_saturate(m, reg, s->dir_queues[i].fifo.count);
	case DLB2_LSP_QID_NALDB_MAX_DEPTH:
		return model_saturate(m, reg, s->queues[i].nalb_max_depth);
	default:
		return model_saturate(m, reg, s->dir_queues[i].max_depth);
	}
}

static void
write_max_depth(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	uint16_t now = value & dlb2_reg_info[reg].v[m->version].mask;

	if (reg == DLB2_LSP_QID_NALDB_MAX_DEPTH)
		m->sched.queues[i].nalb_max_depth = now;
	else
		m->sched.dir_queues[i].max_depth = now;
}

/* The 64-bit total that a pair of registers shows, and which half of it `reg` is. */
static uint64_t *
total_of(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, bool *high)
{
	struct model_sched *s = &m->sched;

	*high = reg == DLB2_LSP_QID_NALDB_TOT_ENQ_CNTH || reg == DLB2_LSP_QID_ATM_TOT_ENQ_CNTH ||
		reg == DLB2_LSP_QID_DIR_TOT_ENQ_CNTH || reg == DLB2_LSP_LDB_SCH_CNT_H ||
		reg == DLB2_LSP_DIR_SCH_CNT_H;
	switch (reg) {
	case DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL:
	case DLB2_LSP_QID_NALDB_TOT_ENQ_CNTH:
		return &s->queues[i].nalb_enqueued;
	case DLB2_LSP_QID_ATM_TOT_ENQ_CNTL:
	case DLB2_LSP_QID_ATM_TOT_ENQ_CNTH:
		return &s->queues[i].atm_enqueued;
	case DLB2_LSP_QID_DIR_TOT_ENQ_CNTL:
	case DLB2_LSP_QID_DIR_TOT_ENQ_CNTH:
		return &s->dir_queues[i].enqueued;
	case DLB2_LSP_LDB_SCH_CNT_L:
	case DLB2_LSP_LDB_SCH_CNT_H:
		return &s->ldb_scheduled;
	default:
		return &s->dir_scheduled;
	}
}

static uint32_t
read_total(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	bool high;
	uint64_t total = *total_of(m, reg, i, &high);

	return high ? total >> 32 : (uint32_t)total;
}

static void
write_total(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	bool high;
	uint64_t *total = total_of(m, reg, i, &high);

	if (high)
		*total = (*total & 0xffffffff) | (uint64_t)value << 32;
	else
		*total = (*total & ~UINT64_C(0xffffffff)) | value;
}

void
model_queue_init(struct dlb2_model *m)
{
	static const enum dlb2_reg configs[] = { DLB2_LSP_QID_LDB_INFL_LIM,
		DLB2_LSP_QID_NALDB_DEPTH_THRSH, DLB2_LSP_QID_ATM_DEPTH_THRSH,
		DLB2_LSP_QID_AQED_ACTIVE_LIM, DLB2_AQED_QID_FID_LIM, DLB2_AQED_QID_HID_WIDTH };
	static const enum dlb2_reg counts[] = { DLB2_LSP_QID_LDB_ENQUEUE_CNT,
		DLB2_LSP_QID_ATM_ACTIVE, DLB2_LSP_QID_AQED_ACTIVE_CNT, DLB2_LSP_QID_LDB_INFL_CNT,
		DLB2_LSP_QID_DIR_ENQUEUE_CNT };
	static const enum dlb2_reg totals[] = {
		DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTH,
		DLB2_LSP_QID_ATM_TOT_ENQ_CNTL, DLB2_LSP_QID_ATM_TOT_ENQ_CNTH,
		DLB2_LSP_QID_DIR_TOT_ENQ_CNTL, DLB2_LSP_QID_DIR_TOT_ENQ_CNTH,
		DLB2_LSP_LDB_SCH_CNT_L, DLB2_LSP_LDB_SCH_CNT_H,
		DLB2_LSP_DIR_SCH_CNT_L, DLB2_LSP_DIR_SCH_CNT_H };
	unsigned int n;

	for (n = 0; n < sizeof(configs) / sizeof(configs[0]); n++)
		model_hook(m, configs[n], NULL, write_config);
	model_hook(m, DLB2_LSP_QID_DIR_DEPTH_THRSH, NULL, write_dir_config);
	for (n = 0; n < sizeof(counts) / sizeof(counts[0]); n++)
		model_hook(m, counts[n], read_count, NULL);
	model_hook(m, DLB2_LSP_QID_NALDB_MAX_DEPTH, read_count, write_max_depth);
	model_hook(m, DLB2_LSP_QID_DIR_MAX_DEPTH, read_count, write_max_depth);
	for (n = 0; n < sizeof(totals) / sizeof(totals[0]); n++)
		model_hook(m, totals[n], read_total, write_total);
}
