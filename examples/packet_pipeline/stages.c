/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Building the pipeline out of an event device and two adapters, and taking it down again without
 * losing a packet buffer. Adapters that have no port of their own in hardware get an event port
 * here and run as services.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_event_eth_rx_adapter.h>
#include <rte_event_eth_tx_adapter.h>
#include <rte_eventdev.h>
#include <rte_service.h>

#include "packet_pipeline.h"

#define ADAPTER_ID 0
#define ORDERED_WINDOW 1024 /* packets that may be out of order at once in the ordered stage */

static uint64_t num_flushed;

static int
failed(const char *what, int ret)
{
	fprintf(stderr, "%s: %s\n", what, rte_strerror(-ret));
	return ret;
}

static bool
has_directed(const struct rte_event_dev_info *info)
{
	return info->max_single_link_event_port_queue_pairs > 0;
}

static int
configure_device(struct pipeline *p, const struct rte_event_dev_info *info)
{
	struct rte_event_dev_config conf = {
		.dequeue_timeout_ns = info->min_dequeue_timeout_ns,
		.nb_events_limit = RTE_MIN(info->max_num_events, 4096),
		.nb_event_queues = NUM_QUEUES,
		.nb_event_ports = p->num_workers + 2,
		.nb_event_queue_flows = RTE_MIN(info->max_event_queue_flows, 1024u),
		.nb_event_port_dequeue_depth = RTE_MIN(info->max_event_port_dequeue_depth, BURST),
		.nb_event_port_enqueue_depth = RTE_MIN(info->max_event_port_enqueue_depth, 64u),
		.nb_single_link_event_port_queues = has_directed(info) ? 1 : 0,
	};

	if (conf.nb_event_ports > info->max_event_ports + conf.nb_single_link_event_port_queues) {
		fprintf(stderr,
			"%u workers and two adapters need %u event ports, the device has %u: use "
			"fewer lcores\n",
			p->num_workers, conf.nb_event_ports, info->max_event_ports);
		return -ENOSPC;
	}
	return rte_event_dev_configure(p->dev_id, &conf);
}

static int
setup_queues(struct pipeline *p, bool directed)
{
	struct rte_event_queue_conf conf = {
		.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
		.schedule_type = RTE_SCHED_TYPE_ATOMIC,
		.nb_atomic_flows = 1024,
	};
	int ret = rte_event_queue_setup(p->dev_id, QUEUE_CLASSIFY, &conf);

	if (ret == 0) {
		struct rte_event_queue_conf ordered = conf;

		ordered.schedule_type = RTE_SCHED_TYPE_ORDERED;
		ordered.nb_atomic_order_sequences = ORDERED_WINDOW;
		ret = rte_event_queue_setup(p->dev_id, QUEUE_WORK, &ordered);
	}
	if (ret == 0) {
		if (directed)
			conf.event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK;
		ret = rte_event_queue_setup(p->dev_id, QUEUE_TX, &conf);
	}
	return ret;
}

static int
setup_ports(struct pipeline *p, const struct rte_event_dev_info *info)
{
	const uint8_t worker_queues[] = { QUEUE_CLASSIFY, QUEUE_WORK };
	const uint8_t tx_queue = QUEUE_TX;
	struct rte_event_port_conf conf = {
		.dequeue_depth = RTE_MIN(info->max_event_port_dequeue_depth, BURST),
		.enqueue_depth = RTE_MIN(info->max_event_port_enqueue_depth, 64u),
		.new_event_threshold = RTE_MIN(info->max_num_events, 4096) / 2,
	};
	unsigned int w;
	int ret;

	for (w = 0; w < p->num_workers; w++) {
		struct worker *worker = &p->workers[w];

		worker->dev_id = p->dev_id;
		worker->port_id = w;
		ret = rte_event_port_setup(p->dev_id, w, &conf);
		if (ret != 0)
			return ret;
		if (rte_event_port_link(p->dev_id, w, worker_queues, NULL, 2) != 2)
			return -rte_errno;
	}
	p->rx_port = w++;
	p->tx_port = w;
	ret = rte_event_port_setup(p->dev_id, p->rx_port, &conf);
	if (ret != 0)
		return ret;
	/* The Rx adapter only sends: its port has no link. */
	if (has_directed(info))
		conf.event_port_cfg = RTE_EVENT_PORT_CFG_SINGLE_LINK;
	ret = rte_event_port_setup(p->dev_id, p->tx_port, &conf);
	if (ret != 0)
		return ret;
	return rte_event_port_link(p->dev_id, p->tx_port, &tx_queue, NULL, 1) == 1 ? 0 : -rte_errno;
}

static int
rx_conf(uint8_t id, uint8_t dev_id, struct rte_event_eth_rx_adapter_conf *conf, void *arg)
{
	const struct pipeline *p = arg;

	conf->event_port_id = p->rx_port;
	conf->max_nb_rx = 4 * BURST;
	return 0;
}

static int
tx_conf(uint8_t id, uint8_t dev_id, struct rte_event_eth_tx_adapter_conf *conf, void *arg)
{
	const struct pipeline *p = arg;

	conf->event_port_id = p->tx_port;
	conf->max_nb_tx = 4 * BURST;
	return 0;
}

/* Packets enter the atomic queue; their flow is the hash that the adapter or the port computes. */
static int
create_rx_adapter(struct pipeline *p)
{
	const struct rte_event_eth_rx_adapter_queue_conf conf = {
		.servicing_weight = 1,
		.ev = {
			.queue_id = QUEUE_CLASSIFY,
			.sched_type = RTE_SCHED_TYPE_ATOMIC,
			.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
		},
	};
	uint16_t port;
	int ret = rte_event_eth_rx_adapter_create_ext(ADAPTER_ID, p->dev_id, rx_conf, p);

	RTE_ETH_FOREACH_DEV(port) {
		if (ret == 0)
			ret = rte_event_eth_rx_adapter_queue_add(ADAPTER_ID, port, 0, &conf);
	}
	return ret;
}

static int
create_tx_adapter(struct pipeline *p)
{
	uint16_t port;
	int ret = rte_event_eth_tx_adapter_create_ext(ADAPTER_ID, p->dev_id, tx_conf, p);

	RTE_ETH_FOREACH_DEV(port) {
		if (ret == 0)
			ret = rte_event_eth_tx_adapter_queue_add(ADAPTER_ID, port, 0);
	}
	return ret;
}

/* Asks each part whether it needs somebody to run it; a DLB needs nobody for its scheduler. */
static void
collect_services(struct pipeline *p)
{
	if (rte_event_dev_service_id_get(p->dev_id, &p->services[p->num_services]) == 0)
		p->num_services++;
	if (rte_event_eth_rx_adapter_service_id_get(ADAPTER_ID, &p->services[p->num_services]) == 0)
		p->num_services++;
	if (rte_event_eth_tx_adapter_service_id_get(ADAPTER_ID, &p->services[p->num_services]) == 0)
		p->num_services++;
}

/*
 * Service lcores (EAL option -s) share the services; without any, the main lcore runs them between
 * two looks at the clock.
 */
static int
start_services(struct pipeline *p)
{
	uint32_t lcores[RTE_MAX_LCORE];
	int num_lcores = rte_service_lcore_list(lcores, RTE_DIM(lcores));
	unsigned int i;

	p->own_services = num_lcores <= 0;
	for (i = 0; i < p->num_services; i++) {
		rte_service_runstate_set(p->services[i], 1);
		if (p->own_services)
			rte_service_set_runstate_mapped_check(p->services[i], 0);
		else if (rte_service_map_lcore_set(p->services[i], lcores[i % num_lcores], 1) != 0)
			return -EINVAL;
	}
	for (i = 0; !p->own_services && i < (unsigned int)num_lcores; i++)
		rte_service_lcore_start(lcores[i]);
	return 0;
}

static void
free_flushed(uint8_t dev_id, struct rte_event event, void *arg)
{
	rte_pktmbuf_free(event.mbuf);
	num_flushed++;
}

int
pipeline_create(struct pipeline *p, const struct options *options)
{
	struct rte_event_dev_info info;
	unsigned int lcore;
	int ret;

	p->dev_id = options->event_dev;
	ret = rte_event_dev_info_get(p->dev_id, &info);
	if (ret != 0)
		return failed("no such event device; give one with --vdev or -a", ret);
	RTE_LCORE_FOREACH_WORKER(lcore) {
		p->workers[p->num_workers].work_cycles = options->work_cycles;
		p->worker_lcores[p->num_workers++] = lcore;
	}
	if (p->num_workers == 0) {
		fprintf(stderr, "no lcore is left for a worker: give at least two, as in --lcores "
				"'0@0,1@1'\n");
		return -EINVAL;
	}
	ret = configure_device(p, &info);
	if (ret != 0)
		return failed("configuring the event device", ret);
	ret = setup_queues(p, has_directed(&info));
	if (ret != 0)
		return failed("setting up the queues", ret);
	ret = setup_ports(p, &info);
	if (ret != 0)
		return failed("setting up and linking the event ports", ret);
	ret = create_rx_adapter(p);
	if (ret != 0)
		return failed("creating the Rx adapter", ret);
	ret = create_tx_adapter(p);
	if (ret != 0)
		return failed("creating the Tx adapter", ret);
	rte_event_dev_stop_flush_callback_register(p->dev_id, free_flushed, NULL);
	return 0;
}

int
pipeline_start(struct pipeline *p)
{
	int ret;

	collect_services(p);
	ret = start_services(p);
	if (ret == 0)
		ret = rte_event_dev_start(p->dev_id);
	if (ret == 0)
		ret = rte_event_eth_tx_adapter_start(ADAPTER_ID);
	if (ret == 0)
		ret = rte_event_eth_rx_adapter_start(ADAPTER_ID);
	return ret == 0 ? 0 : failed("starting the pipeline", ret);
}

void
pipeline_run_services(struct pipeline *p)
{
	unsigned int i;

	for (i = 0; p->own_services && i < p->num_services; i++)
		rte_service_run_iter_on_app_lcore(p->services[i], 1);
}

/*
 * Packets that the adapter has received but not yet sent on stay in its buffer, a few bursts at
 * most.
 */
void
pipeline_stop_input(struct pipeline *p)
{
	rte_event_eth_rx_adapter_stop(ADAPTER_ID);
}

/*
 * Workers have returned. The order matters: nobody may touch an event port when the device is
 * stopped.
 */
void
pipeline_destroy(struct pipeline *p)
{
	uint16_t port;
	unsigned int i;

	rte_event_eth_tx_adapter_stop(ADAPTER_ID);
	for (i = 0; i < p->num_services; i++) {
		rte_service_runstate_set(p->services[i], 0);
		while (!p->own_services && rte_service_may_be_active(p->services[i]) == 1)
			rte_delay_us_sleep(10);
	}
	RTE_ETH_FOREACH_DEV(port) {
		rte_event_eth_rx_adapter_queue_del(ADAPTER_ID, port, 0);
		rte_event_eth_tx_adapter_queue_del(ADAPTER_ID, port, 0);
	}
	rte_event_dev_stop(p->dev_id);
	rte_event_eth_rx_adapter_free(ADAPTER_ID);
	rte_event_eth_tx_adapter_free(ADAPTER_ID);
	rte_event_dev_close(p->dev_id);
}

uint64_t
pipeline_flushed(void)
{
	return num_flushed;
}
