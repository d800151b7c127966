# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Follows the instructions of a built driver to its stores to producer ports.

The code is what objdump prints. Each function is followed along all of its branches, from a state
in which nothing was fenced, with only this remembered: whether an SFENCE or MFENCE was executed,
and which registers and flags hold what decides about lines (class Layout). A branch that
contradicts what an earlier one found out about the port is not taken: `if (device) fence(); ... if
(device) store();` has a path without fence only on paper. Calls are followed into functions of the
same file; all other code is taken to fence nothing.

Three things are believed: that lines leave a port the same way throughout a function, that a writer
which says it has fenced has, and that one with an open line has fenced. The second is checked where
the flag is set to a constant.

Nothing here knows a particular function; test_stores.py says what must be found.
"""

import re
import subprocess
from dataclasses import dataclass, field
from functools import cached_property

HCW_SIZE, HCWS_PER_LINE = 16, 4
DIRECT_STORES = {"movdir64b", "movntdq"}
# Whatever else goes around the caches, or has 64 bytes: none of them may store to a producer port.
FORBIDDEN = re.compile(r"^(movnt(?!dqa$|dq$)\w*|vmovnt(?!dqa$)\w*|movdiri|enqcmds?|"
                       r"v?maskmov\w*q\w*)$")
FENCES = {"sfence", "mfence"}

# Registers by the name that their 64 bits have.
LEGACY = {"a": "rax", "b": "rbx", "c": "rcx", "d": "rdx"}
REGISTERS = {}
for letter, full in LEGACY.items():
    REGISTERS.update({f"{letter}l": full, f"{letter}h": full, f"{letter}x": full,
                      f"e{letter}x": full, full: full})
for name in ("si", "di", "bp", "sp"):
    REGISTERS.update({f"{name}l": f"r{name}", name: f"r{name}", f"e{name}": f"r{name}",
                      f"r{name}": f"r{name}"})
for number in range(8, 16):
    REGISTERS.update({f"r{number}{suffix}": f"r{number}" for suffix in ("", "d", "w", "b")})
BYTE_REGISTERS = {r for r in REGISTERS if r.endswith(("l", "h", "b"))} - {"rbl"}
SCRATCH = {"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"}

# Conditions that tell zero or equal from the rest; others decide nothing that is followed here.
EQUAL, UNEQUAL = {"je", "jz"}, {"jne", "jnz"}
SETS_FLAGS = re.compile(r"^(add|sub|and|or|xor|inc|dec|neg|not|adc|sbb|shl|shr|sar|sal|rol|ror|bt|"
                        r"bts|btr|btc|imul|mul|div|idiv|cmpxchg|xadd|popcnt|bsf|bsr|tzcnt|lzcnt|"
                        r"comis|ucomis)[bwlqsd]?$")
STORES_NOTHING = re.compile(r"^(cmp|test|bt|push|j|call|nop|prefetch|lea|ret|sfence|mfence|lfence)")
MEMORY = re.compile(r"^(?:%\w+:)?(-?0x[0-9a-f]+)?\((%\w+)?(?:,(%\w+),\d)?\)$")


class Unknown(Exception):
    """The code has something that cannot be followed."""


@dataclass(frozen=True)
class Layout:
    """Byte offsets of what the way of a line depends on, from the headers of the driver."""
    port_store: int     # in a port: how lines leave; 0: to the model
    pp_store: int       # the same in the struct dlb2_pp inside it
    port_page: int      # in a port: the address of the page, or of what the model has for it
    pp_page: int
    writer_fenced: int  # in a writer: whether it has executed a fence
    writer_line: int    # in a writer: the line being filled, or NULL


@dataclass
class Instruction:
    address: int
    mnemonic: str
    operands: list
    target: int = None       # of a branch or call, or an address relative to this one

    @property
    def is_direct_store(self):
        return self.mnemonic in DIRECT_STORES

    def __str__(self):
        return f"{self.address:x}: {self.mnemonic} {','.join(self.operands)}"


@dataclass
class Function:
    name: str
    code: list = field(default_factory=list)

    @property
    def address(self):
        return self.code[0].address

    @property
    def base_name(self):
        """The name in the source: compilers number the parts that they split a function into."""
        return self.name.split(".")[0]

    @property
    def direct_stores(self):
        return [i for i in self.code if i.is_direct_store]

    @cached_property
    def locals(self):
        """Offsets from the stack pointer whose address is taken: where a writer may be."""
        offsets = set()
        for i in self.code:
            if i.mnemonic == "mov" and i.operands[0] == "%rsp" and register_of(i.operands[1]):
                offsets.add(0)
            memory = memory_of(i.operands[0]) if i.mnemonic == "lea" and i.operands else None
            if memory is not None and memory[1] == "rsp" and not memory[2]:
                offsets.add(memory[0])
        return offsets


def split_operands(text):
    """Operands, separated by the commas that are outside of parentheses."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip()]


def parse_line(text):
    """An instruction out of a line of objdump, or None."""
    match = re.match(r"^\s+([0-9a-f]+):\t(.*)$", text)
    if match is None:
        return None
    body, _, comment = match.group(2).partition("#")
    body = body.strip()
    body = re.sub(r"^((lock|rep|repz|repnz|data16|cs|ds|notrack|bnd|rex\.?\w*)\s+)+", "", body)
    mnemonic, _, rest = body.partition(" ")
    instruction = Instruction(int(match.group(1), 16), mnemonic, split_operands(rest.strip()))
    target = re.match(r"\s*([0-9a-f]+) <", rest) or re.match(r"\s*([0-9a-f]+) <", comment)
    if target is not None:
        instruction.target = int(target.group(1), 16)
    return instruction


END = "ud2"    # no way leads beyond


def join_cold_parts(functions):
    """Puts what compilers moved away as unlikely back to the function that jumps there."""
    for address, cold in list(functions.items()):
        if ".cold" not in cold.name:
            continue
        inside = range(address, cold.code[-1].address + 1)
        for function in functions.values():
            if function is not cold and function.name == cold.name.split(".cold")[0] and \
                    any(i.target in inside for i in function.code):
                function.code += [Instruction(-1, END, [])] + cold.code
                del functions[address]
                break


def disassemble(path):
    """All functions of an object file, by address."""
    output = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-j", ".text", path],
                            check=True, capture_output=True, text=True).stdout
    functions, current = {}, None
    for line in output.splitlines():
        head = re.match(r"^([0-9a-f]+) <(.+)>:$", line)
        if head is not None:
            current = Function(head.group(2))
            continue
        instruction = parse_line(line)
        if instruction is None or current is None:
            continue
        if instruction.mnemonic in ("(bad)", ".byte"):
            raise Unknown(f"objdump cannot read {current.name} at {instruction}")
        current.code.append(instruction)
        functions[current.address] = current
    join_cold_parts(functions)
    return functions


def relocated_addresses(path):
    """What tables in memory hold: addresses that code may jump to from anywhere."""
    output = subprocess.run(["objdump", "-R", path], capture_output=True, text=True).stdout
    return {int(value, 16) for value in re.findall(r"\*ABS\*\+0x([0-9a-f]+)", output)}


def reachable(functions, names, border=None):
    """Functions with these names and all that they call, jump to or take the address of.

    Functions whose names match `border`, and what only they reach, are left out.
    """
    found, work = {}, [f for f in functions.values() if f.base_name in names]
    while work:
        function = work.pop()
        if function.address in found or border is not None and border.match(function.base_name):
            continue
        found[function.address] = function
        work += [functions[i.target] for i in function.code if i.target in functions]
    return found


def entries(path, functions):
    """Functions that may be called with nothing fenced: exported, in a table, called by nobody."""
    called = {i.target for f in functions.values() for i in f.code
              if i.target is not None and i.target != f.address and i.mnemonic != "lea"}
    taken = relocated_addresses(path)
    exported = {int(line.split()[0], 16) for line in subprocess.run(
        ["nm", "-D", "--defined-only", path], capture_output=True, text=True).stdout.splitlines()}
    for function in functions.values():
        taken.update(i.target for i in function.code if i.mnemonic == "lea")
    return [f for a, f in functions.items() if a in taken or a in exported or a not in called]


# What a register or the flags hold, as (kind, negated).
STORE, FENCED, LINE, PAGE = "store", "fenced", "line", "page"
# What is known of the port: nothing, that it is the model's, that it is the device's.
ANY, MODEL, DEVICE = "any", "model", "device"


@dataclass(frozen=True)
class State:
    fenced: bool = False
    port: str = ANY
    registers: tuple = ()    # (register, kind, negated), sorted
    flags: tuple = None      # (kind, negated, value compared with)

    def kind_of(self, register):
        return next(((k, n) for r, k, n in self.registers if r == register), None)

    def with_register(self, register, kind):
        rest = tuple(e for e in self.registers if e[0] != register)
        if kind is not None:
            rest = tuple(sorted(rest + ((register, *kind),)))
        return State(self.fenced, self.port, rest, self.flags)

    def with_flags(self, flags):
        return State(self.fenced, self.port, self.registers, flags)

    def with_fence(self):
        return State(True, self.port, self.registers, self.flags)

    def with_port(self, port):
        return State(self.fenced, port, self.registers, self.flags)


def register_of(operand):
    return REGISTERS.get(operand[1:]) if operand.startswith("%") else None


def memory_of(operand):
    """(displacement, base register, index register) of a memory operand, or None."""
    match = MEMORY.match(operand)
    if match is None:
        return None
    base, index = (REGISTERS.get((name or "%")[1:]) for name in match.group(2, 3))
    return int(match.group(1) or "0", 16), base, index


class Follower:
    """Follows functions and collects what is wrong, by address.

    unfenced  direct stores that can be reached without a fence, as (function, instruction)
    faults    other violations in functions of `data_path`, as text
    """

    def __init__(self, functions, layout, data_path, excused=()):
        self.functions = functions
        self.layout = layout
        self.data_path = data_path
        self.excused = set(excused)    # functions, by name, whose lines need no fence
        self.exits = {}          # (function, fenced) -> set of `fenced` at its end
        self.unfenced = {}
        self.faults = {}

    def run(self, entry):
        self.follow(entry, False)

    def follow(self, function, fenced):
        """Whether a fence was executed when it returns, as the set of possibilities."""
        if function.base_name in self.excused and not fenced:
            self.follow(function, True)
            return {False}
        key = (function.address, fenced)
        if key in self.exits:
            return self.exits[key]
        self.exits[key] = {fenced}    # for recursion
        ends = set()
        index = {i.address: n for n, i in enumerate(function.code)}
        work, seen = [(0, State(fenced))], set()
        while work:
            at, state = work.pop()
            if (at, state) in seen:
                continue
            seen.add((at, state))
            if at >= len(function.code):
                continue              # behind a call that does not return
            for target, after in self.step(function, function.code[at], state):
                if target is None:
                    work.append((at + 1, after))
                elif target == "return":
                    ends.add(after.fenced or after.port == MODEL)
                elif target in index:
                    work.append((index[target], after))
                else:
                    ends |= self.leave(target, after)
        self.exits[key] = ends
        return ends

    def leave(self, target, state):
        """A jump into another function: its end is the end of this one."""
        function = self.functions.get(target)
        if function is None:
            owner = [f for f in self.functions.values()
                     if f.address < target <= f.code[-1].address]
            if owner:
                raise Unknown(f"a jump into the middle of {owner[0].name} at {target:x}")
            return {state.fenced or state.port == MODEL}
        return self.follow(function, state.fenced or state.port == MODEL)

    def step(self, function, i, state):
        """Where an instruction leads to, with which state; None: to the next one."""
        if i.mnemonic in FENCES:
            return [(None, state.with_fence())]
        if i.mnemonic in ("ret", "hlt", "ud2"):
            return [("return", state)] if i.mnemonic == "ret" else []
        if i.mnemonic == "call":
            return [(None, s) for s in self.call(i, state)]
        if i.mnemonic == "jmp":
            if i.target is None:
                return [("return", state)] if self.is_tail_call(function, i) else []
            return [(i.target, state)]
        if i.mnemonic.startswith("j"):
            return self.branch(i, state)
        if i.is_direct_store and not state.fenced:
            self.unfenced.setdefault(i.address, (function, i))
        self.check_place(function, i, state)
        self.check_page_use(function, i, state)
        self.check_flag_write(function, i, state)
        return [(None, self.change(function, i, state))]

    def is_tail_call(self, function, i):
        """A jump through a register ends the function; a switch cannot be followed."""
        if function.direct_stores:
            raise Unknown(f"{function.name} jumps through a register at {i}")
        return True

    def call(self, i, state):
        callee = self.functions.get(i.target)
        fenced = {state.fenced}
        if callee is not None:
            fenced = self.follow(callee, state.fenced or state.port == MODEL)
            # What the model's port left out is not a fence for another one.
            if state.port == MODEL:
                fenced = {state.fenced}
        kept = tuple(e for e in state.registers if e[0] not in SCRATCH)
        return [State(f or state.fenced, state.port, kept) for f in fenced]

    def branch(self, i, state):
        if state.flags is None or i.mnemonic not in EQUAL | UNEQUAL:
            return [(i.target, state), (None, state)]
        equal, unequal = ((i.target, None) if i.mnemonic in EQUAL else (None, i.target))
        kind, negated, value = state.flags
        is_zero, is_not = self.learn(kind, value, state)
        if negated:
            is_zero, is_not = is_not, is_zero
        return [(t, s) for t, s in ((equal, is_zero), (unequal, is_not)) if s is not None]

    def learn(self, kind, value, state):
        """States in which the thing equals `value`, and not; None where that contradicts."""
        if kind == STORE:
            zero, other = state.with_port(MODEL), state.with_port(DEVICE)
            if value != 0:
                return (None if state.port == MODEL else other), state
            return (None if state.port == DEVICE else zero,
                    None if state.port == MODEL else other)
        if kind in (FENCED, LINE) and value == 0:
            return state, state.with_fence()
        return state, state

    def loaded_kind(self, function, operand, is_byte):
        """What a load from memory gives."""
        memory = memory_of(operand)
        if memory is None or memory[2]:
            return None
        offset, base, _ = memory
        layout = self.layout
        if is_byte:
            if base != "rsp" and offset in (layout.port_store, layout.pp_store):
                return STORE, False
            return (FENCED, False) if self.is_fenced_flag(function, operand) else None
        if base != "rsp" and offset == layout.port_page:
            return PAGE, False
        if base != "rsp" and offset == layout.pp_page != layout.writer_line:
            return PAGE, False
        is_line = offset == layout.writer_line if base != "rsp" else \
            offset - layout.writer_line in function.locals
        return (LINE, False) if is_line else None

    def is_fenced_flag(self, function, operand):
        memory = memory_of(operand)
        if memory is None or memory[2]:
            return False
        offset, base, _ = memory
        if base == "rsp":
            return offset - self.layout.writer_fenced in function.locals
        return offset == self.layout.writer_fenced

    def value_kind(self, function, state, operand, is_byte):
        register = register_of(operand)
        if register is not None:
            return state.kind_of(register)
        return self.loaded_kind(function, operand, is_byte)

    def change(self, function, i, state):
        """What an instruction that goes on to the next one changes."""
        operands = i.operands
        if i.mnemonic in ("cmp", "cmpb", "cmpq", "test", "testb"):
            return state.with_flags(self.compared(function, i, state))
        if i.mnemonic in ("sete", "setne"):
            return self.set_from_flags(i, state)
        if SETS_FLAGS.match(i.mnemonic):
            negates = i.mnemonic in ("xor", "xorl") and operands[0] == "$0x1" and \
                state.kind_of(register_of(operands[1]) or "")
            state = state.with_flags(None)
            if negates:
                return state.with_register(register_of(operands[1]), (negates[0], not negates[1]))
        if not operands or i.is_direct_store:
            return state
        if i.mnemonic.startswith(("xchg", "xadd", "cmpxchg")):
            for operand in operands + ["%rax"]:
                if register_of(operand):
                    state = state.with_register(register_of(operand), None)
            return state
        register = register_of(operands[-1])
        if register is None or STORES_NOTHING.match(i.mnemonic) and i.mnemonic != "lea":
            return state
        kind = None
        if re.match(r"^mov(zb[lqw]|zx|[bwlq])?$", i.mnemonic) and len(operands) == 2:
            is_byte = i.mnemonic.startswith("movzb") or operands[-1][1:] in BYTE_REGISTERS
            is_wide = operands[-1][1:] == register
            if is_byte or is_wide or register_of(operands[0]):
                kind = self.value_kind(function, state, operands[0], is_byte)
        return state.with_register(register, kind)

    def set_from_flags(self, i, state):
        """A register that keeps the outcome of a comparison with zero for later."""
        kind = None
        if state.flags is not None and state.flags[2] == 0:
            kind = state.flags[0], state.flags[1] != (i.mnemonic == "sete")
        register = register_of(i.operands[0])
        return state if register is None else state.with_register(register, kind)

    def compared(self, function, i, state):
        """What the flags tell after a comparison with a constant."""
        first, second = i.operands
        is_byte = i.mnemonic.endswith("b") or second[1:] in BYTE_REGISTERS
        value = 0
        if i.mnemonic.startswith("test"):
            if first != second:
                return None
        elif first.startswith("$"):
            value = int(first[1:], 16)
        else:
            return None
        kind = self.value_kind(function, state, second, is_byte)
        return None if kind is None else (*kind, value)

    def check_place(self, function, i, state):
        """A direct store goes to what was read from a port as its page's address, unchanged."""
        if function.address not in self.data_path or not i.is_direct_store:
            return
        place = i.operands[1]
        memory = memory_of(place)
        kind = state.kind_of(memory[1] if memory else register_of(place))
        if kind is None or kind[0] != PAGE and self.layout.pp_page != self.layout.writer_line:
            self.faults.setdefault(i.address, f"{function.name}: {i} is not to the base of a page")

    def check_page_use(self, function, i, state):
        """A page is stored to by the two direct stores, and by nothing else."""
        if state.port == MODEL or function.address not in self.data_path or i.is_direct_store or \
                not i.operands or STORES_NOTHING.match(i.mnemonic):
            return
        memory = memory_of(i.operands[-1])
        if memory and memory[1] and (state.kind_of(memory[1]) or ("",))[0] == PAGE:
            self.faults.setdefault(i.address, f"{function.name}: {i} stores to a page")

    def check_flag_write(self, function, i, state):
        """A writer may say that it has fenced only where it has, or need not."""
        if function.address not in self.data_path or i.mnemonic != "movb" or \
                i.operands[0] != "$0x1" or not self.is_fenced_flag(function, i.operands[1]):
            return
        if not state.fenced and state.port != MODEL:
            self.faults.setdefault(i.address, f"{function.name}: {i} says fenced and is not")


# The instruction sequences of data-path 1.6.

LOADS_16_BYTES = re.compile(r"^v?mov(dq[au]|[au]p[sd])(8|16|32|64)?$")


def stores_to_memory(i):
    return bool(i.operands) and memory_of(i.operands[-1]) is not None and \
        not STORES_NOTHING.match(i.mnemonic)


def jump_targets(function):
    return {i.target for i in function.code if i.mnemonic.startswith("j")}


def fence_error(function, at):
    """Between a MOVNTDQ and its SFENCE nothing may store, and nothing may jump."""
    targets = jump_targets(function)
    for i in function.code[at + 1:]:
        if i.mnemonic == "sfence":
            return None
        if stores_to_memory(i) or i.address in targets or i.mnemonic[0] == "j" or \
                i.mnemonic in ("call", "ret", END):
            break
    return f"{function.name}: {function.code[at]} has no SFENCE of its own"


def load_before(function, at):
    """
    Where the 16 bytes that a MOVNTDQ stores come from: (register, displacement), or None. With an
    index register it is that one: it is what a loop advances.
    """
    register = function.code[at].operands[0]
    for i in reversed(function.code[:at]):
        if i.operands and i.operands[-1] == register:
            memory = memory_of(i.operands[0]) if LOADS_16_BYTES.match(i.mnemonic) else None
            return None if memory is None else (memory[2] or memory[1], memory[0])
    return None


def writes_register(i, register):
    return bool(i.operands) and register_of(i.operands[-1]) == register and \
        not STORES_NOTHING.match(i.mnemonic.replace("lea", "mov"))


def next_stores(function, at):
    """MOVNTDQs that may come next while the register with the line's address stays as it is."""
    index = {i.address: n for n, i in enumerate(function.code)}
    base = load_before(function, at)[0]
    found, seen, work = [], set(), [at + 1]
    while work:
        n = work.pop()
        if n is None or n in seen or n >= len(function.code):
            continue
        seen.add(n)
        i = function.code[n]
        if i.mnemonic == "movntdq":
            found.append(n)
        elif not (writes_register(i, base) or i.mnemonic in ("ret", "call", END)):
            if i.mnemonic[0] == "j":
                work.append(index.get(i.target))
            if i.mnemonic != "jmp":
                work.append(n + 1)
    return found


def order_errors(function):
    """MOVNTDQs store the HCWs of a line in ascending order: by offset, or in a loop over them."""
    at = [n for n, i in enumerate(function.code) if i.mnemonic == "movntdq"]
    sources = {n: load_before(function, n) for n in at}
    if None in sources.values():
        return [f"{function.name}: a MOVNTDQ stores what was not loaded as a whole"]
    offsets = {offset for _, offset in sources.values()}
    loops = {register_of(i.operands[1]) for i in function.code
             if i.mnemonic == "add" and i.operands[0] == f"${HCW_SIZE:#x}"}
    if offsets == {0}:
        legal = {base for base, _ in sources.values()} <= loops
    else:
        legal = offsets == set(range(0, HCWS_PER_LINE * HCW_SIZE, HCW_SIZE))
    errors = [] if legal else [f"{function.name}: the MOVNTDQs are not those of whole lines"]
    return errors + [f"{function.name}: {function.code[n]} may come after {function.code[m]}"
                     for m in at for n in next_stores(function, m)
                     if sources[n][0] == sources[m][0] and sources[n][1] <= sources[m][1]]


def operand_error(function, i):
    """Both stores go to the address that a register holds: the first byte of the page."""
    source, place = i.operands
    if i.mnemonic == "movdir64b":
        is_legal = memory_of(source) is not None and register_of(place) is not None
    else:
        is_legal = source.startswith("%xmm") and re.match(r"^\(%r\w+\)$", place)
    return None if is_legal else f"{function.name}: {i} is not a store to the base of a page"


def sequence_errors(function, whole_lines=True):
    """What is wrong with the direct stores of a function, as text."""
    errors = [operand_error(function, i) for i in function.direct_stores]
    errors += [fence_error(function, n) for n, i in enumerate(function.code)
               if i.mnemonic == "movntdq"]
    if whole_lines and any(i.mnemonic == "movntdq" for i in function.direct_stores):
        errors += order_errors(function)
    return [e for e in errors if e]


def forbidden_stores(functions):
    return [f"{f.name}: {i}" for f in functions.values() for i in f.code
            if FORBIDDEN.match(i.mnemonic)]
