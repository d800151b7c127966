# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What the tool prints, and the summary that the guide shows."""

import csv
import math

SUMMARY_COLUMNS = ("Study", "Figure", "Peer", "Ours", "Least .. most", "Ratio")


def number(value):
    """With three significant digits, or all of a larger number."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    return f"{value:.{max(2 - math.floor(math.log10(abs(value))), 0)}f}"


def spread(figure):
    """The least and the most."""
    return f"{number(figure.least)} .. {number(figure.most)}"


def ratio_text(figures, figure, study):
    """The ratio to the reference, or nothing if there is none."""
    ratio = figures.ratio(figure, study.PEERS, figure.name in study.HIGHER)
    return "" if ratio is None else f"{ratio:.2f}"


def cell(figures, figure, study):
    """The median, the spread if there is one, and the ratio."""
    if figure is None:
        return "-"
    text = number(figure.median)
    if figure.least != figure.most:
        text += f" [{spread(figure)}]"
    ratio = ratio_text(figures, figure, study)
    return f"{text} = {ratio}" if ratio else text


def tables(study, figures):
    """(title, rows) of each name of a figure: who by who, over the last of the conditions."""
    groups = {}
    for one in figures:
        *others, last = list(one.where.items()) or [("", "")]
        title = ", ".join([one.name, *(f"{what} {value}" for what, value in others)])
        columns = groups.setdefault(title, {}).setdefault(last, {})
        columns[one.who] = one
    for title, columns in groups.items():
        names = dict.fromkeys(who for column in columns.values() for who in column)
        yield title, [("", *(f"{what} {value}".strip() for what, value in columns)),
                      *((who, *(cell(figures, column.get(who), study)
                                for column in columns.values())) for who in names)]


def summary(studies, run):
    """One row of SUMMARY_COLUMNS for each headline of what was measured."""
    for study in studies:
        figures = run.studies.get(study.NAME, ())
        for headline in study.HEADLINES if figures else ():
            higher = headline.name in study.HIGHER
            best = headline.best(figures, study.PEERS, higher)
            if best is None:
                continue
            peer = figures.reference(best, study.PEERS, higher)
            yield (study.NAME, headline.title, number(peer.median) if peer else "",
                   number(best.median), spread(best), ratio_text(figures, best, study))


def print_table(table):
    """Columns as wide as they need to be; the first row is the head."""
    table = list(table)
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def write_summary(path, studies, run):
    """The summary as CSV."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([SUMMARY_COLUMNS, *summary(studies, run)])
