/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Parity with the in-tree driver, pmd-interface sections 6 to 11: what configure, set-up of queues
 * and ports, links and start make of the device, seen in its registers.
 */
#include "parity_test.h"

#include <errno.h>

#include <rte_cycles.h>

static void
configure_limit(uint8_t dev, unsigned int limit, unsigned int ports, unsigned int queues,
		unsigned int pairs)
{
	struct rte_event_dev_config conf = evdev_conf(dev, ports, queues, pairs);

	conf.nb_events_limit = limit;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
}

static void
check_credits(uint8_t dev, unsigned int ldb, unsigned int dir)
{
	unsigned int domain = dlb2_domain_id(process_of(dev)->domain);

	assert_int_equal(evdev_xstat(dev, "dev_inflight_events"), 0);
	if (is_2_0(dev)) {
		assert_int_equal(reg_of(dev, DLB2_CHP_CFG_LDB_VAS_CRD, domain), ldb);
		assert_int_equal(reg_of(dev, DLB2_CHP_CFG_DIR_VAS_CRD, domain), dir);
		assert_int_equal(evdev_xstat(dev, "dev_ldb_pool_size"), ldb);
		assert_int_equal(evdev_xstat(dev, "dev_dir_pool_size"), dir);
	} else {
		assert_int_equal(reg_of(dev, DLB2_CHP_CFG_VAS_CRD, domain), ldb);
		assert_int_equal(evdev_xstat(dev, "dev_pool_size"), ldb);
	}
}

/* As many as events, and on 2.0 half as many for directed queues; none for what is not there. */
static void
credits(uint8_t dev)
{
	configure_limit(dev, 1000, 2, 2, 1);
	check_credits(dev, 1000, 500);
	configure_limit(dev, 1000, 2, 2, 0);
	check_credits(dev, 1000, 0);
	configure_limit(dev, 1000, 2, 2, 2);
	check_credits(dev, is_2_0(dev) ? 0 : 1000, 500);
}

static void
credits_by_devarg(uint8_t dev)
{
	configure_limit(dev, 1000, 2, 2, 1);
	check_credits(dev, 1000, 77);
}

static void
test_credits(void **state)
{
	evdev_for_both(credits);
	with_devargs("hw=2.0,num_dir_credits=77", credits_by_devarg);
}

/* What one configuration takes of the device, and that another takes its place. */
static void
reservations(uint8_t dev)
{
	struct dlb2_device *device = process_of(dev)->function->device;
	struct dlb2_resources before, after;

	dlb2_device_available(device, &before);
	assert_int_equal(evdev_configure(dev, 60, 30, 20), 0);
	assert_int_equal(evdev_configure(dev, 30, 20, 8), 0);
	dlb2_device_available(device, &after);
	assert_int_equal(before.domains - after.domains, 1);
	assert_int_equal(before.ldb_ports - after.ldb_ports, 22);
	assert_int_equal(before.ldb_queues - after.ldb_queues, 12);
	assert_int_equal(before.dir_ports - after.dir_ports, 8);
	assert_int_equal(before.atomic_inflights - after.atomic_inflights, 12 * 64);
	assert_true(before.hist_list_entries - after.hist_list_entries >= 22 * 32);
	assert_int_equal(rte_event_dev_close(dev), 0);
	dlb2_device_available(device, &after);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void
test_reservations(void **state)
{
	evdev_for_both(reservations);
}

static void
exact_hist_list(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 10, 1, 0), 0);
	assert_int_equal(dlb2_evdev(&rte_eventdevs[dev])->owned.hist_list_entries, 321);
}

static void
long_hist_list(uint8_t dev)
{
	assert_int_equal(evdev_configure(dev, 10, 1, 0), 0);
	assert_int_equal(dlb2_evdev(&rte_eventdevs[dev])->owned.hist_list_entries, 640);
}

static void
test_hist_list_totals(void **state)
{
	with_devargs("use_default_hl=n", long_hist_list);
	with_devargs("use_default_hl=n,alloc_hl_entries=321", exact_hist_list);
}

/* Somebody else has the history list: no domain can be made, and with it again there is one. */
static void
no_domain(uint8_t dev)
{
	const struct dlb2_domain_request request = {.hist_list_entries = 2048};
	struct dlb2_domain *other;

	evdev_start_simple(dev, 2);
	rte_event_dev_stop(dev);
	rte_event_dev_close(dev);
	assert_int_equal(dlb2_domain_create(process_of(dev)->function->device, &request, &other), 0);
	log_capture();
	assert_int_equal(evdev_configure(dev, 2, 2, 0), -ENODEV);
	log_expect("history-list entries", NULL);
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -EINVAL);
	log_expect("configured", NULL);
	assert_int_equal(dlb2_domain_reset(other), 0);
	evdev_start_simple(dev, 2);
	evdev_check_traffic(dev, 0, 1, 1);
}

static void
test_no_domain(void **state)
{
	evdev_for_both(no_domain);
}

static uint64_t
time_of_dequeue(uint8_t dev, uint64_t ticks)
{
	uint64_t start = rte_get_timer_cycles();
	struct rte_event event;

	assert_int_equal(rte_event_dequeue_burst(dev, 0, &event, 1, ticks), 0);
	return (rte_get_timer_cycles() - start) * 1000000 / rte_get_timer_hz();
}

static void
start_with_timeout(uint8_t dev, unsigned int us, uint32_t flags)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 1, 1, 0);

	conf.dequeue_timeout_ns = us * 1000;
	conf.event_dev_cfg = flags;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

#define LONG_US 4000000 /* so long a busy machine does not stop a thread */

/* The configured one whatever a dequeue says, or the dequeue's own. */
static void
timeouts(uint8_t dev)
{
	uint64_t ticks;

	start_with_timeout(dev, 20000, 0);
	assert_in_range(time_of_dequeue(dev, 0), 20000, LONG_US - 1);
	rte_event_dev_stop(dev);
	start_with_timeout(dev, LONG_US, RTE_EVENT_DEV_CFG_PER_DEQUEUE_TIMEOUT);
	assert_in_range(time_of_dequeue(dev, 0), 0, LONG_US - 1);
	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, 30000000, &ticks), 0);
	assert_in_range(time_of_dequeue(dev, ticks), 30000, LONG_US - 1);
}

static void
test_timeouts(void **state)
{
	evdev_for_both(timeouts);
}

/*
 * One queue, its conf as given, and one port, linked and started. Returns the hardware queue. The
 * library lets no queue of all types without a window through to the driver.
 */
static unsigned int
start_queue(uint8_t dev, const struct rte_event_queue_conf *conf)
{
	struct rte_eventdev *eventdev = &rte_eventdevs[dev];

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	if (conf->nb_atomic_order_sequences > 0)
		assert_int_equal(rte_event_queue_setup(dev, 0, conf), 0);
	else
		assert_int_equal(eventdev->dev_ops->queue_setup(eventdev, 0, conf), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	return queue_xstat(dev, 0, "hw_id");
}

/* Type that an event sent as `sched_type` comes back as, or -1 if it is refused. */
static int
type_that_comes_back(uint8_t dev, uint8_t sched_type)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .sched_type = sched_type};

	rte_errno = 0;
	if (rte_event_enqueue_burst(dev, 0, &event, 1) == 0) {
		assert_int_equal(rte_errno, EINVAL);
		return -1;
	}
	dequeue_some(dev, 0, &event, 1);
	return event.sched_type;
}

#define ORDERED RTE_SCHED_TYPE_ORDERED
#define ATOMIC RTE_SCHED_TYPE_ATOMIC
#define PARALLEL RTE_SCHED_TYPE_PARALLEL

static void
queue_types(uint8_t dev)
{
	static const struct {
		uint32_t flags;
		uint8_t type;
		unsigned int window;
		int back[3]; /* of ordered, atomic, parallel events */
	} rows[] = {
		{RTE_EVENT_QUEUE_CFG_ALL_TYPES, 0, 64, {ORDERED, ATOMIC, ORDERED}},
		{RTE_EVENT_QUEUE_CFG_ALL_TYPES, 0, 0, {-1, ATOMIC, PARALLEL}},
		{0, ORDERED, 64, {ORDERED, ATOMIC, ORDERED}},
		{0, ATOMIC, 64, {-1, ATOMIC, PARALLEL}},
		{0, PARALLEL, 64, {-1, ATOMIC, PARALLEL}},
	};
	struct rte_event_queue_conf conf;
	unsigned int i, type;

	for (i = 0; i < RTE_DIM(rows); i++) {
		assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
		conf = queue_conf(dev);
		conf.event_queue_cfg = rows[i].flags;
		conf.schedule_type = rows[i].type;
		conf.nb_atomic_order_sequences = rows[i].window;
		start_queue(dev, &conf);
		for (type = 0; type < RTE_DIM(rows[i].back); type++)
			assert_int_equal(type_that_comes_back(dev, type), rows[i].back[type]);
		rte_event_dev_stop(dev);
	}
}

static void
test_queue_types(void **state)
{
	evdev_for_both(queue_types);
}

/* Code of the hash of lock IDs by nb_atomic_flows; what is no size of the hash selects none. */
static void
flow_hash(uint8_t dev)
{
	static const unsigned int rows[][2] = {
		{64, 1}, {128, 2}, {256, 3}, {512, 4}, {1024, 5}, {2048, 6}, {4096, 7},
		{1, 0}, {100, 0}, {8192, 0}, {65536, 0},
	};
	struct rte_event_queue_conf conf;
	unsigned int i, id;

	for (i = 0; i < RTE_DIM(rows); i++) {
		assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
		conf = queue_conf(dev);
		conf.nb_atomic_flows = rows[i][0];
		id = start_queue(dev, &conf);
		assert_int_equal(reg_of(dev, DLB2_AQED_QID_HID_WIDTH, id), rows[i][1]);
		rte_event_dev_stop(dev);
	}
}

static void
test_flow_hash(void **state)
{
	evdev_for_both(flow_hash);
}

static void
windows(uint8_t dev)
{
	struct rte_event_queue_conf conf;
	unsigned int window, id;

	for (window = 64; window <= 1024; window *= 2) {
		assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
		conf = queue_conf(dev);
		conf.schedule_type = ORDERED;
		conf.nb_atomic_order_sequences = window;
		id = start_queue(dev, &conf);
		assert_int_equal(reg_of(dev, DLB2_LSP_QID_LDB_INFL_LIM, id), window);
		rte_event_dev_stop(dev);
	}
	conf.schedule_type = ATOMIC;
	id = start_queue(dev, &conf);
	assert_int_equal(reg_of(dev, DLB2_LSP_QID_LDB_INFL_LIM, id), 2048);
}

/* The window of an ordered queue is its in-flight limit; any other queue has the device's. */
static void
test_windows(void **state)
{
	evdev_for_both(windows);
}

/* Queues 0 and 1 load-balanced, 2 directed: thresholds in the device, and what xstats say. */
static void
depth_thresholds(uint8_t dev)
{
	static const unsigned int expected[] = {1000, 77, 8191};
	unsigned int i, id;

	assert_int_equal(evdev_configure(dev, 3, 3, 1), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == 2 ? SINGLE_LINK_QUEUE : 0, ATOMIC),
				 0);
		assert_int_equal(evdev_setup_port(dev, i, i == 2 ? SINGLE_LINK_PORT : 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 3; i++) {
		id = queue_xstat(dev, i, "hw_id");
		assert_int_equal(queue_xstat(dev, i, "depth_threshold"), expected[i]);
		if (i == 2) {
			assert_int_equal(reg_of(dev, DLB2_LSP_QID_DIR_DEPTH_THRSH, id),
					 expected[i]);
			continue;
		}
		assert_int_equal(reg_of(dev, DLB2_LSP_QID_ATM_DEPTH_THRSH, id), expected[i]);
		assert_int_equal(reg_of(dev, DLB2_LSP_QID_NALDB_DEPTH_THRSH, id), expected[i]);
	}
}

static void
test_depth_thresholds(void **state)
{
	const char *args = "hw=%s,default_depth_thresh=1000,qid_depth_thresh=all:0,"
			   "qid_depth_thresh=1:77,qid_depth_thresh=2-5:8191";
	char both[2][256];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		snprintf(both[i], sizeof(both[i]), args, i == 0 ? "2.0" : "2.5");
		with_devargs(both[i], depth_thresholds);
	}
}

/* One port on one queue, the port's conf as given, started. Returns the hardware port. */
static unsigned int
start_port(uint8_t dev, const struct rte_event_port_conf *conf)
{
	uint32_t single_link = conf->event_port_cfg & SINGLE_LINK_PORT;

	assert_int_equal(evdev_configure(dev, 1, 1, single_link ? 1 : 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, single_link ? SINGLE_LINK_QUEUE : 0, ATOMIC),
			 0);
	assert_int_equal(rte_event_port_setup(dev, 0, conf), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	return port_xstat(dev, 0, "hw_id");
}

/* The ring is the next power of two of the depth, of 8 entries at least. */
static void
cq_depths(uint8_t dev)
{
	static const unsigned int rows[][3] = {
		/* depth asked for, entries, size code */
		{1, 8, 1}, {2, 8, 1}, {8, 8, 1}, {9, 16, 2}, {17, 32, 3}, {64, 64, 4},
		{100, 128, 5},
	};
	struct rte_event_port_conf conf;
	unsigned int i, id, kind;

	for (i = 0; i < 2 * RTE_DIM(rows); i++) {
		const unsigned int *row = rows[i / 2];

		kind = i % 2 == 0 ? DLB2_LDB : DLB2_DIR;
		assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
		conf = port_conf(dev);
		conf.dequeue_depth = row[0];
		conf.enqueue_depth = 1;
		conf.event_port_cfg = kind == DLB2_DIR ? SINGLE_LINK_PORT : 0;
		id = start_port(dev, &conf);
		assert_int_equal(evdev_xstat(dev, "dev_cq_memory_bytes"), row[1] * 64);
		assert_int_equal(reg_of(dev,
					kind == DLB2_LDB ? DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL :
							   DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL,
					id),
				 row[2]);
		evdev_check_traffic(dev, 0, 0, 0);
		rte_event_dev_stop(dev);
	}
}

static void
test_cq_depths(void **state)
{
	evdev_for_both(cq_depths);
}

/* Deeper rings than fit the API's field of this release are there for those that have room. */
static void
deepest_cq(uint8_t dev)
{
	struct rte_event_port_conf conf;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	conf = port_conf(dev);
	conf.dequeue_depth = info_of(dev).max_event_port_dequeue_depth;
	conf.enqueue_depth = 1024;
	start_port(dev, &conf);
	assert_int_equal(evdev_xstat(dev, "dev_cq_memory_bytes"),
			 rte_align32pow2(conf.dequeue_depth) * 64);
	evdev_check_traffic(dev, 0, 0, 0);
}

static void
test_deepest_cq(void **state)
{
	with_devargs("hw=2.0,max_cq_depth=1024,max_enqueue_depth=1024", deepest_cq);
	with_devargs("hw=2.5,max_cq_depth=1024,max_enqueue_depth=1024", deepest_cq);
}

/* A port may say how many events it can have open, and the device knows. */
static void
hist_list_of_port(uint8_t dev)
{
	const struct rte_pmd_dlb2_port_param param = {.port_hl = 10};
	struct rte_pmd_dlb2_port_param copy = param;
	struct rte_event_port_conf conf;
	unsigned int id;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	conf = port_conf(dev);
	id = start_port(dev, &conf);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_LDB_INFL_LIM, id), 32);
	rte_event_dev_stop(dev);
	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_HL, &copy), 0);
	id = start_port(dev, &conf);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_LDB_INFL_LIM, id), 10);
	assert_int_equal(port_xstat(dev, 0, "max_outstanding_releases"), 10);
}

static void
test_hist_list_of_port(void **state)
{
	evdev_for_both(hist_list_of_port);
}

/* With a flow migration threshold the list is as long as the ring; the device has the number. */
static void
inflight_threshold(uint8_t dev)
{
	struct rte_pmd_dlb2_port_param param = {.inflight_threshold = 5};
	struct rte_event_port_conf conf;
	unsigned int id;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	conf = port_conf(dev);
	assert_int_equal(rte_pmd_dlb2_set_port_param(dev, 0, DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD,
						     &param),
			 0);
	id = start_port(dev, &conf);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_LDB_INFL_THRESH, id), 5);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ_LDB_INFL_LIM, id), 16);
	assert_true(reg_of(dev, DLB2_LSP_CFG_CTRL_GENERAL_0, 0) &
		    DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH);
	evdev_check_traffic(dev, 0, 0, 0);
}

static void
test_inflight_threshold(void **state)
{
	with_devargs("hw=2.5", inflight_threshold);
}

static void
weight_limit(uint8_t dev)
{
	struct rte_event_port_conf conf;
	unsigned int id;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	conf = port_conf(dev);
	conf.dequeue_depth = 20;
	id = start_port(dev, &conf);
	assert_int_equal(reg_of(dev, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, id),
			 DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V | 20);
}

static void
no_weight_limit(uint8_t dev)
{
	struct rte_event_port_conf conf;
	unsigned int id;

	assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
	conf = port_conf(dev);
	id = start_port(dev, &conf);
	assert_int_equal(reg_of(dev, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, id) &
				 DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V,
			 0);
}

static void
test_weight_limit(void **state)
{
	with_devargs("hw=2.5,enable_cq_weight=y", weight_limit);
	with_devargs("hw=2.5", no_weight_limit);
}

/* Eight levels of the device out of 256, the default in the middle. */
static void
link_priorities(uint8_t dev)
{
	static const uint8_t priorities[] = {0, 31, 32, 128, 255}, expected[] = {0, 0, 1, 4, 7};
	uint8_t queue = 0;
	unsigned int i, id;

	evdev_start_simple(dev, 1);
	id = port_xstat(dev, 0, "hw_id");
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ2PRIOV, id) & 0x7, 4);
	for (i = 0; i < RTE_DIM(priorities); i++) {
		assert_int_equal(rte_event_port_link(dev, 0, &queue, &priorities[i], 1), 1);
		assert_int_equal(reg_of(dev, DLB2_LSP_CQ2PRIOV, id) & 0x7, expected[i]);
	}
}

static void
test_link_priorities(void **state)
{
	evdev_for_both(link_priorities);
}

/*
 * Nothing is in the device before start. To take back what never was is no error, if the library
 * lets it through.
 */
static void
recorded_links(uint8_t dev)
{
	struct rte_eventdev *eventdev = &rte_eventdevs[dev];
	uint8_t queue = 1;
	unsigned int id;

	assert_int_equal(evdev_configure(dev, 1, 2, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, ATOMIC), 0);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	for (id = 0; id < 64; id++)
		assert_int_equal(reg_of(dev, DLB2_LSP_CQ2PRIOV, id), 0);
	assert_int_equal(evdev_unlink(dev, 0, 1), 1);
	assert_int_equal(eventdev->dev_ops->port_unlink(eventdev, eventdev->data->ports[0], &queue,
							1),
			 1);
	assert_int_equal(evdev_link(dev, 0, 1), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(reg_of(dev, DLB2_LSP_CQ2PRIOV, port_xstat(dev, 0, "hw_id")) >> 24, 0x3);
	evdev_check_traffic(dev, 0, 1, 0);
}

static void
test_recorded_links(void **state)
{
	evdev_for_both(recorded_links);
}

/* Percentages of 256 slots, by devarg and by default. */
static void
bandwidth(uint8_t dev)
{
	static const unsigned int shares[] = {25, 51, 76, 102};
	unsigned int i;

	for (i = 0; i < RTE_DIM(shares); i++)
		assert_int_equal(reg_of(dev, DLB2_LSP_CFG_SHDW_RANGE_COS, i), shares[i]);
}

static void
equal_bandwidth(uint8_t dev)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(reg_of(dev, DLB2_LSP_CFG_SHDW_RANGE_COS, i), 64);
}

static void
test_bandwidth(void **state)
{
	with_devargs("hw=2.0,cos_bw=10:20:30:40", bandwidth);
	with_devargs("hw=2.5,cos_bw=10:20:30:40", bandwidth);
	evdev_for_both(equal_bandwidth);
}

/* With a core mask so many directed ports are kept for ports with the hint, the best ones. */
static void
producer_ports(uint8_t dev)
{
	static const uint32_t hints[] = {0, RTE_EVENT_PORT_CFG_HINT_PRODUCER, 0};
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 3, 3, 3), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, SINGLE_LINK_QUEUE, 0), 0);
		assert_int_equal(evdev_setup_port(dev, i, SINGLE_LINK_PORT | hints[i]), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(port_xstat(dev, 1, "hw_id"), 0);
	assert_int_equal(port_xstat(dev, 0, "hw_id"), 1);
	assert_int_equal(port_xstat(dev, 2, "hw_id"), 2);
	evdev_check_traffic(dev, 1, 0, 0);
}

static void
test_producer_ports(void **state)
{
	with_devargs("hw=2.0,producer_coremask=1", producer_ports);
	with_devargs("hw=2.5,producer_coremask=0x1", producer_ports);
}

/* Ports that follow each other are apart in the device, so that they don't contend. */
static void
port_order(uint8_t dev)
{
	static const unsigned int order[] = {0, 7, 14, 5, 12, 3, 10, 1};
	unsigned int i;

	evdev_start_simple(dev, RTE_DIM(order));
	for (i = 0; i < RTE_DIM(order); i++)
		assert_int_equal(port_xstat(dev, i, "hw_id"), order[i]);
}

static void
test_port_order(void **state)
{
	with_devargs("hw=2.0,default_port_allocation=y", port_order);
	with_devargs("hw=2.5,default_port_allocation=Y", port_order);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credits),
		cmocka_unit_test(test_reservations),
		cmocka_unit_test(test_hist_list_totals),
		cmocka_unit_test(test_no_domain),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_queue_types),
		cmocka_unit_test(test_flow_hash),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_depth_thresholds),
		cmocka_unit_test(test_cq_depths),
		cmocka_unit_test(test_deepest_cq),
		cmocka_unit_test(test_hist_list_of_port),
		cmocka_unit_test(test_inflight_threshold),
		cmocka_unit_test(test_weight_limit),
		cmocka_unit_test(test_link_priorities),
		cmocka_unit_test(test_recorded_links),
		cmocka_unit_test(test_bandwidth),
		cmocka_unit_test(test_producer_ports),
		cmocka_unit_test(test_port_order),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("parity: set-up", tests, NULL, NULL);
}
