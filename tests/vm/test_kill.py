#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""kill -9 at random moments: the next start always comes up, gets no event of an earlier life, and
the device writes nothing to memory that was taken from it.

DLB2_VM_FULL=1 kills a hundred applications on each version of the hardware.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import guest

sys.path.insert(0, str(guest.ROOT / "devtools"))
from vmlib import control  # noqa: E402

FULL = os.environ.get("DLB2_VM_FULL") == "1"
LIVES = 100 if FULL else 12
SECONDS = 1200
SERIES = pathlib.Path(__file__).with_name("kill_series.py")


class Kill(unittest.TestCase):
    def series(self, hw, seed):
        """Runs a series; returns what the guest printed and what the device says afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            done, go, socket = (pathlib.Path(folder, name) for name in ("done", "go", "control"))
            script = (f"python3 {SERIES} {guest.PROGRAMS}/life {LIVES} {seed} -l 1 -m 64 "
                      f"--no-telemetry $DLB2_EAL || exit; touch {done}; "
                      f"while [ ! -e {go} ]; do sleep 0.1; done")
            words = guest.command("sh", "-c", script, hw=hw, timeout=SECONDS,
                                  options=("--cpus", 2, "--memory", 768, "--hugepages", 128,
                                           "--share", folder, "--control", socket))
            with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True) as process:
                while process.poll() is None and not done.exists():
                    time.sleep(0.1)
                answers = {}
                if done.exists():
                    answers = {command: control.ask(socket, command)
                               for command in ("counters", "check")}
                    go.touch()
                return process.communicate()[0], process.returncode, answers

    def test_lives_end_at_random_moments(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                output, status, answers = self.series(hw, seed=1)
                self.assertEqual(status, 0, output)
                said = [line for line in output.splitlines() if "lives killed" in line]
                self.assertEqual(len(said), 1, output)
                print(f"{hw}: {said[0]}")
                counters = answers["counters"]
                self.assertEqual(counters["dma_errors"], 0, counters)
                self.assertEqual(counters["dma_refused"], 0, counters)
                self.assertEqual(answers["check"]["violations"], 0, answers["check"])
                # Each life resets the device, and vfio-pci does after it.
                self.assertGreater(counters["flrs"], LIVES, counters)


if __name__ == "__main__":
    unittest.main()
