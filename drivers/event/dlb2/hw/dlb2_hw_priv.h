/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * What the files of the hardware layer share: the device and its parts, and access to registers by
 * name. Functions declared here expect the device's lock to be held.
 *
 * The one thing to know: registers that only software changes are not read back, but for the few
 * that also hold bits of which this driver knows no value (reg_modify). What the others hold
 * follows from the structures below, and a register that still has its reset value is not written
 * with that value (reg_init). Domain reset therefore writes the reset value to everything that a
 * domain has changed (control-path 10.6).
 */

#ifndef DLB2_HW_PRIV_H
#define DLB2_HW_PRIV_H

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <dlb2_regs.h>

#include "dlb2_hw.h"

#define US_PER_MS 1000u

/** IDs in the order in which they are handed out (control-path 2.2). */
struct dlb2_id_list {
	uint8_t count;
	uint8_t id[DLB2_MAX_DIR_PORTS];
};

/** A sequence-number group (control-path 2.5). */
struct dlb2_sn_group {
	uint8_t mode;
	uint16_t used_slots; /**< bit n: slot n */
};

/** control-path 9.2. */
enum dlb2_slot_state {
	DLB2_SLOT_UNMAPPED,
	DLB2_SLOT_MAPPED,
	DLB2_SLOT_MAP_IN_PROG,
	DLB2_SLOT_UNMAP_IN_PROG,
	DLB2_SLOT_UNMAP_IN_PROG_PENDING_MAP,
};

/** One of the eight queue positions of a load-balanced CQ. */
struct dlb2_slot {
	enum dlb2_slot_state state;
	uint8_t queue; /**< stays after unmapping, as it does in the register */
	uint8_t priority;
	uint8_t pending_queue; /**< to be mapped once this slot is unmapped */
	uint8_t pending_priority;
	bool off; /**< not valid in LSP_CQ2PRIOV although it has a queue; select.c */
};

/** What the CQs of both kinds have. */
struct dlb2_cq {
	struct dlb2_domain *domain; /**< owner of the port; NULL if free */
	bool configured;
	bool enabled;    /**< what the user wants */
	bool delivering; /**< what LSP_CQ_*_DSBL says */
	uint8_t vector;  /**< of its interrupt; 0: none is set up */
	uint16_t depth;
	uint8_t initial_tokens; /**< control-path 7.4 */
	struct dlb2_dma ring;
};

struct dlb2_ldb_port {
	struct dlb2_cq cq;
	uint16_t weight_limit;       /**< 0: off */
	uint16_t inflight_threshold; /**< 0: off */
	uint8_t num_mappings;        /**< slots that the scheduler sees */
	uint8_t num_removals;        /**< slots being unmapped */
	bool selecting;              /**< slots are not off and on yet as `off_queues` says */
	uint32_t off_queues;         /**< bit n: a slot with queue n shall be off */
	struct dlb2_slot slots[DLB2_MAX_SLOTS_PER_CQ];
};

/** A directed port and the queue of the same number. */
struct dlb2_dir_pair {
	struct dlb2_cq cq;
	bool queue_configured;
};

struct dlb2_ldb_queue {
	struct dlb2_domain *domain; /**< owner; NULL if free */
	bool configured;
	bool ordered;
	uint8_t sn_group; /**< both only if ordered */
	uint8_t sn_slot;
	uint16_t num_inflights;
	uint8_t num_mappings;  /**< slots of all ports in which the scheduler sees it */
	uint8_t num_additions; /**< slots in which it is MAP_IN_PROG; its limit is then 0 */
};

enum dlb2_domain_state {
	DLB2_DOMAIN_FREE,
	DLB2_DOMAIN_CONFIGURED,
	DLB2_DOMAIN_STARTED,
	DLB2_DOMAIN_RESETTING, /**< links end, but nothing enables a CQ behind the reset's back */
	DLB2_DOMAIN_LOST,      /**< a reset failed */
};

struct dlb2_domain {
	struct dlb2_device *dev;
	uint8_t id;
	enum dlb2_domain_state state;
	/* What it was given and has not configured, and what it has configured. */
	struct dlb2_id_list free_ldb_queues;
	struct dlb2_id_list used_ldb_queues;
	struct dlb2_id_list free_ldb_ports[DLB2_MAX_COS];
	struct dlb2_id_list used_ldb_ports[DLB2_MAX_COS];
	struct dlb2_id_list free_dir_pairs;
	struct dlb2_id_list reserved_dir_pairs; /**< free ones kept for producers */
	struct dlb2_id_list used_dir_pairs;
	unsigned int ldb_credits;
	unsigned int dir_credits;
	unsigned int hist_list_base;
	unsigned int hist_list_entries;
	unsigned int hist_list_used; /**< handed out from the base up */
	unsigned int atomic_inflights;
	unsigned int atomic_inflights_used;
	unsigned int sn_slots[DLB2_MAX_SN_GROUPS]; /**< of 64, that it may use; all 0: any */
	unsigned int sn_slots_used[DLB2_MAX_SN_GROUPS];
	unsigned int num_additions; /**< slots being mapped */
	unsigned int num_removals;  /**< slots being unmapped */
	unsigned int num_selections; /**< ports that are `selecting` */
};

struct dlb2_device {
	struct dlb2_bus *bus;
	enum dlb2_version version;
	const struct dlb2_limits *limits;
	struct dlb2_device_options options;
	pthread_mutex_t lock;
	bool gone; /**< a register read as all ones */
	bool chp_alarms_off;
	enum dlb2_msix_mode msix_mode;
	unsigned int num_cq_interrupts;
	uint64_t cq_vectors; /**< MSI-X vectors 1 to 64 that a CQ has for itself */
	unsigned int inflight_threshold_users;

	struct dlb2_id_list free_domains;
	struct dlb2_id_list free_ldb_queues;
	struct dlb2_id_list free_ldb_ports[DLB2_MAX_COS];
	struct dlb2_id_list free_dir_pairs;
	uint8_t cos_order[DLB2_MAX_COS]; /**< in which ports of any class are taken */
	bool ports_timed;
	uint64_t port_steps[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS]; /**< if timed; 0: near */
	unsigned int free_ldb_credits;
	unsigned int free_dir_credits;
	unsigned int free_atomic_inflights;
	bool hist_list_used[DLB2_MAX_HIST_LIST_ENTRIES];
	struct dlb2_sn_group sn_groups[DLB2_MAX_SN_GROUPS];

	struct dlb2_domain domains[DLB2_MAX_DOMAINS];
	struct dlb2_ldb_queue ldb_queues[DLB2_MAX_LDB_QUEUES];
	struct dlb2_ldb_port ldb_ports[DLB2_MAX_LDB_PORTS];
	struct dlb2_dir_pair dir_pairs[DLB2_MAX_DIR_PORTS];
};

/* device.c: lock, log, registers */

/** Takes the lock. -ENODEV, with the lock held all the same, if the device is gone. */
int dlb2_enter(struct dlb2_device *dev);
/** Releases the lock. Returns `ret`, or -ENODEV if the device went meanwhile. */
int dlb2_leave(struct dlb2_device *dev, int ret);

void dlb2_log(struct dlb2_device *dev, enum dlb2_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define dlb2_err(dev, ...) dlb2_log((dev), DLB2_LOG_ERR, __VA_ARGS__)

/** A register read as all ones: notes that the device is gone unless that is what it holds. */
void dlb2_check_gone(struct dlb2_device *dev, enum dlb2_reg reg);

static inline uint32_t
reg_read(struct dlb2_device *dev, enum dlb2_reg reg, unsigned int i)
{
	uint32_t offset = dlb2_reg_offset(dev->version, reg, i, 0);
	uint32_t value = dev->bus->ops->csr_read(dev->bus, offset);

	if (__builtin_expect(value == UINT32_MAX, 0))
		dlb2_check_gone(dev, reg);
	return value;
}

static inline void
reg_write2(struct dlb2_device *dev, enum dlb2_reg reg, unsigned int i, unsigned int j,
	   uint32_t value)
{
	dev->bus->ops->csr_write(dev->bus, dlb2_reg_offset(dev->version, reg, i, j), value);
}

static inline void
reg_write(struct dlb2_device *dev, enum dlb2_reg reg, unsigned int i, uint32_t value)
{
	reg_write2(dev, reg, i, 0, value);
}

/** Writes a register that is known to hold its reset value: not if that is what it shall hold. */
static inline void
reg_init(struct dlb2_device *dev, enum dlb2_reg reg, unsigned int i, uint32_t value)
{
	if (value != dlb2_reg_info[reg].reset)
		reg_write(dev, reg, i, value);
}

/** Clears, then sets bits of a register that has others which are not ours. */
static inline void
reg_modify(struct dlb2_device *dev, enum dlb2_reg reg, uint32_t clear, uint32_t set)
{
	uint32_t value = reg_read(dev, reg, 0);

	if (!dev->gone)
		reg_write(dev, reg, 0, (value & ~clear) | set);
}

/** Makes earlier writes take effect before any later store to a producer port (control-path 0). */
static inline void
reg_flush(struct dlb2_device *dev)
{
	reg_read(dev, DLB2_SYS_TOTAL_VAS, 0);
}

static inline void
sleep_us(struct dlb2_device *dev, unsigned int us)
{
	dev->bus->ops->sleep_us(dev->bus, us);
}

/* flr.c */

/** control-path 1.4 step 1, 1.8: this is the device meant, in D0, decoding and bus mastering on. */
int dlb2_pci_enable(struct dlb2_device *dev);
/** control-path 1.6, 1.7. -ENODEV, -EBUSY or the bus's error; configuration space is restored. */
int dlb2_flr(struct dlb2_device *dev);

/* resources.c */

void dlb2_resources_init(struct dlb2_device *dev);
void dlb2_list_push(struct dlb2_id_list *list, unsigned int id);
unsigned int dlb2_list_pop(struct dlb2_id_list *list);
void dlb2_list_remove(struct dlb2_id_list *list, unsigned int id);
/** Appends `from` to `to` and empties it. */
void dlb2_list_move_all(struct dlb2_id_list *to, struct dlb2_id_list *from);
/** First fit from entry `from` on; the base, or -ENOSPC. */
int dlb2_hist_list_take(struct dlb2_device *dev, unsigned int from, unsigned int entries);
void dlb2_hist_list_give(struct dlb2_device *dev, unsigned int base, unsigned int entries);
unsigned int dlb2_hist_list_longest_run(const struct dlb2_device *dev, unsigned int from);
/** Takes the best port of class `cos` for the domain (control-path 2.4); the class has one. */
unsigned int dlb2_ldb_port_take(struct dlb2_device *dev, unsigned int cos,
				const struct dlb2_domain *domain);
unsigned int dlb2_ports_in(const struct dlb2_id_list lists[DLB2_MAX_COS]);

/* profile.c */

/** Puts the free ports back in the order of their times, if they were timed. */
void dlb2_profile_sort(struct dlb2_device *dev);

/* domain.c */

/** 0, or -EBUSY after start: queues and ports are made before it (control-path 4.2). */
int dlb2_domain_check_open(struct dlb2_domain *domain, const char *what);
/** The configured port, pair or queue of this domain; NULL, with an error logged, if it is none. */
struct dlb2_ldb_port *dlb2_find_ldb_port(struct dlb2_domain *domain, unsigned int port);
struct dlb2_dir_pair *dlb2_find_dir_port(struct dlb2_domain *domain, unsigned int port);
struct dlb2_cq *dlb2_find_cq(struct dlb2_domain *domain, enum dlb2_port_kind kind,
			     unsigned int port);
bool dlb2_has_ldb_queue(struct dlb2_domain *domain, unsigned int queue);
bool dlb2_has_dir_queue(struct dlb2_domain *domain, unsigned int queue);
/** Index of SYS_{LDB,DIR}_VASQID_V. */
unsigned int dlb2_vasqid(const struct dlb2_domain *domain, enum dlb2_port_kind kind,
			 unsigned int queue);

/** Runs over the IDs of a list. */
#define DLB2_FOREACH_ID(id_, list_) \
	for (unsigned int n_ = 0; n_ < (list_)->count && ((id_) = (list_)->id[n_], true); n_++)

/** Runs over the configured load-balanced ports: by class, in the order of creation. */
#define DLB2_FOREACH_LDB_PORT(port_, domain_) \
	for (unsigned int cos_ = 0; cos_ < DLB2_MAX_COS; cos_++) \
		DLB2_FOREACH_ID(port_, &(domain_)->used_ldb_ports[cos_])

/* sn.c */

/** A slot for a queue of this many sequence numbers (control-path 2.5, 5.2). -ENOSPC. */
int dlb2_sn_take(struct dlb2_domain *domain, unsigned int mode, uint8_t *group, uint8_t *slot);
void dlb2_sn_give(struct dlb2_device *dev, unsigned int group, unsigned int slot);

/* interrupts.c */

/** Reads a register of write-one-to-clear bits, and clears those it gave; 0 where there is none. */
uint32_t dlb2_take_bits(struct dlb2_device *dev, enum dlb2_reg reg);

/* port.c */

struct dlb2_cq *dlb2_cq_of(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port);
/** Stops delivery to a CQ, unless it is stopped. The caller flushes. */
void dlb2_cq_stop(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port);
/** Lets delivery go on. The caller flushes. */
void dlb2_cq_start(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port);
/** The same, unless the user, a pending removal or the state of the domain is against it. */
void dlb2_cq_resume(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port);
/** control-path 7.8. */
void dlb2_inflight_threshold_set(struct dlb2_device *dev, unsigned int port,
				 unsigned int threshold);

/* link.c: what is linked, and what is still to be done for it */

/** Moves a slot to another state and keeps all counts (control-path 9.2). */
void dlb2_slot_move(struct dlb2_device *dev, unsigned int port, unsigned int slot,
		    enum dlb2_slot_state state);
/** The slot of a port with this state, and with this queue unless it is -1; or -1. */
int dlb2_slot_find(const struct dlb2_device *dev, unsigned int port, enum dlb2_slot_state state,
		   int queue);
/** Finishes what can be finished; returns how many additions, removals and selections are left. */
unsigned int dlb2_domain_progress(struct dlb2_domain *domain);
/**
 * Finishes what a CQ was stopped for, removals and a selection, unless they have to wait until it
 * owes no completion; then starts the maps that waited for them.
 */
void dlb2_link_finish(struct dlb2_device *dev, unsigned int port);

/* select.c: which links are scheduled from */

/** Whether a slot that gets this queue is off. */
bool dlb2_select_is_off(const struct dlb2_ldb_port *port, unsigned int queue);
/** Slots that are on and shall be off: what unlinks are, to who asks for those in progress. */
unsigned int dlb2_select_num_leaving(const struct dlb2_device *dev, unsigned int port);
/**
 * Sees to it that the slots become what `off_queues` says, at once if that is possible. Returns
 * whether they were not.
 */
bool dlb2_select_settle(struct dlb2_device *dev, unsigned int port);
/** The slots are so from now on, in software. Returns those that were off and are on: bit n. */
unsigned int dlb2_select_apply(struct dlb2_device *dev, unsigned int port);
/** Every linked queue is to be scheduled: dlb2_domain_progress() does it. The CQs are stopped. */
void dlb2_select_everything(struct dlb2_domain *domain);

/* map.c: the registers behind a link */

/** What an inverse map of a queue holds for CQs 4 * quad to 4 * quad + 3 (control-path 9.1). */
uint32_t dlb2_map_inverse(const struct dlb2_device *dev, unsigned int queue, unsigned int quad);
/** Writes it, or another word, to all three. */
void dlb2_map_write_inverse(struct dlb2_device *dev, unsigned int queue, unsigned int quad,
			    uint32_t word);
#define DLB2_CQS_PER_INVERSE 4u

/** Writes the links of a domain that has not started (control-path 9.3). */
void dlb2_map_static(struct dlb2_domain *domain);
/** Writes the priorities of a stopped CQ's slots (control-path 9.5). */
void dlb2_map_priorities(struct dlb2_device *dev, unsigned int port);
/** Starts to map a queue into an UNMAPPED slot while events may flow (control-path 9.4). */
void dlb2_map_begin(struct dlb2_device *dev, unsigned int port, unsigned int slot,
		    unsigned int queue, unsigned int priority);
/** Finishes a MAP_IN_PROG slot if the queue has nothing in flight, else leaves it. */
void dlb2_map_finish(struct dlb2_device *dev, unsigned int port, unsigned int slot);
/** Gives up a MAP_IN_PROG slot (control-path 9.6 step 1). */
void dlb2_map_cancel(struct dlb2_device *dev, unsigned int port, unsigned int slot);
/** Maps an UNMAPPED slot to a queue that has nothing in flight, all CQs of the domain stopped. */
void dlb2_map_now(struct dlb2_device *dev, unsigned int port, unsigned int slot,
		  unsigned int queue);
/** Tells slots of a stopped CQ, which are valid again, of the work that their queues hold. */
void dlb2_map_wake(struct dlb2_device *dev, unsigned int port, unsigned int slots);
/** Empties these slots of a stopped CQ that owes no completion (control-path 9.6). */
void dlb2_unmap_now(struct dlb2_device *dev, unsigned int port, unsigned int slots);

/* drain.c */

/** Empties queues and CQs of a started domain and leaves all stopped (control-path 10.1). */
int dlb2_domain_drain(struct dlb2_domain *domain);
/** Stops every CQ of a kind, with one flush. */
void dlb2_domain_stop_cqs(struct dlb2_domain *domain, enum dlb2_port_kind kind);

/* reset.c */

/** control-path 10.1, with the lock held. */
int dlb2_domain_do_reset(struct dlb2_domain *domain);
/** Keeps a domain that cannot be reset from writing to memory. */
void dlb2_domain_silence(struct dlb2_domain *domain);
/** Frees CQ memory and all else that a domain holds, in software only (control-path 10.7). */
void dlb2_domain_release(struct dlb2_domain *domain);

/* monitor.c */

unsigned int dlb2_ldb_queue_depth(struct dlb2_device *dev, unsigned int queue);
unsigned int dlb2_dir_queue_depth(struct dlb2_device *dev, unsigned int queue);
unsigned int dlb2_cq_inflights(struct dlb2_device *dev, unsigned int ldb_port);
unsigned int dlb2_cq_tokens(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port);

/* interrupts.c */

/**
 * Turns a CQ's interrupt off, gives its registers their reset values, and forgets one that nobody
 * took. It stays armed, since software cannot change that (control-path 15.6).
 */
void dlb2_cq_interrupt_clear(struct dlb2_device *dev, enum dlb2_port_kind kind, unsigned int port);

#endif
