/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Speed of the model alone: a closed loop in one thread, in which each port takes a burst of
 * entries, returns their tokens and sends each event on. Prints nanoseconds of processor time per
 * event, the consumer's part (about a fifth) included.
 *
 *   bench_model                        every case
 *   bench_model TYPE BURST PORTS QUEUES [EVENTS [DEPTH [IDLE [OPEN [LINKS]]]]]
 *                                      one case, for callgrind; TYPE is atomic, unordered, ordered
 *                                      or directed
 *
 * PORTS and QUEUES have traffic. IDLE is 1 for a device on which all others are set up as well,
 * linked to each other, in domains of their own: that must not cost anything. OPEN is how many
 * events a load-balanced port may have open. As many as BURST, with more than that for each port in
 * the loop, make that every port always finds a whole burst in its CQ, however many ports there
 * are. LINKS is how many queues a port is linked to, 8 if not given.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model_rig.h"

#define EVENTS_PER_PORT 64
#define DEFAULT_EVENTS 4000000u
#define MAX_BURST 32

struct bench {
	enum dlb2_sched_type type;
	unsigned int burst;
	unsigned int ports;
	unsigned int queues;
	unsigned int depth; /* events in the loop; 0: about as many as the CQs hold */
	unsigned int links; /* queues that a port takes events from */
	unsigned int open; /* events that a port may have open; 0: what there is for each port */
	bool idle; /* everything else of the device is set up too, without traffic */
	uint64_t events;
};

static const char *const type_names[] = { "atomic", "unordered", "ordered", "directed" };

static double
now_ns(void)
{
	struct timespec ts;

	/* Not the wall clock: other work on the machine must not count. */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void
configure_ldb(struct rig *rig, const struct bench *b)
{
	unsigned int open = b->open > 0 ? b->open : 2048 / b->ports < 64 ? 32 : 64;
	unsigned int sns = b->queues <= 2 ? 1024 : 64;
	unsigned int p, q, slot;

	for (q = 0; q < b->queues; q++)
		rig_ldb_queue(rig, 0, q, (struct rig_queue){
			.sns = b->type == DLB2_SCHED_ORDERED ? sns : 0,
			/*
			 * Deep: what drivers give (control-path 5.6), less than waits then. Else
			 * all that the idle ones leave.
			 */
			.aqed_limit = b->depth > 0 ? 64 : 1536 / b->queues });
	for (p = 0; p < b->ports; p++) {
		rig_ldb_port(rig, 0, p, 2 * MAX_BURST, open);
		for (slot = 0; slot < b->links && slot < b->queues; slot++)
			rig_link(rig, p, (p * b->links + slot) % b->queues, 0);
	}
}

static void
configure_dir(struct rig *rig, const struct bench *b)
{
	unsigned int p;

	for (p = 0; p < b->ports; p++) {
		rig_dir_queue(rig, 0, p);
		rig_dir_port(rig, 0, p, 2 * MAX_BURST);
	}
}

/* Ports and queues without traffic, in all domains but that of the loop. */
static void
configure_idle(struct rig *rig, const struct bench *b)
{
	unsigned int ports = b->type == DLB2_SCHED_DIRECTED ? 0 : b->ports;
	unsigned int queues = b->type == DLB2_SCHED_DIRECTED ? 0 : b->queues;
	unsigned int d, n, slot;

	for (d = 1; d < rig->limits->num_domains; d++)
		rig_domain(rig, d, 64, 64);
	for (n = queues; n < rig->limits->num_ldb_queues; n++)
		rig_ldb_queue(rig, 1 + n % (rig->limits->num_domains - 1), n,
			(struct rig_queue){ .aqed_limit = 16 });
	for (n = ports; n < rig->limits->num_ldb_ports; n++) {
		rig_ldb_port(rig, 1 + n % (rig->limits->num_domains - 1), n, 2 * MAX_BURST, 16);
		for (slot = 0; slot < 8 && queues < rig->limits->num_ldb_queues; slot++)
			rig_link(rig, n, queues + (n * 8 + slot) %
				(rig->limits->num_ldb_queues - queues), 0);
	}
	for (n = b->type == DLB2_SCHED_DIRECTED ? b->ports : 0; n < rig->limits->num_dir_ports;
			n++) {
		rig_dir_queue(rig, 1 + n % (rig->limits->num_domains - 1), n);
		rig_dir_port(rig, 1 + n % (rig->limits->num_domains - 1), n, 2 * MAX_BURST);
	}
}

static void
fill(struct rig *rig, const struct bench *b, enum dlb2_port_kind kind)
{
	unsigned int n, events = EVENTS_PER_PORT * b->ports;

	if (events > 1024)
		events = 1024;
	if (b->depth > 0)
		events = b->depth;
	for (n = 0; n < events; n++)
		rig_enqueue(rig, kind, n % b->ports, b->type,
			n % (kind == DLB2_DIR ? b->ports : b->queues), n, n);
}

/* One burst at a port: entries out, tokens back, events on to the next queue. */
static unsigned int
serve(struct rig *rig, const struct bench *b, enum dlb2_port_kind kind, unsigned int p)
{
	struct dlb2_line lines[MAX_BURST / DLB2_HCWS_PER_LINE + 1];
	struct dlb2_hcw *hcws = lines[0].hcw;
	uint8_t cmd = kind == DLB2_LDB ? DLB2_CMD_FWD : DLB2_CMD_NEW;
	unsigned int targets = kind == DLB2_LDB ? b->queues : b->ports;
	struct dlb2_cq_entry entry;
	unsigned int n, used;

	for (n = 0; n < b->burst && rig_poll(rig, kind, p, &entry); n++) {
		unsigned int to = kind == DLB2_LDB ? entry.qid + 1u : p + 1;

		hcws[n] = (struct dlb2_hcw){ .data = entry.data, .opaque = entry.opaque,
			.qid = to == targets ? 0 : to, .sched = b->type, .lock_id = entry.data,
			.cmd = cmd };
	}
	if (n == 0)
		return 0;
	hcws[n] = rig_tokens_hcw(DLB2_CMD_BAT_T, n);
	used = n / DLB2_HCWS_PER_LINE + 1;
	memset(&hcws[n + 1], 0, (used * DLB2_HCWS_PER_LINE - n - 1) * sizeof(*hcws));
	dlb2_model_post(rig->model, kind, p, lines, used);
	return n;
}

static double
measure(const struct bench *b)
{
	struct rig_options options = { .version = DLB2_HW_2_5 };
	struct rig *rig = rig_new(&options);
	enum dlb2_port_kind kind = b->type == DLB2_SCHED_DIRECTED ? DLB2_DIR : DLB2_LDB;
	uint64_t done = 0;
	unsigned int p = 0;
	double start;

	rig->print_reports = true;
	rig_domain(rig, 0, 4096, 4096);
	if (kind == DLB2_LDB)
		configure_ldb(rig, b);
	else
		configure_dir(rig, b);
	if (b->idle)
		configure_idle(rig, b);
	fill(rig, b, kind);
	if (b->open > 0)
		rig_run(rig);
	start = now_ns();
	while (done < b->events) {
		dlb2_model_run(rig->model, b->burst);
		done += serve(rig, b, kind, p);
		p = p + 1 == b->ports ? 0 : p + 1;
	}
	start = (now_ns() - start) / done;
	rig_free(rig);
	return start;
}

static void
report(const struct bench *b)
{
	double ns = measure(b);

	printf("%-9s burst %2u  %2u queues %2u ports%s  depth %4u  %6.1f ns/event  "
		"%5.1f M events/s\n", type_names[b->type], b->burst, b->queues, b->ports,
		b->idle ? " of all" : "", b->depth, ns, 1e3 / ns);
}

static int
type_of(const char *name)
{
	int type;

	for (type = DLB2_SCHED_ATOMIC; type <= DLB2_SCHED_DIRECTED; type++)
		if (strcmp(name, type_names[type]) == 0)
			return type;
	return -1;
}

int
main(int argc, char **argv)
{
	static const unsigned int bursts[] = { 1, 4, 32 };
	struct bench b = { .events = DEFAULT_EVENTS, .links = DLB2_MAX_SLOTS_PER_CQ };
	unsigned int n;

	if (argc >= 5 && type_of(argv[1]) >= 0) {
		b.type = type_of(argv[1]);
		b.burst = atoi(argv[2]);
		b.ports = atoi(argv[3]);
		b.queues = atoi(argv[4]);
		if (argc > 5)
			b.events = strtoull(argv[5], NULL, 10);
		if (argc > 6)
			b.depth = atoi(argv[6]);
		if (argc > 7)
			b.idle = atoi(argv[7]) != 0;
		if (argc > 8)
			b.open = atoi(argv[8]);
		if (argc > 9)
			b.links = atoi(argv[9]);
		report(&b);
		return 0;
	}
	for (b.type = DLB2_SCHED_ATOMIC; b.type <= DLB2_SCHED_DIRECTED; b.type++) {
		for (n = 0; n < sizeof(bursts) / sizeof(bursts[0]); n++) {
			b.burst = bursts[n];
			b.ports = b.queues = 1;
			report(&b);
			b.idle = true;
			report(&b);
			b.idle = false;
			b.depth = 4096;
			report(&b);
			b.depth = 0;
			b.ports = 64;
			b.queues = 32;
			report(&b);
		}
	}
	return 0;
}
