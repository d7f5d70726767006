# SPDX-License-Identifier: GPL-2.0-or-later
"""A router between two wires, for packets that go through a kernel:

    client            router               server
    eth0  ──────  left     right  ──────  eth0

The ends only inject frames: they have no addresses, so nobody there answers. The router knows the
addresses of packets.py without asking, and what leaves it is seen by a tap, in one order for both
wires. Namespaces come from tests/net.
"""
import contextlib
import ipaddress
import os
import socket
import struct

import packets
from packets import ETHERNET_BYTES, IP4_BYTES
from namespaces import Namespace, connect

ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_VNET_HDR = 263, 15
# struct virtio_net_hdr: flags, GSO's type, header length, GSO's size, checksum's start and offset.
VNET_HEADER = struct.Struct("=BBHHHH")
VNET_NEEDS_CHECKSUM = 1
TCP_CHECKSUM_OFFSET = 16
MAX_FRAME_BYTES = 1 << 17
# All entries of conntrack's table: struct nlmsghdr and nfgenmsg, no attributes.
NETLINK_NETFILTER, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE = 12, 1, 2
NLM_F_REQUEST, NLM_F_ACK = 1, 4
DELETE_CONNECTIONS = struct.pack("=LHHLLBBH", 20, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
                                 NLM_F_REQUEST | NLM_F_ACK, 0, 0, socket.AF_UNSPEC, 0, 0)
ANSWER = struct.Struct("=16xi")

# Nothing of the router's own on the wires: no link-local address, no questions about addresses.
ROUTER_SETTINGS = {
    "ipv4/ip_forward": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv6/conf/all/forwarding": 1,
    "ipv6/conf/default/addr_gen_mode": 1,
}
CLIENT, SERVER = (packets.CLIENT4, packets.CLIENT6), (packets.SERVER4, packets.SERVER6)
ROUTER_MAC, END_MAC = packets.MACS[:6].hex(":"), packets.MACS[6:].hex(":")


def one_hop_more(frame):
    """The frame as it must come, so that behind the router's decrement it is the one given."""
    link, ip = frame[:ETHERNET_BYTES], bytearray(frame[ETHERNET_BYTES:])
    if ip[0] >> 4 == 6:
        ip[7] += 1
    elif ip[0] >> 4 == 4:
        header = (ip[0] & 0x0F) * 4
        ip[8] += 1
        ip[10:12] = bytes(2)
        ip[10:12] = struct.pack(">H", packets.checksum(bytes(ip[:header])))
    return link + bytes(ip)


def source_of(ip):
    source = ip[8:24] if ip[0] >> 4 == 6 else ip[12:16]
    return str(ipaddress.ip_address(source)) if len(source) in (4, 16) else None


class Router:
    def __init__(self):
        self.namespace, self.client, self.server = Namespace(), Namespace(), Namespace()
        for name, value in ROUTER_SETTINGS.items():
            self.namespace.sysctl(name, value)
        self.ends = {**dict.fromkeys(CLIENT, self.connect("left", self.client, CLIENT)),
                     **dict.fromkeys(SERVER, self.connect("right", self.server, SERVER))}
        self.tap = self.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                         socket.htons(ETH_P_ALL))
        self.tap.setblocking(False)

    def connect(self, device, end, addresses):
        """Returns a socket that injects frames at the wire's other end."""
        end.sysctl("ipv6/conf/default/disable_ipv6", 1)
        connect(self.namespace, device, end, "eth0")
        end.ip(f"link set eth0 address {END_MAC} up")
        self.namespace.ip(f"link set {device} address {ROUTER_MAC} up")
        for address in addresses:
            self.namespace.ip(f"route add {address} dev {device}",
                              f"neigh add {address} lladdr {END_MAC} nud permanent dev {device}")
        injecting = end.socket(socket.AF_PACKET, socket.SOCK_RAW)
        injecting.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        injecting.bind(("eth0", 0))
        return injecting

    def inject(self, frame, checksum_is_pending):
        """From the end that its source is at; what has none, from the client's."""
        header = VNET_HEADER.pack(0, 0, 0, 0, 0, 0)
        if checksum_is_pending:
            header = VNET_HEADER.pack(VNET_NEEDS_CHECKSUM, 0, 0, 0, ETHERNET_BYTES + IP4_BYTES,
                                      TCP_CHECKSUM_OFFSET)
        end = self.ends.get(source_of(frame[ETHERNET_BYTES:]), self.ends[packets.CLIENT4])
        end.send(header + one_hop_more(frame))

    def forget_connections(self):
        family = socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER
        with self.namespace.socket(*family) as netlink:
            netlink.send(DELETE_CONNECTIONS)
            error, = ANSWER.unpack_from(netlink.recv(MAX_FRAME_BYTES))
        if error:
            raise OSError(-error, os.strerror(-error))

    def frames_out(self):
        """What the router has sent since, but for what is its own."""
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, (_, _, kind, *_) = self.tap.recvfrom(MAX_FRAME_BYTES)
                if kind == socket.PACKET_OUTGOING and \
                        source_of(frame[ETHERNET_BYTES:]) in self.ends:
                    yield frame
