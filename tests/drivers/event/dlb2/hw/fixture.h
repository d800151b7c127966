/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the tests of the hardware layer start from: a device of either version on the register file.
 */

#ifndef FIXTURE_H
#define FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dlb2_hw.h>

#include "recording_bus.h"
#include "register_file.h"

/* IOVA of the first CQ; both halves of the address are used. */
#define FIRST_IOVA 0x300001000ull

struct fixture {
	enum dlb2_version version;
	struct register_file *file;
	struct recording_bus *rec;
	struct dlb2_device *dev;        /* NULL until created */
	struct dlb2_device_options options;
	struct dlb2_resources at_start; /* what a new device offers */
};

/* The text for the fixture's version. */
#define BY_VERSION(f, text20, text25) ((f)->version == DLB2_HW_2_0 ? (text20) : (text25))

/* A bus, and no device yet. */
int setup_bus_20(void **state);
int setup_bus_25(void **state);
/* A device, and an empty record. */
int setup_20(void **state);
int setup_25(void **state);
/* Destroys the device; no CQ memory may be left. */
int teardown(void **state);

#define BOTH_VERSIONS(test) \
	{ #test " on 2.0", test, setup_20, teardown, NULL }, \
	{ #test " on 2.5", test, setup_25, teardown, NULL }
#define BOTH_BUSES(test) \
	{ #test " on 2.0", test, setup_bus_20, teardown, NULL }, \
	{ #test " on 2.5", test, setup_bus_25, teardown, NULL }

int create_device(struct fixture *f);

/* A request that the device can fulfil. */
struct dlb2_domain_request small_domain(struct fixture *f);
struct dlb2_domain *make_domain(struct fixture *f);
/* Unordered, atomic, 2048 in flight, threshold 0. */
struct dlb2_ldb_queue_request plain_queue(void);
unsigned int make_queue(struct dlb2_domain *domain);
/* LDB: any class, 32 history-list entries. DIR: a new pair. */
struct dlb2_port_request plain_port(unsigned int depth);
unsigned int make_port(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int depth);

/* Fails the test unless the device offers what it did at the start, and its registers agree. */
void expect_all_free(struct fixture *f);

#endif
