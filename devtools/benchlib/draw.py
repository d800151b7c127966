# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Plots: SVG and PNG. Needs matplotlib, and only when something is drawn."""

from .failure import Failure

# A file must be the same for the same figures.
SETTINGS = {"svg.hashsalt": "dlb2", "svg.fonttype": "none", "axes.grid": True, "grid.alpha": 0.3,
            "axes.axisbelow": True, "font.size": 9}
METADATA = {"svg": {"Date": None}, "png": {"Software": None}}
PEER_STYLE = {"linestyle": "--"}


def load():
    """matplotlib's pyplot; raises Failure."""
    try:
        import matplotlib  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        raise Failure("the plots need matplotlib: run ./devtools/setup.sh --bench, then this with "
                      "--draw and the JSON file") from error
    matplotlib.use("Agg")
    matplotlib.rcParams.update(SETTINGS)
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel
    return pyplot


def error_bars(points):
    """How far the least and the most are from the medians, as pyplot wants it."""
    return [[one.median - one.least for one in points], [one.most - one.median for one in points]]


def lines(panel, figures, name, x, peers, **where):
    """A line for each who: medians over condition `x`, with the spread. Peers are dashed."""
    for who in figures.names_of(name):
        points = [one for one in figures.select(name, **where) if one.who == who]
        if points:
            panel.errorbar([one.where[x] for one in points], [one.median for one in points],
                           error_bars(points), label=who, marker="o", markersize=3, capsize=2,
                           linewidth=1, **(PEER_STYLE if who in peers else {}))
    panel.set_ylabel(name)
    panel.set_ylim(bottom=0)


def bars(panel, figures, name, wheres, labels, peers):
    """Groups of bars, one group for each of the conditions. Peers are hatched."""
    names = figures.names_of(name)
    width = 0.8 / max(len(names), 1)
    for i, who in enumerate(names):
        found = [figures.find(name, who, where) for where in wheres]
        places = [k + (i - (len(names) - 1) / 2) * width for k, one in enumerate(found) if one]
        points = [one for one in found if one]
        panel.bar(places, [one.median for one in points], width, yerr=error_bars(points), label=who,
                  error_kw={"elinewidth": 0.8}, **({"hatch": "//", "alpha": 0.6} if who in peers
                                                   else {}))
    panel.set_xticks(range(len(labels)), labels)
    panel.set_ylabel(name)


def draw(study, figures, folder):
    """Writes the study's plot into a folder as SVG and PNG."""
    pyplot = load()
    picture = study.draw(pyplot, figures)
    picture.tight_layout()
    for kind, metadata in METADATA.items():
        picture.savefig(folder / f"bench_{study.NAME}.{kind}", metadata=metadata, dpi=100)
    pyplot.close(picture)
