# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections as the script in the kernel and as conntrack(8) know them."""
import re

from kernel_base import KernelTest
from namespaces import CLIENT, SERVER
from peers import ECHO_PORT, Probe, udp_socket

SCRIPT = "connections.lua"
PORT = 6701
ZONES = f"""
    local client = {{ [4] = "{CLIENT[4]}", [6] = "{CLIENT[6]}" }}
    local server = {{ [4] = "{SERVER[4]}", [6] = "{SERVER[6]}" }}
    local function names(family)
      return family, "udp", client[family], {PORT}, server[family], {ECHO_PORT}
    end
    local function is_ours(pkt)
      local family, protocol, _, from, _, to = pkt:tuple()
      return protocol == 17 and (from == {PORT} or to == {PORT}), family
    end
    local function traffic(family)
      local f, p, a, ap, b, bp = names(family)
      return (conn.traffic(f, p, a, ap, b, bp, "original"))
    end
    function find(family) return conn.find(names(family)) and "found" end
    function target(pkt)
      local ours, family = is_ours(pkt)
      if not ours then return end
      local same = conn.find(names(family)) == pkt:connid() and "same" or "other"
      print(("packet %d %s %s"):format(family, same, traffic(family)))
    end
    function early(pkt)
      local ours, family = is_ours(pkt)
      if ours then print(("early %d %s"):format(family, find(family) == "found")) end
    end
    function later(pkt)
      local ours, family = is_ours(pkt)
      if ours then timer.create(20, function() print("timer " .. tostring(find(family))) end) end
    end
"""
NUMBERS = {"icmp": "1", "icmp6": "58", "tcp": "6", "udp": "17"}
FAMILY_NAMES = {4: "ipv4", 6: "ipv6"}


class Ids(KernelTest):
    def listed_ids(self, probe):
        """The ids that conntrack lists for that protocol and family."""
        protocol = "icmpv6" if probe == "icmp6" else probe[:-1]
        listed = self.net.router.run("conntrack", "-L", "-f", FAMILY_NAMES[int(probe[-1])], "-p",
                                     protocol, "-o", "id").stdout
        return set(re.findall(r" id=(\d+)$", listed, re.MULTILINE))  # ICMP has an id of its own

    def seen_ids(self, probe):
        number = NUMBERS.get(probe, NUMBERS[probe[:-1]])
        lines = self.said(f"family={probe[-1]} protocol={number} ")
        self.assertGreaterEqual(len(lines), 2)  # both directions
        return {re.search(r" id=(\S+)", line)[1] for line in lines}

    def assert_ids_are_conntracks(self, chain="FORWARD", table="filter"):
        """The network's set-up has left connections, which are none of ours."""
        self.make(SCRIPT)
        self.net.router.run("conntrack", "-F")
        self.call("target", chain=chain, table=table)
        self.assert_all_pass()
        for probe in Probe.NAMES:
            with self.subTest(probe):
                listed = self.listed_ids(probe)
                self.assertEqual(len(listed), 1)
                self.assertEqual(self.seen_ids(probe), listed)
        self.assert_no_errors()

    def test_one_id_from_the_first_packet_on_in_both_directions(self):
        self.assert_ids_are_conntracks()
        for family in SERVER:
            first, *rest = self.said(f"family={family} protocol=17 ")
            self.assertIn("found=nil", first)
            self.assertTrue(all("found=nil" not in line for line in rest), rest)

    def test_the_same_behind_masquerading(self):
        self.net.masquerade()
        self.assert_ids_are_conntracks()

    def test_the_same_at_prerouting(self):
        self.assert_ids_are_conntracks("PREROUTING", "mangle")

    def test_the_same_at_postrouting(self):
        self.assert_ids_are_conntracks("POSTROUTING", "mangle")

    def test_there_is_none_before_conntrack(self):
        self.make(SCRIPT)
        self.call("untracked", chain="PREROUTING", table="raw")
        self.assert_all_pass()
        self.assertEqual(set(self.said()), {"nil\tuntracked"})

    def test_there_is_none_for_what_is_not_tracked(self):
        self.make(SCRIPT)
        self.rules.add("-j", "CT", "--notrack", chain="PREROUTING", table="raw")
        self.call("untracked")
        self.assert_all_pass()
        self.assertEqual(set(self.said()), {"nil\tuntracked"})


class Zones(KernelTest):
    """The same addresses may be connections of several zones: a script means that of its packet."""

    def setUp(self):
        super().setUp()
        self.net.router.sysctl("netfilter/nf_conntrack_acct", 1)
        self.make(ZONES)

    def put_in_zone(self, zone, *where):
        self.rules.add(*where, "-j", "CT", *zone, chain="PREROUTING", table="raw")

    def talk(self):
        for family in SERVER:
            with udp_socket(self.net.client, family, PORT) as client:
                client.connect((SERVER[family], ECHO_PORT))
                for _ in range(2):
                    client.send(b"x")
                    client.recv(64)

    def assert_found(self):
        """From the second packet of four on, of each family."""
        self.talk()
        for family in SERVER:
            first, *rest = self.said(f"packet {family} ")
            self.assertEqual(first, f"packet {family} other nil")
            self.assertEqual(rest, [f"packet {family} same 1"] + [f"packet {family} same 2"] * 2)
        self.assert_no_errors()

    def test_a_zone(self):
        self.put_in_zone(("--zone", "7"))
        self.call("target")
        self.assert_found()

    def test_a_zone_of_the_original_direction_alone(self):
        self.put_in_zone(("--zone-orig", "7"), "-i", "lan0")
        self.call("target")
        self.assert_found()

    def test_a_zone_of_the_reply_direction_alone(self):
        self.put_in_zone(("--zone-reply", "7"), "-i", "wan0")
        self.put_in_zone(("--zone-reply", "7"), "-i", "lan0")
        self.call("target")
        self.assert_found()

    def test_zones_by_mark(self):
        self.rules.add("-j", "MARK", "--set-mark", "9", chain="PREROUTING", table="raw")
        self.put_in_zone(("--zone", "mark"))
        self.call("target")
        self.assert_found()

    def test_before_connection_tracking_it_is_the_zone_to_be(self):
        self.put_in_zone(("--zone", "7"))
        self.call("early", chain="PREROUTING", table="raw")
        self.talk()
        for family in SERVER:
            self.assertEqual(self.said(f"early {family} "),
                             [f"early {family} {found}" for found in ("false", *["true"] * 3)])

    def test_two_zones_with_the_same_addresses(self):
        """The counters of the first are not those of the second."""
        self.call("target")
        self.talk()
        self.put_in_zone(("--zone", "7"))
        self.log.read()
        self.log.lines.clear()
        self.assert_found()

    def test_a_timer_and_a_chunk_mean_zone_0(self):
        self.put_in_zone(("--zone", "7"))
        self.call("later", "-i", "lan0")
        self.talk()
        self.wait_said("timer", times=4)
        self.assertEqual(set(self.said("timer")), {"timer nil"})
        self.assertEqual(self.value("find(4)"), "nil")
        self.rules.flush(table="raw")
        self.talk()
        self.wait_said("timer", times=8)
        self.assertIn("timer found", self.said())
        self.assertEqual(self.value("find(4)"), "found")


class BeforeConntrack(KernelTest):
    def test_what_stops_there_is_untracked_whatever_a_rule_has_said(self):
        """A rule of CT leaves a template of a connection on the packet, which is none."""
        self.make("function stop() return 'stop' end\n")
        self.counting(f"udp dport {ECHO_PORT} ct state invalid")
        self.rules.add("-j", "CT", "--zone", "7", chain="PREROUTING", table="raw")
        self.call("stop", "-p", "udp", "-i", "lan0", chain="PREROUTING", table="raw")
        self.assert_all_pass(("udp4", "udp6"))
        self.assertEqual(self.counted(), 2)


class Traffic(KernelTest):
    def assert_counted(self, expected):
        self.make(SCRIPT)
        self.call("traffic")
        with udp_socket(self.net.client, 6) as client:
            client.connect((SERVER[6], ECHO_PORT))
            for _ in range(2):
                client.send(b"x" * 52)  # 100 bytes with its headers
                client.recv(64)
        self.assertEqual(self.said(), expected)

    def test_counters_of_both_directions(self):
        """The kernel has counted the packet that asks, unless its connection is new."""
        self.net.router.sysctl("netfilter/nf_conntrack_acct", 1)
        self.assert_counted(["both\tnil\tconnid entry not found", "both\t1\t100\t1\t100",
                             "both\t2\t200\t1\t100", "both\t2\t200\t2\t200"])

    def test_without_accounting_there_are_none(self):
        self.net.router.sysctl("netfilter/nf_conntrack_acct", 0)
        self.assert_counted(["both\tnil\tconnid entry not found"]
                            + ["both\tnil\tcounters not found"] * 3)
