# SPDX-License-Identifier: GPL-2.0-or-later
"""Several replicas of a script."""
import re
from collections import defaultdict

from live import LiveTest, USAGE
from namespaces import SERVER
from peers import ECHO_PORT, receive_exactly, tcp_connection, udp_socket

SCRIPT = "workers.lua"
FLOWS = 32  # that all of them meet one replica by chance: once in 2^31
WORKERS = 2


class Workers(LiveTest):
    def setUp(self):
        super().setUp()
        self.net.client.ip(*[line for n in range(FLOWS) for line in (
            f"addr add 10.77.1.{100 + n}/24 dev eth0", f"addr add fd77:1::{100 + n}/64 dev eth0")])

    def talk(self, tcp_every=4):
        """From each of the client's addresses by UDP, from some by TCP."""
        for n in range(FLOWS):
            for family, source in ((4, f"10.77.1.{100 + n}"), (6, f"fd77:1::{100 + n}")):
                self.send_datagrams(family, source)
                if n % tcp_every == 0:
                    self.talk_tcp(SERVER[family], source)

    def send_datagrams(self, family, source):
        with udp_socket(self.net.client, family, address=source) as client:
            client.connect((SERVER[family], ECHO_PORT))
            for word in (b"one", b"two"):
                client.send(word)
                self.assertEqual(client.recv(16), word)

    def talk_tcp(self, address, source):
        with tcp_connection(self.net.client, address, ECHO_PORT, source) as connection:
            connection.sendall(b"hello")
            self.assertEqual(receive_exactly(connection, 5), b"hello")

    def assert_flows_keep_their_replica(self, running):
        self.assertEqual(sorted(running.logged("started")), ["started\t1", "started\t2"])
        replicas = defaultdict(set)
        for line in running.logged("worker="):
            worker, flow = re.fullmatch(r"worker=(\d+) flow=(.*)", line).groups()
            replicas[flow].add(worker)
        self.assertGreaterEqual(len(replicas), FLOWS)
        split = {flow for flow, workers in replicas.items() if len(workers) > 1}
        self.assertEqual(split, set())
        self.assertEqual({worker for workers in replicas.values() for worker in workers},
                         {"1", "2"})

    def test_a_flow_meets_one_replica_in_both_directions(self):
        running = self.forward(SCRIPT, "--workers", WORKERS)
        self.talk()
        running.stop()
        self.assert_flows_keep_their_replica(running)

    def replicas_of_hosts(self, running):
        """By the client's address and the protocol: which replicas met its packets."""
        replicas = defaultdict(set)
        for line in running.logged("worker="):
            worker, *ends, protocol = re.fullmatch(
                r"worker=(\d+) flow=(\S+) \S+ (\S+) \S+ (6|17)", line).groups()
            client, = set(ends) - set(SERVER.values())
            replicas[client, protocol].add(worker)
        return replicas

    def test_which_packets_of_two_hosts_meet_one_replica(self):
        """Over IPv6 all of them, over IPv4 those of one protocol."""
        running = self.forward(SCRIPT, "--workers", WORKERS, "--filter", "tcp or udp")
        self.talk(tcp_every=1)
        running.stop()
        replicas = self.replicas_of_hosts(running)
        self.assertEqual(len(replicas), 2 * 2 * FLOWS)
        self.assertEqual({len(met) for met in replicas.values()}, {1})
        differ = {client for client, _ in replicas if replicas[client, "6"] != replicas[client, "17"]}
        self.assertFalse([client for client in differ if ":" in client])
        self.assertTrue(differ)  # that all agree by chance: once in 2^32

    def test_the_summary_adds_the_replicas_up(self):
        running = self.launch(SCRIPT, "--hook", "forward", "--workers", WORKERS).wait_ready()
        self.counting()
        self.talk()
        running.stop()
        self.assertEqual(running.table["packets"], self.counted())
        self.assertEqual(running.table["continue"], self.counted())

    def test_a_users_rule_that_balances_over_queues(self):
        self.net.router.run("iptables-nft", "-A", "FORWARD", "-j", "NFQUEUE",
                            "--queue-balance", "3:4")
        self.net.router.run("ip6tables-nft", "-A", "FORWARD", "-j", "NFQUEUE",
                            "--queue-balance", "3:4")
        running = self.nflua(SCRIPT, "--queue", "3-4")
        self.talk()
        running.stop()
        self.assert_flows_keep_their_replica(running)

    def test_held_packets_and_timers_of_each_replica(self):
        running = self.forward("hold.lua", "--target", "delay", "--workers", WORKERS)
        clients = [udp_socket(self.net.client, 4, address=f"10.77.1.{100 + n}")
                   for n in range(FLOWS)]
        for client in clients:
            client.sendto(b"held", (SERVER[4], ECHO_PORT))
        for client in clients:
            with client:
                self.assertEqual(client.recv(16), b"held")
        running.stop()
        self.assertEqual(running.verdicts()["stolen"], 2 * FLOWS)
        self.assertEqual(running.verdicts()["sent"], 2 * FLOWS)

    def test_a_number_of_workers_that_makes_no_sense(self):
        for number in ("0", "-1", "many"):
            with self.subTest(number):
                running = self.launch(SCRIPT, "--hook", "forward", "--workers", number)
                self.assertEqual(running.wait(), USAGE, running.stderr.text())
