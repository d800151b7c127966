#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Compares the generated register interface, through a C program, with a second reading of the CSV.

Shares no code with generate.py: a mistake must be made twice to pass. Both versions, every element
of every array, every mask, reset value and access kind, every field macro, and look-ups at every
register and around it.
"""

import csv
import os
import pathlib
import random
import shlex
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SPEC = HERE.parents[2] / "lib" / "dlb2_spec"
SPACES = ["csr", "func", "vf"]
OFFSETS = ["v20_offset", "v25_offset"]
# Rows of fields.csv that hold in each version.
HOLDS = [("both", "v20"), ("both", "v25")]


def load(name):
    with open(SPEC / name, newline="", encoding="ascii") as stream:
        return list(csv.DictReader(stream))


REGISTERS = load("registers.csv")
FIELDS = load("fields.csv")


def count(text, version):
    return int((text.split("|") * 2)[version]) if text else 1


def elements(register, version):
    """(i, j, offset) of every element in a version."""
    base = register[OFFSETS[version]]
    if base == "":
        return []
    step1 = int(register["stride1"] or "0", 16)
    step2 = int(register["stride2"] or "0", 16)
    return [(i, j, int(base, 16) + i * step1 + j * step2)
            for i in range(count(register["count1"], version))
            for j in range(count(register["count2"], version))]


def bits(row):
    return sum(1 << bit for bit in range(int(row["lsb"]), int(row["lsb"]) + int(row["width"])))


def mask(register, version):
    return sum(bits(row) for row in FIELDS
               if row["register"] == register["name"] and row["versions"] in HOLDS[version])


def known_offsets():
    """What lies where: {(version, space, offset): "name i j"}."""
    return {(version, SPACES.index(register["space"]), offset): f"{register['name']} {i} {j}"
            for version in (0, 1) for register in REGISTERS
            for i, j, offset in elements(register, version)}


def macro_calls():
    """A C line per field and version, in the form that its macro must have."""
    rows = {}
    for row in FIELDS:
        rows.setdefault((row["register"], row["field"]), []).append(row["versions"])
    lines = []
    for (register, name), versions in rows.items():
        macro = f"DLB2_{register}__{name}"
        for version in (0, 1):
            if set(versions) & set(HOLDS[version]):
                value = macro if len(versions) == 1 else f"{macro}({version})"
                lines.append(f'MACRO({version}, "{register} {name}", {value})\n')
    return "".join(lines)


def build(directory):
    """Generates and compiles; returns the path of the program."""
    generated = directory / "dlb2_regs.c"
    subprocess.run([sys.executable, SPEC / "generate.py", SPEC / "registers.csv",
                    SPEC / "fields.csv", directory / "dlb2_regs.h", generated], check=True)
    (directory / "fields.inc").write_text(macro_calls())
    (directory / "names.inc").write_text("".join(f"NAME({row['name']})\n" for row in REGISTERS))
    program = directory / "register_dump"
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-std=gnu11", "-Wall", "-Wextra",
                    "-Werror", f"-I{directory}", f"-I{SPEC}", "-o", program,
                    HERE / "register_dump.c", generated, SPEC / "dlb2_reg_access.c"], check=True)
    return program


def queries(known):
    """Every register offset; its bytes and neighbours; all spaces; and anywhere at all."""
    asked = set()
    for version, space, offset in known:
        for delta in (0, 1, 2, 3, 4, -4, 0x1000, -0x1000):
            asked.add((version, space, offset + delta & 0xffffffff))
        asked.update((version, other, offset) for other in range(len(SPACES)))
        asked.add((1 - version, space, offset))
    dice = random.Random(2026)
    asked.update((dice.randrange(2), dice.randrange(3), dice.randrange(1 << 32))
                 for _ in range(20000))
    return sorted(asked)


class Registers(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.known = known_offsets()
        cls.asked = queries(cls.known)
        text = "".join(f"{version} {space} {offset:x}\n" for version, space, offset in cls.asked)
        with tempfile.TemporaryDirectory() as directory:
            result = subprocess.run([build(pathlib.Path(directory))], input=text, check=True,
                                    stdout=subprocess.PIPE, text=True)
        cls.output = {}
        for line in result.stdout.splitlines():
            kind, _, rest = line.partition(" ")
            cls.output.setdefault(kind, []).append(rest)

    def same(self, kind, expected):
        """Like assertEqual of the lines, but names the first differing ones only."""
        actual = self.output[kind]
        wrong = [pair for pair in zip(actual, expected) if pair[0] != pair[1]]
        self.assertFalse(wrong[:5], "generated, expected")
        self.assertEqual(len(actual), len(expected))

    def test_totals(self):
        self.same("total", [f"{len(REGISTERS)} {len(FIELDS)}"])

    def test_names(self):
        self.same("name", [f"{row['name']} {row['name']}" for row in REGISTERS])

    def test_register_facts(self):
        self.same("register", [
            f"{version} {row['name']} {row['space']} {row['access']} {int(row['reset'], 16):x} "
            f"{mask(row, version):x} {count(row['count1'], version)} "
            f"{count(row['count2'], version)}"
            for version in (0, 1) for row in REGISTERS if row[OFFSETS[version]]])

    def test_every_offset(self):
        self.same("offset", [f"{version} {row['name']} {i} {j} {offset:x}"
                             for version in (0, 1) for row in REGISTERS
                             for i, j, offset in elements(row, version)])

    def test_field_table(self):
        bitmap = {"both": 3, "v20": 1, "v25": 2}
        self.same("field", [
            f"{row['register']} {row['field']} {row['lsb']} {row['width']} "
            f"{bitmap[row['versions']]}"
            for register in REGISTERS for row in FIELDS if row["register"] == register["name"]])

    def test_field_macros(self):
        expected = {(version, f"{row['register']} {row['field']}"): bits(row)
                    for version in (0, 1) for row in FIELDS if row["versions"] in HOLDS[version]}
        self.assertEqual(len(self.output["macro"]), len(expected))
        for line in self.output["macro"]:
            version, name, value = line.split(" ", 1)[0], *line.split(" ", 1)[1].rsplit(" ", 1)
            self.assertEqual(int(value, 16), expected[int(version), name], line)

    def test_look_ups(self):
        self.same("found", [self.known.get(query, "nothing") for query in self.asked])

    def test_addresses_are_unique(self):
        total = sum(len(elements(row, version)) for version in (0, 1) for row in REGISTERS)
        self.assertEqual(len(self.known), total)


if __name__ == "__main__":
    unittest.main()
