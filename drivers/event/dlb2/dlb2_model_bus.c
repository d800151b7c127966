/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The model of the device in this process, as a bus. The model is passive and lets one caller in at
 * a time; everything that enters it does so under `lock`, and takes the lines out of the ports'
 * rings first, so that a register access is ordered behind the lines that were posted before it.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_pause.h>
#include <rte_service.h>
#include <rte_service_component.h>
#include <rte_ticketlock.h>

#include <dlb2_model.h>

#include "dlb2_channels.h"
#include "dlb2_log.h"
#include "dlb2_model_bus.h"
#include "dlb2_priv.h"

/*
 * Events scheduled at a time. Enough that taking the lock and looking into the rings costs nothing
 * per event, and that a port finds its CQ filled when it asks for a burst; few enough that the port
 * that runs the model is back soon with its own events.
 */
#define RUN_BUDGET 256
/*
 * Empty rounds of the model's thread before it offers its core to others: about as long as a
 * wake-up takes.
 */
#define IDLE_ROUNDS_BEFORE_YIELD 1000
/*
 * Pauses for the runner to empty a ring. Then the port runs the model itself: the runner may not
 * have been started at all.
 */
#define PAUSES_BEFORE_HELPING 1000
/* In a secondary process: how often it is looked whether the primary is still there, some 10 ms. */
#define YIELDS_BEFORE_ASKING 10000
/* A broken application must not fill the log. */
#define MAX_REPORTS 64

struct dma_region {
	LIST_ENTRY(dma_region) next;
	uintptr_t va;
	size_t len;
};

typedef bool (*dlb2_model_bus_work)(void *arg);

struct dlb2_model_bus {
	struct dlb2_bus base;
	struct dlb2_model *model;
	rte_ticketlock_t lock;
	enum dlb2_model_run run;
	int socket;

	struct dlb2_channels channels; /* guarded by the lock */

	LIST_HEAD(, dma_region) dma;
	unsigned int reports;
	int irq_fds[DLB2_MAX_MSIX_VECTORS]; /* eventfds; -1 where nobody asked for one */

	/* run=inline: work to be done where the model makes progress; NULL when there is none */
	dlb2_model_bus_work work;
	void *work_arg;

	uint32_t service_id;
	pthread_t thread;
	bool stop_thread;
};

static struct dlb2_model_bus *
model_bus(struct dlb2_bus *bus)
{
	return container_of(bus, struct dlb2_model_bus, base);
}

static void
enter(struct dlb2_model_bus *bus)
{
	rte_ticketlock_lock(&bus->lock);
	dlb2_channels_take_all(&bus->channels, bus->model);
}

static void
leave(struct dlb2_model_bus *bus)
{
	rte_ticketlock_unlock(&bus->lock);
}

/* Returns the number of events scheduled; 0 also when another thread is at it. */
static unsigned int
try_run(struct dlb2_model_bus *bus)
{
	unsigned int scheduled;

	if (rte_ticketlock_trylock(&bus->lock) == 0)
		return 0;
	dlb2_channels_take(&bus->channels, bus->model);
	scheduled = dlb2_model_run(bus->model, RUN_BUDGET);
	rte_ticketlock_unlock(&bus->lock);
	return scheduled;
}

/* The request goes before the work is done: one that comes meanwhile is not lost. */
static void
do_work(struct dlb2_model_bus *bus)
{
	dlb2_model_bus_work work = __atomic_exchange_n(&bus->work, NULL, __ATOMIC_ACQ_REL);

	if (work != NULL && work(bus->work_arg))
		__atomic_store_n(&bus->work, work, __ATOMIC_RELEASE);
}

/* NULL in a secondary process. */
static struct dlb2_model_bus *
bus_of(const struct dlb2_pp_channel *channel)
{
	struct dlb2_function *function = dlb2_process(&rte_eventdevs[channel->dev_id])->function;

	return function != NULL ? model_bus(function->attachment.bus) : NULL;
}

void
dlb2_model_bus_run(const struct dlb2_pp_channel *channel)
{
	struct dlb2_model_bus *bus = bus_of(channel);

	try_run(bus);
	if (unlikely(__atomic_load_n(&bus->work, __ATOMIC_RELAXED) != NULL))
		do_work(bus);
}

static bool
is_full(const struct dlb2_pp_channel *channel)
{
	return channel->tail - __atomic_load_n(&channel->head, __ATOMIC_ACQUIRE) ==
		DLB2_PP_RING_LINES;
}

/*
 * Without a primary nobody takes a line any more: those that are there went to a device that is
 * gone.
 */
static void
wait_for_primary(struct dlb2_pp_channel *channel)
{
	unsigned int yields;

	for (yields = 1; is_full(channel); yields++) {
		sched_yield();
		if (yields % YIELDS_BEFORE_ASKING == 0 && !rte_eal_primary_proc_alive(NULL))
			__atomic_store_n(&channel->head, channel->tail, __ATOMIC_RELEASE);
	}
}

void
dlb2_pp_channel_wait(struct dlb2_pp_channel *channel)
{
	struct dlb2_model_bus *bus = bus_of(channel);
	unsigned int pauses = channel->run_inline ? PAUSES_BEFORE_HELPING : 0;

	for (; is_full(channel); pauses++) {
		if (pauses >= PAUSES_BEFORE_HELPING && bus == NULL)
			wait_for_primary(channel);
		else if (pauses >= PAUSES_BEFORE_HELPING)
			try_run(bus);
		rte_pause();
	}
}

void
dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel)
{
	struct dlb2_model_bus *bus = bus_of(channel);

	enter(bus);
	while (channel->run_inline && dlb2_model_run(bus->model, RUN_BUDGET) > 0)
		;
	leave(bus);
}

static uint32_t
read_register(struct dlb2_bus *base, enum dlb2_reg_space space, uint32_t offset)
{
	struct dlb2_model_bus *bus = model_bus(base);
	uint32_t value = 0;

	enter(bus);
	dlb2_model_read(bus->model, space, offset, &value, sizeof(value));
	leave(bus);
	return value;
}

static void
write_register(struct dlb2_bus *base, enum dlb2_reg_space space, uint32_t offset, uint32_t value)
{
	struct dlb2_model_bus *bus = model_bus(base);

	enter(bus);
	dlb2_model_write(bus->model, space, offset, &value, sizeof(value));
	leave(bus);
}

static uint32_t
csr_read(struct dlb2_bus *bus, uint32_t offset)
{
	return read_register(bus, DLB2_SPACE_CSR, offset);
}

static void
csr_write(struct dlb2_bus *bus, uint32_t offset, uint32_t value)
{
	write_register(bus, DLB2_SPACE_CSR, offset, value);
}

static uint32_t
func_read(struct dlb2_bus *bus, uint32_t offset)
{
	return read_register(bus, DLB2_SPACE_FUNC, offset);
}

static void
func_write(struct dlb2_bus *bus, uint32_t offset, uint32_t value)
{
	write_register(bus, DLB2_SPACE_FUNC, offset, value);
}

static int
config_read(struct dlb2_bus *base, unsigned int offset, void *buf, unsigned int len)
{
	struct dlb2_model_bus *bus = model_bus(base);
	int ret;

	enter(bus);
	ret = dlb2_model_config_read(bus->model, offset, buf, len);
	leave(bus);
	return ret;
}

static int
config_write(struct dlb2_bus *base, unsigned int offset, const void *buf, unsigned int len)
{
	struct dlb2_model_bus *bus = model_bus(base);
	int ret;

	enter(bus);
	ret = dlb2_model_config_write(bus->model, offset, buf, len);
	leave(bus);
	return ret;
}

static void
pp_post(struct dlb2_bus *base, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_line *line)
{
	struct dlb2_model_bus *bus = model_bus(base);

	enter(bus);
	dlb2_model_post(bus->model, kind, port, line, 1);
	leave(bus);
}

static void
pp_fence(struct dlb2_bus *base, enum dlb2_port_kind kind, unsigned int port)
{
	RTE_SET_USED(kind);
	RTE_SET_USED(port);
	enter(model_bus(base));
	leave(model_bus(base));
}

/* Addresses are virtual ones: the model lives in this process. */
static int
dma_alloc(struct dlb2_bus *base, const char *name, size_t len, size_t align, int socket,
	  struct dlb2_dma *dma)
{
	struct dlb2_model_bus *bus = model_bus(base);
	struct dma_region *region = malloc(sizeof(*region));
	void *va = rte_zmalloc_socket(name, len, align, socket >= 0 ? socket : bus->socket);

	if (region == NULL || va == NULL) {
		DLB2_ERR(bus->base.name, "%zu bytes for %s are not free: raise -m or --socket-mem",
			 len, name);
		free(region);
		rte_free(va);
		return -ENOMEM;
	}
	*region = (struct dma_region){ .va = (uintptr_t)va, .len = len };
	*dma = (struct dlb2_dma){ .va = va, .iova = (uintptr_t)va, .len = len, .handle = region };
	enter(bus);
	LIST_INSERT_HEAD(&bus->dma, region, next);
	leave(bus);
	return 0;
}

static void
dma_free(struct dlb2_bus *base, struct dlb2_dma *dma)
{
	struct dlb2_model_bus *bus = model_bus(base);
	struct dma_region *region = dma->handle;

	enter(bus);
	LIST_REMOVE(region, next);
	dlb2_model_dma_unmapped(bus->model, dma->iova, dma->len);
	leave(bus);
	free(region);
	rte_free(dma->va);
}

/* Time passes for the model only here: nothing that the driver uses of it depends on a clock. */
static void
sleep_us(struct dlb2_bus *base, unsigned int us)
{
	struct dlb2_model_bus *bus = model_bus(base);

	enter(bus);
	dlb2_model_tick(bus->model, (uint64_t)us * (NS_PER_S / US_PER_S));
	dlb2_model_run(bus->model, RUN_BUDGET);
	leave(bus);
	rte_delay_us_block(us);
}

/* A reset masks all vectors of the device: asking again opens one again. */
static void
unmask_vector(struct dlb2_model_bus *bus, unsigned int vector)
{
	const uint32_t open = 0;

	dlb2_model_write(bus->model, DLB2_SPACE_FUNC,
			 dlb2_reg_offset(bus->base.version, DLB2_MSIX_VECTOR_CTRL, vector, 0),
			 &open, sizeof(open));
}

static int
irq_fd(struct dlb2_bus *base, unsigned int vector)
{
	struct dlb2_model_bus *bus = model_bus(base);
	int fd;

	if (vector >= RTE_DIM(bus->irq_fds))
		return -EINVAL;
	enter(bus);
	if (bus->irq_fds[vector] < 0)
		bus->irq_fds[vector] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	fd = bus->irq_fds[vector] >= 0 ? bus->irq_fds[vector] : -errno;
	if (fd >= 0)
		unmask_vector(bus, vector);
	leave(bus);
	return fd;
}

static const struct dlb2_bus_ops bus_ops = {
	.csr_read = csr_read,
	.csr_write = csr_write,
	.func_read = func_read,
	.func_write = func_write,
	.config_read = config_read,
	.config_write = config_write,
	.pp_post = pp_post,
	.pp_fence = pp_fence,
	.dma_alloc = dma_alloc,
	.dma_free = dma_free,
	.sleep_us = sleep_us,
	.irq_fd = irq_fd,
	.log = dlb2_bus_log,
};

/* Only memory that the driver allocated for the device, and not freed yet, can be written by it. */
static void *
map_dma(void *ctx, uint64_t iova, size_t len)
{
	struct dlb2_model_bus *bus = ctx;
	struct dma_region *region;

	LIST_FOREACH(region, &bus->dma, next) {
		if (iova >= region->va && len <= region->len &&
		    iova - region->va <= region->len - len)
			return (void *)(uintptr_t)iova;
	}
	return NULL;
}

static void
report(void *ctx, const char *text)
{
	struct dlb2_model_bus *bus = ctx;

	if (bus->reports++ < MAX_REPORTS)
		DLB2_WARN(bus->base.name, "model: %s", text);
	if (bus->reports == MAX_REPORTS)
		DLB2_WARN(bus->base.name, "model: further reports are not logged");
}

static void
interrupt(void *ctx, unsigned int vector)
{
	struct dlb2_model_bus *bus = ctx;

	if (bus->irq_fds[vector] >= 0)
		eventfd_write(bus->irq_fds[vector], 1);
}

static const struct dlb2_model_ops model_ops = {
	.dma_map = map_dma,
	.interrupt = interrupt,
	.report = report,
};

static int
pp_open(struct dlb2_bus *base, uint8_t dev_id, enum dlb2_port_kind kind, unsigned int port,
	volatile void **pp, struct dlb2_pp_channel **channel)
{
	struct dlb2_model_bus *bus = model_bus(base);
	struct dlb2_pp_channel *new;

	enter(bus);
	new = dlb2_channels_open(&bus->channels, bus->socket);
	if (new != NULL) {
		new->port = port;
		new->kind = kind;
		new->dev_id = dev_id;
		new->run_inline = bus->run == DLB2_RUN_INLINE;
	}
	leave(bus);
	if (new == NULL) {
		DLB2_ERR(bus->base.name,
			 "%zu bytes for a producer port are not free: raise -m or --socket-mem",
			 sizeof(*new));
		return -ENOMEM;
	}
	*channel = new;
	*pp = NULL;
	return 0;
}

static void
pp_close_all(struct dlb2_bus *base, uint8_t dev_id)
{
	struct dlb2_model_bus *bus = model_bus(base);

	enter(bus);
	dlb2_channels_close(&bus->channels, dev_id);
	leave(bus);
}

static bool
run_background(struct dlb2_bus *base, dlb2_model_bus_work work, void *arg)
{
	struct dlb2_model_bus *bus = model_bus(base);

	if (bus->run != DLB2_RUN_INLINE)
		return false;
	bus->work_arg = arg;
	__atomic_store_n(&bus->work, work, __ATOMIC_RELEASE);
	return true;
}

static size_t
model_memory(struct dlb2_bus *bus)
{
	return dlb2_model_memory(model_bus(bus)->model);
}

static size_t
bus_memory(struct dlb2_bus *base)
{
	const struct dlb2_model_bus *bus = model_bus(base);

	return sizeof(*bus) + bus->channels.num * sizeof(struct dlb2_pp_channel);
}

static int32_t
run_service(void *arg)
{
	return try_run(arg) > 0 ? 0 : -EAGAIN;
}

static int
start_service(struct dlb2_model_bus *bus)
{
	struct rte_service_spec spec = {
		.callback = run_service,
		.callback_userdata = bus,
		.capabilities = RTE_SERVICE_CAP_MT_SAFE,
		.socket_id = bus->socket,
	};
	int ret;

	snprintf(spec.name, sizeof(spec.name), "%.*s", (int)sizeof(spec.name) - 1, bus->base.name);
	ret = rte_service_component_register(&spec, &bus->service_id);
	if (ret != 0) {
		DLB2_ERR(bus->base.name, "no service can be registered: %s", strerror(-ret));
		return ret;
	}
	ret = rte_service_component_runstate_set(bus->service_id, 1);
	if (ret != 0)
		rte_service_component_unregister(bus->service_id);
	return ret;
}

static void *
run_thread(void *arg)
{
	struct dlb2_model_bus *bus = arg;
	unsigned int idle = 0;

	while (!__atomic_load_n(&bus->stop_thread, __ATOMIC_RELAXED)) {
		if (try_run(bus) > 0) {
			idle = 0;
		} else if (++idle < IDLE_ROUNDS_BEFORE_YIELD) {
			rte_pause();
		} else {
			idle = 0;
			sched_yield();
		}
	}
	return NULL;
}

/* The thread's CPUs are fixed before it exists, so that one that cannot be pinned never runs. */
static int
create_thread(struct dlb2_model_bus *bus, const rte_cpuset_t *cpus)
{
	pthread_attr_t attr;
	int ret = pthread_attr_init(&attr);

	if (ret != 0)
		return ret;
	if (CPU_COUNT(cpus) > 0)
		ret = pthread_attr_setaffinity_np(&attr, sizeof(*cpus), cpus);
	if (ret == 0)
		ret = pthread_create(&bus->thread, &attr, run_thread, bus);
	pthread_attr_destroy(&attr);
	return ret;
}

static int
start_thread(struct dlb2_model_bus *bus, int lcore)
{
	rte_cpuset_t cpus;
	int ret;

	CPU_ZERO(&cpus);
	if (lcore >= 0)
		cpus = rte_lcore_cpuset(lcore);
	if (lcore >= 0 && CPU_COUNT(&cpus) == 0) {
		DLB2_ERR(bus->base.name,
			 "lcore=%d does not exist on this machine: lscpu shows those that do",
			 lcore);
		return -EINVAL;
	}
	ret = create_thread(bus, &cpus);
	if (ret == 0)
		pthread_setname_np(bus->thread, "dlb2-model");
	else
		DLB2_ERR(bus->base.name, "no thread can be started on lcore %d: %s", lcore,
			 strerror(ret));
	return -ret;
}

static int
start_runner(struct dlb2_model_bus *bus, int lcore)
{
	switch (bus->run) {
	case DLB2_RUN_SERVICE:
		return start_service(bus);
	case DLB2_RUN_THREAD:
		return start_thread(bus, lcore);
	case DLB2_RUN_INLINE:
		break;
	}
	return 0;
}

static void
stop_runner(struct dlb2_model_bus *bus)
{
	if (bus->run == DLB2_RUN_SERVICE) {
		rte_service_component_runstate_set(bus->service_id, 0);
		/* A service lcore may still be inside the model. */
		while (rte_service_may_be_active(bus->service_id) == 1)
			rte_pause();
		rte_service_component_unregister(bus->service_id);
	} else if (bus->run == DLB2_RUN_THREAD) {
		__atomic_store_n(&bus->stop_thread, true, __ATOMIC_RELAXED);
		pthread_join(bus->thread, NULL);
	}
}

static void
detach(struct dlb2_bus *base)
{
	struct dlb2_model_bus *bus = model_bus(base);
	unsigned int i;

	stop_runner(bus);
	dlb2_model_destroy(bus->model);
	dlb2_channels_fini(&bus->channels);
	for (i = 0; i < RTE_DIM(bus->irq_fds); i++) {
		if (bus->irq_fds[i] >= 0)
			close(bus->irq_fds[i]);
	}
	free(bus);
}

static const struct dlb2_attachment_ops attachment_ops = {
	.pp_open = pp_open,
	.pp_close_all = pp_close_all,
	.run_background = run_background,
	.model_memory = model_memory,
	.bus_memory = bus_memory,
	.detach = detach,
};

static int
start_model(struct dlb2_model_bus *bus, const struct dlb2_model_config *config, int lcore)
{
	int ret = dlb2_channels_init(&bus->channels, bus->socket);

	if (ret != 0) {
		DLB2_ERR(bus->base.name,
			 "no memory at all is free for producer ports: raise -m or --socket-mem");
		return ret;
	}
	ret = dlb2_model_create(config, &bus->model);
	if (ret != 0)
		goto free_channels;
	ret = start_runner(bus, lcore);
	if (ret != 0)
		goto destroy_model;
	return 0;

destroy_model:
	dlb2_model_destroy(bus->model);
free_channels:
	dlb2_channels_fini(&bus->channels);
	return ret;
}

int
dlb2_model_bus_create(const char *name, int socket, const struct dlb2_options *options,
		      struct dlb2_attachment *out)
{
	struct dlb2_model_bus *bus = calloc(1, sizeof(*bus));
	struct dlb2_model_config config = {
		.version = options->version,
		.seed = options->seed,
		.ops = &model_ops,
		.ctx = bus,
	};
	int ret;

	if (bus == NULL)
		return -ENOMEM;
	bus->base = (struct dlb2_bus){ .ops = &bus_ops, .version = options->version, .name = name };
	bus->run = options->run;
	bus->socket = socket;
	rte_ticketlock_init(&bus->lock);
	LIST_INIT(&bus->dma);
	memset(bus->irq_fds, -1, sizeof(bus->irq_fds));
	ret = start_model(bus, &config, options->lcore);
	if (ret != 0) {
		free(bus);
		return ret;
	}
	*out = (struct dlb2_attachment){
		.bus = &bus->base,
		.ops = &attachment_ops,
		.open = bus->run != DLB2_RUN_INLINE,
		.runs_inline = bus->run == DLB2_RUN_INLINE,
	};
	return 0;
}

int
dlb2_model_bus_service(struct dlb2_bus *bus, uint32_t *service_id)
{
	if (model_bus(bus)->run != DLB2_RUN_SERVICE)
		return -ENOENT;
	*service_id = model_bus(bus)->service_id;
	return 0;
}
