/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Interrupts on the model: alarms that are logged when they come, and the file descriptors of CQs'
 * vectors. Those of the PCI bus: tests/vm/test_interrupts.py.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "evdev_test.h"

#include <rte_common.h>
#include <rte_cycles.h>

#include <dlb2_regs.h>

#include "dlb2_priv.h"

#define FLOOD_MS 1500 /* longer than the second by which alarms are counted */
#define ALARM_EVERY_MS 10

static struct dlb2_process *
process_of(uint8_t dev)
{
	return dlb2_process(&rte_eventdevs[dev]);
}

/*
 * A completion of an event that the port does not have: the data path lets none pass, so it goes to
 * the bus directly.
 */
static void
misuse(uint8_t dev)
{
	struct dlb2_line line = { .hcw[0] = { .cmd = DLB2_CMD_COMP } };
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;

	bus->ops->pp_post(bus, DLB2_LDB, evdev_xstat(dev, "port_1_hw_id"), &line);
}

/* Nobody has to call the driver for an alarm to be logged. */
static void
alarms(uint8_t dev)
{
	unsigned int i;

	evdev_start_simple(dev, 2);
	for (i = 0; i < 2; i++) {
		log_capture();
		misuse(dev);
		log_wait("syndrome");
		log_expect("completion of an event that is not open", "event port 1", NULL);
	}
	evdev_check_traffic(dev, 0, 1, 1);
	log_capture();
	rte_event_dev_stop(dev);
	log_expect_nothing();
}

static void
test_alarms(void **state)
{
	evdev_for_both(alarms);
}

static bool
alarms_are_on(uint8_t dev)
{
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;

	return bus->ops->csr_read(bus, dlb2_reg_offset(bus->version, DLB2_SYS_INGRESS_ALARM_ENBL, 0,
						       0)) != 0;
}

/*
 * Of many alarms a few are logged and the rest counted; with too many interrupts the device is told
 * to be silent. Those beyond what the device sends come from here, so that it takes no luck.
 */
static void
flood(uint8_t dev)
{
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;
	unsigned int ms;
	int fd;

	evdev_start_simple(dev, 2);
	fd = bus->ops->irq_fd(bus, 0);
	log_capture();
	for (ms = 0; ms < FLOOD_MS; ms += ALARM_EVERY_MS) {
		misuse(dev);
		rte_delay_us_sleep(ALARM_EVERY_MS * US_PER_S / MS_PER_S);
	}
	log_wait("more like these");
	assert_true(alarms_are_on(dev));
	assert_int_equal(eventfd_write(fd, 1000), 0);
	log_wait("they are off until the next start");
	log_expect("syndrome", NULL);
	assert_false(alarms_are_on(dev));
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_flood(void **state)
{
	evdev_for_both(flood);
}

static bool
is_signalled(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	eventfd_t count;

	if (poll(&poll_fd, 1, 0) != 1)
		return false;
	assert_int_equal(eventfd_read(fd, &count), 0);
	assert_int_equal(count, 1);
	return true;
}

/* A CQ of event port 1, in the packed mode that the device is in after reset. */
static void
cq_interrupts(uint8_t dev)
{
	struct dlb2_process *process;
	struct dlb2_bus *bus;
	unsigned int port;
	int vector, fd;

	evdev_start_simple(dev, 2);
	process = process_of(dev);
	bus = process->function->attachment.bus;
	port = evdev_xstat(dev, "port_1_hw_id");
	assert_int_equal(dlb2_cq_interrupt_setup(process->domain, DLB2_LDB, port, 1), 0);
	vector = dlb2_cq_interrupt_vector(process->domain, DLB2_LDB, port);
	assert_int_equal(vector, 2); /* vector 1 is no CQ's */
	fd = bus->ops->irq_fd(bus, vector);
	assert_true(fd >= 0);
	assert_int_equal(bus->ops->irq_fd(bus, vector), fd);

	evdev_check_traffic(dev, 0, 1, 1);
	assert_false(is_signalled(fd));
	assert_int_equal(dlb2_cq_interrupt_arm(process->domain, DLB2_LDB, port), 0);
	assert_false(is_signalled(fd));
	evdev_check_traffic(dev, 0, 1, 1);
	assert_true(is_signalled(fd));
	evdev_check_traffic(dev, 0, 1, 1);
	assert_false(is_signalled(fd));
}

static void
test_cq_interrupts(void **state)
{
	evdev_for_both(cq_interrupts);
}

/* A reset of the device masks its vectors; bring-up has them opened again. */
static void
alarms_after_reset(uint8_t dev)
{
	struct dlb2_process *process = process_of(dev);

	dlb2_let_go(process->function);
	assert_int_equal(dlb2_bring_up(process->function), 0);
	alarms(dev);
}

static void
test_alarms_after_reset(void **state)
{
	evdev_for_both(alarms_after_reset);
}

static void
vectors(uint8_t dev)
{
	struct dlb2_bus *bus = process_of(dev)->function->attachment.bus;
	int i, first = bus->ops->irq_fd(bus, 1);

	for (i = 1; i < DLB2_MAX_MSIX_VECTORS; i++)
		assert_true(bus->ops->irq_fd(bus, i) >= 0);
	assert_int_equal(bus->ops->irq_fd(bus, 1), first);
	assert_int_equal(bus->ops->irq_fd(bus, DLB2_MAX_MSIX_VECTORS), -EINVAL);
}

static void
test_vectors(void **state)
{
	evdev_for_both(vectors);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alarms),
		cmocka_unit_test(test_alarms_after_reset),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_cq_interrupts),
		cmocka_unit_test(test_vectors),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("interrupts", tests, NULL, NULL);
}
