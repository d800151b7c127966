/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The simplest device that the hardware layer can be tried on: registers that store what is written
 * as their access kind says, a configuration space with all capabilities, an FLR that forgets, and
 * counts that fall with what is returned through a producer port. It schedules nothing; tests set
 * the counts.
 *
 * A test fails at once when a register is touched while the device is powered down or off the bus.
 */

#ifndef REGISTER_FILE_H
#define REGISTER_FILE_H

#include <stdbool.h>

#include "recording_bus.h"

/* Where configuration space has its capabilities; PASID's place is fixed (control-path 1.3). */
#define CAP_MSIX 0x60
#define CAP_EXP 0x6c
#define CAP_PM 0xa8
#define CAP_AER 0x100
#define CAP_PASID 0x148
#define CAP_ACS 0x160
#define CAP_PRI 0x180

struct register_file {
	enum dlb2_version version;
	uint32_t *values[DLB2_NUM_REGS]; /* count1 * count2 elements; NULL: not there */
	uint32_t *remembered[DLB2_NUM_REGS];
	uint8_t config[REC_CONFIG_SIZE];
	uint8_t config_at_reset[REC_CONFIG_SIZE];
	unsigned int not_ready;     /* reads of the PM status that show "not ready" */
	unsigned int pending_looks; /* reads of DEVSTA that show pending transactions */
	bool stuck;                 /* returns are ignored */
	/* Called before a read is served, and in each sleep. */
	void (*on_read)(struct register_file *file, enum dlb2_reg reg, unsigned int i);
	void (*on_sleep)(struct register_file *file);
	void *ctx;                  /* the test's own */
};

extern const struct rec_backend register_file_backend;

/* In the state after power-on. */
struct register_file *register_file_create(enum dlb2_version version);
void register_file_destroy(struct register_file *file);

uint32_t peek(const struct register_file *file, enum dlb2_reg reg, unsigned int i, unsigned int j);
void poke(struct register_file *file, enum dlb2_reg reg, unsigned int i, uint32_t value);

/* Takes the state of all registers; later fails the test unless they have the same again, but for
 * those that a domain leaves as they are: the two AQED ones (control-path 10.6) and the size of the
 * sequence-number groups.
 */
void register_file_remember(struct register_file *file);
void register_file_expect_remembered(const struct register_file *file);

#endif
