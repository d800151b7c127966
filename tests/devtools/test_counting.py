#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""check.sh's counts: whatever a program printed, a failed one must not be counted as passed."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "devtools"))

import count_dpdk_test  # pylint: disable=wrong-import-position
import count_tests  # pylint: disable=wrong-import-position

CMOCKA = """[==========] Running 4 test(s).
[ RUN      ] first
[       OK ] first
[ RUN      ] second
[  FAILED  ] second
[ RUN      ] third
[  SKIPPED ] third
[ RUN      ] fourth
"""

SUMMARY = """ + TestCase [ 0] : first succeeded
 + TestCase [ 1] : second {second}
 + TestCase [ 2] : third skipped
 + Tests Total :        3
 + Tests Skipped :      1
 + Tests Unsupported:   0
 + Tests Passed :       {passed}
 + Tests Failed :       {failed}
"""


class MesonLog(unittest.TestCase):
    def count(self, result, stdout="", stderr=""):
        return count_tests.count({"result": result, "stdout": stdout, "stderr": stderr})

    def test_cmocka(self):
        self.assertEqual(self.count("FAIL", CMOCKA), (1, 2, 1))

    def test_cmocka_that_fails_after_its_tests(self):
        self.assertEqual(self.count("FAIL", "[ RUN      ] a\n[       OK ] a\n"), (1, 1, 0))

    def test_unittest(self):
        stderr = "Ran 5 tests in 0.1s\n\nOK (skipped=2)\n"
        self.assertEqual(self.count("OK", stderr=stderr), (3, 0, 2))

    def test_unittest_with_failed_subtests(self):
        stderr = "Ran 2 tests in 0.1s\n\nFAILED (failures=7)\n"
        self.assertEqual(self.count("FAIL", stderr=stderr), (0, 2, 0))

    def test_program_of_unittest(self):
        for status, counts in (("0", (3, 0, 2)), ("1", (3, 1, 2))):
            with self.subTest(status=status), tempfile.NamedTemporaryFile("w+") as file:
                file.write("Ran 5 tests in 0.1s\n\nOK (skipped=2)\n")
                file.flush()
                record = count_tests.unittest_record("name", status, file.name)
                self.assertEqual(count_tests.count(record), counts)

    def test_unittest_that_could_not_start(self):
        stderr = "Ran 0 tests in 0.1s\n\nFAILED (errors=1)\n"
        self.assertEqual(self.count("FAIL", stderr=stderr), (0, 1, 0))

    def test_other_programs(self):
        self.assertEqual(self.count("OK", "hello"), (1, 0, 0))
        self.assertEqual(self.count("TIMEOUT", "hello"), (0, 1, 0))
        self.assertEqual(self.count("SKIP"), (0, 0, 1))


class FailedTests(unittest.TestCase):
    def output(self, function, *records):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            for record in records:
                function(record)
        return said.getvalue()

    def test_names(self):
        stderr = "FAIL: test_a (__main__.T) (x=1)\nFAIL: test_a (__main__.T) (x=2)\n" \
            "ERROR: test_b (__main__.T)\nRan 3 tests in 0.1s\n\nFAILED (failures=2, errors=1)\n"
        for record, names in (({"stderr": stderr}, "test_a test_b"), ({"stdout": CMOCKA}, "second")):
            self.assertIn(f" a program: {names}\n", self.output(
                lambda r: count_tests.report(r, "log"), {"name": "a program", "result": "FAIL",
                                                         **record}))

    def test_end_of_output_is_no_count(self):
        record = {"name": "n", "stdout": "passed 5 of 6\n" * 30, "stderr": ""}
        lines = self.output(count_tests.show_end, record).splitlines()
        self.assertEqual(len(lines), count_tests.END_LINES + 1)
        self.assertEqual({line[:2] for line in lines}, {"| "})


class DpdkTest(unittest.TestCase):
    def count(self, output, status, tolerated=()):
        return count_dpdk_test.count(output, status, "suite", tolerated)

    def test_all_pass(self):
        lines = self.count(SUMMARY.format(second="succeeded", passed=2, failed=0), 0)
        self.assertEqual(lines, ["passed 2 suite",
                                 "skipped 1 suite third: the suite does not say why"])

    def test_reason_of_a_skipped_case(self):
        text = "# skips suite third not this\nskips other third nor this\nskips suite third it is so\n"
        known = count_dpdk_test.reasons(text, "suite(device,hw=2.5)")
        self.assertEqual(known, {"third": "it is so"})
        lines = count_dpdk_test.count(SUMMARY.format(second="succeeded", passed=2, failed=0), 0,
                                      "suite", (), known)
        self.assertIn("skipped 1 suite third: it is so", lines)

    def test_failed_case(self):
        output = SUMMARY.format(second="failed", passed=1, failed=1)
        self.assertIn("failed 1 suite second", self.count(output, 255))

    def test_failed_case_that_is_excused(self):
        lines = self.count(SUMMARY.format(second="failed", passed=1, failed=1), 255, ("second",))
        self.assertIn("skipped 1 suite second: fails for a reason in dpdk-tests.txt", lines)
        self.assertFalse([line for line in lines if line.startswith("failed")])

    def test_failed_set_up_fails_every_case(self):
        output = " + Tests Passed :       0\n + Tests Failed :       3\n"
        self.assertIn("failed 3 suite", self.count(output, 255))

    def test_bad_end_after_a_good_summary(self):
        lines = self.count(SUMMARY.format(second="succeeded", passed=2, failed=0), 139)
        self.assertIn("failed 1 suite: exit status 139", lines)

    def test_without_summary(self):
        self.assertEqual(self.count("Test OK", 0), ["passed 1 suite: exit status 0"])
        self.assertEqual(self.count("", 124), ["failed 1 suite: exit status 124"])
        self.assertEqual(self.count("Test Skipped", 77), ["skipped 1 suite: exit status 77"])


if __name__ == "__main__":
    unittest.main()
