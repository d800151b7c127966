/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Command line. What is said of a device holds for the sockets behind it, so it is gathered in one
 * configuration that each --socket copies.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "options.h"

#define DIM(array) (sizeof(array) / sizeof((array)[0]))

struct option_spec {
	const char *name;
	const char *argument; /* NULL: none */
	int (*parse)(struct options *options, struct device_config *config, const char *value);
	const char *help;
};

static int
parse_hw(struct options *options, struct device_config *config, const char *value)
{
	if (strcmp(value, "2.0") != 0 && strcmp(value, "2.5") != 0) {
		fprintf(stderr, "--hw %s: must be 2.0 or 2.5\n", value);
		return -EINVAL;
	}
	config->version = strcmp(value, "2.0") == 0 ? DLB2_HW_2_0 : DLB2_HW_2_5;
	return 0;
}

static int
parse_seed(struct options *options, struct device_config *config, const char *value)
{
	char *end;

	errno = 0;
	config->seed = strtoull(value, &end, 0);
	if (errno == 0 && end != value && *end == '\0' && value[0] != '-')
		return 0;
	fprintf(stderr, "--seed %s: must be a number from 0 to %" PRIu64 "\n", value, UINT64_MAX);
	return -EINVAL;
}

static int
parse_fault(struct options *options, struct device_config *config, const char *value)
{
	char error[FAULTS_ERROR_LEN];

	if (config->num_faults == DEVICE_MAX_FAULTS) {
		fprintf(stderr, "--fault %s: more than %u faults; use fewer, or the control "
			"socket\n", value, DEVICE_MAX_FAULTS);
		return -EINVAL;
	}
	if (fault_parse(value, config->version, &config->faults[config->num_faults], error) != 0) {
		fprintf(stderr, "--fault %s: %s\n", value, error);
		return -EINVAL;
	}
	config->num_faults++;
	return 0;
}

static int
parse_switch(struct options *options, struct device_config *config, const char *value)
{
	struct switch_setting setting;
	char error[FAULTS_ERROR_LEN];

	if (switch_parse(value, &setting, error) != 0) {
		fprintf(stderr, "--switch %s: %s\n", value, error);
		return -EINVAL;
	}
	config->switches[setting.which] = setting.value;
	return 0;
}

/* Returns 0 if a path can be a socket's. */
static int
check_path(const char *option, const char *path)
{
	const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	if (path[0] != '\0' && strlen(path) <= most)
		return 0;
	fprintf(stderr, "--%s \"%s\": a path of a socket has 1 to %zu bytes, this one %zu; "
		"use a directory with a shorter name\n", option, path, most, strlen(path));
	return -EINVAL;
}

static int
parse_socket(struct options *options, struct device_config *config, const char *value)
{
	unsigned int n;

	if (check_path("socket", value) != 0)
		return -EINVAL;
	for (n = 0; n < options->num_devices; n++)
		if (strcmp(options->devices[n].path, value) == 0) {
			fprintf(stderr, "--socket %s: device %u has it already; each needs its "
				"own\n", value, n);
			return -EINVAL;
		}
	if (options->num_devices == OPTIONS_MAX_DEVICES) {
		fprintf(stderr, "--socket %s: more than %u devices; start another server\n", value,
			OPTIONS_MAX_DEVICES);
		return -EINVAL;
	}
	options->devices[options->num_devices].path = value;
	options->devices[options->num_devices].config = *config;
	options->num_devices++;
	return 0;
}

static int
parse_trace(struct options *options, struct device_config *config, const char *value)
{
	options->trace = value;
	return 0;
}

static int
parse_control(struct options *options, struct device_config *config, const char *value)
{
	options->control = value;
	return check_path("control", value);
}

static int
parse_once(struct options *options, struct device_config *config, const char *value)
{
	options->once = true;
	return 0;
}

static const struct option_spec specs[] = {
	{ "hw", "2.0|2.5", parse_hw, "version of the device (2.5)" },
	{ "seed", "N", parse_seed, "picks among what the hardware may do; 0 is plainest (0)" },
	{ "fault", "SPEC", parse_fault, "NAME[:count[:ldb|dir:port]], armed from power-on" },
	{ "switch", "NAME=VALUE", parse_switch, "answer to what the reference leaves open" },
	{ "socket", "PATH", parse_socket, "serve a device with the options so far at PATH" },
	{ "trace", "FILE", parse_trace, "write every access by name to FILE" },
	{ "control", "PATH", parse_control, "take commands at PATH" },
	{ "once", NULL, parse_once, "end when all clients have gone" },
	{ "help", NULL, NULL, "this text" },
};

static void
print_switches(void)
{
	unsigned int n, value;

	printf("\nswitches, their values and what they mean; 0 is the default:\n");
	for (n = 0; n < DLB2_NUM_MODEL_SWITCHES; n++) {
		const struct dlb2_model_switch_info *info = &dlb2_model_switch_info[n];

		printf("  %s (%s)\n", info->name, info->section);
		for (value = 0; value < DLB2_SWITCH_MAX_VALUES; value++)
			if (info->values[value] != NULL)
				printf("    %u  %s\n", value, info->values[value]);
	}
}

static void
print_usage(const char *program)
{
	char left[64];
	unsigned int n;

	printf("usage: %s [options] --socket PATH [[options] --socket PATH]...\n\n"
		"Serves models of the Dynamic Load Balancer over vfio-user. Options of a device "
		"hold for the\nsockets behind them.\n\n", program);
	for (n = 0; n < DIM(specs); n++) {
		snprintf(left, sizeof(left), "--%s %s", specs[n].name,
			specs[n].argument != NULL ? specs[n].argument : "");
		printf("  %-22s %s\n", left, specs[n].help);
	}
	print_switches();
}

/* Whether a fault's port still exists: --hw may have come after --fault. */
static int
check_devices(const struct options *options)
{
	unsigned int d, n;

	if (options->num_devices == 0) {
		fprintf(stderr, "no device: give --socket PATH; --help shows all options\n");
		return -EINVAL;
	}
	for (d = 0; d < options->num_devices; d++) {
		const struct device_config *config = &options->devices[d].config;

		for (n = 0; n < config->num_faults; n++)
			if (!fault_fits(&config->faults[n], config->version)) {
				fprintf(stderr, "--socket %s: this version lacks port %u of a "
					"--fault; give --hw before --fault\n",
					options->devices[d].path, config->faults[n].port);
				return -EINVAL;
			}
	}
	return 0;
}

int
options_parse(struct options *options, int argc, char *argv[])
{
	struct device_config config = { .version = DLB2_HW_2_5 };
	struct option table[DIM(specs) + 1] = { 0 };
	unsigned int n;
	int choice;

	*options = (struct options){ 0 };
	for (n = 0; n < DIM(specs); n++)
		table[n] = (struct option){
			.name = specs[n].name,
			.has_arg = specs[n].argument != NULL,
			.val = n,
		};
	optind = 0;
	while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (choice == '?') {
			fprintf(stderr, "%s: see --help\n", argv[0]);
			return -EINVAL;
		}
		if (specs[choice].parse == NULL) {
			print_usage(argv[0]);
			return 1;
		}
		if (specs[choice].parse(options, &config, optarg) != 0)
			return -EINVAL;
	}
	if (optind != argc) {
		fprintf(stderr, "%s: options begin with --; see --help\n", argv[optind]);
		return -EINVAL;
	}
	return check_devices(options);
}
