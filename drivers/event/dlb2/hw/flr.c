/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the hardware layer does in PCI configuration space: enabling the function, and the
 * function-level reset with everything around it that the reset forgets (control-path 1.6, 1.7).
 *
 * A capability that is absent is skipped; an access that fails ends the procedure with the bus's
 * own error, after the header has been put back as far as the bus lets us.
 */

#include <linux/pci_regs.h>

#include "dlb2_hw_priv.h"

#define HEADER_DWORDS 16
#define EXP_WORDS 7

#define D3_TO_D0_US (10 * US_PER_MS)      /* PCI Power Management 1.2, 5.6.1 */
#define FLR_WAIT_US (100 * US_PER_MS)     /* after an FLR: control-path 1.6 step 8 */
#define PENDING_LOOKS 4                   /* for pending transactions: step 6 */
#define PENDING_WAIT_US (100 * US_PER_MS) /* after the first look; doubles after each */

/* Bounds of the walks: as many capabilities as fit. */
#define MAX_CAPS ((PCI_CFG_SPACE_SIZE - PCI_STD_HEADER_SIZEOF) / 4)
#define MAX_EXT_CAPS ((PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE) / 8)

/* Registers of the PCI Express capability in the order of step 3. */
static const uint8_t exp_offset[EXP_WORDS] = {
	PCI_EXP_DEVCTL, PCI_EXP_LNKCTL, PCI_EXP_SLTCTL, PCI_EXP_RTCTL,
	PCI_EXP_DEVCTL2, PCI_EXP_LNKCTL2, PCI_EXP_SLTCTL2,
};

/* What an FLR loses. A capability offset of 0 means that the device has none. */
struct saved_config {
	uint32_t header[HEADER_DWORDS];
	uint16_t exp[EXP_WORDS];
	uint32_t pri_alloc;
	int exp_cap;
	int msix_cap;
	int pri_cap;
	int aer_cap;
	int acs_cap;
};

static int
read8(struct dlb2_device *dev, unsigned int offset, uint8_t *value)
{
	return dev->bus->ops->config_read(dev->bus, offset, value, sizeof(*value));
}

static int
read16(struct dlb2_device *dev, unsigned int offset, uint16_t *value)
{
	return dev->bus->ops->config_read(dev->bus, offset, value, sizeof(*value));
}

static int
read32(struct dlb2_device *dev, unsigned int offset, uint32_t *value)
{
	return dev->bus->ops->config_read(dev->bus, offset, value, sizeof(*value));
}

static int
write16(struct dlb2_device *dev, unsigned int offset, uint16_t value)
{
	return dev->bus->ops->config_write(dev->bus, offset, &value, sizeof(value));
}

static int
write32(struct dlb2_device *dev, unsigned int offset, uint32_t value)
{
	return dev->bus->ops->config_write(dev->bus, offset, &value, sizeof(value));
}

/* Clears, then sets bits of a 16-bit register. */
static int
modify16(struct dlb2_device *dev, unsigned int offset, uint16_t clear, uint16_t set)
{
	uint16_t value;
	int ret = read16(dev, offset, &value);

	return ret < 0 ? ret : write16(dev, offset, (value & ~clear) | set);
}

/* Offset of a capability, 0 if there is none, or the bus's error. */
static int
find_cap(struct dlb2_device *dev, unsigned int id)
{
	uint8_t pos, next_id;
	int ret = read8(dev, PCI_CAPABILITY_LIST, &pos);

	for (unsigned int i = 0; ret == 0 && i < MAX_CAPS; i++) {
		pos &= ~3;
		if (pos < PCI_STD_HEADER_SIZEOF)
			return 0;
		ret = read8(dev, pos + PCI_CAP_LIST_ID, &next_id);
		if (ret == 0 && next_id == id)
			return pos;
		if (ret == 0)
			ret = read8(dev, pos + PCI_CAP_LIST_NEXT, &pos);
	}
	return ret;
}

/* The same for an extended capability. */
static int
find_ext_cap(struct dlb2_device *dev, unsigned int id)
{
	unsigned int pos = PCI_CFG_SPACE_SIZE;
	uint32_t header;

	for (unsigned int i = 0; i < MAX_EXT_CAPS && pos >= PCI_CFG_SPACE_SIZE; i++) {
		int ret = read32(dev, pos, &header);

		if (ret < 0)
			return ret;
		if (header == 0 || header == UINT32_MAX)
			return 0;
		if ((unsigned int)PCI_EXT_CAP_ID(header) == id)
			return pos;
		pos = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

static int
check_id(struct dlb2_device *dev)
{
	uint32_t id;
	int ret = read32(dev, PCI_VENDOR_ID, &id);

	if (ret < 0 || id == (DLB2_PCI_VENDOR_ID | dev->limits->pf_device_id << 16))
		return ret;
	if (id == UINT32_MAX)
		dlb2_err(dev, "configuration space reads as all ones: the device does not answer; "
			 "reset it, or power-cycle the machine");
	else
		dlb2_err(dev, "PCI ID %04x:%04x is not the %04x:%04x of this hardware version",
			 id & 0xffff, id >> 16, DLB2_PCI_VENDOR_ID, dev->limits->pf_device_id);
	return -ENODEV;
}

/* control-path 1.8: who had the device before may have put it to sleep. */
static int
leave_d3(struct dlb2_device *dev)
{
	int cap = find_cap(dev, PCI_CAP_ID_PM);
	uint16_t control;
	int ret;

	if (cap <= 0)
		return cap;
	ret = read16(dev, cap + PCI_PM_CTRL, &control);
	if (ret < 0 || (control & PCI_PM_CTRL_STATE_MASK) == 0)
		return ret;
	ret = write16(dev, cap + PCI_PM_CTRL, control & ~PCI_PM_CTRL_STATE_MASK);
	sleep_us(dev, D3_TO_D0_US);
	return ret;
}

int
dlb2_pci_enable(struct dlb2_device *dev)
{
	const uint16_t needed = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	uint16_t command;
	int ret = check_id(dev);

	if (ret == 0)
		ret = leave_d3(dev);
	if (ret == 0)
		ret = read16(dev, PCI_COMMAND, &command);
	if (ret < 0 || (command & needed) == needed)
		return ret;
	return write16(dev, PCI_COMMAND, command | needed);
}

static int
find_caps(struct dlb2_device *dev, struct saved_config *saved)
{
	const struct {
		int *cap;
		int (*find)(struct dlb2_device *dev, unsigned int id);
		unsigned int id;
	} wanted[] = {
		{ &saved->exp_cap, find_cap, PCI_CAP_ID_EXP },
		{ &saved->msix_cap, find_cap, PCI_CAP_ID_MSIX },
		{ &saved->pri_cap, find_ext_cap, PCI_EXT_CAP_ID_PRI },
		{ &saved->aer_cap, find_ext_cap, PCI_EXT_CAP_ID_ERR },
		{ &saved->acs_cap, find_ext_cap, PCI_EXT_CAP_ID_ACS },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		*wanted[i].cap = wanted[i].find(dev, wanted[i].id);
		if (*wanted[i].cap < 0)
			return *wanted[i].cap;
	}
	if (saved->exp_cap == 0) {
		dlb2_err(dev, "no PCI Express capability, so no function-level reset: "
			 "this function cannot be a DLB physical function");
		return -ENODEV;
	}
	return 0;
}

/* Steps 1 to 4. */
static int
save_config(struct dlb2_device *dev, struct saved_config *saved)
{
	int ret = 0;

	for (unsigned int i = 0; ret == 0 && i < HEADER_DWORDS; i++)
		ret = read32(dev, 4 * i, &saved->header[i]);
	if (ret == 0)
		ret = find_caps(dev, saved);
	for (unsigned int i = 0; ret == 0 && i < EXP_WORDS; i++)
		ret = read16(dev, saved->exp_cap + exp_offset[i], &saved->exp[i]);
	if (ret == 0 && saved->pri_cap != 0)
		ret = read32(dev, saved->pri_cap + PCI_PRI_ALLOC_REQ, &saved->pri_alloc);
	return ret;
}

/* Step 6: with the function off the bus, its outstanding requests must come home. */
static int
wait_transactions(struct dlb2_device *dev, int exp_cap)
{
	uint16_t status;

	for (unsigned int look = 0; look < PENDING_LOOKS; look++) {
		int ret;

		if (look > 0)
			sleep_us(dev, PENDING_WAIT_US << (look - 1));
		ret = read16(dev, exp_cap + PCI_EXP_DEVSTA, &status);
		if (ret < 0 || (status & PCI_EXP_DEVSTA_TRPND) == 0)
			return ret;
	}
	dlb2_err(dev, "PCIe transactions still pending after 700 ms: no function-level reset; "
		 "reset the bus or power-cycle the machine");
	return -EBUSY;
}

/* Steps 7 and 8. */
static int
initiate_flr(struct dlb2_device *dev, int exp_cap)
{
	int ret = modify16(dev, exp_cap + PCI_EXP_DEVCTL, 0, PCI_EXP_DEVCTL_BCR_FLR);

	if (ret == 0 && dev->options.wait_after_flr)
		sleep_us(dev, FLR_WAIT_US);
	return ret;
}

/* Step 11: status bits are cleared by writing them back. */
static int
clear_aer_status(struct dlb2_device *dev, int aer_cap)
{
	static const uint8_t status[] = {
		PCI_ERR_ROOT_STATUS, PCI_ERR_COR_STATUS, PCI_ERR_UNCOR_STATUS,
	};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(status); i++) {
		uint32_t value;

		ret = read32(dev, aer_cap + status[i], &value);
		if (ret == 0)
			ret = write32(dev, aer_cap + status[i], value);
	}
	return ret;
}

/* Steps 9 to 11. */
static int
restore_caps(struct dlb2_device *dev, const struct saved_config *saved)
{
	int ret = 0;

	for (unsigned int i = 0; ret == 0 && i < EXP_WORDS; i++)
		ret = write16(dev, saved->exp_cap + exp_offset[i], saved->exp[i]);
	if (ret == 0 && saved->pri_cap != 0) {
		ret = write32(dev, saved->pri_cap + PCI_PRI_ALLOC_REQ, saved->pri_alloc);
		if (ret == 0)
			ret = write16(dev, saved->pri_cap + PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE);
	}
	if (ret == 0 && saved->aer_cap != 0)
		ret = clear_aer_status(dev, saved->aer_cap);
	return ret;
}

/* Step 12. Writes all that it can; the first error. */
static int
restore_header(struct dlb2_device *dev, const struct saved_config *saved)
{
	int first = 0;

	for (int i = HEADER_DWORDS - 1; i >= 0; i--) {
		int ret = write32(dev, 4 * i, saved->header[i]);

		if (first == 0)
			first = ret;
	}
	return first;
}

/* Step 14: enabled and unmasked, by way of masked. */
static int
enable_msix(struct dlb2_device *dev, int msix_cap)
{
	int ret = modify16(dev, msix_cap + PCI_MSIX_FLAGS, 0,
			   PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);

	return ret < 0 ? ret : modify16(dev, msix_cap + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_MASKALL, 0);
}

/* Step 15. */
static int
enable_acs(struct dlb2_device *dev, int acs_cap)
{
	uint16_t offered;
	int ret = read16(dev, acs_cap + PCI_ACS_CAP, &offered);

	if (ret == 0)
		ret = modify16(dev, acs_cap + PCI_ACS_CTRL, 0, offered &
			       (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF));
	if (ret == 0)
		ret = modify16(dev, acs_cap + PCI_ACS_CTRL,
			       PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_EC, 0);
	return ret;
}

/* Steps 5 to 12: between them no register of the device may be touched. */
static int
reset_and_restore(struct dlb2_device *dev, const struct saved_config *saved)
{
	int ret = write16(dev, PCI_COMMAND, 0);
	int restored;

	if (ret < 0)
		return ret;
	ret = wait_transactions(dev, saved->exp_cap);
	if (ret == 0)
		ret = initiate_flr(dev, saved->exp_cap);
	if (ret == 0)
		ret = restore_caps(dev, saved);
	restored = restore_header(dev, saved);
	return ret < 0 ? ret : restored;
}

/* Steps 13 to 16. */
static int
enable_features(struct dlb2_device *dev, const struct saved_config *saved)
{
	int ret = modify16(dev, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE, 0);

	if (ret == 0 && saved->msix_cap != 0)
		ret = enable_msix(dev, saved->msix_cap);
	if (ret == 0 && saved->acs_cap != 0)
		ret = enable_acs(dev, saved->acs_cap);
	if (ret == 0)
		ret = write16(dev, DLB2_CFG_PASID_CTRL, 0);
	return ret;
}

int
dlb2_flr(struct dlb2_device *dev)
{
	struct saved_config saved = { 0 };
	int ret = save_config(dev, &saved);

	if (ret == 0)
		ret = reset_and_restore(dev, &saved);
	if (ret == 0)
		ret = enable_features(dev, &saved);
	if (ret < 0)
		dlb2_err(dev, "function-level reset failed: %s", strerror(-ret));
	return ret;
}
