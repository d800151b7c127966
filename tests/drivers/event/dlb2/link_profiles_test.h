/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the tests of link profiles share: a device with three ports and ten queues, and a look at what
 * it schedules. Included by each of them.
 */
#ifndef LINK_PROFILES_TEST_H
#define LINK_PROFILES_TEST_H

#include "parity_test.h"

#include "link_profiles.h"

#define NORMAL RTE_EVENT_DEV_PRIORITY_NORMAL
#define HOLD RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL
#define SENDER 1
#define NUM_PORTS 3
#define NUM_QUEUES 10
#define DEPTH 8

/** What the next model takes for its switches slot-in-flight and status-bits. */
extern unsigned int slot_in_flight, status_bits;

/** Runs a test with every value of both on both versions. The model must have no complaint. */
void
run(void (*test)(uint8_t dev));

/** Port 1 sends, and has the links of the queues from 3 on; the others hold what they get. */
void
set_up(uint8_t dev, uint32_t sender_flags);
/** Queue 0 in profile 0 of port 0, queue 1 in its profile 1, queue 2 in both. */
void
set_up_profiles(uint8_t dev);
/** The same, and starts. */
void
start(uint8_t dev);

void
send_flow(uint8_t dev, uint8_t queue, uint32_t flow, unsigned int num);
/** Dequeues for a while. Returns the set of queues that events came of; they stay open. */
unsigned int
take(uint8_t dev, uint8_t port, unsigned int *num);
void
release(uint8_t dev, uint8_t port, unsigned int num);
/** Takes until nothing comes any more, and releases all. */
unsigned int
receive(uint8_t dev, uint8_t port);

/** The queues that the device schedules to a port, by what its registers say. */
unsigned int
scheduled(uint8_t dev, unsigned int port);

#endif
