# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The command line of devtools/vm."""

import argparse
import os
import pathlib

from .failure import Failure

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_DEVICES = 8
MAX_CPUS = 64
# What the guest's kernel and this tool need beside the hugepages.
LEAST_PLAIN_MIB = 512

DESCRIPTION = """\
Runs CMD as root in a virtual machine that has DLB devices, bound to vfio-pci behind an IOMMU. CMD
starts in the caller's folder and sees the host's files, read-only, but may write to its own /tmp.
Its output and exit status come back.

In CMD's environment: DLB2_BDFS, the PCI addresses of the devices; DLB2_EAL, the EAL arguments that
load the chosen driver. QEMU and a Debian kernel are fetched into the cache the first time.
"""

EPILOG = """\
exit status: that of CMD (128+N if signal N ended it); 124 if --timeout was over; 125 if the
machine, the device server or this tool failed; 130 after Ctrl-C. 124 and 125 come with a message.
"""


class Parser(argparse.ArgumentParser):
    """Reports wrong options as any other failure of the tool."""

    def error(self, message):
        raise Failure(f"{message}; see devtools/vm --help")


def number(name, low, high, unit=""):
    """A type for argparse: an integer from `low` to `high`."""
    def convert(text):
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise Failure(f"--{name} {text}: must be a number from {low} to {high}{unit}")
        return int(text)
    return convert


def parser():
    """The options, without CMD."""
    it = Parser(prog="devtools/vm", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
                usage="devtools/vm [option...] -- CMD [argument...]",
                formatter_class=argparse.RawDescriptionHelpFormatter)
    it.add_argument("--hw", choices=("2.0", "2.5"), default="2.5", help="version of the hardware")
    it.add_argument("--devices", type=number("devices", 0, MAX_DEVICES), default=1, metavar="N",
                    help="how many (default 1)")
    it.add_argument("--driver", choices=("ours", "in-tree"), default="ours",
                    help="which driver DLB2_EAL loads: this tree's or the distribution's")
    it.add_argument("--cpus", type=number("cpus", 1, MAX_CPUS), default=4, metavar="N",
                    help="virtual CPUs (default 4); give each lcore that spins one")
    it.add_argument("--memory", type=number("memory", 640, 1 << 20, " MiB"), default=2048,
                    metavar="MIB", help="the guest's memory, hugepages included (default 2048)")
    it.add_argument("--hugepages", type=number("hugepages", 0, 1 << 20, " MiB"), default=1024,
                    metavar="MIB", help="of these as 2 MiB pages (default 1024)")
    it.add_argument("--build", type=pathlib.Path, default=ROOT / "build", metavar="DIR",
                    help="the build that driver and server are taken from (default: build)")
    it.add_argument("--share", type=pathlib.Path, action="append", default=[], metavar="DIR",
                    help="a folder that the guest may write to, at the same path; repeatable")
    it.add_argument("--control", type=pathlib.Path, metavar="PATH",
                    help="control socket of the device server")
    it.add_argument("--trace", type=pathlib.Path, metavar="FILE",
                    help="the server writes each register access here")
    it.add_argument("--server-arg", action="append", default=[], metavar="ARG",
                    help="a further argument for the device server; repeatable")
    it.add_argument("--qemu-arg", action="append", default=[], metavar="ARG",
                    help="a further argument for QEMU, such as another device; repeatable")
    it.add_argument("--accel", choices=("auto", "kvm", "tcg"), default="auto",
                    help="KVM, emulation, or whichever works (default)")
    it.add_argument("--timeout", type=number("timeout", 1, 1 << 20, " seconds"), default=600,
                    metavar="S", help="ends the machine after so many seconds (default 600)")
    it.add_argument("--fetch-only", action="store_true",
                    help="only fetch QEMU and the kernel where missing")
    return it


def check_build(options):
    """The build must hold what the run needs."""
    needed = []
    if options.devices:
        needed.append(server_program(options))
    if options.driver == "ours":
        needed.append(plugin(options))
    else:
        needed.append(shim(options))
    for path in needed:
        if not path.exists():
            raise Failure(f"{path} is missing: build with ./devtools/quickstart.sh, or "
                          "name another build with --build")


def check(options):
    """Refuses what cannot work, before anything is started."""
    if options.hugepages + LEAST_PLAIN_MIB > options.memory:
        raise Failure(f"--hugepages {options.hugepages}: at most {options.memory - LEAST_PLAIN_MIB}"
                      f" MiB of --memory {options.memory} MiB; give more --memory")
    for share in options.share:
        if not share.is_dir():
            raise Failure(f"--share {share}: is no folder")
    check_build(options)


def with_values(arguments):
    """The same arguments, so that an argument for another program may begin with a dash."""
    rest = iter(arguments)
    for word in rest:
        value = next(rest, None) if word in ("--server-arg", "--qemu-arg") else None
        yield word if value is None else f"{word}={value}"


def parse(arguments):
    """Options, with CMD as the list `command`; paths absolute. Raises Failure."""
    ours, mark, command = list(arguments), False, []
    if "--" in ours:
        at = ours.index("--")
        ours, mark, command = ours[:at], True, ours[at + 1:]
    options = parser().parse_args(list(with_values(ours)))
    options.command = command
    if options.fetch_only:
        if mark:
            raise Failure("--fetch-only runs no command: leave '--' and what follows out")
        return options
    if not command:
        raise Failure("no command: put it behind '--', as in: devtools/vm -- ls /dev/vfio")
    for name in ("build", "control", "trace"):
        if getattr(options, name):
            setattr(options, name, pathlib.Path(os.path.abspath(getattr(options, name))))
    options.share = [path.resolve() for path in options.share]
    check(options)
    return options


def server_program(options):
    """The device server of the build."""
    return options.build / "app/dlb2-vfio-user/dlb2-vfio-user"


def plugin(options):
    """This tree's driver of the build."""
    return options.build / "drivers/event/dlb2/librte_event_dlb2.so"


def shim(options):
    """The library of the build that emulates MOVDIR64B."""
    return options.build / "devtools/guest/movdir64b.so"
