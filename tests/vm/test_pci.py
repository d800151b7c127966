#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The driver on a PCI bus, through the kernel's vfio-pci: several devices, interrupts,
IOVA modes, and what is said of a device that cannot be had. Applications are in test_applications.py.
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import guest

sys.path.insert(0, str(guest.ROOT / "devtools"))
from vmlib import control  # noqa: E402

EVENTS = 2000
SECONDS = 600
SMALL = ("--cpus", 3, "--memory", 1024, "--hugepages", 256)
TWO_DEVICES = f"""
set -e
{guest.PROGRAMS}/devices -l 0-2 -m 64 --no-telemetry $DLB2_EAL -- {EVENTS}
set -- $DLB2_BDFS
echo selected: $2
dpdk-test-eventdev -l 0-2 -m 64 --no-telemetry $DLB2_EAL -a $2,max_cq_depth=32 -- \\
    --test=order_queue --plcores 1 --wlcores 2 --nb_flows 64 --nb_pkts 1000
"""
# Each line tries something that is refused.
REFUSED = """
set -- $DLB2_BDFS
group=$(basename $(readlink /sys/bus/pci/devices/$1/iommu_group))
try() {
    timeout 60 dpdk-test-eventdev --no-telemetry -l 0-1 $DLB2_EAL "$@" -- --test=order_queue 2>&1
}
echo "-- in use"
exec 9<>/dev/vfio/$group; try -m 64 -a $1; exec 9>&-
echo "-- bad devargs"
try -m 64 -a $1,max_cq_depth=33
echo "-- none"
try -m 64 -a 0000:0f:1f.0
"""
IOVA = """
for mode in "--iova-mode=pa -m 64" "--iova-mode=va -m 64" "--iova-mode=va --no-huge -m 128"; do
    dpdk-test-eventdev -l 0-2 --no-telemetry --log-level=pmd.event.dlb2:info $mode $DLB2_EAL -- \\
        --test=order_queue --plcores 1 --wlcores 2 --nb_flows 64 --nb_pkts 500 || exit
done
"""


def after(output, title):
    """What was printed between a title and the next one."""
    return output.split(f"-- {title}\n")[1].split("\n-- ")[0]


class Pci(unittest.TestCase):
    def shell(self, script, **settings):
        """Runs a script that must succeed; returns its output without colours."""
        done = guest.shell(f"exec 2>&1\n{script}", timeout=SECONDS, **settings)
        self.assertEqual(done.status, 0, done)
        return guest.plain(done.out)

    def test_two_devices_in_a_process(self):
        output = self.shell(TWO_DEVICES, devices=2, options=SMALL)
        self.assertIn("done with 2 devices", output)
        self.assertRegex(output, r"Result: *Success")
        selected = output.split("selected: ")[1].split("\n")[0]
        self.assertEqual(output.count(f"device: {selected}"), 2, output)

    def test_cq_interrupts(self):
        """On ports that were timed before, which must have left nothing in the device."""
        for hw in guest.VERSIONS:
            with self.subTest(hw=hw):
                output = self.shell(f"{guest.PROGRAMS}/cq_interrupts -l 0 -m 64 --no-telemetry "
                                    "--log-level=pmd.event.dlb2:info "
                                    "-a $DLB2_BDFS,cq_interrupts=y,producer_coremask=0x1",
                                    hw=hw, options=SMALL)
                self.assertIn("done\n", output)
                self.assertIn("stores from core 0 to directed ports", output)

    def test_refusals_and_iova_modes(self):
        """One guest for both: what is refused leaves the device as it was."""
        done = guest.shell(guest.parts({"refused": REFUSED, "iova": IOVA}), timeout=SECONDS,
                           options=SMALL)
        results = guest.of_parts(done)
        self.assertEqual(sorted(results), ["iova", "refused"], done)
        for title, words in (("in use", ("is in use by another process", "fuser -v /dev/vfio/")),
                             ("bad devargs", ("max_cq_depth", "33")),
                             ("none", ("no eventdev devices found",))):
            for word in words:
                self.assertIn(word, after(results["refused"].out, title), title)
        self.assertEqual(results["iova"].status, 0, done)
        output = results["iova"].out
        self.assertEqual(output.count("Success"), 3, output)
        self.assertEqual(output.count("IOVA mode PA"), 1, output)
        self.assertEqual(output.count("IOVA mode VA"), 2, output)
        self.assertEqual(output.count("lines leave by MOVNTDQ"), 3, output)

    def test_alarm_is_logged_when_it_comes(self):
        output = ""
        with tempfile.TemporaryDirectory() as folder:
            socket = pathlib.Path(folder, "control")
            words = guest.command(
                "sh", "-c", f"{guest.PROGRAMS}/life -l 1 -m 64 --no-telemetry $DLB2_EAL -- 1 2>&1 &"
                f"until [ -e {folder}/seen ]; do sleep 0.2; done; kill %1",
                timeout=120, options=(*SMALL, "--control", socket, "--share", folder))
            with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True) as process:
                for line in process.stdout:
                    output += line
                    if line == "up\n":
                        control.ask(socket, "fault hw-alarm")
                    elif "the device reports: " in line:
                        pathlib.Path(folder, "seen").touch()
        self.assertIn("the device reports: ", output)


if __name__ == "__main__":
    unittest.main()
