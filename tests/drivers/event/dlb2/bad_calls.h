/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Wrong calls of every function of the API and of rte_pmd_dlb2.h, for test_messages.c. Not here:
 * device arguments, whose wrong values follow from the driver's own list of them.
 */
#ifndef BAD_CALLS_H
#define BAD_CALLS_H

#include <stdint.h>

/** What the device is when the call is made. */
enum bad_call_state {
	STATE_NEW,        /**< probed */
	STATE_CONFIGURED, /**< for 3 ports and queues with a pair among them, nothing set up */
	STATE_LARGE,      /**< the same for 9 ports and 10 queues without a pair */
	STATE_STOPPED,    /**< 3 ports and queues set up and linked, number 2 a pair */
	STATE_RUNNING,
};

struct bad_call {
	enum bad_call_state state;
	const char *function;
	const char *wrong;
	/** Negative errno. Functions that count, and give fewer, say it in rte_errno. */
	int error;
	/** Makes the call. Returns the error, 0 for none. */
	int (*call)(uint8_t dev);
};

extern const struct bad_call bad_calls[];
extern const unsigned int num_bad_calls;

#endif
