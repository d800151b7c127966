/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The protocol with one client: bytes and descriptors in, replies out, a device behind it. No
 * socket; who owns the session moves the bytes. Its memory is bounded: nothing is read from a
 * client that doesn't take its replies.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"
#include "message.h"

/** Descriptors that wait for their message at most; further ones are closed. */
#define SESSION_MAX_FDS 128
#define SESSION_IN_LEN 65536
#define SESSION_OUT_LEN 65536

/** Counted over all clients of a socket. */
struct session_counters {
	uint64_t messages; /**< complete ones */
	uint64_t errors;   /**< of them refused */
};

struct session {
	struct device *device;
	struct session_counters *counters;
	bool negotiated; /**< VERSION was answered */
	uint8_t in[SESSION_IN_LEN];
	size_t in_len;
	uint64_t received; /**< bytes since the start of the session */
	uint8_t out[SESSION_OUT_LEN];
	size_t out_len;
	/** Descriptors, each with `received` when it came. */
	struct {
		int fd;
		uint64_t end;
	} fds[SESSION_MAX_FDS];
	size_t num_fds;
};

/** Starts a session; device and counters must outlive it. */
void session_start(struct session *session, struct device *device,
	struct session_counters *counters);
/** Closes the descriptors that no message has taken. The device is not touched. */
void session_end(struct session *session);

/** Where to put received bytes, and how many fit. 0 while replies must be sent first. */
uint8_t *session_space(struct session *session, size_t *len);

/**
 * Tells that `len` bytes were put there, and descriptors came with them, which are the session's
 * now. They belong to the message that has the last of these bytes.
 */
void session_received(struct session *session, size_t len, const int *fds, size_t num_fds);

/**
 * Handles complete messages until there is none or no room for a reply.
 * Returns 0, or -EPROTO if the client sent what has no end, so that it must be disconnected.
 */
int session_process(struct session *session);

/** Replies to send: session->out, session->out_len. Tells that `len` bytes of them were sent. */
void session_sent(struct session *session, size_t len);

#endif
