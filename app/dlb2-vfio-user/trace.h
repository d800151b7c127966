/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The trace: a line of text for each thing that crosses between a client and a device,
 *
 *     seconds.microseconds device read|write|post|dma|irq|reset NAME[index] value
 *
 * with time from the start of the program and registers by the names of the specification. It is
 * complete up to the last thing done whenever the program waits.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct trace {
	FILE *file; /* NULL: nothing is traced, which costs one look */
	uint64_t start; /* CLOCK_MONOTONIC, ns */
};

/** Starts a trace; without a path nothing is traced. Returns 0 or a negative errno. */
int trace_open(struct trace *trace, const char *path);
void trace_close(struct trace *trace);

static inline bool
trace_is_on(const struct trace *trace)
{
	return trace->file != NULL;
}

/** Writes a line about a device: `verb`, then name and value as formatted. */
void trace_line(struct trace *trace, unsigned int device, const char *verb, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/** Writes a line with a user's text. */
void trace_mark(struct trace *trace, const char *text);
/** Appends bytes in hexadecimal, highest address first, to `out` of at least 2 * len + 1. */
const char *trace_hex(const void *bytes, size_t len, char *out);
/** Hands what was written on to the operating system. */
void trace_flush(struct trace *trace);

#endif
