/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A signal's handler has no argument of its own, so what it notes is the only variable that the
 * devices of a process share.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "dma.h"
#include "lost_memory.h"

static atomic_uintptr_t lost;

/*
 * The empty page goes when the file's mapping goes that it is in the midst of. If it cannot be had
 * the access is tried again, and ends the process.
 */
static void
on_sigbus(int number, siginfo_t *info, void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr;
	int saved = errno;

	(void)context;
	if (info->si_code != BUS_ADRERR ||
			mmap((void *)(address - address % DMA_PAGE_SIZE), DMA_PAGE_SIZE,
				PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		signal(number, SIG_DFL);
	else
		atomic_store(&lost, address);
	errno = saved;
}

int
lost_memory_watch(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) == 0 ? 0 : -errno;
}

uintptr_t
lost_memory_take(void)
{
	return atomic_exchange(&lost, 0);
}
