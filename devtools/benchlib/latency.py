# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Time from enqueue to dequeue in a closed loop: dpdk-test-eventdev-dlb2 perf --latency."""

from .loop import MODELS, SW, SW_FORMS, who_is
from .study import Headline

NAME = "latency"
LOADS = {"light": 1, "heavy": 512}  # events in flight
BURST = 32
MODEL = "model 2.5"
PEERS = SW_FORMS
TIME = "ns from enqueue to dequeue"
HIGHER = ()

HEADLINES = tuple(Headline(f"ns from enqueue to dequeue, {load} load, {percentile} %", TIME,
                           {"load": load, "percentile": percentile}, whose=MODEL)
                  for load in LOADS for percentile in ("50", "99"))


def measure(programs, options, figures):
    """The percentiles of one run of each device under each load."""
    device = MODELS[MODEL]
    names = {device.split(",", maxsplit=1)[0]: MODEL, SW: "event_sw"}
    for load, in_flight in LOADS.items():
        found = programs.perf([device, SW], "--stlist", "a", "--bursts", BURST, "--latency",
                              "--inflight", in_flight,
                              "--events", 20000 if options.quick else 1000000)
        for series in found["series"]:
            for sample in series["latency_ns"]:
                for percentile, ns in sample["percentiles"].items():
                    figures.add(TIME, who_is(series, names),
                                {"load": load, "percentile": percentile}, ns)


def draw(pyplot, figures):
    """How much of all events took at most how long."""
    picture, panels = pyplot.subplots(1, len(LOADS), figsize=(9, 3.5))
    for panel, load in zip(panels, LOADS):
        for who in figures.names_of(TIME):
            points = [one for one in figures.select(TIME, load=load) if one.who == who]
            panel.plot([one.median for one in points],
                       [one.where["percentile"] for one in points], label=who, marker="o",
                       markersize=3, linewidth=1, linestyle="--" if who in PEERS else "-")
        panel.set_xscale("log")
        panel.set_xlabel(TIME)
        panel.set_ylabel("% of events, at most")
        panel.set_title(f"{load} load: {LOADS[load]} in flight")
    panels[0].legend(fontsize="x-small")
    return picture
