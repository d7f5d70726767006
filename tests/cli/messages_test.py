# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command says to bad input, and the status it exits with. One row per case."""

import dataclasses
import gzip
import unittest

from command import CAPTURES, CommandTest

SUCCESS, RAISED, USAGE, UNREADABLE, ENVIRONMENT = range(5)
PASS = "function target() return 'accept' end"
DNS = CAPTURES / "dns.pcap"
RAW_IP = CAPTURES / "raw-ip.pcap"
HOSTILE = CAPTURES / "hostile"
# Of a message: some lines of a terminal.
MOST_CHARACTERS = 400


@dataclasses.dataclass
class Case:
    what: str
    arguments: list
    status: int
    stderr: tuple = ()  # all of these are in it; nothing: it is empty
    stdout: tuple = ()
    script: object = PASS  # in f.lua
    files: dict = dataclasses.field(default_factory=dict)
    stdin: bytes = b""


def replay(*options, capture=DNS):
    return ["replay", *options, "f.lua", capture]


def run(*options):
    return ["run", *options, "f.lua"]


COMMAND_LINES = [
    Case("no subcommand", [], USAGE,
         ("expected a subcommand (replay, run, check, ", ", help), found none", "`nflua help`")),
    Case("unknown subcommand", ["frob"], USAGE, ("expected a subcommand", "found 'frob'")),
    Case("unknown option", ["--frob"], USAGE, ("found '--frob'",)),
    Case("unknown option of a subcommand", replay("--frob"), USAGE,
         ("--frob", "`nflua help replay`")),
    Case("no script", ["replay"], USAGE, ("SCRIPT is required", "`nflua help replay`")),
    Case("no capture", ["replay", "f.lua"], USAGE, ("CAPTURE is required",)),
    Case("an argument too many", [*replay(), "more"], USAGE, ("more",)),
    Case("an option without its value", ["check", "f.lua", "--max-bytes"], USAGE, ("--max-bytes",)),
    Case("a subcommand misspelt", ["repaly", "f.lua", DNS], USAGE, ("found 'repaly'; did you mean replay",)),
    Case("help of a misspelt one", ["help", "rnu"], USAGE, ("did you mean run",)),
    Case("-version", ["-version"], USAGE, ("did you mean --version",)),
    Case("an option before the subcommand", ["--json", *replay()], USAGE,
         ("found '--json' before the subcommand", "nflua replay --json")),
    Case("an option misspelt", replay("--fliter", "tcp"), USAGE, ("did you mean --filter",)),
    Case("one dash", ["run", "-hook", "forward", "f.lua"], USAGE,
         ("unknown option '-hook': did you mean --hook",)),
    Case("one dash, and a short option of its first letter", replay("-workers", "4"), USAGE,
         ("unknown option '-workers'", "it is one of run and daemon")),
    Case("a short option that isn't there", ["run", "-q", "0", "f.lua"], USAGE, ("--queue",)),
    Case("an option of another subcommand", replay("--hook", "input"), USAGE,
         ("'--hook': it is one of run, bind and unbind",)),
    Case("another subcommand's letter", run("-w", "out.pcap"), USAGE, ("'-w': it is one of replay",)),
    Case("an option for its value", replay("-w", "--json"), USAGE,
         ("-w: expected FILE, found the option --json",)),
    Case("an empty value", replay("-w", ""), USAGE, ("-w: expected FILE, found an empty text",)),
    Case("an empty value behind =", replay("--filter="), USAGE, ("--filter", "an empty text")),
    Case("an option given twice", replay("--filter", "tcp", "--filter", "udp"), USAGE,
         ("--filter: found twice",)),
    Case("a value for a flag", replay("--json=yes"), USAGE, ("--json: takes no value",)),
    Case("a value glued to a short option", replay("-wout.pcap"), SUCCESS, stdout=("packets",)),
    Case("options after the files", ["replay", "f.lua", DNS, "--strict"], SUCCESS,
         stdout=("packets",)),
    Case("a shell's *", [*replay(), DNS, DNS], USAGE,
         ("dns.pcap', expected nothing more after SCRIPT CAPTURE",)),
    Case("SCRIPT and CAPTURE swapped", ["replay", DNS, "f.lua"], USAGE,
         ("SCRIPT and CAPTURE are swapped", "dns.pcap first", "try: nflua replay f.lua ")),
    Case("swapped, and the script does not exist", ["replay", DNS, "none.lua"], USAGE, ("swapped",)),
    Case("two captures", ["replay", DNS, DNS], UNREADABLE,
         ("dns.pcap: found a capture, expected a Lua script",)),
    Case("a capture as script", ["check", DNS], UNREADABLE, ("found a capture",)),
    Case("a capture as script in a pipe", ["check", "-"], UNREADABLE, ("stdin: found a capture",),
         stdin=DNS.read_bytes()),
    Case("a script as capture", replay(capture="f.lua"), UNREADABLE,
         ("f.lua: not a capture", "the script comes first")),
    Case("an empty name of a script", ["check", ""], USAGE, ("the script", "found an empty one")),
    Case("an empty name of a capture", replay(capture=""), USAGE, ("the capture", "found an empty")),
    Case("neither FILE nor -e", ["execute", "a"], USAGE, ("FILE or -e CODE, found none",)),
    Case("both FILE and -e", ["execute", "a", "f.lua", "-e", "x"], USAGE, ("found both",)),
    Case("port 0 of a daemon", ["daemon", "--port", "0"], USAGE,
         ("--port: expected a netlink port, 1 to 4294967295, found '0'",)),
    Case("a port of a daemon that is no number", ["daemon", "--port", "x"], USAGE, ("found 'x'",)),
    Case("workers of a daemon", ["daemon", "--workers", "65"], USAGE, ("1 to 64, found '65'",)),
    Case("a group that is none", ["receive", "--groups", "1,33"], USAGE, ("1 to 32, found '33'",)),
    Case("a count of nothing", ["receive", "--count", "0"], USAGE, ("at least 1, found '0'",)),
    Case("a timeout without end", ["list", "--timeout", "1e300"], USAGE,
         ("--timeout: expected seconds, above 0 and up to 2000000, found '1e300'",)),
    Case("a timeout that is no number", ["list", "--timeout", "soon"], USAGE, ("found 'soon'",)),
    Case("--version", ["--version"], SUCCESS, stdout=("nflua 0.",)),
    Case("--help", ["--help"], SUCCESS, stdout=("replay", "check", "Exit status")),
    Case("help of a subcommand", ["help", "replay"], SUCCESS,
         stdout=("--filter EXPRESSION", "mark=V[/M]")),
    Case("--help of a subcommand", ["replay", "--help"], SUCCESS, stdout=("--filter EXPRESSION",)),
    Case("bounds in the help", ["help", "check"], SUCCESS,
         stdout=("--max-timers N", "default 1000000)")),
    Case("help of nothing", ["help"], SUCCESS, stdout=("Subcommands",)),
    Case("help of what isn't", ["help", "frob"], USAGE, ("found 'frob'",)),
    Case("a bound that is too low", replay("--max-bytes", "5"), USAGE,
         ("--max-bytes", "expected an integer, 32768 to 4294967295, found '5'")),
    Case("a bound that is too high", replay("--max-timers", "4294967296"), USAGE,
         ("0 to 4294967295",)),
    Case("a bound below 0", replay("--max-held-bytes", "-1"), USAGE, ("at least 0", "'-1'")),
    Case("a bound that is no number", replay("--max-instructions", "1e6"), USAGE,
         ("at least 1", "'1e6'")),
    Case("a leading zero is decimal", replay("--max-bytes", "00070000"), SUCCESS),
]

RULES = [
    Case("an unknown verdict", replay("--match", "target:frob"), USAGE,
         ("'frob' is no verdict", "accept")),
    Case("no verdict after the colon", replay("--match", "target:"), USAGE, ("'' is no verdict",)),
    Case("a queue number that is too high", replay("--match", "target:queue=65536"), USAGE,
         ("'65536'", "0 to 65535")),
    Case("a mark that is no number", replay("--match", "target:mark=red"), USAGE,
         ("'red'", "0 to 4294967295")),
    Case("a rule without a name", replay("--match", ":drop"), USAGE, ("1 to 63 bytes",)),
    Case("a name that is too long", replay("--target", "n" * 64), USAGE, ("1 to 63 bytes",)),
    Case("--tcp-payload without a rule", replay("--tcp-payload"), USAGE,
         ("--match or --target before it",)),
    Case("no rules", replay(), USAGE, ("'match' or 'target'", "--match FUNCTION"), script="x = 1"),
    Case("an unknown function", replay("--target", "frob"), SUCCESS,
         ("warning", "f.lua defines no function 'frob'", "couldn't find function: frob")),
]

LIVE = [
    Case("neither --queue nor --hook", run(), USAGE, ("--queue N", "--hook HOOK", "`nflua help run`")),
    Case("both of them", run("--queue", "0", "--hook", "input"), USAGE, ("--hook", "--queue")),
    Case("a queue that is no number", run("--queue", "x"), USAGE, ("--queue x", "0 to 65535")),
    Case("a queue that is too high", run("--queue", "65536"), USAGE, ("0 to 65535",)),
    Case("a range that runs backwards", run("--queue", "3-1"), USAGE, ("--queue 3-1", "0-3")),
    Case("a range that is too long", run("--queue", "0-64"), USAGE, ("1 to 64",)),
    Case("an unknown hook", run("--hook", "FORWARD"), USAGE, ("'FORWARD'", "forward")),
    Case("an unknown family", run("--hook", "input", "--family", "arp"), USAGE, ("'arp'", "inet")),
    Case("an unknown priority", run("--hook", "input", "--priority", "late"), USAGE,
         ("'late'", "filter")),
    Case("a priority without a hook", run("--queue", "0", "--priority", "1"), USAGE, ("--hook",)),
    Case("no workers", run("--hook", "input", "--workers", "0"), USAGE, ("--workers", "1 to 64", "found '0'")),
    Case("a device's name that is too long", run("--hook", "input", "--in-interface", "d" * 16),
         USAGE, ("--in-interface", "15 bytes")),
    Case("an unknown policy", run("--queue", "0", "--fail", "maybe"), USAGE, ("maybe", "open")),
    Case("an unknown policy says what there is", run("--queue", "0", "--fail", "maybe"), USAGE,
         ("--fail: expected open or closed, found 'maybe'",)),
    Case("an unknown time for connid", run("--queue", "0", "--connid", "now"), USAGE,
         ("--connid: expected auto, early or late, found 'now'",)),
    Case("a snap length that is no number", run("--queue", "0", "--snaplen", "all"), USAGE,
         ("--snaplen: expected an integer, 1 to ", "found 'all'")),
    Case("a queue's length without end", run("--queue", "0", "--queue-maxlen", "9" * 30), USAGE,
         ("1 to 1048576",)),
    Case("a snap length of 0", run("--queue", "0", "--snaplen", "0"), USAGE, ("--snaplen", "1")),
    Case("a snap length beyond the kernel's", run("--queue", "0", "--snaplen", "65532"), USAGE,
         ("--snaplen", "1 to 65531", "found '65532'")),
    Case("a filter that makes no sense", run("--queue", "0", "--filter", "tcp port"), USAGE,
         ("--filter 'tcp port'", "pcap-filter")),
    Case("a filter with link-layer terms", run("--queue", "0", "--filter", "ether host 1:2:3:4:5:6"),
         USAGE, ("ethernet", "pcap-filter")),
    Case("a live script that does not exist", ["run", "--queue", "0", "none.lua"], UNREADABLE,
         ("none.lua",)),
]

SCRIPTS = [
    Case("no such script", ["check", "none.lua"], UNREADABLE,
         ("none.lua: can't read the script: No such file",)),
    Case("a folder as script", ["check", "."], UNREADABLE, ("it is a directory",)),
    Case("a folder as script of a replay", ["replay", ".", DNS], UNREADABLE,
         ("it is a directory",)),
    Case("a script that doesn't parse", ["check", "f.lua"], UNREADABLE,
         ("f.lua:2:", "'end' expected"),
         script="function f()\n"),
    Case("the same from standard input", ["check", "-"], UNREADABLE, ("stdin:1:",),
         stdin=b"function"),
    Case("bytecode", ["check", "f.lua"], UNREADABLE, ("f.lua: ", "attempt to load a binary chunk"),
         script=b"\x1bLuaT\0"),
    Case("zero bytes", ["check", "f.lua"], UNREADABLE, ("f.lua:1:",), script=b"\0\0\0"),
    Case("a script that raises", ["check", "f.lua"], UNREADABLE, ("f.lua:1: oops",),
         script="error('oops')"),
    Case("an error for the terminal", ["check", "f.lua"], UNREADABLE, (r"\x1b[31m",),
         script=r"error('\27[31m', 0)"),
    Case("an endless loop", ["check", "--max-load-instructions", "100000", "f.lua"], UNREADABLE,
         ("f.lua:1: instruction budget exceeded",
          "--max-load-instructions (now 100000)"),
         script="while true do end"),
    Case("a script that eats memory", ["check", "--max-bytes", "65536", "f.lua"], UNREADABLE,
         ("f.lua: not enough memory while loading", "--max-bytes (now 65536)"),
         script="t = {} for i = 1, 1e6 do t[i] = {} end"),
    Case("a script without end", ["check", "/dev/zero"], UNREADABLE,
         ("/dev/zero: the script has more than",)),
    Case("a name that is too long", ["check", "n" * 64 + ".lua"], USAGE,
         ("63 bytes at most", "rename")),
    Case("an empty script", ["check", "f.lua"], SUCCESS,
         stdout=("loads", "defines no global function"), script=""),
    Case("callbacks", ["check", "f.lua"], SUCCESS,
         stdout=("  helper\n", "  match  (a match, unless"),
         script="function match() end helper = match local x = match"),
    Case("an error with --strict", replay("--strict"), RAISED, ("f.lua:1: oops",), ("errors",),
         script="function target() error('oops') end"),
    Case("an error without --strict", replay(), SUCCESS, ("f.lua:1: oops", "the 10th time"),
         ("errors",),
         script="function target() error('oops') end"),
]

CAPTURE_FILES = [
    Case("no such capture", replay(capture="none.pcap"), UNREADABLE,
         ("none.pcap: cannot open", "No such file")),
    Case("a folder as capture", replay(capture="."), UNREADABLE, ("is a directory", "pcap")),
    Case("an empty capture", replay(capture="empty"), UNREADABLE, ("empty: empty, expected",),
         files={"empty": ""}),
    Case("an empty pipe", replay(capture="-"), UNREADABLE, ("standard input: empty",)),
    Case("no capture at all", replay(capture="f.lua"), UNREADABLE,
         ("f.lua: not a capture", "66 75 6e 63")),
    Case("a compressed one that is cut off", replay(capture="c"), UNREADABLE,
         ("c: cut off at byte 4 of the gzip data",), files={"c": b"\x1f\x8b\x08\0"}),
    Case("one compressed in a way that is not read", replay(capture="c"), UNREADABLE,
         ("c: compressed (xz)", "unxz it first"), files={"c": b"\xfd7zXZ\0"}),
    Case("a compressed one without content", replay(capture="c"), UNREADABLE,
         ("c: nothing compressed", "did the recording program end?"),
         files={"c": gzip.compress(b"")}),
    Case("an unknown link type", replay(capture=HOSTILE / "bad-link-type.pcap"), UNREADABLE,
         ("link type 65535, expected one that carries IP", "docs/captures.md"), ("packets",)),
    Case("unknown link types alone", replay(capture=HOSTILE / "link-types-unknown.pcapng"),
         UNREADABLE, ("link type USB_LINUX_MMAPPED (220), expected",),
         ("USB_LINUX_MMAPPED (220)           1  of a link type that is not read",)),
    Case("an unknown link type among others", replay(capture=HOSTILE / "link-types.pcapng"), SUCCESS,
         stdout=("USB_LINUX_MMAPPED (220)           2  of a link type", "encrypted "
                 "                     1  802.11")),
    Case("a record that is cut off", replay(capture=HOSTILE / "record-cut.pcap"), UNREADABLE,
         ("cut off in the middle", "the packets before it were read"), ("packets",)),
    Case("a damaged length", replay(capture=HOSTILE / "record-huge.pcap"), UNREADABLE,
         ("damaged at byte",), ("packets",)),
    Case("a damaged block", replay(capture=HOSTILE / "block-trailer.pcapng"), UNREADABLE,
         ("damaged at byte",), ("packets",)),
    Case("a pipe", replay(capture="-"), SUCCESS, stdout=("packets",), stdin=DNS.read_bytes()),
    Case("two at standard input", ["replay", "-", "-"], USAGE,
         ("only one of SCRIPT, CAPTURE and --data",)),
]

FILTERS = [
    Case("a filter that doesn't parse", replay("--filter", "frob frob"), USAGE,
         ("--filter 'frob frob'", "pcap-filter(7)")),
    Case("a filter about the link layer", replay("--filter", "ether src 1:2:3:4:5:6"), USAGE,
         ("ethernet", "pcap-filter(7)", "without link layer")),
    Case("a filter about tags", replay("--filter", "vlan 7 and tcp"), USAGE,
         ("VLAN", "without link layer")),
    Case("a filter that reads the link layer", replay("--filter", "ether[12:2] = 0x800"), USAGE,
         ("ether[…] reads the link layer", "pcap-filter(7)")),
    Case("a filter over raw IP", replay("--filter", "ip or ip6", capture=RAW_IP), SUCCESS,
         stdout=("packets",)),
]

OUTPUTS = [
    Case("a folder that isn't there", replay("-w", "none/out.pcap"), ENVIRONMENT,
         ("none/out.pcap: cannot create", "No such")),
    Case("a folder as output", replay("-w", "."), ENVIRONMENT, ("cannot create", "directory")),
    Case("a full disk", replay("-w", "/dev/full"), ENVIRONMENT, ("No space left", "incomplete"),
         ("packets",)),
    Case("the input as output", replay("-w", "in.pcap", capture="in.pcap"), ENVIRONMENT,
         ("in.pcap: is the capture that is being read", "another file"),
         files={"in.pcap": DNS.read_bytes()}),
    Case("the script as output", replay("-w", "./f.lua"), USAGE,
         ("-w ./f.lua: is the script, which it would overwrite", "another file")),
    Case("the data as output", replay("-w", "d.json", "--data", "d.json"), USAGE,
         ("-w d.json: is the --data file",), files={"d.json": ""}),
    Case("the name after -w forgotten", ["replay", "-w", "f.lua", DNS, "out.pcap"], USAGE,
         ("wants the name of the file to write",)),
    Case("two on standard output", replay("-w", "-", "--json"), USAGE,
         ("-w - and --json both want standard output",)),
]


def data(line):
    return {"data.json": '{"text": "fine"}\n' + line + "\n"}


DATA = replay("--data", "data.json")
MESSAGES = [
    Case("no such file", replay("--data", "none"), UNREADABLE,
         ("none: can't read the --data file: No such file",)),
    Case("a folder", replay("--data", "."), UNREADABLE, ("it is a directory",)),
    Case("no JSON", DATA, UNREADABLE, ("data.json:2: expected a JSON object", "docs/events.md"),
         files=data("{")),
    Case("no text", DATA, UNREADABLE, ("data.json:2: expected either",), files=data("{}")),
    Case("a time that is a word", DATA, UNREADABLE,
         ('data.json:2: expected "time" to be a number',),
         files=data('{"text": "", "time": "now"}')),
    Case("a time that goes back", DATA, UNREADABLE, ('data.json:2: expected "time" not before',),
         files={"data.json": '{"text": "", "time": 2}\n{"text": "", "time": 1}'}),
    Case("half a byte", DATA, UNREADABLE, ("data.json:2:", "two digits"),
         files=data('{"hex": "abc"}')),
    Case("a field that isn't known", DATA, UNREADABLE, ("data.json:2:", 'not "frob"'),
         files=data('{"frob": 1}')),
]


class Messages(CommandTest):
    def check(self, case):
        self.write("f.lua", case.script)
        for name, content in case.files.items():
            self.write(name, content)
        result = self.nflua(*case.arguments, stdin=case.stdin)
        stdout, stderr = result.stdout.decode(), result.stderr.decode()
        self.assertEqual(result.returncode, case.status, stderr)
        for text in case.stderr:
            self.assertIn(text, stderr)
        for text in case.stdout:
            self.assertIn(text, stdout)
        if not case.stderr:
            self.assertEqual(stderr, "")
        if case.status == USAGE:
            self.assertEqual(stdout, "")
            self.assertLess(len(stderr), MOST_CHARACTERS)

    def check_all(self, cases):
        for case in cases:
            with self.subTest(case.what):
                self.check(case)

    def test_command_lines(self):
        self.check_all(COMMAND_LINES)

    def test_rules(self):
        self.check_all(RULES)

    def test_live(self):
        self.check_all(LIVE)

    def test_scripts(self):
        self.check_all(SCRIPTS)

    def test_captures(self):
        self.check_all(CAPTURE_FILES)

    def test_filters(self):
        self.check_all(FILTERS)

    def test_outputs(self):
        self.check_all(OUTPUTS)

    def test_messages_for_the_script(self):
        self.check_all(MESSAGES)


if __name__ == "__main__":
    unittest.main()
