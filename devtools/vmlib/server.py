# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The process that is the devices: dlb2-vfio-user with one socket per device."""

import os
import select
import time

from . import options as opts
from . import processes
from .failure import Failure

READY_SECONDS = 30


class Server:
    """Runs dlb2-vfio-user as a context. `sockets` are the paths to be served."""

    def __init__(self, options, sockets):
        self.options = options
        self.sockets = sockets
        self.process = None

    def arguments(self):
        """The server's command line."""
        options = self.options
        command = [str(opts.server_program(options)), "--hw", options.hw]
        for name in ("control", "trace"):
            if getattr(options, name):
                command += [f"--{name}", str(getattr(options, name))]
        command += options.server_arg
        for path in self.sockets:
            command += ["--socket", str(path)]
        return command

    def __enter__(self):
        self.process = processes.start(self.arguments(), stdout=processes.subprocess.PIPE)
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self):
        """Reads one line "listening on PATH" for each socket."""
        deadline = time.monotonic() + READY_SECONDS
        said = b""
        while said.count(b"listening on ") < len(self.sockets) or not said.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Failure(f"{self.arguments()[0]} was not ready within {READY_SECONDS} s")
            got = os.read(self.process.stdout.fileno(), 4096)
            if not got:
                raise Failure(f"the device server {self.fate()}: {' '.join(self.arguments())}")
            said += got

    def fate(self):
        """How the server ended."""
        status = self.process.wait()
        return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"

    def check(self):
        """Raises Failure if the server has ended by itself."""
        if self.process.poll() is not None:
            raise Failure(f"the device server {self.fate()} while the guest ran")

    def __exit__(self, *_):
        processes.stop(self.process)
        self.process.stdout.close()
        for path in self.sockets:
            path.unlink(missing_ok=True)


class NoServer:
    """Stands in for the server of a machine without devices."""

    sockets = ()

    def __enter__(self):
        return self

    def check(self):
        """Nothing can have ended."""

    def __exit__(self, *_):
        pass
