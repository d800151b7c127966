/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Runs code one instruction at a time, by the CPU's trap flag: counts the instructions exactly, and
 * sees each store to a device: MOVNTDQ and MOVDIR64B. On a CPU without MOVDIR64B,
 * devtools/guest/movdir64b.c has replaced it by a jump to code that does the same with ordinary
 * stores; that counts as the one instruction that it stands for. A MOVNTDQ is replaced by MOVDQA for
 * good when it is first stepped, and still counted: a code path that has been stepped makes ordinary
 * stores only, unless the CPU has MOVDIR64B. One thread.
 */
#ifndef STEPPER_H
#define STEPPER_H

/** Counts since stepper_reset(). */
struct stepper_counts {
	long instructions;
	long stores; /**< to a device */
};

/** Told of each such store, after it has been executed. `bytes` is its width: 16 or 64. */
typedef void (*stepper_on_store_t)(unsigned int bytes, void *arg);

/** Takes SIGTRAP. */
void
stepper_init(stepper_on_store_t on_store, void *arg);

void
stepper_reset(void);

struct stepper_counts
stepper_counts(void);

#define STEPPER_TRAP_FLAG "0x100"

/* Expanded in place, so that the instructions of the call are all that is between. */
#define STEPPER_SWITCH(how) \
	__asm__ volatile("sub $128, %%rsp; pushfq; " how "; popfq; add $128, %%rsp" \
			 : \
			 : \
			 : "cc", "memory")
#define STEPPER_ON() STEPPER_SWITCH("orq $" STEPPER_TRAP_FLAG ", (%%rsp)")
#define STEPPER_OFF() STEPPER_SWITCH("andq $~" STEPPER_TRAP_FLAG ", (%%rsp)")

#endif
