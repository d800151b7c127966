/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See recording_model.h.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dlb2_model.h>

#include "recording_model.h"

#define RUN_BUDGET 64
#define NS_PER_US 1000ull

static uint32_t
model_read(void *ctx, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	uint32_t value = 0;

	dlb2_model_read(ctx, dlb2_reg_info[reg].space,
			dlb2_reg_offset(dlb2_model_version(ctx), reg, i, j), &value, sizeof(value));
	return value;
}

static void
model_write(void *ctx, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	uint32_t offset = dlb2_reg_offset(dlb2_model_version(ctx), reg, i, j);

	if (dlb2_model_write(ctx, dlb2_reg_info[reg].space, offset, &value, sizeof(value)) != 0)
		fail_msg("the model refuses a write to %s", dlb2_reg_info[reg].name);
}

static int
model_config_read(void *ctx, unsigned int offset, void *buf, unsigned int len)
{
	return dlb2_model_config_read(ctx, offset, buf, len);
}

static int
model_config_write(void *ctx, unsigned int offset, const void *buf, unsigned int len)
{
	return dlb2_model_config_write(ctx, offset, buf, len);
}

static void
model_post(void *ctx, enum dlb2_port_kind kind, unsigned int port, const struct dlb2_line *line)
{
	dlb2_model_post(ctx, kind, port, line, 1);
}

static void
model_sleep(void *ctx, unsigned int us)
{
	while (dlb2_model_run(ctx, RUN_BUDGET) != 0)
		;
	dlb2_model_tick(ctx, NS_PER_US * us);
}

static void
model_dma_freed(void *ctx, const struct dlb2_dma *dma)
{
	dlb2_model_dma_unmapped(ctx, dma->iova, dma->len);
}

const struct rec_backend recording_model_backend = {
	.read = model_read,
	.write = model_write,
	.config_read = model_config_read,
	.config_write = model_config_write,
	.post = model_post,
	.sleep = model_sleep,
	.dma_freed = model_dma_freed,
};
