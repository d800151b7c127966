/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * An application as others write them, built against DPDK's own dlb2 driver: its header, and its
 * library to link with. Nothing of this project is compiled in. test_library.py runs it on this
 * driver by putting another file in the library's place, test_telemetry.py asks it questions.
 *
 * Two load-balanced queues and ports and one directed pair; 100 events go through queue 1 and 10
 * through the pair. Then it says so and waits for the end of its input.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eventdev.h>
#include <rte_pmd_dlb2.h>
#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
#define DEFERRED_POP RTE_PMD_DLB2_DEFERRED_POP
#endif

#define NUM 3
#define DIRECTED 2
#define PATIENCE_S 20 /* a device in a virtual machine on a busy host is slow */

static void
must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "failed: %s\n", what);
	exit(1);
}

static void
set_up_pair(uint8_t i)
{
	struct rte_event_queue_conf queue;
	struct rte_event_port_conf port;

	must(rte_event_queue_default_conf_get(0, i, &queue) == 0, "queue defaults");
	must(rte_event_port_default_conf_get(0, i, &port) == 0, "port defaults");
	queue.schedule_type = RTE_SCHED_TYPE_ATOMIC;
	queue.event_queue_cfg = i == DIRECTED ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0;
	port.event_port_cfg = i == DIRECTED ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0;
	must(rte_event_queue_setup(0, i, &queue) == 0, "queue set-up");
	must(rte_event_port_setup(0, i, &port) == 0, "port set-up");
	must(rte_event_port_link(0, i, &i, NULL, 1) == 1, "link");
}

static void
start(void)
{
	struct rte_event_dev_config config = {
		.nb_event_queues = NUM,
		.nb_event_ports = NUM,
		.nb_single_link_event_port_queues = 1,
	};
	struct rte_event_dev_info info;
	uint8_t i;

	must(rte_event_dev_info_get(0, &info) == 0, "info");
	config.nb_events_limit = info.max_num_events;
	config.nb_event_queue_flows = info.max_event_queue_flows;
	config.nb_event_port_dequeue_depth = info.max_event_port_dequeue_depth;
	config.nb_event_port_enqueue_depth = info.max_event_port_enqueue_depth;
	must(rte_event_dev_configure(0, &config) == 0, "configure");
	must(rte_pmd_dlb2_set_token_pop_mode(0, 1, DEFERRED_POP) == 0, "token pop mode");
	for (i = 0; i < NUM; i++)
		set_up_pair(i);
	must(rte_event_dev_start(0) == 0, "start");
}

/* The dequeue after the last event is there to release it. */
static unsigned int
send_and_receive(uint8_t queue, unsigned int num)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .queue_id = queue, .sched_type = RTE_SCHED_TYPE_ATOMIC};
	uint64_t end = rte_get_timer_cycles() + PATIENCE_S * rte_get_timer_hz();
	unsigned int i, got = 0;

	for (i = 0; i < num; i++)
		must(rte_event_enqueue_burst(0, 0, &event, 1) == 1, "enqueue");
	while (got < num && rte_get_timer_cycles() < end)
		got += rte_event_dequeue_burst(0, queue, &event, 1, 0);
	return got + rte_event_dequeue_burst(0, queue, &event, 1, 0);
}

int
main(int argc, char **argv)
{
	must(rte_eal_init(argc, argv) >= 0, "EAL");
	must(rte_event_dev_count() == 1, "one event device");
	start();
	printf("received %u and %u\n", send_and_receive(1, 100), send_and_receive(DIRECTED, 10));
	fflush(stdout);
	while (getchar() != EOF)
		;
	rte_event_dev_stop(0);
	rte_event_dev_close(0);
	return rte_eal_cleanup();
}
