# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Runs in the guest, for test_swap.py: the application of tests/drivers/event/dlb2 on the device, and
what its telemetry socket says.

usage: telemetry.py APPLICATION LIBRARY COMMAND...    LIBRARY is "-" for the one it was linked with.
Prints one line of JSON: {"status": of the application, "output": its text, "answers": {command: answer}}.
"""

import json
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "drivers/event/dlb2"))

import in_tree_library  # noqa: E402, the path is known only now


def main(application, library, *commands):
    eal = ["-l", "0", "-a", os.environ["DLB2_BDFS"].split()[0]]
    with in_tree_library.Application(application, eal, "dlb2-parity", None if library == "-" else library) as running:
        answers = running.ask(commands)
    print(json.dumps({"status": running.status, "output": running.output, "answers": answers}))


main(*sys.argv[1:])
