# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""One boot: starts QEMU, passes the command's output on, and waits for its exit status.

The guest speaks on four channels, each a socket pair with QEMU: "out" and "err" carry the
command's output as it is, "control" carries lines (ready; status N; error TEXT), and "console" is
the kernel's, of which the end is kept for messages.
"""

import os
import selectors
import socket
import sys
import time

from . import machine, processes, qemu_fetch
from .failure import Failure, TimedOut

# From QEMU's start to "ready". Emulation takes 4 s on an idle machine.
BOOT_SECONDS = {"kvm": 30, "tcg": 180}
CONSOLE_BYTES = 16384
# A panic with its call trace has about 40.
CONSOLE_LINES = 60
CHANNELS = ("out", "err", "control", "console")


class BootFailure(Failure):
    """The guest did not come up."""


class Session:
    """The state of one boot; use `run`."""

    def __init__(self, server, folder, accelerator, deadline, timeout):
        self.server = server
        self.log = folder / "qemu.log"
        self.accelerator = accelerator
        self.deadline = deadline
        self.timeout = timeout
        self.boot_deadline = time.monotonic() + BOOT_SECONDS[accelerator]
        self.console = b""
        self.control = b""
        self.ready = False
        self.status = None
        self.qemu = None
        self.selector = selectors.DefaultSelector()

    def start(self, options, kernel, initrd):
        """Starts QEMU with a socket pair for each channel."""
        theirs = {}
        for name in CHANNELS:
            mine, theirs[name] = socket.socketpair()
            mine.setblocking(False)
            self.selector.register(mine, selectors.EVENT_READ, name)
        command, environment = qemu_fetch.command(qemu_fetch.qemu())
        descriptors = {name: end.fileno() for name, end in theirs.items()}
        command += machine.arguments(options, kernel, initrd, self.server.sockets, descriptors,
                                     self.accelerator)
        with open(self.log, "wb") as log:
            self.qemu = processes.start(command, env=environment, stderr=log,
                                        pass_fds=descriptors.values())
        for end in theirs.values():
            end.close()

    def fail(self, kind, text):
        """Raises a failure with what QEMU said and the end of the guest's console."""
        said = self.log.read_text(encoding="utf-8", errors="replace")
        lines = self.console.decode(errors="replace").replace("\r", "").splitlines()
        raise kind(f"{text}\n{said}".strip(), "\n".join(lines[-CONSOLE_LINES:]))

    def take_control(self, data):
        """Acts on the complete lines of the control channel."""
        *lines, self.control = (self.control + data).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "ready":
                self.ready = True
            elif word == "status":
                self.status = int(rest)
            elif word == "error":
                self.fail(BootFailure, f"the guest could not be set up: {rest}")

    def take(self, name, data):
        """Handles data of a channel."""
        if name == "control":
            self.take_control(data)
        elif name == "console":
            self.console = (self.console + data)[-CONSOLE_BYTES:]
        else:
            write_all(sys.stdout if name == "out" else sys.stderr, data)

    def drain(self, seconds):
        """Takes what has arrived, waiting for the first data at most so long. Returns whether
        there was any.
        """
        got = False
        for key, _ in self.selector.select(seconds):
            try:
                data = key.fileobj.recv(65536)
            except ConnectionError:
                data = b""
            if data:
                got = True
                self.take(key.data, data)
            else:
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
        return got

    def check(self):
        """Raises Failure when there is nothing more to wait for."""
        now = time.monotonic()
        if self.qemu.poll() is not None or not self.selector.get_map():
            while self.selector.get_map() and self.drain(0):
                pass
            kind = Failure if self.ready else BootFailure
            self.fail(kind, "the guest ended without the command's status "
                      f"(QEMU's status {self.qemu.wait()})")
        if now > self.deadline:
            self.fail(TimedOut, f"--timeout {self.timeout}: the "
                      f"{'command' if self.ready else 'boot'} took longer; give it more seconds")
        if not self.ready and now > self.boot_deadline:
            self.fail(BootFailure, "the guest was not up within "
                      f"{BOOT_SECONDS[self.accelerator]} s of {self.accelerator}")

    def wait(self):
        """Passes output on until the status has come, and returns it."""
        while self.status is None:
            self.drain(0.2)
            if self.status is None:
                self.server.check()
                self.check()
        # What the command wrote has reached the sockets before its status was written.
        while self.drain(0):
            pass
        self.server.check()
        return self.status

    def close(self):
        """Ends QEMU. It has no state worth a slow end."""
        if self.qemu:
            self.qemu.kill()
            self.qemu.wait()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


def write_all(stream, data):
    """Writes to a standard stream at once. Raises BrokenPipeError when nobody reads it any more."""
    view = memoryview(data)
    while view:
        view = view[os.write(stream.fileno(), view):]


def run(options, kernel, folder, server, accelerator, deadline):
    """Boots and runs the command once; returns its exit status or raises Failure. `folder` holds
    the initrd and takes QEMU's messages.
    """
    session = Session(server, folder, accelerator, deadline, options.timeout)
    try:
        session.start(options, kernel, folder / "initrd")
        return session.wait()
    finally:
        session.close()
