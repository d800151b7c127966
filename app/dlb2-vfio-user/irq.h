/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The MSI-X vectors of one device as the client sees them: an eventfd each. QEMU keeps the MSI-X
 * table to itself; a vector with an eventfd is one that the guest has not masked, so that giving
 * or taking the eventfd is what clears or sets the mask bit of the device's own table.
 */
#ifndef IRQ_H
#define IRQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vfio.h>

#include <dlb2_limits.h>

#define IRQ_VECTORS DLB2_MAX_MSIX_VECTORS

/** Sets the mask bit of a vector in the device's table; may send what has waited for it. */
typedef void irq_mask(void *ctx, unsigned int vector, bool masked);

struct irq {
	irq_mask *mask;
	void *ctx;
	int eventfds[IRQ_VECTORS]; /* -1: none */
	bool masked[IRQ_VECTORS];  /* by the client's request */
	uint64_t sent; /**< messages that reached an eventfd, since the start */
	uint64_t lost; /**< messages without an eventfd, or that it did not take */
};

void irq_init(struct irq *irq, irq_mask *mask, void *ctx);
/** Closes all eventfds. */
void irq_fini(struct irq *irq);

/** How many vectors one of VFIO_PCI_*_IRQ_INDEX has: MSI-X only has any. */
unsigned int irq_count(unsigned int index);

/**
 * Does what a SET_IRQS message asks for (VFIO_DEVICE_SET_IRQS of the kernel).
 *
 * With DATA_EVENTFD the eventfds came along with the message, one per vector, or none at all to
 * take those of the range away. If `data` has a number per vector, a negative one takes the
 * eventfd away and each other stands for the next one that came along.
 *
 * @param data    what follows the fixed part: a byte or a number per vector, or nothing
 * @param fds     each that is kept is replaced by -1; the others remain the caller's
 * @return 0; -EINVAL for a range, a combination of flags, data or eventfds that make no sense
 */
int irq_set(struct irq *irq, const struct vfio_irq_set *set, const uint8_t *data, size_t data_len,
	int *fds, size_t num_fds);

/** Sends a vector: counts up its eventfd. Never waits. Returns whether the eventfd took it. */
bool irq_send(struct irq *irq, unsigned int vector);

/** Sets the mask bits anew: the device was reset, which masks all; the client does not know. */
void irq_restore(struct irq *irq);

#endif
