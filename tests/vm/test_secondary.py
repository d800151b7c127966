#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Secondary processes on PCI: what tests/drivers/event/dlb2/test_secondary.py does on the model.

DLB2_VM_FULL=1 runs all scenarios on both versions of the hardware, and kills fifty processes on
each; else the versions share them.
"""

import os
import unittest

import guest

FULL = os.environ.get("DLB2_VM_FULL") == "1"
SECONDS = 1700 if FULL else 600
# The program has the driver linked in. Its secondary processes need an lcore of their own.
PROGRAM = f"{guest.PROGRAMS}/secondary -l 1 -m 64 --no-telemetry --log-level=error"
VM = ("--cpus", 3, "--memory", 1024, "--hugepages", 256)
FIRST = "-a ${DLB2_BDFS%% *}"
BOTH = "$(printf ' -a %s' $DLB2_BDFS)"
SCENARIOS = {
    "2.0": ("kill 2 1", "directed 1 1", "control", "hotplug 1"),
    "2.5": ("kill 2 2", "kill-stop 1 2", "stop 1"),
}
ALL_SCENARIOS = ("traffic 20000", "kill 50 3", "kill-stop 10 3", "directed 10 3", "stop 10",
                 "control", "hotplug 3")


class Secondary(unittest.TestCase):
    def run_in_guest(self, *scenarios, hw, devices=1, allow=FIRST):
        """Runs scenarios one after the other, until one fails; returns what they printed."""
        script = " && ".join(f"{PROGRAM} {allow} -- {scenario}" for scenario in scenarios)
        done = guest.shell(script, hw=hw, devices=devices, timeout=SECONDS, options=VM)
        self.assertEqual(done.status, 0, done)
        print(f"{hw}: {done.seconds:.0f} s", *done.out.splitlines(), sep="\n  ")
        return done.out

    def test_kills_stops_and_traffic(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                self.run_in_guest(*(ALL_SCENARIOS if FULL else SCENARIOS[hw]), hw=hw)

    def test_second_device(self):
        said = self.run_in_guest("two", hw="2.5", devices=2, allow=BOTH)
        self.assertIn("events through the second device", said)


if __name__ == "__main__":
    unittest.main()
