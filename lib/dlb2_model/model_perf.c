/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Counters that time drives (control-path 11.3; their places are known for 2.0 only): CM_*_ON_CNT,
 * and LSP_LDB_SCHED_PERF_* with cycles in which the load-balanced scheduler scheduled (pair 2) or
 * was idle (pair 0). The model cannot tell the reasons of idleness apart, so it books all of it as
 * lack of work and leaves the pairs of the other reasons at 0.
 */

#include "model_priv.h"

/* The clock of 100 MHz that also paces watchdogs (control-path 12.8). */
#define NS_PER_CYCLE 10

static void
add(struct dlb2_model *m, enum dlb2_reg low, enum dlb2_reg high, uint64_t amount)
{
	uint64_t count = (uint64_t)*model_reg(m, high, 0, 0) << 32 | *model_reg(m, low, 0, 0);

	count += amount;
	*model_reg(m, low, 0, 0) = (uint32_t)count;
	*model_reg(m, high, 0, 0) = (uint32_t)(count >> 32);
}

/* Events scheduled since they were booked. Software may have zeroed the total in between. */
static uint64_t
unbooked(const struct dlb2_model *m)
{
	uint64_t now = m->sched.ldb_scheduled;
	uint64_t before = m->time.scheduled;

	return now >= before ? now - before : now;
}

/* Books `cycles` that passed; 0 only brings the count of scheduled events up to date. */
static void
book(struct dlb2_model *m, uint64_t cycles)
{
	uint64_t scheduled;

	if (!m->time.perf_runs)
		return;
	scheduled = unbooked(m);
	m->time.scheduled = m->sched.ldb_scheduled;
	add(m, DLB2_LSP_LDB_SCHED_PERF_2_L, DLB2_LSP_LDB_SCHED_PERF_2_H, scheduled);
	if (cycles > scheduled)
		add(m, DLB2_LSP_LDB_SCHED_PERF_0_L, DLB2_LSP_LDB_SCHED_PERF_0_H,
			cycles - scheduled);
}

/* A read books nothing, so that looking does not change what the next tick counts as idle. */
static uint32_t
read_scheduled(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	uint64_t count = (uint64_t)*model_reg(m, DLB2_LSP_LDB_SCHED_PERF_2_H, 0, 0) << 32 |
		*model_reg(m, DLB2_LSP_LDB_SCHED_PERF_2_L, 0, 0);

	if (m->time.perf_runs)
		count += unbooked(m);
	return reg == DLB2_LSP_LDB_SCHED_PERF_2_L ? (uint32_t)count : count >> 32;
}

/* LSP_LDB_SCHED_PERF_*_L and _H lie next to each other in the enumeration, pair by pair. */
static void
clear_all(struct dlb2_model *m)
{
	enum dlb2_reg reg;

	for (reg = DLB2_LSP_LDB_SCHED_PERF_0_L; reg <= DLB2_LSP_LDB_SCHED_PERF_6_H; reg++)
		*model_reg(m, reg, 0, 0) = 0;
}

static void
write_control(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	book(m, 0);
	m->time.perf_runs = (value & DLB2_LSP_LDB_SCHED_PERF_CTRL__ENAB) != 0;
	m->time.scheduled = m->sched.ldb_scheduled;
	if (value & DLB2_LSP_LDB_SCHED_PERF_CTRL__CLR)
		clear_all(m);
}

void
model_perf_init(struct dlb2_model *m)
{
	/* A command: who changes ENAB by read-modify-write later must not clear again. */
	m->reg_writable[DLB2_LSP_LDB_SCHED_PERF_CTRL] &= ~DLB2_LSP_LDB_SCHED_PERF_CTRL__CLR;
	model_hook(m, DLB2_LSP_LDB_SCHED_PERF_CTRL, NULL, write_control);
	model_hook(m, DLB2_LSP_LDB_SCHED_PERF_2_L, read_scheduled, NULL);
	model_hook(m, DLB2_LSP_LDB_SCHED_PERF_2_H, read_scheduled, NULL);
}

void
model_perf_reset(struct dlb2_model *m)
{
	m->time = (struct model_time){ 0 };
}

void
model_perf_tick(struct dlb2_model *m, uint64_t ns)
{
	uint64_t cycles = (m->time.ns + ns) / NS_PER_CYCLE;

	m->time.ns = (m->time.ns + ns) % NS_PER_CYCLE;
	if (!dlb2_reg_present(m->version, DLB2_CM_CLK_ON_CNT_L))
		return;
	add(m, DLB2_CM_CLK_ON_CNT_L, DLB2_CM_CLK_ON_CNT_H, cycles);
	if (model_is_powered(m))
		add(m, DLB2_CM_PROC_ON_CNT_L, DLB2_CM_PROC_ON_CNT_H, cycles);
	book(m, cycles);
}
