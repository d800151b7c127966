/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of the example share.
 *
 *   Rx adapter -> queue 0, atomic: one packet of a flow at a time, so flow state needs no lock
 *              -> queue 1, ordered: any worker, packets leave in the order in which they came
 *              -> queue 2, directed (or atomic, if the device has no directed queues) -> Tx adapter
 */
#ifndef PACKET_PIPELINE_H
#define PACKET_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#define BURST 32
#define NUM_FLOWS 4096 /* entries of the flow table; a flow is the low bits of its hash */

enum { QUEUE_CLASSIFY, QUEUE_WORK, QUEUE_TX, NUM_QUEUES };

struct options {
	uint8_t event_dev;
	uint32_t work_cycles; /* what the ordered stage burns per packet */
	uint32_t seconds;     /* 0: until a signal comes */
};

/* One worker: one lcore, one event port. Written by that lcore only, read by the main one. */
struct worker {
	uint8_t dev_id, port_id;
	uint32_t work_cycles;
	uint64_t classified, worked, dropped;
} __rte_cache_aligned;

/* State of a flow. The atomic queue is its lock. */
struct flow {
	uint64_t packets, bytes;
};

struct pipeline {
	uint8_t dev_id;
	unsigned int num_workers;
	unsigned int worker_lcores[RTE_MAX_LCORE];
	struct worker workers[RTE_MAX_LCORE];
	uint8_t rx_port, tx_port; /* event ports of the two adapters */
	uint32_t services[3];	  /* what the main lcore must run: scheduler, Rx, Tx */
	unsigned int num_services;
	bool own_services; /* no service lcore was given: the main lcore runs them itself */
	struct flow flows[NUM_FLOWS];
};

extern volatile bool pipeline_stopping; /* workers leave their loop when it is set */

/* ports.c: every function prints what went wrong and returns 0 or a negative errno */
int ports_start(struct rte_mempool *pool);
void ports_stop(void);
void ports_totals(uint64_t *received, uint64_t *transmitted);

/* stages.c */
int pipeline_create(struct pipeline *p, const struct options *options);
int pipeline_start(struct pipeline *p);
void pipeline_run_services(struct pipeline *p);
void pipeline_stop_input(struct pipeline *p);
void pipeline_destroy(struct pipeline *p);
uint64_t pipeline_flushed(void);

/* worker.c */
int worker_main(void *pipeline);

#endif
