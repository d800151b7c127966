/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Creating load-balanced and directed queues (control-path 5 and 6). Every register written here
 * except the AQED ones has its reset value at that point; those survive the reset of a domain.
 */

#include "dlb2_hw_priv.h"

/* Concurrent atomic flows of a queue (control-path 5.3 row 8). */
#define QUEUE_MAX_FLOWS 512

static int
check_threshold(struct dlb2_device *dev, unsigned int depth_threshold)
{
	if (depth_threshold <= dev->limits->max_depth_threshold)
		return 0;
	dlb2_err(dev, "depth threshold %u is above the maximum of %u", depth_threshold,
		 dev->limits->max_depth_threshold);
	return -EINVAL;
}

/* control-path 5.1 rows 3 to 5, as far as they do not depend on what is free. */
static int
check_inflights(struct dlb2_device *dev, const struct dlb2_ldb_queue_request *request)
{
	unsigned int limit = dev->limits->max_qid_inflights;

	if (request->num_sequence_numbers != 0) {
		if (dlb2_sn_mode(request->num_sequence_numbers) < 0) {
			dlb2_err(dev, "%u sequence numbers: a queue has 0 (not ordered), 64, 128, "
				 "256, 512 or 1024", request->num_sequence_numbers);
			return -EINVAL;
		}
		limit = request->num_sequence_numbers;
	}
	if (request->num_inflights >= 1 && request->num_inflights <= limit)
		return 0;
	dlb2_err(dev, "%u events in flight: a queue with %u sequence numbers takes 1 to %u",
		 request->num_inflights, request->num_sequence_numbers, limit);
	return -EINVAL;
}

/* control-path 5.1 rows 6 and 7. */
static int
check_atomic(struct dlb2_domain *domain, const struct dlb2_ldb_queue_request *request)
{
	unsigned int left = domain->atomic_inflights - domain->atomic_inflights_used;

	if (request->num_atomic_inflights == 0)
		return 0;
	if (request->num_atomic_inflights > left) {
		dlb2_err(domain->dev, "queue wants %u atomic in-flights, domain %u has %u left: "
			 "create the domain with more", request->num_atomic_inflights, domain->id,
			 left);
		return -ENOSPC;
	}
	if (dlb2_hid_compress_code(request->lock_id_levels) < 0) {
		dlb2_err(domain->dev, "%u lock-ID levels: a power of two from 64 to 4096, or 0 or "
			 "65536 for no compression", request->lock_id_levels);
		return -EINVAL;
	}
	return 0;
}

/* control-path 5.1, in its order but for the sequence numbers, which are taken last. */
static int
check_ldb_request(struct dlb2_domain *domain, const struct dlb2_ldb_queue_request *request)
{
	int ret = dlb2_domain_check_open(domain, "queue");

	if (ret < 0)
		return ret;
	if (domain->free_ldb_queues.count == 0) {
		dlb2_err(domain->dev, "all %u load-balanced queues of domain %u exist: create the "
			 "domain with more", domain->used_ldb_queues.count, domain->id);
		return -ENOSPC;
	}
	ret = check_inflights(domain->dev, request);
	if (ret == 0)
		ret = check_atomic(domain, request);
	return ret < 0 ? ret : check_threshold(domain->dev, request->depth_threshold);
}

/* control-path 5.3 rows 3, 4 and 8: what matters only to atomic events. */
static void
program_atomic(struct dlb2_device *dev, unsigned int id,
	       const struct dlb2_ldb_queue_request *request)
{
	if (request->num_atomic_inflights == 0)
		return;
	reg_init(dev, DLB2_LSP_QID_AQED_ACTIVE_LIM, id,
		 dlb2_put(DLB2_LSP_QID_AQED_ACTIVE_LIM__LIMIT, request->num_atomic_inflights));
	reg_write(dev, DLB2_AQED_QID_HID_WIDTH, id,
		  dlb2_put(DLB2_AQED_QID_HID_WIDTH__COMPRESS_CODE,
			   dlb2_hid_compress_code(request->lock_id_levels)));
	reg_write(dev, DLB2_AQED_QID_FID_LIM, id,
		  dlb2_put(DLB2_AQED_QID_FID_LIM__QID_FID_LIMIT, QUEUE_MAX_FLOWS));
}

/* control-path 5.3 row 9. An unordered queue keeps the reset value, 0. */
static void
program_sequence_numbers(struct dlb2_device *dev, unsigned int id)
{
	const struct dlb2_ldb_queue *queue = &dev->ldb_queues[id];

	if (!queue->ordered)
		return;
	reg_init(dev, DLB2_CHP_ORD_QID_SN_MAP, id,
		 dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__MODE, dev->sn_groups[queue->sn_group].mode) |
		 dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__SLOT, queue->sn_slot) |
		 dlb2_put(DLB2_CHP_ORD_QID_SN_MAP__GRP, queue->sn_group));
}

/*
 * control-path 5.3. Rows 1 and 5 ask for the reset value, 0. Nothing can reach the queue before the
 * domain starts, so nothing is flushed.
 */
static void
program_ldb_queue(struct dlb2_device *dev, unsigned int id,
		  const struct dlb2_ldb_queue_request *request)
{
	enum dlb2_version ver = dev->version;

	reg_init(dev, DLB2_LSP_QID_LDB_INFL_LIM, id,
		 dlb2_put(DLB2_LSP_QID_LDB_INFL_LIM__LIMIT, request->num_inflights));
	program_atomic(dev, id, request);
	reg_init(dev, DLB2_LSP_QID_ATM_DEPTH_THRSH, id,
		 dlb2_put(DLB2_LSP_QID_ATM_DEPTH_THRSH__THRESH(ver), request->depth_threshold));
	reg_init(dev, DLB2_LSP_QID_NALDB_DEPTH_THRSH, id,
		 dlb2_put(DLB2_LSP_QID_NALDB_DEPTH_THRSH__THRESH(ver), request->depth_threshold));
	program_sequence_numbers(dev, id);
	reg_init(dev, DLB2_SYS_LDB_QID_CFG_V, id,
		 dlb2_put(DLB2_SYS_LDB_QID_CFG_V__SN_CFG_V, dev->ldb_queues[id].ordered) |
		 dlb2_put(DLB2_SYS_LDB_QID_CFG_V__FID_CFG_V, request->num_atomic_inflights > 0));
	reg_init(dev, DLB2_SYS_LDB_QID_V, id, DLB2_SYS_LDB_QID_V__QID_V);
}

static int
create_ldb_queue(struct dlb2_domain *domain, const struct dlb2_ldb_queue_request *request)
{
	struct dlb2_device *dev = domain->dev;
	struct dlb2_ldb_queue *queue;
	unsigned int id;
	int ret = check_ldb_request(domain, request);

	if (ret < 0)
		return ret;
	id = domain->free_ldb_queues.id[0];
	queue = &dev->ldb_queues[id];
	if (request->num_sequence_numbers != 0)
		ret = dlb2_sn_take(domain, dlb2_sn_mode(request->num_sequence_numbers),
				   &queue->sn_group, &queue->sn_slot);
	if (ret < 0)
		return ret;
	queue->configured = true;
	queue->ordered = request->num_sequence_numbers != 0;
	queue->num_inflights = request->num_inflights;
	domain->atomic_inflights_used += request->num_atomic_inflights;
	dlb2_list_push(&domain->used_ldb_queues, dlb2_list_pop(&domain->free_ldb_queues));
	program_ldb_queue(dev, id, request);
	return id;
}

int
dlb2_ldb_queue_create(struct dlb2_domain *domain, const struct dlb2_ldb_queue_request *request)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = create_ldb_queue(domain, request);
	return dlb2_leave(domain->dev, ret);
}

/* The pair that a new directed queue belongs to, or why there is none. */
static int
choose_pair(struct dlb2_domain *domain, int port)
{
	if (port < 0) {
		if (domain->free_dir_pairs.count > 0)
			return domain->free_dir_pairs.id[0];
		dlb2_err(domain->dev, "no directed queue left in domain %u: create the domain with "
			 "more directed ports", domain->id);
		return -ENOSPC;
	}
	if (dlb2_find_dir_port(domain, port) == NULL)
		return -EINVAL;
	if (domain->dev->dir_pairs[port].queue_configured) {
		dlb2_err(domain->dev, "directed port %d has its queue already", port);
		return -EEXIST;
	}
	return port;
}

/* control-path 6. Rows 1 and 2 ask for the reset value, 0. */
static void
program_dir_queue(struct dlb2_device *dev, unsigned int id, unsigned int depth_threshold)
{
	reg_init(dev, DLB2_LSP_QID_DIR_DEPTH_THRSH, id,
		 dlb2_put(DLB2_LSP_QID_DIR_DEPTH_THRSH__THRESH(dev->version), depth_threshold));
	reg_init(dev, DLB2_SYS_DIR_QID_V, id, DLB2_SYS_DIR_QID_V__QID_V);
}

static int
create_dir_queue(struct dlb2_domain *domain, int port, unsigned int depth_threshold)
{
	int id = dlb2_domain_check_open(domain, "queue");

	if (id == 0)
		id = check_threshold(domain->dev, depth_threshold);
	if (id == 0)
		id = choose_pair(domain, port);
	if (id < 0)
		return id;
	if (port < 0)
		dlb2_list_push(&domain->used_dir_pairs, dlb2_list_pop(&domain->free_dir_pairs));
	domain->dev->dir_pairs[id].queue_configured = true;
	program_dir_queue(domain->dev, id, depth_threshold);
	return id;
}

int
dlb2_dir_queue_create(struct dlb2_domain *domain, int port, unsigned int depth_threshold)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = create_dir_queue(domain, port, depth_threshold);
	return dlb2_leave(domain->dev, ret);
}
