#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What the telemetry socket of an application on this driver says, as Telegraf's intel_dlb plugin asks.

telemetry.json has the names and shapes of the in-tree driver (pmd-interface 14), in their order; a name
more may only come behind them. Values that the application makes certain are compared too.

usage: test_telemetry.py PLUGIN APPLICATION
"""

import json
import os
import sys
import unittest
from pathlib import Path

import in_tree_library

PLUGIN, APPLICATION = "", ""
EXPECTED = json.loads(Path(__file__).with_name("telemetry.json").read_text(encoding="utf-8"))


class Eventdev(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        eal = [*in_tree_library.EAL_ON_MODEL, "--vdev=event_dlb2_model,hw=2.5"]
        with in_tree_library.Application(APPLICATION, eal, f"dlb2-telemetry-{os.getpid()}", PLUGIN) as application:
            cls.answers = application.ask(EXPECTED)
        assert application.status == 0, application.output

    def compare(self, command):
        answer, expected = self.answers[command], EXPECTED[command]
        if not isinstance(expected, dict):
            self.assertEqual(answer, expected)
            return
        self.assertEqual(list(answer)[:len(expected)], list(expected))
        for name, value in answer.items():
            self.assertIsInstance(value, int, name)
            if expected.get(name) is not None:
                self.assertEqual(value, expected[name], name)

    def test_lists(self):
        for command in ("/eventdev/dev_list", "/eventdev/port_list,0", "/eventdev/queue_list,0"):
            self.compare(command)

    def test_queue_links(self):
        self.compare("/eventdev/queue_links,0,1")

    def test_dev_xstats(self):
        self.compare("/eventdev/dev_xstats,0")

    def test_port_xstats(self):
        self.compare("/eventdev/port_xstats,0,1")
        self.compare("/eventdev/port_xstats,0,2")

    def test_queue_xstats(self):
        self.compare("/eventdev/queue_xstats,0,1")
        self.compare("/eventdev/queue_xstats,0,2")

    def test_dump(self):
        self.assertIn("port 1: set up, load-balanced", json.dumps(self.answers["/eventdev/dev_dump,0"]))


if __name__ == "__main__":
    PLUGIN, APPLICATION = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
