/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Has a DPDK program sleep where it would poll: a library to be preloaded. The timer adapter's suite
 * of dpdk-test waits for four minutes until time has passed, on three lcores, and what runs beside
 * it would get nothing of the CPUs. Its clock ticks every 100 ms; what falls due at a tick is put off
 * by one sleep of each thread at most, for a thread that has just had something to do polls on.
 *
 * For programs with one event device.
 */

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_eventdev.h>
#include <rte_service_component.h>
#include <rte_version.h>

/* Polls in vain, one after the other, before a thread sleeps between them: some 100 us. */
#define IN_VAIN 1000
#define SLEEP_NS 500000

typedef int32_t (*register_fn)(const struct rte_service_spec *spec, uint32_t *id);
typedef int (*start_fn)(uint8_t dev_id);

/* A service as it was registered; kept for as long as the program runs. */
struct service {
	rte_service_func callback;
	void *userdata;
};

/* The device's own. */
static event_dequeue_burst_t device_dequeue_burst;

/* How many polls of this thread were in vain since the last that was not. */
static __thread unsigned int in_vain;

static void
polled(bool found)
{
	const struct timespec time = { .tv_nsec = SLEEP_NS };

	if (found)
		in_vain = 0;
	else if (in_vain < IN_VAIN)
		in_vain++;
	else
		nanosleep(&time, NULL);
}

static int32_t
run_service(void *arg)
{
	const struct service *service = arg;
	int32_t ret = service->callback(service->userdata);

	polled(ret == 0);
	return ret;
}

int32_t
rte_service_component_register(const struct rte_service_spec *spec, uint32_t *id)
{
	register_fn next = (register_fn)dlsym(RTLD_NEXT, "rte_service_component_register");
	struct service *service = malloc(sizeof(*service));
	struct rte_service_spec own = *spec;

	if (service == NULL)
		return -ENOMEM;
	service->callback = spec->callback;
	service->userdata = spec->callback_userdata;
	own.callback = run_service;
	own.callback_userdata = service;
	return next(&own, id);
}

static uint16_t
dequeue_burst(void *port, struct rte_event events[], uint16_t n, uint64_t timeout)
{
	uint16_t count = device_dequeue_burst(port, events, n, timeout);

	polled(count != 0);
	return count;
}

#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
/* For a burst of one there was a function of its own. */
static uint16_t
dequeue_one(void *port, struct rte_event *event, uint64_t timeout)
{
	return dequeue_burst(port, event, 1, timeout);
}
#endif

/* A stop puts back what stands for a device that does not run. */
int
rte_event_dev_start(uint8_t dev_id)
{
	start_fn next = (start_fn)dlsym(RTLD_NEXT, "rte_event_dev_start");
	struct rte_event_fp_ops *ops = &rte_event_fp_ops[dev_id];
	int ret = next(dev_id);

	if (ret != 0 || ops->dequeue_burst == dequeue_burst)
		return ret;
	device_dequeue_burst = ops->dequeue_burst;
	ops->dequeue_burst = dequeue_burst;
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
	ops->dequeue = dequeue_one;
#endif
	return 0;
}

/* What rte_delay_us() calls. */
void
rte_delay_us_block(unsigned int us)
{
	rte_delay_us_sleep(us);
}
