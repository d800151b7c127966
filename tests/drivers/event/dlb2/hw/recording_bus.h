/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A bus for tests: it writes down every access in the device's own names, and can make any of them
 * fail. What answers is a backend: the register file (register_file.h) or the device model
 * (recording_model.h).
 *
 * It is also a judge: a test fails at once when the hardware layer touches an address that is no
 * register, writes a read-only register or a reserved bit, or frees what it did not allocate.
 */

#ifndef RECORDING_BUS_H
#define RECORDING_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dlb2_bus.h>
#include <dlb2_regs.h>

#define REC_CONFIG_SIZE 4096
#define REC_MAX_DMA 256

/* What answers. `ctx` is the backend's own. */
struct rec_backend {
	uint32_t (*read)(void *ctx, enum dlb2_reg reg, unsigned int i, unsigned int j);
	void (*write)(void *ctx, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value);
	int (*config_read)(void *ctx, unsigned int offset, void *buf, unsigned int len);
	int (*config_write)(void *ctx, unsigned int offset, const void *buf, unsigned int len);
	void (*post)(void *ctx, enum dlb2_port_kind kind, unsigned int port,
		     const struct dlb2_line *line);
	void (*sleep)(void *ctx, unsigned int us);
	void (*dma_freed)(void *ctx, const struct dlb2_dma *dma);
};

/* What can be made to fail. */
enum rec_fault {
	REC_CONFIG_READ,
	REC_CONFIG_WRITE,
	REC_DMA_ALLOC,
	REC_CSR_READ, /* this and all later reads give all ones: the device is gone */
	REC_NUM_FAULTS
};

struct recording_bus {
	struct dlb2_bus bus;
	const struct rec_backend *backend;
	void *ctx;

	bool recording;
	char *text; /* one line per access since rec_clear() */
	size_t len, size;
	unsigned int csr_reads, csr_writes, lines;
	uint64_t slept_us;
	char *log;  /* the last message */

	unsigned int fail_at[REC_NUM_FAULTS]; /* counts down to the operation that fails; 0: none */
	unsigned int seen[REC_NUM_FAULTS];    /* operations since rec_fail() */
	bool gone;
	uint64_t next_iova;                   /* for allocations; 0: their address */

	struct dlb2_dma dma[REC_MAX_DMA];     /* what is allocated */
	char dma_name[REC_MAX_DMA][16];
	unsigned int num_dma;
};

struct recording_bus *rec_create(enum dlb2_version version, const struct rec_backend *backend,
				 void *ctx);
/* Fails the test if memory is still allocated through it. */
void rec_destroy(struct recording_bus *rec);

/* Forgets the record so far. */
void rec_clear(struct recording_bus *rec);
/* Compares the record with the lines in `expected`, then forgets it. */
#define rec_expect(rec, expected) _rec_expect((rec), (expected), __FILE__, __LINE__)
void _rec_expect(struct recording_bus *rec, const char *expected, const char *file, int line);
/* Fails the test unless the last message contains `text`; forgets it. */
#define rec_expect_log(rec, text) _rec_expect_log((rec), (text), __FILE__, __LINE__)
void _rec_expect_log(struct recording_bus *rec, const char *text, const char *file, int line);

/* Makes the n-th operation of a kind from now on fail; 0: only counts them. */
void rec_fail(struct recording_bus *rec, enum rec_fault fault, unsigned int n);

#endif
