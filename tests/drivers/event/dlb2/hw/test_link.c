/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Links (link.c, map.c): static and dynamic, priority change, unlink, and all that has to wait. The
 * register file stands for a device whose counts the test sets.
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

/* Ten queues 0..9 and three ports A, B, C = 0, 7, 14, in a started domain. */
#define A 0
#define B 7
#define C 14

static struct dlb2_domain *
make_pipeline(struct fixture *f)
{
	struct dlb2_domain *domain = make_domain(f);

	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(make_queue(domain), i);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), A);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), B);
	assert_int_equal(make_port(domain, DLB2_LDB, 8), C);
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

static void
set_queue_inflights(struct fixture *f, unsigned int queue, unsigned int count)
{
	poke(f->file, DLB2_LSP_QID_LDB_INFL_CNT, queue, count);
}

static void
set_port_inflights(struct fixture *f, unsigned int port, unsigned int count)
{
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, port, count);
}

static uint32_t
limit_of(struct fixture *f, unsigned int queue)
{
	return peek(f->file, DLB2_LSP_QID_LDB_INFL_LIM, queue, 0);
}

static bool
is_stopped(struct fixture *f, unsigned int port)
{
	return peek(f->file, DLB2_LSP_CQ_LDB_DSBL, port, 0) != 0;
}

static uint32_t
cq2priov(struct fixture *f, unsigned int port)
{
	return peek(f->file, DLB2_LSP_CQ2PRIOV, port, 0);
}

/* Which slots of a port the inverse maps of a queue name; all three must agree. */
static unsigned int
inverse(struct fixture *f, unsigned int queue, unsigned int port)
{
	uint32_t word = peek(f->file, DLB2_ATM_QID2CQIDIX, queue, port / 4);

	assert_int_equal(peek(f->file, DLB2_LSP_QID2CQIDIX, queue, port / 4), word);
	assert_int_equal(peek(f->file, DLB2_LSP_QID2CQIDIX2, queue, port / 4), word);
	return word >> (port % 4 * 8) & 0xff;
}

static void
notes_links_before_start(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(dlb2_link(domain, A, i, i), 0);
	assert_int_equal(dlb2_link(domain, A, 8, 0), -ENOSPC);
	rec_expect_log(f->rec, "(0 1 2 3 4 5 6 7), queue 8 is one too many");
	/* Again: a change of priority, which replaces all bits (Appendix B 10). */
	assert_int_equal(dlb2_link(domain, A, 7, 4), 0);
	assert_int_equal(dlb2_link(domain, A, 3, 0), 0);
	/* A slot becomes free and is used again. */
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_int_equal(dlb2_unlink(domain, A, 0), -ENOENT);
	rec_expect_log(f->rec, "port 0 is not linked to queue 0");
	assert_int_equal(dlb2_link(domain, A, 9, 5), 0);
	assert_int_equal(dlb2_unlink(domain, A, 4), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	rec_expect(f->rec, "");

	assert_int_equal(dlb2_domain_start(domain), 0);
	/* priorities 5 1 2 0 - 5 6 4 */
	assert_int_equal(cq2priov(f, A),
			 0xef000000 | 4 << 21 | 6 << 18 | 5 << 15 | 2 << 6 | 1 << 3 | 5);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ2QID0, A, 0), 0x03020109);
	assert_int_equal(inverse(f, 9, A), 0x01);
	assert_int_equal(inverse(f, 0, A), 0);
	assert_int_equal(inverse(f, 4, A), 0);
	assert_int_equal(inverse(f, 7, A), 0x80);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

static void
refuses_bad_links(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);
	struct dlb2_domain_request request = { .ldb_ports = 1, .ldb_queues = 1,
					       .hist_list_entries = 32, .atomic_inflights = 64 };
	struct dlb2_domain *other;
	unsigned int other_port, other_queue;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &other), 0);
	other_port = make_port(other, DLB2_LDB, 8);
	other_queue = make_queue(other);
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, other_port, 0, 0), -EINVAL);
	rec_expect_log(f->rec, "no configured load-balanced port of domain 0");
	assert_int_equal(dlb2_link(domain, A, other_queue, 0), -EINVAL);
	rec_expect_log(f->rec, "10 is no configured load-balanced queue of domain 0");
	assert_int_equal(dlb2_link(domain, 5, 0, 0), -EINVAL);
	assert_int_equal(dlb2_link(domain, 64, 0, 0), -EINVAL);
	assert_int_equal(dlb2_link(domain, A, 32, 0), -EINVAL);
	assert_int_equal(dlb2_link(domain, A, 0, 8), -EINVAL);
	rec_expect_log(f->rec, "priority 8 of a link: 0 (most urgent) to 7");
	assert_int_equal(dlb2_unlink(domain, other_port, 0), -EINVAL);
	assert_int_equal(dlb2_unlink(domain, A, other_queue), -EINVAL);
	assert_int_equal(dlb2_unlinks_in_progress(domain, other_port), -EINVAL);
	rec_expect(f->rec, "");
}

/* control-path 9.4 without anything in the way, on a port that has the queue nowhere else. */
static void
links_at_once_when_idle(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	assert_int_equal(dlb2_link(domain, B, 2, 6), 0);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[2] = 0x0\n"
		"read LSP_QID_LDB_INFL_CNT[2]\n"
		"LSP_CQ_LDB_DSBL[7] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_QID_LDB_INFL_CNT[2]\n"
		"LSP_CQ2PRIOV[7] = 0x1000006\n"
		"LSP_CQ2QID0[7] = 0x2\n"
		"ATM_QID2CQIDIX[2][1] = 0x1000000\n"
		"LSP_QID2CQIDIX[2][1] = 0x1000000\n"
		"LSP_QID2CQIDIX2[2][1] = 0x1000000\n"
		"read LSP_QID_AQED_ACTIVE_CNT[2]\n"
		"read LSP_QID_LDB_ENQUEUE_CNT[2]\n"
		"LSP_LDB_SCHED_CTRL = 0x8007\n"
		"LSP_LDB_SCHED_CTRL = 0x8807\n"
		"LSP_QID_LDB_INFL_LIM[2] = 0x800\n"
		"LSP_CQ_LDB_DSBL[7] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	rec_expect(f->rec, "");
}

/* The queue has work, and another link, whose CQ stops too. Slot 4 is in LSP_CQ2QID1. */
static void
tells_a_new_link_of_work(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_link(domain, B, 5, 0), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(dlb2_link(domain, C, i, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	poke(f->file, DLB2_LSP_QID_AQED_ACTIVE_CNT, 5, 3);
	poke(f->file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 5, 1);
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, C, 5, 1), 0);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[5] = 0x0\n"
		"read LSP_QID_LDB_INFL_CNT[5]\n"
		"LSP_CQ_LDB_DSBL[14] = 0x1\n"
		"LSP_CQ_LDB_DSBL[7] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_QID_LDB_INFL_CNT[5]\n"
		"LSP_CQ2PRIOV[14] = 0x1f001000\n"
		"LSP_CQ2QID1[14] = 0x5\n"
		"ATM_QID2CQIDIX[5][3] = 0x100000\n"
		"LSP_QID2CQIDIX[5][3] = 0x100000\n"
		"LSP_QID2CQIDIX2[5][3] = 0x100000\n"
		"read LSP_QID_AQED_ACTIVE_CNT[5]\n"
		"read LSP_QID_LDB_ENQUEUE_CNT[5]\n"
		"LSP_LDB_SCHED_CTRL = 0x3c0e\n"
		"LSP_LDB_SCHED_CTRL = 0x840e\n"
		"LSP_LDB_SCHED_CTRL = 0x8807\n"
		"LSP_LDB_SCHED_CTRL = 0x8c0e\n"
		"LSP_QID_LDB_INFL_LIM[5] = 0x800\n"
		"LSP_CQ_LDB_DSBL[14] = 0x0\n"
		"LSP_CQ_LDB_DSBL[7] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	poke(f->file, DLB2_LSP_QID_AQED_ACTIVE_CNT, 5, 0);
	poke(f->file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, 5, 0);
}

/* control-path 9.4 steps 3 and 5. */
static void
link_waits_for_inflights(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_link(domain, A, 2, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_queue_inflights(f, 2, 1);
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, B, 2, 0), 0);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[2] = 0x0\n"
		"read LSP_QID_LDB_INFL_CNT[2]\n");
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	rec_expect(f->rec, "read LSP_QID_LDB_INFL_CNT[2]\n");
	assert_int_equal(cq2priov(f, B), 0);
	set_queue_inflights(f, 2, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f, B), 0x1000000);
	assert_int_equal(limit_of(f, 2), 2048);
	assert_int_equal(inverse(f, 2, B), 1);
	assert_false(is_stopped(f, A));
	assert_false(is_stopped(f, B));
}

/* An event slips out between the first look and the stopping of the CQs. */
static void
appear_at_second_look(struct register_file *file, enum dlb2_reg reg, unsigned int i)
{
	unsigned int *looks = file->ctx;

	if (reg == DLB2_LSP_QID_LDB_INFL_CNT && ++*looks == 2)
		poke(file, reg, i, 1);
}

static void
link_looks_twice(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);
	unsigned int looks = 0;

	assert_int_equal(dlb2_link(domain, A, 2, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_clear(f->rec);
	f->file->on_read = appear_at_second_look;
	f->file->ctx = &looks;
	assert_int_equal(dlb2_link(domain, B, 2, 0), 0);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[2] = 0x0\n"
		"read LSP_QID_LDB_INFL_CNT[2]\n"
		"LSP_CQ_LDB_DSBL[7] = 0x1\n"
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_QID_LDB_INFL_CNT[2]\n"
		"LSP_CQ_LDB_DSBL[7] = 0x0\n"
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	set_queue_inflights(f, 2, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(limit_of(f, 2), 2048);
}

/* Two additions of one queue: it stays stopped until the second is done. */
static void
releases_the_queue_with_the_last_addition(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	set_queue_inflights(f, 2, 1);
	assert_int_equal(dlb2_link(domain, A, 2, 0), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, B, 2, 0), 0);
	rec_expect(f->rec, "read LSP_QID_LDB_INFL_CNT[2]\n");
	assert_int_equal(dlb2_device_progress(f->dev), 2);
	set_queue_inflights(f, 2, 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	/* The limit is written once, after both slots. */
	assert_null(strstr(strstr(f->rec->text, "LSP_QID_LDB_INFL_LIM") + 1,
			   "LSP_QID_LDB_INFL_LIM"));
	assert_non_null(strstr(f->rec->text,
		"LSP_LDB_SCHED_CTRL = 0x8007\n"
		"LSP_LDB_SCHED_CTRL = 0x8800\n"
		"LSP_LDB_SCHED_CTRL = 0x8807\n"
		"LSP_QID_LDB_INFL_LIM[2] = 0x800\n"));
}

/* A slot that is being removed when its queue is released may stay after all. */
static void
releases_a_slot_under_removal(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	set_queue_inflights(f, 2, 1);
	assert_int_equal(dlb2_link(domain, C, 2, 0), 0);
	set_queue_inflights(f, 2, 0);
	assert_int_equal(dlb2_link(domain, B, 2, 0), 0);
	assert_non_null(strstr(f->rec->text, "LSP_LDB_SCHED_CTRL = 0x8007\n"));
	assert_null(strstr(f->rec->text, "LSP_LDB_SCHED_CTRL = 0x8807\n"));
	set_port_inflights(f, B, 1);
	assert_int_equal(dlb2_unlink(domain, B, 2), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	assert_int_equal(limit_of(f, 2), 2048);
	assert_true(is_stopped(f, B));
	assert_int_equal(dlb2_link(domain, B, 2, 0), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(inverse(f, 2, B), 1);
	assert_false(is_stopped(f, B));
	assert_non_null(strstr(f->rec->text, "LSP_LDB_SCHED_CTRL = 0x8807\n"));
}

/* The limit comes back when the only addition is given up (Appendix B 11). */
static void
cancels_an_addition(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_link(domain, A, 2, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_queue_inflights(f, 2, 5);
	assert_int_equal(dlb2_link(domain, B, 2, 0), 0);
	assert_int_equal(dlb2_link(domain, C, 2, 0), 0);
	assert_int_equal(dlb2_unlink(domain, B, 2), 0);
	assert_int_equal(limit_of(f, 2), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_unlink(domain, C, 2), 0);
	rec_expect(f->rec,
		"LSP_LDB_SCHED_CTRL = 0x8800\n"
		"LSP_QID_LDB_INFL_LIM[2] = 0x800\n"
		"read SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(dlb2_unlink(domain, C, 2), -ENOENT);
}

/* A priority changed while the addition waits is the one that is written. */
static void
changes_the_priority_of_an_addition(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	set_queue_inflights(f, 2, 1);
	assert_int_equal(dlb2_link(domain, A, 2, 7), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, A, 2, 1), 0);
	rec_expect(f->rec, "");
	set_queue_inflights(f, 2, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f, A), 0x1000001);
}

/* Slots being mapped are taken: the ninth is refused and changes nothing (Appendix B 12). */
static void
counts_additions_as_links(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	for (unsigned int i = 0; i < 8; i++) {
		set_queue_inflights(f, i, 1);
		assert_int_equal(dlb2_link(domain, A, i, 0), 0);
	}
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, A, 8, 0), -ENOSPC);
	rec_expect(f->rec, "");
	assert_false(is_stopped(f, A));
	assert_int_equal(limit_of(f, 8), 2048);
	for (unsigned int i = 0; i < 8; i++)
		set_queue_inflights(f, i, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(cq2priov(f, A), 0xff000000);
}

/* control-path 9.5: the CQ is stopped meanwhile, and the field is replaced (Appendix B 10). */
static void
changes_a_priority(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_link(domain, A, 1, 3), 0);
	assert_int_equal(dlb2_link(domain, A, 2, 5), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_link(domain, A, 2, 2), 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"LSP_CQ2PRIOV[0] = 0x3000013\n"
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_link(domain, A, 2, 2), 0);
	rec_expect(f->rec, "");
}

/* control-path 9.6. */
static void
unlinks_at_once_when_idle(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_link(domain, A, 1, 3), 0);
	assert_int_equal(dlb2_link(domain, A, 2, 5), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_clear(f->rec);
	assert_int_equal(dlb2_unlink(domain, A, 1), 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n"
		"LSP_CQ2PRIOV[0] = 0x2000028\n"
		"ATM_QID2CQIDIX[1][0] = 0x0\n"
		"LSP_QID2CQIDIX[1][0] = 0x0\n"
		"LSP_QID2CQIDIX2[1][0] = 0x0\n"
		"LSP_LDB_SCHED_CTRL = 0x3000\n"
		"LSP_LDB_SCHED_CTRL = 0x8800\n"
		"LSP_CQ_LDB_DSBL[0] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_unlink(domain, A, 1), -ENOENT);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	/* A queue of lower priority value in the same slot: nothing is left of the old one. */
	assert_int_equal(dlb2_link(domain, A, 4, 4), 0);
	assert_int_equal(cq2priov(f, A), 0x300002c);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

static void
unlink_waits_for_completions(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(dlb2_link(domain, A, i, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_port_inflights(f, A, 2);
	rec_clear(f->rec);
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_int_equal(f->rec->slept_us, 0);
	rec_expect(f->rec,
		"LSP_CQ_LDB_DSBL[0] = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"read LSP_CQ_LDB_INFL_CNT[0]\n");
	assert_int_equal(dlb2_unlink(domain, A, 2), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 2);
	assert_int_equal(dlb2_unlink(domain, A, 0), -ENOENT); /* under way counts as gone */
	assert_int_equal(dlb2_device_progress(f->dev), 2);
	/* Enabling does not override a removal (control-path 9.2). */
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, A, false), 0);
	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, A, true), 0);
	assert_true(is_stopped(f, A));
	set_port_inflights(f, A, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	assert_int_equal(cq2priov(f, A), 0x2000000);
	assert_int_equal(inverse(f, 0, A) | inverse(f, 2, A), 0);
	assert_int_equal(inverse(f, 1, A), 2);
	assert_false(is_stopped(f, A));
}

/* control-path 9.3 step 5. */
static void
takes_a_removal_back(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	assert_int_equal(dlb2_link(domain, A, 0, 1), 0);
	assert_int_equal(dlb2_link(domain, A, 1, 2), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_port_inflights(f, A, 1);
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_int_equal(dlb2_unlink(domain, A, 1), 0);
	assert_int_equal(dlb2_link(domain, A, 0, 6), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 1);
	assert_true(is_stopped(f, A));
	assert_int_equal(dlb2_link(domain, A, 1, 2), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	assert_false(is_stopped(f, A));
	assert_int_equal(cq2priov(f, A), 0x3000016);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
}

/* control-path 9.3 step 7: all slots taken, one of them about to be free. */
static void
links_behind_a_removal(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(dlb2_link(domain, A, i, 7), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_port_inflights(f, A, 1);
	assert_int_equal(dlb2_unlink(domain, A, 5), 0);
	assert_int_equal(dlb2_link(domain, A, 8, 3), 0);
	assert_int_equal(dlb2_link(domain, A, 8, 2), 0); /* priority of what waits */
	assert_int_equal(dlb2_link(domain, A, 9, 0), -ENOSPC);
	rec_expect_log(f->rec, "(0 1 2 3 4 8 6 7)");
	/* Changed twice: the queue that waits is given up, another takes its place. */
	assert_int_equal(dlb2_unlink(domain, A, 8), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 1);
	assert_int_equal(dlb2_link(domain, A, 9, 1), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	assert_true(is_stopped(f, A));
	set_port_inflights(f, A, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_false(is_stopped(f, A));
	assert_int_equal(cq2priov(f, A) >> 24, 0xff);
	assert_int_equal(cq2priov(f, A) >> 15 & 7, 1);
	assert_int_equal(peek(f->file, DLB2_LSP_CQ2QID1, A, 0), 0x07060904);
	assert_int_equal(inverse(f, 5, A), 0);
	assert_int_equal(inverse(f, 8, A), 0);
	assert_int_equal(inverse(f, 9, A), 0x20);
	assert_int_equal(limit_of(f, 9), 2048);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

/* The removal is done, but the queue that waited for its slot has events in flight elsewhere. */
static void
goes_on_waiting_behind_a_removal(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(dlb2_link(domain, A, i, 0), 0);
	assert_int_equal(dlb2_link(domain, B, 8, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_port_inflights(f, A, 1);
	set_queue_inflights(f, 8, 1);
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_int_equal(dlb2_link(domain, A, 8, 0), 0);
	set_port_inflights(f, A, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	assert_false(is_stopped(f, A)); /* the other seven queues flow */
	assert_int_equal(limit_of(f, 8), 0);
	/* Linking the queue that was removed finds no slot: the waiting one has it. */
	assert_int_equal(dlb2_link(domain, A, 0, 0), -ENOSPC);
	set_queue_inflights(f, 8, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(inverse(f, 8, A), 1);
	assert_int_equal(limit_of(f, 8), 2048);
}

/*
 * A queue that waits for a slot stays there when its old slot could have been taken back: it would
 * come to be mapped twice, and one unlink would leave it linked.
 */
static void
keeps_one_slot_for_a_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(dlb2_link(domain, A, i, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_port_inflights(f, A, 1);
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_int_equal(dlb2_unlink(domain, A, 1), 0);
	assert_int_equal(dlb2_link(domain, A, 8, 0), 0);   /* waits for slot 0 */
	assert_int_equal(dlb2_link(domain, A, 0, 0), 0);   /* waits for slot 1 */
	assert_int_equal(dlb2_unlink(domain, A, 8), 0);
	assert_int_equal(dlb2_link(domain, A, 0, 6), 0);
	set_port_inflights(f, A, 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(inverse(f, 0, A), 0x02);
	assert_int_equal(cq2priov(f, A), 0xfe000000 | 6 << 3);
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	assert_int_equal(inverse(f, 0, A), 0);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

/* A link request finishes a removal that has become possible (control-path 9.3 step 1). */
static void
link_finishes_removals(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_pipeline(f);

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(dlb2_link(domain, A, i, 0), 0);
	assert_int_equal(dlb2_domain_start(domain), 0);
	set_port_inflights(f, A, 1);
	assert_int_equal(dlb2_unlink(domain, A, 3), 0);
	set_port_inflights(f, A, 0);
	assert_int_equal(dlb2_link(domain, A, 8, 0), 0);
	assert_int_equal(dlb2_unlinks_in_progress(domain, A), 0);
	assert_int_equal(inverse(f, 8, A), 8);
}

/* A CQ that the user disabled stays so through all of it. */
static void
respects_a_disabled_port(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = start_pipeline(f);

	assert_int_equal(dlb2_port_set_enabled(domain, DLB2_LDB, A, false), 0);
	assert_int_equal(dlb2_link(domain, A, 0, 0), 0);
	assert_int_equal(dlb2_link(domain, A, 0, 3), 0);
	assert_int_equal(dlb2_link(domain, B, 0, 0), 0);
	assert_int_equal(dlb2_unlink(domain, A, 0), 0);
	assert_true(is_stopped(f, A));
	assert_false(is_stopped(f, B));
}

/* Links come and go at random; the registers always follow, and reset leaves no trace. */
static void
keeps_registers_consistent(void **state)
{
	struct fixture *f = *state;
	static const unsigned int ports[] = { A, B, C };
	bool linked[3][10] = { { false } };
	struct dlb2_domain *domain = start_pipeline(f);
	uint32_t random = 12345;

	f->rec->recording = false;
	for (unsigned int step = 0; step < 5000; step++) {
		unsigned int p, q;
		int ret;

		random = random * 1664525 + 1013904223;
		p = random >> 16 & 1 ? random >> 17 & 1 : 2;
		q = (random >> 20) % 10;
		set_port_inflights(f, ports[p], random >> 30);
		set_queue_inflights(f, q, random >> 28 & 1);
		if ((random >> 19 & 1) != 0) {
			ret = dlb2_link(domain, ports[p], q, q % 8);
			assert_true(ret == 0 || ret == -ENOSPC);
			linked[p][q] |= ret == 0;
		} else {
			ret = dlb2_unlink(domain, ports[p], q);
			assert_int_equal(ret, linked[p][q] ? 0 : -ENOENT);
			linked[p][q] = false;
		}
		dlb2_device_progress(f->dev);
	}
	for (unsigned int p = 0; p < 3; p++)
		set_port_inflights(f, ports[p], 0);
	for (unsigned int q = 0; q < 10; q++)
		set_queue_inflights(f, q, 0);
	dlb2_device_progress(f->dev);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	for (unsigned int p = 0; p < 3; p++) {
		unsigned int valid = cq2priov(f, ports[p]) >> 24, seen = 0;

		assert_false(is_stopped(f, ports[p]));
		for (unsigned int q = 0; q < 10; q++) {
			unsigned int slots = inverse(f, q, ports[p]);

			assert_int_equal(__builtin_popcount(slots), linked[p][q]);
			assert_int_equal(seen & slots, 0);
			seen |= slots;
			assert_int_equal(limit_of(f, q), 2048);
			if (slots != 0)
				assert_int_equal(cq2priov(f, ports[p]) >>
						 (3 * __builtin_ctz(slots)) & 7, q % 8);
		}
		assert_int_equal(seen, valid);
	}
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

/* The device may leave at any read of a link or unlink; nothing hangs. */
static void
notices_a_device_that_left(void **state)
{
	struct fixture *f = *state;

	for (unsigned int n = 1; n <= 6; n++) {
		struct dlb2_domain *domain = make_pipeline(f);

		assert_int_equal(dlb2_link(domain, A, 1, 0), 0);
		assert_int_equal(dlb2_domain_start(domain), 0);
		rec_fail(f->rec, REC_CSR_READ, n);
		assert_int_equal(dlb2_link(domain, B, 1, 0), -ENODEV);
		assert_int_equal(dlb2_unlink(domain, A, 1), -ENODEV);
		dlb2_device_destroy(f->dev);
		f->rec->gone = false;
		assert_int_equal(create_device(f), 0);
		domain = make_pipeline(f);
		assert_int_equal(dlb2_link(domain, A, 1, 0), 0);
		assert_int_equal(dlb2_domain_start(domain), 0);
		rec_fail(f->rec, REC_CSR_READ, n);
		assert_int_equal(dlb2_unlink(domain, A, 1), n <= 3 ? -ENODEV : 0);
		dlb2_device_destroy(f->dev);
		f->rec->gone = false;
		rec_fail(f->rec, REC_CSR_READ, 0);
		assert_int_equal(create_device(f), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(notes_links_before_start),
		BOTH_VERSIONS(refuses_bad_links),
		BOTH_VERSIONS(links_at_once_when_idle),
		BOTH_VERSIONS(tells_a_new_link_of_work),
		BOTH_VERSIONS(link_waits_for_inflights),
		BOTH_VERSIONS(link_looks_twice),
		BOTH_VERSIONS(releases_the_queue_with_the_last_addition),
		BOTH_VERSIONS(releases_a_slot_under_removal),
		BOTH_VERSIONS(cancels_an_addition),
		BOTH_VERSIONS(changes_the_priority_of_an_addition),
		BOTH_VERSIONS(counts_additions_as_links),
		BOTH_VERSIONS(changes_a_priority),
		BOTH_VERSIONS(unlinks_at_once_when_idle),
		BOTH_VERSIONS(unlink_waits_for_completions),
		BOTH_VERSIONS(takes_a_removal_back),
		BOTH_VERSIONS(links_behind_a_removal),
		BOTH_VERSIONS(goes_on_waiting_behind_a_removal),
		BOTH_VERSIONS(keeps_one_slot_for_a_queue),
		BOTH_VERSIONS(link_finishes_removals),
		BOTH_VERSIONS(respects_a_disabled_port),
		BOTH_VERSIONS(keeps_registers_consistent),
		BOTH_VERSIONS(notices_a_device_that_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
