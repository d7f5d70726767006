# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/sni_block.lua and ClientHellos cut in all ways. What counts is what the server gets: never
a whole hello for a listed name, always each packet of another one. NFLUA names the command."""
import os
import struct
import unittest

from conversations import (ACK, DESTINATION_OPTIONS, FIN, PSH, RST, SYN, Replayed, arrived,
                           at_random, conversation, cut, cut_at, ip4, ip6, overlapping, tcp, udp)

NFLUA = os.environ["NFLUA"]
SCRIPT = "sni_block.lua"
LISTED, OTHER = "www.blocked.example", "blocked.example.org"
KERNEL_BOUNDS = ("--max-instructions", "100000", "--max-bytes", str(1 << 20))
FIRST_PORT = 41000
LATER = b"\x14\x03\x03\0\1\1" + b"\x17\x03\x03\0\x40" + bytes(64)  # what a client sends next


def extension(kind, data):
    return struct.pack(">HH", kind, len(data)) + data


def name_extension(name):
    return extension(0, struct.pack(">HBH", len(name) + 3, 0, len(name)) + name.encode())


# What makes a browser's hello long: a key share of ML-KEM-768 beside one of X25519.
KEY_SHARE = extension(51, struct.pack(">HHH", 1260, 0x11EC, 1216) + b"K" * 1216
                      + struct.pack(">HH", 29, 32) + b"k" * 32)
PADDING = extension(21, bytes(300))


def message(name, before=b"", after=b""):
    """The handshake message (RFC 8446 section 4.1.2)."""
    extensions = before + (name_extension(name) if name is not None else b"") + after
    body = (b"\3\3" + b"R" * 32 + b"\x20" + b"S" * 32 + struct.pack(">HHH", 4, 0x1301, 0x1302)
            + b"\1\0" + struct.pack(">H", len(extensions)) + extensions)
    return b"\1" + struct.pack(">I", len(body))[1:] + body


def records(data, *places):
    edges = [0, *places, len(data)]
    return b"".join(b"\x16\3\1" + struct.pack(">H", b - a) + data[a:b]
                    for a, b in zip(edges, edges[1:]))


def short(name):
    return records(message(name))


def late(name):
    """The name is in the second segment."""
    return records(message(name, KEY_SHARE, PADDING))


def early(name):
    return records(message(name, b"", KEY_SHARE + PADDING))


# Each: (what, the hello, its pieces, options of conversation()), for a name.
def forms(name):
    long, brief = late(name), short(name)
    first, second = cut(long, 1400)
    middle = long.index(name.encode()) + 5
    parts = message(name)
    in_name = parts.index(name.encode()) + 3
    yield "one segment", brief, [(0, brief)], {}
    yield "name in the second segment", long, [first, second], {}
    yield "name in the first segment", early(name), cut(early(name), 1400), {}
    yield "name cut by the segments", long, cut_at(long, middle), {}
    yield "swapped", long, [second, first], {}
    yield "tail first, then in other pieces", long, [first, second, (1880 - 300, long[1580:]),
                                                     *cut(long, 700), (0, long)], {}
    yield "all at once after the first was lost", long, [second, (0, long)], {}
    yield "single bytes", brief, cut(brief, 1), {}
    yield "single bytes backwards", brief, cut(brief, 1)[::-1], {}
    yield "every other byte first", brief, cut(brief, 1)[::2] + cut(brief, 1)[1::2], {}
    yield "single bytes of a long one", long, cut(long, 1), {}
    yield "overlapping", long, overlapping(long, 500, 900), {}
    yield "two records", records(parts, in_name), [(0, records(parts, in_name))], {}
    yield "a record in front of the extensions", records(parts, 50), [(0, records(parts, 50))], {}
    yield "records of a byte", records(parts, *range(1, len(parts))), \
        cut(records(parts, *range(1, len(parts))), 100), {}
    yield "records and segments that cut each other", records(parts, 3, in_name), \
        cut(records(parts, 3, in_name), 7), {}
    yield "a bundle with what follows", long, [(0, long + LATER)], {}
    yield "numbers that wrap", long, [second, first], {"isn": 2**32 - 900}
    yield "data in the SYN", long, [first, second], {"early": long[:600]}
    yield "all data in the SYN", brief, [(0, brief)], {"early": brief}
    yield "no SYN", long, [first, second], {"is_opened": False}
    yield "no SYN, swapped", long, [second, first], {"is_opened": False}
    yield "extension headers", long, [second, first], \
        {"family": 6, "extensions": [(DESTINATION_OPTIONS, b"\0\1\4\0\0\0\0")]}
    yield "TCP options", long, [first, second], {"options": b"\1\1\x08\x0a" + bytes(8)}
    yield "a port of another use", brief, [(0, brief)], {"server_port": 8443}
    connect = b"CONNECT proxy.example:443 HTTP/1.1\r\n\r\n"
    yield "behind a proxy's CONNECT", connect + long, \
        [(0, connect), *((len(connect) + at, data) for at, data in (first, second))], {}
    for seed in range(24):
        hello = (long, brief, records(parts, in_name), early(name))[seed % 4]
        yield f"random {seed}", hello, at_random(hello, seed), {}


def of_all_forms(name, ports, family):
    made = []
    for what, hello, pieces, options in forms(name):
        options.setdefault("family", family)
        pieces = pieces + cut(LATER, 40, len(hello))
        made.append((what, hello, conversation(next(ports), pieces, **options)))
    return made


class Hellos(unittest.TestCase):
    def replay(self, conversations, args=()):
        done = Replayed(NFLUA, SCRIPT, conversations, args)
        self.assertEqual(done.run.problems, [])
        self.assertEqual(done.run.events_of("error"), [])
        return done

    def assert_blocked(self, done, each, hello, what=""):
        for newest in (False, True):
            got = arrived(each, done.passed[each.port], newest)
            is_whole = len(got) >= len(hello) and LISTED.encode() in got
            self.assertFalse(is_whole, f"{what}: the server has the whole hello")

    def assert_passed(self, done, each, what=""):
        self.assertEqual(done.dropped[each.port], 0, what)

    def test_no_cut_brings_a_listed_name_through_and_none_costs_another_a_packet(self):
        for family, args in ((4, ()), (6, ()), (4, KERNEL_BOUNDS), (6, ("--notrack",))):
            ports = iter(range(FIRST_PORT, 65535))
            listed = of_all_forms(LISTED, ports, family)
            others = of_all_forms(OTHER, ports, family)
            done = self.replay([each for _, _, each in listed + others], args)
            self.assertEqual(done.run.log(), [])
            for what, hello, each in listed:
                with self.subTest(what=what, family=family, args=args):
                    self.assert_blocked(done, each, hello, what)
            for what, _, each in others:
                with self.subTest(what=what, family=family, args=args, name=OTHER):
                    self.assertEqual(done.dropped[each.port], 0)

    def test_all_of_a_blocked_connection_is_dropped_both_ways(self):
        hello = late(LISTED)
        each = conversation(FIRST_PORT, cut(hello, 1400) + cut(LATER, 40, len(hello)))
        done = self.replay([each])
        # Not: SYN, SYN and ACK, ACK, the first segment.
        self.assertEqual(done.dropped[each.port], len(each.packets) - 4)

    def test_names_are_compared_as_dns_compares_them(self):
        for name, is_listed in ((LISTED.upper(), True), ("blocked.example", True),
                                ("blocked.example.", True), ("a.b.c.blocked.example", True),
                                ("notblocked.example", False), ("example", False), ("", False),
                                ("blocked", False), ("x" * 255, False)):
            with self.subTest(name=name):
                each = conversation(FIRST_PORT, [(0, short(name))])
                self.assertEqual(self.replay([each]).dropped[each.port] > 0, is_listed)

    def test_what_has_no_hello_passes(self):
        name = name_extension(LISTED)
        payloads = {
            "no name": records(message("", b"", b"")[:-0 or None].replace(name_extension(""), b"")),
            "HTTP": b"GET / HTTP/1.1\r\nHost: blocked.example\r\n\r\n",
            "a ServerHello": b"\x16\x03\x03" + struct.pack(">H", len(name) + 4) + b"\2\0\0\0" + name,
            "a hello in text": b"x" + short(LISTED),
            "an alert": b"\x15\x03\x03\0\2\1\0" + short(LISTED),
            "one byte": b"\x16",
            "half a hello": late(LISTED)[:1400],
            "other than TLS": b"\x16\x02" + short(LISTED)[2:],
        }
        for what, payload in payloads.items():
            with self.subTest(what=what):
                done = self.replay([conversation(FIRST_PORT, [(0, payload)])])
                self.assertEqual(done.dropped[FIRST_PORT], 0)
                self.assertEqual(done.run.log(), [])

    def test_what_a_client_may_try_to_hide_a_name_brings_no_hello_through(self):
        listed, other, decoy = late(LISTED), late(OTHER[:len(LISTED)]), short(OTHER)
        first, second = cut(listed, 1400)
        tries = {
            # Copies that differ: a server takes either.
            "another tail first": [(1400, other[1400:]), first, second],
            "another tail in between": [first, (1400, other[1400:1500]), second],
            # What a server ignores.
            "bytes in front of the stream": [(-100, b"x" * 100 + listed[:1400]), second],
            "bytes in front of it alone": [(-2000, decoy), first, second],
            "bytes far behind": [(100000, decoy), first, second],
            "another end of the window": [first, (2**31 - 10, decoy), second],
        }
        for what, pieces in tries.items():
            for args in ((), KERNEL_BOUNDS):
                with self.subTest(what=what):
                    each = conversation(FIRST_PORT, pieces)
                    self.assert_blocked(self.replay([each], args), each, listed)

    def test_a_hello_that_is_sent_again_is_judged_again(self):
        """The first may have been for us alone: with a bad checksum, or a hop limit that is short."""
        for family in (4, 6):
            for decoy, hello in ((short(OTHER[:len(LISTED)]), short(LISTED)),
                                 (early(OTHER), early(LISTED)), (short(OTHER), late(LISTED))):
                for pieces in ([(0, hello)], cut(hello, 1400), cut(hello, 50)):
                    with self.subTest(family=family, pieces=len(pieces)):
                        each = conversation(FIRST_PORT, [(0, decoy), *pieces], family)
                        done = self.replay([each])
                        self.assertEqual(done.passed[FIRST_PORT].pop(3), each.packets[3])
                        self.assert_blocked(done, each, hello)

    def test_a_syn_or_a_reset_in_the_middle_does_not_make_it_forget(self):
        listed = late(LISTED)
        first, second = cut(listed, 1400)
        for what, flags, offset in (("SYN", SYN, 1399), ("SYN", SYN, 77), ("SYN", SYN, -1),
                                    ("SYN and ACK", SYN | ACK, 1399), ("RST", RST, 1400),
                                    ("FIN", FIN | ACK, 1400)):
            for at in (0, 3, 4, 5):
                with self.subTest(what=what, offset=offset, at=at):
                    each = conversation(FIRST_PORT, [first, second, first, second])
                    fake = ip4(tcp(b"", flags, 1001 + offset, 5001, (FIRST_PORT, 443)))
                    each.packets.insert(at, fake)
                    self.assert_blocked(self.replay([each]), each, listed)

    def test_a_hello_that_can_not_be_judged_is_blocked_and_told_of(self):
        parts = message(LISTED)
        at = parts.index(LISTED.encode())
        lies = {
            "too long": records(message(OTHER, b"".join(extension(1000 + i, bytes(4000))
                                                         for i in range(5))), 9000, 18000),
            "too many records": records(message(OTHER, PADDING * 4),
                                        *range(1, len(message(OTHER, PADDING * 4)) - 1)),
            "too many extensions": records(message(OTHER, b"".join(extension(2000 + i, b"")
                                                                   for i in range(200)))),
            "too short": records(parts[:at - 2] + b"\xff\xff" + parts[at:]),
            "too short ": records(parts[:38] + b"\xff" + parts[39:]),
            "a record within": records(parts[:60], 30)[:35] + b"\x15\3\3\0\2\1\0"
                               + records(parts[60:]),
        }
        for what, hello in lies.items():
            for args in ((), KERNEL_BOUNDS):
                with self.subTest(what=what, args=args):
                    each = conversation(FIRST_PORT, cut(hello, 1400))
                    done = self.replay([each], args)
                    self.assert_blocked(done, each, hello)
                    self.assertEqual(len(done.run.log()), 1)
                    self.assertIn("blocked an unclear ClientHello", done.run.log()[0])

    def test_a_connection_that_uses_the_ports_again_is_judged_by_its_own_hello(self):
        listed, other = late(LISTED), late(OTHER)
        for ending in (RST, FIN | ACK, None):
            for family in (4, 6):
                with self.subTest(ending=ending, family=family):
                    conversations = []
                    for isn, hello in ((1000, other), (900000, listed), (500, other), (77777, other),
                                       (10**9, listed), (2 * 10**9, listed), (3 * 10**9, other)):
                        each = conversation(FIRST_PORT, cut(hello, 1400), family, isn)
                        if ending is not None:
                            segment = tcp(b"", ending, isn + 1 + len(hello), 5001, (FIRST_PORT, 443))
                            each.packets.append(ip6(segment) if family == 6 else ip4(segment))
                        conversations.append((hello, each))
                    done = self.replay([each for _, each in conversations])
                    self.assert_each_fate(done, conversations, listed)

    def assert_each_fate(self, done, conversations, listed):
        fates = [event["verdict"] == "drop" for event in done.run.events_of("verdict")]
        for hello, each in conversations:
            own, fates = fates[:len(each.packets)], fates[len(each.packets):]
            self.assertFalse(any(own[:4]))
            self.assertEqual(own[4], hello == listed)
            if hello != listed:
                self.assertFalse(any(own))

    def test_a_second_hello_in_a_connection_is_judged_too(self):
        """As after HelloRetryRequest (RFC 8446 section 4.1.4), or STARTTLS."""
        other, listed = short(OTHER), late(LISTED)
        pieces = [(0, other), *cut(listed, 1400, len(other))]
        each = conversation(FIRST_PORT, pieces)
        self.assert_blocked(self.replay([each]), each, other + listed)

    def test_quic_is_dropped_and_other_udp_is_not(self):
        for port, is_dropped in ((443, True), (53, False)):
            with self.subTest(port=port):
                each = conversation(FIRST_PORT, [], is_opened=False)
                each.packets[:] = [ip4(udp(b"x" * 1200, (FIRST_PORT, port))),
                                   ip6(udp(b"x" * 1200, (FIRST_PORT, port)))]
                self.assertEqual(self.replay([each]).dropped[FIRST_PORT], 2 * is_dropped)

    def test_floods_free_nobody_and_keep_within_the_kernels_bounds(self):
        hello, other = late(LISTED), late(OTHER)
        first, second = cut(hello, 1400)
        victim = conversation(FIRST_PORT, [first, second])
        floods = {
            "SYNs": [ip4(tcp(b"", SYN, 7, 0, (1 + i, 443)), f"10.1.{i >> 8}.{i & 255}")
                     for i in range(12000)],
            "SYNs over IPv6": [ip6(tcp(b"", SYN, 7, 0, (1 + i, 443)), f"2001:db8::1:{i:x}")
                               for i in range(12000)],
            "half hellos": [ip4(tcp(first[1], PSH | ACK, 1, 1, (1 + i, 443)), "10.2.0.1")
                            for i in range(300)],
            "single bytes": [ip4(tcp(hello[2 * j:2 * j + 1], PSH | ACK, 1 + 2 * j, 1, (1 + i, 443)),
                                 "10.2.0.1") for j in range(60) for i in range(60)],
            "other hellos": [ip4(tcp(other, PSH | ACK, 1, 1, (1 + i, 443)), "10.3.0.1")
                             for i in range(1500)],
            "no beginning": [ip4(tcp(bytes(1400), PSH | ACK, j, 1, (1 + i, 443)), "10.4.0.1")
                             for j in (1, 2001) for i in range(1500)],
        }
        for what, flood in floods.items():
            for at in (4, len(victim.packets)):  # the hello is half there; it is blocked
                for args in ((), KERNEL_BOUNDS):
                    with self.subTest(what=what, at=at, args=args):
                        again = conversation(FIRST_PORT, cut(hello, 700), is_opened=False)
                        packets = victim.packets[:at] + flood + victim.packets[at:] + again.packets
                        each = victim._replace(packets=packets)
                        done = self.replay([each], args)
                        self.assert_blocked(done, each, hello)


if __name__ == "__main__":
    unittest.main()
