/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Queues and sequence-number groups (queue.c, sn.c).
 */

#include <errno.h>

#include "fixture.h"

static struct dlb2_ldb_queue_request
ordered_queue(unsigned int num_sequence_numbers)
{
	return (struct dlb2_ldb_queue_request){
		.num_sequence_numbers = num_sequence_numbers,
		.num_inflights = num_sequence_numbers,
	};
}

static void
programs_an_unordered_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	const struct dlb2_ldb_queue_request request = { .num_inflights = 2048 };

	assert_int_equal(dlb2_ldb_queue_create(domain, &request), 0);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[0] = 0x800\n"
		"SYS_LDB_QID_V[0] = 0x1\n");
}

static void
programs_an_atomic_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_ldb_queue_request request = plain_queue();

	request.lock_id_levels = 256;
	request.depth_threshold = 8191;
	make_queue(domain);
	rec_clear(f->rec);
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), 1);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[1] = 0x800\n"
		"LSP_QID_AQED_ACTIVE_LIM[1] = 0x40\n"
		"AQED_QID_HID_WIDTH[1] = 0x3\n"
		"AQED_QID_FID_LIM[1] = 0x200\n"
		"LSP_QID_ATM_DEPTH_THRSH[1] = 0x1fff\n"
		"LSP_QID_NALDB_DEPTH_THRSH[1] = 0x1fff\n"
		"SYS_LDB_QID_CFG_V[1] = 0x2\n"
		"SYS_LDB_QID_V[1] = 0x1\n");
}

static void
programs_an_ordered_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_ldb_queue_request request = ordered_queue(256);

	/* Group 0 is unused: it is switched. */
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), 0);
	rec_expect(f->rec,
		"RO_GRP_SN_MODE = 0x2\n"
		"LSP_QID_LDB_INFL_LIM[0] = 0x100\n"
		"CHP_ORD_QID_SN_MAP[0] = 0x2\n"
		"SYS_LDB_QID_CFG_V[0] = 0x1\n"
		"SYS_LDB_QID_V[0] = 0x1\n");
	/* Its next slot, without a switch. */
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), 1);
	rec_expect(f->rec,
		"LSP_QID_LDB_INFL_LIM[1] = 0x100\n"
		"CHP_ORD_QID_SN_MAP[1] = 0xa\n"
		"SYS_LDB_QID_CFG_V[1] = 0x1\n"
		"SYS_LDB_QID_V[1] = 0x1\n");
	/* Another size: group 1, and atomic events too. The register holds both modes. */
	request = ordered_queue(1024);
	request.num_atomic_inflights = 64;
	request.lock_id_levels = 65536;
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), 2);
	rec_expect(f->rec,
		"RO_GRP_SN_MODE = 0x402\n"
		"LSP_QID_LDB_INFL_LIM[2] = 0x400\n"
		"LSP_QID_AQED_ACTIVE_LIM[2] = 0x40\n"
		"AQED_QID_HID_WIDTH[2] = 0x0\n"
		"AQED_QID_FID_LIM[2] = 0x200\n"
		"CHP_ORD_QID_SN_MAP[2] = 0x104\n"
		"SYS_LDB_QID_CFG_V[2] = 0x3\n"
		"SYS_LDB_QID_V[2] = 0x1\n");
}

/* An unordered queue leaves the map alone, whatever was there before (Appendix B 6). */
static void
leaves_the_map_of_unordered_queues(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_queues = 32, .ldb_ports = 1 };
	struct dlb2_ldb_queue_request queue = ordered_queue(64);
	struct dlb2_domain *domain;

	for (unsigned int round = 0; round < 2; round++) {
		assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
		for (unsigned int i = 0; i < 32; i++)
			assert_int_equal(dlb2_ldb_queue_create(domain, &queue), i);
		if (round == 0)
			assert_int_equal(dlb2_domain_reset(domain), 0);
		queue = (struct dlb2_ldb_queue_request){ .num_inflights = 1 };
	}
	for (unsigned int i = 0; i < 32; i++) {
		assert_int_equal(peek(f->file, DLB2_CHP_ORD_QID_SN_MAP, i, 0), 0);
		assert_int_equal(peek(f->file, DLB2_SYS_LDB_QID_CFG_V, i, 0), 0);
	}
}

static void
runs_out_of_sequence_numbers(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	struct dlb2_ldb_queue_request request = ordered_queue(512);
	struct dlb2_resources given, after;

	for (int i = 0; i < 3; i++) /* two in group 0, one in group 1 */
		assert_int_equal(dlb2_ldb_queue_create(domain, &request), i);
	dlb2_domain_available(domain, &given);
	assert_int_equal(given.sn_per_slot[0], 512);
	assert_int_equal(given.sn_free_slots[0], 0);
	assert_int_equal(given.sn_free_slots[1], 1);
	rec_clear(f->rec);

	/* Group 1 has room, but not for this size. */
	request = ordered_queue(64);
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), -ENOSPC);
	rec_expect_log(f->rec, "with 512 and 512 per queue");
	rec_expect(f->rec, "");
	dlb2_domain_available(domain, &after);
	assert_memory_equal(&given, &after, sizeof(given));
	request = ordered_queue(512);
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), 3);
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), -ENOSPC);

	/* After a reset both groups are unused and can be switched again. */
	assert_int_equal(dlb2_domain_reset(domain), 0);
	domain = make_domain(f);
	request = ordered_queue(64);
	assert_true(dlb2_ldb_queue_create(domain, &request) >= 0);
	assert_int_equal(peek(f->file, DLB2_RO_GRP_SN_MODE, 0, 0), 0x300);
}

static void
refuses_bad_ldb_queues(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	static const struct {
		struct dlb2_ldb_queue_request request;
		int error;
		const char *text;
	} rows[] = {
		{ { .num_inflights = 0 }, -EINVAL, "0 events in flight" },
		{ { .num_inflights = 2049 }, -EINVAL, "takes 1 to 2048" },
		{ { .num_sequence_numbers = 100, .num_inflights = 64 }, -EINVAL,
		  "100 sequence numbers" },
		{ { .num_sequence_numbers = 2048, .num_inflights = 64 }, -EINVAL,
		  "2048 sequence numbers" },
		{ { .num_sequence_numbers = 64, .num_inflights = 65 }, -EINVAL, "takes 1 to 64" },
		{ { .num_inflights = 1, .num_atomic_inflights = 641 }, -ENOSPC,
		  "641 atomic in-flights, domain 0 has 640" },
		{ { .num_inflights = 1, .num_atomic_inflights = 1, .lock_id_levels = 32 }, -EINVAL,
		  "32 lock-ID levels" },
		{ { .num_inflights = 1, .num_atomic_inflights = 1, .lock_id_levels = 8192 },
		  -EINVAL, "8192 lock-ID levels" },
		{ { .num_inflights = 1, .depth_threshold = 8192 }, -EINVAL, "8192 is above" },
		/* A refused ordered queue does not switch a group. */
		{ { .num_sequence_numbers = 1024, .num_inflights = 1, .depth_threshold = 8192 },
		  -EINVAL, "8192 is above" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(dlb2_ldb_queue_create(domain, &rows[i].request), rows[i].error);
		rec_expect_log(f->rec, rows[i].text);
	}
	rec_expect(f->rec, "");
	for (int i = 0; i < 10; i++)
		assert_int_equal(make_queue(domain), i);
	struct dlb2_ldb_queue_request request = { .num_inflights = 1 };

	assert_int_equal(dlb2_ldb_queue_create(domain, &request), -ENOSPC);
	rec_expect_log(f->rec, "all 10 load-balanced queues of domain 0 exist");
}

static void
programs_a_directed_queue(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	assert_int_equal(dlb2_dir_queue_create(domain, -1, 256), 0);
	rec_expect(f->rec,
		"LSP_QID_DIR_DEPTH_THRSH[0] = 0x100\n"
		"SYS_DIR_QID_V[0] = 0x1\n");
	/* The queue of a port. */
	assert_int_equal(make_port(domain, DLB2_DIR, 8), 1);
	rec_clear(f->rec);
	assert_int_equal(dlb2_dir_queue_create(domain, 1, 0), 1);
	rec_expect(f->rec, "SYS_DIR_QID_V[1] = 0x1\n");
}

static void
refuses_bad_dir_queues(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int port = make_port(domain, DLB2_DIR, 8);

	rec_clear(f->rec);
	assert_int_equal(dlb2_dir_queue_create(domain, -1, 8192), -EINVAL);
	rec_expect_log(f->rec, "8192 is above the maximum of 8191");
	assert_int_equal(dlb2_dir_queue_create(domain, 1, 0), -EINVAL);
	rec_expect_log(f->rec, "1 is no configured directed port of domain 0");
	assert_int_equal(dlb2_dir_queue_create(domain, 96, 0), -EINVAL);
	rec_expect(f->rec, "");
	assert_int_equal(dlb2_dir_queue_create(domain, port, 0), 0);
	assert_int_equal(dlb2_dir_queue_create(domain, port, 0), -EEXIST);
	for (int i = 1; i < 4; i++)
		assert_int_equal(dlb2_dir_queue_create(domain, -1, 0), i);
	assert_int_equal(dlb2_dir_queue_create(domain, -1, 0), -ENOSPC);
	rec_expect_log(f->rec, "no directed queue left in domain 0");
}

static void
makes_no_queue_after_start(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	const struct dlb2_ldb_queue_request request = plain_queue();

	assert_int_equal(dlb2_domain_start(domain), 0);
	assert_int_equal(dlb2_ldb_queue_create(domain, &request), -EBUSY);
	rec_expect_log(f->rec, "domain 0 has started, so no queue can be added");
	assert_int_equal(dlb2_dir_queue_create(domain, -1, 0), -EBUSY);
}

/* AQED registers survive a domain's reset (control-path 10.6), so they are always written. */
static void
rewrites_what_reset_leaves(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_queues = 32, .ldb_ports = 1,
					       .atomic_inflights = 2048 };
	struct dlb2_ldb_queue_request queue = plain_queue();
	struct dlb2_domain *domain;

	queue.lock_id_levels = 64;
	for (unsigned int round = 0; round < 2; round++) {
		assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
		assert_int_equal(dlb2_ldb_queue_create(domain, &queue), 0);
		assert_int_equal(peek(f->file, DLB2_AQED_QID_HID_WIDTH, 0, 0), round == 0 ? 1 : 0);
		assert_int_equal(peek(f->file, DLB2_AQED_QID_FID_LIM, 0, 0), 512);
		assert_int_equal(dlb2_domain_reset(domain), 0);
		queue.lock_id_levels = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(programs_an_unordered_queue),
		BOTH_VERSIONS(programs_an_atomic_queue),
		BOTH_VERSIONS(programs_an_ordered_queue),
		BOTH_VERSIONS(leaves_the_map_of_unordered_queues),
		BOTH_VERSIONS(runs_out_of_sequence_numbers),
		BOTH_VERSIONS(refuses_bad_ldb_queues),
		BOTH_VERSIONS(programs_a_directed_queue),
		BOTH_VERSIONS(refuses_bad_dir_queues),
		BOTH_VERSIONS(makes_no_queue_after_start),
		BOTH_VERSIONS(rewrites_what_reset_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
