#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/vm itself: what a command finds in the guest, and how each way to end is reported."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import guest

WARM_SECONDS = 20


def mentions(text):
    """The processes whose command line holds a text."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


class Boot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([guest.VM, "--fetch-only"], check=True)

    def test_output_status_and_time_of_a_trivial_command(self):
        busy = os.getloadavg()[0]
        for _ in range(2):
            done = guest.shell("echo out; echo err >&2; exit 3")
            self.assertEqual((done.status, done.out, done.err), (3, "out\n", "err\n"))
            print(f"a trivial command: {done.seconds:.1f} s")
            if done.seconds < WARM_SECONDS:
                return
        if busy > 2 * os.cpu_count():
            self.skipTest(f"the machine is too busy to say: load {busy}, {done.seconds:.1f} s")
        self.fail(f"{done.seconds:.1f} s, at most {WARM_SECONDS} s is right")

    def test_what_a_command_finds(self):
        with tempfile.TemporaryDirectory() as shared:
            done = guest.shell(f"""
                echo bdfs $DLB2_BDFS
                for bdf in $DLB2_BDFS; do
                    echo driver $(basename $(readlink /sys/bus/pci/devices/$bdf/driver))
                    echo group $(basename $(readlink /sys/bus/pci/devices/$bdf/iommu_group))
                done
                echo pages $(cat /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages)
                echo folder $(pwd) as $(id -u)
                echo kept >'{shared}/file'
                echo lost >/tmp/file && test -s /tmp/file
                touch /usr/file 2>/dev/null || echo host is read-only
                touch /dev/shm/file /run/file /var/tmp/file
                cat /sys/class/net/lo/carrier
                head -c 200000 /dev/zero | tr '\\0' '~' >/dev/stderr
                kill -9 $$""", devices=2, options=("--share", shared, "--hugepages", "64"))
            self.assertEqual(pathlib.Path(shared, "file").read_text(encoding="utf-8"), "kept\n")
        self.assertEqual(done.status, 128 + signal.SIGKILL, done)
        said = dict(line.split(" ", 1) for line in done.out.splitlines() if " " in line)
        self.assertEqual(len(set(said["bdfs"].split())), 2)
        self.assertEqual(done.out.count("driver vfio-pci\n"), 2)
        self.assertEqual(len({line for line in done.out.splitlines() if "group" in line}), 2)
        self.assertEqual(said["pages"], "32")
        self.assertEqual(said["folder"], f"{os.getcwd()} as 0")
        self.assertIn("host is read-only\n1\n", done.out)
        self.assertEqual(done.err.count("~"), 200000)
        self.assertFalse(os.path.exists("/tmp/file"))

    def test_a_device_is_removed_and_found_again(self):
        done = guest.shell("""
            function=/sys/bus/pci/devices/$DLB2_BDFS
            echo 1 >$function/remove
            test ! -e $function && echo removed
            echo 1 >/sys/bus/pci/rescan
            basename $(readlink $function/driver)""")
        self.assertEqual((done.status, done.out), (0, "removed\nvfio-pci\n"), done)

    def test_panic(self):
        done = guest.shell("echo before; sleep 1; echo c >/proc/sysrq-trigger; sleep 60")
        self.assertEqual((done.status, done.out), (125, "before\n"), done)
        self.assertIn("vm: the guest ended without the command's status", done.err)
        self.assertIn("Kernel panic - not syncing: sysrq triggered crash", done.err)

    def test_no_such_command(self):
        done = guest.run("/no/such/program", devices=0)
        self.assertEqual(done.status, 127, done)
        self.assertIn("/no/such/program", done.err)


class End(unittest.TestCase):
    """However the tool ends, it leaves neither a process nor a file."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *words, **settings):
        return subprocess.Popen(guest.command(*words, **settings), text=True,
                                env=dict(os.environ, TMPDIR=self.folder),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def wait_for_machine(self):
        """Returns when server and QEMU both run."""
        deadline = time.monotonic() + 30
        while len(mentions(self.folder)) < 2:
            self.assertLess(time.monotonic(), deadline, "no QEMU was started")
            time.sleep(0.1)

    def check_nothing_left(self, files=True):
        deadline = time.monotonic() + 10
        while mentions(self.folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(mentions(self.folder), [])
        if files:
            self.assertEqual(os.listdir(self.folder), [])

    def test_timeout(self):
        with self.start("sleep", "100", timeout=4) as tool:
            _, err = tool.communicate(timeout=30)
        self.assertEqual(tool.returncode, 124)
        self.assertIn("vm: --timeout 4: the ", err)
        self.check_nothing_left()

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number), self.start("sleep", "100") as tool:
                self.wait_for_machine()
                tool.send_signal(number)
                tool.communicate(timeout=30)
                self.assertEqual(tool.returncode, 128 + number)
                self.check_nothing_left()

    def test_killed(self):
        with self.start("sleep", "100") as tool:
            self.wait_for_machine()
            tool.kill()
            tool.communicate(timeout=30)
        self.check_nothing_left(files=False)

    def test_server_that_does_not_start(self):
        with self.start("true", options=("--server-arg", "--no-such-option")) as tool:
            _, err = tool.communicate(timeout=30)
        self.assertEqual(tool.returncode, 125)
        self.assertRegex(err, "vm: the device server ended with status [1-9]")
        self.check_nothing_left()

    def test_server_that_dies(self):
        with self.start("sleep", "100") as tool:
            self.wait_for_machine()
            server = next(pid for pid in mentions(self.folder)
                          if os.readlink(f"/proc/{pid}/exe").endswith("/dlb2-vfio-user"))
            os.kill(server, signal.SIGKILL)
            _, err = tool.communicate(timeout=60)
        self.assertEqual(tool.returncode, 125)
        self.assertIn("vm: the device server was ended by signal 9 while the guest ran", err)
        self.check_nothing_left()


class OrderQueue(unittest.TestCase):
    """An unmodified application over each driver and version. Over this driver test_applications.py
    runs it with more events; here too with DLB2_VM_FULL=1."""

    def test_each_driver_on_each_version(self):
        for hw in guest.VERSIONS:
            for driver in guest.DRIVERS if guest.FULL else ("in-tree",):
                with self.subTest(hw=hw, driver=driver):
                    done = guest.order_queue(5000, hw=hw, driver=driver)
                    self.assertTrue(guest.is_success(done), done)


if __name__ == "__main__":
    unittest.main()
