/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The histogram of perf --latency: every time has a bucket near it, and shares are counted right.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "perf_latency.h"

static struct perf_latency latency;

/* At every edge and beside it: a bucket begins at most 1/32 below the time. */
static void
test_resolution(void **state)
{
	uint64_t cycles;
	uint32_t bit;
	int d;

	(void)state;
	for (bit = 1; bit < 63; bit++)
		for (d = -1; d <= 1; d++) {
			uint64_t start;

			cycles = (UINT64_C(1) << bit) + d;
			start = perf_latency_cycles(perf_latency_bucket(cycles));
			assert_true(start <= cycles);
			assert_true(cycles - start <= cycles / PERF_LATENCY_PARTS);
		}
	assert_true(perf_latency_bucket(UINT64_MAX) < PERF_LATENCY_BUCKETS);
}

static void
test_buckets_rise(void **state)
{
	uint64_t cycles;

	(void)state;
	for (cycles = 1; cycles < 100000; cycles++)
		assert_true(perf_latency_bucket(cycles) - perf_latency_bucket(cycles - 1) <= 1);
}

static void
test_shares(void **state)
{
	uint32_t i;

	(void)state;
	memset(&latency, 0, sizeof(latency));
	for (i = 0; i < 90; i++)
		perf_latency_add(&latency, 10);
	for (i = 0; i < 10; i++)
		perf_latency_add(&latency, 1024);
	assert_int_equal(latency.events, 100);
	assert_int_equal(perf_latency_share(&latency, 0.5), 10);
	assert_int_equal(perf_latency_share(&latency, 0.9), 10);
	assert_int_equal(perf_latency_share(&latency, 0.95), 1024);
	assert_int_equal(perf_latency_share(&latency, 1), 1024);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolution),
		cmocka_unit_test(test_buckets_rise),
		cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
