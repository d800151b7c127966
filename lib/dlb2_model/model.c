/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Life of a model: creation, resets, time, faults and totals. What the device does is in the
 * other files. A model is one allocation, register file included, made at creation only.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_priv.h"

#define MODEL_ALIGN 64
#define MODEL_REPORT_LEN 200

/* The state after any reset. Which power state follows is the caller's. */
static void
reset_all(struct dlb2_model *m)
{
	model_regs_reset(m);
	model_pci_reset(m);
	model_irq_reset(m);
	model_perf_reset(m);
	model_sched_reset(m);
}

static struct dlb2_model *
allocate(enum dlb2_version version)
{
	size_t head = (sizeof(struct dlb2_model) + MODEL_ALIGN - 1) & ~(size_t)(MODEL_ALIGN - 1);
	size_t words = model_regs_words(version) * sizeof(uint32_t);
	size_t total = (head + words + MODEL_ALIGN - 1) & ~(size_t)(MODEL_ALIGN - 1);
	struct dlb2_model *m = aligned_alloc(MODEL_ALIGN, total);

	if (m == NULL)
		return NULL;
	memset(m, 0, total);
	m->memory = total;
	m->regs = (uint32_t *)((char *)m + head);
	return m;
}

int
dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out)
{
	struct dlb2_model *m;

	if (config == NULL || out == NULL || config->ops == NULL ||
			(unsigned int)config->version >= DLB2_NUM_VERSIONS)
		return -EINVAL;
	m = allocate(config->version);
	if (m == NULL)
		return -ENOMEM;
	m->version = config->version;
	m->limits = dlb2_limits(config->version);
	m->ops = config->ops;
	m->ctx = config->ctx;
	m->seed = config->seed;
	m->source = model_source_pf;
	model_regs_init(m);
	model_power_init(m);
	model_pci_init(m);
	model_irq_init(m);
	model_perf_init(m);
	model_sched_init(m);
	reset_all(m);
	*out = m;
	return 0;
}

void
dlb2_model_destroy(struct dlb2_model *m)
{
	free(m);
}

size_t
dlb2_model_memory(const struct dlb2_model *m)
{
	return m->memory;
}

enum dlb2_version
dlb2_model_version(const struct dlb2_model *m)
{
	return m->version;
}

void
dlb2_model_flr(struct dlb2_model *m)
{
	uint32_t power = *model_reg(m, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0);

	m->counters.flrs++;
	reset_all(m);
	*model_reg(m, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0) = power;
}

void
dlb2_model_tick(struct dlb2_model *m, uint64_t ns)
{
	model_perf_tick(m, ns);
	model_irq_tick(m, ns);
}

void
dlb2_model_get_counters(const struct dlb2_model *m, struct dlb2_model_counters *out)
{
	*out = m->counters;
}

void
model_report(struct dlb2_model *m, const char *format, ...)
{
	char text[MODEL_REPORT_LEN];
	va_list args;

	if (m->ops->report == NULL)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	m->ops->report(m->ctx, text);
}

static bool
fault_is_of_device(enum dlb2_model_fault fault)
{
	return fault == DLB2_FAULT_NOT_READY || fault == DLB2_FAULT_TRANSACTIONS_PENDING ||
		fault == DLB2_FAULT_GONE || fault == DLB2_FAULT_HW_ALARM;
}

static void
fault_store(struct dlb2_model *m, enum dlb2_model_fault fault, enum dlb2_port_kind kind,
	unsigned int port, unsigned int count)
{
	uint32_t *left = &m->faults[fault][kind][port];

	m->faults_armed -= *left != 0;
	*left = count;
	m->faults_armed += *left != 0;
}

int
dlb2_model_set_fault(struct dlb2_model *m, enum dlb2_model_fault fault, enum dlb2_port_kind kind,
	unsigned int port, unsigned int count)
{
	if ((unsigned int)fault >= DLB2_NUM_FAULTS)
		return -EINVAL;
	if (fault_is_of_device(fault)) {
		kind = 0;
		port = 0;
	} else if ((unsigned int)kind >= DLB2_NUM_PORT_KINDS || port >= model_ports(m, kind)) {
		return -EINVAL;
	}
	if (fault == DLB2_FAULT_SPURIOUS_IRQ && count > DLB2_FAULT_MAX_SPURIOUS)
		return -ERANGE;
	if (fault == DLB2_FAULT_SPURIOUS_IRQ)
		model_cq_spurious(m, kind, port, count);
	else if (fault == DLB2_FAULT_HW_ALARM)
		model_hw_alarm(m, count);
	else
		fault_store(m, fault, kind, port, count);
	if (fault == DLB2_FAULT_CREDIT_SHORTAGE)
		model_credit_shortage(m, kind, port, count);
	return 0;
}
