/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Fragments of ordered events and early release of atomic ones: the exact HCWs, what is refused
 * with nothing sent, and the credits of all pools. Not here: what the device makes of them
 * (test_fragments.c, test_early_release.c).
 */
#include <errno.h>
#include <string.h>

#include "one_port.h"

#include "dlb2_datapath_priv.h"

#define DEPTH 8

static struct dlb2_cq_entry
entry_of(unsigned int n, uint8_t queue, uint8_t type)
{
	struct dlb2_cq_entry entry = fake_entry(n);

	entry.qid = fake_queue_hw_id[queue];
	entry.sched = type;
	return entry;
}

/* Delivers and dequeues `n` ordered events, numbered from the last one on. */
static void
open_ordered(struct fake_port *port, struct rte_event ev[], unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		fake_deliver(port, entry_of(port->written, FAKE_ORDERED_QUEUE, DLB2_SCHED_ORDERED));
	assert_int_equal(dequeue(port, ev, n), n);
}

static void
open_atomic(struct fake_port *port, struct rte_event ev[], unsigned int n)
{
	deliver(port, n);
	assert_int_equal(dequeue(port, ev, n), n);
}

static void
make_pieces(struct rte_event pieces[], unsigned int n, uint8_t queue)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		pieces[i] = (struct rte_event){.queue_id = queue,
					       .sched_type = RTE_SCHED_TYPE_ATOMIC,
					       .u64 = i,
					       .op = i % 4};
}

static void
test_fragment_lines(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH], pieces[16];

	make_pieces(pieces, 16, FAKE_ATOMIC_QUEUE);
	open_ordered(port, ev, 4);
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[0], pieces, 16), 0);
	assert_string_equal(fake_sent(port), "gggg GGGG GGGG GGGF");
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[1], pieces, 3), 0);
	assert_string_equal(fake_sent(port), "GGF.");
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[2], pieces, 1), 0);
	assert_string_equal(fake_sent(port), "F...");
	assert_int_equal(port->dp->open, 1);
}

/* What crosses the device is what crosses it with a forward. */
static void
test_fragment_fields(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev, pieces[2];

	make_pieces(pieces, 2, FAKE_ATOMIC_QUEUE);
	pieces[0].flow_id = pieces[1].flow_id = 0xabcde;
	pieces[0].priority = pieces[1].priority = 0xe0;
	open_ordered(port, &ev, 1);
	fake_discard(port);
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev, pieces, 2), 0);
	assert_int_equal(fake_collect(port), 4);
	assert_int_equal(port->hcws[0].data, 0);
	assert_int_equal(port->hcws[1].data, 1);
	assert_memory_equal(&port->hcws[0].opaque, &port->hcws[1].opaque, 6);
	assert_int_equal(port->hcws[0].lock_id, 0xbcde);
	assert_int_equal(port->hcws[0].opaque, 0xa);
	assert_int_equal(port->hcws[0].sched, 7 << 2 | DLB2_SCHED_ATOMIC);
	assert_int_equal(port->hcws[0].qid, fake_queue_hw_id[FAKE_ATOMIC_QUEUE]);
}

/* An entry that was dropped behind the event is completed right after its last piece. */
static void
test_fragments_before_drop(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct dlb2_cq_entry bad = fake_entry(1);
	struct rte_event ev[2], pieces[2];

	bad.status = DLB2_CQ_ERROR;
	fake_deliver(port, entry_of(0, FAKE_ORDERED_QUEUE, DLB2_SCHED_ORDERED));
	fake_deliver(port, bad);
	fake_deliver(port, entry_of(2, FAKE_ORDERED_QUEUE, DLB2_SCHED_ORDERED));
	assert_int_equal(dequeue(port, &ev[0], 1), 1);
	assert_int_equal(dequeue(port, &ev[1], 1), 1);
	make_pieces(pieces, 2, FAKE_ATOMIC_QUEUE);
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[1], pieces, 2), -ESTALE);
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[0], pieces, 2), 0);
	assert_string_equal(fake_sent(port), "gfc.");
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[1], pieces, 2), 0);
	assert_string_equal(fake_sent(port), "GF..");
}

static void
expect_fragments_refused(struct fake_port *port, const struct rte_event *ev,
			 const struct rte_event pieces[], unsigned int n, int error)
{
	const uint32_t open = port->dp->open, owed = port->dp->owed;

	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, ev, pieces, n), error);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(port->dp->open, open);
	assert_int_equal(port->dp->owed, owed);
}

static void
test_fragments_refused(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH], pieces[3];

	make_pieces(pieces, 3, FAKE_ATOMIC_QUEUE);
	ev[0] = (struct rte_event){.sched_type = RTE_SCHED_TYPE_ORDERED};
	expect_fragments_refused(port, &ev[0], pieces, 3, -ENOENT);
	open_ordered(port, ev, 2);
	expect_fragments_refused(port, &ev[1], pieces, 3, -ESTALE);
	pieces[2].sched_type = RTE_SCHED_TYPE_ORDERED;
	expect_fragments_refused(port, &ev[0], pieces, 3, -EINVAL);
	pieces[2].queue_id = 200;
	expect_fragments_refused(port, &ev[0], pieces, 3, -EINVAL);
	make_pieces(pieces, 3, FAKE_ATOMIC_QUEUE);
	RELEASE(port, 2);
	fake_discard(port);
	open_atomic(port, ev, 1);
	expect_fragments_refused(port, &ev[0], pieces, 3, -ESTALE);
	ev[0].sched_type = RTE_SCHED_TYPE_ORDERED;
	expect_fragments_refused(port, &ev[0], pieces, 3, -ESTALE);
}

/* The first entry of the line that entry `n` is in. */
static unsigned int
line_start(unsigned int n)
{
	return n - n % (sizeof(struct dlb2_line) / dlb2_cq_stride(fake_layout()));
}

/*
 * Once the device has come to the entry's line again the caller is believed: at any position of the
 * ring, with any number of entries that came since.
 */
static void
test_what_can_be_known(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH], lie, piece;
	unsigned int start, open, more;
	bool known;

	make_pieces(&piece, 1, FAKE_ATOMIC_QUEUE);
	for (start = 0; start < 2 * DEPTH; start++) {
		for (open = 1; open <= DEPTH; open++) {
			for (more = 0; more <= DEPTH; more++) {
				open_ordered(port, ev, open);
				dlb2_return_tokens(port->dp);
				known = line_start(port->written - open) + DEPTH >=
					port->written + more;
				deliver(port, more);
				fake_discard(port);
				lie = ev[0];
				lie.u64++;
				assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &lie, &piece, 1),
						 known ? -ESTALE : 0);
				if (known)
					assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[0],
										   &piece, 1),
							 0);
				dlb2_dp_port_flush(port->dp, 0, NULL, NULL);
			}
		}
		open_atomic(port, ev, 1);
		RELEASE(port, 1);
	}
}

/* `events` and `ldb`: credits of the pools that are taken, with none left in the port's cache. */
static void
expect_credits(struct fake_port *port, unsigned int events, unsigned int ldb)
{
	dlb2_return_credits(port->dp);
	assert_int_equal(dlb2_pool_taken(&dev->dp->pools[DLB2_POOL_EVENTS]), events);
	assert_int_equal(dlb2_pool_taken(&dev->dp->pools[DLB2_POOL_LDB]), ldb);
}

/* A device with fewer credits than events, so that both are counted; both can be short. */
static void
test_fragment_credits(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(DEPTH);
	struct rte_event ev[2], pieces[16];
	struct fake_port *port;

	conf.num_events_limit = 40;
	conf.ldb_credits = 20;
	port_conf.new_event_threshold = 30;
	port = start_with(&conf, &port_conf);
	dev->dp->pools[DLB2_POOL_EVENTS].taken = 2;
	dev->dp->pools[DLB2_POOL_LDB].taken = 2;
	make_pieces(pieces, 16, FAKE_ATOMIC_QUEUE);
	open_ordered(port, ev, 2);
	expect_credits(port, 2, 0);
	dev->dp->pools[DLB2_POOL_LDB].taken = 5;
	expect_fragments_refused(port, &ev[0], pieces, 16, -ENOSPC);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_NOSPC_HW_CREDITS), 1);
	expect_credits(port, 2, 5);
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[0], pieces, 15), 0);
	expect_credits(port, 2 + 14, 5 + 15);
	dev->dp->pools[DLB2_POOL_LDB].taken = 0;
	fake_discard(port);
	expect_fragments_refused(port, &ev[1], pieces, 16, -ENOSPC);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_NOSPC_INFLIGHT_MAX), 1);
	assert_int_equal(dlb2_dp_enqueue_fragments(port->dp, &ev[1], pieces, 15), 0);
	expect_credits(port, 2 + 14 + 14, 15);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_FWD), 30);
}

static void
test_early_release_lines(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[DEPTH];

	open_atomic(port, ev, 4);
	fake_discard(port); /* with the tokens of half the depth */
	assert_int_equal(dlb2_dp_release_atomic(port->dp, ev, 2), 0);
	assert_string_equal(fake_sent(port), "cc[2].");
	assert_int_equal(port->dp->open, 2);
	ev[0].op = RTE_EVENT_OP_FORWARD;
	ev[1].op = RTE_EVENT_OP_RELEASE;
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 2), 0);
	assert_string_equal(fake_sent(port), "N...");
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 1), -ENOENT);
	RELEASE(port, 2);
	assert_string_equal(fake_sent(port), "CC..");
}

/* An event that is out has its credit all the time, until it is in a queue again or ended. */
static void
test_early_release_credits(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[4];
	unsigned int i;

	dev->dp->pools[DLB2_POOL_EVENTS].taken = 4;
	open_atomic(port, ev, 4);
	assert_int_equal(dlb2_dp_release_atomic(port->dp, ev, 4), 0);
	expect_credits(port, 4, 0);
	for (i = 0; i < 4; i++)
		ev[i].op = i < 3 ? RTE_EVENT_OP_FORWARD : RTE_EVENT_OP_RELEASE;
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 1), 0);
	expect_credits(port, 4, 0);
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, &ev[3], 1), 0);
	expect_credits(port, 3, 0);
	/* stop takes back what has not gone on */
	dlb2_dp_port_flush(port->dp, 0, NULL, NULL);
	expect_credits(port, 1, 0);
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, &ev[1], 1), -ENOENT);
}

static void
test_early_release_refused(void **state)
{
	struct fake_port *port = start_depth(DEPTH);
	struct rte_event ev[3], other;

	open_atomic(port, ev, 2);
	fake_discard(port);
	assert_int_equal(dlb2_dp_release_atomic(port->dp, ev, 3), -ENOENT);
	other = ev[1];
	other.sched_type = RTE_SCHED_TYPE_PARALLEL;
	assert_int_equal(dlb2_dp_release_atomic(port->dp, &other, 1), -ESTALE);
	assert_int_equal(dlb2_dp_release_atomic(port->dp, &ev[1], 1), -ESTALE);
	assert_int_equal(port->dp->open, 2);
	assert_int_equal(dlb2_dp_release_atomic(port->dp, ev, 2), 0);
	fake_discard(port);
	ev[0].op = RTE_EVENT_OP_NEW;
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 1), -EINVAL);
	ev[0].op = ev[1].op = RTE_EVENT_OP_FORWARD;
	ev[1].queue_id = 200;
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 2), -EINVAL);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 1), 0);
}

/* DLB 2.0 counts the credits of directed queues: without one nothing is sent, and nothing lost. */
static void
test_early_release_without_device_credit(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_0);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(DEPTH);
	struct rte_event ev[2];
	struct fake_port *port;
	unsigned int i;

	conf.dir_credits = 1;
	port = start_with(&conf, &port_conf);
	open_atomic(port, ev, 2);
	assert_int_equal(dlb2_dp_release_atomic(port->dp, ev, 2), 0);
	fake_discard(port);
	for (i = 0; i < 2; i++) {
		ev[i].op = RTE_EVENT_OP_FORWARD;
		ev[i].queue_id = FAKE_DIRECTED_QUEUE;
	}
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 2), -ENOSPC);
	assert_string_equal(fake_sent(port), "");
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_TX_NOSPC_DIR_HW_CREDITS), 1);
	assert_int_equal(dlb2_dp_enqueue_released(port->dp, ev, 1), 0);
	assert_int_equal(port->dp->early, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fragment_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragment_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragments_before_drop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragments_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_can_be_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fragment_credits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_release_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_release_credits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_release_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_release_without_device_credit, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("datapath_fragments", tests, NULL, NULL);
}
