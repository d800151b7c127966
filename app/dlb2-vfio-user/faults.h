/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Faults and switches of the model by name, for the command line and the control socket.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <dlb2_model.h>

/** A fault as a user asks for it. */
struct fault {
	enum dlb2_model_fault fault;
	unsigned int count;
	enum dlb2_port_kind kind;
	unsigned int port;
};

/** A switch as a user sets it. */
struct switch_setting {
	enum dlb2_model_switch which;
	unsigned int value;
};

/** Room for a message about a bad text. */
#define FAULTS_ERROR_LEN 512

/**
 * Parses NAME[:count[:ldb|dir:port]], count 1 if it isn't given. A fault of a port needs the port.
 *
 * @param error  takes FAULTS_ERROR_LEN bytes: what is wrong and what is possible
 * @return 0 or -EINVAL
 */
int fault_parse(const char *text, enum dlb2_version version, struct fault *fault, char *error);

/** Whether a version of the device has the port of a fault. */
bool fault_fits(const struct fault *fault, enum dlb2_version version);

/** Parses NAME=VALUE; the rest is as with fault_parse(). */
int switch_parse(const char *text, struct switch_setting *setting, char *error);

#endif
