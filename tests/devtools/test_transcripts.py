#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/transcripts: what counts as equal, what as a difference, and what explains one."""

import collections
import copy
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "devtools"))

from transcriptlib import canonical, compare, explain, record, report, spec  # noqa: E402
from transcriptlib.failure import Failure  # noqa: E402

V = 1 << 24  # of slot 0 in LSP_CQ2PRIOV
PRIORITY_3 = 3


def indexed(register, version):
    """The keys of a register's elements as far as these tests need them."""
    if register.index in ("ldb_cq", "ldb_pp"):
        return [str(i) for i in range(64)]
    if register.name in canonical.READERS:
        return [f"{i},{j}" for i in range(32) for j in range(16)]
    if register.index in ("domain_ldb_qid", "domain_dir_qid"):
        return [str(i) for i in range(32 * (32 if "ldb" in register.index
                                            else spec.DIRECTED_PORTS[version]))]
    return [str(i) for i in range(32)]


def after_reset(version="2.5"):
    """A snapshot in which every register has its reset value."""
    return {name: {key: register.reset for key in indexed(register, version)} if register.index
            else register.reset for name, register in spec.load(version).items()}


def with_port(port, queue, base, address):
    """A load-balanced port, linked to a queue in slot 0 and with four history-list entries."""
    registers = after_reset()
    for name, value in (("LSP_CQ_LDB_INFL_LIM", 4), ("CHP_HIST_LIST_BASE", base),
                        ("CHP_HIST_LIST_LIM", base + 3), ("CHP_HIST_LIST_PUSH_PTR", base),
                        ("CHP_HIST_LIST_POP_PTR", base), ("SYS_LDB_CQ_ADDR_L", address),
                        ("LSP_CQ2PRIOV", V | PRIORITY_3), ("LSP_CQ2QID0", queue),
                        ("SYS_LDB_PP_V", 1)):
        registers[name][str(port)] = value
    for name in ("ATM_QID2CQIDIX", "LSP_QID2CQIDIX", "LSP_QID2CQIDIX2"):
        registers[name][f"{queue},{port // 4}"] = 1 << 8 * (port % 4)
    registers["SYS_LDB_VASQID_V"][str(queue)] = 1
    return record.State(registers, {("port", "ldb", port): 0, ("queue", "ldb", queue): 0})


class Equal(unittest.TestCase):
    def differences(self, ours, in_tree):
        return compare.compare_state("2.5", 1, "started", ours, in_tree)

    def test_free_choices_make_no_difference(self):
        ours, in_tree = with_port(5, 7, 64, 0x1000), with_port(30, 2, 0, 0x40)
        self.assertEqual(self.differences(ours, in_tree), [])

    def test_time_makes_no_difference(self):
        registers = after_reset("2.0") | {"CM_CLK_ON_CNT_L": 1234}
        self.assertEqual(canonical.fields("2.0", registers, {}), {})

    def test_each_other_change_is_a_difference(self):
        for register, value, field in (
                ("LSP_CQ_LDB_INFL_LIM", 5, "LIMIT"), ("CHP_HIST_LIST_LIM", 68, "entries"),
                ("CHP_HIST_LIST_POP_PTR", 65, "POP_PTR"), ("SYS_LDB_CQ_ADDR_L", 0, "ADDR_L"),
                ("LSP_CQ2PRIOV", V | 4, "PRIO slot 0"), ("LSP_CQ2QID0", 8, "QID_P0"),
                ("SYS_LDB_CQ_PASID", 64, "PASID"), ("SYS_LDB_CQ_ISR", 1, "VECTOR")):
            with self.subTest(register=register):
                other = with_port(5, 7, 64, 0x1000)
                other.registers[register]["5"] = value
                found = self.differences(with_port(5, 7, 64, 0x1000), other)
                self.assertEqual([(d.register, d.element, d.field) for d in found],
                                 [(register, "port 0", field)])

    def test_a_link_that_one_map_lacks(self):
        other = with_port(5, 7, 64, 0x1000)
        other.registers["LSP_QID2CQIDIX2"]["7,1"] = 0
        found = self.differences(with_port(5, 7, 64, 0x1000), other)
        self.assertEqual([(d.register, d.element, d.field, d.ours, d.in_tree) for d in found],
                         [("LSP_QID2CQIDIX2", "queue 0", "port 0 slot 0", "1", "0")])

    def test_what_no_port_of_the_event_device_owns(self):
        other = with_port(5, 7, 64, 0x1000)
        other.registers["SYS_LDB_PP_V"]["6"] = 1
        found = self.differences(with_port(5, 7, 64, 0x1000), other)
        self.assertEqual([d.element for d in found], ["unused ldb port 6"])

    def test_a_history_list_of_one_entry_at_0(self):
        ours, other = with_port(5, 7, 64, 64), with_port(5, 7, 0, 64)
        for state, limit in ((ours, 64), (other, 0)):
            state.registers["CHP_HIST_LIST_LIM"]["5"] = limit
        self.assertEqual(self.differences(ours, other), [])

    def test_overlapping_history_lists(self):
        state = with_port(5, 7, 64, 0x1000)
        for name in ("LSP_CQ_LDB_INFL_LIM", "CHP_HIST_LIST_BASE", "CHP_HIST_LIST_LIM"):
            state.registers[name]["6"] = state.registers[name]["5"]
        with self.assertRaisesRegex(Failure, "history lists overlap"):
            self.differences(state, state)


class Trace(unittest.TestCase):
    TEXT = """\
1.000001 0 write CM_CFG_PM_PMCSR_DISABLE 0x00000000
1.000002 0 read CONFIG[0x0ac] 0x000b
1.000003 0 post LDB_PP[0] 0x{0:096x}{1:032x}
1.000004 0 post DIR_PP[94]+16 0x{0:032x}
1.000005 0 read LDB_PP[3] 0x0000000000000000
1.000006 0 irq MSIX[1] sent
2.000000 mark 1 probed
3.000000 0 write SYS_LDB_PP_V[22] 0x00000001
3.000000 0 write SYS_LDB_PP_V[23] 0x00000001
4.000000 mark 1 started
"""

    def test_accesses_by_phase(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "trace")
            path.write_text(self.TEXT.format(0, 1 << 120), encoding="utf-8")
            phases = record.parse_trace(path)
        self.assertEqual(phases[1, "probe"], {
            ("write", "CM_CFG_PM_PMCSR_DISABLE"): 1, ("read", "CONFIG"): 1, ("post", "PP"): 1,
            ("read", "PP"): 1})
        self.assertEqual(phases[1, "start"], {("write", "SYS_LDB_PP_V"): 2})
        self.assertEqual(report.total(phases[1, "probe"]), 1)


class Explain(unittest.TestCase):
    STATE = compare.Difference("2.5", 8, "started", "LSP_CQ2PRIOV", "port 1", "PRIO slot 0", "0",
                               "4")
    ACCESS = compare.AccessDifference("2.0", 1, "probe", "post", "PP", 0, 128000)

    def row_of(self, table, difference, **changes):
        changed = copy.copy(difference).__dict__ | changes
        row = table.explain(type(difference)(**changed))
        return row.number if row else None

    def test_known_differences(self):
        self.assertIsNotNone(self.row_of(explain.state_table(), self.STATE))
        self.assertIsNotNone(self.row_of(explain.access_table(), self.ACCESS))

    def test_new_differences(self):
        for change in ({"ours": "4", "in_tree": "0"}, {"setup": 3}, {"state": "closed"},
                       {"field": "V slot 0"}, {"register": "LSP_CQ2QID0"}):
            with self.subTest(**change):
                self.assertIsNone(self.row_of(explain.state_table(), self.STATE, **change))
        for change in ({"ours": 128001}, {"phase": "stop"}, {"verb": "write"},
                       {"register": "SYS_LDB_PP_V"}):
            with self.subTest(**change):
                self.assertIsNone(self.row_of(explain.access_table(), self.ACCESS, **change))

    def test_verdict(self):
        strange = compare.AccessDifference("2.0", 1, "stop", "write", "SYS_LDB_PP_V", 1, 0)
        tables = explain.state_table(), explain.access_table()
        verdict = report.judge([self.STATE], [self.ACCESS, strange], *tables)
        self.assertEqual(verdict.unexplained(), ([], [strange]))
        self.assertEqual(sum(row.explained for table in tables for row in table.rows), 2)

    def test_every_register_of_the_tables_exists(self):
        known = {name for version in ("2.0", "2.5") for name in spec.load(version)}
        known |= {"CONFIG", "PP"}
        for table, column in ((explain.state_table(), "Register"),
                              (explain.access_table(), "Registers")):
            for row in table.rows:
                for name in row.cells[column].split("|"):
                    self.assertTrue(any(explain.matches(name, one) for one in known), name)


class Totals(unittest.TestCase):
    def test_rows(self):
        def recording(times):
            counter = collections.Counter({("write", "SYS_LDB_PP_V"): times, ("post", "PP"): 7})
            return record.Recording(accesses={(1, phase): counter
                                              for phase in record.PHASES.values()})
        self.assertEqual(list(report.totals("2.5", recording(1), recording(3))),
                         [("2.5", "1", "1 / 3", "1 / 3", "1 / 3", "1 / 3", "4 / 12")])


if __name__ == "__main__":
    unittest.main()
