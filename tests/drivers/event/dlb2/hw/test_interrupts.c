/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Interrupts (interrupts.c), alarms (alarms.c) and counters (monitor.c).
 */

#include <errno.h>

#include "fixture.h"

static void
sets_up_a_cq_interrupt(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);

	ldb = make_port(domain, DLB2_LDB, 8); /* number 7 */
	rec_clear(f->rec);
	assert_int_equal(dlb2_cq_interrupt_vector(domain, DLB2_LDB, ldb), -ENOENT);
	assert_int_equal(dlb2_cq_interrupt_arm(domain, DLB2_LDB, ldb), -ENOENT);
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_LDB, ldb, 1), 0);
	rec_expect(f->rec,
		"CHP_LDB_CQ_INT_DEPTH_THRSH[7] = 0x0\n"
		"CHP_LDB_CQ_INT_ENB[7] = 0x2\n"
		"SYS_LDB_CQ_ISR[7] = 0x801\n");
	assert_int_equal(dlb2_cq_interrupt_vector(domain, DLB2_LDB, ldb), 2);
	/* A new threshold does not change it. */
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_LDB, ldb, 2), 0);
	assert_int_equal(dlb2_cq_interrupt_vector(domain, DLB2_LDB, ldb), 2);
	rec_clear(f->rec);
	assert_int_equal(dlb2_device_set_msix_mode(f->dev, DLB2_MSIX_COMPRESSED), -EBUSY);
	rec_expect_log(f->rec, "1 CQ interrupts are set up");
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_LDB, ldb, 0), 0);
	rec_expect(f->rec,
		"CHP_LDB_CQ_INT_ENB[7] = 0x0\n"
		"SYS_LDB_CQ_ISR[7] = 0x0\n"
		"CHP_LDB_CQ_INT_DEPTH_THRSH[7] = 0x0\n"
		"SYS_LDB_CQ_31_0_OCC_INT_STS = 0x80\n");

	assert_int_equal(dlb2_device_set_msix_mode(f->dev, DLB2_MSIX_COMPRESSED), 0);
	rec_expect(f->rec, "SYS_MSIX_MODE = 0x1\n");
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_DIR, dir, 8), 0);
	rec_expect(f->rec,
		"CHP_DIR_CQ_INT_DEPTH_THRSH[0] = 0x7\n"
		"CHP_DIR_CQ_INT_ENB[0] = 0x2\n"
		"SYS_DIR_CQ_ISR[0] = 0x800\n");
	assert_int_equal(dlb2_cq_interrupt_vector(domain, DLB2_DIR, dir), 1);
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_DIR, dir, 9), -EINVAL);
	rec_expect_log(f->rec, "threshold 9 of a CQ of depth 8");
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_DIR, 5, 1), -EINVAL);
	/* Reset turns it off. */
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(dlb2_device_set_msix_mode(f->dev, DLB2_MSIX_PACKED), 0);
	expect_all_free(f);
}

/* An interrupt that nobody took does not pass to the next domain, nor do others go with it. */
static void
forgets_what_was_not_taken(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);

	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_LDB, ldb, 1), 0);
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_DIR, dir, 1), 0);
	poke(f->file, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 1u << ldb | 1u << 9);
	poke(f->file, DLB2_SYS_DIR_CQ_31_0_OCC_INT_STS, 0, 1u << dir);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	assert_int_equal(peek(f->file, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 0), 1u << 9);
	poke(f->file, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 0);
	expect_all_free(f);
}

#define OWN_VECTORS 63 /* 2 to 64 */

/* All load-balanced and directed ports that there are, without interrupts. */
static struct dlb2_domain *
make_all_ports(struct fixture *f)
{
	unsigned int num = f->at_start.dir_ports;
	struct dlb2_domain_request request = { .ldb_ports = 64, .dir_ports = num,
					       .hist_list_entries = 64 };
	struct dlb2_port_request port = plain_port(8);
	struct dlb2_port_info info;
	struct dlb2_domain *domain;

	port.hist_list_entries = 1;
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(dlb2_ldb_port_create(domain, &port, &info), 0);
	for (unsigned int i = 0; i < num; i++)
		make_port(domain, DLB2_DIR, 8);
	return domain;
}

static void
arms_a_cq(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_all_ports(f);
	static const struct {
		enum dlb2_port_kind kind;
		unsigned int port;
	} cqs[] = { { DLB2_LDB, 31 }, { DLB2_LDB, 33 }, { DLB2_DIR, 63 }, { DLB2_DIR, 95 } };
	unsigned int num = f->version == DLB2_HW_2_5 ? 4 : 3;

	for (unsigned int i = 0; i < num; i++)
		assert_int_equal(dlb2_cq_interrupt_setup(domain, cqs[i].kind, cqs[i].port, 1), 0);
	rec_clear(f->rec);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(dlb2_cq_interrupt_arm(domain, cqs[i].kind, cqs[i].port), 0);
	rec_expect(f->rec,
		"CHP_LDB_CQ_INTR_ARMED0 = 0x80000000\nread SYS_TOTAL_VAS\n"
		"CHP_LDB_CQ_INTR_ARMED1 = 0x2\nread SYS_TOTAL_VAS\n"
		"CHP_DIR_CQ_INTR_ARMED1 = 0x80000000\nread SYS_TOTAL_VAS\n");
	if (f->version == DLB2_HW_2_5) {
		assert_int_equal(dlb2_cq_interrupt_arm(domain, DLB2_DIR, 95), 0);
		rec_expect(f->rec, "CHP_DIR_CQ_INTR_ARMED2 = 0x80000000\nread SYS_TOTAL_VAS\n");
	}
	for (unsigned int i = 0; i < 2; i++) {
		poke(f->file, DLB2_CHP_LDB_CQ_INTR_ARMED0 + i, 0, 0);
		poke(f->file, DLB2_CHP_DIR_CQ_INTR_ARMED0 + i, 0, 0);
	}
}

/* Any CQs can have the vectors, each one of its own, until there are none left. */
static void
shares_out_the_vectors(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_all_ports(f);
	uint64_t taken[2] = { 0 };

	for (unsigned int i = 0; i < OWN_VECTORS; i++) {
		enum dlb2_port_kind kind = i % 2 == 0 ? DLB2_LDB : DLB2_DIR;
		int vector;

		assert_int_equal(dlb2_cq_interrupt_setup(domain, kind, i, 1), 0);
		vector = dlb2_cq_interrupt_vector(domain, kind, i);
		assert_in_range(vector, 2, 64);
		assert_true((taken[vector / 64] & UINT64_C(1) << vector % 64) == 0);
		taken[vector / 64] |= UINT64_C(1) << vector % 64;
	}
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_LDB, 63, 1), -ENOSPC);
	rec_expect_log(f->rec, "63 CQs have an interrupt");
	assert_int_equal(dlb2_cq_interrupt_vector(domain, DLB2_LDB, 63), -ENOENT);
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_DIR, 1, 0), 0);
	assert_int_equal(dlb2_cq_interrupt_setup(domain, DLB2_LDB, 63, 1), 0);
	assert_int_equal(dlb2_cq_interrupt_vector(domain, DLB2_LDB, 63), 3);
}

#define TAKE_LDB_FIRST \
	"read SYS_LDB_CQ_31_0_OCC_INT_STS\n" \
	"SYS_LDB_CQ_31_0_OCC_INT_STS = 0x5\n" \
	"read SYS_LDB_CQ_63_32_OCC_INT_STS\n" \
	"read SYS_DIR_CQ_31_0_OCC_INT_STS\n" \
	"read SYS_DIR_CQ_63_32_OCC_INT_STS\n" \
	"SYS_DIR_CQ_63_32_OCC_INT_STS = 0x80000000\n"
#define ACKNOWLEDGE_VECTOR_1 \
	"MSIX_VECTOR_CTRL[1] = 0x1\n" \
	"SYS_MSIX_PASSTHRU = 0x2\n" \
	"SYS_MSIX_ACK = 0x2\n" \
	"SYS_MSIX_PASSTHRU = 0x0\n" \
	"MSIX_VECTOR_CTRL[1] = 0x0\n" \
	"read SYS_TOTAL_VAS\n"

static void
tells_which_cqs_fired(void **state)
{
	struct fixture *f = *state;
	struct dlb2_cq_set fired;

	poke(f->file, DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, 0, 0x5);
	poke(f->file, DLB2_SYS_DIR_CQ_63_32_OCC_INT_STS, 0, 0x80000000);
	if (f->version == DLB2_HW_2_5)
		poke(f->file, DLB2_SYS_DIR_CQ_95_64_OCC_INT_STS, 0, UINT32_MAX);
	assert_int_equal(dlb2_cq_interrupts_take(f->dev, &fired), 0);
	rec_expect(f->rec, BY_VERSION(f,
		TAKE_LDB_FIRST ACKNOWLEDGE_VECTOR_1,
		TAKE_LDB_FIRST "read SYS_DIR_CQ_95_64_OCC_INT_STS\n"
		"read SYS_TOTAL_VAS\n" /* the device answers */
		"SYS_DIR_CQ_95_64_OCC_INT_STS = 0xffffffff\n" ACKNOWLEDGE_VECTOR_1));
	assert_int_equal(fired.ldb[0], 0x5);
	assert_int_equal(fired.ldb[1], 0);
	assert_int_equal(fired.dir[1], 0x80000000);
	/* All ones is a legal value here: 32 CQs fired. */
	assert_int_equal(fired.dir[2], BY_VERSION(f, 0, UINT32_MAX));
	assert_int_equal(dlb2_cq_interrupts_take(f->dev, &fired), 0);
	assert_int_equal(fired.ldb[0] | fired.dir[1] | fired.dir[2], 0);
}

static void
turns_alarms_on_and_off(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(dlb2_device_set_alarms(f->dev, true), 0);
	rec_expect(f->rec, "SYS_INGRESS_ALARM_ENBL = 0x3f\n");
	assert_int_equal(dlb2_device_set_alarms(f->dev, false), 0);
	rec_expect(f->rec,
		"SYS_INGRESS_ALARM_ENBL = 0x0\n"
		"read CHP_CFG_CHP_CSR_CTRL\nCHP_CFG_CHP_CSR_CTRL = 0x1e0142\n");
	assert_int_equal(dlb2_device_set_alarms(f->dev, false), 0);
	rec_expect(f->rec, "SYS_INGRESS_ALARM_ENBL = 0x0\n");
	assert_int_equal(dlb2_device_set_alarms(f->dev, true), 0);
	rec_expect(f->rec,
		"SYS_INGRESS_ALARM_ENBL = 0x3f\n"
		"read CHP_CFG_CHP_CSR_CTRL\nCHP_CFG_CHP_CSR_CTRL = 0x1e0002\n");
}

/* control-path 12.7: SYNDROME, SOURCE, UNIT and AID make the cause and the port. */
static void
decodes_alarms(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint32_t word;
		enum dlb2_alarm_cause cause;
		enum dlb2_port_kind kind;
		unsigned int port;
	} rows[] = {
		/* VALID, source 1, CHP; the kind is in SYNDROME[7] */
		{ 0x80000000 | 1 << 26 | 4 << 22 | 1 << 16 | 0x85, DLB2_ALARM_ILLEGAL_ENQUEUE,
		  DLB2_LDB, 5 },
		{ 0x80000000 | 1 << 26 | 4 << 22 | 2 << 16 | 0x3f, DLB2_ALARM_EXCESS_TOKENS,
		  DLB2_DIR, 63 },
		/* source 0, SYS; the kind is in IS_LDB */
		{ 0x80000000 | 5 << 16 | 0x07, DLB2_ALARM_ILLEGAL_HCW, DLB2_DIR, 7 },
		{ 0x80000000 | 3 << 16 | 1 << 13 | 0x07, DLB2_ALARM_ILLEGAL_QUEUE, DLB2_LDB, 7 },
		{ 0xc0000000 | 4 << 16 | 1 << 13 | 0x07, DLB2_ALARM_DISABLED_QUEUE, DLB2_LDB, 7 },
		{ 0x80000000 | 9 << 16, DLB2_ALARM_OTHER, DLB2_DIR, 0 },
		{ 0x80000000 | 1 << 26 | 5 << 16, DLB2_ALARM_OTHER, DLB2_DIR, 0 },
	};
	struct dlb2_alarm alarms[2];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		poke(f->file, DLB2_SYS_ALARM_PF_SYND0, 0, rows[i].word);
		poke(f->file, DLB2_SYS_ALARM_PF_SYND1, 0, 0x00210000);
		poke(f->file, DLB2_SYS_ALARM_PF_SYND2, 0, 0x1234);
		assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
		assert_int_equal(alarms[0].cause, rows[i].cause);
		assert_int_equal(alarms[0].kind, rows[i].kind);
		assert_int_equal(alarms[0].port, rows[i].port);
		assert_int_equal(alarms[0].queue, 0x21);
		assert_int_equal(alarms[0].more, rows[i].word >> 30 & 1);
		assert_int_equal(alarms[0].syndrome[0], rows[i].word);
		assert_int_equal(alarms[0].syndrome[2], 0x1234);
		assert_true(alarms[0].has_port);
		assert_false(alarms[0].has_queue);
		assert_null(alarms[0].domain);
		poke(f->file, DLB2_SYS_ALARM_PF_SYND0, 0, 0);
	}
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 0);
}

/* The HCW tells which of its causes CHP's first alarm has, and which queue was meant. */
static void
decodes_the_hcw(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint32_t hcw; /* byte 15 in bits 31:24 */
		enum dlb2_alarm_cause cause;
		bool has_queue;
	} rows[] = {
		{ DLB2_CMD_NEW, DLB2_ALARM_NO_CREDIT, true },
		{ DLB2_CMD_NEW_T, DLB2_ALARM_NO_CREDIT, true },
		{ DLB2_CMD_COMP, DLB2_ALARM_NO_OPEN_EVENT, false },
		{ DLB2_CMD_COMP_T, DLB2_ALARM_NO_OPEN_EVENT, false },
		{ DLB2_CMD_FWD, DLB2_ALARM_ILLEGAL_ENQUEUE, true },
		{ DLB2_CMD_FRAG, DLB2_ALARM_ILLEGAL_ENQUEUE, true },
	};
	struct dlb2_alarm alarms[2];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		poke(f->file, DLB2_SYS_ALARM_PF_SYND0, 0,
		     0x80000000 | 1 << 26 | 4 << 22 | 1 << 16 | 0x85);
		poke(f->file, DLB2_SYS_ALARM_PF_SYND1, 0, (i % 2 ? 3u : 0u) << 24 | 7 << 16);
		poke(f->file, DLB2_SYS_ALARM_PF_SYND2, 0, rows[i].hcw << 24);
		assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
		assert_int_equal(alarms[0].cause, rows[i].cause);
		assert_int_equal(alarms[0].has_queue, rows[i].has_queue);
		assert_int_equal(alarms[0].queue, 7);
		assert_int_equal(alarms[0].queue_kind, i % 2 ? DLB2_DIR : DLB2_LDB);
	}
}

/* The owner is the domain of the port, if there is such a port and it has one. */
static void
tells_the_owner_of_the_port(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	const struct {
		unsigned int port;
		const struct dlb2_domain *owner;
	} rows[] = { { ldb, domain }, { ldb + 30, NULL }, { 127, NULL } };
	struct dlb2_alarm alarms[2];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		poke(f->file, DLB2_SYS_ALARM_PF_SYND0, 0, 0x80000000 | 5 << 16 | 1 << 13 |
		     rows[i].port);
		assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
		assert_ptr_equal(alarms[0].domain, rows[i].owner);
	}
}

/* control-path 12.6: acknowledged between the reading and the clearing. */
static void
serves_alarms_in_order(void **state)
{
	struct fixture *f = *state;
	struct dlb2_alarm alarms[2];

	poke(f->file, DLB2_SYS_ALARM_HW_SYND, 0,
	     0x80000000 | 1 << 26 | 4 << 22 | 2 << 16 | 1 << 10 | 0x81);
	poke(f->file, DLB2_SYS_ALARM_PF_SYND0, 0, 0x80000000 | 5 << 16);
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 2);
	rec_expect(f->rec,
		"read SYS_ALARM_HW_SYND\n"
		"SYS_MSIX_ACK = 0x1\n"
		"read SYS_TOTAL_VAS\n"
		"SYS_ALARM_HW_SYND = 0xc0000000\n"
		"read SYS_ALARM_PF_SYND0\n"
		"read SYS_ALARM_PF_SYND1\n"
		"read SYS_ALARM_PF_SYND2\n"
		"SYS_ALARM_PF_SYND0 = 0xc0000000\n");
	assert_int_equal(alarms[0].cause, DLB2_ALARM_EXCESS_TOKENS);
	assert_int_equal(alarms[0].kind, DLB2_LDB);
	assert_int_equal(alarms[0].port, 1);
	assert_int_equal(alarms[1].cause, DLB2_ALARM_ILLEGAL_HCW);
}

/* An alarm of the device itself: no port is to blame, whatever the syndrome's port bits are. */
static void
knows_hardware_alarms(void **state)
{
	struct fixture *f = *state;
	struct dlb2_alarm alarms[2];

	poke(f->file, DLB2_SYS_ALARM_HW_SYND, 0, 0x80000000 | 1 << 26 | 9 << 22 | 1 << 10 | 0x81);
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
	assert_int_equal(alarms[0].cause, DLB2_ALARM_HARDWARE);
	assert_false(alarms[0].has_port);
	assert_false(alarms[0].has_queue);
	assert_null(alarms[0].domain);
}

static void
clear_when_served(struct register_file *file, enum dlb2_reg reg, unsigned int i)
{
	const uint32_t *after = file->ctx;

	if (reg == DLB2_CHP_CFG_LDB_WDTO_1)
		poke(file, DLB2_SYS_ALARM_HW_SYND, 0, *after);
}

/*
 * Watchdogs and VFs are not in use: their causes are cleared and nobody is told. An alarm that
 * comes meanwhile is not lost.
 */
static void
clears_what_nobody_serves(void **state)
{
	struct fixture *f = *state;
	const uint32_t watchdog = 0x80000000 | 1 << 11, vf = 0x80000000 | 1 << 12;
	uint32_t after = watchdog;
	struct dlb2_alarm alarms[2];

	f->file->on_read = clear_when_served;
	f->file->ctx = &after;
	poke(f->file, DLB2_SYS_ALARM_HW_SYND, 0, watchdog);
	poke(f->file, DLB2_CHP_CFG_DIR_WDTO_1, 0, 0x40);
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 0);
	rec_expect(f->rec, BY_VERSION(f,
		"read SYS_ALARM_HW_SYND\nSYS_MSIX_ACK = 0x1\nread SYS_TOTAL_VAS\n"
		"read CHP_CFG_DIR_WDTO_0\n"
		"read CHP_CFG_DIR_WDTO_1\nCHP_CFG_DIR_WDTO_1 = 0x40\n"
		"read CHP_CFG_LDB_WDTO_0\nread CHP_CFG_LDB_WDTO_1\n"
		"read SYS_ALARM_HW_SYND\nSYS_ALARM_HW_SYND = 0xc0000000\n"
		"read SYS_ALARM_PF_SYND0\n",
		"read SYS_ALARM_HW_SYND\nSYS_MSIX_ACK = 0x1\nread SYS_TOTAL_VAS\n"
		"read CHP_CFG_DIR_WDTO_0\n"
		"read CHP_CFG_DIR_WDTO_1\nCHP_CFG_DIR_WDTO_1 = 0x40\n"
		"read CHP_CFG_DIR_WDTO_2\n"
		"read CHP_CFG_LDB_WDTO_0\nread CHP_CFG_LDB_WDTO_1\n"
		"read SYS_ALARM_HW_SYND\nSYS_ALARM_HW_SYND = 0xc0000000\n"
		"read SYS_ALARM_PF_SYND0\n"));
	poke(f->file, DLB2_SYS_ALARM_HW_SYND, 0, vf);
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 0);
	rec_expect(f->rec,
		"read SYS_ALARM_HW_SYND\nSYS_MSIX_ACK = 0x1\nread SYS_TOTAL_VAS\n"
		"PF_VF2PF_FLR_ISR[0] = 0xffff\n"
		"PF_VF2PF_MAILBOX_ISR[0] = 0xffff\n"
		"read SYS_ALARM_HW_SYND\nSYS_ALARM_HW_SYND = 0xc0000000\n"
		"read SYS_ALARM_PF_SYND0\n");
	poke(f->file, DLB2_SYS_ALARM_HW_SYND, 0, watchdog);
	after = 0x80000000 | 1 << 10;
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
	assert_int_equal(alarms[0].cause, DLB2_ALARM_HARDWARE);
}

static void
reads_depths(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int queue = make_queue(domain);
	unsigned int ldb = make_port(domain, DLB2_LDB, 1);
	unsigned int dir = make_port(domain, DLB2_DIR, 16);

	assert_int_equal(dlb2_dir_queue_create(domain, dir, 0), dir);
	poke(f->file, DLB2_LSP_QID_AQED_ACTIVE_CNT, queue, 3);
	poke(f->file, DLB2_LSP_QID_LDB_ENQUEUE_CNT, queue, 20);
	poke(f->file, DLB2_LSP_QID_ATM_ACTIVE, queue, 100);
	poke(f->file, DLB2_LSP_QID_DIR_ENQUEUE_CNT, dir, 9);
	poke(f->file, DLB2_LSP_CQ_LDB_INFL_CNT, ldb, 4);
	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, ldb, 7 + 1);
	poke(f->file, DLB2_LSP_CQ_DIR_TKN_CNT, dir, 5);
	rec_clear(f->rec);
	assert_int_equal(dlb2_queue_depth(domain, DLB2_LDB, queue), 123);
	rec_expect(f->rec,
		"read LSP_QID_AQED_ACTIVE_CNT[0]\n"
		"read LSP_QID_LDB_ENQUEUE_CNT[0]\n"
		"read LSP_QID_ATM_ACTIVE[0]\n");
	assert_int_equal(dlb2_queue_depth(domain, DLB2_DIR, dir), 9);
	assert_int_equal(dlb2_port_inflights(domain, ldb), 4);
	assert_int_equal(dlb2_port_tokens(domain, DLB2_LDB, ldb), 1);
	assert_int_equal(dlb2_port_tokens(domain, DLB2_DIR, dir), 5);
	/* Returned too many: none is owed. */
	poke(f->file, DLB2_LSP_CQ_LDB_TKN_CNT, ldb, 6);
	assert_int_equal(dlb2_port_tokens(domain, DLB2_LDB, ldb), 0);
	assert_int_equal(dlb2_queue_depth(domain, DLB2_LDB, 1), -EINVAL);
	assert_int_equal(dlb2_queue_depth(domain, DLB2_DIR, 1), -EINVAL);
	assert_int_equal(dlb2_port_inflights(domain, 1), -EINVAL);
	assert_int_equal(dlb2_port_tokens(domain, DLB2_DIR, 96), -EINVAL);
}

/* The high half changes between the reads (control-path 11.3). */
static void
carry(struct register_file *file, enum dlb2_reg reg, unsigned int i)
{
	unsigned int *reads = file->ctx;

	if (reg == DLB2_LSP_CQ_LDB_TOT_SCH_CNTL && (*reads)++ == 0)
		poke(file, DLB2_LSP_CQ_LDB_TOT_SCH_CNTH, i, 2);
	else if (reg == DLB2_LSP_CQ_LDB_TOT_SCH_CNTL)
		poke(file, reg, i, 5);
}

static void
reads_totals(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int queue = make_queue(domain);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);
	unsigned int reads = 0;
	uint64_t count;

	assert_int_equal(dlb2_dir_queue_create(domain, dir, 0), dir);
	poke(f->file, DLB2_LSP_QID_ATM_TOT_ENQ_CNTL, queue, 0xffffffff); /* legal here */
	poke(f->file, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTH, queue, 1);
	poke(f->file, DLB2_LSP_QID_DIR_TOT_ENQ_CNTL, dir, 6);
	poke(f->file, DLB2_LSP_CQ_DIR_TOT_SCH_CNTL, dir, 6);
	poke(f->file, DLB2_LSP_LDB_SCH_CNT_H, 0, 1);
	poke(f->file, DLB2_LSP_DIR_SCH_CNT_L, 0, 9);
	assert_int_equal(dlb2_queue_enqueued(domain, DLB2_LDB, queue, &count), 0);
	assert_int_equal(count, (1ull << 32) + 0xffffffff);
	assert_int_equal(dlb2_queue_enqueued(domain, DLB2_DIR, dir, &count), 0);
	assert_int_equal(count, 6);
	assert_int_equal(dlb2_port_scheduled(domain, DLB2_DIR, dir, &count), 0);
	assert_int_equal(count, 6);
	assert_int_equal(dlb2_device_scheduled(f->dev, DLB2_LDB, &count), 0);
	assert_int_equal(count, 1ull << 32);
	assert_int_equal(dlb2_device_scheduled(f->dev, DLB2_DIR, &count), 0);
	assert_int_equal(count, 9);
	poke(f->file, DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, ldb, 0xfffffff0);
	poke(f->file, DLB2_LSP_CQ_LDB_TOT_SCH_CNTH, ldb, 1);
	f->file->on_read = carry;
	f->file->ctx = &reads;
	assert_int_equal(dlb2_port_scheduled(domain, DLB2_LDB, ldb, &count), 0);
	assert_int_equal(count, 2ull << 32 | 5);
	assert_int_equal(dlb2_queue_enqueued(domain, DLB2_LDB, 31, &count), -EINVAL);
	assert_int_equal(dlb2_port_scheduled(domain, DLB2_LDB, 31, &count), -EINVAL);
}

static void
reads_high_water_marks(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int queue = make_queue(domain);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);

	assert_int_equal(dlb2_dir_queue_create(domain, dir, 0), dir);
	poke(f->file, DLB2_LSP_QID_NALDB_MAX_DEPTH, queue, 77);
	poke(f->file, DLB2_LSP_QID_DIR_MAX_DEPTH, dir, 4);
	poke(f->file, DLB2_LSP_QID_LDB_INFL_CNT, queue, 12);
	rec_clear(f->rec);
	assert_int_equal(dlb2_queue_max_depth(domain, DLB2_LDB, queue), 77);
	assert_int_equal(dlb2_queue_max_depth(domain, DLB2_DIR, dir), 4);
	assert_int_equal(dlb2_queue_inflights(domain, queue), 12);
	assert_int_equal(dlb2_queue_clear_max_depth(domain, DLB2_LDB, queue), 0);
	assert_int_equal(dlb2_queue_clear_max_depth(domain, DLB2_DIR, dir), 0);
	rec_expect(f->rec,
		"read LSP_QID_NALDB_MAX_DEPTH[0]\nread LSP_QID_DIR_MAX_DEPTH[0]\n"
		"read LSP_QID_LDB_INFL_CNT[0]\n"
		"LSP_QID_NALDB_MAX_DEPTH[0] = 0x0\nLSP_QID_DIR_MAX_DEPTH[0] = 0x0\n");
	assert_int_equal(dlb2_queue_max_depth(domain, DLB2_LDB, 31), -EINVAL);
	assert_int_equal(dlb2_queue_clear_max_depth(domain, DLB2_DIR, 31), -EINVAL);
	assert_int_equal(dlb2_queue_inflights(domain, 31), -EINVAL);
}

/* Where all bits count, all ones can be a value: another register decides. */
static void
tells_a_full_counter_from_a_device_that_left(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain *domain = make_domain(f);
	unsigned int dir = make_port(domain, DLB2_DIR, 8);
	unsigned int ldb = make_port(domain, DLB2_LDB, 8);
	uint64_t count = 0;

	poke(f->file, DLB2_LSP_CQ_DIR_TOT_SCH_CNTL, dir, UINT32_MAX);
	poke(f->file, DLB2_LSP_CQ_DIR_TOT_SCH_CNTH, dir, UINT32_MAX);
	assert_int_equal(dlb2_port_scheduled(domain, DLB2_DIR, dir, &count), 0);
	assert_int_equal(count, UINT64_MAX);
	poke(f->file, DLB2_LSP_CQ_DIR_TOT_SCH_CNTL, dir, 0);
	poke(f->file, DLB2_LSP_CQ_DIR_TOT_SCH_CNTH, dir, 0);
	rec_fail(f->rec, REC_CSR_READ, 1);
	assert_int_equal(dlb2_port_scheduled(domain, DLB2_LDB, ldb, &count), -ENODEV);
	rec_expect_log(f->rec, "the device does not answer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_VERSIONS(sets_up_a_cq_interrupt),
		BOTH_VERSIONS(forgets_what_was_not_taken),
		BOTH_VERSIONS(arms_a_cq),
		BOTH_VERSIONS(shares_out_the_vectors),
		BOTH_VERSIONS(tells_which_cqs_fired),
		BOTH_VERSIONS(turns_alarms_on_and_off),
		BOTH_VERSIONS(decodes_alarms),
		BOTH_VERSIONS(decodes_the_hcw),
		BOTH_VERSIONS(tells_the_owner_of_the_port),
		BOTH_VERSIONS(serves_alarms_in_order),
		BOTH_VERSIONS(knows_hardware_alarms),
		BOTH_VERSIONS(clears_what_nobody_serves),
		BOTH_VERSIONS(reads_depths),
		BOTH_VERSIONS(reads_totals),
		BOTH_VERSIONS(reads_high_water_marks),
		BOTH_VERSIONS(tells_a_full_counter_from_a_device_that_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
