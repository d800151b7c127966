/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Creation and removal of event devices: one for each domain that the devarg `domains` asks for.
 */
#include <errno.h>
#include <stdlib.h>

#include <rte_eventdev.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "dlb2_compat.h"
#include "dlb2_eventdev.h"
#include "dlb2_trace.h"

RTE_LOG_REGISTER(dlb2_logtype, pmd.event.dlb2, NOTICE);

void
dlb2_bus_log(struct dlb2_bus *bus, enum dlb2_log_level level, const char *format, va_list args)
{
	static const uint32_t levels[] = {
		[DLB2_LOG_ERR] = RTE_LOG_ERR,
		[DLB2_LOG_WARNING] = RTE_LOG_WARNING,
		[DLB2_LOG_NOTICE] = RTE_LOG_NOTICE,
		[DLB2_LOG_INFO] = RTE_LOG_INFO,
		[DLB2_LOG_DEBUG] = RTE_LOG_DEBUG,
	};
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	rte_log(levels[level], dlb2_logtype, "dlb2 %s: %s\n", bus->name, text);
}

struct dlb2_process *
dlb2_process_create(const struct eventdev_ops *ops, struct dlb2_function *function)
{
	struct dlb2_process *process = calloc(1, sizeof(*process));

	if (process == NULL)
		return NULL;
	process->ops = *ops;
	process->function = function;
	pthread_mutex_init(&process->link_lock, NULL);
	return process;
}

void
dlb2_process_free(struct dlb2_process *process)
{
	pthread_mutex_destroy(&process->link_lock);
	free(process);
}

/* The library's slot and the shared memory of a new device. */
static struct rte_eventdev *
allocate(const char *name, struct rte_device *device, int socket)
{
	struct rte_eventdev *dev = rte_event_pmd_allocate(name, socket);

	if (dev == NULL) {
		DLB2_ERR(name,
			 "no event device of this name can be made: one exists, or all %u are in "
			 "use",
			 RTE_EVENT_MAX_DEVS);
		return NULL;
	}
	dlb2_compat_set_device(dev, device);
	dev->data->dev_private = rte_zmalloc_socket("dlb2_eventdev", sizeof(struct dlb2_eventdev),
						    RTE_CACHE_LINE_SIZE, socket);
	if (dev->data->dev_private == NULL) {
		DLB2_ERR(name, "%zu bytes are not free on socket %d: raise -m or --socket-mem",
			 sizeof(struct dlb2_eventdev), socket);
		rte_event_pmd_release(dev);
		return NULL;
	}
	return dev;
}

static int
evdev_init(struct rte_eventdev *dev, const struct dlb2_options *options,
	   const struct dlb2_share *share)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);

	strlcpy(evdev->name, dev->data->name, sizeof(evdev->name));
	strlcpy(evdev->device_name, dlb2_compat_device(dev)->name, sizeof(evdev->device_name));
	evdev->dev_id = dev->data->dev_id;
	evdev->socket_id = dev->data->socket_id;
	evdev->options = *options;
	evdev->share = *share;
	evdev->central_sched = options->run == DLB2_RUN_SERVICE;
	evdev->dp = rte_zmalloc_socket("dlb2_dp", dlb2_dp_size(), RTE_CACHE_LINE_SIZE,
				       evdev->socket_id);
	if (evdev->dp == NULL) {
		DLB2_ERR(evdev->name,
			 "%zu bytes are not free on socket %d: raise -m or --socket-mem",
			 dlb2_dp_size(), evdev->socket_id);
		return -ENOMEM;
	}
	if (dlb2_control_lock_init(evdev) != 0) {
		rte_free(evdev->dp);
		return -ENOMEM;
	}
	evdev->memory = sizeof(*evdev) + dlb2_dp_size() + sizeof(struct dlb2_process);
	return 0;
}

int
dlb2_report_gone(const struct dlb2_eventdev *evdev, int ret)
{
	if (ret == -ENODEV)
		DLB2_ERR(evdev->name,
			 "%s does not answer any more: remove it with rte_dev_remove(); it can be "
			 "probed again when it is back",
			 evdev->device_name);
	return ret;
}

static void
add_user(struct dlb2_process *process, struct rte_eventdev *dev)
{
	struct dlb2_function *function = process->function;

	process->evdev = dlb2_evdev(dev);
	process->ops.dev_selftest = dlb2_selftest_op(dev->data->dev_id);
	dev->dev_ops = &process->ops;
	dlb2_function_add_user(function, process);
}

static int
create_one(const char *name, struct rte_device *device, struct dlb2_function *function,
	   const struct dlb2_options *options)
{
	int socket = options->numa_node >= 0 ? options->numa_node : device->numa_node;
	struct rte_eventdev *dev = allocate(name, device, socket);
	struct dlb2_process *process;
	int ret;

	if (dev == NULL)
		return -ENOMEM;
	process = dlb2_process_create(&dlb2_control_ops, function);
	ret = process != NULL ? evdev_init(dev, options, &function->shares[function->num_users]) : -ENOMEM;
	if (ret != 0) {
		if (process != NULL)
			dlb2_process_free(process);
		rte_event_pmd_release(dev);
		return ret;
	}
	add_user(process, dev);
	dlb2_compat_set_datapath(dev, dlb2_dp_ops(dlb2_evdev_simd(dlb2_evdev(dev)),
						  options->cq_layout));
	dlb2_meet_announce(dev, &function->attachment);
	event_dev_probing_finish(dev);
	return 0;
}

/* The other way than create_one(). Nothing of the hardware leads here any more. */
static void
release(struct rte_eventdev *dev)
{
	struct dlb2_process *process = dlb2_process(dev);

	if (process->function != NULL)
		rte_free(process->evdev->dp);
	rte_event_pmd_release(dev);
	dev->dev_ops = NULL;
	dlb2_compat_set_device(dev, NULL);
	dlb2_process_free(process);
}

int
dlb2_eventdev_name(const char *name, unsigned int i, char out[RTE_EVENTDEV_NAME_MAX_LEN])
{
	int len = i == 0 ? snprintf(out, RTE_EVENTDEV_NAME_MAX_LEN, "%s", name) :
			   snprintf(out, RTE_EVENTDEV_NAME_MAX_LEN, "%s.%u", name, i);

	return len < RTE_EVENTDEV_NAME_MAX_LEN ? 0 : -ENAMETOOLONG;
}

/* Before the device is touched: all of them can be made, or none is. */
static int
check_names(const char *name, unsigned int domains)
{
	char last[RTE_EVENTDEV_NAME_MAX_LEN];
	unsigned int i, free = 0;

	if (dlb2_eventdev_name(name, domains - 1, last) != 0) {
		DLB2_ERR(name,
			 "the name is too long for domains=%u: event devices add .1 to .%u to it, "
			 "%u characters are possible in all",
			 domains, domains - 1, RTE_EVENTDEV_NAME_MAX_LEN - 1);
		return -ENAMETOOLONG;
	}
	for (i = 0; i < RTE_EVENT_MAX_DEVS; i++)
		free += rte_eventdevs[i].attached == RTE_EVENTDEV_DETACHED;
	if (domains > 1 && domains > free) {
		DLB2_ERR(name,
			 "domains=%u: this process can have %u more event devices, for this build of "
			 "DPDK has room for %u (RTE_EVENT_MAX_DEVS): lower domains",
			 domains, free, RTE_EVENT_MAX_DEVS);
		return -ENOSPC;
	}
	return 0;
}

static void
withdraw_all(const struct dlb2_function *function)
{
	unsigned int i;

	for (i = 0; i < function->num_users; i++)
		dlb2_meet_withdraw(function->users[i]->evdev->dev_id);
}

/* The device is let go first: until then interrupts lead to the event devices. */
static void
release_all(struct dlb2_function *function)
{
	unsigned int i;

	dlb2_let_go(function);
	for (i = function->num_users; i > 0; i--)
		release(&rte_eventdevs[function->users[i - 1]->evdev->dev_id]);
	dlb2_function_free(function);
}

static int
create(const char *name, struct rte_device *device, const struct dlb2_options *options,
       const struct dlb2_attachment *attachment, bool wait_after_flr)
{
	char own_name[RTE_EVENTDEV_NAME_MAX_LEN];
	struct dlb2_function *function;
	int ret = check_names(name, options->domains);
	unsigned int i;

	if (ret == 0)
		ret = dlb2_function_create(attachment, options, wait_after_flr, &function);
	if (ret != 0)
		return ret;
	for (i = 0; ret == 0 && i < options->domains; i++) {
		dlb2_eventdev_name(name, i, own_name);
		ret = create_one(own_name, device, function, options);
	}
	if (ret != 0) {
		withdraw_all(function);
		release_all(function);
	}
	return ret;
}

int
dlb2_eventdev_create(const char *name, struct rte_device *device,
		     const struct dlb2_options *options, const struct dlb2_attachment *attachment,
		     bool wait_after_flr)
{
	int ret;

	dlb2_telemetry_pause();
	ret = create(name, device, options, attachment, wait_after_flr);
	dlb2_trace_probe(name, ret);
	dlb2_telemetry_resume();
	return ret;
}

/* By the bus's device, not by name: names are chosen by users and by the order of probing. */
static struct rte_eventdev *
find_by_device(const struct rte_device *device)
{
	uint8_t id;

	for (id = 0; id < RTE_EVENT_MAX_DEVS; id++) {
		if (rte_event_pmd_is_valid_dev(id) &&
		    dlb2_compat_device(&rte_eventdevs[id]) == device)
			return &rte_eventdevs[id];
	}
	return NULL;
}

/*
 * Event devices that are removed while they run are not drained through the application's flush
 * callback: what that refers to may be gone already when EAL cleans up. Resetting the domains
 * throws the events away. Threads that use them all the same are kept out first.
 */
static void
close_all(const struct dlb2_function *function)
{
	bool threads_inside = false;
	struct rte_eventdev *dev;
	unsigned int i;

	for (i = 0; i < function->num_users; i++)
		threads_inside |= dlb2_turn_threads_away(
			&rte_eventdevs[function->users[i]->evdev->dev_id]);
	if (threads_inside)
		dlb2_let_threads_leave();
	for (i = 0; i < function->num_users; i++) {
		dev = &rte_eventdevs[function->users[i]->evdev->dev_id];
		dlb2_trace_remove(dev->data->dev_id, dev->data->name);
		dev->data->dev_started = 0;
		dlb2_close(dev);
	}
}

static void
destroy_all(struct dlb2_function *function)
{
	struct dlb2_attachment attachment = function->attachment;

	withdraw_all(function);
	close_all(function);
	release_all(function);
	attachment.ops->detach(attachment.bus);
}

/* In a secondary process. */
static void
leave(struct rte_eventdev *dev)
{
	dlb2_trace_remove(dev->data->dev_id, dev->data->name);
	dlb2_keep_secondary_threads_out(dev);
	release(dev);
}

static int
destroy(const struct rte_device *device)
{
	struct rte_eventdev *dev = find_by_device(device);

	if (dev == NULL)
		return -ENODEV;
	if (dlb2_process(dev)->function != NULL) {
		destroy_all(dlb2_process(dev)->function);
		return 0;
	}
	for (; dev != NULL; dev = find_by_device(device))
		leave(dev);
	return 0;
}

int
dlb2_eventdev_destroy(const struct rte_device *device)
{
	int ret;

	dlb2_telemetry_pause();
	ret = destroy(device);
	dlb2_telemetry_resume();
	return ret;
}
