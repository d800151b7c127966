#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The guide's table of the probe's messages quotes the driver's sources.

Capitals stand for what a message names; what lies between them must be in the sources.
"""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "doc/guides/eventdevs/dlb2.rst"
DRIVER = ROOT / "drivers/event/dlb2"
NAMED = re.compile(r"/dev/vfio/N|\b(?:NAME|VALUE|BDF|REASON|REGISTER|[A-DNTXY])\b|\.\.\.")
SHORTEST = 4  # characters of a piece that say something


def quoted_messages():
    """Literals in the first column of the table."""
    text = GUIDE.read_text(encoding="utf-8")
    table = re.search(r"\nMessages of the probe\n~+\n(.*?)\n\n\n", text, re.S).group(1)
    rows = [line[5:] for line in table.split("\n") if line.startswith("   * - ")]
    return [message for row in rows for message in re.findall(r"``(.+?)``", row)]


def logged_text():
    """All string literals of the driver, those of one message joined."""
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted(DRIVER.rglob("*.c")))
    joined = re.sub(r'"\s*(?:PRI\w+\s*)?"', "", sources)
    return "\n".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined))


class ProbeMessages(unittest.TestCase):
    def test_every_message_is_in_the_sources(self):
        messages, text = quoted_messages(), logged_text()
        self.assertGreater(len(messages), 10)
        for message in messages:
            for piece in NAMED.split(message):
                if len(piece.strip()) >= SHORTEST:
                    self.assertTrue(piece.strip() in text, f"{piece!r} of {message}")


if __name__ == "__main__":
    unittest.main()
