#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# dlb2-bench-driver over this driver: its figures agree with each other, and wrong options are
# refused. What the figures should be is none of this test's business.

import json
import subprocess
import sys
import unittest

PROGRAM = None
PLUGIN = None
# Whether the build is one whose instructions can be compared: optimised, and without sanitizers.
COMPARABLE = False


def run(*options):
    return subprocess.run([PROGRAM, '--plugin', PLUGIN, '--rounds', '10', *options],
                          capture_output=True, text=True, timeout=100)


class Cost(unittest.TestCase):
    def measure(self, *options):
        done = run(*options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_both_versions(self):
        for version in ('2.0', '2.5'):
            *bursts, empty = self.measure('--hw', version)
            self.assertEqual([line['burst'] for line in bursts], [1, 4, 32])
            total = [line['dequeue_instructions'] + line['enqueue_instructions']
                     for line in bursts]
            self.assertGreater(total[0], total[1])
            self.assertGreater(total[1], total[2])
            self.assertTrue(all(line['ns'] > 0 and line['ns_ordinary_stores'] > 0
                                for line in bursts))
            self.assertTrue(5 < empty['empty_dequeue_instructions']
                            < bursts[0]['dequeue_instructions'])

    def test_stores(self):
        """A line holds four events, and tokens ride in it; the way without MOVDIR64B stores each
        event by itself."""
        one, four, *_ = self.measure('--bursts', '1,4')
        self.assertEqual((one['stores'], four['stores']), (1, 0.25))
        with open('/proc/cpuinfo') as file:
            native = 0.25 if 'movdir64b' in file.read() else 1
        four, _ = self.measure('--bursts', '4', '--native-stores')
        self.assertEqual(four['stores'], native)

    def test_dense_cqs(self):
        """Entries that lie beside each other are not dearer to read."""
        if not COMPARABLE:
            self.skipTest('the build is not optimised, or has sanitizers')
        sparse, _ = self.measure('--bursts', '32')
        dense, _ = self.measure('--bursts', '32', '--devargs', 'cq_layout=dense')
        self.assertLessEqual(dense['dequeue_instructions'], sparse['dequeue_instructions'])

    def test_repeatable(self):
        """Instructions are counted, not estimated."""
        def counts():
            return [{name: value for name, value in line.items() if not name.startswith('ns')}
                    for line in self.measure('--bursts', '8')]

        self.assertEqual(counts(), counts())


class Control(unittest.TestCase):
    STEPS = ['configure', 'queues', 'ports', 'links', 'start', 'stop']

    def measure(self, *options):
        done = run('--control', *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line['step'] for line in lines], self.STEPS)
        return lines

    def test_time(self):
        self.assertTrue(all(line['us'] > 0 for line in self.measure('time')))

    def test_accesses(self):
        """2.5 has more directed ports to set up; nothing about it is left to chance."""
        def total(version):
            return sum(line['reads'] + line['writes']
                       for line in self.measure('accesses', '--hw', version))

        self.assertLess(1000, total('2.0'))
        self.assertLess(total('2.0'), total('2.5'))
        self.assertEqual(total('2.5'), total('2.5'))


class Refused(unittest.TestCase):
    def refuse(self, message, *options):
        done = run(*options)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(message, done.stderr)

    def test_options(self):
        self.refuse("'33': a number from 1 to 32", '--bursts', '33')
        self.refuse("'x': a number from 1 to 32", '--bursts', '1,x')
        self.refuse('--hw 3: 2.0 or 2.5', '--hw', '3')
        self.refuse('--control space: time or accesses', '--control', 'space')
        self.refuse("'more' is one argument too many", 'more')

    def test_device(self):
        self.refuse('no driver has made an event device', '--devargs', 'max_cq_depth=7')


if __name__ == '__main__':
    PROGRAM, PLUGIN, COMPARABLE = *sys.argv[1:3], sys.argv[3] == 'comparable'
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
