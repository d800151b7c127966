/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path with a trace point behind every burst; part of builds with -Dtrace_fp=true only.
 */
#include "dlb2_datapath_priv.h"
#include "dlb2_trace_fp.h"

static uint16_t
trace_enqueue(const struct dlb2_dp_port *port, uint16_t events, uint16_t accepted)
{
	dlb2_trace_enqueue(port->kind, port->conf.hw_id, events, accepted);
	return accepted;
}

static uint16_t
trace_dequeue(const struct dlb2_dp_port *port, uint16_t most, uint16_t events)
{
	dlb2_trace_dequeue(port->kind, port->conf.hw_id, most, events);
	return events;
}

static uint16_t
enqueue(void *port, const struct rte_event *ev)
{
	return trace_enqueue(port, 1, dlb2_port_ops(port)->enqueue(port, ev));
}

static uint16_t
enqueue_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	return trace_enqueue(port, n, dlb2_port_ops(port)->enqueue_burst(port, ev, n));
}

static uint16_t
enqueue_new_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	return trace_enqueue(port, n, dlb2_port_ops(port)->enqueue_new_burst(port, ev, n));
}

static uint16_t
enqueue_forward_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	return trace_enqueue(port, n, dlb2_port_ops(port)->enqueue_forward_burst(port, ev, n));
}

static uint16_t
dequeue(void *port, struct rte_event *ev, uint64_t timeout_ticks)
{
	return trace_dequeue(port, 1, dlb2_port_ops(port)->dequeue(port, ev, timeout_ticks));
}

static uint16_t
dequeue_burst(void *port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	return trace_dequeue(port, n, dlb2_port_ops(port)->dequeue_burst(port, ev, n, timeout_ticks));
}

const struct dlb2_dp_ops *
dlb2_dp_traced_ops(void)
{
	static const struct dlb2_dp_ops ops = {
		.enqueue = enqueue,
		.enqueue_burst = enqueue_burst,
		.enqueue_new_burst = enqueue_new_burst,
		.enqueue_forward_burst = enqueue_forward_burst,
		.dequeue = dequeue,
		.dequeue_burst = dequeue_burst,
		.preschedule_modify = dlb2_preschedule_modify,
		.preschedule = dlb2_preschedule,
		.profile_switch = dlb2_profile_switch,
	};

	return &ops;
}
