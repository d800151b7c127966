#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# The program as a user runs it, on the software device event_sw of the distribution: conformance,
# determinism, what it reports when a device breaks a rule, and what it says to wrong options.

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = None
FAULTS = None
EAL = ['--no-huge', '--no-shconf', '--no-pci', '-m', '512', '--log-level=error']
# What event_sw of DPDK 22.11 is known not to bear; each is a fault of that device:
# - a queue's events come late, to a port whose unlink is complete, when a flow was pinned to it;
# - events of an ordered queue lose their order and get stuck when the port's last such link goes;
# - a stop while ordered events are held loses the ones that wait for them;
# - credits of events flushed by a stop are gone after a restart without reconfiguration;
# - a reconfiguration subtracts cached credits twice and then refuses every NEW event.
SW_FAULTS = 'late-unlink,ordered-unlink,stop-holding,restart,direct-reconfigure'


def run(*options, vdevs=('event_sw0',), lcores=('-l', '0'), timeout=300, env=None):
    command = [PROGRAM, *EAL, *lcores, *('--vdev=' + vdev for vdev in vdevs), '--', *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env)


class Conform(unittest.TestCase):
    def conform(self, *options, **where):
        done = run('conform', '--without', SW_FAULTS, *options, **where)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('PASSED', done.stdout)
        return done.stdout

    def test_seeds_on_one_lcore(self):
        out = self.conform('--seed', '1', '--seeds', '3', '--pipelines', '50')
        self.assertIn('PASSED: 150 pipelines', out)

    def test_everything_is_exercised(self):
        out = self.conform('--seed', '11', '--pipelines', '100')
        for what in ('forwarded', 'dropped', 'released implicitly', 'injected by workers',
                     'short enqueues', 'refused enqueues', 'links', 'unlinks',
                     'link priorities changed', 'flushed by stop', 'stops under traffic',
                     'reconfigurations'):
            count = re.search(rf'(\d+) {what}[,\n]', out)
            self.assertIsNotNone(count, what)
            self.assertGreater(int(count.group(1)), 0, what)

    def test_same_seed_same_hash(self):
        def hashes(seed):
            out = self.conform('--seed', str(seed), '--seeds', '2', '--pipelines', '20')
            return re.findall(r'hash ([0-9a-f]{16})', out)
        first = hashes(7)
        self.assertEqual(len(set(first)), 2)
        self.assertEqual(first, hashes(7))
        self.assertNotEqual(first, hashes(77))

    def test_several_lcores_sharing_cpus(self):
        out = self.conform('--seed', '5', '--pipelines', '20', '--lcores', 'all',
                           lcores=('--lcores', '0@0,1@0,2@0'))
        self.assertNotIn('hash', out)

    def test_two_devices_at_once(self):
        self.conform('--seed', '3', '--pipelines', '20', '--dev', '0,1',
                     vdevs=('event_sw0', 'event_sw1'))

    def test_soak(self):
        out = self.conform('--seed', '2', '--soak-events', '300000')
        self.assertIn('PASSED: 1 pipelines', out)

    def test_memory_is_printed(self):
        self.assertRegex(self.conform('--seed', '1', '--pipelines', '1'),
                         r'memory, device 0 \(event_sw0\): set-up takes at most [1-9]\d+ bytes')

    def test_interrupt_stops_cleanly(self):
        command = [PROGRAM, *EAL, '-l', '0', '--vdev=event_sw0', '--', 'conform', '--without',
                   SW_FAULTS, '--seed', '1', '--pipelines', '1000000']
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            self.assertIn('device 0', child.stdout.readline())
            self.assertIn('conform:', child.stdout.readline())
            time.sleep(0.5)
            child.send_signal(signal.SIGINT)
            out = child.stdout.read()
            self.assertEqual(child.wait(timeout=60), 130)
        self.assertIn('interrupted after', out)


class Violation(unittest.TestCase):
    """event_sw's known faults are found, and the report leads back to them."""

    def violate(self, without):
        done = run('conform', '--seed', '1', '--pipelines', '100', '--without', without)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn('FAILED', done.stdout)
        return done.stderr

    def test_lost_credits_are_found_and_replayed(self):
        err = self.violate('late-unlink,ordered-unlink,stop-holding,direct-reconfigure')
        self.assertIn('VIOLATION: credits', err)
        replay = re.search(r'^replay: (.*)$', err, re.MULTILINE).group(1)
        again = subprocess.run(replay, shell=True, capture_output=True, text=True, timeout=300)
        self.assertEqual(again.returncode, 1)
        pick = r'VIOLATION:.*\n.*'
        self.assertEqual(re.search(pick, err).group(0), re.search(pick, again.stderr).group(0))

    def test_lost_events_are_found(self):
        err = self.violate('late-unlink,ordered-unlink,restart,direct-reconfigure')
        self.assertIn('VIOLATION: event lost', err)
        self.assertRegex(err, r'lost by the stop of the device; the first: event \d+ of stream')

    def test_late_events_are_found(self):
        err = self.violate('ordered-unlink,stop-holding,restart,direct-reconfigure')
        self.assertIn('VIOLATION: event at a port not linked to its queue', err)

    def test_broken_order_or_hang_is_found(self):
        err = self.violate('late-unlink,stop-holding,restart,direct-reconfigure')
        self.assertRegex(err, 'VIOLATION: (order of a stream broken|no progress)')


class Fault(unittest.TestCase):
    """A device that misbehaves now and then, see faults.c, is found out."""

    def find(self, fault, *violations):
        env = dict(os.environ, LD_PRELOAD=FAULTS, FAULT=fault)
        # A preloaded library comes before the sanitizer's, which is all right here.
        env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
        done = run('conform', '--without', SW_FAULTS, '--seed', '1', '--pipelines', '30',
                   '--watchdog', '2', env=env)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        found = re.search(r'VIOLATION: (.*)', done.stderr).group(1)
        self.assertIn(found, violations, done.stderr)
        return done.stderr

    def test_no_fault(self):
        env = dict(os.environ, LD_PRELOAD=FAULTS, FAULT='none')
        env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
        done = run('conform', '--without', SW_FAULTS, '--seed', '1', '--pipelines', '30', env=env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_lost(self):
        # In the device for good as far as the program knows: found when nothing moves any more.
        err = self.find('lose', 'event lost', 'no progress', 'credits')
        self.assertRegex(err, r'event \d+ of stream \d+')

    def test_swallowed_by_enqueue(self):
        # A swallowed completion also shifts the device's idea of what later ones complete.
        self.find('overstate', 'event lost', 'no progress', 'credits', 'order of a stream broken',
                  'atomic flow in two places')

    def test_doubled(self):
        self.find('double', 'event doubled')

    def test_doubled_late(self):
        self.find('replay', 'event doubled', 'event altered')

    def test_altered(self):
        for fault in ('payload', 'flow', 'sub-type', 'type', 'queue'):
            with self.subTest(fault=fault):
                self.find(fault, 'event altered')

    def test_swapped(self):
        self.find('swap', 'order of a stream broken', 'order of a directed stream broken')

    def test_atomic_flow_shared(self):
        self.find('share', 'atomic flow in two places', 'order of a stream broken')

    def test_refused(self):
        self.find('refuse', 'legal call refused')


class Perf(unittest.TestCase):
    def test_table_and_json(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'perf.json')
            done = run('perf', '--events', '20000', '--repeats', '2', '--bursts', '1,32',
                       '--json', path, vdevs=('event_sw0', 'event_sw1'))
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, encoding='utf-8') as f:
                data = json.load(f)
        for kind in ('atomic', 'parallel', 'ordered', 'directed'):
            for device in ('event_sw0', 'event_sw1'):
                self.assertRegex(done.stdout, rf'{kind} +32 +{device} +\d+\.\d\d')
        # 4 types, 2 bursts, 2 devices, 2 forms of running the service
        self.assertEqual(len(data['series']), 32)
        self.assertEqual(sum(one['best_form'] for one in data['series']), 16)
        for one in data['series']:
            self.assertEqual(len(one['events_per_second']), 2)
            self.assertTrue(all(rate > 0 for rate in one['events_per_second']))

    def measure(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'perf.json')
            done = run('perf', '--events', '2000', '--repeats', '1', '--stlist', 'a', '--bursts',
                       '4', '--json', path, *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, encoding='utf-8') as f:
                return json.load(f)['series']

    def test_latency(self):
        for one in self.measure('--latency', '--inflight', '16'):
            latency, = one['latency_ns']
            times = list(latency['percentiles'].values())
            self.assertEqual(times, sorted(times))
            self.assertGreater(times[0], 0)
            # A burst may end beyond the number asked for.
            self.assertTrue(2000 <= latency['events'] < 2004)
            self.assertEqual(sum(n for _, n in latency['histogram']), latency['events'])
        self.assertNotIn('latency_ns', self.measure()[0])

    def test_work_takes_its_time(self):
        # Work is so many turns of a loop as took that time at the start; how fast a shared CPU is
        # may change from one moment to the next. Without work an event takes some hundred cycles.
        for one in self.measure('--work', '20000'):
            self.assertGreater(one['cycles_per_event'][0], 10000)

    def test_idle_queues_and_ports(self):
        for options in (('--queues', '8', '--ports', '16'), ('--queues', '8'), ('--ports', '4')):
            for one in self.measure(*options):
                self.assertGreater(one['events_per_second'][0], 0)

    def test_too_many_in_flight(self):
        done = run('perf', '--inflight', '50000', '--events', '1000', '--repeats', '1')
        self.assertEqual(done.returncode, 1)
        self.assertIn('give a smaller number', done.stderr)

    def test_json_that_cannot_be_written(self):
        done = run('perf', '--events', '1000', '--repeats', '1', '--stlist', 'a', '--bursts', '1',
                   '--json', '/nonexistent/file')
        self.assertEqual(done.returncode, 1)
        self.assertIn('--json /nonexistent/file: No such file', done.stderr)


class Options(unittest.TestCase):
    def refused(self, *options, says):
        done = run(*options)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn(says, done.stderr)

    def test_no_command(self):
        self.refused(says='give "conform" or "perf"')

    def test_unknown_command(self):
        self.refused('confirm', says='unknown command confirm')

    def test_unknown_option(self):
        self.refused('conform', '--bogus', says='see --help')

    def test_option_of_the_other_command(self):
        self.refused('perf', '--pipelines', '3', says='see --help')

    def test_numbers_out_of_range(self):
        self.refused('conform', '--pipelines', '0',
                     says='--pipelines 0: must be a number from 1 to 1000000')
        self.refused('conform', '--events', '-1', says='--events -1: must be a number from 1')
        self.refused('conform', '--seed', '12x', says='--seed 12x: must be a number from 0')
        self.refused('perf', '--bursts', '1,129',
                     says='--bursts 129: must be a number from 1 to 128')

    def test_lists(self):
        self.refused('perf', '--stlist', 'a,x', says='"x" must be one of a (atomic)')
        self.refused('conform', '--without', 'sleep', says='must be out of link-changes')
        self.refused('conform', '--dev', '0,0', says='device 0 is named twice')

    def test_lcores(self):
        self.refused('conform', '--lcores', 'both', says='must be "single" or "all"')
        self.refused('conform', '--lcores', 'all', says='needs 1 worker lcore at least')

    def test_no_such_device(self):
        self.refused('conform', '--dev', '4', says='--dev 4: there is no such event device')

    def test_no_device_at_all(self):
        done = run('conform', vdevs=())
        self.assertEqual(done.returncode, 2)
        self.assertIn('no event device', done.stderr)

    def test_help(self):
        done = run('--help')
        self.assertEqual(done.returncode, 0)
        for option in ('--pipelines', '--soak-events', '--stlist', '--json'):
            self.assertIn(option, done.stdout)


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    FAULTS = sys.argv.pop(1)
    unittest.main()
