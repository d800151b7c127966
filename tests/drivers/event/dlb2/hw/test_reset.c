/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Draining and resetting a domain (drain.c, reset.c) on the register file. What a reset does to
 * real events is tried on the model (test_model.c).
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

/* One atomic, ordered and directed queue each, an LDB port of depth 4 and a DIR port of depth 2. */
static struct dlb2_domain *
make_pipeline(struct fixture *f)
{
	struct dlb2_ldb_queue_request ordered = {
		.num_sequence_numbers = 64, .num_inflights = 64, .depth_threshold = 256,
	};
	struct dlb2_domain *domain = make_domain(f);

	assert_int_equal(make_queue(domain), 0);
	assert_int_equal(dlb2_ldb_queue_create(domain, &ordered), 1);
	assert_int_equal(make_port(domain, DLB2_LDB, 4), 0);
	assert_int_equal(make_port(domain, DLB2_DIR, 2), 0);
	assert_int_equal(dlb2_dir_queue_create(domain, 0, 256), 0);
	assert_int_equal(dlb2_link(domain, 0, 0, 0), 0);
	assert_int_equal(dlb2_link(domain, 0, 1, 0), 0);
	rec_clear(f->rec);
	return domain;
}

static struct dlb2_domain *
start_pipeline(struct fixture *f)
{
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_clear(f->rec);
	return domain;
}

/* On a new device object, which hands out the same IDs again. */
static struct dlb2_domain *
restart_pipeline(struct fixture *f)
{
	dlb2_device_destroy(f->dev);
	assert_int_equal(create_device(f), 0);
	return start_pipeline(f);
}

/* What creation set, in the order of control-path 10.6. */
#define LDB_PORT_CREATED_1 \
	"LSP_CQ_LDB_INFL_LIM[0] = 0x0\n" \
	"CHP_HIST_LIST_LIM[0] = 0x0\n" \
	"CHP_HIST_LIST_BASE[0] = 0x0\n" \
	"CHP_HIST_LIST_POP_PTR[0] = 0x0\n" \
	"CHP_HIST_LIST_PUSH_PTR[0] = 0x0\n" \
	"LSP_CQ_LDB_TKN_DEPTH_SEL[0] = 0x0\n" \
	"CHP_LDB_CQ_TKN_DEPTH_SEL[0] = 0x0\n"
#define LDB_PORT_CREATED_2 \
	"LSP_CQ_LDB_TKN_CNT[0] = 0x0\n" \
	"SYS_LDB_CQ_ADDR_L[0] = 0x0\n" \
	"SYS_LDB_CQ_ADDR_U[0] = 0x0\n" \
	"SYS_LDB_CQ2VF_PF_RO[0] = 0x0\n"
#define CREDITS_20 "CHP_CFG_LDB_VAS_CRD[0] = 0x0\nCHP_CFG_DIR_VAS_CRD[0] = 0x0\n"
#define CREDITS_25 "CHP_CFG_VAS_CRD[0] = 0x0\n"

#define RESET_BEFORE_START \
	"SYS_DIR_PP_V[0] = 0x0\n" \
	"SYS_LDB_PP_V[0] = 0x0\n" \
	"SYS_LDB_PP2VAS[0] = 0x0\n" \
	"CHP_LDB_CQ2VAS[0] = 0x0\n" \
	LDB_PORT_CREATED_1 LDB_PORT_CREATED_2 \
	"LSP_CQ_DIR_TKN_DEPTH_SEL_DSI[0] = 0x0\n" \
	"CHP_DIR_CQ_TKN_DEPTH_SEL[0] = 0x0\n" \
	"LSP_CQ_DIR_TKN_CNT[0] = 0x0\n" \
	"SYS_DIR_CQ_ADDR_L[0] = 0x0\n" \
	"SYS_DIR_CQ_ADDR_U[0] = 0x0\n" \
	"SYS_DIR_CQ2VF_PF_RO[0] = 0x0\n" \
	"SYS_DIR_PP2VAS[0] = 0x0\n" \
	"CHP_DIR_CQ2VAS[0] = 0x0\n" \
	"LSP_QID_LDB_INFL_LIM[0] = 0x0\n" \
	"LSP_QID_AQED_ACTIVE_LIM[0] = 0x0\n" \
	"LSP_QID_ATM_DEPTH_THRSH[0] = 0x0\n" \
	"LSP_QID_NALDB_DEPTH_THRSH[0] = 0x0\n" \
	"SYS_LDB_QID_V[0] = 0x0\n" \
	"SYS_LDB_QID_CFG_V[0] = 0x0\n" \
	"LSP_QID_LDB_INFL_LIM[1] = 0x0\n" \
	"LSP_QID_AQED_ACTIVE_LIM[1] = 0x0\n" \
	"LSP_QID_ATM_DEPTH_THRSH[1] = 0x0\n" \
	"LSP_QID_NALDB_DEPTH_THRSH[1] = 0x0\n" \
	"CHP_ORD_QID_SN[1] = 0x0\n" \
	"CHP_ORD_QID_SN_MAP[1] = 0x0\n" \
	"SYS_LDB_QID_V[1] = 0x0\n" \
	"SYS_LDB_QID_CFG_V[1] = 0x0\n" \
	"LSP_QID_DIR_DEPTH_THRSH[0] = 0x0\n" \
	"SYS_DIR_QID_V[0] = 0x0\n"

#define FREED \
	"read SYS_TOTAL_VAS\n" \
	"free ldb_cq0\n" \
	"free dir_cq0\n"

static void
resets_before_start(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_domain_reset(domain), 0);
	rec_expect(f->rec, BY_VERSION(f, RESET_BEFORE_START CREDITS_20 FREED,
				      RESET_BEFORE_START CREDITS_25 FREED));
	expect_all_free(f);
}

#define LDB_QUEUE_DEPTH(q) \
	"read LSP_QID_AQED_ACTIVE_CNT[" q "]\n" \
	"read LSP_QID_LDB_ENQUEUE_CNT[" q "]\n" \
	"read LSP_QID_ATM_ACTIVE[" q "]\n"

/* control-path 10.1 steps 4 to 18 of a started domain that holds nothing. */
#define DRAIN_IDLE \
	"SYS_DIR_VASQID_V[0] = 0x0\n" \
	"SYS_LDB_VASQID_V[0] = 0x0\n" \
	"SYS_LDB_VASQID_V[1] = 0x0\n" \
	"LSP_CQ_LDB_DSBL[0] = 0x1\n" \
	"read SYS_TOTAL_VAS\n" \
	"read LSP_CQ_LDB_INFL_CNT[0]\n" \
	"read LSP_CQ_LDB_TKN_CNT[0]\n" \
	LDB_QUEUE_DEPTH("0") LDB_QUEUE_DEPTH("1") \
	"LSP_CQ_DIR_DSBL[0] = 0x1\n" \
	"read SYS_TOTAL_VAS\n" \
	"read LSP_CQ_DIR_TKN_CNT[0]\n" \
	"read LSP_QID_DIR_ENQUEUE_CNT[0]\n" \
	"SYS_DIR_PP_V[0] = 0x0\n" \
	"SYS_LDB_PP_V[0] = 0x0\n" \
	LDB_QUEUE_DEPTH("0") LDB_QUEUE_DEPTH("1") \
	"read LSP_CQ_LDB_INFL_CNT[0]\n" \
	"read LSP_CQ_LDB_TKN_CNT[0]\n" \
	"read LSP_QID_DIR_ENQUEUE_CNT[0]\n" \
	"read LSP_CQ_DIR_TKN_CNT[0]\n"

#define RESET_STARTED_1 \
	"SYS_LDB_PP2VAS[0] = 0x0\n" \
	"CHP_LDB_CQ2VAS[0] = 0x0\n" \
	"CHP_LDB_CQ_DEPTH[0] = 0x0\n" \
	LDB_PORT_CREATED_1 \
	"CHP_LDB_CQ_WPTR[0] = 0x0\n" \
	LDB_PORT_CREATED_2 \
	"LSP_CQ_LDB_TOT_SCH_CNTL[0] = 0x0\n" \
	"LSP_CQ_LDB_TOT_SCH_CNTH[0] = 0x0\n" \
	"LSP_CQ2QID0[0] = 0x0\n" \
	"LSP_CQ2QID1[0] = 0x0\n" \
	"LSP_CQ2PRIOV[0] = 0x0\n"

#define RESET_STARTED_2 \
	"CHP_DIR_CQ_DEPTH[0] = 0x0\n" \
	"LSP_CQ_DIR_TKN_DEPTH_SEL_DSI[0] = 0x0\n" \
	"CHP_DIR_CQ_TKN_DEPTH_SEL[0] = 0x0\n" \
	"CHP_DIR_CQ_WPTR[0] = 0x0\n" \
	"LSP_CQ_DIR_TKN_CNT[0] = 0x0\n" \
	"SYS_DIR_CQ_ADDR_L[0] = 0x0\n" \
	"SYS_DIR_CQ_ADDR_U[0] = 0x0\n" \
	"SYS_DIR_CQ2VF_PF_RO[0] = 0x0\n" \
	"LSP_CQ_DIR_TOT_SCH_CNTL[0] = 0x0\n" \
	"LSP_CQ_DIR_TOT_SCH_CNTH[0] = 0x0\n" \
	"SYS_DIR_PP2VAS[0] = 0x0\n" \
	"CHP_DIR_CQ2VAS[0] = 0x0\n" \
	"LSP_QID_NALDB_TOT_ENQ_CNTL[0] = 0x0\n" \
	"LSP_QID_NALDB_TOT_ENQ_CNTH[0] = 0x0\n" \
	"LSP_QID_ATM_TOT_ENQ_CNTL[0] = 0x0\n" \
	"LSP_QID_ATM_TOT_ENQ_CNTH[0] = 0x0\n" \
	"LSP_QID_NALDB_MAX_DEPTH[0] = 0x0\n" \
	"LSP_QID_LDB_INFL_LIM[0] = 0x0\n" \
	"LSP_QID_AQED_ACTIVE_LIM[0] = 0x0\n" \
	"LSP_QID_ATM_DEPTH_THRSH[0] = 0x0\n" \
	"LSP_QID_NALDB_DEPTH_THRSH[0] = 0x0\n" \
	"SYS_LDB_QID_V[0] = 0x0\n" \
	"SYS_LDB_QID_CFG_V[0] = 0x0\n" \
	"ATM_QID2CQIDIX[0][0] = 0x0\n" \
	"LSP_QID2CQIDIX[0][0] = 0x0\n" \
	"LSP_QID2CQIDIX2[0][0] = 0x0\n" \
	"LSP_QID_NALDB_TOT_ENQ_CNTL[1] = 0x0\n" \
	"LSP_QID_NALDB_TOT_ENQ_CNTH[1] = 0x0\n" \
	"LSP_QID_ATM_TOT_ENQ_CNTL[1] = 0x0\n" \
	"LSP_QID_ATM_TOT_ENQ_CNTH[1] = 0x0\n" \
	"LSP_QID_NALDB_MAX_DEPTH[1] = 0x0\n" \
	"LSP_QID_LDB_INFL_LIM[1] = 0x0\n" \
	"LSP_QID_AQED_ACTIVE_LIM[1] = 0x0\n" \
	"LSP_QID_ATM_DEPTH_THRSH[1] = 0x0\n" \
	"LSP_QID_NALDB_DEPTH_THRSH[1] = 0x0\n" \
	"CHP_ORD_QID_SN[1] = 0x0\n" \
	"CHP_ORD_QID_SN_MAP[1] = 0x0\n" \
	"SYS_LDB_QID_V[1] = 0x0\n" \
	"SYS_LDB_QID_CFG_V[1] = 0x0\n" \
	"RO_GRP_0_SLT_SHFT[0] = 0x0\n" \
	"ATM_QID2CQIDIX[1][0] = 0x0\n" \
	"LSP_QID2CQIDIX[1][0] = 0x0\n" \
	"LSP_QID2CQIDIX2[1][0] = 0x0\n" \
	"LSP_QID_DIR_MAX_DEPTH[0] = 0x0\n" \
	"LSP_QID_DIR_TOT_ENQ_CNTL[0] = 0x0\n" \
	"LSP_QID_DIR_TOT_ENQ_CNTH[0] = 0x0\n" \
	"LSP_QID_DIR_DEPTH_THRSH[0] = 0x0\n" \
	"SYS_DIR_QID_V[0] = 0x0\n"

static void
resets_a_started_domain(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	assert_int_equal(dlb2_domain_reset(domain), 0);
	rec_expect(f->rec, BY_VERSION(f,
		DRAIN_IDLE RESET_STARTED_1 "SYS_DIR_CQ_OPT_CLR = 0x0\n" RESET_STARTED_2 CREDITS_20
		FREED,
		DRAIN_IDLE RESET_STARTED_1 "SYS_WB_DIR_CQ_STATE[0] = 0x10\n" RESET_STARTED_2
		CREDITS_25 FREED));
	expect_all_free(f);
}

/* Tokens in one batch, completions four to a line, never more than is owed (control-path 10.2). */
static void
returns_what_is_owed(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 4 + 3); /* depth 4: starts with 4 */
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 6);
	poke(f->file, DLB2_LSP_CQ_DIR_TKN_CNT, 0, 6 + 2); /* depth 2: starts with 6 */
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_non_null(strstr(f->rec->text,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n"
		"read LSP_CQ_LDB_TKN_CNT[0]\n"
		"post LDB[0]: BAT_T(3) COMP COMP COMP\n"
		"post LDB[0]: COMP COMP COMP\n"
		"fence LDB[0]\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n"
		"read LSP_CQ_LDB_TKN_CNT[0]\n"));
	assert_non_null(strstr(f->rec->text,
		"LSP_CQ_DIR_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_CQ_DIR_TKN_CNT[0]\n"
		"post DIR[0]: BAT_T(2)\n"
		"fence DIR[0]\n"
		"read LSP_CQ_DIR_TKN_CNT[0]\n"));
	expect_all_free(f);
}

/* Events owed without tokens, or tokens without events; none is made up. */
static void
returns_one_kind_alone(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 1);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_non_null(strstr(f->rec->text, "post LDB[0]: COMP\nfence LDB[0]\n"));
	domain = restart_pipeline(f);
	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 4 + 4);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_non_null(strstr(f->rec->text, "post LDB[0]: BAT_T(4)\nfence LDB[0]\n"));
}

/* While CQs run, three events leave the queues to them. */
static void
deliver(struct register_file *file)
{
	bool *was_running = file->ctx;

	if (peek(file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 1, 0) > 0 &&
	    peek(file, DLB2_LSP_CQ_LDB_DSBL, 0, 0) == 0) {
		poke(file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 1,
		     peek(file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 1, 0) - 3);
		poke(file, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 4 + 3);
		poke(file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 3);
		was_running[DLB2_LDB] = true;
	}
	if (peek(file, DLB2_LSP_QID_DIR_ENQUEUE_CNT, 0, 0) > 0 &&
	    peek(file, DLB2_LSP_CQ_DIR_DSBL, 0, 0) == 0) {
		poke(file, DLB2_LSP_QID_DIR_ENQUEUE_CNT, 0,
		     peek(file, DLB2_LSP_QID_DIR_ENQUEUE_CNT, 0, 0) - 1);
		poke(file, DLB2_LSP_CQ_DIR_TKN_CNT, 0,
		     peek(file, DLB2_LSP_CQ_DIR_TKN_CNT, 0, 0) + 1);
		was_running[DLB2_DIR] = true;
	}
}

static void
drains_queues_through_their_cqs(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);
	bool was_running[DLB2_NUM_PORT_KINDS] = { false, false };

	poke(f->file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 1, 9);
	poke(f->file, DLB2_LSP_QID_DIR_ENQUEUE_CNT, 0, 4);
	f->file->on_sleep = deliver;
	f->file->ctx = was_running;
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_true(was_running[DLB2_LDB] && was_running[DLB2_DIR]);
	/* Three rounds of three. The directed CQ still runs during these; then it has one round. */
	assert_int_equal(f->rec->lines, 3 + 2);
	assert_non_null(strstr(f->rec->text,
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"sleep 1 us\n"
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n"
		"read LSP_CQ_LDB_TKN_CNT[0]\n"
		"post LDB[0]: BAT_T(3) COMP COMP COMP\n"));
	expect_all_free(f);
}

/* Queue 9 has no link; the CQ has no free slot, so slot 0 is lent (control-path 10.4). */
static void
deliver_from_queue_9(struct register_file *file)
{
	uint32_t waiting = peek(file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 9, 0);

	if (waiting == 0 || peek(file, DLB2_LSP_CQ_LDB_DSBL, 0, 0) != 0 ||
	    (peek(file, DLB2_LSP_CQ2QID0, 0, 0) & 0x7f) != 9 ||
	    peek(file, DLB2_LSP_CQ2PRIOV, 0, 0) >> 24 != 0xff)
		return;
	poke(file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 9, waiting - 1);
	poke(file, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 4 + 1);
	poke(file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 1);
}

static void
drains_a_queue_without_link(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	make_port(domain, DLB2_LDB, 4);
	for (unsigned int i = 0; i < 10; i++)
		make_queue(domain);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(dlb2_link(domain, 0, i, 5), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	poke(f->file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 9, 2);
	f->file->on_sleep = deliver_from_queue_9;
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(f->rec->lines, 2);
	assert_non_null(strstr(f->rec->text,
		"LSP_CQ2PRIOV[0] = 0xfeb6db68\n"
		"ATM_QID2CQIDIX[0][0] = 0x0\n"
		"LSP_QID2CQIDIX[0][0] = 0x0\n"
		"LSP_QID2CQIDIX2[0][0] = 0x0\n"
		"LSP_LDB_SCHED_CTRL = 0x3000\n"
		"LSP_LDB_SCHED_CTRL = 0x8800\n"
		"LSP_CQ2PRIOV[0] = 0xffb6db68\n"
		"LSP_CQ2QID0[0] = 0x3020109\n"
		"ATM_QID2CQIDIX[9][0] = 0x1\n"
		"LSP_QID2CQIDIX[9][0] = 0x1\n"
		"LSP_QID2CQIDIX2[9][0] = 0x1\n"
		"read LSP_QID_AQED_ACTIVE_CNT[9]\n"
		"read LSP_QID_LDB_ENQUEUE_CNT[9]\n"
		"LSP_LDB_SCHED_CTRL = 0x1800\n"
		"LSP_LDB_SCHED_CTRL = 0x8800\n"));
	expect_all_free(f);
}

/* Additions and removals that wait are finished: returning the events makes that possible. */
static void
finishes_pending_links(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 2);
	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 4 + 2);
	assert_int_equal(dlb2_unlink(domain, 0, 0), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, 0), 1);
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_non_null(strstr(f->rec->text, "post LDB[0]: BAT_T(2) COMP COMP\n"));
	expect_all_free(f);
}

/* The count of a queue follows those of its CQs, later. */
static void
follow_late(struct register_file *file, enum dlb2_reg reg, unsigned int i)
{
	unsigned int *looks = file->ctx;

	if (reg == DLB2_LSP_QID_LDB_INFL_CNT && peek(file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 0) == 0 &&
	    ++*looks == 5)
		poke(file, reg, i, 0);
}

static void
waits_for_the_count_of_a_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);
	unsigned int second = make_port(domain, DLB2_LDB, 4);
	unsigned int looks = 0;

	assert_int_equal(dlb2_domain_start(domain), 0);
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 1);
	poke(f->file, DLB2_LSP_QID_LDB_INFL_CNT, 0, 1);
	assert_int_equal(dlb2_link(domain, second, 0, 0), 0);
	f->file->on_read = follow_late;
	f->file->ctx = &looks;
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(looks, 5 + 1); /* once more with all CQs stopped (9.4 step 5) */
	expect_all_free(f);
}

/* A lost domain keeps what it has, others can be made of the rest; a new device has all again. */
static void
expect_lost(struct fixture *f, int error, struct dlb2_domain *domain, const char *text)
{
	struct dlb2_domain_request request = small_domain(f);
	struct dlb2_resources left;

	f->rec->recording = false;
	assert_int_equal(dlb2_domain_reset(domain), error);
	rec_expect_log(f->rec, text);
	assert_int_equal(dlb2_domain_reset(domain), -EINVAL);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_DSBL, 0, 0), 1);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ_DIR_DSBL, 0, 0), 1);
	assert_int_equal(peek(f->file, DLB2_SYS_LDB_PP_V, 0, 0), 0);
	assert_int_equal(f->rec->num_dma, 2);
	dlb2_device_available(f->dev, &left);
	assert_int_equal(left.domains, f->at_start.domains - 1);
	assert_in_range(left.ldb_ports, 1, f->at_start.ldb_ports - 1);
	assert_in_range(left.ldb_credits, 1, f->at_start.ldb_credits - 1);
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	dlb2_device_destroy(f->dev);
	assert_int_equal(f->rec->num_dma, 0);
	f->file->stuck = false;
	f->file->on_sleep = NULL;
	assert_int_equal(create_device(f), 0);
	assert_int_equal(dlb2_domain_reset(start_pipeline(f)), 0);
	expect_all_free(f);
}

static void
gives_up_on_stuck_completions(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 1);
	f->file->stuck = true;
	expect_lost(f, -ETIMEDOUT, domain, "is lost");
	assert_true(f->rec->csr_reads < 500000);
}

static void
gives_up_on_stuck_tokens(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	poke(f->file, DLB2_LSP_CQ_DIR_TKN_CNT, 0, 7);
	f->file->stuck = true;
	expect_lost(f, -ETIMEDOUT, domain, "is lost");
}

static void
gives_up_on_links_that_stay_pending(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);
	unsigned int second = make_port(domain, DLB2_LDB, 4);

	assert_int_equal(dlb2_domain_start(domain), 0);
	poke(f->file, DLB2_LSP_QID_LDB_INFL_CNT, 0, 1);
	assert_int_equal(dlb2_link(domain, second, 0, 0), 0);
	f->rec->recording = false;
	assert_int_equal(dlb2_domain_reset(domain), -ETIMEDOUT);
	assert_true(f->rec->csr_reads < 500000);
}

static void
gives_up_on_queues_that_do_not_empty(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	poke(f->file, DLB2_LSP_QID_AQED_ACTIVE_CNT, 0, 1);
	expect_lost(f, -ETIMEDOUT, domain, "is lost");
	domain = restart_pipeline(f);
	poke(f->file, DLB2_LSP_QID_DIR_ENQUEUE_CNT, 0, 1);
	assert_int_equal(dlb2_domain_reset(domain), -ETIMEDOUT);
	/* control-path 10.3: 4 rounds for each credit, of 1 us. */
	assert_int_equal(f->rec->slept_us, BY_VERSION(f, 32768, 65536));
}

/* An event turns up after the drain, where nothing should move any more (10.1 step 18). */
static void
appear_when_closed(struct register_file *file, enum dlb2_reg reg, unsigned int i)
{
	if (reg == DLB2_LSP_QID_ATM_ACTIVE && peek(file, DLB2_SYS_LDB_PP_V, 0, 0) == 0)
		poke(file, reg, 0, 1);
}

static void
verifies_that_all_is_empty(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	f->file->on_read = appear_when_closed;
	assert_int_equal(dlb2_domain_reset(domain), -EIO);
	f->file->on_read = NULL;
	rec_expect_log(f->rec, "domain 0 could not be reset");
}

/* The device may leave at any read; the reset ends soon, and destroying frees everything. */
static void
notices_a_device_that_left(void **state)
{
	struct fixture *f = *state;
	unsigned int n = 0;
	int ret;

	f->rec->recording = false;
	do {
		struct dlb2_domain *domain = start_pipeline(f);

		poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, 0, 4 + 3);
		poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, 0, 3);
		poke(f->file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 1, 3);
		f->file->on_sleep = deliver;
		f->file->ctx = (bool[DLB2_NUM_PORT_KINDS]){ false };
		rec_fail(f->rec, REC_CSR_READ, ++n);
		ret = dlb2_domain_reset(domain);
		rec_fail(f->rec, REC_CSR_READ, 0);
		assert_true(f->rec->csr_reads < 100);
		if (ret < 0) {
			assert_int_equal(ret, -ENODEV);
			dlb2_device_destroy(f->dev);
			assert_int_equal(f->rec->num_dma, 0);
			f->rec->gone = false;
			assert_int_equal(create_device(f), 0);
		}
		rec_clear(f->rec);
	} while (ret < 0);
	assert_true(n > 30);
	expect_all_free(f);
}

/* IDs come back to the ends of the lists, in the order in which they were in use. */
static void
appends_what_it_returns(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = small_domain(f);
	struct dlb2_domain *domain = start_pipeline(f), *next;

	assert_int_equal(dlb2_domain_reset(domain), 0);
	request.ldb_queues = 32;
	request.atomic_inflights = 0;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &next), 0);
	for (unsigned int i = 0; i < 32; i++) {
		struct dlb2_ldb_queue_request queue = { .num_inflights = 1 };

		assert_int_equal(dlb2_ldb_queue_create(next, &queue), (10 + i) % 32);
	}
	assert_int_equal(make_port(next, DLB2_DIR, 8), 4);
	assert_int_equal(make_port(next, DLB2_LDB, 8), 10);
}

/* Destroying the device resets what is left. */
static void
destroys_a_running_device(void **state)
{
	struct fixture *f = *state;

	start_pipeline(f);
	make_domain(f);
	dlb2_device_destroy(f->dev);
	f->dev = NULL;
	assert_int_equal(f->rec->num_dma, 0);
	register_file_expect_remembered(f->file);
}

/*
 * What a pipeline of 8 ports, all linked to 8 queues, costs from creation to reset. With the
 * accesses that control-path lists for each step (20 for a port, 12 for a queue, 17 for a link, 52
 * and 69 for the reset of a port and a queue) it would be about 2300.
 */
static void
costs_few_accesses(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_queues = 8, .ldb_ports = 8, .ldb_credits = 1,
					       .hist_list_entries = 256, .atomic_inflights = 512 };
	struct dlb2_domain *domain;
	unsigned int ports[8];

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	for (unsigned int i = 0; i < 8; i++) {
		make_queue(domain);
		ports[i] = make_port(domain, DLB2_LDB, 64);
	}
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(dlb2_link(domain, ports[i / 8], i % 8, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	assert_int_equal(f->rec->csr_reads, 1);
	assert_in_range(f->rec->csr_writes, 1, 270);
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_in_range(f->rec->csr_reads, 1, 83);
	assert_in_range(f->rec->csr_writes, 1, 370);
	expect_all_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(resets_before_start),
		BOTH_VERSIONS(resets_a_started_domain),
		BOTH_VERSIONS(returns_what_is_owed),
		BOTH_VERSIONS(returns_one_kind_alone),
		BOTH_VERSIONS(drains_queues_through_their_cqs),
		BOTH_VERSIONS(drains_a_queue_without_link),
		BOTH_VERSIONS(finishes_pending_links),
		BOTH_VERSIONS(waits_for_the_count_of_a_queue),
		BOTH_VERSIONS(gives_up_on_stuck_completions),
		BOTH_VERSIONS(gives_up_on_stuck_tokens),
		BOTH_VERSIONS(gives_up_on_links_that_stay_pending),
		BOTH_VERSIONS(gives_up_on_queues_that_do_not_empty),
		BOTH_VERSIONS(verifies_that_all_is_empty),
		BOTH_VERSIONS(notices_a_device_that_left),
		BOTH_VERSIONS(appends_what_it_returns),
		BOTH_VERSIONS(destroys_a_running_device),
		BOTH_VERSIONS(costs_few_accesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
