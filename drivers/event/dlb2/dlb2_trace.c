/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Names of the trace points. The first header gives the definitions in the others another meaning:
 * here they tell EAL the layout of each event.
 */
#include <rte_trace_point_register.h>

#include "dlb2_trace.h"
#include "dlb2_trace_fp.h"

RTE_TRACE_POINT_REGISTER(dlb2_trace_probe, pmd.event.dlb2.probe)
RTE_TRACE_POINT_REGISTER(dlb2_trace_remove, pmd.event.dlb2.remove)
RTE_TRACE_POINT_REGISTER(dlb2_trace_configure, pmd.event.dlb2.configure)
RTE_TRACE_POINT_REGISTER(dlb2_trace_queue_setup, pmd.event.dlb2.queue.setup)
RTE_TRACE_POINT_REGISTER(dlb2_trace_port_setup, pmd.event.dlb2.port.setup)
RTE_TRACE_POINT_REGISTER(dlb2_trace_link, pmd.event.dlb2.port.link)
RTE_TRACE_POINT_REGISTER(dlb2_trace_unlink, pmd.event.dlb2.port.unlink)
RTE_TRACE_POINT_REGISTER(dlb2_trace_profile_switch, pmd.event.dlb2.port.profile.switch)
RTE_TRACE_POINT_REGISTER(dlb2_trace_start, pmd.event.dlb2.start)
RTE_TRACE_POINT_REGISTER(dlb2_trace_stop, pmd.event.dlb2.stop)
RTE_TRACE_POINT_REGISTER(dlb2_trace_close, pmd.event.dlb2.close)
RTE_TRACE_POINT_REGISTER(dlb2_trace_domain_reset, pmd.event.dlb2.domain.reset)
RTE_TRACE_POINT_REGISTER(dlb2_trace_alarm, pmd.event.dlb2.alarm)

/* Where they are compiled out, --trace shall not list them. */
#ifdef DLB2_TRACE_FP
RTE_TRACE_POINT_REGISTER(dlb2_trace_enqueue, pmd.event.dlb2.enqueue)
RTE_TRACE_POINT_REGISTER(dlb2_trace_dequeue, pmd.event.dlb2.dequeue)
RTE_TRACE_POINT_REGISTER(dlb2_trace_credits_take, pmd.event.dlb2.credits.take)
RTE_TRACE_POINT_REGISTER(dlb2_trace_tokens_return, pmd.event.dlb2.tokens.return)
#endif
