#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# The program as a client of vfio-user sees it: handshake, regions, configuration space, traffic by
# stores and DMA, interrupts, resets, disconnects and broken messages. usage: test_server.py PROGRAM

import errno
import os
import random
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import time
import unittest

import vfio_user_client as vu
from vfio_user_client import BAR0, BAR2, CONFIG, Client, Driver, Gone, Refused, Server

PROGRAM = None
VERSIONS = ('2.0', '2.5')


class ServerTest(unittest.TestCase):
    """A server for each test; options in `self.options`."""

    options = ()
    devices = 1

    def setUp(self):
        self.server = Server(PROGRAM, *self.options, devices=self.devices)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def connect(self, device=0, **kwargs):
        client = Client(self.server.paths[device], **kwargs)
        self.addCleanup(client.close)
        return client

    def driver(self, version, device=0):
        driver = Driver(self.connect(device), version)
        self.addCleanup(driver.close)
        driver.map()
        driver.set_up()
        return driver

    def refused(self, number, function, *args, **kwargs):
        with self.assertRaises(Refused) as caught:
            function(*args, **kwargs)
        self.assertEqual(caught.exception.errno, number, caught.exception)

    def assert_alive(self):
        """A new client is served."""
        client = self.connect()
        self.assertEqual(client.read(CONFIG, 0, 2), b'\x86\x80')
        client.close()

    def wait(self, condition):
        for _ in range(500):
            if condition():
                return
            time.sleep(0.02)
        self.fail('it did not happen within 10 s')


class Protocol(ServerTest):
    def test_handshake(self):
        client = self.connect(handshake=False)
        version, json = client.version(minor=1)
        self.assertEqual(version, (0, 0))
        self.assertEqual(json['capabilities'], {
            'max_msg_fds': 16, 'max_data_xfer_size': 4096, 'pgsizes': 4096, 'max_dma_maps': 65535})
        self.refused(errno.EINVAL, client.version)

    def test_other_version(self):
        client = self.connect(handshake=False)
        self.refused(errno.ENOTSUP, client.version, major=1)
        client.version()

    def test_nothing_before_the_handshake(self):
        client = self.connect(handshake=False)
        self.refused(errno.EINVAL, client.read, CONFIG, 0, 4)
        self.refused(errno.EINVAL, client.map, 0, 4096)
        client.version()
        client.read(CONFIG, 0, 4)

    def test_device_info(self):
        info = self.connect().ask(vu.INFO, struct.pack('<IIII', 16, 0, 0, 0))
        self.assertEqual(struct.unpack('<IIII', info), (16, 3, 9, 5))

    def test_regions(self):
        client = self.connect()
        sizes = {0: 64 << 20, 2: 4 << 30, 7: 4096}
        for index in range(9):
            info = client.ask(vu.REGION_INFO, struct.pack('<IIIIQQ', 32, 0, index, 0, 0, 0))
            argsz, flags, number, _, size, _ = struct.unpack('<IIIIQQ', info)
            self.assertEqual((argsz, number, size), (32, index, sizes.get(index, 0)))
            # Read and write; nothing to map, which would make the client wait for each write.
            self.assertEqual(flags, 3 if index in sizes else 0)
        self.refused(errno.EINVAL, client.ask, vu.REGION_INFO,
                     struct.pack('<IIIIQQ', 32, 0, 9, 0, 0, 0))

    def test_irqs(self):
        client = self.connect()
        for index in range(5):
            info = client.ask(vu.IRQ_INFO, struct.pack('<IIII', 16, 0, index, 0))
            self.assertEqual(struct.unpack('<IIII', info),
                             (16, 9 if index == 2 else 0, index, 65 if index == 2 else 0))
        self.refused(errno.EINVAL, client.ask, vu.IRQ_INFO, struct.pack('<IIII', 16, 0, 5, 0))

    def test_ranges_of_regions(self):
        client = self.connect()
        for region, offset, count in ((CONFIG, 4096, 1), (CONFIG, 4095, 2), (CONFIG, 2**64 - 1, 2),
                                      (BAR0, 64 << 20, 4), (BAR2, (4 << 30) - 4, 8), (1, 0, 4),
                                      (9, 0, 4), (2**32 - 1, 0, 4), (BAR0, 2, 4), (BAR0, 0, 3),
                                      (BAR0, 0, 128), (BAR0, 0, 0), (BAR2, 2**64 - 4, 4)):
            with self.subTest(region=region, offset=offset, count=count):
                self.refused(errno.EINVAL, client.read, region, offset, count)
                self.refused(errno.EINVAL, client.write, region, offset, bytes(count))
        self.refused(errno.E2BIG, client.read, CONFIG, 0, 4097)

    def test_posted_writes_get_no_reply(self):
        client = self.connect()
        client.write(CONFIG, vu.COMMAND, b'\6\0', posted=True)
        client.write(9, 0, b'\0' * 4, posted=True)
        self.assertEqual(client.read(CONFIG, vu.COMMAND, 2), b'\6\0')

    def test_commands_that_do_not_exist(self):
        client = self.connect()
        for command in (0, vu.IO_FDS, vu.DMA_READ, vu.DMA_WRITE, 14, vu.WRITE_MULTI, 0xffff):
            self.refused(errno.ENOTSUP, client.ask, command, bytes(64))

    def test_bodies_too_short(self):
        client = self.connect()
        for command in (vu.DMA_MAP, vu.DMA_UNMAP, vu.INFO, vu.REGION_INFO, vu.IRQ_INFO,
                        vu.SET_IRQS, vu.READ, vu.WRITE):
            self.refused(errno.EINVAL, client.ask, command, bytes(15))

    def test_replies_are_no_commands(self):
        client = self.connect()
        client.send(vu.RESET, flags=1)
        self.assertEqual(client.read(CONFIG, 0, 2), b'\x86\x80')
        self.assertEqual(self.server.control('counters')['resets']['device'], 0)

    def test_pieces_of_messages(self):
        client = self.connect()
        message = vu.HEADER.pack(1, vu.READ, 32, 0, 0) + struct.pack('<QII', 0, CONFIG, 2)
        for n in range(len(message)):
            client.socket.send(message[n:n + 1])
            time.sleep(0.001)
        client.next_id = 1
        self.assertEqual(client.receive()[16:], b'\x86\x80')

    def test_sizes_without_end(self):
        for size in (0, 15, 8193, 2**32 - 1):
            client = self.connect()
            client.send(vu.READ, bytes(16), size=size)
            with self.assertRaises((Gone, ConnectionResetError)):
                client.receive()
        self.assert_alive()

    def test_many_requests_before_the_first_reply_is_read(self):
        client = self.connect()
        client.socket.setblocking(False)
        message = vu.HEADER.pack(0, vu.READ, 32, 0, 0) + struct.pack('<QII', 0, CONFIG, 4096)
        replies, sent, received = 200, b'', 0
        queue = message * replies
        # As long as nothing is read, the server takes only so much.
        while select.select([], [client.socket], [], 0.3)[1]:
            sent += queue[len(sent):len(sent) + client.socket.send(queue[len(sent):])]
            if len(sent) == len(queue):
                break
        while received < replies * (32 + 4096):
            readable, writable, _ = select.select(
                [client.socket], [client.socket] if len(sent) < len(queue) else [], [], 10)
            self.assertTrue(readable or writable)
            if writable:
                sent += queue[len(sent):len(sent) + client.socket.send(queue[len(sent):])]
            if readable:
                received += len(client.socket.recv(65536))
        self.assertEqual(received, replies * (32 + 4096))

    def test_noise(self):
        """Random bytes behind plausible headers; the server answers, closes, and lives on."""
        rng = random.Random(1)
        before = self.server.descriptors()
        for _ in range(60):
            client = self.connect(handshake=rng.random() < 0.8)
            try:
                for _ in range(20):
                    body = rng.randbytes(rng.choice((0, 4, 16, 20, 24, 32, 33, 200)))
                    fds = [self.server.process.stdout.fileno()] * rng.randrange(3)
                    size = 16 + len(body) if rng.random() < 0.95 else rng.randrange(1 << 32)
                    client.send(rng.randrange(16), body, fds, rng.choice((0, 0x10)), size)
            except (BrokenPipeError, ConnectionResetError):
                pass
            client.close()
        self.assert_alive()
        self.wait(lambda: self.server.descriptors() <= before)


class Pci(ServerTest):
    options = ('--hw', '2.0')

    def capabilities(self, client):
        config = client.read(CONFIG, 0, 4096)
        found, at = {}, config[0x34]
        while at:
            found[config[at]] = at
            at = config[at + 1]
        at = 0x100
        while at:
            header = struct.unpack_from('<I', config, at)[0]
            found[0x10000 | header & 0xffff] = at
            at = header >> 20
        return found

    def test_identity_and_capabilities(self):
        client = self.connect()
        self.assertEqual(client.read(CONFIG, 0, 4), b'\x86\x80\x10\x27')
        found = self.capabilities(client)
        # PM, PCIe, MSI-X; AER, ACS, PRI, PASID at its fixed place.
        for capability in (0x01, 0x10, 0x11, 0x10001, 0x1000d, 0x10013):
            self.assertIn(capability, found)
        self.assertEqual(found[0x1001b], 0x148)
        devcap = struct.unpack('<I', client.read(CONFIG, found[0x10] + 4, 4))[0]
        self.assertTrue(devcap >> 28 & 1, 'FLR')

    def test_any_range_of_configuration_space(self):
        client = self.connect()
        whole = client.read(CONFIG, 0, 4096)
        for offset, count in ((0, 1), (1, 3), (2, 7), (3, 64), (0x149, 9), (4095, 1)):
            self.assertEqual(client.read(CONFIG, offset, count), whole[offset:offset + count])

    def test_bar_sizing(self):
        client = self.connect()
        client.write(CONFIG, 0x10, b'\xff' * 16)
        self.assertEqual(struct.unpack('<QQ', client.read(CONFIG, 0x10, 16)),
                         (2**64 - (64 << 20) | 0xc, 2**64 - (4 << 30) | 0xc))

    def test_flr(self):
        driver = self.driver('2.0')
        driver.store(vu.hcw(vu.CMD_NEW, driver.PORT, 1)[:8])
        driver.client.write(CONFIG, vu.DEVCTL, b'\x00\x80')
        self.assertEqual(driver.client.read(CONFIG, vu.COMMAND, 2), b'\0\0')
        driver.client.write(CONFIG, vu.COMMAND, b'\6\0')
        # The power stays on, all else is gone, half a store too.
        self.assertEqual(driver.get('CM_CFG_PM_PMCSR_DISABLE'), 0)
        self.assertEqual(driver.get('SYS_DIR_PP_V', driver.PORT), 0)
        counters = self.server.control('counters')
        self.assertEqual(counters['resets'], {'flr': 1, 'device': 0, 'power': 0})
        driver.set_up()
        driver.send(7)
        self.assertEqual(driver.receive(1), [7])
        self.assertEqual(self.server.control('counters')['bad_accesses'], 0)

    def test_machine_reset(self):
        driver = self.driver('2.0')
        driver.client.ask(vu.RESET)
        driver.client.write(CONFIG, vu.COMMAND, b'\6\0')
        self.assertEqual(driver.get('CM_CFG_PM_PMCSR_DISABLE'), 1)
        # QEMU does not map its memory again.
        driver.set_up()
        driver.send(7)
        self.assertEqual(driver.receive(1), [7])
        resets = self.server.control('counters')['resets']
        self.assertEqual(resets, {'flr': 0, 'device': 1, 'power': 0})

    def test_no_access_without_memory_decoding(self):
        client = self.connect()
        self.assertEqual(client.read(BAR2, vu.registers('2.0')['SYS_TOTAL_VAS'][1], 4),
                         b'\xff' * 4)
        self.assertEqual(self.server.control('counters')['bad_accesses'], 1)


class Traffic(ServerTest):
    def setUp(self):
        """Device 0 is a 2.0, device 1 a 2.5."""
        self.server = Server(PROGRAM, devices=2)
        self.server.command = [PROGRAM, '--control', self.server.control_path, '--hw', '2.0',
                               '--socket', self.server.paths[0], '--hw', '2.5',
                               '--socket', self.server.paths[1]]
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def each(self):
        for device, version in enumerate(VERSIONS):
            yield device, self.driver(version, device)

    def check(self, device):
        """The model is sound and nothing was refused; returns the counters."""
        counters, check = self.server.control(f'counters {device}', f'check {device}')
        self.assertEqual((check['violations'], check['reports']), (0, []))
        self.assertEqual((counters['bad_accesses'], counters['dma_errors'],
                          counters['message_errors']), (0, 0, 0))
        return counters

    def test_lines(self):
        for device, driver in self.each():
            for start in range(0, 64, 8):
                driver.send(*range(start, start + 8))
                self.assertEqual(driver.receive(8), list(range(start, start + 8)))
                driver.return_tokens(8)
            driver.barrier()
            counters = self.check(device)
            self.assertEqual(counters['enqueued'], 64)
            self.assertEqual(counters['scheduled'], 64)
            self.assertEqual(counters['tokens_returned'], 64)
            # 16 lines and 8 lone token returns.
            self.assertEqual(counters['lines'], 24)

    def test_stores_of_one_hcw_to_the_page_base(self):
        for device, driver in self.each():
            words = b''.join(vu.hcw(vu.CMD_NEW, driver.PORT, n) for n in range(4))
            driver.store(words, step=16)
            self.assertEqual(driver.receive(4), [0, 1, 2, 3])
            self.assertEqual(self.check(device)['lines'], 4)

    def test_lone_store_arrives_without_a_further_message(self):
        for device, driver in self.each():
            driver.store(vu.hcw(vu.CMD_NEW, driver.PORT, 42))
            self.wait(lambda: driver.poll() == 42)
            self.check(device)

    def test_torn_store_is_refused_and_named(self):
        for device, driver in self.each():
            driver.client.write(BAR0, vu.DIR_PP + driver.PORT * vu.PAGE + 8, bytes(8))
            driver.send(5)
            self.assertEqual(driver.receive(1), [5])
            self.assertEqual(self.server.control(f'counters {device}')['bad_accesses'], 1)
        self.server.__exit__()
        self.assertRegex(self.server.stderr, r'device 1: write of 8 bytes at FUNC .*16 or 64')

    def test_unmapped_ring(self):
        for device, driver in self.each():
            driver.client.unmap(driver.CQ_IOVA - 0x1000, 0x3000)
            driver.send(1)
            driver.barrier()
            self.assertIsNone(driver.poll())
            counters = self.server.control(f'counters {device}')
            # An entry in a dense ring is written with the rest of its line.
            self.assertEqual((counters['dma_errors'], counters['dma_refused']), (4, 4))
            self.assertEqual((counters['dma_maps'], counters['dma_unmaps']), (1, 1))

    def test_ring_of_pages_from_everywhere(self):
        """As QEMU maps memory that is not in huge pages."""
        for device, driver in self.each():
            driver.client.unmap(0, 0, flags=2)
            for page in range(3):
                driver.client.map(driver.CQ_IOVA + (page - 1) * 0x1000, 0x1000, driver.memory.fd,
                                  (page + 1) * 0x1000)
            driver.send(1, 2, 3)
            self.assertEqual(driver.receive(3), [1, 2, 3])
            self.check(device)

    def test_read_only_ring(self):
        for device, driver in self.each():
            driver.client.unmap(driver.CQ_IOVA - 0x1000, 0x3000)
            driver.client.map(driver.CQ_IOVA, 0x1000, driver.memory.fd, 0x2000, flags=1)
            driver.send(1)
            driver.barrier()
            self.assertIsNone(driver.poll())
            self.assertEqual(self.server.control(f'counters {device}')['dma_errors'], 4)

    def test_devices_are_separate(self):
        first, second = (driver for _, driver in self.each())
        first.send(1)
        second.send(2)
        self.assertEqual(first.receive(1), [1])
        self.assertEqual(second.receive(1), [2])
        first.client.close()
        second.send(3)
        self.assertEqual(second.receive(1), [3])
        self.wait(lambda: self.server.control('counters 0')['resets']['power'] == 1)
        self.assertEqual(self.server.control('counters 1')['resets']['power'], 0)
        self.check(1)

    def test_memory_that_is_truncated(self):
        """It ends the session of the client that did it, at the first access, and nothing else."""
        (_, first), (_, second) = self.each()
        os.ftruncate(first.memory.fd, 0)
        first.send(1)
        self.assertEqual(first.client.socket.recv(1), b'')
        self.wait(lambda: self.server.control('counters 0')['resets']['power'] == 1)
        self.assertEqual(self.server.control('counters 0')['dma_mapped'], 0)
        second.send(3)
        self.assertEqual(second.receive(1), [3])
        self.check(1)
        self.assert_alive()

    def test_no_descriptor_left(self):
        """A client that cannot be served is hung up on. The server goes on."""
        driver = self.driver('2.0')
        limit = self.server.descriptors() + 2
        resource.prlimit(self.server.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
        for vector in range(2):
            driver.client.set_irqs(vu.EVENTFD_TRIGGER, vector, 1, [driver.memory.fd])
        self.assertEqual(self.server.descriptors(), limit)
        for _ in range(3):
            with socket.socket(socket.AF_UNIX) as late:
                late.settimeout(10)
                late.connect(self.server.paths[1])
                self.assertEqual(late.recv(1), b'')
        driver.send(1)
        self.assertEqual(driver.receive(1), [1])

    def test_disconnect_is_a_power_cycle(self):
        before = self.server.descriptors()
        for device, driver in self.each():
            driver.client.set_irqs(vu.EVENTFD_TRIGGER, 0, 1, [driver.memory.fd])
            driver.send(1)
            driver.barrier()
            driver.client.close()
            again = Driver(self.connect(device), driver.version)
            self.addCleanup(again.close)
            again.client.write(CONFIG, vu.COMMAND, b'\6\0')
            self.assertEqual(again.get('CM_CFG_PM_PMCSR_DISABLE'), 1)
            counters = self.server.control(f'counters {device}')
            self.assertEqual(counters['dma_mapped'], 0)
            # Totals go on, over all clients.
            self.assertEqual(counters['enqueued'], 1)
            again.map()
            again.set_up()
            again.send(9)
            self.assertEqual(again.receive(1), [9])
            again.client.close()
        self.wait(lambda: self.server.descriptors() <= before)

    def test_second_client_waits_for_the_first(self):
        first = self.connect()
        second = Client(self.server.paths[0], handshake=False)
        self.addCleanup(second.close)
        second.send(vu.VERSION, b'\0\0\0\0{}\0')
        self.assertFalse(select.select([second.socket], [], [], 0.3)[0])
        first.close()
        second.receive()


class Interrupts(ServerTest):
    def setUp(self):
        super().setUp()
        self.driver_2_5 = self.driver('2.5')
        self.client = self.driver_2_5.client
        self.events = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(3)]
        for fd in self.events:
            self.addCleanup(os.close, fd)

    def arm(self, vector=2):
        """CQ interrupt of the port by MSI-X `vector`, at the first event (control-path 12.2)."""
        driver = self.driver_2_5
        driver.set('CHP_DIR_CQ_INT_DEPTH_THRSH', 0, driver.PORT)
        driver.set('CHP_DIR_CQ_INT_ENB', 2, driver.PORT)
        driver.set('SYS_DIR_CQ_ISR', 2 << 10 | vector - 1, driver.PORT)
        driver.set('CHP_DIR_CQ_INTR_ARMED0', 1 << driver.PORT)

    def test_cq_interrupt(self):
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 0, 3, self.events)
        self.client.write(CONFIG, vu.MSIX_CONTROL, b'\x00\x80')
        self.arm()
        self.driver_2_5.send(1)
        self.assertEqual(vu.eventfd_count(self.events[2]), 1)
        self.assertEqual(vu.eventfd_count(self.events[1], 0), 0)
        self.assertEqual(self.server.control('counters')['irqs_sent'], 1)

    def test_waits_for_its_eventfd(self):
        """QEMU gives an eventfd when the guest unmasks the vector."""
        self.client.write(CONFIG, vu.MSIX_CONTROL, b'\x00\x80')
        self.arm()
        self.driver_2_5.send(1)
        self.driver_2_5.barrier()
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 2, 1, self.events[2:])
        self.assertEqual(vu.eventfd_count(self.events[2]), 1)

    def test_waits_for_msix_enable(self):
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 0, 3, self.events)
        self.arm()
        self.driver_2_5.send(1)
        self.driver_2_5.barrier()
        self.assertEqual(vu.eventfd_count(self.events[2], 0), 0)
        self.client.write(CONFIG, vu.MSIX_CONTROL, b'\x00\x80')
        self.assertEqual(vu.eventfd_count(self.events[2]), 1)

    def test_eventfd_taken_away(self):
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 0, 3, self.events)
        self.client.write(CONFIG, vu.MSIX_CONTROL, b'\x00\x80')
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 2, 1)
        self.arm()
        self.driver_2_5.send(1)
        self.driver_2_5.barrier()
        self.assertEqual(vu.eventfd_count(self.events[2], 0), 0)
        self.client.set_irqs(vu.NONE_TRIGGER, 0, 0)
        self.client.set_irqs(vu.BOOL_TRIGGER, 0, 3, data=b'\1\1\1')
        self.assertEqual(vu.eventfd_count(self.events[0], 0), 0)

    def test_vectors_work_after_flr(self):
        """A reset masks the table, which the client cannot know."""
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 0, 3, self.events)
        self.client.write(CONFIG, vu.DEVCTL, b'\x00\x80')
        self.client.write(CONFIG, vu.MSIX_CONTROL, b'\x00\x80')
        self.driver_2_5.set_up()
        self.arm()
        self.driver_2_5.send(1)
        self.assertEqual(vu.eventfd_count(self.events[2]), 1)

    def test_timer_without_further_messages(self):
        """A CQ timer (control-path 12.2) ends by time alone."""
        driver = self.driver_2_5
        self.client.set_irqs(vu.EVENTFD_TRIGGER, 0, 3, self.events)
        self.client.write(CONFIG, vu.MSIX_CONTROL, b'\x00\x80')
        self.arm()
        driver.set('CHP_DIR_CQ_INT_ENB', 1, driver.PORT)
        driver.set('CHP_DIR_CQ_TMR_THRSH', 100, driver.PORT)
        driver.set('CHP_CFG_DIR_CQ_TIMER_CTL', 1 << 8 | 0xff)
        driver.send(1)
        self.assertEqual(vu.eventfd_count(self.events[2]), 1)

    def test_idle_server_sleeps(self):
        self.driver_2_5.send(1)
        self.driver_2_5.receive(1)
        self.driver_2_5.return_tokens(1)
        time.sleep(0.2)

        def cpu_ticks():
            with open(f'/proc/{self.server.process.pid}/stat') as f:
                return sum(map(int, f.read().rsplit(') ')[1].split()[11:13]))
        before = cpu_ticks()
        time.sleep(1)
        self.assertLess(cpu_ticks() - before, 10)


class Control(ServerTest):
    options = ('--hw', '2.0')

    def test_snapshot(self):
        driver = self.driver('2.0')
        before = self.server.control('counters')
        registers = self.server.control('snapshot')['registers']
        after = self.server.control('counters')
        self.assertEqual(before, after)
        self.assertEqual(registers['SYS_TOTAL_VAS'], 0x20)
        self.assertEqual(len(registers['SYS_DIR_PP_V']), 64)
        self.assertEqual(registers['SYS_DIR_PP_V'][str(driver.PORT)], 1)
        self.assertEqual(registers['SYS_DIR_PP_V']['0'], 0)
        self.assertEqual(registers['CHP_CFG_DIR_VAS_CRD'][str(driver.DOMAIN)], 64)
        self.assertEqual(registers['LSP_QID2CQIDIX']['31,15'], 0)
        self.assertNotIn('CHP_CFG_VAS_CRD', registers)
        self.assertNotIn('VF_VF2PF_MAILBOX', registers)

    def test_fault(self):
        driver = self.driver('2.0')
        self.assertEqual(self.server.control('fault cq-drop-write:1:dir:5 0'), {'ok': True})
        driver.send(1, 2)
        driver.barrier()
        self.assertIsNone(driver.poll())
        driver.seen = 1
        self.assertEqual(driver.poll(), 2)
        self.server.control('fault gone')
        self.assertEqual(driver.client.read(CONFIG, 0, 4), b'\xff' * 4)
        self.server.control('fault gone:0')
        self.assertEqual(driver.client.read(CONFIG, 0, 2), b'\x86\x80')

    def test_bad_commands(self):
        for line, what in (('', 'no command'), ('nonsense', 'must be one of counters'),
                           ('counters 1', 'device 1: must be a number from 0 to 0'),
                           ('counters x', 'device x'), ('fault', 'NAME'),
                           ('fault nonsense', 'must be one of'), ('fault gone 7', 'device 7'),
                           ('counters 0 0 0 0', 'too many words'),
                           ('"\\\x01', '"\\\x01'), ('fault token-delay', 'ldb|dir')):
            answer = self.server.control(line)
            self.assertFalse(answer['ok'], line)
            self.assertIn(what, answer['error'])

    def test_long_line_ends_the_client(self):
        with self.assertRaises((ValueError, OSError)):
            self.server.control('x' * 5000)
        self.assertTrue(self.server.control('counters')['ok'])

    def test_quit(self):
        path = self.server.paths[0]
        self.assertEqual(self.server.control('quit'), {'ok': True})
        self.assertEqual(self.server.process.wait(10), 0)
        self.assertFalse(os.path.exists(path))
        self.assertFalse(os.path.exists(self.server.control_path))


class Trace(unittest.TestCase):
    LINE = re.compile(r'(\d+\.\d{6}) '
                      r'(?:(\d+) (read|write|post|dma|irq|reset) (\S+) (.*)|mark (.*))$')

    def test_every_access_by_name(self):
        with Server(PROGRAM, '--trace', '/dev/stderr', devices=2) as server:
            with Client(server.paths[1]) as client:
                driver = Driver(client, '2.5')
                self.addCleanup(driver.close)
                driver.map()
                driver.set_up()
                server.control('mark here it starts')
                driver.send(0x1122)
                driver.receive(1)
                driver.return_tokens(1)
                client.read(BAR0, 0x1000000 + 16 * 3 + 4, 4)
                client.read(BAR0, 0x1001000, 8)
                client.read(BAR2, 4, 4)
                client.write(CONFIG, vu.DEVCTL, b'\x00\x80')
        lines = [self.LINE.match(line).groups() for line in server.stderr.splitlines()
                 if not line.startswith('device ')]
        times = [float(line[0]) for line in lines]
        self.assertEqual(times, sorted(times))
        text = [' '.join(word for word in line[1:5] if word is not None) for line in lines]
        self.assertIn('here it starts', [line[5] for line in lines])
        for expected in ('1 write CM_CFG_PM_PMCSR_DISABLE 0x00000000',
                         '1 write SYS_DIR_PP_V[5] 0x00000001',
                         '1 read CM_CFG_PM_STATUS 0x0100403e',
                         '1 write CONFIG[0x004] 0x0006',
                         '1 read MSIX_TABLE[3][1] 0x00000000',
                         '1 read MSIX_PBA[0] 0x0000000000000000',
                         '1 reset FLR 1', '1 reset POWER 1'):
            self.assertIn(expected, text)
        posts = [line for line in text if ' post ' in line]
        self.assertEqual(len(posts), 2)
        self.assertRegex(posts[0], r'^1 post DIR_PP\[5\] 0x0{96}08[0-9a-f]{14}0{12}1122$')
        self.assertRegex(posts[1], r'^1 post DIR_PP\[5\] 0x01[0-9a-f]{30}$')
        dma = [line for line in text if ' dma ' in line]
        # An entry in a dense ring is written with the rest of its line.
        self.assertEqual(len(dma), 4)
        self.assertRegex(
            dma[0], rf'^1 dma IOVA\[{Driver.CQ_IOVA:#x}\] 0x[0-9a-f]{{16}}0{{12}}1122$')


class Life(unittest.TestCase):
    def test_once(self):
        with Server(PROGRAM, '--once', devices=2) as server:
            first, second = Client(server.paths[0]), Client(server.paths[1])
            first.close()
            time.sleep(0.2)
            self.assertIsNone(server.process.poll())
            second.close()
            self.assertEqual(server.process.wait(10), 0)

    def test_signals(self):
        with Server(PROGRAM) as server:
            client = Client(server.paths[0])
            server.process.terminate()
            self.assertEqual(server.process.wait(10), 0)
            self.assertFalse(os.path.exists(server.paths[0]))
            client.close()

    def test_socket_that_was_left_over(self):
        with Server(PROGRAM) as server:
            server.process.kill()
            server.process.wait()
            path = server.paths[0]
            self.assertTrue(os.path.exists(path))
            again = subprocess.Popen([PROGRAM, '--socket', path], stdout=subprocess.PIPE, text=True)
            self.assertEqual(again.stdout.readline(), f'listening on {path}\n')
            again.terminate()
            again.communicate()

    def refused(self, *options):
        done = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stderr

    def test_socket_in_use(self):
        with Server(PROGRAM) as server:
            code, text = self.refused('--socket', server.paths[0])
            self.assertEqual(code, 1)
            self.assertIn(server.paths[0], text)
            self.assertIn('in use', text)
            Client(server.paths[0]).close()

    def test_wrong_use(self):
        for options, what in (((), '--socket PATH'), (('--hw', '3'), '2.0 or 2.5'),
                              (('--nonsense',), '--help')):
            code, text = self.refused(*options)
            self.assertEqual(code, 2)
            self.assertIn(what, text)
        code, text = self.refused('--trace', '/nonsense/x', '--socket', '/tmp/unused-socket')
        self.assertEqual(code, 1)
        self.assertIn('/nonsense/x', text)

    def test_help_names_every_switch(self):
        done = subprocess.run([PROGRAM, '--help'], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0)
        for word in ('--socket', '--fault', 'arm-when-true (control-path 12.3)'):
            self.assertIn(word, done.stdout)

    def test_options_of_a_device(self):
        with Server(PROGRAM, '--hw', '2.0', '--fault', 'not-ready:1', '--switch',
                    'unknown-address=1') as server:
            for _ in range(2):
                with Client(server.paths[0]) as client:
                    driver = Driver(client, '2.0')
                    client.write(CONFIG, vu.COMMAND, b'\6\0')
                    driver.set('CM_CFG_PM_PMCSR_DISABLE', 0)
                    # The fault is armed at each power-on.
                    self.assertEqual(driver.get('CM_CFG_PM_STATUS') >> 24, 0)
                    self.assertEqual(driver.get('CM_CFG_PM_STATUS') >> 24, 1)
                    self.assertEqual(client.read(BAR2, 4, 4), b'\xff' * 4)
                    driver.close()


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
