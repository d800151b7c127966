/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in ports: whose memory is freed when, depths, history lists, modes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "defects.h"

#include <rte_common.h>
#include <rte_memzone.h>

#define NUM_GUARDS 48
#define GUARD_BYTE 0xa5
#define NO_IMPLICIT_RELEASE RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL

/* Memory of others: what a consumer queue that was freed would have become. */
static const struct rte_memzone *guards[NUM_GUARDS];

static void
set_guards(void)
{
	char name[32];
	unsigned int i;

	for (i = 0; i < NUM_GUARDS; i++) {
		snprintf(name, sizeof(name), "guard%u", i);
		guards[i] = rte_memzone_reserve_aligned(name, 1024 << i % 4, SOCKET_ID_ANY,
							RTE_MEMZONE_IOVA_CONTIG, 64);
		assert_non_null(guards[i]);
		memset(guards[i]->addr, GUARD_BYTE, guards[i]->len);
	}
}

static void
check_guards(void)
{
	unsigned int i, written = 0;
	size_t k;

	for (i = 0; i < NUM_GUARDS; i++) {
		for (k = 0; k < guards[i]->len; k++)
			written += ((const uint8_t *)guards[i]->addr)[k] != GUARD_BYTE;
		rte_memzone_free(guards[i]);
	}
	assert_int_equal(written, 0);
}

/*
 * A set-up that is refused takes nothing from the ports that are there. Port 2 is configured to be
 * single-link; a driver need not refuse it as a load-balanced one, if the next set-up changes that.
 */
static void
test_b10_refused_port_harms_no_other(void **state)
{
	const uint32_t single = RTE_EVENT_PORT_CFG_SINGLE_LINK;
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(evdev_setup_queue(dev, i,
						   i < 2 ? 0 : RTE_EVENT_QUEUE_CFG_SINGLE_LINK,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_setup_port(dev, 1, 0), 0);
	evdev_setup_port(dev, 2, 0);
	assert_int_equal(evdev_setup_port(dev, 2, single), 0);
	assert_true(evdev_setup_port(dev, 1, single) < 0);
	set_guards();
	for (i = 0; i < 3; i++)
		assert_int_equal(evdev_link(dev, i, i), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 3; i++)
		defect_check_traffic(dev, 0, i, i, 300);
	rte_event_dev_stop(dev);
	check_guards();
}

/* The last configuration had events in every port; what they lay in is not written to any more. */
static void
test_b26_fewer_ports(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event event;
	unsigned int i;

	evdev_start_simple(dev, 8);
	for (i = 0; i < 8 * 50; i++) {
		event = defect_event(i % 8, i);
		defect_send(dev, 0, &event, 1);
	}
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	set_guards();
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	defect_check_traffic(dev, 0, 0, 0, 300);
	rte_event_dev_stop(dev);
	check_guards();
}

/* As many events as the CQ holds can be open, not 32. */
static void
test_b33_open_events_by_depth(void **state)
{
	uint8_t dev = defect_device("max_cq_depth=128");
	struct rte_event ev[128];

	defect_start_parallel(dev, NO_IMPLICIT_RELEASE, RTE_DIM(ev));
	defect_fill_parallel(ev, RTE_DIM(ev), 1);
	defect_send(dev, 0, ev, RTE_DIM(ev));
	assert_int_equal(defect_receive(dev, 1, ev, RTE_DIM(ev), 128), RTE_DIM(ev));
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), RTE_DIM(ev));
}

/*
 * 2.5: a CQ of 256 entries or more, with a weight limit that is the depth of the port. DPDK 22.11
 * knows depths up to 255.
 */
static void
test_b37_weights_of_deep_ports(void **state)
{
	static const unsigned int depths[] = {128, 200, 255, 256, 512, 1024};
	uint8_t dev = defect_device("max_cq_depth=1024,enable_cq_weight=y");
	struct rte_event_dev_info info;
	unsigned int i;

	assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
	assert_true(info.max_event_port_dequeue_depth >= 255);
	for (i = 0; i < RTE_DIM(depths); i++) {
		if (depths[i] > info.max_event_port_dequeue_depth)
			break;
		defect_start(dev, 0, depths[i]);
		defect_check_traffic(dev, 0, 1, 1, 2 * depths[i]);
		rte_event_dev_stop(dev);
	}
}

/* How many of 64 events port 1 gets without releasing any. */
static unsigned int
received_unreleased(uint8_t dev)
{
	struct rte_event ev[64];
	unsigned int i, received;

	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = defect_event(1, i);
	defect_send(dev, 0, ev, RTE_DIM(ev));
	received = defect_receive(dev, 1, ev, RTE_DIM(ev), 8);
	for (i = 0; i < received; i++)
		ev[i].op = RTE_EVENT_OP_RELEASE;
	defect_send(dev, 1, ev, received);
	return received;
}

static void
set_up_modes(uint8_t dev, unsigned int mode_of_0)
{
	int (*set_mode)(uint8_t dev, uint8_t port, unsigned int mode) =
		defect_driver_function("rte_pmd_dlb2_set_token_pop_mode");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	assert_int_equal(set_mode(dev, 0, mode_of_0), 0);
	assert_int_equal(set_mode(dev, 1, 0), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(defect_setup_port(dev, i, NO_IMPLICIT_RELEASE, 8), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

/*
 * Another port's DELAYED mode changes nothing for an AUTO one, neither what it gets nor the code
 * that it runs through.
 */
static void
test_b38_delayed_pop_of_another_port(void **state)
{
	uint8_t dev = defect_device("");
	const struct rte_event_fp_ops *fp = &rte_event_fp_ops[dev];
	struct rte_event_fp_ops before;
	unsigned int alone;

	set_up_modes(dev, 0);
	before = *fp;
	alone = received_unreleased(dev);
	rte_event_dev_stop(dev);
	set_up_modes(dev, 1);
	assert_ptr_equal(fp->enqueue_burst, before.enqueue_burst);
	assert_ptr_equal(fp->enqueue_forward_burst, before.enqueue_forward_burst);
	assert_ptr_equal(fp->dequeue_burst, before.dequeue_burst);
	assert_int_equal(received_unreleased(dev), alone);
	assert_true(alone > 8);
}

static const struct defect_test tests[] = {
	DEFECT(test_b10_refused_port_harms_no_other),
	DEFECT(test_b26_fewer_ports),
	DEFECT(test_b33_open_events_by_depth),
	DEFECT_ONLY(test_b37_weights_of_deep_ports, DEFECT_ON_2_5),
	DEFECT(test_b38_delayed_pop_of_another_port),
};

const struct defect_group defects_ports = {"ports", tests, RTE_DIM(tests)};
