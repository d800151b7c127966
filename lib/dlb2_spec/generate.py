#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Turns registers.csv and fields.csv into dlb2_regs.h and dlb2_regs.c at build time.

Refuses input that contradicts itself, naming file, line and value. It knows nothing about what a
register does: the hand-written side of the register interface is dlb2_reg_access.[ch].
"""

import argparse
import csv
import os
import re
import sys
from dataclasses import dataclass, field

VERSIONS = ("v20", "v25")                       # in the order of enum dlb2_version
VERSION_ENUM = ("DLB2_HW_2_0", "DLB2_HW_2_5")
SPACES = ("csr", "func", "vf")
ACCESSES = ("rw", "ro", "w1c", "w1s", "wo", "counter", "unknown")
REGISTER_COLUMNS = ("name", "block", "space", "v20_offset", "v25_offset", "index1", "stride1",
                    "count1", "index2", "stride2", "count2", "reset", "access", "description",
                    "used", "notes")
FIELD_COLUMNS = ("register", "field", "lsb", "width", "versions", "description")
# Single underscores only: then DLB2_<register>__<field> splits in one way.
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
FIELD_NAME = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)*")
# What the hand-written headers use after DLB2_.
RESERVED_NAME = re.compile(r"(ACCESS|CFG|CMD|CQ|HCW|HW|MAX|NUM|PCI|PP|QID|SCHED|SPACE)_.*")


class InputError(Exception):
    """A row that cannot be used; str() is the whole message."""


@dataclass
class Row:
    """One line of a CSV file, with the place it came from."""

    file: str
    line: int
    cells: dict

    def __getitem__(self, column):
        return self.cells[column]

    def fail(self, text):
        raise InputError(f"{self.file}:{self.line}: {text}")

    def choice(self, column, allowed):
        value = self[column]
        if value not in allowed:
            self.fail(f"{column} '{value}' is none of {', '.join(allowed)}")
        return value

    def number(self, column, text=None, pattern=r"0x[0-9a-f]{1,8}|[0-9]{1,9}"):
        text = self[column] if text is None else text
        if not re.fullmatch(pattern, text):
            self.fail(f"{column} '{text}' is not a number of at most 32 bits")
        return int(text, 0)


@dataclass
class Index:
    """One dimension of a register array."""

    stride: int
    counts: tuple        # per version


@dataclass
class Register:
    row: Row
    name: str
    space: str
    access: str
    offsets: tuple       # per version; None where the register doesn't exist
    indices: tuple       # of two Index
    reset: int
    fields: list = field(default_factory=list)

    def mask(self, version):
        """All implemented bits."""
        mask = 0
        for item in self.fields:
            if version in item.versions:
                mask |= item.mask
        return mask

    def addresses(self, version):
        """Offsets of all elements; none where the register doesn't exist."""
        if self.offsets[version] is None:
            return
        first, second = self.indices
        for i in range(first.counts[version]):
            for j in range(second.counts[version]):
                yield self.offsets[version] + i * first.stride + j * second.stride


@dataclass
class Field:
    row: Row
    name: str
    lsb: int
    width: int
    versions: tuple      # indices into VERSIONS

    @property
    def mask(self):
        return ((1 << self.width) - 1) << self.lsb


def check_cells(row, cells, columns):
    """Every column has a cell, and the text can go into a C comment."""
    text = ",".join(cells)
    if len(cells) != len(columns):
        row.fail(f"{len(cells)} cells instead of {len(columns)}: '{text}'")
    if not text.isascii() or not text.isprintable():
        row.fail(f"'{text}' holds something other than printable ASCII")
    if "*/" in text:
        row.fail(f"'{text}' holds '*/', which would end a C comment")


def read_rows(path, columns):
    """All rows of a CSV file, after a look at its shape."""
    name = os.path.basename(path)
    with open(path, newline="", encoding="latin-1") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            header = next(reader, [])
            if tuple(header) != columns:
                raise InputError(f"{name}:1: columns '{','.join(header)}' should be "
                                 f"'{','.join(columns)}'")
            for cells in reader:
                row = Row(name, reader.line_num, dict(zip(columns, cells)))
                check_cells(row, cells, columns)
                yield row
        except csv.Error as error:
            raise InputError(f"{name}:{reader.line_num}: {error}") from None


def read_counts(row, column, offsets):
    """Element count per version; 'a|b' gives 2.0 and 2.5 different ones."""
    parts = row[column].split("|")
    if len(parts) > len(VERSIONS):
        row.fail(f"{column} '{row[column]}' has more than {len(VERSIONS)} values")
    if len(parts) > 1 and None in offsets:
        row.fail(f"{column} '{row[column]}' is for two versions, the register is in one only")
    counts = [row.number(column, part) for part in parts]
    if 0 in counts:
        row.fail(f"{column} '{row[column]}' is zero")
    return tuple(counts) if len(counts) > 1 else tuple(counts) * len(VERSIONS)


def read_index(row, number, offsets):
    """Dimension 1 or 2 of a register; a dimension that isn't there has one element."""
    columns = [f"{part}{number}" for part in ("index", "stride", "count")]
    given = [column for column in columns if row[column]]
    if not given:
        return Index(0, (1,) * len(VERSIONS))
    if len(given) != len(columns):
        row.fail(f"{', '.join(columns)} must be given together, only {', '.join(given)} is")
    stride = row.number(columns[1])
    if stride == 0 or stride % 4:
        row.fail(f"{columns[1]} '{row[columns[1]]}' is not a positive multiple of 4")
    return Index(stride, read_counts(row, columns[2], offsets))


def read_offsets(row):
    offsets = []
    for version in VERSIONS:
        column = f"{version}_offset"
        if not row[column]:
            offsets.append(None)
            continue
        offset = row.number(column, pattern=r"0x[0-9a-f]{8}")
        if offset % 4:
            row.fail(f"{column} '{row[column]}' is not a multiple of 4")
        offsets.append(offset)
    if offsets == [None] * len(VERSIONS):
        row.fail(f"register '{row['name']}' has no offset in any version")
    return tuple(offsets)


def check_indices(register):
    """The larger stride must hold the whole smaller dimension, so that an offset splits one way."""
    for version, offset in enumerate(register.offsets):
        if offset is None:
            continue
        small, large = sorted(register.indices, key=lambda index: index.stride)
        if small.stride and small.stride * small.counts[version] > large.stride:
            register.row.fail(f"{small.counts[version]} elements of stride {small.stride:#x} "
                              f"do not fit into the other stride {large.stride:#x}")
        last = offset + sum(index.stride * (index.counts[version] - 1)
                            for index in register.indices)
        if last > 0xfffffffc:
            register.row.fail(f"last element of '{register.name}' at {last:#x} is beyond 32 bits")


def read_register(row):
    name = row["name"]
    if not NAME.fullmatch(name):
        row.fail(f"name '{name}' is not upper-case words joined by single underscores")
    if RESERVED_NAME.fullmatch(name):
        row.fail(f"name '{name}' would make DLB2_{name} ambiguous: the headers use that prefix")
    if not row["block"] or not name.startswith(row["block"] + "_"):
        row.fail(f"name '{name}' does not start with its block '{row['block']}'")
    offsets = read_offsets(row)
    indices = (read_index(row, 1, offsets), read_index(row, 2, offsets))
    if row["index2"] and not row["index1"]:
        row.fail(f"index2 '{row['index2']}' without index1")
    register = Register(row, name, row.choice("space", SPACES), row.choice("access", ACCESSES),
                        offsets, indices, row.number("reset", pattern=r"0x[0-9a-f]{8}"))
    check_indices(register)
    return register


def read_registers(path):
    """All registers by name, in file order, no two of them at one address."""
    registers = {}
    owner = {}
    for row in read_rows(path, REGISTER_COLUMNS):
        register = read_register(row)
        if register.name in registers:
            row.fail(f"register '{register.name}' is already in line "
                     f"{registers[register.name].row.line}")
        registers[register.name] = register
        for version, text in enumerate(VERSIONS):
            for address in register.addresses(version):
                other = owner.setdefault((version, register.space, address), register)
                if other is not register:
                    row.fail(f"'{register.name}' overlaps '{other.name}' of line "
                             f"{other.row.line} at {text} {register.space} {address:#010x}")
    return registers


def read_field(row, register):
    name = row["field"]
    if not FIELD_NAME.fullmatch(name):
        row.fail(f"field '{name}' is not upper-case words joined by single underscores: "
                 f"the macro DLB2_{register.name}__{name} would be ambiguous")
    versions = {"both": (0, 1), "v20": (0,), "v25": (1,)}[
        row.choice("versions", ("both",) + VERSIONS)]
    for version in versions:
        if register.offsets[version] is None:
            row.fail(f"versions '{row['versions']}', but register '{register.name}' has no "
                     f"{VERSIONS[version]}_offset")
    lsb = row.number("lsb", pattern=r"[0-9]{1,9}")
    width = row.number("width", pattern=r"[0-9]{1,9}")
    if width == 0 or lsb + width > 32:
        row.fail(f"lsb '{lsb}' and width '{width}' do not lie in a 32-bit register")
    return Field(row, name, lsb, width, versions)


def check_repeated(new, register):
    """A field has one row, or one for each version if these differ."""
    for old in register.fields:
        if old.name != new.name:
            continue
        if set(old.versions) & set(new.versions):
            new.row.fail(f"field '{register.name}.{new.name}' is already in line {old.row.line}")
        if old.mask == new.mask:
            new.row.fail(f"field '{register.name}.{new.name}' is the same in line "
                         f"{old.row.line}: write versions 'both' there")


def check_bits(new, register):
    """Within a version no two fields share bits."""
    for old in register.fields:
        if set(old.versions) & set(new.versions) and old.mask & new.mask:
            new.row.fail(f"field '{register.name}.{new.name}' overlaps '{old.name}' of line "
                         f"{old.row.line} in bits {old.mask & new.mask:#010x}")


def read_fields(path, registers):
    """Adds the fields to their registers."""
    for row in read_rows(path, FIELD_COLUMNS):
        register = registers.get(row["register"])
        if register is None:
            row.fail(f"register '{row['register']}' is not in registers.csv")
        new = read_field(row, register)
        check_repeated(new, register)
        check_bits(new, register)
        register.fields.append(new)


def check_resets(registers):
    """A bit that is no field cannot come up set."""
    for register in registers.values():
        for version, offset in enumerate(register.offsets):
            stray = register.reset & ~register.mask(version)
            if offset is not None and stray:
                register.row.fail(f"reset '{register.row['reset']}' sets bits {stray:#010x}, "
                                  f"which are in no {VERSIONS[version]} field of "
                                  f"'{register.name}'")


def field_macro(register, name, items):
    """In-place mask; takes the version where the versions disagree (at most two rows)."""
    macro = f"DLB2_{register.name}__{name}"
    if len(items) == 1:
        return f"#define {macro} {items[0].mask:#010x}u\n"
    masks = {version: item.mask for item in items for version in item.versions}
    return (f"#define {macro}(ver) \\\n"
            f"\t((ver) == {VERSION_ENUM[0]} ? {masks[0]:#010x}u : {masks[1]:#010x}u)\n")


def field_macros(register):
    by_name = {}
    for item in register.fields:
        by_name.setdefault(item.name, []).append(item)
    lines = []
    for name, items in by_name.items():
        text = items[0].row["description"]
        lines.append(f"/** {text} */\n" if text else "")
        lines.append(field_macro(register, name, items))
    return "".join(lines)


def notice(comment):
    return ("/* SPDX-License-Identifier: BSD-3-Clause\n"
            f" * Copyright(c) 2026 The dlb2 project\n *\n * {comment}\n"
            " * Generated by lib/dlb2_spec/generate.py from registers.csv and fields.csv.\n"
            " */\n\n")


def header_text(registers):
    """The register names, and the place of every field in its register."""
    out = [notice("Names of the registers and masks of their fields."),
           "#ifndef DLB2_REGS_H\n#define DLB2_REGS_H\n\n",
           "/** Registers and register arrays, in the order of registers.csv. */\n",
           "enum dlb2_reg {\n"]
    for register in registers.values():
        out.append(f"\tDLB2_{register.name}, /**< {register.row['description']} */\n")
    out.append("\tDLB2_NUM_REGS\n};\n\n")
    out.append(f"#define DLB2_NUM_FIELDS {sum(len(r.fields) for r in registers.values())}\n\n")
    out += [field_macros(register) for register in registers.values()]
    out.append("\n#include <dlb2_reg_access.h>\n\n#endif\n")
    return "".join(out)


def version_text(register, version):
    if register.offsets[version] is None:
        return f"[{VERSION_ENUM[version]}] = {{ .count1 = 1, .count2 = 1 }},"
    first, second = register.indices
    return (f"[{VERSION_ENUM[version]}] = {{ true, {register.offsets[version]:#010x}u, "
            f"{first.counts[version]}, {second.counts[version]}, "
            f"{register.mask(version):#010x}u }},")


def info_text(register, first_field):
    versions = "\n".join(f"\t\t\t{version_text(register, version)}"
                         for version in range(len(VERSIONS)))
    return (f"\t[DLB2_{register.name}] = {{\n"
            f"\t\t.name = \"{register.name}\",\n"
            f"\t\t.space = DLB2_SPACE_{register.space.upper()},\n"
            f"\t\t.access = DLB2_ACCESS_{register.access.upper()},\n"
            f"\t\t.reset = {register.reset:#010x}u,\n"
            f"\t\t.v = {{\n{versions}\n\t\t}},\n"
            f"\t\t.stride1 = {register.indices[0].stride:#x},\n"
            f"\t\t.stride2 = {register.indices[1].stride:#x},\n"
            f"\t\t.first_field = {first_field},\n"
            f"\t\t.num_fields = {len(register.fields)},\n\t}},\n")


def tables_text(registers):
    """dlb2_reg_info[] and dlb2_field_info[]."""
    infos, fields, count = [], [], 0
    for register in registers.values():
        infos.append(info_text(register, count))
        count += len(register.fields)
        for item in register.fields:
            versions = sum(1 << version for version in item.versions)
            fields.append(f"\t{{ \"{item.name}\", DLB2_{register.name}, {item.lsb}, "
                          f"{item.width}, {versions:#x} }},\n")
    return ("const struct dlb2_reg_info dlb2_reg_info[DLB2_NUM_REGS] = {\n" + "".join(infos)
            + "};\n\nconst struct dlb2_field_info dlb2_field_info[DLB2_NUM_FIELDS] = {\n"
            + "".join(fields) + "};\n\n")


def bucket_of(space, offset, bits):
    """Must equal dlb2_reg_bucket() of dlb2_reg_buckets.h."""
    key = SPACES.index(space) << 23 | offset >> 19 << 10 | (offset >> 2 & 0x3ff)
    return (key * 2654435761 & 0xffffffff) >> (32 - bits)


def fill_buckets(registers, version):
    """Registers with an element in each bucket; as many buckets as needed for about one each."""
    cells = {(register.space, address >> 19, address & 0xffc)
             for register in registers.values() for address in register.addresses(version)}
    bits = max(len(cells) - 1, 1).bit_length()
    buckets = [[] for _ in range(1 << bits)]
    for register in registers.values():
        for bucket in sorted({bucket_of(register.space, address, bits)
                              for address in register.addresses(version)}):
            buckets[bucket].append(f"DLB2_{register.name}")
    return bits, buckets


def wrap(items):
    """Comma-separated initialisers in lines that fit."""
    lines, line = [], "\t"
    for item in items:
        if len(line) + len(item) > 96:
            lines.append(line.rstrip() + "\n")
            line = "\t"
        line += item + ", "
    return "".join(lines) + line.rstrip() + "\n"


def buckets_text(registers):
    """The search structure behind dlb2_reg_find()."""
    out, index = [], []
    for version, text in enumerate(VERSIONS):
        bits, buckets = fill_buckets(registers, version)
        starts, regs = [0], []
        for bucket in buckets:
            regs += bucket
            starts.append(len(regs))
        if len(regs) > 0xffff:
            raise InputError(f"registers.csv: {len(regs)} bucket entries for {text} exceed 65535")
        out.append(f"static const uint16_t {text}_start[] = {{\n{wrap(map(str, starts))}}};\n\n")
        out.append(f"static const uint16_t {text}_regs[] = {{\n{wrap(regs)}}};\n\n")
        index.append(f"\t[{VERSION_ENUM[version]}] = {{ {bits}, {text}_start, {text}_regs }},\n")
    return ("".join(out)
            + "const struct dlb2_reg_buckets dlb2_reg_buckets[DLB2_NUM_VERSIONS] = {\n"
            + "".join(index) + "};\n")


def source_text(registers):
    return (notice("Tables behind dlb2_reg_access.h.")
            + "#include <dlb2_regs.h>\n#include \"dlb2_reg_buckets.h\"\n\n"
            + tables_text(registers) + buckets_text(registers))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("registers", "fields", "header", "source"):
        parser.add_argument(name)
    args = parser.parse_args()
    try:
        registers = read_registers(args.registers)
        read_fields(args.fields, registers)
        check_resets(registers)
        texts = ((args.header, header_text(registers)), (args.source, source_text(registers)))
    except (InputError, OSError) as error:
        sys.exit(f"generate.py: {error}")
    for path, text in texts:
        with open(path, "w", encoding="ascii") as stream:
            stream.write(text)


if __name__ == "__main__":
    main()
