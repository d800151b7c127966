/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See accesses.h.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "accesses.h"

#define MAX_AREAS 2
#define TRAP_FLAG 0x100
#define FAULT_WAS_WRITE 0x2

/* A signal handler has no argument of ours. */
static struct {
	struct {
		uint8_t *base;
		size_t len;
	} areas[MAX_AREAS];
	unsigned int num_areas;
	struct accesses counts;
} watch;

static void
protect(int protection)
{
	unsigned int i;

	for (i = 0; i < watch.num_areas; i++) {
		if (mprotect(watch.areas[i].base, watch.areas[i].len, protection) != 0)
			abort();
	}
}

static bool
is_watched(const void *address)
{
	const uint8_t *at = address;
	unsigned int i;

	for (i = 0; i < watch.num_areas; i++) {
		if (at >= watch.areas[i].base && at < watch.areas[i].base + watch.areas[i].len)
			return true;
	}
	return false;
}

/* Lets one instruction through. Any other fault is repeated, and ends the program. */
static void
on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (!is_watched(info->si_addr)) {
		signal(sig, SIG_DFL);
		return;
	}
	if (uc->uc_mcontext.gregs[REG_ERR] & FAULT_WAS_WRITE)
		watch.counts.writes++;
	else
		watch.counts.reads++;
	protect(PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void
on_step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig, (void)info;
	protect(PROT_NONE);
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

void
accesses_watch(void *base, size_t len)
{
	if (watch.num_areas == MAX_AREAS)
		abort();
	watch.areas[watch.num_areas].base = base;
	watch.areas[watch.num_areas++].len = len;
}

void
accesses_start(void)
{
	struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	struct sigaction step = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};

	watch.counts = (struct accesses){0};
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGTRAP, &step, NULL);
	protect(PROT_NONE);
}

struct accesses
accesses_stop(void)
{
	protect(PROT_READ | PROT_WRITE);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	return watch.counts;
}
