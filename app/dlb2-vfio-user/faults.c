/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Names of faults, and parsing of what users say about faults and switches.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

#define DIM(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	bool of_port;
} fault_names[DLB2_NUM_FAULTS] = {
	[DLB2_FAULT_CQ_ERROR_BIT] = { "cq-error-bit", true },
	[DLB2_FAULT_CQ_DROP_WRITE] = { "cq-drop-write", true },
	[DLB2_FAULT_CQ_WRONG_GEN] = { "cq-wrong-gen", true },
	[DLB2_FAULT_TOKEN_DELAY] = { "token-delay", true },
	[DLB2_FAULT_CREDIT_SHORTAGE] = { "credit-shortage", true },
	[DLB2_FAULT_SPURIOUS_IRQ] = { "spurious-irq", true },
	[DLB2_FAULT_NOT_READY] = { "not-ready", false },
	[DLB2_FAULT_TRANSACTIONS_PENDING] = { "transactions-pending", false },
	[DLB2_FAULT_STUCK_INFLIGHT] = { "stuck-inflight", true },
	[DLB2_FAULT_GONE] = { "gone", false },
	[DLB2_FAULT_HW_ALARM] = { "hw-alarm", false },
};

static int __attribute__((format(printf, 2, 3)))
fail(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, FAULTS_ERROR_LEN, format, args);
	va_end(args);
	return -EINVAL;
}

static int
parse_number(const char *text, unsigned long most, unsigned int *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > most)
		return -EINVAL;
	*number = value;
	return 0;
}

static int
unknown_fault(const char *name, char *error)
{
	char list[FAULTS_ERROR_LEN / 2] = "";
	unsigned int n;

	for (n = 0; n < DLB2_NUM_FAULTS; n++) {
		strcat(list, " ");
		strcat(list, fault_names[n].name);
	}
	return fail(error, "fault %.60s: must be one of%s", name, list);
}

static unsigned int
num_ports(enum dlb2_port_kind kind, enum dlb2_version version)
{
	const struct dlb2_limits *limits = dlb2_limits(version);

	return kind == DLB2_LDB ? limits->num_ldb_ports : limits->num_dir_ports;
}

bool
fault_fits(const struct fault *fault, enum dlb2_version version)
{
	return fault->port < num_ports(fault->kind, version);
}

static int
parse_port(char *kind, char *port, enum dlb2_version version, struct fault *fault, char *error)
{
	unsigned int ports;

	if (strcmp(kind, "ldb") != 0 && strcmp(kind, "dir") != 0)
		return fail(error, "kind of port %.60s: must be ldb or dir", kind);
	fault->kind = strcmp(kind, "ldb") == 0 ? DLB2_LDB : DLB2_DIR;
	ports = num_ports(fault->kind, version);
	if (parse_number(port, ports - 1, &fault->port) != 0)
		return fail(error, "%s port %.60s: must be a number from 0 to %u", kind, port,
			ports - 1);
	return 0;
}

/* Splits in place at colons; returns how many parts there are, at most one more than `most`. */
static unsigned int
split(char *text, char **parts, unsigned int most)
{
	unsigned int n = 0;
	char *part;

	while (n <= most && (part = strsep(&text, ":")) != NULL) {
		if (n < most)
			parts[n] = part;
		n++;
	}
	return n;
}

static int
parse_parts(char **parts, unsigned int n, enum dlb2_version version, struct fault *fault,
	char *error)
{
	unsigned int which;

	for (which = 0; which < DLB2_NUM_FAULTS; which++)
		if (strcmp(parts[0], fault_names[which].name) == 0)
			break;
	if (which == DLB2_NUM_FAULTS)
		return unknown_fault(parts[0], error);
	*fault = (struct fault){ .fault = which, .count = 1 };
	if (n > 1 && parse_number(parts[1], UINT32_MAX, &fault->count) != 0)
		return fail(error, "count %.60s of fault %s: must be a number from 0 to %u",
			parts[1], parts[0], UINT32_MAX);
	if (which == DLB2_FAULT_SPURIOUS_IRQ && fault->count > DLB2_FAULT_MAX_SPURIOUS)
		return fail(error, "count %u of fault %s: must be a number from 0 to %u",
			fault->count, parts[0], DLB2_FAULT_MAX_SPURIOUS);
	if (fault_names[which].of_port != (n == 4))
		return fail(error, fault_names[which].of_port ?
			"fault %s is of a port: give %s:COUNT:ldb|dir:PORT" :
			"fault %s is of the whole device: give %s[:COUNT]", parts[0], parts[0]);
	return n == 4 ? parse_port(parts[2], parts[3], version, fault, error) : 0;
}

int
fault_parse(const char *text, enum dlb2_version version, struct fault *fault, char *error)
{
	char *copy = strdup(text);
	char *parts[4];
	unsigned int n;
	int ret;

	if (copy == NULL)
		return fail(error, "out of memory");
	n = split(copy, parts, DIM(parts));
	if (n > DIM(parts) || n == 3)
		ret = fail(error, "fault %.60s: must be NAME[:count[:ldb|dir:port]]", text);
	else
		ret = parse_parts(parts, n, version, fault, error);
	free(copy);
	return ret;
}

static unsigned int
num_values(enum dlb2_model_switch which)
{
	unsigned int n = 0;

	while (n < DLB2_SWITCH_MAX_VALUES && dlb2_model_switch_info[which].values[n] != NULL)
		n++;
	return n;
}

int
switch_parse(const char *text, struct switch_setting *setting, char *error)
{
	const char *equals = strchr(text, '=');
	unsigned int which;
	size_t len;

	if (equals == NULL)
		return fail(error, "switch %.60s: must be NAME=VALUE", text);
	len = equals - text;
	for (which = 0; which < DLB2_NUM_MODEL_SWITCHES; which++)
		if (strlen(dlb2_model_switch_info[which].name) == len &&
				strncmp(dlb2_model_switch_info[which].name, text, len) == 0)
			break;
	if (which == DLB2_NUM_MODEL_SWITCHES)
		return fail(error, "switch %.60s: there is none of this name; --help lists them",
			text);
	setting->which = which;
	if (parse_number(equals + 1, num_values(which) - 1, &setting->value) != 0)
		return fail(error, "value %.60s of switch %s: must be a number from 0 to %u",
			equals + 1, dlb2_model_switch_info[which].name, num_values(which) - 1);
	return 0;
}
