/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * CQ entries that are more than a plain store: rings whose address the owner did not give, dense
 * lines that are padded or gathered, faults, what a vdev sees, and entries that become visible late.
 * Entries of one CQ become visible in the order of their index, unless a switch lets sparse lines
 * overtake.
 */

#include <string.h>

#include "model_cq.h"

/* Chance that an entry is late, and that a late one becomes visible at a step: 1 in this many. */
#define LATE_CHANCE 4
#define VISIBLE_CHANCE 2

#define SPARSE_POISON 0xa5

#define GATHERED 2 /* value of DLB2_SWITCH_DENSE_LINES */

/* Whether entries wait until their line is full. */
static bool
gathers(const struct dlb2_model *m, const struct model_port *port)
{
	return m->switches[DLB2_SWITCH_DENSE_LINES] == GATHERED && !model_cq_is_sparse(port);
}

static void
ask_for_address(struct dlb2_model *m, struct model_port *port)
{
	size_t len = (size_t)port->ring_entries << port->entry_shift;

	port->map_asked = true;
	if (m->ops->dma_map != NULL)
		port->ring = m->ops->dma_map(m->ctx, port->ring_iova, len);
	port->plain = port->ring != NULL && port->is_pf && !port->padded && !gathers(m, port) &&
		m->sched.random == 0 && m->switches[DLB2_SWITCH_SPARSE_REST] == 0;
}

static bool
overlaps(const struct model_port *port, uint64_t iova, uint64_t len)
{
	uint64_t size = (uint64_t)port->ring_entries << port->entry_shift;

	/* Differences wrap, sums would overflow. */
	return port->ring_iova - iova < len || iova - port->ring_iova < size;
}

void
dlb2_model_dma_unmapped(struct dlb2_model *m, uint64_t iova, uint64_t len)
{
	unsigned int kind, p;

	model_late_finish(m);
	for (kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		for (p = 0; p < model_ports(m, kind); p++) {
			struct model_port *port = &m->sched.ports[kind][p];

			if (!overlaps(port, iova, len))
				continue;
			port->ring = NULL;
			port->map_asked = false;
			port->plain = false;
		}
	}
}

/* Bytes of a sparse line behind the entry: unspecified (data-path 2.3), so a switch spoils them. */
static void
spoil_rest(const struct dlb2_model *m, const struct model_port *port, unsigned int index)
{
	uint8_t *line = port->ring + ((size_t)index << port->entry_shift);

	if (m->switches[DLB2_SWITCH_SPARSE_REST] != 0 && model_cq_is_sparse(port))
		memset(line + sizeof(struct dlb2_cq_entry), SPARSE_POISON,
			DLB2_CQ_STRIDE_SPARSE - sizeof(struct dlb2_cq_entry));
}

static void
write_now(struct dlb2_model *m, const struct model_port *port, unsigned int index, uint64_t data,
	uint64_t word)
{
	uint64_t place = (uint64_t)index << port->entry_shift;
	uint64_t entry[2] = { data, word };

	if (!m->pci.dma_allowed) {
		m->counters.dma_errors++;
	} else if (port->ring != NULL) {
		spoil_rest(m, port, index);
		model_entry_store(port->ring + place, data, word);
	} else if (m->ops->dma_write == NULL || m->ops->dma_write(m->ctx,
			port->ring_iova + place, entry, sizeof(entry)) != 0) {
		m->counters.dma_errors++;
	}
}

/*
 * Free slots behind the entry in its line are written along, with the generation of the pass
 * before, or they would look valid (data-path 2.3). Slots with unreturned entries are left alone.
 */
static void
pad_line(struct dlb2_model *m, const struct model_port *port)
{
	unsigned int index = model_cq_index(port);
	unsigned int left = DLB2_HCWS_PER_LINE - 1 - index % DLB2_HCWS_PER_LINE;
	int64_t free = port->ring_entries - (port->written - port->taken + 1);
	uint64_t old_gen = !model_cq_gen(port);
	unsigned int k;

	for (k = 1; k <= left && k <= free; k++)
		write_now(m, port, index + k, 0, old_gen << MODEL_WORD_STATUS_SHIFT);
}

static void
make_visible(struct dlb2_model *m, unsigned int n)
{
	struct model_sched *s = &m->sched;
	struct model_late_entry late = s->late[n];
	struct model_port *port = &s->ports[late.kind][late.port];

	s->num_late--;
	memmove(&s->late[n], &s->late[n + 1], (s->num_late - n) * sizeof(late));
	port->late--;
	if (late.owes_credit)
		s->domains[late.domain].credits[late.pool]++;
	write_now(m, port, late.index, late.data, late.word);
}

void
model_late_finish(struct dlb2_model *m)
{
	while (m->sched.num_late > 0)
		make_visible(m, 0);
}

/* The oldest first; or any, where lines may overtake. */
static unsigned int
choose_late(struct dlb2_model *m)
{
	unsigned int n = model_random(&m->sched, m->sched.num_late);
	const struct model_late_entry *late = &m->sched.late[n];

	if (m->switches[DLB2_SWITCH_SPARSE_ORDER] != 0 &&
			model_cq_is_sparse(&m->sched.ports[late->kind][late->port]))
		return n;
	return 0;
}

void
model_late_advance(struct dlb2_model *m)
{
	struct model_sched *s = &m->sched;

	while (s->num_late > 0 && model_random(s, VISIBLE_CHANCE) == 0)
		make_visible(m, choose_late(m));
}

/* Whether this entry waits: for its line, by chance, or because an older one of its CQ does. */
static bool
is_late(struct dlb2_model *m, const struct model_port *port)
{
	bool may_overtake = m->switches[DLB2_SWITCH_SPARSE_ORDER] != 0 && model_cq_is_sparse(port);

	if (gathers(m, port))
		return (model_cq_index(port) + 1) % DLB2_HCWS_PER_LINE != 0;
	if (m->sched.random == 0)
		return false;
	return (port->late > 0 && !may_overtake) || model_random(&m->sched, LATE_CHANCE) == 0;
}

static void
make_late(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, uint64_t data,
	uint64_t word)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[kind][p];
	unsigned int pool = kind == DLB2_DIR ? s->dir_pool : 0;
	bool owes = m->switches[DLB2_SWITCH_CREDIT_RETURN] != 0;

	if (s->num_late == MODEL_LATE_ENTRIES)
		make_visible(m, 0);
	port->late++;
	s->late[s->num_late++] = (struct model_late_entry){
		.data = data, .word = word, .index = model_cq_index(port), .kind = kind, .port = p,
		.owes_credit = owes, .pool = pool, .domain = port->cq_domain };
	if (owes)
		s->domains[port->cq_domain].credits[pool]--;
}

/* The entry fills a line: those before it in there, which waited, come with it. */
static void
finish_line(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	struct model_sched *s = &m->sched;
	unsigned int n = 0;

	while (n < s->num_late) {
		if (s->late[n].kind == kind && s->late[n].port == p)
			make_visible(m, n);
		else
			n++;
	}
}

/* Returns false if a fault takes the write away; it may also change the status byte. */
static bool
apply_faults(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, uint64_t *word)
{
	uint64_t status = 0;

	if (model_fault_take(m, DLB2_FAULT_CQ_DROP_WRITE, kind, p))
		return false;
	if (model_fault_take(m, DLB2_FAULT_CQ_ERROR_BIT, kind, p))
		status |= DLB2_CQ_ERROR;
	if (model_fault_take(m, DLB2_FAULT_CQ_WRONG_GEN, kind, p))
		status |= DLB2_CQ_GEN;
	*word ^= status << MODEL_WORD_STATUS_SHIFT;
	return true;
}

/* A vdev sees its own number of the queue (data-path 2.1). */
static uint64_t
show_virtual_queue(struct dlb2_model *m, uint64_t word)
{
	unsigned int q = model_word_qid(word);
	uint64_t vqid;

	if (!m->sched.queues[q].vdev)
		return word;
	vqid = model_field(m, DLB2_SYS_LDB_QID2VQID, q, DLB2_SYS_LDB_QID2VQID__VQID);
	return model_word_with_qid(word, vqid);
}

void
model_entry_write_specially(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	uint64_t data, uint64_t word)
{
	struct model_port *port = &m->sched.ports[kind][p];

	if (kind == DLB2_LDB && !port->is_pf)
		word = show_virtual_queue(m, word);
	if (!port->map_asked)
		ask_for_address(m, port);
	if (!apply_faults(m, kind, p, &word))
		return;
	if (is_late(m, port)) {
		make_late(m, kind, p, data, word);
		return;
	}
	if (gathers(m, port))
		finish_line(m, kind, p);
	write_now(m, port, model_cq_index(port), data, word);
	if (port->padded)
		pad_line(m, port);
}

/*
 * The number of the sending producer port that an entry of directed CQ `p` shows (data-path 2.4):
 * for a vdev its own number, unless SYS_DIR_CQ_FMT.KEEP_PF_PPID (control-path 8).
 */
unsigned int
model_sender_shown(struct dlb2_model *m, unsigned int p, unsigned int sender)
{
	enum dlb2_port_kind kind = sender & MODEL_SENDER_LDB ? DLB2_LDB : DLB2_DIR;
	enum dlb2_reg valid = kind == DLB2_LDB ? DLB2_SYS_VF_LDB_VPP_V : DLB2_SYS_VF_DIR_VPP_V;
	enum dlb2_reg map = kind == DLB2_LDB ? DLB2_SYS_VF_LDB_VPP2PP : DLB2_SYS_VF_DIR_VPP2PP;
	unsigned int ports = model_ports(m, kind);
	unsigned int physical = sender & ~MODEL_SENDER_LDB;
	unsigned int vf, vport;

	if (m->sched.ports[DLB2_DIR][p].is_pf || *model_reg(m, DLB2_SYS_DIR_CQ_FMT, p, 0) != 0)
		return physical;
	vf = model_field(m, DLB2_SYS_DIR_CQ2VF_PF_RO, p, DLB2_SYS_DIR_CQ2VF_PF_RO__VF);
	for (vport = 0; vport < ports; vport++)
		if (*model_reg(m, valid, vf * ports + vport, 0) != 0 &&
				*model_reg(m, map, vf * ports + vport, 0) == physical)
			return vport;
	return physical;
}
