/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What a user may choose when a device is probed (pmd-interface 13). DLB2_DEVARGS is the one list
 * of it: parsing, ranges, defaults, error messages and what dpdk-pmdinfo.py prints all come from
 * its rows.
 */
#ifndef DLB2_DEVARGS_H
#define DLB2_DEVARGS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_config.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>

#define DLB2_MAX_QUEUES (DLB2_MAX_LDB_QUEUES + DLB2_MAX_DIR_PORTS)

/** Who makes the model progress (dlb2_model_bus.h). */
enum dlb2_model_run {
	DLB2_RUN_INLINE,
	DLB2_RUN_SERVICE,
	DLB2_RUN_THREAD,
};

/**
 * Everything chosen, defaults filled in. Plain values only: it is kept in memory shared with
 * secondary processes.
 */
struct dlb2_options {
	enum dlb2_version version;

	int numa_node;                  /**< of the driver's memory and the CQs; -1: the device's */
	unsigned int dev_id;            /**< PCI: n > 0 names the event device dlb2_event<n> */
	unsigned int max_num_events;    /**< 0: all that the device has */
	unsigned int num_dir_credits;   /**< 2.0; 0: half of nb_events_limit */
	/** By event queue; 0: default_depth_thresh. */
	uint16_t qid_depth_thresh[DLB2_MAX_QUEUES];
	unsigned int poll_interval;     /**< timer ticks */
	unsigned int sw_credit_quanta;
	unsigned int hw_credit_quanta;
	unsigned int default_depth_thresh;
	bool vector_opts_enable;
	unsigned int max_cq_depth;
	unsigned int max_enqueue_depth;
	/** Class of service by event port; -1: any. */
	int8_t port_cos[DLB2_MAX_LDB_PORTS];
	uint8_t cos_bw[DLB2_MAX_COS];   /**< percent */
	unsigned int producer_coremask; /**< cores in it: directed ports kept for producers */
	unsigned int producer_core;     /**< the first of them; EAL's number */
	bool default_port_allocation;
	bool enable_cq_weight;
	bool use_default_hl;
	unsigned int alloc_hl_entries;  /**< 0: automatic */
	unsigned int max_event_queues;
	bool use_umwait;
	int simd; /**< enum dlb2_simd; -1: what CPU and EAL permit */
	enum dlb2_cq_layout cq_layout;
	bool cq_interrupts;             /**< dequeues that wait sleep until the CQ's interrupt */
	unsigned int spin_before_sleep; /**< microseconds */
	unsigned int domains;           /**< event devices, one scheduling domain each */
	unsigned int num_domain_shares; /**< 0: equal shares; else `domains` */
	uint16_t domain_shares[DLB2_MAX_DOMAINS]; /**< weights */

	/* of virtual devices only */
	enum dlb2_model_run run;
	int lcore;                      /**< of run=thread; -1: anywhere */
	uint64_t seed;                  /**< 0: the plainest order; else any that is legal */
};

/*
 * X(name, parser, least, most on 2.0, most on 2.5, default, values), in the order of pmd-interface
 * 13, then ours.
 *   name     the member of struct dlb2_options too
 *   parser   parse_<parser>() of dlb2_devargs.c
 *   default  as the user would have written it; empty: 0, or what the struct's comment says
 *   values   what messages and help call the legal values
 *
 * max_event_queues is for applications that link every queue to every port, like some of DPDK's
 * own tests: with 8 queues they can, for a port has 8 slots. use_umwait is for virtual machines,
 * where UMWAIT may take the core away from others for long. spin_before_sleep is about what a sleep
 * and a wake-up cost: a thread that spins longer wastes more than that, one that spins less pays for
 * sleeps that a moment's patience would have spared it.
 */
#define DLB2_DEVARGS(X) \
	X(numa_node, number_or_none, 0, 31, 31, "-1", "<-1..31>") \
	X(max_num_events, number, 1, 8192, 16384, "", "<1..8192 (2.0) or 1..16384 (2.5)>") \
	X(num_dir_credits, number, 0, 4096, 4096, "", "<0..4096>") \
	X(dev_id, number, 0, 15, 15, "", "<0..15>") \
	X(qid_depth_thresh, depth_thresh, 0, 8191, 8191, "", \
	  "<queue or first-last or all>:<0..8191>") \
	X(poll_interval, number, 1, 1000000000, 1000000000, "1000", "<1..1000000000>") \
	X(sw_credit_quanta, number, 1, 8192, 16384, "32", "<1..8192 (2.0) or 1..16384 (2.5)>") \
	X(hw_credit_quanta, number, 1, 8192, 16384, "32", "<1..8192 (2.0) or 1..16384 (2.5)>") \
	X(default_depth_thresh, number, 1, 8191, 8191, "256", "<1..8191>") \
	X(vector_opts_enable, flag, 0, 1, 1, "n", "<y/n>") \
	X(max_cq_depth, power_of_two, 32, 1024, 1024, "128", "<32..1024, a power of two>") \
	X(max_enqueue_depth, power_of_two, 32, 1024, 1024, "128", "<32..1024, a power of two>") \
	X(port_cos, port_cos, 0, 3, 3, "", "<port or first-last>:<0..3>, 16 ports a class") \
	X(cos_bw, cos_bw, 0, 100, 100, "25:25:25:25", "<a:b:c:d, percentages, sum at most 100>") \
	X(producer_coremask, coremask, 0, 64, 96, "", "<hexadecimal mask of EAL cores>") \
	X(default_port_allocation, flag, 0, 1, 1, "n", "<y/n>") \
	X(enable_cq_weight, flag, 0, 1, 1, "n", "<y/n>") \
	X(use_default_hl, flag, 0, 1, 1, "y", "<y/n>") \
	X(alloc_hl_entries, number, 0, 2048, 2048, "", "<0..2048>") \
	X(max_event_queues, number, 1, 32, 32, "32", "<1..32>") \
	X(use_umwait, flag, 0, 1, 1, "y", "<y/n>") \
	X(simd, simd, 0, 0, 0, "auto", "<auto, or scalar, sse, avx2 or avx512 if the CPU has it>") \
	X(cq_layout, cq_layout, 0, 0, 0, "sparse", "<sparse or dense>") \
	X(cq_interrupts, flag, 0, 1, 1, "n", "<y/n>") \
	X(spin_before_sleep, number, 0, 1000000, 1000000, "20", "<0..1000000, microseconds>") \
	X(domains, number, 1, 32, 32, "1", "<1..32>") \
	X(domain_shares, domain_shares, 1, 1000, 1000, "", \
	  "<a:b:..., a weight of 1..1000 for each of the domains>")

/* The virtual device takes these too. */
#define DLB2_VDEV_DEVARGS(X) \
	X(run, run, 0, 0, 0, "inline", "<inline or service or thread>") \
	X(lcore, number_or_none, 0, RTE_MAX_LCORE - 1, RTE_MAX_LCORE - 1, "-1", \
	  "<lcore of run=thread>") \
	X(seed, seed, 0, 0, 0, "", "<0..18446744073709551615>")

/* Read before all others, because limits depend on it. */
#define DLB2_HW_DEVARG "hw"
#define DLB2_HW_DEVARG_VALUES "<2.0 or 2.5>"

/* For RTE_PMD_REGISTER_PARAM_STRING. */
#define DLB2_DEVARG_HELP(name, parser, least, most_2_0, most_2_5, preset, values) \
	#name "=" values " "
#define DLB2_PCI_DEVARG_HELP DLB2_DEVARGS(DLB2_DEVARG_HELP)
#define DLB2_VDEV_DEVARG_HELP \
	DLB2_HW_DEVARG "=" DLB2_HW_DEVARG_VALUES " " \
	DLB2_VDEV_DEVARGS(DLB2_DEVARG_HELP) DLB2_DEVARGS(DLB2_DEVARG_HELP)

/** As users write and read them: "sparse", "dense". */
extern const char *const dlb2_cq_layout_names[DLB2_NUM_CQ_LAYOUTS];

/**
 * Parses a list of devargs.
 *
 * @param device  name for messages
 * @param args  "name=value,..."; NULL and "" are empty lists. Only port_cos and qid_depth_thresh
 *   may be repeated
 * @param pci_version  of the PCI device, or NULL for a virtual device, which takes `hw` and
 *   DLB2_VDEV_DEVARGS too
 * @param options  filled in completely; undefined after an error
 * @return 0, or -EINVAL after a message that names the devarg, its value and the legal ones
 */
int
dlb2_devargs_parse(const char *device, const char *args, const enum dlb2_version *pci_version,
		   struct dlb2_options *options);

#endif
