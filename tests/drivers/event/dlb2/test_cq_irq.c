/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Sleeping until events come: dequeues that wait (cq_interrupts=y), and the file descriptor of a
 * port in an epoll loop, as an application has it. Whether a wake-up can be lost is the matter of
 * test_cq_irq_steps.c, PCI that of tests/vm/cq_interrupts.c.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "evdev_test.h"

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_cycles.h>

#include "dlb2_priv.h"
#include "rte_pmd_dlb2.h"

#define NAME "event_dlb2_model0"
#define WAKE_MS 60000 /* until it must have come, on a machine however busy */
#define QUIET_MS 20   /* after which it will not come */
#define LONG_NS (UINT32_MAX - 1) /* the longest timeout of a dequeue there is, 4.3 s */

/* Each test runs on both versions of the hardware and with each way to run the model. */
static const char *const args[] = {
	"hw=2.0,run=inline", "hw=2.5,run=inline", "hw=2.0,run=thread", "hw=2.5,run=thread",
};

static void
for_all(void (*test)(uint8_t dev, bool run_inline), const char *more)
{
	char all[128];
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++) {
		snprintf(all, sizeof(all), "%s%s", args[i], more);
		test(evdev_add(NAME, all), i < 2);
		if (rte_event_dev_get_dev_id(NAME) >= 0)
			evdev_remove(NAME);
	}
}

/* Whether the file descriptor is readable within `ms`, as an event loop would see it. */
static bool
is_readable(int fd, int ms)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), num;

	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), 0);
	num = epoll_wait(epoll, &event, 1, ms);
	close(epoll);
	return num == 1;
}

/* The port's file descriptor tells more: that it is time to run an inline model, too. */
static bool
interrupt_came(uint8_t dev, uint8_t port)
{
	return is_readable(dlb2_evdev(&rte_eventdevs[dev])->ports[port].irq.event, 0);
}

static unsigned int
dequeue(uint8_t dev, uint8_t port)
{
	struct rte_event ev[32];

	return rte_event_dequeue_burst(dev, port, ev, RTE_DIM(ev), 0);
}

/* Polls until `num` events came: the model's thread may have to be scheduled first. */
static void
receive(uint8_t dev, uint8_t port, unsigned int num)
{
	uint64_t end = rte_get_timer_cycles() + WAKE_MS * rte_get_timer_hz() / MS_PER_S;
	unsigned int got = 0;

	while (got < num && rte_get_timer_cycles() < end)
		got += dequeue(dev, port);
	assert_int_equal(got, num);
}

/* The loop of rte_pmd_dlb2_port_event_fd()'s description, until `num` events came. */
static void
receive_by_epoll(uint8_t dev, uint8_t port, int fd, unsigned int num)
{
	unsigned int got = 0, n;
	int ret;

	while (got < num) {
		ret = rte_pmd_dlb2_port_event_arm(dev, port);
		assert_in_range(ret, 0, 1);
		if (ret == 0)
			assert_true(is_readable(fd, WAKE_MS));
		while ((n = dequeue(dev, port)) > 0)
			got += n;
	}
	assert_int_equal(got, num);
}

/* Two load-balanced ports, 0 and 1, and a directed one, 2; queue i is linked to port i. */
static void
set_up(uint8_t dev, uint32_t timeout_ns)
{
	struct rte_event_dev_config conf = evdev_conf(dev, 3, 3, 1);
	unsigned int i;

	conf.dequeue_timeout_ns = timeout_ns;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	for (i = 0; i < 3; i++) {
		bool directed = i == 2;

		assert_int_equal(evdev_setup_queue(dev, i,
						   directed ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0,
						   RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, i,
						  directed ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
}

static void
start(uint8_t dev, uint32_t timeout_ns)
{
	set_up(dev, timeout_ns);
	assert_int_equal(rte_event_dev_start(dev), 0);
}

/* Each port's file descriptor tells of that port's events, and of nothing before it is armed. */
static void
one_thread(uint8_t dev, bool run_inline)
{
	uint8_t port;
	int fd;

	start(dev, 0);
	for (port = 0; port < 3; port++) {
		fd = rte_pmd_dlb2_port_event_fd(dev, port);
		assert_true(fd >= 0);
		assert_int_equal(rte_pmd_dlb2_port_event_fd(dev, port), fd);
		evdev_send(dev, 0, port, 100);
		receive(dev, port, 100);
		assert_false(is_readable(fd, 0));
		evdev_send(dev, 0, port, 100);
		receive_by_epoll(dev, port, fd, 100);
		assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, port), 0);
		assert_false(interrupt_came(dev, port));
		/* With nobody else to run it, the model has to be run now and then. */
		assert_int_equal(is_readable(fd, QUIET_MS), run_inline);
		if (run_inline)
			continue;
		evdev_send(dev, 0, (port + 1) % 3, 1);
		assert_false(is_readable(fd, QUIET_MS));
		receive(dev, (port + 1) % 3, 1);
		evdev_send(dev, 0, port, 1);
		assert_true(is_readable(fd, WAKE_MS));
		assert_true(is_readable(fd, 0));
		assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, port), 1);
		receive(dev, port, 1);
	}
}

static void
test_one_thread(void **state)
{
	for_all(one_thread, "");
}

struct sender {
	uint8_t dev, port, queue;
	unsigned int num;
	bool dequeues;         /* it lets an inline model run */
	bool to_sleepers;      /* each event is for a dequeue that sleeps already */
	unsigned int received; /* of these, so far */
};

static uint64_t
sleeps(uint8_t dev, unsigned int port)
{
	char name[64];

	snprintf(name, sizeof(name), "port_%u_rx_interrupt_wait", port);
	return evdev_xstat(dev, name);
}

/* Until a dequeue goes to sleep, which it does again and again (dlb2_wait.c, LOOK_AGAIN_MS). */
static void
wait_for_sleep(uint8_t dev, unsigned int port)
{
	uint64_t before = sleeps(dev, port);

	while (sleeps(dev, port) == before)
		rte_delay_us_sleep(100);
}

static void *
send_slowly(void *arg)
{
	struct sender *s = arg;
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW, .queue_id = s->queue,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
	};
	unsigned int i;

	for (i = 0; i < s->num; i++) {
		rte_delay_us_sleep(200);
		if (s->to_sleepers) {
			while (__atomic_load_n(&s->received, __ATOMIC_RELAXED) < i)
				rte_delay_us_sleep(100);
			wait_for_sleep(s->dev, s->queue);
		}
		while (rte_event_enqueue_burst(s->dev, s->port, &event, 1) != 1)
			;
		if (s->dequeues)
			dequeue(s->dev, s->port);
	}
	return NULL;
}

/* A thread that only sends, and one that dequeues as well, wake another. */
static void
two_threads(uint8_t dev, bool run_inline)
{
	struct sender sender = { .dev = dev, .port = 0, .num = 50 };
	pthread_t thread;
	int fd;

	RTE_SET_USED(run_inline);
	start(dev, 0);
	for (sender.queue = 1; sender.queue < 3; sender.queue++) {
		fd = rte_pmd_dlb2_port_event_fd(dev, sender.queue);
		sender.dequeues = sender.queue == 2;
		assert_int_equal(pthread_create(&thread, NULL, send_slowly, &sender), 0);
		receive_by_epoll(dev, sender.queue, fd, sender.num);
		pthread_join(thread, NULL);
	}
}

static void
test_two_threads(void **state)
{
	for_all(two_threads, "");
}

/* The file descriptor stays, whatever becomes of the hardware behind it. */
static void
life(uint8_t dev, bool run_inline)
{
	int fd, events = 3;

	RTE_SET_USED(run_inline);
	set_up(dev, 0);
	fd = rte_pmd_dlb2_port_event_fd(dev, 1);
	assert_true(fd >= 0);
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), -ESHUTDOWN);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 1, events);
	receive_by_epoll(dev, 1, fd, events);
	/* Stop wakes. */
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), 0);
	rte_event_dev_stop(dev);
	assert_true(is_readable(fd, 0));
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), -ESHUTDOWN);
	assert_true(is_readable(fd, 0));
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 1, events);
	receive_by_epoll(dev, 1, fd, events);
	rte_event_dev_stop(dev);
	/* Another vector: port 0 takes the first. */
	set_up(dev, 0);
	assert_true(rte_pmd_dlb2_port_event_fd(dev, 0) >= 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	assert_int_equal(rte_pmd_dlb2_port_event_fd(dev, 1), fd);
	evdev_send(dev, 0, 1, events);
	receive_by_epoll(dev, 1, fd, events);
	/* The port goes. */
	rte_event_dev_stop(dev);
	evdev_start_simple(dev, 1);
	assert_int_equal(rte_pmd_dlb2_port_event_fd(dev, 1), -EINVAL);
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), -EINVAL);
	assert_int_equal(epoll_wait(fd, &(struct epoll_event){ 0 }, 1, 0), -1);
	assert_int_equal(errno, EBADF);
}

static void
test_life(void **state)
{
	for_all(life, "");
}

/* A reset of the device masks all vectors: the next start has them opened again. */
static void
reset(uint8_t dev, bool run_inline)
{
	struct dlb2_process *process = dlb2_process(&rte_eventdevs[dev]);
	int fd;

	RTE_SET_USED(run_inline);
	start(dev, 0);
	fd = rte_pmd_dlb2_port_event_fd(dev, 1);
	rte_event_dev_stop(dev);
	dlb2_return_domain(dlb2_evdev(&rte_eventdevs[dev]), process);
	dlb2_let_go(process->function);
	assert_int_equal(dlb2_bring_up(process->function), 0);
	start(dev, 0);
	evdev_send(dev, 0, 1, 10);
	receive_by_epoll(dev, 1, fd, 10);
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), 0);
	evdev_send(dev, 0, 1, 1);
	dequeue(dev, 0); /* runs the model, if need be */
	assert_true(is_readable(fd, WAKE_MS));
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), 1);
	receive(dev, 1, 1);
}

static void
test_reset(void **state)
{
	for_all(reset, "");
}

struct waiter {
	int epoll;
	pid_t thread; /* once it is about to wait */
};

static void *
wait_for_fd(void *arg)
{
	struct waiter *waiter = arg;
	struct epoll_event event;

	__atomic_store_n(&waiter->thread, gettid(), __ATOMIC_RELEASE);
	return (void *)(uintptr_t)(epoll_wait(waiter->epoll, &event, 1, WAKE_MS) == 1);
}

/* Whether the kernel has the thread asleep; also when it has ended. */
static bool
is_asleep(pid_t thread)
{
	char name[64], state = 'S';
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", thread);
	file = fopen(name, "r");
	if (file != NULL) {
		assert_int_equal(fscanf(file, "%*d %*s %c", &state), 1);
		fclose(file);
	}
	return state == 'S';
}

/* The timer of an inline model, for which nobody else cares here, may have woken it already. */
static void
wait_for_waiter(struct waiter *waiter)
{
	pid_t thread;

	while ((thread = __atomic_load_n(&waiter->thread, __ATOMIC_ACQUIRE)) == 0 ||
	       !is_asleep(thread))
		rte_delay_us_sleep(100);
}

/* Removal wakes who waits, before the file descriptor is gone. */
static void
removal(uint8_t dev, bool run_inline)
{
	struct waiter waiter = { .epoll = epoll_create1(EPOLL_CLOEXEC) };
	struct epoll_event event = { .events = EPOLLIN };
	pthread_t thread;
	void *woken;
	int fd;

	RTE_SET_USED(run_inline);
	start(dev, 0);
	fd = rte_pmd_dlb2_port_event_fd(dev, 1);
	assert_int_equal(epoll_ctl(waiter.epoll, EPOLL_CTL_ADD, fd, &event), 0);
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_fd, &waiter), 0);
	wait_for_waiter(&waiter);
	assert_int_equal(rte_vdev_uninit(NAME), 0);
	pthread_join(thread, &woken);
	assert_non_null(woken);
	close(waiter.epoll);
}

static void
test_removal(void **state)
{
	for_all(removal, "");
}

/* 63 ports have vectors; who asks for more is told so, and the others go on. */
static void
vectors(uint8_t dev)
{
	unsigned int i;
	int fd = -1;

	assert_int_equal(evdev_configure(dev, 64, 1, 0), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
	assert_int_equal(evdev_link(dev, 62, 0), 1);
	assert_int_equal(rte_event_dev_start(dev), 0);
	for (i = 0; i < 63; i++) {
		fd = rte_pmd_dlb2_port_event_fd(dev, i);
		assert_true(fd >= 0);
	}
	log_capture();
	assert_int_equal(rte_pmd_dlb2_port_event_fd(dev, 63), -ENOSPC);
	log_expect("63 CQs have an interrupt", "port 63: no interrupt", NULL);
	assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 63), -ENOENT);
	evdev_send(dev, 0, 0, 1);
	receive_by_epoll(dev, 62, fd, 1);
}

static void
test_vectors(void **state)
{
	evdev_for_both(vectors);
}

/* With cq_interrupts=y every port needs one: a device that has too few does not start. */
static void
test_vectors_for_dequeues(void **state)
{
	uint8_t dev = evdev_add(NAME, "cq_interrupts=y"), i;
	struct rte_event_dev_config conf = evdev_conf(dev, 64, 1, 0);

	conf.dequeue_timeout_ns = 1000;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(evdev_setup_port(dev, i, 0), 0);
	assert_int_equal(evdev_link(dev, 0, 0), 1);
	log_capture();
	assert_int_equal(rte_event_dev_start(dev), -ENOSPC);
	log_expect("63 CQs have an interrupt", "cq_interrupts=y", NULL);
	/* Without timeouts there is nothing to sleep for. */
	conf.dequeue_timeout_ns = 0;
	assert_int_equal(rte_event_dev_configure(dev, &conf), 0);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_check_traffic(dev, 0, 0, 0);
	evdev_remove(NAME);
}

static double
now_ms(void)
{
	return (double)rte_get_tsc_cycles() * MS_PER_S / rte_get_tsc_hz();
}

/* A dequeue sleeps until its timeout and not less, on the CPU for a small part of it only. */
static void
timeout(uint8_t dev, bool run_inline)
{
	struct rte_event ev;
	struct timespec before, after;
	double start_ms, cpu_ms;
	unsigned int port;

	RTE_SET_USED(run_inline);
	start(dev, 50000000 + 1);
	for (port = 0; port < 3; port++) {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
		start_ms = now_ms();
		assert_int_equal(rte_event_dequeue_burst(dev, port, &ev, 1, 0), 0);
		assert_true(now_ms() - start_ms >= 50);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
		cpu_ms = (after.tv_sec - before.tv_sec) * 1e3 +
			(after.tv_nsec - before.tv_nsec) / 1e6;
		assert_true(cpu_ms < 25);
		assert_true(sleeps(dev, port) > 0);
	}
	evdev_send(dev, 0, 1, 1);
	receive(dev, 1, 1);
}

static void
test_timeout(void **state)
{
	for_all(timeout, ",cq_interrupts=y");
}

/* What sleeps is woken by each event, before its timeout. */
static void
wake_up(uint8_t dev, bool run_inline)
{
	struct sender sender = { .dev = dev, .port = 0, .num = 20, .to_sleepers = true };
	struct rte_event ev;
	pthread_t thread;
	unsigned int i;

	RTE_SET_USED(run_inline);
	start(dev, LONG_NS);
	for (sender.queue = 1; sender.queue < 3; sender.queue++) {
		sender.received = 0;
		assert_int_equal(pthread_create(&thread, NULL, send_slowly, &sender), 0);
		for (i = 1; i <= sender.num; i++) {
			assert_int_equal(rte_event_dequeue_burst(dev, sender.queue, &ev, 1, 0), 1);
			__atomic_store_n(&sender.received, i, __ATOMIC_RELAXED);
		}
		pthread_join(thread, NULL);
	}
}

static void
test_wake_up(void **state)
{
	for_all(wake_up, ",cq_interrupts=y");
}

struct sleeper {
	uint8_t dev;
	double ms; /* that its dequeue took */
};

static void *
sleep_in_dequeue(void *arg)
{
	struct sleeper *sleeper = arg;
	double start_ms = now_ms();
	struct rte_event ev;
	uintptr_t got;

	got = rte_event_dequeue_burst(sleeper->dev, 1, &ev, 1, 0);
	sleeper->ms = now_ms() - start_ms;
	return (void *)got;
}

/* A thread that sleeps is woken by stop, and out of the port before stop touches it. */
static void
stop(uint8_t dev, bool run_inline)
{
	struct sleeper sleeper = { .dev = dev };
	pthread_t thread;
	void *got;

	RTE_SET_USED(run_inline);
	start(dev, LONG_NS);
	assert_int_equal(pthread_create(&thread, NULL, sleep_in_dequeue, &sleeper), 0);
	wait_for_sleep(dev, 1);
	rte_event_dev_stop(dev);
	pthread_join(thread, &got);
	assert_true(sleeper.ms < LONG_NS / 1e6);
	assert_null(got);
	assert_int_equal(rte_event_dev_start(dev), 0);
	evdev_send(dev, 0, 1, 1);
	assert_non_null(sleep_in_dequeue(&sleeper));
}

static void
test_stop(void **state)
{
	for_all(stop, ",cq_interrupts=y");
}

/* With patience enough a dequeue does not sleep; nor does one without a timeout, or unasked. */
static void
test_no_sleep(void **state)
{
	static const char *const awake[] = {
		"run=inline", "run=inline,cq_interrupts=n",
		"run=inline,cq_interrupts=y,spin_before_sleep=1000000",
		"run=inline,cq_interrupts=y",
	};
	struct rte_event ev;
	unsigned int i;
	uint8_t dev;

	for (i = 0; i < RTE_DIM(awake); i++) {
		dev = evdev_add(NAME, awake[i]);
		start(dev, i == 3 ? 0 : 5000000);
		assert_int_equal(rte_event_dequeue_burst(dev, 1, &ev, 1, 0), 0);
		assert_int_equal(sleeps(dev, 1), 0);
		evdev_remove(NAME);
	}
}

/* No mode of returning tokens makes an empty CQ fire, nor one that is not empty silent. */
static void
token_modes(uint8_t dev, bool run_inline)
{
	struct rte_event ev[4];
	unsigned int mode, got;
	int fd;

	RTE_SET_USED(run_inline);
	for (mode = 0; mode < RTE_PMD_DLB2_NUM_TOKEN_POP_MODES; mode++) {
		assert_int_equal(evdev_configure(dev, 1, 1, 0), 0);
		assert_int_equal(rte_pmd_dlb2_set_token_pop_mode(dev, 0, mode), 0);
		assert_int_equal(evdev_setup_queue(dev, 0, 0, RTE_SCHED_TYPE_ATOMIC), 0);
		assert_int_equal(evdev_setup_port(dev, 0, RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL), 0);
		assert_int_equal(evdev_link(dev, 0, 0), 1);
		assert_int_equal(rte_event_dev_start(dev), 0);
		fd = rte_pmd_dlb2_port_event_fd(dev, 0);
		evdev_send(dev, 0, 0, 3);
		while ((got = rte_event_dequeue_burst(dev, 0, ev, 2, 0)) == 0)
			;
		/* The others are there or come, and then all are read and held open. */
		while (got < 3) {
			if (rte_pmd_dlb2_port_event_arm(dev, 0) == 0)
				assert_true(is_readable(fd, WAKE_MS));
			got += rte_event_dequeue_burst(dev, 0, ev, 1, 0);
		}
		assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 0), 0);
		assert_false(interrupt_came(dev, 0));
		evdev_send(dev, 0, 0, 1);
		assert_true(is_readable(fd, WAKE_MS));
		assert_int_equal(rte_pmd_dlb2_port_event_arm(dev, 0), 1);
		rte_event_dev_stop(dev);
	}
}

static void
test_token_modes(void **state)
{
	for_all(token_modes, "");
}

/* A test that failed leaves its device. */
static int
tear_down(void **state)
{
	if (rte_event_dev_get_dev_id(NAME) >= 0)
		evdev_remove(NAME);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_one_thread),
		TEST(test_two_threads),
		TEST(test_life),
		TEST(test_reset),
		TEST(test_removal),
		TEST(test_vectors),
		TEST(test_vectors_for_dequeues),
		TEST(test_timeout),
		TEST(test_wake_up),
		TEST(test_stop),
		TEST(test_no_sleep),
		TEST(test_token_modes),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("cq_irq", tests, NULL, NULL);
}
