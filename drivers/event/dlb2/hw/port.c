/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Creating load-balanced and directed ports, and what can be changed of them later (control-path 7
 * and 8). Every register written at creation has its reset value at that point, so the rows of the
 * procedure that ask for that value need no access.
 *
 * A CQ is enabled when its domain starts: until then nothing could be delivered to it.
 */

#include <inttypes.h>
#include <stdio.h>

#include "dlb2_hw_priv.h"

#define CQ_ALIGN 4096 /* control-path 7.2 */

static int
check_depth(struct dlb2_device *dev, const struct dlb2_port_request *request)
{
	if (dlb2_cq_depth_select(request->cq_depth) >= 0)
		return 0;
	dlb2_err(dev, "CQ depth %u is not a power of two from 1 to %u", request->cq_depth,
		 dev->limits->max_cq_depth);
	return -EINVAL;
}

/* control-path 7.8. */
static int
check_extras(struct dlb2_device *dev, const struct dlb2_port_request *request)
{
	unsigned int max_threshold = DLB2_LSP_CQ_LDB_INFL_THRESH__THRESH;

	if (request->cq_weight_limit == 0 && request->inflight_threshold == 0)
		return 0;
	if (!dlb2_reg_present(dev->version, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT)) {
		dlb2_err(dev, "CQ weight and in-flight threshold need DLB 2.5: set both to 0");
		return -ENOTSUP;
	}
	if (request->cq_weight_limit > request->cq_depth) {
		dlb2_err(dev, "CQ weight limit %u is above the CQ depth %u",
			 request->cq_weight_limit, request->cq_depth);
		return -EINVAL;
	}
	if (request->inflight_threshold > max_threshold) {
		dlb2_err(dev, "in-flight threshold %u is above the maximum of %u",
			 request->inflight_threshold, max_threshold);
		return -EINVAL;
	}
	return 0;
}

/* control-path 7.1 row 3: the class to take a port from, -ENOSPC if there is none. */
static int
choose_cos(struct dlb2_domain *domain, const struct dlb2_port_request *request)
{
	unsigned int candidates = request->strict_cos ? 1 : DLB2_MAX_COS;

	for (unsigned int i = 0; i < candidates; i++) {
		unsigned int cos = request->cos < 0 ? domain->dev->cos_order[i] :
						      (request->cos + i) % DLB2_MAX_COS;

		if (domain->free_ldb_ports[cos].count > 0)
			return cos;
	}
	dlb2_err(domain->dev, "no load-balanced port left in domain %u%s: create the domain with "
		 "more", domain->id, request->strict_cos ? " in that class of service" : "");
	return -ENOSPC;
}

/* control-path 7.1 in its order; the class to take the port from, or a negative errno. */
static int
check_ldb_request(struct dlb2_domain *domain, const struct dlb2_port_request *request)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int entries_left = domain->hist_list_entries - domain->hist_list_used;
	int cos;
	int ret = dlb2_domain_check_open(domain, "port");

	if (ret < 0)
		return ret;
	if (request->cos < -1 || request->cos >= (int)dev->limits->num_cos ||
	    (request->cos == -1 && request->strict_cos)) {
		dlb2_err(dev, "class of service %d%s: 0 to %u, or -1 for any", request->cos,
			 request->strict_cos ? " (strict)" : "", dev->limits->num_cos - 1);
		return -EINVAL;
	}
	cos = choose_cos(domain, request);
	if (cos < 0)
		return cos;
	ret = check_depth(dev, request);
	if (ret < 0)
		return ret;
	if (request->hist_list_entries == 0) {
		dlb2_err(dev, "a load-balanced port needs at least one history-list entry");
		return -EINVAL;
	}
	if (request->hist_list_entries > entries_left) {
		dlb2_err(dev, "port wants %u history-list entries, domain %u has %u left: create "
			 "the domain with more", request->hist_list_entries, domain->id,
			 entries_left);
		return -ENOSPC;
	}
	ret = check_extras(dev, request);
	return ret < 0 ? ret : cos;
}

/* control-path 7.2 and 7.4. */
static int
make_cq(struct dlb2_device *dev, struct dlb2_cq *cq, const char *kind, unsigned int id,
	const struct dlb2_port_request *request)
{
	size_t len = dlb2_cq_ring_entries(request->cq_depth) *
		dlb2_cq_stride(dev->options.cq_layout);
	char name[16];
	int ret;

	snprintf(name, sizeof(name), "%s_cq%u", kind, id);
	ret = dev->bus->ops->dma_alloc(dev->bus, name, len, CQ_ALIGN, request->socket, &cq->ring);
	if (ret < 0) {
		dlb2_err(dev, "no memory for CQ %s of %zu bytes: provide more memory that the "
			 "device can reach (hugepages), or a smaller CQ depth", name, len);
		return ret;
	}
	if (cq->ring.iova % CQ_ALIGN != 0) {
		dlb2_err(dev, "memory for CQ %s at IOVA 0x%" PRIx64 " is not aligned to %u bytes",
			 name, cq->ring.iova, CQ_ALIGN);
		dev->bus->ops->dma_free(dev->bus, &cq->ring);
		return -EINVAL;
	}
	cq->depth = request->cq_depth;
	cq->initial_tokens = dlb2_cq_initial_tokens(request->cq_depth);
	cq->configured = true;
	cq->enabled = true;
	return 0;
}

static void
describe_port(const struct dlb2_cq *cq, unsigned int id, struct dlb2_port_info *info)
{
	*info = (struct dlb2_port_info){
		.id = id,
		.cq = cq->ring.va,
		.cq_iova = cq->ring.iova,
		.cq_ring_entries = dlb2_cq_ring_entries(cq->depth),
		.cq_depth = cq->depth,
	};
}

/*
 * Whether the device's writes to CQs may overtake each other (the RO bits). A sparse line is written
 * once a pass, and readers step over no hole. A dense line may be written again with one more entry
 * in it (data-path 2.3): if the write before came last, entries would be gone again. Known drivers
 * say nothing of this, for they have no dense CQs.
 */
static bool
may_overtake(const struct dlb2_device *dev)
{
	return dev->options.cq_layout == DLB2_CQ_SPARSE;
}

/* control-path 7.5 rows 8 to 12; `base` is the first history-list entry of the port. */
static void
program_hist_list(struct dlb2_device *dev, unsigned int id, unsigned int base, unsigned int entries)
{
	reg_init(dev, DLB2_CHP_HIST_LIST_LIM, id,
		 dlb2_put(DLB2_CHP_HIST_LIST_LIM__LIMIT, base + entries - 1));
	reg_init(dev, DLB2_CHP_HIST_LIST_BASE, id, dlb2_put(DLB2_CHP_HIST_LIST_BASE__BASE, base));
	reg_init(dev, DLB2_LSP_CQ_LDB_INFL_LIM, id,
		 dlb2_put(DLB2_LSP_CQ_LDB_INFL_LIM__LIMIT, entries));
	reg_init(dev, DLB2_CHP_HIST_LIST_PUSH_PTR, id,
		 dlb2_put(DLB2_CHP_HIST_LIST_PUSH_PTR__PUSH_PTR, base));
	reg_init(dev, DLB2_CHP_HIST_LIST_POP_PTR, id,
		 dlb2_put(DLB2_CHP_HIST_LIST_POP_PTR__POP_PTR, base));
}

/* control-path 7.5. Rows 7, 13, 14 and 16 ask for the reset value, 0. */
static void
program_ldb_cq(struct dlb2_device *dev, unsigned int id, unsigned int hist_list_base,
	       const struct dlb2_port_request *request)
{
	const struct dlb2_cq *cq = &dev->ldb_ports[id].cq;
	int depth_select = dlb2_cq_depth_select(cq->depth);

	reg_init(dev, DLB2_SYS_LDB_CQ_ADDR_L, id,
		 (uint32_t)cq->ring.iova & DLB2_SYS_LDB_CQ_ADDR_L__ADDR_L);
	reg_init(dev, DLB2_SYS_LDB_CQ_ADDR_U, id, cq->ring.iova >> 32);
	reg_init(dev, DLB2_SYS_LDB_CQ2VF_PF_RO, id,
		 DLB2_SYS_LDB_CQ2VF_PF_RO__IS_PF |
			 (may_overtake(dev) ? DLB2_SYS_LDB_CQ2VF_PF_RO__RO : 0));
	reg_init(dev, DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, id,
		 dlb2_put(DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL__TOKEN_DEPTH_SELECT, depth_select));
	reg_init(dev, DLB2_LSP_CQ_LDB_TKN_CNT, id,
		 dlb2_put(DLB2_LSP_CQ_LDB_TKN_CNT__TOKEN_COUNT, cq->initial_tokens));
	reg_init(dev, DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, id,
		 dlb2_put(DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL__TOKEN_DEPTH_SELECT, depth_select));
	program_hist_list(dev, id, hist_list_base, request->hist_list_entries);
	reg_init(dev, DLB2_CHP_LDB_CQ2VAS, id,
		 dlb2_put(DLB2_CHP_LDB_CQ2VAS__CQ2VAS, cq->domain->id));
}

/* control-path 7.8, CQ weight. */
static void
program_weight_limit(struct dlb2_device *dev, unsigned int id, unsigned int limit)
{
	dev->ldb_ports[id].weight_limit = limit;
	if (limit != 0)
		reg_init(dev, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, id, DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__V |
			 dlb2_put(DLB2_LSP_CFG_CQ_LDB_WU_LIMIT__LIMIT, limit));
}

/* control-path 7.8. One switch serves all ports: it goes off with the last threshold. */
void
dlb2_inflight_threshold_set(struct dlb2_device *dev, unsigned int port, unsigned int threshold)
{
	uint16_t *current = &dev->ldb_ports[port].inflight_threshold;
	unsigned int users = dev->inflight_threshold_users - (*current != 0) + (threshold != 0);
	bool was_on = dev->inflight_threshold_users != 0;

	if (threshold != *current)
		reg_write(dev, DLB2_LSP_CQ_LDB_INFL_THRESH, port,
			  dlb2_put(DLB2_LSP_CQ_LDB_INFL_THRESH__THRESH, threshold));
	*current = threshold;
	dev->inflight_threshold_users = users;
	if (was_on != (users != 0))
		reg_modify(dev, DLB2_LSP_CFG_CTRL_GENERAL_0,
			   DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH,
			   dlb2_put(DLB2_LSP_CFG_CTRL_GENERAL_0__ENAB_IF_THRESH, users != 0));
}

/* control-path 7.3, 7.5, 7.6 and 7.8. */
static int
create_ldb_port(struct dlb2_domain *domain, const struct dlb2_port_request *request,
		struct dlb2_port_info *info)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int hist_list_base = domain->hist_list_base + domain->hist_list_used;
	unsigned int id;
	int cos = check_ldb_request(domain, request);
	int ret;

	if (cos < 0)
		return cos;
	id = domain->free_ldb_ports[cos].id[0];
	ret = make_cq(dev, &dev->ldb_ports[id].cq, "ldb", id, request);
	if (ret < 0)
		return ret;
	dlb2_list_push(&domain->used_ldb_ports[cos], dlb2_list_pop(&domain->free_ldb_ports[cos]));
	domain->hist_list_used += request->hist_list_entries;

	program_ldb_cq(dev, id, hist_list_base, request);
	reg_init(dev, DLB2_SYS_LDB_PP2VAS, id, dlb2_put(DLB2_SYS_LDB_PP2VAS__VAS, domain->id));
	reg_init(dev, DLB2_SYS_LDB_PP_V, id, DLB2_SYS_LDB_PP_V__PP_V);
	program_weight_limit(dev, id, request->cq_weight_limit);
	dlb2_inflight_threshold_set(dev, id, request->inflight_threshold);
	describe_port(&dev->ldb_ports[id].cq, id, info);
	return 0;
}

int
dlb2_ldb_port_create(struct dlb2_domain *domain, const struct dlb2_port_request *request,
		     struct dlb2_port_info *info)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = create_ldb_port(domain, request, info);
	return dlb2_leave(domain->dev, ret);
}

/* control-path 8: the list that a directed port without a queue yet comes from. */
static struct dlb2_id_list *
dir_pair_source(struct dlb2_domain *domain, bool producer)
{
	if (domain->reserved_dir_pairs.count > 0 &&
	    (producer || domain->free_dir_pairs.count == 0))
		return &domain->reserved_dir_pairs;
	return &domain->free_dir_pairs;
}

/* The pair that a new directed port belongs to, or why there is none. */
static int
choose_pair(struct dlb2_domain *domain, const struct dlb2_port_request *request)
{
	const struct dlb2_id_list *source = dir_pair_source(domain, request->producer);

	if (request->queue >= 0) {
		if (!dlb2_has_dir_queue(domain, request->queue))
			return -EINVAL;
		if (!domain->dev->dir_pairs[request->queue].cq.configured)
			return request->queue;
		dlb2_err(domain->dev, "directed queue %d has its port already", request->queue);
		return -EEXIST;
	}
	if (source->count > 0)
		return source->id[0];
	dlb2_err(domain->dev, "no directed port left in domain %u: create the domain with more",
		 domain->id);
	return -ENOSPC;
}

static int
check_dir_request(struct dlb2_domain *domain, const struct dlb2_port_request *request)
{
	int ret = dlb2_domain_check_open(domain, "port");

	if (ret == 0 && (request->cq_weight_limit != 0 || request->inflight_threshold != 0)) {
		dlb2_err(domain->dev, "CQ weight and in-flight threshold are for load-balanced "
			 "ports only");
		ret = -EINVAL;
	}
	if (ret == 0)
		ret = choose_pair(domain, request);
	if (ret >= 0 && check_depth(domain->dev, request) < 0)
		ret = -EINVAL;
	return ret;
}

/* control-path 8. Rows 6 to 9 ask for the reset value, 0. */
static void
program_dir_cq(struct dlb2_device *dev, unsigned int id)
{
	const struct dlb2_cq *cq = &dev->dir_pairs[id].cq;
	int depth_select = dlb2_cq_depth_select(cq->depth);

	reg_init(dev, DLB2_SYS_DIR_CQ_ADDR_L, id,
		 (uint32_t)cq->ring.iova & DLB2_SYS_DIR_CQ_ADDR_L__ADDR_L);
	reg_init(dev, DLB2_SYS_DIR_CQ_ADDR_U, id, cq->ring.iova >> 32);
	reg_init(dev, DLB2_SYS_DIR_CQ2VF_PF_RO, id,
		 DLB2_SYS_DIR_CQ2VF_PF_RO__IS_PF |
			 (may_overtake(dev) ? DLB2_SYS_DIR_CQ2VF_PF_RO__RO : 0));
	reg_init(dev, DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, id,
		 dlb2_put(DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL__TOKEN_DEPTH_SELECT, depth_select));
	reg_init(dev, DLB2_LSP_CQ_DIR_TKN_CNT, id,
		 dlb2_put(DLB2_LSP_CQ_DIR_TKN_CNT__COUNT(dev->version), cq->initial_tokens));
	reg_init(dev, DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, id,
		 dlb2_put(DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI__TOKEN_DEPTH_SELECT, depth_select));
	reg_init(dev, DLB2_CHP_DIR_CQ2VAS, id,
		 dlb2_put(DLB2_CHP_DIR_CQ2VAS__CQ2VAS, cq->domain->id));
}

static int
create_dir_port(struct dlb2_domain *domain, const struct dlb2_port_request *request,
		struct dlb2_port_info *info)
{
	struct dlb2_device *dev = domain->dev;
	struct dlb2_id_list *source = dir_pair_source(domain, request->producer);
	int id = check_dir_request(domain, request);
	int ret;

	if (id < 0)
		return id;
	ret = make_cq(dev, &dev->dir_pairs[id].cq, "dir", id, request);
	if (ret < 0)
		return ret;
	if (request->queue < 0)
		dlb2_list_push(&domain->used_dir_pairs, dlb2_list_pop(source));

	program_dir_cq(dev, id);
	reg_init(dev, DLB2_SYS_DIR_PP2VAS, id, dlb2_put(DLB2_SYS_DIR_PP2VAS__VAS, domain->id));
	reg_init(dev, DLB2_SYS_DIR_PP_V, id, DLB2_SYS_DIR_PP_V__PP_V);
	describe_port(&dev->dir_pairs[id].cq, id, info);
	return 0;
}

int
dlb2_dir_port_create(struct dlb2_domain *domain, const struct dlb2_port_request *request,
		     struct dlb2_port_info *info)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = create_dir_port(domain, request, info);
	return dlb2_leave(domain->dev, ret);
}

static enum dlb2_reg
disable_reg(enum dlb2_port_kind kind)
{
	return kind == DLB2_LDB ? DLB2_LSP_CQ_LDB_DSBL : DLB2_LSP_CQ_DIR_DSBL;
}

struct dlb2_cq *
dlb2_cq_of(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	return kind == DLB2_LDB ? &dev->ldb_ports[port].cq : &dev->dir_pairs[port].cq;
}

void
dlb2_cq_stop(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	struct dlb2_cq *cq = dlb2_cq_of(dev, kind, port);

	if (!cq->delivering)
		return;
	cq->delivering = false;
	reg_write(dev, disable_reg(kind), port, DLB2_LSP_CQ_LDB_DSBL__DISABLED);
}

void
dlb2_cq_start(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	dlb2_cq_of(dev, kind, port)->delivering = true;
	reg_write(dev, disable_reg(kind), port, 0);
}

/* control-path 9.2, the rule at its end. */
void
dlb2_cq_resume(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	const struct dlb2_cq *cq = dlb2_cq_of(dev, kind, port);
	bool changing = kind == DLB2_LDB &&
		(dev->ldb_ports[port].num_removals > 0 || dev->ldb_ports[port].selecting);

	if (cq->configured && cq->enabled && !cq->delivering && !changing &&
	    cq->domain->state == DLB2_DOMAIN_STARTED)
		dlb2_cq_start(dev, kind, port);
}

int
dlb2_port_set_enabled(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
		      bool enabled)
{
	struct dlb2_device *dev = domain->dev;
	struct dlb2_cq *cq;
	int ret = dlb2_enter(dev);

	if (ret == 0) {
		cq = dlb2_find_cq(domain, kind, port);
		if (cq == NULL) {
			ret = -EINVAL;
		} else if (cq->enabled != enabled) {
			cq->enabled = enabled;
			if (enabled)
				dlb2_cq_resume(dev, kind, port);
			else
				dlb2_cq_stop(dev, kind, port);
			reg_flush(dev);
		}
	}
	return dlb2_leave(dev, ret);
}

/* data-path 8.4, steps 1, 2 and 4. */
static void
quiesce(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port,
	struct dlb2_port_account *out)
{
	dlb2_cq_of(dev, kind, port)->enabled = false;
	dlb2_cq_stop(dev, kind, port);
	reg_flush(dev);
	dev->bus->ops->pp_fence(dev->bus, kind, port);
	out->inflights = kind == DLB2_LDB ? dlb2_cq_inflights(dev, port) : 0;
	out->tokens = dlb2_cq_tokens(dev, kind, port);
}

int
dlb2_port_quiesce(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
		  struct dlb2_port_account *out)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && dlb2_find_cq(domain, kind, port) == NULL)
		ret = -EINVAL;
	if (ret == 0)
		quiesce(domain->dev, kind, port, out);
	return dlb2_leave(domain->dev, ret);
}

static int
set_inflight_threshold(struct dlb2_domain *domain, unsigned int port, unsigned int threshold)
{
	const struct dlb2_port_request request = { .inflight_threshold = threshold };
	int ret;

	if (dlb2_find_ldb_port(domain, port) == NULL)
		return -EINVAL;
	ret = check_extras(domain->dev, &request);
	if (ret == 0)
		dlb2_inflight_threshold_set(domain->dev, port, threshold);
	return ret;
}

int
dlb2_ldb_port_set_inflight_threshold(struct dlb2_domain *domain, unsigned int port,
				     unsigned int threshold)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = set_inflight_threshold(domain, port, threshold);
	return dlb2_leave(domain->dev, ret);
}
