/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The life of a pipeline: set up; measure how many events the device takes; traffic, with stops in
 * between; drain; measure again; stop. Several devices go through it side by side. All ports are
 * driven by the main lcore in an order drawn from the seed, or by all worker lcores.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "run.h"

/* Steps between two looks at whether the phase is over; and at the clock. */
#define STEPS_PER_LOOK 32
#define LOOKS_PER_CLOCK 256
/* How often main looks while worker lcores do the work, in microseconds. */
#define LOOK_INTERVAL 200
/* Rounds of polling after which a device must have all credits back; and between looks at that. */
#define RETURN_ROUNDS 32768
#define RETURN_LOOKS 256
/* Steps without an event after which a worker lcore lets others have its CPU. */
#define IDLE_STEPS 64

volatile sig_atomic_t run_interrupted;

struct watchdog {
	uint64_t progress;
	uint64_t since; /* TSC */
};

static uint64_t
port_count(const struct port *port, enum run_count what)
{
	return __atomic_load_n(&port->count[what], __ATOMIC_ACQUIRE);
}

static uint64_t
events_finished(const struct run *run)
{
	uint64_t finished = run->finished;
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++)
		finished += __atomic_load_n(&run->ports[i].finished, __ATOMIC_ACQUIRE);
	return finished;
}

static uint64_t
events_injected(const struct run *run)
{
	uint64_t injected = 0;
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++)
		injected += port_count(&run->ports[i], COUNT_INJECTED);
	return injected;
}

static bool
all_injected(const struct run *run)
{
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++)
		if (__atomic_load_n(&run->ports[i].quota, __ATOMIC_ACQUIRE) != 0)
			return false;
	return true;
}

static bool
links_settled(const struct run *run)
{
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++) {
		const struct port *port = &run->ports[i];
		uint32_t linked = __atomic_load_n(&port->linked, __ATOMIC_ACQUIRE);

		if (__atomic_load_n(&port->unlinking, __ATOMIC_ACQUIRE) != 0 ||
				(port->spec->links & ~linked) != 0)
			return false;
	}
	return true;
}

/*
 * The order of the looks matters with several lcores: once quotas and NEW events in hand are
 * seen to be used up, as many finished as injected means that nothing is on its way.
 */
static bool
goal_reached(struct run *run)
{
	uint64_t finished;
	uint32_t i;

	if (!all_injected(run))
		return false;
	__atomic_store_n(&run->settling, true, __ATOMIC_RELEASE);
	if (!links_settled(run))
		return false;
	if (run->goal == GOAL_INJECTED)
		return true;
	for (i = 0; i < run->pl.nb_ports; i++) {
		const struct event_fifo *fresh = &run->ports[i].fresh;

		if (__atomic_load_n(&fresh->tail, __ATOMIC_ACQUIRE) !=
				__atomic_load_n(&fresh->head, __ATOMIC_ACQUIRE))
			return false;
	}
	finished = events_finished(run);
	return events_injected(run) == finished;
}

static bool
any_failed(struct run *runs[], uint32_t nb)
{
	uint32_t i;

	for (i = 0; i < nb; i++)
		if (check_failed(&runs[i]->check))
			return true;
	return false;
}

static bool
all_reached(struct run *runs[], uint32_t nb)
{
	bool reached = true;
	uint32_t i;

	for (i = 0; i < nb; i++)
		reached &= goal_reached(runs[i]);
	return reached;
}

/* Where every event is known to be: the report of a hang. */
static void
report_hang(struct run *run)
{
	uint32_t queued[PIPELINE_MAX_QUEUES] = { 0 };
	uint32_t held[PIPELINE_MAX_PORTS] = { 0 };
	const struct check *c = &run->check;
	char text[256] = "nothing in the device's keeping";
	uint32_t shown = 0;
	uint32_t i;

	fprintf(stderr, "device %u: where its events are known to be:\n", run->dev->id);
	for (i = 0; i < c->nb_records; i++) {
		const struct check_record *rec = &c->records[i];

		if (rec->state == CHECK_QUEUED) {
			queued[c->streams[rec->stream].hop[rec->hop].queue]++;
			if (shown++ < 16) {
				check_describe(c, i, text, sizeof(text));
				fprintf(stderr, "  %s\n", text);
			}
		} else if (rec->state == CHECK_HELD) {
			held[rec->port]++;
		}
	}
	for (i = 0; i < run->pl.nb_queues; i++)
		fprintf(stderr,
			"  queue %u: %u events enqueued and not delivered, %u ports linked\n", i,
			queued[i], run->nb_links[i]);
	for (i = 0; i < run->pl.nb_ports; i++)
		fprintf(stderr, "  port %u: %u held, %u completions and %u NEW to be sent, %" PRIu64
			" to be injected, linked %#x, unlinking %#x\n", i, held[i],
			fifo_count(&run->ports[i].out), fifo_count(&run->ports[i].fresh),
			run->ports[i].quota, run->ports[i].linked, run->ports[i].unlinking);
	check_violate(&run->check, CHECK_HUNG, "no event moved for %u s; the last one seen: %s",
		run->opt->watchdog, text);
}

static bool
watchdog_bites(struct watchdog *dog, struct run *runs[], uint32_t nb)
{
	uint64_t limit = (uint64_t)runs[0]->opt->watchdog * rte_get_tsc_hz();
	uint64_t progress = 0;
	uint64_t now = rte_rdtsc();
	uint32_t i, j;

	for (i = 0; i < nb; i++)
		for (j = 0; j < runs[i]->pl.nb_ports; j++)
			progress += port_count(&runs[i]->ports[j], COUNT_DEQUEUED) +
				port_count(&runs[i]->ports[j], COUNT_INJECTED) +
				__atomic_load_n(&runs[i]->ports[j].finished, __ATOMIC_RELAXED);
	if (progress != dog->progress || dog->since == 0) {
		dog->progress = progress;
		dog->since = now;
	}
	return now - dog->since > limit;
}

static int
verdict(struct run *runs[], uint32_t nb)
{
	if (any_failed(runs, nb))
		return -EIO;
	return run_interrupted ? -EINTR : 0;
}

static void
hang(struct run *runs[], uint32_t nb)
{
	uint32_t i;

	for (i = 0; i < nb; i++)
		if (!goal_reached(runs[i]))
			report_hang(runs[i]);
}

/* A random port takes a step, or the scheduler of a device that has one as a service. */
static bool
single_step(struct run *runs[], uint32_t nb, struct prng *rng)
{
	struct run *run = nb == 1 ? runs[0] : runs[prng_below(rng, nb)];
	uint32_t nb_ports = run->pl.nb_ports;
	/* As often as two ports' steps: the scheduler neither starves nor keeps queues empty. */
	uint32_t pick = prng_below(rng, nb_ports + (run->dev->has_service ? 2 : 0));

	if (pick < nb_ports)
		return port_step(&run->ports[pick]);
	device_run_service(run->dev);
	return true;
}

static int
drive_single(struct run *runs[], uint32_t nb, struct prng *rng)
{
	struct watchdog dog = { 0 };
	uint32_t looks = 0;
	uint32_t i;

	while (!any_failed(runs, nb) && !run_interrupted && !all_reached(runs, nb)) {
		bool moved = false;

		for (i = 0; i < STEPS_PER_LOOK; i++)
			moved |= single_step(runs, nb, rng);
		/* A device may have a thread of its own that waits for this CPU. */
		if (!moved)
			sched_yield();
		if (++looks % LOOKS_PER_CLOCK == 0 && watchdog_bites(&dog, runs, nb))
			hang(runs, nb);
	}
	return verdict(runs, nb);
}

struct crew {
	struct run **runs;
	uint32_t nb_runs;
	uint32_t nb_workers;
	bool stop;
};

struct worker {
	struct crew *crew;
	uint32_t index;
};

/* One step of each port of this worker: every nb_workers-th port, counting over all devices. */
static bool
worker_round(const struct worker *worker)
{
	const struct crew *crew = worker->crew;
	uint32_t number = 0;
	bool moved = false;
	uint32_t i, p;

	for (i = 0; i < crew->nb_runs; i++) {
		struct run *run = crew->runs[i];

		for (p = 0; p < run->pl.nb_ports; p++)
			if (number++ % crew->nb_workers == worker->index)
				moved |= port_step(&run->ports[p]);
		device_run_service(run->dev);
	}
	return moved;
}

static int
worker_main(void *arg)
{
	const struct worker *worker = arg;
	const struct crew *crew = worker->crew;
	uint32_t idle = 0;

	while (!__atomic_load_n(&crew->stop, __ATOMIC_ACQUIRE)) {
		idle = worker_round(worker) ? 0 : idle + 1;
		if (idle >= IDLE_STEPS) {
			sched_yield();
			idle = 0;
		}
	}
	return 0;
}

/*
 * Lets the workers drive until every goal is reached, as far as can be told meanwhile. False: that
 * takes too long.
 */
static bool
drive_by_crew(struct crew *crew, struct worker workers[], struct watchdog *dog)
{
	uint32_t index = 0;
	uint32_t lcore;
	bool hung = false;

	crew->stop = false;
	RTE_LCORE_FOREACH_WORKER(lcore) {
		workers[index] = (struct worker){ .crew = crew, .index = index };
		rte_eal_remote_launch(worker_main, &workers[index++], lcore);
	}
	while (!any_failed(crew->runs, crew->nb_runs) && !run_interrupted && !hung &&
			!all_reached(crew->runs, crew->nb_runs)) {
		usleep(LOOK_INTERVAL);
		hung = watchdog_bites(dog, crew->runs, crew->nb_runs);
	}
	__atomic_store_n(&crew->stop, true, __ATOMIC_RELEASE);
	rte_eal_mp_wait_lcore();
	return !hung;
}

/*
 * A worker may have changed links after they were seen settled, if it had looked at `settling`
 * before that was set. Only what is seen without workers counts; if need be they go on.
 */
static int
drive_all(struct run *runs[], uint32_t nb)
{
	struct crew crew = { .runs = runs, .nb_runs = nb, .nb_workers = rte_lcore_count() - 1 };
	struct worker workers[RTE_MAX_LCORE];
	struct watchdog dog = { 0 };
	bool going_on;

	do {
		going_on = drive_by_crew(&crew, workers, &dog) && !any_failed(runs, nb) &&
			!run_interrupted;
	} while (going_on && !all_reached(runs, nb));
	if (!going_on && !any_failed(runs, nb) && !run_interrupted)
		hang(runs, nb);
	return verdict(runs, nb);
}

static int
drive(struct run *runs[], uint32_t nb, struct prng *rng, enum run_goal goal)
{
	uint32_t i;

	for (i = 0; i < nb; i++) {
		runs[i]->goal = goal;
		runs[i]->settling = false;
	}
	return runs[0]->concurrent ? drive_all(runs, nb) : drive_single(runs, nb, rng);
}

/* By the main lcore, whoever drives the traffic. */
static int
drain_by_main(struct run *run, struct prng *rng)
{
	run->goal = GOAL_DRAINED;
	run->settling = false;
	return drive_single(&run, 1, rng);
}

/* Shares out the events of a phase among the ports that inject. */
static void
share_events(struct run *run, uint64_t events)
{
	struct port *first = NULL;
	uint64_t left = events;
	uint32_t total = 0;
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++)
		total += run->pl.ports[i].share;
	for (i = 0; i < run->pl.nb_ports; i++) {
		struct port *port = &run->ports[i];

		port->quota = events * port->spec->share / total;
		left -= port->quota;
		if (first == NULL && port->spec->share != 0)
			first = port;
	}
	if (first != NULL)
		first->quota += left;
}

/*
 * Fills the device with events until no port gets another one in. Ports with the lowest threshold
 * go first: once others have filled the device they could not use the credits that they keep.
 */
static uint32_t
fill(struct run *run)
{
	uint32_t taken = 0;
	uint32_t quiet = 0;
	int32_t level, next;
	uint32_t i;

	for (level = 0; quiet < 3; level = next) {
		uint32_t before = taken;

		next = INT32_MAX;
		for (i = 0; i < run->pl.nb_ports; i++) {
			int32_t threshold = run->pl.ports[i].new_event_threshold;
			uint32_t n;

			if (threshold > level) {
				next = RTE_MIN(next, threshold);
				continue;
			}
			while (taken <= (uint32_t)run->pl.nb_events_limit &&
					(n = port_probe(&run->ports[i])) != 0)
				taken += n;
		}
		device_run_service(run->dev);
		quiet = taken != before || next != INT32_MAX ? 0 : quiet + 1;
		next = next == INT32_MAX ? level : next;
	}
	return taken;
}

/* Measures how many NEW events the device takes, and drains it again. */
static int
measure_credits(struct run *run, struct prng *rng, uint32_t *taken)
{
	uint32_t i;

	*taken = fill(run);
	for (i = 0; i < run->pl.nb_ports; i++)
		port_let_go(&run->ports[i]);
	run_hash(run, *taken);
	if (*taken > (uint32_t)run->pl.nb_events_limit)
		check_violate(&run->check, CHECK_CREDITS,
			"took more NEW events than nb_events_limit = %d", run->pl.nb_events_limit);
	else if (*taken == 0)
		check_violate(&run->check, CHECK_CREDITS,
			"takes no NEW event though it is empty; nb_events_limit is %d",
			run->pl.nb_events_limit);
	return check_failed(&run->check) ? -EIO : drain_by_main(run, rng);
}

/* Ports keep what does not fill a batch; one of low threshold cannot bring that to use. */
static uint32_t
credit_slack(const struct run *run)
{
	uint32_t slack = run->opt->credit_slack;
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++)
		if (run->pl.ports[i].new_event_threshold < run->pl.nb_events_limit)
			slack += PIPELINE_CREDIT_CACHE;
	return slack;
}

/*
 * The device's own count of events, if it tells it, must come down to 0. It may count credits that
 * ports keep, and take them back from ports that find nothing for a while: all ports are polled,
 * those without links too.
 */
static void
check_inflight_xstat(struct run *run)
{
	uint64_t inflight = 0;
	uint32_t round, i;

	for (round = 0; round < RETURN_ROUNDS; round++) {
		bool look = round % RETURN_LOOKS == 0;

		if (look && !device_xstat(run->dev, "dev_inflight_events", &inflight))
			return;
		if (look && inflight == 0)
			return;
		for (i = 0; i < run->pl.nb_ports; i++) {
			struct rte_event ev;

			if (rte_event_dequeue_burst(run->dev->id, i, &ev, 1, 0) != 0) {
				check_dequeue(&run->check, i, &ev);
				return;
			}
		}
		device_run_service(run->dev);
	}
	check_violate(&run->check, CHECK_CREDITS,
		"dev_inflight_events is %" PRIu64 " though all events are finished and all ports "
		"were polled %u times", inflight, RETURN_ROUNDS);
}

static int
check_credits_returned(struct run *run, struct prng *rng, uint32_t first)
{
	uint32_t again;
	int ret;

	check_inflight_xstat(run);
	if (run->pl.nb_events_limit < 0 || check_failed(&run->check))
		return check_failed(&run->check) ? -EIO : 0;
	ret = measure_credits(run, rng, &again);
	if (ret == 0 && again + credit_slack(run) < first) {
		check_violate(&run->check, CHECK_CREDITS,
			"after the drain it takes %u NEW events, when fresh it took %u; "
			"nb_events_limit is %d", again, first, run->pl.nb_events_limit);
		ret = -EIO;
	}
	return ret;
}

/* Before a stop: nothing in the ports' hands, but events in the device. */
static void
let_go(struct run *run)
{
	uint32_t pending;
	uint32_t tries = 0;
	uint32_t i;

	do {
		pending = 0;
		for (i = 0; i < run->pl.nb_ports; i++) {
			struct port *port = &run->ports[i];

			port_let_go(port);
			port_send(port);
			pending += fifo_count(&port->out) + fifo_count(&port->held);
		}
		device_run_service(run->dev);
	} while (pending != 0 && !check_failed(&run->check) && ++tries < 1u << 20);
	if (pending != 0)
		check_violate(&run->check, CHECK_HUNG, "%u releases are refused for good", pending);
}

static int
stop_and_go_on(struct run *run, const struct pipeline_stop *stop)
{
	bool done;
	uint32_t i;

	if (!stop->holding)
		let_go(run);
	run->count[COUNT_STOPPED]++;
	done = !check_failed(&run->check) && setup_stop(run);
	for (i = 0; i < run->pl.nb_ports; i++)
		port_forget(&run->ports[i]);
	if (done && stop->reconfigure) {
		run->count[COUNT_RECONFIGURED]++;
		done = setup_configure(run, run->pl.shrink_first);
	} else if (done) {
		done = setup_trim_links(run);
	}
	return done && setup_start(run) ? 0 : -EIO;
}

/* The records are shared out among the ports that inject, so that each is taken by one lcore. */
static void
share_records(struct run *run)
{
	uint32_t injectors = 0;
	uint32_t next = 0;
	uint32_t i;

	for (i = 0; i < run->pl.nb_ports; i++)
		injectors += run->pl.ports[i].share != 0;
	for (i = 0; i < run->pl.nb_ports; i++) {
		if (run->pl.ports[i].share == 0)
			continue;
		run->ports[i].first_record = next;
		run->ports[i].nb_records = run->pl.max_records / injectors;
		next += run->ports[i].nb_records;
	}
}

static int
prepare(struct run *run, const struct options *opt, uint64_t seed, uint32_t number)
{
	uint32_t i;

	run->opt = opt;
	run->concurrent = opt->all_lcores;
	run->settling = false;
	run->finished = 0;
	run->probe_cursor = 0;
	memset(run->next_number, 0, sizeof(run->next_number));
	rte_spinlock_init(&run->link_lock);
	pipeline_draw(&run->pl, &run->dev->info, run->dev->types, opt->without,
		seed + prng_mix(run->dev->id) - prng_mix(0), number);
	if (opt->soak)
		pipeline_hasten(&run->pl, &run->dev->info);
	for (i = 0; i < run->pl.nb_ports; i++)
		port_init(&run->ports[i], run, i);
	share_records(run);
	if (opt->verbose)
		pipeline_print(&run->pl, stdout);
	if (check_init(&run->check, run->pl.streams, run->pl.nb_streams, run->pl.max_records,
			run->pl.nb_locks) != 0)
		return -ENOMEM;
	return setup_configure(run, run->pl.shrink_first) && setup_start(run) ? 0 : -EIO;
}

/* Adds up what the ports did; the checker stays for the report if it found something. */
static void
conclude(struct run *run)
{
	uint32_t i, what;

	for (i = 0; i < run->pl.nb_ports; i++)
		for (what = 0; what < NUM_COUNTS; what++)
			run->count[what] += run->ports[i].count[what];
	if (!check_failed(&run->check))
		check_fini(&run->check);
}

static int
traffic(struct run *runs[], uint32_t nb, const struct options *opt, struct prng *rng)
{
	uint32_t phase, i;
	int ret;

	for (phase = 0; phase <= PIPELINE_MAX_STOPS; phase++) {
		bool last = phase == PIPELINE_MAX_STOPS;
		uint64_t share = opt->events / (PIPELINE_MAX_STOPS + 1);

		for (i = 0; i < nb; i++)
			share_events(runs[i], last ? opt->events - share * phase : share);
		ret = drive(runs, nb, rng, last ? GOAL_DRAINED : GOAL_INJECTED);
		for (i = 0; i < nb && ret == 0; i++)
			if (phase < runs[i]->pl.nb_stops)
				ret = stop_and_go_on(runs[i], &runs[i]->pl.stops[phase]);
		if (ret != 0)
			return ret;
	}
	return 0;
}

static int
live(struct run *runs[], uint32_t nb, const struct options *opt, uint64_t seed, uint32_t number)
{
	struct prng rng = prng_derive(seed, ~(uint64_t)number);
	uint32_t first[OPTIONS_MAX_DEVS] = { 0 };
	int ret = 0;
	uint32_t i;

	for (i = 0; i < nb && ret == 0; i++) {
		ret = prepare(runs[i], opt, seed, number);
		if (ret == 0 && runs[i]->pl.nb_events_limit >= 0)
			ret = measure_credits(runs[i], &rng, &first[i]);
	}
	if (ret == 0)
		ret = traffic(runs, nb, opt, &rng);
	for (i = 0; i < nb && ret == 0; i++)
		ret = check_credits_returned(runs[i], &rng, first[i]);
	for (i = 0; i < nb && ret == 0; i++)
		ret = setup_stop(runs[i]) ? 0 : -EIO;
	return ret;
}

int
run_pipelines(struct run *runs[], uint32_t nb_runs, const struct options *opt, uint64_t seed,
	uint32_t number)
{
	int ret = live(runs, nb_runs, opt, seed, number);
	uint32_t i;

	for (i = 0; i < nb_runs; i++)
		conclude(runs[i]);
	return any_failed(runs, nb_runs) ? -EIO : ret;
}
