# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What a driver costs the application's core, by burst size: dlb2-bench-driver."""

from .draw import lines
from .programs import simd_widths
from .study import Headline

NAME = "driver"
BURSTS = (1, 2, 4, 8, 16, 32)
QUICK_BURSTS = (1, 4, 32)
IN_TREE = {"in-tree, scalar": ("--devargs", "vector_opts_enable=n"),
           "in-tree, vector": ("--devargs", "vector_opts_enable=y"),
           "in-tree, vector, 512 bits": ("--devargs", "vector_opts_enable=y", "--simd", 512)}
PEERS = tuple(IN_TREE)
HIGHER = ()
INSTRUCTIONS, STORES = "instructions per event", "device stores per event"
TIME, SOFTWARE = "ns per event", "ns per event, ordinary stores"
EMPTY = "instructions per empty dequeue"


def ours(width):
    """The name of this driver with vectors of `width` bits."""
    return "this driver, scalar" if width == 64 else f"this driver, {width} bits"


HEADLINES = (
    Headline("instructions per event, burst 32", INSTRUCTIONS, {"burst": 32}, limit=25),
    Headline("instructions per event, burst 4", INSTRUCTIONS, {"burst": 4}, limit=45),
    Headline("instructions per event, burst 2", INSTRUCTIONS, {"burst": 2}, limit=95),
    Headline("instructions per event, burst 1", INSTRUCTIONS, {"burst": 1}, limit=110),
    Headline("the same, burst 32, scalar", INSTRUCTIONS, {"burst": 32}, whose=ours(64), limit=48),
    Headline("instructions per empty dequeue", EMPTY, {}, limit=22),
    Headline("device stores per event, burst 1", STORES, {"burst": 1}, limit=1),
    Headline("ns per event, burst 32, the driver's own stores", TIME, {"burst": 32}),
    Headline("ns per event, burst 32, ordinary stores", SOFTWARE, {"burst": 32}),
    Headline("ns per event, burst 1, ordinary stores", SOFTWARE, {"burst": 1}),
)


def take(figures, who, objects):
    """Adds what dlb2-bench-driver printed."""
    *bursts, empty = objects
    for one in bursts:
        where = {"burst": one["burst"]}
        figures.add(INSTRUCTIONS, who, where,
                    round(one["dequeue_instructions"] + one["enqueue_instructions"], 2))
        figures.add(STORES, who, where, one["stores"])
        figures.add(TIME, who, where, one["ns"])
        figures.add(SOFTWARE, who, where, one["ns_ordinary_stores"])
    figures.add(EMPTY, who, {}, empty["empty_dequeue_instructions"])


def measure(programs, options, figures):
    """One sample of each variant of both drivers."""
    bursts = QUICK_BURSTS if options.quick else BURSTS
    arguments = ("--bursts", ",".join(map(str, bursts)),
                 "--rounds", 200 if options.quick else 20000)
    for width in simd_widths():
        take(figures, ours(width), programs.bench_driver(True, "--simd", width, *arguments))
    for who, how in IN_TREE.items() if programs.has_in_tree() else ():
        if not (512 in how and (options.quick or 512 not in simd_widths())):
            take(figures, who, programs.bench_driver(False, *how, *arguments))


def draw(pyplot, figures):
    """Instructions, time and stores by burst size."""
    picture, panels = pyplot.subplots(1, 3, figsize=(12, 4))
    for panel, name in zip(panels, (INSTRUCTIONS, SOFTWARE, STORES)):
        lines(panel, figures, name, "burst", PEERS)
        panel.set_xscale("log", base=2)
        panel.set_xticks(BURSTS, map(str, BURSTS))
        panel.set_xlabel("events per dequeue and enqueue")
    panels[0].legend(fontsize="x-small")
    return picture
