/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the device counts: depths, in-flights, tokens and totals (control-path 11.1, 11.2).
 */

#include "dlb2_hw_priv.h"

/* control-path 11.1: three reads, so exact only while nothing moves. */
unsigned int
dlb2_ldb_queue_depth(struct dlb2_device *dev, unsigned int queue)
{
	unsigned int depth = dlb2_get(DLB2_LSP_QID_AQED_ACTIVE_CNT__COUNT,
				      reg_read(dev, DLB2_LSP_QID_AQED_ACTIVE_CNT, queue));

	depth += dlb2_get(DLB2_LSP_QID_LDB_ENQUEUE_CNT__COUNT,
			  reg_read(dev, DLB2_LSP_QID_LDB_ENQUEUE_CNT, queue));
	depth += dlb2_get(DLB2_LSP_QID_ATM_ACTIVE__COUNT(dev->version),
			  reg_read(dev, DLB2_LSP_QID_ATM_ACTIVE, queue));
	return depth;
}

unsigned int
dlb2_dir_queue_depth(struct dlb2_device *dev, unsigned int queue)
{
	return dlb2_get(DLB2_LSP_QID_DIR_ENQUEUE_CNT__COUNT,
			reg_read(dev, DLB2_LSP_QID_DIR_ENQUEUE_CNT, queue));
}

unsigned int
dlb2_cq_inflights(struct dlb2_device *dev, unsigned int ldb_port)
{
	return dlb2_get(DLB2_LSP_CQ_LDB_INFL_CNT__COUNT,
			reg_read(dev, DLB2_LSP_CQ_LDB_INFL_CNT, ldb_port));
}

/* A shallow CQ starts with tokens that nobody owes (control-path 7.4). */
unsigned int
dlb2_cq_tokens(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	unsigned int initial, count;

	if (kind == DLB2_LDB) {
		initial = dev->ldb_ports[port].cq.initial_tokens;
		count = dlb2_get(DLB2_LSP_CQ_LDB_TKN_CNT__TOKEN_COUNT,
				 reg_read(dev, DLB2_LSP_CQ_LDB_TKN_CNT, port));
	} else {
		initial = dev->dir_pairs[port].cq.initial_tokens;
		count = dlb2_get(DLB2_LSP_CQ_DIR_TKN_CNT__COUNT(dev->version),
				 reg_read(dev, DLB2_LSP_CQ_DIR_TKN_CNT, port));
	}
	return count > initial ? count - initial : 0;
}

static bool
has_queue(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue)
{
	return kind == DLB2_LDB ? dlb2_has_ldb_queue(domain, queue) :
				  dlb2_has_dir_queue(domain, queue);
}

int
dlb2_queue_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && !has_queue(domain, kind, queue))
		ret = -EINVAL;
	if (ret == 0)
		ret = kind == DLB2_LDB ? dlb2_ldb_queue_depth(domain->dev, queue) :
					 dlb2_dir_queue_depth(domain->dev, queue);
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_port_inflights(struct dlb2_domain *domain, unsigned int ldb_port)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && dlb2_find_ldb_port(domain, ldb_port) == NULL)
		ret = -EINVAL;
	if (ret == 0)
		ret = dlb2_cq_inflights(domain->dev, ldb_port);
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_port_tokens(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && dlb2_find_cq(domain, kind, port) == NULL)
		ret = -EINVAL;
	if (ret == 0)
		ret = dlb2_cq_tokens(domain->dev, kind, port);
	return dlb2_leave(domain->dev, ret);
}

/* control-path 11.3, last line. */
static uint64_t
read64(struct dlb2_device *dev, enum dlb2_reg high_reg, enum dlb2_reg low_reg, unsigned int id)
{
	uint32_t first = reg_read(dev, high_reg, id);
	uint32_t low = reg_read(dev, low_reg, id);
	uint32_t high = reg_read(dev, high_reg, id);

	if (high != first)
		low = reg_read(dev, low_reg, id);
	return (uint64_t)high << 32 | low;
}

int
dlb2_queue_enqueued(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue,
		    uint64_t *out)
{
	struct dlb2_device *dev = domain->dev;
	int ret = dlb2_enter(dev);

	if (ret == 0 && !has_queue(domain, kind, queue))
		ret = -EINVAL;
	if (ret == 0 && kind == DLB2_LDB)
		*out = read64(dev, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTH, DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL,
			      queue) +
			read64(dev, DLB2_LSP_QID_ATM_TOT_ENQ_CNTH, DLB2_LSP_QID_ATM_TOT_ENQ_CNTL,
			       queue);
	else if (ret == 0)
		*out = read64(dev, DLB2_LSP_QID_DIR_TOT_ENQ_CNTH, DLB2_LSP_QID_DIR_TOT_ENQ_CNTL,
			      queue);
	return dlb2_leave(dev, ret);
}

static enum dlb2_reg
max_depth_reg(enum dlb2_port_kind kind)
{
	return kind == DLB2_LDB ? DLB2_LSP_QID_NALDB_MAX_DEPTH : DLB2_LSP_QID_DIR_MAX_DEPTH;
}

int
dlb2_queue_max_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue)
{
	struct dlb2_device *dev = domain->dev;
	int ret = dlb2_enter(dev);
	uint32_t word;

	if (ret == 0 && !has_queue(domain, kind, queue))
		ret = -EINVAL;
	if (ret == 0) {
		word = reg_read(dev, max_depth_reg(kind), queue);
		ret = kind == DLB2_LDB ? dlb2_get(DLB2_LSP_QID_NALDB_MAX_DEPTH__DEPTH, word) :
					 dlb2_get(DLB2_LSP_QID_DIR_MAX_DEPTH__DEPTH, word);
	}
	return dlb2_leave(dev, ret);
}

int
dlb2_queue_clear_max_depth(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int queue)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && !has_queue(domain, kind, queue))
		ret = -EINVAL;
	if (ret == 0)
		reg_write(domain->dev, max_depth_reg(kind), queue, 0);
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_queue_inflights(struct dlb2_domain *domain, unsigned int ldb_queue)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && !dlb2_has_ldb_queue(domain, ldb_queue))
		ret = -EINVAL;
	if (ret == 0)
		ret = dlb2_get(DLB2_LSP_QID_LDB_INFL_CNT__COUNT,
			       reg_read(domain->dev, DLB2_LSP_QID_LDB_INFL_CNT, ldb_queue));
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_port_scheduled(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
		    uint64_t *out)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0 && dlb2_find_cq(domain, kind, port) == NULL)
		ret = -EINVAL;
	if (ret == 0 && kind == DLB2_LDB)
		*out = read64(domain->dev, DLB2_LSP_CQ_LDB_TOT_SCH_CNTH,
			      DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, port);
	else if (ret == 0)
		*out = read64(domain->dev, DLB2_LSP_CQ_DIR_TOT_SCH_CNTH,
			      DLB2_LSP_CQ_DIR_TOT_SCH_CNTL, port);
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_device_scheduled(struct dlb2_device *dev, enum dlb2_port_kind kind, uint64_t *out)
{
	int ret = dlb2_enter(dev);

	if (ret == 0 && kind == DLB2_LDB)
		*out = read64(dev, DLB2_LSP_LDB_SCH_CNT_H, DLB2_LSP_LDB_SCH_CNT_L, 0);
	else if (ret == 0)
		*out = read64(dev, DLB2_LSP_DIR_SCH_CNT_H, DLB2_LSP_DIR_SCH_CNT_L, 0);
	return dlb2_leave(dev, ret);
}
