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
	struct dlb2_process *process = arg;

	return dlb2_device_progress(process->device) > 0;
}

/*
 * The flag goes first: who makes a link pending from now on sets an alarm, or finds the one set
 * here.
 */
static void
on_alarm(void *arg)
{
	struct dlb2_process *process = arg;

	__atomic_store_n(&process->alarm_set, false, __ATOMIC_SEQ_CST);
	dlb2_background_start(process);
}

void
dlb2_background_start(struct dlb2_process *process)
{
	const struct dlb2_attachment *attachment = &process->attachment;
	int ret;

	if (!work(process) || attachment->ops->run_background(attachment->bus, work, process))
		return;
	if (__atomic_exchange_n(&process->alarm_set, true, __ATOMIC_SEQ_CST))
		return;
	ret = rte_eal_alarm_set(ROUND_US, on_alarm, process);
	if (ret != 0) {
		__atomic_store_n(&process->alarm_set, false, __ATOMIC_SEQ_CST);
		DLB2_WARN(attachment->bus->name,
			  "no alarm can be set: %s; links in progress complete when "
			  "rte_event_port_unlinks_in_progress() is called",
			  strerror(-ret));
	}
}

/*
 * rte_eal_alarm_cancel() waits for an alarm that is being served, and takes back the one it sets.
 */
void
dlb2_background_stop(struct dlb2_process *process)
{
	const struct dlb2_attachment *attachment = &process->attachment;

	attachment->ops->run_background(attachment->bus, NULL, NULL);
	rte_eal_alarm_cancel(on_alarm, process);
	__atomic_store_n(&process->alarm_set, false, __ATOMIC_SEQ_CST);
}
