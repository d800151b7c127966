/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the tests of the model share: a model of either version with a world around it that records
 * what the model asks of it, and register access by name.
 *
 * Each test runs for both versions: list it with BOTH_VERSIONS(test). *state is a struct world *.
 */
#ifndef WORLD_H
#define WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dlb2_model.h>

struct world {
	struct dlb2_model *model;
	const struct dlb2_limits *limits;
	unsigned int sent[DLB2_MAX_MSIX_VECTORS]; /* MSI-X messages by vector */
	unsigned int vf_sent[DLB2_MAX_VDEVS][32];
	struct dlb2_cq_entry written; /* the last CQ entry */
	uint64_t written_iova;
	unsigned int writes;
	unsigned int messages;
	uint64_t message_address;
	uint32_t message_data;
	unsigned int reports;
	char report[256]; /* the last one */
};

/* A model as after power-on. */
int world_setup_2_0(void **state);
int world_setup_2_5(void **state);
/* A model that is powered up, with memory decoding, bus mastering and MSI-X on, all unmasked. */
int world_setup_ready_2_0(void **state);
int world_setup_ready_2_5(void **state);
int world_teardown(void **state);

/* Makes a model ready that is as after power-on or reset, or in D3hot. */
void world_make_ready(struct world *world);

/* Registers by name, through the BAR they are in; the access must succeed. */
uint32_t reg_read(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j);
void reg_write(struct world *world, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value);
uint32_t vf_reg_read(struct world *world, unsigned int vf, enum dlb2_reg reg, unsigned int i);
void vf_reg_write(struct world *world, unsigned int vf, enum dlb2_reg reg, unsigned int i,
	uint32_t value);

/* Configuration space; `len` is 1, 2 or 4. */
uint32_t config_read(struct world *world, unsigned int offset, unsigned int len);
void config_write(struct world *world, unsigned int offset, unsigned int len, uint32_t value);

uint64_t world_bad_accesses(struct world *world);

#define VERSION_PAIR(test, setup) \
	{ #test " 2.0", test, setup##_2_0, world_teardown, NULL }, \
	{ #test " 2.5", test, setup##_2_5, world_teardown, NULL }

/* The test starts with a ready model. */
#define BOTH_VERSIONS(test) VERSION_PAIR(test, world_setup_ready)
/* The test starts with a model as after power-on. */
#define BOTH_VERSIONS_COLD(test) VERSION_PAIR(test, world_setup)

#endif
