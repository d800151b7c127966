/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * A primary process and secondary ones on DLB devices, on the model as well as on PCI: events move
 * in the secondary processes, which are killed at random moments, and none may get lost, come twice
 * or out of order.
 *
 *   secondary EAL-ARGUMENTS -- SCENARIO [COUNT [SEED]]
 *
 * The program starts itself again as its secondary processes ("workers"), with the same EAL
 * arguments but for virtual devices and memory. Prints what it saw; exit status 1 after a message
 * if anything is wrong.
 */
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "secondary.h"

#define WINDOW 256        /* of the primary's own events */
#define PRODUCER_LIMIT 1024
#define MAX_EVENTS (1 << 22)
#define FLOWS 13
#define PATIENCE_S 120    /* for anything that has to happen; emulated machines are slow */
#define MAX_ARGS 64
#define WORKERS_LCORE "0" /* not the primary's: it would only kill what does not run */

static uint64_t
now_ms(void)
{
	return rte_get_timer_cycles() / (rte_get_timer_hz() / 1000);
}

/* Secondary processes, as the primary has them. */

struct worker {
	pid_t pid;
	FILE *said; /* its stdout */
};

static int eal_argc;
static char **eal_argv;
static const char *foreign_device; /* an EAL argument of the next worker, or NULL */

static bool
is_for_primary(const char *argument)
{
	return strncmp(argument, "--vdev", 6) == 0 || strncmp(argument, "--huge-unlink", 13) == 0;
}

static void __rte_noreturn
exec_worker(const char *role, const char *device, unsigned int port, unsigned int life)
{
	char *args[MAX_ARGS], port_text[16], life_text[16];
	int i, n = 0;

	args[n++] = eal_argv[0];
	for (i = 1; i < eal_argc && n < MAX_ARGS - 8; i++) {
		if (strcmp(eal_argv[i], "-m") == 0 || strcmp(eal_argv[i], "-l") == 0)
			i++;
		else if (!is_for_primary(eal_argv[i]))
			args[n++] = eal_argv[i];
	}
	snprintf(port_text, sizeof(port_text), "%u", port);
	snprintf(life_text, sizeof(life_text), "%u", life);
	args[n++] = strdup("--proc-type=secondary");
	args[n++] = strdup("--lcores=" WORKERS_LCORE);
	if (foreign_device != NULL)
		args[n++] = strdup(foreign_device);
	args[n++] = strdup("--");
	args[n++] = strdup(role);
	args[n++] = strdup(device);
	args[n++] = port_text;
	args[n++] = life_text;
	args[n] = NULL;
	execv("/proc/self/exe", args);
	_exit(127);
}

static struct worker
start_worker(const char *role, const char *device, unsigned int port, unsigned int life)
{
	struct worker worker;
	int pipes[2];

	check(pipe(pipes) == 0, "no pipe");
	fflush(NULL);
	worker.pid = fork();
	check(worker.pid >= 0, "no process");
	if (worker.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pipes[1], STDOUT_FILENO);
		close_range(STDERR_FILENO + 1, UINT_MAX, 0); /* the device's, for example */
		exec_worker(role, device, port, life);
	}
	close(pipes[1]);
	worker.said = fdopen(pipes[0], "r");
	return worker;
}

/* Reads what the worker says until it says `word`. */
static void
wait_for(const struct worker *worker, const char *word)
{
	char line[256];

	alarm(PATIENCE_S);
	do {
		if (fgets(line, sizeof(line), worker->said) == NULL)
			fail("a worker ended and did not say '%s'", word);
		line[strcspn(line, "\n")] = '\0';
	} while (strcmp(line, word) != 0);
	alarm(0);
}

/* Returns its exit status, or -1 if the signal ended it. */
static int
end_worker(struct worker *worker, int signal_number)
{
	int status;

	kill(worker->pid, signal_number);
	alarm(PATIENCE_S);
	check(waitpid(worker->pid, &status, 0) == worker->pid, "no such worker");
	alarm(0);
	fclose(worker->said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The device, as the primary sets it up. */

static void
set_up_queue(uint8_t dev, uint8_t queue)
{
	struct rte_event_queue_conf conf;

	rte_event_queue_default_conf_get(dev, queue, &conf);
	conf.schedule_type = queue == ORDERED ? RTE_SCHED_TYPE_ORDERED : RTE_SCHED_TYPE_ATOMIC;
	conf.nb_atomic_order_sequences = queue == ORDERED ? 64 : 0;
	conf.event_queue_cfg = queue == DIRECTED ? RTE_EVENT_QUEUE_CFG_SINGLE_LINK : 0;
	check(rte_event_queue_setup(dev, queue, &conf) == 0, "queue set-up");
}

static void
set_up_port(uint8_t dev, uint8_t port)
{
	struct rte_event_port_conf conf;

	rte_event_port_default_conf_get(dev, port, &conf);
	conf.dequeue_depth = 32;
	conf.new_event_threshold = port == PRODUCER ? PRODUCER_LIMIT : LIMIT;
	conf.event_port_cfg = port == CONSUMER ? RTE_EVENT_PORT_CFG_SINGLE_LINK : 0;
	check(rte_event_port_setup(dev, port, &conf) == 0, "port set-up");
}

static void
link_port(uint8_t dev, uint8_t port, uint8_t queue)
{
	check(rte_event_port_link(dev, port, &queue, NULL, 1) == 1, "link");
}

static void
set_up(uint8_t dev)
{
	const struct rte_event_dev_config conf = {
		.nb_events_limit = LIMIT,
		.nb_event_queues = NUM_QUEUES,
		.nb_event_ports = NUM_PORTS,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 32,
		.nb_event_port_enqueue_depth = 32,
		.nb_single_link_event_port_queues = 1,
	};
	unsigned int i;

	check(rte_event_dev_configure(dev, &conf) == 0, "configure");
	for (i = 0; i < NUM_QUEUES; i++)
		set_up_queue(dev, i);
	for (i = 0; i < NUM_PORTS; i++)
		set_up_port(dev, i);
	for (i = 0; i < NUM_FORWARDERS; i++) {
		link_port(dev, FIRST_FORWARDER + i, ATOMIC);
		link_port(dev, FIRST_FORWARDER + i, ORDERED);
	}
	link_port(dev, PRIMARY_PORT, COLLECTOR);
	link_port(dev, CONSUMER, DIRECTED);
	check(rte_event_dev_start(dev) == 0, "start");
}

/* What the primary sends and gets. */

struct traffic {
	uint8_t dev;
	uint64_t sent, done;
	uint64_t last_ordered;
	uint8_t *seen; /* by number of the event */
	uint64_t life, produced; /* events of the producing worker, this life and the last one of it */
	unsigned int seed;
};

static void
see(struct traffic *t, uint64_t number)
{
	if (number >= t->sent || t->seen[number]++ != 0)
		fail("event %" PRIu64 " of %" PRIu64 " came %s", number, t->sent,
		     number >= t->sent ? "from nowhere" : "twice");
	t->done++;
}

static void
see_produced(struct traffic *t, uint64_t data)
{
	uint64_t life = (data & ~WORKERS_EVENT) >> LIFE_SHIFT, number = (uint32_t)data;

	if (life > t->life) {
		t->life = life;
		t->produced = 0;
	}
	if (life < t->life || number != t->produced + 1)
		fail("produced event %" PRIu64 " of life %" PRIu64 " came after %" PRIu64
		     " of life %" PRIu64, number, life, t->produced, t->life);
	t->produced = number;
}

static void
collect(struct traffic *t)
{
	struct rte_event events[BURST];
	uint16_t i, num = rte_event_dequeue_burst(t->dev, PRIMARY_PORT, events, BURST, 0);

	if (num == 0)
		sched_yield();
	for (i = 0; i < num; i++) {
		uint64_t number = events[i].u64;

		if (number & WORKERS_EVENT) {
			see_produced(t, number);
			continue;
		}
		see(t, number);
		if (number % 2 != ORDERED)
			continue;
		if (number <= t->last_ordered)
			fail("ordered event %" PRIu64 " came after %" PRIu64, number,
			     t->last_ordered);
		t->last_ordered = number;
	}
}

static void
produce(struct traffic *t)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW};

	check(t->sent < MAX_EVENTS, "more events than expected");
	event.u64 = t->sent;
	event.queue_id = t->sent % 2;
	event.sched_type = event.queue_id == ORDERED ? RTE_SCHED_TYPE_ORDERED
						     : RTE_SCHED_TYPE_ATOMIC;
	event.flow_id = t->sent / 2 % FLOWS;
	t->sent += rte_event_enqueue_burst(t->dev, PRIMARY_PORT, &event, 1);
}

static void
pump(struct traffic *t, uint64_t ms)
{
	uint64_t begin = now_ms();

	while (now_ms() - begin < ms) {
		while (t->sent - t->done < WINDOW)
			produce(t);
		collect(t);
	}
}

/* Waits until nothing is on its way; needs a worker that forwards. */
static void
drain(struct traffic *t)
{
	uint64_t begin = now_ms(), silent = begin, done = t->done;

	while (now_ms() - silent < 100) {
		collect(t);
		if (t->done != done || t->done != t->sent) {
			done = t->done;
			silent = now_ms();
		}
		if (now_ms() - begin > PATIENCE_S * 1000)
			fail("%" PRIu64 " events of %" PRIu64 " are lost", t->sent - t->done,
			     t->sent);
	}
}

static struct traffic
traffic(uint8_t dev, unsigned int seed)
{
	struct traffic t = {.dev = dev, .seed = seed, .seen = calloc(MAX_EVENTS, 1)};

	check(t.seen != NULL, "memory");
	return t;
}

/* Event credits that are taken though nothing is in the system and no port has any. */
static uint64_t
missing_credits(uint8_t dev)
{
	return rte_event_dev_xstats_by_name_get(dev, "dev_inflight_events", NULL);
}

/* Fills an empty device up: all credits are there. Stops it; the events go. */
static void
check_all_credits(uint8_t dev)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .queue_id = COLLECTOR,
				  .sched_type = RTE_SCHED_TYPE_ATOMIC};
	unsigned int sent = 0;

	while (rte_event_enqueue_burst(dev, PRIMARY_PORT, &event, 1) == 1)
		sent++;
	if (sent != LIMIT)
		fail("%u events fit into the device after a restart, not %u", sent, LIMIT);
	rte_event_dev_stop(dev);
}

/* What a worker left is kept in one life, and sent on in another. */
struct heir {
	struct traffic *traffic;
	bool keep;
};

static void
inherit(uint8_t dev, uint8_t port, struct rte_event *event, enum rte_pmd_dlb2_reclaim_state state,
	void *arg)
{
	const struct heir *heir = arg;

	if (heir->keep) {
		see(heir->traffic, event->u64);
		return;
	}
	event->op = RTE_EVENT_OP_FORWARD;
	event->queue_id = COLLECTOR;
	event->sched_type = RTE_SCHED_TYPE_ATOMIC;
	event->flow_id = 0;
}

static void
reclaim(struct traffic *t, unsigned int port, bool keep, struct rte_pmd_dlb2_reclaim_count *total)
{
	struct heir heir = {.traffic = t, .keep = keep};
	struct rte_pmd_dlb2_reclaim_count count;
	int ret = rte_pmd_dlb2_port_reclaim(t->dev, port, inherit, &heir, &count);

	if (ret != 0)
		fail("port %u cannot be reclaimed: %d", port, ret);
	check(count.overwritten == 0, "open events were overwritten");
	total->open += count.open;
	total->waiting += count.waiting;
}

/* Of the device; of the event device, if the device is virtual and has two of which this is one. */
static void
name_for_worker(uint8_t dev, char name[RTE_DEV_NAME_MAX_LEN])
{
	bool second = dev > 0 && strcmp(device_name(dev), device_name(dev - 1)) == 0;

	snprintf(name, RTE_DEV_NAME_MAX_LEN, "%s%s", device_name(dev), second ? ".1" : "");
}

/* Scenarios of the primary process. */

static void
start_forwarders(uint8_t dev, struct worker workers[NUM_FORWARDERS])
{
	char name[RTE_DEV_NAME_MAX_LEN];
	unsigned int i;

	name_for_worker(dev, name);
	for (i = 0; i < NUM_FORWARDERS; i++)
		workers[i] = start_worker("forward", name, FIRST_FORWARDER + i, 0);
	for (i = 0; i < NUM_FORWARDERS; i++)
		wait_for(&workers[i], "ready");
}

/* Sends events through the workers, and ends these. Returns how many. */
static uint64_t
send_through(struct worker workers[NUM_FORWARDERS], uint8_t dev, unsigned int count,
	     unsigned int seed)
{
	struct traffic t = traffic(dev, seed);
	unsigned int i;

	while (t.done < count)
		pump(&t, 10);
	drain(&t);
	for (i = 0; i < NUM_FORWARDERS; i++)
		check(end_worker(&workers[i], SIGTERM) == 0, "a worker failed");
	check(missing_credits(dev) == 0, "credits are missing");
	free(t.seen);
	return t.done;
}

static uint64_t
move_events(uint8_t dev, unsigned int count, unsigned int seed)
{
	struct worker workers[NUM_FORWARDERS];

	start_forwarders(dev, workers);
	return send_through(workers, dev, count, seed);
}

/* Workers that are there first poll ports that the primary has not set up yet. */
static void
run_late(unsigned int count, unsigned int seed)
{
	struct worker workers[NUM_FORWARDERS];

	start_forwarders(0, workers);
	set_up(0);
	printf("%" PRIu64 " events went through ports that were set up later\n",
	       send_through(workers, 0, count, seed));
}

static void
run_traffic(unsigned int count, unsigned int seed)
{
	set_up(0);
	printf("%" PRIu64 " events went through %u secondary processes\n",
	       move_events(0, count, seed), NUM_FORWARDERS);
}

/* The worker that is killed in turn: a forwarder or the producer. The other forwarder goes on. */
static void
run_kill(unsigned int count, unsigned int seed)
{
	struct rte_pmd_dlb2_reclaim_count total = {0};
	struct traffic t = traffic(0, seed);
	struct worker survivor, victim;
	unsigned int life, port, producers = 0;

	set_up(0);
	survivor = start_worker("forward", device_name(0), FIRST_FORWARDER + 1, 0);
	wait_for(&survivor, "ready");
	for (life = 1; life <= count; life++) {
		bool producer = life % 4 == 0;

		port = producer ? PRODUCER : FIRST_FORWARDER;
		producers += producer;
		victim = start_worker(producer ? "produce" : "forward", device_name(0), port, life);
		wait_for(&victim, "ready");
		pump(&t, 1 + rand_r(&t.seed) % 20);
		check(end_worker(&victim, SIGKILL) == -1, "a worker ended before it was killed");
		if (life % 3 == 0) /* the others go on without it */
			pump(&t, 5);
		reclaim(&t, port, life % 2 == 0, &total);
	}
	victim = start_worker("forward", device_name(0), FIRST_FORWARDER, life);
	wait_for(&victim, "ready");
	drain(&t);
	check(end_worker(&victim, SIGTERM) == 0, "the last worker failed");
	printf("%u workers killed, %" PRIu64 " events conserved; reclaimed %u open, %u waiting; "
	       "%" PRIu64 " credits of %u producers until the restart\n",
	       count, t.done, total.open, total.waiting, missing_credits(0), producers);
	check(missing_credits(0) <= producers * 3 * 32, "more credits are missing than can be");
	rte_event_dev_stop(0);
	check(end_worker(&survivor, SIGTERM) == 0, "the survivor failed");
	check(rte_event_dev_start(0) == 0, "restart");
	check_all_credits(0);
	free(t.seen);
}

static void
count_flushed(uint8_t dev, struct rte_event event, void *arg)
{
	++*(uint64_t *)arg;
}

/* A worker dies, and the device is just stopped. */
static void
run_kill_stop(unsigned int count, unsigned int seed)
{
	struct traffic t = traffic(0, seed);
	uint64_t flushed = 0;
	struct worker victim;
	unsigned int life;

	set_up(0);
	for (life = 1; life <= count; life++) {
		victim = start_worker(life % 2 == 0 ? "produce" : "forward", device_name(0),
				      life % 2 == 0 ? PRODUCER : FIRST_FORWARDER, life);
		wait_for(&victim, "ready");
		pump(&t, 1 + rand_r(&t.seed) % 20);
		end_worker(&victim, SIGKILL);
		rte_event_dev_stop_flush_callback_register(0, count_flushed, &flushed);
		rte_event_dev_stop(0);
		check(rte_event_dev_start(0) == 0, "restart");
		check(missing_credits(0) == 0, "credits are missing after a restart");
		check_all_credits(0);
		check(rte_event_dev_start(0) == 0, "another restart");
		t.done = t.sent; /* what the device had was flushed */
		t.last_ordered = 0;
	}
	printf("%u workers killed before a stop, %" PRIu64 " events flushed\n", count, flushed);
	free(t.seen);
}

/* Stop and start while workers poll and send. */
static void
run_stop(unsigned int count, unsigned int seed)
{
	struct worker producer, poller;
	uint64_t flushed = 0;
	unsigned int i;

	set_up(0);
	rte_event_dev_stop_flush_callback_register(0, count_flushed, &flushed);
	producer = start_worker("produce", device_name(0), PRODUCER, 0);
	poller = start_worker("forward", device_name(0), FIRST_FORWARDER, 0);
	wait_for(&poller, "ready");
	for (i = 0; i < count; i++) {
		wait_for(&producer, "runs");
		rte_event_dev_stop(0);
		wait_for(&producer, "stopped");
		check(missing_credits(0) == 0 || flushed > 0, "nothing was flushed");
		check(rte_event_dev_start(0) == 0, "restart");
	}
	rte_event_dev_stop(0);
	check(end_worker(&producer, SIGTERM) == 0, "the producer failed");
	check(end_worker(&poller, SIGTERM) == 0, "the poller failed");
	check(rte_event_dev_start(0) == 0, "restart");
	check_all_credits(0);
	printf("%u stops under two workers, %" PRIu64 " events flushed\n", count, flushed);
}

/*
 * Every event is either with the worker, which tells what it has dequeued, or is handed over; but
 * for open ones whose CQ entries were overwritten, of which only the number is known.
 */
struct consumed {
	uint64_t sent, seen, overwritten;
	uint8_t *times; /* by number of the event */
};

static void
see_consumed(struct consumed *c, uint64_t number, bool may_come_again)
{
	check(number < c->sent, "an event from nowhere");
	check(c->times[number] == 0 || may_come_again, "a consumed event came again");
	c->seen += c->times[number]++ == 0;
}

/* Of an open event it is not known whether the worker has told of it. */
static void
inherit_consumed(uint8_t dev, uint8_t port, struct rte_event *event,
		 enum rte_pmd_dlb2_reclaim_state state, void *arg)
{
	see_consumed(arg, event->u64, state == RTE_PMD_DLB2_RECLAIM_OPEN);
}

static void
produce_directed(struct consumed *c, uint64_t ms)
{
	struct rte_event event = {.op = RTE_EVENT_OP_NEW, .queue_id = DIRECTED};
	uint64_t begin = now_ms();

	while (now_ms() - begin < ms) {
		event.u64 = c->sent;
		c->sent += rte_event_enqueue_burst(0, PRIMARY_PORT, &event, 1);
	}
}

static void
consume_life(struct consumed *c, unsigned int life, uint64_t ms)
{
	struct worker victim = start_worker("consume", device_name(0), CONSUMER, life);
	struct rte_pmd_dlb2_reclaim_count count;
	uint64_t number;

	wait_for(&victim, "ready");
	produce_directed(c, ms);
	kill(victim.pid, SIGKILL);
	while (fread(&number, sizeof(number), 1, victim.said) == 1)
		see_consumed(c, number, false);
	end_worker(&victim, SIGKILL);
	check(rte_pmd_dlb2_port_reclaim(0, CONSUMER, inherit_consumed, c, &count) == 0,
	      "the consumer's port cannot be reclaimed");
	c->overwritten += count.overwritten;
}

static void
run_directed(unsigned int count, unsigned int seed)
{
	struct consumed c = {.times = calloc(MAX_EVENTS, 1)};
	uint64_t number;
	struct worker last;
	unsigned int life;

	set_up(0);
	for (life = 1; life <= count; life++)
		consume_life(&c, life, 1 + rand_r(&seed) % 5);
	last = start_worker("consume", device_name(0), CONSUMER, life);
	wait_for(&last, "ready");
	alarm(PATIENCE_S);
	while (c.seen + c.overwritten < c.sent) {
		check(fread(&number, sizeof(number), 1, last.said) == 1, "no more events");
		see_consumed(&c, number, false);
	}
	alarm(0);
	end_worker(&last, SIGTERM);
	printf("%u consumers killed; of %" PRIu64 " directed events %" PRIu64 " were consumed or "
	       "handed over, %" PRIu64 " overwritten, consumed or not\n",
	       count, c.sent, c.seen, c.overwritten);
	free(c.times);
}

static void
run_control(unsigned int count, unsigned int seed)
{
	struct worker worker;

	set_up(0);
	worker = start_worker("control", device_name(0), PRIMARY_PORT, 0);
	wait_for(&worker, "refused");
	check(end_worker(&worker, SIGTERM) == 0, "a worker failed");
	printf("control operations are refused\n");
}

/* All that the primary has to say of its device, limits included. */
static char *
describe(void)
{
	struct rte_event_dev_info info;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	check(f != NULL && rte_event_dev_dump(0, f) == 0, "dump");
	check(rte_event_dev_info_get(0, &info) == 0, "info");
	fprintf(f, "%d events, %u queues, %u ports, %u pairs\n", info.max_num_events,
		info.max_event_queues, info.max_event_ports,
		info.max_single_link_event_port_queue_pairs);
	fclose(f);
	return text;
}

/*
 * Processes come, look, try what they must not and go, while the device runs: nothing of it has
 * changed (defect B50 of pmd-interface 20).
 */
static void
run_untouched(unsigned int count, unsigned int seed)
{
	char *before, *after;
	struct worker worker;
	unsigned int i;

	set_up(0);
	before = describe();
	for (i = 0; i < count; i++) {
		worker = start_worker("control", device_name(0), PRIMARY_PORT, i);
		wait_for(&worker, "refused");
		check(end_worker(&worker, SIGTERM) == 0, "a worker failed");
		after = describe();
		check(strcmp(before, after) == 0, "the device is not as it was");
		free(after);
	}
	free(before);
	printf("%u processes left the device as it was\n", count);
}

/* Workers use the second device, whatever they make of the first one. */
static void
run_two(unsigned int count, unsigned int seed)
{
	uint64_t moved;

	check(rte_event_dev_count() == 2, "two devices are needed");
	set_up(0);
	set_up(1);
	moved = move_events(1, count, seed);
	check(rte_event_dev_xstats_by_name_get(0, "dev_total_polls", NULL) == 0,
	      "the workers were at the first device");
	printf("%" PRIu64 " events through the second device\n", moved);
}

/* The device goes and comes back under an idle worker. */
static void
run_hotplug(unsigned int count, unsigned int seed)
{
	struct worker worker;
	char name[RTE_DEV_NAME_MAX_LEN];
	const bool pci = strchr(device_name(0), ':') != NULL;
	const char *bus = pci ? "pci" : "vdev", *args = pci ? "" : "run=thread";
	unsigned int i;

	for (i = 0; i < count; i++) {
		set_up(0);
		snprintf(name, sizeof(name), "%s", device_name(0));
		worker = start_worker("watch", name, FIRST_FORWARDER, 0);
		wait_for(&worker, "ready");
		check(rte_eal_hotplug_remove(bus, name) == 0, "remove");
		wait_for(&worker, "gone");
		check(rte_event_dev_count() == 0, "the device is still there");
		check(rte_eal_hotplug_add(bus, name, args) == 0, "add");
		wait_for(&worker, "back");
		check(end_worker(&worker, SIGTERM) == 0, "a worker failed");
	}
	set_up(0);
	move_events(0, 1000, seed);
	printf("unplugged and plugged in %u times\n", count);
}

/* A device that only the worker has; the caller looks for what it says. */
static void
run_foreign(unsigned int count, unsigned int seed)
{
	struct worker worker;

	set_up(0);
	foreign_device = "--vdev=event_dlb2_model9";
	worker = start_worker("statistics", device_name(0), PRIMARY_PORT, 0);
	check(end_worker(&worker, 0) == 1, "the worker has a device that the primary has not");
	foreign_device = NULL;
	move_events(0, 1000, seed);
	printf("a foreign device is refused\n");
}

/* Statistics are there, events do not move; the caller looks for what the worker says of it. */
static void
run_attach(unsigned int count, unsigned int seed)
{
	struct worker worker;

	set_up(0);
	worker = start_worker("statistics", device_name(0), PRIMARY_PORT, 0);
	wait_for(&worker, "no traffic");
	check(end_worker(&worker, SIGTERM) == 0, "a worker failed");
	printf("statistics only\n");
}

static const struct {
	const char *name;
	void (*run)(unsigned int count, unsigned int seed);
	unsigned int count;
} scenarios[] = {
	{"traffic", run_traffic, 20000}, {"late", run_late, 2000}, {"kill", run_kill, 50},
	{"kill-stop", run_kill_stop, 10}, {"stop", run_stop, 10}, {"directed", run_directed, 10},
	{"control", run_control, 0}, {"two", run_two, 1000}, {"hotplug", run_hotplug, 3},
	{"attach", run_attach, 0}, {"foreign", run_foreign, 0}, {"untouched", run_untouched, 3},
};

static void
run_scenario(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	unsigned int i;

	for (i = 0; i < RTE_DIM(scenarios); i++) {
		if (strcmp(scenarios[i].name, name) == 0) {
			scenarios[i].run(argc > 2 ? (unsigned int)atoi(argv[2]) : scenarios[i].count,
					 argc > 3 ? atoi(argv[3]) : 1);
			return;
		}
	}
	fail("no scenario '%s'", name);
}

int
main(int argc, char **argv)
{
	int n;

	eal_argv = calloc(argc + 1, sizeof(*eal_argv));
	memcpy(eal_argv, argv, argc * sizeof(*eal_argv));
	n = rte_eal_init(argc, argv);
	if (n < 0)
		fail("EAL does not start: %s", rte_strerror(rte_errno));
	eal_argc = n;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		play_role(argv + n);
	else
		run_scenario(argc - n, argv + n);
	rte_eal_cleanup();
	free(eal_argv);
	return 0;
}
