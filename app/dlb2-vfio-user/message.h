/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The wire format of vfio-user, version 0.0, as far as a PCI device without migration needs it:
 * from bytes to a checked message, and from an answer to bytes. Pure functions, no state.
 *
 * All numbers are in the byte order of the host: both ends are on one machine.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vfio.h>

enum message_command {
	MESSAGE_VERSION = 1,
	MESSAGE_DMA_MAP = 2,
	MESSAGE_DMA_UNMAP = 3,
	MESSAGE_DEVICE_GET_INFO = 4,
	MESSAGE_DEVICE_GET_REGION_INFO = 5,
	MESSAGE_DEVICE_GET_IRQ_INFO = 7,
	MESSAGE_DEVICE_SET_IRQS = 8,
	MESSAGE_REGION_READ = 9,
	MESSAGE_REGION_WRITE = 10,
	MESSAGE_DEVICE_RESET = 13,
};

/** What every message begins with. */
struct message_header {
	uint16_t id;
	uint16_t command;
	uint32_t size; /**< of the whole message, header included */
	uint32_t flags;
	uint32_t error; /**< errno, in replies with MESSAGE_FLAG_ERROR */
};
_Static_assert(sizeof(struct message_header) == 16, "wire layout");

#define MESSAGE_FLAG_TYPE 0xfu /* 0: command, 1: reply */
#define MESSAGE_FLAG_REPLY 0x1u
#define MESSAGE_FLAG_NO_REPLY 0x10u
#define MESSAGE_FLAG_ERROR 0x20u

struct message_version {
	uint16_t major;
	uint16_t minor; /* followed by JSON text that ends with a NUL */
};
_Static_assert(sizeof(struct message_version) == 4, "wire layout");

struct message_dma_map {
	uint32_t argsz;
	uint32_t flags; /**< VFIO_DMA_MAP_FLAG_READ, _WRITE */
	uint64_t offset; /**< of the region in the file that comes with the message */
	uint64_t address;
	uint64_t size;
};
_Static_assert(sizeof(struct message_dma_map) == 32, "wire layout");

struct message_dma_unmap {
	uint32_t argsz;
	uint32_t flags; /**< VFIO_DMA_UNMAP_FLAG_ALL */
	uint64_t address;
	uint64_t size;
};
_Static_assert(sizeof(struct message_dma_unmap) == 24, "wire layout");

struct message_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};
_Static_assert(sizeof(struct message_device_info) == 16, "wire layout");

struct message_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count; /* followed by the data */
};
_Static_assert(sizeof(struct message_region_access) == 16, "wire layout");

_Static_assert(sizeof(struct vfio_region_info) == 32, "wire layout");
_Static_assert(sizeof(struct vfio_irq_info) == 16, "wire layout");
_Static_assert(sizeof(struct vfio_irq_set) == 20, "wire layout");

/** Bytes that one access to a region may have, which VERSION tells the client. */
#define MESSAGE_MAX_DATA 4096
/** The longest message that is taken: a region write, or a VERSION with much JSON. */
#define MESSAGE_MAX 8192
/** The longest reply: a region read. */
#define MESSAGE_MAX_REPLY (sizeof(struct message_header) + \
	sizeof(struct message_region_access) + MESSAGE_MAX_DATA)

/** A message taken apart. */
struct message {
	struct message_header header;
	/** 0, or the errno to answer: the command is unknown or its body has a wrong size. */
	int error;
	/** What follows the fixed part, inside the bytes parsed. */
	const uint8_t *data;
	size_t data_len;
	/** The fixed part of the body, by header.command. */
	union {
		struct message_version version;
		struct message_dma_map dma_map;
		struct message_dma_unmap dma_unmap;
		struct message_device_info device_info;
		struct vfio_region_info region_info;
		struct vfio_irq_info irq_info;
		struct vfio_irq_set irq_set;
		struct message_region_access region;
	} body;
};

/**
 * Takes the message apart that begins at `bytes`.
 *
 * @return its size; 0 if it is not complete yet; -EPROTO if its header has a size that no message
 *         can have, after which the stream cannot be followed any more
 */
int message_parse(const void *bytes, size_t len, struct message *message);

/** Whether it is a reply, which nobody asked for: this server sends no commands. */
bool message_is_reply(const struct message *message);
/** Whether the client waits for an answer. */
bool message_wants_reply(const struct message *message);

/**
 * Writes the reply to a message: `len` bytes of body, or the error `error` (errno) and no body.
 *
 * @param out  takes sizeof(struct message_header) + len bytes
 * @return bytes written
 */
size_t message_reply(const struct message *message, const void *body, size_t len, void *out);
size_t message_reply_error(const struct message *message, int error, void *out);

#endif
