/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Links and unlinks that have to wait for events in flight are completed in the background
 * (control-path 9.7). A model that runs inline does it where it runs, so that an application of one
 * thread is deterministic; for all others EAL's alarm thread does it.
 */
#include <errno.h>
#include <string.h>

#include <rte_alarm.h>

#include "dlb2_priv.h"

/*
 * Often enough that nobody waits long for an unlink, seldom enough that the device's lock and its
 * registers stay free.
 */
#define ROUND_US 500

/* One round. Returns whether there has to be another. */
static bool
work(void *arg)
{
	struct dlb2_function *function = arg;

	return dlb2_device_progress(function->device) > 0;
}

/*
 * The flag goes first: who makes a link pending from now on sets an alarm, or finds the one set
 * here.
 */
static void
on_alarm(void *arg)
{
	struct dlb2_function *function = arg;

	__atomic_store_n(&function->alarm_set, false, __ATOMIC_SEQ_CST);
	dlb2_background_start(function);
}

/* Whether the bus sees to it; without `work`: no more. */
static bool
leave_to_bus(struct dlb2_function *function, bool (*work_or_none)(void *arg))
{
	const struct dlb2_attachment *attachment = &function->attachment;

	return attachment->ops->run_background != NULL &&
		attachment->ops->run_background(attachment->bus, work_or_none, function);
}

void
dlb2_background_start(struct dlb2_function *function)
{
	int ret;

	if (!work(function) || leave_to_bus(function, work))
		return;
	if (__atomic_exchange_n(&function->alarm_set, true, __ATOMIC_SEQ_CST))
		return;
	ret = rte_eal_alarm_set(ROUND_US, on_alarm, function);
	if (ret != 0) {
		__atomic_store_n(&function->alarm_set, false, __ATOMIC_SEQ_CST);
		DLB2_WARN(function->attachment.bus->name,
			  "no alarm can be set: %s; links in progress complete when "
			  "rte_event_port_unlinks_in_progress() is called",
			  strerror(-ret));
	}
}

/*
 * rte_eal_alarm_cancel() waits for an alarm that is being served, and takes back the one it sets.
 */
void
dlb2_background_stop(struct dlb2_function *function)
{
	leave_to_bus(function, NULL);
	rte_eal_alarm_cancel(on_alarm, function);
	__atomic_store_n(&function->alarm_set, false, __ATOMIC_SEQ_CST);
}
