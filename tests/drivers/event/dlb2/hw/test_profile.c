/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Profiling of producer ports (profile.c), with a clock that only stores move on, by what the test
 * says they take.
 */

#include <errno.h>
#include <string.h>

#include "fixture.h"

#define USUAL 80 /* cycles of a store */
#define INTERRUPTION 1000000

static struct {
	uint64_t time;
	unsigned int cycles[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS]; /* of a store */
	unsigned int stores[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	unsigned int interrupted_at; /* by the stores to every other port before; 0: never */
	struct rec_backend backend;
} world;

static uint64_t
now(void)
{
	return world.time;
}

static void
post(void *ctx, enum dlb2_port_kind kind, unsigned int port, const struct dlb2_line *line)
{
	world.time += world.cycles[kind][port];
	if (++world.stores[kind][port] == world.interrupted_at && port % 2 == 0)
		world.time += INTERRUPTION;
}

/* All ports are equally far. */
static void
make_world(struct fixture *f)
{
	unsigned int kind, port;

	memset(&world, 0, sizeof(world));
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		for (port = 0; port < DLB2_MAX_DIR_PORTS; port++)
			world.cycles[kind][port] = USUAL;
	world.backend = *f->rec->backend;
	world.backend.post = post;
	f->rec->backend = &world.backend;
}

static void
profile(struct fixture *f)
{
	struct dlb2_port_times times;

	assert_int_equal(dlb2_device_time_ports(f->dev, now, &times), 0);
	assert_int_equal(dlb2_device_order_ports(f->dev, &times), 0);
}

/* The ports that a new domain has, of any class or directed, in the order in which it gets them. */
static void
expect_ports(struct fixture *f, enum dlb2_port_kind kind, unsigned int count,
	     const unsigned int *expected)
{
	struct dlb2_domain_request request = { .hist_list_entries = 64 };
	struct dlb2_port_request port = plain_port(8);
	struct dlb2_port_info info;
	struct dlb2_domain *domain;

	*(kind == DLB2_LDB ? &request.ldb_ports : &request.dir_ports) = count;
	port.hist_list_entries = 1;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(kind == DLB2_LDB ? dlb2_ldb_port_create(domain, &port, &info) :
						    dlb2_dir_port_create(domain, &port, &info), 0);
		assert_int_equal(info.id, expected[i]);
	}
	assert_int_equal(dlb2_domain_reset(domain), 0);
}

static void
times_every_port(void **state)
{
	struct fixture *f = *state;
	struct dlb2_port_times times;

	make_world(f);
	world.cycles[DLB2_LDB][63] = 3 * USUAL;
	world.cycles[DLB2_DIR][f->at_start.dir_ports - 1] = 2 * USUAL;
	f->rec->csr_writes = 0;
	assert_int_equal(dlb2_device_time_ports(f->dev, now, &times), 0);
	assert_int_equal(f->rec->csr_writes, 0);
	for (unsigned int i = 0; i < f->at_start.ldb_ports; i++) {
		assert_int_equal(world.stores[DLB2_LDB][i], DLB2_TIMED_STORES);
		assert_int_equal(times.cycles[DLB2_LDB][i],
				 DLB2_TIMED_STORES * world.cycles[DLB2_LDB][i]);
	}
	for (unsigned int i = 0; i < f->at_start.dir_ports; i++) {
		assert_int_equal(world.stores[DLB2_DIR][i], DLB2_TIMED_STORES);
		assert_int_equal(times.cycles[DLB2_DIR][i],
				 DLB2_TIMED_STORES * world.cycles[DLB2_DIR][i]);
	}
	assert_int_equal(f->rec->lines, DLB2_TIMED_STORES *
			 (f->at_start.ldb_ports + f->at_start.dir_ports));
}

static void
gives_out_the_nearest_directed_ports_first(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	world.cycles[DLB2_DIR][0] = 2 * USUAL;
	world.cycles[DLB2_DIR][17] = USUAL / 2;
	world.cycles[DLB2_DIR][5] = USUAL / 4;
	profile(f);
	expect_ports(f, DLB2_DIR, 4, (unsigned int[]){ 5, 17, 1, 2 });
	/* Also when they have been in use; the others have gone to the end of their like. */
	expect_ports(f, DLB2_DIR, 3, (unsigned int[]){ 5, 17, 3 });
}

static void
gives_out_the_nearest_class_first(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	/* Class 2 is near, port 40 of it the nearest; class 0 is far. */
	for (unsigned int i = 0; i < 16; i++) {
		world.cycles[DLB2_LDB][i] = 2 * USUAL;
		world.cycles[DLB2_LDB][32 + i] = USUAL / 2;
	}
	world.cycles[DLB2_LDB][40] = USUAL / 4;
	profile(f);
	expect_ports(f, DLB2_LDB, 3, (unsigned int[]){ 40, 32, 46 });
	/* Also when it has been in use. */
	expect_ports(f, DLB2_LDB, 1, (unsigned int[]){ 40 });
}

/* A far class is not taken from while another has ports, and its number does not matter. */
static void
fills_up_by_the_order_of_classes(void **state)
{
	struct dlb2_domain_request request = { .ldb_ports = 49, .hist_list_entries = 64 };
	struct fixture *f = *state;
	struct dlb2_resources given;
	struct dlb2_domain *domain;

	make_world(f);
	for (unsigned int i = 0; i < 16; i++)
		world.cycles[DLB2_LDB][16 + i] = 2 * USUAL;
	profile(f);
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	dlb2_domain_available(domain, &given);
	assert_int_equal(given.ldb_ports_per_cos[0], 16);
	assert_int_equal(given.ldb_ports_per_cos[1], 1);
	assert_int_equal(given.ldb_ports_per_cos[2], 16);
	assert_int_equal(given.ldb_ports_per_cos[3], 16);
}

/* What differs by less than a step is noise: the order that spreads neighbours stays. */
static void
noise_does_not_count(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	for (unsigned int i = 0; i < DLB2_MAX_LDB_PORTS; i++)
		world.cycles[DLB2_LDB][i] = USUAL + i % 8;
	for (unsigned int i = 0; i < DLB2_MAX_DIR_PORTS; i++)
		world.cycles[DLB2_DIR][i] = USUAL + 7 - i % 8;
	profile(f);
	expect_ports(f, DLB2_LDB, 4, (unsigned int[]){ 0, 7, 14, 5 });
	expect_ports(f, DLB2_DIR, 4, (unsigned int[]){ 0, 1, 2, 3 });
}

/* Whoever takes the CPU away for a moment makes no port a far one. */
static void
interruptions_do_not_count(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	world.interrupted_at = 450;
	profile(f);
	expect_ports(f, DLB2_LDB, 4, (unsigned int[]){ 0, 7, 14, 5 });
	expect_ports(f, DLB2_DIR, 4, (unsigned int[]){ 0, 1, 2, 3 });
}

/* A clock that stands still says nothing. */
static void
no_time_passes(void **state)
{
	struct fixture *f = *state;

	make_world(f);
	memset(world.cycles, 0, sizeof(world.cycles));
	profile(f);
	expect_ports(f, DLB2_LDB, 4, (unsigned int[]){ 0, 7, 14, 5 });
	expect_ports(f, DLB2_DIR, 4, (unsigned int[]){ 0, 1, 2, 3 });
}

static void
refused_once_there_is_a_domain(void **state)
{
	struct fixture *f = *state;
	struct dlb2_port_times times = { 0 };

	make_world(f);
	make_domain(f);
	assert_int_equal(dlb2_device_time_ports(f->dev, now, &times), -EBUSY);
	rec_expect_log(f->rec, "before the first domain");
	assert_int_equal(dlb2_device_order_ports(f->dev, &times), -EBUSY);
	assert_int_equal(f->rec->lines, 0);
}

static void
device_that_left(void **state)
{
	struct fixture *f = *state;
	struct dlb2_port_times times;

	make_world(f);
	f->rec->gone = true;
	assert_int_equal(dlb2_device_time_ports(f->dev, now, &times), -ENODEV);
	/* Found by the first flush: the other ports aren't waited for. */
	assert_int_equal(f->rec->lines, DLB2_TIMED_STORES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(times_every_port),
		BOTH_VERSIONS(gives_out_the_nearest_directed_ports_first),
		BOTH_VERSIONS(gives_out_the_nearest_class_first),
		BOTH_VERSIONS(fills_up_by_the_order_of_classes),
		BOTH_VERSIONS(noise_does_not_count),
		BOTH_VERSIONS(interruptions_do_not_count),
		BOTH_VERSIONS(no_time_passes),
		BOTH_VERSIONS(refused_once_there_is_a_domain),
		BOTH_VERSIONS(device_that_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
