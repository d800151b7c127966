/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * "perf": a closed loop. A number of events goes round one queue and one port; one lcore
 * dequeues and forwards them, nothing else. Measurements of all devices alternate, so that a
 * change of the machine's speed meets all of them.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "commands.h"
#include "perf.h"
#include "pipeline.h"
#include "run.h"

/* Polls without an event after which the device is taken to be stuck. */
#define MAX_EMPTY_POLLS 10000000u
/* Distinct flows among the events in flight. */
#define MAX_FLOWS 1024u

struct loop {
	const struct device *dev;
	enum perf_form form;
	uint32_t burst;
	uint32_t in_flight;
	uint64_t work; /* turns of work() for each event */
	struct perf_latency *latency; /* or NULL */
	struct rte_event first; /* what a NEW event looks like */
	uint32_t flushed; /* by the stop that ends the measurement */
};

static int
setup_queue(const struct loop *loop, uint8_t type, uint32_t flows, uint32_t sequences)
{
	struct rte_event_queue_conf queue = {
		.schedule_type = type,
		.nb_atomic_flows = RTE_MIN(flows, MAX_FLOWS),
		.nb_atomic_order_sequences = RTE_MIN(flows, sequences),
	};
	int ret;

	if (loop->first.sub_event_type == 'd')
		queue.event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
	ret = rte_event_queue_setup(loop->dev->id, 0, &queue);
	if (ret != 0 && rte_event_queue_default_conf_get(loop->dev->id, 0, &queue) == 0) {
		queue.schedule_type = type;
		ret = rte_event_queue_setup(loop->dev->id, 0, &queue);
	}
	return ret;
}

static int
setup_port(const struct loop *loop, const struct options *opt, int32_t limit)
{
	const struct rte_event_dev_info *info = &loop->dev->info;
	struct rte_event_port_conf port = {
		.new_event_threshold = limit,
		.dequeue_depth = RTE_MIN(info->max_event_port_dequeue_depth, 128u),
		.enqueue_depth = RTE_MIN(info->max_event_port_enqueue_depth, 128u),
	};
	uint8_t queue = 0;
	int ret;

	if (opt->dequeue_depth != 0)
		port.dequeue_depth = opt->dequeue_depth;
	if (loop->first.sub_event_type == 'd')
		port.event_port_cfg = RTE_EVENT_PORT_CFG_SINGLE_LINK;
	ret = rte_event_port_setup(loop->dev->id, 0, &port);
	if (ret == 0 && rte_event_port_link(loop->dev->id, 0, &queue, NULL, 1) != 1)
		ret = -EIO;
	return ret;
}

/*
 * Queues and ports without traffic, linked to each other. A scheduler may want every queue linked,
 * but a second port of queue 0 would take events away.
 */
static int
setup_idle(const struct loop *loop, const struct options *opt, int32_t limit)
{
	const struct rte_event_queue_conf queue = {
		.schedule_type = RTE_SCHED_TYPE_ATOMIC, .nb_atomic_flows = 64,
	};
	const struct rte_event_port_conf port = {
		.new_event_threshold = limit, .dequeue_depth = 16, .enqueue_depth = 16,
	};
	uint32_t most = RTE_MAX(opt->queues, opt->ports);
	int ret = 0;
	uint32_t i;

	for (i = 1; i < opt->queues && ret == 0; i++)
		ret = rte_event_queue_setup(loop->dev->id, i, &queue);
	for (i = 1; i < opt->ports && ret == 0; i++)
		ret = rte_event_port_setup(loop->dev->id, i, &port);
	for (i = 0; i + 1 < most && opt->queues > 1 && ret == 0; i++) {
		uint8_t to = 1 + i % (opt->queues - 1);
		uint8_t from = opt->ports > 1 ? 1 + i % (opt->ports - 1) : 0;

		if (rte_event_port_link(loop->dev->id, from, &to, NULL, 1) != 1)
			ret = -EIO;
	}
	return ret;
}

static int
setup(const struct loop *loop, const struct options *opt)
{
	const struct rte_event_dev_info *info = &loop->dev->info;
	const struct rte_event_dev_config config = {
		.nb_events_limit = info->max_num_events,
		.nb_event_queues = opt->queues,
		.nb_event_ports = opt->ports,
		.nb_single_link_event_port_queues = loop->first.sub_event_type == 'd',
		.nb_event_queue_flows = info->max_event_queue_flows,
		.nb_event_port_dequeue_depth = info->max_event_port_dequeue_depth,
		.nb_event_port_enqueue_depth = info->max_event_port_enqueue_depth,
	};
	int ret = rte_event_dev_configure(loop->dev->id, &config);

	if (ret == 0)
		ret = setup_queue(loop, loop->first.sched_type, info->max_event_queue_flows,
			opt->sequences);
	if (ret == 0)
		ret = setup_port(loop, opt, info->max_num_events);
	if (ret == 0)
		ret = setup_idle(loop, opt, info->max_num_events);
	return ret == 0 ? rte_event_dev_start(loop->dev->id) : ret;
}

static void
flushed(uint8_t dev_id, struct rte_event ev, void *arg)
{
	struct loop *loop = arg;

	loop->flushed++;
}

static bool
inject(const struct loop *loop)
{
	uint32_t flows = RTE_MIN(loop->dev->info.max_event_queue_flows, MAX_FLOWS);
	uint32_t sent = 0, tries = 0;

	while (sent < loop->in_flight && tries < MAX_EMPTY_POLLS) {
		struct rte_event ev = loop->first;

		ev.flow_id = sent % flows;
		ev.u64 = rte_rdtsc();
		if (rte_event_enqueue_new_burst(loop->dev->id, 0, &ev, 1) == 1)
			sent++;
		else
			tries++;
		device_run_service(loop->dev);
	}
	if (sent == loop->in_flight)
		return true;
	fprintf(stderr,
		"--inflight %u: device %u (%s) takes %u events only; give a smaller number\n",
		loop->in_flight, loop->dev->id, loop->dev->name, sent);
	return false;
}

/* What stands for an application's work: a loop that the compiler must leave alone. */
static inline void
work(uint64_t turns)
{
	for (; turns > 0; turns--)
		__asm__ volatile("");
}

/* How many turns of work() take `cycles` TSC cycles: by the quickest of some runs. */
static uint64_t
turns_for(uint64_t cycles)
{
	const uint64_t turns = 1000000;
	uint64_t least = UINT64_MAX, start;
	int i;

	for (i = 0; i < 20; i++) {
		start = rte_rdtsc();
		work(turns);
		least = RTE_MIN(least, rte_rdtsc() - start);
	}
	return turns * cycles / least;
}

static __rte_always_inline void
record(struct perf_latency *latency, const struct rte_event *ev, uint16_t n)
{
	uint64_t now = rte_rdtsc();
	uint16_t i;

	for (i = 0; i < n; i++)
		perf_latency_add(latency, now - ev[i].u64);
}

/* The events' work, and what makes them ready to be sent on. */
static __rte_always_inline void
process(const struct loop *loop, struct rte_event *ev, uint16_t n, bool timed)
{
	uint64_t now;
	uint16_t i;

	for (i = 0; i < n; i++) {
		ev[i].op = RTE_EVENT_OP_FORWARD;
		work(loop->work);
	}
	if (!timed)
		return;
	now = rte_rdtsc();
	for (i = 0; i < n; i++)
		ev[i].u64 = now;
}

/* Dequeue and forward until enough events went by. Inlined, so that form and burst are known. */
static __rte_always_inline bool
turn(const struct loop *loop, uint64_t events, enum perf_form form, uint16_t burst, bool timed)
{
	struct rte_event ev[PIPELINE_MAX_BURST];
	uint8_t dev = loop->dev->id;
	uint64_t done = 0;
	uint32_t empty = 0;

	while (done < events) {
		uint16_t n, sent;

		if (form == PERF_FORM_BEFORE)
			device_run_service(loop->dev);
		n = rte_event_dequeue_burst(dev, 0, ev, burst, 0);
		if (unlikely(n == 0)) {
			if (form == PERF_FORM_WHEN_EMPTY)
				device_run_service(loop->dev);
			if (++empty > MAX_EMPTY_POLLS)
				return false;
			continue;
		}
		empty = 0;
		if (timed)
			record(loop->latency, ev, n);
		process(loop, ev, n, timed);
		sent = rte_event_enqueue_forward_burst(dev, 0, ev, n);
		while (unlikely(sent < n)) {
			device_run_service(loop->dev);
			sent += rte_event_enqueue_forward_burst(dev, 0, ev + sent, n - sent);
			if (++empty > MAX_EMPTY_POLLS)
				return false;
		}
		done += n;
	}
	return true;
}

static bool
go_round(const struct loop *loop, uint64_t events)
{
	if (loop->latency != NULL)
		return turn(loop, events, loop->form, loop->burst, true);
	switch (loop->form) {
	case PERF_FORM_BEFORE:
		return turn(loop, events, PERF_FORM_BEFORE, loop->burst, false);
	case PERF_FORM_WHEN_EMPTY:
		return turn(loop, events, PERF_FORM_WHEN_EMPTY, loop->burst, false);
	default:
		return turn(loop, events, PERF_FORM_NONE, loop->burst, false);
	}
}

/* Negative: this combination failed; what is wrong has been printed. */
static int
run_loop(struct loop *loop, const struct options *opt, double *rate, double *cycles)
{
	uint64_t start, ticks;
	bool done;

	rte_event_dev_stop_flush_callback_register(loop->dev->id, flushed, loop);
	done = inject(loop) && go_round(loop, opt->events / 10 + 1);
	if (loop->latency != NULL)
		*loop->latency = (struct perf_latency){ 0 };
	start = rte_rdtsc();
	done = done && go_round(loop, opt->events);
	ticks = rte_rdtsc() - start;
	rte_event_dev_stop(loop->dev->id);
	if (!done)
		fprintf(stderr, "device %u (%s), burst %u: no event for %u polls\n", loop->dev->id,
			loop->dev->name, loop->burst, MAX_EMPTY_POLLS);
	else if (loop->flushed != loop->in_flight)
		fprintf(stderr, "warning: device %u (%s), burst %u: %u events went in, the stop "
			"flushed %u\n", loop->dev->id, loop->dev->name, loop->burst,
			loop->in_flight, loop->flushed);
	if (!done)
		return -EIO;
	*cycles = (double)ticks / opt->events;
	*rate = rte_get_tsc_hz() / *cycles;
	return 0;
}

static uint8_t
sched_type_of(char type)
{
	if (type == 'o')
		return RTE_SCHED_TYPE_ORDERED;
	return type == 'p' ? RTE_SCHED_TYPE_PARALLEL : RTE_SCHED_TYPE_ATOMIC;
}

static int
measure(struct perf_series *series, struct device *dev, const struct options *opt)
{
	struct loop loop = {
		.dev = dev,
		.form = series->form,
		.burst = series->burst,
		.in_flight = opt->in_flight,
		.work = turns_for(opt->work),
		.latency = series->latencies == NULL ? NULL :
			&series->latencies[series->nb_samples],
		.first = {
			.op = RTE_EVENT_OP_NEW,
			.sched_type = sched_type_of(series->type),
			.event_type = RTE_EVENT_TYPE_CPU,
			.sub_event_type = series->type,
			.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
		},
	};
	uint32_t n = series->nb_samples;
	int ret;

	if ((dev->types & (1u << loop.first.sched_type)) == 0)
		return 0;
	device_memory_begin(dev);
	/*
	 * Closed in between, because every measurement is to start from the same state and because
	 * event_dsw cannot set up a port for a second time otherwise.
	 */
	ret = rte_event_dev_close(dev->id);
	if (ret == 0)
		ret = setup(&loop, opt);
	device_memory_end(dev);
	if (ret != 0) {
		fprintf(stderr, "device %u (%s): set-up for type %c refused: %s\n", dev->id,
			dev->name, series->type, strerror(-ret));
		return ret;
	}
	ret = run_loop(&loop, opt, &series->rates[n], &series->cycles[n]);
	series->nb_samples += ret == 0;
	return ret;
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* All samples of one type and burst size, alternating between devices and forms. */
static int
measure_cell(struct perf_series *series, uint32_t nb, const struct options *opt)
{
	uint32_t sample, i;
	int ret = 0;

	for (sample = 0; sample < opt->repeats; sample++)
		for (i = 0; i < nb && ret == 0; i++) {
			if (run_interrupted)
				return -EINTR;
			/* The devices are the caller's and only const in what is reported. */
			ret = measure(&series[i], (struct device *)(uintptr_t)series[i].dev, opt);
		}
	for (i = 0; i < nb; i++) {
		qsort(series[i].rates, series[i].nb_samples, sizeof(double), compare_doubles);
		qsort(series[i].cycles, series[i].nb_samples, sizeof(double), compare_doubles);
	}
	return ret;
}

/* The series of one cell: each device, in each form that it can be run in. */
static uint32_t
list_cell(struct perf_series *series, struct device *devs, const struct options *opt, char type,
	uint32_t burst)
{
	uint32_t nb = 0;
	uint32_t i;
	int form;

	for (i = 0; i < opt->nb_devs; i++)
		for (form = 0; form < NUM_PERF_FORMS; form++)
			if ((form != PERF_FORM_NONE) == devs[i].has_service)
				series[nb++] = (struct perf_series){
					.dev = &devs[i], .type = type, .burst = burst, .form = form,
					.rates = calloc(opt->repeats, sizeof(double)),
					.cycles = calloc(opt->repeats, sizeof(double)),
					.latencies = !opt->latency ? NULL :
						calloc(opt->repeats, sizeof(struct perf_latency)),
				};
	return nb;
}

static void
free_series(struct perf_series *series, uint32_t nb)
{
	uint32_t i;

	for (i = 0; i < nb; i++) {
		free(series[i].rates);
		free(series[i].cycles);
		free(series[i].latencies);
	}
	free(series);
}

static int
measure_all(struct perf_series *series, uint32_t *nb, struct device *devs,
	const struct options *opt)
{
	const char *type;
	int ret = 0;
	uint32_t b;

	for (type = opt->types; *type != '\0' && ret == 0; type++)
		for (b = 0; b < opt->nb_bursts && ret == 0; b++) {
			uint32_t cell = list_cell(&series[*nb], devs, opt, *type, opt->bursts[b]);

			ret = measure_cell(&series[*nb], cell, opt);
			*nb += cell;
		}
	return ret;
}

int
perf(struct device *devs, const struct options *opt)
{
	uint32_t most = strlen(opt->types) * opt->nb_bursts * opt->nb_devs * NUM_PERF_FORMS;
	struct perf_series *series = calloc(most, sizeof(*series));
	uint32_t nb = 0;
	uint32_t i;
	int ret;

	if (series == NULL)
		return EXIT_FAILURE;
	printf("perf: closed loop on one lcore, %u events in flight, median of %u, TSC %.2f GHz\n",
		opt->in_flight, opt->repeats, rte_get_tsc_hz() / 1e9);
	ret = measure_all(series, &nb, devs, opt);
	perf_print_table(series, nb, stdout);
	for (i = 0; i < opt->nb_devs; i++)
		device_print_memory(&devs[i], stdout);
	if (opt->json != NULL && perf_write_json(series, nb, opt, opt->json) != 0 && ret == 0)
		ret = -EIO;
	free_series(series, nb);
	if (ret == -EINTR)
		return 130;
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
