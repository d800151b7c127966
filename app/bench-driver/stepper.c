/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See stepper.h. A trap comes after each instruction, with the address of the next one: what that
 * is can be told from its first bytes, since it is known to begin there.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include "stepper.h"

/* MOVNTDQ: 66 [REX] 0F E7, or VEX with its two-byte prefix; MOVDIR64B: 66 [REX] 0F 38 F8. */
#define OPERAND_SIZE 0x66
#define VEX2 0xc5
#define JUMP 0xe9
#define JUMP_LENGTH 5

#define MOVDIR64B_BYTES 64
#define MOVNTDQ_BYTES 16

/* A signal handler has no argument of ours. */
static struct {
	stepper_on_store_t on_store;
	void *arg;
	struct stepper_counts counts;
	unsigned int pending;        /* bytes of the store that is executed next, or 0 */
	const uint8_t *stand_in_end; /* where code that stands for MOVDIR64B goes on, or NULL */
} stepper;

static unsigned int
stored_bytes(const uint8_t *at)
{
	static const uint8_t movdir64b[] = {0x0f, 0x38, 0xf8}, movntdq[] = {0x0f, 0xe7};

	if (at[0] == VEX2)
		return (at[1] & 0x07) == 1 && at[2] == movntdq[1] ? MOVNTDQ_BYTES : 0;
	if (at[0] != OPERAND_SIZE)
		return 0;
	at += (at[1] & 0xf0) == 0x40 ? 2 : 1;
	if (memcmp(at, movdir64b, sizeof(movdir64b)) == 0)
		return MOVDIR64B_BYTES;
	return memcmp(at, movntdq, sizeof(movntdq)) == 0 ? MOVNTDQ_BYTES : 0;
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
	const uint8_t *next = (const uint8_t *)uc->uc_mcontext.gregs[REG_RIP];

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
