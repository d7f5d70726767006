# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that a script holds in the kernel, and what becomes of them and of what they refer to."""
import pathlib
import socket
import struct
import subprocess
import unittest

import module
from kernel_base import EXAMPLES, KernelTest
from namespaces import CLIENT, ROUTER_LAN, ROUTER_WAN, SERVER, Bridged
from peers import ECHO_PORT, WebPage, WebServer, bound, tcp_connection, udp_socket
from xtables import target

SCRIPT = "hold.lua"
ROUND_TRIP = ("udp4", "udp6", "tcp4", "tcp6", "icmp4", "icmp6")
LINE = b"a line\n"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
MANY = 300
HALF_OPEN_PORT = 8
# Of ip(8), by the family that they wrap packets in; and an address behind them.
TUNNELS = {4: "ipip", 6: "ip6tnl mode ipip6"}
WRAPPED = "10.78.0.1"
# There if it is a module.
BR_NETFILTER = pathlib.Path("/sys/module/br_netfilter/refcnt")


class HoldTest(KernelTest):
    def hold(self, function, *before, script=SCRIPT, **limits):
        self.make(script, **limits)
        self.call(function, *before)

    def held(self):
        return self.look("packets_held")

    def send(self, *words, family=4):
        with udp_socket(self.net.client, family) as client:
            for word in words:
                client.sendto(word, (SERVER[family], ECHO_PORT))

    def keep(self, count=10):
        """So many packets of each family are held, until someone acts."""
        self.hold("keep", "-i", "lan0")
        for family in SERVER:
            self.send(*[b"held"] * count, family=family)
        self.wait_until("all are held", lambda: self.held() == 2 * count)
        self.assertEqual(self.echo.received, [])

    def send_all_that_is_kept(self):
        return self.value("send_kept()")


class Held(HoldTest):
    def test_a_timer_sends_what_was_held(self):
        self.hold("delay")
        self.assert_all_pass(ROUND_TRIP)
        self.wait_until("none is held", lambda: self.held() == 0)
        stats = self.client.look(self.state)
        self.assertGreaterEqual(stats["sent"], 2 * len(ROUND_TRIP))
        self.assertEqual(stats["send_failures"], 0)
        self.assertEqual(set(self.said()), {"sent\ttrue"})

    def test_a_sent_packet_skips_the_rest_of_the_hook(self):
        self.counting("udp dport 7")
        self.hold("delay")
        self.assert_all_pass(("udp4", "udp6"))
        self.assertEqual(self.counted(), 0)

    def test_a_closed_packet_is_lost_and_tcp_sends_it_again(self):
        self.hold("close_first")
        self.assert_all_pass(("tcp4",))
        self.wait_said("closed\ttrue")

    def test_an_abandoned_packet_is_closed(self):
        self.hold("abandon", "-i", "lan0")
        self.send(*[b"forgotten"] * 100)
        self.wait_until("some are closed", lambda: self.look("abandoned") > 0)
        self.assertEqual(self.echo.received, [])

    def test_packets_can_be_sent_in_another_order(self):
        self.hold("reorder", "-i", "lan0")
        self.send(b"1", b"2", b"3")
        self.wait_until("three came", lambda: len(self.echo.received) == 3)
        self.assertEqual(self.echo.received, [b"3", b"2", b"1"])

    def test_what_is_not_held_passes_what_is(self):
        self.hold("keep_every_third", "-i", "lan0")
        words = [b"%d" % number for number in range(1, MANY + 1)]
        with udp_socket(self.net.client, 4) as client:
            for word in words:
                client.sendto(word, (SERVER[4], ECHO_PORT))
                if int(word) % 3:
                    self.assertEqual(client.recv(16), word)
        self.assertEqual(self.held(), MANY // 3)

    def test_beyond_the_bound_packets_are_not_held(self):
        self.hold("keep", "-i", "lan0", held_packets=2)
        self.send(b"1", b"2", b"3")
        self.wait_until("the third came", lambda: self.echo.received == [b"3"])
        self.assertEqual(self.held(), 2)
        self.assertGreaterEqual(self.look("held_refused"), 1)

    def test_a_client_may_close_while_its_packet_is_held(self):
        self.hold("delay")
        for address in SERVER.values():
            for linger in (None, RESET_ON_CLOSE):
                with tcp_connection(self.net.client, address, ECHO_PORT) as connection:
                    if linger:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    connection.sendall(LINE)
        self.wait_until("all sent", lambda: len(self.said("sent\ttrue")) >= 4)
        self.assert_all_pass(ROUND_TRIP)

    def test_packets_of_this_host_are_held_with_their_sockets(self):
        """The sockets are closed while their packets are held."""
        self.make(SCRIPT)
        self.call("keep", "-p", "udp", "--dport", str(ECHO_PORT), chain="OUTPUT")
        for family in SERVER:
            with udp_socket(self.net.router, family) as client:
                client.sendto(b"mine", (SERVER[family], ECHO_PORT))
        self.wait_until("both are held", lambda: self.held() == 2)
        self.assertEqual(self.send_all_that_is_kept(), "2")
        self.wait_until("both came", lambda: self.echo.received == [b"mine"] * 2)

    def test_answers_of_a_server_are_held_with_half_their_sockets(self):
        """The server forgets those who just come, and the packets are the last to know them."""
        self.make(SCRIPT)
        self.call("keep_all", "-p", "tcp", "--tcp-flags", "SYN,ACK", "SYN,ACK", chain="OUTPUT")
        server = bound(self.net.router, socket.SOCK_STREAM, HALF_OPEN_PORT)
        for address in ROUTER_LAN.values():
            client = self.net.client.socket(
                socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            self.addCleanup(client.close)
            client.setblocking(False)
            client.connect_ex((address, HALF_OPEN_PORT))
        self.wait_until("both are held", lambda: self.held() >= len(ROUTER_LAN))
        server.close()
        self.assertGreaterEqual(int(self.send_all_that_is_kept()), len(ROUTER_LAN))
        self.assertEqual(self.log.complaints(), [])

    def test_every_hook_can_hold(self):
        """A packet of each hook goes on from there."""
        self.make(SCRIPT)
        for chain in ("PREROUTING", "POSTROUTING"):
            self.call("delay", chain=chain, table="mangle")
        self.call("delay")
        self.assert_all_pass(ROUND_TRIP)
        self.assertEqual(self.look("send_failures"), 0)

    def test_destroying_the_state_closes_what_it_holds(self):
        self.keep()
        self.rules.flush()
        self.client.do(self.client.destroy(self.state))
        self.assertEqual(self.echo.received, [])
        self.assert_all_pass()

    def test_reloading_closes_what_the_old_script_holds(self):
        self.keep()
        self.client.do(self.client.reload(self.state, "function keep() return 'accept' end"))
        self.assertEqual(self.held(), 0)
        self.assert_all_pass()


class Gone(HoldTest):
    """What a held packet refers to goes first. The kernel's log would tell of a reference that stays."""

    def assert_none_can_be_sent(self):
        self.assertEqual(self.send_all_that_is_kept(), "0")
        self.assertEqual(self.held(), 0)
        self.assertEqual(self.log.complaints(), [])

    def test_the_input_device_goes(self):
        self.keep()
        self.net.router.ip("link del lan0")
        self.assert_none_can_be_sent()

    def test_the_output_device_goes(self):
        self.keep()
        self.net.router.ip("link del wan0")
        self.assert_none_can_be_sent()

    def test_the_output_device_goes_down(self):
        self.keep()
        self.net.router.ip("link set wan0 down")
        self.send_all_that_is_kept()
        self.assertEqual(self.held(), 0)

    def test_the_tunnel_goes_that_the_packet_comes_out_of(self):
        """Wrapped in another, the packet has the tunnel as its device, which its hook doesn't name."""
        self.make(SCRIPT)
        for family, kind in TUNNELS.items():
            with self.subTest(kind):
                self.net.router.ip(
                    f"link add wrap{family} type {kind} local {ROUTER_WAN[family]} "
                    f"remote {SERVER[family]}",
                    f"link set wrap{family} up", f"route add {WRAPPED}/32 dev wrap{family}")
                self.rules.add("-p", "ipencap", *target(self.state, "keep_all"), chain="OUTPUT",
                               families=(family,))
                with udp_socket(self.net.router, 4) as client:
                    client.sendto(b"wrapped", (WRAPPED, ECHO_PORT))
                self.wait_until("it is held", lambda: self.held() >= 1)
                self.net.router.ip(f"link del wrap{family}")
                self.assert_none_can_be_sent()

    def test_the_device_moves_to_another_namespace(self):
        self.keep()
        self.net.router.run("ip", "link", "set", "wan0", "netns", f"/proc/self/fd/{self.net.server.fd}",
                            check=False)
        self.net.router.ip("link del lan0")
        self.assert_none_can_be_sent()

    def test_the_route_goes(self):
        self.keep()
        self.net.router.ip("addr flush dev wan0", "route flush table main")
        self.send_all_that_is_kept()
        self.assertEqual(self.held(), 0)

    def test_the_connection_is_forgotten(self):
        self.keep()
        self.net.router.run("conntrack", "-F")
        self.assertEqual(self.send_all_that_is_kept(), "20")
        self.wait_until("all came", lambda: len(self.echo.received) == 20)

    def test_the_namespace_goes(self):
        """With live rules; the module can be unloaded soon after."""
        self.keep()
        self.doCleanups()  # which lets go of the namespaces
        module.unload()
        module.load()

    def test_the_namespace_goes_with_what_its_own_sockets_sent(self):
        """A socket keeps its namespace, and its packets would keep it."""
        self.make(SCRIPT)
        self.call("keep", "-p", "udp", chain="OUTPUT")
        for family in SERVER:
            with udp_socket(self.net.router, family) as client:
                client.sendto(b"mine", (SERVER[family], ECHO_PORT))
        self.wait_until("both are held", lambda: self.held() == 2)
        self.doCleanups()
        module.unload()
        module.load()

    def test_the_bytes_can_be_read_when_the_device_is_gone(self):
        self.keep()
        self.net.router.ip("link del lan0")
        self.assertEqual(self.value("#kept_packets()[1]"), str(20 + 8 + 4))
        self.assertIn(CLIENT[4], self.value("tostring(kept_packets()[1])"))


class BridgedHold(HoldTest):
    network = Bridged

    def test_a_bridged_packet_goes_on(self):
        self.hold("delay")
        self.assert_all_pass(("udp4", "udp6", "icmp4"))

    def test_its_port_goes(self):
        # A bridge also forwards what the hosts say of their own accord, the other way, too.
        self.hold("keep", "-p", "udp")
        with udp_socket(self.net.client, 4) as client:
            client.sendto(b"held", (self.net.server_addresses[4], ECHO_PORT))
        self.wait_until("it is held", lambda: self.held() >= 1)
        self.net.router.ip("link del wan0")
        self.assertEqual(self.send_all_that_is_kept(), "0")

    @unittest.skipUnless(BR_NETFILTER.exists(), "br_netfilter is built in")
    def test_the_code_that_it_goes_on_in_is_unloaded(self):
        self.hold("keep")
        with udp_socket(self.net.client, 4) as client:
            client.sendto(b"held", (self.net.server_addresses[4], ECHO_PORT))
        self.wait_until("it is held", lambda: self.held() >= 1)
        self.addCleanup(subprocess.run, ["modprobe", "br_netfilter"], check=True)
        subprocess.run(["rmmod", "br_netfilter"], check=True)
        self.assertEqual(self.send_all_that_is_kept(), "0")
        self.assertEqual(self.held(), 0)


class Example(KernelTest):
    def test_hold_and_release_delays_a_connection_and_lets_it_go_on(self):
        self.serving(WebServer(self.net.server))
        self.make(EXAMPLES / "hold_and_release.lua")
        self.call("target")
        for address in (SERVER[4], f"[{SERVER[6]}]"):
            page = self.net.client.run("curl", "-sS", f"http://{address}/").stdout
            self.assertEqual(page, WebPage.PAGE.decode())
        stats = self.client.look(self.state)
        self.assertGreaterEqual(stats["sent"], 2)
        self.assertEqual((stats["packets_held"], stats["errors"]), (0, 0))
