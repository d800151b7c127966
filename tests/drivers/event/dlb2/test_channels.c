/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The rings between ports and the model: which are looked into, and that each line arrives once and
 * in its order, whatever a port and the runner do at the same time. The model is this file, and so
 * is the memory of the rings.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_malloc.h>

#include <dlb2_model.h>

#include "dlb2_channels.h"

/* More than it takes to put a ring to sleep, and fewer than between two looks into all of them. */
#define SOME_LOOKS 40
/* After so many looks any ring was looked into. */
#define MANY_LOOKS 64

#define EVENT_DEV 3
#define OTHER_DEV 4

#define THREADS 3
#define LINES_PER_THREAD 20000

static struct {
	struct dlb2_channels channels;
	uint64_t next[DLB2_MAX_PORTS]; /* number of the line that must come next, by port */
	unsigned int allocations_left;
} world;

void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void __wrap_rte_free(void *ptr);

void *
__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	void *memory = NULL;

	if (world.allocations_left == 0)
		return NULL;
	world.allocations_left--;
	assert_int_equal(posix_memalign(&memory, align, size), 0);
	return memset(memory, 0, size);
}

void
__wrap_rte_free(void *ptr)
{
	free(ptr);
}

void
dlb2_model_post(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
		const struct dlb2_line *lines, unsigned int n)
{
	unsigned int i;

	assert_int_equal(kind, DLB2_LDB);
	for (i = 0; i < n; i++)
		assert_int_equal(lines[i].hcw[0].data, world.next[port]++);
}

static int
setup(void **state)
{
	memset(&world, 0, sizeof(world));
	world.allocations_left = UINT32_MAX;
	return dlb2_channels_init(&world.channels, 0);
}

static int
teardown(void **state)
{
	dlb2_channels_close(&world.channels, EVENT_DEV);
	dlb2_channels_close(&world.channels, OTHER_DEV);
	assert_int_equal(world.channels.num, 0);
	assert_int_equal(world.channels.slots, 0);
	dlb2_channels_fini(&world.channels);
	return 0;
}

static struct dlb2_pp_channel *
open_channel(unsigned int port, uint8_t dev_id)
{
	struct dlb2_pp_channel *channel = dlb2_channels_open(&world.channels, 0);

	assert_non_null(channel);
	channel->port = port;
	channel->kind = DLB2_LDB;
	channel->dev_id = dev_id;
	return channel;
}

/* A line has its number in the ring's life. */
static void
write_line(struct dlb2_pp_channel *channel)
{
	channel->lines[channel->tail % DLB2_PP_RING_LINES].hcw[0].data = channel->tail;
}

static void
send_line(struct dlb2_pp_channel *channel)
{
	write_line(channel);
	dlb2_pp_channel_publish(channel, 1);
}

static void
look(unsigned int times)
{
	while (times-- > 0)
		dlb2_channels_take(&world.channels, NULL);
}

static void
test_wakes_at_once(void **state)
{
	struct dlb2_pp_channel *channel = open_channel(7, EVENT_DEV);

	send_line(channel);
	look(1);
	assert_int_equal(world.next[7], 1);
	assert_false(channel->asleep);
	look(SOME_LOOKS);
	assert_true(channel->asleep);
	send_line(channel);
	assert_false(channel->asleep);
	look(1);
	assert_int_equal(world.next[7], 2);
}

/* Lines that missed the bell: another look into those awake doesn't find them, but one soon does. */
static void
test_missed_bell(void **state)
{
	struct dlb2_pp_channel *channel = open_channel(7, EVENT_DEV);
	unsigned int looks;

	look(SOME_LOOKS);
	assert_true(channel->asleep);
	write_line(channel);
	channel->tail++;
	look(1);
	assert_int_equal(world.next[7], 0);
	for (looks = 1; world.next[7] == 0 && looks <= MANY_LOOKS; looks++)
		look(1);
	assert_in_range(looks, 2, MANY_LOOKS);
	assert_false(channel->asleep);

	look(SOME_LOOKS);
	assert_true(channel->asleep);
	write_line(channel);
	channel->tail++;
	dlb2_channels_take_all(&world.channels, NULL);
	assert_int_equal(world.next[7], 2);
	assert_false(channel->asleep);
}

/* One that has lines now and then stays awake. */
static void
test_stays_awake(void **state)
{
	struct dlb2_pp_channel *channel = open_channel(0, EVENT_DEV);
	unsigned int i;

	for (i = 0; i < 100; i++) {
		send_line(channel);
		look(20);
		assert_false(channel->asleep);
	}
	assert_int_equal(world.next[0], 100);
}

static void
test_full_ring(void **state)
{
	struct dlb2_pp_channel *channel = open_channel(9, EVENT_DEV);
	unsigned int i, n;

	for (i = 0; i < 5; i++) {
		for (n = 0; n < DLB2_PP_RING_LINES - i; n++)
			send_line(channel);
		look(1);
		assert_int_equal(channel->head, channel->tail);
		assert_int_equal(world.next[9], channel->tail);
	}
}

/* As many as there can be. Those that stay are not affected, asleep or not. */
static void
test_close(void **state)
{
	struct dlb2_pp_channel *channels[DLB2_MAX_PORTS];
	unsigned int i;

	for (i = 0; i < DLB2_MAX_PORTS; i++)
		channels[i] = open_channel(i, i % 3 == 0 ? OTHER_DEV : EVENT_DEV);
	look(SOME_LOOKS);
	for (i = 0; i < DLB2_MAX_PORTS / 2; i++)
		send_line(channels[i]);
	look(1);
	dlb2_channels_close(&world.channels, EVENT_DEV);
	assert_int_equal(world.channels.num, (DLB2_MAX_PORTS + 2) / 3);
	for (i = 0; i < DLB2_MAX_PORTS; i++) {
		if (i % 3 == 0) {
			send_line(channels[i]);
		} else {
			world.next[i] = 0;
			channels[i] = open_channel(i, EVENT_DEV);
			send_line(channels[i]);
			send_line(channels[i]);
		}
	}
	look(1);
	for (i = 0; i < DLB2_MAX_PORTS; i++)
		assert_int_equal(world.next[i],
				 i % 3 != 0 || i < DLB2_MAX_PORTS / 2 ? 2 : 1);
	assert_int_equal(world.channels.num, DLB2_MAX_PORTS);
}

static void
test_no_memory(void **state)
{
	struct dlb2_channels none = { .num = 0 };

	world.allocations_left = 0;
	assert_int_equal(dlb2_channels_init(&none, 0), -ENOMEM);
	assert_null(dlb2_channels_open(&world.channels, 0));
	assert_int_equal(world.channels.num, 0);
	world.allocations_left = UINT32_MAX;
}

/* Sends lines with pauses of all lengths, those between two looks that put it to sleep too. */
static void *
send_all(void *arg)
{
	struct dlb2_pp_channel *channel = arg;
	uint64_t random = channel->port + 1;
	unsigned int i, pause;

	for (i = 0; i < LINES_PER_THREAD; i++) {
		while (channel->tail - __atomic_load_n(&channel->head, __ATOMIC_ACQUIRE) ==
				DLB2_PP_RING_LINES)
			sched_yield();
		send_line(channel);
		random = random * 6364136223846793005u + 1442695040888963407u;
		for (pause = random >> 52; pause > 0; pause--)
			__asm__ volatile("" : : : "memory");
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct dlb2_pp_channel *channels[THREADS];
	pthread_t threads[THREADS];
	unsigned int i, left;

	for (i = 0; i < THREADS; i++)
		channels[i] = open_channel(i, EVENT_DEV);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_all, channels[i]), 0);
	do {
		look(1);
		for (i = 0, left = 0; i < THREADS; i++)
			left += LINES_PER_THREAD - world.next[i];
	} while (left > MANY_LOOKS);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	look(MANY_LOOKS);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(world.next[i], LINES_PER_THREAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_wakes_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missed_bell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stays_awake, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
