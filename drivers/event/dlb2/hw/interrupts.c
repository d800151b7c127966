/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Interrupts of CQs (control-path 12.1 to 12.5): setting up, arming, finding out which fired. Not
 * here: waiting, which is done on the bus's eventfds, and the service interrupt (alarms.c).
 */

#include "dlb2_hw_priv.h"

#define CQS_PER_WORD 32
#define FIRST_CQ_VECTOR 1 /* the device adds it to ISR.VECTOR (control-path 12.1) */
/*
 * Vectors that a CQ can have for itself, all but vector 1: that one is held back until it is
 * acknowledged, and loses interrupts all the same (control-path 12.5).
 */
#define FIRST_OWN_VECTOR 2

#define EN_CODE_MSIX 2 /* SYS_*_CQ_ISR.EN_CODE (control-path 12.2) */

/* Registers of one bit per CQ, 32 CQs each. The last one for directed CQs is 2.5's only. */
static const enum dlb2_reg ldb_armed[] = {
	DLB2_CHP_LDB_CQ_INTR_ARMED0, DLB2_CHP_LDB_CQ_INTR_ARMED1,
};
static const enum dlb2_reg dir_armed[] = {
	DLB2_CHP_DIR_CQ_INTR_ARMED0, DLB2_CHP_DIR_CQ_INTR_ARMED1, DLB2_CHP_DIR_CQ_INTR_ARMED2,
};
static const enum dlb2_reg ldb_occurred[] = {
	DLB2_SYS_LDB_CQ_31_0_OCC_INT_STS, DLB2_SYS_LDB_CQ_63_32_OCC_INT_STS,
};
static const enum dlb2_reg dir_occurred[] = {
	DLB2_SYS_DIR_CQ_31_0_OCC_INT_STS, DLB2_SYS_DIR_CQ_63_32_OCC_INT_STS,
	DLB2_SYS_DIR_CQ_95_64_OCC_INT_STS,
};

/* The registers of a CQ's interrupt, by kind of port. */
static const struct {
	enum dlb2_reg depth_threshold;
	enum dlb2_reg enable;
	enum dlb2_reg isr;
	const enum dlb2_reg *armed;
	const enum dlb2_reg *occurred;
} cq_regs[DLB2_NUM_PORT_KINDS] = {
	[DLB2_LDB] = { DLB2_CHP_LDB_CQ_INT_DEPTH_THRSH, DLB2_CHP_LDB_CQ_INT_ENB,
		       DLB2_SYS_LDB_CQ_ISR, ldb_armed, ldb_occurred },
	[DLB2_DIR] = { DLB2_CHP_DIR_CQ_INT_DEPTH_THRSH, DLB2_CHP_DIR_CQ_INT_ENB,
		       DLB2_SYS_DIR_CQ_ISR, dir_armed, dir_occurred },
};

static uint32_t
cq_bit(unsigned int port)
{
	return 1u << (port % CQS_PER_WORD);
}

int
dlb2_device_set_msix_mode(struct dlb2_device *dev, enum dlb2_msix_mode mode)
{
	int ret = dlb2_enter(dev);

	if (ret == 0 && dev->num_cq_interrupts != 0) {
		dlb2_err(dev, "%u CQ interrupts are set up with the present MSI-X mode: turn them "
			 "off first", dev->num_cq_interrupts);
		ret = -EBUSY;
	}
	if (ret == 0) {
		dev->msix_mode = mode;
		reg_write(dev, DLB2_SYS_MSIX_MODE, 0,
			  dlb2_put(DLB2_SYS_MSIX_MODE__MODE, mode == DLB2_MSIX_COMPRESSED));
	}
	return dlb2_leave(dev, ret);
}

static uint64_t
vector_bit(unsigned int vector)
{
	return UINT64_C(1) << (vector - FIRST_CQ_VECTOR);
}

/* Gives a CQ its vector, unless it has one. */
static int
take_vector(struct dlb2_device *dev, struct dlb2_cq *cq)
{
	unsigned int vector = FIRST_OWN_VECTOR;

	if (cq->vector != 0)
		return 0;
	if (dev->msix_mode == DLB2_MSIX_COMPRESSED) {
		cq->vector = FIRST_CQ_VECTOR;
		return 0;
	}
	while (vector < DLB2_MAX_MSIX_VECTORS && (dev->cq_vectors & vector_bit(vector)) != 0)
		vector++;
	if (vector == DLB2_MAX_MSIX_VECTORS) {
		dlb2_err(dev, "%u CQs have an interrupt, and there are no more vectors: wait on "
			 "fewer ports", dev->num_cq_interrupts);
		return -ENOSPC;
	}
	dev->cq_vectors |= vector_bit(vector);
	cq->vector = vector;
	return 0;
}

/* control-path 12.2. */
static void
program_interrupt(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port,
		  unsigned int threshold)
{
	unsigned int vector = dlb2_cq_of(dev, kind, port)->vector - FIRST_CQ_VECTOR;

	reg_write(dev, cq_regs[kind].depth_threshold, port, threshold - 1);
	reg_write(dev, cq_regs[kind].enable, port, DLB2_CHP_LDB_CQ_INT_ENB__EN_DEPTH);
	reg_write(dev, cq_regs[kind].isr, port,
		  dlb2_put(DLB2_SYS_LDB_CQ_ISR__VECTOR, vector) |
		  dlb2_put(DLB2_SYS_LDB_CQ_ISR__EN_CODE, EN_CODE_MSIX));
}

void
dlb2_cq_interrupt_clear(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port)
{
	struct dlb2_cq *cq = dlb2_cq_of(dev, kind, port);

	if (cq->vector == 0)
		return;
	dev->cq_vectors &= ~vector_bit(cq->vector);
	cq->vector = 0;
	dev->num_cq_interrupts--;
	reg_write(dev, cq_regs[kind].enable, port, 0);
	reg_write(dev, cq_regs[kind].isr, port, 0);
	reg_write(dev, cq_regs[kind].depth_threshold, port, 0);
	reg_write(dev, cq_regs[kind].occurred[port / CQS_PER_WORD], 0, cq_bit(port));
}

static int
setup_interrupt(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
		unsigned int threshold)
{
	struct dlb2_device *dev = domain->dev;
	struct dlb2_cq *cq = dlb2_find_cq(domain, kind, port);
	bool is_new = cq != NULL && cq->vector == 0;
	int ret;

	if (cq == NULL)
		return -EINVAL;
	if (threshold > cq->depth) {
		dlb2_err(dev, "interrupt threshold %u of a CQ of depth %u: 1 to the depth, or 0 "
			 "for no interrupt", threshold, cq->depth);
		return -EINVAL;
	}
	if (threshold == 0) {
		dlb2_cq_interrupt_clear(dev, kind, port);
		return 0;
	}
	ret = take_vector(dev, cq);
	if (ret != 0)
		return ret;
	dev->num_cq_interrupts += is_new;
	program_interrupt(dev, kind, port, threshold);
	return 0;
}

int
dlb2_cq_interrupt_setup(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port,
			unsigned int threshold)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = setup_interrupt(domain, kind, port, threshold);
	return dlb2_leave(domain->dev, ret);
}

/* The vector of a CQ. */
static int
find_vector(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port)
{
	const struct dlb2_cq *cq = dlb2_find_cq(domain, kind, port);

	if (cq == NULL)
		return -EINVAL;
	return cq->vector != 0 ? cq->vector : -ENOENT;
}

int
dlb2_cq_interrupt_vector(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port)
{
	int ret = dlb2_enter(domain->dev);

	if (ret == 0)
		ret = find_vector(domain, kind, port);
	return dlb2_leave(domain->dev, ret);
}

int
dlb2_cq_interrupt_arm(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int port)
{
	struct dlb2_device *dev = domain->dev;
	int ret = dlb2_enter(dev);

	if (ret == 0)
		ret = find_vector(domain, kind, port);
	if (ret > 0) {
		reg_write(dev, cq_regs[kind].armed[port / CQS_PER_WORD], 0, cq_bit(port));
		reg_flush(dev);
		ret = 0;
	}
	return dlb2_leave(dev, ret);
}

uint32_t
dlb2_take_bits(struct dlb2_device *dev, enum dlb2_reg reg)
{
	uint32_t bits;

	if (!dlb2_reg_present(dev->version, reg))
		return 0;
	bits = reg_read(dev, reg, 0);
	if (bits != 0)
		reg_write(dev, reg, 0, bits);
	return bits;
}

static void
mask_vector(struct dlb2_device *dev, unsigned int vector, bool masked)
{
	uint32_t offset = dlb2_reg_offset(dev->version, DLB2_MSIX_VECTOR_CTRL, vector, 0);

	dev->bus->ops->func_write(dev->bus, offset,
				  dlb2_put(DLB2_MSIX_VECTOR_CTRL__VEC_MASK, masked));
}

/* control-path 12.5: the way around the erratum of vector 1, which loses interrupts. */
static void
acknowledge_cq_vector(struct dlb2_device *dev)
{
	mask_vector(dev, FIRST_CQ_VECTOR, true);
	reg_write(dev, DLB2_SYS_MSIX_PASSTHRU, 0, DLB2_SYS_MSIX_PASSTHRU__MSIX_1_PASSTHRU);
	reg_write(dev, DLB2_SYS_MSIX_ACK, 0, DLB2_SYS_MSIX_ACK__MSIX_1_ACK);
	reg_write(dev, DLB2_SYS_MSIX_PASSTHRU, 0, 0);
	mask_vector(dev, FIRST_CQ_VECTOR, false);
	reg_flush(dev);
}

int
dlb2_cq_interrupts_take(struct dlb2_device *dev, struct dlb2_cq_set *fired)
{
	int ret = dlb2_enter(dev);

	if (ret == 0) {
		for (unsigned int i = 0; i < DLB2_MAX_LDB_PORTS / CQS_PER_WORD; i++)
			fired->ldb[i] = dlb2_take_bits(dev, ldb_occurred[i]);
		for (unsigned int i = 0; i < DLB2_MAX_DIR_PORTS / CQS_PER_WORD; i++)
			fired->dir[i] = dlb2_take_bits(dev, dir_occurred[i]);
		acknowledge_cq_vector(dev);
	}
	return dlb2_leave(dev, ret);
}
