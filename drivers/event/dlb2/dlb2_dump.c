/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * rte_event_dev_dump(): the records, and what the device and the data path say of themselves.
 */
#include "dlb2_priv.h"

static const char *const kind_names[] = {
	[DLB2_LDB] = "load-balanced",
	[DLB2_DIR] = "directed",
};

static const char *const setup_names[] = {
	[DLB2_NOT_SET_UP] = "not set up",
	[DLB2_SET_UP_BEFORE] = "set up before the last configure",
	[DLB2_SET_UP] = "set up",
};

static void
dump_resources(struct dlb2_function *function, FILE *f)
{
	struct dlb2_resources have;

	if (!dlb2_function_available(function, &have))
		return;
	fprintf(f,
		"\tfree: %u domains, %u+%u ports, %u queues, %u+%u credits, %u history-list "
		"entries, %u atomic in-flights\n",
		have.domains, have.ldb_ports, have.dir_ports, have.ldb_queues, have.ldb_credits,
		have.dir_credits, have.hist_list_entries, have.atomic_inflights);
}

static void
dump_device(const struct rte_eventdev *dev, FILE *f)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	const struct dlb2_process *process = dlb2_process(dev);

	fprintf(f, "DLB %s %s: %s, socket %d, hardware %s\n",
		evdev->options.version == DLB2_HW_2_0 ? "2.0" : "2.5", evdev->name,
		evdev->started		  ? "started" :
			evdev->configured ? "stopped" :
					    "not configured",
		evdev->socket_id,
		evdev->build == DLB2_BUILT ? "as configured" : "not as configured yet");
	fprintf(f, "\tconfigured: %u+%u ports, %u+%u queues (load-balanced+directed), %d events\n",
		evdev->num_ldb_ports, evdev->num_dir_pairs, evdev->num_ldb_queues,
		evdev->num_dir_pairs, evdev->conf.nb_events_limit);
	fprintf(f, "\tin flight, with cached credits: %u; credits left: %u",
		dlb2_dp_inflights(evdev->dp), dlb2_dp_credit_pool(evdev->dp, DLB2_LDB));
	if (dlb2_evdev_limits(evdev)->combined_credits)
		fprintf(f, "\n");
	else
		fprintf(f, " load-balanced, %u directed\n",
			dlb2_dp_credit_pool(evdev->dp, DLB2_DIR));
	fprintf(f, "\ta dequeue with a timeout waits by %s\n",
		dlb2_waits_by_umwait(evdev) ? "UMWAIT" : "polling");
	fprintf(f, "\tCQs are %s\n", dlb2_cq_layout_names[evdev->options.cq_layout]);
	if (process->domain != NULL)
		fprintf(f, "\tscheduling domain %u\n", dlb2_domain_id(process->domain));
	if (process->function != NULL)
		dump_resources(process->function, f);
}

/* `intro` comes first in each line. */
static void
dump_links(const struct dlb2_eventdev *evdev, const struct dlb2_port *port, unsigned int profile,
	   const char *intro, FILE *f)
{
	const struct dlb2_event_link *link;

	for (link = port->links; link < port->links + port->num_links; link++) {
		if (dlb2_link_is_in(link, profile))
			fprintf(f, "\t%squeue %u at priority %u\n", intro, link->queue_id,
				dlb2_link_priority(evdev, port, link, profile));
	}
}

static void
dump_other_profiles(const struct dlb2_eventdev *evdev, const struct dlb2_port *port, FILE *f)
{
	unsigned int profile;
	char intro[20];

	fprintf(f, "\tof link profile %u, which is active; the others:\n", port->profile);
	for (profile = 0; profile < DLB2_MAX_PROFILES; profile++) {
		snprintf(intro, sizeof(intro), "link profile %u: ", profile);
		if (profile != port->profile)
			dump_links(evdev, port, profile, intro, f);
	}
}

static void
dump_port(const struct rte_eventdev *dev, const struct dlb2_port *port, FILE *f)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);

	fprintf(f, "port %u: %s, %s", dlb2_port_id(evdev, port), setup_names[port->setup],
		kind_names[port->kind]);
	fprintf(f,
		", dequeue depth %u, enqueue depth %u, new event threshold %d, flags %#x, token "
		"pop mode %u\n",
		port->conf.dequeue_depth, port->conf.enqueue_depth, port->conf.new_event_threshold,
		port->conf.event_port_cfg, port->token_pop_mode);
	dump_links(evdev, port, port->profile, "", f);
	if (dlb2_profile_has_others(port))
		dump_other_profiles(evdev, port, f);
	if (evdev->build != DLB2_BUILT)
		return;
	fprintf(f, "\thardware port %u, history list %u, open events %u\n", port->hw_id,
		port->hist_list_entries, dlb2_dp_port_open_events(port->dp));
	dlb2_dp_port_dump(port->dp, f);
}

static void
dump_queue(const struct rte_eventdev *dev, const struct dlb2_queue *queue, FILE *f)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_domain *domain = dlb2_process(dev)->domain;

	fprintf(f, "queue %u: %s, %s, %u links", dlb2_queue_id(evdev, queue),
		setup_names[queue->setup], kind_names[queue->kind], queue->num_links);
	if (queue->kind == DLB2_LDB)
		fprintf(f, ", %s, in-flight limit %u",
			dlb2_queue_window(queue) > 0 ? "ordered" : "not ordered",
			dlb2_queue_inflight_limit(evdev, queue));
	if (evdev->build == DLB2_BUILT && domain != NULL)
		fprintf(f, ", hardware queue %u, depth %d", queue->hw_id,
			dlb2_queue_depth(domain, queue->kind, queue->hw_id));
	fprintf(f, "\n");
}

static void
dump_xstats(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, uint8_t object,
	    FILE *f)
{
	struct rte_event_dev_xstats_name names[64];
	uint64_t ids[RTE_DIM(names)], values[RTE_DIM(names)];
	int i, num = dlb2_xstats_get_names(dev, mode, object, names, ids, RTE_DIM(names));

	if (num <= 0 || dlb2_xstats_get(dev, mode, object, ids, values, num) != num)
		return;
	for (i = 0; i < num; i++)
		fprintf(f, "\t%s %" PRIu64 "\n", names[i].name, values[i]);
}

void
dlb2_dump(struct rte_eventdev *dev, FILE *f)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_function *function = dlb2_process(dev)->function;
	unsigned int i;

	if (function != NULL)
		dlb2_report_alarms(function);
	dump_device(dev, f);
	dump_xstats(dev, RTE_EVENT_DEV_XSTATS_DEVICE, 0, f);
	if (!evdev->configured)
		return;
	for (i = 0; i < evdev->conf.nb_event_ports; i++) {
		dump_port(dev, &evdev->ports[i], f);
		dump_xstats(dev, RTE_EVENT_DEV_XSTATS_PORT, i, f);
	}
	for (i = 0; i < evdev->conf.nb_event_queues; i++) {
		dump_queue(dev, &evdev->queues[i], f);
		dump_xstats(dev, RTE_EVENT_DEV_XSTATS_QUEUE, i, f);
	}
}
