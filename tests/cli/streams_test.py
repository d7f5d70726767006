# SPDX-License-Identifier: GPL-2.0-or-later
"""Where output goes, and what happens when it can't, or when a signal ends a run."""

import gzip
import json
import os
import pty
import select
import signal
import struct
import subprocess
import threading
import time
import unittest
import zlib

from command import CAPTURES, NFLUA, TIMEOUT_S, CommandTest

DNS = CAPTURES / "dns.pcap"
FILE_HEADER_BYTES = 24
ENVIRONMENT = 4
PASS = "function target() return 'accept' end"
NOISY = "function target() print('to the log') error('oops') end"
SAYS_WHEN_IT_RUNS = "function target() if not said then print('running') said = true end end"
# Long enough for a bar, which is drawn every 100 ms, looked at every 4096 packets.
BUSY = "function target() for i = 1, 8000 do end end"
BUSY_PACKETS = 12288


def packets_in(capture):
    result = subprocess.run(["tcpdump", "-n", "-r", "-"], input=capture, capture_output=True,
                            check=True, timeout=TIMEOUT_S)
    return len(result.stdout.splitlines())


def packets_of_table(text):
    return int(text.split(b"packets")[1].split()[0])


class Output(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("f.lua", PASS)

    def test_json_output_is_json_and_nothing_else(self):
        self.write("f.lua", NOISY)
        result = self.nflua("replay", "--json", "-w", "out.pcap", "f.lua", DNS)
        events = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertLessEqual({"packet", "verdict", "log", "error"},
                             {event["event"] for event in events})
        self.assertEqual(result.stderr, b"")

    def test_a_capture_on_standard_output_is_all_that_is_there(self):
        self.write("f.lua", NOISY)
        result = self.nflua("replay", "-w", "-", "f.lua", DNS)
        self.assertEqual(packets_in(result.stdout), packets_in(DNS.read_bytes()))
        self.assertIn(b"verdicts", result.stderr)

    def test_what_passes_leaves_as_it_came(self):
        same = 0
        for capture in sorted(CAPTURES.glob("**/*.pcap*")):
            with self.subTest(capture.name):
                result = self.nflua("replay", "-w", "out.pcap", "f.lua", capture)
                if result.returncode == 0:
                    self.assertEqual((self.folder / "out.pcap").read_bytes(), capture.read_bytes())
                    same += 1
        self.assertGreater(same, 25)

    def test_what_a_copy_cannot_have_is_counted(self):
        section = struct.pack("<IIIHHqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28)
        interface = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
        not_to_copy = struct.pack("<IIII", 0x40000bad, 16, 32473, 16)
        self.write("in.pcapng", section + interface + not_to_copy)
        result = self.nflua("replay", "-w", "out.pcapng", "f.lua", "in.pcapng")
        self.assertEqual((self.folder / "out.pcapng").read_bytes(), section + interface)
        self.assertRegex(result.stdout, rb"blocks left out +1")
        result = self.nflua("replay", "f.lua", "in.pcapng")
        self.assertNotIn(b"blocks left out", result.stdout)
        result = self.nflua("replay", "--json", "-w", "out.pcapng", "f.lua", "in.pcapng")
        self.assertEqual(json.loads(result.stdout), {"event": "left", "what": "blocks", "count": 1})

    def test_a_compressed_capture_is_judged_as_far_as_it_is_good(self):
        packed = gzip.compress(DNS.read_bytes())
        cases = [(packed, 0, b""), (packed + bytes(100), 0, b""),
                 (packed[:-8] + b"wrong" + packed[-3:], 3, b"incorrect data check"),
                 (packed + b"more", 3, b"what follows is not gzip"),
                 (packed[:-4], 3, b"cut off at byte %d of the gzip data" % (len(packed) - 4))]
        for content, status, message in cases:
            with self.subTest(message):
                self.write("in.pcap.gz", content)
                result = self.nflua("replay", "-w", "out.pcap", "f.lua", "in.pcap.gz")
                self.assertEqual(result.returncode, status)
                self.assertIn(message, result.stderr)
                self.assertEqual((self.folder / "out.pcap").read_bytes(), DNS.read_bytes())
                self.assertEqual(packets_of_table(result.stdout), packets_in(DNS.read_bytes()))

    def test_every_hostile_capture_ends_in_a_table_or_a_message(self):
        for capture in sorted((CAPTURES / "hostile").glob("*.pcap*")):
            with self.subTest(capture.name):
                result = self.nflua("replay", "-w", "out.pcap", "f.lua", capture)
                self.assertIn((result.returncode, result.stderr != b""), [(0, False), (3, True)])
                self.assertIn(capture.name.encode() if result.returncode else b"verdicts",
                              result.stderr + result.stdout)

    def test_standard_output_that_is_full_is_an_error(self):
        for arguments in (["--version"], ["help", "replay"], ["check", "f.lua"],
                          ["replay", "f.lua", DNS], ["replay", "--json", "f.lua", DNS],
                          ["replay", "-w", "-", "f.lua", DNS]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                result = self.nflua(*arguments, stdout=full)
                self.assertEqual(result.returncode, ENVIRONMENT)
                self.assertIn(b"No space left on device", result.stderr)

    def test_a_closed_standard_output_is_no_file_of_ours(self):
        # The output would get its number, and the table its bytes.
        command = f'exec "{NFLUA}" replay -w out.pcap f.lua - < "{DNS}" >&-'
        result = subprocess.run(["sh", "-c", command], cwd=self.folder, stderr=subprocess.PIPE,
                                timeout=TIMEOUT_S, check=False)
        self.assertEqual(result.returncode, ENVIRONMENT)
        self.assertIn(b"standard output: cannot write: Bad file descriptor", result.stderr)
        self.assertEqual((self.folder / "out.pcap").read_bytes(), DNS.read_bytes())

    def test_a_closed_standard_error_is_no_file_of_ours(self):
        self.write("f.lua", NOISY)
        command = f'exec "{NFLUA}" replay -w out.pcap f.lua "{DNS}" 2>&-'
        result = subprocess.run(["sh", "-c", command], cwd=self.folder, stdout=subprocess.PIPE,
                                timeout=TIMEOUT_S, check=False)
        self.assertEqual(result.returncode, 0)
        self.assertEqual((self.folder / "out.pcap").read_bytes(), DNS.read_bytes())

    def closed_pipe(self):
        reading, writing = os.pipe()
        os.close(reading)
        self.addCleanup(os.close, writing)
        return writing

    def test_a_reader_that_went_away_ends_it_quietly(self):
        for options in (["--json"], ["-w", "-"], []):
            with self.subTest(options):
                result = self.nflua("replay", *options, "f.lua", DNS, stdout=self.closed_pipe())
                self.assertEqual(result.returncode, -signal.SIGPIPE)
                self.assertEqual(result.stderr.count(b"nflua:"), 0)

    def test_a_reader_that_went_away_is_an_error_where_the_signal_is_ignored(self):
        for options in (["--json"], []):
            with self.subTest(options):
                result = self.nflua("replay", *options, "f.lua", DNS, stdout=self.closed_pipe(),
                                    restore_signals=False)
                self.assertEqual(result.returncode, ENVIRONMENT)
                self.assertIn(b"Broken pipe", result.stderr)


class Interrupted(CommandTest):
    """A run that waits for more, or has ever more, of a capture in a pipe."""

    def setUp(self):
        super().setUp()
        self.write("f.lua", SAYS_WHEN_IT_RUNS)

    def start_replay(self):
        return self.start("replay", "-w", "out.pcap", "f.lua", "-", stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def expect_death_in_order(self, run, number):
        self.assertIn(b"running", run.stderr.readline())
        run.send_signal(number)
        table = run.stdout.read()
        self.assertEqual(run.wait(TIMEOUT_S), -number)
        self.assertEqual(run.stderr.read(), b"")
        output = (self.folder / "out.pcap").read_bytes()
        self.assertEqual(packets_in(output), packets_of_table(table))
        for stream in (run.stdout, run.stderr):
            stream.close()

    def test_while_it_waits(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), self.start_replay() as run:
                run.stdin.write(DNS.read_bytes())
                run.stdin.flush()
                self.expect_death_in_order(run, number)

    def test_while_it_works(self):
        header, records = DNS.read_bytes()[:FILE_HEADER_BYTES], DNS.read_bytes()[FILE_HEADER_BYTES:]

        def feed(pipe):
            try:
                pipe.write(header)
                while True:
                    pipe.write(records)
            except BrokenPipeError:
                pass

        run = self.start_replay()
        feeder = threading.Thread(target=feed, args=(run.stdin,))
        feeder.start()
        self.expect_death_in_order(run, signal.SIGINT)
        feeder.join()
        try:
            run.stdin.close()
        except BrokenPipeError:
            pass


class Growing(CommandTest):
    """A capture that comes in parts, with a pause behind each."""

    HTTP = CAPTURES / "http.pcap"

    def setUp(self):
        super().setUp()
        self.write("f.lua", "function target(pkt) print('seen') return 'accept' end")

    def parts(self):
        """The file header with a record; further records."""
        data = self.HTTP.read_bytes()
        at, records = FILE_HEADER_BYTES, []
        while at < len(data):
            end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
            records.append(data[at:end])
            at = end
        first_ip = 2  # two of ARP in front
        return [data[:FILE_HEADER_BYTES] + b"".join(records[:first_ip + 1]),
                *records[first_ip + 1:first_ip + 5]]

    def compressors(self):
        packer = zlib.compressobj(wbits=31)
        return {"plain": lambda part: part,
                "gzip": lambda part: packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH),
                "zstd": lambda part: subprocess.run(["zstd", "-qc"], input=part, check=True,
                                                    capture_output=True).stdout}

    def read_some(self, stream):
        """What is there within the time, without waiting for the end."""
        ready, _, _ = select.select([stream], [], [], TIMEOUT_S)
        return os.read(stream.fileno(), 1 << 20) if ready else b""

    def run_parts(self, options, compress, look):
        """`look` gets the process and the parts so far, and returns once it saw the last one."""
        with self.start("replay", *options, "f.lua", "-", stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            parts = self.parts()
            for count, part in enumerate(parts, 1):
                run.stdin.write(compress(part))
                run.stdin.flush()
                look(run, parts[:count])
            run.stdin.close()
            run.stdout.read()
            run.stderr.read()

    def test_a_capture_leaves_when_its_input_pauses(self):
        for name, compress in self.compressors().items():
            with self.subTest(name):
                got = b""

                def look(run, parts):
                    nonlocal got
                    while len(got) < len(b"".join(parts)):
                        more = self.read_some(run.stdout)
                        self.assertTrue(more, "nothing came")
                        got += more
                    self.assertEqual(got, b"".join(parts))

                self.run_parts(["-w", "-"], compress, look)

    def test_a_file_is_written_when_its_input_pauses(self):
        def look(run, parts):
            self.assertIn(b"seen", run.stderr.readline())
            deadline = time.monotonic() + TIMEOUT_S
            while (self.folder / "out.pcap").read_bytes() != b"".join(parts):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)

        self.run_parts(["-w", "out.pcap"], lambda part: part, look)

    def test_events_come_when_their_input_pauses(self):
        for name, compress in self.compressors().items():
            with self.subTest(name):
                got = b""

                def look(run, parts):
                    nonlocal got
                    while got.count(b'"verdict","packet"') < len(parts):
                        more = self.read_some(run.stdout)
                        self.assertTrue(more, "nothing came")
                        got += more
                    self.assertTrue(got.endswith(b"\n"))

                self.run_parts(["--json"], compress, look)


    def test_packets_without_a_time_come_when_their_input_pauses(self):
        """Simple blocks only: a time is looked for behind them, but not for ever."""
        def block(kind, body):
            size = 12 + len(body)
            return struct.pack("<II", kind, size) + body + struct.pack("<I", size)

        frame = self.parts()[1][16:]
        frame += bytes(-len(frame) % 4)
        start = (block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) +
                 block(1, struct.pack("<HHI", 1, 0, 0)))
        with self.start("replay", "f.lua", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as run:
            run.stdin.write(start + block(3, struct.pack("<I", len(frame)) + frame))
            run.stdin.flush()
            self.assertIn(b"seen", self.read_some(run.stderr))
            run.communicate()
            self.assertEqual(run.returncode, 0)


class Progress(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("f.lua", BUSY)
        capture = DNS.read_bytes()
        repeats = BUSY_PACKETS // packets_in(capture) + 1
        self.write("long.pcap", capture[:FILE_HEADER_BYTES] + capture[FILE_HEADER_BYTES:] * repeats)

    def test_a_bar_on_a_terminal_only(self):
        result = self.nflua("replay", "f.lua", "long.pcap")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        terminal, its_end = pty.openpty()
        with self.start("replay", "f.lua", "long.pcap", stdout=subprocess.DEVNULL,
                        stderr=its_end) as run:
            os.close(its_end)
            shown = b""
            try:
                while part := os.read(terminal, 4096):
                    shown += part
            except OSError:  # how a terminal tells its end
                pass
            os.close(terminal)
        self.assertEqual(run.returncode, 0)
        self.assertRegex(shown, rb"\[#+ *\] +\d+%  \d+ packets")
        self.assertTrue(shown.endswith(b"\r\033[K"), shown)


if __name__ == "__main__":
    unittest.main()
