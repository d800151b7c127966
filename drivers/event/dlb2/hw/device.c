/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The device as a whole: bringing it up (control-path 1.4, 1.5, 3), letting it go, its lock and its
 * log. The function-level reset in the middle of it is in flr.c.
 */

#include <stdio.h>
#include <stdlib.h>

#include "dlb2_hw_priv.h"

/* Readiness poll: control-path 1.4 step 3. */
#define READY_TRIES 1000
#define READY_POLL_US (1 * US_PER_MS)

/* Starvation avoidance: of 100 selections, how many boost a lower priority (control-path 3.2). */
#define QE_BOOST_PERCENT 1
#define QUEUE_BOOST_PERCENT 0

#define COS_BANDWIDTH_UNITS 256 /* BW_RANGE counts 1/256 of the bandwidth (control-path 3.3) */

void
dlb2_log(struct dlb2_device *dev, enum dlb2_log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	dev->bus->ops->log(dev->bus, level, format, args);
	va_end(args);
}

int
dlb2_enter(struct dlb2_device *dev)
{
	pthread_mutex_lock(&dev->lock);
	return dev->gone ? -ENODEV : 0;
}

int
dlb2_leave(struct dlb2_device *dev, int ret)
{
	bool gone = dev->gone;

	pthread_mutex_unlock(&dev->lock);
	return gone ? -ENODEV : ret;
}

/* Where every bit is in use, all ones may be a value: then one that is a small constant decides. */
void
dlb2_check_gone(struct dlb2_device *dev, enum dlb2_reg reg)
{
	if (dev->gone)
		return;
	if (dlb2_reg_info[reg].v[dev->version].mask == UINT32_MAX && reg != DLB2_SYS_TOTAL_VAS) {
		reg_read(dev, DLB2_SYS_TOTAL_VAS, 0);
		return;
	}
	dev->gone = true;
	dlb2_err(dev, "%s reads as all ones: the device does not answer; reset it and probe again",
		 dlb2_reg_info[reg].name);
}

void
dlb2_device_options_default(struct dlb2_device_options *options)
{
	*options = (struct dlb2_device_options){
		.cos_percent = {25, 25, 25, 25},
		.wait_after_flr = true,
	};
}

/* control-path 3.3 step 1. */
static int
check_options(struct dlb2_device *dev)
{
	unsigned int sum = 0;

	for (unsigned int cos = 0; cos < dev->limits->num_cos; cos++)
		sum += dev->options.cos_percent[cos];
	if (sum > 100) {
		dlb2_err(dev, "classes of service reserve %u %% of the bandwidth, more than 100: "
			 "lower some", sum);
		return -EINVAL;
	}
	if (dev->options.reserved_dir_ports > dev->limits->num_dir_ports) {
		dlb2_err(dev, "%u directed ports reserved for producers, the device has %u",
			 dev->options.reserved_dir_ports, dev->limits->num_dir_ports);
		return -EINVAL;
	}
	return 0;
}

/* control-path 1.4 step 2: before any other access; survives the FLR. */
static void
power_up(struct dlb2_device *dev)
{
	reg_modify(dev, DLB2_CM_CFG_PM_PMCSR_DISABLE,
		   DLB2_CM_CFG_PM_PMCSR_DISABLE__DISABLE, 0);
}

/* control-path 1.4 step 3. All ones would look ready, so each pair of reads is checked for them. */
static int
wait_ready(struct dlb2_device *dev)
{
	uint32_t pm = 0, idle = 0;

	for (int i = 0; i < READY_TRIES; i++) {
		pm = reg_read(dev, DLB2_CM_CFG_PM_STATUS, 0);
		idle = reg_read(dev, DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS, 0);
		if (dev->gone)
			return -ENODEV;
		if ((pm & DLB2_CM_CFG_PM_STATUS__PMSM) != 0 &&
		    (idle & DLB2_CM_CFG_DIAGNOSTIC_IDLE_STATUS__DLB_FUNC_IDLE) != 0)
			return 0;
		sleep_us(dev, READY_POLL_US);
	}
	dlb2_err(dev, "not ready within %u ms: PM status 0x%08x, idle status 0x%08x; "
		 "reset the device or power-cycle the machine",
		 READY_TRIES * READY_POLL_US / US_PER_MS, pm, idle);
	return -ETIMEDOUT;
}

/*
 * control-path 3.1. Dense lines are padded, which is what the device does after a reset; readers
 * are content with either (dlb2_reading.h).
 */
static void
set_cq_layout(struct dlb2_device *dev)
{
	const uint32_t sparse = DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_LDB_CQ_MODE |
		DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_DIR_CQ_MODE;

	reg_modify(dev, DLB2_CHP_CFG_CHP_CSR_CTRL, sparse,
		   dev->options.cq_layout == DLB2_CQ_SPARSE ? sparse : 0);
}

/*
 * An arbiter register for a starvation-avoidance percentage (control-path 3.2): the weights of
 * priorities 1, 3, 5 and 7 from the low byte up.
 */
static uint32_t
arbiter_weights(unsigned int percent)
{
	unsigned int step = 32 * percent / 100;
	uint32_t word = 0;

	if (step == 0 && percent != 0)
		step = 1;
	for (unsigned int bin = 0; bin < 4; bin++) {
		unsigned int priority = 2 * bin + 1;

		word |= (uint32_t)(uint8_t)(255 - (7 - priority) * step) << (8 * bin);
	}
	return word;
}

/* control-path 3.2, in its order. */
static void
set_arbiter_weights(struct dlb2_device *dev)
{
	static const enum dlb2_reg qe_arbiters[] = {
		DLB2_ATM_CFG_ARB_WEIGHTS_RDY_BIN,
		DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_NALB_0,
		DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_REPLAY_0,
		DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_REPLAY_0,
		DLB2_DP_CFG_ARB_WEIGHTS_TQPRI_DIR_0,
		DLB2_NALB_CFG_ARB_WEIGHTS_TQPRI_ATQ_0,
		DLB2_ATM_CFG_ARB_WEIGHTS_SCHED_BIN,
		DLB2_AQED_CFG_ARB_WEIGHTS_TQPRI_ATM_0,
	};
	static const enum dlb2_reg queue_arbiters[] = {
		DLB2_LSP_CFG_ARB_WEIGHT_LDB_QID_0,
		DLB2_LSP_CFG_ARB_WEIGHT_ATM_NALB_QID_0,
	};

	for (size_t i = 0; i < sizeof(qe_arbiters) / sizeof(qe_arbiters[0]); i++)
		reg_init(dev, qe_arbiters[i], 0, arbiter_weights(QE_BOOST_PERCENT));
	for (size_t i = 0; i < sizeof(queue_arbiters) / sizeof(queue_arbiters[0]); i++)
		reg_init(dev, queue_arbiters[i], 0, arbiter_weights(QUEUE_BOOST_PERCENT));
}

/* control-path 3.3. One transfer moves all classes; none is needed where the defaults remain. */
static void
set_cos_bandwidth(struct dlb2_device *dev)
{
	bool changed = false;

	for (unsigned int cos = 0; cos < dev->limits->num_cos; cos++) {
		uint32_t range = dlb2_put(DLB2_LSP_CFG_SHDW_RANGE_COS__BW_RANGE,
			COS_BANDWIDTH_UNITS * dev->options.cos_percent[cos] / 100);

		reg_init(dev, DLB2_LSP_CFG_SHDW_RANGE_COS, cos, range);
		changed |= range != dlb2_reg_info[DLB2_LSP_CFG_SHDW_RANGE_COS].reset;
	}
	if (changed)
		reg_write(dev, DLB2_LSP_CFG_SHDW_CTRL, 0, DLB2_LSP_CFG_SHDW_CTRL__TRANSFER);
}

/* control-path 1.5 (without profiling, 2.3) and 3. */
static int
bring_up(struct dlb2_device *dev)
{
	int ret = dlb2_pci_enable(dev);

	if (ret < 0) {
		dlb2_err(dev, "cannot enable the PCI function: %s", strerror(-ret));
		return ret;
	}
	power_up(dev);
	if (dev->gone)
		return -ENODEV;
	ret = wait_ready(dev);
	if (ret < 0)
		return ret;
	ret = dlb2_flr(dev);
	if (ret < 0)
		return ret;
	ret = wait_ready(dev);
	if (ret < 0)
		return ret;
	set_cq_layout(dev);
	set_arbiter_weights(dev);
	set_cos_bandwidth(dev);
	return dev->gone ? -ENODEV : 0;
}

int
dlb2_device_create(struct dlb2_bus *bus, const struct dlb2_device_options *options,
		   struct dlb2_device **out)
{
	struct dlb2_device *dev = calloc(1, sizeof(*dev));
	int ret;

	if (dev == NULL)
		return -ENOMEM;
	dev->bus = bus;
	dev->version = bus->version;
	dev->limits = dlb2_limits(bus->version);
	pthread_mutex_init(&dev->lock, NULL);
	if (options != NULL)
		dev->options = *options;
	else
		dlb2_device_options_default(&dev->options);

	ret = check_options(dev);
	if (ret == 0)
		ret = bring_up(dev);
	if (ret < 0) {
		pthread_mutex_destroy(&dev->lock);
		free(dev);
		return ret;
	}
	dlb2_resources_init(dev);
	*out = dev;
	return 0;
}

/* CQ memory must outlive the domain: the device may write there until it is silent. */
static void
dispose_domain(struct dlb2_domain *domain)
{
	if (domain->state == DLB2_DOMAIN_FREE)
		return;
	if (domain->state != DLB2_DOMAIN_LOST && dlb2_domain_do_reset(domain) == 0)
		return;
	dlb2_domain_silence(domain);
	dlb2_domain_release(domain);
}

void
dlb2_device_destroy(struct dlb2_device *dev)
{
	if (dev == NULL)
		return;
	pthread_mutex_lock(&dev->lock);
	for (unsigned int i = 0; i < dev->limits->num_domains; i++)
		dispose_domain(&dev->domains[i]);
	pthread_mutex_unlock(&dev->lock);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
}

int
dlb2_device_check(struct dlb2_device *dev)
{
	int ret = dlb2_enter(dev);

	if (ret == 0)
		reg_flush(dev);
	return dlb2_leave(dev, ret);
}

size_t
dlb2_device_memory(const struct dlb2_device *dev)
{
	return sizeof(*dev);
}
