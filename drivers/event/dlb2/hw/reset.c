/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Taking a domain down once it is drained: registers back to their reset values, resources back to
 * the device (control-path 10.1, 10.6, 10.7).
 *
 * Only registers that can differ from their reset value are written: those that creation sets,
 * those that the device counts in once the domain has started, and those of features in use. The
 * others that control-path 10.6 lists are never changed by this driver.
 */

#include "dlb2_hw_priv.h"

/* When a register can differ from its reset value. */
#define CREATED 0x01u   /* set at creation */
#define STARTED 0x02u   /* the device counts in it */
#define LINKED 0x04u    /* a queue was linked to the port */
#define WEIGHTED 0x08u  /* the port has a weight limit */
#define ORDERED 0x10u   /* the queue is ordered */

struct reset_row {
	enum dlb2_reg reg;
	unsigned int when;
};

static const struct reset_row ldb_port_rows[] = {
	{ DLB2_SYS_LDB_PP2VAS, CREATED },
	{ DLB2_CHP_LDB_CQ2VAS, CREATED },
	{ DLB2_CHP_LDB_CQ_DEPTH, STARTED },
	{ DLB2_LSP_CFG_CQ_LDB_WU_LIMIT, WEIGHTED },
	{ DLB2_LSP_CQ_LDB_INFL_LIM, CREATED },
	{ DLB2_CHP_HIST_LIST_LIM, CREATED },
	{ DLB2_CHP_HIST_LIST_BASE, CREATED },
	{ DLB2_CHP_HIST_LIST_POP_PTR, CREATED },
	{ DLB2_CHP_HIST_LIST_PUSH_PTR, CREATED },
	{ DLB2_LSP_CQ_LDB_TKN_DEPTH_SEL, CREATED },
	{ DLB2_CHP_LDB_CQ_TKN_DEPTH_SEL, CREATED },
	{ DLB2_CHP_LDB_CQ_WPTR, STARTED },
	{ DLB2_LSP_CQ_LDB_TKN_CNT, CREATED },
	{ DLB2_SYS_LDB_CQ_ADDR_L, CREATED },
	{ DLB2_SYS_LDB_CQ_ADDR_U, CREATED },
	{ DLB2_SYS_LDB_CQ2VF_PF_RO, CREATED },
	{ DLB2_LSP_CQ_LDB_TOT_SCH_CNTL, STARTED },
	{ DLB2_LSP_CQ_LDB_TOT_SCH_CNTH, STARTED },
	{ DLB2_LSP_CQ2QID0, LINKED },
	{ DLB2_LSP_CQ2QID1, LINKED },
	{ DLB2_LSP_CQ2PRIOV, LINKED },
};

static const struct reset_row dir_port_rows[] = {
	{ DLB2_CHP_DIR_CQ_DEPTH, STARTED },
	{ DLB2_LSP_CQ_DIR_TKN_DEPTH_SEL_DSI, CREATED },
	{ DLB2_CHP_DIR_CQ_TKN_DEPTH_SEL, CREATED },
	{ DLB2_CHP_DIR_CQ_WPTR, STARTED },
	{ DLB2_LSP_CQ_DIR_TKN_CNT, CREATED },
	{ DLB2_SYS_DIR_CQ_ADDR_L, CREATED },
	{ DLB2_SYS_DIR_CQ_ADDR_U, CREATED },
	{ DLB2_SYS_DIR_CQ2VF_PF_RO, CREATED },
	{ DLB2_LSP_CQ_DIR_TOT_SCH_CNTL, STARTED },
	{ DLB2_LSP_CQ_DIR_TOT_SCH_CNTH, STARTED },
	{ DLB2_SYS_DIR_PP2VAS, CREATED },
	{ DLB2_CHP_DIR_CQ2VAS, CREATED },
};

static const struct reset_row ldb_queue_rows[] = {
	{ DLB2_LSP_QID_NALDB_TOT_ENQ_CNTL, STARTED },
	{ DLB2_LSP_QID_NALDB_TOT_ENQ_CNTH, STARTED },
	{ DLB2_LSP_QID_ATM_TOT_ENQ_CNTL, STARTED },
	{ DLB2_LSP_QID_ATM_TOT_ENQ_CNTH, STARTED },
	{ DLB2_LSP_QID_NALDB_MAX_DEPTH, STARTED },
	{ DLB2_LSP_QID_LDB_INFL_LIM, CREATED },
	{ DLB2_LSP_QID_AQED_ACTIVE_LIM, CREATED },
	{ DLB2_LSP_QID_ATM_DEPTH_THRSH, CREATED },
	{ DLB2_LSP_QID_NALDB_DEPTH_THRSH, CREATED },
	{ DLB2_CHP_ORD_QID_SN, ORDERED },
	{ DLB2_CHP_ORD_QID_SN_MAP, ORDERED },
	{ DLB2_SYS_LDB_QID_V, CREATED },
	{ DLB2_SYS_LDB_QID_CFG_V, CREATED },
};

static const struct reset_row dir_queue_rows[] = {
	{ DLB2_LSP_QID_DIR_MAX_DEPTH, STARTED },
	{ DLB2_LSP_QID_DIR_TOT_ENQ_CNTL, STARTED },
	{ DLB2_LSP_QID_DIR_TOT_ENQ_CNTH, STARTED },
	{ DLB2_LSP_QID_DIR_DEPTH_THRSH, CREATED },
	{ DLB2_SYS_DIR_QID_V, CREATED },
};

static const struct reset_row domain_rows[] = {
	{ DLB2_CHP_CFG_LDB_VAS_CRD, CREATED },
	{ DLB2_CHP_CFG_DIR_VAS_CRD, CREATED },
	{ DLB2_CHP_CFG_VAS_CRD, CREATED },
};

static void
reset_rows(struct dlb2_device *dev, const struct reset_row *rows, size_t num_rows, unsigned int id,
	   unsigned int conditions)
{
	for (size_t i = 0; i < num_rows; i++)
		if ((rows[i].when & conditions) != 0 && dlb2_reg_present(dev->version, rows[i].reg))
			reg_write(dev, rows[i].reg, id, dlb2_reg_info[rows[i].reg].reset);
}

#define RESET_ROWS(dev, rows, id, conditions) \
	reset_rows(dev, rows, sizeof(rows) / sizeof((rows)[0]), id, conditions)

/* A slot that was emptied again leaves its queue in LSP_CQ2QIDn. */
static bool
was_linked(const struct dlb2_ldb_port *port)
{
	for (unsigned int i = 0; i < DLB2_MAX_SLOTS_PER_CQ; i++)
		if (port->slots[i].state != DLB2_SLOT_UNMAPPED || port->slots[i].queue != 0)
			return true;
	return false;
}

/* LSP_CQ_LDB_DSBL and SYS_LDB_PP_V have their reset values since the drain. */
static void
reset_ldb_port(struct dlb2_device *dev, unsigned int id, bool started)
{
	const struct dlb2_ldb_port *port = &dev->ldb_ports[id];
	unsigned int conditions = CREATED;

	if (started)
		conditions |= STARTED;
	if (started && was_linked(port))
		conditions |= LINKED;
	if (port->weight_limit != 0)
		conditions |= WEIGHTED;
	RESET_ROWS(dev, ldb_port_rows, id, conditions);
	dlb2_inflight_threshold_set(dev, id, 0);
}

/* The device forgets the partial line that it gathered for a directed CQ; by version (10.6). */
static void
clear_write_combining(struct dlb2_device *dev, unsigned int id)
{
	if (dlb2_reg_present(dev->version, DLB2_SYS_DIR_CQ_OPT_CLR))
		reg_write(dev, DLB2_SYS_DIR_CQ_OPT_CLR, 0,
			  dlb2_put(DLB2_SYS_DIR_CQ_OPT_CLR__CQ, id));
	else
		reg_write(dev, DLB2_SYS_WB_DIR_CQ_STATE, id,
			  DLB2_SYS_WB_DIR_CQ_STATE__CQ_OPT_CLR);
}

static void
reset_dir_port(struct dlb2_device *dev, unsigned int id, bool started)
{
	if (!dev->dir_pairs[id].cq.configured)
		return;
	if (started)
		clear_write_combining(dev, id);
	RESET_ROWS(dev, dir_port_rows, id, CREATED | (started ? STARTED : 0));
}

static void
reset_ldb_queue(struct dlb2_device *dev, unsigned int id, bool started)
{
	const struct dlb2_ldb_queue *queue = &dev->ldb_queues[id];

	RESET_ROWS(dev, ldb_queue_rows, id, CREATED | (started ? STARTED : 0) |
		   (queue->ordered ? ORDERED : 0));
	if (queue->ordered && started)
		reg_write(dev, queue->sn_group == 0 ? DLB2_RO_GRP_0_SLT_SHFT :
			  DLB2_RO_GRP_1_SLT_SHFT, queue->sn_slot, 0);
	if (!started || queue->num_mappings == 0)
		return;
	for (unsigned int i = 0; i < dev->limits->num_ldb_ports / DLB2_CQS_PER_INVERSE; i++)
		if (dlb2_map_inverse(dev, id, i) != 0)
			dlb2_map_write_inverse(dev, id, i, 0);
}

/* control-path 10.6, in its order. */
static void
reset_registers(struct dlb2_domain *domain, bool started)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int id;

	DLB2_FOREACH_LDB_PORT(id, domain)
		reset_ldb_port(dev, id, started);
	DLB2_FOREACH_ID(id, &domain->used_dir_pairs)
		reset_dir_port(dev, id, started);
	DLB2_FOREACH_ID(id, &domain->used_ldb_queues)
		reset_ldb_queue(dev, id, started);
	DLB2_FOREACH_ID(id, &domain->used_dir_pairs)
		if (dev->dir_pairs[id].queue_configured)
			RESET_ROWS(dev, dir_queue_rows, id, CREATED | (started ? STARTED : 0));
	RESET_ROWS(dev, domain_rows, domain->id, CREATED);
	reg_flush(dev);
}

/* control-path 10.1 step 3. */
static void
clear_interrupts(struct dlb2_domain *domain)
{
	unsigned int port;

	DLB2_FOREACH_ID(port, &domain->used_dir_pairs)
		dlb2_cq_interrupt_clear(domain->dev, DLB2_DIR, port);
	DLB2_FOREACH_LDB_PORT(port, domain)
		dlb2_cq_interrupt_clear(domain->dev, DLB2_LDB, port);
}

/* control-path 10.1 steps 4 and 5. Step 6, CHP_SN_CHK_ENBL, has its reset value, 0. */
static void
close_queues(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int queue;

	DLB2_FOREACH_ID(queue, &domain->used_dir_pairs)
		if (dev->dir_pairs[queue].queue_configured)
			reg_write(dev, DLB2_SYS_DIR_VASQID_V,
				  dlb2_vasqid(domain, DLB2_DIR, queue), 0);
	DLB2_FOREACH_ID(queue, &domain->used_ldb_queues)
		reg_write(dev, DLB2_SYS_LDB_VASQID_V, dlb2_vasqid(domain, DLB2_LDB, queue), 0);
}

/* control-path 10.1 step 17. */
static void
close_ports(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int port;

	DLB2_FOREACH_ID(port, &domain->used_dir_pairs)
		if (dev->dir_pairs[port].cq.configured)
			reg_write(dev, DLB2_SYS_DIR_PP_V, port, 0);
	DLB2_FOREACH_LDB_PORT(port, domain)
		reg_write(dev, DLB2_SYS_LDB_PP_V, port, 0);
}

static int
check_zero(struct dlb2_device *dev, const char *what, unsigned int id, unsigned int count)
{
	if (count == 0)
		return 0;
	dlb2_err(dev, "%s %u still holds %u after the drain", what, id, count);
	return -EIO;
}

static int
check_dir_pair(struct dlb2_device *dev, unsigned int id)
{
	const struct dlb2_dir_pair *pair = &dev->dir_pairs[id];
	int ret = 0;

	if (pair->queue_configured)
		ret |= check_zero(dev, "directed queue", id, dlb2_dir_queue_depth(dev, id));
	if (pair->cq.configured)
		ret |= check_zero(dev, "tokens of directed CQ", id,
				  dlb2_cq_tokens(dev, DLB2_DIR, id));
	return ret;
}

/* control-path 10.1 step 18. */
static int
check_empty(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int id;
	int ret = 0;

	DLB2_FOREACH_ID(id, &domain->used_ldb_queues)
		ret |= check_zero(dev, "load-balanced queue", id, dlb2_ldb_queue_depth(dev, id));
	DLB2_FOREACH_LDB_PORT(id, domain) {
		ret |= check_zero(dev, "in-flights of load-balanced CQ", id,
				  dlb2_cq_inflights(dev, id));
		ret |= check_zero(dev, "tokens of load-balanced CQ", id,
				  dlb2_cq_tokens(dev, DLB2_LDB, id));
	}
	DLB2_FOREACH_ID(id, &domain->used_dir_pairs)
		ret |= check_dir_pair(dev, id);
	return ret == 0 ? 0 : -EIO;
}

void
dlb2_domain_silence(struct dlb2_domain *domain)
{
	dlb2_domain_stop_cqs(domain, DLB2_LDB);
	dlb2_domain_stop_cqs(domain, DLB2_DIR);
	close_ports(domain);
	reg_flush(domain->dev);
}

/* control-path 10.1. A domain that was never started holds nothing, so it needs no drain. */
int
dlb2_domain_do_reset(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	bool started = domain->state == DLB2_DOMAIN_STARTED;
	int ret = 0;

	domain->state = DLB2_DOMAIN_RESETTING;
	clear_interrupts(domain);
	if (started) {
		close_queues(domain);
		ret = dlb2_domain_drain(domain);
	}
	if (ret == 0) {
		close_ports(domain);
		if (started)
			ret = check_empty(domain);
	}
	if (ret == 0)
		reset_registers(domain, started);
	if (ret == 0 && !dev->gone) {
		dlb2_domain_release(domain);
		return 0;
	}
	dlb2_domain_silence(domain);
	domain->state = DLB2_DOMAIN_LOST;
	dlb2_err(dev, "domain %u could not be reset and is lost with all it owns, until the device "
		 "is reset", domain->id);
	return ret < 0 ? ret : -ENODEV;
}

int
dlb2_domain_reset(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	int ret = dlb2_enter(dev);

	if (ret == 0 && (domain->state == DLB2_DOMAIN_FREE || domain->state == DLB2_DOMAIN_LOST)) {
		dlb2_err(dev, "domain %u is not in use: a domain is reset once", domain->id);
		ret = -EINVAL;
	}
	if (ret == 0)
		ret = dlb2_domain_do_reset(domain);
	return dlb2_leave(dev, ret);
}

static void
free_ring(struct dlb2_device *dev, struct dlb2_cq *cq)
{
	if (cq->configured)
		dev->bus->ops->dma_free(dev->bus, &cq->ring);
}

/* To the end of the device's list: what was in use first, then what never was. */
static void
release_ldb_ports(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;

	for (unsigned int cos = 0; cos < DLB2_MAX_COS; cos++) {
		struct dlb2_id_list *list = &domain->used_ldb_ports[cos];
		unsigned int id;

		dlb2_list_move_all(list, &domain->free_ldb_ports[cos]);
		DLB2_FOREACH_ID(id, list) {
			free_ring(dev, &dev->ldb_ports[id].cq);
			dev->ldb_ports[id] = (struct dlb2_ldb_port){ 0 };
		}
		dlb2_list_move_all(&dev->free_ldb_ports[cos], list);
	}
}

static void
release_dir_pairs(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	struct dlb2_id_list *list = &domain->used_dir_pairs;
	unsigned int id;

	dlb2_list_move_all(list, &domain->reserved_dir_pairs);
	dlb2_list_move_all(list, &domain->free_dir_pairs);
	DLB2_FOREACH_ID(id, list) {
		free_ring(dev, &dev->dir_pairs[id].cq);
		dev->dir_pairs[id] = (struct dlb2_dir_pair){ 0 };
	}
	dlb2_list_move_all(&dev->free_dir_pairs, list);
}

static void
release_ldb_queues(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	struct dlb2_id_list *list = &domain->used_ldb_queues;
	unsigned int id;

	dlb2_list_move_all(list, &domain->free_ldb_queues);
	DLB2_FOREACH_ID(id, list) {
		struct dlb2_ldb_queue *queue = &dev->ldb_queues[id];

		if (queue->ordered)
			dlb2_sn_give(dev, queue->sn_group, queue->sn_slot);
		*queue = (struct dlb2_ldb_queue){ 0 };
	}
	dlb2_list_move_all(&dev->free_ldb_queues, list);
}

void
dlb2_domain_release(struct dlb2_domain *domain)
{
	struct dlb2_device *dev = domain->dev;
	unsigned int id = domain->id;

	release_ldb_queues(domain);
	release_ldb_ports(domain);
	release_dir_pairs(domain);
	dlb2_profile_sort(dev);
	dlb2_hist_list_give(dev, domain->hist_list_base, domain->hist_list_entries);
	dev->free_ldb_credits += domain->ldb_credits;
	dev->free_dir_credits += domain->dir_credits;
	dev->free_atomic_inflights += domain->atomic_inflights;
	*domain = (struct dlb2_domain){ .dev = dev, .id = id };
	dlb2_list_push(&dev->free_domains, id);
}
