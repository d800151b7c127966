/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Ten set-ups of event device 0, from one queue and one port to everything it has, through the
 * public API alone: devtools/transcripts runs them over two drivers and compares what the device
 * then holds. No event is sent, so that what a driver does depends on nothing but the set-up.
 *
 *   setups EAL-ARGUMENTS -- N [DIR]
 *
 * Brings the device to set-up N (1..10) and waits in each of the states "probed", "started",
 * "stopped" and "closed": it writes DIR/N.STATE, which for the two in the middle tells the hardware
 * number of each port and queue where the driver's statistics have it, and goes on when
 * DIR/N.STATE.go exists. Without DIR it prints the same and does not wait.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_eventdev.h>

#define DEVICE 0
#define ENQUEUE_DEPTH 32
#define DEPTH 16 /* of a port, where the set-up is not about depths */
#define EVENTS 4096 /* where it is not about all there is: both drivers have as many */
#define POLL_US 20000 /* between looks for the go-ahead */
#define UNLINK_POLLS 1000 /* looks for the end of an unlink, this far apart: */
#define UNLINK_POLL_US 1000
#define NO_PRIORITY RTE_EVENT_DEV_PRIORITY_NORMAL

/** What the device offers, and what of it the set-up at hand uses. */
struct device {
	struct rte_event_dev_info info;
	uint8_t queues, ports; /* directed ones included */
	uint32_t events;       /* at a time */
};

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
check(int ret, const char *what, unsigned int number)
{
	if (ret != 0)
		fail("%s %u: %s", what, number, strerror(abs(ret)));
}

static void
configure_with(struct device *device, uint8_t queues, uint8_t ports, uint8_t directed,
	       uint32_t events)
{
	struct rte_event_dev_config config = {
		.nb_event_queues = queues,
		.nb_event_ports = ports,
		.nb_single_link_event_port_queues = directed,
		.nb_events_limit = events,
		.nb_event_queue_flows = device->info.max_event_queue_flows,
		.nb_event_port_dequeue_depth = device->info.max_event_port_dequeue_depth,
		.nb_event_port_enqueue_depth = ENQUEUE_DEPTH,
	};

	check(rte_event_dev_configure(DEVICE, &config), "configure with queues", queues);
	device->queues = queues;
	device->ports = ports;
	device->events = events;
}

static void
configure(struct device *device, uint8_t queues, uint8_t ports, uint8_t directed)
{
	configure_with(device, queues, ports, directed, EVENTS);
}

/* The sequence numbers are those of a queue that orders: 64, the least. */
static void
queue(uint8_t number, uint8_t type)
{
	struct rte_event_queue_conf conf = {
		.schedule_type = type,
		.nb_atomic_flows = 1024,
		.nb_atomic_order_sequences = 64,
	};

	check(rte_event_queue_setup(DEVICE, number, &conf), "set-up of queue", number);
}

static void
directed_queue(uint8_t number)
{
	struct rte_event_queue_conf conf = { .event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK };

	check(rte_event_queue_setup(DEVICE, number, &conf), "set-up of directed queue", number);
}

static void
port_with(const struct device *device, uint8_t number, uint16_t depth, uint32_t flags)
{
	struct rte_event_port_conf conf = {
		.new_event_threshold = device->events,
		.dequeue_depth = depth,
		.enqueue_depth = ENQUEUE_DEPTH,
		.event_port_cfg = flags,
	};

	check(rte_event_port_setup(DEVICE, number, &conf), "set-up of port", number);
}

static void
port(const struct device *device, uint8_t number)
{
	port_with(device, number, DEPTH, 0);
}

static void
directed_port(const struct device *device, uint8_t number)
{
	port_with(device, number, DEPTH, RTE_EVENT_PORT_CFG_SINGLE_LINK);
}

static void
link_with(uint8_t to_port, uint8_t from_queue, uint8_t priority)
{
	if (rte_event_port_link(DEVICE, to_port, &from_queue, &priority, 1) != 1)
		fail("link of queue %u to port %u: %s", from_queue, to_port,
		     strerror(abs(rte_errno)));
}

static void
link_default(uint8_t to_port, uint8_t from_queue)
{
	link_with(to_port, from_queue, NO_PRIORITY);
}

static void
unlink_one(uint8_t of_port, uint8_t from_queue)
{
	unsigned int i;

	if (rte_event_port_unlink(DEVICE, of_port, &from_queue, 1) != 1)
		fail("unlink of queue %u from port %u: %s", from_queue, of_port,
		     strerror(abs(rte_errno)));
	for (i = 0; i < UNLINK_POLLS; i++) {
		if (rte_event_port_unlinks_in_progress(DEVICE, of_port) == 0)
			return;
		usleep(UNLINK_POLL_US);
	}
	fail("unlink of queue %u from port %u does not end", from_queue, of_port);
}

static void
start(void)
{
	check(rte_event_dev_start(DEVICE), "start of device", DEVICE);
}

/* 1: the least that schedules. */
static void
one_queue_one_port(struct device *device)
{
	configure(device, 1, 1, 0);
	queue(0, RTE_SCHED_TYPE_ATOMIC);
	port(device, 0);
	link_default(0, 0);
	start();
}

/* 2: each type of queue, and two ports that serve all of them. */
static void
types_of_queues(struct device *device)
{
	static const uint8_t types[] = { RTE_SCHED_TYPE_ATOMIC, RTE_SCHED_TYPE_ORDERED,
					 RTE_SCHED_TYPE_PARALLEL, RTE_SCHED_TYPE_ORDERED };
	uint8_t p, q;

	configure(device, RTE_DIM(types), 2, 0);
	for (q = 0; q < RTE_DIM(types); q++)
		queue(q, types[q]);
	for (p = 0; p < 2; p++) {
		port(device, p);
		for (q = 0; q < RTE_DIM(types); q++)
			link_default(p, q);
	}
	start();
}

/* 3: all the queues that one port can have, each at a priority of its own. */
static void
full_port(struct device *device)
{
	uint8_t q, queues = device->info.max_event_port_links;

	configure(device, queues, 1, 0);
	port(device, 0);
	for (q = 0; q < queues; q++) {
		queue(q, RTE_SCHED_TYPE_PARALLEL);
		link_with(0, q, UINT8_MAX - q * (UINT8_MAX / queues));
	}
	start();
}

/* 4: one queue to as many ports as there are. */
static void
widest_queue(struct device *device)
{
	uint8_t p;

	configure(device, 1, device->info.max_event_ports, 0);
	queue(0, RTE_SCHED_TYPE_ATOMIC);
	for (p = 0; p < device->ports; p++) {
		port(device, p);
		link_default(p, 0);
	}
	start();
}

/* 5: directed ones only. */
static void
directed_pairs(struct device *device)
{
	uint8_t i;

	configure(device, 2, 2, 2);
	for (i = 0; i < 2; i++) {
		directed_queue(i);
		directed_port(device, i);
	}
	link_default(0, 1);
	link_default(1, 0);
	start();
}

/* 6: a producer, two workers and a consumer: what a pipeline of two stages needs. */
static void
pipeline(struct device *device)
{
	uint8_t p, q;

	configure(device, 4, 4, 2);
	queue(0, RTE_SCHED_TYPE_ORDERED);
	queue(1, RTE_SCHED_TYPE_ATOMIC);
	directed_queue(2);
	directed_queue(3);
	for (p = 0; p < 2; p++) {
		port(device, p);
		for (q = 0; q < 2; q++)
			link_with(p, q, q == 0 ? RTE_EVENT_DEV_PRIORITY_LOWEST :
						 RTE_EVENT_DEV_PRIORITY_HIGHEST);
	}
	port_with(device, 2, DEPTH,
		  RTE_EVENT_PORT_CFG_SINGLE_LINK | RTE_EVENT_PORT_CFG_HINT_PRODUCER);
	port_with(device, 3, DEPTH,
		  RTE_EVENT_PORT_CFG_SINGLE_LINK | RTE_EVENT_PORT_CFG_HINT_CONSUMER);
	link_default(2, 2);
	link_default(3, 3);
	start();
}

/* 7: all depths that both drivers allow, below and above the least that the device has. */
static void
depths_of_ports(struct device *device)
{
	static const uint16_t depths[] = { 1, 2, 3, 4, 8, 16, 32 };
	const uint8_t load_balanced = RTE_DIM(depths);
	uint8_t i;

	configure(device, 1 + 2, load_balanced + 2, 2);
	queue(0, RTE_SCHED_TYPE_PARALLEL);
	for (i = 0; i < load_balanced; i++) {
		port_with(device, i, depths[i], 0);
		link_default(i, 0);
	}
	for (i = 0; i < 2; i++) {
		directed_queue(1 + i);
		port_with(device, load_balanced + i, i == 0 ? 2 : 32,
			  RTE_EVENT_PORT_CFG_SINGLE_LINK);
		link_default(load_balanced + i, 1 + i);
	}
	start();
}

/* 8: links made, moved and broken, first while stopped, then while running. */
static void
links_at_run_time(struct device *device)
{
	uint8_t p, q;

	configure(device, 3, 3, 0);
	for (q = 0; q < 3; q++)
		queue(q, q == 1 ? RTE_SCHED_TYPE_ORDERED : RTE_SCHED_TYPE_ATOMIC);
	for (p = 0; p < 3; p++) {
		port(device, p);
		link_with(p, p, RTE_EVENT_DEV_PRIORITY_NORMAL);
	}
	link_default(0, 2);
	unlink_one(0, 2);
	link_with(0, 1, RTE_EVENT_DEV_PRIORITY_LOWEST);
	start();
	link_with(1, 0, RTE_EVENT_DEV_PRIORITY_LOWEST);
	link_with(2, 0, RTE_EVENT_DEV_PRIORITY_HIGHEST);
	unlink_one(0, 1);
	link_with(0, 2, RTE_EVENT_DEV_PRIORITY_HIGHEST);
	link_with(1, 1, RTE_EVENT_DEV_PRIORITY_HIGHEST);
	unlink_one(2, 2);
}

/* 9: a second configuration, smaller, of which only a part is set up anew. */
static void
reconfigured(struct device *device)
{
	uint8_t i;

	configure(device, 4, 4, 1);
	for (i = 0; i < 3; i++) {
		queue(i, i == 2 ? RTE_SCHED_TYPE_ORDERED : RTE_SCHED_TYPE_ATOMIC);
		port(device, i);
		link_default(i, i);
	}
	link_default(1, 2);
	directed_queue(3);
	directed_port(device, 3);
	link_default(3, 3);
	start();
	rte_event_dev_stop(DEVICE);
	configure(device, 3, 3, 0);
	queue(0, RTE_SCHED_TYPE_PARALLEL);
	port(device, 0);
	link_default(0, 0);
	start();
}

/* 10: every queue, port, directed pair and credit; eight queues to a port. */
static void
everything(struct device *device)
{
	uint8_t queues = device->info.max_event_queues, ports = device->info.max_event_ports,
		pairs = device->info.max_single_link_event_port_queue_pairs, i, j;

	configure_with(device, queues + pairs, ports + pairs, pairs, device->info.max_num_events);
	for (i = 0; i < queues; i++)
		queue(i, i % 2 == 0 ? RTE_SCHED_TYPE_ORDERED : RTE_SCHED_TYPE_ATOMIC);
	for (i = 0; i < ports; i++) {
		port(device, i);
		for (j = 0; j < device->info.max_event_port_links; j++)
			link_with(i, (i + j) % queues, 32 * j);
	}
	for (i = 0; i < pairs; i++) {
		directed_queue(queues + i);
		directed_port(device, ports + i);
		link_default(ports + i, queues + i);
	}
	start();
}

static void (*const setups[])(struct device *) = {
	one_queue_one_port, types_of_queues, full_port,	      widest_queue, directed_pairs,
	pipeline,	    depths_of_ports, links_at_run_time, reconfigured, everything,
};

static void
tell_number(FILE *out, const char *what, const char *prefix, unsigned int number)
{
	char name[RTE_EVENT_DEV_XSTATS_NAME_SIZE];
	uint64_t id, kind, value;

	snprintf(name, sizeof(name), "%s_%u_is_load_balanced", prefix, number);
	kind = rte_event_dev_xstats_by_name_get(DEVICE, name, &id);
	snprintf(name, sizeof(name), "%s_%u_hw_id", prefix, number);
	value = rte_event_dev_xstats_by_name_get(DEVICE, name, &id);
	fprintf(out, "%s %u %s %" PRIu64 "\n", what, number, kind == 1 ? "ldb" : "dir", value);
}

static void
tell_numbers(FILE *out, const struct device *device)
{
	unsigned int i;

	for (i = 0; i < device->queues; i++)
		tell_number(out, "queue", "qid", i);
	for (i = 0; i < device->ports; i++)
		tell_number(out, "port", "port", i);
}

/* The file appears whole: whoever waits for it reads it at once. */
static void
wait_at(const char *dir, const char *setup, const char *state, const struct device *device)
{
	char path[PATH_MAX], part[PATH_MAX], go[PATH_MAX];
	FILE *out;

	if (dir == NULL) {
		printf("%s %s\n", setup, state);
		tell_numbers(stdout, device);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s.%s", dir, setup, state);
	snprintf(part, sizeof(part), "%s/%s.%s.part", dir, setup, state);
	snprintf(go, sizeof(go), "%s/%s.%s.go", dir, setup, state);
	out = fopen(part, "w");
	if (out == NULL)
		fail("%s: %s", part, strerror(errno));
	tell_numbers(out, device);
	fclose(out);
	if (rename(part, path) != 0)
		fail("%s: %s", path, strerror(errno));
	while (access(go, F_OK) != 0)
		usleep(POLL_US);
}

int
main(int argc, char **argv)
{
	const struct device none = { .queues = 0 };
	struct device device = { .queues = 0 };
	int used = rte_eal_init(argc, argv), number;
	const char *dir;

	if (used < 0 || argc < used + 2)
		fail("usage: %s EAL-ARGUMENTS -- N [DIR]", argv[0]);
	number = atoi(argv[used + 1]);
	dir = argc > used + 2 ? argv[used + 2] : NULL;
	if (number < 1 || number > (int)RTE_DIM(setups))
		fail("%s is not a set-up: 1 to %zu are", argv[used + 1], RTE_DIM(setups));
	check(rte_event_dev_info_get(DEVICE, &device.info), "no event device", DEVICE);

	wait_at(dir, argv[used + 1], "probed", &none);
	setups[number - 1](&device);
	wait_at(dir, argv[used + 1], "started", &device);
	rte_event_dev_stop(DEVICE);
	wait_at(dir, argv[used + 1], "stopped", &device);
	check(rte_event_dev_close(DEVICE), "close of device", DEVICE);
	wait_at(dir, argv[used + 1], "closed", &none);
	rte_eal_cleanup();
	return 0;
}
