#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/eventdev.sh: how EAL is told to load the driver of a build, however the build's folder
is named and whatever folders it is in.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = "drivers/event/dlb2"
PLUGIN = f"{FOLDER}/librte_event_dlb2.so"
# Who may write to the folders above the build differs from machine to machine.
NOT_WRITABLE = "is_world_writable() { false; }\n"


class Plugin(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name).resolve() / "build"
        (self.build / FOLDER).mkdir(parents=True)
        (self.build / PLUGIN).touch()

    def run_script(self, script):
        environment = {**os.environ, "LD_LIBRARY_PATH": "kept"}
        begin = f"set -euo pipefail\n. {ROOT}/devtools/lib.sh\n. {ROOT}/devtools/eventdev.sh\n"
        return subprocess.run(["bash", "-c", begin + script], cwd=self.build.parent,
                              env=environment, capture_output=True, text=True, timeout=60)

    def test_path(self):
        for name in (self.build, "build", "./build", "../" + self.build.parent.name + "/build"):
            with self.subTest(name=name):
                result = self.run_script(NOT_WRITABLE + f"plugin_args {name}")
                self.assertEqual(result.stdout, f"-d\n{self.build / PLUGIN}\n", result.stderr)

    def test_writable_folder_above(self):
        """EAL would refuse the path."""
        self.build.chmod(0o777)
        for name in (self.build, "build"):
            with self.subTest(name=name):
                result = self.run_script(f"plugin_args {name}; load_path {name}")
                self.assertEqual(result.stdout.splitlines()[:2], ["-d", "librte_event_dlb2.so"])
                path = result.stdout.splitlines()[2].split(":")
                self.assertEqual(path[0], f"LD_LIBRARY_PATH={self.build / FOLDER}")
                self.assertEqual(path[-1], "kept")

    def test_not_built(self):
        result = self.run_script("plugin_args nowhere")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(f"nowhere/{PLUGIN} is missing", result.stderr)


if __name__ == "__main__":
    unittest.main()
