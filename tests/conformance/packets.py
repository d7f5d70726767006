# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets that the cases name, built from the RFCs and by no code of nflua's.

PACKETS[name] is a packet from its IP header on, or a Frame where the link layer matters. A name
that isn't there may end in a number: udp4_7 is a datagram to port 7.
"""
import ipaddress
import struct
from collections import namedtuple

TCP, UDP, ICMP, ICMP6, ESP = 6, 17, 1, 58, 50
HOP_BY_HOP, ROUTING, FRAGMENT, NO_NEXT, DESTINATION_OPTIONS = 0, 43, 44, 59, 60
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

CLIENT4, SERVER4 = "10.0.0.1", "10.0.0.2"
CLIENT6, SERVER6 = "2001:db8::1", "2001:db8::2"
CLIENT_PORT, SERVER_PORT = 40000, 80
MACS = bytes.fromhex("020000000002" "020000000001")  # to, from
BACK_MACS = MACS[6:] + MACS[:6]
MACS_DIGITS = 2 * len(MACS)  # of what a frame begins with, in hexadecimal
OTHER_MACS = bytes.fromhex("020000000003" "020000000001")
WINDOW = 65535
ETHERNET_BYTES, IP4_BYTES, IP6_BYTES = 14, 20, 40

# original: bytes on the wire, where a capture has fewer.
Frame = namedtuple("Frame", "frame original")


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def address(text):
    return ipaddress.ip_address(text).packed


# ---- Transport: functions of the addresses, for the checksum's pseudo header.

def pseudo_header(segment, source, destination, protocol):
    """RFC 8200 section 8.1; for IPv4 the sum is the same (RFC 9293 section 3.1)."""
    return address(source) + address(destination) + struct.pack(">LL", len(segment), protocol)


def with_checksum(segment, offset, source, destination, protocol):
    pseudo = pseudo_header(segment, source, destination, protocol)
    value = checksum(pseudo + segment) or (0xFFFF if protocol == UDP else 0)
    return segment[:offset] + struct.pack(">H", value) + segment[offset + 2:]


def tcp(payload=b"", flags=PSH | ACK, seq=1000, ack=2000, ports=(CLIENT_PORT, SERVER_PORT),
        options=b"", bad_checksum=False, pending=False, data_offset=None):
    """pending: the checksum field holds the pseudo header's sum, the rest is left to hardware."""
    words = 5 + len(options) // 4 if data_offset is None else data_offset

    def build(source, destination):
        header = struct.pack(">HHLLBBHHH", *ports, seq, ack, words << 4, flags, WINDOW, 0, 0)
        segment = header + options + payload
        if pending:
            value = checksum(pseudo_header(segment, source, destination, TCP)) ^ 0xFFFF
            return segment[:16] + struct.pack(">H", value) + segment[18:]
        segment = with_checksum(segment, 16, source, destination, TCP)
        if bad_checksum:
            return segment[:16] + bytes([segment[16] ^ 1]) + segment[17:]
        return segment
    return TCP, build


def udp(payload=b"", ports=(5000, 53), length=None, no_checksum=False):
    def build(source, destination):
        size = 8 + len(payload) if length is None else length
        datagram = struct.pack(">HHHH", *ports, size, 0) + payload
        if no_checksum:
            return datagram
        return with_checksum(datagram, 6, source, destination, UDP)
    return UDP, build


def echo(kind, identifier=7, sequence=1, payload=b"abcd"):
    """ICMP's (RFC 792) or, by its numbers 128 and 129, ICMPv6's (RFC 4443)."""
    def build(source, destination):
        message = struct.pack(">BBHHH", kind, 0, 0, identifier, sequence) + payload
        if kind >= 128:
            return with_checksum(message, 2, source, destination, ICMP6)
        return message[:2] + struct.pack(">H", checksum(message)) + message[4:]
    return (ICMP6 if kind >= 128 else ICMP), build


def raw(protocol, data):
    return protocol, lambda source, destination: data


# ---- Network

def ip4(transport, source=CLIENT4, destination=SERVER4, options=b"", fragment=None, total=None):
    """fragment: (offset in bytes, whether more follow, bytes of the transport that go in)."""
    protocol, build = transport
    data = build(source, destination)
    flags = 0x4000  # DF
    if fragment:
        offset, more, size = fragment
        data = data[offset:offset + size]
        flags = offset // 8 | (0x2000 if more else 0)
    words = 5 + len(options) // 4
    length = words * 4 + len(data) if total is None else total
    header = struct.pack(">BBHHHBBH", 0x40 | words, 0, length, 9 if fragment else 0, flags, 64,
                         protocol, 0)
    header += address(source) + address(destination) + options
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + data


def ip6(transport, source=CLIENT6, destination=SERVER6, extensions=(), length=None):
    """extensions: (number, all bytes after the next-header byte) of each extension header."""
    protocol, build = transport
    data = build(source, destination)
    for number, rest in reversed(extensions):
        data = bytes([protocol]) + rest + data
        protocol = number
    size = len(data) if length is None else length
    header = struct.pack(">LHBB", 6 << 28, size, protocol, 64)
    return header + address(source) + address(destination) + data


def bundle6(payload):
    """As a host shows what it leaves to its card to cut: without a length, and without or with the
    option that has it (RFC 2675)."""
    transport = tcp(payload)
    size = 8 + len(transport[1](CLIENT6, SERVER6))
    option = b"\x00\xc2\x04" + struct.pack(">L", size)
    return (ip6(transport, length=0),
            ip6(transport, extensions=[(HOP_BY_HOP, option)], length=0))


def fragment6(transport, offset, more, size):
    protocol, build = transport
    data = build(CLIENT6, SERVER6)[offset:offset + size]
    header = struct.pack(">BHL", 0, offset | more, 9)
    return ip6(raw(protocol, data), extensions=[(FRAGMENT, header)])


def ethernet(packet, padding=0, macs=MACS, tags=b""):
    ether_type = {4: 0x0800, 6: 0x86DD}[packet[0] >> 4]
    return macs + tags + struct.pack(">H", ether_type) + packet + bytes(padding)


def cut(packet, captured):
    frame = ethernet(packet)
    return Frame(frame[:ETHERNET_BYTES + captured], len(frame))


def back4(transport):
    return ip4(transport, SERVER4, CLIENT4)


def back6(transport):
    return ip6(transport, SERVER6, CLIENT6)


BACK = (SERVER_PORT, CLIENT_PORT)
SYN_MSS = struct.pack(">BBH", 2, 4, 100)  # RFC 9293: the sender takes 100 bytes a segment
PADDED_OPTIONS = b"\x00" * 6  # hop-by-hop and destination options: 8 bytes in all, Pad1 (RFC 8200)
EXTENSIONS = [(number, b"\x00" + PADDED_OPTIONS) for number in (HOP_BY_HOP, DESTINATION_OPTIONS)]
GET = b"GET / HTTP/1.1\r\n\r\n"
LONG = bytes(range(256)) * 8
LATER = dict(seq=1000 + len(GET), ack=2000)
REPLY = dict(ports=BACK, seq=2000, ack=1000 + len(GET))


def split(family, size, message):
    """What a tcpreply of `message` to tcp4 or tcp6 must be, in segments of `size` bytes."""
    for at in range(0, len(message), size):
        yield family(tcp(message[at:at + size], **{**REPLY, "seq": 2000 + at}))


BUNDLE = b"GET /" + LONG * 33  # more than a length of 16 bits can say
BUNDLE6, JUMBO6 = bundle6(BUNDLE)
INNER = ip4(tcp(GET, ports=(1000, 80)), "10.1.0.2", "10.2.0.2")
VXLAN = b"\x08\0\0\0\0\0\x2a\0"
GENEVE = b"\0\0\x65\x58\0\0\x2a\0"
LABEL = b"\0\x01\x01\x40"  # of MPLS, the last one

PACKETS = {
    # One connection; the client's SYN says an MSS of 100 in mss4.
    "syn4": ip4(tcp(flags=SYN, seq=999, ack=0)),
    "mss4": ip4(tcp(flags=SYN, seq=999, ack=0, options=SYN_MSS)),
    "synack4": back4(tcp(flags=SYN | ACK, seq=1999, ack=1000, ports=BACK)),
    "ack4": ip4(tcp(flags=ACK)),
    "tcp4": ip4(tcp(GET)),
    "answer4": back4(tcp(b"HTTP/1.1 200 OK\r\n\r\n", **REPLY)),
    "rst4": ip4(tcp(flags=RST | ACK)),
    "fin4": ip4(tcp(b"bye", flags=FIN | ACK)),
    "options4": ip4(tcp(GET, options=bytes([1, 1, 1, 0])), options=bytes([1, 1, 1, 0])),
    "bad_checksum4": ip4(tcp(GET, bad_checksum=True)),
    "pending4": ip4(tcp(GET, pending=True)),
    "multicast4": ip4(tcp(GET), destination="224.0.0.1"),
    "syn6": ip6(tcp(flags=SYN, seq=999, ack=0)),
    "synack6": back6(tcp(flags=SYN | ACK, seq=1999, ack=1000, ports=BACK)),
    "ack6": ip6(tcp(flags=ACK)),
    "tcp6": ip6(tcp(GET)),
    "answer6": back6(tcp(b"HTTP/1.1 200 OK\r\n\r\n", **REPLY)),
    "extended6": ip6(tcp(GET), extensions=EXTENSIONS),
    "routed6": ip6(tcp(GET), extensions=[(ROUTING, b"\x02\x00\x01" + bytes(20))]),
    # Datagrams.
    "udp4": ip4(udp(b"question")),
    "udp6": ip6(udp(b"question")),
    "strings4": ip4(udp(b"\3abcdef\0")),
    "udp4_back": back4(udp(b"answer", ports=(53, 5000))),
    "udp6_back": back6(udp(b"answer", ports=(53, 5000))),
    "empty_udp4": ip4(udp()),
    "no_checksum4": ip4(udp(b"question", no_checksum=True)),
    "portless4": ip4(udp(b"question", ports=(0, 53))),
    "ping4": ip4(echo(8)),
    "pong4": back4(echo(0)),
    "ping6": ip6(echo(128)),
    "pong6": back6(echo(129)),
    "esp4": ip4(raw(ESP, b"12345678")),
    # Fragments of one datagram of 8 + 24 bytes.
    "first4": ip4(udp(b"abcdefgh" * 3), fragment=(0, True, 16)),
    "later4": ip4(udp(b"abcdefgh" * 3), fragment=(16, False, 16)),
    "whole4": ip4(udp(b"abcdefgh" * 3)),
    "first6": fragment6(udp(b"abcdefgh" * 3), 0, True, 16),
    "later6": fragment6(udp(b"abcdefgh" * 3), 16, False, 16),
    "tcp_fragment4": ip4(tcp(GET), fragment=(0, True, 32)),
    # Link layers.
    "arp": Frame(MACS + b"\x08\x06" + bytes(28), None),
    "vlan4": Frame(ethernet(ip4(udp(b"question")), tags=bytes.fromhex("81000064")), None),
    # Bundles of segments, whose length field is 0.
    "bundle4": ip4(tcp(BUNDLE), total=0),
    "bundle6": BUNDLE6,
    "jumbo6": JUMBO6,
    "cut_bundle4": cut(ip4(tcp(BUNDLE), total=0), 60),
    "cut_bundle6": cut(BUNDLE6, 80),
    "cut_jumbo6": cut(JUMBO6, 88),
    "bundle_vxlan4": ip4(udp(VXLAN + ethernet(ip4(tcp(BUNDLE), total=0)), ports=(5000, 4789),
                             length=0), total=0),
    # Tunnels.
    "gre4": ip4(raw(47, b"\0\0\x08\0" + INNER)),
    "vxlan4": ip4(udp(VXLAN + ethernet(INNER), ports=(5000, 4789))),
    "geneve4": ip4(udp(GENEVE + ethernet(INNER), ports=(5000, 6081))),
    "ipip4": ip4(raw(4, INNER)),
    "ipip6": ip6(raw(4, INNER)),
    "mpls4": ip4(udp(LABEL + INNER, ports=(5000, 6635))),
    "nested4": ip4(raw(47, b"\0\0\x65\x58" + ethernet(
        ip4(udp(VXLAN + ethernet(ip6(raw(41, ip6(udp(b"question"))))), ports=(1, 4789)))))),
    "cut_ipip4": cut(ip4(raw(4, INNER)), 50),
    # Hostile: cut off, or lying.
    "padded4": Frame(ethernet(ip4(udp(b"x")), padding=20), None),
    "cut_ip4": cut(ip4(tcp(GET)), 12),
    "cut_ports4": cut(ip4(tcp(GET)), 22),
    "cut_tcp4": cut(ip4(tcp(GET)), 30),
    "cut_payload4": cut(ip4(tcp(GET)), 45),
    "cut_extension6": cut(ip6(tcp(GET), extensions=EXTENSIONS), 44),
    "long_options4": b"\x4f" + ip4(tcp(GET))[1:],
    "short_header4": b"\x44" + ip4(tcp(GET))[1:],
    "short_total4": ip4(tcp(GET), total=19),
    "data_offset4": ip4(tcp(GET, data_offset=15)),
    "small_data_offset4": ip4(tcp(GET, data_offset=4)),
    "long_udp4": ip4(udp(b"question", length=200)),
    "short_udp4": ip4(udp(b"question", length=7)),
    "lying_extension6": ip6(tcp(GET), extensions=[(HOP_BY_HOP, b"\xff" + PADDED_OPTIONS)]),
    # What must come out.
    "readdressed4": Frame(ethernet(ip4(udp(b"question")), macs=OTHER_MACS), None),
    "hello_reply4": back4(tcp(b"hello", **REPLY)),
    "hello_reply6": back6(tcp(b"hello", **REPLY)),
    "hello_after_fin4": back4(tcp(b"hello", ports=BACK, seq=2000, ack=1004)),
    "hello_after_ack4": back4(tcp(b"hello", ports=BACK, seq=2000, ack=1000)),
    "hello_after_synack4": ip4(tcp(b"hello", seq=1000, ack=2000)),
    "hello_after_bundle4": back4(tcp(b"hello", ports=BACK, seq=2000, ack=1000 + len(BUNDLE))),
    "hello_after_bundle6": back6(tcp(b"hello", ports=BACK, seq=2000, ack=1000 + len(BUNDLE))),
    "udp_reply4": back4(udp(b"hello", ports=(53, 5000))),
    "udp_reply6": back6(udp(b"hello", ports=(53, 5000))),
    "udp_empty_reply4": back4(udp(ports=(53, 5000))),
    "put4": ip4(tcp(GET.replace(b"GET", b"PUT"))),
    "short4": ip4(tcp(b"short")),
    "emptied4": ip4(tcp(b"")),
    "longer4": ip4(tcp(GET + GET)),
    "short_options4": ip4(tcp(b"short", options=bytes([1, 1, 1, 0])), options=bytes([1, 1, 1, 0])),
    "short6": ip6(tcp(b"short")),
    "short_extended6": ip6(tcp(b"short"), extensions=EXTENSIONS),
    **{f"mss_reply4_{i}": packet for i, packet in enumerate(split(back4, 100, LONG[:250]), 1)},
    **{f"long_reply4_{i}": packet for i, packet in enumerate(split(back4, 1220, LONG), 1)},
    **{f"long_reply6_{i}": packet for i, packet in enumerate(split(back6, 1220, LONG), 1)},
}


def packet(name):
    if name in PACKETS:
        return PACKETS[name]
    kind, _, port = name.rpartition("_")
    if kind == "udp4" and port.isdecimal():
        return ip4(udp(b"question", ports=(5000, int(port))))
    raise SystemExit(f"packets.py has no packet '{name}'")


# Their checksum is left to hardware: a capture just has them, a kernel must be told.
PENDING = {"pending4"}


def ip_of(frame):
    """What an Ethernet frame carries, without padding."""
    ip = frame[ETHERNET_BYTES:]
    payload6, total4 = ip[4:6], ip[2:4]
    if ip[0] >> 4 == 6:
        return ip[:IP6_BYTES + int.from_bytes(payload6, "big")]
    return ip[:int.from_bytes(total4, "big")]


# ---- Captures

ETHERNET, RAW = 1, 101
START_S = 1_700_000_000


def frames(entries, link=ETHERNET):
    """(name, Frame, milliseconds after the first) of each NAME or NAME@MILLISECONDS; those that
    don't say are a millisecond after the one before."""
    at_ms = -1
    for entry in entries:
        name, _, at = entry.partition("@")
        at_ms = int(at or at_ms + 1)
        content = packet(name)
        if not isinstance(content, Frame):
            content = Frame(ethernet(content) if link == ETHERNET else content, None)
        yield name, content, at_ms


def capture(entries, link=ETHERNET):
    """A pcap file of these packets."""
    out = struct.pack("<LHHlLLL", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for _, content, at_ms in frames(entries, link):
        seconds, ms = divmod(at_ms, 1000)
        out += struct.pack("<LLLL", START_S + seconds, ms * 1000, len(content.frame),
                           content.original or len(content.frame)) + content.frame
    return out


def read_capture(data):
    """(milliseconds after START_S, frame) of each record of a pcap file with microseconds."""
    at = 24
    while at < len(data):
        seconds, micros, size, _ = struct.unpack_from("<LLLL", data, at)
        yield (seconds - START_S) * 1000 + micros / 1000, data[at + 16:at + 16 + size]
        at += 16 + size
