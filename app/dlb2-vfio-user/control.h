/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The control socket: its listener, its clients, their lines and answers. What the lines say is
 * commands.c's. A client whose answer was not taken yet gets no further command run.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <poll.h>

#include "commands.h"

#define CONTROL_MAX_CLIENTS 8
#define CONTROL_MAX_LINE 4096
/** Descriptors to poll at most. */
#define CONTROL_MAX_POLLS (1 + CONTROL_MAX_CLIENTS)

struct control_client {
	int fd; /* -1: free */
	char in[CONTROL_MAX_LINE];
	size_t in_len;
	char *answer; /* what is left of it is answer + sent; NULL: none */
	size_t answer_len, sent;
};

struct control {
	const char *path; /* NULL: there is none */
	int listener;
	int spare; /**< see sockets_accept() */
	struct commands *commands;
	struct control_client clients[CONTROL_MAX_CLIENTS];
};

/** Listens at `path`; without one there is no control. Returns 0 or a negative errno. */
int control_open(struct control *control, const char *path, struct commands *commands);
/** Disconnects all and removes the socket. */
void control_close(struct control *control);

/** Fills in what to wait for; returns how many (at most CONTROL_MAX_POLLS). */
unsigned int control_polls(const struct control *control, struct pollfd *polls);
/** Does what became possible, given the same array after poll(). */
void control_handle(struct control *control, const struct pollfd *polls, unsigned int num_polls);

#endif
