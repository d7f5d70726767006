#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the captures beside this script: packets that lie and files that are broken.

Nothing is random: the same bytes each time. README.md says what each must get.
"""
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
ETHERNET, IPV4, IPV6 = 1, 0x0800, 0x86DD
HOP_BY_HOP, TCP, UDP, ROUTING, FRAGMENT, AH, DESTINATION = 0, 6, 17, 43, 44, 51, 60
CLIENT4, SERVER4 = bytes([192, 0, 2, 2]), bytes([198, 51, 100, 2])
CLIENT6 = bytes.fromhex("20010db8000100000000000000000002")
SERVER6 = bytes.fromhex("20010db8000200000000000000000002")
START_SECONDS = 1_790_000_000


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_checksum(body, protocol, addresses):
    """The transport's checksum set right, where there is room for it."""
    at = {TCP: 16, UDP: 6}.get(protocol)
    if at is None or len(body) < at + 2:
        return body
    pseudo_header = addresses + struct.pack(">II", len(body), protocol)
    sum_of_all = checksum(pseudo_header + body) or 0xFFFF
    return body[:at] + struct.pack(">H", sum_of_all) + body[at + 2 :]


def ip4(body, protocol=TCP, length=None, words=5, options=b"", fragment=0, version=4):
    """An IPv4 packet; `length`, `words` and `version` may lie."""
    length = 20 + len(options) + len(body) if length is None else length
    head = struct.pack(">BBHHHBBH", version << 4 | words, 0, length, 1, fragment, 64, protocol, 0)
    head += CLIENT4 + SERVER4 + options
    body = body if fragment else with_checksum(body, protocol, CLIENT4 + SERVER4)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def ip6(body, protocol=TCP, length=None):
    length = len(body) if length is None else length
    body = with_checksum(body, protocol, CLIENT6 + SERVER6)
    return struct.pack(">IHBB", 6 << 28, length, protocol, 64) + CLIENT6 + SERVER6 + body


def tcp(payload=b"", words=5, options=b"", port=80):
    head = struct.pack(">HHIIBBHHH", 40000, port, 1, 1, words << 4, 0x18, 1000, 0, 0)
    return head + options + payload


def udp(payload, length=None, port=53):
    length = 8 + len(payload) if length is None else length
    return struct.pack(">HHHH", 40000, port, length, 0) + payload


def extension(next_header, units=0, size=8):
    return struct.pack(">BB", next_header, units) + b"\1\4" + bytes(size - 4)


def ethernet(packet):
    kind = IPV6 if packet[:1] and packet[0] >> 4 == 6 else IPV4
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + struct.pack(">H", kind) + packet


def pcap_header(link=ETHERNET, snaplen=262144, magic=0xA1B2C3D4, order="<"):
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)


def record(frame, index=0, captured=None, length=None, order="<"):
    captured = len(frame) if captured is None else captured
    length = len(frame) if length is None else length
    return struct.pack(order + "IIII", START_SECONDS + index, 0, captured, length) + frame


def pcap(frames, **header):
    order = header.get("order", "<")
    records = (record(frame, index, order=order) for index, frame in enumerate(frames))
    return pcap_header(**header) + b"".join(records)


def block(kind, body, length=None, trailer=None):
    body += bytes(-len(body) % 4)
    length = 12 + len(body) if length is None else length
    trailer = length if trailer is None else trailer
    return struct.pack("<II", kind, length) + body + struct.pack("<I", trailer)


def pcapng(*blocks, links=(ETHERNET,)):
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interfaces = b"".join(block(1, struct.pack("<HHI", link, 0, 262144)) for link in links)
    return section + interfaces + b"".join(blocks)


def packet_block(frame, interface=0, captured=None, **lies):
    captured = len(frame) if captured is None else captured
    head = struct.pack("<IIIII", interface, 0, 0, captured, len(frame))
    return block(6, head + frame, **lies)


HTTP = b"GET / HTTP/1.1\r\nHost: blocked.example\r\n\r\n"
GOOD = ethernet(ip4(tcp(HTTP)))

# A ClientHello cut at each place where a length was promised.
NAME = b"blocked.example"
SERVER_NAME = struct.pack(">HHHBH", 0, len(NAME) + 5, len(NAME) + 3, 0, len(NAME)) + NAME


def client_hello(extensions=SERVER_NAME, extensions_size=None, record_size=None, session=b"\0"):
    size = len(extensions) if extensions_size is None else extensions_size
    body = b"\3\3" + bytes(32) + session + b"\0\2\x13\1" + b"\1\0"
    body += struct.pack(">H", size) + extensions
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack(">H", record_size or len(message)) + message


def query(name, questions=1, flags=0x0100, tail=b"\0\1\0\1"):
    return struct.pack(">HHHHHH", 7, flags, questions, 0, 0, 0) + name + tail


PACKETS = {
    "ip-lengths": [
        ip4(tcp(HTTP), length=0),
        ip4(tcp(HTTP), length=19),
        ip4(tcp(HTTP), length=30),
        ip4(tcp(HTTP), length=65535),
        ip4(tcp(HTTP), words=0),
        ip4(tcp(HTTP), words=4),
        ip4(tcp(b""), words=15),
        ip4(tcp(HTTP), version=5),
        ip4(tcp(HTTP), version=0),
        b"",
        b"\x45",
        ip4(b"")[:19],
        ip6(tcp(HTTP), length=0),
        ip6(tcp(HTTP), length=65535),
        ip6(tcp(HTTP), length=10),
        ip6(b"")[:39],
    ],
    "ip-options": [
        ip4(tcp(HTTP), words=6, options=b"\7\0\0\0"),
        ip4(tcp(HTTP), words=6, options=b"\7\1\0\0"),
        ip4(tcp(HTTP), words=6, options=b"\x83\xff\4\0"),
        ip4(tcp(HTTP), words=15, options=b"\1" * 40),
        ip4(tcp(HTTP), words=15, options=b"\x44\x28\5" + bytes(37)),
    ],
    "ipv6-extensions": [
        ip6(extension(TCP, units=255) + tcp(HTTP), HOP_BY_HOP),
        ip6(extension(TCP)[:1], HOP_BY_HOP),
        ip6(b"", DESTINATION),
        ip6(extension(DESTINATION) * 170 + extension(TCP) + tcp(HTTP), DESTINATION),
        ip6(extension(HOP_BY_HOP) * 20, HOP_BY_HOP),
        ip6(struct.pack(">BBBB", TCP, 2, 0, 255) + bytes(4) + tcp(HTTP), ROUTING),
        ip6(struct.pack(">BBHIII", TCP, 0, 0, 1, 1, 0) + tcp(HTTP), AH),
        ip6(struct.pack(">BB", TCP, 255) + bytes(6) + tcp(HTTP), AH),
        ip6(struct.pack(">BB", TCP, 0)[:2], FRAGMENT),
        ip6(extension(59) + tcp(HTTP), DESTINATION),
    ],
    "transport": [
        ip4(tcp(HTTP, words=0)),
        ip4(tcp(HTTP, words=4)),
        ip4(tcp(b"", words=15)),
        ip6(tcp(b"", words=15)),
        ip4(tcp(HTTP)[:1]),
        ip4(tcp(HTTP)[:19]),
        ip4(tcp(HTTP, words=6, options=b"\2\0\5\xb4")),
        ip4(tcp(HTTP, words=6, options=b"\2\xff\5\xb4")),
        ip4(tcp(HTTP, words=6, options=b"\1\1\1\2")),
        ip4(udp(b"x", length=0), UDP),
        ip4(udp(b"x", length=7), UDP),
        ip4(udp(b"x", length=65535), UDP),
        ip6(udp(b"x", length=0), UDP),
        ip4(udp(b"")[:5], UDP),
    ],
    "fragments": [
        ip4(tcp(HTTP)[:24], fragment=0x2000),
        ip4(tcp(HTTP)[16:40], fragment=0x2002),
        ip4(tcp(HTTP)[16:], fragment=0x0002),
        ip4(b"x" * 8, fragment=0x1FFF),
        ip4(b"x" * 64, fragment=0x3FFF),
        ip4(tcp(HTTP)[:8], fragment=0x2000),
        ip4(b"", fragment=0x2001),
        ip6(struct.pack(">BBHI", TCP, 0, 0x0001, 9) + tcp(HTTP)[:24], FRAGMENT),
        ip6(struct.pack(">BBHI", TCP, 0, 0x0010, 9) + tcp(HTTP)[16:], FRAGMENT),
        ip6(struct.pack(">BBHI", TCP, 0, 0xFFF9, 9) + b"x" * 8, FRAGMENT),
    ],
    "tls": [
        ip4(tcp(client_hello(), port=443)),
        ip6(tcp(client_hello(), port=443)),
        ip4(tcp(client_hello(extensions_size=65535, extensions=SERVER_NAME[4:]), port=443)),
        ip4(tcp(client_hello(extensions_size=0), port=443)),
        ip4(tcp(client_hello(session=b"\xff"), port=443)),
        ip4(tcp(client_hello(record_size=4), port=443)),
        ip4(tcp(client_hello(extensions=b"\0\0\0\0"), port=443)),
        ip4(tcp(client_hello(extensions=b"\0\0\0\5\0\3\0\xff\xff"), port=443)),
        *(ip4(tcp(client_hello()[:size], port=443)) for size in (1, 5, 6, 9, 43, 44, 50, 60)),
    ],
    "dns": [
        ip4(udp(query(b"\7blocked\7example\0")), UDP),
        ip6(udp(query(b"\7blocked\7example\0", tail=b"\0\x1c\0\1")), UDP),
        ip4(udp(query(b"\xc0\x0c")), UDP),
        ip4(udp(query(b"\x40" + b"a" * 64 + b"\0")), UDP),
        ip4(udp(query(b"\1a" * 500 + b"\0")), UDP),
        ip4(udp(query(b"\7blocked\x3fexample", tail=b"")), UDP),
        ip4(udp(query(b"\7blocked\7example\0", tail=b"\0")), UDP),
        ip4(udp(query(b"\7blocked\7example\0", questions=65535)), UDP),
        ip4(udp(query(b"\7blocked\7example\0", flags=0x8180)), UDP),
        ip4(udp(b"\0" * 11), UDP),
        ip4(udp(b""), UDP),
    ],
}

LINKS = {
    "vlan-cut.pcap": [
        GOOD[:12] + b"\x81\0\0",
        GOOD[:12] + b"\x81\0\0\1",
        GOOD[:12] + b"\x81\0\0\1" * 300 + GOOD[12:],
        GOOD[:12] + b"\x88\xa8\0\1\x81\0\0\2" + GOOD[12:],
        GOOD[:13],
        b"",
        GOOD[:12] + b"\5\xdc" + GOOD[14:],
    ],
}

USB, RADIOTAP, NFLOG, NAMELESS = 220, 127, 239, 65535
SNAP4 = b"\xaa\xaa\3\0\0\0\x08\0"


def wifi(body, flags=1, kind=8):
    """A data frame behind the least radiotap header."""
    return b"\0\0\x08\0\0\0\0\0" + bytes([kind, flags]) + bytes(22) + body


def attribute(kind, value):
    return struct.pack("<HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


FILES = {
    "link-types.pcapng": pcapng(
        packet_block(GOOD),
        packet_block(bytes(64), interface=1),
        packet_block(wifi(SNAP4 + GOOD[14:]), interface=2),
        packet_block(wifi(bytes(8) + GOOD[14:], flags=0x41), interface=2),
        packet_block(b"\0\0\xff\xff\0\0\0\0" + bytes(40), interface=2),
        packet_block(b"\2\0\0\1" + attribute(3, bytes(16)) + attribute(9, GOOD[14:]), interface=3),
        packet_block(b"\2\0\0\1" + b"\3\0\x09\0" + GOOD[14:], interface=3),
        packet_block(b"\2\0\0\1" + b"\xff\xff\x09\0" + GOOD[14:], interface=3),
        packet_block(b"what", interface=4),
        packet_block(b"", interface=1),
        links=(ETHERNET, USB, RADIOTAP, NFLOG, NAMELESS),
    ),
    "link-types-unknown.pcapng": pcapng(packet_block(GOOD), links=(USB,)),
    "empty-file.pcap": b"",
    "no-packets.pcap": pcap([]),
    "header-cut.pcap": pcap([])[:20],
    "bad-magic.pcap": b"not a capture at all, only text\n",
    "bad-link-type.pcap": pcap([GOOD], link=0xFFFF),
    "snaplen-0.pcap": pcap([GOOD], snaplen=0),
    "big-endian.pcap": pcap([GOOD], order=">"),
    "record-cut.pcap": pcap([GOOD, GOOD])[:-10],
    "record-header-cut.pcap": pcap([GOOD]) + b"\0" * 7,
    "record-huge.pcap": pcap([GOOD]) + record(GOOD, captured=0x7FFFFFFF),
    "record-negative.pcap": pcap([GOOD]) + record(GOOD, captured=0xFFFFFFFF),
    "record-longer-than-packet.pcap": pcap_header() + record(GOOD, length=10),
    "record-empty.pcap": pcap_header() + record(b"") + record(GOOD),
    "time-backwards.pcap": pcap_header() + record(GOOD, 9) + record(GOOD, 0) + record(GOOD, 5),
    "no-packets.pcapng": pcapng(),
    "block-too-short.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD, length=8)),
    "block-too-long.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD, length=0x7FFFFFF0)),
    "block-unaligned.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD, length=31)),
    "block-trailer.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD, trailer=4)),
    "block-captured.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD, captured=0xFFFFFF)),
    "block-interface.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD, interface=9)),
    "block-unknown.pcapng": pcapng(block(0x0BADBEEF, b"what"), packet_block(GOOD)),
    "block-cut.pcapng": pcapng(packet_block(GOOD), packet_block(GOOD))[:-20],
}


def main():
    for name, packets in PACKETS.items():
        frames = [ethernet(packet) for packet in packets]
        (HERE / f"{name}.pcap").write_bytes(pcap(frames))
    for name, frames in LINKS.items():
        (HERE / name).write_bytes(pcap(frames))
    for name, content in FILES.items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
