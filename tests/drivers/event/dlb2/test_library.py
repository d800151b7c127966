#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The plugin takes the place of DPDK's dlb2 library: same symbols, same versions of them, and an
application that was built for the one runs on the other.

Of DPDK's library only what the dynamic linker sees is looked at.

usage: test_library.py PLUGIN DPDK_LIBRARY APPLICATION
"""

import os
import subprocess
import sys
import unittest

import in_tree_library

PLUGIN, DPDK_LIBRARY, APPLICATION = "", "", ""


def symbols(library):
    """Functions that applications can link with, with the version of each."""
    text = subprocess.run(["nm", "-D", "--defined-only", library],
                          check=True, capture_output=True, text=True).stdout
    return {line.split()[2] for line in text.splitlines() if line.split()[1] == "T"}


class Library(unittest.TestCase):
    def test_symbols_of_dpdk(self):
        self.assertNotEqual(symbols(DPDK_LIBRARY), set())
        self.assertEqual(symbols(DPDK_LIBRARY) - symbols(PLUGIN), set())

    def test_symbols_are_the_drivers(self):
        self.assertIn("rte_pmd_dlb2_set_port_param@@EXPERIMENTAL", symbols(PLUGIN))
        for symbol in symbols(PLUGIN):
            self.assertRegex(symbol, r"^rte_pmd_dlb2_\w+@@EXPERIMENTAL$")

    def test_needs_dpdk_only(self):
        for name in in_tree_library.needed(PLUGIN):
            self.assertRegex(name, r"^(librte_\w+|libc|libm|libbsd|libnuma|libpthread|ld-linux-x86-64"
                             r"|libasan|libubsan)\.so")
        self.assertNotIn("librte_event_dlb2", " ".join(in_tree_library.needed(PLUGIN)))

    def test_platform(self):
        text = subprocess.run(["readelf", "-h", PLUGIN], check=True, capture_output=True, text=True).stdout
        self.assertIn("X86-64", text)

    def test_swap(self):
        for version in ("2.0", "2.5"):
            eal = [*in_tree_library.EAL_ON_MODEL, f"--vdev=event_dlb2_model,hw={version}"]
            with in_tree_library.Application(APPLICATION, eal, f"dlb2-swap-{os.getpid()}", PLUGIN) as application:
                pass
            self.assertIn("received 100 and 10", application.output)
            self.assertEqual(application.status, 0, application.output)


if __name__ == "__main__":
    PLUGIN, DPDK_LIBRARY, APPLICATION = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1])
