/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What secondary processes do in the scenarios of secondary.c. Each says on stdout how far it is.
 */
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "secondary.h"

/* What a worker does with events: long enough that it may be killed meanwhile. */
#define WORK_US 300

static volatile sig_atomic_t asked_to_end;

static void
on_term(int number)
{
	asked_to_end = 1;
}

static void
say(const char *word)
{
	puts(word);
	fflush(stdout);
}

static void
forward(uint8_t dev, uint8_t port, unsigned int life)
{
	struct rte_event events[BURST];
	uint16_t i, num, sent;

	say("ready");
	while (!asked_to_end) {
		num = rte_event_dequeue_burst(dev, port, events, BURST, 0);
		if (num == 0)
			sched_yield();
		else
			rte_delay_us_block(WORK_US);
		for (i = 0; i < num; i++) {
			events[i].op = RTE_EVENT_OP_FORWARD;
			events[i].queue_id = COLLECTOR;
			events[i].sched_type = RTE_SCHED_TYPE_ATOMIC;
			events[i].flow_id = 0;
		}
		for (sent = 0; sent < num && !asked_to_end;)
			sent += rte_event_enqueue_burst(dev, port, events + sent, num - sent);
	}
}

static void
send_numbered(uint8_t dev, uint8_t port, unsigned int life)
{
	struct rte_event events[BURST];
	bool stopped = true, ready = false;
	uint64_t number = 0;
	uint16_t i, sent;

	while (!asked_to_end) {
		for (i = 0; i < BURST; i++)
			events[i] = (struct rte_event){
				.op = RTE_EVENT_OP_NEW,
				.queue_id = COLLECTOR,
				.sched_type = RTE_SCHED_TYPE_ATOMIC,
				.u64 = WORKERS_EVENT | (uint64_t)life << LIFE_SHIFT |
					(number + i + 1),
			};
		sent = rte_event_enqueue_burst(dev, port, events, BURST);
		number += sent;
		if (sent == 0)
			sched_yield();
		check(sent == BURST || rte_errno == ENOSPC || rte_errno == ESHUTDOWN,
		      "an enqueue failed for another reason");
		if (!stopped && sent == 0 && rte_errno == ESHUTDOWN)
			say("stopped");
		else if (stopped && sent > 0)
			say("runs");
		stopped = sent > 0 ? false : stopped || rte_errno == ESHUTDOWN;
		if (!ready)
			say("ready");
		ready = true;
	}
}

/* Says the numbers of the events that it has got. */
static void
consume(uint8_t dev, uint8_t port, unsigned int life)
{
	struct rte_event events[BURST];
	uint16_t i, num;

	say("ready");
	while (!asked_to_end) {
		num = rte_event_dequeue_burst(dev, port, events, BURST, 0);
		if (num == 0)
			sched_yield();
		for (i = 0; i < num; i++)
			check(write(STDOUT_FILENO, &events[i].u64, sizeof(uint64_t)) ==
			      sizeof(uint64_t), "the primary does not listen");
	}
}

static void
try_control(uint8_t dev, uint8_t port, unsigned int life)
{
	const struct rte_event_dev_config conf = {
		.nb_events_limit = LIMIT,
		.nb_event_queues = 1,
		.nb_event_ports = 1,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 32,
		.nb_event_port_enqueue_depth = 32,
	};
	struct rte_event_dev_xstats_name names[256];
	struct rte_event_dev_info info;
	uint64_t ids[256], values[256];
	uint8_t queue = COLLECTOR;
	FILE *nowhere = fopen("/dev/null", "w");
	int num;

	check(rte_event_dev_info_get(dev, &info) == 0 && info.max_event_queues > 0, "info");
	num = rte_event_dev_xstats_names_get(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0, names, ids, 256);
	check(num > 0 && rte_event_dev_xstats_get(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0, ids, values,
						  num) == num, "statistics");
	check(rte_event_dev_dump(dev, nowhere) == 0, "dump");
	rte_event_dev_stop(dev);
	check(rte_event_port_link(dev, port, &queue, NULL, 1) == 0 && rte_errno == ENOTSUP, "link");
	check(rte_event_port_unlink(dev, port, &queue, 1) == 0 && rte_errno == ENOTSUP, "unlink");
	check(rte_event_dev_configure(dev, &conf) < 0, "configure");
	check(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_DEVICE, -1, NULL, 0) < 0,
	      "reset of statistics");
	check(rte_event_queue_attr_set(dev, queue, RTE_EVENT_QUEUE_ATTR_PRIORITY, 0) == -ENOTSUP,
	      "queue attribute");
	rte_event_port_quiesce(dev, port, NULL, NULL);
	check(rte_pmd_dlb2_port_reclaim(dev, port, NULL, NULL, NULL) == -ENOTSUP, "reclaim");
	fclose(nowhere);
	say("refused");
}

/* The library has no place for calls while a device is being removed: it is only looked whether. */
static void
watch(uint8_t dev, uint8_t port, unsigned int life)
{
	bool there = true;

	say("ready");
	while (!asked_to_end) {
		if (there != (rte_event_dev_count() > 0))
			say(there ? "gone" : "back");
		there = rte_event_dev_count() > 0;
		usleep(1000);
	}
}

static void
look(uint8_t dev, uint8_t port, unsigned int life)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW};

	check(rte_event_dev_xstats_by_name_get(dev, "dev_nb_events_limit", NULL) == LIMIT,
	      "statistics");
	check(rte_event_dequeue_burst(dev, port, &event, 1, 0) == 0, "an event");
	check(rte_event_enqueue_burst(dev, port, &event, 1) == 0 && rte_errno == ENOTSUP,
	      "an enqueue");
	say("no traffic");
}

static const struct {
	const char *name;
	void (*run)(uint8_t dev, uint8_t port, unsigned int life);
} roles[] = {
	{"forward", forward}, {"produce", send_numbered}, {"consume", consume},
	{"control", try_control}, {"watch", watch}, {"statistics", look},
};

/*
 * By the bus's name of the device: the library finds by that of the event device, which is asked
 * for only where a device has several.
 */
static int
find_device(const char *name)
{
	int i;

	for (i = 0; i < RTE_EVENT_MAX_DEVS; i++) {
		if (strcmp(device_name(i), name) == 0)
			return i;
	}
	i = rte_event_dev_get_dev_id(name);
	if (i >= 0)
		return i;
	fail("the worker has no device %s", name);
}

void
play_role(char **argv)
{
	unsigned int i;

	signal(SIGTERM, on_term);
	for (i = 0; i < RTE_DIM(roles); i++) {
		if (strcmp(roles[i].name, argv[1]) == 0)
			roles[i].run(find_device(argv[2]), atoi(argv[3]), atoi(argv[4]));
	}
	while (!asked_to_end)
		usleep(1000);
}
