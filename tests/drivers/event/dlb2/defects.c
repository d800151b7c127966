/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See defects.h.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "defects.h"

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_dev.h>

/* For what has to come, without anything coming; for what must not come. */
#define PATIENCE_MS (defect_bus.patient ? 5000 : 500)
#define SILENCE_MS (defect_bus.patient ? 100 : 2)
/*
 * Both last so many tries at least: an inline model moves only when it is polled, and a busy machine
 * may let all of that time pass without a poll.
 */
#define MIN_TRIES 200

struct defect_bus defect_bus;

const struct defect_group *const defect_groups[] = {
	&defects_configure, &defects_credits, &defects_events, &defects_life_cycle,
	&defects_links,     &defects_ports,   &defects_xstats, NULL,
};

static uint64_t
ms_from_now(unsigned int ms)
{
	return rte_get_timer_cycles() + ms * (rte_get_timer_hz() / MS_PER_S);
}

/* Whether to try once more what has been tried `tries` times without success. */
static bool
goes_on(unsigned int tries, uint64_t deadline)
{
	return tries < MIN_TRIES || rte_get_timer_cycles() < deadline;
}

/* Devices are removed in reverse order, so their numbers have no gaps. */
static int
probe(const char *device, const char *devargs, uint8_t *dev)
{
	char text[512];
	int ret;

	*dev = rte_event_dev_count();
	snprintf(text, sizeof(text), "%s,%s%s", device, defect_bus.devargs, devargs);
	ret = rte_dev_probe(text);
	return ret == 0 && rte_event_dev_count() == *dev ? -ENODEV : ret;
}

int
defect_probe(const char *devargs, uint8_t *dev)
{
	return probe(defect_bus.device[0], devargs, dev);
}

uint8_t
defect_device(const char *devargs)
{
	uint8_t dev;

	assert_int_equal(defect_probe(devargs, &dev), 0);
	return dev;
}

uint8_t
defect_second_device(const char *devargs)
{
	uint8_t dev;

	if (defect_bus.device[1] == NULL)
		skip();
	assert_int_equal(probe(defect_bus.device[1], devargs, &dev), 0);
	return dev;
}

int
defect_remove(uint8_t dev)
{
	struct rte_event_dev_info info;

	if (rte_event_dev_info_get(dev, &info) != 0)
		return -ENODEV;
	return rte_dev_remove(info.dev);
}

int
defect_teardown(void **state)
{
	uint32_t started;
	uint8_t dev;

	rte_openlog_stream(NULL);
	while (rte_event_dev_count() > 0) {
		dev = rte_event_dev_count() - 1;
		started = 0;
		rte_event_dev_attr_get(dev, RTE_EVENT_DEV_ATTR_STARTED, &started);
		if (started)
			rte_event_dev_stop(dev);
		if (defect_remove(dev) != 0)
			return -1;
	}
	return 0;
}

struct lookup {
	const char *name;
	void *function;
};

/*
 * EAL loads its plug-ins without making their symbols known to others. That which was asked for
 * with -d comes before those of EAL's own folder.
 */
static int
look_into(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct lookup *lookup = arg;
	void *library;

	if (strstr(info->dlpi_name, "event_dlb2") == NULL)
		return 0;
	library = dlopen(info->dlpi_name, RTLD_NOW | RTLD_NOLOAD);
	if (library == NULL)
		return 0;
	lookup->function = dlsym(library, lookup->name);
	dlclose(library);
	return lookup->function != NULL;
}

void *
defect_driver_function(const char *name)
{
	struct lookup lookup = {.name = name, .function = dlsym(RTLD_DEFAULT, name)};

	if (lookup.function == NULL)
		dl_iterate_phdr(look_into, &lookup);
	if (lookup.function == NULL)
		skip();
	return lookup.function;
}

unsigned int
defect_dir_pairs(void)
{
	return defect_bus.version == DEFECT_ON_2_0 ? 64 : 96;
}

int
defect_setup_port(uint8_t dev, uint8_t port, uint32_t flags, unsigned int depth)
{
	struct rte_event_port_conf conf;
	int ret = rte_event_port_default_conf_get(dev, port, &conf);

	if (depth > 0)
		conf.dequeue_depth = depth;
	conf.event_port_cfg = flags;
	return ret != 0 ? ret : rte_event_port_setup(dev, port, &conf);
}

void
defect_start(uint8_t dev, uint32_t port_flags, unsigned int depth)
{
	const uint32_t single = RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
			evdev_setup_queue(dev, i, i < 2 ? RTE_EVENT_QUEUE_CFG_ALL_TYPES : single,
					  RTE_SCHED_TYPE_ATOMIC),
			0);
		assert_int_equal(defect_setup_port(dev, i,
						   i < 2 ? port_flags :
							   RTE_EVENT_PORT_CFG_SINGLE_LINK,
						   depth),
				 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

void
defect_start_parallel(uint8_t dev, uint32_t port_flags, unsigned int depth)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 2, 2, 0), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_PARALLEL), 0);
		assert_int_equal(defect_setup_port(dev, i, port_flags, depth), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

struct rte_event
defect_event(uint8_t queue, uint64_t data)
{
	return (struct rte_event){
		.op = RTE_EVENT_OP_NEW,
		.queue_id = queue,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
		.event_type = RTE_EVENT_TYPE_CPU,
		.flow_id = data & 0xff,
		.u64 = data,
	};
}

void
defect_fill_parallel(struct rte_event ev[], unsigned int num, uint8_t queue)
{
	unsigned int i;

	for (i = 0; i < num; i++) {
		ev[i] = defect_event(queue, i);
		ev[i].sched_type = RTE_SCHED_TYPE_PARALLEL;
	}
}

void
defect_send(uint8_t dev, uint8_t port, const struct rte_event ev[], unsigned int num)
{
	uint64_t deadline = ms_from_now(PATIENCE_MS);
	unsigned int sent = 0, tries = 0;

	while (sent < num && goes_on(tries++, deadline))
		sent += rte_event_enqueue_burst(dev, port, &ev[sent], num - sent);
	assert_int_equal(sent, num);
}

unsigned int
defect_receive(uint8_t dev, uint8_t port, struct rte_event ev[], unsigned int num,
	       unsigned int take)
{
	uint64_t deadline = ms_from_now(PATIENCE_MS);
	unsigned int received = 0, tries = 0;
	uint16_t got;

	while (received < num && goes_on(tries++, deadline)) {
		got = rte_event_dequeue_burst(dev, port, &ev[received],
					      RTE_MIN(take, num - received), 0);
		received += got;
		if (got > 0) {
			deadline = ms_from_now(PATIENCE_MS);
			tries = 0;
		}
	}
	return received;
}

unsigned int
defect_sink(uint8_t dev, uint8_t port, unsigned int num)
{
	unsigned int received = 0, tries = 0;
	struct rte_event ev[32];
	uint64_t deadline;
	uint16_t got;

	do {
		got = defect_receive(dev, port, ev, RTE_MIN(num - received, RTE_DIM(ev)), 32);
		received += got;
	} while (got > 0 && received < num);
	deadline = ms_from_now(SILENCE_MS);
	while (goes_on(tries++, deadline)) {
		got = rte_event_dequeue_burst(dev, port, ev, RTE_DIM(ev), 0);
		received += got;
		if (got > 0)
			tries = 0;
	}
	return received;
}

void
defect_check_traffic(uint8_t dev, uint8_t port, uint8_t queue, uint8_t to, unsigned int num)
{
	struct rte_event event;
	unsigned int i;

	for (i = 0; i < num; i++) {
		event = defect_event(queue, i);
		defect_send(dev, port, &event, 1);
	}
	assert_int_equal(defect_sink(dev, to, num), num);
}
