/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The table is a balanced tree of ranges that never overlap, so that comparing two ranges as equal
 * if they overlap is an order, and finding any range that overlaps another is one search. QEMU
 * brings a range per page of the guest, so there can be tens of thousands.
 */

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <linux/vfio.h>

#include "dma.h"

/* A file of the client's memory, mapped whole. */
struct dma_file {
	struct dma_file *next;
	dev_t device;
	ino_t inode;
	bool writable;
	uint64_t size;
	uint8_t *address;
	unsigned int users; /* ranges in the table */
};

struct dma_map {
	uint64_t first, last; /* addresses, both included: the last may be UINT64_MAX */
	struct dma_file *file; /* NULL: not reachable */
	uint64_t offset;
	bool writable;
};

static int
compare(const void *left, const void *right)
{
	const struct dma_map *a = left, *b = right;

	if (a->last < b->first)
		return -1;
	return a->first > b->last;
}

static void
unmap_file(struct dma *dma, struct dma_file *file)
{
	struct dma_file **link = &dma->files;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	munmap(file->address, file->size);
	free(file);
}

static void
release_file(struct dma *dma, struct dma_file *file)
{
	if (file != NULL && --file->users == 0)
		unmap_file(dma, file);
}

static struct dma_file *
find_file(const struct dma *dma, const struct stat *st, uint64_t end, bool writable)
{
	struct dma_file *file;

	for (file = dma->files; file != NULL; file = file->next)
		if (file->device == st->st_dev && file->inode == st->st_ino &&
				file->size >= end && (file->writable || !writable))
			return file;
	return NULL;
}

static int
map_file(struct dma *dma, const struct stat *st, int fd, bool writable, struct dma_file **out)
{
	struct dma_file *file = calloc(1, sizeof(*file));
	int prot = PROT_READ | (writable ? PROT_WRITE : 0), error;

	if (file == NULL)
		return -ENOMEM;
	file->address = mmap(NULL, st->st_size, prot, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (file->address == MAP_FAILED) {
		error = errno;
		free(file);
		return -error;
	}
	file->device = st->st_dev;
	file->inode = st->st_ino;
	file->size = st->st_size;
	file->writable = writable;
	file->next = dma->files;
	dma->files = file;
	*out = file;
	return 0;
}

/* The file behind a range, with this range as a user. Its size now is what bounds all access. */
static int
acquire_file(struct dma *dma, const struct dma_range *range, int fd, struct dma_file **out)
{
	bool writable = (range->flags & VFIO_DMA_MAP_FLAG_WRITE) != 0;
	struct stat st;
	int ret = 0;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || range->size > (uint64_t)st.st_size ||
			range->offset > (uint64_t)st.st_size - range->size)
		return -EINVAL;
	*out = find_file(dma, &st, range->offset + range->size, writable);
	if (*out == NULL)
		ret = map_file(dma, &st, fd, writable, out);
	if (ret == 0)
		(*out)->users++;
	return ret;
}

static bool
is_range(uint64_t iova, uint64_t size)
{
	return size != 0 && iova <= UINT64_MAX - (size - 1);
}

static bool
is_legal(const struct dma_range *range)
{
	return is_range(range->iova, range->size) &&
		(range->iova | range->size | range->offset) % DMA_PAGE_SIZE == 0 &&
		(range->flags & ~(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)) == 0;
}

/* Puts a range that overlaps none into the tree; the file's user is the range's from now on. */
static int
insert(struct dma *dma, const struct dma_map *new)
{
	struct dma_map *map = malloc(sizeof(*map));

	if (map == NULL)
		return -ENOMEM;
	*map = *new;
	if (tsearch(map, &dma->tree, compare) == NULL) {
		free(map);
		return -ENOMEM;
	}
	dma->count++;
	return 0;
}

static int
add(struct dma *dma, const struct dma_range *range, int fd)
{
	struct dma_map map = {
		.first = range->iova,
		.last = range->iova + (range->size - 1),
		.offset = range->offset,
		.writable = (range->flags & VFIO_DMA_MAP_FLAG_WRITE) != 0,
	};
	int ret = 0;

	if (!is_legal(range))
		return -EINVAL;
	if (dma->count >= DMA_MAX_MAPS)
		return -ENOSPC;
	if (tfind(&map, &dma->tree, compare) != NULL)
		return -EEXIST;
	if (fd >= 0)
		ret = acquire_file(dma, range, fd, &map.file);
	if (ret != 0)
		return ret;
	ret = insert(dma, &map);
	if (ret != 0)
		release_file(dma, map.file);
	return ret;
}

int
dma_map(struct dma *dma, const struct dma_range *range, int fd)
{
	int ret = add(dma, range, fd);

	if (ret == 0)
		dma->maps++;
	else
		dma->refused++;
	return ret;
}

/* Puts back what a range that was taken out has outside of what is unmapped. */
static int
put_back(struct dma *dma, const struct dma_map *old, uint64_t first, uint64_t last)
{
	struct dma_map part = *old;
	int ret;

	part.first = first;
	part.last = last;
	part.offset += first - old->first;
	if (part.file != NULL)
		part.file->users++;
	ret = insert(dma, &part);
	if (ret != 0)
		release_file(dma, part.file);
	return ret;
}

static int
remove_overlap(struct dma *dma, struct dma_map *map, uint64_t first, uint64_t last)
{
	struct dma_map old = *map;
	int ret = 0;

	tdelete(map, &dma->tree, compare);
	free(map);
	dma->count--;
	if (old.first < first)
		ret = put_back(dma, &old, old.first, first - 1);
	if (old.last > last && ret == 0)
		ret = put_back(dma, &old, last + 1, old.last);
	release_file(dma, old.file);
	return ret;
}

int
dma_unmap(struct dma *dma, uint64_t iova, uint64_t size)
{
	struct dma_map key = { .first = iova, .last = iova + (size - 1) };
	struct dma_map **node;
	int ret = 0;

	if (!is_range(iova, size)) {
		dma->refused++;
		return -EINVAL;
	}
	while ((node = tfind(&key, &dma->tree, compare)) != NULL) {
		int one = remove_overlap(dma, *node, key.first, key.last);

		if (one != 0)
			ret = one;
	}
	dma->unmaps++;
	return ret;
}

void
dma_unmap_all(struct dma *dma)
{
	tdestroy(dma->tree, free);
	dma->tree = NULL;
	dma->count = 0;
	while (dma->files != NULL)
		unmap_file(dma, dma->files);
}

static const struct dma_map *
find_map(const struct dma *dma, uint64_t iova)
{
	struct dma_map key = { .first = iova, .last = iova };
	struct dma_map *const *node = tfind(&key, &dma->tree, compare);

	return node != NULL ? *node : NULL;
}

/* Where an address is that the device may write, and in *left how many bytes follow it there. */
static uint8_t *
find_address(const struct dma *dma, uint64_t iova, uint64_t *left)
{
	const struct dma_map *map = find_map(dma, iova);

	if (map == NULL || map->file == NULL || !map->writable)
		return NULL;
	*left = map->last - iova + 1;
	return map->file->address + map->offset + (iova - map->first);
}

void *
dma_find(const struct dma *dma, uint64_t iova, uint64_t len)
{
	uint64_t done, left;
	uint8_t *start;

	if (!is_range(iova, len))
		return NULL;
	start = find_address(dma, iova, &left);
	if (start == NULL)
		return NULL;
	for (done = left; done < len; done += left)
		if (find_address(dma, iova + done, &left) != start + done)
			return NULL;
	return start;
}

bool
dma_holds(const struct dma *dma, uintptr_t address)
{
	const struct dma_file *file;

	for (file = dma->files; file != NULL; file = file->next)
		if (address - (uintptr_t)file->address < file->size)
			return true;
	return false;
}

int
dma_write(struct dma *dma, uint64_t iova, const void *src, size_t len)
{
	uint64_t *to = iova % sizeof(*to) == 0 ? dma_find(dma, iova, len) : NULL;
	const uint8_t *from = src;

	if (to == NULL) {
		dma->refused++;
		return -EFAULT;
	}
	for (; len >= sizeof(*to); len -= sizeof(*to), from += sizeof(*to)) {
		uint64_t word;

		memcpy(&word, from, sizeof(word));
		__atomic_store_n(to++, word, __ATOMIC_RELEASE);
	}
	return 0;
}
