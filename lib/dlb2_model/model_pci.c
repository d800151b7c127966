/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Configuration space of the PF: header, the capabilities that software touches (control-path 1.3),
 * function-level reset and D3hot. SR-IOV is not offered: VFs have no configuration space here.
 *
 * The layout follows the one that the kernel driver fabricates for a virtual device (1.3), plus
 * power management and an extended chain with PASID at its fixed place.
 */

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "model_priv.h"

/* Where each capability is. */
enum {
	CAP_MSIX = 0x60,
	CAP_EXP = 0x6c,
	CAP_PM = 0xa8,
	CAP_ERR = PCI_CFG_SPACE_SIZE,
	CAP_PASID = 0x148,
	CAP_ACS = 0x150,
	CAP_PRI = 0x158,
};

#define EXP_CAP_LEN 0x3c /* version 2 */
#define ERR_CAP_LEN 0x48
#define PASID_WIDTH 20
#define PRI_CAPACITY 512

_Static_assert(CAP_EXP + EXP_CAP_LEN <= CAP_PM, "capabilities overlap");
_Static_assert(CAP_ERR + ERR_CAP_LEN <= CAP_PASID, "capabilities overlap");
_Static_assert(CAP_PASID + PCI_PASID_CTRL == DLB2_CFG_PASID_CTRL, "drivers use a fixed offset");

#define CLASS_COPROCESSOR 0x0b4000
#define BAR_FLAGS (PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH)
#define EXT_CAP(id, version, next) ((id) | (version) << 16 | (uint32_t)(next) << 20)

/* Values that the kernel driver's virtual device has (control-path 1.3). */
#define VDEV_DEVCAP 0x10008062
#define VDEV_DEVCTL 0x2910
#define VDEV_LNKCAP 0x00400c11
#define VDEV_LNKSTA 0x1011
#define VDEV_DEVCAP2 0x00700010

#define COMMAND_BITS (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | \
	PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE)
#define STATUS_W1C (PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | \
	PCI_STATUS_REC_TARGET_ABORT | PCI_STATUS_REC_MASTER_ABORT | \
	PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY)
#define DEVCTL_BITS 0x7fff /* all but Initiate-FLR, which acts and reads 0 */
#define DEVSTA_W1C (PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | \
	PCI_EXP_DEVSTA_URD)
#define LNKCTL_BITS (PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC | \
	PCI_EXP_LNKCTL_ES | PCI_EXP_LNKCTL_HAWD)
#define DEVCTL2_BITS (PCI_EXP_DEVCTL2_COMP_TMOUT_DIS | PCI_EXP_DEVCTL2_IDO_REQ_EN | \
	PCI_EXP_DEVCTL2_IDO_CMP_EN)
#define LNKCTL2_BITS (PCI_EXP_LNKCTL2_TLS | PCI_EXP_LNKCTL2_ENTER_COMP | \
	PCI_EXP_LNKCTL2_TX_MARGIN | PCI_EXP_LNKCTL2_HASD)
#define UNCOR_BITS (PCI_ERR_UNC_DLP | PCI_ERR_UNC_POISON_TLP | PCI_ERR_UNC_FCP | \
	PCI_ERR_UNC_COMP_TIME | PCI_ERR_UNC_COMP_ABORT | PCI_ERR_UNC_UNX_COMP | \
	PCI_ERR_UNC_RX_OVER | PCI_ERR_UNC_MALF_TLP | PCI_ERR_UNC_UNSUP)
#define UNCOR_FATAL (PCI_ERR_UNC_DLP | PCI_ERR_UNC_FCP | PCI_ERR_UNC_RX_OVER | PCI_ERR_UNC_MALF_TLP)
#define COR_BITS (PCI_ERR_COR_RCVR | PCI_ERR_COR_BAD_TLP | PCI_ERR_COR_BAD_DLLP | \
	PCI_ERR_COR_REP_ROLL | PCI_ERR_COR_REP_TIMER | PCI_ERR_COR_ADV_NFAT)
#define ACS_BITS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)
#define PASID_BITS (PCI_PASID_CTRL_ENABLE | PCI_PASID_CTRL_EXEC | PCI_PASID_CTRL_PRIV)

/* One register of configuration space. Bits in neither mask are read-only. */
struct config_field {
	uint16_t offset;
	uint8_t len;
	uint32_t reset;
	uint32_t writable;
	uint32_t clearable;
};

static const struct config_field config_fields[] = {
	{ PCI_VENDOR_ID, 2, DLB2_PCI_VENDOR_ID, 0, 0 },
	{ PCI_COMMAND, 2, 0, COMMAND_BITS, 0 },
	{ PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0, STATUS_W1C },
	{ PCI_CLASS_REVISION, 4, CLASS_COPROCESSOR << 8, 0, 0 },
	{ PCI_CACHE_LINE_SIZE, 1, 0, 0xff, 0 },
	{ PCI_SUBSYSTEM_VENDOR_ID, 2, DLB2_PCI_VENDOR_ID, 0, 0 },
	{ PCI_CAPABILITY_LIST, 1, CAP_MSIX, 0, 0 },
	{ PCI_INTERRUPT_LINE, 1, 0, 0xff, 0 },

	{ CAP_MSIX, 2, PCI_CAP_ID_MSIX | CAP_EXP << 8, 0, 0 },
	{ CAP_MSIX + PCI_MSIX_FLAGS, 2, DLB2_MAX_MSIX_VECTORS - 1,
		PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL, 0 },
	{ CAP_MSIX + PCI_MSIX_TABLE, 4, DLB2_MSIX_TABLE_BASE, 0, 0 },
	{ CAP_MSIX + PCI_MSIX_PBA, 4, DLB2_MSIX_PBA_BASE, 0, 0 },

	{ CAP_EXP, 2, PCI_CAP_ID_EXP | CAP_PM << 8, 0, 0 },
	{ CAP_EXP + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4, 0, 0 },
	{ CAP_EXP + PCI_EXP_DEVCAP, 4, VDEV_DEVCAP, 0, 0 },
	{ CAP_EXP + PCI_EXP_DEVCTL, 2, VDEV_DEVCTL, DEVCTL_BITS, 0 },
	{ CAP_EXP + PCI_EXP_DEVSTA, 2, 0, 0, DEVSTA_W1C },
	{ CAP_EXP + PCI_EXP_LNKCAP, 4, VDEV_LNKCAP, 0, 0 },
	{ CAP_EXP + PCI_EXP_LNKCTL, 2, 0, LNKCTL_BITS, 0 },
	{ CAP_EXP + PCI_EXP_LNKSTA, 2, VDEV_LNKSTA, 0, 0 },
	{ CAP_EXP + PCI_EXP_DEVCAP2, 4, VDEV_DEVCAP2, 0, 0 },
	{ CAP_EXP + PCI_EXP_DEVCTL2, 2, 0, DEVCTL2_BITS, 0 },
	{ CAP_EXP + PCI_EXP_LNKCTL2, 2, 1, LNKCTL2_BITS, 0 },

	{ CAP_PM, 2, PCI_CAP_ID_PM, 0, 0 },
	{ CAP_PM + PCI_PM_PMC, 2, 3, 0, 0 },
	{ CAP_PM + PCI_PM_CTRL, 2, 0, PCI_PM_CTRL_STATE_MASK, 0 },

	{ CAP_ERR, 4, EXT_CAP(PCI_EXT_CAP_ID_ERR, 2, CAP_PASID), 0, 0 },
	{ CAP_ERR + PCI_ERR_UNCOR_STATUS, 4, 0, 0, UNCOR_BITS },
	{ CAP_ERR + PCI_ERR_UNCOR_MASK, 4, 0, UNCOR_BITS, 0 },
	{ CAP_ERR + PCI_ERR_UNCOR_SEVER, 4, UNCOR_FATAL, UNCOR_BITS, 0 },
	{ CAP_ERR + PCI_ERR_COR_STATUS, 4, 0, 0, COR_BITS },
	{ CAP_ERR + PCI_ERR_COR_MASK, 4, PCI_ERR_COR_ADV_NFAT, COR_BITS, 0 },

	{ CAP_PASID, 4, EXT_CAP(PCI_EXT_CAP_ID_PASID, 1, CAP_ACS), 0, 0 },
	{ CAP_PASID + PCI_PASID_CAP, 2, PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV | PASID_WIDTH << 8,
		0, 0 },
	{ CAP_PASID + PCI_PASID_CTRL, 2, 0, PASID_BITS, 0 },

	{ CAP_ACS, 4, EXT_CAP(PCI_EXT_CAP_ID_ACS, 1, CAP_PRI), 0, 0 },
	{ CAP_ACS + PCI_ACS_CAP, 2, ACS_BITS, 0, 0 },
	{ CAP_ACS + PCI_ACS_CTRL, 2, 0, ACS_BITS, 0 },

	{ CAP_PRI, 4, EXT_CAP(PCI_EXT_CAP_ID_PRI, 1, 0), 0, 0 },
	{ CAP_PRI + PCI_PRI_CTRL, 2, 0, PCI_PRI_CTRL_ENABLE, 0 },
	{ CAP_PRI + PCI_PRI_STATUS, 2, PCI_PRI_STATUS_STOPPED, 0,
		PCI_PRI_STATUS_RF | PCI_PRI_STATUS_UPRGI },
	{ CAP_PRI + PCI_PRI_MAX_REQ, 4, PRI_CAPACITY, 0, 0 },
	{ CAP_PRI + PCI_PRI_ALLOC_REQ, 4, 0, 0xffffffff, 0 },
};

static void
define(struct model_pci *pci, const struct config_field *field)
{
	memcpy(&pci->reset[field->offset], &field->reset, field->len);
	memcpy(&pci->writable[field->offset], &field->writable, field->len);
	memcpy(&pci->clearable[field->offset], &field->clearable, field->len);
}

/* A 64-bit BAR: the address bits below its size are not there, which is how software sizes it. */
static void
define_bar(struct model_pci *pci, unsigned int offset, uint64_t size)
{
	uint64_t address_bits = ~(size - 1);

	define(pci, &(struct config_field){ offset, 4, BAR_FLAGS, (uint32_t)address_bits, 0 });
	define(pci, &(struct config_field){ offset + 4, 4, 0, (uint32_t)(address_bits >> 32), 0 });
}

void
model_pci_init(struct dlb2_model *m)
{
	struct model_pci *pci = &m->pci;
	unsigned int n;

	for (n = 0; n < sizeof(config_fields) / sizeof(config_fields[0]); n++)
		define(pci, &config_fields[n]);
	define(pci, &(struct config_field){ PCI_DEVICE_ID, 2, m->limits->pf_device_id, 0, 0 });
	define_bar(pci, PCI_BASE_ADDRESS_0, m->limits->func_bar_size);
	define_bar(pci, PCI_BASE_ADDRESS_2, m->limits->csr_bar_size);
}

static uint16_t
get16(const struct model_pci *pci, unsigned int offset)
{
	uint16_t value;

	memcpy(&value, &pci->config[offset], sizeof(value));
	return value;
}

static void
put16(struct model_pci *pci, unsigned int offset, uint16_t value)
{
	memcpy(&pci->config[offset], &value, sizeof(value));
}

static unsigned int
power_state(const struct model_pci *pci)
{
	return get16(pci, CAP_PM + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK;
}

/* PMCSR tells whether D3hot loses state, which a switch decides. */
static void
decode_power(struct dlb2_model *m)
{
	uint16_t control = get16(&m->pci, CAP_PM + PCI_PM_CTRL) & ~PCI_PM_CTRL_NO_SOFT_RESET;

	if (m->switches[DLB2_SWITCH_LEAVE_D3HOT] == 0)
		control |= PCI_PM_CTRL_NO_SOFT_RESET;
	put16(&m->pci, CAP_PM + PCI_PM_CTRL, control);
	m->pci.in_d3hot = power_state(&m->pci) != 0;
}

void
model_pci_decode(struct dlb2_model *m)
{
	struct model_pci *pci = &m->pci;
	uint16_t command = get16(pci, PCI_COMMAND);
	uint16_t msix = get16(pci, CAP_MSIX + PCI_MSIX_FLAGS);
	bool pasid = (get16(pci, CAP_PASID + PCI_PASID_CTRL) & PCI_PASID_CTRL_ENABLE) != 0;

	decode_power(m);
	pci->memory_decoding = (command & PCI_COMMAND_MEMORY) != 0 ||
		m->switches[DLB2_SWITCH_MEMORY_DECODING] != 0;
	pci->bus_master = (command & PCI_COMMAND_MASTER) != 0 && !pci->in_d3hot;
	pci->dma_allowed = pci->bus_master &&
		(!pasid || m->switches[DLB2_SWITCH_PASID_ENABLED] != 0);
	pci->msix_open = pci->bus_master && (msix & PCI_MSIX_FLAGS_ENABLE) != 0 &&
		(msix & PCI_MSIX_FLAGS_MASKALL) == 0;
}

void
model_pci_reset(struct dlb2_model *m)
{
	memcpy(m->pci.config, m->pci.reset, sizeof(m->pci.config));
	if (m->switches[DLB2_SWITCH_PASID_AFTER_RESET] != 0)
		put16(&m->pci, CAP_PASID + PCI_PASID_CTRL, PCI_PASID_CTRL_ENABLE);
	model_pci_decode(m);
}

bool
model_memory_open(const struct dlb2_model *m)
{
	return m->pci.memory_decoding && !m->pci.in_d3hot;
}

static bool
is_legal(unsigned int offset, unsigned int len)
{
	return (len == 1 || len == 2 || len == 4) && offset % len == 0 &&
		offset < MODEL_CONFIG_SIZE;
}

static bool
touches(unsigned int offset, unsigned int len, unsigned int byte)
{
	return byte >= offset && byte - offset < len;
}

int
dlb2_model_config_read(struct dlb2_model *m, unsigned int offset, void *buf, unsigned int len)
{
	uint8_t *bytes = buf;

	if (!is_legal(offset, len))
		return -EINVAL;
	if (model_is_gone(m)) {
		memset(buf, 0xff, len);
		return 0;
	}
	memcpy(buf, &m->pci.config[offset], len);
	if (touches(offset, len, CAP_EXP + PCI_EXP_DEVSTA) &&
			model_fault_take(m, DLB2_FAULT_TRANSACTIONS_PENDING, 0, 0))
		bytes[CAP_EXP + PCI_EXP_DEVSTA - offset] |= PCI_EXP_DEVSTA_TRPND;
	return 0;
}

/* D1 and D2 are not supported: a write of them leaves the state as it was. */
static void
write_bytes(struct model_pci *pci, unsigned int offset, const uint8_t *bytes, unsigned int len)
{
	unsigned int before = power_state(pci), after, n;

	for (n = 0; n < len; n++) {
		uint8_t *byte = &pci->config[offset + n];

		*byte = (*byte & ~pci->writable[offset + n]) |
			(bytes[n] & pci->writable[offset + n]);
		*byte &= ~(bytes[n] & pci->clearable[offset + n]);
	}
	after = power_state(pci);
	if (after == 1 || after == 2)
		put16(pci, CAP_PM + PCI_PM_CTRL,
			(get16(pci, CAP_PM + PCI_PM_CTRL) & ~PCI_PM_CTRL_STATE_MASK) | before);
}

static bool
initiates_flr(unsigned int offset, const uint8_t *bytes, unsigned int len)
{
	unsigned int byte = CAP_EXP + PCI_EXP_DEVCTL + 1;

	return touches(offset, len, byte) &&
		(bytes[byte - offset] & PCI_EXP_DEVCTL_BCR_FLR >> 8) != 0;
}

int
dlb2_model_config_write(struct dlb2_model *m, unsigned int offset, const void *buf,
	unsigned int len)
{
	bool was_in_d3hot = m->pci.in_d3hot;

	if (!is_legal(offset, len))
		return -EINVAL;
	if (model_is_gone(m))
		return 0;
	write_bytes(&m->pci, offset, buf, len);
	model_pci_decode(m);
	if (initiates_flr(offset, buf, len) || (was_in_d3hot && !m->pci.in_d3hot &&
			m->switches[DLB2_SWITCH_LEAVE_D3HOT] != 0))
		dlb2_model_flr(m);
	model_msix_release(m);
	return 0;
}
