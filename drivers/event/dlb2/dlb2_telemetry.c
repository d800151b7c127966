/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The telemetry commands /eventdev_dlb2/...: their parameters, and who may look at a device when.
 * What they say is in dlb2_telemetry_answers.c and dlb2_telemetry_credits.c. All of them only read.
 *
 * The one thing to know: commands come in threads of the telemetry library, at any time. While one
 * is answered the device can neither go (devices_lock) nor be changed by a control operation (its
 * control_lock). The data path goes on; what is read of it may be from slightly different moments.
 *
 * A bad parameter gives a log line and a negative value, which the library (22.11) answers with
 * null.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dlb2_compat.h"
#include "dlb2_telemetry.h"

/*
 * A stop can take seconds until it gives up draining; who asks is not kept waiting as long. Other
 * control operations take milliseconds.
 */
#define PATIENCE_S 1

enum object_kind {
	NO_OBJECT,
	PORT,
	QUEUE,
	WHOLE_DEVICE, /* takes no parameter either; the answer is about all its event devices */
};

struct command {
	const char *name, *help;
	dlb2_answer answer;
	enum object_kind object;
};

static const struct command commands[] = {
	{"/eventdev_dlb2/info", "Identity and state of a DLB. Parameter: device",
	 dlb2_answer_info, NO_OBJECT},
	{"/eventdev_dlb2/resources",
	 "Who holds what of a DLB, and what is free. Parameter: device",
	 dlb2_answer_resources, WHOLE_DEVICE},
	{"/eventdev_dlb2/domains", "Scheduling domains of a DLB. Parameter: device",
	 dlb2_answer_domains, WHOLE_DEVICE},
	{"/eventdev_dlb2/queues",
	 "Queues of a DLB by kind, or one in detail. Parameters: device[,queue]",
	 dlb2_answer_queues, QUEUE},
	{"/eventdev_dlb2/ports",
	 "Ports of a DLB by kind, or one in detail. Parameters: device[,port]",
	 dlb2_answer_ports, PORT},
	{"/eventdev_dlb2/links",
	 "Links: port, queue and priority (0 is most urgent). Parameters: device[,port]",
	 dlb2_answer_links, PORT},
	{"/eventdev_dlb2/credits",
	 "Where every credit is, or what a port has and may get. Parameters: device[,port]",
	 dlb2_answer_credits, PORT},
	{"/eventdev_dlb2/alarms",
	 "What the device complained of, by cause. Parameters: device[,port]",
	 dlb2_answer_alarms, PORT},
};

/* The one thing here that belongs to no device: it guards their coming and going. */
static pthread_mutex_t devices_lock = PTHREAD_MUTEX_INITIALIZER;

void
dlb2_telemetry_pause(void)
{
	pthread_mutex_lock(&devices_lock);
}

void
dlb2_telemetry_resume(void)
{
	pthread_mutex_unlock(&devices_lock);
}

static bool
lock_in_time(pthread_mutex_t *lock)
{
	struct timespec end;
	int ret;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	ret = pthread_mutex_timedlock(lock, &end);
	if (ret == EOWNERDEAD)
		ret = pthread_mutex_consistent(lock);
	return ret == 0;
}

/* Reads a decimal number and moves past it. False if there is none, or it is no ID. */
static bool
take_id(const char **text, int *id)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	value = strtoul(*text, &end, 10);
	*text = end;
	*id = value;
	return value < UINT8_MAX;
}

/* "DEVICE" or "DEVICE,OBJECT". `object` is -1 without one. */
static bool
parse(const struct command *command, const char *params, int *dev_id, int *object)
{
	*object = -1;
	if (params == NULL || !take_id(&params, dev_id))
		return false;
	if (*params == ',' && (command->object == PORT || command->object == QUEUE)) {
		params++;
		if (!take_id(&params, object))
			return false;
	}
	return *params == '\0';
}

/* The device if it is a DLB; devices_lock is held. */
static struct rte_eventdev *
find(unsigned int dev_id)
{
	struct rte_eventdev *dev = &rte_eventdevs[RTE_MIN(dev_id, RTE_EVENT_MAX_DEVS - 1u)];

	return rte_event_pmd_is_valid_dev(dev_id) && dev->dev_ops != NULL &&
			dev->dev_ops->dump == dlb2_dump ? dev : NULL;
}

static int
num_objects(const struct dlb2_eventdev *evdev, enum object_kind kind)
{
	if (!evdev->configured)
		return 0;
	return kind == PORT ? evdev->conf.nb_event_ports : evdev->conf.nb_event_queues;
}

static int
answer_locked(const struct command *command, const struct dlb2_question *question,
	      struct rte_tel_data *out)
{
	int num = num_objects(question->evdev, command->object);

	if (question->object >= num) {
		DLB2_NOTICE(question->evdev->name,
			    "%s: there is no %s %d, %d are configured: ask %s,%u for a list",
			    command->name, command->object == PORT ? "port" : "queue",
			    question->object, num,
			    command->object == PORT ? "/eventdev_dlb2/ports" :
						      "/eventdev_dlb2/queues",
			    question->evdev->dev_id);
		return -EINVAL;
	}
	rte_tel_data_start_dict(out);
	command->answer(question, out);
	return 0;
}

static void
find_siblings(struct dlb2_question *question)
{
	struct rte_eventdev *dev;
	unsigned int i;

	for (i = 0; i < RTE_EVENT_MAX_DEVS; i++) {
		dev = find(i);
		if (dev != NULL && strcmp(dlb2_evdev(dev)->device_name,
					  question->evdev->device_name) == 0)
			question->siblings[question->num_siblings++] = dev;
	}
}

/* In the order of their numbers, as every process does. Returns how many could be had in time. */
static unsigned int
lock_evdevs(struct rte_eventdev *devs[], unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++) {
		if (!lock_in_time(&dlb2_evdev(devs[i])->control_lock))
			break;
	}
	return i;
}

static void
unlock_evdevs(struct rte_eventdev *devs[], unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++)
		pthread_mutex_unlock(&dlb2_evdev(devs[i])->control_lock);
}

static int
answer_of(const struct command *command, struct rte_eventdev *dev, int object,
	  struct rte_tel_data *out)
{
	struct dlb2_eventdev *evdev = dlb2_evdev(dev);
	struct dlb2_question question = {
		.dev = dev,
		.evdev = evdev,
		.process = dlb2_process(dev),
		.object = object,
	};
	bool whole = command->object == WHOLE_DEVICE;
	struct rte_eventdev **asked = whole ? question.siblings : &dev;
	unsigned int num, locked;
	int ret = -EBUSY;

	find_siblings(&question);
	num = whole ? question.num_siblings : 1;
	locked = lock_evdevs(asked, num);
	if (locked == num)
		ret = answer_locked(command, &question, out);
	else
		DLB2_NOTICE(evdev->name, "%s: another operation takes more than %u s: ask again",
			    command->name, PATIENCE_S);
	unlock_evdevs(asked, locked);
	return ret;
}

static int
answer(const struct command *command, unsigned int dev_id, int object, struct rte_tel_data *out)
{
	struct rte_eventdev *dev;
	int ret = -ENODEV;

	if (!lock_in_time(&devices_lock)) {
		DLB2_NOTICE("telemetry", "%s: a device comes or goes for more than %u s: ask again",
			    command->name, PATIENCE_S);
		return -EBUSY;
	}
	dev = find(dev_id);
	if (dev != NULL)
		ret = answer_of(command, dev, object, out);
	else
		DLB2_NOTICE("telemetry",
			    "%s: event device %u is not a DLB: ask /eventdev_dlb2/list",
			    command->name, dev_id);
	dlb2_telemetry_resume();
	return ret;
}

static int
on_command(const char *name, const char *params, struct rte_tel_data *out)
{
	const struct command *command = commands;
	int dev_id, object;

	while (command < commands + RTE_DIM(commands) && strcmp(command->name, name) != 0)
		command++;
	if (command == commands + RTE_DIM(commands))
		return -ENOENT;
	if (!parse(command, params, &dev_id, &object)) {
		DLB2_NOTICE("telemetry",
			    "%s: the parameters are not understood: say %s,DEVICE%s, decimal "
			    "numbers below %u",
			    name, name,
			    command->object == PORT	? "[,PORT]" :
				    command->object == QUEUE ? "[,QUEUE]" :
							     "",
			    UINT8_MAX);
		return -EINVAL;
	}
	return answer(command, dev_id, object, out);
}

static int
on_list(const char *name, const char *params, struct rte_tel_data *out)
{
	unsigned int i;

	RTE_SET_USED(name);
	RTE_SET_USED(params);
	if (!lock_in_time(&devices_lock))
		return -EBUSY;
	rte_tel_data_start_array(out, RTE_TEL_INT_VAL);
	for (i = 0; i < RTE_EVENT_MAX_DEVS; i++) {
		if (find(i) != NULL)
			rte_tel_data_add_array_int(out, i);
	}
	dlb2_telemetry_resume();
	return 0;
}

void
dlb2_tel_number(struct rte_tel_data *dict, const char *name, int64_t value)
{
	if (value >= 0)
		dlb2_compat_tel_add(dict, name, value);
}

void
dlb2_tel_object(struct rte_tel_data *dict, unsigned int object, int64_t value)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", object);
	dlb2_tel_number(dict, name, value);
}

struct rte_tel_data *
dlb2_tel_dict(struct rte_tel_data *dict, const char *name)
{
	struct rte_tel_data *child = rte_tel_data_alloc();

	if (child == NULL)
		return NULL;
	rte_tel_data_start_dict(child);
	if (rte_tel_data_add_dict_container(dict, name, child, 0) == 0)
		return child;
	rte_tel_data_free(child);
	return NULL;
}

struct rte_tel_data *
dlb2_tel_object_dict(struct rte_tel_data *dict, unsigned int object)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", object);
	return dlb2_tel_dict(dict, name);
}

void
dlb2_tel_xstat(const struct dlb2_question *question, struct rte_tel_data *dict, const char *name,
	       const char *xstat)
{
	uint64_t id;

	dlb2_compat_tel_add(dict, name, dlb2_xstats_get_by_name(question->dev, xstat, &id));
}

RTE_INIT(dlb2_telemetry_init)
{
	unsigned int i;

	rte_telemetry_register_cmd("/eventdev_dlb2/list", on_list,
				   "Event devices that are DLBs. No parameters");
	for (i = 0; i < RTE_DIM(commands); i++)
		rte_telemetry_register_cmd(commands[i].name, on_command, commands[i].help);
}
