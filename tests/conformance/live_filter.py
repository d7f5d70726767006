# SPDX-License-Identifier: GPL-2.0-or-later
"""A running `nflua run --json`, and its events as they come."""
import json
import os
import signal
import socket
import subprocess
import time

from namespaces import TIMEOUT_S
from watching import NothingCame, Watcher

NETLINK_USERSOCK = 2
# What precedes a datagram's payload (docs/lua-api.md): netlink's header, a length, a state's name.
DATAGRAM_HEADER_BYTES = 16 + 4 + 64
CHUNK_BYTES = 1 << 16


def listener(namespace, port, family=NETLINK_USERSOCK):
    listening = namespace.socket(socket.AF_NETLINK, socket.SOCK_RAW, family)
    listening.bind((port, 0))
    return listening


class Filter(Watcher):
    def __init__(self, command, ports, wires):
        """ports: somebody listens there. wires: the Router that it filters for."""
        super().__init__()
        self.events = []
        self.frames = []  # (time in nanoseconds, frame) of what the router let out
        self.wires = wires
        self.stderr = ""
        self.listeners = {port: listener(wires.namespace, port) for port in ports}
        self.process = wires.namespace.start(*command, stdout=subprocess.PIPE,
                                             stderr=subprocess.PIPE)
        self.unfinished = b""
        self.open_pipes = 0
        self.watch_pipe(self.process.stdout, self.take_events)
        self.watch_pipe(self.process.stderr, self.take_messages)
        self.watch(wires.tap, self.take_frames)

    def watch_pipe(self, pipe, take):
        """take: with what came; the pipe's end is nothing."""
        def read():
            chunk = os.read(pipe.fileno(), CHUNK_BYTES)
            take(chunk)
            if not chunk:
                self.selector.unregister(pipe)
                self.open_pipes -= 1
        self.watch(pipe, read)
        self.open_pipes += 1

    def told(self, kinds):
        return [event for event in self.events if event["event"] in kinds]

    def wait_until_ready(self):
        """False: it ended instead."""
        self.wait_for(lambda: "ready: serving" in self.stderr or self.has_ended())
        return not self.has_ended()

    def has_ended(self):
        return self.open_pipes == 0

    def check_source(self, is_there):
        if self.has_ended() and not is_there():
            raise NothingCame("nflua ended: " + self.stderr)

    def end(self):
        """The exit status."""
        if not self.has_ended():
            self.process.send_signal(signal.SIGTERM)
        self.wait_for(self.has_ended)
        self.take_frames()
        return self.process.wait(TIMEOUT_S)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for file in (self.selector, self.process.stdout, self.process.stderr,
                     *self.listeners.values()):
            file.close()

    def take_frames(self):
        self.frames += [(time.time_ns(), frame) for frame in self.wires.frames_out()]

    def take_messages(self, chunk):
        self.stderr += chunk.decode(errors="replace")

    def take_events(self, chunk):
        *lines, self.unfinished = (self.unfinished + chunk).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "datagram" and event["port"] in self.listeners:
                received = self.listeners[event["port"]].recv(CHUNK_BYTES)
                event["data"] = received[DATAGRAM_HEADER_BYTES:].hex()
            self.events.append(event)
