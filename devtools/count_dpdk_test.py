#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Counts the cases of one suite in the output of DPDK's dpdk-test.

usage: count_dpdk_test.py SUITE EXIT-STATUS ["CASE CASE..."] <output

The cases named count as skipped when they fail. Why a suite skips a case is taken from
dpdk-tests.txt. A suite without a summary counts as one test, by
its exit status (77: skipped), and so does one that ended badly though its summary shows no failure.
Prints the lines that check.sh adds up.
"""

import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).with_name("dpdk-tests.txt")
SUMMARY = re.compile(r"^ \+ Tests (Passed|Failed|Skipped|Unsupported) ?: +(\d+)", re.M)
FAILED_CASE = re.compile(r"^ \+ TestCase \[ *\d+\] : (\S+) failed", re.M)
SKIPPED_CASE = re.compile(r"^ \+ TestCase \[ *\d+\] : (\S+) (?:skipped|unsupported)", re.M)
EXIT_SKIPPED = 77


def total(output, word):
    """The sum of one line of all summaries."""
    return sum(int(value) for name, value in SUMMARY.findall(output) if name == word)


def reasons(text, suite):
    """Why cases of a suite are skipped, by case; `suite` may have a device behind it."""
    lines = re.findall(r"^skips +(\S+) +(\S+) +(.+)$", text, re.M)
    return {case: reason for name, case, reason in lines if name == suite.split("(")[0]}


def count(output, status, suite, tolerated, known=None):
    """The lines for check.sh, as a list; `known` are the reasons to skip a case."""
    known = known or {}
    passed, failed = total(output, "Passed"), total(output, "Failed")
    if not SUMMARY.search(output):
        word = {0: "passed", EXIT_SKIPPED: "skipped"}.get(status, "failed")
        return [f"{word} 1 {suite}: exit status {status}"]

    failed_cases = FAILED_CASE.findall(output)
    excused = [case for case in failed_cases if case in tolerated]
    lines = [f"passed {passed} {suite}"]
    lines += [f"skipped 1 {suite} {case}: {known.get(case, 'the suite does not say why')}"
              for case in SKIPPED_CASE.findall(output)]
    lines += [f"skipped 1 {suite} {case}: fails for a reason in dpdk-tests.txt" for case in excused]
    # A failed suite set-up fails every case without naming one.
    unnamed = failed - len(failed_cases)
    lines += [f"failed 1 {suite} {case}" for case in failed_cases if case not in tolerated]
    if unnamed > 0:
        lines.append(f"failed {unnamed} {suite}")
    elif status not in (0, EXIT_SKIPPED) and not failed_cases:
        lines.append(f"failed 1 {suite}: exit status {status}")
    return lines


def main(suite, status, tolerated=""):
    known = reasons(TESTS.read_text(encoding="utf-8"), suite)
    print("\n".join(count(sys.stdin.read(), int(status), suite, tolerated.split(), known)))


if __name__ == "__main__":
    main(*sys.argv[1:])
