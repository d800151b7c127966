/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The device model as what answers the recording bus; its context is the struct dlb2_model. The
 * model runs, until nothing moves, in every sleep.
 */

#ifndef RECORDING_MODEL_H
#define RECORDING_MODEL_H

#include "recording_bus.h"

extern const struct rec_backend recording_model_backend;

#endif
