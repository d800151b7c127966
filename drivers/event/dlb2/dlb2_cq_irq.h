/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The file descriptor of a port: how a thread of the primary process learns in the kernel that the
 * port's CQ has an entry.
 */
#ifndef DLB2_CQ_IRQ_H
#define DLB2_CQ_IRQ_H

#include <stdbool.h>

struct dlb2_eventdev;
struct dlb2_port;
struct dlb2_process;

/**
 * In the record of a port. One that was asked for lives until the port is forgotten, over stop,
 * start and reconfiguration.
 */
struct dlb2_cq_irq {
	bool open;
	bool has_timer;
	bool asked_for; /**< by rte_pmd_dlb2_port_event_fd(): others have it too */
	int fd;    /**< epoll instance of all below: the one that others see */
	int timer; /**< timerfd, where the model runs inline */
	int event; /**< eventfd of the CQ's vector, the bus's own; -1 before the port was built */
};

/**
 * Makes the file descriptor of a port, which is set up, unless it has one; connects it at once if
 * the hardware is built, else when it is.
 * @return the file descriptor; -ENOSPC without a vector or file descriptors, -ENOTSUP on a bus
 *   without interrupts, after a message
 */
int dlb2_cq_irq_open(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		     struct dlb2_port *port);
/**
 * A port was built anew: gives it an interrupt, if it has a file descriptor or dequeues shall
 * sleep. 0 or a negative errno, after a message.
 */
int dlb2_cq_irq_build(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		      struct dlb2_port *port);
/** Closes it, if there is one. Nobody waits. */
void dlb2_cq_irq_close(struct dlb2_port *port);

#endif
