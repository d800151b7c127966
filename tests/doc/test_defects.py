#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The table of the in-tree driver's defects is complete, and each has a test that is named after it.

Defect B32 is the in-tree guide's own, so the test that ours has none of it is here.
"""

import csv
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
NUM_DEFECTS = 51
RESULTS = ("present", "absent", "shadowed", "not run")


def read_rows(name):
    with open(ROOT / "doc/guides" / name, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def is_test(path, name):
    """Whether a file defines such a test, and if it is in C also runs it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return re.search(rf"^    def {name}\(self", text, re.MULTILINE) is not None
    defined = re.search(rf"^{name}\(void \*\*state\)$", text, re.MULTILINE)
    return defined is not None and len(re.findall(rf"\b{name}\b", text)) > 1


def tests_of_any_driver():
    """Names of the tests that tests/vm/defects.c runs."""
    files = TESTS.glob("drivers/event/dlb2/test_defects_*.c")
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"\bDEFECT(?:_ONLY)?\((\w+)", text))


def defects_in_code():
    """Numbers of the defects that tests are named after."""
    files = [*TESTS.glob("drivers/**/test_*.c"), *TESTS.glob("d*/**/test_*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return {int(number) for number in re.findall(r"\btest_b(\d+)_\w+\(", text)}


class Table(unittest.TestCase):
    def test_every_defect_has_one_row(self):
        self.assertEqual([row["Defect"] for row in ROWS],
                         [f"B{number}" for number in range(1, NUM_DEFECTS + 1)])

    def test_every_defect_has_a_test_in_the_code(self):
        self.assertEqual(defects_in_code(), set(range(1, NUM_DEFECTS + 1)))

    def test_every_test_of_any_driver_was_run_on_the_in_tree_one(self):
        run = {row["Test"] for row in read_rows("dlb2_defects_in_tree.csv")}
        self.assertEqual(run, tests_of_any_driver())

    def check_row(self, row):
        self.assertTrue(row["What is wrong"])
        self.assertTrue(row["Here"])
        self.assertTrue(row["DPDK 22.11"].startswith(RESULTS), row["DPDK 22.11"])
        names = row["Tests"].split()
        self.assertTrue(any(f":test_{row['Defect'].lower()}_" in name for name in names))
        for test in names:
            file, name = test.split(":")
            paths = [*TESTS.glob(f"drivers/event/dlb2/{file}"), *TESTS.glob(f"doc/{file}")]
            self.assertEqual(len(paths), 1, file)
            self.assertTrue(is_test(paths[0], name), f"{file} has no such test as {name}")


class Guide(unittest.TestCase):
    """What the in-tree guide says wrong: names, sizes and defaults."""

    def setUp(self):
        guides = ROOT / "doc/guides/eventdevs"
        self.guide = (guides / "dlb2.rst").read_text(encoding="utf-8")
        self.devargs = (guides / "dlb2_devargs.rst").read_text(encoding="utf-8")
        self.header = (ROOT / "drivers/event/dlb2/dlb2_devargs.h").read_text(encoding="utf-8")

    def row_of(self, name):
        """Default, values and effect of an argument."""
        cells = self.devargs.split(f"   * - ``{name}``\n", 1)[1].split("   * - ", 1)[0]
        return [cell.strip() for cell in cells.split("     - ")[1:]]

    def preset_of(self, name):
        """The default that the code has for an argument."""
        rows = re.sub(r"\\\n\s*", "", self.header)
        return re.search(rf'X\({name},[^")]*"([^"]*)"', rows).group(1)

    def test_b32_guide_states_what_the_code_has(self):
        text = self.guide + self.devargs
        for wrong in ("vector_opts_enabled", "watermark", "32 slots", "64 slots of 32"):
            self.assertNotIn(wrong, text)
        windows = re.search(r"Ordered queues with a window of ([\d, ]+) events", text)
        self.assertEqual(windows.group(1), "64, 128, 256, 512, 1024")
        self.assertRegex(text, r"``nb_atomic_flows`` of 64, 128, ... 4096 makes the device hash")
        self.assertRegex(text, r"RTE_PMD_DLB2_GET_QID_DEPTH")
        for name in ("max_cq_depth", "max_enqueue_depth", "default_depth_thresh",
                     "sw_credit_quanta", "hw_credit_quanta", "poll_interval", "use_default_hl"):
            self.assertEqual(self.row_of(name)[0].strip("`"), self.preset_of(name), name)


ROWS = read_rows("dlb2_defects.csv")
for _row in ROWS:
    setattr(Table, "test_row_" + _row["Defect"], lambda self, row=_row: self.check_row(row))

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
