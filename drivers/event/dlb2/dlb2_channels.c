/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * How whoever runs the model finds the rings that have lines. An event must not cost more because
 * there are many ports that send none, so a ring in which nothing was found for a while is put to
 * sleep, and not looked into until its port rings the bell.
 *
 * A port stores `tail` and then reads `asleep`; the runner stores `asleep` and then reads `tail`.
 * Only the runner has a fence between the two: one in the port would cost every burst. So it can
 * happen that a port publishes lines, and its read overtakes the store, while the runner puts its
 * ring to sleep. Such lines are not lost: all rings are looked into now and then, and before every
 * access to a register.
 */
#include "dlb2_channels.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_malloc.h>

#include <dlb2_model.h>

#define RINGS_PER_BELL 64

/* One bit for each ring that is awake. Ports set bits, also from other processes. */
struct dlb2_channel_bells {
	uint64_t awake[(DLB2_MAX_PORTS + RINGS_PER_BELL - 1) / RINGS_PER_BELL];
} __rte_cache_aligned;

/*
 * Looks that find nothing before a ring is put to sleep: about what it costs to put it to sleep and
 * to wake it, so that whatever the port does, no more than twice the least is spent on it.
 */
#define LOOKS_BEFORE_SLEEP 32
/*
 * Looks at those awake between two at all. Few enough that lines which missed the bell wait for less
 * than a millisecond, as a run takes some microseconds, or inline for so many polls; enough that the
 * others cost nothing.
 */
#define LOOKS_BEFORE_ALL 64

int
dlb2_channels_init(struct dlb2_channels *channels, int socket)
{
	channels->bells = rte_zmalloc_socket("dlb2_channel_bells", sizeof(*channels->bells),
					     RTE_CACHE_LINE_SIZE, socket);
	return channels->bells != NULL ? 0 : -ENOMEM;
}

void
dlb2_channels_fini(struct dlb2_channels *channels)
{
	rte_free(channels->bells);
}

/* Whether the ring is one of those that are looked into. */
static bool
is_listed(const struct dlb2_pp_channel *channel)
{
	return __atomic_load_n(channel->bell, __ATOMIC_RELAXED) >> channel->bell_bit & 1;
}

struct dlb2_pp_channel *
dlb2_channels_open(struct dlb2_channels *channels, int socket)
{
	struct dlb2_pp_channel *new = rte_zmalloc_socket("dlb2_pp_channel", sizeof(*new),
							 RTE_CACHE_LINE_SIZE, socket);
	unsigned int slot = 0;

	if (new == NULL)
		return NULL;
	while (channels->at[slot] != NULL)
		slot++;
	channels->at[slot] = new;
	channels->slots = RTE_MAX(channels->slots, slot + 1);
	channels->num++;
	new->bell = &channels->bells->awake[slot / RINGS_PER_BELL];
	new->bell_bit = slot % RINGS_PER_BELL;
	dlb2_pp_channel_wake(new);
	return new;
}

static void
close_slot(struct dlb2_channels *channels, unsigned int slot)
{
	struct dlb2_pp_channel *channel = channels->at[slot];

	__atomic_fetch_and(channel->bell, ~(UINT64_C(1) << channel->bell_bit), __ATOMIC_RELAXED);
	channels->at[slot] = NULL;
	channels->num--;
	rte_free(channel);
}

void
dlb2_channels_close(struct dlb2_channels *channels, uint8_t dev_id)
{
	unsigned int slot;

	for (slot = 0; slot < channels->slots; slot++) {
		if (channels->at[slot] != NULL && channels->at[slot]->dev_id == dev_id)
			close_slot(channels, slot);
	}
	while (channels->slots > 0 && channels->at[channels->slots - 1] == NULL)
		channels->slots--;
}

/* False: the ring was empty. */
static inline bool
take_lines(struct dlb2_pp_channel *channel, struct dlb2_model *model)
{
	uint32_t tail = __atomic_load_n(&channel->tail, __ATOMIC_ACQUIRE);
	uint32_t head = channel->head, index, count;

	if (head == tail)
		return false;
	for (; head != tail; head += count) {
		index = head & (DLB2_PP_RING_LINES - 1);
		count = RTE_MIN(tail - head, DLB2_PP_RING_LINES - index);
		dlb2_model_post(model, channel->kind, channel->port, &channel->lines[index],
				count);
	}
	__atomic_store_n(&channel->head, head, __ATOMIC_RELEASE);
	channel->idle = 0;
	return true;
}

/*
 * The bit goes first: a port that sees `asleep` sets it again. Lines that came before that are seen
 * here.
 */
static __rte_noinline void
put_to_sleep(struct dlb2_pp_channel *channel)
{
	channel->idle = 0;
	__atomic_fetch_and(channel->bell, ~(UINT64_C(1) << channel->bell_bit), __ATOMIC_RELAXED);
	__atomic_store_n(&channel->asleep, true, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&channel->tail, __ATOMIC_ACQUIRE) != channel->head)
		dlb2_pp_channel_wake(channel);
}

void
dlb2_channels_take_all(struct dlb2_channels *channels, struct dlb2_model *model)
{
	unsigned int slot;

	channels->looks = 0;
	for (slot = 0; slot < channels->slots; slot++) {
		struct dlb2_pp_channel *channel = channels->at[slot];

		if (channel != NULL && take_lines(channel, model) && !is_listed(channel))
			dlb2_pp_channel_wake(channel);
	}
}

static inline void
take_listed(struct dlb2_channels *channels, struct dlb2_model *model, unsigned int word)
{
	uint64_t left = __atomic_load_n(&channels->bells->awake[word], __ATOMIC_ACQUIRE);

	for (; left != 0; left &= left - 1) {
		struct dlb2_pp_channel *channel =
			channels->at[word * RINGS_PER_BELL + __builtin_ctzll(left)];

		if (!take_lines(channel, model) && ++channel->idle == LOOKS_BEFORE_SLEEP)
			put_to_sleep(channel);
	}
}

void
dlb2_channels_take(struct dlb2_channels *channels, struct dlb2_model *model)
{
	unsigned int word;

	if (++channels->looks == LOOKS_BEFORE_ALL) {
		dlb2_channels_take_all(channels, model);
		return;
	}
	for (word = 0; word < RTE_DIM(channels->bells->awake); word++)
		take_listed(channels, model, word);
}
