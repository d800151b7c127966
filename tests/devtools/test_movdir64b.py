#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The MOVDIR64B shim of devtools/vm, preloaded on this machine.

usage: test_movdir64b.py PROGRAM SHIM [unittest argument...]
"""

import os
import signal
import subprocess
import sys
import unittest

PROGRAM = None
SHIM = None


def run(case, preload=True):
    environment = dict(os.environ)
    # A sanitizer's own handler would take the signal, and a preloaded library comes before it.
    options = ":verify_asan_link_order=0:handle_sigill=0:handle_segv=0:detect_leaks=0"
    environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + options
    if preload:
        environment["LD_PRELOAD"] = SHIM
    return subprocess.run([PROGRAM, case], env=environment, timeout=60, capture_output=True,
                          text=True, check=False)


def cpu_has_it():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return "movdir64b" in file.read()


@unittest.skipIf(cpu_has_it(), "this CPU has MOVDIR64B, the shim never gets to work")
class Shim(unittest.TestCase):
    def check(self, case, status=0):
        done = run(case)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)

    def test_the_program_needs_it(self):
        self.assertEqual(run("twice", preload=False).returncode, -signal.SIGILL)

    def test_emulated_then_replaced(self):
        self.check("twice")

    def test_addressing_forms(self):
        self.check("forms")

    def test_rex_and_rip_relative(self):
        self.check("rex-and-rip")

    def test_flags_registers_and_red_zone_stay(self):
        self.check("leaves-all-else")

    def test_unaligned_destination(self):
        self.check("unaligned", -signal.SIGSEGV)

    def test_unaligned_destination_after_replacement(self):
        self.check("unaligned-patched", -signal.SIGSEGV)

    def test_other_instructions_stay_illegal(self):
        self.check("other-instruction", -signal.SIGILL)

    def test_threads_meet_at_one_site(self):
        for _ in range(20):
            self.check("threads")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    SHIM = sys.argv.pop(1)
    unittest.main()
