/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Devices: limits, services, statistics, memory.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_dev.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "device.h"

static size_t
heap_in_use(void)
{
	struct rte_malloc_socket_stats stats;
	size_t total = 0;
	int socket;

	for (socket = 0; socket < RTE_MAX_NUMA_NODES; socket++)
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			total += stats.heap_allocsz_bytes;
	return total;
}

void
device_memory_begin(struct device *dev)
{
	dev->heap_before = heap_in_use();
}

void
device_memory_end(struct device *dev)
{
	dev->heap_now += (ssize_t)heap_in_use() - (ssize_t)dev->heap_before;
	dev->heap_most = RTE_MAX(dev->heap_most, dev->heap_now);
}

static int
configure_one_queue(struct device *dev, uint8_t type)
{
	const struct rte_event_dev_config config = {
		.nb_events_limit = dev->info.max_num_events,
		.nb_event_queues = 1,
		.nb_event_ports = 1,
		.nb_event_queue_flows = dev->info.max_event_queue_flows,
		.nb_event_port_dequeue_depth = dev->info.max_event_port_dequeue_depth,
		.nb_event_port_enqueue_depth = dev->info.max_event_port_enqueue_depth,
	};
	const struct rte_event_queue_conf queue = {
		.schedule_type = type,
		.nb_atomic_flows = RTE_MIN(dev->info.max_event_queue_flows, 1024u),
		.nb_atomic_order_sequences = RTE_MIN(dev->info.max_event_queue_flows, 64u),
	};
	int ret;

	ret = rte_event_dev_configure(dev->id, &config);
	return ret == 0 ? rte_event_queue_setup(dev->id, 0, &queue) : ret;
}

int
device_shrink(struct device *dev)
{
	int ret = configure_one_queue(dev, __builtin_ctz(dev->types));

	return ret == 0 ? rte_event_port_setup(dev->id, 0, NULL) : ret;
}

/* Not every release and driver announces the types, so each one is tried. */
static int
find_types(struct device *dev)
{
	static const uint8_t types[] = {
		RTE_SCHED_TYPE_ORDERED, RTE_SCHED_TYPE_ATOMIC, RTE_SCHED_TYPE_PARALLEL,
	};
	int ret = -ENOTSUP;
	uint32_t i;

	for (i = 0; i < RTE_DIM(types); i++) {
		ret = configure_one_queue(dev, types[i]);
		if (ret == 0)
			dev->types |= 1u << types[i];
	}
	if (dev->types != 0)
		return 0;
	fprintf(stderr, "device %u (%s): no schedule type can be set up: %s\n", dev->id, dev->name,
		strerror(-ret));
	return ret < 0 ? ret : -EIO;
}

/* Without a service core: the program's own threads run the scheduler. */
static int
take_service(struct device *dev)
{
	int ret;

	if (rte_event_dev_service_id_get(dev->id, &dev->service_id) != 0)
		return 0;
	ret = rte_service_set_runstate_mapped_check(dev->service_id, 0);
	if (ret == 0)
		ret = rte_service_runstate_set(dev->service_id, 1);
	if (ret != 0) {
		fprintf(stderr, "device %u (%s): its service %u cannot be run: %s\n", dev->id,
			dev->name, dev->service_id, strerror(-ret));
		return ret;
	}
	dev->has_service = true;
	return 0;
}

int
device_open(struct device *dev, uint8_t id)
{
	int ret;

	*dev = (struct device){ .id = id };
	ret = rte_event_dev_info_get(id, &dev->info);
	if (ret != 0) {
		fprintf(stderr, "--dev %u: there is no such event device, only %u of them; "
			"create one with the EAL option --vdev or allow a PCI device with -a\n",
			id, rte_event_dev_count());
		return ret;
	}
	snprintf(dev->name, sizeof(dev->name), "%s", dev->info.dev != NULL ?
		rte_dev_name(dev->info.dev) : dev->info.driver_name);
	device_memory_begin(dev);
	ret = take_service(dev);
	if (ret == 0)
		ret = find_types(dev);
	device_memory_end(dev);
	return ret;
}

static unsigned int
xstat_names(const struct device *dev, struct rte_event_dev_xstats_name **names, uint64_t **ids)
{
	int count = rte_event_dev_xstats_names_get(dev->id, RTE_EVENT_DEV_XSTATS_DEVICE, 0, NULL,
		NULL, 0);

	if (count <= 0)
		return 0;
	*names = calloc(count, sizeof(**names));
	*ids = calloc(count, sizeof(**ids));
	if (*names != NULL && *ids != NULL)
		count = rte_event_dev_xstats_names_get(dev->id, RTE_EVENT_DEV_XSTATS_DEVICE, 0,
			*names, *ids, count);
	else
		count = 0;
	return RTE_MAX(count, 0);
}

bool
device_xstat(const struct device *dev, const char *name, uint64_t *value)
{
	struct rte_event_dev_xstats_name *names = NULL;
	bool found = false;
	uint64_t *ids = NULL;
	unsigned int count, i;

	count = xstat_names(dev, &names, &ids);
	for (i = 0; i < count && !found; i++)
		if (strcmp(names[i].name, name) == 0)
			found = rte_event_dev_xstats_get(dev->id, RTE_EVENT_DEV_XSTATS_DEVICE, 0,
				&ids[i], value, 1) == 1;
	free(names);
	free(ids);
	return found;
}

void
device_print(const struct device *dev, FILE *f)
{
	const struct rte_event_dev_info *info = &dev->info;

	fprintf(f, "device %u (%s): driver %s, capabilities %#x, types%s%s%s, %u queues, %u ports, "
		"%u single-link pairs, %u links per port, %d events%s\n", dev->id, dev->name,
		info->driver_name, info->event_dev_cap,
		dev->types & (1u << RTE_SCHED_TYPE_ATOMIC) ? " atomic" : "",
		dev->types & (1u << RTE_SCHED_TYPE_ORDERED) ? " ordered" : "",
		dev->types & (1u << RTE_SCHED_TYPE_PARALLEL) ? " parallel" : "",
		info->max_event_queues, info->max_event_ports,
		info->max_single_link_event_port_queue_pairs, info->max_event_port_links,
		info->max_num_events, dev->has_service ? ", run as a service" : "");
}

static bool
ends_in(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

void
device_print_memory(const struct device *dev, FILE *f)
{
	struct rte_event_dev_xstats_name *names = NULL;
	uint64_t *ids = NULL;
	unsigned int count, i;
	uint64_t value;

	fprintf(f, "memory, device %u (%s): set-up takes at most %zd bytes of DPDK heap",
		dev->id, dev->name, dev->heap_most);
	count = xstat_names(dev, &names, &ids);
	for (i = 0; i < count; i++)
		if (ends_in(names[i].name, "_memory_bytes") &&
				rte_event_dev_xstats_get(dev->id, RTE_EVENT_DEV_XSTATS_DEVICE, 0,
					&ids[i], &value, 1) == 1)
			fprintf(f, ", %s %" PRIu64, names[i].name, value);
	fputc('\n', f);
	free(names);
	free(ids);
}
