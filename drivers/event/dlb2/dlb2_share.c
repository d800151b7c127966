/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Dividing a device between its event devices. Queues, ports, pairs and credits go by weight.
 * Atomic storage and sequence numbers follow the queues, the history list follows the ports: there
 * is exactly as much of them as all queues and ports need by default (control-path 2.1).
 */
#include <errno.h>

#include <rte_common.h>

#include "dlb2_log.h"
#include "dlb2_share.h"

static unsigned int
weight(const struct dlb2_options *options, unsigned int i)
{
	return options->num_domain_shares > 0 ? options->domain_shares[i] : 1;
}

/* What rounding down has left goes to those who lost most by it, the first of equals. */
static void
give_rest(unsigned int rest, unsigned int num, unsigned int lost[], unsigned int out[])
{
	unsigned int i, most;

	for (; rest > 0; rest--) {
		most = 0;
		for (i = 1; i < num; i++) {
			if (lost[i] > lost[most])
				most = i;
		}
		out[most]++;
		lost[most] = 0;
	}
}

/* Divides `total` by weight; the parts add up to it. */
static void
divide(const struct dlb2_options *options, unsigned int total, unsigned int out[DLB2_MAX_DOMAINS])
{
	unsigned int lost[DLB2_MAX_DOMAINS], i, sum = 0, rest = total;

	for (i = 0; i < options->domains; i++)
		sum += weight(options, i);
	for (i = 0; i < options->domains; i++) {
		out[i] = total * weight(options, i) / sum;
		lost[i] = total * weight(options, i) % sum;
		rest -= out[i];
	}
	give_rest(rest, options->domains, lost, out);
}

/* `count` slots of 64 from number `from` on, of all groups in a row. */
static void
share_sequence_numbers(const struct dlb2_limits *limits, unsigned int from, unsigned int count,
		       struct dlb2_share *share)
{
	unsigned int slots = limits->num_sns_per_group / DLB2_DEFAULT_WINDOW, group, first, end;

	for (group = 0; group < limits->num_sn_groups; group++) {
		first = RTE_MAX(from, group * slots);
		end = RTE_MIN(from + count, (group + 1) * slots);
		share->sn_slots[group] = end > first ? end - first : 0;
	}
}

void
dlb2_share_out(const struct dlb2_options *options, struct dlb2_share shares[])
{
	const struct dlb2_limits *limits = dlb2_limits(options->version);
	unsigned int queues[DLB2_MAX_DOMAINS], ports[DLB2_MAX_DOMAINS], pairs[DLB2_MAX_DOMAINS];
	unsigned int ldb[DLB2_MAX_DOMAINS], dir[DLB2_MAX_DOMAINS];
	unsigned int i, first_queue = 0, first_port = 0;

	divide(options, limits->num_ldb_queues, queues);
	divide(options, limits->num_ldb_ports, ports);
	divide(options, limits->num_dir_ports, pairs);
	divide(options, limits->num_ldb_credits, ldb);
	divide(options, limits->num_dir_credits, dir);
	for (i = 0; i < options->domains; i++) {
		shares[i] = (struct dlb2_share){
			.ldb_queues = queues[i],
			.ldb_ports = ports[i],
			.dir_pairs = pairs[i],
			.ldb_credits = ldb[i],
			.dir_credits = dir[i],
			.hist_list_entries = ports[i] * DLB2_DEFAULT_HIST_LIST,
			.hist_list_from = first_port * DLB2_DEFAULT_HIST_LIST,
			.atomic_inflights = queues[i] * DLB2_ATOMIC_INFLIGHTS_PER_QUEUE,
		};
		share_sequence_numbers(limits, first_queue, queues[i], &shares[i]);
		first_queue += queues[i];
		first_port += ports[i];
	}
}

/* Without one of these an event device is of no use, or of another one than its user expects. */
static int
check_usable(const char *device, const struct dlb2_options *options, unsigned int i,
	     const struct dlb2_share *share)
{
	const struct dlb2_limits *limits = dlb2_limits(options->version);
	const struct {
		const char *name;
		unsigned int part, total;
	} needs[] = {
		{"load-balanced queues", share->ldb_queues, limits->num_ldb_queues},
		{"load-balanced ports", share->ldb_ports, limits->num_ldb_ports},
		{"directed pairs", share->dir_pairs, limits->num_dir_ports},
		{"credits", share->ldb_credits, limits->num_ldb_credits},
	};
	unsigned int n;

	for (n = 0; n < RTE_DIM(needs); n++) {
		if (needs[n].part > 0)
			continue;
		DLB2_ERR(device,
			 "domain_shares: event device %u of %u would get none of the %u %s with "
			 "weight %u: raise its weight, or lower those of the others",
			 i, options->domains, needs[n].total, needs[n].name, weight(options, i));
		return -EINVAL;
	}
	return 0;
}

/* Devargs that ask for a number of something in each event device. */
static int
check_promises(const char *device, const struct dlb2_options *options, unsigned int i,
	       const struct dlb2_share *share)
{
	const struct {
		const char *name;
		unsigned int wanted, have;
	} promises[] = {
		{"num_dir_credits", options->num_dir_credits,
		 dlb2_limits(options->version)->combined_credits ? UINT32_MAX : share->dir_credits},
		{"alloc_hl_entries", options->alloc_hl_entries, share->hist_list_entries},
	};
	unsigned int n;

	for (n = 0; n < RTE_DIM(promises); n++) {
		if (promises[n].wanted <= promises[n].have)
			continue;
		DLB2_ERR(device,
			 "%s=%u is more than event device %u of %u may have, which is %u: lower it, "
			 "lower domains, or change domain_shares",
			 promises[n].name, promises[n].wanted, i, options->domains,
			 promises[n].have);
		return -EINVAL;
	}
	return 0;
}

/* port_cos means the ports of each event device. */
static int
check_port_cos(const char *device, const struct dlb2_options *options)
{
	unsigned int most = dlb2_limits(options->version)->num_ldb_ports_per_cos, cos, port, named;

	for (cos = 0; cos < DLB2_MAX_COS; cos++) {
		named = 0;
		for (port = 0; port < DLB2_MAX_LDB_PORTS; port++)
			named += options->port_cos[port] == (int)cos;
		if (named * options->domains <= most)
			continue;
		DLB2_ERR(device,
			 "port_cos names %u ports of class %u in each of %u event devices, a class "
			 "has %u in all: name fewer, or lower domains",
			 named, cos, options->domains, most);
		return -EINVAL;
	}
	return 0;
}

int
dlb2_shares_check(const char *device, const struct dlb2_options *options)
{
	struct dlb2_share shares[DLB2_MAX_DOMAINS];
	unsigned int i;
	int ret;

	if (options->num_domain_shares > 0 && options->num_domain_shares != options->domains) {
		DLB2_ERR(device,
			 "domain_shares has %u weights, but domains=%u: give each event device one",
			 options->num_domain_shares, options->domains);
		return -EINVAL;
	}
	dlb2_share_out(options, shares);
	ret = check_port_cos(device, options);
	for (i = 0; ret == 0 && i < options->domains; i++) {
		ret = check_usable(device, options, i, &shares[i]);
		if (ret == 0)
			ret = check_promises(device, options, i, &shares[i]);
	}
	return ret;
}
