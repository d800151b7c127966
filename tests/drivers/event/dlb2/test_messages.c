/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the driver says to wrong input: every call of bad_calls.c, and wrong values of every device
 * argument. Each gets its error, does nothing else, and the device passes some traffic afterwards.
 *
 *   test_messages doc/guides/dlb2_messages.csv     also compares the messages with the guide's
 *   test_messages --print >doc/guides/dlb2_messages.csv     writes the guide's table
 *
 * Messages of DPDK's own library are its own; the table says so and does not repeat them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evdev_test.h"

#include <rte_bus_vdev.h>
#include <rte_common.h>

#include "bad_calls.h"
#include "dlb2_devargs.h"

#define NAME "event_dlb2_model0"
#define PREFIX "dlb2 " NAME ": "
/* Columns of the table; the numbers in the messages are those of DLB 2.5. */
#define HEADER "Call,Wrong,Answer,Message"

static FILE *table; /* what the driver says, of 2.5 */
static const char *version;

static void
print_quoted(const char *text, size_t len)
{
	fputc('"', table);
	for (; len > 0; len--, text++) {
		if (*text == '"')
			fputc('"', table);
		fputc(*text, table);
	}
	fputc('"', table);
}

/* The first line that is the driver's. Returns its length, 0 without one. */
static size_t
find_message(const char *log, const char **message)
{
	const char *line = strstr(log, "dlb2 ");

	if (line == NULL)
		return 0;
	*message = strncmp(line, PREFIX, strlen(PREFIX)) == 0 ? line + strlen(PREFIX) : line;
	return strcspn(*message, "\n");
}

static void
add_row(const char *call, const char *wrong, const char *answer, const char *log)
{
	const char *message = log[0] == '\0' ? "none" : "of DPDK's library";
	size_t len = find_message(log, &message);

	if (strcmp(version, "2.5") != 0)
		return;
	fprintf(table, "%s,", call);
	print_quoted(wrong, strlen(wrong));
	fprintf(table, ",%s,", answer);
	print_quoted(message, len > 0 ? len : strlen(message));
	fputc('\n', table);
}

/* Two load-balanced queues and ports and one pair, number 2, all linked. */
static void
set_up(uint8_t dev)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i,
						   i == 2 ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(
			evdev_setup_port(dev, i, i == 2 ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
}

static void
bring_into(uint8_t dev, enum bad_call_state state)
{
	if (state == STATE_LARGE)
		assert_int_equal(evdev_configure(dev, 9, 10, 0), 0);
	else if (state != STATE_NEW)
		assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	if (state >= STATE_STOPPED)
		set_up(dev);
	if (state == STATE_RUNNING)
		assert_int_equal(rte_event_dev_start(dev), 0);
}

/* A device that was set up must be usable as it is, but for the link that one call takes away. */
static void
check_usable(uint8_t dev, enum bad_call_state state)
{
	if (state < STATE_STOPPED) {
		assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
		set_up(dev);
	}
	if (state < STATE_RUNNING) {
		assert_int_equal(evdev_link(dev, 1, 1), 1);
		assert_int_equal(rte_event_dev_start(dev), 0);
	}
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 1, 2, 2);
}

/* As the API calls it, of the two names that one of them has. */
static const char *
name_of(int error)
{
	return error == ENOTSUP ? "ENOTSUP" : strerrorname_np(error);
}

static void
check_call(const struct bad_call *bad)
{
	char args[32];
	uint8_t dev;
	char *log;
	int ret;

	snprintf(args, sizeof(args), "hw=%s", version);
	dev = evdev_add(NAME, args);
	bring_into(dev, bad->state);
	log_capture();
	ret = bad->call(dev);
	log = log_take();
	if (ret != bad->error)
		fail_msg("%s, %s: %d, log: %s", bad->function, bad->wrong, ret, log);
	add_row(bad->function, bad->wrong, name_of(-ret), log);
	free(log);
	check_usable(dev, bad->state);
	evdev_remove(NAME);
}

static void
check_devargs(const char *name, const char *format, ...)
{
	char wrong[128], args[160];
	va_list values;
	char *log;
	int ret;

	va_start(values, format);
	vsnprintf(wrong, sizeof(wrong), format, values);
	va_end(values);
	snprintf(args, sizeof(args), "hw=%s,%s", version, wrong);
	log_capture();
	ret = rte_vdev_init(NAME, args);
	log = log_take();
	if (ret >= 0 || rte_event_dev_count() != 0 || strstr(log, name) == NULL)
		fail_msg("%s: %d, log: %s", args, ret, log);
	add_row("device arguments", wrong, "no device", log);
	free(log);
	evdev_start_simple(evdev_add(NAME, ""), 2);
	evdev_check_traffic(0, 0, 1, 1);
	evdev_remove(NAME);
}

/* What is wrong for every argument; `value` is right. */
static void
check_form(const char *name, const char *value)
{
	check_devargs(name, "%s", name);
	check_devargs(name, "%s=", name);
	check_devargs(name, "%s=rubbish", name);
	check_devargs(name, "%s=%sx", name, value);
	if (strcmp(name, "port_cos") != 0 && strcmp(name, "qid_depth_thresh") != 0)
		check_devargs(name, "%s=%s,%s=%s", name, value, name, value);
}

static void
check_range(const char *name, long least, long most)
{
	check_devargs(name, "%s=%ld", name, least - 1);
	check_devargs(name, "%s=%ld", name, most + 1);
	check_devargs(name, "%s=99999999999999999999", name);
}

#define CHECK_number(name, least, most) check_range(#name, least, most)
#define CHECK_number_or_none(name, least, most) check_range(#name, (least) - 1, most)
#define CHECK_power_of_two(name, least, most) \
	(check_range(#name, least, most), check_devargs(#name, #name "=%d", (least) + 1))
#define CHECK_flag(name, least, most) check_devargs(#name, #name "=2")
#define CHECK_depth_thresh(name, least, most) \
	(check_devargs(#name, #name "=0:%d", (most) + 1), check_devargs(#name, #name "=200:1"), \
	 check_devargs(#name, #name "=5-4:1"), check_devargs(#name, #name "=5"))
#define CHECK_port_cos(name, least, most) \
	(check_devargs(#name, #name "=0:%d", (most) + 1), check_devargs(#name, #name "=64:0"), \
	 check_devargs(#name, #name "=0-16:1"), check_devargs(#name, #name "=all:1"))
#define CHECK_cos_bw(name, least, most) \
	(check_devargs(#name, #name "=50:50:1:0"), check_devargs(#name, #name "=1:1:1"), \
	 check_devargs(#name, #name "=-1:1:1:1"))
#define CHECK_coremask(name, least, most) \
	(check_devargs(#name, #name "=0x"), check_devargs(#name, #name "=8000000000000000"))
#define CHECK_domain_shares(name, least, most) \
	(check_devargs(#name, #name "=%d", (most) + 1), check_devargs(#name, #name "=1:"), \
	 check_devargs(#name, #name "=1:2"), check_devargs(#name, "domains=2," #name "=1:1000"))
#define CHECK_run(name, least, most) check_devargs(#name, #name "=fast")
#define CHECK_cq_layout(name, least, most) check_devargs(#name, #name "=Dense")
#define CHECK_simd(name, least, most) check_devargs(#name, #name "=mmx")
#define CHECK_seed(name, least, most) \
	(check_devargs(#name, #name "=-1"), check_devargs(#name, #name "=18446744073709551616"))

/* A right value of an argument that has no default. */
static const char *
right_value(const char *name, const char *preset)
{
	if (strcmp(name, "qid_depth_thresh") == 0 || strcmp(name, "port_cos") == 0)
		return "0:1";
	return preset[0] != '\0' ? preset : "1";
}

#define CHECK(name, parser, least, most_2_0, most_2_5, preset, values) \
	check_form(#name, right_value(#name, preset)); \
	CHECK_##parser(name, least, strcmp(version, "2.0") == 0 ? most_2_0 : most_2_5);

static void
check_all_devargs(void)
{
	DLB2_DEVARGS(CHECK)
	DLB2_VDEV_DEVARGS(CHECK)
	check_devargs("hw", "hw=2.5");
	check_devargs("unheard_of", "unheard_of=1");
	check_devargs("alloc_hl_entries", "alloc_hl_entries=5");
	check_devargs("lcore", "lcore=0");
	check_devargs("RTE_EVENT_MAX_DEVS", "domains=17");
	check_devargs("port_cos", "domains=2,port_cos=0-8:1");
	check_devargs("alloc_hl_entries", "domains=2,use_default_hl=n,alloc_hl_entries=1025");
	if (strcmp(version, "2.0") == 0)
		check_devargs("num_dir_credits", "domains=2,num_dir_credits=2049");
}

static void
check_all_calls(void)
{
	unsigned int i;

	for (i = 0; i < num_bad_calls; i++)
		check_call(&bad_calls[i]);
}

static void
test_calls_2_0(void **state)
{
	version = "2.0";
	check_all_calls();
}

static void
test_calls_2_5(void **state)
{
	version = "2.5";
	check_all_calls();
}

static void
test_devargs_2_0(void **state)
{
	version = "2.0";
	check_all_devargs();
}

static void
test_devargs_2_5(void **state)
{
	version = "2.5";
	check_all_devargs();
}

static const char *guide; /* path of its table */
static char *said;
static size_t said_len;

static void
test_guide(void **state)
{
	FILE *f = fopen(guide, "r");
	char *line = NULL, *rest;
	size_t size = 0;
	ssize_t len;

	assert_non_null(f);
	fflush(table);
	rest = said;
	while ((len = getline(&line, &size, f)) > 0) {
		if (strncmp(rest, line, len) != 0)
			fail_msg("the guide has: %sthe driver says: %.*s", line,
				 (int)strcspn(rest, "\n"), rest);
		rest += len;
	}
	assert_int_equal(rest[0], '\0');
	free(line);
	fclose(f);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_2_0),
		cmocka_unit_test(test_calls_2_5),
		cmocka_unit_test(test_devargs_2_0),
		cmocka_unit_test(test_devargs_2_5),
		cmocka_unit_test(test_guide),
	};
	int failed = 1;

	if (argc != 2)
		return 2;
	guide = argv[1];
	table = open_memstream(&said, &said_len);
	fprintf(table, HEADER "\n");
	evdev_test_init();
	if (strcmp(guide, "--print") != 0) {
		failed = cmocka_run_group_tests_name("messages", tests, NULL, NULL);
	} else {
		version = "2.5";
		check_all_calls();
		check_all_devargs();
		fflush(table);
		failed = fputs(said, stdout) < 0;
	}
	fclose(table);
	free(said);
	return failed;
}
