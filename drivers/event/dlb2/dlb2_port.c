/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Event ports (pmd-interface 8). A single-link port is a directed one, if single-link ports are
 * configured, any other is load-balanced; how many are configured is a hint (dlb2_queue.c). Memory
 * of the data path's part lives from set-up until the library releases the port or the device is
 * closed; the CQ belongs to the hardware layer and lives as long as the scheduling domain, so the
 * device never writes to memory that is gone.
 */
#include <errno.h>
#include <string.h>

#include <rte_bitops.h>
#include <rte_malloc.h>

#include "dlb2_compat.h"
#include "dlb2_model_bus.h"
#include "dlb2_priv.h"

static int
check_count(const struct dlb2_eventdev *evdev, unsigned int port_id, enum dlb2_port_kind kind)
{
	unsigned int pairs = evdev->conf.nb_single_link_event_port_queues;
	unsigned int most = kind == DLB2_DIR ? pairs : evdev->share.ldb_ports;
	unsigned int other, count = 1;

	for (other = 0; other < evdev->conf.nb_event_ports; other++)
		count += other != port_id && evdev->ports[other].setup == DLB2_SET_UP &&
			evdev->ports[other].kind == kind;
	if (count <= most)
		return 0;
	if (kind == DLB2_DIR)
		DLB2_ERR(evdev->name,
			 "port %u: would be single-link port number %u, %u are configured: raise "
			 "nb_single_link_event_port_queues",
			 port_id, count, most);
	else
		DLB2_ERR(evdev->name,
			 "port %u: would be load-balanced port number %u, %u is what there are: "
			 "set up more ports, and their queues, with the SINGLE_LINK flag",
			 port_id, count, most);
	return -EINVAL;
}

/* Only a load-balanced port has to put anything in order. */
static bool
reorders(enum dlb2_port_kind kind, const struct rte_event_port_conf *conf)
{
	return kind == DLB2_LDB && (conf->event_port_cfg & RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ);
}

static int
check_reorder(const struct dlb2_eventdev *evdev, unsigned int port_id,
	      const struct rte_event_port_conf *conf)
{
	unsigned int port_hl = evdev->ports[port_id].port_hl;

	if (conf->dequeue_depth > DLB2_REORDER_MAX_DEQUEUE_DEPTH) {
		DLB2_ERR(evdev->name,
			 "port %u: dequeue_depth %u is not possible with independent enqueue: say "
			 "1 to %u, or leave the flag out",
			 port_id, conf->dequeue_depth, DLB2_REORDER_MAX_DEQUEUE_DEPTH);
		return -EINVAL;
	}
	if (port_hl > DLB2_REORDER_DEPTH) {
		DLB2_ERR(evdev->name,
			 "port %u: %u history-list entries are not possible with independent "
			 "enqueue: set 1 to %u of them, or leave the flag out",
			 port_id, port_hl, DLB2_REORDER_DEPTH);
		return -EINVAL;
	}
	return 0;
}

static int
check_port(const struct dlb2_eventdev *evdev, unsigned int port_id, enum dlb2_port_kind kind,
	   const struct rte_event_port_conf *conf)
{
	const struct dlb2_options *options = &evdev->options;

	if (conf->dequeue_depth < 1 || conf->dequeue_depth > options->max_cq_depth) {
		DLB2_ERR(evdev->name,
			 "port %u: dequeue_depth %u is not possible: say 1 to %u, or raise the "
			 "devarg max_cq_depth",
			 port_id, conf->dequeue_depth, options->max_cq_depth);
		return -EINVAL;
	}
	if (conf->enqueue_depth < 1 || conf->enqueue_depth > options->max_enqueue_depth) {
		DLB2_ERR(evdev->name,
			 "port %u: enqueue_depth %u is not possible: say 1 to %u, or raise the "
			 "devarg max_enqueue_depth",
			 port_id, conf->enqueue_depth, options->max_enqueue_depth);
		return -EINVAL;
	}
	if (conf->new_event_threshold < 1 ||
	    conf->new_event_threshold > evdev->conf.nb_events_limit) {
		DLB2_ERR(evdev->name,
			 "port %u: new_event_threshold %d is not possible: say 1 to "
			 "nb_events_limit, %d",
			 port_id, conf->new_event_threshold, evdev->conf.nb_events_limit);
		return -EINVAL;
	}
	if (reorders(kind, conf) && check_reorder(evdev, port_id, conf) != 0)
		return -EINVAL;
	if (kind == DLB2_DIR && port_id < DLB2_MAX_LDB_PORTS && options->port_cos[port_id] >= 0)
		DLB2_NOTICE(evdev->name, "port %u: port_cos has no effect on a single-link port",
			    port_id);
	return check_count(evdev, port_id, kind);
}

static void *
allocate(struct dlb2_eventdev *evdev, unsigned int port_id, size_t size)
{
	void *memory = rte_zmalloc_socket("dlb2_port", size, RTE_CACHE_LINE_SIZE, evdev->socket_id);

	if (memory == NULL)
		DLB2_ERR(evdev->name,
			 "port %u: %zu bytes are not free on socket %d: raise -m or --socket-mem",
			 port_id, size, evdev->socket_id);
	else
		evdev->memory += size;
	return memory;
}

static size_t
dp_size(void)
{
	return sizeof(struct dlb2_port_block) + dlb2_dp_port_size();
}

/* The memory may be there from before a reconfiguration. */
static int
allocate_dp(struct dlb2_eventdev *evdev, unsigned int port_id)
{
	struct dlb2_port_block *block;

	if (evdev->ports[port_id].dp != NULL)
		return 0;
	block = allocate(evdev, port_id, dp_size());
	if (block == NULL)
		return -ENOMEM;
	block->evdev = evdev;
	block->port_id = port_id;
	evdev->ports[port_id].dp = (void *)block->dp;
	return 0;
}

static int
allocate_reorder(struct dlb2_eventdev *evdev, unsigned int port_id)
{
	struct dlb2_port *port = &evdev->ports[port_id];

	if (port->reorder == NULL)
		port->reorder = allocate(evdev, port_id, dlb2_dp_reorder_size());
	return port->reorder != NULL ? 0 : -ENOMEM;
}

int
dlb2_port_setup(struct rte_eventdev *dev, uint8_t port_id, const struct rte_event_port_conf *conf)
{
	bool single_link = (conf->event_port_cfg & RTE_EVENT_PORT_CFG_SINGLE_LINK) != 0;
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int pairs = evdev->conf.nb_single_link_event_port_queues;
	enum dlb2_port_kind kind = single_link && pairs > 0 ? DLB2_DIR : DLB2_LDB;
	struct dlb2_port *port = &evdev->ports[port_id];
	int ret = check_port(evdev, port_id, kind, conf);

	if (ret == 0)
		ret = allocate_dp(evdev, port_id);
	if (ret == 0 && reorders(kind, conf))
		ret = allocate_reorder(evdev, port_id);
	if (ret != 0)
		return ret;
	dlb2_port_drop_links(evdev, port);
	port->setup = DLB2_SET_UP;
	port->kind = kind;
	port->conf = *conf;
	dlb2_record_changed(evdev);
	dev->data->ports[port_id] = port->dp;
	dlb2_compat_unlink_profiles(evdev->dev_id, port_id);
	return 0;
}

void
dlb2_port_forget(struct dlb2_eventdev *evdev, unsigned int port_id)
{
	struct dlb2_port *port = &evdev->ports[port_id];

	dlb2_port_drop_links(evdev, port);
	if (port->dp != NULL) {
		rte_free(container_of((void *)port->dp, struct dlb2_port_block, dp));
		evdev->memory -= dp_size();
	}
	if (port->reorder != NULL) {
		rte_free(port->reorder);
		evdev->memory -= dlb2_dp_reorder_size();
	}
	dlb2_cq_irq_close(port);
	memset(port, 0, sizeof(*port));
	memset(evdev->port_offsets[port_id], 0, sizeof(evdev->port_offsets[port_id]));
	dlb2_record_changed(evdev);
}

/*
 * The number of ports shrinks, or configure failed. The library passes NULL for a port that was
 * never set up.
 */
void
dlb2_port_release(void *dp_port)
{
	struct dlb2_port_block *block = container_of(dp_port, struct dlb2_port_block, dp);

	if (dp_port != NULL)
		dlb2_port_forget(block->evdev, block->port_id);
}

static unsigned int
cq_depth(const struct dlb2_port *port)
{
	return rte_align32pow2(port->conf.dequeue_depth);
}

/* Entries that a load-balanced port must have (control-path 7.9). */
static unsigned int
least_hist_list(const struct dlb2_eventdev *evdev, const struct dlb2_port *port)
{
	if (port->port_hl > 0)
		return port->port_hl;
	if (port->inflight_threshold > 0)
		return RTE_MIN(cq_depth(port), (unsigned int)DLB2_DEFAULT_HIST_LIST);
	return evdev->options.use_default_hl ? DLB2_DEFAULT_HIST_LIST : 2 * cq_depth(port);
}

/*
 * Entries that it can make use of: it never holds more events open than its CQ holds, except by
 * choice.
 */
static unsigned int
useful_hist_list(const struct dlb2_eventdev *evdev, const struct dlb2_port *port)
{
	unsigned int least = least_hist_list(evdev, port);

	if (port->port_hl > 0 || port->inflight_threshold > 0)
		return least;
	return RTE_MAX(least, cq_depth(port));
}

int
dlb2_ports_share_hist_list(struct dlb2_eventdev *evdev)
{
	struct dlb2_port *port, *end = evdev->ports + evdev->conf.nb_event_ports;
	unsigned int have = evdev->owned.hist_list_entries, need = 0, more;

	for (port = evdev->ports; port < end; port++)
		need += port->kind == DLB2_LDB ? least_hist_list(evdev, port) : 0;
	if (need > have) {
		DLB2_ERR(evdev->name,
			 "the ports need %u history-list entries, %u are reserved: lower "
			 "dequeue_depth or port_hl, or raise the devarg alloc_hl_entries",
			 need, have);
		return -ENOSPC;
	}
	for (port = evdev->ports; port < end; port++) {
		if (port->kind != DLB2_LDB)
			continue;
		port->hist_list_entries = least_hist_list(evdev, port);
		more = RTE_MIN(useful_hist_list(evdev, port) - port->hist_list_entries,
			       have - need);
		port->hist_list_entries += more;
		need += more;
	}
	return 0;
}

static int
create_hw_port(struct dlb2_eventdev *evdev, struct dlb2_process *process, struct dlb2_port *port,
	       struct dlb2_port_info *info)
{
	const struct dlb2_options *options = &evdev->options;
	unsigned int port_id = dlb2_port_id(evdev, port);
	struct dlb2_port_request request = {
		.cq_depth = cq_depth(port),
		.cos = -1,
		.queue = -1,
		.socket = options->numa_node,
	};

	if (port->kind == DLB2_DIR) {
		request.producer =
			(port->conf.event_port_cfg & RTE_EVENT_PORT_CFG_HINT_PRODUCER) != 0;
		return dlb2_dir_port_create(process->domain, &request, info);
	}
	if (port_id < DLB2_MAX_LDB_PORTS)
		request.cos = options->port_cos[port_id];
	request.hist_list_entries = port->hist_list_entries;
	request.inflight_threshold = port->inflight_threshold;
	if (options->enable_cq_weight)
		request.cq_weight_limit = port->conf.dequeue_depth;
	return dlb2_ldb_port_create(process->domain, &request, info);
}

/*
 * A mode that was chosen for the port is more than what the device was configured with, where
 * RTE_EVENT_PRESCHEDULE_NONE is what an application has that says nothing.
 */
static enum rte_pmd_dlb2_token_pop_mode
token_pop_mode(const struct dlb2_eventdev *evdev, const struct dlb2_port *port)
{
	unsigned int type = dlb2_compat_preschedule(&evdev->conf);

	if (port->kind == DLB2_DIR) /* pmd-interface P13 */
		return RTE_PMD_DLB2_AUTO_POP;
	if (port->token_pop_mode != RTE_PMD_DLB2_AUTO_POP || type == DLB2_PRESCHEDULE_NONE)
		return port->token_pop_mode;
	return dlb2_dp_preschedule_mode(type);
}

static void
init_dp_port(struct dlb2_eventdev *evdev, struct dlb2_port *port, const struct dlb2_port_info *info,
	     volatile void *pp, struct dlb2_pp_channel *channel)
{
	uint32_t flags = port->conf.event_port_cfg;
	struct dlb2_dp_port_conf conf = {
		.kind = port->kind,
		.hw_id = info->id,
		.cq = info->cq,
		.cq_ring_entries = info->cq_ring_entries,
		.cq_depth = info->cq_depth,
		.pp = pp,
		.channel = channel,
		.dequeue_depth = port->conf.dequeue_depth,
		.enqueue_depth = port->conf.enqueue_depth,
		.implicit_release = (flags & RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL) == 0,
		.producer_hint = (flags & RTE_EVENT_PORT_CFG_HINT_PRODUCER) != 0,
		.consumer_hint = (flags & RTE_EVENT_PORT_CFG_HINT_CONSUMER) != 0,
		.token_pop_mode = token_pop_mode(evdev, port),
		.new_event_threshold = port->conf.new_event_threshold,
		.reorder = reorders(port->kind, &port->conf) ? port->reorder : NULL,
	};

	dlb2_dp_port_init(evdev->dp, port->dp, &conf, true);
}

int
dlb2_port_build(struct dlb2_eventdev *evdev, struct dlb2_process *process, struct dlb2_port *port)
{
	const struct dlb2_attachment *attachment = &process->function->attachment;
	struct dlb2_port_info info;
	struct dlb2_pp_channel *channel;
	volatile void *pp;
	int ret = create_hw_port(evdev, process, port, &info);

	if (ret == 0)
		ret = attachment->ops->pp_open(attachment->bus, evdev->dev_id, port->kind, info.id, &pp,
					       &channel);
	if (ret != 0)
		return ret;
	port->hw_id = info.id;
	evdev->cq_memory += info.cq_ring_entries * dlb2_cq_stride(evdev->options.cq_layout);
	init_dp_port(evdev, port, &info, pp, channel);
	return dlb2_cq_irq_build(evdev, process, port);
}
