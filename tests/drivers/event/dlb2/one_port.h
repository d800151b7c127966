/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * One port of the fake device, and a line each for what the tests of dequeue and of tokens do with
 * it. Included by one file of each program.
 */
#ifndef ONE_PORT_H
#define ONE_PORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_device.h"

#define MAX_BURST 128

static struct fake_device *dev;
static const struct dlb2_dp_ops *ops;
static unsigned int seed = 1;

static __rte_unused uint32_t
random32(void)
{
	return (uint32_t)rand_r(&seed) << 16 ^ (uint32_t)rand_r(&seed);
}

static struct fake_port *
start_with(const struct dlb2_dp_conf *conf, const struct dlb2_dp_port_conf *port_conf)
{
	struct fake_port *port;

	dev = fake_device_create(conf);
	port = fake_port_add(dev, port_conf);
	fake_device_start(dev);
	return port;
}

static struct fake_port *
start(const struct dlb2_dp_port_conf *port_conf)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_0);

	return start_with(&conf, port_conf);
}

static struct fake_port *
start_depth(unsigned int depth)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(depth);

	return start(&conf);
}

static int
setup(void **state)
{
	ops = fake_ops();
	return 0;
}

static int
teardown(void **state)
{
	fake_device_destroy(dev);
	return 0;
}

static void
deliver(struct fake_port *port, unsigned int n)
{
	while (n-- > 0)
		fake_deliver(port, fake_entry(port->written));
}

static unsigned int
dequeue(struct fake_port *port, struct rte_event *ev, unsigned int n)
{
	return n == 1 ? ops->dequeue(port->dp, ev, 0) : ops->dequeue_burst(port->dp, ev, n, 0);
}

static unsigned int
enqueue_op(struct fake_port *port, uint8_t op, unsigned int n)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < n; i++)
		ev[i] = (struct rte_event){.op = op,
					   .queue_id = FAKE_ATOMIC_QUEUE,
					   .sched_type = RTE_SCHED_TYPE_ATOMIC};
	return n == 1 ? ops->enqueue(port->dp, ev) : ops->enqueue_burst(port->dp, ev, n);
}

#define FORWARD(port, n) assert_int_equal(enqueue_op(port, RTE_EVENT_OP_FORWARD, n), n)
#define RELEASE(port, n) assert_int_equal(enqueue_op(port, RTE_EVENT_OP_RELEASE, n), n)

#endif
