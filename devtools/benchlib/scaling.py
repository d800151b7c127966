# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Whether an event costs more when more queues and ports are there.

Idle ones: dpdk-test-eventdev-dlb2 perf with --queues and --ports, beside event_sw. With traffic on
all of them: the model alone (bench_model), its instructions counted by callgrind.
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
INSTRUCTIONS = "instructions per event, all busy"
HIGHER = ()
EVENTS = 20000  # under callgrind: the difference between this many and twice as many is theirs

HEADLINES = tuple(Headline(f"{name}, {queues} queues and {ports} ports", name, {"ports": ports},
                           whose=MODEL)
                  for name in (COST, INSTRUCTIONS) for queues, ports in (SIZES[0], SIZES[-1]))


def collected(programs, ports, queues, events):
    """All instructions of one run of bench_model."""
    valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    done = programs.run(BENCH_MODEL, "atomic", BURST, ports, queues, events, prefix=valgrind)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def count(programs, figures):
    """Instructions with traffic everywhere: exact, so that once is enough."""
    for queues, ports in SIZES:
        once, twice = (collected(programs, ports, queues, times * EVENTS) for times in (1, 2))
        figures.add(INSTRUCTIONS, MODEL, {"ports": ports}, round((twice - once) / EVENTS, 1))


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
    picture, panels = pyplot.subplots(1, 2, figsize=(9, 3.5))
    for panel, name in zip(panels, (COST, INSTRUCTIONS)):
        lines(panel, figures, name, "ports", PEERS)
        panel.set_xscale("log", base=2)
        panel.set_xticks([ports for _, ports in SIZES],
                         [f"{queues}/{ports}" for queues, ports in SIZES])
        panel.set_xlabel("queues/ports")
    panels[0].legend(fontsize="x-small")
    return picture
