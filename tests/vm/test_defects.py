#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The in-tree driver's defects on PCI devices: ours has none of them, and the tests see the in-tree
driver's. What each came to there is in doc/guides/dlb2_defects_in_tree.csv.

Ordinarily only those are run for which the bus makes a difference. DLB2_VM_FULL=1 runs all.
"""

import os
import re
import unittest

import guest

FULL = os.environ.get("DLB2_VM_FULL") == "1"
ON_THE_BUS = ("test_b3_", "test_b4_", "test_b47")
SECONDS = 100  # for one test


def run(hw, driver, tests):
    """Runs tests on two devices; returns what came of each, by name."""
    script = (f"set -- $DLB2_BDFS; exec {guest.PROGRAMS}/defects -l 0-3 $DLB2_EAL --in-memory "
              f"-- {hw} $1,$2 {SECONDS} {' '.join(tests)}")
    result = guest.shell(script, hw=hw, devices=2, driver=driver, timeout=3000)
    return result, dict(re.findall(r"^(test_b\d+_\w+): (.*)$", result.out, re.MULTILINE))


class Defects(unittest.TestCase):
    def test_ours_has_none(self):
        for hw in guest.VERSIONS if FULL else ("2.5",):
            with self.subTest(hw=hw):
                result, came_to = run(hw, "ours", () if FULL else ON_THE_BUS)
                self.assertEqual(result.status, 0, result)
                self.assertGreaterEqual(len(came_to), len(ON_THE_BUS), result)
                self.assertEqual(set(came_to.values()), {"passes"}, result)

    @unittest.skipUnless(FULL, "a probe takes that driver half a minute")
    def test_in_tree_driver_is_found_out(self):
        result, came_to = run("2.5", "in-tree", ("test_b3_", "test_b9_timeout", "test_b5_fields_at"))
        self.assertEqual(came_to, {"test_b3_removal": "fails", "test_b9_timeout_ticks": "fails",
                                   "test_b5_fields_at_any_burst_size": "passes"}, result)


if __name__ == "__main__":
    unittest.main()
