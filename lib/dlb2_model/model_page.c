/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Producer-port pages of the function BARs (control-path 1.2, data-path 1.4 to 1.6): which port a
 * store is for and how many HCWs it brings. The HCWs themselves are model_hcw.c's.
 */

#include <errno.h>
#include <string.h>

#include "model_priv.h"

#define WINDOW_SIZE 0x100000u

struct window {
	uint64_t base;
	enum dlb2_port_kind kind;
	bool private_window;
};

static const struct window windows[] = {
	{ DLB2_PP_DIR_BASE, DLB2_DIR, false },
	{ DLB2_PP_LDB_BASE, DLB2_LDB, false },
	{ DLB2_PP_DIR_ALIAS_BASE, DLB2_DIR, true },
	{ DLB2_PP_LDB_ALIAS_BASE, DLB2_LDB, true },
};

static const struct window *
find_window(uint64_t offset)
{
	unsigned int n;

	for (n = 0; n < sizeof(windows) / sizeof(windows[0]); n++)
		if (offset >= windows[n].base && offset - windows[n].base < WINDOW_SIZE)
			return &windows[n];
	return NULL;
}

bool
model_page_owns(uint64_t offset)
{
	return find_window(offset) != NULL;
}

/* The enable bit and registers of one kind of port. */
static const struct {
	enum dlb2_reg vpp_v;
	enum dlb2_reg vpp2pp;
} vf_regs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = { DLB2_SYS_VF_LDB_VPP_V, DLB2_SYS_VF_LDB_VPP2PP },
	[DLB2_DIR] = { DLB2_SYS_VF_DIR_VPP_V, DLB2_SYS_VF_DIR_VPP2PP },
};

/* The physical port behind a VF's virtual one (control-path 13.4), or -1. */
static int
physical_port(struct dlb2_model *m, enum dlb2_port_kind kind, unsigned int vf, unsigned int vport)
{
	unsigned int index = vf * model_ports(m, kind) + vport;
	uint32_t port = *model_reg(m, vf_regs[kind].vpp2pp, index, 0);

	if (*model_reg(m, vf_regs[kind].vpp_v, index, 0) == 0 || port >= model_ports(m, kind))
		return -1;
	return port;
}

/* Hands the HCWs of one store to the data path, with the source that its checks need. */
static void
store(struct dlb2_model *m, const struct window *window, unsigned int page,
	const struct model_access *access)
{
	struct dlb2_line line;
	int port = page;

	memcpy(&line, access->src, access->len);
	m->counters.lines++;
	m->source.private_window = window->private_window;
	if (access->space == DLB2_SPACE_VF) {
		m->source.vf = access->vf;
		m->source.vport = page;
		port = physical_port(m, window->kind, access->vf, page);
	}
	if (port < 0)
		model_alarm(m, MODEL_ALARM_SYS, MODEL_AID_SYS_ILLEGAL_PP,
			DLB2_SYS_INGRESS_ALARM_ENBL__ILLEGAL_PP, window->kind, page, line.hcw);
	else
		model_ingest(m, window->kind, port, line.hcw,
			access->len / sizeof(struct dlb2_hcw));
	m->source = model_source_pf;
}

static bool
is_legal(const struct dlb2_model *m, const struct model_access *access)
{
	unsigned int len = access->len;

	if (access->dst != NULL)
		return (len == 1 || len == 2 || len == 4 || len == 8) &&
			access->offset % len == 0;
	if (m->switches[DLB2_SWITCH_PP_PAGE_OFFSET] != 0 && access->offset % DLB2_PP_STRIDE != 0)
		return false;
	return (len == sizeof(struct dlb2_hcw) || len == sizeof(struct dlb2_line)) &&
		access->offset % len == 0;
}

int
model_page_access(struct dlb2_model *m, const struct model_access *access)
{
	const struct window *window = find_window(access->offset);
	unsigned int page = (access->offset - window->base) / DLB2_PP_STRIDE;

	if (!model_power_reaches(m, DLB2_SYS_LDB_PP_V))
		return model_refuse(m, access, -ENXIO, 0xff,
			"powered down, CM_CFG_PM_PMCSR_DISABLE is 1");
	if (page >= model_ports(m, window->kind) ||
			(access->space == DLB2_SPACE_VF && window->private_window))
		return model_refuse(m, access, -ENXIO, model_unknown_fill(m),
			"no producer port has this page");
	if (!is_legal(m, access))
		return model_refuse(m, access, -EINVAL, 0,
			"a producer port takes aligned stores of 16 or 64 bytes, reads of up to 8");
	if (access->dst != NULL)
		memset(access->dst, 0, access->len);
	else
		store(m, window, page, access);
	return 0;
}
