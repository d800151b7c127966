# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Processes that never outlive the tool."""

import ctypes
import os
import signal
import subprocess

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
# After SIGTERM; then SIGKILL.
GRACE_SECONDS = 3


def start(arguments, **options):
    """Popen for a process that is killed when this one dies, however it dies, and that the
    terminal's Ctrl-C doesn't reach: the tool ends it in its own order.
    """
    parent = os.getpid()

    def die_with_parent():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    # The tool has a single thread when it starts these, so preexec_fn is safe.
    return subprocess.Popen(arguments, preexec_fn=die_with_parent, start_new_session=True,
                            stdin=subprocess.DEVNULL, **options)


def stop(process):
    """Ends a process if it still runs, gently first. Returns its status as Popen has it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
