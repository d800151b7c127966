# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What the tool prints and writes: totals, differences and the rows that explain them."""

import collections
import csv
import dataclasses
import json

from .record import PHASES

TOTAL_COLUMNS = ("Version", "Set-up", *PHASES.values(), "All")
SHOWN = 20  # unexplained differences of a kind


def total(accesses):
    """Accesses to registers: the configuration space and producer ports are not."""
    return sum(times for (_, name), times in accesses.items() if name not in ("CONFIG", "PP"))


def totals(version, ours, in_tree):
    """Rows of TOTAL_COLUMNS: how many register accesses ours made, and the in-tree driver."""
    for setup in sorted({setup for setup, _ in ours.accesses}):
        pairs = [(total(ours.accesses[setup, phase]), total(in_tree.accesses[setup, phase]))
                 for phase in PHASES.values()]
        pairs.append(tuple(map(sum, zip(*pairs))))
        yield version, str(setup), *(f"{left} / {right}" for left, right in pairs)


def print_table(rows):
    """Columns as wide as they need to be."""
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


@dataclasses.dataclass
class Verdict:
    """Differences with the number of the row that explains each, or None."""
    states: list
    accesses: list

    def unexplained(self):
        """(of states, of accesses)."""
        return ([d for d, row in self.states if row is None],
                [d for d, row in self.accesses if row is None])


def judge(states, accesses, state_table, access_table):
    """Looks each difference up."""
    def number(table, difference):
        row = table.explain(difference)
        return row.number if row else None
    return Verdict([(d, number(state_table, d)) for d in states],
                   [(d, number(access_table, d)) for d in accesses])


def print_unexplained(title, differences):
    """The first of them, one a line."""
    if differences:
        print(f"\n{title} that no row explains: {len(differences)}")
    for difference in differences[:SHOWN]:
        print(" ", ", ".join(f"{name} {value}" for name, value in
                             dataclasses.asdict(difference).items() if value != ""))


def print_rows(title, table, complete):
    """How often each row of a table was needed; a complete run should need each."""
    count = sum(row.explained for row in table.rows)
    print(f"\n{title}: {count} explained, by {len(table.rows) - len(table.unused())} of "
          f"{len(table.rows)} rows of {table.path.name}")
    for row in table.unused() if complete else ():
        print(f"  row {row.number} explains nothing: {next(iter(row.cells.values()))}")


def write_totals(path, rows):
    """The table of totals for the guide."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def accesses_of(recordings):
    """All counts: {driver: {"set-up phase": {"verb register": times}}}."""
    return {driver: {f"{setup} {phase}": {f"{verb} {name}": times for (verb, name), times
                                          in sorted(counter.items())}
                     for (setup, phase), counter in recording.accesses.items()}
            for driver, recording in recordings.items()}


def write_json(path, recordings, verdict):
    """Everything that was found. `recordings` is {version: {driver: recording}}."""
    def plain(pairs):
        return [{**dataclasses.asdict(difference), "row": row} for difference, row in pairs]
    content = {
        "seconds": {version: {driver: round(one.seconds, 1) for driver, one in both.items()}
                    for version, both in recordings.items()},
        "accesses": {version: accesses_of(both) for version, both in recordings.items()},
        "state_differences": plain(verdict.states),
        "access_differences": plain(verdict.accesses),
        "explained_by_row": {
            "state": collections.Counter(row for _, row in verdict.states if row),
            "accesses": collections.Counter(row for _, row in verdict.accesses if row)},
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
