/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Telling an event device what the device complains of: counters, log, the application's callback,
 * all in terms of event ports and event queues. Finding the complaints is dlb2_alarms.c's.
 *
 * The records of the event device may be changing meanwhile: then an event port or queue is one of
 * before or after the change.
 */
#include <errno.h>

#include "dlb2_priv.h"
#include "dlb2_trace.h"

/* Enough for the longest text about a port or a queue. */
#define WHERE_LEN 96

#define SAME_CAUSE(name) \
	static_assert((int)RTE_PMD_DLB2_ALARM_##name == (int)DLB2_ALARM_##name, "alarm causes")
SAME_CAUSE(ILLEGAL_ENQUEUE);
SAME_CAUSE(EXCESS_TOKENS);
SAME_CAUSE(ILLEGAL_HCW);
SAME_CAUSE(ILLEGAL_QUEUE);
SAME_CAUSE(DISABLED_QUEUE);
SAME_CAUSE(OTHER);
SAME_CAUSE(NO_OPEN_EVENT);
SAME_CAUSE(NO_CREDIT);
SAME_CAUSE(HARDWARE);
static_assert((int)RTE_PMD_DLB2_ALARM_HARDWARE + 1 == (int)DLB2_NUM_ALARM_CAUSES, "alarm causes");

static const char *const causes[] = {
	[DLB2_ALARM_ILLEGAL_ENQUEUE] = "forward without an open event or credit, or bad fragment",
	[DLB2_ALARM_EXCESS_TOKENS] = "more CQ tokens returned than taken",
	[DLB2_ALARM_ILLEGAL_HCW] = "illegal command",
	[DLB2_ALARM_ILLEGAL_QUEUE] = "event to a queue that does not exist",
	[DLB2_ALARM_DISABLED_QUEUE] = "event to a queue that is closed",
	[DLB2_ALARM_OTHER] = "unknown cause",
	[DLB2_ALARM_NO_OPEN_EVENT] = "completion of an event that is not open",
	[DLB2_ALARM_NO_CREDIT] = "new event without a credit",
	[DLB2_ALARM_HARDWARE] = "an error of its own",
};

static const char *const kind_names[] = {
	[DLB2_LDB] = "load-balanced",
	[DLB2_DIR] = "directed",
};

/* The event port that sent the offending HCW, or -1. */
static int
find_port(const struct dlb2_eventdev *evdev, const struct dlb2_alarm *alarm)
{
	unsigned int i;

	if (!alarm->has_port || evdev->build != DLB2_BUILT)
		return -1;
	for (i = 0; i < evdev->conf.nb_event_ports; i++) {
		if (evdev->ports[i].kind == alarm->kind && evdev->ports[i].hw_id == alarm->port)
			return i;
	}
	return -1;
}

/* The event queue that its event was for, or -1. */
static int
find_queue(const struct dlb2_eventdev *evdev, const struct dlb2_alarm *alarm)
{
	unsigned int i;

	if (!alarm->has_queue || evdev->build != DLB2_BUILT)
		return -1;
	for (i = 0; i < evdev->conf.nb_event_queues; i++) {
		if (evdev->queues[i].kind == alarm->queue_kind &&
		    evdev->queues[i].hw_id == alarm->queue)
			return i;
	}
	return -1;
}

static void
describe(const struct dlb2_eventdev *evdev, const struct dlb2_alarm *alarm,
	 struct rte_pmd_dlb2_alarm *out)
{
	*out = (struct rte_pmd_dlb2_alarm){
		.cause = (enum rte_pmd_dlb2_alarm_cause)alarm->cause,
		.port_id = find_port(evdev, alarm),
		.queue_id = find_queue(evdev, alarm),
		.hw_port = alarm->has_port ? (int)alarm->port : -1,
		.hw_queue = alarm->has_queue ? (int)alarm->queue : -1,
		.hw_port_is_directed = alarm->kind == DLB2_DIR,
		.hw_queue_is_directed = alarm->queue_kind == DLB2_DIR,
		.more = alarm->more,
		.syndrome = { alarm->syndrome[0], alarm->syndrome[1], alarm->syndrome[2] },
	};
}

static void
add_one(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void
count(struct dlb2_eventdev *evdev, const struct rte_pmd_dlb2_alarm *alarm)
{
	struct dlb2_alarm_counts *counts = &evdev->alarms;

	add_one(&counts->all[alarm->cause]);
	if (alarm->port_id >= 0)
		add_one(&counts->ports[alarm->port_id][alarm->cause]);
	if (alarm->queue_id >= 0)
		add_one(&counts->queues[alarm->queue_id][alarm->cause]);
	if (alarm->more)
		add_one(&counts->unrecorded);
}

/* "event port 1 (load-balanced port 5)"; the device's own number is all there is without one. */
static const char *
where(char text[WHERE_LEN], const char *what, int event_id, bool directed, int hw_id)
{
	const char *kind = kind_names[directed ? DLB2_DIR : DLB2_LDB];

	if (hw_id < 0)
		snprintf(text, WHERE_LEN, "no %s", what);
	else if (event_id < 0)
		snprintf(text, WHERE_LEN, "%s %s %d, which is no event %s of this device", kind,
			 what, hw_id, what);
	else
		snprintf(text, WHERE_LEN, "event %s %d (%s %s %d)", what, event_id, kind, what,
			 hw_id);
	return text;
}

static void
write_log(const struct dlb2_eventdev *evdev, const struct rte_pmd_dlb2_alarm *alarm)
{
	char port[WHERE_LEN], queue[WHERE_LEN];

	DLB2_WARN(evdev->name, "the device reports: %s; %s, %s%s; syndrome %#x %#x %#x",
		  causes[alarm->cause],
		  where(port, "port", alarm->port_id, alarm->hw_port_is_directed, alarm->hw_port),
		  where(queue, "queue", alarm->queue_id, alarm->hw_queue_is_directed,
			alarm->hw_queue),
		  alarm->more ? ", and more" : "", alarm->syndrome[0], alarm->syndrome[1],
		  alarm->syndrome[2]);
}

void
dlb2_alarm_report(struct dlb2_process *process, const struct dlb2_alarm *alarm, bool logged)
{
	struct dlb2_eventdev *evdev = process->evdev;
	struct rte_pmd_dlb2_alarm description;

	dlb2_trace_alarm(evdev->dev_id, alarm->cause, alarm->kind, alarm->port, alarm->queue,
			 alarm->more);
	describe(evdev, alarm, &description);
	count(evdev, &description);
	description.count = evdev->alarms.all[alarm->cause];
	if (logged)
		write_log(evdev, &description);
	if (process->alarm_callback != NULL)
		process->alarm_callback(evdev->dev_id, &description, process->alarm_arg);
}

/* Returns 0 with the lock of the function held, or -EDEADLK after a message. */
static int
enter(const struct dlb2_process *process)
{
	if (pthread_mutex_lock(&process->function->users_lock) == 0)
		return 0;
	DLB2_ERR(process->evdev->name,
		 "an alarm callback cannot register or unregister one: have another thread do it");
	return -EDEADLK;
}

int
dlb2_alarm_callback_set(struct dlb2_process *process, rte_pmd_dlb2_alarm_callback_t callback,
			void *arg)
{
	int ret = enter(process);

	if (ret != 0)
		return ret;
	if (process->alarm_callback != NULL) {
		DLB2_ERR(process->evdev->name,
			 "there is an alarm callback already, one is possible: unregister it "
			 "first");
		ret = -EEXIST;
	} else {
		process->alarm_callback = callback;
		process->alarm_arg = arg;
	}
	pthread_mutex_unlock(&process->function->users_lock);
	return ret;
}

int
dlb2_alarm_callback_remove(struct dlb2_process *process, rte_pmd_dlb2_alarm_callback_t callback,
			   void *arg)
{
	int ret = enter(process);

	if (ret != 0)
		return ret;
	if (callback == NULL || process->alarm_callback != callback || process->alarm_arg != arg) {
		DLB2_ERR(process->evdev->name,
			 "this alarm callback is not registered with this argument: say what was "
			 "registered");
		ret = -ENOENT;
	} else {
		process->alarm_callback = NULL;
	}
	pthread_mutex_unlock(&process->function->users_lock);
	return ret;
}
