/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Links: which queue is in which slot of which CQ, and whether the slot may be scheduled from.
 */
#ifndef MODEL_LINKS_H
#define MODEL_LINKS_H

#include "model_priv.h"

void model_links_init(struct dlb2_model *m);
/* Takes over the slot registers of a CQ. */
void model_links_decode(struct dlb2_model *m, unsigned int p);
/* Ends what holds back the slots that have queue `q`, in the CQs of queue `held` or `asleep`. */
void model_links_release(struct dlb2_model *m, unsigned int q);
void model_links_wake(struct dlb2_model *m, unsigned int q);

#endif
