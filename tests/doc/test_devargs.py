#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The guide's table of device arguments names what the plugin knows, and nothing else.

Usage: test_devargs.py PLUGIN TABLE.rst
"""

import re
import subprocess
import sys
import unittest

# The argument that decides which table of limits holds; it is parsed apart from the others.
PLUGIN = sys.argv[1] if len(sys.argv) > 1 else None
TABLE = sys.argv[2] if len(sys.argv) > 2 else None


def known():
    """Names before the = in the plugin's parameter strings."""
    text = subprocess.run(["dpdk-pmdinfo.py", PLUGIN], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"(\w+)=<", text))


def documented():
    """First cell of each row of the table."""
    with open(TABLE, encoding="utf-8") as stream:
        return set(re.findall(r"^   \* - ``(\w+)``$", stream.read(), re.MULTILINE))


class Devargs(unittest.TestCase):
    def test_some_are_known(self):
        self.assertIn("max_num_events", known())

    def test_each_is_documented(self):
        self.assertEqual(known() - documented(), set())

    def test_each_documented_one_exists(self):
        self.assertEqual(documented() - known(), set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
