/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The virtual device event_dlb2_model: the driver on a model of the device in this process. There
 * may be several, event_dlb2_model0, event_dlb2_model1 and so on. The alias is the name that
 * dpdk-test's eventdev_selftest_dlb2 asks for: it runs on the model, too.
 */
#include <errno.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_eal.h>

#include "dlb2_eventdev.h"
#include "dlb2_log.h"
#include "dlb2_model_bus.h"

/* Where an application that has to give the model a service core looks for the service. */
static void
announce_service(const char *name, unsigned int domains, const struct dlb2_attachment *attachment)
{
	char own_name[RTE_EVENTDEV_NAME_MAX_LEN];
	struct rte_eventdev *dev;
	unsigned int i;

	for (i = 0; i < domains; i++) {
		dlb2_eventdev_name(name, i, own_name);
		dev = rte_event_pmd_get_named_dev(own_name);
		if (dlb2_model_bus_service(attachment->bus, &dev->data->service_id) == 0)
			dev->data->service_inited = 1;
	}
}

/* What dlb2_eventdev_name() makes of another device's name. */
static int
check_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL || dot[1] == '\0' || dot[1 + strspn(dot + 1, "0123456789")] != '\0')
		return 0;
	DLB2_ERR(name, "names that end in %s are those of further event devices of one device: "
		       "choose another", dot);
	return -EINVAL;
}

static int
probe_primary(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct dlb2_attachment attachment;
	struct dlb2_options options;
	int socket, ret;

	ret = check_name(name);
	if (ret != 0)
		return ret;
	ret = dlb2_devargs_parse(name, rte_vdev_device_args(vdev), NULL, &options);
	if (ret != 0)
		return ret;
	if (options.dev_id > 0)
		DLB2_NOTICE(name, "dev_id=%u has no effect: a virtual device has its own name",
			    options.dev_id);
	socket = options.numa_node >= 0 ? options.numa_node : vdev->device.numa_node;
	ret = dlb2_model_bus_create(name, socket, &options, &attachment);
	if (ret != 0)
		return ret;
	ret = dlb2_eventdev_create(name, &vdev->device, &options, &attachment, false);
	if (ret != 0)
		attachment.ops->detach(attachment.bus);
	else
		announce_service(name, options.domains, &attachment);
	return ret;
}

static int
probe(struct rte_vdev_device *vdev)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return probe_primary(vdev);
	return dlb2_eventdev_attach_secondary(&vdev->device, NULL);
}

static int
remove_device(struct rte_vdev_device *vdev)
{
	return dlb2_eventdev_destroy(&vdev->device);
}

static struct rte_vdev_driver event_dlb2_model = {
	.probe = probe,
	.remove = remove_device,
};

RTE_PMD_REGISTER_VDEV(event_dlb2_model, event_dlb2_model);
RTE_PMD_REGISTER_ALIAS(event_dlb2_model, dlb2_event);
RTE_PMD_REGISTER_PARAM_STRING(event_dlb2_model, DLB2_VDEV_DEVARG_HELP);
