/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Resources, domain creation and start (resources.c, domain.c).
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

static void
programs_credits(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = small_domain(f);
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	rec_expect(f->rec, BY_VERSION(f,
		"CHP_CFG_LDB_VAS_CRD[0] = 0x400\n"
		"CHP_CFG_DIR_VAS_CRD[0] = 0x200\n",
		"CHP_CFG_VAS_CRD[0] = 0x400\n"));
	assert_int_equal(dlb2_domain_id(domain), 0);
	assert_false(dlb2_domain_started(domain));

	/* No credits: nothing to write. */
	request.ldb_credits = request.dir_credits = 0;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	rec_expect(f->rec, "");
	assert_int_equal(dlb2_domain_id(domain), 1);
}

static void
takes_and_returns_resources(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = small_domain(f);
	struct dlb2_resources now, given;
	struct dlb2_domain *domain;

	request.ldb_ports_per_cos[2] = 3;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	dlb2_device_available(f->dev, &now);
	assert_int_equal(now.domains, f->at_start.domains - 1);
	assert_int_equal(now.ldb_queues, f->at_start.ldb_queues - 10);
	assert_int_equal(now.ldb_ports, f->at_start.ldb_ports - 9);
	assert_int_equal(now.ldb_ports_per_cos[0], 16 - 6);
	assert_int_equal(now.ldb_ports_per_cos[2], 16 - 3);
	assert_int_equal(now.dir_ports, f->at_start.dir_ports - 4);
	assert_int_equal(now.ldb_credits, f->at_start.ldb_credits - 1024);
	assert_int_equal(now.dir_credits, f->at_start.dir_credits - request.dir_credits);
	assert_int_equal(now.hist_list_entries, 2048 - 192);
	assert_int_equal(now.hist_list_longest_run, 2048 - 192);
	assert_int_equal(now.atomic_inflights, 2048 - 640);
	dlb2_domain_available(domain, &given);
	assert_int_equal(given.ldb_queues, 10);
	assert_int_equal(given.ldb_ports, 9);
	assert_int_equal(given.ldb_ports_per_cos[2], 3);
	assert_int_equal(given.dir_ports, 4);
	assert_int_equal(given.ldb_credits, 1024);
	assert_int_equal(given.hist_list_entries, 192);
	assert_int_equal(given.atomic_inflights, 640);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

/* Each row asks for too much of one thing. */
static void
refuses_what_is_short(void **state)
{
	struct fixture *f = *state;
	const unsigned int dir_ports = f->at_start.dir_ports;
	const struct {
		struct dlb2_domain_request request;
		int error;
		const char *text;
	} rows[] = {
		{ { .ldb_queues = 33, .ldb_ports = 1 }, -ENOSPC, "33 load-balanced queues, 32" },
		{ { .ldb_ports = 65 }, -ENOSPC, "65 load-balanced ports, 64" },
		{ { .ldb_ports = 1, .ldb_ports_per_cos = { 16, 16, 16, 16 } }, -ENOSPC,
		  "65 load-balanced ports, 64" },
		/* Sums that do not fit in 32 bits. */
		{ { .ldb_ports = UINT32_MAX, .ldb_ports_per_cos = { 2 } }, -ENOSPC,
		  "4294967297 load-balanced ports, 64" },
		{ { .ldb_ports_per_cos = { 0, UINT32_MAX, 1, 1 } }, -ENOSPC,
		  "4294967297 load-balanced ports, 64" },
		{ { .ldb_ports_per_cos = { 0, 17 }, .strict_cos = true }, -ENOSPC,
		  "17 load-balanced ports of one class" },
		{ { .ldb_queues = 1 }, -EINVAL, "no load-balanced port" },
		{ { .dir_ports = dir_ports + 1 }, -ENOSPC, "directed ports" },
		{ { .ldb_credits = f->at_start.ldb_credits + 1 }, -ENOSPC, "credits" },
		{ { .dir_credits = f->at_start.dir_credits + 1 },
		  BY_VERSION(f, -ENOSPC, -EINVAL), "directed credits" },
		{ { .atomic_inflights = 2049 }, -ENOSPC, "2049 atomic in-flights, 2048" },
		{ { .hist_list_entries = 2049 }, -ENOSPC, "2049 history-list entries" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dlb2_domain *domain = NULL;

		assert_int_equal(dlb2_domain_create(f->dev, &rows[i].request, &domain),
				 rows[i].error);
		assert_null(domain);
		rec_expect_log(f->rec, rows[i].text);
		expect_all_free(f);
	}
	rec_expect(f->rec, "");
}

/* Whatever is used up, one more is refused. */
static void
refuses_one_more_of_each(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_queues = 1, .ldb_ports = 1, .dir_ports = 2,
					       .hist_list_entries = 2, .atomic_inflights = 64 };
	struct dlb2_ldb_queue_request queue = plain_queue();
	struct dlb2_port_request port = plain_port(8);
	struct dlb2_port_info info;
	struct dlb2_domain *domain;

	port.hist_list_entries = 1;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	make_queue(domain);
	queue.num_atomic_inflights = 0;
	assert_int_equal(dlb2_ldb_queue_create(domain, &queue), -ENOSPC);
	assert_int_equal(dlb2_ldb_port_create(domain, &port, &info), 0);
	assert_int_equal(dlb2_ldb_port_create(domain, &port, &info), -ENOSPC);
	/* One pair from its queue's side, the other from its port's. */
	port.queue = dlb2_dir_queue_create(domain, -1, 0);
	assert_int_equal(port.queue, 0);
	make_port(domain, DLB2_DIR, 8);
	assert_int_equal(dlb2_dir_port_create(domain, &port, &info), 0);
	assert_int_equal(dlb2_dir_port_create(domain, &port, &info), -EEXIST);
	assert_int_equal(dlb2_dir_queue_create(domain, 1, 0), 1);
	assert_int_equal(dlb2_dir_queue_create(domain, 1, 0), -EEXIST);
	assert_int_equal(dlb2_dir_queue_create(domain, -1, 0), -ENOSPC);
	port.queue = -1;
	assert_int_equal(dlb2_dir_port_create(domain, &port, &info), -ENOSPC);
	port.producer = true;
	assert_int_equal(dlb2_dir_port_create(domain, &port, &info), -ENOSPC);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

/* It would be free twice over. */
static void
resets_a_domain_once(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(dlb2_domain_reset(domain), -EINVAL);
	rec_expect_log(f->rec, "domain 0 is not in use");
	expect_all_free(f);
}

static void
hands_out_domains_in_turn(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_credits = 1 };
	struct dlb2_domain *domains[33];

	for (unsigned int i = 0; i < 32; i++) {
		assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[i]), 0);
		assert_int_equal(dlb2_domain_id(domains[i]), i);
	}
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[32]), -ENOSPC);
	rec_expect_log(f->rec, "1 scheduling domains, 0 are free");
	/* A reset domain goes to the tail. */
	assert_int_equal(dlb2_domain_reset(domains[7]), 0);
	assert_int_equal(dlb2_domain_reset(domains[3]), 0);
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[7]), 0);
	assert_int_equal(dlb2_domain_id(domains[7]), 7);
}

/* The ports that a domain gets, in the order in which it configures them. */
static void
expect_ports(struct fixture *f, struct dlb2_domain *domain, unsigned int count,
	     const unsigned int *expected)
{
	struct dlb2_port_request port = plain_port(8);
	struct dlb2_port_info info;

	port.hist_list_entries = 1;
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(dlb2_ldb_port_create(domain, &port, &info), 0);
		assert_int_equal(info.id, expected[i]);
	}
}

/* control-path 2.3, 2.4. */
static void
spreads_ports(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_ports = 4, .hist_list_entries = 8 };
	struct dlb2_domain *first, *second, *third;

	/* Free neighbours on both sides, in the order of the table. */
	assert_int_equal(dlb2_domain_create(f->dev, &request, &first), 0);
	expect_ports(f, first, 4, (unsigned int[]){ 0, 7, 14, 5 });
	/* 6 lies between two ports of another domain: best. Then those next to one such. */
	assert_int_equal(dlb2_domain_create(f->dev, &request, &second), 0);
	expect_ports(f, second, 4, (unsigned int[]){ 6, 1, 8, 15 });
	/* No port is left between two others; 13 borders on 14, 4 on 5, 2 on 1, 9 on 8. */
	assert_int_equal(dlb2_domain_create(f->dev, &request, &third), 0);
	expect_ports(f, third, 4, (unsigned int[]){ 13, 4, 2, 9 });
}

/* Nothing but ports next to the domain's own: the head of the list. */
static void
falls_back_to_the_head(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_ports_per_cos = { 0, 16 },
					       .hist_list_entries = 16, .strict_cos = true };
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	expect_ports(f, domain, 16, (unsigned int[]){
		16, 23, 30, 21, 28, 19, 26, 17, 24, 31, 22, 29, 20, 27, 18, 25 });
}

static void
fills_up_from_the_next_class(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_ports_per_cos = { 0, 0, 0, 17 } };
	struct dlb2_resources given;
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	dlb2_domain_available(domain, &given);
	assert_int_equal(given.ldb_ports_per_cos[3], 16);
	assert_int_equal(given.ldb_ports_per_cos[0], 1);
}

static void
finds_history_list_runs(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .hist_list_entries = 512 };
	struct dlb2_domain *domains[4];
	struct dlb2_resources now;

	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[i]), 0);
	assert_int_equal(dlb2_domain_reset(domains[0]), 0);
	assert_int_equal(dlb2_domain_reset(domains[2]), 0);
	dlb2_device_available(f->dev, &now);
	assert_int_equal(now.hist_list_entries, 1024);
	assert_int_equal(now.hist_list_longest_run, 512);
	request.hist_list_entries = 513;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[0]), -ENOSPC);

	/* First fit: the port of a domain with 100 entries starts at 0. */
	request.hist_list_entries = 100;
	request.ldb_ports = 1;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[0]), 0);
	make_port(domains[0], DLB2_LDB, 8);
	assert_int_equal(peek(f->file, DLB2_CHP_HIST_LIST_LIM, 0, 0), 31);
	/* 500 do not fit behind them; the next run starts at 1024. */
	request.hist_list_entries = 500;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domains[2]), 0);
	make_port(domains[2], DLB2_LDB, 8);
	assert_int_equal(peek(f->file, DLB2_CHP_HIST_LIST_BASE, 1, 0), 1024);
}

/* Three domains have been promised parts of the device; the first to come is the last of them. */
static void
leaves_what_others_were_promised(void **state)
{
	struct fixture *f = *state;
	const struct dlb2_ldb_queue_request narrow = {
		.num_inflights = 64, .num_sequence_numbers = 64,
	};
	const struct dlb2_ldb_queue_request wide = {
		.num_inflights = 512, .num_sequence_numbers = 512,
	};
	struct dlb2_domain_request request = {
		.ldb_queues = 10,
		.ldb_ports = 20,
		.hist_list_entries = 100,
		.hist_list_from = 1000,
		.keep_ldb_ports_per_cos = { 16, 3, 0, 16 },
		.sn_slots = { 16, 2 },
	};
	struct dlb2_domain *domain;
	struct dlb2_resources now;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	dlb2_device_available(f->dev, &now);
	assert_int_equal(now.ldb_ports_per_cos[0], 16);
	assert_int_equal(now.ldb_ports_per_cos[1], 3);
	assert_int_equal(now.ldb_ports_per_cos[2], 16 - 7);
	assert_int_equal(now.ldb_ports_per_cos[3], 16);
	assert_int_equal(now.hist_list_longest_run, 1000);
	/* Those of 64 go where it is not alone; what it has alone is free for the wide ones. */
	for (unsigned int i = 0; i < 2; i++)
		assert_true(dlb2_ldb_queue_create(domain, &narrow) >= 0);
	for (unsigned int i = 0; i < 2; i++)
		assert_true(dlb2_ldb_queue_create(domain, &wide) >= 0);
	dlb2_device_available(f->dev, &now);
	assert_int_equal(now.sn_per_slot[0], 512);
	assert_int_equal(now.sn_free_slots[0], 0);
	assert_int_equal(now.sn_per_slot[1], 64);
	assert_int_equal(now.sn_free_slots[1], 14);
	assert_int_equal(dlb2_ldb_queue_create(domain, &narrow), -ENOSPC);
	rec_expect_log(f->rec, "16 and 2 slots of 64");
	/* Entries from the promised one on, and not those before. */
	request = (struct dlb2_domain_request){ .hist_list_entries = 949, .hist_list_from = 1100 };
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), -ENOSPC);
	request.hist_list_entries = 948;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
}

static void
keeps_directed_ports_for_producers(void **state)
{
	struct fixture *f = *state;
	struct dlb2_port_request port = plain_port(8);
	struct dlb2_port_info info;
	struct dlb2_domain *domain;

	dlb2_device_destroy(f->dev);
	f->options.reserved_dir_ports = 2;
	assert_int_equal(create_device(f), 0);
	domain = make_domain(f);
	assert_int_equal(make_port(domain, DLB2_DIR, 8), 2);
	port.producer = true;
	assert_int_equal(dlb2_dir_port_create(domain, &port, &info), 0);
	assert_int_equal(info.id, 0);
	assert_int_equal(make_port(domain, DLB2_DIR, 8), 3);
	/* When only reserved ones are left, anyone gets them. A queue without a port does not. */
	assert_int_equal(dlb2_dir_queue_create(domain, -1, 0), -ENOSPC);
	assert_int_equal(make_port(domain, DLB2_DIR, 8), 1);
	assert_int_equal(dlb2_dir_port_create(domain, &port, &info), -ENOSPC);
	rec_expect_log(f->rec, "no directed port left");
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);

	/* Reserved pairs that nobody used come back too. */
	domain = make_domain(f);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

static void
starts_an_empty_domain(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_expect(f->rec, "read SYS_TOTAL_VAS\n");
	assert_true(dlb2_domain_started(domain));
	assert_int_equal(dlb2_domain_start(domain), -EBUSY);
	rec_expect_log(f->rec, "has started already");
}

#define STARTED_LINKS \
	"LSP_CQ2PRIOV[6] = 0x3000038\n" \
	"LSP_CQ2QID0[6] = 0xb0a\n" \
	"LSP_CQ2PRIOV[13] = 0x1000001\n" \
	"LSP_CQ2QID0[13] = 0xb\n" \
	"ATM_QID2CQIDIX[10][1] = 0x10000\n" \
	"LSP_QID2CQIDIX[10][1] = 0x10000\n" \
	"LSP_QID2CQIDIX2[10][1] = 0x10000\n" \
	"ATM_QID2CQIDIX[11][1] = 0x20000\n" \
	"LSP_QID2CQIDIX[11][1] = 0x20000\n" \
	"LSP_QID2CQIDIX2[11][1] = 0x20000\n" \
	"ATM_QID2CQIDIX[11][3] = 0x100\n" \
	"LSP_QID2CQIDIX[11][3] = 0x100\n" \
	"LSP_QID2CQIDIX2[11][3] = 0x100\n" \
	"LSP_CQ_LDB_DSBL[6] = 0x0\n" \
	"LSP_CQ_LDB_DSBL[13] = 0x0\n" \
	"LSP_CQ_DIR_DSBL[4] = 0x0\n" \
	"SYS_LDB_VASQID_V[42] = 0x1\n" \
	"SYS_LDB_VASQID_V[43] = 0x1\n"

/* Each register is written once for all links. */
static void
starts_a_pipeline(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *other = make_domain(f);
	struct dlb2_domain *domain = make_domain(f);
	unsigned int a = make_port(domain, DLB2_LDB, 8);
	unsigned int b = make_port(domain, DLB2_LDB, 8);
	unsigned int q10 = make_queue(domain);
	unsigned int q11 = make_queue(domain);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);

	assert_int_equal(a, 6);
	assert_int_equal(b, 13);
	assert_int_equal(q10, 10);
	assert_int_equal(dir, 4);
	assert_int_equal(dlb2_dir_queue_create(domain, dir, 0), dir);
	rec_clear(f->rec);

	assert_int_equal(dlb2_link(domain, a, q10, 0), 0);
	assert_int_equal(dlb2_link(domain, a, q11, 7), 0);
	assert_int_equal(dlb2_link(domain, b, q11, 1), 0);
	rec_expect(f->rec, "");
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_expect(f->rec, BY_VERSION(f,
		STARTED_LINKS "SYS_DIR_VASQID_V[68] = 0x1\nread SYS_TOTAL_VAS\n",
		STARTED_LINKS "SYS_DIR_VASQID_V[100] = 0x1\nread SYS_TOTAL_VAS\n"));
	assert_int_equal(dlb2_domain_reset(other), 0);
}

static void
keeps_closed_what_cannot_be_drained(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	make_queue(domain);
	assert_int_equal(dlb2_dir_queue_create(domain, -1, 0), 0);
	make_port(domain, DLB2_DIR, 8); /* pair 1, without a queue */
	rec_clear(f->rec);
	assert_int_equal(dlb2_domain_start(domain), 0);
	rec_expect_log(f->rec, "takes no events");
	rec_expect(f->rec,
		"LSP_CQ_DIR_DSBL[1] = 0x0\n"
		"read SYS_TOTAL_VAS\n");
	assert_int_equal(dlb2_domain_reset(domain), 0);
	expect_all_free(f);
}

static void
does_not_start_a_device_that_left(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);

	f->rec->gone = true;
	assert_int_equal(dlb2_domain_start(domain), -ENODEV);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(programs_credits),
		BOTH_VERSIONS(takes_and_returns_resources),
		BOTH_VERSIONS(refuses_what_is_short),
		BOTH_VERSIONS(refuses_one_more_of_each),
		BOTH_VERSIONS(resets_a_domain_once),
		BOTH_VERSIONS(hands_out_domains_in_turn),
		BOTH_VERSIONS(spreads_ports),
		BOTH_VERSIONS(falls_back_to_the_head),
		BOTH_VERSIONS(fills_up_from_the_next_class),
		BOTH_VERSIONS(finds_history_list_runs),
		BOTH_VERSIONS(leaves_what_others_were_promised),
		BOTH_VERSIONS(keeps_directed_ports_for_producers),
		BOTH_VERSIONS(starts_an_empty_domain),
		BOTH_VERSIONS(starts_a_pipeline),
		BOTH_VERSIONS(keeps_closed_what_cannot_be_drained),
		BOTH_VERSIONS(does_not_start_a_device_that_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
