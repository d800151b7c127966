/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See datapath_oracle.h. Nothing of the driver's translation or tables may be used here: bits are
 * taken from the members of struct rte_event, and commands are numbers of data-path 1.2.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "datapath_oracle.h"

#define NO_QUEUE 128 /* of an entry whose queue or type nobody knows */
#define NO_TYPE 3
#define MAX_DELAYED_TOKENS 3 /* a full line with fewer owed carries none */

enum {
	NOOP = 0x0,
	BAT_T = 0x1,
	COMP = 0x2,
	NEW = 0x8,
	FWD = 0xa,
	TOKEN_BIT = 0x1,
	COMP_BIT = 0x2,
};

void
oracle_init(struct oracle *o, const struct fake_port *port, bool weight, unsigned int limit)
{
	memset(o, 0, sizeof(*o));
	o->port = port;
	o->weight = weight;
	o->limit = limit;
}

static bool
is_directed(const struct oracle *o)
{
	return o->port->conf.kind == DLB2_DIR;
}

/* A directed port has no other (data-path 3.4). */
static enum rte_pmd_dlb2_token_pop_mode
mode_of(const struct oracle *o)
{
	return is_directed(o) ? RTE_PMD_DLB2_AUTO_POP : o->port->conf.token_pop_mode;
}

void
oracle_delivered(struct oracle *o, struct dlb2_cq_entry entry)
{
	assert_true(o->unread < RTE_DIM(o->cq));
	o->cq[(o->first + o->unread++) % RTE_DIM(o->cq)] = entry;
}

static void
expect(struct oracle *o, struct dlb2_hcw hcw)
{
	assert_true(o->num_expected < RTE_DIM(o->expected));
	o->expected[o->num_expected++] = hcw;
}

static void
hold(struct oracle *o, bool open)
{
	assert_true(o->num_held < ORACLE_MAX_HELD);
	o->held[(o->oldest + o->num_held++) % ORACLE_MAX_HELD] = open;
	o->open += open;
}

static void
forget_oldest(struct oracle *o)
{
	o->open -= o->held[o->oldest % ORACLE_MAX_HELD];
	o->oldest++;
	o->num_held--;
}

/*
 * The application is done with its oldest event. Entries with the error bit that came after it are
 * completed in their turn (data-path 2.1, 4.2).
 */
static void
complete_oldest(struct oracle *o, struct dlb2_hcw hcw)
{
	if (is_directed(o)) {
		o->open--;
		if (hcw.cmd != COMP)
			expect(o, hcw);
		return;
	}
	expect(o, hcw);
	forget_oldest(o);
	while (o->num_held > 0 && !o->held[o->oldest % ORACLE_MAX_HELD]) {
		expect(o, (struct dlb2_hcw){.cmd = COMP});
		forget_oldest(o);
	}
}

/* Event queue and scheduling type that a load-balanced entry comes from. */
static void
source_of(const struct dlb2_cq_entry *entry, struct rte_event *ev)
{
	static const uint8_t types[] = {RTE_SCHED_TYPE_ATOMIC, RTE_SCHED_TYPE_PARALLEL,
					RTE_SCHED_TYPE_ORDERED};
	const unsigned int type = entry->sched & 3;
	unsigned int queue;

	ev->queue_id = NO_QUEUE;
	ev->sched_type = NO_TYPE;
	for (queue = 0; queue < FAKE_NUM_QUEUES; queue++) {
		if (queue == FAKE_DIRECTED_QUEUE || fake_queue_hw_id[queue] != entry->qid ||
		    type > 2)
			continue;
		ev->queue_id = queue;
		ev->sched_type = types[type];
	}
}

/* data-path 9: the opaque half-word is the upper half of the event's first 32 bits. */
static struct rte_event
load_balanced_event(const struct dlb2_cq_entry *entry)
{
	struct rte_event ev = {.event = (uint64_t)entry->opaque << 16 | entry->flow_id};

	source_of(entry, &ev);
	ev.priority = (entry->sched >> 2 & 7) << 5;
	return ev;
}

/*
 * data-path 2.4: bytes 10 and 11 are the sender's lock_id. Bits 12:10 of it are the priority, and
 * those of the flow are at the lower end of the opaque half-word.
 */
static struct rte_event
directed_event(const struct dlb2_cq_entry *entry)
{
	const unsigned int lock_id = entry->sched << 8 | entry->qid;
	struct rte_event ev = {.queue_id = FAKE_DIRECTED_QUEUE,
			       .sched_type = RTE_SCHED_TYPE_ATOMIC};

	ev.flow_id = (lock_id & 0xe3ff) | (entry->opaque & 7) << 10;
	ev.sub_event_type = entry->opaque >> 4;
	ev.event_type = entry->opaque >> 12;
	ev.priority = (lock_id >> 10 & 7) << 5;
	return ev;
}

static void
count_received(struct oracle *o, const struct rte_event *ev, unsigned int depth)
{
	static const enum dlb2_port_counter by_type[] = {
		[RTE_SCHED_TYPE_ATOMIC] = DLB2_PORT_RX_SCHED_ATOMIC,
		[RTE_SCHED_TYPE_ORDERED] = DLB2_PORT_RX_SCHED_ORDERED,
		[RTE_SCHED_TYPE_PARALLEL] = DLB2_PORT_RX_SCHED_UNORDERED,
		[NO_TYPE] = DLB2_PORT_RX_SCHED_INVALID,
	};

	o->counters[DLB2_PORT_RX_OK]++;
	o->counters[is_directed(o) ? DLB2_PORT_RX_SCHED_DIRECTED : by_type[ev->sched_type]]++;
	if (ev->queue_id < FAKE_NUM_QUEUES)
		o->queues[ev->queue_id].received_by_depth[depth]++;
}

static void
read_good(struct oracle *o, const struct dlb2_cq_entry *entry, const struct rte_event *got)
{
	struct rte_event ev = is_directed(o) ? directed_event(entry) : load_balanced_event(entry);
	const unsigned int depth = entry->status >> 1 & 3;

	ev.op = RTE_EVENT_OP_NEW;
	ev.rsvd = depth;
	ev.u64 = entry->data;
	assert_int_equal(got->event, ev.event);
	assert_int_equal(got->u64, ev.u64);
	count_received(o, &ev, depth);
	if (is_directed(o))
		o->open++;
	else
		hold(o, true);
}

static void
read_bad(struct oracle *o)
{
	o->counters[DLB2_PORT_RX_DROP]++;
	o->alive--;
	if (is_directed(o))
		return;
	if (o->num_held > 0)
		hold(o, false);
	else
		expect(o, (struct dlb2_hcw){.cmd = COMP});
}

/* Goes through the entries that were read. Returns how many. */
static unsigned int
read_entries(struct oracle *o, const struct rte_event ev[], unsigned int got, unsigned int drops)
{
	unsigned int i = 0, read = 0;

	for (; i < got || drops > 0; read++) {
		const struct dlb2_cq_entry *entry = &o->cq[o->first % RTE_DIM(o->cq)];

		assert_true(o->unread > 0);
		o->first++;
		o->unread--;
		if (entry->status & DLB2_CQ_ERROR) {
			assert_true(drops-- > 0);
			read_bad(o);
		} else {
			assert_true(i < got);
			read_good(o, entry, &ev[i++]);
		}
	}
	return read;
}

/* Everything that the application has is completed, in one go. Returns how many HCWs. */
static unsigned int
release_implicitly(struct oracle *o)
{
	unsigned int before = o->num_expected;

	if (!o->port->conf.implicit_release)
		return 0;
	o->counters[DLB2_PORT_TX_IMPLICIT_REL] += o->open;
	o->alive -= o->open;
	if (is_directed(o))
		o->open = 0;
	while (o->open > 0) /* drops among them go with them */
		complete_oldest(o, (struct dlb2_hcw){.cmd = COMP});
	return o->num_expected - before;
}

/* One HCW that returns tokens; at most `most` may be returned now. */
static unsigned int
tokens_of(const struct dlb2_hcw *hcw, unsigned int most)
{
	unsigned int tokens = hcw->cmd & TOKEN_BIT;

	if (hcw->cmd == BAT_T) {
		const struct dlb2_hcw plain = {.cmd = BAT_T, .lock_id = hcw->lock_id};

		assert_memory_equal(hcw, &plain, sizeof(plain));
		assert_int_equal(hcw->lock_id >> 10, 0);
		tokens = hcw->lock_id + 1;
	}
	assert_true(tokens <= most);
	return tokens;
}

/*
 * data-path 3.4, DELAYED: all tokens go back just before the completion that is as many as the port
 * may dequeue at a time, and never else. `batch` is what the HCW before returned.
 */
static void
check_delayed(struct oracle *o, const struct dlb2_hcw *hcw, unsigned int batch, unsigned int owed)
{
	if (mode_of(o) != RTE_PMD_DLB2_DELAYED_POP || hcw->cmd == BAT_T)
		return;
	assert_int_equal(hcw->cmd & TOKEN_BIT, 0);
	if ((hcw->cmd & COMP_BIT) != 0 && ++o->issued == o->port->conf.dequeue_depth) {
		o->issued = 0;
		assert_int_equal(owed, 0);
	} else {
		assert_int_equal(batch, 0);
	}
}

/* In each line the HCWs come first. */
static void
check_lines(const struct dlb2_hcw hcws[], unsigned int n)
{
	unsigned int i, used = 0;

	for (i = 0; i < n; i++) {
		if (i % 4 == 0)
			assert_int_not_equal(hcws[i].cmd, NOOP);
		else if (hcws[i].cmd != NOOP)
			assert_int_not_equal(hcws[i - 1].cmd, NOOP);
		used += hcws[i].cmd != NOOP;
	}
	/* Nor is a line more than half wasted, but at the ends: of releases, of pieces, of tokens. */
	assert_true(n <= RTE_ALIGN_CEIL(used, 4) + 3 * 4);
}

/*
 * Compares what was sent with what had to be. The tokens of the first `early` HCWs are of what was
 * owed before the call; `read` entries were read after them.
 */
static void
check_sent(struct oracle *o, unsigned int early, unsigned int read)
{
	static const struct dlb2_hcw noop;
	const struct dlb2_hcw *hcws = o->port->hcws;
	unsigned int i, tokens, batch = 0, at = 0, owed = o->owed;

	check_lines(hcws, o->port->num_hcws);
	for (i = 0; i < o->port->num_hcws; i++) {
		struct dlb2_hcw hcw = hcws[i];

		if (hcw.cmd == NOOP) {
			assert_memory_equal(&hcw, &noop, sizeof(noop));
			continue;
		}
		if (at == early && read > 0) {
			owed += read;
			read = 0;
		}
		tokens = tokens_of(&hcw, owed);
		owed -= tokens;
		check_delayed(o, &hcw, batch, owed);
		batch = hcw.cmd == BAT_T ? tokens : 0;
		if (hcw.cmd == BAT_T)
			continue;
		hcw.cmd &= ~TOKEN_BIT;
		assert_true(at < o->num_expected);
		assert_memory_equal(&hcw, &o->expected[at], sizeof(hcw));
		at++;
	}
	assert_int_equal(at, o->num_expected);
	o->owed = owed + read;
	o->num_expected = 0;
}

/* DEFERRED returns what is owed before it reads; AUTO keeps no more than half of the CQ. */
static void
check_owed_after_dequeue(const struct oracle *o, unsigned int got, unsigned int read)
{
	if (mode_of(o) == RTE_PMD_DLB2_DEFERRED_POP)
		assert_int_equal(o->owed, read);
	else if (mode_of(o) == RTE_PMD_DLB2_AUTO_POP)
		assert_true(o->owed <= (got > 0 ? o->port->conf.cq_depth / 2 : 0));
}

void
oracle_dequeued(struct oracle *o, unsigned int n, const struct rte_event ev[], unsigned int got)
{
	const unsigned int drops = dlb2_dp_port_counter(o->port->dp, DLB2_PORT_RX_DROP) -
		o->counters[DLB2_PORT_RX_DROP];
	unsigned int released, read;

	n = RTE_MIN(n, o->port->conf.dequeue_depth);
	assert_true(got <= n);
	released = release_implicitly(o);
	read = read_entries(o, ev, got, drops);
	/* Only a bad entry, or none, ends a burst. */
	if (got == 0)
		assert_int_equal(o->unread, 0);
	else if (got < n && o->unread > 0)
		assert_true((o->cq[o->first % RTE_DIM(o->cq)].status & DLB2_CQ_ERROR) != 0);
	check_sent(o, released, read);
	check_owed_after_dequeue(o, got, read);
	o->counters[DLB2_PORT_TOTAL_POLLS]++;
	o->counters[DLB2_PORT_ZERO_POLLS] += got == 0;
}

/* Type under which the device is given an event, or -1 if its queue does not take it. */
static int
type_for(const struct rte_event *ev)
{
	if (ev->queue_id >= FAKE_NUM_QUEUES || ev->sched_type == NO_TYPE)
		return -1;
	if (ev->queue_id == FAKE_DIRECTED_QUEUE)
		return DLB2_SCHED_DIRECTED;
	if (ev->sched_type == RTE_SCHED_TYPE_ATOMIC)
		return DLB2_SCHED_ATOMIC;
	/* A queue with sequence numbers has no unordered events, another one no ordered ones. */
	if (ev->queue_id == FAKE_ORDERED_QUEUE)
		return DLB2_SCHED_ORDERED;
	return ev->sched_type == RTE_SCHED_TYPE_PARALLEL ? DLB2_SCHED_UNORDERED : -1;
}

/* data-path 1.1, 2.4, 9. */
static struct dlb2_hcw
hcw_for(const struct oracle *o, const struct rte_event *ev, int type, uint8_t cmd)
{
	const unsigned int flow = ev->flow_id, priority = ev->priority >> 5;
	struct dlb2_hcw hcw = {
		.data = ev->u64,
		.opaque = ev->event_type << 12 | ev->sub_event_type << 4 | flow >> 16,
		.qid = fake_queue_hw_id[ev->queue_id],
		.sched = priority << 2 | type,
		.lock_id = flow,
		.flags = o->weight ? (ev->rsvd >> 2) << 1 : 0,
		.cmd = cmd,
	};

	if (type == DLB2_SCHED_DIRECTED) {
		hcw.lock_id = (flow & 0xe3ff) | priority << 10;
		hcw.opaque = (hcw.opaque & 0xfff0) | (flow >> 10 & 7);
	}
	return hcw;
}

static void
count_sent(struct oracle *o, const struct rte_event *ev, int type)
{
	static const enum dlb2_port_counter by_type[] = {
		[DLB2_SCHED_ATOMIC] = DLB2_PORT_TX_SCHED_ATOMIC,
		[DLB2_SCHED_UNORDERED] = DLB2_PORT_TX_SCHED_UNORDERED,
		[DLB2_SCHED_ORDERED] = DLB2_PORT_TX_SCHED_ORDERED,
		[DLB2_SCHED_DIRECTED] = DLB2_PORT_TX_SCHED_DIRECTED,
	};

	o->counters[DLB2_PORT_TX_OK]++;
	o->counters[by_type[type]]++;
	o->queues[ev->queue_id].enqueued++;
	o->queued++;
}

/* The op that is meant: the crypto adapter forwards what it never received (dlb2_enqueue.c). */
static int
op_of(const struct oracle *o, const struct rte_event *ev, int op)
{
	if (op < 0)
		op = ev->op;
	if (op == RTE_EVENT_OP_FORWARD && o->open == 0 &&
	    ev->event_type == RTE_EVENT_TYPE_CRYPTODEV)
		return RTE_EVENT_OP_NEW;
	return op;
}

/* Whether the port must refuse this event with EINVAL. */
static bool
is_wrong(const struct oracle *o, const struct rte_event *ev, int op)
{
	op = op_of(o, ev, op);
	if (op > RTE_EVENT_OP_RELEASE || (op != RTE_EVENT_OP_NEW && o->open == 0))
		return true;
	return op != RTE_EVENT_OP_RELEASE && type_for(ev) < 0;
}

static void
accept(struct oracle *o, const struct rte_event *ev, int op)
{
	const int type = type_for(ev);

	assert_false(is_wrong(o, ev, op));
	op = op_of(o, ev, op);
	if (op == RTE_EVENT_OP_RELEASE) {
		o->counters[DLB2_PORT_TX_OK]++;
		o->counters[DLB2_PORT_TX_REL]++;
		o->alive--;
		complete_oldest(o, (struct dlb2_hcw){.cmd = COMP});
		return;
	}
	count_sent(o, ev, type);
	if (op == RTE_EVENT_OP_NEW) {
		o->counters[DLB2_PORT_TX_NEW]++;
		assert_true(o->alive++ < o->limit);
		expect(o, hcw_for(o, ev, type, NEW));
		return;
	}
	o->counters[DLB2_PORT_TX_FWD]++;
	complete_oldest(o, hcw_for(o, ev, type, is_directed(o) ? NEW : FWD));
}

/* Why the event after those that were accepted was not. */
static void
check_refusal(struct oracle *o, const struct rte_event *ev, int op, unsigned int sent, int err)
{
	if (sent == o->port->conf.enqueue_depth) {
		assert_int_equal(err, ENOSPC);
	} else if (is_wrong(o, ev, op)) {
		assert_int_equal(err, EINVAL);
		if (op_of(o, ev, op) != RTE_EVENT_OP_RELEASE && ev->sched_type == NO_TYPE &&
		    op_of(o, ev, op) <= RTE_EVENT_OP_RELEASE &&
		    (op_of(o, ev, op) == RTE_EVENT_OP_NEW || o->open > 0))
			o->counters[DLB2_PORT_TX_INVALID]++;
	} else {
		/* Idle ports keep at most half of the credits. */
		assert_int_equal(err, ENOSPC);
		assert_int_equal(op_of(o, ev, op), RTE_EVENT_OP_NEW);
		assert_true(o->alive >= o->limit / 2);
	}
}

/* AUTO: tokens ride in lines that are sent anyway; other modes send none here, or have been seen. */
static void
check_owed_after_enqueue(const struct oracle *o, unsigned int before, unsigned int hcws)
{
	const unsigned int n = o->port->num_hcws;

	if (mode_of(o) == RTE_PMD_DLB2_DEFERRED_POP)
		assert_int_equal(o->owed, before);
	if (mode_of(o) != RTE_PMD_DLB2_AUTO_POP || n == 0)
		return;
	if (o->port->hcws[n - 1].cmd == NOOP)
		assert_int_equal(o->owed, 0);
	else
		assert_true(o->owed <= (before > hcws ? before - hcws : 0) ||
			    o->owed <= MAX_DELAYED_TOKENS);
}

void
oracle_enqueued(struct oracle *o, const struct rte_event ev[], unsigned int n, int op,
		unsigned int sent, int err)
{
	const unsigned int owed = o->owed;
	unsigned int i, hcws;

	assert_true(sent <= RTE_MIN(n, o->port->conf.enqueue_depth));
	for (i = 0; i < sent; i++)
		accept(o, &ev[i], op);
	if (sent < n)
		check_refusal(o, &ev[sent], op, sent, err);
	hcws = o->num_expected;
	check_sent(o, hcws, 0);
	check_owed_after_enqueue(o, owed, hcws);
}

void
oracle_compare(const struct oracle *o)
{
	struct dlb2_port_queue_counters queue;
	struct dlb2_dp_port_state state;
	unsigned int i;

	for (i = 0; i < DLB2_PORT_NUM_COUNTERS; i++) {
		if (i < DLB2_PORT_TX_NOSPC_LDB_HW_CREDITS ||
		    i > DLB2_PORT_TX_NOSPC_INFLIGHT_CREDITS) /* how often it tried is its own */
			assert_int_equal(dlb2_dp_port_counter(o->port->dp, i), o->counters[i]);
	}
	for (i = 0; i < FAKE_NUM_QUEUES; i++) {
		dlb2_dp_port_queue_counters(o->port->dp, i, &queue);
		assert_memory_equal(&queue, &o->queues[i], sizeof(queue));
	}
	dlb2_dp_port_state(o->port->dp, &state);
	assert_int_equal(state.open, o->open);
	assert_int_equal(state.owed, o->owed);
}
