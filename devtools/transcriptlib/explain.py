# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The tables of explained differences, which the guide shows as they are.

doc/guides/dlb2_transcripts_state.csv and doc/guides/dlb2_transcripts_accesses.csv. In every column
that is matched, "*" stands for any text and "|" separates alternatives.
"""

import csv
import dataclasses
import fnmatch
import pathlib

from .failure import Failure

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "doc/guides"
STATE_COLUMNS = ("Register", "Field", "Version", "Set-up", "State", "Ours", "In-tree", "Reference",
                 "Why ours is right")
ACCESS_COLUMNS = ("Registers", "Access", "Phase", "Ours", "Reference", "Why ours is right")


def matches(pattern, text):
    """Whether a text is one of a column's alternatives."""
    return any(fnmatch.fnmatchcase(str(text), one.strip()) for one in pattern.split("|"))


@dataclasses.dataclass
class Row:
    """A row of one of the tables."""
    number: int
    cells: dict
    explained: int = 0  # differences so far


def fits_state(row, difference):
    """Whether a row explains a difference in what the device holds."""
    cells = row.cells
    return all(matches(cells[column], value) for column, value in (
        ("Register", difference.register), ("Field", difference.field),
        ("Version", difference.version), ("Set-up", difference.setup),
        ("State", difference.state), ("Ours", difference.ours), ("In-tree", difference.in_tree)))


def fits_accesses(row, difference):
    """Whether a row explains a difference in how often a register was accessed."""
    cells = row.cells
    direction = "fewer" if difference.ours < difference.in_tree else "more"
    return all(matches(cells[column], value) for column, value in (
        ("Registers", difference.register), ("Access", difference.verb),
        ("Phase", difference.phase), ("Ours", direction)))


class Table:
    """Rows of one kind, and how to match them."""

    def __init__(self, name, columns, fits):
        self.path = FOLDER / name
        self.fits = fits
        with open(self.path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != columns:
                raise Failure(f"{self.path}: columns must be {', '.join(columns)}")
            self.rows = [Row(number, cells) for number, cells in enumerate(reader, 1)]
        for row in self.rows:
            if None in row.cells or not all(row.cells.values()):
                raise Failure(f"{self.path}: row {row.number} has not {len(columns)} cells")

    def explain(self, difference):
        """The first row that fits, or None. The row counts it."""
        for row in self.rows:
            if self.fits(row, difference):
                row.explained += 1
                return row
        return None

    def unused(self):
        """Rows that explained nothing."""
        return [row for row in self.rows if not row.explained]


def state_table():
    """Differences in what the device holds."""
    return Table("dlb2_transcripts_state.csv", STATE_COLUMNS, fits_state)


def access_table():
    """Differences in how often registers are accessed."""
    return Table("dlb2_transcripts_accesses.csv", ACCESS_COLUMNS, fits_accesses)
