/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The IOVA table: what can be reached and what is refused, at every edge.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/vfio.h>

#include "dma.h"

#define PAGE UINT64_C(4096)
#define FILE_SIZE (16 * PAGE)
#define READ_WRITE (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

struct rig {
	struct dma dma;
	int fd;
	uint8_t *memory; /* the client's view of the file */
};

static int
setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->fd = memfd_create("test", 0);
	if (rig->fd < 0 || ftruncate(rig->fd, FILE_SIZE) != 0)
		return -1;
	rig->memory = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, rig->fd, 0);
	*state = rig;
	return rig->memory == MAP_FAILED ? -1 : 0;
}

static int
teardown(void **state)
{
	struct rig *rig = *state;

	dma_unmap_all(&rig->dma);
	munmap(rig->memory, FILE_SIZE);
	close(rig->fd);
	free(rig);
	return 0;
}

static int
map(struct rig *rig, uint64_t iova, uint64_t size, uint64_t offset)
{
	const struct dma_range range = {
		.iova = iova, .size = size, .offset = offset, .flags = READ_WRITE };

	return dma_map(&rig->dma, &range, rig->fd);
}

/* Mappings of the file in this process; the rig's own is one. */
static unsigned int
mappings(struct rig *rig)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long inode, wanted;
	unsigned int count = 0;
	struct stat st;
	char line[512];

	fstat(rig->fd, &st);
	wanted = st.st_ino;
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %lu", &inode) == 1 && inode == wanted &&
				strstr(line, "memfd:test") != NULL)
			count++;
	fclose(maps);
	return count;
}

static void
test_write_arrives(void **state)
{
	const uint64_t entry[2] = { 0x1111111111111111, 0x2222222222222222 };
	struct rig *rig = *state;

	assert_int_equal(map(rig, 0x100000, 2 * PAGE, 3 * PAGE), 0);
	assert_int_equal(dma_write(&rig->dma, 0x100000, entry, sizeof(entry)), 0);
	assert_int_equal(dma_write(&rig->dma, 0x100000 + 2 * PAGE - 16, entry, sizeof(entry)), 0);
	assert_memory_equal(rig->memory + 3 * PAGE, entry, sizeof(entry));
	assert_memory_equal(rig->memory + 5 * PAGE - 16, entry, sizeof(entry));
	assert_int_equal(rig->dma.refused, 0);
}

static void
test_unmapped_is_refused(void **state)
{
	const uint64_t entry[2] = { 1, 2 };
	struct rig *rig = *state;

	assert_int_equal(map(rig, 0x100000, PAGE, 0), 0);
	assert_int_equal(dma_write(&rig->dma, 0x100000 - 16, entry, 16), -EFAULT);
	assert_int_equal(dma_write(&rig->dma, 0x100000 - 8, entry, 16), -EFAULT);
	assert_int_equal(dma_write(&rig->dma, 0x100000 + PAGE - 8, entry, 16), -EFAULT);
	assert_int_equal(dma_write(&rig->dma, 0x100000 + PAGE, entry, 16), -EFAULT);
	assert_int_equal(dma_write(&rig->dma, UINT64_MAX - 7, entry, 16), -EFAULT);
	assert_int_equal(dma_write(&rig->dma, 0x100004, entry, 16), -EFAULT);
	assert_int_equal(rig->dma.refused, 6);
	assert_null(dma_find(&rig->dma, 0x100000, PAGE + 1));
	assert_null(dma_find(&rig->dma, 0x100000, UINT64_MAX));
	assert_null(dma_find(&rig->dma, 0x100000, 0));
	assert_non_null(dma_find(&rig->dma, 0x100000, PAGE));
}

static void
test_read_only_is_refused(void **state)
{
	const struct dma_range range = { .iova = 0, .size = PAGE, .flags = VFIO_DMA_MAP_FLAG_READ };
	const uint64_t entry[2] = { 1, 2 };
	struct rig *rig = *state;

	assert_int_equal(dma_map(&rig->dma, &range, rig->fd), 0);
	assert_int_equal(map(rig, PAGE, PAGE, 0), 0);
	assert_int_equal(dma_write(&rig->dma, 0, entry, 16), -EFAULT);
	assert_int_equal(dma_write(&rig->dma, PAGE, entry, 16), 0);
}

static void
test_range_without_file(void **state)
{
	const struct dma_range range = { .iova = 0, .size = PAGE, .flags = READ_WRITE };
	const uint64_t entry[2] = { 1, 2 };
	struct rig *rig = *state;

	assert_int_equal(dma_map(&rig->dma, &range, -1), 0);
	assert_int_equal(dma_write(&rig->dma, 0, entry, 16), -EFAULT);
	assert_int_equal(map(rig, 0, PAGE, 0), -EEXIST);
	assert_int_equal(dma_unmap(&rig->dma, 0, PAGE), 0);
	assert_int_equal(map(rig, 0, PAGE, 0), 0);
}

static void
test_overlaps_are_refused(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(map(rig, 4 * PAGE, 4 * PAGE, 0), 0);
	assert_int_equal(map(rig, 4 * PAGE, 4 * PAGE, 0), -EEXIST);
	assert_int_equal(map(rig, 3 * PAGE, 2 * PAGE, 0), -EEXIST);
	assert_int_equal(map(rig, 7 * PAGE, PAGE, 0), -EEXIST);
	assert_int_equal(map(rig, 0, 16 * PAGE, 0), -EEXIST);
	assert_int_equal(map(rig, 3 * PAGE, PAGE, 0), 0);
	assert_int_equal(map(rig, 8 * PAGE, PAGE, 0), 0);
	assert_int_equal(rig->dma.count, 3);
	assert_int_equal(rig->dma.maps, 3);
	assert_int_equal(rig->dma.refused, 4);
}

static void
test_bad_ranges(void **state)
{
	struct dma_range range = { .iova = 0, .size = PAGE, .flags = 4 };
	struct rig *rig = *state;

	assert_int_equal(map(rig, 0, 0, 0), -EINVAL);
	assert_int_equal(map(rig, 1, PAGE, 0), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE + 1, 0), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE, 1), -EINVAL);
	assert_int_equal(map(rig, UINT64_MAX - PAGE + 1, 2 * PAGE, 0), -EINVAL);
	assert_int_equal(dma_map(&rig->dma, &range, rig->fd), -EINVAL);
	assert_int_equal(dma_unmap(&rig->dma, 0, 0), -EINVAL);
	assert_int_equal(dma_unmap(&rig->dma, 2, UINT64_MAX), -EINVAL);
	assert_int_equal(rig->dma.count, 0);
}

/* A file shorter than the range would end this process by SIGBUS. */
static void
test_ranges_beyond_the_file(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(map(rig, 0, FILE_SIZE + PAGE, 0), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE, FILE_SIZE), -EINVAL);
	assert_int_equal(map(rig, 0, 2 * PAGE, FILE_SIZE - PAGE), -EINVAL);
	assert_int_equal(map(rig, 0, PAGE, UINT64_MAX - PAGE + 1), -EINVAL);
	assert_int_equal(map(rig, 0, FILE_SIZE, 0), 0);
}

static void
test_end_of_the_address_space(void **state)
{
	const uint64_t entry[2] = { 1, 2 }, last = UINT64_MAX - PAGE + 1;
	struct rig *rig = *state;

	assert_int_equal(map(rig, last, PAGE, 0), 0);
	assert_int_equal(dma_write(&rig->dma, UINT64_MAX - 15, entry, 16), 0);
	assert_int_equal(map(rig, last, PAGE, 0), -EEXIST);
	assert_int_equal(dma_unmap(&rig->dma, last, PAGE), 0);
	assert_int_equal(rig->dma.count, 0);
}

static void
test_other_descriptors(void **state)
{
	const struct dma_range range = { .iova = 0, .size = PAGE, .flags = READ_WRITE };
	struct rig *rig = *state;
	int event = eventfd(0, 0), folder = open("/", O_RDONLY | O_DIRECTORY);
	char path[64];
	int reader;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", rig->fd);
	reader = open(path, O_RDONLY);
	assert_int_equal(dma_map(&rig->dma, &range, event), -EINVAL);
	assert_int_equal(dma_map(&rig->dma, &range, folder), -EINVAL);
	assert_int_equal(dma_map(&rig->dma, &range, reader), -EACCES);
	assert_int_equal(dma_map(&rig->dma, &range, 9999), -EBADF);
	assert_int_equal(rig->dma.count, 0);
	close(event);
	close(folder);
	close(reader);
}

static void
test_file_is_mapped_once(void **state)
{
	struct rig *rig = *state;
	unsigned int n;

	for (n = 0; n < 8; n++)
		assert_int_equal(map(rig, n * PAGE, PAGE, (7 - n) * PAGE), 0);
	assert_int_equal(mappings(rig), 2);
	for (n = 0; n < 8; n++) {
		assert_int_equal(mappings(rig), 2);
		assert_int_equal(dma_unmap(&rig->dma, n * PAGE, PAGE), 0);
	}
	assert_int_equal(mappings(rig), 1);
}

static void
test_file_that_grows(void **state)
{
	const uint64_t entry[2] = { 1, 2 };
	struct rig *rig = *state;

	assert_int_equal(map(rig, 0, PAGE, 0), 0);
	assert_int_equal(ftruncate(rig->fd, 2 * FILE_SIZE), 0);
	assert_int_equal(map(rig, PAGE, PAGE, FILE_SIZE), 0);
	assert_int_equal(dma_write(&rig->dma, 2 * PAGE - 16, entry, 16), 0);
}

static void
test_neighbours_are_one_if_the_file_is(void **state)
{
	struct rig *rig = *state;
	uint8_t *start;

	assert_int_equal(map(rig, 0, PAGE, 0), 0);
	assert_int_equal(map(rig, PAGE, PAGE, PAGE), 0);
	assert_int_equal(map(rig, 2 * PAGE, PAGE, 4 * PAGE), 0);
	start = dma_find(&rig->dma, 64, 2 * PAGE - 64);
	assert_non_null(start);
	start[0] = 0x5a;
	assert_int_equal(rig->memory[64], 0x5a);
	assert_null(dma_find(&rig->dma, 0, 3 * PAGE));
	assert_non_null(dma_find(&rig->dma, 2 * PAGE, PAGE));
}

static void
test_unmap_of_a_part(void **state)
{
	const uint64_t entry[2] = { 3, 4 };
	struct rig *rig = *state;

	assert_int_equal(map(rig, 0, 8 * PAGE, 0), 0);
	assert_int_equal(dma_unmap(&rig->dma, 2 * PAGE, 3 * PAGE), 0);
	assert_int_equal(rig->dma.count, 2);
	assert_null(dma_find(&rig->dma, 2 * PAGE, 1));
	assert_null(dma_find(&rig->dma, 5 * PAGE - 1, 1));
	assert_non_null(dma_find(&rig->dma, 0, 2 * PAGE));
	assert_int_equal(dma_write(&rig->dma, 5 * PAGE, entry, 16), 0);
	assert_memory_equal(rig->memory + 5 * PAGE, entry, 16);
	assert_int_equal(map(rig, 2 * PAGE, 3 * PAGE, 0), 0);
	assert_int_equal(dma_unmap(&rig->dma, PAGE, UINT64_MAX - PAGE), 0);
	assert_int_equal(rig->dma.count, 1);
	assert_non_null(dma_find(&rig->dma, 0, PAGE));
	assert_int_equal(dma_unmap(&rig->dma, 0, PAGE), 0);
	assert_int_equal(mappings(rig), 1);
}

static void
test_unmap_of_many(void **state)
{
	struct rig *rig = *state;
	unsigned int n;

	for (n = 0; n < 1000; n++)
		assert_int_equal(map(rig, (n * 7 % 1000) * 2 * PAGE, PAGE, n % 16 * PAGE), 0);
	assert_int_equal(dma_unmap(&rig->dma, 100 * PAGE, 1800 * PAGE), 0);
	assert_int_equal(rig->dma.count, 100);
	assert_int_equal(dma_unmap(&rig->dma, 100 * PAGE, 1800 * PAGE), 0);
	dma_unmap_all(&rig->dma);
	assert_int_equal(rig->dma.count, 0);
	assert_int_equal(mappings(rig), 1);
}

static void
test_table_is_bounded(void **state)
{
	struct rig *rig = *state;
	uint64_t n;

	for (n = 0; n < DMA_MAX_MAPS; n++)
		if (map(rig, n * PAGE, PAGE, 0) != 0)
			fail_msg("range %u", (unsigned int)n);
	assert_int_equal(map(rig, n * PAGE, PAGE, 0), -ENOSPC);
	assert_int_equal(dma_unmap(&rig->dma, 0, PAGE), 0);
	assert_int_equal(map(rig, n * PAGE, PAGE, 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_write_arrives),
		TEST(test_unmapped_is_refused),
		TEST(test_read_only_is_refused),
		TEST(test_range_without_file),
		TEST(test_overlaps_are_refused),
		TEST(test_bad_ranges),
		TEST(test_ranges_beyond_the_file),
		TEST(test_end_of_the_address_space),
		TEST(test_other_descriptors),
		TEST(test_file_is_mapped_once),
		TEST(test_file_that_grows),
		TEST(test_neighbours_are_one_if_the_file_is),
		TEST(test_unmap_of_a_part),
		TEST(test_unmap_of_many),
		TEST(test_table_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
