/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Command line. One table says which option belongs to which sub-command, its range and where its
 * value goes; an error names the value, the range and what to do.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "options.h"
#include "pipeline.h"

enum { CONFORM = 1, PERF = 2 };

struct option_spec {
	const char *name;
	const char *argument; /* NULL: none */
	int commands;
	uint64_t least, most;
	size_t field; /* of struct options, where a plain 32-bit number goes */
	int (*parse)(struct options *opt, const struct option_spec *spec, const char *value);
	const char *help;
};

static int
parse_u64(const char *name, const char *value, uint64_t least, uint64_t most, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(value, &end, 0);
	if (errno == 0 && end != value && *end == '\0' && value[0] != '-' && *number >= least &&
			*number <= most)
		return 0;
	fprintf(stderr, "--%s %s: must be a number from %" PRIu64 " to %" PRIu64 "\n", name, value,
		least, most);
	return -EINVAL;
}

/* Calls back with each part of a list separated by commas. */
static int
parse_list(struct options *opt, const struct option_spec *spec, const char *value,
	int (*part)(struct options *, const struct option_spec *, const char *))
{
	char *copy = strdup(value);
	char *rest = copy;
	int ret = 0;
	char *word;

	if (copy == NULL)
		return -ENOMEM;
	while (ret == 0 && (word = strsep(&rest, ",")) != NULL)
		ret = part(opt, spec, word);
	free(copy);
	return ret;
}

static int
parse_number(struct options *opt, const struct option_spec *spec, const char *value)
{
	uint64_t number;
	int ret = parse_u64(spec->name, value, spec->least, spec->most, &number);

	if (ret == 0)
		*(uint32_t *)((char *)opt + spec->field) = number;
	return ret;
}

static int
parse_dev(struct options *opt, const struct option_spec *spec, const char *value)
{
	uint64_t number;
	uint32_t i;

	if (parse_u64(spec->name, value, spec->least, spec->most, &number) != 0)
		return -EINVAL;
	for (i = 0; i < opt->nb_devs; i++)
		if (opt->devs[i] == number) {
			fprintf(stderr, "--dev: device %s is named twice; name each once\n", value);
			return -EINVAL;
		}
	if (opt->nb_devs == OPTIONS_MAX_DEVS) {
		fprintf(stderr, "--dev: more than %u devices; name fewer\n", OPTIONS_MAX_DEVS);
		return -EINVAL;
	}
	opt->devs[opt->nb_devs++] = number;
	return 0;
}

static int
parse_devs(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->nb_devs = 0;
	return parse_list(opt, spec, value, parse_dev);
}

static int
parse_seed(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->seed_given = true;
	return parse_u64(spec->name, value, spec->least, spec->most, &opt->seed);
}

static int
parse_pipeline(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->one_pipeline = true;
	return parse_number(opt, spec, value);
}

static int
parse_events(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->soak = strcmp(spec->name, "soak-events") == 0;
	return parse_u64(spec->name, value, spec->least, spec->most, &opt->events);
}

static int
parse_lcores(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->all_lcores = strcmp(value, "all") == 0;
	if (opt->all_lcores || strcmp(value, "single") == 0)
		return 0;
	fprintf(stderr, "--lcores %s: must be \"single\" or \"all\"; which lcores there are is "
		"the EAL's option of the same name, before the --\n", value);
	return -EINVAL;
}

static int
parse_behaviour(struct options *opt, const struct option_spec *spec, const char *value)
{
	uint32_t i;

	for (i = 0; i < NUM_WITHOUT; i++)
		if (strcmp(value, pipeline_without_names[i]) == 0) {
			opt->without |= WITHOUT(i);
			return 0;
		}
	fprintf(stderr, "--without %s: must be out of", value);
	for (i = 0; i < NUM_WITHOUT; i++)
		fprintf(stderr, " %s", pipeline_without_names[i]);
	fputc('\n', stderr);
	return -EINVAL;
}

static int
parse_without(struct options *opt, const struct option_spec *spec, const char *value)
{
	return parse_list(opt, spec, value, parse_behaviour);
}

static int
parse_verbose(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->verbose = true;
	return 0;
}

static int
parse_type(struct options *opt, const struct option_spec *spec, const char *value)
{
	size_t length = strlen(opt->types);

	if (strlen(value) == 1 && strchr("apod", value[0]) != NULL &&
			strchr(opt->types, value[0]) == NULL) {
		opt->types[length] = value[0];
		opt->types[length + 1] = '\0';
		return 0;
	}
	fprintf(stderr, "--stlist: \"%s\" must be one of a (atomic), p (parallel), o (ordered) and "
		"d (directed), each once, e.g. --stlist a,o\n", value);
	return -EINVAL;
}

static int
parse_types(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->types[0] = '\0';
	return parse_list(opt, spec, value, parse_type);
}

static int
parse_burst(struct options *opt, const struct option_spec *spec, const char *value)
{
	uint64_t number;

	if (parse_u64(spec->name, value, spec->least, spec->most, &number) != 0)
		return -EINVAL;
	if (opt->nb_bursts == OPTIONS_MAX_BURSTS) {
		fprintf(stderr, "--bursts: more than %u sizes; name fewer\n", OPTIONS_MAX_BURSTS);
		return -EINVAL;
	}
	opt->bursts[opt->nb_bursts++] = number;
	return 0;
}

static int
parse_bursts(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->nb_bursts = 0;
	return parse_list(opt, spec, value, parse_burst);
}

static int
parse_latency(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->latency = true;
	return 0;
}

static int
parse_json(struct options *opt, const struct option_spec *spec, const char *value)
{
	opt->json = value;
	return 0;
}

#define FIELD(name) offsetof(struct options, name)

static const struct option_spec specs[] = {
	{ "dev", "ID[,ID]", CONFORM | PERF, 0, RTE_EVENT_MAX_DEVS - 1, 0, parse_devs,
		"devices; several run at the same time (default: conform 0, perf all)" },
	{ "events", "N", CONFORM | PERF, 1, UINT32_MAX, 0, parse_events,
		"events per pipeline (2000), or per measurement (1000000)" },
	{ "pipelines", "N", CONFORM, 1, 1000000, FIELD(pipelines), parse_number,
		"pipelines per seed (20)" },
	{ "seeds", "N", CONFORM, 1, 1000000, FIELD(seeds), parse_number,
		"seeds, counting up from --seed (1)" },
	{ "seed", "S", CONFORM, 0, UINT64_MAX, 0, parse_seed, "first seed (random, printed)" },
	{ "pipeline", "K", CONFORM, 0, 999999, FIELD(pipeline), parse_pipeline,
		"run only number K of each seed" },
	{ "soak-events", "N", CONFORM, 1, UINT32_MAX, 0, parse_events,
		"one long run of N events through one pipeline (number 0, or --pipeline)" },
	{ "lcores", "single|all", CONFORM, 0, 0, 0, parse_lcores,
		"ports are driven by the main lcore, deterministic, or by all workers (single)" },
	{ "watchdog", "SECONDS", CONFORM, 1, 3600, FIELD(watchdog), parse_number,
		"time without any progress that counts as a hang (10)" },
	{ "without", "LIST", CONFORM, 0, 0, 0, parse_without, "leave out behaviours, see below" },
	{ "credit-slack", "N", CONFORM, 0, 100000, FIELD(credit_slack), parse_number,
		"events that a drained device may accept less than at first (0)" },
	{ "verbose", NULL, CONFORM, 0, 0, 0, parse_verbose, "print every pipeline" },
	{ "stlist", "LIST", PERF, 0, 0, 0, parse_types,
		"schedule types: a atomic, p parallel, o ordered, d directed (a,p,o,d)" },
	{ "bursts", "LIST", PERF, 1, PIPELINE_MAX_BURST, 0, parse_bursts,
		"burst sizes (1,4,32)" },
	{ "inflight", "N", PERF, 1, 100000, FIELD(in_flight), parse_number,
		"events in flight (512)" },
	{ "repeats", "N", PERF, 1, 1000, FIELD(repeats), parse_number,
		"measurements of each kind, interleaved between the devices (5)" },
	{ "dequeue-depth", "N", PERF, 1, 1024, FIELD(dequeue_depth), parse_number,
		"of the worker's port (the device's most, up to 128)" },
	{ "sequences", "N", PERF, 1, 65536, FIELD(sequences), parse_number,
		"reorder window of an ordered queue (512)" },
	{ "queues", "N", PERF, 1, 255, FIELD(queues), parse_number,
		"queues to configure; only the first one has traffic (1)" },
	{ "ports", "N", PERF, 1, 255, FIELD(ports), parse_number,
		"ports to configure, linked to the further queues (1)" },
	{ "work", "CYCLES", PERF, 0, 1000000, FIELD(work), parse_number,
		"TSC cycles that the application works on each event (0)" },
	{ "latency", NULL, PERF, 0, 0, 0, parse_latency,
		"measure the time from enqueue to dequeue too; goes into --json" },
	{ "json", "FILE", PERF, 0, 0, 0, parse_json, "write the figures to FILE as well" },
	{ "help", NULL, CONFORM | PERF, 0, 0, 0, NULL, "this text" },
};

static void
print_options(int command)
{
	char left[64];
	uint32_t i;

	for (i = 0; i < RTE_DIM(specs); i++) {
		if ((specs[i].commands & command) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s %s", specs[i].name,
			specs[i].argument != NULL ? specs[i].argument : "");
		printf("  %-22s %s\n", left, specs[i].help);
	}
}

void
options_usage(const char *program)
{
	uint32_t i;

	printf("usage: %s [EAL options] -- conform|perf [options]\n\n"
		"conform: random pipelines of events, every event checked\n", program);
	print_options(CONFORM);
	printf("  behaviours for --without:");
	for (i = 0; i < NUM_WITHOUT; i++)
		printf(" %s", pipeline_without_names[i]);
	printf("\n\nperf: closed loop on one lcore, each event dequeued and forwarded\n");
	print_options(PERF);
	printf("\nexit status: 0 well, 1 a violation or failure, 2 wrong use, 130 interrupted\n");
}

static int
parse_command(struct options *opt, int argc, char *argv[])
{
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		options_usage(argv[0]);
		return 1;
	}
	if (argc >= 2 && strcmp(argv[1], "conform") == 0) {
		opt->command = COMMAND_CONFORM;
		return 0;
	}
	if (argc >= 2 && strcmp(argv[1], "perf") == 0) {
		opt->command = COMMAND_PERF;
		return 0;
	}
	fprintf(stderr,
		"%s%s: give \"conform\" or \"perf\" first behind the --; --help shows all\n",
		argc >= 2 ? "unknown command " : "no command", argc >= 2 ? argv[1] : "");
	return -EINVAL;
}

static void
set_defaults(struct options *opt)
{
	bool conform = opt->command == COMMAND_CONFORM;

	*opt = (struct options){
		.command = opt->command,
		.pipelines = 20,
		.seeds = 1,
		.events = conform ? 2000 : 1000000,
		.watchdog = 10,
		.types = "apod",
		.bursts = { 1, 4, 32 },
		.nb_bursts = 3,
		.in_flight = 512,
		.repeats = 5,
		.sequences = 512,
		.queues = 1,
		.ports = 1,
	};
}

/* The options of the chosen sub-command only, so that getopt refuses the others. */
static void
make_table(const struct options *opt, struct option *table)
{
	int command = opt->command == COMMAND_CONFORM ? CONFORM : PERF;
	uint32_t i;

	for (i = 0; i < RTE_DIM(specs); i++)
		if (specs[i].commands & command)
			*table++ = (struct option){
				.name = specs[i].name,
				.has_arg = specs[i].argument != NULL,
				.val = i,
			};
	*table = (struct option){ 0 };
}

int
options_parse(struct options *opt, int argc, char *argv[])
{
	struct option table[RTE_DIM(specs) + 1];
	int ret, choice;

	ret = parse_command(opt, argc, argv);
	if (ret != 0)
		return ret;
	set_defaults(opt);
	make_table(opt, table);
	optind = 2;
	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice == '?') {
			fprintf(stderr, "%s %s: see --help\n", argv[0], argv[1]);
			return -EINVAL;
		}
		if (specs[choice].parse == NULL) {
			options_usage(argv[0]);
			return 1;
		}
		ret = specs[choice].parse(opt, &specs[choice], optarg);
		if (ret != 0)
			return ret;
	}
	if (optind != argc) {
		fprintf(stderr, "%s: options begin with --; see --help\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}
