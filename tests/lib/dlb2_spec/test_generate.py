#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""generate.py must refuse input that contradicts itself, and say where and which value.

Each test spoils one thing in the real CSV files, expects a refusal that names the file, the line
and the value, and that no output was written.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SPEC = pathlib.Path(__file__).resolve().parents[3] / "lib" / "dlb2_spec"
NAMES = ("registers.csv", "fields.csv")


class Refusals(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.restore()

    def restore(self):
        """Back to unspoiled lines, for tests that spoil several things in turn."""
        self.lines = {name: (SPEC / name).read_text().splitlines() for name in NAMES}

    def run_generator(self):
        for name in NAMES:
            text = "\n".join(self.lines[name]) + "\n"
            (self.directory / name).write_text(text, encoding="latin-1")
        return subprocess.run([sys.executable, SPEC / "generate.py", *NAMES, "out.h", "out.c"],
                              cwd=self.directory, stderr=subprocess.PIPE, text=True, check=False)

    def line_of(self, name, start):
        """Number, from 1, of the one line that starts so."""
        numbers = [number for number, line in enumerate(self.lines[name], 1)
                   if line.startswith(start)]
        self.assertEqual(len(numbers), 1, start)
        return numbers[0]

    def edit(self, name, start, old, new):
        """Replaces old by new in the line that starts so; returns the line's number."""
        number = self.line_of(name, start)
        line = self.lines[name][number - 1]
        self.assertIn(old, line)
        self.lines[name][number - 1] = line.replace(old, new, 1)
        return number

    def append(self, name, line):
        self.lines[name].append(line)
        return len(self.lines[name])

    def refused(self, name, line, *words):
        result = self.run_generator()
        self.assertEqual(result.returncode, 1, "was accepted")
        self.assertRegex(result.stderr, rf"^generate\.py: {re.escape(name)}:{line}: ")
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertFalse((self.directory / "out.h").exists())
        self.assertFalse((self.directory / "out.c").exists())

    def refuses_edit(self, name, start, old, new, *words):
        self.refused(name, self.edit(name, start, old, new), *words)

    # --- the files as they are

    def test_real_input_is_accepted(self):
        result = self.run_generator()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue((self.directory / "out.h").exists())

    def test_output_is_reproducible(self):
        self.run_generator()
        first = [(self.directory / name).read_bytes() for name in ("out.h", "out.c")]
        self.run_generator()
        self.assertEqual(first, [(self.directory / name).read_bytes()
                                 for name in ("out.h", "out.c")])

    # --- shape

    def test_missing_file(self):
        result = subprocess.run([sys.executable, SPEC / "generate.py", "absent.csv", "fields.csv",
                                 "out.h", "out.c"], cwd=self.directory, text=True,
                                stderr=subprocess.PIPE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("absent.csv", result.stderr)

    def test_columns(self):
        self.lines["registers.csv"][0] = self.lines["registers.csv"][0].replace("reset", "value")
        self.refused("registers.csv", 1, "value")

    def test_empty_file(self):
        self.lines["fields.csv"] = []
        self.refused("fields.csv", 1, "columns")

    def test_missing_cell(self):
        self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", "LSP_CQ2PRIOV,V,24,", "LSP_CQ2PRIOV,V,",
                          "5 cells", "LSP_CQ2PRIOV,V")

    def test_surplus_cell(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", ",w1c,", ",w1c,,", "17 cells")

    def test_open_quote(self):
        number = self.append("fields.csv", 'SYS_MSIX_ACK,X,9,1,both,"never closed')
        self.refused("fields.csv", number, "end of data")

    def test_end_of_comment_in_text(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", ",w1c,", ",w1c,*/", "*/")

    def test_text_that_is_not_ascii(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", ",w1c,", ",w1c,\u00b5", "\u00b5")

    # --- names

    def test_duplicate_register(self):
        first = self.line_of("registers.csv", "SYS_TOTAL_VAS,")
        line = self.lines["registers.csv"][first - 1].replace("0x1000011c", "0x10000ffc")
        self.refused("registers.csv", self.append("registers.csv", line), "'SYS_TOTAL_VAS'",
                     f"already in line {first}")

    def test_register_name_syntax(self):
        for name in ("SYS_msix_ACK", "SYS_MSIX-ACK", "SYS_", "SYS_MSIX_ACK_"):
            with self.subTest(name=name):
                self.restore()
                self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "SYS_MSIX_ACK", name,
                                  f"'{name}'")

    def test_double_underscore_makes_macros_ambiguous(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "SYS_MSIX_ACK", "SYS_MSIX__ACK",
                          "SYS_MSIX__ACK")
        self.restore()
        self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", ",V,", ",A__V,", "A__V", "ambiguous")

    def test_leading_underscore_in_field(self):
        self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", ",V,", ",_V,", "'_V'", "ambiguous")

    def test_name_that_a_header_uses(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,SYS", "SYS_MSIX_ACK,SYS", "NUM_REGS,NUM",
                          "NUM_REGS", "ambiguous")

    def test_block_that_does_not_match(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", ",SYS,", ",LSP,", "SYS_MSIX_ACK",
                          "'LSP'")

    def test_duplicate_field(self):
        number = self.append("fields.csv", "LSP_CQ2PRIOV,V,0,1,both,")
        self.refused("fields.csv", number, "LSP_CQ2PRIOV.V", "already in line")

    def test_versions_that_do_not_differ(self):
        number = self.line_of("fields.csv", "SYS_VF_DIR_VPP2PP,PP,0,7,v25")
        self.edit("fields.csv", "SYS_VF_DIR_VPP2PP,PP,0,7", ",7,", ",6,")
        self.refused("fields.csv", number, "SYS_VF_DIR_VPP2PP.PP", "'both'")

    def test_field_of_unknown_register(self):
        self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", "LSP_CQ2PRIOV", "LSP_CQ2PRIO",
                          "'LSP_CQ2PRIO'")

    # --- choices

    def test_space(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", ",csr,", ",bar2,", "'bar2'")

    def test_access(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", ",w1c,", ",rc,", "'rc'")

    def test_versions(self):
        self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", ",both,", ",v30,", "'v30'")

    def test_field_of_a_version_without_the_register(self):
        self.refuses_edit("fields.csv", "CHP_CFG_VAS_CRD,COUNT,", ",v25,", ",both,",
                          "'CHP_CFG_VAS_CRD'", "v20_offset")

    # --- numbers

    def test_offset_is_no_number(self):
        for bad in ("0x1000040g", "10000400", "0x110000400", "-0x0000400"):
            with self.subTest(offset=bad):
                self.restore()
                self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "0x10000400", bad, f"'{bad}'")

    def test_offset_is_not_aligned(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "0x10000400", "0x10000402",
                          "'0x10000402'", "multiple of 4")

    def test_no_offset(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "0x10000400,0x10000400", ",",
                          "SYS_MSIX_ACK")

    def test_reset_is_no_number(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "0x00000000", "0x0000000",
                          "'0x0000000'")

    def test_reset_outside_of_fields(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_ACK,", "0x00000000", "0x00000004",
                          "'0x00000004'", "SYS_MSIX_ACK")

    def test_reset_outside_of_the_fields_of_one_version(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_MODE,", "0x00000000", "0x00000008",
                          "'0x00000008'", "v25")

    def test_field_position(self):
        for bad in ("31,8", "32,1", "24,0", "x,8", "24,", "-1,8", "0x18,8"):
            with self.subTest(position=bad):
                self.restore()
                self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", "24,8", bad,
                                  f"'{bad.split(',')[0]}'" if bad != "24," else "''")

    def test_overlapping_fields(self):
        self.refuses_edit("fields.csv", "LSP_CQ2PRIOV,V,", ",24,8,", ",23,8,", "LSP_CQ2PRIOV.V",
                          "'PRIO'", "0x00800000")

    def test_fields_overlapping_in_one_version(self):
        number = self.append("fields.csv", "SYS_VF_DIR_VPP2PP,NEW,6,1,both,")
        self.refused("fields.csv", number, "SYS_VF_DIR_VPP2PP.NEW", "'PP'", "0x00000040")

    # --- arrays

    def test_count(self):
        for bad in ("0", "many", "64|96|128", "-1", "64|"):
            with self.subTest(count=bad):
                self.restore()
                self.refuses_edit("registers.csv", "LSP_CQ2PRIOV,", ",64,", f",{bad},", "count1")

    def test_count_for_a_version_without_the_register(self):
        self.refuses_edit("registers.csv", "LSP_CFG_CQ_LDB_WU_LIMIT,", ",64,", ",64|96,", "64|96")

    def test_index_without_stride(self):
        self.refuses_edit("registers.csv", "LSP_CQ2PRIOV,", ",0x1000,", ",,", "index1, count1")

    def test_index_without_count(self):
        self.refuses_edit("registers.csv", "LSP_CQ2PRIOV,", ",64,", ",,", "index1, stride1")

    def test_second_index_alone(self):
        self.refuses_edit("registers.csv", "ATM_QID2CQIDIX,", "ldb_qid,0x1000,32", ",,",
                          "'cq_quad'")

    def test_stride(self):
        for bad in ("0x0", "0x1002", "wide"):
            with self.subTest(stride=bad):
                self.restore()
                self.refuses_edit("registers.csv", "LSP_CQ2PRIOV,", ",0x1000,", f",{bad},",
                                  f"'{bad}'")

    def test_overlapping_registers(self):
        self.refuses_edit("registers.csv", "SYS_MSIX_PASSTHRU,", "0x10000404", "0x10000400",
                          "'SYS_MSIX_PASSTHRU'", "'SYS_MSIX_ACK'", "v20", "0x10000400")

    def test_arrays_that_meet_in_one_element(self):
        self.edit("registers.csv", "LSP_CQ2PRIOV,", ",64,", ",129,")
        self.refused("registers.csv", self.line_of("registers.csv", "LSP_CQ2QID0,"),
                     "'LSP_CQ2PRIOV'", "'LSP_CQ2QID0'", "0xa0080000")

    def test_dimensions_that_meet(self):
        self.refuses_edit("registers.csv", "ATM_QID2CQIDIX,", "0x1000,32", "0x1000,129",
                          "129 elements", "0x80000")

    def test_array_beyond_the_space(self):
        self.refuses_edit("registers.csv", "LSP_CQ2PRIOV,", ",0x1000,", ",0x2000000,",
                          "'LSP_CQ2PRIOV'", "beyond 32 bits")


if __name__ == "__main__":
    unittest.main()
