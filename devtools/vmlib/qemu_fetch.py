# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""QEMU with vfio-user-pci, from Debian's backports, with its own libc and loader.

The vfio-user client came with QEMU 10.1; Debian 12 has 7.2. The packages and all they depend on are
unpacked into the cache and started through their own loader, so nothing of the system is replaced.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from . import apt, cache
from .failure import Failure

SUITES = ("trixie", "trixie-backports")
PACKAGE = "qemu-system-x86"
LEAST_VERSION = (10, 1)
LIBRARIES = "usr/lib/x86_64-linux-gnu"
UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/locale")


def command(prefix):
    """The start of a command line that runs the QEMU below `prefix`, and its environment."""
    libraries = prefix / LIBRARIES
    return ([str(prefix / "usr/lib64/ld-linux-x86-64.so.2"), "--library-path", str(libraries),
             "--argv0", "qemu-system-x86_64", str(prefix / "usr/bin/qemu-system-x86_64"),
             "-L", str(prefix / "usr/share/qemu"), "-L", str(prefix / "usr/share/seabios")],
            dict(os.environ, QEMU_MODULE_DIR=str(libraries / "qemu")))


def check(prefix, version):
    """Raises Failure unless the QEMU below `prefix` starts and knows vfio-user-pci."""
    number = tuple(int(part) for part in version.split("+")[0].split("-")[0].split(".")[:2])
    if number < LEAST_VERSION:
        raise Failure(f"{SUITES[-1]} has QEMU {version}, vfio-user needs 10.1 at least: "
                      "is the mirror current?")
    arguments, environment = command(prefix)
    done = subprocess.run([*arguments, "-device", "help"], env=environment, capture_output=True,
                          text=True, check=False)
    if "vfio-user-pci" not in done.stdout:
        raise Failure(f"QEMU {version} has no vfio-user-pci: {done.stderr.strip() or 'not listed'}")


def fetch(target):
    """Fills `target` with QEMU and returns its version."""
    print(f"vm: fetching {PACKAGE} of {SUITES[-1]} (37 MB)", file=sys.stderr)
    root = apt.AptRoot(target / "apt", SUITES)
    root.update()
    debs = root.download_closure(PACKAGE, SUITES[-1])
    apt.unpack(debs, target)
    for name in UNUSED:
        shutil.rmtree(target / name, ignore_errors=True)
    version = next(apt.file_version(deb) for deb in debs if deb.name.startswith(PACKAGE + "_"))
    shutil.rmtree(pathlib.Path(root.root))
    check(target, version)
    return version


def qemu():
    """The folder of a QEMU in the cache."""
    return cache.fetched("qemu", fetch)
