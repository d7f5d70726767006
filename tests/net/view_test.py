# SPDX-License-Identifier: GPL-2.0-or-later
"""What the script sees around the packet: hook, devices, owner, link-layer header, mark."""
import json
import os

from live import LiveTest
from namespaces import Bridged, ROUTER_LAN, SERVER, outer_id
from peers import ECHO_PORT, Echo, Probe, Probes, udp_socket

SCRIPT = "describe.lua"
NOBODY = 65534
ICMPV6 = "58"
ETHER_TYPE = {4: b"\x08\x00", 6: b"\x86\xdd"}
HOOKS = ("prerouting", "input", "forward", "output", "postrouting")


def described(running, **wanted):
    """What the script said of each packet, as dictionaries; those with these values."""
    lines = [dict(word.split("=", 1) for word in line.split(" "))
             for line in running.logged("hook=")]
    return [line for line in lines if all(line[key] == value for key, value in wanted.items())]


class View(LiveTest):
    def describe(self, hook, *options):
        return self.nflua(SCRIPT, "--hook", hook, *options)

    def mac(self, namespace, device):
        listed = json.loads(namespace.run("ip", "-j", "link", "show", "dev", device).stdout)
        return listed[0]["address"].replace(":", "")

    def test_forward_sees_both_devices(self):
        running = self.describe("forward")
        self.assert_all_pass()
        running.stop()
        there = described(running, **{"in": "lan0"})
        back = described(running, **{"in": "wan0"})
        self.assertEqual({line["out"] for line in there}, {"wan0"})
        self.assertEqual({line["out"] for line in back}, {"lan0"})
        self.assertEqual({(line["hook"], line["owner"]) for line in there + back},
                         {("forward", "nil:nil")})

    def test_every_hook_has_its_name_and_devices(self):
        self.serving(Echo(self.net.router))
        for hook in HOOKS:
            with self.subTest(hook):
                running = self.describe(hook)
                probes = [Probe(self.net.client, name, ROUTER_LAN) for name in Probe.NAMES]
                probes += Probes(self.net).probes
                self.assertTrue(all(probe.answered() for probe in probes))
                running.stop()
                lines = described(running)
                self.assertEqual({line["hook"] for line in lines}, {hook})
                if hook in ("prerouting", "input"):
                    self.assertEqual({line["out"] for line in lines}, {"nil"})
                    self.assertIn("lan0", {line["in"] for line in lines})
                if hook == "output":
                    # The router's own neighbour discovery goes to wan0, too, once its entries are 5 s old.
                    devices = {(line["in"], line["out"]) for line in lines
                               if line["protocol"] != ICMPV6}
                    self.assertEqual(devices, {("nil", "lan0")})
                if hook == "postrouting":
                    self.assertEqual({line["out"] for line in lines}, {"lan0", "wan0"})

    def test_output_sees_the_owner_of_the_socket(self):
        running = self.describe("output")
        for family, address in SERVER.items():
            with udp_socket(self.net.router, family) as client:
                client.connect((address, ECHO_PORT))
                client.send(b"mine")
                self.assertEqual(client.recv(16), b"mine")
        running.stop()
        owners = {line["owner"] for line in described(running, protocol="17")}
        self.assertEqual(owners, {f"{outer_id(os.getuid())}:{outer_id(os.getgid())}"})

    def test_output_sees_another_owner(self):
        if outer_id(0) != "0":
            self.skipTest("needs a second user: an ordinary user has only himself")
        running = self.describe("output")
        self.net.router.run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                            "curl", "--max-time", "1", f"http://{SERVER[4]}:9/", check=False)
        running.stop()
        owners = {line["owner"] for line in described(running, protocol="6")}
        self.assertEqual(owners, {f"{NOBODY}:{NOBODY}"})

    def test_a_device_that_gets_another_name(self):
        running = self.describe("forward")
        self.assert_all_pass()
        self.net.router.ip("link set lan0 down", "link set lan0 name inner", "link set inner up",
                           f"addr add {ROUTER_LAN[6]}/64 dev inner nodad")
        self.wait_for_links()
        running.stop()
        self.assertEqual({line["in"] for line in described(running)}, {"lan0", "inner", "wan0"})

    def test_the_frame_of_routed_unicast_is_exact(self):
        running = self.describe("forward")
        self.assert_all_pass()
        running.stop()
        header = self.mac(self.net.router, "lan0") + self.mac(self.net.client, "eth0")
        frames = {line["frame"] for line in described(running, **{"in": "lan0"})}
        self.assertEqual(frames, {header + ETHER_TYPE[4].hex(), header + ETHER_TYPE[6].hex()})

    def test_output_has_no_frame(self):
        self.serving(Echo(self.net.router))
        running = self.describe("output")
        self.assertTrue(Probe(self.net.client, "udp4", ROUTER_LAN).answered())
        running.stop()
        self.assertEqual({line["frame"] for line in described(running)}, {""})

    def test_a_mark_set_by_an_earlier_rule_can_be_read(self):
        self.net.router.nft("""table inet before {
            chain first {
                type filter hook prerouting priority mangle
                meta mark set 0x1234
            }
        }""")
        running = self.describe("forward")
        self.assert_all_pass()
        running.stop()
        self.assertEqual({line["mark"] for line in described(running)}, {str(0x1234)})

    def test_the_queue_changes_no_mark_and_no_priority(self):
        """The connection's id travels in the packet's priority: later rules must not see it."""
        self.net.router.nft("""table inet before {
            chain first {
                type filter hook prerouting priority mangle
                meta mark set 0x1234
            }
        }""")
        self.counting("meta mark 0x1234 meta priority 0", hook="postrouting")
        running = self.describe("forward")
        self.assert_all_pass(("udp4", "udp6", "icmp4", "icmp6"))
        running.stop()
        self.assertEqual(self.counted(), len(described(running)))


class BridgedView(LiveTest):
    network = Bridged

    def test_bridged_packets_meet_the_script_at_forward(self):
        running = self.nflua(SCRIPT, "--hook", "forward")
        self.assert_all_pass()
        running.stop()
        lines = described(running)
        self.assertGreaterEqual(len(lines), 2 * len(Probe.NAMES))
        self.assertEqual({line["hook"] for line in lines}, {"forward"})
        self.assertNotIn("nil", {line[key] for line in lines for key in ("in", "out")})
        # Neighbour discovery crosses a bridge, too; conntrack leaves it alone.
        tracked = [line for line in lines if line["protocol"] != "58"]
        self.assertNotIn("nil", {line["id"] for line in tracked})
