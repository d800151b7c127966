/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Executes MOVDIR64B in all forms that a compiler may emit, as a program that doesn't know of the
 * shim. test_movdir64b.py runs it with the library preloaded. usage: movdir64b_user CASE; status 0
 * if the case went as on a CPU that has the instruction.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 64
#define THREADS 4
#define ROUNDS 1000
#define PATCHED 0xe9
/* CF, PF, AF, ZF, SF and OF. */
#define FLAGS 0x8d5

/* A line on each side of the one that is stored to tells of a store beside it. */
struct lines {
	_Alignas(LINE) uint8_t before[LINE];
	uint8_t to[LINE];
	uint8_t after[LINE];
	uint8_t from[LINE];
};

extern const uint8_t store_site[];

/* movdir64b (%rdx),%rax, at the one address store_site: compilers may not inline or clone this. */
void store_line(uint8_t *to, const uint8_t *from);
__asm__(".pushsection .text\n"
	".type store_line, @function\n"
	"store_line:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdx\n"
	".globl store_site\n"
	"store_site:\n"
	"	.byte 0x66, 0x0f, 0x38, 0xf8, 0x02\n"
	"	ret\n"
	".size store_line, . - store_line\n"
	".popsection\n");

static void
fill(struct lines *lines)
{
	unsigned int i;

	memset(lines, 0, sizeof(*lines));
	for (i = 0; i < LINE; i++)
		lines->from[i] = (uint8_t)(i * 7 + 3);
}

static bool
is_stored(const struct lines *lines)
{
	static const uint8_t zero[LINE];

	return memcmp(lines->to, lines->from, LINE) == 0 &&
		memcmp(lines->before, zero, LINE) == 0 && memcmp(lines->after, zero, LINE) == 0;
}

/* The second execution takes the other way: the site has been replaced. */
static bool
twice(void)
{
	struct lines lines;
	bool replaced;

	fill(&lines);
	store_line(lines.to, lines.from);
	replaced = store_site[0] == PATCHED && is_stored(&lines);
	fill(&lines);
	store_line(lines.to, lines.from);
	return replaced && is_stored(&lines);
}

/* The address of the line is spread over base, index and displacement as the form wants. */
static bool
forms(void)
{
	struct lines lines;
	uintptr_t from = (uintptr_t)lines.from;
	bool good = true;

#define FORM(operands, rdx, rcx) do { \
	fill(&lines); \
	__asm__ volatile(".byte 0x66,0x0f,0x38,0xf8," operands \
			: : "a"(lines.to), "d"(rdx), "c"(rcx) : "memory"); \
	good &= is_stored(&lines); \
	if (!good) \
		printf("wrong: %s\n", operands); \
} while (0)
	FORM("0x42,0x10", from - 16, 0L);                            /* 16(%rdx) */
	FORM("0x42,0xf0", from + 16, 0L);                            /* -16(%rdx) */
	FORM("0x82,0x00,0x01,0x00,0x00", from - 256, 0L);            /* 256(%rdx) */
	FORM("0x04,0x8a", from - 32, 8L);                            /* (%rdx,%rcx,4) */
	FORM("0x44,0x4a,0x08", from - 24, 8L);                       /* 8(%rdx,%rcx,2) */
	FORM("0x04,0xcd,0x00,0x00,0x00,0x00", 0L, from / 8);         /* 0(,%rcx,8) */
#undef FORM
	return good;
}

/* movdir64b (%r10),%r9, and a source relative to the instruction. */
static bool
rex_and_rip(void)
{
	struct lines lines;
	bool good;

	fill(&lines);
	__asm__ volatile("mov %0,%%r9; mov %1,%%r10; .byte 0x66,0x45,0x0f,0x38,0xf8,0x0a"
			: : "r"(lines.to), "r"(lines.from) : "r9", "r10", "memory");
	good = is_stored(&lines);
	__asm__ volatile(".byte 0x66,0x0f,0x38,0xf8,0x05; .long 1f-2f; 2: jmp 3f;"
			"1: .fill 64,1,0x5a; 3:"
			: : "a"(lines.to) : "memory");
	memset(lines.from, 0x5a, LINE);
	return good && is_stored(&lines);
}

/* What the instruction leaves alone. */
struct state {
	uint64_t flags, rcx, near_below, far_below;
};

/* Executes it with everything in state set to given values, the last two in the red zone below the
 * stack pointer, and reads them afterwards.
 */
static struct state
store_in_state(struct lines *lines, struct state given)
{
	struct state got = given;

	__asm__ volatile("lea -256(%%rsp),%%rsp; push %0; popf;"
			"mov %2,-8(%%rsp); mov %3,-128(%%rsp);"
			".byte 0x66,0x0f,0x38,0xf8,0x02;"
			"mov -8(%%rsp),%2; mov -128(%%rsp),%3;"
			"pushf; pop %0; lea 256(%%rsp),%%rsp"
			: "+r"(got.flags), "+c"(got.rcx), "+r"(got.near_below), "+r"(got.far_below)
			: "a"(lines->to), "d"(lines->from) : "cc", "memory");
	return got;
}

/* The first round goes by the handler, the others by what it has put there. */
static bool
leaves_all_else(void)
{
	struct state given = {
		.rcx = 0x12345678, .near_below = 0x9abcdef0, .far_below = 0x55aa55aa,
	};
	struct lines lines;
	struct state got;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		given.flags = i % 2 ? FLAGS | 2 : 2;
		fill(&lines);
		got = store_in_state(&lines, given);
		if (!is_stored(&lines) || (got.flags & FLAGS) != (given.flags & FLAGS) ||
				got.rcx != given.rcx || got.near_below != given.near_below ||
				got.far_below != given.far_below)
			return false;
	}
	return true;
}

static void
store_unaligned(struct lines *lines, unsigned int times)
{
	unsigned int i;

	fill(lines);
	for (i = 0; i < times; i++)
		store_line(lines->to + (i + 1 == times ? 8 : 0), lines->from);
}

/* Must end by SIGSEGV, as #GP does, at the first execution. */
static bool
unaligned(void)
{
	struct lines lines;

	store_unaligned(&lines, 1);
	return true;
}

/* The same after the site was replaced. */
static bool
unaligned_patched(void)
{
	struct lines lines;

	store_unaligned(&lines, 2);
	return true;
}

/* Must end by SIGILL. */
static bool
other_instruction(void)
{
	__builtin_trap();
}

static void *
store_many(void *wrong)
{
	struct lines lines;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		fill(&lines);
		store_line(lines.to, lines.from);
		if (!is_stored(&lines))
			__atomic_store_n((bool *)wrong, true, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* All meet the site while one of them replaces it. */
static bool
threads(void)
{
	pthread_t thread[THREADS];
	bool wrong = false;
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&thread[i], NULL, store_many, &wrong) != 0)
			return false;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	return !wrong;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} cases[] = {
		{ "twice", twice },
		{ "forms", forms },
		{ "rex-and-rip", rex_and_rip },
		{ "leaves-all-else", leaves_all_else },
		{ "unaligned", unaligned },
		{ "unaligned-patched", unaligned_patched },
		{ "other-instruction", other_instruction },
		{ "threads", threads },
	};
	unsigned int i;

	for (i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run() ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fprintf(stderr, "usage: movdir64b_user CASE\n");
	return 2;
}
