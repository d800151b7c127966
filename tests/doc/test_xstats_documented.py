#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The guide's table of extended statistics has those of the driver's tables, in their order, and what can be reset."""

import csv
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
PREFIXES = {"device": "dev", "port": "port", "queue": "qid"}
RESETTABLE = ("COUNTER", "TOTAL", "MARK", "ALARM")


def alarms(source, macro):
    """Names in a list of alarms: X(CAUSE, "name")."""
    body = re.search(rf"#define {macro}\(X\) \\\n((?:.*\\\n)*.*\n)", source).group(1)
    return [f"alarm_{name}" for name in re.findall(r'X\(\w+, "(\w+)"\)', body)]


def known():
    """(prefix, name, resettable) of each row of the three tables."""
    source = (ROOT / "drivers/event/dlb2/dlb2_xstats_tables.c").read_text(encoding="utf-8")
    for kind, prefix in PREFIXES.items():
        table = re.search(rf"{kind}_xstats\[\] = \{{\n(.*?)\n\}};", source, re.DOTALL).group(1)
        for macro, cause, name in re.findall(r'^\t(\w+)\((\w+)?(?:, )?(?:"(\w+)")?', table, re.MULTILINE):
            reset = kind != "device" and macro.rstrip("S").endswith(RESETTABLE)
            if not name:
                yield from ((prefix, alarm, reset) for alarm in alarms(source, macro))
            else:
                yield prefix, f"alarm_{name}" if cause else name, reset


def documented():
    with open(ROOT / "doc/guides/eventdevs/dlb2_xstats.csv", encoding="utf-8", newline="") as stream:
        return [(row["Of"], row["Name"], row["Reset"] == "yes") for row in csv.DictReader(stream)]


class Xstats(unittest.TestCase):
    def test_tables_are_understood(self):
        rows = list(known())
        self.assertIn(("dev", "rx_ok", False), rows)
        self.assertIn(("port", "alarm_no_credit", True), rows)
        self.assertIn(("qid", "hw_max_depth", True), rows)

    def test_same_in_the_guide(self):
        self.assertEqual(documented(), list(known()))


if __name__ == "__main__":
    unittest.main()
