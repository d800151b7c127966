#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Trace points, of an application that runs with --trace=pmd.event.dlb2.*: their names in the metadata
of the trace, and with babeltrace2 (where it is installed) the events with their values.

usage: test_trace.py APPLICATION DATA_PATH (true or false: whether its trace points are compiled in)
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

APPLICATION, DATA_PATH = "", False
CONTROL = {"probe", "remove", "configure", "queue.setup", "port.setup", "port.link", "port.unlink",
           "port.profile.switch", "start", "stop", "close", "domain.reset", "alarm"}
ON_DATA_PATH = {"enqueue", "dequeue", "credits.take", "tokens.return"}


def run_application(folder):
    """Holds still, changes for a moment, ends: see telemetry_application.c."""
    subprocess.run(
        [APPLICATION, "hw=2.5", "--no-huge", "--no-pci", "-m", "256", "-l", "0", "--no-telemetry",
         f"--file-prefix=dlb2-trace-{os.getpid()}", "--trace=pmd.event.dlb2.*", f"--trace-dir={folder}"],
        input="\n", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, timeout=60, check=True)


def parse(line):
    """Name and values of one line of babeltrace2, which has the numbers in hexadecimal."""
    name = re.search(r"pmd\.event\.dlb2\.([\w.]+): ", line)
    if name is None:
        return None
    values = re.findall(r'(\w+) = (?:"([^"]*)"|(-?\w+))', line[name.end():].split("}, {", 1)[1])
    return name.group(1), {key: text if number == "" else int(number, 0) for key, text, number in values}


class Trace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            run_application(folder)
            metadata = next(Path(folder).glob("*/metadata"))
            cls.text = metadata.read_text(encoding="utf-8", errors="replace")
            cls.events = None
            if shutil.which("babeltrace2") is not None:
                said = subprocess.run(["babeltrace2", metadata.parent], check=True, capture_output=True, text=True)
                cls.events = [event for event in map(parse, said.stdout.splitlines()) if event is not None]

    def of_name(self, name):
        if self.events is None:
            self.skipTest("babeltrace2 is not installed")
        found = [values for event, values in self.events if event == name]
        self.assertGreater(len(found), 0, name)
        return found

    def test_names(self):
        names = set(re.findall(r'name = "pmd\.event\.dlb2\.([\w.]+)"', self.text))
        self.assertEqual(names, CONTROL | ON_DATA_PATH if DATA_PATH else CONTROL)

    def test_configuration_in_its_order(self):
        self.of_name("probe")
        control = [name for name, _ in self.events if name in CONTROL]
        pairs = ["queue.setup", "port.setup", "port.link"] * 3
        self.assertEqual(control[:12], ["probe", "configure", *pairs, "start"])
        # The link in profile 2 is made by the API where there is one.
        stop = control[13:] if control[12] == "port.link" else control[12:]
        self.assertEqual(stop[:3], ["stop", "domain.reset", "close"])

    def test_values(self):
        self.assertEqual(self.of_name("probe")[0], {"name": "event_dlb2_model0", "ret": 0})
        self.assertEqual(self.of_name("configure")[0], {"dev_id": 0, "queues": 3, "ports": 3, "pairs": 1,
                                                        "limit_events": 64, "ret": 0})
        port = self.of_name("port.setup")[1]
        self.assertEqual((port["port_id"], port["dequeue_depth"], port["new_event_threshold"], port["ret"]),
                         (1, 8, 20, 0))
        self.assertEqual(self.of_name("port.link")[2],
                         {"dev_id": 0, "port_id": 2, "queue_id": 2, "priority": 64, "profile": 0, "done": 1})
        self.assertEqual(self.of_name("start")[0], {"dev_id": 0, "ret": 0})

    def test_data_path(self):
        if not DATA_PATH:
            self.skipTest("not compiled in: say -Dtrace_fp=true")
        bursts = self.of_name("enqueue")
        self.assertEqual([burst["accepted"] for burst in bursts[:21]], [1] * 20 + [0])
        self.assertEqual(self.of_name("dequeue")[0]["events"], 4)
        self.assertEqual(self.of_name("credits.take")[0]["wanted"], 1)


if __name__ == "__main__":
    DATA_PATH = sys.argv.pop(2) == "true"
    APPLICATION = sys.argv.pop(1)
    unittest.main(argv=sys.argv[:1])
