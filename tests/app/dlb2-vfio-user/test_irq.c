/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * SET_IRQS in all its forms, delivery, and what both mean for the mask bits of the device.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "irq.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define EVENTFD_TRIGGER (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define NONE_TRIGGER (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)
#define BOOL_TRIGGER (VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER)
#define NONE_MASK (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK)
#define NONE_UNMASK (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK)

struct rig {
	struct irq irq;
	bool masked[IRQ_VECTORS]; /* as the device has it */
	unsigned int mask_calls;
};

static void
on_mask(void *ctx, unsigned int vector, bool masked)
{
	struct rig *rig = ctx;

	rig->masked[vector] = masked;
	rig->mask_calls++;
}

static int
setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	irq_init(&rig->irq, on_mask, rig);
	memset(rig->masked, true, sizeof(rig->masked));
	*state = rig;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *rig = *state;

	irq_fini(&rig->irq);
	free(rig);
	return 0;
}

static int
set(struct rig *rig, uint32_t index, uint32_t flags, uint32_t start, uint32_t count,
	const void *data, size_t data_len, int *fds, size_t num_fds)
{
	const struct vfio_irq_set request = {
		.index = index, .flags = flags, .start = start, .count = count };

	return irq_set(&rig->irq, &request, data, data_len, fds, num_fds);
}

/* Gives `count` vectors new eventfds, of which copies are put into `copies` to look at. */
static void
give(struct rig *rig, unsigned int start, unsigned int count, int *copies)
{
	int fds[IRQ_VECTORS];
	unsigned int n;

	for (n = 0; n < count; n++) {
		fds[n] = eventfd(0, EFD_NONBLOCK);
		copies[n] = dup(fds[n]);
	}
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, start, count, NULL, 0, fds, count), 0);
	for (n = 0; n < count; n++)
		assert_int_equal(fds[n], -1);
}

/* How often an eventfd was counted up since the last look. */
static uint64_t
count_of(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static void
test_counts(void **state)
{
	assert_int_equal(irq_count(VFIO_PCI_MSIX_IRQ_INDEX), 65);
	assert_int_equal(irq_count(VFIO_PCI_INTX_IRQ_INDEX), 0);
	assert_int_equal(irq_count(VFIO_PCI_MSI_IRQ_INDEX), 0);
	assert_int_equal(irq_count(99), 0);
}

static void
test_send(void **state)
{
	struct rig *rig = *state;
	int fds[2];

	give(rig, 0, 2, fds);
	assert_false(rig->masked[0]);
	assert_false(rig->masked[1]);
	assert_true(rig->masked[2]);
	assert_true(irq_send(&rig->irq, 1));
	assert_true(irq_send(&rig->irq, 1));
	assert_false(irq_send(&rig->irq, 2));
	assert_int_equal(count_of(fds[0]), 0);
	assert_int_equal(count_of(fds[1]), 2);
	assert_int_equal(rig->irq.sent, 2);
	assert_int_equal(rig->irq.lost, 1);
	close(fds[0]);
	close(fds[1]);
}

static void
test_last_vector(void **state)
{
	struct rig *rig = *state;
	int fd, fds[2];

	give(rig, 64, 1, &fd);
	assert_true(irq_send(&rig->irq, 64));
	assert_int_equal(count_of(fd), 1);
	close(fd);
	fds[0] = eventfd(0, 0);
	fds[1] = eventfd(0, 0);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 64, 2, NULL, 0, fds, 2), -EINVAL);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 1, UINT32_MAX, NULL, 0, fds, 2), -EINVAL);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 66, 0, NULL, 0, fds, 0), -EINVAL);
	assert_true(fds[0] >= 0 && fds[1] >= 0);
	close(fds[0]);
	close(fds[1]);
}

static void
test_take_away(void **state)
{
	struct rig *rig = *state;
	int fds[3];
	unsigned int n;

	give(rig, 0, 3, fds);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 1, 1, NULL, 0, NULL, 0), 0);
	assert_false(rig->masked[0]);
	assert_true(rig->masked[1]);
	assert_false(irq_send(&rig->irq, 1));
	assert_int_equal(set(rig, MSIX, NONE_TRIGGER, 0, 0, NULL, 0, NULL, 0), 0);
	for (n = 0; n < 3; n++) {
		assert_true(rig->masked[n]);
		assert_int_equal(rig->irq.eventfds[n], -1);
		close(fds[n]);
	}
}

static void
test_numbers_tell_who_gets_one(void **state)
{
	const int32_t numbers[] = { 5, -1, 9 };
	struct rig *rig = *state;
	int fds[3], kept, given[2] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) };

	give(rig, 0, 3, fds);
	kept = given[1];
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 0, 3, numbers, sizeof(numbers), given, 2),
		0);
	assert_int_equal(rig->irq.eventfds[1], -1);
	assert_int_equal(rig->irq.eventfds[2], kept);
	given[0] = eventfd(0, 0);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 0, 3, numbers, sizeof(numbers), given, 1),
		-EINVAL);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 0, 3, numbers, 4, given, 1), -EINVAL);
	assert_true(given[0] >= 0);
	close(given[0]);
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
}

static void
test_wrong_number_of_eventfds(void **state)
{
	struct rig *rig = *state;
	int fds[2] = { eventfd(0, 0), eventfd(0, 0) };

	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 0, 3, NULL, 0, fds, 2), -EINVAL);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 0, 1, NULL, 0, fds, 2), -EINVAL);
	assert_int_equal(rig->irq.eventfds[0], -1);
	close(fds[0]);
	close(fds[1]);
}

static void
test_trigger_by_hand(void **state)
{
	const uint8_t flags[] = { 1, 0, 1 };
	struct rig *rig = *state;
	int fds[3];
	unsigned int n;

	give(rig, 10, 3, fds);
	assert_int_equal(set(rig, MSIX, NONE_TRIGGER, 10, 2, NULL, 0, NULL, 0), 0);
	assert_int_equal(set(rig, MSIX, BOOL_TRIGGER, 10, 3, flags, 3, NULL, 0), 0);
	assert_int_equal(set(rig, MSIX, BOOL_TRIGGER, 10, 3, flags, 2, NULL, 0), -EINVAL);
	assert_int_equal(count_of(fds[0]), 2);
	assert_int_equal(count_of(fds[1]), 1);
	assert_int_equal(count_of(fds[2]), 1);
	for (n = 0; n < 3; n++)
		close(fds[n]);
}

static void
test_mask(void **state)
{
	struct rig *rig = *state;
	int fd;

	give(rig, 4, 1, &fd);
	assert_int_equal(set(rig, MSIX, NONE_MASK, 4, 1, NULL, 0, NULL, 0), 0);
	assert_true(rig->masked[4]);
	rig->masked[4] = false;
	irq_restore(&rig->irq);
	assert_true(rig->masked[4]);
	assert_int_equal(set(rig, MSIX, NONE_UNMASK, 4, 2, NULL, 0, NULL, 0), 0);
	assert_false(rig->masked[4]);
	assert_true(rig->masked[5]);
	close(fd);
}

static void
test_restore_after_reset(void **state)
{
	struct rig *rig = *state;
	int fd;

	give(rig, 7, 1, &fd);
	memset(rig->masked, true, sizeof(rig->masked));
	rig->mask_calls = 0;
	irq_restore(&rig->irq);
	assert_false(rig->masked[7]);
	assert_int_equal(rig->mask_calls, 1);
	close(fd);
}

static void
test_senseless_flags(void **state)
{
	static const uint32_t flags[] = {
		0, VFIO_IRQ_SET_DATA_NONE, VFIO_IRQ_SET_ACTION_TRIGGER,
		NONE_TRIGGER | VFIO_IRQ_SET_ACTION_MASK, NONE_TRIGGER | VFIO_IRQ_SET_DATA_BOOL,
		NONE_TRIGGER | 0x40, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_MASK,
	};
	struct rig *rig = *state;
	unsigned int n;

	for (n = 0; n < sizeof(flags) / sizeof(flags[0]); n++)
		assert_int_equal(set(rig, MSIX, flags[n], 0, 1, NULL, 0, NULL, 0), -EINVAL);
	assert_int_equal(set(rig, VFIO_PCI_INTX_IRQ_INDEX, NONE_TRIGGER, 0, 1, NULL, 0, NULL, 0),
		-EINVAL);
	assert_int_equal(set(rig, VFIO_PCI_INTX_IRQ_INDEX, NONE_TRIGGER, 0, 0, NULL, 0, NULL, 0),
		0);
}

/* What is full, or was never an eventfd, must not make the server wait or die. */
static void
test_what_cannot_be_written(void **state)
{
	const uint64_t most = UINT64_MAX - 1;
	struct rig *rig = *state;
	int pipes[2], fds[3];
	unsigned int n;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(pipes), 0);
	fds[0] = eventfd(0, 0);
	assert_int_equal(write(fds[0], &most, sizeof(most)), sizeof(most));
	fds[1] = open("/dev/null", O_RDONLY);
	fds[2] = pipes[1];
	close(pipes[0]);
	assert_int_equal(set(rig, MSIX, EVENTFD_TRIGGER, 0, 3, NULL, 0, fds, 3), 0);
	for (n = 0; n < 3; n++)
		assert_false(irq_send(&rig->irq, n));
	assert_int_equal(rig->irq.lost, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_counts),
		TEST(test_send),
		TEST(test_last_vector),
		TEST(test_take_away),
		TEST(test_numbers_tell_who_gets_one),
		TEST(test_wrong_number_of_eventfds),
		TEST(test_trigger_by_hand),
		TEST(test_mask),
		TEST(test_restore_after_reset),
		TEST(test_senseless_flags),
		TEST(test_what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
