/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Ports (port.c).
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

static void
programs_a_load_balanced_port(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *other = make_domain(f);
	struct dlb2_domain *domain = make_domain(f); /* domain 1, history list from 192 */
	struct dlb2_port_request request = plain_port(64);
	struct dlb2_port_info info;

	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	rec_expect(f->rec,
		"alloc ldb_cq6 4096\n"
		"SYS_LDB_CQ_ADDR_L[6] = 0x1000\n"
		"SYS_LDB_CQ_ADDR_U[6] = 0x3\n"
		"SYS_LDB_CQ2VF_PF_RO[6] = 0x30\n"
		"CHP_LDB_CQ_TKN_DEPTH_SEL[6] = 0x4\n"
		"LSP_CQ_LDB_TKN_DEPTH_SEL[6] = 0x4\n"
		"CHP_HIST_LIST_LIM[6] = 0xdf\n"
		"CHP_HIST_LIST_BASE[6] = 0xc0\n"
		"LSP_CQ_LDB_INFL_LIM[6] = 0x20\n"
		"CHP_HIST_LIST_PUSH_PTR[6] = 0xc0\n"
		"CHP_HIST_LIST_POP_PTR[6] = 0xc0\n"
		"CHP_LDB_CQ2VAS[6] = 0x1\n"
		"SYS_LDB_PP2VAS[6] = 0x1\n"
		"SYS_LDB_PP_V[6] = 0x1\n");
	assert_int_equal(info.id, 6);
	assert_int_equal(info.cq_iova, FIRST_IOVA);
	assert_ptr_equal(info.cq, f->rec->dma[0].va);
	assert_int_equal(info.cq_ring_entries, 64);
	assert_int_equal(info.cq_depth, 64);
	/* Enabled when the domain starts. */
	assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_DSBL, 6, 0), 1);

	/* The next port goes on where the first one's history list ends. */
	request.hist_list_entries = 100;
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(peek(f->file, DLB2_CHP_HIST_LIST_BASE, info.id, 0), 192 + 32);
	assert_int_equal(peek(f->file, DLB2_CHP_HIST_LIST_LIM, info.id, 0), 192 + 131);
	assert_int_equal(dlb2_domain_reset(other), 0);
}

static void
programs_a_directed_port(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *other = make_domain(f);
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(2);
	struct dlb2_port_info info;

	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), 0);
	rec_expect(f->rec,
		"alloc dir_cq4 512\n"
		"SYS_DIR_CQ_ADDR_L[4] = 0x1000\n"
		"SYS_DIR_CQ_ADDR_U[4] = 0x3\n"
		"SYS_DIR_CQ2VF_PF_RO[4] = 0x30\n"
		"CHP_DIR_CQ_TKN_DEPTH_SEL[4] = 0x1\n"
		"LSP_CQ_DIR_TKN_CNT[4] = 0x6\n"
		"LSP_CQ_DIR_TKN_DEPTH_SEL_DSI[4] = 0x1\n"
		"CHP_DIR_CQ2VAS[4] = 0x1\n"
		"SYS_DIR_PP2VAS[4] = 0x1\n"
		"SYS_DIR_PP_V[4] = 0x1\n");
	assert_int_equal(info.id, 4);
	assert_int_equal(info.cq_ring_entries, 8);
	assert_int_equal(info.cq_depth, 2);
	assert_int_equal(dlb2_domain_reset(other), 0);
}

/*
 * Rings are a quarter of the size, and writes keep their order: lines are written more than once
 * (data-path 2.3).
 */
static void
programs_dense_ports(void **state)
{
	struct fixture *f = *state;
	struct dlb2_port_request request = plain_port(64);
	struct dlb2_port_info info;
	struct dlb2_domain *domain;

	f->options.cq_layout = DLB2_CQ_DENSE;
	assert_int_equal(create_device(f), 0);
	domain = make_domain(f);
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_non_null(strstr(f->rec->text, "alloc ldb_cq0 1024\n"));
	assert_int_equal(peek(f->file, DLB2_SYS_LDB_CQ2VF_PF_RO, info.id, 0),
			 DLB2_SYS_LDB_CQ2VF_PF_RO__IS_PF);
	request.cq_depth = 1;
	rec_clear(f->rec);
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), 0);
	assert_non_null(strstr(f->rec->text, "alloc dir_cq0 128\n"));
	assert_int_equal(peek(f->file, DLB2_SYS_DIR_CQ2VF_PF_RO, info.id, 0),
			 DLB2_SYS_DIR_CQ2VF_PF_RO__IS_PF);
}


/* control-path 7.4. */
static void
encodes_all_depths(void **state)
{
	struct fixture *f = *state;
	static const unsigned int code[] = { 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8 };
	static const unsigned int initial[] = { 7, 6, 4, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct dlb2_domain_request request = { .ldb_ports = 11, .dir_ports = 11,
					       .hist_list_entries = 11 * 32 };
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	for (unsigned int i = 0; i < 11; i++) {
		unsigned int ldb = make_port(domain, DLB2_LDB, 1u << i);
		unsigned int dir = make_port(domain, DLB2_DIR, 1u << i);

		assert_int_equal(peek(f->file, DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, ldb, 0), code[i]);
		assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, ldb, 0), code[i]);
		assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, ldb, 0), initial[i]);
		assert_int_equal(peek(f->file, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, dir, 0), code[i]);
		assert_int_equal(peek(f->file, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, dir, 0), code[i]);
		assert_int_equal(peek(f->file, DLB2_LSP_CQ_DIR_TKN_CNT, dir, 0), initial[i]);
		assert_int_equal(dlb2_port_tokens(domain, DLB2_LDB, ldb), 0);
		assert_int_equal(dlb2_port_tokens(domain, DLB2_DIR, dir), 0);
	}
}

static void
refuses_bad_ldb_ports(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	const struct {
		struct dlb2_port_request request;
		int error;
		const char *text;
	} rows[] = {
		{ { .cq_depth = 0, .hist_list_entries = 1 }, -EINVAL, "CQ depth 0" },
		{ { .cq_depth = 3, .hist_list_entries = 1 }, -EINVAL, "CQ depth 3" },
		{ { .cq_depth = 2048, .hist_list_entries = 1 }, -EINVAL, "from 1 to 1024" },
		{ { .cq_depth = 8 }, -EINVAL, "at least one history-list entry" },
		{ { .cq_depth = 8, .hist_list_entries = 193 }, -ENOSPC,
		  "193 history-list entries, domain 0 has 192" },
		{ { .cq_depth = 8, .hist_list_entries = 1, .cos = 4 }, -EINVAL,
		  "class of service 4" },
		{ { .cq_depth = 8, .hist_list_entries = 1, .cos = -2 }, -EINVAL, "service -2" },
		{ { .cq_depth = 8, .hist_list_entries = 1, .cos = -1, .strict_cos = true }, -EINVAL,
		  "-1 (strict)" },
		{ { .cq_depth = 8, .hist_list_entries = 1, .cos = 1, .strict_cos = true }, -ENOSPC,
		  "in that class of service" },
		{ { .cq_depth = 8, .hist_list_entries = 1, .cq_weight_limit = 9 },
		  BY_VERSION(f, -ENOTSUP, -EINVAL),
		  BY_VERSION(f, "DLB 2.5", "above the CQ depth 8") },
		{ { .cq_depth = 8, .hist_list_entries = 1, .inflight_threshold = 4096 },
		  BY_VERSION(f, -ENOTSUP, -EINVAL), BY_VERSION(f, "DLB 2.5", "maximum of 4095") },
	};
	struct dlb2_resources before, after;
	struct dlb2_port_info info;

	dlb2_domain_available(domain, &before);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(dlb2_ldb_port_create(domain, &rows[i].request, &info),
				 rows[i].error);
		rec_expect_log(f->rec, rows[i].text);
	}
	rec_expect(f->rec, "");
	dlb2_domain_available(domain, &after);
	assert_memory_equal(&before, &after, sizeof(before));

	for (unsigned int i = 0; i < 6; i++)
		make_port(domain, DLB2_LDB, 8);
	assert_int_equal(dlb2_ldb_port_create(domain, &rows[3].request, &info), -ENOSPC);
	rec_expect_log(f->rec, "no load-balanced port left in domain 0");
}

static void
refuses_bad_dir_ports(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(8);
	struct dlb2_port_info info;

	request.cq_depth = 12;
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), -EINVAL);
	rec_expect_log(f->rec, "CQ depth 12");
	request.cq_depth = 8;
	request.cq_weight_limit = 1;
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), -EINVAL);
	rec_expect_log(f->rec, "load-balanced ports only");
	request.cq_weight_limit = 0;
	request.queue = 0;
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), -EINVAL);
	rec_expect_log(f->rec, "0 is no configured directed queue of domain 0");
	rec_expect(f->rec, "");
	request.queue = dlb2_dir_queue_create(domain, -1, 0);
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), 0);
	assert_int_equal(info.id, request.queue);
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), -EEXIST);
	rec_expect_log(f->rec, "has its port already");
}

static void
undoes_a_port_without_memory(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(1024);
	struct dlb2_resources before, after;
	struct dlb2_port_info info;

	dlb2_domain_available(domain, &before);
	for (unsigned int kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		int (*create)(struct dlb2_domain *, const struct dlb2_port_request *,
			      struct dlb2_port_info *) =
			kind == DLB2_LDB ? dlb2_ldb_port_create : dlb2_dir_port_create;

		rec_fail(f->rec, REC_DMA_ALLOC, 1);
		assert_int_equal(create(domain, &request, &info), -ENOMEM);
		rec_expect_log(f->rec, "65536 bytes");
		f->rec->next_iova = FIRST_IOVA + 64;
		assert_int_equal(create(domain, &request, &info), -EINVAL);
		rec_expect_log(f->rec, "not aligned");
		assert_int_equal(f->rec->num_dma, kind == DLB2_LDB ? 0 : 1);
		assert_int_equal(f->rec->csr_writes, 0);
		dlb2_domain_available(domain, &after);
		assert_memory_equal(&before, &after, sizeof(before));
		f->rec->next_iova = FIRST_IOVA;
		assert_int_equal(create(domain, &request, &info), 0);
		assert_int_equal(info.id, 0);
		rec_clear(f->rec);
		before.ldb_ports = 5;
		before.ldb_ports_per_cos[0] = 5;
		before.hist_list_entries = before.hist_list_longest_run = 160;
	}
}

static void
chooses_the_class(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request domain_request = {
		.ldb_ports_per_cos = { 1, 1, 2, 0 }, .strict_cos = true, .hist_list_entries = 128 };
	struct dlb2_port_request request = plain_port(8);
	struct dlb2_port_info info;
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &domain_request, &domain), 0);
	request.cos = 2;
	request.strict_cos = true;
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(info.id, 32);
	request.strict_cos = false;
	request.cos = 3; /* has none: 0 is the next */
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(info.id, 0);
	request.cos = -1;
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(info.id, 16);
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(info.id, 39);
}

static void
makes_no_port_after_start(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(8);
	struct dlb2_port_info info;

	assert_int_equal(dlb2_domain_start(domain), 0);
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), -EBUSY);
	assert_int_equal(dlb2_dir_port_create(domain, &request, &info), -EBUSY);
	rec_expect_log(f->rec, "domain 0 has started, so no port can be added");
}

static void
enables_and_disables(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);

	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, ldb, false), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_expect(f->rec, "LSP_CQ_DIR_DSBL[0] = 0x0\nread SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, ldb, true), 0);
	rec_expect(f->rec, "LSP_CQ_LDB_DSBL[0] = 0x0\nread SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_DIR, dir, false), 0);
	rec_expect(f->rec, "LSP_CQ_DIR_DSBL[0] = 0x1\nread SYS_TOTAL_VAS\n");
	/* As it is already: nothing. */
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_DIR, dir, false), 0);
	rec_expect(f->rec, "");
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_DIR, 1, true), -EINVAL);
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, 64, true), -EINVAL);
}

/* data-path 8.4: no count is read before delivery has stopped and all lines are there. */
static void
quiesces(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	unsigned int dir = make_port(domain, DLB2_DIR, 4); /* starts with 4 tokens */
	struct dlb2_port_account account;

	assert_int_equal(dlb2_domain_start(domain), 0);
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, ldb, 7);
	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, ldb, 5);
	poke(f->file, DLB2_LSP_CQ_DIR_TKN_CNT, dir, 4 + 3);
	rec_clear(f->rec);
	assert_int_equal(dlb2_port_quiesce(domain, DLB2_LDB, ldb, &account), 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"fence LDB[0]\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n"
		"read LSP_CQ_LDB_TKN_CNT[0]\n");
	assert_int_equal(account.inflights, 7);
	assert_int_equal(account.tokens, 5);
	assert_int_equal(dlb2_port_quiesce(domain, DLB2_DIR, dir, &account), 0);
	rec_expect(f->rec,
		"LSP_CQ_DIR_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"fence DIR[0]\n"
		"read LSP_CQ_DIR_TKN_CNT[0]\n");
	assert_int_equal(account.inflights, 0);
	assert_int_equal(account.tokens, 3);
	assert_int_equal(dlb2_port_quiesce(domain, DLB2_LDB, 63, &account), -EINVAL);
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, ldb, 0);
	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, ldb, 0);
	poke(f->file, DLB2_LSP_CQ_DIR_TKN_CNT, dir, 4);
}

/* Only 2.5 has it; a weight limit may be as large as any depth (Appendix B 9). */
static void
limits_the_weight(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(1024);
	struct dlb2_port_info info;

	request.cq_weight_limit = 1024;
	if (f->version == DLB2_HW_2_0) {
		assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), -ENOTSUP);
		return;
	}
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_non_null(strstr(f->rec->text,
		"SYS_LDB_PP_V[0] = 0x1\nLSP_CFG_CQ_LDB_WU_LIMIT[0] = 0x8400\n"));
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

/* The switch is shared: other bits stay, and it goes off with the last user (Appendix B 9). */
static void
sets_inflight_thresholds(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(8);
	struct dlb2_port_info info;
	unsigned int other = make_port(domain, DLB2_LDB, 8);

	request.inflight_threshold = 16;
	if (f->version == DLB2_HW_2_0) {
		assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), -ENOTSUP);
		assert_int_equal(dlb2_ldb_port_set_inflight_threshold(domain, other, 1), -ENOTSUP);
		return;
	}
	poke(f->file, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0x8);
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(info.id, 7);
	assert_non_null(strstr(f->rec->text,
		"LSP_CQ_LDB_INFL_THRESH[7] = 0x10\n"
		"read LSP_CFG_CTRL_GENERAL_0\n"
		"LSP_CFG_CTRL_GENERAL_0 = 0x18\n"));
	rec_clear(f->rec);
	assert_int_equal(dlb2_ldb_port_set_inflight_threshold(domain, other, 4095), 0);
	rec_expect(f->rec, "LSP_CQ_LDB_INFL_THRESH[0] = 0xfff\n");
	assert_int_equal(dlb2_ldb_port_set_inflight_threshold(domain, 7, 0), 0);
	rec_expect(f->rec, "LSP_CQ_LDB_INFL_THRESH[7] = 0x0\n");
	assert_int_equal(dlb2_ldb_port_set_inflight_threshold(domain, 3, 1), -EINVAL);
	assert_int_equal(dlb2_ldb_port_set_inflight_threshold(domain, other, 4096), -EINVAL);
	rec_clear(f->rec);
	/* Reset takes the last one. */
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(peek(f->file, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0), 0x8);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_INFL_THRESH, 0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(programs_a_load_balanced_port),
		BOTH_VERSIONS(programs_a_directed_port),
		BOTH_BUSES(programs_dense_ports),
		BOTH_VERSIONS(encodes_all_depths),
		BOTH_VERSIONS(refuses_bad_ldb_ports),
		BOTH_VERSIONS(refuses_bad_dir_ports),
		BOTH_VERSIONS(undoes_a_port_without_memory),
		BOTH_VERSIONS(chooses_the_class),
		BOTH_VERSIONS(makes_no_port_after_start),
		BOTH_VERSIONS(enables_and_disables),
		BOTH_VERSIONS(quiesces),
		BOTH_VERSIONS(limits_the_weight),
		BOTH_VERSIONS(sets_inflight_thresholds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
