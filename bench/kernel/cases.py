# SPDX-License-Identifier: GPL-2.0-or-later
"""What is compared: each case is one rule in INPUT, and filters.lua has the functions."""
import dataclasses

STATE, FRESH_STATE = "bench", "fresh"
# UDP from 127.0.0.1 to port 80, as filters.lua looks for it; the port is 9000.
U32 = "6&0xFF=17&&12=0x7F000001&&0>>22&0x3C@0&0xFFFF=80"
BPF = ("9,48 0 0 9,21 0 6 17,32 0 0 12,21 0 4 2130706433,177 0 0 0,72 0 0 2,21 0 1 80,"
       "6 0 0 65535,6 0 0 0")
UDP_PAYLOAD_OFFSET = 28
FRESH_STATE_KIB = 24
# In the kernel's log, from `measure` to `profile`: packets flow from now on.
PROFILE_SIGN = "nflua: profile now"


@dataclasses.dataclass
class Case:
    what: str
    rule: list  # nothing: the empty table
    calls: bool = False  # the state is called for each packet
    goal: int = 0  # instructions a packet, above the empty table; 0: none


def native(what, *rule):
    return Case(what, list(rule))


def match(what, function, goal=0):
    return Case(what, ["-m", "lua", "--state", STATE, "--function", function], True, goal)


EMPTY = Case("the empty table", [])
CASES = [
    native("`-m length`", "-m", "length", "--length", "1000:2000"),
    native("three header fields: `-m u32`", "-m", "u32", "--u32", U32),
    native("three header fields: `-m bpf`", "-m", "bpf", "--bytecode", BPF),
    native("search of the payload: `-m string`", "-m", "string", "--algo", "bm", "--string",
           "GET /index", "--from", str(UDP_PAYLOAD_OFFSET)),
    match("`return false`", "no", 1100),
    match("`return true`", "yes"),
    Case("`return 'accept'`, `-j LUA`", ["-j", "LUA", "--state", STATE, "--function", "accept"],
         True),
    Case("`--tcp-payload`, not called", ["-m", "lua", "--state", STATE, "--function", "no",
                                         "--tcp-payload"]),
    match("three header fields: `pkt:tuple()`", "tuple", 3000),
    match("three header fields: `pkt:unpack()`", "unpack", 3000),
    match("the same by `string.unpack` of a copy", "string_unpack"),
    match("search of the payload: `payload()`, `find()`", "find", 2500),
    match("search of the payload, from byte 29 on as above: `find()`", "find_from_29", 2500),
]
