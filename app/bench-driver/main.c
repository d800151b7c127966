/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * dlb2-bench-driver: what a driver of the DLB costs the core of its application, whichever driver
 * EAL finds. The device is plain memory (plain_pci.h); events are written into the consumer queue by
 * hand, dequeued and forwarded. One line of JSON per burst size. And what its set-up costs.
 *
 * Instructions are counted by single-stepping (stepper.h), and every line that is stored is checked:
 * a driver that is quick at sending wrong words must fail. Times are of the same calls at full
 * speed, with the driver's own stores and with ordinary ones, which leaves software alone. The driver
 * is told that the CPU has MOVDIR64B; where it has not, devtools/guest/movdir64b.c makes ordinary
 * stores of it, always.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eventdev.h>

#include "../../devtools/guest/movdir64b.h"
#include "control.h"
#include "cost.h"
#include "plain_pci.h"

#define MAX_EAL_ARGS 16

struct arguments {
	enum dlb2_version version;
	const char *plugin, *devargs, *lcore, *simd;
	bool control, count;
	struct cost_options cost;
};

static void
usage(FILE *to)
{
	fprintf(to,
		"usage: dlb2-bench-driver [--hw 2.0|2.5] [--plugin FILE] [--devargs LIST] [--cpu N]\n"
		"                         [--bursts N[,N...]] [--rounds N] [--simd 64|128|256|512]\n"
		"                         [--native-stores]\n"
		"       dlb2-bench-driver --control time|accesses [--hw 2.0|2.5] [--plugin FILE]\n"
		"                         [--devargs LIST]\n"
		"  --plugin   driver to load (EAL's -d); else the one that DPDK is installed with\n"
		"  --devargs  its device arguments\n"
		"  --cpu      CPU to run on (0)\n"
		"  --bursts   events per dequeue and enqueue, 1 to %u (1,4,32)\n"
		"  --rounds   timed rounds of %u events (20000)\n"
		"  --simd     EAL's --force-max-simd-bitwidth\n"
		"  --native-stores  don't say that the CPU has MOVDIR64B if it hasn't: a driver\n"
		"             that has another way to store a line takes that\n"
		"  --control  what set-up, start and stop of the whole device take instead\n",
		COST_MAX_BURST, COST_EVENTS_PER_ROUND);
}

static bool
parse_number(const char *text, unsigned long least, unsigned long most, unsigned int *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < least || n > most) {
		fprintf(stderr, "'%s': a number from %lu to %lu is needed\n", text, least, most);
		return false;
	}
	*out = n;
	return true;
}

static bool
parse_bursts(char *text, struct cost_options *cost)
{
	char *word, *rest = text;

	cost->num_bursts = 0;
	while ((word = strsep(&rest, ",")) != NULL) {
		if (cost->num_bursts == COST_MAX_BURSTS) {
			fprintf(stderr, "--bursts: more than %u sizes\n", COST_MAX_BURSTS);
			return false;
		}
		if (!parse_number(word, 1, COST_MAX_BURST, &cost->bursts[cost->num_bursts++]))
			return false;
	}
	return true;
}

static bool
parse_version(const char *text, enum dlb2_version *out)
{
	*out = strcmp(text, "2.0") == 0 ? DLB2_HW_2_0 : DLB2_HW_2_5;
	if (strcmp(text, "2.0") == 0 || strcmp(text, "2.5") == 0)
		return true;
	fprintf(stderr, "--hw %s: 2.0 or 2.5 is needed\n", text);
	return false;
}

static bool
parse_control(const char *text, struct arguments *args)
{
	args->control = true;
	args->count = strcmp(text, "accesses") == 0;
	if (args->count || strcmp(text, "time") == 0)
		return true;
	fprintf(stderr, "--control %s: time or accesses is needed\n", text);
	return false;
}

static bool
parse_option(int option, struct arguments *args)
{
	switch (option) {
	case 'w':
		return parse_version(optarg, &args->version);
	case 'p':
		args->plugin = optarg;
		return true;
	case 'd':
		args->devargs = optarg;
		return true;
	case 'c':
		args->lcore = optarg;
		return true;
	case 'm':
		args->simd = optarg;
		return true;
	case 'b':
		return parse_bursts(optarg, &args->cost);
	case 'r':
		return parse_number(optarg, 1, 100000000, &args->cost.rounds);
	case 'C':
		return parse_control(optarg, args);
	case 'n':
		movdir64b_admit_absence();
		return true;
	default:
		return false;
	}
}

static bool
parse_arguments(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"hw", required_argument, NULL, 'w'},
		{"plugin", required_argument, NULL, 'p'},
		{"devargs", required_argument, NULL, 'd'},
		{"cpu", required_argument, NULL, 'c'},
		{"bursts", required_argument, NULL, 'b'},
		{"rounds", required_argument, NULL, 'r'},
		{"simd", required_argument, NULL, 'm'},
		{"control", required_argument, NULL, 'C'},
		{"native-stores", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout);
			exit(EXIT_SUCCESS);
		}
		if (!parse_option(option, args))
			return false;
	}
	if (optind == argc)
		return true;
	fprintf(stderr, "'%s' is one argument too many\n", argv[optind]);
	return false;
}

static int
start_eal(const struct arguments *args)
{
	static char program[] = "dlb2-bench-driver";
	char device[256], simd[64];
	const char *eal[MAX_EAL_ARGS] = {
		program, "--no-huge", "--no-shconf", "--no-telemetry", "--iova-mode=va", "-m", "256",
		"-l", args->lcore, "-a", device,
	};
	unsigned int n = 11;

	snprintf(device, sizeof(device), "%s%s%s", PLAIN_PCI_NAME, args->devargs[0] ? "," : "",
		 args->devargs);
	if (args->plugin != NULL) {
		eal[n++] = "-d";
		eal[n++] = args->plugin;
	}
	if (args->simd != NULL) {
		snprintf(simd, sizeof(simd), "--force-max-simd-bitwidth=%s", args->simd);
		eal[n++] = simd;
	}
	return rte_eal_init(n, (char **)(uintptr_t)eal);
}

int
main(int argc, char **argv)
{
	struct arguments args = {
		.version = DLB2_HW_2_5,
		.devargs = "",
		.lcore = "0",
		.cost = {.bursts = {1, 4, 32}, .num_bursts = 3, .rounds = 20000},
	};
	bool done;
	int ret;

	if (!parse_arguments(argc, argv, &args)) {
		usage(stderr);
		return EXIT_FAILURE;
	}
	ret = plain_pci_plug(args.version);
	if (ret != 0) {
		fprintf(stderr, "no folder for sysfs below /tmp: %s\n", strerror(-ret));
		return EXIT_FAILURE;
	}
	if (start_eal(&args) < 0 || rte_event_dev_count() != 1) {
		fprintf(stderr, "no driver has made an event device of %s: EAL says why\n",
			PLAIN_PCI_NAME);
		return EXIT_FAILURE;
	}
	done = args.control ? control_measure(args.version, args.count)
			    : cost_measure(args.version, &args.cost);
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
