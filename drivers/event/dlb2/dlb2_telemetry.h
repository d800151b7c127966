/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of telemetry share: a question, and how answers are put together. A function here
 * that is given a number of which nothing is known (below 0) says nothing.
 */
#ifndef DLB2_TELEMETRY_H
#define DLB2_TELEMETRY_H

#include <rte_telemetry.h>

#include "dlb2_priv.h"

/** A question about an event device that stays as it is while it is answered. */
struct dlb2_question {
	struct rte_eventdev *dev;
	const struct dlb2_eventdev *evdev;
	/** Its function and domain are NULL in a secondary process: what they know is not told. */
	const struct dlb2_process *process;
	int object; /**< port or queue, a valid one; below 0: all of them */
	/**
	 * All event devices of the device, in the order of their numbers. They stay too, where the
	 * question is about the device.
	 */
	struct rte_eventdev *siblings[RTE_EVENT_MAX_DEVS];
	unsigned int num_siblings;
};

/** Adds to `out`, a dictionary. */
typedef void (*dlb2_answer)(const struct dlb2_question *question, struct rte_tel_data *out);

void dlb2_answer_info(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_resources(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_domains(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_queues(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_ports(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_links(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_credits(const struct dlb2_question *question, struct rte_tel_data *out);
void dlb2_answer_alarms(const struct dlb2_question *question, struct rte_tel_data *out);

/** Adds a number, unless it is below 0. */
void dlb2_tel_number(struct rte_tel_data *dict, const char *name, int64_t value);
/** The same, named after an object: a port, a queue. */
void dlb2_tel_object(struct rte_tel_data *dict, unsigned int object, int64_t value);
/** A dictionary in `dict`, to be filled at once. NULL without memory. */
struct rte_tel_data *dlb2_tel_dict(struct rte_tel_data *dict, const char *name);
struct rte_tel_data *dlb2_tel_object_dict(struct rte_tel_data *dict, unsigned int object);
/** An xstat, under the same or another name. */
void dlb2_tel_xstat(const struct dlb2_question *question, struct rte_tel_data *dict,
		    const char *name, const char *xstat);

/** Whether the hardware is as recorded and this process may ask it. */
static inline bool
dlb2_tel_hardware(const struct dlb2_question *question)
{
	return question->process->domain != NULL && question->evdev->build == DLB2_BUILT;
}

/** Events in a queue, or below 0. */
int dlb2_tel_queue_depth(const struct dlb2_question *question, unsigned int queue_id);
/** CQ entries of a port whose tokens the device has not got back, or below 0. */
int dlb2_tel_port_tokens(const struct dlb2_question *question, unsigned int port_id);

#endif
