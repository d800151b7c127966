/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Makes a device misbehave, to see that the conformance program notices. Preloaded, it puts itself
 * between the program and the device's fast path when the device is started. FAULT in the
 * environment names what goes wrong, on every FAULT_PERIOD-th occasion. One device, one thread.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eventdev.h>
#include <rte_version.h>

#define FAULT_PERIOD 500

enum fault {
	FAULT_NONE,
	FAULT_LOSE, /* an event is taken from the device and not delivered */
	FAULT_DOUBLE, /* an event is delivered twice */
	FAULT_REPLAY, /* an event is delivered again much later */
	FAULT_PAYLOAD, /* a bit of u64 changes */
	FAULT_FLOW,
	FAULT_SUB_TYPE,
	FAULT_TYPE,
	FAULT_QUEUE,
	FAULT_SWAP, /* neighbours in a burst change places */
	FAULT_SHARE, /* atomic flows are released as soon as they are delivered */
	FAULT_REFUSE, /* an enqueue is refused as if it were invalid */
	FAULT_OVERSTATE, /* an event is dropped by an enqueue that reports it as taken */
	NUM_FAULTS
};

static const char *const fault_names[NUM_FAULTS] = {
	"none", "lose", "double", "replay", "payload", "flow", "sub-type", "type", "queue", "swap",
	"share", "refuse", "overstate",
};

/* A preloaded library has no other place for what it wraps. */
static struct {
	enum fault fault;
	uint32_t occasions;
	struct rte_event kept;
	bool has_kept;
	event_dequeue_burst_t dequeue;
	event_enqueue_burst_t enqueue;
} wrap;

static bool
is_time(void)
{
	return ++wrap.occasions % FAULT_PERIOD == 0;
}

static uint16_t
spoil_delivery(struct rte_event ev[], uint16_t got, uint16_t room)
{
	struct rte_event *last = &ev[got - 1];

	switch (wrap.fault) {
	case FAULT_LOSE:
		return got - 1;
	case FAULT_DOUBLE:
		if (got < room)
			ev[got++] = *last;
		break;
	case FAULT_REPLAY:
		if (wrap.has_kept && got < room)
			ev[got++] = wrap.kept;
		wrap.kept = ev[0];
		wrap.has_kept = true;
		break;
	case FAULT_PAYLOAD:
		last->u64 ^= 1ULL << (wrap.occasions % 64);
		break;
	case FAULT_FLOW:
		last->flow_id ^= 1u << 12;
		break;
	case FAULT_SUB_TYPE:
		last->sub_event_type ^= 1;
		break;
	case FAULT_TYPE:
		last->event_type ^= 8;
		break;
	case FAULT_QUEUE:
		last->queue_id++;
		break;
	default:
		break;
	}
	return got;
}

static void
swap_neighbours(struct rte_event ev[], uint16_t got)
{
	uint16_t i;

	for (i = 0; i + 1 < got; i += 2) {
		struct rte_event first = ev[i];

		ev[i] = ev[i + 1];
		ev[i + 1] = first;
	}
}

static void
release_all(void *port, const struct rte_event ev[], uint16_t got)
{
	uint16_t i;

	for (i = 0; i < got; i++) {
		struct rte_event release = ev[i];

		release.op = RTE_EVENT_OP_RELEASE;
		wrap.enqueue(port, &release, 1);
	}
}

static uint16_t
dequeue_burst(void *port, struct rte_event ev[], uint16_t n, uint64_t timeout)
{
	uint16_t got = wrap.dequeue(port, ev, n, timeout);

	if (got == 0)
		return 0;
	if (wrap.fault == FAULT_SWAP)
		swap_neighbours(ev, got);
	else if (wrap.fault == FAULT_SHARE)
		release_all(port, ev, got);
	else if (is_time())
		got = spoil_delivery(ev, got, n);
	return got;
}

/* The event was released when it was delivered: what the program sends now is new. */
static uint16_t
enqueue_released(void *port, struct rte_event ev)
{
	if (ev.op == RTE_EVENT_OP_RELEASE)
		return 1;
	ev.op = RTE_EVENT_OP_NEW;
	return wrap.enqueue(port, &ev, 1);
}

static uint16_t
enqueue_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent = 0;

	if (wrap.fault == FAULT_REFUSE && is_time()) {
		rte_errno = EINVAL;
		return 0;
	}
	if (wrap.fault == FAULT_OVERSTATE && n > 1 && is_time())
		return wrap.enqueue(port, ev, n - 1) + 1;
	if (wrap.fault != FAULT_SHARE)
		return wrap.enqueue(port, ev, n);
	while (sent < n && enqueue_released(port, ev[sent]) == 1)
		sent++;
	return sent;
}

/* Until 24.07 applications reach single events through functions of their own. */
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
static uint16_t
dequeue_one(void *port, struct rte_event *ev, uint64_t timeout)
{
	return dequeue_burst(port, ev, 1, timeout);
}

static uint16_t
enqueue_one(void *port, const struct rte_event *ev)
{
	return enqueue_burst(port, ev, 1);
}

static void
wrap_single(struct rte_event_fp_ops *ops)
{
	ops->dequeue = dequeue_one;
	ops->enqueue = enqueue_one;
}
#else
static void
wrap_single(struct rte_event_fp_ops *ops)
{
	RTE_SET_USED(ops);
}
#endif

static void
choose_fault(void)
{
	const char *name = getenv("FAULT");
	int i;

	for (i = 0; i < NUM_FAULTS && name != NULL; i++)
		if (strcmp(name, fault_names[i]) == 0)
			wrap.fault = i;
}

int
rte_event_dev_start(uint8_t dev_id)
{
	int (*real_start)(uint8_t dev_id) = dlsym(RTLD_NEXT, "rte_event_dev_start");
	struct rte_event_fp_ops *ops = &rte_event_fp_ops[dev_id];
	int ret = real_start(dev_id);

	choose_fault();
	if (ret != 0 || ops->dequeue_burst == dequeue_burst)
		return ret;
	wrap.dequeue = ops->dequeue_burst;
	wrap.enqueue = ops->enqueue_burst;
	ops->dequeue_burst = dequeue_burst;
	ops->enqueue_burst = enqueue_burst;
	ops->enqueue_new_burst = enqueue_burst;
	ops->enqueue_forward_burst = enqueue_burst;
	wrap_single(ops);
	return 0;
}
