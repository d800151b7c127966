/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Deterministic random numbers (SplitMix64). Every choice of a pipeline is drawn from one of
 * these, so that a printed seed replays it. Not for secrets.
 */

#ifndef PRNG_H
#define PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
	uint64_t state;
};

static inline uint64_t
prng_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static inline uint64_t
prng_next(struct prng *rng)
{
	rng->state += 0x9e3779b97f4a7c15ULL;
	return prng_mix(rng->state);
}

/* A generator for one part of a run; streams of different (seed, part) are independent. */
static inline struct prng
prng_derive(uint64_t seed, uint64_t part)
{
	return (struct prng){ .state = prng_mix(prng_mix(seed) + part) };
}

/* Uniform in 0 .. n-1; n must not be 0. */
static inline uint32_t
prng_below(struct prng *rng, uint32_t n)
{
	return (uint32_t)(((prng_next(rng) >> 32) * n) >> 32);
}

/* Uniform in low .. high, both included. */
static inline uint32_t
prng_range(struct prng *rng, uint32_t low, uint32_t high)
{
	return low + prng_below(rng, high - low + 1);
}

/* True in per_mille of 1000 cases. */
static inline bool
prng_chance(struct prng *rng, uint32_t per_mille)
{
	return per_mille != 0 && prng_below(rng, 1000) < per_mille;
}

/* Between low and high with every order of magnitude equally likely. */
static inline uint32_t
prng_log(struct prng *rng, uint32_t low, uint32_t high)
{
	uint32_t octaves = 0;
	uint32_t top;

	while (low < high >> (octaves + 1))
		octaves++;
	top = prng_below(rng, octaves + 1);
	top = top == octaves ? high : low << (top + 1);
	return prng_range(rng, top / 2 < low ? low : top / 2, top);
}

#endif /* PRNG_H */
