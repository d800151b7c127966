/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Clients of the control socket.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "sockets.h"

int
control_open(struct control *control, const char *path, struct commands *commands)
{
	unsigned int n;

	memset(control, 0, sizeof(*control));
	control->listener = -1;
	control->spare = -1;
	control->commands = commands;
	for (n = 0; n < CONTROL_MAX_CLIENTS; n++)
		control->clients[n].fd = -1;
	if (path == NULL)
		return 0;
	control->listener = sockets_listen(path);
	if (control->listener < 0)
		return control->listener;
	control->path = path;
	control->spare = sockets_spare();
	return control->spare >= 0 ? 0 : control->spare;
}

static void
disconnect(struct control_client *client)
{
	close(client->fd);
	free(client->answer);
	*client = (struct control_client){ .fd = -1 };
}

void
control_close(struct control *control)
{
	unsigned int n;

	if (control->path == NULL)
		return;
	for (n = 0; n < CONTROL_MAX_CLIENTS; n++)
		if (control->clients[n].fd >= 0)
			disconnect(&control->clients[n]);
	close(control->listener);
	if (control->spare >= 0)
		close(control->spare);
	unlink(control->path);
}

static struct control_client *
find_client(struct control *control, int fd)
{
	unsigned int n;

	for (n = 0; n < CONTROL_MAX_CLIENTS; n++)
		if (control->clients[n].fd == fd)
			return &control->clients[n];
	return NULL;
}

unsigned int
control_polls(const struct control *control, struct pollfd *polls)
{
	unsigned int n, used = 0, clients = 0;

	if (control->path == NULL)
		return 0;
	for (n = 0; n < CONTROL_MAX_CLIENTS; n++) {
		const struct control_client *client = &control->clients[n];

		if (client->fd < 0)
			continue;
		clients++;
		polls[used++] = (struct pollfd){ .fd = client->fd,
			.events = client->answer != NULL ? POLLOUT : POLLIN };
	}
	if (clients < CONTROL_MAX_CLIENTS)
		polls[used++] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
	return used;
}

static void
accept_client(struct control *control)
{
	struct control_client *client = find_client(control, -1);
	int fd = sockets_accept(control->listener, &control->spare);

	if (fd >= 0)
		client->fd = fd;
}

/* Sends what is left of the answer. Returns 0, or a negative errno that ends the client. */
static int
send_answer(struct control_client *client)
{
	ssize_t sent = sockets_write(client->fd, client->answer + client->sent,
		client->answer_len - client->sent);

	if (sent < 0)
		return sent == -EAGAIN ? 0 : sent;
	client->sent += sent;
	if (client->sent == client->answer_len) {
		free(client->answer);
		client->answer = NULL;
		client->sent = 0;
	}
	return 0;
}

static int
run_line(struct control *control, struct control_client *client, const char *line)
{
	FILE *out = open_memstream(&client->answer, &client->answer_len);

	if (out == NULL)
		return -ENOMEM;
	commands_run(control->commands, line, out);
	if (fclose(out) != 0)
		return -ENOMEM;
	return send_answer(client);
}

/* Runs complete lines, as long as their answers are taken. */
static int
run_lines(struct control *control, struct control_client *client)
{
	char *end;
	int ret = 0;

	while (ret == 0 && client->answer == NULL &&
			(end = memchr(client->in, '\n', client->in_len)) != NULL) {
		size_t len = end + 1 - client->in;

		*end = '\0';
		ret = run_line(control, client, client->in);
		client->in_len -= len;
		memmove(client->in, client->in + len, client->in_len);
	}
	return ret == 0 && client->in_len == CONTROL_MAX_LINE && client->answer == NULL ?
		-EMSGSIZE : ret;
}

static int
receive(struct control_client *client)
{
	int fds[SOCKETS_MAX_FDS];
	size_t num_fds;
	ssize_t got = sockets_read(client->fd, client->in + client->in_len,
		CONTROL_MAX_LINE - client->in_len, fds, &num_fds);

	while (num_fds > 0)
		close(fds[--num_fds]);
	if (got == 0)
		return -EPIPE;
	if (got < 0)
		return got == -EAGAIN ? 0 : got;
	client->in_len += got;
	return 0;
}

static void
handle_client(struct control *control, struct control_client *client)
{
	int ret = client->answer != NULL ? send_answer(client) : receive(client);

	if (ret == 0)
		ret = run_lines(control, client);
	if (ret != 0)
		disconnect(client);
}

void
control_handle(struct control *control, const struct pollfd *polls, unsigned int num_polls)
{
	unsigned int n;

	for (n = 0; n < num_polls; n++) {
		if (polls[n].revents == 0)
			continue;
		if (polls[n].fd == control->listener)
			accept_client(control);
		else
			handle_client(control, find_client(control, polls[n].fd));
	}
}
