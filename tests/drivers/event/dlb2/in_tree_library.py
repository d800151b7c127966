# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""An application that was built against DPDK's dlb2 driver: run on it, or on this driver by swapping
the library, and asked on its telemetry socket.

To swap, the dynamic linker finds a file of the library's name in a folder of ours first; EAL is told
nothing.
"""

import json
import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

EAL_ON_MODEL = ["--no-huge", "--no-pci", "-m", "256", "-l", "0"]


def needed(binary):
    """Names of the shared libraries that a program or library asks for."""
    text = subprocess.run(["readelf", "-d", binary], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", text)


class Application:
    """The application from the moment on when its traffic is over; it ends with the `with` block.

    `eal` are EAL's arguments, `prefix` tells its files from others'. `library` takes the place of the
    one it was linked with; None leaves that.
    """

    def __init__(self, application, eal, prefix, library=None):
        self._folder = tempfile.TemporaryDirectory()
        environment = dict(os.environ)
        if library is not None:
            name = next(lib for lib in needed(application) if lib.startswith("librte_event_dlb2"))
            Path(self._folder.name, name).symlink_to(Path(library).resolve())
            environment["LD_LIBRARY_PATH"] = self._folder.name
        self._process = subprocess.Popen(
            [application, *eal, f"--file-prefix={prefix}"], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._prefix = prefix
        self.output = ""
        self.status = None

    def __enter__(self):
        for line in self._process.stdout:
            self.output += line
            if line.startswith("received"):
                break
        return self

    def ask(self, commands):
        """The answers of the telemetry socket (version 2: one packet asks, one answers)."""
        folder = Path("/var/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp"))
        answers = {}
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as telemetry:
            telemetry.connect(str(folder / "dpdk" / self._prefix / "dpdk_telemetry.v2"))
            longest = json.loads(telemetry.recv(1024))["max_output_len"]
            for command in commands:
                telemetry.send(command.encode())
                answers[command] = json.loads(telemetry.recv(longest))[command.split(",")[0]]
        return answers

    def __exit__(self, *exception):
        self.output += self._process.communicate(timeout=60)[0]
        self.status = self._process.returncode
        self._folder.cleanup()
