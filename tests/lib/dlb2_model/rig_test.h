/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The rig in a cmocka test. *state is a struct rig *: domain 0 with credits, nothing else.
 */
#ifndef RIG_TEST_H
#define RIG_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_rig.h"

#define RIG_CREDITS 1000 /* of each kind on 2.0, twice that in the pool of 2.5 */

static inline int
rig_setup(void **state, struct rig_options options)
{
	struct rig *rig = rig_new(&options);

	rig_domain(rig, 0, RIG_CREDITS, RIG_CREDITS);
	*state = rig;
	return 0;
}

static int
setup_2_0(void **state)
{
	return rig_setup(state, (struct rig_options){ .version = DLB2_HW_2_0 });
}

static int
setup_2_5(void **state)
{
	return rig_setup(state, (struct rig_options){ .version = DLB2_HW_2_5 });
}

/* Every test ends with the invariants. */
static int
teardown(void **state)
{
	struct rig *rig = *state;
	unsigned int violations = dlb2_model_check(rig->model);

	rig_free(rig);
	return violations == 0 ? 0 : -1;
}

#define ON_BOTH(test) \
	{ #test " 2.0", test, setup_2_0, teardown, NULL }, \
	{ #test " 2.5", test, setup_2_5, teardown, NULL }
#define ON_2_0(test) { #test " 2.0", test, setup_2_0, teardown, NULL }
#define ON_2_5(test) { #test " 2.5", test, setup_2_5, teardown, NULL }

#endif
