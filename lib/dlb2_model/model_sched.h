/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * State of the data path: what is stored, scheduled and owed. No behaviour; that is, by file, with
 * what is done per event inline in the header of the same name:
 *   model_hcw.c      commands at a producer port: the checks of data-path 11 and what passes them
 *   model_pp.c       producer ports as registers, what each domain may send to
 *   model_credits.c  credits of domains, the pool of stored events
 *   model_queue.c    queues: their FIFOs, counters, limits, and for whom they have work
 *   model_atomic.c   flows, pinning, atomic storage (AQED)
 *   model_order.c    sequence numbers and reorder buffer
 *   model_history.c  history lists
 *   model_links.c    which queue is in which slot of which CQ
 *   model_arbiter.c  every choice: class, CQ, queue, kind of event, priority
 *   model_weights.c  what registers tell the arbiters
 *   model_cq.c       consumer queues: room, tokens, registers
 *   model_entry.c    CQ entries that are more than a plain store
 *   model_fast_take.c, model_fast_run.h, model_fast_schedule.c   short ways for the commonest work
 *   model_word.h     HCW, stored event, history and CQ entry as words
 *   model_check.c, model_check_sets.c   invariants
 *   model_sched.c    set-up, reset
 *
 * The one thing to know: nothing here is looked up in the register file per event. A register
 * write is decoded into these structs; a register that the device changes is composed from them
 * when it is read. Indices are 16 bits, sets of queues and of CQs are bitmaps.
 */
#ifndef MODEL_SCHED_H
#define MODEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>

#define MODEL_NONE 0xffffu /* no index */

/* One per priority code of an HCW. With four bins (data-path 5.6) the first four are used. */
#define MODEL_BINS 8

/* Storage of all credits of either version: 2.0 has 8192 + 4096, 2.5 has 16384. */
#define MODEL_EVENTS 16384
#define MODEL_POOLS 2 /* 2.0: load-balanced and directed; 2.5: the first alone */

/* As many flows can be in use at once as the AQED has entries (data-path 5.2). */
#define MODEL_FLOWS (1 + DLB2_MAX_AQED_ENTRIES)
#define MODEL_FLOW_KEYS (DLB2_MAX_LDB_QUEUES << 16)
#define MODEL_NO_FLOW 0 /* flow 0 is not used */

/*
 * What a history pointer register of 13 bits can hold. No list goes beyond the device's entries, but
 * the pointers of one that is not usable may name anything, and are looked behind all the same.
 */
#define MODEL_HISTORY_POINTERS (1 << 13)

#define MODEL_SNS (DLB2_MAX_SN_GROUPS * DLB2_MAX_SNS_PER_GROUP)
#define MODEL_DIR_WORDS 2     /* 64-bit words of a set of directed ports */
#define MODEL_COS_SLOTS 256   /* bandwidth shares are in 256ths */
#define MODEL_LATE_ENTRIES 64 /* scheduled, not yet visible; no rule gives the number */

/* A set of queues by scheduling type and number: bytes 10 and 11 of an HCW without priority. */
#define MODEL_ROUTES 1024

/*
 * A stored event: the HCW, but that byte 15 has the number of the sending producer port (bits 6:0)
 * and whether that is load-balanced (bit 7).
 */
struct model_event {
	uint64_t data;
	uint64_t word; /* bytes 8 to 15 */
};

#define MODEL_SENDER_LDB 0x80u

/* Events of one queue and kind by bin of priority, chained by model_sched.next. */
struct model_fifo {
	uint16_t count;
	uint8_t bins; /* not empty; head and tail of the others mean nothing */
	uint16_t head[MODEL_BINS];
	uint16_t tail[MODEL_BINS];
};

/*
 * Flows that have an event to schedule, by bin of priority, chained by their lanes. The number of
 * a lane is flow * MODEL_BINS + bin.
 */
struct model_flow_list {
	uint8_t bins;
	uint16_t head[MODEL_BINS];
	uint16_t tail[MODEL_BINS];
};

/*
 * The events of a flow in one bin, and the neighbours in the flow list that the lane is on. The
 * ends of a list are what the list says; there `next` or `prev` means nothing.
 */
struct model_lane {
	uint16_t head;
	uint16_t tail;
	uint16_t next;
	uint16_t prev;
};

/* An atomic flow (data-path 5.2). It exists while it has events in the AQED or open. */
struct model_flow {
	uint32_t key;       /* queue << 16 | hashed lock ID */
	uint16_t open;      /* events scheduled and not completed */
	uint8_t pinned;     /* 1 + the CQ; 0 while nothing is open */
	uint8_t bins;       /* lanes with events */
};

/*
 * What the device must know when an event is completed (data-path 4.1). Laid out like bytes 8 to 15
 * of the HCW, so that most of it is one copy.
 */
struct model_history {
	uint16_t id;    /* atomic: flow; ordered: sequence number, of group 1 from 1024 on */
	uint8_t qid;
	uint8_t sched;  /* byte 11 of the HCW: type and priority */
	uint8_t slot;   /* of the CQ */
	uint8_t reserved;
	uint8_t flags;  /* byte 14 of the HCW: weight, latency flag, completion ID */
	uint8_t reserved_too;
} __attribute__((aligned(8)));

enum model_sn_state { MODEL_SN_FREE, MODEL_SN_OPEN, MODEL_SN_COMPLETE };

/* A sequence number and what waits under it in the reorder buffer. */
struct model_sn {
	uint16_t head;
	uint16_t tail;
	uint8_t pieces; /* events from head to tail */
	uint8_t state;
	uint8_t qid;    /* while not free: the queue, and */
	uint8_t cq;     /* the CQ that got the event */
	uint8_t slot;   /* of that CQ */
};

/* Where a queue gets its sequence numbers (CHP_ORD_QID_SN_MAP). */
struct model_order {
	uint16_t base;  /* of the slot's window in model_sched.sns */
	uint16_t mask;  /* window - 1 */
	uint16_t next;  /* offset of the number to be given out next: CHP_ORD_QID_SN */
	uint16_t open;  /* numbers given out and not free again */
	uint8_t group;
	uint8_t slot;
	bool enabled;   /* SYS_LDB_QID_CFG_V.SN_CFG_V */
	bool valid;     /* the group has this slot in this mode */
};

struct model_ldb_queue {
	uint64_t cqs;        /* CQs that have it in model_port.linked */
	uint64_t owners;     /* CQs that have it in model_port.own */
	uint64_t held;       /* CQs whose slot had INFLIGHT_OK cleared */
	uint64_t asleep;     /* CQs whose slot does not know of work here */
	uint16_t open;       /* LSP_QID_LDB_INFL_CNT */
	uint16_t open_limit;
	uint16_t num_cqs;    /* size of `cqs` */
	uint16_t deep;       /* events from which on a CQ gets several in a row */
	bool atomic_last;    /* kind of the last event scheduled */
	bool vdev;           /* some virtual queue stands for it */
	uint16_t depth_above[2][3]; /* fill levels of NALB and atomic (control-path 5.5) */

	/* Unordered and ordered ("NALB"). */
	struct model_fifo nalb;
	uint16_t nalb_max_depth;
	uint64_t nalb_enqueued;
	struct model_order order;

	/* Atomic: in the AQED, and before it. */
	uint8_t hid_bits;    /* 6 to 12; 16: lock IDs are not hashed */
	uint16_t hid_mask;
	uint16_t atomic;     /* events to be scheduled, in the AQED or before it */
	uint16_t aqed_open;  /* scheduled, but the entry is held until completion (a switch) */
	uint16_t aqed_limit;
	uint16_t flows;
	uint16_t flow_limit;
	struct model_flow_list ready; /* flows that any CQ may take */
	struct model_fifo atq;
	uint64_t atm_enqueued;
} __attribute__((aligned(64))); /* 256 bytes: from number to address it takes a shift */

struct model_dir_queue {
	struct model_fifo fifo;
	uint16_t depth_above[3];
	uint16_t max_depth;
	uint64_t enqueued;
};

/*
 * A producer port and its consumer queue. What was written, returned and completed is counted
 * without end; the registers are the differences. `stop` is a lower bound of where `written` must
 * stop, made exact when it is reached.
 */
struct model_port {
	/* Scheduling. */
	int64_t written;      /* entries; low bits are the index in the ring, the next the pass */
	int64_t stop;
	uint8_t *ring;        /* address of entry 0 if the owner gave it */
	uint32_t linked;      /* queues whose work it may take; load-balanced only, as are */
	uint32_t own;         /* queues with events of flows that are pinned here */
	uint16_t ring_entries;
	uint16_t hist_push;
	uint16_t hist_base;
	uint16_t hist_limit;  /* last entry */
	bool plain;           /* an entry is 16 bytes stored to `ring`, and no more than that */
	bool watched;         /* by weight or threshold: room is looked at after every event */
	bool hist_push_gen;
	uint8_t entry_shift;  /* 4 dense, 6 sparse */
	uint8_t cq_domain;

	/* Ingest. */
	uint8_t pp_domain;
	uint16_t legal;       /* commands that the port may send; none while it is closed */
	uint16_t hist_pop;
	bool hist_pop_gen;
	bool is_pf;           /* SYS_*_CQ2VF_PF_RO.IS_PF */
	int64_t returned;     /* tokens; their count is written - returned */
	int64_t completed;    /* in flight: written - completed; load-balanced only */
	int64_t taken;        /* occupancy (CHP_*_CQ_DEPTH): written - taken */

	/* Room. */
	bool disabled;
	bool ignore_depth;
	bool stalled;         /* waits until below its threshold (data-path 5.9) */
	bool hist_usable;
	uint16_t token_depth; /* ring size as the scheduler takes it */
	uint16_t open_limit;  /* LSP_CQ_LDB_INFL_LIM, but no more than the history list holds */
	uint16_t threshold;
	bool weighed;         /* LSP_CFG_CQ_LDB_WU_LIMIT.V */
	uint32_t load;
	uint32_t load_limit;

	/* Entries. */
	bool padded;          /* dense: free slots of the line are written along */
	bool map_asked;       /* the owner was asked for the ring's address */
	uint8_t late;         /* entries scheduled and not yet visible */
	uint64_t ring_iova;
	int64_t scheduled_base; /* LSP_CQ_*_TOT_SCH_CNT = written - this */

	/* DLB2_FAULT_TOKEN_DELAY. */
	uint32_t late_tokens;
	uint32_t late_lines;
} __attribute__((aligned(64)));

/* The slots of a load-balanced CQ (control-path 9.1, 15.5). */
struct model_links {
	uint32_t by_priority[DLB2_MAX_PRIORITIES]; /* queues of model_port.linked */
	uint8_t levels;                       /* priorities that have queues */
	uint8_t last_queue;
	uint8_t run_left;                     /* events that last_queue may still have in a row */
	uint8_t slot_of[DLB2_MAX_LDB_QUEUES]; /* of a linked queue */
	uint8_t valid;
	uint8_t queue[DLB2_MAX_SLOTS_PER_CQ];
	uint8_t priority[DLB2_MAX_SLOTS_PER_CQ];
	uint8_t held;                         /* slots whose INFLIGHT_OK was cleared */
	uint8_t asleep;                       /* slots that do not know of their queue's work */
} __attribute__((aligned(128))); /* as with model_ldb_queue */

struct model_domain {
	uint32_t credits[MODEL_POOLS];
	uint32_t withheld[MODEL_POOLS]; /* by DLB2_FAULT_CREDIT_SHORTAGE */
	bool allowed[MODEL_ROUTES];     /* what checks 3 to 5 let pass, by type << 8 | queue */
};

/* Arbiters among bins of priority (data-path 5.6). */
enum model_arbiter {
	MODEL_ARB_ATQ,    /* into the AQED */
	MODEL_ARB_READY,  /* flows that are not pinned */
	MODEL_ARB_SCHED,  /* flows pinned to the CQ */
	MODEL_ARB_NALB,
	MODEL_ARB_DIR,
	MODEL_NUM_ARBITERS
};

/* An entry that was scheduled and is not yet in memory. */
struct model_late_entry {
	uint64_t data;
	uint64_t word;
	uint32_t index;
	uint8_t kind;
	uint8_t port;
	bool owes_credit; /* given back when the entry becomes visible (a switch) */
	uint8_t pool;
	uint8_t domain;
};

struct model_sched {
	/* Sets of load-balanced CQs. */
	uint64_t ready;       /* with room */
	uint64_t shared_cqs;  /* that may take work of a queue of `shared` */
	uint64_t own_cqs;     /* that may take work of flows pinned to them */
	uint64_t touched;     /* whose occupancy the interrupt logic was not told */

	/* Sets of load-balanced queues. */
	uint32_t nalb_work;   /* with unordered or ordered events */
	uint32_t ready_work;  /* with flows that any CQ may take */
	uint32_t queue_ok;    /* below their in-flight limit */
	uint32_t sn_ok;       /* that need no sequence number or have one free */
	uint32_t shared;      /* that any linked CQ may take an event from now */
	uint32_t atq_work;    /* with events that wait for the AQED or a flow, */
	uint32_t atq_device;  /* of these, stopped by what the whole device has */

	/* Sets of directed CQs or queues. */
	uint64_t dir_ready[MODEL_DIR_WORDS];
	uint64_t dir_work[MODEL_DIR_WORDS];
	uint64_t dir_touched[MODEL_DIR_WORDS];

	/* Totals and places where searches go on. */
	uint16_t free_head[MODEL_POOLS];
	bool storage_contended; /* more credits were given out than events can be stored */
	bool aqed_contended;   /* the limits of all queues together are more than the AQED holds */
	uint16_t unused_flow;  /* first one, whose `key` is the next; MODEL_NO_FLOW: none is left */
	uint8_t dir_pool;
	uint8_t cos_cursor;
	uint8_t last_extra_cos;
	uint8_t last_dir;
	uint8_t last_cq[DLB2_MAX_COS]; /* within the class */
	uint8_t draws;        /* of the counting source that seed 0 draws from */
	bool dir_turn;
	bool may_write_plain; /* during a run: no fault, and DMA is allowed */
	uint8_t bin_shift;    /* from a priority code to its bin */
	bool hold_aqed;       /* DLB2_SWITCH_AQED_ENTRY */
	uint8_t run_length;   /* LDB_WRR_COUNT_BASE + 1 */
	bool thresholds;      /* LSP_CFG_CTRL_GENERAL_0.ENAB_IF_THRESH */
	bool pinned_first;    /* LSP_CFG_CTRL_GENERAL_0.DISAB_RLIST_PRI */
	uint64_t random;      /* state of the generator; 0 for seed 0 */
	uint64_t ldb_scheduled; /* LSP_LDB_SCH_CNT */
	uint64_t dir_scheduled;
	int64_t granted[MODEL_POOLS]; /* credits that software wrote, less those it overwrote */

	uint8_t weights[MODEL_NUM_ARBITERS][4];
	uint8_t cos_slots[MODEL_COS_SLOTS]; /* class that a slot is reserved for, or NUM_COS */
	bool cos_no_extra[DLB2_MAX_COS];

	struct model_port ports[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	struct model_links links[DLB2_MAX_LDB_PORTS];
	struct model_domain domains[DLB2_MAX_DOMAINS];
	struct model_ldb_queue queues[DLB2_MAX_LDB_QUEUES];
	struct model_dir_queue dir_queues[DLB2_MAX_DIR_PORTS];
	struct model_history history[MODEL_HISTORY_POINTERS];
	struct model_sn sns[MODEL_SNS];
	uint16_t sn_start[DLB2_MAX_SN_GROUPS][DLB2_MAX_SN_SLOTS]; /* RO_GRP_n_SLT_SHFT */
	struct model_flow_list pinned[DLB2_MAX_LDB_PORTS][DLB2_MAX_LDB_QUEUES];
	uint16_t flow_of[MODEL_FLOW_KEYS]; /* by key; MODEL_NO_FLOW: there is none */
	struct model_flow flows[MODEL_FLOWS];
	struct model_lane lanes[MODEL_FLOWS * MODEL_BINS];
	struct model_event events[MODEL_EVENTS];
	uint16_t next[MODEL_EVENTS]; /* event behind this one in its list, or next free one */

	uint32_t late_ports;  /* ports with delayed tokens */
	uint8_t num_late;
	struct model_late_entry late[MODEL_LATE_ENTRIES]; /* oldest first */
};

#endif
