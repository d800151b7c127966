/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The model of the device in this process, as a bus (dlb2_bus.h) for the control path and as
 * producer ports for the data path.
 *
 * Lines come through a ring for each producer port (dlb2_pp_channel.h). The model is run by:
 *   inline   the port that finds its CQ empty, or its ring full, under a try-lock
 *   service  a DPDK service core
 *   thread   a thread of the model's own, pinned where the user says
 *
 * The model and its bus are the primary process's; rings are in memory shared with secondary ones,
 * which can use them as long as somebody else than a port's own thread runs the model.
 */
#ifndef DLB2_MODEL_BUS_H
#define DLB2_MODEL_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include <dlb2_bus.h>

#include "dlb2_pp_channel.h"

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

#ifdef DLB2_WITHOUT_MODEL
/* No port has a channel then. */
static inline void
dlb2_model_bus_run(const struct dlb2_pp_channel *channel)
{
	RTE_SET_USED(channel);
}

static inline void
dlb2_pp_channel_wait(struct dlb2_pp_channel *channel)
{
	RTE_SET_USED(channel);
}

static inline void
dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel)
{
	RTE_SET_USED(channel);
}
#else
/**
 * Makes the model progress on the caller's thread, if nobody else is doing so. Called on an empty
 * CQ (inline mode).
 */
void dlb2_model_bus_run(const struct dlb2_pp_channel *channel);
/**
 * Called when the ring is full: waits until a line is free. Inline runs the model; else its runner
 * does, or this thread if the runner does not come, unless that is another process's: when the
 * primary process is gone, lines go nowhere.
 */
void dlb2_pp_channel_wait(struct dlb2_pp_channel *channel);
/**
 * Returns when the model has taken all lines that are in the ring. Inline it has then done all that
 * it can do until something else arrives. In the primary process only.
 */
void dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel);
#endif

#endif
