# SPDX-License-Identifier: GPL-2.0-or-later
"""Conntrack zones: the same tuple is another connection in each."""
import re

from live import LiveTest
from namespaces import SERVER
from peers import ECHO_PORT, udp_socket

SCRIPT = "zones.lua"
SOURCE_PORT = 4700
# Both directions of what is forwarded, or what comes from the client alone.
BOTH = "ct zone set 5"
ORIGINAL = "iifname lan0 ct original zone set 5"
REPLY = "ct reply zone set 5"
# How the datapath learns of a connection, on a kernel that does not tell it with the packet.
WAYS = (("prerouting", "early"), ("forward", "early"), ("postrouting", "early"),
        ("prerouting", "late"), ("forward", "late"), ("postrouting", "late"))


# What conntrack(8) lists.
IN_ZONE_0, IN_ZONE_5 = ("--zone", "0"), ("--zone", "5")


class Zones(LiveTest):
    def put_in_zone(self, rule, packets=f"udp dport {{ {ECHO_PORT}, {SOURCE_PORT} }}"):
        self.net.router.nft(f"""table inet zones {{
            chain first {{
                type filter hook prerouting priority raw
                {packets} {rule}
            }}
        }}""")

    def leave_zone(self):
        self.net.router.nft("delete table inet zones")

    def talk(self, family):
        with udp_socket(self.net.client, family, source_port=SOURCE_PORT) as client:
            client.connect((SERVER[family], ECHO_PORT))
            for word in (b"one", b"two"):
                client.send(word)
                self.assertEqual(client.recv(16), word)

    def listed_id(self, family, zone):
        listed = self.net.router.run("conntrack", "-L", "-f", f"ipv{family}", "-p", "udp", "-o",
                                     "id", "--orig-port-src", SOURCE_PORT, *zone).stdout
        identity, = re.findall(r" id=(\d+)$", listed, re.MULTILINE)
        return identity

    def seen(self, running, what, family):
        return [dict(re.findall(r"(\w+)=(\w+)", line))
                for line in running.logged(f"{what} family={family} ")]

    def assert_finds_its_own(self, running, family, zone, when, rounds):
        """In the last round of so many. Late means that the first packet's id may not be known."""
        identity = self.listed_id(family, zone)
        running.wait_logged(f"packet family={family} ", 4 * rounds)
        first, *rest = self.seen(running, "packet", family)[-4:]
        self.assertEqual(first["found"], "nil")
        self.assertIn(first["id"], (identity, "nil") if when == "late" else (identity,))
        # Forth, back, forth, back: an unconfirmed one is not counted yet.
        expected = [{"id": identity, "found": identity} for _ in range(3)]
        self.assertEqual([{"id": each["id"], "found": each["found"]} for each in rest], expected)
        self.assertEqual([each["packets"] for each in rest], ["1", "2", "2"])

    def assert_zone_is_asked(self, hook, when, rule, clashing):
        """`clashing`: zone 0 has the same tuples."""
        running = self.nflua(SCRIPT, "--hook", hook, "--connid", when)
        for family in SERVER:
            with self.subTest(hook=hook, when=when, family=family):
                if clashing:
                    self.talk(family)
                    self.assert_finds_its_own(running, family, IN_ZONE_0, when, rounds=1)
                self.put_in_zone(rule)
                self.talk(family)
                zone = IN_ZONE_5 if rule == BOTH else ()
                self.assert_finds_its_own(running, family, zone, when, 1 + clashing)
                self.leave_zone()
        running.stop()
        self.net.router.run("conntrack", "-F")
        self.assertEqual(running.events_of("error"), [])

    def test_a_zone_that_has_the_same_tuples_as_zone_0(self):
        for hook, when in WAYS:
            self.assert_zone_is_asked(hook, when, BOTH, clashing=True)

    def test_a_zone_of_one_direction(self):
        for rule in (ORIGINAL, REPLY):
            for hook, when in WAYS:
                self.assert_zone_is_asked(hook, when, rule, clashing=False)

    def test_without_a_packet_zone_0_is_asked(self):
        running = self.forward(SCRIPT)
        self.talk(4)
        in_zone_0 = self.listed_id(4, IN_ZONE_0)
        self.put_in_zone(BOTH)
        self.talk(4)
        running.wait_logged("timer ", 8)
        running.stop()
        self.assertEqual({each["found"] for each in self.seen(running, "timer", 4)[-4:]}, {in_zone_0})

    def test_connections_of_a_zone_work(self):
        """Behind masquerading too. What our rule writes into the priority leaves with the verdict; a
        socket's own is small."""
        self.put_in_zone(BOTH, "meta l4proto { tcp, udp, icmp, ipv6-icmp }")
        self.net.masquerade()
        for when in ("early", "late"):
            with self.subTest(when):
                self.counting("iifname { lan0, wan0 } meta priority & 0xffff0000 != 0",
                              hook="postrouting")
                running = self.forward(SCRIPT, "--connid", when)
                self.assert_all_pass()
                running.stop()
                self.assertEqual(self.counted(), 0)
                self.net.router.nft("delete table inet user")
