/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Credits of domains as registers (CHP_CFG_*VAS_CRD), and the pool of stored events. Taking and
 * giving back is where events are taken in (model_hcw.c) and scheduled (model_arbiter.c).
 */

#include "model_credits.h"

/* Version 2.0 has a register and a pool for each kind of queue, 2.5 one for both. */
static unsigned int
pool_of(enum dlb2_reg reg)
{
	return reg == DLB2_CHP_CFG_DIR_VAS_CRD;
}

static uint32_t
read_credits(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t stored)
{
	return m->sched.domains[i].credits[pool_of(reg)] & dlb2_reg_info[reg].v[m->version].mask;
}

static void
write_credits(struct dlb2_model *m, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value)
{
	uint32_t *credits = &m->sched.domains[i].credits[pool_of(reg)];
	uint32_t now = value & dlb2_reg_info[reg].v[m->version].mask;

	m->sched.granted[pool_of(reg)] += (int64_t)now - *credits;
	*credits = now;
	m->sched.storage_contended = m->sched.granted[0] > m->limits->num_ldb_credits ||
		m->sched.granted[1] > m->limits->num_dir_credits;
}

/* What the armed faults of all ports of a domain ask to be withheld from a pool. */
static uint32_t
shortage(struct dlb2_model *m, unsigned int domain, unsigned int pool)
{
	unsigned int kind, port;
	uint32_t sum = 0;

	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		if ((kind == DLB2_DIR ? m->sched.dir_pool : 0) != pool)
			continue;
		for (port = 0; port < model_ports(m, kind); port++)
			if (m->sched.ports[kind][port].pp_domain == domain)
				sum += m->faults[DLB2_FAULT_CREDIT_SHORTAGE][kind][port];
	}
	return sum;
}

/* Withholds no more than the domain has at this moment. */
void
model_credit_shortage(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	unsigned int count)
{
	unsigned int d = m->sched.ports[kind][port].pp_domain;
	unsigned int pool = kind == DLB2_DIR ? m->sched.dir_pool : 0;
	struct model_domain *domain = &m->sched.domains[d];
	uint32_t wanted = shortage(m, d, pool);

	domain->credits[pool] += domain->withheld[pool];
	domain->withheld[pool] = wanted < domain->credits[pool] ? wanted : domain->credits[pool];
	domain->credits[pool] -= domain->withheld[pool];
}

static void
fill_pool(struct model_sched *s, unsigned int pool, unsigned int first, unsigned int count)
{
	unsigned int event;

	s->free_head[pool] = count > 0 ? first : MODEL_NONE;
	for (event = first; event < first + count; event++)
		s->next[event] = event + 1 < first + count ? event + 1 : MODEL_NONE;
}

void
model_credits_reset(struct dlb2_model *m)
{
	unsigned int ldb = m->limits->num_ldb_credits;

	m->sched.dir_pool = m->limits->combined_credits ? 0 : 1;
	fill_pool(&m->sched, 0, 0, ldb);
	fill_pool(&m->sched, 1, ldb, m->limits->num_dir_credits);
}

void
model_credits_init(struct dlb2_model *m)
{
	model_hook(m, DLB2_CHP_CFG_LDB_VAS_CRD, read_credits, write_credits);
	model_hook(m, DLB2_CHP_CFG_DIR_VAS_CRD, read_credits, write_credits);
	model_hook(m, DLB2_CHP_CFG_VAS_CRD, read_credits, write_credits);
}
