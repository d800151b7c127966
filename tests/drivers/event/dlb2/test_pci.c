/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The PCI probe without a device: EAL's PCI bus reads a made-up sysfs, and the functions by which
 * it maps BARs and reaches configuration space are replaced by ones over plain memory. So the
 * "device" accepts every write and does nothing: enough to see what the probe does, that ports end
 * up on their pages, that a device that cannot be had gets a message, and that removal gives
 * everything back. What the hardware layer writes is tested elsewhere, and the real bus by
 * tests/vm.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "evdev_test.h"

#include <bus_pci_driver.h>
#include <rte_common.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
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

#define CYCLES 100        /* of probe and removal */
#define BUSY_REMOVALS 5   /* with threads that do not stop */
#define ONES_SIZE (1u << 22)

struct function {
	const char *name;
	unsigned int device_id;
	const char *driver; /* of the kernel */
	bool no_csr_bar;
	bool in_use; /* cannot be mapped */
	uint8_t config[CONFIG_SIZE];
	uint8_t *func, *csr;
};

static struct function functions[] = {
	{ .name = "0000:01:00.0", .device_id = 0x2714, .driver = "vfio-pci" },
	{ .name = "0000:02:00.0", .device_id = 0x2710, .driver = "vfio-pci" },
	{ .name = "0000:03:00.0", .device_id = 0x2714, .driver = "vfio-pci" },
	{ .name = "0000:04:00.0", .device_id = 0x2714, .driver = "vfio-pci", .no_csr_bar = true },
	{ .name = "0000:05:00.0", .device_id = 0x2714, .driver = "vfio-pci", .in_use = true },
	{ .name = "0000:06:00.0", .device_id = 0x2714, .driver = "other_driver" },
};

enum {
	NO_CSR_BAR = 3,
	IN_USE,
	OTHER_DRIVER,
};

static bool impatient; /* what sleeps returns at once */

/* In place of EAL's. */
void
rte_delay_us_sleep(unsigned int us)
{
	struct timespec time = { .tv_nsec = us * (NS_PER_S / US_PER_S) };

	if (!impatient)
		nanosleep(&time, NULL);
}

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

	if (pci->kdrv != RTE_PCI_KDRV_VFIO)
		return 1;
	if (f->in_use)
		return -1;
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
add_link(const char *dir, const char *name, const char *target)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (symlink(target, path) != 0)
		abort();
}

static void
add_to_sysfs(const char *root, const struct function *f)
{
	const struct dlb2_limits *limits = dlb2_limits(DLB2_HW_2_5);
	char dir[256], driver[64];

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
	add_link(dir, "iommu_group", "/iommu_groups/4711");
	snprintf(driver, sizeof(driver), "/drivers/%s", f->driver);
	add_link(dir, "driver", driver);
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
	evdev_run_anywhere();
}

static void
remove_tree(const char *root)
{
	static const char *const files[] = {
		"vendor", "device", "subsystem_vendor", "subsystem_device", "class", "numa_node",
		"resource", "iommu_group", "driver", "",
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

/* One event through a port is one HCW on its page, with MOVDIR64B in front of three NOOPs. */
static void
check_producer_port(uint8_t dev, unsigned int function, uint8_t port)
{
	struct rte_event event = {
		.op = RTE_EVENT_OP_NEW,
		.sched_type = RTE_SCHED_TYPE_ATOMIC,
		.u64 = 0x1234567890abcdef,
	};
	struct dlb2_line *line;
	char name[32];

	snprintf(name, sizeof(name), "port_%u_hw_id", port);
	line = producer_port(function, evdev_xstat(dev, name));
	memset(line, 0xff, sizeof(*line));
	assert_int_equal(rte_event_enqueue_burst(dev, port, &event, 1), 1);
	assert_int_equal(line->hcw[0].data, event.u64);
	assert_int_equal(line->hcw[1].cmd == DLB2_CMD_NOOP,
			 rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) > 0);
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
	assert_int_not_equal(plug(NO_CSR_BAR, ""), 0);
	log_expect(functions[NO_CSR_BAR].name, "BAR", "dmesg", NULL);
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

static void
test_not_to_be_had(void **state)
{
	static const struct {
		unsigned int function;
		const char *words[2];
	} cases[] = {
		{ IN_USE, { "/dev/vfio/4711 cannot be opened", "chown" } },
		{ OTHER_DRIVER, { "kernel driver other_driver", "--bind=vfio-pci 0000:06:00.0" } },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		log_capture();
		assert_int_not_equal(plug(cases[i].function, ""), 0);
		log_expect(functions[cases[i].function].name, cases[i].words[0], cases[i].words[1],
			   NULL);
		assert_int_equal(rte_event_dev_count(), 0);
	}
}

static void
test_gone_at_probe(void **state)
{
	uint8_t config[CONFIG_SIZE];

	memcpy(config, functions[0].config, sizeof(config));
	memset(functions[0].config, 0xff, sizeof(config));
	log_capture();
	assert_int_not_equal(plug(0, ""), 0);
	log_expect("reads as all ones", "does not come up", NULL);
	memcpy(functions[0].config, config, sizeof(config));
	probe_and_use(0, "", "dlb2_event", "event_dlb2_5_pf");
	unplug(0);
}

/* Producer ports of one kind that something was stored to since the function was mapped. */
static unsigned int
ports_stored_to(const struct function *f, uint32_t base, unsigned int count)
{
	unsigned char resident;
	unsigned int port, stored = 0;

	for (port = 0; port < count; port++) {
		if (mincore(f->func + base + (size_t)port * DLB2_PP_STRIDE, 1, &resident) != 0)
			abort();
		stored += resident & 1;
	}
	return stored;
}

/* Stores to all ports are timed if producers have cores, unless that is ruled out. */
static void
test_timed_ports(void **state)
{
	static const struct {
		const char *devargs;
		bool timed;
	} cases[] = {
		{ "", false },
		{ "producer_coremask=0x1,default_port_allocation=y", false },
		{ "producer_coremask=0x1", true },
	};
	const struct dlb2_limits *limits = dlb2_limits(DLB2_HW_2_5);
	const struct function *f = &functions[0];
	unsigned int i;
	char *text;

	rte_log_set_level_pattern("pmd.event.dlb2", RTE_LOG_INFO);
	for (i = 0; i < RTE_DIM(cases); i++) {
		log_capture();
		assert_int_equal(plug(0, cases[i].devargs), 0);
		assert_int_equal(ports_stored_to(f, DLB2_PP_LDB_BASE, limits->num_ldb_ports),
				 cases[i].timed ? limits->num_ldb_ports : 0);
		assert_int_equal(ports_stored_to(f, DLB2_PP_DIR_BASE, limits->num_dir_ports),
				 cases[i].timed ? limits->num_dir_ports : 0);
		text = log_take();
		assert_true((strstr(text, "stores from core 0 to directed ports") != NULL) ==
			    cases[i].timed);
		free(text);
		unplug(0);
	}
	rte_log_set_level_pattern("pmd.event.dlb2", RTE_LOG_NOTICE);
}

/* From now on registers give ones, as far as nobody writes them. */
static void
take_away(struct function *f, int ones)
{
	const struct dlb2_limits *limits = dlb2_limits(DLB2_HW_2_5);
	uint8_t *p;

	for (p = f->csr; p < f->csr + limits->csr_bar_size; p += ONES_SIZE)
		if (mmap(p, ONES_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, ones, 0) !=
		    p)
			abort();
	memset(f->config, 0xff, sizeof(f->config));
}

static int
make_ones(void)
{
	int fd = memfd_create("ones", 0);
	void *p;

	if (fd < 0 || ftruncate(fd, ONES_SIZE) != 0)
		abort();
	p = mmap(NULL, ONES_SIZE, PROT_WRITE, MAP_SHARED, fd, 0);
	memset(p, 0xff, ONES_SIZE);
	munmap(p, ONES_SIZE);
	return fd;
}

/* All of the API comes back with an error that says why, and soon. */
static void
test_gone_while_running(void **state)
{
	uint64_t start = rte_get_timer_cycles();
	uint8_t queue = 0, config[CONFIG_SIZE];
	struct rte_event event;
	int dev, ones = make_ones();

	memcpy(config, functions[0].config, sizeof(config));
	assert_int_equal(plug(0, ""), 0);
	dev = rte_event_dev_get_dev_id("dlb2_event");
	evdev_start_simple(dev, 2);
	take_away(&functions[0], ones);
	assert_int_equal(rte_event_dequeue_burst(dev, 0, &event, 1, 0), 0);
	log_capture();
	assert_int_equal(rte_event_port_unlink(dev, 0, &queue, 1), 0);
	assert_int_equal(rte_errno, ENODEV);
	log_expect("reads as all ones", "0000:01:00.0 does not answer", "rte_dev_remove", NULL);
	log_capture();
	assert_int_equal(rte_event_port_link(dev, 1, &queue, NULL, 1), 0);
	assert_int_equal(rte_errno, ENODEV);
	log_expect("does not answer", NULL);
	rte_event_port_unlinks_in_progress(dev, 0);
	log_capture();
	rte_event_dev_stop(dev);
	log_expect("does not answer", NULL);
	log_capture();
	assert_int_not_equal(rte_event_dev_start(dev), 0);
	log_expect("does not answer", NULL);
	assert_int_equal(rte_event_dev_close(dev), 0);
	unplug(0);
	memcpy(functions[0].config, config, sizeof(config));
	close(ones);
	assert_true(rte_get_timer_cycles() - start < 5 * rte_get_timer_hz());
	probe_and_use(0, "", "dlb2_event", "event_dlb2_5_pf");
	unplug(0);
}

static unsigned int
count_entries(const char *path)
{
	unsigned int num = 0;
	DIR *dir = opendir(path);

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		num++;
	closedir(dir);
	return num;
}

static void
count_zone(const struct rte_memzone *zone, void *arg)
{
	RTE_SET_USED(zone);
	++*(unsigned int *)arg;
}

struct usage {
	unsigned int files, threads, zones, blocks;
	size_t bytes;
};

static struct usage
take_stock(void)
{
	struct usage usage = {
		.files = count_entries("/proc/self/fd"),
		.threads = count_entries("/proc/self/task"),
	};
	struct rte_malloc_socket_stats heap;

	rte_memzone_walk(count_zone, &usage.zones);
	assert_int_equal(rte_malloc_get_socket_stats(0, &heap), 0);
	usage.blocks = heap.alloc_count;
	usage.bytes = heap.heap_allocsz_bytes;
	return usage;
}

/* Nothing stays behind: files, threads, memzones, memory, slots of the library. */
static void
test_cycles(void **state)
{
	struct usage before, after;
	unsigned int i;

	impatient = true;
	for (i = 0; i < CYCLES; i++) {
		probe_and_use(i % 2, "", "dlb2_event", i % 2 == 0 ? "event_dlb2_5_pf" :
								    "event_dlb2_pf");
		if (i % 4 < 2)
			rte_event_dev_start(rte_event_dev_get_dev_id("dlb2_event"));
		unplug(i % 2);
		assert_int_equal(rte_event_dev_count(), 0);
		after = take_stock();
		if (i == 1) /* what EAL keeps for good */
			before = after;
		if (i > 1)
			assert_memory_equal(&after, &before, sizeof(after));
	}
	impatient = false;
}

/* Sends and receives as an application that hears of the removal by these calls only. */
static void *
use_port(void *arg)
{
	uint8_t port = *(uint8_t *)arg;
	struct rte_event events[4];
	unsigned int i;

	do {
		for (i = 0; i < RTE_DIM(events); i++)
			events[i] = (struct rte_event){ .op = RTE_EVENT_OP_NEW };
		rte_event_enqueue_burst(0, port, events, RTE_DIM(events));
		rte_errno = 0;
	} while (rte_event_dequeue_burst(0, port, events, RTE_DIM(events), 0) > 0 ||
		 rte_errno != ENODEV);
	return NULL;
}

static void
test_remove_under_traffic(void **state)
{
	uint8_t ports[2] = { 0, 1 };
	pthread_t threads[2];
	unsigned int round, i;

	for (round = 0; round < BUSY_REMOVALS; round++) {
		assert_int_equal(plug(0, ""), 0);
		assert_int_equal(rte_event_dev_get_dev_id("dlb2_event"), 0);
		evdev_start_simple(0, 2);
		for (i = 0; i < RTE_DIM(threads); i++)
			assert_int_equal(pthread_create(&threads[i], NULL, use_port, &ports[i]),
					 0);
		rte_delay_us_sleep(1000);
		unplug(0);
		for (i = 0; i < RTE_DIM(threads); i++)
			pthread_join(threads[i], NULL);
	}
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
		cmocka_unit_test(test_not_to_be_had),
		cmocka_unit_test(test_gone_at_probe),
		cmocka_unit_test(test_timed_ports),
		cmocka_unit_test(test_gone_while_running),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_remove_under_traffic),
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
