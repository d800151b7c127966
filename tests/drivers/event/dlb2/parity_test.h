/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the tests of parity share: a look at the device's registers behind an event device, and
 * set-up that takes what is written out in pmd-interface.md. Included by each of them.
 */
#ifndef PARITY_TEST_H
#define PARITY_TEST_H

#include <string.h>

#include "evdev_test.h"

#include <rte_common.h>

#include <dlb2_regs.h>

#include "dlb2_priv.h"
#include "rte_pmd_dlb2.h"

#define MODEL "event_dlb2_model0"
#define SINGLE_LINK_QUEUE RTE_EVENT_QUEUE_CFG_SINGLE_LINK
#define SINGLE_LINK_PORT RTE_EVENT_PORT_CFG_SINGLE_LINK

/** Runs `test` on a device with these devargs. */
static inline void
with_devargs(const char *args, void (*test)(uint8_t dev))
{
	test(evdev_add(MODEL, args));
	evdev_remove(MODEL);
}

static inline struct dlb2_process *
process_of(uint8_t dev)
{
	return dlb2_process(&rte_eventdevs[dev]);
}

static inline bool
is_2_0(uint8_t dev)
{
	return dlb2_evdev(&rte_eventdevs[dev])->options.version == DLB2_HW_2_0;
}

/** Element `i` of a register, read as the driver reads it. */
static inline uint32_t
reg_of(uint8_t dev, enum dlb2_reg reg, unsigned int i)
{
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;

	return bus->ops->csr_read(bus, dlb2_reg_offset(bus->version, reg, i, 0));
}

static inline struct rte_event_dev_info
info_of(uint8_t dev)
{
	struct rte_event_dev_info info;

	assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
	return info;
}

static inline struct rte_event_queue_conf
queue_conf(uint8_t dev)
{
	struct rte_event_queue_conf conf;

	assert_int_equal(rte_event_queue_default_conf_get(dev, 0, &conf), 0);
	return conf;
}

static inline struct rte_event_port_conf
port_conf(uint8_t dev)
{
	struct rte_event_port_conf conf;

	assert_int_equal(rte_event_port_default_conf_get(dev, 0, &conf), 0);
	return conf;
}

/** The xstat `name` of an object: object_xstat(dev, "port", 3, "hw_id"). */
static inline uint64_t
object_xstat(uint8_t dev, const char *prefix, unsigned int object, const char *name)
{
	char full[RTE_EVENT_DEV_XSTATS_NAME_SIZE];

	snprintf(full, sizeof(full), "%s_%u_%s", prefix, object, name);
	return evdev_xstat(dev, full);
}

static inline uint64_t
port_xstat(uint8_t dev, unsigned int port, const char *name)
{
	return object_xstat(dev, "port", port, name);
}

static inline uint64_t
queue_xstat(uint8_t dev, unsigned int queue, const char *name)
{
	return object_xstat(dev, "qid", queue, name);
}

/** Dequeues until something comes; fails the test if nothing does. */
static inline unsigned int
dequeue_some(uint8_t dev, uint8_t port, struct rte_event *events, unsigned int num)
{
	unsigned int tries, got = 0;

	for (tries = 0; got == 0 && tries < 1000; tries++)
		got = rte_event_dequeue_burst(dev, port, events, num, 0);
	assert_true(got > 0);
	return got;
}

#endif
