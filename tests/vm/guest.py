# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Runs commands in the virtual machine, as a user would, for the scenarios of this folder.

DLB2_BUILD in the environment names the build to test; without it, build/. A scenario is a unittest
in test_NAME.py; devtools/check.sh runs them all in its step "vm". A boot costs 5 to 20 s: see as
much as belongs together in one.
"""

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "devtools"))
from vmlib import control  # noqa: E402  pylint: disable=wrong-import-position

FULL = os.environ.get("DLB2_VM_FULL") == "1"  # long series too
VM = ROOT / "devtools/vm"
BUILD = pathlib.Path(os.environ.get("DLB2_BUILD", ROOT / "build")).absolute()
# Programs of this folder, as meson builds them.
PROGRAMS = BUILD / "tests/vm"
VERSIONS = ("2.0", "2.5")
DRIVERS = ("ours", "in-tree")


@dataclasses.dataclass
class Result:
    """How a run ended: its status, stdout, stderr and how long it took."""
    status: int
    out: str
    err: str
    seconds: float

    def __str__(self):
        return f"status {self.status} after {self.seconds:.1f} s\n{self.out}\n{self.err}"


def command(*words, hw="2.5", devices=1, driver="ours", timeout=300, options=()):
    """The command line that runs `words` in the guest; `options` are more ones of devtools/vm."""
    return [str(VM), "--build", str(BUILD), "--hw", hw, "--devices", str(devices),
            "--driver", driver, "--timeout", str(timeout), *map(str, options), "--",
            *map(str, words)]


def run(*words, **settings):
    """Runs `words` in the guest and returns a Result; settings as for `command`."""
    began = time.monotonic()
    done = subprocess.run(command(*words, **settings), stdin=subprocess.DEVNULL, check=False,
                          capture_output=True, text=True, errors="replace")
    return Result(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def shell(script, **settings):
    """Runs a shell script in the guest, which may use $DLB2_BDFS and $DLB2_EAL."""
    return run("sh", "-c", script, **settings)


def shell_and_ask(script, questions=("counters", "check"), options=(), **settings):
    """Runs a shell script in the guest and asks the device server before the machine ends.

    Returns a Result, with stderr in `out`, and the answers by question: none if the machine was gone
    before the script's end.
    """
    with tempfile.TemporaryDirectory() as folder:
        done, go, socket = (pathlib.Path(folder, name) for name in ("done", "go", "control"))
        held = (f"({script}\n)\nstatus=$?; touch {done}; "
                f"while [ ! -e {go} ]; do sleep 0.1; done; exit $status")
        words = command("sh", "-c", held, **settings,
                        options=(*options, "--share", folder, "--control", socket))
        began = time.monotonic()
        answers = {}
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace") as process:
            while process.poll() is None and not done.exists():
                time.sleep(0.1)
            if done.exists():
                answers = {question: control.ask(socket, question) for question in questions}
                go.touch()
            out = plain(process.communicate()[0])
        return Result(process.returncode, out, "", time.monotonic() - began), answers


def parts(scripts):
    """One script that runs each of several, given by name; of_parts() takes its output apart. What
    belongs together shares a guest, for a boot costs more than most of them."""
    return "\n".join(f"echo '== {name}'\n(\n{script}\n) 2>&1\necho \"== ended with $?\""
                     for name, script in scripts.items())


def of_parts(result):
    """The Result of each script of parts() that ended, by name, and without colours."""
    found = re.findall(r"^== (\S+)\n(.*?)^== ended with (\d+)$", plain(result.out),
                       re.MULTILINE | re.DOTALL)
    return {name: Result(int(status), out, "", result.seconds) for name, out, status in found}


def plain(text):
    """Text without the colours of DPDK's test programs."""
    return re.sub(r"\x1b\[\d+m", "", text)


def test_eventdev(arguments, lcores="0-3"):
    """A script that runs dpdk-test-eventdev with the chosen driver."""
    return f"exec dpdk-test-eventdev -l {lcores} $DLB2_EAL -- {arguments}"


def order_queue(events, **settings):
    """Runs order_queue of dpdk-test-eventdev, which checks the order of events by itself."""
    arguments = f"--test=order_queue --plcores 1 --wlcores 2,3 --nb_flows 64 --nb_pkts {events}"
    return shell(test_eventdev(arguments), **settings)


def is_success(result):
    """Whether dpdk-test-eventdev has reported success."""
    return result.status == 0 and re.search(r"Result: *Success", plain(result.out)) is not None
