# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Debian packages of any release, downloaded and unpacked without touching the system.

An AptRoot is a private apt installation: its own sources, lists and cache, and an empty dpkg
status, so that every dependency of a package belongs to its closure, libc included. apt checks the
archive's signature as always, and uses the mirror and the proxy of the system.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import urllib.parse

from .failure import Failure

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEFAULT_MIRROR = "http://deb.debian.org/debian"

CONFIGURATION = """\
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Log "{root}";
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Debug::NoLocking "true";
"""


def system_mirror():
    """The URI that the system's own apt takes Debian's main archive from."""
    try:
        targets = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL) $(SUITE)",
             "Created-By: Packages"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError as error:
        raise Failure("apt-get is missing: devtools/vm fetches QEMU and a kernel from Debian's "
                      "archive and needs a Debian system") from error
    for line in targets.splitlines():
        uri, label, suite = (line.split() + ["", "", ""])[:3]
        # "bookworm", not "bookworm-updates" or "bookworm-security".
        if label == "Debian" and "-" not in suite:
            return uri
    return DEFAULT_MIRROR


def file_version(deb):
    """The version in the name of a .deb file, without its epoch."""
    version = urllib.parse.unquote(deb.name.split("_")[1])
    return version.split(":")[-1]


def unpack(debs, target):
    """Unpacks .deb files into the folder `target`, as many at once as there are CPUs."""
    def one(deb):
        return subprocess.run(["dpkg-deb", "-x", deb, target], capture_output=True, text=True,
                              check=False)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for deb, done in zip(debs, pool.map(one, debs)):
            if done.returncode != 0:
                raise Failure(f"{deb.name} cannot be unpacked: {done.stderr.strip()}")


class AptRoot:
    """A private apt for the given suites, all its files below the folder `root`."""

    def __init__(self, root, suites):
        self.root = pathlib.Path(root)
        self.suites = suites
        for name in ("state/lists/partial", "cache/archives/partial"):
            (self.root / name).mkdir(parents=True)
        (self.root / "status").touch()
        mirror = system_mirror()
        (self.root / "sources.list").write_text(
            "".join(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites),
            encoding="utf-8")
        (self.root / "apt.conf").write_text(CONFIGURATION.format(root=self.root), encoding="utf-8")

    def run(self, *command):
        """Runs an apt command with this root; returns what it prints."""
        environment = dict(os.environ, APT_CONFIG=str(self.root / "apt.conf"), LC_ALL="C.UTF-8")
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
            raise Failure(f"'{' '.join(command)}' failed for {', '.join(self.suites)}:\n{said}\n"
                          "check the network, the mirror and the proxy of the system's apt, "
                          "then run this again")
        return done.stdout

    def update(self):
        """Downloads the lists of the suites."""
        self.run("apt-get", "-qq", "update")

    def download_closure(self, package, suite):
        """Downloads a package and all that it depends on, newest of `suite`; returns the files."""
        self.run("apt-get", "-qq", "-y", "-t", suite, "--download-only", "install", package)
        return sorted((self.root / "cache/archives").glob("*.deb"))

    def download(self, *packages):
        """Downloads these packages alone; returns the files."""
        self.run("apt-get", "-qq", "download", *packages)
        return sorted(self.root.glob("*.deb"))

    def dependencies(self, package):
        """What a package depends on directly, by name."""
        lines = self.run("apt-cache", "depends", package).splitlines()
        return [line.split(":", 1)[1].strip() for line in lines if "Depends:" in line]
