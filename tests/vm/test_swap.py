#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""One binary, built against DPDK's dlb2 driver, on that driver and on this one: the same traffic, and the
same answers on the telemetry socket, name by name and in the same order.
"""

import json
import unittest

import guest

APPLICATION = guest.BUILD / "tests/drivers/event/dlb2/application"
PLUGIN = guest.BUILD / "drivers/event/dlb2/librte_event_dlb2.so"
COMMANDS = ["/eventdev/dev_list", "/eventdev/port_list,0", "/eventdev/queue_list,0", "/eventdev/queue_links,0,1",
            "/eventdev/dev_xstats,0", "/eventdev/port_xstats,0,1", "/eventdev/port_xstats,0,2",
            "/eventdev/queue_xstats,0,1", "/eventdev/queue_xstats,0,2"]
# What this driver has besides, behind the names of the other.
ADDED = {"/eventdev/dev_xstats,0": ["dev_driver_memory_bytes", "dev_cq_memory_bytes", "dev_model_memory_bytes"]}
# Names whose values must be equal: traffic, and what is configured. Not limits, which differ among releases.
EQUAL = ("rx_ok", "rx_drop", "tx_ok", "tx_new", "tx_fwd", "tx_rel", "tx_sched_ordered", "tx_sched_unordered",
         "tx_sched_atomic", "tx_sched_directed", "tx_invalid", "rx_sched_ordered", "rx_sched_unordered",
         "rx_sched_atomic", "rx_sched_directed", "rx_sched_invalid", "is_configured", "is_load_balanced", "num_links",
         "enq_ok", "depth_threshold")


def ask(driver, hw):
    library = "-" if driver == "in-tree" else PLUGIN
    result = guest.run("python3", guest.ROOT / "tests/vm/telemetry.py", APPLICATION, library, *COMMANDS,
                       driver=driver, hw=hw)
    try:
        return json.loads(result.out.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise AssertionError(str(result)) from None


@unittest.skipUnless(APPLICATION.exists(), "DPDK's dlb2 library is not installed")
class Swap(unittest.TestCase):
    maxDiff = None

    def compare(self, hw):
        theirs, ours = ask("in-tree", hw), ask("ours", hw)
        for said in theirs, ours:
            self.assertIn("received 100 and 10", said["output"])
        self.assertEqual(ours["status"], 0, ours["output"])
        for command in COMMANDS:
            self.compare_answers(command, theirs["answers"][command], ours["answers"][command])

    def compare_answers(self, command, theirs, ours):
        if not isinstance(theirs, dict):
            self.assertEqual(ours, theirs, command)
            return
        self.assertEqual(list(ours), [*theirs, *ADDED.get(command, [])])
        for name, value in theirs.items():
            if name.endswith(EQUAL):
                self.assertEqual(ours[name], value, name)

    @unittest.skipUnless(guest.FULL, "DLB2_VM_FULL=1")
    def test_dlb_2_0(self):
        self.compare("2.0")

    def test_dlb_2_5(self):
        self.compare("2.5")


if __name__ == "__main__":
    unittest.main()
