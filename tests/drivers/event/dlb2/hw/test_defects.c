/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver (pmd-interface 20) that lie in how the device is programmed, seen
 * where they would show: in the accesses and in the memory of consumer queues.
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

static bool
is_allocated(const struct recording_bus *rec, const void *va)
{
	for (unsigned int i = 0; i < rec->num_dma; i++) {
		if (rec->dma[i].va == va)
			return true;
	}
	return false;
}

static int
create_port(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int depth,
	    struct dlb2_port_info *info)
{
	struct dlb2_port_request request = plain_port(depth);

	return kind == DLB2_LDB ? dlb2_ldb_port_create(domain, &request, info)
				: dlb2_dir_port_create(domain, &request, info);
}

/* A port that cannot be made takes only its own memory with it, and that all. */
static void
fails_without_others(struct fixture *f, enum dlb2_port_kind kind)
{
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_info good[2], bad;

	assert_int_equal(create_port(domain, kind, 8, &good[0]), 0);
	assert_int_equal(create_port(domain, kind, 8, &good[1]), 0);
	assert_true(create_port(domain, kind, 7, &bad) < 0);
	rec_fail(f->rec, REC_DMA_ALLOC, 1);
	assert_int_equal(create_port(domain, kind, 8, &bad), -ENOMEM);
	assert_int_equal(f->rec->num_dma, 2);
	assert_true(is_allocated(f->rec, good[0].cq));
	assert_true(is_allocated(f->rec, good[1].cq));
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

static void
test_b10_failed_ldb_port(void **state)
{
	fails_without_others(*state, DLB2_LDB);
}

static void
test_b10_failed_dir_port(void **state)
{
	fails_without_others(*state, DLB2_DIR);
}

/* A threshold that is known when the port is created is written, and nothing else is changed. */
static void
test_b13_threshold_from_the_start(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_port_request request = plain_port(8);
	struct dlb2_port_info info;

	poke(f->file, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0x8);
	request.inflight_threshold = 77;
	assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_INFL_THRESH, info.id, 0), 77);
	assert_int_equal(peek(f->file, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0),
			 0x8 | DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH);
	assert_int_equal(dlb2_ldb_port_set_inflight_threshold(domain, info.id, 5), 0);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ_LDB_INFL_THRESH, info.id, 0), 5);
	assert_int_equal(peek(f->file, DLB2_LSP_CFG_CTRL_GENERAL_0, 0, 0),
			 0x8 | DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH);
}

/* While a CQ's memory is there the device may write to it: freeing is the last thing of a reset. */
static void
test_b26_memory_outlives_its_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	const char *first_free, *text;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		make_port(domain, DLB2_LDB, 8);
		make_port(domain, DLB2_DIR, 8);
	}
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	text = f->rec->text;
	first_free = strstr(text, "free ");
	assert_non_null(first_free);
	assert_non_null(strstr(text, "SYS_LDB_CQ_ADDR_L"));
	assert_null(strstr(first_free, "SYS_LDB_CQ_ADDR_L"));
	assert_null(strstr(first_free, "SYS_DIR_CQ_ADDR_L"));
	assert_null(strstr(first_free, "LSP_CQ_LDB_DSBL"));
	assert_null(strstr(first_free, "LSP_CQ_DIR_DSBL"));
}

/* Bringing the device up says nothing through a producer port, and so does nothing to its users. */
static void
test_b34_no_commands_before_reset(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(create_device(f), 0);
	assert_int_equal(f->rec->lines, 0);
}

/* Each access to configuration space may fail: the answer is a negative errno, never 0 or 2. */
static void
test_b43_config_space_failures(void **state)
{
	static const enum rec_fault faults[] = {REC_CONFIG_READ, REC_CONFIG_WRITE};
	struct fixture *f = *state;
	unsigned int i, n;
	int ret;

	f->rec->recording = false;
	for (i = 0; i < 2; i++) {
		for (n = 1, ret = -1; ret != 0; n++) {
			rec_fail(f->rec, faults[i], n);
			ret = create_device(f);
			assert_in_range(-ret, 0, 4095);
			if (ret == 0) /* the fault is still to come: there is no such access */
				assert_true(f->rec->fail_at[faults[i]] > 0);
		}
		rec_fail(f->rec, faults[i], 0);
		dlb2_device_destroy(f->dev);
		f->dev = NULL;
		assert_true(n > 30);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(test_b10_failed_ldb_port),
		BOTH_VERSIONS(test_b10_failed_dir_port),
		cmocka_unit_test_setup_teardown(test_b13_threshold_from_the_start, setup_25,
						teardown),
		BOTH_VERSIONS(test_b26_memory_outlives_its_queue),
		BOTH_BUSES(test_b34_no_commands_before_reset),
		BOTH_BUSES(test_b43_config_space_failures),
	};

	return cmocka_run_group_tests_name("defects in programming", tests, NULL, NULL);
}
