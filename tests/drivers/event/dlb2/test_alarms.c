/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What an application is told when it misuses the device: counters of device, port and queue, the
 * log line, and the callback. Each cause comes about on the model of a running device, through
 * commands stored to a producer port past the data path, which lets none of them pass.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "evdev_test.h"

#include <rte_common.h>
#include <rte_cycles.h>

#include <dlb2_regs.h>

#include "dlb2_priv.h"

/* Atomic queues 0 and 1, linked to ports 0 and 1, and a directed pair. */
#define PAIR 2
#define PATIENCE_MS 10000

/* What the callback was told. */
struct told {
	unsigned int calls;
	uint8_t dev_id;
	struct rte_pmd_dlb2_alarm last;
	int unregister; /* what that said, when called by the callback */
};

static struct dlb2_process *
process_of(uint8_t dev)
{
	return dlb2_process(&rte_eventdevs[dev]);
}

static struct dlb2_bus *
bus_of(uint8_t dev)
{
	return process_of(dev)->function->attachment.bus;
}

static void
start_three(uint8_t dev)
{
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i,
						   i == PAIR ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0,
						   RTE_SCHED_TYPE_ATOMIC),
				 0);
		assert_int_equal(evdev_setup_port(
				 dev, i, i == PAIR ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0),
				 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static unsigned int
hw_id(uint8_t dev, const char *kind, unsigned int object)
{
	char name[32];

	snprintf(name, sizeof(name), "%s_%u_hw_id", kind, object);
	return evdev_xstat(dev, name);
}

static void
post(uint8_t dev, enum dlb2_port_kind kind, unsigned int hw_port, struct dlb2_hcw hcw)
{
	struct dlb2_line line = { .hcw[0] = hcw };

	bus_of(dev)->ops->pp_post(bus_of(dev), kind, hw_port, &line);
}

static void
forge(uint8_t dev, unsigned int port, struct dlb2_hcw hcw)
{
	post(dev, port == PAIR ? DLB2_DIR : DLB2_LDB, hw_id(dev, "port", port), hcw);
}

static void
on_alarm(uint8_t dev_id, const struct rte_pmd_dlb2_alarm *alarm, void *arg)
{
	struct told *told = arg;

	told->dev_id = dev_id;
	told->last = *alarm;
	__atomic_fetch_add(&told->calls, 1, __ATOMIC_RELEASE);
}

static unsigned int
calls(const struct told *told)
{
	return __atomic_load_n(&told->calls, __ATOMIC_ACQUIRE);
}

static void
wait_for_calls(const struct told *told, unsigned int num)
{
	unsigned int ms;

	for (ms = 0; ms < PATIENCE_MS && calls(told) < num; ms++)
		rte_delay_us_sleep(US_PER_S / MS_PER_S);
	assert_int_equal(calls(told), num);
}

/* The next alarm begins a second, so it is logged. */
static void
forget_rate(uint8_t dev)
{
	process_of(dev)->function->alarms.second = 0;
}

static uint64_t
alarm_stat(uint8_t dev, const char *object, int id, const char *cause)
{
	char name[64];

	if (id < 0)
		snprintf(name, sizeof(name), "%s_alarm_%s", object, cause);
	else
		snprintf(name, sizeof(name), "%s_%d_alarm_%s", object, id, cause);
	return evdev_xstat(dev, name);
}

/* A fault, and what is told of it. */
struct fault {
	enum rte_pmd_dlb2_alarm_cause cause;
	const char *name, *text;
	unsigned int port;
	int queue;    /* the event queue, or -1 */
	int hw_queue; /* the number in the command, where there is no such event queue; or -1 */
	struct dlb2_hcw hcw;
};

#define LAST_QUEUE 31

static const struct fault faults[] = {
	{ RTE_PMD_DLB2_ALARM_NO_OPEN_EVENT, "no_open_event",
	  "completion of an event that is not open", 1, -1, -1, { .cmd = DLB2_CMD_COMP } },
	{ RTE_PMD_DLB2_ALARM_ILLEGAL_ENQUEUE, "illegal_enqueue",
	  "forward without an open event or credit", 0, 1, -1,
	  { .cmd = DLB2_CMD_FWD, .sched = DLB2_SCHED_ATOMIC } },
	{ RTE_PMD_DLB2_ALARM_ILLEGAL_ENQUEUE, "illegal_enqueue",
	  "bad fragment", 1, PAIR, -1, { .cmd = DLB2_CMD_FRAG, .sched = DLB2_SCHED_DIRECTED } },
	{ RTE_PMD_DLB2_ALARM_EXCESS_TOKENS, "excess_tokens",
	  "more CQ tokens returned than taken", 0, -1, -1,
	  { .cmd = DLB2_CMD_BAT_T, .lock_id = 5 } },
	{ RTE_PMD_DLB2_ALARM_EXCESS_TOKENS, "excess_tokens",
	  "more CQ tokens returned than taken", PAIR, -1, -1, { .cmd = DLB2_CMD_BAT_T } },
	{ RTE_PMD_DLB2_ALARM_ILLEGAL_HCW, "illegal_command",
	  "illegal command", PAIR, 0, -1, { .cmd = DLB2_CMD_FWD, .sched = DLB2_SCHED_ATOMIC } },
	{ RTE_PMD_DLB2_ALARM_ILLEGAL_QUEUE, "illegal_queue",
	  "event to a queue that does not exist", 1, -1, LAST_QUEUE,
	  { .cmd = DLB2_CMD_NEW, .sched = DLB2_SCHED_UNORDERED } },
	{ RTE_PMD_DLB2_ALARM_OTHER, "other",
	  "unknown cause", 0, 1, -1, { .cmd = DLB2_CMD_NEW, .sched = DLB2_SCHED_ORDERED } },
};

static struct dlb2_hcw
command_of(uint8_t dev, const struct fault *fault)
{
	struct dlb2_hcw hcw = fault->hcw;

	if (fault->hw_queue >= 0)
		hcw.qid = fault->hw_queue;
	else if (fault->queue >= 0)
		hcw.qid = hw_id(dev, "qid", fault->queue);
	return hcw;
}

static void
check_told(uint8_t dev, const struct told *told, const struct fault *fault)
{
	const struct rte_pmd_dlb2_alarm *alarm = &told->last;

	assert_int_equal(told->dev_id, dev);
	assert_int_equal(alarm->cause, fault->cause);
	assert_int_equal(alarm->port_id, fault->port);
	assert_int_equal(alarm->hw_port, hw_id(dev, "port", fault->port));
	assert_int_equal(alarm->hw_port_is_directed, fault->port == PAIR);
	assert_int_equal(alarm->queue_id, fault->queue);
	assert_int_equal(alarm->hw_queue, fault->queue < 0 ? fault->hw_queue :
			 (int)hw_id(dev, "qid", fault->queue));
	assert_int_equal(alarm->hw_queue_is_directed, fault->queue == PAIR);
	assert_int_equal(alarm->more, 0);
	assert_int_equal(alarm->count, alarm_stat(dev, "dev", -1, fault->name));
	assert_true(alarm->syndrome[0] != 0);
}

static void
check_log(const struct fault *fault)
{
	char port[32], queue[32];

	snprintf(port, sizeof(port), "event port %u (", fault->port);
	if (fault->queue >= 0)
		snprintf(queue, sizeof(queue), "event queue %d (", fault->queue);
	else
		snprintf(queue, sizeof(queue), fault->hw_queue >= 0 ?
			 "queue 31, which is no event" : "no queue");
	log_expect("the device reports: ", fault->text, port, queue, NULL);
}

/* One alarm more of everything that the fault concerns, and of nothing else. */
static void
one_fault(uint8_t dev, struct told *told, const struct fault *fault)
{
	unsigned int other = fault->port == 0 ? 1 : 0;
	uint64_t of_device = alarm_stat(dev, "dev", -1, fault->name);
	uint64_t of_port = alarm_stat(dev, "port", fault->port, fault->name);
	uint64_t of_other = alarm_stat(dev, "port", other, fault->name);
	uint64_t of_queue = fault->queue < 0 ? 0 :
		alarm_stat(dev, "qid", fault->queue, fault->name);

	forget_rate(dev);
	log_capture();
	forge(dev, fault->port, command_of(dev, fault));
	wait_for_calls(told, calls(told) + 1);
	check_log(fault);
	check_told(dev, told, fault);
	assert_int_equal(alarm_stat(dev, "dev", -1, fault->name), of_device + 1);
	assert_int_equal(alarm_stat(dev, "port", fault->port, fault->name), of_port + 1);
	assert_int_equal(alarm_stat(dev, "port", other, fault->name), of_other);
	if (fault->queue >= 0)
		assert_int_equal(alarm_stat(dev, "qid", fault->queue, fault->name), of_queue + 1);
}

static void
causes(uint8_t dev)
{
	struct told told = { 0 };
	unsigned int i;

	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	start_three(dev);
	for (i = 0; i < RTE_DIM(faults); i++)
		one_fault(dev, &told, &faults[i]);
	evdev_check_traffic(dev, 0, 1, 1);
	evdev_check_traffic(dev, 0, PAIR, PAIR);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, on_alarm, &told), 0);
}

static void
test_causes(void **state)
{
	evdev_for_both(causes);
}

/* A queue that is closed to the domain: that of another domain, or of one that is being reset. */
static void
closed_queue(uint8_t dev)
{
	const struct fault fault = {
		RTE_PMD_DLB2_ALARM_DISABLED_QUEUE, "disabled_queue",
		"event to a queue that is closed", 1, 0, -1,
		{ .cmd = DLB2_CMD_NEW, .sched = DLB2_SCHED_ATOMIC },
	};
	struct dlb2_bus *bus = bus_of(dev);
	struct told told = { 0 };
	unsigned int domain;
	uint32_t offset;

	start_three(dev);
	domain = dlb2_domain_id(process_of(dev)->domain);
	offset = dlb2_reg_offset(bus->version, DLB2_SYS_LDB_VASQID_V,
				 domain * DLB2_MAX_LDB_QUEUES + hw_id(dev, "qid", 0), 0);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	bus->ops->csr_write(bus, offset, 0);
	one_fault(dev, &told, &fault);
	bus->ops->csr_write(bus, offset, 1);
	evdev_check_traffic(dev, 1, 0, 0);
}

static void
test_closed_queue(void **state)
{
	evdev_for_both(closed_queue);
}

/* More new events than the domain has credits; nobody takes them meanwhile. */
static void
no_credit(uint8_t dev)
{
	struct dlb2_hcw hcw = { .cmd = DLB2_CMD_NEW, .sched = DLB2_SCHED_ATOMIC };
	struct told told = { 0 };
	unsigned int i, credits;

	start_three(dev);
	credits = dlb2_evdev(&rte_eventdevs[dev])->owned.ldb_credits;
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	hcw.qid = hw_id(dev, "qid", 1);
	for (i = 0; i < credits; i++)
		forge(dev, 0, hcw);
	assert_int_equal(calls(&told), 0);
	log_capture();
	forge(dev, 0, hcw);
	wait_for_calls(&told, 1);
	log_expect("new event without a credit", "event port 0 (", "event queue 1 (", NULL);
	assert_int_equal(told.last.cause, RTE_PMD_DLB2_ALARM_NO_CREDIT);
	assert_int_equal(told.last.queue_id, 1);
	assert_int_equal(alarm_stat(dev, "dev", -1, "no_credit"), 1);
	assert_int_equal(alarm_stat(dev, "port", 0, "no_credit"), 1);
	assert_int_equal(alarm_stat(dev, "qid", 1, "no_credit"), 1);
	assert_int_equal(evdev_receive(dev, 1), credits);
}

static void
test_no_credit(void **state)
{
	evdev_for_both(no_credit);
}

/* Counters of ports and queues can be reset, as others of theirs. */
static void
reset(uint8_t dev)
{
	struct told told = { 0 };

	start_three(dev);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	one_fault(dev, &told, &faults[1]);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_PORT, 0, NULL, 0), 0);
	assert_int_equal(rte_event_dev_xstats_reset(dev, RTE_EVENT_DEV_XSTATS_QUEUE, -1, NULL, 0),
			 0);
	assert_int_equal(alarm_stat(dev, "port", 0, "illegal_enqueue"), 0);
	assert_int_equal(alarm_stat(dev, "qid", 1, "illegal_enqueue"), 0);
	assert_int_equal(alarm_stat(dev, "dev", -1, "illegal_enqueue"), 1);
	one_fault(dev, &told, &faults[1]);
	assert_int_equal(alarm_stat(dev, "port", 0, "illegal_enqueue"), 1);
	assert_int_equal(alarm_stat(dev, "dev", -1, "illegal_enqueue"), 2);
}

static void
test_reset(void **state)
{
	evdev_for_both(reset);
}

/* Two in one line: the device keeps the first and says that there were more. */
static void
more(uint8_t dev)
{
	struct dlb2_line line = { .hcw = { { .cmd = DLB2_CMD_COMP }, { .cmd = DLB2_CMD_COMP } } };
	struct told told = { 0 };

	start_three(dev);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	log_capture();
	bus_of(dev)->ops->pp_post(bus_of(dev), DLB2_LDB, hw_id(dev, "port", 1), &line);
	wait_for_calls(&told, 1);
	log_expect(", and more; syndrome", NULL);
	assert_int_equal(told.last.more, 1);
	assert_int_equal(evdev_xstat(dev, "dev_alarm_unrecorded"), 1);
	assert_int_equal(evdev_xstat(dev, "dev_alarm_no_open_event"), 1);
}

static void
test_more(void **state)
{
	evdev_for_both(more);
}

/* Few are logged in a second, but all are counted and told. */
static void
rate(uint8_t dev)
{
	struct told told = { 0 };
	unsigned int i, lines = 0;
	const char *line;
	char *log;

	start_three(dev);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	log_capture();
	forget_rate(dev);
	for (i = 1; i <= 20; i++) {
		forge(dev, 1, faults[0].hcw);
		wait_for_calls(&told, i);
		process_of(dev)->function->alarms.second = rte_get_timer_cycles();
	}
	assert_int_equal(alarm_stat(dev, "port", 1, "no_open_event"), 20);
	forget_rate(dev);
	forge(dev, 1, faults[0].hcw);
	wait_for_calls(&told, 21); /* each comes after its line */
	log = log_take();
	assert_non_null(strstr(log, "15 more like these"));
	for (line = log; (line = strstr(line, "syndrome")) != NULL; line++)
		lines++;
	assert_int_equal(lines, 6);
	free(log);
}

static void
test_rate(void **state)
{
	evdev_for_both(rate);
}

static bool
alarms_are_on(uint8_t dev)
{
	struct dlb2_bus *bus = bus_of(dev);
	uint32_t chp = bus->ops->csr_read(bus, dlb2_reg_offset(bus->version,
						DLB2_CHP_CFG_CHP_CSR_CTRL, 0, 0));
	bool on = bus->ops->csr_read(bus, dlb2_reg_offset(bus->version,
						DLB2_SYS_INGRESS_ALARM_ENBL, 0, 0)) != 0;

	assert_int_equal((chp & DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF1_ALARM_DIS) == 0, on);
	assert_int_equal((chp & DLB2_CHP_CFG_CHP_CSR_CTRL__INT_INF2_ALARM_DIS) == 0, on);
	return on;
}

/*
 * Far too many: alarms of both kinds are turned off, and on again by the next start. The interrupts
 * beyond the device's come from here, so that it takes no luck.
 */
static void
storm(uint8_t dev)
{
	struct told told = { 0 };

	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	start_three(dev);
	log_capture();
	assert_int_equal(eventfd_write(bus_of(dev)->ops->irq_fd(bus_of(dev), 0), 1000), 0);
	log_wait("off until the next start");
	log_expect("1000 alarms in a second", NULL);
	assert_false(alarms_are_on(dev));
	forge(dev, 1, faults[0].hcw);
	forge(dev, PAIR, faults[5].hcw);
	rte_event_dev_stop(dev);
	assert_int_equal(calls(&told), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_true(alarms_are_on(dev));
	one_fault(dev, &told, &faults[0]);
	one_fault(dev, &told, &faults[5]);
}

static void
test_storm(void **state)
{
	evdev_for_both(storm);
}

/* Registered once at most; and with the same argument it goes. No call comes after that. */
static void
registration(uint8_t dev)
{
	struct told told = { 0 }, other = { 0 };

	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &other), -EEXIST);
	start_three(dev);
	one_fault(dev, &told, &faults[0]);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, on_alarm, &other), -ENOENT);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, on_alarm, &told), 0);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, on_alarm, &told), -ENOENT);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, NULL, NULL), -ENOENT);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &other), 0);
	one_fault(dev, &other, &faults[0]);
	assert_int_equal(calls(&told), 1);
	/* it stays over a new configuration */
	rte_event_dev_stop(dev);
	start_three(dev);
	one_fault(dev, &other, &faults[0]);
	/* and goes with the device */
}

static void
test_registration(void **state)
{
	evdev_for_both(registration);
}

static void
unregister_within(uint8_t dev_id, const struct rte_pmd_dlb2_alarm *alarm, void *arg)
{
	struct told *told = arg;

	told->unregister = rte_pmd_dlb2_alarm_callback_unregister(dev_id, unregister_within, arg);
	on_alarm(dev_id, alarm, arg);
}

static void
from_callback(uint8_t dev)
{
	struct told told = { 0 };

	start_three(dev);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, unregister_within, &told), 0);
	log_capture();
	forge(dev, 1, faults[0].hcw);
	wait_for_calls(&told, 1);
	log_expect("an alarm callback cannot register or unregister one", NULL);
	assert_int_equal(told.unregister, -EDEADLK);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, unregister_within, &told), 0);
}

static void
test_from_callback(void **state)
{
	evdev_for_both(from_callback);
}

#define SLOW_MS 100

static void
be_slow(uint8_t dev_id, const struct rte_pmd_dlb2_alarm *alarm, void *arg)
{
	struct told *told = arg;

	RTE_SET_USED(dev_id);
	RTE_SET_USED(alarm);
	__atomic_fetch_add(&told->calls, 1, __ATOMIC_RELEASE);
	rte_delay_us_sleep(SLOW_MS * US_PER_S / MS_PER_S);
	told->unregister = 1;
}

/* The callback has ended when the function that unregisters it, or removes the device, returns. */
static void
waits(uint8_t dev)
{
	struct told told = { 0 };
	uint8_t removed;

	start_three(dev);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, be_slow, &told), 0);
	log_capture();
	forge(dev, 1, faults[0].hcw);
	wait_for_calls(&told, 1);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_unregister(dev, be_slow, &told), 0);
	assert_int_equal(told.unregister, 1);

	told = (struct told){ 0 };
	removed = evdev_add("event_dlb2_model1", "");
	start_three(removed);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(removed, be_slow, &told), 0);
	forge(removed, 1, faults[0].hcw);
	wait_for_calls(&told, 1);
	evdev_remove("event_dlb2_model1");
	assert_int_equal(told.unregister, 1);
	log_expect("syndrome", NULL);
}

static void
test_waits(void **state)
{
	evdev_for_both(waits);
}

/*
 * Event devices on one function are told of their own ports only; what is nobody's is everybody's:
 * here a port that no domain has.
 */
static void
several(const char *args)
{
	uint8_t first = evdev_add("event_dlb2_model0", args);
	int second = rte_event_dev_get_dev_id("event_dlb2_model0.1");
	struct told first_told = { 0 }, second_told = { 0 };

	assert_true(second >= 0);
	start_three(first);
	start_three(second);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(first, on_alarm, &first_told), 0);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(second, on_alarm, &second_told), 0);
	one_fault(first, &first_told, &faults[0]);
	one_fault(second, &second_told, &faults[1]);
	one_fault(second, &second_told, &faults[5]);
	assert_int_equal(calls(&first_told), 1);
	assert_int_equal(alarm_stat(first, "dev", -1, "illegal_enqueue"), 0);
	assert_int_equal(alarm_stat(second, "dev", -1, "no_open_event"), 0);

	forget_rate(first);
	log_capture();
	post(first, DLB2_LDB, 63, faults[0].hcw);
	wait_for_calls(&first_told, 2);
	wait_for_calls(&second_told, 3);
	log_expect("port 63, which is no event port of this device", NULL);
	assert_int_equal(second_told.dev_id, second);
	assert_int_equal(second_told.last.cause, RTE_PMD_DLB2_ALARM_OTHER);
	assert_int_equal(second_told.last.port_id, -1);
	assert_int_equal(second_told.last.hw_port, 63);
	assert_int_equal(alarm_stat(first, "dev", -1, "other"), 1);
	assert_int_equal(alarm_stat(second, "dev", -1, "other"), 1);
	rte_event_dev_stop(second);
	evdev_remove("event_dlb2_model0");
}

static void
test_several(void **state)
{
	several("hw=2.0,domains=2");
	several("hw=2.5,domains=2");
}

/* A real one: an event to the queue of another event device on the function. */
static void
another_queue(const char *args)
{
	struct dlb2_hcw hcw = { .cmd = DLB2_CMD_NEW, .sched = DLB2_SCHED_ATOMIC };
	uint8_t first = evdev_add("event_dlb2_model0", args);
	uint8_t second = rte_event_dev_get_dev_id("event_dlb2_model0.1");
	struct told told = { 0 };

	start_three(first);
	start_three(second);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(first, on_alarm, &told), 0);
	hcw.qid = hw_id(second, "qid", 0);
	log_capture();
	forge(first, 1, hcw);
	wait_for_calls(&told, 1);
	log_expect("event to a queue that is closed", "event port 1 (", "no event queue of this device",
		   NULL);
	assert_int_equal(told.last.cause, RTE_PMD_DLB2_ALARM_DISABLED_QUEUE);
	assert_int_equal(told.last.queue_id, -1);
	assert_int_equal(told.last.hw_queue, hcw.qid);
	assert_int_equal(alarm_stat(first, "port", 1, "disabled_queue"), 1);
	assert_int_equal(alarm_stat(first, "dev", -1, "disabled_queue"), 1);
	assert_int_equal(alarm_stat(second, "dev", -1, "disabled_queue"), 0);
	assert_int_equal(alarm_stat(second, "qid", 0, "disabled_queue"), 0);
	rte_event_dev_stop(second);
	evdev_remove("event_dlb2_model0");
}

static void
test_another_queue(void **state)
{
	another_queue("hw=2.0,domains=2");
	another_queue("hw=2.5,domains=2");
}

/* An error of the device itself, which no command brings about. */
static void
hardware(uint8_t dev)
{
	const struct dlb2_alarm alarm = { .cause = DLB2_ALARM_HARDWARE, .syndrome = { 0x84000400 } };
	struct told told = { 0 };

	start_three(dev);
	assert_int_equal(rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, &told), 0);
	log_capture();
	pthread_mutex_lock(&process_of(dev)->function->users_lock);
	dlb2_alarm_report(process_of(dev), &alarm, true);
	pthread_mutex_unlock(&process_of(dev)->function->users_lock);
	log_expect("the device reports: an error of its own; no port, no queue; syndrome 0x84000400",
		   NULL);
	assert_int_equal(told.last.cause, RTE_PMD_DLB2_ALARM_HARDWARE);
	assert_int_equal(told.last.port_id, -1);
	assert_int_equal(told.last.hw_port, -1);
	assert_int_equal(told.last.queue_id, -1);
	assert_int_equal(told.last.hw_queue, -1);
	assert_int_equal(evdev_xstat(dev, "dev_alarm_hardware"), 1);
}

static void
test_hardware(void **state)
{
	evdev_for_both(hardware);
}

/* The guide shows what is between the marks. */
/* example begins */
struct watch {
	int wake_fd;            /* an eventfd that the control thread polls */
	unsigned int misuses[256]; /* by event port */
};

/* In EAL's interrupt thread: notes what happened and leaves the rest to the control thread. */
static void
note_misuse(uint8_t dev_id, const struct rte_pmd_dlb2_alarm *alarm, void *arg)
{
	struct watch *watch = arg;

	RTE_SET_USED(dev_id);
	if (alarm->port_id < 0)
		return; /* an error of the device, or of nobody's port */
	__atomic_fetch_add(&watch->misuses[alarm->port_id], 1, __ATOMIC_RELAXED);
	eventfd_write(watch->wake_fd, 1);
}

static int
begin_watch(uint8_t dev_id, struct watch *watch)
{
	watch->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (watch->wake_fd < 0)
		return -errno;
	return rte_pmd_dlb2_alarm_callback_register(dev_id, note_misuse, watch);
}

/* Before `watch` goes: afterwards the callback does not run and is not called. */
static void
end_watch(uint8_t dev_id, struct watch *watch)
{
	rte_pmd_dlb2_alarm_callback_unregister(dev_id, note_misuse, watch);
	close(watch->wake_fd);
}
/* example ends */

static void
example(uint8_t dev)
{
	struct watch watch = { 0 };
	struct pollfd woken;

	assert_int_equal(begin_watch(dev, &watch), 0);
	start_three(dev);
	woken = (struct pollfd){ .fd = watch.wake_fd, .events = POLLIN };
	log_capture();
	forge(dev, 1, faults[0].hcw);
	assert_int_equal(poll(&woken, 1, PATIENCE_MS), 1);
	log_expect("syndrome", NULL);
	assert_int_equal(watch.misuses[1], 1);
	assert_int_equal(watch.misuses[0], 0);
	end_watch(dev, &watch);
}

static void
test_example(void **state)
{
	evdev_for_both(example);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_closed_queue),
		cmocka_unit_test(test_no_credit),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_registration),
		cmocka_unit_test(test_from_callback),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_another_queue),
		cmocka_unit_test(test_hardware),
		cmocka_unit_test(test_example),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
