/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What each command of vfio-user does, and how bytes become messages and replies.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

_Static_assert(SESSION_IN_LEN >= MESSAGE_MAX, "any legal message must fit");
_Static_assert(SESSION_OUT_LEN >= MESSAGE_MAX_REPLY, "any reply must fit");

/* Eventfds in a SET_IRQS message at most; clients split what is more. */
#define MAX_MESSAGE_FDS 16

/* The descriptors of one message. Those that its handler keeps are replaced by -1. */
struct descriptors {
	int fds[SESSION_MAX_FDS];
	size_t count;
};

/* What a handler answers with. */
struct reply {
	uint8_t bytes[MESSAGE_MAX_REPLY - sizeof(struct message_header)];
	size_t len;
};

void
session_start(struct session *s, struct device *device, struct session_counters *counters)
{
	s->device = device;
	s->counters = counters;
	s->negotiated = false;
	s->in_len = 0;
	s->received = 0;
	s->out_len = 0;
	s->num_fds = 0;
}

void
session_end(struct session *s)
{
	while (s->num_fds > 0)
		close(s->fds[--s->num_fds].fd);
}

uint8_t *
session_space(struct session *s, size_t *len)
{
	*len = SESSION_OUT_LEN - s->out_len < MESSAGE_MAX_REPLY ? 0 : SESSION_IN_LEN - s->in_len;
	return s->in + s->in_len;
}

void
session_received(struct session *s, size_t len, const int *fds, size_t num_fds)
{
	size_t n;

	s->in_len += len;
	s->received += len;
	for (n = 0; n < num_fds; n++) {
		if (s->num_fds == SESSION_MAX_FDS) {
			close(fds[n]);
			continue;
		}
		s->fds[s->num_fds].fd = fds[n];
		s->fds[s->num_fds].end = s->received;
		s->num_fds++;
	}
}

void
session_sent(struct session *s, size_t len)
{
	s->out_len -= len;
	memmove(s->out, s->out + len, s->out_len);
}

/* Takes the descriptors that came no later than byte `end` of the session. */
static void
take_descriptors(struct session *s, uint64_t end, struct descriptors *taken)
{
	size_t n;

	taken->count = 0;
	while (taken->count < s->num_fds && s->fds[taken->count].end <= end) {
		taken->fds[taken->count] = s->fds[taken->count].fd;
		taken->count++;
	}
	s->num_fds -= taken->count;
	for (n = 0; n < s->num_fds; n++)
		s->fds[n] = s->fds[n + taken->count];
}

static void
close_descriptors(struct descriptors *descriptors)
{
	size_t n;

	for (n = 0; n < descriptors->count; n++)
		if (descriptors->fds[n] >= 0)
			close(descriptors->fds[n]);
}

static int
answer(struct reply *reply, const void *body, size_t len)
{
	memcpy(reply->bytes, body, len);
	reply->len = len;
	return 0;
}

/* Write-multiple isn't offered: lines arrive in pieces anyway, and posted writes are fast. */
static int
negotiate(struct session *s, const struct message *m, struct reply *reply)
{
	const struct message_version version = { .major = 0, .minor = 0 };
	size_t room = sizeof(reply->bytes) - sizeof(version);
	int len;

	if (s->negotiated)
		return -EINVAL;
	if (m->body.version.major != version.major)
		return -ENOTSUP;
	s->negotiated = true;
	memcpy(reply->bytes, &version, sizeof(version));
	len = snprintf((char *)reply->bytes + sizeof(version), room,
		"{\"capabilities\":{\"max_msg_fds\":%u,\"max_data_xfer_size\":%u,"
		"\"pgsizes\":%u,\"max_dma_maps\":%u}}",
		MAX_MESSAGE_FDS, MESSAGE_MAX_DATA, DMA_PAGE_SIZE, DMA_MAX_MAPS);
	reply->len = sizeof(version) + len + 1;
	return 0;
}

static int
map(struct session *s, const struct message *m, struct descriptors *descriptors)
{
	const struct message_dma_map *request = &m->body.dma_map;
	const struct dma_range range = {
		.iova = request->address,
		.size = request->size,
		.offset = request->offset,
		.flags = request->flags,
	};

	if (descriptors->count > 1)
		return -EINVAL;
	return device_dma_map(s->device, &range,
		descriptors->count == 1 ? descriptors->fds[0] : -1);
}

static int
unmap(struct session *s, const struct message *m, struct reply *reply)
{
	const struct message_dma_unmap *request = &m->body.dma_unmap;
	int ret = 0;

	if ((request->flags & ~VFIO_DMA_UNMAP_FLAG_ALL) != 0)
		return -EINVAL;
	if (request->flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		if (request->address != 0 || request->size != 0)
			return -EINVAL;
		device_dma_unmap_all(s->device);
	} else {
		ret = device_dma_unmap(s->device, request->address, request->size);
	}
	return ret != 0 ? ret : answer(reply, request, sizeof(*request));
}

static int
device_info(struct reply *reply)
{
	const struct message_device_info info = {
		.argsz = sizeof(info),
		.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};

	return answer(reply, &info, sizeof(info));
}

/* No region can be mapped: that would make the client wait for every write to any of them. */
static int
region_info(struct session *s, const struct message *m, struct reply *reply)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = m->body.region_info.index,
		.size = device_region_size(s->device, m->body.region_info.index),
	};

	if (info.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	if (info.size != 0)
		info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	return answer(reply, &info, sizeof(info));
}

static int
irq_info(const struct message *m, struct reply *reply)
{
	struct vfio_irq_info info = {
		.argsz = sizeof(info),
		.index = m->body.irq_info.index,
		.count = irq_count(m->body.irq_info.index),
	};

	if (info.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	if (info.count != 0)
		info.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE;
	return answer(reply, &info, sizeof(info));
}

static int
set_irqs(struct session *s, const struct message *m, struct descriptors *descriptors)
{
	if (m->body.irq_set.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	return irq_set(&s->device->irq, &m->body.irq_set, m->data, m->data_len,
		descriptors->fds, descriptors->count);
}

static int
read_region(struct session *s, const struct message *m, struct reply *reply)
{
	const struct message_region_access *access = &m->body.region;

	memcpy(reply->bytes, access, sizeof(*access));
	reply->len = sizeof(*access) + access->count;
	return device_read(s->device, access->region, access->offset,
		reply->bytes + sizeof(*access), access->count);
}

static int
write_region(struct session *s, const struct message *m, struct reply *reply)
{
	const struct message_region_access *access = &m->body.region;
	int ret = device_write(s->device, access->region, access->offset, m->data, access->count);

	return ret != 0 ? ret : answer(reply, access, sizeof(*access));
}

/* Returns 0 or a negative errno, which the client gets. */
static int
handle(struct session *s, const struct message *m, struct descriptors *descriptors,
	struct reply *reply)
{
	if (m->error != 0)
		return -m->error;
	if (!s->negotiated && m->header.command != MESSAGE_VERSION)
		return -EINVAL;
	switch (m->header.command) {
	case MESSAGE_VERSION:
		return negotiate(s, m, reply);
	case MESSAGE_DMA_MAP:
		return map(s, m, descriptors);
	case MESSAGE_DMA_UNMAP:
		return unmap(s, m, reply);
	case MESSAGE_DEVICE_GET_INFO:
		return device_info(reply);
	case MESSAGE_DEVICE_GET_REGION_INFO:
		return region_info(s, m, reply);
	case MESSAGE_DEVICE_GET_IRQ_INFO:
		return irq_info(m, reply);
	case MESSAGE_DEVICE_SET_IRQS:
		return set_irqs(s, m, descriptors);
	case MESSAGE_REGION_READ:
		return read_region(s, m, reply);
	case MESSAGE_REGION_WRITE:
		return write_region(s, m, reply);
	case MESSAGE_DEVICE_RESET:
		device_reset(s->device);
		return 0;
	default:
		return -ENOTSUP;
	}
}

static void
process_one(struct session *s, const struct message *m, uint64_t end)
{
	struct descriptors descriptors;
	struct reply reply;
	int ret;

	reply.len = 0;
	take_descriptors(s, end, &descriptors);
	ret = message_is_reply(m) ? -EINVAL : handle(s, m, &descriptors, &reply);
	close_descriptors(&descriptors);
	s->counters->messages++;
	s->counters->errors += ret != 0;
	if (!message_wants_reply(m))
		return;
	if (ret != 0)
		s->out_len += message_reply_error(m, -ret, s->out + s->out_len);
	else
		s->out_len += message_reply(m, reply.bytes, reply.len, s->out + s->out_len);
}

int
session_process(struct session *s)
{
	uint64_t start = s->received - s->in_len; /* of the first message that is not handled */
	size_t done = 0;
	struct message m;
	int len = 0;

	while (SESSION_OUT_LEN - s->out_len >= MESSAGE_MAX_REPLY) {
		len = message_parse(s->in + done, s->in_len - done, &m);
		if (len <= 0)
			break;
		done += len;
		process_one(s, &m, start + done);
	}
	s->in_len -= done;
	memmove(s->in, s->in + done, s->in_len);
	return len < 0 ? len : 0;
}
