#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The judge of the model: the distribution's own dlb2 driver, unmodified, and DPDK's own programs
over it. They must pass, and the device server must have found nothing wrong with what they did.

order_queue over a few events is in test_boot.py. DLB2_VM_FULL=1 runs each program by itself with
many events, order_queue also with a seed that makes the model choose other legal orders.
"""

import re
import unittest

import guest

SECONDS = 900  # for one machine; the driver's timing of its ports alone takes up to half a minute
CASES = ("Stop Flush", "Single Link", "Info Get", "Reconfiguration Link", "Load-Balanced Traffic",
         "Directed Traffic", "Deferred Scheduling", "Delayed Pop")
# How many events keep their order under a seed: 0 is the plainest schedule, others shuffle it.
ORDERED_EVENTS = {0: 100000, 1: 10000}
PERF_EVENTS = 20000 if guest.FULL else 5000
# One run has a stage of each type; the full set has also a run for each.
PERF_TYPES = ("a", "p", "o", "a,p,o") if guest.FULL else ("a,p,o",)
PERF_VERSIONS = guest.VERSIONS if guest.FULL else ("2.5",)


class Judge(unittest.TestCase):
    def judge(self, script, hw, seed=0):
        """Runs a script over the in-tree driver; a Result that nobody complains about."""
        done, answers = guest.shell_and_ask(
            script, hw=hw, driver="in-tree", timeout=SECONDS,
            options=("--server-arg=--seed", f"--server-arg={seed}"))
        self.assertEqual(done.status, 0, done)
        counters = answers["counters"]
        for name in ("bad_accesses", "dma_errors", "dma_refused", "alarms"):
            self.assertEqual(counters[name], 0, f"{name}: {counters}\n{done}")
        self.assertEqual(answers["check"]["violations"], 0, answers["check"])
        return done

    def eventdev(self, hw, arguments, seed=0):
        """Runs dpdk-test-eventdev, which must report success."""
        done = self.judge(guest.test_eventdev(f"--plcores 1 --wlcores 2,3 {arguments}"), hw, seed)
        self.assertTrue(guest.is_success(done), done)
        return done

    def test_self_test_of_the_driver(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                done = self.judge(
                    "exec env DPDK_TEST=eventdev_selftest_dlb2 dpdk-test -l 0-3 $DLB2_EAL", hw)
                for case in CASES:
                    self.assertIn(f"*** Running {case} test...", done.out)
                self.assertRegex(done.out, "Selftest passed for eventdev event_dlb2_")
                self.assertIn("Test OK", done.out)
                print(f"{hw}: self-test, {len(CASES)} cases, {done.seconds:.0f} s")

    def test_perf_queue(self):
        for hw in PERF_VERSIONS:
            for types in PERF_TYPES:
                with self.subTest(hw=hw, types=types):
                    done = self.eventdev(hw, f"--test=perf_queue --stlist={types} "
                                         f"--nb_pkts {PERF_EVENTS}")
                    rates = re.findall(r"avg ([\d.]+) mpps", done.out)
                    print(f"{hw}: perf_queue {types}, {PERF_EVENTS} events, {rates[-1]} mpps, "
                          f"{done.seconds:.0f} s")

    @unittest.skipUnless(guest.FULL, "DLB2_VM_FULL=1")
    def test_order_queue(self):
        for hw in guest.VERSIONS:
            for seed, events in ORDERED_EVENTS.items():
                with self.subTest(hw=hw, seed=seed):
                    done = self.eventdev(hw, "--test=order_queue --nb_flows 64 "
                                         f"--nb_pkts {events}", seed)
                    print(f"{hw}: order_queue, seed {seed}, {events} events, "
                          f"{done.seconds:.0f} s")


if __name__ == "__main__":
    unittest.main()
