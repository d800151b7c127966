#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/vm: what one boot passes on and how each of its ends is told. QEMU is fake_qemu.py."""

import argparse
import importlib.machinery
import importlib.util
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAKE_QEMU = pathlib.Path(__file__).with_name("fake_qemu.py")
sys.path.insert(0, str(ROOT / "devtools"))

# pylint: disable=wrong-import-position
from vmlib import processes, qemu_fetch, server, session
from vmlib.failure import Failure, TimedOut


WRITE_ALL = session.write_all

def load_vm():
    """devtools/vm as a module: a program without a suffix."""
    loader = importlib.machinery.SourceFileLoader("vm", str(ROOT / "devtools/vm"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("vm", loader))
    loader.exec_module(module)
    return module


class Session(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.written = {"out": b"", "err": b""}
        for target, name, value in (
                (qemu_fetch, "qemu", lambda: None),
                (qemu_fetch, "command", lambda _: ([sys.executable, str(FAKE_QEMU)], os.environ)),
                (session, "write_all", self.write)):
            patch = mock.patch.object(target, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def write(self, stream, data):
        self.written["out" if stream is sys.stdout else "err"] += data

    def run_script(self, script, seconds=30, devices=server.NoServer()):
        """What session.run makes of a QEMU that follows the script."""
        settings = argparse.Namespace(hugepages=2, memory=640, cpus=1, share=[], qemu_arg=[],
                                      timeout=seconds)
        with mock.patch.dict(os.environ, FAKE_QEMU=script):
            return session.run(settings, pathlib.Path("/kernel"), self.folder, devices, "tcg",
                               time.monotonic() + seconds)

    def failure(self, kind, script, **settings):
        with self.assertRaises(kind) as caught:
            self.run_script(script, **settings)
        return caught.exception

    def test_output_and_status(self):
        status = self.run_script("control ready\\n\nout one\nerr two\nout \\nthree\n"
                                 "control stat\nwait 0.1\ncontrol us 7\\n")
        self.assertEqual(status, 7)
        self.assertEqual(self.written, {"out": b"one\nthree", "err": b"two"})

    def test_output_comes_at_once(self):
        """The command goes on only when its output has been seen."""
        seen = self.folder / "seen"
        with mock.patch.object(session, "write_all", lambda *_: seen.touch()):
            self.assertEqual(self.run_script(f"out early\nawait {seen}\ncontrol status 0\\n"), 0)

    def test_reader_that_has_gone(self):
        """As in "devtools/vm ... | head": the machine ends, and nothing is said."""
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "wb", buffering=0) as stream, self.assertRaises(BrokenPipeError):
            WRITE_ALL(stream, b"x")
        tool = load_vm()
        with mock.patch.object(tool, "run", side_effect=BrokenPipeError), \
                mock.patch.object(tool.options, "parse"):
            self.assertEqual(tool.main(), 128 + signal.SIGPIPE)

    def test_panic_shows_the_end_of_the_console(self):
        lines = "".join(f"line {i}\\r\\n" for i in range(100))
        failure = self.failure(Failure, f"control ready\\n\nconsole {lines}\nsay KVM error\nexit 0")
        self.assertIn("the guest ended without the command's status", str(failure))
        self.assertIn("KVM error", str(failure))
        self.assertTrue(failure.console.replace("\\r", "").endswith("line 99"), failure.console)
        self.assertNotIn("line 10\n", failure.console)
        self.assertNotIsInstance(failure, session.BootFailure)

    def test_end_before_the_command_is_a_failed_boot(self):
        failure = self.failure(session.BootFailure, "say no such device\nexit 1")
        self.assertIn("no such device", str(failure))

    def test_no_boot(self):
        with mock.patch.dict(session.BOOT_SECONDS, tcg=0.5):
            failure = self.failure(session.BootFailure, "console stuck")
        self.assertIn("not up within 0.5 s of tcg", str(failure))
        self.assertEqual(failure.console, "stuck")

    def test_timeout(self):
        failure = self.failure(TimedOut, "control ready\\n", seconds=1)
        self.assertIn("--timeout 1: the command took longer; give it more seconds", str(failure))

    def test_guest_that_gives_up(self):
        failure = self.failure(session.BootFailure, "control error 1 of 2 devices\\n")
        self.assertIn("could not be set up: 1 of 2 devices", str(failure))

    def test_server_that_has_died(self):
        devices = server.Server(None, [])
        devices.process = subprocess.Popen(["false"])
        devices.process.wait()
        failure = self.failure(Failure, "control ready\\n", devices=devices)
        self.assertIn("the device server ended with status 1 while the guest ran", str(failure))

    def test_qemu_does_not_outlive_it(self):
        started = []
        real = processes.start

        def start(*arguments, **options):
            started.append(real(*arguments, **options))
            return started[0]

        with mock.patch.object(processes, "start", start):
            self.run_script("control status 0\\n")
        self.assertIsNotNone(started[0].returncode)


class Server(unittest.TestCase):
    """The server's start, with a shell in its place."""

    def enter(self, script):
        with mock.patch.object(server.Server, "arguments", lambda _: ["sh", "-c", script]):
            with server.Server(None, [pathlib.Path("/nonexistent/a"),
                                      pathlib.Path("/nonexistent/b")]) as one:
                one.check()

    def test_waits_for_every_socket(self):
        began = time.monotonic()
        self.enter("echo listening on a; sleep 0.5; echo listening on b; exec sleep 60")
        self.assertGreater(time.monotonic() - began, 0.5)

    def test_end_before_it_is_ready(self):
        with self.assertRaisesRegex(Failure, "the device server ended with status 3: sh -c"):
            self.enter("echo listening on a; exit 3")

    def test_never_ready(self):
        with mock.patch.object(server, "READY_SECONDS", 0.3), \
                self.assertRaisesRegex(Failure, "was not ready within 0.3 s"):
            self.enter("exec sleep 60")


if __name__ == "__main__":
    unittest.main()
