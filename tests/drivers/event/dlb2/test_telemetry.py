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
# What the plugin asks of each number in a list, after it has asked for the lists.
WALK = {
    "/eventdev/port_xstats": "/eventdev/port_list,0",
    "/eventdev/queue_xstats": "/eventdev/queue_list,0",
    "/eventdev/queue_links": "/eventdev/port_list,0",
}


def walk(command):
    """The plugin's questions to all ports or queues of device 0, by number."""
    return {number: f"{command},0,{number}" for number in EXPECTED[WALK[command]]}


class Eventdev(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        eal = [*in_tree_library.EAL_ON_MODEL, "--vdev=event_dlb2_model,hw=2.5"]
        with in_tree_library.Application(APPLICATION, eal, f"dlb2-telemetry-{os.getpid()}", PLUGIN) as application:
            cls.answers = application.ask([*EXPECTED, *(question for command in WALK for question in walk(command).values())])
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

    def test_every_port_and_queue_has_the_same_names(self):
        for command, prefix in (("/eventdev/port_xstats", "port"), ("/eventdev/queue_xstats", "qid")):
            names = list(EXPECTED[f"{command},0,1"])
            for number, question in walk(command).items():
                wanted = [name.replace(f"{prefix}_1_", f"{prefix}_{number}_") for name in names]
                self.assertEqual(list(self.answers[question])[:len(wanted)], wanted, question)

    def test_the_plugin_can_read_every_answer(self):
        """It takes an object of numbers only, and leaves out what has none."""
        for command in WALK:
            for question in walk(command).values():
                self.assertIsInstance(self.answers[question], dict, question)
                for name, value in self.answers[question].items():
                    self.assertRegex(name, "^[a-z][a-z0-9_]*$", question)
                    self.assertIsInstance(value, int, f"{question} {name}")

    def test_dump(self):
        self.assertIn("port 1: set up, load-balanced", json.dumps(self.answers["/eventdev/dev_dump,0"]))


if __name__ == "__main__":
    PLUGIN, APPLICATION = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
