# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What it is worth that another than the application's core schedules: the model on a core of its own.

One ordered queue in a closed loop; the application works on each event for a number of cycles. The
model's thread stands for the device, so that only the application's core counts. A thread that
schedules is slower than a device: what any device could give at most is bounded by the work and
what the driver costs the application's core, which dlb2-bench-driver measures.
"""

from .draw import lines
from .loop import SW, SW_FORMS, who_is
from .study import Headline

NAME = "offload"
WORK = (0, 30, 100, 300, 1000, 3000, 10000)  # TSC cycles for each event
QUICK_WORK = (0, 1000)
BURST = 32
CYCLES, QUICK_CYCLES = 4e8, 1e7  # of a measurement, about
ROUNDS, QUICK_ROUNDS = 20000, 200
THREAD, INLINE = "model, on the other core", "model, on the application's core"
BOUND = "bound: driver and work alone"
DEVICES = {"event_dlb2_model0,run=thread,lcore={lcore}": THREAD, "event_dlb2_model1": INLINE,
           SW: "event_sw"}
PEERS = SW_FORMS
RATE = "million events/s"
MOST_SHOWN = 4  # of the ratio: without work the bound is far above all else
HIGHER = (RATE,)

HEADLINES = tuple(Headline(f"million events/s, ordered, {cycles} cycles of work", RATE,
                           {"work": cycles}, whose=THREAD) for cycles in WORK) + tuple(
    Headline(f"the bound of any device, {cycles} cycles of work", RATE, {"work": cycles},
             whose=BOUND) for cycles in WORK)


def driver_ns(programs, options):
    """What the driver costs per event."""
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    cost, *_ = programs.bench_driver(True, "--bursts", BURST, "--rounds", rounds)
    return cost["ns_ordinary_stores"]


def measure(programs, options, figures):
    """One sample of each device and each amount of work."""
    names = {device.split(",", maxsplit=1)[0]: who for device, who in DEVICES.items()}
    cycles = QUICK_CYCLES if options.quick else CYCLES
    alone = driver_ns(programs, options)
    for work in QUICK_WORK if options.quick else WORK:
        found = programs.perf([device.format(lcore=1) for device in DEVICES], "--stlist", "o",
                              "--bursts", BURST, "--work", work,
                              "--events", round(cycles / (work + 400)))
        for series in found["series"]:
            for rate in series["events_per_second"]:
                figures.add(RATE, who_is(series, names), {"work": work}, rate / 1e6)
        cycles_per_ns = series["cycles_per_event"][0] * series["events_per_second"][0] / 1e9
        figures.add(RATE, BOUND, {"work": work}, 1e3 / (alone + work / cycles_per_ns))


def ratios(figures, who):
    """(work, ratio to the better form of event_sw)."""
    return [(one.where["work"], figures.ratio(one, PEERS, True))
            for one in figures.select(RATE) if one.who == who]


def crossover(points):
    """The work at which a ratio passes 1, between two points by a straight line, or None."""
    for (left, before), (right, after) in zip(points, points[1:]):
        if (before - 1) * (after - 1) < 0:
            return left + (right - left) * (1 - before) / (after - before)
    return None


def draw(pyplot, figures):
    """Rates, and ratios to event_sw, by work."""
    picture, (rates, panel) = pyplot.subplots(1, 2, figsize=(10, 4))
    lines(rates, figures, RATE, "work", PEERS)
    rates.set_yscale("log")
    rates.set_ylim(bottom=0.1)
    for who in (THREAD, INLINE, BOUND):
        panel.plot(*zip(*ratios(figures, who)), label=who, marker="o", markersize=3, linewidth=1)
    where = crossover(ratios(figures, THREAD))
    if where is not None:
        panel.axvline(where, linestyle=":", linewidth=1)
        panel.annotate(f"{where:.0f} cycles ", (where, 0.5), fontsize="x-small", ha="right")
    panel.axhline(1, color="black", linewidth=0.8)
    panel.set_ylabel("events/s divided by event_sw's")
    panel.set_ylim(0, MOST_SHOWN)
    for each in (rates, panel):
        each.set_xscale("symlog", linthresh=100)
        each.set_xlim(left=0)
        each.set_xlabel("TSC cycles of work per event")
        each.legend(fontsize="x-small")
    return picture
