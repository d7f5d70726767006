# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals: the end, reloading, counters, and what a kill leaves behind."""
import signal
import socket

from live import LiveTest, RAISED
from namespaces import SERVER, TIMEOUT_S
from peers import ECHO_PORT, GRACE_S, Probe, Probes, receive_exactly, tcp_connection, udp_socket

ACCEPT = "function target() return 'accept' end\n"
DROP = "function target() return 'drop' end\n"


class SignalTest(LiveTest):
    def write(self, text, name="filter.lua"):
        path = self.folder / name
        path.write_text(text)
        return path


class End(SignalTest):
    def test_it_removes_its_rules_and_prints_a_summary(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                running = self.launch("verdicts.lua", "--hook", "forward", "--target", "accept")
                running.wait_ready()
                self.assert_all_pass()
                running.stop(number)
                self.assert_no_tables()
                self.assertGreaterEqual(running.table["accept"], 2 * len(Probe.NAMES))
                self.assert_all_pass()

    def test_a_raised_error_is_the_status_with_strict(self):
        raising = self.write("function target() error('oops') end")
        running = self.launch(raising, "--hook", "forward", "--strict").wait_ready()
        self.assert_all_pass()
        running.stop(status=RAISED)
        self.assertIn("oops", running.stderr.text())

    def test_a_conversation_survives_the_end(self):
        running = self.forward("verdicts.lua", "--target", "accept")
        with tcp_connection(self.net.client, SERVER[4], ECHO_PORT) as connection:
            for number in range(3):
                connection.sendall(b"hello")
                self.assertEqual(receive_exactly(connection, 5), b"hello")
                if number == 1:
                    running.stop()
        self.assertGreater(running.verdicts()["accept"], 0)


class Reload(SignalTest):
    def reload(self, running, times=1):
        running.send_signal(signal.SIGHUP)
        running.wait_said(": reloaded", times)

    def test_the_new_script_takes_over(self):
        script = self.write(ACCEPT)
        running = self.forward(script)
        self.assert_all_pass()
        self.write(DROP)
        self.reload(running)
        self.assert_all_dropped(running)
        self.write(ACCEPT)
        self.reload(running, 2)
        self.assert_all_pass()
        running.stop()

    def test_a_script_that_does_not_load_leaves_the_old_one(self):
        script = self.write(DROP)
        running = self.forward(script)
        for broken, message in (("function target(", "filter.lua:1:"),
                                ("error('no start')", "no start"),
                                ("while true do end", "instruction budget exceeded")):
            with self.subTest(message):
                self.write(broken)
                running.send_signal(signal.SIGHUP)
                running.wait_said(message)
                self.assert_all_dropped(running)
        script.unlink()
        running.send_signal(signal.SIGHUP)
        running.wait_said("No such file")
        self.assert_all_dropped(running)
        running.stop()
        self.assertNotIn(": reloaded", running.stderr.text())

    def test_what_the_old_script_hands_over_reaches_the_new_one(self):
        running = self.forward("reload.lua")
        self.assert_all_pass()
        self.reload(running)
        running.wait_logged("took over")
        self.assertEqual(running.logged(), ["took over\ttrue"])

    def test_no_packet_is_lost_while_it_reloads(self):
        script = self.write(ACCEPT)
        running = self.forward(script, "--workers", "2")
        with tcp_connection(self.net.client, SERVER[4], ECHO_PORT) as connection:
            for times in range(1, 6):
                running.send_signal(signal.SIGHUP)
                connection.sendall(b"hello")
                self.assertEqual(receive_exactly(connection, 5), b"hello")
                running.wait_said(": reloaded", times)
        self.assertEqual(set(running.stop().verdicts()), {"accept"})

    def test_held_packets_of_the_old_script_are_not_forgotten(self):
        running = self.forward("hold.lua", "--target", "keep", "--fail", "open")
        with udp_socket(self.net.client, 4) as client:
            client.sendto(b"held", (SERVER[4], ECHO_PORT))
            running.wait_verdicts("stolen", 1)
            self.reload(running)
        running.stop()
        ended = running.verdicts()
        self.assertEqual(ended["stolen"], ended["sent"] + ended["closed"], ended)


class Supervised(SignalTest):
    def test_systemd_is_told(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(self.folder / "notify"))
            notified.settimeout(TIMEOUT_S)
            running = self.launch("verdicts.lua", "--hook", "forward", "--target", "accept",
                                  before=("env", f"NOTIFY_SOCKET={self.folder}/notify"))
            self.assertIn(b"READY=1", notified.recv(256))
            running.send_signal(signal.SIGHUP)
            self.assertIn(b"RELOADING=1", notified.recv(256))
            self.assertIn(b"READY=1", notified.recv(256))
            running.stop()
            self.assertIn(b"STOPPING=1", notified.recv(256))


class Counters(SignalTest):
    def test_sigusr1_prints_them_and_goes_on(self):
        running = self.launch("verdicts.lua", "--hook", "forward", "--target", "accept")
        running.wait_ready()
        self.assert_all_pass()
        running.send_signal(signal.SIGUSR1)
        running.wait_said("accept")
        self.assertIsNone(running.process.poll())
        self.assert_all_pass()
        running.stop()


class Killed(SignalTest):
    def kill_with_held_packets(self, policy):
        """Under traffic: some packets held, some on their way."""
        self.counting()  # or Linux 6.1 warns, as it finds no chain any more at that hook
        running = self.forward("hold.lua", "--target", "keep", "--fail", policy)
        with udp_socket(self.net.client, 4) as client:
            for _ in range(20):
                client.sendto(b"held", (SERVER[4], ECHO_PORT))
            running.wait_verdicts("stolen", 20)
            running.kill()

    def test_fail_open_leaves_no_rule_and_new_traffic_passes(self):
        self.kill_with_held_packets("open")
        self.assert_no_tables()
        self.assert_all_pass()

    def test_fail_closed_drops_new_traffic_until_the_next_run(self):
        self.kill_with_held_packets("closed")
        tables = self.net.router.run("nft", "list", "tables").stdout
        self.assertIn("nflua_hold", tables)
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())
        running = self.forward("hold.lua", "--target", "delay", "--fail", "closed")
        self.assert_all_pass()
        running.stop()
        self.assert_no_tables()
        self.assert_all_pass()

    def test_fail_closed_stays_closed_when_another_script_starts(self):
        """The other one must not serve the queue that the dead one's rule still fills."""
        self.kill_with_held_packets("closed")
        self.nflua("verdicts.lua", "--hook", "output", "--target", "accept")
        self.assertEqual(Probes(self.net).answered(GRACE_S), set())

    def test_a_users_rule_with_bypass_lets_through_after_a_kill(self):
        self.net.router.run("iptables-nft", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "3",
                            "--queue-bypass")
        running = self.nflua("verdicts.lua", "--queue", "3", "--target", "drop")
        self.assert_all_dropped(running, ("udp4",))
        running.kill()
        self.assert_all_pass(("udp4",))
