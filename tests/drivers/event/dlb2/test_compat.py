#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Releases of DPDK that are not installed: dlb2_compat.h still compiles in the way of each, and no
other file of the driver asks for the release. That it is right for them is only seen with an SDK of
the release (DLB2_DPDK).

usage: test_compat.py COMPILER...
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DRIVER = HERE.parents[3] / "drivers/event/dlb2"
# One at least of each kind that dlb2_compat.h knows.
RELEASES = ((22, 11), (23, 3), (23, 11), (24, 3), (24, 7), (24, 11), (25, 11), (26, 3), (26, 7))
# In their place compat_api.h is read.
DPDK_HEADERS = ("eventdev_pmd.h", "rte_telemetry.h", "rte_version.h")
# rte_pmd_dlb2.h is read by applications, which have no dlb2_compat.h.
MAY_ASK = {"dlb2_compat.h", "rte_pmd_dlb2.h"}
COMPILER = []


def compile_for(year, month, text='#include "dlb2_compat.h"\n'):
    """What the compiler says of the text with the API of a release, empty if nothing."""
    with tempfile.TemporaryDirectory() as empty:
        for name in DPDK_HEADERS:
            pathlib.Path(empty, name).touch()
        command = [*COMPILER, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-std=gnu11",
                   f"-I{empty}", f"-I{DRIVER}", f"-DRELEASE_YEAR={year}",
                   f"-DRELEASE_MONTH={month}", "-include", str(HERE / "compat_api.h"), "-xc", "-"]
        return subprocess.run(command, input=text, capture_output=True, text=True).stderr


class Compat(unittest.TestCase):
    def test_each_release(self):
        for release in RELEASES:
            with self.subTest(release=release):
                self.assertEqual(compile_for(*release), "")

    def test_other_api_is_noticed(self):
        """The made-up API differs as the releases do: what fits one is an error in another."""
        member = '#include "dlb2_compat.h"\nvoid *f(struct rte_eventdev *d) {{ return d->{}; }}\n'
        self.assertEqual(compile_for(26, 3, member.format("dev")), "")
        self.assertIn("error", compile_for(26, 7, member.format("dev")))
        self.assertIn("error", compile_for(26, 3, member.format("device")))

    def test_only_here(self):
        asking = {path.name for path in DRIVER.rglob("*.[ch]")
                  if re.search(r"\bRTE_VERSION\b|\bRTE_VER_", path.read_text(encoding="utf-8"))}
        self.assertEqual(asking - MAY_ASK, set())


if __name__ == "__main__":
    while len(sys.argv) > 1 and not sys.argv[1].startswith("Compat"):
        COMPILER.append(sys.argv.pop(1))
    unittest.main()
