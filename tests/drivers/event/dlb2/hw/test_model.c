/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The hardware layer on the device model, with traffic: control-path 15.8, for both versions and
 * several seeds. After each test the model's own invariants must hold, and it must have seen no bad
 * access and raised no alarm.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dlb2_hw.h>
#include <dlb2_model.h>
#include <linux/pci_regs.h>

#include "recording_model.h"

#define ANY_BUDGET 1000000
#define ALL_QUEUES 8 /* that a port is linked to */

struct param {
	enum dlb2_version version;
	uint64_t seed;
};

struct fixture {
	enum dlb2_version version;
	struct dlb2_model *model;
	struct recording_bus *rec;
	struct dlb2_device *dev;
	struct dlb2_resources at_start;
	unsigned int reports;
	unsigned int expected_alarms;
	unsigned int interrupts; /* messages on vectors of CQs */
};

/* A port as its user sees it. */
struct port {
	struct fixture *f;
	enum dlb2_port_kind kind;
	unsigned int id;
	const uint8_t *ring;
	unsigned int entries;
	unsigned int next; /* entries taken so far */
};

static void *
map_dma(void *ctx, uint64_t iova, size_t len)
{
	return (void *)(uintptr_t)iova;
}

static void
report(void *ctx, const char *text)
{
	struct fixture *f = ctx;

	print_error("model: %s\n", text);
	f->reports++;
}

static void
interrupt(void *ctx, unsigned int vector)
{
	struct fixture *f = ctx;

	f->interrupts += vector > 0;
}

static const struct dlb2_model_ops model_ops = {
	.dma_map = map_dma,
	.interrupt = interrupt,
	.report = report,
};

static void
bring_up(struct fixture *f)
{
	struct dlb2_device_options options;

	dlb2_device_options_default(&options);
	assert_int_equal(dlb2_device_create(&f->rec->bus, &options, &f->dev), 0);
	dlb2_device_available(f->dev, &f->at_start);
}

static int
setup(void **state)
{
	const struct param *param = *state;
	struct fixture *f = calloc(1, sizeof(*f));
	const struct dlb2_model_config config = {
		.version = param->version, .seed = param->seed, .ops = &model_ops, .ctx = f,
	};

	f->version = param->version;
	assert_int_equal(dlb2_model_create(&config, &f->model), 0);
	f->rec = rec_create(param->version, &recording_model_backend, f->model);
	f->rec->recording = false;
	bring_up(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	struct dlb2_model_counters counters;

	dlb2_device_destroy(f->dev);
	assert_int_equal(dlb2_model_check(f->model), 0);
	dlb2_model_get_counters(f->model, &counters);
	assert_int_equal(counters.bad_accesses, 0);
	assert_int_equal(counters.dma_errors, 0);
	assert_int_equal(counters.alarms, f->expected_alarms);
	assert_int_equal(f->reports, 0);
	rec_destroy(f->rec);
	dlb2_model_destroy(f->model);
	free(f);
	return 0;
}

/* What a user of the ports does */

static void
post(struct port *port, struct dlb2_hcw hcw)
{
	struct dlb2_line line = { .hcw = { hcw } };

	dlb2_model_post(port->f->model, port->kind, port->id, &line, 1);
}

static void
send(struct port *port, enum dlb2_sched_type type, unsigned int queue, uint16_t flow, uint64_t data)
{
	post(port, (struct dlb2_hcw){ .data = data, .qid = queue, .sched = type, .lock_id = flow,
				      .cmd = DLB2_CMD_NEW });
}

static void
send_many(struct port *port, enum dlb2_sched_type type, unsigned int queue, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		send(port, type, queue, i % 7, i);
}

static void
complete(struct port *port, unsigned int count)
{
	while (count-- > 0)
		post(port, (struct dlb2_hcw){ .cmd = DLB2_CMD_COMP });
}

static void
return_tokens(struct port *port, unsigned int count)
{
	if (count > 0)
		post(port, (struct dlb2_hcw){ .cmd = DLB2_CMD_BAT_T, .lock_id = count - 1 });
}

static void
run(struct fixture *f)
{
	while (dlb2_model_run(f->model, ANY_BUDGET) != 0)
		;
}

/* The next entry of a CQ, or NULL. Neither completes it nor returns its token. */
static const struct dlb2_cq_entry *
take(struct port *port)
{
	const struct dlb2_cq_entry *entry = (const void *)
		(port->ring + port->next % port->entries * DLB2_CQ_STRIDE_SPARSE);
	bool first_pass = port->next / port->entries % 2 == 0;

	if (((entry->status & DLB2_CQ_GEN) != 0) != first_pass)
		return NULL;
	port->next++;
	return entry;
}

/* Takes all that is there; how many of it came from `queue` (-1: any). */
static unsigned int
take_all(struct port *port, int queue)
{
	const struct dlb2_cq_entry *entry;
	unsigned int count = 0;

	run(port->f);
	while ((entry = take(port)) != NULL)
		count += queue < 0 || entry->qid == queue;
	return count;
}

/* Handles everything that comes until nothing does; how many events that was. */
static unsigned int
consume(struct port *port)
{
	unsigned int total = 0, count;

	while ((count = take_all(port, -1)) > 0) {
		if (port->kind == DLB2_LDB)
			complete(port, count);
		return_tokens(port, count);
		total += count;
	}
	return total;
}

static struct dlb2_domain *
make_domain(struct fixture *f)
{
	const struct dlb2_domain_request request = {
		.ldb_queues = 12,
		.ldb_ports = 4,
		.dir_ports = 3,
		.ldb_credits = 4096,
		.dir_credits = f->version == DLB2_HW_2_0 ? 2048 : 0,
		.hist_list_entries = 4 * 64,
		.atomic_inflights = 12 * 64,
	};
	struct dlb2_domain *domain;

	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	return domain;
}

static struct port
make_port(struct fixture *f, struct dlb2_domain *domain, enum dlb2_port_kind kind,
	  unsigned int depth)
{
	const struct dlb2_port_request request = {
		.cq_depth = depth, .hist_list_entries = 64, .cos = -1, .queue = -1, .socket = -1,
	};
	struct dlb2_port_info info;

	if (kind == DLB2_LDB)
		assert_int_equal(dlb2_ldb_port_create(domain, &request, &info), 0);
	else
		assert_int_equal(dlb2_dir_port_create(domain, &request, &info), 0);
	return (struct port){ .f = f, .kind = kind, .id = info.id, .ring = info.cq,
			      .entries = info.cq_ring_entries };
}

/* Takes events of all types. */
static unsigned int
make_queue(struct dlb2_domain *domain)
{
	const struct dlb2_ldb_queue_request request = {
		.num_sequence_numbers = 64, .num_inflights = 64, .num_atomic_inflights = 64,
	};
	int id = dlb2_ldb_queue_create(domain, &request);

	assert_true(id >= 0);
	return id;
}

/* Two LDB workers, one DIR port with its queue, and ALL_QUEUES LDB queues. */
struct pipeline {
	struct dlb2_domain *domain;
	struct port a, b, dir;
	unsigned int queues[12];
};

static struct pipeline
make_pipeline(struct fixture *f, unsigned int depth)
{
	struct pipeline p = { .domain = make_domain(f) };

	for (unsigned int i = 0; i < 12; i++)
		p.queues[i] = make_queue(p.domain);
	p.a = make_port(f, p.domain, DLB2_LDB, depth);
	p.b = make_port(f, p.domain, DLB2_LDB, depth);
	p.dir = make_port(f, p.domain, DLB2_DIR, depth);
	assert_int_equal(dlb2_dir_queue_create(p.domain, p.dir.id, 0), p.dir.id);
	return p;
}

static void
expect_all_free(struct fixture *f)
{
	struct dlb2_resources now;

	dlb2_device_available(f->dev, &now);
	assert_memory_equal(&now, &f->at_start, sizeof(now));
	assert_int_equal(f->rec->num_dma, 0);
	assert_int_equal(dlb2_model_check(f->model), 0);
}

/* 15.8 item 1: a port that is closed drops everything, before and after power-up. */
static void
ignores_what_closed_ports_get(void **state)
{
	struct fixture *f = *state;
	const struct dlb2_line flood = { .hcw = { { .cmd = DLB2_CMD_COMP_T, .lock_id = 1 } } };
	struct dlb2_model_counters before, after;
	struct dlb2_domain *domain;

	dlb2_model_get_counters(f->model, &before);
	for (unsigned int kind = 0; kind < DLB2_NUM_PORT_KINDS; kind++) {
		unsigned int num = kind == DLB2_LDB ? f->at_start.ldb_ports : f->at_start.dir_ports;

		for (unsigned int port = 0; port < num; port++)
			for (unsigned int i = 0; i < 10; i++)
				dlb2_model_post(f->model, kind, port, &flood, 1);
	}
	dlb2_model_get_counters(f->model, &after);
	assert_int_equal(after.completed, before.completed);
	assert_int_equal(after.tokens_returned, before.tokens_returned);
	assert_int_equal(dlb2_model_check(f->model), 0);
	/* An FLR in the middle of everything: a new device object finds a fresh device. */
	domain = make_domain(f);
	make_port(f, domain, DLB2_LDB, 8);
	assert_int_equal(dlb2_domain_start(domain), 0);
	dlb2_device_destroy(f->dev);
	bring_up(f);
	expect_all_free(f);
}

static uint64_t
no_time(void)
{
	return 0;
}

/* What the driver itself stores to time ports leaves nothing behind, and raises no alarm later. */
static void
ignores_what_ports_are_timed_with(void **state)
{
	struct fixture *f = *state;
	struct dlb2_model_counters before, after;
	struct dlb2_port_times times;
	struct pipeline p;

	dlb2_model_get_counters(f->model, &before);
	assert_int_equal(dlb2_device_time_ports(f->dev, no_time, &times), 0);
	assert_int_equal(f->rec->lines, DLB2_TIMED_STORES *
			 (f->at_start.ldb_ports + f->at_start.dir_ports));
	run(f);
	dlb2_model_get_counters(f->model, &after);
	assert_int_equal(after.hcws[DLB2_CMD_COMP_T] - before.hcws[DLB2_CMD_COMP_T], f->rec->lines);
	assert_int_equal(after.csr_writes, before.csr_writes);
	assert_int_equal(after.completed, before.completed);
	assert_int_equal(after.tokens_returned, before.tokens_returned);
	expect_all_free(f);

	assert_int_equal(dlb2_device_set_alarms(f->dev, true), 0);
	p = make_pipeline(f, 8);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send(&p.dir, DLB2_SCHED_DIRECTED, p.dir.id, 0, 1);
	assert_int_equal(consume(&p.dir), 1);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* 15.8 item 2: all types through CQs of all depths, several times around the ring. */
static void
carries_all_types(void **state)
{
	struct fixture *f = *state;
	static const unsigned int depths[] = { 1, 4, 8, 1024 };

	for (unsigned int i = 0; i < 4; i++) {
		struct pipeline p = make_pipeline(f, depths[i]);
		uint64_t enqueued, scheduled;

		for (unsigned int q = 0; q < 3; q++)
			assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[q], q), 0);
		assert_int_equal(dlb2_domain_start(p.domain), 0);
		send_many(&p.dir, DLB2_SCHED_ATOMIC, p.queues[0], 100);
		send_many(&p.a, DLB2_SCHED_UNORDERED, p.queues[1], 100);
		send_many(&p.dir, DLB2_SCHED_ORDERED, p.queues[2], 100);
		send_many(&p.a, DLB2_SCHED_DIRECTED, p.dir.id, 100);
		run(f);
		/* No more than the CQ's depth is out, whatever the ring holds. */
		assert_int_equal(dlb2_port_tokens(p.domain, DLB2_DIR, p.dir.id),
				 depths[i] < 100 ? depths[i] : 100);
		assert_true(dlb2_port_tokens(p.domain, DLB2_LDB, p.a.id) <= (int)depths[i]);
		assert_int_equal(consume(&p.a), 300);
		assert_int_equal(consume(&p.dir), 100);
		assert_int_equal(dlb2_queue_depth(p.domain, DLB2_LDB, p.queues[0]), 0);
		assert_int_equal(dlb2_queue_enqueued(p.domain, DLB2_LDB, p.queues[0], &enqueued), 0);
		assert_int_equal(enqueued, 100);
		assert_int_equal(dlb2_queue_enqueued(p.domain, DLB2_DIR, p.dir.id, &enqueued), 0);
		assert_int_equal(enqueued, 100);
		assert_int_equal(dlb2_port_scheduled(p.domain, DLB2_LDB, p.a.id, &scheduled), 0);
		assert_int_equal(scheduled, 300);
		assert_int_equal(dlb2_domain_reset(p.domain), 0);
		expect_all_free(f);
	}
}

/* 15.8 item 3. */
static void
links_eight_queues(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 64);

	for (unsigned int q = 0; q < ALL_QUEUES; q++)
		assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[q], 7 - q % 8), 0);
	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[8], 0), -ENOSPC);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[8], 0), -ENOSPC);
	for (unsigned int q = 0; q < ALL_QUEUES; q++)
		send_many(&p.dir, DLB2_SCHED_UNORDERED, p.queues[q], 10);
	assert_int_equal(consume(&p.a), 80);

	/* Priorities as they are after a change: the most urgent queue is served first. */
	for (unsigned int q = 0; q < ALL_QUEUES; q++)
		assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[q], q == 5 ? 0 : 7), 0);
	assert_int_equal(dlb2_port_set_enabled(p.domain, DLB2_LDB, p.a.id, false), 0);
	for (unsigned int q = 0; q < ALL_QUEUES; q++)
		send_many(&p.dir, DLB2_SCHED_UNORDERED, p.queues[q], 4);
	assert_int_equal(take_all(&p.a, -1), 0);
	assert_int_equal(dlb2_port_set_enabled(p.domain, DLB2_LDB, p.a.id, true), 0);
	run(f);
	for (unsigned int i = 0; i < 4; i++) {
		const struct dlb2_cq_entry *entry = take(&p.a);

		assert_non_null(entry);
		assert_int_equal(entry->qid, p.queues[5]);
	}
	complete(&p.a, 4);
	return_tokens(&p.a, 4);
	assert_int_equal(consume(&p.a), 28);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* 15.8 item 4. */
static void
links_a_busy_queue(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 8);
	unsigned int q = p.queues[0], other = p.queues[1];
	unsigned int held, later, new_one;

	assert_int_equal(dlb2_link(p.domain, p.a.id, q, 0), 0);
	assert_int_equal(dlb2_link(p.domain, p.a.id, other, 0), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, q, 30);
	held = take_all(&p.a, -1);
	assert_int_equal(held, 8);

	assert_int_equal(dlb2_link(p.domain, p.b.id, q, 0), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	/* The queue is stopped everywhere, others are not. */
	return_tokens(&p.a, held);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, other, 2);
	assert_int_equal(take_all(&p.a, other), 2);
	return_tokens(&p.a, 2);
	assert_int_equal(take_all(&p.b, -1), 0);
	complete(&p.a, held - 1);
	assert_int_equal(take_all(&p.a, q), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);

	/* The last completion lets it finish, and both get the rest. */
	complete(&p.a, 1);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	later = take_all(&p.a, q);
	new_one = take_all(&p.b, q);
	assert_true(new_one > 0);
	assert_true(later + new_one >= 14);
	complete(&p.a, 2 + later);
	return_tokens(&p.a, later);
	complete(&p.b, new_one);
	return_tokens(&p.b, new_one);
	while (later + new_one < 30 - held) {
		later += consume(&p.a);
		new_one += consume(&p.b);
	}
	assert_int_equal(later + new_one, 30 - held);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* An atomic and an ordered queue with events waiting get their first link after start. */
static void
links_a_queue_with_work(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 64);

	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_ATOMIC, p.queues[0], 20);
	send_many(&p.dir, DLB2_SCHED_ORDERED, p.queues[1], 20);
	run(f);
	assert_int_equal(dlb2_queue_depth(p.domain, DLB2_LDB, p.queues[0]), 20);
	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[0], 0), 0);
	assert_int_equal(dlb2_link(p.domain, p.b.id, p.queues[1], 0), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(consume(&p.a), 20);
	assert_int_equal(consume(&p.b), 20);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* Giving up an addition lets the queue flow again (Appendix B 11). */
static void
gives_up_an_addition(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 8);
	unsigned int q = p.queues[0];

	assert_int_equal(dlb2_link(p.domain, p.a.id, q, 0), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, q, 20);
	assert_int_equal(take_all(&p.a, -1), 8);
	assert_int_equal(dlb2_link(p.domain, p.b.id, q, 0), 0);
	complete(&p.a, 4);
	return_tokens(&p.a, 8);
	assert_int_equal(take_all(&p.a, -1), 0);
	assert_int_equal(dlb2_unlink(p.domain, p.b.id, q), 0);
	assert_int_equal(take_all(&p.a, -1), 8);
	complete(&p.a, 12);
	return_tokens(&p.a, 8);
	assert_int_equal(consume(&p.a), 4);
	assert_int_equal(take_all(&p.b, -1), 0);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* 15.8 item 5. */
static void
unlinks_a_busy_queue(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 8);
	unsigned int gone = p.queues[0], stays = p.queues[1];
	unsigned int held;

	assert_int_equal(dlb2_link(p.domain, p.a.id, gone, 0), 0);
	assert_int_equal(dlb2_link(p.domain, p.a.id, stays, 0), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_ATOMIC, gone, 20);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, stays, 20);
	held = take_all(&p.a, -1);
	assert_int_equal(held, 8);
	assert_int_equal(dlb2_unlink(p.domain, p.a.id, gone), 0);
	assert_int_equal(dlb2_unlinks_in_progress(p.domain, p.a.id), 1);
	return_tokens(&p.a, held);
	assert_int_equal(take_all(&p.a, -1), 0);
	complete(&p.a, held - 1);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	assert_int_equal(take_all(&p.a, -1), 0);
	complete(&p.a, 1);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(dlb2_unlinks_in_progress(p.domain, p.a.id), 0);
	assert_int_equal(take_all(&p.a, gone), 0);
	assert_int_equal(dlb2_port_tokens(p.domain, DLB2_LDB, p.a.id), 8);
	complete(&p.a, 8);
	return_tokens(&p.a, 8);
	consume(&p.a);
	assert_int_equal(dlb2_queue_depth(p.domain, DLB2_LDB, stays), 0);
	assert_true(dlb2_queue_depth(p.domain, DLB2_LDB, gone) > 0);
	/* What was left goes to whoever links the queue next. */
	assert_int_equal(dlb2_link(p.domain, p.b.id, gone, 0), 0);
	assert_true(consume(&p.b) > 0);
	assert_int_equal(dlb2_queue_depth(p.domain, DLB2_LDB, gone), 0);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* A ninth queue waits for the slot of one that is being removed. */
static void
links_behind_a_removal(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 16);

	for (unsigned int q = 0; q < ALL_QUEUES; q++)
		assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[q], 0), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_ORDERED, p.queues[3], 5);
	send_many(&p.dir, DLB2_SCHED_ORDERED, p.queues[8], 5);
	assert_int_equal(take_all(&p.a, -1), 5);
	assert_int_equal(dlb2_unlink(p.domain, p.a.id, p.queues[3]), 0);
	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[8], 0), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 1);
	complete(&p.a, 5);
	return_tokens(&p.a, 5);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	assert_int_equal(take_all(&p.a, p.queues[8]), 5);
	complete(&p.a, 5);
	return_tokens(&p.a, 5);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* 15.8 item 6: everything everywhere, twice over the same IDs. */
static void
resets_with_events_everywhere(void **state)
{
	struct fixture *f = *state;

	for (unsigned int round = 0; round < 2; round++) {
		struct pipeline p = make_pipeline(f, 16);
		struct port deep = make_port(f, p.domain, DLB2_LDB, 1024);
		struct port shallow = make_port(f, p.domain, DLB2_DIR, 2);

		assert_int_equal(dlb2_dir_queue_create(p.domain, shallow.id, 0), shallow.id);
		for (unsigned int q = 0; q < ALL_QUEUES; q++)
			assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[q], q), 0);
		assert_int_equal(dlb2_link(p.domain, deep.id, p.queues[0], 0), 0);
		assert_int_equal(dlb2_link(p.domain, deep.id, p.queues[1], 0), 0);
		assert_int_equal(dlb2_domain_start(p.domain), 0);
		assert_int_equal(dlb2_port_select(p.domain, p.a.id, 1u << p.queues[5], NULL), 0);
		for (unsigned int q = 0; q < 12; q++)
			send_many(&p.dir, q % 3, p.queues[q], 50);
		send_many(&p.a, DLB2_SCHED_DIRECTED, shallow.id, 40);
		send_many(&p.a, DLB2_SCHED_DIRECTED, p.dir.id, 40);
		/* Some taken but not completed, some completed but their tokens owed. */
		assert_true(take_all(&deep, -1) > 20);
		complete(&deep, 10);
		return_tokens(&p.a, take_all(&p.a, -1));
		run(f);
		/* A link, an unlink and a selection that cannot be finished. */
		assert_int_equal(dlb2_port_select(p.domain, deep.id, 1u << p.queues[1], NULL), 1);
		assert_int_equal(dlb2_link(p.domain, p.b.id, p.queues[2], 0), 0);
		assert_int_equal(dlb2_unlink(p.domain, p.a.id, p.queues[7]), 0);
		assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[11], 0), 0);
		assert_true(dlb2_device_progress(f->dev) >= 1);
		assert_int_equal(dlb2_domain_reset(p.domain), 0);
		expect_all_free(f);
	}
}

/* After a reset with the ring half full, the same port starts with generation 1 on a new ring. */
static void
restarts_the_generation(void **state)
{
	struct fixture *f = *state;

	for (unsigned int round = 0; round < 32; round++) {
		struct pipeline p = make_pipeline(f, 8);

		assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[0], 0), 0);
		assert_int_equal(dlb2_domain_start(p.domain), 0);
		send_many(&p.dir, DLB2_SCHED_UNORDERED, p.queues[0], 13);
		send_many(&p.a, DLB2_SCHED_DIRECTED, p.dir.id, 13);
		assert_int_equal(consume(&p.a), 13);
		assert_int_equal(consume(&p.dir), 13);
		assert_int_equal(dlb2_domain_reset(p.domain), 0);
	}
	expect_all_free(f);
}

/* Two domains side by side do not see each other, and one goes while the other runs. */
static void
keeps_domains_apart(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 16), q;

	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[0], 0), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_ATOMIC, p.queues[0], 100);
	q = make_pipeline(f, 16);
	assert_int_equal(dlb2_link(q.domain, q.a.id, q.queues[0], 0), 0);
	assert_int_equal(dlb2_domain_start(q.domain), 0);
	send_many(&q.a, DLB2_SCHED_UNORDERED, q.queues[0], 60);
	run(f);
	assert_int_equal(dlb2_domain_reset(q.domain), 0);
	assert_int_equal(consume(&p.a), 100);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	/* Their order in the lists has changed, their number has not. */
	assert_int_equal(f->rec->num_dma, 0);
}

/* Links and unlinks under traffic, at random; no event is lost. */
static void
relinks_under_traffic(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 8);
	struct port *ports[] = { &p.a, &p.b };
	unsigned int sent = 0, received = 0;
	uint32_t random = 1;

	assert_int_equal(dlb2_domain_start(p.domain), 0);
	for (unsigned int step = 0; step < 3000; step++) {
		struct port *port;
		unsigned int q, count;

		random = random * 1664525 + 1013904223;
		port = ports[random >> 31];
		q = p.queues[(random >> 16) % 12];
		if (sent - received < 1000) {
			send(&p.dir, (random >> 8) % 3, q, random >> 24 & 7, sent);
			sent++;
		}
		if ((random >> 12 & 3) == 0)
			dlb2_link(p.domain, port->id, q, random >> 20 & 7);
		else if ((random >> 12 & 3) == 1)
			dlb2_unlink(p.domain, port->id, q);
		count = take_all(port, -1);
		complete(port, count);
		return_tokens(port, count);
		received += count;
		dlb2_device_progress(f->dev);
	}
	/* In the end every queue gets a link: six on each port. */
	for (unsigned int i = 0; i < 12; i++) {
		dlb2_unlink(p.domain, p.a.id, p.queues[i]);
		dlb2_unlink(p.domain, p.b.id, p.queues[i]);
	}
	received += consume(&p.a) + consume(&p.b);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	for (unsigned int i = 0; i < 12; i++)
		assert_int_equal(dlb2_link(p.domain, ports[i % 2]->id, p.queues[i], 0), 0);
	assert_int_equal(dlb2_device_progress(f->dev), 0);
	for (unsigned int count = 1; count > 0; received += count)
		count = consume(&p.a) + consume(&p.b);
	assert_int_equal(received, sent);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

/* The faults that bring-up and reset must survive. */
static void
survives_faults(void **state)
{
	struct fixture *f = *state;
	struct dlb2_domain_request request = { .ldb_credits = 1 };
	struct dlb2_domain *domain;
	struct pipeline p;

	p = make_pipeline(f, 8);
	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[0], 0), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, p.queues[0], 3);
	run(f);
	dlb2_model_set_fault(f->model, DLB2_FAULT_STUCK_INFLIGHT, DLB2_LDB, p.a.id, 1);
	assert_int_equal(dlb2_domain_reset(p.domain), -ETIMEDOUT);
	assert_int_equal(dlb2_domain_create(f->dev, &request, &domain), 0);
	assert_int_equal(dlb2_domain_reset(domain), 0);
	dlb2_device_destroy(f->dev);
	bring_up(f);

	p = make_pipeline(f, 8);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	dlb2_model_set_fault(f->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 1);
	assert_int_equal(dlb2_domain_reset(p.domain), -ENODEV);
	dlb2_device_destroy(f->dev);
	f->dev = NULL;
	assert_int_equal(dlb2_device_create(&f->rec->bus, NULL, &f->dev), -ENODEV);
	dlb2_model_set_fault(f->model, DLB2_FAULT_GONE, DLB2_LDB, 0, 0);
	bring_up(f);
	expect_all_free(f);
}

/* The interrupt of a CQ and the alarm of an illegal HCW arrive through the registers. */
static void
interrupts_when_asked(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 8);
	struct dlb2_alarm alarms[2];
	struct dlb2_cq_set fired;

	assert_int_equal(dlb2_device_set_msix_mode(f->dev, DLB2_MSIX_COMPRESSED), 0);
	assert_int_equal(dlb2_device_set_alarms(f->dev, true), 0);
	assert_int_equal(dlb2_link(p.domain, p.a.id, p.queues[0], 0), 0);
	assert_int_equal(dlb2_cq_interrupt_setup(p.domain, DLB2_LDB, p.a.id, 2), 0);
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	assert_int_equal(dlb2_cq_interrupt_arm(p.domain, DLB2_LDB, p.a.id), 0);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, p.queues[0], 1);
	run(f);
	assert_int_equal(dlb2_cq_interrupts_take(f->dev, &fired), 0);
	assert_int_equal(fired.ldb[p.a.id / 32], 0);
	send_many(&p.dir, DLB2_SCHED_UNORDERED, p.queues[0], 1);
	run(f);
	assert_int_equal(dlb2_cq_interrupts_take(f->dev, &fired), 0);
	assert_int_equal(fired.ldb[p.a.id / 32], 1u << p.a.id % 32);
	assert_int_equal(consume(&p.a), 2);

	complete(&p.dir, 1); /* a directed port has nothing to complete */
	f->expected_alarms = 1;
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
	assert_int_equal(alarms[0].cause, DLB2_ALARM_ILLEGAL_HCW);
	assert_int_equal(alarms[0].kind, DLB2_DIR);
	assert_int_equal(alarms[0].port, p.dir.id);
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 0);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
}

/* Nobody serves VFs: what one asks for does not stand in the way of an alarm. */
static void
alarms_after_a_message_of_a_vf(void **state)
{
	struct fixture *f = *state;
	const uint32_t doorbell = 1;
	struct dlb2_alarm alarms[2];
	uint32_t word = 0;

	assert_int_equal(dlb2_model_vf_write(f->model, 3, dlb2_reg_offset(f->version,
			 DLB2_VF_VF2PF_MAILBOX_ISR, 0, 0), &doorbell, sizeof(doorbell)), 0);
	dlb2_model_peek(f->model, DLB2_SYS_ALARM_HW_SYND, 0, 0, &word);
	assert_true((word & DLB2_SYS_ALARM_HW_SYND__VF_PF_MB) != 0);
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 0);
	dlb2_model_peek(f->model, DLB2_SYS_ALARM_HW_SYND, 0, 0, &word);
	assert_int_equal(word, 0);
	assert_int_equal(dlb2_model_set_fault(f->model, DLB2_FAULT_HW_ALARM, DLB2_LDB, 0, 1), 0);
	f->expected_alarms = 1;
	assert_int_equal(dlb2_service_interrupt(f->dev, alarms), 1);
	assert_int_equal(alarms[0].cause, DLB2_ALARM_HARDWARE);
	assert_false(alarms[0].more);
}

static void
enable_msix(struct fixture *f, unsigned int vector)
{
	const uint16_t control = PCI_MSIX_FLAGS_ENABLE;
	const uint32_t unmasked = 0;
	uint8_t cap = 0, id = 0;

	dlb2_model_config_read(f->model, PCI_CAPABILITY_LIST, &cap, sizeof(cap));
	dlb2_model_config_read(f->model, cap, &id, sizeof(id));
	assert_int_equal(id, PCI_CAP_ID_MSIX);
	dlb2_model_config_write(f->model, cap + PCI_MSIX_FLAGS, &control, sizeof(control));
	dlb2_model_write(f->model, DLB2_SPACE_FUNC,
			 dlb2_reg_offset(f->version, DLB2_MSIX_VECTOR_CTRL, vector, 0), &unmasked,
			 sizeof(unmasked));
}

/* What vector 1 needs (12.5) no CQ does in packed mode. */
static void
needs_no_acknowledgement(void **state)
{
	struct fixture *f = *state;
	struct pipeline p = make_pipeline(f, 8);

	assert_int_equal(p.dir.id, 0);
	assert_int_equal(dlb2_cq_interrupt_setup(p.domain, DLB2_DIR, 0, 1), 0);
	enable_msix(f, dlb2_cq_interrupt_vector(p.domain, DLB2_DIR, 0));
	assert_int_equal(dlb2_domain_start(p.domain), 0);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(dlb2_cq_interrupt_arm(p.domain, DLB2_DIR, 0), 0);
		send_many(&p.a, DLB2_SCHED_DIRECTED, 0, 1);
		assert_int_equal(consume(&p.dir), 1);
	}
	assert_int_equal(f->interrupts, 2);
	assert_int_equal(dlb2_domain_reset(p.domain), 0);
	expect_all_free(f);
}

#define TEST(name) { #name, name }

int
main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction run;
	} tests[] = {
		TEST(ignores_what_closed_ports_get),
		TEST(ignores_what_ports_are_timed_with),
		TEST(carries_all_types),
		TEST(links_eight_queues),
		TEST(links_a_busy_queue),
		TEST(links_a_queue_with_work),
		TEST(gives_up_an_addition),
		TEST(unlinks_a_busy_queue),
		TEST(links_behind_a_removal),
		TEST(resets_with_events_everywhere),
		TEST(restarts_the_generation),
		TEST(keeps_domains_apart),
		TEST(relinks_under_traffic),
		TEST(survives_faults),
		TEST(interrupts_when_asked),
		TEST(alarms_after_a_message_of_a_vf),
		TEST(needs_no_acknowledgement),
	};
	static struct param params[] = {
		{ DLB2_HW_2_0, 0 }, { DLB2_HW_2_5, 0 },
		{ DLB2_HW_2_0, 1 }, { DLB2_HW_2_5, 1 },
		{ DLB2_HW_2_0, 0x5eed }, { DLB2_HW_2_5, 0x5eed },
	};
	static struct CMUnitTest all[(sizeof(tests) / sizeof(tests[0])) *
				     (sizeof(params) / sizeof(params[0]))];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		for (size_t j = 0; j < sizeof(tests) / sizeof(tests[0]); j++)
			all[n++] = (struct CMUnitTest){ tests[j].name, tests[j].run, setup,
							teardown, &params[i] };
	return cmocka_run_group_tests_name("hw on the model", all, NULL, NULL);
}
