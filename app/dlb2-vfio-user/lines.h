/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Puts stores to producer-port pages together again. QEMU delivers a 64-byte or a 16-byte store in
 * pieces of 8 bytes, with nothing that says where a store began; the device takes stores of 16
 * bytes, one HCW, and of 64 bytes, four (data-path 1.5, 1.6).
 *
 * The rule, per page. Pieces of 8, 16, 32 or 64 aligned bytes make a run: each begins where the one
 * before has ended, within one 64-byte line. Pieces to other pages don't matter. A run
 *  - that fills its line from the start is one store of 64 bytes;
 *  - that ends otherwise, since the next piece of its page is not its continuation, is as many
 *    stores of 16 bytes as it has whole HCWs. So the four 16-byte stores to one address that a CPU
 *    without MOVDIR64B makes are four HCWs: each of them begins at offset 0 anew;
 *  - whose HCWs were flushed before it ended may still go on. What it brings then are stores of
 *    16 bytes: the HCWs reach the device in the same order, and it treats them alike.
 * Half a HCW, and a piece that neither begins a HCW nor continues a run, go to the device as they
 * are, which refuses and reports them.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stdint.h>

#include <dlb2_hcw.h>

/** Pages of the four windows of BAR 0 (control-path 1.2), which follow one another. */
#define LINES_PAGES 1024

/** Takes a store of `len` bytes at `offset` of page `page`. */
typedef void lines_store(void *ctx, unsigned int page, unsigned int offset, const void *bytes,
	unsigned int len);

/** The run that a page is in the middle of. */
struct lines_page {
	uint8_t bytes[sizeof(struct dlb2_line)];
	uint16_t base; /**< of the line in the page */
	uint8_t from;  /**< first byte of it that was not handed on */
	uint8_t to;    /**< where the next piece must begin; 0: no run */
};

struct lines {
	lines_store *store;
	void *ctx;
	uint64_t waiting[LINES_PAGES / 64]; /**< pages with whole HCWs that were not handed on */
	struct lines_page pages[LINES_PAGES];
};

/** No runs; stores go to `store` with `ctx`. */
void lines_init(struct lines *lines, lines_store *store, void *ctx);
/** A piece of `len` bytes arrived at `offset` (0..4095) of page `page` (below LINES_PAGES). */
void lines_write(struct lines *lines, unsigned int page, unsigned int offset, const void *bytes,
	unsigned int len);
/** Whether whole HCWs wait for what comes next. */
bool lines_are_waiting(const struct lines *lines);
/** Hands on all whole HCWs that wait, for when nothing came for a while or order asks for it. */
void lines_flush(struct lines *lines);
/** Forgets all runs: the device was reset. */
void lines_drop(struct lines *lines);

#endif
