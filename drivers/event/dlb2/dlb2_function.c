/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The device behind event devices: bringing it up and letting it go, and the domains that they have
 * of it. Not here: how big a domain is (dlb2_configure.c), and who may have how much
 * (dlb2_share.c).
 *
 * The one thing to know: a domain that does not drain can only be freed by a reset of the whole
 * device. That is done at once when nobody else has a domain, and else by the last one who returns
 * his; until then the others go on, and what was lost stays out of use.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlb2_priv.h"
#include "dlb2_trace.h"

static void
set_device_options(struct dlb2_function *function, const struct dlb2_options *options,
		   bool wait_after_flr)
{
	struct dlb2_device_options *out = &function->device_options;
	unsigned int i;

	dlb2_device_options_default(out);
	for (i = 0; i < DLB2_MAX_COS; i++)
		out->cos_percent[i] = options->cos_bw[i];
	out->wait_after_flr = wait_after_flr;
	out->reserved_dir_ports = options->producer_coremask;
	out->cq_layout = options->cq_layout;
	function->place_ports = options->producer_coremask > 0 && !options->default_port_allocation;
	function->producer_core = options->producer_core;
}

static void
count_named_ports(struct dlb2_function *function, const struct dlb2_options *options)
{
	unsigned int port;

	for (port = 0; port < DLB2_MAX_LDB_PORTS; port++) {
		if (options->port_cos[port] >= 0)
			function->named_ports_per_cos[options->port_cos[port]]++;
	}
}

static void
init_lock(pthread_mutex_t *lock, int type)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

int
dlb2_function_create(const struct dlb2_attachment *attachment, const struct dlb2_options *options,
		     bool wait_after_flr, struct dlb2_function **out)
{
	struct dlb2_function *function = calloc(1, sizeof(*function));
	int ret;

	if (function == NULL)
		return -ENOMEM;
	function->attachment = *attachment;
	set_device_options(function, options, wait_after_flr);
	count_named_ports(function, options);
	dlb2_share_out(options, function->shares);
	init_lock(&function->lock, PTHREAD_MUTEX_RECURSIVE);
	init_lock(&function->users_lock, PTHREAD_MUTEX_ERRORCHECK);
	ret = dlb2_bring_up(function);
	if (ret != 0) {
		DLB2_ERR(attachment->bus->name, "the device does not come up: %s", strerror(-ret));
		dlb2_function_free(function);
		return ret;
	}
	*out = function;
	return 0;
}

void
dlb2_function_free(struct dlb2_function *function)
{
	dlb2_let_go(function);
	pthread_mutex_destroy(&function->users_lock);
	pthread_mutex_destroy(&function->lock);
	free(function->port_times);
	free(function);
}

void
dlb2_function_add_user(struct dlb2_function *function, struct dlb2_process *process)
{
	pthread_mutex_lock(&function->users_lock);
	function->users[function->num_users++] = process;
	pthread_mutex_unlock(&function->users_lock);
}

int
dlb2_bring_up(struct dlb2_function *function)
{
	int ret = dlb2_device_create(function->attachment.bus, &function->device_options,
				     &function->device);

	if (ret == 0)
		ret = dlb2_place_ports(function);
	if (ret == 0)
		ret = dlb2_device_set_alarms(function->device, true);
	if (ret == 0) {
		__atomic_store_n(&function->memory, dlb2_device_memory(function->device),
				 __ATOMIC_RELAXED);
		dlb2_alarms_watch(function);
	} else {
		dlb2_let_go(function);
	}
	return ret;
}

void
dlb2_let_go(struct dlb2_function *function)
{
	dlb2_background_stop(function);
	dlb2_alarms_unwatch(function);
	dlb2_device_destroy(function->device);
	function->device = NULL;
	__atomic_store_n(&function->memory, 0, __ATOMIC_RELAXED);
}

/* After a reset that failed; nobody needs the device before a domain is wanted again. */
static int
bring_up_again(struct dlb2_process *process)
{
	int ret = dlb2_bring_up(process->function);

	if (ret != 0)
		DLB2_ERR(process->evdev->name,
			 "the device does not come up after its reset: %s; remove it and probe it "
			 "again",
			 strerror(-ret));
	return ret;
}

/* The names of event devices that have a domain, for messages. */
static void
list_holders(const struct dlb2_function *function, char *text, size_t size)
{
	unsigned int i;
	size_t len = 0;

	text[0] = '\0';
	for (i = 0; i < function->num_users && len < size; i++) {
		if (function->users[i]->domain != NULL)
			len += snprintf(text + len, size - len, "%s%s", len > 0 ? ", " : "",
					function->users[i]->evdev->name);
	}
}

static int
refuse_lost(const struct dlb2_process *process)
{
	char holders[512];

	list_holders(process->function, holders, sizeof(holders));
	DLB2_ERR(process->evdev->name,
		 "a domain of this event device did not drain, so its share of %s is lost: close %s, "
		 "then the device is reset and all of them can be configured again",
		 process->evdev->device_name, holders);
	return -ENOSPC;
}

/* In each class, the ports that port_cos names in event devices that have no domain yet. */
static void
keep_named_ports(const struct dlb2_process *process, struct dlb2_domain_request *request)
{
	const struct dlb2_function *function = process->function;
	unsigned int i, cos, without = 0;

	for (i = 0; i < function->num_users; i++)
		without += function->users[i] != process && function->users[i]->domain == NULL &&
			!function->users[i]->evdev->lost;
	for (cos = 0; cos < DLB2_MAX_COS; cos++)
		request->keep_ldb_ports_per_cos[cos] =
			without * function->named_ports_per_cos[cos];
}

static int
claim(struct dlb2_process *process, struct dlb2_domain_request *request)
{
	struct dlb2_function *function = process->function;
	int ret = function->device != NULL ? 0 : bring_up_again(process);

	if (ret == 0 && process->evdev->lost) /* unless all of the device is gone */
		ret = dlb2_device_check(function->device) != 0 ? -ENODEV : refuse_lost(process);
	if (ret != 0)
		return ret;
	keep_named_ports(process, request);
	ret = dlb2_domain_create(function->device, request, &process->domain);
	if (ret == 0)
		__atomic_store_n(&function->owners[dlb2_domain_id(process->domain)], process,
				 __ATOMIC_RELEASE);
	else
		process->domain = NULL;
	return ret;
}

int
dlb2_claim_from(struct dlb2_process *process, struct dlb2_domain_request *request)
{
	int ret;

	pthread_mutex_lock(&process->function->lock);
	ret = claim(process, request);
	if (ret == 0)
		process->evdev->owned = *request;
	pthread_mutex_unlock(&process->function->lock);
	return ret;
}

static bool
has_domains(const struct dlb2_function *function)
{
	unsigned int i;

	for (i = 0; i < function->num_users; i++) {
		if (function->users[i]->domain != NULL)
			return true;
	}
	return false;
}

/* Nobody has a domain, so nobody uses the device. */
static void
let_go_of_lost(struct dlb2_function *function)
{
	struct dlb2_eventdev *evdev;
	unsigned int i;

	dlb2_let_go(function);
	for (i = 0; i < function->num_users; i++) {
		evdev = function->users[i]->evdev;
		evdev->lost = false;
		memset(&evdev->owned, 0, sizeof(evdev->owned));
	}
}

static bool
has_lost(const struct dlb2_function *function)
{
	unsigned int i;

	for (i = 0; i < function->num_users; i++) {
		if (function->users[i]->evdev->lost)
			return true;
	}
	return false;
}

static void
report_lost(const struct dlb2_process *process)
{
	char holders[512];

	list_holders(process->function, holders, sizeof(holders));
	if (holders[0] == '\0')
		DLB2_WARN(process->evdev->name, "the device did not drain and is reset");
	else
		DLB2_ERR(process->evdev->name,
			 "the domain did not drain: its share of %s is lost until the device is "
			 "reset, which happens when %s are closed",
			 process->evdev->device_name, holders);
}

/* Returns the error of the reset. */
static int
give_back(struct dlb2_process *process)
{
	unsigned int id = dlb2_domain_id(process->domain);
	int ret = dlb2_domain_reset(process->domain);

	dlb2_trace_domain_reset(process->evdev->dev_id, id, ret);
	__atomic_store_n(&process->function->owners[id], NULL, __ATOMIC_RELEASE);
	process->domain = NULL;
	process->evdev->lost = ret != 0;
	if (ret == 0)
		memset(&process->evdev->owned, 0, sizeof(process->evdev->owned));
	else if (dlb2_report_gone(process->evdev, ret) != -ENODEV)
		report_lost(process);
	return ret;
}

int
dlb2_return_to(struct dlb2_process *process)
{
	struct dlb2_function *function = process->function;
	int ret = 0;

	pthread_mutex_lock(&function->lock);
	if (process->domain != NULL) {
		ret = give_back(process);
		if (!has_domains(function) && has_lost(function))
			let_go_of_lost(function);
	}
	pthread_mutex_unlock(&function->lock);
	return ret;
}

struct dlb2_process *
dlb2_owner(const struct dlb2_function *function, const struct dlb2_domain *domain)
{
	return domain != NULL ?
		__atomic_load_n(&function->owners[dlb2_domain_id(domain)], __ATOMIC_ACQUIRE) :
		NULL;
}

bool
dlb2_function_available(struct dlb2_function *function, struct dlb2_resources *out)
{
	bool up;

	pthread_mutex_lock(&function->lock);
	up = function->device != NULL;
	if (up)
		dlb2_device_available(function->device, out);
	pthread_mutex_unlock(&function->lock);
	return up;
}

size_t
dlb2_function_memory(const struct dlb2_function *function)
{
	const struct dlb2_attachment *attachment = &function->attachment;

	return sizeof(*function) + attachment->ops->bus_memory(attachment->bus) +
		__atomic_load_n(&function->memory, __ATOMIC_RELAXED);
}

size_t
dlb2_function_model_memory(const struct dlb2_function *function)
{
	const struct dlb2_attachment *attachment = &function->attachment;

	return attachment->ops->model_memory != NULL ?
		attachment->ops->model_memory(attachment->bus) : 0;
}
