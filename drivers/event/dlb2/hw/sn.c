/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Sequence-number groups: slots for ordered queues, and the size of a slot, which is the group's
 * and can change only while the group is unused (control-path 2.5, 5.2).
 */

#include "dlb2_hw_priv.h"

static uint16_t
all_slots(unsigned int mode)
{
	return (1u << dlb2_sn_mode_slots(mode)) - 1;
}

static bool
has_free_slot(const struct dlb2_sn_group *group)
{
	return group->used_slots != all_slots(group->mode);
}

/* One register holds the modes of both groups. */
static void
set_mode(struct dlb2_device *dev, struct dlb2_sn_group *group, unsigned int mode)
{
	group->mode = mode;
	reg_write(dev, DLB2_RO_GRP_SN_MODE, 0,
		  dlb2_put(DLB2_RO_GRP_SN_MODE__SN_MODE_0, dev->sn_groups[0].mode) |
		  dlb2_put(DLB2_RO_GRP_SN_MODE__SN_MODE_1, dev->sn_groups[1].mode));
}

/* A group that can take a queue of this mode: one that has it, or else an unused one. */
static struct dlb2_sn_group *
find_group(struct dlb2_device *dev, unsigned int mode)
{
	unsigned int num_groups = dev->limits->num_sn_groups;

	for (unsigned int i = 0; i < num_groups; i++)
		if (dev->sn_groups[i].mode == mode && has_free_slot(&dev->sn_groups[i]))
			return &dev->sn_groups[i];
	for (unsigned int i = 0; i < num_groups; i++)
		if (dev->sn_groups[i].used_slots == 0)
			return &dev->sn_groups[i];
	return NULL;
}

int
dlb2_sn_take(struct dlb2_device *dev, unsigned int mode, uint8_t *group_id, uint8_t *slot)
{
	struct dlb2_sn_group *group = find_group(dev, mode);

	if (group == NULL) {
		dlb2_err(dev, "no room for a queue of %u sequence numbers: the two groups are in "
			 "use with %u and %u per queue; ask for one of these, or use fewer "
			 "ordered queues",
			 dlb2_sn_mode_size(mode), dlb2_sn_mode_size(dev->sn_groups[0].mode),
			 dlb2_sn_mode_size(dev->sn_groups[1].mode));
		return -ENOSPC;
	}
	if (group->mode != mode)
		set_mode(dev, group, mode);
	*group_id = group - dev->sn_groups;
	*slot = __builtin_ctz(~group->used_slots);
	group->used_slots |= 1u << *slot;
	return 0;
}

void
dlb2_sn_give(struct dlb2_device *dev, unsigned int group, unsigned int slot)
{
	dev->sn_groups[group].used_slots &= ~(1u << slot);
}
