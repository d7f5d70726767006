# SPDX-License-Identifier: GPL-2.0-or-later
"""The same filters in plain Python, with its own reader: plain.py trivial|fields|search CAPTURE."""
import struct
import sys

NEEDLE = b"\r\nHost: "
BUSY = {80 + 33 * i for i in range(100)}
TCP, UDP = 6, 17
IPV4, IPV6 = 0x0800, 0x86DD
ETHERNET = struct.Struct(">12xH")
IPV4_HEADER = struct.Struct(">BxH2xHxB2x4s4s")
IPV6_HEADER = struct.Struct(">4xHBx16s16s")
PORTS = struct.Struct(">HH")


def parse(frame):
    """Protocol, source, destination, where the transport header starts and the packet ends."""
    kind, = ETHERNET.unpack_from(frame)
    if kind == IPV4:
        start, size, fragment, protocol, source, destination = IPV4_HEADER.unpack_from(frame, 14)
        if fragment & 0x1FFF == 0:
            return protocol, source, destination, 14 + (start & 15) * 4, 14 + size
    elif kind == IPV6:
        size, protocol, source, destination = IPV6_HEADER.unpack_from(frame, 14)
        return protocol, source, destination, 54, 54 + size
    return None, None, None, 0, 0


def trivial(frame):
    return True


def fields(frame):
    protocol, source, destination, at, _ = parse(frame)
    if protocol != TCP and protocol != UDP:
        return False
    sport, dport = PORTS.unpack_from(frame, at)
    return dport in BUSY and sport != dport and source != destination


def search(frame):
    protocol, _, _, at, end = parse(frame)
    if protocol != TCP:
        return False
    return frame.find(NEEDLE, at + (frame[at + 12] >> 4) * 4, end) >= 0


def frames(path):
    record = struct.Struct("<8xI4x")
    with open(path, "rb", buffering=1 << 18) as capture:
        capture.read(24)
        while header := capture.read(record.size):
            yield capture.read(record.unpack(header)[0])


def main():
    matches = {"trivial": trivial, "fields": fields, "search": search}[sys.argv[1]]
    print(sum(1 for frame in frames(sys.argv[2]) if matches(frame)))


main()
