/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of the model share: the object itself, the register file with its hooks, and what each unit offers the others.
 */
#ifndef DLB2_MODEL_PRIV_H
#define DLB2_MODEL_PRIV_H

#include <assert.h>

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

/** Whose store the HCWs being taken came with. */
struct model_source {
	int vf;              /* -1: the PF's function BAR */
	unsigned int vport;  /* virtual port of a VF */
	bool private_window; /* the PF's driver-only window, where queue numbers are physical (control-path 1.2) */
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

	uint32_t *regs;                          /* the register file: readable and writable through model_reg() */
	uint32_t reg_base[DLB2_NUM_REGS];        /* index of [0][0] of each register in regs */
	uint32_t reg_row[DLB2_NUM_REGS];         /* words from [i][] to [i + 1][]; 0: one register seen at several addresses */
	uint32_t reg_writable[DLB2_NUM_REGS];    /* bits that a write can change, by the rule of the access kind */
	struct model_reg_hook hooks[DLB2_NUM_REGS];

	struct model_source source;
	uint32_t faults[DLB2_NUM_FAULTS][DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS]; /* times left; device-wide ones at [0][0] */
	uint32_t faults_armed;                   /* how many of them are not 0 */

	struct model_pci pci;
	struct model_irq irq;
	struct model_sched sched;
};

/* The register file's word; unlike a read through the BAR, no hook is called. */
static inline uint32_t *
model_reg(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	assert(dlb2_reg_present(m->version, reg));
	return &m->regs[m->reg_base[reg] + i * m->reg_row[reg] + j];
}

/* The value of a field, for registers of no or one index. */
static inline uint32_t
model_field(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, uint32_t mask)
{
	return dlb2_get(mask, *model_reg(m, reg, i, 0));
}

/* Uses up one count of an armed fault; false if it is not armed. Device-wide faults: kind 0, port 0. */
static inline bool
model_fault_take(struct dlb2_model *m, enum dlb2_model_fault fault, enum dlb2_port_kind kind, unsigned int port)
{
	uint32_t *left;

	if (__builtin_expect(m->faults_armed == 0, 1))
		return false;
	left = &m->faults[fault][kind][port];
	if (*left == 0)
		return false;
	if (--*left == 0)
		m->faults_armed--;
	return true;
}

/* model.c */
void model_report(struct dlb2_model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* model_regs.c: a register as the bus sees it, with access rules and hooks; present in this version, indices in range. */
void model_regs_init(struct dlb2_model *m);
void model_regs_reset(struct dlb2_model *m);
uint32_t model_reg_read(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j);
void model_reg_write(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value);
/* Installs hooks on a register; nothing happens if this version lacks it. */
void model_hook(struct dlb2_model *m, enum dlb2_reg reg,
		uint32_t (*read)(struct dlb2_model *, enum dlb2_reg, unsigned int, unsigned int, uint32_t),
		void (*write)(struct dlb2_model *, enum dlb2_reg, unsigned int, unsigned int, uint32_t));
/* Counts and reports an access that nothing answers. Returns `error`. */
int model_bad_access(struct dlb2_model *m, int error, const char *what, const char *space, uint64_t offset, unsigned int len);
/* Whether accesses to BARs can arrive: not gone, memory decoding on, not in D3hot. */
bool model_bus_open(const struct dlb2_model *m);

/* model_page.c: MSI-X table and producer-port pages of the function BARs. */
bool model_page_owns(uint64_t offset);
int model_page_read(struct dlb2_model *m, uint64_t offset, void *buf, unsigned int len);
int model_page_write(struct dlb2_model *m, uint64_t offset, const void *buf, unsigned int len);
int model_page_vf_read(struct dlb2_model *m, unsigned int vf, uint64_t offset, void *buf, unsigned int len);
int model_page_vf_write(struct dlb2_model *m, unsigned int vf, uint64_t offset, const void *buf, unsigned int len);

/*
 * model_alarm.c. Numbers of the alarms of the system side (SYS) and of the credit and history unit (CHP). The reference has
 * seen SYS 3, 4 and 5 and both of CHP; the other two are free numbers that we picked.
 */
enum model_alarm_source { MODEL_ALARM_SYS, MODEL_ALARM_CHP };
enum model_alarm_id {
	MODEL_AID_SYS_ILLEGAL_PP = 1,
	MODEL_AID_SYS_ILLEGAL_QID = 3,
	MODEL_AID_SYS_DISABLED_QID = 4,
	MODEL_AID_SYS_ILLEGAL_HCW = 5,
	MODEL_AID_SYS_ILLEGAL_LDB_QID_CFG = 6,
	MODEL_AID_CHP_ILLEGAL_ENQUEUE = 1,
	MODEL_AID_CHP_EXCESS_TOKENS = 2,
};
/* Ingress alarm: `enable_bit` is the mask in SYS_INGRESS_ALARM_ENBL (0 for CHP alarms); aid per data-path 11. `port` is physical. */
void model_alarm(struct dlb2_model *m, enum model_alarm_source source, unsigned int aid, uint32_t enable_bit,
		 enum dlb2_port_kind kind, unsigned int port, const struct dlb2_hcw *hcw);
void model_hw_alarm(struct dlb2_model *m);

/* model_msix.c */
#define MODEL_VECTOR_SERVICE 0
void model_msix_init(struct dlb2_model *m);
void model_msix_reset(struct dlb2_model *m);
void model_msix_request(struct dlb2_model *m, unsigned int vector);
/* Something that held messages back may be gone: MSI-X control, bus master, a vector's mask. */
void model_msix_release(struct dlb2_model *m);
int model_msix_read(struct dlb2_model *m, uint64_t offset, void *buf, unsigned int len);
int model_msix_write(struct dlb2_model *m, uint64_t offset, const void *buf, unsigned int len);
void model_ims_request(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, unsigned int entry);

/* model_cq_irq.c */
void model_cq_irq_init(struct dlb2_model *m);
void model_cq_irq_reset(struct dlb2_model *m);
void model_cq_irq_tick(struct dlb2_model *m, uint64_t ns);
/* What an ARM command does. */
void model_cq_arm(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);
/* Fires the interrupt of an armed CQ if its condition holds. */
void model_cq_evaluate(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);
/* Sends the interrupt of a CQ along its route, armed or not. */
void model_cq_interrupt(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);
/* Sampling passes that end within `ns`, for one pass per `pass_ns`. */
uint64_t model_sampler_passes(struct model_sampler *sampler, uint64_t pass_ns, uint64_t ns);

/* A CQ's occupancy changed (entry written or tokens returned): depth interrupt, watchdog. */
static inline void
model_cq_occupancy(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, unsigned int occupancy)
{
	struct model_cq_irq *cq = &m->irq.cq[kind][port];

	if (occupancy < cq->occupancy)
		cq->watchdog_passes = 0;
	cq->occupancy = occupancy;
	if (__builtin_expect(cq->armed, 0))
		model_cq_evaluate(m, kind, port);
}

/* model_watchdog.c */
void model_watchdog_tick(struct dlb2_model *m, uint64_t ns);
bool model_watchdog_expired(struct dlb2_model *m);

/* model_vf.c */
void model_vf_init(struct dlb2_model *m);
bool model_vf_mailbox_waiting(struct dlb2_model *m);
void model_vf_interrupt(struct dlb2_model *m, unsigned int vf, unsigned int vector);
/* The vdev that owns a physical port, for QID translation and syndromes: a VF's by its store, else a SIOV vdev's; -1: the PF. */
int model_port_vdev(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);

/* model_monitor.c: performance counters that time drives. */
void model_monitor_init(struct dlb2_model *m);
void model_monitor_tick(struct dlb2_model *m, uint64_t ns);

/*
 * model_hcw.c: takes `n` HCWs stored to the page of physical producer port `port`, in order. m->source says by whom.
 * dlb2_model_post() and a store to a page both come here.
 */
void model_ingest(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, const struct dlb2_hcw *hcws,
		  unsigned int n);
/* model_credits.c: DLB2_FAULT_CREDIT_SHORTAGE of a port was set to `count`. */
void model_credit_shortage(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, unsigned int count);

/* Each unit: install hooks, go to the state after reset (also FLR). The register file is at its reset values then. */
void model_pci_init(struct dlb2_model *m);
void model_pci_reset(struct dlb2_model *m);
void model_irq_init(struct dlb2_model *m);
void model_irq_reset(struct dlb2_model *m);
void model_irq_tick(struct dlb2_model *m, uint64_t ns);
void model_sched_init(struct dlb2_model *m);
void model_sched_reset(struct dlb2_model *m);

#endif
