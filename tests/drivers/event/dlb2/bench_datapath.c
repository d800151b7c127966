/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the data path costs the application's core: instructions and cycles per event to dequeue and
 * forward, with a consumer queue filled by hand and a producer port that nobody reads. Neither the
 * device nor the model is part of it.
 *
 * Instructions are counted exactly, by single-stepping the calls; cycles are those of the time
 * stamp counter, for the same calls at full speed. What is sent is checked: a data path that sends
 * wrong HCWs quickly is no use.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "fake_device.h"

#define CQ_DEPTH 128
#define MAX_BURST 32
#define STEPPED_ROUNDS 64
#define TIMED_ROUNDS 20000
#define TRAP_FLAG "0x100"

static volatile sig_atomic_t steps;

static void
count_step(int sig)
{
	steps++;
}

/*
 * Turns single-stepping on and off. Expanded in place, so that the instructions of a call are all
 * that is between.
 */
#define STEP(on) \
	__asm__ volatile("sub $128, %%rsp; pushfq; " on "; popfq; add $128, %%rsp" \
			 : \
			 : \
			 : "cc", "memory")
#define STEP_ON STEP("orq $" TRAP_FLAG ", (%%rsp)")
#define STEP_OFF STEP("andq $~" TRAP_FLAG ", (%%rsp)")

struct bench {
	struct fake_device *dev;
	struct fake_port *port;
	const struct dlb2_dp_ops *ops;
	unsigned int sequence;
};

static __rte_noinline uint16_t
dequeue(const struct bench *b, struct rte_event *ev, uint16_t n)
{
	return n == 1 ? b->ops->dequeue(b->port->dp, ev, 0)
		      : b->ops->dequeue_burst(b->port->dp, ev, n, 0);
}

static __rte_noinline uint16_t
enqueue(const struct bench *b, const struct rte_event *ev, uint16_t n)
{
	return n == 1 ? b->ops->enqueue(b->port->dp, ev)
		      : b->ops->enqueue_burst(b->port->dp, ev, n);
}

static uint16_t
no_dequeue(void *port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	return n;
}

static uint16_t
no_dequeue_one(void *port, struct rte_event *ev, uint64_t timeout_ticks)
{
	return 1;
}

/* Instructions that are stepped though they belong to the calls and not to what is called. */
static long
stepping_overhead(uint16_t n)
{
	static const struct dlb2_dp_ops nothing = {.dequeue = no_dequeue_one,
						   .dequeue_burst = no_dequeue};
	const struct bench b = {.ops = &nothing, .port = &(struct fake_port){}};
	long before = steps;

	STEP_ON;
	dequeue(&b, NULL, n);
	STEP_OFF;
	return steps - before - 2; /* a function that returns a constant */
}

static void
fill_cq(struct bench *b, unsigned int n)
{
	while (n-- > 0)
		fake_deliver(b->port, fake_entry(b->sequence++));
}

static void
forward_to(struct rte_event *ev, uint16_t n, uint8_t queue)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		ev[i].op = RTE_EVENT_OP_FORWARD;
		ev[i].queue_id = queue;
	}
}

static void
die(const char *what, unsigned int n)
{
	fprintf(stderr, "bench_datapath: %s (burst of %u)\n", what, n);
	exit(1);
}

/* All events of a round were forwarded and all its tokens returned. */
static void
check_lines(struct bench *b, unsigned int n)
{
	unsigned int i, events = 0, tokens = 0;

	fake_collect(b->port);
	for (i = 0; i < b->port->num_hcws; i++) {
		const struct dlb2_hcw *hcw = &b->port->hcws[i];

		if (hcw->cmd & DLB2_CMD_VALID) {
			if ((hcw->cmd & ~DLB2_CMD_TOKEN) != DLB2_CMD_FWD ||
			    hcw->qid != fake_queue_hw_id[FAKE_ATOMIC_QUEUE])
				die("wrong HCW", n);
			events++;
		}
		if (hcw->cmd & DLB2_CMD_TOKEN)
			tokens += hcw->cmd & DLB2_CMD_VALID ? 1
							    : (hcw->lock_id & DLB2_HCW_TOKENS) + 1;
	}
	if (events != n || tokens != n)
		die("events or tokens are missing", n);
	fake_discard(b->port);
}

static void
count_instructions(struct bench *b, uint16_t n, double *dequeued, double *enqueued)
{
	struct rte_event ev[MAX_BURST];
	long overhead = stepping_overhead(n);
	long start, in_dequeue = 0, in_enqueue = 0;
	unsigned int i;
	uint16_t got, sent;

	for (i = 0; i < STEPPED_ROUNDS; i++) {
		fill_cq(b, n);
		start = steps;
		STEP_ON;
		got = dequeue(b, ev, n);
		STEP_OFF;
		in_dequeue += steps - start - overhead;
		if (got != n)
			die("events are missing", n);
		forward_to(ev, n, FAKE_ATOMIC_QUEUE);
		start = steps;
		STEP_ON;
		sent = enqueue(b, ev, n);
		STEP_OFF;
		in_enqueue += steps - start - overhead;
		if (sent != n)
			die("enqueue refused", n);
		if (b->port->conf.channel != NULL)
			check_lines(b, n);
	}
	*dequeued = (double)in_dequeue / STEPPED_ROUNDS / n;
	*enqueued = (double)in_enqueue / STEPPED_ROUNDS / n;
}

static double
count_empty(struct bench *b)
{
	struct rte_event ev[MAX_BURST];
	long overhead = stepping_overhead(MAX_BURST), start = steps;
	unsigned int i;

	for (i = 0; i < STEPPED_ROUNDS; i++) {
		STEP_ON;
		dequeue(b, ev, MAX_BURST);
		STEP_OFF;
	}
	return (double)(steps - start) / STEPPED_ROUNDS - overhead;
}

static double
time_forward(struct bench *b, uint16_t n)
{
	struct rte_event ev[MAX_BURST];
	uint64_t ticks = 0, start;
	unsigned int i, k;

	for (i = 0; i < TIMED_ROUNDS; i++) {
		fill_cq(b, CQ_DEPTH / 2);
		start = rte_rdtsc_precise();
		for (k = 0; k < CQ_DEPTH / 2; k += n) {
			dequeue(b, ev, n);
			forward_to(ev, n, FAKE_ATOMIC_QUEUE);
			enqueue(b, ev, n);
		}
		ticks += rte_rdtsc_precise() - start;
		fake_discard(b->port);
	}
	return (double)ticks / TIMED_ROUNDS / (CQ_DEPTH / 2);
}

static void
run(const char *name, volatile void *page, enum dlb2_cq_layout layout)
{
	static const uint16_t bursts[] = {1, 4, 32};
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(CQ_DEPTH);
	struct bench b = {.ops = dlb2_dp_ops(fake_simd(), layout)};
	double dequeued, enqueued;
	unsigned int i;

	conf.cq_layout = layout;
	b.dev = fake_device_create(&conf);
	port_conf.pp = page;
	b.port = fake_port_add(b.dev, &port_conf);
	fake_device_start(b.dev);
	for (i = 0; i < RTE_DIM(bursts); i++) {
		count_instructions(&b, bursts[i], &dequeued, &enqueued);
		printf("%-14s burst %2u: %6.1f instructions per event (dequeue %5.1f, forward "
		       "%5.1f), %6.1f cycles\n",
		       name, bursts[i], dequeued + enqueued, dequeued, enqueued,
		       time_forward(&b, bursts[i]));
	}
	printf("%-14s empty dequeue: %.1f instructions\n", name, count_empty(&b));
	fake_device_destroy(b.dev);
}

int
main(void)
{
	static uint8_t page[DLB2_PP_STRIDE] __rte_cache_aligned;
	struct sigaction action = {.sa_handler = count_step};

	sigaction(SIGTRAP, &action, NULL);
	run("model", NULL, DLB2_CQ_SPARSE);
	run("model, dense", NULL, DLB2_CQ_DENSE);
	run("silicon", page, DLB2_CQ_SPARSE);
	run("silicon, dense", page, DLB2_CQ_DENSE);
	return 0;
}
