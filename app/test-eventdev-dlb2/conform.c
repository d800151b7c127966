/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * "conform": seeds times pipelines, the report of a violation with the command that repeats it,
 * and the summary of what was exercised.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "commands.h"
#include "run.h"

struct conform {
	struct options opt;
	struct run *runs[OPTIONS_MAX_DEVS];
	uint32_t nb_runs;
	uint64_t pipelines; /* done */
	const char *command_line;
};

static void
print_without(const struct options *opt, FILE *f)
{
	const char *separator = " --without ";
	uint32_t i;

	for (i = 0; i < NUM_WITHOUT; i++)
		if (opt->without & WITHOUT(i)) {
			fprintf(f, "%s%s", separator, pipeline_without_names[i]);
			separator = ",";
		}
}

/* The command that runs this pipeline again. */
static void
print_replay(const struct conform *conform, uint64_t seed, uint32_t number, FILE *f)
{
	const struct options *opt = &conform->opt;
	uint32_t i;

	fprintf(f, "replay: %s conform --seed %" PRIu64 " --pipeline %u", conform->command_line, seed,
		number);
	fprintf(f, " --%s %" PRIu64, opt->soak ? "soak-events" : "events", opt->events);
	for (i = 0; i < conform->nb_runs; i++)
		fprintf(f, "%s%u", i == 0 ? " --dev " : ",", opt->devs[i]);
	fprintf(f, " --lcores %s", opt->all_lcores ? "all" : "single");
	if (opt->credit_slack != 0)
		fprintf(f, " --credit-slack %u", opt->credit_slack);
	print_without(opt, f);
	fputc('\n', f);
	if (!opt->one_pipeline && number > 0)
		fprintf(f, "or, if the device remembers earlier pipelines, the same with "
			"--pipelines %u instead of --pipeline\n", number + 1);
}

static void
report_violations(const struct conform *conform, uint64_t seed, uint32_t number)
{
	uint32_t i;

	fflush(stdout);
	for (i = 0; i < conform->nb_runs; i++) {
		const struct run *run = conform->runs[i];

		if (!check_failed(&run->check))
			continue;
		fprintf(stderr, "VIOLATION: %s\n", check_rule_name(run->check.rule));
		fprintf(stderr, "  device %u (%s), seed %" PRIu64 ", pipeline %u: %s\n",
			run->dev->id, run->dev->name, seed, number, run->check.text);
		pipeline_print(&run->pl, stderr);
	}
	print_replay(conform, seed, number, stderr);
}

static uint64_t
total_count(const struct conform *conform, enum run_count what)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < conform->nb_runs; i++)
		total += conform->runs[i]->count[what];
	return total;
}

/* Without those that only measured credits. */
static uint64_t
total_events(const struct conform *conform)
{
	return total_count(conform, COUNT_INJECTED) - total_count(conform, COUNT_PROBED);
}

static void
print_summary(const struct conform *conform)
{
	uint32_t what, i;

	printf("exercised:");
	for (what = 0; what < NUM_COUNTS; what++)
		printf("%s %" PRIu64 " %s", what == 0 ? "" : ",", total_count(conform, what),
			run_count_names[what]);
	printf("\n");
	for (i = 0; i < conform->nb_runs; i++)
		device_print_memory(conform->runs[i]->dev, stdout);
}

static int
run_one(struct conform *conform, uint64_t seed, uint32_t number)
{
	int ret = run_pipelines(conform->runs, conform->nb_runs, &conform->opt, seed, number);

	if (ret == 0)
		conform->pipelines++;
	else if (ret == -EIO)
		report_violations(conform, seed, number);
	else if (ret != -EINTR)
		fprintf(stderr, "seed %" PRIu64 ", pipeline %u: %s\n", seed, number,
			strerror(-ret));
	return ret;
}

static int
run_seed(struct conform *conform, uint64_t seed)
{
	const struct options *opt = &conform->opt;
	uint64_t events = total_events(conform);
	uint64_t dequeued = total_count(conform, COUNT_DEQUEUED);
	uint64_t done = conform->pipelines;
	uint64_t start = rte_rdtsc();
	uint64_t hash = 0;
	uint32_t number, i;
	int ret = 0;

	for (i = 0; i < conform->nb_runs; i++)
		conform->runs[i]->hash = 0xcbf29ce484222325ULL;
	for (number = 0; number < opt->pipelines && ret == 0; number++)
		if (!opt->one_pipeline || number == opt->pipeline)
			ret = run_one(conform, seed, number);
	if (ret != 0)
		return ret;
	for (i = 0; i < conform->nb_runs; i++)
		hash ^= conform->runs[i]->hash;
	printf("seed %" PRIu64 ": %" PRIu64 " pipelines, %" PRIu64 " events, %" PRIu64
		" deliveries checked, %.2f s", seed, conform->pipelines - done,
		total_events(conform) - events, total_count(conform, COUNT_DEQUEUED) - dequeued,
		(double)(rte_rdtsc() - start) / rte_get_tsc_hz());
	if (!opt->all_lcores)
		printf(", hash %016" PRIx64, hash);
	printf("\n");
	fflush(stdout);
	return 0;
}

/* What follows from the options that were given, and what they need. */
static int
complete_options(struct options *opt)
{
	uint32_t random_seed;

	if (opt->all_lcores && rte_lcore_count() < 2) {
		fprintf(stderr, "--lcores all: needs 1 worker lcore at least and there are 0; give "
			"the EAL more, e.g. -l 0,1 or --lcores '0@0,1@1,2@0'\n");
		return -EINVAL;
	}
	if (!opt->seed_given) {
		if (getrandom(&random_seed, sizeof(random_seed), 0) != sizeof(random_seed))
			random_seed = rte_rdtsc();
		opt->seed = random_seed;
	}
	if (opt->soak) {
		opt->one_pipeline = true;
		opt->seeds = 1;
	}
	if (opt->one_pipeline)
		opt->pipelines = opt->pipeline + 1;
	return 0;
}

static int
run_all(struct conform *conform)
{
	const struct options *opt = &conform->opt;
	int ret = 0;
	uint32_t i;

	printf("conform: %u pipeline(s) x %u seed(s) from seed %" PRIu64 ", %" PRIu64
		" events each, %s\n", opt->one_pipeline ? 1 : opt->pipelines, opt->seeds, opt->seed,
		opt->events, opt->all_lcores ? "all worker lcores" : "one lcore");
	fflush(stdout);
	for (i = 0; i < opt->seeds && ret == 0; i++)
		ret = run_seed(conform, opt->seed + i);
	print_summary(conform);
	if (ret == -EINTR) {
		printf("interrupted after %" PRIu64 " pipelines without a violation\n",
			conform->pipelines);
		return 130;
	}
	printf("%s: %" PRIu64 " pipelines\n", ret == 0 ? "PASSED" : "FAILED", conform->pipelines);
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
conform(struct device *devs, const struct options *opt, const char *command_line)
{
	struct conform conform = { .opt = *opt, .command_line = command_line };
	int status = EXIT_FAILURE;
	uint32_t i;

	if (complete_options(&conform.opt) != 0)
		return 2;
	for (i = 0; i < opt->nb_devs; i++) {
		conform.runs[i] = aligned_alloc(RTE_CACHE_LINE_SIZE,
			RTE_ALIGN_CEIL(sizeof(struct run), RTE_CACHE_LINE_SIZE));
		if (conform.runs[i] == NULL)
			break;
		memset(conform.runs[i], 0, sizeof(struct run));
		conform.runs[i]->dev = &devs[i];
		conform.nb_runs++;
	}
	if (conform.nb_runs == opt->nb_devs)
		status = run_all(&conform);
	else
		fprintf(stderr, "out of memory\n");
	for (i = 0; i < conform.nb_runs; i++) {
		check_fini(&conform.runs[i]->check);
		free(conform.runs[i]);
	}
	return status;
}
