/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The engine: one pipeline on one device. setup.c puts the pipeline onto the device, port.c is what
 * a port does in one step, run.c drives all ports through the phases of a pipeline's life.
 * A port and all in its struct belong to one lcore at a time.
 */

#ifndef RUN_H
#define RUN_H

#include <signal.h>

#include <rte_common.h>
#include <rte_spinlock.h>

#include "check.h"
#include "device.h"
#include "options.h"
#include "pipeline.h"
#include "prng.h"

#define FIFO_SIZE 512 /* power of two, at least two of the largest bursts */

/* Events in order. Its owner never pushes more than room() tells. */
struct event_fifo {
	struct rte_event ev[FIFO_SIZE];
	uint32_t head;
	uint32_t tail;
};

static inline uint32_t
fifo_count(const struct event_fifo *fifo)
{
	return fifo->tail - fifo->head;
}

static inline uint32_t
fifo_room(const struct event_fifo *fifo)
{
	return FIFO_SIZE - fifo_count(fifo);
}

static inline struct rte_event *
fifo_at(struct event_fifo *fifo, uint32_t position)
{
	return &fifo->ev[(fifo->head + position) & (FIFO_SIZE - 1)];
}

static inline struct rte_event *
fifo_push(struct event_fifo *fifo)
{
	return &fifo->ev[fifo->tail++ & (FIFO_SIZE - 1)];
}

/* Starts at the front again when empty, which keeps the cache footprint small. */
static inline void
fifo_drop(struct event_fifo *fifo, uint32_t count)
{
	fifo->head += count;
	if (fifo->head == fifo->tail)
		fifo->head = fifo->tail = 0;
}

/* What happened, for the summary: shows what a set of seeds really exercised. */
enum run_count {
	COUNT_INJECTED,
	COUNT_DEQUEUED,
	COUNT_FORWARDED,
	COUNT_CONSUMED, /* released at the end of the path */
	COUNT_DROPPED, /* released before that */
	COUNT_ABANDONED, /* dropped by implicit release */
	COUNT_FAN_OUT, /* injected by a port that also works */
	COUNT_SHORT, /* enqueues that took a part */
	COUNT_FULL, /* enqueues that took nothing */
	COUNT_GIVEN_UP, /* forwards turned into drops after being refused for long */
	COUNT_LINKED,
	COUNT_UNLINKED,
	COUNT_REPRIORITISED,
	COUNT_LINK_REFUSED,
	COUNT_LATE, /* events tolerated after their queue's unlink was complete */
	COUNT_FLUSHED,
	COUNT_STOPPED,
	COUNT_RECONFIGURED,
	COUNT_DEFAULTED, /* set-ups that only worked with the device's default values */
	COUNT_PROBED, /* events sent to measure credits */
	NUM_COUNTS
};

extern const char *const run_count_names[NUM_COUNTS];

struct port {
	struct run *run;
	const struct pipeline_port *spec;
	struct prng rng;
	uint8_t id;
	/* Work in hand. */
	struct event_fifo held; /* dequeued, in that order, not yet decided upon */
	struct event_fifo out; /* FORWARD and RELEASE, in dequeue order, to be enqueued */
	struct event_fifo fresh; /* NEW, to be enqueued */
	uint32_t hold; /* steps for which held stays as it is */
	bool abandoning; /* held is left to the implicit release of the next dequeue */
	uint32_t refusals; /* enqueues in a row of which nothing was taken */
	uint64_t refused_since; /* TSC of the first of them */
	bool only_completions; /* a NEW was refused: don't let it hold up others */
	/* Injection. */
	uint64_t quota; /* events still to be made in this phase */
	uint32_t cursor; /* next record to try, within the port's own */
	uint32_t first_record;
	uint32_t nb_records;
	/* Links, as far as they change. */
	uint32_t linked;
	uint32_t unlinking; /* asked for, not yet complete */
	uint32_t settling; /* complete; events scheduled before that may still come */
	bool was_linked; /* to any queue, since the device was configured */
	uint64_t count[NUM_COUNTS];
	uint64_t finished;
} __rte_cache_aligned;

/* When a phase is over. */
enum run_goal {
	GOAL_INJECTED, /* all of its events are made, and no link change is pending */
	GOAL_DRAINED, /* and all events are finished */
};

struct run {
	struct device *dev;
	const struct options *opt;
	struct pipeline pl;
	struct check check;
	struct port ports[PIPELINE_MAX_PORTS];
	uint32_t next_number[PIPELINE_MAX_STREAMS + 1]; /* by stream; its port owns it */
	bool concurrent; /* ports are driven by several lcores */
	bool settling; /* no more link changes but back to the pipeline's own */
	enum run_goal goal;
	uint64_t hash; /* of all that happened, if not concurrent */
	rte_spinlock_t link_lock;
	uint8_t nb_links[PIPELINE_MAX_QUEUES]; /* ports linked to each queue */
	uint64_t count[NUM_COUNTS]; /* of finished phases, all ports; and what belongs to none */
	uint64_t finished; /* by the stop of the device */
	uint32_t probe_cursor;
};

extern volatile sig_atomic_t run_interrupted;

/* setup.c; false: refused, which is a violation */

/** Configures the device, sets up its queues and ports, and links them. */
bool setup_configure(struct run *run, bool shrink_first);

/** Starts the device. */
bool setup_start(struct run *run);

/** Stops the device. Events that it flushes are checked and finished; none may be left. */
bool setup_stop(struct run *run);

/** Takes away, while the device is stopped, the links that traffic added to the pipeline's. */
bool setup_trim_links(struct run *run);

/* port.c */

void port_init(struct port *port, struct run *run, uint8_t id);

/** One random step: send, inject, process, dequeue, change links. True if events moved. */
bool port_step(struct port *port);

/** Sends a burst of what is in hand. True if the device took an event. */
bool port_send(struct port *port);

/** Injects up to one burst of probe events. Returns how many the device took. */
uint32_t port_probe(struct port *port);

/** Turns what is in hand into releases, still to be sent, and forgets NEW events not yet sent. */
void port_let_go(struct port *port);

/** Forgets all that is in hand: the device was stopped meanwhile. */
void port_forget(struct port *port);

/* run.c */

/**
 * Runs one pipeline on each of the devices, at the same time.
 *
 * @return 0, -EIO on a violation (in the check of the run that has it), -EINTR if interrupted, or
 *   another negative errno
 */
int run_pipelines(struct run *runs[], uint32_t nb_runs, const struct options *opt,
	uint64_t seed, uint32_t number);

void run_free(struct run *run);

static inline void
run_hash(struct run *run, uint64_t value)
{
	run->hash = (run->hash ^ value) * 0x100000001b3ULL;
}

#endif /* RUN_H */
