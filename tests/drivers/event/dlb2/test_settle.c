/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A port whose process died in a burst, for every instruction of the burst that may have been its
 * last: the burst is single-stepped, and what each instruction left is kept. What the device would
 * know then is counted from the lines that were sent; from that and from what the port is left
 * with, everything has to come right again: each event that is not completed is handed over, once
 * and in order; all completions and tokens go back, not one more; no credit comes into being, and
 * few are lost.
 */
#include <signal.h>
#include <string.h>

#include "one_port.h"

#include "dlb2_datapath_priv.h"

#define DEPTH 8
#define DELIVERED 13 /* more than the ring: positions have wrapped */
#ifdef __SANITIZE_ADDRESS__
#define MAX_STEPS 20000 /* the sanitizers' checks are steps, too */
#else
#define MAX_STEPS 4000
#endif

#define STEP_ON \
	__asm__ volatile("sub $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq; add $128, %%rsp" \
			 : \
			 : \
			 : "cc", "memory")
#define STEP_OFF \
	__asm__ volatile("sub $128, %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; add $128, %%rsp" \
			 : \
			 : \
			 : "cc", "memory")

/* What the burst is made of, besides enqueue and dequeue. */
enum own_call { NO_OWN_CALL, FRAGMENTS, RELEASE_ATOMIC, ENQUEUE_RELEASED };

/* A kind of port, and the burst that it dies in. */
struct scenario {
	enum own_call call;
	enum dlb2_port_kind kind;
	enum rte_pmd_dlb2_token_pop_mode mode;
	bool implicit_release, reorder, metered, forward;
	unsigned int bad;     /* entry that has the error bit; 0: none */
	unsigned int release; /* of the events dequeued before, the oldest are released before */
	unsigned int num;     /* events of the burst */
	const char *ops;      /* of an enqueue: N, F, R, the last for all that follow; NULL: dequeue */
};

/* What the device would know. */
struct truth {
	unsigned int completed, tokens, news, forwards;
};

/* All that a burst changes, as one instruction left it. */
struct snapshot {
	struct dlb2_dp_port dp;
	struct dlb2_credit_pool pools[DLB2_NUM_POOLS];
	struct dlb2_pp_channel channel;
	uint8_t reorder[8192];
};

static struct fake_port *port;
static unsigned int given[2 * DELIVERED], num_given, num_waiting;
static struct snapshot *snapshots;
static volatile unsigned int num_snapshots;

static void
save(struct snapshot *s)
{
	s->dp = *port->dp;
	memcpy(s->pools, dev->dp->pools, sizeof(s->pools));
	s->channel = *port->channel;
	if (port->conf.reorder != NULL)
		memcpy(s->reorder, port->conf.reorder, dlb2_dp_reorder_size());
}

static void
restore(const struct snapshot *s)
{
	*port->dp = s->dp;
	memcpy(dev->dp->pools, s->pools, sizeof(s->pools));
	*port->channel = s->channel;
	if (port->conf.reorder != NULL)
		memcpy(port->conf.reorder, s->reorder, dlb2_dp_reorder_size());
}

static void
on_step(int sig)
{
	if (num_snapshots < MAX_STEPS)
		save(&snapshots[num_snapshots++]);
}

static void
count_lines(struct truth *truth)
{
	unsigned int i, n = fake_collect(port);

	memset(truth, 0, sizeof(*truth));
	for (i = 0; i < n; i++) {
		uint8_t cmd = port->hcws[i].cmd;

		truth->news += cmd >> 1 == DLB2_CMD_NEW >> 1 || cmd >> 1 == DLB2_CMD_FRAG >> 1;
		truth->forwards += cmd >> 1 == DLB2_CMD_FWD >> 1;
		truth->completed += (cmd & DLB2_CMD_COMP_BIT) != 0;
		if (cmd & DLB2_CMD_TOKEN)
			truth->tokens += cmd == DLB2_CMD_BAT_T ? port->hcws[i].lock_id + 1 : 1;
	}
}

static struct dlb2_cq_entry
make_entry(const struct scenario *s, unsigned int n)
{
	struct dlb2_cq_entry entry = fake_entry(n);

	if (s->bad > 0 && n == s->bad)
		entry.status |= DLB2_CQ_ERROR;
	if (s->call == FRAGMENTS) {
		entry.qid = fake_queue_hw_id[FAKE_ORDERED_QUEUE];
		entry.sched = DLB2_SCHED_ORDERED;
	}
	return entry;
}

/*
 * Puts the device where the burst begins. Thirteen events come: six are dequeued and released
 * before the others arrive, three are dequeued, four wait.
 */
static void
prepare(const struct scenario *s)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(DEPTH);
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	conf.ldb_credits = s->metered ? 100 : 4096;
	conf.num_events_limit = 1000;
	port_conf.kind = s->kind;
	port_conf.token_pop_mode = s->mode;
	port_conf.implicit_release = s->implicit_release;
	port_conf.new_event_threshold = 1000;
	if (s->reorder)
		port_conf.reorder = calloc(1, dlb2_dp_reorder_size());
	port = start_with(&conf, &port_conf);
	/* Others have sent these. */
	dev->dp->pools[DLB2_POOL_EVENTS].taken = DELIVERED;
	dev->dp->pools[DLB2_POOL_LDB].taken = s->metered ? DELIVERED : 0;

	for (i = 0; i < 6; i++)
		fake_deliver(port, make_entry(s, i));
	assert_int_equal(dequeue(port, ev, 6), 6);
	for (i = 0; i < 6; i++)
		ev[i].op = RTE_EVENT_OP_RELEASE;
	assert_int_equal(ops->enqueue_burst(port->dp, ev, 6), 6);
	dlb2_return_tokens(port->dp);
	for (; i < DELIVERED; i++)
		fake_deliver(port, make_entry(s, i));
}

/* The three events that the application has when it begins its last burst. */
static void
dequeue_three(const struct scenario *s, struct rte_event ev[])
{
	unsigned int i;

	assert_int_equal(dequeue(port, ev, 3), 3);
	for (i = 0; i < s->release; i++) {
		ev[i].op = RTE_EVENT_OP_RELEASE;
		assert_int_equal(ops->enqueue_burst(port->dp, &ev[i], 1), 1);
	}
}

static void
fill_burst(const struct scenario *s, struct rte_event ev[])
{
	const char *op = s->ops;
	unsigned int i;

	for (i = 0; i < s->num; i++) {
		ev[i].op = *op == 'N' ? RTE_EVENT_OP_NEW
			: *op == 'F'  ? RTE_EVENT_OP_FORWARD
				      : RTE_EVENT_OP_RELEASE;
		ev[i].queue_id = FAKE_ATOMIC_QUEUE;
		ev[i].sched_type = RTE_SCHED_TYPE_ATOMIC;
		op += op[1] != '\0';
	}
	if (s->reorder) { /* the other way round: completions have to wait */
		struct rte_event first = ev[0];

		ev[0] = ev[s->num - 1];
		ev[s->num - 1] = first;
	}
}

static int
call_driver(const struct scenario *s, const struct rte_event *event, const struct rte_event ev[])
{
	int ret;

	assert_true(dlb2_dp_port_enter(port->dp, s->num));
	if (s->call == FRAGMENTS)
		ret = dlb2_dp_enqueue_fragments(port->dp, event, ev, s->num);
	else if (s->call == RELEASE_ATOMIC)
		ret = dlb2_dp_release_atomic(port->dp, ev, s->num);
	else
		ret = dlb2_dp_enqueue_released(port->dp, ev, s->num);
	dlb2_dp_port_leave(port->dp);
	return ret;
}

/* What is done before an own call, whose events are those of fill_burst() or as dequeued. */
static void
prepare_call(const struct scenario *s, const struct rte_event dequeued[], struct rte_event ev[])
{
	if (s->call == RELEASE_ATOMIC)
		memcpy(ev, dequeued, s->num * sizeof(*ev));
	if (s->call == ENQUEUE_RELEASED)
		assert_int_equal(dlb2_dp_release_atomic(port->dp, dequeued, s->num), 0);
}

/* Takes a snapshot after each instruction. */
static void
run_burst(const struct scenario *s, const struct rte_event *event, struct rte_event ev[])
{
	struct sigaction action = {.sa_handler = on_step};
	const struct dlb2_dp_ops *guarded = dlb2_dp_guarded_ops();
	int ret;

	assert_int_equal(sigaction(SIGTRAP, &action, NULL), 0);
	num_snapshots = 0;
	if (s->call != NO_OWN_CALL) {
		STEP_ON;
		ret = call_driver(s, event, ev);
		STEP_OFF;
		assert_int_equal(ret, 0);
	} else if (s->ops == NULL) {
		STEP_ON;
		guarded->dequeue_burst(port->dp, ev, s->num, 0);
		STEP_OFF;
	} else {
		STEP_ON;
		guarded->enqueue_burst(port->dp, ev, s->num);
		STEP_OFF;
	}
	assert_in_range(num_snapshots, 10, MAX_STEPS - 1);
}

static void
take_over(uint8_t dev_id, uint8_t port_id, struct rte_event *ev,
	  enum rte_pmd_dlb2_reclaim_state state, void *arg)
{
	const struct scenario *s = arg;

	assert_int_equal(ev->op, RTE_EVENT_OP_RELEASE);
	assert_true(state == RTE_PMD_DLB2_RECLAIM_WAITING || num_waiting == 0);
	num_waiting += state == RTE_PMD_DLB2_RECLAIM_WAITING;
	given[num_given++] = ev->u64;
	if (s->forward) {
		ev->op = RTE_EVENT_OP_FORWARD;
		ev->queue_id = FAKE_ORDERED_QUEUE;
		ev->sched_type = RTE_SCHED_TYPE_ORDERED;
	}
}

/*
 * Whether nobody can know what was in entry `n`: its token is back, and the device has come to its
 * line again, which with sparse lines is never so here.
 */
static bool
is_gone(const struct truth *truth, unsigned int n)
{
	const unsigned int per_line = sizeof(struct dlb2_line) / dlb2_cq_stride(fake_layout());

	return n < truth->tokens && n - n % per_line + DEPTH < port->written;
}

/* The first event that is handed over if all from `n` on are open. */
static unsigned int
first_left(const struct truth *truth, unsigned int n)
{
	while (is_gone(truth, n))
		n++;
	return n;
}

static void
reclaim(const struct scenario *s, const struct truth *truth)
{
	struct dlb2_reclaim to = {.callback = take_over, .arg = (void *)(uintptr_t)s};
	unsigned int inflights = s->kind == DLB2_LDB ? DELIVERED - truth->completed : 0;
	unsigned int unread;

	num_given = num_waiting = 0;
	unread = dlb2_dp_port_settle(port->dp, inflights, DELIVERED - truth->tokens);
	assert_int_equal(dlb2_dp_port_reclaim(port->dp, unread, &to), 0);
	assert_int_equal(to.count.open + to.count.waiting, num_given);
	assert_int_equal(to.count.waiting, num_waiting);
	if (s->kind == DLB2_LDB)
		assert_int_equal(to.count.overwritten,
				 first_left(truth, truth->completed) - truth->completed);
}

/* What the device has not completed is handed over, oldest first, but for the bad entry. */
static void
check_given(const struct scenario *s, const struct truth *died)
{
	unsigned int i, n = 0;

	for (i = first_left(died, died->completed); i < DELIVERED; i++) {
		if (s->bad > 0 && i == s->bad)
			continue;
		assert_int_equal(given[n++], i);
	}
	assert_int_equal(num_given, n);
}

/* A directed port: nothing that the burst cannot have been done with is missing. */
static void
check_given_dir(const struct scenario *s, const struct truth *died)
{
	unsigned int done = s->implicit_release ? 3 : s->ops == NULL || *s->ops == 'N' ? 0 : s->num;
	unsigned int i, k;

	for (i = first_left(died, 6 + done); i < DELIVERED; i++) {
		for (k = 0; k < num_given && given[k] != i; k++)
			;
		assert_true(k < num_given);
	}
	for (i = 1; i < num_given; i++)
		assert_int_equal(given[i], given[i - 1] + 1);
}

/*
 * A death takes credits only from what was just being refilled, and paid for, or given back: never
 * from a dequeue without implicit release or a run of FORWARD.
 */
static unsigned int
most_lost(const struct scenario *s, enum dlb2_pool pool)
{
	if (pool != DLB2_POOL_EVENTS)
		return s->num + port->dp->quanta[pool];
	if (s->call != NO_OWN_CALL)
		return s->num + port->dp->quanta[pool];
	if (s->ops == NULL)
		return s->implicit_release ? 3 : 0;
	if (*s->ops == 'F' && s->ops[1] == '\0' && s->mode == RTE_PMD_DLB2_AUTO_POP &&
	    s->kind == DLB2_LDB && !s->metered && !s->reorder)
		return 0;
	return s->num + (*s->ops == 'N' ? port->dp->quanta[pool] : 0);
}

/* `left` events are in the system, all of them past this port. */
static void
check_credits(const struct scenario *s, enum dlb2_pool pool, unsigned int left)
{
	unsigned int taken = dlb2_pool_taken(&dev->dp->pools[pool]);

	assert_in_range(taken, left, left + most_lost(s, pool));
}

static void
check_reuse(void)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < DEPTH; i++)
		fake_deliver(port, fake_entry(100 + i));
	assert_int_equal(dequeue(port, ev, MAX_BURST), DEPTH);
	for (i = 0; i < DEPTH; i++)
		assert_int_equal(ev[i].u64, 100 + i);
}

static void
check_reclaimed(const struct scenario *s, const struct truth *died)
{
	struct truth now;

	count_lines(&now);
	assert_int_equal(now.tokens, DELIVERED);
	assert_int_equal(now.completed, s->kind == DLB2_LDB ? DELIVERED : 0);
	assert_int_equal(port->dp->open, 0);
	assert_int_equal(port->dp->owed, 0);
	assert_int_equal(port->dp->cached[DLB2_POOL_EVENTS], 0);
	assert_false(dlb2_dp_port_interrupted(port->dp));
	if (s->kind == DLB2_LDB)
		check_given(s, died);
	else
		check_given_dir(s, died);
	check_credits(s, DLB2_POOL_EVENTS, now.news + now.forwards);
	if (s->metered)
		check_credits(s, DLB2_POOL_LDB, now.news + now.forwards);
	check_reuse();
}

/* The process dies after each instruction in turn. */
static void
die_everywhere(const struct scenario *s, const void *ring, size_t ring_size)
{
	const unsigned int hcws = port->num_hcws, returned = port->returned;
	struct truth truth;
	unsigned int i;

	for (i = 0; i < num_snapshots; i++) {
		restore(&snapshots[i]);
		memcpy(port->conf.cq, ring, ring_size);
		port->written = DELIVERED;
		count_lines(&truth);
		reclaim(s, &truth);
		check_reclaimed(s, &truth);
		port->num_hcws = hcws;
		port->returned = returned;
	}
}

static void
run(struct scenario s)
{
	uint8_t ring[DEPTH * DLB2_CQ_STRIDE_SPARSE];
	const size_t ring_size = DEPTH * dlb2_cq_stride(fake_layout());
	struct rte_event ev[MAX_BURST] = {{.u64 = 0}}, dequeued[3];

	prepare(&s);
	dequeue_three(&s, ev);
	memcpy(dequeued, ev, sizeof(dequeued));
	if (s.ops != NULL)
		fill_burst(&s, ev);
	prepare_call(&s, dequeued, ev);
	fake_collect(port);
	memcpy(ring, port->conf.cq, ring_size);
	run_burst(&s, &dequeued[0], ev);
	die_everywhere(&s, ring, ring_size);
	s.forward = true;
	if (s.kind == DLB2_LDB)
		die_everywhere(&s, ring, ring_size);
	free(port->conf.reorder);
	teardown(NULL);
}

static void
test_dequeue(void **state)
{
	run((struct scenario){.num = 4});
	run((struct scenario){.num = 3});
	run((struct scenario){.num = 4, .release = 2});
	run((struct scenario){.num = 4, .metered = true});
}

static void
test_dequeue_implicit_release(void **state)
{
	run((struct scenario){.num = 4, .implicit_release = true});
	run((struct scenario){.num = 4, .implicit_release = true, .metered = true});
	run((struct scenario){
		.num = 4, .implicit_release = true, .mode = RTE_PMD_DLB2_DELAYED_POP});
}

static void
test_dequeue_deferred(void **state)
{
	run((struct scenario){.num = 4, .mode = RTE_PMD_DLB2_DEFERRED_POP});
	run((struct scenario){
		.num = 4, .mode = RTE_PMD_DLB2_DEFERRED_POP, .implicit_release = true});
}

static void
test_dequeue_bad_entry(void **state)
{
	run((struct scenario){.num = 4, .bad = 10});
	run((struct scenario){.num = 4, .bad = 10, .implicit_release = true});
	run((struct scenario){.num = 4, .bad = 10, .reorder = true});
}

static void
test_enqueue(void **state)
{
	run((struct scenario){.num = 3, .ops = "F"});
	run((struct scenario){.num = 3, .ops = "R"});
	run((struct scenario){.num = 9, .ops = "N"});
	run((struct scenario){.num = 9, .ops = "FRNRNN"});
	run((struct scenario){.num = 1, .ops = "F"});
}

static void
test_enqueue_metered(void **state)
{
	run((struct scenario){.num = 3, .ops = "F", .metered = true});
	run((struct scenario){.num = 9, .ops = "N", .metered = true});
	run((struct scenario){.num = 9, .ops = "FRNRNN", .metered = true});
}

static void
test_enqueue_delayed(void **state)
{
	run((struct scenario){.num = 3, .ops = "F", .mode = RTE_PMD_DLB2_DELAYED_POP});
	run((struct scenario){.num = 3, .ops = "R", .mode = RTE_PMD_DLB2_DELAYED_POP});
}

static void
test_enqueue_reordered(void **state)
{
	run((struct scenario){.num = 3, .ops = "F", .reorder = true});
	run((struct scenario){.num = 3, .ops = "R", .reorder = true});
	run((struct scenario){.num = 2, .ops = "RF", .reorder = true});
	run((struct scenario){.num = 2, .ops = "FR", .reorder = true, .metered = true});
	/* The completion fills a line, which so leaves before the burst ends. */
	run((struct scenario){.num = 4, .ops = "FN", .reorder = true, .metered = true});
	run((struct scenario){.num = 4, .ops = "RN", .reorder = true, .metered = true});
}

/* Pieces of an event that was not completed are in the device, and the event comes again. */
static void
test_fragments(void **state)
{
	run((struct scenario){.call = FRAGMENTS, .num = 16, .ops = "F"});
	run((struct scenario){.call = FRAGMENTS, .num = 5, .ops = "F", .metered = true});
	run((struct scenario){
		.call = FRAGMENTS, .num = 3, .ops = "F", .mode = RTE_PMD_DLB2_DELAYED_POP});
}

/* What was released early and not sent on is lost with the process, but not its credit. */
static void
test_early_release(void **state)
{
	run((struct scenario){.call = RELEASE_ATOMIC, .num = 2, .ops = "R"});
	run((struct scenario){.call = RELEASE_ATOMIC, .num = 1, .ops = "R", .metered = true});
	run((struct scenario){.call = ENQUEUE_RELEASED, .num = 3, .ops = "F"});
	run((struct scenario){.call = ENQUEUE_RELEASED, .num = 3, .ops = "FR", .metered = true});
}

static void
test_directed(void **state)
{
	run((struct scenario){.kind = DLB2_DIR, .num = 4});
	run((struct scenario){.kind = DLB2_DIR, .num = 4, .implicit_release = true});
	run((struct scenario){.kind = DLB2_DIR, .num = 3, .ops = "F"});
	run((struct scenario){.kind = DLB2_DIR, .num = 3, .ops = "R"});
	run((struct scenario){.kind = DLB2_DIR, .num = 9, .ops = "N"});
}

/*
 * The ring is full when the burst begins, and the burst reads past its end: a ring that nobody has
 * begun to read looks like one that was read to the end.
 */
static void
die_on_full_ring(struct scenario s)
{
	struct dlb2_reclaim to = {.callback = take_over, .arg = &s};
	struct rte_event ev[MAX_BURST];
	struct truth truth;
	unsigned int i, unread, hcws, first;

	prepare(&s);
	fake_deliver(port, make_entry(&s, DELIVERED));
	hcws = fake_collect(port);
	run_burst(&s, NULL, ev);
	for (i = 0; i < num_snapshots; i++) {
		restore(&snapshots[i]);
		port->num_hcws = hcws;
		count_lines(&truth);
		num_given = num_waiting = 0;
		unread = dlb2_dp_port_settle(port->dp, s.kind == DLB2_LDB ? DEPTH : 0,
					     DELIVERED + 1 - truth.tokens);
		assert_int_equal(dlb2_dp_port_reclaim(port->dp, unread, &to), 0);
		first = first_left(&truth, DELIVERED + 1 - DEPTH);
		assert_int_equal(num_given, DELIVERED + 1 - first);
		assert_int_equal(given[0], first);
		assert_true(num_waiting == DEPTH || num_waiting == DEPTH - s.num);
	}
	teardown(NULL);
}

static void
test_full_ring(void **state)
{
	die_on_full_ring((struct scenario){.num = 3});
	die_on_full_ring((struct scenario){.kind = DLB2_DIR, .num = 3});
	die_on_full_ring((struct scenario){.kind = DLB2_DIR, .num = 7});
	die_on_full_ring((struct scenario){.num = 8});
	die_on_full_ring((struct scenario){.num = 3, .mode = RTE_PMD_DLB2_DELAYED_POP});
}

/* A process that ends between bursts takes nothing with it. */
static void
test_between_bursts(void **state)
{
	const struct scenario s = {.num = 0};
	struct rte_event ev[MAX_BURST];
	struct truth truth;

	prepare(&s);
	dequeue_three(&s, ev);
	assert_int_equal(enqueue_op(port, RTE_EVENT_OP_NEW, 5), 5);
	count_lines(&truth);
	reclaim(&s, &truth);
	check_given(&s, &truth);
	assert_int_equal(num_waiting, 4);
	assert_int_equal(dlb2_pool_taken(&dev->dp->pools[DLB2_POOL_EVENTS]), 5);
	teardown(NULL);
}

/* Entries that were given back may be overwritten while their events are open. */
static void
test_overwritten(void **state)
{
	struct dlb2_reclaim to = {.callback = NULL};
	struct rte_event ev[MAX_BURST];
	struct truth truth;

	port = start_depth(DEPTH);
	deliver(port, DEPTH);
	assert_int_equal(dequeue(port, ev, DEPTH), DEPTH);
	dlb2_return_tokens(port->dp);
	deliver(port, 5);
	count_lines(&truth);
	assert_int_equal(truth.tokens, DEPTH);
	assert_int_equal(dlb2_dp_port_settle(port->dp, DELIVERED, 5), 5);
	assert_int_equal(dlb2_dp_port_reclaim(port->dp, 5, &to), 0);
	/* Of a dense ring the second line was begun. */
	assert_int_equal(to.count.overwritten, fake_layout() == DLB2_CQ_DENSE ? DEPTH : 5);
	assert_int_equal(to.count.open, DEPTH - to.count.overwritten);
	assert_int_equal(to.count.waiting, 5);
	count_lines(&truth);
	assert_int_equal(truth.completed, DELIVERED);
	teardown(NULL);
}

static void
forward_nowhere(uint8_t dev_id, uint8_t port_id, struct rte_event *ev,
		enum rte_pmd_dlb2_reclaim_state state, void *arg)
{
	ev->op = RTE_EVENT_OP_FORWARD;
	ev->queue_id = ev->u64 < 8 ? FAKE_ATOMIC_QUEUE : FAKE_NUM_QUEUES;
}

/* The first event that cannot be forwarded and those after it stay, and come again. */
static void
test_forward_refused(void **state)
{
	struct dlb2_reclaim to = {.callback = forward_nowhere};
	const struct scenario s = {.num = 0};
	struct rte_event ev[MAX_BURST];
	struct truth truth;
	unsigned int unread;

	prepare(&s);
	dequeue_three(&s, ev);
	unread = dlb2_dp_port_settle(port->dp, 7, 7);
	assert_int_equal(dlb2_dp_port_reclaim(port->dp, unread, &to), -EINVAL);
	assert_int_equal(to.count.open, 2);
	assert_int_equal(to.count.waiting, 0);
	count_lines(&truth);
	assert_int_equal(truth.completed, 8);
	reclaim(&s, &truth);
	check_given(&s, &truth);
	teardown(NULL);
}

static void
test_guard(void **state)
{
	const struct dlb2_dp_ops *guarded = dlb2_dp_guarded_ops();
	struct rte_event ev[MAX_BURST];
	struct dlb2_dp_port *dp;

	port = start_depth(DEPTH);
	dp = port->dp;
	deliver(port, 4);
	assert_int_equal(guarded->dequeue_burst(dp, ev, 3, 0), 3);
	assert_int_equal(guarded->dequeue(dp, ev + 3, 0), 1);
	ev[0].op = RTE_EVENT_OP_RELEASE;
	assert_int_equal(guarded->enqueue(dp, ev), 1);
	assert_int_equal(guarded->enqueue_forward_burst(dp, ev + 1, 2), 2);
	assert_int_equal(guarded->enqueue_new_burst(dp, ev + 1, 2), 2);
	deliver(port, 1);

	dlb2_dp_stop(&dp, 1);
	assert_int_equal(guarded->dequeue_burst(dp, ev, 3, 0), 0);
	assert_int_equal(guarded->dequeue(dp, ev, 0), 0);
	rte_errno = 0;
	assert_int_equal(guarded->enqueue(dp, ev), 0);
	assert_int_equal(rte_errno, ESHUTDOWN);
	assert_int_equal(guarded->enqueue_burst(dp, ev, 2), 0);
	assert_int_equal(guarded->enqueue_burst(NULL, ev, 2), 0);
	assert_int_equal(rte_errno, ENODEV);
	assert_false(dlb2_dp_port_interrupted(dp));

	dlb2_dp_start(dev->dp, &dp, 1);
	assert_int_equal(guarded->dequeue_burst(dp, ev, 3, 0), 1);
	teardown(NULL);
}

static int
make_snapshots(void **state)
{
	const size_t size = MAX_STEPS * sizeof(*snapshots);

	snapshots = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
	return snapshots == NULL || dlb2_dp_reorder_size() > sizeof(snapshots->reorder);
}

static int
free_snapshots(void **state)
{
	free(snapshots);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_dequeue, setup),
		cmocka_unit_test_setup(test_dequeue_implicit_release, setup),
		cmocka_unit_test_setup(test_dequeue_deferred, setup),
		cmocka_unit_test_setup(test_dequeue_bad_entry, setup),
		cmocka_unit_test_setup(test_enqueue, setup),
		cmocka_unit_test_setup(test_enqueue_metered, setup),
		cmocka_unit_test_setup(test_enqueue_delayed, setup),
		cmocka_unit_test_setup(test_enqueue_reordered, setup),
		cmocka_unit_test_setup(test_fragments, setup),
		cmocka_unit_test_setup(test_early_release, setup),
		cmocka_unit_test_setup(test_directed, setup),
		cmocka_unit_test_setup(test_full_ring, setup),
		cmocka_unit_test_setup(test_between_bursts, setup),
		cmocka_unit_test_setup(test_overwritten, setup),
		cmocka_unit_test_setup(test_forward_refused, setup),
		cmocka_unit_test_setup(test_guard, setup),
	};

	return cmocka_run_group_tests_name("settle", tests, make_snapshots, free_snapshots);
}
