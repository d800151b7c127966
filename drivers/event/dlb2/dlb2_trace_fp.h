/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Trace points of the data path, in builds with -Dtrace_fp=true only: nothing is left of them in
 * others. Ports and queues are the device's: `kind` 0 is load-balanced, 1 directed.
 */
#ifndef DLB2_TRACE_FP_H
#define DLB2_TRACE_FP_H

#include <rte_trace_point.h>

/*
 * RTE_TRACE_POINT_FP has code only where DPDK itself was built with trace points of its data path;
 * its configuration header undoes what a driver says.
 */
#ifdef DLB2_TRACE_FP
#define DLB2_TRACE_POINT_FP RTE_TRACE_POINT
#else
#define DLB2_TRACE_POINT_FP RTE_TRACE_POINT_FP
#endif

DLB2_TRACE_POINT_FP(
	dlb2_trace_enqueue,
	RTE_TRACE_POINT_ARGS(uint8_t kind, uint8_t hw_port, uint16_t events, uint16_t accepted),
	rte_trace_point_emit_u8(kind);
	rte_trace_point_emit_u8(hw_port);
	rte_trace_point_emit_u16(events);
	rte_trace_point_emit_u16(accepted);
)

DLB2_TRACE_POINT_FP(
	dlb2_trace_dequeue,
	RTE_TRACE_POINT_ARGS(uint8_t kind, uint8_t hw_port, uint16_t most, uint16_t events),
	rte_trace_point_emit_u8(kind);
	rte_trace_point_emit_u8(hw_port);
	rte_trace_point_emit_u16(most);
	rte_trace_point_emit_u16(events);
)

/* What a port took from a pool, and has then; `pool` is one of enum dlb2_pool. */
DLB2_TRACE_POINT_FP(
	dlb2_trace_credits_take,
	RTE_TRACE_POINT_ARGS(uint8_t kind, uint8_t hw_port, uint8_t pool, uint32_t wanted,
			     uint32_t cached),
	rte_trace_point_emit_u8(kind);
	rte_trace_point_emit_u8(hw_port);
	rte_trace_point_emit_u8(pool);
	rte_trace_point_emit_u32(wanted);
	rte_trace_point_emit_u32(cached);
)

/* Tokens that return in a line of their own; those that ride on events are not traced. */
DLB2_TRACE_POINT_FP(
	dlb2_trace_tokens_return,
	RTE_TRACE_POINT_ARGS(uint8_t kind, uint8_t hw_port, uint32_t tokens),
	rte_trace_point_emit_u8(kind);
	rte_trace_point_emit_u8(hw_port);
	rte_trace_point_emit_u32(tokens);
)

#endif
