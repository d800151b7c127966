#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The judge of the model: the distribution's own dlb2 driver, unmodified, and DPDK's own programs
over it. They must pass, and the device server must have found nothing wrong with what they did.

order_queue over a few events is in test_boot.py. DLB2_VM_FULL=1 runs each program by itself with
many events, also with seeds that make the model choose other legal orders.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

import guest

sys.path.insert(0, str(guest.ROOT / "devtools"))
from vmlib import control  # noqa: E402

FULL = os.environ.get("DLB2_VM_FULL") == "1"
SECONDS = 900  # for one machine; the driver's timing of its ports alone takes up to half a minute
CASES = ("Stop Flush", "Single Link", "Info Get", "Reconfiguration Link", "Load-Balanced Traffic",
         "Directed Traffic", "Deferred Scheduling", "Delayed Pop")
SEEDS = (0, 1, 2)
ORDERED_EVENTS = 100000
PERF_EVENTS = 50000 if FULL else 5000
# One run has a stage of each type; the full set has also a run for each.
PERF_TYPES = ("a", "p", "o", "a,p,o") if FULL else ("a,p,o",)
PERF_VERSIONS = guest.VERSIONS if FULL else ("2.5",)


class Judge(unittest.TestCase):
    def judge(self, script, hw, seed=0):
        """Runs a script over the in-tree driver; returns its output after the server was asked."""
        with tempfile.TemporaryDirectory() as folder:
            done, go, socket = (pathlib.Path(folder, name) for name in ("done", "go", "control"))
            words = guest.command(
                "sh", "-c", f"{script}\nstatus=$?; touch {done}; "
                f"while [ ! -e {go} ]; do sleep 0.1; done; exit $status",
                hw=hw, driver="in-tree", timeout=SECONDS,
                options=("--share", folder, "--control", socket, "--server-arg=--seed",
                         f"--server-arg={seed}"))
            with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace") as process:
                while process.poll() is None and not done.exists():
                    time.sleep(0.1)
                answers = {}
                if done.exists():
                    answers = {command: control.ask(socket, command)
                               for command in ("counters", "check")}
                    go.touch()
                output = guest.plain(process.communicate()[0])
        self.assertEqual(process.returncode, 0, output)
        self.check_server(answers, output)
        return output

    def check_server(self, answers, output):
        counters = answers["counters"]
        for name in ("bad_accesses", "dma_errors", "dma_refused", "alarms"):
            self.assertEqual(counters[name], 0, f"{name}: {counters}\n{output}")
        self.assertEqual(answers["check"]["violations"], 0, answers["check"])

    def eventdev(self, hw, arguments, seed=0):
        """Runs dpdk-test-eventdev and returns its output."""
        output = self.judge(f"({guest.test_eventdev(arguments)})", hw, seed)
        self.assertRegex(output, r"Result: *Success")
        return output

    def test_self_test_of_the_driver(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                began = time.monotonic()
                output = self.judge(
                    "DPDK_TEST=eventdev_selftest_dlb2 dpdk-test -l 0-3 $DLB2_EAL", hw)
                for case in CASES:
                    self.assertIn(f"*** Running {case} test...", output)
                self.assertRegex(output, "Selftest passed for eventdev event_dlb2_")
                self.assertIn("Test OK", output)
                print(f"{hw}: self-test, {len(CASES)} cases, {time.monotonic() - began:.0f} s")

    def test_perf_queue(self):
        for hw in PERF_VERSIONS:
            for types in PERF_TYPES:
                with self.subTest(hw=hw, types=types):
                    output = self.eventdev(hw, f"--test=perf_queue --plcores 1 --wlcores 2,3 "
                                           f"--stlist={types} --nb_pkts {PERF_EVENTS}")
                    rates = re.findall(r"avg ([\d.]+) mpps", output)
                    print(f"{hw}: perf_queue {types}, {PERF_EVENTS} events, {rates[-1]} mpps")

    @unittest.skipUnless(FULL, "DLB2_VM_FULL=1")
    def test_order_queue(self):
        for hw in guest.VERSIONS:
            for seed in SEEDS:
                with self.subTest(hw=hw, seed=seed):
                    began = time.monotonic()
                    self.eventdev(hw, f"--test=order_queue --plcores 1 --wlcores 2,3 --nb_flows 64 "
                                  f"--nb_pkts {ORDERED_EVENTS}", seed)
                    print(f"{hw}: order_queue, seed {seed}, {ORDERED_EVENTS} events, "
                          f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    unittest.main()
