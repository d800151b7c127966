#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/vm: its command line, and what that becomes for QEMU, the device server and the guest.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
VM = ROOT / "devtools/vm"
sys.path.insert(0, str(ROOT / "devtools"))

# pylint: disable=wrong-import-position
from vmlib import guest_files, machine, options, server
from vmlib.failure import Failure


def make_build(folder):
    """Files where a build would have them."""
    for name in ("app/dlb2-vfio-user/dlb2-vfio-user", "devtools/guest/movdir64b.so",
                 "drivers/event/dlb2/librte_event_dlb2.so"):
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True)
        path.touch()
    return folder


class WithBuild(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = make_build(folder.name)

    def parse(self, *arguments):
        return options.parse(["--build", self.build, *arguments])


class Options(WithBuild):
    def refused(self, *arguments, says):
        with self.assertRaises(Failure) as caught:
            self.parse(*arguments)
        self.assertIn(says, str(caught.exception))

    def test_defaults(self):
        settings = self.parse("--", "ls", "--", "-l")
        self.assertEqual(settings.command, ["ls", "--", "-l"])
        self.assertEqual((settings.hw, settings.devices, settings.driver, settings.cpus),
                         ("2.5", 1, "ours", 4))

    def test_no_command(self):
        self.refused(says="no command: put it behind '--'")
        self.refused("--", says="no command: put it behind '--'")

    def test_command_without_the_mark(self):
        self.refused("ls", says="unrecognized arguments: ls")

    def test_numbers_name_value_and_limit(self):
        self.refused("--devices", "9", "--", "ls", says="--devices 9: must be a number from 0 to 8")
        self.refused("--cpus", "0", "--", "ls", says="--cpus 0: must be a number from 1 to 64")
        self.refused("--cpus", "two", "--", "ls", says="--cpus two: must be a number from 1 to 64")
        self.refused("--timeout", "-1", "--", "ls", says="--timeout")
        self.refused("--memory", "100", "--", "ls", says="--memory 100: must be a number from 640")

    def test_hugepages_that_do_not_fit(self):
        self.refused("--memory", "1024", "--hugepages", "1024", "--", "ls",
                     says="--hugepages 1024: at most 512 MiB of --memory 1024 MiB; give more")

    def test_choices(self):
        self.refused("--hw", "3.0", "--", "ls", says="'3.0' (choose from '2.0', '2.5')")
        self.refused("--driver", "mine", "--", "ls", says="(choose from 'ours', 'in-tree')")

    def test_share_that_is_no_folder(self):
        self.refused("--share", "/etc/passwd", "--", "ls", says="--share /etc/passwd: is no folder")

    def test_missing_parts_of_the_build(self):
        for path, arguments in (("app/dlb2-vfio-user/dlb2-vfio-user", ()),
                                ("drivers/event/dlb2/librte_event_dlb2.so", ()),
                                ("devtools/guest/movdir64b.so", ("--driver", "in-tree"))):
            with self.subTest(path=path):
                missing = pathlib.Path(self.build, path)
                missing.rename(missing.with_name("away"))
                self.refused(*arguments, "--", "ls", says=f"{missing} is missing: build with")
                missing.with_name("away").rename(missing)

    def test_no_device_needs_no_server(self):
        os.unlink(os.path.join(self.build, "app/dlb2-vfio-user/dlb2-vfio-user"))
        self.assertEqual(self.parse("--devices", "0", "--", "ls").devices, 0)

    def test_fetch_only(self):
        self.assertTrue(self.parse("--fetch-only").fetch_only)
        self.refused("--fetch-only", "--", "ls", says="--fetch-only runs no command")

    def test_arguments_of_other_programs_may_begin_with_a_dash(self):
        settings = self.parse("--server-arg", "--seed", "--server-arg", "7", "--qemu-arg", "-device",
                              "--qemu-arg", "igb", "--", "ls")
        self.assertEqual(settings.server_arg, ["--seed", "7"])
        self.assertEqual(settings.qemu_arg, ["-device", "igb"])

    def test_message_and_status_of_the_program(self):
        done = subprocess.run([VM, "--cpus", "0", "--", "ls"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (125, ""))
        self.assertEqual(done.stderr, "vm: --cpus 0: must be a number from 1 to 64\n")

    def test_help_names_all_options(self):
        done = subprocess.run([VM, "--help"], capture_output=True, text=True, check=True)
        for name in ("--hw", "--devices", "--driver", "--cpus", "--memory", "--hugepages",
                     "--build", "--share", "--control", "--trace", "--server-arg", "--qemu-arg",
                     "--accel", "--timeout", "--fetch-only", "DLB2_EAL", "124"):
            self.assertIn(name, done.stdout)


class ServerCommand(WithBuild):
    def test_all_options(self):
        settings = self.parse("--hw", "2.0", "--control", "/c", "--trace", "/t", "--server-arg",
                              "--seed", "--server-arg", "7", "--", "ls")
        command = server.Server(settings, ["/a", "/b"]).arguments()
        self.assertEqual(command[1:], ["--hw", "2.0", "--control", "/c", "--trace", "/t", "--seed",
                                       "7", "--socket", "/a", "--socket", "/b"])


class Machine(WithBuild):
    def arguments(self, *more, sockets=(), accelerator="tcg"):
        settings = self.parse(*more, "--", "ls")
        return machine.arguments(settings, pathlib.Path("/kernel"), "/initrd", sockets,
                                 {"out": 5, "console": 6}, accelerator)

    def test_devices_are_apart(self):
        devices = [json.loads(word) for word in self.arguments(sockets=["/a,b", "/c"])
                   if word.startswith("{")]
        self.assertEqual([device["socket"]["path"] for device in devices], ["/a,b", "/c"])
        self.assertEqual([device["addr"] for device in devices], ["4.0", "5.0"])

    def test_hugepages_are_of_2_mib(self):
        self.assertIn("hugepages=100", self.arguments("--hugepages", "200")[-1].split())

    def test_commas_in_shared_paths(self):
        folder = tempfile.TemporaryDirectory(prefix="a,b")
        self.addCleanup(folder.cleanup)
        words = " ".join(self.arguments("--share", folder.name))
        self.assertIn(folder.name.replace(",", ",,"), words)

    def test_accelerators(self):
        settings = self.parse("--", "ls")
        self.assertEqual(machine.accelerators(self.parse("--accel", "kvm", "--", "ls")), ["kvm"])
        with mock.patch.object(machine, "has_hardware_kvm", return_value=True), \
                mock.patch.object(machine, "cpu_has_movdir64b", return_value=True):
            self.assertEqual(machine.accelerators(settings), ["kvm", "tcg"])
            in_tree = self.parse("--driver", "in-tree", "--", "ls")
            self.assertEqual(machine.accelerators(in_tree), ["tcg"])
        with mock.patch.object(machine, "has_hardware_kvm", return_value=False):
            self.assertEqual(machine.accelerators(settings), ["tcg"])


class GuestFiles(WithBuild):
    def environment(self, *arguments, **variables):
        with mock.patch.dict(os.environ, variables):
            return guest_files.environment(self.parse(*arguments, "--", "ls"))

    def test_our_driver(self):
        plugin = f"{self.build}/drivers/event/dlb2/librte_event_dlb2.so"
        with mock.patch.object(guest_files, "is_insecure", return_value=False):
            environment = self.environment()
        self.assertEqual(environment["DLB2_EAL"], f"-d {plugin}")
        self.assertNotIn("LD_PRELOAD", environment)

    def test_our_driver_below_a_folder_that_all_may_write_to(self):
        os.chmod(self.build, 0o777)
        environment = self.environment(LD_LIBRARY_PATH="/other")
        self.assertEqual(environment["DLB2_EAL"], "-d librte_event_dlb2.so")
        self.assertEqual(environment["LD_LIBRARY_PATH"], f"{self.build}/drivers/event/dlb2:/other")

    def test_in_tree_driver(self):
        environment = self.environment("--driver", "in-tree")
        self.assertEqual(environment["DLB2_EAL"], "")
        self.assertEqual(environment["LD_PRELOAD"], f"{self.build}/devtools/guest/movdir64b.so")

    def test_what_is_passed_on(self):
        environment = self.environment(DLB2_X="1", LC_ALL="C", SECRET="2", LD_PRELOAD="/x")
        self.assertEqual((environment["DLB2_X"], environment["LC_ALL"]), ("1", "C"))
        self.assertFalse({"SECRET", "LD_PRELOAD"} & environment.keys())

    def test_words_and_folder_survive_the_shell(self):
        words = ["printf", "%s|", "a b", "$HOME", "it's", "*", "new\nline", ""]
        with tempfile.TemporaryDirectory(prefix="it's a ") as folder:
            before = os.getcwd()
            os.chdir(folder)
            try:
                text = guest_files.command(self.parse("--", *words))
                pwd = guest_files.command(self.parse("--", "pwd"))
            finally:
                os.chdir(before)
            environment = dict(os.environ, DLB2_BDFS="0000:00:04.0 0000:00:05.0")
            shell = {"env": environment, "capture_output": True, "text": True, "check": True}
            self.assertEqual(subprocess.run(["sh", "-c", text], **shell).stdout,
                             "".join(word + "|" for word in words[2:]))
            self.assertEqual(subprocess.run(["sh", "-c", pwd], **shell).stdout, folder + "\n")

    def test_bdfs_are_one_variable(self):
        text = guest_files.command(self.parse("--", "sh", "-c", "echo $DLB2_BDFS"))
        done = subprocess.run(["sh", "-c", text], env={"DLB2_BDFS": "a b"}, capture_output=True,
                              text=True, check=True)
        self.assertEqual(done.stdout, "a b\n")

    def test_shared_paths_with_blanks(self):
        path = "/a b/it's\té"
        text = guest_files.escaped(path)
        self.assertNotIn(" ", text)
        done = subprocess.run(["sh", "-c", 'printf %b "$1"', "sh", text], capture_output=True,
                              text=True, check=True)
        self.assertEqual(done.stdout, path)


if __name__ == "__main__":
    unittest.main()
