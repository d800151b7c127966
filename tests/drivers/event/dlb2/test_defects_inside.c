/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver (pmd-interface 20) that an application can meet but not see: what
 * became of a parameter in the device's registers, and what is said of a misuse that the data path
 * lets nobody commit. The test looks and writes past the driver.
 */
#include <errno.h>

#include "evdev_test.h"

#include <rte_common.h>

#include <dlb2_regs.h>

#include "dlb2_priv.h"

static struct dlb2_bus *
bus_of(uint8_t dev)
{
	return dlb2_process(&rte_eventdevs[dev])->function->attachment.bus;
}

static uint32_t
read_register(uint8_t dev, enum dlb2_reg reg, unsigned int i)
{
	struct dlb2_bus *bus = bus_of(dev);

	return bus->ops->csr_read(bus, dlb2_reg_offset(bus->version, reg, i, 0));
}

static void
check_threshold(uint8_t dev, unsigned int hw_port, uint32_t threshold)
{
	assert_int_equal(read_register(dev, DLB2_LSP_CQ_LDB_INFL_THRESH, hw_port), threshold);
	assert_int_not_equal(read_register(dev, DLB2_LSP_CFG_CTRL_GENERAL_0, 0) &
				     DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH,
			     0);
}

/* In the documented order: parameter, port set-up, start. Then changed while events move. */
static void
test_b13_threshold_in_documented_order(void **state)
{
	const uint64_t flag = DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD;
	const uint32_t enabled = DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH;
	struct rte_pmd_dlb2_port_param param = { .inflight_threshold = 77 };
	uint8_t dev = evdev_add("event_dlb2_model0", "hw=2.5");
	uint32_t before = read_register(dev, DLB2_LSP_CFG_CTRL_GENERAL_0, 0);
	unsigned int hw_port;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, flag, &param), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	hw_port = evdev_xstat(dev, "port_0_hw_id");
	check_threshold(dev, hw_port, 77);
	assert_int_equal(read_register(dev, DLB2_LSP_CFG_CTRL_GENERAL_0, 0), before | enabled);
	param.inflight_threshold = 5;
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, flag, &param), 0);
	check_threshold(dev, hw_port, 5);
	assert_int_equal(read_register(dev, DLB2_LSP_CFG_CTRL_GENERAL_0, 0), before | enabled);
	evdev_check_traffic(dev, 0, 0, 0);
	evdev_remove("event_dlb2_model0");
}

/* Each misuse is told, with the port that did it, without anybody asking. */
static void
misuse(uint8_t dev)
{
	static const struct {
		struct dlb2_hcw hcw;
		const char *said;
	} misuses[] = {
		{{.cmd = DLB2_CMD_COMP}, "completion of an event that is not open"},
		{{.cmd = DLB2_CMD_BAT_T, .lock_id = 9}, "more CQ tokens returned than taken"},
		{{.cmd = DLB2_CMD_NEW, .qid = 31}, "event to a queue that does not exist"},
	};
	struct dlb2_bus *bus = bus_of(dev);
	unsigned int i;

	evdev_start_simple(dev, 2);
	for (i = 0; i < RTE_DIM(misuses); i++) {
		struct dlb2_line line = { .hcw[0] = misuses[i].hcw };

		log_capture();
		bus->ops->pp_post(bus, DLB2_LDB, evdev_xstat(dev, "port_1_hw_id"), &line);
		log_wait("syndrome");
		log_expect(misuses[i].said, "event port 1", NULL);
	}
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_b46_misuse_is_reported(void **state)
{
	evdev_for_both(misuse);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_b13_threshold_in_documented_order),
		cmocka_unit_test(test_b46_misuse_is_reported),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("defects inside", tests, NULL, NULL);
}
