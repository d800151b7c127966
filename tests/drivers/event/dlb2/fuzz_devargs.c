/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Lists of devargs, of any bytes. The first byte chooses the kind of device. A list is refused with
 * -EINVAL, or everything in the options that come of it is within the device's limits.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_log.h>

#include "dlb2_share.h"

/* Of the driver's dlb2_eventdev.c, which is not in this program. */
int dlb2_logtype;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static bool
is_power_of_two(unsigned int n, unsigned int least, unsigned int most)
{
	return n >= least && n <= most && (n & (n - 1)) == 0;
}

/* Everybody gets something, and nothing is left. */
static void
check_shares(const struct dlb2_options *options, const struct dlb2_limits *limits)
{
	struct dlb2_share shares[DLB2_MAX_DOMAINS];
	unsigned int i, queues = 0, ports = 0, credits = 0;

	expect(options->domains >= 1 && options->domains <= DLB2_MAX_DOMAINS, "domains");
	dlb2_share_out(options, shares);
	for (i = 0; i < options->domains; i++) {
		expect(shares[i].ldb_queues > 0 && shares[i].ldb_ports > 0 &&
		       shares[i].dir_pairs > 0 && shares[i].ldb_credits > 0, "a share");
		queues += shares[i].ldb_queues;
		ports += shares[i].ldb_ports;
		credits += shares[i].ldb_credits;
	}
	expect(queues == limits->num_ldb_queues && ports == limits->num_ldb_ports &&
	       credits == limits->num_ldb_credits, "the sum of the shares");
}

static void
check_numbers(const struct dlb2_options *options, const struct dlb2_limits *limits)
{
	expect(options->max_num_events <= limits->num_ldb_credits, "max_num_events");
	expect(options->num_dir_credits <= DLB2_MAX_DIR_CREDITS, "num_dir_credits");
	expect(options->sw_credit_quanta >= 1 &&
	       options->sw_credit_quanta <= limits->num_ldb_credits, "sw_credit_quanta");
	expect(options->hw_credit_quanta >= 1 &&
	       options->hw_credit_quanta <= limits->num_ldb_credits, "hw_credit_quanta");
	expect(is_power_of_two(options->max_cq_depth, 32, DLB2_MAX_CQ_DEPTH), "max_cq_depth");
	expect(is_power_of_two(options->max_enqueue_depth, 32, 1024), "max_enqueue_depth");
	expect(options->alloc_hl_entries <= limits->num_hist_list_entries, "alloc_hl_entries");
	expect(options->max_event_queues >= 1 &&
	       options->max_event_queues <= limits->num_ldb_queues, "max_event_queues");
	expect(options->producer_coremask <= limits->num_dir_ports, "producer_coremask");
	expect(options->poll_interval >= 1, "poll_interval");
	expect(options->numa_node >= -1 && options->numa_node < 32, "numa_node");
}

static void
check_arrays(const struct dlb2_options *options, const struct dlb2_limits *limits)
{
	unsigned int i, percent = 0, ports[DLB2_MAX_COS] = { 0 };

	for (i = 0; i < DLB2_MAX_QUEUES; i++)
		expect(options->qid_depth_thresh[i] <= 8191, "qid_depth_thresh");
	for (i = 0; i < DLB2_MAX_LDB_PORTS; i++) {
		expect(options->port_cos[i] >= -1 && options->port_cos[i] < DLB2_MAX_COS,
		       "port_cos");
		if (options->port_cos[i] >= 0)
			ports[options->port_cos[i]]++;
	}
	for (i = 0; i < DLB2_MAX_COS; i++) {
		expect(ports[i] <= limits->num_ldb_ports_per_cos, "ports of a class");
		percent += options->cos_bw[i];
	}
	expect(percent <= 100, "cos_bw");
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	rte_log_set_global_level(RTE_LOG_EMERG);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum dlb2_version version = size > 0 && (data[0] & 1) ? DLB2_HW_2_5 : DLB2_HW_2_0;
	bool vdev = size > 0 && (data[0] & 2);
	struct dlb2_options options;
	char *text;
	int err;

	if (size == 0)
		return 0;
	text = malloc(size);
	expect(text != NULL, "out of memory");
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	/* The parser fills everything in: what it leaves, the sanitizer's pattern shows. */
	memset(&options, 0xff, sizeof(options));
	err = dlb2_devargs_parse("fuzz", text, vdev ? NULL : &version, &options);
	free(text);
	expect(err == 0 || err == -EINVAL, "error of the parser");
	if (err != 0)
		return 0;
	check_numbers(&options, dlb2_limits(options.version));
	check_shares(&options, dlb2_limits(options.version));
	check_arrays(&options, dlb2_limits(options.version));
	return 0;
}
