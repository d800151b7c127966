# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What set-up, start and stop of the largest configuration take: dlb2-bench-driver --control."""

from .draw import bars
from .study import Headline

NAME = "control"
OURS, IN_TREE = "this driver", "in-tree"
PEERS = (IN_TREE,)
HIGHER = ()
ACCESSES, TIME = "register accesses", "microseconds"
ALL = "all"
VERSIONS = ("2.0", "2.5")

HEADLINES = tuple(
    Headline(f"register accesses, version {version}, all steps", ACCESSES,
             {"version": version, "step": ALL}, ratio_limit=0.8) for version in VERSIONS
) + tuple(
    Headline(f"microseconds, version {version}, all steps", TIME,
             {"version": version, "step": ALL}) for version in VERSIONS)


def take(figures, name, who, version, costs):
    """Adds one figure a step, and their sum."""
    for step, cost in {**costs, ALL: sum(costs.values())}.items():
        figures.add(name, who, {"version": version, "step": step}, cost)


def measure(programs, options, figures):
    """One sample of both drivers on both versions."""
    drivers = {OURS: True, IN_TREE: False} if programs.has_in_tree() else {OURS: True}
    for version in VERSIONS[-1:] if options.quick else VERSIONS:
        for who, is_ours in drivers.items():
            counted = programs.bench_driver(is_ours, "--hw", version, "--control", "accesses")
            timed = programs.bench_driver(is_ours, "--hw", version, "--control", "time")
            take(figures, ACCESSES, who, version,
                 {one["step"]: one["reads"] + one["writes"] for one in counted})
            take(figures, TIME, who, version, {one["step"]: one["us"] for one in timed})


def draw(pyplot, figures):
    """Accesses and time of all steps."""
    picture, panels = pyplot.subplots(1, 2, figsize=(8, 3.5))
    for panel, name in zip(panels, (ACCESSES, TIME)):
        bars(panel, figures, name, [{"version": version, "step": ALL} for version in VERSIONS],
             [f"DLB {version}" for version in VERSIONS], PEERS)
    panels[0].legend(fontsize="x-small")
    return picture
