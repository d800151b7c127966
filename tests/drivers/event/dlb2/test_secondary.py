#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Secondary processes on the model: tests/vm/secondary.c starts them, kills them and looks for
every event. On PCI the same runs in the virtual machine, tests/vm/test_secondary.py.

Needs hugepages, for EAL shares no other memory: 40 pages of 2 MiB are reserved for the time of the
test if they are not there. Where that cannot be done the tests are skipped.

usage: test_secondary.py PROGRAM
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = None
PAGES = 40
# Where AddressSanitizer has its own memory in no process, nor the kernel anything by chance.
BASE = "--base-virtaddr=0x200000000000"
POOL = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
THREAD = "event_dlb2_model0,run=thread"
VERSIONS = ("hw=2.0", "hw=2.5")
SECONDS = 240
LOCK = pathlib.Path(tempfile.gettempdir(), "dlb2-test-hugepages.lock")
SKIPPED = 77


def read(name):
    return int((POOL / name).read_text(encoding="ascii"))


class Hugepages:
    """Enough free hugepages, as long as they are needed; for one test at a time on this machine."""

    def __init__(self):
        self.lock = LOCK.open("w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.added = max(0, PAGES - read("free_hugepages"))
        self.add(self.added)
        if read("free_hugepages") < PAGES:
            self.give_back()
            raise OSError(f"{PAGES} hugepages are not to be had")

    @staticmethod
    def add(pages):
        if pages != 0:
            (POOL / "nr_hugepages").write_text(str(read("nr_hugepages") + pages), encoding="ascii")

    def give_back(self):
        self.add(-self.added)
        self.lock.close()


class Secondary(unittest.TestCase):
    """Each test is a scenario of the program, with a primary process of its own."""

    def scenario(self, *words, vdevs=(THREAD,)):
        """Runs a scenario; returns what all its processes wrote."""
        prefix = f"dlb2_test_{os.getpid()}"
        self.addCleanup(shutil.rmtree, f"/var/run/dpdk/{prefix}", ignore_errors=True)
        with tempfile.TemporaryDirectory() as folder:
            mount = f'mount -t hugetlbfs -o pagesize=2M none "{folder}" && exec "$@"'
            command = ["unshare", "--mount", "sh", "-c", mount, "sh", PROGRAM, "--no-pci",
                       "--no-telemetry", f"--file-prefix={prefix}",
                       f"--huge-dir={folder}", "-m", "64", "-l", "1", BASE,
                       *("--vdev=" + vdev for vdev in vdevs), "--", *map(str, words)]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
                                  check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_traffic_through_two_processes(self):
        for version in VERSIONS:
            with self.subTest(version):
                self.scenario("traffic", 20000, vdevs=(f"{THREAD},{version}",))

    def test_ports_that_are_set_up_later(self):
        self.scenario("late")

    def test_killed_and_reclaimed(self):
        devices = (*VERSIONS, "cq_layout=dense")
        for device, rounds, seed in zip(devices, (25, 25, 10), (1, 2, 5)):
            with self.subTest(device):
                said = self.scenario("kill", rounds, seed, vdevs=(f"{THREAD},{device}",))
                print(said.splitlines()[-1])

    def test_killed_and_stopped(self):
        self.scenario("kill-stop", 6, 3)

    def test_killed_consumer_of_a_directed_queue(self):
        self.scenario("directed", 6, 4)

    def test_stop_while_processes_poll_and_send(self):
        self.scenario("stop", 6)

    def test_control_is_refused(self):
        said = self.scenario("control")
        for what in ("linking", "unlinking", "changing a queue", "quiescing a port", "stopping",
                     "resetting statistics"):
            self.assertIn(f"{what} is not possible in a secondary process", said)
        self.assertIn("only the primary process can reclaim a port", said)

    def test_second_device(self):
        self.scenario("two", vdevs=(THREAD, "event_dlb2_model1,run=thread,hw=2.0"))

    def test_second_event_device_of_a_device(self):
        for version in VERSIONS:
            with self.subTest(version):
                self.scenario("two", vdevs=(f"{THREAD},{version},domains=2",))

    def test_unplugged_and_plugged_in(self):
        self.scenario("hotplug", 2)

    def test_inline_model_moves_no_events(self):
        said = self.scenario("attach", vdevs=("event_dlb2_model0",))
        self.assertIn("say run=thread or run=service there", said)

    def test_device_that_the_primary_lacks(self):
        self.assertIn("the primary process has no such DLB", self.scenario("foreign"))

    def test_b50_primary_is_untouched(self):
        """Defect B50 of pmd-interface 20."""
        self.assertIn("3 processes left the device as it was", self.scenario("untouched"))


def main():
    try:
        pages = Hugepages()
    except OSError as error:
        print(f"skipped: {error}")
        return SKIPPED
    try:
        return not unittest.main(exit=False).result.wasSuccessful()
    finally:
        pages.give_back()


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    sys.exit(main())
