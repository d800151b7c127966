/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * State of the data path: what is stored, scheduled and owed. No behaviour; that is in, by file:
 *   model_hcw.c       commands at a producer port: the checks of data-path 11 and what passes them
 *   model_credits.c   credits of domains and the pool of stored events
 *   model_queue.c     FIFOs of queues, their counters, which queue has work for whom
 *   model_atomic.c    flows, pinning, atomic storage (AQED)
 *   model_order.c     sequence numbers and reorder buffer
 *   model_history.c   history lists
 *   model_cq.c        consumer queues: room, tokens, entries written
 *   model_links.c     which queue is in which slot of which CQ
 *   model_arbiter.c   every choice: class, CQ, queue, kind of event, priority
 *   model_check.c     invariants
 *   model_sched.c     set-up, reset, register hooks
 *
 * The one thing to know: nothing here is looked up in the register file per event. A register write decodes the register
 * into these structs; a register read composes it from them. Indices are 16 bits, sets of queues and of CQs are bitmaps.
 */
#ifndef DLB2_MODEL_SCHED_H
#define DLB2_MODEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include <dlb2_hcw.h>
#include <dlb2_limits.h>

#define MODEL_NONE 0xffffu /* no index */

/* One per HCW priority code. With four bins (data-path 5.6) the first four are used. */
#define MODEL_BINS 8

/* Storage of all credits of either version: 2.0 has 8192 + 4096, 2.5 has 16384. */
#define MODEL_EVENTS 16384
#define MODEL_POOLS 2 /* 2.0: load-balanced and directed; 2.5: the first alone */

/* Flow numbers in use at once: as many as the AQED has entries. As many again remember flows that went idle. */
#define MODEL_FLOWS 4096
#define MODEL_FLOW_BUCKETS 4096

#define MODEL_SNS (DLB2_MAX_SN_GROUPS * DLB2_MAX_SNS_PER_GROUP)
#define MODEL_DIR_WORDS 2 /* bitmap of directed ports */
#define MODEL_COS_SLOTS 256 /* bandwidth shares are in 256ths */
#define MODEL_PENDING_WRITES 64
#define MODEL_UNPINNED 0xff

/* A stored event: the CQ entry it will become, but for byte 14, the weight code, and byte 15, zero. */
struct model_event {
	uint64_t data;
	uint64_t word; /* bytes 8 to 15 */
};

/* Events of one queue and kind, in bins of priority; chained by model_sched.next. */
struct model_fifo {
	uint16_t count;
	uint8_t bins; /* which are not empty; the other heads and tails mean nothing */
	uint16_t head[MODEL_BINS];
	uint16_t tail[MODEL_BINS];
};

/* Flows that have an event to schedule, in bins of priority; chained by the lanes. A lane's number is flow * MODEL_BINS + bin. */
struct model_flow_list {
	uint8_t bins;
	uint16_t head[MODEL_BINS];
	uint16_t tail[MODEL_BINS];
};

/* The events of a flow in one bin, and the neighbours in the flow list that the lane is on. */
struct model_lane {
	uint16_t head;
	uint16_t tail;
	uint16_t next;
	uint16_t prev;
};

/* An atomic flow (data-path 5.2): it is in use while it has events in the AQED or open. */
struct model_flow {
	uint32_t key;       /* queue << 16 | hashed lock ID */
	uint16_t hash_next; /* next flow of the bucket */
	uint16_t open;      /* scheduled and not completed */
	uint8_t cq;         /* where it is pinned; MODEL_UNPINNED while nothing is open */
	uint8_t bins;       /* lanes with events */
	struct model_lane lanes[MODEL_BINS];
};

/* What the device must know when an event is completed (data-path 4.1). */
struct model_history {
	uint16_t id;     /* atomic: flow; ordered: sequence number, group 1 from 1024 */
	uint8_t qid;
	uint8_t slot;    /* of the CQ */
	uint16_t hid;
	uint8_t sched;   /* byte 11 of the HCW: type and priority */
	uint8_t flags;   /* byte 14 of the HCW: weight, latency flag, completion ID */
};

enum model_sn_state { MODEL_SN_FREE, MODEL_SN_OPEN, MODEL_SN_COMPLETE };

/* A sequence number and what waits under it in the reorder buffer. */
struct model_sn {
	uint16_t head;
	uint16_t tail;
	uint8_t pieces; /* events from head to tail */
	uint8_t state;
	uint8_t qid;    /* while not free: the queue, */
	uint8_t cq;     /* and the CQ it was given to */
};

/* Where a queue gets its sequence numbers (CHP_ORD_QID_SN_MAP). */
struct model_order {
	uint16_t base;   /* of the slot in model_sched.sns */
	uint16_t mask;   /* window - 1 */
	uint16_t next;   /* offset of the number to give out next: CHP_ORD_QID_SN */
	uint8_t group;
	uint8_t slot;
	uint16_t open;   /* given out and not freed */
	bool enabled;    /* SYS_LDB_QID_CFG_V.SN_CFG_V */
};

/* Fill levels at which the qid_depth code of an entry changes: 1/2, 3/4 and all of the threshold (control-path 5.5). */
struct model_depth_levels {
	uint16_t above[3];
};

struct model_ldb_queue {
	uint64_t cqs;      /* that may take its work: linked, and the slot's status permits */
	uint64_t owners;   /* CQs with pinned flows of it that have events to schedule */
	uint16_t open;     /* LSP_QID_LDB_INFL_CNT */
	uint16_t open_limit;
	uint8_t turn;      /* 1: an atomic event was scheduled last */
	uint8_t hid_bits;  /* of the compressed lock ID, 6 to 12; 16: not compressed */

	/* Atomic: waiting for the AQED, in it, flows in use. */
	uint16_t aqed_used;
	uint16_t aqed_open;  /* part of aqed_used that is scheduled; 0 unless entries are held until completion */
	uint16_t aqed_limit;
	uint16_t flows;
	uint16_t flow_limit;
	struct model_depth_levels atm_levels;
	struct model_flow_list ready; /* flows that any CQ may take */
	struct model_fifo atq;
	uint64_t atm_enqueued;

	/* Unordered and ordered. */
	struct model_depth_levels nalb_levels;
	struct model_fifo nalb;
	uint16_t nalb_max_depth;
	uint64_t nalb_enqueued;
	struct model_order order;
};

struct model_dir_queue {
	struct model_fifo fifo;
	struct model_depth_levels levels;
	uint16_t max_depth;
	uint64_t enqueued;
};

/*
 * A producer port and its consumer queue. What was written, returned and completed is counted without end; registers hold
 * the differences. `stop` is a lower bound of where `written` must stop and is made exact only when it is reached.
 */
struct model_port {
	uint64_t written;     /* entries; its low bits are the index in the ring, the next bit the pass */
	uint64_t stop;
	uint8_t *ring;        /* where entry 0 is, if the owner translated it; else NULL */
	uint64_t returned;    /* tokens: count = written - returned */
	uint64_t completed;   /* in-flight count = written - completed; load-balanced only */
	uint64_t taken;       /* occupancy (CHP_*_CQ_DEPTH) = written - taken */
	uint32_t linked;      /* queues whose work it may take; load-balanced only */
	uint32_t own;         /* queues with pinned flows here that have events to schedule */
	uint16_t ring_entries;
	uint16_t token_depth; /* what the scheduler takes for the ring size */
	uint16_t legal;       /* commands that the port may send; 0: the producer port is closed */
	uint8_t entry_shift;  /* 4 dense, 6 sparse */
	uint8_t pp_domain;
	uint8_t cq_domain;
	bool plain;           /* an entry is 16 bytes stored to `ring`, nothing else to be done */
	bool disabled;
	bool stalled;         /* in-flight limit met with thresholds on: waits until below (data-path 5.9) */

	/* History list. */
	uint16_t hist_push;
	uint16_t hist_pop;
	uint16_t hist_base;
	uint16_t hist_limit;  /* last entry */
	bool hist_push_gen;
	bool hist_pop_gen;
	uint16_t open_limit;  /* LSP_CQ_LDB_INFL_LIM, but no more than the list holds */

	/* 2.5 only: load by weight, in-flight threshold. */
	uint16_t threshold;
	uint32_t load;
	uint32_t load_limit;  /* UINT32_MAX: none */
	bool watched;         /* one of the two is in force: room is looked at after every event */

	bool padded;          /* dense: the rest of a line is written along */
	uint8_t pending;      /* entries scheduled and not yet visible */
	uint64_t ring_iova;
	uint64_t scheduled_base; /* LSP_CQ_*_TOT_SCH_CNT = written - this */
};

/* The slots of a load-balanced CQ (control-path 9.1, 15.5). */
struct model_links {
	uint32_t by_priority[DLB2_MAX_PRIORITIES]; /* queues of model_port.linked */
	uint8_t levels;                            /* priorities that have queues */
	uint8_t last_queue;
	uint8_t run_left;                          /* events that last_queue may still have in a row */
	uint8_t valid;
	uint8_t queue[DLB2_MAX_SLOTS_PER_CQ];
	uint8_t priority[DLB2_MAX_SLOTS_PER_CQ];
	uint8_t slot_of[DLB2_MAX_LDB_QUEUES];      /* of a linked queue */
	/* Status bits by slot; a 1 here keeps the slot from being scheduled from. */
	uint8_t no_inflight;
	uint8_t no_nalb;
	uint8_t no_ready;
	uint8_t no_sched;
	uint8_t aqed_full;
};

struct model_domain {
	uint32_t ldb_allowed[3];            /* queues by scheduling type 0..2 that checks 3 to 5 let pass */
	uint64_t dir_allowed[MODEL_DIR_WORDS];
	uint32_t credits[MODEL_POOLS];
	uint32_t withheld;                  /* taken away by DLB2_FAULT_CREDIT_SHORTAGE */
	uint16_t pieces[2];                 /* stored events by pool that hold its credit; kept for model_check.c only */
};

/* Arbiters among priority bins (data-path 5.6). */
enum model_arbiter {
	MODEL_ARB_ATQ,    /* into the AQED */
	MODEL_ARB_READY,  /* among flows that are not pinned */
	MODEL_ARB_SCHED,  /* among flows pinned to the CQ */
	MODEL_ARB_NALB,
	MODEL_ARB_DIR,
	MODEL_NUM_ARBITERS
};

/* An entry that was scheduled and is not yet in memory. */
struct model_pending_write {
	struct model_event entry;
	uint32_t index;
	uint8_t kind;
	uint8_t port;
};

struct model_sched {
	/* Load-balanced queues and CQs, by bit. */
	uint64_t ready;        /* CQs with room */
	uint64_t shared_cqs;   /* CQs that have a queue of `shared` */
	uint64_t own_cqs;      /* CQs that have schedulable work of flows pinned to them */
	uint64_t touched;      /* CQs whose occupancy the interrupt logic has not been told */
	uint32_t nalb_work;    /* queues with unordered or ordered events */
	uint32_t ready_work;   /* queues with flows that any CQ may take */
	uint32_t queue_ok;     /* queues below their in-flight limit */
	uint32_t sn_ok;        /* queues that need no sequence number, or have one free */
	uint32_t shared;       /* queues with work that any linked CQ may take now */
	uint32_t atq_blocked;  /* queues whose events wait for a device-wide AQED or flow limit */
	uint64_t dir_ready[MODEL_DIR_WORDS];
	uint64_t dir_work[MODEL_DIR_WORDS];
	uint64_t dir_touched[MODEL_DIR_WORDS];

	uint16_t free_head[MODEL_POOLS];
	uint16_t aqed_used;
	uint16_t flows_used;
	uint16_t flow_hand;    /* where the search for an idle flow goes on */
	uint8_t last_cq[DLB2_MAX_COS];
	uint8_t last_dir;
	uint8_t cos_cursor;
	uint8_t last_cos;
	uint8_t draws;         /* of a counting source, for seed 0 */
	bool dir_turn;
	bool combined;         /* one credit pool */
	uint8_t bin_shift;     /* priority code to bin */
	uint8_t bin_weight;    /* bin to weight */
	bool weighted;         /* some arbiter weight is not 255 */
	bool hold_aqed;        /* DLB2_SWITCH_AQED_ENTRY */
	uint8_t run_length;    /* events in a row from one slot: LDB_WRR_COUNT_BASE + 1 */
	bool thresholds;       /* LSP_CFG_CTRL_GENERAL_0.ENAB_IF_THRESH */
	bool sched_first;      /* DISAB_RLIST_PRI */
	uint64_t random;       /* state of the generator; 0 for seed 0 */
	uint64_t ldb_scheduled, dir_scheduled; /* LSP_*_SCH_CNT */

	uint8_t weights[MODEL_NUM_ARBITERS][4];
	uint8_t cos_slots[MODEL_COS_SLOTS];    /* class that each slot is for; DLB2_MAX_COS: any */
	bool cos_no_extra[DLB2_MAX_COS];

	struct model_port ports[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	struct model_links links[DLB2_MAX_LDB_PORTS];
	struct model_domain domains[DLB2_MAX_DOMAINS];
	struct model_ldb_queue queues[DLB2_MAX_LDB_QUEUES];
	struct model_dir_queue dir_queues[DLB2_MAX_DIR_PORTS];
	struct model_history history[DLB2_MAX_HIST_LIST_ENTRIES];
	struct model_sn sns[MODEL_SNS];
	uint16_t sn_start[DLB2_MAX_SN_GROUPS][DLB2_MAX_SN_SLOTS]; /* RO_GRP_n_SLT_SHFT */
	struct model_flow_list pinned[DLB2_MAX_LDB_PORTS][DLB2_MAX_LDB_QUEUES];
	uint16_t flow_buckets[MODEL_FLOW_BUCKETS];
	struct model_flow flows[MODEL_FLOWS];
	struct model_event events[MODEL_EVENTS];
	uint16_t next[MODEL_EVENTS];           /* event after this one in its FIFO, lane or reorder list, or next free one */

	uint8_t num_pending;
	struct model_pending_write pending[MODEL_PENDING_WRITES];
};

#endif
