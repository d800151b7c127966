/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The wire format: what is a message, what is refused with which errno, and what replies look like.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message.h"

/* A message of a command with this body, at the end of an exact allocation's worth of bytes. */
static size_t
compose(uint8_t *bytes, unsigned int command, uint32_t flags, const void *body, size_t len)
{
	struct message_header header = { .id = 7, .command = command,
		.size = sizeof(header) + len, .flags = flags };

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), body, len);
	return header.size;
}

static int
error_of(unsigned int command, const void *body, size_t len)
{
	uint8_t bytes[MESSAGE_MAX];
	size_t size = compose(bytes, command, 0, body, len);
	struct message m;

	assert_int_equal(message_parse(bytes, size, &m), size);
	return m.error;
}

static void
test_incomplete(void **state)
{
	struct message_dma_map map = { .argsz = sizeof(map), .flags = 3 };
	uint8_t bytes[64];
	size_t size = compose(bytes, MESSAGE_DMA_MAP, 0, &map, sizeof(map)), len;
	struct message m;

	for (len = 0; len < size; len++)
		assert_int_equal(message_parse(bytes, len, &m), 0);
	assert_int_equal(message_parse(bytes, sizeof(bytes), &m), size);
}

static void
test_impossible_size(void **state)
{
	struct message_header header = { .command = MESSAGE_DEVICE_RESET };
	struct message m;

	header.size = sizeof(header) - 1;
	assert_int_equal(message_parse(&header, sizeof(header), &m), -EPROTO);
	header.size = 0;
	assert_int_equal(message_parse(&header, sizeof(header), &m), -EPROTO);
	header.size = MESSAGE_MAX + 1;
	assert_int_equal(message_parse(&header, sizeof(header), &m), -EPROTO);
	header.size = UINT32_MAX;
	assert_int_equal(message_parse(&header, sizeof(header), &m), -EPROTO);
	header.size = MESSAGE_MAX;
	assert_int_equal(message_parse(&header, sizeof(header), &m), 0);
	header.size = sizeof(header);
	assert_int_equal(message_parse(&header, sizeof(header), &m), sizeof(header));
	assert_int_equal(m.error, 0);
}

static void
test_fixed_part(void **state)
{
	static const struct {
		unsigned int command;
		size_t len;
	} fixed[] = {
		{ MESSAGE_VERSION, 4 }, { MESSAGE_DMA_MAP, 32 }, { MESSAGE_DMA_UNMAP, 24 },
		{ MESSAGE_DEVICE_GET_INFO, 16 }, { MESSAGE_DEVICE_GET_REGION_INFO, 32 },
		{ MESSAGE_DEVICE_GET_IRQ_INFO, 16 }, { MESSAGE_DEVICE_SET_IRQS, 20 },
		{ MESSAGE_REGION_READ, 16 }, { MESSAGE_REGION_WRITE, 16 },
	};
	const uint8_t zeros[40] = { 0 };
	unsigned int n;

	for (n = 0; n < sizeof(fixed) / sizeof(fixed[0]); n++) {
		assert_int_equal(error_of(fixed[n].command, zeros, fixed[n].len - 1), EINVAL);
		assert_int_equal(error_of(fixed[n].command, zeros, fixed[n].len), 0);
	}
}

static void
test_unknown_commands(void **state)
{
	static const unsigned int unknown[] = { 0, 6, 11, 12, 14, 15, 16, 0xffff };
	unsigned int n;

	for (n = 0; n < sizeof(unknown) / sizeof(unknown[0]); n++)
		assert_int_equal(error_of(unknown[n], "", 0), ENOTSUP);
}

static void
test_region_sizes(void **state)
{
	uint8_t body[sizeof(struct message_region_access) + MESSAGE_MAX_DATA + 1] = { 0 };
	struct message_region_access access = { .count = 8 };

	memcpy(body, &access, sizeof(access));
	assert_int_equal(error_of(MESSAGE_REGION_WRITE, body, sizeof(access) + 8), 0);
	assert_int_equal(error_of(MESSAGE_REGION_WRITE, body, sizeof(access) + 7), EINVAL);
	assert_int_equal(error_of(MESSAGE_REGION_WRITE, body, sizeof(access) + 9), EINVAL);
	access.count = MESSAGE_MAX_DATA + 1;
	memcpy(body, &access, sizeof(access));
	assert_int_equal(error_of(MESSAGE_REGION_WRITE, body, sizeof(body)), E2BIG);
	assert_int_equal(error_of(MESSAGE_REGION_READ, body, sizeof(access)), E2BIG);
	access.count = UINT32_MAX;
	memcpy(body, &access, sizeof(access));
	assert_int_equal(error_of(MESSAGE_REGION_WRITE, body, sizeof(access)), E2BIG);
	access.count = MESSAGE_MAX_DATA;
	memcpy(body, &access, sizeof(access));
	assert_int_equal(error_of(MESSAGE_REGION_READ, body, sizeof(access)), 0);
	assert_int_equal(error_of(MESSAGE_REGION_WRITE, body, sizeof(body) - 1), 0);
}

static void
test_version_text_ends(void **state)
{
	assert_int_equal(error_of(MESSAGE_VERSION, "\0\0\0\0{}", 7), 0);
	assert_int_equal(error_of(MESSAGE_VERSION, "\0\0\0\0{}", 6), EINVAL);
}

static void
test_replies(void **state)
{
	struct message_header header = { .id = 7, .command = MESSAGE_DEVICE_RESET,
		.size = sizeof(header) };
	struct message_header reply;
	uint8_t out[32];
	struct message m;

	assert_int_equal(message_parse(&header, sizeof(header), &m), sizeof(header));
	assert_true(message_wants_reply(&m));
	assert_int_equal(message_reply(&m, "body", 4, out), sizeof(reply) + 4);
	memcpy(&reply, out, sizeof(reply));
	assert_int_equal(reply.id, 7);
	assert_int_equal(reply.command, MESSAGE_DEVICE_RESET);
	assert_int_equal(reply.size, sizeof(reply) + 4);
	assert_int_equal(reply.flags, 0x1);
	assert_memory_equal(out + sizeof(reply), "body", 4);
	assert_int_equal(message_reply_error(&m, ENOSPC, out), sizeof(reply));
	memcpy(&reply, out, sizeof(reply));
	assert_int_equal(reply.size, sizeof(reply));
	assert_int_equal(reply.flags, 0x21);
	assert_int_equal(reply.error, ENOSPC);
}

static void
test_who_wants_a_reply(void **state)
{
	struct message m = { .header.flags = MESSAGE_FLAG_NO_REPLY };

	assert_false(message_wants_reply(&m));
	assert_false(message_is_reply(&m));
	m.header.flags = MESSAGE_FLAG_REPLY;
	assert_false(message_wants_reply(&m));
	assert_true(message_is_reply(&m));
	m.header.flags = MESSAGE_FLAG_ERROR;
	assert_true(message_wants_reply(&m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_impossible_size),
		cmocka_unit_test(test_fixed_part),
		cmocka_unit_test(test_unknown_commands),
		cmocka_unit_test(test_region_sizes),
		cmocka_unit_test(test_version_text_ends),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_who_wants_a_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
