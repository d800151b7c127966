/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Driver-specific API: what a DLB port can do beyond rte_eventdev. Names and values are those of
 * DPDK's in-tree driver (pmd-interface 15), so that applications built for it run on this one.
 */
#ifndef RTE_PMD_DLB2_H
#define RTE_PMD_DLB2_H

#include <stdint.h>

#include <rte_compat.h>
#include <rte_version.h>
#include <rte_eventdev.h>

#ifdef __cplusplus
extern "C" {
#endif

/** When a port returns the tokens of the CQ entries it read (data-path 3.4). */
enum rte_pmd_dlb2_token_pop_mode {
	RTE_PMD_DLB2_AUTO_POP,     /**< with the next lines; at the latest when half the CQ is owed */
	/** Just before the dequeue_depth-th release. Load-balanced ports; directed ones use AUTO. */
	RTE_PMD_DLB2_DELAYED_POP,
	RTE_PMD_DLB2_DEFERRED_POP, /**< at the start of the next dequeue */
	RTE_PMD_DLB2_NUM_TOKEN_POP_MODES
};

/* The names that DPDK 22.11 has for them: what was written for it compiles with this header, too. */
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
#define dlb2_token_pop_mode rte_pmd_dlb2_token_pop_mode
#define AUTO_POP RTE_PMD_DLB2_AUTO_POP
#define DELAYED_POP RTE_PMD_DLB2_DELAYED_POP
#define DEFERRED_POP RTE_PMD_DLB2_DEFERRED_POP
#define NUM_TOKEN_POP_MODES RTE_PMD_DLB2_NUM_TOKEN_POP_MODES
#endif

/**
 * Chooses the token pop mode of a port. Between rte_event_dev_configure() and
 * rte_event_port_setup() of that port only.
 *
 * @return 0; -EINVAL for an unknown mode, a device that is not a DLB, a port beyond the configured
 * ones, or a device or port that is past the point where the mode can be chosen (the log says
 * which).
 */
__rte_experimental
int
rte_pmd_dlb2_set_token_pop_mode(uint8_t dev_id, uint8_t port_id,
				enum rte_pmd_dlb2_token_pop_mode mode);

/**
 * Flag of struct rte_event_port_conf: the events of the port may be forwarded and released in any
 * order; their impl_opaque must be left as it was dequeued. The value is that of
 * RTE_EVENT_PORT_CFG_INDEPENDENT_ENQ, which DPDK has since 24.11, so it may be used with earlier
 * releases. dequeue_depth is at most 128 then.
 */
#define RTE_PMD_DLB2_PORT_CFG_INDEPENDENT_ENQ (UINT32_C(1) << 5)

/**
 * Fill level of the source queue when the event was scheduled: 0 up to 1/2 of its threshold, 1 to
 * 3/4, 2 to 1, 3 above.
 */
#define RTE_PMD_DLB2_GET_QID_DEPTH(ev) ((ev)->rsvd & 0x3)
#define RTE_PMD_DLB2_SET_QID_DEPTH(ev, v) ((ev)->rsvd = ((ev)->rsvd & ~0x3) | ((v) & 0x3))

/** Load code of an event, 0..3 (2.5 with enable_cq_weight). */
#define RTE_PMD_DLB2_GET_QE_WEIGHT(ev) (((ev)->rsvd >> 2) & 0x3)
#define RTE_PMD_DLB2_SET_QE_WEIGHT(ev, v) ((ev)->rsvd = ((ev)->rsvd & 0x3) | (((v) & 0x3) << 2))

/** Which members of struct rte_pmd_dlb2_port_param are to be applied. */
#define DLB2_SET_PORT_FLOW_MIGRATION_THRESHOLD (UINT64_C(1) << 0)
#define DLB2_SET_PORT_HL (UINT64_C(1) << 1)

struct rte_pmd_dlb2_port_param {
	/** 2.5: flows migrate away while this many events are open; 1..4095. */
	uint16_t inflight_threshold : 12;
	uint16_t port_hl; /**< history-list entries: how many events may be open on the port */
};

/**
 * Sets parameters of a load-balanced port, after configure; DLB2_SET_PORT_HL before the port's
 * setup only.
 *
 * @return 0; -EINVAL for a NULL or out-of-range value, a device that is not a DLB, a bad port, an
 * unknown flag, the threshold on 2.0 hardware, or a history list after port setup.
 */
__rte_experimental
int
rte_pmd_dlb2_set_port_param(uint8_t dev_id, uint8_t port_id, uint64_t flags,
			    struct rte_pmd_dlb2_port_param *val);

/**
 * A file descriptor that tells of events at a port, for epoll, poll or an event loop of any kind:
 * a thread that has other things to wait for need not poll the port.
 *
 * It becomes readable when an event comes to the port after rte_pmd_dlb2_port_event_arm() has
 * returned 0, once for each arming, and stays readable until the port is armed again: both level-
 * and edge-triggered waiting see it. It may become readable without an event, too. It is for waiting
 * only, reading from it is an error. The loop, in which no event is ever missed:
 *
 *     for (;;) {
 *             if (rte_pmd_dlb2_port_event_arm(dev, port) == 0)
 *                     epoll_wait(...);
 *             while ((n = rte_event_dequeue_burst(dev, port, events, N, 0)) > 0)
 *                     ...
 *     }
 *
 * Where the model runs inline (run=inline) it makes progress only on threads that dequeue or arm,
 * and the file descriptor is readable after a millisecond for that reason alone. On hardware, whose
 * interrupts are not known to be free of fault, a wait with a limit of some 10 ms costs little.
 *
 * The file descriptor is the driver's: never close it. It stays valid, and the same, over stop,
 * start and reconfiguration, until the event device is closed or removed, or reconfigured with so
 * few ports that this one is gone. Stop and removal make it readable, of a port that is armed: what
 * waits then finds a device that is stopped, or rte_errno ENODEV after a dequeue. Call it in the
 * primary process, after the set-up of the port, from the thread that uses the port or while none
 * does. Called again it returns the same.
 *
 * Each port takes one of the 63 interrupt vectors that the device has for ports, one or two file
 * descriptors, and with the first of them 65 file descriptors and interrupts of the machine.
 *
 * @return the file descriptor; -EINVAL: not a DLB, no such port, or one that is not set up;
 *   -ENOSPC: no vector or no file descriptor is left; -ENOTSUP: in a secondary process, or on a bus
 *   without interrupts. If the device is stopped, both may be found out when it starts, which then
 *   fails.
 */
__rte_experimental
int
rte_pmd_dlb2_port_event_fd(uint8_t dev_id, uint8_t port_id);

/**
 * Asks for the next event at a port to make its file descriptor readable. Before it looks whether
 * events are there already, it makes the file descriptor unreadable and does what an empty dequeue
 * does: with implicit release the events that the port has open are released, and its CQ tokens,
 * in each token pop mode, and its cached credits are given back. Takes about a microsecond, and does
 * not wait. For the thread that uses the port, while the device runs.
 *
 * @return 0: wait; 1: events are there, do not wait, but dequeue; -ESHUTDOWN: the device is stopped;
 *   -EINVAL: not a DLB, no such port; -ENOENT: the port has no file descriptor, call
 *   rte_pmd_dlb2_port_event_fd() first; -ENOTSUP: in a secondary process.
 */
__rte_experimental
int
rte_pmd_dlb2_port_event_arm(uint8_t dev_id, uint8_t port_id);

/** How far the process that used a port had come with an event. */
enum rte_pmd_dlb2_reclaim_state {
	/** It had dequeued the event, and neither forwarded nor released it. */
	RTE_PMD_DLB2_RECLAIM_OPEN,
	/** The event was scheduled to the port and not yet dequeued. */
	RTE_PMD_DLB2_RECLAIM_WAITING,
};

/**
 * Takes over an event of a port that is being reclaimed.
 *
 * @param[in,out] event  as dequeue gives it, but for `op`, which is RTE_EVENT_OP_RELEASE. Left so,
 *   the event is completed and the application's own. With `op` set to RTE_EVENT_OP_FORWARD the
 *   event goes on, as the callback leaves it, in the place that it has in an ordered flow.
 */
typedef void (*rte_pmd_dlb2_reclaim_t)(uint8_t dev_id, uint8_t port_id, struct rte_event *event,
				       enum rte_pmd_dlb2_reclaim_state state, void *arg);

/** What was found at a port that was reclaimed. */
struct rte_pmd_dlb2_reclaim_count {
	uint32_t open;    /**< events in that state */
	uint32_t waiting; /**< events in that state */
	/**
	 * Open events whose content the device has overwritten, which it may as soon as their CQ
	 * entries were given back: completed without a callback. A port has none as long as no
	 * more events are open and waiting than it has CQ entries: dequeue_depth, rounded up to a
	 * power of two, at least 8.
	 */
	uint32_t overwritten;
};

/**
 * Puts a port in order whose process is gone, or will never use it again; in the primary process,
 * while the device runs and other ports go on.
 *
 * All events that the device has scheduled to the port and that were not completed are given to
 * `callback`, in the order in which they were scheduled, and completed or forwarded as it says.
 * Atomic flows that the port held become free, ordered flows go on, CQ tokens and cached credits
 * are given back. Then any process may use the port. To have no events scheduled to it in the
 * meantime, unlink its queues first.
 *
 * What was under way when the process died is taken from the device's own counters, so that it may
 * have been killed anywhere. Credits that it was just paying with, refilling or giving back are the
 * exception: those of one burst, and of one refill, may stay taken until the device is started
 * again. A directed port has no counter of open events: those that it was forwarding at that moment
 * may come as open ones.
 *
 * The caller makes sure that no thread or process uses the port, and calls no other control
 * function of the device meanwhile. May block for some 100 ms if an event cannot be forwarded.
 *
 * @param callback  NULL: all are completed
 * @param arg       for the callback
 * @param[out] count  what was found; may be NULL
 * @return 0, also for a device that is stopped: stop has put its ports in order;
 *   -EINVAL: not a DLB, no such port, or an event that the callback forwards where it cannot go;
 *   -ENOSPC: an event could not be forwarded for want of credits. In both cases that event and all
 *   after it are left open: they come to the callback when this function is called again;
 *   -ENOTSUP in a secondary process; -ENODEV when the device is gone.
 */
__rte_experimental
int
rte_pmd_dlb2_port_reclaim(uint8_t dev_id, uint8_t port_id, rte_pmd_dlb2_reclaim_t callback,
			  void *arg, struct rte_pmd_dlb2_reclaim_count *count);

/**
 * Enqueues up to 16 events in the place of one: the pieces of an ordered event come out of the
 * order where the event would have, one after the other, whatever queues they go to. DLB 2.5.
 *
 * The last piece completes the event, as forwarding it would. All pieces are sent or none. Each
 * more than one is an event more in the system and takes a credit, as NEW does; statistics count
 * them as forwarded.
 *
 * To be called by the thread that uses the port, in any process. Does not block.
 *
 * @param event  the oldest open event of the port, as it was dequeued. It must have come as an
 *   ordered one (RTE_SCHED_TYPE_ORDERED). The driver finds out if it is not as long as the CQ entry
 *   is there, whose place the device uses again some time after the token went back; then it
 *   believes the caller, and pieces of an event that is not ordered are lost.
 * @param pieces  what is sent; `op` is not looked at
 * @param n  1 to 16
 * @return 0;
 *   -ENOSPC: no credits for all pieces: nothing was sent, try again or forward less;
 *   -EINVAL: not a DLB, no such port, device not started, `n` out of range, no event open, another
 *   event or type than said above, a piece that its queue does not take;
 *   -ENOTSUP: DLB 2.0, a single-link port, a port with independent enqueue, or a process that
 *   cannot move events.
 */
__rte_experimental
int
rte_pmd_dlb2_enqueue_fragments(uint8_t dev_id, uint8_t port_id, const struct rte_event *event,
			       const struct rte_event pieces[], uint16_t n);

/**
 * Ends the hold of events on their atomic flows while the application goes on with them: other
 * ports may get the next events of these flows at once.
 *
 * The events are no longer open on the port: they are neither forwarded nor released there, an
 * implicit release does not concern them, and other events can take their places in the history
 * list. But they stay in the system, counted in nb_events_limit, until
 * rte_pmd_dlb2_enqueue_released() sends them on or ends them, which therefore needs no credit for
 * new events. Stop and rte_pmd_dlb2_port_reclaim() take those back that have not been sent on.
 *
 * To be called by the thread that uses the port, in any process. Does not block.
 *
 * @param ev  the oldest open events of the port, in the order in which they were dequeued and as
 *   they were dequeued; all must have come as atomic ones (RTE_SCHED_TYPE_ATOMIC)
 * @param n  1 or more
 * @return 0;
 *   -EINVAL, and nothing was released: not a DLB, no such port, device not started, `n` 0 or above
 *   the number of open events, or an event that is another one, or not atomic, as far as the driver
 *   can tell;
 *   -ENOTSUP: a single-link port, a port with independent enqueue, or a process that cannot move
 *   events.
 */
__rte_experimental
int
rte_pmd_dlb2_release_atomic(uint8_t dev_id, uint8_t port_id, const struct rte_event ev[],
			    uint16_t n);

/**
 * Sends events on that rte_pmd_dlb2_release_atomic() released early on this port, or ends them. All
 * or nothing.
 *
 * To be called by the thread that uses the port, in any process. Does not block.
 *
 * @param ev  in any order; `op` says what is done with each: RTE_EVENT_OP_FORWARD enqueues it, behind
 *   what is in its queue by then, RTE_EVENT_OP_RELEASE ends it and gives its credit back
 * @param n  1 or more
 * @return 0;
 *   -ENOSPC: nothing was sent, for want of device credits; only on DLB 2.0 to single-link queues;
 *   -EINVAL: not a DLB, no such port, device not started, `n` 0 or above the number of events that
 *   are out, another op, an event that its queue does not take;
 *   -ENOTSUP: as above.
 */
__rte_experimental
int
rte_pmd_dlb2_enqueue_released(uint8_t dev_id, uint8_t port_id, const struct rte_event ev[],
			      uint16_t n);

/**
 * What an event device may be told that the device complains of. All but the last are something
 * that an application did, or a fault of the driver: the device has ignored the command.
 */
enum rte_pmd_dlb2_alarm_cause {
	/** An event was forwarded without an open event or a credit; or a fragment, wrongly. */
	RTE_PMD_DLB2_ALARM_ILLEGAL_ENQUEUE,
	RTE_PMD_DLB2_ALARM_EXCESS_TOKENS,  /**< more CQ tokens were returned than taken */
	RTE_PMD_DLB2_ALARM_ILLEGAL_HCW,    /**< no command that this kind of port has */
	RTE_PMD_DLB2_ALARM_ILLEGAL_QUEUE,  /**< an event to a queue that does not exist */
	RTE_PMD_DLB2_ALARM_DISABLED_QUEUE, /**< an event to a queue that is not the port's to use */
	/** Another one: of a port that is closed, or an event of a type that the queue lacks. */
	RTE_PMD_DLB2_ALARM_OTHER,
	RTE_PMD_DLB2_ALARM_NO_OPEN_EVENT,  /**< a release without an open event */
	RTE_PMD_DLB2_ALARM_NO_CREDIT,      /**< a new event without a credit */
	RTE_PMD_DLB2_ALARM_HARDWARE,       /**< an error of the device itself */
};

/** One complaint of the device. */
struct rte_pmd_dlb2_alarm {
	enum rte_pmd_dlb2_alarm_cause cause;
	int16_t port_id;   /**< the event port that did it, or -1 */
	int16_t queue_id;  /**< the event queue that its event was for, or -1 */
	int16_t hw_port;   /**< the device's number of the port, or -1: it concerns none */
	int16_t hw_queue;  /**< the queue number in the command, or -1: there was no event in it */
	uint8_t hw_port_is_directed;  /**< 1: `hw_port` counts directed ports; 0: load-balanced */
	uint8_t hw_queue_is_directed; /**< the same of `hw_queue` */
	/** 1: the device had more than this one and has not kept them. */
	uint8_t more;
	uint64_t count;       /**< how many of this cause the event device has had, this included */
	uint32_t syndrome[3]; /**< the device's own words */
};

/**
 * Is told of an alarm. Called in EAL's interrupt thread, as soon as the device interrupts. The log
 * tells at probe if it has no interrupts on this machine: then the threads that stop the event
 * device or dump it call the callback, with what the device has kept until then. Never called by
 * two threads at once.
 *
 * May read statistics of the event device, and tell other threads; may call no other function of an
 * event device, nor register or unregister callbacks, and should not block: other interrupts wait.
 * The device keeps one complaint at a time, so there may be less calls than faults, and at a
 * thousand alarms in a second they end until the event device is started again.
 *
 * @param alarm  of this event device; valid during the call
 * @param arg    as registered
 */
typedef void (*rte_pmd_dlb2_alarm_callback_t)(uint8_t dev_id,
					      const struct rte_pmd_dlb2_alarm *alarm, void *arg);

/**
 * Has a function called for each alarm of an event device; in the primary process, in any state of
 * the event device. Stays registered until it is unregistered or the event device is removed.
 * Several event devices on one PCI function have a callback each, which is told of its own ports,
 * and of errors of the hardware.
 *
 * @return 0; -EINVAL: not a DLB, or no callback; -EEXIST: there is one; -EDEADLK: called by an
 * alarm callback; -ENOTSUP in a secondary process
 */
__rte_experimental
int
rte_pmd_dlb2_alarm_callback_register(uint8_t dev_id, rte_pmd_dlb2_alarm_callback_t callback,
				     void *arg);

/**
 * Ends that. The callback is not running when this function returns, and is not called any more. It
 * waits for one that is running, so the caller holds no lock that the callback takes.
 *
 * @return 0; -EINVAL: not a DLB; -ENOENT: not registered, or with another `arg`; -EDEADLK: called
 * by an alarm callback; -ENOTSUP in a secondary process
 */
__rte_experimental
int
rte_pmd_dlb2_alarm_callback_unregister(uint8_t dev_id, rte_pmd_dlb2_alarm_callback_t callback,
				       void *arg);

#ifdef __cplusplus
}
#endif

#endif
