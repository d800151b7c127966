/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See stepper.h. A trap comes after each instruction, with the address of the next one: what that
 * is can be told from its first bytes, since it is known to begin there.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "stepper.h"

/*
 * MOVNTDQ: 66 [REX] 0F E7, or VEX with its two-byte prefix; MOVDIR64B: 66 [REX] 0F 38 F8.
 * MOVDQA, which stores in the ordinary way, has 7F for E7 and is the same otherwise.
 */
#define OPERAND_SIZE 0x66
#define VEX2 0xc5
#define MOVNTDQ 0xe7
#define MOVDQA 0x7f
#define MAX_SITES 64
#define JUMP 0xe9
#define JUMP_LENGTH 5

#define MOVDIR64B_BYTES 64
#define MOVNTDQ_BYTES 16

/* A signal handler has no argument of ours. */
static struct {
	stepper_on_store_t on_store;
	void *arg;
	struct stepper_counts counts;
	uint8_t *sites[MAX_SITES]; /* operation codes that were MOVNTDQ's */
	unsigned int num_sites;
	unsigned int pending;        /* bytes of the store that is executed next, or 0 */
	const uint8_t *stand_in_end; /* where code that stands for MOVDIR64B goes on, or NULL */
} stepper;

static bool
is_site(const uint8_t *code)
{
	unsigned int i;

	for (i = 0; i < stepper.num_sites; i++) {
		if (stepper.sites[i] == code)
			return true;
	}
	return false;
}

/* Makes a MOVDQA of the MOVNTDQ whose operation code this is. Without a site left, it stays one. */
static void
make_ordinary(uint8_t *code)
{
	const uintptr_t size = sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)code & -size);

	if (stepper.num_sites == MAX_SITES ||
	    mprotect(page, size, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
		return;
	*code = MOVDQA;
	stepper.sites[stepper.num_sites++] = code;
}

/* Of an instruction with this operation code, if it is or was MOVNTDQ; it becomes a MOVDQA. */
static unsigned int
movntdq_bytes(uint8_t *code)
{
	if (*code == MOVNTDQ)
		make_ordinary(code);
	else if (*code != MOVDQA || !is_site(code))
		return 0;
	return MOVNTDQ_BYTES;
}

static unsigned int
stored_bytes(uint8_t *at)
{
	static const uint8_t movdir64b[] = {0x0f, 0x38, 0xf8};

	if (at[0] == VEX2)
		return (at[1] & 0x07) == 1 ? movntdq_bytes(&at[2]) : 0;
	if (at[0] != OPERAND_SIZE)
		return 0;
	at += (at[1] & 0xf0) == 0x40 ? 2 : 1;
	if (memcmp(at, movdir64b, sizeof(movdir64b)) == 0)
		return MOVDIR64B_BYTES;
	return at[0] == movdir64b[0] ? movntdq_bytes(&at[1]) : 0;
}

/* A jump out of every library leads to code that stands for a MOVDIR64B. */
static const uint8_t *
end_of_stand_in(const uint8_t *at)
{
	int32_t distance;
	Dl_info info;

	if (at[0] != JUMP)
		return NULL;
	memcpy(&distance, at + 1, sizeof(distance));
	return dladdr(at + JUMP_LENGTH + distance, &info) == 0 ? at + JUMP_LENGTH : NULL;
}

static void
report_store(unsigned int bytes)
{
	stepper.counts.stores++;
	stepper.on_store(bytes, stepper.arg);
}

static void
on_trap(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	uint8_t *next = (uint8_t *)uc->uc_mcontext.gregs[REG_RIP];

	(void)sig, (void)info;
	if (stepper.stand_in_end != NULL) {
		if (next != stepper.stand_in_end)
			return;
		report_store(MOVDIR64B_BYTES);
	}
	stepper.counts.instructions++;
	if (stepper.pending > 0)
		report_store(stepper.pending);
	stepper.pending = stored_bytes(next);
	stepper.stand_in_end = end_of_stand_in(next);
}

void
stepper_init(stepper_on_store_t on_store, void *arg)
{
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

	stepper.on_store = on_store;
	stepper.arg = arg;
	sigaction(SIGTRAP, &action, NULL);
}

void
stepper_reset(void)
{
	stepper.counts = (struct stepper_counts){0};
}

struct stepper_counts
stepper_counts(void)
{
	return stepper.counts;
}
