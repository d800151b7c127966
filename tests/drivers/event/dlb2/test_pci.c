/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The PCI probe without a device: EAL's PCI bus reads a made-up sysfs, and the functions by which
 * it maps BARs and reaches configuration space are replaced by ones over plain memory. So the
 * "device" accepts every write and does nothing: enough to see what the probe does, that ports end
 * up on their pages, and that removal gives everything back. What the hardware layer writes
 * is tested elsewhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evdev_test.h"

#include <bus_pci_driver.h>
#include <rte_common.h>
#include <rte_cpuflags.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_pci.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>
#include <dlb2_regs.h>

#define CONFIG_SIZE 4096
#define STATUS 0x06
#define HAS_CAPABILITIES 0x10
#define CAPABILITY_POINTER 0x34
#define PCIE_CAPABILITY 0x6c
#define PCIE_CAPABILITY_ID 0x10

struct function {
	const char *name;
	unsigned int device_id;
	bool no_csr_bar;
	uint8_t config[CONFIG_SIZE];
	uint8_t *func, *csr;
};

static struct function functions[] = {
	{ .name = "0000:01:00.0", .device_id = 0x2714 },
	{ .name = "0000:02:00.0", .device_id = 0x2710 },
	{ .name = "0000:03:00.0", .device_id = 0x2714 },
	{ .name = "0000:04:00.0", .device_id = 0x2714, .no_csr_bar = true },
};

static struct function *
find_function(const struct rte_pci_device *pci)
{
	unsigned int i = 0;

	while (strcmp(functions[i].name, pci->name) != 0)
		i++;
	return &functions[i];
}

static void
set_to_reset_value(struct function *f, enum dlb2_version version, enum dlb2_reg reg)
{
	memcpy(f->csr + dlb2_reg_offset(version, reg, 0, 0), &dlb2_reg_info[reg].reset, 4);
}

/* In place of those of librte_bus_pci. */
int
rte_pci_map_device(struct rte_pci_device *pci)
{
	enum dlb2_version version = pci->id.device_id == 0x2710 ? DLB2_HW_2_0 : DLB2_HW_2_5;
	const struct dlb2_limits *limits = dlb2_limits(version);
	struct function *f = find_function(pci);
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	f->func = mmap(NULL, limits->func_bar_size, PROT_READ | PROT_WRITE, flags, -1, 0);
	f->csr = mmap(NULL, limits->csr_bar_size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (f->func == MAP_FAILED || f->csr == MAP_FAILED)
		return -1;
	/* powered and idle */
	set_to_reset_value(f, version, DLB2_CM_CFG_PM_STATUS);
	set_to_reset_value(f, version, DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS);
	pci->mem_resource[0].addr = f->func;
	pci->mem_resource[2].addr = f->no_csr_bar ? NULL : f->csr;
	return 0;
}

void
rte_pci_unmap_device(struct rte_pci_device *pci)
{
	struct function *f = find_function(pci);

	munmap(f->func, dlb2_limits(DLB2_HW_2_5)->func_bar_size);
	munmap(f->csr, dlb2_limits(DLB2_HW_2_5)->csr_bar_size);
	f->func = f->csr = NULL;
}

int
rte_pci_read_config(const struct rte_pci_device *pci, void *buf, size_t len, off_t offset)
{
	memcpy(buf, find_function(pci)->config + offset, len);
	return len;
}

int
rte_pci_write_config(const struct rte_pci_device *pci, const void *buf, size_t len, off_t offset)
{
	memcpy(find_function(pci)->config + offset, buf, len);
	return len;
}

static void
fill_config(struct function *f)
{
	const uint16_t vendor = DLB2_PCI_VENDOR_ID, device = f->device_id;

	memcpy(f->config, &vendor, sizeof(vendor));
	memcpy(f->config + 2, &device, sizeof(device));
	f->config[STATUS] = HAS_CAPABILITIES;
	f->config[CAPABILITY_POINTER] = PCIE_CAPABILITY;
	f->config[PCIE_CAPABILITY] = PCIE_CAPABILITY_ID;
}

static void
write_file(const char *dir, const char *name, const char *format, ...)
{
	char path[512];
	va_list args;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL)
		abort();
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	fclose(f);
}

static void
add_to_sysfs(const char *root, const struct function *f)
{
	const struct dlb2_limits *limits = dlb2_limits(DLB2_HW_2_5);
	char dir[256], link[300];

	snprintf(dir, sizeof(dir), "%s/%s", root, f->name);
	mkdir(dir, 0755);
	write_file(dir, "vendor", "0x8086\n");
	write_file(dir, "device", "0x%x\n", f->device_id);
	write_file(dir, "subsystem_vendor", "0x8086\n");
	write_file(dir, "subsystem_device", "0x0000\n");
	write_file(dir, "class", "0x0b4000\n");
	write_file(dir, "numa_node", "-1\n");
	write_file(dir, "resource",
		   "0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016x\n0x0 0x0 0x0\n0x%016" PRIx64
		   " 0x%016" PRIx64 " 0x%016x\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n",
		   UINT64_C(0x100000000), 0x100000000 + limits->func_bar_size - 1, 0x140204,
		   UINT64_C(0x200000000), 0x200000000 + limits->csr_bar_size - 1, 0x140204);
	snprintf(link, sizeof(link), "%s/driver", dir);
	if (symlink("/drivers/vfio-pci", link) != 0)
		abort();
}

static void
start_eal(const char *root)
{
	const char *args[] = { /* EAL writes into the array */
		"test", "--no-huge", "--no-shconf", "--no-telemetry", "--iova-mode=va",
		"-m", "256", "-l", "0",
		"-a", "0000:0f:00.0", /* nothing yet: tests probe one by one */
	};

	setenv("SYSFS_PCI_DEVICES", root, 1);
	if (rte_eal_init(RTE_DIM(args), (char **)(uintptr_t)args) < 0)
		abort();
}

static void
remove_tree(const char *root)
{
	static const char *const files[] = {
		"vendor", "device", "subsystem_vendor", "subsystem_device", "class", "numa_node",
		"resource", "driver", "",
	};
	char path[512];
	unsigned int i, j;

	for (i = 0; i < RTE_DIM(functions); i++) {
		for (j = 0; j < RTE_DIM(files); j++) {
			snprintf(path, sizeof(path), "%s/%s/%s", root, functions[i].name, files[j]);
			if (files[j][0] != '\0')
				unlink(path);
			else
				rmdir(path);
		}
	}
	rmdir(root);
}

static int
plug(unsigned int function, const char *args)
{
	return rte_eal_hotplug_add("pci", functions[function].name, args);
}

static void
unplug(unsigned int function)
{
	assert_int_equal(rte_eal_hotplug_remove("pci", functions[function].name), 0);
	assert_null(functions[function].func);
}

static struct dlb2_line *
producer_port(unsigned int function, unsigned int port)
{
	size_t offset = DLB2_PP_LDB_BASE + (size_t)port * DLB2_PP_STRIDE;

	return (struct dlb2_line *)(functions[function].func + offset);
}

/*
 * One event through a port is one line on its page: with MOVDIR64B all of it, with MOVNTDQ four
 * HCWs one after the other to the first place, of which memory keeps the last, a NOOP.
 */
static void
check_producer_port(uint8_t dev, unsigned int function, uint8_t port)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
		.u64 = 0x1234567890abcdef,
	};
	const struct dlb2_hcw noop = { 0 };
	struct dlb2_line *line;
	char name[32];

	snprintf(name, sizeof(name), "port_%u_hw_id", port);
	line = producer_port(function, evdev_xstat(dev, name));
	memset(line, 0xff, sizeof(*line));
	assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 1);
	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0)
		assert_int_equal(line->hcw[0].data, event.u64);
	else
		assert_memory_equal(&line->hcw[0], &noop, sizeof(noop));
	assert_true(producer_port(function, DLB2_MAX_LDB_PORTS - 1)->hcw[0].cmd == 0);
}

static void
probe_and_use(unsigned int function, const char *args, const char *name, const char *driver)
{
	struct rte_event_dev_info info;
	int dev;

	assert_int_equal(plug(function, args), 0);
	dev = rte_event_dev_get_dev_id(name);
	assert_true(dev >= 0);
	assert_int_equal(rte_event_dev_info_get(dev, &info), 0);
	assert_string_equal(info.driver_name, driver);
	assert_int_equal(info.max_event_queues, 32);
	evdev_start_simple(dev, 2);
	check_producer_port(dev, function, 1);
	assert_int_equal(evdev_xstat(dev, "dev_model_memory_bytes"), 0);
	rte_event_dev_stop(dev);
	assert_int_equal(rte_event_dev_start(dev), 0);
	rte_event_dev_stop(dev);
}

static void
test_names(void **state)
{
	probe_and_use(0, "", "dlb2_event", "event_dlb2_5_pf");
	probe_and_use(1, "", "dlb2_event_0000:02:00.0", "event_dlb2_pf");
	probe_and_use(2, "dev_id=7", "dlb2_event7", "event_dlb2_5_pf");
	assert_int_equal(rte_event_dev_count(), 3);
	unplug(2);
	unplug(1);
	unplug(0);
	assert_int_equal(rte_event_dev_count(), 0);
	probe_and_use(1, "", "dlb2_event", "event_dlb2_pf");
	unplug(1);
}

static void
test_remove_while_running(void **state)
{
	int dev;

	assert_int_equal(plug(0, ""), 0);
	dev = rte_event_dev_get_dev_id("dlb2_event");
	evdev_start_simple(dev, 2);
	unplug(0);
	assert_int_equal(rte_event_dev_count(), 0);
}

static void
test_bad_devargs(void **state)
{
	static const char *const args[] = { "unheard_of=1", "hw=2.0", "max_cq_depth=33" };
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++) {
		log_capture();
		assert_int_not_equal(plug(0, args[i]), 0);
		log_expect(functions[0].name, NULL);
		assert_int_equal(rte_event_dev_count(), 0);
	}
}

static void
test_no_bar(void **state)
{
	log_capture();
	assert_int_not_equal(plug(3, ""), 0);
	log_expect(functions[3].name, "BAR", "dmesg", NULL);
	assert_int_equal(rte_event_dev_count(), 0);
}

/* Without a PCI Express capability there is no reset, and so no start from a known state. */
static void
test_no_capability(void **state)
{
	log_capture();
	functions[0].config[CAPABILITY_POINTER] = 0;
	assert_int_not_equal(plug(0, ""), 0);
	functions[0].config[CAPABILITY_POINTER] = PCIE_CAPABILITY;
	log_expect("does not come up", NULL);
	assert_int_equal(rte_event_dev_count(), 0);
	probe_and_use(0, "", "dlb2_event", "event_dlb2_5_pf");
	unplug(0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_remove_while_running),
		cmocka_unit_test(test_bad_devargs),
		cmocka_unit_test(test_no_bar),
		cmocka_unit_test(test_no_capability),
	};
	char root[] = "/tmp/dlb2-sysfs-XXXXXX";
	unsigned int i;
	int failed;

	if (mkdtemp(root) == NULL)
		return 1;
	for (i = 0; i < RTE_DIM(functions); i++) {
		fill_config(&functions[i]);
		add_to_sysfs(root, &functions[i]);
	}
	start_eal(root);
	failed = cmocka_run_group_tests_name("PCI probe", tests, NULL, NULL);
	remove_tree(root);
	return failed;
}
