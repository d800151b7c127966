/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See perf_latency.h.
 */

#include <inttypes.h>

#include <rte_cycles.h>

#include "perf_latency.h"

static const double shares[] = { 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1 };

uint64_t
perf_latency_cycles(uint32_t bucket)
{
	uint32_t power = bucket / PERF_LATENCY_PARTS;

	if (power == 0)
		return bucket;
	return (uint64_t)(bucket % PERF_LATENCY_PARTS + PERF_LATENCY_PARTS) << (power - 1);
}

uint64_t
perf_latency_share(const struct perf_latency *latency, double share)
{
	uint64_t wanted = share * latency->events;
	uint64_t seen = 0;
	uint32_t i, last = 0;

	for (i = 0; i < PERF_LATENCY_BUCKETS; i++) {
		if (latency->buckets[i] == 0)
			continue;
		last = i;
		seen += latency->buckets[i];
		if (seen >= wanted)
			break;
	}
	return perf_latency_cycles(last);
}

void
perf_latency_write(const struct perf_latency *latency, FILE *f)
{
	const double ns = 1e9 / rte_get_tsc_hz();
	const char *between = "";
	uint32_t i;

	fprintf(f, "{\"events\": %" PRIu64 ", \"percentiles\": {", latency->events);
	for (i = 0; i < RTE_DIM(shares); i++)
		fprintf(f, "%s\"%g\": %.1f", i == 0 ? "" : ", ", shares[i] * 100,
			perf_latency_share(latency, shares[i]) * ns);
	fprintf(f, "}, \"histogram\": [");
	for (i = 0; i < PERF_LATENCY_BUCKETS; i++) {
		if (latency->buckets[i] == 0)
			continue;
		fprintf(f, "%s[%.1f, %" PRIu64 "]", between, perf_latency_cycles(i) * ns,
			latency->buckets[i]);
		between = ", ";
	}
	fputs("]}", f);
}
