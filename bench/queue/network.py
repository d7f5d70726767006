# SPDX-License-Identifier: GPL-2.0-or-later
"""Three throw-away network namespaces, and programs that run in them:

    client 10.77.1.2 ── 10.77.1.1 router 10.77.2.1 ── 10.77.2.2 server
               c0       r0               r1       s0

A namespace has no name: it lives as long as the process that holds it and the programs in it, all
of which die with this one, however that ends.
"""
import os
import re
import signal
import subprocess
import time
from pathlib import Path

SERVER = "10.77.2.2"
DEADLINE_S = 20  # for whatever should take much less
POLL_S = 0.005
TCP_LISTEN = "0A"  # a state in /proc/net/tcp


class Failure(Exception):
    """What was expected of which program, and what came instead."""


def wait_for(what, is_there):
    end = time.monotonic() + DEADLINE_S
    while not is_there():
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {DEADLINE_S} s")
        time.sleep(POLL_S)


def two_cpus():
    """One for whoever sends and receives, one for the loop under test."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[0], cpus[1 % len(cpus)]


class Program:
    """A running program; its output is what it printed and complained."""

    def __init__(self, command):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL"] + self.command, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def read_line(self):
        return self.process.stdout.readline()

    def output(self):
        """Waits for the end."""
        try:
            return self.process.communicate(timeout=DEADLINE_S)[0]
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{' '.join(self.command)}: still runs after {DEADLINE_S} s") from None

    def stop(self):
        """Asks it to end. Returns what it printed."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        return self.output()

    def is_running(self):
        return self.process.poll() is None

    def kill(self):
        """Reads no more from it: what it started may still hold its output open."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def cpu_seconds(self):
        """Of all its threads, exact to the nanosecond for those that sleep."""
        files = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9


class Namespace:
    def __init__(self, programs):
        self.programs = programs
        # cat ends with its standard input, which closes with this process.
        self.holder = Program(["unshare", "--net", "sh", "-c", "echo made && exec cat"])
        programs.append(self.holder)
        if self.holder.read_line() != "made\n":
            raise Failure(f"unshare --net: {self.holder.output()}")
        self.proc = Path(f"/proc/{self.holder.process.pid}")
        self.run("ip", "link", "set", "lo", "up")

    def enter(self, command):
        return ["nsenter", f"--net={self.proc}/ns/net", *command]

    def run(self, *command):
        result = subprocess.run(self.enter(command), capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Failure(f"{' '.join(command)}: {result.stderr or result.stdout}")
        return result.stdout

    def start(self, cpu, *command):
        """The started program's process is the program itself: each word before it is replaced."""
        program = Program(self.enter(["taskset", "-c", str(cpu), *command]))
        self.programs.append(program)
        return program

    def finish(self, cpu, *command):
        """Starts it. Returns what it printed until its end."""
        program = self.start(cpu, *command)
        output = program.output()
        if program.process.returncode != 0:
            raise Failure(f"{' '.join(map(str, command))}: {output}")
        return output

    def listens(self, port):
        """Whether a TCP server does, on any address."""
        tables = [(self.proc / "net" / name).read_text() for name in ("tcp", "tcp6")]
        return any(re.search(rf":{port:04X} \S+ {TCP_LISTEN} ", table) for table in tables)

    def device_drops(self):
        """Packets that its devices dropped, received and to be sent."""
        lines = (self.proc / "net/dev").read_text().splitlines()[2:]
        columns = [line.split(":")[1].split() for line in lines]
        return sum(int(column[3]) + int(column[11]) for column in columns)


class Network:
    """A context: everything is gone after it."""

    def __init__(self):
        self.programs = []

    def __enter__(self):
        try:
            self.client, self.router, self.server = [Namespace(self.programs) for _ in range(3)]
            self._link(self.client, "c0", self.router, "r0", "10.77.1", "02:00:00:00:01")
            self._link(self.server, "s0", self.router, "r1", "10.77.2", "02:00:00:00:02")
            self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            # The large packets of UDP_SEGMENT are cut before they leave the client, so that each
            # contestant gets small ones, whether it takes large ones or not.
            self.client.run("ethtool", "-K", "c0", "tx-udp-segmentation", "off")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.kill()

    def _link(self, end, device, router, port, subnet, mac):
        router.run("ip", "link", "add", port, "address", f"{mac}:01", "type", "veth",
                   "peer", "name", device, "address", f"{mac}:02", "netns",
                   str(end.holder.process.pid))
        for space, name, own, peer in ((router, port, 1, 2), (end, device, 2, 1)):
            space.run("ip", "address", "add", f"{subnet}.{own}/24", "dev", name)
            space.run("ip", "link", "set", name, "up")
            # Known neighbours: no packet waits for an answer.
            space.run("ip", "neighbour", "replace", f"{subnet}.{peer}", "lladdr",
                      f"{mac}:0{peer}", "nud", "permanent", "dev", name)
        end.run("ip", "route", "add", "default", "via", f"{subnet}.1")

    def queue_forwarding(self, is_wanted):
        """The same rule for all; it needs no connection tracking, so there is none."""
        self.router.run("iptables-nft", "-F", "FORWARD")
        if is_wanted:
            self.router.run("iptables-nft", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "0")

    def queue(self):
        """The kernel's figures for queue 0, or None: nobody serves it."""
        lines = (self.router.proc / "net/netfilter/nfnetlink_queue").read_text().splitlines()
        for number, _, waiting, mode, _, full, socket_full, *_ in map(str.split, lines):
            if number == "0":
                return {"waiting": int(waiting), "copies": int(mode) == 2, "queue full": int(full),
                        "socket full": int(socket_full)}
        return None

    def device_drops(self):
        return sum(space.device_drops() for space in (self.client, self.router, self.server))

    def tracked_connections(self):
        return int(self.router.run("sysctl", "-n", "net.netfilter.nf_conntrack_count"))
