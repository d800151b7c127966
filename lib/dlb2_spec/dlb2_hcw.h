/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What crosses the data path: the 16-byte host command word (HCW) that software stores to a
 * producer port, and the 16-byte entry that the device writes to a consumer queue (CQ). Layouts
 * only; when to send which command is data-path 1 to 4. All fields are little-endian.
 */

#ifndef DLB2_HCW_H
#define DLB2_HCW_H

#include <stddef.h>
#include <stdint.h>

/** Scheduling type of an event; selects the number space of its queue. */
enum dlb2_sched_type {
	DLB2_SCHED_ATOMIC,
	DLB2_SCHED_UNORDERED,
	DLB2_SCHED_ORDERED,
	DLB2_SCHED_DIRECTED
};

/* The four bits that an HCW command is made of (data-path 1.1). */
#define DLB2_CMD_TOKEN 0x1    /**< returns CQ tokens */
#define DLB2_CMD_COMP_BIT 0x2 /**< completes the oldest open event of the port's CQ */
#define DLB2_CMD_FRAG_BIT 0x4 /**< ordered fragment, or part of ARM */
#define DLB2_CMD_VALID 0x8    /**< carries an event, which costs one credit */

/** Commands; no other code is legal. A directed port may send NOOP, BAT_T, ARM, NEW, NEW_T only. */
enum dlb2_hcw_cmd {
	DLB2_CMD_NOOP = 0x0,  /**< the HCW is ignored */
	DLB2_CMD_BAT_T = 0x1, /**< returns lock_id[9:0] + 1 tokens */
	DLB2_CMD_COMP = 0x2,  /**< completes; enqueues nothing */
	DLB2_CMD_COMP_T = 0x3, /**< COMP, and tokens as BAT_T: send lock_id 0, which is one */
	DLB2_CMD_ARM = 0x5,   /**< arms the one-shot interrupt of the CQ; returns no token */
	DLB2_CMD_NEW = 0x8,   /**< enqueues an event */
	DLB2_CMD_NEW_T = 0x9, /**< NEW, and one token */
	DLB2_CMD_FWD = 0xA,   /**< completes, and enqueues this event */
	DLB2_CMD_FWD_T = 0xB, /**< FWD, and one token */
	DLB2_CMD_FRAG = 0xC,  /**< enqueues under the open ordered event, without completing it */
	DLB2_CMD_FRAG_T = 0xD /**< FRAG, and one token */
};

/** Host command word. */
struct dlb2_hcw {
	uint64_t data;    /**< user data, carried to the CQ entry */
	uint16_t opaque;  /**< user data, carried to the CQ entry */
	uint8_t qid;      /**< destination queue, load-balanced or directed by scheduling type */
	uint8_t sched;    /**< DLB2_HCW_SCHED_TYPE, _PRIORITY, _MSG_TYPE */
	uint16_t lock_id; /**< atomic flow; DLB2_HCW_TOKENS in a token return */
	uint8_t flags;    /**< DLB2_HCW_MEAS_LAT, _WEIGHT, _NO_DEC, _CMP_ID */
	uint8_t cmd;      /**< DLB2_HCW_CMD, _INT_ARM, _ERROR */
};

/* Fields of dlb2_hcw.sched, in place; dlb2_cq_entry.sched is the same. */
#define DLB2_HCW_SCHED_TYPE 0x03u
#define DLB2_HCW_PRIORITY 0x1cu /* 0 is the most urgent */
#define DLB2_HCW_MSG_TYPE 0xe0u

/* Field of dlb2_hcw.lock_id in a token return: number of tokens minus one. */
#define DLB2_HCW_TOKENS 0x03ffu

/* Fields of dlb2_hcw.flags. All are written 0 but the weight, which 2.5 alone has. */
#define DLB2_HCW_MEAS_LAT 0x01u
#define DLB2_HCW_WEIGHT 0x06u
#define DLB2_HCW_NO_DEC 0x08u
#define DLB2_HCW_CMP_ID 0xf0u

/* Fields of dlb2_hcw.cmd. Software writes 0 to all but the command. */
#define DLB2_HCW_CMD 0x0fu
#define DLB2_HCW_INT_ARM 0x10u
#define DLB2_HCW_ERROR 0x20u

#define DLB2_HCWS_PER_LINE 4

/** The 64 bytes of one store to a producer port. */
struct dlb2_line {
	struct dlb2_hcw hcw[DLB2_HCWS_PER_LINE];
} __attribute__((aligned(64)));

/** Entry of a consumer queue. That of a directed CQ differs in bytes 10 to 13 (data-path 2.4). */
struct dlb2_cq_entry {
	uint64_t data;    /**< copy of the HCW's */
	uint16_t opaque;  /**< copy of the HCW's */
	uint8_t qid;      /**< queue it was scheduled from */
	uint8_t sched;    /**< DLB2_HCW_SCHED_TYPE, _PRIORITY, _MSG_TYPE */
	uint16_t flow_id; /**< copy of the HCW's lock_id */
	uint8_t debug;    /**< undefined */
	uint8_t status;   /**< DLB2_CQ_GEN, _QID_DEPTH, _ERROR */
};

/* Fields of dlb2_cq_entry.status. */
#define DLB2_CQ_GEN 0x01u       /* 1 on the first pass through the ring, then alternating */
#define DLB2_CQ_QID_DEPTH 0x06u /* enum dlb2_qid_depth */
#define DLB2_CQ_ERROR 0x20u

/** Fill level of the source queue against its depth threshold (control-path 5.5). */
enum dlb2_qid_depth {
	DLB2_QID_DEPTH_LE50,   /**< up to half of it */
	DLB2_QID_DEPTH_LE75,   /**< up to three quarters */
	DLB2_QID_DEPTH_LE100,  /**< up to all of it */
	DLB2_QID_DEPTH_GT100   /**< above it */
};

/*
 * Bytes 8 to 15 are often handled as one word: the bit at which a member begins in it. A CQ entry
 * has the layout of an HCW but for the last two bytes.
 */
#define DLB2_HCW_SHIFT(member) \
	(8 * (offsetof(struct dlb2_hcw, member) - offsetof(struct dlb2_hcw, opaque)))
#define DLB2_CQ_SHIFT(member) \
	(8 * (offsetof(struct dlb2_cq_entry, member) - offsetof(struct dlb2_cq_entry, opaque)))

/** How the entries of a CQ lie in memory: one a line, or four (data-path 2.3). */
enum dlb2_cq_layout {
	DLB2_CQ_SPARSE,
	DLB2_CQ_DENSE,
	DLB2_NUM_CQ_LAYOUTS
};

/* Bytes from one CQ entry to the next. */
#define DLB2_CQ_STRIDE_DENSE 16
#define DLB2_CQ_STRIDE_SPARSE 64

static inline unsigned int
dlb2_cq_stride(enum dlb2_cq_layout layout)
{
	return layout == DLB2_CQ_DENSE ? DLB2_CQ_STRIDE_DENSE : DLB2_CQ_STRIDE_SPARSE;
}

_Static_assert(sizeof(struct dlb2_hcw) == 16, "an HCW is 16 bytes");
_Static_assert(offsetof(struct dlb2_hcw, data) == 0, "HCW data");
_Static_assert(offsetof(struct dlb2_hcw, opaque) == 8, "HCW opaque");
_Static_assert(offsetof(struct dlb2_hcw, qid) == 10, "HCW qid");
_Static_assert(offsetof(struct dlb2_hcw, sched) == 11, "HCW sched");
_Static_assert(offsetof(struct dlb2_hcw, lock_id) == 12, "HCW lock_id");
_Static_assert(offsetof(struct dlb2_hcw, flags) == 14, "HCW flags");
_Static_assert(offsetof(struct dlb2_hcw, cmd) == 15, "HCW cmd");

_Static_assert(sizeof(struct dlb2_line) == 64, "a line is one 64-byte store");
_Static_assert(_Alignof(struct dlb2_line) == 64, "a line is aligned to its size");

_Static_assert(sizeof(struct dlb2_cq_entry) == 16, "a CQ entry is 16 bytes");
_Static_assert(offsetof(struct dlb2_cq_entry, data) == 0, "CQ entry data");
_Static_assert(offsetof(struct dlb2_cq_entry, opaque) == 8, "CQ entry opaque");
_Static_assert(offsetof(struct dlb2_cq_entry, qid) == 10, "CQ entry qid");
_Static_assert(offsetof(struct dlb2_cq_entry, sched) == 11, "CQ entry sched");
_Static_assert(offsetof(struct dlb2_cq_entry, flow_id) == 12, "CQ entry flow_id");
_Static_assert(offsetof(struct dlb2_cq_entry, debug) == 14, "CQ entry debug");
_Static_assert(offsetof(struct dlb2_cq_entry, status) == 15, "CQ entry status");

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the layouts are little-endian");

#endif
