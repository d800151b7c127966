/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A packet pipeline over an event device: what a user of rte_eventdev would start from. It knows no
 * driver; with a DLB, real or modelled, the scheduling between the stages is the device's work.
 *
 *   packet_pipeline --lcores '0@0,1@1,2@1' --vdev=event_dlb2_model -d librte_event_dlb2.so \
 *       --vdev=net_tap0 --vdev=net_tap1 -- --seconds 10
 *
 * The main lcore prints rates once a second and, if no service lcores are given (-s), runs the
 * adapters' services.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_eventdev.h>
#include <rte_launch.h>
#include <rte_malloc.h>

#include "packet_pipeline.h"

#define NUM_MBUFS 16383
#define DRAIN_SECONDS 2 /* packets still inside after this long are flushed at stop */

volatile bool pipeline_stopping;
static volatile sig_atomic_t signalled;

static void
on_signal(int signum)
{
	signalled = 1;
}

static void
usage(const char *program)
{
	printf("%s [EAL options] -- [options]\n"
	       "  --event-dev ID   event device to use (default 0)\n"
	       "  --work CYCLES    cycles that the ordered stage spends on each packet (default "
	       "0)\n"
	       "  --seconds N      stop after N seconds (default 0: at SIGINT or SIGTERM)\n",
	       program);
}

static int
parse_number(const char *name, const char *text, uint32_t max, uint32_t *value)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || number > max) {
		fprintf(stderr, "--%s %s: not a number from 0 to %" PRIu32 "\n", name, text, max);
		return -EINVAL;
	}
	*value = number;
	return 0;
}

/* Returns 0, 1 when the user only asked for help, or a negative errno after a message. */
static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "event-dev", required_argument, NULL, 'e' },
		{ "work", required_argument, NULL, 'w' },
		{ "seconds", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint32_t dev = 0;
	int c, index = 0, ret = 0;

	while (ret == 0 && (c = getopt_long(argc, argv, "", table, &index)) != -1) {
		if (c == 'e')
			ret = parse_number(table[index].name, optarg, RTE_EVENT_MAX_DEVS - 1, &dev);
		else if (c == 'w')
			ret = parse_number(table[index].name, optarg, UINT32_MAX,
					   &options->work_cycles);
		else if (c == 's')
			ret = parse_number(table[index].name, optarg, 1000000, &options->seconds);
		else
			ret = c == 'h' ? 1 : -EINVAL;
	}
	if (ret == 0 && optind != argc) {
		fprintf(stderr, "%s: not an option\n", argv[optind]);
		ret = -EINVAL;
	}
	options->event_dev = dev;
	return ret;
}

static void
print_rates(const struct pipeline *p, double seconds, bool last)
{
	static uint64_t before[4];
	uint64_t now[4] = { 0 };
	unsigned int i;

	ports_totals(&now[0], &now[3]);
	for (i = 0; i < p->num_workers; i++) {
		now[1] += p->workers[i].classified;
		now[2] += p->workers[i].worked;
	}
	if (last)
		memset(before, 0, sizeof(before));
	printf("%s received %.3f, classified %.3f, worked %.3f, sent %.3f million packets/s\n",
	       last ? "mean:" : "     ", (now[0] - before[0]) / seconds / 1e6,
	       (now[1] - before[1]) / seconds / 1e6, (now[2] - before[2]) / seconds / 1e6,
	       (now[3] - before[3]) / seconds / 1e6);
	fflush(stdout);
	memcpy(before, now, sizeof(before));
}

/*
 * Runs until the time is over or a signal comes, then lets what is inside leave. Returns the
 * seconds it ran.
 */
static double
run(struct pipeline *p, uint32_t seconds)
{
	const uint64_t hz = rte_get_timer_hz(), start = rte_get_timer_cycles();
	uint64_t next = start + hz, end;
	double ran;

	while (!signalled && (seconds == 0 || rte_get_timer_cycles() < start + seconds * hz)) {
		pipeline_run_services(p);
		if (rte_get_timer_cycles() >= next) {
			print_rates(p, 1.0, false);
			next += hz;
		}
	}
	ran = (double)(rte_get_timer_cycles() - start) / hz;
	pipeline_stop_input(p);
	for (end = rte_get_timer_cycles() + DRAIN_SECONDS * hz; rte_get_timer_cycles() < end;) {
		uint64_t in = 0, out = 0;

		pipeline_run_services(p);
		ports_totals(&in, &out);
		if (out >= in)
			break;
	}
	pipeline_stopping = true;
	return ran;
}

static void
print_totals(const struct pipeline *p)
{
	const uint64_t flushed = pipeline_flushed();
	uint64_t in, out, dropped = 0;
	unsigned int i, flows = 0;

	ports_totals(&in, &out);
	for (i = 0; i < p->num_workers; i++)
		dropped += p->workers[i].dropped;
	for (i = 0; i < NUM_FLOWS; i++)
		flows += p->flows[i].packets != 0;
	printf("%" PRIu64 " packets of %u flows received, %" PRIu64 " sent, %" PRIu64
	       " dropped, %" PRIu64 " flushed at stop, %" PRIu64 " left in the Rx adapter\n",
	       in, flows, out, dropped, flushed, in - out - dropped - flushed);
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct rte_mempool *pool;
	struct pipeline *p;
	double seconds;
	int ret, used = rte_eal_init(argc, argv);

	if (used < 0)
		rte_exit(EXIT_FAILURE, "EAL: %s\n", rte_strerror(rte_errno));
	ret = parse_options(argc - used, argv + used, &options);
	if (ret != 0) {
		usage(argv[0]);
		rte_eal_cleanup();
		return ret > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	pool = rte_pktmbuf_pool_create("packets", NUM_MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       rte_socket_id());
	p = rte_zmalloc("pipeline", sizeof(*p), RTE_CACHE_LINE_SIZE);
	if (pool == NULL || p == NULL)
		rte_exit(EXIT_FAILURE, "no memory for %u packet buffers: give more with -m\n",
			 NUM_MBUFS);
	if (rte_eth_dev_count_avail() == 0)
		rte_exit(EXIT_FAILURE,
			 "no Ethernet port: give one with -a or --vdev, such as --vdev=net_tap0\n");
	if (ports_start(pool) != 0 || pipeline_create(p, &options) != 0 || pipeline_start(p) != 0)
		rte_exit(EXIT_FAILURE, "the pipeline was not started\n");
	printf("%u workers on event device %u; services run by %s\n", p->num_workers, p->dev_id,
	       p->own_services ? "the main lcore" : "service lcores");
	rte_eal_mp_remote_launch(worker_main, p, SKIP_MAIN);
	seconds = run(p, options.seconds);
	rte_eal_mp_wait_lcore();
	print_rates(p, seconds, true);
	pipeline_destroy(p);
	print_totals(p);
	ports_stop();
	rte_free(p);
	return rte_eal_cleanup() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
