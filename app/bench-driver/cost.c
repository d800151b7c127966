/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See cost.h. One atomic queue, one port, which the driver under test sets up as it likes: where
 * its consumer queue is and which hardware queue is linked to it are read from the registers that it
 * wrote.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eventdev.h>

#include <dlb2_hcw.h>
#include <dlb2_regs.h>

#include "cost.h"
#include "plain_pci.h"
#include "stepper.h"

/* The most that the in-tree driver of DPDK 22.11 takes, and so the same ground for all. */
#define CQ_DEPTH COST_MAX_BURST
#define STEPPED_ROUNDS 64
#define CLOCK_READINGS 1000

struct bench {
	enum dlb2_version version;
	volatile struct dlb2_line *page; /* of the producer port */
	uint8_t *cq;
	unsigned int stride;  /* of its entries */
	unsigned int written; /* entries of the CQ */
	uint8_t qid;
	uint64_t next_data; /* of the event to be forwarded next */
	unsigned int events, tokens; /* sent, since the counts were reset */
	const char *fault;
};

static uint32_t
reg(const struct bench *b, enum dlb2_reg name, unsigned int index)
{
	uint32_t value;

	memcpy(&value, plain_pci_bars()->csr + dlb2_reg_offset(b->version, name, index, 0),
	       sizeof(value));
	return value;
}

/* Finds the one load-balanced port that the driver has made. */
static bool
find_port(struct bench *b)
{
	const uint32_t sparse = reg(b, DLB2_CHP_CFG_CHP_CSR_CTRL, 0) &
		DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_LDB_CQ_MODE;
	unsigned int port;

	b->stride = dlb2_cq_stride(sparse ? DLB2_CQ_SPARSE : DLB2_CQ_DENSE);
	for (port = 0; port < DLB2_MAX_LDB_PORTS; port++) {
		uint64_t low = reg(b, DLB2_SYS_LDB_CQ_ADDR_L, port);
		uint64_t high = reg(b, DLB2_SYS_LDB_CQ_ADDR_U, port);

		if ((low | high) == 0)
			continue;
		b->cq = (uint8_t *)(uintptr_t)(high << 32 | low);
		b->qid = reg(b, DLB2_LSP_CQ2QID0, port) & DLB2_LSP_CQ2QID0__QID_P0;
		b->page = (volatile struct dlb2_line *)(plain_pci_bars()->func + DLB2_PP_LDB_BASE +
							(size_t)port * DLB2_PP_STRIDE);
		return true;
	}
	return false;
}

/* Writes `n` entries with the right generation. */
static void
fill_cq(struct bench *b, unsigned int n)
{
	for (; n > 0; n--, b->written++) {
		struct dlb2_cq_entry entry = {
			.data = b->written,
			.qid = b->qid,
			.sched = DLB2_SCHED_ATOMIC,
			.flow_id = b->written,
			.status = b->written / CQ_DEPTH % 2 == 0 ? DLB2_CQ_GEN : 0,
		};

		memcpy(b->cq + b->written % CQ_DEPTH * b->stride, &entry, sizeof(entry));
	}
}

static void
check_hcw(struct bench *b, const struct dlb2_hcw *hcw)
{
	const unsigned int cmd = hcw->cmd & ~DLB2_CMD_TOKEN;

	if (cmd == DLB2_CMD_FWD) {
		if (hcw->qid != b->qid || hcw->data != b->next_data++)
			b->fault = "a forwarded event has another queue or content";
		b->events++;
	} else if (cmd != DLB2_CMD_NOOP) {
		b->fault = "a command that is neither FWD nor a return of tokens";
	}
	if (hcw->cmd == DLB2_CMD_BAT_T)
		b->tokens += (hcw->lock_id & DLB2_HCW_TOKENS) + 1;
	else
		b->tokens += hcw->cmd & DLB2_CMD_TOKEN;
}

/* In the trap handler. What is not a whole line is one HCW; all go to the base of the page. */
static void
on_store(unsigned int bytes, void *arg)
{
	struct bench *b = arg;
	struct dlb2_line line;
	unsigned int i;

	memcpy(&line, (const void *)(uintptr_t)b->page, sizeof(line));
	for (i = 0; i < bytes / sizeof(line.hcw[0]); i++)
		check_hcw(b, &line.hcw[i]);
}

static __rte_noinline uint16_t
dequeue(struct rte_event *ev, uint16_t n)
{
	return rte_event_dequeue_burst(0, 0, ev, n, 0);
}

static __rte_noinline uint16_t
enqueue(const struct rte_event *ev, uint16_t n)
{
	return rte_event_enqueue_burst(0, 0, ev, n);
}

static void
make_forwards(struct rte_event *ev, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		ev[i].op = RTE_EVENT_OP_FORWARD;
}

static uint16_t
nothing(struct rte_event *ev, uint16_t n)
{
	(void)ev;
	return n;
}

/* Instructions that are stepped around a call. */
static long
overhead(void)
{
	/* or the compiler would leave the call out */
	uint16_t (*volatile call)(struct rte_event *ev, uint16_t n) = nothing;

	stepper_reset();
	STEPPER_ON();
	call(NULL, 1);
	STEPPER_OFF();
	return stepper_counts().instructions - 2;
}

/* Per event. */
struct cost {
	double dequeue, enqueue, stores;
};

/* One burst, stepped. Returns whether all of it went round. */
static bool
step_burst(struct bench *b, unsigned int n, long around, struct cost *sum)
{
	struct rte_event ev[COST_MAX_BURST];
	uint16_t got, sent;

	fill_cq(b, n);
	stepper_reset();
	STEPPER_ON();
	got = dequeue(ev, n);
	STEPPER_OFF();
	sum->dequeue += stepper_counts().instructions - around;
	sum->stores += stepper_counts().stores;
	make_forwards(ev, got);
	stepper_reset();
	STEPPER_ON();
	sent = enqueue(ev, got);
	STEPPER_OFF();
	sum->enqueue += stepper_counts().instructions - around;
	sum->stores += stepper_counts().stores;
	if (got != n || sent != n)
		b->fault = "a burst was not dequeued or enqueued whole";
	return b->fault == NULL;
}

static bool
count_instructions(struct bench *b, unsigned int n, struct cost *cost)
{
	const long around = overhead();
	unsigned int i;

	*cost = (struct cost){0};
	b->next_data = b->written;
	b->events = b->tokens = 0;
	for (i = 0; i < STEPPED_ROUNDS; i++) {
		if (!step_burst(b, n, around, cost))
			return false;
	}
	if (b->events != STEPPED_ROUNDS * n) {
		b->fault = "events are missing in the lines that were stored";
		return false;
	}
	cost->dequeue /= STEPPED_ROUNDS * n;
	cost->enqueue /= STEPPED_ROUNDS * n;
	cost->stores /= STEPPED_ROUNDS * n;
	return true;
}

static double
count_empty(void)
{
	struct rte_event ev[COST_MAX_BURST];
	const long around = overhead();
	unsigned int i;

	stepper_reset();
	for (i = 0; i < STEPPED_ROUNDS; i++) {
		STEPPER_ON();
		dequeue(ev, 32);
		STEPPER_OFF();
	}
	return (double)stepper_counts().instructions / STEPPED_ROUNDS - around;
}

/* What reading the clock twice takes, at the best. */
static uint64_t
clock_ticks(void)
{
	uint64_t least = UINT64_MAX, start, ticks;
	unsigned int i;

	for (i = 0; i < CLOCK_READINGS; i++) {
		start = rte_rdtsc_precise();
		ticks = rte_rdtsc_precise() - start;
		least = RTE_MIN(least, ticks);
	}
	return least;
}

/* Nanoseconds per event. What is measured is short: the clock's own time is taken off. */
static double
time_forwards(struct bench *b, unsigned int n, unsigned int rounds)
{
	const unsigned int bursts = CQ_DEPTH / n;
	const uint64_t clock = clock_ticks();
	struct rte_event ev[COST_MAX_BURST];
	uint64_t ticks = 0, start, events = 0;
	unsigned int i, k;

	for (i = 0; i < rounds; i++) {
		fill_cq(b, bursts * n);
		start = rte_rdtsc_precise();
		for (k = 0; k < bursts; k++) {
			uint16_t got = dequeue(ev, n);

			make_forwards(ev, got);
			events += enqueue(ev, got);
		}
		ticks += rte_rdtsc_precise() - start - clock;
	}
	return ticks * 1e9 / rte_get_tsc_hz() / events;
}

static bool
set_up(struct bench *b)
{
	static const struct rte_event_dev_config device = {
		.nb_events_limit = 2048,
		.nb_event_queues = 1,
		.nb_event_ports = 1,
		.nb_event_queue_flows = 64,
		.nb_event_port_dequeue_depth = CQ_DEPTH,
		.nb_event_port_enqueue_depth = CQ_DEPTH,
	};
	static const struct rte_event_queue_conf queue = {
		.schedule_type = RTE_SCHED_TYPE_ATOMIC,
		.nb_atomic_flows = 64,
	};
	static const struct rte_event_port_conf port = {
		.new_event_threshold = 2048,
		.dequeue_depth = CQ_DEPTH,
		.enqueue_depth = CQ_DEPTH,
		.event_port_cfg = RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL,
	};

	if (rte_event_dev_configure(0, &device) != 0 || rte_event_queue_setup(0, 0, &queue) != 0 ||
	    rte_event_port_setup(0, 0, &port) != 0 ||
	    rte_event_port_link(0, 0, NULL, NULL, 0) != 1 || rte_event_dev_start(0) != 0) {
		fprintf(stderr, "the device cannot be set up: its driver says why\n");
		return false;
	}
	if (find_port(b))
		return true;
	fprintf(stderr, "the driver has given no consumer queue to the device\n");
	return false;
}

/* `ns` is the time per event with the driver's own stores. */
static bool
measure_burst(struct bench *b, unsigned int n, double ns, unsigned int rounds)
{
	struct cost cost;

	if (!count_instructions(b, n, &cost)) {
		fprintf(stderr, "burst of %u: %s\n", n, b->fault);
		return false;
	}
	printf("{\"burst\": %u, \"dequeue_instructions\": %.2f, \"enqueue_instructions\": %.2f, "
	       "\"stores\": %.3f, \"ns\": %.3f, \"ns_ordinary_stores\": %.3f}\n",
	       n, cost.dequeue, cost.enqueue, cost.stores, ns, time_forwards(b, n, rounds));
	return true;
}

/*
 * Times come first, for stepping makes the driver's stores ordinary (stepper.h). They also bring the
 * code into the form in which it is stepped, and credits into the port's caches.
 */
bool
cost_measure(enum dlb2_version version, const struct cost_options *options)
{
	struct bench b = {.version = version};
	double ns[COST_MAX_BURSTS];
	unsigned int i;

	if (!set_up(&b))
		return false;
	for (i = 0; i < options->num_bursts; i++)
		ns[i] = time_forwards(&b, options->bursts[i], options->rounds);
	stepper_init(on_store, &b);
	for (i = 0; i < options->num_bursts; i++) {
		if (!measure_burst(&b, options->bursts[i], ns[i], options->rounds))
			return false;
	}
	printf("{\"empty_dequeue_instructions\": %.2f}\n", count_empty());
	return true;
}
