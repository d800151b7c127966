# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# A client of vfio-user for tests, and the little of a driver that moves an event through a device:
# one directed queue and port. What is told of registers comes from the specification's CSV.

import csv
import json
import mmap
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

(VERSION, DMA_MAP, DMA_UNMAP, INFO, REGION_INFO, IO_FDS, IRQ_INFO, SET_IRQS, READ,
 WRITE) = range(1, 11)
DMA_READ, DMA_WRITE, RESET, WRITE_MULTI = 11, 12, 13, 15
NO_REPLY = 0x10
BAR0, BAR2, CONFIG = 0, 2, 7
MSIX = 2
EVENTFD_TRIGGER, NONE_TRIGGER, BOOL_TRIGGER = 0x24, 0x21, 0x22
HEADER = struct.Struct('<HHIII')

DIR_PP, LDB_PP, PAGE = 0x2000000, 0x2100000, 0x1000
COMMAND, DEVCTL, MSIX_CONTROL = 0x04, 0x6c + 8, 0x62
CMD_BAT_T, CMD_NEW, DIRECTED = 0x1, 0x8, 3
REGISTERS_CSV = Path(__file__).resolve().parents[3] / 'lib/dlb2_spec/registers.csv'


class Refused(Exception):
    """An error reply; errno is its number."""

    def __init__(self, number):
        super().__init__(os.strerror(number))
        self.errno = number


class Gone(Exception):
    """The server has closed the connection."""


class Server:
    """The program, with its sockets in a folder of its own, as a context."""

    def __init__(self, program, *options, devices=1, control=True):
        self.folder = tempfile.TemporaryDirectory()
        self.paths = [f'{self.folder.name}/{n}' for n in range(devices)]
        self.control_path = f'{self.folder.name}/control'
        self.command = [program, *options, *(['--control', self.control_path] if control else [])]
        if '--socket' not in options:
            for path in self.paths:
                self.command += ['--socket', path]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.PIPE)
        for path in self.paths:
            line = self.process.stdout.readline()
            if line != f'listening on {path}\n':
                raise AssertionError(f'{line!r} {self.process.stderr.read()}')
        return self

    def __exit__(self, *_):
        """Ends it. A crash, or what a sanitizer found, shows in the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        _, self.stderr = self.process.communicate(timeout=60)
        self.folder.cleanup()
        if self.process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f'exit status {self.process.returncode}: {self.stderr}')

    def control(self, *lines):
        """Sends commands on one connection; returns the answer, or the answers of several."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(self.control_path)
            with s.makefile('rw') as stream:
                stream.write(''.join(line + '\n' for line in lines))
                stream.flush()
                answers = [json.loads(stream.readline()) for _ in lines]
        return answers[0] if len(answers) == 1 else answers

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))


class Client:
    """A connection, after the handshake unless it is not wanted; a context."""

    def __init__(self, path, handshake=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.next_id = 0
        if handshake:
            self.version()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def message(self, command, body=b'', flags=0, size=None):
        self.next_id = (self.next_id + 1) % 0x10000
        size = HEADER.size + len(body) if size is None else size
        return HEADER.pack(self.next_id, command, size, flags, 0) + body

    def send(self, command, body=b'', fds=(), flags=0, size=None):
        socket.send_fds(self.socket, [self.message(command, body, flags, size)], list(fds))

    def take(self, length):
        data = b''
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise Gone
            data += more
        return data

    def receive(self):
        """Returns the body of the reply to the last message."""
        number, _, size, flags, error = HEADER.unpack(self.take(HEADER.size))
        body = self.take(size - HEADER.size)
        if flags & 0xf != 1 or number != self.next_id:
            raise AssertionError(f'flags {flags:#x}, reply to {number}, not {self.next_id}')
        if flags & 0x20:
            raise Refused(error)
        return body

    def ask(self, command, body=b'', fds=()):
        self.send(command, body, fds)
        return self.receive()

    def version(self, major=0, minor=0):
        body = self.ask(VERSION, struct.pack('<HH', major, minor) + b'{"capabilities":{}}\0')
        return struct.unpack('<HH', body[:4]), json.loads(body[4:-1])

    def read(self, region, offset, count):
        return self.ask(READ, struct.pack('<QII', offset, region, count))[16:]

    def write(self, region, offset, data, posted=False):
        body = struct.pack('<QII', offset, region, len(data)) + data
        if posted:
            self.send(WRITE, body, flags=NO_REPLY)
        else:
            self.ask(WRITE, body)

    def post(self, region, writes):
        """Writes (offset, data) without replies, which arrive at once."""
        self.socket.sendall(b''.join(
            self.message(WRITE, struct.pack('<QII', offset, region, len(data)) + data, NO_REPLY)
            for offset, data in writes))

    def map(self, iova, size, fd=None, offset=0, flags=3):
        self.ask(DMA_MAP, struct.pack('<IIQQQ', 32, flags, offset, iova, size),
                 [] if fd is None else [fd])

    def unmap(self, iova, size, flags=0):
        return self.ask(DMA_UNMAP, struct.pack('<IIQQ', 24, flags, iova, size))

    def set_irqs(self, flags, start, count, fds=(), index=MSIX, data=b''):
        self.ask(SET_IRQS, struct.pack('<IIIII', 20 + len(data), flags, index, start, count) + data,
                 fds)


class Memory:
    """Memory that a device may be given, as a memfd."""

    def __init__(self, size):
        self.fd = os.memfd_create('guest', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        self.map = mmap.mmap(self.fd, size)

    def close(self):
        self.map.close()
        os.close(self.fd)


def registers(version):
    """Offsets of one version by name: (space, offset, stride)."""
    column = 'v20_offset' if version == '2.0' else 'v25_offset'
    with open(REGISTERS_CSV, newline='') as f:
        return {row['name']: (row['space'], int(row[column], 16), int(row['stride1'] or '0', 16))
                for row in csv.DictReader(f) if row[column]}


def eventfd_count(fd, seconds=10):
    """Waits for an eventfd; returns how often it was counted up, 0 if it was not."""
    if not select.select([fd], [], [], seconds)[0]:
        return 0
    return struct.unpack('<Q', os.read(fd, 8))[0]


def hcw(command, qid=0, data=0, opaque=0, tokens=0):
    return struct.pack('<QHBBHBB', data, opaque, qid, DIRECTED, tokens, 0, command)


class Driver:
    """A device of which directed queue and port 5 of domain 2 work, the CQ being at CQ_IOVA."""

    CQ_IOVA, ENTRIES, PORT, DOMAIN = 0x7f0000001000, 8, 5, 2

    def __init__(self, client, version):
        self.client = client
        self.version = version
        self.registers = registers(version)
        self.memory = Memory(0x4000)
        self.seen = 0

    def close(self):
        self.memory.close()

    def reg(self, name, index=0):
        space, offset, stride = self.registers[name]
        return (BAR2 if space == 'csr' else BAR0), offset + index * stride

    def get(self, name, index=0):
        return struct.unpack('<I', self.client.read(*self.reg(name, index), 4))[0]

    def set(self, name, value, index=0):
        self.client.write(*self.reg(name, index), struct.pack('<I', value), posted=True)

    def power_up(self):
        self.client.write(CONFIG, COMMAND, struct.pack('<H', 6))
        self.set('CM_CFG_PM_PMCSR_DISABLE', 0)
        assert self.get('CM_CFG_PM_STATUS') >> 24 == 1

    def map(self):
        self.client.map(self.CQ_IOVA - 0x1000, 0x3000, self.memory.fd, 0x1000)

    def set_up(self):
        port, domain = self.PORT, self.DOMAIN
        credits = 'CHP_CFG_DIR_VAS_CRD' if self.version == '2.0' else 'CHP_CFG_VAS_CRD'
        queues = 64 if self.version == '2.0' else 96
        self.power_up()
        self.set(credits, 64, domain)
        self.set('LSP_QID_DIR_DEPTH_THRSH', 256, port)
        self.set('SYS_DIR_QID_V', 1, port)
        self.set('SYS_DIR_VASQID_V', 1, domain * queues + port)
        self.set('SYS_DIR_CQ_ADDR_L', self.CQ_IOVA & 0xffffffff, port)
        self.set('SYS_DIR_CQ_ADDR_U', self.CQ_IOVA >> 32, port)
        self.set('SYS_DIR_CQ2VF_PF_RO', 1 << 5 | 1 << 4, port)
        self.set('CHP_DIR_CQ_TKN_DEPTH_SEL', 1, port)
        self.set('LSP_CQ_DIR_TKN_CNT', 0, port)
        self.set('LSP_CQ_DIR_TKN_DEPTH_SEL_DSI', 1, port)
        self.set('CHP_DIR_CQ_WPTR', 0, port)
        self.set('CHP_DIR_CQ2VAS', domain, port)
        self.set('SYS_DIR_PP2VAS', domain, port)
        self.set('SYS_DIR_PP_V', 1, port)
        self.set('LSP_CQ_DIR_DSBL', 0, port)

    def store(self, data, width=8, step=None):
        """
        A store to the port's page as it arrives: pieces, each at its own offset. With `step`,
        several of so many bytes to the same place.
        """
        page = DIR_PP + self.PORT * PAGE
        self.client.post(BAR0, [(page + at % (step or len(data)), data[at:at + width])
                                for at in range(0, len(data), width)])

    def send(self, *values):
        """Stores lines with an event for each value."""
        for at in range(0, len(values), 4):
            line = b''.join(hcw(CMD_NEW, self.PORT, value) for value in values[at:at + 4])
            self.store(line.ljust(64, b'\0'))

    def barrier(self):
        self.client.read(BAR0, DIR_PP + self.PORT * PAGE, 8)

    def return_tokens(self, count):
        self.store(hcw(CMD_BAT_T, tokens=count - 1))

    def poll(self):
        """The data of the next entry, or None: entries are valid by their generation bit."""
        at = 0x2000 + self.seen % self.ENTRIES * 16
        data, _, _, _, _, _, status = struct.unpack('<QHBBHBB', self.memory.map[at:at + 16])
        if status & 1 != 1 - self.seen // self.ENTRIES % 2:
            return None
        self.seen += 1
        return data

    def receive(self, count):
        """Waits for so many entries."""
        values = []
        for _ in range(10000):
            value = self.poll()
            if value is not None:
                values.append(value)
            if len(values) == count:
                return values
            self.barrier()
        raise AssertionError(f'{len(values)} of {count} entries: {values}')
