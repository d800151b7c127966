/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The list of switches: complete, with unique names, defaults of 0, and refusal of anything else.
 * What a switch changes is tested where it acts.
 */

#include <errno.h>

#include "world.h"

static void
test_table_is_complete(void **state)
{
	unsigned int sw, other;

	for (sw = 0; sw < DLB2_NUM_MODEL_SWITCHES; sw++) {
		const struct dlb2_model_switch_info *info = &dlb2_model_switch_info[sw];

		assert_non_null(info->name);
		assert_non_null(info->section);
		assert_true(strstr(info->section, "control-path") != NULL ||
			strstr(info->section, "data-path") != NULL);
		assert_non_null(info->values[0]);
		assert_non_null(info->values[1]);
		for (other = 0; other < sw; other++)
			assert_string_not_equal(info->name, dlb2_model_switch_info[other].name);
	}
}

static void
test_set_and_get(void **state)
{
	struct world *world = *state;
	unsigned int sw;

	for (sw = 0; sw < DLB2_NUM_MODEL_SWITCHES; sw++) {
		assert_int_equal(dlb2_model_get_switch(world->model, sw), 0);
		assert_int_equal(dlb2_model_set_switch(world->model, sw, 1), 0);
		assert_int_equal(dlb2_model_get_switch(world->model, sw), 1);
		assert_int_equal(dlb2_model_set_switch(world->model, sw, DLB2_SWITCH_MAX_VALUES),
			-EINVAL);
		assert_int_equal(dlb2_model_get_switch(world->model, sw), 1);
	}
	assert_int_equal(dlb2_model_set_switch(world->model, DLB2_NUM_MODEL_SWITCHES, 0), -EINVAL);
}

/* Switches are the owner's, not the device's. */
static void
test_survive_reset(void **state)
{
	struct world *world = *state;

	dlb2_model_set_switch(world->model, DLB2_SWITCH_ARM_WHEN_TRUE, 1);
	dlb2_model_flr(world->model);
	assert_int_equal(dlb2_model_get_switch(world->model, DLB2_SWITCH_ARM_WHEN_TRUE), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_complete),
		BOTH_VERSIONS(test_set_and_get),
		BOTH_VERSIONS(test_survive_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
