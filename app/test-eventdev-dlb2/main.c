/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Conformance and performance of any DPDK event device. Uses the public eventdev API only and is
 * linked to no driver.
 */

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "commands.h"
#include "run.h"

#define EXIT_WRONG_USE 2

static void
interrupt(int signal_number)
{
	run_interrupted = 1;
}

/* A second SIGINT ends the program at once. */
static void
catch_interrupt(void)
{
	struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static bool
is_plain(const char *word)
{
	for (; *word != '\0'; word++)
		if (!isalnum((unsigned char)*word) && strchr("-_=+,.:/@%", *word) == NULL)
			return false;
	return true;
}

/* Writes the arguments so that a shell reads them back. The caller frees. */
static char *
quote_arguments(int argc, char *argv[])
{
	char *line = NULL;
	size_t size;
	FILE *f = open_memstream(&line, &size);
	int i;

	if (f == NULL)
		return NULL;
	for (i = 0; i < argc; i++)
		fprintf(f, is_plain(argv[i]) ? "%s%s" : "%s'%s'", i == 0 ? "" : " ", argv[i]);
	fclose(f);
	return line;
}

static void
choose_devices(struct options *opt)
{
	uint32_t count = opt->command == COMMAND_PERF ? rte_event_dev_count() : 1;
	uint32_t wanted = RTE_MIN(count, OPTIONS_MAX_DEVS);
	uint32_t id;

	if (opt->nb_devs != 0)
		return;
	for (id = 0; id < RTE_EVENT_MAX_DEVS && opt->nb_devs < wanted; id++) {
		struct rte_event_dev_info info;

		if (rte_event_dev_info_get(id, &info) == 0)
			opt->devs[opt->nb_devs++] = id;
	}
}

static int
run_command(struct options *opt, const char *command_line)
{
	struct device devs[OPTIONS_MAX_DEVS];
	uint32_t i;

	choose_devices(opt);
	if (opt->nb_devs == 0) {
		fprintf(stderr, "no event device; create one with the EAL option --vdev, e.g. "
			"--vdev=event_sw0, or allow a PCI device with -a\n");
		return EXIT_WRONG_USE;
	}
	for (i = 0; i < opt->nb_devs; i++) {
		if (device_open(&devs[i], opt->devs[i]) != 0)
			return EXIT_WRONG_USE;
		device_print(&devs[i], stdout);
	}
	catch_interrupt();
	return opt->command == COMMAND_CONFORM ? conform(devs, opt, command_line) : perf(devs, opt);
}

static int
parse_and_run(int argc, char *argv[], const char *command_line)
{
	struct options opt;
	int ret = options_parse(&opt, argc, argv);

	if (ret != 0)
		return ret > 0 ? EXIT_SUCCESS : EXIT_WRONG_USE;
	return run_command(&opt, command_line);
}

int
main(int argc, char *argv[])
{
	char *command_line;
	int eal_args, status;

	for (eal_args = 1; eal_args < argc && strcmp(argv[eal_args], "--") != 0; eal_args++)
		;
	command_line = quote_arguments(RTE_MIN(eal_args + 1, argc), argv);
	eal_args = rte_eal_init(argc, argv);
	if (eal_args < 0) {
		fprintf(stderr, "EAL: %s\n", rte_strerror(rte_errno));
		free(command_line);
		return EXIT_WRONG_USE;
	}
	status = parse_and_run(argc - eal_args, argv + eal_args, command_line);
	/* After a failure the devices are as it left them, for a debugger; not fit to be closed. */
	if (status != EXIT_FAILURE)
		rte_eal_cleanup();
	free(command_line);
	return status;
}
