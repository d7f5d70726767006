# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP conversations cut in all ways, and what a server makes of those of their packets that pass.

A piece is (offset, bytes): bytes that the client sends from that offset of its stream on. Offsets
count from the byte behind the SYN.
"""
import os
import random
import struct
import sys
import tempfile
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "conformance"))
from packets import (ACK, DESTINATION_OPTIONS, FIN, PSH, RST, SYN, ip4, ip6, tcp,  # noqa: E402,F401
                     udp)
from replaying import Run  # noqa: E402

START_S = 1_790_000_000
IP4_LINK, RAW_IP = 228, 101
SERVER_ISN = 5000

# port: the client's, by which a conversation is known. `packets`: all of them, in order.
Conversation = namedtuple("Conversation", "port packets start")


def conversation(port, pieces, family=4, isn=1000, server_port=443, is_opened=True, early=b"",
                 extensions=(), options=b""):
    """is_opened: SYN and its answer are there. early: data in the SYN."""
    ports, start = (port, server_port), isn + 1 & 0xFFFFFFFF

    def sent(payload, seq, flags=PSH | ACK, ack=SERVER_ISN + 1):
        segment = tcp(payload, flags, seq & 0xFFFFFFFF, ack, ports, options)
        return ip6(segment, extensions=extensions) if family == 6 else ip4(segment)

    def answered(payload, seq, flags, ack):
        segment = tcp(payload, flags, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, ports[::-1])
        if family == 6:
            return ip6(segment, "2001:db8::2", "2001:db8::1")
        return ip4(segment, "10.0.0.2", "10.0.0.1")

    packets = []
    if is_opened:
        packets += [sent(early, isn, SYN, 0), answered(b"", SERVER_ISN, SYN | ACK, start),
                    sent(b"", start, ACK)]
    packets += [sent(data, start + offset) for offset, data in pieces]
    packets.append(answered(b"\x16\x03\x03\0\4\2\0\0\0", SERVER_ISN + 1, PSH | ACK, start))
    return Conversation(port, packets, start)


def arrived(conversation_, packets, newest=False):
    """What the server's application reads: the stream up to its first gap. Of a byte that came
    twice, the first copy counts; with `newest`, the last one."""
    stream = {}
    for packet in packets:
        header = packet[(packet[0] & 15) * 4:] if packet[0] >> 4 == 4 else transport6(packet)
        source_port, _, seq, _, offset, flags = struct.unpack_from(">HHIIBB", header)
        if source_port != conversation_.port:
            continue
        seq += 1 if flags & SYN else 0
        at = (seq - conversation_.start + 2**31) % 2**32 - 2**31
        for i, byte in enumerate(header[(offset >> 4) * 4:], at):
            if newest or i not in stream:
                stream[i] = byte
    data = bytearray()
    while len(data) in stream:
        data.append(stream[len(data)])
    return bytes(data)


def transport6(packet):
    header, at = packet[6], 40
    while header != 6:
        header, at = packet[at], at + (packet[at + 1] + 1) * 8
    return packet[at:]


class Replayed:
    """nflua over these conversations, one after the other. `run`; per port: `passed`, `dropped`."""

    def __init__(self, nflua, script, conversations, args=()):
        owners = [each.port for each in conversations for _ in each.packets]
        packets = [packet for each in conversations for packet in each.packets]
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(capture(packets))
            file.flush()
            self.run = Run(nflua, os.path.join(ROOT, "examples", script), file.name, args)
        self.passed = {each.port: [] for each in conversations}
        self.dropped = {each.port: 0 for each in conversations}
        for event in self.run.events_of("verdict"):
            port = owners[event["packet"] - 1]
            if event["verdict"] == "drop":
                self.dropped[port] += 1
            else:
                self.passed[port].append(packets[event["packet"] - 1])


def capture(packets):
    """A pcap file of raw IP."""
    records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, RAW_IP)]
    for index, packet in enumerate(packets):
        records.append(struct.pack("<IIII", START_S + index // 1000, index % 1000 * 1000,
                                   len(packet), len(packet)) + packet)
    return b"".join(records)


# ---- How a stream can be cut

def cut(data, size, at=0):
    return [(at + i, data[i:i + size]) for i in range(0, len(data), size)]


def cut_at(data, *places):
    edges = [0, *places, len(data)]
    return [(a, data[a:b]) for a, b in zip(edges, edges[1:])]


def overlapping(data, size, overlap):
    return [(i, data[i:i + size + overlap]) for i in range(0, len(data), size)]


def at_random(data, seed):
    """Pieces of any size that overlap and come twice, in any order, and all of it again."""
    dice = random.Random(seed)
    pieces = cut(data, dice.choice((1, 3, 50, 200, 536, 1220, 1460)))
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(data))
        pieces.append((at, data[at:at + dice.randrange(1, 700)]))
    if dice.random() < 0.8:
        # A network swaps neighbours rather than all.
        reach = dice.choice((2, 3, 10, 40))
        order = {id(piece): index + dice.random() * reach for index, piece in enumerate(pieces)}
        pieces.sort(key=lambda piece: order[id(piece)])
    return pieces + cut(data, 1300) + cut(data, 700)
