/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Host command words at a producer port: the checks of data-path 11 in its order, then the parts
 * of the command in the order completion, event, token. A HCW that fails a check does nothing,
 * unless a switch says so. What passes is decided from sets; which check failed is found out
 * afterwards, by refuse().
 */

#include "model_atomic.h"
#include "model_cq.h"
#include "model_credits.h"
#include "model_fast.h"
#include "model_history.h"
#include "model_order.h"
#include "model_pp.h"

/*
 * Checks 3 to 5 one by one, for an HCW that failed them. Returns the alarm and its enable bit.
 */
static unsigned int
queue_alarm(struct dlb2_model *m, unsigned int d, uint64_t word, uint32_t *enable_bit)
{
	unsigned int q = model_word_qid(word);
	bool dir = model_word_type(word) == DLB2_SCHED_DIRECTED;
	unsigned int queues = dir ? m->limits->num_dir_ports : m->limits->num_ldb_queues;
	enum dlb2_reg valid = dir ? DLB2_SYS_DIR_QID_V : DLB2_SYS_LDB_QID_V;
	enum dlb2_reg enabled = dir ? DLB2_SYS_DIR_VASQID_V : DLB2_SYS_LDB_VASQID_V;

	if (q >= queues || *model_reg(m, valid, q, 0) == 0) {
		*enable_bit = DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_QID;
		return MODEL_AID_SYS_ILLEGAL_QID;
	}
	if (*model_reg(m, enabled, d * queues + q, 0) == 0) {
		*enable_bit = DLB2_SYS_INGRESS_ALARM_ENBL__DISABLED_QID;
		return MODEL_AID_SYS_DISABLED_QID;
	}
	*enable_bit = DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_LDB_QID_CFG;
	return MODEL_AID_SYS_ILLEGAL_LDB_QID_CFG;
}

static void
refuse(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcw, enum model_alarm_source source, unsigned int aid,
	uint32_t enable_bit)
{
	m->counters.dropped++;
	model_alarm(m, source, aid, enable_bit, kind, p, hcw);
}

/* Check 1 or 2 failed: the port is closed, or may not send this. */
static void
refuse_command(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcw)
{
	if (m->sched.ports[kind][p].legal == 0)
		refuse(m, kind, p, hcw, MODEL_ALARM_SYS, MODEL_AID_SYS_ILLEGAL_PP,
			DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_PP);
	else
		refuse(m, kind, p, hcw, MODEL_ALARM_SYS, MODEL_AID_SYS_ILLEGAL_HCW,
			DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_HCW);
}

/* Checks 6 to 8. */
static void
refuse_enqueue(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcw)
{
	refuse(m, kind, p, hcw, MODEL_ALARM_CHP, MODEL_AID_CHP_ILLEGAL_ENQUEUE, 0);
}

/*
 * The oldest open event of a port is completed: what it held is given back (data-path 11, 0x2).
 * The CQ's room is brought up to date when the burst is over.
 */
model_inline void
complete(struct dlb2_model *m, struct model_port *port, struct model_history entry)
{
	struct model_sched *s = &m->sched;

	model_history_drop(port);
	port->completed++;
	s->queues[entry.qid].open--;
	if (model_unlikely((s->queue_ok >> entry.qid & 1) == 0))
		model_queue_limit_update(m, entry.qid);
	if (model_unlikely(port->weighed))
		port->load -= model_weight(m, entry.flags);
	if ((entry.sched & DLB2_HCW_SCHED_TYPE) == DLB2_SCHED_ATOMIC)
		model_flow_complete(m, entry.id, entry.qid);
}

model_inline bool
has_sequence_number(struct model_history entry)
{
	return (entry.sched & DLB2_HCW_SCHED_TYPE) == DLB2_SCHED_ORDERED &&
		model_likely(entry.id != MODEL_NONE);
}

/* A completion without an event: an ordered one leaves a hole, which does not block. */
static void
complete_alone(struct dlb2_model *m, struct model_port *port)
{
	struct model_history entry = model_history_oldest(&m->sched, port);

	complete(m, port, entry);
	if (has_sequence_number(entry))
		model_sn_complete(m, entry.id);
}

/* Checks 3 to 5 failed. Whether the completion part still acts is a switch (data-path 11). */
static void
refuse_queue(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcw, uint64_t word)
{
	struct model_port *port = &m->sched.ports[kind][p];
	uint32_t enable_bit;
	unsigned int aid = queue_alarm(m, port->pp_domain, word, &enable_bit);

	refuse(m, kind, p, hcw, MODEL_ALARM_SYS, aid, enable_bit);
	if (m->switches[DLB2_SWITCH_REFUSED_FWD] != 0 && kind == DLB2_LDB &&
			(model_word_command(word) & DLB2_CMD_COMP_BIT) && !model_history_is_empty(port))
		complete_alone(m, port);
}

/* A sequence number takes only so many events (data-path 1.3). */
static bool
has_room_for_piece(const struct dlb2_model *m, struct model_history entry)
{
	return m->sched.sns[entry.id].pieces < m->limits->max_frag_pieces;
}

/* Check 7: a fragment belongs to an ordered event, of which there are not too many pieces. */
static bool
may_fragment(const struct dlb2_model *m, struct model_history entry)
{
	if (m->version == DLB2_HW_2_0 && m->switches[DLB2_SWITCH_FRAGMENTS_2_0] == 0)
		return false;
	return has_sequence_number(entry) && has_room_for_piece(m, entry);
}

/* Checks 6 and 7 for a command that names the oldest open event. */
model_inline bool
open_event_permits(const struct dlb2_model *m, const struct model_port *port, unsigned int cmd)
{
	struct model_history entry = model_history_oldest(&m->sched, port);

	if (model_unlikely(model_history_is_empty(port)))
		return false;
	if (model_unlikely(cmd & DLB2_CMD_FRAG_BIT))
		return may_fragment(m, entry);
	return !has_sequence_number(entry) || has_room_for_piece(m, entry);
}

/* Whether the event of an excess FWD is enqueued although the alarm is raised (data-path 4.3). */
static bool
is_still_enqueued(const struct dlb2_model *m, const struct model_port *port, unsigned int cmd)
{
	return m->switches[DLB2_SWITCH_EXCESS_FWD] != 0 && (cmd & DLB2_CMD_COMP_BIT) &&
		model_history_is_empty(port);
}

/* Where the event of an accepted HCW goes: under a sequence number, or to its queue. */
model_inline void
place_event(struct dlb2_model *m, struct model_port *port, unsigned int cmd, uint16_t event,
	uint64_t word)
{
	struct model_history entry = model_history_oldest(&m->sched, port);

	if (model_unlikely(cmd & DLB2_CMD_FRAG_BIT)) {
		model_sn_append(&m->sched, entry.id, event);
		return;
	}
	if ((cmd & DLB2_CMD_COMP_BIT) && model_likely(!model_history_is_empty(port))) {
		complete(m, port, entry);
		if (has_sequence_number(entry)) {
			model_sn_append(&m->sched, entry.id, event);
			model_sn_complete(m, entry.id);
			return;
		}
	}
	model_event_route(m, event, word);
}

/* DLB2_FAULT_TOKEN_DELAY: these tokens count only after as many lines as the fault has left. */
static bool
delay_tokens(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, unsigned int count)
{
	struct model_port *port = &m->sched.ports[kind][p];
	uint32_t lines = m->faults[DLB2_FAULT_TOKEN_DELAY][kind][p];

	if (!model_fault_take(m, DLB2_FAULT_TOKEN_DELAY, kind, p))
		return false;
	m->sched.late_ports += port->late_tokens == 0;
	port->late_tokens += count;
	port->late_lines = lines;
	return true;
}

static void
return_tokens(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, unsigned int count,
	const struct dlb2_hcw *hcw)
{
	if (model_likely(m->faults_armed == 0) || !delay_tokens(m, kind, p, count))
		model_tokens_return(m, kind, p, count, hcw);
}

/* NEW, FWD, FRAG, with or without token. `word` has the physical queue. */
model_inline void
take_event(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcw, uint64_t word, unsigned int cmd)
{
	struct model_sched *s = &m->sched;
	struct model_port *port = &s->ports[kind][p];
	struct model_domain *domain = &s->domains[port->pp_domain];
	unsigned int pool = model_word_type(word) == DLB2_SCHED_DIRECTED ? s->dir_pool : 0;
	uint64_t sender = p | (kind == DLB2_LDB ? MODEL_SENDER_LDB : 0);
	uint16_t event;

	if (model_unlikely(!model_is_allowed(domain, word))) {
		refuse_queue(m, kind, p, hcw, word);
		return;
	}
	if (kind == DLB2_LDB && (cmd & (DLB2_CMD_COMP_BIT | DLB2_CMD_FRAG_BIT)) &&
			model_unlikely(!open_event_permits(m, port, cmd))) {
		refuse_enqueue(m, kind, p, hcw);
		if (!is_still_enqueued(m, port, cmd))
			return;
	}
	if (model_unlikely(domain->credits[pool] == 0 || s->free_head[pool] == MODEL_NONE)) {
		refuse_enqueue(m, kind, p, hcw);
		return;
	}
	domain->credits[pool]--;
	event = model_event_take(s, pool);
	word = model_word_with_status(word, sender);
	s->events[event].data = hcw->data;
	s->events[event].word = word;
	m->counters.enqueued++;
	if (kind == DLB2_LDB)
		place_event(m, port, cmd, event, word);
	else
		model_event_route(m, event, word);
	if (model_unlikely(cmd & DLB2_CMD_TOKEN))
		return_tokens(m, kind, p, 1, hcw);
}

/* Tokens that a command without an event returns (data-path 3.3). */
static unsigned int
tokens_of(const struct dlb2_model *m, unsigned int cmd, uint64_t word)
{
	if ((cmd & DLB2_CMD_COMP_BIT) && m->switches[DLB2_SWITCH_COMP_T_COUNT] != 0)
		return 1;
	return (model_word_lock(word) & DLB2_HCW_TOKENS) + 1;
}

/* COMP, BAT_T and both at once. */
static void
take_return(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcw, uint64_t word, unsigned int cmd)
{
	struct model_port *port = &m->sched.ports[kind][p];

	if (cmd & DLB2_CMD_COMP_BIT) {
		if (model_history_is_empty(port)) {
			refuse_enqueue(m, kind, p, hcw);
			return;
		}
		complete_alone(m, port);
	}
	if (cmd & DLB2_CMD_TOKEN)
		return_tokens(m, kind, p, tokens_of(m, cmd, word), hcw);
}

/*
 * A vdev's queue number becomes the physical one (control-path 13.4); one that is none becomes a
 * number that no queue has.
 */
static uint64_t
translate_queue(struct dlb2_model *m, unsigned int vdev, uint64_t word)
{
	bool dir = model_word_type(word) == DLB2_SCHED_DIRECTED;
	unsigned int queues = dir ? m->limits->num_dir_ports : m->limits->num_ldb_queues;
	enum dlb2_reg valid = dir ? DLB2_SYS_VF_DIR_VQID_V : DLB2_SYS_VF_LDB_VQID_V;
	enum dlb2_reg map = dir ? DLB2_SYS_VF_DIR_VQID2QID : DLB2_SYS_VF_LDB_VQID2QID;
	unsigned int vq = model_word_qid(word);
	uint64_t q = 0xff;

	if (vq < queues && *model_reg(m, valid, vdev * queues + vq, 0) != 0)
		q = *model_reg(m, map, vdev * queues + vq, 0);
	return model_word_with_qid(word, q);
}

/* The rare things that may befall an HCW before the checks. Returns its word, or 0 to ignore it. */
static uint64_t
prepare_specially(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, int vdev,
	uint64_t word)
{
	unsigned int cmd = model_word_command(word);

	if (m->sched.ports[kind][p].legal == 0)
		return word;
	if ((cmd & DLB2_CMD_COMP_BIT) &&
			model_fault_take(m, DLB2_FAULT_STUCK_INFLIGHT, kind, p))
		word &= ~((uint64_t)DLB2_CMD_COMP_BIT << MODEL_WORD_STATUS_SHIFT);
	if ((cmd & DLB2_CMD_VALID) && vdev >= 0)
		word = translate_queue(m, vdev, word);
	return word;
}

model_inline void
take_hcw(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, int vdev, bool special,
	const struct dlb2_hcw *hcw)
{
	uint64_t word = model_word_of(hcw);
	unsigned int cmd = model_word_command(word);

	m->counters.hcws[cmd]++;
	if (model_unlikely(special)) {
		word = prepare_specially(m, kind, p, vdev, word);
		cmd = model_word_command(word);
	}
	if (cmd == DLB2_CMD_NOOP)
		return;
	if (model_unlikely(!(m->sched.ports[kind][p].legal >> cmd & 1)))
		refuse_command(m, kind, p, hcw);
	else if (cmd & DLB2_CMD_VALID)
		take_event(m, kind, p, hcw, word, cmd);
	else if (cmd == DLB2_CMD_ARM)
		model_cq_arm(m, kind, p);
	else
		take_return(m, kind, p, hcw, word, cmd);
}

/* Lets delayed tokens of a port take effect whose lines have passed. */
static void
count_late_lines(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	struct model_port *port = &m->sched.ports[kind][p];
	uint32_t tokens = port->late_tokens;

	if (tokens == 0 || port->late_lines-- > 0)
		return;
	port->late_tokens = 0;
	m->sched.late_ports--;
	model_tokens_return(m, kind, p, tokens, &(struct dlb2_hcw){ .cmd = DLB2_CMD_BAT_T });
}

/* HCWs that faults or a vdev's numbers concern. */
static void
take_burst(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, int vdev,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	unsigned int k;

	for (k = 0; k < n; k++)
		take_hcw(m, kind, p, vdev, true, &hcws[k]);
}

/* Whether there are several lines, or several HCWs in the only one. */
model_inline bool
is_worth_it(const struct dlb2_hcw *hcws, unsigned int n)
{
	return n > DLB2_HCWS_PER_LINE ||
		(n >= MODEL_FAST_MIN && (hcws[MODEL_FAST_MIN - 1].cmd & DLB2_CMD_VALID) != 0);
}

/* The short way as far as it goes, and again after the line with the HCW that is not for it. */
model_inline void
take_common_burst(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	unsigned int k = 0;

	while (k < n) {
		if (is_worth_it(&hcws[k], n - k))
			k += model_fast_take(m, kind, p, &hcws[k], n - k);
		while (k < n) {
			take_hcw(m, kind, p, -1, false, &hcws[k++]);
			if (k % DLB2_HCWS_PER_LINE == 0)
				break;
		}
	}
}

/* Completions and token returns of a burst may have made room. */
static void
finish_burst(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p, int64_t completed)
{
	const struct model_port *port = &m->sched.ports[kind][p];

	m->counters.completed += port->completed - completed;
	if (!model_cq_is_ready(&m->sched, kind, p) || port->watched)
		model_room_update(m, kind, p);
}

void
model_ingest(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n)
{
	int64_t completed = m->sched.ports[kind][p].completed;
	bool special = m->faults_armed != 0;
	int vdev = -1;

	if (model_unlikely(m->source.vf >= 0 || !m->sched.ports[kind][p].is_pf)) {
		vdev = model_port_vdev(m, kind, p);
		special = special || vdev >= 0;
	}
	if (model_unlikely(m->sched.late_ports != 0))
		count_late_lines(m, kind, p);
	if (model_unlikely(special))
		take_burst(m, kind, p, vdev, hcws, n);
	else if (kind == DLB2_LDB)
		take_common_burst(m, DLB2_LDB, p, hcws, n);
	else
		take_common_burst(m, DLB2_DIR, p, hcws, n);
	finish_burst(m, kind, p, completed);
}

/* One line at a time: some wait for lines to pass, and with a switch neighbours change places. */
static void
post_specially(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_line *lines, unsigned int n)
{
	bool may_swap = m->switches[DLB2_SWITCH_LINE_ORDER] != 0 && m->sched.random != 0;
	unsigned int k = 0;

	while (k < n) {
		bool swap = may_swap && k + 1 < n && model_random(&m->sched, 2);

		model_ingest(m, kind, p, lines[k + swap].hcw, DLB2_HCWS_PER_LINE);
		if (swap)
			model_ingest(m, kind, p, lines[k].hcw, DLB2_HCWS_PER_LINE);
		k += 1 + swap;
	}
}

static void
refuse_post(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int p)
{
	m->counters.bad_accesses++;
	model_report(m, "post to port %u of kind %u, which does not exist", p, kind);
}

void
dlb2_model_post(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_line *lines, unsigned int n)
{
	m->counters.lines += n;
	if ((unsigned int)kind >= DLB2_NUM_PORT_KINDS || port >= model_ports(m, kind)) {
		refuse_post(m, kind, port);
		return;
	}
	if (model_is_gone(m) || !model_memory_open(m) ||
			!model_power_reaches(m, DLB2_SYS_LDB_PP_V))
		return;
	if (model_unlikely(m->faults_armed != 0 || m->sched.late_ports != 0 ||
			m->switches[DLB2_SWITCH_LINE_ORDER] != 0))
		post_specially(m, kind, port, lines, n);
	else
		model_ingest(m, kind, port, lines->hcw, n * DLB2_HCWS_PER_LINE);
}
