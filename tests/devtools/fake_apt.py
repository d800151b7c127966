#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Stands in for apt-get in test_vm_fetch.py: makes .deb files in the folder that the configuration
names. FAKE_APT_LOG gets a line per call, FAKE_APT_FAIL names the operation that fails,
FAKE_APT_SECONDS is how long an installation takes.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

CONTROL = """Package: {name}
Version: {version}
Architecture: all
Maintainer: nobody
Description: made by fake_apt.py
"""
# What a package holds: path and text.
FILES = {
    "qemu-system-x86": {"usr/bin/qemu-system-x86_64": "qemu"},
    "libc6": {"usr/lib/x86_64-linux-gnu/libc.so.6": "libc", "usr/share/doc/libc6/copyright": "c"},
}
VERSIONS = {"qemu-system-x86": "1:11.1.3+ds-1~bpo13+1", "libc6": "2.41-12"}


def make_deb(name, target):
    """Builds a package, named as apt names what it downloads."""
    version = VERSIONS[name]
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**FILES[name],
                           "DEBIAN/control": CONTROL.format(name=name, version=version)}.items():
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        deb = target / f"{name}_{version.replace(':', '%3a')}_all.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder, deb], check=True,
                       stdout=subprocess.DEVNULL)


def cache_folder():
    """Dir::Cache of the configuration in APT_CONFIG."""
    text = pathlib.Path(os.environ["APT_CONFIG"]).read_text(encoding="utf-8")
    return pathlib.Path(re.search(r'Dir::Cache "(.*)"', text).group(1))


def main(words):
    operation = next(word for word in words if word in ("indextargets", "update", "install"))
    with open(os.environ["FAKE_APT_LOG"], "a", encoding="utf-8") as log:
        log.write(operation + "\n")
    if operation == os.environ.get("FAKE_APT_FAIL"):
        sys.exit("E: Unable to fetch some archives")
    if operation == "indextargets":
        print("http://security/ Debian bookworm-security\nhttp://mirror/debian Debian bookworm")
    elif operation == "install":
        time.sleep(float(os.environ.get("FAKE_APT_SECONDS", "0")))
        for name in FILES:
            make_deb(name, cache_folder() / "archives")


if __name__ == "__main__":
    main(sys.argv[1:])
