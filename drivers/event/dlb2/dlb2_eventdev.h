/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * From a probed device to an event device and back: what the PCI and the virtual-device probe have
 * in common.
 */
#ifndef DLB2_EVENTDEV_H
#define DLB2_EVENTDEV_H

#include <dev_driver.h>

#include "dlb2_priv.h"

/**
 * The name of event device number `i` of a device: `name`, NAME.1, NAME.2 and so on.
 *
 * @return 0, or -ENAMETOOLONG with what fits in `out`
 */
int
dlb2_eventdev_name(const char *name, unsigned int i, char out[RTE_EVENTDEV_NAME_MAX_LEN]);

/**
 * Creates the event device `name`, or as many as options->domains says: brings the DLB behind
 * `attachment` up and registers the operations.
 *
 * @param options  copied
 * @param attachment  taken over on success; the caller detaches it after an error
 * @param wait_after_flr  false only for the model
 * @return 0 or a negative errno; nothing is left behind then
 */
int
dlb2_eventdev_create(const char *name, struct rte_device *device,
		     const struct dlb2_options *options, const struct dlb2_attachment *attachment,
		     bool wait_after_flr);

/**
 * Removes the event devices that belong to `device`, running or not, and detaches its bus.
 *
 * @return 0, -ENODEV when there is none
 */
int
dlb2_eventdev_destroy(const struct rte_device *device);

/**
 * Attaches to the primary's event devices of the bus's device `device`, in a secondary process: to
 * all or to none.
 *
 * @param window  where the producer ports are mapped in this process; NULL for the model
 * @return 0; -ENODEV when the primary has no such device, or there is no place for it here;
 *   -EINVAL, -EADDRINUSE, -ENOTSUP when this process differs from it in build, addresses or CPU
 */
int
dlb2_eventdev_attach_secondary(struct rte_device *device, const void *window);

/** Lets secondary processes find a device that is complete. */
void
dlb2_meet_announce(const struct rte_eventdev *dev, const struct dlb2_attachment *attachment);
/** The other way. */
void
dlb2_meet_withdraw(uint8_t dev_id);

#endif
