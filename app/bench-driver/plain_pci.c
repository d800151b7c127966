/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See plain_pci.h. The functions of librte_bus_pci by which a driver maps BARs and reaches
 * configuration space are defined here, too: the bus library calls them through its PLT, so those of
 * the program win.
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bus_pci_driver.h>

#include <dlb2_regs.h>

#include "plain_pci.h"

#define CONFIG_SIZE 4096
#define FUNC_BAR 0
#define CSR_BAR 2
/* As the kernel's sysfs says them: prefetchable 64-bit memory; a co-processor. */
#define MEMORY_BAR 0x14220c
#define CLASS_COPROCESSOR "0x0b4000\n"
#define FAR_AWAY(bar) ((void *)((UINT64_C(1) << 44) + ((uint64_t)(bar) << 40)))

/* What a driver looks at in configuration space (control-path 1.3, 2.3). */
#define COMMAND 0x04
#define MEMORY_AND_BUS_MASTER 0x06
#define STATUS 0x06
#define HAS_CAPABILITIES 0x10
#define CAPABILITY_POINTER 0x34
#define PCIE_CAPABILITY 0x6c
#define PCIE_CAPABILITY_ID 0x10
#define MSIX_CAPABILITY 0x60
#define MSIX_CAPABILITY_ID 0x11

/* The functions below are called without any argument of ours. */
static struct plain_pci bars;
static uint8_t config[CONFIG_SIZE];
static enum dlb2_version hw;
static char root[] = "/tmp/dlb2-bench-XXXXXX";

static void
preset(enum dlb2_reg reg)
{
	uint8_t *at = bars.csr + dlb2_reg_offset(hw, reg, 0, 0);

	memcpy(at, &dlb2_reg_info[reg].reset, sizeof(dlb2_reg_info[reg].reset));
}

/*
 * Far from all libraries, near which movdir64b.c needs room; the kernel would put it right below
 * them.
 */
static uint8_t *
plain_memory(unsigned int bar, uint64_t size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *p = mmap(FAR_AWAY(bar), size, PROT_READ | PROT_WRITE, flags, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
rte_pci_map_device(struct rte_pci_device *pci)
{
	const struct dlb2_limits *limits = dlb2_limits(hw);

	bars.func = plain_memory(FUNC_BAR, limits->func_bar_size);
	bars.csr = plain_memory(CSR_BAR, limits->csr_bar_size);
	if (bars.func == NULL || bars.csr == NULL)
		return -ENOMEM;
	/* powered and idle: what drivers wait for */
	preset(DLB2_CM_CFG_PM_STATUS);
	preset(DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS);
	pci->mem_resource[FUNC_BAR].addr = bars.func;
	pci->mem_resource[CSR_BAR].addr = bars.csr;
	return 0;
}

void
rte_pci_unmap_device(struct rte_pci_device *pci)
{
	pci->mem_resource[FUNC_BAR].addr = NULL;
	pci->mem_resource[CSR_BAR].addr = NULL;
}

int
rte_pci_read_config(const struct rte_pci_device *pci, void *buf, size_t len, off_t offset)
{
	(void)pci;
	if (offset < 0 || offset + len > sizeof(config))
		return -1;
	memcpy(buf, config + offset, len);
	return len;
}

int
rte_pci_write_config(const struct rte_pci_device *pci, const void *buf, size_t len, off_t offset)
{
	(void)pci;
	if (offset < 0 || offset + len > sizeof(config))
		return -1;
	memcpy(config + offset, buf, len);
	return len;
}

static void
fill_config(unsigned int device_id)
{
	const uint16_t vendor = DLB2_PCI_VENDOR_ID, device = device_id;

	memcpy(config, &vendor, sizeof(vendor));
	memcpy(config + 2, &device, sizeof(device));
	config[COMMAND] = MEMORY_AND_BUS_MASTER;
	config[STATUS] = HAS_CAPABILITIES;
	config[CAPABILITY_POINTER] = MSIX_CAPABILITY;
	config[MSIX_CAPABILITY] = MSIX_CAPABILITY_ID;
	config[MSIX_CAPABILITY + 1] = PCIE_CAPABILITY;
	config[PCIE_CAPABILITY] = PCIE_CAPABILITY_ID;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void
remove_tree(void)
{
	nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* 0 or a negative errno. */
static int
write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL)
		return -errno;
	ret = fputs(text, f) < 0 ? -EIO : 0;
	return fclose(f) != 0 ? -EIO : ret;
}

/* The file that EAL reads BAR addresses from; they only need to be there. */
static int
write_resources(const char *dir)
{
	const struct dlb2_limits *limits = dlb2_limits(hw);
	const uint64_t func = UINT64_C(1) << 36, csr = UINT64_C(1) << 37;
	char text[512];

	snprintf(text, sizeof(text),
		 "0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016x\n0x0 0x0 0x0\n0x%016" PRIx64
		 " 0x%016" PRIx64 " 0x%016x\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n",
		 func, func + limits->func_bar_size - 1, MEMORY_BAR, csr,
		 csr + limits->csr_bar_size - 1, MEMORY_BAR);
	return write_file(dir, "resource", text);
}

static int
write_tree(const char *dir, unsigned int device_id)
{
	char device[16], link[256];
	int ret;

	if (mkdir(dir, 0755) != 0)
		return -errno;
	snprintf(device, sizeof(device), "0x%x\n", device_id);
	ret = write_file(dir, "vendor", "0x8086\n");
	ret = ret != 0 ? ret : write_file(dir, "device", device);
	ret = ret != 0 ? ret : write_file(dir, "subsystem_vendor", "0x8086\n");
	ret = ret != 0 ? ret : write_file(dir, "subsystem_device", "0x0000\n");
	ret = ret != 0 ? ret : write_file(dir, "class", CLASS_COPROCESSOR);
	ret = ret != 0 ? ret : write_file(dir, "numa_node", "-1\n");
	ret = ret != 0 ? ret : write_file(dir, "max_vfs", "0\n");
	ret = ret != 0 ? ret : write_resources(dir);
	snprintf(link, sizeof(link), "%s/driver", dir);
	if (ret == 0 && symlink("/drivers/vfio-pci", link) != 0)
		ret = -errno;
	return ret;
}

int
plain_pci_plug(enum dlb2_version version)
{
	const unsigned int device_id = version == DLB2_HW_2_0 ? 0x2710 : 0x2714;
	char dir[sizeof(root) + sizeof(PLAIN_PCI_NAME)];

	hw = version;
	fill_config(device_id);
	if (mkdtemp(root) == NULL)
		return -errno;
	atexit(remove_tree);
	snprintf(dir, sizeof(dir), "%s/%s", root, PLAIN_PCI_NAME);
	setenv("SYSFS_PCI_DEVICES", root, 1);
	return write_tree(dir, device_id);
}

const struct plain_pci *
plain_pci_bars(void)
{
	return &bars;
}
