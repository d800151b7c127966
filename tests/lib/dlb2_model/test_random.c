/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Random configurations and traffic against the reference of random_traffic.c.
 *
 *   test_random [FIRST_SEED [SEEDS [STEPS]]]
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_traffic.h"

static unsigned int first_seed = 1;
static unsigned int num_seeds = 150;
static unsigned int num_steps = 1500;

static void
run_seeds(enum dlb2_version version)
{
	struct random_traffic_stats stats = { 0 };
	unsigned int seed;

	for (seed = first_seed; seed < first_seed + num_seeds; seed++)
		random_traffic_run(version, seed, num_steps, &stats);
	/* Together the seeds must have met everything. */
	assert_true(stats.delivered > 0 && stats.refused > 0 && stats.directed > 0);
	assert_true(stats.fragments > 0 && stats.holes > 0 && stats.replayed > 0);
	assert_true(stats.excess_tokens > 0);
}

static void
test_random_2_0(void **state)
{
	run_seeds(DLB2_HW_2_0);
}

static void
test_random_2_5(void **state)
{
	run_seeds(DLB2_HW_2_5);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_2_0),
		cmocka_unit_test(test_random_2_5),
	};

	if (argc > 1)
		first_seed = atoi(argv[1]);
	if (argc > 2)
		num_seeds = atoi(argv[2]);
	if (argc > 3)
		num_steps = atoi(argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
