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

/** The part of an event that those of entries which are alike have in common. */
static __rte_always_inline uint64_t
dlb2_base_of_event(const struct dlb2_dp_port *port, uint64_t meta)
{
	return dlb2_entry_source(port, meta) | (meta >> DLB2_DEPTH_SHIFT & DLB2_EV_DEPTH_MASK);
}

/** The part of an HCW that those of events which are alike have in common. */
static __rte_always_inline uint64_t
dlb2_base_of_hcw(uint64_t dest, uint8_t cmd)
{
	return (uint64_t)cmd << DLB2_HCW_SHIFT(cmd) | (uint32_t)dest;
}

#if defined(DLB2_QUAD_AVX512) || defined(DLB2_QUAD_AVX2) || defined(DLB2_QUAD_SSE)

#include <immintrin.h>

/*
 * The few operations that the vectors have to offer. A vector holds VEC_EVENTS pairs of 64-bit
 * words, of which most operations do the same to each.
 *
 * VEC_SPREAD() has the word everywhere; VEC_SELECT() takes the bits of `a` where the mask has ones,
 * and else those of `b`. VEC_UNLIKE() has a bit for each word that has any bit of the mask. The
 * operations on SOME are for vector `i` of those that hold the first `n` events of a line.
 */
#if defined(DLB2_QUAD_AVX512)
#define SELECT_BY_THIRD 0xe4 /* truth table: the third says whether it is the first or the second */
#define VEC_EVENTS 4
typedef __m512i dlb2_vec;
#define VEC_LOAD(p) _mm512_loadu_si512(p)
#define VEC_STORE(p, v) _mm512_storeu_si512(p, v)
#define VEC_ZERO() _mm512_setzero_si512()
#define VEC_OF_ONE(one) _mm512_zextsi128_si512(one)
#define VEC_SPREAD(word) _mm512_set1_epi64(word)
#define VEC_XOR(a, b) _mm512_xor_si512(a, b)
#define VEC_OR(a, b) _mm512_or_si512(a, b)
#define VEC_SELECT(mask, a, b) _mm512_ternarylogic_epi64(a, b, mask, SELECT_BY_THIRD)
#define VEC_SHUFFLE(v, how) _mm512_shuffle_epi8(v, how)
#define VEC_MULTIPLY(v, by) _mm512_mullo_epi16(v, by)
#define VEC_ANY(v, mask) dlb2_mask_any(_mm512_test_epi32_mask(v, mask))
#define VEC_UNLIKE(v, mask) _mm512_test_epi64_mask(v, mask)
#define VEC_LOAD_SOME(n, i, p) _mm512_maskz_loadu_epi64(dlb2_lanes[n], p)
#define VEC_STORE_SOME(n, i, p, v) _mm512_mask_storeu_epi64(p, dlb2_lanes[n], v)
#define VEC_KEEP_SOME(n, i, v) _mm512_maskz_mov_epi64(dlb2_lanes[n], v)
#elif defined(DLB2_QUAD_AVX2)
#define VEC_EVENTS 2
typedef __m256i dlb2_vec;
#define VEC_LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define VEC_STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define VEC_ZERO() _mm256_setzero_si256()
#define VEC_OF_ONE(one) _mm256_zextsi128_si256(one)
#define VEC_SPREAD(word) _mm256_set1_epi64x(word)
#define VEC_XOR(a, b) _mm256_xor_si256(a, b)
#define VEC_OR(a, b) _mm256_or_si256(a, b)
#define VEC_SELECT(mask, a, b) \
	_mm256_or_si256(_mm256_and_si256(mask, a), _mm256_andnot_si256(mask, b))
#define VEC_SHUFFLE(v, how) _mm256_shuffle_epi8(v, how)
#define VEC_MULTIPLY(v, by) _mm256_mullo_epi16(v, by)
#define VEC_ANY(v, mask) (!_mm256_testz_si256(v, mask))
#define VEC_UNLIKE(v, mask) \
	(0xf & ~_mm256_movemask_pd(_mm256_castsi256_pd( \
		       _mm256_cmpeq_epi64(_mm256_and_si256(v, mask), VEC_ZERO()))))
#define VEC_SOME(n, i) VEC_LOAD(&dlb2_lanes[2 * (DLB2_QUAD - (n) + (i) * VEC_EVENTS)])
#define VEC_LOAD_SOME(n, i, p) _mm256_maskload_epi64((const long long *)(p), VEC_SOME(n, i))
#define VEC_STORE_SOME(n, i, p, v) _mm256_maskstore_epi64((long long *)(p), VEC_SOME(n, i), v)
#define VEC_KEEP_SOME(n, i, v) _mm256_and_si256(VEC_SOME(n, i), v)
#else
#define VEC_EVENTS 1
typedef __m128i dlb2_vec;
#define VEC_LOAD(p) _mm_loadu_si128((const __m128i *)(p))
#define VEC_STORE(p, v) _mm_storeu_si128((__m128i *)(p), v)
#define VEC_ZERO() _mm_setzero_si128()
#define VEC_OF_ONE(one) (one)
#define VEC_SPREAD(word) _mm_set1_epi64x(word)
#define VEC_XOR(a, b) _mm_xor_si128(a, b)
#define VEC_OR(a, b) _mm_or_si128(a, b)
#define VEC_SELECT(mask, a, b) dlb2_select(mask, a, b)
#define VEC_SHUFFLE(v, how) _mm_shuffle_epi8(v, how)
#define VEC_MULTIPLY(v, by) _mm_mullo_epi16(v, by)
#define VEC_ANY(v, mask) (!_mm_testz_si128(v, mask))
#define VEC_LOAD_SOME(n, i, p) ((i) < (n) ? VEC_LOAD(p) : VEC_ZERO())
#define VEC_KEEP_SOME(n, i, v) ((i) < (n) ? (v) : VEC_ZERO())
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
/* What of the event comes from there; the rest all have in common. */
static const uint64_t dlb2_from_entry[8] __rte_cache_aligned = FOUR_TIMES(UINT32_MAX, UINT64_MAX);
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
#undef FOUR_TIMES
#undef ZERO

#if defined(DLB2_QUAD_AVX512)
/* Which words of a line hold the first 0 to 4 events. */
static const uint8_t dlb2_lanes[DLB2_QUAD + 1] = {0, 0x3, 0xf, 0x3f, 0xff};

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
#if defined(DLB2_QUAD_AVX2)
/* From 2 * (4 - n) on: masks of the words of a line that hold the first n events. */
static const uint64_t dlb2_lanes[4 * DLB2_QUAD] __rte_cache_aligned = {
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
};
#endif

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
dlb2_look_at_entries(const struct dlb2_words *entry, unsigned int i, unsigned int n)
{
	return n == DLB2_QUAD ? VEC_LOAD(entry + i) : VEC_LOAD_SOME(n, i / VEC_EVENTS, entry + i);
}

/* Comes between the look at all of them and dlb2_load_seen(). */
static __rte_always_inline void
dlb2_looked_at_entries(void)
{
	rte_compiler_barrier();
}

static __rte_always_inline dlb2_vec
dlb2_load_seen(dlb2_vec seen, const struct dlb2_words *entry, unsigned int i, unsigned int n)
{
	RTE_SET_USED(seen);
	return dlb2_look_at_entries(entry, i, n);
}
#else
/* Entry `i` of `n`, or the last of them: there need be none behind it. */
static __rte_always_inline __m128i
dlb2_load_nth(const struct dlb2_words *entry, unsigned int i, unsigned int n)
{
	return dlb2_load_entry(entry + (i < n ? i : n - 1) * DLB2_CQ_STEP);
}

/* Entries from number `i` of `n` on. */
static __rte_always_inline dlb2_vec
dlb2_look_at_entries(const struct dlb2_words *entry, unsigned int i, unsigned int n)
{
	__m128i first = dlb2_load_nth(entry, i, n);
#if defined(DLB2_QUAD_AVX512) || defined(DLB2_QUAD_AVX2)
	__m128i second = dlb2_load_nth(entry, i + 1, n);
	__m256i pair = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
#endif
#if defined(DLB2_QUAD_AVX512)
	__m128i third = dlb2_load_nth(entry, i + 2, n);
	__m128i fourth = dlb2_load_nth(entry, i + 3, n);
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
dlb2_load_seen(dlb2_vec seen, const struct dlb2_words *entry, unsigned int i, unsigned int n)
{
	RTE_SET_USED(entry);
	RTE_SET_USED(i);
	RTE_SET_USED(n);
	return seen;
}
#endif

/** What entries are that are like one. */
struct dlb2_alike_entries {
	dlb2_vec meta; /* of the entry; only the second word of each pair is looked at */
	dlb2_vec base; /* of the event: all but what dlb2_from_entry takes */
};

/**
 * @param meta  second word of an entry that is there and good
 * @param base  dlb2_base_of_event() of it
 */
static __rte_always_inline struct dlb2_alike_entries
dlb2_alike_entries(uint64_t meta, uint64_t base)
{
	return (struct dlb2_alike_entries){.meta = VEC_SPREAD(meta), .base = VEC_SPREAD(base)};
}

static __rte_always_inline dlb2_vec
dlb2_to_events(dlb2_vec entries, struct dlb2_alike_entries alike)
{
	return VEC_SELECT(VEC_LOAD(dlb2_from_entry),
			  VEC_SHUFFLE(entries, VEC_LOAD(dlb2_entry_places)), alike.base);
}

/** Makes events of the next four entries, which lie before the end of the ring, if all are alike. */
static __rte_always_inline bool
dlb2_quad_read(struct rte_event *ev, const struct dlb2_words *entry,
	       struct dlb2_alike_entries alike)
{
	dlb2_vec v[VECS], differ = VEC_ZERO();
	unsigned int i;

	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_look_at_entries(entry, i * VEC_EVENTS, DLB2_QUAD);
		differ = VEC_OR(differ, VEC_XOR(v[i], alike.meta));
	}
	if (unlikely(VEC_ANY(differ, VEC_LOAD(dlb2_entries_mask))))
		return false;
	dlb2_looked_at_entries();
	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_load_seen(v[i], entry, i * VEC_EVENTS, DLB2_QUAD);
		VEC_STORE(&ev[i * VEC_EVENTS], dlb2_to_events(v[i], alike));
	}
	return true;
}

/**
 * Makes events of as many as are alike of the next `n` entries (1..4), which lie before the end of
 * the ring. Returns how many.
 */
#if VEC_EVENTS == 1
static __rte_always_inline unsigned int
dlb2_quad_read_some(struct rte_event *ev, const struct dlb2_words *entry, unsigned int n,
		    struct dlb2_alike_entries alike)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const dlb2_vec v = dlb2_look_at_entries(entry, i, n);

		if (VEC_ANY(VEC_XOR(v, alike.meta), VEC_LOAD(dlb2_entries_mask)))
			break;
		VEC_STORE(&ev[i], dlb2_to_events(v, alike));
	}
	return i;
}
#else
static __rte_always_inline unsigned int
dlb2_quad_read_some(struct rte_event *ev, const struct dlb2_words *entry, unsigned int n,
		    struct dlb2_alike_entries alike)
{
	unsigned int i, got, unlike = 1u << 2 * n;
	dlb2_vec v[VECS];

	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_look_at_entries(entry, i * VEC_EVENTS, n);
		unlike |= VEC_UNLIKE(VEC_XOR(v[i], alike.meta), VEC_LOAD(dlb2_entries_mask))
			<< 2 * VEC_EVENTS * i;
	}
	got = __builtin_ctz(unlike) / 2;
	dlb2_looked_at_entries();
	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_load_seen(v[i], entry, i * VEC_EVENTS, n);
		VEC_STORE_SOME(got, i, &ev[i * VEC_EVENTS], dlb2_to_events(v[i], alike));
	}
	return got;
}
#endif

/** The same bits of all HCWs of a line: destination and command. */
typedef dlb2_vec dlb2_quad_base;

static __rte_always_inline dlb2_quad_base
dlb2_quad_base_of(uint64_t dest, uint8_t cmd)
{
	return VEC_SPREAD(dlb2_base_of_hcw(dest, cmd));
}

static __rte_always_inline dlb2_vec
dlb2_to_hcws(dlb2_vec events, dlb2_quad_base base)
{
	const dlb2_vec moved = VEC_SHUFFLE(events, VEC_LOAD(dlb2_event_places));

	return VEC_SELECT(VEC_LOAD(dlb2_from_event),
			  VEC_MULTIPLY(moved, VEC_LOAD(dlb2_event_factors)), base);
}

/** Fills a line with four events, if all are like the one whose first word is `first`. */
static __rte_always_inline bool
dlb2_quad_fill(struct dlb2_line *line, const struct rte_event *ev, uint64_t first,
	       dlb2_quad_base base)
{
	dlb2_vec v[VECS], differ = VEC_ZERO();
	unsigned int i;

	for (i = 0; i < VECS; i++) {
		v[i] = VEC_LOAD(&ev[i * VEC_EVENTS]);
		differ = VEC_OR(differ, VEC_XOR(v[i], VEC_SPREAD(first)));
	}
	if (unlikely(VEC_ANY(differ, VEC_LOAD(dlb2_events_mask))))
		return false;
	for (i = 0; i < VECS; i++)
		VEC_STORE(&line->hcw[i * VEC_EVENTS], dlb2_to_hcws(v[i], base));
	return true;
}

/** The same with `n` events (1..4), and NOOPs behind them. */
static __rte_always_inline bool
dlb2_quad_fill_some(struct dlb2_line *line, const struct rte_event *ev, unsigned int n,
		    uint64_t first, dlb2_quad_base base)
{
	dlb2_vec v[VECS], differ = VEC_ZERO();
	unsigned int i;

	for (i = 0; i < VECS; i++) {
		v[i] = VEC_LOAD_SOME(n, i, &ev[i * VEC_EVENTS]);
		differ = VEC_OR(differ, VEC_KEEP_SOME(n, i, VEC_XOR(v[i], VEC_SPREAD(first))));
	}
	if (unlikely(VEC_ANY(differ, VEC_LOAD(dlb2_events_mask))))
		return false;
	for (i = 0; i < VECS; i++)
		VEC_STORE(&line->hcw[i * VEC_EVENTS],
			  VEC_KEEP_SOME(n, i, dlb2_to_hcws(v[i], base)));
	return true;
}

/** Makes an event of one entry. */
static __rte_always_inline void
dlb2_one_read(struct rte_event *ev, const struct dlb2_words *entry, uint64_t base)
{
	const __m128i places = _mm_load_si128((const __m128i *)dlb2_entry_places);
	const __m128i v = _mm_shuffle_epi8(dlb2_load_entry(entry), places);

	_mm_storeu_si128((__m128i *)ev, _mm_or_si128(v, _mm_cvtsi64_si128(base)));
}

/** Fills a line with one event, and NOOPs behind it. */
static __rte_always_inline void
dlb2_one_fill(struct dlb2_line *line, const struct rte_event *ev, uint64_t dest, uint8_t cmd)
{
	const __m128i places = _mm_load_si128((const __m128i *)dlb2_event_places);
	const __m128i factors = _mm_load_si128((const __m128i *)dlb2_event_factors);
	const __m128i mask = _mm_load_si128((const __m128i *)dlb2_from_event);
	const __m128i base = _mm_set1_epi64x(dlb2_base_of_hcw(dest, cmd));
	const __m128i v = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)ev), places);
	unsigned int i;

	VEC_STORE(line, VEC_OF_ONE(dlb2_select(mask, _mm_mullo_epi16(v, factors), base)));
	for (i = 1; i < VECS; i++)
		VEC_STORE(&line->hcw[i * VEC_EVENTS], VEC_ZERO());
}

#else /* scalar */

struct dlb2_alike_entries {
	uint64_t meta;
	uint64_t base;
};

static __rte_always_inline struct dlb2_alike_entries
dlb2_alike_entries(uint64_t meta, uint64_t base)
{
	return (struct dlb2_alike_entries){.meta = meta, .base = base};
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

static __rte_always_inline unsigned int
dlb2_quad_read_some(struct rte_event *ev, const struct dlb2_words *entry, unsigned int n,
		    struct dlb2_alike_entries alike)
{
	unsigned int i;

	for (i = 0; i < n; i++, entry += DLB2_CQ_STEP) {
		const uint64_t meta = dlb2_entry_meta(entry);

		if ((meta ^ alike.meta) & DLB2_ALIKE_ENTRIES)
			break;
		dlb2_read_alike(&ev[i], entry, meta, alike.base);
	}
	return i;
}

typedef uint64_t dlb2_quad_base;

static __rte_always_inline dlb2_quad_base
dlb2_quad_base_of(uint64_t dest, uint8_t cmd)
{
	return dlb2_base_of_hcw(dest, cmd);
}

static __rte_always_inline void
dlb2_fill_alike(struct dlb2_hcw *hcw, const struct rte_event *ev, dlb2_quad_base base)
{
	const uint64_t event = ev->event;

	dlb2_set_hcw(hcw, ev->u64,
		     base | (uint32_t)event >> DLB2_EV_OPAQUE_SHIFT |
			     (uint64_t)(uint16_t)event << 32 |
			     (event >> DLB2_PRIORITY_SHIFT & DLB2_WORD_PRIORITY));
}

static __rte_always_inline bool
dlb2_quad_fill(struct dlb2_line *line, const struct rte_event *ev, uint64_t first,
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

static __rte_always_inline bool
dlb2_quad_fill_some(struct dlb2_line *line, const struct rte_event *ev, unsigned int n,
		    uint64_t first, dlb2_quad_base base)
{
	uint64_t differ = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		differ |= ev[i].event ^ first;
		dlb2_fill_alike(&line->hcw[i], &ev[i], base);
	}
	dlb2_pad_line(line, n, 0);
	return likely((differ & DLB2_ALIKE_EVENTS) == 0);
}

static __rte_always_inline void
dlb2_one_read(struct rte_event *ev, const struct dlb2_words *entry, uint64_t base)
{
	dlb2_read_alike(ev, entry, dlb2_entry_meta(entry), base);
}

static __rte_always_inline void
dlb2_one_fill(struct dlb2_line *line, const struct rte_event *ev, uint64_t dest, uint8_t cmd)
{
	dlb2_fill_alike(&line->hcw[0], ev, dlb2_quad_base_of(dest, cmd));
	dlb2_pad_line(line, 1, 0);
}

#endif

#endif
