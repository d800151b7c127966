/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Leaving linked queues out (select.c): the registers, what has to wait, and how that goes together
 * with links that come and go. The register file stands for a device whose counts the test sets.
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

#define PORT 0
#define OTHER 7
#define ALL 0

/* Port 0 has queues 0 and 1 in slots 0 and 1, at priorities 2 and 5. */
static struct dlb2_domain *
start(struct fixture *f)
{
	struct dlb2_domain *domain = make_domain(f);

	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(make_queue(domain), i);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), PORT);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), OTHER);
	assert_int_equal(dlb2_link(domain, PORT, 0, 2), 0);
	assert_int_equal(dlb2_link(domain, PORT, 1, 5), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_clear(f->rec);
	return domain;
}

static void
set_inflights(struct fixture *f, unsigned int count)
{
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, PORT, count);
}

static uint32_t
cq2priov(struct fixture *f)
{
	return peek(f->file, DLB2_LSP_CQ2PRIOV, PORT, 0);
}

static bool
is_stopped(struct fixture *f)
{
	return peek(f->file, DLB2_LSP_CQ_LDB_DSBL, PORT, 0) != 0;
}

static void
leaves_out_at_once_when_idle(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, NULL), 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n"
		"LSP_CQ2PRIOV[0] = 0x1000002\n"
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, NULL), 0);
	rec_expect(f->rec, "");
}

/* It is told of the work that its queue has; nothing goes, so nothing is waited for. */
static void
takes_in_without_waiting(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, NULL), 0);
	poke(f->file, DLB2_LSP_QID_AQED_ACTIVE_CNT, 1, 3);
	set_inflights(f, 4);
	rec_clear(f->rec);
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, NULL), 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"LSP_CQ2PRIOV[0] = 0x300002a\n"
		"read LSP_QID_AQED_ACTIVE_CNT[1]\n"
		"read LSP_QID_LDB_ENQUEUE_CNT[1]\n"
		"LSP_LDB_SCHED_CTRL = 0xa900\n"
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
}

static void
waits_for_completions(void **state)
{
	const uint8_t priorities[DLB2_MAX_LDB_QUEUES] = { 7 };
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	set_inflights(f, 1);
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, priorities), 1);
	assert_int_equal(dlb2_unlinks_in_progress(domain, PORT), 1);
	assert_int_equal(cq2priov(f), 0x300002a);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	/* Neither links nor enabling start the CQ meanwhile. */
	assert_int_equal(dlb2_link(domain, PORT, 2, 0), 0);
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, PORT, false), 0);
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, PORT, true), 0);
	assert_true(is_stopped(f));
	set_inflights(f, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f), 0x5000007);
	assert_false(is_stopped(f));
	assert_int_equal(dlb2_unlinks_in_progress(domain, PORT), 0);
}

static void
can_be_taken_back(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	set_inflights(f, 1);
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, NULL), 1);
	assert_true(is_stopped(f));
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, NULL), 0);
	assert_false(is_stopped(f));
	assert_int_equal(cq2priov(f), 0x300002a);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
}

/* One wait for both, and a removal that is taken back comes back as the selection has it. */
static void
goes_with_removals(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	set_inflights(f, 1);
	assert_int_equal(dlb2_unlink(domain, PORT, 0), 0);
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 0 | 1 << 1, NULL), 1);
	assert_int_equal(dlb2_unlinks_in_progress(domain, PORT), 2);
	set_inflights(f, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f), 0);
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 0, NULL), 0);
	assert_int_equal(dlb2_link(domain, PORT, 0, 2), 0);
	assert_int_equal(cq2priov(f), 0x2000028);
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, NULL), 0);
	assert_int_equal(cq2priov(f), 0x300002a);

	set_inflights(f, 1);
	assert_int_equal(dlb2_unlink(domain, PORT, 0), 0);
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 0, NULL), 0);
	assert_int_equal(dlb2_link(domain, PORT, 0, 2), 0);
	assert_int_equal(cq2priov(f), 0x300002a);
	assert_true(is_stopped(f));
	set_inflights(f, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f), 0x2000028);
	assert_false(is_stopped(f));
}

static void
rewrites_priorities_once(void **state)
{
	const uint8_t priorities[DLB2_MAX_LDB_QUEUES] = { 1, 6 };
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	set_inflights(f, 9);
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, priorities), 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"LSP_CQ2PRIOV[0] = 0x3000031\n"
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
}

/* A link that is being made, and one that waits for a slot, come with the priorities of now. */
static void
reaches_links_to_come(void **state)
{
	const uint8_t first[DLB2_MAX_LDB_QUEUES] = { 0 };
	const uint8_t then[DLB2_MAX_LDB_QUEUES] = { [7] = 6, [8] = 3 };
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	for (unsigned int i = 0; i < 9; i++)
		assert_int_equal(make_queue(domain), i);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), PORT);
	for (unsigned int i = 0; i < 7; i++)
		assert_int_equal(dlb2_link(domain, PORT, i, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	poke(f->file, DLB2_LSP_QID_LDB_INFL_CNT, 7, 1);
	assert_int_equal(dlb2_link(domain, PORT, 7, 1), 0); /* in slot 7, when it is idle */
	set_inflights(f, 1);
	assert_int_equal(dlb2_unlink(domain, PORT, 2), 0);
	assert_int_equal(dlb2_link(domain, PORT, 8, 1), 0); /* in slot 2, when the CQ is */
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, first), 0);
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, then), 0);
	set_inflights(f, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	assert_int_equal(cq2priov(f), 0x7f000000 | 3 << 3 * 2);
	poke(f->file, DLB2_LSP_QID_LDB_INFL_CNT, 7, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f), 0xff000000 | 3 << 3 * 2 | 6 << 3 * 7);
}

/* A domain that ends while a queue is left out is drained of that, too. */
static void
ends_with_the_domain(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, NULL), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	if (strstr(f->rec->text, "LSP_CQ2PRIOV[0] = 0x300002a\n") == NULL)
		fail_msg("%s", f->rec->text);
	expect_all_free(f);
}

static void
is_noted_before_start(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(make_queue(domain), i);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), PORT);
	assert_int_equal(dlb2_link(domain, PORT, 0, 2), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 0 | 1 << 2, NULL), 0);
	assert_int_equal(dlb2_link(domain, PORT, 1, 5), 0);
	assert_int_equal(dlb2_link(domain, PORT, 2, 5), 0);
	rec_expect(f->rec, "");
	assert_int_equal(dlb2_domain_start(domain), 0);
	assert_int_equal(cq2priov(f), 0x2000028);
	assert_int_equal(peek(f->file, DLB2_ATM_QID2CQIDIX, 0, 0), 1);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(cq2priov(f), 0);
	expect_all_free(f);
}

static void
refuses(void **state)
{
	const uint8_t priorities[DLB2_MAX_LDB_QUEUES] = { 0, 8 };
	struct fixture *f = *state;
	struct dlb2_domain *domain = start(f);

	assert_int_equal(dlb2_port_select(domain, 5, ALL, NULL), -EINVAL);
	assert_int_equal(dlb2_port_select(domain, PORT, ALL, priorities), -EINVAL);
	rec_expect(f->rec, "");
	assert_int_equal(dlb2_port_select(domain, PORT, 1 << 1, priorities), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(leaves_out_at_once_when_idle),
		BOTH_VERSIONS(takes_in_without_waiting),
		BOTH_VERSIONS(waits_for_completions),
		BOTH_VERSIONS(can_be_taken_back),
		BOTH_VERSIONS(goes_with_removals),
		BOTH_VERSIONS(rewrites_priorities_once),
		BOTH_VERSIONS(reaches_links_to_come),
		BOTH_VERSIONS(ends_with_the_domain),
		BOTH_VERSIONS(is_noted_before_start),
		BOTH_VERSIONS(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
