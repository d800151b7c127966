/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Command line: what holds for which device, and which words are refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

#define MAX_WORDS 48

/* Parses the words of a line. */
static int
parse(struct options *options, const char *line)
{
	static char copy[4096];
	char *argv[MAX_WORDS] = { copy }, *rest = NULL;
	int argc = 0;

	snprintf(copy, sizeof(copy), "dlb2-vfio-user %s", line);
	for (argv[0] = strtok_r(copy, " ", &rest); argv[argc] != NULL && argc < MAX_WORDS - 1;
			argv[argc] = strtok_r(NULL, " ", &rest))
		argc++;
	return options_parse(options, argc, argv);
}

static void
test_defaults(void **state)
{
	struct options options;

	assert_int_equal(parse(&options, "--socket /tmp/a"), 0);
	assert_int_equal(options.num_devices, 1);
	assert_string_equal(options.devices[0].path, "/tmp/a");
	assert_int_equal(options.devices[0].config.version, DLB2_HW_2_5);
	assert_int_equal(options.devices[0].config.seed, 0);
	assert_int_equal(options.devices[0].config.num_faults, 0);
	assert_null(options.trace);
	assert_null(options.control);
	assert_false(options.once);
}

static void
test_options_hold_for_sockets_behind_them(void **state)
{
	struct options options;

	assert_int_equal(parse(&options, "--hw 2.0 --seed 7 --socket /a --fault gone:3 --switch "
		"arm-when-true=1 --socket /b --hw 2.5 --fault cq-drop-write:2:dir:90 --socket /c "
		"--trace /t --control /k --once"), 0);
	assert_int_equal(options.num_devices, 3);
	assert_int_equal(options.devices[0].config.version, DLB2_HW_2_0);
	assert_int_equal(options.devices[0].config.num_faults, 0);
	assert_int_equal(options.devices[0].config.switches[DLB2_SWITCH_ARM_WHEN_TRUE], 0);
	assert_int_equal(options.devices[1].config.version, DLB2_HW_2_0);
	assert_int_equal(options.devices[1].config.seed, 7);
	assert_int_equal(options.devices[1].config.num_faults, 1);
	assert_int_equal(options.devices[1].config.faults[0].fault, DLB2_FAULT_GONE);
	assert_int_equal(options.devices[1].config.faults[0].count, 3);
	assert_int_equal(options.devices[1].config.switches[DLB2_SWITCH_ARM_WHEN_TRUE], 1);
	assert_int_equal(options.devices[2].config.version, DLB2_HW_2_5);
	assert_int_equal(options.devices[2].config.num_faults, 2);
	assert_int_equal(options.devices[2].config.faults[1].kind, DLB2_DIR);
	assert_int_equal(options.devices[2].config.faults[1].port, 90);
	assert_string_equal(options.trace, "/t");
	assert_string_equal(options.control, "/k");
	assert_true(options.once);
}

static void
test_refused(void **state)
{
	static const char *const lines[] = {
		"", "--hw 3.0 --socket /a", "--seed x --socket /a", "--seed -1 --socket /a",
		"--seed 99999999999999999999 --socket /a", "--socket /a --socket /a",
		"--fault nonsense --socket /a", "--fault gone:x --socket /a",
		"--fault gone:1:ldb:3 --socket /a", "--fault cq-drop-write --socket /a",
		"--fault cq-drop-write:1:ldb --socket /a", "--fault gone:1:2:3:4 --socket /a",
		"--fault cq-drop-write:1:abc:3 --socket /a",
		"--fault cq-drop-write:1:ldb:64 --socket /a",
		"--fault cq-drop-write:1:dir:96 --socket /a",
		"--fault cq-drop-write:1:dir:95 --hw 2.0 --socket /a",
		"--fault gone:4294967296 --socket /a", "--fault : --socket /a",
		"--switch arm-when-true --socket /a", "--switch nonsense=1 --socket /a",
		"--switch arm-when-true=9 --socket /a", "--switch =1 --socket /a",
		"--nonsense --socket /a", "--socket /a word", "--socket",
	};
	struct options options;
	unsigned int n;

	for (n = 0; n < sizeof(lines) / sizeof(lines[0]); n++)
		if (parse(&options, lines[n]) != -EINVAL)
			fail_msg("taken: %s", lines[n]);
}

static void
test_paths_and_devices_are_bounded(void **state)
{
	struct options options;
	char line[2048], path[128];
	unsigned int n;

	memset(path, 'x', sizeof(path));
	path[108] = '\0';
	snprintf(line, sizeof(line), "--socket %s", path);
	assert_int_equal(parse(&options, line), -EINVAL);
	path[107] = '\0';
	snprintf(line, sizeof(line), "--socket %s", path);
	assert_int_equal(parse(&options, line), 0);
	line[0] = '\0';
	for (n = 0; n <= OPTIONS_MAX_DEVICES; n++) {
		if (n == OPTIONS_MAX_DEVICES)
			assert_int_equal(parse(&options, line), 0);
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "--socket /%u ", n);
	}
	assert_int_equal(parse(&options, line), -EINVAL);
}

/* A message names the value and what is possible. */
static void
test_messages(void **state)
{
	char error[FAULTS_ERROR_LEN];
	struct switch_setting setting;
	struct fault fault;

	assert_int_equal(fault_parse("nonsense", DLB2_HW_2_5, &fault, error), -EINVAL);
	assert_non_null(strstr(error, "nonsense"));
	assert_non_null(strstr(error, "hw-alarm"));
	assert_int_equal(fault_parse("token-delay", DLB2_HW_2_5, &fault, error), -EINVAL);
	assert_non_null(strstr(error, "token-delay:COUNT:ldb|dir:PORT"));
	assert_int_equal(fault_parse("token-delay:1:dir:64", DLB2_HW_2_0, &fault, error), -EINVAL);
	assert_non_null(strstr(error, "0 to 63"));
	assert_int_equal(fault_parse("spurious-irq:65537:ldb:0", DLB2_HW_2_0, &fault, error),
		-EINVAL);
	assert_non_null(strstr(error, "0 to 65536"));
	assert_int_equal(switch_parse("arm-when-true=2", &setting, error), -EINVAL);
	assert_non_null(strstr(error, "0 to 1"));
}

static void
test_every_fault_has_a_name(void **state)
{
	static const char *const specs[DLB2_NUM_FAULTS] = {
		[DLB2_FAULT_CQ_ERROR_BIT] = "cq-error-bit:1:ldb:0",
		[DLB2_FAULT_CQ_DROP_WRITE] = "cq-drop-write:1:ldb:0",
		[DLB2_FAULT_CQ_WRONG_GEN] = "cq-wrong-gen:1:ldb:0",
		[DLB2_FAULT_TOKEN_DELAY] = "token-delay:1:ldb:0",
		[DLB2_FAULT_CREDIT_SHORTAGE] = "credit-shortage:1:ldb:0",
		[DLB2_FAULT_SPURIOUS_IRQ] = "spurious-irq:1:ldb:0",
		[DLB2_FAULT_NOT_READY] = "not-ready",
		[DLB2_FAULT_TRANSACTIONS_PENDING] = "transactions-pending",
		[DLB2_FAULT_STUCK_INFLIGHT] = "stuck-inflight:1:ldb:0",
		[DLB2_FAULT_GONE] = "gone",
		[DLB2_FAULT_HW_ALARM] = "hw-alarm",
	};
	char error[FAULTS_ERROR_LEN];
	struct fault fault;
	unsigned int n;

	for (n = 0; n < DLB2_NUM_FAULTS; n++) {
		assert_int_equal(fault_parse(specs[n], DLB2_HW_2_5, &fault, error), 0);
		assert_int_equal(fault.fault, n);
		assert_int_equal(fault.count, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_options_hold_for_sockets_behind_them),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_paths_and_devices_are_bounded),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_every_fault_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
