/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The checker of the conformance program must report what it is there for: it is fed right
 * sequences, which pass, and wrong ones, each of which must be reported by its rule. The tests play
 * both the program and the device.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"

#define PORT_A 3
#define PORT_B 7
#define NB_RECORDS 16

enum { STREAM_ATOMIC, STREAM_DIRECTED, STREAM_PARALLEL, STREAM_OTHER_FLOW, NB_STREAMS };
enum { LOCK_ATOMIC, LOCK_OTHER, LOCK_SECOND, NB_LOCKS };

static struct check_hop
make_hop(uint8_t queue, uint8_t type, uint32_t flow, uint32_t lock, enum check_order order)
{
	const struct rte_event ev = {
		.flow_id = flow, .sub_event_type = 0x5a, .event_type = RTE_EVENT_TYPE_CPU,
		.sched_type = type, .queue_id = queue, .priority = 0x40,
	};

	return (struct check_hop){
		.word = ev.event, .mask = check_word_mask(true, true), .lock = lock, .order = order,
		.queue = queue,
	};
}

struct fixture {
	struct check_stream streams[NB_STREAMS];
	struct check check;
	uint32_t number[NB_STREAMS];
	uint32_t next_record;
};

/* Ordered, then atomic; directed; parallel, then atomic; and another flow of the atomic queue. */
static int
setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct check_stream *s = f->streams;

	s[STREAM_ATOMIC].nb_hops = 2;
	s[STREAM_ATOMIC].hop[0] = make_hop(0, RTE_SCHED_TYPE_ORDERED, 0xabcde, CHECK_NO_LOCK,
		CHECK_ORDER_UNKNOWN);
	s[STREAM_ATOMIC].hop[1] = make_hop(1, RTE_SCHED_TYPE_ATOMIC, 17, LOCK_ATOMIC,
		CHECK_ORDER_KEPT);
	s[STREAM_DIRECTED].nb_hops = 1;
	s[STREAM_DIRECTED].hop[0] = make_hop(2, RTE_SCHED_TYPE_ATOMIC, 1, CHECK_NO_LOCK,
		CHECK_ORDER_KEPT);
	s[STREAM_DIRECTED].hop[0].directed = true;
	s[STREAM_PARALLEL].nb_hops = 3;
	s[STREAM_PARALLEL].hop[0] = make_hop(3, RTE_SCHED_TYPE_PARALLEL, 2, CHECK_NO_LOCK,
		CHECK_ORDER_UNKNOWN);
	s[STREAM_PARALLEL].hop[1] = make_hop(1, RTE_SCHED_TYPE_ATOMIC, 18, LOCK_OTHER,
		CHECK_ORDER_FIXED);
	s[STREAM_PARALLEL].hop[2] = make_hop(4, RTE_SCHED_TYPE_ATOMIC, 18, LOCK_SECOND,
		CHECK_ORDER_KEPT);
	s[STREAM_OTHER_FLOW].nb_hops = 1;
	s[STREAM_OTHER_FLOW].hop[0] = make_hop(1, RTE_SCHED_TYPE_ATOMIC, 19, LOCK_OTHER,
		CHECK_ORDER_KEPT);
	assert_int_equal(check_init(&f->check, s, NB_STREAMS, NB_RECORDS, NB_LOCKS), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	check_fini(&f->check);
	test_free(f);
	return 0;
}

/* An event of the stream is made and enqueued as NEW. */
static struct rte_event
inject(struct fixture *f, uint16_t stream)
{
	struct rte_event ev;

	check_new(&f->check, PORT_A, f->next_record++, stream, ++f->number[stream], &ev);
	check_hand_over(&f->check, PORT_A, &ev);
	return ev;
}

static void
forward(struct fixture *f, unsigned int port, struct rte_event *ev)
{
	check_forward(&f->check, port, ev);
	check_hand_over(&f->check, port, ev);
}

static void
release(struct fixture *f, unsigned int port, struct rte_event *ev)
{
	ev->op = RTE_EVENT_OP_RELEASE;
	check_hand_over(&f->check, port, ev);
	check_finish(&f->check, ev);
}

/* An event at its second hop, enqueued there, not yet dequeued. */
static struct rte_event
at_second_hop(struct fixture *f, uint16_t stream)
{
	struct rte_event ev = inject(f, stream);

	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	forward(f, PORT_A, &ev);
	return ev;
}

static void
assert_violated(struct fixture *f, enum check_rule rule)
{
	assert_true(check_failed(&f->check));
	if (f->check.rule != rule)
		print_error("reported: %s\n", f->check.text);
	assert_int_equal(f->check.rule, rule);
	assert_true(strlen(f->check.text) > 0);
}

static void
right_sequence_passes(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = at_second_hop(f, STREAM_ATOMIC);
	struct rte_event second = at_second_hop(f, STREAM_ATOMIC);

	/* Both at one port, then the flow moves to the other one. */
	assert_true(check_dequeue(&f->check, PORT_A, &first));
	assert_true(check_dequeue(&f->check, PORT_A, &second));
	assert_true(check_at_end(&f->check, &first));
	release(f, PORT_A, &first);
	release(f, PORT_A, &second);
	first = at_second_hop(f, STREAM_ATOMIC);
	assert_true(check_dequeue(&f->check, PORT_B, &first));
	release(f, PORT_B, &first);
	assert_true(check_device_empty(&f->check, "in this test"));
	assert_false(check_failed(&f->check));
}

static void
fields_not_promised_may_change(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	ev.op = 3;
	ev.rsvd = 0xf;
	ev.priority = 0;
	ev.impl_opaque = 0x99;
	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	check_forward(&f->check, PORT_A, &ev);
	/* impl_opaque is the device's and goes back to it. */
	assert_int_equal(ev.impl_opaque, 0x99);
	assert_int_equal(ev.op, RTE_EVENT_OP_FORWARD);
	assert_int_equal(ev.queue_id, 1);
	assert_int_equal(ev.priority, 0x40);
}

static void
parallel_may_come_back_as_ordered(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_PARALLEL);

	ev.sched_type = RTE_SCHED_TYPE_ORDERED;
	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	assert_false(check_failed(&f->check));
}

static void
lost_event_is_reported(void **state)
{
	struct fixture *f = *state;

	inject(f, STREAM_ATOMIC);
	assert_false(check_device_empty(&f->check, "in this test"));
	assert_violated(f, CHECK_LOST);
}

static void
event_delivered_twice_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	assert_false(check_dequeue(&f->check, PORT_B, &ev));
	assert_violated(f, CHECK_DOUBLED);
}

static void
event_delivered_again_after_forward_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);
	struct rte_event copy = ev;

	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	forward(f, PORT_A, &ev);
	assert_false(check_dequeue(&f->check, PORT_B, &copy));
	assert_violated(f, CHECK_DOUBLED);
}

static void
event_delivered_again_after_release_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_DIRECTED);
	struct rte_event copy = ev;

	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	release(f, PORT_A, &ev);
	assert_false(check_dequeue(&f->check, PORT_A, &copy));
	assert_violated(f, CHECK_DOUBLED);
}

static void
event_refused_but_delivered_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_DIRECTED);

	assert_true(check_dequeue(&f->check, PORT_B, &ev));
	check_take_back(&f->check, PORT_A, &ev, CHECK_NO_LOCK);
	assert_violated(f, CHECK_DOUBLED);
}

static void
altered_payload_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	ev.u64 ^= 1ULL << 40;
	assert_false(check_dequeue(&f->check, PORT_A, &ev));
	assert_violated(f, CHECK_ALTERED);
}

static void
payload_beyond_the_records_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	ev.u64 |= CHECK_MAX_EVENTS - 1;
	assert_false(check_dequeue(&f->check, PORT_A, &ev));
	assert_violated(f, CHECK_ALTERED);
}

static void
expect_altered(struct fixture *f, struct rte_event ev)
{
	assert_false(check_dequeue(&f->check, PORT_A, &ev));
	assert_violated(f, CHECK_ALTERED);
}

static void
altered_flow_is_reported(void **state)
{
	struct rte_event ev = inject(*state, STREAM_ATOMIC);

	ev.flow_id ^= 0x80000;
	expect_altered(*state, ev);
}

static void
altered_sub_type_is_reported(void **state)
{
	struct rte_event ev = inject(*state, STREAM_ATOMIC);

	ev.sub_event_type++;
	expect_altered(*state, ev);
}

static void
sub_type_of_a_neighbour_is_reported(void **state)
{
	struct rte_event ev = inject(*state, STREAM_ATOMIC);
	struct rte_event next = inject(*state, STREAM_ATOMIC);

	ev.sub_event_type = next.sub_event_type;
	expect_altered(*state, ev);
}

static void
altered_type_is_reported(void **state)
{
	struct rte_event ev = inject(*state, STREAM_ATOMIC);

	ev.event_type ^= 8;
	expect_altered(*state, ev);
}

static void
altered_queue_is_reported(void **state)
{
	struct rte_event ev = inject(*state, STREAM_ATOMIC);

	ev.queue_id = 1;
	expect_altered(*state, ev);
}

static void
altered_sched_type_is_reported(void **state)
{
	struct rte_event ev = inject(*state, STREAM_ATOMIC);

	ev.sched_type = RTE_SCHED_TYPE_PARALLEL;
	expect_altered(*state, ev);
}

static void
flow_is_not_compared_where_the_device_does_not_carry_it(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev;

	f->streams[STREAM_ATOMIC].hop[0].mask = check_word_mask(false, true);
	ev = inject(f, STREAM_ATOMIC);
	ev.flow_id = 0;
	assert_true(check_dequeue(&f->check, PORT_A, &ev));
}

static void
atomic_flow_at_two_ports_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = at_second_hop(f, STREAM_ATOMIC);
	struct rte_event second = at_second_hop(f, STREAM_ATOMIC);

	assert_true(check_dequeue(&f->check, PORT_A, &first));
	assert_false(check_dequeue(&f->check, PORT_B, &second));
	assert_violated(f, CHECK_ATOMIC);
}

static void
atomic_flow_is_free_only_after_all_its_events(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev[3];
	int i;

	for (i = 0; i < 3; i++)
		ev[i] = at_second_hop(f, STREAM_ATOMIC);
	assert_true(check_dequeue(&f->check, PORT_A, &ev[0]));
	assert_true(check_dequeue(&f->check, PORT_A, &ev[1]));
	release(f, PORT_A, &ev[0]);
	assert_false(check_dequeue(&f->check, PORT_B, &ev[2]));
	assert_violated(f, CHECK_ATOMIC);
}

static void
refused_release_keeps_the_atomic_flow(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = at_second_hop(f, STREAM_ATOMIC);
	struct rte_event second = at_second_hop(f, STREAM_ATOMIC);
	uint32_t lock;

	assert_true(check_dequeue(&f->check, PORT_A, &first));
	first.op = RTE_EVENT_OP_RELEASE;
	lock = check_hand_over(&f->check, PORT_A, &first);
	assert_int_equal(lock, LOCK_ATOMIC);
	check_take_back(&f->check, PORT_A, &first, lock);
	assert_false(check_dequeue(&f->check, PORT_B, &second));
	assert_violated(f, CHECK_ATOMIC);
}

static void
other_streams_of_the_flow_are_excluded_too(void **state)
{
	struct fixture *f = *state;
	struct rte_event one = at_second_hop(f, STREAM_PARALLEL);
	struct rte_event other = inject(f, STREAM_OTHER_FLOW);

	assert_true(check_dequeue(&f->check, PORT_A, &one));
	assert_false(check_dequeue(&f->check, PORT_B, &other));
	assert_violated(f, CHECK_ATOMIC);
}

static void
other_flows_are_not_excluded(void **state)
{
	struct fixture *f = *state;
	struct rte_event one = at_second_hop(f, STREAM_ATOMIC);
	struct rte_event other = inject(f, STREAM_OTHER_FLOW);

	assert_true(check_dequeue(&f->check, PORT_A, &one));
	assert_true(check_dequeue(&f->check, PORT_B, &other));
}

static void
implicit_release_frees_the_atomic_flow(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = at_second_hop(f, STREAM_ATOMIC);
	struct rte_event second = at_second_hop(f, STREAM_ATOMIC);

	assert_true(check_dequeue(&f->check, PORT_A, &first));
	check_abandon(&f->check, PORT_A, &first);
	assert_true(check_dequeue(&f->check, PORT_B, &second));
}

/* The ordered stage may deliver in any order; the next queue must not. */
static void
order_swapped_behind_ordered_stage_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = inject(f, STREAM_ATOMIC);
	struct rte_event second = inject(f, STREAM_ATOMIC);

	assert_true(check_dequeue(&f->check, PORT_B, &second));
	assert_true(check_dequeue(&f->check, PORT_A, &first));
	forward(f, PORT_B, &second);
	forward(f, PORT_A, &first);
	assert_true(check_dequeue(&f->check, PORT_A, &second));
	assert_false(check_dequeue(&f->check, PORT_A, &first));
	assert_violated(f, CHECK_ORDER);
}

static void
order_with_holes_passes(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev[3];
	int i;

	for (i = 0; i < 3; i++) {
		ev[i] = inject(f, STREAM_ATOMIC);
		assert_true(check_dequeue(&f->check, PORT_A, &ev[i]));
	}
	forward(f, PORT_A, &ev[0]);
	release(f, PORT_A, &ev[1]);
	forward(f, PORT_A, &ev[2]);
	assert_true(check_dequeue(&f->check, PORT_A, &ev[0]));
	assert_true(check_dequeue(&f->check, PORT_A, &ev[2]));
	assert_false(check_failed(&f->check));
}

static void
order_fixed_by_an_atomic_flow_is_checked_behind_it(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = at_second_hop(f, STREAM_PARALLEL);
	struct rte_event second = at_second_hop(f, STREAM_PARALLEL);

	/* Behind the parallel stage any order is right: the later event becomes the first. */
	assert_true(check_dequeue(&f->check, PORT_A, &second));
	assert_true(check_dequeue(&f->check, PORT_A, &first));
	forward(f, PORT_A, &second);
	forward(f, PORT_A, &first);
	assert_true(check_dequeue(&f->check, PORT_B, &first));
	assert_false(check_dequeue(&f->check, PORT_B, &second));
	assert_violated(f, CHECK_ORDER);
}

static void
directed_order_swapped_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = inject(f, STREAM_DIRECTED);
	struct rte_event second = inject(f, STREAM_DIRECTED);

	assert_true(check_dequeue(&f->check, PORT_A, &second));
	assert_false(check_dequeue(&f->check, PORT_A, &first));
	assert_violated(f, CHECK_DIRECTED_ORDER);
}

static void
streams_have_no_order_between_them(void **state)
{
	struct fixture *f = *state;
	struct rte_event first = inject(f, STREAM_DIRECTED);
	struct rte_event other = inject(f, STREAM_OTHER_FLOW);

	assert_true(check_dequeue(&f->check, PORT_A, &other));
	assert_true(check_dequeue(&f->check, PORT_A, &first));
}

static void
flushed_event_ends_its_life(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	assert_true(check_flushed(&f->check, &ev));
	assert_true(check_is_free(&f->check, check_index(&ev)));
	assert_true(check_device_empty(&f->check, "in this test"));
}

static void
event_flushed_twice_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	assert_true(check_flushed(&f->check, &ev));
	assert_false(check_flushed(&f->check, &ev));
	assert_violated(f, CHECK_DOUBLED);
}

static void
held_event_flushed_is_reported(void **state)
{
	struct fixture *f = *state;
	struct rte_event ev = inject(f, STREAM_ATOMIC);

	assert_true(check_dequeue(&f->check, PORT_A, &ev));
	assert_false(check_flushed(&f->check, &ev));
	assert_violated(f, CHECK_DOUBLED);
}

static void
first_violation_is_kept(void **state)
{
	struct fixture *f = *state;

	check_violate(&f->check, CHECK_CREDITS, "first");
	check_violate(&f->check, CHECK_LOST, "second");
	assert_violated(f, CHECK_CREDITS);
	assert_string_equal(f->check.text, "first");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(right_sequence_passes),
		TEST(fields_not_promised_may_change),
		TEST(parallel_may_come_back_as_ordered),
		TEST(lost_event_is_reported),
		TEST(event_delivered_twice_is_reported),
		TEST(event_delivered_again_after_forward_is_reported),
		TEST(event_delivered_again_after_release_is_reported),
		TEST(event_refused_but_delivered_is_reported),
		TEST(altered_payload_is_reported),
		TEST(payload_beyond_the_records_is_reported),
		TEST(altered_flow_is_reported),
		TEST(altered_sub_type_is_reported),
		TEST(sub_type_of_a_neighbour_is_reported),
		TEST(altered_type_is_reported),
		TEST(altered_queue_is_reported),
		TEST(altered_sched_type_is_reported),
		TEST(flow_is_not_compared_where_the_device_does_not_carry_it),
		TEST(atomic_flow_at_two_ports_is_reported),
		TEST(atomic_flow_is_free_only_after_all_its_events),
		TEST(refused_release_keeps_the_atomic_flow),
		TEST(other_streams_of_the_flow_are_excluded_too),
		TEST(other_flows_are_not_excluded),
		TEST(implicit_release_frees_the_atomic_flow),
		TEST(order_swapped_behind_ordered_stage_is_reported),
		TEST(order_with_holes_passes),
		TEST(order_fixed_by_an_atomic_flow_is_checked_behind_it),
		TEST(directed_order_swapped_is_reported),
		TEST(streams_have_no_order_between_them),
		TEST(flushed_event_ends_its_life),
		TEST(event_flushed_twice_is_reported),
		TEST(held_event_flushed_is_reported),
		TEST(first_violation_is_kept),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
