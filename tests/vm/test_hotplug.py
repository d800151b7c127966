#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""A device that comes and goes while an application uses it (hotplug.c): removed and probed again,
with threads that stop first and with some that do not, asked for by the kernel, and gone without a
word.

DLB2_VM_FULL=1 removes it a hundred times each way.
"""

import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import guest

sys.path.insert(0, str(guest.ROOT / "devtools"))
from vmlib import control  # noqa: E402

FULL = os.environ.get("DLB2_VM_FULL") == "1"
ROUNDS = 100 if FULL else 2
SECONDS = 1800 if FULL else 300
SIZE = ("--cpus", 3, "--memory", 768, "--hugepages", 128)
PROGRAM = f"{guest.PROGRAMS}/hotplug -l 0-2 -m 64 --no-telemetry $DLB2_EAL --"
# Runs `hotplug unplug`, and does what an administrator does meanwhile.
UNPLUG = f"""
{PROGRAM} unplug >/tmp/out 2>&1 & program=$!
until grep -q running /tmp/out; do kill -0 $program || break; sleep 0.2; done
echo 1 >/sys/bus/pci/devices/$DLB2_BDFS/remove
echo 1 >/sys/bus/pci/rescan
wait $program; status=$?
cat /tmp/out
exit $status
"""


# Only the first is of interest on both versions. They share a guest.
SCRIPTS = {
    "2.0": {"stop": f"{PROGRAM} stop {ROUNDS}"},
    "2.5": {"stop": f"{PROGRAM} stop {ROUNDS}", "run": f"{PROGRAM} run {ROUNDS}", "unplug": UNPLUG},
}


@functools.cache
def come_and_go(hw):
    """Runs the scripts of a version; their Results by name, and that of the guest."""
    done = guest.shell(guest.parts(SCRIPTS[hw]), hw=hw, timeout=2 * SECONDS, options=SIZE)
    return guest.of_parts(done), done


def milliseconds(text):
    """The times that `hotplug` prints for what it did."""
    return [int(number) for number in re.findall(r"within (\d+) ms", text)]


class Hotplug(unittest.TestCase):
    def result(self, name, hw):
        results, done = come_and_go(hw)
        self.assertIn(name, results, done)
        self.assertEqual(results[name].status, 0, results[name])
        return results[name].out

    def check_rounds(self, output):
        self.assertEqual(output.count("removed within"), ROUNDS, output)
        self.assertIn("done\n", output)

    def test_threads_stop_before_removal(self):
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                output = self.result("stop", hw)
                self.check_rounds(output)
                print(f"{hw}: removed within {max(milliseconds(output))} ms")

    def test_threads_run_on_over_removal(self):
        self.check_rounds(self.result("run", "2.5"))

    def test_kernel_asks_for_the_device(self):
        self.assertRegex(self.result("unplug", "2.5"),
                         r"unplugged: removed within \d+ ms\n(.|\n)*back\n(.|\n)*done\n")

    def vanish(self, control_socket):
        """Has the device answer nothing when the application runs, until it has noticed and closed
        the device: when a device is let go, the kernel waits a minute for one that does not
        answer. Returns what was printed, and the status."""
        words = guest.command("sh", "-c", f"exec {PROGRAM} vanish", timeout=SECONDS,
                              options=(*SIZE, "--control", control_socket))
        output = ""
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as process:
            for line in process.stdout:
                output += line
                if line == "running\n":
                    control.ask(control_socket, "fault gone")
                elif line.startswith("gone: closed"):
                    control.ask(control_socket, "fault gone:0")
        return output, process.returncode

    def test_device_leaves_without_a_word(self):
        with tempfile.TemporaryDirectory() as folder:
            output, status = self.vanish(pathlib.Path(folder, "control"))
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"reads as all ones")
        self.assertRegex(output, r"does not answer any more: remove it")
        self.assertRegex(output, r"back\n(.|\n)*done\n")
        closed, removed = milliseconds(output)
        self.assertLess(closed, 5000, output)
        self.assertLess(removed, 5000, output)


if __name__ == "__main__":
    unittest.main()
