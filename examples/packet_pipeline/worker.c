/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What a worker does with a packet. Every worker serves both stages; which one an event is in, its
 * queue tells.
 */
#include <rte_cycles.h>
#include <rte_ether.h>
#include <rte_ethdev.h>
#include <rte_event_eth_tx_adapter.h>
#include <rte_eventdev.h>
#include <rte_pause.h>

#include "packet_pipeline.h"

/* Atomic: no other lcore has a packet of this flow now, so its counters need no lock. */
static void
classify(struct pipeline *p, struct worker *worker, struct rte_event *ev)
{
	struct flow *flow = &p->flows[ev->flow_id % NUM_FLOWS];

	flow->packets++;
	flow->bytes += rte_pktmbuf_pkt_len(ev->mbuf);
	worker->classified++;
	ev->queue_id = QUEUE_WORK;
	ev->sched_type = RTE_SCHED_TYPE_ORDERED;
}

/*
 * Ordered: packets of one flow may be here on all lcores at once; the device puts them in order
 * again on the way out.
 */
static void
work(struct worker *worker, struct rte_event *ev)
{
	const uint64_t end = rte_rdtsc() + worker->work_cycles;
	struct rte_mbuf *m = ev->mbuf;

	if (rte_pktmbuf_data_len(m) >= sizeof(struct rte_ether_hdr)) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
		struct rte_ether_addr source = eth->src_addr;

		eth->src_addr = eth->dst_addr;
		eth->dst_addr = source;
	}
	while (rte_rdtsc() < end)
		rte_pause();
	/* Ports are paired: what comes in on one leaves on the other, or on the same one if it has
	 * no partner. */
	if (rte_eth_dev_is_valid_port(m->port ^ 1))
		m->port ^= 1;
	rte_event_eth_tx_adapter_txq_set(m, 0);
	worker->worked++;
	ev->queue_id = QUEUE_TX;
	ev->sched_type = RTE_SCHED_TYPE_ATOMIC;
}

/*
 * Forwards the burst. An event that is not taken for want of credits is tried again: these packets
 * are in the system already, so their way out cannot be blocked by packets that are not.
 */
static void
forward(struct worker *worker, struct rte_event events[], uint16_t n)
{
	uint16_t sent = 0;

	while (sent < n && !pipeline_stopping) {
		sent += rte_event_enqueue_forward_burst(worker->dev_id, worker->port_id,
							&events[sent], n - sent);
		if (sent < n)
			rte_pause();
	}
	for (; sent < n; sent++) {
		rte_pktmbuf_free(events[sent].mbuf);
		events[sent].op = RTE_EVENT_OP_RELEASE;
		rte_event_enqueue_burst(worker->dev_id, worker->port_id, &events[sent], 1);
		worker->dropped++;
	}
}

int
worker_main(void *pipeline)
{
	struct pipeline *p = pipeline;
	struct worker *worker = NULL;
	struct rte_event events[BURST];
	unsigned int i;

	for (i = 0; i < p->num_workers; i++)
		if (p->worker_lcores[i] == rte_lcore_id())
			worker = &p->workers[i];
	while (worker != NULL && !pipeline_stopping) {
		uint16_t n =
			rte_event_dequeue_burst(worker->dev_id, worker->port_id, events, BURST, 0);

		for (i = 0; i < n; i++) {
			if (events[i].queue_id == QUEUE_CLASSIFY)
				classify(p, worker, &events[i]);
			else
				work(worker, &events[i]);
			events[i].op = RTE_EVENT_OP_FORWARD;
		}
		if (n > 0)
			forward(worker, events, n);
	}
	return 0;
}
