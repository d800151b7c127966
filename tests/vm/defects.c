/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Whether a driver has the defects of pmd-interface 20: the tests of tests/drivers/event/dlb2,
 * which know no driver, on the devices of a bus. That driver is judged whose library EAL loads.
 *
 *   defects EAL-ARGUMENTS -- 2.0|2.5 DEVICE[,DEVICE] [SECONDS] [TEST...]
 *
 * EAL should have four lcores. DEVICE is EAL's name of a device that nobody has probed yet. TEST is the beginning of a test's
 * name ("test_b17"); without one all are run. Each runs in a process of its own, which may crash or
 * hang for at most SECONDS. Prints a line for each; exit status 0 when no test failed.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../drivers/event/dlb2/defects.h"

#include <rte_common.h>
#include <rte_eal.h>

#define MAX_ARGS 64
#define MAX_SECONDS 120
/* Exit statuses of a child; those of other failures are smaller. */
#define NO_EAL 126

/* No device is probed by itself: the address is nobody's. */
static const char *const more_eal_args[] = {
	"-a", "0000:ff:1f.7", "--iova-mode=va", "--no-telemetry", "-m", "256",
};

static void
start_eal(int argc, char **argv)
{
	const char *args[MAX_ARGS + RTE_DIM(more_eal_args)]; /* EAL writes into the array */

	memcpy(args, argv, argc * sizeof(args[0]));
	memcpy(&args[argc], more_eal_args, sizeof(more_eal_args));
	if (rte_eal_init(argc + RTE_DIM(more_eal_args), (char **)(uintptr_t)args) < 0)
		_exit(NO_EAL);
}

/* Signals that cmocka takes for itself, and who had them before. */
static const int signals[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS};
static struct sigaction actions[RTE_DIM(signals)];
static const struct defect_test *current;

/*
 * Gives them back: devtools/vm emulates an instruction in a handler of SIGILL, and of a crash the
 * parent shall know by which signal.
 */
static void
run_with_signals(void **state)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(signals); i++)
		sigaction(signals[i], &actions[i], NULL);
	current->run(state);
}

/* The child: nothing is removed after the test, for that is what some drivers cannot do. */
static void __rte_noreturn
run_in_child(const struct defect_test *test, int argc, char **argv, FILE *out)
{
	const struct CMUnitTest unit = {test->name, run_with_signals, NULL, NULL, NULL};
	unsigned int i;
	int failed;

	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(out), STDERR_FILENO);
	start_eal(argc, argv);
	current = test;
	for (i = 0; i < RTE_DIM(signals); i++)
		sigaction(signals[i], NULL, &actions[i]);
	failed = _cmocka_run_group_tests(test->name, &unit, 1, NULL, NULL);
	fflush(NULL);
	_exit(failed != 0);
}

/* Returns the status of waitpid(); a child that takes too long is killed. */
static int
wait_for(pid_t child, unsigned int seconds)
{
	unsigned int tenths = 10 * seconds;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (tenths-- == 0)
			kill(child, SIGKILL);
		usleep(100000);
	}
	return status;
}

/* Shows what the test and those below it said. */
static void
show(FILE *out)
{
	char line[512];

	rewind(out);
	while (fgets(line, sizeof(line), out) != NULL)
		printf("    %s", line);
}

static bool
was_skipped(FILE *out)
{
	bool skipped = false;
	char line[512];

	rewind(out);
	while (fgets(line, sizeof(line), out) != NULL)
		skipped |= strstr(line, "[  SKIPPED ] test") != NULL;
	return skipped;
}

/* Whether the test did not fail. */
static bool
judge(const struct defect_test *test, unsigned int seconds, int argc, char **argv)
{
	FILE *out = tmpfile();
	pid_t child = fork();
	int status;

	if (out == NULL || child < 0)
		rte_exit(1, "no process or file for %s: %s\n", test->name, strerror(errno));
	if (child == 0)
		run_in_child(test, argc, argv, out);
	status = wait_for(child, seconds);
	if (WIFSIGNALED(status))
		printf("%s: %s\n", test->name,
		       WTERMSIG(status) == SIGKILL ? "hangs" : strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == NO_EAL)
		printf("%s: EAL does not start\n", test->name);
	else if (status != 0)
		printf("%s: fails\n", test->name);
	else
		printf("%s: %s\n", test->name, was_skipped(out) ? "skipped" : "passes");
	if (status != 0)
		show(out);
	fflush(stdout);
	fclose(out);
	return status == 0;
}

static bool
is_wanted(const struct defect_test *test, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (strncmp(test->name, argv[i], strlen(argv[i])) == 0)
			return true;
	}
	return argc == 0 && (test->versions & defect_bus.version) != 0;
}

static void
take_devices(char *version, char *devices)
{
	defect_bus.version = strcmp(version, "2.0") == 0 ? DEFECT_ON_2_0 : DEFECT_ON_2_5;
	defect_bus.device[0] = strtok(devices, ",");
	defect_bus.device[1] = strtok(NULL, ",");
	defect_bus.devargs = "";
	defect_bus.patient = true;
}

int
main(int argc, char **argv)
{
	const struct defect_group *const *group;
	unsigned int seconds = MAX_SECONDS, i, failed = 0;
	int eal_argc = 1, next;

	while (eal_argc < argc && strcmp(argv[eal_argc], "--") != 0)
		eal_argc++;
	next = eal_argc + 1;
	if (argc - next < 2 || eal_argc > MAX_ARGS) {
		fprintf(stderr,
			"usage: defects EAL-ARGUMENTS -- 2.0|2.5 DEVICE[,DEVICE] [SECONDS] "
			"[TEST...]\n");
		return 2;
	}
	take_devices(argv[next], argv[next + 1]);
	next += 2;
	if (next < argc && atoi(argv[next]) > 0)
		seconds = atoi(argv[next++]);
	for (group = defect_groups; *group != NULL; group++)
		for (i = 0; i < (*group)->num_tests; i++) {
			const struct defect_test *test = &(*group)->tests[i];

			if (is_wanted(test, argc - next, &argv[next]))
				failed += !judge(test, seconds, eal_argc, argv);
		}
	printf("%u tests failed\n", failed);
	return failed > 0;
}
