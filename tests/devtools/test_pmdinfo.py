#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What DPDK's own dpdk-pmdinfo.py shows of the plugin: an operator finds a device's driver by it.

usage: test_pmdinfo.py PLUGIN
"""

import json
import subprocess
import sys
import unittest

PLUGIN = ""
# Driver name -> the PCI functions that it binds (pmd-interface I1 and I3).
PCI_DRIVERS = {"event_dlb2_pf": {("8086", "2710")}, "event_dlb2_5_pf": {("8086", "2714")}}
# One devarg of each kind that applications and scripts pass to the in-tree driver.
DEVARGS = ("max_num_events", "num_dir_credits", "poll_interval", "port_cos", "max_cq_depth")


def read_drivers():
    output = subprocess.run(["dpdk-pmdinfo.py", PLUGIN], check=True, capture_output=True).stdout
    return {driver["name"]: driver for driver in json.loads(output)}


class PmdInfo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.drivers = read_drivers()

    def test_pci_ids(self):
        for name, ids in PCI_DRIVERS.items():
            shown = {(i["vendor"], i["device"]) for i in self.drivers[name]["pci_ids"]}
            self.assertEqual(shown, ids, name)

    def test_kernel_module(self):
        for name in PCI_DRIVERS:
            self.assertIn("vfio-pci", self.drivers[name]["kmod"], name)

    def test_devargs(self):
        for name in PCI_DRIVERS:
            for devarg in DEVARGS:
                self.assertIn(f"{devarg}=", self.drivers[name]["params"], name)

    def test_model(self):
        if "event_dlb2_model" not in self.drivers:
            self.skipTest("built with -Dmodel=disabled")
        for devarg in ("hw", "run", "lcore", "seed"):
            self.assertIn(f"{devarg}=", self.drivers["event_dlb2_model"]["params"])


if __name__ == "__main__":
    PLUGIN = sys.argv.pop(1)
    unittest.main()
