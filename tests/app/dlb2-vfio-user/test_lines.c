/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Assembly of stores to producer-port pages: which stores the device sees for which pieces.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lines.h"

#define MAX_STORES 32

struct recorder {
	struct lines lines;
	struct {
		unsigned int page, offset, len;
		uint8_t bytes[64];
	} stores[MAX_STORES];
	unsigned int count;
	uint8_t next; /* what the next byte written has */
};

static void
on_store(void *ctx, unsigned int page, unsigned int offset, const void *bytes, unsigned int len)
{
	struct recorder *r = ctx;

	assert_true(r->count < MAX_STORES && len <= sizeof(r->stores[0].bytes));
	r->stores[r->count].page = page;
	r->stores[r->count].offset = offset;
	r->stores[r->count].len = len;
	memcpy(r->stores[r->count].bytes, bytes, len);
	r->count++;
}

static int
setup(void **state)
{
	struct recorder *r = calloc(1, sizeof(*r));

	lines_init(&r->lines, on_store, r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

/* Writes pieces of `len` bytes that cover [from, to) of a page; bytes count up over the test. */
static void
pieces(struct recorder *r, unsigned int page, unsigned int from, unsigned int to, unsigned int len)
{
	uint8_t bytes[64];
	unsigned int n;

	for (; from < to; from += len) {
		for (n = 0; n < len; n++)
			bytes[n] = r->next++;
		lines_write(&r->lines, page, from, bytes, len);
	}
}

/* Store number `n` was of `len` bytes at an offset of a page, and they count up from `first`. */
static void
assert_store(const struct recorder *r, unsigned int n, unsigned int page, unsigned int offset,
	unsigned int len, uint8_t first)
{
	unsigned int k;

	assert_true(n < r->count);
	assert_int_equal(r->stores[n].page, page);
	assert_int_equal(r->stores[n].offset, offset);
	assert_int_equal(r->stores[n].len, len);
	for (k = 0; k < len; k++)
		assert_int_equal(r->stores[n].bytes[k], (uint8_t)(first + k));
}

static void
test_line_of_each_width(void **state)
{
	static const unsigned int widths[] = { 8, 16, 32, 64 };
	struct recorder *r = *state;
	unsigned int n;

	for (n = 0; n < 4; n++) {
		pieces(r, 3, 0, 64, widths[n]);
		assert_int_equal(r->count, n + 1);
		assert_store(r, n, 3, 0, 64, 64 * n);
	}
	assert_false(lines_are_waiting(&r->lines));
}

static void
test_line_elsewhere_in_the_page(void **state)
{
	struct recorder *r = *state;

	pieces(r, 1023, 4032, 4096, 8);
	assert_int_equal(r->count, 1);
	assert_store(r, 0, 1023, 4032, 64, 0);
}

static void
test_other_pages_do_not_disturb(void **state)
{
	struct recorder *r = *state;

	pieces(r, 1, 0, 24, 8);
	pieces(r, 2, 0, 64, 8);
	pieces(r, 65, 0, 40, 8);
	assert_int_equal(r->count, 1);
	assert_store(r, 0, 2, 0, 64, 24);
	r->next = 24;
	pieces(r, 1, 24, 64, 8);
	assert_int_equal(r->count, 2);
	assert_store(r, 1, 1, 0, 64, 0);
}

/* What a CPU without MOVDIR64B does: four 16-byte stores to the page base (data-path 1.6). */
static void
test_four_stores_to_the_base(void **state)
{
	struct recorder *r = *state;
	unsigned int n;

	for (n = 0; n < 4; n++)
		pieces(r, 0, 0, 16, 8);
	assert_int_equal(r->count, 3);
	assert_true(lines_are_waiting(&r->lines));
	lines_flush(&r->lines);
	assert_false(lines_are_waiting(&r->lines));
	assert_int_equal(r->count, 4);
	for (n = 0; n < 4; n++)
		assert_store(r, n, 0, 0, 16, 16 * n);
}

static void
test_line_behind_a_lone_store(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 0, 16, 8);
	pieces(r, 9, 0, 64, 8);
	assert_int_equal(r->count, 2);
	assert_store(r, 0, 9, 0, 16, 0);
	assert_store(r, 1, 9, 0, 64, 16);
}

static void
test_line_goes_on_after_a_flush(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 0, 24, 8);
	lines_flush(&r->lines);
	assert_int_equal(r->count, 1);
	assert_store(r, 0, 9, 0, 16, 0);
	pieces(r, 9, 24, 64, 8);
	assert_int_equal(r->count, 4);
	assert_store(r, 1, 9, 16, 16, 16);
	assert_store(r, 2, 9, 32, 16, 32);
	assert_store(r, 3, 9, 48, 16, 48);
}

static void
test_half_a_hcw_is_not_flushed(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 0, 8, 8);
	assert_false(lines_are_waiting(&r->lines));
	lines_flush(&r->lines);
	assert_int_equal(r->count, 0);
}

/* The device is given what makes no HCW as it came, so that it can refuse and report it. */
static void
test_torn_hcw(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 0, 24, 8);
	pieces(r, 9, 0, 64, 8);
	assert_int_equal(r->count, 3);
	assert_store(r, 0, 9, 0, 16, 0);
	assert_store(r, 1, 9, 16, 8, 16);
	assert_store(r, 2, 9, 0, 64, 24);
}

static void
test_out_of_order(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 8, 16, 8);
	assert_int_equal(r->count, 1);
	assert_store(r, 0, 9, 8, 8, 0);
	pieces(r, 9, 0, 32, 8);
	pieces(r, 9, 40, 48, 8);
	assert_int_equal(r->count, 4);
	assert_store(r, 1, 9, 0, 16, 8);
	assert_store(r, 2, 9, 16, 16, 24);
	assert_store(r, 3, 9, 40, 8, 40);
	pieces(r, 9, 32, 64, 8);
	lines_flush(&r->lines);
	assert_int_equal(r->count, 6);
	assert_store(r, 4, 9, 32, 16, 48);
	assert_store(r, 5, 9, 48, 16, 64);
}

static void
test_stores_at_other_offsets(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 16, 32, 8);
	pieces(r, 9, 128, 144, 16);
	lines_flush(&r->lines);
	assert_int_equal(r->count, 2);
	assert_store(r, 0, 9, 16, 16, 0);
	assert_store(r, 1, 9, 128, 16, 16);
}

static void
test_other_widths(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 0, 4, 4);
	pieces(r, 9, 2, 10, 8);
	pieces(r, 9, 0, 16, 8);
	pieces(r, 9, 16, 20, 4);
	assert_int_equal(r->count, 4);
	assert_store(r, 0, 9, 0, 4, 0);
	assert_store(r, 1, 9, 2, 8, 4);
	assert_store(r, 2, 9, 0, 16, 12);
	assert_store(r, 3, 9, 16, 4, 28);
}

/* A line must not go on in the next one. */
static void
test_runs_end_with_the_line(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 48, 80, 8);
	lines_flush(&r->lines);
	assert_int_equal(r->count, 2);
	assert_store(r, 0, 9, 48, 16, 0);
	assert_store(r, 1, 9, 64, 16, 16);
}

static void
test_drop(void **state)
{
	struct recorder *r = *state;

	pieces(r, 9, 0, 40, 8);
	lines_drop(&r->lines);
	assert_false(lines_are_waiting(&r->lines));
	lines_flush(&r->lines);
	assert_int_equal(r->count, 0);
	pieces(r, 9, 40, 48, 8);
	assert_int_equal(r->count, 1);
	assert_store(r, 0, 9, 40, 8, 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_line_of_each_width),
		TEST(test_line_elsewhere_in_the_page),
		TEST(test_other_pages_do_not_disturb),
		TEST(test_four_stores_to_the_base),
		TEST(test_line_behind_a_lone_store),
		TEST(test_line_goes_on_after_a_flush),
		TEST(test_half_a_hcw_is_not_flushed),
		TEST(test_torn_hcw),
		TEST(test_out_of_order),
		TEST(test_stores_at_other_offsets),
		TEST(test_other_widths),
		TEST(test_runs_end_with_the_line),
		TEST(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
