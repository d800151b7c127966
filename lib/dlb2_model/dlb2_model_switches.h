/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The questions about the device that the hardware reference answers by inference. Each is a switch
 * of the model, so that software can be tried against the other answer. Value 0 is always the
 * reference's own choice and the default. Included by dlb2_model.h.
 */
#ifndef DLB2_MODEL_SWITCHES_H
#define DLB2_MODEL_SWITCHES_H

enum dlb2_model_switch {
	/* Registers and configuration space. */
	DLB2_SWITCH_UNKNOWN_ADDRESS,
	DLB2_SWITCH_POWERED_DOWN,
	DLB2_SWITCH_MEMORY_DECODING,
	DLB2_SWITCH_PP_PAGE_OFFSET,
	DLB2_SWITCH_PASID_AFTER_RESET,
	DLB2_SWITCH_PASID_ENABLED,
	DLB2_SWITCH_LEAVE_D3HOT,
	/* Interrupts and virtual functions. */
	DLB2_SWITCH_ARM_WHEN_TRUE,
	DLB2_SWITCH_CQ_INT_UNROUTED,
	DLB2_SWITCH_OCC_INT_STS,
	DLB2_SWITCH_CHP_ALARM_MASK,
	DLB2_SWITCH_VF_ISR_PEND,
	DLB2_SWITCH_VF_FLR_BAR,
	/* Data path: commands. */
	DLB2_SWITCH_REFUSED_FWD,
	DLB2_SWITCH_EXCESS_FWD,
	DLB2_SWITCH_FRAGMENTS_2_0,
	DLB2_SWITCH_COMP_T_COUNT,
	DLB2_SWITCH_LINE_ORDER,
	/* Data path: choices of the scheduler. */
	DLB2_SWITCH_PRIORITY_BINS,
	DLB2_SWITCH_AQED_ENTRY,
	DLB2_SWITCH_STATUS_BITS,
	DLB2_SWITCH_LINK_MAPS,
	DLB2_SWITCH_SLOT_IN_FLIGHT,
	DLB2_SWITCH_WEIGHT_ZERO,
	DLB2_SWITCH_INFLIGHT_THRESHOLD,
	/* Data path: entries of consumer queues. */
	DLB2_SWITCH_DEPTH_CODE,
	DLB2_SWITCH_DIR_ENTRY,
	DLB2_SWITCH_SPARSE_REST,
	DLB2_SWITCH_SPARSE_ORDER,
	DLB2_SWITCH_DENSE_LINES,
	DLB2_SWITCH_CREDIT_RETURN,
	DLB2_NUM_MODEL_SWITCHES
};

/** Values that a switch has at most. */
#define DLB2_SWITCH_MAX_VALUES 4

/** What a switch asks. */
struct dlb2_model_switch_info {
	const char *name;    /**< for devargs and command lines: "arm-when-true" */
	const char *section; /**< where the reference has the question: "control-path 12.3" */
	const char *values[DLB2_SWITCH_MAX_VALUES]; /**< what each means; NULL past the last */
};

extern const struct dlb2_model_switch_info dlb2_model_switch_info[DLB2_NUM_MODEL_SWITCHES];

#endif
