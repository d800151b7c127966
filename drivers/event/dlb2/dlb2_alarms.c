/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the device complains of (control-path 12.7): an application that misuses it in a way that
 * the data path cannot see, or a fault of the driver. The device keeps the first complaint of each
 * of two units; they are read when the device stops and when it is dumped, and logged.
 */
#include "dlb2_priv.h"

/* Each round takes two complaints; more than a few tell nothing new. */
#define MAX_ROUNDS 4

static const char *const causes[] = {
	[DLB2_ALARM_ILLEGAL_ENQUEUE] = "completion of an event that is not open, or no credit",
	[DLB2_ALARM_EXCESS_TOKENS] = "more CQ tokens returned than taken",
	[DLB2_ALARM_ILLEGAL_HCW] = "illegal command",
	[DLB2_ALARM_ILLEGAL_QUEUE] = "event to a queue that does not exist",
	[DLB2_ALARM_DISABLED_QUEUE] = "event to a queue that is closed",
	[DLB2_ALARM_OTHER] = "unknown cause",
};

/* The event port behind a hardware port, or -1. */
static int
find_port(const struct dlb2_eventdev *evdev, enum dlb2_port_kind kind, unsigned int hw_id)
{
	unsigned int i;

	for (i = 0; evdev->build == DLB2_BUILT && i < evdev->conf.nb_event_ports; i++) {
		if (evdev->ports[i].kind == kind && evdev->ports[i].hw_id == hw_id)
			return i;
	}
	return -1;
}

static void
report(const struct dlb2_eventdev *evdev, const struct dlb2_alarm *alarm)
{
	DLB2_WARN(evdev->name,
		  "the device reports: %s; %s port %u (event port %d), queue %u%s, "
		  "syndrome %#x %#x %#x",
		  causes[alarm->cause], alarm->kind == DLB2_LDB ? "load-balanced" : "directed",
		  alarm->port, find_port(evdev, alarm->kind, alarm->port), alarm->queue,
		  alarm->more ? ", and more" : "", alarm->syndrome[0], alarm->syndrome[1],
		  alarm->syndrome[2]);
}

void
dlb2_report_alarms(const struct dlb2_eventdev *evdev, struct dlb2_process *process)
{
	struct dlb2_alarm alarms[2];
	unsigned int round;
	int num, i;

	for (round = 0; round < MAX_ROUNDS; round++) {
		num = dlb2_service_interrupt(process->device, alarms);
		if (num <= 0)
			return;
		for (i = 0; i < num; i++)
			report(evdev, &alarms[i]);
	}
}
