/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The variants of the fast way through the data path, and what they leave to code that all share.
 */
#ifndef DLB2_FAST_H
#define DLB2_FAST_H

#include <limits.h>

#include "dlb2_datapath_priv.h"

/**
 * dlb2_fast_*.c: enqueue and dequeue for rings of a layout, with the vectors that they are named
 * after.
 */
extern const struct dlb2_dp_ops dlb2_fast_sparse_scalar, dlb2_fast_sparse_sse,
	dlb2_fast_sparse_avx2, dlb2_fast_sparse_avx512;
extern const struct dlb2_dp_ops dlb2_fast_dense_scalar, dlb2_fast_dense_sse, dlb2_fast_dense_avx2,
	dlb2_fast_dense_avx512;

/** Op of the events of dlb2_enqueue_each() when each event says it itself. */
#define DLB2_OP_OF_EVENT UINT_MAX

/**
 * dlb2_enqueue.c: enqueues events i to n - 1 of a burst one by one, up to the first that is refused.
 *
 * @param op  of all of them, or DLB2_OP_OF_EVENT
 * @return how many of the burst were accepted, the first `i` included; rte_errno says why not all
 */
uint16_t
dlb2_enqueue_each(struct dlb2_dp_port *port, const struct rte_event ev[], unsigned int i,
		  unsigned int n, unsigned int op);

/** dlb2_dequeue.c: a dequeue whose first entry is not there or not good. Returns how many events. */
uint16_t
dlb2_dequeue_unusual(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		     uint64_t timeout_ticks);

/**
 * dlb2_dequeue.c: the same where nothing is there though the model has just run. `n` is 1 or more.
 */
uint16_t
dlb2_dequeue_empty(struct dlb2_dp_port *port, struct rte_event ev[], unsigned int n,
		   uint64_t timeout_ticks);

/** What has to be done for `got` events that were read, beyond reading them. Returns `got`. */
uint16_t
dlb2_settle_dequeue(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t got);

#endif
