/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A producer port as the data path sees it: a place to build the next 64-byte line in, and a way to hand that line over as a
 * whole. Not here: what is in a line.
 *
 * On silicon a line is built in one of two scratch lines, in turn (a store must not wait for the reload of the one before), and
 * stored to the first byte of the port's page. With the model of this process it is built in the model's ring.
 */
#ifndef DLB2_PP_H
#define DLB2_PP_H

#include <emmintrin.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include <dlb2_hcw.h>

#include "dlb2_model_bus.h"

/** How a line leaves. Chosen once, when the port is set up. */
enum dlb2_pp_store {
	DLB2_PP_CHANNEL,   /**< hand-over to the model */
	DLB2_PP_MOVDIR64B, /**< one 64-byte direct store */
	DLB2_PP_MOVNTDQ    /**< four fenced 16-byte stores, for CPUs without MOVDIR64B (data-path 1.6) */
};

struct dlb2_pp {
	union {
		struct dlb2_pp_channel *channel;
		volatile void *page;
	};
	struct dlb2_line *scratch; /**< two lines of the port */
	uint8_t store;             /**< enum dlb2_pp_store */
	uint8_t turn;              /**< scratch line to be filled next */
};

/**
 * Makes the application's stores visible before the lines that follow (data-path 1.7). Once per burst, and not for lines
 * that only return tokens. The hand-over to the model is a release store already.
 */
static __rte_always_inline void
dlb2_pp_fence(const struct dlb2_pp *pp)
{
	if (pp->store != DLB2_PP_CHANNEL)
		_mm_sfence();
}

/** The line to be filled; its content is old. All four HCWs have to be written before dlb2_pp_push(). */
static __rte_always_inline struct dlb2_line *
dlb2_pp_line(struct dlb2_pp *pp)
{
	if (likely(pp->store == DLB2_PP_CHANNEL))
		return dlb2_pp_channel_line(pp->channel);
	return &pp->scratch[pp->turn];
}

static __rte_always_inline void
dlb2_pp_movdir64b(volatile void *page, const struct dlb2_line *line)
{
	__asm__ volatile("movdir64b (%%rdx), %%rax" : : "a"(page), "d"(line), "m"(*line) : "memory");
}

/* All four stores go to the base of the page. Each needs its fence: two in a write-combining buffer would become one. */
static __rte_always_inline void
dlb2_pp_movntdq(volatile void *page, const struct dlb2_line *line)
{
	const __m128i *hcw = (const __m128i *)line->hcw;
	unsigned int i;

	for (i = 0; i < DLB2_HCWS_PER_LINE; i++) {
		__asm__ volatile("movntdq %1, (%0)" : : "r"(page), "x"(_mm_load_si128(&hcw[i])) : "memory");
		_mm_sfence();
	}
}

/** Hands the line of the last dlb2_pp_line() over. */
static __rte_always_inline void
dlb2_pp_push(struct dlb2_pp *pp)
{
	if (likely(pp->store == DLB2_PP_CHANNEL)) {
		dlb2_pp_channel_push(pp->channel);
		return;
	}
	if (likely(pp->store == DLB2_PP_MOVDIR64B))
		dlb2_pp_movdir64b(pp->page, &pp->scratch[pp->turn]);
	else
		dlb2_pp_movntdq(pp->page, &pp->scratch[pp->turn]);
	pp->turn ^= 1;
}

#endif
