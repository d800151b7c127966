/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Defects of the in-tree driver in what becomes of events: fields, bursts, errors, time-outs.
 */
#include <errno.h>
#include <string.h>

#include "defects.h"

#include <rte_common.h>
#include <rte_cycles.h>

#define MAX_BURST 64
#define NO_IMPLICIT_RELEASE RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL
#ifdef RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ /* since 24.11 */
#define INDEPENDENT_ENQ RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ
#else
#define INDEPENDENT_ENQ 0
#endif
/* The device keeps the upper three bits of a priority. */
#define KEPT_PRIORITY 0xe0

/* An event whose every field tells its number. */
static struct rte_event
marked_event(uint8_t queue, uint8_t sched_type, unsigned int n)
{
	return (struct rte_event){
		.op = RTE_EVENT_OP_NEW,
		.queue_id = queue,
		.sched_type = sched_type,
		.flow_id = (n * 2654435761u) & 0xfffff,
		.sub_event_type = n * 37 + 11,
		.event_type = n * 7 + 3,
		.priority = n << 5,
		.u64 = UINT64_C(0xa5a5a5a500000000) + n,
	};
}

static unsigned int
number_of(const struct rte_event *ev)
{
	assert_int_equal(ev->u64 >> 32, 0xa5a5a5a5);
	return (uint32_t)ev->u64;
}

static void
check_kept(const struct rte_event *got, bool directed)
{
	struct rte_event sent = marked_event(0, 0, number_of(got));

	assert_int_equal(got->event_type, sent.event_type);
	assert_int_equal(got->sub_event_type, sent.sub_event_type);
	assert_int_equal(got->priority, sent.priority & KEPT_PRIORITY);
	if (!directed) /* a directed queue does not carry them */
		assert_int_equal(got->flow_id & 0xffff, sent.flow_id & 0xffff);
}

static void
send_and_check(uint8_t dev, uint8_t queue, uint8_t sched_type, unsigned int send, unsigned int take)
{
	struct rte_event ev[MAX_BURST], got[MAX_BURST];
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < MAX_BURST; i++)
		ev[i] = marked_event(queue, sched_type, i);
	for (i = 0; i < MAX_BURST; i += send)
		defect_send(dev, 0, &ev[i], RTE_MIN(send, MAX_BURST - i));
	assert_int_equal(defect_receive(dev, queue, got, MAX_BURST, take), MAX_BURST);
	for (i = 0; i < MAX_BURST; i++) {
		assert_int_equal(got[i].queue_id, queue);
		check_kept(&got[i], queue == 2);
		seen |= UINT64_C(1) << number_of(&got[i]);
	}
	assert_true(seen == UINT64_MAX);
}

/* What was packed by one way of sending is unpacked by every way of receiving. */
static void
any_bursts(uint8_t dev)
{
	static const uint8_t types[] = {RTE_SCHED_TYPE_ORDERED, RTE_SCHED_TYPE_ATOMIC};
	unsigned int send, take, type;

	defect_start(dev, 0, 0);
	for (type = 0; type < RTE_DIM(types); type++)
		for (send = 1; send <= 9; send++)
			for (take = 1; take <= 9; take++) {
				send_and_check(dev, 1, types[type], send, take);
				send_and_check(dev, 2, types[type], send, take);
			}
}

static void
test_b5_fields_at_any_burst_size(void **state)
{
	any_bursts(defect_device(""));
}

static void
test_b5_fields_with_vector_options(void **state)
{
	any_bursts(defect_device("vector_opts_enable=y"));
}

/* From port 1, where they are open, to directed queue 2. */
static void
forward_marked(uint8_t dev, unsigned int send)
{
	struct rte_event ev[16], got[16];
	unsigned int i;

	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = marked_event(1, RTE_SCHED_TYPE_ATOMIC, i);
	defect_send(dev, 0, ev, RTE_DIM(ev));
	assert_int_equal(defect_receive(dev, 1, ev, RTE_DIM(ev), 16), RTE_DIM(ev));
	for (i = 0; i < RTE_DIM(ev); i++) {
		ev[i].op = RTE_EVENT_OP_FORWARD;
		ev[i].queue_id = 2;
		ev[i].priority = number_of(&ev[i]) << 5;
	}
	for (i = 0; i < RTE_DIM(ev); i += send)
		defect_send(dev, 1, &ev[i], RTE_MIN(send, RTE_DIM(ev) - i));
	assert_int_equal(defect_receive(dev, 2, got, RTE_DIM(got), 16), RTE_DIM(got));
	for (i = 0; i < RTE_DIM(got); i++) {
		assert_int_equal(got[i].queue_id, 2);
		check_kept(&got[i], true);
	}
}

/* With the flag where the API has it. */
static void
test_b6_directed_destination(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int send;

	defect_start(dev, NO_IMPLICIT_RELEASE | INDEPENDENT_ENQ, 32);
	for (send = 1; send <= 5; send++)
		forward_marked(dev, send);
}

/* Never more than the port's depth, and not fewer either, whatever the two are modulo four. */
static void
test_b7_enqueue_depth(void **state)
{
	struct rte_event_dev_config conf;
	struct rte_event_port_conf port;
	struct rte_event ev[32];
	uint8_t dev = defect_device("");
	unsigned int depth, i;

	for (i = 0; i < RTE_DIM(ev); i++)
		ev[i] = defect_event(0, i);
	for (depth = 4; depth <= 9; depth++) {
		conf = evdev_conf(dev, 1, 1, 0);
		assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
		assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		rte_event_port_default_conf_get(dev, 0, &port);
		port.enqueue_depth = depth;
		assert_int_equal(rte_event_port_setup(dev, 0, &port), 0);
		assert_int_equal(evdev_link(dev, 0, 0), 1);
		assert_int_equal(rte_event_dev_start(dev), 0);
		for (i = depth; i <= RTE_DIM(ev); i++) {
			assert_int_equal(rte_event_enqueue_burst(dev, 0, ev, i), depth);
			assert_int_equal(defect_sink(dev, 0, depth), depth);
		}
		rte_event_dev_stop(dev);
	}
}

/* Never less than asked for, and never more than a tick on top. */
static void
test_b9_timeout_ticks(void **state)
{
	static const uint64_t times[] = {1, 2, 3, 10, 999, 1000, 12345, 1000000, 999999999,
					 UINT32_MAX - 1};
	const double hz = rte_get_timer_hz();
	uint8_t dev = defect_device("");
	uint64_t ticks;
	unsigned int i;

	defect_start(dev, 0, 0);
	for (i = 0; i < RTE_DIM(times); i++) {
		assert_int_equal(rte_event_dequeue_timeout_ticks(dev, times[i], &ticks), 0);
		assert_true(ticks >= times[i] * hz / NS_PER_S - 0.001);
		assert_true(ticks <= times[i] * hz / NS_PER_S + 1);
	}
}

static void
test_b9_dequeue_waits_long_enough(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event_dev_config conf = evdev_conf(dev, 1, 1, 0);
	const uint64_t ns = 20 * 1000 * 1000;
	struct rte_event event;
	uint64_t ticks, start;

	conf.event_dev_cfg = RTE_EVENT_DEV_CFG_PER_DEQUEUE_TIMEOUT;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(rte_event_dequeue_timeout_ticks(dev, ns, &ticks), 0);
	start = rte_get_timer_cycles();
	assert_int_equal(rte_event_dequeue_burst(dev, 0, &event, 1, ticks), 0);
	assert_true(rte_get_timer_cycles() - start >= (double)ns * rte_get_timer_hz() / NS_PER_S);
}

static void
refuse(uint8_t dev, uint8_t port, struct rte_event event, int error)
{
	rte_errno = 0;
	assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 0);
	assert_int_equal(rte_errno, error);
}

/* A port with nothing open has nothing to complete, now or at its next dequeue. */
static void
test_b17_completion_of_nothing(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event event = defect_event(1, 0), ev[4];
	uint64_t implicit, open;

	defect_start(dev, 0, 0);
	event.op = RTE_EVENT_OP_RELEASE;
	refuse(dev, 1, event, EINVAL);
	event.op = RTE_EVENT_OP_FORWARD;
	refuse(dev, 1, event, EINVAL);
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), 0);
	defect_check_traffic(dev, 0, 1, 1, 4);
	implicit = evdev_xstat(dev, "port_1_tx_implicit_rel");
	assert_true(implicit <= 4);
	/* with two open, or one if they came one by one, the third is too many */
	ev[0] = ev[1] = defect_event(1, 0);
	defect_send(dev, 0, ev, 2);
	assert_int_equal(defect_receive(dev, 1, ev, 2, 2), 2);
	open = evdev_xstat(dev, "port_1_outstanding_releases");
	ev[0].op = ev[1].op = ev[2].op = RTE_EVENT_OP_RELEASE;
	rte_errno = 0;
	assert_int_equal(rte_event_enqueue_burst(dev, 1, ev, 3), open);
	assert_int_equal(rte_errno, EINVAL);
	defect_check_traffic(dev, 0, 1, 1, 100);
	assert_int_equal(evdev_xstat(dev, "port_1_tx_implicit_rel"), 104 + 2 - open);
}

/* Every queue number that is not a queue's, for every type, alone and in a burst. */
static void
test_b18_queue_that_does_not_exist(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event event, ev[3];
	unsigned int queue;

	defect_start(dev, 0, 0);
	for (queue = 3; queue <= UINT8_MAX; queue++) {
		event = defect_event(queue, 0);
		event.sched_type = queue % 3;
		refuse(dev, 0, event, EINVAL);
		ev[0] = ev[2] = defect_event(1, 0);
		ev[1] = event;
		rte_errno = 0;
		assert_int_equal(rte_event_enqueue_new_burst(dev, 0, ev, 3), 1);
		assert_int_equal(rte_errno, EINVAL);
		assert_int_equal(defect_receive(dev, 1, ev, 1, 1), 1);
	}
	assert_int_equal(evdev_xstat(dev, "port_0_tx_ok"), UINT8_MAX - 2);
	defect_check_traffic(dev, 0, 1, 1, 100);
}

static void
test_b18_unknown_op(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[3] = {defect_event(1, 0), defect_event(1, 1), defect_event(1, 2)};

	defect_start(dev, 0, 0);
	ev[1].op = 3;
	refuse(dev, 0, ev[1], EINVAL);
	assert_int_equal(rte_event_enqueue_burst(dev, 0, ev, 3), 1);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(defect_sink(dev, 1, 1), 1);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_ok"), 1);
}

/* All queues, at the usual priority. */
static void
test_b18_null_links(void **state)
{
	uint8_t dev = defect_device("");
	unsigned int i;

	assert_int_equal(evdev_configure(dev, 1, 4, 0), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(evdev_setup_queue(dev, i, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), 4);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 4; i++)
		defect_check_traffic(dev, 0, i, 0, 20);
}

/* As the API says and as the timer adapter compares them. */
static void
test_b27_errno_is_positive(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event_dev_config conf = evdev_conf(dev, 1, 1, 0);
	struct rte_event event = defect_event(0, 0);
	unsigned int i;

	conf.nb_events_limit = 512;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	rte_errno = 0;
	for (i = 0; rte_event_enqueue_burst(dev, 0, &event, 1) == 1; i++)
		assert_true(i < 512);
	assert_int_equal(rte_errno, ENOSPC);
	assert_int_equal(defect_sink(dev, 0, i), i);
	event.sched_type = RTE_SCHED_TYPE_ORDERED;
	refuse(dev, 0, event, EINVAL);
	rte_errno = 0;
	assert_int_equal(rte_event_port_link(dev, 0, (uint8_t[]){9}, NULL, 1), 0);
	assert_int_equal(rte_errno, EINVAL);
}

/* As many as an 8-bit number cannot tell from none: each is completed once. */
static void
test_b30_many_open_events(void **state)
{
	enum { MANY = 256 };
	uint8_t dev = defect_device("use_default_hl=n,alloc_hl_entries=1024");
	struct rte_event ev[MANY], got[MANY];
	unsigned int i;

	defect_start_parallel(dev, NO_IMPLICIT_RELEASE | INDEPENDENT_ENQ, 128);
	defect_fill_parallel(ev, MANY, 1);
	defect_send(dev, 0, ev, MANY);
	assert_int_equal(defect_receive(dev, 1, got, MANY, 100), MANY);
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), MANY);
	for (i = 0; i < MANY; i++) {
		got[i].op = RTE_EVENT_OP_FORWARD;
		got[i].queue_id = 0;
	}
	defect_send(dev, 1, got, MANY);
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), 0);
	assert_int_equal(defect_receive(dev, 0, got, MANY, 100), MANY);
	for (i = 0; i < MANY; i++)
		got[i].op = RTE_EVENT_OP_RELEASE;
	defect_send(dev, 0, got, MANY);
	assert_int_equal(evdev_xstat(dev, "port_0_outstanding_releases"), 0);
}

/* To one atomic flow: what leaves the port in a burst arrives in its order. */
static void
test_b30_new_behind_forward(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[32];
	unsigned int i;

	defect_start(dev, NO_IMPLICIT_RELEASE | INDEPENDENT_ENQ, 32);
	for (i = 0; i < 16; i++)
		ev[i] = defect_event(1, i);
	defect_send(dev, 0, ev, 16);
	assert_int_equal(defect_receive(dev, 1, ev, 16, 16), 16);
	for (i = 16; i-- > 0;) {
		ev[2 * i] = ev[i];
		ev[2 * i].op = RTE_EVENT_OP_FORWARD;
		ev[2 * i].queue_id = 0;
		ev[2 * i + 1] = defect_event(0, 0);
		ev[2 * i].u64 = 2 * i;
		ev[2 * i + 1].u64 = 2 * i + 1;
		ev[2 * i].flow_id = ev[2 * i + 1].flow_id = 7;
	}
	defect_send(dev, 1, ev, 32);
	assert_int_equal(defect_receive(dev, 0, ev, 32, 32), 32);
	for (i = 0; i < 32; i++)
		assert_int_equal(ev[i].u64, i);
}

/* What cannot be sent costs nothing: afterwards there is room for as much as before. */
static void
test_b30_failure_keeps_no_credits(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event bad = defect_event(200, 0), event;
	unsigned int i;

	defect_start(dev, NO_IMPLICIT_RELEASE | INDEPENDENT_ENQ, 32);
	event = defect_event(1, 0);
	defect_send(dev, 0, &event, 1);
	assert_int_equal(defect_receive(dev, 1, &event, 1, 1), 1);
	for (i = 0; i < 20000; i++) {
		assert_int_equal(rte_event_enqueue_burst(dev, 0, &bad, 1), 0);
		event.op = RTE_EVENT_OP_FORWARD;
		event.queue_id = 200;
		assert_int_equal(rte_event_enqueue_burst(dev, 1, &event, 1), 0);
	}
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), 1);
	event.op = RTE_EVENT_OP_RELEASE;
	defect_send(dev, 1, &event, 1);
	defect_check_traffic(dev, 0, 2, 2, 1000);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_nospc_new_event_limit"), 0);
}

/* One cannot know the bits a driver wants in impl_opaque of an event that was never dequeued. */
static void
test_b30_foreign_opaque(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[8];
	unsigned int i;

	defect_start(dev, NO_IMPLICIT_RELEASE, 32);
	for (i = 0; i < RTE_DIM(ev); i++) {
		ev[i] = defect_event(1, i);
		ev[i].impl_opaque = 0x11 * (i + 1);
	}
	defect_send(dev, 0, ev, RTE_DIM(ev));
	assert_int_equal(defect_receive(dev, 1, ev, RTE_DIM(ev), 8), RTE_DIM(ev));
	for (i = 0; i < RTE_DIM(ev); i++) {
		ev[i].op = i & 1 ? RTE_EVENT_OP_FORWARD : RTE_EVENT_OP_RELEASE;
		ev[i].queue_id = 0;
		ev[i].impl_opaque = 0xff - i;
	}
	defect_send(dev, 1, ev, RTE_DIM(ev));
	assert_int_equal(evdev_xstat(dev, "port_1_outstanding_releases"), 0);
	assert_int_equal(defect_receive(dev, 0, ev, 4, 4), 4);
}

/* An ordered event on a queue without sequence numbers: refused, and nothing else is touched. */
static void
test_b40_ordered_event_on_other_queue(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[3];
	unsigned int i, round;

	assert_int_equal(evdev_configure(dev, 1, 2, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	assert_int_equal(evdev_setup_queue(dev, 1, 0, RTE_SCHED_TYPE_PARALLEL), 0);
	assert_int_equal(evdev_setup_port(dev, 0, 0), 0);
	assert_int_equal(rte_event_port_link(dev, 0, NULL, NULL, 0), 2);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < RTE_DIM(ev); i++)
			ev[i] = defect_event(round & 1, i);
		ev[1].sched_type = RTE_SCHED_TYPE_ORDERED;
		refuse(dev, 0, ev[1], EINVAL);
		assert_int_equal(rte_event_enqueue_burst(dev, 0, ev, 3), 1);
		assert_int_equal(rte_errno, EINVAL);
		assert_int_equal(defect_receive(dev, 0, ev, 1, 1), 1);
		assert_int_equal(ev[0].queue_id, round & 1);
		assert_int_equal(ev[0].priority, 0);
	}
	assert_int_equal(evdev_xstat(dev, "port_0_tx_sched_atomic"), 100);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_sched_ordered"), 0);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_sched_unordered"), 0);
	assert_int_equal(evdev_xstat(dev, "port_0_tx_sched_directed"), 0);
	assert_int_equal(defect_sink(dev, 0, 0), 0);
}

/* Nothing of what was in the array before is left in it. */
static void
test_b44_stale_fields(void **state)
{
	uint8_t dev = defect_device("");
	struct rte_event ev[9];
	unsigned int queue, take, i;

	defect_start(dev, 0, 0);
	for (queue = 1; queue <= 2; queue++)
		for (take = 1; take <= RTE_DIM(ev); take++) {
			for (i = 0; i < RTE_DIM(ev); i++)
				ev[i] = defect_event(queue, i);
			defect_send(dev, 0, ev, RTE_DIM(ev));
			memset(ev, 0xff, sizeof(ev));
			assert_int_equal(defect_receive(dev, queue, ev, RTE_DIM(ev), take),
					 RTE_DIM(ev));
			for (i = 0; i < RTE_DIM(ev); i++) {
				assert_int_equal(ev[i].op, RTE_EVENT_OP_NEW);
				assert_int_equal(ev[i].rsvd >> 2, 0);
				assert_int_equal(ev[i].impl_opaque, 0);
			}
		}
}

static const struct defect_test tests[] = {
	DEFECT(test_b5_fields_at_any_burst_size),
	DEFECT(test_b5_fields_with_vector_options),
	DEFECT(test_b6_directed_destination),
	DEFECT(test_b7_enqueue_depth),
	DEFECT(test_b9_timeout_ticks),
	DEFECT(test_b9_dequeue_waits_long_enough),
	DEFECT(test_b17_completion_of_nothing),
	DEFECT(test_b18_queue_that_does_not_exist),
	DEFECT(test_b18_unknown_op),
	DEFECT(test_b18_null_links),
	DEFECT(test_b27_errno_is_positive),
	DEFECT(test_b30_many_open_events),
	DEFECT(test_b30_new_behind_forward),
	DEFECT(test_b30_failure_keeps_no_credits),
	DEFECT(test_b30_foreign_opaque),
	DEFECT(test_b40_ordered_event_on_other_queue),
	DEFECT(test_b44_stale_fields),
};

const struct defect_group defects_events = {"events", tests, RTE_DIM(tests)};
