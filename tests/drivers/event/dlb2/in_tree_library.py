# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""An application that was built against DPDK's dlb2 driver, run on this one by swapping the library.

The dynamic linker finds a file of the library's name in a folder of ours first; EAL itself is told
nothing.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

ARGS = ["--no-huge", "--no-pci", "-m", "256", "-l", "0"]


def needed(binary):
    """Names of the shared libraries that a program or library asks for."""
    text = subprocess.run(["readelf", "-d", binary], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", text)


class Application:
    """The running application, past its traffic; ends with the `with` block.

    `args` are further arguments of EAL, `prefix` tells its files from those of others.
    """

    def __init__(self, application, plugin, vdev, prefix):
        self._folder = tempfile.TemporaryDirectory()
        name = next(lib for lib in needed(application) if lib.startswith("librte_event_dlb2"))
        Path(self._folder.name, name).symlink_to(Path(plugin).resolve())
        self._process = subprocess.Popen(
            [application, *ARGS, f"--file-prefix={prefix}", f"--vdev={vdev}"],
            env={**os.environ, "LD_LIBRARY_PATH": self._folder.name},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.output = ""
        self.status = None

    def __enter__(self):
        for line in self._process.stdout:
            self.output += line
            if line.startswith("received"):
                break
        return self

    def __exit__(self, *exception):
        self.output += self._process.communicate(timeout=60)[0]
        self.status = self._process.returncode
        self._folder.cleanup()
