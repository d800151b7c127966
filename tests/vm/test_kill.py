#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""kill -9 at random moments: the next start always comes up, gets no event of an earlier life, and
the device writes nothing to memory that was taken from it.

DLB2_VM_FULL=1 kills a hundred applications on each version of the hardware.
"""

import pathlib
import unittest

import guest

LIVES = 100 if guest.FULL else 6
SECONDS = 1200
SERIES = pathlib.Path(__file__).with_name("kill_series.py")


class Kill(unittest.TestCase):
    def test_lives_end_at_random_moments(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                done, answers = guest.shell_and_ask(
                    f"exec python3 {SERIES} {guest.PROGRAMS}/life {LIVES} 1 -l 1 -m 64 "
                    "--no-telemetry $DLB2_EAL", hw=hw, timeout=SECONDS,
                    options=("--cpus", 2, "--memory", 768, "--hugepages", 128))
                self.assertEqual(done.status, 0, done)
                said = [line for line in done.out.splitlines() if "lives killed" in line]
                self.assertEqual(len(said), 1, done)
                print(f"{hw}: {said[0]}")
                counters = answers["counters"]
                self.assertEqual(counters["dma_errors"], 0, counters)
                self.assertEqual(counters["dma_refused"], 0, counters)
                self.assertEqual(answers["check"]["violations"], 0, answers["check"])
                # Each life resets the device, and vfio-pci does after it.
                self.assertGreater(counters["flrs"], LIVES, counters)


if __name__ == "__main__":
    unittest.main()
