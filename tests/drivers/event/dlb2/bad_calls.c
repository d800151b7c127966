/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See bad_calls.h. BAD_CALLS at the end has a line or two for each; what is above it makes that
 * possible.
 */
#include <errno.h>

#include "evdev_test.h"

#include <rte_common.h>

#include "bad_calls.h"
#include "link_profiles.h"
#include "rte_pmd_dlb2.h"

#define SINGLE_QUEUE RTE_EVENT_QUEUE_CFG_SINGLE_LINK
#define SINGLE_PORT RTE_EVENT_PORT_CFG_SINGLE_LINK
#define ORDERED RTE_SCHED_TYPE_ORDERED
#define ATOMIC RTE_SCHED_TYPE_ATOMIC
#define THRESHOLD DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD
#define NO_SUCH_DEVICE 15
#define ANY_LIMIT 100

/* Functions that count what they did say in rte_errno why it is less than was asked. */
#define COUNTED(call) (rte_errno = 0, (call) > 0 ? 0 : -rte_errno)

static int
configure(uint8_t dev, unsigned int ports, unsigned int queues, unsigned int pairs, int limit)
{
	struct rte_event_dev_config conf = evdev_conf(dev, ports, queues, pairs);

	conf.nb_events_limit = limit;
	return rte_event_dev_configure(dev, &conf);
}

static int
configure_depths(uint8_t dev, unsigned int more_dequeue, unsigned int more_enqueue)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 1, 1, 0);

	conf.nb_event_port_dequeue_depth += more_dequeue;
	conf.nb_event_port_enqueue_depth += more_enqueue;
	return rte_event_dev_configure(dev, &conf);
}

static struct rte_event_dev_info
info_of(uint8_t dev)
{
	struct rte_event_dev_info info;

	assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
	return info;
}

static int
set_up_queue(uint8_t dev, uint8_t queue, uint32_t flags, uint8_t type, unsigned int window)
{
	struct rte_event_queue_conf conf;

	rte_event_queue_default_conf_get(dev, queue, &conf);
	conf.event_queue_cfg = flags;
	conf.schedule_type = type;
	conf.nb_atomic_order_sequences = window;
	return rte_event_queue_setup(dev, queue, &conf);
}

/* The two groups of sequence numbers have a size each; the third has no place. */
static int
set_up_third_window(uint8_t dev)
{
	int ret = set_up_queue(dev, 0, 0, ORDERED, 1024);

	if (ret == 0)
		ret = set_up_queue(dev, 1, 0, ORDERED, 512);
	return ret != 0 ? 0 : set_up_queue(dev, 2, 0, ORDERED, 64);
}

/* One queue more than there are load-balanced ones, of a device that shall have a single-link one. */
static int
set_up_too_many_queues(uint8_t dev)
{
	unsigned int most = info_of(dev).max_event_queues, i;
	int ret = configure(dev, most + 1, most + 1, 1, ANY_LIMIT);

	for (i = 0; ret == 0 && i < most; i++)
		ret = set_up_queue(dev, i, 0, ATOMIC, 64);
	return ret != 0 ? 0 : set_up_queue(dev, most, 0, ATOMIC, 64);
}

/* The same of ports. */
static int
set_up_too_many_ports(uint8_t dev)
{
	unsigned int most = info_of(dev).max_event_ports, i;
	int ret = configure(dev, most + 1, 2, 1, ANY_LIMIT);

	for (i = 0; ret == 0 && i < most; i++)
		ret = evdev_setup_port(dev, i, 0);
	return ret != 0 ? 0 : evdev_setup_port(dev, most, 0);
}

static int
set_up_port(uint8_t dev, uint16_t dequeue_depth, uint16_t enqueue_depth, int32_t threshold)
{
	struct rte_event_port_conf conf = {
		.dequeue_depth = dequeue_depth,
		.enqueue_depth = enqueue_depth,
		.new_event_threshold = threshold,
	};

	return rte_event_port_setup(dev, 0, &conf);
}

/* Port 0 and nine queues, of which the last has no place. */
static int
link_nine(uint8_t dev)
{
	unsigned int i;
	int ret = evdev_setup_port(dev, 0, 0);

	for (i = 0; i < 9 && ret == 0; i++)
		ret = set_up_queue(dev, i, 0, ATOMIC, 0);
	for (i = 0; i < 8 && ret == 0; i++)
		ret = evdev_link(dev, 0, i) == 1 ? 0 : -1;
	return ret != 0 ? 0 : COUNTED(evdev_link(dev, 0, 8));
}

/* A port has slots for eight queues, whatever profiles they are in. */
static int
link_nine_in_profiles(uint8_t dev)
{
	unsigned int i;
	int ret = evdev_setup_port(dev, 0, 0);

	for (i = 0; i < 9 && ret == 0; i++)
		ret = set_up_queue(dev, i, 0, ATOMIC, 0);
	for (i = 0; i < 8 && ret == 0; i++)
		ret = profile_link(dev, 0, i, RTE_EVENT_DEV_PRIORITY_NORMAL, i) == 1 ? 0 : -1;
	return ret != 0 ? 0 : COUNTED(profile_link(dev, 0, 8, RTE_EVENT_DEV_PRIORITY_NORMAL, 3));
}

static int
link_unset_queue(uint8_t dev)
{
	return evdev_setup_port(dev, 0, 0) != 0 ? 0 : COUNTED(evdev_link(dev, 0, 1));
}

/* Another port for the queue of the pair: that has to be set up as a second pair's. */
static int
link_second_port(uint8_t dev)
{
	int ret = configure(dev, 2, 2, 2, ANY_LIMIT);
	unsigned int i;

	for (i = 0; i < 2 && ret == 0; i++) {
		ret = set_up_queue(dev, i, SINGLE_QUEUE, ATOMIC, 0);
		if (ret == 0)
			ret = evdev_setup_port(dev, i, SINGLE_PORT);
	}
	if (ret == 0 && evdev_link(dev, 0, 0) != 1)
		ret = -1;
	return ret != 0 ? 0 : COUNTED(evdev_link(dev, 1, 0));
}

/* All is set up but for the link of the last queue. */
static int
start_without_link(uint8_t dev)
{
	return evdev_unlink(dev, 1, 1) != 1 ? 0 : rte_event_dev_start(dev);
}

static int
enqueue(uint8_t dev, uint8_t op, uint8_t queue, uint8_t type)
{
	struct rte_event event = { .op = op, .queue_id = queue, .sched_type = type };

	return COUNTED(rte_event_enqueue_burst(dev, 0, &event, 1));
}

/* As many as there may be: no mistake, but answered too. */
static int
enqueue_too_many(uint8_t dev)
{
	struct rte_event event = { .op = RTE_EVENT_OP_NEW, .queue_id = 1, .sched_type = ATOMIC };
	unsigned int i = 0;
	int err;

	rte_errno = 0;
	while (i < 20000 && rte_event_enqueue_burst(dev, 0, &event, 1) == 1)
		i++;
	err = rte_errno;
	assert_int_equal(evdev_receive(dev, 1), i);
	return -err;
}

static int
get_xstat(uint8_t dev, enum rte_event_dev_xstats_mode mode, uint8_t object, uint64_t id)
{
	uint64_t value;

	return rte_event_dev_xstats_get(dev, mode, object, &id, &value, 1);
}

static int
reset_xstat(uint8_t dev, enum rte_event_dev_xstats_mode mode, int16_t object, uint64_t id)
{
	return rte_event_dev_xstats_reset(dev, mode, object, &id, 1);
}

static void
on_alarm(uint8_t dev_id, const struct rte_pmd_dlb2_alarm *alarm, void *arg)
{
	RTE_SET_USED(dev_id);
	RTE_SET_USED(alarm);
	RTE_SET_USED(arg);
}

static int
register_twice(uint8_t dev)
{
	int ret = rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, NULL);

	return ret != 0 ? 0 : rte_pmd_dlb2_alarm_callback_register(dev, on_alarm, NULL);
}

static int
set_param(uint8_t dev, uint8_t port, uint64_t flags, unsigned int threshold, unsigned int hl)
{
	struct rte_pmd_dlb2_port_param param = {
		.inflight_threshold = threshold,
		.port_hl = hl,
	};

	return rte_pmd_dlb2_set_port_param(dev, port, flags, &param);
}

static int
fragments(uint8_t dev, uint8_t port, uint16_t n)
{
	struct rte_event events[17] = { { .sched_type = ORDERED } };

	return rte_pmd_dlb2_enqueue_fragments(dev, port, &events[0], events, n);
}

static int
release_atomic(uint8_t dev, uint8_t port, uint16_t n)
{
	struct rte_event event = { .sched_type = ATOMIC };

	return rte_pmd_dlb2_release_atomic(dev, port, &event, n);
}

/* The event goes on as it should after the one call that is wrong. */
static int
enqueue_released(uint8_t dev, uint8_t op, uint8_t queue)
{
	struct rte_event event = { .op = RTE_EVENT_OP_NEW, .queue_id = 1, .sched_type = ATOMIC };
	int ret;

	if (rte_event_enqueue_burst(dev, 0, &event, 1) != 1)
		return 0;
	while (rte_event_dequeue_burst(dev, 1, &event, 1, 0) == 0)
		;
	if (rte_pmd_dlb2_release_atomic(dev, 1, &event, 1) != 0)
		return 0;
	event.op = op;
	event.queue_id = queue;
	ret = rte_pmd_dlb2_enqueue_released(dev, 1, &event, 1);
	event.op = RTE_EVENT_OP_RELEASE;
	return rte_pmd_dlb2_enqueue_released(dev, 1, &event, 1) == 0 ? ret : 0;
}

/* X(id, state, function, what is wrong, error, call) */
#define CONFIGURE_CALLS(X) \
	X(limit_0, NEW, "rte_event_dev_configure", "nb_events_limit 0", EINVAL, \
	  configure(dev, 1, 1, 0, 0)) \
	X(limit_negative, NEW, "rte_event_dev_configure", "nb_events_limit -1", EINVAL, \
	  configure(dev, 1, 1, 0, -1)) \
	X(limit_above, NEW, "rte_event_dev_configure", "nb_events_limit above max_num_events", \
	  EINVAL, configure(dev, 1, 1, 0, info_of(dev).max_num_events + 1)) \
	X(queues_above, NEW, "rte_event_dev_configure", "more queues than max_event_queues", \
	  EINVAL, configure(dev, 1, info_of(dev).max_event_queues + 1, 0, ANY_LIMIT)) \
	X(ports_above, NEW, "rte_event_dev_configure", "more ports than max_event_ports", EINVAL, \
	  configure(dev, info_of(dev).max_event_ports + 1, 1, 0, ANY_LIMIT)) \
	X(no_ports, NEW, "rte_event_dev_configure", "no ports", EINVAL, \
	  configure(dev, 0, 1, 0, ANY_LIMIT)) \
	X(pairs_above, NEW, "rte_event_dev_configure", "a single-link pair too many", EINVAL, \
	  configure(dev, info_of(dev).max_single_link_event_port_queue_pairs + 1, \
		    info_of(dev).max_single_link_event_port_queue_pairs + 1, \
		    info_of(dev).max_single_link_event_port_queue_pairs + 1, ANY_LIMIT)) \
	X(queues_without_port, NEW, "rte_event_dev_configure", \
	  "load-balanced queues, but single-link ports only", EINVAL, \
	  configure(dev, 1, 2, 1, ANY_LIMIT)) \
	X(dequeue_depth_above, NEW, "rte_event_dev_configure", \
	  "nb_event_port_dequeue_depth above the info's", EINVAL, configure_depths(dev, 1, 0)) \
	X(enqueue_depth_above, NEW, "rte_event_dev_configure", \
	  "nb_event_port_enqueue_depth above the info's", EINVAL, configure_depths(dev, 0, 1)) \
	X(configure_running, RUNNING, "rte_event_dev_configure", "while it runs", EBUSY, \
	  configure(dev, 1, 1, 0, ANY_LIMIT))

#define SETUP_CALLS(X) \
	X(queue_unconfigured, NEW, "rte_event_queue_setup", "before configure", EINVAL, \
	  rte_event_queue_setup(dev, 0, NULL)) \
	X(queue_above, STOPPED, "rte_event_queue_setup", "a queue beyond the configured ones", \
	  EINVAL, rte_event_queue_setup(dev, 3, NULL)) \
	X(window_below, STOPPED, "rte_event_queue_setup", "ordered, a window of 32", EINVAL, \
	  set_up_queue(dev, 0, 0, ORDERED, 32)) \
	X(window_odd, STOPPED, "rte_event_queue_setup", "ordered, a window of 100", EINVAL, \
	  set_up_queue(dev, 0, 0, ORDERED, 100)) \
	X(window_above, STOPPED, "rte_event_queue_setup", "ordered, a window of 2048", EINVAL, \
	  set_up_queue(dev, 0, 0, ORDERED, 2048)) \
	X(windows_of_third_size, LARGE, "rte_event_queue_setup", \
	  "a window of a third size", EINVAL, set_up_third_window(dev)) \
	X(schedule_type, STOPPED, "rte_event_queue_setup", "schedule_type 3", EINVAL, \
	  set_up_queue(dev, 0, 0, 3, 64)) \
	X(single_queue_above, STOPPED, "rte_event_queue_setup", "a single-link queue too many", \
	  EINVAL, set_up_queue(dev, 0, SINGLE_QUEUE, ATOMIC, 64)) \
	X(ldb_queue_above, NEW, "rte_event_queue_setup", "a load-balanced queue too many", \
	  EINVAL, set_up_too_many_queues(dev)) \
	X(queue_running, RUNNING, "rte_event_queue_setup", "while it runs", EBUSY, \
	  rte_event_queue_setup(dev, 0, NULL)) \
	X(port_above, STOPPED, "rte_event_port_setup", "a port beyond the configured ones", \
	  EINVAL, rte_event_port_setup(dev, 3, NULL)) \
	X(port_depth_0, STOPPED, "rte_event_port_setup", "dequeue_depth 0", EINVAL, \
	  set_up_port(dev, 0, 32, 10)) \
	X(port_depth_above, STOPPED, "rte_event_port_setup", "dequeue_depth 129", EINVAL, \
	  set_up_port(dev, 129, 32, 10)) \
	X(port_enqueue_0, STOPPED, "rte_event_port_setup", "enqueue_depth 0", EINVAL, \
	  set_up_port(dev, 32, 0, 10)) \
	X(port_enqueue_above, STOPPED, "rte_event_port_setup", "enqueue_depth 129", EINVAL, \
	  set_up_port(dev, 32, 129, 10)) \
	X(port_threshold_0, STOPPED, "rte_event_port_setup", "new_event_threshold 0", EINVAL, \
	  set_up_port(dev, 32, 32, 0)) \
	X(port_threshold_negative, STOPPED, "rte_event_port_setup", "new_event_threshold -1", \
	  EINVAL, set_up_port(dev, 32, 32, -1)) \
	X(port_threshold_above, STOPPED, "rte_event_port_setup", \
	  "new_event_threshold above nb_events_limit", EINVAL, \
	  set_up_port(dev, 32, 32, info_of(dev).max_num_events + 1)) \
	X(single_port_above, STOPPED, "rte_event_port_setup", "a single-link port too many", \
	  EINVAL, evdev_setup_port(dev, 0, SINGLE_PORT)) \
	X(ldb_port_above, NEW, "rte_event_port_setup", "a load-balanced port too many", \
	  EINVAL, set_up_too_many_ports(dev)) \
	X(port_running, RUNNING, "rte_event_port_setup", "while it runs", EBUSY, \
	  rte_event_port_setup(dev, 0, NULL))

#define ATTRIBUTE_CALLS(X) \
	X(attribute_queue_above, STOPPED, "rte_event_queue_attr_set", \
	  "a queue beyond the configured ones", EINVAL, \
	  rte_event_queue_attr_set(dev, 3, RTE_EVENT_QUEUE_ATTR_PRIORITY, 0)) \
	X(attribute_not_set_up, CONFIGURED, "rte_event_queue_attr_set", \
	  "before the queue's set-up", EINVAL, \
	  rte_event_queue_attr_set(dev, 0, RTE_EVENT_QUEUE_ATTR_PRIORITY, 0)) \
	X(attribute_value, RUNNING, "rte_event_queue_attr_set", "priority 256", EINVAL, \
	  rte_event_queue_attr_set(dev, 0, RTE_EVENT_QUEUE_ATTR_PRIORITY, 256)) \
	X(attribute_weight, RUNNING, "rte_event_queue_attr_set", "a weight", ENOTSUP, \
	  rte_event_queue_attr_set(dev, 0, RTE_EVENT_QUEUE_ATTR_WEIGHT, 1)) \
	X(attribute_affinity, RUNNING, "rte_event_queue_attr_set", "an affinity", ENOTSUP, \
	  rte_event_queue_attr_set(dev, 0, RTE_EVENT_QUEUE_ATTR_AFFINITY, 1)) \
	X(attribute_fixed, RUNNING, "rte_event_queue_attr_set", "schedule_type", ENOTSUP, \
	  rte_event_queue_attr_set(dev, 0, RTE_EVENT_QUEUE_ATTR_SCHEDULE_TYPE, ATOMIC)) \
	X(attribute_unknown, RUNNING, "rte_event_queue_attr_set", "attribute 99", EINVAL, \
	  rte_event_queue_attr_set(dev, 0, 99, 0))

#define LINK_CALLS(X) \
	X(link_port_above, STOPPED, "rte_event_port_link", "a port beyond the configured ones", \
	  EINVAL, COUNTED(evdev_link(dev, 3, 0))) \
	X(link_queue_above, STOPPED, "rte_event_port_link", \
	  "a queue beyond the configured ones", EINVAL, COUNTED(evdev_link(dev, 0, 3))) \
	X(link_port_not_set_up, CONFIGURED, "rte_event_port_link", "before the port's set-up", \
	  EINVAL, COUNTED(evdev_link(dev, 0, 0))) \
	X(link_queue_not_set_up, CONFIGURED, "rte_event_port_link", "before the queue's set-up", \
	  EINVAL, link_unset_queue(dev)) \
	X(link_single_queue, STOPPED, "rte_event_port_link", \
	  "a load-balanced port to a single-link queue with a link", EDQUOT, \
	  COUNTED(evdev_link(dev, 0, 2))) \
	X(link_single_port, STOPPED, "rte_event_port_link", \
	  "a single-link port to a load-balanced queue", EINVAL, COUNTED(evdev_link(dev, 2, 0))) \
	X(link_ninth, LARGE, "rte_event_port_link", "a ninth queue", ENOSPC, link_nine(dev)) \
	X(profile_ninth, LARGE, "rte_event_port_profile_links_set", \
	  "a ninth queue over all profiles", ENOSPC, link_nine_in_profiles(dev)) \
	X(profile_single, RUNNING, "rte_event_port_profile_links_set", \
	  "a single-link queue, while it runs", EINVAL, \
	  COUNTED(profile_link(dev, 2, 2, RTE_EVENT_DEV_PRIORITY_NORMAL, 1))) \
	X(profile_unlink_single, RUNNING, "rte_event_port_profile_unlink", \
	  "a single-link queue, while it runs", EINVAL, COUNTED(profile_unlink(dev, 2, 2, 0))) \
	X(switch_above, RUNNING, "rte_event_port_profile_switch", "a profile that there is not", \
	  EINVAL, profile_switch(dev, 0, 8)) \
	X(link_second, CONFIGURED, "rte_event_port_link", "a second port to a single-link queue", \
	  EDQUOT, link_second_port(dev)) \
	X(unlink_port_above, STOPPED, "rte_event_port_unlink", \
	  "a port beyond the configured ones", EINVAL, COUNTED(evdev_unlink(dev, 3, 0))) \
	X(unlink_port_not_set_up, CONFIGURED, "rte_event_port_unlink", \
	  "before the port's set-up", EINVAL, COUNTED(evdev_unlink(dev, 0, 0))) \
	X(unlink_single, RUNNING, "rte_event_port_unlink", "a single-link queue, while it runs", \
	  EINVAL, COUNTED(evdev_unlink(dev, 2, 2))) \
	X(unlinks_port_above, STOPPED, "rte_event_port_unlinks_in_progress", \
	  "a port beyond the configured ones", EINVAL, \
	  rte_event_port_unlinks_in_progress(dev, 3))

#define LIFE_CALLS(X) \
	X(start_unconfigured, NEW, "rte_event_dev_start", "before configure", EINVAL, \
	  rte_event_dev_start(dev)) \
	X(start_nothing_set_up, CONFIGURED, "rte_event_dev_start", "a port is not set up", \
	  ESTALE, rte_event_dev_start(dev)) \
	X(start_no_link, STOPPED, "rte_event_dev_start", "a queue has no link", ENOLINK, \
	  start_without_link(dev)) \
	X(close_running, RUNNING, "rte_event_dev_close", "while it runs", EBUSY, \
	  rte_event_dev_close(dev)) \
	X(dump_nowhere, STOPPED, "rte_event_dev_dump", "no file", EINVAL, \
	  rte_event_dev_dump(dev, NULL)) \
	X(selftest_running, RUNNING, "rte_event_dev_selftest", "while it runs", EPERM, \
	  rte_event_dev_selftest(dev))

#define EVENT_CALLS(X) \
	X(enqueue_queue, RUNNING, "rte_event_enqueue_burst", "queue_id 255", EINVAL, \
	  enqueue(dev, RTE_EVENT_OP_NEW, 255, ATOMIC)) \
	X(enqueue_op, RUNNING, "rte_event_enqueue_burst", "op 3", EINVAL, \
	  enqueue(dev, 3, 1, ATOMIC)) \
	X(enqueue_sched_type, RUNNING, "rte_event_enqueue_burst", "sched_type 3", EINVAL, \
	  enqueue(dev, RTE_EVENT_OP_NEW, 1, 3)) \
	X(enqueue_ordered, RUNNING, "rte_event_enqueue_burst", \
	  "an ordered event to an atomic queue", EINVAL, \
	  enqueue(dev, RTE_EVENT_OP_NEW, 1, ORDERED)) \
	X(enqueue_forward, RUNNING, "rte_event_enqueue_burst", "FORWARD with nothing open", \
	  EINVAL, enqueue(dev, RTE_EVENT_OP_FORWARD, 1, ATOMIC)) \
	X(enqueue_release, RUNNING, "rte_event_enqueue_burst", "RELEASE with nothing open", \
	  EINVAL, enqueue(dev, RTE_EVENT_OP_RELEASE, 1, ATOMIC)) \
	X(enqueue_full, RUNNING, "rte_event_enqueue_burst", "more events than nb_events_limit", \
	  ENOSPC, enqueue_too_many(dev))

#define XSTATS_CALLS(X) \
	X(get_id_above, STOPPED, "rte_event_dev_xstats_get", "an ID that does not exist", EINVAL, \
	  get_xstat(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0, 1000000)) \
	X(get_foreign_id, STOPPED, "rte_event_dev_xstats_get", "an ID of another port", EINVAL, \
	  get_xstat(dev, RTE_EVENT_DEV_XSTATS_PORT, 1, 30)) \
	X(get_port_above, STOPPED, "rte_event_dev_xstats_get", "a port that does not exist", \
	  EINVAL, get_xstat(dev, RTE_EVENT_DEV_XSTATS_PORT, 255, 0)) \
	X(reset_foreign_id, STOPPED, "rte_event_dev_xstats_reset", "an ID of another mode", \
	  EINVAL, reset_xstat(dev, RTE_EVENT_DEV_XSTATS_QUEUE, 0, 0)) \
	X(reset_object, STOPPED, "rte_event_dev_xstats_reset", "object -2", EINVAL, \
	  reset_xstat(dev, RTE_EVENT_DEV_XSTATS_QUEUE, -2, 0)) \
	X(reset_mode, STOPPED, "rte_event_dev_xstats_reset", "an unknown mode", EINVAL, \
	  reset_xstat(dev, 7, 0, 0))

#define DRIVER_CALLS(X) \
	X(mode_device, STOPPED, "rte_pmd_dlb2_set_token_pop_mode", "no such device", EINVAL, \
	  rte_pmd_dlb2_set_token_pop_mode(NO_SUCH_DEVICE, 0, RTE_PMD_DLB2_AUTO_POP)) \
	X(mode_unconfigured, NEW, "rte_pmd_dlb2_set_token_pop_mode", "before configure", EINVAL, \
	  rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_AUTO_POP)) \
	X(mode_port, CONFIGURED, "rte_pmd_dlb2_set_token_pop_mode", \
	  "a port beyond the configured ones", EINVAL, \
	  rte_pmd_dlb2_set_token_pop_mode(dev, 3, RTE_PMD_DLB2_AUTO_POP)) \
	X(mode_unknown, CONFIGURED, "rte_pmd_dlb2_set_token_pop_mode", "mode 3", EINVAL, \
	  rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_NUM_TOKEN_POP_MODES)) \
	X(mode_late, STOPPED, "rte_pmd_dlb2_set_token_pop_mode", "after the port's set-up", \
	  EINVAL, rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_AUTO_POP)) \
	X(param_device, STOPPED, "rte_pmd_dlb2_set_port_param", "no such device", EINVAL, \
	  set_param(NO_SUCH_DEVICE, 0, DLB2_SET_PORT_HL, 0, 8)) \
	X(param_port, CONFIGURED, "rte_pmd_dlb2_set_port_param", \
	  "a port beyond the configured ones", EINVAL, set_param(dev, 3, DLB2_SET_PORT_HL, 0, 8)) \
	X(param_null, CONFIGURED, "rte_pmd_dlb2_set_port_param", "no values", EINVAL, \
	  rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, NULL)) \
	X(param_flags, CONFIGURED, "rte_pmd_dlb2_set_port_param", "unknown flag 4", EINVAL, \
	  set_param(dev, 0, 4, 0, 0)) \
	X(param_threshold, CONFIGURED, "rte_pmd_dlb2_set_port_param", "a threshold of 0", EINVAL, \
	  set_param(dev, 0, THRESHOLD, 0, 0)) \
	X(param_threshold_dir, STOPPED, "rte_pmd_dlb2_set_port_param", \
	  "a threshold of a single-link port", EINVAL, set_param(dev, 2, THRESHOLD, 5, 0)) \
	X(param_hl_0, CONFIGURED, "rte_pmd_dlb2_set_port_param", "0 history-list entries", \
	  EINVAL, set_param(dev, 0, DLB2_SET_PORT_HL, 0, 0)) \
	X(param_hl_above, CONFIGURED, "rte_pmd_dlb2_set_port_param", \
	  "more history-list entries than there are", EINVAL, \
	  set_param(dev, 0, DLB2_SET_PORT_HL, 0, 2049)) \
	X(param_hl_late, STOPPED, "rte_pmd_dlb2_set_port_param", \
	  "history-list entries after the port's set-up", EINVAL, \
	  set_param(dev, 0, DLB2_SET_PORT_HL, 0, 8)) \
	X(reclaim_device, RUNNING, "rte_pmd_dlb2_port_reclaim", "no such device", EINVAL, \
	  rte_pmd_dlb2_port_reclaim(NO_SUCH_DEVICE, 0, NULL, NULL, NULL)) \
	X(reclaim_port, RUNNING, "rte_pmd_dlb2_port_reclaim", \
	  "a port beyond the configured ones", EINVAL, \
	  rte_pmd_dlb2_port_reclaim(dev, 3, NULL, NULL, NULL)) \
	X(event_fd_device, RUNNING, "rte_pmd_dlb2_port_event_fd", "no such device", EINVAL, \
	  rte_pmd_dlb2_port_event_fd(NO_SUCH_DEVICE, 0)) \
	X(event_fd_port, RUNNING, "rte_pmd_dlb2_port_event_fd", \
	  "a port beyond the configured ones", EINVAL, rte_pmd_dlb2_port_event_fd(dev, 3)) \
	X(event_fd_early, CONFIGURED, "rte_pmd_dlb2_port_event_fd", \
	  "a port that is not set up", EINVAL, rte_pmd_dlb2_port_event_fd(dev, 0)) \
	X(event_arm_device, RUNNING, "rte_pmd_dlb2_port_event_arm", "no such device", EINVAL, \
	  rte_pmd_dlb2_port_event_arm(NO_SUCH_DEVICE, 0)) \
	X(event_arm_port, RUNNING, "rte_pmd_dlb2_port_event_arm", \
	  "a port beyond the configured ones", EINVAL, rte_pmd_dlb2_port_event_arm(dev, 3)) \
	X(event_arm_no_fd, RUNNING, "rte_pmd_dlb2_port_event_arm", \
	  "a port without a file descriptor", ENOENT, rte_pmd_dlb2_port_event_arm(dev, 0)) \
	X(alarm_device, NEW, "rte_pmd_dlb2_alarm_callback_register", "no such device", EINVAL, \
	  rte_pmd_dlb2_alarm_callback_register(NO_SUCH_DEVICE, on_alarm, NULL)) \
	X(alarm_null, NEW, "rte_pmd_dlb2_alarm_callback_register", "no callback", EINVAL, \
	  rte_pmd_dlb2_alarm_callback_register(dev, NULL, NULL)) \
	X(alarm_twice, NEW, "rte_pmd_dlb2_alarm_callback_register", "a second callback", EEXIST, \
	  register_twice(dev)) \
	X(alarm_end_device, NEW, "rte_pmd_dlb2_alarm_callback_unregister", "no such device", \
	  EINVAL, rte_pmd_dlb2_alarm_callback_unregister(NO_SUCH_DEVICE, on_alarm, NULL)) \
	X(alarm_end_unknown, RUNNING, "rte_pmd_dlb2_alarm_callback_unregister", \
	  "a callback that is not registered", ENOENT, \
	  rte_pmd_dlb2_alarm_callback_unregister(dev, on_alarm, NULL))

#define DRIVER_EVENT_CALLS(X) \
	X(fragments_device, RUNNING, "rte_pmd_dlb2_enqueue_fragments", "no such device", EINVAL, \
	  fragments(NO_SUCH_DEVICE, 0, 1)) \
	X(fragments_port, RUNNING, "rte_pmd_dlb2_enqueue_fragments", \
	  "a port beyond the configured ones", EINVAL, fragments(dev, 3, 1)) \
	X(fragments_single, RUNNING, "rte_pmd_dlb2_enqueue_fragments", "a single-link port", \
	  ENOTSUP, fragments(dev, 2, 1)) \
	X(fragments_0, RUNNING, "rte_pmd_dlb2_enqueue_fragments", "no pieces", EINVAL, \
	  fragments(dev, 0, 0)) \
	X(fragments_17, RUNNING, "rte_pmd_dlb2_enqueue_fragments", "17 pieces", EINVAL, \
	  fragments(dev, 0, 17)) \
	X(fragments_null, RUNNING, "rte_pmd_dlb2_enqueue_fragments", "NULL", EINVAL, \
	  rte_pmd_dlb2_enqueue_fragments(dev, 0, NULL, NULL, 2)) \
	X(early_device, RUNNING, "rte_pmd_dlb2_release_atomic", "no such device", EINVAL, \
	  release_atomic(NO_SUCH_DEVICE, 0, 1)) \
	X(early_port, RUNNING, "rte_pmd_dlb2_release_atomic", \
	  "a port beyond the configured ones", EINVAL, release_atomic(dev, 3, 1)) \
	X(early_single, RUNNING, "rte_pmd_dlb2_release_atomic", "a single-link port", ENOTSUP, \
	  release_atomic(dev, 2, 1)) \
	X(early_0, RUNNING, "rte_pmd_dlb2_release_atomic", "no events", EINVAL, \
	  release_atomic(dev, 0, 0)) \
	X(early_null, RUNNING, "rte_pmd_dlb2_release_atomic", "NULL", EINVAL, \
	  rte_pmd_dlb2_release_atomic(dev, 0, NULL, 1)) \
	X(early_stopped, STOPPED, "rte_pmd_dlb2_release_atomic", "before start", EINVAL, \
	  release_atomic(dev, 0, 1)) \
	X(early_nothing, RUNNING, "rte_pmd_dlb2_release_atomic", "nothing open", EINVAL, \
	  release_atomic(dev, 0, 1)) \
	X(released_nothing, RUNNING, "rte_pmd_dlb2_enqueue_released", "nothing out", EINVAL, \
	  rte_pmd_dlb2_enqueue_released(dev, 0, &(struct rte_event){}, 1)) \
	X(released_op, RUNNING, "rte_pmd_dlb2_enqueue_released", "op NEW", EINVAL, \
	  enqueue_released(dev, RTE_EVENT_OP_NEW, 1)) \
	X(released_queue, RUNNING, "rte_pmd_dlb2_enqueue_released", "queue_id 255", EINVAL, \
	  enqueue_released(dev, RTE_EVENT_OP_FORWARD, 255))

#define BAD_CALLS(X) \
	CONFIGURE_CALLS(X) SETUP_CALLS(X) ATTRIBUTE_CALLS(X) LINK_CALLS(X) LIFE_CALLS(X) \
	EVENT_CALLS(X) XSTATS_CALLS(X) DRIVER_CALLS(X) DRIVER_EVENT_CALLS(X)

#define DEFINE(id, state_, function_, wrong_, error_, expr_) \
	static int \
	call_##id(uint8_t dev) \
	{ \
		return expr_; \
	}
#define ROW(id, state_, function_, wrong_, error_, expr_) \
	{ \
		.state = STATE_##state_, \
		.function = function_, \
		.wrong = wrong_, \
		.error = -error_, \
		.call = call_##id, \
	},

BAD_CALLS(DEFINE)

const struct bad_call bad_calls[] = { BAD_CALLS(ROW) };
const unsigned int num_bad_calls = RTE_DIM(bad_calls);
