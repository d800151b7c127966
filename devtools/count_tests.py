#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Counts the single tests inside the programs that meson ran, or in one program of unittest.

usage: count_tests.py testlog.json
       count_tests.py --unittest NAME STATUS FILE    the program's status and stderr

Knows what cmocka and Python's unittest print; any other program counts as one test. A program that
meson holds for failed counts at least one failure, whatever it printed. Prints the lines that
check.sh adds up: 'passed N NAME', 'failed N NAME', 'skipped N NAME'; and last, each line behind a
'|', how the output of each failed program ended.
"""

import json
import re
import sys

CMOCKA_STARTED = re.compile(r"^\[ RUN      \] (.*)$", re.M)
CMOCKA_PASSED = re.compile(r"^\[       OK \] ", re.M)
CMOCKA_SKIPPED = re.compile(r"^\[  SKIPPED \] ", re.M)
CMOCKA_FAILED = re.compile(r"^\[  FAILED  \] ([a-z]\w*)$", re.M)
UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in ", re.M)
UNITTEST_OUTCOME = re.compile(r"^(?:OK|FAILED)(?: \((.*)\))?$", re.M)
UNITTEST_FAILED = re.compile(r"^(?:FAIL|ERROR): (\w+) \(", re.M)
# How many lines of a failed program's output are shown.
END_LINES = 20


def count_cmocka(stdout):
    """(passed, failed, skipped), or None if this isn't cmocka's output.

    A test that started and said no more has crashed.
    """
    started = len(CMOCKA_STARTED.findall(stdout))
    if not started:
        return None
    passed = len(CMOCKA_PASSED.findall(stdout))
    skipped = len(CMOCKA_SKIPPED.findall(stdout))
    return passed, started - passed - skipped, skipped


def count_unittest(stderr):
    """(passed, failed, skipped), or None if this isn't unittest's output."""
    ran = UNITTEST_RAN.search(stderr)
    outcome = UNITTEST_OUTCOME.search(stderr, ran.end()) if ran else None
    if not outcome:
        return None
    numbers = dict(re.findall(r"([a-z ]+)=(\d+)", outcome.group(1) or ""))
    number = {name.strip(): int(value) for name, value in numbers.items()}
    skipped = number.get("skipped", 0)
    # Each failed subtest counts in 'failures', its test only once in 'Ran'.
    failed = min(number.get("failures", 0) + number.get("errors", 0), int(ran.group(1)) - skipped)
    return int(ran.group(1)) - failed - skipped, failed, skipped


def count(record):
    """(passed, failed, skipped) of one record of meson's testlog.json."""
    result = record["result"]
    if result == "SKIP":
        return 0, 0, 1
    counts = count_cmocka(record.get("stdout", "")) or count_unittest(record.get("stderr", ""))
    ok = result in ("OK", "EXPECTEDFAIL")
    if counts is None:
        return (1, 0, 0) if ok else (0, 1, 0)
    passed, failed, skipped = counts
    return passed, failed if ok or failed else 1, skipped


def failed_names(record):
    """': ' and the names of the failed tests, as far as the program says them, each once."""
    names = CMOCKA_FAILED.findall(record.get("stdout", "")) + \
        UNITTEST_FAILED.findall(record.get("stderr", ""))
    return ": " + " ".join(dict.fromkeys(names)) if names else ""


def report(record, where):
    """Prints the counts of a record; `where` has the details. Returns whether tests failed."""
    passed, failed, skipped = count(record)
    print(f"passed {passed} {record['name']}")
    if failed:
        print(f"failed {failed} {record['name']}{failed_names(record)}")
    if skipped:
        print(f"skipped {skipped} {record['name']}: it said so, see {where}")
    return bool(failed)


def show_end(record):
    """Prints the end of what a program said, its errors if it wrote any."""
    said = record.get("stderr", "").strip() or record.get("stdout", "").strip()
    print(f"| {record['name']}:")
    for line in said.splitlines()[-END_LINES:]:
        print(f"| {line}")


def unittest_record(name, status, path):
    """What meson would have written of a program of unittest."""
    with open(path, encoding="utf-8") as stderr:
        return {"name": name, "result": "OK" if status == "0" else "FAIL", "stderr": stderr.read()}


def main(*arguments):
    if arguments[0] == "--unittest":
        report(unittest_record(*arguments[1:]), arguments[3])
        return
    with open(arguments[0], encoding="utf-8") as log:
        records = [json.loads(line) for line in log]
    for record in [record for record in records if report(record, "testlog.txt")]:
        show_end(record)


if __name__ == "__main__":
    main(*sys.argv[1:])
