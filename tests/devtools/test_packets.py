#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/packets.py: what it makes is valid, and each way to lose, double or shuffle packets shows."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "devtools/packets.py"
sys.path.insert(0, str(TOOL.parent))
import packets  # noqa: E402  pylint: disable=wrong-import-position

COUNT = 3 * packets.FLOWS


class Packets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.sent = pathlib.Path(folder.name, "sent")
        self.received = pathlib.Path(folder.name, "received")
        self.run_tool("make", COUNT, self.sent)

    def run_tool(self, *words):
        return subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True, check=False)

    def check(self, numbers, *words, header=None):
        """Checks the packets of these numbers; returns the status and what was said."""
        data = self.sent.read_bytes()
        size = packets.RECORD_HEADER.size + packets.LENGTH
        first = packets.FILE_HEADER.size
        records = [data[at:at + size] for at in range(first, len(data), size)]
        self.received.write_bytes((header or data[:first]) + b"".join(records[n] for n in numbers))
        done = self.run_tool("check", self.sent, self.received, *words)
        return done.returncode, done.stdout + done.stderr

    def test_headers(self):
        """The sum over a header with its checksum is 0."""
        ip = packets.packet(COUNT)[14:34]
        self.assertEqual(packets.checksum(ip), 0)
        self.assertEqual(ip[19], COUNT % packets.FLOWS)

    def test_all(self):
        nanoseconds = packets.FILE_HEADER.pack(packets.MAGICS[1], 2, 4, 0, 0, 65535, 1)
        for header in (None, nanoseconds):
            self.assertEqual(self.check(range(COUNT), header=header),
                             (0, f"packets: {COUNT} sent, {COUNT} received\n"))

    def test_other_order_of_flows(self):
        self.assertEqual(self.check(sorted(range(COUNT), key=lambda n: n % packets.FLOWS))[0], 0)

    def test_overtaken(self):
        numbers = list(range(COUNT))
        numbers[0], numbers[packets.FLOWS] = packets.FLOWS, 0
        status, said = self.check(numbers)
        self.assertEqual(status, 1)
        self.assertIn("1 were overtaken, packet 0 is the first", said)
        self.assertEqual(self.check(numbers, "any-order")[0], 0)

    def test_missing(self):
        status, said = self.check([n for n in range(COUNT) if n != 7])
        self.assertEqual(status, 1)
        self.assertIn("1 are missing, packet 7 is the first", said)

    def test_twice(self):
        status, said = self.check([*range(COUNT), COUNT - 1])
        self.assertEqual(status, 1)
        self.assertIn("1 came more than once", said)

    def test_strange(self):
        header = self.sent.read_bytes()[:packets.FILE_HEADER.size]
        record = packets.RECORD_HEADER.pack(0, 0, packets.LENGTH, packets.LENGTH)
        for content, words in ((packets.packet(COUNT), "1 were not sent"),
                               (bytes(packets.LENGTH), "was not sent")):
            self.received.write_bytes(header + record + content)
            done = self.run_tool("check", self.sent, self.received)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stdout + done.stderr)

    def test_nothing(self):
        for content in (None, b""):
            if content is not None:
                self.received.write_bytes(content)
            self.assertEqual(self.run_tool("check", self.sent, self.received).returncode, 1)


if __name__ == "__main__":
    unittest.main()
