/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Waiting for events (data-path 7): a dequeue with a timeout spins, lets the core rest by UMWAIT,
 * or sleeps in the kernel until the CQ's interrupt; and the arming of that interrupt, for those who
 * wait on its file descriptor themselves. Not here: reading entries (dlb2_reading.h), and how the
 * file descriptors come about (dlb2_cq_irq.c).
 *
 * The one thing to know is the order of arming: interrupts that came so far are forgotten, the CQ
 * is armed, and when the device is known to have been told, the CQ is looked at. That look sees every
 * entry that was written before the device was told, and every one whose interrupt was forgotten;
 * an entry that comes later fires. So it does not matter whether arming fires for entries that are
 * there already, which is not known for certain (control-path 12.3).
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_pause.h>

#include "dlb2_entries.h"
#include "dlb2_lines.h"

/* UMWAIT state: C0.1 wakes faster than C0.2, and these waits are meant to be short. */
#define UMWAIT_C01 1
/*
 * A dequeue that sleeps looks at its CQ so often without having been woken: the kernel's driver
 * does not believe that no interrupt is ever lost (data-path 7.4), so nor does this one. Seldom
 * enough to cost nothing.
 */
#define LOOK_AGAIN_MS 10
/*
 * The same with the model that runs inline, where a wake-up is not lost but may have nobody to make
 * it: events of a thread that never dequeues wait until a port with an empty CQ runs the model.
 */
#define RUN_MODEL_NS (1 * (long)(NS_PER_S / MS_PER_S))

/*
 * Rests until the next entry is written or the time stamp counter reaches `deadline`
 * (data-path 7.2).
 */
static void
umwait(struct dlb2_dp_port *port, uint64_t deadline)
{
	const struct dlb2_words *entry = port->next;

	__asm__ volatile("umonitor %%rax" : : "a"(&entry->meta) : "memory");
	/* What was written before the monitor was armed does not wake it. */
	if (dlb2_entry_is_new(dlb2_entry_meta(entry), port->gen))
		return;
	port->counters[DLB2_PORT_RX_UMONITOR_UMWAIT]++;
	__asm__ volatile("umwait %%ecx"
			 :
			 : "c"(UMWAIT_C01), "a"((uint32_t)deadline), "d"((uint32_t)(deadline >> 32))
			 : "cc", "memory");
}

static void
spin(uint64_t start, uint64_t ticks)
{
	while (rte_rdtsc() - start < ticks)
		rte_pause();
}

/* Waits on the CPU, until `timeout` ticks after `start`. */
static uint16_t
wait_awake(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n, uint64_t start,
	   uint64_t timeout)
{
	const struct dlb2_dp_conf *conf = &port->dp->conf;
	uint64_t now = rte_rdtsc();
	uint16_t got = 0;

	while (got == 0 && now - start < timeout && dlb2_port_runs(port)) {
		uint64_t left = timeout - (now - start);

		if (conf->use_umwait)
			umwait(port, left < UINT64_MAX - now ? now + left : UINT64_MAX);
		else
			spin(now, RTE_MIN(left, (uint64_t)conf->poll_interval));
		got = dlb2_dequeue_ready(port, ev, n);
		now = rte_rdtsc();
	}
	return got;
}

/* Forgets the interrupts that came so far. */
static void
forget_interrupts(const struct dlb2_dp_irq *irq)
{
	const struct itimerspec run_model = { .it_value.tv_nsec = RUN_MODEL_NS };
	eventfd_t count;

	eventfd_read(irq->event, &count);
	if (irq->has_timer)
		timerfd_settime(irq->timer, 0, &run_model, NULL);
}

/*
 * The condition of the interrupt is an entry whose token is owed, so that those of entries that
 * were read must have gone back: with them it would fire at once, for nothing. No event goes with
 * it, so it needs no fence (data-path 1.7).
 */
static __rte_noinline void
send_arm(struct dlb2_dp_port *port)
{
	struct dlb2_line *line;

	dlb2_return_tokens(port);
	port->issued = 0;
	line = dlb2_pp_line(&port->pp);
	dlb2_set_hcw(&line->hcw[0], 0, (uint64_t)DLB2_CMD_ARM << DLB2_HCW_SHIFT(cmd));
	dlb2_finish_line(port, line, 1, 0);
}

/* Whether an entry is there; if not, the next one fires. */
static bool
arm(struct dlb2_dp_port *port)
{
	forget_interrupts(&port->conf.irq);
	send_arm(port);
	dlb2_pp_flush(&port->pp);
	return dlb2_entry_is_new(dlb2_entry_meta(port->next), port->gen);
}

/* Nanoseconds in `ticks`, at most those of LOOK_AGAIN_MS; rounded up. */
static struct timespec
sleep_limit(uint64_t ticks)
{
	const uint64_t hz = rte_get_tsc_hz();

	ticks = RTE_MIN(ticks, hz / MS_PER_S * LOOK_AGAIN_MS);
	return (struct timespec){ .tv_nsec = (ticks * NS_PER_S + hz - 1) / hz };
}

/* Returns when the interrupt comes, after `ticks`, or earlier. */
static void
sleep_in_kernel(struct dlb2_dp_port *port, uint64_t ticks)
{
	const struct timespec limit = sleep_limit(ticks);
	struct pollfd fd = { .fd = port->conf.irq.fd, .events = POLLIN };

	port->counters[DLB2_PORT_RX_INTERRUPT_WAIT]++;
	ppoll(&fd, 1, &limit, NULL);
}

/*
 * The port is the thread's own until `asleep` is false again: stop waits for that. After a wake-up
 * it is asked first whether the port still runs.
 */
static uint16_t
wait_asleep(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n, uint64_t start,
	    uint64_t timeout)
{
	uint64_t now = rte_rdtsc();
	uint16_t got = 0;

	__atomic_store_n(&port->asleep, true, __ATOMIC_SEQ_CST);
	while (got == 0 && now - start < timeout && dlb2_port_runs(port)) {
		if (!arm(port) && dlb2_port_runs(port))
			sleep_in_kernel(port, timeout - (now - start));
		if (dlb2_port_runs(port))
			got = dlb2_dequeue_ready(port, ev, n);
		now = rte_rdtsc();
	}
	__atomic_store_n(&port->asleep, false, __ATOMIC_RELEASE);
	return got;
}

/* File descriptors are the primary process's. */
static bool
may_sleep(const struct dlb2_dp_port *port)
{
	return port->dp->conf.sleep_when_idle && port->conf.irq.connected &&
		rte_eal_process_type() == RTE_PROC_PRIMARY;
}

uint16_t
dlb2_wait_for_entries(struct dlb2_dp_port *port, struct rte_event ev[], uint16_t n,
		      uint64_t timeout)
{
	const uint64_t start = rte_rdtsc();
	uint16_t got;

	if (!may_sleep(port))
		return wait_awake(port, ev, n, start, timeout);
	got = wait_awake(port, ev, n, start, RTE_MIN(timeout, port->dp->conf.spin_ticks));
	return got > 0 ? got : wait_asleep(port, ev, n, start, timeout);
}

int
dlb2_dp_port_arm(struct dlb2_dp_port *port)
{
	bool ready;

	if (!dlb2_port_runs(port))
		return -ESHUTDOWN;
	if (port->implicit_mask != 0)
		dlb2_release_open(port);
	dlb2_return_credits(port);
	if (port->idle & DLB2_IDLE_TELLS)
		dlb2_port_resume(port);
	ready = arm(port);
	/* Stop may have signalled before arm() forgot it. */
	if (!dlb2_port_runs(port))
		return -ESHUTDOWN;
	return ready;
}

void
dlb2_dp_port_set_irq(struct dlb2_dp_port *port, const struct dlb2_dp_irq *irq)
{
	port->conf.irq = *irq;
}

void
dlb2_dp_port_wake(const struct dlb2_dp_port *port)
{
	if (port->conf.irq.connected)
		eventfd_write(port->conf.irq.event, 1);
}
