#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Makes the strings that dpdk-pmdinfo.py reads out of a plugin: for each driver its name, devargs,
kernel modules and PCI IDs. They are taken from the symbols that the RTE_PMD_REGISTER_* macros leave
in the object files, whose names differ between releases of DPDK only behind `this_pmd_name`.

usage: pmdinfo.py AR ARCHIVE OUTPUT.c      (ARCHIVE as meson makes it, thin or not)
"""

import io
import json
import pathlib
import re
import struct
import subprocess
import sys

from elftools.elf.elffile import ELFFile

# class, vendor, device, subsystem vendor, subsystem device (struct rte_pci_id); a zero vendor ends
# a table.
PCI_ID = struct.Struct("<IHHHH")


class Object:
    """The data symbols of one object file."""

    def __init__(self, content):
        self.elf = ELFFile(io.BytesIO(content))
        table = self.elf.get_section_by_name(".symtab")
        self.symbols = {symbol.name: symbol for symbol in table.iter_symbols()
                        if symbol["st_info"]["type"] == "STT_OBJECT"}

    def data(self, name):
        """What the named object holds; None if there is none."""
        symbol = self.symbols.get(name)
        if symbol is None:
            return None
        start = symbol["st_value"]
        return self.elf.get_section(symbol["st_shndx"]).data()[start:start + symbol["st_size"]]

    def text(self, name):
        """The string in the named array of characters; None if there is none."""
        data = self.data(name)
        return None if data is None else data.split(b"\0")[0].decode()

    def drivers(self):
        """The names of the drivers that register themselves here."""
        return [self.text(name) for name in self.symbols if re.match(r"this_pmd_name\w+$", name)]

    def pci_ids(self, table):
        """Vendor, device and their subsystem's, of each entry of the named table."""
        entries = [] if table is None else PCI_ID.iter_unpack(self.data(table))
        return [list(ids) for _, *ids in entries if ids[0]]

    def describe(self, driver):
        """What dpdk-pmdinfo.py shows of a driver."""
        texts = {"params": self.text(f"__{driver}_param_string_export"),
                 "kmod": self.text(f"__{driver}_kmod_dep_export")}
        return {"name": driver, **{key: text for key, text in texts.items() if text is not None},
                "pci_ids": self.pci_ids(self.text(f"__{driver}_pci_tbl_export"))}


def members(archiver, archive):
    """The content of each object file in an archive. A thin one has their paths only."""
    listing = subprocess.run([archiver, "t", archive], check=True, capture_output=True, text=True)
    for name in listing.stdout.splitlines():
        if pathlib.Path(name).exists():
            yield pathlib.Path(name).read_bytes()
        else:
            yield subprocess.run([archiver, "p", archive, name], check=True,
                                 capture_output=True).stdout


def source(drivers):
    """A C file with a string for each driver."""
    lines = ["/* Made by pmdinfo.py. */"]
    for driver in drivers:
        literal = json.dumps("PMD_INFO_STRING= " + json.dumps(driver))
        lines.append(f"const char {driver['name']}_pmd_info[] __attribute__((used)) = {literal};")
    return "\n".join(lines) + "\n"


def main(archiver, archive, output):
    objects = [Object(content) for content in members(archiver, archive)]
    drivers = [each.describe(name) for each in objects for name in each.drivers()]
    if not drivers:
        sys.exit(f"pmdinfo.py: no driver registers itself in {archive}")
    pathlib.Path(output).write_text(source(drivers), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
