/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Commands of the control socket and their answers in JSON.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define DIM(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_WORDS 3

static void
write_string(FILE *out, const char *text)
{
	const unsigned char *c;

	fputc('"', out);
	for (c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f)
			fprintf(out, "\\u%04x", *c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

static void __attribute__((format(printf, 2, 3)))
write_error(FILE *out, const char *format, ...)
{
	char text[FAULTS_ERROR_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(out, "{\"ok\": false, \"error\": ");
	write_string(out, text);
	fprintf(out, "}\n");
}

static void
write_number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, ", \"%s\": %" PRIu64, name, value);
}

static void
write_hcws(FILE *out, const uint64_t *hcws, unsigned int n)
{
	unsigned int code;

	fprintf(out, ", \"hcws\": [");
	for (code = 0; code < n; code++)
		fprintf(out, "%s%" PRIu64, code > 0 ? ", " : "", hcws[code]);
	fprintf(out, "]");
}

static void
write_model_counters(FILE *out, const struct dlb2_model_counters *c)
{
	write_number(out, "csr_reads", c->csr_reads);
	write_number(out, "csr_writes", c->csr_writes);
	write_number(out, "func_reads", c->func_reads);
	write_number(out, "func_writes", c->func_writes);
	write_number(out, "lines", c->lines);
	write_hcws(out, c->hcws, DIM(c->hcws));
	write_number(out, "enqueued", c->enqueued);
	write_number(out, "scheduled", c->scheduled);
	write_number(out, "completed", c->completed);
	write_number(out, "tokens_returned", c->tokens_returned);
	write_number(out, "dropped", c->dropped);
	write_number(out, "alarms", c->alarms);
	write_number(out, "interrupts", c->interrupts);
	write_number(out, "bad_accesses", c->bad_accesses);
	write_number(out, "dma_errors", c->dma_errors);
	write_number(out, "flrs", c->flrs);
}

static void
run_counters(struct commands_device *d, FILE *out)
{
	struct dlb2_model_counters counters;

	device_get_counters(d->device, &counters);
	fprintf(out, "{\"ok\": true");
	write_model_counters(out, &counters);
	write_number(out, "dma_maps", d->device->dma.maps);
	write_number(out, "dma_unmaps", d->device->dma.unmaps);
	write_number(out, "dma_refused", d->device->dma.refused);
	write_number(out, "dma_mapped", d->device->dma.count);
	write_number(out, "messages", d->counters->messages);
	write_number(out, "message_errors", d->counters->errors);
	fprintf(out, ", \"resets\": {\"flr\": %" PRIu64 ", \"device\": %" PRIu64
		", \"power\": %" PRIu64 "}", counters.flrs, d->device->resets,
		d->device->power_cycles);
	write_number(out, "irqs_sent", d->device->irq.sent);
	write_number(out, "irqs_lost", d->device->irq.lost);
	fprintf(out, "}\n");
}

/* The value of a register, or an object of its elements: "3", or "3,1" if it has two indices. */
static void
write_register(struct dlb2_model *model, enum dlb2_reg reg, FILE *out)
{
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];
	enum dlb2_version version = dlb2_model_version(model);
	unsigned int i, j;
	uint32_t value;

	if (info->stride1 == 0) {
		dlb2_model_peek(model, reg, 0, 0, &value);
		fprintf(out, "%u", value);
		return;
	}
	for (i = 0; i < info->v[version].count1; i++)
		for (j = 0; j < info->v[version].count2; j++) {
			dlb2_model_peek(model, reg, i, j, &value);
			fprintf(out, "%s\"%u", i + j > 0 ? ", " : "{", i);
			if (info->stride2 != 0)
				fprintf(out, ",%u", j);
			fprintf(out, "\": %u", value);
		}
	fputc('}', out);
}

static void
run_snapshot(struct commands_device *d, FILE *out)
{
	struct dlb2_model *model = d->device->model;
	const char *comma = "";
	unsigned int reg;

	fprintf(out, "{\"ok\": true, \"registers\": {");
	for (reg = 0; reg < DLB2_NUM_REGS; reg++) {
		if (!dlb2_reg_present(dlb2_model_version(model), reg) ||
				dlb2_reg_info[reg].space == DLB2_SPACE_VF)
			continue;
		fprintf(out, "%s\"%s\": ", comma, dlb2_reg_info[reg].name);
		write_register(model, reg, out);
		comma = ", ";
	}
	fprintf(out, "}}\n");
}

/* Writes each line of a text as a string. */
static void
write_lines(FILE *out, char *text)
{
	const char *comma = "";
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		fputs(comma, out);
		write_string(out, line);
		comma = ", ";
	}
}

static void
run_check(struct commands_device *d, FILE *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *reports = open_memstream(&text, &len);
	unsigned int violations;

	if (reports == NULL) {
		write_error(out, "out of memory");
		return;
	}
	violations = device_check(d->device, reports);
	fclose(reports);
	fprintf(out, "{\"ok\": true, \"violations\": %u, \"reports\": [", violations);
	write_lines(out, text);
	fprintf(out, "]}\n");
	free(text);
}

/* The device that a word names, the first without one; NULL after an error was answered. */
static struct commands_device *
find_device(struct commands *commands, const char *word, FILE *out)
{
	unsigned long index;
	char *end;

	if (word == NULL)
		return &commands->devices[0];
	index = strtoul(word, &end, 10);
	if (end != word && *end == '\0' && index < commands->num_devices)
		return &commands->devices[index];
	write_error(out, "device %s: must be a number from 0 to %u", word,
		commands->num_devices - 1);
	return NULL;
}

static void
run_fault(struct commands *commands, char *words[], FILE *out)
{
	struct commands_device *d = find_device(commands, words[2], out);
	char error[FAULTS_ERROR_LEN];
	struct fault fault;

	if (d == NULL)
		return;
	if (words[1] == NULL) {
		write_error(out, "fault: give NAME[:count[:ldb|dir:port]] and the device");
		return;
	}
	if (fault_parse(words[1], d->device->config.version, &fault, error) != 0) {
		write_error(out, "%s", error);
		return;
	}
	device_set_fault(d->device, &fault);
	fprintf(out, "{\"ok\": true}\n");
}

static const struct {
	const char *name;
	void (*run)(struct commands_device *d, FILE *out);
} device_commands[] = {
	{ "counters", run_counters },
	{ "snapshot", run_snapshot },
	{ "check", run_check },
};

static bool
run_device_command(struct commands *commands, char *words[], FILE *out)
{
	struct commands_device *d;
	unsigned int n;

	for (n = 0; n < DIM(device_commands); n++) {
		if (strcmp(words[0], device_commands[n].name) != 0)
			continue;
		d = find_device(commands, words[1], out);
		if (d != NULL)
			device_commands[n].run(d, out);
		return true;
	}
	return false;
}

static void
run_words(struct commands *commands, char *words[], FILE *out)
{
	if (words[0] == NULL) {
		write_error(out, "no command: must be one of counters, snapshot, check, fault, "
			"mark, quit");
	} else if (strcmp(words[0], "fault") == 0) {
		run_fault(commands, words, out);
	} else if (strcmp(words[0], "quit") == 0) {
		commands->quit = true;
		fprintf(out, "{\"ok\": true}\n");
	} else if (!run_device_command(commands, words, out)) {
		write_error(out, "command %s: must be one of counters, snapshot, check, fault, "
			"mark, quit", words[0]);
	}
}

void
commands_run(struct commands *commands, const char *line, FILE *out)
{
	char *copy, *rest, *words[MAX_WORDS + 1] = { NULL };
	unsigned int n = 0;

	if (strncmp(line, "mark ", strlen("mark ")) == 0) {
		trace_mark(commands->trace, line + strlen("mark "));
		fprintf(out, "{\"ok\": true}\n");
		return;
	}
	copy = strdup(line);
	if (copy == NULL) {
		write_error(out, "out of memory");
		return;
	}
	for (words[0] = strtok_r(copy, " \t\r", &rest); words[n] != NULL && n < MAX_WORDS; n++)
		words[n + 1] = strtok_r(NULL, " \t\r", &rest);
	if (words[MAX_WORDS] != NULL)
		write_error(out, "%s: too many words", words[0]);
	else
		run_words(commands, words, out);
	free(copy);
}
