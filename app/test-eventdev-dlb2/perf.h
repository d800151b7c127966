/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Results of "perf", and how they are shown.
 */

#ifndef PERF_H
#define PERF_H

#include <stdint.h>
#include <stdio.h>

#include "device.h"
#include "options.h"
#include "perf_latency.h"

/*
 * When a device's scheduler is a service, it is run inline, and the better form counts: before
 * every dequeue, or only after one that returned nothing.
 */
enum perf_form { PERF_FORM_NONE, PERF_FORM_BEFORE, PERF_FORM_WHEN_EMPTY, NUM_PERF_FORMS };

/* One device, schedule type, burst size and form. */
struct perf_series {
	const struct device *dev;
	char type; /* of "apod" */
	uint32_t burst;
	enum perf_form form;
	uint32_t nb_samples; /* 0: the device does not support the type */
	double *rates; /* events per second, sorted once all samples are there */
	double *cycles; /* TSC cycles per event, sorted */
	struct perf_latency *latencies; /* one a sample, or NULL */
};

double perf_median(const double *sorted, uint32_t n);

/** Prints the series that count, side by side, with the ratio to the first device's. */
void perf_print_table(const struct perf_series *series, uint32_t nb, FILE *f);

/** Writes all series as JSON. Returns 0 or a negative errno after printing what is wrong. */
int perf_write_json(const struct perf_series *series, uint32_t nb, const struct options *opt,
	const char *path);

/** Whether the series is the faster form of its device. */
bool perf_is_best(const struct perf_series *series, uint32_t nb, uint32_t index);

#endif /* PERF_H */
