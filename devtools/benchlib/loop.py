# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Throughput of a closed loop on one core: dpdk-test-eventdev-dlb2 perf."""

from .draw import bars
from .study import Headline

NAME = "loop"
BURSTS = (1, 4, 32)
TYPES = {"atomic": "a", "parallel": "p", "ordered": "o"}
MODELS = {"model 2.0": "event_dlb2_model0,hw=2.0", "model 2.5": "event_dlb2_model1,hw=2.5"}
SW, DSW = "event_sw0", "event_dsw0"
NEVER = "none"  # the scheduler runs by itself, or there is none
SW_FORMS = tuple(f"event_sw, {when}" for when in ("before every dequeue", "after an empty dequeue"))
PEERS = SW_FORMS
RATE = "million events/s"
HIGHER = (RATE,)

HEADLINES = tuple(
    Headline(f"million events/s, {kind}, burst {burst}", RATE, {"type": kind, "burst": burst},
             whose="model 2.5") for kind in TYPES for burst in BURSTS)


def who_is(series, names):
    """The name of a series of perf: its device's, and when the scheduler is run."""
    name = names[series["name"]]
    return name if series["service_run"] == NEVER else f"{name}, {series['service_run']}"


def measure(programs, options, figures):
    """One sample of each device, form, type and burst size."""
    names = {device.split(",")[0]: who for who, device in MODELS.items()}
    names |= {SW: "event_sw", DSW: "event_dsw"}
    found = programs.perf([*MODELS.values(), SW, DSW], "--stlist", ",".join(TYPES.values()),
                          "--bursts", ",".join(map(str, BURSTS)),
                          "--events", 20000 if options.quick else 1000000)
    for series in found["series"]:
        for rate in series["events_per_second"]:
            figures.add(RATE, who_is(series, names),
                        {"type": series["type"], "burst": series["burst"]}, rate / 1e6)


def draw(pyplot, figures):
    """Rates by type and burst size."""
    picture, panels = pyplot.subplots(1, len(TYPES), figsize=(12, 4), sharey=True)
    for panel, kind in zip(panels, TYPES):
        bars(panel, figures, RATE, [{"type": kind, "burst": burst} for burst in BURSTS],
             [f"burst {burst}" for burst in BURSTS], (*PEERS, "event_dsw"))
        panel.set_title(kind)
        panel.set_ylabel(RATE if kind == next(iter(TYPES)) else "")
    panels[0].legend(fontsize="x-small")
    return picture
