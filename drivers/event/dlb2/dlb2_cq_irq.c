/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * File descriptors for the interrupts of CQs. Not here: arming them and waiting (dlb2_wait.c), the
 * device's registers (hw/interrupts.c) and MSI-X vectors (the bus).
 *
 * What a user gets is an epoll instance of the port's own that contains the eventfd of the vector.
 * So it stays the same when the hardware is built anew and the port gets another vector, nobody but
 * the driver can read the eventfd, and where the model runs inline a timer can be added.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "dlb2_cq_irq.h"
#include "dlb2_priv.h"

/* The CQ fires for its first entry. */
#define THRESHOLD 1

static int
add(const struct dlb2_cq_irq *irq, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(irq->fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static int
make_timer(struct dlb2_cq_irq *irq)
{
	irq->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (irq->timer < 0)
		return -errno;
	irq->has_timer = true;
	return add(irq, irq->timer);
}

static void
close_fds(struct dlb2_cq_irq *irq)
{
	if (irq->has_timer)
		close(irq->timer);
	close(irq->fd);
	*irq = (struct dlb2_cq_irq){ .open = false };
}

static int
make_fds(const struct dlb2_eventdev *evdev, const struct dlb2_process *process,
	 struct dlb2_port *port)
{
	struct dlb2_cq_irq *irq = &port->irq;
	int ret = 0;

	if (irq->open)
		return 0;
	irq->event = -1;
	irq->fd = epoll_create1(EPOLL_CLOEXEC);
	if (irq->fd < 0)
		ret = -errno;
	else if (process->function->attachment.runs_inline)
		ret = make_timer(irq);
	if (ret != 0) {
		DLB2_ERR(evdev->name, "port %u: no file descriptor for its events: %s",
			 dlb2_port_id(evdev, port), strerror(-ret));
		if (irq->fd >= 0)
			close_fds(irq);
		return -ENOSPC;
	}
	irq->open = true;
	return 0;
}

/* The bus serves one caller at a time, and the device may have other event devices. */
static int
bus_fd(struct dlb2_function *function, unsigned int vector)
{
	struct dlb2_bus *bus = function->attachment.bus;
	int fd;

	pthread_mutex_lock(&function->lock);
	fd = bus->ops->irq_fd(bus, vector);
	pthread_mutex_unlock(&function->lock);
	return fd;
}

/* The eventfd of the port's vector, open for interrupts; or a negative errno. */
static int
vector_fd(struct dlb2_process *process, const struct dlb2_port *port)
{
	int ret = dlb2_cq_interrupt_setup(process->domain, port->kind, port->hw_id, THRESHOLD);

	if (ret == 0)
		ret = dlb2_cq_interrupt_vector(process->domain, port->kind, port->hw_id);
	return ret > 0 ? bus_fd(process->function, ret) : ret;
}

/* The one that is there may be another port's by now. */
static int
replace_event(struct dlb2_cq_irq *irq, int fd)
{
	int ret;

	if (irq->event >= 0)
		epoll_ctl(irq->fd, EPOLL_CTL_DEL, irq->event, NULL);
	irq->event = -1;
	ret = add(irq, fd);
	if (ret == 0)
		irq->event = fd;
	return ret;
}

/*
 * The vector is asked for again each time the port is built: after a reset of the device it would
 * be silent otherwise.
 */
static int
connect_port(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
	     struct dlb2_port *port)
{
	struct dlb2_cq_irq *irq = &port->irq;
	int ret = vector_fd(process, port);

	if (ret >= 0)
		ret = replace_event(irq, ret);
	if (ret != 0) {
		DLB2_ERR(evdev->name, "port %u: no interrupt: %s; without one, leave "
			 "cq_interrupts=y out and call no rte_pmd_dlb2_port_event_fd()",
			 dlb2_port_id(evdev, port), strerror(-ret));
		return ret;
	}
	dlb2_dp_port_set_irq(port->dp, &(struct dlb2_dp_irq){
		.connected = true,
		.has_timer = irq->has_timer,
		.fd = irq->fd,
		.event = irq->event,
		.timer = irq->timer,
	});
	return 0;
}

int
dlb2_cq_irq_open(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		 struct dlb2_port *port)
{
	bool had_one = port->irq.open;
	int ret = make_fds(evdev, process, port);

	port->irq.asked_for = ret == 0;
	if (ret == 0 && !had_one && evdev->build == DLB2_BUILT)
		ret = connect_port(evdev, process, port);
	if (ret != 0 && port->irq.open)
		close_fds(&port->irq);
	return ret != 0 ? ret : port->irq.fd;
}

/* Without a timeout no dequeue waits. */
static bool
dequeues_sleep(const struct dlb2_eventdev *evdev)
{
	const struct rte_event_dev_config *conf = &evdev->conf;

	return evdev->options.cq_interrupts && (conf->dequeue_timeout_ns > 0 ||
		(conf->event_dev_cfg & RTE_EVENT_DEV_CFG_PER_DEQUEUE_TIMEOUT) != 0);
}

int
dlb2_cq_irq_build(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		  struct dlb2_port *port)
{
	int ret;

	if (!port->irq.asked_for && !dequeues_sleep(evdev)) {
		dlb2_cq_irq_close(port);
		return 0;
	}
	ret = make_fds(evdev, process, port);
	return ret == 0 ? connect_port(evdev, process, port) : ret;
}

void
dlb2_cq_irq_close(struct dlb2_port *port)
{
	if (port->irq.open)
		close_fds(&port->irq);
}
