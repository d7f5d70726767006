# SPDX-License-Identifier: GPL-2.0-or-later
"""Control messages written and read from docs/protocol.md alone: the second writing of the protocol.

Nothing here comes from control/, and every number is spelled out, so that a test which uses this
holds the page against the code. Client is for tests of a server, Server for tests of a client.

    client = Client(server_port)
    client.ask(client.create("dns"))         -> [Message], the reply: one, or those of a list or text
    client.send(*MALFORMED[0].messages(7))   -> anything at all, with the number that it is to have
"""

import collections
import dataclasses
import os
import random
import socket
import struct
import threading
import time

# Netlink families, and who serves there.
USERSOCK, NFLUA = 2, 31
DAEMON_PORT, MODULE_PORT = 0x4E464C41, 0
PAYLOAD = 4096 if os.sysconf("SC_PAGESIZE") <= 4096 else 8192

# Types.
ERROR = 2
CREATE, DESTROY, LIST, EXECUTE, DATA = 16, 17, 18, 19, 20
ERROR_TEXT, STATS, LIMITS, BIND, UNBIND, RELOAD, EVALUATE, PRINTED = 32, 33, 34, 35, 36, 37, 38, 39
# Flags.
REQUEST, MULTI, DONE, INIT = 1, 2, 4, 8

HEADER_BYTES = 16
FIRST_SCRIPT_BYTES = PAYLOAD - 16 - (4 + 64 + 255 + 1 + 8)
MAX_SCRIPT_MESSAGES = 65536 // PAYLOAD
MAX_CHUNK_BYTES = MAX_SCRIPT_MESSAGES * FIRST_SCRIPT_BYTES
MAX_DATA_BYTES = PAYLOAD - 16 - (4 + 64)
LIST_ROWS = (PAYLOAD - 16 - 12) // 72
MAX_STATES = 904
TEXT_BYTES = PAYLOAD - 16 - 12
MAX_TEXT_BYTES = 65536
MAX_PRINTED_BYTES = 16384


# Writing.

def message(kind, flags, number, body=b"", port=0, length=None):
    """`length`: one that is not the true one."""
    length = HEADER_BYTES + len(body) if length is None else length
    return struct.pack("=IHHII", length, kind, flags, number, port) + body


def u32(*values):
    return struct.pack("=%dI" % len(values), *values)


def text(value, size):
    data = value.encode() if isinstance(value, str) else value
    return data[:size].ljust(size, b"\0")


def name(value):
    return text(value, 64)


def create(number, state, maxalloc=0):
    return message(CREATE, REQUEST, number, name(state) + u32(maxalloc, 0))


def destroy(number, state):
    return message(DESTROY, REQUEST, number, name(state))


def list_states(number):
    return message(LIST, REQUEST, number)


def data(number, state, payload, total=None):
    total = len(payload) if total is None else total
    return message(DATA, REQUEST | DONE, number, u32(total) + name(state) + payload)


def error_text(number):
    return message(ERROR_TEXT, REQUEST, number)


def printed(number):
    return message(PRINTED, REQUEST, number)


def stats(number, state=""):
    return message(STATS, REQUEST, number, name(state))


def limits(number, state, instructions=0, load_instructions=0, held_bytes=0, timers=0,
           held_packets=0):
    return message(LIMITS, REQUEST, number, name(state) + struct.pack(
        "=QQQII", instructions, load_instructions, held_bytes, timers, held_packets))


def arguments(kind, number, state, *words):
    """BIND or UNBIND."""
    ended = b"".join((w.encode() if isinstance(w, str) else w) + b"\0" for w in words)
    return message(kind, REQUEST, number, name(state) + ended)


def bind(number, state, *words):
    return arguments(BIND, number, state, *words)


def unbind(number, state, *words):
    return arguments(UNBIND, number, state, *words)


def first_fragment(number, state, part, total, flags=REQUEST | INIT | MULTI, kind=EXECUTE,
                   script="chunk", seq=0, offset=0):
    head = u32(total) + name(state) + text(script, 255) + b"\0" + u32(seq, offset)
    return message(kind, flags, number, head + part)


def later_fragment(number, seq, offset, part, flags=REQUEST | MULTI, kind=EXECUTE):
    return message(kind, flags, number, u32(seq, offset) + part)


def script(number, state, chunk, kind=EXECUTE, script_name="chunk", room=FIRST_SCRIPT_BYTES):
    """The messages of EXECUTE, RELOAD or EVALUATE."""
    chunk = chunk.encode() if isinstance(chunk, str) else chunk
    if len(chunk) <= room:
        return [first_fragment(number, state, chunk, len(chunk), REQUEST | INIT | DONE, kind,
                               script_name)]
    messages = [first_fragment(number, state, chunk[:room], len(chunk), kind=kind,
                               script=script_name)]
    for offset in range(room, len(chunk), room):
        is_last = offset + room >= len(chunk)
        messages.append(later_fragment(number, offset // room, offset, chunk[offset:offset + room],
                                       REQUEST | MULTI | (DONE if is_last else 0), kind))
    return messages


def row(state, maxalloc, curralloc):
    return name(state) + u32(maxalloc, curralloc)


def parts(kind, number, port, items, room, encode, size):
    """A reply in as many messages as it takes: rows of LIST, or a text."""
    messages = []
    offset = 0
    while True:
        part = items[offset:offset + room]
        is_first, is_last = offset == 0, offset + room >= size
        flags = (INIT if is_first else 0) | (DONE if is_last else 0)
        flags |= 0 if is_first and is_last else MULTI
        head = (u32(size) if is_first else b"") + u32(len(messages), offset)
        messages.append(message(kind, flags, number, head + encode(part), port))
        offset += room
        if is_last:
            return messages


def list_reply(number, port, rows):
    """`rows`: (state, maxalloc, curralloc)."""
    return parts(LIST, number, port, rows, LIST_ROWS,
                 lambda part: b"".join(row(*fields) for fields in part), len(rows))


def text_reply(kind, number, port, value):
    value = value.encode() if isinstance(value, str) else value
    return parts(kind, number, port, value, TEXT_BYTES, bytes, len(value))


# What no server may take. All of them name the state "a".

@dataclasses.dataclass
class Malformed:
    what: str
    make: object  # number -> one message, or several

    def messages(self, number):
        made = self.make(number)
        return made if isinstance(made, list) else [made]


def _fragments(*later):
    """A first fragment of 3 bytes, "ab" in it, and others, each made from the number."""
    return lambda n: [first_fragment(n, "a", b"ab", 3), *(make(n) for make in later)]


# Each is answered by one NLMSG_ERROR and changes nothing.
MALFORMED = [
    Malformed("an unknown type", lambda n: message(21, REQUEST, n)),
    Malformed("an extension that isn't there", lambda n: message(99, REQUEST, n)),
    Malformed("netlink's own no-operation", lambda n: message(1, REQUEST, n)),
    Malformed("no request", lambda n: message(LIST, 0, n)),
    Malformed("a reply", lambda n: message(CREATE, DONE, n)),
    Malformed("a length below the header's", lambda n: message(LIST, REQUEST, n, length=15)),
    Malformed("a length of nothing", lambda n: message(LIST, REQUEST, n, length=0)),
    Malformed("a length above what came", lambda n: message(LIST, REQUEST, n, length=17)),
    Malformed("a length far above", lambda n: message(LIST, REQUEST, n, length=0xFFFFFFFF)),
    Malformed("a length below what came",
              lambda n: message(CREATE, REQUEST, n, name("a") + u32(0, 0), length=84)),
    Malformed("a message above the bound",
              lambda n: data(n, "a", b"x" * (MAX_DATA_BYTES + 1))),
    Malformed("a short CREATE", lambda n: message(CREATE, REQUEST, n, name("a") + u32(0))),
    Malformed("a long CREATE", lambda n: message(CREATE, REQUEST, n, name("a") + u32(0, 0, 0))),
    Malformed("a CREATE without a name", lambda n: create(n, "")),
    Malformed("a CREATE whose name has no end", lambda n: create(n, "n" * 64)),
    Malformed("a CREATE that is one of several",
              lambda n: message(CREATE, REQUEST | MULTI | DONE, n, name("a") + u32(0, 0))),
    Malformed("a short DESTROY", lambda n: message(DESTROY, REQUEST, n, b"a" + bytes(62))),
    Malformed("a LIST with a body", lambda n: message(LIST, REQUEST, n, u32(0))),
    Malformed("short DATA", lambda n: message(DATA, REQUEST | DONE, n, u32(0) + b"a" + bytes(62))),
    Malformed("DATA with more than total says", lambda n: data(n, "a", b"hello", total=4)),
    Malformed("DATA with less than total says", lambda n: data(n, "a", b"hello", total=6)),
    Malformed("DATA whose total is the largest number",
              lambda n: data(n, "a", b"hello", total=0xFFFFFFFF)),
    Malformed("an ERROR_TEXT with a body", lambda n: message(ERROR_TEXT, REQUEST, n, u32(0))),
    Malformed("a PRINTED with a body", lambda n: message(PRINTED, REQUEST, n, u32(0))),
    Malformed("short STATS", lambda n: message(STATS, REQUEST, n, b"a" + bytes(62))),
    Malformed("STATS whose name has no end", lambda n: stats(n, "n" * 64)),
    Malformed("short LIMITS", lambda n: message(LIMITS, REQUEST, n, name("a") + bytes(31))),
    Malformed("long LIMITS", lambda n: message(LIMITS, REQUEST, n, name("a") + bytes(33))),
    Malformed("a short BIND", lambda n: message(BIND, REQUEST, n, b"a" + bytes(62))),
    Malformed("an argument without its zero",
              lambda n: message(BIND, REQUEST, n, name("a") + b"--queue\x000")),
    Malformed("an UNBIND without a name", lambda n: unbind(n, "")),
    Malformed("a short EXECUTE", lambda n: message(EXECUTE, REQUEST | INIT | DONE, n, bytes(331))),
    Malformed("an EXECUTE without a name",
              lambda n: first_fragment(n, "", b"x", 1, REQUEST | INIT | DONE)),
    Malformed("a chunk longer than total says",
              lambda n: first_fragment(n, "a", b"abc", 2, REQUEST | INIT | DONE)),
    Malformed("a chunk shorter than total says",
              lambda n: first_fragment(n, "a", b"abc", 4, REQUEST | INIT | DONE)),
    Malformed("a chunk above the bound",
              lambda n: first_fragment(n, "a", b"a" * FIRST_SCRIPT_BYTES, MAX_CHUNK_BYTES + 1)),
    Malformed("a chunk of the largest number",
              lambda n: first_fragment(n, "a", b"a", 0xFFFFFFFF)),
    Malformed("a first fragment that has all", lambda n: first_fragment(n, "a", b"abc", 3)),
    Malformed("a first fragment that is not the first",
              lambda n: first_fragment(n, "a", b"ab", 3, seq=1)),
    Malformed("a first fragment with an offset",
              lambda n: first_fragment(n, "a", b"ab", 3, offset=1)),
    Malformed("an EXECUTE that is neither first nor last",
              lambda n: first_fragment(n, "a", b"abc", 3, REQUEST)),
    Malformed("a RELOAD that is neither first nor last",
              lambda n: first_fragment(n, "a", b"abc", 3, REQUEST, RELOAD)),
    Malformed("a fragment of nothing",
              lambda n: later_fragment(n, 1, 2, b"c", REQUEST | MULTI | DONE)),
    Malformed("a fragment missing", _fragments(
        lambda n: later_fragment(n, 2, 2, b"c", REQUEST | MULTI | DONE))),
    Malformed("a gap in the bytes", _fragments(
        lambda n: later_fragment(n, 1, 3, b"c", REQUEST | MULTI | DONE))),
    Malformed("too much at the end", _fragments(
        lambda n: later_fragment(n, 1, 2, b"cd", REQUEST | MULTI | DONE))),
    Malformed("too little at the end", _fragments(
        lambda n: later_fragment(n, 1, 2, b"", REQUEST | MULTI | DONE))),
    Malformed("no end", _fragments(lambda n: later_fragment(n, 1, 2, b"c"))),
    Malformed("the first fragment twice", _fragments(lambda n: first_fragment(n, "a", b"ab", 3))),
    Malformed("a fragment of another type", _fragments(
        lambda n: later_fragment(n, 1, 2, b"c", REQUEST | MULTI | DONE, RELOAD))),
    Malformed("another command between", _fragments(list_states)),
    Malformed("fragments after a bad one", _fragments(
        lambda n: later_fragment(n, 2, 2, b"c"), lambda n: later_fragment(n, 3, 3, b"d"),
        lambda n: later_fragment(n, 4, 4, b"e", REQUEST | MULTI | DONE))),
]

# Never answered, and no number is used up. (The kernel takes no datagram of no bytes.)
UNANSWERED = [b"\0", bytes(15), message(ERROR, 0, 77), message(ERROR, REQUEST, 77, bytes(20))]


# Reading.

@dataclasses.dataclass
class Message:
    kind: int
    flags: int
    number: int
    port: int
    body: bytes
    raw: bytes

    @property
    def is_error(self):
        """As the page says: no flags, no body."""
        return self.kind == ERROR and self.flags == 0 and self.body == b""

    @property
    def is_done(self):
        return self.flags == DONE and self.body == b"" and self.kind != ERROR

    @property
    def is_last(self):
        return self.kind == ERROR or self.flags & DONE != 0


def read(datagram):
    length, kind, flags, number, port = struct.unpack_from("=IHHII", datagram)
    assert length == len(datagram), (length, len(datagram))
    assert length <= PAYLOAD
    return Message(kind, flags, number, port, datagram[HEADER_BYTES:], datagram)


def zero_ended(field):
    return field[:field.index(b"\0")].decode()


def joined(messages, unit):
    """The bytes of a list's or text's reply, whose total and offsets count `unit` bytes."""
    whole = b""
    total = None
    for index, one in enumerate(messages):
        is_first, is_last = index == 0, index == len(messages) - 1
        place = (INIT if is_first else 0) | (DONE if is_last else 0)
        place |= 0 if is_first and is_last else MULTI
        assert one.flags == place, (one.flags, place)
        body = one.body
        if is_first:
            total = struct.unpack_from("=I", body)[0]
            body = body[4:]
        seq, offset = struct.unpack_from("=II", body)
        assert (seq, offset) == (index, len(whole) // unit), (seq, offset, index, len(whole))
        whole += body[8:]
    assert len(whole) == total * unit, (len(whole), total)
    return whole


def text_of(messages):
    return joined(messages, 1).decode()


def rows_of(messages):
    """(state, maxalloc, curralloc) of each."""
    rows = joined(messages, 72)
    return [(zero_ended(rows[at:at + 64]), *struct.unpack_from("=II", rows, at + 64))
            for at in range(0, len(rows), 72)]


def data_of(one):
    """(state, payload) of DATA."""
    assert one.kind == DATA, one
    total = struct.unpack_from("=I", one.body)[0]
    assert total == len(one.body) - 68
    return zero_ended(one.body[4:68]), one.body[68:]


def open_socket(port=None, family=USERSOCK):
    """Owns: the caller. `port`: None is one that nobody has."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
    while True:
        try:
            sock.bind((port or random.randrange(0x80000000, 0xFFFFFFFF), 0))
            return sock
        except OSError:
            if port:
                sock.close()
                raise


class Client:
    """Counts the numbers. create() and the like return messages for ask() or send()."""

    def __init__(self, server=DAEMON_PORT, port=None, number=1, family=USERSOCK):
        self.server = server
        self.sock = open_socket(port, family)
        self.port = self.sock.getsockname()[0]
        self.next = number
        self.data = collections.deque()  # DATA that came meanwhile

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def number(self):
        number, self.next = self.next, (self.next + 1) & 0xFFFFFFFF
        return number

    def send(self, *messages):
        for one in messages:
            self.sock.sendto(one, (self.server, 0))

    def receive(self, timeout_s=5.0):
        """Nothing: nothing came. Ignores what is not the server's."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                datagram, (sender, _) = self.sock.recvfrom(65536)
            except socket.timeout:
                return None
            if sender == self.server:
                return read(datagram)

    def reply(self, number, timeout_s=5.0):
        """All messages of one reply; DATA that comes between goes to self.data."""
        messages = []
        while not messages or not messages[-1].is_last:
            one = self.receive(timeout_s)
            assert one, f"no reply to {number}, only {messages}"
            if one.kind == DATA:
                self.data.append(one)
                continue
            assert one.number == number, (one.number, number)
            assert one.port == self.server, one.port
            messages.append(one)
        return messages

    def ask(self, messages, timeout_s=5.0):
        messages = messages if isinstance(messages, list) else [messages]
        self.send(*messages)
        return self.reply(read(messages[0]).number, timeout_s)

    # Messages with the next number.

    def create(self, state, maxalloc=0):
        return create(self.number(), state, maxalloc)

    def destroy(self, state):
        return destroy(self.number(), state)

    def list(self):
        return list_states(self.number())

    def execute(self, state, chunk, **more):
        return script(self.number(), state, chunk, EXECUTE, **more)

    def reload(self, state, chunk, **more):
        return script(self.number(), state, chunk, RELOAD, **more)

    def evaluate(self, state, chunk, **more):
        return script(self.number(), state, chunk, EVALUATE, **more)

    def data_to(self, state, payload):
        return data(self.number(), state, payload)

    def stats(self, state=""):
        return stats(self.number(), state)

    def limits(self, state, **values):
        return limits(self.number(), state, **values)

    def bind(self, state, *words):
        return bind(self.number(), state, *words)

    def unbind(self, state, *words):
        return unbind(self.number(), state, *words)

    # Whole conversations.

    def error(self):
        """Why the last command failed."""
        return text_of(self.ask(error_text(self.number())))

    def printed(self):
        """What the last chunk printed."""
        return text_of(self.ask(printed(self.number())))

    def states(self):
        return rows_of(self.ask(self.list()))


class Refused(Exception):
    """Of a Server's function: the command fails, and this is its error text."""


class Server(threading.Thread):
    """Answers one client after another, as the page says. A function for each type decides:

    server.on[EVALUATE] = lambda state, chunk, script: "42"      or raises Refused
    """

    def __init__(self, port=None):
        super().__init__(daemon=True)
        self.sock = open_socket(port)
        self.sock.settimeout(0.05)
        self.port = self.sock.getsockname()[0]
        self.states = {}
        self.printed = ""  # by each chunk
        self.received = []  # (type, what the function got), in order
        self.on = {kind: lambda *_: "" for kind in (EXECUTE, RELOAD, EVALUATE, LIMITS, BIND, UNBIND,
                                                    STATS, DATA)}
        self.is_mute = False
        self.refuses_all = False
        self._expected = {}
        self._errors = collections.defaultdict(str)
        self._printed = collections.defaultdict(str)
        self._halves = {}
        self._stopping = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self.join()
        self.sock.close()

    def run(self):
        while not self._stopping.is_set():
            try:
                datagram, (client, _) = self.sock.recvfrom(65536)
            except socket.timeout:
                continue
            self.take(client, read(datagram))

    def send(self, client, *messages):
        for one in messages:
            self.sock.sendto(one, (client, 0))

    def send_data(self, client, number, state, payload, group=0):
        """To a port, or to a group (from 1)."""
        body = u32(len(payload)) + name(state) + payload
        one = message(DATA, REQUEST | DONE, number, body, self.port)
        if not group:
            return self.send(client, one)
        try:
            self.sock.sendto(one, (0, 1 << (group - 1)))
        except ConnectionRefusedError:
            pass  # the group had it; at port 0, which one can't leave out, is nobody
        return None

    def take(self, client, one):
        expected = self._expected.get(client)
        if expected is not None and one.number != expected:
            self._expected.pop(client)
            return self.send(client, message(ERROR, 0, one.number, b"", self.port))
        assert one.flags & REQUEST, one
        if one.kind in (EXECUTE, RELOAD, EVALUATE):
            one = self.join_script(client, one)
            if one is None:
                return None
        self._expected[client] = (one.number + 1) & 0xFFFFFFFF
        if self.is_mute:
            return None
        try:
            if self.refuses_all:
                raise Refused("")
            answers = self.answer(client, one)
        except Refused as reason:
            answers = [message(ERROR, 0, one.number, b"", self.port)]
            if one.kind not in (ERROR_TEXT, PRINTED):
                self._errors[client] = str(reason)
        else:
            if one.kind not in (ERROR_TEXT, PRINTED):
                self._errors[client] = ""
        return self.send(client, *answers)

    def join_script(self, client, one):
        """The whole command, whose body is (state, script, chunk); nothing: more is to come."""
        if one.flags & INIT:
            assert one.flags in (REQUEST | INIT | DONE, REQUEST | INIT | MULTI), one
            total = struct.unpack_from("=I", one.body)[0]
            script_field = one.body[68:323] + b"\0"
            self._halves[client] = [one.kind, total, zero_ended(one.body[4:68]),
                                    zero_ended(script_field), 0, b""]
            fragment, part = one.body[324:332], one.body[332:]
        else:
            assert one.flags & MULTI, one
            fragment, part = one.body[:8], one.body[8:]
        half = self._halves[client]
        assert half[0] == one.kind
        assert struct.unpack("=II", fragment) == (half[4], len(half[5])), fragment
        half[4] += 1
        half[5] += part
        self._expected[client] = one.number
        if not one.flags & DONE:
            return None
        kind, total, state, script_name, _, chunk = self._halves.pop(client)
        assert total == len(chunk)
        return Message(kind, one.flags, one.number, one.port, (state, script_name, chunk), one.raw)

    def done(self, one):
        return [message(one.kind, DONE, one.number, b"", self.port)]

    def text(self, one, value):
        return text_reply(one.kind, one.number, self.port, value)

    def state(self, state):
        if state not in self.states:
            raise Refused(f"found no state '{state}'")
        return state

    def call(self, one, *given):
        self.received.append((one.kind, *given))
        return self.on[one.kind](*given)

    def answer(self, client, one):
        kind, body = one.kind, one.body
        if kind not in (ERROR_TEXT, PRINTED):
            is_chunk = kind in (EXECUTE, RELOAD, EVALUATE)
            self._printed[client] = self.printed if is_chunk else ""
        if kind == CREATE:
            assert len(body) == 72
            state, maxalloc = zero_ended(body[:64]), struct.unpack_from("=I", body, 64)[0]
            self.received.append((kind, state, maxalloc))
            if state in self.states:
                raise Refused(f"there is a state '{state}' already")
            self.states[state] = (maxalloc or 67108864, 1000)
            return self.done(one)
        if kind == DESTROY:
            assert len(body) == 64
            self.received.append((kind, zero_ended(body)))
            del self.states[self.state(zero_ended(body))]
            return self.done(one)
        if kind == LIST:
            assert body == b""
            rows = [(state, *memory) for state, memory in self.states.items()]
            return list_reply(one.number, self.port, rows)
        if kind == ERROR_TEXT:
            assert body == b""
            return self.text(one, self._errors[client])
        if kind == PRINTED:
            assert body == b""
            return self.text(one, self._printed[client])
        if kind == DATA:
            state, payload = data_of(one)
            self.call(one, self.state(state), payload)
            return []
        if kind == STATS:
            assert len(body) == 64
            state = zero_ended(body)
            return self.text(one, self.call(one, state and self.state(state)))
        if kind == LIMITS:
            assert len(body) == 96
            self.call(one, self.state(zero_ended(body[:64])),
                      struct.unpack_from("=QQQII", body, 64))
            return self.done(one)
        if kind in (BIND, UNBIND):
            words = body[64:].split(b"\0")
            assert words.pop() == b""
            return self.text(one, self.call(one, self.state(zero_ended(body[:64])),
                                            [word.decode() for word in words]))
        if kind in (EXECUTE, RELOAD, EVALUATE):
            state, script_name, chunk = body
            value = self.call(one, self.state(state), chunk, script_name)
            return self.text(one, value) if kind == EVALUATE else self.done(one)
        raise Refused(f"type {kind} is unknown")
