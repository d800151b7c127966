/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the device has to give, who holds it, and in which order it is handed out (control-path 2).
 * Touches no register.
 *
 * Each ID is in one list at a time, so no list outgrows its array; requests that find a list empty
 * are refused before anything is taken from it (domain.c, queue.c, port.c).
 */

#include "dlb2_hw_priv.h"

/*
 * Order of the ports in each class: neighbours contend when they serve the same queue, so they are
 * given out apart (control-path 2.3, the order without profiling).
 */
static const uint8_t ldb_port_order[] = {
	0, 7, 14, 5, 12, 3, 10, 1, 8, 15, 6, 13, 4, 11, 2, 9,
};

void
dlb2_list_push(struct dlb2_id_list *list, unsigned int id)
{
	assert(list->count < DLB2_MAX_DIR_PORTS);
	list->id[list->count++] = id;
}

unsigned int
dlb2_list_pop(struct dlb2_id_list *list)
{
	unsigned int id = list->id[0];

	dlb2_list_remove(list, id);
	return id;
}

void
dlb2_list_remove(struct dlb2_id_list *list, unsigned int id)
{
	unsigned int i = 0;

	while (i < list->count && list->id[i] != id)
		i++;
	assert(i < list->count);
	memmove(&list->id[i], &list->id[i + 1], list->count - i - 1);
	list->count--;
}

void
dlb2_list_move_all(struct dlb2_id_list *to, struct dlb2_id_list *from)
{
	while (from->count > 0)
		dlb2_list_push(to, dlb2_list_pop(from));
}

static void
init_list(struct dlb2_id_list *list, unsigned int count)
{
	for (unsigned int id = 0; id < count; id++)
		dlb2_list_push(list, id);
}

void
dlb2_resources_init(struct dlb2_device *dev)
{
	const struct dlb2_limits *limits = dev->limits;
	unsigned int per_cos = limits->num_ldb_ports_per_cos;

	_Static_assert(sizeof(ldb_port_order) * DLB2_MAX_COS == DLB2_MAX_LDB_PORTS,
		       "the order covers a class");
	init_list(&dev->free_domains, limits->num_domains);
	init_list(&dev->free_ldb_queues, limits->num_ldb_queues);
	init_list(&dev->free_dir_pairs, limits->num_dir_ports);
	for (unsigned int cos = 0; cos < limits->num_cos; cos++) {
		dev->cos_order[cos] = cos;
		for (unsigned int i = 0; i < per_cos; i++)
			dlb2_list_push(&dev->free_ldb_ports[cos],
				       cos * per_cos + ldb_port_order[i]);
	}
	dev->free_ldb_credits = limits->num_ldb_credits;
	dev->free_dir_credits = limits->num_dir_credits;
	dev->free_atomic_inflights = limits->num_aqed_entries;
	for (unsigned int i = 0; i < limits->num_domains; i++) {
		dev->domains[i].dev = dev;
		dev->domains[i].id = i;
	}
}

/* First free run at or after `from`: its base in *base, its length (0: none). */
static unsigned int
next_run(const struct dlb2_device *dev, unsigned int from, unsigned int *base)
{
	unsigned int total = dev->limits->num_hist_list_entries;
	unsigned int end;

	while (from < total && dev->hist_list_used[from])
		from++;
	for (end = from; end < total && !dev->hist_list_used[end]; )
		end++;
	*base = from;
	return end - from;
}

int
dlb2_hist_list_take(struct dlb2_device *dev, unsigned int from, unsigned int entries)
{
	unsigned int base = 0;
	unsigned int run;

	for (; (run = next_run(dev, from, &base)) != 0; from = base + run) {
		if (run < entries)
			continue;
		memset(&dev->hist_list_used[base], true, entries);
		return base;
	}
	return entries == 0 ? 0 : -ENOSPC;
}

void
dlb2_hist_list_give(struct dlb2_device *dev, unsigned int base, unsigned int entries)
{
	memset(&dev->hist_list_used[base], false, entries);
}

unsigned int
dlb2_hist_list_longest_run(const struct dlb2_device *dev, unsigned int from)
{
	unsigned int longest = 0, base = 0;
	unsigned int run;

	for (; (run = next_run(dev, from, &base)) != 0; from = base + run)
		longest = run > longest ? run : longest;
	return longest;
}

static unsigned int
free_hist_list_entries(const struct dlb2_device *dev)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < dev->limits->num_hist_list_entries; i++)
		count += !dev->hist_list_used[i];
	return count;
}

/* How well a port suits a domain: the lower, the better (control-path 2.4). */
static unsigned int
port_rank(const struct dlb2_device *dev, unsigned int port, const struct dlb2_domain *domain)
{
	unsigned int total = dev->limits->num_ldb_ports;
	const struct dlb2_domain *below = dev->ldb_ports[(port + total - 1) % total].cq.domain;
	const struct dlb2_domain *above = dev->ldb_ports[(port + 1) % total].cq.domain;
	unsigned int others = (below != NULL) + (above != NULL);

	return below == domain || above == domain ? 3 : 2 - others;
}

unsigned int
dlb2_ldb_port_take(struct dlb2_device *dev, unsigned int cos, const struct dlb2_domain *domain)
{
	struct dlb2_id_list *list = &dev->free_ldb_ports[cos];
	unsigned int best = list->id[0];
	unsigned int port;

	DLB2_FOREACH_ID(port, list)
		if (port_rank(dev, port, domain) < port_rank(dev, best, domain))
			best = port;
	dlb2_list_remove(list, best);
	return best;
}

unsigned int
dlb2_ports_in(const struct dlb2_id_list lists[DLB2_MAX_COS])
{
	unsigned int count = 0;

	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++)
		count += lists[cos].count;
	return count;
}

static void
report_sn_groups(const struct dlb2_device *dev, struct dlb2_resources *out)
{
	for (unsigned int i = 0; i < dev->limits->num_sn_groups; i++) {
		const struct dlb2_sn_group *group = &dev->sn_groups[i];

		out->sn_per_slot[i] = dlb2_sn_mode_size(group->mode);
		out->sn_free_slots[i] = dlb2_sn_mode_slots(group->mode) -
			__builtin_popcount(group->used_slots);
	}
}

void
dlb2_device_available(struct dlb2_device *dev, struct dlb2_resources *out)
{
	pthread_mutex_lock(&dev->lock);
	*out = (struct dlb2_resources){
		.domains = dev->free_domains.count,
		.ldb_queues = dev->free_ldb_queues.count,
		.ldb_ports = dlb2_ports_in(dev->free_ldb_ports),
		.dir_ports = dev->free_dir_pairs.count,
		.ldb_credits = dev->free_ldb_credits,
		.dir_credits = dev->free_dir_credits,
		.hist_list_entries = free_hist_list_entries(dev),
		.hist_list_longest_run = dlb2_hist_list_longest_run(dev, 0),
		.atomic_inflights = dev->free_atomic_inflights,
	};
	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++)
		out->ldb_ports_per_cos[cos] = dev->free_ldb_ports[cos].count;
	report_sn_groups(dev, out);
	pthread_mutex_unlock(&dev->lock);
}

void
dlb2_domain_available(struct dlb2_domain *domain, struct dlb2_resources *out)
{
	unsigned int hist_list_left;

	pthread_mutex_lock(&domain->dev->lock);
	hist_list_left = domain->hist_list_entries - domain->hist_list_used;
	*out = (struct dlb2_resources){
		.ldb_queues = domain->free_ldb_queues.count,
		.ldb_ports = dlb2_ports_in(domain->free_ldb_ports),
		.dir_ports = domain->free_dir_pairs.count + domain->reserved_dir_pairs.count,
		.ldb_credits = domain->ldb_credits,
		.dir_credits = domain->dir_credits,
		.hist_list_entries = hist_list_left,
		.hist_list_longest_run = hist_list_left,
		.atomic_inflights = domain->atomic_inflights - domain->atomic_inflights_used,
	};
	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++)
		out->ldb_ports_per_cos[cos] = domain->free_ldb_ports[cos].count;
	report_sn_groups(domain->dev, out);
	pthread_mutex_unlock(&domain->dev->lock);
}
