/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Log lines of the driver: type pmd.event.dlb2, level NOTICE unless --log-level says otherwise.
 * Every line starts with the name of its device. A refusal is an ERR line that says what was asked,
 * what the limit is and the way out.
 */
#ifndef DLB2_LOG_H
#define DLB2_LOG_H

#include <rte_log.h>

extern int dlb2_logtype;

#define DLB2_LINE(level, device, fmt, ...) \
	rte_log(RTE_LOG_ ## level, dlb2_logtype, "dlb2 %s: " fmt "\n", device, ## __VA_ARGS__)

#define DLB2_ERR(device, ...) DLB2_LINE(ERR, device, __VA_ARGS__)
#define DLB2_WARN(device, ...) DLB2_LINE(WARNING, device, __VA_ARGS__)
#define DLB2_NOTICE(device, ...) DLB2_LINE(NOTICE, device, __VA_ARGS__)
#define DLB2_INFO(device, ...) DLB2_LINE(INFO, device, __VA_ARGS__)
#define DLB2_DEBUG(device, ...) DLB2_LINE(DEBUG, device, __VA_ARGS__)

#endif
