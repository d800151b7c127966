/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The physical function, bound to vfio-pci: finding it and letting it go. Loaded with -d this
 * driver registers before the distribution's, and so gets the device. Not here: the bus to the
 * device (dlb2_pci_bus.c).
 *
 * BARs are mapped by this file and not by EAL on the way to it, so that a device that cannot be had
 * gets a message that says what to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_devargs.h>
#include <rte_eal.h>

#include "dlb2_eventdev.h"
#include "dlb2_pci_bus.h"

/* Other event drivers' tests and scripts look the first device up by this name. */
#define FIRST_NAME "dlb2_event"

static enum dlb2_version
version_of(const struct rte_pci_device *pci)
{
	return pci->id.device_id == dlb2_limits(DLB2_HW_2_0)->pf_device_id ? DLB2_HW_2_0 :
									     DLB2_HW_2_5;
}

/* What a link in the device's sysfs folder points to, without the path; "" if there is none. */
static void
read_sysfs_link(const struct rte_pci_device *pci, const char *link, char *name, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "%s/%s/%s", rte_pci_get_sysfs_path(), pci->name, link);
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	snprintf(name, size, "%s", len > 0 ? basename(target) : "");
}

/*
 * Whoever named the device wants it; others have it in their machine. A device without any kernel
 * driver is not seen by EAL, and so gets no message.
 */
static void
report_unbound(const struct rte_pci_device *pci)
{
	bool asked_for = pci->device.devargs != NULL;
	char driver[64];

	read_sysfs_link(pci, "driver", driver, sizeof(driver));
	rte_log(asked_for ? RTE_LOG_ERR : RTE_LOG_NOTICE, dlb2_logtype,
		"dlb2 %s: skipped, for the kernel driver %s has it: "
		"dpdk-devbind.py --bind=vfio-pci %s\n",
		pci->name, driver, pci->name);
}

/* EAL has said which step failed. The usual reason can be told from the outside. */
static void
report_unmapped(const struct rte_pci_device *pci)
{
	char group[32], path[64];
	int fd;

	read_sysfs_link(pci, "iommu_group", group, sizeof(group));
	if (group[0] == '\0') {
		DLB2_ERR(pci->name, "no IOMMU group: turn the IOMMU on in the BIOS and with "
				    "intel_iommu=on on the kernel's command line");
		return;
	}
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	fd = open(path, O_RDWR);
	if (fd < 0 && errno == EBUSY)
		DLB2_ERR(pci->name,
			 "%s is in use by another process: end it (fuser -v %s names it), or "
			 "select another device with -a",
			 path, path);
	else if (fd < 0)
		DLB2_ERR(pci->name, "%s cannot be opened: %s; its owner may give it to you (chown)",
			 path, strerror(errno));
	else
		DLB2_ERR(pci->name, "the device cannot be mapped through %s, EAL says why: all "
				    "functions of the IOMMU group must be bound to vfio-pci or to "
				    "nothing, and ulimit -l must allow the memory to be locked",
			 path);
	if (fd >= 0)
		close(fd);
}

/* 0; 1 when the device is not for user space, and another driver may try; or -EBUSY. */
static int
map_device(struct rte_pci_device *pci)
{
	int ret = rte_pci_map_device(pci);

	if (ret == 0)
		return 0;
	if (ret > 0) {
		report_unbound(pci);
		return 1;
	}
	report_unmapped(pci);
	return -EBUSY;
}

/*
 * The first device has the name that tools know, a further one that of its address, unless the user
 * numbers them.
 */
static void
choose_name(const struct rte_pci_device *pci, unsigned int dev_id, char *name, size_t size)
{
	if (dev_id > 0)
		snprintf(name, size, FIRST_NAME "%u", dev_id);
	else if (rte_event_pmd_get_named_dev(FIRST_NAME) == NULL)
		snprintf(name, size, FIRST_NAME);
	else
		snprintf(name, size, FIRST_NAME "_%s", pci->name);
}

static int
create_eventdev(struct rte_pci_device *pci, enum dlb2_version version,
		const struct dlb2_options *options)
{
	char name[RTE_EVENTDEV_NAME_MAX_LEN];
	struct dlb2_attachment attachment;
	int ret = dlb2_pci_bus_create(pci, version, &attachment);

	if (ret != 0)
		return ret;
	choose_name(pci, options->dev_id, name, sizeof(name));
	ret = dlb2_eventdev_create(name, &pci->device, options, &attachment, true);
	if (ret != 0)
		attachment.ops->detach(attachment.bus);
	return ret;
}

static int
probe_primary(struct rte_pci_device *pci)
{
	const char *args = pci->device.devargs != NULL ? pci->device.devargs->args : NULL;
	enum dlb2_version version = version_of(pci);
	struct dlb2_options options;
	int ret;

	ret = dlb2_devargs_parse(pci->name, args, &version, &options);
	return ret != 0 ? ret : create_eventdev(pci, version, &options);
}

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	int ret = map_device(pci);

	RTE_SET_USED(driver);
	if (ret != 0)
		return ret;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		ret = probe_primary(pci);
	else
		ret = dlb2_eventdev_attach_secondary(&pci->device,
						     pci->mem_resource[DLB2_PCI_FUNC_BAR].addr);
	if (ret != 0)
		rte_pci_unmap_device(pci);
	return ret;
}

static int
remove_device(struct rte_pci_device *pci)
{
	int ret = dlb2_eventdev_destroy(&pci->device);

	if (ret == 0)
		rte_pci_unmap_device(pci);
	return ret;
}

#define PF_DEVICE_ID_2_0 0x2710
#define PF_DEVICE_ID_2_5 0x2714

static const struct rte_pci_id ids_2_0[] = {
	{ RTE_PCI_DEVICE(DLB2_PCI_VENDOR_ID, PF_DEVICE_ID_2_0) },
	{ .vendor_id = 0 },
};

static const struct rte_pci_id ids_2_5[] = {
	{ RTE_PCI_DEVICE(DLB2_PCI_VENDOR_ID, PF_DEVICE_ID_2_5) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver event_dlb2_pf = {
	.id_table = ids_2_0,
	.probe = probe,
	.remove = remove_device,
};

static struct rte_pci_driver event_dlb2_5_pf = {
	.id_table = ids_2_5,
	.probe = probe,
	.remove = remove_device,
};

RTE_PMD_REGISTER_PCI(event_dlb2_pf, event_dlb2_pf);
RTE_PMD_REGISTER_PCI_TABLE(event_dlb2_pf, ids_2_0);
RTE_PMD_REGISTER_KMOD_DEP(event_dlb2_pf, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(event_dlb2_pf, DLB2_PCI_DEVARG_HELP);

RTE_PMD_REGISTER_PCI(event_dlb2_5_pf, event_dlb2_5_pf);
RTE_PMD_REGISTER_PCI_TABLE(event_dlb2_5_pf, ids_2_5);
RTE_PMD_REGISTER_KMOD_DEP(event_dlb2_5_pf, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(event_dlb2_5_pf, DLB2_PCI_DEVARG_HELP);
