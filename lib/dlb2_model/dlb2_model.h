/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The Dynamic Load Balancer in software: a passive, deterministic object that behaves, register by
 * register and line by line, as control-path.md section 15 and data-path.md section 11 say the
 * device does.
 *
 * It has no thread, no clock and no lock. One caller at a time may be inside any function of one
 * model; whoever owns the model makes it progress with dlb2_model_run() and tells it the time with
 * dlb2_model_tick(). It allocates only in dlb2_model_create(). It knows the device's specification
 * (dlb2_spec) and nothing of any driver.
 */
#ifndef DLB2_MODEL_H
#define DLB2_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>
#include <dlb2_regs.h>

#include "dlb2_model_switches.h"

struct dlb2_model;

/**
 * What the model asks of the world around it. All are called from inside a dlb2_model_* function,
 * on the caller's thread, and must not call back into the model. Each may be NULL.
 */
struct dlb2_model_ops {
	/**
	 * Translates a DMA range once, so that consumer-queue entries become plain stores.
	 * Returns the address of `len` bytes at `iova` that stays valid until
	 * dlb2_model_dma_unmapped(), or NULL when the range is not mapped or not contiguous; the
	 * model then uses dma_write for each entry.
	 */
	void *(*dma_map)(void *ctx, uint64_t iova, size_t len);
	/**
	 * Writes `len` bytes (16 or 64) to `iova`.
	 * Returns 0, or -EFAULT if the range is not mapped for writing.
	 */
	int (*dma_write)(void *ctx, uint64_t iova, const void *src, size_t len);
	/** Sends MSI-X vector `vector` of the PF: 0 service, 1..64 consumer queues. */
	void (*interrupt)(void *ctx, unsigned int vector);
	/** Sends MSI vector `vector` of virtual function `vf`: 0..30 CQs, 31 mailbox. */
	void (*vf_interrupt)(void *ctx, unsigned int vf, unsigned int vector);
	/** Sends an interrupt-message-store entry: a 4-byte write of `data` to `address`. */
	void (*message)(void *ctx, uint64_t address, uint32_t data);
	/** Receives one line of text per refused access and per violated invariant. */
	void (*report)(void *ctx, const char *text);
};

/** How a model is made. */
struct dlb2_model_config {
	enum dlb2_version version;
	/** 0: the plainest order everywhere. Others pick among all that the hardware may choose. */
	uint64_t seed;
	const struct dlb2_model_ops *ops; /**< must outlive the model */
	void *ctx;                        /**< given back to every callback */
};

/**
 * Creates a model in the state after power-on: PMCSR_DISABLE set, configuration space at its
 * defaults (no memory decoding, no bus mastering), nothing configured.
 * Returns 0 and the model in *out, -EINVAL for a bad version or missing ops, -ENOMEM.
 */
int dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);
/** Frees a model; NULL is allowed. */
void dlb2_model_destroy(struct dlb2_model *m);
/** Bytes that this model holds, constant from create to destroy, below 8 MiB. */
size_t dlb2_model_memory(const struct dlb2_model *m);
enum dlb2_version dlb2_model_version(const struct dlb2_model *m);

/**
 * Sets a switch; best before any traffic.
 * Returns 0, or -EINVAL for an unknown switch or a value that dlb2_model_switch_info[] lacks.
 */
int dlb2_model_set_switch(struct dlb2_model *m, enum dlb2_model_switch sw, unsigned int value);
/** The value of a switch, which must be one of the enumeration. */
unsigned int dlb2_model_get_switch(const struct dlb2_model *m, enum dlb2_model_switch sw);

/**
 * PCI configuration space, 4096 bytes. `len` is 1, 2 or 4 and `offset` a multiple of it.
 * A write that initiates a function-level reset returns after the reset.
 * Returns 0, or -EINVAL for another length or offset.
 */
int dlb2_model_config_read(struct dlb2_model *m, unsigned int offset, void *buf, unsigned int len);
int dlb2_model_config_write(struct dlb2_model *m, unsigned int offset, const void *buf,
	unsigned int len);

/**
 * Access to BAR `space` of the PF (DLB2_SPACE_CSR or DLB2_SPACE_FUNC) as the bus delivers it.
 * Registers take 4 bytes, naturally aligned; the MSI-X table takes 4 or 8; a producer-port page
 * takes writes of 16 or 64 bytes (one or four HCWs) and reads of up to 8 bytes, which act as the
 * barrier of data-path 1.4.
 *
 * Returns 0; -EINVAL for a width or alignment that is not legal there (a read then gives 0);
 * -ENXIO where nothing answers: no register at the address (a read gives 0), memory decoding off,
 * D3hot or not powered up (a read gives all ones). Errors are counted and reported by name.
 */
int dlb2_model_read(struct dlb2_model *m, enum dlb2_reg_space space, uint64_t offset, void *buf,
	unsigned int len);
int dlb2_model_write(struct dlb2_model *m, enum dlb2_reg_space space, uint64_t offset,
	const void *buf, unsigned int len);
/**
 * The same for the function BAR of virtual function `vf` (0..15; else -EINVAL). While
 * IOSF_FUNC_VF_BAR_DSBL closes that BAR, accesses are ignored without error and reads give ones.
 */
int dlb2_model_vf_read(struct dlb2_model *m, unsigned int vf, uint64_t offset, void *buf,
	unsigned int len);
int dlb2_model_vf_write(struct dlb2_model *m, unsigned int vf, uint64_t offset, const void *buf,
	unsigned int len);

/**
 * What a read of register `reg` of the PF, in either BAR, would give, without being one: nothing
 * changes, nothing is counted, and power, memory decoding and faults do not matter.
 * Returns 0, or -EINVAL for a register of VFs, one that this version lacks, or a bad index.
 */
int dlb2_model_peek(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t *value);

/**
 * Posts `n` 64-byte lines to producer port `port` (physical number) of the PF, in order: what n
 * 64-byte stores to its page do. The lines are consumed before the call returns; their effect on
 * queues and counters is complete; scheduling waits for dlb2_model_run(). A port out of range is
 * counted as a bad access.
 */
void dlb2_model_post(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_line *lines, unsigned int n);

/**
 * Schedules at most `budget` events to consumer queues and returns how many it did. 0 means that
 * nothing more can be scheduled until something arrives (a line, a register write, a tick).
 */
unsigned int dlb2_model_run(struct dlb2_model *m, unsigned int budget);

/**
 * Tells the model that `ns` nanoseconds passed. CQ timer interrupts, watchdogs and the counters of
 * time depend on it, nothing else does.
 */
void dlb2_model_tick(struct dlb2_model *m, uint64_t ns);
/**
 * Whether time alone can send an interrupt now: a CQ timer or watchdog runs. While it is false, an
 * owner with nothing else to do needs no timer.
 */
bool dlb2_model_needs_time(struct dlb2_model *m);

/**
 * Sets or clears the mask bit of an MSI-X table entry of the PF without an access, for an owner
 * whose client keeps the table to itself. A message that waited for the bit to clear is sent.
 * A vector that the device lacks is ignored.
 */
void dlb2_model_mask_vector(struct dlb2_model *m, unsigned int vector, bool masked);

/** Function-level reset of the PF, as DEVCTL.Initiate-FLR does it (control-path 1.6). */
void dlb2_model_flr(struct dlb2_model *m);
/** Function-level reset of VF `vf` (control-path 13.6). A number above 15 does nothing. */
void dlb2_model_vf_flr(struct dlb2_model *m, unsigned int vf);

/**
 * The owner is about to unmap this DMA range: cached translations into it are forgotten. What the
 * device holds back for a random moment is written first, so the range must still be there.
 */
void dlb2_model_dma_unmapped(struct dlb2_model *m, uint64_t iova, uint64_t len);

/**
 * Verifies the model's own invariants: credits, tokens, history lists, sequence numbers and stored
 * events conserved, every counter register equal to what the structures hold. Reports each
 * violation by text. Returns the number of violations.
 */
unsigned int dlb2_model_check(struct dlb2_model *m);

/** Totals since creation; not device registers. */
struct dlb2_model_counters {
	uint64_t csr_reads, csr_writes;   /**< accesses to the CSR BAR */
	uint64_t func_reads, func_writes; /**< accesses to function BARs, the PF's and VFs' */
	uint64_t lines;                   /**< stores to producer ports, posted or by access */
	uint64_t hcws[16];                /**< by command code, legal or not, noops included */
	uint64_t enqueued, scheduled, completed, tokens_returned, dropped;
	uint64_t alarms;                  /**< raised; masked ones are not */
	uint64_t interrupts;              /**< messages sent, of the PF, of VFs and IMS */
	uint64_t bad_accesses;            /**< address, width or alignment refused */
	uint64_t dma_errors;              /**< CQ writes that the owner refused */
	uint64_t flrs;
};
void dlb2_model_get_counters(const struct dlb2_model *m, struct dlb2_model_counters *out);

/** Each interrupt of DLB2_FAULT_SPURIOUS_IRQ is sent before the call returns. */
#define DLB2_FAULT_MAX_SPURIOUS 65536

/** Faults that a test can ask for (data-path 11, last paragraph). */
enum dlb2_model_fault {
	DLB2_FAULT_CQ_ERROR_BIT,    /**< the next `count` entries to the CQ carry the error bit */
	DLB2_FAULT_CQ_DROP_WRITE,   /**< the next `count` CQ writes are lost, though scheduled */
	DLB2_FAULT_CQ_WRONG_GEN,    /**< the next `count` entries carry the wrong generation */
	DLB2_FAULT_TOKEN_DELAY,     /**< token returns wait until `count` more lines arrived */
	DLB2_FAULT_CREDIT_SHORTAGE, /**< the port's domain lacks `count` credits until set to 0 */
	/** sends the CQ's vector `count` times at once, DLB2_FAULT_MAX_SPURIOUS at most */
	DLB2_FAULT_SPURIOUS_IRQ,
	DLB2_FAULT_NOT_READY,       /**< the readiness poll fails `count` times after power-up */
	DLB2_FAULT_TRANSACTIONS_PENDING, /**< so DEVSTA says for `count` reads */
	DLB2_FAULT_STUCK_INFLIGHT,  /**< the next `count` completions on the port are ignored */
	DLB2_FAULT_GONE,            /**< reads give ones, writes are ignored, until set to 0 */
	DLB2_FAULT_HW_ALARM,        /**< raises `count` hardware alarms at once */
	DLB2_NUM_FAULTS
};
/**
 * Arms a fault for a port; faults of the whole device ignore `kind` and `port`. A new count
 * replaces what was left of the old one; 0 disarms.
 * Returns 0; -EINVAL for an unknown fault or port; -ERANGE for too many spurious interrupts, of
 * which none is sent then.
 */
int dlb2_model_set_fault(struct dlb2_model *m, enum dlb2_model_fault fault,
	enum dlb2_port_kind kind, unsigned int port, unsigned int count);

#endif
