/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The table and the JSON file of "perf".
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "perf.h"

static const char *const form_names[NUM_PERF_FORMS] = {
	[PERF_FORM_NONE] = "none", [PERF_FORM_BEFORE] = "before every dequeue",
	[PERF_FORM_WHEN_EMPTY] = "after an empty dequeue",
};

static const char *
type_name(char type)
{
	switch (type) {
	case 'a':
		return "atomic";
	case 'o':
		return "ordered";
	case 'p':
		return "parallel";
	default:
		return "directed";
	}
}

double
perf_median(const double *sorted, uint32_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static bool
same_cell(const struct perf_series *a, const struct perf_series *b)
{
	return a->type == b->type && a->burst == b->burst;
}

bool
perf_is_best(const struct perf_series *series, uint32_t nb, uint32_t index)
{
	const struct perf_series *one = &series[index];
	uint32_t i;

	if (one->nb_samples == 0)
		return one->form <= PERF_FORM_BEFORE;
	for (i = 0; i < nb; i++)
		if (i != index && series[i].dev == one->dev && same_cell(&series[i], one) &&
				series[i].nb_samples != 0 &&
				perf_median(series[i].rates, series[i].nb_samples) >
				perf_median(one->rates, one->nb_samples))
			return false;
	return true;
}

static const struct perf_series *
find_first(const struct perf_series *series, uint32_t nb, const struct perf_series *like)
{
	uint32_t i;

	for (i = 0; i < nb; i++)
		if (series[i].dev == series[0].dev && same_cell(&series[i], like) &&
				perf_is_best(series, nb, i))
			return &series[i];
	return like;
}

static void
print_row(const struct perf_series *row, const struct perf_series *first, FILE *f)
{
	double rate, ratio;

	fprintf(f, "%-9s %5u  %-20.20s ", type_name(row->type), row->burst, row->dev->name);
	if (row->nb_samples == 0) {
		fprintf(f, "%8s\n", "not supported");
		return;
	}
	rate = perf_median(row->rates, row->nb_samples);
	fprintf(f, "%8.2f %8.2f .. %-8.2f %8.1f ", rate / 1e6, row->rates[0] / 1e6,
		row->rates[row->nb_samples - 1] / 1e6, perf_median(row->cycles, row->nb_samples));
	if (first->nb_samples != 0) {
		ratio = rate / perf_median(first->rates, first->nb_samples);
		fprintf(f, "%7.2f", ratio);
	} else {
		fprintf(f, "%7s", "-");
	}
	if (row->form != PERF_FORM_NONE)
		fprintf(f, "  service %s", form_names[row->form]);
	fputc('\n', f);
}

void
perf_print_table(const struct perf_series *series, uint32_t nb, FILE *f)
{
	uint32_t i;

	fprintf(f, "%-9s %5s  %-20s %8s %20s %8s %7s\n", "type", "burst", "device", "Mev/s",
		"least .. most", "cycles", "ratio");
	for (i = 0; i < nb; i++)
		if (perf_is_best(series, nb, i))
			print_row(&series[i], find_first(series, nb, &series[i]), f);
}

static void
write_samples(const char *name, const double *samples, uint32_t n, FILE *f)
{
	uint32_t i;

	fprintf(f, ", \"%s\": [", name);
	for (i = 0; i < n; i++)
		fprintf(f, "%s%.1f", i == 0 ? "" : ", ", samples[i]);
	fputc(']', f);
}

static void
write_latencies(const struct perf_series *one, FILE *f)
{
	uint32_t i;

	fputs(", \"latency_ns\": [", f);
	for (i = 0; i < one->nb_samples; i++) {
		if (i != 0)
			fputs(", ", f);
		perf_latency_write(&one->latencies[i], f);
	}
	fputc(']', f);
}

static void
write_series(const struct perf_series *one, bool best, FILE *f)
{
	fprintf(f, "    {\"device\": %u, \"name\": \"%s\", \"driver\": \"%s\", \"type\": \"%s\", "
		"\"burst\": %u, \"service_run\": \"%s\", \"best_form\": %s", one->dev->id,
		one->dev->name, one->dev->info.driver_name, type_name(one->type), one->burst,
		form_names[one->form], best ? "true" : "false");
	write_samples("events_per_second", one->rates, one->nb_samples, f);
	write_samples("cycles_per_event", one->cycles, one->nb_samples, f);
	if (one->latencies != NULL)
		write_latencies(one, f);
	fputc('}', f);
}

int
perf_write_json(const struct perf_series *series, uint32_t nb, const struct options *opt,
	const char *path)
{
	FILE *f = fopen(path, "w");
	int ret = 0;
	uint32_t i;

	if (f == NULL) {
		ret = -errno;
		fprintf(stderr, "--json %s: %s; give a file that can be written\n", path,
			strerror(errno));
		return ret;
	}
	fprintf(f, "{\n  \"in_flight\": %u,\n  \"events\": %" PRIu64 ",\n  \"series\": [\n",
		opt->in_flight, opt->events);
	for (i = 0; i < nb; i++) {
		write_series(&series[i], perf_is_best(series, nb, i), f);
		fprintf(f, "%s\n", i + 1 < nb ? "," : "");
	}
	fprintf(f, "  ]\n}\n");
	if (ferror(f))
		ret = -EIO;
	if (fclose(f) != 0)
		ret = -errno;
	if (ret != 0)
		fprintf(stderr, "--json %s: %s\n", path, strerror(-ret));
	return ret;
}
