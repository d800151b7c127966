/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A producer port as the data path sees it: a place to build 64-byte lines in, and a way to hand
 * each over as a whole. Not here: what is in a line.
 *
 * On silicon lines are built in scratch memory of the port, as many at a time as a burst has, and
 * stored one by one to the first byte of its page: a store reloads the whole line, and has less to
 * wait for when others were built in between. With the model of this process lines are built in the
 * model's ring.
 */
#ifndef DLB2_PP_H
#define DLB2_PP_H

#include <emmintrin.h>
#include <stdbool.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_cpuflags.h>

#include <dlb2_hcw.h>

#include "dlb2_model_bus.h"

/**
 * Build option of the in-tree driver (c_args): 1 leaves out the fence of ports with the producer
 * hint, for applications whose CPU does not write what such events point to.
 */
#ifndef DLB2_BYPASS_FENCE_ON_PP
#define DLB2_BYPASS_FENCE_ON_PP 0
#endif
#if DLB2_BYPASS_FENCE_ON_PP != 0 && DLB2_BYPASS_FENCE_ON_PP != 1
#error "DLB2_BYPASS_FENCE_ON_PP is 0 or 1"
#endif

/** How a line leaves. Chosen once, when the port is set up. */
enum dlb2_pp_store {
	DLB2_PP_CHANNEL,   /**< hand-over to the model */
	DLB2_PP_MOVDIR64B, /**< one 64-byte direct store */
	DLB2_PP_MOVNTDQ /**< up to four fenced 16-byte stores, without MOVDIR64B (data-path 1.6) */
};

/** How lines leave to a page of the device from this CPU: the one place that decides it. */
static inline enum dlb2_pp_store
dlb2_pp_page_store(void)
{
	return rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0 ? DLB2_PP_MOVDIR64B
								   : DLB2_PP_MOVNTDQ;
}

/** Lines of scratch memory: a burst of four times as many events is stored in one go. */
#define DLB2_PP_SCRATCH_LINES 16

struct dlb2_pp {
	struct dlb2_line *next; /**< line to be filled next */
	union {
		struct dlb2_pp_channel *channel;
		volatile void *page;
	};
	uint32_t room; /**< HCWs that fit from `next` on, without a look at anything else */
	uint8_t store; /**< enum dlb2_pp_store */
	bool unfenced; /**< with DLB2_BYPASS_FENCE_ON_PP: a port with the producer hint */
};

/**
 * Finds room for one line at least; waits for it if the model's ring is full. Only to be called
 * when there is less room than is needed.
 */
static inline void
dlb2_pp_make_room(struct dlb2_pp *pp)
{
	struct dlb2_pp_channel *channel = pp->channel;
	uint32_t tail, used;

	if (pp->store != DLB2_PP_CHANNEL)
		return;
	tail = channel->tail;
	used = tail - __atomic_load_n(&channel->head, __ATOMIC_ACQUIRE);
	if (used == DLB2_PP_RING_LINES) {
		dlb2_pp_channel_wait(channel);
		used = tail - __atomic_load_n(&channel->head, __ATOMIC_ACQUIRE);
	}
	tail &= DLB2_PP_RING_LINES - 1;
	pp->next = &channel->lines[tail];
	pp->room = (DLB2_PP_RING_LINES - RTE_MAX(used, tail)) * DLB2_HCWS_PER_LINE;
}

/** Forgets lines that were begun and not handed over. */
static inline void
dlb2_pp_forget_lines(struct dlb2_pp *pp)
{
	if (pp->store == DLB2_PP_CHANNEL)
		pp->room = 0;
}

/** The line to be filled. Its content is old: all four HCWs have to be written. */
static inline struct dlb2_line *
dlb2_pp_line(struct dlb2_pp *pp)
{
	if (unlikely(pp->room == 0))
		dlb2_pp_make_room(pp);
	return pp->next;
}

/**
 * Makes the application's stores visible before the lines that follow (data-path 1.7). Once per
 * burst, and not for lines that only return tokens. The hand-over to the model is a release store
 * already.
 */
static __rte_always_inline void
dlb2_pp_fence(const struct dlb2_pp *pp)
{
	if (DLB2_BYPASS_FENCE_ON_PP && pp->unfenced)
		return;
	if (pp->store != DLB2_PP_CHANNEL)
		_mm_sfence();
}

static __rte_always_inline void
dlb2_pp_movdir64b(volatile void *page, const struct dlb2_line *line)
{
	__asm__ volatile("movdir64b (%%rdx), %%rax" : : "a"(page), "d"(line) : "memory");
}

/*
 * All stores go to the base of the page, one HCW each, so that there is no need to fill a line up
 * with NOOPs (data-path 1.5). Each needs its fence: two in a write-combining buffer would become
 * one.
 */
static __rte_always_inline void
dlb2_pp_movntdq(volatile void *page, const struct dlb2_line *line)
{
	const __m128i *hcw = (const __m128i *)line->hcw;
	unsigned int i;

	for (i = 0; i < DLB2_HCWS_PER_LINE; i++) {
		if (line->hcw[i].cmd == DLB2_CMD_NOOP)
			continue;
		__asm__ volatile("movntdq %1, (%0)"
				 :
				 : "r"(page), "x"(_mm_load_si128(&hcw[i]))
				 : "memory");
		_mm_sfence();
	}
}

static __rte_noinline void
dlb2_pp_store_slowly(const struct dlb2_pp *pp, unsigned int count)
{
	const struct dlb2_line *line = pp->next, *end = line + count;

	for (; line < end; line++)
		dlb2_pp_movntdq(pp->page, line);
}

/* Publishes lines in the ring of the model. */
static __rte_always_inline void
dlb2_pp_publish(struct dlb2_pp *pp, unsigned int count)
{
	pp->next += count;
	pp->room -= count * DLB2_HCWS_PER_LINE;
	dlb2_pp_channel_publish(pp->channel, count);
}

/** dlb2_pp_push() of a port whose lines do not leave by MOVNTDQ. */
static __rte_always_inline void
dlb2_pp_push_directly(struct dlb2_pp *pp, unsigned int count)
{
	const struct dlb2_line *line = pp->next, *end = line + count;

	if (unlikely(pp->store != DLB2_PP_CHANNEL)) {
		for (; line < end; line++)
			dlb2_pp_movdir64b(pp->page, line);
		return;
	}
	dlb2_pp_publish(pp, count);
}

/** Hands over `count` lines, beginning with pp->next. There was room for them. */
static __rte_always_inline void
dlb2_pp_push(struct dlb2_pp *pp, unsigned int count)
{
	if (unlikely(pp->store != DLB2_PP_CHANNEL) && unlikely(pp->store != DLB2_PP_MOVDIR64B))
		dlb2_pp_store_slowly(pp, count);
	else
		dlb2_pp_push_directly(pp, count);
}

/** dlb2_pp_fence() and dlb2_pp_push() of one line, of a port whose lines leave by MOVDIR64B. */
static __rte_always_inline void
dlb2_pp_store(const struct dlb2_pp *pp, const struct dlb2_line *line)
{
	if (!DLB2_BYPASS_FENCE_ON_PP || !pp->unfenced)
		_mm_sfence();
	dlb2_pp_movdir64b(pp->page, line);
}

/**
 * dlb2_pp_fence() and dlb2_pp_push() of one line, with one look at how it leaves. False, and
 * nothing is done, if that is by MOVNTDQ, which is slow anyway.
 */
static __rte_always_inline bool
dlb2_pp_send_directly(struct dlb2_pp *pp)
{
	if (likely(pp->store == DLB2_PP_MOVDIR64B)) {
		dlb2_pp_store(pp, pp->next);
		return true;
	}
	if (unlikely(pp->store != DLB2_PP_CHANNEL))
		return false;
	dlb2_pp_publish(pp, 1);
	return true;
}

/**
 * Returns when all lines that were handed over have arrived, and what the device wrote before they
 * did is visible. Takes about a microsecond: not for the data path.
 */
static inline void
dlb2_pp_flush(const struct dlb2_pp *pp)
{
	if (pp->store == DLB2_PP_CHANNEL) {
		dlb2_pp_channel_flush(pp->channel);
		return;
	}
	_mm_mfence();
	*(volatile uint64_t *)(uintptr_t)pp->page;
	_mm_mfence();
}

#endif
