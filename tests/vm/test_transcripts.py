#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/transcripts finds nothing new between this driver and the distribution's.

DLB2_VM_FULL=1 compares all set-ups on both versions, otherwise one that links at run time.
"""

import subprocess
import unittest

import guest

PART = () if guest.FULL else ("--hw", "2.5", "--setups", "8")


class Transcripts(unittest.TestCase):
    def test_every_difference_is_explained(self):
        done = subprocess.run([guest.ROOT / "devtools/transcripts", "--build", guest.BUILD, *PART],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
