/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Emptying a started domain: this driver acts as every one of its ports, returns the tokens and
 * completes the events that they owe, until nothing is left (control-path 10.1 to 10.5).
 *
 * The one thing to know: counts are read and returns are posted only while the CQ is stopped, so a
 * return never exceeds what is owed. Between such rounds all CQs of a kind run for a moment. (The
 * reference drains running CQs, and so returns the same tokens twice when a count is late.)
 */

#include "dlb2_hw_priv.h"

#define RETURN_READS 409600   /* until returns are absorbed: control-path 10.8 */
#define ROUNDS_PER_CREDIT 4   /* until queues are empty: control-path 10.3 */
#define DELIVERY_US 1         /* that CQs run in each round: control-path 10.3 */

/* control-path 10.2: one batch return for all tokens, and one completion for each event. */
static void
post_returns(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port,
	     unsigned int tokens, unsigned int inflights)
{
	const struct dlb2_bus_ops *ops = dev->bus->ops;
	struct dlb2_line line = { 0 };
	unsigned int n = 0;

	if (tokens > 0) {
		if (tokens > dev->limits->max_cq_depth)
			tokens = dev->limits->max_cq_depth;
		line.hcw[n].lock_id = dlb2_put(DLB2_HCW_TOKENS, tokens - 1);
		line.hcw[n++].cmd = DLB2_CMD_BAT_T;
	}
	while (n > 0 || inflights > 0) {
		for (; n < DLB2_HCWS_PER_LINE && inflights > 0; inflights--)
			line.hcw[n++].cmd = DLB2_CMD_COMP;
		ops->pp_post(dev->bus, kind, port, &line);
		memset(&line, 0, sizeof(line));
		n = 0;
	}
	ops->pp_fence(dev->bus, kind, port);
}

/* control-path 10.2 and, for the wait, 10.1 step 9. The CQ is stopped. */
static int
drain_cq(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	unsigned int inflights = kind == DLB2_LDB ? dlb2_cq_inflights(dev, port) : 0;
	unsigned int tokens = dlb2_cq_tokens(dev, kind, port);

	if (tokens == 0 && inflights == 0)
		return 0;
	if (dev->gone)
		return -ENODEV;
	post_returns(dev, kind, port, tokens, inflights);
	for (unsigned int i = 0; i < RETURN_READS && !dev->gone; i++) {
		if (inflights > 0)
			inflights = dlb2_cq_inflights(dev, port);
		if (tokens > 0 && inflights == 0)
			tokens = dlb2_cq_tokens(dev, kind, port);
		if (tokens == 0 && inflights == 0)
			return 0;
	}
	if (dev->gone)
		return -ENODEV;
	dlb2_err(dev, "%s CQ %u still owes %u tokens and %u completions after %u reads",
		 kind == DLB2_LDB ? "load-balanced" : "directed", port, tokens, inflights,
		 RETURN_READS);
	return -ETIMEDOUT;
}

/* Applies `act` to all configured CQs of a kind; the first error. */
static int
for_each_cq(struct dlb2_domain *domain, enum dlb2_port_kind kind,
	    int (*act)(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port))
{
	unsigned int port;
	int ret = 0;

	if (kind == DLB2_LDB) {
		DLB2_FOREACH_LDB_PORT(port, domain)
			ret = ret < 0 ? ret : act(domain->dev, kind, port);
	} else {
		DLB2_FOREACH_ID(port, &domain->used_dir_pairs)
			if (domain->dev->dir_pairs[port].cq.configured)
				ret = ret < 0 ? ret : act(domain->dev, kind, port);
	}
	return ret;
}

static int
stop_cq(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	dlb2_cq_stop(dev, kind, port);
	return 0;
}

static int
start_cq(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	dlb2_cq_start(dev, kind, port);
	return 0;
}

void
dlb2_domain_stop_cqs(struct dlb2_domain *domain, enum dlb2_port_kind kind)
{
	for_each_cq(domain, kind, stop_cq);
	reg_flush(domain->dev);
}

/* Whether something waits in a queue that can be delivered. */
static bool
has_deliverable(struct dlb2_domain *domain, enum dlb2_port_kind kind)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int queue;

	if (kind == DLB2_LDB) {
		DLB2_FOREACH_ID(queue, &domain->used_ldb_queues)
			if (dev->ldb_queues[queue].num_mappings > 0 &&
			    dlb2_ldb_queue_depth(dev, queue) > 0)
				return true;
	} else {
		DLB2_FOREACH_ID(queue, &domain->used_dir_pairs)
			if (dev->dir_pairs[queue].queue_configured &&
			    dev->dir_pairs[queue].cq.configured &&
			    dlb2_dir_queue_depth(dev, queue) > 0)
				return true;
	}
	return false;
}

/* control-path 10.3 and 10.5; all CQs of the kind are stopped and owe nothing, before and after. */
static int
drain_queues(struct dlb2_domain *domain, enum dlb2_port_kind kind)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int rounds = ROUNDS_PER_CREDIT * dev->limits->num_ldb_credits;

	for (unsigned int i = 0; i < rounds; i++) {
		int ret;

		if (!has_deliverable(domain, kind))
			return 0;
		if (dev->gone)
			return -ENODEV;
		for_each_cq(domain, kind, start_cq);
		sleep_us(dev, DELIVERY_US);
		dlb2_domain_stop_cqs(domain, kind);
		ret = for_each_cq(domain, kind, drain_cq);
		if (ret < 0)
			return ret;
	}
	dlb2_err(dev, "%s queues of domain %u are not empty after %u rounds",
		 kind == DLB2_LDB ? "load-balanced" : "directed", domain->id, rounds);
	return -ETIMEDOUT;
}

/* control-path 10.4, one queue: a slot of the first port is lent to it. */
static int
drain_unmapped_queue(struct dlb2_domain *domain, unsigned int port, unsigned int queue)
{
	struct dlb2_device *dev = domain->dev;
	int slot = dlb2_slot_find(dev, port, DLB2_SLOT_UNMAPPED, -1);

	if (slot < 0) {
		slot = 0;
		dlb2_unmap_now(dev, port, 1u << slot);
	}
	dlb2_map_now(dev, port, slot, queue);
	return drain_queues(domain, DLB2_LDB);
}

/* control-path 10.4. */
static int
drain_unmapped_queues(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int first = 0;
	unsigned int queue;

	if (dlb2_ports_in(domain->used_ldb_ports) == 0)
		return 0; /* the queues were never opened */
	while (domain->used_ldb_ports[first].count == 0)
		first++;
	DLB2_FOREACH_ID(queue, &domain->used_ldb_queues) {
		int ret;

		if (dev->ldb_queues[queue].num_mappings > 0 ||
		    dlb2_ldb_queue_depth(dev, queue) == 0)
			continue;
		ret = drain_unmapped_queue(domain, domain->used_ldb_ports[first].id[0], queue);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/*
 * control-path 10.1 step 10. The CQs owe nothing, so removals end at once; a map waits for the
 * count of its queue, which may follow those of the CQs later. Each link that is left costs a read
 * or more.
 */
static int
finish_links(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int left = dlb2_domain_progress(domain);

	for (unsigned int reads = 0; left != 0 && reads < RETURN_READS && !dev->gone; reads += left)
		left = dlb2_domain_progress(domain);
	if (dev->gone)
		return -ENODEV;
	if (left == 0)
		return 0;
	dlb2_err(dev, "%u links of domain %u still pending after %u reads, though no CQ owes "
		 "a completion", left, domain->id, RETURN_READS);
	return -ETIMEDOUT;
}

/* control-path 10.1 steps 7 to 16. */
int
dlb2_domain_drain(struct dlb2_domain *domain)
{
	int ret;

	dlb2_domain_stop_cqs(domain, DLB2_LDB);
	dlb2_select_everything(domain);
	ret = for_each_cq(domain, DLB2_LDB, drain_cq);
	if (ret == 0)
		ret = finish_links(domain);
	if (ret == 0)
		ret = drain_queues(domain, DLB2_LDB);
	if (ret == 0)
		ret = drain_unmapped_queues(domain);
	if (ret < 0)
		return ret;

	dlb2_domain_stop_cqs(domain, DLB2_DIR);
	ret = for_each_cq(domain, DLB2_DIR, drain_cq);
	return ret < 0 ? ret : drain_queues(domain, DLB2_DIR);
}
