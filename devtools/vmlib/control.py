# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""A client of the device server's control socket (doc/guides/tools/vfio-user.rst)."""

import json
import socket

ANSWER_SECONDS = 60


class Refused(Exception):
    """The server's answer says why."""


def ask(path, command):
    """Sends one command to the server whose control socket is at `path` and returns the answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(str(path))
        connection.sendall(f"{command}\n".encode())
        with connection.makefile() as lines:
            answer = json.loads(lines.readline())
    if not answer["ok"]:
        raise Refused(f"{command}: {answer['error']}")
    return answer
