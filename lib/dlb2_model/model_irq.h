/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * State behind alarms, MSI-X, CQ interrupts and watchdogs that no register holds. By file:
 *   model_alarm.c     syndromes and what enables them
 *   model_msix.c      table, pending bits, acknowledge of vectors 0 and 1, interrupt message store
 *   model_cq_irq.c    arming, depth and timer conditions, routing
 *   model_watchdog.c  CQ watchdog
 *   model_vf.c        mailboxes, VF interrupts, VF reset, VF function BAR
 *   model_irq.c       set-up, reset and time of all of these
 */
#ifndef DLB2_MODEL_IRQ_H
#define DLB2_MODEL_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include <dlb2_limits.h>

/** Vectors that are not sent again before software acknowledges them (control-path 12.5). */
#define MODEL_ACKED_VECTORS 2

/** Address and data words of an MSI-X table entry; its vector control is the register MSIX_VECTOR_CTRL. */
struct model_msix_entry {
	uint32_t words[3];
};

/** A CQ as the interrupt and watchdog logic sees it. */
struct model_cq_irq {
	uint32_t occupancy;       /* events in the CQ, preloaded tokens not counted */
	bool armed;               /* equals the CQ's bit in CHP_*_CQ_INTR_ARMED* */
	uint32_t timer_passes;    /* sampling passes that found events here, since armed */
	uint32_t watchdog_passes; /* the same since the last token return */
};

/** A sampler looks at all CQs of one kind, one per interval; a pass is the time it takes for all of them. */
struct model_sampler {
	uint64_t elapsed_ns; /* time not yet made up into a pass */
};

struct model_irq {
	struct model_msix_entry msix[DLB2_MAX_MSIX_VECTORS];
	uint64_t msix_pending[2];        /* the pending-bit array */
	bool held[MODEL_ACKED_VECTORS];  /* a cause came while the vector waited for its acknowledge */
	struct model_cq_irq cq[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	struct model_sampler timer[DLB2_NUM_PORT_KINDS];
	struct model_sampler watchdog[DLB2_NUM_PORT_KINDS];
};

#endif
