/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The only place that knows the names of statistics and their order (pmd-interface 14).
 */
#include <assert.h>

#include "dlb2_xstats.h"

/* Statistics of the in-tree driver, which come first. */
#define DEVICE_IN_TREE 18
#define PORT_IN_TREE 32
#define QUEUE_IN_TREE 12

#define XSTAT(name_, read_, which_, ...) \
	{ .name = name_, .read = read_, .which = which_, ##__VA_ARGS__ }
#define PORT_SUM(name, counter) XSTAT(name, dlb2_read_port_sum, counter)
#define DEVICE_FACT(name, fact) XSTAT(name, dlb2_read_device_fact, fact)
#define DEVICE_MONITOR(name, kind) XSTAT(name, dlb2_read_device_scheduled, kind)
#define PORT_COUNTER(name, counter) XSTAT(name, dlb2_read_port_counter, counter, .resettable = true)
#define PORT_FACT(name, fact) XSTAT(name, dlb2_read_port_fact, fact)
#define PORT_MONITOR(name, monitor) XSTAT(name, dlb2_read_port_monitor, monitor)
#define PORT_TOTAL(name, monitor) \
	XSTAT(name, dlb2_read_port_monitor, monitor, .resettable = true, .of_hardware = true)
#define QUEUE_COUNTER(name, counter) \
	XSTAT(name, dlb2_read_queue_counter, counter, .resettable = true)
#define QUEUE_FACT(name, fact) XSTAT(name, dlb2_read_queue_fact, fact)
#define QUEUE_MONITOR(name, monitor) XSTAT(name, dlb2_read_queue_monitor, monitor)
#define QUEUE_TOTAL(name, monitor) \
	XSTAT(name, dlb2_read_queue_monitor, monitor, .resettable = true, .of_hardware = true)
#define QUEUE_MARK(name, monitor) \
	XSTAT(name, dlb2_read_queue_monitor, monitor, .clear = dlb2_clear_queue_max_depth)

/* Alarms that can concern a port, and those whose command can hold an event for a queue. */
#define PORT_ALARMS(X) \
	X(NO_OPEN_EVENT, "no_open_event") \
	X(NO_CREDIT, "no_credit") \
	X(ILLEGAL_ENQUEUE, "illegal_enqueue") \
	X(EXCESS_TOKENS, "excess_tokens") \
	X(ILLEGAL_HCW, "illegal_command") \
	X(ILLEGAL_QUEUE, "illegal_queue") \
	X(DISABLED_QUEUE, "disabled_queue") \
	X(OTHER, "other")
#define QUEUE_ALARMS(X) \
	X(NO_CREDIT, "no_credit") \
	X(ILLEGAL_ENQUEUE, "illegal_enqueue") \
	X(EXCESS_TOKENS, "excess_tokens") \
	X(ILLEGAL_HCW, "illegal_command") \
	X(DISABLED_QUEUE, "disabled_queue") \
	X(OTHER, "other")
#define DEVICE_ALARM(cause, name) XSTAT("alarm_" name, dlb2_read_device_alarms, DLB2_ALARM_##cause),
#define PORT_ALARM(cause, name) \
	XSTAT("alarm_" name, dlb2_read_port_alarms, DLB2_ALARM_##cause, .resettable = true),
#define QUEUE_ALARM(cause, name) \
	XSTAT("alarm_" name, dlb2_read_queue_alarms, DLB2_ALARM_##cause, .resettable = true),

static const struct dlb2_xstat device_xstats[] = {
	PORT_SUM("rx_ok", DLB2_PORT_RX_OK),
	PORT_SUM("rx_drop", DLB2_PORT_RX_DROP),
	PORT_SUM("rx_interrupt_wait", DLB2_PORT_RX_INTERRUPT_WAIT),
	PORT_SUM("rx_umonitor_umwait", DLB2_PORT_RX_UMONITOR_UMWAIT),
	PORT_SUM("tx_ok", DLB2_PORT_TX_OK),
	PORT_SUM("total_polls", DLB2_PORT_TOTAL_POLLS),
	PORT_SUM("zero_polls", DLB2_PORT_ZERO_POLLS),
	PORT_SUM("tx_nospc_ldb_hw_credits", DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS),
	PORT_SUM("tx_nospc_dir_hw_credits", DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS),
	PORT_SUM("tx_nospc_hw_credits", DLB2_PORT_TX_NOSPC_HW_CREDITS),
	PORT_SUM("tx_nospc_inflight_max", DLB2_PORT_TX_NOSPC_INFLIGHT_MAX),
	PORT_SUM("tx_nospc_new_event_limit", DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT),
	PORT_SUM("tx_nospc_inflight_credits", DLB2_PORT_TX_NOSPC_INFLIGHT_CREDITS),
	DEVICE_FACT("nb_events_limit", DLB2_EVENTS_LIMIT),
	DEVICE_FACT("inflight_events", DLB2_INFLIGHT_EVENTS),
	DEVICE_FACT("ldb_pool_size", DLB2_LDB_POOL_SIZE),
	DEVICE_FACT("dir_pool_size", DLB2_DIR_POOL_SIZE),
	DEVICE_FACT("pool_size", DLB2_POOL_SIZE),
	/* from here on not of the in-tree driver */
	DEVICE_FACT("driver_memory_bytes", DLB2_DRIVER_MEMORY),
	DEVICE_FACT("cq_memory_bytes", DLB2_CQ_MEMORY),
	DEVICE_FACT("model_memory_bytes", DLB2_MODEL_MEMORY),
	PORT_ALARMS(DEVICE_ALARM)
	DEVICE_ALARM(HARDWARE, "hardware")
	DEVICE_ALARM(UNRECORDED, "unrecorded")
	DEVICE_MONITOR("hw_ldb_scheduled", DLB2_LDB),
	DEVICE_MONITOR("hw_dir_scheduled", DLB2_DIR),
};

static const struct dlb2_xstat port_xstats[] = {
	PORT_FACT("is_configured", DLB2_PORT_IS_CONFIGURED),
	PORT_FACT("is_load_balanced", DLB2_PORT_IS_LOAD_BALANCED),
	PORT_FACT("hw_id", DLB2_PORT_HW_ID),
	PORT_COUNTER("rx_ok", DLB2_PORT_RX_OK),
	PORT_COUNTER("rx_drop", DLB2_PORT_RX_DROP),
	PORT_COUNTER("rx_interrupt_wait", DLB2_PORT_RX_INTERRUPT_WAIT),
	PORT_COUNTER("rx_umonitor_umwait", DLB2_PORT_RX_UMONITOR_UMWAIT),
	PORT_COUNTER("tx_ok", DLB2_PORT_TX_OK),
	PORT_COUNTER("total_polls", DLB2_PORT_TOTAL_POLLS),
	PORT_COUNTER("zero_polls", DLB2_PORT_ZERO_POLLS),
	PORT_COUNTER("tx_nospc_ldb_hw_credits", DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS),
	PORT_COUNTER("tx_nospc_dir_hw_credits", DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS),
	PORT_COUNTER("tx_nospc_hw_credits", DLB2_PORT_TX_NOSPC_HW_CREDITS),
	PORT_COUNTER("tx_nospc_inflight_max", DLB2_PORT_TX_NOSPC_INFLIGHT_MAX),
	PORT_COUNTER("tx_nospc_new_event_limit", DLB2_PORT_TX_NOSPC_NEW_EVENT_LIMIT),
	PORT_COUNTER("tx_nospc_inflight_credits", DLB2_PORT_TX_NOSPC_INFLIGHT_CREDITS),
	PORT_COUNTER("tx_new", DLB2_PORT_TX_NEW),
	PORT_COUNTER("tx_fwd", DLB2_PORT_TX_FWD),
	PORT_COUNTER("tx_rel", DLB2_PORT_TX_REL),
	PORT_COUNTER("tx_implicit_rel", DLB2_PORT_TX_IMPLICIT_REL),
	PORT_COUNTER("tx_sched_ordered", DLB2_PORT_TX_SCHED_ORDERED),
	PORT_COUNTER("tx_sched_unordered", DLB2_PORT_TX_SCHED_UNORDERED),
	PORT_COUNTER("tx_sched_atomic", DLB2_PORT_TX_SCHED_ATOMIC),
	PORT_COUNTER("tx_sched_directed", DLB2_PORT_TX_SCHED_DIRECTED),
	PORT_COUNTER("tx_invalid", DLB2_PORT_TX_INVALID),
	PORT_FACT("outstanding_releases", DLB2_PORT_OPEN_EVENTS),
	PORT_FACT("max_outstanding_releases", DLB2_PORT_HIST_LIST),
	PORT_COUNTER("rx_sched_ordered", DLB2_PORT_RX_SCHED_ORDERED),
	PORT_COUNTER("rx_sched_unordered", DLB2_PORT_RX_SCHED_UNORDERED),
	PORT_COUNTER("rx_sched_atomic", DLB2_PORT_RX_SCHED_ATOMIC),
	PORT_COUNTER("rx_sched_directed", DLB2_PORT_RX_SCHED_DIRECTED),
	PORT_COUNTER("rx_sched_invalid", DLB2_PORT_RX_SCHED_INVALID),
	/* from here on not of the in-tree driver */
	PORT_ALARMS(PORT_ALARM)
	PORT_TOTAL("hw_scheduled", DLB2_PORT_HW_SCHEDULED),
	PORT_MONITOR("hw_inflight_events", DLB2_PORT_HW_INFLIGHTS),
	PORT_MONITOR("hw_owed_tokens", DLB2_PORT_HW_TOKENS),
};

static const struct dlb2_xstat queue_xstats[] = {
	QUEUE_FACT("is_configured", DLB2_QUEUE_IS_CONFIGURED),
	QUEUE_FACT("is_load_balanced", DLB2_QUEUE_IS_LOAD_BALANCED),
	QUEUE_FACT("hw_id", DLB2_QUEUE_HW_ID),
	QUEUE_FACT("num_links", DLB2_QUEUE_NUM_LINKS),
	QUEUE_FACT("sched_type", DLB2_QUEUE_SCHED_TYPE),
	QUEUE_COUNTER("enq_ok", DLB2_QUEUE_ENQUEUED),
	QUEUE_MONITOR("current_depth", DLB2_QUEUE_HW_DEPTH),
	QUEUE_FACT("depth_threshold", DLB2_QUEUE_DEPTH_THRESHOLD),
	QUEUE_COUNTER("depth_le50_threshold", DLB2_QUEUE_RECEIVED),
	QUEUE_COUNTER("depth_gt50_le75_threshold", DLB2_QUEUE_RECEIVED + 1),
	QUEUE_COUNTER("depth_gt75_le100_threshold", DLB2_QUEUE_RECEIVED + 2),
	QUEUE_COUNTER("depth_gt100_threshold", DLB2_QUEUE_RECEIVED + 3),
	/* from here on not of the in-tree driver */
	QUEUE_ALARMS(QUEUE_ALARM)
	QUEUE_TOTAL("hw_enqueued", DLB2_QUEUE_HW_ENQUEUED),
	QUEUE_MARK("hw_max_depth", DLB2_QUEUE_HW_MAX_DEPTH),
	QUEUE_MONITOR("hw_inflight_events", DLB2_QUEUE_HW_INFLIGHTS),
};

static_assert(RTE_DIM(port_xstats) <= DLB2_MAX_PORT_XSTATS, "room for values at the last reset");
static_assert(RTE_DIM(queue_xstats) <= DLB2_MAX_QUEUE_XSTATS, "room for values at the last reset");

const struct dlb2_xstat_table dlb2_xstat_tables[DLB2_NUM_XSTAT_TABLES] = {
	[RTE_EVENT_DEV_XSTATS_DEVICE] = { "dev", device_xstats, RTE_DIM(device_xstats),
					  DEVICE_IN_TREE },
	[RTE_EVENT_DEV_XSTATS_PORT] = { "port", port_xstats, RTE_DIM(port_xstats), PORT_IN_TREE },
	[RTE_EVENT_DEV_XSTATS_QUEUE] = { "qid", queue_xstats, RTE_DIM(queue_xstats),
					 QUEUE_IN_TREE },
};
