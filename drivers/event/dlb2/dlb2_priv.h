/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the control files of the event device share.
 *
 * The one thing to know: set-up of queues, ports and links is only recorded, after checking it;
 * hardware is built from the records when the device starts. So whatever an application does not
 * set up again after a reconfiguration is applied again by itself (pmd-interface 11, S2), set-ups
 * may be repeated, and a start that fails leaves nothing half made: the next one begins from the
 * records again. A restart that found no change meanwhile leaves the hardware as it is.
 *
 * struct dlb2_eventdev is in memory shared with secondary processes, struct dlb2_process is not.
 */
#ifndef DLB2_PRIV_H
#define DLB2_PRIV_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <eventdev_pmd.h>
#include <rte_common.h>

#include <dlb2_bus.h>
#include <dlb2_hw.h>

#include "dlb2_cq_irq.h"
#include "dlb2_datapath.h"
#include "dlb2_devargs.h"
#include "dlb2_function.h"
#include "dlb2_log.h"
#include "dlb2_share.h"

/** DLB2_DEFAULT_HIST_LIST with use_default_hl=n, for sizing the domain. */
#define DLB2_LONG_HIST_LIST 64
/** Largest dequeue depth of a port with independent enqueue (pmd-interface P10). */
#define DLB2_REORDER_MAX_DEQUEUE_DEPTH 128
/** Link profiles of a port, where the release of DPDK has them; else there is one. */
#define DLB2_MAX_PROFILES 8
/** Room for statistics of a port and of a queue. */
#define DLB2_MAX_PORT_XSTATS 48
#define DLB2_MAX_QUEUE_XSTATS 24

enum dlb2_setup {
	DLB2_NOT_SET_UP,
	DLB2_SET_UP_BEFORE, /**< before the last configure: used again unless set up anew */
	DLB2_SET_UP,        /**< since the last configure */
};

/** How far the hardware follows the records. */
enum dlb2_build {
	DLB2_NO_DOMAIN,
	DLB2_DOMAIN_EMPTY, /**< resources are reserved, nothing is created */
	DLB2_BUILT,        /**< queues, ports and links are as recorded */
	DLB2_OUTDATED,     /**< a record changed or a step failed: the domain must be reset */
};

/** The record of an event queue. */
struct dlb2_queue {
	enum dlb2_setup setup;
	enum dlb2_port_kind kind;
	struct rte_event_queue_conf conf;
	unsigned int num_links; /**< ports that it is linked to */
	unsigned int hw_id;     /**< physical queue, while built */
};

/** A queue that a port is linked to, in one profile or several. */
struct dlb2_event_link {
	uint8_t queue_id;
	uint8_t profiles; /**< bit n: it is one of profile n; never 0 */
	/** By profile, as the application said; dlb2_link_priority() is what counts. */
	uint8_t priorities[DLB2_MAX_PROFILES];
};

static inline bool
dlb2_link_is_in(const struct dlb2_event_link *link, unsigned int profile)
{
	return (link->profiles >> profile & 1) != 0;
}

/** The record of an event port. */
struct dlb2_port {
	enum dlb2_setup setup;
	enum dlb2_port_kind kind;
	struct rte_event_port_conf conf;
	struct dlb2_event_link links[DLB2_MAX_SLOTS_PER_CQ];
	unsigned int num_links; /**< of all profiles together: each takes a slot of the CQ */
	/** The active profile. Changed under link_lock, by the thread that uses the port or at start. */
	uint8_t profile;

	/* rte_pmd_dlb2.h; they stay over reconfigurations */
	enum rte_pmd_dlb2_token_pop_mode token_pop_mode;
	unsigned int port_hl; /**< history-list entries asked for; 0: chosen by the driver */
	unsigned int inflight_threshold; /**< 0: off */

	/* while built */
	unsigned int hw_id;
	unsigned int hist_list_entries;

	struct dlb2_dp_port *dp; /**< data path; from port set-up until release or close */
	struct dlb2_reorder *reorder; /**< as long, if it was ever set up for independent enqueue */
	struct dlb2_cq_irq irq;       /**< until released; of the primary process */
};

/** Complaints of the device, by cause. The primary process counts them, one thread at a time. */
struct dlb2_alarm_counts {
	uint64_t all[DLB2_NUM_ALARM_CAUSES];
	uint64_t ports[DLB2_MAX_PORTS][DLB2_NUM_ALARM_CAUSES];
	uint64_t queues[DLB2_MAX_QUEUES][DLB2_NUM_ALARM_CAUSES];
	uint64_t unrecorded; /**< times that the device said there were more */
};

struct dlb2_eventdev {
	/** Held by control operations, and by telemetry while it looks; dlb2_control.c. */
	pthread_mutex_t control_lock;
	char name[RTE_EVENTDEV_NAME_MAX_LEN];
	/** The bus's: a PCI address, or the name of the virtual device. Tells devices apart. */
	char device_name[RTE_DEV_NAME_MAX_LEN];
	uint8_t dev_id;
	int socket_id;
	struct dlb2_options options;
	struct dlb2_share share; /**< what it may have of the device */
	bool central_sched; /**< the application must run the model's service (run=service) */

	bool configured, started;
	struct rte_event_dev_config conf;
	/** Of the domain: as conf says, then as they are set up when the device starts. */
	unsigned int num_ldb_queues, num_ldb_ports, num_dir_pairs;
	enum dlb2_build build;
	struct dlb2_domain_request owned; /**< what the domain was given; zeroes without one */
	bool lost; /**< that domain did not drain: all it owned is out of use, and `owned` stays */

	struct dlb2_queue queues[DLB2_MAX_QUEUES];
	struct dlb2_port ports[DLB2_MAX_PORTS];
	struct dlb2_dp *dp;
	size_t memory;    /**< bytes of this object and of the data path */
	size_t cq_memory; /**< bytes of CQs, while built */

	struct dlb2_alarm_counts alarms;
	/* xstats: values at the last reset */
	uint64_t port_offsets[DLB2_MAX_PORTS][DLB2_MAX_PORT_XSTATS];
	uint64_t queue_offsets[DLB2_MAX_QUEUES][DLB2_MAX_QUEUE_XSTATS];
};

/**
 * A process's own part of an event device: code pointers and the handles of the hardware layer.
 * `ops` is a copy for each device, because the library keeps an application's stop-flush callback
 * in it; it also is how this struct is found.
 */
struct dlb2_process {
	struct eventdev_ops ops;
	struct dlb2_eventdev *evdev;
	struct dlb2_function *function; /**< what the device's event devices share; NULL in a
					  *  secondary process, as is `domain`
					  */
	struct dlb2_domain *domain;
	/** The application's, or NULL; both under function->users_lock. */
	rte_pmd_dlb2_alarm_callback_t alarm_callback;
	void *alarm_arg;
	/** Guards the records of links, which threads may change while the device runs. */
	pthread_mutex_t link_lock;
};

/**
 * Precedes the data path's part of a port in the same allocation, because the library releases a
 * port by that pointer alone.
 */
struct dlb2_port_block {
	struct dlb2_eventdev *evdev;
	unsigned int port_id;
	uint8_t dp[] __rte_cache_aligned;
};

static inline struct dlb2_eventdev *
dlb2_evdev(const struct rte_eventdev *dev)
{
	return dev->data->dev_private;
}

static inline struct dlb2_process *
dlb2_process(const struct rte_eventdev *dev)
{
	return container_of(dev->dev_ops, struct dlb2_process, ops);
}

/** The record behind what the library calls a port. */
static inline struct dlb2_port *
dlb2_port(void *dp_port)
{
	struct dlb2_port_block *block = container_of(dp_port, struct dlb2_port_block, dp);

	return &block->evdev->ports[block->port_id];
}

static inline unsigned int
dlb2_port_id(const struct dlb2_eventdev *evdev, const struct dlb2_port *port)
{
	return port - evdev->ports;
}

static inline unsigned int
dlb2_queue_id(const struct dlb2_eventdev *evdev, const struct dlb2_queue *queue)
{
	return queue - evdev->queues;
}

/** Something was recorded that the hardware does not know yet. */
static inline void
dlb2_record_changed(struct dlb2_eventdev *evdev)
{
	if (evdev->build == DLB2_BUILT)
		evdev->build = DLB2_OUTDATED;
}

static inline const struct dlb2_limits *
dlb2_evdev_limits(const struct dlb2_eventdev *evdev)
{
	return dlb2_limits(evdev->options.version);
}

/** The variant of the data path that a device uses. */
static inline enum dlb2_simd
dlb2_evdev_simd(const struct dlb2_eventdev *evdev)
{
	return evdev->options.simd >= 0 ? (enum dlb2_simd)evdev->options.simd : dlb2_simd_best();
}

/* dlb2_control.c */
/** The operations of a primary process. */
extern const struct eventdev_ops dlb2_control_ops;
/** 0 or a negative errno. */
int dlb2_control_lock_init(struct dlb2_eventdev *evdev);

/* dlb2_eventdev.c */
/** The log operation of every bus. */
void dlb2_bus_log(struct dlb2_bus *bus, enum dlb2_log_level level, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
/**
 * A process's part of an event device, with its own copy of `ops`. NULL without memory.
 *
 * @param function  NULL in a secondary process
 */
struct dlb2_process *dlb2_process_create(const struct eventdev_ops *ops,
					 struct dlb2_function *function);
void dlb2_process_free(struct dlb2_process *process);
/** Says so, and what to do, if `ret` is the error of a device that is gone. Returns `ret`. */
int dlb2_report_gone(const struct dlb2_eventdev *evdev, int ret);

/* dlb2_info.c */
void dlb2_info_get(struct rte_eventdev *dev, struct rte_event_dev_info *info);
void dlb2_queue_def_conf(struct rte_eventdev *dev, uint8_t queue_id,
			 struct rte_event_queue_conf *conf);
void dlb2_port_def_conf(struct rte_eventdev *dev, uint8_t port_id,
			struct rte_event_port_conf *conf);
int dlb2_timeout_ticks(struct rte_eventdev *dev, uint64_t ns, uint64_t *ticks);
/** Cycles of the time stamp counter in `ns` nanoseconds, rounded up. */
uint64_t dlb2_ns_to_ticks(uint64_t ns);

/* dlb2_configure.c */
int dlb2_configure(const struct rte_eventdev *dev);
int dlb2_close(struct rte_eventdev *dev);
/** Whether a dequeue that waits lets the core sleep: the CPU can and the user lets it. */
bool dlb2_waits_by_umwait(const struct dlb2_eventdev *evdev);
/** Reserves a domain for evdev->conf. 0, with build DLB2_DOMAIN_EMPTY, or a negative errno. */
int dlb2_claim_domain(struct dlb2_eventdev *evdev, struct dlb2_process *process);
/** Gives all back to the device; build is DLB2_NO_DOMAIN after it. */
void dlb2_return_domain(struct dlb2_eventdev *evdev, struct dlb2_process *process);

/* dlb2_queue.c */
int dlb2_queue_setup(struct rte_eventdev *dev, uint8_t queue_id,
		     const struct rte_event_queue_conf *conf);
void dlb2_queue_release(struct rte_eventdev *dev, uint8_t queue_id);
int dlb2_queue_attr_set(struct rte_eventdev *dev, uint8_t queue_id, uint32_t attr_id,
			uint64_t value);
/** Sequence numbers of an ordered queue, 0 of any other. */
unsigned int dlb2_queue_window(const struct dlb2_queue *queue);
/** Events that ports may hold open of a load-balanced queue. */
unsigned int dlb2_queue_inflight_limit(const struct dlb2_eventdev *evdev,
				       const struct dlb2_queue *queue);
unsigned int dlb2_queue_depth_threshold(const struct dlb2_eventdev *evdev,
					const struct dlb2_queue *queue);
/**
 * A single-link queue without a link becomes one of the kind of port that it is about to be linked
 * to. 0 or -EINVAL.
 */
int dlb2_queue_suit(struct dlb2_eventdev *evdev, struct dlb2_queue *queue,
		    enum dlb2_port_kind kind);
/** Creates the hardware queue of a load-balanced event queue. */
int dlb2_queue_build(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		     struct dlb2_queue *queue);

/* dlb2_port.c */
int dlb2_port_setup(struct rte_eventdev *dev, uint8_t port_id,
		    const struct rte_event_port_conf *conf);
void dlb2_port_release(void *dp_port);
/** Divides the domain's history-list entries. 0 or -ENOSPC. */
int dlb2_ports_share_hist_list(struct dlb2_eventdev *evdev);
/** Creates the hardware port and initialises the data path's part. */
int dlb2_port_build(struct dlb2_eventdev *evdev, struct dlb2_process *process,
		    struct dlb2_port *port);
/** Forgets a port and frees its memory. */
void dlb2_port_forget(struct dlb2_eventdev *evdev, unsigned int port_id);

/* dlb2_link.c */
int dlb2_port_link(struct rte_eventdev *dev, void *dp_port, const uint8_t queues[],
		   const uint8_t priorities[], uint16_t num, uint8_t profile);
int dlb2_port_unlink(struct rte_eventdev *dev, void *dp_port, uint8_t queues[], uint16_t num,
		     uint8_t profile);
int dlb2_port_unlinks_in_progress(struct rte_eventdev *dev, void *dp_port);
/** Removes the records of all links of a queue, or of a port. */
void dlb2_queue_drop_links(struct dlb2_eventdev *evdev, unsigned int queue_id);
void dlb2_port_drop_links(struct dlb2_eventdev *evdev, struct dlb2_port *port);
/** The priority of a link in the device while a profile is active: 0 (highest) to 7. */
unsigned int dlb2_link_priority(const struct dlb2_eventdev *evdev, const struct dlb2_port *port,
				const struct dlb2_event_link *link, unsigned int profile);
/** Programs the links of a port that was just created. */
int dlb2_port_build_links(struct dlb2_eventdev *evdev, struct dlb2_process *process,
			  struct dlb2_port *port);
/**
 * Programs the priorities of the ports that a queue is linked to, after that of the queue changed.
 * The device runs.
 */
int dlb2_queue_program_links(struct dlb2_eventdev *evdev, struct dlb2_process *process,
			     unsigned int queue_id);

/* dlb2_profiles.c; dlb2_profile_switch() is in dlb2_datapath.h */
/**
 * Has the device schedule to a port from the links of its active profile, at their priorities.
 * link_lock is held, or the device is stopped.
 * @return 0; 1: when the port owes no completion; or a negative errno
 */
int dlb2_profile_program(const struct dlb2_eventdev *evdev, struct dlb2_process *process,
			 const struct dlb2_port *port);
/** Programs the active profile of a port whose thread found its CQ empty while it waited. */
void dlb2_profile_resume(struct dlb2_process *process, const struct dlb2_port *port);
/** Whether a port has links of other profiles than the active one. */
bool dlb2_profile_has_others(const struct dlb2_port *port);
/** Whether the active profile leaves a port anything: a directed one may lack its queue. */
bool dlb2_profile_is_served(const struct dlb2_port *port);
/** Profile 0 is active on all ports. The device is stopped; if it is built, it follows. */
int dlb2_profiles_begin(struct dlb2_eventdev *evdev, struct dlb2_process *process);
/** The device schedules to all ports from all their links, for draining. */
void dlb2_profiles_end(struct dlb2_eventdev *evdev, struct dlb2_process *process);

/* dlb2_no_datapath.c */
/** A data path that moves nothing and sets rte_errno to `reason`: ENODEV or ENOTSUP. */
const struct dlb2_dp_ops *dlb2_no_datapath(int reason);

/* dlb2_removal.c */
/**
 * Threads that call the data path of a running device find none from now on; those in it soon
 * leave. False if it does not run.
 */
bool dlb2_turn_threads_away(struct rte_eventdev *dev);
/** No thread is in a data path any more that dlb2_turn_threads_away() was called for. Sleeps. */
void dlb2_let_threads_leave(void);
/**
 * Both for the threads of a secondary process, while those of others may go on. Takes a millisecond,
 * unless a burst lasts longer.
 */
void dlb2_keep_secondary_threads_out(struct rte_eventdev *dev);

/* dlb2_alarm_report.c */
/**
 * Counts an alarm of this event device, logs it if it shall be, and calls the application back.
 * function->users_lock is held.
 */
void dlb2_alarm_report(struct dlb2_process *process, const struct dlb2_alarm *alarm, bool logged);
/** rte_pmd_dlb2_alarm_callback_register() and _unregister() of an event device of this process. */
int dlb2_alarm_callback_set(struct dlb2_process *process, rte_pmd_dlb2_alarm_callback_t callback,
			    void *arg);
int dlb2_alarm_callback_remove(struct dlb2_process *process, rte_pmd_dlb2_alarm_callback_t callback,
			       void *arg);

/* dlb2_start_stop.c */
int dlb2_start(struct rte_eventdev *dev);
void dlb2_stop(struct rte_eventdev *dev);
/** No secondary process is in a burst afterwards, or can begin one, unless it died in it. */
void dlb2_stop_datapath(struct dlb2_eventdev *evdev);

/* dlb2_reclaim.c */
/** Puts ports in order in whose bursts processes died. Others are off the ports. 0, -ENODEV. */
int dlb2_settle_interrupted(struct dlb2_eventdev *evdev, struct dlb2_process *process);
/** rte_pmd_dlb2_port_reclaim() of a port that is set up. */
int dlb2_reclaim_port(struct rte_eventdev *dev, struct dlb2_reclaim *reclaim);

/* dlb2_quiesce.c */
/** The operation port_quiesce of a primary process; for the thread that uses the port. */
void dlb2_quiesce(struct rte_eventdev *dev, void *dp_port, rte_eventdev_port_flush_t flush,
		  void *arg);
/** The device schedules to all ports again. No thread uses one. */
void dlb2_resume_ports(struct dlb2_eventdev *evdev, struct dlb2_process *process);

/* dlb2_xstats.c */
int dlb2_xstats_get(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode,
		    uint8_t object, const uint64_t ids[], uint64_t values[], unsigned int num);
int dlb2_xstats_get_names(const struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode,
			  uint8_t object, struct rte_event_dev_xstats_name *names, uint64_t *ids,
			  unsigned int size);
uint64_t dlb2_xstats_get_by_name(const struct rte_eventdev *dev, const char *name, uint64_t *id);
int dlb2_xstats_reset(struct rte_eventdev *dev, enum rte_event_dev_xstats_mode mode, int16_t object,
		      const uint64_t ids[], uint32_t num);

/** What the device counts begins at 0 again: a domain was built. */
void dlb2_xstats_hardware_restarts(struct dlb2_eventdev *evdev);

/* dlb2_telemetry.c */
/** Telemetry looks at no device until dlb2_telemetry_resume(): one appears or goes. */
void dlb2_telemetry_pause(void);
void dlb2_telemetry_resume(void);

/* dlb2_dump.c */
void dlb2_dump(struct rte_eventdev *dev, FILE *f);

/* dlb2_selftest.c */
/** The self-test op for a device: the library calls it without saying for which one. */
eventdev_selftest dlb2_selftest_op(uint8_t dev_id);

#endif
