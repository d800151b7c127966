/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Accesses to the regions of a device: configuration space and the two BARs. A write to a
 * producer-port page goes through line assembly, everything else to the model at once. Whatever is
 * not such a write first hands on the HCWs that wait: reads push writes before them (data-path
 * 1.4), and the device must not meet them in another state than they were sent in.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <linux/vfio.h>

#include "clock.h"
#include "device.h"
#include "message.h"
#include "regions.h"

#define CONFIG_SIZE 4096
#define NAME_LEN 64

/* Windows of producer-port pages in BAR 0, in the order of their addresses, with no gap between. */
static const struct {
	uint64_t base;
	const char *name;
} windows[] = {
	{ DLB2_PP_DIR_BASE, "DIR_PP" },
	{ DLB2_PP_LDB_BASE, "LDB_PP" },
	{ DLB2_PP_DIR_ALIAS_BASE, "DIR_PP_ALIAS" },
	{ DLB2_PP_LDB_ALIAS_BASE, "LDB_PP_ALIAS" },
};

#define PAGES_PER_WINDOW ((DLB2_PP_LDB_BASE - DLB2_PP_DIR_BASE) / DLB2_PP_STRIDE)

_Static_assert(sizeof(windows) / sizeof(windows[0]) * PAGES_PER_WINDOW == LINES_PAGES,
	"lines for every page");

uint64_t
device_region_size(const struct device *device, unsigned int region)
{
	const struct dlb2_limits *limits = dlb2_limits(device->config.version);

	switch (region) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return limits->func_bar_size;
	case VFIO_PCI_BAR2_REGION_INDEX:
		return limits->csr_bar_size;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return CONFIG_SIZE;
	default:
		return 0;
	}
}

static bool
is_page(uint64_t offset)
{
	return offset >= DLB2_PP_DIR_BASE &&
		offset - DLB2_PP_DIR_BASE < LINES_PAGES * DLB2_PP_STRIDE;
}

/* "LDB_PP[3]" with the offset in the page if it is not 0. */
static void
name_page(unsigned int page, unsigned int offset, char *name)
{
	int len = snprintf(name, NAME_LEN, "%s[%u]", windows[page / PAGES_PER_WINDOW].name,
		page % PAGES_PER_WINDOW);

	if (offset != 0)
		snprintf(name + len, NAME_LEN - len, "+%u", offset);
}

static void
name_function(const struct device *device, uint64_t offset, char *name)
{
	uint64_t in_pages = offset - DLB2_PP_DIR_BASE, in_table = offset - DLB2_MSIX_TABLE_BASE;
	enum dlb2_reg reg;
	unsigned int i, j;

	if (is_page(offset))
		name_page(in_pages / DLB2_PP_STRIDE, in_pages % DLB2_PP_STRIDE, name);
	else if (dlb2_reg_find(device->config.version, DLB2_SPACE_FUNC, offset, &reg, &i, &j))
		dlb2_reg_format(device->config.version, DLB2_SPACE_FUNC, offset, name, NAME_LEN);
	else if (offset >= DLB2_MSIX_PBA_BASE && offset < DLB2_MSIX_PBA_BASE + 16)
		snprintf(name, NAME_LEN, "MSIX_PBA[%u]",
			(unsigned int)(offset - DLB2_MSIX_PBA_BASE) / 4);
	else if (in_table < 16 * DLB2_MAX_MSIX_VECTORS)
		snprintf(name, NAME_LEN, "MSIX_TABLE[%u][%u]", (unsigned int)in_table / 16,
			(unsigned int)in_table % 16 / 4);
	else
		dlb2_reg_format(device->config.version, DLB2_SPACE_FUNC, offset, name, NAME_LEN);
}

static void
trace_access(const struct device *device, const char *verb, unsigned int region, uint64_t offset,
	const void *data, unsigned int count)
{
	char name[NAME_LEN], hex[2 * sizeof(struct dlb2_line) + 1];

	if (!trace_is_on(device->trace))
		return;
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		snprintf(name, sizeof(name), "CONFIG[0x%03" PRIx64 "]", offset);
	else if (region == VFIO_PCI_BAR2_REGION_INDEX)
		dlb2_reg_format(device->config.version, DLB2_SPACE_CSR, offset, name, NAME_LEN);
	else
		name_function(device, offset, name);
	trace_line(device->trace, device->index, verb, "%s 0x%s", name,
		trace_hex(data, count, hex));
}

void
regions_store(void *ctx, unsigned int page, unsigned int offset, const void *bytes,
	unsigned int len)
{
	struct device *device = ctx;
	uint64_t at = DLB2_PP_DIR_BASE + (uint64_t)page * DLB2_PP_STRIDE + offset;

	trace_access(device, "post", VFIO_PCI_BAR0_REGION_INDEX, at, bytes, len);
	dlb2_model_write(device->model, DLB2_SPACE_FUNC, at, bytes, len);
}

/* Bytes of configuration space that one access of PCI can take of a range. */
static unsigned int
config_step(uint64_t offset, unsigned int count)
{
	if (offset % 4 == 0 && count >= 4)
		return 4;
	return offset % 2 == 0 && count >= 2 ? 2 : 1;
}

static void
config_read(struct device *device, uint64_t offset, uint8_t *data, unsigned int count)
{
	unsigned int step;

	for (; count > 0; offset += step, data += step, count -= step) {
		step = config_step(offset, count);
		dlb2_model_config_read(device->model, offset, data, step);
		trace_access(device, "read", VFIO_PCI_CONFIG_REGION_INDEX, offset, data, step);
	}
}

static uint64_t
num_flrs(const struct device *device)
{
	struct dlb2_model_counters counters;

	dlb2_model_get_counters(device->model, &counters);
	return counters.flrs;
}

/* A function-level reset masks all vectors; a client that keeps their table knows nothing of it. */
static void
after_flr(struct device *device)
{
	struct dlb2_model_counters counters;

	device_get_counters(device, &counters);
	trace_line(device->trace, device->index, "reset", "FLR %" PRIu64, counters.flrs);
	lines_drop(&device->lines);
	irq_restore(&device->irq);
}

static void
config_write(struct device *device, uint64_t offset, const uint8_t *data, unsigned int count)
{
	unsigned int step;

	for (; count > 0; offset += step, data += step, count -= step) {
		uint64_t flrs = num_flrs(device);

		step = config_step(offset, count);
		trace_access(device, "write", VFIO_PCI_CONFIG_REGION_INDEX, offset, data, step);
		dlb2_model_config_write(device->model, offset, data, step);
		if (num_flrs(device) != flrs)
			after_flr(device);
	}
}

static enum dlb2_reg_space
space_of(unsigned int region)
{
	return region == VFIO_PCI_BAR0_REGION_INDEX ? DLB2_SPACE_FUNC : DLB2_SPACE_CSR;
}

/* Whether a bus delivers such an access as one. */
static bool
is_bus_access(uint64_t offset, unsigned int count)
{
	return count != 0 && (count & (count - 1)) == 0 && count <= sizeof(struct dlb2_line) &&
		offset % count == 0;
}

static int
check(const struct device *device, unsigned int region, uint64_t offset, unsigned int count)
{
	uint64_t size = device_region_size(device, region);

	if (size == 0 || count > size || offset > size - count)
		return -EINVAL;
	if (region != VFIO_PCI_CONFIG_REGION_INDEX && !is_bus_access(offset, count))
		return -EINVAL;
	return 0;
}

int
device_read(struct device *device, unsigned int region, uint64_t offset, void *data,
	unsigned int count)
{
	if (check(device, region, offset, count) != 0)
		return -EINVAL;
	lines_flush(&device->lines);
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		config_read(device, offset, data, count);
		return 0;
	}
	dlb2_model_read(device->model, space_of(region), offset, data, count);
	trace_access(device, "read", region, offset, data, count);
	return 0;
}

int
device_write(struct device *device, unsigned int region, uint64_t offset, const void *data,
	unsigned int count)
{
	uint64_t in_pages = offset - DLB2_PP_DIR_BASE;

	if (check(device, region, offset, count) != 0)
		return -EINVAL;
	if (region == VFIO_PCI_BAR0_REGION_INDEX && is_page(offset)) {
		device->last_piece = clock_now();
		lines_write(&device->lines, in_pages / DLB2_PP_STRIDE, in_pages % DLB2_PP_STRIDE,
			data, count);
		return 0;
	}
	lines_flush(&device->lines);
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		config_write(device, offset, data, count);
		return 0;
	}
	trace_access(device, "write", region, offset, data, count);
	dlb2_model_write(device->model, space_of(region), offset, data, count);
	return 0;
}
