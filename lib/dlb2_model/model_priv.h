/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of the model share: the object itself, the register file with its hooks, and what
 * each unit offers the others.
 */
#ifndef DLB2_MODEL_PRIV_H
#define DLB2_MODEL_PRIV_H

#include <assert.h>

#include "dlb2_model.h"
#include "model_pci.h"    /* struct model_pci: configuration space (model_pci.c) */
#include "model_irq.h"    /* struct model_irq: alarms, interrupts, watchdogs, VFs */
#include "model_sched.h"  /* struct model_sched: queues, ports, flows, ROB, scheduler */

/* Value read through the BAR; `stored` is the register file's word. */
typedef uint32_t model_reg_read_hook(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i,
	unsigned int j, uint32_t stored);
/* Called after the access kind's rule updated the register file. `value` is what was written. */
typedef void model_reg_write_hook(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i,
	unsigned int j, uint32_t value);

/** What one register does beyond being stored. Either may be NULL. */
struct model_reg_hook {
	model_reg_read_hook *read;
	model_reg_write_hook *write;
};

/** Whose store the HCWs being taken came with. */
struct model_source {
	int vf;              /* -1: the PF's function BAR */
	unsigned int vport;  /* virtual port of a VF */
	bool private_window; /* driver-only window: queue numbers are physical (control-path 1.2) */
};

/** The source of dlb2_model_post(), and of all HCWs but those that a page access brings. */
static const struct model_source model_source_pf = { .vf = -1 };

/** One access to a BAR: a read into dst, or, if that is NULL, a write of src. */
struct model_access {
	enum dlb2_reg_space space; /* DLB2_SPACE_VF: function BAR of `vf` */
	unsigned int vf;
	uint64_t offset;
	unsigned int len;
	void *dst;
	const void *src;
};

/** What the performance counters need beside their registers. */
struct model_time {
	uint64_t ns;        /* time that is less than a cycle so far */
	uint64_t scheduled; /* events that LSP_LDB_SCHED_PERF_2 was told of */
	bool perf_runs;     /* LSP_LDB_SCHED_PERF_CTRL.ENAB */
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

	uint32_t *regs;                       /* the register file; use model_reg() */
	uint32_t reg_base[DLB2_NUM_REGS];     /* index of [0][0] of each register in regs */
	uint32_t reg_row[DLB2_NUM_REGS];      /* words from [i][] to [i + 1][]; 0: all are one */
	uint32_t reg_writable[DLB2_NUM_REGS]; /* bits that a write can change */
	struct model_reg_hook hooks[DLB2_NUM_REGS];

	struct model_source source;
	/* Times left of each fault; those of the whole device at [0][0]. */
	uint32_t faults[DLB2_NUM_FAULTS][DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	uint32_t faults_armed; /* how many of them are not 0 */

	struct model_time time;
	struct model_pci pci;
	struct model_irq irq;
	struct model_sched sched;
};

/* The register file's word; no hook is called. Not for VF registers, which have none. */
static inline uint32_t *
model_reg(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	assert(dlb2_reg_present(m->version, reg));
	return &m->regs[m->reg_base[reg] + i * m->reg_row[reg] + j];
}

/* The value of a field of a register that has no or one index. */
static inline uint32_t
model_field(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, uint32_t mask)
{
	return dlb2_get(mask, *model_reg(m, reg, i, 0));
}

static inline unsigned int
model_ports(const struct dlb2_model *m, enum dlb2_port_kind kind)
{
	return kind == DLB2_LDB ? m->limits->num_ldb_ports : m->limits->num_dir_ports;
}

/* Uses up one count of an armed fault; false if it is not armed. Of the device: kind 0, port 0. */
static inline bool
model_fault_take(struct dlb2_model *m, enum dlb2_model_fault fault, enum dlb2_port_kind kind,
	unsigned int port)
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

/* DLB2_FAULT_GONE: nothing answers and nothing arrives. */
static inline bool
model_is_gone(const struct dlb2_model *m)
{
	return m->faults[DLB2_FAULT_GONE][0][0] != 0;
}

/* model.c */
void model_report(struct dlb2_model *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* model_regs.c. model_reg_read() and _write() are a register as the bus sees it, hooks included. */
size_t model_regs_words(enum dlb2_version version);
void model_regs_init(struct dlb2_model *m);
void model_regs_reset(struct dlb2_model *m);
uint32_t model_reg_read(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j);
void model_reg_write(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value);
void model_hook(struct dlb2_model *m, enum dlb2_reg reg, model_reg_read_hook *read,
	model_reg_write_hook *write);
/* Counts and reports an access that nothing answers; a read gets bytes of `fill`. Returns error. */
int model_refuse(struct dlb2_model *m, const struct model_access *access, int error, uint8_t fill,
	const char *why);

/* model_power.c: power-up and readiness. */
void model_power_init(struct dlb2_model *m);
/* Whether the power-up of control-path 1.4 was done. */
bool model_is_powered(struct dlb2_model *m);
/* Whether an access finds this register powered. */
bool model_power_reaches(struct dlb2_model *m, enum dlb2_reg reg);

/* model_perf.c: counters of time, and of what the load-balanced scheduler did with it. */
void model_perf_init(struct dlb2_model *m);
void model_perf_reset(struct dlb2_model *m);
void model_perf_tick(struct dlb2_model *m, uint64_t ns);

/* model_page.c: producer-port pages of the function BARs. */
bool model_page_owns(uint64_t offset);
int model_page_access(struct dlb2_model *m, const struct model_access *access);

/* model_pci.c */
void model_pci_init(struct dlb2_model *m);
void model_pci_reset(struct dlb2_model *m);
/* Derives what struct model_pci says about the control bits; also called when a switch changes. */
void model_pci_decode(struct dlb2_model *m);
/* Whether accesses to BARs reach the function. */
bool model_memory_open(const struct dlb2_model *m);

/* model_switches.c: the byte that a read of an address without register gives. */
uint8_t model_unknown_fill(const struct dlb2_model *m);

/* model_irq.c: all of the following up to model_vf.c together. */
void model_irq_init(struct dlb2_model *m);
void model_irq_reset(struct dlb2_model *m);
void model_irq_tick(struct dlb2_model *m, uint64_t ns);

/*
 * model_alarm.c. Numbers of the alarms of the system side (SYS) and of the credit and history unit
 * (CHP). The reference has seen SYS 3, 4 and 5 and both of CHP; 1 and 6 are our choice for the
 * other two (data-path 11).
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
void model_alarm_init(struct dlb2_model *m);
/*
 * Ingress alarm about an HCW. `enable_bit` is the mask in SYS_INGRESS_ALARM_ENBL, 0 for CHP alarms.
 * `port` is physical, but for ILLEGAL_PP, which has no physical port, it is the page's number.
 */
void model_alarm(struct dlb2_model *m, enum model_alarm_source source, unsigned int aid,
	uint32_t enable_bit, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_hcw *hcw);
void model_hw_alarm(struct dlb2_model *m, unsigned int count);

/* model_msix.c */
#define MODEL_VECTOR_SERVICE 0
void model_msix_init(struct dlb2_model *m);
bool model_msix_owns(uint64_t offset);
int model_msix_access(struct dlb2_model *m, const struct model_access *access);
void model_msix_request(struct dlb2_model *m, unsigned int vector);
/* Sends without a cause: neither waits for an acknowledge nor needs one afterwards. */
void model_msix_spurious(struct dlb2_model *m, unsigned int vector);
/* What held messages back may be gone: MSI-X control, bus master, the mask of a vector. */
void model_msix_release(struct dlb2_model *m);

/* model_ims.c: messages of CQs by address and data (control-path 12.9). */
void model_ims_init(struct dlb2_model *m);
void model_ims_request(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int entry);

/* model_cq_irq.c */
void model_cq_irq_init(struct dlb2_model *m);
void model_cq_irq_tick(struct dlb2_model *m, uint64_t ns);
/* Whether time can fire the interrupt of some CQ. */
bool model_cq_timer_runs(struct dlb2_model *m);
/* What an ARM command does. */
void model_cq_arm(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);
/* Fires the interrupt of an armed CQ if its condition holds. */
void model_cq_evaluate(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);
void model_cq_spurious(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int count);

/* A CQ's occupancy changed (entry written or tokens returned): depth interrupt, watchdog. */
static inline void
model_cq_occupancy(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int occupancy)
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
/* Whether time can make some watchdog expire. */
bool model_watchdog_runs(struct dlb2_model *m);
/* Whether some expired watchdog was not cleared yet. */
bool model_watchdog_pending(struct dlb2_model *m);

/* model_vf.c */
void model_vf_init(struct dlb2_model *m);
uint32_t model_vf_reg_read(struct dlb2_model *m, unsigned int vf, enum dlb2_reg reg,
	unsigned int word);
void model_vf_reg_write(struct dlb2_model *m, unsigned int vf, enum dlb2_reg reg, unsigned int word,
	uint32_t value);
bool model_vf_bar_disabled(struct dlb2_model *m, unsigned int vf);
/* Whether a VF's mailbox message or reset waits for the PF. */
bool model_vf_waiting(struct dlb2_model *m);
void model_vf_interrupt(struct dlb2_model *m, unsigned int vf, unsigned int vector);
/*
 * The vdev that the HCWs being taken from a physical port belong to: the VF that stored them, or
 * the SIOV vdev that owns the port. -1: the PF. For QID translation and syndromes.
 */
int model_port_vdev(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port);

/*
 * model_hcw.c: takes `n` HCWs stored to the page of physical producer port `port`, in order.
 * m->source says by whom. dlb2_model_post() and a store to a page both come here.
 */
void model_ingest(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_hcw *hcws, unsigned int n);
/* model_credits.c: DLB2_FAULT_CREDIT_SHORTAGE of a port was set to `count`. */
void model_credit_shortage(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int count);

/* Data path: install hooks; go to the state after reset, with the register file at reset values. */
void model_sched_init(struct dlb2_model *m);
void model_sched_reset(struct dlb2_model *m);
/* A switch changed. */
void model_sched_switch(struct dlb2_model *m);

#endif
