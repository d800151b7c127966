/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * SET_IRQS and delivery; irq.h tells how eventfds and mask bits belong together.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "irq.h"

#define ACTIONS (VFIO_IRQ_SET_ACTION_MASK | VFIO_IRQ_SET_ACTION_UNMASK | \
	VFIO_IRQ_SET_ACTION_TRIGGER)
#define DATA_KINDS (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_DATA_EVENTFD)

void
irq_init(struct irq *irq, irq_mask *mask, void *ctx)
{
	unsigned int vector;

	memset(irq, 0, sizeof(*irq));
	irq->mask = mask;
	irq->ctx = ctx;
	for (vector = 0; vector < IRQ_VECTORS; vector++)
		irq->eventfds[vector] = -1;
}

/* Gives a vector another eventfd, or none. */
static void
assign(struct irq *irq, unsigned int vector, int fd)
{
	if (irq->eventfds[vector] >= 0)
		close(irq->eventfds[vector]);
	irq->eventfds[vector] = fd;
	irq->masked[vector] = false;
	irq->mask(irq->ctx, vector, fd < 0);
}

static void
take_all_away(struct irq *irq)
{
	unsigned int vector;

	for (vector = 0; vector < IRQ_VECTORS; vector++)
		if (irq->eventfds[vector] >= 0)
			assign(irq, vector, -1);
}

void
irq_fini(struct irq *irq)
{
	take_all_away(irq);
}

unsigned int
irq_count(unsigned int index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? IRQ_VECTORS : 0;
}

static bool
is_writable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

	return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & POLLOUT) != 0;
}

/* Anything may have come as an eventfd: what cannot take the write now never gets it. */
bool
irq_send(struct irq *irq, unsigned int vector)
{
	const uint64_t one = 1;
	int fd = irq->eventfds[vector];
	bool taken = fd >= 0 && is_writable(fd) && write(fd, &one, sizeof(one)) == sizeof(one);

	if (taken)
		irq->sent++;
	else
		irq->lost++;
	return taken;
}

void
irq_restore(struct irq *irq)
{
	unsigned int vector;

	for (vector = 0; vector < IRQ_VECTORS; vector++)
		if (irq->eventfds[vector] >= 0)
			irq->mask(irq->ctx, vector, irq->masked[vector]);
}

/* The eventfd that number `n` of a request gets, or -1; `next` counts those used up. */
static int
next_eventfd(const uint8_t *data, size_t data_len, unsigned int n, int *fds, size_t num_fds,
	size_t *next)
{
	int32_t number = 0;
	int fd;

	if (data_len > 0)
		memcpy(&number, data + n * sizeof(number), sizeof(number));
	if (number < 0 || *next == num_fds)
		return -1;
	fd = fds[*next];
	fds[(*next)++] = -1;
	return fd;
}

/* Eventfds that a request needs: one for each vector that gets one. */
static size_t
eventfds_needed(const struct vfio_irq_set *set, const uint8_t *data, size_t data_len,
	size_t num_fds)
{
	size_t needed = 0;
	unsigned int n;
	int32_t number;

	if (data_len == 0)
		return num_fds == 0 ? 0 : set->count;
	for (n = 0; n < set->count; n++) {
		memcpy(&number, data + n * sizeof(number), sizeof(number));
		needed += number >= 0;
	}
	return needed;
}

static int
set_eventfds(struct irq *irq, const struct vfio_irq_set *set, const uint8_t *data, size_t data_len,
	int *fds, size_t num_fds)
{
	size_t next = 0;
	unsigned int n;

	if (data_len != 0 && data_len != set->count * sizeof(int32_t))
		return -EINVAL;
	if (num_fds != eventfds_needed(set, data, data_len, num_fds))
		return -EINVAL;
	for (n = 0; n < set->count; n++)
		assign(irq, set->start + n,
			next_eventfd(data, data_len, n, fds, num_fds, &next));
	return 0;
}

static void
act(struct irq *irq, unsigned int vector, uint32_t action)
{
	if (action == VFIO_IRQ_SET_ACTION_TRIGGER) {
		irq_send(irq, vector);
		return;
	}
	irq->masked[vector] = action == VFIO_IRQ_SET_ACTION_MASK;
	irq->mask(irq->ctx, vector, irq->masked[vector] || irq->eventfds[vector] < 0);
}

/* Exactly one of some flags. */
static bool
is_one(uint32_t flags)
{
	return flags != 0 && (flags & (flags - 1)) == 0;
}

static int
check(const struct vfio_irq_set *set, size_t data_len)
{
	unsigned int count = irq_count(set->index);

	if (set->start > count || set->count > count - set->start ||
			(set->flags & ~(ACTIONS | DATA_KINDS)) != 0 ||
			!is_one(set->flags & ACTIONS) || !is_one(set->flags & DATA_KINDS))
		return -EINVAL;
	if ((set->flags & VFIO_IRQ_SET_DATA_BOOL) != 0 && data_len < set->count)
		return -EINVAL;
	return 0;
}

int
irq_set(struct irq *irq, const struct vfio_irq_set *set, const uint8_t *data, size_t data_len,
	int *fds, size_t num_fds)
{
	uint32_t action = set->flags & ACTIONS;
	unsigned int n;

	if (check(set, data_len) != 0)
		return -EINVAL;
	if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD) {
		if (action != VFIO_IRQ_SET_ACTION_TRIGGER)
			return -EINVAL;
		return set_eventfds(irq, set, data, data_len, fds, num_fds);
	}
	if (set->count == 0 && action == VFIO_IRQ_SET_ACTION_TRIGGER &&
			set->index == VFIO_PCI_MSIX_IRQ_INDEX)
		take_all_away(irq);
	for (n = 0; n < set->count; n++)
		if ((set->flags & VFIO_IRQ_SET_DATA_NONE) || data[n] != 0)
			act(irq, set->start + n, action);
	return 0;
}
