/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The instructions that only silicon sees: stores to a producer port's page, UMONITOR and UMWAIT.
 * Where the CPU lacks them (then they are undefined opcodes) a signal handler takes their place and
 * looks at their operands; where it has them, nobody can watch, and those tests are skipped.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include <rte_cpuflags.h>
#include <rte_cycles.h>

#include "dlb2_datapath_priv.h"
#include "fake_device.h"

#define MAX_LINES 64
#define MAX_EVENTS (4 * MAX_LINES)

/* Turns single-stepping on and off. */
#define STEP(on) \
	__asm__ volatile("sub $128, %%rsp; pushfq; " on "; popfq; add $128, %%rsp" \
			 : \
			 : \
			 : "cc", "memory")
#define STEP_ON STEP("orq $0x100, (%%rsp)")
#define STEP_OFF STEP("andq $~0x100, (%%rsp)")

/* What was caught. */
static struct dlb2_line lines[MAX_LINES];
static volatile unsigned int num_lines, num_monitors, num_waits, num_fences;
static void *volatile monitored;
static uint64_t volatile wait_deadline;
static volatile uint32_t wait_state;

/* What the handler does behind the port's back. */
static struct fake_port *volatile deliver_on_monitor, *volatile deliver_on_wait;

/* What it does in the name of another thread: takes a credit after so many instructions. */
static struct dlb2_credit_pool pool;
static volatile unsigned int num_steps, meddle_after;

static uint8_t page[DLB2_PP_STRIDE] __rte_cache_aligned;
static struct dlb2_hcw stored[MAX_EVENTS];
static volatile unsigned int num_stored;

static struct fake_device *dev;
static const struct dlb2_dp_ops *ops;

static void
on_undefined_opcode(int sig, siginfo_t *info, void *context)
{
	static const uint8_t movdir64b[] = {0x66, 0x0f, 0x38, 0xf8, 0x02}; /* (%rdx), %rax */
	static const uint8_t umonitor[] = {0xf3, 0x0f, 0xae, 0xf0};        /* %rax */
	static const uint8_t umwait[] = {0xf2, 0x0f, 0xae, 0xf1}; /* %ecx, deadline in edx:eax */
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const void *opcode = (const void *)regs[REG_RIP];

	if (memcmp(opcode, movdir64b, sizeof(movdir64b)) == 0) {
		if (regs[REG_RAX] != (greg_t)page || regs[REG_RDX] % 64 != 0)
			abort();
		memcpy(&lines[num_lines++ % MAX_LINES], (const void *)regs[REG_RDX], 64);
		regs[REG_RIP] += sizeof(movdir64b);
	} else if (memcmp(opcode, umonitor, sizeof(umonitor)) == 0) {
		monitored = (void *)regs[REG_RAX];
		num_monitors++;
		if (deliver_on_monitor != NULL)
			fake_deliver(deliver_on_monitor, fake_entry(0));
		regs[REG_RIP] += sizeof(umonitor);
	} else if (memcmp(opcode, umwait, sizeof(umwait)) == 0) {
		wait_deadline = (uint64_t)regs[REG_RDX] << 32 | (uint32_t)regs[REG_RAX];
		wait_state = regs[REG_RCX];
		num_waits++;
		if (deliver_on_wait != NULL)
			fake_deliver(deliver_on_wait, fake_entry(0));
		regs[REG_RIP] += sizeof(umwait);
	} else {
		abort();
	}
}

/*
 * Sees the page after each instruction, and so every 16-byte store that changes it, and each fence
 * before it is executed.
 */
static void
on_step(int sig, siginfo_t *info, void *context)
{
	static const uint8_t sfence[] = {0x0f, 0xae, 0xf8};
	const void *opcode = (const void *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	if (++num_steps == meddle_after)
		pool.taken++;
	num_fences += memcmp(opcode, sfence, sizeof(sfence)) == 0;
	if (num_stored == 0 || memcmp(page, &stored[num_stored - 1], 16) != 0)
		memcpy(&stored[num_stored++ % MAX_EVENTS], page, 16);
}

static int
setup(void **state)
{
	ops = fake_ops();
	meddle_after = 0;
	deliver_on_monitor = deliver_on_wait = NULL;
	num_lines = num_monitors = num_waits = num_fences = num_stored = 0;
	memset(page, 0, sizeof(page));
	return 0;
}

static int
teardown(void **state)
{
	if (dev != NULL)
		fake_device_destroy(dev);
	dev = NULL;
	return 0;
}

/* To be called by the test itself: cmocka has handlers of its own from its start to its end. */
static void
catch_signals(void)
{
	struct sigaction undefined = {.sa_sigaction = on_undefined_opcode, .sa_flags = SA_SIGINFO};
	struct sigaction step = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};

	assert_int_equal(sigaction(SIGILL, &undefined, NULL), 0);
	assert_int_equal(sigaction(SIGTRAP, &step, NULL), 0);
}

static struct fake_port *
start(const struct dlb2_dp_conf *conf, volatile void *pp)
{
	struct dlb2_dp_port_conf port_conf = fake_port_conf(64);
	struct fake_port *port;

	port_conf.pp = pp;
	dev = fake_device_create(conf);
	port = fake_port_add(dev, &port_conf);
	fake_device_start(dev);
	return port;
}

static void
fill_events(struct rte_event *ev, unsigned int n, unsigned int first)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		ev[i] = (struct rte_event){.queue_id = FAKE_ATOMIC_QUEUE,
					   .sched_type = RTE_SCHED_TYPE_ATOMIC,
					   .u64 = first + i};
}

static void
test_movdir64b(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct rte_event ev[MAX_EVENTS];
	struct fake_port *port;
	unsigned int n, i;

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0)
		skip();
	port = start(&conf, page);
	catch_signals();
	port->dp->pp.store = DLB2_PP_MOVDIR64B;
	for (n = 1; n <= MAX_EVENTS; n = n < 20 ? n + 1 : n + 59) {
		fill_events(ev, n, 100);
		num_lines = 0;
		assert_int_equal(n == 1 ? ops->enqueue(port->dp, ev)
					: ops->enqueue_new_burst(port->dp, ev, n),
				 n);
		assert_int_equal(num_lines, (n + 3) / 4);
		for (i = 0; i < num_lines * 4; i++) {
			assert_int_equal(lines[i / 4].hcw[i % 4].cmd,
					 i < n ? DLB2_CMD_NEW : DLB2_CMD_NOOP);
			assert_int_equal(lines[i / 4].hcw[i % 4].data, i < n ? 100 + i : 0);
		}
	}
}

/* A store of 16 bytes to the base of the page for each HCW, in order (data-path 1.5, 1.6). */
static void
test_movntdq(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port = start(&conf, page);
	struct rte_event ev[10];
	unsigned int i;

	catch_signals();
	port->dp->pp.store = DLB2_PP_MOVNTDQ;
	fill_events(ev, 10, 1);
	num_stored = 0;
	memcpy(&stored[num_stored++], page, 16);
	STEP_ON;
	ops->enqueue_burst(port->dp, ev, 10);
	STEP_OFF;
	assert_int_equal(num_stored, 1 + 10); /* what was there, and no NOOP for the last line */
	for (i = 1; i <= 10; i++) {
		assert_int_equal(stored[i].cmd, DLB2_CMD_NEW);
		assert_int_equal(stored[i].data, i);
	}
	for (i = 16; i < sizeof(page); i++)
		assert_int_equal(page[i], 0);
}

#define FENCES_OF(call) \
	({ \
		num_fences = 0; \
		STEP_ON; \
		call; \
		STEP_OFF; \
		num_fences; \
	})

/*
 * One fence for a burst that carries events or completions, none for one that only returns tokens
 * (data-path 1.7).
 */
static void
test_fences(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port = start(&conf, page);
	struct rte_event ev[64];
	unsigned int i;

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0)
		skip();
	catch_signals();
	port->dp->pp.store = DLB2_PP_MOVDIR64B;
	fill_events(ev, 64, 0);
	assert_int_equal(FENCES_OF(ops->enqueue(port->dp, ev)), 1);
	assert_int_equal(FENCES_OF(ops->enqueue(port->dp, ev)), 1);
	assert_int_equal(FENCES_OF(ops->enqueue_burst(port->dp, ev, 64)), 1);
	ev[3].op = RTE_EVENT_OP_RELEASE;
	fake_deliver(port, fake_entry(0));
	ops->dequeue(port->dp, ev + 63, 0);
	assert_int_equal(FENCES_OF(ops->enqueue_burst(port->dp, ev + 2, 3)), 1);
	num_lines = 0;
	for (i = 0; i < 33; i++)
		fake_deliver(port, fake_entry(i));
	assert_int_equal(FENCES_OF(ops->dequeue_burst(port->dp, ev, 64, 0)), 0);
	assert_int_equal(num_lines, 1);
	assert_int_equal(lines[0].hcw[0].cmd, DLB2_CMD_BAT_T);
}

/* Producers have it too, unless the build leaves it to them. */
static void
test_fence_of_producers(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct dlb2_dp_port_conf port_conf = fake_port_conf(64);
	struct fake_port *port;
	struct rte_event ev[64];

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0)
		skip();
	port_conf.pp = page;
	port_conf.producer_hint = true;
	dev = fake_device_create(&conf);
	port = fake_port_add(dev, &port_conf);
	fake_device_start(dev);
	catch_signals();
	port->dp->pp.store = DLB2_PP_MOVDIR64B;
	fill_events(ev, 64, 0);
	assert_int_equal(FENCES_OF(ops->enqueue_new_burst(port->dp, ev, 64)),
			 DLB2_BYPASS_FENCE_ON_PP ? 0 : 1);
	assert_int_equal(FENCES_OF(ops->enqueue(port->dp, ev)), DLB2_BYPASS_FENCE_ON_PP ? 0 : 1);
	assert_int_equal(num_lines, 17);
}

/* The hand-over to the model needs none. */
static void
test_no_fence_for_model(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port = start(&conf, NULL);
	struct rte_event ev[64];

	catch_signals();
	fill_events(ev, 64, 0);
	assert_int_equal(FENCES_OF(ops->enqueue_burst(port->dp, ev, 64)), 0);
	assert_int_equal(FENCES_OF(ops->enqueue(port->dp, ev)), 0);
}

static void
test_store_by_cpu(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port = start(&conf, page);

	assert_int_equal(port->dp->pp.store,
			 rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0 ? DLB2_PP_MOVDIR64B
									     : DLB2_PP_MOVNTDQ);
}

/*
 * The monitor is on the generation bit's line, the deadline is that of the call, and an event ends
 * the wait.
 */
static void
test_umwait(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port;
	const unsigned int stride = dlb2_cq_stride(conf.cq_layout);
	struct rte_event ev[8];
	uint64_t before, after;

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) > 0)
		skip();
	conf.use_umwait = true;
	conf.per_dequeue_timeout = true;
	catch_signals();
	port = start(&conf, page);
	fake_deliver(port, fake_entry(0));
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 1000000000000), 1);
	assert_int_equal(num_monitors, 0);
	deliver_on_wait = port;
	before = rte_rdtsc();
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 1000000000000), 1);
	after = rte_rdtsc();
	assert_int_equal(num_monitors, 1);
	assert_int_equal(num_waits, 1);
	assert_ptr_equal(RTE_PTR_ALIGN_FLOOR(monitored, 64),
			 RTE_PTR_ALIGN_FLOOR((char *)port->conf.cq + stride, 64));
	assert_in_range(wait_deadline, before + 1000000000000, after + 1000000000000);
	assert_true(wait_state <= 1);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_UMONITOR_UMWAIT), 1);
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, UINT64_MAX), 1);
	assert_true(wait_deadline == UINT64_MAX);
}

/* An entry that comes between the last look and the monitor would not end the sleep. */
static void
test_no_umwait_if_entry_came_first(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port;
	struct rte_event ev[8];

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) > 0)
		skip();
	conf.use_umwait = true;
	conf.dequeue_timeout_ticks = 1000000000000;
	catch_signals();
	port = start(&conf, page);
	deliver_on_monitor = port;
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 0), 1);
	assert_int_equal(num_monitors, 1);
	assert_int_equal(num_waits, 0);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_UMONITOR_UMWAIT), 0);
}

/*
 * Defect B8 of pmd-interface 20: whether it sleeps depends on the generation of the entry alone,
 * and so on neither its other bits, nor where in the ring it is, nor what is on the stack.
 */
static void
test_b8_no_sleep_on_any_entry(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port;
	struct rte_event ev[8];
	unsigned int i;

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_WAITPKG) > 0)
		skip();
	conf.use_umwait = true;
	conf.dequeue_timeout_ticks = 1000000000000;
	catch_signals();
	port = start(&conf, page);
	for (i = 0; i < 4 * 64; i++) {
		bool early = i % 3 != 0;

		deliver_on_monitor = early ? port : NULL;
		deliver_on_wait = early ? NULL : port;
		num_monitors = num_waits = 0;
		memset(ev, i, sizeof(ev));
		assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 0), 1);
		assert_int_equal(num_monitors, 1);
		assert_int_equal(num_waits, early ? 0 : 1);
		ev[0].op = RTE_EVENT_OP_RELEASE;
		assert_int_equal(ops->enqueue_burst(port->dp, ev, 1), 1);
	}
}

/*
 * Defect B16: who loses a race for credits tries again. Another thread takes one credit at each
 * point of the way.
 */
static void
test_b16_lost_race_is_no_shortage(void **state)
{
	uint32_t got;

	catch_signals();
	for (meddle_after = 1; meddle_after < 50; meddle_after++) {
		pool = (struct dlb2_credit_pool){.size = 1000};
		num_steps = 0;
		STEP_ON;
		got = dlb2_pool_take(&pool, 1000, 2);
		STEP_OFF;
		assert_int_equal(got, 2);
		assert_int_equal(dlb2_pool_taken(&pool), num_steps >= meddle_after ? 3 : 2);
	}
	meddle_after = 0;
}

/* Defect B41: a user who says no to UMWAIT gets none, whatever the CPU has. */
static void
test_b41_no_umwait_if_told_so(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port;
	struct rte_event ev[8];

	conf.use_umwait = false;
	conf.dequeue_timeout_ticks = 100000;
	catch_signals();
	port = start(&conf, page);
	num_monitors = num_waits = 0;
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 0), 0);
	assert_int_equal(num_monitors + num_waits, 0);
	assert_int_equal(dlb2_dp_port_counter(port->dp, DLB2_PORT_RX_UMONITOR_UMWAIT), 0);
}

/*
 * Defect B51: the CPU is asked before MOVDIR64B is used. Where it is undefined the handler would
 * have counted a line.
 */
static void
test_b51_cpu_without_movdir64b(void **state)
{
	struct dlb2_dp_conf conf = fake_device_conf(DLB2_HW_2_5);
	struct fake_port *port = start(&conf, page);
	struct rte_event ev[9];

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0)
		skip();
	catch_signals();
	fill_events(ev, 9, 1);
	num_lines = 0;
	assert_int_equal(ops->enqueue(port->dp, ev), 1);
	assert_int_equal(ops->enqueue_burst(port->dp, ev, 9), 9);
	fake_deliver(port, fake_entry(0));
	assert_int_equal(ops->dequeue_burst(port->dp, ev, 8, 0), 1);
	dlb2_dp_port_flush(port->dp, 0, NULL, NULL);
	assert_int_equal(num_lines, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_movdir64b, setup, teardown),
		cmocka_unit_test_setup_teardown(test_movntdq, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fences, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fence_of_producers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_fence_for_model, setup, teardown),
		cmocka_unit_test_setup_teardown(test_store_by_cpu, setup, teardown),
		cmocka_unit_test_setup_teardown(test_umwait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_umwait_if_entry_came_first, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_b8_no_sleep_on_any_entry, setup, teardown),
		cmocka_unit_test(test_b16_lost_race_is_no_shortage),
		cmocka_unit_test_setup_teardown(test_b41_no_umwait_if_told_so, setup, teardown),
		cmocka_unit_test_setup_teardown(test_b51_cpu_without_movdir64b, setup, teardown),
	};

	return cmocka_run_group_tests_name("datapath_instructions", tests, NULL, NULL);
}
