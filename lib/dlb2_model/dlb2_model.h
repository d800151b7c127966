/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The Dynamic Load Balancer in software: a passive, deterministic object that behaves, register by register and line by line,
 * as control-path.md section 15 and data-path.md section 11 say the device does.
 *
 * It has no thread, no clock and no lock. One caller at a time may be inside any function of one model; whoever owns the
 * model makes it progress with dlb2_model_run() and tells it the time with dlb2_model_tick(). It allocates only in
 * dlb2_model_create(). It knows the device's specification (dlb2_spec) and nothing of any driver.
 */
#ifndef DLB2_MODEL_H
#define DLB2_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>
#include <dlb2_regs.h>

struct dlb2_model;

/** What the model asks of the world around it. All are called from inside a dlb2_model_* function, on the caller's thread. */
struct dlb2_model_ops {
	/**
	 * Translates a DMA range once, so that consumer-queue entries become plain stores.
	 * Returns the address of `len` bytes at `iova` that stays valid until dlb2_model_dma_unmapped(), or NULL when the range
	 * is not mapped or not contiguous; the model then uses dma_write for each entry. May be NULL.
	 */
	void *(*dma_map)(void *ctx, uint64_t iova, size_t len);
	/** Writes `len` bytes (16 or 64) to `iova`. Returns 0, or -EFAULT if the range is not mapped for writing. May be NULL. */
	int (*dma_write)(void *ctx, uint64_t iova, const void *src, size_t len);
	/** Sends MSI-X vector `vector` of the PF (0 service, 1..64 consumer queues). May be NULL. */
	void (*interrupt)(void *ctx, unsigned int vector);
	/** Sends MSI vector `vector` of virtual function `vf` (0..30 consumer queues, 31 mailbox). May be NULL. */
	void (*vf_interrupt)(void *ctx, unsigned int vf, unsigned int vector);
	/** Sends the message of an interrupt-message-store entry: a 4-byte write of `data` to `address`. May be NULL. */
	void (*message)(void *ctx, uint64_t address, uint32_t data);
	/** Receives one line of text per refused or impossible access and per violated invariant. May be NULL. */
	void (*report)(void *ctx, const char *text);
};

/** How a model is made. */
struct dlb2_model_config {
	enum dlb2_version version;
	/** 0: the plainest order everywhere. Anything else picks among all orders that the hardware is free to choose. */
	uint64_t seed;
	const struct dlb2_model_ops *ops; /**< must outlive the model */
	void *ctx;                        /**< given back to every callback */
};

/* Choices that the hardware reference calls INFERRED, one switch each; the list is in this header. */
#include "dlb2_model_switches.h"

/** Sets switch `sw`. Returns 0, or -EINVAL for an unknown switch or value. May be called at any time before traffic. */
int dlb2_model_set_switch(struct dlb2_model *m, enum dlb2_model_switch sw, unsigned int value);
/** The value of switch `sw`, which must be a known one. */
unsigned int dlb2_model_get_switch(const struct dlb2_model *m, enum dlb2_model_switch sw);

/**
 * Creates a model in the state after power-on: PMCSR_DISABLE set, nothing configured.
 * Returns 0 and the model in *out, -EINVAL for a bad version or missing ops, -ENOMEM.
 */
int dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);
void dlb2_model_destroy(struct dlb2_model *m);
/** Bytes that this model holds (constant from create to destroy; below 8 MiB). */
size_t dlb2_model_memory(const struct dlb2_model *m);
enum dlb2_version dlb2_model_version(const struct dlb2_model *m);

/** PCI configuration space, 4096 bytes. Any offset and len 1, 2, 4 that stays naturally aligned and inside; else -EINVAL. */
int dlb2_model_config_read(struct dlb2_model *m, unsigned int offset, void *buf, unsigned int len);
int dlb2_model_config_write(struct dlb2_model *m, unsigned int offset, const void *buf, unsigned int len);

/**
 * Access to BAR `space` (DLB2_SPACE_CSR or DLB2_SPACE_FUNC) of the PF as the bus delivers it.
 * Registers take 4 bytes, naturally aligned; the MSI-X table takes 4 or 8; a producer-port page takes writes of 16 or 64
 * bytes (one or four HCWs) and reads of up to 8 bytes, which act as the barrier of data-path 1.4.
 * Returns 0; -EINVAL for a width or alignment that is not legal there; -ENXIO for an address where nothing is (reads give
 * 0, or all ones while memory decoding is off or power is down). Errors are counted and reported by name and offset.
 */
int dlb2_model_read(struct dlb2_model *m, enum dlb2_reg_space space, uint64_t offset, void *buf, unsigned int len);
int dlb2_model_write(struct dlb2_model *m, enum dlb2_reg_space space, uint64_t offset, const void *buf, unsigned int len);
/** The same for the function BAR of virtual function `vf` (0..15). */
int dlb2_model_vf_read(struct dlb2_model *m, unsigned int vf, uint64_t offset, void *buf, unsigned int len);
int dlb2_model_vf_write(struct dlb2_model *m, unsigned int vf, uint64_t offset, const void *buf, unsigned int len);

/**
 * Posts `n` 64-byte lines to producer port `port` (physical number) of the PF, in order: what n 64-byte stores to its page do.
 * The lines are consumed before the call returns; their effect on queues and counters is complete; scheduling waits for
 * dlb2_model_run(). A port out of range is counted as a bad access.
 */
void dlb2_model_post(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port, const struct dlb2_line *lines,
		     unsigned int n);

/**
 * Schedules at most `budget` events to consumer queues and returns how many it did. 0 means that nothing more can be
 * scheduled until something arrives (a line, a register write, a tick).
 */
unsigned int dlb2_model_run(struct dlb2_model *m, unsigned int budget);

/** Tells the model that `ns` nanoseconds passed: CQ timer interrupts and watchdogs depend on it, nothing else does. */
void dlb2_model_tick(struct dlb2_model *m, uint64_t ns);

/** Function-level reset of the PF, as DEVCTL.Initiate-FLR does it. What survives: control-path 1.6. */
void dlb2_model_flr(struct dlb2_model *m);
/** Function-level reset of VF `vf` (control-path 13.6). */
void dlb2_model_vf_flr(struct dlb2_model *m, unsigned int vf);

/** The owner unmapped this DMA range: cached translations into it are forgotten. */
void dlb2_model_dma_unmapped(struct dlb2_model *m, uint64_t iova, uint64_t len);

/**
 * Verifies the model's own invariants: credits, tokens, history lists, sequence numbers and stored events conserved, every counter
 * register equal to what the structures hold. Reports each violation by text. Returns the number of violations.
 */
unsigned int dlb2_model_check(struct dlb2_model *m);

/** Totals since creation; not device registers. */
struct dlb2_model_counters {
	uint64_t csr_reads, csr_writes, func_reads, func_writes, lines;
	uint64_t hcws[16];             /**< by command code, legal or not, noops included */
	uint64_t enqueued, scheduled, completed, tokens_returned, dropped;
	uint64_t alarms, interrupts;
	uint64_t bad_accesses;         /**< address, width or alignment refused */
	uint64_t dma_errors;           /**< CQ writes that the owner refused */
	uint64_t flrs;
};
void dlb2_model_get_counters(const struct dlb2_model *m, struct dlb2_model_counters *out);

/** Faults that a test can ask for (data-path 11, last paragraph). */
enum dlb2_model_fault {
	DLB2_FAULT_CQ_ERROR_BIT,       /**< the next `count` entries to the CQ carry the error bit */
	DLB2_FAULT_CQ_DROP_WRITE,      /**< the next `count` CQ writes are lost (the entry counts as scheduled) */
	DLB2_FAULT_CQ_WRONG_GEN,       /**< the next `count` entries carry the wrong generation */
	DLB2_FAULT_TOKEN_DELAY,        /**< the next `count` token returns take effect only after that many later lines */
	DLB2_FAULT_CREDIT_SHORTAGE,    /**< the domain of the port loses `count` credits until the fault is set to 0 */
	DLB2_FAULT_SPURIOUS_IRQ,       /**< sends the CQ's vector `count` times at once */
	DLB2_FAULT_NOT_READY,          /**< readiness poll fails `count` times after power-up */
	DLB2_FAULT_TRANSACTIONS_PENDING, /**< DEVSTA shows pending transactions for `count` reads */
	DLB2_FAULT_STUCK_INFLIGHT,     /**< the next `count` completions on the port are ignored */
	DLB2_FAULT_GONE,               /**< every read gives all ones, writes are ignored, until set to 0 */
	DLB2_FAULT_HW_ALARM,           /**< raises `count` hardware alarms at once (SYS_ALARM_HW_SYND.ALARM) */
	DLB2_NUM_FAULTS
};
/** Arms a fault for a port (ignored by device-wide ones). Returns 0, -EINVAL for an unknown fault or port. */
int dlb2_model_set_fault(struct dlb2_model *m, enum dlb2_model_fault fault, enum dlb2_port_kind kind, unsigned int port,
			 unsigned int count);

#endif
