/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The short ways of the data path do what the general way does: two models take the same random
 * bursts of HCWs, legal or not, one of them with a fault armed at a port that nobody uses, which
 * keeps it on the general way. Every CQ entry and every register must be the same.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_rig.h"

#define PAIRS 60
#define STEPS 400
#define QUEUES 6
#define PORTS 4
#define DIR_PORTS 3
#define DOMAINS 2
#define LOCKS 24
/* Of a large pair, whose flows run out: entries of the AQED and open events together are more. */
#define LARGE_CHANCE 10
#define LARGE_STEPS 1500
#define LARGE_CREDITS 2000
#define LARGE_LOCKS 65536
#define LARGE_AQED_LIMIT 340
#define LARGE_DEPTH 1024
#define LARGE_HISTORY 500
#define MAX_BURST 40
#define UNUSED_PORT 63
#define CHANGE_CHANCE 40

struct pair {
	struct rig *rigs[2];
	uint64_t random;
	uint64_t next_data;
	bool large;
	unsigned int port_step; /* from one load-balanced port to the next: over classes of service */
	unsigned int lock_step; /* from one lock ID to the next: some are folded if it is large */
	unsigned int slow_port; /* completes almost nothing, so that others wait */
};

static unsigned int
draw(struct pair *pair, unsigned int n)
{
	pair->random = pair->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(pair->random >> 33) % n;
}

/* True once in `n` times. */
static bool
once_in(struct pair *pair, unsigned int n)
{
	return draw(pair, n) == 0;
}

static unsigned int
number_of(const struct pair *pair, enum dlb2_port_kind kind, unsigned int p)
{
	return kind == DLB2_LDB ? p * pair->port_step : p;
}

static void
configure_queue(struct pair *pair, struct rig *rig, unsigned int q)
{
	rig_ldb_queue(rig, draw(pair, DOMAINS), q, (struct rig_queue){
		.sns = pair->large || draw(pair, 2) ? 0 : 64,
		.aqed_limit = pair->large ? LARGE_AQED_LIMIT :
			draw(pair, 3) ? 64 : 1 + draw(pair, 8),
		.open_limit = pair->large || draw(pair, 2) ? 0 :
			draw(pair, 2) ? 1 + draw(pair, 30) : rig->limits->max_qid_inflights,
		.hid_levels = !pair->large && draw(pair, 2) ? 64 : 0,
		.depth_threshold = 1 + draw(pair, 40) });
	/* Most take events from both. */
	if (!once_in(pair, 4))
		for (unsigned int d = 0; d < DOMAINS; d++)
			rig_write(rig, DLB2_SYS_LDB_VASQID_V, d * rig->limits->num_ldb_queues + q,
				1);
	if (!pair->large && once_in(pair, 4))
		rig_write(rig, DLB2_AQED_QID_FID_LIM, q, 1 + draw(pair, 6));
}

/* By weight or threshold, which 2.5 has. */
static void
configure_watch(struct pair *pair, struct rig *rig, unsigned int p)
{
	unsigned int limit = 1 + draw(pair, 20), threshold = draw(pair, 20);

	if (rig->options.version == DLB2_HW_2_5 && once_in(pair, 8))
		rig_write(rig, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, p,
			DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V | limit);
	if (rig->options.version == DLB2_HW_2_5 && once_in(pair, 8))
		rig_write(rig, DLB2_LSP_CQ_LDB_INFL_THRESH, p, threshold);
}

static void
configure_port(struct pair *pair, struct rig *rig, unsigned int n)
{
	unsigned int p = number_of(pair, DLB2_LDB, n), q;

	rig_ldb_port(rig, draw(pair, DOMAINS), p, pair->large ? LARGE_DEPTH : 1u << draw(pair, 7),
		pair->large ? LARGE_HISTORY : 1 + draw(pair, 60));
	for (q = 0; q < QUEUES; q++)
		if (once_in(pair, n == 0 || p == pair->slow_port ? 1 : 3))
			rig_link(rig, p, q, draw(pair, 3) ? 0 : draw(pair, 8));
	configure_watch(pair, rig, p);
	rig_write(rig, DLB2_CHP_LDB_CQ_INT_DEPTH_THRSH, p, draw(pair, 20));
	rig_write(rig, DLB2_CHP_LDB_CQ_INT_ENB, p, DLB2_CHP_LDB_CQ_INT_ENB__EN_DEPTH);
}

/* What a write to a running device may change as well, of a queue or of all of it. */
static void
reconfigure(struct pair *pair, struct rig *rig)
{
	static const enum dlb2_reg weights[] = {
		DLB2_ATM_CFG_ARB_WEIGHTS_RDY_BIN, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0,
		DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0, DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0,
		DLB2_ATM_CFG_ARB_WEIGHTS_SCHED_BIN };
	static const enum dlb2_model_switch switches[] = { DLB2_SWITCH_PRIORITY_BINS,
		DLB2_SWITCH_AQED_ENTRY, DLB2_SWITCH_DEPTH_CODE, DLB2_SWITCH_DIR_ENTRY,
		DLB2_SWITCH_COMP_T_COUNT, DLB2_SWITCH_REFUSED_FWD, DLB2_SWITCH_EXCESS_FWD,
		DLB2_SWITCH_FRAGMENTS_2_0, DLB2_SWITCH_STATUS_BITS, DLB2_SWITCH_WEIGHT_ZERO,
		DLB2_SWITCH_INFLIGHT_THRESHOLD };
	unsigned int what = draw(pair, 9), which = draw(pair, 256), value = draw(pair, 64);
	unsigned int q = which % QUEUES, p = number_of(pair, DLB2_LDB, which % PORTS);

	if (pair->large)
		return;
	switch (what) {
	case 0:
		rig_write(rig, weights[which % 5], 0, value % 2 ? UINT32_MAX : value * 0x01030507);
		break;
	case 1:
		rig_write(rig, DLB2_AQED_QID_FID_LIM, q, 1 + value);
		break;
	case 2:
		rig_write(rig, DLB2_LSP_QID_AQED_ACTIVE_LIM, q, 1 + value);
		break;
	case 3:
		rig_write(rig, DLB2_LSP_QID_LDB_INFL_LIM, q, value);
		break;
	case 4:
		rig_write(rig, DLB2_LSP_CFG_LSP_CSR_CONTROL, 0, dlb2_put(
			DLB2_LSP_CFG_LSP_CSR_CONTROL__LDB_WRR_COUNT_BASE,
			value % 2 ? 0 : value / 8));
		break;
	case 5:
		rig_write(rig, DLB2_LSP_CFG_CTRL_GENERAL_0, 0,
			(value % 4 == 0 ? DLB2_LSP_CFG_CTRL_GENERAL_0__DISAB_RLIST_PRI : 0) |
			(value / 4 % 4 == 0 ? DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH : 0));
		break;
	case 6:
		dlb2_model_set_switch(rig->model, switches[which %
			(sizeof(switches) / sizeof(switches[0]))], value % 4 == 0);
		break;
	case 7:
		rig_enable(rig, DLB2_LDB, p, value % 4 != 0);
		break;
	default: /* links go and come back */
		rig_write(rig, DLB2_LSP_CQ2PRIOV, p, rig_read(rig, DLB2_LSP_CQ2PRIOV, p) ^
			dlb2_put(DLB2_LSP_CQ2PRIOV__V, value & rig->slots_used[p]));
		break;
	}
}

/* The same configuration for both, so drawn from the same numbers. */
static void
configure(struct pair *pair, struct rig *rig)
{
	unsigned int n;

	pair->large = once_in(pair, LARGE_CHANCE);
	pair->port_step = once_in(pair, 2) ? 1 : 17;
	pair->lock_step = once_in(pair, 3) ? 97 : 1;
	pair->slow_port = once_in(pair, 2) ? number_of(pair, DLB2_LDB, 1) : UNUSED_PORT;
	for (n = 0; n < DOMAINS; n++)
		rig_domain(rig, n, pair->large ? LARGE_CREDITS : 40 + draw(pair, 400),
			40 + draw(pair, 100));
	for (n = 0; n < QUEUES; n++)
		configure_queue(pair, rig, n);
	for (n = 0; n < PORTS; n++)
		configure_port(pair, rig, n);
	for (n = 0; n < DIR_PORTS; n++) {
		rig_dir_queue(rig, draw(pair, DOMAINS), n);
		rig_dir_port(rig, draw(pair, DOMAINS), n, 1u << draw(pair, 6));
	}
	dlb2_model_set_switch(rig->model, DLB2_SWITCH_AQED_ENTRY, once_in(pair, 6));
	for (n = once_in(pair, 2) ? 0 : draw(pair, 6); n > 0; n--)
		reconfigure(pair, rig);
}

static struct pair *
new_pair(enum dlb2_version version, uint64_t seed)
{
	struct rig_options options = { .version = version };
	struct pair *pair = calloc(1, sizeof(*pair));
	uint64_t random = seed * 2 + 1;
	unsigned int n;

	assert_non_null(pair);
	pair->random = random;
	draw(pair, 2);
	options.dense = draw(pair, 3) == 0;
	random = pair->random;
	for (n = 0; n < 2; n++) {
		pair->rigs[n] = rig_new(&options);
		pair->random = random;
		configure(pair, pair->rigs[n]);
	}
	assert_int_equal(dlb2_model_set_fault(pair->rigs[1]->model, DLB2_FAULT_CQ_DROP_WRITE,
		DLB2_LDB, UNUSED_PORT, 1), 0);
	return pair;
}

static void
free_pair(struct pair *pair)
{
	rig_free(pair->rigs[0]);
	rig_free(pair->rigs[1]);
	free(pair);
}

/*
 * Mostly runs of the same command, type and queue, as drivers send them. Of `forwards` events all
 * but one are forwarded.
 */
static unsigned int
make_burst(struct pair *pair, enum dlb2_port_kind kind, unsigned int forwards,
	struct dlb2_hcw *hcws)
{
	unsigned int n, count = 1 + draw(pair, MAX_BURST);
	struct dlb2_hcw hcw = { .cmd = DLB2_CMD_NEW };

	for (n = 0; n < count; n++) {
		if (n == 0 || draw(pair, 6) == 0) {
			hcw.sched = (pair->large && draw(pair, 8) ? DLB2_SCHED_ATOMIC :
				draw(pair, 4)) | draw(pair, 2) * draw(pair, 8) << 2;
			hcw.qid = draw(pair, draw(pair, 20) ? DIR_PORTS + 2 : 256);
			hcw.cmd = draw(pair, 12) == 0 ? draw(pair, 16) :
				kind == DLB2_LDB && draw(pair, forwards) ? DLB2_CMD_FWD :
				DLB2_CMD_NEW;
			hcw.cmd |= draw(pair, 4) == 0 ? DLB2_CMD_TOKEN : 0;
		}
		hcw.lock_id = (hcw.cmd & DLB2_CMD_VALID) == 0 ? draw(pair, 4) :
			pair->large ? draw(pair, LARGE_LOCKS) : draw(pair, LOCKS) * pair->lock_step;
		hcw.flags = draw(pair, 256);
		hcw.data = pair->next_data++;
		hcws[n] = hcw;
	}
	return count;
}

static void
post_to_both(struct pair *pair)
{
	enum dlb2_port_kind kind = draw(pair, 4) ? DLB2_LDB : DLB2_DIR;
	unsigned int p = number_of(pair, kind, draw(pair, kind == DLB2_LDB ? PORTS : DIR_PORTS));
	struct dlb2_line lines[MAX_BURST / DLB2_HCWS_PER_LINE + 1];
	unsigned int count, forwards = 3;

	memset(lines, 0, sizeof(lines));
	if (pair->large || (p == pair->slow_port && !once_in(pair, 8)))
		forwards = 1;
	count = make_burst(pair, kind, forwards, lines[0].hcw);
	count = (count + DLB2_HCWS_PER_LINE - 1) / DLB2_HCWS_PER_LINE;
	dlb2_model_post(pair->rigs[0]->model, kind, p, lines, count);
	dlb2_model_post(pair->rigs[1]->model, kind, p, lines, count);
}

static void
run_both(struct pair *pair)
{
	unsigned int budget = 1 + draw(pair, 50);

	assert_int_equal(dlb2_model_run(pair->rigs[0]->model, budget),
		dlb2_model_run(pair->rigs[1]->model, budget));
}

/* Changes the device under way, the same for both. */
static void
reconfigure_both(struct pair *pair)
{
	uint64_t random = pair->random;

	reconfigure(pair, pair->rigs[0]);
	pair->random = random;
	reconfigure(pair, pair->rigs[1]);
}

/* The consumers: entries must be the same; some tokens and completions go back. */
static void
consume_from_both(struct pair *pair, enum dlb2_port_kind kind, unsigned int p)
{
	struct dlb2_cq_entry entries[2];
	unsigned int n = 0, completions;

	while (rig_poll(pair->rigs[0], kind, p, &entries[0])) {
		assert_true(rig_poll(pair->rigs[1], kind, p, &entries[1]));
		assert_memory_equal(&entries[0], &entries[1], sizeof(entries[0]));
		n++;
	}
	assert_false(rig_poll(pair->rigs[1], kind, p, &entries[1]));
	completions = kind == DLB2_DIR || p == pair->slow_port ? 0 :
		pair->large ? n / 8 : draw(pair, n + 1);
	rig_return_tokens(pair->rigs[0], kind, p, n);
	rig_return_tokens(pair->rigs[1], kind, p, n);
	rig_complete(pair->rigs[0], p, completions);
	rig_complete(pair->rigs[1], p, completions);
}

/* Registers that hold addresses differ, and nothing else. */
static bool
is_address(enum dlb2_reg reg)
{
	return reg == DLB2_SYS_LDB_CQ_ADDR_L || reg == DLB2_SYS_LDB_CQ_ADDR_U ||
		reg == DLB2_SYS_DIR_CQ_ADDR_L || reg == DLB2_SYS_DIR_CQ_ADDR_U;
}

static void
compare_registers(struct pair *pair)
{
	enum dlb2_version version = pair->rigs[0]->options.version;
	enum dlb2_reg reg;
	unsigned int i, j;

	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

		if (info->space != DLB2_SPACE_CSR || !info->v[version].present || is_address(reg))
			continue;
		for (i = 0; i < info->v[version].count1; i++)
			for (j = 0; j < info->v[version].count2; j++)
				if (rig_read2(pair->rigs[0], reg, i, j) !=
						rig_read2(pair->rigs[1], reg, i, j))
					fail_msg("%s[%u][%u] differs", info->name, i, j);
	}
}

static void
compare_counters(struct pair *pair)
{
	struct dlb2_model_counters a = rig_counters(pair->rigs[0]);
	struct dlb2_model_counters b = rig_counters(pair->rigs[1]);

	assert_memory_equal(&a, &b, sizeof(a));
}

static void
run_pair(enum dlb2_version version, uint64_t seed)
{
	struct pair *pair = new_pair(version, seed);
	unsigned int n, steps = pair->large ? LARGE_STEPS : STEPS;

	for (n = 0; n < steps; n++) {
		if (once_in(pair, CHANGE_CHANCE))
			reconfigure_both(pair);
		switch (draw(pair, 4)) {
		case 0:
			run_both(pair);
			break;
		case 1:
			consume_from_both(pair, DLB2_LDB,
				number_of(pair, DLB2_LDB, draw(pair, PORTS)));
			break;
		case 2:
			consume_from_both(pair, DLB2_DIR, draw(pair, DIR_PORTS));
			break;
		default:
			post_to_both(pair);
			break;
		}
		compare_counters(pair);
		assert_int_equal(dlb2_model_check(pair->rigs[0]->model), 0);
	}
	compare_registers(pair);
	free_pair(pair);
}

static void
test_same_2_0(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= PAIRS; seed++)
		run_pair(DLB2_HW_2_0, seed);
}

static void
test_same_2_5(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= PAIRS; seed++)
		run_pair(DLB2_HW_2_5, seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_2_0),
		cmocka_unit_test(test_same_2_5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
