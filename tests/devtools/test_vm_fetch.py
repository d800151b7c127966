#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/vm: what it downloads and keeps. apt is fake_apt.py, so no network is needed."""

import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAKE_APT = pathlib.Path(__file__).with_name("fake_apt.py")
sys.path.insert(0, str(ROOT / "devtools"))

# pylint: disable=wrong-import-position
from vmlib import apt, cache, initramfs, kernel_fetch, qemu_fetch
from vmlib.failure import Failure


class WithCache(unittest.TestCase):
    """A cache of its own, and apt replaced."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "apt-get").symlink_to(FAKE_APT)
        self.log = self.folder / "log"
        self.log.touch()
        self.patch(mock.patch.dict(os.environ, {
            "PATH": f"{programs}:{os.environ['PATH']}", "FAKE_APT_LOG": str(self.log),
            "XDG_CACHE_HOME": str(self.folder / "cache")}))
        self.patch(mock.patch("sys.stderr"))

    def patch(self, patch):
        patch.start()
        self.addCleanup(patch.stop)

    def calls(self, operation):
        return self.log.read_text(encoding="utf-8").split().count(operation)

    def kept(self):
        """The visible entries of the cache."""
        return {path.name for path in cache.folder().iterdir() if not path.name.startswith(".")}


class Qemu(WithCache):
    def setUp(self):
        super().setUp()
        self.patch(mock.patch.object(qemu_fetch, "check"))

    def test_fetched_once_and_named_by_version(self):
        first = qemu_fetch.qemu()
        self.assertEqual(first.name, "qemu-11.1.3+ds-1~bpo13+1")
        self.assertTrue((first / "usr/bin/qemu-system-x86_64").exists())
        self.assertTrue((first / qemu_fetch.LIBRARIES / "libc.so.6").exists())
        self.assertFalse((first / "usr/share/doc").exists())
        self.assertFalse((first / "apt").exists())
        self.assertEqual(qemu_fetch.qemu(), first)
        self.assertEqual(self.calls("install"), 1)

    def test_the_systems_mirror_is_used(self):
        self.assertEqual(apt.system_mirror(), "http://mirror/debian")

    def test_failed_download_says_why_and_leaves_nothing(self):
        for operation in ("update", "install"):
            with self.subTest(operation=operation), \
                    mock.patch.dict(os.environ, FAKE_APT_FAIL=operation):
                with self.assertRaises(Failure) as caught:
                    qemu_fetch.qemu()
                self.assertIn("Unable to fetch some archives", str(caught.exception))
                self.assertIn("check the network", str(caught.exception))
                self.assertEqual(self.kept(), {"lock"})
        self.assertTrue(qemu_fetch.qemu().is_dir())

    def test_package_that_cannot_be_unpacked(self):
        with mock.patch.object(apt.AptRoot, "download_closure") as download:
            broken = self.folder / "broken_1_all.deb"
            broken.write_text("no package", encoding="utf-8")
            download.return_value = [broken]
            with self.assertRaisesRegex(Failure, "broken_1_all.deb cannot be unpacked"):
                qemu_fetch.qemu()

    def test_what_an_interrupted_fetch_left_is_not_used(self):
        left = cache.folder() / ".qemu.partial"
        left.mkdir()
        (left / "half").touch()
        self.assertFalse((qemu_fetch.qemu() / "half").exists())

    def test_two_at_once_fetch_once(self):
        self.patch(mock.patch.dict(os.environ, FAKE_APT_SECONDS="1"))
        found = []
        threads = [threading.Thread(target=lambda: found.append(qemu_fetch.qemu()))
                   for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(found), 2)
        self.assertEqual(self.calls("install"), 1)

    def test_a_lock_that_is_never_released(self):
        with cache.locked(), mock.patch.object(cache, "LOCK_SECONDS", 0.3):
            with self.assertRaisesRegex(Failure, "another run has held .*/lock for 0.3 s: end it"):
                qemu_fetch.qemu()

    def test_no_apt(self):
        with mock.patch.dict(os.environ, PATH="/nonexistent"):
            with self.assertRaisesRegex(Failure, "apt-get is missing"):
                qemu_fetch.qemu()

    def test_cache_that_cannot_be_made(self):
        with mock.patch.dict(os.environ, XDG_CACHE_HOME="/proc/none"):
            with self.assertRaisesRegex(Failure, "set XDG_CACHE_HOME"):
                qemu_fetch.qemu()


class QemuVersion(unittest.TestCase):
    def test_too_old(self):
        with self.assertRaisesRegex(Failure, "has QEMU 10.0.2.*, vfio-user needs 10.1 at least"):
            qemu_fetch.check(pathlib.Path("/"), "10.0.2+ds-1")

    def test_without_the_device(self):
        with mock.patch.object(qemu_fetch, "command", return_value=(["echo"], os.environ)):
            with self.assertRaisesRegex(Failure, "QEMU 10.1.0-1 has no vfio-user-pci"):
                qemu_fetch.check(pathlib.Path("/"), "10.1.0-1")


class Kernel(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def module(self, path, depends=""):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"ELF\0license=GPL\0depends=" + depends.encode() + b"\0")

    def test_uncompressed(self):
        kernel = b"\x7fELF" + os.urandom(1000)
        decoy = b"\xfd7zXZ\0no archive"
        image = b"MZ" + decoy + bytes(600) + lzma.compress(kernel) + b"trailer"
        self.assertEqual(kernel_fetch.uncompressed(image), kernel)

    def test_other_compression(self):
        with self.assertRaisesRegex(Failure, "no xz-compressed ELF kernel"):
            kernel_fetch.uncompressed(b"MZ" + bytes(5000))

    def test_modules_come_after_what_they_need(self):
        self.module("drivers/vfio-pci.ko", "vfio_pci_core,builtin-one")
        self.module("drivers/vfio-pci-core.ko", "vfio")
        self.module("drivers/vfio.ko")
        self.module("drivers/other.ko")
        (self.folder / "modules.builtin").write_text("kernel/builtin_one.ko\n", encoding="ascii")
        names = [name for name, _ in kernel_fetch.module_closure(self.folder, ["vfio-pci", "vfio"])]
        self.assertEqual(names, ["vfio", "vfio_pci_core", "vfio_pci"])

    def test_missing_module(self):
        (self.folder / "modules.builtin").touch()
        with self.assertRaisesRegex(Failure, "the kernel package has no module vfio"):
            kernel_fetch.module_closure(self.folder, ["vfio"])


class Initramfs(WithCache):
    def kernel(self):
        """A kernel folder as kernel_fetch makes it."""
        kernel = self.folder / "kernel"
        (kernel / "modules").mkdir(parents=True, exist_ok=True)
        (kernel / "busybox").write_text("busybox", encoding="ascii")
        (kernel / "modules/order").write_text("one\n", encoding="ascii")
        (kernel / "modules/one.ko").write_bytes(b"\0" * 5)
        return kernel

    def test_same_content_same_file(self):
        first = initramfs.base(self.kernel())
        self.assertEqual(initramfs.base(self.kernel()), first)
        (self.kernel() / "modules/one.ko").write_bytes(b"changed")
        self.assertNotEqual(initramfs.base(self.folder / "kernel"), first)

    @unittest.skipUnless(shutil.which("cpio"), "cpio is not installed")
    def test_cpio_reads_it(self):
        content = initramfs.base(self.kernel()).read_bytes()
        listed = subprocess.run(["cpio", "-tv"], input=content, capture_output=True, check=True)
        lines = {line.split(None, 8)[-1].split()[-1] if " -> " not in line else line.split()[-3]:
                 line for line in listed.stdout.decode().splitlines()}
        self.assertTrue(lines["init"].startswith("-rwxr-xr-x"))
        self.assertTrue(lines["guest/bin/mount"].startswith("lrwxrwxrwx"))
        self.assertTrue(lines["dev/console"].startswith("crw-------"))
        self.assertIn("5,   1", lines["dev/console"])
        self.assertTrue(lines["modules/one.ko"].startswith("-rw-r--r--"))

    @unittest.skipUnless(shutil.which("cpio"), "cpio is not installed")
    def test_contents_of_any_length(self):
        texts = {f"file{length}": "x" * length for length in range(6)}
        target = self.folder / "target"
        target.mkdir()
        (target / "guest").mkdir()
        subprocess.run(["cpio", "-i"], input=initramfs.parameters(texts), cwd=target, check=True,
                       capture_output=True)
        for name, text in texts.items():
            self.assertEqual((target / "guest" / name).read_text(encoding="ascii"), text)

    def test_every_applet_is_one_that_the_scripts_use(self):
        text = "".join((initramfs.GUEST / name).read_text(encoding="utf-8")
                       for name in ("init", "run"))
        for applet in initramfs.APPLETS:
            self.assertRegex(text, rf"\b{applet}\b")


if __name__ == "__main__":
    unittest.main()
