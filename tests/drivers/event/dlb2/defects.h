/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the tests of the in-tree driver's defects (pmd-interface 20) share. Each observes what the
 * defect does to an application, through the public API alone, so that the same tests judge any
 * driver: on the model in this process, or on whatever device the bus has (tests/vm/defects.c).
 *
 * The one thing to know: how long a device needs is not known here. So a test never counts polls;
 * it waits for what has to come, and for a while for what must not.
 */
#ifndef DEFECTS_H
#define DEFECTS_H

#include "evdev_test.h"

/** Versions of the hardware that a test is about. */
#define DEFECT_ON_2_0 0x1
#define DEFECT_ON_2_5 0x2
#define DEFECT_ON_BOTH (DEFECT_ON_2_0 | DEFECT_ON_2_5)

struct defect_test {
	const char *name; /**< "test_b<n>_..." */
	CMUnitTestFunction run;
	unsigned int versions;
};

#define DEFECT(test) { #test, test, DEFECT_ON_BOTH }
#define DEFECT_ONLY(test, on) { #test, test, on }

/** The tests of one file. */
struct defect_group {
	const char *name;
	const struct defect_test *tests;
	unsigned int num_tests;
};

extern const struct defect_group defects_configure, defects_credits, defects_events,
	defects_life_cycle, defects_links, defects_ports, defects_xstats;

/** All of them; NULL at the end. */
extern const struct defect_group *const defect_groups[];

/**
 * Where devices come from: EAL's names for them, and what their lists of devargs begin with. The
 * program fills it in before it runs a test. Without a second device tests that need one skip.
 */
struct defect_bus {
	const char *device[2];
	const char *devargs;
	unsigned int version; /**< DEFECT_ON_... of the devices */
	bool patient;         /**< the device is another process, perhaps on a slow machine */
};

extern struct defect_bus defect_bus;

/** Probes the device with these devargs ("" for none). Fails the test if it does not come up. */
uint8_t
defect_device(const char *devargs);
/** The same for the second device. */
uint8_t
defect_second_device(const char *devargs);
/** Probes the device; 0 and *dev, or what EAL says. */
int
defect_probe(const char *devargs, uint8_t *dev);
/** EAL's answer to the removal of a device. */
int
defect_remove(uint8_t dev);
/** Removes all devices: for the end of a test, whatever its result. */
int
defect_teardown(void **state);

/**
 * A function of the driver's own API (rte_pmd_dlb2.h): which of several drivers is loaded is known
 * at run time only. Skips the test where it does not have the function.
 */
void *
defect_driver_function(const char *name);

/** Number of directed pairs of the version under test. */
unsigned int
defect_dir_pairs(void);

/**
 * Two load-balanced ports and queues that take all types, and a directed pair, number 2, all
 * linked one to one and started; the load-balanced ports with these flags and `depth` (0: the
 * default).
 */
void
defect_start(uint8_t dev, uint32_t port_flags, unsigned int depth);
/**
 * Two ports and two parallel queues, which bound events in flight less than others do, linked one
 * to one and started.
 */
void
defect_start_parallel(uint8_t dev, uint32_t port_flags, unsigned int depth);
/** Sets up a port with the default configuration but for flags and depth (0: the default). */
int
defect_setup_port(uint8_t dev, uint8_t port, uint32_t flags, unsigned int depth);

/** A NEW atomic event to `queue` that carries `data`. */
struct rte_event
defect_event(uint8_t queue, uint64_t data);
/** `num` NEW parallel events to `queue`, numbered. */
void
defect_fill_parallel(struct rte_event ev[], unsigned int num, uint8_t queue);
/** Enqueues all of a burst, trying again for a while. Fails the test if that does not work. */
void
defect_send(uint8_t dev, uint8_t port, const struct rte_event ev[], unsigned int num);
/**
 * Dequeues until there are `num` events, or too long a time has passed without one; `take` at a
 * time. Returns how many came.
 */
unsigned int
defect_receive(uint8_t dev, uint8_t port, struct rte_event ev[], unsigned int num,
	       unsigned int take);
/** The same, and throws them away. Then looks a while for more; returns how many came in all. */
unsigned int
defect_sink(uint8_t dev, uint8_t port, unsigned int num);
/** `num` events through `port` to `queue` arrive at `to`. */
void
defect_check_traffic(uint8_t dev, uint8_t port, uint8_t queue, uint8_t to, unsigned int num);

#endif
