/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * How a device is divided: nothing is lost, nothing is given twice, weights are kept as far as
 * whole numbers allow, and what leaves somebody without anything is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "evdev_test.h"

#include <rte_common.h>

#include "dlb2_share.h"

#define RANDOM_SPLITS 20000

static struct dlb2_options
options_for(enum dlb2_version version, const char *args)
{
	struct dlb2_options options;

	assert_int_equal(dlb2_devargs_parse("test", args, &version, &options), 0);
	return options;
}

/* Runs of history-list entries follow each other; slots fill group after group. */
static void
check_all_given(const struct dlb2_options *o, const struct dlb2_share shares[])
{
	const struct dlb2_limits *limits = dlb2_limits(o->version);
	struct dlb2_share sum = { 0 };
	unsigned int i, group;

	for (i = 0; i < o->domains; i++) {
		assert_int_equal(shares[i].hist_list_from, sum.hist_list_entries);
		assert_int_equal(shares[i].hist_list_entries, 32 * shares[i].ldb_ports);
		assert_int_equal(shares[i].atomic_inflights, 64 * shares[i].ldb_queues);
		assert_int_equal(shares[i].sn_slots[0] + shares[i].sn_slots[1],
				 shares[i].ldb_queues);
		if (shares[i].sn_slots[1] > 0)
			assert_int_equal(sum.sn_slots[0] + shares[i].sn_slots[0], 16);
		sum.ldb_queues += shares[i].ldb_queues;
		sum.ldb_ports += shares[i].ldb_ports;
		sum.dir_pairs += shares[i].dir_pairs;
		sum.ldb_credits += shares[i].ldb_credits;
		sum.dir_credits += shares[i].dir_credits;
		sum.hist_list_entries += shares[i].hist_list_entries;
		sum.atomic_inflights += shares[i].atomic_inflights;
		for (group = 0; group < DLB2_MAX_SN_GROUPS; group++)
			sum.sn_slots[group] += shares[i].sn_slots[group];
	}
	assert_int_equal(sum.ldb_queues, limits->num_ldb_queues);
	assert_int_equal(sum.ldb_ports, limits->num_ldb_ports);
	assert_int_equal(sum.dir_pairs, limits->num_dir_ports);
	assert_int_equal(sum.ldb_credits, limits->num_ldb_credits);
	assert_int_equal(sum.dir_credits, limits->num_dir_credits);
	assert_int_equal(sum.hist_list_entries, limits->num_hist_list_entries);
	assert_int_equal(sum.atomic_inflights, limits->num_aqed_entries);
	assert_int_equal(sum.sn_slots[0], 16);
	assert_int_equal(sum.sn_slots[1], 16);
}

/* A part and what it would be in fractions differ by less than one. */
static void
check_fair(unsigned int part, unsigned int total, unsigned int weight, unsigned int sum)
{
	unsigned int exact = total * weight;

	assert_in_range(part * sum, exact < sum ? 0 : exact - sum + 1, exact + sum - 1);
}

static void
test_equal(void **state)
{
	struct dlb2_share shares[DLB2_MAX_DOMAINS];
	enum dlb2_version version;
	struct dlb2_options o;
	char args[32];
	unsigned int n, i;

	for (version = 0; version < DLB2_NUM_VERSIONS; version++) {
		for (n = 1; n <= DLB2_MAX_DOMAINS; n++) {
			snprintf(args, sizeof(args), "domains=%u", n);
			o = options_for(version, args);
			dlb2_share_out(&o, shares);
			check_all_given(&o, shares);
			for (i = 0; i < n; i++) {
				check_fair(shares[i].ldb_queues, 32, 1, n);
				check_fair(shares[i].ldb_credits,
					   dlb2_limits(version)->num_ldb_credits, 1, n);
			}
		}
	}
}

static void
test_weights(void **state)
{
	struct dlb2_options o = options_for(DLB2_HW_2_5, "domains=3,domain_shares=5:2:1");
	struct dlb2_share shares[DLB2_MAX_DOMAINS];

	dlb2_share_out(&o, shares);
	check_all_given(&o, shares);
	assert_int_equal(shares[0].ldb_queues, 20);
	assert_int_equal(shares[0].ldb_ports, 40);
	assert_int_equal(shares[0].dir_pairs, 60);
	assert_int_equal(shares[0].ldb_credits, 10240);
	assert_int_equal(shares[0].sn_slots[0], 16);
	assert_int_equal(shares[0].sn_slots[1], 4);
	assert_int_equal(shares[1].ldb_queues, 8);
	assert_int_equal(shares[1].hist_list_from, 40 * 32);
	assert_int_equal(shares[2].ldb_queues, 4);
	assert_int_equal(shares[2].dir_pairs, 12);
}

static void
test_random_weights(void **state)
{
	struct dlb2_share shares[DLB2_MAX_DOMAINS];
	struct dlb2_options o;
	unsigned int round, i, sum;

	srandom(1);
	for (round = 0; round < RANDOM_SPLITS; round++) {
		o = options_for(round % DLB2_NUM_VERSIONS, "");
		o.domains = o.num_domain_shares = 1 + random() % DLB2_MAX_DOMAINS;
		for (i = 0, sum = 0; i < o.domains; i++)
			sum += o.domain_shares[i] = 1 + random() % (round % 3 == 0 ? 1000 : 4);
		dlb2_share_out(&o, shares);
		check_all_given(&o, shares);
		for (i = 0; i < o.domains; i++) {
			check_fair(shares[i].ldb_queues, 32, o.domain_shares[i], sum);
			check_fair(shares[i].ldb_ports, 64, o.domain_shares[i], sum);
			check_fair(shares[i].dir_pairs, dlb2_limits(o.version)->num_dir_ports,
				   o.domain_shares[i], sum);
		}
	}
}

static void
refused(enum dlb2_version version, const char *args, const char *word)
{
	struct dlb2_options options;

	log_capture();
	assert_int_equal(dlb2_devargs_parse("test", args, &version, &options), -EINVAL);
	log_expect(word, NULL);
}

static void
test_refusals(void **state)
{
	refused(DLB2_HW_2_5, "domains=2,domain_shares=1", "1 weights, but domains=2");
	refused(DLB2_HW_2_5, "domain_shares=1:1", "2 weights, but domains=1");
	refused(DLB2_HW_2_5, "domains=2,domain_shares=1000:1",
		"event device 1 of 2 would get none of the 32 load-balanced queues");
	refused(DLB2_HW_2_0, "domains=2,num_dir_credits=2049",
		"num_dir_credits=2049 is more than event device 0 of 2 may have, which is 2048");
	refused(DLB2_HW_2_5, "domains=3,domain_shares=2:1:1,use_default_hl=n,alloc_hl_entries=513",
		"alloc_hl_entries=513 is more than event device 1 of 3 may have, which is 512");
	refused(DLB2_HW_2_5, "domains=3,port_cos=0-5:2", "6 ports of class 2 in each of 3");
	options_for(DLB2_HW_2_5, "domains=2,domain_shares=31:1");
	options_for(DLB2_HW_2_0, "domains=2,num_dir_credits=2048");
	options_for(DLB2_HW_2_5, "domains=2,num_dir_credits=4096"); /* no effect there */
	options_for(DLB2_HW_2_5, "domains=3,port_cos=0-4:2");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_random_weights),
		cmocka_unit_test(test_refusals),
	};

	evdev_test_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
