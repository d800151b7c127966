#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Applications over this driver, as they are used on a machine with a DLB: DPDK's own, unmodified, and
the conformance program. The device server must have found nothing wrong with what the driver did.

DLB2_VM_FULL=1 runs more pipelines of the conformance program.
"""

import re
import subprocess
import unittest

import guest

ORDERED_EVENTS = 100000
PIPELINES, SEEDS = (100, 10) if guest.FULL else (20, 1)
COMMON_PASSED = 24
SELF_TESTS = 8
FORWARD_SECONDS = 120
CONFORM = guest.BUILD / "app/test-eventdev-dlb2/dpdk-test-eventdev-dlb2"


def example(name):
    """The path of one of DPDK's examples, compiled from its own source."""
    script = f". devtools/lib.sh; . devtools/dpdk-source.sh; dpdk_unpack_examples; dpdk_example {name}"
    return subprocess.run(["bash", "-euc", script], cwd=guest.ROOT, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


class Applications(unittest.TestCase):
    def run_on_each_version(self, script, check, **settings):
        """Runs a script in one machine per version; `check` looks at the Result."""
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                done, answers = guest.shell_and_ask(script, hw=hw, **settings)
                self.assertEqual(done.status, 0, done)
                check(done)
                for name in ("bad_accesses", "dma_errors", "dma_refused", "alarms"):
                    self.assertEqual(answers["counters"][name], 0, f"{name}: {answers}\n{done}")
                self.assertEqual(answers["check"]["violations"], 0, f"{answers}\n{done}")
                print(f"{hw}: {done.seconds:.0f} s", flush=True)

    def test_order_queue(self):
        self.run_on_each_version(
            guest.test_eventdev("--test=order_queue --plcores 1 --wlcores 2,3 --nb_flows 64 "
                                f"--nb_pkts {ORDERED_EVENTS}"),
            lambda done: self.assertRegex(done.out, "Result: *Success", done))

    def test_suites_of_dpdk_test(self):
        """A port has 8 links at most: eventdev_common_autotest links all queues to one. What it may
        fail in, and why, stands in dpdk-tests.txt."""
        excused = re.findall(r"^excused +eventdev_common_autotest +(\w+)",
                             (guest.ROOT / "devtools/dpdk-tests.txt").read_text(), re.MULTILINE)

        def check(done):
            passed = re.search(r"Tests Passed *: *(\d+)", done.out)
            self.assertIsNotNone(passed, done)
            self.assertEqual(int(passed[1]), COMMON_PASSED, done)
            self.assertEqual(re.findall(r"TestCase \[ *\d+\] : (\w+) failed", done.out), excused, done)
            self.assertIn("Test OK", done.out.split("Test Suite Summary")[-1], done)
            self.assertEqual(done.out.count(": passed"), SELF_TESTS, done)

        self.run_on_each_version(
            "DPDK_TEST=eventdev_common_autotest dpdk-test -l 0,1 $DLB2_EAL "
            "-a $DLB2_BDFS,max_event_queues=8; "
            "DPDK_TEST=eventdev_selftest_dlb2 dpdk-test -l 0,1 $DLB2_EAL", check)

    def test_conformance(self):
        self.run_on_each_version(
            f"{CONFORM} -l 0 $DLB2_EAL -- conform --seed 1 --pipelines {PIPELINES} --seeds {SEEDS}",
            lambda done: self.assertRegex(done.out, r"PASSED: \d+ pipelines", done), timeout=900)

    def test_l2fwd_event(self):
        def check(done):
            sent = [int(number) for number in re.findall(r"Packets sent: *(\d+)", done.out)]
            self.assertGreater(max(sent, default=0), 0, done)
            self.assertIn("Bye", done.out, done)

        self.run_on_each_version(
            f"""{example('l2fwd-event')} -l 0-3 -s 0x1 --main-lcore 3 $DLB2_EAL --vdev=net_null0 \
                --vdev=net_null1 -- -p 0x3 --mode=eventdev --eventq-sched=atomic -T 1 >/tmp/out 2>&1 &
            for second in $(seq {FORWARD_SECONDS}); do
                kill -0 $! && ! grep -q 'Packets sent: *[1-9]' /tmp/out || break
                sleep 1
            done
            kill -INT $!; wait $!; status=$?
            cat /tmp/out
            exit $status""", check)

    def test_two_devices_at_once(self):
        """In one process, and in two that have one each."""
        arguments = f"conform --seed 1 --pipelines {PIPELINES // 2}"
        alone = f"{CONFORM} $DLB2_EAL -m 128 --file-prefix $1 -l $1 -a $2 -- {arguments}"
        self.run_on_each_version(
            f"""{CONFORM} -l 0 $DLB2_EAL -- {arguments} --dev 0,1 || exit
            set -- $DLB2_BDFS
            first=$1 second=$2
            set -- 0 $first; {alone} & one=$!
            set -- 1 $second; {alone} & two=$!
            wait $one && wait $two""",
            lambda done: self.assertEqual(done.out.count("PASSED: "), 3, done), devices=2,
            timeout=900)


if __name__ == "__main__":
    unittest.main()
