/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Driver-specific API: what a DLB port can do beyond rte_eventdev. Names and values are those of
 * DPDK's in-tree driver (pmd-interface 15), so that applications built for it run on this one.
 */
#ifndef RTE_PMD_DLB2_H
#define RTE_PMD_DLB2_H

#include <stdint.h>

#include <rte_compat.h>

#ifdef __cplusplus
extern "C" {
#endif

/** When a port returns the tokens of the CQ entries it read (data-path 3.4). */
enum rte_pmd_dlb2_token_pop_mode {
	RTE_PMD_DLB2_AUTO_POP,     /**< with the next lines; at the latest when half the CQ is owed */
	/** Just before the dequeue_depth-th release. Load-balanced ports; directed ones use AUTO. */
	RTE_PMD_DLB2_DELAYED_POP,
	RTE_PMD_DLB2_DEFERRED_POP, /**< at the start of the next dequeue */
	RTE_PMD_DLB2_NUM_TOKEN_POP_MODES
};

/**
 * Chooses the token pop mode of a port. Between rte_event_dev_configure() and
 * rte_event_port_setup() of that port only.
 *
 * @return 0; -EINVAL for an unknown mode, a device that is not a DLB, a port beyond the configured
 * ones, or a device or port that is past the point where the mode can be chosen (the log says
 * which).
 */
__rte_experimental
int
rte_pmd_dlb2_set_token_pop_mode(uint8_t dev_id, uint8_t port_id,
				enum rte_pmd_dlb2_token_pop_mode mode);

/**
 * Flag of struct rte_event_port_conf: the events of the port may be forwarded and released in any
 * order; their impl_opaque must be left as it was dequeued. The value is that of
 * RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ, which DPDK has since 24.11, so it may be used with earlier
 * releases. dequeue_depth is at most 128 then.
 */
#define RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ (UINT32_C(1) << 5)

/**
 * Fill level of the source queue when the event was scheduled: 0 up to 1/2 of its threshold, 1 to
 * 3/4, 2 to 1, 3 above.
 */
#define RTE_PMD_DLB2_GET_QID_DEPTH(ev) ((ev)->rsvd & 0x3)
#define RTE_PMD_DLB2_SET_QID_DEPTH(ev, v) ((ev)->rsvd = ((ev)->rsvd & ~0x3) | ((v) & 0x3))

/** Load code of an event, 0..3 (2.5 with enable_cq_weight). */
#define RTE_PMD_DLB2_GET_QE_WEIGHT(ev) (((ev)->rsvd >> 2) & 0x3)
#define RTE_PMD_DLB2_SET_QE_WEIGHT(ev, v) ((ev)->rsvd = ((ev)->rsvd & 0x3) | (((v) & 0x3) << 2))

/** Which members of struct rte_pmd_dlb2_port_param are to be applied. */
#define DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD (UINT64_C(1) << 0)
#define DLB2_SET_PORT_HL (UINT64_C(1) << 1)

struct rte_pmd_dlb2_port_param {
	/** 2.5: flows migrate away while this many events are open; 1..4095. */
	uint16_t inflight_threshold : 12;
	uint16_t port_hl; /**< history-list entries: how many events may be open on the port */
};

/**
 * Sets parameters of a load-balanced port, after configure; DLB2_SET_PORT_HL before the port's
 * setup only.
 *
 * @return 0; -EINVAL for a NULL or out-of-range value, a device that is not a DLB, a bad port, an
 * unknown flag, the threshold on 2.0 hardware, or a history list after port setup.
 */
__rte_experimental
int
rte_pmd_dlb2_set_port_param(uint8_t dev_id, uint8_t port_id, uint64_t flags,
			    struct rte_pmd_dlb2_port_param *val);

#ifdef __cplusplus
}
#endif

#endif
