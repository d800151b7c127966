/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The model of the device in this process, as a bus (dlb2_bus.h) for the control path and as
 * producer ports for the data path.
 *
 * A producer port is a ring of 64-byte lines between the thread that owns the port and whoever runs
 * the model:
 *   inline   the port that finds its CQ empty, or its ring full, under a try-lock
 *   service  a DPDK service core
 *   thread   a thread of the model's own, pinned where the user says
 */
#ifndef DLB2_MODEL_BUS_H
#define DLB2_MODEL_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include <dlb2_bus.h>
#include <dlb2_hcw.h>

struct dlb2_model_bus;

struct dlb2_options;
struct dlb2_attachment;

/**
 * Makes a model and the bus to it, as the options `version`, `run`, `lcore` and `seed` say.
 *
 * @param name  for messages; must outlive the bus
 * @return 0, -EINVAL for an lcore that this machine does not have, -ENOMEM, or the error of a
 * thread or service that cannot be made
 */
int
dlb2_model_bus_create(const char *name, int socket, const struct dlb2_options *options,
		      struct dlb2_attachment *out);

/** The service that runs the model of a bus (run=service). 0 and its ID, or -ENOENT. */
int
dlb2_model_bus_service(struct dlb2_bus *bus, uint32_t *service_id);

/** Lines that fit between the owner of a port and the model. Power of two. */
#define DLB2_PP_RING_LINES 256

/**
 * One producer port: single producer (the thread that uses the event port), single consumer (who
 * holds the run lock). The first cache line is the producer's, the second the consumer's.
 */
struct dlb2_pp_channel {
	uint32_t tail;            /* lines written; published with release */
	uint32_t cached_head;     /* the producer's copy of head */
	struct dlb2_model_bus *bus;
	uint16_t port;
	uint8_t kind;             /* enum dlb2_port_kind */
	bool run_inline;          /* the port makes the model progress itself */
	uint32_t head __rte_cache_aligned; /* lines taken; published with release */
	struct dlb2_line lines[DLB2_PP_RING_LINES] __rte_cache_aligned;
};

#ifdef DLB2_WITHOUT_MODEL
/* No port has a channel then. */
static inline void
dlb2_model_bus_run(struct dlb2_model_bus *bus)
{
	RTE_SET_USED(bus);
}

static inline void
dlb2_pp_channel_wait(struct dlb2_pp_channel *channel)
{
	RTE_SET_USED(channel);
}
#else
/**
 * Makes the model progress on the caller's thread, if nobody else is doing so. Called on an empty
 * CQ (inline mode).
 */
void dlb2_model_bus_run(struct dlb2_model_bus *bus);
/**
 * Called when the ring is full: inline runs the model; else waits for its runner with bounded
 * pauses until a line is free.
 */
void dlb2_pp_channel_wait(struct dlb2_pp_channel *channel);
#endif

/**
 * The next free line of the ring, to be filled in place; dlb2_pp_channel_push() makes it visible.
 */
static inline struct dlb2_line *
dlb2_pp_channel_line(struct dlb2_pp_channel *channel)
{
	if (unlikely(channel->tail - channel->cached_head == DLB2_PP_RING_LINES)) {
		channel->cached_head = __atomic_load_n(&channel->head, __ATOMIC_ACQUIRE);
		if (channel->tail - channel->cached_head == DLB2_PP_RING_LINES)
			dlb2_pp_channel_wait(channel);
	}
	return &channel->lines[channel->tail & (DLB2_PP_RING_LINES - 1)];
}

static inline void
dlb2_pp_channel_push(struct dlb2_pp_channel *channel)
{
	__atomic_store_n(&channel->tail, channel->tail + 1, __ATOMIC_RELEASE);
}

#endif
