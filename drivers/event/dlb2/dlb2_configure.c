/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Configure and close: which part of the device the event device gets, its scheduling domain
 * (pmd-interface 6). One event device uses one domain.
 *
 * When configure fails the library releases every queue and port, so nothing of the former
 * configuration is kept either.
 */
#include <errno.h>
#include <string.h>

#include <rte_cpuflags.h>
#include <rte_cycles.h>

#include "dlb2_compat.h"
#include "dlb2_priv.h"

static unsigned int
named_ports(const struct dlb2_eventdev *evdev, unsigned int num_ports, unsigned int cos)
{
	unsigned int port, named = 0;

	for (port = 0; port < RTE_MIN(num_ports, (unsigned int)DLB2_MAX_LDB_PORTS); port++)
		named += evdev->options.port_cos[port] == (int)cos;
	return named;
}

/*
 * The port_cos devarg is written for one configuration; another one must not silently lose what it
 * asks for.
 */
static int
check_port_cos(const struct dlb2_eventdev *evdev, const struct rte_event_dev_config *conf)
{
	unsigned int ldb_ports = conf->nb_event_ports - conf->nb_single_link_event_port_queues;
	unsigned int port, cos, named = 0;

	for (port = conf->nb_event_ports; port < DLB2_MAX_LDB_PORTS; port++) {
		if (evdev->options.port_cos[port] >= 0) {
			DLB2_ERR(evdev->name,
				 "port_cos names port %u, but %u ports are configured: configure "
				 "more, or change the devarg",
				 port, conf->nb_event_ports);
			return -EINVAL;
		}
	}
	for (cos = 0; cos < DLB2_MAX_COS; cos++)
		named += named_ports(evdev, conf->nb_event_ports, cos);
	if (named > ldb_ports) {
		DLB2_ERR(evdev->name,
			 "port_cos names %u ports, but %u load-balanced ports are configured: "
			 "configure more, or change the devarg",
			 named, ldb_ports);
		return -EINVAL;
	}
	return 0;
}

/* What the library has not checked, or leaves to the driver. */
static int
check_config(const struct dlb2_eventdev *evdev, const struct rte_event_dev_config *conf)
{
	unsigned int pairs = conf->nb_single_link_event_port_queues;
	unsigned int max_pairs = evdev->share.dir_pairs;

	if (conf->nb_events_limit < 1) {
		DLB2_ERR(evdev->name,
			 "nb_events_limit %d is not valid: this is a closed system, say 1 to %u",
			 conf->nb_events_limit, evdev->share.ldb_credits);
		return -EINVAL;
	}
	if (pairs > max_pairs || pairs > conf->nb_event_queues || pairs > conf->nb_event_ports) {
		DLB2_ERR(evdev->name,
			 "%u single-link queues and ports are more than %u queues, %u ports or the "
			 "%u pairs that it may have: lower nb_single_link_event_port_queues",
			 pairs, conf->nb_event_queues, conf->nb_event_ports, max_pairs);
		return -EINVAL;
	}
	if (conf->nb_event_queues > pairs && conf->nb_event_ports == pairs) {
		DLB2_ERR(evdev->name,
			 "%u load-balanced queues without a load-balanced port to serve them: "
			 "raise nb_event_ports above the %u single-link ones",
			 conf->nb_event_queues - pairs, pairs);
		return -EINVAL;
	}
	if (dlb2_compat_preschedule(conf) > DLB2_PRESCHEDULE_ADAPTIVE) {
		DLB2_ERR(evdev->name, "preschedule_type %u is unknown: say 0 to %u",
			 dlb2_compat_preschedule(conf), DLB2_PRESCHEDULE_ADAPTIVE);
		return -EINVAL;
	}
	return check_port_cos(evdev, conf);
}

/*
 * Half of the events may be on their way to directed ports at a time, unless the user says
 * otherwise; 2.5 has one pool.
 */
static void
size_credits(const struct dlb2_eventdev *evdev, struct dlb2_domain_request *request)
{
	unsigned int limit = evdev->conf.nb_events_limit;

	if (dlb2_evdev_limits(evdev)->combined_credits) {
		request->ldb_credits = limit;
		return;
	}
	if (evdev->num_ldb_queues > 0)
		request->ldb_credits = limit;
	if (evdev->num_dir_pairs > 0)
		request->dir_credits = evdev->options.num_dir_credits > 0 ?
			evdev->options.num_dir_credits :
			RTE_MIN(RTE_MAX(limit / 2, 1u), evdev->share.dir_credits);
}

/*
 * Each port gets DLB2_DEFAULT_HIST_LIST entries for certain. What else there may be is taken as
 * well, so that deep ports can have as many events open as their CQ holds. With long lists the
 * depths that the ports will have decide whether there are enough.
 */
static unsigned int
size_hist_list(const struct dlb2_eventdev *evdev)
{
	const struct dlb2_options *options = &evdev->options;
	unsigned int have = evdev->share.hist_list_entries;

	if (options->alloc_hl_entries > 0)
		return options->alloc_hl_entries;
	if (!options->use_default_hl)
		return RTE_MIN(evdev->num_ldb_ports * DLB2_LONG_HIST_LIST, have);
	return RTE_MAX(evdev->num_ldb_ports * DLB2_DEFAULT_HIST_LIST,
		       RTE_MIN(evdev->num_ldb_ports * options->max_cq_depth, have));
}

static void
size_domain(const struct dlb2_eventdev *evdev, struct dlb2_domain_request *request)
{
	unsigned int cos;

	*request = (struct dlb2_domain_request){
		.ldb_queues = evdev->num_ldb_queues,
		.ldb_ports = evdev->num_ldb_ports,
		.dir_ports = evdev->num_dir_pairs,
		.hist_list_entries = size_hist_list(evdev),
		.hist_list_from = evdev->share.hist_list_from,
		.atomic_inflights = evdev->num_ldb_queues * DLB2_ATOMIC_INFLIGHTS_PER_QUEUE,
	};
	memcpy(request->sn_slots, evdev->share.sn_slots, sizeof(request->sn_slots));
	for (cos = 0; cos < DLB2_MAX_COS; cos++) {
		request->ldb_ports_per_cos[cos] =
			named_ports(evdev, evdev->conf.nb_event_ports, cos);
		request->ldb_ports -= request->ldb_ports_per_cos[cos];
	}
	size_credits(evdev, request);
}

bool
dlb2_waits_by_umwait(const struct dlb2_eventdev *evdev)
{
	return evdev->options.use_umwait && rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) > 0;
}

static void
init_datapath(struct dlb2_eventdev *evdev)
{
	const struct rte_event_dev_config *conf = &evdev->conf;
	const struct dlb2_options *options = &evdev->options;
	uint32_t flags = conf->event_dev_cfg;
	struct dlb2_dp_conf dp_conf = {
		.version = options->version,
		.num_events_limit = conf->nb_events_limit,
		.ldb_credits = evdev->owned.ldb_credits,
		.dir_credits = evdev->owned.dir_credits,
		.sw_credit_quanta = options->sw_credit_quanta,
		.hw_credit_quanta = options->hw_credit_quanta,
		.use_umwait = dlb2_waits_by_umwait(evdev),
		.poll_interval = options->poll_interval,
		.sleep_when_idle = options->cq_interrupts,
		.spin_ticks = rte_get_tsc_hz() / US_PER_S * options->spin_before_sleep,
		.per_dequeue_timeout = (flags & RTE_EVENT_DEV_CFG_PER_DEQUEUE_TIMEOUT) != 0,
		.dequeue_timeout_ticks = dlb2_ns_to_ticks(conf->dequeue_timeout_ns),
		.simd = dlb2_evdev_simd(evdev),
		.cq_layout = options->cq_layout,
		.qe_weight = options->enable_cq_weight,
	};

	dlb2_dp_init(evdev->dp, &dp_conf);
}

int
dlb2_claim_domain(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	struct dlb2_domain_request request;
	int ret;

	size_domain(evdev, &request);
	ret = dlb2_claim_from(process, &request);
	if (ret != 0)
		return dlb2_report_gone(evdev, ret);
	evdev->build = DLB2_DOMAIN_EMPTY;
	init_datapath(evdev);
	return 0;
}

void
dlb2_return_domain(struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	const struct dlb2_attachment *attachment = &process->function->attachment;

	dlb2_return_to(process);
	if (attachment->ops->pp_close_all != NULL)
		attachment->ops->pp_close_all(attachment->bus, evdev->dev_id);
	evdev->cq_memory = 0;
	evdev->build = DLB2_NO_DOMAIN;
}

static void
mark_set_up_before(struct dlb2_eventdev *evdev)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(evdev->queues); i++) {
		if (evdev->queues[i].setup == DLB2_SET_UP)
			evdev->queues[i].setup = DLB2_SET_UP_BEFORE;
	}
	for (i = 0; i < RTE_DIM(evdev->ports); i++) {
		if (evdev->ports[i].setup == DLB2_SET_UP)
			evdev->ports[i].setup = DLB2_SET_UP_BEFORE;
	}
}

static int
configure(struct dlb2_eventdev *evdev, struct dlb2_process *process,
	  const struct rte_event_dev_config *conf)
{
	int ret;

	dlb2_return_domain(evdev, process);
	ret = check_config(evdev, conf);
	if (ret != 0)
		return ret;
	evdev->conf = *conf;
	evdev->num_dir_pairs = conf->nb_single_link_event_port_queues;
	evdev->num_ldb_ports = conf->nb_event_ports - evdev->num_dir_pairs;
	evdev->num_ldb_queues = conf->nb_event_queues - evdev->num_dir_pairs;
	ret = dlb2_claim_domain(evdev, process);
	if (ret != 0)
		return -ENODEV;
	mark_set_up_before(evdev);
	return 0;
}

int
dlb2_configure(const struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	int ret = configure(evdev, dlb2_process(dev), &dev->data->dev_conf);

	evdev->configured = ret == 0;
	return ret;
}

int
dlb2_close(struct rte_eventdev *dev)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int i;

	if (evdev->started)
		dlb2_stop_datapath(evdev);
	evdev->started = false;
	dlb2_return_domain(evdev, dlb2_process(dev));
	for (i = 0; i < RTE_DIM(evdev->ports); i++) {
		dlb2_port_forget(evdev, i);
		dev->data->ports[i] = NULL;
	}
	memset(evdev->queues, 0, sizeof(evdev->queues));
	memset(evdev->queue_offsets, 0, sizeof(evdev->queue_offsets));
	evdev->configured = false;
	return 0;
}
