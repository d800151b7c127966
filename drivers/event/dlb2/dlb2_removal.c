/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Threads that still use an event device when it is removed. From then on their calls return 0 with
 * rte_errno ENODEV; they have GRACE_MS to leave before the device and its memory go. No call
 * costs anything for it.
 *
 * Who goes on calling after that is beyond the driver's reach: the library empties its table of
 * functions before it fills it with those that do nothing.
 */
#include <errno.h>

#include <rte_cycles.h>

#include "dlb2_compat.h"
#include "dlb2_priv.h"

/*
 * Calls take microseconds. But threads may share a CPU, and one that lost it in the middle of a
 * call has to get it again: on a busy machine that takes tens of milliseconds, and hundreds in a
 * virtual one that is busy, too.
 */
#define GRACE_MS 500

/* From reading a function of the device to the mark that it makes in the port. */
#define ENTRY_MS 1
#define LOOK_US 100

/*
 * The functions change and not the ports: who has read an old function and no port yet still finds
 * one.
 */
static void
replace_datapath(struct rte_eventdev *dev)
{
	dlb2_compat_set_datapath(dev, dlb2_no_datapath(ENODEV));
	event_dev_fp_ops_set(&rte_event_fp_ops[dev->data->dev_id], dev);
}

bool
dlb2_turn_threads_away(struct rte_eventdev *dev)
{
	if (!dev->data->dev_started)
		return false;
	replace_datapath(dev);
	dlb2_stop_datapath(dlb2_evdev(dev)); /* ends waits, too */
	return true;
}

void
dlb2_let_threads_leave(void)
{
	rte_delay_us_sleep(GRACE_MS * US_PER_S / MS_PER_S);
}

void
dlb2_keep_secondary_threads_out(struct rte_eventdev *dev)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	unsigned int i, waited = 0;

	if (!dev->data->dev_started)
		return;
	replace_datapath(dev);
	rte_delay_us_sleep(ENTRY_MS * US_PER_S / MS_PER_S);
	for (i = 0; i < evdev->conf.nb_event_ports; i++) {
		while (evdev->ports[i].dp != NULL && dlb2_dp_port_interrupted(evdev->ports[i].dp) &&
		       waited < GRACE_MS * US_PER_S / MS_PER_S) {
			rte_delay_us_sleep(LOOK_US);
			waited += LOOK_US;
		}
	}
}
