/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Producer ports as registers, and the sets of queues that each domain may send to: what checks 1
 * to 5 of data-path 11 are decided from.
 */

#include "model_order.h"
#include "model_pp.h"

/* What a port of each kind may send (data-path 1.2). */
static const uint16_t legal_commands[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = 1 << DLB2_CMD_NOOP | 1 << DLB2_CMD_BAT_T | 1 << DLB2_CMD_COMP |
		1 << DLB2_CMD_COMP_T | 1 << DLB2_CMD_ARM | 1 << DLB2_CMD_NEW |
		1 << DLB2_CMD_NEW_T | 1 << DLB2_CMD_FWD | 1 << DLB2_CMD_FWD_T |
		1 << DLB2_CMD_FRAG | 1 << DLB2_CMD_FRAG_T,
	[DLB2_DIR] = 1 << DLB2_CMD_NOOP | 1 << DLB2_CMD_BAT_T | 1 << DLB2_CMD_ARM |
		1 << DLB2_CMD_NEW | 1 << DLB2_CMD_NEW_T,
};

static const struct {
	enum dlb2_reg valid, domain;
} pp_regs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = { DLB2_SYS_LDB_PP_V, DLB2_SYS_LDB_PP2VAS },
	[DLB2_DIR] = { DLB2_SYS_DIR_PP_V, DLB2_SYS_DIR_PP2VAS },
};

void
model_pp_decode(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	struct model_port *port = &m->sched.ports[kind][p];

	port->legal = *model_reg(m, pp_regs[kind].valid, p, 0) != 0 ? legal_commands[kind] : 0;
	port->pp_domain = *model_reg(m, pp_regs[kind].domain, p, 0) & (DLB2_MAX_DOMAINS - 1);
}

static void
allow(struct dlb2_model *m, unsigned int d, enum dlb2_sched_type type, unsigned int q, bool yes)
{
	m->sched.domains[d].allowed[type << 8 | q] = yes;
}

/* What queue `q` takes from domain `d` (checks 3 to 5). */
static void
decode_ldb_permission(struct dlb2_model *m, unsigned int d, unsigned int q)
{
	uint32_t config = *model_reg(m, DLB2_SYS_LDB_QID_CFG_V, q, 0);
	bool any = *model_reg(m, DLB2_SYS_LDB_QID_V, q, 0) != 0 &&
		*model_reg(m, DLB2_SYS_LDB_VASQID_V, d * m->limits->num_ldb_queues + q, 0) != 0;

	allow(m, d, DLB2_SCHED_UNORDERED, q, any);
	allow(m, d, DLB2_SCHED_ATOMIC, q, any && (config & DLB2_SYS_LDB_QID_CFG_V__FID_CFG_V));
	allow(m, d, DLB2_SCHED_ORDERED, q, any && (config & DLB2_SYS_LDB_QID_CFG_V__SN_CFG_V));
}

static void
decode_dir_permission(struct dlb2_model *m, unsigned int d, unsigned int q)
{
	allow(m, d, DLB2_SCHED_DIRECTED, q, *model_reg(m, DLB2_SYS_DIR_QID_V, q, 0) != 0 &&
		*model_reg(m, DLB2_SYS_DIR_VASQID_V, d * m->limits->num_dir_ports + q, 0) != 0);
}

/* Whether some virtual queue stands for queue `q`. */
static bool
is_of_vdev(struct dlb2_model *m, unsigned int q)
{
	unsigned int n;

	for (n = 0; n < m->limits->num_vdevs * m->limits->num_ldb_queues; n++)
		if (*model_reg(m, DLB2_SYS_VF_LDB_VQID_V, n, 0) != 0 &&
				*model_reg(m, DLB2_SYS_VF_LDB_VQID2QID, n, 0) == q)
			return true;
	return false;
}

static void
write_pp(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	model_pp_decode(m, reg == DLB2_SYS_LDB_PP_V || reg == DLB2_SYS_LDB_PP2VAS ? DLB2_LDB :
		DLB2_DIR, i);
}

static void
write_ldb_queue(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int d;

	for (d = 0; d < m->limits->num_domains; d++)
		decode_ldb_permission(m, d, i);
	if (reg == DLB2_SYS_LDB_QID_CFG_V)
		model_order_decode(m, i);
}

static void
write_dir_queue(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int d;

	for (d = 0; d < m->limits->num_domains; d++)
		decode_dir_permission(m, d, i);
}

static void
write_ldb_permission(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int q = i % m->limits->num_ldb_queues;

	decode_ldb_permission(m, i / m->limits->num_ldb_queues, q);
	if (*model_reg(m, reg, i, j) != 0)
		model_order_check(m, q);
}

static void
write_dir_permission(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	decode_dir_permission(m, i / m->limits->num_dir_ports, i % m->limits->num_dir_ports);
}

/* Timestamps (data-path 2.1): no known driver asks for them. */
static void
write_timestamping(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	if (value != 0)
		model_report(m, "%s[%u] is set, but timestamps are not modelled",
			dlb2_reg_info[reg].name, i);
}

static void
write_virtual_queue(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	unsigned int q;

	for (q = 0; q < m->limits->num_ldb_queues; q++)
		m->sched.queues[q].vdev = is_of_vdev(m, q);
}

void
model_pp_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_SYS_LDB_PP_V, NULL, write_pp);
	model_hook(m, DLB2_SYS_LDB_PP2VAS, NULL, write_pp);
	model_hook(m, DLB2_SYS_DIR_PP_V, NULL, write_pp);
	model_hook(m, DLB2_SYS_DIR_PP2VAS, NULL, write_pp);
	model_hook(m, DLB2_SYS_LDB_QID_V, NULL, write_ldb_queue);
	model_hook(m, DLB2_SYS_LDB_QID_CFG_V, NULL, write_ldb_queue);
	model_hook(m, DLB2_SYS_DIR_QID_V, NULL, write_dir_queue);
	model_hook(m, DLB2_SYS_LDB_VASQID_V, NULL, write_ldb_permission);
	model_hook(m, DLB2_SYS_DIR_VASQID_V, NULL, write_dir_permission);
	model_hook(m, DLB2_SYS_LDB_QID_ITS, NULL, write_timestamping);
	model_hook(m, DLB2_SYS_DIR_QID_ITS, NULL, write_timestamping);
	model_hook(m, DLB2_SYS_VF_LDB_VQID_V, NULL, write_virtual_queue);
	model_hook(m, DLB2_SYS_VF_LDB_VQID2QID, NULL, write_virtual_queue);
}
