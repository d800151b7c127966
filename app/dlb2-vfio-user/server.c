/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The loop: takes what clients sent, lets the devices work, sends replies, and sleeps when there is
 * nothing to do. A socket serves one client at a time; the next waits until that one has gone.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "lost_memory.h"
#include "server.h"
#include "session.h"
#include "sockets.h"

/* A device with its socket, and its client if there is one. */
struct served {
	const char *path;
	int listener; /* -1: not there yet */
	int client;   /* -1: none */
	struct device *device;
	struct session_counters counters;
	struct session session;
};

struct server {
	const struct options *options;
	struct trace trace;
	struct control control;
	struct commands commands;
	int signals;
	int spare; /* see sockets_accept() */
	bool had_client;
	struct served served[OPTIONS_MAX_DEVICES];
};

#define MAX_POLLS (1 + OPTIONS_MAX_DEVICES + CONTROL_MAX_POLLS)

static int
open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* A client may send a pipe instead of an eventfd and close the other end. */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : -errno;
}

static int
complain(const char *what, const char *path, int error, const char *way_out)
{
	fprintf(stderr, "%s %s: %s; %s\n", what, path, strerror(-error), way_out);
	return error;
}

static int
open_device(struct server *server, unsigned int index)
{
	struct served *served = &server->served[index];

	served->path = server->options->devices[index].path;
	served->device = device_new(index, &server->options->devices[index].config,
		&server->trace);
	if (served->device == NULL)
		return complain("--socket", served->path, -ENOMEM, "serve fewer devices");
	served->listener = sockets_listen(served->path);
	if (served->listener < 0)
		return complain("--socket", served->path, served->listener,
			"give the path of a file that does not exist, in a writable directory");
	server->commands.devices[index].device = served->device;
	server->commands.devices[index].counters = &served->counters;
	printf("listening on %s\n", served->path);
	fflush(stdout);
	return 0;
}

static int
open_server(struct server *server)
{
	const struct options *options = server->options;
	unsigned int n;
	int ret;

	server->signals = open_signals();
	if (server->signals < 0)
		return complain("signals", "", server->signals, "is the kernel older than 2.6.27?");
	server->spare = sockets_spare();
	if (server->spare < 0)
		return complain("/dev/null", "", server->spare, "raise the limit of open files");
	ret = lost_memory_watch();
	if (ret != 0)
		return complain("signals", "", ret, "is SIGBUS kept from this process?");
	ret = trace_open(&server->trace, options->trace);
	if (ret != 0)
		return complain("--trace", options->trace, ret, "give a path that can be written");
	server->commands.trace = &server->trace;
	server->commands.num_devices = options->num_devices;
	ret = control_open(&server->control, options->control, &server->commands);
	if (ret != 0)
		return complain("--control", options->control, ret,
			"give the path of a file that does not exist, in a writable directory");
	for (n = 0; n < options->num_devices && ret == 0; n++)
		ret = open_device(server, n);
	return ret;
}

static void
disconnect(struct served *served)
{
	session_end(&served->session);
	close(served->client);
	served->client = -1;
	device_power_cycle(served->device);
}

static void
close_server(struct server *server)
{
	unsigned int n;

	for (n = 0; n < OPTIONS_MAX_DEVICES; n++) {
		struct served *served = &server->served[n];

		if (served->client >= 0)
			disconnect(served);
		if (served->listener >= 0) {
			close(served->listener);
			unlink(served->path);
		}
		device_free(served->device);
	}
	control_close(&server->control);
	trace_close(&server->trace);
	if (server->spare >= 0)
		close(server->spare);
	if (server->signals >= 0)
		close(server->signals);
}

static void
connect_client(struct server *server, struct served *served)
{
	served->client = sockets_accept(served->listener, &server->spare);
	if (served->client < 0) {
		served->client = -1;
		return;
	}
	server->had_client = true;
	session_start(&served->session, served->device, &served->counters);
}

static int
receive(struct served *served)
{
	int fds[SOCKETS_MAX_FDS];
	size_t num_fds, room;
	uint8_t *space = session_space(&served->session, &room);
	ssize_t got;

	if (room == 0)
		return 0;
	got = sockets_read(served->client, space, room, fds, &num_fds);
	if (got <= 0)
		return got == -EAGAIN ? 0 : -EPIPE;
	session_received(&served->session, got, fds, num_fds);
	return 0;
}

static int
send_replies(struct served *served)
{
	struct session *session = &served->session;
	ssize_t sent;

	if (session->out_len == 0)
		return 0;
	sent = sockets_write(served->client, session->out, session->out_len);
	if (sent < 0)
		return sent == -EAGAIN ? 0 : sent;
	session_sent(session, sent);
	return 0;
}

/*
 * Handles messages until none is complete, or there is no room for further replies. The device
 * works before replies are sent, so that a client that waits for one finds what it asked for done.
 */
static int
process(struct served *served)
{
	struct session *session = &served->session;
	size_t in_len, out_len;
	int ret;

	do {
		in_len = session->in_len;
		ret = session_process(session);
		if (ret == -EPROTO)
			fprintf(stderr, "device %u: the client sent a message of impossible size; "
				"it is disconnected\n", served->device->index);
		device_run(served->device, clock_now());
		out_len = session->out_len;
		if (ret == 0)
			ret = send_replies(served);
	} while (ret == 0 && (session->in_len != in_len || session->out_len != out_len));
	return ret;
}

/* One round with a client: what it sent, and what it gets. */
static void
handle_client(struct served *served, short events)
{
	int ret = events & (POLLIN | POLLHUP | POLLERR) ? receive(served) : 0;

	if (ret == 0)
		ret = process(served);
	if (ret != 0)
		disconnect(served);
}

static struct pollfd
poll_of(const struct served *served)
{
	struct pollfd pollfd = { .fd = served->client >= 0 ? served->client : served->listener };
	const struct session *session = &served->session;

	if (served->client < 0 || SESSION_OUT_LEN - session->out_len >= MESSAGE_MAX_REPLY)
		pollfd.events |= POLLIN;
	if (served->client >= 0 && session->out_len > 0)
		pollfd.events |= POLLOUT;
	return pollfd;
}

static void
handle_served(struct server *server, struct served *served, short events)
{
	if (events == 0)
		device_run(served->device, clock_now());
	else if (served->client < 0)
		connect_client(server, served);
	else
		handle_client(served, events);
}

/* A client that has taken away memory which its device then wrote to has to go. */
static void
disconnect_bereft(struct server *server)
{
	uintptr_t lost = lost_memory_take();
	unsigned int n;

	for (n = 0; lost != 0 && n < server->options->num_devices; n++) {
		struct served *served = &server->served[n];

		if (served->client < 0 || !device_dma_holds(served->device, lost))
			continue;
		fprintf(stderr, "device %u: the client has truncated a file that the device has for "
			"memory; it is disconnected\n", n);
		disconnect(served);
	}
}

/* Nanoseconds until a device is due; -1: never. */
static int64_t
timeout_of(const struct server *server)
{
	int64_t shortest = -1;
	unsigned int n;

	for (n = 0; n < server->options->num_devices; n++) {
		int64_t timeout = device_timeout(server->served[n].device);

		if (shortest < 0 || (timeout >= 0 && timeout < shortest))
			shortest = timeout;
	}
	return shortest;
}

static int
wait_for(struct pollfd *polls, unsigned int num_polls, int64_t timeout)
{
	const struct timespec time = {
		.tv_sec = timeout / CLOCK_NS_PER_S,
		.tv_nsec = timeout % CLOCK_NS_PER_S,
	};

	return ppoll(polls, num_polls, timeout < 0 ? NULL : &time, NULL);
}

static bool
is_done(const struct server *server)
{
	unsigned int n;

	if (server->commands.quit)
		return true;
	if (!server->options->once || !server->had_client)
		return false;
	for (n = 0; n < server->options->num_devices; n++)
		if (server->served[n].client >= 0)
			return false;
	return true;
}

/* One round. Returns whether a signal asks to end. */
static bool
run_once(struct server *server)
{
	unsigned int num_devices = server->options->num_devices, num_polls = 1 + num_devices, n;
	struct pollfd polls[MAX_POLLS] = { { .fd = server->signals, .events = POLLIN } };

	for (n = 0; n < num_devices; n++)
		polls[1 + n] = poll_of(&server->served[n]);
	num_polls += control_polls(&server->control, &polls[num_polls]);
	if (wait_for(polls, num_polls, timeout_of(server)) < 0)
		return errno != EINTR;
	for (n = 0; n < num_devices; n++) {
		handle_served(server, &server->served[n], polls[1 + n].revents);
		disconnect_bereft(server);
	}
	control_handle(&server->control, &polls[1 + num_devices], num_polls - 1 - num_devices);
	disconnect_bereft(server);
	trace_flush(&server->trace);
	return polls[0].revents != 0;
}

static struct server *
new_server(const struct options *options)
{
	struct server *server = calloc(1, sizeof(*server));
	unsigned int n;

	if (server == NULL)
		return NULL;
	server->options = options;
	server->signals = -1;
	server->spare = -1;
	for (n = 0; n < OPTIONS_MAX_DEVICES; n++) {
		server->served[n].listener = -1;
		server->served[n].client = -1;
	}
	return server;
}

int
server_run(const struct options *options)
{
	struct server *server = new_server(options);
	int ret;

	if (server == NULL)
		return -ENOMEM;
	ret = open_server(server);
	while (ret == 0 && !is_done(server) && !run_once(server))
		;
	close_server(server);
	free(server);
	return ret;
}
