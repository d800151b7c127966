/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Making a scheduling domain out of free resources, and starting it (control-path 4). Taking it
 * down is in drain.c and reset.c.
 */

#include <inttypes.h>

#include "dlb2_hw_priv.h"

static int
short_of(struct dlb2_device *dev, const char *what, uint64_t wanted, unsigned int available)
{
	dlb2_err(dev, "domain wants %" PRIu64 " %s, %u are free: ask for fewer, or reset another "
		 "domain", wanted, what, available);
	return -ENOSPC;
}

/* Each of the numbers may be anything, so their sum needs more bits. */
static uint64_t
ldb_ports_wanted(const struct dlb2_domain_request *request)
{
	uint64_t wanted = request->ldb_ports;

	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++)
		wanted += request->ldb_ports_per_cos[cos];
	return wanted;
}

/* control-path 4.1, rows 3 to 5. */
static int
check_ldb_ports(struct dlb2_device *dev, const struct dlb2_domain_request *request)
{
	uint64_t wanted = ldb_ports_wanted(request);
	unsigned int available = dlb2_ports_in(dev->free_ldb_ports);

	if (wanted > available)
		return short_of(dev, "load-balanced ports", wanted, available);
	for (unsigned int cos = 0; request->strict_cos && cos < DLB2_MAX_COS; cos++)
		if (request->ldb_ports_per_cos[cos] > dev->free_ldb_ports[cos].count)
			return short_of(dev, "load-balanced ports of one class of service",
					request->ldb_ports_per_cos[cos],
					dev->free_ldb_ports[cos].count);
	if (request->ldb_queues > 0 && wanted == 0) {
		dlb2_err(dev, "domain wants %u load-balanced queues but no load-balanced port: "
			 "ask for at least one", request->ldb_queues);
		return -EINVAL;
	}
	return 0;
}

/* control-path 4.1, row 7. */
static int
check_credits(struct dlb2_device *dev, const struct dlb2_domain_request *request)
{
	if (dev->limits->combined_credits && request->dir_credits != 0) {
		dlb2_err(dev, "domain wants %u directed credits, but this device has one pool: "
			 "ask for all as load-balanced credits", request->dir_credits);
		return -EINVAL;
	}
	if (request->ldb_credits > dev->free_ldb_credits)
		return short_of(dev, dev->limits->combined_credits ?
				"credits" : "load-balanced credits",
				request->ldb_credits, dev->free_ldb_credits);
	if (request->dir_credits > dev->free_dir_credits)
		return short_of(dev, "directed credits", request->dir_credits,
				dev->free_dir_credits);
	return 0;
}

/* control-path 4.1, in its order. */
static int
check_request(struct dlb2_device *dev, const struct dlb2_domain_request *request)
{
	unsigned int longest = dlb2_hist_list_longest_run(dev, request->hist_list_from);
	int ret;

	if (dev->free_domains.count == 0)
		return short_of(dev, "scheduling domains", 1, 0);
	if (request->ldb_queues > dev->free_ldb_queues.count)
		return short_of(dev, "load-balanced queues", request->ldb_queues,
				dev->free_ldb_queues.count);
	ret = check_ldb_ports(dev, request);
	if (ret < 0)
		return ret;
	if (request->dir_ports > dev->free_dir_pairs.count)
		return short_of(dev, "directed ports", request->dir_ports,
				dev->free_dir_pairs.count);
	ret = check_credits(dev, request);
	if (ret < 0)
		return ret;
	if (request->atomic_inflights > dev->free_atomic_inflights)
		return short_of(dev, "atomic in-flights", request->atomic_inflights,
				dev->free_atomic_inflights);
	if (request->hist_list_entries > longest)
		return short_of(dev, "history-list entries in a row", request->hist_list_entries,
				longest);
	return 0;
}

/* One port of class `cos` or, failing that, of the next class that has one. */
static void
take_ldb_port(struct dlb2_domain *domain, unsigned int cos)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int port;

	while (dev->free_ldb_ports[cos % DLB2_MAX_COS].count == 0)
		cos++;
	cos %= DLB2_MAX_COS;
	port = dlb2_ldb_port_take(dev, cos, domain);
	dev->ldb_ports[port].cq.domain = domain;
	dlb2_list_push(&domain->free_ldb_ports[cos], port);
}

/* The first class with a port that nobody else wants; if all are wanted, the first with a port. */
static unsigned int
spare_class(const struct dlb2_device *dev, const unsigned int keep[DLB2_MAX_COS])
{
	for (unsigned int i = 0; i < DLB2_MAX_COS; i++) {
		unsigned int cos = dev->cos_order[i];

		if (dev->free_ldb_ports[cos].count > keep[cos])
			return cos;
	}
	return dev->cos_order[0];
}

static void
take_ldb_ports(struct dlb2_domain *domain, const struct dlb2_domain_request *request)
{
	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++)
		for (unsigned int i = 0; i < request->ldb_ports_per_cos[cos]; i++)
			take_ldb_port(domain, cos);
	for (unsigned int i = 0; i < request->ldb_ports; i++)
		take_ldb_port(domain, spare_class(domain->dev, request->keep_ldb_ports_per_cos));
}

/* The first pairs are the best ones, and are kept for producers if the user wants that (2.3). */
static void
take_dir_pairs(struct dlb2_domain *domain, unsigned int count)
{
	struct dlb2_device *dev = domain->dev;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int pair = dlb2_list_pop(&dev->free_dir_pairs);

		dev->dir_pairs[pair].cq.domain = domain;
		dlb2_list_push(i < dev->options.reserved_dir_ports ?
			       &domain->reserved_dir_pairs : &domain->free_dir_pairs, pair);
	}
}

/* control-path 4.1, allocation order; the request has been checked and cannot fail. */
static void
take_resources(struct dlb2_domain *domain, const struct dlb2_domain_request *request)
{
	struct dlb2_device *dev = domain->dev;

	for (unsigned int i = 0; i < request->ldb_queues; i++) {
		unsigned int queue = dlb2_list_pop(&dev->free_ldb_queues);

		dev->ldb_queues[queue].domain = domain;
		dlb2_list_push(&domain->free_ldb_queues, queue);
	}
	take_ldb_ports(domain, request);
	take_dir_pairs(domain, request->dir_ports);
	domain->ldb_credits = request->ldb_credits;
	domain->dir_credits = request->dir_credits;
	dev->free_ldb_credits -= request->ldb_credits;
	dev->free_dir_credits -= request->dir_credits;
	domain->hist_list_base = dlb2_hist_list_take(dev, request->hist_list_from,
						     request->hist_list_entries);
	domain->hist_list_entries = request->hist_list_entries;
	domain->atomic_inflights = request->atomic_inflights;
	memcpy(domain->sn_slots, request->sn_slots, sizeof(domain->sn_slots));
	dev->free_atomic_inflights -= request->atomic_inflights;
}

/* control-path 4.1, registers. */
static void
write_credits(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;

	if (dev->limits->combined_credits) {
		reg_init(dev, DLB2_CHP_CFG_VAS_CRD, domain->id,
			 dlb2_put(DLB2_CHP_CFG_VAS_CRD__COUNT, domain->ldb_credits));
		return;
	}
	reg_init(dev, DLB2_CHP_CFG_LDB_VAS_CRD, domain->id,
		 dlb2_put(DLB2_CHP_CFG_LDB_VAS_CRD__COUNT, domain->ldb_credits));
	reg_init(dev, DLB2_CHP_CFG_DIR_VAS_CRD, domain->id,
		 dlb2_put(DLB2_CHP_CFG_DIR_VAS_CRD__COUNT, domain->dir_credits));
}

int
dlb2_domain_create(struct dlb2_device *dev, const struct dlb2_domain_request *request,
		   struct dlb2_domain **out)
{
	int ret = dlb2_enter(dev);

	if (ret == 0)
		ret = check_request(dev, request);
	if (ret == 0) {
		struct dlb2_domain *domain = &dev->domains[dlb2_list_pop(&dev->free_domains)];

		take_resources(domain, request);
		write_credits(domain);
		domain->state = DLB2_DOMAIN_CONFIGURED;
		*out = domain;
	}
	return dlb2_leave(dev, ret);
}

unsigned int
dlb2_domain_id(const struct dlb2_domain *domain)
{
	return domain->id;
}

bool
dlb2_domain_started(const struct dlb2_domain *domain)
{
	return domain->state == DLB2_DOMAIN_STARTED;
}

int
dlb2_domain_check_open(struct dlb2_domain *domain, const char *what)
{
	if (domain->state == DLB2_DOMAIN_CONFIGURED)
		return 0;
	dlb2_err(domain->dev, "domain %u has started, so no %s can be added: reset it first",
		 domain->id, what);
	return -EBUSY;
}

struct dlb2_ldb_port *
dlb2_find_ldb_port(struct dlb2_domain *domain, unsigned int port)
{
	struct dlb2_device *dev = domain->dev;

	if (port < dev->limits->num_ldb_ports && dev->ldb_ports[port].cq.domain == domain &&
	    dev->ldb_ports[port].cq.configured)
		return &dev->ldb_ports[port];
	dlb2_err(dev, "%u is no configured load-balanced port of domain %u", port, domain->id);
	return NULL;
}

struct dlb2_dir_pair *
dlb2_find_dir_port(struct dlb2_domain *domain, unsigned int port)
{
	struct dlb2_device *dev = domain->dev;

	if (port < dev->limits->num_dir_ports && dev->dir_pairs[port].cq.domain == domain &&
	    dev->dir_pairs[port].cq.configured)
		return &dev->dir_pairs[port];
	dlb2_err(dev, "%u is no configured directed port of domain %u", port, domain->id);
	return NULL;
}

struct dlb2_cq *
dlb2_find_cq(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port)
{
	if (kind == DLB2_LDB) {
		struct dlb2_ldb_port *ldb = dlb2_find_ldb_port(domain, port);

		return ldb == NULL ? NULL : &ldb->cq;
	}
	struct dlb2_dir_pair *dir = dlb2_find_dir_port(domain, port);

	return dir == NULL ? NULL : &dir->cq;
}

bool
dlb2_has_ldb_queue(struct dlb2_domain *domain, unsigned int queue)
{
	struct dlb2_device *dev = domain->dev;

	if (queue < dev->limits->num_ldb_queues && dev->ldb_queues[queue].domain == domain &&
	    dev->ldb_queues[queue].configured)
		return true;
	dlb2_err(dev, "%u is no configured load-balanced queue of domain %u", queue, domain->id);
	return false;
}

bool
dlb2_has_dir_queue(struct dlb2_domain *domain, unsigned int queue)
{
	struct dlb2_device *dev = domain->dev;

	if (queue < dev->limits->num_dir_ports && dev->dir_pairs[queue].cq.domain == domain &&
	    dev->dir_pairs[queue].queue_configured)
		return true;
	dlb2_err(dev, "%u is no configured directed queue of domain %u", queue, domain->id);
	return false;
}

unsigned int
dlb2_vasqid(const struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue)
{
	const struct dlb2_limits *limits = domain->dev->limits;

	return domain->id * (kind == DLB2_LDB ? limits->num_ldb_queues : limits->num_dir_ports) +
		queue;
}

static void
resume_cqs(struct dlb2_domain *domain)
{
	unsigned int port;

	DLB2_FOREACH_LDB_PORT(port, domain)
		dlb2_cq_resume(domain->dev, DLB2_LDB, port);
	DLB2_FOREACH_ID(port, &domain->used_dir_pairs)
		dlb2_cq_resume(domain->dev, DLB2_DIR, port);
}

static void
warn_closed(struct dlb2_domain *domain, const char *kind, unsigned int queue)
{
	dlb2_log(domain->dev, DLB2_LOG_WARNING, "%s queue %u of domain %u takes no events: no %s "
		 "port was created that could drain it", kind, queue, domain->id, kind);
}

/*
 * control-path 4.3 steps 2 and 3, but for queues that could never be drained again: an event in one
 * of them would make the domain's reset fail.
 */
static void
open_queues(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int queue;

	DLB2_FOREACH_ID(queue, &domain->used_ldb_queues) {
		if (dlb2_ports_in(domain->used_ldb_ports) > 0)
			reg_write(dev, DLB2_SYS_LDB_VASQID_V,
				  dlb2_vasqid(domain, DLB2_LDB, queue),
				  DLB2_SYS_LDB_VASQID_V__VASQID_V);
		else
			warn_closed(domain, "load-balanced", queue);
	}
	DLB2_FOREACH_ID(queue, &domain->used_dir_pairs) {
		const struct dlb2_dir_pair *pair = &dev->dir_pairs[queue];

		if (pair->queue_configured && pair->cq.configured)
			reg_write(dev, DLB2_SYS_DIR_VASQID_V,
				  dlb2_vasqid(domain, DLB2_DIR, queue),
				  DLB2_SYS_DIR_VASQID_V__VASQID_V);
		else if (pair->queue_configured)
			warn_closed(domain, "directed", queue);
	}
}

/*
 * Nothing can reach a queue before this, so links (9.3) and the enabling of CQs (7.7, 8) wait until
 * here: each register is written once, and one flush serves all.
 */
int
dlb2_domain_start(struct dlb2_domain *domain)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && domain->state != DLB2_DOMAIN_CONFIGURED) {
		dlb2_err(domain->dev, "domain %u has started already: reset it before another "
			 "start", domain->id);
		ret = -EBUSY;
	}
	if (ret == 0) {
		dlb2_map_static(domain);
		domain->state = DLB2_DOMAIN_STARTED;
		resume_cqs(domain);
		open_queues(domain);
		reg_flush(domain->dev);
	}
	return dlb2_leave(domain->dev, ret);
}
