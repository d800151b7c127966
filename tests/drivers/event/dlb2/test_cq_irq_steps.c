/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * No wake-up is lost: the driver arms, sleeps and dequeues, and between any two of its steps the
 * model does something or not, in every combination. Each is one interleaving; the driver must get
 * all events, must not sleep while one waits for it, and must not be kept awake for nothing.
 *
 *   test_cq_irq_steps [GAPS]
 *
 * The driver is the real one. The linker leads those of its calls here that lie between its steps
 * (-Wl,--wrap): reading and writing the eventfd, which becomes a count, and the flush. The model is
 * run by this program alone (run=service, and no service core), one event at a time. A message is
 * on its way until the program delivers it.
 *
 * GAPS is how many gaps between steps are combined, 7 by default: 5 to the power of 7 combinations
 * for each of 16 set-ups, 1.25 million. With sanitizers there are fewer.
 */
#include <errno.h>
#include <pthread.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "evdev_test.h"

#include <rte_common.h>
#include <rte_cycles.h>

#include <dlb2_model.h>

#include "dlb2_entries.h"
#include "dlb2_priv.h"
#include "rte_pmd_dlb2.h"

#define NAME "event_dlb2_model0"
#define SENDER 0
#define RECEIVER 1
#define NUM_EVENTS 3   /* in an interleaving, at most */
#define MAX_ROUNDS 12  /* of arm, sleep, dequeue, to get them: more is busy waiting */
#define MAX_GAPS 7
#define THREADED_EVENTS 5000
#define WAKE_MS 10000  /* until it must have come */

/* What the device does in a gap. */
enum action {
	NOTHING,
	WRITE,         /* an entry; its interrupt, if there is one, is on the way */
	DELIVER,       /* the interrupts that are on the way */
	WRITE_DELIVER, /* both */
	TAKE,          /* the lines that the driver has sent */
	NUM_ACTIONS
};

static struct {
	struct dlb2_model *model;
	struct dlb2_dp_port *port;
	struct dlb2_pp_channel *channel;
	int fd;              /* the eventfd that is a count */
	eventfd_t count;     /* in it */
	unsigned int on_way; /* interrupts that are not in it yet */

	unsigned int plan;   /* the actions, one a digit; the first gap is the lowest */
	unsigned int gaps_left;
	unsigned int num_gaps;
	unsigned long interleavings, sleeps, spurious;
} world = { .fd = -1, .num_gaps = MAX_GAPS };

int __real_eventfd_read(int fd, eventfd_t *value);
int __wrap_eventfd_read(int fd, eventfd_t *value);
int __real_eventfd_write(int fd, eventfd_t value);
int __wrap_eventfd_write(int fd, eventfd_t value);
void __real_dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel);
void __wrap_dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel);
int __real_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);
int __wrap_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);

static bool
write_entry(void)
{
	return dlb2_model_run(world.model, 1) > 0;
}

static void
deliver(void)
{
	world.count += world.on_way;
	world.on_way = 0;
}

static void
gap(void)
{
	unsigned int action;

	if (world.gaps_left == 0)
		return;
	world.gaps_left--;
	action = world.plan % NUM_ACTIONS;
	world.plan /= NUM_ACTIONS;
	if (action == WRITE || action == WRITE_DELIVER)
		write_entry();
	if (action == DELIVER || action == WRITE_DELIVER)
		deliver();
	if (action == TAKE)
		__real_dlb2_pp_channel_flush(world.channel);
}

int
__wrap_eventfd_read(int fd, eventfd_t *value)
{
	if (fd != world.fd)
		return __real_eventfd_read(fd, value);
	gap();
	*value = world.count;
	world.count = 0;
	gap();
	return *value > 0 ? 0 : -1;
}

int
__wrap_eventfd_write(int fd, eventfd_t value)
{
	if (fd != world.fd)
		return __real_eventfd_write(fd, value);
	world.on_way += value;
	return 0;
}

void
__wrap_dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel)
{
	bool stepped = channel == world.channel;

	if (stepped)
		gap();
	__real_dlb2_pp_channel_flush(channel);
	if (stepped)
		gap();
}

int
__wrap_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out)
{
	int ret = __real_dlb2_model_create(config, out);

	world.model = *out;
	return ret;
}

static bool
entry_waits(void)
{
	return dlb2_entry_is_new(dlb2_entry_meta(world.port->next), world.port->gen);
}

/*
 * The thread sleeps: the device does what it can, one entry at a time, until that wakes the thread.
 * While an entry waits it must be woken without another. Returns false if there are no more.
 */
static bool
sleep_until_woken(void)
{
	world.sleeps++;
	do {
		__real_dlb2_pp_channel_flush(world.channel);
		deliver();
		if (world.count > 0)
			return true;
		if (entry_waits())
			fail_msg("interleaving %lu: asleep, and an entry waits",
				 world.interleavings);
	} while (write_entry());
	return false;
}

/* One round of the loop that rte_pmd_dlb2_port_event_fd() describes, but it reads `most` at most. */
static unsigned int
one_round(uint8_t dev, uint16_t most)
{
	struct rte_event ev[NUM_EVENTS];
	unsigned int got;
	bool woken = true;
	int ret = rte_pmd_dlb2_port_event_arm(dev, RECEIVER);

	assert_in_range(ret, 0, 1);
	gap();
	if (ret == 0)
		woken = sleep_until_woken();
	else
		assert_true(entry_waits());
	gap();
	got = rte_event_dequeue_burst(dev, RECEIVER, ev, most, 0);
	gap();
	if (!woken)
		assert_int_equal(got, 0);
	world.spurious += got == 0;
	return got;
}

static void
interleave(uint8_t dev, unsigned int plan)
{
	unsigned int num = 1 + world.interleavings % NUM_EVENTS;
	unsigned int rounds, got = 0;

	world.interleavings++;
	world.plan = 0;
	world.gaps_left = 0;
	evdev_send(dev, SENDER, RECEIVER, num);
	/* The model has taken them in, and has scheduled none. */
	__real_dlb2_pp_channel_flush(world.channel);
	world.plan = plan;
	world.gaps_left = world.num_gaps;
	for (rounds = 0; got < num; rounds++) {
		if (rounds == MAX_ROUNDS)
			fail_msg("interleaving %lu: %u of %u events after %u rounds",
				 world.interleavings, got, num, rounds);
		got += one_round(dev, 1 + world.interleavings % 2);
	}
	assert_int_equal(got, num);
}

/* How the receiving port is set up. */
struct setup {
	const char *name;
	uint32_t flags;
	enum rte_pmd_dlb2_token_pop_mode mode;
};

static void
start(uint8_t dev, const struct setup *setup)
{
	bool directed = setup->flags & RTE_EVENT_PORT_CFG_SINGLE_LINK;
	struct rte_event_port_conf conf;

	assert_int_equal(evdev_configure(dev, 2, 2, directed), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_queue(dev, 1, directed ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0,
					   RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, SENDER, 0), 0);
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, RECEIVER, setup->mode), 0);
	rte_event_port_default_conf_get(dev, RECEIVER, &conf);
	conf.event_port_cfg = setup->flags;
	conf.dequeue_depth = 8;
	assert_int_equal(rte_event_port_setup(dev, RECEIVER, &conf), 0);
	assert_int_equal(evdev_link(dev, SENDER, 0), 1);
	assert_int_equal(evdev_link(dev, RECEIVER, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static void
take_over(uint8_t dev)
{
	struct dlb2_port *port = &dlb2_evdev(&rte_eventdevs[dev])->ports[RECEIVER];

	assert_true(rte_pmd_dlb2_port_event_fd(dev, RECEIVER) >= 0);
	world.port = port->dp;
	world.channel = port->dp->pp.channel;
	world.fd = port->irq.event;
	world.count = 0;
	world.on_way = 0;
}

static unsigned int
num_plans(void)
{
	unsigned int i, plans = 1;

	for (i = 0; i < world.num_gaps; i++)
		plans *= NUM_ACTIONS;
	return plans;
}

static void
try_all_plans(const char *version, unsigned int arm_when_true, const struct setup *setup)
{
	char args[64];
	unsigned int plan;
	uint8_t dev;

	snprintf(args, sizeof(args), "hw=%s,run=service", version);
	dev = evdev_add(NAME, args);
	assert_int_equal(dlb2_model_set_switch(world.model, DLB2_SWITCH_ARM_WHEN_TRUE,
					       arm_when_true), 0);
	start(dev, setup);
	take_over(dev);
	for (plan = 0; plan < num_plans(); plan++)
		interleave(dev, plan);
	assert_int_equal(dlb2_model_check(world.model), 0);
	world.fd = -1;
	world.channel = NULL;
	evdev_remove(NAME);
}

/*
 * Whether arming fires at once when the CQ has an entry is not known of the hardware (control-path
 * 12.3): nothing depends on it.
 */
static void
test_all_interleavings(void **state)
{
	static const char *const versions[] = { "2.0", "2.5" };
	static const struct setup setups[] = {
		{ "auto", 0, RTE_PMD_DLB2_AUTO_POP },
		{ "deferred", 0, RTE_PMD_DLB2_DEFERRED_POP },
		{ "delayed", 0, RTE_PMD_DLB2_DELAYED_POP },
		{ "directed", RTE_EVENT_PORT_CFG_SINGLE_LINK, RTE_PMD_DLB2_AUTO_POP },
	};
	unsigned int version, arm_when_true, setup;

	for (version = 0; version < RTE_DIM(versions); version++)
		for (arm_when_true = 0; arm_when_true < 2; arm_when_true++)
			for (setup = 0; setup < RTE_DIM(setups); setup++)
				try_all_plans(versions[version], arm_when_true, &setups[setup]);
	printf("%lu interleavings, %lu sleeps, %lu wake-ups without an event\n",
	       world.interleavings, world.sleeps, world.spurious);
	assert_int_equal(world.interleavings, 16 * num_plans());
	assert_true(world.sleeps > world.interleavings / 4);
}

static void *
send_all(void *arg)
{
	const uint8_t dev = *(uint8_t *)arg;
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .queue_id = RECEIVER, .sched_type = RTE_SCHED_TYPE_ATOMIC,
	};
	unsigned int i, pause;

	for (i = 0; i < THREADED_EVENTS; i++) {
		while (rte_event_enqueue_burst(dev, SENDER, &event, 1) != 1)
			;
		/* From nothing to more than the receiver needs to fall asleep. */
		for (pause = i * 7919 % 2048; pause > 0; pause--)
			rte_pause();
	}
	return NULL;
}

/* The same with three threads and the kernel's eventfds, as time will have it. */
static void
test_threads(void **state)
{
	static const struct setup setup = { "auto", 0, RTE_PMD_DLB2_AUTO_POP };
	uint8_t dev = evdev_add(NAME, "run=thread");
	unsigned int got = 0, slept = 0;
	struct rte_event ev[8];
	struct pollfd fd = { .events = POLLIN };
	pthread_t sender;

	start(dev, &setup);
	fd.fd = rte_pmd_dlb2_port_event_fd(dev, RECEIVER);
	assert_int_equal(pthread_create(&sender, NULL, send_all, &dev), 0);
	while (got < THREADED_EVENTS) {
		if (rte_pmd_dlb2_port_event_arm(dev, RECEIVER) == 0) {
			assert_int_equal(poll(&fd, 1, WAKE_MS), 1);
			slept++;
		}
		got += rte_event_dequeue_burst(dev, RECEIVER, ev, RTE_DIM(ev), 0);
	}
	pthread_join(sender, NULL);
	printf("%u events, %u sleeps\n", got, slept);
	assert_true(slept > 0);
	evdev_remove(NAME);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_interleavings),
		cmocka_unit_test(test_threads),
	};

	if (argc > 1)
		world.num_gaps = RTE_MIN(strtoul(argv[1], NULL, 10), (unsigned long)MAX_GAPS);
	evdev_test_init();
	return cmocka_run_group_tests_name("cq_irq_steps", tests, NULL, NULL);
}
