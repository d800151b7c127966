# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What the register tables of lib/dlb2_spec say of one version of the device."""

import csv
import dataclasses
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "lib/dlb2_spec"
DIRECTED_PORTS = {"2.0": 64, "2.5": 96}
LOAD_BALANCED_QUEUES = 32


@dataclasses.dataclass
class Register:
    """A register of one version."""
    name: str
    index: str  # what its first index counts: "ldb_cq", "dir_qid", ...; empty without one
    reset: int
    fields: list = dataclasses.field(default_factory=list)  # of (name, lowest bit, width)

    def split(self, value):
        """Yields (name, value) of each field of a word."""
        for name, lsb, width in self.fields:
            yield name, value >> lsb & (1 << width) - 1


def load(version):
    """The registers of a version by name."""
    column = {"2.0": "v20", "2.5": "v25"}[version]
    registers = {}
    with open(FOLDER / "registers.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row[f"{column}_offset"]:
                registers[row["name"]] = Register(row["name"], row["index1"],
                                                  int(row["reset"], 0))
    with open(FOLDER / "fields.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["register"] in registers and row["versions"] in ("both", column):
                registers[row["register"]].fields.append(
                    (row["field"], int(row["lsb"]), int(row["width"])))
    return registers
