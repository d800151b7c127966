#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""DLB2_DPDK=/prefix: what the scripts do with a prefix that is whole, and how they refuse one that
isn't. The prefixes are made up: files where an installed DPDK has them.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENV = ROOT / "devtools/dpdk-env.sh"
LIBRARIES = ("eal", "eventdev", "bus_pci", "bus_vdev")
PC = """prefix={prefix}
libdir=${{prefix}}/lib
includedir=${{prefix}}/include
Name: libdpdk
Description: made up
Version: {version}
Libs: -L${{libdir}} -lrte_eal
"""


class Prefix(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name, "tree")
        self.prefix = pathlib.Path(folder.name, "prefix")
        self.make_prefix(self.prefix, "24.11.6")

    @staticmethod
    def make_prefix(prefix, version):
        pc = prefix / "lib/pkgconfig/libdpdk.pc"
        files = [prefix / f"lib/librte_{name}.so" for name in LIBRARIES]
        files += [prefix / "include/eventdev_pmd.h", prefix / "bin/dpdk-test-eventdev"]
        for file in [pc, *files]:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("made up", encoding="ascii")
        pc.write_text(PC.format(prefix=prefix, version=version), encoding="ascii")
        (prefix / "bin/dpdk-test-eventdev").chmod(0o755)

    def run_with(self, prefix, *command):
        environment = {**os.environ, "DLB2_DPDK": str(prefix)}
        return subprocess.run(command, env=environment, cwd=self.prefix.parent,
                              capture_output=True, text=True)

    def run_script(self, script, prefix=None):
        """Runs lines of shell in a tree of its own after what all scripts begin with."""
        devtools = self.tree / "devtools"
        if not devtools.exists():
            devtools.mkdir(parents=True)
            for name in ("lib.sh", "dpdk-prefix.sh"):
                (devtools / name).write_text((ROOT / "devtools" / name).read_text(encoding="utf-8"),
                                             encoding="utf-8")
        begin = f"set -euo pipefail\n. {devtools}/lib.sh\n"
        return self.run_with(prefix or self.prefix, "bash", "-c", begin + script)

    def refusal(self, prefix=None):
        result = self.run_with(prefix or self.prefix, ENV, "echo", "ran")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        return result.stderr

    def test_whole(self):
        command = ("pkg-config --modversion libdpdk; command -v dpdk-test-eventdev;"
                   "echo $LD_LIBRARY_PATH")
        result = self.run_with(self.prefix, ENV, "sh", "-c", command)
        self.assertEqual(result.stderr, "")
        version, program, path = result.stdout.splitlines()
        self.assertEqual(version, "24.11.6")
        self.assertEqual(program, f"{self.prefix}/bin/dpdk-test-eventdev")
        self.assertEqual(path.split(":")[0], f"{self.prefix}/lib")

    def test_relative(self):
        result = self.run_with("prefix", ENV, "pkg-config", "--modversion", "libdpdk")
        self.assertEqual(result.stdout, "24.11.6\n", result.stderr)

    def test_no_folder(self):
        self.assertIn("is no folder", self.refusal("/nonexistent"))

    def test_not_a_prefix(self):
        self.assertIn("no lib*/pkgconfig/libdpdk.pc", self.refusal(self.prefix / "include"))

    def test_no_driver_headers(self):
        (self.prefix / "include/eventdev_pmd.h").unlink()
        self.assertIn("enable_driver_sdk", self.refusal())

    def test_no_library(self):
        for name in LIBRARIES:
            library = self.prefix / f"lib/librte_{name}.so"
            library.unlink()
            self.assertIn(f"librte_{name}.so", self.refusal())
            library.touch()

    def test_missing_program_is_not_debians(self):
        result = self.run_script("need_dpdk_program dpdk-test-eventdev; need_dpdk_program ls")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("has no bin/ls", result.stderr)

    def test_build_folders(self):
        """One for each version; another prefix of the same version is refused."""
        other = self.prefix.with_name("other")
        self.make_prefix(other, "25.11.2")
        for prefix, version in ((self.prefix, "24.11.6"), (other, "25.11.2")):
            result = self.run_script("dpdk_build_dir build", prefix)
            self.assertEqual(result.stdout, f"{self.tree}/build-dpdk-{version}", result.stderr)
        self.make_prefix(other, "24.11.6")
        result = self.run_script("dpdk_build_dir build", other)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(str(self.prefix), result.stderr)

    def test_without(self):
        """Without DLB2_DPDK nothing is different."""
        environment = {key: text for key, text in os.environ.items() if key != "DLB2_DPDK"}
        environment["PKG_CONFIG_PATH"] = "kept"
        script = f". {ROOT}/devtools/lib.sh; dpdk_build_dir build; echo :$PKG_CONFIG_PATH:$PATH"
        result = subprocess.run(["bash", "-c", script], env=environment, capture_output=True,
                                text=True)
        self.assertEqual(result.stdout, f"{ROOT}/build:kept:/usr/bin:/bin:/usr/sbin:/sbin\n")


if __name__ == "__main__":
    unittest.main()
