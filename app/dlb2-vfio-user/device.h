/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * One served device: a model with its regions, DMA and vectors as a client of vfio-user sees them.
 * It knows no socket and no message. Every access arrives here and is traced here.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <dlb2_model.h>

#include "dma.h"
#include "faults.h"
#include "irq.h"
#include "lines.h"
#include "trace.h"

#define DEVICE_MAX_FAULTS 32

/** What a device is made of, and made anew of at a power cycle. */
struct device_config {
	enum dlb2_version version;
	uint64_t seed;
	struct fault faults[DEVICE_MAX_FAULTS];
	unsigned int num_faults;
	uint8_t switches[DLB2_NUM_MODEL_SWITCHES];
};

struct device {
	unsigned int index; /**< its number on the command line */
	struct device_config config;
	struct trace *trace;
	struct dlb2_model *model;
	struct dma dma;
	struct irq irq;
	struct lines lines;
	uint64_t last_piece; /**< when a piece of a line came last; CLOCK_MONOTONIC, ns */
	uint64_t told; /**< time that the model was told of */
	bool busy;     /**< the model may schedule more at once */
	uint64_t resets;       /**< by the client's message, since the start */
	uint64_t power_cycles; /**< since the start */
	struct dlb2_model_counters past; /**< totals of the models before this one */
	unsigned int num_reports;
	FILE *reports; /**< where the model's reports go instead of to standard error, or NULL */
};

/**
 * Makes a device as after power-on. `trace` must outlive it.
 * Returns it, or NULL if there is not enough memory.
 */
struct device *device_new(unsigned int index, const struct device_config *config,
	struct trace *trace);
void device_free(struct device *device);

/** Bytes of a region of PCI (VFIO_PCI_*_REGION_INDEX), 0 if there is none. */
uint64_t device_region_size(const struct device *device, unsigned int region);

/**
 * Reads or writes `count` bytes (at most MESSAGE_MAX_DATA) of a region. Configuration space takes
 * any range. A BAR takes what a bus can deliver at once: 1, 2, 4, 8, 16, 32 or 64 aligned bytes;
 * what the device refuses reads as it answers, and is written to nowhere, without error.
 * Returns 0, or -EINVAL for a region, range or length that does not exist.
 */
int device_read(struct device *device, unsigned int region, uint64_t offset, void *data,
	unsigned int count);
int device_write(struct device *device, unsigned int region, uint64_t offset, const void *data,
	unsigned int count);

int device_dma_map(struct device *device, const struct dma_range *range, int fd);
int device_dma_unmap(struct device *device, uint64_t iova, uint64_t size);
void device_dma_unmap_all(struct device *device);
/** As dma_holds(). */
bool device_dma_holds(const struct device *device, uintptr_t address);

/** Arms a fault now. */
void device_set_fault(struct device *device, const struct fault *fault);

/** Reset of the machine around the device: as after power-on, but mappings and eventfds stay. */
void device_reset(struct device *device);
/** The client is gone: as after power-on, nothing mapped, no eventfds. */
void device_power_cycle(struct device *device);

/** Lets the device work; `now` is CLOCK_MONOTONIC in ns. */
void device_run(struct device *device, uint64_t now);
/** Nanoseconds after which device_run() is due if nothing arrives; -1: not at all. */
int64_t device_timeout(const struct device *device);

/** Totals since the start, over all power cycles. */
void device_get_counters(const struct device *device, struct dlb2_model_counters *counters);
/** dlb2_model_check(), with a line of text for each violation written to `reports`. */
unsigned int device_check(struct device *device, FILE *reports);

#endif
