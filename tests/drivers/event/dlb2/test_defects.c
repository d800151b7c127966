/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Runs the tests of one file of defects on the model in this process, for both versions of the
 * hardware: test_defects GROUP. tests/vm/defects.c runs them on other devices.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "defects.h"

#include <rte_common.h>
#include <rte_eal.h>

static int
setup_2_0(void **state)
{
	defect_bus.version = DEFECT_ON_2_0;
	defect_bus.devargs = "hw=2.0,";
	return 0;
}

static int
setup_2_5(void **state)
{
	defect_bus.version = DEFECT_ON_2_5;
	defect_bus.devargs = "hw=2.5,";
	return 0;
}

/* Eight lcores on one core: some tests are about which ones are named. */
static void
start_eal(void)
{
	const char *args[] = { /* EAL writes into the array */
		"test", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"-m", "256", "--lcores", "(0-7)@0",
	};

	if (rte_eal_init(RTE_DIM(args), (char **)(uintptr_t)args) < 0) {
		fprintf(stderr, "EAL does not start: %s\n", rte_strerror(rte_errno));
		exit(1);
	}
	evdev_run_anywhere();
}

static char *
name_on(const struct defect_test *test, const char *version)
{
	char *name;

	if (asprintf(&name, "%s on %s", test->name, version) < 0)
		abort();
	return name;
}

static int
run(const struct defect_group *group)
{
	struct CMUnitTest *tests = calloc(2 * group->num_tests, sizeof(*tests));
	unsigned int i, num = 0;
	int failed;

	if (tests == NULL)
		abort();
	for (i = 0; i < group->num_tests; i++) {
		const struct defect_test *test = &group->tests[i];

		if (test->versions & DEFECT_ON_2_0)
			tests[num++] = (struct CMUnitTest){name_on(test, "2.0"), test->run,
							   setup_2_0, defect_teardown, NULL};
		if (test->versions & DEFECT_ON_2_5)
			tests[num++] = (struct CMUnitTest){name_on(test, "2.5"), test->run,
							   setup_2_5, defect_teardown, NULL};
	}
	failed = _cmocka_run_group_tests(group->name, tests, num, NULL, NULL);
	for (i = 0; i < num; i++)
		free((char *)(uintptr_t)tests[i].name);
	free(tests);
	return failed;
}

int
main(int argc, char **argv)
{
	const struct defect_group *const *group = defect_groups;

	while (argc == 2 && *group != NULL && strcmp(argv[1], (*group)->name) != 0)
		group++;
	if (argc == 2 && *group != NULL) {
		defect_bus.device[0] = "event_dlb2_model0";
		defect_bus.device[1] = "event_dlb2_model1";
		start_eal();
		return run(*group);
	}
	fprintf(stderr, "usage: test_defects "
			"configure|credits|events|life_cycle|links|ports|xstats\n");
	return 2;
}
