/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * When a port returns CQ tokens, which decides how many events the device schedules to it ahead
 * (data-path 3.4): the token pop modes, and DPDK's pre-scheduling (pmd-interface N7), which is the
 * same by another name. Not here: how tokens are returned (dlb2_completions.c).
 *
 * The device always schedules ahead as far as the CQ has room. So the CQ is the buffer that
 * pre-scheduling means, and what can be chosen is when its room is given back: at once, at the next
 * dequeue, or when the events before are done with.
 */
#include <errno.h>

#include <rte_atomic.h>
#include <rte_prefetch.h>

#include "dlb2_datapath_priv.h"

/*
 * AUTO: tokens ride on lines that are sent anyway. With no more than half of them held back the
 * device always has room for the other half in the CQ, so a port can be neither starved nor, as
 * long as its thread works on what it has, left waiting.
 *
 * The new way is there before the old one goes: a process that dies in between leaves a port that
 * returns its tokens.
 */
void
dlb2_set_token_mode(struct dlb2_dp_port *port, enum rte_pmd_dlb2_token_pop_mode mode)
{
	const uint16_t ride = mode == RTE_PMD_DLB2_AUTO_POP ? UINT16_MAX : 0;
	const uint16_t deferred = mode == RTE_PMD_DLB2_DEFERRED_POP ? UINT16_MAX : 0;
	const uint8_t delayed = mode == RTE_PMD_DLB2_DELAYED_POP ? DLB2_CAREFUL_DELAYED : 0;

	port->ride_mask |= ride;
	port->deferred_mask |= deferred;
	port->careful |= delayed;
	rte_compiler_barrier();
	port->ride_mask &= ride;
	port->deferred_mask &= deferred;
	port->careful &= delayed | ~DLB2_CAREFUL_DELAYED;
	port->owed_limit = ride != 0 ? port->conf.cq_depth / 2 : UINT32_MAX;
	port->settle_above = port->dp->metered[port->kind] || port->conf.reorder != NULL
		? 0
		: RTE_MIN(port->owed_limit, (uint32_t)UINT16_MAX);
	port->conf.token_pop_mode = mode;
}

enum rte_pmd_dlb2_token_pop_mode
dlb2_dp_preschedule_mode(enum dlb2_preschedule type)
{
	static const enum rte_pmd_dlb2_token_pop_mode modes[] = {
		[DLB2_PRESCHEDULE_NONE] = RTE_PMD_DLB2_DEFERRED_POP,
		[DLB2_PRESCHEDULE] = RTE_PMD_DLB2_AUTO_POP,
		[DLB2_PRESCHEDULE_ADAPTIVE] = RTE_PMD_DLB2_DELAYED_POP,
	};

	return modes[type];
}

/*
 * All tokens go back first, and DELAYED begins to count: what is owed from then on belongs to
 * events that are still to be completed, so the mode cannot wait for completions that never come.
 * A directed port has a queue of its own; nothing that it has scheduled ahead could go elsewhere.
 */
int
dlb2_preschedule_modify(void *event_port, unsigned int type)
{
	struct dlb2_dp_port *port = event_port;
	enum rte_pmd_dlb2_token_pop_mode mode;

	if (type > DLB2_PRESCHEDULE_ADAPTIVE)
		return -EINVAL;
	mode = dlb2_dp_preschedule_mode(type);
	if (port->kind == DLB2_DIR || mode == port->conf.token_pop_mode)
		return 0;
	dlb2_return_tokens(port);
	port->issued = 0;
	dlb2_set_token_mode(port, mode);
	return 0;
}

/* Only a port that holds tokens back needs to be told. */
void
dlb2_preschedule(void *event_port, unsigned int type)
{
	struct dlb2_dp_port *port = event_port;
	const bool wanted = type == DLB2_PRESCHEDULE ||
		(type == DLB2_PRESCHEDULE_ADAPTIVE && port->open == 0);

	if (!wanted || port->ride_mask != 0)
		return;
	dlb2_return_tokens(port);
	port->issued = 0;
	rte_prefetch0(port->next);
}
