/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Sleeping until events come, on the PCI bus: each port of event device 0, load-balanced and directed,
 * has a file descriptor of its own, and dequeues that wait sleep. What
 * tests/drivers/event/dlb2/test_cq_irq.c does with the model, here with MSI-X vectors of the
 * kernel's vfio, and again after the device was reset. Resets the device by looking into the
 * driver, which is linked in. Give the device the devarg cq_interrupts=y.
 *
 *   cq_interrupts EAL-ARGUMENTS
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eventdev.h>

#include "dlb2_priv.h"
#include "rte_pmd_dlb2.h"

#define DEVICE 0
#define NUM_PORTS 3
#define DIRECTED 2      /* the last one */
#define SIGNAL_MS 5000  /* until it must have come */
#define SILENCE_MS 300  /* after which it will not come */
#define TIMEOUT_MS 200  /* of a dequeue */

static void
must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "failed: %s (errno %d, rte_errno %d)\n", what, errno, rte_errno);
	exit(1);
}

/* Each port has a queue of its own. */
static void
set_up(void)
{
	struct rte_event_dev_config config = {
		.nb_event_queues = NUM_PORTS,
		.nb_event_ports = NUM_PORTS,
		.nb_single_link_event_port_queues = 1,
		.nb_events_limit = 1024,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 8,
		.nb_event_port_enqueue_depth = 8,
		.event_dev_cfg = RTE_EVENT_DEV_CFG_PER_DEQUEUE_TIMEOUT,
	};
	struct rte_event_queue_conf queue;
	struct rte_event_port_conf port;
	uint8_t i;

	must(rte_event_dev_configure(DEVICE, &config) == 0, "configure");
	for (i = 0; i < NUM_PORTS; i++) {
		rte_event_queue_default_conf_get(DEVICE, i, &queue);
		rte_event_port_default_conf_get(DEVICE, i, &port);
		if (i == DIRECTED) {
			queue.event_queue_cfg |= RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
			port.event_port_cfg |= RTE_EVENT_PORT_CFG_SINGLE_LINK;
		}
		must(rte_event_queue_setup(DEVICE, i, &queue) == 0, "queue_setup");
		must(rte_event_port_setup(DEVICE, i, &port) == 0, "port_setup");
		must(rte_event_port_link(DEVICE, i, &i, NULL, 1) == 1, "port_link");
	}
	must(rte_event_dev_start(DEVICE) == 0, "start");
}

static bool
is_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

static void
send(uint8_t to)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
		.queue_id = to,
	};

	must(rte_event_enqueue_burst(DEVICE, 0, &event, 1) == 1, "enqueue");
}

static void
receive(uint8_t port)
{
	uint64_t end = rte_get_timer_cycles() + SIGNAL_MS * rte_get_timer_hz() / MS_PER_S;
	struct rte_event event;

	while (rte_event_dequeue_burst(DEVICE, port, &event, 1, 0) == 0)
		must(rte_get_timer_cycles() < end, "dequeue");
}

static int
arm(uint8_t port)
{
	return rte_pmd_dlb2_port_event_arm(DEVICE, port);
}

/*
 * Arms an empty port until its file descriptor is silent. The interrupt of an arming that found an
 * event may be on its way through the kernel still when the port is armed again: one for nothing.
 */
static void
arm_until_silent(uint8_t port, int fd)
{
	unsigned int late = 0;

	do {
		must(arm(port) == 0, "arming an empty port");
		must(late++ <= 1, "silence without events");
	} while (is_readable(fd, SILENCE_MS));
}

static void
check_file_descriptors(void)
{
	int fds[NUM_PORTS];
	uint8_t i, j;

	for (i = 0; i < NUM_PORTS; i++) {
		fds[i] = rte_pmd_dlb2_port_event_fd(DEVICE, i);
		must(fds[i] >= 0, "file descriptor");
		arm_until_silent(i, fds[i]);
	}
	for (i = 0; i < NUM_PORTS; i++) {
		send(i);
		for (j = 0; j < NUM_PORTS; j++)
			must(is_readable(fds[j], j == i ? SIGNAL_MS : 0) == (i == j),
			     "a signal for this port alone");
		must(arm(i) == 1, "arming a port with an event");
		receive(i);
		arm_until_silent(i, fds[i]);
		send(i);
		must(is_readable(fds[i], SIGNAL_MS), "a signal once more");
		receive(i);
		arm_until_silent(i, fds[i]); /* it stays readable until then */
		printf("port %u: woken\n", i);
	}
}

static uint64_t
sleeps(uint8_t port)
{
	char name[64];

	snprintf(name, sizeof(name), "port_%u_rx_interrupt_wait", port);
	return rte_event_dev_xstats_by_name_get(DEVICE, name, NULL);
}

/* A dequeue sleeps until its timeout, and no longer than until an event comes. */
static void
check_dequeue(uint8_t port)
{
	uint64_t ticks, before = sleeps(port), start;
	struct rte_event event;

	must(rte_event_dequeue_timeout_ticks(DEVICE, TIMEOUT_MS * UINT64_C(1000000), &ticks) == 0,
	     "timeout ticks");
	start = rte_get_timer_cycles();
	must(rte_event_dequeue_burst(DEVICE, port, &event, 1, ticks) == 0, "no event");
	must(rte_get_timer_cycles() - start >= ticks, "as long as the timeout");
	must(sleeps(port) > before, "a sleep");
	send(port);
	must(rte_event_dequeue_burst(DEVICE, port, &event, 1, ticks) == 1, "an event");
	printf("port %u: slept %u times\n", port, (unsigned int)(sleeps(port) - before));
}

/* What the driver does with a device that did not drain. */
static void
reset(void)
{
	struct dlb2_process *process = dlb2_process(&rte_eventdevs[DEVICE]);

	dlb2_let_go(process->function);
	must(dlb2_bring_up(process->function) == 0, "reset");
	printf("reset\n");
}

int
main(int argc, char **argv)
{
	unsigned int round;
	uint8_t port;

	must(rte_eal_init(argc, argv) >= 0, "EAL");
	must(rte_event_dev_count() > 0, "an event device");
	for (round = 0; round < 2; round++) {
		if (round > 0)
			reset();
		set_up();
		check_file_descriptors();
		for (port = 0; port < NUM_PORTS; port++)
			check_dequeue(port);
		rte_event_dev_stop(DEVICE);
		must(rte_event_dev_close(DEVICE) == 0, "close");
	}
	rte_eal_cleanup();
	printf("done\n");
	return 0;
}
