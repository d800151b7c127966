/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The bus seam: all that the hardware layer knows of the world. Three implementations exist: PCI
 * through vfio (dlb2_pci_bus.c), the model in this process (dlb2_model_bus.c) and a recording one for
 * tests (tests/.../recording_bus.c).
 *
 * Calls come from the configuration path only, under the device's lock; the data path does not go
 * through here.
 */

#ifndef DLB2_BUS_H
#define DLB2_BUS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>

struct dlb2_bus;

/** Memory that the device may write. Owned by whoever allocated it through the bus. */
struct dlb2_dma {
	void *va;
	uint64_t iova; /**< names the same bytes as va */
	size_t len;
	void *handle;  /**< the bus's own */
};

enum dlb2_log_level {
	DLB2_LOG_ERR,
	DLB2_LOG_WARNING,
	DLB2_LOG_NOTICE,
	DLB2_LOG_INFO,
	DLB2_LOG_DEBUG,
};

/** Every operation is required. Errors are negative errno values. */
struct dlb2_bus_ops {
	/** 32-bit read of the CSR BAR (BAR 2) at a byte offset. It flushes all earlier writes. */
	uint32_t (*csr_read)(struct dlb2_bus *bus, uint32_t offset);
	/** 32-bit write to the CSR BAR. Writes are posted, in order. */
	void (*csr_write)(struct dlb2_bus *bus, uint32_t offset, uint32_t value);
	/** 32-bit access to the function BAR (BAR 0), registers and MSI-X table only. */
	uint32_t (*func_read)(struct dlb2_bus *bus, uint32_t offset);
	void (*func_write)(struct dlb2_bus *bus, uint32_t offset, uint32_t value);
	/**
	 * PCI configuration space, `len` 1, 2 or 4 bytes, little-endian.
	 * 0 or negative errno; never a byte count.
	 */
	int (*config_read)(struct dlb2_bus *bus, unsigned int offset, void *buf,
			   unsigned int len);
	int (*config_write)(struct dlb2_bus *bus, unsigned int offset, const void *buf,
			    unsigned int len);
	/**
	 * Stores one 64-byte line to a producer port's page, as the data path would
	 * (draining, control-path 10.2).
	 */
	void (*pp_post)(struct dlb2_bus *bus, enum dlb2_port_kind kind, unsigned int port,
			const struct dlb2_line *line);
	/**
	 * Full barrier, then a read of the producer port's page: every line posted to it before
	 * has arrived.
	 */
	void (*pp_fence)(struct dlb2_bus *bus, enum dlb2_port_kind kind, unsigned int port);
	/**
	 * Allocates zeroed, IOVA-contiguous memory for the device on `socket` (-1: the device's
	 * own). `name` is unique within the device and at most 15 characters, so that the bus has
	 * room for its own prefix; `align` is a power of two. 0, -ENOMEM.
	 */
	int (*dma_alloc)(struct dlb2_bus *bus, const char *name, size_t len, size_t align,
			 int socket, struct dlb2_dma *dma);
	void (*dma_free)(struct dlb2_bus *bus, struct dlb2_dma *dma);
	/** Waits at least `us` microseconds (and lets the model run, where the device is one). */
	void (*sleep_us)(struct dlb2_bus *bus, unsigned int us);
	/**
	 * An eventfd (non-blocking) signalled by MSI-X vector `vector`: 0 service, 1 to 64 CQs.
	 * Owned by the bus; the same one each time. A reset of the device may silence it until it
	 * is asked for again. -ENOTSUP if the bus has no interrupts, -EINVAL, or why not.
	 */
	int (*irq_fd)(struct dlb2_bus *bus, unsigned int vector);
	/** One message, without prefix and without line end. */
	void (*log)(struct dlb2_bus *bus, enum dlb2_log_level level, const char *format,
		    va_list args) __attribute__((format(printf, 3, 0)));
};

/** Embedded as the first member of each implementation's own struct. */
struct dlb2_bus {
	const struct dlb2_bus_ops *ops;
	enum dlb2_version version;
	const char *name; /**< for messages: PCI address or device name; outlives the bus */
};

#endif
