/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A rig for the data path of the model: brings a model up, configures domains, queues, ports and
 * links by registers in the order of control-path, sends HCWs and reads consumer queues. It knows
 * the model by its public interface only, and needs no test framework: what must not fail, aborts.
 */
#ifndef MODEL_RIG_H
#define MODEL_RIG_H

#include <dlb2_model.h>

#define RIG_REPORT_LEN 256
#define RIG_MAX_POST 64 /* HCWs */

/* How the rig and its model are made. */
struct rig_options {
	enum dlb2_version version;
	uint64_t seed;
	bool dense;    /* else sparse, as drivers have it */
	bool unmapped; /* the model must use dma_write */
};

/* The consumer's side of a port. */
struct rig_port {
	uint8_t *ring;
	unsigned int entries;
	unsigned int initial_tokens;
	uint64_t read; /* entries consumed */
	unsigned int hist_base;
	unsigned int hist_size;
};

struct rig {
	struct dlb2_model *model;
	const struct dlb2_limits *limits;
	struct rig_options options;
	struct rig_port ports[DLB2_NUM_PORT_KINDS][DLB2_MAX_DIR_PORTS];
	unsigned int hist_used;
	unsigned int slots_used[DLB2_MAX_LDB_PORTS];
	unsigned int sn_slots_used[DLB2_MAX_SN_GROUPS];
	unsigned int dma_writes;
	unsigned int reports;
	char report[RIG_REPORT_LEN]; /* the last one */
	bool print_reports;
};

/* A load-balanced queue; 0 means the default in brackets. */
struct rig_queue {
	unsigned int sns;            /* sequence numbers [not ordered] */
	unsigned int open_limit;     /* [2048, or sns] */
	unsigned int aqed_limit;     /* [64] */
	bool no_atomic;              /* FID_CFG_V stays 0 */
	unsigned int hid_levels;     /* distinct hashed lock IDs [65536] */
	unsigned int depth_threshold;/* [256] */
};

struct rig *rig_new(const struct rig_options *options);
void rig_free(struct rig *rig);

uint32_t rig_read(struct rig *rig, enum dlb2_reg reg, unsigned int i);
void rig_write(struct rig *rig, enum dlb2_reg reg, unsigned int i, uint32_t value);
uint32_t rig_read2(struct rig *rig, enum dlb2_reg reg, unsigned int i, unsigned int j);
void rig_write2(struct rig *rig, enum dlb2_reg reg, unsigned int i, unsigned int j,
	uint32_t value);

/* Credits; 2.5 has one pool, which gets the sum. */
void rig_domain(struct rig *rig, unsigned int d, unsigned int ldb, unsigned int dir);
unsigned int rig_credits(struct rig *rig, unsigned int d, bool dir);
void rig_ldb_queue(struct rig *rig, unsigned int d, unsigned int q, struct rig_queue queue);
void rig_dir_queue(struct rig *rig, unsigned int d, unsigned int q);
void rig_ldb_port(struct rig *rig, unsigned int d, unsigned int p, unsigned int depth,
	unsigned int hist_size);
void rig_dir_port(struct rig *rig, unsigned int d, unsigned int p, unsigned int depth);
/* Links in the next slot, which is returned; the CQ is disabled meanwhile. */
unsigned int rig_link(struct rig *rig, unsigned int p, unsigned int q, unsigned int priority);
void rig_unlink(struct rig *rig, unsigned int p, unsigned int slot);
void rig_enable(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, bool enable);

/* HCWs. */
struct dlb2_hcw rig_event(enum dlb2_hcw_cmd cmd, enum dlb2_sched_type type, unsigned int q,
	unsigned int priority, uint16_t lock_id, uint64_t data);
struct dlb2_hcw rig_tokens_hcw(enum dlb2_hcw_cmd cmd, unsigned int count);
/* Packs `n` HCWs four to a line and posts the lines at once. */
void rig_post(struct rig *rig, enum dlb2_port_kind kind, unsigned int p,
	const struct dlb2_hcw *hcws, unsigned int n);
void rig_send(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, struct dlb2_hcw hcw);
/* NEW of one event, of priority 0. */
void rig_enqueue(struct rig *rig, enum dlb2_port_kind kind, unsigned int p,
	enum dlb2_sched_type type, unsigned int q, uint16_t lock_id, uint64_t data);
void rig_complete(struct rig *rig, unsigned int p, unsigned int n);
void rig_return_tokens(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, unsigned int n);

/* Runs until nothing more can be scheduled; returns the number of events. */
unsigned int rig_run(struct rig *rig);
/* Takes the next entry of a CQ, if it is there. Does not return its token. */
bool rig_poll(struct rig *rig, enum dlb2_port_kind kind, unsigned int p,
	struct dlb2_cq_entry *entry);
/* Takes all entries of a CQ; stores the data of up to `max`. Returns their number. */
unsigned int rig_drain(struct rig *rig, enum dlb2_port_kind kind, unsigned int p, uint64_t *data,
	unsigned int max);

unsigned int rig_tokens(struct rig *rig, enum dlb2_port_kind kind, unsigned int p);
/* The three counts that make up a queue's depth (control-path 11.1). */
unsigned int rig_depth(struct rig *rig, unsigned int q);
struct dlb2_model_counters rig_counters(struct rig *rig);

#endif
