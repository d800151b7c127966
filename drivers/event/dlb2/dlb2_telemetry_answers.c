/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the telemetry commands say, but for resources and domains (dlb2_telemetry_resources.c) and
 * credits (dlb2_telemetry_credits.c). Keys end in the unit of their value where it has one. What is
 * not known, because nothing is built yet or this is a secondary process, is left out.
 */
#include <stdio.h>

#include "dlb2_telemetry.h"

static const char *const kind_names[] = {
	[DLB2_LDB] = "load_balanced",
	[DLB2_DIR] = "directed",
};

static void
add_text(struct rte_tel_data *dict, const char *name, const char *text)
{
	rte_tel_data_add_dict_string(dict, name, text);
}

int
dlb2_tel_queue_depth(const struct dlb2_question *question, unsigned int queue_id)
{
	const struct dlb2_queue *queue = &question->evdev->queues[queue_id];

	if (!dlb2_tel_hardware(question) || queue->setup == DLB2_NOT_SET_UP)
		return -1;
	return dlb2_queue_depth(question->process->domain, queue->kind, queue->hw_id);
}

int
dlb2_tel_port_tokens(const struct dlb2_question *question, unsigned int port_id)
{
	const struct dlb2_port *port = &question->evdev->ports[port_id];

	if (!dlb2_tel_hardware(question) || port->setup == DLB2_NOT_SET_UP)
		return -1;
	return dlb2_port_tokens(question->process->domain, port->kind, port->hw_id);
}

static const char *
hardware_state(const struct dlb2_eventdev *evdev)
{
	static const char *const names[] = {
		[DLB2_NO_DOMAIN] = "no domain",
		[DLB2_DOMAIN_EMPTY] = "domain reserved",
		[DLB2_BUILT] = "as configured",
		[DLB2_OUTDATED] = "built anew at the next start",
	};

	return names[evdev->build];
}

static void
tell_configuration(const struct dlb2_eventdev *evdev, struct rte_tel_data *out)
{
	dlb2_tel_number(out, "load_balanced_queues", evdev->num_ldb_queues);
	dlb2_tel_number(out, "load_balanced_ports", evdev->num_ldb_ports);
	dlb2_tel_number(out, "directed_pairs", evdev->num_dir_pairs);
	dlb2_tel_number(out, "limit_events", evdev->conf.nb_events_limit);
	dlb2_tel_number(out, "dequeue_timeout_ns", evdev->conf.dequeue_timeout_ns);
}

/* All those of the device. */
static void
tell_event_devices(const struct dlb2_question *question, struct rte_tel_data *out)
{
	struct rte_tel_data *names = rte_tel_data_alloc();
	unsigned int i;

	if (names == NULL)
		return;
	rte_tel_data_start_array(names, RTE_TEL_STRING_VAL);
	for (i = 0; i < question->num_siblings; i++)
		rte_tel_data_add_array_string(names, question->siblings[i]->data->name);
	if (rte_tel_data_add_dict_container(out, "event_devices", names, 0) != 0)
		rte_tel_data_free(names);
}

void
dlb2_answer_info(const struct dlb2_question *question, struct rte_tel_data *out)
{
	const struct dlb2_eventdev *evdev = question->evdev;

	add_text(out, "name", evdev->name);
	add_text(out, "device", evdev->device_name);
	tell_event_devices(question, out);
	add_text(out, "hardware", evdev->options.version == DLB2_HW_2_0 ? "2.0" : "2.5");
	add_text(out, "process",
		 question->process->function != NULL ? "primary" : "secondary");
	rte_tel_data_add_dict_int(out, "socket", evdev->socket_id);
	add_text(out, "state",
		 evdev->started		   ? "started" :
			 evdev->configured ? "stopped" :
					     "not configured");
	add_text(out, "hardware_state", hardware_state(evdev));
	if (evdev->configured)
		tell_configuration(evdev, out);
	add_text(out, "waits_by", dlb2_waits_by_umwait(evdev) ? "umwait" : "polling");
	add_text(out, "cq_layout", dlb2_cq_layout_names[evdev->options.cq_layout]);
	dlb2_tel_xstat(question, out, "driver_memory_bytes", "dev_driver_memory_bytes");
	dlb2_tel_xstat(question, out, "cq_memory_bytes", "dev_cq_memory_bytes");
	dlb2_tel_xstat(question, out, "model_memory_bytes", "dev_model_memory_bytes");
}

/* An array of the IDs, in `out` under `name`. */
static struct rte_tel_data *
new_list(struct rte_tel_data *out, const char *name)
{
	struct rte_tel_data *list = rte_tel_data_alloc();

	if (list == NULL)
		return NULL;
	rte_tel_data_start_array(list, RTE_TEL_INT_VAL);
	if (rte_tel_data_add_dict_container(out, name, list, 0) == 0)
		return list;
	rte_tel_data_free(list);
	return NULL;
}

/* Lists of what is set up, by kind, and of what is not. */
struct lists {
	struct rte_tel_data *kinds[DLB2_NUM_PORT_KINDS], *not_set_up;
};

static bool
new_lists(struct rte_tel_data *out, struct lists *lists)
{
	lists->kinds[DLB2_LDB] = new_list(out, kind_names[DLB2_LDB]);
	lists->kinds[DLB2_DIR] = new_list(out, kind_names[DLB2_DIR]);
	lists->not_set_up = new_list(out, "not_set_up");
	return lists->kinds[DLB2_LDB] != NULL && lists->kinds[DLB2_DIR] != NULL &&
		lists->not_set_up != NULL;
}

static void
list(const struct lists *lists, enum dlb2_setup setup, enum dlb2_port_kind kind, unsigned int id)
{
	rte_tel_data_add_array_int(
		setup == DLB2_NOT_SET_UP ? lists->not_set_up : lists->kinds[kind], id);
}

static void
list_queues(const struct dlb2_eventdev *evdev, struct rte_tel_data *out)
{
	struct lists lists;
	unsigned int i;

	if (!new_lists(out, &lists))
		return;
	for (i = 0; evdev->configured && i < evdev->conf.nb_event_queues; i++)
		list(&lists, evdev->queues[i].setup, evdev->queues[i].kind, i);
}

static void
list_ports(const struct dlb2_eventdev *evdev, struct rte_tel_data *out)
{
	struct lists lists;
	unsigned int i;

	if (!new_lists(out, &lists))
		return;
	for (i = 0; evdev->configured && i < evdev->conf.nb_event_ports; i++)
		list(&lists, evdev->ports[i].setup, evdev->ports[i].kind, i);
}

/* Xstats of a port or queue, under other names; the name of each comes first. */
static void
tell_xstats(const struct dlb2_question *question, const char *prefix, const char *const names[][2],
	    unsigned int num, struct rte_tel_data *out)
{
	char xstat[RTE_EVENT_DEV_XSTATS_NAME_SIZE];
	unsigned int i;

	for (i = 0; i < num; i++) {
		snprintf(xstat, sizeof(xstat), "%s_%d_%s", prefix, question->object, names[i][1]);
		dlb2_tel_xstat(question, out, names[i][0], xstat);
	}
}

/* What the device and the ports have counted of a queue. */
static void
tell_queue_traffic(const struct dlb2_question *question, struct rte_tel_data *out)
{
	static const char *const names[][2] = {
		{"enqueued_events", "enq_ok"},
		{"received_le50_threshold_events", "depth_le50_threshold"},
		{"received_gt50_le75_threshold_events", "depth_gt50_le75_threshold"},
		{"received_gt75_le100_threshold_events", "depth_gt75_le100_threshold"},
		{"received_gt100_threshold_events", "depth_gt100_threshold"},
	};
	static const char *const device_names[][2] = {
		{"depth_events", "current_depth"},
		{"max_depth_events", "hw_max_depth"},
		{"device_enqueued_events", "hw_enqueued"},
		{"device_inflight_events", "hw_inflight_events"},
	};

	tell_xstats(question, "qid", names, RTE_DIM(names), out);
	if (!dlb2_tel_hardware(question))
		return;
	dlb2_tel_number(out, "hardware_queue", question->evdev->queues[question->object].hw_id);
	tell_xstats(question, "qid", device_names, RTE_DIM(device_names), out);
}

static void
tell_queue(const struct dlb2_question *question, struct rte_tel_data *out)
{
	static const char *const types[] = {
		[RTE_SCHED_TYPE_ORDERED] = "ordered",
		[RTE_SCHED_TYPE_ATOMIC] = "atomic",
		[RTE_SCHED_TYPE_PARALLEL] = "parallel",
	};
	const struct dlb2_queue *queue = &question->evdev->queues[question->object];
	uint32_t flags = queue->conf.event_queue_cfg;
	unsigned int type = RTE_MIN(queue->conf.schedule_type, RTE_DIM(types) - 1u);

	dlb2_tel_number(out, "queue", question->object);
	dlb2_tel_number(out, "set_up", queue->setup != DLB2_NOT_SET_UP);
	if (queue->setup == DLB2_NOT_SET_UP)
		return;
	add_text(out, "kind", kind_names[queue->kind]);
	if (queue->kind == DLB2_LDB) {
		add_text(out, "schedule_type",
			 flags & RTE_EVENT_QUEUE_CFG_ALL_TYPES ? "all" : types[type]);
		dlb2_tel_number(out, "window_events", dlb2_queue_window(queue));
		dlb2_tel_number(out, "inflight_limit_events",
				dlb2_queue_inflight_limit(question->evdev, queue));
	}
	dlb2_tel_number(out, "links", queue->num_links);
	dlb2_tel_number(out, "depth_threshold_events",
			dlb2_queue_depth_threshold(question->evdev, queue));
	tell_queue_traffic(question, out);
}

void
dlb2_answer_queues(const struct dlb2_question *question, struct rte_tel_data *out)
{
	if (question->object >= 0)
		tell_queue(question, out);
	else
		list_queues(question->evdev, out);
}

static void
tell_port_traffic(const struct dlb2_question *question, struct rte_tel_data *out)
{
	static const char *const names[][2] = {
		{"received_events", "rx_ok"},
		{"dropped_events", "rx_drop"},
		{"sent_events", "tx_ok"},
		{"polls", "total_polls"},
		{"empty_polls", "zero_polls"},
	};
	static const char *const device_names[][2] = {
		{"device_scheduled_events", "hw_scheduled"},
	};

	tell_xstats(question, "port", names, RTE_DIM(names), out);
	if (dlb2_tel_hardware(question))
		tell_xstats(question, "port", device_names, RTE_DIM(device_names), out);
}

static void
tell_port_hardware(const struct dlb2_question *question, struct rte_tel_data *out)
{
	const struct dlb2_port *port = &question->evdev->ports[question->object];
	struct dlb2_domain *domain = question->process->domain;

	if (question->evdev->build != DLB2_BUILT)
		return;
	dlb2_tel_number(out, "hardware_port", port->hw_id);
	dlb2_tel_number(out, "history_list_entries", port->hist_list_entries);
	dlb2_tel_number(out, "device_tokens", dlb2_tel_port_tokens(question, question->object));
	if (port->kind == DLB2_DIR || domain == NULL)
		return;
	dlb2_tel_number(out, "device_inflight_events", dlb2_port_inflights(domain, port->hw_id));
	dlb2_tel_number(out, "unlinks_in_progress", dlb2_unlinks_in_progress(domain, port->hw_id));
}

static void
tell_port(const struct dlb2_question *question, struct rte_tel_data *out)
{
	static const char *const modes[] = {
		[RTE_PMD_DLB2_AUTO_POP] = "auto",
		[RTE_PMD_DLB2_DELAYED_POP] = "delayed",
		[RTE_PMD_DLB2_DEFERRED_POP] = "deferred",
	};
	const struct dlb2_port *port = &question->evdev->ports[question->object];
	struct dlb2_dp_port_state state;

	dlb2_tel_number(out, "port", question->object);
	dlb2_tel_number(out, "set_up", port->setup != DLB2_NOT_SET_UP);
	if (port->setup == DLB2_NOT_SET_UP || port->dp == NULL)
		return;
	add_text(out, "kind", kind_names[port->kind]);
	dlb2_tel_number(out, "dequeue_depth_events", port->conf.dequeue_depth);
	dlb2_tel_number(out, "enqueue_depth_events", port->conf.enqueue_depth);
	dlb2_tel_number(out, "new_event_threshold_events", port->conf.new_event_threshold);
	add_text(out, "token_pop_mode", modes[port->token_pop_mode]);
	dlb2_tel_number(out, "links", port->num_links);
	dlb2_dp_port_state(port->dp, &state);
	dlb2_tel_number(out, "open_events", state.open);
	dlb2_tel_number(out, "released_early_events", state.early);
	dlb2_tel_number(out, "owed_tokens", state.owed);
	tell_port_hardware(question, out);
	tell_port_traffic(question, out);
}

void
dlb2_answer_ports(const struct dlb2_question *question, struct rte_tel_data *out)
{
	if (question->object >= 0)
		tell_port(question, out);
	else
		list_ports(question->evdev, out);
}

/* Queue and priority of each link. Those that are being undone are not listed. */
static void
tell_profile(const struct dlb2_eventdev *evdev, const struct dlb2_port *port, unsigned int profile,
	     struct rte_tel_data *out)
{
	const struct dlb2_event_link *link;

	for (link = port->links; link < port->links + port->num_links; link++) {
		if (dlb2_link_is_in(link, profile))
			dlb2_tel_object(out, link->queue_id,
					dlb2_link_priority(evdev, port, link, profile));
	}
}

static bool
has_links(const struct dlb2_port *port, unsigned int profile)
{
	const struct dlb2_event_link *link = port->links, *end = port->links + port->num_links;

	while (link < end && !dlb2_link_is_in(link, profile))
		link++;
	return link < end;
}

/* The links of the active profile, and of the others if there are any. */
static void
tell_links(const struct dlb2_eventdev *evdev, unsigned int port_id, struct rte_tel_data *out)
{
	const struct dlb2_port *port = &evdev->ports[port_id];
	struct rte_tel_data *dict;
	unsigned int profile;
	char name[16];

	tell_profile(evdev, port, port->profile, out);
	if (!dlb2_profile_has_others(port))
		return;
	dlb2_tel_number(out, "active_profile", port->profile);
	for (profile = 0; profile < DLB2_MAX_PROFILES; profile++) {
		if (profile == port->profile || !has_links(port, profile))
			continue;
		snprintf(name, sizeof(name), "profile_%u", profile);
		dict = dlb2_tel_dict(out, name);
		if (dict != NULL)
			tell_profile(evdev, port, profile, dict);
	}
}

void
dlb2_answer_links(const struct dlb2_question *question, struct rte_tel_data *out)
{
	const struct dlb2_eventdev *evdev = question->evdev;
	struct rte_tel_data *dict;
	unsigned int i;

	if (question->object >= 0) {
		tell_links(evdev, question->object, out);
		return;
	}
	for (i = 0; evdev->configured && i < evdev->conf.nb_event_ports; i++) {
		if (evdev->ports[i].num_links == 0)
			continue;
		dict = dlb2_tel_object_dict(out, i);
		if (dict != NULL)
			tell_links(evdev, i, dict);
	}
}

static void
tell_causes(const uint64_t counts[DLB2_NUM_ALARM_CAUSES], struct rte_tel_data *out)
{
	static const char *const names[] = {
		[DLB2_ALARM_ILLEGAL_ENQUEUE] = "illegal_enqueue",
		[DLB2_ALARM_EXCESS_TOKENS] = "excess_tokens",
		[DLB2_ALARM_ILLEGAL_HCW] = "illegal_command",
		[DLB2_ALARM_ILLEGAL_QUEUE] = "illegal_queue",
		[DLB2_ALARM_DISABLED_QUEUE] = "disabled_queue",
		[DLB2_ALARM_OTHER] = "other",
		[DLB2_ALARM_NO_OPEN_EVENT] = "no_open_event",
		[DLB2_ALARM_NO_CREDIT] = "no_credit",
		[DLB2_ALARM_HARDWARE] = "hardware",
	};
	unsigned int i;

	for (i = 0; i < DLB2_NUM_ALARM_CAUSES; i++)
		dlb2_tel_number(out, names[i], __atomic_load_n(&counts[i], __ATOMIC_RELAXED));
}

/* By number, those that have any. */
static void
tell_alarms_by(const uint64_t counts[][DLB2_NUM_ALARM_CAUSES], unsigned int num, const char *name,
	       struct rte_tel_data *out)
{
	struct rte_tel_data *objects = dlb2_tel_dict(out, name);
	unsigned int i, cause;
	uint64_t sum;

	for (i = 0; objects != NULL && i < num; i++) {
		sum = 0;
		for (cause = 0; cause < DLB2_NUM_ALARM_CAUSES; cause++)
			sum += __atomic_load_n(&counts[i][cause], __ATOMIC_RELAXED);
		if (sum > 0)
			dlb2_tel_object(objects, i, sum);
	}
}

void
dlb2_answer_alarms(const struct dlb2_question *question, struct rte_tel_data *out)
{
	const struct dlb2_alarm_counts *alarms = &question->evdev->alarms;
	const struct dlb2_function *function = question->process->function;

	if (question->object >= 0) {
		dlb2_tel_number(out, "port", question->object);
		tell_causes(alarms->ports[question->object], out);
		return;
	}
	if (function != NULL)
		add_text(out, "noticed_at",
			 function->alarms.irq != NULL ? "interrupt" : "stop and dump");
	tell_causes(alarms->all, out);
	dlb2_tel_number(out, "with_more_unrecorded",
			__atomic_load_n(&alarms->unrecorded, __ATOMIC_RELAXED));
	tell_alarms_by(alarms->ports, DLB2_MAX_PORTS, "alarms_by_port", out);
	tell_alarms_by(alarms->queues, DLB2_MAX_QUEUES, "alarms_by_queue", out);
}
