/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Unix stream sockets.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sockets.h"

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	return address;
}

/* Whether a path is a socket that refuses connections: its server has ended without removing it. */
static bool
is_left_over(const struct sockaddr_un *address)
{
	struct stat st;
	bool refused;
	int fd;

	if (stat(address->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return refused;
}

int
sockets_listen(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd, error;

	if (is_left_over(&address))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 8) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

int
sockets_spare(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

static void
hang_up_on_next(int listener, int *spare)
{
	int fd;

	if (*spare >= 0)
		close(*spare);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	*spare = sockets_spare();
}

int
sockets_accept(int listener, int *spare)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), error = errno;

	if (fd >= 0)
		return fd;
	if (error == EMFILE || error == ENFILE)
		hang_up_on_next(listener, spare);
	return -error;
}

static void
collect_fds(struct msghdr *message, int *fds, size_t *num_fds)
{
	struct cmsghdr *control;
	size_t n;

	for (control = CMSG_FIRSTHDR(message); control != NULL;
			control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
			continue;
		n = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds + *num_fds, CMSG_DATA(control), n * sizeof(int));
		*num_fds += n;
	}
}

/* The kernel closes the descriptors that do not fit. */
ssize_t
sockets_read(int fd, void *bytes, size_t len, int *fds, size_t *num_fds)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(SOCKETS_MAX_FDS * sizeof(int))];
	} control;
	struct iovec vector = { .iov_base = bytes, .iov_len = len };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	*num_fds = 0;
	if (got < 0)
		return -errno;
	collect_fds(&message, fds, num_fds);
	return got;
}

ssize_t
sockets_write(int fd, const void *bytes, size_t len)
{
	ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	return sent >= 0 ? sent : -errno;
}
