/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * rte_event_dev_selftest(): eight cases of what an application relies on (pmd-interface 17),
 * through the public API, on the device it is called for. The device must be stopped; it is closed
 * afterwards. One thread does all of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_service.h>

#include "dlb2_priv.h"
#include "rte_pmd_dlb2.h"

/* What the device should deliver is there in microseconds. */
#define PATIENCE_MS 1000
/* Nothing more comes, if nothing came for so long. */
#define SILENCE_US 200

struct selftest {
	uint8_t dev_id;
	const char *device;   /* for messages */
	bool central_sched;
	uint32_t service_id;
	unsigned int max_queues, max_ports; /* load-balanced ones */
};

#define CHECK(test, condition, ...) do { \
	if (!(condition)) { \
		DLB2_LINE(ERR, (test)->device, "self-test: " __VA_ARGS__); \
		return -1; \
	} \
} while (0)

/* A model that is run by a service needs someone to run the service. */
static void
let_device_work(const struct selftest *test)
{
	if (test->central_sched)
		rte_service_run_iter_on_app_lcore(test->service_id, 1);
}

static int
configure(const struct selftest *test, unsigned int ports, unsigned int queues, unsigned int pairs)
{
	struct rte_event_dev_info info;
	struct rte_event_dev_config conf = {
		.nb_event_ports = ports,
		.nb_event_queues = queues,
		.nb_single_link_event_port_queues = pairs,
	};

	if (rte_event_dev_info_get(test->dev_id, &info) != 0)
		return -1;
	conf.nb_events_limit = info.max_num_events;
	conf.nb_event_queue_flows = info.max_event_queue_flows;
	conf.nb_event_port_dequeue_depth = info.max_event_port_dequeue_depth;
	conf.nb_event_port_enqueue_depth = info.max_event_port_enqueue_depth;
	return rte_event_dev_configure(test->dev_id, &conf);
}

static int
setup_queue(const struct selftest *test, uint8_t queue, uint32_t flags, uint8_t sched_type)
{
	struct rte_event_queue_conf conf;

	if (rte_event_queue_default_conf_get(test->dev_id, queue, &conf) != 0)
		return -1;
	conf.event_queue_cfg = flags;
	conf.schedule_type = sched_type;
	return rte_event_queue_setup(test->dev_id, queue, &conf);
}

/* `depth` 0 keeps the default. */
static int
setup_port(const struct selftest *test, uint8_t port, uint32_t flags, uint16_t depth)
{
	struct rte_event_port_conf conf;

	if (rte_event_port_default_conf_get(test->dev_id, port, &conf) != 0)
		return -1;
	conf.event_port_cfg = flags;
	if (depth > 0)
		conf.dequeue_depth = depth;
	return rte_event_port_setup(test->dev_id, port, &conf);
}

static int
link_one(const struct selftest *test, uint8_t port, uint8_t queue)
{
	return rte_event_port_link(test->dev_id, port, &queue, NULL, 1);
}

static int
enqueue(const struct selftest *test, uint8_t port, const struct rte_event *event)
{
	uint64_t end = rte_get_timer_cycles() + rte_get_timer_hz() / MS_PER_S * PATIENCE_MS;

	while (rte_event_enqueue_burst(test->dev_id, port, event, 1) != 1) {
		if (rte_errno != ENOSPC || rte_get_timer_cycles() > end)
			return -1;
		let_device_work(test);
	}
	return 0;
}

static int
enqueue_new(const struct selftest *test, uint8_t port, uint8_t queue, uint8_t sched_type,
	    uint64_t value)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW,
		.queue_id = queue,
		.sched_type = sched_type,
		.u64 = value,
	};

	return enqueue(test, port, &event);
}

static int
enqueue_op(const struct selftest *test, uint8_t port, struct rte_event event, uint8_t op)
{
	event.op = op;
	return enqueue(test, port, &event);
}

/* One event, or -1 when none comes. */
static int
dequeue_within(const struct selftest *test, uint8_t port, struct rte_event *event, uint64_t cycles)
{
	uint64_t end = rte_get_timer_cycles() + cycles;

	do {
		if (rte_event_dequeue_burst(test->dev_id, port, event, 1, 0) == 1)
			return 0;
		let_device_work(test);
	} while (rte_get_timer_cycles() < end);
	return -1;
}

static int
dequeue(const struct selftest *test, uint8_t port, struct rte_event *event)
{
	return dequeue_within(test, port, event, rte_get_timer_hz() / MS_PER_S * PATIENCE_MS);
}

static bool
is_silent(const struct selftest *test, uint8_t port)
{
	struct rte_event event;

	return dequeue_within(test, port, &event, rte_get_timer_hz() / US_PER_S * SILENCE_US) != 0;
}

static void
free_mbuf(uint8_t dev_id, struct rte_event event, void *arg)
{
	RTE_SET_USED(dev_id);
	RTE_SET_USED(arg);
	rte_pktmbuf_free(event.mbuf);
}

static int
fill_two_queues(const struct selftest *test, struct rte_mempool *pool)
{
	uint8_t lonely = 1, queue;
	struct rte_event_port_conf port;
	struct rte_mbuf *mbuf;
	unsigned int i;

	CHECK(test, rte_event_dev_start(test->dev_id) == 0, "start fails");
	CHECK(test, rte_event_port_unlink(test->dev_id, 0, &lonely, 1) == 1, "unlinking fails");
	CHECK(test, rte_event_port_default_conf_get(test->dev_id, 0, &port) == 0,
	      "no default port configuration");
	for (i = 0; i < 2u * (port.dequeue_depth + 1); i++) {
		queue = i & 1;
		mbuf = rte_pktmbuf_alloc(pool);
		CHECK(test, mbuf != NULL, "the mbuf pool is empty");
		CHECK(test,
		      enqueue_new(test, 0, queue, RTE_SCHED_TYPE_ATOMIC, (uintptr_t)mbuf) == 0,
		      "event %u is refused", i);
	}
	return 0;
}

/* Stop hands every event to the callback, those of a queue that lost its link too. */
static int
test_stop_flush(const struct selftest *test)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *pool;
	unsigned int left;
	int ret;

	CHECK(test, configure(test, 1, 2, 0) == 0, "configure fails");
	CHECK(test, setup_queue(test, 0, 0, RTE_SCHED_TYPE_ATOMIC) == 0, "set-up of queue 0 fails");
	CHECK(test, setup_queue(test, 1, 0, RTE_SCHED_TYPE_ATOMIC) == 0, "set-up of queue 1 fails");
	CHECK(test, setup_port(test, 0, 0, 0) == 0, "set-up of the port fails");
	CHECK(test, rte_event_port_link(test->dev_id, 0, NULL, NULL, 0) == 2, "linking fails");
	snprintf(name, sizeof(name), "dlb2_selftest_%u", test->dev_id);
	pool = rte_pktmbuf_pool_create(name, 255, 0, 0, 0, rte_event_dev_socket_id(test->dev_id));
	CHECK(test, pool != NULL, "no mbuf pool can be made: %s", rte_strerror(rte_errno));
	rte_event_dev_stop_flush_callback_register(test->dev_id, free_mbuf, NULL);
	ret = fill_two_queues(test, pool);
	rte_event_dev_stop(test->dev_id);
	rte_event_dev_stop_flush_callback_register(test->dev_id, NULL, NULL);
	left = rte_mempool_in_use_count(pool);
	rte_mempool_free(pool);
	CHECK(test, left == 0, "%u events were not flushed", left);
	return ret;
}

/* There are no more single-link queues and ports than configured, and each has its one link. */
static int
test_single_link(const struct selftest *test)
{
	CHECK(test, configure(test, 2, 2, 1) == 0, "configure fails");
	CHECK(test, setup_queue(test, 0, RTE_EVENT_QUEUE_CFG_SINGLE_LINK, 0) == 0,
	      "the single-link queue is refused");
	CHECK(test, setup_queue(test, 1, RTE_EVENT_QUEUE_CFG_SINGLE_LINK, 0) != 0,
	      "one single-link queue too many is accepted");
	CHECK(test, setup_queue(test, 1, 0, RTE_SCHED_TYPE_ATOMIC) == 0,
	      "the load-balanced queue is refused");
	CHECK(test, setup_port(test, 0, RTE_EVENT_PORT_CFG_SINGLE_LINK, 0) == 0,
	      "the single-link port is refused");
	CHECK(test, setup_port(test, 1, RTE_EVENT_PORT_CFG_SINGLE_LINK, 0) != 0,
	      "one single-link port too many is accepted");
	CHECK(test, setup_port(test, 1, 0, 0) == 0, "the load-balanced port is refused");
	CHECK(test, link_one(test, 0, 1) == 0, "a single-link port takes a load-balanced queue");
	CHECK(test, link_one(test, 0, 0) == 1, "the single-link pair is not linked");
	CHECK(test, link_one(test, 1, 0) == 0, "a single-link queue takes a second port");
	CHECK(test, link_one(test, 1, 1) == 1, "the load-balanced pair is not linked");
	return 0;
}

static int
check_info(const struct selftest *test)
{
	struct rte_event_dev_info info;

	CHECK(test, rte_event_dev_info_get(test->dev_id, &info) == 0, "no information");
	CHECK(test, info.max_event_ports == test->max_ports, "%u ports instead of %u",
	      info.max_event_ports, test->max_ports);
	CHECK(test, info.max_event_queues == test->max_queues, "%u queues instead of %u",
	      info.max_event_queues, test->max_queues);
	return 0;
}

/*
 * The limits are those of load-balanced objects, and what the application holds itself counts as
 * available.
 */
static int
test_info(const struct selftest *test)
{
	int ret = check_info(test);

	if (ret != 0)
		return ret;
	CHECK(test, configure(test, test->max_ports, test->max_queues, test->max_queues / 2) == 0,
	      "configure fails");
	return check_info(test);
}

static int
start_and_stop(const struct selftest *test, const char *when)
{
	CHECK(test, rte_event_dev_start(test->dev_id) == 0, "start fails %s", when);
	rte_event_dev_stop(test->dev_id);
	return 0;
}

/* Whatever is not set up again is as it was. Load-balanced objects first. */
static int
reconfigure_balanced(const struct selftest *test)
{
	CHECK(test, configure(test, 2, 2, 0) == 0, "configure fails");
	CHECK(test,
	      setup_queue(test, 0, 0, RTE_SCHED_TYPE_ATOMIC) == 0 &&
		      setup_queue(test, 1, 0, RTE_SCHED_TYPE_ATOMIC) == 0 &&
		      setup_port(test, 0, 0, 0) == 0 && setup_port(test, 1, 0, 0) == 0,
	      "set-up fails");
	CHECK(test, link_one(test, 0, 0) == 1 && link_one(test, 1, 1) == 1, "linking fails");
	CHECK(test, start_and_stop(test, "the first time") == 0, "see above");

	CHECK(test, configure(test, 2, 2, 0) == 0, "reconfigure fails");
	CHECK(test, start_and_stop(test, "with nothing set up again") == 0, "see above");

	CHECK(test, configure(test, 2, 2, 0) == 0, "reconfigure fails");
	CHECK(test, setup_port(test, 0, 0, 0) == 0, "set-up of a port again fails");
	CHECK(test, rte_event_dev_start(test->dev_id) == -ENOLINK,
	      "a queue that lost its link is not noticed");
	CHECK(test, link_one(test, 0, 0) == 1, "linking fails");
	CHECK(test, start_and_stop(test, "with one port set up again") == 0, "see above");

	CHECK(test, configure(test, 2, 2, 0) == 0, "reconfigure fails");
	CHECK(test, link_one(test, 0, 1) == 1 && link_one(test, 1, 0) == 1,
	      "linking of what was not set up again fails");
	return start_and_stop(test, "with more links");
}

/* Then directed ones, whose links change places, then both kinds. */
static int
reconfigure_directed(const struct selftest *test)
{
	unsigned int i;

	CHECK(test, configure(test, 2, 2, 2) == 0, "reconfigure to single links fails");
	for (i = 0; i < 2; i++) {
		CHECK(test,
		      setup_queue(test, i, RTE_EVENT_QUEUE_CFG_SINGLE_LINK, 0) == 0 &&
			      setup_port(test, i, RTE_EVENT_PORT_CFG_SINGLE_LINK, 0) == 0,
		      "set-up of pair %u fails", i);
	}
	CHECK(test, link_one(test, 0, 0) == 1 && link_one(test, 1, 1) == 1, "linking fails");
	CHECK(test, start_and_stop(test, "with single links") == 0, "see above");

	CHECK(test, configure(test, 2, 2, 2) == 0, "reconfigure fails");
	for (i = 0; i < 2; i++)
		CHECK(test, setup_port(test, i, RTE_EVENT_PORT_CFG_SINGLE_LINK, 0) == 0,
		      "set-up of port %u again fails", i);
	CHECK(test, link_one(test, 0, 1) == 1 && link_one(test, 1, 0) == 1, "swapping links fails");
	return start_and_stop(test, "with swapped single links");
}

static int
reconfigure_mixed(const struct selftest *test)
{
	unsigned int i;

	CHECK(test, configure(test, 5, 5, 1) == 0, "growing fails");
	for (i = 0; i < 5; i++) {
		CHECK(test,
		      setup_queue(test, i, i == 4 ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0,
				  RTE_SCHED_TYPE_ATOMIC) == 0 &&
			      setup_port(test, i, i == 4 ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0, 0) ==
				      0 &&
			      link_one(test, i, i) == 1,
		      "set-up of pair %u fails", i);
	}
	CHECK(test, start_and_stop(test, "with both kinds") == 0, "see above");

	CHECK(test, configure(test, 6, 5, 1) == 0, "one port more fails");
	CHECK(test, setup_port(test, 5, 0, 0) == 0 && link_one(test, 5, 3) == 1,
	      "set-up of the new port fails");
	return start_and_stop(test, "with one port more");
}

static int
test_reconfigure(const struct selftest *test)
{
	int ret = reconfigure_balanced(test);

	if (ret == 0)
		ret = reconfigure_directed(test);
	if (ret == 0)
		ret = reconfigure_mixed(test);
	return ret;
}

/* NEW, FORWARD and RELEASE through one queue and one port. */
static int
pass_events(const struct selftest *test, uint8_t port, uint8_t queue)
{
	struct rte_event event;

	CHECK(test, enqueue_new(test, port, queue, RTE_SCHED_TYPE_ATOMIC, 42) == 0,
	      "NEW is refused");
	CHECK(test, dequeue(test, port, &event) == 0, "the new event does not come");
	CHECK(test, event.queue_id == queue && event.u64 == 42,
	      "the new event came from queue %u with another value", event.queue_id);
	CHECK(test, enqueue_op(test, port, event, RTE_EVENT_OP_FORWARD) == 0, "FORWARD is refused");
	CHECK(test, dequeue(test, port, &event) == 0, "the forwarded event does not come");
	CHECK(test, event.queue_id == queue && event.u64 == 42,
	      "the forwarded event came from queue %u with another value", event.queue_id);
	CHECK(test, enqueue_op(test, port, event, RTE_EVENT_OP_RELEASE) == 0, "RELEASE is refused");
	CHECK(test, is_silent(test, port), "an event came that nobody sent");
	return 0;
}

static int
test_balanced_traffic(const struct selftest *test)
{
	CHECK(test, configure(test, 1, 1, 0) == 0, "configure fails");
	CHECK(test,
	      setup_queue(test, 0, 0, RTE_SCHED_TYPE_ATOMIC) == 0 &&
		      setup_port(test, 0, 0, 0) == 0 && link_one(test, 0, 0) == 1,
	      "set-up fails");
	CHECK(test, rte_event_dev_start(test->dev_id) == 0, "start fails");
	return pass_events(test, 0, 0);
}

/* The directed queue is number 1, so that its number is seen to be right. */
static int
test_directed_traffic(const struct selftest *test)
{
	CHECK(test, configure(test, 2, 2, 1) == 0, "configure fails");
	CHECK(test,
	      setup_queue(test, 0, 0, RTE_SCHED_TYPE_ATOMIC) == 0 &&
		      setup_port(test, 0, 0, 0) == 0 && link_one(test, 0, 0) == 1,
	      "set-up fails");
	CHECK(test,
	      setup_queue(test, 1, RTE_EVENT_QUEUE_CFG_SINGLE_LINK, 0) == 0 &&
		      setup_port(test, 1, RTE_EVENT_PORT_CFG_SINGLE_LINK, 0) == 0 &&
		      link_one(test, 1, 1) == 1,
	      "set-up of the pair fails");
	CHECK(test, rte_event_dev_start(test->dev_id) == 0, "start fails");
	return pass_events(test, 1, 1);
}

/*
 * A port with deferred pop and depth 1 holds one event and keeps none waiting: the others go
 * elsewhere.
 */
static int
test_deferred_pop(const struct selftest *test)
{
	const unsigned int num = 128;
	struct rte_event event;
	unsigned int i;

	CHECK(test, configure(test, 2, 1, 0) == 0, "configure fails");
	CHECK(test, setup_queue(test, 0, 0, RTE_SCHED_TYPE_PARALLEL) == 0,
	      "set-up of the queue fails");
	for (i = 0; i < 2; i++) {
		CHECK(test,
		      rte_pmd_dlb2_set_token_pop_mode(test->dev_id, i, RTE_PMD_DLB2_DEFERRED_POP) ==
			      0,
		      "the token pop mode is refused");
		CHECK(test, setup_port(test, i, 0, 1) == 0 && link_one(test, i, 0) == 1,
		      "set-up of port %u fails", i);
	}
	CHECK(test, rte_event_dev_start(test->dev_id) == 0, "start fails");
	for (i = 0; i < num; i++)
		CHECK(test, enqueue_new(test, 0, 0, RTE_SCHED_TYPE_PARALLEL, i) == 0,
		      "event %u is refused", i);
	CHECK(test, dequeue(test, 0, &event) == 0, "the first port gets nothing");
	for (i = 1; i < num; i++)
		CHECK(test, dequeue(test, 1, &event) == 0, "the second port gets %u of %u events",
		      i - 1, num - 1);
	return 0;
}

static int
take_and_keep_one(const struct selftest *test, unsigned int depth)
{
	struct rte_event event;
	unsigned int i;

	for (i = 0; i < depth; i++)
		CHECK(test, dequeue(test, 0, &event) == 0, "event %u does not come", i);
	for (i = 0; i + 1 < depth; i++)
		CHECK(test, enqueue_op(test, 0, event, RTE_EVENT_OP_RELEASE) == 0,
		      "release %u is refused", i);
	CHECK(test, is_silent(test, 0), "an event comes before all are released");
	CHECK(test, enqueue_op(test, 0, event, RTE_EVENT_OP_RELEASE) == 0,
	      "the last release is refused");
	return 0;
}

/* A port with delayed pop gets new events when it has finished as many as it can take. */
static int
test_delayed_pop(const struct selftest *test)
{
	struct rte_event_port_conf port;
	struct rte_event event;
	unsigned int i;

	CHECK(test, configure(test, 1, 1, 0) == 0, "configure fails");
	CHECK(test, setup_queue(test, 0, 0, RTE_SCHED_TYPE_PARALLEL) == 0,
	      "set-up of the queue fails");
	CHECK(test, rte_pmd_dlb2_set_token_pop_mode(test->dev_id, 0, RTE_PMD_DLB2_DELAYED_POP) == 0,
	      "the token pop mode is refused");
	CHECK(test,
	      setup_port(test, 0, RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL, 0) == 0 &&
		      link_one(test, 0, 0) == 1,
	      "set-up of the port fails");
	CHECK(test, rte_event_port_default_conf_get(test->dev_id, 0, &port) == 0,
	      "no default port configuration");
	CHECK(test, rte_event_dev_start(test->dev_id) == 0, "start fails");
	for (i = 0; i < 2u * port.dequeue_depth; i++)
		CHECK(test, enqueue_new(test, 0, 0, RTE_SCHED_TYPE_PARALLEL, i) == 0,
		      "event %u is refused", i);
	if (take_and_keep_one(test, port.dequeue_depth) != 0)
		return -1;
	for (i = 0; i < port.dequeue_depth; i++) {
		CHECK(test, dequeue(test, 0, &event) == 0,
		      "event %u of the second lot does not come", i);
		CHECK(test, enqueue_op(test, 0, event, RTE_EVENT_OP_RELEASE) == 0,
		      "its release is refused");
	}
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct selftest *test);
} cases[] = {
	{ "stop flush", test_stop_flush },
	{ "single link", test_single_link },
	{ "information", test_info },
	{ "reconfiguration", test_reconfigure },
	{ "load-balanced traffic", test_balanced_traffic },
	{ "directed traffic", test_directed_traffic },
	{ "deferred pop", test_deferred_pop },
	{ "delayed pop", test_delayed_pop },
};

static void
stop_and_close(const struct selftest *test)
{
	uint32_t started = 0;

	rte_event_dev_attr_get(test->dev_id, RTE_EVENT_DEV_ATTR_STARTED, &started);
	if (started)
		rte_event_dev_stop(test->dev_id);
	rte_event_dev_close(test->dev_id);
}

static int
selftest(uint8_t dev_id)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(&rte_eventdevs[dev_id]);
	struct selftest test = {
		.dev_id = dev_id,
		.device = evdev->name,
		.central_sched = evdev->central_sched,
		.max_queues = RTE_MIN(evdev->share.ldb_queues, evdev->options.max_event_queues),
		.max_ports = evdev->share.ldb_ports,
	};
	unsigned int i;
	int ret = 0;

	CHECK(&test, !evdev->started, "the device runs: stop it first");
	if (test.central_sched) {
		rte_event_dev_service_id_get(dev_id, &test.service_id);
		rte_service_runstate_set(test.service_id, 1);
	}
	rte_event_dev_close(dev_id);
	for (i = 0; ret == 0 && i < RTE_DIM(cases); i++) {
		ret = cases[i].run(&test);
		stop_and_close(&test);
		printf("%s self-test: %s: %s\n", test.device, cases[i].name,
		       ret == 0 ? "passed" : "FAILED");
	}
	return ret;
}

/*
 * The library does not tell the op which device is meant, so each device gets a function of its
 * own.
 */
#define SELFTEST_OF(id) static int selftest_of_ ## id(void) { return selftest(id); }
#define SELFTEST_OP(id) selftest_of_ ## id,
#define FOR_ALL_DEVICES(X) \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

FOR_ALL_DEVICES(SELFTEST_OF)

eventdev_selftest
dlb2_selftest_op(uint8_t dev_id)
{
	static const eventdev_selftest ops[] = { FOR_ALL_DEVICES(SELFTEST_OP) };

	RTE_BUILD_BUG_ON(RTE_DIM(ops) != RTE_EVENT_MAX_DEVS);
	return ops[dev_id];
}
