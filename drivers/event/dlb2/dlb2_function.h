/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What belongs to the device, a PCI function or a virtual device, and not to one of its event
 * devices: the bus, the object of the hardware layer, alarms, work in the background.
 *
 * The one thing to know: only the primary process has one. It is freed after the last event device
 * that points to it.
 */
#ifndef DLB2_FUNCTION_H
#define DLB2_FUNCTION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dlb2_bus.h>
#include <dlb2_hw.h>

#include "dlb2_share.h"

struct dlb2_pp_channel;
struct dlb2_process;
struct rte_intr_handle;

/** What a PCI function and the model do differently, besides being another bus. */
struct dlb2_attachment_ops {
	/**
	 * Gives the data path of the event device `dev_id` its way to a producer port: sets *pp or
	 * *channel, the other to NULL. 0, -ENOMEM.
	 */
	int (*pp_open)(struct dlb2_bus *bus, uint8_t dev_id, enum dlb2_port_kind kind,
		       unsigned int port, volatile void **pp, struct dlb2_pp_channel **channel);
	/** Takes all of them back from that event device. NULL: there is nothing to do. */
	void (*pp_close_all)(struct dlb2_bus *bus, uint8_t dev_id);
	/**
	 * Has `work(arg)` called whenever the bus's device makes progress, until work returns
	 * false. NULL takes an earlier request back. Returns false when the bus has no such
	 * moments at present, as one without this operation never has: the caller then uses EAL's
	 * alarms.
	 */
	bool (*run_background)(struct dlb2_bus *bus, bool (*work)(void *arg), void *arg);
	/** Bytes of the model; NULL without one. */
	size_t (*model_memory)(struct dlb2_bus *bus);
	/** Bytes of the driver's that the bus holds. */
	size_t (*bus_memory)(struct dlb2_bus *bus);
	/** Frees the bus and all behind it. */
	void (*detach)(struct dlb2_bus *bus);
};

struct dlb2_attachment {
	struct dlb2_bus *bus;
	const struct dlb2_attachment_ops *ops;
	/** Where producer ports are mapped, which must be the same in all processes, or NULL. */
	const void *window;
	bool open; /**< secondary processes may use producer ports */
	bool runs_inline; /**< the device makes progress only when a port is polled */
};

/** Vector 0 of the device, served by EAL's interrupt thread. */
struct dlb2_alarm_watch {
	struct rte_intr_handle *irq; /**< NULL: alarms are found at stop and dump only */
	uint64_t second;             /**< timer cycles when the present second began */
	unsigned int interrupts;     /**< in it */
	unsigned int unlogged;       /**< alarms since the log was last told of such */
	bool off;                    /**< there were too many; atomic */
};

struct dlb2_function {
	struct dlb2_attachment attachment;
	struct dlb2_device_options device_options;
	bool place_ports;       /**< by the time that stores to them take, from: */
	unsigned int producer_core;
	struct dlb2_port_times *port_times; /**< of the first time; NULL before and without */
	/**
	 * Event devices are configured, started and closed by threads that know nothing of each
	 * other. Held while one of them takes or returns its domain, and by whoever uses `device`
	 * without having a domain on it: the device is let go only when nobody has one. Taken after
	 * a control_lock, before the lock of the hardware layer. Recursive, for a dump may run an
	 * application's code.
	 */
	pthread_mutex_t lock;
	struct dlb2_device *device; /**< NULL after a reset that failed, until it is needed again */
	size_t memory; /**< bytes of that; atomic */
	struct dlb2_alarm_watch alarms;
	bool alarm_set; /**< of EAL, for the background; atomic */
	/** By port_cos, in each event device. */
	unsigned int named_ports_per_cos[DLB2_MAX_COS];
	struct dlb2_share shares[DLB2_MAX_DOMAINS]; /**< of the users */
	struct dlb2_process *users[DLB2_MAX_DOMAINS]; /**< event devices, in the order of names */
	unsigned int num_users;
	struct dlb2_process *owners[DLB2_MAX_DOMAINS]; /**< by domain; atomic */
	/**
	 * Held while users are added, while they are told of alarms, and so while an application's
	 * alarm callback runs. Taken after `lock`; nothing is taken while it is held. A thread that
	 * wants it twice gets EDEADLK.
	 */
	pthread_mutex_t users_lock;
};

/**
 * Makes one of an attachment and brings the device behind it up.
 *
 * @param attachment  copied; its bus stays the caller's until dlb2_function_free()
 * @param wait_after_flr  false only for the model
 * @return 0 or a negative errno, after a message
 */
int
dlb2_function_create(const struct dlb2_attachment *attachment, const struct dlb2_options *options,
		     bool wait_after_flr, struct dlb2_function **out);
/** Lets the device go and frees the object. No event device uses it; the bus stays. */
void
dlb2_function_free(struct dlb2_function *function);

/**
 * Brings the device up, alarms on. The lock is held, or nobody else knows the function.
 * @return 0 or a negative errno; then function->device is NULL
 */
int
dlb2_bring_up(struct dlb2_function *function);
/**
 * Has the device give out ports by the time that stores to them take from the producers' core, if
 * the user wants that (devargs producer_coremask, default_port_allocation). Before alarms are on.
 * @return 0; an error of the device, after a message
 */
int
dlb2_place_ports(struct dlb2_function *function);
/** The other way, under the same condition; function->device may be NULL. The bus stays. */
void
dlb2_let_go(struct dlb2_function *function);

/**
 * Reserves a domain for an event device, on a device that is brought up for it if need be. What
 * others have been promised is kept.
 *
 * @param[in,out] request  as sized by the event device
 * @return 0; the error of dlb2_bring_up() or dlb2_domain_create(), -ENOSPC when all that the event
 *   device may have was lost; after a message
 */
int
dlb2_claim_from(struct dlb2_process *process, struct dlb2_domain_request *request);
/**
 * Resets the domain of an event device, if it has one. When that fails, all it owned is lost, until
 * the last event device with a domain gives that back: then the device is let go.
 *
 * @return 0; the error of dlb2_domain_reset()
 */
int
dlb2_return_to(struct dlb2_process *process);
/** Whose a domain is, which may be NULL, or NULL. */
struct dlb2_process *
dlb2_owner(const struct dlb2_function *function, const struct dlb2_domain *domain);
/** What is free. False, and nothing known, when the device is not up. */
bool
dlb2_function_available(struct dlb2_function *function, struct dlb2_resources *out);

/** Bytes of the driver's, what event devices have for themselves apart. */
size_t
dlb2_function_memory(const struct dlb2_function *function);
/** Bytes of the model, 0 without one. */
size_t
dlb2_function_model_memory(const struct dlb2_function *function);

/**
 * From now on the event device is told of its alarms, until the device is let go for good.
 * process->evdev is complete.
 */
void
dlb2_function_add_user(struct dlb2_function *function, struct dlb2_process *process);

/* dlb2_background.c */
/** Makes pending links and unlinks complete by themselves (control-path 9.7). */
void
dlb2_background_start(struct dlb2_function *function);
/** No background work is under way when it returns. */
void
dlb2_background_stop(struct dlb2_function *function);

/* dlb2_alarms.c */
/** Tells of what the device has complained since the last call, if it is up. */
void
dlb2_report_alarms(struct dlb2_function *function);
/** Has alarms logged when they come, if the bus has interrupts. The device is up. */
void
dlb2_alarms_watch(struct dlb2_function *function);
/** Ends that; may be called without a watch. No alarm is being served when it returns. */
void
dlb2_alarms_unwatch(struct dlb2_function *function);
/** Turns alarms on again that were turned off because there were too many. */
void
dlb2_alarms_resume(struct dlb2_function *function);

#endif
