/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A client of vfio-user that sends anything at all, chosen by a fuzzer: a whole session against a
 * real model. What must hold whatever was sent:
 *   - no crash, no access outside of the server's memory or the client's files;
 *   - what the server sends are complete replies;
 *   - every descriptor that came is closed at the end;
 *   - the totals are right: each message is answered at most once.
 *
 * Input: a byte for the device, then chunks as they come from the socket. Each begins with a byte
 * of its length and one for the descriptors that come with it (see attach()).
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "session.h"

#define FILE_SIZE (1 << 20)
#define MAX_FDS 3

/* Ends the process whatever the build type. */
#define EXPECT(holds) \
	do { \
		if (!(holds)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds); \
			abort(); \
		} \
	} while (0)

struct fuzz {
	const uint8_t *input;
	size_t left;
	struct trace trace;
	struct device *device;
	struct session_counters counters;
	uint64_t replies;
	uint64_t now;
	struct session session; /* last: it is started, not cleared */
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static uint8_t
take_byte(struct fuzz *f)
{
	if (f->left == 0)
		return 0;
	f->left--;
	return *f->input++;
}

static int
new_memory(off_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	EXPECT(fd >= 0 && ftruncate(fd, size) == 0);
	return fd;
}

/* Descriptors as the low bits say, of the kinds that the next bits say. */
static size_t
attach(uint8_t how, int *fds)
{
	size_t count = how & 3, n;

	for (n = 0; n < count; n++) {
		switch (how >> 2 & 3) {
		case 0:
			fds[n] = new_memory(FILE_SIZE);
			break;
		case 1:
			fds[n] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
			break;
		case 2:
			fds[n] = new_memory(100);
			break;
		default:
			fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC);
			break;
		}
		EXPECT(fds[n] >= 0);
	}
	return count;
}

/* Takes all replies as a client does. */
static void
take_replies(struct fuzz *f)
{
	struct session *s = &f->session;
	struct message_header header;
	size_t at;

	EXPECT(s->out_len <= SESSION_OUT_LEN);
	for (at = 0; at < s->out_len; at += header.size) {
		EXPECT(s->out_len - at >= sizeof(header));
		memcpy(&header, s->out + at, sizeof(header));
		EXPECT(header.size >= sizeof(header) && header.size <= s->out_len - at);
		EXPECT((header.flags & ~MESSAGE_FLAG_ERROR) == MESSAGE_FLAG_REPLY);
		EXPECT((header.error != 0) == ((header.flags & MESSAGE_FLAG_ERROR) != 0));
		f->replies++;
	}
	session_sent(s, s->out_len);
}

/* What one read from the socket brings. Returns false when the client is to be disconnected. */
static bool
receive_chunk(struct fuzz *f)
{
	struct session *s = &f->session;
	size_t len = take_byte(f), room, before;
	uint8_t how = take_byte(f);
	int fds[MAX_FDS], ret;
	uint8_t *space;
	size_t num_fds;

	space = session_space(s, &room);
	if (len > f->left)
		len = f->left;
	if (len > room)
		len = room;
	memcpy(space, f->input, len);
	f->input += len;
	f->left -= len;
	num_fds = attach(how, fds);
	session_received(s, len, fds, num_fds);
	do {
		before = s->in_len;
		ret = session_process(s);
		if ((how & 0x80) == 0)
			take_replies(f);
	} while (ret == 0 && s->in_len != before);
	f->now += (how & 0x70) << 10;
	device_run(f->device, f->now);
	return ret == 0;
}

static unsigned int
count_descriptors(void)
{
	unsigned int fd, count = 0;

	for (fd = 0; fd < 512; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
run(struct fuzz *f)
{
	while (f->left > 0 && receive_chunk(f))
		;
	take_replies(f);
	EXPECT(f->replies <= f->counters.messages);
	EXPECT(f->counters.errors <= f->counters.messages);
	session_end(&f->session);
	device_power_cycle(f->device);
	EXPECT(f->device->dma.count == 0);
	EXPECT(dlb2_model_check(f->device->model) == 0);
}

static struct device *
new_device(unsigned int kind, struct trace *trace)
{
	const struct device_config config = {
		.version = kind & 1 ? DLB2_HW_2_5 : DLB2_HW_2_0,
		.seed = kind >> 1,
	};
	struct device *device = device_new(0, &config, trace);

	EXPECT(device != NULL);
	device->reports = fopen("/dev/null", "we");
	EXPECT(device->reports != NULL);
	return device;
}

/* Devices are kept: power cycles make them as new, and making one takes most of the time. */
int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	static struct device *devices[4];
	static struct fuzz fuzz;
	struct fuzz *f = &fuzz;
	unsigned int before;
	uint8_t kind;

	memset(f, 0, offsetof(struct fuzz, session));
	f->input = input;
	f->left = len;
	f->now = clock_now();
	kind = take_byte(f);
	if (devices[kind & 3] == NULL)
		devices[kind & 3] = new_device(kind & 3, &f->trace);
	before = count_descriptors();
	f->device = devices[kind & 3];
	EXPECT(trace_open(&f->trace, kind & 4 ? "/dev/null" : NULL) == 0);
	session_start(&f->session, f->device, &f->counters);
	run(f);
	trace_close(&f->trace);
	EXPECT(count_descriptors() == before);
	return 0;
}
