/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Writing of the trace; what is worth a line is device.c's to say.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "clock.h"
#include "trace.h"

int
trace_open(struct trace *trace, const char *path)
{
	*trace = (struct trace){ .start = clock_now() };
	if (path == NULL)
		return 0;
	trace->file = fopen(path, "we");
	return trace->file != NULL ? 0 : -errno;
}

void
trace_close(struct trace *trace)
{
	if (trace->file != NULL)
		fclose(trace->file);
	trace->file = NULL;
}

static void
write_time(struct trace *trace)
{
	uint64_t us = (clock_now() - trace->start) / 1000;

	fprintf(trace->file, "%" PRIu64 ".%06u ", us / 1000000, (unsigned int)(us % 1000000));
}

void
trace_line(struct trace *trace, unsigned int device, const char *verb, const char *format, ...)
{
	va_list args;

	if (trace->file == NULL)
		return;
	write_time(trace);
	fprintf(trace->file, "%u %s ", device, verb);
	va_start(args, format);
	vfprintf(trace->file, format, args);
	va_end(args);
	fputc('\n', trace->file);
}

void
trace_mark(struct trace *trace, const char *text)
{
	if (trace->file == NULL)
		return;
	write_time(trace);
	fprintf(trace->file, "mark %s\n", text);
	fflush(trace->file);
}

const char *
trace_hex(const void *bytes, size_t len, char *out)
{
	const uint8_t *byte = bytes;
	char *to = out;

	while (len-- > 0)
		to += sprintf(to, "%02x", byte[len]);
	*to = '\0';
	return out;
}

void
trace_flush(struct trace *trace)
{
	if (trace->file != NULL)
		fflush(trace->file);
}
