/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Four events at a time between struct rte_event and what crosses the device, if they are alike: of
 * one queue, scheduling type and depth class when they come, of one queue, type and op when they go.
 * Then all that differs are bits that only change their place. Events that are not alike, and those
 * of directed ports, go through dlb2_translate.h one by one; this has to do the same.
 *
 * Which vectors are used is the including file's choice: DLB2_QUAD_AVX512, DLB2_QUAD_AVX2,
 * DLB2_QUAD_SSE, or none of them.
 */
#ifndef DLB2_QUAD_H
#define DLB2_QUAD_H

#include <rte_atomic.h>

#include "dlb2_entries.h"
#include "dlb2_lines.h"

#define DLB2_QUAD DLB2_HCWS_PER_LINE

/* What entries of a CQ must have in common, besides being there and good. */
#define DLB2_ALIKE_ENTRIES \
	(DLB2_WORD_GEN | DLB2_WORD_ERROR | \
	 (uint64_t)DLB2_CQ_QID_DEPTH << DLB2_CQ_SHIFT(status) | \
	 (uint64_t)DLB2_SOURCE_MASK_LDB << DLB2_SOURCE_SHIFT)
/* What events that are sent must have in common. */
#define DLB2_ALIKE_EVENTS (DLB2_EV_KEY_MASK | DLB2_EV_OP_MASK)

/**
 * The part of an event that those of entries which are alike have in common: its upper half. In the
 * lower half is what they are counted by (DLB2_COUNT()).
 */
static __rte_always_inline uint64_t
dlb2_base_of_event(const struct dlb2_dp_port *port, uint64_t meta)
{
	return dlb2_entry_source(port, meta) |
		port->dp->depths[meta >> DLB2_WORD_DEPTH_SHIFT & (DLB2_NUM_DEPTHS - 1)];
}

#if defined(DLB2_QUAD_AVX512) || defined(DLB2_QUAD_AVX2) || defined(DLB2_QUAD_SSE)

#include <immintrin.h>

/*
 * The few operations that the vectors have to offer. A vector holds VEC_EVENTS pairs of 64-bit
 * words, of which most operations do the same to each.
 *
 * VEC_SPREAD() has the word everywhere, VEC_REPEAT() the pair of words. VEC_SELECT() takes the bits
 * of `a` where the mask has ones, and else those of `b`; VEC_WITH_BASE() those of `v` but for the
 * upper half of each event's first word.
 */
#define WORDS_OF_BASE 0x0c /* of 16 bits, in every event */
#if defined(DLB2_QUAD_AVX512)
#define SELECT_BY_THIRD 0xe4 /* truth table: the third says whether it is the first or the second */
#define VEC_EVENTS 4
typedef __m512i dlb2_vec;
#define VEC_LOAD(p) _mm512_loadu_si512(p)
#define VEC_STORE(p, v) _mm512_storeu_si512(p, v)
#define VEC_ZERO() _mm512_setzero_si512()
#define VEC_SPREAD(word) _mm512_set1_epi64(word)
#define VEC_REPEAT(pair) _mm512_broadcast_i32x4(pair)
#define VEC_XOR(a, b) _mm512_xor_si512(a, b)
#define VEC_OR(a, b) _mm512_or_si512(a, b)
#define VEC_SELECT(mask, a, b) _mm512_ternarylogic_epi64(a, b, mask, SELECT_BY_THIRD)
#define VEC_WITH_BASE(v, base) VEC_SELECT(VEC_LOAD(dlb2_from_entry), v, base)
#define VEC_SHUFFLE(v, how) _mm512_shuffle_epi8(v, how)
#define VEC_MULTIPLY(v, by) _mm512_mullo_epi16(v, by)
#define VEC_ANY(v, mask) dlb2_mask_any(_mm512_test_epi32_mask(v, mask))
#elif defined(DLB2_QUAD_AVX2)
#define VEC_EVENTS 2
typedef __m256i dlb2_vec;
#define VEC_LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define VEC_STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define VEC_ZERO() _mm256_setzero_si256()
#define VEC_SPREAD(word) _mm256_set1_epi64x(word)
#define VEC_REPEAT(pair) _mm256_broadcastsi128_si256(pair)
#define VEC_XOR(a, b) _mm256_xor_si256(a, b)
#define VEC_OR(a, b) _mm256_or_si256(a, b)
#define VEC_SELECT(mask, a, b) \
	_mm256_or_si256(_mm256_and_si256(mask, a), _mm256_andnot_si256(mask, b))
#define VEC_WITH_BASE(v, base) _mm256_blend_epi16(v, base, WORDS_OF_BASE)
#define VEC_SHUFFLE(v, how) _mm256_shuffle_epi8(v, how)
#define VEC_MULTIPLY(v, by) _mm256_mullo_epi16(v, by)
#define VEC_ANY(v, mask) (!_mm256_testz_si256(v, mask))
#else
#define VEC_EVENTS 1
typedef __m128i dlb2_vec;
#define VEC_LOAD(p) _mm_loadu_si128((const __m128i *)(p))
#define VEC_STORE(p, v) _mm_storeu_si128((__m128i *)(p), v)
#define VEC_ZERO() _mm_setzero_si128()
#define VEC_SPREAD(word) _mm_set1_epi64x(word)
#define VEC_REPEAT(pair) (pair)
#define VEC_XOR(a, b) _mm_xor_si128(a, b)
#define VEC_OR(a, b) _mm_or_si128(a, b)
#define VEC_SELECT(mask, a, b) dlb2_select(mask, a, b)
#define VEC_WITH_BASE(v, base) _mm_blend_epi16(v, base, WORDS_OF_BASE)
#define VEC_SHUFFLE(v, how) _mm_shuffle_epi8(v, how)
#define VEC_MULTIPLY(v, by) _mm_mullo_epi16(v, by)
#define VEC_ANY(v, mask) (!_mm_testz_si128(v, mask))
#endif

#define VECS (DLB2_QUAD / VEC_EVENTS)

/*
 * Constants in the width of any vector, so that loading one is one instruction. ZERO is a byte of a
 * shuffle that becomes 0.
 */
#define ZERO 0x80
#define FOUR_TIMES(...) {__VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__}
/* From an entry to its event: flow and opaque, then the data. */
static const uint8_t dlb2_entry_places[64] __rte_cache_aligned = FOUR_TIMES(
	12, 13, 8, 9, ZERO, ZERO, ZERO, ZERO, 0, 1, 2, 3, 4, 5, 6, 7);
/* From an event to its HCW: data, then opaque, priority and lock_id. */
static const uint8_t dlb2_event_places[64] __rte_cache_aligned = FOUR_TIMES(
	8, 9, 10, 11, 12, 13, 14, 15, 2, 3, 6, ZERO, 0, 1, ZERO, ZERO);
/* The priority is in the byte before its own then, and goes up to its place. */
static const uint16_t dlb2_event_factors[32] __rte_cache_aligned = FOUR_TIMES(
	1, 1, 1, 1, 1, 1 << (8 - DLB2_PRIORITY_IN_BYTE), 1, 1);
static const uint64_t dlb2_from_event[8] __rte_cache_aligned = FOUR_TIMES(
	UINT64_MAX, UINT16_MAX | DLB2_WORD_PRIORITY |
			    (uint64_t)UINT16_MAX << DLB2_HCW_SHIFT(lock_id));
static const uint64_t dlb2_entries_mask[8] __rte_cache_aligned = FOUR_TIMES(0, DLB2_ALIKE_ENTRIES);
static const uint64_t dlb2_events_mask[8] __rte_cache_aligned = FOUR_TIMES(DLB2_ALIKE_EVENTS, 0);
#if defined(DLB2_QUAD_AVX512)
/* What VEC_WITH_BASE() takes of the event; the rest is the base's. */
static const uint64_t dlb2_from_entry[8] __rte_cache_aligned = FOUR_TIMES(UINT32_MAX, UINT64_MAX);
#endif
#undef FOUR_TIMES
#undef ZERO

#if defined(DLB2_QUAD_AVX512)
static __rte_always_inline bool
dlb2_mask_any(__mmask16 mask)
{
	return !_mm512_kortestz(mask, mask);
}

static __rte_always_inline __m128i
dlb2_select(__m128i mask, __m128i a, __m128i b)
{
	return _mm_ternarylogic_epi64(a, b, mask, SELECT_BY_THIRD);
}
#else
static __rte_always_inline __m128i
dlb2_select(__m128i mask, __m128i a, __m128i b)
{
	return _mm_or_si128(_mm_and_si128(mask, a), _mm_andnot_si128(mask, b));
}
#endif

/* One access, which no compiler may split, repeat or do within another instruction. */
static __rte_always_inline __m128i
dlb2_load_entry(const struct dlb2_words *entry)
{
	__m128i v;

#ifdef __AVX__
	__asm__ volatile("vmovdqa %1, %0" : "=x"(v) : "m"(*entry));
#else
	__asm__ volatile("movdqa %1, %0" : "=x"(v) : "m"(*entry));
#endif
	return v;
}

#if defined(DLB2_DENSE) && VEC_EVENTS > 1
/*
 * Dense entries lie in the ring as they do in a vector. But a vector may be loaded word by word: it
 * may have the second word of an entry, with the generation, and not yet the first. So this is for
 * a look at the second words, and entries whose generation was seen are loaded again.
 */
static __rte_always_inline dlb2_vec
dlb2_look_at_entries(const struct dlb2_words *entry)
{
	return VEC_LOAD(entry);
}

/* Comes between the look at all of them and dlb2_load_seen(). */
static __rte_always_inline void
dlb2_looked_at_entries(void)
{
	rte_compiler_barrier();
}

static __rte_always_inline dlb2_vec
dlb2_load_seen(dlb2_vec seen, const struct dlb2_words *entry)
{
	RTE_SET_USED(seen);
	return VEC_LOAD(entry);
}
#else
static __rte_always_inline dlb2_vec
dlb2_look_at_entries(const struct dlb2_words *entry)
{
	__m128i first = dlb2_load_entry(entry);
#if defined(DLB2_QUAD_AVX512) || defined(DLB2_QUAD_AVX2)
	__m128i second = dlb2_load_entry(entry + DLB2_CQ_STEP);
	__m256i pair = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
#endif
#if defined(DLB2_QUAD_AVX512)
	__m128i third = dlb2_load_entry(entry + 2 * DLB2_CQ_STEP);
	__m128i fourth = dlb2_load_entry(entry + 3 * DLB2_CQ_STEP);
	__m256i next = _mm256_inserti128_si256(_mm256_castsi128_si256(third), fourth, 1);

	return _mm512_inserti64x4(_mm512_castsi256_si512(pair), next, 1);
#elif defined(DLB2_QUAD_AVX2)
	return pair;
#else
	return first;
#endif
}

static __rte_always_inline void
dlb2_looked_at_entries(void)
{
}

/* Each was one access. */
static __rte_always_inline dlb2_vec
dlb2_load_seen(dlb2_vec seen, const struct dlb2_words *entry)
{
	RTE_SET_USED(entry);
	return seen;
}
#endif

/** What entries are that are like one. */
struct dlb2_alike_entries {
	dlb2_vec entry; /* only the second word of each pair is looked at */
	dlb2_vec base; /* of the event: only the upper half of its first word is taken */
};

/**
 * @param entry  is there and good
 * @param base   dlb2_base_of_event() of it
 */
static __rte_always_inline struct dlb2_alike_entries
dlb2_alike_entries(const struct dlb2_words *entry, uint64_t base)
{
	return (struct dlb2_alike_entries){.entry = VEC_REPEAT(dlb2_load_entry(entry)),
					   .base = VEC_SPREAD(base)};
}

static __rte_always_inline dlb2_vec
dlb2_to_events(dlb2_vec entries, struct dlb2_alike_entries alike)
{
	return VEC_WITH_BASE(VEC_SHUFFLE(entries, VEC_LOAD(dlb2_entry_places)), alike.base);
}

/** Makes events of the next four entries, which lie before the end of the ring, if all are alike. */
static __rte_always_inline bool
dlb2_quad_read(struct rte_event *ev, const struct dlb2_words *entry,
	       struct dlb2_alike_entries alike)
{
	dlb2_vec v[VECS], differ = VEC_ZERO();
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_look_at_entries(entry + i * VEC_EVENTS * DLB2_CQ_STEP);
		differ = VEC_OR(differ, VEC_XOR(v[i], alike.entry));
	}
	if (unlikely(VEC_ANY(differ, VEC_LOAD(dlb2_entries_mask))))
		return false;
	dlb2_looked_at_entries();
#pragma GCC unroll 4
	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_load_seen(v[i], entry + i * VEC_EVENTS * DLB2_CQ_STEP);
		VEC_STORE(&ev[i * VEC_EVENTS], dlb2_to_events(v[i], alike));
	}
	return true;
}

/** The same bits of all HCWs of a line: destination and command. */
typedef dlb2_vec dlb2_quad_base;

/** @param base  a destination, with a command in place; what does not belong into an HCW goes */
static __rte_always_inline dlb2_quad_base
dlb2_quad_base_of(uint64_t base)
{
	return VEC_SPREAD(base);
}

static __rte_always_inline dlb2_vec
dlb2_to_hcws(dlb2_vec events, dlb2_quad_base base)
{
	const dlb2_vec moved = VEC_SHUFFLE(events, VEC_LOAD(dlb2_event_places));

	return VEC_SELECT(VEC_LOAD(dlb2_from_event),
			  VEC_MULTIPLY(moved, VEC_LOAD(dlb2_event_factors)), base);
}

/** What all events of a burst are to be like: its first. */
typedef dlb2_vec dlb2_alike_events;

static __rte_always_inline dlb2_alike_events
dlb2_alike_events_of(const struct rte_event *first)
{
	return VEC_REPEAT(_mm_loadu_si128((const __m128i *)first));
}

/** Fills a line with four events, if all are like `first`. */
static __rte_always_inline bool
dlb2_quad_fill(struct dlb2_line *line, const struct rte_event *ev, dlb2_alike_events first,
	       dlb2_quad_base base)
{
	dlb2_vec v[VECS], differ = VEC_ZERO();
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < VECS; i++) {
		v[i] = VEC_LOAD(&ev[i * VEC_EVENTS]);
		differ = VEC_OR(differ, VEC_XOR(v[i], first));
	}
	if (unlikely(VEC_ANY(differ, VEC_LOAD(dlb2_events_mask))))
		return false;
#pragma GCC unroll 4
	for (i = 0; i < VECS; i++)
		VEC_STORE(&line->hcw[i * VEC_EVENTS], dlb2_to_hcws(v[i], base));
	return true;
}

/** Makes an event of one entry. */
static __rte_always_inline void
dlb2_one_read(struct rte_event *ev, const struct dlb2_words *entry, uint64_t base)
{
	const __m128i places = _mm_load_si128((const __m128i *)dlb2_entry_places);
	const __m128i v = _mm_shuffle_epi8(dlb2_load_entry(entry), places);

	_mm_storeu_si128((__m128i *)ev, _mm_blend_epi16(v, _mm_cvtsi64_si128(base), WORDS_OF_BASE));
}

/** An HCW. */
typedef __m128i dlb2_one;

/** @param base  as of dlb2_quad_base_of() */
static __rte_always_inline dlb2_one
dlb2_one_hcw(const struct rte_event *ev, uint64_t base)
{
	const __m128i places = _mm_load_si128((const __m128i *)dlb2_event_places);
	const __m128i factors = _mm_load_si128((const __m128i *)dlb2_event_factors);
	const __m128i mask = _mm_load_si128((const __m128i *)dlb2_from_event);
	const __m128i v = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)ev), places);

	return dlb2_select(mask, _mm_mullo_epi16(v, factors), _mm_set1_epi64x(base));
}

static __rte_always_inline void
dlb2_put_one(struct dlb2_hcw *hcw, dlb2_one one)
{
	_mm_store_si128((__m128i *)hcw, one);
}

#else /* scalar */

struct dlb2_alike_entries {
	uint64_t meta;
	uint64_t base;
};

static __rte_always_inline struct dlb2_alike_entries
dlb2_alike_entries(const struct dlb2_words *entry, uint64_t base)
{
	return (struct dlb2_alike_entries){.meta = dlb2_entry_meta(entry),
					   .base = base & ~(uint64_t)UINT32_MAX};
}

static __rte_always_inline void
dlb2_read_alike(struct rte_event *ev, const struct dlb2_words *entry, uint64_t meta, uint64_t base)
{
	const uint64_t opaque_and_flow = meta << DLB2_EV_OPAQUE_SHIFT;

	ev->event = base | (uint32_t)(opaque_and_flow | opaque_and_flow >> 48);
	ev->u64 = entry->data;
}

static __rte_always_inline bool
dlb2_quad_read(struct rte_event *ev, const struct dlb2_words *entry,
	       struct dlb2_alike_entries alike)
{
	uint64_t meta[DLB2_QUAD], differ = 0;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < DLB2_QUAD; i++) {
		meta[i] = dlb2_entry_meta(entry + i * DLB2_CQ_STEP);
		differ |= meta[i] ^ alike.meta;
	}
	if (unlikely(differ & DLB2_ALIKE_ENTRIES))
		return false;
#pragma GCC unroll 4
	for (i = 0; i < DLB2_QUAD; i++)
		dlb2_read_alike(&ev[i], entry + i * DLB2_CQ_STEP, meta[i], alike.base);
	return true;
}

typedef uint64_t dlb2_quad_base;

static __rte_always_inline dlb2_quad_base
dlb2_quad_base_of(uint64_t base)
{
	return base & (UINT32_MAX | DLB2_WORD_CMD(UINT8_MAX));
}

static __rte_always_inline uint64_t
dlb2_alike_meta(uint64_t event, dlb2_quad_base base)
{
	return base | (uint32_t)event >> DLB2_EV_OPAQUE_SHIFT | (uint64_t)(uint16_t)event << 32 |
		(event >> DLB2_PRIORITY_SHIFT & DLB2_WORD_PRIORITY);
}

static __rte_always_inline void
dlb2_fill_alike(struct dlb2_hcw *hcw, const struct rte_event *ev, dlb2_quad_base base)
{
	dlb2_set_hcw(hcw, ev->u64, dlb2_alike_meta(ev->event, base));
}

typedef uint64_t dlb2_alike_events;

static __rte_always_inline dlb2_alike_events
dlb2_alike_events_of(const struct rte_event *first)
{
	return first->event;
}

static __rte_always_inline bool
dlb2_quad_fill(struct dlb2_line *line, const struct rte_event *ev, dlb2_alike_events first,
	       dlb2_quad_base base)
{
	uint64_t differ = 0;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < DLB2_QUAD; i++) {
		differ |= ev[i].event ^ first;
		dlb2_fill_alike(&line->hcw[i], &ev[i], base);
	}
	return likely((differ & DLB2_ALIKE_EVENTS) == 0);
}

static __rte_always_inline void
dlb2_one_read(struct rte_event *ev, const struct dlb2_words *entry, uint64_t base)
{
	dlb2_read_alike(ev, entry, dlb2_entry_meta(entry), base & ~(uint64_t)UINT32_MAX);
}

typedef struct dlb2_words dlb2_one;

static __rte_always_inline dlb2_one
dlb2_one_hcw(const struct rte_event *ev, uint64_t base)
{
	return (dlb2_one){.data = ev->u64,
			  .meta = dlb2_alike_meta(ev->event, dlb2_quad_base_of(base))};
}

static __rte_always_inline void
dlb2_put_one(struct dlb2_hcw *hcw, dlb2_one one)
{
	dlb2_set_hcw(hcw, one.data, one.meta);
}

#endif

/**
 * Makes events of the next `n` entries (a constant, 1..4), which lie before the end of the ring and
 * of which the first is good, if all are alike.
 */
static __rte_always_inline bool
dlb2_read_all(struct rte_event *ev, const struct dlb2_words *entry, unsigned int n, uint64_t base)
{
	const uint64_t meta = dlb2_entry_meta(entry);
	uint64_t differ = 0;
	unsigned int i;

	if (n == DLB2_QUAD)
		return dlb2_quad_read(ev, entry, dlb2_alike_entries(entry, base));
#pragma GCC unroll 4
	for (i = 1; i < n; i++)
		differ |= dlb2_entry_meta(entry + i * DLB2_CQ_STEP) ^ meta;
	if (unlikely(differ & DLB2_ALIKE_ENTRIES))
		return false;
#pragma GCC unroll 4
	for (i = 0; i < n; i++)
		dlb2_one_read(&ev[i], entry + i * DLB2_CQ_STEP, base);
	return true;
}

/**
 * Makes events of up to `n` entries, as long as they are alike and lie before the end of the ring.
 * Returns how many.
 *
 * @param meta  second word of an entry that is there and good
 * @param base  dlb2_base_of_event() of it
 */
static __rte_always_inline unsigned int
dlb2_read_some(struct rte_event *ev, const struct dlb2_words *entry, unsigned int n, uint64_t meta,
	       uint64_t base)
{
	unsigned int i;

	for (i = 0; i < n; i++, entry += DLB2_CQ_STEP) {
		if ((dlb2_entry_meta(entry) ^ meta) & DLB2_ALIKE_ENTRIES)
			break;
		dlb2_one_read(&ev[i], entry, base);
	}
	return i;
}

/**
 * Fills a line with `n` events (1..4), if all are like the one whose first word is `first`, and with
 * NOOPs behind them.
 *
 * @param base  as of dlb2_quad_base_of()
 */
static __rte_always_inline bool
dlb2_fill_some(struct dlb2_line *line, const struct rte_event *ev, unsigned int n, uint64_t first,
	       uint64_t base)
{
	uint64_t differ = 0;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 1; i < DLB2_HCWS_PER_LINE; i++)
		dlb2_set_noop(&line->hcw[i]);
#pragma GCC unroll 4
	for (i = 0; i < n; i++) {
		differ |= ev[i].event ^ first;
		dlb2_put_one(&line->hcw[i], dlb2_one_hcw(&ev[i], base));
	}
	return likely((differ & DLB2_ALIKE_EVENTS) == 0);
}

#endif
