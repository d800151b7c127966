/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What each switch of dlb2_model_switches.h asks and what its values mean. Value 0 is what the
 * reference chose.
 */

#include <errno.h>

#include "model_priv.h"

const struct dlb2_model_switch_info dlb2_model_switch_info[DLB2_NUM_MODEL_SWITCHES] = {
	[DLB2_SWITCH_UNKNOWN_ADDRESS] = { "unknown-address", "control-path 15.1", {
		"a read where no register is gives 0",
		"it gives all ones" } },
	[DLB2_SWITCH_POWERED_DOWN] = { "powered-down", "control-path 1.4, 15.1", {
		"before power-up only the CM unit answers, other reads give all ones",
		"everything answers before power-up, only readiness is missing" } },
	[DLB2_SWITCH_MEMORY_DECODING] = { "memory-decoding", "control-path 1.6", {
		"without COMMAND.memory no access to a BAR arrives",
		"COMMAND.memory does not matter" } },
	[DLB2_SWITCH_PP_PAGE_OFFSET] = { "pp-page-offset", "data-path 1.4", {
		"a producer port takes stores at any aligned offset of its page",
		"it takes stores at the base of the page only" } },
	[DLB2_SWITCH_PASID_AFTER_RESET] = { "pasid-after-reset", "control-path 1.6", {
		"PASID is off after power-on and reset",
		"PASID is enabled after power-on and reset, as on some platforms" } },
	[DLB2_SWITCH_PASID_ENABLED] = { "pasid-enabled", "control-path 15.1", {
		"while PASID is enabled, CQ writes without a PASID do not happen",
		"PASID in configuration space does not matter" } },
	[DLB2_SWITCH_LEAVE_D3HOT] = { "leave-d3hot", "control-path 1.8", {
		"state is kept in D3hot",
		"leaving D3hot resets the function" } },
	[DLB2_SWITCH_ARM_WHEN_TRUE] = { "arm-when-true", "control-path 12.3", {
		"arming a CQ whose condition holds fires at once",
		"it fires when the CQ changes next" } },
	[DLB2_SWITCH_CQ_INT_UNROUTED] = { "cq-int-unrouted", "control-path 12.2", {
		"an armed CQ with EN_CODE 0 stays armed",
		"it fires into nothing and is disarmed" } },
	[DLB2_SWITCH_OCC_INT_STS] = { "occ-int-sts", "control-path 12.1", {
		"occupancy status is kept in packed mode as well",
		"it is kept in compressed mode only" } },
	[DLB2_SWITCH_CHP_ALARM_MASK] = { "chp-alarm-mask", "data-path 11", {
		"INT_INFn_ALARM_DIS and _SYND_DIS of CHP_CFG_CHP_CSR_CTRL mask alarm n",
		"CHP alarms cannot be masked" } },
	[DLB2_SWITCH_VF_ISR_PEND] = { "vf-isr-pend", "control-path 15.6", {
		"a VF raises no further message interrupt while PF_VF2PF_ISR_PEND is set",
		"every message of a VF raises the interrupt" } },
	[DLB2_SWITCH_VF_FLR_BAR] = { "vf-flr-bar", "control-path 15.6", {
		"a VF's reset closes its function BAR until the PF opens it",
		"it leaves the function BAR open" } },
	[DLB2_SWITCH_REFUSED_FWD] = { "refused-fwd", "data-path 11", {
		"a forward to a queue that is not permitted does nothing",
		"its completion acts" } },
	[DLB2_SWITCH_EXCESS_FWD] = { "excess-fwd", "data-path 4.3", {
		"a forward without an open event does nothing",
		"its event is enqueued" } },
	[DLB2_SWITCH_FRAGMENTS_2_0] = { "fragments-2.0", "data-path 1.3", {
		"2.0 refuses fragments",
		"2.0 takes fragments as 2.5 does" } },
	[DLB2_SWITCH_COMP_T_COUNT] = { "comp-t-count", "data-path 3.3", {
		"COMP_T returns lock_id[9:0] + 1 tokens",
		"it returns one token" } },
	[DLB2_SWITCH_LINE_ORDER] = { "line-order", "data-path 1.5", {
		"lines of a port are taken in the order of arrival",
		"with a seed, neighbouring lines of one post may change places" } },
	[DLB2_SWITCH_PRIORITY_BINS] = { "priority-bins", "data-path 5.6", {
		"a queue has four bins of priority",
		"it has eight, two of which share a weight" } },
	[DLB2_SWITCH_AQED_ENTRY] = { "aqed-entry", "data-path 5.2, 11", {
		"an AQED entry is free when its event is scheduled",
		"it is free when the event is completed" } },
	[DLB2_SWITCH_STATUS_BITS] = { "status-bits", "control-path 15.5", {
		"has-work bits of a slot follow the queue",
		"a slot linked to a queue with work needs the command, or new work" } },
	[DLB2_SWITCH_LINK_MAPS] = { "link-maps", "control-path 15.4", {
		"a link is what the slot registers of the CQ say",
		"all three inverse maps must say so too" } },
	[DLB2_SWITCH_SLOT_IN_FLIGHT] = { "slot-in-flight", "control-path 9.6, pmd-interface N5", {
		"a slot may lose its valid bit while events of it are in flight",
		"it keeps the bit until they are completed; clearing it earlier is reported" } },
	[DLB2_SWITCH_WEIGHT_ZERO] = { "weight-zero", "data-path 5.8", {
		"weight code 0 is a load of 1",
		"it is no load" } },
	[DLB2_SWITCH_INFLIGHT_THRESHOLD] = { "inflight-threshold", "data-path 5.9", {
		"a CQ that meets its in-flight limit waits until below its threshold",
		"a CQ waits as soon as it meets its threshold" } },
	[DLB2_SWITCH_DEPTH_CODE] = { "depth-code", "data-path 11", {
		"qid_depth counts the event itself",
		"it counts the events left behind" } },
	[DLB2_SWITCH_DIR_ENTRY] = { "dir-entry", "data-path 2.4", {
		"bytes 12-13 of a directed entry are the number of the sender",
		"they are 0xdead" } },
	[DLB2_SWITCH_SPARSE_REST] = { "sparse-rest", "data-path 2.3", {
		"the rest of a sparse line is left alone",
		"it is spoilt with each entry, where the ring is mapped" } },
	[DLB2_SWITCH_SPARSE_ORDER] = { "sparse-order", "data-path 2.3, 11", {
		"entries of a CQ become visible in the order of their index",
		"with a seed, sparse lines may become visible in any order" } },
	[DLB2_SWITCH_DENSE_LINES] = { "dense-lines", "data-path 2.3", {
		"an entry is written with the free slots behind it in its line, if the pad bits say so",
		"it is written alone, whatever they say",
		"up to four are gathered, until their line is full or nothing is left to schedule" } },
	[DLB2_SWITCH_CREDIT_RETURN] = { "credit-return", "data-path 6.1", {
		"a credit returns when its event is scheduled",
		"with a seed, it returns when the entry is visible" } },
};

/* The number of values that a switch has. */
static unsigned int
num_values(enum dlb2_model_switch sw)
{
	unsigned int n = 0;

	while (n < DLB2_SWITCH_MAX_VALUES && dlb2_model_switch_info[sw].values[n] != NULL)
		n++;
	return n;
}

int
dlb2_model_set_switch(struct dlb2_model *m, enum dlb2_model_switch sw, unsigned int value)
{
	if ((unsigned int)sw >= DLB2_NUM_MODEL_SWITCHES || value >= num_values(sw))
		return -EINVAL;
	m->switches[sw] = value;
	model_pci_decode(m);
	model_sched_switch(m);
	return 0;
}

unsigned int
dlb2_model_get_switch(const struct dlb2_model *m, enum dlb2_model_switch sw)
{
	return m->switches[sw];
}

uint8_t
model_unknown_fill(const struct dlb2_model *m)
{
	return m->switches[DLB2_SWITCH_UNKNOWN_ADDRESS] == 0 ? 0 : 0xff;
}
