/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Trace points of control operations, pmd.event.dlb2.*: always there, off until EAL's --trace names
 * them. Those of the data path are in dlb2_trace_fp.h. `ret` is what the operation returned.
 */
#ifndef DLB2_TRACE_H
#define DLB2_TRACE_H

#include <rte_trace_point.h>

RTE_TRACE_POINT(
	dlb2_trace_probe,
	RTE_TRACE_POINT_ARGS(const char *name, int ret),
	rte_trace_point_emit_string(name);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_remove,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, const char *name),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_string(name);
)

RTE_TRACE_POINT(
	dlb2_trace_configure,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t queues, uint8_t ports, uint8_t pairs,
			     int32_t limit_events, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(queues);
	rte_trace_point_emit_u8(ports);
	rte_trace_point_emit_u8(pairs);
	rte_trace_point_emit_i32(limit_events);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_queue_setup,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t queue_id, uint32_t flags, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(queue_id);
	rte_trace_point_emit_u32(flags);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_port_setup,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t port_id, uint32_t flags,
			     uint16_t dequeue_depth, int32_t new_event_threshold, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(port_id);
	rte_trace_point_emit_u32(flags);
	rte_trace_point_emit_u16(dequeue_depth);
	rte_trace_point_emit_i32(new_event_threshold);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_link,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t port_id, uint8_t queue_id, uint8_t priority,
			     uint8_t profile, uint8_t done),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(port_id);
	rte_trace_point_emit_u8(queue_id);
	rte_trace_point_emit_u8(priority);
	rte_trace_point_emit_u8(profile);
	rte_trace_point_emit_u8(done);
)

RTE_TRACE_POINT(
	dlb2_trace_unlink,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t port_id, uint8_t queue_id, uint8_t profile,
			     uint8_t done),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(port_id);
	rte_trace_point_emit_u8(queue_id);
	rte_trace_point_emit_u8(profile);
	rte_trace_point_emit_u8(done);
)

RTE_TRACE_POINT(
	dlb2_trace_profile_switch,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t port_id, uint8_t profile, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(port_id);
	rte_trace_point_emit_u8(profile);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_start,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_stop,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id),
	rte_trace_point_emit_u8(dev_id);
)

RTE_TRACE_POINT(
	dlb2_trace_close,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	dlb2_trace_domain_reset,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint32_t domain, int ret),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u32(domain);
	rte_trace_point_emit_int(ret);
)

/* `kind` 0 is load-balanced, 1 directed; `hw_port` and `hw_queue` are the device's. */
RTE_TRACE_POINT(
	dlb2_trace_alarm,
	RTE_TRACE_POINT_ARGS(uint8_t dev_id, uint8_t cause, uint8_t kind, uint8_t hw_port,
			     uint8_t hw_queue, uint8_t more),
	rte_trace_point_emit_u8(dev_id);
	rte_trace_point_emit_u8(cause);
	rte_trace_point_emit_u8(kind);
	rte_trace_point_emit_u8(hw_port);
	rte_trace_point_emit_u8(hw_queue);
	rte_trace_point_emit_u8(more);
)

#endif
