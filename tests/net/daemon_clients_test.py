# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon among clients: bad messages, wrong numbers, too much of all, many at once."""
import signal
import socket

from daemon import AS_STRANGER, DaemonTest, FEW_STEPS, LOOP, sent_by
from handmade import (EVALUATE, EXECUTE, FIRST_SCRIPT_BYTES, LIST_ROWS, MALFORMED, MAX_CHUNK_BYTES,
                      MAX_PRINTED_BYTES, MAX_STATES, RELOAD, UNANSWERED, create, data, first_fragment, list_states,
                      rows_of, script)
from namespaces import outer_id

MIN_STATE_BYTES, MAX_STATE_BYTES = 32768, 0xFFFFFFFF
MAX_HALF_SENT = 64
LAST_NUMBER = 0xFFFFFFFF


def commented(size, end):
    """A chunk of so many bytes."""
    return ("-" * (size - len(end) - 1) + "\n" + end).encode()


class Malformed(DaemonTest):
    def test_each_has_one_error_and_changes_nothing(self):
        self.client.make("a", "x = 1")
        before = self.client.states()
        for case in MALFORMED:
            for number in (1, 7):
                with self.subTest(case.what, number=number):
                    client = self.connect(number=number)
                    if number == 7:  # one that has been served
                        self.assertEqual(client.states(), before)
                    bad = client.number()
                    client.send(*case.messages(bad))
                    error = client.receive()
                    self.assertTrue(error.is_error, error)
                    self.assertEqual((error.number, error.port), (bad, client.server))
                    self.assertEqual(client.states(), before)  # comes next, so no other error does
        self.assertEqual(self.client.value("a", "x"), "1")
        self.assertEqual(self.client.look()["malformed"], 2 * len(MALFORMED))

    def test_what_nobody_may_answer(self):
        self.client.states()
        for message in UNANSWERED:
            if message:  # the kernel takes no empty ones
                self.client.send(message)
        self.assertEqual(self.client.states(), [])
        self.assertEqual(self.client.look()["malformed"], 0)

    def test_the_rest_of_a_refused_command_is_dropped_in_silence(self):
        client = self.client
        client.do(client.create("a"))
        messages = script(client.number(), "none", commented(MAX_CHUNK_BYTES, "x = 1"))
        del messages[3]
        client.send(*messages)
        self.assertTrue(client.receive().is_error)
        self.assertEqual(client.value("a", "x"), "nil")
        self.assertEqual(client.look()["malformed"], 1)


class Numbers(DaemonTest):
    def test_the_first_one_is_free_and_they_go_on_over_their_end(self):
        for first in (0, 1, 12345, LAST_NUMBER - 1, LAST_NUMBER):
            with self.subTest(first):
                client = self.connect(number=first)
                for _ in range(3):
                    self.assertEqual(client.states(), [])

    def test_data_and_refused_commands_have_one_too(self):
        client = self.connect(number=LAST_NUMBER - 2)
        client.make("a", "count = 0 function __receive_callback() count = count + 1 end")
        client.send(client.data_to("a", b"x"), client.data_to("a", b"x"))
        client.refused(client.create("a"))
        self.assertEqual(client.value("a", "count"), "2")
        self.assertEqual(self.client.look()["malformed"], 0)

    def test_out_of_step_and_back(self):
        client = self.client
        client.do(client.create("a"))
        for wrong in (client.next - 1, client.next + 1, client.next - 2, client.next + (1 << 31)):
            with self.subTest(wrong):
                client.send(list_states(wrong), list_states(1000), list_states(1001))
                error = client.receive()
                self.assertTrue(error.is_error)
                self.assertEqual(error.number, wrong)
                for number in (1000, 1001):
                    self.assertEqual(len(rows_of(client.reply(number))), 1)
                client.next = 1002

    def test_out_of_step_forgets_what_was_half_sent(self):
        client = self.client
        client.do(client.create("a"))
        first, last = script(5, "a", "x = 1", room=3)
        client.send(first)  # not 2
        self.assertTrue(client.receive().is_error)
        client.send(last)  # the rest of what was refused
        client.send(*script(8, "a", "x = 2", room=3))
        self.assertTrue(client.reply(8)[0].is_done)
        client.send(script(9, "a", "x = 3", room=3)[0], list_states(10))
        self.assertEqual(client.receive().number, 10)
        client.next = 11
        self.assertEqual(client.value("a", "x"), "2")
        self.assertEqual(client.look()["malformed"], 2)

    def test_each_client_has_its_own(self):
        clients = [self.connect(number=first) for first in (1, 1, 77)]
        for _ in range(3):
            for client in clients:
                self.assertEqual(client.states(), [])


class Bounds(DaemonTest):
    default_max_bytes = 64 << 20

    def test_904_states_and_one_more(self):
        client = self.client
        names = [f"state {number}" for number in range(MAX_STATES)]
        for name in names:
            client.do(client.create(name))
        self.assertIn("904 states", client.refused(client.create("one more")))
        replies = client.ask(client.list())
        self.assertEqual(len(replies), (MAX_STATES + LIST_ROWS - 1) // LIST_ROWS)
        rows = rows_of(replies)
        self.assertEqual(sorted(name for name, *_ in rows), sorted(names))
        self.assertEqual({maxalloc for _, maxalloc, _ in rows}, {self.default_max_bytes})
        self.assertEqual(client.look()["states"], MAX_STATES)
        client.do(client.destroy(names[7]), client.create("one more"))
        self.assertEqual(len(client.states()), MAX_STATES)
        client.refused(client.create("and one more"))

    def test_bytes_of_a_state(self):
        client = self.client
        for asked in (1, MIN_STATE_BYTES - 1):
            self.assertIn("a: ", client.refused(client.create("a", asked)))
        self.assertEqual(client.states(), [])
        for asked in (MIN_STATE_BYTES, MAX_STATE_BYTES):
            with self.subTest(asked):
                client.do(client.create("a", asked), client.execute("a", "x = 1"))
                (_, maxalloc, curralloc), = client.states()
                self.assertEqual(maxalloc, asked)
                self.assertLessEqual(curralloc, asked)
                client.do(client.destroy("a"))

    def test_a_state_that_has_no_memory_left_goes_on(self):
        client = self.client
        client.make("a", "x = 1", 100000)
        client.refused(client.execute("a", "x = {} for i = 1, 1e6 do x[i] = i end"))
        (_, maxalloc, curralloc), = client.states()
        self.assertLessEqual(curralloc, maxalloc)
        client.do(client.execute("a", "x = nil"))
        self.assertEqual(client.value("a", "x"), "nil")

    def test_the_largest_script_and_one_byte_more(self):
        client = self.client
        client.do(client.create("a"))
        for size in (FIRST_SCRIPT_BYTES, FIRST_SCRIPT_BYTES + 1, MAX_CHUNK_BYTES):
            for kind in (EXECUTE, RELOAD):
                client.do(script(client.number(), "a", commented(size, f"x = {size}"), kind))
                self.assertEqual(client.value("a", "x"), str(size))
            self.assertEqual(client.value("a", commented(size, "return x")), str(size))
        for kind in (EXECUTE, RELOAD, EVALUATE):
            chunk = commented(MAX_CHUNK_BYTES + 1, "x = 0")
            self.assertIn("too long", client.refused(script(client.number(), "a", chunk, kind)))
        self.assertEqual(client.value("a", "x"), str(MAX_CHUNK_BYTES))

    def test_64_half_sent_commands_and_one_more(self):
        self.client.do(self.client.create("a"))
        clients = [self.connect() for _ in range(MAX_HALF_SENT)]
        for index, client in enumerate(clients):
            client.send(script(1, "a", f"x = {index}", room=3)[0])
        late = self.connect()
        self.assertIn("half sent", late.refused(late.execute("a", commented(5000, "x = -1"))))
        for index, client in enumerate(clients):
            _, *rest = script(client.number(), "a", f"x = {index}", room=3)
            client.send(*rest)
            self.assertTrue(client.reply(1)[0].is_done)
            self.assertEqual(client.value("a", "x"), str(index))
        late.do(late.execute("a", commented(5000, "x = -1")))
        self.assertEqual(late.value("a", "x"), "-1")

    def test_a_bound_is_blown_and_the_others_go_on(self):
        client = self.client
        for name in ("a", "b"):
            client.make(name, f"function __receive_callback() {LOOP} end")
        client.do(client.limits("a", **FEW_STEPS))
        budget = "instruction budget"
        self.assertIn(budget, client.refused(client.execute("a", LOOP)))
        self.assertIn(budget, client.refused(client.evaluate("a", LOOP)))
        self.assertIn(budget, client.refused(client.reload("a", LOOP)))
        self.assertIn(budget, client.refused(client.reload("a", f"function on_reload() {LOOP} end")))
        self.assertIn(budget, client.refused(client.data_to("a", b"x")))
        self.assertIn(budget, client.refused(client.data_to("b", b"x")))
        for name in ("a", "b"):
            self.assertEqual(client.value(name, "1"), "1")


class Printed(DaemonTest):
    def test_what_a_chunk_prints_reaches_its_client(self):
        client = self.client
        client.do(client.create("a"), client.execute("a", "print('one', 2) print('two\\nlines')"))
        self.assertEqual(client.printed(), "one\t2\ntwo\nlines\n")
        self.assertEqual(client.printed(), "one\t2\ntwo\nlines\n")  # to ask changes nothing
        self.assertEqual(client.value("a", "print('three')"), "")
        self.assertEqual(client.printed(), "three\n")
        client.do(client.reload("a", "print('loads') function on_unload() print('goes') return {} end"))
        self.assertEqual(client.printed(), "loads\n")
        client.do(client.reload("a", "function on_reload() print('comes') end"))
        self.assertEqual(client.printed(), "goes\ncomes\n")
        client.do(client.execute("a", "x = 1"))
        self.assertEqual(client.printed(), "")

    def test_what_a_failing_chunk_printed_is_there_too(self):
        client = self.client
        client.do(client.create("a"))
        self.assertIn("oops", client.refused(client.execute("a", "print('before') error('oops')")))
        self.assertIn("oops", client.error())
        self.assertEqual(client.printed(), "before\n")

    def test_of_a_long_text_the_beginning_is_kept(self):
        client = self.client
        client.do(client.create("a"),
                  client.execute("a", "for i = 1, 10000 do print('line', i) end"))
        text = client.printed()
        self.assertEqual(len(text), MAX_PRINTED_BYTES)
        self.assertTrue(text.startswith("line\t1\nline\t2\n"), text[:20])
        self.assertTrue(text.endswith("...\n"), text[-20:])


class Clients(DaemonTest):
    def test_fragments_of_two_interleave(self):
        one, other = self.client, self.connect(number=9)
        for name in ("a", "b"):
            one.do(one.create(name))
        size = 4 * FIRST_SCRIPT_BYTES
        mine = one.execute("a", commented(size, "x = 'mine'"))
        yours = other.execute("b", commented(size, "x = 'yours'"))
        for pair in zip(mine, yours):
            one.send(pair[0])
            other.send(pair[1])
        self.assertTrue(one.reply(one.next - 1)[0].is_done)
        self.assertTrue(other.reply(9)[0].is_done)
        self.assertEqual((one.value("a", "x"), one.value("b", "x")), ("mine", "yours"))

    def test_one_that_vanishes_in_mid_command(self):
        self.client.make("a", "x = 1")
        gone = self.connect()
        gone.send(script(1, "a", "x = 2", room=3)[0])
        gone.close()
        self.assertEqual(self.client.value("a", "x"), "1")
        # Nobody told the daemon: who has that port now seems to be the same one, out of step.
        heir = self.connect(port=gone.port, number=50)
        error, = heir.ask(heir.list())
        self.assertTrue(error.is_error)
        self.assertEqual(len(heir.states()), 1)
        self.assertEqual(heir.value("a", "x"), "1")

    def test_one_that_vanishes_before_its_answer_is_forgotten(self):
        gone = self.connect()
        self.assertEqual(gone.states(), [])
        self.daemon.send_signal(signal.SIGSTOP)
        gone.send(gone.create("a"))
        gone.close()
        self.daemon.send_signal(signal.SIGCONT)
        self.assertEqual(len(self.client.states()), 1)  # it was carried out
        stats = self.client.look()
        self.assertEqual((stats["replies_lost"], stats["clients"]), (1, 1))
        heir = self.connect(port=gone.port, number=50)
        self.assertEqual(len(heir.states()), 1)

    def test_one_that_reads_nothing_harms_nobody(self):
        deaf = self.connect()
        deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)  # as small as can be
        lost = 0
        while lost == 0:
            deaf.send(deaf.list())
            lost = self.client.look()["replies_lost"]
        self.assertEqual(self.client.states(), [])

    def test_a_thousand_one_after_the_other(self):
        count = 1000
        for number in range(count):
            client = self.connect(number=number)
            name = str(number)
            client.make(name, "x = 1")
            self.assertEqual(len(client.states()), 1)
            client.do(client.destroy(name))
            client.close()
        self.assertEqual(self.client.look()["states"], 0)

    def test_two_hundred_at_the_same_time(self):
        clients = [self.connect() for _ in range(200)]
        for index, client in enumerate(clients):
            client.do(client.create(str(index)))
        for index, client in enumerate(clients):
            client.send(client.execute(str(index), f"x = {index}")[0])
        for client in clients:
            self.assertTrue(client.reply(client.next - 1)[0].is_done)
        for index, client in enumerate(clients):
            self.assertEqual(client.value(str(index), "x"), str(index))
        self.assertEqual(self.client.look()["clients"], len(clients) + 1)

    def test_another_user_is_refused_and_counted(self):
        if outer_id(0) != "0":
            self.skipTest("needs a second user: an ordinary user has only himself")
        self.client.make("a", "x = 1 function __receive_callback() x = 2 end")
        messages = [create(3, "b"), list_states(4), data(9, "a", b"x"),
                    *script(5, "a", "x = 3"), first_fragment(6, "a", b"x", 2), list_states(1)]
        errors = sent_by(self.home, AS_STRANGER, self.client.server, *messages)
        self.assertEqual([error.number for error in errors], [3, 4, 9, 5, 6, 1])
        self.assertTrue(all(error.is_error for error in errors))
        self.assertEqual([name for name, *_ in self.client.states()], ["a"])
        self.assertEqual(self.client.value("a", "x"), "1")
        stats = self.client.look()
        self.assertEqual((stats["refused_senders"], stats["clients"]), (len(messages), 1))
