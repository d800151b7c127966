/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Profiling of producer ports (control-path 2.3): how long a core's stores to each of them take, and
 * the order in which ports are given out by that.
 *
 * The one thing to know: ports are timed after the FLR, which has closed them, and before alarms are
 * on: the device drops what is stored without a trace (control-path 15.2). The in-tree driver does it
 * before the FLR, perhaps to ports that another process left open.
 */
#include <errno.h>

#include "dlb2_hw_priv.h"

#define BATCHES 10
/*
 * Times are compared in steps of this part of the least one. Ports within a step are as good as each
 * other: what differs is noise, which shall not take neighbours out of their order.
 */
#define STEPS_IN_LEAST 8

static uint64_t
time_batch(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port,
	   uint64_t (*now)(void))
{
	/* Not an empty line: a CPU without MOVDIR64B stores no empty HCWs. */
	static const struct dlb2_line line = {.hcw = {{.cmd = DLB2_CMD_COMP_T, .lock_id = 1}}};
	uint64_t start = now();

	for (unsigned int i = 0; i < DLB2_TIMED_STORES / BATCHES; i++)
		dev->bus->ops->pp_post(dev->bus, kind, port, &line);
	return now() - start;
}

/* By the median of the batches: in some of them the CPU does something else. */
static uint64_t
time_port(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port,
	  uint64_t (*now)(void))
{
	uint64_t sorted[BATCHES], time;
	unsigned int i, place;

	reg_flush(dev); /* earlier lines are not waited for in this port's time */
	for (i = 0; i < BATCHES; i++) {
		time = time_batch(dev, kind, port, now);
		for (place = i; place > 0 && sorted[place - 1] > time; place--)
			sorted[place] = sorted[place - 1];
		sorted[place] = time;
	}
	return sorted[BATCHES / 2] * BATCHES;
}

static int
no_domain_yet(struct dlb2_device *dev)
{
	if (dev->free_domains.count == dev->limits->num_domains)
		return 0;
	dlb2_err(dev, "ports are timed and put in order before the first domain is made");
	return -EBUSY;
}

static int
time_ports(struct dlb2_device *dev, uint64_t (*now)(void), struct dlb2_port_times *times)
{
	int ret = no_domain_yet(dev);

	for (unsigned int i = 0; ret == 0 && !dev->gone && i < dev->limits->num_ldb_ports; i++)
		times->cycles[DLB2_LDB][i] = time_port(dev, DLB2_LDB, i, now);
	for (unsigned int i = 0; ret == 0 && !dev->gone && i < dev->limits->num_dir_ports; i++)
		times->cycles[DLB2_DIR][i] = time_port(dev, DLB2_DIR, i, now);
	return ret;
}

int
dlb2_device_time_ports(struct dlb2_device *dev, uint64_t (*now)(void),
		       struct dlb2_port_times *times)
{
	int ret = dlb2_enter(dev);

	if (ret == 0)
		ret = time_ports(dev, now, times);
	return dlb2_leave(dev, ret);
}

/* Times of all ports of a kind in steps above the least. */
static void
count_steps(const uint64_t *cycles, unsigned int count, uint64_t *steps)
{
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < count; i++)
		least = cycles[i] < least ? cycles[i] : least;
	for (unsigned int i = 0; i < count; i++)
		steps[i] = least == 0 ? cycles[i] : (cycles[i] - least) * STEPS_IN_LEAST / least;
}

/* Quickest first; those of the same step stay in their order. */
static void
sort_list(struct dlb2_id_list *list, const uint64_t *steps)
{
	for (unsigned int i = 1; i < list->count; i++) {
		unsigned int place = i;
		unsigned int id = list->id[i];

		for (; place > 0 && steps[list->id[place - 1]] > steps[id]; place--)
			list->id[place] = list->id[place - 1];
		list->id[place] = id;
	}
}

/* By the sum over each one's ports. */
static void
sort_classes(struct dlb2_device *dev, const uint64_t *steps)
{
	struct dlb2_id_list classes = { .count = 0 };
	uint64_t sum[DLB2_MAX_COS] = { 0 };
	unsigned int port;

	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++) {
		DLB2_FOREACH_ID(port, &dev->free_ldb_ports[cos])
			sum[cos] += steps[port];
		dlb2_list_push(&classes, cos);
	}
	sort_list(&classes, sum);
	for (unsigned int i = 0; i < DLB2_MAX_COS; i++)
		dev->cos_order[i] = classes.id[i];
}

void
dlb2_profile_sort(struct dlb2_device *dev)
{
	if (!dev->ports_timed)
		return;
	for (unsigned int cos = 0; cos < dev->limits->num_cos; cos++)
		sort_list(&dev->free_ldb_ports[cos], dev->port_steps[DLB2_LDB]);
	sort_list(&dev->free_dir_pairs, dev->port_steps[DLB2_DIR]);
}

static void
order_ports(struct dlb2_device *dev, const struct dlb2_port_times *times)
{
	count_steps(times->cycles[DLB2_LDB], dev->limits->num_ldb_ports, dev->port_steps[DLB2_LDB]);
	count_steps(times->cycles[DLB2_DIR], dev->limits->num_dir_ports, dev->port_steps[DLB2_DIR]);
	dev->ports_timed = true;
	sort_classes(dev, dev->port_steps[DLB2_LDB]);
	dlb2_profile_sort(dev);
}

int
dlb2_device_order_ports(struct dlb2_device *dev, const struct dlb2_port_times *times)
{
	int ret = dlb2_enter(dev);

	if (ret == 0)
		ret = no_domain_yet(dev);
	if (ret == 0)
		order_ports(dev, times);
	return dlb2_leave(dev, ret);
}
