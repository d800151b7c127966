/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Set-up, counters and draining of the data path. Not here: what happens per event (dlb2_fast.h says
 * where).
 *
 * Whatever those files would otherwise decide per event is decided here: destinations and sources
 * by table, who counts credits, how many of them a port may keep.
 */
#include <string.h>

#include <rte_cpuflags.h>

#include "dlb2_fast.h"
#include "dlb2_lines.h"

/*
 * Ports that are there to produce or to consume move many events at a time: they go to the shared
 * pool less often.
 */
#define HINTED_QUANTA 256u

/*
 * What of a port's state a dequeue from an empty CQ has to look at, besides open events that an
 * implicit release may have to complete: all of `owed` and `idle`.
 */
#define WHEN_EMPTY (UINT64_C(0xff) << 32 | UINT16_MAX)

size_t
dlb2_dp_size(void)
{
	return sizeof(struct dlb2_dp);
}

size_t
dlb2_dp_port_size(void)
{
	return sizeof(struct dlb2_dp_port);
}

/*
 * Device credits need no counting where the pool is at least as big as nb_events_limit. An event
 * uses one from its NEW or FORWARD until the device schedules it (data-path 6.1), so at any time no
 * more are used than there are events in the device's queues. Every event holds a software credit
 * from NEW to RELEASE, wherever it is; only events that a port has dequeued can be forwarded, each
 * once. So no more than nb_events_limit are ever queued, and the device cannot run out.
 */
static void
init_pool_of_kind(struct dlb2_dp *dp, enum dlb2_port_kind kind, enum dlb2_pool pool,
		  unsigned int credits)
{
	dp->pool_of_kind[kind] = pool;
	dp->pools[pool].size = credits;
	dp->metered[kind] = credits < dp->conf.num_events_limit;
}

/* Queue and scheduling type, in place in the first word of an event. */
static uint64_t
source(uint8_t ev_qid, unsigned int sched)
{
	return (uint64_t)ev_qid << DLB2_EV_QUEUE_SHIFT | (uint64_t)sched << DLB2_EV_SCHED_SHIFT;
}

/* Makes entries of (qid, type), at any priority, events of `source`. */
static void
set_sources(struct dlb2_dp *dp, unsigned int qid, unsigned int type, uint64_t event)
{
	uint64_t priority;

	for (priority = 0; priority < 8; priority++)
		dp->sources[DLB2_SOURCE(qid, type, priority)] = event | dlb2_event_count(event) |
			priority << (DLB2_EV_PRIORITY_SHIFT + DLB2_EV_PRIORITY_BITS - 3);
}

static void
set_depths(struct dlb2_dp *dp)
{
	uint64_t depth;

	for (depth = 0; depth < DLB2_NUM_DEPTHS; depth++)
		dp->depths[depth] = depth << DLB2_EV_DEPTH_SHIFT | DLB2_COUNT(0, 0, depth);
}

void
dlb2_dp_init(struct dlb2_dp *dp, const struct dlb2_dp_conf *conf)
{
	bool combined = dlb2_limits(conf->version)->combined_credits;
	unsigned int i;

	memset(dp, 0, sizeof(*dp));
	dp->conf = *conf;
	dp->pools[DLB2_POOL_EVENTS].size = conf->num_events_limit;
	init_pool_of_kind(dp, DLB2_LDB, DLB2_POOL_LDB, conf->ldb_credits);
	if (combined)
		init_pool_of_kind(dp, DLB2_DIR, DLB2_POOL_LDB, conf->ldb_credits);
	else
		init_pool_of_kind(dp, DLB2_DIR, DLB2_POOL_DIR, conf->dir_credits);
	for (i = 0; i < RTE_DIM(dp->dests); i++)
		dp->dests[i] = DLB2_DEST_REFUSED;
	for (i = 0; i < DLB2_SOURCE(0, 4, 0); i++)
		set_sources(dp, i, 0, source(DLB2_DP_NO_QUEUE, DLB2_DP_NO_SCHED));
	set_depths(dp);
}

static uint64_t
destination(const struct dlb2_dp *dp, uint8_t ev_qid, const struct dlb2_dp_queue_conf *conf,
	    enum dlb2_sched_type sched)
{
	return (uint64_t)conf->hw_id << DLB2_HCW_SHIFT(qid) |
		(uint64_t)sched << DLB2_HCW_SHIFT(sched) |
		source(ev_qid, 0) |
		(conf->kind == DLB2_DIR ? DLB2_DEST_DIRECTED : 0) |
		(dp->metered[conf->kind] ? DLB2_DEST_METERED : 0);
}

void
dlb2_dp_queue_init(struct dlb2_dp *dp, uint8_t ev_qid, const struct dlb2_dp_queue_conf *conf)
{
	uint64_t *dests = &dp->dests[dlb2_event_key(source(ev_qid, 0))];

	if (conf->kind == DLB2_DIR) {
		dests[RTE_SCHED_TYPE_ORDERED] = destination(dp, ev_qid, conf, DLB2_SCHED_DIRECTED);
		dests[RTE_SCHED_TYPE_ATOMIC] = dests[RTE_SCHED_TYPE_ORDERED];
		dests[RTE_SCHED_TYPE_PARALLEL] = dests[RTE_SCHED_TYPE_ORDERED];
		return;
	}
	/*
	 * The device takes no unordered events on a queue that has sequence numbers
	 * (data-path 5.1).
	 */
	dests[RTE_SCHED_TYPE_PARALLEL] = destination(
		dp, ev_qid, conf, conf->ordered ? DLB2_SCHED_ORDERED : DLB2_SCHED_UNORDERED);
	dests[RTE_SCHED_TYPE_ORDERED] = conf->ordered || conf->single_link
		? dests[RTE_SCHED_TYPE_PARALLEL]
		: DLB2_DEST_REFUSED;
	dests[RTE_SCHED_TYPE_ATOMIC] = conf->atomic ? destination(dp, ev_qid, conf, DLB2_SCHED_ATOMIC)
						    : DLB2_DEST_REFUSED;
	set_sources(dp, conf->hw_id, DLB2_SCHED_ATOMIC, source(ev_qid, RTE_SCHED_TYPE_ATOMIC));
	set_sources(dp, conf->hw_id, DLB2_SCHED_UNORDERED, source(ev_qid, RTE_SCHED_TYPE_PARALLEL));
	set_sources(dp, conf->hw_id, DLB2_SCHED_ORDERED, source(ev_qid, RTE_SCHED_TYPE_ORDERED));
}

void
dlb2_dp_dir_port_link(struct dlb2_dp *dp, struct dlb2_dp_port *port, uint8_t ev_qid)
{
	set_sources(dp, DLB2_SOURCE_DIR(port->conf.hw_id), 0,
		    source(ev_qid, RTE_SCHED_TYPE_ATOMIC));
}

static void
init_producer_port(struct dlb2_dp_port *port, const struct dlb2_dp_port_conf *conf)
{
	const uint8_t forward = conf->kind == DLB2_LDB ? DLB2_CMD_FWD : DLB2_CMD_NEW;

	port->forward[0] = DLB2_WORD_CMD(forward);
	port->forward[1] = DLB2_WORD_CMD(forward | DLB2_CMD_TOKEN);
	port->careful_mask = UINT8_MAX;
	if (conf->channel != NULL) {
		port->pp.channel = conf->channel;
		port->pp.store = DLB2_PP_CHANNEL;
		return;
	}
	port->pp.page = conf->pp;
	port->pp.next = port->scratch;
	port->pp.room = DLB2_PP_SCRATCH_LINES * DLB2_HCWS_PER_LINE;
	port->pp.store = dlb2_pp_page_store();
	port->pp.unfenced = conf->producer_hint;
}

static void
init_consumer_queue(struct dlb2_dp *dp, struct dlb2_dp_port *port,
		    const struct dlb2_dp_port_conf *conf)
{
	port->ring = conf->cq;
	port->step = dlb2_cq_stride(dp->conf.cq_layout) / sizeof(*port->ring);
	port->ring_end = port->ring + conf->cq_ring_entries * port->step;
	port->next = port->ring;
	port->gen = DLB2_WORD_GEN;
	port->dequeue_depth = conf->dequeue_depth;
	port->implicit_mask = conf->implicit_release ? UINT16_MAX : 0;
	port->kind_mask = UINT8_MAX;
	port->when_empty = WHEN_EMPTY | port->implicit_mask * DLB2_STATE_OPEN;
	if (conf->channel != NULL && conf->channel->run_inline)
		port->idle |= DLB2_IDLE_MODEL;
	if (dp->conf.per_dequeue_timeout || dp->conf.dequeue_timeout_ticks > 0)
		port->idle |= DLB2_IDLE_TIMEOUT;
}

void
dlb2_dp_port_init(struct dlb2_dp *dp, struct dlb2_dp_port *port,
		  const struct dlb2_dp_port_conf *conf, bool keep_counters)
{
	const size_t counters = offsetof(struct dlb2_dp_port, counters);
	const size_t rest = offsetof(struct dlb2_dp_port, scratch);

	memset(port, 0, counters);
	if (!keep_counters)
		memset(port->counters, 0, rest - counters);
	memset(port->scratch, 0, sizeof(*port) - rest);
	port->dp = dp;
	port->conf = *conf;
	port->kind = conf->kind;
	port->enqueue_depth = conf->enqueue_depth;
	port->line_depth = RTE_MIN(conf->enqueue_depth, (unsigned int)DLB2_HCWS_PER_LINE);
	if (dp->conf.qe_weight)
		port->careful |= DLB2_CAREFUL_WEIGHT;
	if (conf->reorder != NULL) {
		port->careful |= DLB2_CAREFUL_REORDER;
		dlb2_reorder_init(conf->reorder);
	}
	init_producer_port(port, conf);
	port->delay = conf->dequeue_depth;
	dlb2_set_token_mode(port, conf->kind == DLB2_LDB ? conf->token_pop_mode
							 : RTE_PMD_DLB2_AUTO_POP);
	init_consumer_queue(dp, port, conf);
}

static uint32_t
wanted_quanta(const struct dlb2_dp_port *port, enum dlb2_pool pool)
{
	const struct dlb2_dp_conf *conf = &port->dp->conf;

	if (port->conf.producer_hint || port->conf.consumer_hint)
		return HINTED_QUANTA;
	return pool == DLB2_POOL_EVENTS ? conf->sw_credit_quanta : conf->hw_credit_quanta;
}

/*
 * A port keeps up to two quanta. All of them together must leave half of `credits`, the fewest that
 * some port gets along with, or else idle ports could keep a busy one from sending anything. So
 * with few credits nobody keeps any.
 */
static void
share_quanta(struct dlb2_dp_port **ports, unsigned int num_ports, enum dlb2_pool pool,
	     uint32_t credits)
{
	uint64_t wanted = 0;
	unsigned int i;

	for (i = 0; i < num_ports; i++)
		wanted += wanted_quanta(ports[i], pool);
	for (i = 0; i < num_ports; i++) {
		uint64_t quanta = wanted_quanta(ports[i], pool);

		ports[i]->quanta[pool] = 4 * wanted <= credits ? quanta
							       : quanta * credits / (4 * wanted);
	}
}

void
dlb2_dp_start(struct dlb2_dp *dp, struct dlb2_dp_port **ports, unsigned int num_ports)
{
	uint32_t threshold = dp->pools[DLB2_POOL_EVENTS].size;
	unsigned int i;

	for (i = 0; i < DLB2_NUM_POOLS; i++)
		dp->pools[i].taken = 0;
	for (i = 0; i < num_ports; i++) {
		memset(ports[i]->cached, 0, sizeof(ports[i]->cached));
		threshold = RTE_MIN(threshold, ports[i]->conf.new_event_threshold);
	}
	share_quanta(ports, num_ports, DLB2_POOL_EVENTS, threshold);
	share_quanta(ports, num_ports, DLB2_POOL_LDB, dp->pools[DLB2_POOL_LDB].size);
	share_quanta(ports, num_ports, DLB2_POOL_DIR, dp->pools[DLB2_POOL_DIR].size);
	for (i = 0; i < num_ports; i++)
		__atomic_store_n(&ports[i]->running, true, __ATOMIC_RELEASE);
}

unsigned int
dlb2_dp_port_flush(struct dlb2_dp_port *port, uint8_t dev_id, rte_eventdev_stop_flush_t flush,
		   void *arg)
{
	struct rte_event ev[32];
	unsigned int i, got, flushed = 0;

	dlb2_release_open(port);
	dlb2_return_tokens(port);
	while ((got = dlb2_dequeue_ready(port, ev, RTE_DIM(ev))) > 0) {
		for (i = 0; flush != NULL && i < got; i++)
			flush(dev_id, ev[i], arg);
		dlb2_release_open(port);
		dlb2_return_tokens(port);
		flushed += got;
	}
	dlb2_forget_early(port);
	/* With an empty CQ and nothing open or owed the port is as it was after set-up. */
	port->issued = 0;
	dlb2_return_credits(port);
	return flushed;
}

void
dlb2_dp_port_set_quiesced(struct dlb2_dp_port *port, bool quiesced)
{
	if (quiesced)
		port->idle |= DLB2_IDLE_QUIESCED;
	else
		port->idle &= ~DLB2_IDLE_QUIESCED;
}

bool
dlb2_dp_port_is_quiesced(const struct dlb2_dp_port *port)
{
	return (port->idle & DLB2_IDLE_QUIESCED) != 0;
}

void
dlb2_dp_port_set_switching(struct dlb2_dp_port *port, bool switching)
{
	if (switching)
		port->idle |= DLB2_IDLE_SWITCHING;
	else
		port->idle &= ~DLB2_IDLE_SWITCHING;
}

bool
dlb2_dp_port_is_switching(const struct dlb2_dp_port *port)
{
	return (port->idle & DLB2_IDLE_SWITCHING) != 0;
}

void
dlb2_dp_port_flush_stores(struct dlb2_dp_port *port)
{
	dlb2_pp_flush(&port->pp);
}

void
dlb2_dp_port_return_credits(struct dlb2_dp_port *port)
{
	dlb2_return_credits(port);
}

static uint64_t
sum(const uint64_t by_type[DLB2_NUM_SCHED])
{
	return by_type[0] + by_type[1] + by_type[2] + by_type[3];
}

/* Counters that follow from others are not kept: the fewer of them a burst touches, the better. */
uint64_t
dlb2_dp_port_counter(const struct dlb2_dp_port *port, enum dlb2_port_counter counter)
{
	switch (counter) {
	case DLB2_PORT_RX_OK:
		return sum(port->received_by_type) + port->counters[DLB2_PORT_RX_SCHED_DIRECTED];
	case DLB2_PORT_RX_SCHED_ORDERED:
		return port->received_by_type[RTE_SCHED_TYPE_ORDERED];
	case DLB2_PORT_RX_SCHED_UNORDERED:
		return port->received_by_type[RTE_SCHED_TYPE_PARALLEL];
	case DLB2_PORT_RX_SCHED_ATOMIC:
		return port->received_by_type[RTE_SCHED_TYPE_ATOMIC];
	case DLB2_PORT_RX_SCHED_INVALID:
		return port->received_by_type[DLB2_DP_NO_SCHED];
	case DLB2_PORT_TX_OK:
		return sum(port->sent_by_type) + port->counters[DLB2_PORT_TX_REL];
	case DLB2_PORT_TX_FWD:
		return sum(port->sent_by_type) - port->counters[DLB2_PORT_TX_NEW];
	case DLB2_PORT_TX_SCHED_ORDERED:
		return port->sent_by_type[DLB2_SCHED_ORDERED];
	case DLB2_PORT_TX_SCHED_UNORDERED:
		return port->sent_by_type[DLB2_SCHED_UNORDERED];
	case DLB2_PORT_TX_SCHED_ATOMIC:
		return port->sent_by_type[DLB2_SCHED_ATOMIC];
	case DLB2_PORT_TX_SCHED_DIRECTED:
		return port->sent_by_type[DLB2_SCHED_DIRECTED];
	case DLB2_PORT_TOTAL_POLLS:
		return port->counters[DLB2_PORT_TOTAL_POLLS] + port->counters[DLB2_PORT_ZERO_POLLS];
	default:
		return counter < DLB2_PORT_NUM_COUNTERS ? port->counters[counter] : 0;
	}
}

void
dlb2_dp_port_queue_counters(const struct dlb2_dp_port *port, uint8_t ev_qid,
			    struct dlb2_port_queue_counters *out)
{
	memset(out, 0, sizeof(*out));
	if (ev_qid >= DLB2_DP_MAX_QUEUES)
		return;
	out->enqueued = port->enqueued[ev_qid];
	memcpy(out->received_by_depth, &port->received[ev_qid * DLB2_NUM_DEPTHS],
	       sizeof(out->received_by_depth));
}

unsigned int
dlb2_dp_port_open_events(const struct dlb2_dp_port *port)
{
	return port->open;
}

unsigned int
dlb2_dp_inflights(const struct dlb2_dp *dp)
{
	return dlb2_pool_taken(&dp->pools[DLB2_POOL_EVENTS]);
}

unsigned int
dlb2_dp_credit_pool(const struct dlb2_dp *dp, enum dlb2_port_kind kind)
{
	const struct dlb2_credit_pool *pool = &dp->pools[dp->pool_of_kind[kind]];

	return pool->size - dlb2_pool_taken(pool);
}

void
dlb2_dp_pool_state(const struct dlb2_dp *dp, enum dlb2_pool pool, struct dlb2_dp_pool_state *out)
{
	unsigned int kind;

	out->size = dp->pools[pool].size;
	out->taken = dlb2_pool_taken(&dp->pools[pool]);
	out->counted = pool == DLB2_POOL_EVENTS;
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++)
		out->counted |= dp->pool_of_kind[kind] == pool && dp->metered[kind];
}

void
dlb2_dp_port_state(const struct dlb2_dp_port *port, struct dlb2_dp_port_state *out)
{
	memcpy(out->cached, port->cached, sizeof(out->cached));
	memcpy(out->quanta, port->quanta, sizeof(out->quanta));
	out->open = port->open;
	out->early = port->early;
	out->owed = port->owed;
}

void
dlb2_dp_port_dump(const struct dlb2_dp_port *port, FILE *f)
{
	static const char *const stores[] = {
		[DLB2_PP_CHANNEL] = "hand-over to the model",
		[DLB2_PP_MOVDIR64B] = "MOVDIR64B",
		[DLB2_PP_MOVNTDQ] = "MOVNTDQ",
	};

	fprintf(f, "\tCQ: next entry %td of %u, depth %u, generation %d, tokens owed %u\n",
		(port->next - port->ring) / port->step, port->conf.cq_ring_entries,
		port->conf.cq_depth, port->gen != 0, port->owed);
	fprintf(f, "\tevents open %u, released early %u, dropped and not yet completed %u\n",
		port->open, port->early, port->drops);
	if (port->careful & DLB2_CAREFUL_REORDER)
		fprintf(f, "\tindependent enqueue: completions that wait for others %u\n",
			dlb2_reorder_held(port));
	fprintf(f,
		"\tcredits cached (quantum): events %u (%u), load-balanced %u (%u), directed %u "
		"(%u)\n",
		port->cached[DLB2_POOL_EVENTS], port->quanta[DLB2_POOL_EVENTS],
		port->cached[DLB2_POOL_LDB], port->quanta[DLB2_POOL_LDB],
		port->cached[DLB2_POOL_DIR], port->quanta[DLB2_POOL_DIR]);
	fprintf(f, "\tlines leave by %s\n", stores[port->pp.store]);
	if (dlb2_dp_port_is_quiesced(port))
		fprintf(f, "\tquiesced: receives nothing until the next dequeue\n");
}

const struct dlb2_dp_ops *
dlb2_dp_plain_ops(enum dlb2_simd simd, enum dlb2_cq_layout layout)
{
	typedef const struct dlb2_dp_ops *variants[DLB2_NUM_SIMD];
	static const variants of_layout[DLB2_NUM_CQ_LAYOUTS] = {
		[DLB2_CQ_SPARSE] = {
			[DLB2_SIMD_SCALAR] = &dlb2_fast_sparse_scalar,
			[DLB2_SIMD_SSE] = &dlb2_fast_sparse_sse,
			[DLB2_SIMD_AVX2] = &dlb2_fast_sparse_avx2,
#ifdef DLB2_WITH_AVX512
			[DLB2_SIMD_AVX512] = &dlb2_fast_sparse_avx512,
#endif
		},
		[DLB2_CQ_DENSE] = {
			[DLB2_SIMD_SCALAR] = &dlb2_fast_dense_scalar,
			[DLB2_SIMD_SSE] = &dlb2_fast_dense_sse,
			[DLB2_SIMD_AVX2] = &dlb2_fast_dense_avx2,
#ifdef DLB2_WITH_AVX512
			[DLB2_SIMD_AVX512] = &dlb2_fast_dense_avx512,
#endif
		},
	};

	return of_layout[layout][simd];
}

const struct dlb2_dp_ops *
dlb2_dp_ops(enum dlb2_simd simd, enum dlb2_cq_layout layout)
{
#ifdef DLB2_TRACE_FP
	RTE_SET_USED(simd);
	RTE_SET_USED(layout);
	return dlb2_dp_traced_ops();
#else
	return dlb2_dp_plain_ops(simd, layout);
#endif
}
