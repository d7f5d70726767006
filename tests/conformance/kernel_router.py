# SPDX-License-Identifier: GPL-2.0-or-later
"""The router whose kernel filters. It tells by marks where a packet that leaves has been:

    FORWARD ─ rules of the case ─ the end: continued ─ later chain: went on ─┐
    OUTPUT ─ the kernel's own: a reply ──────────────────────────────────────┴─ tap

Between two packets goes a marker. All is one CPU's work, in order, so once it has left, the packet
before it has met all rules; what the module sends later by itself is waited for where it is expected.
"""
import contextlib
import os
import socket
import struct
from collections import namedtuple

import packets
from packets import ETHERNET_BYTES, IP4_BYTES
from router import ANSWER, MAX_FRAME_BYTES, Router, source_of

CONTINUED, WENT_ON, REPLY = 0x80000000, 0x40000000, 0x20000000
STAGES = CONTINUED | WENT_ON | REPLY
AT_THE_END = [f"-A FORWARD -j MARK --or-mark {CONTINUED:#x}"]
STAGE_CHAINS = f"""table inet stages {{
    chain later {{
        type filter hook forward priority 60
        meta mark set meta mark or {WENT_ON:#x}
    }}
    chain own {{
        type filter hook output priority 0
        meta mark set meta mark or {REPLY:#x}
    }}
}}"""
# For experiments (RFC 3692).
MARKER_PROTOCOL = 253
SO_RCVMARK, SO_MARK = 75, 36
MARK = struct.Struct("=I")

NETLINK_NETFILTER, NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG = 12, 3, 2
NFQA_CFG_CMD, NFQNL_CFG_CMD_BIND = 1, 1
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NFQA_CFG_PARAMS, NFQNL_COPY_META = 2, 1
# struct nlmsghdr, nfgenmsg, then two attributes: nfqnl_msg_config_cmd, nfqnl_msg_config_params.
BIND_QUEUE = struct.Struct("=LHHLL BB2s HH BxH HH LB3x")
QUEUES = "/proc/thread-self/net/netfilter/nfnetlink_queue"
QUEUED_COLUMN = 7

# mark: without the stages. `passed`: continue, accept, or stop, as a sent packet; None: not known.
Leaving = namedtuple("Leaving", "packet mark passed is_reply")


def passed_of(mark):
    if not mark & WENT_ON:
        return "stop"
    return "continue" if mark & CONTINUED else "accept"


class Queues:
    """Somebody listens at these NFQUEUEs, and never says a verdict."""

    def __init__(self, namespace, numbers):
        self.namespace = namespace
        self.socket = namespace.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        for number in numbers:
            self.bind(number)

    def bind(self, number):
        self.socket.send(BIND_QUEUE.pack(
            BIND_QUEUE.size, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK,
            0, 0, socket.AF_UNSPEC, 0, struct.pack(">H", number), 8, NFQA_CFG_CMD,
            NFQNL_CFG_CMD_BIND, 0, 9, NFQA_CFG_PARAMS, 0, NFQNL_COPY_META))
        error, = ANSWER.unpack_from(self.socket.recv(MAX_FRAME_BYTES))
        if error:
            raise OSError(-error, f"queue {number}: {os.strerror(-error)}")

    def counts(self):
        """How many packets came to each, but those that had none."""
        with self.namespace.entered(), open(QUEUES, encoding="ascii") as file:
            rows = [line.split() for line in file]
        return {int(row[0]): int(row[QUEUED_COLUMN]) for row in rows if int(row[QUEUED_COLUMN])}

    def close(self):
        self.socket.close()


class KernelRouter(Router):
    def __init__(self):
        super().__init__()
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.tap.setsockopt(socket.SOL_SOCKET, SO_RCVMARK, 1)
        self.namespace.sysctl("netfilter/nf_conntrack_acct", 1)  # nflua run does so, here a user
        self.has_stages = False
        self.markers_left = 0

    def watch_stages(self, wanted):
        """Unless a case needs all bits of the mark."""
        if wanted != self.has_stages:
            self.namespace.nft(STAGE_CHAINS if wanted else "delete table inet stages")
        self.has_stages = wanted

    def send_marker(self):
        packet = packets.ip4(packets.raw(MARKER_PROTOCOL, b"marker"))
        self.inject(packets.ethernet(packet), False)

    def frames_out(self):
        """(frame, what is known of it) of all that left since, but markers."""
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, extras, _, address = self.tap.recvmsg(MAX_FRAME_BYTES, MARK.size + 64)
                if address[2] != socket.PACKET_OUTGOING or \
                        source_of(frame[ETHERNET_BYTES:]) not in self.ends:
                    continue
                if self.is_marker(frame):
                    self.markers_left += 1
                else:
                    yield self.leaving(frame, extras)

    @staticmethod
    def is_marker(frame):
        ip = frame[ETHERNET_BYTES:]
        return ip[0] >> 4 == 4 and len(ip) >= IP4_BYTES and ip[9] == MARKER_PROTOCOL

    def leaving(self, frame, extras):
        mark = next((MARK.unpack(value)[0] for _, kind, value in extras if kind == SO_MARK), 0)
        packet = packets.ip_of(frame)
        if not self.has_stages:
            return Leaving(packet, mark, None, False)
        return Leaving(packet, mark & ~STAGES, passed_of(mark), bool(mark & REPLY))
