# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Runs the programs of a build that measure, and says on which machine."""

import json
import os
import pathlib
import platform
import subprocess
import tempfile
import time

from .failure import Failure

BENCH_DRIVER = "app/bench-driver/dlb2-bench-driver"
TEST_EVENTDEV = "app/test-eventdev-dlb2/dpdk-test-eventdev-dlb2"
BENCH_MODEL = "tests/lib/dlb2_model/bench_model"
PLUGIN = "drivers/event/dlb2/librte_event_dlb2.so"
SECONDS = 300  # for one call; the longest takes a tenth of it
SHOWN_LINES = 15
NO_DRIVER = "no driver has made an event device"
# CPU flags without which a vector width is none: of /proc/cpuinfo.
SIMD_FLAGS = {64: set(), 128: {"sse4_2"}, 256: {"avx2"},
              512: {"avx512f", "avx512bw", "avx512vl", "avx512dq"}}


def cpu_flags():
    """The flags of the first CPU."""
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("flags"):
            return set(line.split(":")[1].split())
    return set()


def simd_widths():
    """The vector widths in bits that this CPU has; 64 is none."""
    flags = cpu_flags()
    return [width for width, needed in SIMD_FLAGS.items() if needed <= flags]


class Programs:
    """The programs of one build, run on CPU `cpu`, with `other` for a device's own thread."""

    def __init__(self, build):
        self.build = build.resolve()
        cpus = sorted(os.sched_getaffinity(0))
        self.cpu, self.other = cpus[0], cpus[-1]
        self._has_in_tree = None
        for name in (BENCH_DRIVER, TEST_EVENTDEV, PLUGIN):
            if not (self.build / name).exists():
                raise Failure(f"{self.build / name} is missing: build the tree first, or name "
                              f"another build with --build")

    def run(self, name, *arguments, prefix=()):
        """A program's standard output; raises Failure with what it said if it fails."""
        command = [*prefix, self.build / name, *map(str, arguments)]
        # EAL refuses a plugin below a world-writable folder, but not a bare name that is found.
        folders = [str((self.build / PLUGIN).parent), os.environ.get("LD_LIBRARY_PATH")]
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(filter(None, folders))}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{name} {' '.join(map(str, arguments))}: no end after {SECONDS} s"
                          ) from error
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-SHOWN_LINES:])
            raise Failure(f"{name} {' '.join(map(str, arguments))}: status {done.returncode}:\n"
                          f"{said}")
        return done

    def bench_driver(self, ours, *arguments):
        """The objects that dlb2-bench-driver prints of this tree's driver, or of DPDK's own."""
        plugin = ("--plugin", pathlib.Path(PLUGIN).name) if ours else ()
        done = self.run(BENCH_DRIVER, "--cpu", self.cpu, *plugin, *arguments)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def has_in_tree(self):
        """Whether DPDK itself has a driver for the device: not every build of it does."""
        if self._has_in_tree is None:
            try:
                self._has_in_tree = bool(self.bench_driver(False, "--control", "time"))
            except Failure as failure:
                if NO_DRIVER not in str(failure):
                    raise
                self._has_in_tree = False
        return self._has_in_tree

    def perf(self, devices, *arguments):
        """What "dpdk-test-eventdev-dlb2 perf" writes as JSON of the devices, by lcore 0 on `cpu`."""
        with tempfile.TemporaryDirectory(prefix="dlb2-bench-") as folder:
            path = pathlib.Path(folder, "perf.json")
            self.run(TEST_EVENTDEV, "--no-huge", "--no-shconf", "--no-pci", "-m", "512",
                     "--lcores", f"0@{self.cpu},1@{self.other}", "-d", pathlib.Path(PLUGIN).name,
                     *(f"--vdev={device}" for device in devices), "--", "perf", *arguments,
                     "--repeats", 1, "--json", path)
            return json.loads(path.read_text(encoding="utf-8"))

    def build_option(self, name):
        """One of meson's options of the build, or "unknown"."""
        try:
            path = self.build / "meson-info/intro-buildoptions.json"
            options = json.loads(path.read_text(encoding="utf-8"))
            return next(one["value"] for one in options if one["name"] == name)
        except (OSError, StopIteration):
            return "unknown"


def said_by(*command):
    """The first line that a command prints, or "unknown"."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return (done.stdout.splitlines() or ["unknown"])[0]


def cpu_model():
    """As /proc/cpuinfo names it."""
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def conditions(programs, options):
    """What of the machine and the build bears upon the figures."""
    root = pathlib.Path(__file__).resolve().parents[2]
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "commit": said_by("git", "-C", str(root), "rev-parse", "--short", "HEAD"),
        "cpu": cpu_model(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "dpdk": said_by("pkg-config", "--modversion", "libdpdk"),
        "build": programs.build_option("buildtype"),
        "nice": os.nice(0),
        "repeats": options.repeats,
        "quick": options.quick,
        "load_before": os.getloadavg()[0],
    }
