#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Stands in for QEMU in test_vm_session.py: follows FAKE_QEMU, lines of "CHANNEL TEXT",
"wait SECONDS", "await FILE" (until it exists), "exit STATUS" or "say TEXT" (to stderr), and then
sleeps. A backslash and an n in a text are a new line.
"""

import os
import re
import sys
import time


def main(arguments):
    descriptors = dict(re.findall(r"socket,id=(\w+),fd=(\d+)", " ".join(arguments)))
    for line in os.environ["FAKE_QEMU"].splitlines():
        word, _, text = line.partition(" ")
        text = text.replace("\\n", "\n")
        if word == "wait":
            time.sleep(float(text))
        elif word == "await":
            while not os.path.exists(text):
                time.sleep(0.01)
        elif word == "exit":
            os._exit(int(text))
        elif word == "say":
            print(text, file=sys.stderr, flush=True)
        else:
            os.write(int(descriptors[word]), text.encode())
    time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1:])
