/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * An application whose event device comes and goes. Device 0 is there when it starts; each lcore
 * but the main one sends events to a queue and receives them back, and checks that they are of the
 * device's present life. The main lcore removes the device, or sees it go, and probes it again.
 *
 *   hotplug EAL-ARGUMENTS -- stop|run ROUNDS
 *       removes it ROUNDS times, after the lcores have stopped, or while they run: then ENODEV
 *       tells them that it is gone; nothing of it may stay behind
 *   hotplug EAL-ARGUMENTS -- vanish
 *       waits until it answers no more, leaves it, and waits until it can be probed again
 *   hotplug EAL-ARGUMENTS -- unplug
 *       waits until the kernel asks for it, gives it up, and waits for it to be plugged in again
 *
 * Knows no driver. Exit status 1 after a message if anything is wrong.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_eventdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#define DEVICE 0
#define QUEUE 0
#define FLOWS 16
#define BURST 8
#define WINDOW 64          /* events that an lcore may have under way */
#define EVENTS_A_ROUND 2000
#define PATIENCE_SECONDS 60
#define SILENCE_SECONDS 3  /* without an event: the device answers no more */

struct worker {
	uint8_t port;
	uint64_t sent, received; /* atomic: received */
} __rte_cache_aligned;

static struct worker workers[RTE_MAX_LCORE];
static unsigned int num_workers;
static uint32_t life;       /* of the device; in each event */
static bool running;        /* atomic */
static bool wanted_back;    /* atomic: the kernel asks for the device */

static void __rte_noreturn __rte_format_printf(1, 2)
fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void
must(int ret, const char *what)
{
	if (ret < 0)
		fail("%s: %s", what, rte_strerror(-ret));
}

static uint64_t
milliseconds(void)
{
	return rte_get_timer_cycles() / (rte_get_timer_hz() / MS_PER_S);
}

static void
send_events(struct worker *worker)
{
	uint64_t under_way = worker->sent - __atomic_load_n(&worker->received, __ATOMIC_RELAXED);
	struct rte_event events[BURST];
	unsigned int i;

	if (under_way > WINDOW - BURST)
		return;
	for (i = 0; i < BURST; i++)
		events[i] = (struct rte_event){
			.op = RTE_EVENT_OP_NEW,
			.sched_type = RTE_SCHED_TYPE_ATOMIC,
			.queue_id = QUEUE,
			.flow_id = (worker->sent + i) % FLOWS,
			.u64 = (uint64_t)life << 32 | worker->port,
		};
	worker->sent += rte_event_enqueue_burst(DEVICE, worker->port, events, BURST);
}

static void
receive_events(const struct worker *worker)
{
	struct rte_event events[BURST];
	uint16_t num = rte_event_dequeue_burst(DEVICE, worker->port, events, BURST, 0), i;

	for (i = 0; i < num; i++) {
		if (events[i].u64 >> 32 != life)
			fail("an event of life %" PRIu64 " in life %u", events[i].u64 >> 32, life);
		__atomic_fetch_add(&workers[(uint32_t)events[i].u64].received, 1,
				   __ATOMIC_RELAXED);
	}
}

static int
work(void *arg)
{
	struct worker *worker = arg;

	rte_errno = 0;
	while (rte_errno != ENODEV && __atomic_load_n(&running, __ATOMIC_RELAXED)) {
		send_events(worker);
		receive_events(worker);
	}
	return 0;
}

static uint64_t
total_received(void)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < num_workers; i++)
		total += __atomic_load_n(&workers[i].received, __ATOMIC_RELAXED);
	return total;
}

static void
set_up(void)
{
	struct rte_event_dev_config config = {
		.nb_event_queues = 1,
		.nb_event_ports = num_workers,
		.nb_events_limit = 4096,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 32,
		.nb_event_port_enqueue_depth = 32,
	};
	unsigned int i;

	must(rte_event_dev_configure(DEVICE, &config), "configure");
	must(rte_event_queue_setup(DEVICE, QUEUE, NULL), "queue_setup");
	for (i = 0; i < num_workers; i++) {
		must(rte_event_port_setup(DEVICE, i, NULL), "port_setup");
		if (rte_event_port_link(DEVICE, i, NULL, NULL, 0) != 1)
			fail("port_link: %s", rte_strerror(rte_errno));
	}
	must(rte_event_dev_start(DEVICE), "start");
}

static void
start_workers(void)
{
	unsigned int lcore, i = 0;

	life++;
	__atomic_store_n(&running, true, __ATOMIC_RELAXED);
	RTE_LCORE_FOREACH_WORKER(lcore) {
		workers[i] = (struct worker){ .port = i };
		must(rte_eal_remote_launch(work, &workers[i++], lcore), "launch");
	}
}

static void
stop_workers(void)
{
	__atomic_store_n(&running, false, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
}

static void
expect_traffic(void)
{
	uint64_t until = milliseconds() + PATIENCE_SECONDS * MS_PER_S;

	while (total_received() < EVENTS_A_ROUND) {
		if (milliseconds() > until)
			fail("%" PRIu64 " events in %u s", total_received(), PATIENCE_SECONDS);
		rte_delay_us_sleep(US_PER_S / MS_PER_S);
	}
}

static struct rte_device *
bus_device(void)
{
	struct rte_event_dev_info info;

	must(rte_event_dev_info_get(DEVICE, &info), "info_get");
	return info.dev;
}

/* Returns how many milliseconds it took. */
static uint64_t
remove_device(void)
{
	uint64_t start = milliseconds();

	must(rte_dev_remove(bus_device()), "rte_dev_remove");
	if (rte_event_dev_count() != 0)
		fail("%u devices after removal", rte_event_dev_count());
	return milliseconds() - start;
}

static unsigned int
open_files(void)
{
	unsigned int num = 0;
	DIR *dir = opendir("/proc/self/fd");

	if (dir == NULL)
		fail("no /proc/self/fd");
	while (readdir(dir) != NULL)
		num++;
	closedir(dir);
	return num;
}

/* What a process has when the device is removed; all the same after each removal. */
static void
check_usage(unsigned int round)
{
	static struct usage {
		unsigned int files, blocks;
	} first, now;
	struct rte_malloc_socket_stats heap;

	if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(0), &heap) != 0)
		fail("no statistics of the heap");
	now = (struct usage){ .files = open_files(), .blocks = heap.alloc_count };
	if (round == 1)
		first = now;
	if (now.files != first.files || now.blocks != first.blocks)
		fail("round %u: %u files and %u blocks of memory stay behind, %u and %u at first",
		     round, now.files, now.blocks, first.files, first.blocks);
}

static void
probe_until_back(const char *address)
{
	uint64_t until = milliseconds() + PATIENCE_SECONDS * MS_PER_S;

	while (rte_dev_probe(address) != 0) {
		if (milliseconds() > until)
			fail("%s is not back after %u s", address, PATIENCE_SECONDS);
		rte_delay_us_sleep(US_PER_S);
	}
}

static void
come_and_go(const char *address, unsigned int rounds, bool stop_first)
{
	unsigned int round;
	uint64_t took;

	for (round = 1; round <= rounds; round++) {
		if (round > 1)
			must(rte_dev_probe(address), "rte_dev_probe");
		set_up();
		start_workers();
		expect_traffic();
		if (stop_first)
			stop_workers();
		took = remove_device();
		rte_eal_mp_wait_lcore();
		check_usage(round);
		printf("round %u: removed within %" PRIu64 " ms\n", round, took);
	}
}

static void
wait_for_silence(void)
{
	uint64_t until = milliseconds() + PATIENCE_SECONDS * MS_PER_S, before;

	do {
		if (milliseconds() > until)
			fail("events still come after %u s", PATIENCE_SECONDS);
		before = total_received();
		rte_delay_us_sleep(SILENCE_SECONDS * US_PER_S);
	} while (total_received() != before);
}

/* Each operation must come back, and those that can must say that it did not work. */
static void
leave_vanished_device(void)
{
	uint64_t start = milliseconds(), took;
	uint8_t queue = QUEUE;

	if (rte_event_port_unlink(DEVICE, 0, &queue, 1) != 0 || rte_errno != ENODEV)
		fail("an unlink of a device that is gone did not fail");
	rte_event_dev_stop(DEVICE);
	if (rte_event_dev_start(DEVICE) == 0)
		fail("a device that is gone was started");
	must(rte_event_dev_close(DEVICE), "close");
	took = milliseconds() - start;
	printf("gone: closed within %" PRIu64 " ms\n", took);
	printf("gone: removed within %" PRIu64 " ms\n", remove_device());
}

static void
traffic(void)
{
	set_up();
	start_workers();
	expect_traffic();
}

static void
vanish(const char *address)
{
	traffic();
	printf("running\n");
	wait_for_silence();
	stop_workers();
	leave_vanished_device();
	probe_until_back(address);
	traffic();
	stop_workers();
	printf("back\n");
}

static void
on_device_event(const char *name, enum rte_dev_event_type type, void *arg)
{
	RTE_SET_USED(name);
	RTE_SET_USED(arg);
	if (type == RTE_DEV_EVENT_REMOVE)
		__atomic_store_n(&wanted_back, true, __ATOMIC_RELEASE);
}

static void
unplug(const char *address)
{
	uint64_t until;

	must(rte_dev_event_callback_register(address, on_device_event, NULL),
	     "rte_dev_event_callback_register");
	traffic();
	printf("running\n");
	until = milliseconds() + PATIENCE_SECONDS * MS_PER_S;
	while (!__atomic_load_n(&wanted_back, __ATOMIC_ACQUIRE)) {
		if (milliseconds() > until)
			fail("nobody asks for the device");
		rte_delay_us_sleep(US_PER_S / MS_PER_S);
	}
	stop_workers();
	printf("unplugged: removed within %" PRIu64 " ms\n", remove_device());
	probe_until_back(address);
	traffic();
	stop_workers();
	printf("back\n");
}

int
main(int argc, char **argv)
{
	char address[RTE_DEV_NAME_MAX_LEN];
	int eal = rte_eal_init(argc, argv);
	const char *mode = eal >= 0 && eal + 1 < argc ? argv[eal + 1] : "";
	unsigned int rounds = eal >= 0 && eal + 2 < argc ? atoi(argv[eal + 2]) : 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (eal < 0 || rte_event_dev_count() != 1)
		fail("one event device is needed");
	num_workers = rte_lcore_count() - 1;
	snprintf(address, sizeof(address), "%s", rte_dev_name(bus_device()));
	if (strcmp(mode, "stop") == 0 || strcmp(mode, "run") == 0)
		come_and_go(address, rounds, strcmp(mode, "stop") == 0);
	else if (strcmp(mode, "vanish") == 0)
		vanish(address);
	else if (strcmp(mode, "unplug") == 0)
		unplug(address);
	else
		fail("usage: hotplug EAL-ARGUMENTS -- stop|run ROUNDS | vanish | unplug");
	rte_eal_cleanup();
	printf("done\n");
	return 0;
}
