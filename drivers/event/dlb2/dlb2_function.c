/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The device behind event devices: bringing it up and letting it go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlb2_function.h"
#include "dlb2_log.h"

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
	pthread_mutex_init(&function->lock, NULL);
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
	pthread_mutex_destroy(&function->lock);
	free(function);
}

int
dlb2_bring_up(struct dlb2_function *function)
{
	int ret = dlb2_device_create(function->attachment.bus, &function->device_options,
				     &function->device);

	if (ret == 0)
		ret = dlb2_device_set_alarms(function->device, true);
	if (ret == 0)
		dlb2_alarms_watch(function);
	else
		dlb2_let_go(function);
	return ret;
}

void
dlb2_let_go(struct dlb2_function *function)
{
	dlb2_background_stop(function);
	dlb2_alarms_unwatch(function);
	dlb2_device_destroy(function->device);
	function->device = NULL;
}

size_t
dlb2_function_memory(struct dlb2_function *function)
{
	const struct dlb2_attachment *attachment = &function->attachment;
	size_t bytes = sizeof(*function) + attachment->ops->bus_memory(attachment->bus);

	pthread_mutex_lock(&function->lock);
	if (function->device != NULL)
		bytes += dlb2_device_memory(function->device);
	pthread_mutex_unlock(&function->lock);
	return bytes;
}

size_t
dlb2_function_model_memory(const struct dlb2_function *function)
{
	const struct dlb2_attachment *attachment = &function->attachment;

	return attachment->ops->model_memory != NULL ?
		attachment->ops->model_memory(attachment->bus) : 0;
}
