/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Pre-scheduling through the API, which has it since 24.11: what a port gets ahead with each type,
 * by configuration and at run time. With earlier releases there is nothing to test.
 */
#include "parity_test.h"

#include <errno.h>
#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)

#define HOLD RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL
#define DEPTH 8
#define NUM_EVENTS 32

/* Port 1 takes events of queue 0, DEPTH at a time; port 0 sends. */
static int
configure(uint8_t dev, enum rte_event_dev_preschedule_type type)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 2, 1, 0);

	conf.preschedule_type = type;
	return rte_event_dev_configure(dev, &conf);
}

static void
start(uint8_t dev, enum rte_event_dev_preschedule_type type)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_ATOMIC};
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(configure(dev, type), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	conf = port_conf(dev);
	conf.dequeue_depth = DEPTH;
	conf.event_port_cfg = HOLD;
	assert_int_equal(rte_event_port_setup(dev, 1, &conf), 0);
	assert_int_equal(evdev_link(dev, 1, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < NUM_EVENTS; i++) {
		event.flow_id = i;
		assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 1);
	}
}

/* How many events come; they are held, with those that were dequeued before. */
static unsigned int
take(uint8_t dev)
{
	struct rte_event events[DEPTH];
	unsigned int tries, got = 0;

	for (tries = 0; got == 0 && tries < 10; tries++)
		got = rte_event_dequeue_burst(dev, 1, events, DEPTH, 0);
	return got;
}

static void
release(uint8_t dev, unsigned int num)
{
	struct rte_event event = {.op = RTE_EVENT_OP_RELEASE};

	while (num-- > 0)
		assert_int_equal(rte_event_enqueue_burst(dev, 1, &event, 1), 1);
}

/* A port that holds a whole CQ of events gets more, or does not until it has released them. */
static void
configured(uint8_t dev)
{
	start(dev, RTE_EVENT_PRESCHEDULE);
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(take(dev), DEPTH);
	rte_event_dev_stop(dev);
	start(dev, RTE_EVENT_PRESCHEDULE_NONE); /* as it always was */
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(take(dev), DEPTH);
	rte_event_dev_stop(dev);
	start(dev, RTE_EVENT_PRESCHEDULE_ADAPTIVE);
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(take(dev), 0);
	release(dev, DEPTH);
	assert_int_equal(take(dev), DEPTH);
}

static void
modified(uint8_t dev)
{
	start(dev, RTE_EVENT_PRESCHEDULE_NONE);
	assert_int_equal(rte_event_port_preschedule_modify(dev, 1, RTE_EVENT_PRESCHEDULE_ADAPTIVE),
			 0);
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(take(dev), 0);
	rte_event_port_preschedule(dev, 1, RTE_EVENT_PRESCHEDULE_ADAPTIVE);
	assert_int_equal(take(dev), 0);
	rte_event_port_preschedule(dev, 1, RTE_EVENT_PRESCHEDULE);
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(take(dev), 0);
	assert_int_equal(rte_event_port_preschedule_modify(dev, 1, RTE_EVENT_PRESCHEDULE), 0);
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(rte_event_port_preschedule_modify(dev, 1, 3), -EINVAL);
}

static void
unknown_type(uint8_t dev)
{
	log_capture();
	assert_int_equal(configure(dev, 3), -EINVAL);
	log_expect("preschedule_type 3 is unknown", NULL);
	start(dev, RTE_EVENT_PRESCHEDULE);
	assert_int_equal(take(dev), DEPTH);
}

/* What was chosen for the port goes before what was chosen for the device. */
static void
mode_of_port(uint8_t dev)
{
	assert_int_equal(configure(dev, RTE_EVENT_PRESCHEDULE), 0);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 1, RTE_PMD_DLB2_DELAYED_POP), 0);
	start(dev, RTE_EVENT_PRESCHEDULE);
	assert_int_equal(take(dev), DEPTH);
	assert_int_equal(take(dev), 0);
}
#else
#define configured NULL
#define modified NULL
#define unknown_type NULL
#define mode_of_port NULL
#endif

static void
run(void (*test)(uint8_t dev))
{
	if (test == NULL)
		skip();
	evdev_for_both(test);
}

static void
test_configured(void **state)
{
	run(configured);
}

static void
test_modified(void **state)
{
	run(modified);
}

static void
test_unknown_type(void **state)
{
	run(unknown_type);
}

static void
test_mode_of_port(void **state)
{
	run(mode_of_port);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configured),
		cmocka_unit_test(test_modified),
		cmocka_unit_test(test_unknown_type),
		cmocka_unit_test(test_mode_of_port),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("preschedule", tests, NULL, NULL);
}
