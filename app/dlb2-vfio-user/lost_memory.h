/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What happens when a client truncates a file that it has given as memory: pages of the mapping
 * then have nothing behind them, and an access to one is answered by SIGBUS.
 */
#ifndef LOST_MEMORY_H
#define LOST_MEMORY_H

#include <stdint.h>

/**
 * From now on an access to such a page finds an empty page of this process in its place, and is
 * noted. Any other cause of SIGBUS ends the process as before.
 * Returns 0, or a negative errno.
 */
int lost_memory_watch(void);

/** The address of an access that was noted since the last call; 0: there was none. */
uintptr_t lost_memory_take(void);

#endif
