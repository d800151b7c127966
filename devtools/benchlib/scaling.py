# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Whether an event costs more when more queues and ports are there.

Idle ones: dpdk-test-eventdev-dlb2 perf with --queues and --ports, beside event_sw; and the model
alone (bench_model), its instructions counted by callgrind. With traffic on all of them: the model
alone, in three ways. Every port that asks finds a full CQ of BUSY_BURST events of its one queue,
however many ports there are, and the next events wait in the queues: the same work for each event.
Or the events in the CQ are of eight queues in turn. Or there are few events, so that queues are
nearly empty and each event is dealt out by itself.
"""

import re
import shutil

from .draw import lines
from .loop import SW, SW_FORMS, who_is
from .programs import BENCH_MODEL
from .study import Headline

NAME = "scaling"
# Queues and ports.
SIZES = ((1, 1), (2, 4), (8, 16), (32, 64))
QUICK_SIZES = (SIZES[0], SIZES[-1])
BURST = 32
MODEL = "model 2.5"
PEERS = SW_FORMS
COST = "ns per event, others idle"
IDLE_INSTRUCTIONS = "instructions per event, others idle"
INSTRUCTIONS = "instructions per event, all busy"
MIXED_INSTRUCTIONS = "instructions per event, all busy, 8 queues for each port"
FEW_INSTRUCTIONS = "instructions per event, all busy, 8 queues for each port, few events"
HIGHER = ()
EVENTS = 20000  # under callgrind: the difference between this many and twice as many is theirs
# As many as 64 ports can have open and queued at once with a flow for each event.
BUSY_BURST = 16
BUSY_EVENTS = 30  # for each port
MOST_LINKS = 8

HEADLINES = tuple(Headline(f"{name}, {queues} queues and {ports} ports", name, {"ports": ports},
                           whose=MODEL)
                  for name in (COST, IDLE_INSTRUCTIONS, INSTRUCTIONS, MIXED_INSTRUCTIONS,
                               FEW_INSTRUCTIONS)
                  for queues, ports in (SIZES[0], SIZES[-1]))


def collected(programs, burst, ports, queues, events, *more):
    """All instructions of one run of bench_model."""
    valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    done = programs.run(BENCH_MODEL, "atomic", burst, ports, queues, events, *more,
                        prefix=valgrind)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def instructions(programs, burst, ports, queues, *more):
    """Instructions per event: exact, so that once is enough."""
    once, twice = (collected(programs, burst, ports, queues, times * EVENTS, *more)
                   for times in (1, 2))
    return round((twice - once) / EVENTS, 1)


def count(programs, figures):
    """Instructions with traffic on one port, and with traffic everywhere."""
    for queues, ports in SIZES:
        for name, links in ((INSTRUCTIONS, 1), (MIXED_INSTRUCTIONS, MOST_LINKS)):
            figures.add(name, MODEL, {"ports": ports},
                        instructions(programs, BUSY_BURST, ports, queues, BUSY_EVENTS * ports, 0,
                                     BUSY_BURST, links))
        figures.add(FEW_INSTRUCTIONS, MODEL, {"ports": ports},
                    instructions(programs, BURST, ports, queues))
    for (_, ports), idle in ((SIZES[0], 0), (SIZES[-1], 1)):
        figures.add(IDLE_INSTRUCTIONS, MODEL, {"ports": ports},
                    instructions(programs, BURST, 1, 1, 0, idle))


def measure(programs, options, figures):
    """One sample of each size."""
    names = {"event_dlb2_model0": MODEL, SW: "event_sw"}
    for queues, ports in QUICK_SIZES if options.quick else SIZES:
        found = programs.perf(["event_dlb2_model0", SW], "--stlist", "a", "--bursts", BURST,
                              "--queues", queues, "--ports", ports,
                              "--events", 20000 if options.quick else 1000000)
        for series in found["series"]:
            for rate in series["events_per_second"]:
                figures.add(COST, who_is(series, names), {"ports": ports}, 1e9 / rate)
    if (not options.quick and not figures.select(INSTRUCTIONS) and shutil.which("valgrind")
            and (programs.build / BENCH_MODEL).exists()):
        count(programs, figures)


def draw(pyplot, figures):
    """Cost by number of ports."""
    picture, panels = pyplot.subplots(1, 4, figsize=(17, 3.5))
    for panel, name in zip(panels, (COST, INSTRUCTIONS, MIXED_INSTRUCTIONS, FEW_INSTRUCTIONS)):
        lines(panel, figures, name, "ports", PEERS)
        panel.set_ylabel(name, fontsize="x-small")
        panel.set_xscale("log", base=2)
        panel.set_xticks([ports for _, ports in SIZES],
                         [f"{queues}/{ports}" for queues, ports in SIZES])
        panel.set_xlabel("queues/ports")
    panels[0].legend(fontsize="x-small")
    return picture
