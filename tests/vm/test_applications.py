#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Applications over this driver, as they are used on a machine with a DLB: DPDK's own, unmodified, and
the conformance program. The device server must have found nothing wrong with what the driver did.
All that need one device share a guest for each version.

DLB2_VM_FULL=1 runs more pipelines of the conformance program and more events, and two devices on
both versions.
"""

import functools
import re
import subprocess
import unittest

import guest

ORDERED_EVENTS = 100000 if guest.FULL else 20000
PIPELINES, SEEDS = (100, 10) if guest.FULL else (12, 1)
VERSIONS_OF_TWO = guest.VERSIONS if guest.FULL else ("2.5",)
COMMON_PASSED = 24
SELF_TESTS = 8
FORWARD_SECONDS = 120
CONFORM = guest.BUILD / "app/test-eventdev-dlb2/dpdk-test-eventdev-dlb2"


def example(name):
    """The path of one of DPDK's examples, compiled from its own source."""
    script = f". devtools/lib.sh; . devtools/dpdk-source.sh; dpdk_unpack_examples; dpdk_example {name}"
    return subprocess.run(["bash", "-euc", script], cwd=guest.ROOT, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def scripts():
    """What shares a guest, by name. A port has 8 links at most: eventdev_common_autotest links all
    queues to one."""
    return {
        "order_queue": guest.test_eventdev("--test=order_queue --plcores 1 --wlcores 2,3 "
                                           f"--nb_flows 64 --nb_pkts {ORDERED_EVENTS}"),
        "common": "DPDK_TEST=eventdev_common_autotest dpdk-test -l 0,1 $DLB2_EAL "
                  "-a $DLB2_BDFS,max_event_queues=8",
        "selftest": "DPDK_TEST=eventdev_selftest_dlb2 dpdk-test -l 0,1 $DLB2_EAL",
        "conform": f"{CONFORM} -l 0 $DLB2_EAL -- conform --seed 1 --pipelines {PIPELINES} "
                   f"--seeds {SEEDS}",
        "l2fwd_event": f"""
            {example('l2fwd-event')} -l 0-3 -s 0x1 --main-lcore 3 $DLB2_EAL --vdev=net_null0 \
                --vdev=net_null1 -- -p 0x3 --mode=eventdev --eventq-sched=atomic -T 1 >/tmp/out 2>&1 &
            for second in $(seq {FORWARD_SECONDS}); do
                kill -0 $! && ! grep -q 'Packets sent: *[1-9]' /tmp/out || break
                sleep 1
            done
            kill -INT $!; wait $!; status=$?
            cat /tmp/out
            exit $status""",
    }


@functools.cache
def run_all(hw):
    """Runs them all; their Results by name, and what the device server says afterwards."""
    done, answers = guest.shell_and_ask(guest.parts(scripts()), hw=hw, timeout=1800)
    print(f"{hw}: {done.seconds:.0f} s", flush=True)
    return guest.of_parts(done), answers, done


class Applications(unittest.TestCase):
    def on_each_version(self, name, check):
        """`check` looks at the Result of a script, which must have ended well."""
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                results, _, done = run_all(hw)
                self.assertIn(name, results, done)
                self.assertEqual(results[name].status, 0, results[name])
                check(results[name])

    def check_device(self, answers, done):
        for name in ("bad_accesses", "dma_errors", "dma_refused", "alarms"):
            self.assertEqual(answers["counters"][name], 0, f"{name}: {answers}\n{done}")
        self.assertEqual(answers["check"]["violations"], 0, f"{answers}\n{done}")

    def test_device_server_finds_nothing_wrong(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                _, answers, done = run_all(hw)
                self.check_device(answers, done)

    def test_order_queue(self):
        self.on_each_version(
            "order_queue", lambda done: self.assertRegex(done.out, "Result: *Success", done))

    def test_common_suite(self):
        """What it may fail in, and why, stands in dpdk-tests.txt."""
        excused = set(re.findall(r"^excused +eventdev_common_autotest +(\w+)",
                                 (guest.ROOT / "devtools/dpdk-tests.txt").read_text(),
                                 re.MULTILINE))

        def check(done):
            passed = re.search(r"Tests Passed *: *(\d+)", done.out)
            self.assertIsNotNone(passed, done)
            self.assertEqual(int(passed[1]), COMMON_PASSED, done)
            failed = set(re.findall(r"TestCase \[ *\d+\] : (\w+) failed", done.out))
            self.assertLessEqual(failed, excused, done)  # not every release has every case

        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                check(run_all(hw)[0]["common"])

    def test_selftest(self):
        def check(done):
            self.assertIn("Test OK", done.out, done)
            self.assertEqual(done.out.count(": passed"), SELF_TESTS, done)

        self.on_each_version("selftest", check)

    def test_conformance(self):
        self.on_each_version(
            "conform", lambda done: self.assertRegex(done.out, r"PASSED: \d+ pipelines", done))

    def test_l2fwd_event(self):
        def check(done):
            sent = [int(number) for number in re.findall(r"Packets sent: *(\d+)", done.out)]
            self.assertGreater(max(sent, default=0), 0, done)
            self.assertIn("Bye", done.out, done)

        self.on_each_version("l2fwd_event", check)

    def test_two_devices_at_once(self):
        """In one process, and in two that have one each."""
        arguments = f"conform --seed 1 --pipelines {PIPELINES // 3}"
        alone = f"{CONFORM} $DLB2_EAL -m 128 --file-prefix $1 -l $1 -a $2 -- {arguments}"
        for hw in VERSIONS_OF_TWO:
            with self.subTest(hw=hw):
                done, answers = guest.shell_and_ask(
                    f"""{CONFORM} -l 0 $DLB2_EAL -- {arguments} --dev 0,1 || exit
                    set -- $DLB2_BDFS
                    first=$1 second=$2
                    set -- 0 $first; {alone} & one=$!
                    set -- 1 $second; {alone} & two=$!
                    wait $one && wait $two""", hw=hw, devices=2, timeout=900)
                self.assertEqual(done.status, 0, done)
                self.assertEqual(done.out.count("PASSED: "), 3, done)
                self.check_device(answers, done)


if __name__ == "__main__":
    unittest.main()
