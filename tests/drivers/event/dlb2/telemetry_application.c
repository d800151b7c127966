/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The application that test_telemetry_commands.py asks questions, the driver linked in. It has two
 * load-balanced queues and ports and a directed pair; port 0 has a link in profile 2 as well. First it holds still: 20 events are in the
 * device, of which port 1 has dequeued 4 and released one of them early, and port 0 has sent until it got no more credits. After a
 * line of input it changes: traffic, new configurations, the device removed and plugged in again,
 * until the next line. Then it ends.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_eal.h>
#include <rte_eventdev.h>

#include <rte_pmd_dlb2.h>

#include "link_profiles.h"

#define NUM 3
#define DIRECTED 2
#define HELD 20
#define DEQUEUED 4
#define DEPTH 8
#define NUM_EVENTS 64

static void
must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "failed: %s\n", what);
	exit(1);
}

static void
set_up_pair(uint8_t i, int32_t threshold)
{
	struct rte_event_queue_conf queue;
	struct rte_event_port_conf port;
	uint8_t priority = i * 32;

	must(rte_event_queue_default_conf_get(0, i, &queue) == 0, "queue defaults");
	must(rte_event_port_default_conf_get(0, i, &port) == 0, "port defaults");
	queue.schedule_type = RTE_SCHED_TYPE_ATOMIC;
	queue.event_queue_cfg = i == DIRECTED ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0;
	port.event_port_cfg = RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL |
		(i == DIRECTED ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0);
	port.dequeue_depth = DEPTH;
	port.new_event_threshold = threshold;
	must(rte_event_queue_setup(0, i, &queue) == 0, "queue set-up");
	must(rte_event_port_setup(0, i, &port) == 0, "port set-up");
	must(rte_event_port_link(0, i, &i, &priority, 1) == 1, "link");
}

static void
start(int32_t threshold)
{
	struct rte_event_dev_config config = {
		.nb_event_queues = NUM,
		.nb_event_ports = NUM,
		.nb_single_link_event_port_queues = 1,
		.nb_events_limit = NUM_EVENTS,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = DEPTH,
		.nb_event_port_enqueue_depth = DEPTH,
		.dequeue_timeout_ns = 1000,
	};
	uint8_t i;

	must(rte_event_dev_configure(0, &config) == 0, "configure");
	for (i = 0; i < NUM; i++)
		set_up_pair(i, threshold);
	must(rte_event_dev_start(0) == 0, "start");
}

/* Returns how many were accepted of `num`. */
static unsigned int
send(uint8_t queue, unsigned int num)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .queue_id = queue, .sched_type = RTE_SCHED_TYPE_ATOMIC};
	unsigned int sent = 0;

	while (sent < num && rte_event_enqueue_burst(0, 0, &event, 1) == 1)
		sent++;
	return sent;
}

static unsigned int
receive(uint8_t port, struct rte_event events[], unsigned int num)
{
	unsigned int got = 0, polls;

	for (polls = 0; polls < 1000 && got < num; polls++)
		got += rte_event_dequeue_burst(0, port, &events[got], num - got, 0);
	return got;
}

/* Threshold, events held and refused ones are chosen so that a port can take no more. */
static void
hold_still(void)
{
	struct rte_event events[DEQUEUED];

	start(HELD);
	must(profile_link(0, 0, 1, 96, 2) == 1, "link in a profile that is not active");
	must(send(1, HELD + 1) == HELD, "as many events as the threshold says");
	must(receive(1, events, DEQUEUED) == DEQUEUED, "events at port 1");
	must(rte_pmd_dlb2_release_atomic(0, 1, events, 1) == 0, "early release");
	puts("holding");
}

static bool
line_came(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char text[8];

	return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, text, sizeof(text)) >= 0;
}

static void
pass_traffic(void)
{
	struct rte_event events[DEPTH];
	unsigned int i, got, round;

	for (round = 0; round < 20; round++) {
		send(round % NUM, DEPTH);
		got = receive(round % NUM, events, DEPTH);
		for (i = 0; i < got; i++)
			events[i].op = RTE_EVENT_OP_RELEASE;
		rte_event_enqueue_burst(0, round % NUM, events, got);
	}
}

static void
change(const char *devargs)
{
	unsigned int round;

	puts("changing");
	for (round = 0; !line_came(); round++) {
		rte_event_dev_stop(0);
		if (round % 4 == 3)
			must(rte_event_dev_close(0) == 0, "close");
		if (round % 8 == 7) {
			must(rte_vdev_uninit("event_dlb2_model0") == 0, "removal");
			must(rte_vdev_init("event_dlb2_model0", devargs) == 0, "plugging in");
		}
		start(NUM_EVENTS);
		pass_traffic();
	}
	printf("changed %u times\n", round);
}

/* Arguments: devargs, EAL's. */
int
main(int argc, char **argv)
{
	const char *devargs = argv[1];

	setvbuf(stdout, NULL, _IOLBF, 0);
	argv[1] = argv[0];
	must(rte_eal_init(argc - 1, argv + 1) >= 0, "EAL");
	must(rte_vdev_init("event_dlb2_model0", devargs) == 0, "device");
	hold_still();
	while (!line_came())
		usleep(10000);
	change(devargs);
	rte_event_dev_stop(0);
	rte_event_dev_close(0);
	return rte_eal_cleanup();
}
