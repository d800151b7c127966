/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Priorities of queues: which of the two counts, a link's or its queue's, and what changes while
 * the device runs (pmd-interface N2, N3).
 */
#include <errno.h>

#include "parity_test.h"

#define NORMAL RTE_EVENT_DEV_PRIORITY_NORMAL
#define PRIORITY RTE_EVENT_QUEUE_ATTR_PRIORITY
/* Of the API, as those of the device. */
#define AT(code) ((code) << 5)
#define NUM_QUEUES 3

static void
set_up_queue(uint8_t dev, uint8_t queue, uint8_t priority)
{
	struct rte_event_queue_conf conf = queue_conf(dev);

	conf.schedule_type = RTE_SCHED_TYPE_PARALLEL;
	conf.priority = priority;
	assert_int_equal(rte_event_queue_setup(dev, queue, &conf), 0);
}

/* Queues at these priorities and `ports` ports. */
static void
set_up(uint8_t dev, const uint8_t priorities[NUM_QUEUES], unsigned int ports)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, ports, NUM_QUEUES, 0), 0);
	for (i = 0; i < NUM_QUEUES; i++)
		set_up_queue(dev, i, priorities[i]);
	for (i = 0; i < ports; i++)
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
}

static void
link_at(uint8_t dev, uint8_t port, uint8_t queue, uint8_t priority)
{
	assert_int_equal(rte_event_port_link(dev, port, &queue, &priority, 1), 1);
}

/* The slots of a port were given out in the order of the queues. */
static void
expect_slots(uint8_t dev, unsigned int port, const uint8_t codes[NUM_QUEUES])
{
	uint32_t word = reg_of(dev, DLB2_LSP_CQ2PRIOV, port_xstat(dev, port, "hw_id"));
	unsigned int i;

	assert_int_equal(word >> 24, (1 << NUM_QUEUES) - 1);
	for (i = 0; i < NUM_QUEUES; i++)
		assert_int_equal(word >> 3 * i & 7, codes[i]);
}

static void
which_priority_counts(uint8_t dev)
{
	static const struct {
		uint8_t queues[NUM_QUEUES], links[NUM_QUEUES], codes[NUM_QUEUES];
	} rows[] = {
		{{0, 0, 0}, {NORMAL, NORMAL, NORMAL}, {0, 0, 0}},
		{{255, 0, NORMAL}, {NORMAL, NORMAL, NORMAL}, {7, 0, 4}},
		{{0, 0, 0}, {NORMAL, NORMAL, 255}, {4, 4, 7}},
		{{NORMAL, 255, 0}, {0, NORMAL, 255}, {0, 4, 7}},
	};
	unsigned int i, queue;

	for (i = 0; i < RTE_DIM(rows); i++) {
		set_up(dev, rows[i].queues, 1);
		for (queue = 0; queue < NUM_QUEUES; queue++)
			link_at(dev, 0, queue, rows[i].links[queue]);
		assert_int_equal(rte_event_dev_start(dev), 0);
		expect_slots(dev, 0, rows[i].codes);
		rte_event_dev_stop(dev);
	}
}

/* Those of the links if there are any, else those of the queues. */
static void
test_which_priority_counts(void **state)
{
	evdev_for_both(which_priority_counts);
}

/* Links made and undone while the device runs decide for all links of their port. */
static void
links_that_come_and_go(uint8_t dev)
{
	static const uint8_t queues[] = {AT(1), AT(2), AT(3)};
	unsigned int i;

	set_up(dev, queues, 2);
	assert_int_equal(rte_event_port_link(dev, 1, NULL, NULL, 0), NUM_QUEUES);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 1; i < NUM_QUEUES; i++)
		assert_int_equal(evdev_link(dev, 0, i), 1);
	expect_slots(dev, 0, (const uint8_t[]){1, 2, 3});
	link_at(dev, 0, 2, AT(7));
	expect_slots(dev, 0, (const uint8_t[]){4, 4, 7});
	assert_int_equal(evdev_unlink(dev, 0, 2), 1);
	assert_int_equal(evdev_link(dev, 0, 2), 1);
	expect_slots(dev, 0, (const uint8_t[]){1, 2, 3});
	expect_slots(dev, 1, (const uint8_t[]){1, 2, 3});
}

static void
test_links_that_come_and_go(void **state)
{
	evdev_for_both(links_that_come_and_go);
}

static uint32_t
attribute(uint8_t dev, uint8_t queue, uint32_t id)
{
	uint32_t value;

	assert_int_equal(rte_event_queue_attr_get(dev, queue, id, &value), 0);
	return value;
}

/* In all ports but the one that has priorities of its own; also from one start to the next. */
static void
change_of_priority(uint8_t dev)
{
	static const uint8_t queues[] = {NORMAL, NORMAL, NORMAL};

	set_up(dev, queues, 3);
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), NUM_QUEUES);
	assert_int_equal(rte_event_port_link(dev, 1, NULL, NULL, 0), NUM_QUEUES);
	assert_int_equal(rte_event_port_link(dev, 2, NULL, queues, NUM_QUEUES), NUM_QUEUES);
	link_at(dev, 2, 2, AT(6));
	assert_int_equal(rte_event_queue_attr_set(dev, 0, PRIORITY, AT(2)), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	expect_slots(dev, 0, (const uint8_t[]){2, 4, 4});

	assert_int_equal(rte_event_queue_attr_set(dev, 1, PRIORITY, 255), 0);
	assert_int_equal(attribute(dev, 1, PRIORITY), 255);
	expect_slots(dev, 0, (const uint8_t[]){2, 7, 4});
	expect_slots(dev, 1, (const uint8_t[]){2, 7, 4});
	expect_slots(dev, 2, (const uint8_t[]){4, 4, 6});

	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_queue_attr_set(dev, 1, PRIORITY, 0), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	expect_slots(dev, 0, (const uint8_t[]){2, 0, 4});
}

static void
test_change_of_priority(void **state)
{
	evdev_for_both(change_of_priority);
}

/* A queue of two with one event each, behind events that fill the CQ. */
static unsigned int
first_served(uint8_t dev)
{
	struct rte_event event;
	unsigned int first;

	evdev_send(dev, 0, 2, 1);
	evdev_send(dev, 0, 0, 8);
	evdev_send(dev, 0, 1, 8);
	dequeue_some(dev, 0, &event, 1);
	assert_int_equal(event.queue_id, 2);
	dequeue_some(dev, 0, &event, 1);
	first = event.queue_id;
	assert_int_equal(evdev_receive(dev, 0), 15);
	return first;
}

/* A CQ of one entry, so that the device chooses anew for each. */
static void
order_of_service(uint8_t dev)
{
	static const uint8_t queues[] = {AT(6), AT(4), AT(0)};
	struct rte_event_port_conf conf;

	set_up(dev, queues, 1);
	conf = port_conf(dev);
	conf.dequeue_depth = 1;
	assert_int_equal(rte_event_port_setup(dev, 0, &conf), 0);
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), NUM_QUEUES);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(first_served(dev), 1);
	assert_int_equal(rte_event_queue_attr_set(dev, 0, PRIORITY, AT(2)), 0);
	assert_int_equal(first_served(dev), 0);
}

static void
test_order_of_service(void **state)
{
	evdev_for_both(order_of_service);
}

/* Events in flight all the time, of which none is lost. */
static void
change_under_traffic(uint8_t dev)
{
	static const uint8_t queues[] = {NORMAL, NORMAL, NORMAL};
	unsigned int i, got, received = 0;
	struct rte_event events[4];

	set_up(dev, queues, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(rte_event_port_link(dev, i, NULL, NULL, 0), NUM_QUEUES);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 500; i++) {
		evdev_send(dev, i % 4, i % NUM_QUEUES, 8);
		assert_int_equal(rte_event_queue_attr_set(dev, i % NUM_QUEUES, PRIORITY, i % 256),
				 0);
		received += rte_event_dequeue_burst(dev, (i + 1) % 4, events, RTE_DIM(events), 0);
	}
	do { /* what one port lets go another may get */
		for (got = 0, i = 0; i < 4; i++)
			got += evdev_receive(dev, i);
		received += got;
	} while (got > 0);
	assert_int_equal(received, 500 * 8);
}

static void
test_change_under_traffic(void **state)
{
	evdev_for_both(change_under_traffic);
}

/* The library's answers are those of before. */
static void
refusals(uint8_t dev)
{
	static const uint32_t fixed[] = {
		RTE_EVENT_QUEUE_ATTR_WEIGHT,
		RTE_EVENT_QUEUE_ATTR_AFFINITY,
		RTE_EVENT_QUEUE_ATTR_NB_ATOMIC_FLOWS,
		RTE_EVENT_QUEUE_ATTR_NB_ATOMIC_ORDER_SEQUENCES,
		RTE_EVENT_QUEUE_ATTR_EVENT_QUEUE_CFG,
		RTE_EVENT_QUEUE_ATTR_SCHEDULE_TYPE,
	};
	uint32_t before;
	unsigned int i;

	evdev_start_simple(dev, 2);
	for (i = 0; i < RTE_DIM(fixed); i++) {
		before = attribute(dev, 0, fixed[i]);
		log_capture();
		assert_int_equal(rte_event_queue_attr_set(dev, 0, fixed[i], before + 1), -ENOTSUP);
		log_expect("queue 0", NULL);
		assert_int_equal(attribute(dev, 0, fixed[i]), before);
	}
	log_capture();
	assert_int_equal(rte_event_queue_attr_set(dev, 1, PRIORITY, 256), -EINVAL);
	log_expect("queue 1", "256", "255", NULL);
	assert_int_equal(attribute(dev, 1, PRIORITY), NORMAL);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_refusals(void **state)
{
	evdev_for_both(refusals);
}

/* A directed queue has one port, which serves no other: any priority is right. */
static void
directed_queue(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 1, 1, 1), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, SINGLE_LINK_QUEUE, 0), 0);
	assert_int_equal(evdev_setup_port(dev, 0, SINGLE_LINK_PORT), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(rte_event_queue_attr_set(dev, 0, PRIORITY, 1), 0);
	assert_int_equal(attribute(dev, 0, PRIORITY), 1);
	evdev_check_traffic(dev, 0, 0, 0);
}

static void
test_directed_queue(void **state)
{
	evdev_for_both(directed_queue);
}

/* Said, because an application may count on it; no reason to refuse the queue. */
static void
test_weight_in_set_up(void **state)
{
	uint8_t dev = evdev_add(MODEL, "");
	struct rte_event_queue_conf conf;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	conf = queue_conf(dev);
	conf.weight = 7;
	log_capture();
	assert_int_equal(rte_event_queue_setup(dev, 0, &conf), 0);
	log_expect("queue 0", "weight 7", NULL);
	evdev_remove(MODEL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_priority_counts),
		cmocka_unit_test(test_links_that_come_and_go),
		cmocka_unit_test(test_change_of_priority),
		cmocka_unit_test(test_order_of_service),
		cmocka_unit_test(test_change_under_traffic),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_directed_queue),
		cmocka_unit_test(test_weight_in_set_up),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("attributes of queues", tests, NULL, NULL);
}
