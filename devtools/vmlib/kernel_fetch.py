# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Debian 12's stock kernel, uncompressed, with those of its modules that the guest loads.

A kernel folder of the cache holds vmlinux, busybox and modules/: the modules by name, and in the
file modules/order their names in an order that insmod can follow.
"""

import hashlib
import lzma
import re
import shutil
import sys

from . import apt, cache
from .failure import Failure

SUITE = "bookworm"
METAPACKAGE = "linux-image-amd64"
# 9p: the host's files; overlay: /tmp; virtio_console: the command's output; tun: net_tap.
MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay", "vfio-pci",
           "vfio_iommu_type1", "tun")
XZ_MAGIC = b"\xfd7zXZ\0"
ELF_MAGIC = b"\x7fELF"


def uncompressed(image):
    """The ELF kernel inside a bzImage. QEMU boots it 3 s sooner: nothing is left to decompress."""
    at = image.find(XZ_MAGIC)
    while at >= 0:
        try:
            kernel = lzma.LZMADecompressor().decompress(image[at:])
        except lzma.LZMAError:
            kernel = b""
        if kernel.startswith(ELF_MAGIC):
            return kernel
        at = image.find(XZ_MAGIC, at + 1)
    raise Failure("the kernel image holds no xz-compressed ELF kernel: has Debian changed its "
                  "compression? See vmlib/kernel_fetch.py")


def canonical(module):
    """A module's name: in file names - and _ are mixed."""
    return module.replace("-", "_")


def builtin_modules(folder):
    """The modules that are part of the kernel itself."""
    lines = (folder / "modules.builtin").read_text(encoding="ascii").split()
    return {canonical(line.rsplit("/", 1)[-1].removesuffix(".ko")) for line in lines}


def module_closure(folder, wanted):
    """The wanted modules and all that they depend on, dependencies first: [(name, content)].

    `folder` is lib/modules/VERSION of an unpacked package.
    """
    files = {canonical(path.stem): path for path in folder.rglob("*.ko")}
    builtin = builtin_modules(folder)
    order = {}

    def add(name):
        if name in order or name in builtin:
            return
        if name not in files:
            raise Failure(f"the kernel package has no module {name}: see MODULES in "
                          "vmlib/kernel_fetch.py")
        content = files[name].read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        for other in filter(None, depends.group(1).decode().split(",") if depends else ()):
            add(canonical(other))
        order[name] = content

    for name in wanted:
        add(canonical(name))
    return list(order.items())


def store_modules(closure, target):
    """Writes modules and their order into the folder `target`."""
    target.mkdir()
    for name, content in closure:
        (target / f"{name}.ko").write_bytes(content)
    (target / "order").write_text("".join(f"{name}\n" for name, _ in closure), encoding="ascii")


def fetch(target):
    """Fills `target` with kernel, modules and busybox; returns the kernel's version."""
    print(f"vm: fetching {METAPACKAGE} of {SUITE} (70 MB)", file=sys.stderr)
    root = apt.AptRoot(target / "apt", (SUITE,))
    root.update()
    package = root.dependencies(METAPACKAGE)[0]
    debs = root.download(package, "busybox-static")
    apt.unpack(debs, root.root / "unpacked")
    unpacked = root.root / "unpacked"
    image = next((unpacked / "boot").glob("vmlinuz-*"))
    (target / "vmlinux").write_bytes(uncompressed(image.read_bytes()))
    modules = next((unpacked / "lib/modules").iterdir())
    store_modules(module_closure(modules, MODULES), target / "modules")
    shutil.copy(unpacked / "bin/busybox", target / "busybox")
    version = next(apt.file_version(deb) for deb in debs if deb.name.startswith(package))
    shutil.rmtree(root.root)
    return version


def kernel():
    """The folder of a kernel in the cache; another list of modules makes another folder."""
    digest = hashlib.sha256(" ".join(MODULES).encode()).hexdigest()[:8]
    return cache.fetched(f"linux-{digest}", fetch)
