/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * See fake_device.h. The functions of dlb2_model_bus.h that the data path calls are here, too:
 * a few lines of a ring that is full go into the port's list, so that a test may send as much as
 * it likes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_device.h"

/* What the driver finds the model by. */
struct fake_channel {
	struct dlb2_pp_channel base;
	struct fake_device *dev;
};

static struct fake_device *
device_of(const struct dlb2_pp_channel *channel)
{
	return container_of(channel, const struct fake_channel, base)->dev;
}

const uint8_t fake_queue_hw_id[FAKE_NUM_QUEUES] = {5, 31, 77};

/* A test that is wrong about what it looks at, or a port that sends what no port may send. */
static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void *
zalloc(size_t size)
{
	void *p = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE));

	if (p == NULL)
		abort();
	return memset(p, 0, size);
}

#define SKIPPED 77 /* what meson takes for it */

enum dlb2_simd
fake_simd(void)
{
	const char *name = getenv("DLB2_TEST_SIMD");
	enum dlb2_simd simd = DLB2_SIMD_SCALAR;

	if (name == NULL)
		return dlb2_simd_best();
	while (strcmp(name, dlb2_simd_names[simd]) != 0) {
		simd++;
		must(simd < DLB2_NUM_SIMD);
	}
	if (!dlb2_simd_possible(simd)) {
		fprintf(stderr, "skipped: this CPU has no %s\n", name);
		exit(SKIPPED);
	}
	return simd;
}

enum dlb2_cq_layout
fake_layout(void)
{
	const char *name = getenv("DLB2_TEST_LAYOUT");

	if (name == NULL || strcmp(name, "sparse") == 0)
		return DLB2_CQ_SPARSE;
	must(strcmp(name, "dense") == 0);
	return DLB2_CQ_DENSE;
}

const struct dlb2_dp_ops *
fake_ops(void)
{
	return dlb2_dp_ops(fake_simd(), fake_layout());
}

struct dlb2_dp_conf
fake_device_conf(enum dlb2_version version)
{
	return (struct dlb2_dp_conf){
		.version = version,
		.num_events_limit = 4096,
		.ldb_credits = 4096,
		.dir_credits = version == DLB2_HW_2_5 ? 0 : 4096,
		.sw_credit_quanta = 32,
		.hw_credit_quanta = 32,
		.poll_interval = 1000,
		.simd = fake_simd(),
		.cq_layout = fake_layout(),
	};
}

struct dlb2_dp_port_conf
fake_port_conf(unsigned int depth)
{
	return (struct dlb2_dp_port_conf){
		.kind = DLB2_LDB,
		.cq_depth = depth,
		.dequeue_depth = depth,
		.enqueue_depth = 1024,
		.token_pop_mode = RTE_PMD_DLB2_AUTO_POP,
		.new_event_threshold = 4096,
	};
}

static void
add_queues(struct dlb2_dp *dp)
{
	static const struct dlb2_dp_queue_conf queues[FAKE_NUM_QUEUES] = {
		[FAKE_ORDERED_QUEUE] = {.kind = DLB2_LDB, .ordered = true, .atomic = true},
		[FAKE_ATOMIC_QUEUE] = {.kind = DLB2_LDB, .atomic = true},
		[FAKE_DIRECTED_QUEUE] = {.kind = DLB2_DIR},
	};
	unsigned int i;

	for (i = 0; i < FAKE_NUM_QUEUES; i++) {
		struct dlb2_dp_queue_conf conf = queues[i];

		conf.hw_id = fake_queue_hw_id[i];
		dlb2_dp_queue_init(dp, i, &conf);
	}
}

struct fake_device *
fake_device_create(const struct dlb2_dp_conf *conf)
{
	struct fake_device *dev = zalloc(sizeof(*dev));

	dev->dp = zalloc(dlb2_dp_size());
	dev->layout = conf->cq_layout;
	dlb2_dp_init(dev->dp, conf);
	add_queues(dev->dp);
	return dev;
}

static struct dlb2_pp_channel *
make_channel(struct fake_device *dev, struct fake_port *port)
{
	struct fake_channel *fake = zalloc(sizeof(*fake));
	struct dlb2_pp_channel *channel = &fake->base;

	fake->dev = dev;
	channel->port = port - dev->ports;
	channel->kind = port->conf.kind;
	channel->run_inline = dev->run != NULL;
	return channel;
}

struct fake_port *
fake_port_add(struct fake_device *dev, const struct dlb2_dp_port_conf *conf)
{
	struct fake_port *port = &dev->ports[dev->num_ports++];

	port->conf = *conf;
	port->conf.hw_id = dev->num_ports;
	port->conf.cq_ring_entries = RTE_MAX(conf->cq_depth, 8u);
	port->layout = dev->layout;
	port->padded = dev->layout == DLB2_CQ_DENSE && conf->pp == NULL;
	port->conf.cq = zalloc(port->conf.cq_ring_entries * dlb2_cq_stride(port->layout));
	port->channel = make_channel(dev, port);
	port->conf.channel = conf->pp == NULL ? port->channel : NULL;
	port->dp = zalloc(dlb2_dp_port_size());
	dlb2_dp_port_init(dev->dp, port->dp, &port->conf, false);
	if (conf->kind == DLB2_DIR)
		dlb2_dp_dir_port_link(dev->dp, port->dp, FAKE_DIRECTED_QUEUE);
	return port;
}

void
fake_device_start(struct fake_device *dev)
{
	struct dlb2_dp_port *ports[FAKE_MAX_PORTS];
	unsigned int i;

	for (i = 0; i < dev->num_ports; i++)
		ports[i] = dev->ports[i].dp;
	dlb2_dp_start(dev->dp, ports, dev->num_ports);
}

void
fake_device_destroy(struct fake_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->num_ports; i++) {
		free(dev->ports[i].conf.cq);
		free(dev->ports[i].channel);
		free(dev->ports[i].dp);
		free(dev->ports[i].hcws);
	}
	free(dev->dp);
	free(dev);
}

void
fake_deliver_ahead(struct fake_port *port, struct dlb2_cq_entry entry, unsigned int ahead)
{
	unsigned int n = port->written + ahead, ring = port->conf.cq_ring_entries;
	unsigned int stride = dlb2_cq_stride(port->layout);
	char *place = (char *)port->conf.cq + n % ring * stride;

	port->reached = RTE_MAX(port->reached, n + 1);
	entry.status &= ~DLB2_CQ_GEN;
	entry.status |= n / ring % 2 == 0 ? DLB2_CQ_GEN : 0;
	memset(place, 0xa5, stride); /* the rest of a sparse line is unspecified */
	memcpy(place, &entry, sizeof(entry));
}

/* Tokens of what was sent so far. */
static void
count_tokens(struct fake_port *port, const struct dlb2_line *line)
{
	unsigned int i;

	for (i = 0; i < DLB2_HCWS_PER_LINE; i++) {
		const struct dlb2_hcw *hcw = &line->hcw[i];

		if (hcw->cmd == DLB2_CMD_BAT_T)
			port->returned += (hcw->lock_id & DLB2_HCW_TOKENS) + 1;
		else if (hcw->cmd != DLB2_CMD_ARM && hcw->cmd & DLB2_CMD_TOKEN)
			port->returned++;
	}
}

/* Writes the free places behind the next entry in its line: nothing, of the pass before. */
static void
pad_line(struct fake_port *port)
{
	const unsigned int ring = port->conf.cq_ring_entries, stride = dlb2_cq_stride(port->layout);
	const unsigned int per_line = sizeof(struct dlb2_line) / stride;
	struct dlb2_cq_entry pad = {.status = port->written / ring % 2 == 0 ? 0 : DLB2_CQ_GEN};
	unsigned int n = port->written + 1, free_end;

	fake_collect(port);
	free_end = port->returned + ring;
	for (; n % per_line != 0 && n < free_end; n++) {
		if (n >= port->reached)
			memcpy((char *)port->conf.cq + n % ring * stride, &pad, sizeof(pad));
	}
}

void
fake_deliver(struct fake_port *port, struct dlb2_cq_entry entry)
{
	fake_deliver_ahead(port, entry, 0);
	if (port->padded)
		pad_line(port);
	port->written++;
}

struct dlb2_cq_entry
fake_entry(unsigned int n)
{
	return (struct dlb2_cq_entry){
		.data = n,
		.qid = fake_queue_hw_id[FAKE_ATOMIC_QUEUE],
		.sched = DLB2_SCHED_ATOMIC,
		.flow_id = n,
		.debug = 0xff,
	};
}

static void
keep_line(struct fake_port *port, const struct dlb2_line *line)
{
	if (port->num_hcws + DLB2_HCWS_PER_LINE > port->max_hcws) {
		port->max_hcws = 2 * port->max_hcws + DLB2_HCWS_PER_LINE;
		port->hcws = realloc(port->hcws, port->max_hcws * sizeof(port->hcws[0]));
		if (port->hcws == NULL)
			abort();
	}
	count_tokens(port, line);
	memcpy(&port->hcws[port->num_hcws], line->hcw, sizeof(line->hcw));
	port->num_hcws += DLB2_HCWS_PER_LINE;
	port->lines++;
}

static void
take_lines(struct fake_port *port, unsigned int n)
{
	struct dlb2_pp_channel *channel = port->channel;

	for (; n > 0 && channel->head != channel->tail; n--, channel->head++) {
		struct dlb2_line *line = &channel->lines[channel->head % DLB2_PP_RING_LINES];

		keep_line(port, line);
		memset(line, 0xa5, sizeof(*line)); /* whoever leaves a slot out is found out */
	}
}

unsigned int
fake_collect(struct fake_port *port)
{
	take_lines(port, DLB2_PP_RING_LINES);
	return port->num_hcws;
}

void
fake_discard(struct fake_port *port)
{
	fake_collect(port);
	port->num_hcws = 0;
}

const char *
fake_sent(struct fake_port *port)
{
	static char text[8192];
	char *p = text;
	unsigned int i, n = fake_collect(port);

	for (i = 0; i < n; i++) {
		const struct dlb2_hcw *hcw = &port->hcws[i];

		if (i > 0 && i % 4 == 0)
			*p++ = ' ';
		if (hcw->cmd == 0x1) {
			p += sprintf(p, "[%d]", hcw->lock_id + 1);
			must(hcw->lock_id < 1024);
		} else {
			static const char names[16] = ".?Cc????NnFfGg??";

			must(hcw->cmd < 16 && names[hcw->cmd] != '?');
			*p++ = names[hcw->cmd];
		}
		if (hcw->cmd == 0x0 || hcw->cmd == 0x2 || hcw->cmd == 0x3) {
			struct dlb2_hcw plain = {.cmd = hcw->cmd};

			must(memcmp(hcw, &plain, sizeof(plain)) == 0);
		}
	}
	*p = '\0';
	fake_discard(port);
	return text;
}

void
dlb2_pp_channel_wait(struct dlb2_pp_channel *channel)
{
	take_lines(&device_of(channel)->ports[channel->port], 1 + channel->head % 7);
}

/* Nothing that these tests do. */
int
dlb2_profile_switch(void *port, uint8_t profile)
{
	RTE_SET_USED(port);
	RTE_SET_USED(profile);
	return -ENOTSUP;
}

bool
dlb2_port_resume(void *port)
{
	dlb2_dp_port_set_quiesced(port, false);
	return true;
}

void
dlb2_model_bus_run(const struct dlb2_pp_channel *channel)
{
	struct fake_device *dev = device_of(channel);

	dev->runs++;
	dev->run(dev);
}

void
dlb2_pp_channel_flush(const struct dlb2_pp_channel *channel)
{
	struct fake_port *port = &device_of(channel)->ports[channel->port];

	take_lines(port, channel->tail - channel->head);
}
