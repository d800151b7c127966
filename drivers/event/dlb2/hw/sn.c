/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Sequence-number groups: slots for ordered queues, and the size of a slot, which is the group's
 * and can change only while the group is unused (control-path 2.5, 5.2). A group that several
 * domains share therefore keeps slots of 64.
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

/* Whether it has all of the group, and so may choose the size of its slots. */
static bool
has_group(const struct dlb2_domain *domain, unsigned int group)
{
	bool unlimited = true;

	for (unsigned int i = 0; i < DLB2_MAX_SN_GROUPS; i++)
		unlimited &= domain->sn_slots[i] == 0;
	return unlimited || domain->sn_slots[group] == dlb2_sn_mode_slots(0);
}

/* A group that can take a queue of this mode, or -1. */
static int
find_group(const struct dlb2_domain *domain, unsigned int mode)
{
	const struct dlb2_sn_group *groups = domain->dev->sn_groups;
	unsigned int num_groups = domain->dev->limits->num_sn_groups;

	/* One that it shares is good for nothing else. */
	for (unsigned int i = 0; mode == 0 && i < num_groups; i++)
		if (!has_group(domain, i) && domain->sn_slots_used[i] < domain->sn_slots[i])
			return i;
	for (unsigned int i = 0; i < num_groups; i++)
		if (has_group(domain, i) && groups[i].mode == mode && has_free_slot(&groups[i]))
			return i;
	for (unsigned int i = 0; i < num_groups; i++)
		if (has_group(domain, i) && groups[i].used_slots == 0)
			return i;
	return -1;
}

static void
report_shortage(const struct dlb2_domain *domain, unsigned int mode)
{
	struct dlb2_device *dev = domain->dev;

	if (has_group(domain, 0) && has_group(domain, 1))
		dlb2_err(dev, "no room for a queue of %u sequence numbers: the two groups are in "
			 "use with %u and %u per queue; ask for one of these, or use fewer "
			 "ordered queues",
			 dlb2_sn_mode_size(mode), dlb2_sn_mode_size(dev->sn_groups[0].mode),
			 dlb2_sn_mode_size(dev->sn_groups[1].mode));
	else
		dlb2_err(dev, "no room for a queue of %u sequence numbers: domain %u has %u and %u "
			 "slots of 64 in the two groups, and shares the groups of which it has "
			 "not all 16; ask for 64, or use fewer ordered queues",
			 dlb2_sn_mode_size(mode), domain->id, domain->sn_slots[0],
			 domain->sn_slots[1]);
}

int
dlb2_sn_take(struct dlb2_domain *domain, unsigned int mode, uint8_t *group_id, uint8_t *slot)
{
	int found = find_group(domain, mode);
	struct dlb2_sn_group *group;

	if (found < 0) {
		report_shortage(domain, mode);
		return -ENOSPC;
	}
	group = &domain->dev->sn_groups[found];
	if (group->mode != mode)
		set_mode(domain->dev, group, mode);
	*group_id = found;
	*slot = __builtin_ctz(~group->used_slots);
	group->used_slots |= 1u << *slot;
	domain->sn_slots_used[found]++;
	return 0;
}

void
dlb2_sn_give(struct dlb2_device *dev, unsigned int group, unsigned int slot)
{
	dev->sn_groups[group].used_slots &= ~(1u << slot);
}
