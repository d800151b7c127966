#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The table of parity with DPDK's own driver is complete and believes nothing without a test.

Each of its rows is a test here: it has a state, a reason where it is no plain yes, and names tests that
exist: cmocka's, unittest's, or suites of DPDK's own. No row is open.
"""

import collections
import csv
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
DONE = ("same", "better", "different", "not possible")
NEED_REASON = ("different", "not possible")


def read_items():
    lines = (ROOT / "tests/doc/parity_items.txt").read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in lines if not line.startswith("#")).split()


def read_rows():
    with open(ROOT / "doc/guides/dlb2_parity.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def tests_of(path):
    """Names of the tests in a file: functions that cmocka runs and unittest's methods."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return set(re.findall(r"^    def (test_\w+)\(self", text, re.MULTILINE))
    # Defined, and used once more at least, by the table that runs it.
    defined = re.findall(r"^(\w+)\(void \*\*state\)$", text, re.MULTILINE)
    return {name for name in defined if len(re.findall(rf"\b{name}\b", text)) > 1}


def find_tests():
    """What tests there are, by file name; files of the same name count as one."""
    tests = collections.defaultdict(set)
    for path in [*ROOT.glob("tests/**/test_*.c"), *ROOT.glob("tests/**/test_*.py")]:
        tests[path.name] |= tests_of(path)
    suites = ROOT / "devtools/dpdk-tests.txt"
    tests[suites.name] = set(re.findall(r"^(?:dpdk-test|timer-adapter) +(\w+)",
                                        suites.read_text(encoding="utf-8"), re.MULTILINE))
    return tests


class Parity(unittest.TestCase):
    def test_every_item_has_one_row(self):
        self.assertEqual([row["Item"] for row in ROWS], read_items())

    def check_row(self, row):
        self.assertTrue(row["What it is"])
        self.assertIn(row["State"], DONE)
        if row["State"] in NEED_REASON:
            self.assertTrue(row["Remark"], "it needs a reason")
        self.assertTrue(row["Tests"], "it needs a test")
        for test in row["Tests"].split():
            file, name = test.split(":")
            self.assertIn(name, TESTS[file], f"{file} has no such test")


ROWS, TESTS = read_rows(), find_tests()
for _row in ROWS:
    setattr(Parity, "test_row_" + _row["Item"], lambda self, row=_row: self.check_row(row))

if __name__ == "__main__":
    states = collections.Counter(row["State"] for row in ROWS)
    print(f"{len(ROWS)} items of parity:", ", ".join(f"{n} {state}" for state, n in states.most_common()))
    unittest.main(argv=sys.argv[:1])
