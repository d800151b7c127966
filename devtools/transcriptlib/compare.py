# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Compares two recordings: what the device holds, and how often it was accessed."""

import dataclasses

from . import canonical, spec


@dataclasses.dataclass(frozen=True)
class Difference:
    """A field that the drivers left with different values."""
    version: str
    setup: int
    state: str
    register: str
    element: str
    field: str
    ours: str
    in_tree: str


@dataclasses.dataclass(frozen=True)
class AccessDifference:
    """A register that the drivers accessed a different number of times."""
    version: str
    setup: int
    phase: str
    verb: str
    register: str
    ours: int
    in_tree: int


def compare_state(version, setup, state, ours, in_tree):
    """The differences of one state of one set-up."""
    known = spec.load(version)
    left = canonical.fields(version, ours.registers, ours.numbers)
    right = canonical.fields(version, in_tree.registers, in_tree.numbers)
    differences = []
    for key in sorted(left.keys() | right.keys()):
        default = canonical.reset_value(known, key[0], key[2])
        values = left.get(key, default), right.get(key, default)
        if values[0] != values[1]:
            differences.append(Difference(version, setup, state, *key, *values))
    return differences


def compare_accesses(version, setup, phase, ours, in_tree):
    """The registers that were not accessed equally often in one phase of one set-up."""
    return [AccessDifference(version, setup, phase, *key, ours[key], in_tree[key])
            for key in sorted(ours.keys() | in_tree.keys()) if ours[key] != in_tree[key]]


def compare(version, ours, in_tree):
    """(differences of states, differences of accesses) of two recordings."""
    states, accesses = [], []
    for (setup, state), left in ours.states.items():
        states += compare_state(version, setup, state, left, in_tree.states[setup, state])
    for (setup, phase), left in ours.accesses.items():
        accesses += compare_accesses(version, setup, phase, left, in_tree.accesses[setup, phase])
    return states, accesses
