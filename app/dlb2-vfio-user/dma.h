/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The IOVA table of one device: which addresses it may reach by DMA and where they are in this
 * process. The client's memory comes as files; each is mapped once, whole, while any range of it is
 * in the table. What is not in the table, or not for writing, is not reached.
 */
#ifndef DMA_H
#define DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Ranges that a table takes at most; the client is told. */
#define DMA_MAX_MAPS 65535
#define DMA_PAGE_SIZE 4096

struct dma_file;

struct dma {
	void *tree; /* of struct dma_map, by address; tsearch() */
	struct dma_file *files;
	unsigned int count; /**< ranges in the table */
	uint64_t maps, unmaps; /**< requests done since the start */
	uint64_t refused; /**< requests and accesses that were refused since the start */
};

/** A range as the client asks for it. */
struct dma_range {
	uint64_t iova;
	uint64_t size;
	uint64_t offset; /**< in the file */
	uint32_t flags;  /**< VFIO_DMA_MAP_FLAG_READ, _WRITE */
};

/**
 * Adds a range. The file is the caller's; it may be closed afterwards. Without one (`fd` -1) the
 * range is in the table, but every access to it is refused: this server has no other way to reach
 * the client's memory.
 *
 * @return 0; -EINVAL for a range that is empty, not in whole pages, beyond the end of the address
 *         space or of the file, or for other flags or another kind of file; -EEXIST if it overlaps
 *         one in the table; -ENOSPC if the table is full; -ENOMEM, or what mmap() said
 */
int dma_map(struct dma *dma, const struct dma_range *range, int fd);

/**
 * Takes a range of addresses out of the table, wherever ranges in it begin and end: what they have
 * outside of it stays.
 *
 * @return 0, also if nothing was there; -EINVAL for a range that is empty or ends beyond the
 *         address space; -ENOMEM, with everything in the range gone and possibly more
 */
int dma_unmap(struct dma *dma, uint64_t iova, uint64_t size);
/** Empties the table and unmaps all files. */
void dma_unmap_all(struct dma *dma);

/**
 * Where `len` bytes at `iova` are, if the device may write all of them and they lie next to each
 * other here; else NULL. Valid until any of it is unmapped. Not counted as refused.
 */
void *dma_find(const struct dma *dma, uint64_t iova, uint64_t len);

/** Whether an address of this process is in a file of the client's memory, reachable or not. */
bool dma_holds(const struct dma *dma, uintptr_t address);

/**
 * Writes `len` bytes, whole 8-byte words to an address that is a multiple of 8, to the client's
 * memory. They become visible in ascending order: in a CQ entry the generation is in the last word.
 *
 * @return 0, or -EFAULT if not all of it may be written
 */
int dma_write(struct dma *dma, uint64_t iova, const void *src, size_t len);

#endif
