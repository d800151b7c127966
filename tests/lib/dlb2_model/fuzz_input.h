/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A fuzzer's input as a source of decisions: bytes are taken from the front; an input that is used
 * up gives zeros, so that each of its beginnings is an input too.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct fuzz_input {
	const uint8_t *next;
	size_t left;
};

/* Called by libFuzzer once per input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool
fuzz_is_used_up(const struct fuzz_input *in)
{
	return in->left == 0;
}

static inline uint8_t
fuzz_u8(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->next++;
}

static inline uint16_t
fuzz_u16(struct fuzz_input *in)
{
	uint16_t low = fuzz_u8(in);

	return low | (uint16_t)(fuzz_u8(in) << 8);
}

static inline uint32_t
fuzz_u32(struct fuzz_input *in)
{
	uint32_t low = fuzz_u16(in);

	return low | (uint32_t)fuzz_u16(in) << 16;
}

static inline uint64_t
fuzz_u64(struct fuzz_input *in)
{
	uint64_t low = fuzz_u32(in);

	return low | (uint64_t)fuzz_u32(in) << 32;
}

/* 0..n-1; `n` up to 65536 and not 0. Takes no more bytes than the range needs. */
static inline unsigned int
fuzz_below(struct fuzz_input *in, unsigned int n)
{
	if (n == 1)
		return 0;
	return (n <= 256 ? fuzz_u8(in) : fuzz_u16(in)) % n;
}

/* A finding: libFuzzer keeps the input of a program that aborts. */
static inline void
fuzz_expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

#endif
