/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See evdev_test.h.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evdev_test.h"

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_log.h>
#include <rte_malloc.h>

/* Rounds in which nothing came, before it is believed that nothing will. */
#define SILENT_ROUNDS 1000
/* For events that must come, but from a thread that may not get the CPU. */
#define LONGEST_WAIT_S 20

static char *captured;
static size_t captured_len;
static FILE *capture;
static void *hoard; /* of memory_exhaust(), a list */

void
evdev_test_init(void)
{
	const char *args[] = { /* EAL writes into the array */
		"test", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"-m", "256", "-l", "0",
	};

	if (rte_eal_init(RTE_DIM(args), (char **)(uintptr_t)args) < 0) {
		fprintf(stderr, "EAL does not start: %s\n", rte_strerror(rte_errno));
		exit(1);
	}
	evdev_run_anywhere();
}

void
evdev_run_anywhere(void)
{
	cpu_set_t cpus;
	long i;

	CPU_ZERO(&cpus);
	for (i = 0; i < sysconf(_SC_NPROCESSORS_ONLN); i++)
		CPU_SET(i, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

uint8_t
evdev_add(const char *name, const char *args)
{
	const char *more = getenv("DLB2_TEST_DEVARGS");
	char all[256];
	int id;

	if (more != NULL && strncmp(name, "event_dlb2", strlen("event_dlb2")) == 0) {
		snprintf(all, sizeof(all), "%s,%s", args, more);
		args = all;
	}
	assert_int_equal(rte_vdev_init(name, args), 0);
	id = rte_event_dev_get_dev_id(name);
	assert_true(id >= 0);
	return id;
}

void
evdev_remove(const char *name)
{
	uint32_t started = 0;
	int id = rte_event_dev_get_dev_id(name);

	assert_true(id >= 0);
	rte_event_dev_attr_get(id, RTE_EVENT_DEV_ATTR_STARTED, &started);
	if (started)
		rte_event_dev_stop(id);
	assert_int_equal(rte_vdev_uninit(name), 0);
	assert_int_equal(rte_event_dev_get_dev_id(name), -ENODEV);
}

void
evdev_for_both(void (*test)(uint8_t dev))
{
	static const char *const args[] = { "hw=2.0", "hw=2.5" };
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++) {
		test(evdev_add("event_dlb2_model0", args[i]));
		evdev_remove("event_dlb2_model0");
	}
}

struct rte_event_dev_config
evdev_conf(uint8_t dev, unsigned int ports, unsigned int queues, unsigned int pairs)
{
	struct rte_event_dev_info info;

	assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
	return (struct rte_event_dev_config){
		.nb_events_limit = info.max_num_events,
		.nb_event_queues = queues,
		.nb_event_ports = ports,
		.nb_event_queue_flows = info.max_event_queue_flows,
		.nb_event_port_dequeue_depth = info.max_event_port_dequeue_depth,
		.nb_event_port_enqueue_depth = info.max_event_port_enqueue_depth,
		.nb_single_link_event_port_queues = pairs,
	};
}

int
evdev_configure(uint8_t dev, unsigned int ports, unsigned int queues, unsigned int pairs)
{
	struct rte_event_dev_config conf = evdev_conf(dev, ports, queues, pairs);

	return rte_event_dev_configure(dev, &conf);
}

int
evdev_setup_queue(uint8_t dev, uint8_t queue, uint32_t flags, uint8_t sched_type)
{
	struct rte_event_queue_conf conf;
	int ret = rte_event_queue_default_conf_get(dev, queue, &conf);

	conf.event_queue_cfg = flags;
	conf.schedule_type = sched_type;
	return ret != 0 ? ret : rte_event_queue_setup(dev, queue, &conf);
}

int
evdev_setup_port(uint8_t dev, uint8_t port, uint32_t flags)
{
	struct rte_event_port_conf conf;
	int ret = rte_event_port_default_conf_get(dev, port, &conf);

	conf.event_port_cfg = flags;
	return ret != 0 ? ret : rte_event_port_setup(dev, port, &conf);
}

int
evdev_link(uint8_t dev, uint8_t port, uint8_t queue)
{
	return rte_event_port_link(dev, port, &queue, NULL, 1);
}

int
evdev_unlink(uint8_t dev, uint8_t port, uint8_t queue)
{
	return rte_event_port_unlink(dev, port, &queue, 1);
}

void
evdev_start_simple(uint8_t dev, unsigned int n)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, n, n, 0), 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

void
evdev_send(uint8_t dev, uint8_t port, uint8_t queue, unsigned int num)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW,
		.queue_id = queue,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
	};

	for (event.u64 = 0; event.u64 < num; event.u64++) {
		event.flow_id = event.u64;
		assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 1);
	}
}

unsigned int
evdev_receive(uint8_t dev, uint8_t port)
{
	return evdev_receive_all(dev, port, 0);
}

unsigned int
evdev_receive_all(uint8_t dev, uint8_t port, unsigned int expected)
{
	const uint64_t limit = rte_get_timer_cycles() + LONGEST_WAIT_S * rte_get_timer_hz();
	unsigned int silent = 0, received = 0;
	struct rte_event events[32];
	uint16_t num;

	while (silent < SILENT_ROUNDS ||
	       (received < expected && rte_get_timer_cycles() < limit)) {
		num = rte_event_dequeue_burst(dev, port, events, RTE_DIM(events), 0);
		silent = num == 0 ? silent + 1 : 0;
		received += num;
		if (silent >= SILENT_ROUNDS)
			sched_yield();
	}
	return received;
}

void
evdev_check_traffic(uint8_t dev, uint8_t from_port, uint8_t queue, uint8_t to_port)
{
	evdev_send(dev, from_port, queue, 100);
	assert_int_equal(evdev_receive_all(dev, to_port, 100), 100);
}

void
log_capture(void)
{
	capture = open_memstream(&captured, &captured_len);
	assert_non_null(capture);
	rte_openlog_stream(capture);
}

/* The stream's lock keeps the text where it is meanwhile. */
static bool
log_contains(const char *word)
{
	bool found;

	flockfile(capture);
	fflush(capture);
	found = strstr(captured, word) != NULL;
	funlockfile(capture);
	return found;
}

void
log_wait(const char *word)
{
	unsigned int ms;

	for (ms = 0; ms < 10000; ms++) {
		if (log_contains(word))
			return;
		rte_delay_us_sleep(US_PER_S / MS_PER_S);
	}
	log_expect(word, NULL);
}

void
log_expect(const char *word, ...)
{
	va_list words;

	rte_openlog_stream(NULL);
	fclose(capture);
	va_start(words, word);
	for (; word != NULL; word = va_arg(words, const char *)) {
		if (strstr(captured, word) == NULL)
			fail_msg("no '%s' in the log: %s", word, captured);
	}
	va_end(words);
	free(captured);
}

char *
log_take(void)
{
	rte_openlog_stream(NULL);
	fclose(capture);
	return captured;
}

void
log_expect_nothing(void)
{
	rte_openlog_stream(NULL);
	fclose(capture);
	if (captured_len > 0)
		fail_msg("in the log: %s", captured);
	free(captured);
}

uint64_t
evdev_xstat(uint8_t dev, const char *name)
{
	uint64_t id = 0, value = rte_event_dev_xstats_by_name_get(dev, name, &id);

	if (id == UINT32_MAX)
		fail_msg("no xstat '%s'", name);
	return value;
}

void
memory_exhaust(void)
{
	size_t size = 64 << 20;
	void *block;

	while (size >= 128) {
		block = rte_malloc(NULL, size, 0);
		if (block == NULL) {
			size /= 2;
			continue;
		}
		*(void **)block = hoard;
		hoard = block;
	}
}

void
memory_restore(void)
{
	void *next;

	for (; hoard != NULL; hoard = next) {
		next = *(void **)hoard;
		rte_free(hoard);
	}
}
