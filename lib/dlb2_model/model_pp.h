/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Producer ports as registers, and what each domain may send to.
 */
#ifndef MODEL_PP_H
#define MODEL_PP_H

#include "model_queue.h"

void model_pp_init(struct dlb2_model *m);
/* Takes over the registers of a producer port. */
void model_pp_decode(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p);

/* Checks 3 to 5 at once. */
model_inline bool
model_is_allowed(const struct model_domain *domain, uint64_t word)
{
	return domain->allowed[model_word_route(word)];
}

#endif
