/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See register_file.h.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/pci_regs.h>

#include "register_file.h"

static unsigned int
num_elements(enum dlb2_version version, enum dlb2_reg reg)
{
	return dlb2_reg_info[reg].v[version].count1 * dlb2_reg_info[reg].v[version].count2;
}

static uint32_t *
element(const struct register_file *file, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	return &file->values[reg][i * dlb2_reg_info[reg].v[file->version].count2 + j];
}

/* All but what survives an FLR (control-path 1.6). */
static void
reset_registers(struct register_file *file, bool power_on)
{
	for (unsigned int reg = 0; reg < DLB2_NUM_REGS; reg++) {
		if (file->values[reg] == NULL ||
		    (reg == DLB2_CM_CFG_PM_PMCSR_DISABLE && !power_on))
			continue;
		for (unsigned int i = 0; i < num_elements(file->version, reg); i++)
			file->values[reg][i] = dlb2_reg_info[reg].reset;
	}
}

static void
check_reachable(struct register_file *file, enum dlb2_reg reg)
{
	if ((file->config[CAP_PM + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK) != 0)
		fail_msg("%s touched in D3", dlb2_reg_info[reg].name);
	if ((file->config[PCI_COMMAND] & PCI_COMMAND_MEMORY) == 0)
		fail_msg("%s touched while memory decoding is off", dlb2_reg_info[reg].name);
	if (reg != DLB2_CM_CFG_PM_PMCSR_DISABLE &&
	    *element(file, DLB2_CM_CFG_PM_PMCSR_DISABLE, 0, 0) != 0)
		fail_msg("%s touched before power-up", dlb2_reg_info[reg].name);
}

static uint32_t
file_read(void *ctx, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	struct register_file *file = ctx;

	check_reachable(file, reg);
	if (file->on_read != NULL)
		file->on_read(file, reg, i);
	if (reg == DLB2_CM_CFG_PM_STATUS && file->not_ready > 0) {
		file->not_ready--;
		return 0;
	}
	return *element(file, reg, i, j);
}

static void
file_write(void *ctx, enum dlb2_reg reg, unsigned int i, unsigned int j, uint32_t value)
{
	struct register_file *file = ctx;
	uint32_t *word = element(file, reg, i, j);

	check_reachable(file, reg);
	switch (dlb2_reg_info[reg].access) {
	case DLB2_ACCESS_W1C:
		*word &= ~value;
		break;
	case DLB2_ACCESS_W1S:
		*word |= value;
		break;
	case DLB2_ACCESS_WO:
		break;
	default:
		*word = value;
		break;
	}
}

/* Takes what a line returns off the counts. */
static void
file_post(void *ctx, enum dlb2_port_kind kind, unsigned int port, const struct dlb2_line *line)
{
	struct register_file *file = ctx;
	uint32_t *tokens = element(file, kind == DLB2_LDB ? DLB2_LSP_CQ_LDB_TKN_CNT :
				   DLB2_LSP_CQ_DIR_TKN_CNT, port, 0);

	for (unsigned int i = 0; i < DLB2_HCWS_PER_LINE && !file->stuck; i++) {
		if (line->hcw[i].cmd == DLB2_CMD_BAT_T)
			*tokens -= line->hcw[i].lock_id + 1;
		else if (line->hcw[i].cmd == DLB2_CMD_COMP)
			*element(file, DLB2_LSP_CQ_LDB_INFL_CNT, port, 0) -= 1;
	}
}

static void
file_flr(struct register_file *file)
{
	reset_registers(file, false);
	memcpy(file->config, file->config_at_reset, sizeof(file->config));
}

static int
file_config_write(void *ctx, unsigned int offset, const void *buf, unsigned int len)
{
	struct register_file *file = ctx;
	uint16_t devctl;

	memcpy(&file->config[offset], buf, len);
	memcpy(&devctl, &file->config[CAP_EXP + PCI_EXP_DEVCTL], sizeof(devctl));
	if ((devctl & PCI_EXP_DEVCTL_BCR_FLR) != 0)
		file_flr(file);
	return 0;
}

static int
file_config_read(void *ctx, unsigned int offset, void *buf, unsigned int len)
{
	struct register_file *file = ctx;

	memcpy(buf, &file->config[offset], len);
	if (offset == CAP_EXP + PCI_EXP_DEVSTA && file->pending_looks > 0) {
		file->pending_looks--;
		*(uint8_t *)buf |= PCI_EXP_DEVSTA_TRPND;
	}
	return 0;
}

static void
file_sleep(void *ctx, unsigned int us)
{
	struct register_file *file = ctx;

	if (file->on_sleep != NULL)
		file->on_sleep(file);
}

static void
file_dma_freed(void *ctx, const struct dlb2_dma *dma)
{
}

static void
put_config(struct register_file *file, unsigned int offset, uint32_t value, unsigned int len)
{
	memcpy(&file->config_at_reset[offset], &value, len);
}

static void
put_ext_cap(struct register_file *file, unsigned int offset, unsigned int id, unsigned int next)
{
	put_config(file, offset, id | 1u << 16 | next << 20, 4);
}

/* All capabilities that control-path 1.3 names; values that a wrong restore would lose. */
static void
make_config(struct register_file *file)
{
	put_config(file, PCI_VENDOR_ID, DLB2_PCI_VENDOR_ID |
		   dlb2_limits(file->version)->pf_device_id << 16, 4);
	put_config(file, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	put_config(file, PCI_CLASS_REVISION, 0x0b400000, 4);
	put_config(file, PCI_CAPABILITY_LIST, CAP_MSIX, 1);
	put_config(file, CAP_MSIX, PCI_CAP_ID_MSIX | CAP_EXP << 8, 2);
	put_config(file, CAP_EXP, PCI_CAP_ID_EXP | CAP_PM << 8, 2);
	put_config(file, CAP_PM, PCI_CAP_ID_PM, 2);
	put_ext_cap(file, CAP_AER, PCI_EXT_CAP_ID_ERR, CAP_PASID);
	put_config(file, CAP_AER + PCI_ERR_COR_STATUS, 0x2000, 4);
	put_ext_cap(file, CAP_PASID, PCI_EXT_CAP_ID_PASID, CAP_ACS);
	put_config(file, DLB2_CFG_PASID_CTRL, PCI_PASID_CTRL_ENABLE, 2);
	put_ext_cap(file, CAP_ACS, PCI_EXT_CAP_ID_ACS, CAP_PRI);
	put_config(file, CAP_ACS + PCI_ACS_CAP, PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_UF, 2);
	put_ext_cap(file, CAP_PRI, PCI_EXT_CAP_ID_PRI, 0);
	memcpy(file->config, file->config_at_reset, sizeof(file->config));
	file->config[PCI_BASE_ADDRESS_0 + 3] = 0xe0;
	file->config[PCI_BASE_ADDRESS_2 + 3] = 0xd0;
	file->config[CAP_EXP + PCI_EXP_DEVCTL] = 0x10;
	file->config[CAP_EXP + PCI_EXP_DEVCTL2] = 0x05;
	file->config[CAP_PRI + PCI_PRI_ALLOC_REQ] = 0x40;
}

const struct rec_backend register_file_backend = {
	.read = file_read,
	.write = file_write,
	.config_read = file_config_read,
	.config_write = file_config_write,
	.post = file_post,
	.sleep = file_sleep,
	.dma_freed = file_dma_freed,
};

struct register_file *
register_file_create(enum dlb2_version version)
{
	struct register_file *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	file->version = version;
	for (unsigned int reg = 0; reg < DLB2_NUM_REGS; reg++)
		if (dlb2_reg_present(version, reg)) {
			unsigned int num = num_elements(version, reg);

			file->values[reg] = calloc(num, sizeof(uint32_t));
			file->remembered[reg] = calloc(num, sizeof(uint32_t));
		}
	reset_registers(file, true);
	make_config(file);
	return file;
}

void
register_file_destroy(struct register_file *file)
{
	for (unsigned int reg = 0; reg < DLB2_NUM_REGS; reg++) {
		free(file->values[reg]);
		free(file->remembered[reg]);
	}
	free(file);
}

uint32_t
peek(const struct register_file *file, enum dlb2_reg reg, unsigned int i, unsigned int j)
{
	return *element(file, reg, i, j);
}

void
poke(struct register_file *file, enum dlb2_reg reg, unsigned int i, uint32_t value)
{
	*element(file, reg, i, 0) = value;
}

void
register_file_remember(struct register_file *file)
{
	for (unsigned int reg = 0; reg < DLB2_NUM_REGS; reg++)
		if (file->values[reg] != NULL)
			memcpy(file->remembered[reg], file->values[reg],
			       num_elements(file->version, reg) * sizeof(uint32_t));
}

void
register_file_expect_remembered(const struct register_file *file)
{
	for (unsigned int reg = 0; reg < DLB2_NUM_REGS; reg++) {
		if (file->values[reg] == NULL || reg == DLB2_AQED_QID_FID_LIM ||
		    reg == DLB2_AQED_QID_HID_WIDTH || reg == DLB2_RO_GRP_SN_MODE)
			continue;
		for (unsigned int i = 0; i < num_elements(file->version, reg); i++)
			if (file->values[reg][i] != file->remembered[reg][i])
				fail_msg("%s, element %u, is 0x%x, was 0x%x",
					 dlb2_reg_info[reg].name, i, file->values[reg][i],
					 file->remembered[reg][i]);
	}
}
