/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * An event loop of one thread that waits for events of a DLB and for something else, here a timer
 * that stands for sockets, and polls neither. Another thread sends events now and then.
 *
 *   event_loop EAL-ARGUMENTS
 *   event_loop --no-huge --no-pci -m 64 -l 0 --vdev=event_dlb2_model,run=thread
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_eventdev.h>

#include <rte_pmd_dlb2.h>

#define DEVICE 0
#define SENDER 0   /* ports */
#define RECEIVER 1
#define QUEUE 0
#define NUM_EVENTS 1000
#define BURST 32
#define SEND_EVERY_US 1000
#define TICK_MS 100
#define LIMIT_MS 10 /* for hardware that should lose an interrupt */

static unsigned int received, ticks;

static void
must(int ret, const char *what)
{
	if (ret < 0)
		rte_exit(EXIT_FAILURE, "%s: error %d\n", what, ret);
}

static void
set_up(void)
{
	const uint8_t queue = QUEUE;
	struct rte_event_dev_config config = {
		.nb_event_queues = 1,
		.nb_event_ports = 2,
		.nb_events_limit = 1024,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = BURST,
		.nb_event_port_enqueue_depth = BURST,
	};

	must(rte_event_dev_configure(DEVICE, &config), "configure");
	must(rte_event_queue_setup(DEVICE, QUEUE, NULL), "queue_setup");
	must(rte_event_port_setup(DEVICE, SENDER, NULL), "port_setup");
	must(rte_event_port_setup(DEVICE, RECEIVER, NULL), "port_setup");
	if (rte_event_port_link(DEVICE, RECEIVER, &queue, NULL, 1) != 1)
		rte_exit(EXIT_FAILURE, "port_link: error %d\n", rte_errno);
	must(rte_event_dev_start(DEVICE), "start");
}

static void *
send_events(void *arg)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .queue_id = QUEUE, .sched_type = RTE_SCHED_TYPE_ATOMIC,
	};

	for (event.u64 = 0; event.u64 < NUM_EVENTS; event.u64++) {
		while (rte_event_enqueue_burst(DEVICE, SENDER, &event, 1) != 1)
			;
		rte_delay_us_sleep(SEND_EVERY_US);
	}
	return arg;
}

static void
handle(const struct rte_event *event)
{
	if (event->u64 != received++)
		rte_exit(EXIT_FAILURE, "event %" PRIu64 " is out of order\n", event->u64);
}

static int
make_timer(void)
{
	const struct itimerspec every = {
		.it_value.tv_nsec = TICK_MS * 1000000, .it_interval.tv_nsec = TICK_MS * 1000000,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	must(fd, "timerfd_create");
	must(timerfd_settime(fd, 0, &every, NULL), "timerfd_settime");
	return fd;
}

static void
watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	must(fd, "file descriptor");
	must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void
read_timer(int timer)
{
	uint64_t count;

	if (read(timer, &count, sizeof(count)) == sizeof(count))
		ticks += count;
}

/* The loop. */
static void
run(int epoll, int timer)
{
	struct epoll_event ready;
	struct rte_event events[BURST];
	uint16_t num, i;
	int ret;

	while (received < NUM_EVENTS) {
		/* 1: events are there already. 0: the next one makes the descriptor readable. */
		ret = rte_pmd_dlb2_port_event_arm(DEVICE, RECEIVER);
		must(ret, "arm");
		if (epoll_wait(epoll, &ready, 1, ret == 1 ? 0 : LIMIT_MS) == 1 &&
		    ready.data.fd == timer)
			read_timer(timer);
		do {
			num = rte_event_dequeue_burst(DEVICE, RECEIVER, events, BURST, 0);
			for (i = 0; i < num; i++)
				handle(&events[i]);
		} while (num > 0);
	}
}
/* End of the loop. */

int
main(int argc, char **argv)
{
	int epoll = epoll_create1(0), timer = make_timer();
	pthread_t sender;

	must(rte_eal_init(argc, argv), "EAL");
	set_up();
	watch(epoll, timer);
	watch(epoll, rte_pmd_dlb2_port_event_fd(DEVICE, RECEIVER));
	must(-pthread_create(&sender, NULL, send_events, NULL), "pthread_create");
	run(epoll, timer);
	pthread_join(sender, NULL);
	printf("%u events, %u ticks of the timer\n", received, ticks);
	close(timer);
	close(epoll);
	rte_event_dev_stop(DEVICE);
	rte_event_dev_close(DEVICE);
	rte_eal_cleanup();
	return 0;
}
