/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The data path of secondary processes: the same functions, each with a mark in the port that says
 * what burst is under way. It tells the primary whether a process that died left a port in the
 * middle of something (dlb2_settle.c), and it lets stop wait for bursts to end. The primary's own
 * threads need no mark: they cannot die alone, and the application keeps them off at stop.
 *
 * A burst writes its mark and then looks whether the port runs; stop says that it does not, and
 * then looks at the marks. Between write and look each side needs a full barrier. Stop makes both:
 * membarrier() of Linux runs one on every CPU that a secondary process is on, and a burst goes
 * without.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "dlb2_datapath_priv.h"

/* A burst takes microseconds, unless its process is not scheduled. */
#define BURST_LIMIT_US 1000000
#define LOOK_US 10

static __rte_always_inline void
end(struct dlb2_dp_port *port)
{
	__atomic_store_n(&port->burst, 0, __ATOMIC_RELEASE);
}

/* The library passes NULL for a port that is not there, and when the device is being removed. */
static __rte_always_inline bool
begin(struct dlb2_dp_port *port, uint16_t burst)
{
	if (unlikely(port == NULL)) {
		rte_errno = ENODEV;
		return false;
	}
	__atomic_store_n(&port->burst, burst, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (likely(__atomic_load_n(&port->running, __ATOMIC_ACQUIRE)))
		return true;
	end(port);
	rte_errno = ESHUTDOWN;
	return false;
}

static uint16_t
enqueue_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent;

	if (unlikely(!begin(port, RTE_MIN(n, DLB2_BURST_DEQUEUE - 1))))
		return 0;
	sent = dlb2_port_ops(port)->enqueue_burst(port, ev, n);
	end(port);
	return sent;
}

static uint16_t
enqueue_new_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent;

	if (unlikely(!begin(port, RTE_MIN(n, DLB2_BURST_DEQUEUE - 1))))
		return 0;
	sent = dlb2_port_ops(port)->enqueue_new_burst(port, ev, n);
	end(port);
	return sent;
}

static uint16_t
enqueue_forward_burst(void *port, const struct rte_event ev[], uint16_t n)
{
	uint16_t sent;

	if (unlikely(!begin(port, RTE_MIN(n, DLB2_BURST_DEQUEUE - 1))))
		return 0;
	sent = dlb2_port_ops(port)->enqueue_forward_burst(port, ev, n);
	end(port);
	return sent;
}

static uint16_t
enqueue(void *port, const struct rte_event *ev)
{
	uint16_t sent;

	if (unlikely(!begin(port, 1)))
		return 0;
	sent = dlb2_port_ops(port)->enqueue(port, ev);
	end(port);
	return sent;
}

static uint16_t
dequeue_burst(void *port, struct rte_event ev[], uint16_t n, uint64_t timeout_ticks)
{
	uint16_t got;

	if (unlikely(!begin(port, DLB2_BURST_DEQUEUE)))
		return 0;
	got = dlb2_port_ops(port)->dequeue_burst(port, ev, n, timeout_ticks);
	end(port);
	return got;
}

static uint16_t
dequeue(void *port, struct rte_event *ev, uint64_t timeout_ticks)
{
	uint16_t got;

	if (unlikely(!begin(port, DLB2_BURST_DEQUEUE)))
		return 0;
	got = dlb2_port_ops(port)->dequeue(port, ev, timeout_ticks);
	end(port);
	return got;
}

static int
preschedule_modify(void *port, unsigned int type)
{
	int ret;

	if (unlikely(!begin(port, 1)))
		return -rte_errno;
	ret = dlb2_preschedule_modify(port, type);
	end(port);
	return ret;
}

static void
preschedule(void *port, unsigned int type)
{
	if (unlikely(!begin(port, 1)))
		return;
	dlb2_preschedule(port, type);
	end(port);
}

bool
dlb2_dp_port_enter(struct dlb2_dp_port *port, uint16_t n)
{
	return begin(port, RTE_MIN(n, DLB2_BURST_DEQUEUE - 1));
}

void
dlb2_dp_port_leave(struct dlb2_dp_port *port)
{
	end(port);
}

const struct dlb2_dp_ops *
dlb2_dp_guarded_ops(void)
{
	static const struct dlb2_dp_ops ops = {
		.enqueue = enqueue,
		.enqueue_burst = enqueue_burst,
		.enqueue_new_burst = enqueue_new_burst,
		.enqueue_forward_burst = enqueue_forward_burst,
		.dequeue = dequeue,
		.dequeue_burst = dequeue_burst,
		.preschedule_modify = preschedule_modify,
		.preschedule = preschedule,
		.profile_switch = dlb2_profile_switch,
	};

	return &ops;
}

int
dlb2_dp_guard(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0 ? 0 :
		-errno;
}

bool
dlb2_dp_port_interrupted(const struct dlb2_dp_port *port)
{
	return __atomic_load_n(&port->burst, __ATOMIC_ACQUIRE) != 0;
}

/* Whether a secondary process is in a burst, or a thread of the primary sleeps. */
static bool
any_busy(struct dlb2_dp_port **ports, unsigned int num_ports)
{
	unsigned int i;

	for (i = 0; i < num_ports; i++) {
		if (dlb2_dp_port_interrupted(ports[i]) ||
		    __atomic_load_n(&ports[i]->asleep, __ATOMIC_SEQ_CST))
			return true;
	}
	return false;
}

void
dlb2_dp_stop(struct dlb2_dp_port **ports, unsigned int num_ports)
{
	unsigned int i, waited;

	for (i = 0; i < num_ports; i++)
		__atomic_store_n(&ports[i]->running, false, __ATOMIC_SEQ_CST);
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
	for (i = 0; i < num_ports; i++)
		dlb2_dp_port_wake(ports[i]);
	for (waited = 0; any_busy(ports, num_ports) && waited < BURST_LIMIT_US;
	     waited += LOOK_US)
		rte_delay_us_sleep(LOOK_US);
}
