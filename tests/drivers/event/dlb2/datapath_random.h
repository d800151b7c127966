/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Random events and entries for tests of the data path: each is mostly what the one before it was,
 * so that bursts are alike as often as not. Static, so that every test has a sequence of its own.
 */
#ifndef DATAPATH_RANDOM_H
#define DATAPATH_RANDOM_H

#include <stdlib.h>

#include "fake_device.h"

static unsigned int random_seed = 1;

static inline uint32_t
random32(void)
{
	return (uint32_t)rand_r(&random_seed) << 16 ^ (uint32_t)rand_r(&random_seed);
}

/* `random_sched` gives the entry's byte with the scheduling type. */
static inline struct dlb2_cq_entry
random_entry(struct dlb2_cq_entry entry, uint8_t (*random_sched)(void))
{
	uint32_t change = random32() % 64;

	entry.data = (uint64_t)random32() << 32 | random32();
	entry.flow_id = random32();
	entry.opaque = random32();
	entry.debug = random32();
	entry.status = (entry.status & DLB2_CQ_QID_DEPTH) | (random32() & 0xd8);
	if (change == 0)
		entry.qid = random32() % 4 ? fake_queue_hw_id[random32() % 2] : random32();
	if (change == 1)
		entry.sched = random_sched();
	if (change == 2)
		entry.status ^= random32() & DLB2_CQ_QID_DEPTH;
	if (change == 3)
		entry.status |= DLB2_CQ_ERROR;
	return entry;
}

static inline struct rte_event
random_event(struct rte_event ev)
{
	uint32_t change = random32() % 64;

	ev.flow_id = random32();
	ev.sub_event_type = random32();
	ev.event_type = random32();
	ev.priority = random32();
	ev.rsvd = random32();
	ev.impl_opaque = random32();
	ev.u64 = (uint64_t)random32() << 32 | random32();
	if (change == 0)
		ev.queue_id = random32() % 8 ? random32() % FAKE_NUM_QUEUES : random32();
	if (change == 1)
		ev.sched_type = random32() % 8 ? random32() % 3 : 3;
	if (change == 2)
		ev.op = random32() % 4;
	return ev;
}

#endif
