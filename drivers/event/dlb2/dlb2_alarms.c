/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the device complains of (control-path 12.7): an application that misuses it in a way that
 * the data path cannot see, or a fault of the driver. The device keeps the first complaint of each
 * of two units. Its service interrupt has them read and told to the event device that they concern
 * (dlb2_alarm_report.c); so have stop and dump, for buses without interrupts. Too many are not
 * logged, and far too many turned off.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include <rte_cycles.h>
#include <rte_interrupts.h>

#include "dlb2_priv.h"

/* Each round takes two complaints; more than a few tell nothing new. */
#define MAX_ROUNDS 4
/*
 * Interrupts in a second whose complaints are logged: an application that does something wrong does
 * it with every event.
 */
#define LOGGED_INTERRUPTS 5
/* From so many in a second on the device is told to be silent (control-path 12.6). */
#define TOO_MANY_INTERRUPTS 1000

/*
 * The event device whose domain has the port is told, and nobody else. What is nobody's concerns
 * all: an error of the hardware, or a port whose domain has gone meanwhile.
 */
static void
tell_users(struct dlb2_function *function, const struct dlb2_alarm *alarm, bool logged)
{
	struct dlb2_process *owner = dlb2_owner(function, alarm->domain);
	unsigned int i;

	if (pthread_mutex_lock(&function->users_lock) != 0)
		return; /* an alarm callback has the event device dumped */
	if (owner != NULL)
		dlb2_alarm_report(owner, alarm, logged);
	for (i = 0; owner == NULL && i < function->num_users; i++)
		dlb2_alarm_report(function->users[i], alarm, logged);
	pthread_mutex_unlock(&function->users_lock);
}

/* Returns the number of complaints. */
static unsigned int
take_alarms(struct dlb2_function *function, bool logged)
{
	struct dlb2_alarm alarms[2];
	unsigned int round, total = 0;
	int num, i;

	for (round = 0; round < MAX_ROUNDS; round++) {
		num = dlb2_service_interrupt(function->device, alarms);
		if (num <= 0)
			break;
		for (i = 0; i < num; i++)
			tell_users(function, &alarms[i], logged);
		total += num;
	}
	return total;
}

void
dlb2_report_alarms(struct dlb2_function *function)
{
	pthread_mutex_lock(&function->lock);
	if (function->device != NULL)
		take_alarms(function, true);
	pthread_mutex_unlock(&function->lock);
}

static void
log_unlogged(struct dlb2_function *function)
{
	struct dlb2_alarm_watch *watch = &function->alarms;

	if (watch->unlogged > 0)
		DLB2_WARN(function->attachment.bus->name, "the device reports: %u more like these",
			  watch->unlogged);
	watch->unlogged = 0;
}

static void
count_interrupts(struct dlb2_function *function, uint64_t count)
{
	struct dlb2_alarm_watch *watch = &function->alarms;
	uint64_t now = rte_get_timer_cycles();
	bool few = watch->interrupts < TOO_MANY_INTERRUPTS;

	if (now - watch->second >= rte_get_timer_hz()) {
		log_unlogged(function);
		watch->second = now;
		watch->interrupts = 0;
		few = true;
	}
	watch->interrupts += RTE_MIN(count, (uint64_t)TOO_MANY_INTERRUPTS);
	if (!few || watch->interrupts < TOO_MANY_INTERRUPTS)
		return;
	__atomic_store_n(&watch->off, true, __ATOMIC_RELAXED);
	dlb2_device_set_alarms(function->device, false);
	DLB2_WARN(function->attachment.bus->name,
		  "%u alarms in a second: they are off until the next start; the application uses "
		  "the device wrongly as said before",
		  watch->interrupts);
}

void
dlb2_alarms_resume(struct dlb2_function *function)
{
	if (__atomic_exchange_n(&function->alarms.off, false, __ATOMIC_RELAXED))
		dlb2_device_set_alarms(function->device, true);
}

/* In EAL's interrupt thread. */
static void
on_service_interrupt(void *arg)
{
	struct dlb2_function *function = arg;
	struct dlb2_alarm_watch *watch = &function->alarms;
	bool logged;
	eventfd_t count;
	unsigned int num;

	if (eventfd_read(rte_intr_fd_get(watch->irq), &count) != 0)
		return;
	count_interrupts(function, count);
	logged = watch->interrupts <= LOGGED_INTERRUPTS;
	num = take_alarms(function, logged);
	if (!logged)
		watch->unlogged += num;
}

/* A handle of our own, so that it is the same for each kind of bus. */
static int
register_callback(struct dlb2_function *function, int fd)
{
	struct rte_intr_handle *irq = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	int ret = -ENOMEM;

	if (irq == NULL)
		return ret;
	function->alarms.irq = irq;
	if (rte_intr_fd_set(irq, fd) == 0 && rte_intr_type_set(irq, RTE_INTR_HANDLE_EXT) == 0)
		ret = rte_intr_callback_register(irq, on_service_interrupt, function);
	if (ret != 0) {
		rte_intr_instance_free(irq);
		function->alarms.irq = NULL;
	}
	return ret;
}

void
dlb2_alarms_watch(struct dlb2_function *function)
{
	struct dlb2_bus *bus = function->attachment.bus;
	int ret = bus->ops->irq_fd(bus, 0);

	function->alarms = (struct dlb2_alarm_watch){ 0 };
	if (ret >= 0)
		ret = register_callback(function, ret);
	if (ret != 0)
		DLB2_INFO(bus->name, "no interrupt for alarms: %s; they are logged at stop",
			  strerror(-ret));
}

void
dlb2_alarms_unwatch(struct dlb2_function *function)
{
	struct dlb2_alarm_watch *watch = &function->alarms;

	if (watch->irq == NULL)
		return;
	rte_intr_callback_unregister_sync(watch->irq, on_service_interrupt, function);
	rte_intr_instance_free(watch->irq);
	watch->irq = NULL;
	log_unlogged(function);
}
