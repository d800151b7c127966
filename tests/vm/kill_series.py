#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Runs in the guest: kills one application after the other at a random moment, then lets one live.

usage: kill_series.py LIFE-PROGRAM COUNT SEED EAL-ARGUMENT...

Each life (life.c) checks what it gets; one that ends by itself is a failure. The moments are spread
evenly from the start of the process to half as long again as it takes to come up, so that about two
of three lives end while they set the device up.
"""

import random
import subprocess
import sys
import time

PATIENCE = 60  # seconds for a start that nobody disturbs
LAST_EVENTS = 5000


def start(program, eal, life, *more):
    return subprocess.Popen([program, *eal, "--", str(life), *map(str, more)],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def live_to_the_end(program, eal, life):
    """A start that nobody disturbs: returns the seconds until it was up and exits on failure."""
    began = time.monotonic()
    process = start(program, eal, life, LAST_EVENTS)
    up = None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.strip() == "up":
            up = time.monotonic() - began
    if process.wait(PATIENCE) != 0 or up is None:
        sys.exit(f"life {life} ended with {process.returncode}:\n{''.join(lines)}")
    return up


def kill_after(program, eal, life, seconds):
    """True if the process was up when it was killed."""
    process = start(program, eal, life)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        return "up\n" in output
    sys.exit(f"life {life} ended by itself with {process.returncode}:\n{output}")


def main(program, count, seed, *eal):
    rng = random.Random(int(seed))
    up_after = live_to_the_end(program, eal, 0)
    print(f"up after {up_after:.2f} s", flush=True)
    grown_up = 0
    for life in range(1, int(count) + 1):
        grown_up += kill_after(program, eal, life, rng.uniform(0, 1.5 * up_after))
    up_after = live_to_the_end(program, eal, int(count) + 1)
    print(f"{count} lives killed, {grown_up} of them with events in flight; "
          f"the last start was up after {up_after:.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
