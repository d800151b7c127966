/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * State behind alarms, MSI-X, CQ interrupts, watchdogs and VFs that no register of the PF holds.
 *   model_alarm.c     syndromes, and what enables them
 *   model_msix.c      table, pending bits, acknowledge of vectors 0 and 1
 *   model_ims.c       interrupt message store
 *   model_cq_irq.c    arming, depth and timer conditions, routing
 *   model_watchdog.c  CQ watchdog
 *   model_vf.c        mailboxes, VF interrupts, VF reset
 *   model_irq.c       set-up, reset and time of all of these
 */
#ifndef DLB2_MODEL_IRQ_H
#define DLB2_MODEL_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include <dlb2_limits.h>

/** Vectors that are not sent again before software acknowledges them (control-path 12.5). */
#define MODEL_ACKED_VECTORS 2

/** Address (2) and data words of an MSI-X table entry; its vector control is MSIX_VECTOR_CTRL. */
struct model_msix_entry {
	uint32_t words[3];
};

/** A CQ as the interrupt and watchdog logic sees it. */
struct model_cq_irq {
	uint32_t occupancy;       /* events in the CQ, preloaded tokens not counted */
	bool armed;               /* equals the CQ's bit in CHP_*_CQ_INTR_ARMED* */
	uint64_t timer_passes;    /* sampling passes that found events here since it was armed */
	uint64_t watchdog_passes; /* the same since the last token return */
};

/** Interrupt state of a VF: its registers VF_VF_MSI_ISR and VF_VF_MSI_ISR_PEND. */
struct model_vf_irq {
	uint32_t isr;
	uint32_t pend;
};

struct model_irq {
	struct model_msix_entry msix[DLB2_MAX_MSIX_VECTORS];
	uint64_t msix_pending[2];        /* the pending-bit array */
	bool held[MODEL_ACKED_VECTORS];  /* a cause came while the vector was not acknowledged */
	struct model_cq_irq cq[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	struct model_vf_irq vf[DLB2_MAX_VDEVS];
	/* Time that is less than a sampling pass so far. */
	uint64_t timer_ns[DLB2_NUM_PORT_KINDS];
	uint64_t watchdog_ns[DLB2_NUM_PORT_KINDS];
};

/**
 * CQ sampling, by timers and watchdogs alike: one CQ per interval + 1 cycles of 100 MHz, 64 CQs a
 * pass, so that a CQ's threshold counts passes (control-path 12.8; for timers by analogy).
 */
static inline uint64_t
model_pass_ns(uint32_t interval)
{
	return UINT64_C(64) * (interval + UINT64_C(1)) * 10;
}

/* Passes that end within the next `ns`; what is left over stays in *elapsed. */
static inline uint64_t
model_passes(uint64_t *elapsed, uint64_t pass_ns, uint64_t ns)
{
	uint64_t total = *elapsed + ns;

	*elapsed = total % pass_ns;
	return total / pass_ns;
}

#endif
