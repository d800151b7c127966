/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Unix stream sockets that clients connect to. Nothing here ever waits.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Descriptors that one read may bring. */
#define SOCKETS_MAX_FDS 64

/**
 * Listens at a path, in the place of a socket there that nobody listens at any more.
 * Returns the descriptor; -EADDRINUSE if somebody does, or the path is another kind of file;
 * or what the system says.
 */
int sockets_listen(const char *path);
/** A descriptor to spare, for sockets_accept(). Returns it, or a negative errno. */
int sockets_spare(void);
/**
 * Returns a client's descriptor, or -EAGAIN and other negative errnos.
 *
 * When the process has no further descriptor (-EMFILE), the client is let in by means of the one to
 * spare, and hung up on: a client that waits would make poll() return for ever.
 */
int sockets_accept(int listener, int *spare);

/**
 * Reads at most `len` bytes and, into `fds` of SOCKETS_MAX_FDS, descriptors that came along.
 * Returns bytes; 0 if the other end is gone; -EAGAIN if there is nothing, or another errno.
 */
ssize_t sockets_read(int fd, void *bytes, size_t len, int *fds, size_t *num_fds);
/** Writes. Returns bytes, -EAGAIN if there is no room, or another negative errno. */
ssize_t sockets_write(int fd, const void *bytes, size_t len);

#endif
