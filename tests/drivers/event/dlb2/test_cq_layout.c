/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Devices with dense consumer queues (CQs), through the model: how they are set up, and events that
 * come through them whole and in order, however the device may write a line (the model's switch
 * dense-lines; data-path 2.3 leaves it open). Not here: entries that are read one way or another
 * (test_datapath_oracle.c, test_datapath_variants.c); and other tests of the event device run with
 * dense CQs, too (meson.build).
 */
#include <stdlib.h>

#include <dlb2_model.h>

#include "parity_test.h"

#define HOLD RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL
#define NUM_LINE_WRITES 3 /* values of the switch */
#define MAX_BURST 40
#define NUM_EVENTS 3000
#define FLOWS 5

enum { SENDER, WORKER, ORDERED_WORKER, SINK, NUM_PORTS };

/* Of the model that is made next. */
static unsigned int line_writes;

int __real_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);
int __wrap_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out);

int
__wrap_dlb2_model_create(const struct dlb2_model_config *config, struct dlb2_model **out)
{
	int ret = __real_dlb2_model_create(config, out);

	assert_int_equal(ret, 0);
	assert_int_equal(dlb2_model_set_switch(*out, DLB2_SWITCH_DENSE_LINES, line_writes), 0);
	return ret;
}

/* On both versions, in the model's plain order and in others. */
static void
with_every_way_of_writing(void (*test)(uint8_t dev))
{
	static const char *const args[] = {
		"cq_layout=dense,hw=2.0", "cq_layout=dense,hw=2.5",
		"cq_layout=dense,hw=2.0,seed=7", "cq_layout=dense,hw=2.5,seed=8",
	};
	unsigned int i;

	for (line_writes = 0; line_writes < NUM_LINE_WRITES; line_writes++)
		for (i = 0; i < RTE_DIM(args); i++)
			with_devargs(args[i], test);
	line_writes = 0;
}

/* Queue n to port n, and from the sender to the workers to the sink, which has a directed pair. */
static void
set_up(uint8_t dev, unsigned int dequeue_depth)
{
	struct rte_event_port_conf conf;
	unsigned int i;

	assert_int_equal(evdev_configure(dev, NUM_PORTS, NUM_PORTS, 1), 0);
	conf = port_conf(dev);
	conf.dequeue_depth = dequeue_depth;
	for (i = 0; i < NUM_PORTS; i++) {
		assert_int_equal(evdev_setup_queue(dev, i, i == SINK ? SINGLE_LINK_QUEUE : 0,
						   i == ORDERED_WORKER ? RTE_SCHED_TYPE_ORDERED
								       : RTE_SCHED_TYPE_ATOMIC),
				 0);
		conf.event_port_cfg = i == SINK ? SINGLE_LINK_PORT : HOLD;
		assert_int_equal(rte_event_port_setup(dev, i, &conf), 0);
		assert_int_equal(evdev_link(dev, i, i), 1);
	}
	assert_int_equal(rte_event_dev_start(dev), 0);
}

static unsigned int
random_of(unsigned int n)
{
	static unsigned int seed = 1;

	return (unsigned int)rand_r(&seed) / 7 % n;
}

/* Sends up to so many events, numbered from `next` on, to one of the workers. Returns how many. */
static unsigned int
send(uint8_t dev, unsigned int next, unsigned int n)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint8_t to = (next + i) % FLOWS < 2 ? ORDERED_WORKER : WORKER;

		ev[i] = (struct rte_event){.op = RTE_EVENT_OP_NEW, .queue_id = to,
					   .sched_type = to == WORKER ? RTE_SCHED_TYPE_ATOMIC
								      : RTE_SCHED_TYPE_ORDERED,
					   .flow_id = (next + i) % FLOWS, .u64 = next + i};
	}
	return rte_event_enqueue_burst(dev, SENDER, ev, n);
}

/* Bursts of any size, so that reading stops in the middle of lines. */
static void
forward_some(uint8_t dev, uint8_t port)
{
	struct rte_event ev[MAX_BURST];
	unsigned int i, n = rte_event_dequeue_burst(dev, port, ev, 1 + random_of(MAX_BURST), 0);

	for (i = 0; i < n; i++) {
		assert_int_equal(ev[i].queue_id, port);
		assert_int_equal(ev[i].flow_id, ev[i].u64 % FLOWS);
		ev[i].op = RTE_EVENT_OP_FORWARD;
		ev[i].queue_id = SINK;
	}
	i = 0;
	while (i < n)
		i += rte_event_enqueue_burst(dev, port, &ev[i], n - i);
}

/* Events of a flow come in order. */
static unsigned int
receive_some(uint8_t dev, unsigned int next_of_flow[FLOWS])
{
	struct rte_event ev[MAX_BURST];
	unsigned int i, n = rte_event_dequeue_burst(dev, SINK, ev, 1 + random_of(MAX_BURST), 0);

	for (i = 0; i < n; i++) {
		unsigned int flow = ev[i].u64 % FLOWS;

		assert_int_equal(ev[i].u64, next_of_flow[flow]);
		next_of_flow[flow] += FLOWS;
	}
	return n;
}

static void
pass_events(uint8_t dev)
{
	unsigned int i, sent = 0, got = 0, next_of_flow[FLOWS];

	for (i = 0; i < FLOWS; i++)
		next_of_flow[i] = i;
	while (got < NUM_EVENTS) {
		if (sent < NUM_EVENTS)
			sent += send(dev, sent, RTE_MIN(1 + random_of(MAX_BURST), NUM_EVENTS - sent));
		forward_some(dev, WORKER);
		forward_some(dev, ORDERED_WORKER);
		got += receive_some(dev, next_of_flow);
	}
	assert_int_equal(evdev_receive(dev, SINK), 0);
}

static void
through_shallow_rings(uint8_t dev)
{
	set_up(dev, 8);
	pass_events(dev);
}

static void
through_deep_rings(uint8_t dev)
{
	set_up(dev, 128);
	pass_events(dev);
}

static void
test_traffic(void **state)
{
	with_every_way_of_writing(through_shallow_rings);
	with_every_way_of_writing(through_deep_rings);
}

static void
stop_with_events(uint8_t dev)
{
	unsigned int round;

	set_up(dev, 32);
	for (round = 0; round < 5; round++) {
		assert_int_equal(send(dev, 0, MAX_BURST), MAX_BURST);
		forward_some(dev, WORKER);
		rte_event_dev_stop(dev);
		assert_int_equal(rte_event_dev_start(dev), 0);
		pass_events(dev);
	}
}

/* Stop empties the rings, and they begin anew. */
static void
test_stop(void **state)
{
	with_every_way_of_writing(stop_with_events);
}

static void
pass_selftest(uint8_t dev)
{
	assert_int_equal(rte_event_dev_selftest(dev), 0);
}

static void
test_selftest(void **state)
{
	with_every_way_of_writing(pass_selftest);
}

/* What the device is told (control-path 3.1, 7.5, 8), by layout. */
static void
check_registers(uint8_t dev)
{
	const struct dlb2_eventdev *evdev = dlb2_evdev(&rte_eventdevs[dev]);
	const bool sparse = evdev->options.cq_layout == DLB2_CQ_SPARSE;
	const uint32_t modes = DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_LDB_CQ_MODE |
		DLB2_CHP_CFG_CHP_CSR_CTRL__CFG_64BYTES_QE_DIR_CQ_MODE;

	set_up(dev, 32);
	assert_int_equal(reg_of(dev, DLB2_CHP_CFG_CHP_CSR_CTRL, 0) & modes, sparse ? modes : 0);
	assert_int_equal(reg_of(dev, DLB2_SYS_LDB_CQ2VF_PF_RO, evdev->ports[WORKER].hw_id) &
				 DLB2_SYS_LDB_CQ2VF_PF_RO__RO,
			 sparse ? DLB2_SYS_LDB_CQ2VF_PF_RO__RO : 0);
	assert_int_equal(reg_of(dev, DLB2_SYS_DIR_CQ2VF_PF_RO, evdev->ports[SINK].hw_id) &
				 DLB2_SYS_DIR_CQ2VF_PF_RO__RO,
			 sparse ? DLB2_SYS_DIR_CQ2VF_PF_RO__RO : 0);
	assert_int_equal(evdev_xstat(dev, "dev_cq_memory_bytes"),
			 NUM_PORTS * 32 * (sparse ? 64 : 16));
}

static void
test_registers(void **state)
{
	with_devargs("hw=2.0", check_registers);
	with_devargs("hw=2.5,cq_layout=sparse", check_registers);
	with_devargs("hw=2.0,cq_layout=dense", check_registers);
	with_devargs("hw=2.5,cq_layout=dense", check_registers);
}

static void
check_dump(uint8_t dev)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(rte_event_dev_dump(dev, f), 0);
	fclose(f);
	assert_non_null(strstr(text, "CQs are dense\n"));
	free(text);
}

static void
test_dump(void **state)
{
	with_devargs("cq_layout=dense", check_dump);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_selftest),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("cq_layout", tests, NULL, NULL);
}
