/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Several event devices in a process at once: one lcore each sends events through its device and
 * checks that they are those it has sent, in order. Then the first device is removed while the
 * others go on. Knows no driver.
 *
 *   devices EAL-ARGUMENTS -- EVENTS
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_eventdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#define BURST 8
#define WINDOW 64
#define PATIENCE_SECONDS 120

static uint64_t num_events;

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
set_up(uint8_t dev)
{
	struct rte_event_dev_config config = {
		.nb_event_queues = 1,
		.nb_event_ports = 1,
		.nb_events_limit = 1024,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 32,
		.nb_event_port_enqueue_depth = 32,
	};

	if (rte_event_dev_configure(dev, &config) != 0 ||
	    rte_event_queue_setup(dev, 0, NULL) != 0 ||
	    rte_event_port_setup(dev, 0, NULL) != 0 ||
	    rte_event_port_link(dev, 0, NULL, NULL, 0) != 1 || rte_event_dev_start(dev) != 0)
		fail("device %u: set-up failed", dev);
}

static uint64_t
send_events(uint8_t dev, uint64_t next)
{
	struct rte_event events[BURST];
	unsigned int i;

	for (i = 0; i < BURST; i++)
		events[i] = (struct rte_event){
			.op = RTE_EVENT_OP_NEW,
			.sched_type = RTE_SCHED_TYPE_ATOMIC,
			.flow_id = dev,
			.u64 = (uint64_t)dev << 56 | (next + i),
		};
	return rte_event_enqueue_burst(dev, 0, events, BURST);
}

static uint64_t
receive_events(uint8_t dev, uint64_t next)
{
	struct rte_event events[BURST];
	uint16_t num = rte_event_dequeue_burst(dev, 0, events, BURST, 0), i;

	for (i = 0; i < num; i++) {
		if (events[i].u64 != ((uint64_t)dev << 56 | (next + i)))
			fail("device %u: %#lx and not event %lu", dev, events[i].u64, next + i);
	}
	return num;
}

static int
exchange(void *arg)
{
	const uint8_t dev = (uintptr_t)arg;
	uint64_t end = rte_get_timer_cycles() + PATIENCE_SECONDS * rte_get_timer_hz();
	uint64_t sent = 0, received = 0;

	while (received < num_events) {
		if (sent < num_events && sent - received <= WINDOW - BURST)
			sent += send_events(dev, sent);
		received += receive_events(dev, received);
		if (rte_get_timer_cycles() > end)
			fail("device %u: %lu of %lu events in %u s", dev, received, num_events,
			     PATIENCE_SECONDS);
	}
	printf("device %u: %lu events\n", dev, received);
	return 0;
}

static void
start_lcores(uint8_t first, uint8_t num)
{
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	uintptr_t dev;

	for (dev = first; dev < num; dev++, lcore = rte_get_next_lcore(lcore, 1, 0)) {
		if (lcore >= RTE_MAX_LCORE)
			fail("%u devices need %u lcores", num, num + 1);
		if (rte_eal_remote_launch(exchange, (void *)dev, lcore) != 0)
			fail("lcore %u cannot be used", lcore);
	}
}

static void
remove_first(void)
{
	struct rte_event_dev_info info;

	rte_event_dev_stop(0);
	if (rte_event_dev_info_get(0, &info) != 0 || rte_dev_remove(info.dev) != 0)
		fail("device 0 cannot be removed");
	printf("device 0 removed\n");
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv);
	uint8_t i, num;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (eal < 0 || eal + 1 >= argc)
		fail("usage: devices EAL-ARGUMENTS -- EVENTS");
	num_events = strtoull(argv[eal + 1], NULL, 10) / BURST * BURST;
	num = rte_event_dev_count();
	for (i = 0; i < num; i++)
		set_up(i);
	start_lcores(0, num);
	rte_eal_mp_wait_lcore();
	start_lcores(1, num);
	remove_first();
	rte_eal_mp_wait_lcore();
	rte_eal_cleanup();
	printf("done with %u devices\n", num);
	return 0;
}
