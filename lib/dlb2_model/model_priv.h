/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of the model share: the object itself, the register file with its hooks, and what each unit offers the others.
 */
#ifndef DLB2_MODEL_PRIV_H
#define DLB2_MODEL_PRIV_H

#include "dlb2_model.h"
#include "model_pci.h"    /* struct model_pci: configuration space       (model_pci.c) */
#include "model_irq.h"    /* struct model_irq: alarms, MSI-X, CQ interrupts, watchdog, mailboxes (model_irq.c, ...) */
#include "model_sched.h"  /* struct model_sched: queues, ports, flows, ROB, scheduler (model_hcw.c, model_sched.c, ...) */

/** What one register does beyond being stored. Either function may be NULL: plain storage, masked to the implemented bits. */
struct model_reg_hook {
	/** Value read; `stored` is the register file's word. */
	uint32_t (*read)(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t stored);
	/** Called after the register file was updated by the access kind's rule. `value` is what was written. */
	void (*write)(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value);
};

struct dlb2_model {
	enum dlb2_version version;
	const struct dlb2_limits *limits;
	const struct dlb2_model_ops *ops;
	void *ctx;
	uint64_t seed;
	uint8_t switches[DLB2_NUM_MODEL_SWITCHES];
	struct dlb2_model_counters counters;
	size_t memory;

	uint32_t *regs;                        /* the register file */
	uint32_t reg_base[DLB2_NUM_REGS];      /* index of [0][0] of each register in regs */
	struct model_reg_hook hooks[DLB2_NUM_REGS];

	struct model_pci pci;
	struct model_irq irq;
	struct model_sched sched;
};

/* model_regs.c */
uint32_t *model_reg(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j);
void model_report(struct dlb2_model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* model_irq.c: told by the data path */
enum model_alarm_source { MODEL_ALARM_SYS, MODEL_ALARM_CHP };
/* Ingress alarm: `enable_bit` is the mask in SYS_INGRESS_ALARM_ENBL (0 for CHP alarms); aid per data-path 11. */
void model_alarm(struct dlb2_model *m, enum model_alarm_source source, unsigned int aid, uint32_t enable_bit,
		 enum dlb2_port_kind kind, unsigned int port, const struct dlb2_hcw *hcw);
void model_cq_arm(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);
/* A CQ's occupancy changed (entry written or tokens returned): depth interrupt, watchdog. */
void model_cq_occupancy(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, unsigned int occupancy);

/* Each unit: install hooks, go to the state after reset (also FLR). */
void model_pci_init(struct dlb2_model *m);
void model_pci_reset(struct dlb2_model *m);
void model_irq_init(struct dlb2_model *m);
void model_irq_reset(struct dlb2_model *m);
void model_sched_init(struct dlb2_model *m);
void model_sched_reset(struct dlb2_model *m);

#endif
