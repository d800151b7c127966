/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The two sides of the data path without a device between them: lines that ports send are kept for
 * the test to look at, and the test writes the entries of the consumer queues (CQs) itself. Not
 * here: any behaviour of a device; see toy_device.h for that.
 */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include "dlb2_datapath.h"
#include "dlb2_model_bus.h"

#define FAKE_MAX_PORTS 64

struct fake_port {
	struct dlb2_dp_port *dp;
	struct dlb2_pp_channel *channel;
	struct dlb2_dp_port_conf conf;
	struct dlb2_hcw *hcws; /* what was sent and not looked at yet */
	unsigned int num_hcws, max_hcws;
	enum dlb2_cq_layout layout;
	unsigned int lines;   /* sent since set-up */
	unsigned int written; /* CQ entries written since set-up */
	unsigned int reached; /* with those that were written ahead */
	unsigned int returned; /* tokens that were collected */
	/*
	 * Free places behind an entry in its line are written along (data-path 2.3). As set up: of
	 * dense CQs, unless tokens go to a page.
	 */
	bool padded;
};

struct fake_device {
	struct dlb2_dp *dp;
	struct fake_port ports[FAKE_MAX_PORTS];
	unsigned int num_ports;
	enum dlb2_cq_layout layout; /* of the CQs */
	/* Called when a port with an inline model finds its CQ empty; may be NULL. */
	void (*run)(struct fake_device *dev);
	unsigned int runs;
};

/**
 * The variant of the data path that is tested: the one that the environment names in
 * DLB2_TEST_SIMD, else the best. One that this CPU does not have ends the program as skipped.
 */
enum dlb2_simd fake_simd(void);
/** The layout of its CQs: DLB2_TEST_LAYOUT, "sparse" (also if there is no such variable) or "dense". */
enum dlb2_cq_layout fake_layout(void);
/** The data path for both. */
const struct dlb2_dp_ops *fake_ops(void);

/**
 * A device with as many credits as events, which no port has to count; `version` decides about
 * pools.
 */
struct dlb2_dp_conf fake_device_conf(enum dlb2_version version);
/** A load-balanced port of this depth in AUTO mode, without implicit release. */
struct dlb2_dp_port_conf fake_port_conf(unsigned int depth);

struct fake_device *fake_device_create(const struct dlb2_dp_conf *conf);
void fake_device_destroy(struct fake_device *dev);
/** Adds a port; CQ and producer port are made here, whatever `conf` says, unless it has a page. */
struct fake_port *fake_port_add(struct fake_device *dev, const struct dlb2_dp_port_conf *conf);
/** Calls dlb2_dp_start(). */
void fake_device_start(struct fake_device *dev);

/**
 * Event queues 0..2: load-balanced with all that a queue can have; without sequence numbers;
 * directed.
 */
#define FAKE_ORDERED_QUEUE 0
#define FAKE_ATOMIC_QUEUE 1
#define FAKE_DIRECTED_QUEUE 2
#define FAKE_NUM_QUEUES 3
/** Their hardware numbers. */
extern const uint8_t fake_queue_hw_id[FAKE_NUM_QUEUES];

/** Writes the next entry of the CQ, with the right generation. */
void fake_deliver(struct fake_port *port, struct dlb2_cq_entry entry);
/**
 * The same, `ahead` entries further on than it should be: a hole. fake_deliver() fills holes up.
 */
void fake_deliver_ahead(struct fake_port *port, struct dlb2_cq_entry entry, unsigned int ahead);
/** Number `n` of a series of plain entries from FAKE_ATOMIC_QUEUE: n is the data and the flow. */
struct dlb2_cq_entry fake_entry(unsigned int n);

/**
 * Takes what the port has sent out of its ring, and keeps it in port->hcws, NOOPs included.
 * Returns port->num_hcws.
 */
unsigned int fake_collect(struct fake_port *port);
/**
 * What the port sent since the last look: one character per HCW, '.' for a NOOP, a blank between
 * lines, tokens of a batch in brackets. N, F, C, G: NEW, FWD, COMP, FRAG; in lower case with a
 * token. Valid until the next call. Forgets what was sent.
 */
const char *fake_sent(struct fake_port *port);
/** Forgets what was sent so far. */
void fake_discard(struct fake_port *port);

#endif
