/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver (pmd-interface 20) that only show between the driver and the
 * device: what it makes of entries that no good device writes, and what it sends. The test writes
 * the consumer queues itself and reads the lines.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dlb2_datapath_priv.h"
#include "one_port.h"

static struct dlb2_cq_entry
bad_entry(void)
{
	struct dlb2_cq_entry entry = fake_entry(0xbad);

	entry.status |= DLB2_CQ_ERROR;
	return entry;
}

/* What the port told the device since the last look. */
struct told {
	unsigned int completions, tokens, empty_batches;
};

static struct told
look(struct fake_port *port)
{
	const struct dlb2_hcw *hcw;
	struct told told = {0};

	fake_collect(port);
	for (hcw = port->hcws; hcw < port->hcws + port->num_hcws; hcw++) {
		bool batch = hcw->cmd == DLB2_CMD_BAT_T;

		told.completions += (hcw->cmd & DLB2_CMD_COMP_BIT) != 0;
		told.tokens += batch ? hcw->lock_id + 1u : (hcw->cmd & DLB2_CMD_TOKEN) != 0;
		told.empty_batches += batch && hcw->lock_id >= 1023;
	}
	fake_discard(port);
	return told;
}

/*
 * Rounds of entries of which some are bad: each entry, bad or good, gives back one token and one
 * completion, and what comes after it is read right.
 */
static void
error_bits(enum rte_pmd_dlb2_token_pop_mode mode, enum dlb2_port_kind kind)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(8);
	unsigned int entries = 0, good = 0, round, i;
	struct told told, sum = {0};
	struct fake_port *port;
	struct rte_event ev[8];

	conf.token_pop_mode = mode;
	conf.kind = kind;
	conf.implicit_release = true;
	port = start(&conf);
	for (round = 0; round < 200; round++) {
		unsigned int bad = random32() % 256, wanted = 0, got = 0;

		for (i = 0; i < 8; i++, entries++) {
			fake_deliver(port, bad >> i & 1 ? bad_entry() : fake_entry(good + wanted));
			wanted += !(bad >> i & 1);
		}
		while (got < wanted)
			got += dequeue(port, &ev[got], 1 + round % 4);
		for (i = 0; i < wanted; i++)
			assert_int_equal(ev[i].u64, good + i);
		good += wanted;
		/* an empty poll, after which nothing is open or owed */
		assert_int_equal(dequeue(port, ev, 8), 0);
		dlb2_dp_port_flush(port->dp, 0, NULL, NULL);
		told = look(port);
		sum.completions += told.completions;
		sum.tokens += told.tokens;
		assert_int_equal(sum.tokens, entries);
		assert_int_equal(sum.completions, kind == DLB2_LDB ? entries : 0);
	}
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_DROP), entries - good);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_OK), good);
	assert_int_equal(dlb2_dp_port_open_events(port->dp), 0);
}

static void
test_b20_error_bit_auto(void **state)
{
	error_bits(RTE_PMD_DLB2_AUTO_POP, DLB2_LDB);
}

static void
test_b20_error_bit_deferred(void **state)
{
	error_bits(RTE_PMD_DLB2_DEFERRED_POP, DLB2_LDB);
}

static void
test_b20_error_bit_delayed(void **state)
{
	error_bits(RTE_PMD_DLB2_DELAYED_POP, DLB2_LDB);
}

static void
test_b20_error_bit_directed(void **state)
{
	error_bits(RTE_PMD_DLB2_AUTO_POP, DLB2_DIR);
}

/* A batch of no tokens would be one of 1024: it is never sent, whatever is asked for when. */
static void
test_b21_no_batch_of_nothing(void **state)
{
	enum rte_pmd_dlb2_token_pop_mode mode;
	struct fake_port *port;
	struct rte_event ev[8];
	unsigned int i, got;

	for (mode = 0; mode < RTE_PMD_DLB2_NUM_TOKEN_POP_MODES; mode++) {
		struct dlb2_dp_port_conf conf = fake_port_conf(8);
		unsigned int entries = 0, tokens = 0;

		conf.token_pop_mode = mode;
		conf.implicit_release = true;
		port = start(&conf);
		for (i = 0; i < 100; i++) {
			struct told told;

			assert_int_equal(dequeue(port, ev, 8), 0);
			dlb2_dp_port_flush(port->dp, 0, NULL, NULL);
			deliver(port, i % 9);
			entries += i % 9;
			for (got = 0; got < i % 9;)
				got += dequeue(port, ev, 8);
			assert_int_equal(dequeue(port, ev, 8), 0);
			assert_int_equal(dequeue(port, ev, 8), 0);
			dlb2_dp_port_flush(port->dp, 0, NULL, NULL);
			told = look(port);
			tokens += told.tokens;
			assert_int_equal(told.empty_batches, 0);
			assert_int_equal(tokens, entries);
		}
		if (mode + 1 < RTE_PMD_DLB2_NUM_TOKEN_POP_MODES)
			fake_device_destroy(dev);
	}
}

static unsigned int flushed, wrong_ops;

static void
on_flush(uint8_t dev_id, struct rte_event event, void *arg)
{
	flushed++;
	wrong_ops += event.op != RTE_EVENT_OP_NEW;
}

/* Completions and tokens of flushed events go four to a line, not one line or two each. */
static void
test_b35_flush_in_bursts(void **state)
{
	struct fake_port *port = start_depth(64);
	unsigned int before;

	deliver(port, 64);
	before = port->lines;
	flushed = wrong_ops = 0;
	assert_int_equal(dlb2_dp_port_flush(port->dp, 0, on_flush, NULL), 64);
	fake_collect(port);
	assert_int_equal(flushed, 64);
	assert_int_equal(wrong_ops, 0);
	assert_in_range(port->lines - before, 16, 20);
}

/*
 * No state of a port depends on what was in its memory before: everything that is ever looked at is
 * set, for depths below 64 and above.
 */
static void
test_b36_all_state_is_set(void **state)
{
	struct dlb2_dp_port *copies[2];
	struct fake_port *port = NULL;
	unsigned int depth, i;

	for (depth = 1; depth <= 1024; depth *= 2) {
		port = start_depth(depth);
		for (i = 0; i < 2; i++) {
			copies[i] = aligned_alloc(RTE_CACHE_LINE_SIZE, dlb2_dp_port_size());
			assert_non_null(copies[i]);
			memset(copies[i], i == 0 ? 0 : 0xa5, dlb2_dp_port_size());
			dlb2_dp_port_init(dev->dp, copies[i], &port->conf, false);
		}
		copies[1]->pp.next = copies[0]->pp.next; /* points into the copy */
		assert_memory_equal(copies[0], copies[1],
				    offsetof(struct dlb2_dp_port, conf));
		free(copies[0]);
		free(copies[1]);
		if (depth < 1024)
			fake_device_destroy(dev);
	}
}

/* What a burst receives at every place of a bad entry among good ones, in bursts of all sizes. */
static void
test_b45_error_bit_in_bursts(void **state)
{
	struct fake_port *port = start_depth(64);
	unsigned int size, bad, i, got;
	struct rte_event ev[64];

	for (size = 1; size <= 17; size++)
		for (bad = 0; bad < size; bad++) {
			for (i = 0; i < size; i++)
				fake_deliver(port, i == bad ? bad_entry() : fake_entry(i));
			for (got = 0; got < size - 1;)
				got += dequeue(port, &ev[got], 64);
			assert_int_equal(dequeue(port, &ev[got], 64), 0);
			for (i = 0; i < got; i++)
				assert_int_equal(ev[i].u64, i < bad ? i : i + 1);
			if (got > 0)
				RELEASE(port, got);
			fake_discard(port);
		}
}

/* The queue of a directed port is that of its link, whatever the entry's own bytes say. */
static void
test_b45_queue_of_directed_port(void **state)
{
	struct dlb2_dp_port_conf conf = fake_port_conf(64);
	struct rte_event ev[32];
	struct fake_port *port;
	unsigned int qid, i;

	conf.kind = DLB2_DIR;
	port = start(&conf);
	for (qid = 0; qid < 256; qid++) {
		struct dlb2_cq_entry entry = fake_entry(0);

		entry.qid = qid;
		for (i = 0; i < 1 + qid % 16; i++)
			fake_deliver(port, entry);
		assert_int_equal(dequeue(port, ev, 32), i);
		while (i-- > 0)
			assert_int_equal(ev[i].queue_id, FAKE_DIRECTED_QUEUE);
		RELEASE(port, 1 + qid % 16);
		fake_discard(port);
	}
}

static unsigned char *guarded;
static size_t guarded_size;
static volatile sig_atomic_t touched;

/* Lets the access through; that it happened is enough. */
static void
on_touch(int sig, siginfo_t *info, void *context)
{
	touched++;
	mprotect(guarded, guarded_size, PROT_READ | PROT_WRITE);
}

/* The device's part with all that comes before its destinations, pools first, on an own page. */
static struct dlb2_dp *
make_guarded(struct dlb2_dp *dp)
{
	const size_t front = offsetof(struct dlb2_dp, dests);
	unsigned char *memory;

	guarded_size = sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, 2 * guarded_size + dlb2_dp_size(), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(memory != MAP_FAILED && front <= guarded_size);
	guarded = memory;
	return memcpy(memory + guarded_size - front, dp, dlb2_dp_size());
}

/*
 * A producer with credits of its own looks at nothing that another port writes: the page with the
 * pools is not even readable meanwhile.
 */
static void
test_b48_new_events_share_nothing(void **state)
{
	struct sigaction action = {.sa_sigaction = on_touch, .sa_flags = SA_SIGINFO};
	struct rte_event ev[8];
	struct fake_port *port = start_depth(64);
	unsigned int i;

	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = (struct rte_event){.op = RTE_EVENT_OP_NEW,
					   .queue_id = FAKE_ATOMIC_QUEUE,
					   .sched_type = RTE_SCHED_TYPE_ATOMIC};
	port->dp->dp = make_guarded(dev->dp);
	assert_int_equal(ops->enqueue_burst(port->dp, ev, 1), 1); /* takes a quantum */
	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
	touched = 0;
	mprotect(guarded, guarded_size, PROT_NONE);
	for (i = 0; i < 8; i++)
		ops->enqueue(port->dp, ev);
	ops->enqueue_burst(port->dp, ev, 8);
	ops->enqueue_new_burst(port->dp, ev, 8);
	mprotect(guarded, guarded_size, PROT_READ | PROT_WRITE);
	assert_int_equal(touched, 0);
	/* the trap works: with no credits left the pool is asked */
	mprotect(guarded, guarded_size, PROT_NONE);
	for (i = 0; i < 8; i++)
		ops->enqueue_burst(port->dp, ev, 8);
	mprotect(guarded, guarded_size, PROT_READ | PROT_WRITE);
	assert_int_equal(touched, 1);
	munmap(guarded, 2 * guarded_size + dlb2_dp_size());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_b20_error_bit_auto),
		TEST(test_b20_error_bit_deferred),
		TEST(test_b20_error_bit_delayed),
		TEST(test_b20_error_bit_directed),
		TEST(test_b21_no_batch_of_nothing),
		TEST(test_b35_flush_in_bursts),
		TEST(test_b36_all_state_is_set),
		TEST(test_b45_error_bit_in_bursts),
		TEST(test_b45_queue_of_directed_port),
		TEST(test_b48_new_events_share_nothing),
	};

	return cmocka_run_group_tests_name("defects on the data path", tests, NULL, NULL);
}
