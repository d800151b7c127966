# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Runs the set-ups over one driver in the virtual machine and records what the device saw and held.

The guest's program (tests/vm/setups.c) waits in each state until a file says go. Meanwhile a mark
goes into the device server's trace, so that accesses can be told apart by phase, and a snapshot of
the registers is taken, which the device doesn't notice.
"""

import collections
import dataclasses
import pathlib
import re
import shlex
import subprocess
import tempfile
import time

from vmlib.control import ask

from .failure import Failure

STATES = ("probed", "started", "stopped", "closed")
PHASES = dict(zip(STATES, ("probe", "start", "stop", "close")))
POLL_SECONDS = 0.05
PAGE = re.compile(r"(LDB|DIR)_PP\b.*|PP\[.*")
HCW_DIGITS = 32


@dataclasses.dataclass
class State:
    """What the device holds in one state of one set-up."""
    registers: dict
    numbers: dict  # of the event device, by ("port" or "queue", "ldb" or "dir", hardware's number)


@dataclasses.dataclass
class Recording:
    """All of one driver over one version. Keys are (number of the set-up, state or phase)."""
    states: dict = dataclasses.field(default_factory=dict)
    accesses: dict = dataclasses.field(default_factory=dict)  # of Counters of (verb, register)
    seconds: float = 0


def parse_numbers(text):
    """Reads lines such as "port 3 ldb 17"."""
    numbers = {}
    for line in text.splitlines():
        what, number, kind, hardware = line.split()
        numbers[what, kind, int(hardware)] = int(number)
    return numbers


def access(verb, name, value):
    """(verb, register, how often) of one line of the trace.

    A store to a producer port counts the HCWs in it that are not empty: how many stores they come
    in depends on QEMU.
    """
    if verb == "post":
        digits = value[2:]
        hcws = [digits[i:i + HCW_DIGITS] for i in range(0, len(digits), HCW_DIGITS)]
        return verb, "PP", sum(hcw.strip("0") != "" for hcw in hcws)
    return verb, "PP" if PAGE.match(name) else name.partition("[")[0], 1


def parse_trace(path):
    """The accesses per (set-up, phase)."""
    phases, current = {}, collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if words[1] == "mark":
                phases[int(words[2]), PHASES[words[3]]] = current
                current = collections.Counter()
            elif words[2] in ("read", "write", "post"):
                verb, name, times = access(words[2], words[3], words[4])
                current[verb, name] += times
    return phases


def check_health(control, where):
    """The model itself must be content with what it was asked to do."""
    counters, check = ask(control, "counters"), ask(control, "check")
    if check["violations"]:
        raise Failure(f"{where}: the model reports {check['reports']}")
    for name in ("bad_accesses", "dma_errors"):
        if counters[name]:
            raise Failure(f"{where}: {name} {counters[name]}")


class Guest:
    """The virtual machine that runs the set-ups one after the other; a context."""

    def __init__(self, options, version, driver, setups, folder):
        self.what = f"{driver} on {version}"
        self.folder = folder  # shared with the guest
        self.control = folder / "control"
        self.trace = folder / "trace"
        self.log = folder / "log"
        self.timeout = options.timeout
        program = shlex.quote(str(options.build / "tests/vm/setups"))
        script = " && ".join(f"{program} --lcores 0@0 --log-level lib.eal:error $DLB2_EAL -- "
                             f"{setup} {shlex.quote(str(folder))}" for setup in setups)
        self.command = [options.vm, "--hw", version, "--driver", driver, "--build", options.build,
                        "--share", folder, "--control", self.control, "--trace", self.trace,
                        "--timeout", str(options.timeout), "--", "sh", "-c", script]
        self.process = None

    def __enter__(self):
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(self.command, stdout=output, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def failure(self):
        """How the machine ended, with all that it said."""
        said = self.log.read_text(encoding="utf-8", errors="replace")
        return Failure(f"{self.what}: ended with status {self.process.returncode}:\n{said}")

    def wait_for(self, path):
        """Returns when the guest has written a file; raises Failure if it has ended before."""
        while not path.exists():
            if self.process.poll() is not None:
                raise self.failure()
            time.sleep(POLL_SECONDS)

    def wait_for_end(self):
        """Raises Failure unless all set-ups went well."""
        if self.process.wait(self.timeout) != 0:
            raise self.failure()

    def visit(self, setup, state):
        """Waits for one state, records it and lets the guest go on."""
        path = self.folder / f"{setup}.{state}"
        self.wait_for(path)
        ask(self.control, f"mark {setup} {state}")
        check_health(self.control, f"{self.what}, set-up {setup}, {state}")
        registers = ask(self.control, "snapshot")["registers"]
        numbers = parse_numbers(path.read_text(encoding="utf-8"))
        (self.folder / f"{setup}.{state}.go").touch()
        return State(registers, numbers)


def record(options, version, driver, setups):
    """Records one driver over one version of the device; raises Failure."""
    recording, began = Recording(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dlb2-transcripts-") as name:
        with Guest(options, version, driver, setups, pathlib.Path(name)) as guest:
            for setup in setups:
                for state in STATES:
                    recording.states[setup, state] = guest.visit(setup, state)
            guest.wait_for_end()
        recording.accesses = parse_trace(guest.trace)
    recording.seconds = time.monotonic() - began
    return recording
