/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A random pipeline: queues, ports, links, streams of events and what is done to them. Drawn from
 * (seed, number) and the device's announced limits alone, so that it can be drawn again; legal on
 * the device by those limits. Touches no device.
 */

#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_eventdev.h>

#include "check.h"

#define PIPELINE_MAX_QUEUES 8
#define PIPELINE_MAX_PORTS 16 /* check_record has 4 bits for a port */
#define PIPELINE_MAX_STREAMS 32
#define PIPELINE_MAX_STOPS 2
#define PIPELINE_MAX_BURST 128
/*
 * Devices let ports keep credits that they got back, in batches of 32 to 128 (256 and more on a
 * port with a hint), where other ports cannot use them. A limit below what all ports can keep
 * would let a producer starve, without a rule broken.
 */
#define PIPELINE_CREDIT_CACHE 128
#define PIPELINE_CREDIT_CACHE_HINTED 512

/* Behaviours that can be left out, for devices that are known not to bear them. */
enum pipeline_without {
	WITHOUT_LINK_CHANGES, /* no links changed under traffic */
	WITHOUT_ORDERED_UNLINK, /* ordered queues keep their links under traffic */
	WITHOUT_LATE_UNLINK, /* events from a queue whose unlink is complete are tolerated */
	WITHOUT_STOPS, /* no stop with events in flight */
	WITHOUT_STOP_HOLDING, /* before a stop, ports release the events they hold */
	WITHOUT_RESTART, /* after a stop, always reconfigure before the next start */
	WITHOUT_DIRECT_RECONFIGURE, /* reconfigure by way of a minimal configuration */
	WITHOUT_IMPLICIT_RELEASE, /* no event is dropped by implicit release */
	WITHOUT_FAN_OUT, /* workers send no NEW events */
	WITHOUT_FLOW_ID, /* flow_id need not come back as it was sent */
	WITHOUT_THRESHOLDS, /* all ports have new_event_threshold = nb_events_limit */
	NUM_WITHOUT
};

#define WITHOUT(behaviour) (1u << (behaviour))

extern const char *const pipeline_without_names[NUM_WITHOUT];

enum queue_kind {
	QUEUE_ATOMIC, QUEUE_ORDERED, QUEUE_PARALLEL, QUEUE_ALL_TYPES, QUEUE_DIRECTED,
	NUM_QUEUE_KINDS
};

struct pipeline_queue {
	enum queue_kind kind;
	uint8_t priority;
	uint32_t nb_atomic_flows;
	uint32_t nb_sequences;
	uint32_t nb_flows; /* distinct flow ids in use */
	uint32_t flow_ids[PIPELINE_MAX_STREAMS];
	uint32_t first_lock; /* flow i of the queue is the atomic flow first_lock + i */
};

struct pipeline_port {
	bool single_link;
	bool implicit_release;
	uint32_t hint; /* RTE_EVENT_PORT_CFG_HINT_*, or 0 */
	int32_t new_event_threshold;
	uint16_t dequeue_depth;
	uint16_t enqueue_depth;
	uint16_t dequeue_burst; /* largest */
	uint16_t enqueue_burst;
	uint32_t links; /* bitmap of queues */
	uint8_t link_priority[PIPELINE_MAX_QUEUES];
	uint16_t nb_streams; /* that it injects: pipeline.port_streams of this port */
	uint32_t share; /* weight of this port among those that inject */
	/* Chances in 1000, per step unless told otherwise. */
	uint16_t inject;
	uint16_t drop; /* per event */
	uint16_t hold; /* per dequeue: keep the batch for a while */
	uint16_t abandon; /* per batch: leave the rest to the implicit release */
	uint16_t relink;
	uint16_t longest_hold; /* in steps */
};

/* Where the device is stopped with events in flight, and how it goes on. */
struct pipeline_stop {
	bool reconfigure; /* else only started again */
	bool holding; /* ports have dequeued events that they have neither forwarded nor released */
};

struct pipeline {
	uint64_t seed;
	uint32_t number;
	int32_t nb_events_limit; /* -1 on an open system */
	uint32_t nb_event_queue_flows;
	uint32_t max_records; /* events that may be alive at once */
	uint8_t nb_queues;
	uint8_t nb_ports;
	uint8_t nb_single_links;
	uint8_t nb_stops;
	uint8_t max_links; /* of a port */
	uint8_t probe_queue; /* takes the events that measure the credits */
	bool shrink_first; /* set up by way of a minimal configuration */
	bool link_changes;
	uint32_t fixed_links; /* bitmap of queues whose links never change */
	struct pipeline_queue queues[PIPELINE_MAX_QUEUES];
	struct pipeline_port ports[PIPELINE_MAX_PORTS];
	struct pipeline_stop stops[PIPELINE_MAX_STOPS];
	uint32_t nb_streams; /* the last one, nb_streams - 1, is that of the credit probe */
	uint32_t nb_locks;
	uint8_t port_streams[PIPELINE_MAX_PORTS][PIPELINE_MAX_STREAMS];
	struct check_stream streams[PIPELINE_MAX_STREAMS + 1];
};

/**
 * Draws a pipeline.
 *
 * @param info     the device's limits and capabilities, as rte_event_dev_info_get() tells
 * @param types    bitmap of the RTE_SCHED_TYPE_* that the device's queues can have; not 0
 * @param without  bitmap of behaviours to leave out
 */
void pipeline_draw(struct pipeline *pl, const struct rte_event_dev_info *info, uint32_t types,
	uint32_t without, uint64_t seed, uint32_t number);

/** For long runs: depths and bursts of 32 if the device has that, brisk injection, short holds. */
void pipeline_hasten(struct pipeline *pl, const struct rte_event_dev_info *info);

void pipeline_print(const struct pipeline *pl, FILE *f);

/** The stream by which events measure how many the device takes. */
static inline uint16_t
pipeline_probe_stream(const struct pipeline *pl)
{
	return pl->nb_streams - 1;
}

#endif /* PIPELINE_H */
