/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See fixture.h.
 */

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static int
setup_bus(void **state, enum dlb2_version version)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->version = version;
	f->file = register_file_create(version);
	f->rec = rec_create(version, &register_file_backend, f->file);
	f->rec->next_iova = FIRST_IOVA;
	dlb2_device_options_default(&f->options);
	f->options.wait_after_flr = false;
	*state = f;
	return 0;
}

int
setup_bus_20(void **state)
{
	return setup_bus(state, DLB2_HW_2_0);
}

int
setup_bus_25(void **state)
{
	return setup_bus(state, DLB2_HW_2_5);
}

int
create_device(struct fixture *f)
{
	int ret = dlb2_device_create(&f->rec->bus, &f->options, &f->dev);

	if (ret == 0) {
		dlb2_device_available(f->dev, &f->at_start);
		register_file_remember(f->file);
	}
	return ret;
}

static int
setup_device(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(create_device(f), 0);
	rec_clear(f->rec);
	return 0;
}

int
setup_20(void **state)
{
	setup_bus_20(state);
	return setup_device(state);
}

int
setup_25(void **state)
{
	setup_bus_25(state);
	return setup_device(state);
}

int
teardown(void **state)
{
	struct fixture *f = *state;

	dlb2_device_destroy(f->dev);
	rec_destroy(f->rec);
	register_file_destroy(f->file);
	free(f);
	return 0;
}

struct dlb2_domain_request
small_domain(struct fixture *f)
{
	return (struct dlb2_domain_request){
		.ldb_queues = 10,
		.ldb_ports = 6,
		.dir_ports = 4,
		.ldb_credits = 1024,
		.dir_credits = f->version == DLB2_HW_2_0 ? 512 : 0,
		.hist_list_entries = 6 * 32,
		.atomic_inflights = 10 * 64,
	};
}

struct dlb2_domain *
make_domain(struct fixture *f)
{
	struct dlb2_domain_request request = small_domain(f);
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	rec_clear(f->rec);
	return domain;
}

struct dlb2_ldb_queue_request
plain_queue(void)
{
	return (struct dlb2_ldb_queue_request){
		.num_inflights = 2048,
		.num_atomic_inflights = 64,
	};
}

unsigned int
make_queue(struct dlb2_domain *domain)
{
	struct dlb2_ldb_queue_request request = plain_queue();
	int id = dlb2_ldb_queue_create(domain, &request);

	assert_true(id >= 0);
	return id;
}

struct dlb2_port_request
plain_port(unsigned int depth)
{
	return (struct dlb2_port_request){
		.cq_depth = depth,
		.hist_list_entries = 32,
		.cos = -1,
		.queue = -1,
		.socket = -1,
	};
}

unsigned int
make_port(struct dlb2_domain *domain, enum dlb2_port_kind kind, unsigned int depth)
{
	struct dlb2_port_request request = plain_port(depth);
	struct dlb2_port_info info;
	int ret;

	if (kind == DLB2_LDB)
		ret = dlb2_ldb_port_create(domain, &request, &info);
	else
		ret = dlb2_dir_port_create(domain, &request, &info);
	assert_int_equal(ret, 0);
	return info.id;
}

void
expect_all_free(struct fixture *f)
{
	struct dlb2_resources now;

	dlb2_device_available(f->dev, &now);
	/* A group of sequence numbers keeps its size. */
	for (unsigned int i = 0; i < DLB2_MAX_SN_GROUPS; i++)
		assert_int_equal(now.sn_free_slots[i] * now.sn_per_slot[i], 1024);
	memcpy(now.sn_per_slot, f->at_start.sn_per_slot, sizeof(now.sn_per_slot));
	memcpy(now.sn_free_slots, f->at_start.sn_free_slots, sizeof(now.sn_free_slots));
	assert_memory_equal(&now, &f->at_start, sizeof(now));
	assert_int_equal(f->rec->num_dma, 0);
	register_file_expect_remembered(f->file);
}
