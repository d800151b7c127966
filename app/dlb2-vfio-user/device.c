/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Life of a served device, its time, and what its model asks of the world. Regions are regions.c's.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device.h"
#include "regions.h"

/* Events scheduled before the socket is looked at again: enough to make that look cheap. */
#define RUN_BUDGET 1024
/* A broken guest must not fill the log. */
#define MAX_REPORTS 100
/*
 * How long HCWs wait for the rest of their line. The pieces of one store are some microseconds
 * apart. If the vCPU stops in between for longer, they reach the device one by one, which does no
 * harm; but the last of a burst of 16-byte stores always waits so long.
 */
#define LINE_WAIT_NS 50000
/* How often the device is told the time while a CQ timer or watchdog runs. */
#define TICK_NS 1000000

/* Without a trace the model may write CQ entries itself; with one each must come by here. */
static void *
on_dma_map(void *ctx, uint64_t iova, size_t len)
{
	struct device *device = ctx;

	return trace_is_on(device->trace) ? NULL : dma_find(&device->dma, iova, len);
}

static int
on_dma_write(void *ctx, uint64_t iova, const void *src, size_t len)
{
	struct device *device = ctx;
	int ret = dma_write(&device->dma, iova, src, len);
	char hex[2 * sizeof(struct dlb2_line) + 1];

	if (trace_is_on(device->trace))
		trace_line(device->trace, device->index, "dma", "IOVA[0x%" PRIx64 "] 0x%s%s", iova,
			trace_hex(src, len, hex), ret != 0 ? " refused" : "");
	return ret;
}

static void
on_interrupt(void *ctx, unsigned int vector)
{
	struct device *device = ctx;

	trace_line(device->trace, device->index, "irq", "MSIX[%u] %s", vector,
		irq_send(&device->irq, vector) ? "sent" : "lost");
}

static void
on_report(void *ctx, const char *text)
{
	struct device *device = ctx;

	if (device->reports != NULL) {
		fprintf(device->reports, "%s\n", text);
		return;
	}
	device->num_reports++;
	if (device->num_reports <= MAX_REPORTS)
		fprintf(stderr, "device %u: %s\n", device->index, text);
	if (device->num_reports == MAX_REPORTS)
		fprintf(stderr, "device %u: further reports are counted only, as bad_accesses\n",
			device->index);
}

static const struct dlb2_model_ops model_ops = {
	.dma_map = on_dma_map,
	.dma_write = on_dma_write,
	.interrupt = on_interrupt,
	.report = on_report,
};

static void
on_mask(void *ctx, unsigned int vector, bool masked)
{
	struct device *device = ctx;

	dlb2_model_mask_vector(device->model, vector, masked);
}

void
device_set_fault(struct device *device, const struct fault *fault)
{
	dlb2_model_set_fault(device->model, fault->fault, fault->kind, fault->port, fault->count);
	device->busy = true;
}

/* Switches and faults of the command line. */
static void
set_up_model(struct device *device)
{
	const struct device_config *config = &device->config;
	unsigned int n;

	for (n = 0; n < DLB2_NUM_MODEL_SWITCHES; n++)
		dlb2_model_set_switch(device->model, n, config->switches[n]);
	for (n = 0; n < config->num_faults; n++)
		device_set_fault(device, &config->faults[n]);
}

static int
create_model(struct device *device)
{
	const struct dlb2_model_config config = {
		.version = device->config.version,
		.seed = device->config.seed,
		.ops = &model_ops,
		.ctx = device,
	};

	if (dlb2_model_create(&config, &device->model) != 0)
		return -ENOMEM;
	set_up_model(device);
	return 0;
}

struct device *
device_new(unsigned int index, const struct device_config *config, struct trace *trace)
{
	struct device *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return NULL;
	device->index = index;
	device->config = *config;
	device->trace = trace;
	device->told = clock_now();
	irq_init(&device->irq, on_mask, device);
	lines_init(&device->lines, regions_store, device);
	if (create_model(device) != 0) {
		free(device);
		return NULL;
	}
	return device;
}

void
device_free(struct device *device)
{
	if (device == NULL)
		return;
	device_dma_unmap_all(device);
	irq_fini(&device->irq);
	dlb2_model_destroy(device->model);
	free(device);
}

int
device_dma_map(struct device *device, const struct dma_range *range, int fd)
{
	return dma_map(&device->dma, range, fd);
}

/* The model goes first: it may have something left to write there. */
int
device_dma_unmap(struct device *device, uint64_t iova, uint64_t size)
{
	dlb2_model_dma_unmapped(device->model, iova, size);
	return dma_unmap(&device->dma, iova, size);
}

void
device_dma_unmap_all(struct device *device)
{
	dlb2_model_dma_unmapped(device->model, 0, UINT64_MAX);
	dma_unmap_all(&device->dma);
}

bool
device_dma_holds(const struct device *device, uintptr_t address)
{
	return dma_holds(&device->dma, address);
}

static void
add_counters(struct dlb2_model_counters *sum, const struct dlb2_model_counters *more)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)more;
	unsigned int n;

	_Static_assert(sizeof(*sum) % sizeof(*to) == 0, "counters are 64-bit numbers");
	for (n = 0; n < sizeof(*sum) / sizeof(*to); n++)
		to[n] += from[n];
}

void
device_get_counters(const struct device *device, struct dlb2_model_counters *counters)
{
	dlb2_model_get_counters(device->model, counters);
	add_counters(counters, &device->past);
}

/* There is no way to cut a model's power: another one takes its place. */
static void
replace_model(struct device *device)
{
	struct dlb2_model *old = device->model;
	struct dlb2_model_counters counters;

	lines_drop(&device->lines);
	dlb2_model_get_counters(old, &counters);
	if (create_model(device) != 0) {
		fprintf(stderr, "device %u: out of memory: it is reset by function level only\n",
			device->index);
		dlb2_model_flr(old);
		return;
	}
	add_counters(&device->past, &counters);
	dlb2_model_destroy(old);
}

void
device_reset(struct device *device)
{
	device->resets++;
	trace_line(device->trace, device->index, "reset", "DEVICE %" PRIu64, device->resets);
	replace_model(device);
	irq_restore(&device->irq);
}

void
device_power_cycle(struct device *device)
{
	device->power_cycles++;
	trace_line(device->trace, device->index, "reset", "POWER %" PRIu64, device->power_cycles);
	lines_drop(&device->lines);
	device_dma_unmap_all(device);
	irq_fini(&device->irq);
	replace_model(device);
}

void
device_run(struct device *device, uint64_t now)
{
	if (now - device->last_piece >= LINE_WAIT_NS)
		lines_flush(&device->lines);
	dlb2_model_tick(device->model, now - device->told);
	device->told = now;
	device->busy = dlb2_model_run(device->model, RUN_BUDGET) == RUN_BUDGET;
}

int64_t
device_timeout(const struct device *device)
{
	if (device->busy)
		return 0;
	if (lines_are_waiting(&device->lines))
		return LINE_WAIT_NS;
	return dlb2_model_needs_time(device->model) ? TICK_NS : -1;
}

unsigned int
device_check(struct device *device, FILE *reports)
{
	unsigned int violations;

	device->reports = reports;
	violations = dlb2_model_check(device->model);
	device->reports = NULL;
	return violations;
}
