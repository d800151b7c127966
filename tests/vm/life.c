/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * One life of an application, to be ended by kill -9 at any moment: sets event device 0 up, sends
 * events through four stages (atomic, ordered and parallel in an order that depends on the life's
 * number, then directed) and checks each one it gets: it must be of this life, be in flight, and
 * come to the stage that it was sent to. Knows no driver.
 *
 *   life EAL-ARGUMENTS -- LIFE [EVENTS]
 *
 * Prints "up" when the first events have gone all the way. Ends after EVENTS, emptied and closed,
 * or never. Exit status 1 after a message if anything is wrong.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eventdev.h>

#define DEVICE 0
#define WORKERS 2
#define PRODUCER WORKERS /* takes the directed queue's events, and sends new ones */
#define NUM_PORTS (WORKERS + 1)
#define DIRECTED 3 /* the last queue */
#define NUM_QUEUES (DIRECTED + 1)
#define WINDOW 128 /* events in flight */
#define FLOWS 13
#define BURST 16
#define EVENTS_UNTIL_UP 500
#define IDLE_POLLS 100 /* before the first event is sent */
#define DRAIN_SECONDS 30

struct life {
	uint32_t number;
	uint64_t wanted; /* events; 0: never ends */
	uint64_t sent, done;
	struct {
		uint32_t sequence;
		uint8_t queue;
		bool used;
	} in_flight[WINDOW];
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

/* Of a queue, and so of the events sent to it. */
static uint8_t
type_of(uint32_t number, uint8_t queue)
{
	static const uint8_t types[] = { RTE_SCHED_TYPE_ATOMIC, RTE_SCHED_TYPE_ORDERED,
					 RTE_SCHED_TYPE_PARALLEL };

	return types[(number + queue) % RTE_DIM(types)];
}

static void
set_up_queues(uint32_t number)
{
	struct rte_event_queue_conf conf;
	uint8_t queue;

	for (queue = 0; queue < NUM_QUEUES; queue++) {
		rte_event_queue_default_conf_get(DEVICE, queue, &conf);
		if (queue == DIRECTED)
			conf.event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
		else
			conf.schedule_type = type_of(number, queue);
		if (rte_event_queue_setup(DEVICE, queue, &conf) != 0)
			fail("queue %u cannot be set up", queue);
	}
}

static void
set_up_ports(void)
{
	static const uint8_t all[] = { 0, 1, 2 }, directed[] = { DIRECTED };
	struct rte_event_port_conf conf;
	uint8_t port;
	int links;

	for (port = 0; port < NUM_PORTS; port++) {
		rte_event_port_default_conf_get(DEVICE, port, &conf);
		if (port == PRODUCER)
			conf.event_port_cfg = RTE_EVENT_PORT_CFG_SINGLE_LINK;
		if (rte_event_port_setup(DEVICE, port, &conf) != 0)
			fail("port %u cannot be set up", port);
		links = port == PRODUCER ? rte_event_port_link(DEVICE, port, directed, NULL, 1) :
					   rte_event_port_link(DEVICE, port, all, NULL, DIRECTED);
		if (links != (port == PRODUCER ? 1 : DIRECTED))
			fail("port %u: %d links made", port, links);
	}
}

static void
set_up(uint32_t number)
{
	struct rte_event_dev_info info;
	struct rte_event_dev_config conf = {
		.nb_event_queues = NUM_QUEUES,
		.nb_event_ports = NUM_PORTS,
		.nb_single_link_event_port_queues = 1,
		.nb_events_limit = 4 * WINDOW,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = BURST,
		.nb_event_port_enqueue_depth = BURST,
	};

	if (rte_event_dev_info_get(DEVICE, &info) != 0)
		fail("there is no event device");
	conf.dequeue_timeout_ns = info.min_dequeue_timeout_ns;
	if (rte_event_dev_configure(DEVICE, &conf) != 0)
		fail("the device cannot be configured");
	set_up_queues(number);
	set_up_ports();
	if (rte_event_dev_start(DEVICE) != 0)
		fail("the device does not start");
}

static uint64_t
encode(const struct life *life, uint32_t sequence)
{
	return (uint64_t)life->number << 32 | sequence;
}

/* Checks one event that a port got from a queue. Returns its place in in_flight[]. */
static unsigned int
check(const struct life *life, const struct rte_event *event)
{
	uint32_t number = event->u64 >> 32, sequence = event->u64;
	unsigned int slot = sequence % WINDOW;

	if (number != life->number)
		fail("life %" PRIu32 " got event %" PRIu32 " of life %" PRIu32, life->number,
		     sequence, number);
	if (!life->in_flight[slot].used || life->in_flight[slot].sequence != sequence)
		fail("life %" PRIu32 " got event %" PRIu32 ", which is not in flight", number,
		     sequence);
	if (life->in_flight[slot].queue != event->queue_id)
		fail("event %" PRIu32 " came from queue %u, and was sent to queue %u", sequence,
		     event->queue_id, life->in_flight[slot].queue);
	return slot;
}

static void
send_all(uint8_t port, struct rte_event events[], uint16_t count)
{
	uint64_t end = rte_get_timer_cycles() + DRAIN_SECONDS * rte_get_timer_hz();
	uint16_t sent = 0;

	while (sent < count) {
		sent += rte_event_enqueue_burst(DEVICE, port, &events[sent], count - sent);
		if (rte_get_timer_cycles() > end)
			fail("port %u: no enqueue succeeds any more", port);
	}
}

static void
work(struct life *life, uint8_t port)
{
	struct rte_event events[BURST];
	uint16_t count = rte_event_dequeue_burst(DEVICE, port, events, BURST, 0), i;

	for (i = 0; i < count; i++) {
		unsigned int slot = check(life, &events[i]);

		events[i].op = RTE_EVENT_OP_FORWARD;
		events[i].queue_id = ++life->in_flight[slot].queue;
		events[i].sched_type = type_of(life->number, events[i].queue_id);
	}
	send_all(port, events, count);
}

static void
consume(struct life *life)
{
	struct rte_event events[BURST];
	uint16_t count = rte_event_dequeue_burst(DEVICE, PRODUCER, events, BURST, 0), i;

	for (i = 0; i < count; i++)
		life->in_flight[check(life, &events[i])].used = false;
	life->done += count;
}

static void
produce(struct life *life)
{
	struct rte_event events[BURST];
	uint16_t count = 0;

	while (count < BURST && (life->wanted == 0 || life->sent < life->wanted)) {
		uint32_t sequence = life->sent;

		if (life->in_flight[sequence % WINDOW].used)
			break;
		life->in_flight[sequence % WINDOW].used = true;
		life->in_flight[sequence % WINDOW].sequence = sequence;
		life->in_flight[sequence % WINDOW].queue = 0;
		events[count++] = (struct rte_event){
			.op = RTE_EVENT_OP_NEW,
			.sched_type = type_of(life->number, 0),
			.flow_id = sequence % FLOWS,
			.u64 = encode(life, sequence),
		};
		life->sent++;
	}
	send_all(PRODUCER, events, count);
}

/* Nothing was sent: whatever comes is of an earlier life. */
static void
expect_nothing(const struct life *life)
{
	struct rte_event event;
	unsigned int i;
	uint8_t port;

	for (i = 0; i < IDLE_POLLS; i++)
		for (port = 0; port < NUM_PORTS; port++)
			if (rte_event_dequeue_burst(DEVICE, port, &event, 1, 0) != 0)
				fail("life %" PRIu32 ", which has sent nothing, got %#" PRIx64,
				     life->number, event.u64);
}

static void
live(struct life *life)
{
	bool up = false;
	uint64_t last_done = 0, deadline = 0;
	uint8_t port;

	while (life->wanted == 0 || life->done < life->wanted) {
		produce(life);
		for (port = 0; port < WORKERS; port++)
			work(life, port);
		consume(life);
		if (!up && life->done >= EVENTS_UNTIL_UP) {
			up = true;
			puts("up");
			fflush(stdout);
		}
		if (life->done != last_done || deadline == 0) {
			last_done = life->done;
			deadline = rte_get_timer_cycles() + DRAIN_SECONDS * rte_get_timer_hz();
		} else if (rte_get_timer_cycles() > deadline) {
			fail("%" PRIu64 " of %" PRIu64 " events came through, then none for %u s",
			     life->done, life->sent, DRAIN_SECONDS);
		}
	}
}

int
main(int argc, char **argv)
{
	static struct life life;
	int used = rte_eal_init(argc, argv);

	if (used < 0 || argc - used < 2 || argc - used > 3)
		fail("usage: life EAL-ARGUMENTS -- LIFE [EVENTS]");
	life.number = strtoul(argv[used + 1], NULL, 0);
	if (argc - used == 3)
		life.wanted = strtoull(argv[used + 2], NULL, 0);
	set_up(life.number);
	expect_nothing(&life);
	live(&life);
	printf("%" PRIu64 " events\n", life.done);
	rte_event_dev_stop(DEVICE);
	if (rte_event_dev_close(DEVICE) != 0)
		fail("the device does not close");
	return rte_eal_cleanup() == 0 ? 0 : 1;
}
