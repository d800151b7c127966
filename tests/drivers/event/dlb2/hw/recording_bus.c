/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See recording_bus.h.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recording_bus.h"

static struct recording_bus *
rec_of(struct dlb2_bus *bus)
{
	return (struct recording_bus *)bus;
}

static void __attribute__((format(printf, 2, 3)))
record(struct recording_bus *rec, const char *format, ...)
{
	va_list args;
	int len;

	if (!rec->recording)
		return;
	if (rec->size - rec->len < 256) {
		rec->size = 2 * rec->size + 4096;
		rec->text = realloc(rec->text, rec->size);
		assert_non_null(rec->text);
	}
	va_start(args, format);
	len = vsnprintf(rec->text + rec->len, rec->size - rec->len, format, args);
	va_end(args);
	rec->len += len;
}

/* Counts an operation; whether it is to fail. */
static bool
fault_due(struct recording_bus *rec, enum rec_fault fault)
{
	rec->seen[fault]++;
	return rec->fail_at[fault] != 0 && --rec->fail_at[fault] == 0;
}

void
rec_fail(struct recording_bus *rec, enum rec_fault fault, unsigned int n)
{
	rec->fail_at[fault] = n;
	rec->seen[fault] = 0;
}

/* The register at an offset; no other address may be touched. */
static enum dlb2_reg
find(struct recording_bus *rec, enum dlb2_reg_space space, uint32_t offset, unsigned int *i,
     unsigned int *j)
{
	enum dlb2_reg reg;

	if (!dlb2_reg_find(rec->bus.version, space, offset, &reg, i, j))
		fail_msg("access to offset 0x%x, which is no register", offset);
	return reg;
}

static const char *
name(struct recording_bus *rec, enum dlb2_reg_space space, uint32_t offset)
{
	static char text[64];

	dlb2_reg_format(rec->bus.version, space, offset, text, sizeof(text));
	return text;
}

static uint32_t
csr_read(struct dlb2_bus *bus, uint32_t offset)
{
	struct recording_bus *rec = rec_of(bus);
	unsigned int i, j;
	enum dlb2_reg reg = find(rec, DLB2_SPACE_CSR, offset, &i, &j);

	rec->csr_reads++;
	record(rec, "read %s\n", name(rec, DLB2_SPACE_CSR, offset));
	if (fault_due(rec, REC_CSR_READ))
		rec->gone = true;
	return rec->gone ? UINT32_MAX : rec->backend->read(rec->ctx, reg, i, j);
}

static void
write_register(struct recording_bus *rec, enum dlb2_reg_space space, uint32_t offset,
	       uint32_t value)
{
	unsigned int i, j;
	enum dlb2_reg reg = find(rec, space, offset, &i, &j);
	const struct dlb2_reg_info *info = &dlb2_reg_info[reg];

	record(rec, "%s = 0x%x\n", name(rec, space, offset), value);
	if (info->access == DLB2_ACCESS_RO)
		fail_msg("%s is read-only", info->name);
	if ((value & ~info->v[rec->bus.version].mask) != 0)
		fail_msg("%s = 0x%x: a reserved bit", info->name, value);
	if (!rec->gone)
		rec->backend->write(rec->ctx, reg, i, j, value);
}

static void
csr_write(struct dlb2_bus *bus, uint32_t offset, uint32_t value)
{
	rec_of(bus)->csr_writes++;
	write_register(rec_of(bus), DLB2_SPACE_CSR, offset, value);
}

static uint32_t
func_read(struct dlb2_bus *bus, uint32_t offset)
{
	fail_msg("the hardware layer reads no register of the function BAR (0x%x)", offset);
	return 0;
}

static void
func_write(struct dlb2_bus *bus, uint32_t offset, uint32_t value)
{
	write_register(rec_of(bus), DLB2_SPACE_FUNC, offset, value);
}

static int
config_read(struct dlb2_bus *bus, unsigned int offset, void *buf, unsigned int len)
{
	struct recording_bus *rec = rec_of(bus);

	assert_true(len == 1 || len == 2 || len == 4);
	assert_true(offset % len == 0 && offset < REC_CONFIG_SIZE);
	record(rec, "config read 0x%x\n", offset);
	if (fault_due(rec, REC_CONFIG_READ))
		return -EIO;
	return rec->backend->config_read(rec->ctx, offset, buf, len);
}

static int
config_write(struct dlb2_bus *bus, unsigned int offset, const void *buf, unsigned int len)
{
	struct recording_bus *rec = rec_of(bus);
	uint32_t value = 0;

	assert_true(len == 1 || len == 2 || len == 4);
	assert_true(offset % len == 0 && offset < REC_CONFIG_SIZE);
	memcpy(&value, buf, len);
	record(rec, "config%u 0x%x = 0x%x\n", 8 * len, offset, value);
	if (fault_due(rec, REC_CONFIG_WRITE))
		return -EIO;
	return rec->backend->config_write(rec->ctx, offset, buf, len);
}

static void
pp_post(struct dlb2_bus *bus, enum dlb2_port_kind kind, unsigned int port,
	const struct dlb2_line *line)
{
	struct recording_bus *rec = rec_of(bus);

	rec->lines++;
	record(rec, "post %s[%u]:", kind == DLB2_LDB ? "LDB" : "DIR", port);
	for (unsigned int i = 0; i < DLB2_HCWS_PER_LINE; i++) {
		if (line->hcw[i].cmd == DLB2_CMD_BAT_T)
			record(rec, " BAT_T(%u)", line->hcw[i].lock_id + 1);
		else if (line->hcw[i].cmd == DLB2_CMD_COMP)
			record(rec, " COMP");
		else if (line->hcw[i].cmd == DLB2_CMD_COMP_T)
			record(rec, " COMP_T(%u)", line->hcw[i].lock_id + 1);
		else if (line->hcw[i].cmd != DLB2_CMD_NOOP)
			fail_msg("command %u: neither to drain nor to time ports", line->hcw[i].cmd);
	}
	record(rec, "\n");
	if (!rec->gone)
		rec->backend->post(rec->ctx, kind, port, line);
}

static void
pp_fence(struct dlb2_bus *bus, enum dlb2_port_kind kind, unsigned int port)
{
	record(rec_of(bus), "fence %s[%u]\n", kind == DLB2_LDB ? "LDB" : "DIR", port);
}

static void
check_dma_name(struct recording_bus *rec, const char *dma_name)
{
	assert_true(strlen(dma_name) < sizeof(rec->dma_name[0]));
	for (unsigned int i = 0; i < rec->num_dma; i++)
		assert_string_not_equal(rec->dma_name[i], dma_name);
}

static int
dma_alloc(struct dlb2_bus *bus, const char *dma_name, size_t len, size_t align, int socket,
	  struct dlb2_dma *dma)
{
	struct recording_bus *rec = rec_of(bus);

	record(rec, "alloc %s %zu\n", dma_name, len);
	check_dma_name(rec, dma_name);
	if (fault_due(rec, REC_DMA_ALLOC))
		return -ENOMEM;
	assert_true(rec->num_dma < REC_MAX_DMA);
	dma->va = aligned_alloc(align, (len + align - 1) / align * align);
	assert_non_null(dma->va);
	memset(dma->va, 0, len);
	dma->len = len;
	dma->iova = (uintptr_t)dma->va;
	if (rec->next_iova != 0) {
		dma->iova = rec->next_iova;
		rec->next_iova += (len + align - 1) / align * align;
	}
	strcpy(rec->dma_name[rec->num_dma], dma_name);
	rec->dma[rec->num_dma++] = *dma;
	return 0;
}

static void
dma_free(struct dlb2_bus *bus, struct dlb2_dma *dma)
{
	struct recording_bus *rec = rec_of(bus);
	unsigned int i = 0;

	while (i < rec->num_dma && rec->dma[i].va != dma->va)
		i++;
	if (i == rec->num_dma)
		fail_msg("freed memory that was not allocated");
	record(rec, "free %s\n", rec->dma_name[i]);
	rec->backend->dma_freed(rec->ctx, dma);
	free(dma->va);
	rec->num_dma--;
	rec->dma[i] = rec->dma[rec->num_dma];
	memcpy(rec->dma_name[i], rec->dma_name[rec->num_dma], sizeof(rec->dma_name[i]));
}

static void
sleep_us(struct dlb2_bus *bus, unsigned int us)
{
	struct recording_bus *rec = rec_of(bus);

	record(rec, "sleep %u us\n", us);
	rec->slept_us += us;
	rec->backend->sleep(rec->ctx, us);
}

static int
irq_fd(struct dlb2_bus *bus, unsigned int vector)
{
	return -ENOTSUP;
}

static void __attribute__((format(printf, 3, 0)))
log_message(struct dlb2_bus *bus, enum dlb2_log_level level, const char *format, va_list args)
{
	struct recording_bus *rec = rec_of(bus);

	free(rec->log);
	assert_true(vasprintf(&rec->log, format, args) >= 0);
	assert_null(strchr(rec->log, '\n'));
}

static const struct dlb2_bus_ops ops = {
	.csr_read = csr_read,
	.csr_write = csr_write,
	.func_read = func_read,
	.func_write = func_write,
	.config_read = config_read,
	.config_write = config_write,
	.pp_post = pp_post,
	.pp_fence = pp_fence,
	.dma_alloc = dma_alloc,
	.dma_free = dma_free,
	.sleep_us = sleep_us,
	.irq_fd = irq_fd,
	.log = log_message,
};

struct recording_bus *
rec_create(enum dlb2_version version, const struct rec_backend *backend, void *ctx)
{
	struct recording_bus *rec = calloc(1, sizeof(*rec));

	assert_non_null(rec);
	rec->bus = (struct dlb2_bus){ .ops = &ops, .version = version, .name = "recording" };
	rec->backend = backend;
	rec->ctx = ctx;
	rec->recording = true;
	rec_clear(rec);
	return rec;
}

void
rec_destroy(struct recording_bus *rec)
{
	if (rec->num_dma != 0)
		fail_msg("%u CQs still allocated", rec->num_dma);
	free(rec->text);
	free(rec->log);
	free(rec);
}

void
rec_clear(struct recording_bus *rec)
{
	rec->len = 0;
	rec->csr_reads = rec->csr_writes = rec->lines = 0;
	rec->slept_us = 0;
	record(rec, "%s", "");
}

void
_rec_expect(struct recording_bus *rec, const char *expected, const char *file, int line)
{
	if (strcmp(rec->text, expected) != 0) {
		print_error("%s:%d: expected\n%s--- but got\n%s", file, line, expected, rec->text);
		_fail(file, line);
	}
	rec_clear(rec);
}

void
_rec_expect_log(struct recording_bus *rec, const char *text, const char *file, int line)
{
	if (rec->log == NULL || strstr(rec->log, text) == NULL) {
		print_error("%s:%d: \"%s\" is not in \"%s\"\n", file, line, text,
			    rec->log == NULL ? "" : rec->log);
		_fail(file, line);
	}
	free(rec->log);
	rec->log = NULL;
}
