/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * How much of everything a DLB 2.0 or 2.5 has, and the encodings of sizes that registers take.
 * Not here: limits that software chooses for itself. Differences between the versions are read
 * from dlb2_limits(), never decided by comparing versions.
 */

#ifndef DLB2_LIMITS_H
#define DLB2_LIMITS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/** Generation of the device; the PCI device ID alone decides it (control-path 1.1). */
enum dlb2_version {
	DLB2_HW_2_0,
	DLB2_HW_2_5,
	DLB2_NUM_VERSIONS
};

/** Load-balanced or directed: ports and queues of the two kinds are numbered separately. */
enum dlb2_port_kind {
	DLB2_LDB,
	DLB2_DIR,
	DLB2_NUM_PORT_KINDS
};

#define DLB2_PCI_VENDOR_ID 0x8086

/* Maxima over the versions, for the sizes of arrays. */
#define DLB2_MAX_DOMAINS 32
#define DLB2_MAX_LDB_QUEUES 32
#define DLB2_MAX_LDB_PORTS 64
#define DLB2_MAX_DIR_PORTS 96
#define DLB2_MAX_PORTS (DLB2_MAX_LDB_PORTS + DLB2_MAX_DIR_PORTS)
#define DLB2_MAX_LDB_CREDITS 16384
#define DLB2_MAX_DIR_CREDITS 4096
#define DLB2_MAX_HIST_LIST_ENTRIES 2048
#define DLB2_MAX_AQED_ENTRIES 2048
#define DLB2_MAX_SN_GROUPS 2
#define DLB2_MAX_SNS_PER_GROUP 1024
#define DLB2_MAX_SN_SLOTS 16 /* per group, in mode 0 */
#define DLB2_MAX_SLOTS_PER_CQ 8
#define DLB2_MAX_PRIORITIES 8
#define DLB2_MAX_COS 4
#define DLB2_MAX_CQ_DEPTH 1024
#define DLB2_MAX_VDEVS 16
#define DLB2_MAX_MSIX_VECTORS 65
#define DLB2_MAX_IMS_ENTRIES 160
#define DLB2_NUM_SN_MODES 5

/* Windows of BAR 0 (control-path 1.2). A producer port is one page of DLB2_PP_STRIDE bytes,
 * whatever the page size of the host. The alias windows are for drivers only.
 */
#define DLB2_MSIX_TABLE_BASE 0x1000000
#define DLB2_MSIX_PBA_BASE 0x1001000
#define DLB2_PP_STRIDE 0x1000
#define DLB2_PP_DIR_BASE 0x2000000
#define DLB2_PP_LDB_BASE 0x2100000
#define DLB2_PP_DIR_ALIAS_BASE 0x2200000
#define DLB2_PP_LDB_ALIAS_BASE 0x2300000

/** PASID control word in configuration space (control-path 1.7). */
#define DLB2_CFG_PASID_CTRL 0x14E

/** What one version of the device has (control-path 2.1). */
struct dlb2_limits {
	unsigned int pf_device_id;
	unsigned int vf_device_id;
	unsigned int num_domains;
	unsigned int num_ldb_queues;
	unsigned int num_ldb_ports;
	unsigned int num_dir_ports;   /**< queue-port pairs: directed queue n feeds port n */
	unsigned int num_ldb_credits; /**< the one pool for both kinds if combined_credits */
	unsigned int num_dir_credits; /**< 0 if combined_credits */
	bool combined_credits;
	unsigned int num_hist_list_entries;
	unsigned int num_aqed_entries;    /**< atomic in-flights */
	unsigned int num_sn_groups;
	unsigned int num_sns_per_group;
	unsigned int num_slots_per_cq;    /**< queues that one load-balanced CQ can be linked to */
	unsigned int num_priorities;      /**< 0 is the most urgent */
	unsigned int num_cos;             /**< classes of service of load-balanced ports */
	unsigned int num_ldb_ports_per_cos; /**< class of port p is p / this */
	unsigned int min_cq_ring;         /**< entries a CQ ring has at least */
	unsigned int max_cq_depth;
	unsigned int max_qid_inflights;   /**< in-flight limit of a queue */
	unsigned int max_depth_threshold;
	unsigned int max_frag_pieces;     /**< of an ordered event, the final forward included */
	unsigned int num_vdevs;
	unsigned int num_msix_vectors;    /**< vector 0 is for service, the others for CQs */
	unsigned int num_ims_entries;     /**< 0: no interrupt message store table */
	uint64_t func_bar_size;           /**< BAR 0, bytes */
	uint64_t csr_bar_size;            /**< BAR 2, bytes */
};

extern const struct dlb2_limits dlb2_limits_table[DLB2_NUM_VERSIONS];

/** The limits of a version. */
static inline const struct dlb2_limits *
dlb2_limits(enum dlb2_version ver)
{
	return &dlb2_limits_table[ver];
}

/** Sequence numbers per slot in a mode (0..4) of a sequence-number group (control-path 2.5). */
static inline unsigned int
dlb2_sn_mode_size(unsigned int mode)
{
	return 64u << mode;
}

/** Slots, and so ordered queues, that a sequence-number group has in a mode (0..4). */
static inline unsigned int
dlb2_sn_mode_slots(unsigned int mode)
{
	return 16u >> mode;
}

/**
 * The mode of a sequence-number group with this many sequence numbers per slot.
 *
 * @return 0..4, or -EINVAL if size is not 64, 128, 256, 512 or 1024
 */
int
dlb2_sn_mode(unsigned int size);

/**
 * The TOKEN_DEPTH_SELECT code for a CQ depth (control-path 7.4).
 *
 * @param depth  events the CQ may hold
 * @return 1..8, or -EINVAL if depth is not a power of two from 1 to 1024
 */
int
dlb2_cq_depth_select(unsigned int depth);

/** Entries of the ring behind a CQ of this (valid) depth: never fewer than 8. */
unsigned int
dlb2_cq_ring_entries(unsigned int depth);

/** Tokens that software preloads, so that only depth entries of the ring are used. */
unsigned int
dlb2_cq_initial_tokens(unsigned int depth);

/**
 * The COMPRESS_CODE for hashing lock IDs into a number of distinct values (control-path 5.4).
 *
 * @param level  64, 128, ... 4096; 0 or 65536 for the whole 16 bits
 * @return 0 (no compression) to 7, or -EINVAL for any other level
 */
int
dlb2_hid_compress_code(unsigned int level);

#endif
