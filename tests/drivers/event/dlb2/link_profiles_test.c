/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See link_profiles_test.h.
 */
#include <stdlib.h>

#include <dlb2_model.h>

#include "link_profiles_test.h"

unsigned int slot_in_flight, status_bits;

int __real_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);
int __wrap_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);

int
__wrap_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out)
{
	int ret = __real_dlb2_model_create(config, out);

	assert_int_equal(ret, 0);
	dlb2_model_set_switch(*out, DLB2_SWITCH_SLOT_IN_FLIGHT, slot_in_flight);
	dlb2_model_set_switch(*out, DLB2_SWITCH_STATUS_BITS, status_bits);
	return ret;
}

void
run(void (*test)(uint8_t dev))
{
	char *log;

	for (slot_in_flight = 0; slot_in_flight < 2; slot_in_flight++) {
		for (status_bits = 0; status_bits < 2; status_bits++) {
			log_capture();
			evdev_for_both(test);
			log = log_take();
			if (strstr(log, "model: ") != NULL)
				fail_msg("%s", log);
			free(log);
		}
	}
}

void
set_up(uint8_t dev, uint32_t sender_flags)
{
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, NUM_PORTS, NUM_QUEUES, 0), 0);
	for (i = 0; i < NUM_QUEUES; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	conf = port_conf(dev);
	conf.dequeue_depth = DEPTH;
	for (i = 0; i < NUM_PORTS; i++) {
		conf.event_port_cfg = i == SENDER ? sender_flags : HOLD;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
	}
	for (i = 3; i < NUM_QUEUES; i++)
		assert_int_equal(evdev_link(dev, SENDER, i), 1);
}

void
set_up_profiles(uint8_t dev)
{
	set_up(dev, 0);
	assert_int_equal(profile_link(dev, 0, 0, NORMAL, 0), 1);
	assert_int_equal(profile_link(dev, 0, 1, NORMAL, 1), 1);
	assert_int_equal(profile_link(dev, 0, 2, NORMAL, 0), 1);
	assert_int_equal(profile_link(dev, 0, 2, NORMAL, 1), 1);
}

void
start(uint8_t dev)
{
	set_up_profiles(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

void
send_flow(uint8_t dev, uint8_t queue, uint32_t flow, unsigned int num)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .queue_id = queue, .sched_type = RTE_SCHED_TYPE_ATOMIC,
		.flow_id = flow,
	};

	for (; num > 0; num--)
		assert_int_equal(rte_event_enqueue_burst(dev, SENDER, &event, 1), 1);
}

unsigned int
take(uint8_t dev, uint8_t port, unsigned int *num)
{
	struct rte_event events[DEPTH];
	unsigned int tries, i, got, queues = 0;

	*num = 0;
	for (tries = 0; tries < 10; tries++) {
		got = rte_event_dequeue_burst(dev, port, events, DEPTH, 0);
		for (i = 0; i < got; i++)
			queues |= 1u << events[i].queue_id;
		*num += got;
	}
	return queues;
}

void
release(uint8_t dev, uint8_t port, unsigned int num)
{
	struct rte_event event = {.op = RTE_EVENT_OP_RELEASE};

	for (; num > 0; num--)
		assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 1);
}

unsigned int
receive(uint8_t dev, uint8_t port)
{
	unsigned int num, queues = 0;

	do {
		queues |= take(dev, port, &num);
		release(dev, port, num);
	} while (num > 0);
	return queues;
}

unsigned int
scheduled(uint8_t dev, unsigned int port)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(&rte_eventdevs[dev]);
	unsigned int slot, i, hw_queue, hw_port = evdev->ports[port].hw_id, queues = 0;
	uint32_t valid =
		dlb2_get(DLB2_LSP_CQ2PRIOV__V, reg_of(dev, DLB2_LSP_CQ2PRIOV, hw_port));

	for (slot = 0; slot < 8; slot++) {
		hw_queue = reg_of(dev, slot < 4 ? DLB2_LSP_CQ2QID0 : DLB2_LSP_CQ2QID1, hw_port) >>
				8 * (slot % 4) &
			0x7f;
		for (i = 0; i < NUM_QUEUES; i++)
			if ((valid >> slot & 1) != 0 && evdev->queues[i].hw_id == hw_queue)
				queues |= 1u << i;
	}
	return queues;
}
