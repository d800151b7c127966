/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the tests of the event device share: EAL, devices on the model, set-up in one line, a little
 * traffic, and the log lines that a refusal wrote. The driver is linked into each program; every
 * test makes its own device and removes it.
 */
#ifndef EVDEV_TEST_H
#define EVDEV_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_errno.h>
#include <rte_eventdev.h>

/**
 * Starts EAL (--no-huge, 256 MiB, no PCI) and runs anywhere. Call once, first thing in main().
 */
void
evdev_test_init(void);

/**
 * Lets this thread, and those that it makes from now on, run on any CPU. EAL ties its threads to
 * one, with all that they make: the model's thread would get that CPU only when the test's lost
 * it, and every program of the suite would wait for the same one.
 */
void
evdev_run_anywhere(void);

/**
 * Makes device `name` (event_dlb2_model...) with these devargs, and those that the environment has
 * in DLB2_TEST_DEVARGS; fails the test if it cannot be made. Returns its ID.
 */
uint8_t
evdev_add(const char *name, const char *args);

/** Stops it if it runs, and removes it. */
void
evdev_remove(const char *name);

/** Runs `test` for both versions of the hardware, on a device that is removed afterwards. */
void
evdev_for_both(void (*test)(uint8_t dev));

/** A valid configuration. */
struct rte_event_dev_config
evdev_conf(uint8_t dev, unsigned int ports, unsigned int queues, unsigned int pairs);
int
evdev_configure(uint8_t dev, unsigned int ports, unsigned int queues, unsigned int pairs);
int
evdev_setup_queue(uint8_t dev, uint8_t queue, uint32_t flags, uint8_t sched_type);
int
evdev_setup_port(uint8_t dev, uint8_t port, uint32_t flags);
/** Links one queue, or unlinks it. 1 or 0, rte_errno then. */
int
evdev_link(uint8_t dev, uint8_t port, uint8_t queue);
int
evdev_unlink(uint8_t dev, uint8_t port, uint8_t queue);
/**
 * Configures `n` atomic queues and ports, queue i linked to port i, and starts. Fails the test on
 * any error.
 */
void
evdev_start_simple(uint8_t dev, unsigned int n);

/** Sends `num` events into a queue through a port. Fails the test if one is refused. */
void
evdev_send(uint8_t dev, uint8_t port, uint8_t queue, unsigned int num);
/** Receives until nothing more comes; returns how many came. */
unsigned int
evdev_receive(uint8_t dev, uint8_t port);
/** The same, but waits until `expected` came at least; not for ever. */
unsigned int
evdev_receive_all(uint8_t dev, uint8_t port, unsigned int expected);
/** Sends through a port into a queue and receives as many at another: the device is usable. */
void
evdev_check_traffic(uint8_t dev, uint8_t from_port, uint8_t queue, uint8_t to_port);

/** Log lines from now on are kept instead of shown. */
void
log_capture(void);
/** Waits until what is kept contains the word: another thread logs it. Goes on keeping. */
void
log_wait(const char *word);
/**
 * Stops keeping and fails the test unless each of the words (NULL at the end) is in what was kept.
 */
void
log_expect(const char *word, ...) __attribute__((sentinel));

/** Stops keeping. Returns what was kept, to be freed by the caller. */
char *
log_take(void);
/** Stops keeping and fails the test if there is anything. */
void
log_expect_nothing(void);

/** Value of an xstat by name; fails the test if there is none. */
uint64_t
evdev_xstat(uint8_t dev, const char *name);

/** Takes all memory that EAL has left, so that the next allocation fails. */
void
memory_exhaust(void);
void
memory_restore(void);

#endif
