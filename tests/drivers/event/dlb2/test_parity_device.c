/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Parity with the in-tree driver, pmd-interface sections 2 to 5, 15 and 19: what a device says of
 * itself before anything is done with it, the values of the driver's header, and its words.
 */
#include "parity_test.h"

#include <stdlib.h>

#include <rte_bus_vdev.h>
#include <rte_cycles.h>
#include <rte_log.h>
#include <rte_trace_point.h>

#include "dlb2_compat.h"

/* By the name of the device, or by that of its driver. */
static void
lookup(uint8_t dev)
{
	assert_int_equal(rte_event_dev_get_dev_id(MODEL), dev);
	assert_int_equal(rte_event_dev_get_dev_id("event_dlb2_model"), dev);
	assert_true(rte_event_dev_get_dev_id("event_dlb2_model9") < 0);
}

static void
test_lookup(void **state)
{
	evdev_for_both(lookup);
}

/*
 * Every operation of pmd-interface 2 is there. What it lists as missing is missing: the library has
 * its own answer then.
 */
static void
operations(uint8_t dev)
{
	const struct rte_eventdev *eventdev = &rte_eventdevs[dev];
	const struct eventdev_ops *ops = eventdev->dev_ops;

	assert_true(ops->dev_infos_get && ops->dev_configure && ops->dev_start && ops->dev_stop &&
		    ops->dev_close && ops->queue_def_conf && ops->queue_setup &&
		    ops->queue_release && ops->port_def_conf && ops->port_setup &&
		    ops->port_release && ops->port_link && ops->port_unlink &&
		    ops->port_unlinks_in_progress && ops->timeout_ticks && ops->dump &&
		    ops->xstats_get && ops->xstats_get_names && ops->xstats_get_by_name &&
		    ops->xstats_reset && ops->dev_selftest);
	assert_null(ops->eth_rx_adapter_caps_get);
	assert_null(ops->timer_adapter_caps_get);
	assert_null(ops->crypto_adapter_caps_get);
	assert_true(eventdev->enqueue_burst && eventdev->enqueue_new_burst &&
		    eventdev->enqueue_forward_burst && eventdev->dequeue_burst);
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
	assert_true(eventdev->enqueue && eventdev->dequeue);
#endif
}

static void
test_operations(void **state)
{
	evdev_for_both(operations);
}

/*
 * What pmd-interface 3 has and what is built of its section 21, in the bits that this release of
 * DPDK has; no more and no less.
 */
static void
capabilities(uint8_t dev)
{
	uint32_t caps = RTE_EVENT_DEV_CAP_QUEUE_QOS | RTE_EVENT_DEV_CAP_RUNTIME_QUEUE_ATTR |
		RTE_EVENT_DEV_CAP_EVENT_QOS | RTE_EVENT_DEV_CAP_NONSEQ_MODE |
		RTE_EVENT_DEV_CAP_DISTRIBUTED_SCHED | RTE_EVENT_DEV_CAP_QUEUE_ALL_TYPES |
		RTE_EVENT_DEV_CAP_BURST_MODE | RTE_EVENT_DEV_CAP_IMPLICIT_RELEASE_DISABLE |
		RTE_EVENT_DEV_CAP_RUNTIME_PORT_LINK | RTE_EVENT_DEV_CAP_MULTIPLE_QUEUE_PORT |
		RTE_EVENT_DEV_CAP_CARRY_FLOW_ID | RTE_EVENT_DEV_CAP_MAINTENANCE_FREE;

#ifdef RTE_EVENT_DEV_CAP_ATOMIC
	caps |= RTE_EVENT_DEV_CAP_ATOMIC | RTE_EVENT_DEV_CAP_ORDERED | RTE_EVENT_DEV_CAP_PARALLEL;
#endif
#ifdef RTE_EVENT_DEV_CAP_PROFILE_LINK
	caps |= RTE_EVENT_DEV_CAP_PROFILE_LINK;
#endif
#ifdef RTE_EVENT_DEV_CAP_INDEPENDENT_ENQ
	caps |= RTE_EVENT_DEV_CAP_INDEPENDENT_ENQ;
#endif
#ifdef RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE
	caps |= RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE | RTE_EVENT_DEV_CAP_EVENT_PRESCHEDULE_ADAPTIVE |
		RTE_EVENT_DEV_CAP_PER_PORT_PRESCHEDULE | RTE_EVENT_DEV_CAP_PRESCHEDULE_EXPLICIT;
#endif
	assert_int_equal(info_of(dev).event_dev_cap, caps);
}

static void
test_capabilities(void **state)
{
	evdev_for_both(capabilities);
}

static void
info(uint8_t dev)
{
	struct rte_event_dev_info info = info_of(dev);

	assert_string_equal(info.driver_name, "event_dlb2_model");
	assert_int_equal(info.min_dequeue_timeout_ns, 1);
	assert_int_equal(info.max_dequeue_timeout_ns, UINT32_MAX - 1);
	assert_int_equal(info.dequeue_timeout_ns, 0);
	assert_int_equal(info.max_event_queues, 32);
	assert_int_equal(info.max_event_queue_flows, 65536);
	assert_int_equal(info.max_event_queue_priority_levels, 8);
	assert_int_equal(info.max_event_priority_levels, 8);
	assert_int_equal(info.max_event_ports, 64);
	assert_int_equal(info.max_event_port_dequeue_depth, 128);
	assert_int_equal(info.max_event_port_enqueue_depth, 128);
	assert_int_equal(info.max_event_port_links, 8);
	assert_int_equal(info.max_num_events, is_2_0(dev) ? 8192 : 16384);
	assert_int_equal(info.max_single_link_event_port_queue_pairs, is_2_0(dev) ? 64 : 96);
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	assert_int_equal(info.max_profiles_per_port, 8);
#endif
}

static void
test_info(void **state)
{
	evdev_for_both(info);
}

/* But for the timeout, which is the configured one. */
static void
check_same_limits(const struct rte_event_dev_info *a, const struct rte_event_dev_info *b)
{
	assert_int_equal(a->min_dequeue_timeout_ns, b->min_dequeue_timeout_ns);
	assert_int_equal(a->max_dequeue_timeout_ns, b->max_dequeue_timeout_ns);
	assert_int_equal(a->max_event_queues, b->max_event_queues);
	assert_int_equal(a->max_event_queue_flows, b->max_event_queue_flows);
	assert_int_equal(a->max_event_queue_priority_levels, b->max_event_queue_priority_levels);
	assert_int_equal(a->max_event_priority_levels, b->max_event_priority_levels);
	assert_int_equal(a->max_event_ports, b->max_event_ports);
	assert_int_equal(a->max_event_port_dequeue_depth, b->max_event_port_dequeue_depth);
	assert_int_equal(a->max_event_port_enqueue_depth, b->max_event_port_enqueue_depth);
	assert_int_equal(a->max_event_port_links, b->max_event_port_links);
	assert_int_equal(a->max_num_events, b->max_num_events);
	assert_int_equal(a->event_dev_cap, b->event_dev_cap);
	assert_int_equal(a->max_single_link_event_port_queue_pairs,
			 b->max_single_link_event_port_queue_pairs);
}

/* What the device itself holds counts as free: a configure gives it back first. */
static void
info_when_configured(uint8_t dev)
{
	struct rte_event_dev_info idle = info_of(dev), busy;
	struct rte_event_dev_config conf = evdev_conf(dev, 64, 32, 16);

	conf.dequeue_timeout_ns = 5000;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	busy = info_of(dev);
	assert_int_equal(busy.dequeue_timeout_ns, 5000);
	check_same_limits(&busy, &idle);
	assert_int_equal(evdev_configure(dev, 64, 32, 32), 0);
}

static void
test_info_when_configured(void **state)
{
	evdev_for_both(info_when_configured);
}

static void
small_info(uint8_t dev)
{
	struct rte_event_dev_info info = info_of(dev);

	assert_int_equal(info.max_num_events, 1000);
	assert_int_equal(info.max_event_port_dequeue_depth, 64);
	assert_int_equal(info.max_event_port_enqueue_depth, 32);
	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
}

/* A field of the API that is too narrow for the value says the most it can. */
static void
large_info(uint8_t dev)
{
	struct rte_event_dev_info info = info_of(dev);
	const unsigned int field_bits = 8 * sizeof(info.max_event_port_dequeue_depth);

	assert_int_equal(info.max_event_port_dequeue_depth,
			 RTE_MIN(1024u, RTE_LEN2MASK(field_bits, uint32_t)));
	assert_int_equal(info.max_event_port_enqueue_depth, 1024);
}

static void
test_info_follows_devargs(void **state)
{
	with_devargs("max_num_events=1000,max_cq_depth=64,max_enqueue_depth=32", small_info);
	with_devargs("max_cq_depth=1024,max_enqueue_depth=1024", large_info);
}

static void
queue_defaults(uint8_t dev)
{
	struct rte_event_queue_conf conf;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	memset(&conf, 0xff, sizeof(conf));
	assert_int_equal(rte_event_queue_default_conf_get(dev, 0, &conf), 0);
	assert_int_equal(conf.nb_atomic_flows, 1024);
	assert_int_equal(conf.nb_atomic_order_sequences, 64);
	assert_int_equal(conf.event_queue_cfg, 0);
	assert_int_equal(conf.priority, RTE_EVENT_DEV_PRIORITY_NORMAL);
	assert_int_equal(conf.schedule_type, RTE_SCHED_TYPE_ATOMIC);
}

static void
test_queue_defaults(void **state)
{
	evdev_for_both(queue_defaults);
}

static void
port_defaults(uint8_t dev)
{
	struct rte_event_dev_config config = evdev_conf(dev, 1, 1, 0);
	struct rte_event_port_conf conf;

	config.nb_events_limit = 777;
	assert_int_equal(rte_event_dev_configure(dev, &config), 0);
	conf = port_conf(dev);
	assert_int_equal(conf.new_event_threshold, 777);
	assert_int_equal(conf.dequeue_depth, 16);
	assert_int_equal(conf.enqueue_depth, 128);
	assert_int_equal(conf.event_port_cfg, 0);
}

static void
port_defaults_long_lists(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	assert_int_equal(port_conf(dev).dequeue_depth, 32);
}

static void
test_port_defaults(void **state)
{
	evdev_for_both(port_defaults);
	with_devargs("use_default_hl=n", port_defaults_long_lists);
}

/* Names, values and layout of rte_pmd_dlb2.h: applications are compiled with them. */
static void
test_header_values(void **state)
{
	const uint16_t expected[] = {0xfff, 0x1234};
	struct rte_pmd_dlb2_port_param param;
	struct rte_event event = {.event = UINT64_MAX};

	assert_int_equal(RTE_PMD_DLB2_AUTO_POP, 0);
	assert_int_equal(RTE_PMD_DLB2_DELAYED_POP, 1);
	assert_int_equal(RTE_PMD_DLB2_DEFERRED_POP, 2);
	assert_int_equal(RTE_PMD_DLB2_NUM_TOKEN_POP_MODES, 3);
	assert_int_equal(DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD, 1);
	assert_int_equal(DLB2_SET_PORT_HL, 2);
	memset(&param, 0, sizeof(param));
	param.inflight_threshold = 0xfff;
	param.port_hl = 0x1234;
	assert_int_equal(sizeof(param), sizeof(expected));
	assert_memory_equal(&param, expected, sizeof(param));
	RTE_PMD_DLB2_SET_QID_DEPTH(&event, 1);
	assert_int_equal(event.rsvd, 0xd);
	assert_int_equal(RTE_PMD_DLB2_GET_QID_DEPTH(&event), 1);
	RTE_PMD_DLB2_SET_QE_WEIGHT(&event, 2);
	assert_int_equal(event.rsvd, 0x9);
	assert_int_equal(RTE_PMD_DLB2_GET_QE_WEIGHT(&event), 2);
	event.rsvd = 0xf;
	assert_true(event.event == UINT64_MAX);
}

/* The driver-specific functions ask whose device it is. */
static void
test_other_driver(void **state)
{
	struct rte_pmd_dlb2_port_param param = {.port_hl = 64};
	struct rte_event_dev_config conf;
	uint8_t dev = evdev_add("event_skeleton", NULL);

	conf = evdev_conf(dev, 1, 1, 0);
	conf.dequeue_timeout_ns = info_of(dev).min_dequeue_timeout_ns;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	log_capture();
	assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 0, RTE_PMD_DLB2_AUTO_POP), -EINVAL);
	log_expect("not a DLB", NULL);
	log_capture();
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &param), -EINVAL);
	log_expect("not a DLB", NULL);
	evdev_remove("event_skeleton");
}

/* Its name is what --log-level selects, its level shows what an operator should know. */
static void
test_log_type(void **state)
{
	assert_int_equal(rte_log_get_level(dlb2_logtype), RTE_LOG_NOTICE);
	assert_int_equal(rte_log_set_level_pattern("pmd.event.dlb2", RTE_LOG_DEBUG), 0);
	assert_int_equal(rte_log_get_level(dlb2_logtype), RTE_LOG_DEBUG);
	assert_int_equal(rte_log_set_level_pattern("pmd.event.dlb2", RTE_LOG_NOTICE), 0);
}

/* An application that sends nonsense at full speed does not fill the log. */
static void
silent_refusals(uint8_t dev)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .sched_type = RTE_SCHED_TYPE_ORDERED};
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	unsigned int i;

	evdev_start_simple(dev, 2);
	rte_openlog_stream(stream);
	rte_log_set_level(dlb2_logtype, RTE_LOG_DEBUG);
	for (i = 0; i < 100; i++)
		assert_int_equal(rte_event_enqueue_burst(dev, 0, &event, 1), 0);
	rte_log_set_level(dlb2_logtype, RTE_LOG_NOTICE);
	rte_openlog_stream(NULL);
	fclose(stream);
	assert_int_equal(len, 0);
	free(text);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_silent_refusals(void **state)
{
	evdev_for_both(silent_refusals);
}

/* The words that pmd-interface G5 asks for, by what a reader looks for. */
static void
dump(uint8_t dev)
{
	static const char *const words[] = {
		"started", "socket", "scheduling domain", "configured: 2+0 ports", "in flight",
		"free: 31 domains", "port 1: set up, load-balanced", "token pop mode",
		"queue 1 at priority 4",
		"hardware port", "events open", "credits cached", "next entry", "generation",
		"depth 16", "port_1_rx_ok 100", "queue 1: set up, load-balanced, 1 links",
		"not ordered, in-flight limit 2048", "hardware queue", "qid_1_enq_ok 100",
		"qid_1_sched_type 1", "a dequeue with a timeout waits by",
	};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	unsigned int i;

	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
	assert_int_equal(rte_event_dev_dump(dev, f), 0);
	fclose(f);
	for (i = 0; i < RTE_DIM(words); i++)
		if (strstr(text, words[i]) == NULL)
			fail_msg("no '%s' in the dump: %s", words[i], text);
	/* what the other version has is not there */
	assert_int_equal(strstr(text, " directed\n") != NULL, is_2_0(dev));
	free(text);
}

static void
test_dump(void **state)
{
	evdev_for_both(dump);
}

/* The library traces what applications call. */
static void
test_trace_points(void **state)
{
	assert_non_null(rte_trace_point_lookup("lib.eventdev.configure"));
	assert_non_null(rte_trace_point_lookup("lib.eventdev.enq.burst"));
}

/* The library's, which has it since 25.03; it looks at the flag of the port's configuration. */
static void
test_independent_enq_attribute(void **state)
{
#ifdef RTE_EVENT_PORT_ATTR_INDEPENDENT_ENQ
	uint8_t dev = evdev_add(MODEL, "");
	uint32_t port, value;

	assert_int_equal(evdev_configure(dev, 2, 1, 0), 0);
	for (port = 0; port < 2; port++) {
		assert_int_equal(evdev_setup_port(dev, port,
						  port * RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ),
				 0);
		assert_int_equal(rte_event_port_attr_get(
					 dev, port, RTE_EVENT_PORT_ATTR_INDEPENDENT_ENQ, &value),
				 0);
		assert_int_equal(value, port);
	}
	evdev_remove(MODEL);
#else
	skip();
#endif
}

/* The device moves events and nothing else: the library's own adapters, which are software, do. */
static void
test_adapters_are_software(void **state)
{
	uint8_t dev = evdev_add(MODEL, "");
	const struct eventdev_ops *ops = rte_eventdevs[dev].dev_ops;
	uint32_t caps = ~0u;

	assert_null(ops->eth_rx_adapter_caps_get);
	assert_null(ops->eth_tx_adapter_caps_get);
	assert_null(ops->crypto_adapter_caps_get);
	assert_null(ops->timer_adapter_caps_get);
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	assert_null(ops->dma_adapter_caps_get);
#endif
#if RTE_VERSION >= RTE_VERSION_NUM(25, 7, 0, 0)
	assert_null(ops->vector_adapter_caps_get);
#endif
	assert_int_equal(rte_event_timer_adapter_caps_get(dev, &caps), 0);
	assert_int_equal(caps & RTE_EVENT_TIMER_ADAPTER_CAP_INTERNAL_PORT, 0);
	evdev_remove(MODEL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_independent_enq_attribute),
		cmocka_unit_test(test_adapters_are_software),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_info_when_configured),
		cmocka_unit_test(test_info_follows_devargs),
		cmocka_unit_test(test_queue_defaults),
		cmocka_unit_test(test_port_defaults),
		cmocka_unit_test(test_header_values),
		cmocka_unit_test(test_other_driver),
		cmocka_unit_test(test_log_type),
		cmocka_unit_test(test_silent_refusals),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_trace_points),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("parity: device", tests, NULL, NULL);
}
