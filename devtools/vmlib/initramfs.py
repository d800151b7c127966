# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The guest's first file system, as a cpio archive in the "newc" format of the kernel."""

import hashlib
import os
import pathlib
import stat

from . import cache

GUEST = pathlib.Path(__file__).resolve().parent.parent / "guest"
FOLDERS = ("dev", "proc", "sys", "host", "modules", "guest", "guest/bin")
# What guest/init and guest/run use of busybox.
APPLETS = ("basename", "cat", "chmod", "cp", "dirname", "insmod", "ip", "ln", "mkdir", "mkfifo",
           "mount", "sh", "sleep", "switch_root", "sync")
TRAILER = "TRAILER!!!"


def padded(data):
    """Headers and contents begin at multiples of four bytes."""
    return data + bytes(-len(data) % 4)


class Archive:
    """A cpio archive that grows by one entry per call. Paths are relative to /."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def entry(self, path, mode, content=b"", device=(0, 0)):
        """Adds an entry with any mode; `device` is (major, minor) of a device node."""
        self.inode += 1
        name = path.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self.data += padded(header + name) + padded(content)

    def folder(self, path):
        """Adds a folder."""
        self.entry(path, stat.S_IFDIR | 0o755)

    def file(self, path, content, mode=0o644):
        """Adds a regular file."""
        self.entry(path, stat.S_IFREG | mode, content)

    def link(self, path, target):
        """Adds a symbolic link."""
        self.entry(path, stat.S_IFLNK | 0o777, target.encode())

    def console(self, path):
        """Adds the device node of the console."""
        self.entry(path, stat.S_IFCHR | 0o600, device=(5, 1))

    def finish(self):
        """The archive as bytes; nothing can be added after it."""
        self.inode = -1
        self.entry(TRAILER, 0)
        return bytes(self.data)


def base(kernel):
    """The part that is the same in each run with a kernel folder: a file in the cache."""
    archive = Archive()
    for name in FOLDERS:
        archive.folder(name)
    archive.console("dev/console")
    archive.file("guest/bin/busybox", (kernel / "busybox").read_bytes(), 0o755)
    for name in APPLETS:
        archive.link(f"guest/bin/{name}", "busybox")
    archive.file("init", (GUEST / "init").read_bytes(), 0o755)
    archive.file("guest/run", (GUEST / "run").read_bytes(), 0o755)
    for path in sorted((kernel / "modules").iterdir()):
        archive.file(f"modules/{path.name}", path.read_bytes())
    content = archive.finish()
    return cache.stored(f"initramfs-{hashlib.sha256(content).hexdigest()[:16]}.cpio", content)


def parameters(files):
    """A second archive, to be put behind the first: guest/NAME for each name and text."""
    archive = Archive()
    for name, text in files.items():
        archive.file(f"guest/{name}", os.fsencode(text))
    return archive.finish()
