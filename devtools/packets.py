#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Packets for programs that forward, by way of net_pcap: each has a number, and they are of FLOWS flows
in turn. A program may change what it likes of a packet except its flow and its number.

usage: packets.py make COUNT FILE
       packets.py check SENT RECEIVED [any-order]

`check` prints how many came through, and fails if one is missing, came twice, is none of those that
were sent or, unless any order will do, was overtaken by a later one of its flow.
"""

import struct
import sys

FLOWS = 16
PAYLOAD = struct.Struct("<4sII")  # a mark, flow, number
MARK = b"dlb2"
FILE_HEADER = struct.Struct("<IHHiIII")
MAGICS = (0xA1B2C3D4, 0xA1B23C4D)  # time stamps in microseconds, in nanoseconds
RECORD_HEADER = struct.Struct("<IIII")
ETHERNET = 1  # the link type
HEADERS = 14 + 20 + 8  # of Ethernet, IPv4 and UDP
LENGTH = 64


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def packet(number):
    """One UDP packet; addresses are of RFC 2544's test network."""
    flow = number % FLOWS
    ip = bytearray(struct.pack(">BBHHHBBH4B4B", 0x45, 0, LENGTH - 14, 0, 0, 64, 17, 0,
                               198, 18, 0, 1, 198, 18, 1, flow))
    ip[10:12] = struct.pack(">H", checksum(ip))
    udp = struct.pack(">HHHH", 9, 9, LENGTH - 34, 0)
    ethernet = bytes(5) + b"\2" + bytes(5) + b"\4" + b"\x08\x00"
    return (ethernet + ip + udp + PAYLOAD.pack(MARK, flow, number)).ljust(LENGTH, b"\0")


def make(count, path):
    with open(path, "wb") as file:
        file.write(FILE_HEADER.pack(MAGICS[0], 2, 4, 0, 0, 65535, ETHERNET))
        for number in range(count):
            file.write(RECORD_HEADER.pack(0, 0, LENGTH, LENGTH) + packet(number))


def read(path):
    """The flow and the number of each packet of a file."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < FILE_HEADER.size or FILE_HEADER.unpack_from(data)[0] not in MAGICS:
        raise ValueError(f"{path} has no packets in it")
    at = FILE_HEADER.size
    while at < len(data):
        length = RECORD_HEADER.unpack_from(data, at)[2]
        mark, flow, number = PAYLOAD.unpack_from(data, at + RECORD_HEADER.size + HEADERS)
        if mark != MARK:
            raise ValueError(f"{path} has a packet that was not sent")
        yield flow, number
        at += RECORD_HEADER.size + length


def overtaken(packets):
    """The numbers of packets that came after a later one of their flow."""
    last = {}
    for flow, number in packets:
        if number < last.get(flow, -1):
            yield number
        last[flow] = max(number, last.get(flow, -1))


def check(sent, received, any_order):
    """What is wrong, as a list of sentences, and how many packets were sent and received."""
    sent, received = list(read(sent)), list(read(received))
    wrong = []
    if missing := set(sent) - set(received):
        wrong.append(f"{len(missing)} are missing, packet {min(missing)[1]} is the first")
    if len(received) > len(set(received)):
        wrong.append(f"{len(received) - len(set(received))} came more than once")
    if strange := set(received) - set(sent):
        wrong.append(f"{len(strange)} were not sent")
    if not any_order and (late := list(overtaken(received))):
        wrong.append(f"{len(late)} were overtaken, packet {late[0]} is the first")
    return wrong, len(sent), len(received)


def main(command, *arguments):
    if command == "make":
        make(int(arguments[0]), arguments[1])
        return
    try:
        wrong, sent, received = check(*arguments[:2], arguments[2:] == ("any-order",))
    except (OSError, ValueError, struct.error) as error:
        sys.exit(f"packets: {error}")
    print(f"packets: {sent} sent, {received} received", *wrong, sep="; ")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
