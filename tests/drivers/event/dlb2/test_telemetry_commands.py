#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The telemetry commands /eventdev_dlb2/..., asked of a running application through its socket.

telemetry_commands.json has the answers while the application holds still; a null in it stands for
what depends on the machine. Thousands of parameters, most of which make no sense, are thrown at every command, first while
the application holds still, then while it configures, removes and plugs in its device.

usage: test_telemetry_commands.py APPLICATION
"""

import json
import os
import random
import re
import socket
import subprocess
import sys
import unittest
from pathlib import Path

APPLICATION = ""
EXPECTED = json.loads(Path(__file__).with_name("telemetry_commands.json").read_text(encoding="utf-8"))
COMMANDS = [f"/eventdev_dlb2/{name}" for name in
            ("info", "resources", "domains", "queues", "ports", "links", "credits", "alarms")]
OF_OBJECTS = [f"/eventdev_dlb2/{name}" for name in ("queues", "ports", "links", "credits", "alarms")]
PLACES = ("free", "cached", "queued", "delivered", "open", "released_early", "elsewhere")
UNITS = ("bytes", "ns", "events", "credits", "entries", "tokens")
# Numbers that have no unit: flags, IDs, and counts of things that the key names.
UNITLESS = ("active_profile", "set_up", "counted", "steady", "started", "socket", "queue", "port",
            "hardware_queue", "hardware_port", "total", "share", "share_sequence_numbers", "held", "used", "free", "held_by_others")
BAD_WORDS = ["", ",", "0,", ",0", "-1", "+0", " 0", "0 ", "0x0", "255", "256",
             "65536", "4294967296", "18446744073709551616", "9" * 900, "0,0,0", "0,-1", "0,3", "0,254",
             "1", "1,0", "0;0", "0,0x1", "%s%n", "\x01\x02", "\u00e9", "0,,1", "../..", "null", "{}"]
QUESTIONS = 3000


def eal_arguments(prefix):
    return ["--no-huge", "--no-pci", "-m", "256", "-l", "0", f"--file-prefix={prefix}"]


class Application:
    """It holds still when the `with` block begins, and has ended well when that ends."""

    def __init__(self, devargs):
        self._prefix = f"dlb2-commands-{os.getpid()}"
        self._process = subprocess.Popen(
            [APPLICATION, devargs, *eal_arguments(self._prefix)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._socket = None

    def __enter__(self):
        self.wait_for("holding")
        folder = Path("/var/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp"))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(60)
        self._socket.connect(str(folder / "dpdk" / self._prefix / "dpdk_telemetry.v2"))
        self.longest = json.loads(self._socket.recv(1024))["max_output_len"]
        return self

    def wait_for(self, word):
        for line in self._process.stdout:
            if line.startswith(word):
                return
        raise AssertionError(f"the application ended with {self._process.wait()} before '{word}'")

    def say(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def ask(self, question):
        """The answer; None is the library's for a refusal."""
        self._socket.send(question.encode())
        answer = json.loads(self._socket.recv(self.longest))
        assert len(answer) == 1, answer
        return next(iter(answer.values()))

    def __exit__(self, kind, *exception):
        self._socket.close()
        if kind is not None:
            self._process.kill()
        self._process.communicate(timeout=60)
        if kind is None:
            assert self._process.returncode == 0, self._process.returncode


class HoldsStill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.answers = {}
        for version in EXPECTED:
            with Application(f"hw={version}") as application:
                questions = [*EXPECTED[version], "/", "/help,/eventdev_dlb2/credits"]
                cls.answers[version] = {question: application.ask(question) for question in questions}
                application.say()
                application.wait_for("changing")
                application.say()

    def compare(self, answer, expected, where):
        if isinstance(expected, dict):
            self.assertEqual(list(answer), list(expected), where)
            for name, value in expected.items():
                self.compare(answer[name], value, f"{where} {name}")
        elif expected is None:
            self.assertIsNotNone(answer, where)
        else:
            self.assertEqual(answer, expected, where)

    def test_recorded_answers(self):
        for version, questions in EXPECTED.items():
            for question, expected in questions.items():
                with self.subTest(version=version, question=question):
                    self.compare(self.answers[version][question], expected, question)

    def test_every_command_is_listed_with_a_help_text(self):
        answers = self.answers["2.5"]
        self.assertLessEqual({"/eventdev_dlb2/list", *COMMANDS}, set(answers["/"]))
        self.assertIn("Parameters: device[,port]", json.dumps(answers["/help,/eventdev_dlb2/credits"]))

    def check_units(self, answer, where):
        for name, value in answer.items():
            if isinstance(value, dict) and name != "held_by":
                self.check_units(value, f"{where} {name}")
            elif isinstance(value, int) and not name.isdigit() and name not in UNITLESS:
                known = name.endswith(UNITS) or "links" in name or name in COUNTS
                self.assertTrue(known, f"{where}: {name} has no unit")

    def test_numbers_have_units(self):
        for question, answer in self.answers["2.5"].items():
            if question.startswith("/eventdev_dlb2/") and isinstance(answer, dict):
                self.check_units(answer, question)

    def test_credits_add_up_to_the_pool(self):
        for version, answers in self.answers.items():
            for pool, told in answers["/eventdev_dlb2/credits,0"].items():
                if told["counted"]:
                    places = sum(told.get(f"{place}_credits", 0) for place in PLACES)
                    self.assertEqual(places, told["size_credits"], (version, pool))

    def test_credits_of_events_in_flight(self):
        """20 events: port 1 has 4, one of them released; 8 in its CQ at most, the others in queue 1."""
        for answers in self.answers.values():
            events = answers["/eventdev_dlb2/credits,0"]["events"]
            self.assertEqual(events["steady"], 1)
            self.assertEqual(events["open_credits_by_port"], {"1": 3})
            self.assertEqual(events["released_early_credits_by_port"], {"1": 1})
            self.assertEqual(events["queued_credits"] + events["delivered_credits"], 16)
            self.assertEqual(events["elsewhere_credits"], 0)

    def test_stuck_enqueue_is_explained(self):
        """Port 0 was refused at its threshold, though the pool has credits."""
        for answers in self.answers.values():
            self.assertGreater(answers["/eventdev_dlb2/credits,0"]["events"]["free_credits"], 0)
            port = answers["/eventdev_dlb2/credits,0,0"]
            self.assertEqual(port["events"]["may_take_credits"], 0)
            self.assertEqual(port["events"]["cached_credits"], 0)
            self.assertEqual(sum(port["refused_enqueues"].values()), 1)


class SeveralEventDevices(unittest.TestCase):
    """The second one of the device was never configured."""

    @classmethod
    def setUpClass(cls):
        with Application("hw=2.5,domains=2,domain_shares=3:1") as application:
            cls.resources = [application.ask(f"/eventdev_dlb2/resources,{device}") for device in (0, 1)]
            cls.domains = [application.ask(f"/eventdev_dlb2/domains,{device}") for device in (0, 1)]
            cls.info = application.ask("/eventdev_dlb2/info,1")
            cls.list = application.ask("/eventdev_dlb2/list")
            application.say()
            application.wait_for("changing")
            application.say()

    def test_who_is_there(self):
        self.assertEqual(self.list, [0, 1])
        self.assertEqual(self.info["name"], "event_dlb2_model0.1")
        self.assertEqual(self.info["event_devices"], ["event_dlb2_model0", "event_dlb2_model0.1"])

    def test_shares(self):
        first, second = (answer["load_balanced_queues"] for answer in self.resources)
        self.assertEqual((first["share"], second["share"]), (24, 8))
        groups = self.resources[0]["sequence_number_groups"]
        self.assertEqual([group["share_sequence_numbers"] for group in groups.values()], [1024, 512])

    def test_who_holds_what(self):
        first, second = (answer["load_balanced_ports"] for answer in self.resources)
        self.assertEqual(first["held_by"], {"event_dlb2_model0": 2})
        self.assertEqual(second["held_by"], first["held_by"])
        self.assertEqual((first["held"], first["held_by_others"], first["free"]), (2, 0, 62))
        self.assertEqual((second["held"], second["held_by_others"], second["free"]), (0, 2, 62))

    def test_domains_of_the_device(self):
        self.assertEqual(self.domains[0], self.domains[1])
        self.assertEqual(self.domains[0]["0"]["held_by"], "event_dlb2_model0")


COUNTS = {*EXPECTED["2.5"]["/eventdev_dlb2/alarms,0"], "load_balanced_queues", "load_balanced_ports",
          "directed_pairs", "free_domains", "queues", "free_queues", "sequence_numbers_per_queue", "polls",
          "empty_polls", "unlinks_in_progress", *EXPECTED["2.5"]["/eventdev_dlb2/credits,0,0"]["refused_enqueues"]}


def is_good(command, parameters):
    """Whether the parameters name a device or object that there is while the application holds still."""
    parts = parameters.split(",")
    number = re.compile(r"0*[0-9]{1,9}", re.ASCII)
    if not all(number.fullmatch(part) for part in parts) or int(parts[0]) != 0:
        return False
    return len(parts) == 1 or (len(parts) == 2 and command in OF_OBJECTS and int(parts[1]) < 3)


class Fuzz(unittest.TestCase):
    """Answers are null, or complete; while nothing changes, it is certain which."""

    def parameters(self, generator):
        kind = generator.randrange(5)
        if kind == 0:
            return generator.choice(BAD_WORDS)
        if kind == 1:
            return "".join(chr(generator.randrange(1, 128)) for _ in range(generator.randrange(40)))
        if kind == 2:
            return str(generator.randrange(300))
        return f"0,{generator.randrange(5)}" if kind == 3 else "0"

    def check(self, question, answer):
        if answer is None:
            return
        self.assertIsInstance(answer, dict, question)
        for pool in answer.values() if question == "/eventdev_dlb2/credits,0" else ():
            if pool["counted"]:
                places = sum(pool.get(f"{place}_credits", 0) for place in PLACES)
                self.assertEqual(places, pool["size_credits"], question)

    def questions(self, generator, number):
        for _ in range(number):
            yield generator.choice(COMMANDS), self.parameters(generator)

    def test_fuzzed_parameters_while_the_device_changes(self):
        generator = random.Random(4)
        answered = 0
        with Application("hw=2.5") as application:
            for command, parameters in self.questions(generator, QUESTIONS // 3):
                answer = application.ask(f"{command},{parameters}")
                self.check(f"{command},{parameters}", answer)
                self.assertEqual(answer is not None, is_good(command, parameters), (command, parameters))
                answered += answer is not None
            application.say()
            application.wait_for("changing")
            for command, parameters in self.questions(generator, QUESTIONS * 2 // 3):
                answer = application.ask(f"{command},{parameters}")
                self.check(f"{command},{parameters}", answer)
                self.assertTrue(answer is None or is_good(command, parameters), (command, parameters))
            application.say()
            application.wait_for("changed")
        self.assertGreater(answered, QUESTIONS // 3 // 5)

    def test_bad_parameters_are_refused(self):
        with Application("hw=2.0") as application:
            for command in COMMANDS:
                self.assertIsNone(application.ask(command), command)
                for word in BAD_WORDS:
                    self.assertIsNone(application.ask(f"{command},{word}"), f"{command},{word!r}")
            for command in set(COMMANDS) - set(OF_OBJECTS):
                self.assertIsNone(application.ask(f"{command},0,0"), command)
            application.say()
            application.wait_for("changing")
            application.say()


if __name__ == "__main__":
    APPLICATION = sys.argv.pop(1)
    unittest.main(argv=sys.argv[:1])
