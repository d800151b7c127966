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

#if defined(DLB2_QUAD_AVX512) || defined(DLB2_QUAD_AVX2) || defined(DLB2_QUAD_SSE)

#include <immintrin.h>

/*
 * The few operations that the vectors have to offer. A vector holds VEC_EVENTS pairs of 64-bit
 * words, of which most operations do the same to each.
 */
#if defined(DLB2_QUAD_AVX512)
#define VEC_EVENTS 4
typedef __m512i dlb2_vec;
#define VEC_LOAD(p) _mm512_loadu_si512(p)
#define VEC_STORE(p, v) _mm512_storeu_si512(p, v)
#define VEC_PAIR(pair) _mm512_broadcast_i32x4(pair)
#define VEC_XOR(a, b) _mm512_xor_si512(a, b)
#define VEC_OR(a, b) _mm512_or_si512(a, b)
#define VEC_AND(a, b) _mm512_and_si512(a, b)
#define VEC_SHUFFLE(v, how) _mm512_shuffle_epi8(v, how)
#define VEC_RIGHT(v, bits) _mm512_srli_epi32(v, bits)
#define VEC_ANY(v, mask) (_mm512_test_epi64_mask(v, mask) != 0)
#elif defined(DLB2_QUAD_AVX2)
#define VEC_EVENTS 2
typedef __m256i dlb2_vec;
#define VEC_LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define VEC_STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define VEC_PAIR(pair) _mm256_broadcastsi128_si256(pair)
#define VEC_XOR(a, b) _mm256_xor_si256(a, b)
#define VEC_OR(a, b) _mm256_or_si256(a, b)
#define VEC_AND(a, b) _mm256_and_si256(a, b)
#define VEC_SHUFFLE(v, how) _mm256_shuffle_epi8(v, how)
#define VEC_RIGHT(v, bits) _mm256_srli_epi32(v, bits)
#define VEC_ANY(v, mask) (!_mm256_testz_si256(v, mask))
#else
#define VEC_EVENTS 1
typedef __m128i dlb2_vec;
#define VEC_LOAD(p) _mm_loadu_si128((const __m128i *)(p))
#define VEC_STORE(p, v) _mm_storeu_si128((__m128i *)(p), v)
#define VEC_PAIR(pair) (pair)
#define VEC_XOR(a, b) _mm_xor_si128(a, b)
#define VEC_OR(a, b) _mm_or_si128(a, b)
#define VEC_AND(a, b) _mm_and_si128(a, b)
#define VEC_SHUFFLE(v, how) _mm_shuffle_epi8(v, how)
#define VEC_RIGHT(v, bits) _mm_srli_epi32(v, bits)
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
/* From an event to its HCW: data, then opaque and lock_id. */
static const uint8_t dlb2_event_places[64] __rte_cache_aligned = FOUR_TIMES(
	8, 9, 10, 11, 12, 13, 14, 15, 2, 3, ZERO, ZERO, 0, 1, ZERO, ZERO);
/* The byte that has the event's priority, to the one that has the HCW's. */
static const uint8_t dlb2_priority_place[64] __rte_cache_aligned = FOUR_TIMES(
	ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO,
	ZERO, ZERO, ZERO, 6, ZERO, ZERO, ZERO, ZERO);
static const uint64_t dlb2_priority_mask[8] __rte_cache_aligned = FOUR_TIMES(0, DLB2_WORD_PRIORITY);
static const uint64_t dlb2_entries_mask[8] __rte_cache_aligned = FOUR_TIMES(0, DLB2_ALIKE_ENTRIES);
static const uint64_t dlb2_events_mask[8] __rte_cache_aligned = FOUR_TIMES(DLB2_ALIKE_EVENTS, 0);
#undef FOUR_TIMES
#undef ZERO

/* `low` is the first word of each pair. */
static __rte_always_inline dlb2_vec
dlb2_vec_pair(uint64_t low, uint64_t high)
{
	return VEC_PAIR(_mm_set_epi64x(high, low));
}

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

static __rte_always_inline dlb2_vec
dlb2_load_entries(const struct dlb2_words *entry)
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

/** What entries are that are like one. */
struct dlb2_alike_entries {
	dlb2_vec entry;
	dlb2_vec base; /* of the event: all but what comes from the opaque and the flow */
};

/**
 * @param entry   one that is there and good
 * @param base    dlb2_base_of_event() of its second word
 */
static __rte_always_inline struct dlb2_alike_entries
dlb2_alike_entries(const struct dlb2_words *entry, uint64_t base)
{
	return (struct dlb2_alike_entries){
		.entry = VEC_PAIR(dlb2_load_entry(entry)),
		.base = VEC_PAIR(_mm_cvtsi64_si128(base)),
	};
}

/** Makes events of the next four entries, which lie before the end of the ring, if all are alike. */
static __rte_always_inline bool
dlb2_quad_read(struct rte_event *ev, const struct dlb2_words *entry,
	       struct dlb2_alike_entries alike)
{
	const dlb2_vec places = VEC_LOAD(dlb2_entry_places);
	const dlb2_vec mask = VEC_LOAD(dlb2_entries_mask);
	dlb2_vec v[VECS], differ = dlb2_vec_pair(0, 0);
	unsigned int i;

	for (i = 0; i < VECS; i++) {
		v[i] = dlb2_load_entries(entry + i * VEC_EVENTS * DLB2_CQ_STEP);
		differ = VEC_OR(differ, VEC_XOR(v[i], alike.entry));
	}
	if (unlikely(VEC_ANY(differ, mask)))
		return false;
	for (i = 0; i < VECS; i++)
		VEC_STORE(&ev[i * VEC_EVENTS], VEC_OR(VEC_SHUFFLE(v[i], places), alike.base));
	return true;
}

/** What events are that are like one. */
struct dlb2_alike_events {
	dlb2_vec event; /* first words */
};

static __rte_always_inline struct dlb2_alike_events
dlb2_alike_events(const struct rte_event *ev)
{
	return (struct dlb2_alike_events){.event = VEC_PAIR(_mm_loadu_si128((const __m128i *)ev))};
}

/** The same bits of all their HCWs: destination and command. */
typedef dlb2_vec dlb2_quad_base;

static __rte_always_inline dlb2_quad_base
dlb2_quad_base_of(uint64_t dest, uint32_t half)
{
	return dlb2_vec_pair(0, (uint64_t)half << 32 | (uint32_t)dest);
}

/** Fills a line with four events, if all are alike. */
static __rte_always_inline bool
dlb2_quad_fill(struct dlb2_line *line, const struct rte_event *ev,
	       struct dlb2_alike_events alike, dlb2_quad_base base)
{
	const dlb2_vec places = VEC_LOAD(dlb2_event_places);
	const dlb2_vec priority_place = VEC_LOAD(dlb2_priority_place);
	const dlb2_vec priority_mask = VEC_LOAD(dlb2_priority_mask);
	const dlb2_vec mask = VEC_LOAD(dlb2_events_mask);
	dlb2_vec v[VECS], differ = dlb2_vec_pair(0, 0);
	unsigned int i;

	for (i = 0; i < VECS; i++) {
		v[i] = VEC_LOAD(&ev[i * VEC_EVENTS]);
		differ = VEC_OR(differ, VEC_XOR(v[i], alike.event));
	}
	if (unlikely(VEC_ANY(differ, mask)))
		return false;
	for (i = 0; i < VECS; i++) {
		dlb2_vec bits = VEC_RIGHT(VEC_SHUFFLE(v[i], priority_place), DLB2_PRIORITY_IN_BYTE);

		bits = VEC_OR(VEC_AND(bits, priority_mask), base);
		VEC_STORE(&line->hcw[i * VEC_EVENTS], VEC_OR(VEC_SHUFFLE(v[i], places), bits));
	}
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

/** Fills one HCW. */
static __rte_always_inline void
dlb2_one_fill(struct dlb2_hcw *hcw, const struct rte_event *ev, uint64_t dest, uint32_t half)
{
	const __m128i places = _mm_load_si128((const __m128i *)dlb2_event_places);
	const __m128i priority_place = _mm_load_si128((const __m128i *)dlb2_priority_place);
	const __m128i priority_mask = _mm_load_si128((const __m128i *)dlb2_priority_mask);
	const __m128i base = _mm_set_epi64x((uint64_t)half << 32 | (uint32_t)dest, 0);
	const __m128i v = _mm_loadu_si128((const __m128i *)ev);
	__m128i bits = _mm_srli_epi32(_mm_shuffle_epi8(v, priority_place), DLB2_PRIORITY_IN_BYTE);

	bits = _mm_or_si128(_mm_and_si128(bits, priority_mask), base);
	_mm_store_si128((__m128i *)hcw, _mm_or_si128(_mm_shuffle_epi8(v, places), bits));
}

#else /* scalar */

struct dlb2_alike_entries {
	uint64_t meta;
	uint64_t base;
};

static __rte_always_inline struct dlb2_alike_entries
dlb2_alike_entries(const struct dlb2_words *entry, uint64_t base)
{
	return (struct dlb2_alike_entries){.meta = dlb2_entry_meta(entry), .base = base};
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
	for (i = 0; i < DLB2_QUAD; i++) {
		uint64_t opaque_and_flow = meta[i] << DLB2_EV_OPAQUE_SHIFT;

		ev[i].event = alike.base | (uint32_t)(opaque_and_flow | opaque_and_flow >> 48);
		ev[i].u64 = entry[i * DLB2_CQ_STEP].data;
	}
	return true;
}

struct dlb2_alike_events {
	uint64_t event;
};

static __rte_always_inline struct dlb2_alike_events
dlb2_alike_events(const struct rte_event *ev)
{
	return (struct dlb2_alike_events){.event = ev->event};
}

typedef uint64_t dlb2_quad_base;

static __rte_always_inline dlb2_quad_base
dlb2_quad_base_of(uint64_t dest, uint32_t half)
{
	return (uint64_t)half << 32 | (uint32_t)dest;
}

static __rte_always_inline bool
dlb2_quad_fill(struct dlb2_line *line, const struct rte_event *ev,
	       struct dlb2_alike_events alike, dlb2_quad_base base)
{
	uint64_t differ = 0;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < DLB2_QUAD; i++) {
		uint64_t event = ev[i].event;
		uint64_t meta = base | (uint32_t)event >> DLB2_EV_OPAQUE_SHIFT |
			(uint64_t)(uint16_t)event << 32 |
			(event >> DLB2_PRIORITY_SHIFT & DLB2_WORD_PRIORITY);

		differ |= event ^ alike.event;
		dlb2_set_hcw(&line->hcw[i], ev[i].u64, meta);
	}
	return likely((differ & DLB2_ALIKE_EVENTS) == 0);
}

static __rte_always_inline void
dlb2_one_read(struct rte_event *ev, const struct dlb2_words *entry, uint64_t base)
{
	uint64_t opaque_and_flow = dlb2_entry_meta(entry) << DLB2_EV_OPAQUE_SHIFT;

	ev->event = base | (uint32_t)(opaque_and_flow | opaque_and_flow >> 48);
	ev->u64 = entry->data;
}

static __rte_always_inline void
dlb2_one_fill(struct dlb2_hcw *hcw, const struct rte_event *ev, uint64_t dest, uint32_t half)
{
	uint64_t event = ev->event;

	dlb2_set_hcw(hcw, ev->u64,
		     (uint64_t)(half | (uint16_t)event) << 32 | (uint32_t)dest |
			     (uint32_t)event >> DLB2_EV_OPAQUE_SHIFT |
			     (event >> DLB2_PRIORITY_SHIFT & DLB2_WORD_PRIORITY));
}

#endif

#endif
