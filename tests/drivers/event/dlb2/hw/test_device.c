/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Bringing the device up (device.c, flr.c): order of accesses, and what happens when any of them
 * fails.
 */

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "fixture.h"

#define CONFIG_HEADER_READS \
	"config read 0x0\nconfig read 0x4\nconfig read 0x8\nconfig read 0xc\n" \
	"config read 0x10\nconfig read 0x14\nconfig read 0x18\nconfig read 0x1c\n" \
	"config read 0x20\nconfig read 0x24\nconfig read 0x28\nconfig read 0x2c\n" \
	"config read 0x30\nconfig read 0x34\nconfig read 0x38\nconfig read 0x3c\n"

/* The walks to the PCIe, MSI-X, PRI, AER and ACS capabilities. */
#define CONFIG_WALKS \
	"config read 0x34\nconfig read 0x60\nconfig read 0x61\nconfig read 0x6c\n" \
	"config read 0x34\nconfig read 0x60\n" \
	"config read 0x100\nconfig read 0x148\nconfig read 0x160\nconfig read 0x180\n" \
	"config read 0x100\n" \
	"config read 0x100\nconfig read 0x148\nconfig read 0x160\n"

#define READY "read CM_CFG_PM_STATUS\nread CM_CFG_DIAGNOSTIC_IDLE_STATUS\n"

/* control-path 3: sparse mode, arbiters; the default bandwidth is what the device has. */
#define ONE_TIME_INIT \
	"read CHP_CFG_CHP_CSR_CTRL\n" \
	"CHP_CFG_CHP_CSR_CTRL = 0x1e0002\n" \
	"ATM_CFG_ARB_WEIGHTS_RDY_BIN = 0xfffdfbf9\n" \
	"NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0 = 0xfffdfbf9\n" \
	"NALB_CFG_ARB_WEIGHTS_TQPRI_REPLAY_0 = 0xfffdfbf9\n" \
	"DP_CFG_ARB_WEIGHTS_TQPRI_REPLAY_0 = 0xfffdfbf9\n" \
	"DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0 = 0xfffdfbf9\n" \
	"NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0 = 0xfffdfbf9\n" \
	"ATM_CFG_ARB_WEIGHTS_SCHED_BIN = 0xfffdfbf9\n" \
	"AQED_CFG_ARB_WEIGHTS_TQPRI_ATM_0 = 0xfffdfbf9\n" \
	"LSP_CFG_ARB_WEIGHT_LDB_QID_0 = 0xffffffff\n" \
	"LSP_CFG_ARB_WEIGHT_ATM_NALB_QID_0 = 0xffffffff\n"

/* The walk to the PM capability, which says that the function is in D0. */
#define IN_D0 \
	"config read 0x34\nconfig read 0x60\nconfig read 0x61\n" \
	"config read 0x6c\nconfig read 0x6d\nconfig read 0xa8\nconfig read 0xac\n"

/* What stands before and after the first line, which has the device ID in it (step 12). */
#define UP_TO_HEADER \
	"config read 0x0\n" IN_D0 "config read 0x4\nconfig16 0x4 = 0x6\n" \
	"read CM_CFG_PM_PMCSR_DISABLE\nCM_CFG_PM_PMCSR_DISABLE = 0x0\n" READY \
	CONFIG_HEADER_READS CONFIG_WALKS \
	/* steps 3 and 4 */ \
	"config read 0x74\nconfig read 0x7c\nconfig read 0x84\nconfig read 0x88\n" \
	"config read 0x94\nconfig read 0x9c\nconfig read 0xa4\nconfig read 0x18c\n" \
	/* steps 5 to 8 */ \
	"config16 0x4 = 0x0\nconfig read 0x76\n" \
	"config read 0x74\nconfig16 0x74 = 0x8010\n" \
	/* steps 9 to 11 */ \
	"config16 0x74 = 0x10\nconfig16 0x7c = 0x0\nconfig16 0x84 = 0x0\nconfig16 0x88 = 0x0\n" \
	"config16 0x94 = 0x5\nconfig16 0x9c = 0x0\nconfig16 0xa4 = 0x0\n" \
	"config32 0x18c = 0x40\nconfig16 0x184 = 0x1\n" \
	"config read 0x130\nconfig32 0x130 = 0x0\n" \
	"config read 0x110\nconfig32 0x110 = 0x2000\n" \
	"config read 0x104\nconfig32 0x104 = 0x0\n" \
	/* step 12 */ \
	"config32 0x3c = 0x0\nconfig32 0x38 = 0x0\nconfig32 0x34 = 0x60\nconfig32 0x30 = 0x0\n" \
	"config32 0x2c = 0x0\nconfig32 0x28 = 0x0\nconfig32 0x24 = 0x0\nconfig32 0x20 = 0x0\n" \
	"config32 0x1c = 0x0\nconfig32 0x18 = 0xd0000000\nconfig32 0x14 = 0x0\n" \
	"config32 0x10 = 0xe0000000\nconfig32 0xc = 0x0\nconfig32 0x8 = 0xb400000\n" \
	"config32 0x4 = 0x100006\n"

#define AFTER_HEADER \
	/* steps 13 to 16; the device offers no completion redirect */ \
	"config read 0x4\nconfig16 0x4 = 0x6\n" \
	"config read 0x62\nconfig16 0x62 = 0xc000\nconfig read 0x62\nconfig16 0x62 = 0x8000\n" \
	"config read 0x164\nconfig read 0x166\nconfig16 0x166 = 0x15\n" \
	"config read 0x166\nconfig16 0x166 = 0x11\n" \
	"config16 0x14e = 0x0\n" \
	READY ONE_TIME_INIT

static void
brings_the_device_up(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(create_device(f), 0);
	rec_expect(f->rec, BY_VERSION(f,
		UP_TO_HEADER "config32 0x0 = 0x27108086\n" AFTER_HEADER,
		UP_TO_HEADER "config32 0x0 = 0x27148086\n" AFTER_HEADER));
	assert_int_equal(peek(f->file, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0), 0x001e0002);
	assert_int_equal(f->at_start.domains, 32);
	assert_int_equal(f->at_start.ldb_ports, 64);
	assert_int_equal(f->at_start.dir_ports, BY_VERSION(f, 64, 96));
	assert_int_equal(f->at_start.ldb_credits, BY_VERSION(f, 8192, 16384));
	assert_int_equal(f->at_start.dir_credits, BY_VERSION(f, 4096, 0));
	assert_int_equal(f->at_start.hist_list_longest_run, 2048);
	assert_int_equal(f->at_start.sn_per_slot[1], 64);
	assert_int_equal(f->at_start.sn_free_slots[1], 16);
	assert_true(dlb2_device_memory(f->dev) < 64 * 1024);
}

/* The mode bits of both kinds of CQs are clear; dense lines are padded, as after a reset. */
static void
brings_up_dense_cqs(void **state)
{
	struct fixture *f = *state;

	f->options.cq_layout = DLB2_CQ_DENSE;
	assert_int_equal(create_device(f), 0);
	assert_int_equal(peek(f->file, DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0), 0x00180002);
}

static void
skips_absent_capabilities(void **state)
{
	struct fixture *f = *state;

	/* PCIe alone, and no extended configuration space. */
	f->file->config[PCI_CAPABILITY_LIST] = CAP_EXP;
	f->file->config[CAP_EXP + PCI_CAP_LIST_NEXT] = 0;
	memset(&f->file->config[PCI_CFG_SPACE_SIZE], 0xff,
	       PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE);
	assert_int_equal(create_device(f), 0);
	assert_null(strstr(f->rec->text, "config16 0x62"));
	assert_null(strstr(f->rec->text, "config16 0x166"));
	assert_null(strstr(f->rec->text, "config16 0x184"));
	/* Nor at offset 0, as if they were there (Appendix B 2). */
	assert_null(strstr(f->rec->text, "config16 0x2 "));
	assert_null(strstr(f->rec->text, "config16 0x6 "));
	assert_null(strstr(f->rec->text, "config16 0x4 = 0x1\n"));
	assert_non_null(strstr(f->rec->text, "config16 0x14e = 0x0\n"));
}

static void
needs_the_pcie_capability(void **state)
{
	struct fixture *f = *state;

	f->file->config[CAP_MSIX + PCI_CAP_LIST_NEXT] = 0;
	assert_int_equal(create_device(f), -ENODEV);
	assert_non_null(strstr(f->rec->log, "function-level reset"));
	assert_int_equal(f->file->config[PCI_COMMAND], PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void
survives_a_capability_loop(void **state)
{
	struct fixture *f = *state;

	f->file->config[CAP_EXP + PCI_CAP_LIST_ID] = PCI_CAP_ID_VNDR;
	f->file->config[CAP_EXP + PCI_CAP_LIST_NEXT] = CAP_MSIX;
	assert_int_equal(create_device(f), -ENODEV);
}

static void
refuses_another_device(void **state)
{
	struct fixture *f = *state;

	f->file->config[PCI_DEVICE_ID] ^= 0x04; /* the other generation */
	assert_int_equal(create_device(f), -ENODEV);
	rec_expect_log(f->rec, "No such device");
	rec_expect(f->rec, "config read 0x0\n");

	memset(f->file->config, 0xff, sizeof(f->file->config));
	assert_int_equal(create_device(f), -ENODEV);
	rec_expect(f->rec, "config read 0x0\n");
}

static void
wakes_a_device_in_d3(void **state)
{
	struct fixture *f = *state;

	f->file->config[CAP_PM + PCI_PM_CTRL] = 0x0b; /* D3hot, and a bit that is not ours */
	assert_int_equal(create_device(f), 0);
	assert_int_equal(f->rec->slept_us, 10 * 1000);
	assert_non_null(strstr(f->rec->text, "config16 0xac = 0x8\nsleep 10000 us\n"
			       "config read 0x4\n"));
}

static void
refuses_bad_options(void **state)
{
	struct fixture *f = *state;

	f->options.cos_percent[2] = 26;
	assert_int_equal(create_device(f), -EINVAL);
	rec_expect_log(f->rec, "101 %");
	f->options.cos_percent[2] = 25;
	f->options.reserved_dir_ports = 97;
	assert_int_equal(create_device(f), -EINVAL);
	rec_expect_log(f->rec, "97");
	rec_expect(f->rec, "");
}

static void
sets_class_bandwidth(void **state)
{
	struct fixture *f = *state;
	const char *text;

	memcpy(f->options.cos_percent, (uint8_t[]){ 25, 50, 0, 1 }, 4);
	assert_int_equal(create_device(f), 0);
	text = strstr(f->rec->text, "LSP_CFG_SHDW");
	assert_non_null(text);
	assert_string_equal(text,
		"LSP_CFG_SHDW_RANGE_COS[1] = 0x80\n"
		"LSP_CFG_SHDW_RANGE_COS[2] = 0x0\n"
		"LSP_CFG_SHDW_RANGE_COS[3] = 0x2\n"
		"LSP_CFG_SHDW_CTRL = 0x1\n");
}

static void
waits_until_ready(void **state)
{
	struct fixture *f = *state;

	f->file->not_ready = 999;
	assert_int_equal(create_device(f), 0);
	assert_int_equal(f->rec->slept_us, 999 * 1000);
}

static void
gives_up_when_never_ready(void **state)
{
	struct fixture *f = *state;

	f->file->not_ready = 1000;
	assert_int_equal(create_device(f), -ETIMEDOUT);
	assert_int_equal(f->rec->slept_us, 1000 * 1000);
	rec_expect_log(f->rec, "not ready within 1000 ms");
	assert_int_equal(create_device(f), 0);
}

static void
waits_for_pending_transactions(void **state)
{
	struct fixture *f = *state;

	f->file->pending_looks = 3;
	assert_int_equal(create_device(f), 0);
	assert_int_equal(f->rec->slept_us, 700 * 1000);
}

static void
gives_up_on_pending_transactions(void **state)
{
	struct fixture *f = *state;

	f->file->pending_looks = 4;
	assert_int_equal(create_device(f), -EBUSY);
	assert_int_equal(f->rec->slept_us, 700 * 1000);
	/* Back on the bus as before. */
	assert_int_equal(f->file->config[PCI_COMMAND], PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	assert_int_equal(create_device(f), 0);
}

static void
waits_after_the_reset(void **state)
{
	struct fixture *f = *state;

	f->options.wait_after_flr = true;
	assert_int_equal(create_device(f), 0);
	assert_int_equal(f->rec->slept_us, 100 * 1000);
	assert_non_null(strstr(f->rec->text, "config16 0x74 = 0x8010\nsleep 100000 us\n"));
}

/* Every access to configuration space fails once; the next try succeeds. */
static void
reports_each_config_failure(struct fixture *f, enum rec_fault fault, unsigned int at_least)
{
	unsigned int n = 0;
	int ret;

	f->rec->recording = false;
	do {
		dlb2_device_destroy(f->dev);
		f->dev = NULL;
		f->file->config[PCI_COMMAND] = 0; /* so that it has to be enabled each time */
		rec_fail(f->rec, fault, ++n);
		ret = create_device(f);
		if (ret < 0) {
			assert_int_equal(ret, -EIO);
			rec_expect_log(f->rec, "Input/output error");
			rec_fail(f->rec, fault, 0);
			assert_int_equal(create_device(f), 0);
		}
	} while (ret < 0);
	assert_true(n > at_least);
}

static void
reports_each_config_read_failure(void **state)
{
	reports_each_config_failure(*state, REC_CONFIG_READ, 50);
}

static void
reports_each_config_write_failure(void **state)
{
	reports_each_config_failure(*state, REC_CONFIG_WRITE, 35);
}

/* The device may leave at any register read. */
static void
notices_a_device_that_left(void **state)
{
	struct fixture *f = *state;
	unsigned int total;

	rec_fail(f->rec, REC_CSR_READ, 0);
	assert_int_equal(create_device(f), 0);
	total = f->rec->seen[REC_CSR_READ];
	assert_int_equal(total, 6);
	for (unsigned int n = 1; n <= total; n++) {
		dlb2_device_destroy(f->dev);
		f->dev = NULL;
		rec_fail(f->rec, REC_CSR_READ, n);
		assert_int_equal(create_device(f), -ENODEV);
		assert_int_equal(f->rec->slept_us, 0);
		f->rec->gone = false;
		assert_int_equal(create_device(f), 0);
	}
}

static void
refuses_everything_once_gone(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = small_domain(f);
	struct dlb2_ldb_queue_request queue = plain_queue();
	struct dlb2_domain *domain;
	unsigned int port;

	assert_int_equal(create_device(f), 0);
	domain = make_domain(f);
	make_queue(domain);
	port = make_port(domain, DLB2_LDB, 8);
	assert_int_equal(dlb2_link(domain, port, 0, 0), 0);
	assert_int_equal(dlb2_device_check(f->dev), 0);
	f->rec->gone = true;
	assert_int_equal(dlb2_domain_start(domain), -ENODEV);
	rec_expect_log(f->rec, "SYS_TOTAL_VAS reads as all ones");
	rec_clear(f->rec);
	assert_int_equal(dlb2_device_check(f->dev), -ENODEV);
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), -ENODEV);
	assert_int_equal(dlb2_ldb_queue_create(domain, &queue), -ENODEV);
	assert_int_equal(dlb2_link(domain, port, 0, 0), -ENODEV);
	assert_int_equal(dlb2_unlink(domain, port, 0), -ENODEV);
	assert_int_equal(dlb2_queue_depth(domain, DLB2_LDB, 0), -ENODEV);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(dlb2_domain_reset(domain), -ENODEV);
	rec_expect(f->rec, "");
	/* teardown: destroying it frees the CQ and ends. */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_BUSES(brings_the_device_up),
		BOTH_BUSES(brings_up_dense_cqs),
		BOTH_BUSES(skips_absent_capabilities),
		BOTH_BUSES(needs_the_pcie_capability),
		BOTH_BUSES(survives_a_capability_loop),
		BOTH_BUSES(refuses_another_device),
		BOTH_BUSES(wakes_a_device_in_d3),
		BOTH_BUSES(refuses_bad_options),
		BOTH_BUSES(sets_class_bandwidth),
		BOTH_BUSES(waits_until_ready),
		BOTH_BUSES(gives_up_when_never_ready),
		BOTH_BUSES(waits_for_pending_transactions),
		BOTH_BUSES(gives_up_on_pending_transactions),
		BOTH_BUSES(waits_after_the_reset),
		BOTH_BUSES(reports_each_config_read_failure),
		BOTH_BUSES(reports_each_config_write_failure),
		BOTH_BUSES(notices_a_device_that_left),
		BOTH_BUSES(refuses_everything_once_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
