/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * /eventdev_dlb2/resources and /eventdev_dlb2/domains: who holds what of the device, which its
 * event devices share, and what is free. None of them changes meanwhile.
 */
#include <stdio.h>

#include "dlb2_telemetry.h"

enum resource {
	LDB_QUEUES,
	LDB_PORTS,
	DIR_PAIRS,
	HIST_LIST_ENTRIES,
	ATOMIC_INFLIGHTS,
	LDB_CREDITS, /* 2.5: the combined pool */
	DIR_CREDITS, /* 2.0 only; last */
	NUM_RESOURCES
};

/* So much of each. */
struct amounts {
	unsigned int of[NUM_RESOURCES];
};

static const char *
resource_name(enum resource resource, const struct dlb2_limits *limits)
{
	static const char *const names[] = {
		[LDB_QUEUES] = "load_balanced_queues",
		[LDB_PORTS] = "load_balanced_ports",
		[DIR_PAIRS] = "directed_pairs",
		[HIST_LIST_ENTRIES] = "history_list_entries",
		[ATOMIC_INFLIGHTS] = "atomic_inflight_events",
		[LDB_CREDITS] = "load_balanced_credits",
		[DIR_CREDITS] = "directed_credits",
	};

	return resource == LDB_CREDITS && limits->combined_credits ? "credits" : names[resource];
}

static unsigned int
num_resources(const struct dlb2_limits *limits)
{
	return limits->combined_credits ? DIR_CREDITS : NUM_RESOURCES;
}

static struct amounts
of_device(const struct dlb2_limits *limits)
{
	return (struct amounts){ .of = {
		[LDB_QUEUES] = limits->num_ldb_queues,
		[LDB_PORTS] = limits->num_ldb_ports,
		[DIR_PAIRS] = limits->num_dir_ports,
		[HIST_LIST_ENTRIES] = limits->num_hist_list_entries,
		[ATOMIC_INFLIGHTS] = limits->num_aqed_entries,
		[LDB_CREDITS] = limits->num_ldb_credits,
		[DIR_CREDITS] = limits->num_dir_credits,
	} };
}

static struct amounts
of_share(const struct dlb2_share *share)
{
	return (struct amounts){ .of = {
		[LDB_QUEUES] = share->ldb_queues,
		[LDB_PORTS] = share->ldb_ports,
		[DIR_PAIRS] = share->dir_pairs,
		[HIST_LIST_ENTRIES] = share->hist_list_entries,
		[ATOMIC_INFLIGHTS] = share->atomic_inflights,
		[LDB_CREDITS] = share->ldb_credits,
		[DIR_CREDITS] = share->dir_credits,
	} };
}

static struct amounts
of_available(const struct dlb2_resources *available)
{
	return (struct amounts){ .of = {
		[LDB_QUEUES] = available->ldb_queues,
		[LDB_PORTS] = available->ldb_ports,
		[DIR_PAIRS] = available->dir_ports,
		[HIST_LIST_ENTRIES] = available->hist_list_entries,
		[ATOMIC_INFLIGHTS] = available->atomic_inflights,
		[LDB_CREDITS] = available->ldb_credits,
		[DIR_CREDITS] = available->dir_credits,
	} };
}

static struct amounts
of_domain(const struct dlb2_domain_request *owned)
{
	struct amounts held = { .of = {
		[LDB_QUEUES] = owned->ldb_queues,
		[LDB_PORTS] = owned->ldb_ports,
		[DIR_PAIRS] = owned->dir_ports,
		[HIST_LIST_ENTRIES] = owned->hist_list_entries,
		[ATOMIC_INFLIGHTS] = owned->atomic_inflights,
		[LDB_CREDITS] = owned->ldb_credits,
		[DIR_CREDITS] = owned->dir_credits,
	} };
	unsigned int cos;

	for (cos = 0; cos < DLB2_MAX_COS; cos++)
		held.of[LDB_PORTS] += owned->ldb_ports_per_cos[cos];
	return held;
}

static void
tell_holders(const struct dlb2_question *question, enum resource resource,
	     struct rte_tel_data *out)
{
	struct rte_tel_data *dict = dlb2_tel_dict(out, "held_by");
	const struct dlb2_eventdev *evdev;
	struct amounts held;
	unsigned int i;

	for (i = 0; dict != NULL && i < question->num_siblings; i++) {
		evdev = dlb2_evdev(question->siblings[i]);
		held = of_domain(&evdev->owned);
		if (held.of[resource] > 0)
			dlb2_tel_number(dict, evdev->name, held.of[resource]);
	}
}

/* `free` and `unused` are NULL where that is not known. A credit is used from the start on. */
static void
tell_resource(const struct dlb2_question *question, enum resource resource,
	      const struct amounts *free, const struct amounts *unused, struct rte_tel_data *out)
{
	const struct dlb2_eventdev *evdev = question->evdev;
	struct amounts total = of_device(dlb2_evdev_limits(evdev));
	struct amounts share = of_share(&evdev->share), held = of_domain(&evdev->owned);
	struct rte_tel_data *dict =
		dlb2_tel_dict(out, resource_name(resource, dlb2_evdev_limits(evdev)));

	if (dict == NULL)
		return;
	dlb2_tel_number(dict, "total", total.of[resource]);
	dlb2_tel_number(dict, "share", share.of[resource]);
	dlb2_tel_number(dict, "held", held.of[resource]);
	if (unused != NULL && resource != LDB_CREDITS && resource != DIR_CREDITS)
		dlb2_tel_number(dict, "used", held.of[resource] - unused->of[resource]);
	if (free != NULL) {
		dlb2_tel_number(dict, "free", free->of[resource]);
		dlb2_tel_number(dict, "held_by_others",
				total.of[resource] - held.of[resource] - free->of[resource]);
	}
	tell_holders(question, resource, dict);
}

static void
tell_resources(const struct dlb2_question *question, const struct amounts *free,
	       struct rte_tel_data *out)
{
	struct dlb2_domain *domain = question->process->domain;
	struct dlb2_resources left;
	struct amounts unused;
	unsigned int i;

	if (domain != NULL) {
		dlb2_domain_available(domain, &left);
		unused = of_available(&left);
	}
	for (i = 0; i < num_resources(dlb2_evdev_limits(question->evdev)); i++)
		tell_resource(question, i, free, domain != NULL ? &unused : NULL, out);
}

static void
tell_sequence_numbers(const struct dlb2_question *question, const struct dlb2_resources *free,
		      struct rte_tel_data *out)
{
	const struct dlb2_limits *limits = dlb2_evdev_limits(question->evdev);
	struct rte_tel_data *groups = dlb2_tel_dict(out, "sequence_number_groups"), *group;
	unsigned int i;

	for (i = 0; groups != NULL && i < limits->num_sn_groups; i++) {
		group = dlb2_tel_object_dict(groups, i);
		if (group == NULL)
			return;
		dlb2_tel_number(group, "sequence_numbers_per_queue", free->sn_per_slot[i]);
		dlb2_tel_number(group, "queues",
				limits->num_sns_per_group / RTE_MAX(free->sn_per_slot[i], 1u));
		dlb2_tel_number(group, "free_queues", free->sn_free_slots[i]);
		dlb2_tel_number(group, "share_sequence_numbers",
				question->evdev->share.sn_slots[i] * DLB2_DEFAULT_WINDOW);
	}
}

void
dlb2_answer_resources(const struct dlb2_question *question, struct rte_tel_data *out)
{
	struct dlb2_function *function = question->process->function;
	struct dlb2_resources available;
	struct amounts free;

	rte_tel_data_add_dict_string(out, "event_device", question->evdev->name);
	rte_tel_data_add_dict_string(out, "device", question->evdev->device_name);
	if (function == NULL || !dlb2_function_available(function, &available)) {
		tell_resources(question, NULL, out);
		return;
	}
	free = of_available(&available);
	tell_resources(question, &free, out);
	dlb2_tel_number(out, "free_domains", available.domains);
	dlb2_tel_number(out, "longest_free_run_history_list_entries",
			available.hist_list_longest_run);
	tell_sequence_numbers(question, &available, out);
}

static void
tell_domain(const struct dlb2_eventdev *evdev, struct rte_tel_data *out)
{
	const struct dlb2_limits *limits = dlb2_evdev_limits(evdev);
	struct amounts held = of_domain(&evdev->owned);
	unsigned int i;

	rte_tel_data_add_dict_string(out, "held_by", evdev->name);
	for (i = 0; i < num_resources(limits); i++)
		dlb2_tel_number(out, resource_name(i, limits), held.of[i]);
}

/* Those that did not drain and wait for a reset of the device. Their numbers are not known. */
static void
tell_lost(const struct dlb2_question *question, struct rte_tel_data *out)
{
	struct rte_tel_data *lost = dlb2_tel_dict(out, "lost"), *dict;
	const struct dlb2_eventdev *evdev;
	unsigned int i;

	for (i = 0; lost != NULL && i < question->num_siblings; i++) {
		evdev = dlb2_evdev(question->siblings[i]);
		dict = evdev->lost ? dlb2_tel_dict(lost, evdev->name) : NULL;
		if (dict != NULL)
			tell_domain(evdev, dict);
	}
}

void
dlb2_answer_domains(const struct dlb2_question *question, struct rte_tel_data *out)
{
	const struct dlb2_process *process;
	struct rte_tel_data *dict;
	unsigned int i;

	dlb2_tel_number(out, "total", dlb2_evdev_limits(question->evdev)->num_domains);
	for (i = 0; i < question->num_siblings; i++) {
		process = dlb2_process(question->siblings[i]);
		if (process->domain == NULL)
			continue;
		dict = dlb2_tel_object_dict(out, dlb2_domain_id(process->domain));
		if (dict == NULL)
			return;
		dlb2_tel_number(dict, "started", dlb2_domain_started(process->domain));
		tell_domain(process->evdev, dict);
	}
	tell_lost(question, out);
}
