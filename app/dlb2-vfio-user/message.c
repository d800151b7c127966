/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Every size that a client sends is checked here and nowhere else; what parses is safe to look at.
 */

#include <errno.h>
#include <string.h>

#include "message.h"

/* Bytes that the fixed part of a command's body has at least; the client may send more. */
static int
fixed_len(unsigned int command)
{
	switch (command) {
	case MESSAGE_VERSION:
		return sizeof(struct message_version);
	case MESSAGE_DMA_MAP:
		return sizeof(struct message_dma_map);
	case MESSAGE_DMA_UNMAP:
		return sizeof(struct message_dma_unmap);
	case MESSAGE_DEVICE_GET_INFO:
		return sizeof(struct message_device_info);
	case MESSAGE_DEVICE_GET_REGION_INFO:
		return sizeof(struct vfio_region_info);
	case MESSAGE_DEVICE_GET_IRQ_INFO:
		return sizeof(struct vfio_irq_info);
	case MESSAGE_DEVICE_SET_IRQS:
		return sizeof(struct vfio_irq_set);
	case MESSAGE_REGION_READ:
	case MESSAGE_REGION_WRITE:
		return sizeof(struct message_region_access);
	case MESSAGE_DEVICE_RESET:
		return 0;
	default:
		return -ENOTSUP;
	}
}

/* What the size of the rest must be, where the fixed part says it. */
static int
check_rest(const struct message *m)
{
	switch (m->header.command) {
	case MESSAGE_VERSION:
		return m->data_len == 0 || m->data[m->data_len - 1] == '\0' ? 0 : EINVAL;
	case MESSAGE_REGION_READ:
		return m->body.region.count <= MESSAGE_MAX_DATA ? 0 : E2BIG;
	case MESSAGE_REGION_WRITE:
		if (m->body.region.count > MESSAGE_MAX_DATA)
			return E2BIG;
		return m->data_len == m->body.region.count ? 0 : EINVAL;
	default:
		return 0;
	}
}

static int
parse_body(struct message *m, const uint8_t *body, size_t len)
{
	int fixed = fixed_len(m->header.command);

	if (fixed < 0)
		return -fixed;
	if (len < (size_t)fixed)
		return EINVAL;
	memcpy(&m->body, body, fixed);
	m->data = body + fixed;
	m->data_len = len - fixed;
	return check_rest(m);
}

int
message_parse(const void *bytes, size_t len, struct message *m)
{
	if (len < sizeof(m->header))
		return 0;
	memset(m, 0, sizeof(*m));
	memcpy(&m->header, bytes, sizeof(m->header));
	if (m->header.size < sizeof(m->header) || m->header.size > MESSAGE_MAX)
		return -EPROTO;
	if (len < m->header.size)
		return 0;
	m->error = parse_body(m, (const uint8_t *)bytes + sizeof(m->header),
		m->header.size - sizeof(m->header));
	return m->header.size;
}

bool
message_is_reply(const struct message *m)
{
	return (m->header.flags & MESSAGE_FLAG_TYPE) != 0;
}

bool
message_wants_reply(const struct message *m)
{
	return !message_is_reply(m) && (m->header.flags & MESSAGE_FLAG_NO_REPLY) == 0;
}

static size_t
write_reply(const struct message *m, int error, const void *body, size_t len, void *out)
{
	struct message_header header = {
		.id = m->header.id,
		.command = m->header.command,
		.size = sizeof(header) + len,
		.flags = MESSAGE_FLAG_REPLY | (error != 0 ? MESSAGE_FLAG_ERROR : 0),
		.error = error,
	};

	memcpy(out, &header, sizeof(header));
	if (len > 0)
		memcpy((char *)out + sizeof(header), body, len);
	return header.size;
}

size_t
message_reply(const struct message *m, const void *body, size_t len, void *out)
{
	return write_reply(m, 0, body, len, out);
}

size_t
message_reply_error(const struct message *m, int error, void *out)
{
	return write_reply(m, error, NULL, 0, out);
}
