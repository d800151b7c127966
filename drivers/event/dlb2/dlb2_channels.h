/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * All rings of lines (dlb2_pp_channel.h) that lead to one model. The caller of everything here holds
 * the lock of the model's bus.
 */
#ifndef DLB2_CHANNELS_H
#define DLB2_CHANNELS_H

#include <dlb2_limits.h>

#include "dlb2_pp_channel.h"

struct dlb2_model;
struct dlb2_channel_bells;

struct dlb2_channels {
	struct dlb2_pp_channel *at[DLB2_MAX_PORTS]; /* by slot; NULL where there is none */
	unsigned int slots;  /* no slot from here on has one */
	unsigned int num;
	unsigned int looks;  /* dlb2_channels_take() since it looked into all of them */
	struct dlb2_channel_bells *bells;
};

/** Memory for the bells is on `socket`. 0 or -ENOMEM. */
int dlb2_channels_init(struct dlb2_channels *channels, int socket);
/** All are closed. */
void dlb2_channels_fini(struct dlb2_channels *channels);

/** A new ring, awake, of memory that all processes share; NULL if there is none. */
struct dlb2_pp_channel *dlb2_channels_open(struct dlb2_channels *channels, int socket);
/** Removes the rings of an event device, and gives their memory back. Nobody uses them any more. */
void dlb2_channels_close(struct dlb2_channels *channels, uint8_t dev_id);

/** Posts the lines of all rings to the model. */
void dlb2_channels_take_all(struct dlb2_channels *channels, struct dlb2_model *model);
/** The same of the rings that are awake; of all only now and then. */
void dlb2_channels_take(struct dlb2_channels *channels, struct dlb2_model *model);

#endif
