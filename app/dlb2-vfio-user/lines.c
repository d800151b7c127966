/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Assembly of lines; lines.h has the rule.
 */

#include <string.h>

#include "lines.h"

#define HCW sizeof(struct dlb2_hcw)
#define LINE sizeof(struct dlb2_line)

void
lines_init(struct lines *lines, lines_store *store, void *ctx)
{
	memset(lines, 0, sizeof(*lines));
	lines->store = store;
	lines->ctx = ctx;
}

static void
hand_on(struct lines *lines, unsigned int page, unsigned int len)
{
	struct lines_page *p = &lines->pages[page];

	lines->store(lines->ctx, page, p->base + p->from, p->bytes + p->from, len);
	p->from += len;
}

static void
set_waiting(struct lines *lines, unsigned int page, bool waiting)
{
	uint64_t bit = UINT64_C(1) << page % 64;

	if (waiting)
		lines->waiting[page / 64] |= bit;
	else
		lines->waiting[page / 64] &= ~bit;
}

/* Hands on the whole HCWs of a page's run, each as a store of its own. */
static void
flush_page(struct lines *lines, unsigned int page)
{
	struct lines_page *p = &lines->pages[page];

	while (p->to - p->from >= (int)HCW)
		hand_on(lines, page, HCW);
	set_waiting(lines, page, false);
}

/* The run of a page goes no further. */
static void
end_run(struct lines *lines, unsigned int page)
{
	struct lines_page *p = &lines->pages[page];

	if (p->from == 0 && p->to == LINE)
		hand_on(lines, page, LINE);
	flush_page(lines, page);
	if (p->to > p->from)
		hand_on(lines, page, p->to - p->from);
	p->from = 0;
	p->to = 0;
}

static bool
is_piece(unsigned int offset, unsigned int len)
{
	return (len == 8 || len == 16 || len == 32 || len == 64) && offset % len == 0;
}

void
lines_write(struct lines *lines, unsigned int page, unsigned int offset, const void *bytes,
	unsigned int len)
{
	struct lines_page *p = &lines->pages[page];
	unsigned int at = offset % LINE;

	if (p->to == 0 || p->base + p->to != offset || !is_piece(offset, len)) {
		end_run(lines, page);
		if (!is_piece(offset, len) || at % HCW != 0) {
			lines->store(lines->ctx, page, offset, bytes, len);
			return;
		}
		p->base = offset - at;
		p->from = at;
	}
	memcpy(p->bytes + at, bytes, len);
	p->to = at + len;
	if (p->to == LINE)
		end_run(lines, page);
	else
		set_waiting(lines, page, p->to - p->from >= (int)HCW);
}

bool
lines_are_waiting(const struct lines *lines)
{
	unsigned int word;

	for (word = 0; word < LINES_PAGES / 64; word++)
		if (lines->waiting[word] != 0)
			return true;
	return false;
}

void
lines_flush(struct lines *lines)
{
	unsigned int word;

	for (word = 0; word < LINES_PAGES / 64; word++)
		while (lines->waiting[word] != 0)
			flush_page(lines, word * 64 + __builtin_ctzll(lines->waiting[word]));
}

void
lines_drop(struct lines *lines)
{
	lines_init(lines, lines->store, lines->ctx);
}
