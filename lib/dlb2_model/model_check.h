/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The parts of dlb2_model_check().
 */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model_priv.h"

/* One run of the check. */
struct model_check {
	struct dlb2_model *m;
	unsigned int violations;
	uint64_t seen[MODEL_EVENTS / 64];  /* events met in some list */
	uint32_t stored[MODEL_POOLS];      /* events met in queues, flows and the reorder buffer */
	uint16_t flow_open[MODEL_FLOWS];   /* history entries by flow, */
	uint16_t queue_open[DLB2_MAX_LDB_QUEUES]; /* and by queue */
	uint16_t sn_open[MODEL_SNS];       /* history entries by sequence number */
};

/* Reports and counts a violation unless `holds`. */
void model_expect(struct model_check *c, bool holds, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* model_check.c has what is conserved; this is what is derived: sets, links, flow lists. */
void model_check_sets(struct model_check *c);
void model_check_flows(struct model_check *c);

/* Walks events from `head` to `tail`; each must be met for the first time. Returns how many. */
unsigned int model_check_events(struct model_check *c, uint16_t head, uint16_t tail,
	const char *what, unsigned int n);

#endif
