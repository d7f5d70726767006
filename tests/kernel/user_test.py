# SPDX-License-Identifier: GPL-2.0-or-later
"""What an ordinary user may take of the machine, in network namespaces that he made for himself."""
import os
import socket
import subprocess
import time
import unittest

import module
from kernel_base import Steering, connect
from namespaces import Namespace
from xtables import Xtables, match, target

STRANGER, OTHER_STRANGER = 1, 2
STATE_BYTES = 1 << 16
USER_BYTES = 1 << 20
PORT = 9
# Of a message.
MESSAGE_LINES = 32
LINES_PER_SECOND = 10
ENDLESS = "function endless() while true do end end\n"
KEEPING = "kept = {} function keep(pkt) kept[#kept + 1] = pkt return 'stolen' end\n"


class UsersNamespace(Namespace):
    """That somebody without privilege made, as root of a user namespace of his own."""

    def __init__(self, uid):
        self.uid = uid
        super().__init__()

    def make(self):
        command = ["setpriv", "--reuid", str(self.uid), "--clear-groups", "unshare", "--user",
                   "--map-root-user", "--net", "sh", "-c", "echo; exec cat"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              cwd="/") as holder:
            holder.stdout.readline()
            return os.open(f"/proc/{holder.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class UserTest(Steering, unittest.TestCase):
    def setUp(self):
        self.begin()
        self.set("log_per_second", LINES_PER_SECOND)
        self.here, self.client = self.enter(STRANGER)

    def enter(self, uid):
        """A namespace of his, and a client there."""
        namespace = UsersNamespace(uid)
        self.addCleanup(namespace.close)
        client = connect(namespace)
        self.addCleanup(client.close)
        return namespace, client

    def set(self, parameter, value):
        """Until the test's end."""
        self.addCleanup(module.set_parameter, parameter, module.parameter(parameter))
        module.set_parameter(parameter, value)

    def make(self, state, script):
        self.client.do(self.client.create(state, STATE_BYTES))
        self.client.do(self.client.execute(state, script))

    def rule(self, *words):
        Xtables(self.here).add("-p", "udp", *words, chain="OUTPUT", families=(4,))

    def send(self, *payloads):
        with self.here.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for payload in payloads:
                sender.sendto(payload, ("127.0.0.1", PORT))


class Memory(UserTest):
    def setUp(self):
        super().setUp()
        self.set("max_user_bytes", USER_BYTES)

    def create_all(self, client):
        """So many states that no more may be had. How many, and why not."""
        for number in range(2 * USER_BYTES // STATE_BYTES):
            replies = client.ask(client.create(f"state{number}", STATE_BYTES))
            if replies[0].is_error:
                return number, client.error()
        raise AssertionError("there is no bound")

    def test_is_one_for_all_namespaces_of_a_user(self):
        most = USER_BYTES // STATE_BYTES
        made, why = self.create_all(self.client)
        self.assertEqual(made, most)
        self.assertIn("max_user_bytes", why)
        self.assertEqual(self.create_all(self.enter(STRANGER)[1])[0], 0)
        self.assertEqual(self.create_all(self.enter(OTHER_STRANGER)[1])[0], most)
        self.client.do(self.client.destroy("state0"))
        self.assertEqual(self.create_all(self.enter(STRANGER)[1])[0], 1)

    def test_comes_back_when_a_namespace_goes(self):
        self.create_all(self.client)
        self.doCleanups()
        self.set("max_user_bytes", USER_BYTES)
        _, client = self.enter(STRANGER)
        self.wait_until("all of it is free again",
                        lambda: client.ask(client.create("all", USER_BYTES))[0].is_done)

    def test_bounds_held_packets(self):
        self.make("keeper", KEEPING)
        self.rule(*target("keeper", "keep"))
        for _ in range(40):
            self.send(*[b"x" * 8000] * 5)  # a socket's own bound is above that
        held = self.client.look("keeper")["packets_held"]
        self.assertGreater(held, 10)
        self.assertLess(held * 8000, USER_BYTES)
        self.client.do(self.client.execute(
            "keeper", "for _, pkt in ipairs(kept) do pcall(pkt.close, pkt) end kept = {}"))
        self.send(b"again")
        self.assertEqual(self.client.value("keeper", "#kept"), "1")

    def test_bounds_timers(self):
        self.make("arming", "")
        self.assertIn("not enough memory", self.client.refused(self.client.execute(
            "arming", "armed = 0 while true do timer.create(1000000, print) armed = armed + 1 end")))
        armed = int(self.client.value("arming", "armed"))
        self.assertGreater(armed, 100)


class Time(UserTest):
    RULES = 300

    def test_of_one_packet_is_bounded_whatever_it_meets(self):
        self.make("slow", ENDLESS)
        lines = [" ".join(["-A OUTPUT -p udp", *match("slow", "endless")])] * self.RULES
        self.here.run("iptables-nft-restore", input="\n".join(["*filter", *lines, "COMMIT", ""]))
        self.send(b"one")
        stats = self.client.look("slow")
        self.assertGreater(stats["calls"], 0)
        self.assertGreater(stats["busy"], self.RULES // 2)
        self.assertEqual(stats["calls"] + stats["busy"], self.RULES)

    def test_of_timers_is_bounded_and_they_go_on(self):
        self.make("slow", ENDLESS + '''
            function again()
              timer.create(0, again)
              endless()
            end
            timer.create(0, again)''')
        for _ in range(3):
            calls = self.client.look("slow")["calls"]
            self.wait_until("they go on", lambda: self.client.look("slow")["calls"] > calls + 5)


class Log(UserTest):
    def said(self):
        self.log.read()
        return [line for line in self.log.lines if ": state" in line]

    def test_is_one_for_all_states_of_a_user(self):
        began = time.monotonic()
        for number in range(10):
            self.make(f"state{number}", "for i = 1, 30 do print(i) end")
        seconds = time.monotonic() - began + 1
        lines = [line for line in self.said() if "suppressed" not in line]
        self.assertGreaterEqual(len(lines), MESSAGE_LINES)
        self.assertLessEqual(len(lines), MESSAGE_LINES + LINES_PER_SECOND * (1 + seconds))

    def test_a_message_has_so_many_lines(self):
        self.make("state", "print(('line\\n'):rep(800))")
        self.assertEqual(self.said(), ["xt_lua: state: line"] * MESSAGE_LINES + ["xt_lua: state: ..."])

    def test_control_characters_are_written_as_such(self):
        self.make("state", r"print('a\0b\27[1m', 'c\nd')")
        self.assertEqual(self.said(), [r"xt_lua: state: a\x00b\x1b[1m" + "\tc", "xt_lua: state: d"])

    def test_a_name_does_not_look_like_another_line(self):
        self.make("state\nother: true", "print('said')")
        self.assertEqual(self.said(), [r"xt_lua: state\x0aother: true: said"])
