# SPDX-License-Identifier: GPL-2.0-or-later
"""Who reads what nflua says must not decide about traffic: a reader that stalls or goes away."""
import os
import signal
import subprocess

from live import LiveTest, NFLUA, SCRIPTS
from namespaces import SERVER, TIMEOUT_S
from peers import ECHO_PORT, udp_socket

ROUND_TRIPS = 1500  # their events are several times what a pipe holds


class Readers(LiveTest):
    def launch_into_pipe(self, script, *arguments, stream):
        """nflua, once its rule queues, and the other end of the pipe that is this stream."""
        reader, writer = os.pipe()
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: writer}
        process = self.net.router.start(NFLUA, "run", "--hook", "forward", *arguments,
                                        SCRIPTS / script, stdin=subprocess.DEVNULL, **streams)
        self.addCleanup(process.wait, TIMEOUT_S)
        self.addCleanup(process.kill)
        os.close(writer)
        while "nflua_" not in self.net.router.run("nft", "list", "tables").stdout:
            self.assertIsNone(process.poll())
        return process, os.fdopen(reader, "rb")

    def assert_traffic_goes_on(self):
        with udp_socket(self.net.client, 4) as client:
            client.connect((SERVER[4], ECHO_PORT))
            for _ in range(ROUND_TRIPS):
                client.send(b"x")
                client.recv(16)

    def assert_ends(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(TIMEOUT_S), 0)

    def test_a_reader_of_events_that_stalls(self):
        process, reader = self.launch_into_pipe("verdicts.lua", "--json", "--target", "accept",
                                                stream="stdout")
        with reader:
            self.assert_traffic_goes_on()
            self.assert_ends(process)

    def test_a_reader_of_the_log_that_stalls(self):
        process, reader = self.launch_into_pipe("describe.lua", stream="stderr")
        with reader:
            self.assert_traffic_goes_on()
            self.assert_ends(process)

    def test_a_reader_of_events_that_goes_away(self):
        """nflua may end then, but in order: what waits goes by --fail."""
        process, reader = self.launch_into_pipe("verdicts.lua", "--json", "--target", "accept",
                                                stream="stdout")
        self.assert_all_pass()
        reader.close()
        self.assert_all_pass()
        self.assert_all_pass()
        if process.poll() is None:
            self.assert_ends(process)
        self.assertGreaterEqual(process.returncode, 0, "ended by a signal")
