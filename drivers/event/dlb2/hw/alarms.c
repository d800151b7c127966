/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The service interrupt (control-path 12.6, 12.7): turning alarms on, and reading what the device
 * complains of, in terms of ports, queues and domains. The device keeps the first complaint of each
 * of two units, with the offending HCW in the case of a producer port. Not here: watchdogs and VFs,
 * which this driver does not use.
 */

#include "dlb2_hw_priv.h"

/* Codes of control-path 12.7. */
#define SOURCE_SYS 0
#define UNIT_CHP 4
#define CHP_AID_ILLEGAL_ENQUEUE 1
#define CHP_AID_EXCESS_TOKENS 2
#define SYS_AID_ILLEGAL_QUEUE 3
#define SYS_AID_DISABLED_QUEUE 4
#define SYS_AID_ILLEGAL_HCW 5

#define ALL_VFS 0xffffu /* one bit each */

/* SYNDROME of an alarm: the port, and its kind where the source is not SYS (control-path 12.7). */
#define SYNDROME_PORT 0x7fu
#define SYNDROME_IS_LDB 0x80u

/* Those of the credit and history pipe: on after reset, and masked elsewhere (control-path 3.1). */
static void
set_chp_alarms(struct dlb2_device *dev, bool enabled)
{
	const uint32_t disable = DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF1_ALARM_DIS |
		DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF2_ALARM_DIS;

	if (enabled == dev->chp_alarms_off)
		reg_modify(dev, DLB2_CHP_CFG_CHP_CSR_CTRL, enabled ? disable : 0,
			   enabled ? 0 : disable);
	dev->chp_alarms_off = !enabled;
}

/* control-path 12.6. The register of ingress alarms has no other fields. */
int
dlb2_device_set_alarms(struct dlb2_device *dev, bool enabled)
{
	const uint32_t all = DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_HCW |
		DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_PP |
		DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_PASID |
		DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_QID |
		DLB2_SYS_INGRESS_ALARM_ENBL__DISABLED_QID |
		DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_LDB_QID_CFG;
	int ret = dlb2_enter(dev);

	if (ret == 0) {
		reg_write(dev, DLB2_SYS_INGRESS_ALARM_ENBL, 0, enabled ? all : 0);
		set_chp_alarms(dev, enabled);
	}
	return dlb2_leave(dev, ret);
}

static enum dlb2_alarm_cause
cause_of(uint32_t word)
{
	unsigned int aid = dlb2_get(DLB2_SYS_ALARM_PF_SYND0__AID, word);

	if (dlb2_get(DLB2_SYS_ALARM_PF_SYND0__UNIT, word) == UNIT_CHP) {
		if (aid == CHP_AID_ILLEGAL_ENQUEUE)
			return DLB2_ALARM_ILLEGAL_ENQUEUE;
		if (aid == CHP_AID_EXCESS_TOKENS)
			return DLB2_ALARM_EXCESS_TOKENS;
	}
	if (dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SOURCE, word) != SOURCE_SYS)
		return DLB2_ALARM_OTHER;
	switch (aid) {
	case SYS_AID_ILLEGAL_HCW:
		return DLB2_ALARM_ILLEGAL_HCW;
	case SYS_AID_ILLEGAL_QUEUE:
		return DLB2_ALARM_ILLEGAL_QUEUE;
	case SYS_AID_DISABLED_QUEUE:
		return DLB2_ALARM_DISABLED_QUEUE;
	default:
		return DLB2_ALARM_OTHER;
	}
}

/* The owner of a port, as the driver has it; NULL for a port that is free or does not exist. */
static const struct dlb2_domain *
owner_of(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	unsigned int num = kind == DLB2_LDB ? dev->limits->num_ldb_ports :
					      dev->limits->num_dir_ports;

	return port < num ? dlb2_cq_of(dev, kind, port)->domain : NULL;
}

/*
 * What the first words of both syndromes have in common (control-path 12.6, 12.7): only the IS_LDB
 * bit is the ingress syndrome's alone.
 */
static void
decode_alarm(struct dlb2_device *dev, uint32_t word, struct dlb2_alarm *alarm)
{
	unsigned int syndrome = dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SYNDROME, word);
	bool is_ldb = dlb2_get(DLB2_SYS_ALARM_PF_SYND0__SOURCE, word) == SOURCE_SYS ?
		(word & DLB2_SYS_ALARM_PF_SYND0__IS_LDB) != 0 : (syndrome & SYNDROME_IS_LDB) != 0;

	*alarm = (struct dlb2_alarm){
		.cause = cause_of(word),
		.has_port = true,
		.kind = is_ldb ? DLB2_LDB : DLB2_DIR,
		.port = syndrome & SYNDROME_PORT,
		.more = (word & DLB2_SYS_ALARM_PF_SYND0__MORE) != 0,
		.syndrome = { word },
	};
	alarm->domain = owner_of(dev, alarm->kind, alarm->port);
}

/*
 * The device has one code for all that the credit and history pipe refuses. The HCW tells more: a
 * new event needs nothing but a credit, a release nothing but an open event.
 */
static enum dlb2_alarm_cause
refine_cause(enum dlb2_alarm_cause cause, uint32_t hcw)
{
	bool has_event = (hcw & DLB2_SYS_ALARM_PF_SYND2__QE_VALID) != 0;
	bool completes = (hcw & DLB2_SYS_ALARM_PF_SYND2__QE_UHL) != 0;
	bool is_fragment = (hcw & DLB2_SYS_ALARM_PF_SYND2__QE_ORSP) != 0;

	if (cause != DLB2_ALARM_ILLEGAL_ENQUEUE || is_fragment || has_event == completes)
		return cause;
	return has_event ? DLB2_ALARM_NO_CREDIT : DLB2_ALARM_NO_OPEN_EVENT;
}

/* The second and third word are the offending HCW's last two (control-path 12.7). */
static void
decode_hcw(struct dlb2_alarm *alarm)
{
	uint32_t event = alarm->syndrome[1], hcw = alarm->syndrome[2];
	unsigned int type = dlb2_get(DLB2_SYS_ALARM_PF_SYND1__QTYPE, event);

	alarm->cause = refine_cause(alarm->cause, hcw);
	alarm->has_queue = (hcw & DLB2_SYS_ALARM_PF_SYND2__QE_VALID) != 0;
	alarm->queue_kind = type == DLB2_SCHED_DIRECTED ? DLB2_DIR : DLB2_LDB;
	alarm->queue = dlb2_get(DLB2_SYS_ALARM_PF_SYND1__QID, event);
}

/* Clears the bits of all VFs; the register lies in the function BAR. */
static void
clear_vf_bits(struct dlb2_device *dev, enum dlb2_reg reg)
{
	dev->bus->ops->func_write(dev->bus, dlb2_reg_offset(dev->version, reg, 0, 0), ALL_VFS);
}

/*
 * Watchdogs and VFs are not in use, so nobody would ever serve what asks all the same: its causes
 * are cleared (control-path 12.8, 13.5), which otherwise hold VALID for good. Returns the syndrome
 * after that.
 */
static uint32_t
clear_unused_causes(struct dlb2_device *dev, uint32_t word)
{
	static const enum dlb2_reg timeouts[] = {
		DLB2_CHP_CFG_DIR_WDTO_0, DLB2_CHP_CFG_DIR_WDTO_1, DLB2_CHP_CFG_DIR_WDTO_2,
		DLB2_CHP_CFG_LDB_WDTO_0, DLB2_CHP_CFG_LDB_WDTO_1,
	};

	if (word & DLB2_SYS_ALARM_HW_SYND__CWD) {
		for (unsigned int i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
			dlb2_take_bits(dev, timeouts[i]);
	}
	if (word & DLB2_SYS_ALARM_HW_SYND__VF_PF_MB) {
		clear_vf_bits(dev, DLB2_PF_VF2PF_FLR_ISR);
		clear_vf_bits(dev, DLB2_PF_VF2PF_MAILBOX_ISR);
	}
	return reg_read(dev, DLB2_SYS_ALARM_HW_SYND, 0);
}

/* control-path 12.6 step 3. An alarm that is none of the above's causes concerns no port. */
static int
take_hw_alarm(struct dlb2_device *dev, uint32_t word, struct dlb2_alarm *alarm)
{
	const uint32_t unused = DLB2_SYS_ALARM_HW_SYND__CWD | DLB2_SYS_ALARM_HW_SYND__VF_PF_MB;
	const uint32_t valid = DLB2_SYS_ALARM_HW_SYND__VALID;

	if ((word & valid) != 0 && (word & unused) != 0)
		word = clear_unused_causes(dev, word);
	if ((word & valid) == 0)
		return 0;
	reg_write(dev, DLB2_SYS_ALARM_HW_SYND, 0, valid | DLB2_SYS_ALARM_HW_SYND__MORE);
	if ((word & DLB2_SYS_ALARM_HW_SYND__ALARM) == 0)
		return 0;
	decode_alarm(dev, word, alarm);
	if (alarm->cause == DLB2_ALARM_OTHER) {
		alarm->cause = DLB2_ALARM_HARDWARE;
		alarm->has_port = false;
		alarm->domain = NULL;
	}
	return 1;
}

/* control-path 12.7 for the PF. */
static int
take_ingress_error(struct dlb2_device *dev, struct dlb2_alarm *alarm)
{
	uint32_t word = reg_read(dev, DLB2_SYS_ALARM_PF_SYND0, 0);

	if ((word & DLB2_SYS_ALARM_PF_SYND0__VALID) == 0)
		return 0;
	decode_alarm(dev, word, alarm);
	alarm->syndrome[1] = reg_read(dev, DLB2_SYS_ALARM_PF_SYND1, 0);
	alarm->syndrome[2] = reg_read(dev, DLB2_SYS_ALARM_PF_SYND2, 0);
	decode_hcw(alarm);
	reg_write(dev, DLB2_SYS_ALARM_PF_SYND0, 0,
		  DLB2_SYS_ALARM_PF_SYND0__VALID | DLB2_SYS_ALARM_PF_SYND0__MORE);
	return 1;
}

/* Acknowledged before the causes are read, so that a later one interrupts again. */
int
dlb2_service_interrupt(struct dlb2_device *dev, struct dlb2_alarm alarms[2])
{
	int ret = dlb2_enter(dev);

	if (ret == 0) {
		uint32_t word = reg_read(dev, DLB2_SYS_ALARM_HW_SYND, 0);

		reg_write(dev, DLB2_SYS_MSIX_ACK, 0, DLB2_SYS_MSIX_ACK__MSIX_0_ACK);
		reg_flush(dev);
		ret = take_hw_alarm(dev, word, &alarms[0]);
		ret += take_ingress_error(dev, &alarms[ret]);
	}
	return dlb2_leave(dev, ret);
}
