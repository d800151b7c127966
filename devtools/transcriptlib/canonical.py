# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""A snapshot of the registers in terms of the event device.

Three things are a driver's own choice: which of the device's equal ports it takes, which part of
the history list a port gets, and where a CQ lies in memory. So ports and queues are named by their
numbers in the event device, in indices as well as in values; of a history list the size counts, and
that it overlaps with no other; of an address whether there is one. Registers that count time are
left out. All else stays as it is.
"""

from . import spec
from .failure import Failure

PORTS_PER_WORD = 4  # in the maps from a queue to the CQs that serve it
SLOTS = 8
PRIORITY_BITS = 3
INDEX_KINDS = {
    "ldb_cq": ("port", "ldb"), "ldb_pp": ("port", "ldb"), "ldb_qid": ("queue", "ldb"),
    "dir_cq": ("port", "dir"), "dir_pp": ("port", "dir"), "dir_qid": ("queue", "dir"),
}
CLOCKS = ("CM_CLK_ON_CNT_L", "CM_CLK_ON_CNT_H", "CM_PROC_ON_CNT_L", "CM_PROC_ON_CNT_H")


class Names:
    """Names of elements in terms of the event device."""

    def __init__(self, version, numbers):
        self.version = version
        self.numbers = numbers

    def name(self, what, kind, number):
        """Such as "port 3"; what the event device doesn't have keeps the hardware's number."""
        known = self.numbers.get((what, kind, number))
        return f"{what} {known}" if known is not None else f"unused {kind} {what} {number}"

    def element(self, register, index):
        """The name of a register's element; `index` is a key of the snapshot."""
        first = index.partition(",")[0]
        if register.index in INDEX_KINDS:
            return self.name(*INDEX_KINDS[register.index], int(first))
        for kind, members in (("ldb", spec.LOAD_BALANCED_QUEUES),
                              ("dir", spec.DIRECTED_PORTS[self.version])):
            if register.index == f"domain_{kind}_qid":
                domain, member = divmod(int(first), members)
                return f"domain {domain} {self.name('queue', kind, member)}"
        return index


class Word:
    """One word of a snapshot, with what is needed to read it."""

    def __init__(self, registers, names, register, index, value):
        self.registers = registers  # the whole snapshot
        self.names = names
        self.register = register
        self.index = index
        self.value = value

    def other(self, name):
        """The word of another register of the same port."""
        return self.registers[name][self.index]


def plain(word):
    """Yields (field, value in words)."""
    for field, part in word.register.split(word.value):
        yield field, str(part)


def address(word):
    """Where a CQ lies doesn't count."""
    for field, part in word.register.split(word.value):
        yield field, "an address" if part else "0"


def served_by(word):
    """A word of a map from a queue to CQs: a field for each slot that it names."""
    quad = int(word.index.partition(",")[2])
    for bit in range(PORTS_PER_WORD * SLOTS):
        if word.value >> bit & 1:
            port = quad * PORTS_PER_WORD + bit // SLOTS
            yield f"{word.names.name('port', 'ldb', port)} slot {bit % SLOTS}", "1"


def priorities(word):
    """LSP_CQ2PRIOV slot by slot."""
    for slot in range(SLOTS):
        yield f"V slot {slot}", str(word.value >> 24 + slot & 1)
        priority = word.value >> PRIORITY_BITS * slot & (1 << PRIORITY_BITS) - 1
        yield f"PRIO slot {slot}", str(priority)


def slot_queues(word):
    """LSP_CQ2QID0/1: slots that are in use name a queue, others keep what they hold."""
    valid = word.other("LSP_CQ2PRIOV") >> 24
    for field, part in word.register.split(word.value):
        live = valid >> int(field.removeprefix("QID_P")) & 1
        yield field, word.names.name("queue", "ldb", part) if live else str(part)


def history_base(_):
    """Its place is free."""
    yield "BASE", "anywhere"


def history_limit(word):
    """Counts from the base."""
    yield "entries", str(word.value - word.other("CHP_HIST_LIST_BASE") + 1)


def history_pointer(word):
    """Counts from the base."""
    base = word.other("CHP_HIST_LIST_BASE")
    for field, part in word.register.split(word.value):
        yield field, f"base + {part - base}" if field.endswith("_PTR") else str(part)


def pasid(word):
    """The value that names no process but the port's history list is control-path 7.5's defect."""
    for field, part in word.register.split(word.value):
        is_base = field == "PASID" and part != 0 and part == word.other("CHP_HIST_LIST_BASE")
        yield field, "the history base" if is_base else str(part)


READERS = {
    "SYS_LDB_CQ_ADDR_L": address, "SYS_LDB_CQ_ADDR_U": address,
    "SYS_DIR_CQ_ADDR_L": address, "SYS_DIR_CQ_ADDR_U": address,
    "ATM_QID2CQIDIX": served_by, "LSP_QID2CQIDIX": served_by, "LSP_QID2CQIDIX2": served_by,
    "LSP_CQ2PRIOV": priorities, "LSP_CQ2QID0": slot_queues, "LSP_CQ2QID1": slot_queues,
    "CHP_HIST_LIST_BASE": history_base, "CHP_HIST_LIST_LIM": history_limit,
    "CHP_HIST_LIST_PUSH_PTR": history_pointer, "CHP_HIST_LIST_POP_PTR": history_pointer,
    "SYS_LDB_CQ_PASID": pasid,
}
HISTORY = (history_base, history_limit, history_pointer)


def words(registers):
    """Yields (register, index, value) of all of a snapshot."""
    for name, value in registers.items():
        if isinstance(value, dict):
            for index, word in value.items():
                yield name, index, word
        else:
            yield name, "", value


def check_histories(registers):
    """History lists of different ports must not overlap."""
    lists = sorted((registers["CHP_HIST_LIST_BASE"][port], limit)
                   for port, limit in registers["CHP_HIST_LIST_LIM"].items()
                   if registers["LSP_CQ_LDB_INFL_LIM"][port])
    for (_, limit), (base, _) in zip(lists, lists[1:]):
        if base <= limit:
            raise Failure(f"history lists overlap: one ends at {limit}, the next begins at {base}")


def history_in_use(registers, name, index):
    """Whether a register belongs to a history list that exists, be its words 0 or not."""
    return READERS.get(name) in HISTORY and registers["LSP_CQ_LDB_INFL_LIM"][index] != 0


def fields(version, registers, numbers):
    """All fields that are not at their reset value, by (register, element, field)."""
    known, names, found = spec.load(version), Names(version, numbers), {}
    check_histories(registers)
    for name, index, value in words(registers):
        unchanged = value == known[name].reset and not history_in_use(registers, name, index)
        if unchanged or name in CLOCKS:
            continue
        word = Word(registers, names, known[name], index, value)
        element = names.element(known[name], index)
        for field, text in READERS.get(name, plain)(word):
            found[name, element, field] = text
    return found


def reset_value(known, name, field):
    """A field's value after reset, in words; known are the registers by name."""
    return dict((f, str(v)) for f, v in known[name].split(known[name].reset)).get(field, "0")
