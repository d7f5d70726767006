# SPDX-License-Identifier: GPL-2.0-or-later
"""States of network namespaces, their end with them, and the module's own end."""
import contextlib
import threading
import time

import module
from kernel_base import KernelTest, connect
from namespaces import ROUTER_LAN, ROUTER_WAN, SERVER, Namespace, Routed
from peers import ECHO_PORT, udp_socket
from xtables import FLAVOURS, Xtables, target

CYCLES = 10


class Apart(KernelTest):
    def test_two_namespaces_have_states_of_the_same_name(self):
        elsewhere = self.connect(self.net.client)
        self.make("function target() return 'drop' end\n", state="same")
        elsewhere.make("same", "function target() return 'accept' end")
        self.call("target", state="same")
        Xtables(self.net.client).add(*target("same", "target"), chain="OUTPUT")
        self.wait_until("all met both", lambda: self.assert_meet_both(elsewhere))
        self.assertEqual([len(client.states()) for client in (self.client, elsewhere)], [1, 1])

    def assert_meet_both(self, elsewhere):
        with udp_socket(self.net.client, 4) as client:
            client.sendto(b"x", (SERVER[4], ECHO_PORT))
        self.assertEqual(self.echo.received, [])
        return self.calls("same") > 0 and elsewhere.look("same")["calls"] > 0

    def test_a_rule_finds_no_state_of_another_namespace(self):
        self.connect(self.net.client).make("theirs", "function f() end")
        for family in SERVER:
            done = self.rules.run("-A", "FORWARD", *target("theirs", "f"), family=family,
                                  check=False)
            self.assertNotEqual(done.returncode, 0)

    def test_a_state_in_use_can_not_be_destroyed(self):
        for flavour in FLAVOURS:
            with self.subTest(flavour):
                rules = Xtables(self.net.router, flavour)
                self.make("function f() end\n", state=flavour)
                rules.add(*target(flavour, "f"))
                self.client.refused(self.client.destroy(flavour))
                self.assert_all_pass(("udp4", "udp6"))
                rules.flush()
                self.client.do(self.client.destroy(flavour))


class ModuleInUse(KernelTest):
    def test_rules_keep_the_module(self):
        for flavour in FLAVOURS:
            with self.subTest(flavour):
                rules = Xtables(self.net.router, flavour)
                self.make("function f() end\n", state=flavour)
                rules.add(*target(flavour, "f"))
                self.assertIn("in use", module.try_unload())
                rules.flush()

    def test_it_ends_with_states_timers_and_held_packets(self):
        """Nothing that a script made keeps it, only rules and sockets."""
        self.make("busy.lua")
        self.call("target")
        self.send_all_the_time(0.5)
        self.rules.flush()
        self.client.close()
        module.unload()
        self.assertEqual(self.log.complaints(), [])
        self.assert_all_pass()
        module.load()

    def test_an_open_socket_keeps_it_or_survives_it(self):
        self.client.do(self.client.create("a"))
        why = module.try_unload()
        if why:
            self.assertIn("in use", why)
            self.assertEqual([name for name, *_ in self.client.states()], ["a"])

    def send_all_the_time(self, seconds):
        end = time.monotonic() + seconds
        with udp_socket(self.net.client, 4) as four, udp_socket(self.net.client, 6) as six:
            while time.monotonic() < end:
                four.sendto(b"x" * 100, (SERVER[4], ECHO_PORT))
                six.sendto(b"x" * 100, (SERVER[6], ECHO_PORT))


class Deleted(KernelTest):
    """A router that is deleted under traffic, with live rules, timers, held packets, open sockets."""

    def setUp(self):
        self.begin()

    def test_again_and_again_under_traffic(self):
        for number in range(CYCLES):
            with self.subTest(number):
                self.one_round(FLAVOURS[number % len(FLAVOURS)])
        self.assertEqual(self.log.complaints(), [])
        module.unload()
        module.load()

    def one_round(self, flavour):
        network = Routed()
        over = threading.Event()
        sender = threading.Thread(target=self.send_until, args=(network.client, over))
        sender.start()
        try:
            self.fill(network.router, flavour)
            time.sleep(0.2)
        finally:
            # Its devices go first, or with it; either way, packets come until then.
            network.router.close()
            over.set()
            sender.join()
            network.client.close()
            network.server.close()

    def fill(self, router, flavour):
        rules = Xtables(router, flavour)
        with connect(router) as client:
            client.make("busy", self.path_of("busy.lua").read_text())
        for chain in ("FORWARD", "INPUT", "OUTPUT"):
            rules.add(*target("busy", "target"), chain=chain)

    @staticmethod
    def send_until(namespace, over):
        sockets = {family: udp_socket(namespace, family) for family in SERVER}
        while not over.is_set():
            for address in (SERVER, ROUTER_LAN, ROUTER_WAN):
                for family, made in sockets.items():
                    with contextlib.suppress(OSError):  # of a network that just goes
                        made.sendto(b"x" * 64, (address[family], ECHO_PORT))
        for made in sockets.values():
            made.close()

    def test_its_states_live_as_long_as_a_socket_in_it(self):
        """It has no other reference left: `ip netns del` with a client that is still there."""
        home = Namespace()
        client = connect(home)
        client.make("a", "x = 1")
        home.close()
        self.assertEqual(client.value("a", "x"), "1")
        client.close()
        module.unload()
        module.load()
