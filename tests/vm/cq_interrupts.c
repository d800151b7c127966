/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * CQ interrupts on the PCI bus: each load-balanced port of event device 0 has an MSI-X vector of
 * its own, which signals its eventfd once when it is armed and an event comes. What tests/drivers does
 * with the model, here with the kernel's vfio, and again after the device was reset. Looks into the
 * driver, which is linked in.
 *
 *   cq_interrupts EAL-ARGUMENTS
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eventdev.h>

#include "dlb2_priv.h"

#define DEVICE 0
#define NUM_PORTS 3
#define SIGNAL_MS 5000  /* until it must have come */
#define SILENCE_MS 300  /* after which it will not come */

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
		.nb_events_limit = 1024,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 8,
		.nb_event_port_enqueue_depth = 8,
	};
	uint8_t i;

	must(rte_event_dev_configure(DEVICE, &config) == 0, "configure");
	for (i = 0; i < NUM_PORTS; i++) {
		must(rte_event_queue_setup(DEVICE, i, NULL) == 0, "queue_setup");
		must(rte_event_port_setup(DEVICE, i, NULL) == 0, "port_setup");
		must(rte_event_port_link(DEVICE, i, &i, NULL, 1) == 1, "port_link");
	}
	must(rte_event_dev_start(DEVICE) == 0, "start");
}

static struct dlb2_process *
process(void)
{
	return dlb2_process(&rte_eventdevs[DEVICE]);
}

static unsigned int
hw_port(uint8_t port)
{
	return dlb2_evdev(&rte_eventdevs[DEVICE])->ports[port].hw_id;
}

static int
enable_interrupt(uint8_t port)
{
	struct dlb2_bus *bus = process()->function->attachment.bus;
	struct dlb2_domain *domain = process()->domain;
	int vector, fd;

	must(dlb2_cq_interrupt_setup(domain, DLB2_LDB, hw_port(port), 1) == 0, "interrupt set-up");
	vector = dlb2_cq_interrupt_vector(domain, DLB2_LDB, hw_port(port));
	must(vector > 0, "vector");
	fd = bus->ops->irq_fd(bus, vector);
	must(fd >= 0, "eventfd");
	printf("port %u: vector %d\n", port, vector);
	return fd;
}

static bool
is_signalled(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	eventfd_t count;

	return poll(&poll_fd, 1, timeout_ms) == 1 && eventfd_read(fd, &count) == 0;
}

/* Vector 1 is held back until it is acknowledged (control-path 12.5). */
static void
acknowledge(uint8_t port)
{
	struct dlb2_cq_set fired;
	unsigned int id = hw_port(port);

	must(dlb2_cq_interrupts_take(process()->function->device, &fired) == 0, "taking interrupts");
	must(fired.ldb[id / 32] == 1u << id % 32, "the CQ that fired");
}

static void
exchange(uint8_t port)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
		.queue_id = port,
	};
	uint64_t end = rte_get_timer_cycles() + SIGNAL_MS * rte_get_timer_hz() / MS_PER_S;

	must(rte_event_enqueue_burst(DEVICE, port, &event, 1) == 1, "enqueue");
	while (rte_event_dequeue_burst(DEVICE, port, &event, 1, 0) == 0)
		must(rte_get_timer_cycles() < end, "dequeue");
}

static void
check_ports(void)
{
	int fds[NUM_PORTS];
	uint8_t i, j;

	for (i = 0; i < NUM_PORTS; i++)
		fds[i] = enable_interrupt(i);
	for (i = 0; i < NUM_PORTS; i++) {
		exchange(i);
		must(!is_signalled(fds[i], SILENCE_MS), "no signal before arming");
		must(dlb2_cq_interrupt_arm(process()->domain, DLB2_LDB, hw_port(i)) == 0, "arm");
		exchange(i);
		for (j = 0; j < NUM_PORTS; j++)
			must(is_signalled(fds[j], j == i ? SIGNAL_MS : 0) == (i == j),
			     "a signal for this port alone");
		acknowledge(i);
		exchange(i);
		must(!is_signalled(fds[i], SILENCE_MS), "one signal for each arming");
	}
}

/* What the driver does with a device that did not drain. */
static void
reset(void)
{
	dlb2_let_go(process()->function);
	must(dlb2_bring_up(process()->function) == 0, "reset");
	printf("reset\n");
}

int
main(int argc, char **argv)
{
	unsigned int round;

	must(rte_eal_init(argc, argv) >= 0, "EAL");
	must(rte_event_dev_count() > 0, "an event device");
	for (round = 0; round < 2; round++) {
		if (round > 0)
			reset();
		set_up();
		check_ports();
		rte_event_dev_stop(DEVICE);
		must(rte_event_dev_close(DEVICE) == 0, "close");
	}
	rte_eal_cleanup();
	printf("done\n");
	return 0;
}
